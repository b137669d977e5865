"""The client: over real HTTP against the sandbox, and wire details against a transport of our own."""

from __future__ import annotations

import contextlib
import json

import httpx
import pytest
from conftest import SMALL, eventually, picture
from hypothesis import given
from hypothesis import strategies as st

from rivya.client import Client
from rivya.errors import (
    DOCUMENTED_CODES,
    APIConnectionError,
    APIError,
    APIResponseError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    ConfigurationError,
    GenerationError,
    IdempotencyConflictError,
    InsufficientCreditsError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    ValidationFailedError,
    error_class,
)
from rivya.links import check_result_url
from rivya.models import GenerationRequest
from sandbox import DEMO_API_KEY, Sandbox
from studio.i18n import translation
from studio.i18n.messages import explain

KEY = "rvya_sk_test_0123456789abcdef"


@pytest.fixture
def client(sandbox):
    with Client(DEMO_API_KEY, sandbox.base_url) as open_client:
        yield open_client


def answering(handler, **options) -> Client:
    return Client(KEY, "https://rivya.test", transport=httpx.MockTransport(handler), **{"max_retries": 0, **options})


def body(prompt="A paper boat", **params) -> str:
    return GenerationRequest(prompt=prompt, **{**SMALL, **params}).frozen_body()


def test_the_whole_way_over_real_http(client):
    """Models, upload, file by id, create, retrieve, credits, download."""
    assert [model.id for model in client.models.list()] == ["seedance-1-0-pro"]
    uploaded = client.files.create(picture(), name="a.png", mime_type="image/png", model="seedance-1-0-pro")
    assert client.files.retrieve(uploaded.id).mime_type == "image/png"
    task = client.generations.create(body(), idempotency_key="one")
    assert (task.status, task.reserved_credits, client.credits.retrieve().current_credits) == ("queued", 25, 475)
    done = eventually(lambda: (t := client.generations.retrieve(task.id)).is_final and t)
    with client.stream(done.result.url) as video:
        assert b"ftyp" in b"".join(video)[:16]
    with client.stream(done.result.url, start_byte=100) as rest:
        assert rest.start_byte == 100


def test_the_same_key_gives_back_the_same_task(client):
    """A repeated create costs nothing; a changed body is a conflict."""
    first = client.generations.create(body(), idempotency_key="one")
    assert client.generations.create(body(), idempotency_key="one").id == first.id
    assert client.credits.retrieve().current_credits == 475
    with pytest.raises(IdempotencyConflictError) as caught:
        client.generations.create(body("another"), idempotency_key="one")
    assert caught.value.request_id.startswith("req_")


def test_typed_errors_over_real_http(tmp_path):
    """Each refusal of the sandbox arrives as its own class with its request id."""
    with Sandbox(tmp_path, balance=10) as poor, Client(DEMO_API_KEY, poor.base_url, max_retries=0) as client:
        with pytest.raises(InsufficientCreditsError):
            client.generations.create(body(), idempotency_key="k")
        with pytest.raises(NotFoundError):
            client.generations.retrieve("task_of_somebody_else")
        with pytest.raises(ValidationFailedError):
            client.generations.create("{}", idempotency_key="k2")
        with Client("rvya_sk_revoked_1", poor.base_url) as other, pytest.raises(AuthenticationError) as caught:
            other.credits.retrieve()
        assert (caught.value.code, bool(caught.value.request_id)) == ("api_key_revoked", True)


def test_the_key_is_on_the_wire():
    """The header that protects the money really is sent, with the body byte for byte."""
    seen = []

    def handler(request):
        seen.append(request)
        return httpx.Response(200, json={"id": "task_1"})

    answering(handler).generations.create(body("লাল নৌকা"), idempotency_key="key-1")
    (request,) = seen
    assert request.headers["idempotency-key"] == "key-1"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.content.decode() == body("লাল নৌকা")


def test_a_create_without_a_key_does_not_exist():
    """No key, no request."""
    with pytest.raises(ConfigurationError):
        answering(lambda _: pytest.fail("sent")).generations.create(body(), idempotency_key="")


