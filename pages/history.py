"""Every clip that was ever made, as pictures, newest first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby

import streamlit as st

from studio.store import ALL, ClipFilter, Sort
from studio.store.clip import Clip
from ui.clip_view import empty_state
from ui.components.gallery_keys import gallery_keys
from ui.feedback import needs_full_rerun, plain, run_action
from ui.i18n import MOST_COUNTED, _, local_day, ngettext, number, period_text
from ui.panels import gallery, inbox
from ui.panels.edited import edited
from ui.panels.history_filter import (
    EDITED,
    FilterState,
    as_prompts_spell_it,
    named_instead,
    names_found,
    narrow_to,
    open_trash,
    read_address,
    search_line,
    show_all,
    wanted,
    write_address,
)
from ui.panels.starters import starter_cards
from ui.runtime import actor, studio
from ui.session import came_from, state_of, visit

PAGE_SIZE = 24
REFRESH_SECONDS = 2.0
MOST_FOUND = 1_000
"""Clips with a word are counted no further: 0.4 ms, where 10,000 take 5, and 14 on PostgreSQL (benchmarks/store.py)."""

OPENED_FROM_HERE = {"clip", "compare"}


@dataclass
class HistoryState:
    """What was asked for, the clip before each page, the clips in either bar, those to be removed, and this visit."""

    asked: tuple[ClipFilter, Sort] | None = None
    before: dict[int, Clip | None] = field(default_factory=dict)
    in_bar: list[str] = field(default_factory=list)
    undoable: list[str] = field(default_factory=list)
    to_empty: list[str] = field(default_factory=list)
    was_moving: bool = False
    visit: int = 0


def clips_of_page(page: int, only: ClipFilter, sort: Sort) -> list[Clip]:
    """Return a page's clips: what stood there when it was first seen stays there, whatever is made meanwhile.

    For each page the clip before its first one is remembered, while search, filters and order stay the same.
    """
    state = state_of(HistoryState)
    if state.asked != (only, sort):
        state.asked, state.before = (only, sort), {}
    before = state.before
    if page > 1 and page not in before:
        found = studio().clips.page(only, sort=sort, limit=1, offset=(page - 1) * PAGE_SIZE - 1)
        before[page] = found[0] if found else None
    clips = studio().clips.page(only, sort=sort, limit=PAGE_SIZE, behind=before.get(page))
    if len(clips) == PAGE_SIZE:
        before[page + 1] = clips[-1]
    return clips


def arrive_anew() -> None:
    """Leave what was chosen and any other shelf behind, unless somebody comes back from what they opened here.

    What was chosen for a comparison has served.
    """
    state = state_of(HistoryState)
    if state.visit != visit():
        state.visit = visit()
        if came_from() != "clip":
            gallery.forget_selection()
        is_elsewhere = came_from() not in OPENED_FROM_HERE
        if is_elsewhere and st.session_state.get("history_filter") in {"deleted", EDITED}:
            st.session_state["history_filter"] = "all"


def most_counted(only: ClipFilter) -> int:
    """Return how far clips are counted; the trash with a word is emptied by its number."""
    return MOST_FOUND if only.words and only.shown != "deleted" else MOST_COUNTED


def counted_clips(only: ClipFilter) -> int:
    """Return how many clips fit, or one more than are counted."""
    return studio().clips.count(only, at_most=most_counted(only) + 1)


def clips_in_grid() -> None:
    inbox.look(watched=False)
    ended = state_of(HistoryState).was_moving and not studio().active()
    # The search box stands outside this part of the page: drawn anew alone, it would bring back what was cleared.
    state = state_of(HistoryState)
    is_other_bar = (state.in_bar, state.undoable) != (gallery.selected(), gallery.thrown_away())
    if needs_full_rerun() or ended or state_of(FilterState).is_widened or is_other_bar:
        st.rerun()
    only = wanted()
    sort: Sort = st.session_state.get("history_sort") or "newest"
    total = counted_clips(only)
    if not total and only.shown != "deleted" and (named := named_instead(only)):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_("No prompt has these words. This is what they name:"), width="content")
            names_found(only.words)
        only, total = named, counted_clips(named)
    elif not total and only.words and (meant := as_prompts_spell_it(only)):
        words = _("No prompt has these words. This is “{words}”:", words=plain(meant.words))
        st.caption(words)
        only, total = meant, counted_clips(meant)
    gallery.look_through(only)
    pages = max(-(-min(total, most_counted(only)) // PAGE_SIZE), 1)
    page = min(st.session_state.get("history_page") or 1, pages)
    clips = clips_of_page(page, only, sort)
    if not clips and page > 1:
        state_of(HistoryState).before = {}
        clips = clips_of_page(page, only, sort)
    summary(total, clips, only)
    if not clips:
        empty(only)
        return
    labels = studio().labels.of([clip.id for clip in clips])
    replaced = studio().storyboards.replaced_clips(clips)
    for period, members in groupby(
        clips, lambda clip: None if sort == "prompt" else period_text(local_day(clip.created_at))
    ):
        if period:
            st.header(period, anchor=False)
        shown = list(members)
        is_day = period in {_("Today"), _("Yesterday")}
        stacks = [[clip] for clip in shown] if only.shown == "deleted" else gallery.stacks_of(shown)
        with st.container(horizontal=True, gap="small", key=f"gallery_{stacks[0][0].id}"):
            gallery.rows_of_one_height([stack[0] for stack in stacks])
            for stack in stacks:
                gallery.card(
                    stack, labels[stack[0].id], only.words, with_day=not is_day,
                    is_replaced=stack[0].id in replaced, on_name=narrow_to,
                )  # fmt: skip
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.session_state["history_page"] = page
            st.pagination(pages, key="history_page")


def summary(total: int, clips: list[Clip], only: ClipFilter) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = ngettext("{count} clip", "{count} clips", total)
        if total > (most := most_counted(only)):
            words = _("{count}+ clips", count=number(most))
        cards = len(clips) if only.shown == "deleted" else len(gallery.stacks_of(clips))
        if cards < len(clips) == total:
            words = _("{clips}, takes on one card", clips=words)
        st.caption(words, width="content")
        if clips:
            st.button(
                _("Select all"),
                key="history_choose_all",
                type="tertiary",
                on_click=gallery.choose_all,
                args=(clips,),
            )
        if clips and replace(only, shown="all") != ALL:
            label = _("Show all clips")
            st.button(label, key="history_unsearch", type="tertiary", icon=":material/close:", on_click=show_all)
        names_found(only.words)
        if only.shown == "deleted":
            st.caption(_("Clips stay here for 30 days; then their videos are removed for good."), width="content")
            if clips and st.button(_("Empty the trash"), key="history_empty_trash", type="tertiary"):
                lying = studio().clips.page(only, limit=total)
                state_of(HistoryState).to_empty = [clip.id for clip in lying]
                st.dialog(_("Empty the trash?"), icon=":material/delete_forever:")(emptying)()


def emptying() -> None:
    count = len(state_of(HistoryState).to_empty)
    st.markdown(
        ngettext(
            "The video of {count} clip is removed for good.", "The videos of {count} clips are removed for good.", count
        )
    )
    st.caption(_("This cannot be undone. The receipts stay in Credits, and no credits come back."))
    with st.container(horizontal=True, gap="small"):
        label, icon = _("Remove for good"), ":material/delete_forever:"
        if st.button(label, key="history_empty_yes", type="primary", icon=icon, on_click=remove_for_good):
            st.rerun()
        if st.button(_("Keep them"), key="history_empty_no"):
            st.rerun()


def remove_for_good() -> None:
    run_action(partial(studio().remove_for_good, by=actor()), state_of(HistoryState).to_empty)
    gallery.forget_undo()


def empty(only: ClipFilter) -> None:
    if only == ClipFilter(shown="deleted"):
        empty_state(_("The trash is empty"), _("What you delete waits here for 30 days before it is gone."))
    elif only != ALL:
        is_search_alone = replace(only, words="") == ALL
        no_match = (
            _("No prompt has these words.") if is_search_alone else _("No clip fits this search and these filters.")
        )
        empty_state(_("Nothing here"), no_match)
        deleted = studio().clips.count(replace(only, shown="deleted"), at_most=MOST_COUNTED)
        with st.container(horizontal=True, horizontal_alignment="center"):
            if deleted:
                label = ngettext("{count} in the trash", "{count} in the trash", deleted)
                st.button(label, key="history_look_in_trash", icon=":material/delete:", on_click=open_trash)
            st.button(_("Show all clips"), key="history_show_all", icon=":material/close:", on_click=show_all)
    elif studio().clips.count(ClipFilter(shown="deleted"), at_most=1):
        empty_state(_("All your clips are in the trash"), _("They wait there for 30 days."))
        with st.container(horizontal_alignment="center"):
            st.button(_("Open the trash"), key="history_open_trash", icon=":material/delete:", on_click=open_trash)
    else:
        st.header(_("No clips yet"), anchor=False)
        st.caption(_("Each clip you make is kept here, with its video, for good. Press one of these to begin."))
        starter_cards("history")


arrive_anew()
read_address()
search_line()
write_address()
moving = bool(studio().active())
state_of(HistoryState).was_moving, state_of(FilterState).is_widened = moving, False
state_of(HistoryState).in_bar, state_of(HistoryState).undoable = [*gallery.selected()], [*gallery.thrown_away()]
if st.session_state.get("history_filter") == EDITED:
    edited(st.session_state.get("history_search") or "")
else:
    st.fragment(clips_in_grid, run_every=REFRESH_SECONDS if moving else None)()
    gallery.selection_bar(trash=st.session_state.get("history_filter") == "deleted")
    if not gallery.selected():
        gallery.undo_line()
gallery_keys({"keys": _("Arrows move on, S keeps, X chooses.")})
