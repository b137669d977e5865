"""Before the click, in a real browser: ideas, builder, templates, the picture's desk, the queue, and the first minutes."""

from __future__ import annotations

import re
import shutil
import sqlite3
import urllib.parse
from contextlib import closing, suppress

from conftest import eventually, picture
from playwright.sync_api import TimeoutError as NotInTime
from playwright.sync_api import expect

from e2e.conftest import App, choose, open_more, play_under_pointer, settled, turn_to, visit

GENERATE = re.compile("^Generate ·")


def prompt(page):
    return page.get_by_label("Prompt", exact=True)


def test_first_clip_in_two_clicks(app, page):
    """The ideas move on the stage by themselves; one press fills the form, the next pays; all of it without scrolling."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(reduced_motion="no-preference")
    visit(page, app)
    idea = page.get_by_role("button", name=re.compile("Example: Nature"))
    eventually(lambda: idea.evaluate("video => video.muted && video.currentTime > 0"))
    for needed in (".st-key-generate_prompt", ".st-key-generate_picture_line", ".st-key-generate_settings",
                   ".st-key-generate_takes", ".st-key-generate_submit"):  # fmt: skip
        expect(page.locator(needed)).to_be_in_viewport(ratio=1)
    idea.click()
    expect(prompt(page)).to_have_value(re.compile("^Morning fog"))
    page.get_by_role("button", name=GENERATE).click()
    stage = page.locator('.st-key-generate_results video[src*="/clips/"]')
    expect(stage).to_be_in_viewport(timeout=60_000)
    eventually(lambda: stage.evaluate("video => video.muted && video.loop && video.currentTime > 0"))


def test_ctrl_enter_generates_what_was_typed(app, page):
    """Also before the pause after which typing is applied; once."""
    visit(page, app)
    prompt(page).press_sequentially("A paper kite")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Started. You can write the next one.")).to_be_visible()
    stage = page.locator('[class*="st-key-card_generate_clip"]')
    expect(stage).to_have_count(1)
    expect(stage).to_contain_text("A paper kite")
    expect(page.get_by_text("475 credits").first).to_be_visible()


def test_ctrl_enter_twice_pays_once(late_app, page):
    """On a computer so slow that the first press is not drawn yet when the second comes."""
    visit(page, late_app)
    prompt(page).fill("A paper kite")
    expect(page.get_by_role("button", name=GENERATE)).to_be_enabled()
    prompt(page).focus()
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    stage = page.locator('.st-key-generate_results video[src*="/clips/"]')
    expect(stage).to_be_visible(timeout=60_000)
    settled(page)
    expect(page.get_by_text("475 credits").first).to_be_visible()
    page.get_by_role("link", name="History", exact=True).first.click()
    expect(page.get_by_text("1 clip", exact=True).first).to_be_visible()


def test_takes_are_one_group(app, page):
    """Three takes in two clicks: shown together, one is kept, also after a reload; one stack in the history.

    None of them moves when it is here.
    """
    visit(page, app)
    prompt(page).fill("A paper boat drifts by")
    page.get_by_role("radio", name="3×").click()
    page.get_by_role("button", name="Generate · 75 credits").click()
    group = page.locator('[class*="st-key-card_takes_"]')
    frames = group.locator('[class*="st-key-frame_take_"]')
    expect(group.locator(".studio-waiting")).to_have_count(3)
    settled(page)
    places = [frames.nth(place).bounding_box() for place in range(3)]
    expect(group.locator("video")).to_have_count(3, timeout=60_000)
    settled(page)
    assert [frames.nth(place).bounding_box() for place in range(3)] == places
    expect(group.get_by_role("link", name="Compare")).to_be_visible()
    group.get_by_role("button", name="Keep", exact=True).nth(1).click()
    expect(group.get_by_role("button", name="Kept")).to_have_count(1)
    page.reload()
    expect(group.get_by_role("button", name="Kept")).to_have_count(1)
    expect(page.get_by_text("425 credits").first).to_be_visible()
    turn_to(page, "History")
    card = page.locator('[class*="st-key-card_clip_"]')
    expect(card).to_have_count(1)
    expect(card).to_contain_text("3 takes")
    card.get_by_test_id("stCheckbox").click()
    expect(page.get_by_text("3 selected").first).to_be_visible()
    card.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="3 takes")).to_be_visible()
    expect(page.locator('[class*="st-key-card_take_clip"]')).to_have_count(3)


def test_the_help_page_plays_every_pair(stocked, page):
    """Fourteen tiny videos, each there and playing."""
    visit(page, stocked, "Help")
    posters = page.locator("[data-video]")
    expect(posters).to_have_count(14)
    for place in (0, 13):
        posters.nth(place).scroll_into_view_if_needed()
        play_under_pointer(page, posters.nth(place))
        eventually(lambda: page.locator("video").evaluate("video => video.currentTime > 0"))
    loaded = posters.evaluate_all(
        "async all => (await Promise.all(all.map(async one => (await fetch(one.dataset.video, {method: 'HEAD'})).ok))).every(Boolean)"
    )
    assert loaded


def test_builder_and_templates_write_the_prompt(stocked, page):
    """What is chosen becomes plain text in the form; the dialogs stay open while the page works."""
    visit(page, stocked)
    page.get_by_role("button", name="Inspire me").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Builder").click()
    dialog.get_by_role("combobox").first.click()
    page.get_by_role("option", name="A white cat").click()
    dialog.get_by_role("combobox").nth(1).fill("sleeps on a warm roof")
    page.get_by_role("option", name=re.compile("sleeps on")).click()
    expect(dialog).to_contain_text("A white cat sleeps on a warm roof")
    dialog.get_by_role("button", name="Use this prompt").click()
    expect(prompt(page)).to_have_value("A white cat sleeps on a warm roof")
    page.get_by_role("button", name="Inspire me").click()
    dialog.get_by_role("radio", name="Templates").click()
    page.locator(".st-key-desk_templates .st-key-templates_name").get_by_role("combobox").click()
    page.get_by_role("option", name="Boat").click()
    page.get_by_role("dialog").get_by_label("colour").fill("red")
    expect(page.get_by_role("dialog")).to_contain_text("A red boat drifts by")
    page.get_by_role("dialog").get_by_role("button", name="Use this prompt").click()
    expect(prompt(page)).to_have_value("A red boat drifts by")
    page.get_by_role("button", name="Put my own words back").click()
    expect(prompt(page)).to_have_value("A white cat sleeps on a warm roof")


def test_nothing_is_paid_without_the_picture_that_is_on_its_way(stocked, page):
    """While a picture is uploading there is no button to press; then it is in the clip."""
    visit(page, stocked)
    prompt(page).fill("A paper boat drifts by")
    button = page.get_by_role("button", name=re.compile("^Generate ·"))
    expect(button).to_be_enabled()
    held = []

    def hold(route):
        held.append(route)

    page.route("**/_stcore/upload_file/**", hold)
    page.locator("[type=file]").first.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    expect(page.get_by_text("Uploading your picture")).to_be_visible()
    expect(button).to_be_hidden()
    eventually(lambda: button.is_hidden() and held)
    held[0].continue_()
    expect(page.get_by_text("PNG · ").first).to_be_visible()
    expect(button).to_be_enabled()
    expect(page.get_by_text("Uploading your picture")).to_be_hidden()


def test_a_pasted_picture_is_cut_with_a_frame(stocked, page):
    """Pasted, cropped with the keyboard on a live frame, and sent as it is shown; not while the frame is open."""
    visit(page, stocked)
    prompt(page).fill("A paper boat drifts by")
    page.evaluate(
        """async bytes => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], "a.png", { type: "image/png" }));
          document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }));
        }""",
        list(picture(size=(300, 400))),
    )
    expect(page.get_by_text("PNG · 300 × 400").first).to_be_visible()
    page.get_by_role("button", name="Crop to 16:9").click()
    frame = page.get_by_role("application")
    expect(frame).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Generate ·"))).to_have_count(0)
    expect(page.get_by_role("button", name="Keep this part")).to_be_in_viewport()
    frame.focus()
    top = frame.bounding_box()["y"]
    page.keyboard.press("Shift+ArrowUp")
    eventually(lambda: frame.bounding_box()["y"] < top - 5)
    settled(page)
    page.get_by_role("button", name="Keep this part").click()
    expect(page.get_by_text(re.compile(r"JPEG · 300 × 16[89]"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Generate ·"))).to_be_enabled()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("PNG · 300 × 400").first).to_be_visible()


def test_a_frame_of_an_earlier_clip_and_the_camera(stocked, browser):
    """A photo is taken, checked and removed again; any moment of a video becomes the reference."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US", permissions=["camera"])
    page = context.new_page()
    visit(page, stocked)
    page.locator(".st-key-icon_generate_camera button:visible").click()
    camera = page.get_by_test_id("stCameraInput").locator("video")
    eventually(
        lambda: camera.count() == 1 and camera.evaluate("video => video.videoWidth > 0 && video.currentTime > 0")
    )
    page.get_by_role("button", name="Take Photo").click(timeout=20_000)
    expect(page.get_by_text("JPEG · ").first).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Will be sent")).to_have_count(0)
    page.get_by_role("button", name="From a clip").first.click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("A paper kite")).click()
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_text("PNG · 480 × 480").first).to_be_visible()
    context.close()


