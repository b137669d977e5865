"""Posters that come alive: videos play under the pointer, and the keyboard walks and works the gallery.

Posters are plain pictures, drawn and redrawn by Streamlit. Nothing is tied to them: everything is heard on the
document and looked up at that moment, so a rerun can replace whatever it likes.
"""

from __future__ import annotations

import streamlit as st

from ui.components import asset

_component = st.components.v2.component(
    "studio_gallery_keys",
    html=asset("hidden.html"),
    css=asset("hidden.css", "gallery_keys.css"),
    js=asset("gallery_keys.js"),
    isolate_styles=False,
)


def gallery_keys(words: dict[str, str]) -> None:
    """Give life to the page's posters: ``<img data-clip="…" data-video="…" tabindex="0">`` in a ``st-key-card_…``.

    ``words["keys"]`` tells a screen reader which keys a poster knows. A poster without ``data-video`` does not play.
    Call it once on a page.
    """
    _component(key="gallery_keys", data=[{"words": words}], height=1)
