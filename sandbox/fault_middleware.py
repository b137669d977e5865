"""How each fault looks on the wire: an ASGI middleware between the request's id and the endpoints.

A kind is one of three things: an answer instead of the work (``_INSTEAD``), another answer after the work
(``_REWRITES``), or something done to the connection (``_cut`` and what it calls). An endpoint asks for a fault of its
own answer with ``spoil``.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.connection import connection_of
from sandbox.errors import ApiError, error_response, invalid
from sandbox.faults import KINDS, Fault, FaultPlan, Visit

HEADER = "X-Sandbox-Fault"
DRIP_PIECES = 200
PRIVATE_ADDRESS = "http://169.254.169.254/latest/meta-data/"
UNKNOWN_STATUS = "paused_by_moderation"
UNKNOWN_FIELD = "x_sandbox_new"

_STATE = "spoiled_by"
_ROUTES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("POST", re.compile(r"/api/v1/generations"), "create"),
    ("GET", re.compile(r"/api/v1/generations/([^/]+)"), "poll"),
    ("POST", re.compile(r"/api/v1/files"), "upload"),
    ("GET", re.compile(r"/api/v1/files/([^/]+)"), "file"),
    ("GET", re.compile(r"/api/v1/credits"), "credits"),
    ("GET", re.compile(r"/api/v1/models"), "models"),
    ("GET", re.compile(r"/(?:results|files)/([^/.]+)(?:\.\w+)?"), "download"),
)


def spoil(request: Request, kind: str) -> None:
    """Make the answer to ``request`` go wrong in a way that happens after the work."""
    request.scope["state"][_STATE] = Fault(KINDS[kind])


class FaultMiddleware:
    """Count each request of the API, and let it meet the fault that the plan has for it."""

    def __init__(self, app: ASGIApp, plan: FaultPlan) -> None:
        """Wrap ``app``."""
        self._app = app
        self._plan = plan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, well or badly."""
        visit = _visit(scope) if scope["type"] == "http" else None
        if visit is None:
            await self._app(scope, receive, send)
            return
        try:
            fault = self._plan.meet(visit, Headers(scope=scope).get(HEADER))
        except ValueError as error:
            await _refusal(scope, invalid(HEADER, f"{error}."))(scope, receive, send)
            return
        await self._serve(_Exchange(scope, receive, send), fault)

    async def _serve(self, exchange: _Exchange, fault: Fault | None) -> None:
        if fault is not None and fault.kind.name in _INSTEAD:
            await exchange.answer(_INSTEAD[fault.kind.name](exchange, fault))
        elif fault is not None and fault.kind.name in {"reset_before", "silence_before"}:
            await exchange.give_no_answer(fault)
        else:
            if fault is not None and fault.kind.name == "no_range":
                exchange.forget_range()
            kept = _Kept(exchange, fault)
            await self._app(exchange.scope, exchange.receive, kept)
            if kept.fault is not None:
                await exchange.spoil(kept, kept.fault)


def _visit(scope: Scope) -> Visit | None:
    for method, path, target in _ROUTES:
        match = path.fullmatch(scope["path"])
        if match and scope["method"] == method:
            return Visit(target, match[1] if path.groups else "", "range" in Headers(scope=scope))
    return None