def test_pay_as_you_like(app, page):
    """Plan three, pay one, look, keep it: the others were never paid."""
    visit(page, app)
    prompt(page).fill("A paper boat drifts by")
    choose(page, "480p")
    page.get_by_role("radio", name="3×", exact=True).click()
    expect(page.get_by_role("button", name="Generate · 75 credits")).to_be_enabled()
    page.get_by_role("button", name="Add to queue").click()
    expect(page.get_by_text("3 clips added to the queue").first).to_be_visible()
    expect(page.get_by_text("500 credits").first).to_be_visible()
    expect(page.get_by_text("3 clips added to the queue").first).to_be_visible()
    page.get_by_role("link", name="Queue", exact=True).first.click()
    # What was said of one press goes with the next: beside what was paid it would be untrue.
    expect(page.get_by_text("3 clips added to the queue").first).not_to_be_visible(timeout=1_000)
    expect(page.get_by_text("3 clips waiting · 75 credits").first).to_be_visible()
    page.get_by_role("button", name="Start · 25 credits").first.click()
    keep = page.get_by_role("button", name="Keep this and stop")
    expect(keep).to_be_visible(timeout=60_000)
    expect(page.locator("video").first).to_be_visible()
    keep.click()
    expect(page.get_by_text("Your queue is empty").first).to_be_visible()
    expect(page.get_by_text("475 credits").first).to_be_visible()
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.get_by_text("1 clip", exact=True).first).to_be_visible()