def test_repeats_carry_the_same_key_and_obey_the_pause(monkeypatch):
    """A 429 waits for as long as it says; each repeat is the same request."""
    slept, keys = [], []
    monkeypatch.setattr("rivya.client.time.sleep", slept.append)

    def handler(request):
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            return httpx.Response(429, json={"error": {"code": "rate_limited"}}, headers={"retry-after": "7"})
        return httpx.Response(500) if len(keys) == 2 else httpx.Response(200, json={"id": "task_1"})

    answering(handler, max_retries=2).generations.create(body(), idempotency_key="same")
    assert keys == ["same"] * 3
    assert slept[0] >= 7


def test_a_refusal_is_not_repeated():
    """What will not pass by itself is asked once."""
    calls = []

    def handler(request):
        calls.append(request)
        return httpx.Response(400, json={"error": {"code": "validation_failed", "message": "no", "requestId": "r1"}})

    with pytest.raises(ValidationFailedError):
        answering(handler, max_retries=5).credits.retrieve()
    assert len(calls) == 1


@pytest.mark.parametrize("code", DOCUMENTED_CODES)
def test_every_documented_code_has_a_class_and_words_in_both_languages(code):
    """A code is a class of its own, with cause and remedy in English and Bengali."""
    if code != "generation_failed":
        assert error_class(code, 418) is not APIStatusError
    for message in explain(code):
        assert message
        assert translation("bn").gettext(message) not in {"", message}


@pytest.mark.parametrize(
    ("status", "cls"),
    [(400, ValidationFailedError), (401, AuthenticationError), (402, InsufficientCreditsError), (404, NotFoundError),
     (429, RateLimitedError), (500, ServerError), (502, ServerError), (418, APIStatusError)],
)  # fmt: skip
@pytest.mark.parametrize(
    "content", [b"", b"<html>no</html>", b'{"error":"text"}', b'{"error":{"code":"brand_new"}}', b"[]"]
)
def test_an_unknown_code_falls_back_on_its_status(status, cls, content):
    """New codes, HTML and rubbish become the class of their HTTP status, with words."""
    with pytest.raises(cls) as caught:
        answering(lambda _: httpx.Response(status, content=content)).credits.retrieve()
    assert caught.value.http_status == status
    assert caught.value.user_message


@pytest.mark.parametrize(
    "content", [b"", b"<html>ok</html>", b'{"current_credits": "ma', b"[]", b"null", b'{"credits": 5}', b"[" * 100_000]
)
def test_an_unreadable_answer_is_an_error_of_its_own(content):
    """A 200 that is not what the contract says is never taken for data."""
    with pytest.raises(APIResponseError):
        answering(lambda _: httpx.Response(200, content=content)).credits.retrieve()


@given(st.binary(max_size=200), st.integers(200, 599))
def test_no_answer_breaks_the_client(content, status):
    """Whatever bytes come, the outcome is a value or a typed error."""
    client = answering(lambda _: httpx.Response(status, content=content))
    with contextlib.suppress(APIError):
        assert client.generations.retrieve("task_1").id


def raising(error):
    def handler(request):
        raise error("boom", request=request)

    return handler


@pytest.mark.parametrize(
    ("error", "cls", "sent"),
    [
        (httpx.ConnectError, APIConnectionError, False), (httpx.ConnectTimeout, APITimeoutError, False),
        (httpx.PoolTimeout, APITimeoutError, False), (httpx.ReadTimeout, APITimeoutError, True),
        (httpx.WriteTimeout, APITimeoutError, True), (httpx.ReadError, APIConnectionError, True),
        (httpx.RemoteProtocolError, APIConnectionError, True), (httpx.DecodingError, APIConnectionError, True),
        (httpx.ProxyError, APIConnectionError, True),
    ],
)  # fmt: skip
def test_every_lower_error_is_mapped(error, cls, sent):
    """Trouble below becomes ours, and says whether something may have been sent."""
    with pytest.raises(cls) as caught:
        answering(raising(error)).credits.retrieve()
    assert caught.value.request_sent is sent


