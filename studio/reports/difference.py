"""What changed between two clips: their settings, and their prompts word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from studio.store.clip import Clip

LEAST_ALIKE = 0.5
SENTENCE_MARKS = ",.;:!?।"
# What ends a clause is no part of its last word: a word that only got a comma is the same word.
_WORDS = re.compile(rf"\s+|[{SENTENCE_MARKS}]+(?=\s|$)|(?:(?![{SENTENCE_MARKS}]+(?:\s|$))\S)+")


class Piece(NamedTuple):
    """A stretch of text that is the same in both prompts, or only in the first (``removed``) or second (``added``)."""

    kind: Literal["same", "removed", "added"]
    text: str


def prompt_difference(first: str, second: str) -> list[Piece]:
    """Compare two prompts word by word. Costs time by the product of their lengths in words."""
    before, after = _WORDS.findall(first), _WORDS.findall(second)
    pieces: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(before[a:b])))
            continue
        pieces += [Piece("removed", "".join(before[a:b]))] if b > a else []
        pieces += [Piece("added", "".join(after[c:d]))] if d > c else []
    return pieces


def are_unlike(first: str, second: str) -> bool:
    """Whether two prompts share less than half of their words, so that marks would help nobody."""
    return SequenceMatcher(None, first.split(), second.split(), autojunk=False).ratio() < LEAST_ALIKE


def setting_differences(clips: Sequence[Clip]) -> dict[str, list[str]]:
    """Return the settings in which ``clips`` differ, each with its value in every clip (empty where unknown)."""
    keys = dict.fromkeys(key for clip in clips for key in clip.params)
    table = {key: [str(clip.params.get(key, "")) for clip in clips] for key in keys}
    return {key: values for key, values in table.items() if len(set(values)) > 1}
