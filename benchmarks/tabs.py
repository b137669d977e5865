"""What one more open tab costs the server, beside an empty Streamlit app: ``python -m benchmarks.tabs`` (Linux)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.pages import open_tab, run
from benchmarks.press import started
from benchmarks.start import EMPTY, megabytes
from rivya import GenerationRequest
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio

PORT, EMPTY_PORT = 8797, 8796
GENERATE = ".st-key-generate_submit button"
MORE_TABS, MANY_TABS = 6, 50
SETTLE_SECONDS, WATCH_SECONDS = 10, 30
ANSWERS = 60
CLIP_SECONDS = 900
OPEN_SECONDS = 120
"""For fifty tabs that load at once, on two cores."""


def main() -> None:
    """Print the shares of a core and the memory, of one tab and of each further one, and an answer among fifty."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, Sandbox(
        Path(folder) / "sandbox", seconds=CLIP_SECONDS
    ) as sandbox, sync_playwright() as playwright:  # fmt: skip
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        print("\nof a core's time, and of memory")
        with _empty_app(Path(folder)) as empty:
            _of_idle_tabs("an empty app", browser, empty, EMPTY_PORT, ".stButton button")
        app = started(Path(folder) / "data", sandbox.base_url, PORT)
        pages = _of_idle_tabs("the studio, with its engine", browser, app, PORT, GENERATE)
        settings = Settings(
            data_dir=Path(folder) / "data", base_url=sandbox.base_url, api_key=DEMO_API_KEY, run_engine=False
        )
        beside = Studio(settings)
        beside.submit(GenerationRequest(prompt="A paper boat"))
        beside.stop()
        print(f"  each of {len(pages)} tabs that watch a clip: {share_of_a_core(app.pid) / len(pages):.2f} %")
        pages += open_tabs(browser, MANY_TABS - len(pages), PORT, GENERATE)
        os.sched_setaffinity(app.pid, {0})
        print(f"  {len(pages)} tabs that watch a clip, on one core: {share_of_a_core(app.pid):.1f} %")
        times = _answers_in_milliseconds()
        p95 = quantiles(times, n=20)[-1]
        print(f"  an answer to one of them meanwhile: {median(times):.0f} ms (p95 {p95:.0f})")
        browser.close()
        app.terminate()


@contextmanager
def _empty_app(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    script = folder / "empty.py"
    script.write_text(EMPTY, encoding="utf-8")
    options = [f"--server.port={EMPTY_PORT}", "--server.headless=true"]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as app:
        while not _answers():
            time.sleep(0.1)
        yield app
        app.terminate()


def _answers() -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://localhost:{EMPTY_PORT}/_stcore/health", timeout=5):
        return True
    return False


def _of_idle_tabs(name: str, browser: Browser, app: subprocess.Popen[bytes], port: int, button: str) -> list[Page]:
    pages = open_tabs(browser, 1, port, button)
    one, held = share_of_a_core(app.pid), megabytes(app.pid)
    pages += open_tabs(browser, MORE_TABS, port, button)
    each = (share_of_a_core(app.pid) - one) / MORE_TABS
    print(f"{name}\n  one idle tab: {one:.2f} %")
    print(f"  each of {MORE_TABS} more: {each:.2f} %, {(megabytes(app.pid) - held) / MORE_TABS:+.1f} MB")
    return pages


def open_tabs(browser: Browser, count: int, port: int, button: str) -> list[Page]:
    """Open so many more, each a session of its own."""
    pages = [browser.new_page(locale="en-US") for _ in range(count)]
    for page in pages:
        page.goto(f"http://localhost:{port}", wait_until="commit")
    for page in pages:
        page.wait_for_selector(button, timeout=OPEN_SECONDS * 1000)
    return pages


def _answers_in_milliseconds() -> list[float]:
    """Return how long the server takes to run Generate for one more tab, which nobody has to draw."""
    with open_tab(PORT) as tab:
        return [run(tab)[0] for _ in range(ANSWERS)]


def share_of_a_core(pid: int) -> float:
    """Return how much a process works, in per cent, once all has settled."""
    time.sleep(SETTLE_SECONDS)
    start = cpu_seconds(pid)
    time.sleep(WATCH_SECONDS)
    return (cpu_seconds(pid) - start) / WATCH_SECONDS * 100


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
