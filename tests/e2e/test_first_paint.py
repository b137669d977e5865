"""Before and beside the pages: the first kilobytes on a slow line, what a phone installs, and addresses that lead nowhere."""

from __future__ import annotations

import json
import os
import urllib.request
from contextlib import suppress

import httpx
from conftest import eventually
from playwright.sync_api import expect

from e2e import warm
from e2e.conftest import ROOT, App, settled, watch

SLOW_BYTES_PER_SECOND = 50_000
"""400 kbit/s."""

FETCHED = "performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize, 0)"
MOST_FIRST_BYTES = 1_700_000
MOVED = """window.moved = 0; new PerformanceObserver((list) => {
  list.getEntries().forEach((entry) => { window.moved += entry.value; });
}).observe({ type: "layout-shift", buffered: true });"""


def test_a_slow_line_shows_something_at_once(stocked, browser):
    """In the reader's theme and language, from the first answer; Streamlit's own drawing takes its place."""
    context = browser.new_context(locale="bn-BD", color_scheme="dark")
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {
        "offline": False,
        "latency": 100,
        "downloadThroughput": SLOW_BYTES_PER_SECOND,
        "uploadThroughput": SLOW_BYTES_PER_SECOND,
    }
    line.send("Network.emulateNetworkConditions", slow)
    page.goto(stocked.url, wait_until="commit")
    still = page.locator(".first-paint")
    expect(still).to_contain_text("সিড্যান্স স্টুডিও", timeout=5_000)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 22, 20)"
    line.send(
        "Network.emulateNetworkConditions", slow | {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    )
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(still).to_have_count(0)
    context.close()


def test_a_page_does_not_jump_into_place(stocked, browser):
    """It is shown once it is drawn as a whole: the browser's own sum of what moved was 0.87 before, 0.65 for History."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.add_init_script(MOVED)
    for path in ("", "/history"):
        page.goto(f"{stocked.url}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator(".first-paint")).to_have_count(0)
        settled(page)
        assert page.evaluate("window.moved") < 0.2
    page.close()


def test_the_first_visit_fetches_half_of_what_streamlit_would(stocked, browser):
    """Compressed scripts, in a browser that has none of them; 2,986 KB were measured before."""
    page = browser.new_page()
    page.goto(stocked.url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settled(page)
    assert 0 < page.evaluate(FETCHED) < MOST_FIRST_BYTES
    page.close()


def test_the_app_can_be_installed(stocked, page):
    """The page names a manifest; its icons are there."""
    page.goto(stocked.url)
    address = page.locator('link[rel="manifest"]').get_attribute("href")
    manifest = json.loads(page.request.get(stocked.url + address).text())
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "/")
    for icon in manifest["icons"]:
        with urllib.request.urlopen(stocked.url + icon["src"]) as answer:
            assert answer.headers["content-type"] == "image/png"


def test_addresses_that_lead_nowhere_say_so(stocked, browser):
    """A page, a clip and a form that are not there: in words, and never as an empty page."""
    page = browser.new_page(locale="en-US")
    page.goto(f"{stocked.url}/nosuch")
    expect(page.get_by_text("There is no such page. This is Generate.")).to_be_visible()
    settled(page)
    for link in page.get_by_role("navigation").first.get_by_role("link").all():
        answer = page.request.get(link.get_attribute("href"), headers={"Accept": "text/html"}, max_redirects=0)
        assert "first-paint" in answer.text()
    page.goto(f"{stocked.url}/compare?clips=nobody")
    expect(page.get_by_text("The clips of this link are not here.")).to_be_visible()
    page.goto(f"{stocked.url}/?remix=garbage")
    expect(page.get_by_text("This link could not be read; the form is as it was.")).to_be_visible()
    page.goto(f"{stocked.url}/?clip=clip_nobody")
    expect(page.get_by_text("This clip is not here").first).to_be_visible()
    page.close()


def test_the_language_is_remembered_for_new_tabs(stocked, context):
    """Chosen once: a new tab of the same browser speaks it at the plain address."""
    page = context.new_page()
    errors = watch(page)
    page.goto(f"{stocked.url}/settings")
    page.get_by_role("radio", name="বাংলা").click()
    expect(page.get_by_role("heading", level=1, name="সেটিংস")).to_be_visible()
    settled(page)
    other = context.new_page()
    other.goto(stocked.url)
    expect(other.get_by_role("heading", level=1)).to_have_text("তৈরি করুন")
    assert [error for error in errors if "/settings/_stcore" not in error and "404" not in error] == []


LATER = """
import os, time
from pathlib import Path
from studio import process
opened = process.studio
def studio():
    while not Path(os.environ["OPEN_WHEN"]).exists():
        time.sleep(0.05)
    return opened()
process.studio = studio
"""


def test_the_picture_stands_as_long_as_the_history_is_opened(tmp_path, page):
    """An upgrade of a long history takes longer than the eight seconds after which what is drawn shows through."""
    (tmp_path / "sitecustomize.py").write_text(LATER)
    app = App(tmp_path / "data", PYTHONPATH=f"{ROOT}:{tmp_path}", OPEN_WHEN=str(tmp_path / "open"))
    app.process = warm.start(app.arguments, {**os.environ, **app.environment}, None)
    try:
        eventually(lambda: answers(f"{app.url}/_stcore/health"), 60)
        page.goto(app.url)
        expect(page.locator("[data-test-script-state=running]")).to_be_attached()
        expect(page.locator(".first-paint")).to_have_css("animation-name", "none")
        (tmp_path / "open").touch()
        expect(page.locator(".first-paint")).to_have_count(0)
        expect(page.locator(".st-key-generate_submit")).to_be_visible()
    finally:
        (tmp_path / "open").touch()
        page.goto("about:blank")  # else it would miss its server
        app.stop()


def answers(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(url).is_success
    return False
