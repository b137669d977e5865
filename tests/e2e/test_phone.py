"""With a thumb: every page fits, fingers find what they press, swiping turns the page, and nothing hides what is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from conftest import eventually, picture
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from e2e.conftest import SHAPE_AND_LENGTH, App, forget, settled, turn_to, visit, watch, what_is_covered

AGENT = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36"
SMALL_BUTTONS = """() => [...document.querySelectorAll(
  '.stMain [data-testid=stButton] button, .stMain [data-testid=stDownloadButton] button, .stMain [role=radiogroup] button')]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
  .map(one => [one.getBoundingClientRect().height, one.textContent])"""
SWIPE = """([from, to]) => {
  const target = document.querySelector("h1");
  const touch = (x) => new Touch({identifier: 1, target, clientX: x, clientY: 300});
  target.dispatchEvent(new TouchEvent("touchstart", {bubbles: true, touches: [touch(from)], changedTouches: [touch(from)]}));
  target.dispatchEvent(new TouchEvent("touchend", {bubbles: true, touches: [], changedTouches: [touch(to)]}));
}"""


def drag(tab: Page, thing: Locator, *, across: float) -> None:
    """Move a finger from the middle of ``thing`` so many pixels to the right."""
    thing.tap(trial=True)  # it stands still, and nothing lies over it
    box = thing.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = tab.context.new_cdp_session(tab)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 6):
        point = {"x": x + across * step / 5, "y": y}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    finger.detach()


@pytest.fixture(scope="session")
def warm_phone(browser: Browser) -> Iterator[BrowserContext]:
    """One phone with a touch screen for all tests of a worker: it remembers nothing but files."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-US", user_agent=AGENT,
        reduced_motion="reduce",
    )  # fmt: skip
    yield context
    context.close()


@contextmanager
def a_phone(warm_phone: BrowserContext, app: App) -> Iterator[Page]:
    """A phone on the first page of ``app``."""
    page = warm_phone.new_page()
    errors = watch(page)
    page.goto(app.url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settled(page)
    try:
        yield page
        assert errors == []
    finally:
        forget(page)
        page.close()
        warm_phone.clear_cookies()


@pytest.fixture
def phone(warm_phone, stocked) -> Iterator[Page]:
    """A phone in front of a small history."""
    with a_phone(warm_phone, stocked) as page:
        yield page


def test_what_a_clip_needs_is_seen_at_once(phone):
    """With a picture too: prompt, picture, shape and length above the bar of the button, which has the takes in it."""
    fields = [".st-key-generate_prompt", ".st-key-generate_picture_line", *SHAPE_AND_LENGTH]
    assert what_is_covered(phone, *fields) == []
    phone.locator("[type=file]").first.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    expect(phone.locator(".st-key-generate_picture")).to_be_visible()
    settled(phone)
    fields[1] = ".st-key-generate_picture"
    assert what_is_covered(phone, *fields) == []


def test_every_button_is_as_high_as_a_finger(phone):
    """44 px, the height that both phone makers ask for; the four pages of every day are one press away."""
    for name in ("Generate", "History", "Queue", "Credits"):
        turn_to(phone, name)
        assert phone.evaluate(SMALL_BUTTONS) == [], name
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, name


def test_the_menu_closes_when_a_page_was_chosen(phone):
    """What is seldom needed is behind *More*, and no second menu lies over the page; its handle closes it, too."""
    more = phone.locator(".st-key-phone_bar").get_by_role("button", name="More")
    more.tap()
    box = phone.get_by_test_id("stPopoverBody").bounding_box()
    phone.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 20)
    expect(phone.get_by_test_id("stPopoverBody")).to_have_count(0)
    more.tap()
    phone.get_by_test_id("stPopoverBody").get_by_role("link", name="Settings").tap()
    expect(phone.get_by_role("heading", level=1, name="Settings")).to_be_visible()
    settled(phone)
    expect(phone.get_by_test_id("stPopoverBody")).to_have_count(0)
    expect(phone.get_by_test_id("stExpandSidebarButton")).not_to_be_visible()


def test_the_balance_opens_a_drawer(phone):
    """What was spent today, each line a picture that leads to its clip; the drawer stays within the screen.

    So are the clips of Credits, which a table would cut.
    """
    turn_to(phone, "Credits")
    failed = phone.locator('[class*="st-key-wallet_receipt_"]').filter(has_text="The moon rises")
    expect(failed).to_contain_text(re.compile("25 credits came back.*0", re.DOTALL))
    expect(phone.get_by_test_id("stDataFrame")).to_have_count(0)
    phone.locator(".st-key-header_wallet button").click()
    drawer = phone.get_by_test_id("stPopoverBody")
    expect(drawer).to_contain_text("Spent today")
    expect(drawer).to_contain_text("Refunded today")
    box = drawer.bounding_box()
    assert 0 <= box["x"] <= 390 - box["width"]
    drawer.get_by_role("link", name="A paper kite flies by").click()
    expect(phone.get_by_role("heading", level=1, name="A paper kite flies by")).to_be_visible()


