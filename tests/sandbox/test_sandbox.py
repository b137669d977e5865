"""The sandbox over real HTTP: the contract's rules about money, refusals, files and films."""

from __future__ import annotations

import hashlib
import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import av
import httpx
import pytest
import schemathesis
from conftest import eventually
from hypothesis import HealthCheck, given, settings
from PIL import Image
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from rivya.spec import DEFAULT_MODEL, aspect_fraction
from sandbox import DEMO_API_KEY, SCOPES, Sandbox
from sandbox.film.render import Shot, frame_size, frames, render
from sandbox.worker import FAILED, UNSAFE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRICE = DEFAULT_MODEL.base_credits
SMALL = {"resolution": "480p", "aspect_ratio": "1:1"}


def order(prompt: str = "A paper boat", **params: object) -> dict[str, Any]:
    """Build the body of a small creation."""
    return {"model": DEFAULT_MODEL.id, "prompt": prompt, "params": {**SMALL, **params}}


def client_of(sandbox: Sandbox, key: str = DEMO_API_KEY) -> httpx.Client:
    """Open a client of a running sandbox."""
    return httpx.Client(base_url=sandbox.base_url, headers={"Authorization": f"Bearer {key}"}, timeout=20)


def finished(client: httpx.Client, task_id: str) -> dict[str, Any]:
    """Poll a task until its end."""

    def ended() -> dict[str, Any] | None:
        task: dict[str, Any] = client.get(f"/api/v1/generations/{task_id}").json()
        return task if task["status"] in {"succeeded", "failed"} else None

    return eventually(ended)


def credits_of(client: httpx.Client) -> int:
    """Read the balance."""
    return int(client.get("/api/v1/credits").json()["current_credits"])


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48)) -> bytes:
    """Encode a small image."""
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


def too_many_pixels() -> bytes:
    """Encode 81 megapixels, a bit for each: what a colour for each costs, every worker would pay before its first test."""
    file = io.BytesIO()
    Image.new("1", (9000, 9000)).save(file, "PNG")
    return file.getvalue()


def assert_refused(answer: httpx.Response, status: int, code: str, word: str = "") -> None:
    """Check the shape of a refusal, its status, its code, and that it names the field."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code), answer.text
    assert set(error) == {"code", "message", "requestId"}
    assert re.fullmatch(r"req_[0-9a-f]+", error["requestId"])
    assert answer.headers["x-request-id"] == error["requestId"]
    assert word in error["message"]


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Sandbox]:
    """Serve a sandbox whose tasks never begin within a test."""
    with Sandbox(tmp_path, seconds=3600, rate_per_minute=0) as sandbox:
        yield sandbox


@pytest.fixture
def client(idle: Sandbox) -> Iterator[httpx.Client]:
    """Open a client of the idle sandbox."""
    with client_of(idle) as http:
        yield http


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[httpx.Client]:
    """Open a client of a sandbox whose tasks end as soon as they can."""
    with Sandbox(tmp_path, seconds=0.2, rate_per_minute=0) as sandbox, client_of(sandbox) as http:
        yield http


def test_a_creation_answers_exactly_the_documented_task(client: httpx.Client) -> None:
    """A new task is queued, has reserved its price, and has no other keys than the contract's."""
    task = client.post("/api/v1/generations", json=order()).json()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", task["created_at"])
    assert task.pop("id").startswith("task_")
    assert task.pop("created_at") == task.pop("updated_at")
    assert task == {
        "status": "queued", "model": DEFAULT_MODEL.id, "reserved_credits": PRICE, "final_credits": 0,
        "result": None, "error": None,
    }  # fmt: skip
    assert credits_of(client) == 500 - PRICE


