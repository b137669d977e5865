"""The way back from a clip, or from a comparison: to the page that its reader came from."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from studio.i18n import N_
from ui.i18n import _
from ui.session import came_from, state_of

HISTORY = ("history.py", N_("History"))
GENERATE = ""
"""The address of Generate below the app's."""

PAGES = {
    GENERATE: ("generate.py", N_("Generate")),
    "queue": ("planned.py", N_("Queue")),
    "storyboard": ("storyboard.py", N_("Storyboard")),
    "credits": ("credits.py", N_("Credits")),
    "compare": ("compare.py", N_("Compare")),
}
"""Where clips are opened besides History, by the page's address."""


@dataclass
class Compared:
    """The clips that were compared last in this session."""

    clip_ids: list[str] = field(default_factory=list)


def way_back() -> None:
    """Lead to the page before this one; to History, from where one came by a link or by the menu."""
    before = came_from()
    page, label = HISTORY if before is None else PAGES.get(before, HISTORY)
    compared = {"clips": ",".join(state_of(Compared).clip_ids)} if page == "compare.py" else None
    st.page_link(page, label=_(label), icon=":material/arrow_back:", query_params=compared)
