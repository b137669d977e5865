"""Tags and collections of clips: given by a button or from those in use, and taken back."""

from __future__ import annotations

from functools import partial
from typing import Literal

import streamlit as st

from studio.i18n import N_
from studio.store import LabelKind
from studio.store.labels import MAX_NAME_CHARACTERS
from ui.feedback import plain
from ui.i18n import _, ngettext
from ui.runtime import studio
from ui.session import say

PRESSED_NAMES = 12
"""More tags than these in use are searched, not pressed."""

KINDS: dict[LabelKind, tuple[str, str, str]] = {
    "tag": (N_("Tag"), ":material/sell:", N_("Add a tag")),
    "collection": (N_("Collection"), ":material/folder:", N_("Add to a collection")),
}


def label_popovers(
    ids: list[str], place: str, *, kind_of_button: Literal["secondary", "tertiary"] = "secondary"
) -> None:
    """Offer to give tags and collections to clips and to take them back; ``place`` keeps two pages apart."""
    for kind, (label, icon, _field) in KINDS.items():
        with st.popover(_(label), icon=icon, key=f"{place}_{kind}_popover", type=kind_of_button):
            _label_fields(ids, place, kind)


def _label_fields(ids: list[str], place: str, kind: LabelKind) -> None:
    given = studio().labels.of(ids)
    key = f"{place}_new_{kind}"
    with (
        st.form(f"{key}_form", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        st.text_input(_(KINDS[kind][2]), key=key, max_chars=MAX_NAME_CHARACTERS, width="stretch")
        st.form_submit_button(_("Add"), on_click=_give_typed, args=(ids, kind, key), type="primary")
    if others := [name for name in studio().labels.names(kind) if any(name not in given[each][kind] for each in ids)]:
        _names_to_choose(others, ids, place, kind)
    for old in sorted({name for names in given.values() for name in names[kind]}):
        st.button(
            _("Remove {name}", name=plain(old)), key=f"{place}_take_{kind}_{old}", icon=":material/close:",
            type="tertiary", on_click=studio().labels.remove, args=(ids, kind, old),
        )  # fmt: skip


def _names_to_choose(names: list[str], ids: list[str], place: str, kind: LabelKind) -> None:
    """Offer the names that others have: a few to press, many to search."""
    key, label = f"{place}_known_{kind}", _("In use")
    give = partial(_give_known, ids, kind, key)
    if len(names) <= PRESSED_NAMES:
        st.pills(label, names, key=key, on_change=give, format_func=plain)
    else:
        st.selectbox(label, names, key=key, index=None, placeholder=_("Choose"), on_change=give)


def _give_typed(ids: list[str], kind: LabelKind, key: str) -> None:
    _give(ids, kind, st.session_state[key])


def _give_known(ids: list[str], kind: LabelKind, key: str) -> None:
    name, st.session_state[key] = st.session_state[key], None
    _give(ids, kind, name)


def _give(ids: list[str], kind: LabelKind, name: str | None) -> None:
    if not name or not name.strip():
        return
    studio().labels.add(ids, kind, name)
    say(ngettext("“{name}” added to {count} clip", "“{name}” added to {count} clips", len(ids), name=plain(name)))
