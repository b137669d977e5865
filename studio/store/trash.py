"""The end of the trash: videos that are given up for good. Their rows stay, since money stays money."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa

from studio.store.access_paths import of_account
from studio.store.clip import Stage
from studio.store.database import Database
from studio.store.schema import clips


class Trash:
    """Gives videos up, and remembers which of them still lie somewhere until they are removed."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account

    def expire(self, *, older_than_seconds: float) -> int:
        """Move clips into the trash that were made longer ago, are over, and have no star; return how many.

        From there they can be had back, as whatever lies in the trash, and then stay as long once more.
        """
        with self._database.read() as connection:
            before = self._database.now(connection) - timedelta(seconds=older_than_seconds)
            is_old = (
                sa.func.coalesce(clips.c.restored_at, clips.c.created_at) < before,
                clips.c.deleted_at.is_(None),
                clips.c.starred_at.is_(None),
                clips.c.purged_at.is_(None),
                clips.c.stage.in_([Stage.DONE, Stage.REFUSED]),
            )
            old = of_account(sa.select(clips.c.seq), self._account).where(*is_old)
            if connection.execute(old.limit(1)).first() is None:
                return 0  # as each minute says, and nobody who writes has to wait for it
        with self._database.write() as connection:
            now = self._database.now(connection)
            # Said of the row once more: on PostgreSQL somebody may have given it a star since.
            moved = sa.update(clips).where(clips.c.seq.in_(old), *is_old).values(deleted_at=now)
            return connection.execute(moved).rowcount

    def purge(self, *, older_than_seconds: float, only: Collection[str] | None = None) -> None:
        """Give up the videos of clips that lay in the trash for longer; ``videos_to_remove`` names them from now on.

        ``only`` names the clips that somebody saw when they said so. The rows stay: money stays money. A clip on which
        something is still to be done is left alone.
        """
        with self._database.write() as connection:
            now = self._database.now(connection)
            due = (
                clips.c.account == self._account,
                clips.c.id.in_(only) if only is not None else sa.true(),
                clips.c.deleted_at <= now - timedelta(seconds=older_than_seconds),
                clips.c.purged_at.is_(None),
                clips.c.stage.in_([Stage.DONE, Stage.REFUSED]),
            )
            given_up = {"purged_at": now, "health": None, "run_at": None, "owner": None, "lease_until": None}
            connection.execute(sa.update(clips).where(*due).values(**given_up))

    def videos_to_remove(self) -> list[str]:
        """Return the SHA-256 of videos that were given up, still lie somewhere, and that no other clip needs."""
        given_up = (clips.c.purged_at.is_not(None), clips.c.video_sha256.is_not(None))
        query = sa.select(clips.c.video_sha256).where(*given_up, ~_is_shown(clips.c.video_sha256)).distinct()
        with self._database.read() as connection:
            return list(connection.execute(query.order_by(clips.c.video_sha256)).scalars())

    def needs_video(self, sha256: str) -> bool:
        """Whether any clip still shows this video."""
        with self._database.read() as connection:
            return bool(connection.execute(sa.select(_is_shown(sa.literal(sha256)))).scalar_one())

    def video_removed(self, sha256: str) -> None:
        """Write down that a video that was given up lies nowhere any more."""
        with self._database.write() as connection:
            given_up = (clips.c.video_sha256 == sha256, clips.c.purged_at.is_not(None))
            connection.execute(sa.update(clips).where(*given_up).values(video_sha256=None))


def _is_shown(sha256: sa.ColumnElement[str]) -> sa.Exists:
    other = clips.alias("other")
    return sa.exists().where(other.c.video_sha256 == sha256, other.c.purged_at.is_(None))
