"""Balances that were seen: what the wallet held, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from studio.store.database import Database
from studio.store.schema import balances, clips


@dataclass(frozen=True, slots=True)
class Balance:
    """Credits in Rivya's wallet, and when that was seen."""

    credits: float
    seen_at: datetime


class Balances:
    """The balances of one ``account``."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account
        found = sa.select(balances.c.credits, balances.c.seen_at).where(balances.c.account == account)
        self._last = found.order_by(balances.c.seq.desc()).limit(1)

    def last(self) -> Balance | None:
        """Return the last balance seen, ``None`` before the first."""
        with self._database.read() as connection:
            row = connection.execute(self._last).one_or_none()
            return Balance(*row) if row else None

    def all(self) -> list[Balance]:
        """Return every change of the balance that was seen, oldest first."""
        query = sa.select(balances.c.credits, balances.c.seen_at).where(balances.c.account == self._account)
        with self._database.read() as connection:
            return [Balance(row.credits, row.seen_at) for row in connection.execute(query.order_by(balances.c.seq))]

    def add(self, credits_now: float) -> None:
        """Remember a balance, for its own sake and as the one after each clip that ended since the last."""
        last = self.last()
        with self._database.write() as connection:
            now = self._database.now(connection)
            ended = (
                clips.c.account == self._account,
                clips.c.finished_at.is_not(None),
                clips.c.balance_after.is_(None),
            )
            connection.execute(sa.update(clips).where(*ended).values(balance_after=credits_now))
            if last and last.credits == credits_now:
                newest = sa.select(sa.func.max(balances.c.seq)).where(balances.c.account == self._account)
                connection.execute(
                    sa.update(balances).where(balances.c.seq == newest.scalar_subquery()).values(seen_at=now)
                )
            else:
                connection.execute(sa.insert(balances).values(account=self._account, credits=credits_now, seen_at=now))
