"""The one Studio of this process: the app's lifespan starts and stops it, every page finds it here."""

from __future__ import annotations

import threading

from studio.settings import Settings
from studio.studio import Studio

_lock = threading.Lock()
_studio: Studio | None = None


def studio() -> Studio:
    """Return the process's running studio, started on first use with the settings of the environment."""
    global _studio  # noqa: PLW0603 - one process, one engine: this is the place where that is true
    with _lock:
        if _studio is None:
            fresh = Studio(Settings())
            fresh.start()
            _studio = fresh
        return _studio


def stop() -> None:
    """Stop the process's studio, if there is one; the next call of ``studio`` starts another."""
    global _studio  # noqa: PLW0603
    with _lock:
        if _studio is not None:
            _studio.stop()
        _studio = None