def test_a_batch_is_planned_from_a_table(stocked, page):
    """Lines with a template, the total first, a wrong line named, nothing paid; pressed twice in haste, planned once."""
    visit(page, stocked, "Queue")
    page.get_by_label("Lines or a table").fill(
        "prompt,duration\nA boat drifts by,10 s\nA kite flies by,7\nThe moon rises,5"
    )
    expect(page.get_by_text(re.compile("Line 3:.*7 is not possible")).first).to_be_visible()
    expect(page.get_by_text("2 clips · 50 credits").first).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Add 2 clips to the queue").dblclick(delay=60)
    expect(page.get_by_text("2 clips waiting · 50 credits").first).to_be_visible()
    settled(page)
    expect(page.get_by_text("2 clips waiting · 50 credits").first).to_be_visible()
    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_text("Your queue is empty").first).to_be_visible()


def test_a_video_brings_its_settings_back(stocked, page):
    """Downloaded with its settings inside, dropped on Generate: the form is filled, the seed too."""
    visit(page, stocked, "History")
    page.get_by_role("link", name=re.compile("A paper boat")).click()
    page.get_by_role("button", name="Share").click()
    page.get_by_text("More ways").click()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Video that remembers its settings").click()
    visit(page, stocked)
    page.locator("input[type=file]").first.set_input_files(download.value.path())
    expect(prompt(page)).to_have_value("A paper boat drifts by")
    expect(page.get_by_text("The form is filled as this video says").first).to_be_visible()
    settled(page)
    open_more(page)
    expect(page.get_by_label("Seed", exact=True)).to_have_value("7")


AGAIN = """video => new Promise(resolve => {
  video.onseeked = () => video.currentTime < 0.4 && resolve(video.currentTime);
  video.play();
})"""


def test_a_story_becomes_one_video(stocked, page):
    """The strip shows both parts; joined they play ten seconds; a trim and a GIF are made beside."""
    visit(page, stocked, "History")
    page.get_by_role("link", name=re.compile("The boat sails on")).click()
    expect(page.get_by_role("heading", name="The whole story")).to_be_visible()
    page.get_by_text("Join 2 videos").click()
    settled(page)
    page.get_by_role("button", name="Join them").click()
    video = page.locator('video[src*="/edits/"]')
    expect(video).to_be_visible(timeout=60_000)
    eventually(lambda: abs(video.evaluate("video => video.duration") - 10) < 0.2)
    page.get_by_text("Edit and export").click()
    ends, piece = page.locator(".st-key-edit_trim input[type=range]"), page.locator(".st-key-edit_trim video")
    expect(piece).to_have_attribute("data-piece", "0.0 5.0")
    ends.last.focus()
    for _ in range(45):
        page.keyboard.press("ArrowLeft")
    expect(piece).to_have_attribute("data-piece", "0.0 0.5")
    assert piece.evaluate(AGAIN) < 0.4, "it plays round and round what would be cut out"
    settled(page)
    page.get_by_role("radio", name="GIF or WebP").click()
    page.get_by_role("radio", name="320").click()
    page.get_by_role("button", name="Make it").click()
    moving = page.locator('img[src*="/edits/"]')
    expect(moving).to_be_visible(timeout=60_000)
    eventually(lambda: moving.evaluate("picture => picture.naturalWidth === 320"))
    made = page.locator(".st-key-clip_edit").get_by_role("button", name=re.compile("^Download ·"))
    expect(made).to_be_in_viewport()
    assert urllib.parse.urlparse(moving.get_attribute("src")).path.endswith(".webp")


