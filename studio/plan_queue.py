"""Clips that wait their turn: planned for nothing, paid one at a time, each only on a person's word.

A plan costs nothing. Releasing it is the word that its price may be spent; the engine then sends released plans one
after the other, in their order. Nothing else ever releases a plan: no countdown, no restart, no other plan.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rivya.errors import ImageError, InvalidRequestError
from rivya.models import GenerationRequest, find_problems
from studio.errors import BudgetError, PlanWithdrawnError, RoleError, VideoError
from studio.i18n import N_
from studio.store import MAX_PLANS, Plan, Store
from studio.store.clip import Clip, Stage, State
from studio.store.members import Role
from studio.submission import Submission
from studio.team import Team
from studio.work_signal import WorkSignal

BY_HAND, BUDGET, IMAGE, REFUSED, DOUBT, BEFORE = "by_hand", "budget", "image", "refused", "doubt", "before"
"""Why a queue is held."""

LOOK_SECONDS, SECOND_PRESS_SECONDS = 2.0, 1.0


class PlanQueue:
    """The planned clips of a studio.

    ``submission`` is the only way in which one is ever paid; ``signal`` has the engine look at once.
    """

    def __init__(self, store: Store, submission: Submission, signal: WorkSignal, team: Team) -> None:
        self._store = store
        self._team = team
        self._submission = submission
        self._signal = signal

    def plan(
        self,
        requests: Sequence[GenerationRequest],
        *,
        reference_sha256: str | None = None,
        series: str = "",
        continues: Sequence[bool] = (),
        asks: bool = False,
        **origin: str | None,
    ) -> str:
        """Put requests at the end of the queue, unpaid, and return the name of their series.

        ``continues`` says for each whether it starts from the last frame of the one before it in the series; who
        ``asks`` wants a lead to decide whether they are paid.
        Raises ``InvalidRequestError`` when more than 500 would wait.
        """
        room = MAX_PLANS - len(self._store.plans.waiting())
        if len(requests) > room:
            raise InvalidRequestError(
                "queue",
                N_(
                    "The queue holds at most {limit} planned clips and has room for {room}. Plan fewer, or remove some."
                ),
                limit=MAX_PLANS,
                room=room,
            )
        rows: list[dict[str, Any]] = [
            {
                "model": request.model,
                "prompt": request.prompt,
                "params": request.params,
                "reference_sha256": reference_sha256,
                "continues": goes_on,
                **origin,
            }
            for request, goes_on in zip(requests, continues or [False] * len(requests), strict=True)
        ]
        name = self._store.plans.add(rows, series=series, asks=asks)
        if asks:
            self._team.note(origin.get("person"), "ask", [request.prompt for request in requests])
        return name

    def waiting(self) -> list[Plan]:
        """Return what is planned and not sent, in its order."""
        return self._store.plans.waiting()

    def loose(self) -> list[Plan]:
        """Return what waits and belongs to no storyboard (shots are started there), and what a lead is asked for."""
        return [plan for plan in self.waiting() if not plan.is_shot or plan.asked_at]

    def in_line(self) -> list[Plan]:
        """Return what was started and is not sent, in its order: clips and shots go one at a time, in one line."""
        return [plan for plan in self.waiting() if plan.released_at]

    def next_up(self) -> str:
        """Return the id of the plan that is sent next; empty while nothing is in line, or the line is held."""
        line = self.in_line()
        return line[0].id if line and self.pause_reason() is None else ""

    def sent(self, limit: int = 12, *, with_shots: bool = True) -> list[Clip]:
        """Return the clips that plans became, the newest first; those of storyboards too, unless told otherwise."""
        return self._store.clips.by_ids(self._store.plans.sent_clip_ids(limit, with_shots=with_shots))

    def approve(self, plan_ids: Sequence[str], *, by: str | None = None) -> None:
        """Spend the price of each of these when its turn comes: the word of a person who saw the total.

        Raises ``RoleError`` for a viewer, and where people have roles for what a colleague planned. What somebody asked
        a lead for is decided by ``decide`` alone.
        """
        self._require_start(plan_ids, by)
        self._store.plans.approve(plan_ids, lambda connection: self._team.require(by, Role.MAKER, connection))
        self._signal.ask()

    def decide(self, plan: Plan, *, by: str | None, approved: bool, reason: str = "") -> None:
        """Approve or decline what somebody asked for; the first decision stands, and the log keeps it.

        An approved plan is paid when its turn comes, beyond its person's own limits but never the studio's. Raises
        ``RoleError`` for everybody but a lead.
        """
        decided = self._store.plans.decide(
            plan.id, by=by, approved=approved, reason=reason.strip(),
            permit=lambda connection: self._team.require(by, Role.LEAD, connection),
        )  # fmt: skip
        if decided:
            words = f"{plan.prompt} ({plan.person})" + (f": {reason.strip()}" if reason.strip() else "")
            self._team.note(by, "approve" if approved else "decline", [words])
            self._signal.ask()

    def stop_after_this(self, *, by: str | None = None) -> None:
        """Take the word back for all that is not sent yet; what runs goes on to its end. Raises ``RoleError``."""
        self._team.require(by, Role.MAKER)
        self._store.plans.withdraw()

    def take_back(self, plan_ids: Sequence[str], *, by: str | None = None) -> int:
        """Take the word back for these and return for how many: what is not sent yet waits for free again.

        Raises ``RoleError`` for whoever might not start them again.
        """
        self._require_start(plan_ids, by)
        return self._store.plans.withdraw(plan_ids)

    def _require_start(self, plan_ids: Sequence[str], by: str | None) -> None:
        """Raise ``RoleError`` for a viewer, and where people have roles for what a colleague planned."""
        self._team.require(by, Role.MAKER)
        if not all(self._team.may_start(by, plan.person) for plan in self._store.plans.named(plan_ids)):
            raise RoleError("own")

    def pause(self, *, by: str | None = None) -> None:
        """Hold the queue; what is released stays so. Raises ``RoleError`` for a viewer."""
        self._team.require(by, Role.MAKER)
        self._store.plans.pause(BY_HAND)

    def go_on(self, *, by: str | None = None) -> None:
        """Let a held queue run again, on the word of a person who may spend: raises ``RoleError`` for a viewer."""
        self._store.plans.go_on(lambda connection: self._team.require(by, Role.MAKER, connection))
        self._signal.ask()

    def pause_reason(self) -> str | None:
        """Return why the queue is held: by hand, or by something that a person has to look at."""
        return self._store.plans.pause_reason()

    def move(self, plan_id: str, *, by: int) -> None:
        """Move a plan towards the end (or, with a negative number, the front) of the queue."""
        self._store.plans.move(plan_id, by=by)

    def change(self, plan: Plan, *, prompt: str, params: Mapping[str, Any], by: str | None = None) -> bool:
        """Write a plan anew in its place, and return whether it still was to be: what was started stays as it was.

        Raises ``InvalidRequestError`` for what the model does not take, and ``RoleError`` when a viewer would change
        somebody else's.
        """
        if plan.person != by:
            self._team.require(by, Role.MAKER)
        wanted = {**plan.params, **params}
        for problem in find_problems(prompt, wanted):
            raise problem
        return self._store.plans.change(plan.id, prompt=prompt, params=wanted)

    def remove(self, plan_ids: Sequence[str], *, by: str | None = None) -> list[Plan]:
        """Take plans out, and return them for ``put_back``. What was sent meanwhile stays a clip.

        Raises ``RoleError`` when a viewer would remove somebody else's.
        """
        if any(plan.person != by for plan in self.waiting() if plan.id in plan_ids):
            self._team.require(by, Role.MAKER)
        return self._store.plans.remove(plan_ids)

    def put_back(self, plans: Sequence[Plan]) -> None:
        """Undo ``remove``: they wait again, unpaid."""
        self._store.plans.put_back(plans)

    def advance(self) -> Clip | None:
        """Send the next released plan if none of the queue's clips is on its way; return the clip it became.

        Spends its price. Any number of processes may call this at any time: a plan becomes one clip at most.
        """
        plan = next(iter(self.in_line()), None)
        if plan is None or self.pause_reason() is not None:
            return None
        sent = self.sent()
        if any(_is_awaited(clip) for clip in sent):
            return None
        trouble = _trouble(sent, plan)
        if trouble:
            self._store.plans.pause(trouble)
            return None
        return self._send(plan)

    def _send(self, plan: Plan) -> Clip | None:
        reference_sha256, parent_id = plan.reference_sha256, plan.parent_id
        try:
            if plan.continues and (before := self.before(plan)):
                parent = self._store.clips.get(before.clip_id) if before.clip_id else None
                if parent and _is_on_its_way(parent):  # though in the trash: whoever takes it out again waits for both
                    return None
                if parent is None or parent.video_path is None or parent.deleted_at:
                    self._store.plans.pause(BEFORE)
                    return None
                reference_sha256, parent_id = self._submission.keep_last_frame(parent), parent.id
            return self._submission.submit(
                GenerationRequest(model=plan.model, prompt=plan.prompt, params=plan.params),
                self._submission.stored_reference(reference_sha256) if reference_sha256 else None,
                draft_id=plan.id,
                plan_id=plan.id,
                parent_id=parent_id,
                person=plan.person,
                approved_by=plan.decided_by,
            )
        except PlanWithdrawnError:
            return None
        except BudgetError as error:
            # A person's own limit is no reason to hold what others have started: a lead may lift it.
            if error.whose == "person" and self._team.has_roles:
                self._store.plans.ask(plan.id)
            else:
                self._store.plans.pause(BUDGET)
        except (ImageError, VideoError):
            self._store.plans.pause(IMAGE)
        return None

    def before(self, plan: Plan) -> Plan | None:
        """Return the plan before this one in its series, also one that became a clip; ``None`` for the first."""
        series = self._store.plans.of_series(plan.series)
        place = next((place for place, each in enumerate(series) if each.id == plan.id), 0)
        return series[place - 1] if place else None


class Approval:
    """One person's presses on a queue whose rows move up under their pointer."""

    def __init__(self, queue: PlanQueue) -> None:
        self._queue = queue
        self._approved_at = -LOOK_SECONDS
        self._added_at = -SECOND_PRESS_SECONDS

    def added(self) -> None:
        """Say that the person's own press has put plans above the button that was pressed."""
        self._added_at = time.monotonic()

    def all(self, plan_ids: Sequence[str], *, by: str | None = None) -> None:
        """Approve these: their total was on the button.

        Raises ``InvalidRequestError`` within 1 s of ``added``: the second half of a double click pays for nothing.
        """
        if time.monotonic() - self._added_at < SECOND_PRESS_SECONDS:
            raise _just_moved()
        self._queue.approve(plan_ids, by=by)
        self._approved_at = time.monotonic()

    def one(self, plan_id: str, *, by: str | None = None) -> None:
        """Approve one from its row.

        Raises ``InvalidRequestError`` within 2 s of the last approval: eyes need that long to see what stands there.
        """
        if time.monotonic() - self._approved_at < LOOK_SECONDS:
            raise _just_moved()
        self.all([plan_id], by=by)


def _just_moved() -> InvalidRequestError:
    return InvalidRequestError("queue", N_("The list has just moved. Look at what stands there now, and press again."))


def _is_awaited(clip: Clip) -> bool:
    """Whether the next one stays behind this clip: not if it is in the trash, in doubt, or its video is hard to get."""
    return _is_on_its_way(clip) and not clip.deleted_at


def _is_on_its_way(clip: Clip) -> bool:
    return clip.is_open and not _is_in_doubt(clip) and clip.state is not State.SUCCEEDED


def _is_in_doubt(clip: Clip) -> bool:
    """Whether a person has to look: nobody knows if it was started, or Rivya does not know it."""
    return clip.needs_decision or (clip.stage is Stage.RUNNING and clip.state is State.UNKNOWN)


def _trouble(sent: Sequence[Clip], plan: Plan) -> str:
    """Return what a person has to look at before more is paid: what became of the others since their word."""
    assert plan.released_at is not None
    for clip in sent:
        if clip.deleted_at or clip.updated_at <= plan.released_at:
            continue
        if _is_in_doubt(clip):
            return DOUBT
        if clip.state is State.REFUSED:
            return REFUSED
    return ""
