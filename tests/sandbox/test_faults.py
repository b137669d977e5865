"""Every fault over real HTTP: what the client sees, and what the books say was done."""

from __future__ import annotations

import io
import json
import re
import time
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import httpx
import pytest
from typer import Typer
from typer.testing import CliRunner

from rivya.spec import DEFAULT_MODEL
from sandbox import DEMO_API_KEY, Sandbox
from sandbox.__main__ import main
from sandbox.fault_middleware import HEADER, PRIVATE_ADDRESS, UNKNOWN_FIELD, UNKNOWN_STATUS
from sandbox.faults import KINDS, TARGETS, FaultPlan, Visit, read_rule
from sandbox.ledger import open_ledger
from sandbox.prompt_tags import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PRICE = DEFAULT_MODEL.base_credits
GRANT = 1_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the one sandbox that all tests here share."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Sandbox]:
    """Serve a sandbox whose tasks never begin by themselves."""
    with Sandbox(folder, seconds=3600, rate_per_minute=0, balance=GRANT) as sandbox:
        yield sandbox


@pytest.fixture
def calm(running: Sandbox) -> Sandbox:
    """The sandbox without any rule."""
    running.set_faults([])
    return running


@pytest.fixture
def client(calm: Sandbox) -> Iterator[httpx.Client]:
    """Open a client; its patience is short, because silence is one of the answers."""
    with httpx.Client(
        base_url=calm.base_url, headers={"Authorization": f"Bearer {DEMO_API_KEY}"}, timeout=httpx.Timeout(10, read=10)
    ) as http:
        yield http


@pytest.fixture(scope="module")
def film() -> bytes:
    """A tiny film that decodes."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as target:
        stream = target.add_stream("h264", rate=24)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(24):
            target.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        target.mux(stream.encode())
    return file.getvalue()


def create(
    client: httpx.Client, prompt: str = "A boat", key: str | None = None, fault: str | None = None, **options: Any
) -> httpx.Response:
    """Ask for a generation."""
    headers = {name: value for name, value in (("Idempotency-Key", key), (HEADER, fault)) if value}
    body = {"model": DEFAULT_MODEL.id, "prompt": prompt}
    return client.post("/api/v1/generations", json=body, headers=headers, **options)


def finished(client: httpx.Client, folder: Path, film: bytes, prompt: str = "A boat") -> tuple[str, str]:
    """Make a task that has succeeded, without rendering it; return its id and the path of its film."""
    task_id = create(client, prompt).json()["id"]
    (folder / "results" / f"{task_id}.mp4").write_bytes(film)
    open_ledger(folder, 0).settle(task_id)
    return task_id, f"/results/{task_id}.mp4"


def plays(data: bytes) -> bool:
    """Say whether a film decodes."""
    try:
        with av.open(io.BytesIO(data)) as container:
            return sum(1 for _ in container.decode(video=0)) > 0
    except av.FFmpegError:
        return False


@contextmanager
def made(sandbox: Sandbox, tasks: int, *, received: int | None = 1) -> Iterator[None]:
    """Check that so many tasks are created and charged within the block, and that the books add up."""
    before = sandbox.report()
    yield
    after = sandbox.report()
    assert after["tasks_created"] - before["tasks_created"] == tasks
    assert after["charged"] - before["charged"] == before["balance"] - after["balance"] == tasks * PRICE
    assert after["ledger_ok"]
    if received is not None:
        assert after["creates_received"] - before["creates_received"] == received


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a refusal in the documented envelope."""
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "requestId"}
    assert answer.headers["x-request-id"] == error["requestId"]
    return answer.status_code, error["code"]


