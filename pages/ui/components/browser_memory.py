"""What the browser keeps for its person: name, language, and the draft they were writing. Nothing secret is in it."""

from __future__ import annotations

import streamlit as st

from ui.components import asset
from ui.runtime import PersonState
from ui.session import Choices, state_of

_component = st.components.v2.component(
    "studio_browser_memory",
    html=asset("hidden.html"),
    css=asset("hidden.css"),
    js=asset("person_memory.js"),
    isolate_styles=False,
)


def recall_person() -> None:
    """Learn the name from the browser, once in a session, or tell it the new one. Call it once on every page."""
    state = state_of(PersonState)
    told = _component(
        key="browser_memory",
        data=[{"person": state.told, "known": state.name is not None, "choices": state_of(Choices).made}],
        on_person_change=_heard,
        height=1,
    )
    if state.name is None and told.person:
        state.name = str(told.person)[:60]


def _heard() -> None:
    """Make ``person`` exist; the rerun itself is all that is needed."""


def remember_person(name: str) -> None:
    """Use ``name`` from now on, and have the browser keep it."""
    state = state_of(PersonState)
    if name != (state.name or ""):
        state.name = state.told = name


DRAFT_COOKIE = "studio_draft"
_draft_component = st.components.v2.component(
    "studio_draft_memory",
    html=asset("hidden.html"),
    css=asset("hidden.css"),
    js=asset("draft_memory.js"),
    isolate_styles=False,
)


def kept_draft() -> str:
    """Return the name of the draft that this browser was writing last, as it says; empty when it says none."""
    return str(st.context.cookies.get(DRAFT_COOKIE, ""))


def remember_draft(draft_id: str) -> None:
    """Have the browser keep the name of the draft, for a later visit that names none."""
    _draft_component(key="draft_memory", data=[{"name": DRAFT_COOKIE, "draft": draft_id}], height=1)
