"""The one Studio of this process, and those of people's own keys: started and stopped with the app, found by pages."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from studio.settings import Settings

if TYPE_CHECKING:
    from studio.own_keys import OwnKeys
    from studio.studio import Studio

_lock = threading.Lock()
_studio: Studio | None = None
_own_keys: OwnKeys | None = None


def studio() -> Studio:
    """Return the process's running studio, started on first use with the settings of the environment."""
    global _studio  # noqa: PLW0603 - one process, one engine: this is the place where that is true
    with _lock:
        if _studio is None:
            from studio.studio import Studio  # noqa: PLC0415 - 0.3 s that a server's first answer does not wait for

            fresh = Studio(Settings())
            fresh.start()
            _studio = fresh
        return _studio


def own_keys() -> OwnKeys | None:
    """Return who brought keys of their own, ``None`` where RIVYA_OWN_KEYS is off."""
    global _own_keys  # noqa: PLW0603
    shared = studio()
    with _lock:
        if _own_keys is None and shared.settings.own_keys:
            from studio.own_keys import OwnKeys  # noqa: PLC0415 - as above

            _own_keys = OwnKeys(shared.settings, shared.store)
        return _own_keys


def stop() -> None:
    """Stop the process's studios, if there are any; the next call of ``studio`` starts another."""
    global _studio, _own_keys  # noqa: PLW0603
    with _lock:
        if _own_keys is not None:
            _own_keys.stop()
        _own_keys = None
        if _studio is not None:
            _studio.stop()
        _studio = None
