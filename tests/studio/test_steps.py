"""One step at a time, without an engine: what is asked of Rivya, and what is written down of its answer."""

from __future__ import annotations

import hashlib
import json
import logging
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import httpx
import pytest
import sqlalchemy as sa
from conftest import SMALL

from rivya import GenerationRequest
from rivya.client import Client
from rivya.models import ReferenceMedia
from rivya.polling import Durations, next_poll_delay
from rivya.spec import DEFAULT_MODEL
from studio import Settings
from studio.errors import StoreError
from studio.journal import Journal
from studio.media.archive import Archive
from studio.steps import Steps
from studio.store import LeaseLostError, Store
from studio.store.clip import Clip, Health, Stage
from studio.store.schema import clips, drafts, uploads

KEY = "rvya_sk_test_0123456789abcdef"
MARK = hashlib.sha256(f"key mark {KEY}".encode()).hexdigest()[:12]
"""As it stands in the databases of every studio: another one would stop all that is in doubt."""

RIVYA = "http://127.0.0.1:9"
LINK = f"{RIVYA}/results/task_1.mp4"
OWNER = "engine"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Wire:
    """Rivya's end of the line: gives the answers that it was told, in turn, and keeps what was asked."""

    def __init__(self):
        self.answers, self.asked = [], []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        self.request = request
        answer = self.answers.pop(0)
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Bench:
    """Steps with all that they work on."""

    root: Path
    remote: object = None
    options: dict = field(default_factory=dict)

    def __post_init__(self):
        self.settings = Settings(**{"api_key": KEY, "base_url": RIVYA, "data_dir": self.root, **self.options})
        self.wire = Wire()
        self.client = Client(KEY, RIVYA, max_retries=0, transport=httpx.MockTransport(self.wire))
        self.archive = Archive(self.root, self.remote)
        self.store = Store(self.settings.database, self.archive, "test")
        self.journal = Journal(self.root / "journal.jsonl", "test")
        self.steps = Steps(self.settings, self.client, self.store, self.archive, self.journal)

    def clip(self, stage: Stage, **values) -> Clip:
        """Return a clip of the engine at this stage."""
        clip_id = uuid.uuid4().hex
        request = GenerationRequest(prompt="A paper boat", client_request_id=clip_id, **SMALL)
        row = {
            "id": clip_id, "model": request.model, "prompt": request.prompt, "params": request.params, "price": 25,
            "idempotency_key": f"key-{clip_id}", "client_request_id": clip_id, "request_body": request.frozen_body(),
        }  # fmt: skip
        self.store.clips.insert(**row, stage=stage)
        self.store.outbox.claim(OWNER, lease_seconds=600, limit=99)
        return self.change(clip_id, **values)

    def change(self, clip_id: str, **values) -> Clip:
        """Write values into a clip's row; an age stands for the moment that was so long ago."""
        now = datetime.now(UTC)
        aged = {name: now - value if isinstance(value, timedelta) else value for name, value in values.items()}
        if values:
            with self.store.database.write() as connection:
                connection.execute(sa.update(clips).where(clips.c.id == clip_id).values(**aged))
        return self.store.clips.get(clip_id)

    def pictured(self, stage: Stage = Stage.UPLOADING, mime_type: str | None = "image/png", **values) -> Clip:
        """Return a clip with a picture that is to be uploaded."""
        sha256 = self.archive.keep_reference(b"a picture")
        picture = {"reference_sha256": sha256, "reference_mime_type": mime_type, "request_body": None}
        return self.clip(stage, **{**picture, **values})

    def run(self, clip: Clip, *answers) -> Clip:
        """Do one step, in which Rivya is asked exactly as often as there are answers."""
        self.wire.answers, self.wire.asked = list(answers), []
        done = self.steps.run(clip, OWNER)
        assert self.wire.answers == []
        return done


class Highest(random.Random):
    """Chance that always falls on the end of the range: delays of 1, 2, 4, 8 s and so on."""

    def uniform(self, a: float, b: float) -> float:
        return b


@pytest.fixture(autouse=True)
def _no_chance(monkeypatch):
    monkeypatch.setattr("rivya.retry.random", Highest())


@pytest.fixture(scope="module")
def blank(tmp_path_factory) -> bytes:
    """An empty database, made once."""
    folder = tmp_path_factory.mktemp("blank")
    Store(f"sqlite:///{folder}/studio.db", Archive(folder), "test").close()
    return (folder / "studio.db").read_bytes()


@pytest.fixture
def make_bench(tmp_path, blank):
    made = []
    (tmp_path / "studio.db").write_bytes(blank)

    def make(remote=None, **options) -> Bench:
        made.append(Bench(tmp_path, remote, options))
        return made[-1]

    yield make
    for bench in made:
        bench.client.close()
        bench.store.close()


