"""What is a person's own is taken out of every table; what money was spent, and when, stays, and is nobody's."""

from __future__ import annotations

import sqlalchemy as sa

from studio.store.clip import OPEN_STAGES
from studio.store.database import Database
from studio.store.members import person_key
from studio.store.schema import clips, guest_links, labels, members, plans, storyboards

ERASED = "(erased)"


def open_clips(database: Database, account: str, person: str) -> int:
    """Return how many clips of a person are still on their way: these cannot be erased yet."""
    mine = (clips.c.account == account, clips.c.person == person, clips.c.stage.in_(OPEN_STAGES))
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(clips).where(*mine)).scalar_one())


def erase(database: Database, account: str, person: str) -> tuple[list[str], list[str]]:
    """Erase a person, all or nothing; return the ids of their clips and the reference images that nobody else has.

    Their words, settings, answers, labels, links, plans, storyboards and role go. Their clips stay as receipts without
    a name, given up for good. The activity log is not touched: it says who did what.
    """
    mine = (clips.c.account == account, clips.c.person == person)
    with database.write() as connection:
        now = database.now(connection)
        rows = connection.execute(sa.select(clips.c.id, clips.c.reference_sha256).where(*mine)).all()
        clip_ids, pictures = [row.id for row in rows], {row.reference_sha256 for row in rows} - {None}
        gone = {"deleted_at": sa.func.coalesce(clips.c.deleted_at, now), "starred_at": None, "person": None}
        words = {"prompt": ERASED, "request_body": None, "raw": None, "error_message": None, "source": None}
        connection.execute(
            sa.update(clips).where(*mine).values(**gone, **words, params={}, reference_sha256=None, draft_id=None)
        )
        for table, column in ((labels, labels.c.clip_id), (guest_links, guest_links.c.clip_id)):
            connection.execute(sa.delete(table).where(column.in_(clip_ids)))
        for table in (plans, storyboards):
            connection.execute(sa.delete(table).where(table.c.account == account, table.c.person == person))
        me = (members.c.account == account, members.c.person == person_key(person))
        connection.execute(sa.delete(members).where(*me))
        used = sa.select(clips.c.reference_sha256).where(clips.c.reference_sha256.in_(pictures))
        return clip_ids, sorted(pictures - set(connection.execute(used).scalars()))
