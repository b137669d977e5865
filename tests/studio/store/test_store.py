"""The store on real databases: every test on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import random
import re
import sqlite3
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from conftest import eventually

from rivya.spec import DEFAULT_MODEL
from studio.errors import BudgetError, DatabaseBusyError, NewerDatabaseError, StoreError
from studio.media.archive import Archive
from studio.reports.audit import audit, certain
from studio.reports.export import spending_rows
from studio.reports.spreadsheet import as_csv
from studio.store import SORTS, Balance, ClipFilter, LeaseLostError, Store, database
from studio.store.budget import NO_LIMITS, Limits, budgets
from studio.store.clip import Stage
from studio.store.database import MIGRATIONS, Database
from studio.store.receipts import Certain
from studio.store.schema import clips, drafts


@pytest.fixture
def store(database_url, tmp_path):
    opened = Store(database_url, Archive(tmp_path), "test")
    yield opened
    opened.close()


def intent(**values):
    clip_id = uuid.uuid4().hex
    return {
        "id": clip_id, "model": "seedance-1-0-pro", "prompt": "A paper boat", "price": 25, "stage": Stage.PENDING,
        "params": {"resolution": "720p", "duration": "5"}, "idempotency_key": clip_id, "client_request_id": clip_id,
        **values,
    }  # fmt: skip


def columns(connection: sa.Connection) -> dict[str, set[str]]:
    inspector = sa.inspect(connection)
    return {name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()}


def test_the_migrated_schema_is_the_described_one(store):
    """What Alembic builds has every table and column that the code names."""
    with store.database.read() as connection:
        found = columns(connection)
    for table in clips.metadata.sorted_tables:
        assert found[table.name] == set(table.c.keys())


def test_a_commit_survives_a_power_cut(store):
    """Every connection asks for commits that are on the disk, whatever the server's own setting."""
    with store.database.read() as connection:
        if store.database.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        else:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_one_moment_is_seen_by_every_statement(store):
    """Whoever adds up in several steps sees what was there at the first of them, on either database."""
    store.clips.insert(**intent())
    count = sa.select(sa.func.count()).select_from(clips)
    with store.database.read(one_moment=True) as connection:
        assert connection.execute(count).scalar_one() == 1
        store.clips.insert(**intent())
        assert connection.execute(count).scalar_one() == 1
    with store.database.read() as connection:
        assert connection.execute(count).scalar_one() == 2


def test_postgresql_is_read_without_a_transaction(postgres_url, tmp_path):
    """To begin and to end one are two ways to the server. What is written is all or nothing, and never by a reader."""
    with closing(Store(postgres_url, Archive(tmp_path), "test")) as store:
        status = psycopg.pq.TransactionStatus
        for kind, expected in ((store.database.read, status.IDLE), (store.database.write, status.INTRANS)) * 2:
            with kind() as connection:
                connection.execute(sa.select(clips)).all()
                assert connection.connection.dbapi_connection.info.transaction_status == expected
        with suppress(ZeroDivisionError), store.database.write() as connection:
            connection.execute(sa.insert(drafts).values(id="half", body={}, updated_at=datetime.now(UTC)))
            raise ZeroDivisionError
        row = {"id": "written by a reader", "body": {}, "updated_at": datetime.now(UTC)}
        for one_moment in (False, True):
            with pytest.raises(StoreError, match="read-only"), store.database.read(one_moment=one_moment) as connection:
                connection.execute(sa.insert(drafts).values(row))
        with store.database.read() as connection:
            assert connection.execute(sa.select(drafts)).all() == []


def test_connections_that_the_server_dropped_are_made_anew(postgres_url, tmp_path, monkeypatch):
    """Nobody sees that it was started anew while they lay idle; one in the middle of work is told, and the next is not."""
    with closing(Store(postgres_url, Archive(tmp_path), "test")) as store:
        clip = store.clips.insert(**intent())

        def drop():
            everybody_else = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as admin:
                admin.execute(f"{everybody_else} WHERE pid <> pg_backend_pid() AND datname = current_database()")

        with store.database.read(), store.database.read():  # two connections lie idle
            pass
        monkeypatch.setattr(database, "IDLE_SECONDS", 0.0)
        drop()
        assert store.clips.get(clip.id) == clip
        monkeypatch.setattr(database, "IDLE_SECONDS", 60.0)
        drop()
        with pytest.raises(StoreError):
            store.clips.get(clip.id)
        assert store.clips.get(clip.id).id == clip.id


