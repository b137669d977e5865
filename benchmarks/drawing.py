"""How long the sandbox takes to draw and encode a clip: ``python -m benchmarks.drawing``."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from sandbox.film.render import Shot, render

SIZES = (("480p", 5), ("720p", 5), ("1080p", 5), ("720p", 10))
PROMPTS = ("a product reveal", "rain in the city", "snow on mountains", "waves of the sea", "a forest", "a clear night")


def drawn(prompt: str, resolution: str, duration: int, folder: Path) -> float:
    """Draw one clip and return the seconds that it took."""
    params = {"resolution": resolution, "aspect_ratio": "16:9", "duration": str(duration), "camera_fixed": "false"}
    shot = Shot.of(prompt=prompt, seed=1, params=params, image=None)
    began = time.perf_counter()
    render(shot, folder / "clip.mp4")
    return time.perf_counter() - began


def peak_megabytes() -> float:
    """Return the most memory that this process has had at once."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Draw a clip of each kind of scene at each size; print the quickest and the slowest, and the peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        for resolution, duration in SIZES:
            took = {prompt: drawn(prompt, resolution, duration, Path(folder)) for prompt in PROMPTS}
            quick, slow = min(took, key=took.__getitem__), max(took, key=took.__getitem__)
            print(
                f"{duration:>2} s of {resolution:>5}: {took[quick]:.1f} s ({quick}) to {took[slow]:.1f} s ({slow}); "
                f"memory so far at most {peak_megabytes():.0f} MB"
            )


if __name__ == "__main__":
    main()
