"""The store with 100,000 clips, side by side with what it avoids: ``python -m benchmarks.store``."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from rivya.models import GenerationRequest
from studio.media.archive import Archive
from studio.store import ClipFilter, Store
from studio.store.schema import clips

ROWS = 100_000
REPEATS = 15
EVERY_FILTER = ClipFilter(
    "succeeded", "paper", (("aspect_ratio", ("16:9", "1:1")), ("duration", ("5",)), ("resolution", ("720p",))), "text"
)


def milliseconds(action: Callable[[], object]) -> float:
    """Return the median time of ``action`` in milliseconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return median(times)


def fill(store: Store) -> None:
    """Insert the rows in one go; one prompt holds a rare word."""
    with store.database.write() as connection:
        now = store.database.now(connection)
        params = GenerationRequest(prompt="x").params
        rows = [
            {
                "id": f"clip_{n}", "account": "bench", "model": "seedance-1-0-pro", "params": params, "price": 25,
                "prompt": f"A paper boat number {n} drifts down a rainy street" + (" quixotic" if n == 777 else ""),
                "stage": "done", "status": "succeeded", "idempotency_key": f"k{n}", "client_request_id": f"c{n}",
                "task_id": f"t{n}", "credits_reserved": 25, "credits_final": 25, "created_at": now, "updated_at": now,
            }
            for n in range(ROWS)
        ]  # fmt: skip
        connection.execute(sa.insert(clips), rows)


def like(store: Store) -> None:
    """Search the way that reads every prompt."""
    query = sa.select(clips).where(clips.c.prompt.icontains("quixotic")).order_by(clips.c.seq.desc()).limit(50)
    with store.database.read() as connection:
        connection.execute(query).all()


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/studio.db", Archive(Path(folder)), "bench")
        fill(store)
        print(f"\nSQLite, {ROWS} clips, median milliseconds of {REPEATS}")
        (deep,) = store.clips.page(limit=1, offset=ROWS * 9 // 10)
        rows = {
            "newest 50": lambda: store.clips.page(limit=50),
            "page at 90 % depth, by offset": lambda: store.clips.page(limit=50, offset=ROWS * 9 // 10),
            "page at 90 % depth, behind a clip": lambda: store.clips.page(limit=50, behind=deep),
            "all filters at once": lambda: store.clips.page(EVERY_FILTER, limit=50),
            "count of all filters at once": lambda: store.clips.count(EVERY_FILTER),
            "rare word, trigram index": lambda: store.clips.page(ClipFilter(words="quixotic"), limit=50),
            "rare word, LIKE": lambda: like(store),
            "spend by day for a year": store.clips.spend_by_day,
        }
        for name, action in rows.items():
            print(f"  {name:34} {milliseconds(action):8.2f}")
        store.close()


if __name__ == "__main__":
    main()