REFUSALS = {
    "429": (429, "rate_limited"),
    "429_seconds": (429, "rate_limited"),
    "429_date": (429, "rate_limited"),
    "429_absurd": (429, "rate_limited"),
    "429_negative": (429, "rate_limited"),
    "500_before": (500, "internal_error"),
    "503_before": (503, "service_unavailable"),
    "503_disabled": (503, "public_api_disabled"),
    "401_revoked": (401, "api_key_revoked"),
    "402": (402, "insufficient_credits"),
    "403_scope": (403, "api_scope_denied"),
    "409": (409, "idempotency_conflict"),
    "400": (400, "validation_failed"),
    "422_new_code": (422, "moon_phase_unsuitable"),
}
AFTER = {"500_after": (500, "internal_error"), "503_after": (503, "service_unavailable")}
PAGES = {"502_html": (502, 0), "504_after": (504, 1), "html_200": (200, 1)}
BROKEN_CONNECTIONS = {"reset_before": 0, "reset_after": 1, "body_cut": 1}
SILENCES = {"silence_before": 0, "silence_after": 1}
SPOILED_JSON = {"json_truncated", "json_wrong", "unknown_status", "unknown_fields"}
LATE = {"drip", "slow_headers"}
DOWNLOADS = {"redirect_private", "expired_link", "wrong_content", "truncate", "corrupt", "no_range"}


def test_every_kind_has_words_and_a_test() -> None:
    """The table is complete, and so is this file."""
    tested = {*REFUSALS, *AFTER, *PAGES, *BROKEN_CONNECTIONS, *SILENCES, *SPOILED_JSON, *LATE, *DOWNLOADS, "404_poll"}
    assert tested == set(KINDS)
    assert len(KINDS) >= 22
    assert all(kind.words.endswith(".") and kind.targets <= set(TARGETS) for kind in KINDS.values())


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_before_the_work_charges_nothing(calm: Sandbox, client: httpx.Client, kind: str) -> None:
    """The answer is an envelope with the code, and no task is made; the same key works afterwards."""
    calm.set_faults([f"create={kind}*1"])
    with made(calm, 0):
        assert error_of(create(client, key=kind)) == REFUSALS[kind]
    with made(calm, 1):
        assert create(client, key=kind).status_code == 200


def test_retry_after_comes_in_every_form(calm: Sandbox, client: httpx.Client) -> None:
    """Absent, seconds, a date, absurd and negative."""

    def said(fault: str) -> str | None:
        found: str | None = create(client, fault=fault).headers.get("retry-after")
        return found

    with made(calm, 0, received=6):
        assert said("429") is None
        assert said("429_seconds") == "2"
        assert said("429_seconds(30)") == "30"
        assert parsedate_to_datetime(said("429_date") or "").tzinfo is not None
        assert said("429_absurd") == "99999999999"
        assert int(said("429_negative") or 0) < 0


@pytest.mark.parametrize("kind", AFTER)
def test_an_error_after_the_work_has_charged(calm: Sandbox, client: httpx.Client, kind: str) -> None:
    """The task is there in spite of the answer; the same key gives it back and charges nothing more."""
    calm.set_faults([f"create={kind}*1"])
    with made(calm, 1, received=2):
        assert error_of(create(client, key=kind)) == AFTER[kind]
        assert create(client, key=kind).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_comes_where_json_should(calm: Sandbox, client: httpx.Client, kind: str) -> None:
    """A gateway speaks HTML, with or without the work behind it."""
    status, tasks = PAGES[kind]
    calm.set_faults([f"create={kind}"])
    with made(calm, tasks):
        answer = create(client)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")


@pytest.mark.parametrize("kind", BROKEN_CONNECTIONS)
def test_a_broken_connection_may_hide_a_task(calm: Sandbox, client: httpx.Client, kind: str) -> None:
    """The client has no answer; the books know whether there is a task, and the key finds it."""
    calm.set_faults([f"create={kind}*1"])
    tasks = BROKEN_CONNECTIONS[kind]
    with made(calm, tasks), pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        create(client, key=kind)
    with made(calm, 1 - tasks):
        assert create(client, key=kind).status_code == 200


