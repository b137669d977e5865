"""The ideas that the app offers come out as their cards show them: the demo keeps its promise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from sandbox.film.layers import Camera, Frame
from sandbox.film.planes import Planes
from sandbox.film.scenes.bottle import bottle
from sandbox.film.scenes.paper import fox
from sandbox.film.scenes.sneaker import sneaker
from sandbox.film.scenes.valley import valley
from sandbox.film.scenes.vignettes import noodles, tailor

Drawing = Callable[[float], Image.Image]

_ROOM = 1.12
_LOOP_SECONDS = 3.0
_IDEAS: dict[tuple[str, ...], Drawing] = {
    ("perfume", "সুগন্ধি"): bottle,
    ("tailor", "দর্জি"): tailor,
    ("forest valley", "উপত্যকা"): valley,
    ("noodles", "নুডলস"): noodles,
    ("sneaker", "স্নিকার"): sneaker,
    ("paper fox", "শিয়াল", "শিয়াল"): fox,
}
"""The words, in the app's languages, that stand for a scene of our own."""

FRAMES_PER_DRAWING = 2
"""A scene costs 40 to 180 ms to draw, four times a landscape: on twos it is there as soon."""


def idea_of(prompt: str) -> Drawing | None:
    """Return the scene that a prompt asks for, ``None`` when it is none of ours."""
    words = prompt.casefold()
    return next((draw for names, draw in _IDEAS.items() if any(name in words for name in names)), None)


class Idea:
    """A scene that covers the frame, from the left or from the right, with room for the camera."""

    def __init__(self, drawing: Drawing, frame: Frame, rng: np.random.Generator) -> None:
        """Choose where in its loop the clip begins, and from which side it is seen."""
        self._drawing, self._frame = drawing, frame
        self._begin = float(rng.random())
        self._is_mirrored = bool(rng.random() < 0.5)

    def draw(self, camera: Camera, seconds: float) -> Planes:
        """Return the picture at a moment."""
        frame = self._frame
        picture = self._drawing((self._begin + seconds / _LOOP_SECONDS) % 1)
        if self._is_mirrored:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        # The largest part in the frame's shape, of which the camera sees most and, as it pushes on, less.
        wide = min(picture.width, picture.height * frame.width / frame.height)
        high = wide * frame.height / frame.width
        scale = 1 / (1 + (_ROOM - 1) * camera.push)
        left = (picture.width - wide * scale) * (0.5 + 0.5 * (1 - 1 / _ROOM) * camera.pan)
        top = (picture.height - high * scale) / 2
        box = (left, top, left + wide * scale, top + high * scale)
        shown = picture.resize((frame.width, frame.height), Image.Resampling.BICUBIC, box)
        return Planes.of(np.asarray(shown, np.float32))
