"""A draft and the guards between a press and its price.

What is sent is what was on the screen when somebody pressed, once: a double press, another tab with the same draft and
a form that changed in the very moment of the press are all settled here, whoever draws the form.
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, NamedTuple

from rivya.errors import InvalidRequestError
from rivya.models import GenerationRequest, find_problems
from rivya.spec import DEFAULT_MODEL, SEED_RANDOM
from studio.errors import StoreError
from studio.i18n import N_
from studio.plan_queue import PlanQueue
from studio.prompts.templates import placeholders
from studio.store import Store
from studio.store.clip import Clip
from studio.submission import Submission

Press = Literal["send", "plan"]
"""What a draft was used up by."""

SAME_PRESS_SECONDS = 1.5
"""Two presses with the same contents within this time are one press of a nervous finger, and so is a third after it."""

REMEMBERED_SECONDS = 60.0
"""So long a page may take, on a busy computer, until it shows the button on which a second press counts."""

LARGEST_SEED = DEFAULT_MODEL.param("seed").maximum or 0


def new_draft_id() -> str:
    """Return a name that no draft has."""
    return uuid.uuid4().hex[:16]


def read_seed(text: str) -> int | str:
    """Return the number that was typed as a seed, in any digits; what is no number comes back as it is."""
    try:
        return int(text.strip().replace("\u2212", "-")) if text.strip() else SEED_RANDOM
    except ValueError:
        return text


@dataclass(frozen=True, slots=True)
class Replaced:
    """What an idea, a clip's settings or a continuation took the place of: words and a picture, and by which others.

    ``params`` are the settings before a continuation, which is made as the clip that it goes on from.
    """

    words: str = ""
    picture: str | None = None
    by_words: str = ""
    by_picture: str | None = None
    params: dict[str, Any] | None = None

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> Replaced | None:
        """Return what was kept, ``None`` for nothing; what is missing is empty."""
        if not kept:
            return None
        params = kept.get("params")
        return cls(
            kept.get("words", ""), kept.get("picture"), kept.get("by_words", ""), kept.get("by_picture"),
            params if isinstance(params, dict) else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it stands: what would be sent. ``takes`` clips of it are made, each with a seed of its own."""

    id: str
    prompt: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    takes: int = 1
    reference_sha256: str | None = None
    parent_id: str | None = None
    source: str = ""
    """The idea or template that its prompt began with: ``idea:food``, ``template:Boat``."""

    replaced: Replaced | None = None

    @property
    def price(self) -> int:
        """Credits for all takes."""
        return DEFAULT_MODEL.base_credits * self.takes

    @property
    def problems(self) -> list[InvalidRequestError]:
        """What keeps it from being sent, in the order of the form; a template's open gap is nothing to pay for."""
        unfilled = [
            InvalidRequestError(
                "prompt", N_("Write something for {gap} first, or take its braces away."), gap=f"{{{gap}}}"
            )
            for gap in placeholders(self.prompt)
        ]
        return find_problems(self.prompt, self.params) + unfilled

    @property
    def requests(self) -> list[GenerationRequest]:
        """What would be sent: a request for each take."""
        seeds = [self._seed(take) for take in range(self.takes)]
        return [GenerationRequest(prompt=self.prompt, params={**self.params, "seed": seed}) for seed in seeds]

    def _seed(self, take: int) -> int:
        """Return the seed of a take: drawn where none is given, so that the best of several can be refined by it.

        It is drawn from the draft's name: the same press heard twice must ask for the very same clips.
        """
        given: int = self.params["seed"]
        if given != SEED_RANDOM:
            return (given + take) % (LARGEST_SEED + 1)
        if self.takes == 1:
            return SEED_RANDOM
        drawn = hashlib.sha256(f"{self.id} {take}".encode()).digest()
        return int.from_bytes(drawn[:8]) % (LARGEST_SEED + 1)

    def as_body(self) -> dict[str, Any]:
        """Return what would be sent, and from what it began."""
        body = {
            "prompt": _without_nul(self.prompt),
            "params": self.params,
            "reference": self.reference_sha256,
            "parent": self.parent_id,
        }
        return body | ({"source": self.source} if self.source else {})

    def as_kept(self) -> dict[str, Any]:
        """Return what is kept in the store: what was replaced can be put back on any day."""
        if self.replaced is None:
            return self.as_body()
        words = {name: _without_nul(getattr(self.replaced, name)) for name in ("words", "by_words")}
        return self.as_body() | {"replaced": asdict(self.replaced) | words}

    @classmethod
    def from_kept(cls, draft_id: str, body: dict[str, Any]) -> Draft:
        """Return the draft that ``as_kept`` described; what is missing is empty."""
        return cls(
            draft_id,
            body.get("prompt", ""),
            body.get("params", {}),
            reference_sha256=body.get("reference"),
            parent_id=body.get("parent"),
            source=body.get("source", ""),
            replaced=Replaced.from_kept(body.get("replaced") or {}),
        )


def _without_nul(text: str) -> str:
    """PostgreSQL keeps none, in JSON either."""
    return text.replace("\0", "")


def comes_from(words: str, prompt: str) -> bool:
    """Tell whether a prompt is still mostly what an idea or a template wrote: at least half of its words are there."""
    given = set(words.casefold().split())
    return len(given & set(prompt.casefold().split())) >= len(given) / 2