@pytest.fixture
def bench(make_bench):
    return make_bench()


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> bytes:
    """A second of a real video."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(24):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode())
    return path.read_bytes()


BEGUN = "2026-05-11T12:00:00.000Z"


def task(status: str = "queued", **values) -> httpx.Response:
    body = {"id": "task_1", "status": status, "reserved_credits": 25, "final_credits": 0, "result": None, "error": None}
    return httpx.Response(200, json={**body, "created_at": BEGUN, "updated_at": BEGUN, **values})


def finished(**values) -> httpx.Response:
    return task("succeeded", **{"final_credits": 25, "result": {"primary_url": LINK, "urls": [LINK]}, **values})


def refusal(status: int, code: str, **headers) -> httpx.Response:
    body = {"error": {"code": code, "message": "Rivya's words", "requestId": "req_7"}}
    return httpx.Response(status, json=body, headers=headers)


def credits_now(amount: float) -> httpx.Response:
    return httpx.Response(200, json={"current_credits": amount})


def video(data: bytes, *, size: int | None = None, start: int = 0) -> Callable[[httpx.Request], httpx.Response]:
    """Return an answer that begins at byte ``start`` of ``size`` and arrives in pieces."""
    size = size or len(data)
    span = {"content-range": f"bytes {start}-{size - 1}/{size}"} if start else {"content-length": str(size)}
    return lambda request: httpx.Response(206 if start else 200, content=iter([data[:100], data[100:]]), headers=span)


PAGE = httpx.Response(200, text="<h1>Sign in</h1>", headers={"x-request-id": "req_8"})
NOT_CONNECTED = httpx.ConnectError("nobody there")
NO_ANSWER = httpx.ReadError("cut")
ERROR = {"error_code": "no_answer", "error_message": "cut", "error_http_status": 500, "request_id": "req_0"}


def told(clip: Clip) -> tuple:
    """Return all that is told of a clip's trouble."""
    assert clip.error is not None
    return clip.error.code, clip.error.message, clip.error.http_status, clip.error.request_id


def is_over(clip: Clip) -> bool:
    """Whether no engine will look at it again."""
    return (clip.run_at, clip.owner) == (None, None)


def is_now(moment: datetime | None) -> bool:
    return moment is not None and abs(datetime.now(UTC) - moment) < MINUTE


def ago(**values) -> datetime:
    return datetime.now(UTC) - timedelta(**values)


CREATE, LOOK, UPLOAD = "POST /api/v1/generations", "GET /api/v1/generations/task_1", "POST /api/v1/files"
BALANCE, FETCH = "GET /api/v1/credits", "GET /results/task_1.mp4"


def test_the_first_step_goes_where_the_picture_wants(bench):
    """Without one the body is ready; with one it is uploaded first."""
    ready = bench.run(bench.clip(Stage.PENDING, attempts=3))
    assert (ready.stage, ready.attempts, ready.delay_seconds) == (Stage.SUBMITTING, 0, 0)
    assert bench.run(bench.pictured(Stage.PENDING)).stage is Stage.UPLOADING


def test_a_used_up_minute_is_waited_for_without_a_word(make_bench, monkeypatch):
    """Nothing is asked and nothing is written; without a budget nothing is counted."""
    bench = make_bench(requests_per_minute=1)
    clip = bench.clip(Stage.PENDING)
    moment = datetime.now(UTC).replace(second=20, microsecond=0)
    monkeypatch.setattr(bench.store.database, "now", lambda connection: moment)
    bench.store.outbox.take_request(1)
    assert bench.run(clip).delay_seconds == 40
    assert bench.store.clips.get(clip.id) == clip
    assert make_bench().run(clip).stage is Stage.SUBMITTING


def test_who_lost_a_clip_sends_nothing_for_it(bench):
    """The note that something may have been sent comes first, and it is refused."""
    clip = bench.clip(Stage.SUBMITTING)
    bench.store.outbox.release(OWNER)
    bench.store.outbox.claim("another", lease_seconds=60, limit=1)
    with pytest.raises(LeaseLostError):
        bench.run(clip, task())
    assert bench.wire.asked == []


@pytest.mark.parametrize(
    ("mime_type", "name", "sent_type"),
    [
        ("image/png", "reference.png", "image/png"),
        ("image/jpeg", "reference.jpg", "image/jpeg"),
        ("image/webp", "reference.webp", "image/webp"),
        (None, "reference.bin", "application/octet-stream"),
    ],
)
def test_a_picture_is_uploaded_and_named_in_the_body(bench, mime_type, name, sent_type):
    """With the clip's own id and model; where it lies is remembered with all that Rivya said of it."""
    clip = bench.pictured(mime_type=mime_type, attempts=2, **ERROR)
    done = bench.run(clip, httpx.Response(200, json={"url": "https://a/1", "id": "file_1", "color": "blue"}))
    assert bench.wire.asked == [UPLOAD]
    form = bench.wire.request.content.decode()
    for part in (clip.id, clip.model, f'filename="{name}"', f"Content-Type: {sent_type}", "a picture"):
        assert part in form
    media = ReferenceMedia(url="https://a/1", name=name, mime_type=sent_type)
    assert done.request_body == clip.request().with_reference(media).frozen_body()
    assert (done.stage, done.attempts, done.error, done.delay_seconds) == (Stage.SUBMITTING, 0, None, 0)
    with bench.store.database.read() as connection:
        (row,) = connection.execute(sa.select(uploads)).fetchall()
    assert (row.sha256, row.url, row.raw["id"], row.raw["color"]) == (
        clip.reference_sha256, "https://a/1", "file_1", "blue",
    )  # fmt: skip


