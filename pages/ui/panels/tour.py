"""The first minutes: four steps that tick themselves off as they are done, in the demo, where nothing is paid."""

from __future__ import annotations

import streamlit as st

from ui.i18n import _
from ui.runtime import studio

_STATE = "tour"


def begin() -> None:
    """Show the tour, from its beginning."""
    st.session_state[_STATE] = {"on": True, "clips": studio().clips.count()}


def end() -> None:
    """Hide the tour."""
    st.session_state[_STATE] = {"on": False}


def is_on() -> bool:
    """Whether the tour is shown; in the demo it begins by itself for somebody who has made nothing yet."""
    if _STATE not in st.session_state:
        begin() if studio().settings.is_demo and not studio().clips.count() else end()
    return bool(st.session_state[_STATE]["on"])


def tour() -> None:
    """Draw the steps with the next one marked."""
    if not is_on():
        st.empty()
        return
    prompt, newest = st.session_state.get("generate_prompt") or "", studio().clips.page(limit=1)
    state = st.session_state[_STATE]
    made = studio().clips.count() - state["clips"]
    state["watched"] = state.get("watched") or bool(made and any(clip.video_path for clip in newest))
    steps = {
        _("Press one of the ideas below, or write a sentence of your own"): bool(prompt.strip() or made),
        _("Press Generate. In the demo it is free; with a key it costs what the button says"): made > 0,
        _("Watch it. You may close the page meanwhile: nothing is lost"): state["watched"],
        _("Change a word, a shape or the seed, and make another; all are in History"): made > 1,
    }
    following = next((step for step, done in steps.items() if not done), "")
    with st.container(border=True, gap="xsmall", key="tour"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(_("**Your first clip in four steps**"), width="content")
            st.button(_("Hide"), key="tour_end", type="tertiary", icon=":material/close:", on_click=end)
        for step, done in steps.items():
            icon = ":green[:material/check_circle:]" if done else ":material/radio_button_unchecked:"
            st.markdown(f"{icon} **{step}**" if step == following else f"{icon} {step}")
