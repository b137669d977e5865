"""Receipts, videos, doubts and upgrades: the small print of the two promises."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from conftest import FAST, SKETCHY, SMALL, eventually, picture, stopped_after
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from pydantic import SecretStr

from rivya import GenerationRequest
from rivya.errors import ConfigurationError, ImageError
from sandbox import DEMO_API_KEY, SCOPES, Sandbox
from studio import Settings, Studio
from studio.errors import BudgetError, StoreError
from studio.media.archive import Archive
from studio.media.object_store import ObjectStore
from studio.reports.audit import audit, is_charged_wrongly, support_text
from studio.reports.delivery import mismatches
from studio.store import Balance, ClipFilter, Store
from studio.store.clip import Clip, Stage
from studio.store.database import Database
from studio.store.schema import clips

ROOT = Path(__file__).parents[2]
MIGRATIONS = ROOT / "studio" / "store" / "migrations"
NOW = datetime(2026, 5, 11, 12, tzinfo=UTC)


def ask(prompt="A paper boat", **params) -> GenerationRequest:
    return GenerationRequest(prompt=prompt, **{**SMALL, **params})


@pytest.fixture
def quick(monkeypatch):
    """Make the engine's waits short."""
    monkeypatch.setattr("studio.steps.retry_delay", lambda attempt, retry_after=None: 0.05)
    monkeypatch.setattr("studio.engine.CLAIM_SECONDS", 0.1)


@pytest.fixture
def finished(studio):
    """A clip that is done."""
    return studio.wait(studio.submit(ask()).id, 60)


def run_of(clip, **changes):
    times = {"sent_at": NOW, "submitted_at": NOW, "finished_at": NOW + timedelta(minutes=1)}
    return replace(clip, **{**times, **changes})


def seen(*balances):
    return [Balance(b, NOW - timedelta(minutes=5) + timedelta(minutes=10 * n)) for n, b in enumerate(balances)]


def test_receipts_that_add_up(finished):
    """One kept and one refunded run explain the balances, to the credit, once both lie well between them."""
    runs = [run_of(finished), run_of(finished, status="failed", credits_final=0.0)]
    found = audit(runs, seen(500, 475))
    assert (found.gone, found.outside_least, found.outside_most, found.owed) == (25, 0, 0, ())


def test_only_rivyas_own_word_accuses_a_run(finished):
    """A failed run is owed when its receipt says that it was charged; what the wallet lost otherwise accuses nobody."""
    failed = run_of(finished, status="failed", credits_final=0.0)
    found = audit([failed], seen(500, 475))
    assert (found.owed, found.outside_least, found.outside_most, found.adds_up) == ((), 25, 25, False)
    charged = run_of(finished, status="failed", credits_final=25.0)
    assert audit([charged], []).owed == (charged,)


def test_a_top_up_is_no_fault(finished):
    """More credits than the runs explain were added by somebody."""
    found = audit([run_of(finished)], seen(500, 975))
    assert (found.outside_least, found.outside_most) == (-500, -500)


def test_runs_about_the_first_balance_may_be_in_it_or_not(finished):
    """Submitted 30 ms before a balance was seen: the books are not said to disagree, whichever came first at Rivya."""
    first, last = seen(500, 450)
    close = {"submitted_at": first.seen_at - timedelta(milliseconds=30), "created_at": first.seen_at - timedelta(seconds=1),
             "sent_at": first.seen_at - timedelta(seconds=1), "finished_at": first.seen_at + timedelta(minutes=4)}  # fmt: skip
    runs = [replace(finished, **close), replace(finished, **close)]
    assert audit(runs, [first, last]).adds_up
    assert audit(runs, [replace(first, credits=450), last]).adds_up
    assert not audit(runs, [first, replace(last, credits=400)]).adds_up


moments = st.floats(0, 3600)