def check_press(pressed: Draft, shown: Draft, *, is_picture_settled: bool) -> Draft:
    """Return the draft to pay for: the form as it was ``pressed``, under the id of the button that was ``shown``.

    What was typed in the same moment is heard together with the press. Raises ``InvalidRequestError`` when that makes
    it another price or another picture than was shown, or impossible.
    """
    if pressed.takes != shown.takes:
        raise InvalidRequestError(
            "takes", N_("The number of takes has just changed. Look at the price, and press again.")
        )
    if not is_picture_settled or pressed.reference_sha256 != shown.reference_sha256:
        raise InvalidRequestError(
            "referenceMediaItems", N_("The picture has just changed. Look at it, and press again.")
        )
    for problem in pressed.problems:
        raise problem
    return replace(pressed, id=shown.id)


class _Pressed(NamedTuple):
    """What was done with which contents, since when a press is the same, and the id under which the form went on."""

    press: Press
    body: dict[str, Any]
    at: float
    next_id: str
    is_drawn: bool = False


class DraftDesk:
    """Keeps drafts and turns them into clips or plans. Safe between threads."""

    def __init__(self, store: Store, submission: Submission, queue: PlanQueue) -> None:
        self._store = store
        self._submission = submission
        self._queue = queue
        self._lock = threading.Lock()
        self._just_pressed: dict[str, _Pressed] = {}

    def open(self, draft_id: str) -> Draft:
        """Return a kept draft; an empty one when it was never kept, under another name when it is not the reader's."""
        try:
            return Draft.from_kept(draft_id, self._store.drafts.get(draft_id) or {})
        except PermissionError:
            return Draft(new_draft_id())

    def save(self, draft: Draft, *, person: str | None = None) -> None:
        """Keep what a person is writing. Raises ``StoreError``."""
        self._store.drafts.save(draft.id, draft.as_kept(), person=person)

    def send(self, draft: Draft, *, person: str | None = None) -> tuple[list[Clip], str]:
        """Submit every take of a draft and return the clips, and the id under which the form goes on.

        Spends the price once for each take. The same draft again gives back the same clips; a press on its successor
        that comes at once, unchanged, was meant for it and sends nothing. Raises what ``Submission.submit`` raises;
        the takes that were sent before stay.
        """
        if next_id := self._same_press("send", draft):
            return [], next_id
        image = self._submission.stored_reference(draft.reference_sha256) if draft.reference_sha256 else None
        clips = [
            self._submission.submit(
                request,
                image,
                draft_id=f"{draft.id}:{take}" if take else draft.id,
                by=person,
                person=person or None,
                parent_id=draft.parent_id,
                source=draft.source or None,
            )
            for take, request in enumerate(draft.requests)
        ]
        return clips, self._successor("send", draft, person)

    def plan(self, draft: Draft, *, person: str | None = None, asks: bool = False) -> str:
        """Put a draft's takes into the queue, unpaid; return the id under which the form goes on.

        A press on it or its successor that comes at once, unchanged, was meant for the draft and adds nothing. Who
        ``asks`` wants a lead to decide. Raises ``InvalidRequestError`` when the queue is full.
        """
        if next_id := self._same_press("plan", draft):
            return next_id
        self._queue.plan(
            draft.requests, reference_sha256=draft.reference_sha256, parent_id=draft.parent_id, asks=asks,
            person=person,
        )  # fmt: skip
        return self._successor("plan", draft, person)

    def _successor(self, press: Press, draft: Draft, person: str | None) -> str:
        """Keep the same contents under a new id: a draft that was sent is used up."""
        successor = replace(draft, id=new_draft_id(), replaced=None)
        with suppress(StoreError):
            self.save(successor, person=person or None)
        # Counted from here on, where a page can know the new id: a slow disk must not use the time up.
        with self._lock:
            now = time.monotonic()
            self._just_pressed = {k: v for k, v in self._just_pressed.items() if now - v.at < REMEMBERED_SECONDS}
            # A draft that is sent again gives its own clips back; one that is planned again would be planned twice.
            for draft_id in (successor.id, draft.id) if press == "plan" else (successor.id,):
                self._just_pressed[draft_id] = _Pressed(press, draft.as_body(), now, successor.id)
        return successor.id

    def drawn(self, draft_id: str) -> None:
        """Count the time of a same press anew from the first drawing of the button that pays for this draft.

        Nobody can mean a second clip before they see that button, and a busy computer may draw it late.
        """
        with self._lock:
            before = self._just_pressed.get(draft_id)
            if before and not before.is_drawn:
                self._just_pressed[draft_id] = before._replace(at=time.monotonic(), is_drawn=True)

    def _same_press(self, press: Press, draft: Draft) -> str | None:
        """Return the id under which the form goes on when this press repeats the one before it, else ``None``.

        Each repetition counts as the one before the next: a finger that goes on may be heard late, but not apart.
        """
        with self._lock:
            before, now = self._just_pressed.get(draft.id), time.monotonic()
            if before is None or before.press != press or now - before.at >= SAME_PRESS_SECONDS:
                return None
            # The frame that was gone on from is let go at the press; words that come with the next have to be the same.
            without_frame = before.body | {"reference": None, "parent": None} if before.body["parent"] else before.body
            if draft.as_body() not in (before.body, without_frame):
                return None
            self._just_pressed[draft.id] = before._replace(at=now)
            return before.next_id
