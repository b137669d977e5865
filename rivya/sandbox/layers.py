"""A scene is a few painted layers; a camera that pans and pushes moves the near ones more than the far ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image

PAN_SHARE = 0.1
PUSH = 0.09
_BILINEAR = Image.Resampling.BILINEAR


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
        eased = share + math.sin(2 * math.pi * share) * -0.06
        return cls(pan=direction * (2 * eased - 1), push=eased)


@dataclass(frozen=True, slots=True)
class Layer:
    """A painted strip, wider than the frame, from ``top`` down to the bottom; ``depth`` 0 is far, 1 near.

    ``drift`` moves it by itself, in pixels a second; such a canvas is wider by the way it goes.
    """

    colours: Image.Image
    mask: Image.Image | None
    top: int
    depth: float
    drift: float = 0.0

    def paste(self, onto: Image.Image, frame: Frame, camera: Camera, seconds: float, horizon: float) -> None:
        """Draw the part that the camera sees."""
        scale = 1 + PUSH * self.depth * camera.push
        first = max(0, math.ceil(horizon + (self.top - horizon) * scale))
        last = min(frame.height, math.floor(horizon + (self.top + self.colours.height - horizon) * scale))
        if last <= first:
            return
        wide = frame.width / scale
        middle = frame.margin + frame.width / 2 + camera.pan * self.depth * (frame.margin - 4) + self._drifted(frame, seconds)
        low = horizon + (first - horizon) / scale - self.top
        high = min(horizon + (last - horizon) / scale - self.top, self.colours.height)
        box = (middle - wide / 2, max(low, 0.0), middle + wide / 2, high)
        size = (frame.width, last - first)
        mask = None if self.mask is None else _view(self.mask, size, box)
        onto.paste(_view(self.colours, size, box), (0, first), mask)

    def _drifted(self, frame: Frame, seconds: float) -> float:
        return self.drift * seconds if self.drift >= 0 else -self.drift * (frame.seconds - seconds)


def _view(picture: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]) -> Image.Image:
    if picture.width == 1:
        return picture.resize(size, _BILINEAR, (0, box[1], 1, box[3]))
    return picture.resize(size, _BILINEAR, box)
