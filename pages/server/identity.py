"""Who asks: the name that a sign-in vouches for, for pages and for files alike."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from server.oidc import provider_claims
from studio import process
from studio.access import SESSION_COOKIE, Sessions
from studio.own_keys import KEY_COOKIE
from studio.store.members import MOST_NAME_CHARACTERS
from studio.store.reader import read_as
from studio.studio import Studio

_sessions = functools.lru_cache(maxsize=4)(Sessions)


def signed_name(studio: Studio, cookies: Mapping[str, str]) -> str:
    """Return the name that was chosen at sign-in, or the checked e-mail of a provider's; empty without either.

    A name that is a lead's by now is nobody's in a session that was opened without the leads' passphrase.
    """
    settings = studio.settings
    if settings.passphrase:
        sessions = _sessions(settings.data_dir, settings.passphrase, settings.lead_passphrase)
        if (session := sessions.read(cookies.get(SESSION_COOKIE))) and session.name:
            return session.name if studio.team.may_enter_as(session.name, is_lead=session.is_lead) else ""
    claims = provider_claims(cookies) if settings.allowed_people.strip() else {}
    if claims.get("is_logged_in") is True:
        return str(claims.get("email") or "").casefold()[:MOST_NAME_CHARACTERS]
    return ""


def studio_of(cookies: Mapping[str, str]) -> Studio:
    """Return the studio of whoever asks: of their own key, or everybody's.

    What follows in this thread or task reads only what they may see there.
    """
    keys = process.own_keys()
    own = keys.studio(cookies.get(KEY_COOKIE)) if keys else None
    found = own or process.studio()
    read_as(found.team.reader(signed_name(found, cookies)) if found.settings.history == "private" else None)
    return found
