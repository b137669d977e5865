"""When a clip was taken out of the trash, from where a rule of so many days counts; and whose a draft is."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("clips", sa.Column("restored_at", sa.DateTime(timezone=True)))
    op.add_column("drafts", sa.Column("person", sa.Text))
