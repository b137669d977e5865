"""When people were told of a clip's end where they are."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add a column and an index; of what ended before nobody is told any more."""
    op.add_column("clips", sa.Column("notified_at", sa.DateTime(timezone=True)))
    op.execute(sa.text("UPDATE clips SET notified_at = updated_at"))
    untold = sa.text("notified_at IS NULL")
    op.create_index("clips_untold", "clips", ["updated_at"], sqlite_where=untold, postgresql_where=untold)
