"""The store beside SQL written by hand and beside Datasette: ``python -m benchmarks.store_peers [1000000 [URL]]``.

The SQL is the shortest way that was found through the same file and its indexes, rows as tuples of text; pages of clips
once more with what a page needs of them: dates as dates and settings as settings, in the fewest steps in Python.
The URL is that of an empty PostgreSQL database, which psycopg asks by hand.
Datasette is asked within its own process, so neither pays for a network; it is left out where ``make bench-faults``
never installed it.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from benchmarks.store import FOUND, MOST, ROWS, URL, fill, milliseconds
from studio.media.archive import Archive
from studio.store import ClipFilter, Store
from studio.store.column_types import Utc
from studio.store.schema import clips

PAGES = ("newest 50", "page at 90 % depth", "common word", "rare word", "two letters", "in the order of prompts")
PEERS = Path(".venv-bench/bin/python")
Row = tuple[Any, ...]
Ask = Callable[[str], list[Row]]

SHOWN = "account = 'bench' AND deleted_at IS NULL AND purged_at IS NULL"
NEWEST = "ORDER BY seq DESC LIMIT 50"
QUERIES = {
    "newest 50": f"SELECT * FROM clips WHERE {SHOWN} {NEWEST}",
    "page at 90 % depth": f"SELECT * FROM clips WHERE {SHOWN} AND seq < {ROWS // 10} {NEWEST}",
    "in the order of prompts": (
        f"SELECT * FROM clips WHERE {SHOWN} ORDER BY lower(substr(prompt, 1, 60)), seq DESC LIMIT 50"
    ),
    "count of all, to 10,000": f"SELECT count(*) FROM (SELECT 1 FROM clips WHERE {SHOWN} LIMIT {MOST}) AS few",
    "count of the failed": f"SELECT count(*) FROM clips WHERE {SHOWN} AND stage = 'done' AND status = 'failed'",
    "videos by health": (
        "SELECT health, sum(clips) FROM clip_sums WHERE account = 'bench' AND health <> '' GROUP BY health"
    ),
    "totals since ever": "SELECT sum(kept), sum(refunded), sum(reserved) FROM credit_sums WHERE account = 'bench'",
    "who spent since ever": (
        "SELECT person, sum(clips), sum(kept), sum(refunded), sum(wanted) FROM clip_sums WHERE account = 'bench'"
        " GROUP BY person ORDER BY sum(kept) DESC"
    ),
    "people": "SELECT DISTINCT person FROM clips WHERE person IS NOT NULL",
}
A_YEAR = (
    "SELECT quarter / 96, sum(kept), sum(refunded), sum(reserved), sum(clips) FROM credit_sums"
    " WHERE account = 'bench' AND quarter >= {now} / 900 - 96 * 365 GROUP BY 1 ORDER BY 1"
)
A_SETTING = f"SELECT count(*) FROM (SELECT 1 FROM clips WHERE {SHOWN} AND {{value}} = '720p' LIMIT {MOST}) AS few"
MATCHING = f"FROM clips_search JOIN clips ON clips.seq = clips_search.rowid WHERE clips_search MATCH '{{}}' AND {SHOWN}"
LIKE = f"FROM clips WHERE {SHOWN} AND prompt ILIKE '%{{}}%'"
ON_SQLITE = {
    **{
        name: f"SELECT clips.* {MATCHING.format(word)} ORDER BY clips_search.rowid DESC LIMIT 50"
        for name, word in (("common word", "paper"), ("rare word", "quixotic"))
    },
    "two letters": f"SELECT * FROM clips WHERE {SHOWN} AND prompt LIKE '%dr%' {NEWEST}",
    "count of a usual setting, to 10,000": A_SETTING.format(value="json_extract(params, '$.resolution')"),
    "count of a common word, to 1,000": f"SELECT count(*) FROM (SELECT 1 {MATCHING.format('paper')} LIMIT {FOUND})",
    "spend by day for a year": A_YEAR.format(now="strftime('%s', 'now')"),
}
ON_POSTGRESQL = {
    **{
        name: f"SELECT * {LIKE.format(word)} {NEWEST}"
        for name, word in (("common word", "paper"), ("rare word", "quixotic"), ("two letters", "dr"))
    },
    "count of a usual setting, to 10,000": A_SETTING.format(value="params ->> 'resolution'"),
    "count of a common word, to 1,000": f"SELECT count(*) FROM (SELECT 1 {LIKE.format('paper')} LIMIT {FOUND}) AS few",
    "spend by day for a year": A_YEAR.format(now="extract(epoch FROM now())::bigint"),
}
"""What a person would write for each question of the pages."""


@contextmanager
def asked_by_hand(store: Store) -> Iterator[Ask]:
    """Yield what sends SQL with nothing between it and the database's own driver."""
    if store.database.is_sqlite:
        with closing(sqlite3.connect(store.database.file)) as file:
            yield lambda sql: file.execute(sql).fetchall()
        return
    address = store.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        yield lambda sql: connection.execute(sql.encode()).fetchall()


