"""Every refusal leaves the sandbox in one shape: ``{"error": {"code", "message", "requestId"}}``.

``ApiError`` carries the code; the handlers below turn it, and everything the framework raises by itself
(unknown paths, wrong methods, invalid parameters), into that shape. What no handler caught is caught by
``EnvelopeMiddleware``, which also gives each request its id.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

STATUS_OF_CODE: Mapping[str, int] = {
    "validation_failed": 400,
    "api_key_missing": 401,
    "api_key_invalid": 401,
    "api_key_revoked": 401,
    "api_key_expired": 401,
    "insufficient_credits": 402,
    "api_scope_denied": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "idempotency_conflict": 409,
    "rate_limited": 429,
    "internal_error": 500,
    "public_api_disabled": 503,
    "webhook_url_rejected": 400,
}


class ApiError(Exception):
    """A refusal with a documented code; the HTTP status follows from the code unless it is given."""

    def __init__(
        self, code: str, message: str, *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep what the answer needs."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = STATUS_OF_CODE[code] if status is None else status
        self.headers = dict(headers or {})


def invalid(field: str, problem: str) -> ApiError:
    """Build the refusal of one field; the message begins with the field's path."""
    return ApiError("validation_failed", f"{field}: {problem}")


def error_response(request_id: str, error: ApiError) -> JSONResponse:
    """Build the answer that carries ``error``."""
    body = {"error": {"code": error.code, "message": error.message, "requestId": request_id}}
    return JSONResponse(body, status_code=error.status, headers=error.headers)


class EnvelopeMiddleware:
    """Give each request an id, and answer ``internal_error`` where nothing else answered."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, with its ``x-request-id``."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = f"req_{secrets.token_hex(12)}"
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            log.exception("request %s failed", request_id)
            if started:
                raise
            answer = error_response(request_id, ApiError("internal_error", "The sandbox failed to answer."))
            await answer(scope, receive, send_with_id)


def install_error_handlers(app: FastAPI) -> None:
    """Make ``app`` answer every error in the documented shape."""
    app.add_exception_handler(ApiError, _on_api_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)


def _on_api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error_response(request.state.request_id, error)


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        answer = ApiError("not_found", f"Nothing is served at {request.url.path}.")
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        answer = ApiError("method_not_allowed", f"{request.method} is not allowed here.", headers=error.headers)
    elif error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        answer = ApiError("validation_failed", str(error.detail), status=error.status_code, headers=error.headers)
    else:
        answer = ApiError("internal_error", str(error.detail), status=error.status_code, headers=error.headers)
    return error_response(request.state.request_id, answer)


def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return error_response(request.state.request_id, invalid(field, str(first["msg"])))
