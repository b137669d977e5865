"""A whole history from one database into another, such as from SQLite into PostgreSQL when a second process joins."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from studio.errors import StoreError
from studio.store.database import Database
from studio.store.schema import clip_sums, clips, credit_sums, metadata, plans

ROWS_AT_ONCE = 500


def copy_history(source_url: str, target_url: str) -> dict[str, int]:
    """Copy every table into an empty database, all or nothing, and return the number of rows of each.

    Videos, posters and images stay where they are, in the data folder. Both databases are brought up to date first.
    Raises ``StoreError`` when the source holds no history or is being worked on, or when the target holds any row.
    """
    source, target = _existing(source_url), Database(target_url)
    try:
        _require_history(source)
        source.migrate()
        target.migrate()
        with source.read(one_moment=True) as reading, target.write() as writing:
            _require_rest(source, reading)
            _require_empty(target, writing)
            # Sums are made anew by the clips that arrive.
            copied = [table for table in metadata.sorted_tables if table not in {credit_sums, clip_sums}]
            counts = {table.name: _copy(table, reading, writing) for table in copied}
            # The old studio may still send what was released there; here a person gives their word anew.
            writing.execute(sa.update(plans).where(plans.c.clip_id.is_(None)).values(released_at=None))
            if not target.is_sqlite:
                _continue_numbers(writing)
            return counts
    finally:
        source.close()
        target.close()


def _existing(url: str) -> Database:
    database = Database(url)
    path = database.url.database
    if database.is_sqlite and not (path and Path(path).is_file()):
        raise StoreError(f"there is no file {path} to copy from")
    return database


def _require_history(source: Database) -> None:
    with source.read() as reading:
        if not sa.inspect(reading).has_table("alembic_version"):
            raise StoreError("the source is not a history of the studio; nothing was copied")


def _require_rest(source: Database, reading: sa.Connection) -> None:
    leased = sa.select(sa.func.count()).select_from(clips).where(clips.c.lease_until > source.now(reading))
    if reading.execute(leased).scalar_one():
        raise StoreError("a studio still works on the source; stop it, wait half a minute, and copy again")


def _require_empty(target: Database, writing: sa.Connection) -> None:
    """Refuse a target with any row, and keep others from writing one until the copy is there."""
    for table in metadata.sorted_tables:
        if not target.is_sqlite:
            writing.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE")
        if writing.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise StoreError(f"the target already holds {table.name}; copy into an empty database")


def _copy(table: sa.Table, reading: sa.Connection, writing: sa.Connection) -> int:
    rows = reading.execution_options(yield_per=ROWS_AT_ONCE).execute(sa.select(table).order_by(*table.primary_key))
    count = 0
    for part in rows.mappings().partitions():
        writing.execute(sa.insert(table), [dict(row) for row in part])
        count += len(part)
    return count


def _continue_numbers(writing: sa.Connection) -> None:
    """Let PostgreSQL number the next rows from where the copied ones end."""
    for table in metadata.sorted_tables:
        if "seq" in table.c:
            last = sa.select(sa.func.max(table.c.seq)).scalar_subquery()
            sequence = sa.func.pg_get_serial_sequence(table.name, "seq")
            writing.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(last, 1), last.is_not(None))))
