"""The order of prompts, and what a setting that few clips have leaves, are read from indexes."""

from alembic import op

revision = "0019"
down_revision = "0018"

SHOWN = "deleted_at IS NULL AND purged_at IS NULL"
SETTINGS = ("resolution", "duration", "aspect_ratio")


def upgrade() -> None:
    """Add an index for the order of prompts, and one for each setting that people filter by."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"CREATE INDEX clips_by_prompt ON clips (lower(substr(prompt, 1, 60)), seq DESC) WHERE {SHOWN}")
    for name in SETTINGS:
        value = f"json_extract(params, '$.{name}')" if is_sqlite else f"(params ->> '{name}')"
        op.execute(f"CREATE INDEX clips_by_{name} ON clips ({value}, seq) WHERE {SHOWN}")
