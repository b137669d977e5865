"""What stands in the page before Streamlit draws, and what is fetched for it."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from server.first_paint import FirstPaint, filled, wanted_language

SCRIPT = b"const paper = 'boat';" * 400
PAGE = '<html><head><title>x</title></head><body><div id="root"></div></body></html>'


def app(calls: list[str]) -> Starlette:
    async def script(request: Request) -> Response:
        calls.append(request.url.path)
        return Response(SCRIPT, media_type="text/javascript", headers={"Cache-Control": "public, immutable"})

    async def page(request: Request) -> Response:
        if request.headers.get("if-none-match") == '"1"':
            return Response(status_code=304)
        return HTMLResponse(PAGE, headers={"ETag": '"1"'})

    async def nothing(_: Request) -> Response:
        return HTMLResponse("nothing", 404)

    routes = [Route("/static/js/a.js", script), Route("/app/static/a.js", script), Route("/", page)]
    return Starlette(routes=[*routes, Route("/gone", nothing)])


class Browser:
    """Asks one process again and again."""

    def __init__(self, calls: list[str] | None = None, of=None) -> None:
        self._app = FirstPaint(of or app([] if calls is None else calls))

    def get(self, path: str, **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://studio") as client:
                return await client.get(path, headers={name.replace("_", "-"): text for name, text in headers.items()})

        return asyncio.run(ask())


def test_streamlits_files_are_compressed_once():
    """The second visitor gets what was kept; the content is the same to the byte."""
    calls: list[str] = []
    browser = Browser(calls)
    for _ in range(2):
        answer = browser.get("/static/js/a.js", accept_encoding="gzip")
        assert (answer.content, answer.headers["content-encoding"]) == (SCRIPT, "gzip")
        assert answer.headers["cache-control"] == "public, immutable"
        assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
    assert calls == ["/static/js/a.js"]


def test_a_page_of_another_app_at_this_address_is_not_shown_again():
    """A browser that kept Streamlit's own page from here gets ours all the same."""
    answer = Browser().get("/", accept="text/html", if_none_match='"1"')
    assert answer.status_code == 200
    assert "first-paint" in answer.text


def test_half_an_answer_is_not_kept():
    """A browser that gives up in the middle spoils nothing for the next."""
    whole = Response(SCRIPT, media_type="text/javascript")
    answers = [{"type": "http.response.body", "body": SCRIPT[:100], "more_body": True}]

    async def cut_short(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": whole.raw_headers})
        for message in answers:
            await send(message)

    browser = Browser(of=cut_short)
    with pytest.raises(AssertionError):  # httpx's own: no answer came
        browser.get("/static/js/a.js", accept_encoding="gzip")
    answers[0] = {"type": "http.response.body", "body": SCRIPT}
    assert browser.get("/static/js/a.js", accept_encoding="gzip").content == SCRIPT


def test_who_takes_no_gzip_or_a_part_gets_the_file_as_it_is():
    """No encoding is forced on anybody, and a range counts the file's own bytes."""
    browser = Browser()
    for headers in ({"accept_encoding": "identity"}, {"accept_encoding": "gzip", "range": "bytes=0-9"}):
        answer = browser.get("/static/js/a.js", **headers)
        assert "content-encoding" not in answer.headers
        assert answer.content == SCRIPT
    assert browser.get("/app/static/a.js").headers["cache-control"] == "public, max-age=86400"


def test_the_empty_page_is_filled_in_the_readers_language():
    """By what was chosen in this browser, else by what it asks for; never from a cache of another language."""
    browser = Browser()
    english = browser.get("/", accept="text/html", accept_language="en")
    bengali = browser.get("/", accept="text/html", accept_language="en", cookie="studio_language=bn")
    assert "short videos from a sentence" in english.text
    assert 'lang="bn"' in bengali.text
    assert 'rel="manifest"' in english.text
    assert "etag" not in english.headers
    assert browser.get("/", accept="application/json").text == PAGE
    gone = browser.get("/gone", accept="text/html")
    assert (gone.status_code, gone.text) == (404, "nothing")


def test_a_forged_language_is_none():
    """A cookie is anybody's text: it never reaches the page."""
    forged = Headers({"cookie": 'studio_language="><script>'})
    assert wanted_language(forged) == "en"
    assert "<script>" not in filled(PAGE, wanted_language(forged))
