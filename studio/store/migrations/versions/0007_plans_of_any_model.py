"""A plan names its model, as a clip does."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; what is planned by now is of the one model that there was."""
    op.add_column("plans", sa.Column("model", sa.String(80), nullable=False, server_default="seedance-1-0-pro"))
