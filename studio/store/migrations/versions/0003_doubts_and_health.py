"""When an intent was in doubt, when a person said go on, how its film is doing, and the shared request budget."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and the table; rows keep what they have."""
    op.add_column("clips", sa.Column("sent_at", UTC_TIME))
    op.add_column("clips", sa.Column("sent_mark", sa.String(16)))
    op.add_column("clips", sa.Column("unknown_at", UTC_TIME))
    op.add_column("clips", sa.Column("confirmed_at", UTC_TIME))
    op.add_column("clips", sa.Column("health", sa.String(20)))
    op.add_column("clips", sa.Column("checked_at", UTC_TIME))
    op.create_index("clips_checked", "clips", ["checked_at"])
    op.create_table(
        "budgets",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("minute", sa.BigInteger, primary_key=True),
        sa.Column("used", sa.Integer, nullable=False),
    )
