"""Credits of each quarter of an hour, kept by the database itself: a year of them is summed without reading a clip."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

SUMMED = "account, quarter, kept, refunded, reserved, clips"
MOVES = "account, created_at, task_id, stage, status, credits_reserved, credits_final"
"""What decides a clip's part in the sums: of another change nothing is written."""


def part(row: str, sign: str, quarter: str) -> str:
    """Return what one row of ``clips``, the one before a change or after it, adds to the sums."""
    return (
        f"SELECT {row}.account AS account, {quarter} AS quarter, "
        f"{sign}CASE WHEN {row}.stage IN ('saving', 'done') AND {row}.status = 'succeeded' "
        f"THEN {row}.credits_final ELSE 0 END AS kept, "
        f"{sign}CASE WHEN {row}.stage = 'done' AND {row}.status = 'failed' "
        f"THEN {row}.credits_reserved - {row}.credits_final ELSE 0 END AS refunded, "
        f"{sign}CASE WHEN {row}.stage IN ('pending', 'uploading', 'submitting', 'running', 'saving') "
        f"AND {row}.status <> 'succeeded' THEN {row}.credits_reserved ELSE 0 END AS reserved, "
        f"{sign}1 AS clips"
    )


def total(parts: str) -> str:
    """Return the insert of what ``parts`` come to, nothing where they leave all as it was."""
    sums = "sum(kept), sum(refunded), sum(reserved), sum(clips)"
    moved = "sum(kept) <> 0 OR sum(refunded) <> 0 OR sum(reserved) <> 0 OR sum(clips) <> 0"
    return (
        f"INSERT INTO credit_sums ({SUMMED}) SELECT account, quarter, {sums} FROM ({parts}) AS parts "  # noqa: S608  # nosec B608 - our own words
        f"GROUP BY account, quarter HAVING {moved}"
    )


def upgrade() -> None:
    """Add the table, what keeps it, and the sums of the clips that are here."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "credit_sums",
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("quarter", sa.BigInteger, nullable=False),
        sa.Column("kept", sa.Float, nullable=False),
        sa.Column("refunded", sa.Float, nullable=False),
        sa.Column("reserved", sa.Float, nullable=False),
        sa.Column("clips", sa.Integer, nullable=False),
    )
    op.create_index(
        "credit_sums_by_quarter", "credit_sums", ["account", "quarter", "kept", "refunded", "reserved", "clips"]
    )

    def one(row: str, sign: str) -> str:
        epoch = f"CAST(strftime('%s', {row}.created_at) AS INTEGER)"
        if not is_sqlite:
            epoch = f"CAST(floor(extract(epoch FROM {row}.created_at)) AS bigint)"
        return part(row, sign, f"{epoch} / 900")

    came = total(f"{one('new', '')} WHERE new.task_id IS NOT NULL")
    went = total(f"{one('old', '-')} WHERE old.task_id IS NOT NULL")
    moved = total(
        f"{one('new', '')} WHERE new.task_id IS NOT NULL UNION ALL {one('old', '-')} WHERE old.task_id IS NOT NULL"
    )
    op.execute(total(f"{one('clips', '')} FROM clips WHERE clips.task_id IS NOT NULL"))
    events = {"INSERT": came, f"UPDATE OF {MOVES}": moved, "DELETE": went}
    for name, (event, change) in zip(("came", "moved", "went"), events.items(), strict=True):
        if is_sqlite:
            op.execute(f"CREATE TRIGGER credits_{name} AFTER {event} ON clips BEGIN {change}; END")
            continue
        op.execute(
            f"CREATE FUNCTION credits_{name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {change}; RETURN NULL; END$$"
        )
        op.execute(
            f"CREATE TRIGGER credits_{name} AFTER {event} ON clips FOR EACH ROW EXECUTE FUNCTION credits_{name}()"
        )
