"""Ideas to start from, each with a tiny clip that shows what it may become."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from rivya.spec import DEFAULT_MODEL
from studio.i18n import N_
from ui import draft
from ui.i18n import _
from ui.runtime import example_url

SMALL_PIXELS, LARGE_PIXELS = 132, 200


@dataclass(frozen=True, slots=True)
class Starter:
    """One idea: its name, its prompt, and the shape that suits it."""

    label: str
    prompt: str
    aspect_ratio: str = "16:9"


STARTERS = {
    "product": Starter(
        N_("Product"),
        N_("A glass perfume bottle on wet black stone, slow push-in, morning light, fine mist drifting past"),
    ),
    "people": Starter(
        N_("People"),
        N_("An elderly tailor smiles as he cuts deep blue cloth by a window, soft side light, close view"),
    ),
    "nature": Starter(
        N_("Nature"),
        N_("Morning fog rolls over a forest valley at sunrise, slow aerial view, warm light, birds in the distance"),
    ),
    "food": Starter(
        N_("Food"),
        N_("Steam rises from a bowl of noodles as chopsticks lift them, shallow focus, warm evening light"),
    ),
    "social_ad": Starter(
        N_("Social ad"),
        N_(
            "A white sneaker lands in a splash of bright paint, drops flying in slow motion, clean studio, bold colours"
        ),
        "9:16",
    ),
    "animation": Starter(
        N_("Animation"),
        N_("A folded paper fox runs through a forest of paper trees, stop-motion style, soft light, tracking shot"),
    ),
}


def thumbnail(name: str, words: str, *, ratio: str = "4 / 3", fit: str = "cover") -> None:
    """Show one of the shipped clips: its picture at rest, its video on hover, tap or Space."""
    label = html.escape(words, quote=True)
    shape = f"display:block;width:100%;aspect-ratio:{ratio};border-radius:10px;object-fit:{fit};background:#0d0c0b"
    life = f'data-video="{example_url(name, "mp4")}" data-clip="{name}" tabindex="0" role="button"'
    st.html(f'<img src="{example_url(name, "webp")}" alt="{label}" loading="lazy" style="{shape}" {life}>')


def moving_picture(name: str, words: str) -> None:
    """Show one of the shipped clips playing by itself, muted, where the reader wants motion and has the line for it."""
    label = html.escape(words, quote=True)
    shape = "display:block;width:100%;aspect-ratio:16 / 9;border-radius:10px;object-fit:cover;background:#0d0c0b"
    st.html(
        f'<video src="{example_url(name, "mp4")}" poster="{example_url(name, "webp")}" muted loop playsinline '
        f'preload="none" data-autoplay data-clip="{name}" tabindex="0" role="button" aria-label="{label}" '
        f'style="{shape};cursor:pointer"></video>'
    )


def starter_cards(place: str, *, large: bool = False, before: Callable[[], None] = lambda: None) -> None:
    """Draw all ideas, large ones moving by themselves; pressing one does ``before`` and fills the form with it."""
    with st.grid(min_column_width=LARGE_PIXELS if large else SMALL_PIXELS, gap="small"):
        for name, starter in STARTERS.items():
            label = _(starter.label)
            with st.container(gap="xxsmall", key=f"card_{'idea' if large else place}_{name}"):
                if large:
                    moving_picture(f"starter_{name}", _("Example: {what}", what=label))
                else:
                    thumbnail(f"starter_{name}", _("Example: {what}. Space plays it.", what=label))
                st.button(label, key=f"{place}_starter_{name}", width="stretch", on_click=_use, args=(name, before))


def _use(name: str, before: Callable[[], None]) -> None:
    starter = STARTERS[name]
    before()
    params = {**DEFAULT_MODEL.defaults, **draft.saved_params(), "aspect_ratio": starter.aspect_ratio}
    # Without the picture that is there: it would be what the clip shows, whatever the idea says.
    draft.fill(_(starter.prompt), params, source=f"idea:{name}")
