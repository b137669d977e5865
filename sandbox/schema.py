"""The parts of the OpenAPI document that the specification of the models decides."""

from __future__ import annotations

from typing import Any

from rivya.spec import MAX_CLIENT_REQUEST_ID_CHARACTERS, MODELS, ModelSpec, ParamSpec, UploadSpec
from sandbox.responses import ErrorAnswer
from sandbox.validation import MAX_NAME_CHARACTERS, MAX_URL_CHARACTERS, REFERENCES

_NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"
_MEANING = {
    400: "`validation_failed`",
    401: "`api_key_missing`, `api_key_invalid`, `api_key_revoked`, `api_key_expired`",
    402: "`insufficient_credits`",
    403: "`api_scope_denied`",
    404: "`not_found`",
    409: "`idempotency_conflict`",
    413: "`validation_failed`: too large",
    429: "`rate_limited`, with `Retry-After` in seconds",
    500: "`internal_error`",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document the error answers with these HTTP statuses, and that others may come."""
    documented: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorAnswer, "description": _MEANING[status]} for status in (*statuses, 500)
    }
    return {**documented, "default": {"model": ErrorAnswer, "description": "Any other error"}}


def generation_body() -> dict[str, Any]:
    """Describe the body of a creation, one alternative for each model."""
    alternatives = [_order_schema(spec) for spec in MODELS.values()]
    schema = alternatives[0] if len(alternatives) == 1 else {"oneOf": alternatives}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def upload_body() -> dict[str, Any]:
    """Describe the multipart form of an upload."""
    taking = [spec for spec in MODELS.values() if spec.takes_reference]
    properties = {
        "file": {"type": "string", "format": "binary"},
        "kind": {"type": "string", "enum": sorted({spec.upload.kind for spec in taking})},
        "model": {"type": "string", "enum": [spec.id for spec in taking]},
        "client_request_id": _text(MAX_CLIENT_REQUEST_ID_CHARACTERS),
    }
    schema = _closed(properties, required=["file", "kind"])
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def _order_schema(spec: ModelSpec) -> dict[str, Any]:
    params = {param.key: _param_schema(param) for param in spec.params}
    if spec.takes_reference:
        items = _reference_schema(spec.upload)
        params[REFERENCES] = {"type": "array", "maxItems": spec.upload.max_files, "items": items}
    properties = {
        "model": {"type": "string", "enum": [spec.id]},
        "prompt": {**_text(spec.max_prompt_characters), "minLength": 1, "pattern": _NOT_BLANK},
        "params": _closed(params, required=[]),
        "client_request_id": _text(MAX_CLIENT_REQUEST_ID_CHARACTERS),
    }
    return _closed(properties, required=["model", "prompt"])


def _param_schema(param: ParamSpec) -> dict[str, Any]:
    if param.kind == "select":
        return {"type": "string", "enum": list(param.options), "default": param.default}
    return {"type": "integer", "minimum": param.minimum, "maximum": param.maximum, "default": param.default}


def _reference_schema(upload: UploadSpec) -> dict[str, Any]:
    properties = {
        "url": {"type": "string", "format": "uri", "pattern": "^https?://", "maxLength": MAX_URL_CHARACTERS},
        "kind": {"type": "string", "enum": [upload.kind]},
        "name": _text(MAX_NAME_CHARACTERS),
        "mimeType": {"type": "string", "enum": list(upload.mime_types)},
        "durationSeconds": {"type": "number", "minimum": 0},
        "durationToken": _text(MAX_NAME_CHARACTERS),
    }
    return _closed(properties, required=["url", "kind"])


def _text(limit: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": limit, "pattern": r"^[^\x00]*$"}


def _closed(properties: dict[str, Any], *, required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
