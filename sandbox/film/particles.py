"""What drifts through the air: dust, snow, rain, far stars and the glitter of water."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from PIL import Image

from sandbox.film.layers import Camera, Frame
from sandbox.film.noise import Array
from sandbox.film.palettes import Air
from sandbox.film.planes import Ink, Planes

Shape: TypeAlias = Literal["glow", "disc", "streak", "dash"]


@dataclass(frozen=True, slots=True)
class Speck:
    """One particle: speed in pixels a second, ``sway`` in pixels, ``depth`` as of a layer."""

    shape: Shape
    x: float
    y: float
    radius: float
    alpha: float
    speed: tuple[float, float]
    sway: float
    twinkle: float
    phase: float
    depth: float

    def cover(self, behind: Array, frame: Frame, camera: Camera, seconds: float) -> None:
        """Take from ``behind`` (1 shows all, 0 nothing) what it hides now; it comes in again on the other side."""
        turn = self.phase + seconds
        strength = round(self.alpha * (1 - self.twinkle * (0.5 + 0.5 * math.sin(turn * 2.6))) * 24)
        if strength == 0:
            return
        edge = 2 * self.radius + 4
        x = self.x + self.speed[0] * seconds + self.sway * math.sin(turn * 0.9)
        x -= camera.pan * self.depth * (frame.margin - 4)
        y = self.y + self.speed[1] * seconds + 0.5 * self.sway * math.cos(turn * 0.7)
        x = (x + edge) % (frame.width + 2 * edge) - edge
        y = y if self.speed[1] == 0 else (y + edge) % (frame.height + 2 * edge) - edge
        left, top = math.floor(x), math.floor(y)
        # Nobody sees a quarter of a pixel in something that falls as fast as rain.
        down = 0 if self.shape == "streak" else int((y - top) * 4)
        shown, right, below = _stamp(self.shape, round(self.radius * 2), strength, int((x - left) * 4), down)
        left, top = left + right, top + below
        rows, columns = max(0, -top), max(0, -left)
        part = behind[top + rows : max(0, top + shown.shape[0]), left + columns : max(0, left + shown.shape[1])]
        if part.shape != shown.shape:
            shown = shown[rows : rows + part.shape[0], columns : columns + part.shape[1]]
        part *= shown


def scatter(onto: Planes, scattered: Sequence[Speck], tint: Ink, frame: Frame, camera: Camera, seconds: float) -> None:
    """Draw particles of one colour: all of them in one mask."""
    if not scattered:
        return
    behind = np.full((frame.height, frame.width), 255, np.float32)
    for speck in scattered:
        speck.cover(behind, frame, camera, seconds)
    onto.paste(tint, (0, 0), Image.fromarray(~behind.astype(np.uint8)))


@lru_cache(maxsize=4096)
def _stamp(shape: Shape, half_pixels: int, strength: int, right: int, down: int) -> tuple[Array, int, int]:
    """Return what shows through a particle (0 to 1), and where the corner of that part is from its middle."""
    field, left, top = _field(shape, half_pixels, right, down)
    return 1 - field * np.float32(min(strength / 24, 1)), left, top


@lru_cache(maxsize=4096)
def _field(shape: Shape, half_pixels: int, right: int, down: int) -> tuple[Array, int, int]:
    """Return how dense a particle is, 0 to 1, where it can be seen, and where the corner of that part is."""
    radius = max(half_pixels / 2, 0.5)
    reach = math.ceil(radius * (2.2 if shape != "streak" else 1.2)) + 2
    steps = np.arange(-reach, reach + 1, dtype=np.float32)
    columns, rows = steps[None, :] - right / 4, steps[:, None] - down / 4
    if shape == "streak":
        field = np.clip(1.1 - np.abs(columns + rows * 0.12), 0, 1) * np.clip(1 - np.abs(rows) / radius, 0, 1)
    elif shape == "dash":
        field = np.exp(-((columns / radius) ** 2) * 1.4) * np.exp(-((rows / max(0.8, radius * 0.13)) ** 2))
    elif shape == "disc":
        away = np.hypot(columns, rows)
        field = np.clip((radius - away) / 2.5, 0, 1) * (0.7 + 0.3 * np.clip(away / radius, 0, 1) ** 3)
    else:
        field = np.exp(-2.2 * columns**2 / radius**2) * np.exp(-2.2 * rows**2 / radius**2)
    seen = field > 1 / 255
    high, wide = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    part = field[high[0] : high[-1] + 1, wide[0] : wide[-1] + 1]
    return part.astype(np.float32), int(wide[0]) - reach, int(high[0]) - reach


def specks(rng: np.random.Generator, frame: Frame, air: Air) -> list[Speck]:
    """Scatter the particles of an air."""
    makers = {"motes": _mote, "snow": _flake, "rain": _drop, "bokeh": _bokeh}
    counts = {"motes": 46, "snow": 210, "rain": 230, "bokeh": 22}
    return [makers[air](rng, frame, *_place(rng, frame)) for _ in range(counts[air])]


def stars(rng: np.random.Generator, frame: Frame, horizon: float) -> list[Speck]:
    """Scatter stars above the horizon, fewer near it."""
    return [_star(rng, frame, x, horizon * (y / frame.height) ** 1.4) for x, y in _places(rng, frame, 130)]


def glitter(rng: np.random.Generator, frame: Frame, sun_x: float, horizon: float) -> list[Speck]:
    """Scatter the sun's glints on water, wider and larger towards the viewer."""
    found = []
    for _ in range(150):
        near = float(rng.random()) ** 1.5
        x = sun_x + float(rng.normal()) * (18 + 130 * near) * frame.unit
        y = horizon + 3 + near * (frame.height - horizon)
        radius = (4 + 26 * near * float(rng.random())) * frame.unit
        found.append(Speck("dash", x, y, radius, 0.85, (0, 0), 5 * frame.unit, 1.0, float(rng.random()) * 9, 0.1))
    return found


