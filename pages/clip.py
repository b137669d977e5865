"""One clip on its own page, under a link that can be shared."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from studio.reports.audit import is_charged_wrongly, support_text
from studio.reports.delivery import mismatches
from studio.reports.export import as_curl, as_python
from studio.store.clip import Clip, State
from ui.clip_actions import (
    JOIN,
    compare_link,
    continue_button,
    download_link,
    star_button,
    use_settings,
    use_settings_button,
)
from ui.clip_view import (
    HEADING_CHARACTERS,
    clip_link,
    empty_state,
    poster,
    receipt_line,
    safety_badge,
    settings_line,
    short_prompt,
    state_badge,
    video,
    watched,
)
from ui.components.gallery_keys import gallery_keys
from ui.feedback import clip_problem, doubt_line, needs_full_rerun, plain
from ui.i18n import _, ngettext, number, time_text
from ui.panels import inbox
from ui.panels.chain import chain_strip
from ui.panels.edit_desk import edit_desk
from ui.panels.gallery import bring_back, looked_through, throw_away
from ui.panels.label_fields import label_popovers
from ui.panels.share_menu import share_menu
from ui.panels.way_back import GENERATE, way_back
from ui.runtime import asked_clip, studio
from ui.session import came_from, state_of


@dataclass
class ClipState:
    """How the clip was when the page was drawn, on its way or starred, and whether it has just gone to the trash."""

    was_moving: bool = False
    was_starred: bool = False
    is_thrown_away: bool = False


MENU = "icon_clip_more"
READING_PIXELS, REFERENCE_PIXELS = 640, 96
LINK_CHARACTERS = 36


def story(clip: Clip) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        state_badge(clip)
        safety_badge(clip)
        if clip.video_path or clip.is_open or clip.starred_at:
            star_button(clip, "clip")
    trash_line(clip)
    if clip.video_path:
        actions(clip)
    if short_prompt(clip, HEADING_CHARACTERS) != clip.prompt:
        st.markdown(plain(clip.prompt))
    settings_line(clip)
    receipt_line(clip)
    doubt_line(clip)
    clip_problem(clip)
    if not clip.video_path:
        actions(clip)
    label_badges(clip)
    parent = studio().get(clip.parent_id) if clip.parent_id else None
    if parent:
        label = _("Continues: {prompt}", prompt=plain(short_prompt(parent, LINK_CHARACTERS)))
        clip_link(parent.id, label, icon=":material/subdirectory_arrow_right:")
    elif clip.reference_path and clip.reference_path.is_file():
        st.caption(_("Reference image"))
        st.image(clip.reference_path.read_bytes(), width=REFERENCE_PIXELS, alt=_("The reference image of this clip"))


def actions(clip: Clip) -> None:
    """One thing that most people want, two beside it, and the rest in a menu."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="clip_actions"):
        if clip.video_path and clip.video_path.is_file():
            download_link(clip, kind="primary")
            continue_button(clip, "clip")
            share_menu(clip, "clip")
        elif not clip.is_open:
            # Two ways are no menu.
            if clip.state is not State.FAILED:  # there *Edit prompt* does it
                use_settings_button(clip, "clip")
            if not clip.deleted_at and not clip.purged_at:
                delete_button(clip, kind="tertiary")
            return
        label = _("More")
        with st.popover(label, key=MENU, icon=":material/more_horiz:", help=label, on_change="rerun"):
            use_settings(clip, "clip")
            if st.button(_("Compare with others"), key="clip_compare", icon=":material/compare:"):
                st.switch_page("compare.py", query_params={"clips": clip.id})
            if not clip.deleted_at and not clip.purged_at:
                st.divider()
                delete_button(clip, kind="tertiary")


def way(clip: Clip) -> None:
    """Back to where the clip was opened, and on to the next of those looked through; arrow keys do it too."""
    newer, older = studio().clips.neighbours(clip, looked_through())
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="clip_way"):
        way_back()
        for name, other, label, icon, key in (
            ("newer", newer, _("Newer clip"), ":material/chevron_left:", "Left"),
            ("older", older, _("Older clip"), ":material/chevron_right:", "Right"),
        ):
            st.button(
                label, key=f"icon_clip_{name}", icon=icon, type="tertiary", disabled=other is None, shortcut=key,
                on_click=_turn_to, args=(other,),
            )  # fmt: skip


def _turn_to(clip_id: str) -> None:
    st.query_params["clip"] = clip_id


def takes_strip(clip: Clip) -> None:
    """Show the takes of the same press beside each other, with a way to each and to the comparison of all."""
    takes = studio().clips.takes_of(clip)
    if len(takes) < 2 or clip.deleted_at:
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header(ngettext("{count} take", "{count} takes", len(takes)), anchor=False, width="content")
        compare_link([take.id for take in takes if take.video_path])
    with st.container(horizontal=True, gap="small", key="clip_takes"):
        for number_of_take, take in enumerate(takes, 1):
            with st.container(gap="xxsmall", width=150, key=f"card_take_{take.id}", border=True):
                poster(take, plays=True, own_shape=True)
                label = _("Take {number}", number=number_of_take) + (" :material/star:" if take.starred_at else "")
                if take.id == clip.id:
                    st.markdown(f"**{label}**")
                else:
                    clip_link(take.id, label)


