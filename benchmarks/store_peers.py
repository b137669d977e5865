"""The store beside SQL written by hand and beside Datasette: ``python -m benchmarks.store_peers [1000000]``.

The SQL is the shortest way that was found through the same file and its indexes, rows as tuples of text; pages of clips
once more with what a page needs of them: dates as dates and settings as settings, in the fewest steps in Python.
Datasette is asked within its own process, so neither pays for a network; it is left out where ``make bench-faults``
never installed it.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.store import FOUND, MOST, ROWS, fill, milliseconds
from studio.media.archive import Archive
from studio.store import ClipFilter, Store
from studio.store.schema import Utc, clips

PAGES = ("newest 50", "page at 90 % depth", "common word", "rare word", "two letters", "in the order of prompts")
PEERS = Path(".venv-bench/bin/python")
SHOWN = "account = 'bench' AND deleted_at IS NULL AND purged_at IS NULL"
MATCHING = f"FROM clips_search JOIN clips ON clips.seq = clips_search.rowid WHERE clips_search MATCH ? AND {SHOWN}"
SEARCHED = f"SELECT clips.* {MATCHING} ORDER BY clips_search.rowid DESC LIMIT 50"
NEWEST = "ORDER BY seq DESC LIMIT 50"
SUCCEEDED = "status = 'succeeded' AND stage IN ('saving', 'done')"


def with_dates(names: list[str], find: Callable[[], list[tuple[Any, ...]]]) -> list[dict[str, Any]]:
    """Return the rows of clips that ``find`` gives, by column, with dates and settings."""
    dates = [column.name for column in clips.c if isinstance(column.type, Utc)]
    found = [dict(zip(names, row, strict=True)) for row in find()]
    for values in found:
        for name in dates:
            if text := values[name]:
                values[name] = datetime.fromisoformat(f"{text}+00:00")
        values["params"] = json.loads(values["params"])
        values["raw"] = json.loads(values["raw"]) if values["raw"] else {}
    return found


def by_hand(connection: sqlite3.Connection, deep: int) -> dict[str, Callable[[], Any]]:
    """Return what a person would write for each question of the pages."""
    run = connection.execute
    count, some = (f"SELECT count(*) FROM (SELECT 1 {{}} LIMIT {most})" for most in (MOST, FOUND))
    return {
        "newest 50": lambda: run(f"SELECT * FROM clips WHERE {SHOWN} {NEWEST}").fetchall(),
        "page at 90 % depth": lambda: run(f"SELECT * FROM clips WHERE {SHOWN} AND seq < {deep} {NEWEST}").fetchall(),
        "common word": lambda: run(
            f"SELECT clips.* {MATCHING} ORDER BY clips_search.rowid DESC LIMIT 50", ("paper",)
        ).fetchall(),
        "rare word": lambda: run(
            f"SELECT clips.* {MATCHING} ORDER BY clips_search.rowid DESC LIMIT 50", ("quixotic",)
        ).fetchall(),
        "two letters": lambda: run(f"SELECT * FROM clips WHERE {SHOWN} AND prompt LIKE '%dr%' {NEWEST}").fetchall(),
        "in the order of prompts": lambda: run(
            f"SELECT * FROM clips WHERE {SHOWN} ORDER BY lower(substr(prompt, 1, 60)), seq DESC LIMIT 50"
        ).fetchall(),
        "count of all, to 10,000": lambda: run(count.format(f"FROM clips WHERE {SHOWN}")).fetchone(),
        "count of the failed": lambda: run(
            f"SELECT count(*) FROM clips WHERE {SHOWN} AND stage = 'done' AND status = 'failed'"
        ).fetchone(),
        "count of a usual setting, to 10,000": lambda: run(
            count.format(f"FROM clips WHERE {SHOWN} AND json_extract(params, '$.resolution') = '720p'")
        ).fetchone(),
        "count of a common word, to 1,000": lambda: run(some.format(MATCHING), ("paper",)).fetchone(),
        "videos by health": lambda: run(
            f"SELECT health, count(*) FROM clips WHERE {SUCCEEDED} AND account = 'bench' AND purged_at IS NULL"
            " GROUP BY health"
        ).fetchall(),
        "spend by day for a year": lambda: run(
            "SELECT quarter / 96, sum(kept), sum(refunded) FROM credit_sums WHERE account = 'bench'"
            " AND quarter >= strftime('%s', 'now') / 900 - 96 * 365 GROUP BY 1"
        ).fetchall(),
        "totals since ever": lambda: run(
            "SELECT sum(kept), sum(refunded), sum(reserved), sum(clips) FROM credit_sums WHERE account = 'bench'"
        ).fetchone(),
        "people": lambda: run("SELECT DISTINCT person FROM clips WHERE person IS NOT NULL").fetchall(),
    }


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
        with closing(Store(f"sqlite:///{path}", Archive(Path(folder)), "bench")) as store:
            fill(store)
            store.credit_sums.add_up()
            deep = ROWS // 10
            connection = sqlite3.connect(path)
            names = [column[0] for column in connection.execute("SELECT * FROM clips LIMIT 0").description]
            hand, mine, other = by_hand(connection, deep), ours(store), datasette(path, deep)
            print(f"\nSQLite, {ROWS} clips, median milliseconds (ratio)")
            print(f"{'':38}{'ours':>8}{'by hand':>17}{'with dates':>17}  Datasette")
            for name, action in mine.items():
                here, plain = milliseconds(action), milliseconds(hand[name])
                line = f"  {name:36}{here:8.2f}{plain:8.2f} ({here / plain:5.2f}x)"
                if name in PAGES:
                    whole = milliseconds(partial(with_dates, names, hand[name]))
                    line += f"{whole:8.2f} ({here / whole:5.2f}x)"
                peer = f"{other[name][0]:8.2f} ({other[name][1]} rows)" if name in other else ""
                print(f"{line:82}{peer}")


if __name__ == "__main__":
    main()
