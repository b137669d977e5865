"""What is planned: clips in an order, each unpaid until a person has released it.

A plan becomes a clip in one transaction, and only while its release stands: what is withdrawn a moment earlier is
never sent, and what is sent a moment earlier is never sent again.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from rivya.spec import DEFAULT_MODEL
from studio.store.clip import PLAN_ID
from studio.store.database import Database, Permit, anybody
from studio.store.reader import readable
from studio.store.schema import clips, plans, queues

MAX_PLANS = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """One clip to be: its request, its place, when a person released its price, and the clip that it became.

    One that ``continues`` starts from the last frame of the clip that the one before it in its series became.
    One that ``replaces`` another waits to be made instead of it.
    One that was ``asked`` for waits until a lead has ``decided``; a ``reason`` says why not.
    """

    id: str
    series: str
    position: float
    model: str
    prompt: str
    params: dict[str, Any]
    reference_sha256: str | None
    parent_id: str | None
    person: str | None
    created_at: datetime
    released_at: datetime | None
    clip_id: str | None
    continues: bool = False
    asked_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    replaces: str | None = None

    @property
    def is_shot(self) -> bool:
        """Whether it belongs to a storyboard."""
        return self.series.startswith(SHOT_SERIES)

    @property
    def waits_for_a_lead(self) -> bool:
        """Whether a lead has to decide about it."""
        return self.asked_at is not None and self.decided_at is None

    @property
    def is_declined(self) -> bool:
        """Whether a lead has said no."""
        return self.decided_at is not None and self.released_at is None


SHOT_SERIES = "board_"
_COLUMNS = [plans.c[name] for name in Plan.__dataclass_fields__]


class Plans:
    """The queue of one ``account``."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account
        self._waiting = (plans.c.account == account, plans.c.clip_id.is_(None))

    def add(self, rows: Sequence[dict[str, Any]], *, series: str = "", asks: bool = False) -> str:
        """Put plans at the end of the queue, unpaid, and return their series; who ``asks`` wants a lead to decide."""
        series = series or uuid.uuid4().hex[:16]
        with self._database.write() as connection:
            now = self._database.now(connection)
            last = connection.execute(
                sa.select(sa.func.coalesce(sa.func.max(plans.c.position), 0.0)).where(plans.c.account == self._account)
            ).scalar_one()
            fixed = {"account": self._account, "series": series, "created_at": now, "asked_at": now if asks else None}
            usual = {"model": DEFAULT_MODEL.id, "continues": False}
            usual |= dict.fromkeys(("reference_sha256", "parent_id", "person"))
            numbered = [
                usual | row | fixed | {"id": f"{PLAN_ID}{uuid.uuid4().hex[:20]}", "position": last + number}
                for number, row in enumerate(rows, 1)
            ]
            if numbered:
                connection.execute(sa.insert(plans), numbered)
        return series

    def waiting(self) -> list[Plan]:
        """Return the plans that are no clips yet, in their order."""
        return self._plans(*self._waiting)

    def of_series(self, series: str) -> list[Plan]:
        """Return all plans of a series, also those that became clips, in their order."""
        return self._plans(plans.c.account == self._account, plans.c.series == series)

    def sent_clip_ids(self, limit: int = 50, *, with_shots: bool = True) -> list[str]:
        """Return the clips that plans became, the newest first; those of storyboards too, unless told otherwise."""
        query = sa.select(clips.c.id).join(plans, plans.c.clip_id == clips.c.id).where(plans.c.account == self._account)
        query = query.where(*readable(plans.c.person))
        if not with_shots:
            # A shot that was replaced stands in no series.
            query = query.where(~plans.c.series.startswith(SHOT_SERIES, autoescape=True), plans.c.series != "")
        with self._database.read() as connection:
            return list(connection.execute(query.order_by(clips.c.seq.desc()).limit(limit)).scalars())

    def _plans(self, *conditions: sa.ColumnElement[bool]) -> list[Plan]:
        query = (
            sa.select(*_COLUMNS).where(*conditions, *readable(plans.c.person)).order_by(plans.c.position, plans.c.seq)
        )
        with self._database.read() as connection:
            return [Plan(*row) for row in connection.execute(query)]

    def change(self, plan_id: str, **values: Any) -> bool:
        """Change the ``prompt``, ``params`` or ``continues`` of a plan that nobody has approved or asked for yet.

        Returns whether it was one, and still waits.
        """
        unpaid = (*self._waiting, plans.c.id == plan_id, plans.c.released_at.is_(None), plans.c.asked_at.is_(None))
        with self._database.write() as connection:
            return connection.execute(sa.update(plans).where(*unpaid).values(**values)).rowcount == 1

    def arrange(self, plan_ids: Sequence[str]) -> None:
        """Put these plans into this order, in the places that they have among them."""
        mine = (plans.c.account == self._account, plans.c.id.in_(plan_ids))
        with self._database.write() as connection:
            here = {row.id: row.position for row in connection.execute(sa.select(plans).where(*mine))}
            order = [plan_id for plan_id in plan_ids if plan_id in here]
            for plan_id, position in zip(order, sorted(here.values()), strict=True):
                connection.execute(sa.update(plans).where(plans.c.id == plan_id).values(position=position))

    def plan_anew(self, plan_ids: Sequence[str]) -> list[str]:
        """Have plans that became clips wait once more, unpaid, in their places; the clips stay as they are.

        Returns the ids of the new plans: ``put_old_back`` undoes it as long as none of them was approved.
        """
        sent = (plans.c.account == self._account, plans.c.id.in_(plan_ids), plans.c.clip_id.is_not(None))
        with self._database.write() as connection:
            now = self._database.now(connection)
            rows = [dict(row._mapping) for row in connection.execute(sa.select(plans).where(*sent))]  # noqa: SLF001
            fresh = {"clip_id": None, "released_at": None, "created_at": now}
            fresh |= dict.fromkeys(("asked_at", "told_at", "decided_at", "decided_by", "reason"))
            made = [f"{PLAN_ID}{uuid.uuid4().hex[:20]}" for _row in rows]
            for row, plan_id in zip(rows, made, strict=True):
                del row["seq"]
                connection.execute(sa.insert(plans).values(row | fresh | {"id": plan_id, "replaces": row["id"]}))
            connection.execute(sa.update(plans).where(*sent).values(series=""))
            return made

    def put_old_back(self, series: str, old_ids: Sequence[str], new_ids: Sequence[str]) -> bool:
        """Undo ``plan_anew``: the plans that became clips stand in the series again. False when one was approved."""
        unpaid = (*self._waiting, plans.c.id.in_(new_ids), plans.c.released_at.is_(None))
        with self._database.write() as connection:
            if len(list(connection.execute(sa.select(plans.c.id).where(*unpaid)))) < len(new_ids):
                return False
            connection.execute(sa.delete(plans).where(*unpaid))
            mine = (plans.c.account == self._account, plans.c.id.in_(old_ids))
            connection.execute(sa.update(plans).where(*mine).values(series=series))
            return True

    def became(self, plan_ids: Collection[str]) -> dict[str, str | None]:
        """Return the clip that each of these plans became, wherever it stands now."""
        with self._database.read() as connection:
            query = sa.select(plans.c.id, plans.c.clip_id)
            query = query.where(plans.c.account == self._account, plans.c.id.in_(plan_ids))
            return {row.id: row.clip_id for row in connection.execute(query)}

    def replaced(self, plan_ids: Collection[str]) -> set[str]:
        """Return in place of which of these another plan of a storyboard became a clip."""
        of_boards = sa.and_(plans.c.series >= SHOT_SERIES, plans.c.series < f"{SHOT_SERIES[:-1]}`")
        shots = sa.or_(of_boards, plans.c.series == "")  # its index, and no more; replaced ones stand in no series
        query = sa.select(plans.c.replaces).where(plans.c.account == self._account, shots)
        with self._database.read() as connection:
            found = connection.execute(query.where(plans.c.replaces.in_(plan_ids), plans.c.clip_id.is_not(None)))
            return {row.replaces for row in found}

    def named(self, plan_ids: Collection[str]) -> list[Plan]:
        """Return the plans with these ids that wait, whoever planned them."""
        with self._database.read() as connection:
            query = sa.select(*_COLUMNS).where(*self._waiting, plans.c.id.in_(plan_ids))
            return [Plan(*row) for row in connection.execute(query)]

    def approve(self, plan_ids: Collection[str], permit: Permit = anybody) -> None:
        """Write down that a person agreed to pay for these; what a lead has to decide stays as it is.

        ``permit`` raises, within the transaction, when the person may not spend.
        """
        with self._line() as connection:
            permit(connection)
            now = self._database.now(connection)
            mine = (*self._waiting, plans.c.id.in_(plan_ids), plans.c.released_at.is_(None))
            connection.execute(sa.update(plans).where(*mine, plans.c.asked_at.is_(None)).values(released_at=now))

    @contextmanager
    def _line(self) -> Iterator[sa.Connection]:
        """Begin a transaction that starts, takes back or holds something: one at a time, whoever else does the same."""
        with self._database.write() as connection:
            self._database.lock(connection, f"line of {self._account}")
            yield connection

    def ask(self, plan_id: str) -> None:
        """Have a lead decide about a plan that a person started and may not pay."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            mine = (*self._waiting, plans.c.id == plan_id)
            connection.execute(sa.update(plans).where(*mine).values(released_at=None, asked_at=now))

    def take_untold(self, *, within_seconds: float, limit: int) -> list[Plan]:
        """Mark what a lead was asked for lately as told of, and return it: one process tells, whoever comes first."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            untold = (*self._waiting, plans.c.told_at.is_(None), plans.c.decided_at.is_(None))
            due = sa.select(plans.c.seq).where(*untold, plans.c.asked_at >= now - timedelta(seconds=within_seconds))
            told = sa.update(plans).where(
                plans.c.seq.in_(due.limit(limit).scalar_subquery()), plans.c.told_at.is_(None)
            )
            return [Plan(*row) for row in connection.execute(told.values(told_at=now).returning(*_COLUMNS))]

    def put_back_untold(self, plan_id: str) -> None:
        """Have a question told of later: nobody heard."""
        with self._database.write() as connection:
            connection.execute(sa.update(plans).where(plans.c.id == plan_id).values(told_at=None))

    def decide(self, plan_id: str, *, by: str | None, approved: bool, reason: str, permit: Permit = anybody) -> bool:
        """Write down what a lead decided about a plan that somebody asked for; false when that was done before."""
        open_question = (*self._waiting, plans.c.id == plan_id, plans.c.asked_at.is_not(None))
        with self._line() as connection:
            permit(connection)
            now = self._database.now(connection)
            said = {"decided_at": now, "decided_by": by, "reason": reason or None}
            update = sa.update(plans).where(*open_question, plans.c.decided_at.is_(None))
            return connection.execute(update.values(**said, released_at=now if approved else None)).rowcount == 1

    def withdraw(self, plan_ids: Collection[str] | None = None) -> int:
        """Take the word back for these, or for all, and return for how many: what is not sent by now will not be.

        A pause that holds nothing any more ends with it.
        """
        chosen = () if plan_ids is None else (plans.c.id.in_(plan_ids),)
        with self._line() as connection:
            started = (*self._waiting, plans.c.released_at.is_not(None), *chosen, *readable(plans.c.person))
            # What a lead had approved is a question again, and no refusal.
            again = dict.fromkeys(("released_at", "told_at", "decided_at", "decided_by", "reason"))
            count = connection.execute(sa.update(plans).where(*started).values(**again)).rowcount
            self._end_idle_pause(connection)
            return count

    def _end_idle_pause(self, connection: sa.Connection) -> None:
        """End a pause that holds nothing any more: else the next press that starts something would start nothing."""
        in_line = sa.select(plans.c.id).where(*self._waiting, plans.c.released_at.is_not(None)).limit(1)
        if connection.execute(in_line).scalar() is None:
            self._database.replace(connection, queues, account=self._account, paused_at=None, reason=None)

    def remove(self, plan_ids: Collection[str]) -> list[Plan]:
        """Take plans out of the queue and return those that were still in it, so that ``put_back`` can undo it.

        A pause that holds nothing any more ends with it.
        """
        with self._line() as connection:
            gone = sa.delete(plans).where(*self._waiting, plans.c.id.in_(plan_ids)).returning(*_COLUMNS)
            removed = [Plan(*row) for row in connection.execute(gone)]
            if any(plan.released_at for plan in removed):
                self._end_idle_pause(connection)
            return removed

    def put_back(self, removed: Sequence[Plan]) -> None:
        """Put removed plans back to their places, unpaid."""
        rows = [
            {name: getattr(plan, name) for name in Plan.__dataclass_fields__}
            | {"account": self._account, "released_at": None}
            | (dict.fromkeys(("decided_at", "decided_by", "reason")) if plan.released_at else {})
            for plan in removed
        ]
        with self._database.write() as connection:
            if rows:
                connection.execute(self._database.insert(plans).on_conflict_do_nothing(), rows)

    def move(self, plan_id: str, *, by: int) -> None:
        """Move a plan ``by`` places towards the end; a negative number moves it to the front."""
        with self._database.write() as connection:
            order = list(
                connection.execute(sa.select(plans.c.id).where(*self._waiting).order_by(plans.c.position, plans.c.seq))
                .scalars()
            )  # fmt: skip
            if plan_id not in order:
                return
            at = order.index(plan_id)
            order.insert(max(at + by, 0), order.pop(at))
            for position, each in enumerate(order, 1):
                connection.execute(sa.update(plans).where(plans.c.id == each).values(position=float(position)))

    def pause(self, reason: str) -> None:
        """Hold the queue, for a reason that people can read."""
        with self._line() as connection:
            now = self._database.now(connection)
            self._database.replace(connection, queues, account=self._account, paused_at=now, reason=reason)

    def go_on(self, permit: Permit = anybody) -> None:
        """Let the queue run again: a person who may spend gives their word anew for all that was released."""
        released = (*self._waiting, plans.c.released_at.is_not(None))
        with self._line() as connection:
            permit(connection)
            now = self._database.now(connection)
            connection.execute(sa.update(plans).where(*released).values(released_at=now))
            self._database.replace(connection, queues, account=self._account, paused_at=None, reason=None)

    def pause_reason(self) -> str | None:
        """Return why the queue is held, ``None`` when it is not."""
        query = sa.select(queues.c.reason).where(queues.c.account == self._account, queues.c.paused_at.is_not(None))
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()


def take(connection: sa.Connection, plan_id: str, clip_id: str) -> bool:
    """Turn a released plan into ``clip_id`` within the caller's transaction; false when it may not be sent."""
    held = sa.select(queues.c.account).where(queues.c.account == plans.c.account, queues.c.paused_at.is_not(None))
    mine = (plans.c.id == plan_id, plans.c.released_at.is_not(None), plans.c.clip_id.is_(None), ~sa.exists(held))
    return connection.execute(sa.update(plans).where(*mine).values(clip_id=clip_id)).rowcount == 1