def test_eight_threads_with_one_key_make_one_task(client: httpx.Client) -> None:
    """The same Idempotency-Key sent at once by eight threads reserves once."""
    with ThreadPoolExecutor(8) as pool:
        send = lambda _: client.post("/api/v1/generations", json=order(), headers={"Idempotency-Key": "one"})  # noqa: E731
        answers = list(pool.map(send, range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert credits_of(client) == 500 - PRICE


def test_a_replay_may_order_its_keys_differently(client: httpx.Client) -> None:
    """The body is compared as JSON, not as bytes."""
    body = order()
    headers = {"Idempotency-Key": "one"}
    first = client.post("/api/v1/generations", json=body, headers=headers)
    second = client.post("/api/v1/generations", json=dict(reversed(body.items())), headers=headers)
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"


def test_the_same_key_with_another_body_is_a_conflict(client: httpx.Client) -> None:
    """A key belongs to the first body it came with."""
    headers = {"Idempotency-Key": "one"}
    client.post("/api/v1/generations", json=order(), headers=headers)
    assert_refused(
        client.post("/api/v1/generations", json=order("other"), headers=headers), 409, "idempotency_conflict"
    )
    assert credits_of(client) == 500 - PRICE


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_an_unusable_key_is_refused(client: httpx.Client, key: str) -> None:
    """An Idempotency-Key has 1 to 255 characters."""
    answer = client.post("/api/v1/generations", json=order(), headers={"Idempotency-Key": key})
    assert_refused(answer, 400, "validation_failed", "Idempotency-Key")


def test_without_a_key_each_post_is_a_new_task(client: httpx.Client) -> None:
    """Nothing but the header makes two creations one."""
    ids = {client.post("/api/v1/generations", json=order()).json()["id"] for _ in range(2)}
    assert len(ids) == 2
    assert credits_of(client) == 500 - 2 * PRICE


def test_too_few_credits_start_nothing(tmp_path: Path) -> None:
    """A balance under the price answers 402 and stays as it is, also under a crowd."""
    with Sandbox(tmp_path, balance=PRICE + 1, seconds=3600) as sandbox, client_of(sandbox) as http:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: http.post("/api/v1/generations", json=order()), range(4)))
        refused = [answer for answer in answers if answer.status_code != 200]
        assert len(refused) == 3
        for answer in refused:
            assert_refused(answer, 402, "insufficient_credits")
        assert credits_of(http) == 1


@pytest.mark.parametrize(("tag", "message"), [("#fail", FAILED), ("#unsafe", UNSAFE)])
def test_a_failed_task_is_refunded(quick: httpx.Client, tag: str, message: str) -> None:
    """A failure says why, costs nothing, and gives the reservation back."""
    task = finished(quick, quick.post("/api/v1/generations", json=order(f"{tag} boat")).json()["id"])
    assert task["status"] == "failed"
    assert task["error"] == {"code": "generation_failed", "message": message}
    assert (task["final_credits"], task["result"], credits_of(quick)) == (0, None, 500)