@st.composite
def histories(draw):
    """Runs, other programs' spending, top-ups and balances on one wallet, as they happened and as they were seen."""
    runs, moves = [], [(t, -c) for t, c in draw(st.lists(st.tuples(moments, st.sampled_from([5, 25, 40])), max_size=4))]
    moves += [(t, c) for t, c in draw(st.lists(st.tuples(moments, st.just(500)), max_size=1))]
    outside = list(moves)
    for _ in range(draw(st.integers(0, 6))):
        sent = draw(moments)
        reserved = sent + draw(st.floats(0, 30))
        answered = reserved + draw(st.one_of(st.floats(0, 5), st.floats(100, 900)))
        ended = max(reserved, answered if draw(st.booleans()) else reserved) + draw(st.floats(0, 300))
        seen_end = max(ended, answered) + draw(st.floats(0, 60))
        fails, is_open = draw(st.booleans()), draw(st.booleans())
        moves.append((reserved, -25))
        moves += [(ended, 25)] if fails else []
        runs.append((sent, answered, None if is_open else seen_end, fails))
    readings = sorted(draw(st.lists(moments, min_size=1, max_size=5)))
    looks = [(at, at + draw(st.floats(0, 90))) for at in readings]
    return runs, outside, [(at, noted, 10_000 + sum(c for t, c in moves if t <= at)) for at, noted in looks]


@given(histories())
@settings_of_hypothesis(max_examples=400, deadline=None)
def test_nobody_is_accused_whatever_happens_to_the_wallet(history):
    """Whoever else spends, whenever balances are seen: no run is owed, and the truth lies in the range that is told."""
    runs, outside, looks = history
    base = Clip(id="c", seq=1, model="m", prompt="p", params={}, stage=Stage.DONE, idempotency_key="k",
                client_request_id="c", created_at=NOW, updated_at=NOW, price=25, credits_reserved=25, task_id="t")  # fmt: skip
    at = lambda seconds: NOW + timedelta(seconds=seconds)  # noqa: E731
    clips_seen = []
    for sent, answered, ended, fails in runs:
        open_values = {"stage": Stage.RUNNING, "status": "processing"} if ended is None else {}
        done = {
            "status": "failed" if fails else "succeeded",
            "credits_final": 0 if fails else 25,
            "finished_at": at(ended or 0),
        }
        values = open_values or done
        clips_seen.append(replace(base, created_at=at(sent), sent_at=at(sent), submitted_at=at(answered), **values))
    found = audit(clips_seen, [Balance(balance, at(noted)) for _, noted, balance in looks])
    first, last = looks[0][0], looks[-1][0]
    spent = -sum(moved for moment, moved in outside if first < moment <= last)
    assert found.owed == ()
    assert found.outside_least <= spent <= found.outside_most


def test_what_waited_for_days_before_it_was_sent_is_in_the_books(studio):
    """Written ten days before the first balance was seen, without a connection, and paid after it: nobody else spent."""
    eventually(studio.balance)
    clip = studio.wait(studio.submit(GenerationRequest(prompt="A paper boat", **SMALL)).id, 60)
    eventually(lambda: studio.balance().credits == 475)
    with studio.store.database.write() as connection:
        connection.execute(sa.update(clips).values(created_at=clip.created_at - timedelta(days=10)))
    assert studio.audit().gone == 25
    assert studio.audit().adds_up


def test_the_text_for_support_accuses_only_a_wrong_receipt(finished):
    """A good clip, and one that was refunded, are not said to be charged wrongly."""
    assert not is_charged_wrongly(finished)
    assert not is_charged_wrongly(replace(finished, status="failed", credits_final=0.0))
    charged = replace(finished, status="failed", credits_final=25.0)
    assert is_charged_wrongly(charged)
    assert "its receipt says otherwise" in support_text(charged)
    assert "otherwise" not in support_text(finished)


