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

from ui.i18n import _

PREVIEW_MAX_SIDE = 1280
"""The frame is drawn at most 420 px high: twice that is sharp on any screen, and 40 MB need not go over the wire."""

_HTML = """
<div class="stage">
  <img alt="" draggable="false">
  <div class="frame" role="application" tabindex="0"><span class="corner"></span></div>
</div>
"""

_CSS = """
.stage { position: relative; overflow: hidden; border-radius: 12px; user-select: none; -webkit-user-select: none;
  background: var(--st-secondary-background-color); width: min(100%, calc(420px * var(--shape, 1.5)));
  aspect-ratio: var(--shape, 1.5); }
img { display: block; width: 100%; height: 100%; object-fit: contain; pointer-events: none; }
.frame { position: absolute; box-sizing: border-box; cursor: move; touch-action: none; outline: none;
  border-radius: 4px; box-shadow: 0 0 0 9999px rgb(13 12 11 / .62); }
.frame::before { content: ""; position: absolute; inset: 0; border-radius: 4px; pointer-events: none;
  border: 2px solid #fff; box-shadow: inset 0 0 0 1px rgb(13 12 11 / .35); }
.frame:focus-visible::before, .frame:active::before { border: 3px solid var(--st-primary-color);
  box-shadow: inset 0 0 0 2px #fff; }
.frame::after { content: ""; position: absolute; inset: 0; pointer-events: none; opacity: 0;
  transition: opacity .15s; background:
  linear-gradient(90deg, transparent calc(33.3% - 1px), rgb(255 255 255 / .5) 33.3%, transparent calc(33.3% + 1px),
    transparent calc(66.6% - 1px), rgb(255 255 255 / .5) 66.6%, transparent calc(66.6% + 1px)),
  linear-gradient(transparent calc(33.3% - 1px), rgb(255 255 255 / .5) 33.3%, transparent calc(33.3% + 1px),
    transparent calc(66.6% - 1px), rgb(255 255 255 / .5) 66.6%, transparent calc(66.6% + 1px)); }
.frame:active::after { opacity: 1; }
.corner { position: absolute; right: -12px; bottom: -12px; width: min(44px, 50% + 12px); height: min(44px, 50% + 12px);
  cursor: nwse-resize; touch-action: none; }
.corner::after { content: ""; position: absolute; right: 18px; bottom: 18px; width: 12px; height: 12px;
  box-sizing: content-box; border: 2px solid #fff; border-radius: 50%; background: var(--st-primary-color);
  box-shadow: 0 1px 4px rgb(13 12 11 / .5); }
@media (prefers-reduced-motion: reduce) { .frame::after { transition: none; } }
"""

_JS = """
const SMALLEST_WIDTH = 0.1;
const PAUSE_MILLISECONDS = 200;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const GROWTH = { "+": 1, "=": 1, "-": -1, "_": -1 };
const frames = new WeakMap();
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const largest = (slope) => {
  const width = Math.min(1, 1 / slope);
  return { left: (1 - width) / 2, top: (1 - width * slope) / 2, width };
};

export default function ({ data, parentElement, setStateValue }) {
  const find = (name) => parentElement.querySelector(name);
  const stage = find(".stage"), picture = find("img"), frame = find(".frame"), corner = find(".corner");
  const state = frames.get(parentElement) ?? {};
  frames.set(parentElement, state);
  frame.setAttribute("aria-label", data.words.frame);
  frame.setAttribute("aria-roledescription", data.words.role);

  const draw = () => {
    const { left, top, width } = state.box;
    const sides = { left, top, width, height: width * state.slope };
    for (const [side, share] of Object.entries(sides)) frame.style[side] = `${share * 100}%`;
  };
  const place = (left, top, width = state.box.width) => {
    const room = Math.min(1, 1 / state.slope);
    const wide = clamp(width, Math.min(SMALLEST_WIDTH, room), room);
    const highest = Math.max(1 - wide * state.slope, 0);
    state.box = { left: clamp(left, 0, 1 - wide), top: clamp(top, 0, highest), width: wide };
    draw();
  };
  const tell = () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => {
      const { left, top, width } = state.box;
      const box = [left, top, width, Math.min(width * state.slope, 1)];
      setStateValue("box", { of: data.of, box });
    }, PAUSE_MILLISECONDS);
  };
  const shape = (width, height) => {
    stage.style.setProperty("--shape", width / height);
    state.slope = width / height / data.ratio;
    state.box = data.box ? { left: data.box[0], top: data.box[1], width: data.box[2] } : largest(state.slope);
    draw();
  };

  if (state.of !== data.of) {
    clearTimeout(state.timer);
    state.of = data.of;
    picture.onload = () => data.width || shape(picture.naturalWidth, picture.naturalHeight);
    picture.src = data.image;
    shape(data.width || 3, data.height || 2);
  }

  frame.onpointerdown = (event) => {
    if (event.button !== 0 || state.grip) return;
    frame.setPointerCapture(event.pointerId);
    const resizes = event.composedPath().includes(corner);
    state.grip = { id: event.pointerId, x: event.clientX, y: event.clientY, box: { ...state.box }, resizes };
  };
  frame.onpointermove = (event) => {
    if (state.grip?.id !== event.pointerId) return;
    const across = (event.clientX - state.grip.x) / stage.clientWidth;
    const down = (event.clientY - state.grip.y) / stage.clientHeight;
    const { left, top, width } = state.grip.box;
    if (!state.grip.resizes) return place(left + across, top + down);
    const grown = width + (across + down / state.slope) / 2;
    place(left, top, Math.min(grown, 1 - left, (1 - top) / state.slope));
  };
  frame.onpointerup = frame.onpointercancel = (event) => {
    if (state.grip?.id !== event.pointerId) return;
    state.grip = null;
    tell();
  };
  frame.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { left, top, width } = state.box;
    const step = STEPS[event.key], growth = GROWTH[event.key];
    if (!step && !growth) return;
    event.preventDefault();
    event.stopPropagation();
    const pace = event.shiftKey ? 0.1 : 0.01;
    if (step) return place(left + step[0] * pace, top + step[1] * pace);
    const before = state.box;
    place(left, top, width + growth * 0.02);
    const more = state.box.width - before.width;
    place(left - more / 2, top - more * state.slope / 2);
  };
  frame.onkeyup = (event) => (STEPS[event.key] || GROWTH[event.key]) && tell();
  return () => clearTimeout(state.timer);
}
"""

_component = st.components.v2.component("studio_crop_frame", html=_HTML, css=_CSS, js=_JS)


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
    result = _component(key=key, data=data, on_box_change=_rerun)
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
