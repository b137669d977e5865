"""A picture under a bright frame of one shape: what lies in the frame is what will be sent.

The frame follows the pointer in the browser alone; Python hears of it when the hand rests. What was told carries the
name of the picture and shape it was told for, so that a frame drawn for another picture is never taken for this one.
"""

from __future__ import annotations

import base64
import hashlib
import io

import streamlit as st
from PIL import Image, ImageOps

from ui.components import asset
from ui.i18n import _

PREVIEW_MAX_SIDE = 1280
"""The frame is drawn at most 420 px high: twice that is sharp on any screen, and 40 MB need not go over the wire."""

_component = st.components.v2.component(
    "studio_crop_frame", html=asset("crop_frame.html"), css=asset("crop_frame.css"), js=asset("crop_frame.js")
)


def crop_frame(image: bytes | str, *, ratio: float, key: str) -> tuple[float, float, float, float] | None:
    """Draw ``image`` under a frame that is ``ratio`` (width over height) and can be dragged, resized and steered.

    ``image`` is the content of a checked reference image, or an address (``data:`` too) whose shape the browser finds
    out. Returns left, top, width and height as shares 0..1 of the upright picture, ``None`` as long as the frame was
    not touched: then it is the largest one in the middle. Another picture or ratio starts anew.
    """
    address, width, height = _preview(image) if isinstance(image, bytes) else (image, 0, 0)
    name = hashlib.sha256(f"{ratio:.6f} {address}".encode()).hexdigest()
    told = st.session_state.get(key, {}).get("box") or {}
    box = told.get("box") if told.get("of") == name else None
    words = {
        "role": _("Frame"),
        "frame": _(
            "What lies in this frame is kept. Arrow keys move it, with Shift in bigger steps; plus and minus resize it."
        ),
    }
    data = {"image": address, "width": width, "height": height, "ratio": ratio, "of": name, "box": box, "words": words}
    result = _component(key=key, data=[data], on_box_change=_rerun)
    now = result.box or {}
    return tuple(now["box"]) if now.get("of") == name else None


def _rerun() -> None:
    """Make ``result.box`` exist; the rerun itself is all that is needed."""


@st.cache_data(max_entries=8, show_spinner=False)
def _preview(image: bytes) -> tuple[str, int, int]:
    """Return a small copy as an address, and the upright picture's width and height in pixels."""
    with Image.open(io.BytesIO(image)) as opened:
        upright = ImageOps.exif_transpose(opened)
    width, height = upright.size
    small = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    small.thumbnail((PREVIEW_MAX_SIDE, PREVIEW_MAX_SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=85)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}", width, height
