"""The way from a page to the studio, and from a clip to its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

import streamlit as st

from server import identity
from server.own_key import OWN_KEY
from studio import process
from studio.access import is_loopback_name
from studio.store import Balance
from studio.store.clip import Clip
from studio.store.members import Role
from studio.studio import Studio
from ui.session import state_of


def studio() -> Studio:
    """Return the studio of this session's person: of their own key, or everybody's with what is theirs to see."""
    return identity.studio_of(st.context.cookies)


@dataclass
class WalletState:
    """The balance that every part of this page tells."""

    balance: Balance | None = None


def read_balance() -> None:
    """Read the balance for a run of the whole page."""
    state_of(WalletState).balance = studio().balance()


def balance() -> Balance | None:
    """Return the balance that this page tells: one number everywhere, until the line above has seen another."""
    return state_of(WalletState).balance


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


def is_on_this_machine() -> bool:
    """Whether the browser reaches the studio by a name that means this very machine, which others cannot use."""
    return is_loopback_name(urlsplit(st.context.url or "http://localhost:8501").hostname or "")


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
    """Return who is at work, as the sign-in says or as they said in Settings; ``None`` when nobody said."""
    return signed_name() or (None if process.studio().team.wants_names else state_of(PersonState).name) or None


def signed_name() -> str:
    """Return the name that the sign-in vouches for, empty without one."""
    return identity.signed_name(process.studio(), st.context.cookies)


def actor() -> str:
    """Return who presses, for what depends on their role; empty when nobody said."""
    return person() or ""


def is_own_key() -> bool:
    """Whether this session's clips are paid by a key of the person's own."""
    return studio() is not process.studio()


def own_key_link(words: str) -> None:
    """Draw the way to where a key is entered: a page of the server's own, so that none passes through this one."""
    st.html(f'<a class="studio-link" href="{OWN_KEY}" target="_self">{escape(words)}</a>', width="content")


def may(needed: Role) -> bool:
    """Whether who is at work may do what needs a role."""
    return studio().team.role(actor()).may(needed)


def is_phone() -> bool:
    """Whether the browser says that it is a phone's."""
    return "Mobi" in str(st.context.headers.get("User-Agent", ""))
