"""A landscape painted from a mood: sky and light, clouds, ranges that fade with distance, and air."""

from __future__ import annotations

import numpy as np
from PIL import Image

from rivya.sandbox import noise
from rivya.sandbox.air import Speck, Tint, glitter, specks, stars
from rivya.sandbox.layers import Camera, Frame, Layer
from rivya.sandbox.moods import Colour, Mood, colour
from rivya.sandbox.noise import Array

RANGES = 4


class Landscape:
    """Everything painted once; ``draw`` puts a moment of it together."""

    def __init__(self, mood: Mood, frame: Frame, rng: np.random.Generator) -> None:
        """Paint the layers."""
        self._mood, self._frame, self._rng = mood, frame, rng
        self._wide = frame.width + 2 * frame.margin
        self._horizon = frame.height * (0.56 if mood.land == "sea" else 0.62)
        self._sun = (frame.margin + frame.width * (0.3 + 0.4 * float(rng.random())), frame.height * mood.sun)
        self._back: list[Layer] = [self._sky(), *self._clouds()]
        self._front = self._water() if mood.land == "sea" else self._ranges()
        self._far_specks = stars(rng, frame, self._horizon) if mood.stars else []
        self._specks = specks(rng, frame, mood.air)
        self._glitter = glitter(rng, frame, self._sun[0] - frame.margin, self._horizon) if mood.land == "sea" else []
        self._tint = _tint(colour(mood.light))

    def draw(self, camera: Camera, seconds: float) -> Image.Image:
        """Return the picture at a moment."""
        picture = Image.new("RGB", (self._frame.width, self._frame.height))
        self._paste(picture, self._back[:1], [], camera, seconds)
        self._paste(picture, self._back[1:], self._far_specks, camera, seconds)
        self._paste(picture, self._front, self._glitter + self._specks, camera, seconds)
        return picture

    def _paste(
        self, picture: Image.Image, layers: list[Layer], scattered: list[Speck], camera: Camera, seconds: float
    ) -> None:
        for layer in layers:
            layer.paste(picture, self._frame, camera, seconds, self._horizon)
        for speck in scattered:
            speck.paste(picture, self._frame, camera, seconds, self._tint)

    def _sky(self) -> Layer:
        """Paint the sky, with the sun or moon and its glow."""
        mood, height = self._mood, self._frame.height
        down = np.linspace(0, 1, height, dtype=np.float32) * height / self._horizon
        stops = [colour(code) for code in mood.sky]
        column = np.stack([np.interp(down, [0, 0.55, 1], [s[i] for s in stops]) for i in range(3)], axis=1)
        rows, columns = np.mgrid[0:height, 0 : self._wide].astype(np.float32)
        away = np.hypot(columns - self._sun[0], rows - self._sun[1]) / self._frame.unit
        light = colour(mood.light)
        radius = 40.0 if mood.stars else 54.0
        glow = 0.5 * np.exp(-away / 95) + 0.34 * np.exp(-away / 330)
        disc = np.clip((radius - away) * self._frame.unit * 0.8 + 0.5, 0, 1) * (0 if mood.air == "rain" else 0.96)
        share = (1 - (1 - glow) * (1 - disc))[..., None]
        picture = column[:, None, :] * (1 - share) + light * share
        return Layer(noise.dithered(self._rng, picture.astype(np.float32)), None, 0, 0.04)

    def _clouds(self) -> list[Layer]:
        """Paint one veil of cloud that drifts; the rain sky is heavier."""
        strength = {"rain": 0.75, "snow": 0.5}.get(self._mood.air, 0.38)
        drift = 9 * self._frame.unit
        wide = self._wide + round(drift * self._frame.seconds) + 2
        high = round(self._horizon)
        field = noise.clouds(self._rng, wide, high)
        fade = np.sin(np.linspace(0.15, np.pi, high, dtype=np.float32))[:, None]
        mask = np.clip((field - 0.48) * 2.6, 0, 1) ** 1.3 * fade * strength
        tone = _mix(colour(self._mood.light), colour(self._mood.sky[2]), 0.5)
        if self._mood.stars or self._mood.air == "rain":
            tone = _mix(colour(self._mood.sky[1]), colour(self._mood.sky[2]), 0.35)
        paint = Image.new("RGB", (1, high), _tint(tone))
        return [Layer(paint, Image.fromarray((mask * 255).astype(np.uint8)), 0, 0.08, drift)]

    def _ranges(self) -> list[Layer]:
        return [self._range(index) for index in range(RANGES)]

    def _range(self, index: int) -> Layer:
        """Paint one range: hazy and low at the back, dark and large in front."""
        near = index / (RANGES - 1)
        height = self._frame.height
        base = self._horizon + (height * (0.96 if self._mood.land != "city" else 1.0) - self._horizon) * near**1.15
        outline, teeth = self._outline(near)
        ridge = base - outline
        top = max(0, int(ridge.min()) - 2)
        rows = np.arange(top, height, dtype=np.float32)[:, None]
        below = rows - ridge[None, :]
        mask = np.clip(below + 0.5, 0, 1)
        body = _mix(colour(self._mood.far), colour(self._mood.near), near**0.8)
        haze = _mix(colour(self._mood.sky[2]), body, 0.25 + 0.5 * near)
        span = max(60.0, height - base + float(outline.max()) * 0.7)
        mist = np.clip(below / span, 0, 1)[..., None] ** 1.2 * (0.85 - 0.6 * near)
        paint = body * (1 - mist) + haze * mist
        paint += self._lit(ridge if teeth is None else base - teeth, below, near)[..., None] * (
            colour(self._mood.light) - paint
        )
        if self._mood.land == "city":
            self._light_windows(paint, below, outline, near)
        return Layer(
            noise.dithered(self._rng, paint, 1.2), Image.fromarray((mask * 255).astype(np.uint8)), top, 0.15 + 0.75 * near
        )

    def _outline(self, near: float) -> tuple[Array, Array | None]:
        """Return the height of a range over its base; and, where it differs, the ground that light falls on."""
        unit, wide, rng = self._frame.unit, self._wide, self._rng
        tall = self._frame.height * (0.2 - 0.05 * near)
        knots = (2.2 + 1.2 * near) * wide / (1500 * unit)
        if self._mood.land == "peaks":
            return noise.peaks(rng, wide, knots * (1.7 - near)) * tall * (1.75 - near), None
        if self._mood.land == "city":
            return noise.roofs(rng, wide, (300 - 40 * near) * unit * (1.0 - 0.25 * near)), None
        ground = noise.wander(rng, wide, knots, 4, 0.42) * tall
        if self._mood.land == "forest":
            return ground + noise.treetops(rng, wide, (46 + 150 * near**1.5) * unit), ground
        return ground, None

    def _lit(self, ridge: Array, below: Array, near: float) -> Array:
        """Return how much light falls on the slopes that face the sun, fading below the ridge."""
        if self._mood.land in {"city", "forest"}:
            return np.zeros_like(below)
        unit = self._frame.unit
        slope = np.gradient(np.convolve(ridge, np.ones(9, np.float32) / 9, "same"))
        columns = np.arange(len(ridge), dtype=np.float32)
        towards = np.sign(columns - self._sun[0]) * np.clip(np.abs(columns - self._sun[0]) / (120 * unit), 0, 1)
        facing = np.clip(0.35 - slope * towards * 1.5, 0, 1)
        nearby = np.exp(-np.abs(columns - self._sun[0]) / (620 * unit))
        depth = (70 if self._mood.land == "peaks" else 34) * unit
        fall = np.exp(-np.clip(below, 0, None) / depth)
        return np.asarray(fall * (facing * (0.15 + 0.5 * nearby) * (0.75 - 0.45 * near))[None, :], np.float32)

    def _light_windows(self, paint: Array, below: Array, outline: Array, near: float) -> None:
        """Light some windows of a skyline, in place."""
        step = max(4, round((6 + 5 * near) * self._frame.unit))
        rows, columns = below.shape
        lit = self._rng.random((rows // step + 1, columns // step + 1)).astype(np.float32)
        share = np.where(lit > 0.78, 0.35 + 2.6 * (lit - 0.78), 0).astype(np.float32)
        grid = np.kron(share, np.ones((step, step), np.float32))[:rows, :columns]
        y, x = np.ogrid[0:rows, 0:columns]
        pane = (x % step >= step * 0.35) & (y % step >= step * 0.3)
        inside = (below > step) & (outline[None, :] > step * 2)
        edge = np.abs(np.gradient(outline)) > 0.5
        inside &= ~np.convolve(edge, np.ones(5), "same").astype(bool)[None, :]
        strength = (grid * pane * inside * (0.4 + 0.45 * near))[..., None]
        paint += strength * (colour(self._mood.light) - paint)

    def _water(self) -> list[Layer]:
        """Paint islands, the water with the sun's path, and waves that cross each other."""
        mood, frame = self._mood, self._frame
        sky, deep = colour(mood.sky[2]), colour(mood.near)
        top = round(self._horizon)
        rows, columns = np.mgrid[0 : frame.height - top, 0 : self._wide].astype(np.float32)
        down = (rows / (frame.height - top)) ** 0.6
        paint = (sky * 0.82)[None, None, :] * (1 - down[..., None]) + deep * down[..., None]
        spread = (26 + 210 * rows / (frame.height - top)) * frame.unit
        path = 0.55 * np.exp(-(((columns - self._sun[0]) / spread) ** 2)) * (1 - 0.6 * down)
        paint += path[..., None] * (colour(mood.light) - paint)
        water = Layer(noise.dithered(self._rng, paint), None, top, 0.1)
        return [self._island(), water, *(self._wave(index) for index in range(5))]

    def _island(self) -> Layer:
        ridge = noise.wander(self._rng, self._wide, 2.5, 5, 0.45)
        high = round(self._frame.height * 0.12)
        rows = np.arange(high, dtype=np.float32)[:, None]
        mask = np.clip(rows - (high - (ridge - 0.45) * high * 1.3)[None, :], 0, 1)
        tone = _mix(colour(self._mood.far), colour(self._mood.sky[2]), 0.25)
        paint = Image.new("RGB", (1, high), _tint(tone))
        return Layer(paint, Image.fromarray((mask * 255).astype(np.uint8)), round(self._horizon) - high + 1, 0.1)

    def _wave(self, index: int) -> Layer:
        frame = self._frame
        near = (index + 1) / 5
        drift = (10 + 34 * near) * frame.unit * (1 if index % 2 else -1)
        wide = self._wide + round(abs(drift) * frame.seconds) + 2
        crest = noise.wander(self._rng, wide, (16 - 9 * near) * wide / (1500 * frame.unit), 2, 0.4)
        lift = crest * (5 + 34 * near) * frame.unit
        base = self._horizon + (frame.height - self._horizon) * (0.1 + 0.82 * near**1.5)
        ridge = base - lift
        top = int(ridge.min()) - 1
        high = frame.height - top
        below = np.arange(top, frame.height, dtype=np.float32)[:, None] - ridge[None, :]
        body = _mix(_mix(colour(self._mood.sky[2]), colour(self._mood.far), 0.6), colour(self._mood.near), 0.25 + 0.75 * near)
        shine = np.exp(-np.clip(below, 0, None) / ((4 + 16 * near) * frame.unit)) * (crest[None, :] ** 2) * 0.4
        paint = body + shine[..., None] * (colour(self._mood.sky[2]) - body)
        mask = np.clip(below + 0.5, 0, 1) * np.exp(-np.clip(below, 0, None) / (frame.height * (0.05 + 0.2 * near))) * 0.8
        assert high == len(below)
        return Layer(
            noise.dithered(self._rng, paint, 1.0),
            Image.fromarray((mask * 255).astype(np.uint8)),
            top,
            0.2 + 0.6 * near,
            drift,
        )


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    return np.asarray(first * (1 - share) + second * share, np.float32)


def _tint(value: Colour) -> Tint:
    return int(value[0]), int(value[1]), int(value[2])
