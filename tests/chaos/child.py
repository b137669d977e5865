"""The engine in a process of its own, with mischief: it may kill itself at any step, lie about the time, or lack a disk."""

from __future__ import annotations

import datetime as real_datetime
import json
import os
import random
import resource
import signal
import socket
import sys
import threading
from typing import Any

import httpx

from rivya import client
from studio import Settings, Studio, engine, steps
from studio.store import database
from studio.store.outbox import Outbox


def quick() -> None:
    """Make waiting short, so that a run of minutes shows what takes hours."""
    engine.LEASE_SECONDS, engine.RENEW_SECONDS, engine.CLAIM_SECONDS = 2.0, 0.5, 0.2
    steps.retry_delay = lambda attempt, retry_after=None: min(0.1 * attempt, 1.0)
    steps.SAVING_SLOWEST_SECONDS = 1.0
    client.TIMEOUT = httpx.Timeout(1.0)
    steps.NOT_FOUND_SLOWEST_SECONDS = 1.0


def die_at_step_boundaries(share: float, rng: random.Random) -> None:
    """Send SIGKILL to this very process before or after a save, that is: between any two steps."""
    save = Outbox.save

    def fatal(self: Outbox, *args: Any, **values: Any) -> Any:
        if rng.random() < share:
            os.kill(os.getpid(), signal.SIGKILL)
        saved = save(self, *args, **values)
        if rng.random() < share:
            os.kill(os.getpid(), signal.SIGKILL)
        return saved

    Outbox.save = fatal  # type: ignore[method-assign]


def jump_the_clock(seconds: float) -> None:
    """Let this process believe in another time."""

    class Shifted(real_datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real_datetime.datetime.now(tz) + real_datetime.timedelta(seconds=seconds)

    database.datetime = Shifted  # type: ignore[misc]


def fill_the_disk(limit_bytes: int) -> None:
    """Refuse to let any file grow beyond ``limit_bytes``, as a full disk does."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY))


def lose_dns() -> None:
    """Let no name and no address be found."""

    def nowhere(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    socket.getaddrinfo = nowhere


def refuse_connections() -> None:
    """Let nobody listen."""

    def nobody(*_: Any, **__: Any) -> Any:
        raise ConnectionRefusedError(111, "Connection refused")

    socket.create_connection = nobody


def main() -> None:
    """Run until killed; the first argument is JSON: settings, seed, and the mischief of this life."""
    plan = json.loads(sys.argv[1])
    quick()
    if plan.get("die"):
        die_at_step_boundaries(plan["die"], random.Random(plan["seed"]))
    if plan.get("clock"):
        jump_the_clock(plan["clock"])
    if plan.get("dns"):
        lose_dns()
    if plan.get("refused"):
        refuse_connections()
    studio = Studio(Settings(**plan["settings"]))
    if plan.get("disk"):
        fill_the_disk(plan["disk"])
    studio.start()
    print("up", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
