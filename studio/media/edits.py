"""What people make out of their videos: joined, cut, repeated. It can be made anew, so it is kept for 30 days.

The videos themselves are never changed.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

KEPT_SECONDS = 30 * 24 * 3600.0
_NAME = re.compile(r"[0-9a-f]{32}\.(mp4|gif|webp|png)")


class Edits:
    """Made files under ``root``, each named by what it was made from and how: the same wish is not worked on twice."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "edits"

    def make(self, recipe: str, extension: str, write: Callable[[Path], object]) -> str:
        """Have ``write`` make a file, unless ``recipe`` was followed lately, and return its name.

        Costs whatever ``write`` costs, and raises what it raises; files older than 30 days are removed.
        """
        name = f"{hashlib.sha256(recipe.encode()).hexdigest()[:32]}.{extension}"
        path = self._folder / name
        self._folder.mkdir(parents=True, exist_ok=True)
        self._forget()
        if not path.is_file():
            write(path)
        return name

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
