"""From a video to another file: cut, repeated, small and moving, with a title. The clip stays as it is."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import streamlit as st

from rivya.errors import RivyaError
from studio.media import editing
from studio.media.music import join_story
from studio.reports.export import file_name
from studio.store.clip import Clip
from ui import draft
from ui.clip_view import piece_player, width_over_height
from ui.feedback import needs_full_rerun
from ui.i18n import _, number
from ui.panels.frame_desk import filmstrip, frame_chooser, frame_preview
from ui.panels.made_to_order import offer_file
from ui.panels.title_and_music import music_field, title_fields
from ui.runtime import is_phone, studio
from ui.session import state_of

STEP_SECONDS = 0.1
PREVIEW_PIXELS, PREVIEW_PIXELS_HIGH = 144, 108
"""Two beside each other on a phone."""
WIDTHS = (320, 480, 640)
KINDS: tuple[Literal["webp", "gif"], ...] = ("webp", "gif")


@st.fragment
def edit_desk(clip: Clip) -> None:
    """Offer the edits of one video, one at a time; the rest of the page stays as it is meanwhile."""
    if clip.video_path is None or not clip.video_path.is_file():
        return
    label, icon = _("Edit and export"), ":material/content_cut:"
    with st.expander(label, key="clip_edit", icon=icon, on_change="rerun") as desk:
        # What it shows is decoded from the video, which costs more than the rest of the page. Once opened it stays
        # drawn: closed for a moment, it forgets neither a cut nor what is being made.
        if desk.open:
            state_of(EditState).opened_for = clip.id
        if state_of(EditState).opened_for == clip.id:
            _tools(clip, clip.video_path)
    if needs_full_rerun():
        st.rerun()


def _tools(clip: Clip, path: Path) -> None:
    tools: dict[str, tuple[str, Callable[[Clip, Path], None]]] = {
        "trim": (_("Trim"), _trim),
        "titled": (_("Title and music"), _titled),
        "loop": (_("Repeat"), _loop),
        "animation": (_("GIF or WebP"), _animation),
        "picture": (_("Single picture"), _picture),
    }
    chosen = st.pills(
        _("What to make"), list(tools), key="edit_tool", default="trim", required=True,
        format_func=lambda name: tools[name][0],
    )  # fmt: skip
    tools[chosen][1](clip, path)
    st.caption(_("The clip itself stays as it is."))


def _trim(clip: Clip, path: Path) -> None:
    length = round(clip.video_seconds or 0, 1)
    if length < STEP_SECONDS:
        st.caption(_("Nobody knows how long this video is, so it cannot be cut."))
        return
    width = round(min(PREVIEW_PIXELS, PREVIEW_PIXELS_HIGH * width_over_height(clip)))
    with st.container(gap="medium", key="edit_trim"):
        whole = st.container(gap=None)
        with st.container(gap="small"):
            strip = st.container(gap=None, key="edit_strip")
            with strip:
                strip_place = st.empty()
                start, end = st.slider(
                    _("From and to, in seconds"), 0.0, length, (0.0, length), STEP_SECONDS, key=f"edit_span_{clip.id}",
                    label_visibility="collapsed", persist_state="session",
                )  # fmt: skip
            with strip_place, suppress(RivyaError):
                _strip(filmstrip(str(path)), start / length, end / length)
            if not is_phone():  # there the player above and the strip show it
                with st.container(horizontal=True, gap="small"):
                    for words, at in ((_("First picture"), start), (_("Last picture"), max(end - STEP_SECONDS, start))):
                        with suppress(RivyaError):
                            _still(frame_preview(str(path), at, 2 * PREVIEW_PIXELS), words, width)
            muted = _has_sound(str(path)) and st.toggle(_("Without sound"), key=f"edit_muted_{clip.id}")
            is_whole = end - start >= length and not muted
            if is_whole:
                st.caption(_("Move an end to where the video should begin or stop."))
            else:
                st.empty()
            _offer(
                clip, f"trim {start} {end} {muted}", "mp4", label=_("Make the trimmed video"),
                disabled=end <= start or is_whole,
                write=lambda target: editing.trim(path, target, start_seconds=start, end_seconds=end, muted=muted),
            )  # fmt: skip
        with whole:
            piece_player(clip, start, end)


def _still(picture: bytes, words: str, width_pixels: int) -> None:
    """Show a picture that changes as fast as a finger moves: a file of its own would be gone before it is asked for."""
    data, words = base64.b64encode(picture).decode(), html.escape(words, quote=True)
    style = f"display:block;width:{width_pixels}px;margin-bottom:0.35rem;border-radius:8px"
    st.html(
        f'<figure style="margin:0;font-size:0.875rem;opacity:0.9">'
        f'<img src="data:image/webp;base64,{data}" alt="{words}" style="{style}">'
        f"<figcaption>{words}</figcaption></figure>",
        width="content",
    )


def _strip(pictures: bytes, start: float, end: float) -> None:
    """Show the whole video above its slider, what is cut away in the dark; ``start`` and ``end`` are shares of it."""
    data = base64.b64encode(pictures).decode()
    st.html(
        f'<div class="studio-strip" aria-hidden="true" style="--from:{start:.4f};--to:{end:.4f}">'
        f'<img src="data:image/webp;base64,{data}" alt=""></div>'
    )


def _piece(clip: Clip) -> tuple[float, float] | None:
    """Offer to take what was chosen at *Trim* instead of the whole video; return its ends in seconds then."""
    length = round(clip.video_seconds or 0, 1)
    start, end = st.session_state.get(f"edit_span_{clip.id}") or (0.0, length)
    if not 0 < end - start < length:
        return None
    label = _("Only the trimmed part, {start} to {end} seconds", start=number(start), end=number(end))
    return (start, end) if st.toggle(label, value=True, key=f"edit_only_{clip.id}", persist_state="session") else None


def _of(path: Path, piece: tuple[float, float] | None, write: Callable[[Path, Path], None]) -> Callable[[Path], None]:
    """Return what writes from the video or, cut first, from a piece of it."""

    def cut_and_write(target: Path) -> None:
        with editing.piece(path, piece, target.parent) as part:
            write(part, target)

    return cut_and_write


def _titled(clip: Clip, path: Path) -> None:
    cut = _piece(clip)
    title, credit = (words.strip() for words in title_fields(f"edit_{clip.id}"))
    music = state_of(EditState).music
    before = music.get(clip.id, ("", ""))
    music[clip.id] = music_field("edit", *before)
    if music[clip.id] != before:
        st.rerun()
    name, _file = music[clip.id]
    if _has_sound(str(path)) and (title or credit or name):
        st.caption(_("The sound of the video gives way to the music; with a title alone it becomes silent."))
    piece = studio().music.path(name) if name else None
    _offer(
        clip, f"titled {title!r} {credit!r} {name}", "mp4", cut=cut, disabled=not (title or credit or name),
        write=_of(
            path, cut, lambda video, target: join_story([video], target, title=title, credit=credit, music=piece)
        ),
    )  # fmt: skip


def _loop(clip: Clip, path: Path) -> None:
    cut = _piece(clip)
    times = st.slider(
        _("How often"), editing.MIN_TIMES, editing.MAX_TIMES, editing.MIN_TIMES, key=f"edit_times_{clip.id}"
    )
    bounce = st.toggle(_("Forwards and backwards"), key=f"edit_bounce_{clip.id}")
    _offer(
        clip,
        f"loop {times} {bounce}",
        "mp4",
        cut=cut,
        write=_of(path, cut, lambda video, target: editing.loop(video, target, times=times, bounce=bounce)),
    )


def _animation(clip: Clip, path: Path) -> None:
    cut = _piece(clip)
    kind = st.segmented_control(
        _("Kind"), KINDS, key="edit_kind", default="webp", required=True, format_func=str.upper,
        help=_("WebP is smaller and sharper; GIF is understood everywhere."),
    )  # fmt: skip
    width = st.segmented_control(
        _("Width in pixels"), WIDTHS, key="edit_width", default=WIDTHS[1], required=True, format_func=number
    )
    _offer(
        clip,
        f"animation {kind} {width}",
        kind,
        cut=cut,
        write=_of(path, cut, lambda video, target: editing.animation(video, target, kind=kind, width=width)),
    )


def _picture(clip: Clip, path: Path) -> None:
    frame_chooser(clip, "edit", then=draft.take_along)
    at = st.session_state.get(f"edit_moment_{clip.id}", 0.0)
    st.download_button(
        _("Download this picture"), data=lambda: editing.still(path, at_seconds=at), file_name=f"{file_name(clip)}.png",
        mime="image/png", icon=":material/download:", key="edit_picture", on_click="ignore",
    )  # fmt: skip


@st.cache_data(max_entries=64, show_spinner=False)
def _has_sound(path: str) -> bool:
    try:
        return editing.has_sound(Path(path))
    except RivyaError:
        return False


def _offer(
    clip: Clip, recipe: str, extension: str, *, write: Callable[[Path], object], label: str = "",
    cut: tuple[float, float] | None = None, disabled: bool = False,
) -> None:  # fmt: skip
    """Offer to make a file of the video, or of what is ``cut`` out of it; show and hand out the one of exactly this."""
    whole, kind = f"{recipe} of {clip.video_sha256}", recipe.partition(" ")[0]
    whole += f" from {cut}" if cut else ""
    key = f"edit_make_{kind}"
    offer_file(
        label or _("Make it"), key=key, wish=f"{key} of {clip.id}", recipe=whole, extension=extension, write=write,
        save_as=f"{file_name(clip)}_{kind}.{extension}", clips=[clip], disabled=disabled,
    )  # fmt: skip


@dataclass
class EditState:
    """``opened_for`` is the clip whose tools were opened last, by its id.

    ``music`` is the piece to lie under each clip: the studio's name for it, and the person's.
    """

    opened_for: str = ""
    music: dict[str, tuple[str, str]] = field(default_factory=dict)
