"""A page of a heading and a form, without JavaScript: for what is asked before the app, or must not pass through it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from server.first_paint import wanted_language
from server.headers import source_hash
from studio.access import Access
from studio.i18n import translation

MAX_FORM_BYTES = 8 * 1024
_HERE = Path(__file__).parent
_PAGE = Template((_HERE / "small_page.html").read_text("utf-8"))
BENGALI_FONT = (_HERE / "bengali_font.css").read_text("utf-8")
"""For pages of our own: not every computer has a font for it. It is among what answers before somebody signs in."""

_STYLE = BENGALI_FONT + (_HERE / "small_page.css").read_text("utf-8")
_POLICY = (
    f"default-src 'none'; style-src {source_hash(_STYLE)}; img-src 'self'; font-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)

Words = Callable[[str], str]


def small_page(request: Request, title: str, content: str, status: int = 200) -> Response:
    """Return a page of ``content``, which is HTML, in the reader's language."""
    page = _PAGE.substitute(
        language=wanted_language(request.headers), title=escape(title), style=_STYLE, content=content
    )
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(page, status, headers)


async def small_form(request: Request) -> dict[str, str] | None:
    """Return the fields of a form that was sent, ``None`` when they are more than 8 KB."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            return None
    return dict(parse_qsl(body.decode("utf-8", "replace")))


def words_for(request: Request) -> Words:
    """Return what turns a text into the reader's language."""
    return translation(wanted_language(request.headers)).gettext


def is_https(request: Request, access: Access) -> bool:
    """Tell whether the browser came by https, here or at the proxy in front."""
    hosts = access.hosts
    return request.url.scheme == "https" or (hosts.is_https and hosts.is_public(request.headers.get("host")))
