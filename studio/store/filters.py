"""What a ``ClipFilter`` asks for, as SQL."""

from __future__ import annotations

import sqlalchemy as sa

from rivya.models import SUCCEEDED
from studio.store.clip import OPEN_STAGES, Stage
from studio.store.clip_filter import ClipFilter, LabelKind
from studio.store.schema import clips, labels
from studio.store.storable import storable

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
