"""How many clips and credits each person, source, end and health of a video has, kept by the database itself."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

KEYS = "account, person, mode, ended, health"
MOVES = (
    "account, person, reference_sha256, task_id, stage, status, credits_reserved, credits_final, starred_at, "
    "downloaded_at, deleted_at, purged_at, health"
)
"""What decides a clip's part in the sums: of another change nothing is written."""

KEPT_PLAN = "SET plan_cache_mode = auto"
"""A session plans each question anew; a trigger asks the same of each row, and would take four times as long."""


def part(row: str, sign: str) -> str:
    """Return what one row of ``clips``, the one before a change or after it, adds to the sums."""
    succeeded = f"{row}.stage IN ('saving', 'done') AND {row}.status = 'succeeded'"
    failed = f"{row}.stage = 'done' AND {row}.status = 'failed'"
    wanted = f"{row}.deleted_at IS NULL AND ({row}.starred_at IS NOT NULL OR {row}.downloaded_at IS NOT NULL)"
    return (
        f"SELECT {row}.account AS account, coalesce({row}.person, '') AS person, "
        f"CASE WHEN {row}.reference_sha256 IS NULL THEN 'text' ELSE 'image' END AS mode, "
        f"CASE WHEN {succeeded} THEN 'succeeded' WHEN {failed} THEN 'failed' "
        f"WHEN {row}.stage = 'unknown' THEN 'unknown' ELSE 'running' END AS ended, "
        f"CASE WHEN {succeeded} AND {row}.purged_at IS NULL THEN coalesce({row}.health, 'remote') ELSE '' END "
        "AS health, "
        f"{sign}1 AS clips, "
        f"{sign}CASE WHEN {succeeded} THEN {row}.credits_final ELSE 0 END AS kept, "
        f"{sign}CASE WHEN {failed} THEN {row}.credits_reserved - {row}.credits_final ELSE 0 END AS refunded, "
        f"{sign}CASE WHEN {wanted} THEN 1 ELSE 0 END AS wanted"
    )


def total(parts: str) -> str:
    """Return the insert of what ``parts`` come to, nothing where they leave all as it was."""
    sums = "sum(clips), sum(kept), sum(refunded), sum(wanted)"
    moved = "sum(clips) <> 0 OR sum(kept) <> 0 OR sum(refunded) <> 0 OR sum(wanted) <> 0"
    return (
        f"INSERT INTO clip_sums ({KEYS}, clips, kept, refunded, wanted) SELECT {KEYS}, {sums} FROM ({parts}) AS parts "  # noqa: S608  # nosec B608 - our own words
        f"GROUP BY {KEYS} HAVING {moved}"
    )


def upgrade() -> None:
    """Add the tables, what keeps the sums, and those of the clips that are here."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "clip_sums",
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("ended", sa.String(12), nullable=False),
        sa.Column("health", sa.String(20), nullable=False),
        sa.Column("clips", sa.Integer, nullable=False),
        sa.Column("kept", sa.Float, nullable=False),
        sa.Column("refunded", sa.Float, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
    )
    # Before the first sum: on PostgreSQL nobody writes a clip from here on that would be in neither.
    op.drop_index("clips_by_health", "clips")
    op.create_index("clip_sums_by_account", "clip_sums", ["account"])
    op.execute(total(f"{part('clips', '')} FROM clips WHERE clips.task_id IS NOT NULL"))
    new, old = part("new", ""), part("old", "-")
    both = f"{new} WHERE new.task_id IS NOT NULL UNION ALL {old} WHERE old.task_id IS NOT NULL"
    for name, event, condition, change in (
        ("came", "INSERT", "new.task_id IS NOT NULL", total(new)),
        ("moved", f"UPDATE OF {MOVES}", "new.task_id IS NOT NULL OR old.task_id IS NOT NULL", total(both)),
        ("went", "DELETE", "old.task_id IS NOT NULL", total(old)),
    ):
        when = f"AFTER {event} ON clips FOR EACH ROW WHEN ({condition})"
        if is_sqlite:
            op.execute(f"CREATE TRIGGER clip_sums_{name} {when} BEGIN {change}; END")
            continue
        op.execute(
            f"CREATE FUNCTION clip_sums_{name}() RETURNS trigger LANGUAGE plpgsql {KEPT_PLAN} "
            f"AS $$BEGIN {change}; RETURN NULL; END$$"
        )
        op.execute(f"CREATE TRIGGER clip_sums_{name} {when} EXECUTE FUNCTION clip_sums_{name}()")
        op.execute(f"ALTER FUNCTION credits_{name}() {KEPT_PLAN}")
