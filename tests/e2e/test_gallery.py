"""The gallery in a real browser: videos under the pointer, several clips at once, keys, filters, and the trash."""

from __future__ import annotations

import io
import json
import re
import zipfile
from itertools import groupby
from pathlib import Path

from conftest import eventually
from playwright.sync_api import expect

from e2e.conftest import play_under_pointer, settled, visit


def cards(page):
    return page.locator('[class*="st-key-card_clip_"]')


def chosen_boxes(page):
    return page.get_by_test_id("stCheckbox")


def test_a_video_plays_under_the_pointer(stocked, page):
    """Hovering plays it in place, leaving stops it, a click opens the clip."""
    visit(page, stocked, "History")
    poster = page.get_by_role("button", name=re.compile("Video: A paper kite"))
    before = cards(page).first.bounding_box()
    play_under_pointer(page, poster)
    video = page.locator("video")
    eventually(lambda: video.evaluate("video => video.currentTime > 0.1"))
    assert cards(page).first.bounding_box() == before
    page.mouse.move(2, 2)
    expect(video).to_have_count(0)
    poster.click()
    expect(page).to_have_url(re.compile("clip=clip_"))


def test_pictures_of_a_row_are_of_one_height(stocked, page):
    """Whatever its shape, a clip is as tall as its neighbours, what failed too, and no row is taller than the usual one.

    A full row ends at the page's edge.
    """
    page.set_viewport_size({"width": 700, "height": 900})
    visit(page, stocked, "History")
    pictures = page.locator('[class*="st-key-gallery_clip_"] [data-clip]')
    boxes = [pictures.nth(place).bounding_box() for place in range(pictures.count())]
    rows = [list(row) for _, row in groupby(boxes, key=lambda box: round(box["y"]))]
    gallery = page.locator('[class*="st-key-gallery_clip_"]').first.bounding_box()
    assert len({round(box["width"]) for box in rows[0]}) > 1
    for row in rows:
        assert max(box["height"] for box in row) - min(box["height"] for box in row) < 1
        assert max(box["height"] for box in row) < gallery["width"] / 2 / (16 / 9)
    end = rows[0][-1]["x"] + rows[0][-1]["width"]
    assert abs(end - gallery["x"] - gallery["width"]) < 1


def test_the_whole_gallery_by_keyboard(stocked, page):
    """Arrows walk, S keeps and takes it back, X chooses, Del and U throw away and undo, / searches, ? lists the keys, Enter opens."""
    visit(page, stocked, "History")
    expect(cards(page)).to_have_count(4)
    page.keyboard.press("ArrowRight")
    first = page.evaluate("document.activeElement.dataset.clip")
    page.keyboard.press("ArrowRight")
    second = page.evaluate("document.activeElement.dataset.clip")
    assert first
    assert second not in {first, None}
    page.keyboard.press("s")
    star = page.locator(f".st-key-icon_history_star_{second}")
    expect(star.get_by_role("button", name=re.compile("Kept"))).to_be_visible()
    eventually(lambda: page.evaluate("document.activeElement.dataset.clip") == second)
    page.keyboard.press("s")
    expect(star.get_by_role("button", name=re.compile("Keep$"))).to_be_visible()
    eventually(lambda: page.evaluate("document.activeElement.dataset.clip") == second)
    page.keyboard.press("x")
    expect(page.get_by_text("1 selected").first).to_be_visible()
    settled(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("play or stop")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Delete")
    expect(page.get_by_text("1 clip is in the trash")).to_be_visible()
    settled(page)
    page.keyboard.press("u")
    expect(page.get_by_text("1 clip is in the trash")).to_have_count(0)
    expect(cards(page)).to_have_count(4)
    settled(page)
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.get_by_role("button", name=re.compile("Video: A paper boat")).focus()
    page.keyboard.press(" ")
    eventually(lambda: page.locator("video").count() == 1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="A paper boat drifts by")).to_be_visible()


def test_several_clips_leave_as_one_file(stocked, page):
    """Chosen together: a ZIP with videos and manifest, a new tag for all."""
    visit(page, stocked, "History")
    page.get_by_role("button", name="Select all").click()
    expect(page.get_by_text("4 selected").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as ZIP").click()
    packed = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    manifest = json.loads(packed.read("manifest.json"))
    assert len([name for name in packed.namelist() if name.endswith(".mp4")]) == 3 == len(manifest)
    bar = page.get_by_test_id("stBottom")
    bar.get_by_role("button", name=re.compile("Tag")).click()
    expect(page.get_by_role("textbox", name="Add a tag")).to_be_focused()
    page.keyboard.type("summer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“summer” added to 4 clips").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("4 selected")).to_have_count(0)
    expect(cards(page).first.get_by_text("summer")).to_be_visible()


