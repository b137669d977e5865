"""Secrets that belong to the history, not to a machine: made once, the same for every process and after a restore."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from studio.store.database import Database
from studio.store.schema import kept_secrets

SECRET_BYTES = 32


def kept_secret(database: Database, name: str) -> bytes:
    """Return the secret of that name, made at the first call."""
    with database.write() as connection:
        fresh = database.insert(kept_secrets).values(name=name, secret=secrets.token_hex(SECRET_BYTES))
        connection.execute(fresh.on_conflict_do_nothing())
        found = connection.execute(sa.select(kept_secrets.c.secret).where(kept_secrets.c.name == name))
        return bytes.fromhex(found.scalar_one())
