"""One database, SQLite or PostgreSQL: how it is opened, locked and brought up to date."""

from __future__ import annotations

import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError

from studio.errors import DatabaseBusyError, NewerDatabaseError, StoreError
from studio.store.fair_lock import FairLock

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy.dialects import postgresql

BUSY_SECONDS = 5.0
"""How long to wait for another program that writes; each of our own transactions takes milliseconds."""

CHECKPOINT_MILLISECONDS = 250
"""So long SQLite may keep writers waiting for readers, to begin its log anew; the next minute it tries again."""

SQLITE_POOL_SIZE = 40
POSTGRESQL_POOL_SIZE = 10
"""A server lets in 100 connections by default, and several of our processes share them."""

MIGRATIONS = Path(__file__).parent / "migrations"

IDLE_SECONDS = 0.2
"""A connection that lay idle for so long may have died, and is asked first. A page asks many things in less, and a
server that is started anew is away for longer: to ask before each was one of four ways to the server and back. Whoever
uses one that died within this time is told so once; nothing was stored then, and the engine tries again.
"""

LOCK_SPACE = 7_242_001
"""Any number will do for our advisory locks, as long as each of our processes takes the same one."""

POSTGRESQL_SESSION = (
    "SET synchronous_commit = on; SET idle_in_transaction_session_timeout = '15s';"
    " SET plan_cache_mode = force_custom_plan; SET timezone = 'UTC'; SET default_transaction_read_only = on"
)
"""A commit is on the disk whatever the server's own setting; a frozen process does not keep its row locks; a filter is
planned for what it asks for: by a plan for any person, one who has no clips waited 0.2 s beside a million. Triggers,
which ask the same of each row, keep their plans (migration 0023). Times come in UTC, and are not turned one by one; and
whoever only reads cannot write: without a transaction nothing would take it back.
"""


Permit = Callable[[sa.Connection], None]
"""Raises, within the transaction, when a person may not do what it does."""


def anybody(_connection: sa.Connection) -> None:
    """Permit it: whoever runs the machine may."""


class _WithHints(sqlite.base.SQLiteCompiler):
    """Writes down which index is to be read, which SQLAlchemy leaves out for SQLite."""

    def get_from_hint_text(self, table: sa.FromClause, text: str | None) -> str | None:  # noqa: ARG002
        """Return ``text`` as it is: ``INDEXED BY`` and a name."""
        return text


class Database:
    """A pool of connections and two kinds of transactions: ``read`` and ``write``."""

    def __init__(self, url: str) -> None:
        with _as_store_errors():
            self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        with _as_store_errors():
            self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgresql_engine(self.url)
        self._witness: sqlite3.Connection | None = None
        self._witness_lock = threading.Lock()
        self._write_turn = FairLock()

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "studio.db")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        with self._witness_lock:
            if self._witness:
                self._witness.close()
            self._witness = None

    def version(self) -> int | None:
        """Return a number that every commit moves, of whatever process; ``None`` where there is none: on PostgreSQL.

        Costs 10 µs, and waits for nobody.
        """
        if not self.is_sqlite:
            return None
        with self._witness_lock:
            try:
                # A connection of its own, since SQLite does not tell one of what it wrote itself.
                self._witness = self._witness or sqlite3.connect(self.file, check_same_thread=False)
                [(version,)] = self._witness.execute("PRAGMA data_version").fetchall()
            except sqlite3.Error:
                return None
            return int(version)

    @contextmanager
    def read(self, *, one_moment: bool = False) -> Iterator[sa.Connection]:
        """Open a connection that only reads; it never waits for a writer on SQLite.

        With ``one_moment`` every statement sees what was there at the first. Without it each sees its own moment on
        PostgreSQL, where no transaction is opened: to begin and to end one are two ways to the server and back, beside
        the one for the answer. SQLite's always see one.
        """
        with _as_store_errors(), self.engine.connect() as connection:
            if one_moment and not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self, *, one_moment: bool = False) -> Iterator[sa.Connection]:
        """Open a transaction that writes; it takes the write lock at once, so it cannot fail half way."""
        level = "REPEATABLE READ" if one_moment else "READ COMMITTED"
        options = {"immediate": True} if self.is_sqlite else {"isolation_level": level, "postgresql_readonly": False}
        with self._turn_to_write(), _as_store_errors(), self.engine.connect() as connection:
            connection.execution_options(**options)
            with connection.begin():
                yield connection

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """Let our own threads write one after the other, each as soon as the one before is done.

        SQLite lets one in at a time as well, but whoever waits for it sleeps up to 0.1 s and asks anew, and one of many
        may come too late for all of five seconds: 32 times in 15 s, with 16 writers and flushes of 30 ms.
        """
        if not self.is_sqlite:
            yield
        elif self._write_turn.acquire(BUSY_SECONDS):
            try:
                yield
            finally:
                self._write_turn.release()
        else:
            raise DatabaseBusyError(f"the database is locked: another thread has been writing for {BUSY_SECONDS:.0f} s")

    def now(self, connection: sa.Connection) -> datetime:
        """Return the time that leases are measured by: the server's on PostgreSQL, this machine's on SQLite."""
        if self.is_sqlite:
            return datetime.now(UTC)
        found: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return found.astimezone(UTC)

    def lock(self, connection: sa.Connection, name: str) -> None:
        """Let one ``write`` transaction at a time go on from here; on SQLite that is so from its beginning."""
        if not self.is_sqlite:
            # PostgreSQL takes signed numbers; the same name gives the same one in every process.
            number = zlib.crc32(name.encode()) - 2**31
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_SPACE, number)))

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """Return an insert that can say what to do on a conflict."""
        if self.is_sqlite:
            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - 25 ms, and SQLite does without

        return postgresql.insert(table)

    def replace(self, connection: sa.Connection, table: sa.Table, **values: Any) -> None:
        """Insert a row, or overwrite the one with the same primary key, whoever else does the same at this moment."""
        insert = self.insert(table).values(**values)
        connection.execute(insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=values))

    def shorten_log(self) -> None:
        """Write SQLite's log into the file and cut it off, unless somebody keeps reading.

        While somebody always reads, SQLite only appends to it: 175 MB in a soak of 5,000 clips (benchmarks/soak.py).
        """
        if not self.is_sqlite:
            return
        with _as_store_errors(), closing(self.engine.raw_connection()) as connection:
            connection.cursor().execute(f"PRAGMA busy_timeout={CHECKPOINT_MILLISECONDS}").close()
            try:
                # Nearly all of it is copied while others write; they wait for what is left alone.
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").close()
                with self._turn_to_write():
                    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
            finally:
                connection.cursor().execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}").close()

    def migrate(self) -> None:
        """Bring the schema up to date, once, whichever process comes first.

        Costs 1 ms where it is. Raises ``NewerDatabaseError``, and touches nothing, when the database is newer than this
        code.
        """
        known = sorted(each.stem[:4] for each in (MIGRATIONS / "versions").glob("[0-9]*.py"))
        with self.write() as connection:
            self.lock(connection, "migration")
            current = _revision(connection)
            if current is not None and current not in known:
                raise NewerDatabaseError(f"database is at {current}, this code knows {known}")
            if current != known[-1]:
                _upgrade(connection)


