"""Rivya over HTTP: one pooled connection, one choke point, typed answers and typed errors.

The only module that imports httpx. It keeps no state but the connection pool and is safe to share between threads.
"""

from __future__ import annotations

import ipaddress
import json
import random
import socket
import ssl
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from rivya.errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    GenerationError,
    NotFoundError,
    WaitTimeoutError,
    error_class,
)
from rivya.images import ReferenceImage, check
from rivya.models import (
    FAILED,
    ApiErrorBody,
    Credits,
    Generation,
    GenerationRequest,
    ModelInfo,
    ReferenceMedia,
    UploadedFile,
    WebhookEndpoint,
    WebhookList,
    refuse_reference,
)
from rivya.polling import Durations, next_poll_delay
from rivya.retry import parse_retry_after, retry_delay, should_retry
from rivya.spec import MODELS

TIMEOUT = httpx.Timeout(connect=10.0, read=30.0, write=60.0, pool=30.0)
KEEPALIVE_SECONDS = 60.0
"""Longer than the poll rhythm: httpx's own 5 s would open a new TLS connection for each poll."""

FIRST_POLL_SECONDS = 2.5
"""Rivya's advice: 2 to 3 seconds after the submission."""

WEBHOOK_EVENTS = ("generation.succeeded", "generation.failed")

MAX_REDIRECTS = 4
MAX_ANSWER_BYTES = 4 * 1024 * 1024

_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_Model = TypeVar("_Model", bound=BaseModel)


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


class Models:
    """``/models``: public, and its list changes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list(self) -> list[ModelInfo]:
        """Return the catalogue; entries that cannot be read are left out."""
        answer = self._client._request("GET", "/models", authorized=False)
        entries = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(entries, list):
            raise APIResponseError("models: no list", http_status=200)
        return [ModelInfo(**entry) for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


class Files:
    """``/files``: reference media. Free of charge."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(
        self,
        data: bytes,
        *,
        name: str,
        mime_type: str,
        kind: str = "image",
        model: str,
        client_request_id: str | None = None,
    ) -> UploadedFile:
        """Upload one file (multipart). Raises ``APIError``; a repeat costs nothing but time."""
        fields = {"kind": kind, "model": model}
        if client_request_id:
            fields["client_request_id"] = client_request_id
        answer = self._client._request("POST", "/files", data=fields, files={"file": (name, data, mime_type)})
        return _parsed(UploadedFile, answer)

    def upload(self, image: bytes | Path | ReferenceImage, *, model: str) -> ReferenceMedia:
        """Check a reference image, upload it without its metadata, and return what a request takes.

        Raises ``ImageError`` (its ``convertible`` says whether ``images.convert`` helps), ``InvalidRequestError`` when
        the model takes none, and ``APIError``.
        """
        refuse_reference(MODELS[model])
        if not isinstance(image, ReferenceImage):
            image = check(image.read_bytes() if isinstance(image, Path) else image, MODELS[model].upload)
        name = f"reference{image.extension}"
        uploaded = self.create(image.data, name=name, mime_type=image.mime_type, model=model)
        return ReferenceMedia(url=uploaded.url, name=name, mime_type=image.mime_type)

    def retrieve(self, file_id: str) -> UploadedFile:
        """Return the public metadata of an uploaded file."""
        return _parsed(UploadedFile, self._client._request("GET", f"/files/{quote(file_id, safe='')}"))


