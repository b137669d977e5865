"""The SQL of a page of clips, and of how many there are.

To build it costs a fifth of a page, and nearly all ask for what was asked for before: it is kept.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from studio.store.access_paths import (
    SETTINGS,
    WORDS,
    Path,
    along,
    gathered,
    has_setting,
    of_account,
    own_conditions,
    size,
)
from studio.store.clip import Clip
from studio.store.clip_filter import ALL, SHORTEST_INDEXED_SEARCH, ClipFilter, Sort
from studio.store.column_types import SafeText, Utc
from studio.store.filters import in_days, in_trash, of_mode, of_state, with_label, with_setting
from studio.store.reader import readable, reader
from studio.store.schema import clips
from studio.store.storable import storable

MOST_KEPT = 64

CLIPS_LOOKED_THROUGH = 20_000
"""What was not made among so many is no news any more: 10 ms, instead of half a second for a million."""

ORDERED_CHARACTERS = 60
"""So many of a prompt decide its place; of the same ones the newest comes first."""

_UNINDEXED_PROMPT: sa.ColumnElement[str] = clips.c.prompt + sa.literal_column("''", sa.Text)
"""For words too short for an index of words: PostgreSQL would read all of it for them, half a second of a million."""

_BY_PROMPT: sa.ColumnElement[str] = sa.literal_column("lower(substr(clips.prompt, 1, 60))", sa.Text)
"""What prompts are ordered by, in the very words of its index. PostgreSQL indexes no text of 10,000 characters."""


class ClipQueries:
    """Builds the SQL of one ``account``, each read along a path; a reader is told of their own alone."""

    def __init__(self, account: str, *, is_sqlite: bool) -> None:
        self._account = account
        self._is_sqlite = is_sqlite
        self._kept_page = lru_cache(MOST_KEPT)(self._page)
        self._kept_count = lru_cache(MOST_KEPT)(self._count)
        self._kept_size = lru_cache(MOST_KEPT)(self._size)

    def page(
        self, only: ClipFilter, path: Path, sort: Sort, limit: int, offset: int, *, is_behind: bool = False
    ) -> sa.Select[Any]:
        """Return the SQL of a page as this reader may ask it, after ``offset`` others or from ``behind`` a clip on."""
        return self._kept_page(reader(), only, path, sort, limit, offset, is_behind)

    def count(self, only: ClipFilter, path: Path, at_most: int | None) -> sa.Select[Any]:
        """Return the SQL of how many clips this reader may count, to ``at_most``."""
        return self._kept_count(reader(), only, path, at_most)

    def size(self, only: ClipFilter, path: Path, at_most: int) -> sa.Select[Any]:
        """Return the SQL of how many clips a path has, counted to ``at_most``."""
        return self._kept_size(reader(), only, path, at_most)

    # A filter finds out by itself who reads; what is kept is kept for nobody else.
    def _page(
        self, _reader: str | None, only: ClipFilter, path: Path, sort: Sort, limit: int, offset: int, is_behind: bool
    ) -> sa.Select[Any]:  # fmt: skip
        order = _order(only, path, sort)
        query = self.on(sa.select(clips), only, path).order_by(*order).limit(limit).offset(offset)
        return query.where(_after(only, path, sort)) if is_behind else query

    def _count(self, _reader: str | None, only: ClipFilter, path: Path, at_most: int | None) -> sa.Select[Any]:
        every = self.on(sa.select(sa.literal(1).label("one")).select_from(clips), only, path)
        return sa.select(sa.func.count()).select_from(every.limit(at_most).subquery())

    def _size(self, _reader: str | None, only: ClipFilter, path: Path, at_most: int) -> sa.Select[Any]:
        return size(path, only, self._account, at_most, is_sqlite=self._is_sqlite)

    def recent(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Return ``query`` on the ``CLIPS_LOOKED_THROUGH`` clips made last, where a million may have to be read."""
        newest = of_account(sa.select(clips.c.seq), self._account).order_by(clips.c.seq.desc())
        first = newest.limit(1).offset(CLIPS_LOOKED_THROUGH).scalar_subquery()
        return query.where(clips.c.seq > sa.func.coalesce(first, 0))

    def same_prompt(self, prompt: str) -> sa.Select[Any]:
        """Return the SQL of the clips outside the trash with this very prompt, read along the index of prompts."""
        path: Path = "prompt" if self._is_sqlite else "account"
        here = self.on(sa.select(clips), ALL, path).where(_beginning(sa.literal(prompt, SafeText)) == _BY_PROMPT)
        # By the plain column SQLite would put the prompt into the words of the index as well, and not know them again.
        return here.where(clips.c.prompt + "" == prompt)

    def on(self, query: sa.Select[Any], only: ClipFilter, path: Path) -> sa.Select[Any]:
        """Return ``query`` on the clips that ``only`` leaves, read along ``path``."""
        if self._is_sqlite:
            query = along(query, path).where(*own_conditions(path, only, self._account, is_sqlite=True))
        elif path != "account":
            query = query.where(gathered(path, only, self._account))
        query = query.where(clips.c.account == self._account, *in_trash(only), *readable(clips.c.person))
        query = query.where(*of_state(only), *of_mode(only), *in_days(only))
        if only.person:
            query = query.where(clips.c.person == storable(only.person))
        for kind, name in only.labels:
            query = query.where(with_label(kind, name))
        led_by = path if self._is_sqlite else "account"
        left = [(key, values) for key, values in only.wanted_settings.items() if SETTINGS.get(key) != led_by]
        query = query.where(*(self._setting(key, values) for key, values in left))
        return query.where(*self._words(only, path))  # last: SQLite asks in this order, and prompts are long

    def _setting(self, key: str, values: tuple[str, ...]) -> sa.ColumnElement[bool]:
        """Return the condition that a setting has one of these values, found in an index where one has it."""
        if key in SETTINGS:
            return has_setting(key, values, is_sqlite=self._is_sqlite)
        return with_setting(key, values)

    def _words(self, only: ClipFilter, path: Path) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that a prompt holds each word that the path has not found already."""
        left = [term for term in only.terms() if path != "words" or len(term) < SHORTEST_INDEXED_SEARCH]
        return [
            sa.func.holds(clips.c.prompt, term)
            if self._is_sqlite and len(term) >= SHORTEST_INDEXED_SEARCH
            else self._prompt(term).icontains(term, autoescape=True)
            for term in left
        ]

    def _prompt(self, term: str) -> sa.ColumnElement[str]:
        """Return the prompt as a word is looked for in it."""
        is_unindexed = not self._is_sqlite and len(term) < SHORTEST_INDEXED_SEARCH
        return _UNINDEXED_PROMPT if is_unindexed else clips.c.prompt


def _beginning(prompt: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Return what decides the place of a prompt among others."""
    return sa.func.lower(sa.func.substr(prompt, 1, ORDERED_CHARACTERS))


