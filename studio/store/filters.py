"""Which clips somebody wants to see, as data and as SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
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
_INDEX = sa.table("clips_search", sa.column("rowid"), sa.column("clips_search"))
"""The trigrams of every prompt, on SQLite; its ``rowid`` is the clip's ``seq``."""

_ROWID_OF_NO_INDEX: sa.ColumnElement[int] = sa.literal_column("+clips_search.rowid", sa.Integer)
"""By the plain column SQLite may go through all clips of a setting, and look for the words anew for each: 43 µs."""

SHORTEST_INDEXED_SEARCH = 3
"""Trigrams need three characters; shorter words are looked for the slow way."""

ORDERED_CHARACTERS = 60
"""So many of a prompt decide its place; of the same ones the newest comes first."""

INDEXED_SETTINGS = frozenset({"resolution", "duration", "aspect_ratio"})
"""What the filters of the history offer."""

INDEXED_STATES = frozenset({"failed", "refused", "unknown"})
"""Those whose clips an index has together, and which are seldom many."""

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
    reads_prompts: bool = False
    """Whether words are looked for in each prompt: another index leaves few, or very many fit in prompts' order."""

    def on(self, query: sa.Select[Any], account: str, *, is_sqlite: bool, sort: Sort = "newest") -> sa.Select[Any]:
        """Return ``query`` on the clips of ``account`` that this leaves, in an order that ``ordered`` will give."""
        query = query.where(clips.c.account == account, clips.c.purged_at.is_(None), *readable(clips.c.person))
        if self.shown == "deleted":
            query = query.where(clips.c.deleted_at.is_not(None))
        else:
            query = query.where(clips.c.deleted_at.is_(None))
            query = query.where(_CONDITIONS[self.shown]) if self.shown != "all" else query
        if indexed := self.indexed_terms(is_sqlite=is_sqlite):
            # The index goes first, in its own order: a page of a common word ends after a page, not after all of them.
            wanted = " AND ".join('"' + term.replace('"', '""') + '"' for term in indexed)
            query = query.select_from(sa.join(_INDEX, clips, clips.c.seq == _ROWID_OF_NO_INDEX))
            query = query.where(_INDEX.c.clips_search.op("MATCH")(wanted))
        slow = [term for term in self._terms() if term not in indexed]
        details = self._details(sort, is_sqlite=is_sqlite)
        if self.reads_prompts:
            return query.where(*(sa.func.holds(clips.c.prompt, term) for term in slow), *details)
        return query.where(*(clips.c.prompt.icontains(term, autoescape=True) for term in slow), *details)

    def parts(self) -> tuple[ClipFilter, ...]:
        """Return filters that leave the same clips between them, no clip twice, each with one value of one setting.

        Each is read in its own index, from the newest on; of several values at once all clips would be gone through.
        Words have an index that goes first.
        """
        several = [(key, values) for key, values in self.settings if key in INDEXED_SETTINGS and len(values) > 1]
        if self.words or not several:
            return (self,)
        key, values = several[0]
        others = tuple(setting for setting in self.settings if setting[0] != key)
        return tuple(replace(self, settings=((key, (value,)), *others)) for value in dict.fromkeys(values))

    def indexed_alone(self) -> list[ClipFilter]:
        """Return a filter for each part that has an index of its own beside indexed words: it may leave less than they.

        That is a setting of one value, and a seldom state.
        """
        if not self.indexed_terms(is_sqlite=True):
            return []
        alone = [(key, values) for key, values in self.settings if key in INDEXED_SETTINGS and len(values) == 1]
        shown: Filter = "deleted" if self.shown == "deleted" else "all"
        states = [ClipFilter(self.shown)] if self.shown in INDEXED_STATES else []
        return [*states, *(ClipFilter(shown, settings=(setting,)) for setting in alone)]

    @property
    def walks_prompts(self) -> bool:
        """Whether SQLite reads it along the index of prompts: what another index has is gathered by that one first."""
        elsewhere = (self.person, self.since, self.until, self.tag, self.collection)
        return self.shown in {"all", "succeeded"} and not any(elsewhere)

    def _terms(self) -> list[str]:
        words = storable(self.words).strip()
        return (search_terms(words) or [words]) if words else []

    def indexed_terms(self, *, is_sqlite: bool) -> list[str]:
        """Return the words that are looked for in their index."""
        if not is_sqlite or self.reads_prompts:
            return []
        return [term for term in self._terms() if len(term) >= SHORTEST_INDEXED_SEARCH]

    def place(self, *, is_sqlite: bool) -> sa.ColumnElement[int]:
        """Return the column that says where a clip stands among the newest: in the index, where it goes first."""
        return _INDEX.c.rowid if self.indexed_terms(is_sqlite=is_sqlite) else clips.c.seq

    def _details(self, sort: Sort, *, is_sqlite: bool) -> list[sa.ColumnElement[bool]]:
        found = [_setting(key, values, sort, is_sqlite=is_sqlite) for key, values in self.settings if values]
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


def _setting(key: str, values: tuple[str, ...], sort: Sort, *, is_sqlite: bool) -> sa.ColumnElement[bool]:
    """Return the condition that a setting has one of these values, for one value in the very words of its index.

    Of several values an index would be read once for each, and all of them sorted for the newest.
    """
    # Where prompts are ordered by their own index, all that have the setting would be gathered by this one, and sorted.
    if key not in INDEXED_SETTINGS or len(values) > 1 or sort == "prompt":
        found: sa.ColumnElement[bool] = clips.c.params[key].as_string().in_(values)
        return found
    words = f"json_extract(clips.params, '$.{key}')" if is_sqlite else f"(clips.params ->> '{key}')"
    column: sa.ColumnElement[str] = sa.literal_column(words, sa.Text)
    return column == values[0]


_BY_PROMPT: sa.ColumnElement[str] = sa.literal_column("lower(substr(clips.prompt, 1, 60))", sa.Text)
"""What prompts are ordered by, in the very words of its index. PostgreSQL indexes no text of 10,000 characters."""


def ordered(query: sa.Select[Any], sort: Sort, place: sa.ColumnElement[int]) -> sa.Select[Any]:
    """Return ``query`` in the order that people asked for; ``place`` is the filter's."""
    if sort == "prompt":
        return query.order_by(_BY_PROMPT, clips.c.seq.desc())
    return query.order_by(place.desc() if sort == "newest" else place.asc())


def after(sort: Sort, clip: Clip, place: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a row stands behind ``clip`` in this order, whatever has come before it since."""
    if sort == "newest":
        return place < clip.seq
    if sort == "oldest":
        return place > clip.seq
    here = sa.func.lower(sa.func.substr(sa.literal(clip.prompt), 1, ORDERED_CHARACTERS))
    return sa.and_(here <= _BY_PROMPT, sa.or_(here < _BY_PROMPT, clips.c.seq < clip.seq))


def search_terms(words: str) -> list[str]:
    """Return what a search asks for: each word, and as one what stands in double quotes."""
    return [quoted or plain for quoted, plain in _TERM.findall(words)]
