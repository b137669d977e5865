"""Indexes of few clips hold what else is asked of these, and a check of all videos is a moment, not a million rows."""

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
FILTERED: tuple[str, ...] = ("account", "seq", "person", "created_at", "reference_sha256")
SETTINGS = ("resolution", "duration", "aspect_ratio")
BY_PROMPT = [sa.text("lower(substr(prompt, 1, 60))"), sa.text("seq DESC"), "stage", "status"]


def upgrade() -> None:
    """Make the indexes anew, and add the table."""
    for name in ("clips_checked", "clips_by_prompt", "clips_starred", "clips_in_trash"):
        op.drop_index(name, "clips")
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    settings: list[str | sa.TextClause] = (
        [sa.text(f"json_extract(params, '$.{name}')") for name in SETTINGS] if is_sqlite else []
    )
    _add("clips_checked", ["checked_at"], "video_sha256 IS NOT NULL AND purged_at IS NULL")
    _add("clips_by_prompt", BY_PROMPT, SHOWN)
    for name, words in FEW.items():
        _add(name, [*FILTERED, *settings], words)
    op.create_table(
        "video_checks",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )


def _add(name: str, columns: list[Any], words: str) -> None:
    where = sa.text(words)
    op.create_index(name, "clips", columns, sqlite_where=where, postgresql_where=where)
