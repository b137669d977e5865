"""While a clip runs: nothing jumps, the state is spoken, the tab's icon and title tell, typing and reading go on."""

from __future__ import annotations

import re

from conftest import eventually
from playwright.sync_api import expect

from e2e.conftest import settled, visit

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
    page.get_by_role("radio", name="480p").click()
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
    """Spoken to those who hear the page; the tab's title counts; it is asked once how to be told; on a phone, led to."""
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, stocked)
    page.get_by_label("Prompt", exact=True).fill("A paper kite drifts by #slow")
    page.get_by_role("radio", name="480p").click()
    page.get_by_role("button", name=re.compile("^Generate ·")).click()
    eventually(lambda: page.title().startswith("(1)"))
    icon = page.locator('link[rel~="icon"]').first
    eventually(lambda: icon.get_attribute("href").startswith("data:image/png"), 20)
    ask = page.get_by_role("group", name="Tell you when it is done?")
    expect(ask).to_be_visible(timeout=20_000)
    ask.get_by_role("button", name="No thanks").click()
    expect(ask).to_be_hidden()
    card = page.locator('[class*="st-key-card_generate_clip"]').first
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    expect(card).not_to_be_in_viewport()
    page.get_by_role("link", name="1 running").click()
    expect(card.locator(".studio-skeleton")).to_be_in_viewport(ratio=0.5)
    voice = page.locator('[role="status"][aria-live="polite"]').first
    expect(voice).to_contain_text("Finished: A paper kite drifts by", timeout=60_000)
    eventually(lambda: page.title() == "Seedance Studio", 20)
    page.reload()
    settled(page)
    expect(page.get_by_role("group", name="Tell you when it is done?")).to_be_hidden()


def test_advice_comes_and_goes_without_moving_the_button(stocked, page):
    """Whoever is about to press finds the button where it was."""
    visit(page, stocked)
    prompt, button = page.get_by_label("Prompt", exact=True), page.get_by_role("button", name=re.compile("^Generate ·"))
    prompt.fill("A paper boat drifts by")
    expect(button).to_be_enabled()
    expect(page.get_by_text("Ideas to start from")).to_have_count(0)
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


def test_the_question_about_sounds_follows_the_language(stocked, page):
    """Switched in Settings while it is asked."""
    visit(page, stocked)
    page.get_by_label("Prompt", exact=True).fill("A paper kite drifts by #slow")
    page.get_by_role("radio", name="480p").click()
    page.get_by_role("button", name=re.compile("^Generate ·")).click()
    expect(page.get_by_role("group", name="Tell you when it is done?")).to_be_visible()
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("radio", name="বাংলা").click()
    ask = page.locator(".studio-ask")
    expect(ask).to_be_visible()
    expect(ask).not_to_contain_text("Tell you")
    expect(ask).not_to_contain_text("No thanks")
    page.get_by_role("radio", name="English").click()
    expect(ask).to_contain_text("Tell you when it is done?")
