"""A reference image brought to life: a slow push over it, or, with a fixed camera, a light that passes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from sandbox.film.label import without_label
from sandbox.film.layers import Camera, Frame
from sandbox.film.planes import Planes, ink

_ROOM = 1.16
_WARM = (255, 244, 220)


class Photo:
    """An image that covers the frame."""

    def __init__(self, path: Path, frame: Frame, rng: np.random.Generator) -> None:
        """Load and crop the image, with room for the camera."""
        self._frame = frame
        size = (round(frame.width * _ROOM), round(frame.height * _ROOM))
        with Image.open(path) as source:
            upright = ImageOps.exif_transpose(source).convert("RGBA")
        ground = Image.new("RGBA", upright.size, "white")
        opaque = without_label(Image.alpha_composite(ground, upright).convert("RGB"))
        self._size = size
        fitted = ImageOps.fit(opaque, size, Image.Resampling.LANCZOS)
        self._planes = Planes.of(np.asarray(fitted, np.float32))
        self._rise = float(rng.uniform(-0.45, 0.45))
        self._light = self._paint_light()

    def draw(self, camera: Camera, seconds: float) -> Planes:
        """Return the picture at a moment."""
        frame = self._frame
        fixed = camera.push == 0 and camera.pan == 0
        scale = 1.06 if fixed else 1 + (_ROOM - 1.01) * (1 - camera.push)
        wide, high = frame.width * scale, frame.height * scale
        spare = self._size[0] - wide, self._size[1] - high
        left = spare[0] * (0.5 + 0.45 * camera.pan)
        top = spare[1] * (0.5 + self._rise * min(camera.push, 1))
        box = (left, top, left + wide, top + high)
        picture = self._planes.resized((frame.width, frame.height), box, Image.Resampling.BILINEAR)
        if fixed:
            at = round((self._light.width - frame.width) * (1 - seconds / frame.seconds))
            picture.paste(ink(*_WARM), (0, 0), self._light.crop((at, 0, at + frame.width, frame.height)))
        return picture

    def _paint_light(self) -> Image.Image:
        frame = self._frame
        rows, columns = np.mgrid[0 : frame.height, 0 : frame.width * 3].astype(np.float32)
        across = (columns - frame.width * 1.5 + (rows - frame.height / 2) * 0.35) / (frame.width * 0.24)
        strength = 0.2 * np.exp(-(across**2)) * (0.75 + 0.25 * np.cos(rows / frame.height * 3))
        grain = np.random.default_rng(0).random(strength.shape, np.float32)
        return Image.fromarray((strength * 255 + grain).astype(np.uint8))
