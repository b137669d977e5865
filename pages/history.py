"""Every clip that was ever made, as pictures, newest first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import groupby
from typing import Literal

import streamlit as st

from rivya.spec import DEFAULT_MODEL
from studio.i18n import N_
from studio.store import ALL, FILTERS, SORTS, ClipFilter, Filter, LabelKind, Sort
from studio.store.clip import Clip
from ui.clip_view import empty_state
from ui.components.gallery_keys import gallery_keys
from ui.feedback import needs_full_rerun, plain, run_action
from ui.i18n import MOST_COUNTED, _, day_end, day_start, local_day, ngettext, number, period_text
from ui.labels import option_label, param_label
from ui.panels import gallery, inbox
from ui.panels.edited import edited, edits_like
from ui.panels.starters import starter_cards
from ui.runtime import actor, is_phone, studio
from ui.session import came_from, state_of, visit

PAGE_SIZE = 24
REFRESH_SECONDS = 2.0
EDITED = "edited"
"""What was made out of clips, shown in the place of the clips."""

FILTER_LABELS = {
    "all": N_("All"),
    "starred": N_("Starred"),
    "running": N_("Running"),
    "succeeded": N_("Succeeded"),
    "failed": N_("Failed"),
    "refused": N_("Not started"),
    "unknown": N_("Unknown"),
    "deleted": N_("Trash"),
    EDITED: N_("Edited"),
}
SORT_LABELS = {"newest": N_("Newest first"), "oldest": N_("Oldest first"), "prompt": N_("By prompt, A to Z")}
MODE_LABELS = {"text": N_("From words alone"), "image": N_("From a picture")}
FILTER_SETTINGS = ("aspect_ratio", "duration", "resolution")
NARROWING = (*(f"history_{key}" for key in FILTER_SETTINGS), "history_mode", "history_person", "history_tag",
             "history_collection", "history_dates")  # fmt: skip
ADDRESS_KEYS = {"q": "history_search", "show": "history_filter"}
"""What of the view stands in the address, so that a reload and a bookmark show it again."""

OPENED_FROM_HERE = {"clip", "compare"}
SELDOM_NEEDED: tuple[Filter, ...] = ("running", "succeeded", "failed", "refused", "unknown")
"""Where nothing failed, was refused or is in doubt, all that is not running has succeeded."""
NAMES_FOUND: dict[LabelKind, str] = {"tag": N_("Tag: {name}"), "collection": N_("Collection: {name}")}
MOST_NAMES = 3
MOST_SEARCHED_CHARACTERS = 200
KEYS = {
    "← → ↑ ↓": N_("from clip to clip"),
    "Space": N_("play or stop"),
    "Enter": N_("open the clip"),
    "S": N_("star"),
    "X": N_("choose"),
    "/": N_("search"),
    "?": N_("this list"),
}


@dataclass
class HistoryState:
    """What was asked for, the clip before each page, the clips in the bar, those to be removed, and this visit."""

    asked: tuple[ClipFilter, Sort] | None = None
    before: dict[int, Clip | None] = field(default_factory=dict)
    in_bar: list[str] = field(default_factory=list)
    to_empty: list[str] = field(default_factory=list)
    was_moving: bool = False
    visit: int = 0
    is_widened: bool = False
    has_read_address: bool = False


def read_address() -> None:
    """Show what the address asks for, once in a session: afterwards the page itself knows better."""
    state = state_of(HistoryState)
    if state.has_read_address:
        return
    state.has_read_address = True
    words, shown = st.query_params.get("q"), st.query_params.get("show")
    if words:
        st.session_state["history_search"] = words[:MOST_SEARCHED_CHARACTERS].replace("\0", "")
    if shown in FILTER_LABELS:
        st.session_state["history_filter"] = shown


def write_address() -> None:
    for name, key in ADDRESS_KEYS.items():
        value = st.session_state.get(key) or ""
        if value == st.query_params.get(name, ""):
            continue
        if value and value != "all":
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def first_page() -> None:
    st.session_state["history_page"] = 1
    state_of(HistoryState).before = {}


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


def search_line() -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            _("Search"), key="history_search", persist_state="session", placeholder=_("Search in prompts"),
            live=True, on_change=first_page, width="stretch",
            icon=":material/search:", label_visibility="collapsed",
        )  # fmt: skip
        narrowing()
        if not is_phone():
            order(width=190)
        if not is_phone() and st.button(
            _("Shortcuts"), key="history_keys", icon=":material/keyboard:", type="tertiary"
        ):
            st.dialog(_("Shortcuts"), icon=":material/keyboard:")(list_of_keys)()
    st.pills(
        _("Status"), shown_filters(), key="history_filter", persist_state="session", default="all", required=True,
        format_func=lambda name: _(FILTER_LABELS[name]), on_change=start_anew, label_visibility="collapsed",
    )  # fmt: skip


def shown_filters() -> list[str]:
    """Return the filters by status; what happens seldom is offered where it happened."""
    chosen = st.session_state.get("history_filter")
    found = {name for name in SELDOM_NEEDED if studio().clips.count(ClipFilter(name), at_most=1)}
    if found == {"succeeded"}:
        found = set()
    shown: list[str] = [name for name in FILTERS if name not in SELDOM_NEEDED or name == chosen or name in found]
    return [*shown[:-1], *([EDITED] if chosen == EDITED or any(studio().edited()) else []), *shown[-1:]]


def order(width: int | Literal["stretch"]) -> None:
    st.selectbox(
        _("Order"), SORTS, key="history_sort", persist_state="session", width=width, on_change=first_page,
        format_func=lambda name: _(SORT_LABELS[name]), label_visibility="collapsed",
    )  # fmt: skip


def start_anew() -> None:
    first_page()
    gallery.forget_selection()


def arrive_anew() -> None:
    """Leave what was chosen and any other shelf behind, unless somebody comes back from what they opened here."""
    state = state_of(HistoryState)
    if state.visit != visit():
        state.visit = visit()
        if came_from() not in OPENED_FROM_HERE:
            gallery.forget_selection()
            if st.session_state.get("history_filter") in {"deleted", EDITED}:
                st.session_state["history_filter"] = "all"


def list_of_keys() -> None:
    for key, words in KEYS.items():
        st.markdown(f"`{key}`  {_(words)}")


def narrowing() -> None:
    """The filters that are not needed every day, behind one button that says how many are on."""
    active = sum(bool(st.session_state.get(key)) for key in NARROWING)
    label = _("Filters ({count})", count=active) if active else _("Filters")
    with st.popover(label, icon=":material/filter_list:", key="history_filters"):
        if is_phone():
            order(width="stretch")
        for key in FILTER_SETTINGS:
            st.pills(
                param_label(key), DEFAULT_MODEL.param(key).options, selection_mode="multi", key=f"history_{key}",
                persist_state="session", on_change=first_page,
                format_func=partial(option_label, key),
            )  # fmt: skip
        st.pills(
            _("Made"), list(MODE_LABELS), key="history_mode", persist_state="session", on_change=first_page,
            format_func=lambda name: _(MODE_LABELS[name]),
        )  # fmt: skip
        names = {
            "person": (_("Person"), studio().clips.people()),
            "tag": (_("Tag"), list(studio().labels.names("tag"))),
            "collection": (_("Collection"), list(studio().labels.names("collection"))),
        }
        for key, (label, options) in names.items():
            if options:
                st.selectbox(
                    label, options, key=f"history_{key}", persist_state="session", index=None, placeholder=_("Any"),
                    on_change=first_page,
                )  # fmt: skip
        st.date_input(
            _("Days"), value=[], key="history_dates", persist_state="session", on_change=first_page, format="YYYY-MM-DD"
        )
        st.button(_("Clear the filters"), key="history_clear_filters", disabled=not active, on_click=clear_filters)


def clear_filters() -> None:
    for key in NARROWING:
        st.session_state[key] = (
            () if key == "history_dates" else [] if key.removeprefix("history_") in FILTER_SETTINGS else None
        )
    first_page()


def wanted() -> ClipFilter:
    state = st.session_state
    days: tuple[date, ...] = tuple(state.get("history_dates") or ())
    return ClipFilter(
        shown=shown if (shown := state.get("history_filter")) in FILTERS else "all",
        words=state.get("history_search") or "",
        settings=tuple((key, tuple(values)) for key in FILTER_SETTINGS if (values := state.get(f"history_{key}"))),
        mode=state.get("history_mode") or "",
        person=state.get("history_person") or "",
        tag=state.get("history_tag") or "",
        collection=state.get("history_collection") or "",
        since=day_start(days[0]) if days else None,
        until=day_end(days[-1]) if days else None,
    )


def clips_in_grid() -> None:
    inbox.look(watched=False)
    ended = state_of(HistoryState).was_moving and not studio().active()
    # The search box stands outside this part of the page: drawn anew alone, it would bring back what was cleared.
    state = state_of(HistoryState)
    if needs_full_rerun() or ended or state.is_widened or state.in_bar != gallery.selected():
        st.rerun()
    only = wanted()
    sort: Sort = st.session_state.get("history_sort") or "newest"
    total = studio().clips.count(only, at_most=MOST_COUNTED)
    if not total and (named := named_instead(only)):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_("No prompt has these words. This is what they name:"), width="content")
            names_found(only.words)
        only, total = named, studio().clips.count(named, at_most=MOST_COUNTED)
    gallery.look_through(only)
    pages = max(-(-total // PAGE_SIZE), 1)
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
    for period, members in groupby(
        clips, lambda clip: None if sort == "prompt" else period_text(local_day(clip.created_at))
    ):
        if period:
            st.header(period, anchor=False)
        shown = list(members)
        stacks = [[clip] for clip in shown] if only.shown == "deleted" else gallery.stacks_of(shown)
        with st.container(horizontal=True, gap="small", key=f"gallery_{stacks[0][0].id}"):
            gallery.rows_of_one_height([stack[0] for stack in stacks])
            for stack in stacks:
                names = labels[stack[0].id]
                gallery.card(stack, names["tag"] + names["collection"], only.words)
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.session_state["history_page"] = page
            st.pagination(pages, key="history_page")


def summary(total: int, clips: list[Clip], only: ClipFilter) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = ngettext("{count} clip", "{count} clips", total)
        if total == MOST_COUNTED:
            words = _("{count}+ clips", count=number(total))
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


def names_like(words: str) -> list[tuple[LabelKind, str]]:
    """Return the tags and collections that begin with what is searched for: the search itself reads prompts."""
    wanted = words.strip().casefold()
    if not wanted:
        return []
    return [(kind, name) for kind in NAMES_FOUND for name in studio().labels.names(kind)
            if name.casefold().startswith(wanted)]  # fmt: skip


def named_instead(only: ClipFilter) -> ClipFilter | None:
    """Return what to show where no prompt has the words, but one tag or collection begins with them."""
    names = names_like(only.words)
    if len(names) != 1:
        return None
    ((kind, name),) = names
    return replace(only, words="", tag=name) if kind == "tag" else replace(only, words="", collection=name)


def names_found(words: str) -> None:
    """Lead to the tags and collections that begin with what is searched for, and to what was made with that name."""
    for kind, name in names_like(words)[:MOST_NAMES]:
        st.button(
            _(NAMES_FOUND[kind], name=plain(name)), key=f"history_{kind}_of_{name}", icon=":material/label:",
            type="tertiary", on_click=narrow_to, args=(kind, name),
        )  # fmt: skip
    if words.strip() and (count := len(edits_like(words))):
        st.button(
            ngettext("{count} edited video", "{count} edited videos", count), key="history_edited_of",
            icon=":material/content_cut:", type="tertiary", on_click=show_edited,
        )  # fmt: skip


def show_edited() -> None:
    st.session_state["history_filter"] = EDITED
    state_of(HistoryState).is_widened = True
    start_anew()


def narrow_to(kind: LabelKind, name: str) -> None:
    """Show what has this tag, or is in this collection, instead of what was searched for."""
    st.session_state["history_search"], st.session_state[f"history_{kind}"] = "", name
    state_of(HistoryState).is_widened = True
    first_page()


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


def show_all() -> None:
    """Take back the search and every filter."""
    st.session_state["history_search"], st.session_state["history_filter"] = "", "all"
    state_of(HistoryState).is_widened = True
    clear_filters()


def open_trash() -> None:
    st.session_state["history_filter"] = "deleted"
    state_of(HistoryState).is_widened = True
    start_anew()


def empty(only: ClipFilter) -> None:
    if only.shown == "deleted":
        empty_state(_("The trash is empty"), _("What you delete waits here for 30 days before it is gone."))
    elif only != ALL:
        empty_state(_("Nothing here"), _("No clip fits this search and these filters."))
        with st.container(horizontal_alignment="center"):
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
state_of(HistoryState).was_moving, state_of(HistoryState).is_widened = moving, False
state_of(HistoryState).in_bar = list(gallery.selected())
if st.session_state.get("history_filter") == EDITED:
    edited(st.session_state.get("history_search") or "")
else:
    st.fragment(clips_in_grid, run_every=REFRESH_SECONDS if moving else None)()
    gallery.selection_bar(trash=st.session_state.get("history_filter") == "deleted")
    if not gallery.selected():
        gallery.undo_line()
gallery_keys({"keys": _("Arrows move on, S gives a star, X chooses.")})
