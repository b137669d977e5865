"""What a storyboard becomes: a title, music of one's own, and all its shots in one video."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from studio.media.music import join_story
from studio.reports.export import readable_name
from studio.store.clip import Clip
from studio.storyboard import Board, Shot
from ui.i18n import _
from ui.panels.made_to_order import offer_file
from ui.panels.title_and_music import music_field, title_fields
from ui.runtime import studio


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
    title, credit = title_fields(f"board_{board_id}", board.title, board.credit)
    music, music_name = music_field(f"storyboard_{board_id}", board.music, board.music_name)
    wanted = replace(board, title=title, credit=credit, music=music, music_name=music_name)
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
