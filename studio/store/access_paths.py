"""Along which index a question about clips is read.

SQLite does not know how many rows an index leaves, and takes one that leaves a million; or it walks in the order of a
page and finds out at the end of a million that few fit. So the parts of a question that have an index of their own are
counted first, to ``FEW_CLIPS``, and the smallest leads: all else is asked of its clips alone. PostgreSQL, which knows,
is helped where it has to read each prompt, and in the order of prompts.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Literal

import sqlalchemy as sa

from studio.store.clip_filter import ClipFilter, Sort
from studio.store.filters import Conditions, in_days, in_trash, of_state
from studio.store.reader import reader
from studio.store.schema import clips, labels
from studio.store.storable import storable

Path = Literal[
    "account", "prompt", "time", "starred", "failed", "deleted", "stage", "person", "resolution", "duration",
    "aspect_ratio", "words", "tag", "collection", "confirmed",
]  # fmt: skip

INDEXES: Mapping[Path, str] = {
    "account": "clips_of_account",
    "prompt": "clips_by_prompt",
    "time": "clips_by_time",
    "confirmed": "clips_confirmed",
    "starred": "clips_starred",
    "failed": "clips_failed",
    "deleted": "clips_in_trash",
    "stage": "clips_shown",
    "person": "clips_people",
    "resolution": "clips_by_resolution",
    "duration": "clips_by_duration",
    "aspect_ratio": "clips_by_aspect_ratio",
}
"""What SQLite is told to read. Words and labels have tables of their own, which are joined to the clips."""

SQLITE_ALONE: frozenset[Path] = frozenset({"account", "words"})
"""What leads on SQLite alone. PostgreSQL knows how many clips each account has, and its words have an index beside."""

LABELS: frozenset[Path] = frozenset({"tag", "collection"})

SETTINGS: Mapping[str, Path] = {key: key for key in ("resolution", "duration", "aspect_ratio")}
"""The settings that the filters of the history offer."""

_STAGES = frozenset({"running", "refused", "unknown"})
"""The states that an index has, and that seldom many clips are in."""

FEW_CLIPS = 10_000
"""So many are counted in 1 to 4 ms, and gathered and sorted in 25, in a million (benchmarks/questions.py)."""

WORDS = sa.table("clips_search", sa.column("rowid", sa.Integer), sa.column("clips_search"))
"""The trigrams of every prompt, on SQLite; its ``rowid`` is the clip's ``seq``."""

# True of every clip: SQLite takes the index of accounts for those alone that say so, and would take it for all others.
_IS_OF_ACCOUNT = sa.literal_column("clips.price", sa.Integer) >= sa.literal_column("0")

FROM_WORDS = sa.join(WORDS, clips, clips.c.seq == sa.literal_column("+clips_search.rowid", sa.Integer))
FROM_LABELS = sa.join(labels, clips, clips.c.id == sa.literal_column("+labels.clip_id", sa.Text))
"""By the plain columns SQLite may go through the clips first, and look for the words or the label anew at each."""


def paths(only: ClipFilter, sort: Sort | None) -> list[Path]:
    """Return the indexes of the parts of a question, those first that lead where several have many clips.

    Any serves a count, for which there is no ``sort``.
    """
    settings = [SETTINGS[key] for key in only.wanted_settings if key in SETTINGS]
    found: list[tuple[Path, bool]] = [
        ("starred", only.shown == "starred"),
        ("failed", only.shown == "failed"),
        ("deleted", only.shown == "deleted"),
        ("stage", only.shown in _STAGES),
        ("time", only.has_days),
        ("words", bool(only.indexed_terms())),
        # Their indexes leave the trash out.
        *((setting, only.shown != "deleted") for setting in settings),
        ("person", bool(only.person) or reader() is not None),
        ("tag", bool(only.tag)),
        ("collection", bool(only.collection)),
        ("stage", only.shown == "succeeded" and sort is None),
    ]
    return [*(path for path, is_asked in found if is_asked), "account"]


def has_order(path: Path, only: ClipFilter) -> bool:
    """Whether a path has the clips from the newest on: those of a long one are then not gathered for a page."""
    if only.has_days or path == "time":
        return path == "time"
    if path in SETTINGS:
        return len(only.wanted_settings[path]) == 1
    return path not in LABELS and path != "stage"


def most_counted(sizes: Mapping[Path, int]) -> int:
    """Return to how many one more path is counted: with more clips than the smallest so far it leads in no case."""
    return min([FEW_CLIPS, *(size + 1 for size in sizes.values())])


