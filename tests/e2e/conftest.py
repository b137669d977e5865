"""The real app in a process of its own, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from conftest import FAST, SMALL, eventually
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Response,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as NotInTime

from e2e import warm
from rivya import GenerationRequest
from studio import Settings, Studio

ROOT = Path(__file__).parents[2]
# The shell draws the same pages without a window around them, for two thirds of the work.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--in-process-gpu",
    "--renderer-process-limit=1",
    # A page of a test lives too short for what an optimizing compiler would make of it.
    "--js-flags=--no-opt --no-maglev",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
WINDOW = {"width": 1280, "height": 900}
QUICK = {
    "RIVYA_POLL_FIRST_SECONDS": "0.3",
    "RIVYA_POLL_MIN_SECONDS": "0.3",
    "RIVYA_POLL_MAX_SECONDS": "0.5",
}
expect.set_options(timeout=20_000)
SETTLED = """() => document.querySelector("[data-test-script-state=notRunning]")
  && !document.querySelector("[data-testid=stSkeleton], [data-stale=true]")
  && !document.getAnimations().some(one => one.playState === "running" && one.effect.getComputedTiming().endTime < Infinity)
  && (!document.querySelector("[data-video]") || document.documentElement.style.getPropertyValue("--studio-accent"))"""
LATE = """
import streamlit.runtime.runtime
streamlit.runtime.runtime.MESSAGE_FLUSH_INTERVAL_SECS = 2
"""
# To a browser an app at the address of the one before is the same site: its scripts are in the cache, and compiled.
FREED: list[int] = []
HARMLESS = ("preload", "was not used within")
SHAPE_AND_LENGTH = (".st-key-generate_aspect_ratio", ".st-key-generate_duration", ".st-key-generate_resolution")
# At the address of a page Streamlit asks first whether its server stands below that address.
LOOKED_FOR = re.compile(r"/[a-z]+/_stcore/(health|host-config)$")


WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# Each worker has its own, below those that the system gives to outgoing connections: a port that is free between two
# apps would now and then be another worker's, or a connection's, by the time it is wanted again.
PORTS = iter(range(21_000 + 500 * WORKER, 21_500 + 500 * WORKER))


def unused_port() -> int:
    """Return a port that nobody listens at."""
    for port in PORTS:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    pytest.fail("no port is free")


class App:
    """The app as ``make run`` starts it. ``environment`` sets it up; it can be killed and started again."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.port = FREED.pop() if FREED else unused_port()
        self.url = f"http://localhost:{self.port}"
        self.data_dir = data_dir
        ready = {"RIVYA_DEMO_READY_CLIPS": FAST["demo_ready_clips"]} if "demo_ready_clips" in FAST else {}
        self.environment = {"RIVYA_DATA_DIR": str(data_dir), **QUICK, **ready, **environment}
        self.arguments = ["app.py", f"--server.port={self.port}", "--server.headless=true"]
        self.process: BaseProcess | None = None
        self.log: Path | None = None

    def start(self) -> App:
        if self.port in FREED:  # it was stopped, and starts again at its own address
            FREED.remove(self.port)
        environment = {**os.environ, **self.environment}
        self.process = warm.start(self.arguments, environment, self.log)
        eventually(self.answers, 60)
        return self

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as response:
                return response.status == 200
        except OSError:
            return False

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.join()

    @contextmanager
    def running(self) -> Iterator[App]:
        """Start the app for a block."""
        try:
            yield self.start()
        finally:
            self.stop()

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.join(20)
            FREED.append(self.port)
            self.process = None


@pytest.fixture
def app(tmp_path) -> Iterator[App]:
    """The app in demo mode, with clips that take a second."""
    running = App(tmp_path / "data", RIVYA_DEMO_SECONDS="1").start()
    yield running
    running.stop()


@pytest.fixture
def late_app(tmp_path) -> Iterator[App]:
    """The app on a machine so busy that what it draws reaches the browser two seconds late."""
    folder = tmp_path / "late"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(LATE)
    # The clip outlasts the lateness: what is said while it runs is to be seen.
    running = App(tmp_path / "data", RIVYA_DEMO_SECONDS="8", PYTHONPATH=str(folder)).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def small_history(tmp_path_factory) -> Path:
    """A data folder with a boat, what continues it, a kite, and one that failed."""
    data_dir = tmp_path_factory.mktemp("history")
    with Studio(Settings(data_dir=data_dir, demo_seconds=0.3, **FAST)) as studio:
        boat = studio.wait(studio.submit(GenerationRequest(prompt="A paper boat drifts by", seed=7, **SMALL)).id)
        frame = studio.submission.stored_reference(studio.keep_last_frame(boat))
        request = GenerationRequest(prompt="The boat sails on", **SMALL)
        others = [studio.submit(request, frame, parent_id=boat.id)]
        others.append(studio.submit(GenerationRequest(prompt="A paper kite flies by", **SMALL)))
        others.append(studio.submit(GenerationRequest(prompt="The moon rises #fail", **SMALL)))
        for clip in others:
            studio.wait(clip.id)
        studio.labels.add([boat.id], "tag", "spring")
        studio.templates.save("Boat", "A {colour} boat drifts by")
    return data_dir


@pytest.fixture(scope="module")
def stocked(small_history, tmp_path_factory) -> Iterator[App]:
    """The app in demo mode with a small history of its own."""
    data_dir = tmp_path_factory.mktemp("stocked") / "data"
    shutil.copytree(small_history, data_dir)
    running = App(data_dir, RIVYA_DEMO_SECONDS="1").start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium: the system's own if there is one."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def warm_context(browser) -> Iterator[BrowserContext]:
    """One browser profile for all tests of a worker: what a module's app was asked for once is in its cache."""
    shared = browser.new_context(viewport=WINDOW, locale="en-US", reduced_motion="reduce")
    yield shared
    shared.close()


