"""The queue: nothing is paid without a person's word, one at a time, in order, and a word can be taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from conftest import SMALL, eventually, picture, stopped_after

from rivya import GenerationRequest
from rivya.errors import InvalidRequestError
from studio import Studio
from studio.backup import backup, restore
from studio.errors import PlanWithdrawnError
from studio.media.archive import Archive
from studio.store import Store
from studio.store.clip import Stage, State
from studio.store.schema import clips


def requests(*prompts):
    return [GenerationRequest(prompt=prompt, **SMALL) for prompt in prompts]


def prompts(plans):
    return [plan.prompt for plan in plans]


def test_planning_costs_nothing(studio):
    """What is planned stays planned, through a restart too."""
    studio.queue.plan(requests("boat", "kite"))
    assert studio.queue.advance() is None
    studio.stop()
    with Studio(studio.settings) as again:
        assert prompts(again.queue.waiting()) == ["boat", "kite"]
        assert again.queue.advance() is None
        assert again.clips.count() == 0
        assert again.test_connection() == 500


def test_a_released_plan_is_made_once_and_alone(studio):
    """Pay one, look, keep the rest unpaid."""
    studio.queue.plan(requests("boat", "kite", "moon"))
    first, *_ = studio.queue.waiting()
    studio.queue.approve([first.id])
    (clip,) = eventually(lambda: [c for c in studio.clips.page() if c.video_path])
    assert clip.prompt == "boat"
    for _ in range(3):
        assert studio.queue.advance() is None
    assert prompts(studio.queue.waiting()) == ["kite", "moon"]
    assert studio.test_connection() == 475


def test_released_plans_go_one_after_the_other(studio):
    """In the order of the queue, and never two at a time."""
    studio.queue.plan(requests("boat", "kite", "moon"))
    boat, _, moon = studio.queue.waiting()
    studio.queue.move(moon.id, by=-5)
    studio.queue.move(boat.id, by=9)
    assert prompts(studio.queue.waiting()) == ["moon", "kite", "boat"]
    studio.queue.approve([plan.id for plan in studio.queue.waiting()])
    eventually(lambda: studio.clips.count() == 3 and not studio.active(), 60)
    made = studio.clips.page(sort="oldest")
    assert [clip.prompt for clip in made] == ["moon", "kite", "boat"]
    assert [clip.prompt for clip in studio.queue.sent()] == ["boat", "kite", "moon"]
    assert all(before.finished_at <= after.created_at for before, after in pairwise(made))


def test_stop_after_this_one(studio):
    """What runs ends; the rest is unpaid again."""
    studio.queue.plan(requests("boat", "kite", "moon"))
    studio.queue.approve([plan.id for plan in studio.queue.waiting()])
    eventually(lambda: studio.clips.count() == 1)
    studio.queue.stop_after_this()
    eventually(lambda: studio.clips.count() == 1 and not studio.active(), 60)
    assert studio.queue.advance() is None
    assert [plan.released_at for plan in studio.queue.waiting()] == [None, None]


def test_a_paused_queue_sends_nothing_and_goes_on(studio):
    """Pause keeps the word, and going on needs a press."""
    studio.queue.pause()
    studio.queue.plan(requests("boat"))
    studio.queue.approve([studio.queue.waiting()[0].id])
    assert studio.queue.advance() is None
    assert (studio.queue.pause_reason(), studio.clips.count()) == ("by_hand", 0)
    studio.queue.go_on()
    eventually(lambda: studio.clips.count() == 1)


@pytest.mark.parametrize("when", ["withdrawn", "removed", "paused"])
def test_what_is_taken_back_at_the_last_moment_is_not_sent(studio, when):
    """Between the look and the sending the word is gone: nothing is stored, nothing is spent."""
    studio.stop()
    studio.queue.plan(requests("boat"))
    (plan,) = studio.queue.waiting()
    studio.store.plans.approve([plan.id])
    {
        "withdrawn": studio.queue.stop_after_this,
        "removed": lambda: studio.queue.remove([plan.id]),
        "paused": studio.queue.pause,
    }[when]()
    with pytest.raises(PlanWithdrawnError):
        studio.submit(GenerationRequest(prompt="boat"), draft_id=plan.id, plan_id=plan.id)
    assert studio.clips.count() == 0


def test_many_that_advance_at_once_pay_once(database_url, tmp_path, settings):
    """Every process may try: one plan is one clip."""
    where = settings.model_copy(
        update={"database_url": __import__("pydantic").SecretStr(database_url), "run_engine": False}
    )
    studios = [Studio(where) for _ in range(4)]
    studios[0].queue.plan(requests("boat"))
    studios[0].store.plans.approve([studios[0].queue.waiting()[0].id])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: studios[n % 4].queue.advance(), range(16)))
    assert studios[0].clips.count() == 1
    for studio in studios:
        studio.stop()


def test_trouble_holds_the_queue_until_somebody_looks(studio):
    """A refusal pauses it; going on is a new word, and a later refusal pauses it again."""
    studio.queue.plan(requests("#insufficient boat", "kite"))
    studio.queue.approve([plan.id for plan in studio.queue.waiting()])
    eventually(lambda: studio.queue.pause_reason() == "refused", 60)
    assert prompts(studio.queue.waiting()) == ["kite"]
    studio.queue.go_on()
    eventually(lambda: any(clip.video_path for clip in studio.clips.page()), 60)
    assert studio.queue.pause_reason() is None


HARD_TO_FETCH = {"stage": Stage.SAVING, "attempts": 9, "status": "succeeded", "task_id": "task_1"}
NOT_FOUND = {"stage": Stage.RUNNING, "status": "queued", "task_id": "task_1", "error_code": "not_found"}


@pytest.mark.parametrize(
    ("values", "reason"),
    [(HARD_TO_FETCH, None), (NOT_FOUND, "doubt"), ({"deleted_at": datetime.now(UTC)}, None)],
    ids=["hard to fetch", "not found", "deleted"],
)
def test_a_clip_that_does_not_end_does_not_end_the_queue(settings, values, reason):
    """The next one goes, at once or on a person's word; never in silence for ever."""
    with stopped_after(Studio(settings.model_copy(update={"run_engine": False}))) as studio:
        studio.queue.plan(requests("boat", "kite"))
        studio.queue.approve([plan.id for plan in studio.queue.waiting()])
        assert studio.queue.advance().prompt == "boat"
        assert studio.queue.advance() is None
        with studio.store.database.write() as connection:
            connection.execute(sa.update(clips).values(updated_at=datetime.now(UTC), **values))
        if reason:
            assert studio.queue.advance() is None
            assert studio.queue.pause_reason() == reason
            studio.queue.go_on()
        assert studio.queue.advance().prompt == "kite"


