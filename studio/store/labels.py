"""Tags and collections: names that people give to clips, a clip may have several of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from typing import Any

import sqlalchemy as sa

from studio.store.clip_filter import LabelKind
from studio.store.database import Database
from studio.store.reader import readable, reader
from studio.store.schema import clips, labels
from studio.store.storable import storable
from studio.store.unchanged import Unchanged

MAX_NAME_CHARACTERS = 60


class Labels:
    """Gives names to clips of ``account`` and takes them back."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account
        self._unchanged = Unchanged(database)

    def add(self, clip_ids: Iterable[str], kind: LabelKind, name: str) -> None:
        """Give ``name`` to clips; one that has it already keeps it. A name of spaces is none."""
        name = " ".join(storable(name).split())[:MAX_NAME_CHARACTERS]
        rows = [{"clip_id": clip_id, "kind": kind, "name": name} for clip_id in clip_ids]
        if not (name and rows):
            return
        with self._database.write() as connection:
            connection.execute(self._database.insert(labels).on_conflict_do_nothing(), rows)

    def remove(self, clip_ids: Collection[str], kind: LabelKind, name: str) -> None:
        """Take ``name`` back from clips."""
        mine = (labels.c.clip_id.in_(clip_ids), labels.c.kind == kind, labels.c.name == name)
        with self._database.write() as connection:
            connection.execute(sa.delete(labels).where(*mine))

    def of(self, clip_ids: Collection[str]) -> dict[str, dict[str, list[str]]]:
        """Return the names of clips: for each clip its ``tag`` and ``collection`` names, sorted."""
        found: dict[str, dict[str, list[str]]] = {clip_id: {"tag": [], "collection": []} for clip_id in clip_ids}
        query = sa.select(labels).where(labels.c.clip_id.in_(clip_ids)).order_by(labels.c.name)
        with self._database.read() as connection:
            for clip_id, kind, name in connection.execute(query):
                found[clip_id][kind].append(name)
        return found

    def names(self, kind: LabelKind) -> dict[str, int]:
        """Return the names in use and how many clips outside the trash have each, sorted by name."""
        return {**self._unchanged.get(partial(self._names, kind), reader(), kind)}

    def _names(self, kind: LabelKind) -> dict[str, int]:
        query: sa.Select[Any] = (
            sa.select(labels.c.name, sa.func.count())
            .join(clips, clips.c.id == labels.c.clip_id)
            .where(
                labels.c.kind == kind,
                clips.c.account == self._account,
                clips.c.deleted_at.is_(None),
                *readable(clips.c.person),
            )
            .group_by(labels.c.name)
            .order_by(labels.c.name)
        )
        with self._database.read() as connection:
            return {str(name): int(count) for name, count in connection.execute(query)}
