"""Any picture of a film that one owns, as the next reference image."""

from __future__ import annotations

import io

import streamlit as st
from PIL import Image

from rivya import film, images
from rivya.clip import Clip
from rivya.errors import RivyaError
from rivya.store import ClipFilter
from ui import draft
from ui.components import poster, short_prompt
from ui.feedback import error_text, plain
from ui.i18n import _, number
from ui.runtime import studio

SHOWN_CLIPS = 12
PREVIEW_PIXELS = 720
STEP_SECONDS = 0.25


def frame_chooser(clip: Clip, place: str) -> bool:
    """Let somebody choose a moment of ``clip`` and use that picture; true when it went into the draft."""
    if clip.video_path is None or not clip.video_path.is_file():
        st.caption(_("The film is not here."))
        return False
    last = max(round((clip.video_seconds or 0) - STEP_SECONDS, 2), STEP_SECONDS)
    at = st.slider(
        _("Moment in seconds"), 0.0, last, last, STEP_SECONDS, key=f"{place}_moment_{clip.id}",
        format=f"%.2f / {number(round(clip.video_seconds or 0, 2))}",
    )  # fmt: skip
    try:
        st.image(_preview(str(clip.video_path), at), alt=_("The picture at this moment"))
        if st.button(
            _("Use this picture"), key=f"{place}_use_moment_{clip.id}", type="primary", icon=":material/image:"
        ):
            draft.set_reference(images.check(film.still(clip.video_path, at_seconds=at)))
            draft.forget_upload()
            return True
    except RivyaError as error:
        st.warning(error_text(error), icon=":material/info:")
    return False


@st.cache_data(max_entries=32, show_spinner=False)
def _preview(path: str, at_seconds: float) -> bytes:
    from pathlib import Path  # noqa: PLC0415 - st.cache_data hashes its arguments: a text is the surer key

    with Image.open(io.BytesIO(film.still(Path(path), at_seconds=at_seconds))) as picture:
        picture.thumbnail((PREVIEW_PIXELS, PREVIEW_PIXELS))
        buffer = io.BytesIO()
        picture.convert("RGB").save(buffer, "WEBP", quality=85)
    return buffer.getvalue()


def frames_of_earlier_clips() -> bool:
    """Show the newest films, and the chosen one's moments; true when a picture went into the draft."""
    chosen = studio().get(st.session_state.get("frames_clip", ""))
    if chosen:
        label, icon = _("Another clip"), ":material/arrow_back:"
        st.button(label, key="frames_back", icon=icon, type="tertiary", on_click=_choose, args=("",))
        st.caption(plain(short_prompt(chosen)))
        return frame_chooser(chosen, "frames")
    clips = [clip for clip in studio().clips.page(ClipFilter("succeeded"), limit=SHOWN_CLIPS) if clip.video_path]
    if not clips:
        st.caption(_("Once a clip is made, its pictures can be used here."))
    with st.grid(min_column_width=150, gap="small"):
        for clip in clips:
            with st.container(gap="xxsmall", key=f"card_frames_{clip.id}"):
                poster(clip)
                words = plain(short_prompt(clip, 24))
                st.button(words, key=f"frames_{clip.id}", width="stretch", on_click=_choose, args=(clip.id,))
    return False


def _choose(clip_id: str) -> None:
    st.session_state["frames_clip"] = clip_id
