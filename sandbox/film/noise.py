"""Smooth chance: ridgelines, skylines and clouds, all from one generator, so that a seed repeats them."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

Array: TypeAlias = npt.NDArray[np.float32]


def wander(rng: np.random.Generator, width: int, knots: float, octaves: int = 4, roughness: float = 0.5) -> Array:
    """Return a smooth random line of ``width`` values from 0 to 1, with about ``knots`` bends."""
    line = np.zeros(width, np.float32)
    for octave in range(octaves):
        count = max(4, int(knots * 2**octave) + 3)
        at = np.linspace(0, count - 2, width) + rng.random()
        left = at.astype(np.int64)
        part = at - left
        part = part * part * (3 - 2 * part)
        values = rng.random(count + 1)
        line += roughness**octave * (values[left] * (1 - part) + values[left + 1] * part)
    low, high = float(line.min()), float(line.max())
    return ((line - low) / max(high - low, 1e-6)).astype(np.float32)


def clouds(rng: np.random.Generator, width: int, height: int) -> Array:
    """Return a soft field from 0 to 1, stretched sideways."""
    field = np.zeros((height, width), np.float32)
    for octave in range(5):
        cells = (max(2, 4 * 2**octave * width // (3 * height)), 3 * 2**octave)
        grid = Image.fromarray(rng.random((cells[1], cells[0])).astype(np.float32))
        field += 0.5**octave * np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC))
    low, high = float(field.min()), float(field.max())
    return np.asarray((field - low) / max(high - low, 1e-6), np.float32)


def peaks(rng: np.random.Generator, width: int, knots: float) -> Array:
    """Return a sharp mountain line from 0 to 1."""
    line = 1 - np.abs(2 * wander(rng, width, knots, 2, 0.45) - 1)
    return 0.8 * line + 0.2 * wander(rng, width, knots * 6, 3, 0.55)


def treetops(rng: np.random.Generator, width: int, size: float) -> Array:
    """Return the outline of a conifer wood, in pixels above the ground."""
    line = np.zeros(width, np.float32)
    columns = np.arange(width, dtype=np.float32)
    at = 0.0
    while at < width + size:
        height = size * (0.45 + 0.75 * rng.random())
        along = 1 - np.abs(columns - at) / (height * 0.24)
        # Branches: the outline steps outwards and back in as it widens towards the ground.
        along += 0.055 * (1 - along) * np.sign(np.sin(along * 26)) * (along > 0)
        line = np.maximum(line, height * np.clip(along, 0, 1))
        at += size * (0.1 + 0.34 * rng.random() ** 1.5)
    return line


def roofs(rng: np.random.Generator, width: int, size: float) -> Array:
    """Return a skyline, in pixels above the ground."""
    line = np.full(width, size * 0.22, np.float32)
    at = 0
    while at < width:
        wide = int(size * (0.16 + 0.22 * rng.random())) + 2
        tall = size * (0.25 + 0.75 * rng.random() ** 1.6)
        line[at : at + wide] = tall
        if rng.random() < 0.4:
            inset = wide // 4
            line[at + inset : at + wide - inset] += size * 0.08
        if rng.random() < 0.25:
            line[at + wide // 2 : at + wide // 2 + max(1, int(size * 0.008))] += size * 0.2
        at += wide + int(size * 0.05 * rng.random())
    return line


def grain(rng: np.random.Generator, height: int, width: int, strength: float = 1.6) -> Array:
    """Return a little noise, which keeps wide gradients free of bands when they are rounded to bytes."""
    return rng.normal(0, strength, (height, width)).astype(np.float32)
