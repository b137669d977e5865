"""How the paid videos are doing: whole here, only at Rivya, or damaged; and which of them is to be checked next."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from studio.store.clip import Clip, Stage
from studio.store.database import Database
from studio.store.index_conditions import HAS_VIDEO
from studio.store.mapping import ClipMapping
from studio.store.schema import clip_sums, clips, video_checks


class VideoHealth:
    """The health of ``account``'s videos."""

    def __init__(self, database: Database, rows: ClipMapping, account: str) -> None:
        self._database = database
        self._rows = rows
        self._account = account

    def to_check(self, *, older_than_seconds: float, limit: int) -> list[Clip]:
        """Return clips of this account with a video whose last check is too long ago, the oldest check first."""
        asked = sa.select(video_checks.c.asked_at).where(video_checks.c.account == self._account)
        checked_at = clips.c.checked_at
        with self._database.read() as connection:
            now = self._database.now(connection)
            before = now - timedelta(seconds=older_than_seconds)
            asked_at = connection.execute(asked).scalar_one_or_none() or before
            if asked_at <= now:  # a clock that was put back would have each checked for ever
                before = max(asked_at, before)
            found: list[Clip] = []
            # Two questions, since databases differ in where the index has what was never checked.
            for is_due in (checked_at.is_(None), checked_at < before):
                done = sa.select(clips).where(HAS_VIDEO, clips.c.account == self._account, clips.c.stage == Stage.DONE)
                oldest = done.where(is_due).order_by(checked_at).limit(limit - len(found))
                found += self._rows.clips(connection.execute(oldest))
            return found

    def record(self, clip_id: str, health: str, *, fetch_again: bool) -> None:
        """Write down how a video is doing; ``fetch_again`` gives it back to the engine, which costs nothing."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            again = {"stage": Stage.SAVING, "attempts": 1, "run_at": now} if fetch_again else {}
            here = (clips.c.id == clip_id, clips.c.purged_at.is_(None))
            connection.execute(sa.update(clips).where(*here).values(health=health, checked_at=now, **again))

    def ask_for_all(self) -> None:
        """Make every video of this account due for a check that was checked before this moment."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            self._database.replace(connection, video_checks, account=self._account, asked_at=now)

    def counts(self) -> dict[str, int]:
        """Count this account's paid videos by how they are doing; a finished one without a video is only at Rivya.

        Costs a look at sums that are kept.
        """
        health, many = clip_sums.c.health, sa.func.sum(clip_sums.c.clips)
        mine = sa.select(health, many).where(clip_sums.c.account == self._account, health != "")
        with self._database.read() as connection:
            return {name: int(count) for name, count in connection.execute(mine.group_by(health)) if count}
