"""People are told where they are: once, again after trouble, and no secret is written down."""

from __future__ import annotations

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import SMALL, eventually

from rivya import GenerationRequest
from studio import Studio
from studio.notices import Notices


@pytest.fixture
def channel():
    """A team's channel: it keeps what it is told, and fails as often as ``failures`` says."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["content-length"])))
            server.failures -= 1
            fails = server.failures >= 0
            if not fails:
                server.told.append(told)
            self.send_response(500 if fails else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.told, server.failures = [], 0
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def telling(settings, channel) -> Studio:
    url = f"json://user:channel-secret@127.0.0.1:{channel.server_port}"
    return Studio(settings.model_copy(update={"notify_urls": type(settings)(notify_urls=url).notify_urls}))


def test_each_end_is_told_once(settings, channel, caplog):
    """What succeeded and what failed, with its words; a second look tells nothing."""
    with caplog.at_level(logging.DEBUG), telling(settings, channel) as studio:
        for prompt in ("A paper boat", "A paper kite #fail"):
            studio.wait(studio.submit(GenerationRequest(prompt=prompt, **SMALL)).id)
        eventually(lambda: len(channel.told) == 2)
        assert {(told["title"], told["message"]) for told in channel.told} == {
            ("Clip finished", "A paper boat"), ("Clip failed, credits came back", "A paper kite #fail"),
        }  # fmt: skip
        assert studio._notices()() == 0
    assert len(channel.told) == 2
    assert "channel-secret" not in caplog.text


def test_trouble_is_tried_again_and_touches_no_clip(settings, channel):
    """A channel that fails at first is told later."""
    channel.failures = 1
    with telling(settings.model_copy(update={"run_engine": False}), channel) as pages, Studio(settings) as worker:
        clip = worker.wait(worker.submit(GenerationRequest(prompt="A paper boat", **SMALL)).id)
        send = pages._notices()
        assert (send(), channel.told) == (0, [])
        notices = send.__self__
        assert notices._not_before > 0
        notices._not_before = 0.0
        assert send() == 1
        assert [told["message"] for told in channel.told] == ["A paper boat"]
        assert worker.get(clip.id).state == "succeeded"


def test_nobody_is_told_unless_asked(studio):
    """Without an address there is nothing to do."""
    assert studio._notices() is None


def test_a_lead_is_told_what_is_asked_for(settings, channel):
    """Once, with who asks and what for; after trouble again, until it was heard."""
    channel.failures = 1
    studio = telling(settings, channel)
    studio.queue.plan([GenerationRequest(prompt="A paper boat", **SMALL)], person="Mo", asks=True)
    studio.queue.plan([GenerationRequest(prompt="not asked for", **SMALL)], person="Mo")
    notices = Notices(studio.store, [studio.settings.notify_urls], "https://studio.example.com")
    assert notices.send_due() == 0
    assert (channel.told, notices.send_due()) == ([], 0)
    notices._not_before = 0.0
    assert (notices.send_due(), notices.send_due()) == (1, 0)
    [told] = channel.told
    assert told["title"] == "Mo asks for a clip"
    assert told["message"] == "A paper boat\nhttps://studio.example.com/queue"
    studio.stop()


def test_a_budget_is_told_when_it_is_nearly_spent_and_once_more_when_it_is_spent(settings, channel):
    """Of the studio and of a person, whoever's process looks; after trouble again; a new look tells nothing."""
    tight = settings.model_copy(update={"daily_credit_limit": 60, "person_daily_credit_limit": 60, "run_engine": False})
    url = type(settings)(notify_urls=f"json://127.0.0.1:{channel.server_port}").notify_urls
    with Studio(tight.model_copy(update={"notify_urls": url})) as studio:
        look = studio._notices()
        studio.submit(GenerationRequest(prompt="A paper boat", **SMALL), person="Mina")
        assert look() == 0
        studio.submit(GenerationRequest(prompt="A paper kite", **SMALL), person="Mina")
        channel.failures = 1
        later, other = studio._notices(), studio._notices()
        assert (later(), other()) == (1, 1)
        assert sorted(told["title"] for told in channel.told) == [
            "Mina: budget of the day is spent", "The studio's budget of the day is spent",
        ]  # fmt: skip
        assert "50 of 60 credits of this day (UTC)." in channel.told[0]["message"]
        assert studio._notices()() == 0
