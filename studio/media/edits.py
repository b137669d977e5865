"""What people make out of their videos: joined, cut, repeated. It can be made anew, so it is kept for 30 days.

The videos themselves are never changed.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEPT_SECONDS = 30 * 24 * 3600.0
_NAME = re.compile(r"[0-9a-f]{32}\.(mp4|gif|webp|png)")


@dataclass(frozen=True, slots=True)
class Edit:
    """A file that was made out of clips: its ``name`` here, what a reader saves it as, its clips, and when.

    What somebody wants to keep is not removed after 30 days.
    """

    name: str
    save_as: str
    clip_ids: tuple[str, ...]
    made_at: datetime
    size_bytes: int
    is_kept: bool = False


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
        name = _name(recipe, extension)
        path = self._folder / name
        self._folder.mkdir(parents=True, exist_ok=True)
        self._forget()
        if not path.is_file():
            write(path)
        self._tell(name, save_as=save_as, clip_ids=list(clip_ids))
        return name

    def made(self, recipe: str, extension: str) -> str:
        """Return the name of the file that was made by ``recipe``, empty when it is not here or about to go."""
        edit = self.find(_name(recipe, extension))
        if edit is None:
            return ""
        is_old = (datetime.now(UTC) - edit.made_at).total_seconds() > KEPT_SECONDS
        return edit.name if edit.is_kept or not is_old else ""

    def keep(self, name: str, *, kept: bool) -> None:
        """Keep a made file for good, or let it go after its 30 days again; one that is not here is passed over."""
        if self.path(name):
            self._tell(name, kept=kept)

    def all(self) -> Iterator[Edit]:
        """Yield what was made and is still here, the newest first; what tells nothing of itself is left out.

        What each is, is read when it is asked for: to know whether there is any costs one small file.
        """
        files = []
        for path in self._folder.glob("*.json"):
            with suppress(OSError):
                files.append((path.with_suffix("").stat().st_mtime, path.stem))
        for _made_at, name in sorted(files, reverse=True):
            if edit := self.find(name):
                yield edit

    def remove_of(self, clip_ids: Collection[str]) -> None:
        """Remove every made file that shows one of these clips, also what somebody wanted to keep.

        So goes what does not tell of what it is made: it can be made anew.
        """
        gone = frozenset(clip_ids)
        for name in {path.name.removesuffix(".json") for path in self._folder.glob("*") if path.is_file()}:
            of = self._told(name).get("clip_ids")
            if not isinstance(of, list) or not gone.isdisjoint(of):
                self.remove(name)

    def remove(self, name: str) -> None:
        """Remove a made file and what it tells of itself."""
        for path in (self._folder / name, self._folder / f"{name}.json"):
            path.unlink(missing_ok=True)

    def find(self, name: str) -> Edit | None:
        """Return what is known of a made file, ``None`` where it is gone or tells nothing."""
        told = self._told(name)
        try:
            made = (self._folder / name).stat()
            at = datetime.fromtimestamp(made.st_mtime, UTC)
            kept = told.get("kept") is True
            return Edit(name, str(told["save_as"]), tuple(told["clip_ids"]), at, made.st_size, kept)
        except (OSError, KeyError, TypeError):
            return None

    def path(self, name: str) -> Path | None:
        """Return where a made file lies, ``None`` when there is none of that name."""
        path = self._folder / name
        return path if _NAME.fullmatch(name) and path.is_file() else None

    def _told(self, name: str) -> dict[str, Any]:
        """Return what was written down of a made file, nothing where that cannot be read."""
        try:
            told = json.loads((self._folder / f"{name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def _tell(self, name: str, **more: Any) -> None:
        told = json.dumps({**self._told(name), **more}, ensure_ascii=False)
        part = self._folder / f"{name}.json.part"
        part.write_text(told, "utf-8")
        part.replace(self._folder / f"{name}.json")

    def _forget(self) -> None:
        oldest = time.time() - KEPT_SECONDS
        for path in self._folder.iterdir():
            with suppress(OSError):
                if path.stat().st_mtime >= oldest or self._told(path.name.removesuffix(".json")).get("kept") is True:
                    continue
                # A folder is what a crash left of an edit.
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _name(recipe: str, extension: str) -> str:
    return f"{hashlib.sha256(recipe.encode()).hexdigest()[:32]}.{extension}"
