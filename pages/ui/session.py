"""What a session remembers besides its widgets: small typed objects, each owned by the module that declares it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TypeVar

import streamlit as st

STALE_SECONDS = 6.0
"""Words in passing that are older than this would be about something that people have left."""

_State = TypeVar("_State")


def state_of(kind: type[_State]) -> _State:
    """Return this session's one instance of ``kind``, made with its defaults on first use."""
    name = f"state_{kind.__name__}"
    try:
        found: _State = st.session_state[name]
    except KeyError:
        found = st.session_state[name] = kind()
    return found


@dataclass
class Choices:
    """What was chosen in this session and this browser is to remember, by the cookie's name: nothing secret."""

    made: dict[str, str] = field(default_factory=dict)


def remember_choice(name: str, value: str) -> None:
    """Have the browser remember a choice for its later sessions."""
    state_of(Choices).made[name] = value


def choice(name: str) -> str:
    """Return what was chosen in this session, or in an earlier one in this browser; empty when nothing was."""
    return state_of(Choices).made.get(name) or st.context.cookies.get(name, "")


@dataclass
class Whereabouts:
    """The address of the page that is drawn, that of the one before it (``None`` at first), and how many so far."""

    page: str | None = None
    before: str | None = None
    visits: int = 0


def arrive(page: str) -> None:
    """Take note of the page that is drawn now, by its address below the app's."""
    places = state_of(Whereabouts)
    if places.page != page:
        places.before, places.page = places.page, page
        places.visits += 1


def visit() -> int:
    """Return the number of this visit: another one each time that another page is drawn."""
    return state_of(Whereabouts).visits


def came_from() -> str | None:
    """Return the address of the other page that was drawn before this one; ``None`` when there was none."""
    return state_of(Whereabouts).before


@dataclass
class Announcement:
    """Words to say in passing, at the next run of the whole page; ``showing`` are those that this run says.

    A run that the next one cuts short may not have reached the browser: they are said again then, but soon or never.
    """

    text: str = ""
    showing: str = ""
    shown_at: float = 0.0


def say(text: str) -> None:
    """Have ``text`` said in passing."""
    state_of(Announcement).text = text


def take_announcement() -> str:
    """Return what is to be said now; ``announced`` ends it once the page is drawn."""
    announcement = state_of(Announcement)
    if announcement.text:
        announcement.showing, announcement.text = announcement.text, ""
        announcement.shown_at = time.monotonic()
    elif time.monotonic() - announcement.shown_at > STALE_SECONDS:
        announcement.showing = ""
    return announcement.showing


def announced() -> None:
    """Say no more what the page has said; call it when the page is drawn to its end."""
    state_of(Announcement).showing = ""


def is_announcing() -> bool:
    """Whether something waits to be said."""
    return bool(state_of(Announcement).text)