def test_the_support_text_has_ids_and_no_prompt(finished):
    """Ready to send: task, times, credits; no prompt, no key."""
    text = support_text(finished)
    assert finished.task_id in text
    assert "paper boat" not in text
    assert finished.idempotency_key not in text


@pytest.mark.parametrize(
    ("width", "height", "seconds", "params", "keys"),
    [
        (1280, 720, 5.04, {}, []),
        (1248, 704, 5.0, {}, []),
        (960, 960, 5.0, {"aspect_ratio": "1:1"}, []),
        (960, 416, 5.0, {"aspect_ratio": "21:9", "resolution": "480p"}, []),
        (720, 1280, 5.0, {"aspect_ratio": "9:16"}, []),
        (1280, 720, 10.0, {}, ["duration"]),
        (854, 480, 5.0, {}, ["resolution"]),
        (720, 1280, 5.0, {}, ["aspect_ratio"]),
    ],
)
def test_ordered_against_delivered(finished, width, height, seconds, params, keys):
    """A video in another shape, sharpness or length is named; the model's own rounding is not."""
    ordered = {**GenerationRequest(prompt="x").params, **params}
    video = replace(finished, params=ordered, video_width=width, video_height=height, video_seconds=seconds)
    assert [mismatch.key for mismatch in mismatches(video)] == keys


def test_a_video_is_shared_and_brought_from_the_object_store(settings, tmp_path):
    """Another machine with an empty folder finds video, poster and reference in the shared archive."""
    shared = {"archive_url": f"file://{tmp_path}/bucket", "database_url": settings.database, "api_key": DEMO_API_KEY}
    with Studio(Settings(base_url=settings.base_url, data_dir=settings.data_dir, **FAST, **shared)) as one:
        clip = one.wait(one.submit(ask(), picture()).id, 60)
        eventually(lambda: one._engine._working == set())
    there = Settings(base_url=settings.base_url, data_dir=tmp_path / "other", **shared)
    other = Studio(there)
    moved = other.get(clip.id)
    assert not moved.video_path.exists()
    assert other.archive.has(clip.video_sha256)
    assert moved.video_path.read_bytes() == clip.video_path.read_bytes()
    assert other.submission.stored_reference(clip.reference_sha256).width == 64
    other.store.close()


class Unreachable:
    """An object store whose network hangs until it is let go, and then refuses."""

    def __init__(self):
        self.asked, self.go = threading.Event(), threading.Event()

    def put(self, path, name):
        self.asked.set()
        self.go.wait(30)
        raise StoreError("nobody there")

    def get(self, name, path): ...

    def remove(self, name): ...


def test_a_press_waits_for_no_object_store(settings, monkeypatch):
    """The intent is committed while the store hangs, and is not refused by it; the picture is shared afterwards."""
    hanging = Unreachable()
    monkeypatch.setattr("studio.media.archive.SHARE_RETRY_SECONDS", 0.05)
    with stopped_after(Studio(settings.model_copy(update={"run_engine": False}))) as studio:
        studio.archive._remote = hanging
        clip = studio.submit(ask(), picture())
        assert studio.get(clip.id).reference_path.is_file()
        assert hanging.asked.wait(10)
        shared = []
        monkeypatch.setattr(hanging, "put", lambda path, name: shared.append(path))
        hanging.go.set()
        eventually(lambda: shared == [clip.reference_path])


def test_a_picture_that_another_machine_still_shares_is_waited_for(settings, tmp_path, quick):
    """The engine is elsewhere and sooner than the copy: it looks again, and sends the clip with its picture."""
    bucket = {"archive_url": f"file://{tmp_path}/bucket"}
    pages = Studio(settings.model_copy(update={"run_engine": False, "data_dir": tmp_path / "pages"}))
    there = Settings(**{**settings.model_dump(exclude_unset=True), **bucket, "database_url": pages.settings.database})
    with stopped_after(pages), Studio(there) as engine:
        clip = pages.submit(ask(), picture())
        eventually(lambda: engine.get(clip.id).attempts > 1)
        path = engine.archive.reference_path(clip.reference_sha256)
        path.parent.mkdir(parents=True)
        path.write_bytes(pages.archive.read_reference(clip.reference_sha256))
        assert eventually(lambda: engine.get(clip.id).state == "succeeded")


