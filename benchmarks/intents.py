"""Durable intents a second, beside bare SQLite inserts that are flushed as well: ``python -m benchmarks.intents``."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from rivya import GenerationRequest
from studio import Settings, Studio

INTENTS = 600
THREADS = (1, 8)
TURNS = 3


def per_second(commit: Callable[[int], object], threads: int) -> float:
    """Return how many times a second ``commit`` comes back, called by so many threads."""
    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(commit, range(INTENTS)))
    return INTENTS / (time.perf_counter() - start)


def bare(folder: Path) -> Callable[[int], object]:
    """Return an insert of as many bytes as an intent has, flushed at each commit, a connection for each thread."""
    path, mine = folder / "bare.db", threading.local()
    with sqlite3.connect(path) as first:
        first.execute("PRAGMA journal_mode=WAL")
        first.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)")

    def insert(_: int) -> None:
        if not hasattr(mine, "connection"):
            mine.connection = sqlite3.connect(path, timeout=30, isolation_level=None)
            mine.connection.execute("PRAGMA synchronous=FULL")
        mine.connection.execute("BEGIN IMMEDIATE")
        mine.connection.execute("INSERT INTO rows (body) VALUES (?)", ("x" * 900,))
        mine.connection.execute("COMMIT")

    return insert


def main() -> None:
    """Print both, side by side, the best of three turns each."""
    request = GenerationRequest(prompt="A paper boat drifts down a rainy street at dusk")
    print(f"\nDurable intents a second, {INTENTS} each, best of {TURNS} (SQLite, WAL, flushed at each commit)")
    for threads in THREADS:
        best = {"bare SQLite": 0.0, "studio.submit": 0.0}
        for _ in range(TURNS):
            with tempfile.TemporaryDirectory() as folder:
                settings = Settings(data_dir=Path(folder) / "data", run_engine=False)
                with Studio(settings) as studio:
                    submit = partial(studio.submit, request)
                    ways: dict[str, Callable[[int], object]] = {
                        "bare SQLite": bare(Path(folder)),
                        "studio.submit": lambda _: submit(),  # noqa: B023 - called within this turn
                    }
                    for name, way in ways.items():
                        best[name] = max(best[name], per_second(way, threads))
        ratio = best["studio.submit"] / best["bare SQLite"]
        figures = ", ".join(f"{name} {rate:.0f}" for name, rate in best.items())
        print(f"  {threads} thread{'s' if threads > 1 else ' '}: {figures}; ratio {ratio:.2f} (goal 0.5)")


if __name__ == "__main__":
    main()
