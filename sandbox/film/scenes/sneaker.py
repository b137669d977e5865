"""A sneaker that lands in a splash of colour, upright, twice in a turn."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import numpy as np
from PIL import Image

from sandbox.film.scenes.sheet import Point, Points, Sheet, arc, blank, box, mixed, placed, smooth

TALL = (180, 320)
FLOOR = 246
TAU = 2 * math.pi
_Place: TypeAlias = Callable[[Points], list[Point]]
_PAINTS = ("#ffd23f", "#27c4b8", "#ffffff", "#ff5d8f", "#7c5cff")
_LANDS_AT = 0.42


def sneaker(turn: float) -> Image.Image:
    """Draw the sneaker in its fall, its landing or its leap."""
    sheet = Sheet(_ground())
    fall = (turn * 2) % 1
    since = (fall - _LANDS_AT) % 1
    _puddle(sheet, since)
    _paint(sheet, since, behind=True)
    # A parabola between two landings, and a squash that rings out after each.
    height = 4 * 62 * since * (1 - since)
    squash = 0.16 * math.exp(-since * 9) * math.cos(since * 26) + 0.10 * math.exp(-(1 - since) * 30)
    sheet.shadow(arc((90, FLOOR + 5), (62 - 0.3 * height, 8)), 4, 0.5 - 0.005 * height, "#4a1450")
    tilt = -11 * math.sin(math.pi * since) * math.cos(TAU * since * 0.5) - 4 * math.sin(math.pi * since)
    _shoe(sheet, (90, FLOOR + 3 - height), tilt, (1 + squash * 0.7, 1 - squash))
    _paint(sheet, since, behind=False)
    return sheet.image


@cache
def _ground() -> Image.Image:
    sheet = Sheet(blank(TALL, ["#5b3fd1", "#a34bc8", "#f2668b", "#ff9a6c", "#ffc27a"]))
    sheet.glow((90, 170), 130, "#ffe0b0", 0.5)
    for step in range(12):
        turn = TAU * step / 12 + 0.13
        ray = [(90.0, 176.0)]
        ray += [(90 + 330 * math.cos(turn + side), 176 + 330 * math.sin(turn + side)) for side in (-0.11, 0.11)]
        sheet.shape(ray, "#ffffff", 0.07)
    sheet.shape(smooth([(-30, 262), (40, 250), (140, 250), (210, 262), (210, 350), (-30, 350)]), "#ffb36b", 0.55)
    rng = np.random.default_rng(6)
    for _ in range(16):
        spot, radius = (180 * rng.random(), 320 * rng.random()), 1.5 + 4 * rng.random()
        sheet.ellipse(spot, (radius, radius), "#ffffff", 0.16)
    return sheet.image


def _puddle(sheet: Sheet, since: float) -> None:
    grown = min(1.0, since * 5) * (1 - max(0.0, since - 0.55) / 0.45)
    for index, (colour, reach) in enumerate((("#27c4b8", 74), ("#ffd23f", 62), ("#ff5d8f", 40))):
        size = reach * (0.62 + 0.38 * grown)
        lobes = []
        for step in range(18):
            turn = TAU * step / 18
            bulge = 1 + (0.14 + 0.10 * grown) * math.sin(step * 2.4 + index * 2) * grown
            lobes.append((90 + size * bulge * math.cos(turn), FLOOR + 8 + size * 0.2 * bulge * math.sin(turn)))
        sheet.shape([(x, y + 2.4) for x, y in smooth(lobes)], mixed(colour, "#6a1f5c", 0.45))
        sheet.shape(smooth(lobes), colour)
    sheet.shape(smooth([(50, 248), (64, 246), (58, 250)]), "#ffffff", 0.5)


def _paint(sheet: Sheet, since: float, *, behind: bool) -> None:
    """Throw drops of paint: each leaves at the landing, flies its parabola and is gone when it is back."""
    rng = np.random.default_rng(21 if behind else 22)
    for index in range(30 if behind else 20):
        angle = math.radians(float(rng.uniform(18, 162)))
        speed, size = float(rng.uniform(190, 430)), float(rng.uniform(2.2, 7.5))
        if not behind:
            angle, speed = math.radians(float(rng.uniform(8, 172))), speed * 0.7
        weight, life = 620.0, since * 1.05
        x = 90 + 26 * math.cos(angle) + speed * math.cos(angle) * 0.55 * life
        y = FLOOR + 4 - speed * math.sin(angle) * life + weight / 2 * life**2
        if y > FLOOR + 12 or since < 0.004:
            continue
        rise = weight * life - speed * math.sin(angle)
        heading = math.degrees(math.atan2(rise, speed * math.cos(angle) * 0.55))
        size *= 1 - 0.45 * since
        long = 1 + 0.9 * math.exp(-since * 4)
        colour = _PAINTS[index % len(_PAINTS)]
        drop = placed(
            smooth([(1, 0), (0, 0.85), (-1.5 * long, 0), (0, -0.85)]), (x, y), degrees=heading, scale=(size, size)
        )
        sheet.shape(drop, colour)
        sheet.ellipse((x - size * 0.2, y - size * 0.3), (size * 0.28, size * 0.22), "#ffffff", 0.75)
    if since < 0.3:
        _crown(sheet, since, behind=behind)


def _crown(sheet: Sheet, since: float, *, behind: bool) -> None:
    """Raise the crown of the splash, a ring of tongues."""
    high = 46 * math.sin(math.pi * since / 0.3) ** 0.8
    for index, at in enumerate(range(-5, 6)):
        x = 90 + at * (11 + 16 * since)
        lean = at * (2 + 5 * since)
        top = high * (0.45 + 0.55 * abs(math.sin(at * 1.9 + 0.7))) * (0.9 if behind else 0.42)
        foot = FLOOR + (2 if behind else 12) - 0.25 * at * at
        colour = _PAINTS[(index + (0 if behind else 1)) % 2]
        tongue = [(x - 10, foot + 4), (x - 3.4 + lean * 0.5, foot - top * 0.5), (x - 2 + lean, foot - top)]
        tongue += [(x + 2 + lean, foot - top), (x + 3.4 + lean * 0.5, foot - top * 0.5), (x + 10, foot + 4)]
        sheet.shape(smooth(tongue), colour)
        sheet.ellipse((x + lean, foot - top), (3.6, 3.6), colour)
        sheet.ellipse((x + lean - 0.9, foot - top - 1), (1, 0.9), "#ffffff", 0.75)


def _shoe(sheet: Sheet, foot: Point, tilt: float, scale: Point) -> None:
    def at(points: Points) -> list[Point]:
        return placed(
            [(x - 62, y - 66) for x, y in points], foot, degrees=tilt, scale=(scale[0] * 1.16, scale[1] * 1.16)
        )

    inside = smooth([(14, 14), (26, 8), (42, 8), (48, 16), (32, 24)])
    sheet.shape(at(inside), "#3a1f66")
    tongue = smooth([(38, 16), (42, 1), (52, 0), (60, 12), (52, 22)])
    sheet.shaded(at(tongue), "#ffe9d6", "#f2c9b0")
    upper = smooth([(8, 54), (5, 34), (9, 12), (15, 9), (22, 19), (34, 22), (46, 12), (54, 12), (70, 26), (88, 35)])
    upper = [*upper[:-8], *smooth([(88, 35), (106, 39), (117, 47), (119, 56)], closed=False), (119, 58), (8, 58)]
    sheet.shaded(at(upper), "#ffffff", "#efe2f4")
    sheet.shape(at(smooth([(7, 56), (5, 34), (9, 13), (15, 11), (22, 30), (24, 56)])), "#5b3fd1")
    sheet.shape(at(smooth([(90, 57), (93, 45), (103, 39), (115, 46), (119, 57)])), "#ff5d6c")
    sheet.shape(at([(34, 56), (46, 24), (55, 21), (47, 56)]), "#ffd23f")
    sheet.shape(at([(52, 56), (62, 26), (68, 28), (62, 56)]), "#27c4b8")
    for step in range(4):
        x, y = 53 + 8.4 * step, 16 + 5.6 * step
        sheet.stroke(at([(x - 4, y + 9), (x + 5, y)]), 3.4, "#ff5d6c")
    _sole(sheet, at)


def _sole(sheet: Sheet, at: _Place) -> None:
    rim = smooth([(4, 56), (40, 57), (80, 56), (118, 54), (124, 58), (119, 67), (80, 69), (40, 69), (8, 68), (2, 62)])
    sheet.shaded(at(rim), "#fffaf2", "#ddcbe6")
    sheet.stroke(at([(7, 61.5), (40, 62.5), (80, 62.5), (120, 60)]), 1.5, "#5b3fd1")
    for step in range(11):
        sheet.shape(at(box(10 + 10 * step, 67.5, 16 + 10 * step, 69.6)), "#ff8a5c")