def test_an_object_store_that_is_none_is_named():
    """A setting that cannot work is refused with its name."""
    with pytest.raises(ConfigurationError, match="archive"):
        ObjectStore("nosuchprotocol://bucket")


def test_a_lost_answer_is_told_and_paid_once(settings, tmp_path, quick):
    """Unknown is passed through and remembered; one task, one charge."""
    with Sandbox(tmp_path / "faulty", seconds=0.1, **SKETCHY, faults=["create=reset_after*3"]) as sandbox:
        with Studio(settings.model_copy(update={"base_url": sandbox.base_url})) as studio:
            clip = studio.wait(studio.submit(ask()).id, 60)
            assert (clip.state, bool(clip.unknown_at)) == ("succeeded", True)
        report = sandbox.report()
    assert (report["creates_received"], report["tasks_created"], report["charged"]) == (4, 1, 25)


def test_an_old_doubt_is_left_to_a_person(settings, tmp_path, quick, monkeypatch):
    """After 20 hours nothing is repeated by itself; asking again on a person's word gives back the one task."""
    with Sandbox(tmp_path / "faulty", seconds=0.1, **SKETCHY, faults=["create=reset_after*1"]) as sandbox:
        with Studio(settings.model_copy(update={"base_url": sandbox.base_url})) as studio:
            monkeypatch.setattr("studio.steps.UNKNOWN_REPEAT_SECONDS", 0.0)
            clip = studio.wait(studio.submit(ask()).id, 30)
            assert (clip.state, clip.error.code, clip.needs_decision) == ("unknown", "too_old_to_repeat", True)
            assert studio.active() == []
            monkeypatch.setattr("studio.steps.UNKNOWN_REPEAT_SECONDS", 3600.0)
            studio.submission.ask_again(clip.id)
            eventually(lambda: studio.get(clip.id).video_path)
        assert sandbox.report()["tasks_created"] == 1


def test_another_key_repeats_no_doubt_by_itself(settings, tmp_path, quick):
    """Its account may not know the first request: nothing is sent until a person decides, and then with the stored key."""
    other = "rvya_sk_of_another_account"
    with Sandbox(
        tmp_path / "faulty", seconds=0.1, **SKETCHY, keys={other: SCOPES}, faults=["create=reset_after"]
    ) as sandbox:
        here = settings.model_copy(update={"base_url": sandbox.base_url})
        with Studio(here) as studio:
            clip = studio.submit(ask())
            eventually(lambda: studio.get(clip.id).unknown_at)
        sandbox.set_faults([])
        received = sandbox.report()["creates_received"]
        with Studio(here.model_copy(update={"api_key": SecretStr(other)})) as studio:
            eventually(lambda: studio.get(clip.id).needs_decision)
            assert studio.get(clip.id).error.code == "key_changed"
            assert sandbox.report()["creates_received"] == received
            studio.submission.ask_again(clip.id)
            eventually(lambda: studio.get(clip.id).task_id)
            assert studio.get(clip.id).idempotency_key == clip.idempotency_key
        assert sandbox.report()["tasks_created"] == 1


def test_a_conflict_is_left_to_a_person(settings, tmp_path, quick):
    """After idempotency_conflict nothing goes on by itself; a new clip is a person's decision, made once."""
    with Sandbox(tmp_path / "faulty", seconds=0.1, **SKETCHY, faults=["create=409*1"]) as sandbox:
        with Studio(settings.model_copy(update={"base_url": sandbox.base_url})) as studio:
            clip = studio.wait(studio.submit(ask()).id, 30)
            assert (clip.state, clip.error.code, clip.needs_decision) == ("unknown", "idempotency_conflict", True)
            anew = studio.submission.resubmit_with_new_key(clip.id)
            assert studio.submission.resubmit_with_new_key(clip.id).id == anew.id
            assert studio.wait(anew.id, 60).state == "succeeded"
        assert sandbox.report()["tasks_created"] == 1


