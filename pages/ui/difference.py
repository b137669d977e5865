"""What changed between two texts, marked for reading."""

from __future__ import annotations

from studio.reports.difference import SENTENCE_MARKS, prompt_difference
from ui.feedback import plain

_MARKS = {"same": "{}", "removed": ":red[~~{}~~]", "added": ":green[**{}**]"}


def marked_difference(first: str, second: str) -> str:
    """Return Markdown that shows what of ``first`` is gone in ``second``, and what has come."""
    words = [(piece.kind, piece.text.strip()) for piece in prompt_difference(first, second) if piece.text.strip()]
    marked = (("" if text[0] in SENTENCE_MARKS else " ") + _MARKS[kind].format(plain(text)) for kind, text in words)
    return "".join(marked).strip()
