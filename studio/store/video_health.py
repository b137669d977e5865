"""How the paid videos are doing: whole here, only at Rivya, or damaged; and which of them is to be checked next."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import sqlalchemy as sa

from studio.store.clip import Clip, Health, Stage
from studio.store.database import Database
from studio.store.mapping import ClipMapping
from studio.store.schema import MADE, clips


class VideoHealth:
    """The health of ``account``'s videos."""

    def __init__(self, database: Database, rows: ClipMapping, account: str) -> None:
        self._database = database
        self._rows = rows
        self._account = account

    def to_check(self, *, older_than_seconds: float, limit: int) -> list[Clip]:
        """Return clips of this account with a video whose last check is too long ago, the oldest check first."""
        with self._database.read() as connection:
            before = self._database.now(connection) - timedelta(seconds=older_than_seconds)
            query = (
                sa.select(clips)
                .where(
                    clips.c.account == self._account,
                    clips.c.stage == Stage.DONE,
                    clips.c.video_sha256.is_not(None),
                    clips.c.purged_at.is_(None),
                    sa.or_(clips.c.checked_at.is_(None), clips.c.checked_at < before),
                )
                .order_by(clips.c.checked_at)
                .limit(limit)
            )
            return [self._rows.clip(row) for row in connection.execute(query)]

    def record(self, clip_id: str, health: str, *, fetch_again: bool) -> None:
        """Write down how a video is doing; ``fetch_again`` gives it back to the engine, which costs nothing."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            again = {"stage": Stage.SAVING, "attempts": 1, "run_at": now} if fetch_again else {}
            here = (clips.c.id == clip_id, clips.c.purged_at.is_(None))
            connection.execute(sa.update(clips).where(*here).values(health=health, checked_at=now, **again))

    def forget(self) -> None:
        """Make every video of this account due for a check."""
        with self._database.write() as connection:
            connection.execute(sa.update(clips).where(clips.c.account == self._account).values(checked_at=None))

    def counts(self, *, at_most: int | None = None) -> dict[str, int]:
        """Count this account's paid videos by how they are doing; a finished one without a video is only at Rivya.

        With ``at_most`` counting ends there for each: 3 ms, where all of a million take 100 (benchmarks/store.py).
        """
        # MADE word by word: of an index for some rows SQLite has to see that it holds these.
        here = (MADE, clips.c.account == self._account, clips.c.stage.in_([Stage.SAVING, Stage.DONE]))
        found = Counter[str]()
        with self._database.read() as connection:
            for name in (None, *Health):
                is_so = clips.c.health.is_(None) if name is None else clips.c.health == name
                some = sa.select(sa.literal(1)).where(*here, is_so).limit(at_most)
                count = connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one()
                found[name or Health.REMOTE] += int(count)
        return {str(name): count for name, count in found.items() if count}
