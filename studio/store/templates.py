"""Prompt templates that people keep for each other."""

from __future__ import annotations

import sqlalchemy as sa

from studio.store.database import Database
from studio.store.schema import templates
from studio.store.storable import storable


class Templates:
    """Everybody's templates."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, str]:
        """Return everybody's prompt templates: their texts by name, sorted by name."""
        with self._database.read() as connection:
            found = connection.execute(sa.select(templates.c.name, templates.c.text).order_by(templates.c.name))
            return {str(name): str(text) for name, text in found}

    def save(self, name: str, text: str) -> None:
        """Keep a template under its name; one of the same name is replaced."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            self._database.replace(connection, templates, name=storable(name), text=text, updated_at=now)

    def forget(self, name: str) -> None:
        """Drop a template."""
        with self._database.write() as connection:
            connection.execute(sa.delete(templates).where(templates.c.name == name))
