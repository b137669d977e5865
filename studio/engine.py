"""Moves intents through Rivya: one scheduler thread, a small pool, and leases.

The scheduler sleeps until something is due. Due times live in a heap in memory while the lease on a clip is held, so
looking at a thousand running generations costs no writes; only what changes is written. A process that dies leaves its
leases to run out, and another carries on from the last thing that was committed.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue

from filelock import FileLock, Timeout

from studio.errors import StoreError
from studio.logs import logging_about
from studio.plan_queue import PlanQueue
from studio.steps import Steps
from studio.store import LeaseLostError, Store
from studio.store.clip import Clip, Stage
from studio.work_signal import Chore, WorkSignal

log = logging.getLogger(__name__)

LEASE_SECONDS = 24.0
"""A dead process's clips are another's after at most this and ``CLAIM_SECONDS``: within 30 s, with room."""

RENEW_SECONDS = 8.0
"""A third of the lease: two renewals may fail before a clip is another's."""

CLAIM_SECONDS = 2.0
"""How often to look for intents that another process committed or left behind."""

CLAIM_LIMIT = 500
BALANCE_SECONDS = 300.0
MAINTENANCE_SECONDS = 60.0
NOTICES_SECONDS = 3.0
WEBHOOKS_SECONDS = 60.0
STANDBY_SECONDS = 1.0
STORE_RETRY_SECONDS = 2.0
SLOWEST_STUMBLE_SECONDS = 300.0
STOP_SECONDS = 5.0


