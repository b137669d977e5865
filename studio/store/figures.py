"""What an operator watches: how many clips stand where, what waits too long, and what went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from studio.store.clip import OPEN_STAGES
from studio.store.database import Database
from studio.store.index_conditions import FAULTY
from studio.store.schema import clips, plans


@dataclass(frozen=True, slots=True)
class Figures:
    """The state of one account's work.

    ``oldest_due_seconds`` is how long the oldest clip is overdue that no engine holds; 0 when an engine keeps up.
    """

    by_stage: dict[str, int]
    by_error_code: dict[str, int]
    planned: int
    oldest_due_seconds: float


def figures(database: Database, account: str) -> Figures:
    """Count what there is. Raises ``StoreError`` when the database does not answer."""
    mine = clips.c.account == account
    with database.read() as connection:
        now = database.now(connection)
        nobody = sa.or_(clips.c.owner.is_(None), clips.c.lease_until < now)
        # By the index of what is shown; and what lies in the trash and still runs, by its due time.
        is_open = (mine, clips.c.stage.in_(OPEN_STAGES))
        kinds = ((clips.c.deleted_at.is_(None), clips.c.purged_at.is_(None)), (clips.c.deleted_at.is_not(None),
                 clips.c.run_at.is_not(None)))  # fmt: skip
        stages = Counter[str]()
        for kind in kinds:
            counted = sa.select(clips.c.stage, sa.func.count()).where(*is_open, *kind).group_by(clips.c.stage)
            stages.update({stage: int(count) for stage, count in connection.execute(counted)})
        codes = connection.execute(
            sa.select(clips.c.error_code, sa.func.count()).where(FAULTY, mine).group_by(clips.c.error_code)
        )
        oldest = connection.execute(
            sa.select(sa.func.min(clips.c.run_at)).where(
                mine, clips.c.stage.in_(OPEN_STAGES), clips.c.run_at <= now, nobody
            )
        ).scalar_one()
        return Figures(
            dict(stages),
            {str(code): int(count) for code, count in codes},
            connection.execute(
                sa.select(sa.func.count()).where(plans.c.account == account, plans.c.clip_id.is_(None))
            ).scalar_one(),
            (now - oldest).total_seconds() if oldest else 0.0,
        )
