"""A figure in its place in a landscape, drawn as folded paper that drifts, walks or flies by."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from sandbox.film.figures import Figure, Shade
from sandbox.film.layers import PUSH, Camera, Frame
from sandbox.film.palettes import Mood, colour
from sandbox.film.planes import Planes
from sandbox.film.scenes.sheet import SUPERSAMPLING, Point, arc, placed

_DEPTH = 0.6
_SHADOW_OPACITY = 70
_REFLECTION_OPACITY = 46
_HAZE = 0.14
"""How much of the landscape's own colour lies over a figure: without it, it looks cut out."""


class Folded:
    """A figure in its place in a landscape: it drifts, walks or flies past the middle of the clip."""

    def __init__(self, figure: Figure, paper: str, mood: Mood, frame: Frame, rng: np.random.Generator) -> None:
        """Choose from where to where it goes."""
        self._figure, self._frame = figure, frame
        self._paper, self._haze = colour(paper), colour(mood.far)
        self._side = 1 if rng.random() < 0.5 else -1
        self._middle = frame.width * (0.36 + 0.28 * float(rng.random()))
        self._phase = float(rng.random()) * 6
        self._scale = figure.size * frame.unit / 100 * (0.9 + 0.2 * float(rng.random()))

    def paste(self, onto: Planes, camera: Camera, seconds: float, horizon: float) -> None:
        """Draw it as the camera sees it at a moment."""
        foot, scale, degrees = self._stand(camera, seconds, horizon)
        facets = [
            (self._ink(shade), placed(points, foot, degrees=degrees, scale=(scale * self._side, scale)))
            for shade, points in self._figure.at(seconds)
        ]
        spots = [*self._under(facets, foot, scale), *((*ink, 255, points) for ink, points in facets)]
        xs, ys = zip(*(point for *_, points in spots for point in points), strict=True)
        left, top = max(0, math.floor(min(xs)) // 2 * 2), max(0, math.floor(min(ys)) // 2 * 2)
        wide = (min(onto.size[0], math.ceil(max(xs)) + 2) - left) // 2 * 2
        high = (min(onto.size[1], math.ceil(max(ys)) + 2) - top) // 2 * 2
        if wide <= 0 or high <= 0:
            return
        canvas = Image.new("RGBA", (wide * SUPERSAMPLING, high * SUPERSAMPLING), (*self._ink(0.0), 0))
        brush = ImageDraw.Draw(canvas)
        for red, green, blue, opacity, points in spots:
            large = [((x - left) * SUPERSAMPLING, (y - top) * SUPERSAMPLING) for x, y in points]
            brush.polygon(large, fill=(red, green, blue, opacity))
        drawn = canvas.reduce(SUPERSAMPLING)
        onto.paste(Planes.of(np.asarray(drawn.convert("RGB"), np.float32)), (left, top), drawn.getchannel("A"))

    def _stand(self, camera: Camera, seconds: float, horizon: float) -> tuple[Point, float, float]:
        """Return where its foot stands, how large it is and how far it leans."""
        figure, frame, unit = self._figure, self._frame, self._frame.unit
        since = seconds - frame.seconds / 2
        turn = seconds * 1.1 + self._phase
        height = {
            "air": frame.height * 0.56,
            "water": horizon + (frame.height - horizon) * 0.42,
            "ground": frame.height * 0.9,
        }
        y = height[figure.place] - figure.rise * unit * since - abs(math.sin(seconds * 3 * math.pi)) * figure.hop * unit
        if figure.place != "ground":
            y += 6 * unit * math.sin(turn)
        x = self._middle + self._side * figure.speed * unit * since - camera.pan * _DEPTH * (frame.margin - 4)
        push = 1 + PUSH * _DEPTH * camera.push
        foot = frame.width / 2 + (x - frame.width / 2) * push, horizon + (y - horizon) * push
        return foot, self._scale * push, figure.sway * math.sin(turn * 1.3)

    def _ink(self, shade: Shade) -> tuple[int, int, int]:
        if isinstance(shade, str):
            tone = colour(shade.removeprefix("#"))
        else:
            tone = self._paper + (shade * (255 - self._paper) if shade > 0 else shade * self._paper)
        red, green, blue = (tone * (1 - _HAZE) + self._haze * _HAZE).astype(int)
        return int(red), int(green), int(blue)

    def _under(
        self, facets: list[tuple[tuple[int, int, int], list[Point]]], foot: Point, scale: float
    ) -> Iterator[tuple[int, int, int, int, list[Point]]]:
        """Yield the shadow on the ground, or what the water gives back."""
        if self._figure.place == "ground":
            low = [x for _, points in facets for x, y in points if y > foot[1] - 12 * scale]
            half = (max(low) - min(low)) / 2 + 6 * scale
            yield 8, 8, 16, _SHADOW_OPACITY, arc(((max(low) + min(low)) / 2, foot[1] - scale), (half, 5 * scale))
        elif self._figure.place == "water":
            for (red, green, blue), points in facets:
                mirrored = [(x, foot[1] + (foot[1] - y) * 0.4) for x, y in points]
                yield red, green, blue, _REFLECTION_OPACITY, mirrored
