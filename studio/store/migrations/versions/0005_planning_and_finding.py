"""What is planned and not yet paid, own templates, tags and collections, who made a clip, and what it continues."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

UTC_TIME = sa.DateTime(timezone=True)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the columns and the tables; no clip has a label or a parent yet."""
    op.add_column("clips", sa.Column("purged_at", UTC_TIME))
    op.add_column("clips", sa.Column("parent_id", sa.String(40)))
    op.add_column("clips", sa.Column("person", sa.Text))
    op.create_index("clips_parent", "clips", ["parent_id"])
    _create_labels_and_templates()
    _create_queue()


def _create_labels_and_templates() -> None:
    op.create_table(
        "labels",
        sa.Column("clip_id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("name", sa.String(60), primary_key=True),
    )
    op.create_index("labels_by_name", "labels", ["kind", "name"])
    op.create_table(
        "templates",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
    )


def _create_queue() -> None:
    op.create_table(
        "plans",
        sa.Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(40), nullable=False, unique=True),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("series", sa.String(40), nullable=False),
        sa.Column("position", sa.Float, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("params", sa.JSON, nullable=False),
        sa.Column("reference_sha256", sa.String(64)),
        sa.Column("parent_id", sa.String(40)),
        sa.Column("person", sa.Text),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("released_at", UTC_TIME),
        sa.Column("clip_id", sa.String(40)),
    )
    op.create_index("plans_in_order", "plans", ["account", "position"])
    op.create_table(
        "queues",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("paused_at", UTC_TIME),
        sa.Column("reason", sa.String(80)),
    )