def test_without_the_safety_checker_the_unsafe_tag_succeeds(quick: httpx.Client) -> None:
    """The film is served with ranges, and the credits are spent."""
    body = order("#unsafe", enable_safety_checker="false")
    task = finished(quick, quick.post("/api/v1/generations", json=body).json()["id"])
    assert (task["status"], task["final_credits"], task["error"]) == ("succeeded", PRICE, None)
    assert task["result"]["urls"] == [task["result"]["primary_url"]]
    part = httpx.get(task["result"]["primary_url"], headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert credits_of(quick) == 500 - PRICE


def test_a_ready_clip_is_drawn_once_and_no_two_answers_are_the_same_file(tmp_path: Path) -> None:
    """One video for each size and length, whatever the prompt; each task's copy is playable and its own."""
    with Sandbox(tmp_path / "s", seconds=0, ready_clips=tmp_path / "ready") as sandbox, client_of(sandbox) as http:
        tasks = [http.post("/api/v1/generations", json=order(prompt)).json()["id"] for prompt in ("A boat", "A kite")]
        urls = [finished(http, task_id)["result"]["primary_url"] for task_id in tasks]
    files = list((tmp_path / "s" / "results").glob("*.mp4"))
    assert len(set(urls)) == 2
    assert len({file.read_bytes() for file in files}) == 2
    for file in files:
        with av.open(file) as video:
            assert sum(1 for _ in video.decode(video=0)) == 120
    assert [file.name for file in (tmp_path / "ready").iterdir()] == ["480x480-5s.mp4"]


def test_a_restart_keeps_everything_and_finishes_what_was_begun(tmp_path: Path) -> None:
    """Balance, keys, files and tasks outlive the process; an unfinished task goes on."""
    headers = {"Idempotency-Key": "one"}
    with Sandbox(tmp_path, seconds=3600) as sandbox, client_of(sandbox) as http:
        file = http.post("/api/v1/files", files={"file": ("a.png", picture())}, data={"kind": "image"}).json()
        body = order(referenceMediaItems=[{"url": file["url"], "kind": "image"}])
        task_id = http.post("/api/v1/generations", json=body, headers=headers).json()["id"]
    with Sandbox(tmp_path, balance=9999, seconds=0) as sandbox, client_of(sandbox) as http:
        assert credits_of(http) == 500 - PRICE
        assert http.post("/api/v1/generations", json=body, headers=headers).json()["id"] == task_id
        assert http.get(f"/api/v1/files/{file['id']}").json()["url"].startswith(sandbox.base_url)
        task = finished(http, task_id)
        assert task["result"]["primary_url"].startswith(sandbox.base_url)
        assert credits_of(http) == 500 - PRICE


def test_a_stop_in_the_middle_of_a_render_is_quick_and_leaves_no_half_file(tmp_path: Path) -> None:
    """Stop gives up the render; nothing half-made stays."""
    sandbox = Sandbox(tmp_path, seconds=0).start()
    with client_of(sandbox) as http:
        task_id = http.post("/api/v1/generations", json=order(resolution="1080p", duration="10")).json()["id"]
        eventually(lambda: list((tmp_path / "results").iterdir()))
    began = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - began < 3
    assert list((tmp_path / "results").iterdir()) == []
    with Sandbox(tmp_path, seconds=3600) as again, client_of(again) as http:
        assert http.get(f"/api/v1/generations/{task_id}").json()["status"] == "processing"


REFERENCE = {"url": "https://cdn.example.com/a.png", "kind": "image"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({**order(), "files": []}, "files"),
        ({"prompt": "boat"}, "model"),
        ({**order(), "model": "other"}, "model"),
        ({"model": DEFAULT_MODEL.id}, "prompt"),
        (order(" \n"), "prompt"),
        (order("x" * (DEFAULT_MODEL.max_prompt_characters + 1)), "prompt"),
        (order("a\0b"), "prompt"),
        ({**order(), "prompt": 5}, "prompt"),
        ({**order(), "params": []}, "params"),
        ({**order(), "params": None}, "params"),
        ({**order(), "client_request_id": "c" * 129}, "client_request_id"),
        ({**order(), "client_request_id": 7}, "client_request_id"),
        (order(steps=5), "steps"),
        (order(duration=5), "params.duration"),
        (order(duration="7"), "params.duration"),
        (order(camera_fixed=True), "params.camera_fixed"),
        (order(resolution=None), "params.resolution"),
        (order(seed="1"), "params.seed"),
        (order(seed=True), "params.seed"),
        (order(seed=1.5), "params.seed"),
        (order(seed=-2), "params.seed"),
        (order(seed=2**31), "params.seed"),
        (order(referenceMediaItems={}), "referenceMediaItems"),
        (order(referenceMediaItems=[REFERENCE, REFERENCE]), "referenceMediaItems"),
        (order(referenceMediaItems=["https://cdn.example.com/a.png"]), "referenceMediaItems.0"),
        (order(referenceMediaItems=[{**REFERENCE, "size": 1}]), "size"),
        (order(referenceMediaItems=[{**REFERENCE, "kind": "video"}]), "kind"),
        (order(referenceMediaItems=[{**REFERENCE, "url": "ftp://example.com/a"}]), "url"),
        (order(referenceMediaItems=[{**REFERENCE, "url": "http://[::1"}]), "url"),
        (order(referenceMediaItems=[{"kind": "image"}]), "url"),
        (order(referenceMediaItems=[{**REFERENCE, "mimeType": "image/gif"}]), "mimeType"),
        (order(referenceMediaItems=[{**REFERENCE, "durationSeconds": "5"}]), "durationSeconds"),
        (order(referenceMediaItems=[{**REFERENCE, "url": "http://127.0.0.1:1/files/file_0.png"}]), "file_0"),
    ],
)
def test_an_invalid_creation_is_refused_and_names_the_field(client: httpx.Client, body: object, field: str) -> None:
    """Nothing that Rivya might not accept passes, and nothing is reserved."""
    assert_refused(client.post("/api/v1/generations", json=body), 400, "validation_failed", field)
    assert credits_of(client) == 500


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"a": NaN}', b"[" * 100_000, b'{"prompt": "\\ud800"}'])
def test_unreadable_json_is_refused(client: httpx.Client, raw: bytes) -> None:
    """No bytes make the sandbox stumble."""
    assert_refused(client.post("/api/v1/generations", content=raw), 400, "validation_failed")


