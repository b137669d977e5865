"""Text from outside, as a database can hold it."""

from __future__ import annotations


def storable(text: str) -> str:
    """Return ``text`` without what a database cannot hold: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