@pytest.mark.parametrize("fault", ["create=401_revoked*1", "create=403_scope*1", "create=402*1"])
def test_a_refusal_waits_for_a_press(settings, tmp_path, quick, fault):
    """The cause is gone, and still nothing is sent until somebody presses; then it is sent once, with its own key."""
    with Sandbox(tmp_path / "faulty", seconds=0.1, **SKETCHY, faults=[fault]) as sandbox:
        with Studio(settings.model_copy(update={"base_url": sandbox.base_url})) as studio:
            clip = studio.wait(studio.submit(ask()).id, 30)
            assert (clip.state, clip.waits_to_be_sent, clip.run_at) == ("refused", True, None)
            studio.test_connection()
            studio._signal.ask()
            eventually(lambda: not studio._signal._asked and not studio._engine._working)
            assert sandbox.report()["creates_received"] == 1
            assert studio.submission.send(clip.id).id == clip.id
            assert studio.submission.send(clip.id).id == clip.id
            eventually(lambda: studio.get(clip.id).state == "succeeded")
            assert studio.get(clip.id).idempotency_key == clip.idempotency_key
        assert (sandbox.report()["charged"], sandbox.report()["creates_received"]) == (25, 2)


def test_a_second_refusal_goes_as_a_new_request(settings, tmp_path, quick):
    """In case Rivya remembers a refusal with its key; the old one can then no longer be sent, so both never are."""
    with Sandbox(tmp_path / "faulty", seconds=0.1, **SKETCHY, faults=["create=401_revoked*2"]) as sandbox:
        with Studio(settings.model_copy(update={"base_url": sandbox.base_url})) as studio:
            clip = studio.wait(studio.submit(ask()).id, 30)
            studio.submission.send(clip.id)
            eventually(lambda: studio.get(clip.id).state == "refused")
            anew = studio.submission.send(clip.id)
            assert anew.idempotency_key != clip.idempotency_key
            assert studio.wait(anew.id, 60).state == "succeeded"
            assert studio.submission.send(clip.id).id == anew.id
        assert sandbox.report()["charged"] == 25


def test_a_deleted_refusal_cannot_be_sent(settings, tmp_path, quick):
    """Who no longer wants it does not pay for it later."""
    with Sandbox(tmp_path / "poor", balance=0) as sandbox:
        with Studio(settings.model_copy(update={"base_url": sandbox.base_url})) as studio:
            clip = studio.wait(studio.submit(ask()).id, 30)
            assert clip.waits_for_credits
            studio.clips.set_deleted([clip.id], deleted=True)
            assert studio.submission.send(clip.id).state == "refused"
        assert sandbox.report()["creates_received"] == 1


def test_sending_keeps_to_the_daily_limit(settings, tmp_path, quick):
    """A clip that waits counts when it is sent."""
    limited = {"base_url": "", "daily_credit_limit": 25}
    with Sandbox(tmp_path / "faulty", seconds=0.1, **SKETCHY, faults=["create=402*1"]) as sandbox:
        limited["base_url"] = sandbox.base_url
        with Studio(settings.model_copy(update=limited)) as studio:
            waiting = studio.wait(studio.submit(ask()).id, 30)
            studio.wait(studio.submit(ask("another")).id, 60)
            with pytest.raises(BudgetError):
                studio.submission.send(waiting.id)
            assert studio.get(waiting.id).waits_for_credits
        assert sandbox.report()["charged"] == 25