def test_pasted_words_outlive_a_reload(stocked, page):
    """What is to become of them is still open; once it is made they are gone, after another reload too."""
    visit(page, stocked, "Queue")
    box = page.get_by_label("Lines or a table")
    if not box.is_visible():
        page.get_by_text("Add many at once").click()
    box.fill("A boat at noon\nA kite at noon")
    add = page.get_by_role("button", name=re.compile("^Add 2 clips"))
    expect(add).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settled(page)
    if not box.is_visible():
        page.get_by_text("Add many at once").click()
    expect(box).to_have_value("A boat at noon\nA kite at noon")
    add.click()
    expect(page.get_by_role("button", name="Remove all")).to_be_visible()  # in the queue, and not only looked through
    expect(page.get_by_text("A boat at noon").first).to_be_visible()
    page.reload()
    expect(page.get_by_text("A boat at noon").first).to_be_visible()
    settled(page)
    if not box.is_visible():
        page.get_by_text("Add many at once").click()
    expect(box).to_have_attribute("data-put-back", "")  # it was looked whether there are words to put back
    expect(box).to_have_value("")
    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_text("A boat at noon")).to_have_count(0)


def test_before_the_click(stocked, page):
    """A contradiction is settled with a press, the price is explained, and a clip that one owns is pointed out."""
    visit(page, stocked)
    prompt(page).fill("A paper boat drifts by, slow dolly in")
    open_more(page)
    page.locator(".st-key-generate_camera_fixed label").click()
    expect(page.get_by_text("The prompt moves the camera, but Fixed camera is on.").first).to_be_visible()
    page.get_by_role("button", name="Fixed camera: Off").click()
    expect(page.get_by_text("The prompt moves the camera")).to_have_count(0)
    expect(page.get_by_text(re.compile("^Usually")).first).to_be_visible()
    prompt(page).fill("A paper boat drifts by")
    choose(page, "480p")
    choose(page, "1:1")
    open_more(page)
    page.get_by_label("Seed", exact=True).fill("7")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You own this clip already").first).to_be_visible()
    page.get_by_role("button", name="Take a new seed").click()
    expect(page.get_by_text("You own this clip already")).to_have_count(0)


def test_while_you_were_away_in_two_languages(small_history, tmp_path, page):
    """What ended unseen is told and marked once; the switch speaks Bengali, also by its link."""
    shutil.copytree(small_history, tmp_path / "data")
    app = App(tmp_path / "data").start()
    try:
        visit(page, app)
        expect(page.get_by_text("While you were away: 3 finished, 1 failed and refunded").first).to_be_visible()
        page.get_by_role("link", name="Open the history").click()
        marked = page.locator('[class*="st-key-card_clip_"]').filter(has_text="New")
        expect(marked).to_have_count(4)
        page.get_by_role("link", name="Settings", exact=True).click()
        page.get_by_role("radio", name="বাংলা").click()
        expect(page.get_by_role("heading", level=1, name="সেটিংস")).to_be_visible()
        settled(page)
        assert "lang=bn" in page.url
        page.goto(f"{app.url}/?lang=bn")
        expect(page.get_by_role("heading", level=1)).to_have_text("তৈরি করুন")
    finally:
        page.goto("about:blank")
        app.stop()


def test_the_plain_address_finds_the_draft_again(stocked, context, page):
    """In a new tab of the same browser, and after closing the tab; another browser finds nothing."""
    visit(page, stocked)
    prompt(page).fill("Half a thought about a boat")
    choose(page, "9:16")
    page.get_by_role("button", name=GENERATE).focus()
    settled(page)
    draft = urllib.parse.parse_qs(urllib.parse.urlsplit(page.url).query)["draft"][0]
    with closing(context.new_page()) as tab:
        visit(tab, stocked)
        expect(prompt(tab)).to_have_value("Half a thought about a boat")
        expect(tab.get_by_role("radio", name="9:16", exact=True)).to_be_checked()
        assert draft in tab.url
    page.goto("about:blank")
    visit(page, stocked)
    expect(prompt(page)).to_have_value("Half a thought about a boat")
    with closing(context.browser.new_context()) as other:
        stranger = other.new_page()
        visit(stranger, stocked)
        settled(stranger)
        expect(prompt(stranger)).to_have_value("")


