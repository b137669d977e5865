"""The SQL of a page of clips, and of how many there are.

To build it costs a fifth of a page, and nearly all ask for what was asked for before: it is kept.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from studio.store.clip import Clip
from studio.store.filters import ClipFilter, Sort, after, ordered
from studio.store.reader import reader
from studio.store.schema import clips

MOST_KEPT = 64

Parts = tuple[ClipFilter, ...]
"""Filters that leave no clip twice between them: see ``ClipFilter.parts``."""


class ClipQueries:
    """Builds the SQL of one ``account``."""

    def __init__(self, account: str, *, is_sqlite: bool) -> None:
        self._account = account
        self._is_sqlite = is_sqlite
        self._kept_page = lru_cache(MOST_KEPT)(self._page)
        self._kept_count = lru_cache(MOST_KEPT)(self._count)

    def page(self, parts: Parts, sort: Sort, limit: int, offset: int, behind: Clip | None = None) -> sa.Select[Any]:
        """Return the SQL of a page as this reader may ask it, from behind a clip on or after ``offset`` others."""
        ask = self._page if behind else self._kept_page
        return ask(reader(), parts, sort, limit, offset, behind)

    def count(self, parts: Parts, at_most: int | None) -> sa.Select[Any]:
        """Return the SQL of how many clips this reader may count, to ``at_most``."""
        return self._kept_count(reader(), parts, at_most)

    def _page(
        self, _reader: str | None, parts: Parts, sort: Sort, limit: int, offset: int, behind: Clip | None
    ) -> sa.Select[Any]:
        """Return the SQL of ``page``; a filter finds out by itself who reads, and it is kept for nobody else."""
        if len(parts) == 1:
            return self._in_order(sa.select(clips), parts[0], sort, behind).limit(limit).offset(offset)
        each = (self._in_order(sa.select(clips.c.seq), part, sort, behind) for part in parts)
        found = sa.union_all(*(sa.select(part.limit(offset + limit).subquery().c.seq) for part in each)).subquery()
        here = ordered(sa.select(found.c.seq), sort, found.c.seq).limit(limit).offset(offset)
        return ordered(sa.select(clips).where(clips.c.seq.in_(here)), sort, clips.c.seq)

    def _in_order(self, query: sa.Select[Any], only: ClipFilter, sort: Sort, behind: Clip | None) -> sa.Select[Any]:
        """Return ``query`` on the clips that ``only`` leaves, in their order, from behind a clip on."""
        place = only.place(is_sqlite=self._is_sqlite)
        query = ordered(only.on(query, self._account, is_sqlite=self._is_sqlite, sort=sort), sort, place)
        return query.where(after(sort, behind, place)) if behind else query

    def _count(self, _reader: str | None, parts: Parts, at_most: int | None) -> sa.Select[Any]:
        every = (
            part.on(sa.select(sa.literal(1).label("one")), self._account, is_sqlite=self._is_sqlite)
            .select_from(clips).limit(at_most).subquery()
            for part in parts
        )  # fmt: skip
        found = sa.union_all(*(sa.select(part.c.one) for part in every)).limit(at_most).subquery()
        return sa.select(sa.func.count()).select_from(found)
