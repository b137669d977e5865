"""Which clips an index holds. SQLite takes it for a question alone that says so in these very words."""

from __future__ import annotations

from sqlalchemy import text

NAMED = text("person IS NOT NULL")
SHOWN = text("deleted_at IS NULL AND purged_at IS NULL")
IN_TRASH = text("deleted_at IS NOT NULL AND purged_at IS NULL")
FAILED = text("stage = 'done' AND status = 'failed' AND deleted_at IS NULL AND purged_at IS NULL")
STARRED = text("starred_at IS NOT NULL AND deleted_at IS NULL AND purged_at IS NULL")
CONFIRMED = text("confirmed_at IS NOT NULL")
NAMED_BY_ACCOUNT = text("price >= 0")
"""True of every clip. SQLite would take an index of accounts for nearly all; this one is for who says so much."""
ACCEPTED = text("task_id IS NOT NULL")
OWED = text("status = 'failed' AND credits_final > 0")
ORDINARY_SECONDS = 3600
_ORDINARY = (
    "CASE WHEN task_id IS NOT NULL AND substr(idempotency_key, 1, 8) <> 'rescued:' "
    "AND (stage IN ('saving', 'done') AND status = 'succeeded' "
    "OR stage = 'done' AND status = 'failed' AND credits_final = 0) "
    "AND coalesce(sent_at, created_at) BETWEEN created_at AND finished_at AND {took} THEN 1 ELSE 0 END"
)
ORDINARY = {
    "sqlite": _ORDINARY.format(took="strftime('%s', finished_at) - strftime('%s', created_at) <= 3600"),
    "postgresql": _ORDINARY.format(took="finished_at - created_at <= interval '3600 seconds'"),
}
"""Whether a clip was sent and ended within an hour of its press, its receipt in order: nearly all were."""
EXCEPTIONAL = {
    name: text(f"(task_id IS NOT NULL OR sent_at IS NOT NULL) AND {words} = 0") for name, words in ORDINARY.items()
}
FAULTY = text("error_code IS NOT NULL")
UNTOLD = text("notified_at IS NULL")
GIVEN_UP = text("purged_at IS NOT NULL AND video_sha256 IS NOT NULL")
HAS_VIDEO = text("video_sha256 IS NOT NULL AND purged_at IS NULL")