@pytest.mark.parametrize("kind", SILENCES)
def test_silence_ends_with_the_patience_of_either(calm: Sandbox, client: httpx.Client, kind: str) -> None:
    """The client gives up, or the bound ends the connection."""
    with made(calm, SILENCES[kind]), pytest.raises(httpx.ReadTimeout):
        create(client, fault=kind, timeout=0.3)
    with made(calm, SILENCES[kind]), pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        create(client, fault=f"{kind}(0.05)")


def test_spoiled_json_has_a_task_behind_it(calm: Sandbox, client: httpx.Client) -> None:
    """Truncated, of another shape, with an unknown status, with unknown fields: the work is done each time."""
    with made(calm, 4, received=4):
        with pytest.raises(json.JSONDecodeError):
            create(client, fault="json_truncated").json()
        assert create(client, fault="json_wrong").json() == []
        assert create(client, fault="unknown_status").json()["status"] == UNKNOWN_STATUS
        assert UNKNOWN_FIELD in create(client, fault="unknown_fields").json()
    (model,) = client.get("/api/v1/models", headers={HEADER: "unknown_fields"}).json()["data"]
    assert UNKNOWN_FIELD in model["reference_media"][0]


@pytest.mark.parametrize("kind", sorted(LATE))
def test_a_late_answer_is_whole(calm: Sandbox, client: httpx.Client, kind: str) -> None:
    """It takes the seconds it says, and nothing is missing."""
    with made(calm, 1):
        began = time.monotonic()
        assert create(client, fault=f"{kind}(0.2)").json()["status"] == "queued"
        assert time.monotonic() - began >= 0.15


def test_who_leaves_before_a_late_answer_leaves_a_task(calm: Sandbox, client: httpx.Client) -> None:
    """The work was done; a dribbling answer is there in part."""
    with made(calm, 1), pytest.raises(httpx.ReadTimeout):
        create(client, fault="slow_headers(60)", timeout=0.3)
    with client.stream("GET", "/api/v1/credits", headers={HEADER: "drip(60)"}) as dripping:
        assert next(dripping.iter_raw()) == b"{"


def test_a_poll_may_lie(calm: Sandbox, client: httpx.Client) -> None:
    """A task that is there is not found, or has a status nobody knows, or its look is lost."""
    path = f"/api/v1/generations/{create(client).json()['id']}"
    calm.set_faults(["poll=404_poll@1", "poll=unknown_status@2", "poll=reset_after@3", "poll=500@4"])
    assert error_of(client.get(path)) == (404, "not_found")
    assert client.get(path).json()["status"] == UNKNOWN_STATUS
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.get(path)
    assert error_of(client.get(path)) == (500, "internal_error")
    assert client.get(path).json()["status"] == "queued"


@pytest.mark.parametrize("target", sorted(set(TARGETS) - {"create"}))
def test_every_target_is_hit(calm: Sandbox, client: httpx.Client, folder: Path, film: bytes, target: str) -> None:
    """A rule finds its requests, and no others."""
    task_id, path = finished(client, folder, film)
    calls = {
        "poll": ("GET", f"/api/v1/generations/{task_id}"),
        "upload": ("POST", "/api/v1/files"),
        "file": ("GET", "/api/v1/files/file_1"),
        "credits": ("GET", "/api/v1/credits"),
        "models": ("GET", "/api/v1/models"),
        "download": ("GET", path),
    }
    calm.set_faults([f"{target}=429"])
    hit = {name for name, call in calls.items() if client.request(*call).status_code == 429}
    assert hit == {target}
    calm.set_faults(["any=503"])
    assert {client.request(*call).status_code for call in calls.values()} == {503}
    assert client.get("/healthz").status_code == client.get("/control").status_code == 200


