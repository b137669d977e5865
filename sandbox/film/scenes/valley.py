"""Morning fog that moves between the ranges of a wooded valley, for ever the same few seconds."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from PIL import Image

from sandbox.film import noise
from sandbox.film.noise import Array
from sandbox.film.scenes.sheet import Point, Sheet, blank, mixed, smooth

WIDE = (320, 180)
TAU = 2 * math.pi


def valley(turn: float) -> Image.Image:
    """Draw morning fog that moves between the ranges of a wooded valley."""
    sheet = Sheet(_dawn())
    for index, (trees, colour) in enumerate(_ranges()):
        sheet.shape(trees, colour)
        sheet.veil(_fog(index, turn), mixed("#fff0dc", "#e3ebe6", index / 4))
    for index in range(5):
        _gull(sheet, turn, index)
    return sheet.image


@cache
def _dawn() -> Image.Image:
    sheet = Sheet(blank(WIDE, ["#8fb3c4", "#d8cfc4", "#ffdfb4", "#ffd9a6", "#e9c9a8"]))
    sheet.glow((206, 58), 110, "#fff1c8", 0.85)
    sheet.ellipse((206, 58), (13, 13), "#fffaea")
    return sheet.image


@cache
def _ranges() -> list[tuple[list[Point], str]]:
    rng = np.random.default_rng(8)
    found = []
    colours = ("#b9c4b4", "#8fab9c", "#5f8a7c", "#34655b", "#143b38")
    for index, colour in enumerate(colours):
        columns = np.arange(0, 321, 0.5)
        # A valley: the nearer a range, the deeper its middle.
        slope = np.abs(columns / 320 - 0.56) ** 1.3 * (30 + 36 * index)
        ground = 80 + 25 * index - slope + 10 * noise.wander(rng, len(columns), 3, 3)
        ridge = ground - noise.treetops(rng, len(columns), 8.0 + 13 * index) * (0.5 + 0.04 * index)
        points = [(float(x), float(y)) for x, y in zip(columns, ridge, strict=True)]
        found.append(([*points, (321, 181), (-1, 181)], colour))
    return found


def _fog(index: int, turn: float) -> Array:
    bank = _fog_bank(index)
    shift = (18 + 4 * index) * math.sin(TAU * turn + 2 * index)
    whole = math.floor(shift)
    part = np.float32(shift - whole)
    rolled = np.roll(bank, whole, axis=1) * (1 - part) + np.roll(bank, whole + 1, axis=1) * part
    return np.asarray(rolled[:, : WIDE[0] // 2], np.float32)


@cache
def _fog_bank(index: int) -> Array:
    """Return a band of fog whose left end continues its right end."""
    field = noise.clouds(np.random.default_rng(30 + index), 240, 90)
    seam = np.linspace(0, 1, 80, dtype=np.float32)
    field[:, :80] = field[:, :80] * seam + field[:, 160:] * (1 - seam)
    tile = field[:, :160]
    rows = np.arange(0, 180, 2, dtype=np.float32)[:, None]
    level = (94, 108, 126, 143, 164)[index]
    band = np.exp(-(((rows - level) / (10 + 3 * index)) ** 2))
    return np.asarray(band * np.clip(4.2 * tile - 1.5, 0.18, 1) * (0.96, 0.92, 0.88, 0.8, 0.42)[index], np.float32)


def _gull(sheet: Sheet, turn: float, index: int) -> None:
    x, y = (
        90 + 15 * index + 8 * math.sin(TAU * turn),
        40 + 6 * (index % 3) - 3 * index + 3 * math.sin(TAU * turn + index),
    )
    flap = 2.6 * math.sin(TAU * (4 * turn + index * 0.23))
    wings = smooth([(x - 5, y - flap), (x - 2, y - 1), (x, y), (x + 2, y - 1), (x + 5, y - flap)], closed=False)
    sheet.stroke(wings, 1, "#4f6b70", 0.8)
