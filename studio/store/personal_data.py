"""What is a person's own: found in every table, and taken out of it.

What money was spent, and when, stays, and is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from rivya.errors import InvalidRequestError
from studio.i18n import N_
from studio.store.clip import ERASED, Clip, Stage
from studio.store.database import Database
from studio.store.mapping import ClipMapping
from studio.store.members import person_key
from studio.store.schema import clips, drafts, guest_links, labels, members, plans, storyboards

CLIPS_AT_ONCE = 500
_PICTURE_OF_DRAFT = drafts.c.body["reference"].as_string()
_OF_PLANS = (plans.c.model, plans.c.prompt, plans.c.params, plans.c.reference_sha256, plans.c.parent_id)


class PersonalData:
    """The rows of the people of one ``account``."""

    def __init__(self, database: Database, rows: ClipMapping, account: str) -> None:
        self._database = database
        self._rows = rows
        self._account = account

    def clips(self, person: str) -> Iterator[list[Clip]]:
        """Yield every clip of a person, some at a time, in the order of making, whatever has become of it."""
        last = 0
        while True:
            behind = sa.select(clips).where(*self._theirs(clips, person), clips.c.seq > last)
            query = behind.order_by(clips.c.seq).limit(CLIPS_AT_ONCE)
            with self._database.read() as connection:
                found = self._rows.clips(connection.execute(query))
            if not found:
                return
            yield found
            last = found[-1].seq

    def words(self, person: str) -> dict[str, list[dict[str, Any]]]:
        """Return what a person wrote that is no clip: their plans, storyboards and drafts, as JSON can hold it."""
        queries = {
            "plans": sa.select(plans.c.created_at.label("at"), plans.c.series, *_OF_PLANS)
            .where(*self._theirs(plans, person), plans.c.clip_id.is_(None))
            .order_by(plans.c.seq),
            "storyboards": sa.select(storyboards.c.created_at.label("at"), storyboards.c.id, storyboards.c.body)
            .where(*self._theirs(storyboards, person))
            .order_by(storyboards.c.created_at),
            "drafts": sa.select(drafts.c.updated_at.label("at"), drafts.c.body)
            .where(drafts.c.person == person)
            .order_by(drafts.c.updated_at),
        }
        with self._database.read() as connection:
            found = {name: connection.execute(query).mappings().all() for name, query in queries.items()}
        return {name: [{**row, "at": row["at"].isoformat()} for row in rows] for name, rows in found.items()}

    def erase(self, person: str) -> tuple[list[str], list[str]]:
        """Erase a person, all or nothing; return the ids of their clips and the reference images that nobody else has.

        Their words, drafts, settings, answers, labels, links, plans, storyboards and role go. Their clips stay as
        receipts without a name, given up for good, under the names of their drafts: a press that was heard is not heard
        again. The activity log is not touched: it says who did what. Raises ``InvalidRequestError`` while a clip is on
        its way.
        """
        mine = self._theirs(clips, person)
        gone: dict[str, Any] = {"starred_at": None, "person": None}
        words = {"prompt": ERASED, "request_body": None, "raw": None, "error_message": None, "source": None}
        with self._database.write() as connection:
            gone["deleted_at"] = sa.func.coalesce(clips.c.deleted_at, self._database.now(connection))
            pictures = set(connection.execute(sa.select(clips.c.reference_sha256).where(*mine)).scalars())
            for table in (plans, storyboards):
                rows = sa.delete(table).where(*self._theirs(table, person))
                column = plans.c.reference_sha256 if table is plans else sa.null()
                pictures |= set(connection.execute(rows.returning(column)).scalars())
            over = clips.c.stage.in_([Stage.DONE, Stage.REFUSED])
            erased = sa.update(clips).where(*mine, over).values(**gone, **words, params={}, reference_sha256=None)
            clip_ids = list(connection.execute(erased.returning(clips.c.id)).scalars())
            # Looked at after the update, which waits for whoever works on one of these clips.
            if connection.execute(sa.select(clips.c.id).where(*mine).limit(1)).first():
                raise InvalidRequestError("person", N_("A clip of theirs is still on its way. Wait for its end."))
            theirs = sa.delete(drafts).where(drafts.c.person == person).returning(_PICTURE_OF_DRAFT)
            pictures |= set(connection.execute(theirs).scalars())
            for table in (labels, guest_links):
                connection.execute(sa.delete(table).where(table.c.clip_id.in_(clip_ids)))
            connection.execute(
                sa.delete(members).where(members.c.account == self._account, members.c.person == person_key(person))
            )
            pictures.discard(None)
            for picture in (clips.c.reference_sha256, plans.c.reference_sha256, _PICTURE_OF_DRAFT):
                pictures -= set(connection.execute(sa.select(picture).where(picture.in_(pictures))).scalars())
            return clip_ids, sorted(pictures)

    def _theirs(self, table: sa.Table, person: str) -> tuple[sa.ColumnElement[bool], ...]:
        return table.c.account == self._account, table.c.person == person
