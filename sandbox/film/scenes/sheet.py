"""A sheet to draw shapes on: measured in pixels of the finished film, drawn three times as large for smooth edges."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFilter

from sandbox.film.noise import Array

Point: TypeAlias = tuple[float, float]
Points: TypeAlias = Sequence[Point]

SUPERSAMPLING = 3


class Sheet:
    """A picture in the making. Colours are ``"#rrggbb"``, ``opacity`` is from 0 to 1."""

    def __init__(self, ground: Image.Image) -> None:
        """Begin on a copy of ``ground``, which is as large as ``blank`` makes it."""
        self.image = ground.copy()
        self._draw = ImageDraw.Draw(self.image, "RGBA" if self.image.mode == "RGB" else None)

    def finished(self) -> Image.Image:
        """Return the picture in its own size."""
        return self.image.reduce(SUPERSAMPLING)

    def shape(self, points: Iterable[Point], fill: str, opacity: float = 1.0) -> None:
        """Fill a polygon."""
        self._draw.polygon(_large(points), fill=_rgba(fill, opacity))

    def ellipse(self, middle: Point, radii: Point, fill: str, opacity: float = 1.0) -> None:
        """Fill an ellipse."""
        self.shape(arc(middle, radii), fill, opacity)

    def stroke(self, points: Points, width: float, fill: str, opacity: float = 1.0) -> None:
        """Draw a line with round ends and corners."""
        large, colour = _large(points), _rgba(fill, opacity)
        self._draw.line(large, fill=colour, width=max(1, round(width * SUPERSAMPLING)), joint="curve")
        if opacity < 1 or width < 1:
            return
        radius = width * SUPERSAMPLING / 2
        for x, y in (large[0], large[-1]):
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def shaded(self, points: Points, first: str, last: str, *, across: bool = False) -> None:
        """Fill a polygon with a gradient: from top to bottom, or ``across`` from left to right."""
        large = _large(points)
        left, top = (math.floor(min(axis)) for axis in zip(*large, strict=True))
        right, bottom = (math.ceil(max(axis)) + 1 for axis in zip(*large, strict=True))
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in large], fill=255)
        self.image.paste(ramp(mask.size, [first, last], across=across), (left, top), mask)

    def shadow(self, points: Iterable[Point], blur: float, opacity: float, fill: str = "#140a10") -> None:
        """Lay a soft shadow (or with a light ``fill``, a soft light) in the form of a polygon."""
        size = self.image.width // SUPERSAMPLING, self.image.height // SUPERSAMPLING
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon(list(points), fill=round(255 * opacity))
        soft = mask.filter(ImageFilter.GaussianBlur(blur)).resize(self.image.size, Image.Resampling.BILINEAR)
        self.image.paste(_rgba(fill, 1)[:3], (0, 0), soft)

    def glow(self, middle: Point, radius: float, fill: str, opacity: float) -> None:
        """Lay a light that fades outwards."""
        mask = _glow_mask(round(radius * SUPERSAMPLING), round(opacity * 100))
        corner = (
            round(middle[0] * SUPERSAMPLING) - mask.width // 2,
            round(middle[1] * SUPERSAMPLING) - mask.width // 2,
        )
        self.image.paste(_rgba(fill, 1)[:3], corner, mask)

    def cover(self, points: Iterable[Point]) -> None:
        """Fill a polygon of a mask."""
        self._draw.polygon(_large(points), fill=255)

    def veil(self, density: Array, fill: str) -> None:
        """Lay a colour over all, as dense (0 to 1) as a field of any size says."""
        mask = Image.fromarray((np.clip(density, 0, 1) * 255).astype(np.uint8))
        self.image.paste(_rgba(fill, 1)[:3], (0, 0), mask.resize(self.image.size, Image.Resampling.BICUBIC))


def blank(size: tuple[int, int], colours: Sequence[str], *, across: bool = False) -> Image.Image:
    """Return the ground of a sheet for a film of ``size``: a gradient, its colours evenly spaced."""
    return ramp((size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING), colours, across=across)


def ramp(size: tuple[int, int], colours: Sequence[str], *, across: bool = False) -> Image.Image:
    """Return a gradient of exactly ``size`` pixels, with a grain that keeps it free of bands."""
    length = size[0] if across else size[1]
    stops = np.array([ImageColor.getrgb(code)[:3] for code in colours], np.float32)
    at = np.linspace(0, len(stops) - 1, length)
    line = np.stack([np.interp(at, range(len(stops)), stops[:, band]) for band in range(3)], axis=1)
    grain = np.random.default_rng(0).random((size[1], size[0], 1))
    field = (line[None, :, :] if across else line[:, None, :]) + grain
    return Image.fromarray(np.clip(field, 0, 255).astype(np.uint8))


def mixed(first: str, second: str, share: float) -> str:
    """Return the colour that lies at ``share`` of the way from one colour to another."""
    pairs = zip(ImageColor.getrgb(first)[:3], ImageColor.getrgb(second)[:3], strict=True)
    return "#" + "".join(f"{round(one + (other - one) * share):02x}" for one, other in pairs)


def smooth(points: Points, *, closed: bool = True, steps: int = 8) -> list[Point]:
    """Return a curve (Catmull-Rom) that runs through all ``points``."""
    ring = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    spots = np.array(ring, np.float64)
    part = (np.arange(steps) / steps)[:, None]
    found = []
    for a, b, c, d in zip(spots, spots[1:], spots[2:], spots[3:], strict=False):
        bend = (2 * a - 5 * b + 4 * c - d) * part**2 + (3 * b - a - 3 * c + d) * part**3
        found.append(b + 0.5 * ((c - a) * part + bend))
    curve = np.concatenate(found) if closed else np.concatenate([*found, spots[-1:]])
    return [(float(x), float(y)) for x, y in curve]


def arc(middle: Point, radii: Point, first: float = 0, last: float = 360) -> list[Point]:
    """Return an elliptic arc from ``first`` to ``last`` degrees, clockwise from the right."""
    turns = [math.radians(first + (last - first) * step / 48) for step in range(49)]
    return [(middle[0] + radii[0] * math.cos(turn), middle[1] + radii[1] * math.sin(turn)) for turn in turns]


def placed(points: Iterable[Point], at: Point, *, degrees: float = 0, scale: Point = (1, 1)) -> list[Point]:
    """Return points scaled and turned (clockwise) about the origin and then moved to ``at``."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    sized = [(x * scale[0], y * scale[1]) for x, y in points]
    return [(at[0] + x * cosine - y * sine, at[1] + x * sine + y * cosine) for x, y in sized]


def box(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """Return the corners of a rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _large(points: Iterable[Point]) -> list[Point]:
    return [(x * SUPERSAMPLING, y * SUPERSAMPLING) for x, y in points]


def _rgba(code: str, opacity: float) -> tuple[int, int, int, int]:
    red, green, blue = ImageColor.getrgb(code)[:3]
    return red, green, blue, round(255 * min(max(opacity, 0), 1))


@lru_cache(maxsize=512)
def _glow_mask(radius: int, percent: int) -> Image.Image:
    rows, columns = np.ogrid[-1 : 1 : (2 * radius + 1) * 1j, -1 : 1 : (2 * radius + 1) * 1j]
    field = np.clip(1 - rows**2 - columns**2, 0, 1) ** 2 * percent / 100
    return Image.fromarray((field * 255).astype(np.uint8))