def test_one_tap_opens_a_clip_and_it_plays(phone, stocked):
    """Its page opens with the video running, without a sound; a sample that leads nowhere plays in its place."""
    phone.emulate_media(reduced_motion="no-preference")
    visit(phone, stocked, "History")
    phone.get_by_role("button", name=re.compile("Video: A paper boat")).tap()
    expect(phone.get_by_role("heading", level=1, name="A paper boat drifts by")).to_be_visible()
    video = phone.get_by_label("Clip: A paper boat drifts by")
    eventually(lambda: video.evaluate("video => video.muted && video.currentTime > 0.1"))
    visit(phone, stocked, "Help")
    phone.locator("[data-video]").first.tap()
    eventually(lambda: phone.locator("video").first.evaluate("video => video.currentTime > 0.1"))


def test_who_is_offline_is_told(warm_phone, stocked):
    """A press would do nothing that can be seen; the words go with the reason for them."""
    page = warm_phone.new_page()
    page.goto(stocked.url)
    settled(page)
    words = page.get_by_text("You are offline.")
    warm_phone.set_offline(True)
    try:
        expect(words).to_be_visible()
    finally:
        warm_phone.set_offline(False)
    expect(words).to_have_count(0)
    page.close()


def test_a_swipe_turns_to_the_neighbour(phone, stocked):
    """To the left the older clip, to the right the newer one; a short move is none, nor is one of a slider's handle."""
    turn_to(phone, "History")
    phone.get_by_role("link", name="A paper kite flies by").click()
    heading = phone.get_by_role("heading", level=1)
    expect(heading).to_have_text("A paper kite flies by")
    settled(phone)
    phone.evaluate(SWIPE, [300, 260])
    phone.evaluate(SWIPE, [300, 100])
    expect(heading).to_have_text("The boat sails on")
    settled(phone)
    phone.evaluate(SWIPE, [100, 300])
    expect(heading).to_have_text("A paper kite flies by")
    settled(phone)
    phone.get_by_text("Edit and export").click()
    handle = phone.get_by_test_id("stSlider").locator("div:has(> [data-testid=stSliderThumbValue])").first
    handle.scroll_into_view_if_needed()
    settled(phone)

    def is_moved() -> bool:
        drag(phone, handle, across=150)
        settled(phone)
        return phone.get_by_test_id("stSliderThumbValue").first.inner_text() != "0.00"

    eventually(is_moved)
    settled(phone)
    expect(heading).to_have_text("A paper kite flies by")


def test_who_edits_a_stopped_prompt_is_led_to_it(phone):
    """The form lies above the card that failed: its words stand in the prompt, ready to be changed."""
    prompt = phone.get_by_label("Prompt", exact=True)
    prompt.fill("A dog sleeps on a rug #unsafe")
    phone.get_by_role("button", name=re.compile("^Generate ·")).click()
    edit = phone.get_by_role("button", name="Edit prompt")
    expect(edit).to_be_visible(timeout=60_000)
    prompt.fill("A draft of my own")
    phone.get_by_role("heading", level=1).tap()
    settled(phone)
    edit.evaluate('(button) => button.scrollIntoView({ block: "center" })')
    edit.tap()
    expect(prompt).to_have_value("A dog sleeps on a rug #unsafe")
    expect(prompt).to_be_focused()
    expect(prompt).to_be_in_viewport()
    expect(phone.get_by_role("button", name="Put my own words back")).to_be_visible()


def test_what_fills_the_form_shows_the_form(phone):
    """On a phone it lies above the clip: who continues one is led to where the next prompt is written."""
    phone.get_by_label("Prompt", exact=True).fill("A paper boat drifts by")
    phone.get_by_role("button", name=re.compile("^Generate ·")).click()
    go_on = phone.get_by_role("button", name="Continue", exact=True)
    expect(go_on).to_be_visible(timeout=60_000)
    go_on.scroll_into_view_if_needed()
    settled(phone)
    go_on.tap()
    expect(phone.get_by_text("Continuing:")).to_be_in_viewport()
    expect(phone.get_by_label("Prompt", exact=True)).to_be_in_viewport()


def test_a_tap_on_an_idea_fills_the_form(warm_phone, tmp_path):
    """On its picture, not only on its name; and the page shows the form that was filled."""
    with App(tmp_path / "data").running() as app, a_phone(warm_phone, app) as page:
        idea = page.get_by_role("button", name="Example: Food")
        idea.scroll_into_view_if_needed()
        settled(page)
        idea.tap()
        prompt = page.get_by_label("Prompt", exact=True)
        expect(prompt).to_have_value(re.compile("^Steam rises"))
        expect(prompt).to_be_in_viewport()


def test_going_on_from_a_take_leads_to_the_form(warm_phone, tmp_path):
    """The form lies above the takes: who presses *Continue* sees what to write next. A tap on a take opens it large."""
    with App(tmp_path / "data", RIVYA_DEMO_SECONDS="0.3").running() as app, a_phone(warm_phone, app) as page:
        page.get_by_label("Prompt", exact=True).fill("A paper boat drifts by")
        page.get_by_role("radio", name="2×").tap()
        page.get_by_role("button", name="Generate · 50 credits").tap()
        page.get_by_role("button", name="Keep", exact=True).first.tap(timeout=60_000)
        go_on = page.get_by_role("button", name="Continue", exact=True).first
        expect(go_on).to_be_in_viewport()  # below all takes, and yet seen
        second = page.locator('[class*="st-key-frame_take_"]').nth(1)
        second.scroll_into_view_if_needed()
        box = second.bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.7)
        expect(page).to_have_url(re.compile("/clip"))
        settled(page)
        page.locator(".st-key-clip_way").get_by_role("link", name="Generate").tap()
        go_on.tap()
        expect(page.locator(".st-key-continuing")).to_be_in_viewport()
