"""The pages' side of the clips: write an intent, look at what became of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa

from studio.errors import PlanWithdrawnError
from studio.store import budget, plans, queries
from studio.store.access_paths import of_account
from studio.store.budget import NO_LIMITS, Limits
from studio.store.clip import MOST_TAKES, OPEN_STAGES, Clip, Stage
from studio.store.clip_filter import ALL, ClipFilter, Sort
from studio.store.database import Database, Permit, anybody
from studio.store.filters import succeeded
from studio.store.mapping import ClipMapping
from studio.store.path_choice import PathChoice
from studio.store.queries import ClipQueries, place
from studio.store.reader import readable, reader
from studio.store.schema import balances, clips
from studio.store.unchanged import Unchanged

TWIN_CANDIDATES = 100
PROMPTS_LOOKED_THROUGH = 5_000
"""Prompts of the clips made last, among which earlier ones are looked for: 6 ms."""

MOST_KEPT_CLIPS = 100
"""Longer pages are no page's first look, and would fill the memory."""

LONGEST_CHAIN = 100
MOST_TAKEN = 1_000
TIMED_PARAMS = ("resolution", "duration")
"""The settings that decide how long a clip takes, where its model has them."""

LONGEST_SAVING_SECONDS = 300
"""A video that arrived so long after Rivya's end was not there yet, or was fetched once more."""

_UNINDEXED_SEQ: sa.ColumnElement[int] = sa.literal_column("+clips.seq")
"""Sorts a handful of rows. By the plain column SQLite would walk the whole table in its order to find them."""


_Answer = TypeVar("_Answer")


