"""Which clips somebody wants to see, as data and as SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from rivya.models import FAILED, SUCCEEDED
from studio.store.clip import OPEN_STAGES, Clip, Stage
from studio.store.reader import readable
from studio.store.schema import clips, labels, storable

Filter = Literal["all", "starred", "running", "succeeded", "failed", "refused", "unknown", "deleted"]
FILTERS: tuple[Filter, ...] = ("all", "starred", "running", "succeeded", "failed", "refused", "unknown", "deleted")
Sort = Literal["newest", "oldest", "prompt"]
SORTS: tuple[Sort, ...] = ("newest", "oldest", "prompt")
LabelKind = Literal["tag", "collection"]

succeeded = sa.and_(clips.c.stage.in_([Stage.SAVING, Stage.DONE]), clips.c.status == SUCCEEDED)
failed = sa.and_(clips.c.stage == Stage.DONE, clips.c.status == FAILED)
running = sa.and_(clips.c.stage.in_(OPEN_STAGES), clips.c.stage != Stage.UNKNOWN)
_CONDITIONS: dict[str, sa.ColumnElement[bool]] = {
    "starred": clips.c.starred_at.is_not(None),
    "running": running,
    # Most have succeeded: by an index on the stage all of them would be read and sorted for the newest.
    "succeeded": sa.and_((clips.c.stage + "").in_([Stage.SAVING, Stage.DONE]), clips.c.status == SUCCEEDED),
    "failed": failed,
    "refused": clips.c.stage == Stage.REFUSED,
    "unknown": clips.c.stage == Stage.UNKNOWN,
}
_ORDERS: dict[Sort, tuple[sa.ColumnElement[Any], ...]] = {
    "newest": (clips.c.seq.desc(),),
    "oldest": (clips.c.seq.asc(),),
    "prompt": (sa.func.lower(clips.c.prompt), clips.c.seq.desc()),
}
SHORTEST_INDEXED_SEARCH = 3
"""Trigrams need three characters; shorter words are looked for the slow way."""

_TERM = re.compile(r'"([^"]+)"|(\S+)')


@dataclass(frozen=True, slots=True)
class ClipFilter:
    """What to show: every given part has to fit. ``settings`` holds the values wanted of each setting.

    ``mode`` is ``text`` or ``image`` (with a reference); ``since`` and ``until`` are UTC moments, the end excluded.
    """

    shown: Filter = "all"
    words: str = ""
    settings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    mode: Literal["", "text", "image"] = ""
    person: str = ""
    tag: str = ""
    collection: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def on(self, query: sa.Select[Any], account: str, *, is_sqlite: bool) -> sa.Select[Any]:
        """Return ``query`` on the clips of ``account`` that this leaves."""
        query = query.where(clips.c.account == account, clips.c.purged_at.is_(None), *readable(clips.c.person))
        if self.shown == "deleted":
            query = query.where(clips.c.deleted_at.is_not(None))
        else:
            query = query.where(clips.c.deleted_at.is_(None))
            query = query.where(_CONDITIONS[self.shown]) if self.shown != "all" else query
        return query.where(*self._details(is_sqlite=is_sqlite))

    def _details(self, *, is_sqlite: bool) -> list[sa.ColumnElement[bool]]:
        found = [clips.c.params[key].as_string().in_(values) for key, values in self.settings if values]
        if words := storable(self.words).strip():
            found.append(_matches(words, is_sqlite=is_sqlite))
        if self.mode:
            image = clips.c.reference_sha256
            found.append(image.is_not(None) if self.mode == "image" else image.is_(None))
        if self.person:
            found.append(clips.c.person == storable(self.person))
        if self.since:
            found.append(clips.c.created_at >= self.since)
        if self.until:
            found.append(clips.c.created_at < self.until)
        for kind, name in (("tag", self.tag), ("collection", self.collection)):
            if name:
                having = sa.select(labels.c.clip_id).where(labels.c.kind == kind, labels.c.name == storable(name))
                found.append(clips.c.id.in_(having))
        return found


ALL = ClipFilter()


def ordered(query: sa.Select[Any], sort: Sort) -> sa.Select[Any]:
    """Return ``query`` in the order that people asked for."""
    return query.order_by(*_ORDERS[sort])


def after(sort: Sort, clip: Clip) -> sa.ColumnElement[bool]:
    """Return the condition that a row stands behind ``clip`` in this order, whatever has come before it since."""
    if sort == "newest":
        return clips.c.seq < clip.seq
    if sort == "oldest":
        return clips.c.seq > clip.seq
    mine, here = sa.func.lower(clips.c.prompt), sa.func.lower(sa.literal(clip.prompt))
    return sa.or_(mine > here, sa.and_(mine == here, clips.c.seq < clip.seq))


def search_terms(words: str) -> list[str]:
    """Return what a search asks for: each word, and as one what stands in double quotes."""
    return [quoted or plain for quoted, plain in _TERM.findall(words)]


def _matches(words: str, *, is_sqlite: bool) -> sa.ColumnElement[bool]:
    """Return the condition that a prompt holds every term, in any order."""
    terms = search_terms(words) or [words]
    indexed = [term for term in terms if is_sqlite and len(term) >= SHORTEST_INDEXED_SEARCH]
    found = [clips.c.prompt.icontains(term, autoescape=True) for term in terms if term not in indexed]
    if indexed:
        query = " AND ".join('"' + term.replace('"', '""') + '"' for term in indexed)
        index = sa.table("clips_search", sa.column("rowid"), sa.column("clips_search"))
        found.append(clips.c.seq.in_(sa.select(index.c.rowid).where(index.c.clips_search.op("MATCH")(query))))
    return sa.and_(*found)
