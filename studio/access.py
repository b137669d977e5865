"""Who may enter: which hosts and origins are ours, the team's passphrase, and the signed session that remembers it.

Nothing here knows a web framework; ``pages/server/gate.py`` asks these rules for every request.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
import socket
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from filelock import FileLock
from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import SecretStr

from studio.settings import Settings

SESSION_COOKIE = "studio_session"
SESSION_SECONDS = 30 * 24 * 3600
"""After this the passphrase is asked for again."""

TRIES_WINDOW_SECONDS = 15 * 60.0
TRIES_FOR_EACH_ADDRESS = 10
TRIES_IN_TOTAL = 100
"""At most 9,600 guesses a day from everywhere together, against a passphrase of at least eight characters."""

_IPV6_SUBSCRIBER_BITS = 64
"""One subscriber owns a /64 and may change the rest of the address at will."""


class Hosts:
    """The names under which browsers may know this server.

    A foreign page can make a name of its own point here (DNS rebinding), and its requests then carry that name. An
    address written in digits cannot be rebound; a name must be known.
    """

    def __init__(self, bind_address: str, public_url: str | None) -> None:
        public = urlsplit(public_url or "")
        self.public_origin = f"{public.scheme}://{public.netloc}".lower() if public.netloc else None
        self.is_https = public.scheme == "https"
        self._public_authority = public.netloc.lower()
        self._names = {"localhost", bind_address.lower(), public.hostname or "localhost"}
        if not is_loopback_name(bind_address):
            own = socket.gethostname().lower()
            self._names |= {own, f"{own}.local"}

    def allows_host(self, host: str | None) -> bool:
        """Tell whether a ``Host`` header names this server."""
        parts = _authority(host)
        if parts is None or parts.hostname is None:
            return False
        name = parts.hostname.rstrip(".")
        return name in self._names or _address(name) is not None

    def allows_origin(self, origin: str | None, host: str | None) -> bool:
        """Tell whether a request that says this ``Origin`` comes from our own pages; without one it is no page's."""
        if origin is None:
            return True
        asked, origin = (host or "").lower(), origin.lower()
        if origin == self.public_origin:
            return True
        return origin in {f"http://{asked}", f"https://{asked}"} and asked not in {"", self._public_authority}

    def is_public(self, host: str | None) -> bool:
        """Tell whether ``host`` is the one of the public address."""
        return bool(self._public_authority) and (host or "").lower() == self._public_authority


class Tries:
    """Wrong passphrases of the last quarter of an hour, of each address and of all together."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: deque[tuple[float, str]] = deque()

    def wait_seconds(self, address: str) -> float:
        """Return how long ``address`` has to wait before its next try, 0 when it may try now."""
        now, mine = self._clock(), _subscriber(address)
        while self._failed and self._failed[0][0] <= now - TRIES_WINDOW_SECONDS:
            self._failed.popleft()
        of_mine = [moment for moment, who in self._failed if who == mine]
        frees = [of_mine[-TRIES_FOR_EACH_ADDRESS]] if len(of_mine) >= TRIES_FOR_EACH_ADDRESS else []
        frees += [self._failed[-TRIES_IN_TOTAL][0]] if len(self._failed) >= TRIES_IN_TOTAL else []
        return max((moment + TRIES_WINDOW_SECONDS - now for moment in frees), default=0.0)

    def failed(self, address: str) -> None:
        """Count a wrong passphrase; a try that was refused unread is not counted, so memory has a bound."""
        self._failed.append((self._clock(), _subscriber(address)))


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in: its id, the name that was chosen at it, and whether a lead's passphrase was said."""

    id: str
    name: str = ""
    is_lead: bool = False


class Sessions:
    """Signed sessions. Each sign-in has an id of its own; signing out ends that id in every process of the data folder.

    The signature depends on a key in the data folder and on the passphrases: another one ends all sessions. ``cookie``
    is where a browser keeps the token, which is good in no other.
    """

    def __init__(
        self,
        data_dir: Path,
        passphrase: SecretStr,
        lead_passphrase: SecretStr | None = None,
        *,
        cookie: str = SESSION_COOKIE,
    ) -> None:
        self._ended = data_dir / "signed_out"
        self._ended.mkdir(parents=True, exist_ok=True)
        for mark in self._ended.iterdir():
            if mark.stat().st_mtime < time.time() - SESSION_SECONDS:
                mark.unlink(missing_ok=True)
        words = _canonical(passphrase) + (b"\0" + _canonical(lead_passphrase) if lead_passphrase else b"")
        secret = hmac.digest(_kept_key(data_dir), words, "sha256")
        self._signer = URLSafeTimedSerializer(secret, salt=cookie, signer_kwargs={"digest_method": hashlib.sha256})

    def open(self, name: str = "", *, is_lead: bool = False) -> str:
        """Begin a session and return its token, good for 30 days."""
        return str(self._signer.dumps([secrets.token_hex(16), name, is_lead]))

    def read(self, token: str | None) -> Session | None:
        """Return the session of ``token`` when it was signed here, is younger than 30 days and was not signed out."""
        session = self._read(token)
        return session if session and not (self._ended / session.id).exists() else None

    def is_open(self, token: str | None) -> bool:
        """Tell whether ``token`` is of an open session."""
        return self.read(token) is not None

    def close(self, token: str | None) -> None:
        """End the session of ``token`` for good."""
        if session := self._read(token):
            (self._ended / session.id).touch()

    def _read(self, token: str | None) -> Session | None:
        try:
            payload = self._signer.loads(token or "", max_age=SESSION_SECONDS)
        except BadData:
            return None
        # Before people had names a session was its id alone.
        return Session(payload) if isinstance(payload, str) else Session(*payload)


