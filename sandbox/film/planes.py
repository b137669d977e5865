"""A picture as H.264 keeps it: brightness, and two colour differences of half the width and height.

Painted straight in these planes a frame has 1.5 bytes for each pixel, not the 4 of Pillow's RGB, and nothing is left
to convert before it is encoded. The numbers are those of BT.601: 16 is black and 235 white, 128 is no colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from sandbox.film.noise import Array

Box: TypeAlias = tuple[float, float, float, float]
Ink: TypeAlias = tuple[int, int, int]
"""One colour, as the values of the three planes."""

BLACK: Ink = (16, 128, 128)
_LUMA = np.array([65.481, 128.553, 24.966], np.float32) / 255
_BLUE = np.array([-37.797, -74.203, 112.0], np.float32) / 255
_RED = np.array([112.0, -93.786, -18.214], np.float32) / 255


@dataclass(frozen=True, slots=True)
class Planes:
    """Brightness ``y`` and the colour differences ``u`` and ``v``, each a picture of one band."""

    y: Image.Image
    u: Image.Image
    v: Image.Image

    @classmethod
    def filled(cls, size: tuple[int, int], ink: Ink = BLACK) -> Planes:
        """Return a picture of one colour."""
        half = _halved(size)
        return cls(Image.new("L", size, ink[0]), Image.new("L", half, ink[1]), Image.new("L", half, ink[2]))

    @classmethod
    def of(cls, rgb: Array, grain: Array | None = None) -> Planes:
        """Convert red, green and blue (0 to 255); ``grain`` of the same height and width is added to all three."""
        luma, small = rgb @ _LUMA + np.float32(16.5), _quartered(rgb)
        blue, red = small @ _BLUE + np.float32(128.5), small @ _RED + np.float32(128.5)
        if grain is not None:
            luma += grain * np.float32(_LUMA.sum())
            # A little of it in the colours too: a sky has less than a step of them in a hundred pixels.
            fleck = grain[::2, ::2] * np.float32(0.35)
            blue += fleck
            red += fleck[:, ::-1]
        return cls(_bytes(luma), _bytes(blue), _bytes(red))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.y.size

    def copy(self) -> Planes:
        """Return a picture that can be painted on."""
        return Planes(self.y.copy(), self.u.copy(), self.v.copy())

    def crop(self, box: tuple[int, int, int, int]) -> Planes:
        """Cut out a part; ``left`` and ``top`` are even."""
        half = (box[0] // 2, box[1] // 2, -(-box[2] // 2), -(-box[3] // 2))
        return Planes(self.y.crop(box), self.u.crop(half), self.v.crop(half))

    def resized(self, size: tuple[int, int], box: Box, how: Image.Resampling) -> Planes:
        """Return ``box`` of the picture as a picture of an even ``size``."""
        half, small = _halved(size), (box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2)
        return Planes(self.y.resize(size, how, box), self.u.resize(half, how, small), self.v.resize(half, how, small))

    def mirrored(self) -> Planes:
        """Return the picture upside down."""
        flip = Image.Transpose.FLIP_TOP_BOTTOM
        return Planes(self.y.transpose(flip), self.u.transpose(flip), self.v.transpose(flip))

    def paste(
        self,
        what: Planes | Ink,
        corner: tuple[int, int],
        mask: Image.Image | None = None,
        small: Image.Image | None = None,
    ) -> None:
        """Paint ``what`` at an even ``corner``, through ``mask``; ``small`` is that mask at half size."""
        half = corner[0] // 2, corner[1] // 2
        if isinstance(what, Planes):
            if mask is None:
                self.y.paste(what.y, corner)
                self.u.paste(what.u, half)
                self.v.paste(what.v, half)
                return
            small = small or mask.reduce(2)
            self.y.paste(what.y, corner, mask)
            self.u.paste(what.u, half, small)
            self.v.paste(what.v, half, small)
            return
        assert mask is not None
        small = small or mask.reduce(2)
        self.y.paste(what[0], (*corner, corner[0] + mask.width, corner[1] + mask.height), mask)
        place = (*half, half[0] + small.width, half[1] + small.height)
        self.u.paste(what[1], place, small)
        self.v.paste(what[2], place, small)

    def video_frame(self) -> av.VideoFrame:
        """Return the picture for the encoder; both sides are even."""
        wide, high = self.size
        flat = np.concatenate([np.asarray(plane).ravel() for plane in (self.y, self.u, self.v)])
        return av.VideoFrame.from_ndarray(flat.reshape(high * 3 // 2, wide), format="yuv420p")

    def image(self) -> Image.Image:
        """Return the picture in red, green and blue, as a player would show it."""
        return Image.fromarray(self.video_frame().to_ndarray(format="rgb24"))


@lru_cache(maxsize=64)
def ink(red: float, green: float, blue: float) -> Ink:
    """Return a colour given by red, green and blue (0 to 255)."""
    rgb = np.array([red, green, blue], np.float32)
    return round(16 + float(rgb @ _LUMA)), round(128 + float(rgb @ _BLUE)), round(128 + float(rgb @ _RED))


def _halved(size: tuple[int, int]) -> tuple[int, int]:
    return -(-size[0] // 2), -(-size[1] // 2)


def _quartered(rgb: Array) -> Array:
    """Return the means of squares of four pixels; an odd edge is repeated."""
    if rgb.shape[0] % 2 or rgb.shape[1] % 2:
        rgb = np.pad(rgb, ((0, rgb.shape[0] % 2), (0, rgb.shape[1] % 2), (0, 0)), mode="edge")
    rows = rgb[::2] + rgb[1::2]
    return np.asarray((rows[:, ::2] + rows[:, 1::2]) / 4, np.float32)


def _bytes(plane: npt.NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.clip(plane, 0, 255).astype(np.uint8))
