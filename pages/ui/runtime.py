"""The way from a page to the studio, and from a clip to its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from studio import process
from studio.store.clip import Clip
from studio.studio import Studio
from ui.session import state_of


def studio() -> Studio:
    """Return the process's studio."""
    return process.studio()


def clip_url(clip: Clip, extension: str = "mp4") -> str:
    """Return the address of a video (``mp4``) or its poster (``webp``) within this app."""
    return f"/clips/{clip.id}.{extension}"


def example_url(name: str, extension: str) -> str:
    """Return the address of one of the tiny clips that ship with the app."""
    return f"/app/static/examples/{name}.{extension}"


def edit_url(name: str) -> str:
    """Return the address of something made out of videos."""
    return f"/edits/{name}"


def asked_clip() -> Clip | None:
    """Return the clip that the address names, ``None`` when it names none of ours."""
    clip_id = str(st.query_params.get("clip", ""))[:80].replace("\0", "")
    return studio().get(clip_id) if clip_id else None


def share_url(clip: Clip) -> str:
    """Return a link to the clip's own page that can be given to a colleague."""
    parts = urlsplit(st.context.url or "http://localhost:8501")
    return f"{parts.scheme}://{parts.netloc}/?clip={clip.id}"


def guest_url(token: str) -> str:
    """Return a link that shows one clip to somebody who does not sign in."""
    parts = urlsplit(st.context.url or "http://localhost:8501")
    return f"{parts.scheme}://{parts.netloc}/guest/{token}"


def remix_url(code: str) -> str:
    """Return a link that opens the form filled."""
    parts = urlsplit(st.context.url or "http://localhost:8501")
    return f"{parts.scheme}://{parts.netloc}/?remix={code}"


@dataclass
class PersonState:
    """The name of who is at work, ``None`` before anybody said it, and the name that the browser is to keep."""

    name: str | None = None
    told: str | None = None


def person() -> str | None:
    """Return who is at work, as they said in Settings or as the login says; ``None`` when nobody said."""
    if st.user.get("is_logged_in"):
        return str(st.user.get("name") or st.user.get("email"))[:60]
    return state_of(PersonState).name or None


def is_phone() -> bool:
    """Whether the browser says that it is a phone's."""
    return "Mobi" in str(st.context.headers.get("User-Agent", ""))
