"""Each aspect ratio is drawn above its numbers, because people know a shape before they know its name."""

from __future__ import annotations

import streamlit as st

from rivya.spec import DEFAULT_MODEL

LONG_SIDE_PIXELS = 18
SHORTEST_SIDE_PIXELS = 7


def ratio_drawings(key: str) -> None:
    """Draw the shapes on the chips of the control called ``key``; they take no place and are not read aloud."""
    chips = f".st-key-{key} [role=radiogroup] > button"
    rules = [
        f"{chips} {{ flex-direction: column; gap: 4px; height: auto; padding-block: 8px 4px; }}",
        f"{chips}::before {{ content: ''; border: 1.5px solid; border-radius: 2px; opacity: .75; }}",
    ]
    for place, ratio in enumerate(DEFAULT_MODEL.param("aspect_ratio").options, 1):
        width, height = _sides(ratio)
        margin = (LONG_SIDE_PIXELS - height) / 2
        rules.append(
            f"{chips}:nth-of-type({place})::before "
            f"{{ width: {width:.0f}px; height: {height:.0f}px; margin-block: {margin:.1f}px; }}"
        )
    st.html(f"<style>{' '.join(rules)}</style>")


def _sides(ratio: str) -> tuple[float, float]:
    width, height = map(int, ratio.split(":"))
    scale = LONG_SIDE_PIXELS / max(width, height)
    return max(width * scale, SHORTEST_SIDE_PIXELS), max(height * scale, SHORTEST_SIDE_PIXELS)
