"""What a prompt is about, folded from paper: a boat, a balloon, a cat that walks; the landscape stands behind it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from sandbox.film.scenes.sheet import Point, Points, arc, box, placed

Place: TypeAlias = Literal["air", "water", "ground"]
Shade: TypeAlias = float | str
"""-1 (black) over 0 (the figure's own colour) to 1 (white), or a colour that no word of the prompt changes."""
Facet: TypeAlias = tuple[Shade, Points]


@dataclass(frozen=True, slots=True)
class Limb:
    """Facets that swing around ``hinge``: by ``degrees`` to either side, or ``turns`` round it like a wheel."""

    hinge: Point
    facets: tuple[Facet, ...]
    degrees: float = 0.0
    beats_per_second: float = 1.0
    phase: float = 0.0
    turns: bool = False
    is_behind: bool = False

    def at(self, seconds: float) -> Iterator[Facet]:
        """Yield the facets as they are at a moment."""
        turn = 2 * math.pi * (self.beats_per_second * seconds + self.phase)
        swing = math.degrees(turn) if self.turns else self.degrees * math.sin(turn)
        for shade, points in self.facets:
            away = [(x - self.hinge[0], y - self.hinge[1]) for x, y in points]
            yield shade, placed(away, self.hinge, degrees=swing)


@dataclass(frozen=True, slots=True)
class Figure:
    """A thing that looks to the right, in a square of 100 whose middle of the lower side is at 0, 0.

    ``size`` is the side of that square where the picture's short side is 720; ``speed`` is in the same pixels a second.
    """

    place: Place
    words: tuple[str, ...]
    paper: str
    size: float
    facets: tuple[Facet, ...]
    limbs: tuple[Limb, ...] = ()
    speed: float = 24.0
    rise: float = 0.0
    hop: float = 0.0
    sway: float = 2.0

    def at(self, seconds: float) -> Iterator[Facet]:
        """Yield all facets of a moment, from the back to the front."""
        for limb in self.limbs:
            if limb.is_behind:
                yield from limb.at(seconds)
        yield from self.facets
        for limb in self.limbs:
            if not limb.is_behind:
                yield from limb.at(seconds)


def _leg(hip: Point, long: float, phase: float, *, wide: float = 6, shade: Shade = 0.0, far: bool = False) -> Limb:
    x, y = hip
    foot = [(x - wide, y - 4), (x + wide, y - 4), (x + wide * 0.45, y + long), (x - wide * 0.45, y + long)]
    return Limb(hip, ((shade, foot),), 24, 1.5, phase, is_behind=far)


def _legs(front: float, back: float, hip: float) -> tuple[Limb, ...]:
    """Return the four legs of an animal; those on the far side are darker and out of step."""
    far = [_leg((x + 5, hip), -hip, phase, shade=-0.4, far=True) for x, phase in ((front, 0.5), (back, 0.0))]
    near = [_leg((x, hip), -hip, phase, shade=-0.12) for x, phase in ((front, 0.0), (back, 0.5))]
    return (*far, *near)


def _wheel(x: float, radius: float) -> tuple[Limb, ...]:
    middle = (x, -radius)
    spoke = box(x - radius * 0.62, -radius * 1.12, x + radius * 0.62, -radius * 0.88)
    tyre: Facet = ("#26232b", arc(middle, (radius, radius)))
    return (
        Limb(middle, (tyre, ("#c9c4bd", arc(middle, (radius * 0.55, radius * 0.55))))),
        Limb(middle, (("#6f6a70", spoke),), beats_per_second=0.9, turns=True),
    )


def _petals() -> Iterator[Facet]:
    for index, shade in enumerate((0.1, -0.05, -0.22, -0.3, 0.0)):
        yield shade, placed([(0, 0), (-11, -20), (0, -36), (11, -20)], (1, -60), degrees=72 * index)


def _steam(x: float, phase: float) -> Limb:
    wisp = [(x, -58), (x - 5, -70), (x + 3, -80), (x - 2, -94), (x + 6, -80), (x - 1, -70)]
    return Limb((x, -58), (("#ffffff", wisp),), 7, 0.5, phase)


FIGURES = (
    Figure("water", ("boat", "ship", "canoe", "sail", "নৌকা", "জাহাজ"), "f6f0e4", 250, (
        (0.0, [(0, -66), (-28, -20), (0, -15)]), (-0.2, [(0, -66), (28, -20), (0, -15)]),
        (-0.06, [(-50, -28), (0, -15), (0, 0), (-30, 0)]), (-0.28, [(50, -28), (0, -15), (0, 0), (30, 0)]),
        (0.4, [(-50, -28), (0, -15), (0, -11), (-46, -23)]), (-0.1, [(50, -28), (0, -15), (0, -11), (46, -23)]),
    ), speed=16, sway=3.5),
    Figure("water", ("whale", "dolphin", "fish", "তিমি", "মাছ"), "4f81ad", 330, (
        (0.0, [(-46, 0), (-26, -30), (6, -36), (4, 0)]), (0.14, [(6, -36), (30, -30), (46, -14), (48, 0), (4, 0)]),
        (-0.2, [(-46, 0), (-26, -30), (-14, 0)]), (0.5, [(4, 0), (20, -9), (48, -4), (48, 0)]),
        ("#1d2b3a", arc((34, -15), (1.8, 1.8))),
        (0.75, [(20, -36), (10, -58), (15, -57)]), (0.75, [(20, -36), (30, -58), (25, -57)]),
        (0.75, [(20, -36), (19, -66), (22, -66)]),
    ), (Limb((-42, -4), ((-0.1, [(-40, -2), (-60, -22), (-52, -26), (-44, -16)]),
                         (-0.3, [(-44, -16), (-52, -26), (-38, -28), (-38, -14)])), 9, 0.6),), speed=20, sway=3.0),
    Figure("water", ("swan", "duck", "goose", "হাঁস"), "f7f3ea", 210, (
        (0.0, [(-44, -22), (-6, -34), (22, -18), (18, 0), (-26, 0)]), (-0.18, [(-44, -22), (-26, 0), (18, 0)]),
        (-0.08, [(-30, -24), (-4, -40), (8, -20), (-12, -12)]),
        (0.0, [(8, -14), (22, -10), (34, -44), (28, -58), (22, -46)]),
        (-0.1, [(18, -60), (36, -58), (30, -44), (22, -48)]),
        ("#e88a2c", [(35, -58), (48, -51), (33, -49)]), ("#2a2330", arc((30, -54), (1.8, 1.8))),
    ), speed=14, sway=2.0),
    Figure("air", ("hot air", "hot-air"), "d8503f", 330, (
        (-0.25, [(0, -100), (-30, -84), (-36, -60), (-12, -30), (0, -30)]),
        (0.0, [(0, -100), (-14, -84), (-16, -58), (-6, -30), (6, -30), (16, -58), (14, -84)]),
        (0.3, [(0, -100), (14, -84), (16, -58), (6, -30), (12, -30), (36, -60), (30, -84)]),
        ("#f6e3b4", [(-34, -70), (-36, -60), (-31, -54), (31, -54), (36, -60), (34, -70)]),
        ("#5a3b2a", [(-9, -30), (-8, -30), (-6, -12), (-7, -12)]),
        ("#5a3b2a", [(9, -30), (8, -30), (6, -12), (7, -12)]),
        ("#a9713f", box(-8, -13, 8, 0)), ("#8a5730", box(0, -13, 8, 0)),
    ), speed=12, rise=9),
    Figure("air", ("balloon", "বেলুন"), "d9473d", 250, (
        (-0.16, arc((0, -66), (27, 32))), (0.0, arc((2, -67), (22, 28))), (0.24, arc((6, -70), (13, 18))),
        (0.7, arc((11, -78), (4, 6))), (-0.25, [(0, -35), (-4, -30), (4, -30)]),
        ("#efe6da", [(0, -30), (2.4, -20), (-1.4, -10), (1, 0), (-0.2, 0), (-2.6, -10), (1.2, -20)]),
    ), speed=10, rise=14, sway=5.0),
    Figure("air", ("kite", "ঘুড়ি", "ঘুড়ি"), "e2583c", 240, (
        (0.1, [(0, -100), (-34, -66), (0, -66)]), (-0.2, [(0, -100), (34, -66), (0, -66)]),
        ("#f3c64f", [(-34, -66), (0, -66), (0, -24)]), ("#d9a233", [(34, -66), (0, -66), (0, -24)]),
    ), (Limb((0, -24), (
        ("#efe6da", [(0, -24), (4, -12), (-3, 0), (5, 14), (3, 14), (-5, 0), (2, -12)]),
        (0.0, [(-4, -14), (10, -8), (10, -16), (-2, -8)]), (0.0, [(-11, -2), (4, 5), (4, -3), (-10, 5)]),
    ), 14, 0.7),), speed=14, sway=9.0),
    Figure("air", ("bird", "dove", "eagle", "seagull", "owl", "পাখি"), "f5f2ea", 230, (
        (0.0, [(-34, -44), (6, -56), (30, -48), (4, -34)]), (-0.22, [(-34, -44), (4, -34), (30, -48)]),
        (-0.1, [(-34, -44), (-56, -52), (-50, -38)]), (0.1, [(24, -52), (38, -58), (40, -48), (28, -46)]),
        ("#e39a35", [(39, -56), (50, -51), (40, -49)]), ("#2a2330", arc((35, -53), (1.5, 1.5))),
    ), (
        Limb((-4, -50), ((-0.3, [(-16, -50), (12, -52), (-14, -96)]),), 34, 1.5, 0.06, is_behind=True),
        Limb((2, -48), ((0.05, [(-14, -47), (4, -48), (-20, -96)]), (-0.14, [(4, -48), (18, -48), (-20, -96)])),
             38, 1.5),
    ), speed=40, sway=3.0),
    Figure("air", ("butterfly", "butterflies", "moth", "প্রজাপতি"), "e88b2f", 190, (), (
        Limb((0, -50), ((-0.2, [(0, -54), (-40, -92), (-52, -60), (-6, -46)]),
                        (-0.38, [(-4, -48), (-44, -44), (-30, -16), (0, -42)])), 16, 2.2),
        Limb((0, -50), ((0.05, [(0, -54), (40, -92), (52, -60), (6, -46)]),
                        (-0.12, [(4, -48), (44, -44), (30, -16), (0, -42)])), 16, 2.2, 0.5),
        Limb((0, -50), (("#33241f", [(-3, -62), (3, -62), (2, -30), (-2, -30)]),), 2, 1.1),
    ), speed=26, sway=10.0),
    Figure("air", ("airplane", "aeroplane", "plane", "aircraft", "jet", "বিমান", "উড়োজাহাজ", "উড়োজাহাজ"), "f4f1ea", 280, (
        (-0.22, [(50, -50), (-50, -66), (-34, -46)]), (0.05, [(50, -50), (-50, -66), (-40, -30)]),
        (-0.4, [(50, -50), (-40, -30), (-26, -44)]), (-0.1, [(50, -50), (-34, -46), (-26, -28)]),
    ), speed=52, sway=4.0),
    Figure("air", ("rocket", "spaceship", "spacecraft", "রকেট"), "eceae4", 300, (
        ("#d8483c", [(0, -100), (-13, -74), (13, -74)]), (0.0, [(-13, -74), (0, -74), (0, -24), (-13, -24)]),
        (-0.22, [(13, -74), (0, -74), (0, -24), (13, -24)]), ("#8f1f1c", [(0, -100), (0, -74), (13, -74)]),
        ("#d8483c", [(-13, -44), (-28, -16), (-13, -24)]), ("#a52a24", [(13, -44), (28, -16), (13, -24)]),
        ("#3d5f86", arc((0, -60), (5.5, 5.5))), ("#9cc4e4", arc((-1, -61), (3.4, 3.4))),
    ), (
        Limb((0, -24), (("#ffb13d", [(-10, -24), (10, -24), (0, 8)]),), 5, 4.0, is_behind=True),
        Limb((0, -24), (("#fff0b8", [(-5, -24), (5, -24), (0, -6)]),), 6, 5.0),
    ), speed=4, rise=30, sway=1.5),
    Figure("air", ("lantern", "ফানুস", "লণ্ঠন"), "f2a03f", 200, (
        (0.1, [(-20, -90), (20, -90), (30, -50), (18, -16), (-18, -16), (-30, -50)]),
        (-0.2, [(20, -90), (30, -50), (18, -16), (8, -16), (12, -50), (8, -90)]),
        (0.55, [(-6, -78), (4, -78), (8, -44), (4, -22), (-4, -22), (-9, -44)]), ("#6b3b22", box(-18, -18, 18, -13)),
    ), speed=8, rise=16, sway=4.0),
    Figure("ground", ("cat", "kitten", "tiger", "lion", "বিড়াল", "বিড়াল", "বাঘ", "সিংহ"), "dc964f", 230, (
        (0.0, [(-34, -50), (-6, -54), (24, -48), (26, -26), (-32, -26)]), (-0.18, [(-34, -50), (-32, -26), (26, -26)]),
        (-0.3, [(18, -78), (20, -94), (28, -80)]), (0.1, [(34, -80), (42, -94), (44, -76)]),
        (0.12, [(16, -76), (30, -82), (45, -76), (48, -60), (34, -50), (18, -56)]),
        (-0.1, [(16, -76), (34, -50), (18, -56)]),
        (0.65, [(32, -60), (48, -62), (46, -54), (36, -52)]), ("#4a2a26", [(44, -66), (49, -66), (46.5, -62)]),
        ("#2d2a22", arc((34, -68), (2, 2.6))),
    ), (
        Limb((-32, -46), ((-0.1, [(-30, -50), (-50, -66), (-54, -90), (-46, -88), (-42, -68), (-28, -44)]),), 12, 0.7,
             is_behind=True),
        *_legs(18, -26, -28),
    ), speed=30, hop=3),
    Figure("ground", ("dog", "puppy", "wolf", "কুকুর"), "b9834d", 240, (
        (0.0, [(-36, -56), (26, -58), (28, -32), (-34, -30)]), (-0.2, [(-36, -56), (-34, -30), (28, -32)]),
        (0.1, [(18, -82), (38, -84), (58, -68), (56, -60), (36, -56), (20, -54)]),
        (0.5, [(40, -62), (58, -68), (56, -59), (38, -56)]),
        ("#2a1d18", [(54, -71), (60, -68), (55, -65)]), ("#2a1d18", arc((38, -73), (2, 2.4))),
        (-0.4, [(20, -84), (28, -82), (26, -58), (15, -62)]),
    ), (
        Limb((-34, -54), ((-0.05, [(-32, -58), (-50, -80), (-56, -76), (-36, -48)]),), 20, 2.4, is_behind=True),
        *_legs(20, -28, -32),
    ), speed=38, hop=4),
    Figure("ground", ("horse", "pony", "deer", "cow", "ঘোড়া", "ঘোড়া", "হরিণ", "গরু"), "8f5b3a", 280, (
        (0.0, [(-38, -64), (22, -64), (26, -42), (-34, -40)]), (-0.18, [(-38, -64), (-34, -40), (26, -42)]),
        (0.06, [(10, -62), (26, -50), (42, -84), (34, -94), (26, -88)]),
        (0.14, [(30, -95), (40, -95), (56, -78), (50, -72), (36, -82)]),
        (-0.5, [(8, -64), (26, -94), (34, -96), (22, -66)]), ("#20160f", arc((42, -87), (1.8, 2))),
        (-0.1, [(32, -93), (34, -102), (38, -94)]),
    ), (
        Limb((-36, -62), ((-0.5, [(-36, -64), (-50, -56), (-54, -26), (-46, -30), (-34, -54)]),), 10, 1.0,
             is_behind=True),
        *_legs(20, -28, -42),
    ), speed=48, hop=5),
    Figure("ground", ("car", "taxi", "jeep", "গাড়ি", "গাড়ি"), "cf463c", 280, (
        (0.0, [(-50, -18), (-48, -32), (-26, -36), (-14, -54), (18, -54), (32, -36), (50, -30), (50, -12), (-50, -12)]),
        (-0.24, [(-50, -20), (50, -20), (50, -10), (-50, -10)]),
        ("#bfe0ee", [(-20, -37), (-11, -50), (1, -50), (1, -37)]),
        ("#a5cadb", [(5, -37), (5, -50), (16, -50), (26, -37)]),
        ("#fff1b5", [(46, -29), (50, -28), (50, -22), (45, -23)]),
    ), (*_wheel(-27, 12), *_wheel(28, 12)), speed=70, sway=0.4),
    Figure("ground", ("train", "bus", "tram", "ট্রেন", "বাস", "রেলগাড়ি"), "3f77ae", 380, (
        (0.0, [(-50, -46), (38, -46), (50, -30), (50, -8), (-50, -8)]),
        (-0.24, [(-50, -18), (50, -18), (50, -8), (-50, -8)]),
        (0.25, [(-50, -46), (38, -46), (41, -42), (-50, -42)]),
        *(("#fbe7b0", box(left, -38, left + 13, -26)) for left in (-45, -28, -11, 6, 23)),
        ("#cfe6f2", [(39, -40), (48, -29), (48, -26), (39, -26)]),
    ), (*_wheel(-36, 7), *_wheel(-20, 7), *_wheel(22, 7), *_wheel(38, 7)), speed=80, sway=0.2),
    Figure("ground", ("robot", "রোবট"), "93aec2", 260, (
        (0.0, box(-18, -62, 18, -26)), (-0.2, box(4, -62, 18, -26)), (0.15, box(-14, -92, 16, -66)),
        (-0.1, box(6, -92, 16, -66)),
        ("#26323d", box(-8, -86, 14, -74)), ("#7df0d8", arc((-2, -80), (3, 3))), ("#7df0d8", arc((8, -80), (3, 3))),
        ("#d8483c", arc((1, -102), (3, 3))), (-0.3, box(0, -100, 2, -92)), ("#f3c64f", arc((-6, -46), (4, 4))),
    ), (
        _leg((8, -28), 28, 0.5, shade=-0.45, far=True), _leg((-8, -28), 28, 0.0, shade=-0.2),
        Limb((-18, -58), ((-0.12, [(-22, -60), (-14, -60), (-15, -30), (-23, -30)]),), 22, 1.5),
        Limb((20, -58), ((-0.3, [(16, -60), (24, -60), (25, -30), (17, -30)]),), 22, 1.5, 0.5, is_behind=True),
    ), speed=26, hop=3),
    Figure("ground", ("woman", "man", "girl", "boy", "child", "person", "people", "dancer", "brother", "sister",
                      "mother", "father", "friend", "astronaut", "মেয়ে", "মেয়ে", "ছেলে", "মানুষ", "মহিলা", "শিশু", "ভাই",
                      "বোন", "মা "),
           "c9503f", 270, (
        (0.0, [(-12, -70), (12, -70), (17, -30), (-17, -30)]), (-0.2, [(2, -70), (12, -70), (17, -30), (4, -30)]),
        ("#e6b089", arc((1, -82), (10, 11))),
        ("#3a2722", [(-11, -80), (-9, -94), (3, -97), (12, -90), (10, -86), (-3, -87), (-6, -76)]),
        (0.35, [(-9, -72), (10, -72), (9, -67), (-9, -67)]),
    ), (
        _leg((6, -32), 32, 0.5, shade="#2b3245", far=True), _leg((-4, -32), 32, 0.0, shade="#3b4560"),
        Limb((-8, -66), ((-0.12, [(-12, -68), (-4, -68), (-6, -38), (-12, -38)]),), 26, 1.5),
        Limb((8, -66), ((-0.38, [(5, -68), (12, -68), (13, -38), (7, -38)]),), 26, 1.5, 0.5, is_behind=True),
    ), speed=28, hop=2),
    Figure("ground", ("house", "cabin", "cottage", "home", "বাড়ি", "বাড়ি", "ঘর "), "ead0a6", 300, (
        (0.0, box(-34, -48, 14, 0)), (-0.25, [(14, -48), (40, -44), (40, 0), (14, 0)]),
        ("#b4523a", [(-40, -46), (-10, -84), (18, -46)]), ("#8d3b2c", [(-10, -84), (20, -78), (44, -42), (18, -46)]),
        ("#7a4a2e", box(-18, -28, -4, 0)), ("#ffe29a", box(-2, -36, 8, -24)),
        ("#ffd678", [(22, -36), (33, -35), (33, -22), (22, -22)]),
        ("#7a3a2c", box(6, -84, 14, -64)),
    ), speed=0, sway=0),
    Figure("ground", ("lighthouse", "বাতিঘর"), "f4efe6", 380, (
        ("#4c4650", [(-36, 0), (-24, -12), (4, -16), (28, -10), (38, 0)]),
        (0.0, [(-13, -12), (-8, -78), (8, -78), (13, -12)]),
        ("#c8473c", [(-12, -28), (-11, -42), (11, -42), (12, -28)]),
        ("#c8473c", [(-10, -56), (-9, -68), (9, -68), (10, -56)]),
        (-0.2, [(3, -78), (8, -78), (13, -12), (5, -12)]), ("#fff0a8", box(-6, -88, 6, -78)),
        ("#8d2f28", [(-9, -88), (0, -98), (9, -88)]),
    ), (Limb((0, -83), (("#fff6cf", [(0, -83), (62, -90), (62, -74)]),), 10, 0.15, is_behind=True),), speed=0, sway=0),
    Figure("ground", ("flower", "rose", "tulip", "lotus", "sunflower", "ফুল", "গোলাপ"), "df5480", 260, (
        ("#3f7d4a", [(-2, 0), (2, 0), (3, -50), (-1, -50)]), ("#4f9659", [(0, -8), (-26, -30), (-6, -26)]),
        ("#3a7545", [(1, -14), (26, -36), (8, -30)]),
    ), (Limb((1, -50), (*_petals(), ("#f3c64f", arc((1, -60), (8, 8)))), 5, 0.4),), speed=0, sway=1.0),
    Figure("ground", ("cup", "coffee", "tea", "mug", "কফি", "চা "), "efe6da", 260, (
        (-0.25, arc((26, -30), (14, 15))), ("#5b4a44", arc((25, -30), (7, 8))),
        (0.0, [(-28, -52), (24, -52), (17, 0), (-20, 0)]),
        (-0.2, [(6, -52), (24, -52), (17, 0), (6, 0)]), ("#5a3420", arc((-2, -52), (25, 5))),
    ), (_steam(-12, 0.0), _steam(4, 0.4)), speed=0, sway=0),
)  # fmt: skip
_PAPERS = {
    ("red", "লাল"): "d8433a", ("blue", "নীল"): "3f78c4", ("green", "সবুজ"): "4b9a5a", ("yellow", "হলুদ"): "f0c33c",
    ("orange", "কমলা"): "ea8a34", ("purple", "violet", "বেগুনি"): "8157c0", ("pink", "গোলাপি"): "e77aa6",
    ("white", "সাদা"): "f6f2ea", ("black", "কালো"): "35323c", ("brown", "বাদামি"): "8f5b3a",
    ("gold", "golden", "সোনালি"): "dfae3f", ("silver", "grey", "gray", "ধূসর"): "b4bac2",
}  # fmt: skip


def figure_of(prompt: str) -> tuple[Figure, str] | None:
    """Return the first thing that a prompt names and we can fold, and the colour of its paper: that of the prompt."""
    text = prompt.casefold()
    found = [(match.start(), figure) for figure in FIGURES if (match := _named(figure.words).search(text))]
    if not found:
        return None
    at, figure = min(found, key=lambda pair: pair[0])
    before = " ".join(text[:at].split()[-2:])
    papers = (paper for words, paper in _PAPERS.items() if _named(words).search(before))
    return figure, next(papers, figure.paper)


@cache
def _named(words: tuple[str, ...]) -> re.Pattern[str]:
    # Bengali endings follow the word directly, so only its beginning is held to. A bird's-eye view has no bird.
    english = "|".join(rf"\b{word}(?:s|es)?\b(?!['\u2019]s.eye)" for word in words if word.isascii())
    bengali = "|".join(rf"(?<![\u0980-\u09ff]){word}" for word in words if not word.isascii())
    return re.compile("|".join(filter(None, (english, bengali))))
