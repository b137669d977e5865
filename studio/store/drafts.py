"""What people are writing: kept so that a reload, another tab or a restart finds it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from studio.store.database import Database
from studio.store.reader import readable
from studio.store.schema import drafts

DRAFT_DAYS = 90


class Drafts:
    """Everybody's drafts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, draft_id: str) -> dict[str, Any] | None:
        """Return a draft's body, ``None`` when it was never saved. Raises ``PermissionError`` when it is another's."""
        whose = readable(drafts.c.person)
        is_mine = sa.or_(drafts.c.person.is_(None), *whose) if whose else sa.true()
        query = sa.select(drafts.c.body, is_mine.label("is_mine")).where(drafts.c.id == draft_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is not None and not row.is_mine:
            raise PermissionError
        return row.body if row else None

    def save(self, draft_id: str, body: dict[str, Any], *, person: str | None = None) -> None:
        """Keep what a person is writing."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            self._database.replace(connection, drafts, id=draft_id, body=body, updated_at=now, person=person)

    def forget_old(self) -> None:
        """Drop drafts that nobody touched for 90 days; what became a clip is the clip's."""
        with self._database.write() as connection:
            oldest = self._database.now(connection) - timedelta(days=DRAFT_DAYS)
            connection.execute(sa.delete(drafts).where(drafts.c.updated_at < oldest))
