"""Storyboards, and plans that start from the last frame of the one before."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add a table and a column; what is planned by now stands alone."""
    op.create_table(
        "storyboards",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("plans", sa.Column("continues", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("plans_by_series", "plans", ["account", "series"])
