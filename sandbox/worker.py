"""A task moves by due times: queued, then processing, then its end, and no thread waits in between.

One scheduler thread sleeps until the next due time and hands the step on: a change of status to a thread that has
nothing else to do, a video to a pool of two workers. Videos are drawn while their tasks are still queued, or taken from
a folder of ready ones. What a stop interrupts stays unfinished in the ledger and is taken up again at the next start.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from threading import Condition, Event, Lock, Thread

from sandbox.film.render import Cancelled, Shot, render
from sandbox.ledger import Ledger, Task

log = logging.getLogger(__name__)

QUEUED_SHARE = 0.25
DRAWING_AHEAD_SECONDS = 4.0
SLOW_FACTOR = 6
SLOW_AT_LEAST_MORE_SECONDS = 10

FAILED = "Too many things moved at once."
UNSAFE = "The safety checker stopped this generation."
_one_draws = Lock()


def planned_failure(task: Task) -> str | None:
    """Return why the prompt's tags make this task fail, or ``None``."""
    if "#fail" in task.prompt:
        return FAILED
    if "#unsafe" in task.prompt and task.params.get("enable_safety_checker", "true") == "true":
        return UNSAFE
    return None


def planned_seconds(task: Task, seconds: float) -> float:
    """Return how long the task takes from its creation."""
    if "#slow" in task.prompt:
        return max(seconds * SLOW_FACTOR, seconds + SLOW_AT_LEAST_MORE_SECONDS)
    return seconds


class Jobs:
    """The worker behind the endpoints."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        uploads: Path,
        results: Path,
        seconds: float,
        frames_per_drawing: int,
        ready_clips: Path | None,
        on_end: Callable[[str], None],
    ) -> None:
        """Prepare; nothing runs before ``start``. ``on_end`` hears the id of each task that has ended."""
        self._ledger = ledger
        self._on_end = on_end
        self._uploads = uploads
        self._results = results
        self._seconds = seconds
        self._frames_per_drawing = frames_per_drawing
        self._ready_clips = ready_clips
        self._due: list[tuple[float, int, Executor, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = Condition()
        self._stopping = Event()
        self._videos: dict[Shot, Path] = {}
        self._drawers = ThreadPoolExecutor(2, thread_name_prefix="sandbox-job")
        # One, so that a task begins before it ends; and no video in the making delays the end of another task.
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="sandbox-status")
        self._scheduler = Thread(target=self._schedule, name="sandbox-scheduler", daemon=True)

    def start(self) -> None:
        """Take up what an earlier start left, and run."""
        for task in self._ledger.unfinished():
            self.add(task)
        self._scheduler.start()

    def stop(self) -> None:
        """Stop quickly; a render in progress is given up and starts anew next time."""
        with self._changed:
            self._stopping.set()
            self._changed.notify_all()
        self._scheduler.join()
        for pool in (self._drawers, self._clerk):
            pool.shutdown(wait=True, cancel_futures=True)

    def add(self, task: Task) -> None:
        """Run a queued or half-done task at its due times."""
        begin = task.created.timestamp() + planned_seconds(task, self._seconds) * QUEUED_SHARE
        self._at(begin, self._clerk, lambda: self._begin(task))
        self._at(begin - DRAWING_AHEAD_SECONDS, self._drawers, lambda: self._make(task))

    def _at(self, moment: float, pool: Executor, step: Callable[[], None]) -> None:
        with self._changed:
            heapq.heappush(self._due, (moment, next(self._order), pool, step))
            self._changed.notify_all()

    def _schedule(self) -> None:
        while True:
            with self._changed:
                # Asked under the lock: a stop between the question and the wait would go unheard, for good.
                if self._stopping.is_set():
                    return
                wait = self._due[0][0] - time.time() if self._due else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _, _, pool, step = heapq.heappop(self._due)
            pool.submit(step)

    def _begin(self, task: Task) -> None:
        try:
            self._ledger.begin(task.id)
        except Exception:
            log.exception("task %s could not begin", task.id)

    def _make(self, task: Task) -> None:
        try:
            reason = planned_failure(task)
            if reason is None:
                self._render(task)
        except Cancelled:
            return
        except Exception:
            log.exception("task %s could not be rendered", task.id)
            reason = FAILED
        due = task.created.timestamp() + planned_seconds(task, self._seconds)
        self._at(due, self._clerk, lambda: self._finish(task.id, reason))

    def _finish(self, task_id: str, reason: str | None) -> None:
        if reason is None:
            self._ledger.settle(task_id)
        else:
            self._ledger.refund(task_id, reason)
        self._on_end(task_id)

    def _render(self, task: Task) -> None:
        target = self._results / f"{task.id}.mp4"
        if target.exists():
            return
        image = self._uploads / self._ledger.file(task.file_id).stored_as if task.file_id else None
        shot = Shot.of(
            prompt=task.prompt,
            seed=task.seed,
            params=task.params,
            image=image,
            frames_per_drawing=self._frames_per_drawing,
        )
        if self._ready_clips:
            _copy(_ready(self._ready_clips, shot, self._stopping.is_set), target, task.id)
            return
        video = self._videos.get(shot)
        if video is None or not video.exists():
            render(shot, target, cancelled=self._stopping.is_set)
            self._videos[shot] = target
        else:
            target.hardlink_to(video)


def _ready(folder: Path, shot: Shot, cancelled: Callable[[], bool]) -> Path:
    """Return the one video that ``folder`` has for a size and a length; draw it when it has none yet."""
    video = folder / f"{shot.width}x{shot.height}-{shot.seconds}s.mp4"
    with _one_draws:
        if not video.exists():
            folder.mkdir(parents=True, exist_ok=True)
            render(shot, video, cancelled=cancelled)
    return video


def _copy(video: Path, target: Path, task_id: str) -> None:
    """Copy a video so that no two tasks have the same bytes: a ``free`` box at its end names the task."""
    name = task_id.encode()
    part = target.with_suffix(".part")
    part.write_bytes(video.read_bytes() + (8 + len(name)).to_bytes(4) + b"free" + name)
    part.replace(target)
