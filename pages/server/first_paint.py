"""The first kilobytes: something to read in the reader's theme and language, and less to fetch.

Streamlit's page is empty until its JavaScript (about 3 MB) is here, and then jumps about until all of it is drawn: a
layout shift of 0.9 on a desktop, 1.6 on a phone. A still picture of the form stands over it until then, and
``notifications.js``, which each page has, takes it away. Its files are compressed once and kept: Streamlit leaves them
as they are, because compressing anew for everybody costs more than it saves.
"""

from __future__ import annotations

import gzip
from html import escape

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.i18n import N_, languages, negotiate, translation

LANGUAGE_COOKIE, THEME_COOKIE = "studio_language", "studio_theme"
AS_THE_COMPUTER = "@media (prefers-color-scheme: dark)"
DARK_WHEN = {"Light": "@media not all", "Dark": "@media all"}
COMPRESSED_TYPES = ("text/javascript", "application/javascript", "text/css", "image/svg+xml")
MOST_KEPT_BYTES = 16 * 1024 * 1024
"""More than all of Streamlit's JavaScript, compressed."""

NOT_FOR_A_PAGE = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since"})
STATIC, OWN_STATIC = "/static/", "/app/static/"
OWN_STATIC_CACHING = "public, max-age=86400"
_ROOT = '<div id="root"></div>'
_HEAD = """<link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials" />
    <link rel="apple-touch-icon" href="/app/static/icon-192.png" />
    <meta name="theme-color" media="(prefers-color-scheme: light)" content="#fbfaf8" />
    <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#171614" />
    <style>
      body { margin: 0; background: #fbfaf8; color: #100e0c; }
      .first-paint { position: fixed; inset: 0; z-index: 1000002; box-sizing: border-box; padding: 6rem 5rem;
        background: #fbfaf8; animation: no-first-paint 0s 8s forwards; font: 0.875rem/1.5 "Source Sans", system-ui, sans-serif; }
      /* A history that is still being opened has drawn nothing: the picture is better than that, however long it takes. */
      .first-paint:has(+ #root [data-test-script-state="running"]):not(:has(+ #root [data-testid="stElementContainer"])) {
        animation: none;
      }
      .first-paint strong { margin-inline-end: 0.75rem; font-size: 1.8rem; }
      .first-paint p { display: grid; grid-template-columns: 5fr 6fr; gap: 4rem; margin: 2rem 0; }
      .first-paint i { height: 7rem; border-radius: 12px; background: #f1efeb; }
      .first-paint i + i { height: 24rem; }
      .first-paint p.one { grid-template-columns: 1fr; }
      .first-paint p.one i { height: 60vh; }
      @media (prefers-color-scheme: dark) {
        body, .first-paint { background: #171614; color: #efece7; }
        .first-paint i { background: #24221f; }
      }
      @media (max-width: 640px) {
        .first-paint { padding: 0.75rem 1rem; }
        .first-paint strong { display: block; font-size: 1.4rem; }
        .first-paint p { display: block; }
        .first-paint i { display: block; }
        .first-paint i + i { display: none; }
      }
      /* What is drawn below it would jump about until all of it is here; after 8 s it is better than nothing. */
      .first-paint + #root { visibility: hidden; animation: drawn 0s 8s forwards; }
      @keyframes no-first-paint { to { visibility: hidden; } }
      @keyframes drawn { to { visibility: visible; } }
    </style>
  </head>"""  # noqa: E501 - it is a page


def wanted_language(headers: Headers) -> str:
    """Return the language that somebody chose in this browser, else the one that the browser asks for."""
    chosen = cookie_parser(headers.get("cookie", "")).get(LANGUAGE_COOKIE, "")
    if chosen in languages():
        return chosen
    asked = [part.split(";")[0].strip() for part in headers.get("accept-language", "").split(",")]
    return negotiate([tag for tag in asked if tag and tag != "*"])


def wanted_theme(headers: Headers) -> str:
    """Return ``Light`` or ``Dark`` when somebody chose it in this browser, else an empty text: as the computer."""
    chosen = cookie_parser(headers.get("cookie", "")).get(THEME_COOKIE, "")
    return chosen if chosen in DARK_WHEN else ""


def filled(page: str, language: str, theme: str = "", path: str = "/") -> str:
    """Return Streamlit's ``page`` with something to read in it, and what makes it installable."""
    _ = translation(language).gettext
    if path in TITLES:
        said, boxes = f"<strong>{escape(_(TITLES[path]))}</strong>", '<p class="one"><i></i></p>'
    else:
        words = escape(_("Seedance Studio: short videos from a sentence or a picture"))
        name, _colon, tagline = words.partition(": ")
        said, boxes = f"<strong>{name}</strong> {tagline} …", "<p><i></i><i></i></p>"
    still = f'<div class="first-paint" lang="{language}" role="status">{said}{boxes}</div>'
    head = _HEAD.replace(AS_THE_COMPUTER, DARK_WHEN[theme]) if theme else _HEAD
    return page.replace("</head>", head, 1).replace(_ROOT, f"{still}{_ROOT}", 1)


