"""Until the button could be pressed: from the start of a server, in a cold browser, at the second visit.

``python -m benchmarks.first_page``
"""

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
from statistics import median

from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from benchmarks.start import EMPTY

TURNS = 5
PORTS = iter(range(8770, 8770 + 4 * TURNS))
BUTTONS = {"empty": ".stButton button", "studio": ".st-key-generate_submit button"}
# Looked for at each frame, in the page: from outside it would be looked for after 0.1, 0.2 and 0.5 s.
SEES_THE_BUTTON = """(() => {
  const look = () => {
    const button = document.querySelector(%r);
    if (button?.checkVisibility({ visibilityProperty: true })) window.seenAt = performance.now();
    else requestAnimationFrame(look);
  };
  look();
})()"""


def main() -> None:
    """Print the median of each visit, an empty app of one text area and one button beside it."""
    times: dict[str, list[list[float]]] = {name: [] for name in BUTTONS}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY, encoding="utf-8")
        scripts = {"empty": str(empty), "studio": "app.py"}
        for turn in range(TURNS):
            for name, script in scripts.items():
                times[name].append(_visits(playwright, script, BUTTONS[name], f"{folder}/data {turn}"))
    visits = ("from the server's start, cold browser", "cold browser", "second visit, in a new tab")
    print(f"\nmedian seconds of {TURNS}, in turns")
    for place, visit in enumerate(visits):
        ours, empty_ = (median(each[place] for each in times[name]) for name in ("studio", "empty"))
        print(f"  {visit:40} {ours:5.2f}  an empty app {empty_:5.2f}  x{ours / empty_:.2f}")


def _visits(playwright: Playwright, script: str, button: str, data_dir: str) -> list[float]:
    port = next(PORTS)
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.headless=true"]
    environment = {**os.environ, "RIVYA_DATA_DIR": data_dir}
    url = f"http://localhost:{port}"
    with _cold_browser(playwright) as profile:
        start = time.perf_counter()
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as app:
            while not _answers(url):
                time.sleep(0.02)
            first = time.perf_counter() - start + _visit(profile, url, button)
            with _cold_browser(playwright) as other:
                seconds = [first, _visit(other, url, button), _visit(other, url, button)]
            app.terminate()
            return seconds


@contextmanager
def _cold_browser(playwright: Playwright) -> Iterator[BrowserContext]:
    """Give a browser that was never there."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    yield browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US")
    browser.close()


def _visit(profile: BrowserContext, url: str, button: str) -> float:
    """Return the seconds from a tab's request until the button is seen."""
    page = profile.new_page()
    page.add_init_script(SEES_THE_BUTTON % button)
    page.goto(url, wait_until="commit")
    page.wait_for_selector(button)
    seconds = float(page.evaluate("window.seenAt")) / 1000
    page.close()
    return seconds


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
        return True
    return False


if __name__ == "__main__":
    main()