class Engine:
    """Runs the open clips of ``store``, and lets the ``queue`` advance every two seconds.

    ``start`` once, ``stop`` once; ``signal`` tells it in between what cannot wait for its time.
    """

    def __init__(
        self,
        steps: Steps,
        store: Store,
        queue: PlanQueue,
        signal: WorkSignal,
        *,
        workers: int = 8,
        leader_lock: FileLock | None = None,
        notices: Callable[[], object] | None = None,
        webhooks: Callable[[], object] | None = None,
    ) -> None:
        self._queue = queue
        self._signal = signal
        self._steps = steps
        self._store = store
        self._owner = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._workers = workers
        self._leader_lock = leader_lock
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._run, name="rivya-engine", daemon=True)]
        self._threads += [
            threading.Thread(target=self._work, name=f"rivya-step-{n}", daemon=True) for n in range(workers)
        ]
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._heap: list[tuple[float, int, str]] = []
        self._held: dict[str, tuple[int, Clip]] = {}
        self._working: set[str] = set()
        self._asked_again: set[str] = set()
        self._stumbles: dict[str, int] = {}
        self._order = itertools.count()
        self._chores: dict[Chore, tuple[float, Callable[[], object]]] = {
            Chore.CLAIM: (CLAIM_SECONDS, self._queue.advance),
            Chore.BALANCE: (BALANCE_SECONDS, self._steps.refresh_balance),
            Chore.MAINTENANCE: (MAINTENANCE_SECONDS, self._steps.run_maintenance),
        }
        if notices:
            self._chores[Chore.NOTICES] = (NOTICES_SECONDS, notices)
        if webhooks:
            self._chores[Chore.WEBHOOKS] = (WEBHOOKS_SECONDS, webhooks)
        self._next = dict.fromkeys(self._chores, 0.0) | {Chore.MAINTENANCE: time.monotonic() + MAINTENANCE_SECONDS}
        self._next_renew = 0.0
        self._wakes_at = 0.0
        self._paused_until = 0.0

    @property
    def is_standing_by(self) -> bool:
        """Whether another engine has the turn on this SQLite file; this one takes over when that one ends."""
        return self._leader_lock is not None and not self._leader_lock.is_locked

    @property
    def is_running(self) -> bool:
        """Whether the scheduler is alive."""
        return self._threads[0].is_alive() and not self._stopping.is_set()

    def start(self) -> None:
        """Begin to work. Returns at once."""
        for thread in self._threads:
            thread.start()

    def ask_now(self, task_id: str) -> bool:
        """Ask Rivya about a running generation before its time; return whether this engine holds it.

        An answer that is on its way may be older than the reason to ask: then it is asked about once more.
        """
        with self._lock:
            clip = next((clip for _, clip in self._held.values() if clip.task_id == task_id), None)
            if clip is None or clip.stage is not Stage.RUNNING:
                return False
            is_asking = clip.id in self._working
            if is_asking:
                self._asked_again.add(clip.id)
        if not is_asking:
            self._hold(clip, 0.0)
            self._signal.wake()
        return True

    def stop(self) -> None:
        """Finish or release the steps in hand within about 5 s and give every lease back."""
        self._stopping.set()
        self._signal.wake()
        for _ in range(self._workers):
            # One for each worker: it ends the thread that takes it.
            self._jobs.put(None)
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(deadline - time.monotonic(), 0.0))
        try:
            # Another process can claim at once what this one gives back; else it would wait for the leases to end.
            self._store.outbox.release(self._owner)
        except StoreError as error:
            log.warning("leases not given back: %s", error)
        if self._leader_lock:
            self._leader_lock.release()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for chore in self._signal.take():
                self._next[chore] = 0.0
            if not self._has_leader_lock():
                self._signal.wait(STANDBY_SECONDS)
                continue
            try:
                self._tend_leases()
                wait_seconds = self._start_due_steps()
            except StoreError as error:
                log.warning("the store is not available: %s", error)
                wait_seconds = STORE_RETRY_SECONDS
            except Exception:
                log.exception("the engine stumbled and goes on")
                wait_seconds = STORE_RETRY_SECONDS
            self._signal.wait(wait_seconds)

    def _has_leader_lock(self) -> bool:
        if self._leader_lock is None or self._leader_lock.is_locked:
            return True
        try:
            # Whoever held the lock is dead or stopped, so its leases need not run out first.
            self._leader_lock.acquire(blocking=False)
            self._store.outbox.take_over()
        except (Timeout, OSError):
            return False
        except StoreError as error:
            log.warning("the store is not available: %s", error)
            self._leader_lock.release()
            return False
        return True

    def _tend_leases(self) -> None:
        now = time.monotonic()
        if now >= self._next_renew:
            self._renew()
            self._next_renew = now + RENEW_SECONDS
        if now >= self._next[Chore.CLAIM]:
            self._paused_until = time.monotonic() + self._store.outbox.pause_seconds()
            for clip in self._store.outbox.claim(self._owner, lease_seconds=LEASE_SECONDS, limit=CLAIM_LIMIT):
                self._hold(clip, 0.0)
        for chore, (every_seconds, work) in self._chores.items():
            if now >= self._next[chore]:
                self._next[chore] = now + every_seconds
                self._jobs.put(partial(self._do_chore, work))

    def _renew(self) -> None:
        with self._lock:
            held = set(self._held)
        if held:
            lost = held - self._store.outbox.renew(self._owner, held, lease_seconds=LEASE_SECONDS)
            with self._lock:
                # A clip in hand is left to its step: the fence refuses whatever that writes.
                for clip_id in lost - self._working:
                    self._held.pop(clip_id, None)

    def _hold(self, clip: Clip, delay_seconds: float) -> float:
        """Keep a clip until it is due, and return when that is."""
        with self._lock:
            sequence, due = next(self._order), time.monotonic() + delay_seconds
            # The heap keeps entries of clips that were held anew; only the newest sequence of each counts.
            self._held[clip.id] = (sequence, clip)
            heapq.heappush(self._heap, (due, sequence, clip.id))
            return due

    def _start_due_steps(self) -> float:
        """Hand due clips to free threads; return the seconds until there may be something to do again."""
        with self._lock:
            while self._heap and len(self._working) < self._workers:
                due, sequence, clip_id = self._heap[0]
                # A pause that Rivya asked for holds for every clip, whenever it is due.
                due = max(due, self._paused_until)
                if due > time.monotonic():
                    break
                heapq.heappop(self._heap)
                held_sequence, clip = self._held.get(clip_id, (None, None))
                if clip and held_sequence == sequence and clip_id not in self._working:
                    self._working.add(clip_id)
                    self._jobs.put(partial(self._step, clip))
            now = time.monotonic()
            times = [self._next_renew, *self._next.values()]
            if self._heap and len(self._working) < self._workers:
                times.append(max(self._heap[0][0], self._paused_until))
            self._wakes_at = min(times)
        return max(self._wakes_at - now, 0.0)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if not self._stopping.is_set():
                job()

    def _step(self, clip: Clip) -> None:
        after: Clip | None = None
        try:
            with logging_about(clip_id=clip.id):
                after = self._steps.run(clip, self._owner)
                if (clip.stage, clip.status) != (after.stage, after.status):
                    moved = {"stage": after.stage, "status": after.status, "code": after.error and after.error.code}
                    log.info("clip moved", extra=moved)
            self._stumbles.pop(clip.id, None)
        except LeaseLostError:
            log.warning("clip %s is worked on elsewhere", clip.id)
        except StoreError as error:
            log.warning("clip %s: %s", clip.id, error)
            after = clip.due_in(STORE_RETRY_SECONDS)
        except Exception:
            log.exception("clip %s: a step stumbled and will be done again", clip.id)
            stumbles = self._stumbles[clip.id] = self._stumbles.get(clip.id, 0) + 1
            after = clip.due_in(min(STORE_RETRY_SECONDS * 2.0 ** min(stumbles, 10), SLOWEST_STUMBLE_SECONDS))
        finally:
            self._put_back(clip, after)

    def _put_back(self, before: Clip, after: Clip | None) -> None:
        with self._lock:
            # A free thread for the next, or something earlier to do; else the scheduler is left asleep.
            is_to_wake = len(self._working) >= self._workers
            self._working.discard(before.id)
            # It may have been claimed again while its step ran; then the newer one stays.
            _, claimed_again = self._held.get(before.id, (0, None))
            if claimed_again is before:
                del self._held[before.id]
                claimed_again = None
            is_asked_again = before.id in self._asked_again
            self._asked_again.discard(before.id)
        if after is not None and after.delay_seconds is not None and after.owner == self._owner:
            due = self._hold(after, 0.0 if is_asked_again and after.stage is Stage.RUNNING else after.delay_seconds)
            is_to_wake = is_to_wake or due < self._wakes_at
        elif after is None and claimed_again is not None:
            # Its turn came while it was in hand and was passed over; nothing else would look at it again.
            self._hold(claimed_again, 0.0)
            is_to_wake = True
        if after is not None and after.error is not None and after.error.code == "rate_limited":
            self._signal.ask(Chore.CLAIM)
        if after is not None and (before.task_id, before.status) != (after.task_id, after.status):
            # Credits move when a clip is accepted and when it ends, and people look then.
            self._signal.ask(Chore.BALANCE)
        if is_to_wake:
            self._signal.wake()

    def _do_chore(self, chore: Callable[[], object]) -> None:
        try:
            chore()
        except StoreError as error:
            log.warning("a chore is put off: %s", error)
        except Exception:
            log.exception("a chore stumbled")
