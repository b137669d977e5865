"""Which plan a shot was made instead of: its picture stays to be seen, and it can be put back."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the column."""
    op.add_column("plans", sa.Column("replaces", sa.String(40)))
