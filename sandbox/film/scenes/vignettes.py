"""Small scenes that no landscape can show: a tailor at work and a bowl of noodles.

Each is a function of the turn, from 0 to 1, that ends where it began: its film runs on without a seam.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from PIL import Image

from sandbox.film.noise import Array
from sandbox.film.scenes.sheet import SUPERSAMPLING, Point, Points, Sheet, arc, blank, box, mixed, placed, smooth

WIDE = (320, 180)
TAU = 2 * math.pi
_STEEL = "#dfe3ea"
_SKIN = "#c98d66"


def tailor(turn: float) -> Image.Image:
    """Draw an elderly tailor who cuts blue cloth by a window."""
    sheet = Sheet(_workshop())
    # Three quarters of the turn the scissors go forward, then the hand comes back for the next cut.
    forward = turn / 0.75 if turn < 0.75 else (1 - math.cos(math.pi * (1 + (turn - 0.75) / 0.25))) / 2
    hand = (164 + 62 * forward, 142 - 4 * math.sin(math.pi * max(0, turn - 0.75) / 0.25))
    nod = 1.6 * math.sin(TAU * turn)
    _arm(sheet, (124, 90), (192 + 40 * forward, 136), "#cdb596", 10)
    _torso(sheet)
    _head(sheet, nod)
    _cloth(sheet, hand[0] + 8, min(turn / 0.1, 1, (1 - turn) / 0.25))
    opened = 17 * abs(math.sin(math.pi * 4 * turn / 0.75)) if turn < 0.75 else 3
    _scissors(sheet, (hand[0] + 9, hand[1] + 1), opened)
    _arm(sheet, (104, 92), hand, "#f1e2c8", 13)
    _dust(sheet, turn)
    return sheet.image


@cache
def _workshop() -> Image.Image:
    sheet = Sheet(blank(WIDE, ["#38202a", "#5b3630", "#a4633d"], across=True))
    sheet.glow((250, 62), 130, "#ffce8a", 0.75)
    sheet.shaded(box(202, 14, 298, 110), "#fff3d0", "#ffc888")
    sheet.shape(
        smooth([(200, 112), (200, 84), (222, 76), (246, 88), (270, 74), (300, 82), (300, 112)]), "#f3a968", 0.55
    )
    for bar in (box(196, 8, 202, 116), box(298, 8, 304, 116), box(196, 8, 304, 14), box(196, 109, 304, 116)):
        sheet.shape(bar, "#4a2a24")
    for bar in (box(248, 14, 252, 110), box(202, 52, 298, 55)):
        sheet.shape(bar, "#5b352b")
    sheet.shape(box(190, 112, 310, 118), "#7a4a34")
    _shelf(sheet)
    sheet.shape([(202, 14), (298, 14), (250, 180), (60, 180)], "#ffdf9f", 0.09)
    sheet.shaded(box(0, 128, 320, 166), "#a5683f", "#8a5233")
    sheet.shaded(box(0, 166, 320, 180), "#56301f", "#3d2119")
    return sheet.image


def _shelf(sheet: Sheet) -> None:
    for top, colours in ((40, ("#c9583f", "#5b3fd1", "#d9a441")), (76, ("#2f7a74", "#e3cfae", "#8c4a63", "#3e5aa8"))):
        for index, colour in enumerate(colours):
            middle = (14 + 19 * index, top - 10)
            sheet.shaded(box(middle[0] - 8, top - 20, middle[0] + 8, top), mixed(colour, "#38202a", 0.3), colour)
            sheet.ellipse(middle, (5, 5), mixed(colour, "#ffffff", 0.25))
            sheet.ellipse(middle, (2, 2), mixed(colour, "#2a161c", 0.6))
        sheet.shape(box(0, top, 84, top + 4), "#7a4a34")


def _torso(sheet: Sheet) -> None:
    shirt = smooth([(82, 136), (77, 112), (84, 90), (102, 76), (124, 76), (138, 90), (142, 112), (142, 136)])
    sheet.shaded(shirt, "#e3cfae", "#f3e3c6", across=True)
    vest = smooth([(84, 138), (80, 112), (89, 89), (108, 77), (120, 84), (133, 104), (137, 138)])
    sheet.shaded(vest, "#3b2742", "#6a4668", across=True)
    sheet.stroke(smooth([(104, 78), (116, 90), (126, 108), (128, 134)], closed=False), 4, "#f2c14e")
    for step in range(5):
        spot = (118 + 2.2 * step, 95 + 8 * step)
        sheet.stroke([spot, (spot[0] - 2, spot[1] + 1)], 0.7, "#7a4a1d", 0.8)


def _head(sheet: Sheet, nod: float) -> None:
    def turned(points: Points) -> list[Point]:
        return placed([(x - 116, y - 72) for x, y in points], (118, 75), degrees=15 + nod, scale=(1.12, 1.12))

    sheet.shape(turned([(104, 80), (107, 60), (124, 62), (127, 78)]), mixed(_SKIN, "#5b3630", 0.3))
    skull = [(105, 62), (100, 48), (105, 35), (118, 29), (131, 33), (137, 43), (138, 49)]
    face = [(141, 55), (146, 60), (140, 63), (141, 68), (137, 75), (126, 75), (113, 68)]
    sheet.shaded(smooth(turned(skull + face)), mixed(_SKIN, "#5b3630", 0.25), "#eab489", across=True)
    sheet.shape(smooth(turned([(103, 40), (99, 49), (102, 62), (110, 68), (115, 62), (112, 52), (110, 44)])), "#efe8de")
    sheet.ellipse(turned([(117, 54)])[0], (3.4, 5), mixed(_SKIN, "#7a4a34", 0.25))
    sheet.shape(
        smooth(turned([(145, 63), (138, 61), (128, 67), (126, 75), (132, 83), (140, 79), (142, 69)])), "#f4efe6"
    )
    sheet.stroke(turned([(131, 46), (138, 45)]), 2, "#f4efe6")
    rim = arc(turned([(135, 52)])[0], (4.6, 4.6))
    sheet.shape(rim, "#fff3d0", 0.5)
    sheet.stroke(rim, 1.1, "#3b2419")
    sheet.stroke(turned([(130, 52), (118, 52)]), 1.1, "#3b2419")


def _arm(sheet: Sheet, shoulder: Point, hand: Point, sleeve: str, width: float) -> None:
    across, down = hand[0] - shoulder[0], hand[1] - shoulder[1]
    away = math.hypot(across, down)
    bone = max(52.0, away / 2 + 0.5)
    lift = math.sqrt(max(bone**2 - (away / 2) ** 2, 0))
    elbow = (shoulder[0] + across / 2 - down / away * lift, shoulder[1] + down / 2 + across / away * lift)
    elbow = (elbow[0], min(elbow[1], 131.0))
    sheet.stroke(smooth([shoulder, elbow, hand], closed=False), width + 1.6, mixed(sleeve, "#5b3630", 0.35))
    sheet.stroke(smooth([shoulder, elbow, hand], closed=False), width, sleeve)
    wrist = (hand[0] + (hand[0] - elbow[0]) * 0.05, hand[1] + 1)
    sheet.ellipse(wrist, (width * 0.58, width * 0.46), mixed(_SKIN, "#ffd9b0", 0.25))


def _cloth(sheet: Sheet, cut_to: float, cut: float) -> None:
    sheet.shadow([(96, 140), (308, 140), (318, 174), (90, 174)], 5, 0.45)
    top = [(118, 134), (294, 134), (312, 164), (98, 164)]
    sheet.shaded(top, "#3a5fc0", "#2a4a9f")
    hem = [(312 - 214 * step / 24, 176 + 2.2 * math.sin(step * 1.9)) for step in range(25)]
    sheet.shaded([(98, 163), (312, 163), *hem], "#2a4a9f", "#172c6b")
    for step in range(9):
        x = 112 + 23 * step
        sheet.shape([(x, 164), (x + 7, 164), (x + 9, 177), (x + 3, 177)], "#5c80dc", 0.28)
    sheet.stroke([(112, 150), (304, 150)], 0.8, "#dfe6ff", 0.3)
    if cut > 0.05:
        gap = 3.6 * cut
        sheet.shape([(107, 149 - gap * 0.4), (cut_to + 8, 145), (105, 149 + gap)], "#7d492e")
        sheet.stroke([(105, 150 + gap), (cut_to + 8, 145.5)], 1, "#7fa0f0", 0.9 * cut)


def _scissors(sheet: Sheet, pivot: Point, opened: float) -> None:
    blade = [(-4, -2.4), (30, -0.8), (34, 0.8), (-4, 2.4)]
    for side in (-1, 1):
        sheet.shape(placed(blade, pivot, degrees=side * opened), mixed(_STEEL, "#6b7080", 0.25 if side > 0 else 0))
        sheet.stroke(placed([(-2, 0), (-12, side * 3)], pivot, degrees=-side * opened * 0.4), 2, "#2b2530")
    sheet.ellipse(pivot, (1.5, 1.5), "#6b7080")


def _dust(sheet: Sheet, turn: float) -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        x, y, phase, speed = 130 + 160 * rng.random(), 30 + 100 * rng.random(), rng.random(), rng.integers(1, 3)
        around = TAU * (turn * float(speed) + phase)
        spot = (x + 4 * math.cos(around), y + 5 * math.sin(around))
        sheet.glow(spot, 1.6 + rng.random(), "#fff3d0", 0.35 + 0.3 * math.sin(around * 1 + 1))


def noodles(turn: float) -> Image.Image:
    """Draw chopsticks that lift noodles out of a steaming bowl."""
    sheet = Sheet(_kitchen())
    lifted = 42 - 11 * math.sin(TAU * turn)
    sheet.veil(_steam(turn, 0) * 0.5, "#fff4e2")
    sheet.image.paste(_bowl(), (0, 0), _bowl().getchannel("A"))
    _lifted_noodles(sheet, lifted, turn)
    _chopsticks(sheet, lifted)
    sheet.veil(_steam(turn, 1) * 0.42, "#fff8ec")
    return sheet.image


@cache
def _kitchen() -> Image.Image:
    sheet = Sheet(blank(WIDE, ["#2b1722", "#5a2b2c", "#a85a38"]))
    sheet.glow((150, 90), 150, "#f0a45c", 0.45)
    rng = np.random.default_rng(11)
    for _ in range(16):
        spot = (320 * rng.random(), 6 + 80 * rng.random())
        radius = 5 + 9 * rng.random()
        colour = ("#ffc477", "#ff9a5c", "#8d6ff0", "#ffe0a8")[int(rng.integers(4))]
        sheet.ellipse(spot, (radius, radius), colour, 0.10 + 0.12 * rng.random())
    sheet.shaded(box(0, 138, 320, 180), "#6b3823", "#34190f")
    for row in range(5):
        sheet.stroke([(0, 143 + row * row * 2.2), (320, 143 + row * row * 2.2)], 0.7, "#2a130c", 0.4)
    sheet.shadow(arc((156, 162), (84, 11)), 6, 0.75)
    return sheet.image


@cache
def _bowl() -> Image.Image:
    sheet = Sheet(Image.new("RGB", (WIDE[0] * SUPERSAMPLING, WIDE[1] * SUPERSAMPLING)))
    wall = [
        *arc((150, 98), (82, 20), 180, 0)[::-1],
        *smooth([(232, 98), (222, 132), (190, 158), (150, 161)], closed=False),
    ]
    wall += [(300 - x, y) for x, y in reversed(smooth([(232, 98), (222, 132), (190, 158), (150, 161)], closed=False))]
    foot = [(116, 150), (184, 150), *arc((150, 165), (31, 5), 0, 180)]
    sheet.shaded(foot, "#e6d3b8", "#96735a", across=True)
    sheet.shaded(wall, "#fff7e8", "#c49a78", across=True)
    band = [*arc((150, 112), (79.4, 19.4), 180, 0), *arc((150, 121), (76.6, 18.6), 0, 180)]
    sheet.shaded(band, "#6a4ee0", "#40289f", across=True)
    for step in range(13):
        angle = 15 + 12.5 * step
        sheet.ellipse(arc((150, 116.5), (77.5, 19), angle, angle)[0], (1.9, 1.9), "#ffe3ae")
    sheet.ellipse((150, 98), (82, 20), "#fffaf0")
    sheet.ellipse((150, 98.6), (78, 18), "#b98a66")
    _toppings(sheet)
    image = sheet.image.convert("RGBA")
    cover = Sheet(Image.new("L", image.size))
    for part in (foot, wall, arc((150, 98), (82, 20))):
        cover.cover(part)
    image.putalpha(cover.image)
    return image


def _toppings(sheet: Sheet) -> None:
    sheet.shaded(arc((150, 100), (74, 16)), "#d98a3d", "#b05a22")
    rng = np.random.default_rng(5)
    for _ in range(34):
        x, y = 150 + rng.normal() * 24, 101 + rng.normal() * 3.6
        reach, bend = 12 + 12 * rng.random(), 6 * rng.normal() * 0.5
        line = smooth(
            [
                (x - reach, y + bend * 0.4),
                (x - reach / 3, y - 2.4),
                (x + reach / 3, y + 2.4),
                (x + reach, y - bend * 0.3),
            ],
            closed=False,
        )
        sheet.stroke(line, 2.6, "#c98a3a")
        sheet.stroke(line, 1.8, ("#fbe1a0", "#f4d083", "#ffeab8")[int(rng.integers(3))])
    for leaf in ([(196, 104), (190, 72), (208, 70), (212, 100)], [(206, 103), (206, 76), (220, 78), (219, 99)]):
        sheet.shaded(leaf, "#3f5b45", "#1f3429")
    for middle in ((104, 99), (120, 107)):
        sheet.ellipse((middle[0], middle[1] + 1.4), (13, 6.4), "#a5531f")
        sheet.ellipse(middle, (13, 6.4), "#fffdf5")
        sheet.ellipse((middle[0] + 0.6, middle[1] + 0.2), (7, 3.6), "#f29a2e")
        sheet.ellipse((middle[0] - 1, middle[1] - 0.7), (3, 1.3), "#ffd070")
    for _ in range(13):
        spot = (176 + rng.normal() * 13, 106 + rng.normal() * 2.6)
        sheet.ellipse(spot, (3, 1.8), "#58a045")
        sheet.ellipse(spot, (1.4, 0.8), "#cfe8a4")


def _lifted_noodles(sheet: Sheet, lifted: float, turn: float) -> None:
    for index in range(11):
        x, foot = 139 + 2.6 * index, 132 + 4.2 * index
        sway = 2.4 * math.sin(TAU * turn + index * 0.5)
        low = 101 + 2.5 * math.sin(index * 2.1)
        line = smooth(
            [
                (x, lifted),
                (x + sway, lifted + (low - lifted) * 0.5),
                ((x + foot) / 2 - sway, lifted + (low - lifted) * 0.8),
                (foot, low),
            ],
            closed=False,
        )
        sheet.stroke(line, 2.9, "#cf9440")
        sheet.stroke(line, 2.0, ("#ffe9b4", "#f8d88d", "#fbe1a0")[index % 3])
    for index in range(11):
        sheet.stroke(
            arc((140.5 + 2.6 * index, lifted), (1.8, 4.5), 180, 360), 2.0, ("#ffe9b4", "#f8d88d", "#fbe1a0")[index % 3]
        )


def _chopsticks(sheet: Sheet, lifted: float) -> None:
    for offset, colour in ((5.5, "#4a1f22"), (-1, "#7a2f30")):
        stick = [
            (126, lifted + offset + 4.5),
            (126, lifted + offset + 6.2),
            (330, lifted + offset - 26),
            (330, lifted + offset - 33),
        ]
        sheet.shape([(x, y + 1.6) for x, y in stick], "#2a1114", 0.35)
        sheet.shape(stick, colour)
        sheet.shape(
            [
                (292, lifted + offset - 20.3),
                (297, lifted + offset - 21.1),
                (297, lifted + offset - 27.4),
                (292, lifted + offset - 26.5),
            ],
            "#f2c14e",
        )


def _steam(turn: float, seed: int) -> Array:
    """Return the density of wisps that rise by a whole number of their own lengths in a turn."""
    rng = np.random.default_rng(20 + seed)
    rows, columns = np.mgrid[0:90, 0:160].astype(np.float32) * 2
    field = np.zeros(rows.shape, np.float32)
    for _ in range(6):
        foot, phase, waves = 96 + 108 * rng.random(), rng.random(), 52 + 30 * rng.random()
        rise = np.clip((100 - rows) / 100, 0, 1)
        path = foot + (3 + 15 * rise) * np.sin(TAU * (rows / waves + turn + phase)) + 8 * rise
        width = 2.5 + 11 * rise
        puffs = 0.62 + 0.38 * np.sin(TAU * (rows / 44 + turn + phase * 3))
        fade = np.clip(rise * 6, 0, 1) * (1 - rise) ** 0.8
        field += np.exp(-(((columns - path) / width) ** 2)) * puffs * fade * 0.6
    return np.asarray(field, np.float32)
