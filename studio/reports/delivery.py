"""Ordered against delivered: does the video have the shape, the sharpness and the length that were paid for?"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from rivya.spec import aspect_fraction
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
    """Compare a clip's file with its settings; empty when all is as ordered or nothing is here yet."""
    if not (clip.video_width and clip.video_height and clip.params):
        return []
    width, height = clip.video_width, clip.video_height
    found = []
    ordered_ratio = str(clip.params["aspect_ratio"])
    if abs(width / height / float(aspect_fraction(ordered_ratio)) - 1) > RATIO_TOLERANCE:
        shape = Fraction(width, height).limit_denominator(30)
        found.append(Mismatch("aspect_ratio", ordered_ratio, f"{shape.numerator}:{shape.denominator}"))
    ordered_lines = int(str(clip.params["resolution"]).removesuffix("p"))
    if (
        width * height < SHARPNESS_SHARE * ordered_lines**2 * 16 / 9
        and min(width, height) < SHARPNESS_SHARE * ordered_lines
    ):
        found.append(Mismatch("resolution", f"{ordered_lines}p", f"{width} × {height}"))
    ordered_seconds = float(str(clip.params["duration"]))
    if clip.video_seconds is not None and abs(clip.video_seconds - ordered_seconds) > LENGTH_TOLERANCE_SECONDS:
        found.append(Mismatch("duration", f"{ordered_seconds:g} s", f"{clip.video_seconds:.1f} s"))
    return found
