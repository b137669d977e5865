"""From the press until the clip's card stands, Rivya answering after 10 s: ``python -m benchmarks.press``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from rivya import GenerationRequest
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio

PRESSES = 10
PORT = 8798
IDLE = "() => document.querySelector('[data-test-script-state=notRunning]')"
PRESS = """(words) => new Promise((tell) => {
  const begun = performance.now();
  document.querySelector(".st-key-generate_submit button").click();
  const look = () => {
    const card = document.querySelector("[class*=st-key-card_generate_]");
    if (card?.textContent.includes(words)) tell(performance.now() - begun);
    else requestAnimationFrame(look);
  };
  look();
})"""


def main() -> None:
    """Print the times of ten presses."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        ready = Path(folder) / "ready"
        _draw_once(Path(folder), ready)
        slow = Sandbox(Path(folder) / "sandbox", seconds=1, faults=["create=slow_headers(10)"], ready_clips=ready)
        sandbox, playwright = running.enter_context(slow), running.enter_context(sync_playwright())
        app = started(Path(folder) / "data", sandbox.base_url, PORT)
        url = f"http://localhost:{PORT}"
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 720}, locale="en-US", reduced_motion="reduce")
        page.goto(url)
        times = []
        for number in range(PRESSES):
            words = f"boat number {number}"
            page.get_by_label("Prompt", exact=True).fill(f"A paper {words}")
            page.wait_for_timeout(1500)
            page.wait_for_function(IDLE)
            times.append(page.evaluate(PRESS, words))
        browser.close()
        app.terminate()
        app.wait()
    print(f"\nFrom the press to the card: median {median(times):.0f} ms, slowest {max(times):.0f} ms (goal 300)")


def _draw_once(folder: Path, ready: Path) -> None:
    """Have the clip drawn that is served from then on: Rivya draws on its own computers."""
    with Sandbox(folder / "first", seconds=0.1, ready_clips=ready) as sandbox:
        settings = Settings(data_dir=folder / "once", base_url=sandbox.base_url, api_key=DEMO_API_KEY)
        with Studio(settings) as studio:
            studio.wait(studio.submit(GenerationRequest(prompt="A paper boat")).id)


def started(data_dir: Path, base_url: str, port: int) -> subprocess.Popen[bytes]:
    """Start the app with a key of the sandbox's, and return it once it answers."""
    keys = {"RIVYA_DATA_DIR": str(data_dir), "RIVYA_BASE_URL": base_url, "RIVYA_API_KEY": DEMO_API_KEY}
    keys["MALLOC_ARENA_MAX"] = "2"  # as `make run` does
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"]
    app = subprocess.Popen(command, env={**os.environ, **keys}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not answers(f"http://localhost:{port}"):
        time.sleep(0.2)
    return app


def answers(url: str) -> bool:
    """Tell whether the app is there."""
    with suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
        return bool(answer.status == 200)
    return False


if __name__ == "__main__":
    main()