def test_an_invalid_seed_on_the_screen_pays_for_nothing(stocked, page):
    """Typed and pressed in one breath: the button is dead or the press is refused, and no credit moves."""
    visit(page, stocked)
    made = page.locator('[data-clip^="clip_"]')
    before = made.count()
    prompt(page).fill("A paper boat drifts by")
    open_more(page)
    seed = page.get_by_label("Seed", exact=True)
    seed.fill("7")
    expect(page.get_by_role("button", name=GENERATE)).to_be_enabled()
    seed.fill("2147483648")
    page.get_by_role("button", name=GENERATE).click(force=True)
    expect(page.get_by_text("2147483648 is not possible for Seed").first).to_be_visible()
    expect(page.get_by_role("button", name=GENERATE)).to_be_disabled()
    settled(page)
    assert made.count() == before


def test_the_demo_is_refilled_and_the_waiting_clip_sent(tmp_path, page):
    """At 0 credits there is a way on; the clip that waits is sent by a press, and is charged once."""
    with App(tmp_path / "data", RIVYA_DEMO_SECONDS="0.3").running() as app:
        visit(page, app)
        expect(page.get_by_text("500 credits").first).to_be_visible()
        with closing(
            sqlite3.connect(tmp_path / "data" / "sandbox" / "sandbox.sqlite3", isolation_level=None)
        ) as ledger:
            ledger.execute("INSERT INTO ledger (kind, amount, created_at) VALUES ('grant', -490, '2026-01-01')")
        prompt(page).fill("A paper boat drifts by")
        choose(page, "480p")
        page.get_by_role("button", name=GENERATE).click()
        expect(page.get_by_text("Waiting for credits").first).to_be_visible()
        page.get_by_role("button", name="Refill the demo").first.click()
        expect(page.get_by_text("510 credits").first).to_be_visible()
        page.get_by_role("button", name="Send now · 25 credits").click()
        expect(page.locator("video")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("485 credits").first).to_be_visible()
        page.goto("about:blank")


def test_the_prompt_is_improved_and_a_hint_is_quiet(stocked, page):
    """What is missing is shown as a difference and taken only when somebody takes it."""
    visit(page, stocked)
    prompt(page).fill("A paper boat drifts by")
    expect(page.get_by_role("button", name=GENERATE)).to_be_enabled()
    page.get_by_role("button", name="Inspire me").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Improve").click()
    expect(dialog.locator(".st-key-improve_rules strong").first).to_be_visible()
    expect(prompt(page)).to_have_value("A paper boat drifts by")
    dialog.get_by_role("button", name="Use this prompt").click()
    expect(prompt(page)).to_have_value(re.compile("^A paper boat drifts by, the camera moves slowly closer, "))
    page.get_by_role("button", name="Put my own words back").click()
    expect(prompt(page)).to_have_value("A paper boat drifts by")


def test_a_bad_cell_is_mended_where_it_stands(stocked, page):
    """The row that cannot be made is a table to write in; mended, it counts with the others."""
    visit(page, stocked, "Queue")
    page.get_by_label("Lines or a table").fill("prompt,duration\nA boat drifts by,7\nA kite flies by,5")
    expect(page.get_by_text(re.compile("Line 2:.*7 is not possible")).first).to_be_visible()
    table = page.get_by_test_id("stDataFrame").first
    expect(page.get_by_text("Correct the cells here")).to_be_visible()
    add = page.get_by_role("button", name="Add 2 clips to the queue")

    def mend() -> bool:
        """Write into the cell; the table draws itself on a canvas, which hears nothing before it is ready."""
        table.scroll_into_view_if_needed()
        box = table.bounding_box()
        page.mouse.dblclick(box["x"] + box["width"] - 60, box["y"] + 52)
        with suppress(NotInTime):
            page.locator("#portal textarea, #portal input, .gdg-input").first.fill("10", timeout=2_000)
            page.keyboard.press("Enter")
            add.wait_for(timeout=4_000)
        return add.is_visible()

    eventually(mend)
    expect(page.get_by_text(re.compile("Line 2:"))).to_have_count(0)
    page.get_by_label("Lines or a table").fill("")