class Access:
    """The rules of one server: bound to ``bind_address``, with ``settings``; ``has_oidc`` when a provider signs in."""

    def __init__(self, settings: Settings, bind_address: str, *, has_oidc: bool = False) -> None:
        self.hosts = Hosts(bind_address, settings.public_url)
        self.tries = Tries()
        self.has_oidc = has_oidc
        self.sessions = (
            Sessions(settings.data_dir, settings.passphrase, settings.lead_passphrase) if settings.passphrase else None
        )
        self._people = _people(settings)
        self._passphrase = settings.passphrase
        self._lead_passphrase = settings.lead_passphrase
        self._is_demo = settings.is_demo

    @property
    def needs_sign_in(self) -> bool:
        """Whether anybody has to sign in."""
        return self.sessions is not None or self.has_oidc

    def admits_address(self, address: str | None) -> bool:
        """Tell whether a client of this address may be answered at all.

        What costs credits and asks nobody who they are is for this machine only, whatever the server was bound to.
        """
        return self._is_demo or self.needs_sign_in or is_loopback_name(address or "")

    def admits_person(self, claims: Mapping[str, object]) -> bool:
        """Tell whether a provider's ``claims`` name, by a checked e-mail, one of RIVYA_ALLOWED_PEOPLE."""
        email = str(claims.get("email", "")).casefold()
        known = email in self._people or f"@{email.rpartition('@')[2]}" in self._people
        return claims.get("is_logged_in") is True and claims.get("email_verified") is True and "@" in email and known

    def is_passphrase(self, text: str) -> bool:
        """Tell whether ``text`` lets somebody in, as a lead or not. Compares in constant time, whatever the lengths."""
        is_the_teams, is_a_leads = _is_same(text, self._passphrase), self.is_lead_passphrase(text)
        return is_the_teams or is_a_leads

    def is_lead_passphrase(self, text: str) -> bool:
        """Tell whether ``text`` is what only leads know."""
        return _is_same(text, self._lead_passphrase)


def refusal(settings: Settings, bind_address: str, *, has_oidc: bool = False) -> str | None:
    """Return why this server must not start, in two lines, or ``None`` when it may.

    It must not where others than this machine reach what costs credits and nothing asks who they are.
    """
    public_host = urlsplit(settings.public_url or "").hostname
    is_shared = not is_loopback_name(bind_address) or (public_host is not None and not is_loopback_name(public_host))
    if settings.is_demo or settings.passphrase or (has_oidc and _people(settings)) or not is_shared:
        return None
    return (
        f"Not started: at {settings.public_url or bind_address} others could spend the credits of your RIVYA_API_KEY.\n"
        "Set RIVYA_PASSPHRASE (8 characters or more), or [auth] in .streamlit/secrets.toml and RIVYA_ALLOWED_PEOPLE; "
        "or leave out HOST and RIVYA_PUBLIC_URL."
    )


def _is_same(text: str, secret: SecretStr | None) -> bool:
    theirs, ours = (hashlib.sha256(_canonical(one)).digest() for one in (SecretStr(text), secret or SecretStr("")))
    return hmac.compare_digest(theirs, ours) and secret is not None


def _people(settings: Settings) -> frozenset[str]:
    return frozenset(one.strip().casefold() for one in settings.allowed_people.split(",") if one.strip())


def is_loopback_name(name: str) -> bool:
    """Tell whether a host name or address is this machine itself."""
    address = _address(name)
    return name.lower() == "localhost" or (address is not None and address.is_loopback)


def _authority(host: str | None) -> SplitResult | None:
    try:
        parts = urlsplit(f"//{host}")
        return parts if host and parts.netloc == host and "@" not in host and parts.port != 0 else None
    except ValueError:
        return None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def _subscriber(address: str) -> str:
    found = _address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, _IPV6_SUBSCRIBER_BITS), strict=False))
    return str(found or address)


def _canonical(passphrase: SecretStr) -> bytes:
    """Return the bytes of a passphrase, the same from every keyboard: letters can be composed in several ways."""
    return unicodedata.normalize("NFKC", passphrase.get_secret_value()).strip().encode("utf-8", "surrogatepass")


def _kept_key(data_dir: Path) -> bytes:
    """Return the key with which this data folder signs, made at the first call; it never leaves the folder."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / "session.key"
    with FileLock(f"{path}.lock"):
        if not path.exists():
            fresh = path.with_suffix(".part")
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
            fresh.replace(path)
        return path.read_bytes()
