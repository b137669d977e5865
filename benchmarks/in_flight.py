"""A thousand clips on their way, beside a bare loop that asks as often: ``python -m benchmarks.in_flight``."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import httpx  # noqa: TID251 - what the engine is held against

from rivya import GenerationRequest
from sandbox import DEMO_API_KEY
from studio import Settings, Studio
from studio.store.figures import figures

CLIPS = 1_000
WINDOW_SECONDS = 40.0
PATIENCE_SECONDS = 180.0
RENDER_SECONDS = 900
CREDITS = 30 * CLIPS


def memory_mb() -> float:
    """Return what this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def polls(base_url: str) -> int:
    """Return how often the sandbox was asked about a generation."""
    with urllib.request.urlopen(f"{base_url}/control.json", timeout=30) as answer:
        return int(json.load(answer)["requests"].get("poll", 0))


def until(is_so: object, what: str) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():  # type: ignore[operator]
        if time.monotonic() > deadline:
            sys.exit(f"{what} took longer than {PATIENCE_SECONDS} s")
        time.sleep(0.25)


def bare(base_url: str, task_ids: list[str], count: int, window_seconds: float) -> float:
    """Ask so often in so many seconds, one after the other, over one connection; return the processor's seconds.

    In the same time, because a request costs a third less where the one before it left everything in the caches.
    """
    headers = {"Authorization": f"Bearer {DEMO_API_KEY}"}
    with httpx.Client(base_url=base_url, headers=headers, timeout=30) as client:
        begun, start = time.process_time(), time.monotonic()
        for place in range(count):
            time.sleep(max(start + window_seconds * place / count - time.monotonic(), 0.0))
            client.get(f"/api/v1/generations/{task_ids[place % len(task_ids)]}").json()
        return time.process_time() - begun


def main() -> None:
    """Print the processor's time of each poll, and the memory over rest."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "sandbox", "--data-dir", f"{folder}/sandbox", "--seconds", str(RENDER_SECONDS)]
        server = subprocess.Popen(
            [*command, "--balance", str(CREDITS), "--rate-per-minute", "0", "--port", "8799"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        base_url = "http://127.0.0.1:8799"
        try:
            until(lambda: _answers(base_url), "the sandbox")
            _measure(Path(folder), base_url)
        finally:
            server.terminate()
            server.wait()


def _answers(base_url: str) -> bool:
    try:
        polls(base_url)
    except OSError:
        return False
    return True


def _measure(folder: Path, base_url: str) -> None:
    settings = Settings(api_key=DEMO_API_KEY, base_url=base_url, data_dir=folder / "data")
    with Studio(settings) as studio:
        studio.test_connection()
        at_rest = memory_mb()
        for number in range(CLIPS):
            studio.submit(GenerationRequest(prompt=f"A paper boat, number {number}"))
        until(lambda: figures(studio.store.database, studio.account).by_stage.get("running", 0) >= CLIPS, "the start")
        before, begun, wall = polls(base_url), time.process_time(), time.monotonic()
        time.sleep(WINDOW_SECONDS)
        seconds, asked = time.process_time() - begun, polls(base_url) - before
        grown, wall = memory_mb() - at_rest, time.monotonic() - wall
        task_ids = [clip.task_id or "" for clip in studio.active()]
    plain, hurried = (bare(base_url, task_ids, asked, window) for window in (wall, 0.0))
    print(f"\n{CLIPS} clips in flight for {wall:.0f} s: {asked} polls, {asked / wall:.0f} a second")
    print(f"  engine      {seconds / asked * 1000:6.2f} ms of a processor for each poll")
    print(f"  bare httpx  {plain / asked * 1000:6.2f} ms; ratio {seconds / plain:.2f} (goal 1.3)")
    print(f"  bare httpx without a pause {hurried / asked * 1000:6.2f} ms; ratio {seconds / hurried:.2f}")
    print(f"  memory over rest {grown:.0f} MB (goal 60)")


if __name__ == "__main__":
    main()
