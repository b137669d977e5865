"""How much may be spent: by all together and by each person, a day and a month (UTC), held in the intent's transaction.

What counts is what was sent since: what runs, what succeeded, and what waits for an answer. A refusal costs nothing and
a failure is refunded, so neither counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from rivya.models import FAILED
from studio.errors import BudgetError
from studio.store.access_paths import along
from studio.store.clip import Stage
from studio.store.database import Database
from studio.store.schema import clips, limits

Whose = Literal["studio", "person"]
Span = Literal["day", "month"]
NEARLY_SPENT = 0.8
"""From this share on people are told before the limit stops them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Credits that may be spent in a span, ``None`` for no limit."""

    day: int | None = None
    month: int | None = None
    person_day: int | None = None
    person_month: int | None = None

    def __bool__(self) -> bool:
        return any(limit is not None for *_names, limit in self._all())

    def _all(self) -> Iterator[tuple[Whose, Span, int | None]]:
        yield "person", "day", self.person_day
        yield "person", "month", self.person_month
        yield "studio", "day", self.day
        yield "studio", "month", self.month

    def narrowed(self, other: Limits) -> Limits:
        """Return the tighter of each pair."""
        both = {name: [x for x in (getattr(self, name), getattr(other, name)) if x is not None] for name in NAMES}
        return Limits(**{name: min(values) for name, values in both.items() if values})

    def of_the_studio(self) -> Limits:
        """Return the limits that no lead's word lifts."""
        return Limits(day=self.day, month=self.month)

    def set(self) -> Iterator[tuple[Whose, Span, int]]:
        """Yield the limits that there are, a person's own first."""
        for whose, span, limit in self._all():
            if limit is not None:
                yield whose, span, limit


NO_LIMITS = Limits()
NAMES = tuple(Limits.__dataclass_fields__)
# Built once: each press asks for it, and to build it costs more than to execute it.
_KEPT = sa.select(limits.c.name, limits.c.credits).where(limits.c.account == sa.bindparam("account"))


@dataclass(frozen=True, slots=True)
class Budget:
    """One limit and what is spent of it, in credits. Who has no name shares the budget of all who have none."""

    whose: Whose
    span: Span
    limit: int
    spent: int

    @property
    def left(self) -> int:
        """What may still be spent."""
        return max(self.limit - self.spent, 0)

    @property
    def is_nearly_spent(self) -> bool:
        """Whether it is time to say so."""
        return self.spent >= NEARLY_SPENT * self.limit


def kept(connection: sa.Connection, account: str) -> Limits:
    """Return the limits that a lead has set. Costs a look at four rows at most."""
    rows = connection.execute(_KEPT, {"account": account})
    return Limits(**{str(name): int(credits_) for name, credits_ in rows if name in NAMES})


def keep(database: Database, connection: sa.Connection, account: str, name: str, credits_: int | None) -> None:
    """Set one of ``NAMES``, or take it away with ``None``, within the caller's transaction."""
    connection.execute(sa.delete(limits).where(limits.c.account == account, limits.c.name == name))
    if credits_ is not None:
        database.replace(connection, limits, account=account, name=name, credits=credits_)


def check(
    connection: sa.Connection,
    allowed: Limits,
    *,
    account: str,
    person: str | None,
    price: int,
    now: datetime,
    counted: int = 0,
) -> None:
    """Raise ``BudgetError`` when ``price`` would pass a limit; ``counted`` of it is among what was spent already."""
    for whose, span, limit in allowed.set():
        so_far = _spent(connection, account, person, whose, span, now) - counted
        if so_far + price > limit:
            raise BudgetError(whose, span, limit=limit, spent=so_far, price=price)


def budgets(database: Database, configured: Limits, *, account: str, person: str | None) -> list[Budget]:
    """Return where each limit stands for ``person``. Each costs a walk through its span's clips: 0.5 µs a clip."""
    with database.read() as connection:
        now, allowed = database.now(connection), configured.narrowed(kept(connection, account))
        return [
            Budget(whose, span, limit, _spent(connection, account, person, whose, span, now))
            for whose, span, limit in allowed.set()
        ]


def begun(span: Span, now: datetime) -> datetime:
    """Return when the day or month of ``now`` began."""
    begin: dict[str, Any] = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    return now.replace(**begin) if span == "day" else now.replace(day=1, **begin)


def spent(account: str, span: Span, now: datetime) -> sa.Subquery:
    """Return ``person`` and ``price`` of each clip that counts in a span: made in it, or confirmed in it once more."""
    since = begun(span, now)
    counts = (
        clips.c.account == account,
        clips.c.stage != Stage.REFUSED,
        sa.or_(clips.c.status.is_(None), clips.c.status != FAILED),
    )
    both = sa.select(clips.c.person, clips.c.price).where(*counts)
    # Two questions, since each has an index of its own: of an "or" each press would read all clips that ever were.
    made = along(both, "time").where(clips.c.created_at >= since)
    confirmed = along(both, "confirmed").where(clips.c.confirmed_at >= since, clips.c.created_at < since)
    return sa.union_all(made, confirmed).subquery("spent")


def _spent(connection: sa.Connection, account: str, person: str | None, whose: Whose, span: Span, now: datetime) -> int:
    counted = spent(account, span, now)
    query = sa.select(sa.func.coalesce(sa.func.sum(counted.c.price), 0))
    if whose == "person":
        query = query.where(counted.c.person == person if person else counted.c.person.is_(None))
    return int(connection.execute(query).scalar_one())
