"""What ``streamlit run`` imports before it serves, imported once: an app of the tests is a fork of this.

An app that starts in a Python of its own costs 1.7 s of work, a fork 0.6 s, and there are some fifty.
"""

from __future__ import annotations

import functools
import os
import sys
from multiprocessing import forkserver, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from streamlit.components.v2 import manifest_scanner
from streamlit.web.cli import main

ROOT = Path(__file__).parents[2]
PATHS = [str(ROOT), str(ROOT / "pages"), str(ROOT / "tests")]
# Imports only: nothing here may start a thread or read a setting, since a fork would take it along.
PRELOADED = (
    "e2e.warm",
    "streamlit.emojis",
    "streamlit.web.server.starlette.starlette_app",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "httpcore",
    "itsdangerous",
    "pyarrow",
    "pandas",
    "av",
    "psycopg",
    "alembic.command",
    "sandbox.server",
    "studio.process",
    "server.routes",
    "ui.panels.press",
)
# Each app would ask every installed package for components.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
manifest_scanner.scan_component_manifests()


def start(arguments: list[str], environment: dict[str, str], log: Path | None) -> BaseProcess:
    """Fork an app and return its process; the first call of a test run starts what is forked, 2 s."""
    server = get_context("forkserver")
    server.set_forkserver_preload(list(PRELOADED))
    # A fork would run the main module anew; and AppTest leaves a page there.
    nothing = patch.dict(sys.modules, {"__main__": ModuleType("__main__")})
    with nothing, patch.dict(os.environ, {"PYTHONPATH": os.pathsep.join(PATHS)}):
        forkserver.ensure_running()
        process = server.Process(target=serve, args=(arguments, environment, log), daemon=True)
        process.start()
    return process


def serve(arguments: list[str], environment: dict[str, str], log: Path | None) -> None:
    """Be ``python -m streamlit run …`` in the project's folder; a ``PYTHONPATH`` wants a Python of its own."""
    os.chdir(ROOT)
    said = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(said, stream)
    if "PYTHONPATH" in environment:
        os.execve(sys.executable, [sys.executable, "-m", "streamlit", "run", *arguments], environment)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["streamlit", "run", *arguments]
    main()
