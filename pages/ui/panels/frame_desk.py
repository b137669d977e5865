"""Any picture of a video that one owns, as the next reference image."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from PIL import Image

from rivya import images
from rivya.errors import RivyaError
from studio.media import editing
from studio.store import ClipFilter
from studio.store.clip import Clip
from ui import draft
from ui.clip_view import poster, short_prompt
from ui.feedback import error_text, plain, run_action
from ui.i18n import _, number
from ui.runtime import is_phone, studio
from ui.session import state_of

SHOWN_CLIPS = 12
PREVIEW_PIXELS = 720
STRIP_PICTURES, STRIP_PIXELS = 8, 72
STEP_SECONDS = 0.25


@dataclass
class FramesState:
    """The clip whose pictures are shown, empty for the list of clips."""

    clip_id: str = ""


def frame_chooser(clip: Clip, place: str, *, then: Callable[[], None]) -> None:
    """Let somebody choose a moment of ``clip``; its picture goes into the draft, and ``then`` is done."""
    if clip.video_path is None or not clip.video_path.is_file():
        st.caption(_("The video is not here."))
        return
    last = max(round((clip.video_seconds or 0) - STEP_SECONDS, 2), STEP_SECONDS)
    key = f"{place}_moment_{clip.id}"
    at = st.slider(
        _("Moment in seconds"), 0.0, last, last, STEP_SECONDS, key=key,
        format=f"%.2f / {number(round(clip.video_seconds or 0, 2))}",
    )  # fmt: skip
    try:
        st.image(frame_preview(str(clip.video_path), at), alt=_("The picture at this moment"))
    except RivyaError as error:
        st.warning(error_text(error), icon=":material/info:")
        return
    st.button(
        _("Use this picture"), key=f"{place}_use_moment_{clip.id}", type="primary", icon=":material/image:",
        on_click=run_action, args=(_use_moment, clip.video_path, key, then),
    )  # fmt: skip


def _use_moment(path: Path, moment_key: str, then: Callable[[], None]) -> None:
    draft.set_reference(images.check(editing.still(path, at_seconds=st.session_state[moment_key])))
    draft.forget_upload()
    then()


@st.cache_data(max_entries=32, show_spinner=False)
def frame_preview(path: str, at_seconds: float, pixels: int = PREVIEW_PIXELS) -> bytes:
    """Return the picture of a video at a moment, small, as WebP. Raises ``VideoError`` for what cannot be read."""
    picture = editing.picture(Path(path), at_seconds=at_seconds)
    picture.thumbnail((pixels, pixels))
    return _webp(picture)


@st.cache_data(max_entries=32, show_spinner=False)
def filmstrip(path: str) -> bytes:
    """Return a video's pictures side by side, as ``editing.filmstrip`` draws them, as WebP of some 10 KB."""
    return _webp(editing.filmstrip(Path(path), count=STRIP_PICTURES, side_pixels=STRIP_PIXELS))


def _webp(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=85)
    return buffer.getvalue()


def frames_of_earlier_clips(*, then: Callable[[], None]) -> None:
    """Show the newest videos, and the chosen one's moments; ``then`` is done once a picture went into the draft."""
    chosen = studio().get(state_of(FramesState).clip_id)
    if chosen:
        label, icon = _("Another clip"), ":material/arrow_back:"
        st.button(label, key="frames_back", icon=icon, type="tertiary", on_click=_choose, args=("",))
        st.caption(plain(short_prompt(chosen)))
        frame_chooser(chosen, "frames", then=then)
        return
    clips = [clip for clip in studio().clips.page(ClipFilter("succeeded"), limit=SHOWN_CLIPS) if clip.video_path]
    if not clips:
        st.caption(_("Once a clip is made, its pictures can be used here."))
    in_twos = st.grid(columns=2, wrap=False, gap="small", key="frames_in_twos") if is_phone() else None
    with in_twos or st.grid(min_column_width=150, gap="small"):
        for clip in clips:
            with st.container(gap="xxsmall", key=f"card_frames_{clip.id}"):
                poster(clip)
                words = plain(short_prompt(clip, 24))
                st.button(words, key=f"frames_{clip.id}", width="stretch", on_click=_choose, args=(clip.id,))


def _choose(clip_id: str) -> None:
    state_of(FramesState).clip_id = clip_id
