"""One line for each request that is answered: an id that the answer carries too, what was asked, how it ended.

Addresses are logged without their query, which may hold a prompt, and without what is a key in itself.
"""

from __future__ import annotations

import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.logs import logging_about

log = logging.getLogger(__name__)

REQUEST_ID = "X-Request-Id"
UNSEEN = ("/static/", "/app/static/", "/_stcore/health", "/healthz", "/readyz", "/metrics")
"""A page asks for a hundred of these, and a balancer for its own every second."""

_SECRET = re.compile(r"^/(guest|webhooks|media|_stcore/upload_file)/.*$")
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_STRANGE = re.compile(r"[^\x21-\x7e]")


class RequestLog:
    """ASGI middleware, outermost: what it writes is what the browser got, refusals included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request or WebSocket on, under an id."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        # A proxy's own id is kept, so that its log and this one tell the same story.
        request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        begun, status = time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        with logging_about(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            finally:
                path = _SECRET.sub(r"/\1/…", _STRANGE.sub("?", scope["path"]))
                if not path.startswith(UNSEEN):
                    seconds = round(time.monotonic() - begun, 3)
                    about = {"method": scope.get("method", "WEBSOCKET"), "path": path, "status": status}
                    log.log(logging.INFO, "request", extra={**about, "seconds": seconds})
