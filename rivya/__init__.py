"""Videos with Seedance 1.0 Pro through Rivya: no credit spent twice, no paid clip lost.

>>> from rivya import GenerationRequest
>>> GenerationRequest(prompt="A paper boat").params["duration"]
'5'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rivya.client import Client
    from rivya.clip import Clip, State
    from rivya.config import Settings
    from rivya.errors import RivyaError
    from rivya.models import Generation, GenerationRequest
    from rivya.studio import Studio

__all__ = ["Client", "Clip", "Generation", "GenerationRequest", "RivyaError", "Settings", "State", "Studio"]

_HOME = {
    "Client": "client",
    "Clip": "clip",
    "Generation": "models",
    "GenerationRequest": "models",
    "RivyaError": "errors",
    "Settings": "config",
    "State": "clip",
    "Studio": "studio",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that a sandbox or a small script loads only what it needs."""
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"rivya.{_HOME[name]}"), name)
