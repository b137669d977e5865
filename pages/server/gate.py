"""In front of everything: a foreign host, a foreign page and whoever has not signed in go no further.

The rules are ``studio.access``; this turns them into answers, for pages, files, uploads and WebSockets alike.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from server.oidc import provider_claims
from studio.access import SESSION_COOKIE, Access, is_loopback_name
from studio.settings import WEBHOOKS_PATH

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
OPEN_PATHS = frozenset(
    {
        "/healthz",
        "/readyz",
        SIGN_IN,
        SIGN_OUT,
        "/app/static/icon.png",
        "/app/static/NotoSansBengali-Regular.woff2",
        "/app/static/NotoSansBengali-Bold.woff2",
    }
)
"""What answers before somebody signs in: liveness, the way in and out, and what the sign-in page is drawn with."""

GUEST_PATHS = "/guest/"
"""What a guest link opens: the link itself is the key. So it is where Rivya calls."""

PROVIDER_PATHS = frozenset({"/auth/login", "/auth/logout", "/oauth2callback"})
METRICS = "/metrics"
POLICY_VIOLATION = 1008


class Gate:
    """ASGI middleware that holds ``access`` for every request, and again for every message of an open WebSocket."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request or WebSocket through, or answer it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        refused = self._refused(connection)
        if scope["type"] == "http":
            await (refused or self._app)(scope, receive, send)
        elif refused is None:
            await self._app(scope, self._while_signed_in(connection, receive, send), send)
        elif "websocket.http.response" in scope.get("extensions", {}):
            await WebSocket(scope, receive, send).send_denial_response(refused)
        else:
            await WebSocket(scope, receive, send).close(POLICY_VIOLATION)

    def _refused(self, connection: HTTPConnection) -> Response | None:
        """Return the answer to whoever may not pass, ``None`` for whoever may."""
        if why := self._foreign(connection):
            return PlainTextResponse(why, 403)
        if self._is_open(connection):
            return None
        if connection.scope["type"] == "http" and "text/html" in connection.headers.get("accept", ""):
            path, query = connection.scope["path"], connection.scope["query_string"].decode("latin-1")
            return RedirectResponse(f"{SIGN_IN}?next={quote(path + (f'?{query}' if query else ''))}", 303)
        return PlainTextResponse("Sign in first.\n", 401)

    def _foreign(self, connection: HTTPConnection) -> str | None:
        hosts, host = self._access.hosts, connection.headers.get("host")
        if not hosts.allows_host(host):
            return "This server is not known by that name. Whoever runs it can set RIVYA_PUBLIC_URL.\n"
        if not hosts.allows_origin(connection.headers.get("origin"), host):
            return "Not from this page.\n"
        if not self._access.admits_address(connection.client.host if connection.client else None):
            return "This studio is for its own machine only. Whoever runs it can set RIVYA_PASSPHRASE.\n"
        return None

    def _is_open(self, connection: HTTPConnection) -> bool:
        path = connection.scope["path"]
        if path in OPEN_PATHS or path.startswith(GUEST_PATHS) or (self._access.has_oidc and path in PROVIDER_PATHS):
            return True
        if path.startswith(WEBHOOKS_PATH) and connection.scope.get("method") == "POST":
            return True
        if path == METRICS and not self._access.needs_sign_in:
            return is_this_machine(connection)
        return is_signed_in(connection, self._access) or (path == METRICS and is_this_machine(connection))

    def _while_signed_in(self, connection: HTTPConnection, receive: Receive, send: Send) -> Receive:
        """Return a ``receive`` that ends the WebSocket at its next message once the session has ended."""

        async def receive_while_signed_in() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive" or is_signed_in(connection, self._access):
                return message
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}

        return receive_while_signed_in


def is_signed_in(connection: HTTPConnection, access: Access) -> bool:
    """Tell whether the request may enter: nobody has to sign in, or its session is open."""
    if not access.needs_sign_in:
        return True
    if access.sessions and access.sessions.is_open(connection.cookies.get(SESSION_COOKIE)):
        return True
    return access.has_oidc and access.admits_person(provider_claims(connection.cookies))


def is_this_machine(connection: HTTPConnection) -> bool:
    """Tell whether the request comes from this machine itself, and not through a proxy on it."""
    is_forwarded = {"x-forwarded-for", "x-forwarded-host", "forwarded", "via"} & set(connection.headers.keys())
    return not is_forwarded and connection.client is not None and is_loopback_name(connection.client.host)
