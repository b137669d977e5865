"""What happened while nobody was looking."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import streamlit as st

from studio.store.clip import Clip, State
from ui.i18n import _, ngettext
from ui.runtime import studio
from ui.session import state_of


@dataclass
class InboxState:
    """How many ended in which way before the first look (``None``: not looked yet), and the clips marked as new."""

    ended: Counter[State] | None = None
    new: set[str] = field(default_factory=set)


def look(*, watched: bool = True) -> None:
    """Take note of what ended: it is news at a session's first look, and marked as new unless it is ``watched``."""
    unseen = studio().clips.take_unseen()
    state = state_of(InboxState)
    if state.ended is None:
        state.ended = Counter(clip.state for clip in unseen)
        watched = False
    if not watched:
        state.new.update(clip.id for clip in unseen)


def first_look() -> None:
    """Take note of what ended before this session, on whatever page it begins; what ends from now on is watched."""
    if state_of(InboxState).ended is None:
        look()


def is_new(clip: Clip) -> bool:
    """Whether a clip ended unseen and was not opened since."""
    return clip.id in state_of(InboxState).new


def new_badge(clip: Clip) -> None:
    """Mark a clip that ended unseen, until it is opened."""
    if is_new(clip):
        st.badge(_("New"), icon=":material/fiber_new:", color="violet")


def opened(*clips: Clip) -> None:
    """Take the mark from clips that somebody looks at; what ends under their eyes is no news later."""
    state_of(InboxState).new.difference_update(clip.id for clip in clips)
    if ended := [clip.id for clip in clips if not clip.is_open]:
        studio().clips.take_unseen(ended)


def news() -> None:
    """Tell, once, what ended while everybody was away, with a way to it and a way to be done with it."""
    ended = state_of(InboxState).ended
    if not ended:
        return
    parts = [
        ngettext("{count} finished", "{count} finished", ended[State.SUCCEEDED]) if ended[State.SUCCEEDED] else "",
        ngettext("{count} failed and refunded", "{count} failed and refunded", ended[State.FAILED])
        if ended[State.FAILED]
        else "",
        ngettext("{count} refused", "{count} refused", ended[State.REFUSED]) if ended[State.REFUSED] else "",
    ]
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="small", key="inbox"):
        words = _("While you were away: {what}", what=", ".join(filter(None, parts)))
        st.markdown(f":material/inbox: {words}", width="stretch")
        st.page_link("history.py", label=_("Open the history"), icon=":material/grid_view:")
        st.button(
            _("Seen"), key="icon_inbox_seen", icon=":material/close:", type="tertiary", help=_("Seen"), on_click=_seen
        )


def _seen() -> None:
    state = state_of(InboxState)
    state.ended, state.new = Counter(), set()