def test_the_log_is_cut_off_once_nobody_reads(tmp_path):
    """A reader holds up neither writers nor the engine's minute; after it, the log of all those writes is gone."""
    with closing(Store(f"sqlite:///{tmp_path}/studio.db", Archive(tmp_path), "mine")) as store:
        log = tmp_path / "studio.db-wal"
        with store.database.read() as reader:
            reader.execute(sa.select(clips)).all()
            for _ in range(3):
                store.clips.insert(**intent(prompt="word " * 2000))
            store.database.shorten_log()
            assert log.stat().st_size > 0
            store.clips.insert(**intent())
        store.database.shorten_log()
        assert log.stat().st_size == 0
        assert store.clips.count() == 4


def test_opening_again_changes_nothing(store, database_url, tmp_path):
    """A second opening finds the rows of the first."""
    clip = store.clips.insert(**intent())
    again = Store(database_url, Archive(tmp_path), "test")
    assert again.clips.get(clip.id) == clip
    again.close()


def test_a_database_of_today_is_opened_without_alembic(store, database_url, tmp_path, monkeypatch):
    """What it takes is read off the files, which are named as Alembic names them, the newest last."""
    monkeypatch.delattr("studio.store.database._upgrade")
    Store(database_url, Archive(tmp_path), "test").close()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    names = sorted(Path(each.path).stem[:4] for each in script.walk_revisions())
    assert names == sorted(each.revision for each in script.walk_revisions())
    assert names[-1] == script.get_current_head()


def test_many_may_open_a_new_database_at_once(database_url, tmp_path):
    """Whoever comes first migrates, the others wait."""
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: Store(database_url, Archive(tmp_path), "test"), range(8)))
    assert stores[7].clips.page() == []
    for store in stores:
        store.close()


def test_a_newer_database_is_refused_and_not_touched(store, database_url, tmp_path):
    """A database from the future is left as it is."""
    with store.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerDatabaseError):
        Store(database_url, Archive(tmp_path), "test")
    with store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == ["9999"]


def test_the_same_draft_is_one_clip(store):
    """Eight presses at once on one draft make one row."""
    barrier = threading.Barrier(8, timeout=60)

    def press(_):
        barrier.wait()
        return store.clips.insert(**intent(draft_id="draft-1")).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(press, range(8)))) == 1
    assert store.clips.count() == 1


def test_the_daily_limit_stops_the_next_clip(store):
    """What would pass the limit is not stored; a refused clip does not count."""
    store.clips.insert(limits=Limits(day=50), **intent(stage=Stage.REFUSED))
    store.clips.insert(limits=Limits(day=50), **intent())
    store.clips.insert(limits=Limits(day=50), **intent())
    with pytest.raises(BudgetError) as caught:
        store.clips.insert(limits=Limits(day=50), **intent())
    assert caught.value.values == {"limit": 50, "spent": 50, "price": 25}


def test_each_person_has_a_limit_of_their_own(store):
    """Who has no name shares one with all who have none; the studio's own holds for all together."""
    limits = Limits(person_day=50, month=100)
    for person in ("Ada", "Ada", "Bo"):
        store.clips.insert(limits=limits, **intent(person=person))
    with pytest.raises(BudgetError) as caught:
        store.clips.insert(limits=limits, **intent(person="Ada"))
    assert caught.value.values == {"limit": 50, "spent": 50, "price": 25}
    assert "Your limit" in caught.value.user_message
    store.clips.insert(limits=limits, **intent(person=None))
    with pytest.raises(BudgetError, match="studio for a month"):
        store.clips.insert(limits=limits, **intent(person="Bo"))
    found = {
        (b.whose, b.span): (b.left, b.is_nearly_spent)
        for b in budgets(store.database, limits, account="test", person="Bo")
    }
    assert found == {("person", "day"): (25, False), ("studio", "month"): (0, True)}
    assert budgets(store.database, NO_LIMITS, account="test", person="Bo") == []


def test_a_month_ends(store):
    """What was spent in an earlier month does not count, whatever the day."""
    old = store.clips.insert(**intent())
    with store.database.write() as connection:
        before = store.database.now(connection).replace(day=1) - timedelta(days=1)
        connection.execute(sa.update(clips).where(clips.c.id == old.id).values(created_at=before))
    limits = Limits(month=25)
    store.clips.insert(limits=limits, **intent())
    with pytest.raises(BudgetError):
        store.clips.insert(limits=limits, **intent())


