"""A running sandbox: the application behind a loopback socket, in a thread of its own."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

import uvicorn

from sandbox.app import create_app
from sandbox.audit import report
from sandbox.auth import SCOPES
from sandbox.connection import CuttableConnection
from sandbox.faults import FaultPlan
from sandbox.ledger import open_ledger

DEMO_API_KEY = "rvya_sk_demo_no_real_credits"
_START_SECONDS = 10.0
_STOP_SECONDS = 5.0


class Sandbox:
    """A Rivya of our own: ``start`` serves it, ``stop`` ends it; as a context manager it does both.

    ``keys`` maps more API keys to their scopes; ``api_key`` always has all of them. ``faults`` are rules such as
    ``create=reset_after:0.1`` (see ``faults``), and the same ``fault_seed`` repeats what they do.
    What asks for callbacks at a public address is called at ``deliver_webhooks_to`` instead, under the same path.
    Videos are drawn at 24 frames a second; with more ``frames_per_drawing`` they move less smoothly and cost less.
    With a folder of ``ready_clips`` each size and length is drawn once, whatever its prompt, and served ever after.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        api_key: str = DEMO_API_KEY,
        keys: Mapping[str, frozenset[str]] | None = None,
        balance: int = 500,
        seconds: float = 6.0,
        rate_per_minute: int = 600,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Sequence[str] = (),
        fault_seed: int = 0,
        frames_per_drawing: int = 1,
        ready_clips: Path | None = None,
        deliver_webhooks_to: str | None = None,
    ) -> None:
        """Keep the options; ``ValueError`` when ``host`` is not a loopback address or a fault cannot be read."""
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            message = "the sandbox serves on loopback addresses only"
            raise ValueError(message)
        self.api_key = api_key
        self._data_dir = data_dir
        self._keys = {**(keys or {}), api_key: SCOPES}
        self._balance = balance
        self._seconds = seconds
        self._rate_per_minute = rate_per_minute
        self._frames_per_drawing = frames_per_drawing
        self._ready_clips = ready_clips
        self._deliver_webhooks_to = deliver_webhooks_to
        self._faults = FaultPlan()
        self._faults.add(faults, fault_seed)
        self._address = (host, port)
        self._server: uvicorn.Server | None = None
        self._thread: Thread | None = None
        self._port = port

    @property
    def port(self) -> int:
        """The port it serves on; before the first start, the one asked for."""
        return self._port

    @property
    def base_url(self) -> str:
        """Where it serves, without a final slash."""
        host = self._address[0]
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    @property
    def control_url(self) -> str:
        """Where faults are put in and taken out, and the books are shown."""
        return f"{self.base_url}/control"

    def set_faults(self, rules: Sequence[str], seed: int = 0) -> None:
        """Put these rules in the place of all others, from the next request on; ``ValueError`` if one is unreadable."""
        self._faults.replace(rules, seed)

    def report(self) -> dict[str, Any]:
        """Return what arrived, which faults hit, and the books: see ``audit.report``."""
        return report(open_ledger(self._data_dir, self._balance), self._faults)

    def refill(self) -> int:
        """Grant the opening balance once more and return the credits that can be spent now."""
        ledger = open_ledger(self._data_dir, self._balance)
        ledger.grant(self._balance)
        return ledger.balance()

    def start(self) -> Self:
        """Serve; return once requests are answered. ``OSError`` when the port is taken."""
        if self._server is not None:
            return self
        listener = self._bind()
        try:
            self._server = uvicorn.Server(self._config())
        except BaseException:
            listener.close()
            raise
        self._thread = Thread(target=self._server.run, args=([listener],), name="sandbox", daemon=True)
        self._thread.start()
        self._wait_until_started(listener)
        return self

    def stop(self) -> None:
        """Stop serving and give up running renders; the next start takes them up again."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)
        self._server = self._thread = None

    def serve_forever(self, on_bound: Callable[[], None]) -> None:
        """Serve in the calling thread until a signal ends it; call ``on_bound`` once the port is known."""
        listener = self._bind()
        try:
            on_bound()
            uvicorn.Server(self._config()).run([listener])
        finally:
            listener.close()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _bind(self) -> socket.socket:
        host = self._address[0]
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # asyncio switches Nagle's delay off (40 ms for each answer) only where the protocol is named.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(self._address)
        except OSError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        return listener

    def _config(self) -> uvicorn.Config:
        app = create_app(
            self._data_dir,
            keys=self._keys,
            balance=self._balance,
            seconds=self._seconds,
            rate_per_minute=self._rate_per_minute,
            faults=self._faults,
            frames_per_drawing=self._frames_per_drawing,
            ready_clips=self._ready_clips,
            base_url=self.base_url,
            deliver_webhooks_to=self._deliver_webhooks_to,
        )
        return uvicorn.Config(
            app, http=CuttableConnection, log_level="warning", access_log=False, timeout_graceful_shutdown=1
        )

    def _wait_until_started(self, listener: socket.socket) -> None:
        assert self._server is not None
        assert self._thread is not None
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            self._thread.join(0.01)
            if not self._thread.is_alive() or time.monotonic() > deadline:
                self.stop()
                listener.close()
                message = "the sandbox did not start"
                raise RuntimeError(message)
