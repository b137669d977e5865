"""What was paid, and what for: the clips that Rivya accepted, deleted ones too, since money stays money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

import sqlalchemy as sa

from rivya.models import FAILED
from studio.store.clip import RESCUED, Clip, Stage
from studio.store.credit_sums import QUARTER_SECONDS, SUMS, local_day
from studio.store.database import Database
from studio.store.filters import failed
from studio.store.mapping import ClipMapping
from studio.store.reader import readable
from studio.store.schema import OWED, Utc, clips, credit_sums

EPOCH = date(1970, 1, 1)


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

    def settled_credits(self, *, since: datetime, within: Certain) -> float:
        """Return what the clips since then took that were sent and ended ``within`` two moments, receipts in order.

        Summed in the database: 2 µs a clip.
        """
        query = sa.select(sa.func.sum(clips.c.credits_final)).where(
            clips.c.account == self._account, clips.c.created_at >= since, _settled(within)
        )
        with self._database.read() as connection:
            return float(connection.execute(query).scalar_one() or 0.0)

    def since(self, since: datetime, *, but_settled: Certain | None = None) -> Sequence[Clip]:
        """Return the clips since then that Rivya accepted, or may have, and every failed one that was charged.

        Deleted ones too: money stays money. Those that ``settled_credits`` sums can be left out, and those that were
        over before. Costs 80 µs a clip.
        """
        sent = sa.or_(clips.c.task_id.is_not(None), clips.c.sent_at.is_not(None))
        query = sa.select(clips).where(clips.c.account == self._account, sent)
        recent = query.where(clips.c.created_at >= since)
        if but_settled:
            # Of a condition on what is not known SQL says neither yes nor no: such a clip is looked at.
            known = sa.or_(_settled(but_settled), _over(but_settled))
            recent = recent.where(sa.case((known, 1), else_=0) == 0)
        # Two questions, since each has an index of its own; of an "or" SQLite would read the whole table.
        owed = query.where(OWED, failed)
        with self._database.read() as connection:
            found = {row.id: self._rows.clip(row) for one in (recent, owed) for row in connection.execute(one)}
        return sorted(found.values(), key=lambda clip: clip.seq, reverse=True)

    def accepted(self, *, limit: int | None = None) -> Sequence[Clip]:
        """Return the clips of this account that Rivya accepted, newest first, deleted ones too: money stays money.

        Costs 80 µs a clip.
        """
        accepted = (clips.c.account == self._account, clips.c.task_id.is_not(None), *readable(clips.c.person))
        query = sa.select(clips).where(*accepted)
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
