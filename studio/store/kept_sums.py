"""Sums that the database keeps: a row for each change of a clip, written by triggers in the same transaction.

Rows are added up from time to time, never changed: two transactions that move the same sums wait for nobody.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from studio.store.database import Database

SAME_CREDITS = 0.01
"""Sums of fractions may differ behind the comma."""

DIGITS = 6
"""A millionth of a credit is nothing."""

Sums = dict[tuple[Any, ...], list[float]]


class KeptSums(ABC):
    """Keeps the sums of one ``account`` few and true: those in ``sums``, by what the columns ``keys`` hold."""

    table: sa.Table
    keys: tuple[sa.Column[Any], ...]
    sums: tuple[sa.Column[Any], ...]

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account
        self._mine = self.table.c.account == account

    @abstractmethod
    def counted(self) -> sa.Select[Any]:
        """Return the SQL of what the rows have to come to, by their keys: the sums of this account's clips."""

    def kept_as(self, now: datetime) -> tuple[sa.ColumnElement[Any], ...]:  # noqa: ARG002
        """Return the keys under which rows are added up."""
        return self.keys

    def told_apart(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return by what sums are compared with the clips, of a key of a row."""
        return key

    def add_up(self) -> int:
        """Make one row of those with the same key; return how many went into others, or came to nothing.

        What somebody adds meanwhile stays, and of two who add up at once each adds up what it took away.
        """
        with self._database.write() as connection:
            key = self.kept_as(self._database.now(connection))
            several = sa.select(*key).where(self._mine).group_by(*places(key)).having(sa.func.count() > 1)
            gone = sa.delete(self.table).where(self._mine, sa.tuple_(*key).in_(several))
            rows = connection.execute(gone.returning(*key, *self.sums)).all()
            return len(rows) - self._write(connection, self._gathered(rows))

    def mend(self) -> bool:
        """Hold the sums against the clips, and sum anew where they differ; return whether they were true.

        Costs one walk through all clips that Rivya accepted; others write on meanwhile, unless all is summed anew.
        """
        with self._database.read(one_moment=True) as connection:
            kept = sa.select(*self.keys, *map(sa.func.sum, self.sums)).where(self._mine).group_by(*self.keys)
            if self._are_alike(*(self._gathered(connection.execute(query)) for query in (kept, self.counted()))):
                return True
        # What is committed meanwhile is in neither, and brings its own row.
        with self._database.write(one_moment=True) as connection:
            sums = self._gathered(connection.execute(self.counted()))
            connection.execute(sa.delete(self.table).where(self._mine))
            self._write(connection, sums)
            return False

    def _gathered(self, rows: Iterable[sa.Row[Any]]) -> Sums:
        """Return the sums of rows by their keys."""
        found: Sums = {}
        for row in rows:
            key, parts = tuple(row[: len(self.keys)]), row[len(self.keys) :]
            found[key] = _added(found.get(key), [float(part) for part in parts])
        # What comes to nothing is to leave no fraction that would keep its row.
        return {key: [round(part, DIGITS) for part in parts] for key, parts in found.items()}

    def _write(self, connection: sa.Connection, sums: Sums) -> int:
        """Insert a row for each key whose sums are not nothing; return how many."""
        names = [column.name for column in (*self.keys, *self.sums)]
        rows = [dict(zip(names, (*key, *parts), strict=True)) for key, parts in sums.items() if any(parts)]
        if rows:
            connection.execute(sa.insert(self.table), [{"account": self._account, **row} for row in rows])
        return len(rows)

    def _are_alike(self, some: Sums, others: Sums) -> bool:
        differences: Sums = {}
        for sums, sign in ((some, 1), (others, -1)):
            for key, parts in sums.items():
                apart = self.told_apart(key)
                differences[apart] = _added(differences.get(apart), [sign * part for part in parts])
        return all(abs(part) < SAME_CREDITS for parts in differences.values() for part in parts)


def places(columns: Sequence[object]) -> list[sa.ColumnElement[Any]]:
    """Return the first columns of a select by their numbers, to group by."""
    return [sa.literal_column(str(number)) for number in range(1, len(columns) + 1)]


def _added(some: list[float] | None, more: list[float]) -> list[float]:
    return [one + other for one, other in zip(some, more, strict=True)] if some else more