def test_the_gallery_is_narrowed_and_searched(stocked, page):
    """Filters by tag, words that light up, nothing found in words."""
    visit(page, stocked, "History")
    page.get_by_role("button", name=re.compile("Filters")).click()
    page.get_by_role("combobox", name=re.compile("^Tag")).click()
    page.get_by_role("option", name="spring").click()
    expect(page.get_by_text("1 clip", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_text("4 clips", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="Filters", exact=True)).to_be_visible()
    settled(page)
    page.keyboard.press("Escape")
    page.get_by_label("Search").fill("kite")
    expect(page.get_by_text("1 clip", exact=True).first).to_be_visible()
    expect(cards(page).locator("span", has_text=re.compile("^kite$")).first).to_be_visible()
    page.get_by_role("button", name="Show all clips").click()
    expect(page.get_by_label("Search")).to_have_value("")
    expect(page.get_by_text("4 clips", exact=True).first).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Select all").click()
    expect(page.get_by_text("4 selected").first).to_be_visible()
    expect(page.get_by_text("4 clips", exact=True).first).to_be_visible()
    page.get_by_label("Search").fill("nothing like it")
    expect(page.get_by_text("Nothing here").first).to_be_visible()


def test_the_trash_can_be_undone(stocked, page):
    """Deleted, had back, and the count is as before."""
    visit(page, stocked, "History")
    chosen_boxes(page).first.click()
    page.get_by_test_id("stBottom").get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("1 clip is in the trash").first).to_be_visible()
    expect(page.get_by_text("3 clips", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("4 clips", exact=True).first).to_be_visible()


def test_arrows_turn_to_the_neighbours_but_seek_in_a_player(stocked, page):
    """From clip to clip by arrow keys; in a focused player they stay the player's."""
    visit(page, stocked, "History")
    page.get_by_role("link", name=re.compile("The boat sails on")).first.click()
    expect(page.get_by_role("heading", level=1, name="The boat sails on")).to_be_visible()
    settled(page)
    player = page.locator("video").first
    eventually(lambda: player.evaluate("video => video.readyState >= 1"))
    player.focus()
    page.keyboard.press("ArrowRight")
    eventually(lambda: player.evaluate("video => video.currentTime > 0"))
    settled(page)
    expect(page.get_by_role("heading", level=1, name="The boat sails on")).to_be_visible()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1, name="A paper boat drifts by")).to_be_visible()


def test_reduced_motion_is_respected(stocked, browser):
    """Nothing plays by hovering; a press of Space does it."""
    context = browser.new_context(reduced_motion="reduce", locale="en-US", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    visit(page, stocked, "History")
    poster = page.get_by_role("button", name=re.compile("Video: A paper kite"))
    poster.hover()
    poster.focus()
    assert page.locator("video").count() == 0
    page.keyboard.press(" ")
    eventually(lambda: page.locator("video").count() == 1)
    assert page.locator("video[autoplay]").count() == 0
    context.close()


def test_who_comes_back_finds_the_place_and_the_filter(stocked, page):
    """From a clip to the history: as far down as before, with the same filter on."""
    page.set_viewport_size({"width": 700, "height": 420})
    visit(page, stocked, "History")
    page.locator(".st-key-history_filter").get_by_text("Succeeded").click()
    expect(page.get_by_text("3 clips", exact=True).first).to_be_visible()
    settled(page)
    link = page.get_by_role("link", name=re.compile("A paper boat"))
    link.scroll_into_view_if_needed()
    main = page.get_by_test_id("stMain")
    before = main.evaluate("main => main.scrollTop")
    assert before > 0
    link.click()
    expect(page.get_by_role("heading", level=1, name="A paper boat drifts by")).to_be_visible()
    settled(page)
    page.locator(".st-key-clip_way").get_by_role("link", name="History").click()
    expect(page.get_by_text("3 clips", exact=True).first).to_be_visible()
    eventually(lambda: abs(main.evaluate("main => main.scrollTop") - before) < 5)


def test_who_comes_back_to_generate_finds_the_place(stocked, page):
    """Back from a clip that lies below the form; who deletes it there can undo it where they came from."""
    page.set_viewport_size({"width": 700, "height": 420})
    page.goto(stocked.url)
    settled(page)
    link = page.get_by_role("link", name=re.compile("A paper boat"))
    expect(link).not_to_be_in_viewport()
    link.click()
    expect(page.get_by_role("heading", level=1, name="A paper boat drifts by")).to_be_visible()
    settled(page)
    page.locator(".st-key-clip_way").get_by_role("link", name="Generate").click()
    expect(link).to_be_in_viewport()
    link.click()
    expect(page.get_by_role("heading", level=1, name="A paper boat drifts by")).to_be_visible()
    settled(page)
    page.locator(".st-key-icon_clip_more button:visible").click()
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_role("heading", level=1, name="Generate")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(link).to_be_visible()


def test_a_guest_sees_one_clip_and_nothing_else(stocked, page):
    """Without a script, by a link that is made in the page; another clip's video is not behind it; taken back, it ends."""
    visit(page, stocked, "History")
    page.get_by_role("link", name="A paper kite flies by", exact=True).click()
    page.get_by_role("button", name="Share").click()
    page.get_by_text("More ways").click()
    page.get_by_role("button", name="Make a guest link").click()
    link = page.get_by_test_id("stCode").filter(has_text="/guest/").inner_text().strip()
    plain = page.context.browser.new_context(java_script_enabled=False)
    guest = plain.new_page()
    guest.goto(link)
    expect(guest.locator("video")).to_have_attribute("src", re.compile("/guest/.*/video.mp4"))
    expect(guest.get_by_text("A paper kite flies by")).to_be_visible()
    video = plain.request.get(f"{link}/video.mp4", headers={"Range": "bytes=0-9"})
    assert (video.status, len(video.body())) == (206, 10)
    assert plain.request.get(f"{link}/studio.db").status == 404
    page.get_by_role("button", name="Take back 1 guest link").click()
    expect(page.get_by_role("button", name="Make a guest link")).to_be_visible()
    assert guest.goto(link).status == 404
    plain.close()
