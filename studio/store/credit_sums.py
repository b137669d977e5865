"""Credits summed before anybody asks, by the quarter of an hour in which a clip was made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from rivya.models import SUCCEEDED
from studio.store.filters import failed, running, succeeded
from studio.store.kept_sums import KeptSums
from studio.store.schema import clips, credit_sums

QUARTER_SECONDS = 900
QUARTERS_IN_A_DAY = 96
EXACT_DAYS = 400
"""How far back quarters of an hour are told apart, since every zone's days begin with one; before that, UTC's days."""

SUMS = (credit_sums.c.kept, credit_sums.c.refunded, credit_sums.c.reserved, credit_sums.c.clips)

KEPT: sa.ColumnElement[float] = sa.func.sum(sa.case((succeeded, clips.c.credits_final), else_=0.0))
REFUNDED: sa.ColumnElement[float] = sa.func.sum(
    sa.case((failed, clips.c.credits_reserved - clips.c.credits_final), else_=0.0)
)
_ON_HOLD = sa.and_(running, clips.c.status != SUCCEEDED)
RESERVED: sa.ColumnElement[float] = sa.func.sum(sa.case((_ON_HOLD, clips.c.credits_reserved), else_=0.0))


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


class CreditSums(KeptSums):
    """The credits of each quarter of an hour; of a day where that is long ago."""

    table, keys, sums = credit_sums, (credit_sums.c.quarter,), SUMS

    def kept_as(self, now: datetime) -> tuple[sa.ColumnElement[Any], ...]:
        """Return the quarter of a row, or its day's first where that is long ago."""
        quarter, oldest = credit_sums.c.quarter, _quarter(now - timedelta(days=EXACT_DAYS))
        return (sa.case((quarter >= oldest, quarter), else_=quarter - quarter % QUARTERS_IN_A_DAY),)

    def told_apart(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the day of a quarter: old rows know no more."""
        return (key[0] // QUARTERS_IN_A_DAY,)

    def counted(self) -> sa.Select[Any]:
        """Return the SQL of what the clips of each quarter come to."""
        seconds: Any = sa.func.strftime("%s", clips.c.created_at)
        if not self._database.is_sqlite:
            seconds = sa.func.floor(sa.extract("epoch", clips.c.created_at))
        quarter: sa.ColumnElement[int] = sa.cast(seconds, sa.BigInteger) // QUARTER_SECONDS
        columns: tuple[sa.ColumnElement[Any], ...] = (quarter, KEPT, REFUNDED, RESERVED, sa.func.count())
        return (
            sa.select(*columns)
            .where(clips.c.account == self._account, clips.c.task_id.is_not(None))
            .where(clips.c.created_at >= datetime(1970, 1, 1, tzinfo=UTC))
            .group_by(sa.literal_column("1"))
        )
