"""What can be done with a clip, each as one button or link: star, download, go on, use its settings, compare."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Literal

import streamlit as st

from rivya.spec import SEED_RANDOM
from studio.store.clip import MOST_TAKES, Clip
from ui import draft
from ui.clip_view import clip_link
from ui.feedback import run_action
from ui.i18n import _
from ui.runtime import clip_url, studio

JOIN = "join"
"""In an address: the clip's story is to be joined, so what joins it is open."""


def star_button(clip: Clip, place: str, *, words: bool = True) -> None:
    """Keep the clip by a star, or take it back; without ``words`` the star alone is drawn."""
    starred = clip.starred_at is not None
    name = _("Kept") if starred else _("Keep")
    with st.container(key=f"{'starred' if starred else 'plain'}_{place}_{clip.id}", width="content"):
        _star(clip, place, name, words=words)


def _star(clip: Clip, place: str, name: str, *, words: bool) -> None:
    starred = clip.starred_at is not None
    st.button(
        name,
        help=None if words else name,
        key=f"{'' if words else 'icon_'}{place}_star_{clip.id}",
        icon=":material/star:" if starred else ":material/star_border:",
        type="tertiary",
        on_click=studio().clips.set_starred,
        args=([clip.id],),
        kwargs={"starred": not starred},
    )


def clip_actions(clip: Clip, place: str, beside: Callable[[], None] = lambda: None) -> None:
    """Offer what is done most with a finished clip. ``place`` keeps the keys of two places apart."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if clip.video_path and clip.video_path.is_file():
            continue_button(clip, place)
            download_link(clip)
        beside()
        name = f"seldom_{place}_{clip.id}"
        with st.container(key=name, horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
            use_settings_button(clip, f"icon_{place}")
            star_button(clip, place, words=False)
            details_link(clip)


def download_link(
    clip: Clip, label: str = "", *, query: str = "download", kind: Literal["", "primary", "icon"] = ""
) -> None:
    """Offer the video as a file with a readable name, from where it lies.

    A link, because a download button's file goes with the page run that offered it: a press while the page is drawn
    anew would bring nothing.
    """
    words = html.escape(label or _("Download"))
    st.html(
        f'<a class="studio-button {kind}" href="{clip_url(clip)}?{query}" download title="{words}">'
        f'<span class="studio-icon" aria-hidden="true">download</span><span>{words}</span></a>',
        width="content",
    )


def use_settings_button(clip: Clip, place: str) -> None:
    """Offer to fill the form with this clip's prompt, settings and reference image; a kept seed is asked about."""
    if clip.params.get("seed", SEED_RANDOM) == SEED_RANDOM:
        use_settings(clip, place)
        return
    label = _("Use these settings")
    with st.popover(label, key=f"{place}_use_menu_{clip.id}", icon=":material/tune:", type="tertiary", help=label):
        use_settings(clip, place.removeprefix("icon_"))


def use_settings(clip: Clip, place: str) -> None:
    """Draw the one button, or the two where the clip has a seed, that fill the form like this clip."""
    if clip.params.get("seed", SEED_RANDOM) == SEED_RANDOM:
        label, is_icon = _("Use these settings"), place.startswith("icon_")
        st.button(
            label, key=f"{place}_use_{clip.id}", icon=":material/tune:", on_click=fill_form, args=(clip,),
            type="tertiary" if is_icon else "secondary", help=label if is_icon else None,
        )  # fmt: skip
        return
    st.caption(_("Fills the form; nothing is paid. The same seed makes much the same clip again."))
    st.button(
        _("Use these settings, new seed"), key=f"{place}_use_{clip.id}", icon=":material/casino:",
        on_click=fill_form, args=(clip,), kwargs={"seed": SEED_RANDOM},
    )  # fmt: skip
    keep = _("Use these settings, same seed {seed}", seed=str(clip.params["seed"]))
    st.button(keep, key=f"{place}_keep_{clip.id}", icon=":material/tune:", on_click=fill_form, args=(clip,))


def fill_form(clip: Clip, **changes: object) -> None:
    draft.fill(clip.prompt, {**clip.params, **changes}, clip.reference_sha256, clip.parent_id)


def details_link(clip: Clip) -> None:
    """Lead to the clip's page by an icon; its word stays for those who hear the page, and on a phone."""
    with st.container(width="content", key=f"icon_page_{clip.id}"):
        clip_link(clip.id, _("Details"), icon=":material/info:")


def continue_button(clip: Clip, place: str) -> None:
    """Offer to go on where the video ends: its last frame becomes the next reference image."""
    st.button(
        _("Continue"), key=f"{place}_continue_{clip.id}", icon=":material/resume:",
        on_click=run_action, args=(_continue, clip),
    )  # fmt: skip


def _continue(clip: Clip) -> None:
    frame = studio().keep_last_frame(clip)
    draft.fill("", {**clip.params, "seed": SEED_RANDOM}, frame, clip.id)


def parent_line(clip: Clip) -> None:
    """Lead from a clip that goes on from another to where both are joined; it stands there before it can be pressed."""
    if clip.parent_id:
        label, icon = _("Join with the clip before it"), ":material/merge:"
        clip_link(clip.id, label, icon=icon, also={JOIN: "1"}, disabled=not clip.video_path)


def compare_link(clip_ids: list[str], label: str = "", *, keeps_place: bool = False, tip: str | None = None) -> None:
    """Lead to the comparison of two to four clips; for fewer or more draw nothing, or what ``keeps_place`` for it.

    ``tip`` says why it cannot be pressed.
    """
    can_compare = 2 <= len(clip_ids) <= MOST_TAKES
    if can_compare or keeps_place:
        st.page_link(
            "compare.py",
            label=label or _("Compare"),
            icon=":material/compare:",
            query_params={"clips": ",".join(clip_ids)},
            disabled=not can_compare,
            help=None if can_compare else tip,
        )