def test_the_daily_limit_holds_the_queue(settings):
    """Nothing is sent beyond it, and the plan is still there."""
    with stopped_after(Studio(settings.model_copy(update={"daily_credit_limit": 25}))) as studio:
        studio.queue.plan(requests("boat", "kite"))
        studio.queue.approve([plan.id for plan in studio.queue.waiting()])
        eventually(lambda: studio.queue.pause_reason() == "budget", 60)
        assert prompts(studio.queue.waiting()) == ["kite"]
        assert studio.clips.count() == 1


def test_a_failure_that_came_back_does_not_hold_the_queue(studio):
    """The next one goes."""
    studio.queue.plan(requests("#fail boat", "kite"))
    studio.queue.approve([plan.id for plan in studio.queue.waiting()])
    eventually(lambda: studio.clips.count() == 2 and not studio.active(), 60)
    assert studio.queue.waiting() == []


def test_removing_can_be_undone(studio):
    """Back to its place, unpaid."""
    studio.queue.plan(requests("boat", "kite", "moon"))
    _, kite, _ = studio.queue.waiting()
    gone = studio.queue.remove([kite.id])
    assert prompts(studio.queue.waiting()) == ["boat", "moon"]
    studio.queue.put_back(gone)
    assert prompts(studio.queue.waiting()) == ["boat", "kite", "moon"]


