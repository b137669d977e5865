"""A glass bottle of perfume on wet black stone, and a light that passes over it once."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from sandbox.film.noise import Array
from sandbox.film.scenes.sheet import SUPERSAMPLING, Points, Sheet, arc, blank, box, mixed

WIDE = (320, 180)
FLOOR = 138
TAU = 2 * math.pi


def bottle(turn: float) -> Image.Image:
    """Draw the bottle, lit, with its reflection in the wet stone."""
    sheet = Sheet(_room())
    sheet.glow((160 + 34 * math.sin(TAU * turn), 76), 104, "#8f6fd8", 0.30)
    glass, mask = _glass()
    lit = ImageChops.add(glass, _sweep(turn))
    _reflect(sheet, lit, mask, turn)
    sheet.image.paste(lit, (0, 0), mask)
    _drops(sheet, turn)
    sheet.veil(_mist(turn), "#b7a4d8")
    return sheet.image


@cache
def _room() -> Image.Image:
    sheet = Sheet(blank(WIDE, ["#0d0b14", "#1c1629", "#3a2c4a", "#241b30"]))
    sheet.glow((160, 84), 150, "#7b5cc0", 0.38)
    sheet.glow((160, 96), 84, "#e0a37a", 0.34)
    sheet.shaded(box(0, 128, 320, 180), "#1d1824", "#060509")
    sheet.shadow(arc((160, 146), (120, 9)), 7, 0.42, "#a583d6")
    rng = np.random.default_rng(3)
    for _ in range(60):
        spot, wide = (320 * rng.random(), 132 + 48 * rng.random()), 3 + 15 * rng.random()
        sheet.ellipse(spot, (wide, wide * 0.1), "#c9b4ea", 0.03 + 0.06 * rng.random())
    return sheet.image


@cache
def _glass() -> tuple[Image.Image, Image.Image]:
    """Return the bottle, and where it is."""
    size = (WIDE[0] * SUPERSAMPLING, WIDE[1] * SUPERSAMPLING)
    sheet, cover = Sheet(Image.new("RGB", size)), Sheet(Image.new("L", size))
    body, neck, cap = _rounded(121, 58, 199, FLOOR, 10), box(150, 46, 170, 60), _rounded(143, 20, 177, 48, 3)
    for part in (body, neck, cap):
        cover.cover(part)
    sheet.shaded(neck, "#d9a064", "#6d3f2c", across=True)
    sheet.shape(box(148, 52, 172, 57), "#e9c48c")
    _body(sheet, body)
    sheet.shaded(box(143, 20, 160, 48), "#2b2434", "#6d6180", across=True)
    sheet.shaded(box(160, 20, 177, 48), "#4a405a", "#15111b", across=True)
    sheet.shape(box(143, 20, 177, 23), "#8d80a3")
    sheet.shape(box(149, 23, 151.5, 48), "#e8def5", 0.75)
    return sheet.image, cover.image.filter(ImageFilter.GaussianBlur(0.8))


def _body(sheet: Sheet, body: Points) -> None:
    sheet.shaded(body, "#8a6f9c", "#4b3559")
    inner = _rounded(127, 66, 193, FLOOR - 9, 6)
    sheet.shaded(inner, "#f7c98a", "#b4552f")
    sheet.shaded(_rounded(127, 66, 193, 78, 5), "#57436a", "#84659a")
    sheet.shape(box(127, 76, 193, 78), "#ffe9bf", 0.9)
    sheet.glow((160, 112), 32, "#ffe2a0", 0.7)
    for left, right, strength in ((123, 125.5, 0.85), (129, 134, 0.42), (188, 190, 0.5), (195, 197, 0.7)):
        sheet.shape(box(left, 64, right, FLOOR - 8), "#fff6e6", strength)
    sheet.shape([(150, 46), (153, 46), (153, 60), (150, 60)], "#fff6e6", 0.7)
    sheet.shaded(_rounded(143, 90, 177, 118, 2), "#fbf3e6", "#e2d2bd")
    sheet.stroke([(148, 113), (172, 113)], 0.8, "#5b3fd1")
    flower = [(160 + 0.8 * math.cos(TAU * step / 6), 102 + 0.8 * math.sin(TAU * step / 6)) for step in range(6)]
    for step, (x, y) in enumerate(flower):
        turn = TAU * step / 6
        sheet.ellipse((x + 4 * math.cos(turn), y + 4 * math.sin(turn)), (2.7, 2.7), "#5b3fd1", 0.85)
    sheet.ellipse((160, 102), (2, 2), "#f0b45a")


def _rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Points:
    corners = [(right - radius, bottom - radius, 0), (left + radius, bottom - radius, 90)]
    corners += [(left + radius, top + radius, 180), (right - radius, top + radius, 270)]
    return [spot for x, y, turn in corners for spot in arc((x, y), (radius, radius), turn, turn + 90)]


def _sweep(turn: float) -> Image.Image:
    """Return the light on the glass: a slanted band that crosses it and is gone at both ends of the turn."""
    rows, columns = np.mgrid[0 : WIDE[1], 0 : WIDE[0]].astype(np.float32)
    across = columns + (rows - 90) * 0.35 - (70 + 180 * turn)
    band = 92 * np.exp(-((across / 9) ** 2)) + 46 * np.exp(-(((across + 19) / 4) ** 2))
    light = (band[..., None] * np.array([1, 0.94, 0.84], np.float32)).astype(np.uint8)
    return Image.fromarray(light).resize((WIDE[0] * SUPERSAMPLING, WIDE[1] * SUPERSAMPLING))


def _reflect(sheet: Sheet, lit: Image.Image, mask: Image.Image, turn: float) -> None:
    """Mirror the bottle at its foot; ripples push the rows sideways, more the nearer they are."""
    foot, high = FLOOR * SUPERSAMPLING, (WIDE[1] - FLOOR) * SUPERSAMPLING
    strip = (0, foot - high, lit.width, foot)
    upside = Image.Transpose.FLIP_TOP_BOTTOM
    colours, share = (np.asarray(image.crop(strip).transpose(upside)) for image in (lit, mask))
    down = np.arange(high, dtype=np.float32) / high
    push = np.round((0.6 + 7 * down) * np.sin(TAU * (down * 5 - 2 * turn))).astype(np.int64)
    columns = (np.arange(lit.width)[None, :] + push[:, None]) % lit.width
    rows = np.arange(high)[:, None]
    fade = (0.62 * (1 - down) ** 1.3)[:, None]
    through = Image.fromarray((share[rows, columns] * fade).astype(np.uint8)).filter(ImageFilter.GaussianBlur(2))
    sheet.image.paste(Image.fromarray(colours[rows, columns]).filter(ImageFilter.GaussianBlur(1.5)), (0, foot), through)
    sheet.shadow(arc((160, FLOOR + 0.5), (40, 1.6)), 1.2, 0.8)


def _drops(sheet: Sheet, turn: float) -> None:
    """Scatter water beads; each glints when the light passes it."""
    rng = np.random.default_rng(14)
    for _ in range(54):
        x, y = 8 + 304 * float(rng.random()), 145 + 33 * float(rng.random()) ** 0.8
        wide = (0.8 + 2.4 * float(rng.random())) * (0.5 + (y - 138) / 40)
        sheet.ellipse((x, y + wide * 0.3), (wide, wide * 0.5), "#020104", 0.55)
        sheet.ellipse((x, y), (wide, wide * 0.45), "#6c5a88", 0.55)
        near = math.exp(-(((x - (-110 + 540 * turn)) / 46) ** 2))
        sheet.ellipse((x - wide * 0.35, y - wide * 0.12), (wide * 0.34, wide * 0.2), "#fff3e0", 0.5 + 0.5 * near)
        if near > 0.3 and wide > 1.6:
            sheet.glow((x, y), 3 + 2 * near, "#ffe9cf", 0.4 * near)
    _ring(sheet, (92, 160), turn)
    _ring(sheet, (236, 168), turn + 0.5)


def _ring(sheet: Sheet, middle: tuple[float, float], turn: float) -> None:
    grown = turn % 1
    radius = 2 + 24 * grown
    colour = mixed("#15111c", "#a593c4", 0.6 * (1 - grown) * min(1, grown * 8))
    sheet.stroke(arc(middle, (radius, radius * 0.22)), 0.7, colour)


def _mist(turn: float) -> Array:
    rows, columns = np.mgrid[0:90, 0:160].astype(np.float32) * 2
    drift = np.sin(TAU * (columns / 320 - turn)) + 0.6 * np.sin(TAU * (columns / 160 + turn) + 1)
    level = FLOOR - 4 + 3 * drift
    return np.asarray(0.13 * np.exp(-(((rows - level) / 9) ** 2)) * (1 + 0.35 * drift), np.float32)
