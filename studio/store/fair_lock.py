"""A lock that threads get in the order in which they asked; Python's own goes to whoever asks in a lucky moment."""

from __future__ import annotations

import threading
from collections import deque


class FairLock:
    """Held by one thread at a time. It is handed to the one that has waited longest."""

    def __init__(self) -> None:
        self._inside = threading.Lock()
        self._is_held = False
        self._line: deque[threading.Lock] = deque()

    def acquire(self, timeout_seconds: float) -> bool:
        """Wait for the lock; return whether it was had in time."""
        with self._inside:
            if not self._is_held:
                self._is_held = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._line.append(turn)
        if turn.acquire(timeout=timeout_seconds):
            return True
        with self._inside:
            if turn in self._line:
                self._line.remove(turn)
                return False
        return True  # it was handed over in the very moment in which the time was up

    def release(self) -> None:
        """Hand it to the next in line."""
        with self._inside:
            if self._line:
                self._line.popleft().release()
            else:
                self._is_held = False
