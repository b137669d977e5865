"""Copies of a data folder that can be trusted: the database at one moment, and a manifest of every video.

Also the way back: ``restore`` refuses to overwrite a history, and says which videos the copy lacks.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.errors import StoreError

DATABASE, MANIFEST, JOURNAL = "studio.db", "manifest.json", "journal.jsonl"
_FOLDERS = ("clips", "references", "music")


@dataclass(frozen=True, slots=True)
class Report:
    """What a backup or a restore did: files and bytes copied, and the names of files that are missing or damaged."""

    files: int
    size_bytes: int
    missing: tuple[str, ...]


def backup(data_dir: Path, target: Path, *, database: Path | None = None) -> Report:
    """Copy a data folder to ``target`` while the studio runs; videos that are there already are not copied again.

    The database is copied by SQLite's online backup, so it is whole whatever is being written. Raises ``StoreError``.
    """
    source = database or data_dir / DATABASE
    if not source.is_file():
        raise StoreError(f"there is no history at {source.name}")
    try:
        target.mkdir(parents=True, exist_ok=True)
        _copy_database(source, target / DATABASE)
        if (data_dir / JOURNAL).is_file():
            shutil.copy2(data_dir / JOURNAL, target / JOURNAL)
        entries = [_keep(path, data_dir, target) for path in _files(data_dir)]
        manifest = {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "files": entries}
        (target / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"backup failed: {error}") from error
    return Report(len(entries), sum(entry["bytes"] for entry in entries), ())


def restore(source: Path, data_dir: Path) -> Report:
    """Fill an empty data folder from a backup and check every video against the manifest.

    Raises ``StoreError`` when ``data_dir`` has a history already or ``source`` is no backup.
    """
    if (data_dir / DATABASE).exists():
        raise StoreError("this data folder has a history already; restore into an empty one")
    try:
        entries: list[dict[str, Any]] = json.loads((source / MANIFEST).read_text(encoding="utf-8"))["files"]
        data_dir.mkdir(parents=True, exist_ok=True)
        found = [entry for entry in entries if _is_as_listed(source / entry["name"], entry)]
        for entry in found:
            _copy(source / entry["name"], data_dir / entry["name"])
        if (source / JOURNAL).is_file():
            shutil.copy2(source / JOURNAL, data_dir / JOURNAL)
        _copy_database(source / DATABASE, data_dir / DATABASE, ready=_take_back_words)
    except (OSError, sqlite3.Error, ValueError, KeyError) as error:
        raise StoreError(f"restore failed: {error}") from error
    missing = tuple(entry["name"] for entry in entries if entry not in found)
    return Report(len(found), sum(entry["bytes"] for entry in found), missing)


def _take_back_words(copy: sqlite3.Connection) -> None:
    """Let nothing be paid again: what was released then, or under way, may have been sent since.

    What was under way counts as sent when it was made. So it is repeated with its key as long as that is safe, and
    waits for a person afterwards.
    """
    if copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'plans'").fetchone():
        copy.execute("UPDATE plans SET released_at = NULL WHERE clip_id IS NULL")
    if any(column[1] == "sent_at" for column in copy.execute("PRAGMA table_info(clips)")):
        copy.execute("UPDATE clips SET sent_at = coalesce(sent_at, created_at) WHERE task_id IS NULL")
    copy.commit()


def _copy_database(source: Path, target: Path, *, ready: Callable[[sqlite3.Connection], None] = lambda _: None) -> None:
    if not source.is_file():
        raise OSError(f"no database at {source.name}")
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(part)) as copy:
        original.backup(copy)
        ready(copy)
    part.replace(target)


def _files(data_dir: Path) -> list[Path]:
    return sorted(
        p for folder in _FOLDERS for p in (data_dir / folder).rglob("*") if p.is_file() and p.suffix != ".part"
    )


def _keep(path: Path, data_dir: Path, target: Path) -> dict[str, Any]:
    name = path.relative_to(data_dir).as_posix()
    entry = {"name": name, "bytes": path.stat().st_size, "sha256": _sha256(path)}
    if not _is_as_listed(target / name, entry):
        _copy(path, target / name)
    return entry


def _is_as_listed(path: Path, entry: dict[str, Any]) -> bool:
    return path.is_file() and path.stat().st_size == entry["bytes"] and _sha256(path) == entry["sha256"]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    shutil.copy2(source, part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
