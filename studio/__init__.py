"""Videos with Seedance 1.0 Pro through Rivya: no credit spent twice, no paid clip lost.

>>> from studio import State
>>> State.SUCCEEDED.value
'succeeded'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.settings import Settings
    from studio.store.clip import Clip, State
    from studio.studio import Studio

__all__ = ["Clip", "Settings", "State", "Studio"]

_HOME = {
    "Clip": "store.clip",
    "Settings": "settings",
    "State": "store.clip",
    "Studio": "studio",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that a small script loads only what it needs."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"studio.{_HOME[name]}"), name)
