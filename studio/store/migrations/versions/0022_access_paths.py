"""The clips of an account, with a star, in the trash and confirmed once more, each by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

INDEXES = {
    # True of every clip: SQLite takes the index of accounts for who asks so, and for nobody else.
    "clips_of_account": (["account", "seq", "deleted_at", "purged_at", "price"], "price >= 0"),
    "clips_starred": (["account", "seq"], "starred_at IS NOT NULL AND deleted_at IS NULL AND purged_at IS NULL"),
    "clips_confirmed": (["confirmed_at"], "confirmed_at IS NOT NULL"),
    "clips_in_trash": (["account", "seq"], "deleted_at IS NOT NULL AND purged_at IS NULL"),
}


def upgrade() -> None:
    """Add the indexes."""
    for name, (columns, words) in INDEXES.items():
        where = sa.text(words)
        op.create_index(name, "clips", columns, sqlite_where=where, postgresql_where=where)
