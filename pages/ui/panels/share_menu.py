"""A clip's ways to other people: the file itself, a link for anybody, a link for colleagues; the rest is closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

from studio.prompts.remix import remix_code
from studio.reports.export import clip_page_html, file_name
from studio.store.clip import Clip
from ui.clip_actions import download_link
from ui.clip_view import short_prompt
from ui.components.share_file import share_file
from ui.i18n import _, ngettext
from ui.runtime import clip_url, guest_url, is_on_this_machine, is_phone, person, remix_url, share_url, studio
from ui.session import state_of


@dataclass
class ShareState:
    """The guest links that were made in this session, by clip: a link is shown to whoever made it, and kept nowhere."""

    guest_tokens: dict[str, str] = field(default_factory=dict)


def share_menu(clip: Clip, place: str, *, is_small: bool = False) -> None:
    """Offer the ways to share a clip; ``place`` keeps the keys of two pages apart. A small one is its icon alone."""
    has_video = bool(clip.video_path and clip.video_path.is_file())
    kind: Literal["tertiary", "secondary"] = "tertiary" if is_small else "secondary"
    key, label = f"{'icon_' if is_small else ''}{place}_share", _("Share")
    with st.popover(label, key=key, icon=":material/share:", type=kind, help=label if is_small else None):
        title = _("Share this clip")
        st.markdown(f"**{title}**")
        if has_video and is_phone():
            _to_the_device(clip, place)
        # What reaches nobody stands behind what can be sent.
        is_here = is_on_this_machine()
        if not is_here:
            _links(clip, place, has_video=has_video)
        elif has_video:
            download_link(clip, _("Download the video"), kind="primary")
            _web_page(clip, place)
            st.caption(_("Links for others need the studio on a server. Until then, send the file."))
        with st.expander(_("More ways"), key=f"{place}_share_more"):
            if has_video:
                if not is_here:
                    _web_page(clip, place)
                _with_settings(clip)
            if is_here:
                _links(clip, place, has_video=has_video)
            _form_link(clip)
        if has_video and not is_phone():
            _to_the_device(clip, place)


def _to_the_device(clip: Clip, place: str) -> None:
    """Hand the video to the share sheet of the device; where it has none, nothing stands here."""
    name = f"{file_name(clip)}.mp4"
    share_file(f"{place}_share_file", _("Share the video"), url=clip_url(clip), name=name, title=short_prompt(clip))


def _links(clip: Clip, place: str, *, has_video: bool) -> None:
    if has_video:
        _guest_link(clip, place)
    if is_on_this_machine():
        st.caption(_("For this computer"))
    else:
        st.caption(_("For colleagues who use this studio"))
    st.code(share_url(clip), language=None)


def _form_link(clip: Clip) -> None:
    if clip.params:
        st.caption(_("Link that opens the form filled like this"))
        code = remix_code(clip.prompt, clip.params, with_picture=bool(clip.reference_sha256))
        st.code(remix_url(code), language=None)


def _web_page(clip: Clip, place: str) -> None:
    st.download_button(
        _("Web page with the video inside"), data=lambda: clip_page_html(clip), file_name=f"{file_name(clip)}.html",
        mime="text/html", icon=":material/html:", key=f"{place}_share_page", on_click="ignore",
    )  # fmt: skip
    st.caption(_("One file with the video and its prompt. It opens in any browser."))


def _with_settings(clip: Clip) -> None:
    download_link(clip, _("Video that remembers its settings"), query="download&settings")
    st.caption(_("Add it on Generate like a picture: its prompt and settings come back."))


def _guest_link(clip: Clip, place: str) -> None:
    """Offer a link for somebody who does not sign in, and take all of them back."""
    token = state_of(ShareState).guest_tokens.get(clip.id)
    if is_on_this_machine():
        st.caption(_("A link to this clip alone, for 7 days. So far it opens only on the studio's computer."))
    else:
        st.caption(_("For anybody: shows this clip alone, without signing in, for 7 days"))
    if token:
        st.code(guest_url(token), language=None)
    with st.container(horizontal=True, gap="small"):
        if not token:
            st.button(
                _("Make a guest link"), key=f"{place}_guest", icon=":material/link:", on_click=_make_guest_link,
                args=(clip.id,),
            )  # fmt: skip
        if count := studio().guests.count(clip.id):
            label = ngettext("Take back {count} guest link", "Take back {count} guest links", count)
            st.button(
                label, key=f"{place}_guest_revoke", icon=":material/link_off:", on_click=_revoke_guest_links,
                args=(clip.id,),
            )  # fmt: skip


def _make_guest_link(clip_id: str) -> None:
    state_of(ShareState).guest_tokens[clip_id] = studio().guests.add(clip_id, person=person())


def _revoke_guest_links(clip_id: str) -> None:
    studio().guests.revoke(clip_id)
    state_of(ShareState).guest_tokens.pop(clip_id, None)