class Clips:
    """Insert, read, search and delete clips. ``account`` decides which may be spent."""

    def __init__(self, database: Database, rows: ClipMapping, account: str) -> None:
        self._database = database
        self._rows = rows
        self._account = account
        self._queries = ClipQueries(account, is_sqlite=database.is_sqlite)
        self._unchanged = Unchanged(database)
        self._paths = PathChoice(database, self._queries)
        seen = sa.select(balances.c.credits).where(balances.c.account == account)
        last_seen = seen.order_by(balances.c.seq.desc()).limit(1).scalar_subquery()
        # Built once: to build it for each press costs as much as to execute it.
        insertion = database.insert(clips).values(balance_before=last_seen)
        self._insertion = insertion.on_conflict_do_nothing(index_elements=["draft_id"]).returning(clips)

    def _mine(self) -> sa.ColumnElement[bool]:
        """Return the condition that a clip is this account's and the reader's to see."""
        return sa.and_(clips.c.account == self._account, *readable(clips.c.person))

    def _told_again(self, find_out: Callable[[], _Answer], *question: Hashable) -> _Answer:
        """Return what this reader was told last, or once something was written, what ``find_out`` returns."""
        return self._unchanged.get(find_out, reader(), *question)

    def insert(
        self, *, limits: Limits = NO_LIMITS, permit: Permit = anybody, plan_id: str | None = None, **values: Any
    ) -> Clip:
        """Commit an intent, durably, before anything is sent.

        A ``draft_id`` that was used before gives back its first clip: a double click is one generation.
        ``permit`` raises, within the transaction, when the person may not spend.
        Raises ``BudgetError`` when the price would pass one of ``limits``, or of those that a lead has set and none
        has lifted (``approved_by`` lifts the person's), and ``PlanWithdrawnError``
        when ``plan_id`` may not be sent any more.
        """
        draft_id = values.get("draft_id")
        with self._database.write() as connection:
            # Before any limit is looked at: a second press on what was sent is no second clip.
            existing = self._by_draft(connection, draft_id)
            if existing:
                return existing
            permit(connection)
            limits = self._held(connection, limits)
            limits = limits.of_the_studio() if values.get("approved_by") else limits
            now = self._database.now(connection)
            if limits:
                who = values.get("person")
                budget.check(connection, limits, account=self._account, person=who, price=values["price"], now=now)
            if plan_id is not None and not plans.take(connection, plan_id, values["id"]):
                raise PlanWithdrawnError(f"{plan_id} is not to be sent")
            values |= {"account": self._account, "created_at": now, "updated_at": now, "run_at": now}
            row = connection.execute(self._insertion, values).one_or_none()
            made = self._rows.clip(row) if row else self._by_draft(connection, draft_id)
            assert made is not None
            return made

    def _held(self, connection: sa.Connection, configured: Limits) -> Limits:
        """Return all limits, read while no other transaction can spend below them or set them."""
        kept = budget.kept(connection, self._account)
        if configured or kept:
            self._database.lock(connection, f"budget of {self._account}")
            # Once more: somebody may have tightened it while this one waited.
            kept = budget.kept(connection, self._account)
        return configured.narrowed(kept)

    def resume(self, clip_id: str, *, limits: Limits = NO_LIMITS, permit: Permit = anybody) -> None:
        """Make a refused clip due again on a person's word, as it is and with its own key; a second press does nothing.

        Raises ``BudgetError`` when its price would pass one of ``limits``.
        """
        waiting = (
            clips.c.id == clip_id,
            clips.c.account == self._account,
            clips.c.stage == Stage.REFUSED,
            clips.c.purged_at.is_(None),
        )
        stage = sa.case((clips.c.request_body.is_(None), Stage.UPLOADING), else_=Stage.SUBMITTING)
        settled = {"error_code": None, "error_message": None, "error_http_status": None, "request_id": None}
        with self._database.write() as connection:
            permit(connection)
            limits = self._held(connection, limits)
            now = self._database.now(connection)
            due = {"stage": stage, "attempts": 0, "confirmed_at": now, "updated_at": now, "run_at": now}
            resumed = sa.update(clips).where(*waiting).values(**due, **settled)
            resumed = resumed.returning(clips.c.price, clips.c.person, clips.c.approved_by)
            row = connection.execute(resumed).one_or_none()
            if row is not None:
                limits = limits.of_the_studio() if row.approved_by else limits
                budget.check(
                    connection, limits, account=self._account, person=row.person, price=row.price, now=now,
                    counted=row.price,
                )  # fmt: skip

    def by_drafts(self, draft_ids: Sequence[str]) -> Clip | None:
        """Return the clip that one of these drafts became."""
        query = sa.select(clips).where(clips.c.draft_id.in_(draft_ids)).order_by(clips.c.seq.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
            return self._rows.clip(row) if row else None

    def _by_draft(self, connection: sa.Connection, draft_id: str | None) -> Clip | None:
        if draft_id is None:
            return None
        row = connection.execute(sa.select(clips).where(clips.c.draft_id == draft_id)).one_or_none()
        return self._rows.clip(row) if row else None

    def get(self, clip_id: str) -> Clip | None:
        """Return a clip by its id, deleted or not; another account's is none."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(clips).where(clips.c.id == clip_id, self._mine())).one_or_none()
            return self._rows.clip(row) if row else None

    def page(
        self,
        only: ClipFilter = ALL,
        *,
        sort: Sort = "newest",
        limit: int = 24,
        offset: int = 0,
        behind: Clip | None = None,
    ) -> list[Clip]:
        """Return a page of the clips that ``only`` leaves: those behind a clip, or after ``offset`` others.

        Costs 26 ms by offset deep in 100,000 clips, 2 ms behind a clip at any depth (benchmarks/store.py).
        """
        if behind or limit > MOST_KEPT_CLIPS:
            return self._page(only, sort, limit, offset, behind)
        found = self._told_again(partial(self._page, only, sort, limit, offset), "page", only, sort, limit, offset)
        return [*found]

    def _page(self, only: ClipFilter, sort: Sort, limit: int, offset: int, behind: Clip | None = None) -> list[Clip]:
        path, is_behind = self._paths.leading(only, sort), behind is not None
        query = self._queries.page(only, path, sort, limit, offset, is_behind=is_behind)
        values = queries.behind(behind) if behind else {}
        with self._database.read() as connection:
            return self._rows.clips(connection.execute(query, values))

    def count(self, only: ClipFilter = ALL, *, at_most: int | None = None) -> int:
        """Return how many clips a filter leaves; with ``at_most`` counting ends there.

        To 10,000 costs 3 ms, whatever their number, where most clips fit, and where few have a setting
        (benchmarks/store.py).
        """
        return self._told_again(partial(self._count, only, at_most), "count", only, at_most)

    def _count(self, only: ClipFilter, at_most: int | None) -> int:
        query = self._queries.count(only, self._paths.leading(only, None), at_most)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def by_ids(self, clip_ids: Sequence[str]) -> list[Clip]:
        """Return these clips of the account, in the order asked for; an unknown id is left out."""
        if not clip_ids:
            return []
        query = sa.select(clips).where(self._mine(), clips.c.id.in_(clip_ids))
        with self._database.read() as connection:
            found = {row.id: self._rows.clip(row) for row in connection.execute(query)}
        return [found[clip_id] for clip_id in clip_ids if clip_id in found]

    def neighbours(self, clip: Clip, only: ClipFilter = ALL) -> tuple[str | None, str | None]:
        """Return the ids of the newer and the older clip beside ``clip``, in the order of a page of ``only``."""
        newer = self.page(only, sort="oldest", limit=1, behind=clip)
        older = self.page(only, sort="newest", limit=1, behind=clip)
        return newer[0].id if newer else None, older[0].id if older else None

    def takes_of(self, clip: Clip) -> list[Clip]:
        """Return all clips of the press that made ``clip``, in the order of their seeds, without those in the trash."""
        names = [clip.press_id, *(f"{clip.press_id}:{number}" for number in range(1, MOST_TAKES))]
        query = sa.select(clips).where(self._mine(), clips.c.draft_id.in_(names), clips.c.deleted_at.is_(None))
        with self._database.read() as connection:
            return self._rows.clips(connection.execute(query.order_by(clips.c.draft_id)))

    def people(self) -> list[str]:
        """Return everybody who made a clip and said their name, sorted. Costs a look at the index for each of them."""
        return [*self._told_again(self._people, "people")]

    def _people(self) -> list[str]:
        names = sa.select(sa.func.min(clips.c.person).label("person")).where(clips.c.person.is_not(None))
        found = names.cte("names", recursive=True)
        # From each name to the next: "distinct" would go through the names of all clips.
        following = sa.select(sa.func.min(clips.c.person)).where(clips.c.person > found.c.person).scalar_subquery()
        found = found.union_all(sa.select(following).where(found.c.person.is_not(None)))
        is_here = sa.exists().where(clips.c.person == found.c.person, self._mine())
        with self._database.read() as connection:
            return sorted(connection.execute(sa.select(found.c.person).where(is_here)).scalars())

    def prompts(self, words: str, *, limit: int) -> list[str]:
        """Return the prompts used last that hold ``words``, each once, the newest first."""
        only = ClipFilter(words=words)
        path = self._paths.leading(only, "newest")
        found = self._queries.on(sa.select(clips.c.prompt), only, path)
        if path == "account" and not only.indexed_terms():
            found = self._queries.recent(found)
        # Of the clips made last: of all that ever were, a million have to be read for a common word.
        newest = found.order_by(place(path).desc()).limit(PROMPTS_LOOKED_THROUGH)
        with self._database.read() as connection:
            return list(dict.fromkeys(connection.execute(newest).scalars()))[:limit]

    def chain(self, clip_id: str) -> list[Clip]:
        """Return what led to a clip and what continues it (the newest where there are several), in their order."""
        with self._database.read() as connection:
            before = self._walk(connection, clip_id, lambda row: clips.c.id == row.parent_id)
            after = self._walk(connection, clip_id, lambda row: clips.c.parent_id == row.id)
            return [self._rows.clip(row) for row in (*before[:0:-1], *after)]

    def _walk(
        self, connection: sa.Connection, clip_id: str, step: Callable[[Any], sa.ColumnElement[bool]]
    ) -> list[sa.Row[Any]]:
        found: dict[str, sa.Row[Any]] = {}
        condition: sa.ColumnElement[bool] = clips.c.id == clip_id
        while len(found) < LONGEST_CHAIN:
            query = sa.select(clips).where(condition, self._mine(), clips.c.purged_at.is_(None))
            if found:
                query = query.where(clips.c.deleted_at.is_(None))
            row = connection.execute(query.order_by(clips.c.seq.desc()).limit(1)).one_or_none()
            if row is None or row.id in found:
                break
            found[row.id] = row
            condition = step(row)
        return list(found.values())

    def twin(self, *, model: str, prompt: str, params: dict[str, Any], reference_sha256: str | None) -> Clip | None:
        """Return the newest made clip of this account with the very same prompt, settings and image."""
        image = clips.c.reference_sha256
        same_image = image == reference_sha256 if reference_sha256 else image.is_(None)
        alike = self._queries.same_prompt(prompt).where(clips.c.model == model, same_image, succeeded)
        query = alike.order_by(clips.c.seq.desc()).limit(TWIN_CANDIDATES)
        with self._database.read() as connection:
            found = self._rows.clips(connection.execute(query))
            return next((clip for clip in found if clip.params == params), None)

    def active(self, limit: int = 50) -> list[Clip]:
        """Return the clips that the engine still works on, newest first; not those that wait for a person."""
        return [*self._told_again(partial(self._active, limit), "active", limit)]

    def _active(self, limit: int) -> list[Clip]:
        query = sa.select(clips).where(
            self._mine(),
            clips.c.stage.in_(OPEN_STAGES),
            clips.c.run_at.is_not(None),
            clips.c.deleted_at.is_(None),
        )
        with self._database.read() as connection:
            return self._rows.clips(connection.execute(query.order_by(_UNINDEXED_SEQ.desc()).limit(limit)))

    def ended(self, *, limit: int) -> list[Clip]:
        """Return the clips that ended or fell into a lasting doubt last, by the time of that."""
        return [*self._told_again(partial(self._ended, limit), "ended", limit)]

    def _ended(self, limit: int) -> list[Clip]:
        over = sa.or_(
            clips.c.stage.in_([Stage.DONE, Stage.REFUSED]),
            sa.and_(clips.c.stage == Stage.UNKNOWN, clips.c.run_at.is_(None)),
        )
        query = of_account(sa.select(clips), self._account).where(over, self._mine(), clips.c.deleted_at.is_(None))
        with self._database.read() as connection:
            newest = query.order_by(clips.c.seq.desc()).limit(10 * limit).subquery()
            latest = sa.select(newest).order_by(newest.c.updated_at.desc()).limit(limit)
            return self._rows.clips(connection.execute(latest))

    def set_deleted(self, clip_ids: Collection[str], *, deleted: bool) -> None:
        """Put clips into the trash or take them out again. Their videos stay until the trash is emptied."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            moved = {"deleted_at": now} if deleted else {"deleted_at": None, "restored_at": now}
            mine = (clips.c.id.in_(clip_ids), self._mine(), clips.c.purged_at.is_(None))
            connection.execute(sa.update(clips).where(*mine).values(**moved))

    def take_unseen(self, only: Collection[str] | None = None) -> list[Clip]:
        """Return the clips of this account that ended since anybody last looked, newest first, and mark them seen.

        ``only`` names the clips that somebody looks at; without it all are meant. Of more than 1,000 the older ones
        are left for the next look: of a million, a page would hold two gigabytes.
        """
        ended = [
            self._mine(),
            clips.c.stage.in_([Stage.DONE, Stage.REFUSED]),
            clips.c.seen_at.is_(None),
            clips.c.deleted_at.is_(None),
        ]
        if only is not None:
            ended.append(clips.c.id.in_(only))
        with self._database.read() as connection:
            if connection.execute(sa.select(clips.c.seq).where(*ended).limit(1)).one_or_none() is None:
                return []
        with self._database.write() as connection:
            now = self._database.now(connection)
            newest = sa.select(clips.c.seq).where(*ended).order_by(clips.c.seq.desc()).limit(MOST_TAKEN)
            # Said of the row once more: on PostgreSQL another look may have taken it since.
            taken = sa.update(clips).where(clips.c.seq.in_(newest), clips.c.seen_at.is_(None)).values(seen_at=now)
            found = self._rows.clips(connection.execute(taken.returning(clips)))
        return sorted(found, key=lambda clip: -clip.seq)

    def set_starred(self, clip_ids: Collection[str], *, starred: bool) -> None:
        """Give clips a star, or take it back."""
        with self._database.write() as connection:
            moment = self._database.now(connection) if starred else None
            mine = (clips.c.id.in_(clip_ids), self._mine())
            connection.execute(sa.update(clips).where(*mine).values(starred_at=moment))

    def set_downloaded(self, clip_ids: Collection[str]) -> None:
        """Remember that somebody took the videos of these clips away: they were worth keeping."""
        with self._database.write() as connection:
            mine = (clips.c.id.in_(clip_ids), self._mine(), clips.c.downloaded_at.is_(None))
            connection.execute(sa.update(clips).where(*mine).values(downloaded_at=self._database.now(connection)))

    def take_untold(self, *, within_seconds: float, limit: int) -> list[Clip]:
        """Mark clips that ended lately as told of, and return them: one process tells, whoever comes first."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            over = (
                clips.c.account == self._account,
                clips.c.notified_at.is_(None),
                clips.c.stage.in_([Stage.DONE, Stage.REFUSED]),
                clips.c.updated_at >= now - timedelta(seconds=within_seconds),
            )
            due = sa.select(clips.c.seq).where(*over).order_by(clips.c.updated_at).limit(limit)
            told = sa.update(clips).where(clips.c.seq.in_(due.scalar_subquery()), clips.c.notified_at.is_(None))
            found = self._rows.clips(connection.execute(told.values(notified_at=now).returning(clips)))
            return sorted(found, key=lambda clip: clip.updated_at)

    def put_back_untold(self, clip_id: str) -> None:
        """Have a clip told of later: nobody heard."""
        with self._database.write() as connection:
            connection.execute(sa.update(clips).where(clips.c.id == clip_id).values(notified_at=None))

    def made_last(self, *, limit: int) -> list[Clip]:
        """Return the clips that succeeded last, the newest first, also those that were deleted since."""
        query = of_account(sa.select(clips), self._account).where(succeeded)
        with self._database.read() as connection:
            return self._rows.clips(connection.execute(query.order_by(clips.c.seq.desc()).limit(limit)))

    def recent_seconds(
        self, *, model: str, params: Mapping[str, object], limit: int = 50, with_saving: bool = False
    ) -> list[float]:
        """Return how long a model's last clips of these settings took, in seconds: from Rivya's yes to the end.

        Of the settings only sharpness and length count, as far as ``params`` has them. ``with_saving`` until the video
        was here, as people wait for it; one that was fetched anew later counts to Rivya's end.
        """
        alike = [_has(key, params[key]) for key in TIMED_PARAMS if key in params]
        here = of_account(sa.select(clips.c.submitted_at, clips.c.finished_at, clips.c.saved_at), self._account)
        has_both = (clips.c.submitted_at.is_not(None), clips.c.finished_at.is_not(None))
        query = self._queries.recent(here).where(succeeded, clips.c.model == model, *has_both, *alike)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(clips.c.seq.desc()).limit(limit)).all()
        longest = timedelta(seconds=LONGEST_SAVING_SECONDS if with_saving else 0)
        ends = [(sent, here if here and end <= here <= end + longest else end) for sent, end, here in rows]
        return [(end - sent).total_seconds() for sent, end in ends]

    def add_rescued(self, **values: Any) -> bool:
        """Insert a clip that is known by its task id only; false when it is here already."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            values |= {"account": self._account, "created_at": now, "updated_at": now, "run_at": now}
            insert = self._database.insert(clips).values(**values).on_conflict_do_nothing()
            return connection.execute(insert.returning(clips.c.id)).one_or_none() is not None


def _has(key: str, value: object) -> sa.ColumnElement[bool]:
    """Return the condition that a setting has this value: a number is no text to SQLite."""
    setting = clips.c.params[key]
    found: sa.ColumnElement[bool] = setting.as_string() == str(value)
    if isinstance(value, int):
        found = setting.as_integer() == value
    return found
