"""Callbacks as a hint: Rivya says that something ended, and the engine looks at once instead of in its own time.

A callback is never believed, for how Rivya signs one is not documented: all it does is to have a clip asked about.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time

from pydantic import SecretStr

from rivya.client import Client
from rivya.errors import APIError
from rivya.retry import should_retry
from studio.settings import WEBHOOKS_PATH

log = logging.getLogger(__name__)

ASK_EVERY_SECONDS = 3600.0
MAX_EVENT_BYTES = 64 * 1024
"""An event holds one status object: 1 KB."""


class WebhookHints:
    """The endpoint of one key under ``public_url``: the same in every process and after every start."""

    def __init__(self, client: Client, key: SecretStr, public_url: str) -> None:
        self._client = client
        # Nobody who does not have the key can work it out, and the key cannot be worked out from it.
        self.token = hmac.new(key.get_secret_value().encode(), b"webhook address", hashlib.sha256).hexdigest()
        self._url = f"{public_url.rstrip('/')}{WEBHOOKS_PATH}{self.token}"
        self._good_until = 0.0

    def register(self) -> None:
        """Have Rivya call the endpoint, unless it does already; asked once an hour, or soon after no answer came.

        After a refusal polling goes on as before.
        """
        if time.monotonic() < self._good_until:
            return
        self._good_until = time.monotonic() + ASK_EVERY_SECONDS
        try:
            if all(endpoint.url != self._url for endpoint in self._client.webhooks.list()):
                self._client.webhooks.create(self._url)
        except APIError as error:
            if should_retry(error):
                self._good_until = 0.0
            log.warning("Rivya will not call us, so clips are asked about in their own time: %s", error)

    def fits(self, token: str) -> bool:
        """Tell in constant time whether somebody knows the endpoint."""
        return hmac.compare_digest(token.encode(), self.token.encode())


def task_of(body: bytes) -> str | None:
    """Return the id of the task that an event is about, ``None`` for anything else."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    data = event.get("data") if isinstance(event, dict) else None
    task_id = data.get("id") if isinstance(data, dict) else None
    return task_id if isinstance(task_id, str) and task_id else None
