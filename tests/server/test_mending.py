"""What Streamlit loses when two runs meet, and what it puts off."""

from __future__ import annotations

import asyncio
import socket
from types import SimpleNamespace

import pytest
import uvicorn
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.web.server.starlette import starlette_server

from server import mending

PRESS = RerunData(query_string="a=1", page_script_hash="history", widget_states=WidgetStates())
TIMER = RerunData(page_script_hash="generate", widget_states=WidgetStates(), fragment_id="look", is_auto_rerun=True)


def page_after(*requests: RerunData) -> str:
    """Return the page of the one run that these requests become."""
    asked = ScriptRequests()
    for request in requests:
        assert asked.request_rerun(request)
    return asked.on_scriptrunner_ready().rerun_data.page_script_hash


@pytest.fixture
def mended(monkeypatch):
    monkeypatch.setattr(ScriptRequests, "_request_rerun_locked", ScriptRequests._request_rerun_locked)
    mending.go_where_people_go()


def test_streamlit_still_loses_the_press():
    """As long as this holds the mending is needed."""
    assert page_after(PRESS, TIMER) == "generate"


@pytest.mark.usefixtures("mended")
def test_a_timer_takes_nobody_back():
    """Neither a timer nor what it asks for; a person's own later press does, in any order."""
    assert page_after(PRESS, TIMER) == "history"
    assert page_after(TIMER, PRESS) == "history"
    later = RerunData(page_script_hash="credits", widget_states=WidgetStates())
    assert page_after(PRESS, TIMER, later) == "credits"
    assert page_after(TIMER, TIMER) == "generate"


@pytest.mark.usefixtures("mended")
def test_a_sheet_that_closes_takes_nobody_back():
    """Its page asks for its part right after the press on another page."""
    closing = RerunData(page_script_hash="generate", widget_states=WidgetStates(), fragment_id="sheet")
    assert page_after(PRESS, closing) == "history"
    assert page_after(closing, PRESS) == "history"


@pytest.mark.parametrize(
    ("asked", "heard"),
    [
        ({"fragment_id": "sheet", "page_script_hash": "generate"}, False),
        ({"fragment_id": "sheet", "page_script_hash": "history"}, True),
        ({"page_script_hash": "generate"}, True),
        (None, True),
    ],
)
def test_a_part_of_a_page_that_was_left_does_not_run(monkeypatch, asked, heard):
    """A whole page does, and a part of the page that somebody sees."""
    requests = []
    monkeypatch.setattr(AppSession, "request_rerun", lambda _session, state: requests.append(state))
    mending.leave_what_was_left()
    session = SimpleNamespace(_pages_manager=SimpleNamespace(current_page_script_hash="history"))
    AppSession.request_rerun(session, ClientState(**asked) if asked else None)
    assert len(requests) == heard


def test_what_is_drawn_leaves_at_once(monkeypatch):
    """Streamlit's socket would hold it back; the one that the server begins with does not."""
    begun = []

    async def startup(_server, sockets=None):
        begun.extend(sockets)

    monkeypatch.setattr(uvicorn.Server, "startup", startup)
    mending.send_at_once()
    with starlette_server._bind_socket("127.0.0.1", 0, 1) as listener:
        assert listener.proto == 0, "asyncio would ask for it by itself"
        asyncio.run(uvicorn.Server(uvicorn.Config("none")).startup([listener]))
        assert begun == [listener]
        with socket.create_connection(listener.getsockname()):
            listener.setblocking(True)
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


class Loop:
    """A server's loop that notes how often it is woken, and does what it is woken for when it is told to."""

    def __init__(self) -> None:
        self.woken, self.told, self.is_over = [], [], False

    def call_soon_threadsafe(self, call, *args):
        if self.is_over:
            raise RuntimeError("Event loop is closed")
        self.woken.append((call, args))

    def is_closed(self):
        return self.is_over

    def call_exception_handler(self, told):
        self.told.append(str(told["exception"]))

    def turn(self):
        woken, self.woken = self.woken, []
        for call, args in woken:
            call(*args)


class Tab:
    """A session with a loop."""

    def __init__(self) -> None:
        self._event_loop = Loop()


def test_what_is_drawn_close_behind_each_other_wakes_the_server_once(monkeypatch):
    """In its order, what stumbles alone is told alone, what comes later wakes again, and an end is no trouble."""
    monkeypatch.setattr(AppSession, "_call_soon_on_event_loop", AppSession._call_soon_on_event_loop)
    mending.wake_once()
    first, second, heard = Tab(), Tab(), []
    call = AppSession._call_soon_on_event_loop
    for number in range(300):
        call(first, lambda number=number: heard.append(number) if number != 7 else 1 / 0)
    call(second, lambda: heard.append("second"))
    assert (len(first._event_loop.woken), len(second._event_loop.woken), heard) == (1, 1, [])
    first._event_loop.turn()
    assert heard == [*range(7), *range(8, 300)]
    assert first._event_loop.told == ["division by zero"]
    call(first, lambda: heard.append("later"))
    assert len(first._event_loop.woken) == 1
    first._event_loop.turn()
    second._event_loop.turn()
    assert heard[-2:] == ["later", "second"]
    first._event_loop.is_over = True
    call(first, lambda: heard.append("never"))
    first._event_loop.is_over = False
    call(first, lambda: heard.append("again"))
    first._event_loop.turn()
    assert heard[-1] == "again"
    assert "never" not in heard
