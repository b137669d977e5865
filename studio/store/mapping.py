"""From a row to a Clip: the only place that knows both."""

from __future__ import annotations

import sys
from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from studio.media.archive import Archive
from studio.store.clip import Clip, ClipError, Stage
from studio.store.schema import clips

_COLUMNS = tuple(sys.intern(str(name)) for name in clips.c.keys())  # noqa: SIM118 - it gives columns
"""Interned: arguments that are the very words of a signature are found in a third of the time."""

_ELSEWHERE = tuple(set(_COLUMNS) - {field.name for field in fields(Clip)})
"""What a clip does not have, or has in another form."""


class ClipMapping:
    """Builds Clips whose file paths point into ``archive``."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def clip(self, row: Row[Any]) -> Clip:
        """Return the Clip that ``row`` of the clips table describes."""
        values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
        values["stage"] = Stage(values["stage"])
        values["raw"] = values["raw"] or {}
        if code := values["error_code"]:
            status = values["error_http_status"]
            values["error"] = ClipError(code, values["error_message"] or "", status, values["request_id"])
        if values["purged_at"]:
            values["video_sha256"] = None
        if video := values["video_sha256"]:
            values |= {"video_path": self._archive.video_path(video), "poster_path": self._archive.poster_path(video)}
        if picture := values["reference_sha256"]:
            values["reference_path"] = self._archive.reference_path(picture)
        for name in _ELSEWHERE:
            del values[name]
        return Clip(**values)
