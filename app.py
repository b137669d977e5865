"""The process: a Streamlit app, the engine beside it, and the gate in front of both.

Run it with ``make run`` (``streamlit run app.py``).
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import pkgutil
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
import streamlit as st
from pydantic import ValidationError
from starlette.middleware import Middleware
from streamlit import config

gc.disable()  # what is imported stays: to look through it while more comes takes 50 ms, until ``open_studio``

sys.path[:0] = [folder for folder in (str(Path(__file__).parent / "pages"),) if folder not in sys.path]

import ui  # noqa: E402
from rivya.errors import ConfigurationError  # noqa: E402
from server import mending, timers  # noqa: E402
from server.first_paint import FirstPaint  # noqa: E402
from server.gate import Gate  # noqa: E402 - the pages' own folder has to be on the path first
from server.headers import SecurityHeaders  # noqa: E402
from server.oidc import has_provider  # noqa: E402
from server.own_routes import OwnRoutes  # noqa: E402
from server.request_log import RequestLog  # noqa: E402
from studio import process  # noqa: E402
from studio.access import Access, refusal  # noqa: E402
from studio.logs import log_to_stderr  # noqa: E402
from studio.settings import Settings  # noqa: E402

log = logging.getLogger("studio.app")
UNABLE_TO_START = 3
"""The exit code of a server that could not start, as uvicorn has it."""
GARBAGE_THRESHOLD = 5_000
"""New objects after which Python looks among them for garbage, instead of 700 or 2,000."""
ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - where Streamlit listens when nothing else is said  # nosec B104


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Run the engine exactly as long as the server, which listens while the history is still being opened."""
    opening = asyncio.create_task(open_studio())
    try:
        yield
    finally:
        await asyncio.wait([opening])
        await anyio.to_thread.run_sync(process.stop)


async def open_studio() -> None:
    """Start the engine; end the process where that cannot be."""
    try:
        await anyio.to_thread.run_sync(process.studio)
    except Exception:
        log.exception("Not started: the studio cannot be opened")
        os._exit(UNABLE_TO_START)  # no work is taken yet, and a server that unwinds would bury the reason
    # What is imported is never garbage: to look for that as often as Python does made one History in twenty 30 ms late.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    gc.enable()
    threading.Thread(target=import_pages, name="import-pages", daemon=True).start()


def import_pages() -> None:
    """Import what pages are made of while the first reader's browser still loads Streamlit: nobody waits for it."""
    for name in ("streamlit.emojis", *(module.name for module in pkgutil.walk_packages(ui.__path__, "ui."))):
        importlib.import_module(name)


def way_in() -> Access:
    """Return the rules of this server, or end the process with a few words when it must not start."""
    bound_to = config.get_option("server.address") or ANY_ADDRESS
    try:
        settings, has_oidc = Settings(), has_provider()
    except ValidationError as error:
        sys.exit("\n".join(f"Not started: {one['msg']} ({'.'.join(map(str, one['loc']))})" for one in error.errors()))
    except ConfigurationError as error:
        sys.exit(f"Not started: {error}")
    log_to_stderr(settings.log_format)
    if why := refusal(settings, bound_to, has_oidc=has_oidc):
        sys.exit(why)
    rules = Access(settings, bound_to, has_oidc=has_oidc)
    if rules.hosts.public_origin:
        config.set_option("server.corsAllowedOrigins", [rules.hosts.public_origin])
    return rules


mending.deliver_all_that_is_drawn()
mending.go_where_people_go()
mending.leave_what_was_left()
mending.send_at_once()
mending.wake_once()
timers.hear_no_idle_timers()
access = way_in()
app = st.App(
    "pages/navigation.py",
    lifespan=lifespan,
    middleware=[
        Middleware(RequestLog),
        Middleware(SecurityHeaders),
        Middleware(Gate, access=access),
        Middleware(FirstPaint),
    ],
    routes=OwnRoutes(access).routes,
)
