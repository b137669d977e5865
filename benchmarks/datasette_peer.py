"""How long Datasette takes for the same pages of the same file: run by ``benchmarks.store_peers`` in its own Python."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from statistics import median

from datasette.app import Datasette

REPEATS, ENOUGH_MILLISECONDS = 15, 5_000
TABLE = (
    "/studio/clips.json?_size=50&_sort_desc=seq&_nocount=1&_nosuggest=1&_nofacet=1&_fts_table=clips_search&_fts_pk=seq"
)
PAGES = {
    "newest 50": "",
    "page at 90 % depth": "&_next={deep}%2C{deep}",
    "common word": "&_search=paper",
    "rare word": "&_search=quixotic",
}


async def main() -> None:
    """Print the median milliseconds of each as JSON."""
    path, deep = sys.argv[1:]
    served = Datasette([path], settings={"sql_time_limit_ms": 60_000})
    await served.invoke_startup()
    found = {}
    for name, query in PAGES.items():
        times: list[float] = []
        while len(times) < REPEATS and sum(times) < ENOUGH_MILLISECONDS:
            start = time.perf_counter()
            answer = await served.client.get(TABLE + query.format(deep=deep))
            times.append((time.perf_counter() - start) * 1000)
            answer.raise_for_status()
        found[name] = [median(times), len(answer.json()["rows"])]
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main())
