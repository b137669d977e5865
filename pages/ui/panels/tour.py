"""The first minutes: four steps that tick themselves off as they are done, in the demo, where nothing is paid."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ui import draft
from ui.i18n import _
from ui.runtime import studio
from ui.session import state_of


@dataclass
class TourState:
    """Whether the tour is shown (``None``: not decided yet), the clips there were before it, and what was watched."""

    is_on: bool | None = None
    clips_before: int = 0
    has_watched: bool = False


def begin() -> None:
    """Show the tour, from its beginning."""
    state = state_of(TourState)
    state.is_on, state.clips_before, state.has_watched = True, studio().clips.count(), False


def end() -> None:
    """Hide the tour."""
    state_of(TourState).is_on = False


def is_on() -> bool:
    """Whether the tour is shown; in the demo it begins by itself for somebody who has made nothing yet."""
    if state_of(TourState).is_on is None:
        begin() if studio().settings.is_demo and not studio().clips.count() else end()
    return bool(state_of(TourState).is_on)


def tour() -> None:
    """Draw the steps with the next one marked."""
    if not is_on():
        st.empty()
        return
    prompt, newest = draft.prompt(), studio().clips.page(limit=1)
    state = state_of(TourState)
    made = studio().clips.count() - state.clips_before
    state.has_watched = state.has_watched or bool(made and any(clip.video_path for clip in newest))
    steps = {
        _("Press one of the ideas below, or write a sentence of your own"): bool(prompt.strip() or made),
        _("Press Generate. In the demo it is free; with a key it costs what the button says"): made > 0,
        _("Watch it. You may close the page meanwhile: nothing is lost"): state.has_watched,
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
