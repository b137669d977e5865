"""A second memory beside the database: one line for each key and each task id, appended and flushed.

It holds no prompt and no secret. With it, paid clips can be found again at Rivya when the database is gone.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the journal knows of an intent; ``task_id`` is ``None`` when Rivya's yes was never seen."""

    clip_id: str
    idempotency_key: str
    account: str
    at: str
    task_id: str | None = None


class Journal:
    """An append-only file of JSON lines."""

    def __init__(self, path: Path, account: str) -> None:
        self.path = path
        self._account = account
        self._lock = threading.Lock()

    def add(self, *, clip_id: str, idempotency_key: str, task_id: str | None = None) -> None:
        """Append one line and flush it to the disk; a full disk is logged, for the database has it too."""
        entry = {"at": datetime.now(UTC).isoformat(), "account": self._account, "clip_id": clip_id}
        line = json.dumps({**entry, "idempotency_key": idempotency_key, "task_id": task_id}) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock, self.path.open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            log.warning("journal not written: %s", error.strerror)

    def read(self) -> list[Entry]:
        """Return the last word on each intent, oldest first; a torn line is passed over."""
        found: dict[str, Entry] = {}
        if not self.path.is_file():
            return []
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                entry = Entry(**json.loads(line))
            except (ValueError, TypeError):
                continue
            known = found.get(entry.clip_id)
            if known is None or known.task_id is None:
                found[entry.clip_id] = entry
        return list(found.values())