@pytest.mark.parametrize(("minutes", "asked"), [(59, []), (61, [UPLOAD])])
def test_a_picture_is_uploaded_once_an_hour(bench, minutes, asked):
    """Within it the address of the last upload is taken."""
    clip = bench.pictured()
    bench.store.uploads.add(clip.reference_sha256, "https://a/before", {})
    with bench.store.database.write() as connection:
        connection.execute(sa.update(uploads).values(uploaded_at=ago(minutes=minutes)))
    done = bench.run(clip, *[httpx.Response(200, json={"url": "https://a/anew"})] * len(asked))
    assert bench.wire.asked == asked
    assert ("https://a/anew" if asked else "https://a/before") in done.request_body


def test_a_picture_that_is_gone_ends_the_clip(bench):
    """Nothing is sent without it."""
    clip = bench.pictured(reference_sha256="a" * 64)
    done = bench.run(clip)
    assert (done.stage, is_over(done), done.error.code) == (Stage.REFUSED, True, "reference_missing")


class Bucket:
    """An object store that holds nothing yet and keeps the names of what is put there."""

    def __init__(self, refuses: bool = False):
        self.names, self.refuses = [], refuses

    def put(self, path: Path, name: str) -> None:
        if self.refuses:
            raise StoreError("nobody there")
        self.names.append(name)

    def get(self, name: str, path: Path) -> None: ...

    def remove(self, name: str) -> None: ...


def test_a_picture_that_may_still_come_is_waited_for(make_bench):
    """From the machine that shares it, ever longer, until the press is too long ago."""
    bench = make_bench(Bucket())
    clip = bench.clip(Stage.UPLOADING, reference_sha256="a" * 64, request_body=None, attempts=2)
    done = bench.run(clip)
    assert (done.stage, done.attempts, done.delay_seconds, done.error) == (Stage.UPLOADING, 3, 4, None)
    late = bench.change(clip.id, created_at=11 * MINUTE)
    assert bench.run(late).error.code == "reference_missing"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refusal(503, "public_api_disabled"), "public_api_disabled"),
        (NO_ANSWER, "no_answer"),
        (NOT_CONNECTED, "not_connected"),
        (PAGE, "unreadable_answer"),
    ],
)
def test_an_upload_is_tried_again_in_the_first_minutes(bench, answer, code):
    """Nothing can have been started by it, whatever went wrong."""
    clip = bench.pictured(attempts=1)
    done = bench.run(clip, answer)
    assert (done.stage, done.attempts, done.delay_seconds, done.error.code) == (Stage.UPLOADING, 2, 2, code)
    late = bench.change(clip.id, created_at=11 * MINUTE)
    done = bench.run(late, answer)
    assert (done.stage, is_over(done), done.error.code) == (Stage.REFUSED, True, code)


def test_a_refused_upload_waits_for_a_press(bench):
    """With Rivya's words for it."""
    done = bench.run(bench.pictured(), refusal(401, "api_key_revoked"))
    assert (done.stage, is_over(done)) == (Stage.REFUSED, True)
    assert told(done) == ("api_key_revoked", "Rivya's words", 401, "req_7")


@pytest.mark.parametrize("stage", [Stage.SUBMITTING, Stage.UNKNOWN])
def test_what_leaves_is_noted_before_and_after(bench, stage):
    """Before: that something may have been sent, and with which key. After: the task, in the row and in the journal."""
    clip = bench.clip(stage, attempts=3, **ERROR)

    def answer(request: httpx.Request) -> httpx.Response:
        noted = bench.store.clips.get(clip.id)
        assert (is_now(noted.sent_at), noted.sent_mark, noted.stage) == (True, MARK, stage)
        assert request.headers["Idempotency-Key"] == clip.idempotency_key
        assert request.content.decode() == clip.request_body
        return task(mood="good")

    done = bench.run(clip, answer)
    assert bench.wire.asked == [CREATE]
    assert (done.stage, done.task_id, done.status, done.attempts) == (Stage.RUNNING, "task_1", "queued", 0)
    assert (done.credits_reserved, done.credits_final, done.error) == (25, 0, None)
    assert (is_now(done.submitted_at), done.started_at, done.finished_at) == (True, None, None)
    assert done.delay_seconds == bench.settings.poll_first_seconds
    assert (done.raw["id"], done.raw["mood"]) == ("task_1", "good")
    assert datetime.fromisoformat(done.raw["created_at"]) == datetime.fromisoformat(BEGUN)
    (entry,) = bench.journal.read()
    assert (entry.clip_id, entry.idempotency_key, entry.task_id) == (clip.id, clip.idempotency_key, "task_1")


