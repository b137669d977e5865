"""Who works on what: leases, due times, budgets and pauses, to the second, on a clock that the tests set."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from test_store import intent

from studio.media.archive import Archive
from studio.store import LeaseLostError, Store
from studio.store.clip import OPEN_STAGES, UNSENT_STAGES, Stage
from studio.store.schema import budgets, clips, pauses

NOON = datetime(2026, 5, 11, 12, tzinfo=UTC)


class Clock:
    """A database's clock that stands until somebody moves it."""

    def __init__(self):
        self.time = NOON

    def __call__(self, connection: sa.Connection) -> datetime:
        return self.time

    def passes(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(database_url, tmp_path, clock, monkeypatch):
    opened = Store(database_url, Archive(tmp_path), "test")
    monkeypatch.setattr(opened.database, "now", clock)
    yield opened
    opened.close()


@pytest.fixture
def elsewhere(store, database_url, tmp_path, clock, monkeypatch):
    """Another account in the same database."""
    opened = Store(database_url, Archive(tmp_path), "elsewhere")
    monkeypatch.setattr(opened.database, "now", clock)
    yield opened
    opened.close()


def add(store, **values):
    return store.clips.insert(**intent(**values))


def change(store, clip, **values):
    with store.database.write() as connection:
        connection.execute(sa.update(clips).where(clips.c.id == clip.id).values(**values))


def lease(store, clip):
    """Return who holds a clip, until when, and when it is due."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(clips).where(clips.c.id == clip.id)).one()
    return row.owner, row.lease_until, row.run_at


def after(seconds):
    return NOON + timedelta(seconds=seconds)


def claim(store, owner="a", *, seconds=60, limit=9):
    return [clip.id for clip in store.outbox.claim(owner, lease_seconds=seconds, limit=limit)]


def test_what_is_due_longest_is_claimed_first(store, clock):
    """In the order of their due times, then of their making, as many as were asked for; what is not due stays."""
    made = [add(store) for _ in range(5)]
    for clip, seconds in zip(made, (-1, -2, -3, -1, 1), strict=True):
        change(store, clip, run_at=after(seconds))
    assert claim(store, limit=2) == [made[2].id, made[1].id]
    assert claim(store) == [made[0].id, made[3].id]
    assert claim(store) == []
    assert lease(store, made[1]) == ("a", after(60), after(-2))
    clock.passes(1)
    assert claim(store, "b", seconds=5) == [made[4].id]
    assert lease(store, made[4]) == ("b", after(6), after(1))


def test_engines_do_not_wait_for_each_others_claims(postgres_url, tmp_path):
    """What another transaction is taking at this moment is passed over; the rest is taken at once."""
    store = Store(postgres_url, Archive(tmp_path), "test")
    first, second = add(store), add(store)
    with ThreadPoolExecutor(1) as pool, store.database.write() as connection:
        connection.execute(sa.select(clips).where(clips.c.id == first.id).with_for_update())
        assert pool.submit(claim, store).result(timeout=10) == [second.id]
    store.close()


@pytest.mark.parametrize("stage", Stage)
def test_only_open_clips_are_claimed(store, stage):
    """What has ended is nobody's work, even where a due time was left behind."""
    clip = add(store, stage=stage)
    assert claim(store) == ([clip.id] if stage in OPEN_STAGES else [])


def test_two_are_never_both_right_about_a_clip(store, clock):
    """In the very moment in which a lease ends, its owner writes no more and nobody else begins."""
    clip = add(store)
    claim(store, seconds=60)
    clock.passes(60)
    assert claim(store, "b") == []
    assert store.outbox.renew("a", [clip.id], lease_seconds=60) == set()
    with pytest.raises(LeaseLostError, match=clip.id):
        store.outbox.save(clip.id, "a", stage=Stage.RUNNING)
    clock.passes(0.001)
    assert claim(store, "b") == [clip.id]
    assert store.clips.get(clip.id).stage is Stage.PENDING


@pytest.mark.parametrize("stage", UNSENT_STAGES)
def test_a_press_of_ten_minutes_ago_is_not_sent_any_more(store, clock, stage):
    """It waits for another press, due no more and held by nobody; until then it would have been sent."""
    clip = add(store, stage=stage)
    clock.passes(599)
    assert claim(store, seconds=0.5) == [clip.id]
    clock.passes(1)
    assert claim(store) == []
    late = store.clips.get(clip.id)
    assert (late.stage, late.error.code, late.updated_at) == (Stage.REFUSED, "not_sent", after(600))
    assert lease(store, clip) == (None, None, None)
    assert late.waits_to_be_sent


def test_why_it_was_not_sent_is_not_forgotten(store, clock):
    """The last trouble says more than that time has passed."""
    clip = add(store, error_code="rate_limited")
    clock.passes(3600)
    assert claim(store) == []
    assert store.clips.get(clip.id).error.code == "rate_limited"


@pytest.mark.parametrize(
    "values",
    [
        {"confirmed_at": after(3000.5)},
        {"run_at": after(3000.5)},
        {"sent_at": NOON},
        {"stage": Stage.RUNNING},
        {"stage": Stage.UNKNOWN},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_was_pressed_again_or_has_left_goes_on_by_itself(store, clock, values):
    """An hour after the first press too."""
    clip = add(store)
    change(store, clip, **values)
    clock.passes(3600)
    assert claim(store) == [clip.id]
    assert store.clips.get(clip.id).stage is values.get("stage", Stage.PENDING)


def test_a_late_clip_in_good_hands_is_left_alone(store, elsewhere, clock):
    """Its owner is sending it at this moment, or it belongs to an account that is not ours."""
    held = add(store)
    claim(store, seconds=3600)
    foreign = add(elsewhere)
    clock.passes(700)
    assert claim(store, "b") == []
    assert {where.clips.get(clip.id).stage for where, clip in ((store, held), (elsewhere, foreign))} == {Stage.PENDING}


def test_leases_are_prolonged_for_their_owner_alone(store, clock):
    """The clips that are named, from now on; another's are another's."""
    mine, other = add(store), add(store)
    claim(store, limit=1)
    claim(store, "b")
    unnamed = add(store)
    claim(store)
    clock.passes(10)
    assert store.outbox.renew("a", [mine.id, other.id], lease_seconds=60) == {mine.id}
    assert [lease(store, clip)[:2] for clip in (mine, other, unnamed)] == [
        ("a", after(70)), ("b", after(60)), ("a", after(60)),
    ]  # fmt: skip


def test_what_is_given_back_is_anybodys_at_once(store):
    """All of one owner's clips and no other's."""
    mine = [add(store), add(store)]
    claim(store)
    other = add(store)
    claim(store, "b")
    store.outbox.release("a")
    assert [lease(store, clip)[:2] for clip in mine] == [(None, None)] * 2
    assert lease(store, other)[:2] == ("b", after(60))
    assert claim(store, "c") == [clip.id for clip in mine]


@pytest.mark.parametrize(
    ("how", "owner", "lease_until", "due"),
    [
        ({}, "a", after(60), after(1)),
        ({"delay_seconds": 30.0}, "a", after(60), after(31)),
        ({"delay_seconds": 30.0, "release": True}, None, None, after(31)),
        ({"delay_seconds": None}, None, None, None),
    ],
    ids=["at once", "later", "given back", "ended"],
)
def test_a_save_says_who_goes_on_and_when(store, clock, how, owner, lease_until, due):
    """Written to this clip and to no other of the same owner."""
    clip, other = add(store), add(store)
    claim(store)
    clock.passes(1)
    saved = store.outbox.save(clip.id, "a", attempts=3, **how)
    assert (saved.id, saved.attempts, saved.updated_at, saved.owner) == (clip.id, 3, after(1), owner)
    assert lease(store, clip) == (owner, lease_until, due)
    assert lease(store, other) == ("a", after(60), NOON)
    assert store.clips.get(other.id).attempts == 0


def test_the_only_engine_takes_over_what_a_dead_one_left(store, elsewhere):
    """Leases are free at once, what a jump of the clock put off is due; another account's stay as they are."""
    held, far, near, foreign = add(store), add(store), add(store), add(elsewhere)
    claim(store)
    claim(elsewhere)
    change(store, far, run_at=after(3601))
    change(store, near, run_at=after(3600))
    change(store, foreign, run_at=after(9999))
    store.outbox.take_over()
    assert lease(store, held) == (None, None, NOON)
    assert lease(store, far) == (None, None, NOON)
    assert lease(store, near) == (None, None, after(3600))
    assert lease(store, foreign) == ("a", after(60), after(9999))


def test_a_pause_beyond_an_hour_ends_with_the_take_over(store, elsewhere):
    """Nothing that Rivya asks for is that long; another account's pause is not ours to end."""
    store.outbox.pause(3600, "rate_limited")
    elsewhere.outbox.pause(7200, "rate_limited")
    store.outbox.take_over()
    assert store.outbox.pause_seconds() == 3600
    store.outbox.pause(3601, "rate_limited")
    store.outbox.take_over()
    assert (store.outbox.pause_seconds(), elsewhere.outbox.pause_seconds()) == (0, 7200)


def test_a_persons_word_makes_a_clip_due_at_once(store, elsewhere, clock):
    """Whoever holds it; no other clip, and none of another account."""
    clip, other, foreign = (add(where, stage=Stage.UNKNOWN) for where in (store, store, elsewhere))
    claim(store)
    claim(elsewhere)
    clock.passes(5)
    store.outbox.wake(clip.id, confirmed_at=after(5))
    store.outbox.wake(foreign.id, confirmed_at=after(5))
    assert lease(store, clip) == (None, None, after(5))
    woken = store.clips.get(clip.id)
    assert (woken.confirmed_at, woken.updated_at) == (after(5), after(5))
    for where, untouched in ((store, other), (elsewhere, foreign)):
        assert lease(store, untouched) == ("a", after(60), NOON)
        assert where.clips.get(untouched.id).confirmed_at is None


def test_a_minutes_requests_are_counted_for_all_and_for_each_account(store, elsewhere, clock):
    """Used up, it says how long this minute still lasts; the next one begins anew and the last is forgotten."""
    clock.passes(20)
    assert [store.outbox.take_request(2) for _ in range(4)] == [0, 0, 40, 40]
    assert elsewhere.outbox.take_request(2) == 0
    clock.passes(39.5)
    assert store.outbox.take_request(2) == 0.5
    assert store.outbox.take_request(3) == 0
    clock.passes(0.5)
    assert [store.outbox.take_request(2) for _ in range(3)] == [0, 0, 60]
    minute = int(NOON.timestamp()) // 60
    with store.database.read() as connection:
        counted = connection.execute(sa.select(budgets).order_by(budgets.c.account)).fetchall()
    assert [tuple(row) for row in counted] == [("elsewhere", minute, 1), ("test", minute + 1, 2)]


def test_the_longest_pause_is_kept_with_its_reason(store, elsewhere, clock):
    """It runs out by itself, and is one account's."""
    store.outbox.pause(30, "first")
    store.outbox.pause(20, "shorter")
    assert store.outbox.pause_seconds() == 30
    clock.passes(10)
    assert store.outbox.pause_seconds() == 20
    store.outbox.pause(25, "longer")
    assert (store.outbox.pause_seconds(), elsewhere.outbox.pause_seconds()) == (25, 0)
    with store.database.read() as connection:
        assert [tuple(row) for row in connection.execute(sa.select(pauses))] == [("test", after(35), "longer")]
    clock.passes(26)
    assert store.outbox.pause_seconds() == 0
