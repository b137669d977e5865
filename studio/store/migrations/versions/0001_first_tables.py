"""First tables: clips with their search index, uploads, balances, pauses, drafts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

UTC_TIME = sa.DateTime(timezone=True)

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
WHERE_DUE = sa.text("run_at IS NOT NULL")


def upgrade() -> None:
    """Create everything; the search index is FTS5 on SQLite and pg_trgm on PostgreSQL."""
    op.create_table(
        "clips",
        sa.Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(40), nullable=False, unique=True),
        sa.Column("draft_id", sa.String(400), unique=True),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("params", sa.JSON, nullable=False),
        sa.Column("price", sa.Integer, nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("idempotency_key", sa.String(80), nullable=False, unique=True),
        sa.Column("client_request_id", sa.String(128), nullable=False),
        sa.Column("request_body", sa.Text),
        sa.Column("reference_sha256", sa.String(64)),
        sa.Column("reference_mime_type", sa.String(40)),
        sa.Column("task_id", sa.String(200), unique=True),
        sa.Column("status", sa.String(40)),
        sa.Column("raw", sa.JSON),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("run_at", UTC_TIME),
        sa.Column("owner", sa.String(80)),
        sa.Column("lease_until", UTC_TIME),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.Column("submitted_at", UTC_TIME),
        sa.Column("started_at", UTC_TIME),
        sa.Column("finished_at", UTC_TIME),
        sa.Column("saved_at", UTC_TIME),
        sa.Column("seen_at", UTC_TIME),
        sa.Column("error_code", sa.String(80)),
        sa.Column("error_message", sa.Text),
        sa.Column("error_http_status", sa.Integer),
        sa.Column("request_id", sa.String(200)),
        sa.Column("credits_reserved", sa.Float, nullable=False, server_default="0"),
        sa.Column("credits_final", sa.Float, nullable=False, server_default="0"),
        sa.Column("balance_before", sa.Float),
        sa.Column("balance_after", sa.Float),
        sa.Column("video_sha256", sa.String(64)),
        sa.Column("video_bytes", sa.BigInteger),
        sa.Column("video_width", sa.Integer),
        sa.Column("video_height", sa.Integer),
        sa.Column("video_seconds", sa.Float),
        sa.Column("deleted_at", UTC_TIME),
    )
    op.create_index("clips_by_time", "clips", ["created_at", "seq"])
    op.create_index("clips_due", "clips", ["run_at"], sqlite_where=WHERE_DUE, postgresql_where=WHERE_DUE)
    spend = ["created_at", "stage", "status", "price", "credits_reserved", "credits_final"]
    op.create_index("clips_spend", "clips", spend)
    _create_search_index(op.get_bind().dialect.name)
    _create_small_tables()


def _create_search_index(dialect: str) -> None:
    if dialect == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute("CREATE INDEX clips_search ON clips USING gin (prompt gin_trgm_ops)")
        return
    op.execute(
        "CREATE VIRTUAL TABLE clips_search USING fts5(prompt, content='clips', content_rowid='seq', tokenize='trigram')"
    )
    op.execute(
        "CREATE TRIGGER clips_search_insert AFTER INSERT ON clips BEGIN "
        "INSERT INTO clips_search(rowid, prompt) VALUES (new.seq, new.prompt); END"
    )
    op.execute(
        "CREATE TRIGGER clips_search_delete AFTER DELETE ON clips BEGIN "
        "INSERT INTO clips_search(clips_search, rowid, prompt) VALUES ('delete', old.seq, old.prompt); END"
    )


def _create_small_tables() -> None:
    op.create_table(
        "uploads",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("raw", sa.JSON, nullable=False),
        sa.Column("uploaded_at", UTC_TIME, nullable=False),
    )
    op.create_table(
        "balances",
        sa.Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("credits", sa.Float, nullable=False),
        sa.Column("seen_at", UTC_TIME, nullable=False),
    )
    op.create_index("balances_by_account", "balances", ["account", "seq"])
    op.create_table(
        "pauses",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("until", UTC_TIME, nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
    )