def test_a_task_that_begins_or_ends_at_once_is_taken_as_it_is(bench):
    """Its times are the times at which that was seen."""
    begun = bench.run(bench.clip(Stage.SUBMITTING), task("processing"))
    assert (begun.stage, begun.started_at) == (Stage.RUNNING, begun.submitted_at)
    bench.change(begun.id, task_id="task_0")
    ended = bench.run(bench.clip(Stage.SUBMITTING), finished())
    assert (ended.stage, ended.status, ended.delay_seconds) == (Stage.SAVING, "succeeded", 0)
    assert (ended.task_id, is_now(ended.finished_at), ended.credits_final) == ("task_1", True, 25)
    bench.change(ended.id, task_id="task_0b")
    failed = bench.run(bench.clip(Stage.SUBMITTING), task("failed"))
    assert (failed.stage, is_over(failed), failed.error.code) == (Stage.DONE, True, "generation_failed")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"sent_at": HOUR, "sent_mark": "another"}, "key_changed"),
        ({"sent_at": 20 * HOUR + timedelta(seconds=5), "sent_mark": MARK}, "too_old_to_repeat"),
        ({"sent_at": 40 * HOUR, "confirmed_at": 21 * HOUR, "sent_mark": None}, "too_old_to_repeat"),
    ],
    ids=["another key", "too old", "confirmed too long ago"],
)
def test_a_doubt_that_a_repeat_could_charge_is_left_to_a_person(bench, values, code):
    """Nothing is asked, and nothing goes on by itself."""
    clip = bench.clip(Stage.SUBMITTING, **values)
    done = bench.run(clip)
    assert (done.stage, is_over(done), done.needs_decision) == (Stage.UNKNOWN, True, True)
    assert told(done) == (code, "", None, None)
    assert done.sent_at == clip.sent_at


@pytest.mark.parametrize(
    "values",
    [
        {"sent_at": 20 * HOUR - MINUTE, "sent_mark": MARK},
        {"sent_at": 21 * HOUR, "sent_mark": None, "confirmed_at": 19 * HOUR},
        {"sent_at": HOUR, "sent_mark": MARK, "created_at": 30 * HOUR},
        {"sent_at": None, "sent_mark": "another"},
        {"sent_at": None, "created_at": 30 * HOUR},
    ],
    ids=["in time", "confirmed", "sent late", "never sent", "never sent and old"],
)
def test_other_doubts_are_cleared_up_by_the_same_request(bench, values):
    """When it left first stays written down; the mark is the key's that was used last."""
    clip = bench.clip(Stage.UNKNOWN, **values)
    done = bench.run(clip, task())
    assert (done.stage, done.sent_mark) == (Stage.RUNNING, MARK)
    assert done.sent_at == clip.sent_at if clip.sent_at else is_now(done.sent_at)


def test_another_body_under_the_same_key_is_a_persons_matter(bench):
    """Since when it is in doubt is kept."""
    for since in (None, HOUR):
        clip = bench.clip(Stage.SUBMITTING, unknown_at=since)
        done = bench.run(clip, refusal(409, "idempotency_conflict"))
        assert (done.stage, is_over(done), done.needs_decision) == (Stage.UNKNOWN, True, True)
        assert done.unknown_at == clip.unknown_at if since else is_now(done.unknown_at)
        assert told(done) == ("idempotency_conflict", "Rivya's words", 409, "req_7")


@pytest.mark.parametrize(
    ("answer", "told_of_it"),
    [
        (NO_ANSWER, ("no_answer", "ReadError", None, None)),
        (httpx.ReadTimeout("slow"), ("no_answer", "ReadTimeout", None, None)),
        (refusal(500, "internal_error"), ("internal_error", "Rivya's words", 500, "req_7")),
        (refusal(503, "service_unavailable"), ("service_unavailable", "Rivya's words", 503, "req_7")),
        (refusal(408, "request_timeout"), ("request_timeout", "Rivya's words", 408, "req_7")),
        (PAGE, ("unreadable_answer", "answer is not JSON", 200, "req_8")),
    ],
    ids=["cut", "slow", "500", "503", "408", "a page"],
)
@pytest.mark.parametrize("since", [None, HOUR], ids=["first", "again"])
def test_what_may_have_started_is_in_doubt_and_asked_for_again(bench, answer, told_of_it, since):
    """Ever more seldom, with the same key; since when is kept, and so is that it was sent."""
    clip = bench.clip(Stage.SUBMITTING, attempts=2, unknown_at=since)
    done = bench.run(clip, answer)
    assert (done.stage, done.attempts, done.delay_seconds) == (Stage.UNKNOWN, 3, 4)
    assert told(done) == told_of_it
    assert done.unknown_at == clip.unknown_at if since else is_now(done.unknown_at)
    assert (is_now(done.sent_at), done.needs_decision) == (True, False)


