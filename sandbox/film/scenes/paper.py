"""A folded paper fox that runs through a paper forest; the trees stand in layers that pass at their own speed."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageFilter

from sandbox.film.scenes.sheet import SUPERSAMPLING, Point, Points, Sheet, arc, blank, box, mixed, placed

WIDE = (320, 180)
TAU = 2 * math.pi
_Part: TypeAlias = Callable[[Points, str], None]
STRIDE_PIXELS = 160
"""How far the ground passes in one gallop."""

_LAYERS = (
    # speed, tile, ground, tree height, trees a tile, dark side, light side
    (0.25, 240, 116, 62, 5, "#d3bfe0", "#e3d3ea"),
    (0.5, 480, 128, 84, 6, "#a890d6", "#bda9e2"),
    (1.0, 480, 152, 0, 0, "#6a51b8", "#7a62c6"),
)
# By day, at dusk and by night, from the top down: straight from day to night the sky would turn grey.
_SKIES = (("#f3cdb0", "#b8679f", "#221a5e"), ("#fbe3c8", "#f28f7c", "#4b3a94"), ("#fff3e0", "#ffc98a", "#a77fc0"))
_FRONT = (1.5, 480, 184, 46, 4, "#33246e", "#43318a")
_LAP_PIXELS = 960


def fox(turn: float) -> Image.Image:
    """Draw the fox at a turn of an endless run: each layer passes by whole tiles, so all end where they began."""
    return journey(turn * _LAP_PIXELS, 0.0)


def journey(pixels: float, evening: float) -> Image.Image:
    """Draw the fox after so many pixels of its way; ``evening`` is 0 by day and 1 under the stars."""
    sheet = Sheet(_sky(round(evening * 40)))
    for index in range(len(_LAYERS)):
        _pass(sheet, _strip(index), pixels * _LAYERS[index][0])
    _fox(sheet, pixels / STRIDE_PIXELS)
    _pass(sheet, _strip(len(_LAYERS)), pixels * _FRONT[0])
    if evening > 0.5:
        sheet.veil(np.full((9, 16), 0.84 * (evening - 0.5), np.float32), "#1a1450")
    return sheet.image


@cache
def _sky(evening: int) -> Image.Image:
    share = evening / 40
    sheet = Sheet(blank(WIDE, [_at_hour(colours, share) for colours in _SKIES]))
    rng = np.random.default_rng(2)
    for _ in range(36):
        sheet.glow((320 * rng.random(), 90 * rng.random()), 1.2 + rng.random(), "#fff8e0", max(0, share * 2 - 1))
    sun = (236, 50 + 96 * min(share * 1.2, 1))
    for radius, colour in ((36, "#fbd9ae"), (27, "#f9c98f"), (18, "#f6b26b")):
        disc = arc(sun, (radius, radius))[::4]
        sheet.shadow([(x + 1, y + 2) for x, y in disc], 2, 0.16 * (1 - share))
        sheet.shape(disc, colour)
    if share > 0.6:
        moon = (84, 34 + 120 * (1 - share))
        sheet.glow(moon, 44, "#fff1cf", 0.5 * share)
        sheet.ellipse(moon, (13, 13), "#fff4dc", share)
    return sheet.image


def _at_hour(colours: tuple[str, str, str], evening: float) -> str:
    day, dusk, night = colours
    return mixed(day, dusk, evening * 2) if evening < 0.5 else mixed(dusk, night, evening * 2 - 1)


@cache
def _strip(index: int) -> Image.Image:
    """Return a layer as one tile that continues itself, with the shadow that paper throws."""
    _, tile, ground, tall, count, dark, light = (*_LAYERS, _FRONT)[index]
    rng = np.random.default_rng(50 + index)
    size = (tile * SUPERSAMPLING, WIDE[1] * SUPERSAMPLING)
    sheet, cover = Sheet(Image.new("RGB", size, dark)), Sheet(Image.new("L", size))
    trees = [(tile * (at + 0.2 + 0.6 * float(rng.random())) / count, float(rng.random())) for at in range(count)]
    for x, chance in trees:
        for shift in (-tile, 0, tile):
            _tree(sheet, cover, (x + shift, ground + 6), tall * (0.7 + 0.4 * chance), (dark, light))
    line = [(float(x), ground + 3 * math.sin(TAU * x / tile * 2 + index)) for x in range(0, tile + 1, 4)]
    cover.cover([*line, (tile, 190), (0, 190)])
    sheet.shape([*line, (tile, 190), (0, 190)], mixed(dark, light, 0.5))
    for x in range(0, tile, 60):
        sheet.shape([(x, 190), (x + 30, ground + 3), (x + 46, 190)], light, 0.35)
    image = sheet.image.convert("RGBA")
    image.putalpha(cover.image)
    return _shadowed(image)


def _shadowed(image: Image.Image) -> Image.Image:
    alpha = image.getchannel("A").transform(image.size, Image.Transform.AFFINE, (1, 0, -5, 0, 1, 4))
    soft = alpha.filter(ImageFilter.GaussianBlur(7)).point(lambda value: round(value * 0.34))
    under = Image.new("RGBA", image.size, "#1c1240")
    under.putalpha(soft)
    return Image.alpha_composite(under, image)


def _tree(sheet: Sheet, cover: Sheet, foot: Point, tall: float, colours: tuple[str, str]) -> None:
    """Fold three triangles over each other, each with a light and a dark half."""
    dark, light = colours
    x, y = foot
    trunk = box(x - tall * 0.03, y - tall * 0.2, x + tall * 0.03, y + 4)
    sheet.shape(trunk, mixed(dark, "#3b2419", 0.45))
    cover.cover(trunk)
    for step in range(3):
        low, high = y - tall * (0.12 + 0.24 * step), y - tall * (0.54 + 0.23 * step)
        half = tall * (0.3 - 0.07 * step)
        crease = (x + half * 0.12, low + tall * 0.03)
        sheet.shape([(x, high), (x - half, low), crease], light)
        sheet.shape([(x, high), (x + half, low), crease], dark)
        sheet.shape([(x - half, low), crease, (x - half * 0.1, low - tall * 0.05)], mixed(light, "#ffffff", 0.35), 0.8)
        cover.cover([(x, high), (x - half, low), crease, (x + half, low)])


def _pass(sheet: Sheet, strip: Image.Image, pixels: float) -> None:
    shift = round(pixels * SUPERSAMPLING) % strip.width
    for left in range(-shift, sheet.image.width, strip.width):
        sheet.image.paste(strip, (left, 0), strip)


def _fox(sheet: Sheet, strides: float) -> None:
    beat = TAU * strides
    at = (150.0, 147 - 7 * max(0.0, math.sin(beat)) - 1.5)
    pitch = -5 * math.cos(beat)
    stretch = 1 + 0.06 * math.sin(beat)

    def part(points: Points, fill: str) -> None:
        sheet.shape(
            placed([(x - 50, y - 66) for x, y in points], at, degrees=pitch, scale=(1.12 * stretch, 1.12)), fill
        )

    sheet.shadow(placed([(-52, -2), (56, -3), (56, 3), (-52, 4)], (152, 151), scale=(stretch, 1)), 3, 0.4)
    for hip, phase in (((30, 46), 0.55), ((74, 47), 2.3)):
        _leg(part, hip, beat + phase, ("#b9501f", "#8f3b18"))
    _tail(part, beat)
    part([(18, 40), (40, 30), (72, 31), (84, 27), (87, 44), (72, 54), (44, 51), (26, 54)], "#f28a3f")
    part([(18, 40), (40, 30), (50, 43), (26, 54)], "#e5742c")
    part([(40, 30), (72, 31), (50, 43)], "#ffa45c")
    part([(50, 43), (72, 31), (87, 44), (72, 54), (44, 51)], "#ee7f35")
    part([(72, 54), (87, 44), (90, 36), (80, 40)], "#fff1dd")
    for hip, phase in (((28, 46), 0.0), ((77, 46), 1.75)):
        _leg(part, hip, beat + phase, ("#ee7f35", "#6b2f1c"))
    _face(part)


def _tail(part: _Part, beat: float) -> None:
    def wag(points: Points) -> list[Point]:
        return placed([(x - 22, y - 42) for x, y in points], (22, 42), degrees=7 * math.sin(beat + 1))

    part(wag([(22, 42), (2, 26), (-28, 27), (-14, 38), (4, 46)]), "#f28a3f")
    part(wag([(22, 42), (-14, 38), (4, 47)]), "#d9652a")
    part(wag([(-12, 26.5), (-28, 27), (-44, 36), (-14, 38)]), "#fff1dd")
    part(wag([(-44, 36), (-14, 38), (-24, 33)]), "#ecd5b8")


def _face(part: _Part) -> None:
    part([(86, 22), (84, 2), (95, 15)], "#c9581f")
    part([(92, 18), (97, -1), (104, 17)], "#f28a3f")
    part([(95, 16), (97.5, 5), (101, 16)], "#4a2418")
    part([(78, 38), (88, 18), (104, 17), (111, 28), (96, 42)], "#f28a3f")
    part([(88, 18), (104, 17), (98, 28)], "#ffa45c")
    part([(104, 17), (127, 34), (111, 33), (98, 28)], "#ee7f35")
    part([(98, 28), (111, 33), (127, 34), (108, 42), (90, 44)], "#fff1dd")
    part([(98, 28), (90, 44), (84, 40)], "#f6dfc4")
    part([(123, 31), (128, 34), (123, 36)], "#33203a")
    part([(102.5, 25), (105, 24.4), (106.4, 26.6), (105, 28.6), (102.8, 28)], "#33203a")


def _leg(part: _Part, hip: Point, beat: float, colours: tuple[str, str]) -> None:
    """Fold a leg of two triangles; it swings back on the ground and bends on the way forward."""
    swing = 44 * math.cos(beat)
    bend = 18 + 46 * max(0.0, -math.sin(beat)) ** 1.2
    knee = placed([(0, 15)], hip, degrees=swing - 6)[0]
    foot = placed([(0, 14)], knee, degrees=swing + bend - 24)[0]
    part(
        [*placed([(-7, -3), (7, -2)], hip, degrees=swing), (knee[0] + 2.6, knee[1]), (knee[0] - 2.6, knee[1])],
        colours[0],
    )
    part(
        [
            (knee[0] - 2.8, knee[1] - 1),
            (knee[0] + 2.8, knee[1] - 1),
            (foot[0] + 4.6, foot[1] + 1),
            (foot[0] - 1.6, foot[1] + 1),
        ],
        colours[1],
    )
