"""A story from its words to one video, in a real browser."""

from __future__ import annotations

import re

from conftest import eventually, tone
from playwright.sync_api import Page, expect

from e2e.conftest import settled, visit

STORY = "A boat leaves the shore\nIt meets a whale (10 s)\nNight falls over both"


def cards(page: Page):
    return page.get_by_role("listbox", name="Shots").get_by_role("option")


def order(page: Page) -> list[str]:
    return [re.sub(r"^\d+\. ", "", text) for text in cards(page).locator(".words").all_inner_texts()]


def begin(page: Page, app) -> None:
    visit(page, app, "Storyboard")
    page.get_by_label("Your story").fill(STORY)
    expect(page.get_by_text("3 shots · 20 s · 75 credits").first).to_be_visible()
    page.get_by_role("radio", name="480p").click()
    page.get_by_role("radio", name="1:1").click()
    page.get_by_role("button", name="Make the storyboard").click()
    expect(cards(page)).to_have_count(3)
    settled(page)


def test_a_story_is_planned_paid_shot_by_shot_and_exported(app, page, tmp_path):
    """Nothing is paid before a press; each press pays one; the whole becomes one MP4 with a title and music."""
    begin(page, app)
    expect(page.get_by_text("500 credits").first).to_be_visible()
    page.get_by_role("button", name="Start the next shot · 25 credits").click()
    expect(cards(page).nth(0)).to_contain_text("Succeeded", timeout=60_000)
    expect(page.get_by_text("475 credits").first).to_be_visible()
    page.get_by_role("button", name="Start all 2 · 50 credits").click()
    expect(cards(page).nth(2)).to_contain_text("Succeeded", timeout=60_000)
    expect(page.get_by_text("425 credits").first).to_be_visible()
    settled(page)
    expect(page.get_by_role("button", name="Export one MP4")).to_be_in_viewport()
    page.get_by_text("Title and music").click()
    page.get_by_label("Title card (optional)").fill("The boat")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "my song.wav", "mimeType": "audio/wav", "buffer": tone(tmp_path / "tone.wav", 3)}
    )
    expect(page.get_by_text("my song.wav").first).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Export one MP4").click()
    video = page.locator('video[src*="/edits/"]')
    expect(video).to_be_visible(timeout=60_000)
    eventually(lambda: abs(video.evaluate("video => video.duration") - 22.5) < 0.3)
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("^Download ·")).click()
    assert download.value.suggested_filename == "a-boat-leaves-the-shore.mp4"


def test_shots_are_dragged_written_and_replaced(app, page):
    """By pointer and by keyboard; what is made anew is only what depends on it, and costs nothing by itself."""
    begin(page, app)
    cards(page).nth(2).drag_to(cards(page).nth(0), target_position={"x": 5, "y": 40})
    eventually(lambda: order(page)[0].startswith("Night falls"))
    cards(page).nth(0).focus()
    page.keyboard.press("Alt+ArrowRight")
    eventually(lambda: order(page)[1].startswith("Night falls"))
    settled(page)
    words = page.get_by_label("What is seen")
    for place in (2, 1, 0):
        cards(page).nth(place).click()
        expect(page.get_by_role("heading", name=f"Shot {place + 1}")).to_be_visible()
        settled(page)
    expect(words).to_have_value("A boat leaves the shore")
    words.fill("A raft leaves the shore")
    page.keyboard.press("Control+Enter")
    eventually(lambda: order(page)[0] == "A raft leaves the shore")
    expect(page.get_by_role("button", name="Start this shot · 25 credits")).to_have_count(0)
    page.get_by_role("button", name="Start the next shot · 25 credits").click()
    expect(cards(page).nth(0)).to_contain_text("Succeeded", timeout=60_000)
    settled(page)
    page.get_by_role("button", name="Replace this shot").click()
    expect(cards(page).nth(0)).to_contain_text("To be made again")
    page.reload()
    page.get_by_role("button", name="Undo").click()
    expect(cards(page).nth(0)).to_contain_text("Succeeded")
    settled(page)
    page.get_by_role("button", name="Replace this shot").click()
    expect(cards(page).nth(0)).to_contain_text("To be made again")
    expect(page.get_by_role("button", name="Make shot 1 again · 25 credits")).to_be_enabled()
    expect(page.get_by_text("475 credits").first).to_be_visible()
    page.get_by_role("link", name="History", exact=True).first.click()
    expect(page.get_by_text("1 clip", exact=True).first).to_be_visible()