@pytest.mark.parametrize(
    ("answer", "code"),
    [(NOT_CONNECTED, "not_connected"), (refusal(503, "public_api_disabled"), "public_api_disabled")],
    ids=["not connected", "switched off"],
)
def test_what_surely_did_not_start_is_tried_again_as_unsent(bench, answer, code):
    """In the first minutes after the press; then it waits for another."""
    clip = bench.clip(Stage.SUBMITTING, attempts=1)
    done = bench.run(clip, answer)
    assert (done.stage, done.attempts, done.delay_seconds) == (Stage.SUBMITTING, 2, 2)
    assert (done.error.code, done.sent_at, done.unknown_at) == (code, None, None)
    for pressed, stage in [
        ({"confirmed_at": 9 * MINUTE}, Stage.SUBMITTING),
        ({"confirmed_at": None}, Stage.REFUSED),
    ]:
        late = bench.change(clip.id, created_at=11 * MINUTE, **pressed)
        done = bench.run(late, answer)
        assert (done.stage, done.sent_at, done.error.code) == (stage, None, code)
    assert (is_over(done), done.waits_to_be_sent) == (True, True)


def test_too_few_credits_end_the_try_and_the_balance_is_looked_at(bench):
    """What is there now is shown beside the refusal; other refusals have no need of it."""
    done = bench.run(bench.clip(Stage.SUBMITTING), refusal(402, "insufficient_credits"), credits_now(7))
    assert bench.wire.asked == [CREATE, BALANCE]
    assert (done.stage, is_over(done), done.sent_at) == (Stage.REFUSED, True, None)
    assert told(done) == ("insufficient_credits", "Rivya's words", 402, "req_7")
    assert bench.store.balances.last().credits == 7
    other = bench.run(bench.clip(Stage.SUBMITTING), refusal(400, "validation_failed"))
    assert (other.stage, other.sent_at, other.error.code) == (Stage.REFUSED, None, "validation_failed")


@pytest.mark.parametrize("code", ["insufficient_credits", "api_key_revoked", "not_found", "public_api_disabled"])
def test_a_no_to_a_repeat_does_not_speak_for_the_first(bench, code):
    """The first one may have been taken on: the doubt goes on."""
    status = {"insufficient_credits": 402, "api_key_revoked": 401, "not_found": 404, "public_api_disabled": 503}[code]
    clip = bench.clip(Stage.UNKNOWN, sent_at=MINUTE, sent_mark=MARK, attempts=1)
    done = bench.run(clip, refusal(status, code))
    assert (done.stage, done.attempts, done.delay_seconds, done.error.code) == (Stage.UNKNOWN, 2, 2, code)
    assert (done.sent_at, is_now(done.unknown_at)) == (clip.sent_at, True)


def test_only_rivyas_word_on_the_body_settles_a_doubt(bench):
    """A proxy's 400 does not; that it was sent stays written down."""
    values = {"sent_at": MINUTE, "sent_mark": MARK}
    proxy = bench.run(bench.clip(Stage.UNKNOWN, **values), refusal(400, "bad_request"))
    assert (proxy.stage, proxy.error.code) == (Stage.UNKNOWN, "bad_request")
    done = bench.run(bench.clip(Stage.UNKNOWN, **values), refusal(400, "validation_failed"))
    assert (done.stage, is_over(done), done.error.code) == (Stage.REFUSED, True, "validation_failed")
    assert done.sent_at is not None


def test_a_pause_that_rivya_asks_for_is_everybodys(bench):
    """As long as it says, and at least as long as the tries so far would wait."""
    done = bench.run(bench.clip(Stage.SUBMITTING), refusal(429, "rate_limited", **{"Retry-After": "30"}))
    assert (done.stage, done.attempts, done.delay_seconds, done.sent_at) == (Stage.SUBMITTING, 1, 30, None)
    assert 15 < bench.store.outbox.pause_seconds() <= 30
    with bench.store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT reason FROM pauses").scalars().all() == ["rate_limited"]
    again = bench.run(bench.clip(Stage.SUBMITTING, attempts=6), refusal(429, "rate_limited"))
    assert (again.delay_seconds, bench.store.outbox.pause_seconds() > 40) == (60, True)


def test_a_pause_is_kept_to_wherever_it_is_asked_for(bench):
    """By a repeat, by a look, and by a look that finds nothing, which is no pause for all."""
    pause = {"Retry-After": "40"}
    repeated = bench.clip(Stage.UNKNOWN, sent_at=MINUTE, sent_mark=MARK)
    done = bench.run(repeated, refusal(429, "rate_limited", **pause))
    assert (done.stage, done.delay_seconds, bench.store.outbox.pause_seconds() > 20) == (Stage.UNKNOWN, 40, True)
    clip = bench.clip(Stage.RUNNING, **RUNNING)
    done = bench.run(clip, refusal(429, "rate_limited", **{"Retry-After": "100"}))
    assert (done.delay_seconds, bench.store.outbox.pause_seconds() > 80) == (100, True)
    done = bench.run(bench.change(clip.id, attempts=0), refusal(404, "not_found", **{"Retry-After": "300"}))
    assert (done.delay_seconds, bench.store.outbox.pause_seconds() > 100) == (300, False)