def test_a_huge_body_is_refused(client: httpx.Client) -> None:
    """A creation has at most a megabyte."""
    assert_refused(client.post("/api/v1/generations", content=b" " * (1024**2 + 1)), 413, "validation_failed")


def test_the_two_documented_requests_are_accepted(client: httpx.Client) -> None:
    """The seed document's examples pass as they stand."""
    params = {**DEFAULT_MODEL.defaults}
    item = {**REFERENCE, "name": "reference-image.png", "mimeType": "image/png"}
    for sent in (params, {**params, "referenceMediaItems": [item]}):
        body = {"model": DEFAULT_MODEL.id, "prompt": "A cinematic product reveal", "params": sent}
        assert client.post("/api/v1/generations", json=body).status_code == 200


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_an_upload_is_known_by_its_content(client: httpx.Client, kind: str, mime: str) -> None:
    """The name and the declared type do not count, and the url serves the same bytes to anyone."""
    data = picture(kind)
    sent = {"kind": "image", "model": DEFAULT_MODEL.id, "client_request_id": "mine"}
    file = client.post("/api/v1/files", files={"file": ("a.txt", data, "text/plain")}, data=sent).json()
    assert (file["mime_type"], file["size_bytes"], file["name"], file["object"]) == (mime, len(data), "a.txt", "file")
    assert client.get(f"/api/v1/files/{file['id']}").json() == file
    served = httpx.get(file["url"])
    assert (served.content, served.headers["content-type"]) == (data, mime)


@pytest.mark.parametrize(
    ("content", "form", "status", "field"),
    [
        (b"", {"kind": "image"}, 400, "file"),
        (b"not an image", {"kind": "image"}, 400, "file"),
        (picture("GIF"), {"kind": "image"}, 400, "file"),
        (picture("PNG", (400, 400))[:300], {"kind": "image"}, 400, "file"),
        (too_many_pixels(), {"kind": "image"}, 400, "pixels"),
        (b"\x89PNG" + bytes(DEFAULT_MODEL.upload.max_bytes), {"kind": "image"}, 413, "larger"),
        (bytes(DEFAULT_MODEL.upload.max_bytes + 1024**2), {"kind": "image"}, 413, "larger"),
        (picture(), {"kind": "video"}, 400, "kind"),
        (picture(), {}, 400, "kind"),
        (picture(), {"kind": "image", "model": "other"}, 400, "model"),
        (picture(), {"kind": "image", "client_request_id": "c" * 129}, 400, "client_request_id"),
        (picture(), {"kind": "image", "colour": "red"}, 400, "colour"),
    ],
)
def test_an_unusable_upload_is_refused(
    client: httpx.Client, content: bytes, form: dict[str, str], status: int, field: str
) -> None:
    """Each rule about files has its refusal."""
    answer = client.post("/api/v1/files", files={"file": ("a.png", content, "image/png")}, data=form)
    assert_refused(answer, status, "validation_failed", field)


