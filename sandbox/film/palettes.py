"""The words of a prompt choose its mood: a palette, a kind of land, and what drifts through the air."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Colour: TypeAlias = npt.NDArray[np.float32]
Land: TypeAlias = Literal["hills", "peaks", "forest", "city", "sea", "stage"]
Air: TypeAlias = Literal["motes", "snow", "rain", "bokeh"]


@dataclass(frozen=True, slots=True)
class Mood:
    """How a scene looks; colours are hexadecimal, ``sun`` is its height in the frame (0 top, 1 bottom)."""

    sky: tuple[str, str, str]
    land: Land
    far: str
    near: str
    light: str
    sun: float
    air: Air
    stars: bool = False
    words: tuple[str, ...] = ()


MOODS: Mapping[str, Mood] = {
    "stage": Mood(
        ("171a24", "2b2f42", "4a4d66"), "stage", "3b3550", "d9b08c", "ffe9cf", 0.4, "bokeh",
        words=("product", "reveal", "bottle", "perfume", "watch", "studio", "advert", "পণ্য", "বিজ্ঞাপন"),
    ),
    "rain": Mood(
        ("1c2a3c", "3b5266", "8b9aa0"), "city", "56697a", "131b27", "ffd9a0", 0.55, "rain",
        words=("rain", "monsoon", "storm", "বৃষ্টি", "বর্ষা"),
    ),
    "snow": Mood(
        ("6f93b8", "a9c4d9", "f3e4dc"), "peaks", "a5bdd3", "33506f", "fff3e2", 0.36, "snow",
        words=("snow", "winter", "mountain", "ice", "তুষার", "বরফ", "পাহাড়"),
    ),
    "city": Mood(
        ("141a3a", "4b3b72", "f08a6c"), "city", "6a4c7d", "10132b", "ffc98a", 0.6, "bokeh",
        words=("city", "street", "urban", "tokyo", "dhaka", "neon", "শহর", "রাস্তা", "ঢাকা"),
    ),
    "sea": Mood(
        ("2a5f8f", "7fb4c4", "fbe3c0"), "sea", "7d9fae", "123e5c", "fff0cf", 0.42, "motes",
        words=("sea", "ocean", "beach", "wave", "river", "lake", "সমুদ্র", "সাগর", "নদী"),
    ),
    "forest": Mood(
        ("40695f", "8fb08a", "f0e3b0"), "forest", "8caf8b", "0f2a26", "fff2c0", 0.38, "motes",
        words=("forest", "tree", "jungle", "garden", "bird", "বন", "জঙ্গল", "গাছ", "পাখি"),
    ),
    "night": Mood(
        ("070b1f", "16264d", "46608c"), "hills", "35507c", "060b1a", "f4f1de", 0.27, "motes", stars=True,
        words=("night", "moon", "star", "galaxy", "space", "রাত", "চাঁদ", "তারা"),
    ),
    "sunset": Mood(
        ("3a2a63", "c2567a", "ffc27a"), "hills", "c9657a", "231436", "fff0c2", 0.43, "motes",
        words=("sunset", "dusk", "golden", "evening", "সূর্যাস্ত", "সন্ধ্যা"),
    ),
    "dawn": Mood(
        ("7fa7c9", "f0c9c0", "ffe9cc"), "hills", "d0aeb6", "43476b", "fffaf0", 0.45, "motes",
        words=("dawn", "sunrise", "morning", "ভোর", "সকাল"),
    ),
    "desert": Mood(
        ("2f7f8c", "f0c088", "ffe2b0"), "hills", "e0a070", "6b2a2e", "fff6dc", 0.4, "motes",
        words=("desert", "sand", "dune", "মরুভূমি"),
    ),
    "violet": Mood(
        ("1f1b4d", "6b4fa0", "f3a6b8"), "peaks", "8c6bb0", "1a1440", "ffe6ee", 0.44, "motes", stars=True,
    ),
    "meadow": Mood(
        ("3f86b8", "a8d0d8", "fdf0c8"), "hills", "9cc3a8", "1f4f42", "fffbe0", 0.4, "motes",
        words=("meadow", "field", "village", "spring", "মাঠ", "গ্রাম"),
    ),
}  # fmt: skip


def colour(code: str) -> Colour:
    """Turn ``"ff8800"`` into three numbers."""
    return np.frombuffer(bytes.fromhex(code), np.uint8).astype(np.float32)


def mood_of(prompt: str) -> Mood:
    """Return the mood of the first word that names one; otherwise the prompt's hash picks."""
    text = prompt.lower()
    found = [(match.start(), mood) for mood in MOODS.values() if (match := _words_of(mood).search(text))]
    if found:
        return min(found, key=lambda pair: pair[0])[1]
    landscapes = [mood for mood in MOODS.values() if mood.land != "stage"]
    return landscapes[hashlib.sha256(prompt.encode()).digest()[0] % len(landscapes)]


def _words_of(mood: Mood) -> re.Pattern[str]:
    # Bengali endings follow the word directly, so only the beginning of a word is held to.
    endings = "|".join(rf"{word}(?:s|es|y|ing|fall)?\b" if word.isascii() else word for word in mood.words)
    return re.compile(rf"(?<!\w)(?:{endings})" if endings else r"(?!)")