def _place(rng: np.random.Generator, frame: Frame) -> tuple[float, float]:
    return float(rng.random()) * frame.width, float(rng.random()) * frame.height


def _places(rng: np.random.Generator, frame: Frame, count: int) -> list[tuple[float, float]]:
    return [_place(rng, frame) for _ in range(count)]


def _star(rng: np.random.Generator, frame: Frame, x: float, y: float) -> Speck:
    size = float(rng.random()) ** 4
    radius = (0.9 + 2.2 * size) * max(frame.unit, 0.8)
    return Speck("glow", x, y, radius, 0.35 + 0.6 * size, (0, 0), 0, 0.5, float(rng.random()) * 9, 0.02)


def _mote(rng: np.random.Generator, frame: Frame, x: float, y: float) -> Speck:
    near = float(rng.random()) ** 2
    up = (-6 - 22 * near) * frame.unit
    radius = (1.8 + 5.5 * near) * frame.unit
    return Speck("glow", x, y, radius, 0.65, (up * 0.4, up), 12 * frame.unit, 0.8, float(rng.random()) * 9, near)


def _flake(rng: np.random.Generator, frame: Frame, x: float, y: float) -> Speck:
    near = float(rng.random()) ** 2
    fall = (26 + 85 * near) * frame.unit
    radius = (1.5 + 5.5 * near) * frame.unit
    return Speck("glow", x, y, radius, 0.9, (fall * 0.2, fall), 14 * frame.unit, 0.1, float(rng.random()) * 9, near)


def _drop(rng: np.random.Generator, frame: Frame, x: float, y: float) -> Speck:
    near = float(rng.random())
    fall = (520 + 640 * near) * frame.unit
    alpha = 0.1 + 0.22 * near
    return Speck("streak", x, y, (12 + 24 * near) * frame.unit, alpha, (-0.12 * fall, fall), 0, 0, 0, near * 0.4)


def _bokeh(rng: np.random.Generator, frame: Frame, x: float, y: float) -> Speck:
    near = float(rng.random()) ** 1.5
    low = frame.height * (0.72 + 0.26 * y / frame.height)
    radius = (5 + 24 * near) * frame.unit
    right = float(rng.normal()) * 14 * frame.unit
    return Speck("disc", x, low, radius, 0.3 - 0.12 * near, (right, 0), 0, 0.5, float(rng.random()) * 9, 0.5 + near)