def test_a_download_that_is_not_the_film(calm: Sandbox, client: httpx.Client, folder: Path, film: bytes) -> None:
    """A private redirect, a page, flipped bytes; then the film."""
    _, path = finished(client, folder, film)
    calm.set_faults(["download=redirect_private@1", "download=wrong_content@2", "download=corrupt@3"])
    moved = client.get(path)
    assert (moved.status_code, moved.headers["location"]) == (302, PRIVATE_ADDRESS)
    page = client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    corrupt = client.get(path).content
    assert (len(corrupt), plays(corrupt)) == (len(film), False)
    whole = client.get(path).content
    assert (whole == film, plays(whole)) == (True, True)


def test_a_cut_download_goes_on_with_range(calm: Sandbox, client: httpx.Client, folder: Path, film: bytes) -> None:
    """Half of the film arrives; the other half comes when asked for, though the rule stays."""
    _, path = finished(client, folder, film)
    calm.set_faults(["download=truncate"])
    have = bytearray()
    with pytest.raises(httpx.RemoteProtocolError), client.stream("GET", path) as answer:
        assert int(answer.headers["content-length"]) == len(film)
        for chunk in answer.iter_raw():
            have += chunk
    assert len(have) == len(film) // 2
    rest = client.get(path, headers={"Range": f"bytes={len(have)}-"})
    assert (rest.status_code, bytes(have) + rest.content) == (206, film)


def test_a_server_may_ignore_range(calm: Sandbox, client: httpx.Client, folder: Path, film: bytes) -> None:
    """Asked for the end, it serves everything."""
    _, path = finished(client, folder, film)
    calm.set_faults(["download=no_range"])
    answer = client.get(path, headers={"Range": "bytes=100-"})
    assert (answer.status_code, answer.content) == (200, film)
    assert "accept-ranges" not in answer.headers
    assert calm.report()["faults"][0]["matched"] == 1


def test_an_expired_link_lives_again_after_a_look(
    calm: Sandbox, client: httpx.Client, folder: Path, film: bytes
) -> None:
    """410 however often it is asked for, until the task is read; then for good."""
    task_id, path = finished(client, folder, film)
    calm.set_faults(["download=expired_link"])
    assert [client.get(path).status_code for _ in range(3)] == [410] * 3
    client.get(f"/api/v1/generations/{task_id}")
    assert [client.get(path).status_code for _ in range(2)] == [200] * 2


def pattern(sandbox: Sandbox, client: httpx.Client, rules: Sequence[str], seed: int, count: int = 40) -> list[int]:
    """Return the statuses of a row of requests under some rules."""
    sandbox.set_faults(rules, seed)
    return [client.get("/api/v1/credits").status_code for _ in range(count)]


def test_a_seed_repeats_its_faults(calm: Sandbox, client: httpx.Client) -> None:
    """The same seed hits the same requests; another seed others; a chance of a half hits about half."""
    first = pattern(calm, client, ["credits=429:0.5"], seed=7)
    assert first == pattern(calm, client, ["credits=429:0.5"], seed=7)
    assert first != pattern(calm, client, ["credits=429:0.5"], seed=8)
    assert 10 <= first.count(429) <= 30


def test_a_rule_draws_for_itself_alone(calm: Sandbox, client: httpx.Client) -> None:
    """Another target's rule and other requests in between do not change what a rule does."""
    alone = pattern(calm, client, ["credits=429:0.5"], seed=7)
    calm.set_faults(["models=500:0.5", "credits=429:0.5"], 7)
    mixed = []
    for _ in range(40):
        client.get("/api/v1/models")
        mixed.append(client.get("/api/v1/credits").status_code)
    assert mixed == alone


def test_the_constructor_takes_rules_and_a_seed(tmp_path: Path) -> None:
    """Two sandboxes with one seed agree."""
    found = []
    for name in ("a", "b"):
        with (
            Sandbox(tmp_path / name, faults=["models=500:0.5"], fault_seed=3) as sandbox,
            httpx.Client(base_url=sandbox.base_url) as http,
        ):
            found.append([http.get("/api/v1/models").status_code for _ in range(20)])
    assert found[0] == found[1]
    assert set(found[0]) == {200, 500}


