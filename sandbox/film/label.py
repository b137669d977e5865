"""The label in the corner of each clip: what is simulated says so, once."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sandbox.film.planes import Planes, ink

LABEL = "Simulation · no real credits"
_STANDS_OUT = 60
"""How much brighter the letters are than what is between them: white on a dark pill, after any JPEG."""


def stamp(picture: Planes) -> None:
    """Lay the label over a picture."""
    pill, text, margin = _label(min(picture.size))
    corner = _corner(picture.size, pill, margin)
    picture.paste(ink(12, 12, 18), corner, pill)
    picture.paste(ink(255, 255, 255), corner, text)


def without_label(image: Image.Image) -> Image.Image:
    """Return a picture without our label, if it is a frame of a clip of ours: what stands above the label covers it."""
    pill, text, margin = _label(min(image.size))
    left, top = _corner(image.size, pill, margin)
    if top < pill.height or left + pill.width > image.width:
        return image
    box = (left, top, left + pill.width, top + pill.height)
    bright = np.asarray(image.crop(box).convert("L"), np.float32)
    letters, between = np.asarray(text) > 200, (np.asarray(pill) > 0) & (np.asarray(text) == 0)
    if bright[letters].mean() - bright[between].mean() < _STANDS_OUT:
        return image
    above = image.crop((left, top - pill.height, left + pill.width, top)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    image = image.copy()
    image.paste(above, (left, top))
    return image


def _corner(size: tuple[int, int], pill: Image.Image, margin: int) -> tuple[int, int]:
    return margin // 2 * 2, (size[1] - margin - pill.height) // 2 * 2


@lru_cache(maxsize=4)
def _label(short_side: int) -> tuple[Image.Image, Image.Image, int]:
    """Draw the label once: the masks of its pill and its text, and its distance from the corner."""
    size = max(13, round(short_side * 0.024))
    font = ImageFont.load_default(size=size)
    left, top, right, bottom = font.getbbox(LABEL)
    wide, high = math.ceil(right - left + size * 1.5), math.ceil(size * 1.9)
    pill, text = Image.new("L", (wide, high)), Image.new("L", (wide, high))
    ImageDraw.Draw(pill).rounded_rectangle((0, 0, wide - 1, high - 1), radius=high // 2, fill=105)
    place = ((wide - (right - left)) / 2 - left, (high - (bottom - top)) / 2 - top)
    ImageDraw.Draw(text).text(place, LABEL, fill=225, font=font)
    return pill, text, round(short_side * 0.03)
