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
        try:
            if turn.acquire(timeout=timeout_seconds):
                return True
        except BaseException:  # Ctrl+C: whoever waits behind must not wait for one who has gone
            if not self._leave(turn):
                self.release()
            raise
        return not self._leave(turn)

    def _leave(self, turn: threading.Lock) -> bool:
        """Leave the line; return false when the lock was handed over in this very moment."""
        with self._inside:
            is_waiting = turn in self._line
            if is_waiting:
                self._line.remove(turn)
        return is_waiting

    def release(self) -> None:
        """Hand it to the next in line."""
        with self._inside:
            if self._line:
                self._line.popleft().release()
            else:
                self._is_held = False
