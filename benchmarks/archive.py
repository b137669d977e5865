"""A video of 50 MB into the archive, beside curl to the disk and a poster by hand: ``python -m benchmarks.archive``."""

from __future__ import annotations

import http.server
import multiprocessing
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import av
import numpy as np

from rivya import Client
from sandbox import DEMO_API_KEY
from studio.media.archive import POSTER_MAX_SIDE, Archive

SECONDS, RATE, WIDTH, HEIGHT = 5, 24, 1280, 720
BITS_PER_SECOND = 80_000_000
"""Noise, which no encoder makes smaller: 50 MB."""

TURNS = 7


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Print the medians, their ratio, and what the process held more at most."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        served = folder / "served"
        served.mkdir()
        write_video(served / "video.mp4")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(served)))
        process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
        process.start()
        address = f"http://127.0.0.1:{server.server_port}"
        url = f"{address}/video.mp4"
        ours: list[float] = []
        by_hand: list[float] = []
        with Client(DEMO_API_KEY, address) as client:
            for turn in range(TURNS):
                by_hand.append(seconds(partial(fetch_by_hand, url, folder / f"by hand {turn}.mp4")))
                if turn == 1:
                    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                archive = Archive(folder / f"archive {turn}")
                ours.append(seconds(lambda: archive.fetch("clip", lambda start: client.stream(url, start_byte=start))))  # noqa: B023
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        size = (served / "video.mp4").stat().st_size / 1_000_000
        process.terminate()
    print(f"\na video of {size:.0f} MB, median seconds of {TURNS}, in turns")
    print(f"  archived: fetched, read through, hashed, poster, flushed  {median(ours):.2f}")
    print(f"  curl, flushed, poster of the first frame                  {median(by_hand):.2f}")
    print(f"  x{median(ours) / median(by_hand):.2f}; memory after the first one: {more:+.0f} MB")


def write_video(path: Path) -> None:
    """Write a video that is large."""
    random = np.random.default_rng(1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = WIDTH, HEIGHT, "yuv420p", BITS_PER_SECOND
        for _ in range(SECONDS * RATE):
            noise = random.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        container.mux(stream.encode())


def fetch_by_hand(url: str, path: Path) -> None:
    """Do what a script would."""
    subprocess.run(["curl", "--silent", "--output", str(path), url], check=True)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    with av.open(str(path)) as container:
        image = next(container.decode(video=0)).to_image()  # type: ignore[no-untyped-call]
    image.thumbnail((POSTER_MAX_SIDE, POSTER_MAX_SIDE))
    image.save(path.with_suffix(".webp"), "WEBP", quality=82, method=4)


def seconds(action: Callable[[], object]) -> float:
    """Return how long it took."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