def test_trouble_of_one_clip_is_no_pause_for_all(bench):
    """Only Rivya's own word is."""
    bench.run(bench.clip(Stage.SUBMITTING), refusal(500, "internal_error"))
    assert bench.store.outbox.pause_seconds() == 0


RUNNING = {"task_id": "task_1", "status": "queued", "sent_at": 2 * MINUTE, "submitted_at": 2 * MINUTE}


def test_nothing_new_is_not_written_down(bench):
    """The next look is due in memory alone."""
    clip = bench.clip(Stage.RUNNING, **RUNNING)
    done = bench.run(clip, task())
    assert bench.wire.asked == [LOOK]
    assert 5 <= done.delay_seconds <= 10
    assert replace(done, updated_at=clip.updated_at, run_at=clip.run_at) == clip == bench.store.clips.get(clip.id)


@pytest.mark.parametrize("values", [ERROR, {"attempts": 2}], ids=["an error", "tries"])
def test_a_good_look_ends_the_trouble_before_it(bench, values):
    """Also when the status is the same."""
    clip = bench.clip(Stage.RUNNING, **RUNNING, **values)
    done = bench.run(clip, task())
    assert (done.stage, done.attempts, done.error, done.started_at) == (Stage.RUNNING, 0, None, None)
    assert 5 <= done.delay_seconds <= 10
    assert bench.store.clips.get(clip.id) == done


def test_the_first_sight_of_work_is_its_beginning(bench):
    """Later looks do not move it; a status that nobody knows is work as well."""
    for status in ("processing", "paused_by_moderation"):
        clip = bench.clip(Stage.RUNNING, **RUNNING)
        done = bench.run(clip, task(status, mood="good"))
        assert (done.stage, done.status, is_now(done.started_at)) == (Stage.RUNNING, status, True)
        assert (done.raw["mood"], done.credits_reserved) == ("good", 25)
        bench.change(clip.id, task_id=None)
    before = ago(minutes=1)
    clip = bench.clip(Stage.RUNNING, **RUNNING, started_at=before)
    assert bench.run(clip, task("processing")).started_at == before


def test_the_next_look_is_due_when_such_clips_end(bench):
    """Counted from Rivya's yes, else from the press, and learned from clips of the same settings."""
    for _ in range(12):
        end = ago(hours=1)
        past = {"status": "succeeded", "submitted_at": end - timedelta(seconds=30), "finished_at": end}
        bench.clip(Stage.DONE, **past)
    now = datetime.now(UTC)
    learned = Durations.learn([30.0] * 12)
    clip = bench.clip(Stage.RUNNING, submitted_at=now - timedelta(seconds=22), created_at=now - timedelta(hours=2))
    assert bench.steps.poll_delay(clip, now) == next_poll_delay(22, learned)
    assert 5 < next_poll_delay(22, learned) < 10
    unseen = replace(clip, submitted_at=None, created_at=now - timedelta(seconds=21))
    assert bench.steps.poll_delay(unseen, now) == next_poll_delay(21, learned)
    ahead = replace(clip, submitted_at=now + timedelta(seconds=5))
    assert bench.steps.poll_delay(ahead, now) == next_poll_delay(0, learned)
    other = replace(clip, params={**clip.params, "duration": "10"})
    assert bench.steps.poll_delay(other, now) == next_poll_delay(22, Durations())


def test_the_rhythm_of_looks_is_a_setting(make_bench):
    """Both ends of it; a clock that was put back is no reason to look later."""
    bench = make_bench(poll_min_seconds=1.0, poll_max_seconds=600.0)
    now = datetime.now(UTC)
    for elapsed in (0, 60, 600):
        clip = bench.clip(Stage.RUNNING, submitted_at=now - timedelta(seconds=elapsed))
        expected = next_poll_delay(elapsed, Durations(), min_seconds=1.0, max_seconds=600.0)
        assert bench.steps.poll_delay(clip, now) == expected
    first = next_poll_delay(0, Durations(), min_seconds=1.0, max_seconds=600.0)
    assert bench.steps.poll_delay(replace(clip, submitted_at=now + timedelta(seconds=5)), now) == first


@pytest.mark.parametrize(
    ("before", "after", "delay"), [(0, 1, 1), (1, 2, 4), (3, 4, 64), (8, 9, 1800), (19, 20, 1800), (20, 20, 1800)]
)
def test_a_task_that_is_not_found_is_looked_for_ever_more_seldom(bench, before, after, delay):
    """Half an hour apart in the end, and never given up."""
    clip = bench.clip(Stage.RUNNING, **RUNNING, attempts=before)
    done = bench.run(clip, refusal(404, "not_found"))
    assert (done.stage, done.attempts, done.delay_seconds) == (Stage.RUNNING, after, delay)
    assert told(done) == ("not_found", "Rivya's words", 404, "req_7")


