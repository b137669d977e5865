"""Whether to ask again, and when: pure functions, no clock and no network of their own."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from rivya.errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    RateLimitedError,
    ServerError,
    ServiceUnavailableError,
)

BASE_SECONDS = 1.0
CAP_SECONDS = 60.0
MAX_RETRY_AFTER_SECONDS = 3600.0
"""A ``Retry-After`` beyond an hour (a year, a typing error) is not believed: it must not stop the studio."""


def should_retry(error: APIError) -> bool:
    """Tell whether the same request may succeed later without anybody changing anything."""
    if isinstance(error, APIResponseError):
        return error.http_status < 400 or error.http_status >= 500
    return isinstance(error, APIConnectionError | RateLimitedError | ServiceUnavailableError | ServerError)


def retry_delay(attempt: int, retry_after: float | None = None, *, rng: random.Random | None = None) -> float:
    """Return seconds to wait before attempt ``attempt + 1`` (``attempt`` counts from 1).

    Exponential with full jitter in its upper half, 1 s to 60 s; never sooner than ``retry_after`` seconds.
    """
    # Jitter in the upper half only: clients spread out, and none comes back at once.
    ceiling = min(CAP_SECONDS, BASE_SECONDS * 2.0 ** min(max(attempt, 1) - 1, 16))
    spread = (rng or random).uniform(0.5, 1.0)
    return max(ceiling * spread, min(retry_after or 0.0, MAX_RETRY_AFTER_SECONDS))


def parse_retry_after(value: str | None, *, now: datetime | None = None) -> float | None:
    """Read a ``Retry-After`` header, seconds or an HTTP date, into seconds; ``None`` when unreadable or absurd."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            date = parsedate_to_datetime(value)
        except (ValueError, OverflowError, TypeError):
            return None
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        seconds = (date - (now or datetime.now(UTC))).total_seconds()
    if math.isnan(seconds) or seconds > MAX_RETRY_AFTER_SECONDS:
        return None
    return max(seconds, 0.0)
