"""Sign-in by the provider that ``[auth]`` in Streamlit's secrets names: Streamlit's login and its signed cookie."""

from __future__ import annotations

import json
from collections.abc import Mapping

from streamlit.auth_util import (
    encode_provider_token,
    get_cookie_with_chunks,
    get_secrets_auth_section,
    is_authlib_installed,
)
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from rivya.errors import ConfigurationError

MIN_COOKIE_SECRET_LENGTH = 32
"""Whoever guesses the secret writes the cookie; Streamlit itself would sign with an empty one."""


def has_provider() -> bool:
    """Tell whether a provider is set up. Raises ``ConfigurationError`` when its cookie could not be believed."""
    if not get_secrets_auth_section():
        return False
    if len(get_cookie_secret()) < MIN_COOKIE_SECRET_LENGTH:
        remedy = f"give it {MIN_COOKIE_SECRET_LENGTH} random characters or more"
        raise ConfigurationError("cookie_secret is too short", setting="[auth] cookie_secret", remedy=remedy)
    if not is_authlib_installed():
        raise ConfigurationError("Authlib is not installed", setting="[auth]", remedy="pip install Authlib")
    return True


def provider_url() -> str:
    """Return where a browser begins to sign in at the provider; good for a few minutes."""
    return f"/auth/login?provider={encode_provider_token('default')}"


def provider_claims(cookies: Mapping[str, str]) -> dict[str, object]:
    """Return what the provider said of this browser's person, as Streamlit's cookie keeps it, signed; else nothing."""
    secret = get_cookie_secret()

    def signed(name: str) -> bytes | None:
        value = cookies.get(name)
        return None if value is None else decode_signed_value(secret, name, value)

    found = get_cookie_with_chunks(signed, USER_COOKIE_NAME)
    claims = json.loads(found) if found else {}
    return claims if isinstance(claims, dict) else {}
