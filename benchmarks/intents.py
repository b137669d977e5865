"""Durable intents a second, beside SQLite inserts by hand that are flushed as well: ``python -m benchmarks.intents``.

By hand they go once into a table of one column and once into ours, with its indexes, words and triggers.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
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


def by_hand(path: Path, insert: str, row: Callable[[], tuple[object, ...]]) -> Callable[[int], object]:
    """Return an insert that is flushed at each commit, with a connection for each thread."""
    mine = threading.local()

    def commit(_: int) -> None:
        if not hasattr(mine, "connection"):
            mine.connection = sqlite3.connect(path, timeout=30, isolation_level=None)
            mine.connection.execute("PRAGMA synchronous=FULL")
        mine.connection.execute("BEGIN IMMEDIATE")
        mine.connection.execute(insert, row())
        mine.connection.execute("COMMIT")

    return commit


def into_one_column(folder: Path) -> Callable[[int], object]:
    """Return an insert of as many bytes as an intent has."""
    with sqlite3.connect(folder / "bare.db") as first:
        first.execute("PRAGMA journal_mode=WAL")
        first.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)")
    return by_hand(folder / "bare.db", "INSERT INTO rows (body) VALUES (?)", lambda: ("x" * 900,))


def into_our_table(folder: Path, request: GenerationRequest) -> Callable[[int], object]:
    """Return an insert of an intent's own row into a table like ours."""
    settings = Settings(data_dir=folder / "alike", run_engine=False)
    with Studio(settings) as studio:
        studio.submit(request)
    path = folder / "alike" / "studio.db"
    with closing(sqlite3.connect(path)) as first:
        first.row_factory = sqlite3.Row
        row = dict(first.execute("SELECT * FROM clips").fetchone())
    del row["seq"]
    insert = f"INSERT INTO clips ({', '.join(row)}) VALUES ({', '.join('?' for _ in row)})"

    def fresh() -> tuple[object, ...]:
        return tuple({**row, "id": uuid.uuid4().hex, "idempotency_key": str(uuid.uuid4())}.values())

    return by_hand(path, insert, fresh)


def main() -> None:
    """Print them side by side, the best of three turns each."""
    request = GenerationRequest(prompt="A paper boat drifts down a rainy street at dusk")
    print(f"\nDurable intents a second, {INTENTS} each, best of {TURNS} (SQLite, WAL, flushed at each commit)")
    for threads in THREADS:
        best: dict[str, float] = {}
        for _ in range(TURNS):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                with Studio(Settings(data_dir=folder / "data", run_engine=False)) as studio:
                    ways: dict[str, Callable[[int], object]] = {
                        "one column": into_one_column(folder),
                        "our table": into_our_table(folder, request),
                        "studio.submit": partial(_submit, studio, request),
                    }
                    for way, commit in ways.items():
                        best[way] = max(best.get(way, 0.0), per_second(commit, threads))
        ours = best["studio.submit"]
        figures = ", ".join(f"{way} {rate:.0f} (x{ours / rate:.2f})" for way, rate in best.items())
        print(f"  {threads} thread{'s' if threads > 1 else ' '}: {figures}; goal 0.5")


def _submit(studio: Studio, request: GenerationRequest, _: int) -> None:
    studio.submit(request)


if __name__ == "__main__":
    main()
