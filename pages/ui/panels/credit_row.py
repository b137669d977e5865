"""A clip as a line of an account: its picture, its words, the credits that it moved."""

from __future__ import annotations

import streamlit as st

from studio.store.clip import Clip
from ui.clip_view import clip_link, poster, short_prompt
from ui.feedback import plain
from ui.i18n import number

POSTER_WIDTH_PIXELS = 64


def credit_row(clip: Clip, place: str, *, credits_moved: float, characters: int, below: str = "") -> None:
    """Draw the line of ``clip``; ``place`` keeps two lists of a page apart, ``below`` stands under its words."""
    with st.container(
        horizontal=True, wrap=False, vertical_alignment="center", gap="small", key=f"wallet_{place}_{clip.id}"
    ):
        with st.container(width=POSTER_WIDTH_PIXELS):
            poster(clip)
        with st.container(gap=None):
            label = plain(short_prompt(clip, characters))
            clip_link(clip.id, label, width="stretch")
            if below:
                st.caption(below)
        st.markdown(number(credits_moved), width="content")
