"""What people are writing: kept so that a reload, another tab or a restart finds it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from studio.store.database import Database
from studio.store.schema import drafts

DRAFT_DAYS = 90


class Drafts:
    """Everybody's drafts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, draft_id: str) -> dict[str, Any] | None:
        """Return a draft's body, ``None`` when it was never saved."""
        with self._database.read() as connection:
            return connection.execute(sa.select(drafts.c.body).where(drafts.c.id == draft_id)).scalar_one_or_none()

    def save(self, draft_id: str, body: dict[str, Any]) -> None:
        """Keep what a person is writing."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            self._database.replace(connection, drafts, id=draft_id, body=body, updated_at=now)

    def forget_old(self) -> None:
        """Drop drafts that nobody touched for 90 days; what became a clip is the clip's."""
        with self._database.write() as connection:
            oldest = self._database.now(connection) - timedelta(days=DRAFT_DAYS)
            connection.execute(sa.delete(drafts).where(drafts.c.updated_at < oldest))
