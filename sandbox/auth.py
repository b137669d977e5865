"""Who may call what, and how often: API keys, their scopes, and a token bucket for each key."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated

from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from sandbox.errors import ApiError

SCOPES = frozenset(
    {
        "models:read",
        "generations:create",
        "generations:read",
        "files:create",
        "files:read",
        "credits:read",
        "webhooks:manage",
        "chat:create",
        "chat:read",
    }
)

_bearer = HTTPBearer(auto_error=False, scheme_name="ApiKey", description="A key that begins with `rvya_sk_`.")
_CHALLENGE = {"WWW-Authenticate": "Bearer"}


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


@dataclass(slots=True)
class Keys:
    """The keys of the account and what is left of their rate; a rate of 0 means no limit."""

    scopes: Mapping[str, frozenset[str]]
    rate_per_minute: int
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, _Bucket] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def admit(self, key: str, scope: str) -> None:
        """Let a request pass or raise ``ApiError``; a refused scope counts towards the rate too."""
        if key.startswith("rvya_sk_revoked"):
            raise ApiError("api_key_revoked", "This API key was revoked.", headers=_CHALLENGE)
        if key.startswith("rvya_sk_expired"):
            raise ApiError("api_key_expired", "This API key has expired.", headers=_CHALLENGE)
        if key not in self.scopes:
            raise ApiError("api_key_invalid", "This API key is not known.", headers=_CHALLENGE)
        self._spend(key)
        if scope not in self.scopes[key]:
            raise ApiError("api_scope_denied", f"This API key lacks the scope {scope}.")

    def _spend(self, key: str) -> None:
        if self.rate_per_minute <= 0:
            return
        per_second = self.rate_per_minute / 60
        with self._lock:
            now = self.clock()
            bucket = self._buckets.setdefault(key, _Bucket(self.rate_per_minute, now))
            bucket.tokens = min(self.rate_per_minute, bucket.tokens + (now - bucket.filled_at) * per_second)
            bucket.filled_at = now
            if bucket.tokens < 1:
                wait = math.ceil((1 - bucket.tokens) / per_second)
                raise ApiError("rate_limited", f"Try again in {wait} s.", headers={"Retry-After": str(wait)})
            bucket.tokens -= 1


def requires(scope: str) -> Callable[..., None]:
    """Build the dependency that lets only keys with ``scope`` pass."""

    def admit(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]) -> None:
        if credentials is None:
            raise ApiError("api_key_missing", "Send Authorization: Bearer rvya_sk_…", headers=_CHALLENGE)
        keys: Keys = request.app.state.keys
        keys.admit(credentials.credentials, scope)

    return admit
