"""What one more open tab costs the server, idle and while a clip runs: ``python -m benchmarks.tabs`` (Linux)."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.press import started
from benchmarks.start import megabytes
from rivya import GenerationRequest
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio

PORT = 8797
MORE_TABS = 6
SETTLE_SECONDS, WATCH_SECONDS = 15, 40
CLIP_SECONDS = 600


def main() -> None:
    """Print the shares of a core and the memory, of one tab and of each further one."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, Sandbox(
        Path(folder) / "sandbox", seconds=CLIP_SECONDS
    ) as sandbox, sync_playwright() as playwright:  # fmt: skip
        app = started(Path(folder) / "data", sandbox.base_url, PORT)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        open_tabs(browser, 1)
        one, held = share_of_a_core(app.pid), megabytes(app.pid)
        open_tabs(browser, MORE_TABS)
        idle, more = share_of_a_core(app.pid), (megabytes(app.pid) - held) / MORE_TABS
        settings = Settings(
            data_dir=Path(folder) / "data", base_url=sandbox.base_url, api_key=DEMO_API_KEY, run_engine=False
        )
        beside = Studio(settings)
        beside.submit(GenerationRequest(prompt="A paper boat"))
        beside.stop()
        watching = share_of_a_core(app.pid)
        browser.close()
        app.terminate()
    print(f"\none idle tab, the engine with it: {one:.2f} % of a core")
    print(f"each of {MORE_TABS} more: {(idle - one) / MORE_TABS:.2f} %, {more:+.1f} MB")
    print(f"each of {MORE_TABS + 1} that watch a clip: {watching / (MORE_TABS + 1):.2f} %, the engine with it")


def open_tabs(browser: Browser, count: int) -> None:
    """Open so many more, each a session of its own."""
    for _ in range(count):
        page = browser.new_page(locale="en-US")
        page.goto(f"http://localhost:{PORT}")
        page.wait_for_selector(".st-key-generate_submit button")


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