def test_the_daily_limit_holds_under_a_storm(store):
    """Eight different intents at the same moment cannot pass the limit together."""
    barrier = threading.Barrier(8, timeout=60)

    def press(_):
        barrier.wait()
        with suppress(BudgetError):
            return store.clips.insert(limits=Limits(day=50), **intent()).id

    with ThreadPoolExecutor(8) as pool:
        assert len([made for made in pool.map(press, range(8)) if made]) == 2
    assert store.clips.count() == 2


def test_a_clip_is_claimed_by_one(store):
    """Two claimants never get the same clip, until the lease runs out."""
    clip = store.clips.insert(**intent())
    assert [c.id for c in store.outbox.claim("a", lease_seconds=60, limit=9)] == [clip.id]
    assert store.outbox.claim("b", lease_seconds=60, limit=9) == []
    assert store.outbox.renew("a", [clip.id, "another"], lease_seconds=-1) == {clip.id}
    assert store.outbox.renew("a", [clip.id], lease_seconds=60) == set()
    assert [c.id for c in store.outbox.claim("b", lease_seconds=60, limit=9)] == [clip.id]


def test_concurrent_claims_share_the_work(store):
    """Many clips, many claimants, each clip once."""
    for _ in range(40):
        store.clips.insert(**intent())
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: store.outbox.claim(f"w{n}", lease_seconds=60, limit=5), range(8)))
    ids = [clip.id for part in taken for clip in part]
    assert (len(ids), len(set(ids))) == (40, 40)


def test_a_lost_lease_cannot_write(store):
    """Whoever was taken over writes nothing any more."""
    clip = store.clips.insert(**intent())
    store.outbox.claim("a", lease_seconds=-1, limit=1)
    store.outbox.claim("b", lease_seconds=60, limit=1)
    with pytest.raises(LeaseLostError):
        store.outbox.save(clip.id, "a", stage=Stage.RUNNING)
    assert store.outbox.save(clip.id, "b", stage=Stage.RUNNING).stage is Stage.RUNNING


def test_only_the_own_account_is_worked_on(store, database_url, tmp_path):
    """A demo's clips are not asked for at Rivya, nor the other way round."""
    store.clips.insert(**intent())
    other = Store(database_url, Archive(tmp_path), "elsewhere")
    assert other.outbox.claim("a", lease_seconds=60, limit=9) == []
    assert other.clips.count() == 0
    other.close()


def test_pages_follow_each_other(store):
    """Pages meet without gap or overlap, in each order."""
    made = [store.clips.insert(**intent(prompt=f"{n % 4} boats")).seq for n in range(10)]

    def pages(sort):
        return [clip.seq for offset in (0, 4, 8) for clip in store.clips.page(sort=sort, limit=4, offset=offset)]

    assert pages("oldest") == made
    assert pages("newest") == made[::-1]
    assert sorted(pages("prompt")) == made
    assert store.clips.get(store.clips.page(sort="prompt", limit=1)[0].id).prompt == "0 boats"


@pytest.mark.parametrize(
    ("words", "hits"),
    [("boat", 1), ("BOAT", 1), ("নৌকা", 1), ("কা", 1), ('"', 1), ("50%", 1), ("%", 1), ("_", 0), ("nothing", 0), ("a\0b", 0),
     ("OR boat*", 0), ("قارب", 1)],
)  # fmt: skip
def test_search(store, words, hits):
    """Any script, any length, and no letter has a secret meaning."""
    for prompt in ("A paper boat", "একটি নৌকা", 'He says "hi" 50%', "قارب ورقي"):
        store.clips.insert(**intent(prompt=prompt))
    assert len(store.clips.page(ClipFilter(words=words))) == hits
    assert store.clips.count(ClipFilter(words=words)) == hits


def test_filters_sort_every_clip_into_one_place(store):
    """Each state has its filter, and the trash is apart."""
    made = {
        "running": intent(stage=Stage.RUNNING, status="queued"),
        "succeeded": intent(stage=Stage.DONE, status="succeeded"),
        "failed": intent(stage=Stage.DONE, status="failed"),
        "refused": intent(stage=Stage.REFUSED),
        "unknown": intent(stage=Stage.UNKNOWN),
    }
    for values in made.values():
        store.clips.insert(**values)
    for name, values in made.items():
        assert [clip.id for clip in store.clips.page(ClipFilter(name))] == [values["id"]]
    store.clips.set_deleted([made["failed"]["id"]], deleted=True)
    assert store.clips.count() == 4
    assert [clip.id for clip in store.clips.page(ClipFilter("deleted"))] == [made["failed"]["id"]]
    store.clips.set_deleted([made["failed"]["id"]], deleted=False)
    assert store.clips.count() == 5


