"""Links that show one clip to somebody who does not sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add a table; what opens a link is kept as its hash alone."""
    op.create_table(
        "guest_links",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("clip_id", sa.String(40), nullable=False),
        sa.Column("person", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("guest_links_by_clip", "guest_links", ["account", "clip_id"])
