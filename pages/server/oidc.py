"""Sign-in by the provider that ``[auth]`` in Streamlit's secrets names: Streamlit's login and its signed cookie."""

from __future__ import annotations

import json
from collections.abc import Mapping

from streamlit.auth_util import encode_provider_token, get_cookie_with_chunks, get_secrets_auth_section
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME


def has_provider() -> bool:
    """Tell whether a provider is set up."""
    return bool(get_secrets_auth_section())


def provider_url() -> str:
    """Return where a browser begins to sign in at the provider; good for a few minutes."""
    return f"/auth/login?provider={encode_provider_token('default')}"


def is_signed_in_by_provider(cookies: Mapping[str, str]) -> bool:
    """Tell whether Streamlit's cookie says, signed, that the provider knows who this is."""
    secret = get_cookie_secret()

    def signed(name: str) -> bytes | None:
        value = cookies.get(name)
        return None if value is None else decode_signed_value(secret, name, value)

    found = get_cookie_with_chunks(signed, USER_COOKIE_NAME)
    return bool(found) and json.loads(found or b"{}").get("is_logged_in") is True
