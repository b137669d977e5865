"""A picture that is pasted or dropped anywhere on the page goes where a chosen file goes: into the page's uploader.

The uploader's own input gets the file, so its limits, its preview and its remove button stay the only ones. Pasted
text stays text.
"""

from __future__ import annotations

import streamlit as st

from ui.components import asset

_component = st.components.v2.component(
    "studio_paste_image",
    html=asset("paste_image.html"),
    css=asset("hidden.css", "paste_image.css"),
    js=asset("paste_image.js"),
    isolate_styles=False,
)


def paste_image(label: str) -> None:
    """Let pictures (and MP4 videos) be pasted or dropped anywhere; ``label`` stands on the outline while one is held.

    Call it once on a page that has a file uploader. With several uploaders the first that is not disabled gets it.
    """
    _component(key="paste_image", data=[{"label": label}], height=1)