@dataclass(slots=True)
class _Exchange:
    """One request and the way back to its client."""

    scope: Scope
    receive: Receive
    send: Send

    async def answer(self, response: Response) -> None:
        await response(self.scope, self.receive, self.send)

    def forget_range(self) -> None:
        headers = [pair for pair in self.scope["headers"] if pair[0] not in {b"range", b"if-range"}]
        self.scope = {**self.scope, "headers": headers}

    async def give_no_answer(self, fault: Fault) -> None:
        """Reset the connection, for the silent kinds only once the client has had enough time to give up."""
        connection = connection_of(self.scope)
        if not fault.kind.name.startswith("silence") or await connection.hold(self.receive, fault.seconds):
            await connection.reset(self.receive)

    async def spoil(self, kept: _Kept, fault: Fault) -> None:
        """Send what the fault leaves of an answer."""
        name = fault.kind.name
        if name in {"reset_after", "silence_after"}:
            await self.give_no_answer(fault)
        elif name in {"body_cut", "truncate"}:
            await self._cut(kept)
        elif name == "drip":
            await self._drip(kept, fault.seconds)
        elif name == "slow_headers":
            if await connection_of(self.scope).hold(self.receive, fault.seconds):
                await self.answer(kept.response())
        else:
            await self.answer(_REWRITES[name](self, kept))

    async def _cut(self, kept: _Kept) -> None:
        await self.send(kept.start)
        await self.send({"type": "http.response.body", "body": kept.body[: len(kept.body) // 2], "more_body": True})
        await connection_of(self.scope).finish(self.receive)

    async def _drip(self, kept: _Kept, seconds: float) -> None:
        connection = connection_of(self.scope)
        size = max(1, -(-len(kept.body) // DRIP_PIECES))
        pieces = [kept.body[at : at + size] for at in range(0, len(kept.body), size)]
        await self.send(kept.start)
        for piece in pieces:
            await self.send({"type": "http.response.body", "body": bytes(piece), "more_body": True})
            if not await connection.hold(self.receive, seconds / len(pieces)):
                return
        await self.send({"type": "http.response.body", "body": b""})


@dataclass(slots=True)
class _Kept:
    """The endpoint's answer: kept back when there is a fault for it, else passed on as it comes."""

    exchange: _Exchange
    fault: Fault | None
    start: Message = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    async def __call__(self, message: Message) -> None:
        self.fault = self.fault or self.exchange.scope["state"].get(_STATE)
        if self.fault is None:
            await self.exchange.send(message)
        elif message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")

    def response(self, body: bytes | None = None) -> Response:
        """Build the answer anew, with another body if one is given."""
        headers = {
            name: value for name, value in Headers(raw=self.start["headers"]).items() if name != "content-length"
        }
        return Response(bytes(self.body) if body is None else body, self.start["status"], headers)

    def changed(self, change: Callable[[Any], Any]) -> Response:
        """Build the answer anew, with its JSON changed."""
        return self.response(json.dumps(change(json.loads(self.body)), ensure_ascii=False).encode())


def _refusal(scope: Scope, error: ApiError) -> Response:
    return error_response(scope["state"]["request_id"], error)


def _page(status: int, title: str) -> Response:
    return HTMLResponse(f"<!doctype html><html><head><title>{title}</title></head><h1>{title}</h1></html>", status)


def _limited(retry_after: str | None) -> ApiError:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return ApiError("rate_limited", "Too many requests.", headers=headers)


_REFUSALS: Mapping[str, Callable[[Fault], ApiError]] = {
    "429": lambda _: _limited(None),
    "429_seconds": lambda fault: _limited(str(int(fault.seconds))),
    "429_date": lambda fault: _limited(formatdate(time.time() + fault.seconds, usegmt=True)),
    "429_absurd": lambda _: _limited("99999999999"),
    "429_negative": lambda _: _limited("-5"),
    "500_before": lambda _: ApiError("internal_error", "Something broke."),
    "503_before": lambda _: ApiError("service_unavailable", "Come back later.", status=503),
    "503_disabled": lambda _: ApiError("public_api_disabled", "The public API is switched off."),
    "401_revoked": lambda _: ApiError("api_key_revoked", "This API key was revoked."),
    "402": lambda _: ApiError("insufficient_credits", "There are too few credits."),
    "403_scope": lambda _: ApiError("api_scope_denied", "This API key lacks the scope."),
    "404_poll": lambda _: ApiError("not_found", "There is no such thing."),
    "409": lambda _: ApiError("idempotency_conflict", "This Idempotency-Key was sent with a different body."),
    "400": lambda _: ApiError("validation_failed", "body: is refused by a rehearsed fault."),
    "422_new_code": lambda _: ApiError("moon_phase_unsuitable", "A code that is new.", status=422),
    "expired_link": lambda _: ApiError("link_expired", "This link has expired.", status=410),
}


def _refused(name: str) -> Callable[[_Exchange, Fault], Response]:
    return lambda exchange, fault: _refusal(exchange.scope, _REFUSALS[name](fault))


_INSTEAD: Mapping[str, Callable[[_Exchange, Fault], Response]] = {
    **{name: _refused(name) for name in _REFUSALS},
    "502_html": lambda *_: _page(502, "502 Bad Gateway"),
    "redirect_private": lambda *_: RedirectResponse(PRIVATE_ADDRESS, 302),
    "wrong_content": lambda *_: _page(200, "Sign in to continue"),
}


def _with_unknown_status(answer: Any) -> Any:
    return {**answer, "status": UNKNOWN_STATUS} if "status" in answer else answer


def _with_unknown_fields(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_with_unknown_fields(item) for item in answer]
    if isinstance(answer, dict):
        return {**{key: _with_unknown_fields(value) for key, value in answer.items()}, UNKNOWN_FIELD: {"since": 2}}
    return answer


def _without_ranges(_: _Exchange, kept: _Kept) -> Response:
    response = kept.response()
    del response.headers["accept-ranges"]
    return response


_FLIP = bytes(255 - byte for byte in range(256))

_REWRITES: Mapping[str, Callable[[_Exchange, _Kept], Response]] = {
    "500_after": lambda exchange, _: _refusal(exchange.scope, ApiError("internal_error", "Something broke.")),
    "503_after": lambda exchange, _: _refusal(
        exchange.scope, ApiError("service_unavailable", "Come back later.", status=503)
    ),
    "504_after": lambda *_: _page(504, "504 Gateway Time-out"),
    "html_200": lambda *_: _page(200, "Just a moment…"),
    "json_truncated": lambda _, kept: kept.response(bytes(kept.body[: len(kept.body) // 2])),
    "json_wrong": lambda *_: JSONResponse([]),
    "unknown_status": lambda _, kept: kept.changed(_with_unknown_status),
    "unknown_fields": lambda _, kept: kept.changed(_with_unknown_fields),
    "corrupt": lambda _, kept: kept.response(bytes(kept.body).translate(_FLIP)),
    "no_range": _without_ranges,
}
