"""Timers draw parts of a page anew; where nothing was written since a part was drawn, its timer is not heard.

A run of a part takes some 10 ms of a processor, in every open tab, every few seconds; to ask the database whether
anything was written takes 10 µs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

import streamlit as st
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState, get_script_run_ctx

from studio import process

FRESH_SECONDS = 60.0
"""So old a part may be though nothing was written: days end, and limits with them."""

MOST_PARTS = 5_000
"""Parts of tabs that were closed are forgotten when there are so many; a forgotten part is drawn."""

_Arguments = ParamSpec("_Arguments")


@dataclass(frozen=True, slots=True)
class _Drawn:
    version: int
    until: float


_parts: dict[tuple[str, str], _Drawn] = {}
"""The one that was drawn last is the last."""


def timed(
    draw: Callable[_Arguments, None], every_seconds: float | None, *, fresh_seconds: float = FRESH_SECONDS
) -> Callable[_Arguments, None]:
    """Return ``draw`` as a part of the page that is looked at ``every_seconds``, ``None`` for never.

    It is drawn when something was written, and when it is older than ``fresh_seconds``: so old may what it says of the
    time be. A look that draws nothing is cheap, so there are twice as many. On PostgreSQL, which keeps no number of
    its writes, each look draws.
    """
    if every_seconds and fresh_seconds > every_seconds and process.studio().store.database.version() is not None:
        every_seconds /= 2

    @wraps(draw)
    def noted(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
        # Before it reads: what is written meanwhile is drawn at the next look.
        version = process.studio().store.database.version()
        context, fragment_id = get_script_run_ctx(), ThreadState.get().fragment_id
        until = time.monotonic() + fresh_seconds
        draw(*args, **kwargs)
        if context and fragment_id and version is not None:
            _note((context.session_id, fragment_id), _Drawn(version, until))

    part: Callable[_Arguments, None] = st.fragment(noted, run_every=every_seconds)
    return part


def _note(part: tuple[str, str], drawn: _Drawn) -> None:
    _parts.pop(part, None)
    _parts[part] = drawn
    for oldest in list(_parts)[: max(len(_parts) - MOST_PARTS, 0)]:
        _parts.pop(oldest, None)


def is_fresh(session_id: str, fragment_id: str) -> bool:
    """Whether a part that was drawn in a tab would be drawn the same again."""
    drawn = _parts.get((session_id, fragment_id))
    if drawn is None or time.monotonic() >= drawn.until:
        return False
    return drawn.version == process.studio().store.database.version()


def hear_no_idle_timers() -> None:
    """Have no part of a page run for a timer alone while it is fresh; what people do is heard always."""
    request = AppSession.request_rerun

    def request_of_what_changed(session: AppSession, client_state: ClientState | None) -> None:
        if client_state and client_state.is_auto_rerun and is_fresh(session.id, client_state.fragment_id):
            return
        request(session, client_state)

    AppSession.request_rerun = request_of_what_changed  # type: ignore[method-assign, assignment]
