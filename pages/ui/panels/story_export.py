"""What a storyboard becomes: a title, music of one's own, and all its shots in one video."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from rivya.errors import RivyaError
from studio.media.music import MAX_MUSIC_BYTES, join_story
from studio.reports.export import readable_name
from studio.store.clip import Clip
from studio.storyboard import Board, Shot
from ui.feedback import error_text, plain
from ui.i18n import _, number
from ui.panels.edit_desk import offer_file
from ui.panels.reference import uploader_takes
from ui.runtime import studio
from ui.session import state_of

MUSIC_TYPES = ["mp3", "m4a", "aac", "wav", "ogg", "flac"]


@dataclass
class MusicState:
    """Counts the uploaders: a new one is empty."""

    turn: int = 0


def whole_video(board_id: str, board: Board, shots: list[Shot]) -> None:
    """Titles, music, and one MP4 of all that is here."""
    ready = [shot.clip for shot in shots if shot.clip and shot.is_here]
    is_whole = len(ready) == len(shots)
    label = _("Title and music") if is_whole else _("Title, music and the whole video")
    with st.container(gap="small", key="storyboard_whole"):
        # Of a whole story the export stands first; what it takes in is read below it.
        first = st.container()
        with st.expander(label, key=f"storyboard_export_{is_whole}", icon=":material/theaters:"):
            wanted = _wanted(board_id, board)
            if not is_whole:
                words = _("{count} of {all} shots are here; the video is made of those.", count=len(ready),
                          all=len(shots))  # fmt: skip
                st.caption(words)
            last = st.container()
        with first if is_whole else last:
            _offer(board_id, wanted, ready, is_whole=is_whole)


def _wanted(board_id: str, board: Board) -> Board:
    """Draw the fields for title and music, keep what is in them, and return the storyboard as it is then."""
    with st.container(horizontal=True, gap="small"):
        title = st.text_input(_("Title card (optional)"), value=board.title, key=f"board_title_{board_id}",
                              max_chars=160, live=True)  # fmt: skip
        credit = st.text_input(_("Small line below it (optional)"), value=board.credit,
                               key=f"board_credit_{board_id}", max_chars=160, live=True)  # fmt: skip
    wanted = replace(_music(board_id, board), title=title or "", credit=credit or "")
    if wanted != studio().storyboards.all().get(board_id):
        studio().storyboards.change(board_id, wanted)
    if wanted.music != board.music:
        st.rerun()
    return wanted


def _offer(board_id: str, wanted: Board, ready: list[Clip], *, is_whole: bool) -> None:
    piece = studio().music.path(wanted.music) if wanted.music else None
    parts = " ".join(str(clip.video_sha256) for clip in ready)
    paths = [clip.video_path for clip in ready if clip.video_path]
    offer_file(
        _("Export one MP4"), key="storyboard_join", icon=":material/theaters:", is_primary=is_whole,
        wish=f"story {board_id}",
        recipe=f"story {wanted.title!r} {wanted.credit!r} {wanted.music} of {parts}", extension="mp4",
        save_as=f"{readable_name(wanted.name)}.mp4", clips=ready, disabled=not ready,
        write=lambda target: join_story(
            paths, target, title=wanted.title, credit=wanted.credit, music=piece
        ),
    )  # fmt: skip


def _music(board_id: str, board: Board) -> Board:
    """Take a piece of music, or let it go; return the board as it is then."""
    state = state_of(MusicState)
    if board.music:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":material/music_note: {plain(board.music_name)}")
            if st.button(_("Remove the music"), key="storyboard_no_music", icon=":material/close:", type="tertiary"):
                return replace(board, music="", music_name="")
        return board
    found = st.file_uploader(
        _("Music of your own (optional)"), key=f"storyboard_music_{board_id}_{state.turn}",
        type=MUSIC_TYPES, max_upload_size=MAX_MUSIC_BYTES // 2**20,
        help=_("It is cut to the length of the video and fades out at its end."),
    )  # fmt: skip
    uploader_takes("storyboard_music", _("{kinds}, up to {limit} MB", kinds=", ".join(MUSIC_TYPES).upper(),
                                         limit=number(MAX_MUSIC_BYTES // 2**20)))  # fmt: skip
    if found is None:
        return board
    try:
        name = studio().music.keep(found.getvalue())
    except RivyaError as error:
        st.warning(error_text(error), icon=":material/music_off:")
        return board
    state.turn += 1
    return replace(board, music=name, music_name=found.name)
