"""Rivya over HTTP: one pooled connection, one choke point, typed answers and typed errors.

The only module that imports httpx. It keeps no state but the connection pool and is safe to share between threads.
"""

from __future__ import annotations

import json
import random
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin

import httpx
from pydantic import SecretStr

from rivya.errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APIStatusError,
    APITimeoutError,
    error_class,
)
from rivya.links import check_result_url, is_loopback
from rivya.models import ApiErrorBody, Generation
from rivya.resources import CreditsResource, Files, Generations, Models, Webhooks
from rivya.retry import parse_retry_after, retry_delay, should_retry

TIMEOUT = httpx.Timeout(connect=10.0, read=30.0, write=60.0, pool=30.0)
KEEPALIVE_SECONDS = 60.0
"""Longer than the poll rhythm: httpx's own 5 s would open a new TLS connection for each poll."""

MAX_REDIRECTS = 4
MAX_ANSWER_BYTES = 4 * 1024 * 1024

_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@cache
def _trust() -> ssl.SSLContext:
    """Return whom every client trusts: httpx's own choice, read once (70 ms) and not once for each client."""
    return httpx.create_ssl_context()


class Client:
    """A connection to Rivya's Public API v1.

    ``max_retries`` counts repeats of a request that failed for a passing reason; the engine sets 0, because it
    schedules its own. Use it as a context manager, or call ``close``.
    """

    def __init__(
        self,
        api_key: SecretStr | str,
        base_url: str = "https://rivya.ai",
        *,
        max_connections: int = 8,
        max_retries: int = 2,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._key = api_key if isinstance(api_key, SecretStr) else SecretStr(api_key)
        self._base_url = base_url.rstrip("/")
        self._max_retries = max_retries
        limits = httpx.Limits(
            max_connections=max_connections,
            max_keepalive_connections=max_connections,
            keepalive_expiry=KEEPALIVE_SECONDS,
        )
        self._http = httpx.Client(
            verify=_trust(), timeout=TIMEOUT, limits=limits, transport=transport, follow_redirects=False
        )
        self.models = Models(self)
        self.files = Files(self)
        self.generations = Generations(self)
        self.credits = CreditsResource(self)
        self.webhooks = Webhooks(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection pool."""
        self._http.close()

    def _request(
        self,
        method: str,
        path: str,
        *,
        authorized: bool = True,
        repeatable: bool = True,
        headers: Mapping[str, str] | None = None,
        **payload: Any,
    ) -> Any:
        """Send a request and return its decoded JSON; the only way out of this module to the API."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._send(method, path, authorized=authorized, headers=headers, **payload)
            except APIError as error:
                if not repeatable or attempt > self._max_retries or not should_retry(error):
                    raise
                time.sleep(retry_delay(attempt, getattr(error, "retry_after", None), rng=random.Random()))

    def _send(
        self, method: str, path: str, *, authorized: bool, headers: Mapping[str, str] | None, **payload: Any
    ) -> Any:
        sent_headers = {"Accept": "application/json", **(headers or {})}
        if authorized:
            sent_headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        with (
            _as_our_errors(),
            self._http.stream(method, f"{self._base_url}/api/v1{path}", headers=sent_headers, **payload) as response,
        ):
            body = _read_at_most(response, MAX_ANSWER_BYTES)
        if response.is_success:
            return _decoded(response, body)
        raise _status_error(response, body)

    def clock_skew_seconds(self) -> float | None:
        """Return how far Rivya's clock is ahead of this one, ``None`` when it does not tell. Needs no key."""
        with _as_our_errors(), self._http.stream("GET", f"{self._base_url}/api/v1/models") as response:
            told = response.headers.get("date")
        try:
            return (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds() if told else None
        except (ValueError, TypeError):
            return None

    def download(self, generation: Generation, path: Path) -> Path:
        """Fetch the video of a finished generation to ``path`` and return it. Free of charge.

        It is written beside its place first and renamed once it is whole. Raises ``APIResponseError`` when there is
        no result or the answer ends too soon, and what ``stream`` raises.
        """
        url = generation.result.url if generation.result else None
        if url is None:
            raise APIResponseError("the generation has no result", http_status=200)
        part = path.with_name(f"{path.name}.part")
        with self.stream(url) as arriving, part.open("wb") as file:
            for chunk in arriving:
                file.write(chunk)
            size = file.tell()
        if arriving.total_bytes not in {None, size}:
            raise APIResponseError(f"only {size} of {arriving.total_bytes} bytes arrived", http_status=200)
        return part.replace(path)

    @contextmanager
    def stream(self, url: str, *, start_byte: int = 0) -> Iterator[Download]:
        """Open ``url`` of a result from ``start_byte`` on, without our key.

        Only public https addresses, or this machine's own when Rivya itself is there; each redirect is checked
        again. Raises ``APIConnectionError``, ``APIStatusError`` or ``ConfigurationError``.
        """
        headers = {"Accept": "video/*,*/*", "Accept-Encoding": "identity"}
        if start_byte:
            headers["Range"] = f"bytes={start_byte}-"
        with _as_our_errors():
            for _ in range(MAX_REDIRECTS):
                # Each hop anew: a public address may redirect into a private network.
                check_result_url(url, allow_loopback=is_loopback(self._base_url))
                with self._http.stream("GET", url, headers=headers) as response:
                    if response.has_redirect_location:
                        url = urljoin(url, response.headers["location"])
                        continue
                    if not response.is_success:
                        raise _status_error(response, _read_at_most(response, MAX_ANSWER_BYTES))
                    yield Download(response)
                    return
        raise APIConnectionError("too many redirects")


class Download:
    """A result as it arrives. ``start_byte`` is where it really starts; ``total_bytes`` the whole, when known."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        content_range = response.headers.get("content-range", "")
        self.start_byte, self.total_bytes = 0, _int_or_none(response.headers.get("content-length"))
        if response.status_code == httpx.codes.PARTIAL_CONTENT and content_range.startswith("bytes "):
            span, _, total = content_range.removeprefix("bytes ").partition("/")
            self.start_byte, self.total_bytes = _int_or_none(span.partition("-")[0]) or 0, _int_or_none(total)

    def __iter__(self) -> Iterator[bytes]:
        with _as_our_errors():
            yield from self._response.iter_raw(256 * 1024)


def probe_upload(url: str, size_bytes: int, cookies: dict[str, str] | None = None) -> int:
    """Send ``size_bytes`` zeros to ``url`` and return how many it says arrived. Raises ``APIError``."""
    with _as_our_errors():
        response = httpx.post(url, content=bytes(size_bytes), cookies=cookies, timeout=TIMEOUT)
    if not response.is_success:
        raise _status_error(response, response.content[:MAX_ANSWER_BYTES])
    return _int_or_none(response.text.strip()) or 0


@contextmanager
def _as_our_errors() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise APITimeoutError(type(error).__name__, request_sent=not isinstance(error, _NOTHING_SENT)) from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise APIConnectionError(type(error).__name__, request_sent=not isinstance(error, _NOTHING_SENT)) from None


def _read_at_most(response: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > limit:
            raise APIResponseError("answer too long", http_status=response.status_code)
    return bytes(body)


def _decoded(response: httpx.Response, body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise APIResponseError(
            "answer is not JSON", http_status=response.status_code, request_id=response.headers.get("x-request-id")
        ) from None


def _status_error(response: httpx.Response, body: bytes) -> APIStatusError:
    error = ApiErrorBody()
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        error = ApiErrorBody.model_validate(json.loads(body)["error"])
    request_id = error.request_id or response.headers.get("x-request-id")
    cls = error_class(error.code, response.status_code)
    return cls(
        error.code,
        error.message,
        http_status=response.status_code,
        request_id=request_id,
        retry_after=parse_retry_after(response.headers.get("retry-after")),
    )


def _int_or_none(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
