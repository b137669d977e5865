"""The engine's side of the clips: who works on what, and what came of it.

A row is claimed by a lease and every save is fenced by it, so that two processes can never both be right about a clip.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from studio.errors import StoreError
from studio.store.clip import OPEN_STAGES, UNSENT_SECONDS, UNSENT_STAGES, Clip, Stage
from studio.store.database import Database
from studio.store.mapping import ClipMapping
from studio.store.schema import budgets, clips, pauses

LONGEST_DELAY_SECONDS = 3600.0
"""Nothing is ever put off for longer."""


class LeaseLostError(StoreError):
    """Another process works on this clip now; whatever we know of it is no longer ours to write."""


class Outbox:
    """Claims, renewals and fenced saves for one ``account``."""

    def __init__(self, database: Database, rows: ClipMapping, account: str) -> None:
        self._database = database
        self._rows = rows
        self._account = account

    def claim(self, owner: str, *, lease_seconds: float, limit: int) -> list[Clip]:
        """Take up to ``limit`` due clips that nobody holds, oldest first, for ``lease_seconds``.

        What was pressed long ago and never sent, because no studio ran, is set aside until somebody presses again.
        """
        with self._database.write() as connection:
            now = self._database.now(connection)
            free = sa.or_(clips.c.owner.is_(None), clips.c.lease_until < now)
            self._set_aside_late(connection, now, free)
            due = (
                sa.select(clips.c.seq)
                .where(
                    clips.c.run_at <= now,
                    clips.c.account == self._account,
                    free,
                    clips.c.stage.in_(OPEN_STAGES),
                )
                .order_by(clips.c.run_at)
                .limit(limit)
                # A row that another process is claiming is its work; waiting for it would put all engines in line.
                .with_for_update(skip_locked=True)
            )
            # Two statements, since SQLite has neither FOR UPDATE nor an order in UPDATE; the write lock covers both.
            taken = list(connection.execute(due).scalars())
            if not taken:
                return []
            lease = now + timedelta(seconds=lease_seconds)
            connection.execute(sa.update(clips).where(clips.c.seq.in_(taken)).values(owner=owner, lease_until=lease))
            found = connection.execute(
                sa.select(clips).where(clips.c.seq.in_(taken)).order_by(clips.c.run_at, clips.c.seq)
            )
            return self._rows.clips(found)

    def _set_aside_late(self, connection: sa.Connection, now: datetime, free: sa.ColumnElement[bool]) -> None:
        late = now - timedelta(seconds=UNSENT_SECONDS)
        unsent = (
            clips.c.run_at <= late,
            sa.func.coalesce(clips.c.confirmed_at, clips.c.created_at) <= late,
            clips.c.account == self._account,
            free,
            clips.c.stage.in_(UNSENT_STAGES),
            clips.c.sent_at.is_(None),
        )
        waiting = {"stage": Stage.REFUSED, "run_at": None, "owner": None, "lease_until": None, "updated_at": now}
        code = sa.func.coalesce(clips.c.error_code, sa.literal("not_sent"))
        connection.execute(sa.update(clips).where(*unsent).values(error_code=code, **waiting))

    def renew(self, owner: str, clip_ids: Collection[str], *, lease_seconds: float) -> set[str]:
        """Prolong the leases of ``owner`` on ``clip_ids`` and return those clips; the others are no longer its own."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            # A lease that has run out is not renewed, even if nobody took it: its owner may have missed a save.
            mine = (clips.c.owner == owner, clips.c.lease_until > now, clips.c.id.in_(clip_ids))
            lease = now + timedelta(seconds=lease_seconds)
            prolonged = sa.update(clips).where(*mine).values(lease_until=lease).returning(clips.c.id)
            return set(connection.execute(prolonged).scalars())

    def release(self, owner: str) -> None:
        """Give all of ``owner``'s clips back that are due at some time, so that anybody may claim them at once."""
        with self._database.write() as connection:
            leased = (clips.c.owner == owner, clips.c.run_at.is_not(None))
            connection.execute(sa.update(clips).where(*leased).values(owner=None, lease_until=None))

    def save(
        self, clip_id: str, owner: str, *, delay_seconds: float | None = 0.0, release: bool = False, **values: Any
    ) -> Clip:
        """Write ``values`` if the lease still holds, and return the clip as it is now.

        ``delay_seconds`` says when it is due again for whoever holds it then; ``None`` ends the engine's work on it,
        and ``release`` gives it back until then.
        Raises ``LeaseLostError`` when another process took over.
        """
        with self._database.write() as connection:
            now = self._database.now(connection)
            values |= {"updated_at": now, "run_at": _later(now, delay_seconds)}
            if delay_seconds is None or release:
                values |= {"owner": None, "lease_until": None}
            # The fence: a process that slept through its lease must not overwrite what another has learned since.
            changed = connection.execute(
                sa.update(clips)
                .where(clips.c.id == clip_id, clips.c.owner == owner, clips.c.lease_until > now)
                .values(**values)
            )
            if changed.rowcount != 1:
                raise LeaseLostError(f"lease on {clip_id} is lost")
            return self._rows.clip(connection.execute(sa.select(clips).where(clips.c.id == clip_id)).one())

    def take_over(self) -> None:
        """Free every clip that is due at some time, none after more than an hour: for an engine that is the only one.

        A lease or a due time far ahead is left by a dead process, or by a clock that jumped.
        """
        with self._database.write() as connection:
            now = self._database.now(connection)
            mine = clips.c.account == self._account
            leased = (mine, clips.c.owner.is_not(None), clips.c.run_at.is_not(None))
            connection.execute(sa.update(clips).where(*leased).values(owner=None, lease_until=None))
            # A due time further ahead was written under a clock that has been put back since.
            far = now + timedelta(seconds=LONGEST_DELAY_SECONDS)
            connection.execute(sa.update(clips).where(mine, clips.c.run_at > far).values(run_at=now))
            connection.execute(sa.delete(pauses).where(pauses.c.account == self._account, pauses.c.until > far))

    def wake(self, clip_id: str, **values: Any) -> None:
        """Make a clip due at once on a person's word, whoever holds it; ``values`` may set it back a stage."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            connection.execute(
                sa.update(clips)
                .where(clips.c.id == clip_id, clips.c.account == self._account)
                .values(run_at=now, owner=None, lease_until=None, updated_at=now, **values)
            )

    def wake_task(self, task_id: str) -> None:
        """Make the clip of a running task due at once; whoever holds it gives it up, so it may be asked about twice."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            running = (clips.c.task_id == task_id, clips.c.account == self._account, clips.c.stage == Stage.RUNNING)
            freed = {"run_at": now, "owner": None, "lease_until": None}
            connection.execute(sa.update(clips).where(*running).values(**freed))

    def take_request(self, per_minute: int) -> float:
        """Count one request against the minute's shared budget; return the seconds to wait when it is used up."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            minute = int(now.timestamp()) // 60
            connection.execute(sa.delete(budgets).where(budgets.c.account == self._account, budgets.c.minute < minute))
            # Counted in the database, for the budget is the account's and not one process's.
            insert = self._database.insert(budgets).values(account=self._account, minute=minute, used=1)
            counted = insert.on_conflict_do_update(
                index_elements=["account", "minute"],
                set_={"used": budgets.c.used + 1},
                where=budgets.c.used < per_minute,
            )
            if connection.execute(counted.returning(budgets.c.used)).scalar_one_or_none() is not None:
                return 0.0
            return 60.0 - now.timestamp() % 60.0

    def pause(self, seconds: float, reason: str) -> None:
        """Let every process that shares this store stop asking Rivya for ``seconds``; a longer pause stays."""
        with self._database.write() as connection:
            until = self._database.now(connection) + timedelta(seconds=seconds)
            insert = self._database.insert(pauses).values(account=self._account, until=until, reason=reason)
            changed = {"until": until, "reason": reason}
            connection.execute(
                insert.on_conflict_do_update(index_elements=["account"], set_=changed, where=pauses.c.until < until)
            )

    def pause_seconds(self) -> float:
        """Return how long the stored pause still lasts, 0 when there is none."""
        with self._database.read() as connection:
            until = connection.execute(
                sa.select(pauses.c.until).where(pauses.c.account == self._account)
            ).scalar_one_or_none()
            return max((until - self._database.now(connection)).total_seconds(), 0.0) if until else 0.0


def _later(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)
