"""Indexes of few clips hold what else is asked of these; a check of all videos is a moment, not a million rows."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

SHOWN = "deleted_at IS NULL AND purged_at IS NULL"
FEW = {
    "clips_failed": f"stage = 'done' AND status = 'failed' AND {SHOWN}",
    "clips_starred": f"starred_at IS NOT NULL AND {SHOWN}",
    "clips_in_trash": "deleted_at IS NOT NULL AND purged_at IS NULL",
}
FILTERED = ("account", "seq", "person", "created_at", "reference_sha256")
SETTINGS = ("resolution", "duration", "aspect_ratio")
BY_PROMPT = [sa.text("lower(substr(prompt, 1, 60))"), sa.text("seq DESC"), "stage", "status"]
STATISTICS_OF_EXPRESSIONS = (14,)
"""The PostgreSQL that has them first."""


def upgrade() -> None:
    """Make the indexes anew, and add the table."""
    for name in ("clips_checked", "clips_by_prompt", "clips_starred", "clips_in_trash"):
        op.drop_index(name, "clips")
    dialect = op.get_bind().dialect
    is_sqlite = dialect.name == "sqlite"
    settings = [sa.text(f"json_extract(params, '$.{name}')") for name in SETTINGS] if is_sqlite else []
    _add("clips_checked", ["checked_at"], "video_sha256 IS NOT NULL AND purged_at IS NULL")
    _add("clips_by_prompt", BY_PROMPT, SHOWN)
    for name, words in FEW.items():
        _add(name, [*FILTERED, *settings], words)
    if not is_sqlite and (dialect.server_version_info or ()) >= STATISTICS_OF_EXPRESSIONS:
        # What an index for some rows says of its values PostgreSQL does not look at, and takes one of 200 to fit.
        values = ", ".join(f"(params ->> '{name}')" for name in SETTINGS)
        op.execute(f"CREATE STATISTICS clips_settings ON stage, status, {values} FROM clips")
        op.execute("ANALYZE clips")
    op.create_table(
        "video_checks",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )


def _add(name: str, columns: list[Any], words: str) -> None:
    where = sa.text(words)
    op.create_index(name, "clips", columns, sqlite_where=where, postgresql_where=where)
