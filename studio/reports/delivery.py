"""Ordered against delivered: does the video have the shape, the sharpness and the length that were paid for?"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from rivya.spec import ordered_shape
from studio.store.clip import Clip

RATIO_TOLERANCE = 0.03
LENGTH_TOLERANCE_SECONDS = 0.5
SHARPNESS_SHARE = 0.9
"""Models round a frame to multiples of 16 or 32 and keep its area: 720p may be 1248 x 704 or 960 x 960."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A setting, what was ordered and what came."""

    key: str
    ordered: str
    delivered: str


def mismatches(clip: Clip) -> list[Mismatch]:
    """Compare a clip's file with the settings that its model has; empty when all is as ordered or nothing is here."""
    if not (clip.video_width and clip.video_height and clip.params):
        return []
    width, height = clip.video_width, clip.video_height
    found = []
    ordered_ratio = ordered_shape(clip.params)
    if ordered_ratio and abs(width / height / float(ordered_ratio) - 1) > RATIO_TOLERANCE:
        shape = Fraction(width, height).limit_denominator(30)
        found.append(Mismatch("aspect_ratio", clip.params["aspect_ratio"], f"{shape.numerator}:{shape.denominator}"))
    ordered_lines = _number(clip.params.get("resolution"), "p")
    if (
        ordered_lines
        and width * height < SHARPNESS_SHARE * ordered_lines**2 * 16 / 9
        and min(width, height) < SHARPNESS_SHARE * ordered_lines
    ):
        found.append(Mismatch("resolution", f"{ordered_lines:g}p", f"{width} × {height}"))
    ordered_seconds, seconds = _number(clip.params.get("duration"), "s"), clip.video_seconds
    if ordered_seconds and seconds is not None and abs(seconds - ordered_seconds) > LENGTH_TOLERANCE_SECONDS:
        found.append(Mismatch("duration", f"{ordered_seconds:g} s", f"{seconds:.1f} s"))
    return found


def _number(ordered: object, unit: str) -> float | None:
    """Read ``720p`` or ``5``; ``None`` for what is no number, or where the model has no such setting."""
    try:
        return float(str(ordered).removesuffix(unit))
    except ValueError:
        return None
