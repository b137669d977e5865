"""Rivya's resources, a class each: models, files, generations, credits, webhooks."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from rivya.errors import (
    APIError,
    APIResponseError,
    ConfigurationError,
    GenerationError,
    NotFoundError,
    WaitTimeoutError,
)
from rivya.images import ReferenceImage, check
from rivya.models import (
    FAILED,
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
from rivya.retry import should_retry
from rivya.spec import MODELS

if TYPE_CHECKING:
    from rivya.client import Client

FIRST_POLL_SECONDS = 2.5
"""Rivya's advice: 2 to 3 seconds after the submission."""

WEBHOOK_EVENTS = ("generation.succeeded", "generation.failed")

_Model = TypeVar("_Model", bound=BaseModel)


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


def _parsed(model: type[_Model], answer: Any) -> _Model:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise APIResponseError(f"{model.__name__}: cannot read {fields or 'the answer'}", http_status=200) from None