def label_badges(clip: Clip) -> None:
    names = studio().labels.of([clip.id])[clip.id]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name in names["tag"]:
            st.badge(plain(name), icon=":material/sell:", color="gray")
        for name in names["collection"]:
            st.badge(plain(name), icon=":material/folder:", color="gray")
        if not clip.purged_at:
            label_popovers([clip.id], "clip", kind_of_button="tertiary")


def delete_button(clip: Clip, *, kind: Literal["secondary", "tertiary"] = "secondary") -> None:
    st.button(
        _("Move to trash"),
        type=kind,
        key="clip_delete",
        icon=":material/delete:",
        on_click=_delete,
        args=(clip.id,),
    )


def _delete(clip_id: str) -> None:
    state_of(ClipState).is_thrown_away = throw_away([clip_id])


def trash_line(clip: Clip) -> None:
    if clip.purged_at:
        words = _("Its video was removed for good at {time}. The receipt stays.", time=time_text(clip.purged_at))
        st.info(words, icon=":material/delete_forever:")
    elif clip.deleted_at:
        words = _("This clip is in the trash.")
        if clip.video_path:
            words = _("This clip is in the trash. Its video is still here.")
        elif clip.is_open:
            words = _("This clip is in the trash. It goes on and stays paid.")
        st.info(words, icon=":material/delete:")
        st.button(
            _("Undo"),
            key="clip_restore",
            icon=":material/undo:",
            on_click=bring_back,
            args=([clip.id],),
            type="primary",
        )


def details(clip: Clip) -> None:
    rows = {
        _("Clip"): clip.id,
        _("Made by"): plain(clip.person or "") or "–",
        **({_("Approved by"): plain(clip.approved_by)} if clip.approved_by else {}),
        _("Task at Rivya"): clip.task_id or "–",
        _("Request id"): (clip.error.request_id if clip.error else None) or "–",
        _("Error message"): plain(clip.error.message if clip.error else "") or "–",
        _("Error code"): clip.error.code if clip.error else "–",
        _("Pressed Generate"): time_text(clip.created_at, with_seconds=True),
        _("Accepted by Rivya"): time_text(clip.submitted_at, with_seconds=True),
        _("Finished"): time_text(clip.finished_at, with_seconds=True),
        _("Saved here"): time_text(clip.saved_at, with_seconds=True),
        _("Credits reserved"): number(clip.credits_reserved),
        _("Credits final"): number(clip.credits_final),
    }
    st.table({_("What"): list(rows), _("Value"): [str(value) for value in rows.values()]}, border="horizontal")
    if clip.request_body is not None:
        request_code(clip, clip.request_body)
    elif not clip.is_rescued:
        st.caption(_("The request is shown here once it is whole: after its picture was uploaded."))
    if clip.task_id and (is_charged_wrongly(clip) or mismatches(clip)):
        st.caption(_("A text for Rivya's support, with ids and times:"))
        st.code(support_text(clip), language=None, wrap_lines=True)


def request_code(clip: Clip, body: str) -> None:
    curl, python, json_text = st.tabs(["cURL", "Python", "JSON"], key="clip_code")
    curl.code(as_curl(clip, body, studio().settings.base_url), language="bash", wrap_lines=True)
    python.code(as_python(clip), language="python", wrap_lines=True)
    json_text.code(json.dumps(json.loads(body), ensure_ascii=False, indent=2), language="json", wrap_lines=True)
    st.caption(_("The key is never part of it: $RIVYA_API_KEY stands in its place."))


def whole() -> None:
    if state_of(ClipState).is_thrown_away:
        # Back to the others, where the press can be undone.
        state_of(ClipState).is_thrown_away = False
        st.switch_page("generate.py" if came_from() == GENERATE else "history.py")
    clip = asked_clip()
    if clip is None:
        missing()
        return
    inbox.opened(clip)
    if clip.video_path or clip.is_open:
        left, right = st.columns([3, 2], gap="large")
        with left:
            video(clip, autoplay=True)
    else:
        # An empty box would push away what can be done about it.
        right = st.container(width=READING_PIXELS)
    with right:
        story(clip)
    # Among the takes of its press, outside this part of the page, the starred one is marked.
    if needs_full_rerun() or state_of(ClipState).was_starred != bool(clip.starred_at):
        st.rerun()
    if state_of(ClipState).was_moving and (not clip.is_open or clip.needs_decision):
        st.rerun()


def missing() -> None:
    text = _("The link may be cut short, or the clip belongs to another studio.")
    empty_state(_("This clip is not here"), text, page="history.py", link=_("Open the history"))


found = asked_clip()
is_to_join = JOIN in st.query_params
if found:
    way(found)
    if is_to_join:
        chain_strip(found)
running = [found] if found and found.is_open and not found.needs_decision else []
state_of(ClipState).was_moving = bool(running)
state_of(ClipState).was_starred = bool(found and found.starred_at)
watched(whole, running)()
if found:
    edit_desk(found)
    takes_strip(found)
    if not is_to_join:
        chain_strip(found)
    with st.expander(_("Details"), key="clip_details", icon=":material/info:"):
        details(found)
gallery_keys({"keys": _("Arrows move on, Space plays, Enter opens.")})
