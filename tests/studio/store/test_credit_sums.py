"""Sums of credits that the database keeps: whatever happens to clips, they say what the clips say."""

from __future__ import annotations

import random
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from test_store import intent

from studio.media.archive import Archive
from studio.store import DaySpend, Store
from studio.store.clip import Stage
from studio.store.credit_sums import EXACT_DAYS
from studio.store.reader import read_as
from studio.store.schema import clip_sums, clips, credit_sums

NOW = datetime.now(UTC)
EVER = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = ("person", "mode", "status")
STATUSES = (None, "queued", "processing", "succeeded", "failed", "paused")


@pytest.fixture
def store(database_url, tmp_path):
    opened = Store(database_url, Archive(tmp_path), "test")
    yield opened
    read_as(None)
    opened.close()


def any_values(rng: random.Random) -> dict[str, object]:
    return {
        "stage": rng.choice(list(Stage)), "status": rng.choice(STATUSES),
        "task_id": rng.choice([None, f"task {rng.random()}"]), "credits_reserved": rng.choice([0.0, 25.0, 12.5]),
        "credits_final": rng.choice([0.0, 25.0, 7.25]), "person": rng.choice([None, "Ada", "Mo", "আশা"]),
        "reference_sha256": rng.choice([None, "a" * 64]), "starred_at": rng.choice([None, None, NOW]),
        "downloaded_at": rng.choice([None, None, NOW]), "deleted_at": rng.choice([None, None, NOW]),
        "health": rng.choice([None, "safe", "remote", "damaged"]), "purged_at": rng.choice([None, None, NOW]),
    }  # fmt: skip


def live(store: Store, rng: random.Random) -> None:
    """Let clips come, change in every way, some twice in one transaction, and go."""
    now = datetime.now(UTC)
    with store.database.write() as connection:
        for _ in range(120):
            moment = now - timedelta(minutes=rng.randrange(0, 390 * 24 * 60))
            account = rng.choice(["test", "test", "test", "another"])
            values = {**intent(), **any_values(rng), "account": account, "created_at": moment, "updated_at": now}
            connection.execute(sa.insert(clips).values(**values))
    for _ in range(5):
        with store.database.write() as connection:
            for seq in rng.sample(range(1, 121), 40):
                connection.execute(sa.update(clips).where(clips.c.seq == seq).values(**any_values(rng)))
            gone = rng.sample(range(1, 121), 2)
            connection.execute(sa.delete(clips).where(clips.c.seq.in_(gone)))


def by_hand(store: Store, zone: ZoneInfo) -> list[DaySpend]:
    """Sum the rows of the account one by one."""
    days: dict[date, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    with store.database.read() as connection:
        for row in connection.execute(sa.select(clips).where(clips.c.account == "test", clips.c.task_id.is_not(None))):
            sums = days[row.created_at.astimezone(zone).date()]
            sums[3] += 1
            if row.status == "succeeded" and row.stage in {"saving", "done"}:
                sums[0] += row.credits_final
            elif row.status == "failed" and row.stage == "done":
                sums[1] += row.credits_reserved - row.credits_final
            elif row.status not in {None, "succeeded"} and row.stage not in {"unknown", "done", "refused"}:
                sums[2] += row.credits_reserved
    return [DaySpend(day, *sums[:3], clips=int(sums[3])) for day, sums in sorted(days.items())]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"])
def test_every_day_is_what_its_clips_say(store, zone):
    """In zones whose clocks change, by half an hour too, and whose days begin at a quarter; added up or not."""
    live(store, random.Random(zone))
    there = ZoneInfo(zone)
    expected = by_hand(store, there)
    assert store.receipts.spend_by_day(days=EXACT_DAYS, zone=there) == expected
    totals = tuple(sum(getattr(day, name) for day in expected) for name in ("kept", "refunded", "reserved"))
    assert store.receipts.totals() == totals
    assert store.credit_sums.add_up() > 0
    assert store.credit_sums.add_up() == 0
    assert store.receipts.spend_by_day(days=EXACT_DAYS, zone=there) == expected
    assert store.receipts.totals() == totals
    assert store.credit_sums.mend()


@pytest.mark.parametrize("seed", range(4))
def test_where_the_credits_went_is_what_the_clips_say(store, seed):
    """By person, source and end, for all and for one reader; added up or not, once each clip is gone too."""
    live(store, random.Random(seed))
    by_clips = [store.spending.by(one, since=EVER) for one in KEPT]
    assert all(by_clips)
    assert [store.spending.by(one) for one in KEPT] == by_clips
    assert store.spending.add_up() > 0
    assert store.spending.add_up() == 0
    assert [store.spending.by(one) for one in KEPT] == by_clips
    read_as("Ada")
    theirs = [store.spending.by(one) for one in KEPT]
    assert theirs == [store.spending.by(one, since=EVER) for one in KEPT]
    assert [row.value for row in theirs[0]] == ["Ada"]
    read_as("")
    assert [store.spending.by(one) for one in KEPT] == [[], [], []], "what nobody's name is on is for leads"
    read_as(None)
    assert store.spending.mend()
    with store.database.write() as connection:
        connection.execute(sa.delete(clips).where(clips.c.account == "test"))
    assert [store.spending.by(one) for one in KEPT] == [[], [], []]
    assert store.spending.add_up() > 0
    with store.database.read() as connection:
        assert not connection.execute(sa.select(clip_sums).where(clip_sums.c.account == "test")).all()


def test_who_spent_is_counted_anew_where_it_is_wrong(store):
    """Somebody wrote past the triggers."""
    live(store, random.Random(2))
    expected = [store.spending.by(one) for one in KEPT]
    with store.database.write() as connection:
        connection.execute(sa.update(clip_sums).values(person="Mo"))
    assert [store.spending.by(one) for one in KEPT] != expected
    assert not store.spending.mend()
    assert [store.spending.by(one) for one in KEPT] == expected
    assert store.spending.mend()


def test_no_fraction_keeps_the_row_of_who_has_no_clip_any_more(store):
    """0.1 and 0.2 less 0.3 is not quite nothing; a name would stay in the sums for it."""
    for price in (0.1, 0.2, 0.3):
        ended = {"stage": Stage.DONE, "status": "succeeded", "task_id": f"{price}", "credits_final": price}
        store.clips.insert(**intent(person="Ada", **ended))
    store.spending.add_up()
    with store.database.write() as connection:
        connection.execute(sa.update(clips).values(person=None))
    store.spending.add_up()
    with store.database.read() as connection:
        assert connection.execute(sa.select(clip_sums.c.person)).scalars().all() == [""]
    assert store.spending.mend()


def test_triggers_keep_their_plans(postgres_url, tmp_path):
    """Each session plans its questions anew; of 20,000 rows that change at once a trigger would take four times as long."""
    store = Store(postgres_url, Archive(tmp_path), "test")
    settings = "SELECT proname, proconfig FROM pg_proc WHERE proname ~ '^(credits|clip_sums)_(came|moved|went)$'"
    with store.database.read() as connection:
        found = [row.proconfig for row in connection.exec_driver_sql(settings)]
    assert found == [["plan_cache_mode=auto"]] * 6
    store.close()


def test_a_change_that_moves_no_credits_writes_nothing(store):
    """A poll, a star, the trash and a name: no row more. Who looks at who spent it has a row for the name and the star."""
    clip = store.clips.insert(**intent(stage=Stage.RUNNING, status="processing", task_id="a", credits_reserved=25))
    with store.database.write() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(credit_sums)).scalar_one()
        connection.execute(sa.update(clips).values(stage=Stage.RUNNING, status="queued", person="Mo"))
    store.clips.set_starred([clip.id], starred=True)
    store.clips.set_deleted([clip.id], deleted=True)
    with store.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(credit_sums)).scalar_one() == before == 1


