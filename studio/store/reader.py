"""Who reads: in a studio with private histories a person sees their own clips, whatever they ask for.

The reader is a context variable, set where a person's request begins. Where nobody set one (the engine, the command
line, a lead, a studio whose history is the team's) everything is read.
"""

from __future__ import annotations

from contextvars import ContextVar

import sqlalchemy as sa

_reader: ContextVar[str | None] = ContextVar("reader", default=None)


def read_as(person: str | None) -> None:
    """Have this thread or task read what is ``person``'s alone; ``None`` for everything."""
    _reader.set(person)


def reader() -> str | None:
    """Return whose rows this thread or task may read; ``None`` when all."""
    return _reader.get()


def readable(person: sa.ColumnElement[str | None]) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition, if any, that a row belongs to the reader by its column ``person``."""
    whose = reader()
    return () if whose is None else (person == whose,)
