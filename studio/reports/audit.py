"""Do the receipts and the wallet agree?

Two questions that must not be mixed. Which clip was charged wrongly? Only Rivya's own receipt of it can say so.
And what happened to the wallet besides our clips? Other programs spend from it and people top it up, so a difference
accuses no clip; it is told as a range, because a balance is seen a moment before or after a clip reserves its price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from studio.store.balances import Balance
from studio.store.clip import Clip, Stage, State
from studio.store.receipts import Certain

UNSURE = timedelta(minutes=2)
"""A balance may have been read this long before or after it was noted: one slow request, or clocks that differ."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What became of the wallet between two balances, in credits: ``gone`` is what it lost in all.

    ``outside_least`` and ``outside_most`` bound what was spent outside this studio, less what was topped up: both
    positive when others surely spent, both negative when credits were surely added. ``owed`` are failed clips for
    which Rivya itself says that it kept credits.
    """

    first: Balance | None
    last: Balance | None
    gone: float
    outside_least: float
    outside_most: float
    owed: tuple[Clip, ...]

    @property
    def adds_up(self) -> bool:
        """Whether the clips alone may explain the balances."""
        return self.outside_least <= 0 <= self.outside_most


class _Range(NamedTuple):
    least: float
    most: float


def certain(balances: Sequence[Balance]) -> Certain | None:
    """Return the moments about the first and the last balance from which on nothing is in doubt."""
    if not balances:
        return None
    first, last = balances[0].seen_at, balances[-1].seen_at
    return Certain(first - UNSURE, first + UNSURE, last - UNSURE)


def audit(clips: Sequence[Clip], balances: Sequence[Balance], *, settled: float = 0.0) -> Audit:
    """Hold ``clips`` (any order; also those of which nobody knows yet) against ``balances`` (oldest first).

    ``settled`` is what more clips took that began and ended between the balances, where that is ``certain``.
    """
    owed = tuple(clip for clip in clips if clip.state is State.FAILED and clip.credits_final > 0)
    if not balances:
        return Audit(None, None, 0.0, 0.0, 0.0, owed)
    first, last = balances[0], balances[-1]
    gone = first.credits - last.credits
    least = most = gone - settled
    for clip in clips:
        before, after = _held(clip, first.seen_at), _held(clip, last.seen_at)
        least -= after.most - before.least
        most -= after.least - before.most
    return Audit(first, last, gone, least, most, owed)


def _held(clip: Clip, at: datetime) -> _Range:
    """Return how much of the wallet a clip held when a balance was noted ``at``: least and most.

    It holds nothing before Rivya reserves its price, some time from the sending to Rivya's yes, and its final credits
    from its end on, some time before the end was seen here.
    """
    earliest, latest = at - UNSURE, at + UNSURE
    sent_at = clip.sent_at or (clip.created_at if clip.task_id else None)
    if clip.stage is Stage.REFUSED or (not clip.is_rescued and (sent_at is None or latest < sent_at)):
        return _Range(0.0, 0.0)
    if clip.finished_at and clip.finished_at < earliest:
        return _Range(clip.credits_final, clip.credits_final)
    price = clip.credits_reserved or float(clip.price)
    possible = [price, clip.credits_final if clip.finished_at else 0.0]
    if clip.submitted_at is None or clip.is_rescued or earliest <= clip.submitted_at:
        possible.append(0.0)
    return _Range(min(possible), max(possible))


def is_charged_wrongly(clip: Clip) -> bool:
    """Whether Rivya's own receipt of an ended clip disagrees with the price: a matter for its support."""
    if clip.state is State.FAILED:
        return clip.credits_final > 0
    return clip.state is State.SUCCEEDED and clip.credits_final > clip.price > 0


def support_text(clip: Clip) -> str:
    """Return a ready message to Rivya's support, in English: ids and times, no prompt and no secret."""
    wish = "Hello, please look at this run"
    if is_charged_wrongly(clip):
        wish += f"; its price is {clip.price} credits and its receipt says otherwise"
    lines = [
        f"Task: {clip.task_id or 'never received'}",
        f"Request id: {(clip.error.request_id if clip.error else None) or 'none'}",
        f"client_request_id: {clip.client_request_id}",
        f"Submitted: {_iso(clip.submitted_at or clip.created_at)}",
        f"Finished: {_iso(clip.finished_at)}",
        f"Status: {clip.status or 'none'} ({clip.error.code if clip.error else 'no error'})",
        f"Credits reserved {clip.credits_reserved:g}, final {clip.credits_final:g}",
    ]
    return f"{wish}.\n\n" + "\n".join(lines)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else "unknown"
