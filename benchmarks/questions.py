"""Every filter of the history beside every other: ``python -m benchmarks.questions [1000000 [URL]]``.

Each is asked for a page in every order, and counted. Single questions are chosen by who knows the answer; slow ones are
two parts together of which nobody thought. The URL is that of an empty PostgreSQL database; without one a new SQLite
file is filled.
"""

from __future__ import annotations

import itertools
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import sqlalchemy as sa

from benchmarks.store import add_up
from rivya.models import GenerationRequest
from studio.media.archive import Archive
from studio.store import SORTS, ClipFilter, Filter, Store, unchanged
from studio.store.budget import Limits, budgets
from studio.store.schema import clips, labels

unchanged.FRESH_SECONDS = 0.0  # each question is found out anew: what is told again costs 10 µs

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
URL = sys.argv[2] if len(sys.argv) > 2 else ""
YEARS = 3
GOAL_MILLISECONDS = 30
SLOWEST = 8
OTHERS_CLIPS = 40
NOUNS = (
    "boat", "fox", "river", "tailor", "fog", "noodle", "sneaker", "paper", "lantern", "tower", "glass", "stone",
    "garden", "horse", "violin", "rain",
)  # fmt: skip
VERBS = ("drifts", "runs", "glows", "turns", "falls", "rises", "spins", "waits")
LIMITS = Limits(day=10**9, month=10**9, person_day=10**9, person_month=10**9)

NOW = datetime.now(UTC)
WORDS = {
    "no words": "", "a common word": "boat", "a word that all have": "number", "two words": "boat glass",
    "a rare word": "quixotic", "a word that none has": "zzzzqq", "two letters": "ox",
}  # fmt: skip
BESIDE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a person": {"person": "person 3"},
    "a person of few": {"person": "seldom"},
    "nobody": {"person": "nobody at all"},
    "a tag": {"tag": "cats"},
    "a tag that none has": {"tag": "nothing"},
    "a week": {"since": NOW - timedelta(days=7)},
    "a year": {"since": NOW - timedelta(days=365)},
    "a week long ago": {"since": NOW - timedelta(days=707), "until": NOW - timedelta(days=700)},
    "days to come": {"since": NOW + timedelta(days=2)},
    "an image": {"mode": "image"},
    "a setting": {"settings": (("resolution", ("720p",)),)},
    "a setting that none has": {"settings": (("resolution", ("999p",)),)},
    "two settings": {"settings": (("resolution", ("720p",)), ("duration", ("10",)))},
    "two values": {"settings": (("resolution", ("720p", "480p")),)},
}
STATES: tuple[Filter, ...] = ("all", "starred", "running", "succeeded", "failed", "deleted")


def fill(store: Store) -> None:
    """Insert clips of all settings: 3 % failed, 1 % lie in the trash, 0.5 % have a star, 1 % a tag."""
    luck, params = random.Random(7), GenerationRequest(prompt="x").params
    tags: list[dict[str, str]] = []

    def row(account: str, number: int) -> dict[str, Any]:
        moment, failed = NOW - timedelta(days=YEARS * 365 * (ROWS - number) / ROWS), luck.random() < 0.03
        settings = {
            "resolution": luck.choice(["480p", "720p", "1080p", "1080p"]), "duration": luck.choice(["5", "5", "10"]),
            "aspect_ratio": luck.choice(["16:9", "16:9", "9:16", "1:1"]),
        }  # fmt: skip
        if luck.random() < 0.01:
            tags.append({"clip_id": f"{account}_{number}", "kind": "tag", "name": luck.choice(["spring", "cats"])})
        rare = " quixotic" if number % 50_000 == 777 else ""
        return {
            "id": f"{account}_{number}", "account": account, "model": "seedance-1-0-pro", "price": 25,
            "params": {**params, **settings}, "stage": "done", "status": "failed" if failed else "succeeded",
            "prompt": f"A {luck.choice(NOUNS)} {luck.choice(VERBS)} by a {luck.choice(NOUNS)} number {number}{rare}",
            "idempotency_key": f"{account} {number}", "client_request_id": "c", "task_id": f"{account} {number}",
            "credits_reserved": 25, "credits_final": 0 if failed else 25, "created_at": moment, "updated_at": moment,
            "person": f"person {number % 7}" if number % 1_000 else "seldom", "sent_at": moment, "seen_at": moment,
            "submitted_at": moment, "finished_at": moment + timedelta(minutes=1), "notified_at": moment,
            "starred_at": moment if luck.random() < 0.005 else None,
            "reference_sha256": "a" * 64 if luck.random() < 0.3 else None,
            "deleted_at": moment if luck.random() < 0.01 else None,
        }  # fmt: skip

    with store.database.write() as connection:
        for start in range(0, ROWS, 50_000):
            connection.execute(sa.insert(clips), [row("bench", number) for number in range(start, start + 50_000)])
        connection.execute(sa.insert(clips), [row("other", number) for number in range(OTHERS_CLIPS)])
        connection.execute(sa.insert(labels), tags)
    add_up(store)


