"""While a clip runs: nothing jumps, the state is spoken, the tab's icon and title tell, typing and reading go on."""

from __future__ import annotations

import re

import pytest
from conftest import eventually
from playwright.sync_api import expect

from e2e.conftest import choose, open_more, settled, visit

WATCH_JUMPS = """() => {
  window.jumps = [];
  new PerformanceObserver(list => list.getEntries().forEach(entry => {
    if (!entry.hadRecentInput) jumps.push([entry.value, entry.sources.map(s => s.node?.outerHTML?.slice(0, 120))]);
  })).observe({ type: "layout-shift", buffered: false });
}"""
MOST_SHIFT = 0.02
"""A fifth of what Google's Core Web Vitals still call good."""


def test_nothing_jumps_while_a_clip_runs(stocked, page):
    """From "sending" to the video, the page stands still; the place of the video is held in its shape."""
    visit(page, stocked)
    page.get_by_label("Prompt", exact=True).fill("A paper boat drifts by")
    choose(page, "480p")
    page.get_by_role("button", name=re.compile("^Generate ·")).click()
    card = page.locator('[class*="st-key-card_generate_clip"]').first
    expect(card.locator(".studio-skeleton")).to_be_visible()
    settled(page)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")  # at its end a page's length moves the view
    before = card.bounding_box()
    page.evaluate(WATCH_JUMPS)
    expect(card.locator("video")).to_be_visible(timeout=60_000)
    settled(page)
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    jumps = page.evaluate("window.jumps")
    assert sum(value for value, _ in jumps) < MOST_SHIFT, jumps
    assert abs(card.bounding_box()["y"] - before["y"]) < 2


def test_a_finished_clip_is_told(stocked, page):
    """Spoken to those who hear the page; the tab's title counts; on a phone the page goes to it by itself."""
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, stocked)
    page.get_by_label("Prompt", exact=True).fill("A paper kite drifts by #slow")
    choose(page, "480p")
    page.get_by_role("button", name=re.compile("^Generate ·")).click()
    eventually(lambda: page.title().startswith("(1)"))
    icon = page.locator('link[rel~="icon"]').first
    eventually(lambda: icon.get_attribute("href").startswith("data:image/png"), 20)
    card = page.locator('[class*="st-key-card_generate_clip"]').first
    expect(card.locator(".studio-skeleton")).to_be_in_viewport(ratio=0.5)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    page.get_by_role("link", name="1 running").click()
    expect(card.locator(".studio-skeleton")).to_be_in_viewport(ratio=0.5)
    voice = page.locator('[role="status"][aria-live="polite"]').first
    expect(voice).to_contain_text("Finished: A paper kite drifts by", timeout=60_000)
    eventually(lambda: page.title() == "Seedance Studio", 20)


def test_advice_comes_and_goes_without_moving_the_button(stocked, page):
    """Whoever is about to press finds the button where it was."""
    visit(page, stocked)
    prompt, button = page.get_by_label("Prompt", exact=True), page.get_by_role("button", name=re.compile("^Generate ·"))
    prompt.fill("A paper boat drifts by")
    expect(button).to_be_enabled()
    settled(page)

    def below_prompt() -> float:
        return button.bounding_box()["y"] - prompt.bounding_box()["y"]

    before = below_prompt()
    page.evaluate(WATCH_JUMPS)
    prompt.fill("A paper boat drifts by in 4K, vertical")
    expect(page.locator('[class*="st-key-advice_"]')).to_have_count(1)
    settled(page)
    assert below_prompt() == before
    page.locator('[class*="st-key-fix_"] button').click()
    expect(page.locator(".st-key-fix_sharper")).to_be_visible()
    settled(page)
    assert below_prompt() == before
    assert sum(value for value, _ in page.evaluate("window.jumps")) < MOST_SHIFT


def test_how_to_be_told_is_a_bell(stocked, page):
    """Nothing asks over a running clip; the bell in the corner of the stage holds the choice."""
    visit(page, stocked)
    page.get_by_label("Prompt", exact=True).fill("A paper kite drifts by #slow")
    choose(page, "480p")
    page.get_by_role("button", name=re.compile("^Generate ·")).click()
    expect(page.get_by_text("Started. You can write the next one.")).to_be_visible()
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="Sound")).to_have_count(0)
    page.locator(".st-key-icon_generate_bell button:visible").first.click()
    expect(page.get_by_role("checkbox", name="Sound")).to_be_visible()


def test_the_newest_clip_stays_in_view_on_a_low_screen(stocked, page):
    """At 1366 × 680: from the press to its failure the card that is seen is that of this press, and it says what helps."""
    page.set_viewport_size({"width": 1366, "height": 680})
    visit(page, stocked)
    page.get_by_label("Prompt", exact=True).fill("A paper whale dives #unsafe")
    choose(page, "480p")
    page.get_by_role("button", name=re.compile("^Generate ·")).click()
    card = page.locator('[class*="st-key-card_generate_clip"]').first
    expect(card).to_contain_text("A paper whale dives")
    expect(card).to_be_in_viewport(ratio=0.6)
    expect(card).to_contain_text("Stopped by the safety checker.", timeout=60_000)
    expect(card.get_by_role("button", name="Edit prompt")).to_be_in_viewport(ratio=1)
    expect(card.get_by_role("button", name=re.compile("Try again"))).to_be_in_viewport(ratio=1)


