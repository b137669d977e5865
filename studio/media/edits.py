"""What people make out of their videos: joined, cut, repeated. It can be made anew, so it is kept for 30 days.

The videos themselves are never changed.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

KEPT_SECONDS = 30 * 24 * 3600.0
_NAME = re.compile(r"[0-9a-f]{32}\.(mp4|gif|webp|png)")


@dataclass(frozen=True, slots=True)
class Edit:
    """A file that was made out of clips: its ``name`` here, what a reader saves it as, its clips, and when."""

    name: str
    save_as: str
    clip_ids: tuple[str, ...]
    made_at: datetime
    size_bytes: int


class Edits:
    """Made files under ``root``, each named by what it was made from and how: the same wish is not worked on twice."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "edits"

    def make(
        self, recipe: str, extension: str, write: Callable[[Path], object], *, save_as: str, clip_ids: Sequence[str]
    ) -> str:
        """Have ``write`` make a file, unless ``recipe`` was followed lately, and return its name.

        ``save_as`` and ``clip_ids`` are what ``all`` tells of it. Costs whatever ``write`` costs, and raises what it
        raises; files older than 30 days are removed.
        """
        name = f"{hashlib.sha256(recipe.encode()).hexdigest()[:32]}.{extension}"
        path = self._folder / name
        self._folder.mkdir(parents=True, exist_ok=True)
        self._forget()
        if not path.is_file():
            write(path)
        told = {"save_as": save_as, "clip_ids": list(clip_ids)}
        Path(f"{path}.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        return name

    def all(self) -> Iterator[Edit]:
        """Yield what was made and is still here, the newest first; what tells nothing of itself is left out.

        What each is, is read when it is asked for: to know whether there is any costs one small file.
        """
        files = []
        for path in self._folder.glob("*.json"):
            with suppress(OSError):
                files.append((path.with_suffix("").stat(), path))
        for made, path in sorted(files, key=lambda file: file[0].st_mtime, reverse=True):
            at = datetime.fromtimestamp(made.st_mtime, UTC)
            try:
                told = json.loads(path.read_text("utf-8"))
                edit = Edit(path.stem, str(told["save_as"]), tuple(told["clip_ids"]), at, made.st_size)
            except (OSError, ValueError, KeyError, TypeError):
                continue
            yield edit

    def path(self, name: str) -> Path | None:
        """Return where a made file lies, ``None`` when there is none of that name."""
        path = self._folder / name
        return path if _NAME.fullmatch(name) and path.is_file() else None

    def _forget(self) -> None:
        oldest = time.time() - KEPT_SECONDS
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