def test_an_upload_without_a_file_or_a_form_is_refused(client: httpx.Client) -> None:
    """The body must be a multipart form with a file part."""
    assert_refused(client.post("/api/v1/files", json={}), 400, "validation_failed")
    assert_refused(client.post("/api/v1/files", files={"kind": (None, "image")}), 400, "validation_failed", "file")
    broken = {"Content-Type": "multipart/form-data"}
    assert_refused(client.post("/api/v1/files", content=b"x", headers=broken), 400, "validation_failed")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "api_key_missing"),
        ("Basic abc", "api_key_missing"),
        ("Bearer rvya_sk_unknown", "api_key_invalid"),
        ("Bearer rvya_sk_revoked_1", "api_key_revoked"),
        ("Bearer rvya_sk_expired_1", "api_key_expired"),
    ],
)
def test_a_bad_key_is_refused(idle: Sandbox, header: str | None, code: str) -> None:
    """Each way a key can be wrong has its own code, before the body is looked at."""
    headers = {"Authorization": header} if header else {}
    assert_refused(httpx.post(f"{idle.base_url}/api/v1/generations", content=b"{", headers=headers), 401, code)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "credits", "credits:read"),
        ("POST", "generations", "generations:create"),
        ("GET", "generations/task_0", "generations:read"),
        ("POST", "files", "files:create"),
        ("GET", "files/file_0", "files:read"),
    ],
)
def test_a_missing_scope_is_refused(tmp_path: Path, method: str, path: str, scope: str) -> None:
    """A key with every other scope is not enough."""
    keys = {"rvya_sk_partial": SCOPES - {scope}}
    with Sandbox(tmp_path, keys=keys) as sandbox, client_of(sandbox, "rvya_sk_partial") as http:
        assert_refused(http.request(method, f"/api/v1/{path}"), 403, "api_scope_denied", scope)


