"""The way in and out: a small page of our own that needs no JavaScript, so that nothing of the app is sent before it.

A form that comes from another page is stopped by the gate (``Origin``), before any of this.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from server.first_paint import wanted_language
from server.gate import SIGN_IN, SIGN_OUT, is_signed_in
from server.headers import source_hash
from server.oidc import provider_url
from studio import process
from studio.access import SESSION_COOKIE, SESSION_SECONDS, Access
from studio.i18n import N_, translation
from studio.store.members import clean_name, person_key

MAX_FORM_BYTES = 8 * 1024
_HERE = Path(__file__).parent
_PAGE = Template((_HERE / "sign_in.html").read_text("utf-8"))
_STYLE = (_HERE / "sign_in.css").read_text("utf-8")
_POLICY = (
    f"default-src 'none'; style-src {source_hash(_STYLE)}; img-src 'self'; font-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)

_Words = Callable[[str], str]


class SignIn:
    """The routes of signing in and out of a server with these rules."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self.routes = [
            Route(SIGN_IN, self._show, methods=["GET"]),
            Route(SIGN_IN, self._enter, methods=["POST"]),
            Route(SIGN_OUT, self._ask_to_leave, methods=["GET"]),
            Route(SIGN_OUT, self._leave, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        target = _own_path(request.query_params.get("next", "/"))
        return RedirectResponse(target, 303) if is_signed_in(request, self._access) else self._form(request, target)

    async def _enter(self, request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_FORM_BYTES:
                return self._form(request, "/", N_("That is too long."), status=413)
        form = parse_qs(body.decode("utf-8", "replace"))
        target = _own_path(form.get("next", ["/"])[0])
        address = request.client.host if request.client else ""
        wait = self._access.tries.wait_seconds(address)
        if wait > 0:
            minutes = math.ceil(wait / 60)
            answer = self._form(
                request, target, N_("Too many tries. Try again in {minutes} min."), 429, minutes=minutes
            )
            answer.headers["Retry-After"] = str(math.ceil(wait))
            return answer
        if self._access.sessions is None or not self._access.is_passphrase(form.get("passphrase", [""])[0]):
            self._access.tries.failed(address)
            return self._form(request, target, N_("That is not the passphrase."), 403)
        team = process.studio().team
        words, name = form["passphrase"][0], _as_known(clean_name(form.get("name", [""])[0]))
        if team.wants_names and not name:
            return self._form(request, target, N_("Say who you are, so that others see whose clip it is."), 422)
        is_lead = self._access.is_lead_passphrase(words)
        if not team.may_enter_as(name, is_lead=is_lead):
            trouble = N_("That is a lead's name. Use the leads' passphrase, or another name.")
            return self._form(request, target, trouble, 403)
        if is_lead:
            team.welcome_lead(name)
        # The session of before, if there is one, is over: whoever planted or kept it does not come in with this one.
        self._access.sessions.close(request.cookies.get(SESSION_COOKIE))
        answer = RedirectResponse(target, 303)
        token = self._access.sessions.open(name, is_lead=is_lead)
        answer.set_cookie(
            SESSION_COOKIE, token, max_age=SESSION_SECONDS, httponly=True, samesite="lax",
            secure=self._is_https(request),
        )  # fmt: skip
        return answer

    async def _ask_to_leave(self, request: Request) -> Response:
        if not self._access.needs_sign_in or not is_signed_in(request, self._access):
            return RedirectResponse("/", 303)
        _ = _words(request)
        leave, back = escape(_("Sign out")), escape(_("Back to the studio"))
        content = (
            f'<form method="post" action="{SIGN_OUT}"><button>{leave}</button></form><p><a href="/">{back}</a></p>'
        )
        return _page(request, _("Sign out?"), content)

    async def _leave(self, request: Request) -> Response:
        if self._access.sessions:
            self._access.sessions.close(request.cookies.get(SESSION_COOKIE))
        answer = RedirectResponse("/auth/logout" if self._access.has_oidc else SIGN_IN, 303)
        answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=self._is_https(request))
        return answer

    def _is_https(self, request: Request) -> bool:
        hosts = self._access.hosts
        return request.url.scheme == "https" or (hosts.is_https and hosts.is_public(request.headers.get("host")))

    def _form(
        self, request: Request, target: str, trouble: str | None = None, status: int = 200, **values: object
    ) -> Response:
        _ = _words(request)
        parts = [f'<p role="alert">{escape(_(trouble).format(**values))}</p>'] if trouble else []
        if self._access.sessions:
            label, press = escape(_("Team passphrase")), escape(_("Sign in"))
            parts.append(
                f'<form method="post" action="{SIGN_IN}">'
                f'<input type="hidden" name="next" value="{escape(target)}">'
                f"{_name_field(_)}"
                f'<label for="passphrase">{label}</label>'
                '<input id="passphrase" name="passphrase" type="password" required autofocus'
                ' autocomplete="current-password">'
                f"<button>{press}</button></form>"
            )
        if self._access.has_oidc:
            words = escape(_("Sign in with your organization"))
            parts.append(f'<a class="button" href="{escape(provider_url())}">{words}</a>')
        return _page(request, _("Sign in"), "".join(parts), status)


def _as_known(name: str) -> str:
    """Return a name as its person wrote it the first time: another spelling is not another person."""
    studio = process.studio()
    known = [member.name for member in studio.team.members()] + studio.clips.people()
    return next((each for each in known if person_key(each) == person_key(name)), name)


def _name_field(_: _Words) -> str:
    is_needed = process.studio().team.wants_names
    label = escape(_("Your name") if is_needed else _("Your name (optional)"))
    return (
        f'<label for="name">{label}</label><input id="name" name="name" type="text" maxlength="60"'
        f' autocomplete="username"{" required autofocus" if is_needed else ""}>'
    )


def _page(request: Request, title: str, content: str, status: int = 200) -> Response:
    page = _PAGE.substitute(
        language=wanted_language(request.headers), title=escape(title), style=_STYLE, content=content
    )
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(page, status, headers)


def _words(request: Request) -> _Words:
    return translation(wanted_language(request.headers)).gettext


def _own_path(target: str) -> str:
    """Return ``target`` when it is a path of this server, else the first page: a link must not lead elsewhere."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    is_own = not parts.scheme and not parts.netloc and target.startswith("/") and target.isprintable()
    return target if is_own and "\\" not in target and not target.startswith("//") else "/"