@pytest.mark.parametrize("fault", ["create=429", "create=reset_before"])
def test_what_cannot_be_sent_in_its_first_minutes_waits(settings, tmp_path, quick, monkeypatch, fault):
    """It is tried by itself for a while; then nothing leaves without another press."""
    monkeypatch.setattr("studio.steps.UNSENT_SECONDS", 0.0)
    monkeypatch.setattr("studio.steps._leaves_open", lambda error: False)
    with Sandbox(tmp_path / "faulty", seconds=0.1, **SKETCHY, faults=[fault]) as sandbox:
        with Studio(settings.model_copy(update={"base_url": sandbox.base_url})) as studio:
            clip = studio.wait(studio.submit(ask()).id, 30)
            assert (clip.state, clip.waits_to_be_sent) == ("refused", True)
            sandbox.set_faults([])
            monkeypatch.setattr("studio.steps.UNSENT_SECONDS", 600.0)
            studio.submission.send(clip.id)
            assert eventually(lambda: studio.get(clip.id).state == "succeeded")
        assert sandbox.report()["charged"] == 25


def test_what_was_pressed_long_ago_and_never_sent_waits(settings):
    """The computer slept for an hour right after the press: nothing is sent behind anybody's back."""
    with Studio(settings.model_copy(update={"run_engine": False})) as asleep:
        clip = asleep.submit(ask())
        moment = clip.created_at - timedelta(hours=1)
        with asleep.store.database.write() as connection:
            connection.execute(sa.update(clips).values(created_at=moment, updated_at=moment, run_at=moment))
    with Studio(settings) as studio:
        eventually(lambda: studio.get(clip.id).waits_to_be_sent)
        assert studio.get(clip.id).error.code == "not_sent"
        assert studio.test_connection() == 500
        studio.submission.send(clip.id)
        eventually(lambda: studio.get(clip.id).state == "succeeded")
        assert studio.test_connection() == 475


@pytest.mark.parametrize(
    "fault",
    ["download=truncate*2", "download=corrupt*1", "download=expired_link*1", "download=wrong_content*1",
     "download=redirect_private*1", "download=500_before*2", "poll=404_poll*2", "poll=401_revoked*2", "poll=unknown_status*3"],
)  # fmt: skip
def test_a_paid_video_arrives_in_spite_of(settings, tmp_path, quick, fault):
    """Each of these is overcome without a second generation."""
    with Sandbox(tmp_path / "faulty", seconds=0.1, **SKETCHY, faults=[fault]) as sandbox:
        with Studio(settings.model_copy(update={"base_url": sandbox.base_url})) as studio:
            clip = studio.wait(studio.submit(ask()).id, 60)
            assert (clip.state, clip.error, clip.health) == ("succeeded", None, "safe")
            assert studio.archive.is_whole(clip.video_sha256)
        assert sandbox.report()["creates_received"] == 1


def test_the_request_budget_is_kept(settings, tmp_path):
    """No more requests a minute than allowed, counted in the store that all processes share."""
    studio = Studio(settings)
    taken = [studio.store.outbox.take_request(3) for _ in range(5)]
    assert taken[:3] == [0, 0, 0]
    assert all(0 < wait <= 60 for wait in taken[3:])
    studio.store.close()


def test_a_lost_picture_never_becomes_a_clip_without_it(studio):
    """Try again on a clip whose picture is gone says so and sends nothing."""
    clip = studio.wait(studio.submit(ask("#fail"), picture()).id, 60)
    clip.reference_path.unlink()
    with pytest.raises(ImageError):
        studio.submission.retry(clip.id)
    assert studio.clips.count() == 1


def test_one_draft_id_with_other_contents_is_another_clip(studio):
    """An old link never swallows a new idea."""
    first = studio.submit(ask("one"), draft_id="d")
    second = studio.submit(ask("two"), draft_id="d")
    assert (first.id != second.id, studio.submit(ask("two"), draft_id="d").id) == (True, second.id)