def test_what_is_long_ago_becomes_a_row_a_day(store):
    """And its credits stay."""
    day = datetime.now(UTC).replace(hour=0, minute=7) - timedelta(days=2 * EXACT_DAYS)
    for hour in (1, 5, 5, 23):
        made = store.clips.insert(**intent(stage=Stage.DONE, status="succeeded", credits_final=25))
        with store.database.write() as connection:
            moved = {"created_at": day + timedelta(hours=hour), "task_id": made.id}
            connection.execute(sa.update(clips).where(clips.c.id == made.id).values(**moved))
    store.credit_sums.add_up()
    with store.database.read() as connection:
        rows = connection.execute(sa.select(credit_sums).where(credit_sums.c.clips != 0)).all()
    assert [(row.kept, row.clips, row.quarter % 96) for row in rows] == [(100.0, 4, 0)]
    assert store.receipts.totals() == (100.0, 0.0, 0.0)


def test_sums_that_are_wrong_are_counted_anew(store):
    """Somebody wrote past the triggers: it is said once, and is true from then on."""
    live(store, random.Random(1))
    expected = store.receipts.totals()
    with store.database.write() as connection:
        connection.execute(sa.update(credit_sums).values(kept=credit_sums.c.kept + 1))
    assert store.receipts.totals() != expected
    assert not store.credit_sums.mend()
    assert store.receipts.totals() == expected
    assert store.credit_sums.mend()
    with store.database.write() as connection:
        connection.execute(sa.update(credit_sums).values(quarter=credit_sums.c.quarter - 96))
    assert store.receipts.totals() == expected
    assert not store.credit_sums.mend()
    assert store.receipts.spend_by_day(days=EXACT_DAYS) == by_hand(store, ZoneInfo("UTC"))


def test_many_who_write_and_add_up_at_once_lose_nothing(store):
    """Clips of the same quarter end in another order in each thread, while others add up: nobody is refused."""
    made = [store.clips.insert(**intent(stage=Stage.RUNNING, status="processing", task_id=f"t{n}", credits_reserved=25))
            for n in range(40)]  # fmt: skip

    def end(part: int) -> None:
        for clip in made[part::8]:
            with store.database.write() as connection:
                ended = {"stage": Stage.DONE, "status": "succeeded", "credits_final": 25.0}
                connection.execute(sa.update(clips).where(clips.c.id == clip.id).values(**ended))
            store.credit_sums.add_up()
            store.spending.add_up()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(end, range(8)))
    assert store.receipts.totals() == (1000.0, 0.0, 0.0)
    assert [(row.value, row.clips, row.kept) for row in store.spending.by("status")] == [("succeeded", 40, 1000.0)]
    store.credit_sums.add_up()
    (today,) = store.receipts.spend_by_day(days=1)
    assert today.clips == 40