def test_counts_say_which_requests(calm: Sandbox, client: httpx.Client) -> None:
    """The first three, only the second, once for a revoked key; and the report counts them."""
    assert pattern(calm, client, ["credits=429*3"], 0, 5) == [429, 429, 429, 200, 200]
    assert pattern(calm, client, ["credits=500_after@2"], 0, 4) == [200, 500, 200, 200]
    assert pattern(calm, client, ["credits=401_revoked"], 0, 3) == [401, 200, 200]
    assert pattern(calm, client, ["credits=429@1", "credits=500*2"], 0, 3) == [429, 500, 200]
    counted = [(rule["rule"], rule["matched"], rule["fired"]) for rule in calm.report()["faults"]]
    assert counted == [("credits=429@1", 3, 1), ("credits=500*2", 3, 1)]


@pytest.mark.parametrize(
    "text",
    ["", "create", "create=", "create=nothing", "moon=429", "create=429:2", "create=429:x", "create=429*", "create=429(3)",
     "create=truncate", "download=json_wrong", "create=429:0.1*3"],
)  # fmt: skip
def test_an_unreadable_rule_is_refused_and_changes_nothing(calm: Sandbox, text: str) -> None:
    """Whoever writes a rule wrongly hears so at once."""
    with pytest.raises(ValueError):
        read_rule(text)
    calm.set_faults(["poll=429"])
    with pytest.raises(ValueError):
        calm.set_faults(["poll=500", text])
    assert [rule["rule"] for rule in calm.report()["faults"]] == ["poll=429"]


def test_a_plan_never_hits_what_a_kind_cannot_do() -> None:
    """``any`` means any request that the kind can happen to."""
    plan = FaultPlan()
    plan.add(["any=truncate"])
    assert plan.meet(Visit("create")) is None
    assert plan.meet(Visit("download")) is not None
    assert plan.meet(Visit("download", ranged=True)) is None


def test_a_header_asks_for_one_fault(calm: Sandbox, client: httpx.Client) -> None:
    """It wins over the rules and draws none of their numbers; a wrong one is refused without any work."""
    calm.set_faults(["create=429@1"])
    with made(calm, 1, received=3):
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            create(client, fault="reset_after")
        answer = create(client, fault="nonsense")
        assert error_of(answer) == (400, "validation_failed")
        assert HEADER in answer.json()["error"]["message"]
        assert error_of(create(client)) == (429, "rate_limited")


def test_the_server_stops_at_once_while_it_is_silent(tmp_path: Path) -> None:
    """A held connection does not delay the end."""
    sandbox = Sandbox(tmp_path, faults=["models=silence_before"]).start()
    with httpx.Client(base_url=sandbox.base_url) as http, pytest.raises(httpx.ReadTimeout):
        http.get("/api/v1/models", timeout=0.2)
    sandbox.stop()
    assert sandbox.report()["requests"] == {"models": 1}


def test_the_control_page_adds_and_removes_rules(calm: Sandbox, client: httpx.Client) -> None:
    """Its forms work without a script, its words are escaped, and it loads nothing from elsewhere."""
    form = {"target": "poll", "kind": "429", "when": "*2", "seed": "5"}
    assert client.post("/control", data=form).headers["location"] == "/control"
    page = client.get("/control")
    assert "poll=429*2" in page.text
    assert all(name in page.text for name in (*KINDS, *TAGS, *TARGETS, "Balance", "Tasks created"))
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", page.text)
    wrong = client.post("/control", data={**form, "when": "<b>"})
    assert (wrong.status_code, "<b>" in wrong.text, "&lt;b&gt;" in wrong.text) == (400, False, True)
    client.post("/control", data={**form, "target": "credits"})
    first, second = calm.report()["faults"]
    client.post("/control/remove", data={"rule": first["id"]})
    assert calm.report()["faults"] == [second]
    client.post("/control/remove")
    assert calm.report()["faults"] == []


