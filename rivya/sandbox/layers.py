"""A scene is a few painted layers; a camera that pans and pushes moves the near ones more than the far ones."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

from PIL import Image

Tint: TypeAlias = tuple[int, int, int]
Box: TypeAlias = tuple[float, float, float, float]

PAN_SHARE = 0.1
PUSH = 0.09


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
    """A painted strip, wider than the frame, from ``top`` down; ``depth`` 0 is infinitely far, 1 near.

    ``drift`` moves it by itself, in pixels a second; such a canvas is wider by the way it goes. A layer of one
    colour is a ``Tint`` and its mask; a layer without a mask covers what is behind it.
    """

    colours: Image.Image | Tint
    mask: Image.Image | None
    top: int
    depth: float
    drift: float = 0.0

    def paste(self, onto: Image.Image, frame: Frame, camera: Camera, seconds: float, horizon: float) -> None:
        """Draw the part that the camera sees; a push keeps ``horizon`` where it is."""
        scale = 1 + PUSH * self.depth * camera.push
        first = max(0, math.ceil(horizon + (self.top - horizon) * scale))
        last = min(frame.height, math.floor(horizon + (self.top + self._height - horizon) * scale))
        if last <= first:
            return
        half = frame.width / scale / 2
        middle = frame.margin + frame.width / 2 + camera.pan * self.depth * (frame.margin - 4)
        middle += self._drifted(frame, seconds)
        low = horizon + (first - horizon) / scale - self.top
        high = horizon + (last - horizon) / scale - self.top
        box = (middle - half, max(low, 0.0), middle + half, min(high, self._height))
        self._paste_box(onto, box, (first, last))

    @property
    def _height(self) -> int:
        return (self.mask or self._painting).height

    @property
    def _painting(self) -> Image.Image:
        assert isinstance(self.colours, Image.Image)
        return self.colours

    def _paste_box(self, onto: Image.Image, box: Box, rows: tuple[int, int]) -> None:
        size = (onto.width, rows[1] - rows[0])
        place = (0, rows[0], onto.width, rows[1])
        # Colours are soft, so only the mask pays for smooth motion: a thirtieth of the time.
        mask = self.mask and self.mask.resize(size, Image.Resampling.BILINEAR, box)
        if isinstance(self.colours, Image.Image):
            onto.paste(self.colours.resize(size, Image.Resampling.NEAREST, box), place, mask)
        else:
            onto.paste(self.colours, place, mask)

    def _drifted(self, frame: Frame, seconds: float) -> float:
        return self.drift * seconds if self.drift >= 0 else -self.drift * (frame.seconds - seconds)

    def down_to(self, row: int) -> Layer:
        """Cut off what lies below ``row``, hidden behind nearer layers."""
        keep = max(1, min(self._height, row - self.top))
        colours = self.colours
        if isinstance(colours, Image.Image):
            colours = colours.crop((0, 0, colours.width, keep))
        mask = self.mask and self.mask.crop((0, 0, self.mask.width, keep))
        return replace(self, colours=colours, mask=mask)


def resized(bands: tuple[Image.Image, ...], size: tuple[int, int], box: Box) -> Image.Image:
    """Cut ``box`` out of a picture given by its bands; three single bands are resized faster than one picture."""
    return Image.merge("RGB", [band.resize(size, Image.Resampling.BILINEAR, box) for band in bands])
