"""Links that show one clip, for seven days, to whoever has them: unguessable, counted, and taken back at any time."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa

from studio.store.database import Database
from studio.store.schema import guest_links

VALID_DAYS = 7
TOKEN_BYTES = 24
"""192 bits: nobody guesses one."""

MAX_TOKEN_CHARACTERS = 100


class GuestLinks:
    """The links of one ``account``. Only a hash of each is kept: who reads the database opens none."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account

    def add(self, clip_id: str, *, person: str | None = None) -> str:
        """Make a link to a clip and return its token, which is shown once."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._database.write() as connection:
            now = self._database.now(connection)
            connection.execute(sa.delete(guest_links).where(guest_links.c.expires_at <= now))
            connection.execute(
                sa.insert(guest_links).values(
                    token_sha256=_hash(token), account=self._account, clip_id=clip_id, person=person, created_at=now,
                    expires_at=now + timedelta(days=VALID_DAYS),
                )
            )  # fmt: skip
        return token

    def clip_id(self, token: str) -> str | None:
        """Return the clip that a link shows, ``None`` when it is unknown, taken back or too old."""
        if not 0 < len(token) <= MAX_TOKEN_CHARACTERS:
            return None
        with self._database.read() as connection:
            valid = (
                guest_links.c.token_sha256 == _hash(token),
                guest_links.c.account == self._account,
                guest_links.c.expires_at > self._database.now(connection),
            )
            return connection.execute(sa.select(guest_links.c.clip_id).where(*valid)).scalar_one_or_none()

    def account(self, token: str) -> str | None:
        """Return whose clip a link shows, whatever the account, ``None`` for no link."""
        if not 0 < len(token) <= MAX_TOKEN_CHARACTERS:
            return None
        with self._database.read() as connection:
            query = sa.select(guest_links.c.account).where(guest_links.c.token_sha256 == _hash(token))
            return connection.execute(query).scalar_one_or_none()

    def count(self, clip_id: str) -> int:
        """Return how many links show a clip now."""
        with self._database.read() as connection:
            mine = (
                guest_links.c.account == self._account,
                guest_links.c.clip_id == clip_id,
                guest_links.c.expires_at > self._database.now(connection),
            )
            return int(
                connection.execute(sa.select(sa.func.count()).select_from(guest_links).where(*mine)).scalar_one()
            )

    def revoke(self, clip_id: str) -> None:
        """Take back every link to a clip."""
        mine = (guest_links.c.account == self._account, guest_links.c.clip_id == clip_id)
        with self._database.write() as connection:
            connection.execute(sa.delete(guest_links).where(*mine))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
