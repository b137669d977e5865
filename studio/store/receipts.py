"""What was paid, and what for: the clips that Rivya accepted, deleted ones too, since money stays money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

import sqlalchemy as sa

from rivya.models import FAILED
from studio.store.access_paths import of_account
from studio.store.clip import RESCUED, Clip, Stage
from studio.store.column_types import Utc
from studio.store.credit_sums import QUARTER_SECONDS, SUMS, local_day
from studio.store.database import Database
from studio.store.filters import failed, succeeded
from studio.store.index_conditions import EXCEPTIONAL, ORDINARY, ORDINARY_SECONDS, OWED
from studio.store.mapping import ClipMapping
from studio.store.reader import readable
from studio.store.schema import clips, credit_sums

EPOCH = date(1970, 1, 1)
NO_TIME = timedelta()


class Certain(NamedTuple):
    """Moments about two balances: what ended ``before`` is in both, what lies from ``start`` to ``end`` in the last."""

    before: datetime
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class DaySpend:
    """One day's credits: ``kept`` for clips, ``refunded`` for failures, ``reserved`` for what still runs."""

    day: date
    kept: float
    refunded: float
    reserved: float
    clips: int


class Receipts:
    """The credits of ``account``'s clips."""

    def __init__(self, database: Database, rows: ClipMapping, account: str) -> None:
        self._database = database
        self._rows = rows
        self._account = account

    def spend_by_day(self, *, days: int = 366, zone: tzinfo = UTC) -> list[DaySpend]:
        """Return the credits of each day that has any, oldest first, by the calendar of ``zone``.

        Up to ``EXACT_DAYS`` back; older days are UTC's. Costs one walk through the sums of these days, in an index.
        """
        with self._database.read() as connection:
            now = self._database.now(connection)
            start = now - timedelta(days=days)
            query = (
                sa.select(local_day(start, now, zone), *map(sa.func.sum, SUMS))
                .where(credit_sums.c.account == self._account)
                .where(credit_sums.c.quarter >= int(start.timestamp()) // QUARTER_SECONDS)
                .group_by(sa.literal_column("1"))
                .order_by(sa.literal_column("1"))
            )
            found = connection.execute(query).all()
        return [
            DaySpend(EPOCH + timedelta(days=int(day)), float(kept), float(refunded), float(reserved), int(made))
            for day, kept, refunded, reserved, made in found
            if made
        ]

    def totals(self) -> tuple[float, float, float]:
        """Return the credits kept for clips, refunded for failures, and reserved for what still runs."""
        *credits_, _clips = SUMS
        query = sa.select(*map(sa.func.sum, credits_)).where(credit_sums.c.account == self._account)
        with self._database.read() as connection:
            kept, refunded, reserved = (float(total or 0.0) for total in connection.execute(query).one())
        return kept, refunded, reserved

    def since(self, since: datetime) -> Sequence[Clip]:
        """Return the clips since then that Rivya accepted, or may have, and every failed one that was charged.

        Deleted ones too: money stays money. Costs 80 µs a clip.
        """
        with self._database.read() as connection:
            return self._read(connection, [clips.c.created_at >= since])

    def owed(self) -> Sequence[Clip]:
        """Return every failed clip that was charged, whenever that was."""
        with self._database.read() as connection:
            return self._read(connection, [])

    def between(self, since: datetime, within: Certain) -> tuple[float, Sequence[Clip]]:
        """Return what the clips ``since`` then took that surely lie ``within``, and those of which that is not sure.

        Left out is what was surely over before. Of what was as usual whole quarters of an hour are summed already, so
        looked at are only the other clips, and those made about the two balances: 4 ms with a million clips.
        """
        hour = timedelta(seconds=ORDINARY_SECONDS + 1)
        # SQLite's ``strftime`` rounds to milliseconds: for the sums a quarter begins half of one before.
        dialect, early = (
            ("sqlite", timedelta(microseconds=500)) if self._database.is_sqlite else ("postgresql", NO_TIME)
        )
        first = int((within.start + early).timestamp()) // QUARTER_SECONDS + 1
        end = max(first, int((within.end - hour).timestamp()) // QUARTER_SECONDS)
        begun, ended = (datetime.fromtimestamp(each * QUARTER_SECONDS, UTC) - early for each in (first, end))
        made_at, ordinary = clips.c.created_at, sa.literal_column(ORDINARY[dialect], sa.Integer) == 1
        exceptional = sa.and_(made_at >= since, EXCEPTIONAL[dialect])
        # Three questions, since each has an index of its own; of an "or" SQLite would read the whole table.
        looked_at = (
            sa.and_(ordinary, made_at >= max(since, within.before - hour), made_at < begun),
            sa.and_(ordinary, made_at >= ended),
            exceptional,
        )
        # Of a condition on what is not known SQL says neither yes nor no: such a clip is looked at.
        is_known = sa.case((sa.or_(_settled(within), _over(within)), 1), else_=0) == 1
        quarter, accepted = credit_sums.c.quarter, clips.c.task_id.is_not(None)
        with self._database.read(one_moment=True) as connection:
            settled = self._sum(connection, credit_sums.c.kept, quarter >= first, quarter < end)
            in_sums = (exceptional, succeeded, accepted, made_at >= begun, made_at < ended)
            settled -= self._sum(connection, clips.c.credits_final, *in_sums)
            for one in looked_at:
                settled += self._sum(connection, clips.c.credits_final, one, _settled(within))
            return round(settled, 6), self._read(connection, [sa.and_(one, sa.not_(is_known)) for one in looked_at])

    def _sum(self, connection: sa.Connection, credits_: sa.Column[float], *conditions: sa.ColumnElement[bool]) -> float:
        query = sa.select(sa.func.sum(credits_)).where(credits_.table.c.account == self._account, *conditions)
        return float(connection.execute(query).scalar_one() or 0.0)

    def _read(self, connection: sa.Connection, conditions: Sequence[sa.ColumnElement[bool]]) -> Sequence[Clip]:
        """Return what Rivya accepted, or may have, under each condition, and every failed clip that was charged."""
        sent = sa.or_(clips.c.task_id.is_not(None), clips.c.sent_at.is_not(None))
        query = sa.select(clips).where(clips.c.account == self._account, sent)
        found = {
            row.id: self._rows.clip(row)
            for one in (*conditions, sa.and_(OWED, failed))
            for row in connection.execute(query.where(one))
        }
        return sorted(found.values(), key=lambda clip: clip.seq, reverse=True)

    def accepted(self, *, limit: int | None = None) -> Sequence[Clip]:
        """Return the clips of this account that Rivya accepted, newest first, deleted ones too: money stays money.

        Costs 80 µs a clip.
        """
        here = of_account(sa.select(clips), self._account)
        query = here.where(clips.c.task_id.is_not(None), *readable(clips.c.person))
        with self._database.read() as connection:
            found = connection.execute(query.order_by(clips.c.seq.desc()).limit(limit))
            return [self._rows.clip(row) for row in found]


_SENT_AT: sa.ColumnElement[datetime] = sa.type_coerce(sa.func.coalesce(clips.c.sent_at, clips.c.created_at), Utc)
_IN_ORDER = sa.and_(
    clips.c.task_id.is_not(None),
    clips.c.stage != Stage.REFUSED,
    sa.not_(clips.c.idempotency_key.startswith(RESCUED)),
    sa.or_(clips.c.status != FAILED, clips.c.credits_final == 0),
)


def _settled(within: Certain) -> sa.ColumnElement[bool]:
    """Return the condition that a clip was surely sent and ended between, and its receipt is in order."""
    return sa.and_(_IN_ORDER, within.start < _SENT_AT, within.end > _SENT_AT, clips.c.finished_at < within.end)


def _over(within: Certain) -> sa.ColumnElement[bool]:
    """Return the condition that a clip surely ended before: it took the same at both ends."""
    return sa.and_(_IN_ORDER, within.start >= _SENT_AT, clips.c.finished_at < within.before)
