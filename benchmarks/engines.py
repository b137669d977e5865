"""How the work is shared by several processes on one PostgreSQL: ``python -m benchmarks.engines URL [processes …]``.

The URL is that of an empty database. Each round has a Rivya of its own that takes ten seconds for a clip and makes no
drawing, and a folder of its own; the clips are all ordered at once, by the first process.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rivya import GenerationRequest
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio
from studio.store.clip import State

CLIPS = 300
IDLE_SECONDS = 10.0
RENDER_SECONDS = 10.0
MOST_SECONDS = 400.0
PRICE = 25
PROCESS = """
import json, resource, sys
from studio import Settings, Studio
with Studio(Settings(**json.loads(sys.argv[1]))) as studio:
    for _ in sys.stdin:
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime, flush=True)
"""


class Engine:
    """A studio without pages, in a process of its own."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-c", PROCESS, json.dumps(settings)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def processor_seconds(self) -> float:
        """Return what it has used of a processor so far; waits until it has begun."""
        if self._child.stdin is None or self._child.stdout is None:
            return 0.0
        self._child.stdin.write("\n")
        self._child.stdin.flush()
        return float(self._child.stdout.readline())

    def stop(self) -> None:
        """End it; what it held is taken over or done."""
        self._child.communicate()


def _round(url: str, processes: int, folder: Path, ready: Path) -> None:
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    with Sandbox(
        folder / "rivya", seconds=RENDER_SECONDS, balance=PRICE * CLIPS, rate_per_minute=0, ready_clips=ready
    ) as rivya:
        settings: dict[str, Any] = {
            "api_key": DEMO_API_KEY, "base_url": rivya.base_url, "database_url": url, "data_dir": str(folder / "data"),
        }  # fmt: skip
        engines = [Engine(settings) for _ in range(processes)]
        with Studio(Settings(**settings, run_engine=False)) as studio:
            begun = sum(engine.processor_seconds() for engine in engines)
            time.sleep(IDLE_SECONDS)
            idle = (sum(engine.processor_seconds() for engine in engines) - begun) / IDLE_SECONDS / processes
            before, start = sum(engine.processor_seconds() for engine in engines), time.monotonic()
            ids = [studio.submit(GenerationRequest(prompt=f"A paper boat, number {n}")).id for n in range(CLIPS)]
            while studio.active() and time.monotonic() - start < MOST_SECONDS:
                time.sleep(0.25)
            wall = time.monotonic() - start
            used = sum(engine.processor_seconds() for engine in engines) - before
            ended = Counter(clip.state for clip in (studio.store.clips.get(each) for each in ids) if clip)
        report = rivya.report()
        for engine in engines:
            engine.stop()
    is_right = report["tasks_created"] == CLIPS and report["balance"] == 0 and ended[State.SUCCEEDED] == CLIPS
    print(
        f"  {processes:2} processes: {wall:6.1f} s, {used / CLIPS * 1000:5.0f} ms of a processor for each clip,"
        f" idle {idle * 100:4.2f} % of a core each; {'each paid once, none lost' if is_right else f'{report} {ended}'}"
    )


def main() -> None:
    """Print a line for each number of processes."""
    url, numbers = sys.argv[1], [int(each) for each in sys.argv[2:]] or [1, 3, 10]
    print(f"\n{CLIPS} clips at once, one PostgreSQL, Rivya answering after {RENDER_SECONDS:.0f} s")
    with tempfile.TemporaryDirectory() as folder:
        for processes in numbers:
            place = Path(folder) / str(processes)
            place.mkdir()
            _round(url, processes, place, Path(folder) / "ready")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"  all children together: {children.ru_utime + children.ru_stime:.0f} s of a processor")


if __name__ == "__main__":
    main()
