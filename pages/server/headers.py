"""Security headers on every answer: pages, routes, files, refusals and the WebSocket's handshake.

docs/security.md says what each of them is for, and which Streamlit forces to be wider.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HSTS_SECONDS = 365 * 24 * 3600
FILE_POLICY = "default-src 'none'; media-src 'self'; img-src 'self'; frame-ancestors 'none'"
"""For what is a file and no page: nothing in it may run."""


def source_hash(text: str) -> str:
    """Return how a policy names the one inline script or style that is ``text``."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _page_policy() -> str:
    """Return the policy under which Streamlit's page works, with the hash of the one inline script it ships."""
    index = Path(st.__file__).parent / "static" / "index.html"
    inline = [source_hash(text) for text in re.findall(r"<script>(.*?)</script>", index.read_text("utf-8"), re.DOTALL)]
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' blob: {' '.join(inline)}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-src 'none'",
            "frame-ancestors 'none'",
        ]
    )


HEADERS = {
    "Content-Security-Policy": _page_policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), clipboard-read=(self), clipboard-write=(self), microphone=(), geolocation=(), payment=(),"
        " usb=(), midi=(), serial=(), hid=(), display-capture=()"
    ),
}


class SecurityHeaders:
    """Adds ``HEADERS`` to every answer that does not say something stricter of its own, a crash's answer included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] in {"http.response.start", "websocket.http.response.start", "websocket.accept"}:
                has_begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] in {"https", "wss"}:
                    headers.setdefault("Strict-Transport-Security", f"max-age={HSTS_SECONDS}")
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            if scope["type"] == "http" and not has_begun:
                await PlainTextResponse("Internal Server Error", 500)(scope, receive, send_with_headers)
            raise
