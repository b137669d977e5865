"""What is planned and not yet paid, own templates, tags and collections, who made a clip, and what it continues."""

import sqlalchemy as sa
from alembic import op

from rivya.store.schema import Utc, labels, plans, queues, templates

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns and the tables; no clip has a label or a parent yet."""
    op.add_column("clips", sa.Column("purged_at", Utc))
    op.add_column("clips", sa.Column("parent_id", sa.String(40)))
    op.add_column("clips", sa.Column("person", sa.Text))
    op.create_index("clips_parent", "clips", ["parent_id"])
    for table in (labels, templates, plans, queues):
        table.create(op.get_bind())
