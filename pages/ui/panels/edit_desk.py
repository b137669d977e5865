"""From a video to another file: cut, repeated, small and moving, joined to its story. The clip stays as it is."""

from __future__ import annotations

import base64
import functools
import html
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import streamlit as st

from rivya.errors import RivyaError
from studio.errors import StoreError
from studio.media import editing
from studio.media.music import join_story
from studio.reports.export import file_name
from studio.store.clip import Clip
from ui import draft
from ui.clip_actions import JOIN
from ui.clip_view import clip_link, piece_player, poster, short_prompt, width_over_height
from ui.components.share_file import share_file
from ui.feedback import error_text, needs_full_rerun, plain
from ui.i18n import _, megabytes, ngettext, number
from ui.panels.edited import MIME_TYPES, keep_button, made_file
from ui.panels.frame_desk import filmstrip, frame_chooser, frame_preview
from ui.panels.title_and_music import music_field, title_fields
from ui.runtime import edit_url, is_phone, studio
from ui.session import state_of

STEP_SECONDS = 0.1
QUICK_SECONDS = 1.0
LOOK_SECONDS = 0.5
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


def offer_file(
    label: str,
    *,
    key: str,
    wish: str,
    recipe: str,
    extension: str,
    write: Callable[[Path], object],
    save_as: str,
    clips: Sequence[Clip],
    icon: str | None = None,
    is_primary: bool = True,
    disabled: bool = False,
) -> None:
    """Draw a button that has ``write`` make a file of ``clips`` in the background, and show and hand out what it made.

    ``wish`` names the button and what it is for, ``recipe`` all that decides the file: another one is made anew.
    """
    here = st.container()
    keep = functools.partial(
        studio().edits.make, recipe, extension, write, save_as=save_as, clip_ids=[clip.id for clip in clips]
    )
    _make_asked(wish, recipe, keep)
    # Once it is made, lately or in an earlier session, there is nothing more to press, until something else is wanted.
    made = _made(recipe, extension)
    if not made:
        here.button(
            label, key=key, type="primary" if is_primary else "secondary", icon=icon, disabled=disabled,
            on_click=_ask_for, args=(wish,),
        )  # fmt: skip
    _show(made, recipe, save_as)


@dataclass
class EditState:
    """The button and clip that were asked for last, its recipe, the file's name once it is made and if it was seen.

    ``joined`` are the clips, by id, whose stories were joined on the way to their pages; ``opened_for`` is the one
    whose tools were opened last; ``music`` is the piece to lie under each: the studio's name for it, and the person's.
    """

    wish: str = ""
    recipe: str = ""
    making: Future[str] | None = None
    is_followed: bool = False
    is_shown: bool = False
    joined: set[str] = field(default_factory=set)
    opened_for: str = ""
    music: dict[str, tuple[str, str]] = field(default_factory=dict)


def _ask_for(wish: str) -> None:
    """Remember the button and the clip: a page that is drawn anew meanwhile would forget a mere press."""
    state = state_of(EditState)
    state.wish, state.recipe, state.making, state.is_shown = wish, "", None, False


def _make_asked(wish: str, recipe: str, make: Callable[[], str]) -> None:
    """Begin what was asked for, beside the page, and follow it until it is there."""
    state = state_of(EditState)
    if state.wish != wish:
        return
    # What was typed right before the press can arrive after it: then that is what was asked for.
    if state.making is None or (state.recipe != recipe and not state.is_shown):
        state.recipe = recipe
        state.making = studio().in_background(make)
    wait([state.making], timeout=QUICK_SECONDS)
    st.fragment(_progress, run_every=None if state.making.done() else LOOK_SECONDS)()


def _progress() -> None:
    state = state_of(EditState)
    if state.making is None:
        return
    if not state.making.done():
        state.is_followed = True
        words = _("Being made …")
        st.markdown(f":material/hourglass_top: {words}")
        return
    error = state.making.exception()
    if isinstance(error, RivyaError | OSError):
        st.warning(error_text(error if isinstance(error, RivyaError) else StoreError()), icon=":material/info:")
    elif error:
        raise error
    elif state.is_followed:
        state.is_followed = False
        st.rerun()


