"""From a row to a Clip: the only place that knows both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Row

from rivya.archive import Archive
from rivya.clip import Clip, ClipError, Stage

_SAME = (
    "id seq model prompt params idempotency_key client_request_id created_at updated_at request_body reference_sha256 "
    "reference_mime_type task_id status attempts submitted_at started_at finished_at saved_at credits_reserved "
    "credits_final price balance_before balance_after video_sha256 video_bytes video_width video_height video_seconds "
    "deleted_at account run_at"
).split()


class Rows:
    """Builds Clips whose file paths point into ``archive``."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def clip(self, row: Row[Any]) -> Clip:
        """Return the Clip that ``row`` of the clips table describes."""
        values = row._mapping
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
            video_path=self._archive.video_path(values["video_sha256"]) if values["video_sha256"] else None,
            poster_path=self._archive.poster_path(values["video_sha256"]) if values["video_sha256"] else None,
        )

    def _reference_path(self, sha256: str | None) -> Path | None:
        return self._archive.reference_path(sha256) if sha256 else None
