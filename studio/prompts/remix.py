"""A link that opens the form filled: prompt and settings as a short text, and what may be believed of one."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any, NamedTuple

from rivya.models import find_problems

MAX_BYTES = 200_000
"""A link that unpacks to more is no link of ours."""


class Remix(NamedTuple):
    """What a link says; of a picture only that there was one."""

    prompt: str
    params: dict[str, Any]
    had_picture: bool


def remix_code(prompt: str, params: dict[str, Any], *, with_picture: bool = False) -> str:
    """Return prompt and settings as a text for a link; never a key, never a picture, only that there was one."""
    parts = [prompt, params, with_picture]
    packed = zlib.compress(json.dumps(parts, ensure_ascii=False).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_remix(code: str) -> Remix | None:
    """Return what ``remix_code`` wrote, as far as it is possible; ``None`` when ``code`` cannot be read."""
    try:
        packed = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
        prompt, params, *with_picture = json.loads(zlib.decompressobj().decompress(packed, MAX_BYTES))
    except (ValueError, TypeError, AttributeError, zlib.error, RecursionError):
        return None
    return Remix(*believable(prompt, params), with_picture == [True])


def believable(prompt: object, params: object) -> tuple[str, dict[str, Any]]:
    """Return what is possible of a prompt and settings that came from outside, in a link or a video."""
    known = params if isinstance(params, dict) else {}
    text = str(prompt or "").replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    return text, {key: value for key, value in known.items() if not find_problems("x", {key: value})}
