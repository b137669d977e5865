"""Where the credits went: summed in SQL by who, what for, from what, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from studio.store.clip import Stage
from studio.store.database import Database
from studio.store.filters import failed, succeeded
from studio.store.reader import readable
from studio.store.schema import clips, labels

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


def spent_by(database: Database, account: str, dimension: Dimension, *, since: datetime | None = None) -> list[Spent]:
    """Return the groups of ``dimension``, the dearest first. A clip with two tags counts under both.

    Costs one walk through the clips since then.
    """
    value: Any = _VALUES.get(dimension, labels.c.name)
    is_wanted = sa.and_(
        clips.c.deleted_at.is_(None), sa.or_(clips.c.starred_at.is_not(None), clips.c.downloaded_at.is_not(None))
    )
    kept = sa.func.sum(sa.case((succeeded, clips.c.credits_final), else_=0.0))
    refunded = sa.func.sum(sa.case((failed, clips.c.credits_reserved - clips.c.credits_final), else_=0.0))
    query = sa.select(
        sa.func.coalesce(value, "").label("value"), sa.func.count(), kept.label("kept"), refunded,
        sa.func.sum(sa.case((is_wanted, 1), else_=0)),
    ).where(clips.c.account == account, clips.c.task_id.is_not(None), *readable(clips.c.person))  # fmt: skip
    if since is not None:
        query = query.where(clips.c.created_at >= since)
    if dimension in {"tag", "collection"}:
        query = query.join(labels, sa.and_(labels.c.clip_id == clips.c.id, labels.c.kind == dimension))
    grouped = query.group_by(sa.literal_column("1")).order_by(sa.literal_column("3").desc(), sa.literal_column("1"))
    with database.read() as connection:
        return [
            Spent(str(name), int(made), float(spent), float(back), int(wanted))
            for name, made, spent, back, wanted in connection.execute(grouped)
        ]


_VALUES: dict[str, sa.ColumnElement[Any]] = {
    "person": clips.c.person,
    "mode": sa.case((clips.c.reference_sha256.is_(None), "text"), else_="image"),
    "status": sa.case(
        (succeeded, "succeeded"), (failed, "failed"), (clips.c.stage == Stage.UNKNOWN, "unknown"), else_="running"
    ),
}
