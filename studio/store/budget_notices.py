"""Budgets that people are to be told of: nearly spent, then spent, each once in its span, by one of all processes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from rivya.spec import DEFAULT_MODEL
from studio.store.budget import NEARLY_SPENT, Limits, Span, begun, kept, spent
from studio.store.database import Database
from studio.store.schema import budget_notices

KEPT_DAYS = 62
"""A month's marks are needed until the month is over, and then a while for whoever looks into the database."""


@dataclass(frozen=True, slots=True)
class SpentBudget:
    """A limit that is nearly or wholly spent; ``person`` is ``None`` for the studio's, ``""`` for the nameless."""

    person: str | None
    span: Span
    limit: int
    spent: int
    mark: str

    @property
    def is_reached(self) -> bool:
        """Whether not one more clip fits."""
        return self.limit - self.spent < DEFAULT_MODEL.base_credits


class BudgetNotices:
    """What was told of the budgets of one ``account``."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account

    def take_untold(self, configured: Limits) -> list[SpentBudget]:
        """Return the budgets that passed 80 %, or their end, and mark them told.

        Costs one walk through the span's clips for each limit. ``configured`` are the environment's; those that a lead
        has set hold beside them.
        """
        with self._database.write() as connection:
            now = self._database.now(connection)
            connection.execute(sa.delete(budget_notices).where(budget_notices.c.told_at < now - timedelta(KEPT_DAYS)))
            found = self._spent(connection, configured.narrowed(kept(connection, self._account)), now)
            return [budget for budget in found if self._is_first(connection, budget, now)]

    def put_back(self, budget: SpentBudget) -> None:
        """Have a budget told again, since nobody heard it."""
        mine = (budget_notices.c.account == self._account, budget_notices.c.mark == budget.mark)
        with self._database.write() as connection:
            connection.execute(sa.delete(budget_notices).where(*mine))

    def _spent(self, connection: sa.Connection, limits: Limits, now: datetime) -> list[SpentBudget]:
        found = []
        for whose, span, limit in limits.set():
            counted = spent(self._account, span, now)
            who = counted.c.person if whose == "person" else sa.null()
            total = sa.func.sum(counted.c.price)
            query = sa.select(who, total).select_from(counted).having(total >= NEARLY_SPENT * limit)
            rows = connection.execute(query.group_by(counted.c.person) if whose == "person" else query)
            for person, credits_ in rows:
                name = (person or "") if whose == "person" else None
                step = "spent" if limit - int(credits_) < DEFAULT_MODEL.base_credits else "nearly"
                # A hash: the mark outlives a person whose data was erased.
                words = f"{whose} {name} {begun(span, now):%Y-%m-%d} {span} {limit} {step}"
                mark = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
                found.append(SpentBudget(name, span, limit, int(credits_), mark))
        return found

    def _is_first(self, connection: sa.Connection, budget: SpentBudget, now: datetime) -> bool:
        row = self._database.insert(budget_notices).values(account=self._account, mark=budget.mark, told_at=now)
        return connection.execute(row.on_conflict_do_nothing()).rowcount == 1
