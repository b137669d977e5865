"""Small memories beside the clips: balances seen, references uploaded, drafts being written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from studio.store.database import Database
from studio.store.schema import balances, clips, drafts, storable, templates, uploads

DRAFT_DAYS = 90


@dataclass(frozen=True, slots=True)
class Balance:
    """Credits in Rivya's wallet, and when that was seen."""

    credits: float
    seen_at: datetime


class Notes:
    """Balances and uploads of one ``account``, and everybody's drafts."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account

    def balance(self) -> Balance | None:
        """Return the last balance seen, ``None`` before the first."""
        query = sa.select(balances.c.credits, balances.c.seen_at).where(balances.c.account == self._account)
        with self._database.read() as connection:
            row = connection.execute(query.order_by(balances.c.seq.desc()).limit(1)).one_or_none()
            return Balance(*row) if row else None

    def balances(self) -> list[Balance]:
        """Return every change of the balance that was seen, oldest first."""
        query = sa.select(balances.c.credits, balances.c.seen_at).where(balances.c.account == self._account)
        with self._database.read() as connection:
            return [Balance(row.credits, row.seen_at) for row in connection.execute(query.order_by(balances.c.seq))]

    def add_balance(self, credits_now: float) -> None:
        """Remember a balance, for its own sake and as the one after each clip that ended since the last."""
        last = self.balance()
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

    def upload(self, sha256: str, *, fresh_seconds: float) -> str | None:
        """Return the address of an image that was uploaded less than ``fresh_seconds`` ago."""
        with self._database.read() as connection:
            oldest = self._database.now(connection) - timedelta(seconds=fresh_seconds)
            return connection.execute(
                sa.select(uploads.c.url).where(
                    uploads.c.sha256 == sha256, uploads.c.account == self._account, uploads.c.uploaded_at > oldest
                )
            ).scalar_one_or_none()

    def add_upload(self, sha256: str, url: str, raw: dict[str, Any]) -> None:
        """Remember where an image lies at Rivya; uploads carry no key, so a repeat would only be waste."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            self._database.replace(
                connection, uploads, sha256=sha256, account=self._account, url=url, raw=raw, uploaded_at=now
            )

    def draft(self, draft_id: str) -> dict[str, Any] | None:
        """Return a draft's body, ``None`` when it was never saved."""
        with self._database.read() as connection:
            return connection.execute(sa.select(drafts.c.body).where(drafts.c.id == draft_id)).scalar_one_or_none()

    def save_draft(self, draft_id: str, body: dict[str, Any]) -> None:
        """Keep what a person is writing."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            self._database.replace(connection, drafts, id=draft_id, body=body, updated_at=now)

    def templates(self) -> dict[str, str]:
        """Return everybody's prompt templates: their texts by name, sorted by name."""
        with self._database.read() as connection:
            found = connection.execute(sa.select(templates.c.name, templates.c.text).order_by(templates.c.name))
            return {str(name): str(text) for name, text in found}

    def save_template(self, name: str, text: str) -> None:
        """Keep a template under its name; one of the same name is replaced."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            self._database.replace(connection, templates, name=storable(name), text=text, updated_at=now)

    def forget_template(self, name: str) -> None:
        """Drop a template."""
        with self._database.write() as connection:
            connection.execute(sa.delete(templates).where(templates.c.name == name))

    def forget_old_drafts(self) -> None:
        """Drop drafts that nobody touched for 90 days; what became a clip is the clip's."""
        with self._database.write() as connection:
            oldest = self._database.now(connection) - timedelta(days=DRAFT_DAYS)
            connection.execute(sa.delete(drafts).where(drafts.c.updated_at < oldest))
