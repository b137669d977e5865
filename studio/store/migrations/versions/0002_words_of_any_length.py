"""Words of any length: what Rivya names is not ours to bound. SQLite never bounded it; PostgreSQL refused the save."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WORDS = ("task_id", "status", "error_code", "request_id")


def upgrade() -> None:
    """Make Rivya's words ``text``, which PostgreSQL does without touching a row."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in WORDS:
        op.alter_column("clips", name, type_=sa.Text)
