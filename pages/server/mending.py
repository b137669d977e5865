"""What Streamlit 1.67 loses when two runs meet, or puts off, mended until an upgrade makes it useless.

Each replaces a method, because none has a supported way around: pages with timers, or with a sheet that is open, are
all that is needed to meet them. A test of each fails once Streamlit does it by itself in another way.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

import uvicorn
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx


def deliver_all_that_is_drawn() -> None:
    """Have a page reach the browser whole, also when a fragment runs before all of it is sent.

    Streamlit takes that fragment's part out of the queue then, and still says that the page is complete. The browser
    removes what did not come, all behind it moves up, and the next part goes into something that is no container:
    "'setIn' cannot be called on an ElementNode", and the page is gone.
    """
    clear = ForwardMsgQueue.clear

    def clear_for_pages_only(
        queue: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
    ) -> None:
        clear(queue, retain_lifecycle_msgs, None if fragment_ids_this_run is None else [])

    ForwardMsgQueue.clear = clear_for_pages_only  # type: ignore[method-assign, assignment]


def go_where_people_go() -> None:
    """Have a person's way to another page outlast a rerun that a timer asks for in the same moment.

    Streamlit folds both into one run and takes the page of the later request: the timer's, which is the old page. The
    press is lost then. A request that a person makes still wins, and so does ``st.switch_page``.
    """
    request = ScriptRequests._request_rerun_locked  # noqa: SLF001 - there is no public place for it

    def request_of_a_page(requests: ScriptRequests, new: RerunData) -> bool:
        pending = requests._rerun_data if requests._state == ScriptRequestType.RERUN else None  # noqa: SLF001
        if pending and _asks_for_no_page(new) and pending.page_script_hash != new.page_script_hash:
            new = replace(
                new,
                page_script_hash=pending.page_script_hash,
                page_name=pending.page_name,
                query_string=pending.query_string,
            )
        return request(requests, new)

    ScriptRequests._request_rerun_locked = request_of_a_page  # type: ignore[method-assign, assignment]  # noqa: SLF001


def _asks_for_no_page(data: RerunData) -> bool:
    """Whether a fragment or ``st.rerun`` asks: the second names the page that runs, without widgets."""
    context = get_script_run_ctx(suppress_warning=True)
    is_rerun = data.widget_states is None and context is not None and data.page_script_hash == context.page_script_hash
    return bool(data.fragment_id) or data.is_auto_rerun or is_rerun


def send_at_once() -> None:
    """Have each part of a page leave as soon as it is drawn; every run is 20 to 40 ms shorter (benchmarks/pages.py).

    asyncio asks for that where a socket was made for TCP by name. Streamlit's is not, so the second message of a run
    waits until the browser has confirmed the first, which browsers put off. Connections have their listener's options.
    """
    startup = uvicorn.Server.startup

    async def startup_without_delay(server: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        for listener in sockets or ():
            if listener.family in {socket.AF_INET, socket.AF_INET6}:
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await startup(server, sockets)

    uvicorn.Server.startup = startup_without_delay  # type: ignore[method-assign, assignment]


@dataclass(slots=True)
class _Waiting:
    """What one tab's loop is to call, in its order, and whether it is woken for that already."""

    callbacks: deque[Callable[[], None]] = field(default_factory=deque)
    is_woken: bool = False


def wake_once() -> None:
    """Have the parts of a page that are drawn close behind each other wake the server's loop once, not each by itself.

    A page is some 300 messages. Each is a byte through a socket to a loop that then wants the interpreter from the very
    thread that draws: an eighth of the server's time for History, by cProfile.
    """
    everybody: WeakKeyDictionary[AppSession, _Waiting] = WeakKeyDictionary()

    def call_together(session: AppSession, callback: Callable[[], None]) -> None:
        waiting = everybody.setdefault(session, _Waiting())
        waiting.callbacks.append(callback)
        if waiting.is_woken:
            return  # the loop takes all that is there by then
        waiting.is_woken = True
        try:
            session._event_loop.call_soon_threadsafe(call_all, session, waiting)  # noqa: SLF001 - there is no public place for it
        except RuntimeError:
            waiting.callbacks.clear()
            waiting.is_woken = False
            if not session._event_loop.is_closed():  # noqa: SLF001 - else the server ends, and nobody hears
                raise

    def call_all(session: AppSession, waiting: _Waiting) -> None:
        # First: what comes from here on is taken below, or wakes the loop again.
        waiting.is_woken = False
        while waiting.callbacks:
            try:
                waiting.callbacks.popleft()()
            except Exception as error:  # noqa: BLE001 - told as the loop tells of one that was called alone
                told = {"message": "A message of a page was not handled", "exception": error}
                session._event_loop.call_exception_handler(told)  # noqa: SLF001

    AppSession._call_soon_on_event_loop = call_together  # type: ignore[method-assign, assignment]  # noqa: SLF001


def leave_what_was_left() -> None:
    """Have a page that a person came to stay, when the one before it still asks for a part of itself to run.

    A sheet that is open closes when somebody goes to another page, and tells so for its own page. Streamlit runs that
    part as one of the page that was left, and the browser takes the new one away: a header over nothing.
    """
    request = AppSession.request_rerun

    def request_of_this_page(session: AppSession, client_state: ClientState | None) -> None:
        here = session._pages_manager.current_page_script_hash  # noqa: SLF001 - there is no public place for it
        if client_state and client_state.fragment_id and here and client_state.page_script_hash != here:
            return
        request(session, client_state)

    AppSession.request_rerun = request_of_this_page  # type: ignore[method-assign, assignment]