def test_no_error_of_httpx_is_left_out():
    """All of httpx's exceptions derive from the three families that are mapped."""
    families = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict)
    kinds = [value for value in vars(httpx).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert kinds
    assert all(issubclass(kind, families) for kind in kinds)


@pytest.mark.parametrize(
    "url",
    ["http://example.com/a", "https://127.0.0.1/a", "https://10.0.0.7/a", "https://[::1]/a", "https://169.254.169.254/latest",
     "file:///etc/passwd", "https://localhost/a", "ftp://example.com", "", "https://0.0.0.0/"],
)  # fmt: skip
def test_result_links_into_private_networks_are_refused(url):
    """A result may not point the server at its own neighbours."""
    with pytest.raises(ConfigurationError):
        check_result_url(url, allow_loopback=False)


def test_a_redirect_is_checked_again_and_never_carries_the_key():
    """A result that redirects into this machine is refused, and no download carries our key."""
    seen = []

    def handler(request):
        seen.append(request)
        return httpx.Response(302, headers={"location": "http://169.254.169.254/"})

    client = Client(KEY, "http://127.0.0.1:9", transport=httpx.MockTransport(handler))
    with pytest.raises(ConfigurationError), client.stream("http://127.0.0.1:9/video.mp4"):
        pytest.fail("opened")
    assert "authorization" not in seen[0].headers


def test_logs_and_errors_never_hold_the_key(caplog):
    """Not at any log level, not in any message."""
    caplog.set_level("DEBUG")
    with pytest.raises(APIStatusError) as caught:
        answering(lambda _: httpx.Response(401, json={"error": {"code": "api_key_invalid"}})).credits.retrieve()
    assert KEY not in caplog.text + str(caught.value) + repr(caught.value)
    assert json.dumps(caught.value.values)


def test_run_uploads_creates_waits_and_downloads(sandbox, tmp_path):
    """Eight lines of a script: one upload, one create with its key on the wire, a video on the disk, one charge."""
    with Client(DEMO_API_KEY, sandbox.base_url) as client:
        request = GenerationRequest(prompt="A paper boat", resolution="480p", aspect_ratio="1:1")
        generation = client.generations.run(request, image=picture(), timeout_seconds=60)
        path = client.download(generation, tmp_path / "boat.mp4")
        assert (generation.status, generation.final_credits) == ("succeeded", 25)
        assert path.read_bytes()[4:8] == b"ftyp"
        assert not (tmp_path / "boat.mp4.part").exists()
        again = client.generations.create(request.frozen_body(), idempotency_key="mine")
        assert client.generations.run(request, idempotency_key="mine", timeout_seconds=60).id == again.id
    report = sandbox.report()
    assert (report["tasks_created"], report["charged"]) == (2, 50)


@pytest.mark.parametrize("fault", ["create=reset_after*2", "create=500_after*1", "create=429*1", "poll=reset_before*2"])
def test_run_pays_once_whatever_gets_lost(sandbox, fault, monkeypatch):
    """The same key goes with every repeat."""
    monkeypatch.setattr("rivya.client.retry_delay", lambda *_, **__: 0.05)
    sandbox.set_faults([fault])
    with Client(DEMO_API_KEY, sandbox.base_url) as client:
        client.generations.run(
            GenerationRequest(prompt="A boat", resolution="480p", aspect_ratio="1:1"), timeout_seconds=60
        )
    assert (sandbox.report()["tasks_created"], sandbox.report()["charged"]) == (1, 25)


def test_run_tells_a_failure_and_an_end_of_patience(sandbox):
    """A failed generation carries itself; a timeout is a TimeoutError."""
    with Client(DEMO_API_KEY, sandbox.base_url) as client:
        with pytest.raises(GenerationError) as caught:
            client.generations.run(GenerationRequest(prompt="A boat #fail"), timeout_seconds=60)
        assert caught.value.generation.final_credits == 0
        with pytest.raises(TimeoutError):
            client.generations.run(GenerationRequest(prompt="A boat #slow"), timeout_seconds=0.1)
