"""From a row to a Clip: the only place that knows both."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from studio.media.archive import Archive
from studio.store.clip import Clip, ClipError, Stage
from studio.store.schema import clips

_SAME = ({field.name for field in fields(Clip)} & set(clips.c.keys())) - {"stage", "raw"}


class ClipMapping:
    """Builds Clips whose file paths point into ``archive``."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def clip(self, row: Row[Any]) -> Clip:
        """Return the Clip that ``row`` of the clips table describes."""
        values = row._asdict()
        if values["purged_at"]:
            values["video_sha256"] = None
        video = values["video_sha256"]
        error = None
        if values["error_code"]:
            error = ClipError(
                values["error_code"], values["error_message"] or "", values["error_http_status"], values["request_id"]
            )
        return Clip(
            **{name: values[name] for name in _SAME},
            stage=Stage(values["stage"]),
            error=error,
            raw=values["raw"] or {},
            reference_path=self._reference_path(values["reference_sha256"]),
            video_path=self._archive.video_path(video) if video else None,
            poster_path=self._archive.poster_path(video) if video else None,
        )

    def _reference_path(self, sha256: str | None) -> Path | None:
        return self._archive.reference_path(sha256) if sha256 else None
