"""Do the receipts and the wallet agree? Sums the runs against the balances that were seen, and names what is owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rivya.clip import Clip, State

REFUND_PATIENCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A balance in credits and when it was seen."""

    credits: float
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Audit:
    """What should have happened to the wallet between two sightings, and what did; all in credits.

    ``unexplained`` is positive when more is there than the runs explain (a top-up) and negative when less is there
    (another program on the same wallet, or a refund that did not come). ``owed`` are failed runs to ask support about.
    """

    first: Sighting | None
    last: Sighting | None
    charged: float
    unexplained: float
    owed: tuple[Clip, ...]


def audit(runs: Sequence[Clip], sightings: Sequence[Sighting], now: datetime) -> Audit:
    """Hold ``runs`` (any order) against ``sightings`` (oldest first)."""
    if not sightings:
        return Audit(None, None, 0.0, 0.0, tuple(_charged_failures(runs)))
    first, last = sightings[0], sightings[-1]
    within = [clip for clip in runs if clip.submitted_at and first.seen_at < clip.submitted_at <= last.seen_at]
    charged = sum(_taken(clip, last.seen_at) for clip in within)
    unexplained = last.credits - (first.credits - charged)
    owed = list(_charged_failures(runs))
    missing = -unexplained
    late = [c for c in within if c.state is State.FAILED and c.finished_at and c.finished_at < now - REFUND_PATIENCE]
    for clip in late:
        if clip not in owed and missing >= clip.credits_reserved > 0:
            owed.append(clip)
            missing -= clip.credits_reserved
    return Audit(first, last, charged, unexplained, tuple(owed))


def _charged_failures(runs: Sequence[Clip]) -> list[Clip]:
    return [clip for clip in runs if clip.state is State.FAILED and clip.credits_final > 0]


def _taken(clip: Clip, at: datetime) -> float:
    """Return what a run should have taken from the wallet by ``at``: its final price, or what it still reserves."""
    if clip.finished_at is None or clip.finished_at > at:
        return clip.credits_reserved
    return clip.credits_final


def support_text(clip: Clip) -> str:
    """Return a ready message to Rivya's support, in English: ids and times, no prompt and no secret."""
    lines = [
        f"Task: {clip.task_id or 'never received'}",
        f"Request id: {(clip.error.request_id if clip.error else None) or 'none'}",
        f"client_request_id: {clip.client_request_id}",
        f"Submitted: {_iso(clip.submitted_at or clip.created_at)}",
        f"Finished: {_iso(clip.finished_at)}",
        f"Status: {clip.status or 'none'} ({clip.error.code if clip.error else 'no error'})",
        f"Credits reserved {clip.credits_reserved:g}, final {clip.credits_final:g}",
        f"Balance before {_number(clip.balance_before)}, after {_number(clip.balance_after)}",
    ]
    return "Hello, please look at this run; its credits do not seem to be right.\n\n" + "\n".join(lines)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else "unknown"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"