def test_an_old_schema_is_brought_up_to_date_with_its_rows(tmp_path):
    """Rows of the first schema are there in the newest."""
    url = f"sqlite:///{tmp_path}/studio.db"
    database = Database(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        old = {c["name"] for c in sa.inspect(connection).get_columns("clips")} - {"seq"}
        row = {"id": "clip_old", "account": "test", "model": "m", "prompt": "নৌকা", "params": {}, "price": 25, "stage": "done",
               "status": "succeeded", "idempotency_key": "k", "client_request_id": "c", "created_at": NOW, "updated_at": NOW}  # fmt: skip
        assert set(row) <= old
        connection.execute(sa.insert(clips).values(**row))
    database.close()
    store = Store(url, Archive(tmp_path), "test")
    assert store.clips.get("clip_old").stage is Stage.DONE
    assert [clip.id for clip in store.clips.page(ClipFilter(words="নৌকা"))] == ["clip_old"]
    store.close()


LATER = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", "{head}"
def upgrade():
    op.add_column("plans", sa.Column("later", sa.Integer))
    op.add_column("clips", sa.Column("later", sa.Integer))
"""


@pytest.mark.parametrize("start", ["blank", "0001", "0004", "newest"])
def test_the_next_migration_works_on_every_database(database_url, tmp_path, start):
    """A later column is added once, to a new database and to an old one: no migration follows today's schema."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    head = ScriptDirectory.from_config(config).get_current_head()
    (folder / "versions" / "9999_later.py").write_text(LATER.format(head=head), encoding="utf-8")
    database = Database(database_url)
    with database.write() as connection:
        config.attributes["connection"] = connection
        if start != "blank":
            command.upgrade(config, head if start == "newest" else start)
        command.upgrade(config, "head")
        for table in ("plans", "clips"):
            assert "later" in {column["name"] for column in sa.inspect(connection).get_columns(table)}
    database.close()


@pytest.mark.parametrize("path", sorted((MIGRATIONS / "versions").glob("0*.py")), ids=lambda path: path.name)
def test_no_migration_follows_the_schema(path):
    """What a migration does is written in it, and stays as it was released."""
    assert "import" in path.read_text(encoding="utf-8")
    assert not re.search(r"(from|import) (rivya|studio)", path.read_text(encoding="utf-8"))


def test_the_engine_alone_does_the_work_and_leaves_quickly(settings, tmp_path):
    """Pages in one process, the engine in another; SIGTERM ends it within 5 s."""
    environment = {"RIVYA_API_KEY": DEMO_API_KEY, "RIVYA_BASE_URL": settings.base_url, "RIVYA_DATA_DIR": str(settings.data_dir),
                   "RIVYA_POLL_FIRST_SECONDS": "0.2", "RIVYA_POLL_MIN_SECONDS": "0.2", "RIVYA_POLL_MAX_SECONDS": "0.5", "PATH": "/usr/bin:/bin"}  # fmt: skip
    with Studio(settings.model_copy(update={"run_engine": False})) as pages:
        assert (pages.engine_state, pages.is_running) == ("elsewhere", True)
        clip = pages.submit(ask())
        with subprocess.Popen([sys.executable, "-m", "studio", "engine"], cwd=ROOT, env=environment) as engine:
            try:
                assert pages.wait(clip.id, 90).state == "succeeded"
                engine.send_signal(signal.SIGTERM)
                assert engine.wait(5) == 0
            finally:
                engine.kill()


def test_the_sandbox_tags_have_words():
    """Every ending that can be rehearsed is offered in the app."""
    from sandbox.prompt_tags import TAGS
    from ui.labels import PROMPT_TAGS

    assert set(PROMPT_TAGS) == {str(tag).lstrip("#") for tag in TAGS}


def test_the_control_page_is_there(sandbox):
    """People can look at the books of the sandbox."""
    with urllib.request.urlopen(f"{sandbox.base_url}/control.json") as answer:
        assert json.load(answer)
