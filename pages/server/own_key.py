"""Where a person gives the studio a key of their own, and takes it away: by a form, so that no page ever holds it."""

from __future__ import annotations

import math
from html import escape

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from rivya.errors import APIStatusError, RivyaError
from server.small_page import Words, is_https, small_form, small_page, words_for
from studio import process
from studio.access import SESSION_SECONDS, Access, is_loopback_name
from studio.i18n.messages import explain
from studio.own_keys import KEY_COOKIE

OWN_KEY, OWN_KEY_GONE = "/own-key", "/own-key/forget"
UNAUTHORIZED, FORBIDDEN = 401, 403


class OwnKey:
    """The routes of a person's own key, on a server with these rules."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self.routes = [
            Route(OWN_KEY, self._show, methods=["GET"]),
            Route(OWN_KEY, self._take, methods=["POST"]),
            Route(OWN_KEY_GONE, self._forget, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        keys = await anyio.to_thread.run_sync(process.own_keys)
        return self._form(request) if keys else RedirectResponse("/", 303)

    async def _take(self, request: Request) -> Response:
        keys = await anyio.to_thread.run_sync(process.own_keys)
        if keys is None or not self._is_safe(request):
            return RedirectResponse(OWN_KEY, 303)
        _, form = words_for(request), await small_form(request)
        if form is None:
            return self._form(request, _("That is too long."), 413)
        address = request.client.host if request.client else ""
        if (wait := self._access.tries.wait_seconds(address)) > 0:
            minutes = math.ceil(wait / 60)
            return self._form(request, _("Too many tries. Try again in {minutes} min.").format(minutes=minutes), 429)
        try:
            token = await anyio.to_thread.run_sync(keys.open, form.get("key", ""))
        except RivyaError as error:
            if isinstance(error, APIStatusError) and error.http_status in {UNAUTHORIZED, FORBIDDEN}:
                self._access.tries.failed(address)
            return self._form(request, _why(error, _), 422)
        except ValueError:
            return self._form(request, _("A key has only plain letters, digits and signs. Copy it again."), 422)
        keys.sessions.close(request.cookies.get(KEY_COOKIE))
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            KEY_COOKIE, token, max_age=SESSION_SECONDS, httponly=True, samesite="strict",
            secure=is_https(request, self._access),
        )  # fmt: skip
        return answer

    async def _forget(self, request: Request) -> Response:
        if keys := await anyio.to_thread.run_sync(process.own_keys):
            await anyio.to_thread.run_sync(keys.forget, request.cookies.get(KEY_COOKIE))
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(KEY_COOKIE, httponly=True, samesite="strict", secure=is_https(request, self._access))
        return answer

    def _is_safe(self, request: Request) -> bool:
        """Tell whether nobody on the way can read what is typed: by https, or within this machine."""
        return is_https(request, self._access) or is_loopback_name(request.url.hostname or "")

    def _form(self, request: Request, trouble: str = "", status: int = 200) -> Response:
        _, keys = words_for(request), process.own_keys()
        own = keys.studio(request.cookies.get(KEY_COOKIE)) if keys else None
        parts = [_line(_("Your clips are paid by your own account at Rivya, and only you see them."))]
        if own and (count := len(own.active())):
            parts.append(_line(_("On their way: {count}. Without your key they wait.").format(count=count)))
        if trouble:
            parts.append(f'<p role="alert">{escape(trouble)}</p>')
        if self._is_safe(request):
            parts.append(_fields(_))
        else:
            parts.append(_line(_("A key is asked for over https only. Open the studio by such an address.")))
        if own:
            stop = escape(_("Stop using my key"))
            parts.append(f'<form method="post" action="{OWN_KEY_GONE}"><button class="quiet">{stop}</button></form>')
        back = escape(_("Back to the studio"))
        parts.append(f'<p><a href="/">{back}</a></p>')
        return small_page(request, _("A key of your own"), "".join(parts), status)


def _line(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _why(error: RivyaError, _: Words) -> str:
    if isinstance(error, APIStatusError):
        words = explain(error.code, error.http_status)
        return f"{_(words.cause)} {_(words.remedy)}"
    return _(error.user_message).format(**error.values)


def _fields(_: Words) -> str:
    label, press = escape(_("API key")), escape(_("Check and use it"))
    note = escape(_("It stays in the memory of this server, and is asked for again after a restart."))
    return (
        f'<form method="post" action="{OWN_KEY}"><label for="key">{label}</label>'
        '<input id="key" name="key" type="password" required autofocus autocomplete="off" spellcheck="false"'
        f' aria-describedby="note"><p id="note" class="note">{note}</p><button>{press}</button></form>'
    )
