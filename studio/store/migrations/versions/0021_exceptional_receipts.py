"""Clips whose receipt has to be looked at one by one, found without reading those that are as usual."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

ORDINARY = (
    "CASE WHEN task_id IS NOT NULL AND substr(idempotency_key, 1, 8) <> 'rescued:' "
    "AND (stage IN ('saving', 'done') AND status = 'succeeded' "
    "OR stage = 'done' AND status = 'failed' AND credits_final = 0) "
    "AND coalesce(sent_at, created_at) BETWEEN created_at AND finished_at AND {took} THEN 1 ELSE 0 END"
)
TOOK = {
    "sqlite": "strftime('%s', finished_at) - strftime('%s', created_at) <= 3600",
    "postgresql": "finished_at - created_at <= interval '3600 seconds'",
}


def upgrade() -> None:
    """Add the index."""
    ordinary = ORDINARY.format(took=TOOK[op.get_bind().dialect.name])
    where = sa.text(f"(task_id IS NOT NULL OR sent_at IS NOT NULL) AND {ordinary} = 0")
    op.create_index("clips_exceptional", "clips", ["created_at", "account"], sqlite_where=where, postgresql_where=where)
