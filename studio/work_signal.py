"""One object between those who have work and the engine that does it.

Submission and plan queue ask; the engine listens. Nobody needs to know who does the work, or whether anybody here does.
"""

from __future__ import annotations

import threading
from enum import Enum


class Chore(Enum):
    """What the engine can be asked to do before its time."""

    CLAIM = "look for clips and plans"
    BALANCE = "ask for the balance"
    MAINTENANCE = "look after the archive"
    NOTICES = "tell people what ended"
    WEBHOOKS = "have Rivya call us when a generation ends"


class WorkSignal:
    """Safe between threads. Asking twice before the engine listens is asking once."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._asked: set[Chore] = set()

    def ask(self, chore: Chore = Chore.CLAIM) -> None:
        """Have the engine of this process do ``chore`` now; without one, another process does it in its own time."""
        with self._lock:
            self._asked.add(chore)
        self._event.set()

    def wake(self) -> None:
        """End a ``wait`` without asking for anything."""
        self._event.set()

    def wait(self, seconds: float) -> None:
        """Wait until somebody asks or wakes, for ``seconds`` at most."""
        self._event.wait(seconds)
        self._event.clear()

    def take(self) -> set[Chore]:
        """Return what was asked for since the last call."""
        with self._lock:
            asked, self._asked = self._asked, set()
        return asked