def test_the_reference_goes_along(studio):
    """A plan keeps its picture, its person and what it continues."""
    sha256 = studio.archive.keep_reference(picture())
    studio.queue.plan(requests("boat"), reference_sha256=sha256, person="নীল", parent_id="clip_before")
    studio.queue.approve([studio.queue.waiting()[0].id])
    clip = eventually(lambda: next(iter(studio.clips.page()), None))
    assert (clip.reference_sha256, clip.person, clip.parent_id) == (sha256, "নীল", "clip_before")


def test_the_queue_has_an_end(studio):
    """More than it holds is refused in words, and none of it is planned."""
    with pytest.raises(InvalidRequestError):
        studio.queue.plan(requests("boat") * 501)
    assert studio.queue.waiting() == []


def test_plans_of_other_accounts_are_none_of_ours(database_url, tmp_path):
    """A demo's queue is not paid with real credits."""
    demo, real = (Store(database_url, Archive(tmp_path), name) for name in ("demo", "real"))
    demo.plans.add([{"prompt": "boat", "params": {}}])
    assert real.plans.waiting() == []
    real.plans.approve([plan.id for plan in demo.plans.waiting()])
    assert demo.plans.waiting()[0].released_at is None
    demo.close()
    real.close()


@pytest.mark.parametrize(("hours", "state"), [(1, State.SUCCEEDED), (30, State.UNKNOWN)])
def test_a_restored_intent_pays_for_nothing_twice(settings, tmp_path, hours, state):
    """What was under way at the backup and sent since: soon enough it is found by its key, later a person decides."""
    with stopped_after(Studio(settings.model_copy(update={"run_engine": False}))) as studio:
        clip = studio.submit(*requests("boat"))
        with studio.store.database.write() as connection:
            moment = clip.created_at - timedelta(hours=hours)
            connection.execute(sa.update(clips).values(created_at=moment, updated_at=moment))
        backup(settings.data_dir, tmp_path / "copy")
        with studio.store.database.write() as connection:
            connection.execute(sa.update(clips).values(created_at=clip.created_at, updated_at=clip.created_at))
    with stopped_after(Studio(settings)) as studio:
        paid = studio.wait(clip.id).task_id
    restore(tmp_path / "copy", tmp_path / "again")
    with stopped_after(Studio(settings.model_copy(update={"data_dir": tmp_path / "again"}))) as studio:
        eventually(lambda: studio.get(clip.id).state is state, 60)
        assert studio.get(clip.id).task_id == (paid if state is State.SUCCEEDED else None)
        assert studio.get(clip.id).needs_decision == (state is State.UNKNOWN)
        assert studio.test_connection() == 475


def test_a_restored_queue_pays_for_nothing_twice(settings, tmp_path):
    """A backup from the middle of a queue: nothing goes by itself, and what was sent since is given back, not bought."""
    with stopped_after(Studio(settings)) as studio:
        studio.queue.pause()
        studio.queue.plan(requests("boat", "kite"))
        studio.queue.approve([plan.id for plan in studio.queue.waiting()])
        backup(settings.data_dir, tmp_path / "copy")
        studio.queue.go_on()
        eventually(lambda: studio.clips.count() == 2 and not studio.active(), 60)
        paid = {clip.task_id for clip in studio.clips.page()}
    restore(tmp_path / "copy", tmp_path / "again")
    with stopped_after(Studio(settings.model_copy(update={"data_dir": tmp_path / "again"}))) as studio:
        studio.queue.go_on()
        assert [plan.released_at for plan in studio.queue.waiting()] == [None, None]
        studio.queue.approve([plan.id for plan in studio.queue.waiting()])
        eventually(lambda: studio.clips.count() == 2 and not studio.active(), 60)
        assert {clip.task_id for clip in studio.clips.page()} == paid
        assert studio.test_connection() == 450
