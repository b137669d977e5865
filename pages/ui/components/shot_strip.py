"""The shots of a storyboard as a strip: press one to open it; drag it, or press Alt with an arrow key, to move it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

import streamlit as st

from ui.components import asset

KEY = "shot_strip"
_component = st.components.v2.component(
    "studio_shot_strip", html=asset("shot_strip.html"), css=asset("shot_strip.css"), js=asset("shot_strip.js")
)


class ShotCard(TypedDict):
    """What a card shows. ``poster`` is an address, empty while there is none; ``moves`` is for what is being made."""

    id: str
    number: str
    words: str
    poster: str
    state: str
    seconds: str
    continues: bool
    moves: bool


def shot_strip(
    shots: list[ShotCard],
    *,
    selected: str,
    words: dict[str, str],
    on_select: Callable[[str], None],
    on_arrange: Callable[[list[str]], None],
) -> None:
    """Draw the strip. ``on_select`` gets the id of the card that was opened, ``on_arrange`` all ids in a new order."""

    def selected_one() -> None:
        on_select(str(st.session_state[KEY].selected))

    def arranged() -> None:
        order = st.session_state[KEY].order
        known = {shot["id"] for shot in shots}
        if order and set(order) == known:
            on_arrange([str(each) for each in order])

    _component(
        key=KEY,
        data=[{"shots": shots, "selected": selected, "words": words}],
        on_selected_change=selected_one,
        on_order_change=arranged,
    )
