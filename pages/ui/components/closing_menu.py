"""On a narrow screen the menu lies over the page: it closes when a page was chosen from it."""

from __future__ import annotations

import streamlit as st

from ui.components import asset

_component = st.components.v2.component(
    "studio_closing_menu",
    html=asset("hidden.html"),
    css=asset("hidden.css"),
    js=asset("closing_menu.js"),
    isolate_styles=False,
)


def closing_menu() -> None:
    """Have the menu close itself; call it once on every page."""
    _component(key="closing_menu", height=1)
