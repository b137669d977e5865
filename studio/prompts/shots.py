"""From a paragraph or a list to shots: what is shown one after the other, each with its length."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_SHOTS = 40
LEAST_WORDS = 3
"""A shorter sentence belongs to the one before it: "Silence." is no shot."""

LENGTHS = ("5", "10")
_MARK = re.compile(
    r"^\s*(?:[-*•–—]\s+|\(?\d{1,3}[.):]\s*|[০-৯]{1,3}[.):।]\s*|(?:shot|scene|দৃশ্য|শট)\s*[\d০-৯]{1,3}\s*[.:)–—-]?\s*)",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"(?<!\s)\s*[(\[]\s*(5|10)\s*(?:s|sec|seconds?|সে|সেকেন্ড)\s*[)\]]\s*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?।])\s+")


@dataclass(frozen=True, slots=True)
class ShotText:
    """One shot as it was written: its prompt, and its length in seconds as the wire spells it."""

    prompt: str
    duration: str


def split_into_shots(text: str, *, duration: str = "5") -> list[ShotText]:
    """Return a shot for each line; of a single paragraph, one for each sentence. At most 40; the rest is left out.

    Marks such as ``1.``, ``-`` or ``Shot 2:`` are taken off; ``(10 s)`` in a line says how long it is.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    parts = lines if len(lines) > 1 else _sentences(lines[0]) if lines else []
    return [_shot(part, duration) for part in parts[:MOST_SHOTS] if _MARK.sub("", part).strip()]


def _sentences(paragraph: str) -> list[str]:
    found: list[str] = []
    for sentence in _SENTENCE_END.split(paragraph):
        if found and len(sentence.split()) < LEAST_WORDS:
            found[-1] = f"{found[-1]} {sentence}"
        else:
            found.append(sentence)
    return found


def _shot(line: str, duration: str) -> ShotText:
    words = _MARK.sub("", line, count=1)
    length = _LENGTH.search(words)
    return ShotText(_LENGTH.sub(" ", words).strip(), length[1] if length else duration)