def test_spend_by_day_in_the_readers_calendar(store):
    """Kept, refunded and reserved credits fall on the reader's day."""
    rows = [
        intent(stage=Stage.DONE, status="succeeded", task_id="a", credits_reserved=25, credits_final=25),
        intent(stage=Stage.DONE, status="failed", task_id="b", credits_reserved=25, credits_final=0),
        intent(stage=Stage.RUNNING, status="processing", task_id="c", credits_reserved=25),
        intent(stage=Stage.REFUSED),
    ]
    for row in rows:
        store.clips.insert(**row)
    moment = datetime(2026, 5, 11, 20, 30, tzinfo=UTC)
    with store.database.write() as connection:
        connection.execute(sa.update(clips).values(created_at=moment))
    (day,) = store.receipts.spend_by_day(days=3650, zone=ZoneInfo("Asia/Dhaka"))
    assert (day.day.isoformat(), day.kept, day.refunded, day.reserved, day.clips) == ("2026-05-12", 25, 25, 25, 3)
    assert store.receipts.totals() == (25, 25, 25)
    with store.database.write() as connection:
        connection.execute(sa.update(clips).values(created_at=datetime(2026, 2, 28, 22, 30, tzinfo=UTC)))
    (winter,) = store.receipts.spend_by_day(days=3650, zone=ZoneInfo("Europe/Berlin"))
    assert winter.day.isoformat() == "2026-02-28"


def test_times_are_utc(store):
    """What goes in with a zone comes out in UTC."""
    clip = store.clips.insert(**intent())
    assert clip.created_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - clip.created_at) < timedelta(minutes=1)


def test_the_pause_is_shared(store):
    """A pause that one process stores, another obeys."""
    assert store.outbox.pause_seconds() == 0
    store.outbox.pause(30, "rate_limited")
    assert 25 < store.outbox.pause_seconds() <= 30


def test_a_longer_pause_stays(store):
    """A second, shorter pause does not let anybody ask sooner."""
    store.outbox.pause(60, "rate_limited")
    store.outbox.pause(1, "rate_limited")
    assert store.outbox.pause_seconds() > 50


def test_the_same_memory_from_many_sides_at_once(store):
    """Pauses, drafts, uploads and balances that collide are written, not refused."""
    barrier = threading.Barrier(8, timeout=60)

    def write(n):
        for _ in range(5):
            barrier.wait()
            store.outbox.pause(n + 1, "rate_limited")
            store.drafts.save("d", {"n": n})
            store.uploads.add("abc", f"https://a/{n}", {})
            store.balances.add(n)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert store.outbox.pause_seconds() > 5
    assert store.drafts.get("d")["n"] in range(8)
    assert store.uploads.url("abc", fresh_seconds=60).startswith("https://a/")


def test_writers_get_their_turn_in_the_order_of_asking(tmp_path):
    """SQLite alone lets in whoever asks in a lucky moment; one of many got "database is locked" after five seconds."""
    database, order = Database(f"sqlite:///{tmp_path}/slow.db"), []

    def write(number):
        with database.write():
            order.append(number)

    with ThreadPoolExecutor(16) as pool, database.write():
        for number in range(16):
            pool.submit(write, number)
            eventually(lambda: len(database._write_turn._line) > number)  # noqa: B023 - asked before the next one
    assert order == list(range(16))
    database.close()


def test_many_threads_need_few_connections(store):
    """Threads wait for a connection in turn; a server with room for 100 serves several of our processes."""
    with ThreadPoolExecutor(30) as pool:
        assert list(pool.map(lambda _: store.clips.count(), range(90))) == [0] * 90
    if not store.database.is_sqlite:
        mine = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        with store.database.read() as connection:
            assert connection.exec_driver_sql(mine).scalar() <= 10


def asked_by(store, only, sort="newest"):
    """Return the statements, with their values, that a page is read with."""
    asked = []

    def note(_connection, _cursor, statement, values, *_rest):
        asked.append((statement, values))

    sa.event.listen(store.database.engine, "before_cursor_execute", note)
    store.clips.page(only, sort=sort)
    sa.event.remove(store.database.engine, "before_cursor_execute", note)
    return asked