TITLES = {
    "/history": N_("History"),
    "/queue": N_("Queue"),
    "/storyboard": N_("Storyboard"),
    "/credits": N_("Credits"),
    "/team": N_("Team"),
    "/settings": N_("Settings"),
    "/help": N_("Help"),
    "/compare": N_("Compare"),
    "/clip": N_("Clip"),
}
"""What stands above a page until it is here; Generate says what all of it is."""

LOST = "lost"
"""The query parameter with which the first page says that there was no such page."""

PAGE_PATHS = frozenset({"/", "/index.html", *TITLES})


class FirstPaint:
    """ASGI middleware: fills Streamlit's empty page and keeps its files compressed; all else passes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, tuple[MutableHeaders, bytes]] = {}
        self._kept_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        path, asked = scope["path"], Headers(scope=scope)
        if path.startswith(OWN_STATIC):
            await self._app(scope, receive, _cached_for_a_day(send))
        elif path.startswith(STATIC) and "gzip" in asked.get("accept-encoding", "") and "range" not in asked:
            await self._compressed(path, scope, receive, send)
        elif "text/html" in asked.get("accept", ""):
            await self._filled(asked, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _filled(self, asked: Headers, scope: Scope, receive: Receive, send: Send) -> None:
        # Compressed, or left out because the browser has Streamlit's own, nobody could write into it.
        plainly = [(name, value) for name, value in scope["headers"] if name not in NOT_FOR_A_PAGE]
        held = await _Held.of(self._app, {**scope, "headers": plainly}, receive, send)
        if held is None:
            return
        is_page = held.status == 200 and _ROOT.encode() in held.body
        if is_page and scope["path"] not in PAGE_PATHS:
            # Streamlit would say so in English alone, over the first page.
            await RedirectResponse(f"{scope.get('root_path', '')}/?{LOST}=1", 303)(scope, receive, send)
            return
        if is_page:
            held.body = filled(held.body.decode(), wanted_language(asked), wanted_theme(asked), scope["path"]).encode()
            # Each language and theme has a page of its own: nobody may be told that theirs has not changed.
            for name in ("etag", "last-modified"):
                del held.headers[name]
            held.headers["content-length"] = str(len(held.body))
        await held.send(send)

    async def _compressed(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if path in self._kept:
            headers, body = self._kept[path]
            await _Held(200, headers, body).send(send)
            return
        held = await _Held.of(self._app, scope, receive, send)
        if held is None:
            return
        is_text = held.headers.get("content-type", "").startswith(COMPRESSED_TYPES)
        if held.status == 200 and is_text and held.headers.get("content-length") == str(len(held.body)):
            held.body = await anyio.to_thread.run_sync(gzip.compress, held.body, 6)
            held.headers["content-encoding"] = "gzip"
            held.headers.add_vary_header("Accept-Encoding")
            held.headers["content-length"] = str(len(held.body))
            if self._kept_bytes + len(held.body) <= MOST_KEPT_BYTES:
                self._kept[path] = (held.headers, held.body)
                self._kept_bytes += len(held.body)
        await held.send(send)


class _Held:
    """An answer that is held back until it is whole."""

    def __init__(self, status: int, headers: MutableHeaders, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @classmethod
    async def of(cls, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> _Held | None:
        """Return what ``app`` answers; ``None`` when it did not come to its end, or went out in a way of its own."""
        start: Message = {}
        parts: list[bytes] = []
        is_whole = False

        async def take(message: Message) -> None:
            nonlocal start, is_whole
            if message["type"] == "http.response.start":
                start = message
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                is_whole = not message.get("more_body")
            else:
                await send(message)

        await app(scope, receive, take)
        # Of a request that the browser gave up, part of the answer may be missing.
        return cls(start["status"], MutableHeaders(raw=list(start["headers"])), b"".join(parts)) if is_whole else None

    async def send(self, send: Send) -> None:
        """Send it on."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers.raw})
        await send({"type": "http.response.body", "body": self.body})


def _cached_for_a_day(send: Send) -> Send:
    async def send_with_caching(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in {200, 206, 304}:
            MutableHeaders(scope=message)["Cache-Control"] = OWN_STATIC_CACHING
        await send(message)

    return send_with_caching