@pytest.fixture(scope="session")
def warm_tabs(warm_context) -> dict[Page, list[str]]:
    """The tab of the test before, and what it complains of: what it once compiled for an address stays compiled."""
    return {}


@pytest.fixture
def context(warm_context, warm_tabs) -> Iterator[BrowserContext]:
    """A browser that remembers nothing but files; it wants no motion, which is decoding that most tests do not look at."""
    yield warm_context
    for tab in warm_context.pages:
        forget(tab)
        if tab not in warm_tabs:
            tab.close()
    warm_context.clear_cookies()
    warm_context.clear_permissions()


@pytest.fixture
def page(context, warm_tabs) -> Iterator[Page]:
    """A tab that fails the test on any console error, script error or exception box."""
    tab, errors = warm_tabs.popitem() if warm_tabs else ((new := context.new_page()), watch(new))
    yield tab
    assert tab.get_by_test_id("stException").count() == 0
    assert errors == []
    tab.unroute_all()
    tab.set_viewport_size(WINDOW)
    tab.emulate_media(color_scheme="light", reduced_motion="reduce")
    tab.mouse.move(0, 0)
    warm_tabs[tab] = errors


def forget(tab: Page) -> None:
    """Empty what ``tab`` keeps for its address, as far as it has one, and leave it."""
    with suppress(PlaywrightError):
        tab.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    tab.goto("about:blank")


def watch(tab: Page) -> list[str]:
    """Collect what a browser complains about."""
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        is_harmless = any(word in message.text for word in HARMLESS) or LOOKED_FOR.search(message.location["url"])
        if message.type == "error" and not is_harmless:
            errors.append(message.text)

    def answered(answer: Response) -> None:
        if answer.status >= 400 and not LOOKED_FOR.search(answer.url):
            errors.append(answer.url)

    tab.on("console", heard)
    tab.on("response", answered)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.set_default_timeout(30_000)
    return errors


def visit(tab: Page, app: App, name: str = "Generate") -> None:
    """Open the app at the page called ``name``; wait until it is drawn."""
    tab.goto(app.url if name in {"Generate", "Compare"} else f"{app.url}/{name.lower()}")
    turn_to(tab, name)


def turn_to(tab: Page, name: str) -> None:
    """Go to the page called ``name`` by the bar at the edge of a phone, or by the menu; wait until it is drawn."""
    heading = tab.get_by_role("heading", level=1, name=name, exact=True)
    more = tab.locator(".st-key-phone_bar").get_by_role("button", name="More")
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    settled(tab)
    if name == "Compare":
        compare_two(tab)
    elif not heading.is_visible():
        thumb = tab.locator(".st-key-phone_bar").get_by_role("link", name=name, exact=True)
        if thumb.is_visible():
            thumb.click()
        elif more.is_visible():
            more.click()
            tab.get_by_test_id("stPopoverBody").get_by_role("link", name=name, exact=True).click()
        else:
            tab.get_by_role("link", name=name, exact=True).first.click()
    expect(heading).to_be_visible()
    settled(tab)


def compare_two(tab: Page) -> None:
    """Choose two clips of the history that have a video, and compare them."""
    turn_to(tab, "History")
    clear = tab.get_by_role("button", name="Clear", exact=True)
    if clear.is_visible():
        clear.click()
        expect(clear).to_have_count(0)
    cards = tab.locator('[class*="st-key-card_clip_"]:has(img)')
    for place in (0, 1):
        cards.nth(place).get_by_test_id("stCheckbox").click()
        expect(tab.get_by_text(f"{place + 1} selected").first).to_be_visible()
    tab.get_by_role("link", name="Compare", exact=True).click()


def open_more(tab: Page) -> None:
    """Open what is seldom needed: camera, seed and safety checker."""
    more = tab.locator(".st-key-generate_more details")
    if more.get_attribute("open") is None:
        more.locator("summary").click()
    expect(tab.get_by_label("Seed", exact=True)).to_be_visible()


def choose(tab: Page, option: str) -> None:
    """Choose an option of a setting of the form."""
    radio = tab.get_by_role("radio", name=option, exact=True)
    radio.click()
    expect(radio).to_be_checked()


def what_is_covered(tab: Page, *fields: str) -> list[str]:
    """Return which of ``fields`` is not whole on the screen above the bar, or not in it if it belongs there."""
    bar = tab.locator(".st-key-generate_press").bounding_box()
    boxes = {field: tab.locator(field).bounding_box() for field in fields}
    covered = [field for field, box in boxes.items() if not 0 <= box["y"] <= box["y"] + box["height"] <= bar["y"]]
    for control in (".st-key-generate_submit", ".st-key-generate_takes"):
        box = tab.locator(control).bounding_box()
        if not bar["y"] <= box["y"] <= box["y"] + box["height"] <= bar["y"] + bar["height"]:
            covered.append(control)
    return covered


def settled(tab: Page) -> None:
    """Wait until the page is drawn to its end, nothing that opened is still growing, and posters listen."""
    tab.wait_for_function(SETTLED)


def play_under_pointer(tab: Page, poster: Locator) -> None:
    """Rest the pointer on ``poster`` until its video is the one there is; what still moves away gets a second try."""
    tab.emulate_media(reduced_motion="no-preference")

    def plays() -> bool:
        tab.mouse.move(2, 2)
        poster.hover()
        with suppress(NotInTime):
            tab.locator("video").wait_for(state="attached", timeout=3_000)
        return tab.locator("video").count() == 1

    eventually(plays)
