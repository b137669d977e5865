"""A story before it is paid for: shots in an order, each a plan, made by the queue, joined into one video.

A storyboard is a named series of plans. A shot that continues starts from the last frame of the one before it, so it
can be sent only after that one is here; the queue, which sends one at a time, sees to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import pairwise, takewhile
from typing import Any

from rivya.models import GenerationRequest, find_problems
from rivya.spec import DEFAULT_MODEL
from studio.plan_queue import BEFORE, PlanQueue
from studio.prompts.shots import ShotText
from studio.store import Plan, Store
from studio.store.clip import Clip


@dataclass(frozen=True, slots=True)
class Board:
    """What holds for all shots: ``params`` in which they are made, ``music`` as a name in the archive of sounds."""

    name: str
    params: dict[str, str | int] = field(default_factory=dict)
    title: str = ""
    credit: str = ""
    music: str = ""
    music_name: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """A shot and what became of it. ``is_startable`` when the one that it starts from, if any, is here.

    ``former`` is the clip that it had until it was replaced, as long as it waits to be made again. ``is_cut`` when it
    was made from the frame of another clip than the one before it has now: their pictures do not meet.
    """

    plan: Plan
    clip: Clip | None
    is_startable: bool
    former: Clip | None = None
    is_cut: bool = False

    @property
    def is_paid(self) -> bool:
        """Whether its price is spent, or may be at any moment."""
        return self.clip is not None or self.plan.released_at is not None

    @property
    def is_here(self) -> bool:
        """Whether its video can be joined."""
        return self.clip is not None and self.clip.video_path is not None

    @property
    def is_moving(self) -> bool:
        """Whether it is being made, or waits for its turn to be."""
        return self.is_paid and not self.is_here and (self.clip is None or self.clip.is_open)

    @property
    def seconds(self) -> int:
        """Its length as ordered."""
        return int(self.plan.params.get("duration", 0))


@dataclass(frozen=True, slots=True)
class Dropped:
    """A storyboard that was dropped, with its unpaid shots, so that it can be brought back."""

    board_id: str
    board: Board
    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Replacement:
    """Shots that wait once more instead of those that were made, so that it can be undone."""

    board_id: str
    old_ids: tuple[str, ...]
    new_ids: tuple[str, ...]


class Storyboards:
    """The storyboards of a studio. Nothing here spends: ``start`` is a person's word, and the queue pays by it."""

    def __init__(self, store: Store, queue: PlanQueue) -> None:
        self._store = store
        self._queue = queue

    def all(self) -> dict[str, Board]:
        """Return every storyboard by its id, the newest first."""
        return {board_id: _board(body) for board_id, body in self._store.storyboards.all().items()}

    def add(self, board: Board, *, person: str | None = None) -> str:
        """Keep a new storyboard without shots and return its id."""
        return self._store.storyboards.add(asdict(board), person=person)

    def change(self, board_id: str, board: Board) -> None:
        """Keep what changed."""
        self._store.storyboards.change(board_id, asdict(board))

    def forget(self, board_id: str, *, by: str | None = None) -> Dropped:
        """Drop a storyboard and its unpaid shots; what was made stays in the history. ``bring_back`` undoes it.

        Raises ``RoleError`` when a viewer would drop somebody else's shots.
        """
        board = self.all()[board_id]
        unpaid = [plan.id for plan in self._store.plans.of_series(board_id) if plan.clip_id is None]
        dropped = Dropped(board_id, board, tuple(self._queue.remove(unpaid, by=by)))
        self._store.storyboards.forget(board_id)
        return dropped

    def bring_back(self, dropped: Dropped, *, person: str | None = None) -> None:
        """Put a dropped storyboard back with its shots, unpaid."""
        self._store.storyboards.add(asdict(dropped.board), board_id=dropped.board_id, person=person)
        self._queue.put_back(dropped.plans)

    def shots(self, board_id: str) -> list[Shot]:
        """Return the shots in their order."""
        plans = self._store.plans.of_series(board_id)
        became = {plan.id: plan.clip_id for plan in plans} | self._store.plans.became(
            [plan.replaces for plan in plans if plan.replaces and not plan.clip_id]
        )
        clips = {clip.id: clip for clip in self._store.clips.by_ids([each for each in became.values() if each])}
        found: list[Shot] = []
        for plan in plans:
            before = found[-1] if found else None
            is_startable = not plan.continues or before is None or before.is_here
            former = None if plan.clip_id else clips.get(became.get(plan.replaces or "") or "")
            clip = clips.get(plan.clip_id or "")
            last = before.clip if before and before.is_here else None
            is_cut = bool(clip and last and clip.parent_id not in {None, last.id})
            found.append(Shot(plan, clip, is_startable, former, is_cut))
        return found

    def add_shots(self, board_id: str, texts: Sequence[ShotText], *, person: str | None = None) -> None:
        """Put shots at the end, unpaid; each but the very first continues the one before it.

        Raises ``InvalidRequestError`` when the queue is full or the model does not take a prompt.
        """
        params = {**DEFAULT_MODEL.defaults, **self.all()[board_id].params}
        requests = [
            GenerationRequest(prompt=text.prompt, params={**params, "duration": text.duration}) for text in texts
        ]
        is_first = not self._store.plans.of_series(board_id)
        continues = [not (is_first and place == 0) for place in range(len(texts))]
        self._queue.plan(requests, series=board_id, continues=continues, person=person)

    def change_shot(self, plan: Plan, *, prompt: str, duration: str, continues: bool) -> None:
        """Write an unpaid shot anew. Raises ``InvalidRequestError`` for what the model does not take."""
        params = {**plan.params, "duration": duration}
        for problem in find_problems(prompt, params):
            raise problem
        self._store.plans.change(plan.id, prompt=prompt, params=params, continues=continues)

    def arrange(self, plan_ids: Sequence[str]) -> None:
        """Put the shots into this order."""
        self._store.plans.arrange(plan_ids)

    def start(self, plan_ids: Sequence[str], *, by: str | None = None) -> None:
        """Spend the price of each of these when its turn comes: the word of a person who saw the total."""
        self._queue.approve(plan_ids, by=by)
        if self._queue.pause_reason() == BEFORE:
            self._queue.go_on(by=by)

    def is_held(self) -> bool:
        """Whether what ``start`` starts only goes into line: it is held by something that a start does not end."""
        return self._queue.pause_reason() not in {None, BEFORE}

    def take_back(self, board_id: str, plan_id: str, *, by: str | None = None) -> int:
        """Have a started shot wait for free again, with those that go on from it, and return how many did.

        Left in line without the one before them, these would hold it for everybody. None do that are on their way.
        """
        return self._queue.take_back(self.depending(board_id, plan_id), by=by)

    def replace(self, board_id: str, plan_id: str, *, alone: bool = False, by: str | None = None) -> Replacement:
        """Have a shot that was made wait once more, unpaid, with all that continues it: only what depends on it.

        Replaced ``alone``, those after it stay as they are, and go on from a frame that nobody sees any more. What is
        in line behind it waits for free again: it would hold the line for everybody. Raises ``RoleError`` when that is
        not for this person to take back.
        """
        depending = self.depending(board_id, plan_id)
        plans = self._store.plans.of_series(board_id)
        in_line = [plan.id for plan in plans if plan.id in depending[1:] and plan.released_at and not plan.clip_id]
        if in_line:
            self._queue.take_back(in_line, by=by)
        old = [plan_id] if alone else depending
        return Replacement(board_id, tuple(old), tuple(self._store.plans.plan_anew(old)))

    def replaced(self, board_id: str) -> Replacement | None:
        """Return what waits to be made again and can still be put back, ``None`` when there is none.

        None can when one of them is started, or when one began from another clip than the one before it has now: their
        frames would not meet.
        """
        shots = self.shots(board_id)
        waiting = [shot.plan for shot in shots if shot.plan.replaces and not shot.clip]
        is_cut = any(
            before.clip and shot.former and shot.former.parent_id not in {None, before.clip.id}
            for before, shot in pairwise(shots)
        )
        if not waiting or is_cut or any(plan.released_at for plan in waiting):
            return None
        return Replacement(board_id, tuple(str(plan.replaces) for plan in waiting), tuple(plan.id for plan in waiting))

    def replaced_clips(self, clips: Iterable[Clip]) -> set[str]:
        """Return the ids of those of ``clips`` that another was made in place of, as a shot."""
        by_plan = {clip.plan_id: clip.id for clip in clips if clip.plan_id}
        return {by_plan[plan_id] for plan_id in self._store.plans.replaced(by_plan)} if by_plan else set()

    def undo(self, replacement: Replacement) -> bool:
        """Put the shots back that were replaced; false, and no change, when one of the new ones is paid already."""
        return self._store.plans.put_old_back(replacement.board_id, replacement.old_ids, replacement.new_ids)

    def depending(self, board_id: str, plan_id: str) -> list[str]:
        """Return a shot and those after it that start, one from the other, from its last frame."""
        plans = self._store.plans.of_series(board_id)
        place = next(place for place, plan in enumerate(plans) if plan.id == plan_id)
        return [plan_id, *(plan.id for plan in takewhile(lambda plan: plan.continues, plans[place + 1 :]))]


def _board(body: dict[str, Any]) -> Board:
    known = {each.name for each in fields(Board)}
    return Board(**{name: value for name, value in body.items() if name in known})
