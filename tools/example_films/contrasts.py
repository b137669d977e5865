"""Pairs of films that differ in one thing, so that a parameter explains itself without words."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from sandbox.film.render import Shot, frame_size, frames
from sandbox.film.scenes.bottle import bottle
from sandbox.film.scenes.paper import journey
from sandbox.film.scenes.sheet import SUPERSAMPLING, Point, Sheet, arc, blank, box, ramp, smooth

Film: TypeAlias = Callable[[float], Image.Image]
"""The picture at a share (0 to 1) of the film."""

WIDE = (320, 180)
TALL = (180, 320)
VIEWED = (448, 252)
SECONDS = 3
_JOURNEY_PIXELS = 1920
_RADIUS = 56
_MAGNIFIED = 7


def shot(prompt: str, seed: int, size: tuple[int, int] = WIDE, *, camera_fixed: bool = False) -> Shot:
    """Return three seconds for the sandbox's renderer."""
    return Shot(prompt, seed, *size, SECONDS, camera_fixed)


def filmed(of: Shot) -> Film:
    """Return what the sandbox would deliver, there and back again, so that it runs on without a seam."""

    @cache
    def drawn() -> list[Image.Image]:
        return list(frames(of, labelled=False))

    return lambda share: drawn()[_swing(share, of.frame_count)]


def seen(of: Shot, *, camera_fixed: bool) -> Film:
    """Return a view of a larger film: it stays, or it travels from the left to the right and comes closer."""
    film = filmed(of)

    def draw(share: float) -> Image.Image:
        moved = 0.5 - 0.5 * math.cos(2 * math.pi * share)
        wide = WIDE[0] * (1.15 if camera_fixed else 1.3 - 0.3 * moved)
        high = wide * WIDE[1] / WIDE[0]
        left = (of.width - wide) * (0.5 if camera_fixed else moved)
        top = (of.height - high) * 0.6
        return film(share).resize(WIDE, Image.Resampling.LANCZOS, (left, top, left + wide, top + high))

    return draw


def detail(resolution: str) -> Film:
    """Return a picture under a magnifying glass that shows the pixels of ``resolution``."""
    full, delivered = (frame_size(name, "16:9") for name in ("1080p", resolution))

    @cache
    def drawn() -> Image.Image:
        city = next(frames(shot("neon city", 5, full, camera_fixed=True), labelled=False))
        return city.resize(delivered, Image.Resampling.LANCZOS)

    def draw(share: float) -> Image.Image:
        turn = 2 * math.pi * share
        return _magnified(drawn(), (158 - 62 * math.cos(turn), 106 + 9 * math.sin(turn)))

    return draw


def travelled(length: float) -> Film:
    """Return ``length`` (0 to 1) of one journey from day to night, over a bar that is as long as the film."""

    def draw(share: float) -> Image.Image:
        way = share * length
        sheet = _over(journey(way * _JOURNEY_PIXELS, way).reduce(SUPERSAMPLING))
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
    scene = bottle(max(0, share - 0.4) / 0.6).reduce(SUPERSAMPLING)
    edge = round(9 * (1 - grown))
    paper = ImageOps.expand(scene, edge, "#ffffff").convert("RGBA")
    # Turned four times as large and with air around it, so that the edges become smooth.
    paper = paper.resize((round(paper.width * size) * 4, round(paper.height * size) * 4), Image.Resampling.BICUBIC)
    card = ImageOps.expand(paper, 8, (255, 255, 255, 0))
    card = card.rotate(5 * (1 - grown), Image.Resampling.BICUBIC, expand=True).reduce(4)
    ground = ramp(WIDE, ["#f3ece2", "#dccfbd"])
    left, top = (WIDE[0] - card.width) // 2, (WIDE[1] - card.height) // 2
    shade = Image.new("L", WIDE)
    shade.paste(card.getchannel("A").point(lambda value: value * 0.4), (left + 4, top + 6))
    ground.paste("#5b4a3a", (0, 0), shade.filter(ImageFilter.GaussianBlur(6)))
    ground.paste(card, (left, top), card)
    return ground


def _swing(share: float, count: int) -> int:
    return round((count - 1) * (0.5 - 0.5 * math.cos(2 * math.pi * share)))


def _magnified(picture: Image.Image, glass: Point) -> Image.Image:
    sheet = _over(picture.resize(WIDE, Image.Resampling.LANCZOS))
    x, y = round(glass[0] * SUPERSAMPLING), round(glass[1] * SUPERSAMPLING)
    sheet.shadow(arc((glass[0], glass[1] + 3), (_RADIUS + 4, _RADIUS + 4)), 6, 0.6)
    edge = _RADIUS * 0.74
    sheet.stroke([(glass[0] + edge, glass[1] - edge), (glass[0] + edge + 46, glass[1] - edge - 46)], 11, "#efe9e0")
    sheet.ellipse(glass, (_RADIUS + 4, _RADIUS + 4), "#ffffff")
    scale, reach = picture.width / WIDE[0], _RADIUS / _MAGNIFIED
    left, top, right, bottom = (value * scale for value in _around(glass, reach))
    side = 2 * _RADIUS * SUPERSAMPLING
    lens = picture.resize((side, side), Image.Resampling.BICUBIC, (left, top, right, bottom))
    mask = Image.new("L", lens.size)
    ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), fill=255)
    sheet.image.paste(lens, (x - side // 2, y - side // 2), mask)
    return sheet.finished()


def _around(middle: Point, reach: float) -> tuple[float, float, float, float]:
    return middle[0] - reach, middle[1] - reach, middle[0] + reach, middle[1] + reach


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
