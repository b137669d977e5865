"""axe-core on every page, in light and dark, and the keyboard's way to a clip."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from e2e.conftest import settled, turn_to, visit, watch

STREAMLITS_OWN = {
    "scrollable-region-focusable",  # the main section of every Streamlit page
    "presentation-role-conflict",  # the drop zone of st.file_uploader
    "aria-dialog-name",  # st.toast calls itself a dialog and gives no name
    "aria-allowed-role", "landmark-unique", "landmark-one-main", "region",
}  # fmt: skip
"""Rules that Streamlit's own frame breaks; nothing of ours is under them."""


PAGES = ("Generate", "History", "Queue", "Compare", "Credits", "Storyboard", "Settings", "Help", "Clip")
BACKGROUND = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"
TURNED = """async () => {
  for (let frame = 0; frame < 20; frame++) {
    if (document.getAnimations().some(one => one instanceof CSSTransition && one.playState === "running")) return false;
    await new Promise(requestAnimationFrame);
  }
  return true;
}"""
SMALLEST_TARGET_PIXELS = 24
"""WCAG 2.2, target size (minimum), level AA."""

TARGETS = """() => [...document.querySelectorAll('[data-testid=stMain] :is(button, a, [role=button], input, summary)')]
  .filter(one => one.checkVisibility({ checkVisibilityCSS: true }) && !one.matches('[readonly]')
    && !one.closest('label, [data-testid=stFileUploader]'))
  .map(one => [one.getBoundingClientRect(), one.outerHTML.slice(0, 120)])
  .filter(([box]) => box.width > 1 && box.height > 1)
  .map(([box, html]) => [Math.round(Math.min(box.width, box.height)), html])"""


def go(page, name) -> None:
    """Turn to a page in a state that shows what it has."""
    turn_to(page, "History" if name == "Clip" else name)
    if name == "Generate":
        page.get_by_label("Prompt", exact=True).fill("A paper boat drifts by, slow dolly in")
        expect(page.get_by_role("button", name=re.compile("^Generate ·"))).to_be_enabled()
    if name == "History":
        page.get_by_test_id("stCheckbox").first.click()
        expect(page.get_by_text("1 selected").first).to_be_visible()
    if name == "Queue":
        expect(page.get_by_role("button", name=re.compile("^Start ·")).first).to_be_visible()
    if name == "Storyboard":
        page.get_by_label("Your story").fill("A boat leaves the shore\nIt meets a whale")
        page.get_by_role("button", name="Make the storyboard").click()
        expect(page.get_by_role("option")).to_have_count(2)
        page.get_by_text("Title, music and the whole video").click()
        expect(page.get_by_role("button", name="Export one MP4")).to_be_visible()
    if name == "Compare":
        expect(page.locator("video")).to_have_count(2)
    if name == "Settings":
        expect(page.get_by_role("button", name="Try it")).to_be_visible()
    if name == "Clip":
        page.get_by_role("link", name=re.compile("The boat sails on")).click()
        expect(page.get_by_role("heading", name="The whole story")).to_be_visible()
        page.get_by_text("Edit and export").click()
        expect(page.get_by_role("button", name="Make the trimmed video")).to_be_visible()
    settled(page)


def change_theme(page, scheme) -> None:
    """Have the browser ask for another theme; wait until every colour has turned."""
    before = page.evaluate(BACKGROUND)
    page.mouse.move(2, 2)
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(f"before => ({BACKGROUND})() !== before", arg=before)
    page.wait_for_function(TURNED)


def faults(page, rules=None) -> dict[str, list[str]]:
    """Return what axe finds that is ours to mend."""
    found = {}
    for violation in Axe().run(page, options={"runOnly": rules} if rules else None).response["violations"]:
        nodes = [node["html"][:200] for node in violation["nodes"]]
        if nodes and violation["id"] not in STREAMLITS_OWN:
            found[violation["id"]] = nodes[:3]
    return found


def test_axe_finds_nothing(stocked, page):
    """No violation on any page that is ours to mend, with clips in the house, something planned and something chosen.

    The dark theme changes nothing but colours, so there only the contrast is measured.
    """
    visit(page, stocked)
    page.get_by_label("Prompt", exact=True).fill("A paper boat drifts by")
    page.get_by_role("button", name="Add to queue").click()
    expect(page.get_by_text("Added to the queue").first).to_be_visible()
    found = {}
    for name in PAGES:
        go(page, name)
        found |= {f"{name} {rule}": nodes for rule, nodes in faults(page).items()}
        change_theme(page, "dark")
        found |= {f"{name}, dark, {rule}": nodes for rule, nodes in faults(page, ["color-contrast"]).items()}
        change_theme(page, "light")
    assert found == {}


def test_a_sheet_wears_the_theme(stocked, page):
    """It stands outside the app's own frame; in the dark its chosen tab was dark on dark."""
    visit(page, stocked)
    change_theme(page, "dark")
    page.get_by_role("button", name="Inspire me").click()
    for name in ("Builder", "Ideas"):
        page.get_by_role("radio", name=name, exact=True).click()
        settled(page)
        assert faults(page, ["color-contrast"]) == {}


def test_fingers_find_every_target(stocked, browser):
    """At 390 px nothing scrolls sideways and nothing to press is smaller than the standard's 24 px."""
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, locale="en-US",
        user_agent="Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36",
    )  # fmt: skip
    page = phone.new_page()
    errors = watch(page)
    too_small = {}
    page.goto(stocked.url)
    for name in PAGES[:-1]:
        turn_to(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= 390, name
        small = [(size, html) for size, html in page.evaluate(TARGETS) if size < SMALLEST_TARGET_PIXELS]
        too_small |= {name: small[:4]} if small else {}
    phone.close()
    assert too_small == {}
    assert errors == []


def test_a_clip_can_be_made_without_a_mouse(stocked, page):
    """Tab, type, Tab to the button, Enter."""
    page.goto(stocked.url)
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
    expect(page.get_by_text("Started.").first).to_be_visible()
