"""What a prompt leaves open, filled in by rule: a camera and a light. Nothing is sent anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable

from studio.prompts.builder import PARTS

_KNOWN = {
    "camera": re.compile(
        r"\b(camera|shot|close-?up|wide|pan|zoom|dolly|track\w*|aerial|angle|view|push-?in|handheld|drone|static)\b"
        r"|ক্যামেরা|শট|জুম|কাছ থেকে|দূর থেকে|ওপর থেকে",
        re.IGNORECASE,
    ),
    "light": re.compile(
        r"\b(light\w*|lit|sun\w*|dusk|dawn|night|neon|moon\w*|candle\w*|glow\w*|shadow\w*|morning|evening|noon|dark|bright)\b"
        r"|আলো|সকাল|সন্ধ্যা|রাত|ভোর|রোদ|চাঁদ|অন্ধকার",
        re.IGNORECASE,
    ),
}
_MOVING, _STILL = "the camera moves slowly closer", "static shot"


def improved(prompt: str, *, camera_fixed: bool, translate: Callable[[str], str]) -> str:
    """Return the prompt with what it does not say of camera and light; the same prompt when it says both.

    The same words always bring the same light. ``translate`` gives a suggestion in the reader's language.
    """
    words = prompt.strip()
    if not words:
        return prompt
    added = []
    if not _KNOWN["camera"].search(words):
        added.append(_STILL if camera_fixed else _MOVING)
    if not _KNOWN["light"].search(words):
        lights = next(part for part in PARTS if part.key == "light").suggestions
        added.append(lights[sum(map(ord, words)) % len(lights)].text)
    return ", ".join([words.rstrip(" .,;।"), *map(translate, added)]) if added else prompt
