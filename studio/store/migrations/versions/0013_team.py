"""A team: who may do what, what was asked of a lead and decided, and who did what."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


KEPT_BY_SQLITE = (
    "CREATE TRIGGER activity_is_not_changed BEFORE UPDATE ON activity BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    "CREATE TRIGGER activity_is_not_deleted BEFORE DELETE ON activity BEGIN SELECT RAISE(ABORT, 'append-only'); END",
)
SEARCH_FOLLOWS = (
    "CREATE TRIGGER clips_search_update AFTER UPDATE OF prompt ON clips BEGIN "
    "INSERT INTO clips_search(clips_search, rowid, prompt) VALUES ('delete', old.seq, old.prompt); "
    "INSERT INTO clips_search(rowid, prompt) VALUES (new.seq, new.prompt); END"
)
KEPT_BY_POSTGRESQL = (
    "CREATE FUNCTION keep_activity() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'append-only'; END$$",
    "CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON activity FOR EACH ROW EXECUTE FUNCTION keep_activity()",
)


def upgrade() -> None:
    """Add members and the activity log; a plan may be asked for, and a clip says who approved it."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "members",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("changed_by", sa.Text),
    )
    op.create_table(
        "activity",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("person", sa.Text),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
    )
    op.create_table(
        "limits",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("credits", sa.Integer, nullable=False),
    )
    op.create_index("activity_by_account", "activity", ["account", "seq"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in (*KEPT_BY_SQLITE, SEARCH_FOLLOWS) if is_sqlite else KEPT_BY_POSTGRESQL:
        op.execute(statement)
    for column in (
        sa.Column("asked_at", moment),
        sa.Column("told_at", moment),
        sa.Column("decided_at", moment),
        sa.Column("decided_by", sa.Text),
        sa.Column("reason", sa.Text),
    ):
        op.add_column("plans", column)
    op.add_column("clips", sa.Column("approved_by", sa.Text))
    op.add_column("storyboards", sa.Column("person", sa.Text))
