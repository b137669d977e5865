"""What the browser keeps for its person: their name, and which draft they were writing. Nothing secret is among it."""

from __future__ import annotations

import streamlit as st

from ui.components.hidden import HIDDEN_CSS, HIDDEN_HTML
from ui.runtime import PersonState
from ui.session import state_of

_JS = """
const STORE = "studio.person";
export default function ({ data, setStateValue }) {
  if (data.person !== null) localStorage.setItem(STORE, data.person);
  else if (!data.known && localStorage.getItem(STORE)) setStateValue("person", localStorage.getItem(STORE));
}
"""

_component = st.components.v2.component(
    "studio_browser_memory", html=HIDDEN_HTML, css=HIDDEN_CSS, js=_JS, isolate_styles=False
)


def recall_person() -> None:
    """Learn the name from the browser, once in a session, or tell it the new one. Call it once on every page."""
    state = state_of(PersonState)
    told = _component(
        key="browser_memory",
        data={"person": state.told, "known": state.name is not None},
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


_DRAFT_JS = """
const STORE = "studio.draft";
export default function ({ data, setStateValue }) {
  const kept = localStorage.getItem(STORE);
  if (data.asks && kept && kept !== data.draft) setStateValue("draft", kept);
  else localStorage.setItem(STORE, data.draft);
}
"""

_draft_component = st.components.v2.component(
    "studio_draft_memory", html=HIDDEN_HTML, css=HIDDEN_CSS, js=_DRAFT_JS, isolate_styles=False
)


def recall_draft(draft_id: str, *, asks: bool) -> str | None:
    """Have the browser keep the name of the draft; with ``asks`` return the name that it kept before, if another."""
    told = _draft_component(
        key="draft_memory", data={"draft": draft_id, "asks": asks}, on_draft_change=_heard, height=1
    )
    return str(told.draft) if asks and told.draft else None
