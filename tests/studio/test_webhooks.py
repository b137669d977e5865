"""A callback makes the engine look at once, and can do nothing else."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from conftest import FAST, SKETCHY, SMALL, eventually
from hypothesis import given
from hypothesis import strategies as st

from rivya import Client, GenerationRequest
from rivya.errors import WebhookUrlRejectedError
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio
from studio.store.clip import State
from studio.webhooks import WEBHOOKS_PATH, WebhookHints, task_of

PUBLIC = "https://studio.example.com"
NEVER = {"poll_first_seconds": 300.0, "poll_min_seconds": 300.0, "poll_max_seconds": 300.0}
BOAT = GenerationRequest(prompt="A paper boat", **SMALL)


@contextlib.contextmanager
def listening(studios: list[Studio]) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """An address that hands events to the first studio, and what came."""
    came: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append((self.path, body))
            if studios and (task_id := task_of(body)):
                studios[0].ask_now(task_id)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settings_for(sandbox: Sandbox, tmp_path, **more) -> Settings:
    values = {**FAST, **NEVER, **more}
    return Settings(
        api_key=DEMO_API_KEY, base_url=sandbox.base_url, data_dir=tmp_path / "data", public_url=PUBLIC, **values
    )


@pytest.mark.parametrize("prompt", ["A paper boat", "A storm #fail"])
def test_what_ended_is_known_at_once(tmp_path, prompt):
    """Polls are five minutes apart here: only the callback can have told."""
    studios: list[Studio] = []
    with (
        listening(studios) as (address, came),
        Sandbox(tmp_path / "s", seconds=0.5, **SKETCHY, deliver_webhooks_to=address) as sandbox,
        Studio(settings_for(sandbox, tmp_path)) as studio,
        Client(DEMO_API_KEY, sandbox.base_url) as client,
    ):
        studios.append(studio)
        eventually(client.webhooks.list)
        clip = studio.wait(studio.submit(GenerationRequest(prompt=prompt, **SMALL)).id, 60)
        assert clip.state is (State.FAILED if "#fail" in prompt else State.SUCCEEDED)
        [(path, body)] = came
        assert (path, task_of(body)) == (WEBHOOKS_PATH + studio.webhooks.token, clip.task_id)
        assert sandbox.report()["tasks_created"] == 1


def test_a_callback_is_not_believed(tmp_path):
    """It says that the clip succeeded; the clip is asked about, and still runs."""
    with (
        Sandbox(tmp_path / "s", seconds=60, **SKETCHY) as sandbox,
        Studio(settings_for(sandbox, tmp_path)) as studio,
    ):
        clip = studio.submit(BOAT)
        running = eventually(lambda: (now := studio.get(clip.id)).task_id and now)
        requests = sandbox.report()["requests"].get("poll", 0)
        event = {"type": "generation.succeeded", "data": {"id": running.task_id, "status": "succeeded"}}
        studio.ask_now(task_of(json.dumps(event).encode()))
        eventually(lambda: sandbox.report()["requests"].get("poll", 0) > requests)
        assert studio.get(clip.id).state in {State.QUEUED, State.PROCESSING}
        studio.ask_now("task_of_somebody_else")
        assert studio.get(clip.id).state in {State.QUEUED, State.PROCESSING}


def test_a_process_that_stands_by_passes_it_on(tmp_path):
    """The callback reaches whichever process the proxy chose; the one that holds the clip finishes it."""
    with (
        Sandbox(tmp_path / "s", seconds=1, **SKETCHY) as sandbox,
        Studio(settings_for(sandbox, tmp_path)) as studio,
        Studio(settings_for(sandbox, tmp_path)) as standby,
    ):
        assert (studio.engine_state, standby.engine_state) == ("working", "standby")
        clip = studio.submit(BOAT)
        task_id = eventually(lambda: studio.get(clip.id).task_id)
        with Client(DEMO_API_KEY, sandbox.base_url) as client:
            eventually(lambda: client.generations.retrieve(task_id).is_final)
        standby.ask_now(task_id)
        assert studio.wait(clip.id, 60).state is State.SUCCEEDED
        assert sandbox.report()["tasks_created"] == 1


def test_one_endpoint_however_often_it_starts(tmp_path, caplog):
    """The address is the same each time, and does not hold the key; a refusal is written down and stops nothing."""
    scopes = frozenset({"generations:create", "generations:read", "credits:read"})
    with (
        Sandbox(tmp_path / "s", keys={"rvya_sk_few": scopes}) as sandbox,
        Client(DEMO_API_KEY, sandbox.base_url) as client,
        Client("rvya_sk_few", sandbox.base_url) as few,
    ):
        for _ in range(2):
            WebhookHints(client, Settings(api_key=DEMO_API_KEY).api_key, PUBLIC).register()
        [endpoint] = client.webhooks.list()
        token = endpoint.url.removeprefix(PUBLIC + WEBHOOKS_PATH)
        assert len(token) == 64
        assert DEMO_API_KEY not in endpoint.url
        with pytest.raises(WebhookUrlRejectedError):
            client.webhooks.create("http://127.0.0.1/x")
        other = WebhookHints(few, Settings(api_key="rvya_sk_few").api_key, PUBLIC)
        other.register()
        assert "api_scope_denied" in caplog.text
        assert not other.fits(token)
        assert not other.fits("ü")


def test_without_a_public_address_nobody_is_asked_to_call(tmp_path, settings):
    """A studio of one's own, or one without https, registers nothing; the demo neither."""
    for one in (settings, settings.model_copy(update={"public_url": "http://studio.example.com"})):
        with Studio(one) as studio:
            assert studio.webhooks is None
    with Studio(Settings(data_dir=tmp_path / "demo", public_url=PUBLIC, **FAST)) as demo:
        assert demo.webhooks is None


@given(
    st.one_of(
        st.binary(),
        st.recursive(
            st.none() | st.text() | st.integers(),
            lambda x: st.lists(x) | st.dictionaries(st.sampled_from(["data", "id", "type"]), x),
        ).map(lambda x: json.dumps(x).encode()),
    )
)
def test_any_body_is_met(body):
    """An id or nothing."""
    assert task_of(body) is None or task_of(body)


def test_registering_is_tried_again_after_no_answer_and_then_rests(sandbox):
    """Not reached at the first try, asked at the next; then nobody is asked within the hour."""
    with Client(DEMO_API_KEY, "http://127.0.0.1:9", max_retries=0) as away:
        hints = WebhookHints(away, Settings(api_key=DEMO_API_KEY).api_key, PUBLIC)
        hints.register()
    with Client(DEMO_API_KEY, sandbox.base_url, max_retries=0) as here:
        hints._client = here
        hints.register()
        [endpoint] = here.webhooks.list()
        assert endpoint.url == f"{PUBLIC}{WEBHOOKS_PATH}{hints.token}"
    asked = []
    hints._client = type("Counting", (), {"webhooks": property(lambda _: asked.append(1))})()
    hints.register()
    assert asked == []
