"""Who may do what: a role for each name, and a log of who did what that is only ever added to."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

import sqlalchemy as sa

from studio.store import budget
from studio.store.budget import Limits
from studio.store.database import Database, Permit, anybody
from studio.store.reader import readable
from studio.store.schema import activity, members

MOST_NAME_CHARACTERS = 60
EVERYBODY = "*"
"""The row that holds the role of whoever has none of their own; no person can have this name."""

Action = Literal["role", "limit", "ask", "approve", "decline", "trash", "remove", "sign_in"]


class Role(StrEnum):
    """What a person may do; each may do what the one before may."""

    VIEWER = "viewer"
    MAKER = "maker"
    LEAD = "lead"

    def may(self, needed: Role) -> bool:
        """Tell whether this role is enough for what needs ``needed``."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


DEFAULT_ROLE = Role.MAKER


@dataclass(frozen=True, slots=True)
class Member:
    """A person with a role of their own, and who gave it when."""

    name: str
    role: Role
    changed_at: datetime
    changed_by: str | None


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the activity log."""

    at: datetime
    person: str | None
    action: str
    subject: str


def clean_name(text: str) -> str:
    """Return a name as people read it: one line, no odd spaces, at most 60 characters; empty when nothing is left."""
    kept = "".join(" " if one.isspace() else one for one in unicodedata.normalize("NFKC", text))
    shown = "".join(one for one in kept if one == " " or unicodedata.category(one)[0] not in "CZ")
    name = " ".join(shown.split())[:MOST_NAME_CHARACTERS].strip()
    return "" if name == EVERYBODY else name


def person_key(name: str) -> str:
    """Return what two spellings of one name have in common: nobody gets another role by writing it otherwise."""
    return clean_name(name).casefold()[:200]


class Members:
    """The people of one ``account``."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account

    def role(self, name: str, connection: sa.Connection | None = None) -> Role:
        """Return the role of a person, or the one that everybody has who was given none."""
        if connection is None:
            with self._database.read() as reading:
                return self.role(name, reading)
        keys = (EVERYBODY, person_key(name))
        query = sa.select(members.c.person, members.c.role).where(
            members.c.account == self._account, members.c.person.in_(keys)
        )
        found = {person: Role(role) for person, role in connection.execute(query)}
        return found.get(keys[1]) or found.get(EVERYBODY) or DEFAULT_ROLE

    def leads(self) -> list[str]:
        """Return the keys of those who were made leads."""
        query = sa.select(members.c.person).where(members.c.account == self._account, members.c.role == Role.LEAD)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def any(self, connection: sa.Connection | None = None) -> bool:
        """Tell whether a role was ever given: from then on people differ, also when no lead is left."""
        if connection is None:
            with self._database.read() as reading:
                return self.any(reading)
        query = sa.select(members.c.person).where(members.c.account == self._account)
        return connection.execute(query.limit(1)).first() is not None

    def all(self) -> list[Member]:
        """Return everybody with a role of their own, by name."""
        mine = (members.c.account == self._account, members.c.person != EVERYBODY)
        query = sa.select(members.c.name, members.c.role, members.c.changed_at, members.c.changed_by).where(*mine)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(members.c.person))
            return [Member(name, Role(role), changed_at, by) for name, role, changed_at, by in rows]

    def give(self, name: str, role: Role, *, by: str | None, permit: Permit = anybody) -> None:
        """Give a person a role, or ``EVERYBODY`` who has none of their own; the log keeps it.

        ``permit`` raises, within the transaction, when ``by`` may not: two leads cannot take each other's role.
        """
        key = EVERYBODY if name == EVERYBODY else person_key(name)
        with self._database.write() as connection:
            self._database.lock(connection, f"team of {self._account}")
            permit(connection)
            now = self._database.now(connection)
            self._database.replace(
                connection, members, account=self._account, person=key, name=name, role=role, changed_at=now,
                changed_by=by,
            )  # fmt: skip
            self.log(connection, by, "role", f"{name}: {role}")

    def limits(self) -> Limits:
        """Return the limits that a lead has set."""
        with self._database.read() as connection:
            return budget.kept(connection, self._account)

    def set_limit(self, name: str, credits_: int | None, *, by: str | None) -> None:
        """Set a limit, or take it away with ``None``; the log keeps it."""
        with self._database.write() as connection:
            self._database.lock(connection, f"budget of {self._account}")
            budget.keep(self._database, connection, self._account, name, credits_)
            self.log(connection, by, "limit", f"{name}: {'–' if credits_ is None else credits_}")

    def log(self, connection: sa.Connection, person: str | None, action: Action, subject: str) -> None:
        """Add a line to the activity log, within the transaction that does the deed."""
        now = self._database.now(connection)
        line = {"account": self._account, "at": now, "person": person, "action": action, "subject": subject}
        connection.execute(sa.insert(activity).values(**line))

    def note(self, person: str | None, action: Action, subjects: Sequence[str]) -> None:
        """Add a line for each of ``subjects`` to the activity log."""
        with self._database.write() as connection:
            for subject in subjects:
                self.log(connection, person, action, subject)

    def deeds(self, words: str = "", *, limit: int = 50) -> list[Deed]:
        """Return the newest lines of the activity log, those that hold ``words``."""
        columns = (activity.c.at, activity.c.person, activity.c.action, activity.c.subject)
        query = sa.select(*columns).where(activity.c.account == self._account, *readable(activity.c.person))
        if words.strip():
            everywhere = [activity.c.person, activity.c.action, activity.c.subject]
            query = query.where(sa.or_(*(column.icontains(words.strip(), autoescape=True) for column in everywhere)))
        with self._database.read() as connection:
            return [Deed(*row) for row in connection.execute(query.order_by(activity.c.seq.desc()).limit(limit))]
