"""Which clips somebody wants to see: data, which needs no database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from studio.store.storable import storable

Filter = Literal["all", "starred", "running", "succeeded", "failed", "refused", "unknown", "deleted"]
FILTERS: tuple[Filter, ...] = ("all", "starred", "running", "succeeded", "failed", "refused", "unknown", "deleted")
Sort = Literal["newest", "oldest", "prompt"]
SORTS: tuple[Sort, ...] = ("newest", "oldest", "prompt")
LabelKind = Literal["tag", "collection"]

SHORTEST_INDEXED_SEARCH = 3
"""Trigrams need three characters; shorter words are looked for the slow way."""

_TERM = re.compile(r'"([^"]+)"|(\S+)')


@dataclass(frozen=True, slots=True)
class ClipFilter:
    """What to show: every given part has to fit. ``settings`` holds the values wanted of each setting.

    ``mode`` is ``text`` or ``image`` (with a reference); ``since`` and ``until`` are UTC moments, the end excluded.
    """

    shown: Filter = "all"
    words: str = ""
    settings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    mode: Literal["", "text", "image"] = ""
    person: str = ""
    tag: str = ""
    collection: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def has_days(self) -> bool:
        """Whether only some days are asked for."""
        return self.since is not None or self.until is not None

    @property
    def wanted_settings(self) -> dict[str, tuple[str, ...]]:
        """The values wanted of each setting of which any is."""
        return {key: values for key, values in self.settings if values}

    @property
    def labels(self) -> tuple[tuple[LabelKind, str], ...]:
        """The tag and the collection that are asked for."""
        tag: tuple[tuple[LabelKind, str], ...] = (("tag", self.tag),) if self.tag else ()
        return (*tag, ("collection", self.collection)) if self.collection else tag

    def terms(self) -> list[str]:
        """Return what a prompt has to hold: each word, and as one what stands in double quotes."""
        words = storable(self.words).strip()
        return (search_terms(words) or [words]) if words else []

    def indexed_terms(self) -> list[str]:
        """Return those that an index of words can look for."""
        return [term for term in self.terms() if len(term) >= SHORTEST_INDEXED_SEARCH]

    def unindexed_terms(self) -> list[str]:
        """Return those for which each prompt has to be read."""
        return [term for term in self.terms() if len(term) < SHORTEST_INDEXED_SEARCH]


ALL = ClipFilter()


def search_terms(words: str) -> list[str]:
    """Return what a search asks for: each word, and as one what stands in double quotes."""
    return [quoted or plain for quoted, plain in _TERM.findall(words)]