def test_the_rate_limit_says_when_to_come_back(tmp_path: Path) -> None:
    """The bucket holds a minute's worth; then 429 with whole seconds."""
    with Sandbox(tmp_path, rate_per_minute=3) as sandbox, client_of(sandbox) as http:
        statuses = [http.get("/api/v1/credits").status_code for _ in range(3)]
        answer = http.get("/api/v1/credits")
    assert statuses == [200] * 3
    assert_refused(answer, 429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 20


def test_unknown_paths_methods_and_ids_have_the_same_envelope(client: httpx.Client) -> None:
    """Whatever is not there says so in the documented shape."""
    for path in ("/nowhere", "/api/v1/generations/task_0", "/api/v1/files/file_0", "/files/x.png", "/results/x.mp4"):
        assert_refused(client.get(path), 404, "not_found")
    assert_refused(client.delete("/api/v1/credits"), 405, "method_not_allowed")


def test_the_catalogue_is_public(idle: Sandbox) -> None:
    """Models, health and the schema need no key."""
    (model,) = httpx.get(f"{idle.base_url}/api/v1/models").json()["data"]
    assert (model["id"], model["base_credits"]) == (DEFAULT_MODEL.id, PRICE)
    assert [param["key"] for param in model["params"]] == [param.key for param in DEFAULT_MODEL.params]
    assert httpx.get(f"{idle.base_url}/healthz").json() == {"status": "ok"}
    assert "/api/v1/generations" in httpx.get(f"{idle.base_url}/api/v1/openapi.json").json()["paths"]


def test_only_loopback_is_served(tmp_path: Path) -> None:
    """The sandbox cannot be opened to a network."""
    with pytest.raises(ValueError, match="loopback"):
        Sandbox(tmp_path, host="0.0.0.0")


def shot(prompt: str = "boat", seed: int = 1, image: Path | None = None, **params: str) -> Shot:
    """Build a small shot."""
    return Shot.of(prompt=prompt, seed=seed, params={**DEFAULT_MODEL.defaults, **SMALL, **params}, image=image)


def fingerprint(of: Shot, count: int = 3) -> str:
    """Hash the first frames of a shot."""
    drawn = frames(of)
    return hashlib.sha256(b"".join(next(drawn).tobytes() for _ in range(count))).hexdigest()


@pytest.mark.parametrize("ratio", DEFAULT_MODEL.param("aspect_ratio").options)
@pytest.mark.parametrize("resolution", DEFAULT_MODEL.param("resolution").options)
def test_a_frame_has_the_asked_shape(resolution: str, ratio: str) -> None:
    """The resolution is the short side, the ratio holds to a pixel or two, and both sides are even."""
    width, height = frame_size(resolution, ratio)
    assert min(width, height) == int(resolution[:-1])
    assert (width % 2, height % 2) == (0, 0)
    assert abs(width - height * aspect_fraction(ratio)) <= 2


@pytest.mark.parametrize("duration", ["5", "10"])
def test_a_film_is_h264_of_the_exact_length(tmp_path: Path, duration: str) -> None:
    """The file says what it is, and has 24 frames for each second."""
    target = tmp_path / "clip.mp4"
    render(shot(duration=duration), target)
    with av.open(target) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (480, 480)
        assert stream.average_rate == 24
        assert sum(1 for _ in film.decode(video=0)) == 24 * int(duration)
        assert film.duration == int(duration) * av.time_base
        assert film.metadata["title"] == "Simulation"
    assert target.read_bytes().find(b"moov") < target.read_bytes().find(b"mdat")


@pytest.mark.parametrize("prompt", ["sea", "city in rain", "product", "forest", "snow", "night"])
def test_a_seed_repeats_a_film(prompt: str) -> None:
    """The same prompt and seed draw the same bytes; another seed or prompt does not."""
    assert fingerprint(shot(prompt)) == fingerprint(shot(prompt))
    assert fingerprint(shot(prompt)) != fingerprint(shot(prompt, seed=2))
    assert fingerprint(shot(prompt)) != fingerprint(shot(prompt + "!"))


def test_a_reference_image_fills_the_film(tmp_path: Path) -> None:
    """Both camera settings show the image, and move."""
    source = tmp_path / "a.png"
    Image.linear_gradient("L").resize((300, 200)).save(source)
    for fixed in ("true", "false"):
        drawn = list(frames(shot(image=source, camera_fixed=fixed)))
        assert drawn[0].size == (480, 480)
        assert drawn[0].tobytes() != drawn[60].tobytes()


@pytest.fixture(scope="module")
def api_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Load the sandbox's own OpenAPI document from a running sandbox."""
    folder = tmp_path_factory.mktemp("schema")
    with Sandbox(folder, seconds=3600, rate_per_minute=0, balance=10**6) as sandbox:
        yield schemathesis.openapi.from_url(f"{sandbox.base_url}/api/v1/openapi.json")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/models"),
        ("GET", "/api/v1/credits"),
        ("POST", "/api/v1/files"),
        ("GET", "/api/v1/files/{fileId}"),
        ("POST", "/api/v1/generations"),
        ("GET", "/api/v1/generations/{taskId}"),
    ],
)
def test_every_answer_keeps_to_the_published_schema(api_schema: Any, method: str, path: str) -> None:
    """Generated requests, good and bad, get only documented answers."""
    operation = api_schema[path][method]
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=good | bad)
    def check(case: schemathesis.Case) -> None:
        headers = {"Authorization": f"Bearer {DEMO_API_KEY}"}
        # A schema cannot say that bytes are an image, so a "valid" file may be refused; and in a form every value is
        # text, so a number in its place cannot be told from one.
        unclear = [positive_data_acceptance, negative_data_rejection] if "files" in path else []
        case.call_and_validate(headers=headers, excluded_checks=unclear)

    check()