def test_few_clicks(stocked, page):
    """Own prompt with a photo: choose it and press. Continue and share: two presses each."""
    visit(page, stocked, "History")
    page.get_by_role("link", name="A paper kite flies by", exact=True).click()
    page.get_by_role("button", name="Share").click()
    sheet = page.get_by_test_id("stPopoverBody")
    expect(sheet.get_by_role("link", name="Download the video")).to_be_visible()
    # Where links work on this computer alone, they stand behind the video.
    page.get_by_text("More ways").click()
    expect(page.get_by_text("For this computer")).to_be_visible()
    expect(sheet.get_by_test_id("stCode").first.locator("button")).to_be_attached()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Continue", exact=True).click()
    continuing = page.locator(".st-key-continuing")
    expect(continuing).to_contain_text("Starts from its last frame")
    expect(page.get_by_label("Prompt", exact=True)).to_have_attribute("placeholder", "What happens next?")
    expect(continuing.locator("img")).to_be_visible()
    expect(page.get_by_role("button", name="Inspire me")).to_have_count(0)
    page.get_by_label("Prompt", exact=True).fill("The kite comes down")
    page.get_by_role("button", name=re.compile("^Generate ·")).click()
    stage = page.locator('[class*="st-key-card_generate_clip"]').first
    expect(stage).to_contain_text("The kite comes down")
    expect(stage.locator("video")).to_be_visible(timeout=60_000)


TOASTS = """() => {
  window.toasts = [];
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => {
    const toast = node.querySelector?.("[data-testid=stToast]") ?? (node.matches?.("[data-testid=stToast]") ? node : null);
    if (toast) window.toasts.push(toast.textContent);
  }))).observe(document.body, { childList: true, subtree: true });
}"""


def test_words_in_passing_are_said_once(app, page):
    """Added for free, then paid: what was said of the first does not come back when the page is drawn anew."""
    visit(page, app, "Queue")
    page.evaluate(TOASTS)
    page.get_by_label("Lines or a table").fill("A red kite over the sea\nA blue boat in the fog")
    page.get_by_role("button", name="Add 2 clips to the queue").click()
    expect(page.get_by_role("button", name="Start all 2")).to_be_in_viewport()
    # First there, then gone: within the second after the press that adds, no press starts anything.
    expect(page.get_by_test_id("stToast")).to_have_count(1)
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    page.get_by_role("button", name="Start all 2").click()
    expect(page.get_by_text("Your queue is empty").first).to_be_visible(timeout=60_000)
    settled(page)
    assert len(page.evaluate("window.toasts")) == 1


def test_what_is_opened_on_the_form_is_seen(stocked, page):
    """At 1280 x 720 *More* opens above the button that stays in sight."""
    page.set_viewport_size({"width": 1280, "height": 720})
    visit(page, stocked)
    open_more(page)
    foot = page.locator(".st-key-generate_foot")
    last = page.get_by_text("Safety checker").first
    # Asked anew each time: the form may be drawn once more meanwhile, and an old element stands nowhere.
    bottom, top = "one => one.getBoundingClientRect().bottom", "one => one.getBoundingClientRect().top"
    eventually(lambda: last.evaluate(bottom) <= foot.evaluate(top))
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_theme_is_chosen_and_kept(stocked, browser):
    """Dark on a light computer, from the first kilobytes; and back."""
    context = browser.new_context(locale="en-US", color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    ground = "getComputedStyle(document.querySelector('.stApp') ?? document.body).backgroundColor"
    visit(page, stocked, "Settings")
    page.get_by_role("radio", name="Dark theme").click()
    page.wait_for_function(f"() => {ground} === 'rgb(23, 22, 20)'")
    assert "@media all" in page.request.get(stocked.url, headers={"Accept": "text/html"}).text()
    page.get_by_role("radio", name="As the device").click()
    page.wait_for_function(f"() => {ground} === 'rgb(251, 250, 248)'")
    context.close()


@pytest.mark.parametrize(
    ("sheet", "way"),
    [
        (".st-key-icon_clip_more", "Credits"),
        (".st-key-header_wallet", "History"),
        (".st-key-icon_generate_camera", "History"),
    ],
)
def test_a_sheet_that_closes_leaves_the_next_page_whole(stocked, page, sheet, way):
    """Whoever goes to another page with a sheet open sees all of that page; a header over nothing stood there."""
    visit(page, stocked, "History")
    if "clip" in sheet:
        page.get_by_role("link", name="A paper kite flies by").click()
    elif "generate" in sheet:
        visit(page, stocked, "Generate")
    settled(page)
    page.locator(f"{sheet} button").first.click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    settled(page)
    page.get_by_role("link", name=way, exact=True).first.click()
    whole = {"Credits": "Receipts", "History": "Today"}[way]
    expect(page.get_by_role("heading", name=whole)).to_be_visible()
    settled(page)
    expect(page.get_by_role("heading", name=whole)).to_be_visible()
