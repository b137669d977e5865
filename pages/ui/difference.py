"""What changed between two texts, marked for reading."""

from __future__ import annotations

from studio.reports.difference import prompt_difference
from ui.feedback import plain

_MARKS = {"same": "{}", "removed": ":red[~~{}~~]", "added": ":green[**{}**]"}


def marked_difference(first: str, second: str) -> str:
    """Return Markdown that shows what of ``first`` is gone in ``second``, and what has come."""
    pieces = prompt_difference(first, second)
    return " ".join(_MARKS[piece.kind].format(plain(piece.text.strip())) for piece in pieces if piece.text.strip())
