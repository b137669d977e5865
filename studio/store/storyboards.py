"""Storyboards: what a series of plans is called, in which shape it is made, and what is written over it."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa

from studio.store.database import Database
from studio.store.plans import SHOT_SERIES
from studio.store.reader import readable
from studio.store.schema import storyboards


class Storyboards:
    """The storyboards of one ``account``. An id is also the name of the series of its plans."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account

    def all(self) -> dict[str, dict[str, Any]]:
        """Return the body of each storyboard by its id, the newest first."""
        query = sa.select(storyboards.c.id, storyboards.c.body).where(storyboards.c.account == self._account)
        query = query.where(*readable(storyboards.c.person))
        newest = query.order_by(storyboards.c.created_at.desc(), storyboards.c.id)
        with self._database.read() as connection:
            return {str(board_id): dict(body) for board_id, body in connection.execute(newest)}

    def add(self, body: dict[str, Any], *, board_id: str = "", person: str | None = None) -> str:
        """Keep a new storyboard, or one that was dropped under its old id, and return its id."""
        board_id = board_id or f"{SHOT_SERIES}{uuid.uuid4().hex[:20]}"
        with self._database.write() as connection:
            now = self._database.now(connection)
            row = {"id": board_id, "account": self._account, "body": body, "created_at": now, "updated_at": now}
            connection.execute(sa.insert(storyboards).values(**row, person=person))
        return board_id

    def change(self, board_id: str, body: dict[str, Any]) -> None:
        """Write down what changed."""
        mine = (storyboards.c.id == board_id, storyboards.c.account == self._account)
        with self._database.write() as connection:
            now = self._database.now(connection)
            connection.execute(sa.update(storyboards).where(*mine).values(body=body, updated_at=now))

    def forget(self, board_id: str) -> None:
        """Drop a storyboard; its clips stay in the history."""
        mine = (storyboards.c.id == board_id, storyboards.c.account == self._account)
        with self._database.write() as connection:
            connection.execute(sa.delete(storyboards).where(*mine))
