"""Which clips History shows: words, status, settings, names and days; words and status stand in the address too."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Literal

import streamlit as st

from rivya.spec import DEFAULT_MODEL
from studio.i18n import N_
from studio.prompts.spelling import respelled
from studio.store import FILTERS, SORTS, ClipFilter, Filter, LabelKind
from ui.feedback import plain
from ui.i18n import _, day_end, day_start, ngettext, today
from ui.labels import option_label, param_label
from ui.panels import gallery
from ui.panels.edited import edits_like
from ui.runtime import is_phone, studio
from ui.session import state_of

EDITED = "edited"
"""What was made out of clips, shown in the place of the clips."""

FILTER_LABELS = {
    "all": N_("All"),
    "starred": N_("Kept"),
    "running": N_("Running"),
    "succeeded": N_("Succeeded"),
    "failed": N_("Failed"),
    "refused": N_("Not started"),
    "unknown": N_("Unknown"),
    "deleted": N_("Trash"),
    EDITED: N_("Edited"),
}
SORT_LABELS = {"newest": N_("Newest first"), "oldest": N_("Oldest first"), "prompt": N_("By prompt, A to Z")}
MODE_LABELS = {"text": N_("From words alone"), "image": N_("From a picture or a frame")}
FILTER_SETTINGS = ("aspect_ratio", "duration", "resolution")
NARROWING = (*(f"history_{key}" for key in FILTER_SETTINGS), "history_mode", "history_person", "history_tag",
             "history_collection", "history_dates")  # fmt: skip
ADDRESS_KEYS = {"q": "history_search", "show": "history_filter"}
"""What of the view stands in the address, so that a reload and a bookmark show it again."""
SELDOM_NEEDED: tuple[Filter, ...] = ("running", "succeeded", "failed", "refused", "unknown")
"""Where nothing failed, was refused or is in doubt, all that is not running has succeeded."""
NAMES_FOUND: dict[LabelKind, str] = {"tag": N_("Tag: {name}"), "collection": N_("Collection: {name}")}
MOST_NAMES = 3
SPELLED_PROMPTS = 500
MOST_SEARCHED_CHARACTERS = 200
SPANS = {1: N_("Today"), 7: N_("Last 7 days"), 30: N_("Last 30 days")}
KEYS = {
    "← → ↑ ↓": N_("from clip to clip"),
    "Space": N_("play or stop"),
    "Enter": N_("open the clip"),
    "S": N_("keep"),
    "X": N_("choose"),
    "Del": N_("move what is chosen to the trash"),
    "U": N_("undo that"),
    "/": N_("search"),
    "?": N_("this list"),
}


@dataclass
class FilterState:
    """Whether the address was read, and whether a press took back filters since the page was drawn."""

    has_read_address: bool = False
    is_widened: bool = False


def _first_page() -> None:
    """Go to the first page of what is shown now."""
    st.session_state["history_page"] = 1


def read_address() -> None:
    """Show what the address asks for, once in a session: afterwards the page itself knows better."""
    state = state_of(FilterState)
    if state.has_read_address:
        return
    state.has_read_address = True
    words, shown = st.query_params.get("q"), st.query_params.get("show")
    if words:
        st.session_state["history_search"] = words[:MOST_SEARCHED_CHARACTERS].replace("\0", "")
    if shown in FILTER_LABELS:
        st.session_state["history_filter"] = shown


def write_address() -> None:
    """Keep words and status in the address."""
    for name, key in ADDRESS_KEYS.items():
        value = st.session_state.get(key) or ""
        if value == st.query_params.get(name, ""):
            continue
        if value and value != "all":
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def search_line() -> None:
    """Draw the line of the search, and the filters by status below it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            _("Search"), key="history_search", persist_state="session", placeholder=_("Search prompts and tags"),
            live=True, on_change=_first_page, width="stretch", max_chars=MOST_SEARCHED_CHARACTERS,
            icon=":material/search:", label_visibility="collapsed",
        )  # fmt: skip
        _narrowing()
        if not is_phone():
            _order(width=190)
        if not is_phone() and st.button(
            _("Shortcuts"), key="history_keys", icon=":material/keyboard:", type="tertiary"
        ):
            st.dialog(_("Shortcuts"), icon=":material/keyboard:")(_list_of_keys)()
    st.pills(
        _("Status"), _shown_filters(), key="history_filter", persist_state="session", default="all", required=True,
        format_func=lambda name: _(FILTER_LABELS[name]), on_change=_start_anew, label_visibility="collapsed",
    )  # fmt: skip


def _shown_filters() -> list[str]:
    """Return the filters by status; what happens seldom is offered where it happened."""
    chosen = st.session_state.get("history_filter")
    found = {name for name in SELDOM_NEEDED if studio().clips.count(ClipFilter(name), at_most=1)}
    if found == {"succeeded"}:
        found = set()
    shown: list[str] = [name for name in FILTERS if name not in SELDOM_NEEDED or name == chosen or name in found]
    return [*shown[:-1], *([EDITED] if chosen == EDITED or any(studio().edited()) else []), *shown[-1:]]


def _order(width: int | Literal["stretch"]) -> None:
    st.selectbox(
        _("Order"), SORTS, key="history_sort", persist_state="session", width=width, on_change=_first_page,
        format_func=lambda name: _(SORT_LABELS[name]), label_visibility="collapsed",
    )  # fmt: skip


