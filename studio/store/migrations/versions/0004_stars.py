"""Which clips somebody wants to find again at once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the column; no clip has a star yet."""
    op.add_column("clips", sa.Column("starred_at", UTC_TIME))
