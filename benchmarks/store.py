"""The store with many clips, side by side with what it avoids: ``python -m benchmarks.store [1000000 [URL]]``.

The URL is that of an empty PostgreSQL database; without one a new SQLite file is filled.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

import sqlalchemy as sa

from rivya.models import GenerationRequest
from studio.media.archive import Archive
from studio.reports.audit import audit, certain
from studio.store import ClipFilter, Store, unchanged
from studio.store.figures import figures
from studio.store.schema import balances, clips

unchanged.FRESH_SECONDS = 0.0  # each question is found out anew: what is told again costs 10 µs

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
URL = sys.argv[2] if len(sys.argv) > 2 else ""
REPEATS = 15
MOST = 10_000
FOUND = 1_000
YEARS = 3
EVERY_FILTER = ClipFilter(
    "succeeded", "paper", (("aspect_ratio", ("16:9", "1:1")), ("duration", ("5",)), ("resolution", ("720p",))), "text"
)


def milliseconds(action: Callable[[], object]) -> float:
    """Return the median time of ``action`` in milliseconds."""
    return median(each_millisecond(action))


def each_millisecond(action: Callable[[], object]) -> list[float]:
    """Return how long ``action`` took each time, in milliseconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return times


def fill(store: Store, account: str = "bench") -> None:
    """Insert the rows in one go; one prompt holds a rare word, one clip of a thousand is a long one."""
    with store.database.write() as connection:
        now = store.database.now(connection)
        params = GenerationRequest(prompt="x").params
        long = {**params, "duration": "10"}
        rows = [
            {
                "id": f"clip_{n}", "account": account, "model": "seedance-1-0-pro", "price": 25,
                "params": long if n % 1_000 == 0 else params,
                "prompt": f"A paper boat number {n} drifts down a rainy street" + (" quixotic" if n == 777 else ""),
                "stage": "done", "status": "succeeded", "idempotency_key": f"k{n}", "client_request_id": f"c{n}",
                "task_id": f"t{n}", "credits_reserved": 25, "credits_final": 25, "person": f"person {n % 7}",
                "created_at": moment, "updated_at": moment, "sent_at": moment, "submitted_at": moment,
                "finished_at": moment + timedelta(minutes=1), "seen_at": moment, "notified_at": moment,
            }
            for n in range(ROWS)
            for moment in [now - timedelta(days=YEARS * 365 * (ROWS - n) / ROWS)]
        ]  # fmt: skip
        for start in range(0, ROWS, 50_000):
            connection.execute(sa.insert(clips), rows[start : start + 50_000])
        seen = [{"account": account, "credits": 9e9 - n, "seen_at": now - timedelta(days=90 - n)} for n in range(91)]
        connection.execute(sa.insert(balances), seen)
    add_up(store)


def add_up(store: Store) -> None:
    """Add the sums up, as an engine does each minute.

    A million were added up at once and leave their room empty on PostgreSQL, which the few of a minute do not.
    """
    for sums in (store.credit_sums, store.spending):
        sums.add_up()
    if not store.database.is_sqlite:
        with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ("credit_sums", "clip_sums"):
                connection.exec_driver_sql(f"VACUUM FULL {table}")
            connection.exec_driver_sql("VACUUM ANALYZE")


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
        settled, rest = store.receipts.between(since, sure)
        audit(rest, seen, settled=settled)
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
        store = Store(URL or f"sqlite:///{folder}/studio.db", Archive(Path(folder)), "bench")
        fill(store)
        kind = "SQLite" if store.database.is_sqlite else "PostgreSQL"
        print(f"\n{kind}, {ROWS} clips, median milliseconds of {REPEATS}")
        for name, action in questions(store).items():
            times = each_millisecond(action)
            print(f"  {name:42} {median(times):8.2f} (p95 {quantiles(times, n=20, method='inclusive')[-1]:.2f})")
        store.close()


def questions(store: Store) -> dict[str, Callable[[], object]]:
    """Return what pages ask, and the ways that were not taken."""
    (deep,) = store.clips.page(limit=1, offset=ROWS * 9 // 10)
    usual, rare = (ClipFilter(settings=(("resolution", (value,)),)) for value in ("720p", "480p"))
    in_few = ClipFilter(words="paper", settings=(("duration", ("10",)),))
    common = ClipFilter(words="paper")
    two_rare = ClipFilter(settings=(("resolution", ("480p", "1080p")),))
    a_month_ago = datetime.now(UTC) - timedelta(days=30)
    return {
        "newest 50": lambda: store.clips.page(limit=50),
        "page at 90 % depth, by offset": lambda: store.clips.page(limit=50, offset=ROWS * 9 // 10),
        "page at 90 % depth, behind a clip": lambda: store.clips.page(limit=50, behind=deep),
        "all filters at once": lambda: store.clips.page(EVERY_FILTER, limit=50),
        "count of all filters at once": lambda: store.clips.count(EVERY_FILTER),
        "rare word, trigram index": lambda: store.clips.page(ClipFilter(words="quixotic"), limit=50),
        "rare word, LIKE": lambda: like(store),
        "common word": lambda: store.clips.page(ClipFilter(words="paper"), limit=50),
        "in the order of prompts": lambda: store.clips.page(sort="prompt", limit=50),
        "a setting that most have": lambda: store.clips.page(usual, limit=50),
        "count of all, to 10,000": lambda: store.clips.count(at_most=MOST),
        "count of a common word, to 1,000": lambda: store.clips.count(ClipFilter(words="paper"), at_most=FOUND),
        "count of a usual setting, to 10,000": lambda: store.clips.count(usual, at_most=MOST),
        "count of a setting that none has": lambda: store.clips.count(rare, at_most=MOST),
        "count of two values that none has": lambda: store.clips.count(two_rare, at_most=MOST),
        "page of two values that none has": lambda: store.clips.page(two_rare, limit=50),
        "a common word in one of a thousand": lambda: store.clips.page(in_few, limit=50),
        "the same, counted": lambda: store.clips.count(in_few, at_most=MOST),
        "a rare word with a usual setting, counted": lambda: store.clips.count(
            replace(usual, words="quixotic"), at_most=FOUND
        ),
        "a common word in the order of prompts": lambda: store.clips.page(common, sort="prompt", limit=50),
        "the same of one person": lambda: store.clips.page(replace(common, person="person 3"), sort="prompt", limit=50),
        "a common word with a star, where none has": lambda: store.clips.page(
            replace(common, shown="starred"), limit=50
        ),
        "count of the failed": lambda: store.clips.count(ClipFilter("failed"), at_most=MOST),
        "earlier prompts with a word": lambda: store.clips.prompts("paper", limit=20),
        "videos by health": store.video_health.counts,
        "what Prometheus asks for": lambda: figures(store.database, "bench"),
        "spend by day for a month": lambda: store.receipts.spend_by_day(days=32),
        "spend by day for a year": store.receipts.spend_by_day,
        "totals since ever": store.receipts.totals,
        "where they went since ever, by person": lambda: store.spending.by("person"),
        "the same, every clip": lambda: store.spending.by("person", since=datetime(1970, 1, 1, tzinfo=UTC)),
        "in the last 30 days, by person": lambda: store.spending.by("person", since=a_month_ago),
        "sums held against the clips": store.credit_sums.mend,
        "audit of 90 days, settled in SQL": lambda: books(store, in_database=True),
        "audit of 90 days, every receipt": lambda: books(store, in_database=False),
        "people, from name to name": store.clips.people,
        "people, DISTINCT": lambda: distinct_people(store),
    }


if __name__ == "__main__":
    main()
