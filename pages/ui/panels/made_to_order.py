"""A file that is made when somebody asks for it: begun beside the page, followed, shown, kept and handed out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from rivya.errors import RivyaError
from studio.errors import StoreError
from studio.store.clip import Clip
from ui.components.share_file import share_file
from ui.feedback import error_text
from ui.i18n import _, megabytes
from ui.panels.edited import MIME_TYPES, keep_button, made_file
from ui.runtime import edit_url, studio
from ui.session import state_of

QUICK_SECONDS = 1.0
LOOK_SECONDS = 0.5


@dataclass
class MakingState:
    """The button that was pressed last, the recipe that is followed for it, and whether what it made was seen."""

    wish: str = ""
    recipe: str = ""
    making: Future[str] | None = None
    is_followed: bool = False
    is_shown: bool = False


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
    made = made_by(recipe, extension)
    if not made:
        here.button(
            label, key=key, type="primary" if is_primary else "secondary", icon=icon, disabled=disabled,
            on_click=ask_for, args=(wish,),
        )  # fmt: skip
    _show(made, recipe, save_as)


def is_asked_for(wish: str) -> bool:
    """Tell whether this button was pressed last, in this session."""
    return state_of(MakingState).wish == wish


def ask_for(wish: str) -> None:
    """Remember what is wanted: a page that is drawn anew meanwhile would forget a mere press."""
    state = state_of(MakingState)
    state.wish, state.recipe, state.making, state.is_shown = wish, "", None, False


def _make_asked(wish: str, recipe: str, make: Callable[[], str]) -> None:
    """Begin what was asked for, beside the page, and follow it until it is there."""
    state = state_of(MakingState)
    if state.wish != wish:
        return
    # What was typed right before the press can arrive after it: then that is what was asked for.
    if state.making is None or (state.recipe != recipe and not state.is_shown):
        state.recipe = recipe
        state.making = studio().in_background(make)
    wait([state.making], timeout=QUICK_SECONDS)
    st.fragment(_progress, run_every=None if state.making.done() else LOOK_SECONDS)()


def _progress() -> None:
    state = state_of(MakingState)
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


def made_by(recipe: str, extension: str) -> str:
    """Return the name of the file that was made by ``recipe``, empty when there is none or it is being made."""
    state = state_of(MakingState)
    if state.recipe == recipe and state.making and not state.making.done():
        return ""
    return studio().edits.made(recipe, extension)


def _show(name: str, recipe: str, save_as: str) -> None:
    path = studio().edits.path(name) if name else None
    if path is None:
        return
    state = state_of(MakingState)
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
