"""The store with many clips, side by side with what it avoids: ``python -m benchmarks.store [1000000]``."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from rivya.models import GenerationRequest
from studio.media.archive import Archive
from studio.reports.audit import audit, certain
from studio.store import ClipFilter, Store
from studio.store.schema import balances, clips

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
REPEATS = 15
YEARS = 3
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
                "task_id": f"t{n}", "credits_reserved": 25, "credits_final": 25, "person": f"person {n % 7}",
                "created_at": moment, "updated_at": moment, "sent_at": moment, "submitted_at": moment,
                "finished_at": moment + timedelta(minutes=1),
            }
            for n in range(ROWS)
            for moment in [now - timedelta(days=YEARS * 365 * (ROWS - n) / ROWS)]
        ]  # fmt: skip
        for start in range(0, ROWS, 50_000):
            connection.execute(sa.insert(clips), rows[start : start + 50_000])
        seen = [{"account": "bench", "credits": 9e9 - n, "seen_at": now - timedelta(days=90 - n)} for n in range(90)]
        connection.execute(sa.insert(balances), seen)


def like(store: Store) -> None:
    """Search the way that reads every prompt."""
    query = sa.select(clips).where(clips.c.prompt.icontains("quixotic")).order_by(clips.c.seq.desc()).limit(50)
    with store.database.read() as connection:
        connection.execute(query).all()


def books(store: Store, *, in_database: bool) -> None:
    """Hold 90 days of receipts against the balances, all of them or what is not certain."""
    seen = store.balances.all()
    since, sure = seen[0].seen_at - timedelta(days=7), certain(seen)
    if in_database and sure:
        settled = store.receipts.settled_credits(since=since, within=sure)
        audit(store.receipts.since(since, but_settled=sure), seen, settled=settled)
    else:
        audit(store.receipts.since(since), seen)


def distinct_people(store: Store) -> None:
    """List the people the way that goes through all clips."""
    query = sa.select(clips.c.person).where(clips.c.person.is_not(None)).distinct()
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
            "count of all": store.clips.count,
            "count of the failed": lambda: store.clips.count(ClipFilter("failed")),
            "spend by day for a month": lambda: store.receipts.spend_by_day(days=32),
            "spend by day for a year": store.receipts.spend_by_day,
            "totals since ever": store.receipts.totals,
            "audit of 90 days, settled in SQL": lambda: books(store, in_database=True),
            "audit of 90 days, every receipt": lambda: books(store, in_database=False),
            "people, from name to name": store.clips.people,
            "people, DISTINCT": lambda: distinct_people(store),
        }
        for name, action in rows.items():
            print(f"  {name:34} {milliseconds(action):8.2f}")
        store.close()


if __name__ == "__main__":
    main()
