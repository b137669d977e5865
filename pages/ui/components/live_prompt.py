"""A text area tells Python what was typed only when it is left; this tells it at each pause of the typing.

Without it the button would stay dead until somebody clicks elsewhere, and a reload would lose the last sentence.
It presses the text area's own "apply" key (Ctrl+Enter), so the focus and what is being typed stay as they are.
"""

from __future__ import annotations

import streamlit as st

_JS = """
const PAUSE_MILLISECONDS = 300;
const apply = (area) => {
  const key = { key: "Enter", code: "Enter", ctrlKey: true, metaKey: true, bubbles: true, cancelable: true };
  area.dispatchEvent(new KeyboardEvent("keydown", key));
};
export default function () {
  if (window.studioLivePrompt) return;
  window.studioLivePrompt = true;
  let timer = 0;
  document.addEventListener("input", (event) => {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement) || event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(apply, PAUSE_MILLISECONDS, area);
  });
  document.querySelectorAll("textarea").forEach((area) => area.value && apply(area));
}
"""

_component = st.components.v2.component("studio_live_prompt", html="<span hidden></span>\n", js=_JS)


def live_prompt() -> None:
    """Make the page's text areas live."""
    _component(key="live_prompt", height=1)
