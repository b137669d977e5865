"""Pairs of films that differ in one thing, so that a parameter explains itself without words."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from PIL import Image, ImageFilter

from rivya.sandbox.bottle import bottle
from rivya.sandbox.paper import journey
from rivya.sandbox.render import FRAMES_PER_SECOND, Shot, frame_size, frames
from rivya.sandbox.sheet import Sheet, blank, box, ramp, smooth

Film: TypeAlias = Callable[[float], Image.Image]
"""The picture at a share (0 to 1) of the film."""

WIDE = (320, 180)
TALL = (180, 320)
SECONDS = 3
_JOURNEY_PIXELS = 1920
_CUT = (0.24, 0.5)
"""The middle of the cut-out that shows a resolution, as a share of the frame."""


def shot(prompt: str, seed: int, size: tuple[int, int] = WIDE, *, camera_fixed: bool = False) -> Shot:
    """Return three seconds for the sandbox's renderer."""
    return Shot(prompt, seed, *size, SECONDS, camera_fixed)


def filmed(of: Shot) -> Film:
    """Return what the sandbox would deliver, there and back again, so that it runs on without a seam."""

    @cache
    def drawn() -> list[Image.Image]:
        return list(frames(of, labelled=False))

    return lambda share: drawn()[_swing(share, of.frame_count)]


def detail(resolution: str) -> Film:
    """Return a cut-out of one scene, magnified, as a film of ``resolution`` shows it."""
    full, shown = (frame_size(name, "16:9") for name in ("1080p", resolution))

    @cache
    def drawn() -> list[Image.Image]:
        return [_magnified(picture, shown) for picture in frames(shot("neon city", 5, full), labelled=False)]

    return lambda share: drawn()[_swing(share, SECONDS * FRAMES_PER_SECOND)]


def travelled(length: float) -> Film:
    """Return ``length`` (0 to 1) of one journey from day to night, over a bar that is as long as the film."""

    def draw(share: float) -> Image.Image:
        way = share * length
        sheet = _over(journey(way * _JOURNEY_PIXELS, way))
        sheet.shape(box(0, 166, 320, 180), "#1a1440", 0.55)
        end = 12 + 296 * length
        sheet.stroke([(12, 173), (end, 173)], 4, "#ffffff", 0.35)
        sheet.stroke([(12, 173), (12 + (end - 12) * share, 173)], 4, "#ffffff")
        sheet.ellipse((12 + (end - 12) * share, 173), (4.5, 4.5), "#ffffff")
        return sheet.finished()

    return draw


def stopped(film: Film) -> Film:
    """Return ``film``, which gives way to a calm grey picture with a shield."""

    def draw(share: float) -> Image.Image:
        gone = min(max((share - 0.34) / 0.16, 0), 1)
        return Image.blend(film(share), _shield(), gone * gone * (3 - 2 * gone))

    return draw


def come_alive(share: float) -> Image.Image:
    """Draw a picture that lies there as a print, grows to fill the frame, and begins to move."""
    grown = min(max((share - 0.24) / 0.22, 0), 1)
    grown = grown * grown * (3 - 2 * grown)
    size = 0.62 + 0.38 * grown + 0.12 * max(0, share - 0.46) / 0.54
    scene = bottle(max(0, share - 0.4) / 0.6)
    edge = round(9 * (1 - grown))
    sheet = Image.new("RGBA", (WIDE[0] + 2 * edge, WIDE[1] + 2 * edge), "#ffffff")
    sheet.paste(scene, (edge, edge))
    wide, high = round(sheet.width * size), round(sheet.height * size)
    card = sheet.resize((wide, high), Image.Resampling.LANCZOS)
    card = card.rotate(5 * (1 - grown), Image.Resampling.BICUBIC, expand=True)
    ground = ramp(WIDE, ["#f3ece2", "#dccfbd"])
    left, top = (WIDE[0] - card.width) // 2, (WIDE[1] - card.height) // 2
    shade = Image.new("L", WIDE)
    shade.paste(card.getchannel("A").point(lambda value: value * 0.4), (left + 4, top + 6))
    ground.paste("#5b4a3a", (0, 0), shade.filter(ImageFilter.GaussianBlur(6)))
    ground.paste(card, (left, top), card)
    return ground


def _swing(share: float, count: int) -> int:
    return round((count - 1) * (0.5 - 0.5 * math.cos(2 * math.pi * share)))


def _magnified(picture: Image.Image, shown: tuple[int, int]) -> Image.Image:
    wide, high = WIDE[0] * 0.75, WIDE[1] * 0.75
    left, top = picture.width * _CUT[0] - wide / 2, picture.height * _CUT[1] - high / 2
    scale = shown[0] / picture.width
    delivered = picture if scale == 1 else picture.resize(shown, Image.Resampling.LANCZOS)
    cut = (left * scale, top * scale, (left + wide) * scale, (top + high) * scale)
    return delivered.resize(WIDE, Image.Resampling.BICUBIC, cut)


def _over(picture: Image.Image) -> Sheet:
    large = blank(WIDE, ["#000000"]).size
    return Sheet(picture.resize(large, Image.Resampling.NEAREST))


@cache
def _shield() -> Image.Image:
    sheet = Sheet(blank(WIDE, ["#e4e0da", "#d2ccc4"]))
    half = [(160, 48), (176, 56), (196, 59), (196, 86), (188, 108), (172, 123), (160, 130)]
    outline = [*half, *[(320 - x, y) for x, y in reversed(half[1:-1])]]
    sheet.shadow([(x, y + 4) for x, y in outline], 6, 0.3)
    sheet.shaded(outline, "#a39b91", "#857d74")
    inner = [(160 + (x - 160) * 0.84, 88 + (y - 88) * 0.84) for x, y in outline]
    sheet.shaded(inner, "#f6f3ee", "#e6e1da")
    sheet.stroke(smooth([(146, 88), (156, 98), (176, 76)], closed=False, steps=1), 6, "#857d74")
    return sheet.finished()