def _revision(connection: sa.Connection) -> str | None:
    """Return the migration that the database is at, ``None`` before the first."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - 80 ms, and needed after an upgrade alone
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _as_store_errors() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None)
        kind = DatabaseBusyError if "is locked" in str(cause) else StoreError
        raise kind(f"database refused: {type(cause or error).__name__}: {cause or ''}") from None


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url, connect_args={"timeout": BUSY_SECONDS}, pool_size=SQLITE_POOL_SIZE, max_overflow=0, pool_use_lifo=True
    )
    engine.dialect.statement_compiler = _WithHints
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


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
    # An intent has to survive a power cut: NORMAL would lose the last commits of the WAL.
    connection.execute("PRAGMA synchronous=FULL").close()
    connection.execute("PRAGMA foreign_keys=ON").close()
    # What SQLite's own LIKE does not do: capitals of every script are small ones to it.
    connection.create_function("holds", 2, lambda text, words: _folded(words) in _folded(text), deterministic=True)


_ALIKE = str.maketrans(
    {
        "\N{GREEK SMALL LETTER FINAL SIGMA}": "\N{GREEK SMALL LETTER SIGMA}",
        "\N{GREEK BETA SYMBOL}": "\N{GREEK SMALL LETTER BETA}",
        "\N{GREEK THETA SYMBOL}": "\N{GREEK SMALL LETTER THETA}",
        "\N{GREEK PHI SYMBOL}": "\N{GREEK SMALL LETTER PHI}",
        "\N{GREEK PI SYMBOL}": "\N{GREEK SMALL LETTER PI}",
        "\N{GREEK KAPPA SYMBOL}": "\N{GREEK SMALL LETTER KAPPA}",
        "\N{GREEK RHO SYMBOL}": "\N{GREEK SMALL LETTER RHO}",
        "\N{GREEK LUNATE EPSILON SYMBOL}": "\N{GREEK SMALL LETTER EPSILON}",
        "\N{COMBINING GREEK YPOGEGRAMMENI}": "\N{GREEK SMALL LETTER IOTA}",
        "\N{GREEK PROSGEGRAMMENI}": "\N{GREEK SMALL LETTER IOTA}",
        "\N{MICRO SIGN}": "\N{GREEK SMALL LETTER MU}",
        "\N{LATIN SMALL LETTER LONG S}": "\N{LATIN SMALL LETTER S}",
        "\N{LATIN SMALL LETTER LONG S WITH DOT ABOVE}": "\N{LATIN SMALL LETTER S WITH DOT ABOVE}",
    }
)
"""Letters that the index of words takes for others: what it finds is found in each prompt as well."""


def _folded(text: str) -> str:
    """Return ``text`` in small letters, the same ones wherever they stand in a word."""
    return text.lower().translate(_ALIKE)


def _begin_sqlite(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    # A transaction that reads first and writes later cannot wait for the lock; it would fail half way.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _postgresql_engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url,
        connect_args={"connect_timeout": 10},
        pool_size=POSTGRESQL_POOL_SIZE,
        max_overflow=0,
        pool_use_lifo=True,
        isolation_level="AUTOCOMMIT",
    )
    sa.event.listen(engine, "connect", _prepare_postgresql)
    sa.event.listen(engine, "checkin", _note_use)
    sa.event.listen(engine, "checkout", _ask_after_idleness)
    return engine


def _prepare_postgresql(connection: psycopg.Connection[Any], _record: object) -> None:
    connection.execute(POSTGRESQL_SESSION)


def _note_use(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _ask_after_idleness(connection: psycopg.Connection[Any], record: sa.pool.ConnectionPoolEntry, _: object) -> None:
    """Have the pool connect anew where the server no longer answers on a connection that lay idle."""
    if time.monotonic() - record.info.get("used_at", time.monotonic()) < IDLE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
    except connection.OperationalError as error:
        raise InvalidatePoolError from error
