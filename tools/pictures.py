"""The pictures of the README, taken of the real app in demo mode: stills, and a short film of a first clip.

Run it with ``make pictures`` after a page has changed, look at what it made, and commit it. It needs the browser of the
tests and takes about a minute.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
VIEW: ViewportSize = {"width": 1280, "height": 720}
FILM_WIDTH_PIXELS = 880
FILM_STEP_SECONDS = 0.25
FILM_SECONDS = 40.0
WATCHED_SECONDS = 4.0
START_SECONDS = 60.0
GENERATE = ".st-key-generate_submit button"
PROMPTS = (
    "Morning fog rolls over a forest valley at sunrise, slow aerial view",
    "A paper boat drifts down a rainy street at dusk, low camera",
    "Rain over a city at night, lightning behind the towers, wide shot",
)


@contextmanager
def running_app() -> Iterator[str]:
    """Run the app in demo mode on a data folder of its own; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "RIVYA_DATA_DIR": folder, "RIVYA_DEMO_SECONDS": "3"}
        environment.pop("RIVYA_API_KEY", None)
        command = [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "app.py",
            f"--server.port={port}",
            "--server.headless=true",
        ]
        process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own words
        try:
            _wait_for(port)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
            return
        time.sleep(0.2)
    raise TimeoutError(f"the app did not start within {START_SECONDS:.0f} s")


def film(page: Page, address: str) -> None:
    """Take a looping film of the first minute: an idea, Generate, the clip."""
    page.goto(address)
    page.wait_for_selector('[data-clip="starter_nature"]')
    page.wait_for_timeout(1500)
    frames: list[Image.Image] = []
    acts = {1.5: '[data-clip="starter_nature"]', 3.5: GENERATE}
    started, end = time.monotonic(), FILM_SECONDS
    while (now := time.monotonic() - started) < end:
        for at in [at for at in acts if at <= now]:
            page.locator(acts.pop(at)).click()
        shot = Image.open(io.BytesIO(page.screenshot(type="jpeg", quality=90)))
        height = FILM_WIDTH_PIXELS * VIEW["height"] // VIEW["width"]
        frames.append(shot.resize((FILM_WIDTH_PIXELS, height), Image.Resampling.LANCZOS))
        if end == FILM_SECONDS and page.locator('.st-key-generate_results video[src*="/clips/"]').count():
            end = now + WATCHED_SECONDS
        page.wait_for_timeout(max(0.0, (FILM_STEP_SECONDS - (time.monotonic() - started - now)) * 1000))
    step = int(end * 1000 / len(frames))
    frames[0].save(
        FOLDER / "first_clip.webp", save_all=True, append_images=frames[1:], duration=step, loop=0, quality=55, method=4
    )


def make_clips(page: Page) -> None:
    """Fill the history with a few clips, and the queue with one."""
    for prompt in PROMPTS:
        page.get_by_label("Prompt", exact=True).fill(prompt)
        page.locator(f"{GENERATE}:enabled").wait_for()
        page.wait_for_timeout(800)
        page.locator(GENERATE).click()
        page.wait_for_function(
            "prompt => document.querySelector('.st-key-generate_results')?.textContent.includes(prompt)",
            arg=prompt[:40],
        )
    page.get_by_role("button", name="Add to queue").click()
    page.wait_for_function("() => /^Seedance/.test(document.title)", timeout=90_000)


def stills(page: Page, address: str) -> None:
    """Take a picture of each page, one of them dark."""
    page.goto(address)
    page.locator(".st-key-generate_results video").first.wait_for()
    still(page, "generate")
    for name in ("History", "Queue", "Help"):
        page.get_by_role("link", name=name, exact=True).first.click()
        page.get_by_role("heading", level=1, name=name, exact=True).wait_for()
        still(page, name.lower())
    page.get_by_role("link", name="History", exact=True).first.click()
    page.wait_for_selector('[class*="st-key-card_clip_"] img')
    boxes = page.locator('[class*="st-key-card_clip_"]:has(img)')
    for place in (0, 1):
        boxes.nth(place).get_by_test_id("stCheckbox").click()
        page.get_by_text(f"{place + 1} selected").first.wait_for()
    page.get_by_role("link", name="Compare", exact=True).click()
    page.locator("video").nth(1).wait_for()
    still(page, "compare")
    page.emulate_media(color_scheme="dark")
    page.get_by_role("link", name="History", exact=True).first.click()
    page.get_by_role("link", name=re.compile("Rain over a city")).first.click()
    page.locator("video").first.wait_for()
    still(page, "clip")


def still(page: Page, name: str) -> None:
    """Take one picture once the page stands."""
    page.wait_for_selector("[data-test-script-state=notRunning]")
    page.wait_for_timeout(1500)
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    """Take all of them anew."""
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    with running_app() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport=VIEW, locale="en-US", color_scheme="light").new_page()
        film(page, address)
        make_clips(page)
        stills(page, address)
        browser.close()


if __name__ == "__main__":
    main()
