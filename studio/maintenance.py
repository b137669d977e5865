"""The videos that were paid for, looked after: whole here, only at Rivya, or damaged.

What is missing or damaged is fetched again by its task id; never is a generation started for it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from studio.errors import StoreError
from studio.media.archive import Archive
from studio.store import Store
from studio.store.clip import Clip, Health

log = logging.getLogger(__name__)

CHECK_EVERY_SECONDS = 24 * 3600.0
CHECKS_AT_ONCE = 20
DAY_SECONDS = 24 * 3600.0
TRASH_SECONDS = 30 * DAY_SECONDS
"""How long the trash can be undone."""


class Maintenance:
    """Checks videos of ``store``'s account against their size and SHA-256."""

    def __init__(self, store: Store, archive: Archive) -> None:
        self._store = store
        self._archive = archive

    def check_some(self, *, older_than_seconds: float = CHECK_EVERY_SECONDS, limit: int = CHECKS_AT_ONCE) -> int:
        """Check the videos that were not checked for longest; return how many. Costs one read of each file."""
        if not self._archive.is_reachable:
            return 0
        due = self._store.video_health.to_check(older_than_seconds=older_than_seconds, limit=limit)
        for clip in due:
            self.check(clip)
        return len(due)

    def check(self, clip: Clip) -> Health:
        """Look at one video, write down how it is doing, and have a bad one fetched again."""
        health = self._look(clip)
        self._store.video_health.record(clip.id, health, fetch_again=health is not Health.SAFE)
        return health

    def expire(self, keep_days: int | None) -> int:
        """Move what is older and has no star into the trash; return how many. ``None`` keeps everything."""
        moved = self._store.trash.expire(older_than_seconds=keep_days * DAY_SECONDS) if keep_days else 0
        if moved:
            log.info("%d clips are older than %d days and went to the trash", moved, keep_days)
        return moved

    def empty_trash(self, *, older_than_seconds: float = TRASH_SECONDS, only: Collection[str] | None = None) -> int:
        """Remove the videos of clips that lie in the trash for longer, for good; return how many videos went.

        Rows and receipts stay. A video that another clip shows as well stays too. ``only`` names the clips meant. What
        cannot be removed now is shown nowhere any more, and removed the next time.
        """
        self._store.trash.purge(older_than_seconds=older_than_seconds, only=only)
        removed = 0
        for sha256 in self._store.trash.videos_to_remove() if self._archive.is_reachable else ():
            # Asked again just before: somebody may have restored a clip that shows it.
            if self._store.trash.needs_video(sha256):
                continue
            try:
                self._archive.remove(sha256)
            except (OSError, StoreError) as error:
                log.warning("a video could not be removed, which is tried again: %s", error)
            else:
                self._store.trash.video_removed(sha256)
                removed += 1
        return removed

    def _look(self, clip: Clip) -> Health:
        if clip.video_sha256 is None or not self._archive.has(clip.video_sha256):
            return Health.REMOTE
        if not self._archive.is_whole(clip.video_sha256):
            return Health.DAMAGED
        self._archive.share(clip.video_sha256)
        return Health.SAFE
