"""Budgets of which people were told that they are nearly, or wholly, spent: each once in its day or month."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the table of what was told."""
    op.create_table(
        "budget_notices",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("mark", sa.String(64), primary_key=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
    )
