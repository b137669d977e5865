"""When a clip was downloaded, and which idea or template its prompt began with: what works is learned from it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add two columns; of what is made by now nobody knows."""
    op.add_column("clips", sa.Column("downloaded_at", sa.DateTime(timezone=True)))
    op.add_column("clips", sa.Column("source", sa.Text()))
