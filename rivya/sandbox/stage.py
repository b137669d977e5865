"""A studio for product prompts: a glazed vase on a table, and a light that walks around it."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from rivya.sandbox import noise
from rivya.sandbox.air import specks
from rivya.sandbox.layers import PUSH, Camera, Frame, resized
from rivya.sandbox.moods import Mood, colour
from rivya.sandbox.noise import Array

_GLAZES = ("c7774f", "3f7f78", "d8c3a5", "5a6ea8", "b5566b", "6d8f5a", "e0a94a")


class Stage:
    """The backdrop and the vase's shape, painted once; ``draw`` lights them."""

    def __init__(self, mood: Mood, frame: Frame, rng: np.random.Generator) -> None:
        """Turn the vase and paint the backdrop."""
        self._mood, self._frame = mood, frame
        self._floor = round(frame.height * 0.72)
        self._glaze = colour(_GLAZES[int(rng.integers(len(_GLAZES)))])
        self._turn(rng)
        self._backdrop = noise.dithered(rng, self._paint_backdrop())
        self._specks = specks(rng, frame, mood.air)

    def draw(self, camera: Camera, seconds: float) -> Image.Image:
        """Return the picture at a moment."""
        frame = self._frame
        picture = self._backdrop.copy()
        for speck in self._specks:
            speck.paste(picture, frame, Camera(), seconds, (120, 104, 128))
        vase = self._lit(seconds / frame.seconds)
        left = frame.width // 2 - vase.width // 2
        mirror = vase.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        picture.paste(mirror, (left, self._floor - 1), self._mirror_mask)
        picture.paste(vase, (left, self._floor - vase.height), self._mask)
        if camera.push == 0 and camera.pan == 0:
            return picture
        return self._moved(picture, camera)

    def _moved(self, picture: Image.Image, camera: Camera) -> Image.Image:
        frame = self._frame
        scale = 1 / (1.02 + 2.2 * PUSH * camera.push)
        wide, high = frame.width * scale, frame.height * scale
        left = (frame.width - wide) * (0.5 + 0.35 * camera.pan)
        top = (frame.height - high) * 0.55
        return resized(picture.split(), picture.size, (left, top, left + wide, top + high))

    def _turn(self, rng: np.random.Generator) -> None:
        """Shape the vase: the radius at each height, and from it the normals."""
        high = round(min(self._frame.height * 0.46, self._frame.width * 0.72))
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
        cover = np.clip(radius[:, None] - np.abs(across) + 0.5, 0, 1)
        self._mask = Image.fromarray((cover * 255).astype(np.uint8))
        fade = (0.3 * np.exp(-np.linspace(0, 4.5, high)))[:, None]
        self._mirror_mask = Image.fromarray((cover[::-1] * fade * 255).astype(np.uint8))
        self._radius = radius

    def _lit(self, share: float) -> Image.Image:
        """Shade the vase with the light at ``share`` of its way."""
        across, up, out = self._normals
        angle = -1.15 + 1.5 * share
        light = np.array([math.sin(angle) * 0.8, -0.45, math.cos(angle) * 0.75], np.float32)
        light /= np.linalg.norm(light)
        towards = across * light[0] + up * light[1] + out * light[2]
        diffuse = np.clip(towards * 0.5 + 0.5, 0, 1) ** 2.1
        # Blinn: the highlight sits half-way between the light and the viewer.
        half = light + np.array([0, 0, 1], np.float32)
        half /= np.linalg.norm(half)
        facing = np.clip(across * half[0] + up * half[1] + out * half[2], 0, 1)
        rim = (1 - out) ** 3 * (0.25 + 0.5 * (across < 0))
        shade = self._glaze * (0.1 + 1.15 * diffuse)[..., None]
        warm, cool = colour(self._mood.light), colour(self._mood.sky[2])
        shade += warm * (0.75 * facing**70 + 0.12 * facing**9)[..., None] + cool * rim[..., None]
        return Image.fromarray(np.clip(shade, 0, 255).astype(np.uint8))

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