def few(sizes: Mapping[Path, int]) -> Path | None:
    """Return the smallest path, of those whose ``sizes`` are known to ``FEW_CLIPS``, if it has few clips."""
    size, smallest = min(((size, path) for path, size in sizes.items()), default=(FEW_CLIPS, None))
    return smallest if size < FEW_CLIPS else None


def leading(sizes: Mapping[Path, int], only: ClipFilter, sort: Sort | None) -> Path:
    """Return the path that leads: the smallest, or where all have many clips one that has the order asked for."""
    if sort is None:
        return min(sizes, key=sizes.__getitem__)
    if small := few(sizes):
        return small
    if sort == "prompt" and only.shown != "deleted":
        return "prompt"
    return next((path for path in sizes if has_order(path, only)), "account")


def own_conditions(path: Path, only: ClipFilter, account: str, *, is_sqlite: bool) -> Conditions:
    """Return the part of a question that a path answers; a setting in the very words of its index."""
    if path == "account":
        return clips.c.account == account, _IS_OF_ACCOUNT
    if path == "words":
        wanted = " AND ".join('"' + term.replace('"', '""') + '"' for term in only.indexed_terms())
        return (WORDS.c.clips_search.op("MATCH")(wanted),)
    if path in LABELS:
        return labels.c.kind == path, labels.c.name == storable(only.tag if path == "tag" else only.collection)
    if path == "person":
        return (clips.c.person == storable(only.person or reader() or ""),)
    if path in SETTINGS:
        return (has_setting(path, only.wanted_settings[path], is_sqlite=is_sqlite),)
    return in_days(only) if path == "time" else of_state(only)


def has_setting(key: str, values: tuple[str, ...], *, is_sqlite: bool) -> sa.ColumnElement[bool]:
    """Return the condition that a setting of ``SETTINGS`` has one of these values, in the very words of its indexes."""
    words = f"json_extract(clips.params, '$.{key}')" if is_sqlite else f"(clips.params ->> '{key}')"
    column: sa.ColumnElement[str] = sa.literal_column(words, sa.Text)
    return column == values[0] if len(values) == 1 else column.in_(values)


def part(only: ClipFilter, path: Path) -> Hashable:
    """Return what of a question decides how many clips a path has."""
    asked: Mapping[Path, Hashable] = {
        "words": only.words,
        "person": only.person or reader(),
        "tag": only.tag,
        "collection": only.collection,
        "time": (only.since, only.until),
        "stage": only.shown,
    }
    return path, only.shown == "deleted", only.wanted_settings[path] if path in SETTINGS else asked.get(path)


def of_account(query: sa.Select[Any], account: str) -> sa.Select[Any]:
    """Return ``query`` on all clips of an account, in the trash or not, to be read in their order."""
    return along(query, "account").where(clips.c.account == account, _IS_OF_ACCOUNT)


def size(path: Path, only: ClipFilter, account: str, at_most: int, *, is_sqlite: bool) -> sa.Select[Any]:
    """Return how many clips a path has at most, counted to ``at_most`` in the index alone."""
    one = sa.select(sa.literal(1).label("one")).where(*own_conditions(path, only, account, is_sqlite=is_sqlite))
    if path == "words":
        one = one.select_from(WORDS)
    elif path in LABELS:
        one = one.select_from(labels)
    else:
        one = along(one.select_from(clips), path)
        if path in {"account", "starred", "failed", "deleted", "stage", "person"}:
            one = one.where(clips.c.account == account)
        if path not in {"account", "person", "time"}:
            one = one.where(*in_trash(only))
    return sa.select(sa.func.count()).select_from(one.limit(at_most).subquery())


def gathered(path: Path, only: ClipFilter, account: str) -> sa.ColumnElement[bool]:
    """Return the condition, for PostgreSQL, that a clip is one of the few that a path has.

    An array is found out first, and to the planner it is ten clips whatever they are: it walks no index in their stead.
    """
    own = sa.select(clips.c.seq).where(*own_conditions(path, only, account, is_sqlite=False))
    if path in LABELS:
        own = own.join(labels, labels.c.clip_id == clips.c.id)
    elif path != "time":
        own = own.where(clips.c.account == account, *in_trash(only))
    return clips.c.seq == sa.any_(sa.func.array(own.scalar_subquery()))


def along(query: sa.Select[Any], path: Path) -> sa.Select[Any]:
    """Return ``query`` on the clips, to be read along ``path``; PostgreSQL, which counts its rows, finds its own."""
    if path == "words":
        return query.select_from(FROM_WORDS)
    if path in LABELS:
        return query.select_from(FROM_LABELS)
    return query.with_hint(clips, f"INDEXED BY {INDEXES[path]}", "sqlite")
