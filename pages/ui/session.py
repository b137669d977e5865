"""What a session remembers besides its widgets: small typed objects, each owned by the module that declares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

_State = TypeVar("_State")


def state_of(kind: type[_State]) -> _State:
    """Return this session's one instance of ``kind``, made with its defaults on first use."""
    name = f"state_{kind.__name__}"
    if name not in st.session_state:
        st.session_state[name] = kind()
    found: _State = st.session_state[name]
    return found


@dataclass
class Announcement:
    """Words to say in passing, at the next run of the whole page."""

    text: str = ""


def say(text: str) -> None:
    """Have ``text`` said in passing."""
    state_of(Announcement).text = text


def take_announcement() -> str:
    """Return what is to be said now, once."""
    announcement = state_of(Announcement)
    text, announcement.text = announcement.text, ""
    return text


def is_announcing() -> bool:
    """Whether something waits to be said."""
    return bool(state_of(Announcement).text)
