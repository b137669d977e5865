"""A scene is a few painted layers; a camera that pans and pushes moves the near ones more than the far ones."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from sandbox.film.noise import Array
from sandbox.film.planes import Box, Ink, Planes

Bytes: TypeAlias = npt.NDArray[np.uint8]

PAN_SHARE = 0.1
PUSH = 0.09
SOFT = (0.5, 0.5)
FINER = (4.0, 2.0)
_STEEP = 2.0  # pixels of height between two columns


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of the picture in pixels, and the length of the clip in seconds."""

    width: int
    height: int
    seconds: float

    @property
    def unit(self) -> float:
        """One step of drawing: 1 pixel of a frame whose short side is 720."""
        return min(self.width, self.height) / 720

    @property
    def margin(self) -> int:
        """How far a canvas reaches beyond the frame at the left and at the right."""
        return round(self.width * PAN_SHARE) + 4


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the camera is: ``pan`` from -1 to 1, ``push`` from 0 to 1."""

    pan: float = 0.0
    push: float = 0.0

    @classmethod
    def at(cls, share: float, direction: int) -> Camera:
        """Return the camera after ``share`` (0 to 1) of the clip."""
        eased = share - math.sin(2 * math.pi * share) * 0.06
        return cls(pan=direction * (2 * eased - 1), push=eased)


@dataclass(frozen=True, slots=True)
class Layer:
    """A painted strip, wider than the frame, ``height`` pixels from ``top`` down; ``depth`` 0 is far away, 1 near.

    ``drift`` moves it by itself, in pixels a second; such a canvas is wider by the way it goes. What is behind it
    shows above its ``ridge`` (a row for each column) and through its ``mask``, which is ``finer`` than the canvas by
    these factors across and down.
    """

    colours: Planes | Ink
    top: int
    height: int
    depth: float
    drift: float = 0.0
    ridge: Array | None = None
    mask: Image.Image | None = None
    finer: tuple[float, float] = (1, 1)

    def paste(self, onto: Planes, frame: Frame, camera: Camera, seconds: float, horizon: float) -> None:
        """Draw the part that the camera sees; a push keeps ``horizon`` where it is."""
        scale = 1 + PUSH * self.depth * camera.push
        # Even rows, so that the planes of half the size have the same edges.
        first = 2 * math.ceil(max(0, horizon + (self.top - horizon) * scale) / 2)
        last = 2 * math.floor(min(frame.height, horizon + (self.top + self.height - horizon) * scale) / 2)
        if last <= first:
            return
        half = frame.width / scale / 2
        middle = frame.margin + frame.width / 2 + camera.pan * self.depth * (frame.margin - 4)
        middle += self._drifted(frame, seconds)
        low = horizon + (first - horizon) / scale - self.top
        high = horizon + (last - horizon) / scale - self.top
        box = (middle - half, max(low, 0.0), middle + half, min(high, self.height))
        size = (frame.width, last - first)
        if self.ridge is None:
            onto.paste(self._colours(size, box), (0, first), *self._masks(size, box))
            return
        rows = (horizon - first - 0.5) + (self.ridge + (0.5 - horizon)) * scale
        columns = np.linspace(box[0], box[2], frame.width, endpoint=False, dtype=np.float32) + (0.5 / scale - 0.5)
        self._paste_below(onto, first, box, size, outlined(rows, columns, size[1]))

    def _paste_below(
        self, onto: Planes, first: int, box: Box, size: tuple[int, int], outline: tuple[int, Image.Image]
    ) -> None:
        """Draw what lies below the ridge: only the rows that it crosses need its mask."""
        top, cover = outline
        wide, high = size
        bottom = top + cover.height
        patch, mask = self._colours(size, box), self._masks(size, box)[0]
        assert isinstance(patch, Planes)
        if mask is not None:
            mask.paste(ImageChops.multiply(mask.crop((0, top, wide, bottom)), cover), (0, top))
            onto.paste(patch.crop((0, top, wide, high)), (0, first + top), mask.crop((0, top, wide, high)))
            return
        onto.paste(patch.crop((0, top, wide, bottom)), (0, first + top), cover)
        if bottom < high:
            onto.paste(patch.crop((0, bottom, wide, high)), (0, first + bottom))

    def _colours(self, size: tuple[int, int], box: Box) -> Planes | Ink:
        # Colours are soft, so only masks pay for smooth motion: a thirtieth of the time.
        colours = self.colours
        return colours.resized(size, box, Image.Resampling.NEAREST) if isinstance(colours, Planes) else colours

    def _masks(self, size: tuple[int, int], box: Box) -> tuple[Image.Image | None, Image.Image | None]:
        """Return the mask, and the mask at half size where it is at hand."""
        if self.mask is None:
            return None, None
        across, down = self.finer
        part = (box[0] * across, box[1] * down, box[2] * across, box[3] * down)
        if self.finer != SOFT:
            return self.mask.resize(size, Image.Resampling.NEAREST, part), None
        small = self.mask.resize((size[0] // 2, size[1] // 2), Image.Resampling.BILINEAR, part)
        return small.resize(size, Image.Resampling.NEAREST), small

    def _drifted(self, frame: Frame, seconds: float) -> float:
        return self.drift * seconds if self.drift >= 0 else -self.drift * (frame.seconds - seconds)

    def down_to(self, row: int) -> Layer:
        """Cut off what lies below ``row``, hidden behind nearer layers."""
        return replace(self, height=max(1, min(self.height, row - self.top)))


def fine(mask: Image.Image) -> Image.Image:
    """Return a mask as ``FINER`` wants it: to take its nearest pixels is as smooth as to blend, and much faster."""
    size = round(mask.width * FINER[0]), round(mask.height * FINER[1])
    return mask.resize(size, Image.Resampling.BILINEAR)


def outlined(ridge: Array, columns: Array, height: int) -> tuple[int, Image.Image]:
    """Return the mask of what is below a ridge, seen at ``columns``, and the first of its rows; both are even.

    Above it all is hidden, below it all is seen.
    """
    left = np.clip(columns.astype(np.intp), 0, len(ridge) - 2)
    part = np.clip(columns - left, 0, 1)
    one, other = ridge[left], ridge[left + 1]
    line = one + (other - one) * part
    top = min(max(0, int(line.min()) - 1), height - 2) // 2 * 2
    bottom = min(height, max(top + 2, math.ceil(float(line.max()) / 2 + 1) * 2))
    cover = _below(line - top, bottom - top)
    steep = np.flatnonzero(np.abs(other - one) > _STEEP)
    if len(steep):
        # A wall that stands between two columns is half seen; it is not half as tall.
        sides = [_below(side[steep] - top, bottom - top) for side in (one, other)]
        share = part[steep].astype(np.float32)
        cover[:, steep] = (sides[0] * (1 - share) + sides[1] * share).astype(np.uint8)
    return top, Image.fromarray(cover)


def _below(line: Array, height: int) -> Bytes:
    """Return how much of each pixel, from 0 to 255, is below a line; steps of a sixteenth."""
    edge = np.clip(line * 16 - 8, -16000, 16000).astype(np.int16)
    share = np.arange(0, height * 16, 16, dtype=np.int16)[:, None] - edge
    np.clip(share, 0, 16, out=share)
    share *= 16
    np.minimum(share, 255, out=share)
    return share.astype(np.uint8)