def _made(recipe: str, extension: str) -> str:
    """Return the name of the file that was made by ``recipe``, empty when there is none or it is being made."""
    state = state_of(EditState)
    if state.recipe == recipe and state.making and not state.making.done():
        return ""
    return studio().edits.made(recipe, extension)


def _show(name: str, recipe: str, save_as: str) -> None:
    path = studio().edits.path(name) if name else None
    if path is None:
        return
    state = state_of(EditState)
    state.is_shown = state.is_shown or state.recipe == recipe
    # Above what was made, which may reach below the screen.
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            _("Download · {size}", size=megabytes(path.stat().st_size)),
            type="primary",
            data=path.read_bytes,
            file_name=save_as,
            mime=MIME_TYPES[path.suffix[1:]],
            icon=":material/download:",
            key=f"edit_save_{recipe.partition(' ')[0]}",
            on_click="ignore",
        )
        keep_button(studio().edits.find(name), "edit")
        share_file(
            f"edit_share_{name}", _("Share"), url=edit_url(name), name=save_as, title=save_as,
            mime_type=MIME_TYPES[path.suffix[1:]],
        )  # fmt: skip
        st.caption(_("In History under “Edited” for 30 days; what you keep stays."), width="content")
    made_file(name, _("What was made"), "display:block;max-width:min(100%, 480px);max-height:45vh;border-radius:12px")


def chain_strip(clip: Clip) -> None:
    """Show what led to this clip and what continues it, and offer to join all of it into one video."""
    chain = studio().clips.chain(clip.id)
    if len(chain) < 2:
        return
    st.header(_("The whole story"), anchor=False)
    videos = [link for link in chain if link.video_path and link.video_path.is_file()]
    is_asked_for = JOIN in st.query_params and len(videos) > 1
    if is_asked_for:
        # Whoever came to join them looks for what they became.
        _join(videos)
    with st.container(horizontal=True, gap="small", key="chain"):
        for place, link in enumerate(chain, 1):
            with st.container(gap="xxsmall", width=150, key=f"card_chain_{link.id}", border=True):
                poster(link, plays=True, own_shape=True)
                words = _("**{place}.** this one", place=place)
                if link.id != clip.id:
                    words = f"{number(place)}. {plain(short_prompt(link, 14))}"
                clip_link(link.id, words)
    if len(videos) > 1 and not is_asked_for:
        _join(videos)


def _join(videos: Sequence[Clip]) -> None:
    label = ngettext("Join {count} video", "Join {count} videos", len(videos))
    wish, state, is_asked_for = f"join from {videos[0].id}", state_of(EditState), JOIN in st.query_params
    if is_asked_for and videos[-1].id not in state.joined:
        # Whoever came to join them need not press again.
        state.joined.add(videos[-1].id)
        _ask_for(wish)
    with st.expander(label, is_asked_for, key="clip_join", icon=":material/merge:"):
        above, fields, below = st.container(), st.container(), st.container()
        with fields:
            title, credit = title_fields(f"chain_{videos[0].id}")
            how = _(
                "Videos of one size are joined without loss. With a title, or of several sizes, they become silent."
            )
            st.caption(" ".join((_("Joining is free."), how)))
        recipe = f"join {title!r} {credit!r} of {' '.join(str(link.video_sha256) for link in videos)}"
        paths = [link.video_path for link in videos if link.video_path]
        # The button stands below what it heeds; what it made is seen first.
        with above if state.wish == wish or _made(recipe, "mp4") else below:
            offer_file(
                _("Join them"), key="chain_join", icon=":material/merge:", wish=wish,
                recipe=recipe, extension="mp4", save_as=f"{file_name(videos[0])}_joined.mp4", clips=videos,
                write=lambda target: editing.join(paths, target, title=title, credit=credit),
            )  # fmt: skip
