"""From nothing to the first page with a long history: ``python -m benchmarks.start``."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from benchmarks.store import fill
from sandbox import DEMO_API_KEY, Sandbox
from studio.media.archive import Archive
from studio.store import Store
from studio.store.clip import Stage
from studio.store.schema import clips

OPEN_INTENTS = 1000
PATIENCE_SECONDS = 60
TURNS = 3
EMPTY = """
import streamlit as st
st.text_area("Prompt")
st.button("Generate")
"""


def answers(url: str, *paths: str) -> bool:
    """Tell whether the app answers at each of ``paths``."""
    with suppress(OSError):
        for path in paths:
            with urllib.request.urlopen(url + path, timeout=5) as answer:
                answer.read()
        return True
    return False


def main() -> None:
    """Fill a history with 100,000 clips and 1,000 open intents, start the app, print the time to its first page."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder) / "sandbox", rate_per_minute=0) as sandbox:
        store = Store(f"sqlite:///{folder}/studio.db", Archive(Path(folder)), sandbox.base_url)
        fill(store)
        with store.database.write() as connection:
            now = store.database.now(connection)
            connection.execute(sa.update(clips).values(account=sandbox.base_url))
            opened = {"stage": Stage.RUNNING, "status": "queued", "run_at": now}
            connection.execute(sa.update(clips).where(clips.c.seq <= OPEN_INTENTS).values(**opened))
        store.close()
        environment = {"RIVYA_DATA_DIR": folder, "RIVYA_API_KEY": DEMO_API_KEY, "RIVYA_BASE_URL": sandbox.base_url}
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY, encoding="utf-8")
        times: dict[str, list[tuple[float, float, float]]] = {str(empty): [], "app.py": []}
        for _ in range(TURNS):
            for script, found in times.items():
                found.append(started(script, environment))
        (empty_start, _, empty_stop), (start, well, stop) = (
            tuple(min(each[place] for each in found) for place in range(3)) for found in times.values()
        )
        print(f"\nbest of {TURNS}, in turns; an empty app of one text area and one button beside it")
        print(f"first page served, 100,000 clips and {OPEN_INTENTS} open: {start:.2f} s, x{start / empty_start:.2f}")
        print(f"the history is open and the engine runs (/healthz): {well:.2f} s")
        print(f"SIGTERM to the end of the process: {stop:.2f} s, x{stop / empty_stop:.2f}")


def started(script: str, environment: dict[str, str]) -> tuple[float, float, float]:
    """Start an app; return the seconds to its first page, until it is well, and from SIGTERM to its end."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.headless=true"]
    health = "/healthz" if script == "app.py" else "/_stcore/health"
    start = time.perf_counter()
    with subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL) as app:
        url = f"http://127.0.0.1:{port}"
        while not answers(url, "/_stcore/health", "/") and time.perf_counter() - start < PATIENCE_SECONDS:
            time.sleep(0.02)
        served = time.perf_counter() - start
        answers(url, health)
        well = time.perf_counter() - start
        app.terminate()
        stop = time.perf_counter()
        app.wait(PATIENCE_SECONDS)
        return served, well, time.perf_counter() - stop


if __name__ == "__main__":
    main()
