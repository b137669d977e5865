"""From page to page with a long history beside a short one: ``python -m benchmarks.pages [1000000]``.

The server's time is from the question of a tab to the end of the run, over the same WebSocket as a browser's, once
right after something was written, so that nothing is told again, and once when nothing was; the browser's is from the
press on the menu until the page stands. Both are asked in turns.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from itertools import product
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from benchmarks.press import started
from sandbox import Sandbox
from studio.media.archive import Archive
from studio.store import Store

LONG, SHORT = int(sys.argv.pop()) if len(sys.argv) > 1 else 1_000_000, 100
PORTS = {SHORT: 8793, LONG: 8794}
Times = dict[int, dict[str, list[float]]]
PAGES = ("History", "Queue", "Storyboard", "Credits", "Settings", "Help", "Generate")
TURNS = 15
SERVER_TURNS = 60  # a run is short, and of fifteen the 95th of a hundred would be the slowest
STANDS = """(name) => document.querySelector("[data-test-script-state=notRunning]")
  && document.querySelector("h1")?.textContent === name
  && !document.querySelector("[data-testid=stSkeleton], [data-stale=true]")"""


def main() -> None:
    """Print a line for each page."""
    from benchmarks import store  # noqa: PLC0415 - it reads how many rows it fills from the command line

    with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder) / "sandbox", rate_per_minute=0) as sandbox:
        apps = []
        for rows, port in PORTS.items():
            data_dir = Path(folder) / str(rows)
            store.ROWS = rows
            history = Store(f"sqlite:///{data_dir}/studio.db", Archive(data_dir), sandbox.base_url)
            store.fill(history, sandbox.base_url)
            history.close()
            apps.append(started(data_dir, sandbox.base_url, port))
        server, again = _server(Path(folder))
        browser = _browser()
        for app in apps:
            app.terminate()
            app.wait()
    print(f"\nmilliseconds of {SERVER_TURNS} turns, {TURNS} in the browser: {LONG} clips beside {SHORT}")
    for name in PAGES:
        long, short = server[LONG][name], server[SHORT][name]
        in_browser = median(browser[LONG][name]), median(browser[SHORT][name])
        print(
            f"  {name:11} server {median(long):5.0f} (p95 {quantiles(long, n=20)[-1]:5.0f}) beside {median(short):5.0f}"
            f"   nothing written {median(again[LONG][name]):5.0f} (p95 {quantiles(again[LONG][name], n=20)[-1]:5.0f})"
            f"   browser {in_browser[0]:5.0f} beside {in_browser[1]:5.0f}: x{in_browser[0] / in_browser[1]:.2f}"
        )


def _server(folder: Path) -> tuple[Times, Times]:
    """Return the milliseconds of each run of each page: right after something was written, and when nothing was."""
    found: Times = {rows: {name: [] for name in PAGES} for rows in PORTS}
    again: Times = {rows: {name: [] for name in PAGES} for rows in PORTS}
    with ExitStack() as tabs:
        opened = {rows: tabs.enter_context(open_tab(port)) for rows, port in PORTS.items()}
        hashes = {rows: run(tab)[1] for rows, tab in opened.items()}
        for turn, name, (rows, tab) in product(range(SERVER_TURNS + 1), PAGES, opened.items()):
            with closing(sqlite3.connect(folder / str(rows) / "studio.db")) as connection:
                connection.execute(f"PRAGMA user_version = {turn * len(PAGES) + PAGES.index(name) + 1}")
            for times in (found, again):
                milliseconds, _ = run(tab, hashes[rows][name])
                if turn:  # the first imports what a page needs
                    times[rows][name].append(milliseconds)
    return found, again


def open_tab(port: int) -> ClientConnection:
    """Connect as a browser's tab does."""
    return connect(f"ws://localhost:{port}/_stcore/stream", subprotocols=["streamlit"], max_size=None)  # type: ignore[list-item]


def run(tab: ClientConnection, page_hash: str = "") -> tuple[float, dict[str, str]]:
    """Return the milliseconds until a page was run, and the hashes of all pages."""
    asked = BackMsg()
    asked.rerun_script.page_script_hash = page_hash
    asked.rerun_script.query_string = ""
    begun, hashes = time.perf_counter(), {}
    tab.send(asked.SerializeToString())
    while True:
        message = ForwardMsg.FromString(tab.recv(timeout=60))
        if message.WhichOneof("type") == "navigation":
            hashes = {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
        if message.WhichOneof("type") == "script_finished":
            return (time.perf_counter() - begun) * 1000, hashes


def _browser() -> Times:
    """Return the milliseconds from each press on the menu until the page stands."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    found: Times = {rows: {name: [] for name in PAGES} for rows in PORTS}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        pages = {rows: browser.new_page(viewport={"width": 1280, "height": 720}, locale="en-US") for rows in PORTS}
        for rows, page in pages.items():
            page.goto(f"http://localhost:{PORTS[rows]}")
            page.wait_for_function(STANDS, arg="Generate")
        for turn, name, (rows, page) in product(range(TURNS + 1), PAGES, pages.items()):
            milliseconds = _press(page, name)
            if turn:
                found[rows][name].append(milliseconds)
        browser.close()
    return found


def _press(page: Page, name: str) -> float:
    page.wait_for_timeout(300)
    link = page.get_by_role("link", name=name, exact=True).first
    begun = time.perf_counter()
    link.click()
    page.wait_for_function(STANDS, arg=name)
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