@pytest.mark.parametrize(
    ("before", "answer", "code"),
    [
        (0, refusal(500, "internal_error"), None),
        (1, NO_ANSWER, None),
        (2, NO_ANSWER, "no_answer"),
        (0, refusal(401, "api_key_revoked"), "api_key_revoked"),
    ],
)
def test_a_failed_look_is_told_when_it_stays_or_needs_somebody(bench, before, answer, code):
    """It says nothing about the clip, which goes on."""
    clip = bench.clip(Stage.RUNNING, **RUNNING, attempts=before)
    done = bench.run(clip, answer)
    assert (done.stage, done.status, done.attempts, done.delay_seconds) == (
        Stage.RUNNING, "queued", before + 1, 2**before,
    )  # fmt: skip
    assert (done.error and done.error.code) == code


def test_a_failed_look_leaves_what_was_told_before(bench):
    """A passing trouble does not hide a lasting one."""
    done = bench.run(bench.clip(Stage.RUNNING, **RUNNING, **ERROR), refusal(500, "internal_error"))
    assert told(done) == ("no_answer", "cut", 500, "req_0")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [({"code": "unsafe", "message": "Not this."}, "unsafe", "Not this."), (None, "generation_failed", "")],
)
def test_a_failure_is_told_in_rivyas_words(bench, error, code, message):
    """With its receipt; nothing goes on."""
    done = bench.run(bench.clip(Stage.RUNNING, **RUNNING), task("failed", error=error, final_credits=0))
    assert (done.stage, done.status, is_over(done), done.credits_final) == (Stage.DONE, "failed", True, 0)
    assert told(done) == (code, message, None, None)
    assert is_now(done.finished_at)


def test_an_end_is_noted_once(bench):
    """When it was seen first stays; the video is fetched at once, as a first try."""
    done = bench.run(bench.clip(Stage.RUNNING, **RUNNING, attempts=2, **ERROR), finished())
    assert (done.stage, done.status, done.attempts, done.delay_seconds) == (Stage.SAVING, "succeeded", 0, 0)
    assert (done.error, done.credits_final, done.raw["result"]["primary_url"]) == (None, 25, LINK)
    assert is_now(done.finished_at)
    assert done.started_at == done.finished_at
    times = {"started_at": ago(minutes=2), "finished_at": ago(minutes=1)}
    bench.change(done.id, task_id=None)
    again = bench.run(bench.clip(Stage.RUNNING, **RUNNING, **times), finished())
    assert (again.started_at, again.finished_at) == (times["started_at"], times["finished_at"])


def saving(bench: Bench, **values) -> Clip:
    raw = json.loads(finished().content)
    return bench.clip(Stage.SAVING, **{**RUNNING, "status": "succeeded", "raw": raw, **values})


def test_a_video_is_fetched_by_the_link_just_seen(bench, film):
    """All that is known of it is written down."""
    done = bench.run(saving(bench, **ERROR), video(film))
    assert bench.wire.asked == [FETCH]
    assert (done.stage, is_over(done), done.error, done.health) == (Stage.DONE, True, None, Health.SAFE)
    assert (done.video_sha256, done.video_bytes) == (hashlib.sha256(film).hexdigest(), len(film))
    assert (done.video_width, done.video_height, done.video_seconds) == (64, 48, pytest.approx(1, abs=0.1))
    assert (is_now(done.saved_at), is_now(done.checked_at)) == (True, True)
    assert (done.status, done.credits_reserved, done.credits_final) == ("succeeded", 25, 25)
    assert done.video_path.read_bytes() == film


@pytest.mark.parametrize("values", [{"attempts": 1}, {"raw": {}}, {"raw": {"status": "processing"}}])
def test_links_are_mortal_so_another_try_asks_for_a_fresh_one(bench, film, values):
    """The receipt that comes with it counts."""
    done = bench.run(saving(bench, **values), finished(final_credits=24), video(film))
    assert bench.wire.asked == [LOOK, FETCH]
    assert (done.stage, done.credits_final) == (Stage.DONE, 24)


def test_a_download_goes_on_where_it_was_cut(bench, film):
    """The bytes that are here are not asked for again."""
    clip = saving(bench)
    half = len(film) // 2
    clip = bench.run(clip, video(film[:half], size=len(film)))
    assert (clip.stage, clip.attempts, clip.error.code) == (Stage.SAVING, 1, "download_failed")
    assert (bench.root / "parts" / f"{clip.id}.part").read_bytes() == film[:half]
    done = bench.run(clip, finished(), video(film[half:], size=len(film), start=half))
    assert bench.wire.request.headers["range"] == f"bytes={half}-"
    assert done.video_path.read_bytes() == film


