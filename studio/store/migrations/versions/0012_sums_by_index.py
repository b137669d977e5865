"""Counts and sums are read from indexes alone: at a million clips the rows behind them are a gigabyte."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NAMED = sa.text("person IS NOT NULL")
SHOWN = sa.text("deleted_at IS NULL AND purged_at IS NULL")
ACCEPTED = sa.text("task_id IS NOT NULL")
OWED = sa.text("status = 'failed' AND credits_final > 0")


def upgrade() -> None:
    """Add an index for counts, and one for credits that holds all that is summed."""
    shown = ["stage", "status", "account"]
    op.create_index("clips_shown", "clips", shown, sqlite_where=SHOWN, postgresql_where=SHOWN)
    op.drop_index("clips_spend", "clips")
    spend = ["created_at", "account", "stage", "status", "credits_reserved", "credits_final"]
    op.create_index("clips_spend", "clips", spend, sqlite_where=ACCEPTED, postgresql_where=ACCEPTED)
    op.create_index("clips_people", "clips", ["person", "account"], sqlite_where=NAMED, postgresql_where=NAMED)
    op.create_index("clips_owed", "clips", ["seq"], sqlite_where=OWED, postgresql_where=OWED)
