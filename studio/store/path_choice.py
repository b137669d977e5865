"""Which index leads a question: its parts are counted first, and what has many clips is remembered."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

from studio.store.access_paths import SQLITE_ALONE, Path, few, has_order, leading, most_counted, part, paths
from studio.store.clip_filter import ALL, ClipFilter, Sort
from studio.store.database import Database
from studio.store.queries import ClipQueries
from studio.store.reader import reader
from studio.store.unchanged import Unchanged

HANDFUL = 500
"""So many clips are read in the time in which those with a word are counted."""

MOST_REMEMBERED = 1_000
"""So many parts of questions are known to have many clips. Of few again, a page still ends soon: in its own order."""


class PathChoice:
    """Chooses the path of each question that ``queries`` asks. Safe to share between threads."""

    def __init__(self, database: Database, queries: ClipQueries) -> None:
        self._database = database
        self._queries = queries
        self._sizes = Unchanged(database)
        self._many: frozenset[Hashable] = frozenset()

    def leading(self, only: ClipFilter, sort: Sort | None) -> Path:
        """Return along which index clips are read, for a count where there is no ``sort``.

        Costs a look at each index, 1 to 4 ms where it has many clips, and nothing once that is known.
        """
        is_sqlite = self._database.is_sqlite
        if only == ALL and (sort != "prompt" or not is_sqlite) and reader() is None:
            return "account"
        if not is_sqlite and sort != "prompt" and not only.unindexed_terms():
            return "account"  # PostgreSQL knows how many rows an index leaves, but for what it cannot look up
        asked = paths(only, sort) if is_sqlite else [path for path in paths(only, sort) if path not in SQLITE_ALONE]
        sizes: dict[Path, int] = {}
        # The account first, which mostly is known; words last, for two common ones take 15 ms.
        for path in sorted(asked, key=lambda path: (path != "account", path == "words")):
            if path != "words" or min(sizes.values()) > HANDFUL:
                sizes[path] = self._size(only, path, most_counted(sizes))
        sizes = {path: sizes[path] for path in asked if path in sizes}
        return leading(sizes, only, sort) if is_sqlite else few(sizes) or "account"

    def _size(self, only: ClipFilter, path: Path, at_most: int) -> int:
        """Return how many clips a path has, counted to ``at_most``; of what once had many, no more is asked."""
        asked = part(only, path)
        if asked in self._many:
            return at_most
        size = self._sizes.get(partial(self._counted, only, path, at_most), asked, at_most)
        if size >= most_counted({}) and has_order(path, only):
            self._many = (self._many if len(self._many) < MOST_REMEMBERED else frozenset()) | {asked}
        return size

    def _counted(self, only: ClipFilter, path: Path, at_most: int) -> int:
        with self._database.read() as connection:
            return int(connection.execute(self._queries.size(only, path, at_most)).scalar_one())
