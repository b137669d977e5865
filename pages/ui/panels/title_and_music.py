"""What a video is given before it is made anew: a title, a line below it, and a piece of music of one's own."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from rivya.errors import RivyaError
from studio.media.music import MAX_MUSIC_BYTES
from ui.feedback import error_text, plain
from ui.i18n import _, number
from ui.panels.reference import uploader_takes
from ui.runtime import is_phone, studio
from ui.session import state_of

MUSIC_TYPES = ["mp3", "m4a", "aac", "wav", "ogg", "flac"]


@dataclass
class MusicState:
    """Counts the uploaders: a new one is empty."""

    turn: int = 0


def title_fields(place: str, title: str | None = None, credit: str | None = None) -> tuple[str, str]:
    """Draw the fields for a title card and the line below it; return what is in them, at first what is handed in.

    Without that they belong to the session, and outlast another page.
    """
    fields = (("title", _("Title card (optional)"), title), ("credit", _("Small line below it (optional)"), credit))
    with st.container(horizontal=not is_phone(), gap="small"):
        found = [
            st.text_input(
                label, value=value or "", key=f"{place}_{name}", max_chars=160, live=True,
                persist_state=None if value is not None else "session",
            )
            for name, label, value in fields
        ]  # fmt: skip
    above, below = (words or "" for words in found)
    return above, below


def music_field(place: str, music: str, name: str) -> tuple[str, str]:
    """Draw the piece that is chosen, or the uploader for one; return what is chosen then, empty for none.

    ``music`` is the name under which the studio keeps it, ``name`` that of the person's file.
    """
    state = state_of(MusicState)
    if music:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":material/music_note: {plain(name)}")
            if st.button(_("Remove the music"), key=f"{place}_no_music", icon=":material/close:", type="tertiary"):
                return "", ""
        return music, name
    found = st.file_uploader(
        _("Music of your own (optional)"), key=f"{place}_music_{state.turn}", type=MUSIC_TYPES,
        max_upload_size=MAX_MUSIC_BYTES // 2**20,
        help=_("It is cut to the length of the video and fades out at its end."),
    )  # fmt: skip
    uploader_takes(f"{place}_music", _("{kinds}, up to {limit} MB", kinds=", ".join(MUSIC_TYPES).upper(),
                                       limit=number(MAX_MUSIC_BYTES // 2**20)))  # fmt: skip
    if found is None:
        return "", ""
    try:
        kept = studio().music.keep(found.getvalue())
    except RivyaError as error:
        st.warning(error_text(error), icon=":material/music_off:")
        return "", ""
    state.turn += 1
    return kept, found.name