def test_control_as_json(calm: Sandbox, client: httpx.Client) -> None:
    """Programs add, read and remove rules; what they read is the report and the tables."""
    added = client.post("/control/rules", json={"rules": ["credits=429:0.5", "poll=500*1"], "seed": 7}).json()["faults"]
    assert [rule["rule"] for rule in added] == ["credits=429:0.5", "poll=500*1"]
    by_json = [client.get("/api/v1/credits").status_code for _ in range(40)]
    read = client.get("/control.json").json()
    assert {name: read[name] for name in calm.report()} == calm.report()
    assert (set(read["kinds"]), set(read["tags"])) == (set(KINDS), set(TAGS))
    wrong = client.post("/control/rules", json={"rules": ["poll=500", "poll=nonsense"]})
    assert error_of(wrong) == (400, "validation_failed")
    assert len(calm.report()["faults"]) == 2
    assert client.delete("/control/rules").json() == {"faults": []}
    assert calm.report()["faults"] == []
    assert by_json == pattern(calm, client, ["credits=429:0.5"], seed=7)


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}])
def test_control_is_for_this_computer_only(calm: Sandbox, client: httpx.Client, headers: dict[str, str]) -> None:
    """A page of another site cannot put faults in, and a borrowed name cannot read the books."""
    answer = client.post("/control/rules", json={"rules": ["any=500"]}, headers=headers)
    assert error_of(answer) == (403, "api_scope_denied")
    assert calm.report()["faults"] == []


def test_control_is_not_in_the_schema(client: httpx.Client) -> None:
    """Clients of the API never see it."""
    assert "/control" not in client.get("/api/v1/openapi.json").text


def test_the_report_knows_each_charge(calm: Sandbox, client: httpx.Client, folder: Path) -> None:
    """A task holds its price until it fails; the sum is always what was granted."""
    kept, lost = (create(client).json()["id"] for _ in range(2))
    open_ledger(folder, 0).refund(lost, "no")
    report = calm.report()
    assert (report["charges"][kept], report["charges"][lost]) == (PRICE, 0)
    assert (report["ledger_ok"], report["balance"] + report["charged"], report["granted"]) == (True, GRANT, GRANT)
    assert report["tasks_created"] == sum(report["tasks"].values()) == len(report["charges"])


def test_a_report_needs_no_server(tmp_path: Path) -> None:
    """Before the first start the books are open too."""
    report = Sandbox(tmp_path / "new", balance=75).report()
    assert (report["balance"], report["tasks_created"], report["creates_received"]) == (75, 0, 0)


def test_the_page_about_the_sandbox_names_everything() -> None:
    """Kinds, targets and tags stand in the documentation with the words of their tables."""
    page = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    rows = {
        cells[0].strip(" `"): cells[-1]
        for cells in (line[1:-1].split("|") for line in page.splitlines())
        if len(cells) > 1
    }
    tables = {**{name: kind.words for name, kind in KINDS.items()}, **TARGETS, **TAGS}
    assert [name for name, words in tables.items() if words not in rows.get(name, "")] == []


def test_every_tag_has_words() -> None:
    """The table is what an app shows."""
    assert all(tag.startswith("#") and words.endswith(".") for tag, words in TAGS.items())
    assert set(TAGS) - {"#fail", "#unsafe", "#slow"} == {
        "#insufficient", "#invalid", "#conflict", "#revoked", "#scope", "#ratelimited", "#disabled", "#lost", "#error500",
        "#vanish", "#expired", "#broken",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "status", "code"),
    [
        ("#insufficient", 402, "insufficient_credits"),
        ("#conflict", 409, "idempotency_conflict"),
        ("#invalid", 400, "validation_failed"),
        ("#revoked", 401, "api_key_revoked"),
        ("#scope", 403, "api_scope_denied"),
    ],
)
def test_a_tag_plays_a_refusal(calm: Sandbox, client: httpx.Client, tag: str, status: int, code: str) -> None:
    """Each time, and nothing is charged."""
    with made(calm, 0, received=2):
        for _ in range(2):
            assert error_of(create(client, f"A boat, {tag}.", key=tag)) == (status, code)


