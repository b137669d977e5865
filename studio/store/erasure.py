"""What is a person's own is taken out of every table; what money was spent, and when, stays, and is nobody's."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from rivya.errors import InvalidRequestError
from studio.i18n import N_
from studio.store.clip import Stage
from studio.store.database import Database
from studio.store.members import person_key
from studio.store.schema import clips, drafts, guest_links, labels, members, plans, storyboards

ERASED = "(erased)"


def erase(database: Database, account: str, person: str) -> tuple[list[str], list[str]]:
    """Erase a person, all or nothing; return the ids of their clips and the reference images that nobody else has.

    Their words, drafts, settings, answers, labels, links, plans, storyboards and role go. Their clips stay as receipts
    without a name, given up for good, under the names of their drafts: a press that was heard is not heard again. The
    activity log is not touched: it says who did what. Raises ``InvalidRequestError`` while a clip is on its way.
    """
    mine, theirs = (clips.c.account == account, clips.c.person == person), {"account": account, "person": person}
    gone: dict[str, Any] = {"starred_at": None, "person": None}
    words = {"prompt": ERASED, "request_body": None, "raw": None, "error_message": None, "source": None}
    with database.write() as connection:
        gone["deleted_at"] = sa.func.coalesce(clips.c.deleted_at, database.now(connection))
        pictures = set(connection.execute(sa.select(clips.c.reference_sha256).where(*mine)).scalars())
        for table in (plans, storyboards):
            rows = sa.delete(table).where(*(table.c[name] == value for name, value in theirs.items()))
            column = plans.c.reference_sha256 if table is plans else sa.null()
            pictures |= set(connection.execute(rows.returning(column)).scalars())
        over = clips.c.stage.in_([Stage.DONE, Stage.REFUSED])
        erased = sa.update(clips).where(*mine, over).values(**gone, **words, params={}, reference_sha256=None)
        clip_ids = list(connection.execute(erased.returning(clips.c.id)).scalars())
        # Looked at after the update, whose locks whoever commits a clip in this moment has to wait for or was before.
        if connection.execute(sa.select(clips.c.id).where(*mine).limit(1)).first():
            raise InvalidRequestError("person", N_("A clip of theirs is still on its way. Wait for its end."))
        connection.execute(sa.delete(drafts).where(drafts.c.person == person))
        for table in (labels, guest_links):
            connection.execute(sa.delete(table).where(table.c.clip_id.in_(clip_ids)))
        connection.execute(
            sa.delete(members).where(members.c.account == account, members.c.person == person_key(person))
        )
        for table in (clips, plans):
            used = sa.select(table.c.reference_sha256).where(table.c.reference_sha256.in_(pictures - {None}))
            pictures -= set(connection.execute(used).scalars())
        return clip_ids, sorted(pictures - {None})
