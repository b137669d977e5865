"""Several processes on one PostgreSQL database: one history, one wallet, no clip twice."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from conftest import FAST, SKETCHY, SMALL, eventually

from rivya import GenerationRequest
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio, engine
from studio.store.clip import Stage
from studio.store.schema import clips

ROOT = Path(__file__).parents[2]
BALANCE, PRICE = 1000, 25
PROCESSES, OWN_CLIPS, SHARED_DRAFTS = 3, 2, 3
CLIPS = PROCESSES * OWN_CLIPS + SHARED_DRAFTS

PROCESS = """
    import faulthandler, json, sys
    faulthandler.dump_traceback_later(150, exit=True)  # a test that waits for its word must not wait for ever
    from rivya import GenerationRequest
    from studio import Settings, Studio, engine
    engine.LEASE_SECONDS, engine.RENEW_SECONDS, engine.CLAIM_SECONDS = 2.0, 0.5, 0.2
    number, own, shared, settings = json.loads(sys.argv[1])
    def ask(prompt):
        return GenerationRequest(prompt=prompt, resolution="480p", aspect_ratio="1:1")
    with Studio(Settings(**settings)) as studio:
        print("ready", flush=True)
        sys.stdin.readline()
        for n in range(own):
            studio.submit(ask(f"boat {n} of process {number}"))
        for n in range(shared):
            studio.submit(ask(f"shared boat {n}"), draft_id=f"shared-{n}")
        print("submitted", flush=True)
        sys.stdin.readline()
"""


class Process:
    """A studio in a process of its own: ``say`` lets it go on, ``hear`` waits for its next word."""

    def __init__(self, number: int, settings: dict[str, object]) -> None:
        arguments = json.dumps([number, OWN_CLIPS, SHARED_DRAFTS, settings])
        self.child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(PROCESS), arguments], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.communicate()

    def hear(self, word: str) -> None:
        assert self.child.stdout.readline() == f"{word}\n"

    def say(self) -> None:
        self.child.stdin.write("\n")
        self.child.stdin.flush()


@pytest.fixture
def rivya(tmp_path):
    """One Rivya for all of them, with enough credits."""
    with Sandbox(tmp_path / "sandbox", seconds=0.2, balance=BALANCE, rate_per_minute=0, **SKETCHY) as running:
        yield running


@pytest.fixture
def shared(tmp_path, blank_postgres_url, rivya):
    """The settings that all processes have."""
    places = {"base_url": rivya.base_url, "data_dir": str(tmp_path / "data"), "database_url": blank_postgres_url}
    return {"api_key": DEMO_API_KEY, **places, **FAST}


@pytest.fixture
def onlooker(shared):
    """A studio that reads, and never works by itself."""
    studio = Studio(Settings(**shared))
    yield studio
    studio.store.close()


def working(studio: Studio) -> dict[int, int]:
    """Return how many tasks that run at Rivya each process holds, by process id."""
    owner = sa.func.split_part(clips.c.owner, "-", 1)
    held = sa.select(owner, sa.func.count()).where(clips.c.stage == Stage.RUNNING, clips.c.lease_until > sa.func.now())
    with studio.store.database.read() as connection:
        return {int(process): count for process, count in connection.execute(held.group_by(owner))}


def tasks(folder: Path) -> list[str]:
    """Return the idempotency key of each task that the sandbox ever made."""
    with closing(sqlite3.connect(folder / "sandbox" / "sandbox.sqlite3")) as ledger:
        return [key for (key,) in ledger.execute("SELECT idempotency_key FROM tasks")]


def test_a_killed_process_is_taken_over_and_nothing_is_paid_twice(shared, onlooker, tmp_path):
    """Three processes share the work; one dies with tasks in hand, the others end them, each paid once."""
    with ExitStack() as stack:
        processes = [stack.enter_context(Process(n, shared)) for n in range(PROCESSES)]
        for word in ("ready", "submitted"):
            for process in processes:
                process.hear(word)
            if word == "ready":
                for process in processes:
                    process.say()
        victim = kill_the_busiest(processes, onlooker)
        killed = time.monotonic()
        eventually(lambda: victim not in holders(onlooker), 30)
        assert time.monotonic() - killed < 30
        eventually(lambda: not onlooker.active(), 100)
        made = onlooker.clips.page(limit=100)
    assert ({clip.state for clip in made}, len(made)) == ({"succeeded"}, CLIPS)
    assert all(clip.video_path.is_file() for clip in made)
    assert len({clip.task_id for clip in made}) == CLIPS
    assert sorted(tasks(tmp_path)) == sorted(clip.idempotency_key for clip in made)
    with Studio(Settings(**shared)) as studio:
        assert studio.test_connection() == BALANCE - PRICE * CLIPS


def kill_the_busiest(processes: list[Process], studio: Studio) -> int:
    """Kill the process that holds most tasks, as soon as one holds two, and return its id."""
    held = eventually(lambda: (now := working(studio)) and max(now.values()) >= 2 and now)
    victim = max(held, key=held.__getitem__)
    (process,) = [process for process in processes if process.child.pid == victim]
    process.child.kill()
    process.child.wait(10)
    assert victim in holders(studio)
    return victim


def holders(studio: Studio) -> set[int]:
    """Return the ids of the processes whose name stands on an open clip, dead or alive."""
    with studio.store.database.read() as connection:
        owners = connection.execute(sa.select(clips.c.owner).where(clips.c.owner.is_not(None)).distinct()).scalars()
        return {int(owner.partition("-")[0]) for owner in owners}


def test_the_products_own_figures_take_over_within_30_seconds():
    """A lease, the look for abandoned clips and a slow turn of the database fit into half a minute."""
    assert engine.LEASE_SECONDS + 2 * engine.CLAIM_SECONDS <= 28
    assert engine.RENEW_SECONDS * 2 < engine.LEASE_SECONDS


def test_a_pause_is_obeyed_by_a_process_that_was_not_asked_to(shared, onlooker, tmp_path):
    """One process is told to wait; another, which was told nothing, sends its clip only afterwards."""
    onlooker.store.outbox.pause(2.0, "rate_limited")
    until = datetime.now(UTC) + timedelta(seconds=onlooker.store.outbox.pause_seconds())
    with Studio(Settings(**shared)) as other:
        clip_id = other.submit(GenerationRequest(prompt="A paper boat", **SMALL)).id
        eventually(lambda: holders(onlooker))
        assert tasks(tmp_path) == []
        sent = eventually(lambda: other.get(clip_id).submitted_at)
    assert sent >= until - timedelta(milliseconds=50)
