"""Callbacks: every finished generation is told to the addresses that asked for it.

Rivya's fields are known in part only; ours are the documented ones. Deliveries carry no signature, since its scheme is
not documented: whoever receives one must look at the task instead of believing it.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from secrets import token_hex
from threading import Lock
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, Field

from sandbox.errors import ApiError
from sandbox.responses import TaskAnswer, timestamp

log = logging.getLogger(__name__)

Event = Literal["generation.succeeded", "generation.failed"]
DELIVERY_SECONDS = 5.0


class WebhookOrder(BaseModel):
    """What somebody asks for."""

    url: str = Field(max_length=2048)
    events: Sequence[Event] = ("generation.succeeded", "generation.failed")


class WebhookAnswer(BaseModel):
    """An endpoint; ``signing_secret`` is shown once."""

    id: str
    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    url: str
    events: Sequence[Event]
    created_at: str
    signing_secret: str | None = None


class WebhookList(BaseModel):
    """All endpoints."""

    object: Literal["list"] = "list"
    data: list[WebhookAnswer]


class Webhooks:
    """The endpoints, in memory, and one thread that calls them.

    A public https address leads nowhere from here: ``deliver_to`` is called in its place, with its path.
    """

    def __init__(self, answer_of: Callable[[str], TaskAnswer], deliver_to: str | None) -> None:
        self._answer_of = answer_of
        self._deliver_to = deliver_to
        self._endpoints: dict[str, WebhookAnswer] = {}
        self._lock = Lock()
        self._calls = ThreadPoolExecutor(1, thread_name_prefix="sandbox-webhooks")

    def all(self) -> WebhookList:
        """Return every endpoint."""
        with self._lock:
            return WebhookList(data=list(self._endpoints.values()))

    def add(self, order: WebhookOrder) -> WebhookAnswer:
        """Keep an endpoint and return it with its secret; ``ApiError`` when its address is not public https."""
        _check(order.url)
        endpoint = WebhookAnswer(
            id=f"we_{token_hex(8)}", url=order.url, events=order.events, created_at=timestamp(datetime.now(UTC))
        )
        with self._lock:
            self._endpoints[endpoint.id] = endpoint
        return endpoint.model_copy(update={"signing_secret": f"whsec_{token_hex(16)}"})

    def tell(self, task_id: str) -> None:
        """Tell everybody who asked that a task has ended; returns at once."""
        if self._deliver_to and self._endpoints:
            self._calls.submit(self._tell, task_id)

    def stop(self) -> None:
        """Finish the call in hand and drop the others."""
        self._calls.shutdown(wait=True, cancel_futures=True)

    def _tell(self, task_id: str) -> None:
        answer = self._answer_of(task_id)
        kind = f"generation.{answer.status}"
        for endpoint in self.all().data:
            if kind in endpoint.events:
                event = {
                    "id": f"evt_{token_hex(8)}", "type": kind, "api_version": "v1",
                    "created_at": timestamp(datetime.now(UTC)), "data": answer.model_dump(),
                }  # fmt: skip
                self._post(endpoint.url, json.dumps(event).encode())

    def _post(self, url: str, body: bytes) -> None:
        target = urlsplit(self._deliver_to or "")
        place = urlunsplit((target.scheme, target.netloc, urlsplit(url).path, "", ""))
        request = urllib.request.Request(place, body, {"Content-Type": "application/json"})  # noqa: S310 - a loopback address of ours
        try:
            with urllib.request.urlopen(request, timeout=DELIVERY_SECONDS):  # noqa: S310  # nosec B310
                pass
        except OSError as error:
            log.warning("a callback did not arrive: %s", type(error).__name__)


def _check(url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_private = not ipaddress.ip_address(host).is_global
    except ValueError:
        is_private = host == "localhost" or "." not in host
    if parts.scheme != "https" or not host or parts.username or parts.password or parts.fragment or is_private:
        raise ApiError("webhook_url_rejected", "url: a public https address without credentials or a fragment.")
