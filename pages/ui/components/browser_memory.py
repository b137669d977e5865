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
        data={"person": state.told, "known": state.name is not None, "choices": state_of(Choices).made},
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


_draft_component = st.components.v2.component(
    "studio_draft_memory",
    html=asset("hidden.html"),
    css=asset("hidden.css"),
    js=asset("draft_memory.js"),
    isolate_styles=False,
)


def recall_draft(draft_id: str, *, asks: bool) -> str | None:
    """Have the browser keep the name of the draft; with ``asks`` return the name that it kept before, if another."""
    told = _draft_component(
        key="draft_memory", data={"draft": draft_id, "asks": asks}, on_draft_change=_heard, height=1
    )
    return str(told.draft) if asks and told.draft else None
