"""Which clips somebody wants to see, as data and as SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from rivya.models import SUCCEEDED
from studio.store.clip import OPEN_STAGES, Stage
from studio.store.column_types import storable
from studio.store.schema import clips, labels

Filter = Literal["all", "starred", "running", "succeeded", "failed", "refused", "unknown", "deleted"]
FILTERS: tuple[Filter, ...] = ("all", "starred", "running", "succeeded", "failed", "refused", "unknown", "deleted")
Sort = Literal["newest", "oldest", "prompt"]
SORTS: tuple[Sort, ...] = ("newest", "oldest", "prompt")
LabelKind = Literal["tag", "collection"]
Conditions = tuple[sa.ColumnElement[bool], ...]

succeeded = sa.and_(clips.c.stage.in_([Stage.SAVING, Stage.DONE]), clips.c.status == SUCCEEDED)
# Spelled out: of an index for some rows SQLite has to see, before it knows any value, that it holds these.
failed = sa.and_(clips.c.stage == sa.literal_column("'done'"), clips.c.status == sa.literal_column("'failed'"))
running = sa.and_(clips.c.stage.in_(OPEN_STAGES), clips.c.stage != Stage.UNKNOWN)
_SHOWN: dict[str, sa.ColumnElement[bool]] = {
    "starred": clips.c.starred_at.is_not(None),
    "running": running,
    "succeeded": succeeded,
    "failed": failed,
    "refused": clips.c.stage == Stage.REFUSED,
    "unknown": clips.c.stage == Stage.UNKNOWN,
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

    @property
    def has_days(self) -> bool:
        """Whether only some days are asked for."""
        return self.since is not None or self.until is not None

    @property
    def wanted_settings(self) -> dict[str, tuple[str, ...]]:
        """The values wanted of each setting of which any is."""
        return {key: values for key, values in self.settings if values}

    @property
    def labels(self) -> tuple[tuple[LabelKind, str], ...]:
        """The tag and the collection that are asked for."""
        tag: tuple[tuple[LabelKind, str], ...] = (("tag", self.tag),) if self.tag else ()
        return (*tag, ("collection", self.collection)) if self.collection else tag

    def terms(self) -> list[str]:
        """Return what a prompt has to hold: each word, and as one what stands in double quotes."""
        words = storable(self.words).strip()
        return (search_terms(words) or [words]) if words else []

    def indexed_terms(self) -> list[str]:
        """Return those that an index of words can look for."""
        return [term for term in self.terms() if len(term) >= SHORTEST_INDEXED_SEARCH]

    def unindexed_terms(self) -> list[str]:
        """Return those for which each prompt has to be read."""
        return [term for term in self.terms() if len(term) < SHORTEST_INDEXED_SEARCH]


ALL = ClipFilter()


def in_trash(only: ClipFilter) -> Conditions:
    """Return the conditions that a clip lies in the trash, or does not, as ``only`` asks for it."""
    deleted = clips.c.deleted_at
    return deleted.is_not(None) if only.shown == "deleted" else deleted.is_(None), clips.c.purged_at.is_(None)


def of_state(only: ClipFilter) -> Conditions:
    """Return the condition, if any, that a clip stands as ``only`` asks for it."""
    return (_SHOWN[only.shown],) if only.shown in _SHOWN else ()


def in_days(only: ClipFilter) -> Conditions:
    """Return the conditions, if any, that a clip was made on the days asked for."""
    since = (clips.c.created_at >= only.since,) if only.since else ()
    return (*since, clips.c.created_at < only.until) if only.until else since


def of_mode(only: ClipFilter) -> Conditions:
    """Return the condition, if any, that a clip was made from words alone, or from an image."""
    image = clips.c.reference_sha256
    return {"image": (image.is_not(None),), "text": (image.is_(None),)}.get(only.mode, ())


def with_setting(key: str, values: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """Return the condition that a setting has one of these values."""
    found: sa.ColumnElement[bool] = clips.c.params[key].as_string().in_(values)
    return found


def with_label(kind: LabelKind, name: str) -> sa.ColumnElement[bool]:
    """Return the condition that a clip has a label."""
    has_it = (labels.c.clip_id == clips.c.id, labels.c.kind == kind, labels.c.name == storable(name))
    return sa.exists().where(*has_it).correlate(clips)


def search_terms(words: str) -> list[str]:
    """Return what a search asks for: each word, and as one what stands in double quotes."""
    return [quoted or plain for quoted, plain in _TERM.findall(words)]
