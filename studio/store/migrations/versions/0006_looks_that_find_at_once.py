"""Indexes for what is asked every second or minute: what ended unseen, which films were given up, who shows a film."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

UNSEEN = sa.text("seen_at IS NULL")
GIVEN_UP = sa.text("purged_at IS NOT NULL AND video_sha256 IS NOT NULL")


def upgrade() -> None:
    """Add the indexes; rows keep what they have."""
    op.create_index("clips_film", "clips", ["video_sha256"])
    op.create_index("clips_unseen", "clips", ["seq"], sqlite_where=UNSEEN, postgresql_where=UNSEEN)
    op.create_index("clips_given_up", "clips", ["video_sha256"], sqlite_where=GIVEN_UP, postgresql_where=GIVEN_UP)
