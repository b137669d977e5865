"""What was made out of clips and is still here: joined stories, cut pieces, moving pictures."""

from __future__ import annotations

import html
import re

import streamlit as st

from studio.i18n import N_
from studio.media.edits import Edit
from ui.clip_view import clip_link, empty_state, short_prompt, width_over_height
from ui.components.share_file import share_file
from ui.feedback import plain
from ui.i18n import _, megabytes, ngettext, time_text
from ui.runtime import edit_url, studio

NAME_CHARACTERS = 40
MIME_TYPES = {"mp4": "video/mp4", "gif": "image/gif", "webp": "image/webp"}
CARD_PIXELS = 320
CARD_PICTURE_PIXELS = 200
KINDS = {
    "joined": N_("Joined"),
    "trim": N_("Trimmed"),
    "loop": N_("Repeated"),
    "animation": N_("Moving picture"),
}
"""What a file is, by the end of its name; a storyboard's is named by its title."""


def edits_like(words: str) -> list[Edit]:
    """Return the made files whose names hold ``words``, whatever stands between them, the newest first."""
    wanted = re.sub(r"[\W_]+", "-", words.casefold()).strip("-")
    return [edit for edit in studio().edited() if wanted in edit.save_as.casefold()]


def edited(words: str) -> None:
    """Show the made files whose name holds ``words``, the newest first."""
    found = edits_like(words)
    about = _("Joined, cut and exported videos are found here for 30 days, and those that you keep for good.")
    if not found:
        empty_state(_("Nothing here"), about)
        return
    st.caption(about)
    with st.container(horizontal=True, gap="medium", key="edited"):
        for edit in found:
            with st.container(border=True, gap="small", width=CARD_PIXELS, key=f"card_edit_{edit.name}"):
                _card(edit)


def made_file(name: str, label: str, style: str) -> None:
    """Show a made file: a video with its controls, or a moving picture."""
    label = html.escape(label, quote=True)
    if name.endswith(".mp4"):
        st.html(
            f'<video src="{edit_url(name)}" controls playsinline preload="metadata" aria-label="{label}" '
            f'style="{style}"></video>'
        )
    else:
        st.html(f'<img src="{edit_url(name)}" alt="{label}" loading="lazy" style="{style}">')


def _card(edit: Edit) -> None:
    path, clip = studio().edits.path(edit.name), studio().get(edit.clip_ids[0])
    if path is None or clip is None:
        return
    ratio, label = width_over_height(clip), short_prompt(clip, NAME_CHARACTERS)
    width = f"min(100%, {round(CARD_PICTURE_PIXELS * ratio)}px)"
    made_file(edit.name, edit.save_as, f"display:block;width:{width};aspect-ratio:{ratio:.3f};border-radius:12px")
    clip_link(clip.id, plain(label))
    kind = KINDS.get(edit.save_as.rpartition(".")[0].rpartition("_")[2])
    clips = ngettext("{count} clip", "{count} clips", len(edit.clip_ids))
    st.caption(" · ".join(filter(None, (_(kind) if kind else "", clips, time_text(edit.made_at)))))
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.download_button(
            _("Download · {size}", size=megabytes(edit.size_bytes)), data=path.read_bytes, file_name=edit.save_as,
            mime=MIME_TYPES[path.suffix[1:]], icon=":material/download:", key=f"edited_save_{edit.name}",
            on_click="ignore",
        )  # fmt: skip
        keep_button(edit, "edited")
        share_file(
            f"edited_share_{edit.name}", _("Share"), url=edit_url(edit.name), name=edit.save_as, title=label,
            mime_type=MIME_TYPES[path.suffix[1:]],
        )  # fmt: skip


def keep_button(edit: Edit | None, place: str) -> None:
    """Keep a made file for good, or let it go after its 30 days again."""
    if edit is None:
        return
    with st.container(key=f"{'starred' if edit.is_kept else 'plain'}_{place}_{edit.name}", width="content"):
        st.button(
            _("Kept") if edit.is_kept else _("Keep"), key=f"{place}_keep_{edit.name}", type="tertiary",
            icon=":material/star:" if edit.is_kept else ":material/star_border:",
            on_click=studio().edits.keep, args=(edit.name,), kwargs={"kept": not edit.is_kept},
        )  # fmt: skip