def plan_of(store, statement, values):
    """Return SQLite's own words of how it answers."""
    with store.database.read() as connection:
        return [step.detail for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]


@pytest.mark.parametrize("words", ["quixotic", "নৌকা"])
def test_a_rare_word_is_found_by_an_index(store, words):
    """Neither database has to read every prompt to find one, in any script."""
    with store.database.write() as connection:
        now = store.database.now(connection)
        rows = [intent(account="test", created_at=now, updated_at=now) for _ in range(5_000)]
        connection.execute(sa.insert(clips), rows)
        if not store.database.is_sqlite:
            connection.exec_driver_sql("SELECT gin_clean_pending_list('clips_search')")
        connection.exec_driver_sql("ANALYZE clips")
    ((statement, values),) = [one for one in asked_by(store, ClipFilter(words=words)) if "clips.prompt" in one[0]]
    with store.database.read(one_moment=True) as connection:
        if not store.database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if store.database.is_sqlite else "EXPLAIN"
        plan = connection.exec_driver_sql(f"{explain} {statement}", values).fetchall()
    assert "clips_search" in str(plan)


def test_rivyas_words_fit_whatever_they_are(store):
    """Very long ids, NUL and half characters in an answer do not keep a paid task from being written down."""
    clip = store.clips.insert(**intent())
    store.outbox.claim("a", lease_seconds=60, limit=1)
    long = "x" * 2000
    saved = store.outbox.save(
        clip.id, "a", stage=Stage.RUNNING, task_id=long, status=long, error_code=long, request_id=long,
        error_message="a\0b\ud83d", raw={"message": "a\0b\ud83d নৌকা"},
    )  # fmt: skip
    assert (saved.task_id, saved.status, saved.error.code, saved.error.request_id) == (long,) * 4
    assert (saved.error.message, saved.raw) == ("ab", {"message": "a\0b\ud83d নৌকা"})
    assert store.clips.recent_seconds(model=DEFAULT_MODEL.id, params={"resolution": "720p", "duration": "5"}) == []


def test_half_a_character_can_be_searched_for(store):
    """What no text can hold finds nothing special and breaks nothing."""
    store.clips.insert(**intent())
    assert store.clips.count(ClipFilter(words="boat\ud83d")) == 1


@pytest.mark.parametrize("url", ["nonsense", "postgres://x/y", "postgresql+psycopg://studio:secret@127.0.0.1:9/x"])
def test_a_database_that_cannot_be_opened_is_a_store_error(url, tmp_path):
    """A wrong address is said in our own words, without a password."""
    with pytest.raises(StoreError, match="database refused") as caught:
        Store(url, Archive(tmp_path), "test")
    assert "secret" not in str(caught.value)


def test_small_memories(store):
    """Balances, uploads and drafts are kept."""
    assert store.balances.last() is None
    store.balances.add(500)
    store.balances.add(475)
    assert store.balances.last().credits == 475
    store.uploads.add("abc", "https://a/b", {})
    assert store.uploads.url("abc", fresh_seconds=60) == "https://a/b"
    assert store.uploads.url("abc", fresh_seconds=0) is None
    store.drafts.save("d", {"prompt": "নৌকা"})
    assert store.drafts.get("d") == {"prompt": "নৌকা"}
    store.drafts.save("old", {"prompt": "kite"})
    with store.database.write() as connection:
        long_ago = datetime.now(UTC) - timedelta(days=91)
        connection.execute(sa.update(drafts).where(drafts.c.id == "old").values(updated_at=long_ago))
    store.drafts.forget_old()
    assert (store.drafts.get("old"), store.drafts.get("d")) == (None, {"prompt": "নৌকা"})


