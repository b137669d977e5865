"""Every clip that was ever made, as pictures, newest first."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from rivya.clip import Clip
from rivya.i18n import N_
from rivya.store import FILTERS
from ui.components import CLIP_PAGE, GENERATE_PAGE, empty_state, poster, short_prompt, star_button, state_badge
from ui.feedback import plain
from ui.i18n import _, day_text, local_day, ngettext
from ui.runtime import studio
from ui.terms import option_label

PAGE_SIZE = 24
TITLE_CHARACTERS = 28
REFRESH_SECONDS = 2.0
FILTER_LABELS = {
    "all": N_("All"),
    "starred": N_("Starred"),
    "running": N_("Running"),
    "succeeded": N_("Succeeded"),
    "failed": N_("Failed"),
    "refused": N_("Refused"),
    "unknown": N_("Unknown"),
    "deleted": N_("Trash"),
}


def first_page() -> None:
    st.session_state.pop("history_cursor", None)


def card(clip: Clip) -> None:
    with st.container(border=True, gap="small"):
        poster(clip)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
            state_badge(clip)
            star_button(clip, "history")
            if "duration" in clip.params:
                st.caption(option_label("duration", str(clip.params["duration"])), width="content")
        words = plain(short_prompt(clip, TITLE_CHARACTERS))
        st.page_link(CLIP_PAGE, label=words, query_params={"clip": clip.id}, help=plain(short_prompt(clip)))


def gallery() -> None:
    shown = st.session_state.get("history_filter") or "all"
    search = st.session_state.get("history_search") or ""
    direction, seq = st.session_state.get("history_cursor", (None, None))
    cursor = {direction: seq} if direction else {}
    clips = studio().page(shown=shown, search=search, limit=PAGE_SIZE, **cursor)
    if direction == "after" and len(clips) < PAGE_SIZE:
        clips = studio().page(shown=shown, search=search, limit=PAGE_SIZE)
    if st.session_state.get("history_was_moving") and not studio().active():
        st.rerun()
    if not clips:
        empty(shown, search)
        return
    for day, of_day in groupby(clips, key=lambda clip: local_day(clip.created_at)):
        st.header(day_text(day), anchor=False)
        with st.grid(min_column_width=240, gap="small"):
            for clip in of_day:
                card(clip)
    turn_pages(clips, studio().page(shown=shown, search=search, limit=1), shown, search)


def turn_pages(clips: list[Clip], newest: list[Clip], shown: str, search: str) -> None:
    older = studio().page(shown=shown, search=search, limit=1, before=clips[-1].seq)
    if not older and newest[0].seq == clips[0].seq:
        return
    with st.container(horizontal=True, horizontal_alignment="center", gap="medium"):
        if st.button(
            _("Newer"), icon=":material/chevron_left:", disabled=newest[0].seq == clips[0].seq, key="history_newer"
        ):
            st.session_state["history_cursor"] = ("after", clips[0].seq)
            st.rerun()
        if st.button(
            _("Older"), icon=":material/chevron_right:", icon_position="right", disabled=not older, key="history_older"
        ):
            st.session_state["history_cursor"] = ("before", clips[-1].seq)
            st.rerun()


def empty(shown: str, search: str) -> None:
    if search or shown != "all":
        empty_state(_("Nothing here"), _("No clip fits this search and filter."))
    else:
        text = _("Each clip you make is kept here, with its film, for good.")
        empty_state(_("No clips yet"), text, page=GENERATE_PAGE, link=_("Make the first one"))


with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    st.text_input(
        _("Search"),
        key="history_search",
        persist_state="session",
        placeholder=_("Search in prompts"),
        live="300ms",
        on_change=first_page,
        width=320,
    )
    st.pills(
        _("Status"),
        FILTERS,
        key="history_filter",
        persist_state="session",
        default="all",
        required=True,
        format_func=lambda name: _(FILTER_LABELS[name]),
        on_change=first_page,
    )
total = studio().count(
    shown=st.session_state.get("history_filter") or "all", search=st.session_state.get("history_search") or ""
)
st.caption(ngettext("{count} clip", "{count} clips", total))
moving = bool(studio().active())
st.session_state["history_was_moving"] = moving
st.fragment(gallery, run_every=REFRESH_SECONDS if moving else None)()
