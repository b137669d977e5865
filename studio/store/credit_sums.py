"""Credits summed before anybody asks: a row for each change of a clip, written by the database in the same transaction.

Rows are added up from time to time, never changed: two transactions that move the same sums wait for nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from rivya.models import SUCCEEDED
from studio.store.database import Database
from studio.store.filters import failed, running, succeeded
from studio.store.schema import clips, credit_sums

QUARTER_SECONDS = 900
QUARTERS_IN_A_DAY = 96
EXACT_DAYS = 400
"""How far back quarters of an hour are told apart, since every zone's days begin with one; before that, UTC's days."""

SAME_CREDITS = 0.01
"""Sums of fractions may differ behind the comma."""

SUMS = (credit_sums.c.kept, credit_sums.c.refunded, credit_sums.c.reserved, credit_sums.c.clips)
NOTHING = [0.0] * len(SUMS)


def from_clips() -> tuple[sa.ColumnElement[Any], ...]:
    """Return what ``SUMS`` have to be, summed over clips that Rivya accepted."""
    return (
        sa.func.sum(sa.case((succeeded, clips.c.credits_final), else_=0.0)),
        sa.func.sum(sa.case((failed, clips.c.credits_reserved - clips.c.credits_final), else_=0.0)),
        sa.func.sum(sa.case((sa.and_(running, clips.c.status != SUCCEEDED), clips.c.credits_reserved), else_=0.0)),
        sa.func.count(),
    )


def local_day(start: datetime, end: datetime, zone: tzinfo) -> sa.ColumnElement[int]:
    """Return the number of a row's day by the calendar of ``zone``, for rows between two moments.

    A zone's distance from UTC is a number of quarters that changes a few times a year, so it is a short ``CASE``.
    """
    first, last = _quarter(start), _quarter(end) + 1
    changes = _changes(first, last, _offset(first, zone), zone)
    offset: Any = changes[0][1]
    if len(changes) > 1:
        until = [(credit_sums.c.quarter < begun, before) for (_, before), (begun, _) in pairwise(changes)]
        offset = sa.case(*until, else_=changes[-1][1])
    day: sa.ColumnElement[int] = (credit_sums.c.quarter + offset) // QUARTERS_IN_A_DAY
    return day


def _quarter(moment: datetime) -> int:
    return int(moment.timestamp()) // QUARTER_SECONDS


def _offset(quarter: int, zone: tzinfo) -> int:
    offset = datetime.fromtimestamp(quarter * QUARTER_SECONDS, zone).utcoffset() or timedelta()
    return int(offset.total_seconds()) // QUARTER_SECONDS


def _changes(first: int, last: int, offset: int, zone: tzinfo) -> list[tuple[int, int]]:
    """Return from which quarter on which distance holds."""
    found = [(first, offset)]
    for day in range(first, last, QUARTERS_IN_A_DAY):
        if _offset(min(day + QUARTERS_IN_A_DAY, last), zone) == found[-1][1]:
            continue
        for quarter in range(day, min(day + QUARTERS_IN_A_DAY, last) + 1):
            if (offset := _offset(quarter, zone)) != found[-1][1]:
                found.append((quarter, offset))
    return found


def _are_alike(some: dict[int, list[float]], others: dict[int, list[float]]) -> bool:
    return all(
        abs(one - other) < SAME_CREDITS
        for day in some.keys() | others.keys()
        for one, other in zip(some.get(day, NOTHING), others.get(day, NOTHING), strict=True)
    )


class CreditSums:
    """Keeps the sums of ``account`` few and true."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._mine = credit_sums.c.account == account
        self._account = account

    def add_up(self) -> int:
        """Make one row of those of the same quarter, or day where that is long ago; return how many went into others.

        What somebody adds meanwhile stays, and of two who add up at once each adds up what it took away.
        """
        with self._database.write() as connection:
            oldest = _quarter(self._database.now(connection) - timedelta(days=EXACT_DAYS))
            quarter = credit_sums.c.quarter
            kept_as = sa.case((quarter >= oldest, quarter), else_=quarter - quarter % QUARTERS_IN_A_DAY)
            several = sa.select(kept_as).where(self._mine).group_by(sa.literal_column("1")).having(sa.func.count() > 1)
            gone = sa.delete(credit_sums).where(self._mine, kept_as.in_(several.scalar_subquery()))
            sums: dict[int, list[float]] = {}
            rows = connection.execute(gone.returning(kept_as, *SUMS)).all()
            for place, *parts in rows:
                sums[place] = [one + more for one, more in zip(sums.get(place, NOTHING), parts, strict=True)]
            if sums:
                connection.execute(sa.insert(credit_sums), [self._row(place, parts) for place, parts in sums.items()])
            return len(rows) - len(sums)

    def _row(self, quarter: int, sums: list[float]) -> dict[str, Any]:
        return {
            "account": self._account,
            "quarter": quarter,
            **{column.name: total for column, total in zip(SUMS, sums, strict=True)},
        }

    def mend(self) -> bool:
        """Hold the sums of each day against the clips, and sum anew where they differ; return whether they were true.

        Costs one walk through all clips that Rivya accepted; others write on meanwhile, unless all is summed anew.
        """
        with self._database.read() as connection:
            self._database.see_one_moment(connection)
            if _are_alike(self._by_day(self._counted(connection)), self._by_day(self._kept(connection))):
                return True
        with self._database.write() as connection:
            # What is committed meanwhile is in neither, and brings its own row.
            self._database.see_one_moment(connection)
            counted = self._counted(connection)
            connection.execute(sa.delete(credit_sums).where(self._mine))
            if counted:
                connection.execute(sa.insert(credit_sums), [self._row(place, sums) for place, sums in counted.items()])
            return False

    def _counted(self, connection: sa.Connection) -> dict[int, list[float]]:
        """Return what the clips of each quarter come to."""
        query = (
            sa.select(self._quarter_of_a_clip(), *from_clips())
            .where(clips.c.account == self._account, clips.c.task_id.is_not(None))
            .where(clips.c.created_at >= datetime(1970, 1, 1, tzinfo=UTC))
            .group_by(sa.literal_column("1"))
        )
        return {int(quarter): [float(part) for part in sums] for quarter, *sums in connection.execute(query)}

    def _kept(self, connection: sa.Connection) -> dict[int, list[float]]:
        """Return what is kept of each quarter."""
        query = sa.select(credit_sums.c.quarter, *map(sa.func.sum, SUMS)).where(self._mine)
        found = connection.execute(query.group_by(credit_sums.c.quarter))
        return {int(quarter): [float(part) for part in sums] for quarter, *sums in found}

    @staticmethod
    def _by_day(quarters: dict[int, list[float]]) -> dict[int, list[float]]:
        days: dict[int, list[float]] = {}
        for quarter, sums in quarters.items():
            day = quarter // QUARTERS_IN_A_DAY
            days[day] = [one + more for one, more in zip(days.get(day, NOTHING), sums, strict=True)]
        return days

    def _quarter_of_a_clip(self) -> sa.ColumnElement[int]:
        seconds: Any = sa.func.strftime("%s", clips.c.created_at)
        if not self._database.is_sqlite:
            seconds = sa.func.floor(sa.extract("epoch", clips.c.created_at))
        return sa.cast(seconds, sa.BigInteger) // QUARTER_SECONDS
