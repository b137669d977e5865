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


def served(url: str) -> bool:
    """Tell whether the app answers with its page and says that it is well."""
    with suppress(OSError):
        for path in ("/healthz", "/"):
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
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        environment = {"RIVYA_DATA_DIR": folder, "RIVYA_API_KEY": DEMO_API_KEY, "RIVYA_BASE_URL": sandbox.base_url}
        command = [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "app.py",
            f"--server.port={port}",
            "--server.headless=true",
        ]
        start = time.perf_counter()
        with subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL) as app:
            while not served(f"http://127.0.0.1:{port}") and time.perf_counter() - start < PATIENCE_SECONDS:
                time.sleep(0.02)
            seconds = time.perf_counter() - start
            print(f"\nstart with 100,000 clips and {OPEN_INTENTS} open: {seconds:.2f} s to the first page")
            app.terminate()
            stop = time.perf_counter()
            app.wait(PATIENCE_SECONDS)
            print(f"SIGTERM to the end of the process: {time.perf_counter() - stop:.2f} s")


if __name__ == "__main__":
    main()