def questions(store: Store) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what History can be asked, by words."""
    for (words, text), (beside, more), shown in itertools.product(WORDS.items(), BESIDE.items(), STATES):
        only = ClipFilter(shown, words=text, **more)
        for sort in SORTS:
            name = f"{words}, {beside}, {shown}, {sort}"
            yield name, lambda only=only, sort=sort: store.clips.page(only, sort=sort)  # type: ignore[misc]
        most = 1_001 if text and shown != "deleted" else 10_001
        yield f"{words}, {beside}, {shown}, counted", lambda only=only, most=most: store.clips.count(only, at_most=most)  # type: ignore[misc]


def of_each_page(store: Store, account: str) -> dict[str, Callable[[], object]]:
    """Return what a page or a press asks beside the clips themselves."""
    model = "seedance-1-0-pro"
    return {
        "how long settings take that none used": lambda: store.clips.recent_seconds(
            model=model, params={"resolution": "999p", "duration": "5"}
        ),
        "a clip that would be the same": lambda: store.clips.twin(
            model=model, prompt="A boat", params={}, reference_sha256=None
        ),
        "what ended": lambda: store.clips.ended(limit=8),
        "four budgets": lambda: budgets(store.database, LIMITS, account=account, person="person 3"),
        "earlier prompts with two letters": lambda: store.clips.prompts("zz", limit=9),
        "where the credits went since ever, by person": lambda: store.spending.by("person"),
        "what is owed": store.receipts.owed,
        "leases that an engine takes over": store.outbox.take_over,
        "all videos due for a check": store.video_health.ask_for_all,
        "videos to check": lambda: store.video_health.to_check(older_than_seconds=60, limit=20),
    }


def milliseconds(ask: Callable[[], object]) -> float:
    """Return the better of two times: the first one reads what the file system has not yet."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        ask()
        times.append((time.perf_counter() - start) * 1000)
    return min(times)


def main() -> None:
    """Print how many are slower than the goal, and the slowest."""
    with tempfile.TemporaryDirectory() as folder:
        url = URL or f"sqlite:///{folder}/studio.db"
        stores = {account: Store(url, Archive(Path(folder)), account) for account in ("bench", "other")}
        fill(stores["bench"])
        for account, store in stores.items():
            count = ROWS if account == "bench" else OTHERS_CLIPS
            times = {name: milliseconds(ask) for name, ask in questions(store)}
            late = sum(each > GOAL_MILLISECONDS for each in times.values())
            p95, p99 = (quantiles(times.values(), n=100)[place] for place in (94, 98))
            print(
                f"\n{len(times)} questions of {count} clips, milliseconds: median {median(times.values()):.1f}, ",
                end="",
            )
            print(f"p95 {p95:.0f}, p99 {p99:.0f}; {late} take more than {GOAL_MILLISECONDS}")
            for name in sorted(times, key=times.__getitem__)[: -SLOWEST - 1 : -1]:
                print(f"  {times[name]:7.1f}  {name}")
            for name, ask in of_each_page(store, account).items():
                print(f"  {milliseconds(ask):7.1f}  {name}")
            store.close()


if __name__ == "__main__":
    main()