def with_dates(names: list[str], find: Callable[[], list[Row]]) -> list[dict[str, Any]]:
    """Return the rows of clips that ``find`` gives, by column, with dates and settings: psycopg has them itself."""
    found = [dict(zip(names, row, strict=True)) for row in find()]
    for values in found:
        for name in DATES:
            if isinstance(text := values[name], str):
                values[name] = datetime.fromisoformat(f"{text}+00:00")
        for name in ("params", "raw"):
            if isinstance(text := values[name], str):
                values[name] = json.loads(text)
    return found


DATES = [column.name for column in clips.c if isinstance(column.type, Utc)]


def ours(store: Store) -> dict[str, Callable[[], object]]:
    """Return what the pages call."""
    history = store.clips
    (deep,) = history.page(limit=1, offset=ROWS * 9 // 10)
    return {
        "newest 50": lambda: history.page(limit=50),
        "page at 90 % depth": lambda: history.page(limit=50, behind=deep),
        "common word": lambda: history.page(ClipFilter(words="paper"), limit=50),
        "rare word": lambda: history.page(ClipFilter(words="quixotic"), limit=50),
        "two letters": lambda: history.page(ClipFilter(words="dr"), limit=50),
        "in the order of prompts": lambda: history.page(sort="prompt", limit=50),
        "count of all, to 10,000": lambda: history.count(at_most=MOST),
        "count of the failed": lambda: history.count(ClipFilter("failed")),
        "count of a usual setting, to 10,000": lambda: history.count(
            ClipFilter(settings=(("resolution", ("720p",)),)), at_most=MOST
        ),
        "count of a common word, to 1,000": lambda: history.count(ClipFilter(words="paper"), at_most=FOUND),
        "videos by health": store.video_health.counts,
        "spend by day for a year": store.receipts.spend_by_day,
        "totals since ever": store.receipts.totals,
        "who spent since ever": lambda: store.spending.by("person"),
        "people": history.people,
    }


def datasette(path: str, deep: int) -> dict[str, list[float]]:
    """Return what Datasette takes, and how many rows it found; nothing where it is not installed."""
    script = Path(__file__).parent / "datasette_peer.py"
    if not PEERS.exists():
        return {}
    asked = subprocess.run([PEERS, script, path, str(deep)], capture_output=True, text=True, check=False)
    if asked.returncode:
        print(asked.stderr.strip()[-300:] or "Datasette gave no answer")
        return {}
    found: dict[str, list[float]] = json.loads(asked.stdout)
    return found


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/studio.db"
        with (
            closing(Store(URL or f"sqlite:///{path}", Archive(Path(folder)), "bench")) as store,
            asked_by_hand(store) as ask,
        ):
            fill(store)
            names = [column["name"] for column in sa.inspect(store.database.engine).get_columns("clips")]
            is_sqlite = store.database.is_sqlite
            other = datasette(path, ROWS // 10) if is_sqlite else {}
            queries = QUERIES | (ON_SQLITE if is_sqlite else ON_POSTGRESQL)
            print(f"\n{'SQLite' if is_sqlite else 'PostgreSQL'}, {ROWS} clips, median milliseconds (ratio)")
            print(f"{'':38}{'ours':>8}{'by hand':>17}{'with dates':>17}  Datasette")
            for name, action in ours(store).items():
                by_hand = partial(ask, queries[name])
                here, plain = milliseconds(action), milliseconds(by_hand)
                line = f"  {name:36}{here:8.2f}{plain:8.2f} ({here / plain:5.2f}x)"
                if name in PAGES:
                    whole = milliseconds(partial(with_dates, names, by_hand))
                    line += f"{whole:8.2f} ({here / whole:5.2f}x)"
                peer = f"{other[name][0]:8.2f} ({other[name][1]} rows)" if name in other else ""
                print(f"{line:82}{peer}")


if __name__ == "__main__":
    main()
