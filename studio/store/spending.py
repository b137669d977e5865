"""Where the credits went: summed by who, what for, from what, and how it ended; and how the videos are doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from studio.store.clip import Stage
from studio.store.credit_sums import KEPT, REFUNDED
from studio.store.filters import failed, succeeded
from studio.store.kept_sums import KeptSums, places
from studio.store.reader import readable
from studio.store.schema import clip_sums, clips, labels

Dimension = Literal["person", "tag", "collection", "mode", "status"]
DIMENSIONS: tuple[Dimension, ...] = ("person", "tag", "collection", "mode", "status")


@dataclass(frozen=True, slots=True)
class Spent:
    """What one group took, in credits: ``kept`` for clips, ``refunded`` for failures; ``value`` is empty for none.

    ``wanted`` of its ``clips`` are starred or downloaded and not deleted.
    """

    value: str
    clips: int
    kept: float
    refunded: float
    wanted: int

    @property
    def credits_per_wanted(self) -> float | None:
        """What one clip that somebody wanted cost; ``None`` when there is none."""
        return self.kept / self.wanted if self.wanted else None


_IS_WANTED = sa.and_(
    clips.c.deleted_at.is_(None), sa.or_(clips.c.starred_at.is_not(None), clips.c.downloaded_at.is_not(None))
)
_WANTED: sa.ColumnElement[int] = sa.func.sum(sa.case((_IS_WANTED, 1), else_=0))
_SUMS_OF_CLIPS: tuple[sa.ColumnElement[Any], ...] = (sa.func.count(), KEPT, REFUNDED, _WANTED)
_VALUES: Mapping[str, sa.ColumnElement[str]] = {
    "person": sa.func.coalesce(clips.c.person, ""),
    "mode": sa.case((clips.c.reference_sha256.is_(None), "text"), else_="image"),
    "status": sa.case(
        (succeeded, "succeeded"), (failed, "failed"), (clips.c.stage == Stage.UNKNOWN, "unknown"), else_="running"
    ),
}
_KEPT = {"person": clip_sums.c.person, "mode": clip_sums.c.mode, "status": clip_sums.c.ended}
_HEALTH = sa.case(
    (sa.and_(succeeded, clips.c.purged_at.is_(None)), sa.func.coalesce(clips.c.health, "remote")), else_=""
)


class Spending(KeptSums):
    """Where the credits of an account went since ever, and how many of its videos are how."""

    table = clip_sums
    keys = (*_KEPT.values(), clip_sums.c.health)
    sums = (clip_sums.c.clips, clip_sums.c.kept, clip_sums.c.refunded, clip_sums.c.wanted)

    def counted(self) -> sa.Select[Any]:
        """Return the SQL of what the clips of each person, source, end and health come to."""
        return self._of_clips(*_VALUES.values(), _HEALTH).group_by(*places(self.keys))

    def by(self, dimension: Dimension, *, since: datetime | None = None) -> list[Spent]:
        """Return the groups of ``dimension``, the dearest first. A clip with two tags counts under both.

        Costs a look at sums that are kept; of tags and collections, and ``since`` a moment, a walk through the clips.
        """
        if since is None and dimension in _KEPT:
            query = sa.select(_KEPT[dimension], *map(sa.func.sum, self.sums)).where(self._mine)
            # Who has no name may not read what nobody's name is on.
            theirs = readable(sa.func.nullif(clip_sums.c.person, ""))
            query = query.where(*theirs).having(sa.func.sum(clip_sums.c.clips) > 0)
        else:
            query = self._of_clips(_VALUES.get(dimension, labels.c.name)).where(*readable(clips.c.person))
            query = query.where(clips.c.created_at >= since) if since else query
            if dimension not in _KEPT:
                query = query.join(labels, sa.and_(labels.c.clip_id == clips.c.id, labels.c.kind == dimension))
        grouped = query.group_by(sa.literal_column("1")).order_by(sa.literal_column("3 DESC, 1"))
        with self._database.read() as connection:
            return [
                Spent(str(name), int(made), float(spent), float(back), int(wanted))
                for name, made, spent, back, wanted in connection.execute(grouped)
            ]

    def _of_clips(self, *values: sa.ColumnElement[str]) -> sa.Select[Any]:
        """Return the SQL of the sums of this account's clips that Rivya accepted, behind ``values`` of each."""
        mine = (clips.c.account == self._account, clips.c.task_id.is_not(None))
        columns: tuple[sa.ColumnElement[Any], ...] = (*values, *_SUMS_OF_CLIPS)
        return sa.select(*columns).where(*mine)
