"""Where uploaded reference images lie at Rivya, so that a repeat is not uploaded again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from studio.store.database import Database
from studio.store.schema import uploads


class Uploads:
    """The uploads of one ``account``."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account

    def url(self, sha256: str, *, fresh_seconds: float) -> str | None:
        """Return the address of an image that was uploaded less than ``fresh_seconds`` ago."""
        with self._database.read() as connection:
            oldest = self._database.now(connection) - timedelta(seconds=fresh_seconds)
            return connection.execute(
                sa.select(uploads.c.url).where(
                    uploads.c.sha256 == sha256, uploads.c.account == self._account, uploads.c.uploaded_at > oldest
                )
            ).scalar_one_or_none()

    def add(self, sha256: str, url: str, raw: dict[str, Any]) -> None:
        """Remember where an image lies at Rivya; uploads carry no key, so a repeat would only be waste."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            self._database.replace(
                connection, uploads, sha256=sha256, account=self._account, url=url, raw=raw, uploaded_at=now
            )
