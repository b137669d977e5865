"""From nothing to the first page with a long history, memory at rest, imports: ``python -m benchmarks.start``."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from benchmarks.pages import open_tab, run
from benchmarks.store import fill
from sandbox import DEMO_API_KEY, Sandbox
from studio.media.archive import Archive
from studio.store import Store
from studio.store.clip import Stage
from studio.store.schema import clips

OPEN_INTENTS = 1000
PATIENCE_SECONDS = 60
TURNS = 3
REST_SECONDS = 5.0
VISITED = ("Generate", "History", "Credits")
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
    """Print what a start costs in time and memory, with 100,000 clips and 1,000 open intents; and what imports cost."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder) / "sandbox", rate_per_minute=0) as sandbox:
        store = Store(f"sqlite:///{folder}/studio.db", Archive(Path(folder)), sandbox.base_url)
        fill(store, sandbox.base_url)
        with store.database.write() as connection:
            now = store.database.now(connection)
            opened = {"stage": Stage.RUNNING, "status": "queued", "run_at": now}
            connection.execute(sa.update(clips).where(clips.c.seq <= OPEN_INTENTS).values(**opened))
        store.close()
        environment = {"RIVYA_API_KEY": DEMO_API_KEY, "RIVYA_BASE_URL": sandbox.base_url, "MALLOC_ARENA_MAX": "2"}
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY, encoding="utf-8")
        times: dict[str, list[Start]] = {str(empty): [], "app.py": []}
        for _ in range(TURNS):
            for script, found in times.items():
                found.append(started(script, {**environment, "RIVYA_DATA_DIR": folder}))
        least, ours = (Start(*(min(each) for each in zip(*found, strict=True))) for found in times.values())
        print(f"\nbest of {TURNS}, in turns; an empty app of one text area and one button beside it")
        ratio = ours.served / least.served
        print(f"first page served, 100,000 clips and {OPEN_INTENTS} open: {ours.served:.2f} s, x{ratio:.2f}")
        print(f"the history is open and the engine runs (/healthz): {ours.well:.2f} s")
        print(f"SIGTERM to the end of the process: {ours.stopped:.2f} s, x{ours.stopped / least.stopped:.2f}")
        print("memory at rest and after each page that a tab was at, MB (Linux)")
        apps = {"an empty app": (str(empty), "empty"), "no clip": ("app.py", "new"), "100,000 clips": ("app.py", ".")}
        for name, (script, data_dir) in apps.items():
            pages = held(script, {**environment, "RIVYA_DATA_DIR": f"{folder}/{data_dir}"})
            print(f"  {name}: {', '.join(f'{page} {size:.0f}' for page, size in pages.items())}")
    imported, libraries = seconds_of("-c", "import studio"), seconds_of("-c", "import httpx, pydantic, sqlalchemy")
    print(f"import studio: {imported:.2f} s; httpx, pydantic and SQLAlchemy {libraries:.2f}, Python with either")
    print(f"python -m studio --help: {seconds_of('-m', 'studio', '--help'):.2f} s")


def seconds_of(*arguments: str) -> float:
    """Return the seconds of a Python with ``arguments``, the best of some."""
    times = []
    for _ in range(TURNS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - begun)
    return min(times)


class Start(NamedTuple):
    """Seconds until an app serves its first page, until it is well, and from SIGTERM to its end."""

    served: float
    well: float
    stopped: float


@contextmanager
def running(script: str, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Yield an app that serves its first page, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.headless=true"]
    until = time.perf_counter() + PATIENCE_SECONDS
    with subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL) as app:
        while not answers(f"http://127.0.0.1:{port}", "/_stcore/health", "/") and time.perf_counter() < until:
            time.sleep(0.02)
        yield app, port
        app.terminate()
        app.wait(PATIENCE_SECONDS)


def started(script: str, environment: dict[str, str]) -> Start:
    """Start an app and stop it."""
    start = time.perf_counter()
    with running(script, environment) as (_, port):
        served = time.perf_counter()
        answers(f"http://127.0.0.1:{port}", "/healthz" if script == "app.py" else "/_stcore/health")
        well = time.perf_counter()
    return Start(served - start, well - start, time.perf_counter() - well)


def held(script: str, environment: dict[str, str]) -> dict[str, float]:
    """Return the megabytes that an app holds at rest, and after each page that a tab has run."""
    with running(script, environment) as (app, port):
        time.sleep(REST_SECONDS)
        found = {"at rest": megabytes(app.pid)}
        with open_tab(port) as tab:
            _, hashes = run(tab)
            for page in VISITED if hashes else ("its page",):
                run(tab, hashes.get(page, ""))
                found[page] = megabytes(app.pid)
        return found


def megabytes(pid: int) -> float:
    """Return the memory that a process holds, nothing where the system does not tell it as Linux does."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


if __name__ == "__main__":
    main()
