"""A landscape painted from a mood: sky and light, clouds, ranges that fade with distance, and air."""

from __future__ import annotations

import numpy as np
from PIL import Image

from sandbox.film import noise
from sandbox.film.figures import Figure
from sandbox.film.folded import Folded
from sandbox.film.layers import FINER, SOFT, Camera, Frame, Layer, fine
from sandbox.film.noise import Array
from sandbox.film.palettes import Colour, Mood, colour
from sandbox.film.particles import Speck, glitter, scatter, specks, stars
from sandbox.film.planes import Ink, Planes, ink

RANGES = 4
CITY_RANGES = 3
NEAR_WAVES = 2  # that wash over the foot of what swims


class Landscape:
    """Everything painted once; ``draw`` puts a moment of it together."""

    def __init__(
        self, mood: Mood, frame: Frame, rng: np.random.Generator, figure: tuple[Figure, str] | None = None
    ) -> None:
        """Paint the layers; ``figure`` and the colour of its paper are what the landscape is about."""
        self._mood, self._frame, self._rng = mood, frame, rng
        self._wide = frame.width + 2 * frame.margin
        self._horizon = frame.height * (0.56 if mood.land == "sea" else 0.62)
        self._sun = (frame.margin + frame.width * (0.3 + 0.4 * float(rng.random())), frame.height * mood.sun)
        self._sky_layer, self._clouds_layer = self._sky(), self._clouds()
        self._front = self._water() if mood.land == "sea" else self._ranges()
        self._far_specks = stars(rng, frame, self._horizon) if mood.stars else []
        self._specks = specks(rng, frame, mood.air)
        self._glitter = glitter(rng, frame, self._sun[0] - frame.margin, self._horizon) if mood.land == "sea" else []
        self._tint = _tint(colour(mood.light))
        self._figure = Folded(*figure, mood, frame, rng) if figure else None
        self._nearer = self._front[-NEAR_WAVES:] if figure and figure[0].place == "water" else []

    def draw(self, camera: Camera, seconds: float) -> Planes:
        """Return the picture at a moment."""
        picture = Planes.filled((self._frame.width, self._frame.height))
        self._paste(picture, [self._sky_layer], self._far_specks, camera, seconds)
        behind = self._front[: len(self._front) - len(self._nearer)]
        self._paste(picture, [self._clouds_layer, *behind], [], camera, seconds)
        if self._figure:
            self._figure.paste(picture, camera, seconds, self._horizon)
        self._paste(picture, self._nearer, self._glitter + self._specks, camera, seconds)
        return picture

    def _paste(
        self, picture: Planes, layers: list[Layer], scattered: list[Speck], camera: Camera, seconds: float
    ) -> None:
        for layer in layers:
            layer.paste(picture, self._frame, camera, seconds, self._horizon)
        scatter(picture, scattered, self._tint, self._frame, camera, seconds)

    def _sky(self) -> Layer:
        """Paint the sky, with the sun or moon and its glow."""
        mood, height = self._mood, self._frame.height
        down = np.linspace(0, 1, height, dtype=np.float32) * height / self._horizon
        stops = [colour(code) for code in mood.sky]
        column = np.stack([np.interp(down, [0, 0.55, 1], [s[i] for s in stops]) for i in range(3)], axis=1).astype(
            np.float32
        )
        rows, columns = np.mgrid[0:height, 0 : self._wide].astype(np.float32)
        away = np.hypot(columns - self._sun[0], rows - self._sun[1]) / self._frame.unit
        light = colour(mood.light)
        radius = 40.0 if mood.stars else 54.0
        glow = 0.5 * np.exp(-away / 95) + 0.34 * np.exp(-away / 330)
        disc = np.clip((radius - away) * self._frame.unit * 0.8 + 0.5, 0, 1) * (0 if mood.air == "rain" else 0.96)
        share = (1 - (1 - glow) * (1 - disc))[..., None]
        picture = column[:, None, :] * (1 - share) + light * share
        return Layer(self._painted(picture), 0, height, 0.0)

    def _clouds(self) -> Layer:
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
        return Layer(_tint(tone), 0, high, 0.08, drift, mask=_mask(mask).reduce(2), finer=SOFT)

    def _ranges(self) -> list[Layer]:
        """Paint the ranges from the back; each is cut off where the next one hides it."""
        found: list[Layer] = []
        count = CITY_RANGES if self._mood.land == "city" else RANGES
        for index in range(count):
            layers, solid_from = self._range(index / (count - 1))
            slack = round(self._frame.height * 0.05)
            found = [layer.down_to(solid_from + slack) for layer in found] + layers
        return found

    def _range(self, near: float) -> tuple[list[Layer], int]:
        """Paint one range, hazy and low at the back, dark and large in front; and say from where it hides all."""
        mood, height = self._mood, self._frame.height
        base = self._horizon + (height * (0.96 if mood.land != "city" else 1.0) - self._horizon) * near**1.15
        outline, soil = self._outline(near)
        ridge = base - outline
        top = max(0, int(ridge.min()) - 2)
        rows = np.arange(top, height, dtype=np.float32)[:, None]
        below = rows - ridge[None, :]
        body = _mix(colour(mood.far), colour(mood.near), near**0.8)
        haze = _mix(colour(mood.sky[2]), body, 0.25 + 0.5 * near)
        span = max(60.0, height - base + float(outline.max()) * 0.7)
        mist = np.clip((rows - base + soil) / span, 0, 1)[..., None] ** 1.2 * (0.85 - 0.6 * near)
        paint = body * (1 - mist) + haze * mist
        if mood.land in {"hills", "peaks"}:
            paint += self._lit(ridge, below, near)[..., None] * (colour(mood.light) - paint)
        painting = self._painted(paint, 1.2)
        depth = 0.15 + 0.75 * near
        layers = [Layer(painting, top, height - top, depth, ridge=ridge)]
        if mood.land == "city":
            windows = _mask(self._windows(below, outline, near))
            layers.append(Layer(_tint(colour(mood.light)), top, height - top, depth, mask=fine(windows), finer=FINER))
        return layers, int(ridge.max()) + 2

    def _outline(self, near: float) -> tuple[Array, Array]:
        """Return the height of a range over its base, and the height from which mist lies in it."""
        unit, wide, rng = self._frame.unit, self._wide, self._rng
        tall = self._frame.height * (0.2 - 0.05 * near)
        knots = (2.2 + 1.2 * near) * wide / (1500 * unit)
        if self._mood.land == "peaks":
            line = noise.peaks(rng, wide, knots * (1.7 - near)) * tall * (1.75 - near)
            return line, line
        if self._mood.land == "city":
            line = noise.roofs(rng, wide, (300 - 40 * near) * unit * (1.0 - 0.25 * near))
            return line, line
        ground = noise.wander(rng, wide, knots, 4, 0.42) * tall
        if self._mood.land == "forest":
            trees = (46 + 150 * near**1.5) * unit
            return ground + noise.treetops(rng, wide, trees), ground + trees * 0.8
        return ground, ground

    def _lit(self, ridge: Array, below: Array, near: float) -> Array:
        """Return how much light falls on the slopes that face the sun, fading below the ridge."""
        unit, sharp = self._frame.unit, self._mood.land == "peaks"
        window = np.hanning(round((14 if sharp else 130) * unit) + 3)
        padded = np.pad(ridge, len(window) // 2, mode="edge")
        smooth = np.convolve(padded, window / window.sum(), "valid")[: len(ridge)]
        columns = np.arange(len(ridge), dtype=np.float32)
        away = columns - self._sun[0]
        towards = np.clip(away / (120 * unit), -1, 1) * (0.9 if sharp else 1.5)
        facing = np.clip(0.35 - np.gradient(smooth) * towards, 0, 1)
        strength = facing * (0.15 + 0.5 * np.exp(-np.abs(away) / (620 * unit))) * (0.75 - 0.45 * near)
        depth = np.clip(below, 0, None)
        # The folds of a mountain run down at a slant.
        slant = columns[None, :] + (0.55 * depth if sharp else 0)
        fall = np.exp(-depth / ((95 if sharp else 34) * unit))
        return np.asarray(fall * np.interp(slant, columns, strength), np.float32)

    def _windows(self, below: Array, outline: Array, near: float) -> Array:
        """Return the lit windows of a skyline."""
        step = max(4, round((6 + 5 * near) * self._frame.unit))
        rows, columns = below.shape
        chance = self._rng.random((rows // step + 1, columns // step + 1)).astype(np.float32)
        share = np.where(chance > 0.78, 0.35 + 2.6 * (chance - 0.78), 0).astype(np.float32)
        grid = np.kron(share, np.ones((step, step), np.float32))[:rows, :columns]
        y, x = np.ogrid[0:rows, 0:columns]
        pane = (x % step >= step * 0.35) & (y % step >= step * 0.3)
        corner = np.convolve(np.abs(np.gradient(outline)) > 0.5, np.ones(5), "same") > 0
        inside = (below > step) & (outline > step * 2)[None, :] & ~corner[None, :]
        return np.asarray(grid * pane * inside * (0.4 + 0.45 * near), np.float32)

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
        water = Layer(self._painted(paint), top, frame.height - top, 0.1)
        return [self._island(), water, *(self._wave(index) for index in range(5))]

    def _island(self) -> Layer:
        ridge = noise.wander(self._rng, self._wide, 2.5, 5, 0.45)
        high = round(self._frame.height * 0.12)
        rows = np.arange(high, dtype=np.float32)[:, None]
        mask = np.clip(rows - (high - (ridge - 0.45) * high * 1.3)[None, :], 0, 1)
        tone = _mix(colour(self._mood.far), colour(self._mood.sky[2]), 0.25)
        return Layer(_tint(tone), round(self._horizon) - high + 1, high, 0.1, mask=fine(_mask(mask)), finer=FINER)

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
        below = np.arange(top, frame.height, dtype=np.float32)[:, None] - ridge[None, :]
        pale = _mix(colour(self._mood.sky[2]), colour(self._mood.far), 0.6)
        body = _mix(pale, colour(self._mood.near), 0.25 + 0.75 * near)
        deep = np.clip(below, 0, None)
        shine = np.exp(-deep / ((4 + 16 * near) * frame.unit)) * (crest[None, :] ** 2) * 0.4
        paint = body + shine[..., None] * (colour(self._mood.sky[2]) - body)
        fade = np.exp(-deep / (frame.height * (0.05 + 0.2 * near))) * 0.8
        return Layer(
            self._painted(paint, 1.0),
            top,
            frame.height - top,
            0.2 + 0.6 * near,
            drift,
            ridge,
            _mask(fade).reduce(2),
            SOFT,
        )

    def _painted(self, paint: Array, strength: float = 1.6) -> Planes:
        high, wide, _ = paint.shape
        return Planes.of(paint.astype(np.float32, copy=False), noise.grain(self._rng, high, wide, strength))


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    return np.asarray(first * (1 - share) + second * share, np.float32)


def _mask(share: Array) -> Image.Image:
    return Image.fromarray((share * 255).astype(np.uint8))


def _tint(value: Colour) -> Ink:
    return ink(*map(int, value))
