"""A request is judged by the model's specification and by nothing else.

``read_order`` turns the bytes of a creation into an ``Order``, or raises ``ApiError`` that names the field.
What Rivya accepts only perhaps is refused here, so that a client that passes is strict in what it sends.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rivya.spec import MAX_CLIENT_REQUEST_ID_CHARACTERS, MODELS, ModelSpec, ParamSpec, UploadSpec
from sandbox.errors import ApiError, invalid

REFERENCES = "referenceMediaItems"
MAX_IDEMPOTENCY_KEY_CHARACTERS = 255
MAX_URL_CHARACTERS = 4096
MAX_NAME_CHARACTERS = 1024

_TOP_LEVEL = {"model", "prompt", "params", "client_request_id"}
_REFERENCE_KEYS = {"url", "kind", "name", "mimeType", "durationSeconds", "durationToken"}
_OWN_FILE = re.compile(r"/files/(file_\w+)(?:\.\w+)?")


@dataclass(frozen=True, slots=True)
class Order:
    """A creation that passed every check: ``params`` holds each key of the model, defaults filled in."""

    spec: ModelSpec
    prompt: str
    params: Mapping[str, str | int]
    reference_urls: tuple[str, ...]
    client_request_id: str | None
    body_hash: str

    @property
    def reference_file_ids(self) -> tuple[str, ...]:
        """The references that were uploaded here; the port of a url may be that of an earlier start."""
        found = (_OWN_FILE.fullmatch(urlsplit(url).path) for url in self.reference_urls)
        return tuple(match[1] for match in found if match)


def read_order(raw: bytes) -> Order:
    """Check the body of a creation; raise ``ApiError`` at the first fault."""
    body = _object(_json(raw), "body", _TOP_LEVEL)
    spec = read_model(body.get("model"))
    known = {param.key for param in spec.params} | ({REFERENCES} if spec.takes_reference else set())
    params = _object(body.get("params", {}), "params", known)
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return Order(
        spec=spec,
        prompt=_prompt(body.get("prompt"), spec.max_prompt_characters),
        params={param.key: _param(params.get(param.key, param.default), param) for param in spec.params},
        reference_urls=_references(params.get(REFERENCES, []), spec.upload),
        client_request_id=read_client_request_id(body["client_request_id"]) if "client_request_id" in body else None,
        body_hash=hashlib.sha256(canonical.encode()).hexdigest(),
    )


def read_model(value: object) -> ModelSpec:
    """Return the model called ``value``."""
    if value is None:
        raise invalid("model", "is required.")
    if not isinstance(value, str) or value not in MODELS:
        raise invalid("model", f"must be one of {_listed(MODELS)}.")
    return MODELS[value]


def read_client_request_id(value: object) -> str:
    """Check the caller's own id."""
    return _text(value, "client_request_id", MAX_CLIENT_REQUEST_ID_CHARACTERS)


def read_idempotency_key(value: str | None) -> str | None:
    """Check the header ``Idempotency-Key``; it may be absent, but not empty."""
    if value is not None and not 1 <= len(value) <= MAX_IDEMPOTENCY_KEY_CHARACTERS:
        raise invalid("Idempotency-Key", f"must have 1 to {MAX_IDEMPOTENCY_KEY_CHARACTERS} characters.")
    return value


def _json(raw: bytes) -> object:
    try:
        value: object = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ApiError("validation_failed", "body: must be valid JSON.") from error
    return value


def _refuse_constant(name: str) -> object:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _object(value: object, field: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(field, "must be an object.")
    unknown = sorted(set(value) - known)
    if unknown:
        raise invalid(field, f"unknown key {json.dumps(unknown[0][:80])}; known are {_listed(sorted(known))}.")
    return value


def _text(value: object, field: str, limit: int) -> str:
    if not isinstance(value, str):
        raise invalid(field, "must be a string.")
    if len(value) > limit:
        raise invalid(field, f"has {len(value)} characters; at most {limit} are allowed.")
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise invalid(field, "holds a character that cannot be stored.")
    return value


def _prompt(value: object, limit: int) -> str:
    if value is None:
        raise invalid("prompt", "is required.")
    text = _text(value, "prompt", limit)
    if not text.strip():
        raise invalid("prompt", "must not be blank.")
    return text


def _param(value: object, param: ParamSpec) -> str | int:
    field = f"params.{param.key}"
    if param.kind == "select":
        if not isinstance(value, str) or value not in param.options:
            raise invalid(field, f"must be one of the strings {_listed(param.options)}.")
        return value
    # JSON knows one kind of number: 7.0 is 7.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(field, "must be a whole number.")
    if (param.minimum is not None and value < param.minimum) or (param.maximum is not None and value > param.maximum):
        raise invalid(field, f"must be from {param.minimum} to {param.maximum}.")
    return value


def _references(value: object, upload: UploadSpec) -> tuple[str, ...]:
    field = f"params.{REFERENCES}"
    if not isinstance(value, list):
        raise invalid(field, "must be a list.")
    if len(value) > upload.max_files:
        raise invalid(field, f"holds {len(value)} items; at most {upload.max_files} is allowed.")
    return tuple(_reference(item, f"{field}.{index}", upload) for index, item in enumerate(value))


def _reference(value: object, field: str, upload: UploadSpec) -> str:
    item = _object(value, field, _REFERENCE_KEYS)
    if item.get("kind") != upload.kind:
        raise invalid(f"{field}.kind", f"must be {json.dumps(upload.kind)}.")
    if "mimeType" in item and item["mimeType"] not in upload.mime_types:
        raise invalid(f"{field}.mimeType", f"must be one of {_listed(upload.mime_types)}.")
    for key in ("name", "durationToken"):
        if key in item:
            _text(item[key], f"{field}.{key}", MAX_NAME_CHARACTERS)
    seconds = item.get("durationSeconds", 0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise invalid(f"{field}.durationSeconds", "must be a number of seconds.")
    return _url(item.get("url"), f"{field}.url")


def _url(value: object, field: str) -> str:
    url = _text(value, field, MAX_URL_CHARACTERS)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise invalid(field, "is not a URL.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise invalid(field, "must be an http or https URL.")
    return url


def _listed(values: object) -> str:
    assert hasattr(values, "__iter__")
    return ", ".join(json.dumps(value) for value in values)
