"""A studio for product prompts: a glazed vase on a table, and a light that walks around it."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from sandbox.film import noise
from sandbox.film.layers import PUSH, Camera, Frame
from sandbox.film.noise import Array
from sandbox.film.palettes import Mood, colour
from sandbox.film.particles import scatter, specks
from sandbox.film.planes import Box, Planes, ink

_GLAZES = ("c7774f", "3f7f78", "d8c3a5", "5a6ea8", "b5566b", "6d8f5a", "e0a94a")
_EDGE = 4  # pixels around the vase, for half-seen edges
_SHARES = np.linspace(0, 1, 4096, dtype=np.float32)
_DIFFUSE = 0.1 + 1.15 * _SHARES**2.1
_HIGHLIGHT = 0.75 * _SHARES**70 + 0.12 * _SHARES**9


class Stage:
    """The backdrop and the vase's shape, painted once; ``draw`` lights them."""

    def __init__(self, mood: Mood, frame: Frame, rng: np.random.Generator) -> None:
        """Turn the vase and paint the backdrop."""
        self._mood, self._frame = mood, frame
        self._floor = round(frame.height * 0.72)
        self._glaze = colour(_GLAZES[int(rng.integers(len(_GLAZES)))])
        self._turn(rng)
        self._backdrop = Planes.of(self._paint_backdrop(), noise.grain(rng, frame.height, frame.width, 1.2))
        self._specks = specks(rng, frame, mood.air)

    def draw(self, camera: Camera, seconds: float) -> Planes:
        """Return the picture at a moment."""
        frame = self._frame
        picture = self._backdrop.copy()
        scatter(picture, self._specks, ink(120, 104, 128), frame, Camera(), seconds)
        seen = self._view(camera)
        if camera.push or camera.pan:
            # Wall, table and lights are soft: only the vase pays for smooth motion.
            picture = picture.resized(picture.size, seen, Image.Resampling.NEAREST)
        self._paste_vase(picture, seen, seconds)
        return picture

    def _view(self, camera: Camera) -> Box:
        """Return the part of the room that the camera sees."""
        frame = self._frame
        scale = 1 / (1.02 + 2.2 * PUSH * camera.push) if camera.push or camera.pan else 1.0
        wide, high = frame.width * scale, frame.height * scale
        left = (frame.width - wide) * (0.5 + 0.35 * camera.pan)
        top = (frame.height - high) * 0.55
        return left, top, left + wide, top + high

    def _paste_vase(self, onto: Planes, seen: Box, seconds: float) -> None:
        """Draw the vase and its mirror image, each pixel where the camera sees it."""
        vase = self._lit(seconds / self._frame.seconds)
        sprite = Planes.filled(self._mask.size)
        # Twice: above its upper edge is more of it, not black, to blend with.
        sprite.paste(vase, (_EDGE, _EDGE - 2))
        sprite.paste(vase, (_EDGE, _EDGE))
        sprite.paste(vase.mirrored(), (_EDGE, _EDGE + vase.size[1]))
        scale = (seen[2] - seen[0]) / self._frame.width
        at = self._frame.width // 2 - sprite.size[0] / 2, self._floor - vase.size[1] - _EDGE
        places = [2 * math.ceil((at[axis] - seen[axis]) / scale / 2) for axis in (0, 1)]
        size = [2 * math.floor(sprite.size[axis] / scale / 2 - 1) for axis in (0, 1)]
        left, top = (places[axis] * scale + seen[axis] - at[axis] for axis in (0, 1))
        box = (left, top, left + size[0] * scale, top + size[1] * scale)
        shown = sprite.resized((size[0], size[1]), box, Image.Resampling.BILINEAR)
        mask = self._mask.resize(shown.size, Image.Resampling.BILINEAR, box)
        onto.paste(shown, (places[0], places[1]), mask)

    def _turn(self, rng: np.random.Generator) -> None:
        """Shape the vase: the radius at each height, and from it the normals."""
        high = round(min(self._frame.height * 0.46, self._frame.width * 0.72) / 2) * 2
        along = np.linspace(0, 1, high, dtype=np.float32)
        neck, belly, foot = 0.1 + 0.07 * rng.random(), 0.27 + 0.1 * rng.random(), 0.14 + 0.08 * rng.random()
        where = 0.5 + 0.2 * rng.random()
        knots = [0, 0.06, 0.2, where, 0.93, 1]
        shape = np.interp(along, knots, [neck * 1.35, neck * 1.05, neck, belly, foot, foot * 1.02])
        window = np.hanning(high // 3 | 1)
        padded = np.pad(shape, len(window) // 2, mode="edge")
        radius = (np.convolve(padded, window / window.sum(), "valid")[:high] * high).astype(np.float32)
        reach = math.ceil(float(radius.max())) + 2
        across = np.arange(-reach, reach + 1, dtype=np.float32)[None, :]
        side = np.clip(across / radius[:, None], -1, 1)
        slope = np.gradient(radius).astype(np.float32)[:, None]
        length = np.sqrt(1 + slope**2)
        facing = np.sqrt(1 - side**2)
        self._normals = np.stack([side / length, np.broadcast_to(-slope / length, side.shape), facing / length])
        out = self._normals[2]
        self._rim = colour(self._mood.sky[2]) * ((1 - out) ** 3 * (0.25 + 0.5 * (across < 0)))[..., None]
        cover = np.clip(radius[:, None] - np.abs(across) + 0.5, 0, 1)
        fade = (0.3 * np.exp(-np.linspace(0, 4.5, high)))[:, None]
        share = np.pad(np.concatenate([cover, cover[::-1] * fade]), _EDGE)
        self._mask = Image.fromarray((share * 255).astype(np.uint8))
        self._radius = radius

    def _lit(self, share: float) -> Planes:
        """Shade the vase with the light at ``share`` of its way."""
        across, up, out = self._normals
        angle = -1.15 + 1.5 * share
        light = np.array([math.sin(angle) * 0.8, -0.45, math.cos(angle) * 0.75], np.float32)
        light /= np.linalg.norm(light)
        towards = across * light[0] + up * light[1] + out * light[2]
        # Blinn: the highlight sits half-way between the light and the viewer.
        half = light + np.array([0, 0, 1], np.float32)
        half /= np.linalg.norm(half)
        facing = np.clip(across * half[0] + up * half[1] + out * half[2], 0, 1)
        shade = self._rim + self._glaze * _looked_up(_DIFFUSE, np.clip(towards * 0.5 + 0.5, 0, 1))[..., None]
        shade += colour(self._mood.light) * _looked_up(_HIGHLIGHT, facing)[..., None]
        return Planes.of(np.clip(shade, 0, 255, out=shade))

    def _paint_backdrop(self) -> Array:
        """Paint wall, table, the pool of light behind the vase and the shadow under it."""
        frame = self._frame
        rows, columns = np.mgrid[0 : frame.height, 0 : frame.width].astype(np.float32)
        across = (columns - frame.width / 2) / frame.unit
        up = (rows - frame.height * 0.44) / frame.unit
        pool = np.exp(-((across / 430) ** 2) - (up / 330) ** 2)[..., None]
        glow = colour(self._mood.sky[2]) * 1.2 + self._glaze * 0.3
        wall = colour(self._mood.sky[0]) * 1.15 * (1 - pool) + glow * pool
        over = (rows - self._floor + 40 * frame.unit) / frame.unit
        spot = np.exp(-((across / 520) ** 2) - ((over - 70) / 130) ** 2)[..., None]
        lit = colour(self._mood.sky[1]) * 1.3 + self._glaze * 0.3
        table = colour(self._mood.sky[0]) * 0.75 * (1 - spot) + lit * spot
        edge = (0.5 + 0.5 * np.tanh(over / 18))[..., None]
        picture = wall * (1 - edge) + table * edge
        foot = float(self._radius[-1]) / frame.unit
        lower = (rows - self._floor) / frame.unit
        shadow = np.exp(-((across / (foot * 1.5)) ** 2) - (lower / 13) ** 2) * 0.8
        cast = 0.4 * np.exp(-(((across - 90) / (foot * 3.4)) ** 2) - ((lower - 8) / 26) ** 2)
        shadow = np.maximum(shadow, cast)
        return np.asarray(picture * (1 - shadow[..., None]), np.float32)


def _looked_up(table: Array, share: Array) -> Array:
    """Return the values of a slow function of ``share`` (0 to 1) from its table."""
    return table[(share * (len(table) - 1) + 0.5).astype(np.intp)]
