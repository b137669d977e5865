"""A text area tells Python what was typed only when it is left; this tells it at each pause of the typing.

Without it the button would stay dead until somebody clicks elsewhere, and a reload would lose the last sentence.
It presses the text area's own "apply" key (Ctrl+Enter), so the focus and what is being typed stay as they are.
"""

from __future__ import annotations

import streamlit as st

from ui.components import asset

_component = st.components.v2.component("studio_live_prompt", html="<span hidden></span>\n", js=asset("live_prompt.js"))


def live_prompt() -> None:
    """Make the page's text areas live."""
    _component(key="live_prompt", height=1)