@pytest.mark.parametrize(
    ("before", "answers", "told_of_it", "delay"),
    [
        (0, [video(b"no film")], ("broken_video", "does not play: InvalidDataError", None, None), 1),
        (0, [refusal(410, "link_expired")], ("download_failed", "link_expired (HTTP 410, request req_7)", 410, "req_7"), 1),
        (0, [refusal(429, "rate_limited", **{"Retry-After": "90"})],
         ("download_failed", "rate_limited (HTTP 429, request req_7)", 429, "req_7"), 90),
        (5, [NO_ANSWER], ("download_failed", "ReadError", None, None), 32),
        (9, [NO_ANSWER], ("download_failed", "ReadError", None, None), 512),
        (40, [NO_ANSWER], ("download_failed", "ReadError", None, None), 900),
        (1, [task("processing")], ("download_failed", "a finished task is processing again", 200, None), 2),
        (1, [finished(result=None)], ("download_failed", "a finished task without a result", 200, None), 2),
        (1, [finished(result={"urls": []})], ("download_failed", "a finished task without a result", 200, None), 2),
    ],
)  # fmt: skip
def test_a_video_that_does_not_come_is_asked_for_again(bench, caplog, before, answers, told_of_it, delay):
    """Ever more seldom, up to a quarter of an hour; the clip stays paid, and what went wrong is told and logged."""
    clip = saving(bench, attempts=before)
    done = bench.run(clip, *answers)
    assert (done.stage, done.attempts, done.delay_seconds) == (Stage.SAVING, before + 1, delay)
    assert told(done) == told_of_it
    assert (done.status, done.video_sha256, done.health) == ("succeeded", None, None)
    assert f"clip {clip.id} is not saved yet: {told_of_it[1]}" in caplog.messages


def test_a_copy_that_is_whole_is_not_fetched_again(bench, film):
    """One that is damaged or gone is."""
    done = bench.run(saving(bench), video(film))
    again = {"stage": Stage.SAVING, "attempts": 1, "owner": OWNER, "lease_until": -HOUR}
    fresh = (finished(), video(film))
    whole = bench.run(bench.change(done.id, **again, health=Health.DAMAGED, checked_at=None, **ERROR))
    assert (bench.wire.asked, whole.stage, is_over(whole)) == ([], Stage.DONE, True)
    assert (whole.health, is_now(whole.checked_at), whole.error) == (Health.SAFE, True, None)
    whole.video_path.write_bytes(film[:-1] + b"x")
    assert bench.run(bench.change(done.id, **again), *fresh).video_path.read_bytes() == film
    whole.video_path.unlink()
    assert bench.run(bench.change(done.id, **again), *fresh).video_path.read_bytes() == film


def test_a_video_is_shared_once_it_is_written_down(make_bench, film):
    """It and its poster."""
    bucket = Bucket()
    done = make_bench(bucket)
    clip = done.run(saving(done), video(film))
    folder = f"clips/{clip.video_sha256[:2]}/{clip.video_sha256}"
    assert sorted(bucket.names) == [f"{folder}.mp4", f"{folder}.webp"]


def test_an_object_store_that_refuses_does_not_keep_a_video_from_being_here(make_bench, film, caplog):
    """It is logged, and the clip is done."""
    bench = make_bench(Bucket(refuses=True))
    done = bench.run(saving(bench), video(film))
    assert (done.stage, done.health) == (Stage.DONE, Health.SAFE)
    assert f"clip {done.id} is here, but not in the shared archive yet: nobody there" in caplog.messages


def test_a_balance_is_remembered_or_not_known(bench, caplog):
    """A failed question is logged and nothing more."""
    caplog.set_level(logging.INFO)
    bench.wire.answers = [credits_now(475), NO_ANSWER]
    assert bench.steps.refresh_balance() == 475
    assert bench.steps.refresh_balance() is None
    assert [balance.credits for balance in bench.store.balances.all()] == [475]
    assert "balance not read: ReadError" in caplog.messages


def test_without_a_key_the_mark_is_the_demos(make_bench):
    """One for all demos."""
    bench = make_bench(api_key=None)
    done = bench.run(bench.clip(Stage.SUBMITTING), task())
    assert done.sent_mark == hashlib.sha256(b"key mark demo").hexdigest()[:12]


def test_maintenance_looks_after_videos_trash_and_drafts(bench, film):
    """A damaged video is fetched again, a month in the trash is enough, and drafts are forgotten after three."""
    kept = bench.run(saving(bench), video(film))
    bench.change(kept.id, checked_at=48 * HOUR, task_id=None)
    thrown = bench.clip(Stage.DONE, status="succeeded", deleted_at=31 * 24 * HOUR)
    bench.store.drafts.save("old", {"prompt": "kite"})
    with bench.store.database.write() as connection:
        connection.execute(sa.update(drafts).values(updated_at=ago(days=91)))
    kept.video_path.write_bytes(b"damaged")
    bench.steps.run_maintenance()
    assert bench.store.clips.get(kept.id).stage is Stage.SAVING
    assert bench.store.clips.get(thrown.id).purged_at is not None
    assert bench.store.drafts.get("old") is None


def test_every_model_is_told_by_its_own_id(bench):
    """What is uploaded and looked for is the clip's model's."""
    clip = bench.pictured(model="sketch-2")
    bench.run(replace(clip, model=DEFAULT_MODEL.id), httpx.Response(200, json={"url": "https://a/1"}))
    assert DEFAULT_MODEL.id in bench.wire.request.content.decode()
