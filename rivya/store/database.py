"""One database, SQLite or PostgreSQL: how it is opened, locked and brought up to date."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from rivya.errors import NewerDatabaseError, StoreError

BUSY_SECONDS = 30.0
POOL_SIZE = 20
MIGRATION_LOCK = 7_242_001
"""Any number will do, as long as each of our processes takes the same one."""


class Database:
    """A pool of connections and two kinds of transactions: ``read`` and ``write``."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        arguments: dict[str, Any] = {"timeout": BUSY_SECONDS} if self.is_sqlite else {"connect_timeout": 10}
        self.engine = sa.create_engine(
            self.url,
            connect_args=arguments,
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_pre_ping=not self.is_sqlite,
        )
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "studio.db")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a transaction that only reads; it never waits for a writer on SQLite."""
        with _as_store_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction that writes; it takes the write lock at once, so it cannot fail half way."""
        options = {"immediate": True}
        with _as_store_errors(), self.engine.connect() as plain:
            connection = plain.execution_options(**options)
            with connection.begin():
                yield connection

    def now(self, connection: sa.Connection) -> datetime:
        """Return the time that leases are measured by: the server's on PostgreSQL, this machine's on SQLite."""
        if self.is_sqlite:
            return datetime.now(UTC)
        found: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return found.astimezone(UTC)

    def migrate(self) -> None:
        """Bring the schema up to date, once, whichever process comes first.

        Raises ``NewerDatabaseError``, and touches nothing, when the database is newer than this code.
        """
        from alembic import command  # noqa: PLC0415 - 200 ms, and only needed once a process
        from alembic.config import Config  # noqa: PLC0415
        from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
        from alembic.script import ScriptDirectory  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        script = ScriptDirectory.from_config(config)
        known = {revision.revision for revision in script.walk_revisions()}
        with self.write() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            current = MigrationContext.configure(connection).get_current_revision()
            if current is not None and current not in known:
                raise NewerDatabaseError(f"database is at {current}, this code knows {sorted(known)}")
            if current != script.get_current_head():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")


@contextmanager
def _as_store_errors() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = type(getattr(error, "orig", None) or error).__name__
        raise StoreError(f"database refused: {reason}: {getattr(error, 'orig', '')}") from None


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            break
        except sqlite3.OperationalError:
            # Several processes that switch a new file at once get "locked" in spite of the timeout.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous=FULL").close()
    connection.execute("PRAGMA foreign_keys=ON").close()


def _begin_sqlite(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