@pytest.mark.parametrize(
    ("tag", "status", "code", "retry_after"),
    [("#ratelimited", 429, "rate_limited", "5"), ("#disabled", 503, "public_api_disabled", None)],
)
def test_a_tag_plays_a_pause(
    calm: Sandbox, client: httpx.Client, tag: str, status: int, code: str, retry_after: str | None
) -> None:
    """Twice for each key, then it goes on and charges once."""
    for key in ("one", "two"):
        with made(calm, 1, received=4):
            for _ in range(2):
                answer = create(client, f"A boat {tag}", key=tag + key)
                assert error_of(answer) == (status, code)
                assert answer.headers.get("retry-after") == retry_after
            first, again = (create(client, f"A boat {tag}", key=tag + key) for _ in range(2))
            assert (first.status_code, first.json()["id"]) == (200, again.json()["id"])


def test_the_lost_tag_charges_once_and_answers_the_third_time(calm: Sandbox, client: httpx.Client) -> None:
    """The money rule in small: same key, one task, though two answers never arrived."""
    with made(calm, 1, received=3):
        for _ in range(2):
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                create(client, "A boat #lost", key="lost")
        assert create(client, "A boat #lost", key="lost").headers["idempotency-replayed"] == "true"


def test_the_error500_tag_charges_once(calm: Sandbox, client: httpx.Client) -> None:
    """The first answer is an error, the second the task."""
    with made(calm, 1, received=2):
        assert error_of(create(client, "A boat #error500", key="e")) == (500, "internal_error")
        assert create(client, "A boat #error500", key="e").headers["idempotency-replayed"] == "true"


def test_the_vanish_tag_hides_the_task_three_times(calm: Sandbox, client: httpx.Client) -> None:
    """It is back at the fourth look, and its credits never moved."""
    with made(calm, 1):
        path = f"/api/v1/generations/{create(client, 'A boat #vanish').json()['id']}"
        assert [error_of(client.get(path)) for _ in range(3)] == [(404, "not_found")] * 3
        assert client.get(path).json()["status"] == "queued"


def test_the_expired_and_broken_tags_spoil_downloads(client: httpx.Client, folder: Path, film: bytes) -> None:
    """Two dead links, one film that does not play; then the film."""
    _, expired = finished(client, folder, film, "A boat #expired")
    assert [client.get(expired).status_code for _ in range(3)] == [410, 410, 200]
    _, broken = finished(client, folder, film, "A boat #broken")
    assert client.head(broken).status_code == 200
    assert [plays(client.get(broken).content) for _ in range(2)] == [False, True]


def test_a_word_that_only_begins_like_a_tag_is_none(calm: Sandbox, client: httpx.Client) -> None:
    """Tags are whole words."""
    with made(calm, 1):
        assert create(client, "A boat#lost at #scopes with #lostandfound").status_code == 200


def test_the_command_line_takes_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option repeats, and an unreadable rule ends with words instead of a trace."""
    served: list[Sandbox] = []
    monkeypatch.setattr(Sandbox, "serve_forever", lambda self, _: served.append(self))
    app = Typer()
    app.command()(main)
    options = ["--data-dir", str(tmp_path), "--fault-seed", "4"]
    good = CliRunner().invoke(app, [*options, "--fault", "create=reset_after:0.1", "--fault", "any=drip:0.01"])
    assert good.exit_code == 0
    assert [rule["rule"] for rule in served[0].report()["faults"]] == ["create=reset_after:0.1", "any=drip:0.01"]
    bad = CliRunner().invoke(app, [*options, "--fault", "create=nonsense"])
    assert (bad.exit_code, len(served)) == (2, 1)
