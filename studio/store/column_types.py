"""Times that are UTC and text from outside, in whichever database they are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator

from studio.store.storable import storable


class Utc(TypeDecorator[datetime]):
    """A point in time, always UTC: ``timestamptz`` on PostgreSQL, ISO text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn any aware time into UTC before it is written."""
        return value.astimezone(UTC) if value else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002
        """Read a time in one step, with its zone: a page of clips has a thousand."""
        return _read if dialect.name == "sqlite" else _in_utc


def _in_utc(moment: datetime | None) -> datetime | None:
    """Return the same moment in UTC, as PostgreSQL tells it by itself (``POSTGRESQL_SESSION``)."""
    return moment if moment is None or moment.tzinfo is UTC else moment.astimezone(UTC)


def _read(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        # To give a time its zone afterwards costs many times what it costs to read it with its zone.
        moment = datetime.fromisoformat(f"{text}+00:00")
    except ValueError:  # not written by us: it names its own zone
        moment = datetime.fromisoformat(text)
    if moment.tzinfo is UTC:
        return moment
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class SafeText(TypeDecorator[str]):
    """Text from outside, of any length: what cannot be stored is left out instead of refusing all of it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Leave out what a database cannot hold."""
        return None if value is None else storable(value)
