"""A person's own key: its clips are paid by it, and it opens a history of its own beside the studio's.

A key lives in the memory of this process alone. What is kept is its fingerprint, made with a secret of the history's
own: the name of the account. After a restart that account can be read and waits for its key.
"""

from __future__ import annotations

import hashlib
import hmac
import threading

from pydantic import SecretStr

from rivya.client import Client
from rivya.errors import InvalidRequestError
from studio.access import Sessions
from studio.i18n import N_
from studio.settings import Settings, clean_key
from studio.store import Store
from studio.store.kept_secrets import kept_secret
from studio.studio import Studio

KEY_COOKIE = "studio_key"
NO_KEY = SecretStr("")
OWN_CONCURRENT_REQUESTS = 2
"""One person's clips; thirty people with keys of their own are then no more threads than 60."""

MOST_KEY_CHARACTERS = 400
TEAMS_ALONE = (
    "daily_credit_limit",
    "monthly_credit_limit",
    "person_daily_credit_limit",
    "person_monthly_credit_limit",
    "lead_passphrase",
    "notify_urls",
    "public_url",
)
"""What holds for the studio's own credits, and where the team is told of its clips."""


class OwnKeys:
    """The studios of people who brought a key, one for each. Safe to use from any thread."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._studios: dict[str, Studio] = {}
        self._secret = kept_secret(store.database, "own keys")
        self._prefix = f"{settings.base_url} own "
        self.sessions = Sessions(settings.data_dir, SecretStr(KEY_COOKIE), cookie=KEY_COOKIE)

    def open(self, text: str) -> str:
        """Check a key by asking for its balance, begin to work with it, and return a token for its person's browser.

        Spends nothing. Raises ``APIError`` when Rivya does not take the key, ``InvalidRequestError`` for
        none and ``ValueError`` for what can be no key.
        """
        key = clean_key(SecretStr(text[:MOST_KEY_CHARACTERS]))
        if key is None:
            raise InvalidRequestError("key", N_("Paste the key that Rivya gave you."))
        with Client(key, self._settings.base_url, max_retries=0) as client:
            credits_now = client.credits.retrieve().current_credits
        account = self._account(key)
        studio = self._of(account)
        if studio.settings.needs_key:
            studio = self._put(account, key)
        studio.store.balances.add(credits_now)
        return self.sessions.open(account)

    def studio(self, token: str | None) -> Studio | None:
        """Return the studio that a browser's token opens, ``None`` without one; it may wait for its key."""
        session = self.sessions.read(token) if token else None
        return self._of(session.name) if session else None

    def of_account(self, account: str) -> Studio | None:
        """Return the studio of an account, ``None`` when no key ever opened it."""
        return self._of(account) if account.startswith(self._prefix) else None

    def forget(self, token: str | None) -> None:
        """Drop a key from memory and end the browser's token. Clips on their way wait until it is entered again."""
        session = self.sessions.read(token) if token else None
        if session is None:
            return
        self.sessions.close(token)
        self._put(session.name, NO_KEY)

    def stop(self) -> None:
        """Stop them all."""
        with self._lock:
            studios = list(self._studios.values())
            self._studios.clear()
        for studio in studios:
            studio.stop()

    def _of(self, account: str) -> Studio:
        with self._lock:
            if account not in self._studios:
                self._studios[account] = self._made(account, NO_KEY)
            return self._studios[account]

    def _put(self, account: str, key: SecretStr) -> Studio:
        """Have ``key`` stand for an account from now on, ``NO_KEY`` for none."""
        with self._lock:
            before, fresh = self._studios.get(account), self._made(account, key)
            self._studios[account] = fresh
        if before:
            before.stop()
        return fresh

    def _made(self, account: str, key: SecretStr) -> Studio:
        apart = dict.fromkeys(TEAMS_ALONE)
        own = {"api_key": key, "max_concurrent_requests": OWN_CONCURRENT_REQUESTS, "leads": "", "history": "team"}
        studio = Studio(self._settings.model_copy(update=apart | own), account=account)
        studio.start()
        return studio

    def _account(self, key: SecretStr) -> str:
        mark = hmac.digest(self._secret, b"own key " + key.get_secret_value().encode(), hashlib.sha256).hex()
        return f"{self._prefix}{mark[:24]}"
