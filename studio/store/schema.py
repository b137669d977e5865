"""The tables. One row of ``clips`` is history, outbox and queue in one."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)

from rivya.spec import DEFAULT_MODEL
from studio.store.column_types import SafeText, Utc
from studio.store.index_conditions import (
    ACCEPTED,
    CONFIRMED,
    EXCEPTIONAL,
    FAILED,
    FAULTY,
    GIVEN_UP,
    HAS_VIDEO,
    IN_TRASH,
    NAMED,
    NAMED_BY_ACCOUNT,
    OWED,
    SHOWN,
    STARRED,
    UNTOLD,
)

metadata = MetaData()
_Json = JSON(none_as_null=True)
_Sequence = BigInteger().with_variant(Integer, "sqlite")

FILTERED = ("account", "seq", "person", "created_at", "reference_sha256")
"""What an index of few clips holds of each, so that what else is asked of them reads no row; on SQLite their settings
too (migration 0024).
"""

clips = Table(
    "clips",
    metadata,
    Column("seq", _Sequence, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("draft_id", String(400), unique=True),
    Column("account", String(200), nullable=False),
    Column("model", String(80), nullable=False),
    Column("prompt", SafeText, nullable=False),
    Column("params", _Json, nullable=False),
    Column("price", Integer, nullable=False),
    Column("stage", String(20), nullable=False),
    Column("idempotency_key", String(80), nullable=False, unique=True),
    Column("client_request_id", String(128), nullable=False),
    Column("request_body", Text),
    Column("reference_sha256", String(64)),
    Column("reference_mime_type", String(40)),
    Column("task_id", SafeText, unique=True),
    Column("status", SafeText),
    Column("raw", _Json),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("run_at", Utc),
    Column("owner", String(80)),
    Column("lease_until", Utc),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("submitted_at", Utc),
    Column("started_at", Utc),
    Column("finished_at", Utc),
    Column("saved_at", Utc),
    Column("seen_at", Utc),
    Column("error_code", SafeText),
    Column("error_message", SafeText),
    Column("error_http_status", Integer),
    Column("request_id", SafeText),
    Column("credits_reserved", Float, nullable=False, server_default="0"),
    Column("credits_final", Float, nullable=False, server_default="0"),
    Column("balance_before", Float),
    Column("balance_after", Float),
    Column("video_sha256", String(64)),
    Column("video_bytes", BigInteger),
    Column("video_width", Integer),
    Column("video_height", Integer),
    Column("video_seconds", Float),
    Column("deleted_at", Utc),
    Column("purged_at", Utc),
    Column("starred_at", Utc),
    Column("parent_id", String(40)),
    Column("person", SafeText),
    Column("sent_at", Utc),
    Column("sent_mark", String(16)),
    Column("unknown_at", Utc),
    Column("confirmed_at", Utc),
    Column("health", String(20)),
    Column("checked_at", Utc),
    Column("downloaded_at", Utc),
    Column("source", SafeText),
    Column("notified_at", Utc),
    Column("approved_by", SafeText),
    Column("restored_at", Utc),
    Index("clips_checked", "checked_at", sqlite_where=HAS_VIDEO, postgresql_where=HAS_VIDEO),
    Index("clips_parent", "parent_id"),
    Index("clips_by_time", "created_at", "seq"),
    Index(
        "clips_of_account",
        "account",
        "seq",
        "deleted_at",
        "purged_at",
        "price",
        sqlite_where=NAMED_BY_ACCOUNT,
        postgresql_where=NAMED_BY_ACCOUNT,
    ),
    Index("clips_failed", *FILTERED, sqlite_where=FAILED, postgresql_where=FAILED),
    Index("clips_starred", *FILTERED, sqlite_where=STARRED, postgresql_where=STARRED),
    Index("clips_in_trash", *FILTERED, sqlite_where=IN_TRASH, postgresql_where=IN_TRASH),
    Index("clips_confirmed", "confirmed_at", sqlite_where=CONFIRMED, postgresql_where=CONFIRMED),
    Index("clips_due", "run_at", sqlite_where=text("run_at IS NOT NULL"), postgresql_where=text("run_at IS NOT NULL")),
    Index("clips_film", "video_sha256"),
    Index("clips_unseen", "seq", sqlite_where=text("seen_at IS NULL"), postgresql_where=text("seen_at IS NULL")),
    Index("clips_untold", "updated_at", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
    Index("clips_given_up", "video_sha256", sqlite_where=GIVEN_UP, postgresql_where=GIVEN_UP),
    Index("clips_people", "person", "account", sqlite_where=NAMED, postgresql_where=NAMED),
    Index("clips_owed", "seq", sqlite_where=OWED, postgresql_where=OWED),
    Index("clips_by_error", "error_code", "account", sqlite_where=FAULTY, postgresql_where=FAULTY),
    Index(
        "clips_by_prompt",
        text("lower(substr(prompt, 1, 60))"),
        text("seq DESC"),
        "stage",
        "status",
        sqlite_where=SHOWN,
        postgresql_where=SHOWN,
    ),
    Index(
        "clips_exceptional",
        "created_at",
        "account",
        sqlite_where=EXCEPTIONAL["sqlite"],
        postgresql_where=EXCEPTIONAL["postgresql"],
    ),
    # Neither begins with the account: it would be taken for pages of the newest, and all of it sorted for them.
    Index("clips_shown", "stage", "status", "account", sqlite_where=SHOWN, postgresql_where=SHOWN),
    Index(
        "clips_spend",
        "created_at",
        "account",
        "stage",
        "status",
        "credits_reserved",
        "credits_final",
        sqlite_where=ACCEPTED,
        postgresql_where=ACCEPTED,
    ),
)

uploads = Table(
    "uploads",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("account", String(200), primary_key=True),
    Column("url", SafeText, nullable=False),
    Column("raw", _Json, nullable=False),
    Column("uploaded_at", Utc, nullable=False),
)

balances = Table(
    "balances",
    metadata,
    Column("seq", _Sequence, primary_key=True, autoincrement=True),
    Column("account", String(200), nullable=False),
    Column("credits", Float, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Index("balances_by_account", "account", "seq"),
)

pauses = Table(
    "pauses",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("until", Utc, nullable=False),
    Column("reason", String(80), nullable=False),
)

budgets = Table(
    "budgets",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("minute", BigInteger, primary_key=True),
    Column("used", Integer, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("body", _Json, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("person", SafeText),
)

labels = Table(
    "labels",
    metadata,
    Column("clip_id", String(40), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("name", String(60), primary_key=True),
    Index("labels_by_name", "kind", "name"),
)

templates = Table(
    "templates",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("text", SafeText, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("seq", _Sequence, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("account", String(200), nullable=False),
    Column("series", String(40), nullable=False),
    Column("position", Float, nullable=False),
    Column("model", String(80), nullable=False, server_default=DEFAULT_MODEL.id),
    Column("prompt", SafeText, nullable=False),
    Column("params", _Json, nullable=False),
    Column("reference_sha256", String(64)),
    Column("parent_id", String(40)),
    Column("person", SafeText),
    Column("created_at", Utc, nullable=False),
    Column("released_at", Utc),
    Column("clip_id", String(40)),
    Column("continues", Boolean, nullable=False, server_default=false()),
    Column("asked_at", Utc),
    Column("told_at", Utc),
    Column("decided_at", Utc),
    Column("decided_by", SafeText),
    Column("reason", SafeText),
    Column("replaces", String(40)),
    Index("plans_in_order", "account", "position"),
    Index("plans_by_series", "account", "series"),
)

storyboards = Table(
    "storyboards",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(200), nullable=False),
    Column("body", _Json, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("person", SafeText),
)

guest_links = Table(
    "guest_links",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("account", String(200), nullable=False),
    Column("clip_id", String(40), nullable=False),
    Column("person", SafeText),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Index("guest_links_by_clip", "account", "clip_id"),
)

members = Table(
    "members",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("person", String(200), primary_key=True),
    Column("name", SafeText, nullable=False),
    Column("role", String(12), nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("changed_by", SafeText),
)

activity = Table(
    "activity",
    metadata,
    Column("seq", _Sequence, primary_key=True, autoincrement=True),
    Column("account", String(200), nullable=False),
    Column("at", Utc, nullable=False),
    Column("person", SafeText),
    Column("action", String(40), nullable=False),
    Column("subject", SafeText, nullable=False),
    Index("activity_by_account", "account", "seq"),
)

limits = Table(
    "limits",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("name", String(20), primary_key=True),
    Column("credits", Integer, nullable=False),
)

budget_notices = Table(
    "budget_notices",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("mark", String(64), primary_key=True),
    Column("told_at", Utc, nullable=False),
)

kept_secrets = Table(
    "kept_secrets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("secret", String(64), nullable=False),
)

credit_sums = Table(
    "credit_sums",
    metadata,
    Column("seq", _Sequence, primary_key=True, autoincrement=True),
    Column("account", String(200), nullable=False),
    Column("quarter", BigInteger, nullable=False),
    Column("kept", Float, nullable=False),
    Column("refunded", Float, nullable=False),
    Column("reserved", Float, nullable=False),
    Column("clips", Integer, nullable=False),
    Index("credit_sums_by_quarter", "account", "quarter", "kept", "refunded", "reserved", "clips"),
)
"""What each clip added to a quarter of an hour, written by triggers on ``clips`` (migration 0017)."""

clip_sums = Table(
    "clip_sums",
    metadata,
    Column("seq", _Sequence, primary_key=True, autoincrement=True),
    Column("account", String(200), nullable=False),
    Column("person", SafeText, nullable=False),
    Column("mode", String(8), nullable=False),
    Column("ended", String(12), nullable=False),
    Column("health", String(20), nullable=False),
    Column("clips", Integer, nullable=False),
    Column("kept", Float, nullable=False),
    Column("refunded", Float, nullable=False),
    Column("wanted", Integer, nullable=False),
    Index("clip_sums_by_account", "account"),
)
"""What each clip added to a person, a source, an end and a health, by triggers on ``clips`` (migration 0023)."""

video_checks = Table(
    "video_checks",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("asked_at", Utc, nullable=False),
)
"""When somebody asked last to have every video checked."""

queues = Table(
    "queues",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("paused_at", Utc),
    Column("reason", String(80)),
)
