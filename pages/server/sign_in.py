"""The way in and out: a small page of our own that needs no JavaScript, so that nothing of the app is sent before it.

A form that comes from another page is stopped by the gate (``Origin``), before any of this.
"""

from __future__ import annotations

import math
from html import escape
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.gate import SIGN_IN, SIGN_OUT, is_signed_in
from server.oidc import provider_url
from server.small_page import Words, is_https, small_form, small_page, words_for
from studio import process
from studio.access import SESSION_COOKIE, SESSION_SECONDS, Access
from studio.i18n import N_
from studio.own_keys import KEY_COOKIE
from studio.store.members import clean_name, person_key


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
        form = await small_form(request)
        if form is None:
            return self._form(request, "/", N_("That is too long."), status=413)
        target = _own_path(form.get("next", "/"))
        address = request.client.host if request.client else ""
        wait = self._access.tries.wait_seconds(address)
        if wait > 0:
            minutes = math.ceil(wait / 60)
            answer = self._form(
                request, target, N_("Too many tries. Try again in {minutes} min."), 429, minutes=minutes
            )
            answer.headers["Retry-After"] = str(math.ceil(wait))
            return answer
        if self._access.sessions is None or not self._access.is_passphrase(form.get("passphrase", "")):
            self._access.tries.failed(address)
            return self._form(request, target, N_("That is not the passphrase."), 403)
        team = process.studio().team
        said, name = form["passphrase"], _as_known(clean_name(form.get("name", "")))
        if team.wants_names and not name:
            return self._form(request, target, N_("Say who you are, so that others see whose clip it is."), 422)
        is_lead = self._access.is_lead_passphrase(said)
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
            secure=is_https(request, self._access),
        )  # fmt: skip
        return answer

    async def _ask_to_leave(self, request: Request) -> Response:
        if not self._access.needs_sign_in or not is_signed_in(request, self._access):
            return RedirectResponse("/", 303)
        _ = words_for(request)
        leave, back = escape(_("Sign out")), escape(_("Back to the studio"))
        content = (
            f'<form method="post" action="{SIGN_OUT}"><button>{leave}</button></form><p><a href="/">{back}</a></p>'
        )
        return small_page(request, _("Sign out?"), content)

    async def _leave(self, request: Request) -> Response:
        if self._access.sessions:
            self._access.sessions.close(request.cookies.get(SESSION_COOKIE))
        answer = RedirectResponse("/auth/logout" if self._access.has_oidc else SIGN_IN, 303)
        answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=is_https(request, self._access))
        # Who sits down at this browser next does not read, or pay by, the key of whoever left.
        if keys := process.own_keys():
            keys.sessions.close(request.cookies.get(KEY_COOKIE))
        answer.delete_cookie(KEY_COOKIE, httponly=True, samesite="strict", secure=is_https(request, self._access))
        return answer

    def _form(
        self, request: Request, target: str, trouble: str | None = None, status: int = 200, **values: object
    ) -> Response:
        _ = words_for(request)
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
        return small_page(request, _("Sign in"), "".join(parts), status)


def _as_known(name: str) -> str:
    """Return a name as its person wrote it the first time: another spelling is not another person."""
    studio = process.studio()
    known = [member.name for member in studio.team.members()] + studio.clips.people()
    return next((each for each in known if person_key(each) == person_key(name)), name)


def _name_field(_: Words) -> str:
    is_needed = process.studio().team.wants_names
    label = escape(_("Your name") if is_needed else _("Your name (optional)"))
    return (
        f'<label for="name">{label}</label><input id="name" name="name" type="text" maxlength="60"'
        f' autocomplete="username"{" required autofocus" if is_needed else ""}>'
    )


def _own_path(target: str) -> str:
    """Return ``target`` when it is a path of this server, else the first page: a link must not lead elsewhere."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    is_own = not parts.scheme and not parts.netloc and target.startswith("/") and target.isprintable()
    return target if is_own and "\\" not in target and not target.startswith("//") else "/"