def _list_of_keys() -> None:
    for key, words in KEYS.items():
        st.markdown(f"`{key}`  {_(words)}")


def _narrowing() -> None:
    """The filters that are not needed every day, behind one button that says how many are on."""
    active = sum(bool(st.session_state.get(key)) for key in NARROWING)
    label = _("Filters ({count})", count=active) if active else _("Filters")
    with st.popover(label, icon=":material/filter_list:", key="history_filters"):
        if is_phone():
            _order(width="stretch")
        for key in FILTER_SETTINGS:
            st.pills(
                param_label(key), DEFAULT_MODEL.param(key).options, selection_mode="multi", key=f"history_{key}",
                persist_state="session", on_change=_first_page,
                format_func=partial(option_label, key),
            )  # fmt: skip
        st.pills(
            _("Made"), list(MODE_LABELS), key="history_mode", persist_state="session", on_change=_first_page,
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
                    on_change=_first_page,
                )  # fmt: skip
        st.pills(
            _("Days"), list(SPANS), key="history_span", persist_state="session", on_change=_take_span,
            format_func=lambda days: _(SPANS[days]),
        )  # fmt: skip
        if chip := _days_of_the_chip():
            st.session_state["history_dates"] = chip
        st.date_input(
            _("From and to"), value=[], key="history_dates", persist_state="session", on_change=_forget_span,
            format="YYYY-MM-DD", label_visibility="collapsed",
        )  # fmt: skip
        st.button(_("Clear the filters"), key="history_clear_filters", disabled=not active, on_click=_clear_filters)


def _take_span() -> None:
    """Fill the days by the chip that was pressed, or empty them when it was let go."""
    st.session_state["history_dates"] = _days_of_the_chip()
    _first_page()


def _days_of_the_chip() -> tuple[date, ...]:
    """Return the days that a chip stands for now: at midnight they move on."""
    days = st.session_state.get("history_span")
    return (today() - timedelta(days=days - 1), today()) if days else ()


def _forget_span() -> None:
    """Days that were chosen one by one are no chip's."""
    st.session_state["history_span"] = None
    _first_page()


def _clear_filters() -> None:
    st.session_state["history_span"] = None
    for key in NARROWING:
        st.session_state[key] = (
            () if key == "history_dates" else [] if key.removeprefix("history_") in FILTER_SETTINGS else None
        )
    _first_page()


def _start_anew() -> None:
    _first_page()
    gallery.forget_selection()


def wanted() -> ClipFilter:
    """Return what was asked for."""
    state = st.session_state
    days: tuple[date, ...] = _days_of_the_chip() or tuple(state.get("history_dates") or ())
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


def _names_like(words: str) -> list[tuple[LabelKind, str]]:
    """Return the tags and collections that begin with what is searched for: the search itself reads prompts."""
    wanted = words.strip().casefold()
    if not wanted:
        return []
    return [(kind, name) for kind in NAMES_FOUND for name in studio().labels.names(kind)
            if name.casefold().startswith(wanted)]  # fmt: skip


def named_instead(only: ClipFilter) -> ClipFilter | None:
    """Return what to show where no prompt has the words, but one tag or collection begins with them."""
    names = _names_like(only.words)
    if len(names) != 1:
        return None
    ((kind, name),) = names
    return replace(only, words="", tag=name) if kind == "tag" else replace(only, words="", collection=name)


def as_prompts_spell_it(only: ClipFilter) -> ClipFilter | None:
    """Return the search as a prompt spells it where something fits it then: a wrong letter finds what was meant."""
    nearest = respelled(only.words, studio().clips.prompts("", limit=SPELLED_PROMPTS))
    meant = replace(only, words=nearest) if nearest else None
    return meant if meant and studio().clips.count(meant, at_most=1) else None


def names_found(words: str) -> None:
    """Lead to the tags and collections that begin with what is searched for, and to what was made with that name."""
    for kind, name in _names_like(words)[:MOST_NAMES]:
        st.button(
            _(NAMES_FOUND[kind], name=plain(name)), key=f"history_{kind}_of_{name}", icon=":material/label:",
            type="tertiary", on_click=narrow_to, args=(kind, name),
        )  # fmt: skip
    if words.strip() and (count := len(edits_like(words))):
        st.button(
            ngettext("{count} edited video", "{count} edited videos", count), key="history_edited_of",
            icon=":material/content_cut:", type="tertiary", on_click=_show_edited,
        )  # fmt: skip


def _show_edited() -> None:
    """Show what was made out of clips."""
    st.session_state["history_filter"] = EDITED
    state_of(FilterState).is_widened = True
    _start_anew()


def narrow_to(kind: LabelKind, name: str) -> None:
    """Show what has this tag, or is in this collection, instead of what was searched for."""
    st.session_state["history_search"], st.session_state[f"history_{kind}"] = "", name
    state_of(FilterState).is_widened = True
    _first_page()


def show_all() -> None:
    """Take back the search and every filter."""
    st.session_state["history_search"], st.session_state["history_filter"] = "", "all"
    state_of(FilterState).is_widened = True
    _clear_filters()


def open_trash() -> None:
    """Show what was deleted."""
    st.session_state["history_filter"] = "deleted"
    state_of(FilterState).is_widened = True
    _start_anew()