class Generations:
    """``/generations``: the one place where credits are spent."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, body: str | Mapping[str, Any], *, idempotency_key: str) -> Generation:
        """Start a generation; reserves the model's price (25 credits).

        ``idempotency_key`` must be stored before this call: sent again with the same body it gives back the first
        task instead of a second one. A ``str`` body is sent byte for byte. Raises ``APIError``.
        """
        # Well-known SDKs make up a key in here and lose it with the process; ours exists before the call.
        if not idempotency_key:
            raise ConfigurationError(setting="idempotency_key", remedy="a create without a stored key does not exist")
        content = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        headers = {"Idempotency-Key": idempotency_key, "Content-Type": "application/json"}
        answer = self._client._request("POST", "/generations", content=content.encode(), headers=headers)
        return _parsed(Generation, answer)

    def run(
        self,
        request: GenerationRequest,
        *,
        image: bytes | Path | ReferenceImage | None = None,
        timeout_seconds: float = 900.0,
        idempotency_key: str | None = None,
    ) -> Generation:
        """Upload the reference image, create the generation, wait for its end, and return it finished.

        Spends the model's price (25 credits) once: the key is set before the first try and goes with every repeat. A
        process that may die stores its own ``idempotency_key`` first; called again with it and the same request, this
        goes on with the same generation. Raises ``GenerationError`` when it failed (it is refunded),
        ``WaitTimeoutError`` after ``timeout_seconds``, ``ImageError`` and ``APIError``.
        """
        key = idempotency_key or str(uuid.uuid4())
        if image is not None:
            request = request.with_reference(self._client.files.upload(image, model=request.model))
        generation = self.create(request.frozen_body(), idempotency_key=key)
        return self.wait(generation.id, timeout_seconds=timeout_seconds)

    def wait(self, task_id: str, *, timeout_seconds: float = 900.0) -> Generation:
        """Ask for a generation by the polling rule until it has ended, and return it. Free of charge.

        A look that fails says nothing about the generation and is repeated. Raises ``GenerationError`` when it failed
        and ``WaitTimeoutError`` after ``timeout_seconds``, in seconds; it goes on at Rivya.
        """
        start = time.monotonic()
        delay = FIRST_POLL_SECONDS
        while True:
            left = start + timeout_seconds - time.monotonic()
            if left <= 0:
                raise WaitTimeoutError(f"generation {task_id} has not ended after {timeout_seconds} s")
            time.sleep(min(delay, left))
            delay = next_poll_delay(time.monotonic() - start, Durations())
            try:
                generation = self.retrieve(task_id)
            except APIError as error:
                if not (should_retry(error) or isinstance(error, NotFoundError)):
                    raise
                continue
            if generation.status == FAILED:
                raise GenerationError(generation)
            if generation.is_final:
                return generation

    def retrieve(self, task_id: str) -> Generation:
        """Return the task as Rivya sees it now. Free of charge."""
        return _parsed(Generation, self._client._request("GET", f"/generations/{quote(task_id, safe='')}"))


class CreditsResource:
    """``/credits``: the wallet of the whole account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def retrieve(self) -> Credits:
        """Return the balance in credits; also the best test of a key."""
        return _parsed(Credits, self._client._request("GET", "/credits"))


class Webhooks:
    """``/webhooks``: addresses that Rivya calls when a generation ends. Free of charge.

    How a callback is signed is not documented: take one as a reason to ask about the generation, never as its answer.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def list(self) -> list[WebhookEndpoint]:
        """Return the account's endpoints."""
        return _parsed(WebhookList, self._client._request("GET", "/webhooks")).data

    def create(self, url: str) -> WebhookEndpoint:
        """Have Rivya call ``url``, a public https address, for each generation that succeeds or fails.

        Calling it twice makes two endpoints. Raises ``WebhookUrlRejectedError`` for an address that it does not take.
        """
        order = {"url": url, "events": list(WEBHOOK_EVENTS)}
        return _parsed(WebhookEndpoint, self._client._request("POST", "/webhooks", repeatable=False, json=order))


def probe_upload(url: str, size_bytes: int, cookies: dict[str, str] | None = None) -> int:
    """Send ``size_bytes`` zeros to ``url`` and return how many it says arrived. Raises ``APIError``."""
    with _as_our_errors():
        response = httpx.post(url, content=bytes(size_bytes), cookies=cookies, timeout=TIMEOUT)
    if not response.is_success:
        raise _status_error(response, response.content[:MAX_ANSWER_BYTES])
    return _int_or_none(response.text.strip()) or 0


def is_loopback(url: str) -> bool:
    """Tell whether ``url`` points to this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_result_url(url: str, *, allow_loopback: bool) -> None:
    """Refuse a result link that points into a private network or nowhere; raises ``ConfigurationError``."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise _refused_link("only well-formed links are fetched") from None
    if allow_loopback and parts.scheme in {"http", "https"} and is_loopback(url):
        return
    if parts.scheme != "https" or not host:
        raise _refused_link("only https links are fetched")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise _refused_link("only well-formed links are fetched") from None
    except OSError as error:
        raise APIConnectionError("result host not found", request_sent=False) from error
    if any(not ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_global for entry in found):
        raise _refused_link("only public hosts are fetched")


def _refused_link(remedy: str) -> ConfigurationError:
    return ConfigurationError(f"result link refused: {remedy}", setting="result URL", remedy=remedy)


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


def _parsed(model: type[_Model], answer: Any) -> _Model:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise APIResponseError(f"{model.__name__}: cannot read {fields or 'the answer'}", http_status=200) from None


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
