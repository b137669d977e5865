"""Rivya's Public API v1 as typed Python: Seedance 1.0 Pro, and nothing of the studio.

>>> from rivya import GenerationRequest
>>> GenerationRequest(prompt="A paper boat").params["duration"]
'5'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rivya.client import Client
    from rivya.errors import (
        APIConnectionError,
        APIError,
        APIResponseError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        ConfigurationError,
        GenerationError,
        IdempotencyConflictError,
        ImageError,
        InsufficientCreditsError,
        InvalidRequestError,
        NotFoundError,
        PermissionDeniedError,
        RateLimitedError,
        RivyaError,
        ServerError,
        ServiceUnavailableError,
        ValidationFailedError,
        WebhookUrlRejectedError,
    )
    from rivya.models import Generation, GenerationRequest

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "Client",
    "ConfigurationError",
    "Generation",
    "GenerationError",
    "GenerationRequest",
    "IdempotencyConflictError",
    "ImageError",
    "InsufficientCreditsError",
    "InvalidRequestError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitedError",
    "RivyaError",
    "ServerError",
    "ServiceUnavailableError",
    "ValidationFailedError",
    "WebhookUrlRejectedError",
]

_HOME = {"Client": "client", "Generation": "models", "GenerationRequest": "models"}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that who wants ``rivya.spec`` alone does not load an HTTP client."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"rivya.{_HOME.get(name, 'errors')}"), name)