def place(path: Path) -> sa.ColumnElement[int]:
    """Return the column that says where a clip stands among the newest."""
    return WORDS.c.rowid if path == "words" else clips.c.seq


def _order(only: ClipFilter, path: Path, sort: Sort) -> tuple[sa.ColumnElement[Any], ...]:
    """Return the order that people asked for; of some days by the time, which has an index, whatever the path."""
    if sort == "prompt":
        return _BY_PROMPT, clips.c.seq.desc()
    order = (clips.c.created_at, clips.c.seq) if only.has_days else (place(path),)
    return order if sort == "oldest" else tuple(column.desc() for column in order)


_SEQ, _PROMPT = sa.bindparam("behind_seq", type_=sa.BigInteger), sa.bindparam("behind_prompt", type_=SafeText)
_CREATED_AT = sa.bindparam("behind_created_at", type_=Utc)


def behind(clip: Clip) -> dict[str, Any]:
    """Return the values with which the SQL of a page is executed that begins behind ``clip``."""
    return {"behind_seq": clip.seq, "behind_prompt": clip.prompt, "behind_created_at": clip.created_at}


def _after(only: ClipFilter, path: Path, sort: Sort) -> sa.ColumnElement[bool]:
    """Return the condition that a row stands behind a clip in this order, whatever has come before it since."""
    if sort == "prompt":
        here = _beginning(_PROMPT)
        return sa.and_(here <= _BY_PROMPT, sa.or_(here < _BY_PROMPT, clips.c.seq < _SEQ))
    if only.has_days:
        stands, its_place = sa.tuple_(clips.c.created_at, clips.c.seq), sa.tuple_(_CREATED_AT, _SEQ)
        return stands > its_place if sort == "oldest" else stands < its_place
    return place(path) > _SEQ if sort == "oldest" else place(path) < _SEQ