def test_another_program_that_holds_the_database_is_named(tmp_path, monkeypatch):
    """After a moment, in words of its own: it is not the disk."""
    monkeypatch.setattr("studio.store.database.BUSY_SECONDS", 0.2)
    store = Store(f"sqlite:///{tmp_path}/studio.db", Archive(tmp_path), "test")
    with closing(sqlite3.connect(tmp_path / "studio.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError) as caught:
            store.clips.insert(**intent())
    assert "Another program" in caught.value.user_message
    assert store.clips.count() == 0
    store.close()


def test_where_the_credits_went_is_summed_by_each_dimension(store):
    """Each clip once, under both of two tags; refunds apart; what somebody wanted is counted; other times are not."""
    made = []
    for person, status, final in (("Ada", "succeeded", 25), ("Ada", "failed", 0), (None, "succeeded", 25)):
        clip = store.clips.insert(**intent(person=person))
        made.append(clip)
        with store.database.write() as connection:
            ended = {
                "stage": Stage.DONE,
                "status": status,
                "task_id": f"t{clip.seq}",
                "credits_reserved": 25,
                "credits_final": final,
            }
            connection.execute(sa.update(clips).where(clips.c.id == clip.id).values(**ended))
    store.labels.add([made[0].id], "tag", "spring")
    store.labels.add([made[0].id, made[2].id], "tag", "=client")
    store.clips.set_starred([made[0].id], starred=True)

    def by(dimension, **more):
        return [
            (row.value, row.clips, row.kept, row.refunded, row.wanted) for row in store.spending.by(dimension, **more)
        ]

    assert by("person") == [("", 1, 25, 0, 0), ("Ada", 2, 25, 25, 1)]
    assert by("tag") == [("=client", 2, 50, 0, 1), ("spring", 1, 25, 0, 1)]
    assert by("mode") == [("text", 3, 50, 25, 1)]
    assert by("status") == [("succeeded", 2, 50, 0, 1), ("failed", 1, 0, 25, 0)]
    assert by("collection") == []
    assert by("person", since=datetime.now(UTC) + timedelta(days=1)) == []
    text = as_csv(spending_rows("tag", store.spending.by("tag"))).decode("utf-8-sig")
    assert "'=client,2,50" in text


def usual_clip(rng: random.Random, now: datetime) -> dict[str, object]:
    """Values of a clip that was sent and ended within an hour of its press, as nearly all are."""
    created = now - timedelta(
        minutes=rng.choice([1, 30, 59, 61, 119, 121, 300, 1600, 2000]), seconds=rng.randrange(900)
    )
    ended = created + timedelta(seconds=rng.choice([1, 45, 60, 3599, 3600]))
    status = rng.choice(["succeeded", "succeeded", "failed"])
    stage = rng.choice([Stage.SAVING, Stage.DONE]) if status == "succeeded" else Stage.DONE
    return intent(
        idempotency_key=(key := uuid.uuid4().hex), stage=stage, task_id=key, status=status, credits_reserved=25.0,
        credits_final=0.0 if status == "failed" else rng.choice([25.0, 25.0, 12.5]), created_at=created,
        sent_at=rng.choice([None, created, ended]), submitted_at=ended, finished_at=ended,
    )  # fmt: skip


def any_clip(rng: random.Random, now: datetime) -> dict[str, object]:
    """Values of a clip in whatever state a life, a crash or a jump of the clock can leave it in."""
    minutes = lambda: now + timedelta(minutes=rng.choice([-400, -62, -61, -58, -30, -3, -1, 0, 1, 3, 400]))  # noqa: E731
    accepted, final = rng.random() < 0.8, rng.choice([0.0, 25.0])
    key = rng.choice(["", "", "", "rescued:"]) + uuid.uuid4().hex
    return intent(
        idempotency_key=key, stage=rng.choice(list(Stage)), task_id=key if accepted else None,
        status=rng.choice([None, "queued", "processing", "succeeded", "failed", "paused"]),
        credits_reserved=rng.choice([0.0, 25.0]), credits_final=final,
        sent_at=rng.choice([None, minutes()]), submitted_at=rng.choice([None, minutes()]),
        finished_at=rng.choice([None, minutes(), minutes()]),
        created_at=now - timedelta(minutes=rng.choice([1, 30, 61, 500])),
    )  # fmt: skip


@pytest.mark.parametrize("minutes", [1, 60, 90, 1700, 9000])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_summed_in_the_database_accuses_nobody_else(store, seed, minutes):
    """Sums that are kept and what is looked at here give the very books that all receipts together give."""
    rng = random.Random(seed)
    now = datetime(2026, 11, 1, 12, 7, 3, tzinfo=UTC)
    with store.database.write() as connection:
        for kind in [any_clip] * 100 + [usual_clip] * 200:
            connection.execute(sa.insert(clips).values(**{**kind(rng, now), "account": "test"}, updated_at=now))
    balances = [Balance(500.0, now - timedelta(minutes=minutes)), Balance(100.0, now)]
    since = now - timedelta(days=7)
    settled, rest = store.receipts.between(since, certain(balances))
    everything = store.receipts.since(since)
    assert len(rest) < len(everything)
    whole, parts = audit(everything, balances), audit(rest, balances, settled=settled)
    assert replace(parts, owed=()) == replace(whole, owed=())
    assert {clip.id for clip in parts.owed} == {clip.id for clip in whole.owed}


def test_the_books_read_no_clip_that_was_as_usual(store):
    """Of ten times as many clips no more are read: sums of them are kept."""
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    balances = [Balance(500.0, now - timedelta(days=30)), Balance(100.0, now)]
    for made in (1, 9):
        with store.database.write() as connection:
            for _ in range(20 * made):
                values = usual_clip(random.Random(), now - timedelta(days=3)) | {"account": "test"}
                connection.execute(sa.insert(clips).values(**values, updated_at=now))
        settled, rest = store.receipts.between(now - timedelta(days=37), certain(balances))
        assert settled > 0
        assert not rest


A_MONTH = (
    datetime(2026, 9, 24, tzinfo=UTC),
    Certain(*(datetime(2026, month, 1, tzinfo=UTC) for month in (10, 10, 11))),
)
SEVERAL = ClipFilter(settings=(("aspect_ratio", ("16:9", "1:1")),))


def of_one(key: str, value: str) -> ClipFilter:
    return ClipFilter(settings=((key, (value,)),))


@pytest.mark.parametrize(
    ("look", "index"),
    [
        (lambda store: store.clips.count(), "clips_of_account"),
        (lambda store: store.clips.count(ClipFilter("failed")), "clips_failed"),
        (lambda store: store.clips.count(replace(SEVERAL, shown="failed")), "clips_failed"),
        (
            lambda store: store.clips.count(replace(SEVERAL, shown="starred", person="Ada")),
            "clips_starred",
        ),
        (lambda store: store.clips.count(ClipFilter("deleted", mode="image")), "clips_in_trash"),
        (lambda store: store.spending.by("person"), "clip_sums_by_account"),
        (lambda store: store.outbox.take_over(), "clips_due"),
        (lambda store: store.outbox.release("engine"), "clips_due"),
        (lambda store: store.clips.count(of_one("resolution", "480p")), "clips_by_resolution"),
        (lambda store: store.clips.count(of_one("duration", "10")), "clips_by_duration"),
        (lambda store: store.clips.count(of_one("aspect_ratio", "9:16")), "clips_by_aspect_ratio"),
        (lambda store: store.clips.count(SEVERAL), "clips_by_aspect_ratio"),
        (lambda store: store.clips.page(sort="prompt"), "clips_by_prompt"),
        (lambda store: store.receipts.totals(), "credit_sums_by_quarter"),
        (lambda store: store.receipts.spend_by_day(days=31), "credit_sums_by_quarter"),
        (lambda store: store.receipts.between(*A_MONTH), "credit_sums_by_quarter"),
        (lambda store: store.receipts.between(*A_MONTH), "clips_exceptional"),
    ],
)
def test_counts_and_sums_are_read_from_an_index(tmp_path, sqlite_url, monkeypatch, look, index):
    """SQLite itself says so: no row of the table is visited for them."""
    monkeypatch.setattr("studio.store.access_paths.FEW_CLIPS", 0)  # as where there are many
    store, asked = Store(sqlite_url, Archive(tmp_path), "test"), []
    with store.database.read() as connection:
        sa.event.listen(connection.engine, "before_cursor_execute", lambda *args: asked.append(args[2:4]))
    look(store)
    questions = [one for one in asked if " clips" in one[0] or "_sums" in one[0]]
    with store.database.read() as connection:
        plan = [
            step
            for statement, values in questions
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
        ]
    assert any(index in step.detail for step in plan)
    assert not any(step.detail in {"SCAN clips", "SCAN credit_sums", "SCAN clip_sums"} for step in plan)
    store.close()


NARROWED = [
    of_one("duration", "5"), SEVERAL, ClipFilter(person="Ada"), ClipFilter(since=datetime(2026, 1, 1, tzinfo=UTC)),
    ClipFilter(tag="spring"), ClipFilter("failed"), ClipFilter("starred"), ClipFilter(mode="image"),
]  # fmt: skip


@pytest.mark.parametrize("few", [0, 10_000])
@pytest.mark.parametrize("only", NARROWED, ids=str)
def test_words_are_looked_for_once_whatever_narrows_them(tmp_path, sqlite_url, monkeypatch, only, few):
    """By the index of a setting SQLite would look for them anew for each of its clips: 43 s for a rare word of a million."""
    monkeypatch.setattr("studio.store.access_paths.FEW_CLIPS", few)
    monkeypatch.setattr("studio.store.path_choice.HANDFUL", -1)
    store = Store(sqlite_url, Archive(tmp_path), "test")
    for sort in SORTS:
        asked = asked_by(store, replace(only, words="boat"), sort)
        joined = [plan_of(store, *one) for one in asked if "clips_search JOIN" in one[0]]
        for plan in joined:
            tables = [step for step in plan if re.match(r"(SEARCH|SCAN) clips", step)]
            assert ["clips_search" in table for table in tables] == [True, False]
            assert "=" not in tables[0], "looks for the words at each clip"
        assert len(joined) <= 1
    assert store.clips.count(replace(only, words="boat"), at_most=1_000) == 0
    store.close()


def test_everybody_who_said_their_name_is_listed_once(store):
    """Sorted, each once, nobody of another account and nobody without a name; none at all is no trouble."""
    assert store.clips.people() == []
    for person in ("Zoë", "Ada", "Ada", None, "আদা", "Bo"):
        store.clips.insert(**intent(person=person))
    with store.database.write() as connection:
        connection.execute(sa.update(clips).where(clips.c.person == "Bo").values(account="another"))
    assert store.clips.people() == sorted(["Ada", "Zoë", "আদা"])


WALKED = [*map(ClipFilter, ("all", "succeeded", "starred")), of_one("resolution", "720p"), SEVERAL]
"""Where many fit. Of the failed, which are few, the order of prompts gathers all."""


@pytest.mark.parametrize(
    ("only", "sort"),
    [*itertools.product(WALKED, SORTS), (ClipFilter("failed"), "newest"), (ClipFilter("failed"), "oldest")],
    ids=str,
)
def test_a_long_page_sorts_nothing(tmp_path, sqlite_url, monkeypatch, only, sort):
    """SQLite walks along the order and stops: no index may tempt it to gather all clips and sort them."""
    monkeypatch.setattr("studio.store.access_paths.FEW_CLIPS", 0)
    monkeypatch.setattr("studio.store.path_choice.HANDFUL", -1)
    store = Store(sqlite_url, Archive(tmp_path), "test")
    pages = [one for one in asked_by(store, only, sort) if "clips.prompt" in one[0] and "count(" not in one[0]]
    assert len(pages) == 1
    assert "TEMP B-TREE" not in str(plan_of(store, *pages[0]))
    store.close()


MADE_NOW = {"account": "test", "created_at": datetime.now(UTC), "updated_at": datetime.now(UTC)}


def test_postgresql_knows_how_many_clips_have_a_setting(postgres_url, tmp_path):
    """Of an index for some rows it does not; where it took one of 200 to fit, all of a long history were gathered."""
    store = Store(postgres_url, Archive(tmp_path), "test")
    with store.database.write() as connection:
        rows = [intent(params={"duration": "10" if number % 2 else "5"}, **MADE_NOW) for number in range(400)]
        connection.execute(sa.insert(clips), rows)
        connection.exec_driver_sql("ANALYZE clips")
    (page,) = (one for one in asked_by(store, of_one("duration", "10"), "newest") if "clips.prompt" in one[0])
    with store.database.read() as connection:
        plan = connection.exec_driver_sql(
            f"EXPLAIN (FORMAT JSON) {page[0].partition(' LIMIT')[0]}", page[1]
        ).scalar_one()
    assert 150 < plan[0]["Plan"]["Plan Rows"] < 250
    store.close()


def test_postgresql_plans_each_filter_for_what_it_asks(postgres_url, tmp_path):
    """Nobody's clips by the plan of everybody's, and two letters by an index of three, cost half a second of a million."""
    store = Store(postgres_url, Archive(tmp_path), "test")
    with store.database.read() as connection:
        assert connection.exec_driver_sql("SHOW plan_cache_mode").scalar_one() == "force_custom_plan"
    for words, is_read in (("zz", True), ("zebra", False)):
        (*_, (statement, _values)) = asked_by(store, ClipFilter(words=words), "newest")
        assert ("clips.prompt || ''" in statement) == is_read
    store.close()
