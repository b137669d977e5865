"""The whole job in a real browser: a prompt goes in, a video that plays comes out and stays."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path

from conftest import SKETCHY, eventually, picture
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import SHAPE_AND_LENGTH, App, choose, settled, visit, watch, what_is_covered
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio

GENERATE = re.compile("^Generate · 25 credits")


def open_app(page: Page, app: App, path: str = "") -> None:
    page.goto(app.url + path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def write(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt").fill(prompt)
    choose(page, "480p")
    choose(page, "1:1")
    expect(page.get_by_role("button", name=GENERATE)).to_be_enabled()


PLAYS = """video => {
  video.muted = true;
  if (video.paused) video.play().catch(() => {});
  return video.currentTime > 0.1 && video.videoWidth > 0;
}"""


def generate(page: Page, prompt: str) -> None:
    write(page, prompt)
    page.get_by_role("button", name=GENERATE).click()
    expect(page.locator(".st-key-generate_results")).to_contain_text(prompt)


def video_plays(where: Page | Locator) -> None:
    video = where.locator("video").first
    expect(video).to_be_visible(timeout=60_000)
    # Pressed again until it plays: the page may draw the player anew right after it came.
    eventually(lambda: video.evaluate(PLAYS))


def test_text_to_video(app, page):
    """Type, press, watch, find it again in History, see what it cost."""
    open_app(page, app)
    expect(page.get_by_text("Demo · no real credits").first).to_be_visible()
    expect(page.get_by_role("button", name=GENERATE)).to_be_disabled()
    generate(page, "A paper boat on a rainy street")
    video_plays(page)
    expect(page.get_by_text("475 credits").first).to_be_visible()
    page.get_by_role("link", name="History").click()
    page.get_by_role("link", name=re.compile("A paper boat")).click()
    expect(page).to_have_url(re.compile("clip=clip_"))
    video_plays(page)
    link = page.get_by_test_id("stCode").first.inner_text().strip()
    page.get_by_role("link", name="Credits").click()
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("475")
    open_app(page, app, link.removeprefix(app.url))
    video_plays(page)


def test_downloads_and_ranges(stocked, page):
    """Videos are served in parts and for saving; a wrong id is a 404 and no more."""
    open_app(page, stocked)
    page.get_by_role("link", name=re.compile("A paper kite")).first.click()
    video_plays(page)
    source = stocked.url + page.locator("video").first.get_attribute("src")
    with urllib.request.urlopen(urllib.request.Request(source, headers={"Range": "bytes=0-9"})) as part:
        assert (part.status, len(part.read()), part.headers["content-type"]) == (206, 10, "video/mp4")
        assert part.headers["etag"]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    assert Path(download.value.path()).read_bytes()[4:8] == b"ftyp"
    assert download.value.suggested_filename.endswith("_a-paper-kite-flies-by.mp4")
    with Studio(Settings(data_dir=stocked.data_dir, run_engine=False, demo_seconds=0.3)) as beside:
        clip_id = source.rpartition("/")[2].removesuffix(".mp4")
        assert beside.get(clip_id).downloaded_at
    named = page.request.get(f"{source}?download").headers["content-disposition"]
    assert "_a-paper-kite-flies-by.mp4" in named
    assert page.request.post(stocked.url + "/doctor/upload", data=b"x" * 1000).text() == "1000"
    for path in ("/clips/../../etc/passwd.mp4", "/edits/..%2f..%2fstudio.db", "/app/static/..%2fnavigation.py"):
        answer = page.request.get(stocked.url + path)
        assert b"root:" not in answer.body()
        assert b"SQLite" not in answer.body()
        assert b"st.navigation" not in answer.body()
    assert page.request.get(stocked.url + "/clips/nothing.mp4").status == 404
    assert page.request.get(stocked.url + "/edits/" + "0" * 32 + ".mp4").status == 404


def test_image_to_video(stocked, page, tmp_path):
    """A phone photo goes along, upright and shown as it will be sent."""
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(picture(size=(800, 600), kind="JPEG"))
    open_app(page, stocked)
    page.locator("input[type=file]").set_input_files(photo)
    expect(page.get_by_text("JPEG · ").first).to_be_visible()
    generate(page, "It begins to move")
    card = page.locator('[class*="st-key-card_generate_clip"]').filter(has_text="It begins to move")
    video_plays(card)
    expect(card).to_contain_text("with a reference image")


def test_a_failure_says_what_helps(app, page):
    """The credits come back, and the remedy is a button."""
    open_app(page, app)
    generate(page, "Something impossible #fail")
    expect(page.get_by_text("Your credits came back").first).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name=re.compile("Try again"))).to_be_visible()
    expect(page.get_by_text("500 credits").first).to_be_visible()


def test_another_server_with_few_credits(page, tmp_path):
    """A base URL and a key are all it takes; a clip that cannot be paid has a dead button that says why."""
    with Sandbox(tmp_path / "poor", balance=30, seconds=0.3, **SKETCHY) as poor:
        app = App(tmp_path / "data", RIVYA_API_KEY=DEMO_API_KEY, RIVYA_BASE_URL=poor.base_url).start()
        try:
            open_app(page, app)
            generate(page, "A paper boat")
            video_plays(page)
            expect(page.get_by_text("There are 5 credits left and this costs 25").first).to_be_visible()
            expect(page.get_by_role("button", name=GENERATE)).to_be_disabled()
            assert page.get_by_text("Demo ·").count() == 0
            health = json.loads(urllib.request.urlopen(f"{app.url}/healthz").read())
            assert health == {"status": "ok", "demo": False, "engine": "working"}
            assert DEMO_API_KEY not in page.content()
        finally:
            page.goto("about:blank")
            app.stop()


def test_what_was_typed_without_a_pause_outlives_a_reload(stocked, page):
    """The words are sent at a pause; a reload before it brings them back, once."""
    open_app(page, stocked)
    box = page.get_by_label("Prompt", exact=True)
    box.press_sequentially("A kite over the sea")
    page.reload()
    expect(box).to_have_value("A kite over the sea")
    settled(page)
    expect(page.get_by_text("19 / 10,000")).to_be_visible()
    box.fill("")
    settled(page)
    expect(page.get_by_text("0 / 10,000", exact=True)).to_be_visible()
    page.reload()
    settled(page)
    expect(box).to_have_value("")


def test_reload_in_the_middle(stocked, page):
    """A reload takes up where the work stands, and what was being typed is still there."""
    open_app(page, stocked)
    generate(page, "A paper boat #slow")
    page.get_by_label("Prompt").fill("The next idea")
    expect(page.get_by_text("13 / 10,000").first).to_be_visible()
    page.reload()
    expect(page.get_by_label("Prompt")).to_have_value("The next idea")
    expect(page.get_by_text(re.compile("1 running")).first).to_be_visible()
    expect(page.get_by_text("A paper boat #slow").first).to_be_visible()


def test_typing_goes_on_while_a_clip_runs(stocked, page):
    """Refreshes neither take the focus nor a letter."""
    open_app(page, stocked)
    generate(page, "A paper boat")
    prompt = page.get_by_label("Prompt")
    prompt.fill("")
    prompt.press_sequentially("slowly typed while the video is made", delay=60)
    expect(prompt).to_have_value("slowly typed while the video is made")
    expect(prompt).to_be_focused()


def test_typing_goes_on_while_a_page_is_late(late_app, page):
    """The form runs twice before the page that a press drew has arrived; nothing of that page is lost."""
    open_app(page, late_app)
    write(page, "A paper boat #lost")
    page.get_by_role("button", name=GENERATE).click()
    prompt = page.get_by_label("Prompt")
    prompt.press_sequentially("!!!", delay=400)
    expect(page.get_by_text("Started.").first).to_be_visible()
    expect(page.get_by_text("21 / 10,000").first).to_be_visible()
    expect(page.get_by_role("button", name="Add to queue")).to_be_visible()
    expect(prompt).to_have_value("A paper boat #lost!!!")


def test_two_tabs_with_one_draft_pay_once(app, page, context):
    """The same draft in two tabs is one generation."""
    open_app(page, app)
    write(page, "A paper boat")
    other = context.new_page()
    errors = watch(other)
    other.goto(page.url)
    expect(other.get_by_label("Prompt")).to_have_value("A paper boat")
    page.get_by_role("button", name=GENERATE).click()
    other.get_by_role("button", name=GENERATE).click()
    expect(other.get_by_text("Started.")).to_be_visible()
    video_plays(page)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("1 clip", exact=True).first).to_be_visible()
    expect(page.get_by_text("475 credits").first).to_be_visible()
    assert errors == []


def test_a_double_click_pays_once(app, page):
    """Two clicks in a row are one."""
    open_app(page, app)
    write(page, "A paper boat")
    page.get_by_role("button", name=GENERATE).dblclick()
    video_plays(page)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("1 clip", exact=True).first).to_be_visible()


def test_a_double_click_on_a_late_page_pays_for_its_takes_once(late_app, page):
    """The button still says 75 when the second click comes, and the choice beside it 1x: no fault, and no fourth take."""
    open_app(page, late_app)
    write(page, "A paper boat")
    page.get_by_role("radio", name="3×").click()
    button = page.get_by_role("button", name="Generate · 75 credits")
    expect(button).to_be_enabled(timeout=30_000)
    button.click()
    button.click()
    expect(page.get_by_text("Take 3", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_text("has just changed")).to_have_count(0)
    expect(page.get_by_text("Take 4", exact=True)).to_have_count(0)
    expect(page.get_by_text("425 credits").first).to_be_visible(timeout=60_000)


def test_a_double_click_continues_a_clip_once(app, page):
    """The first click takes the frame along; the second is the same press, and no fault."""
    open_app(page, app)
    write(page, "A paper boat")
    page.get_by_role("button", name=GENERATE).click()
    video_plays(page)
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_text("Continuing:")).to_be_visible()
    settled(page)
    write(page, "The boat sails on")
    page.get_by_role("button", name=GENERATE).dblclick()
    expect(page.get_by_text("Continuing:")).to_have_count(0)
    expect(page.get_by_text("Look at it, and press again")).to_have_count(0)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("2 clips", exact=True).first).to_be_visible()


def test_kill_and_restart_in_the_middle(app, page):
    """Kill -9 while a clip runs: started again, the app still has it, paid once."""
    open_app(page, app)
    generate(page, "A paper boat")
    page.goto("about:blank")
    app.kill()
    app.start()
    open_app(page, app)
    video_plays(page)
    expect(page.get_by_text("475 credits").first).to_be_visible()


def test_phone_in_bengali(browser, stocked):
    """390 px wide, dark, Bengali: nothing scrolls sideways, and what a clip needs is visible above the button."""
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="bn-BD", color_scheme="dark",
        user_agent="Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36",
    )  # fmt: skip
    page = phone.new_page()
    errors = watch(page)
    open_app(page, stocked)
    expect(page.locator("textarea")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator(".st-key-generate_submit button")).to_be_in_viewport()
    settled(page)
    fields = (".st-key-generate_prompt", ".st-key-generate_picture_line", *SHAPE_AND_LENGTH)
    assert what_is_covered(page, *fields) == []
    assert re.search("[\u0980-\u09ff]", page.get_by_role("heading", level=1).inner_text())
    assert errors == []
    phone.close()


def test_two_videos_play_as_one(stocked, page):
    """One press plays both, one step moves both, and they stay together."""
    visit(page, stocked, "Compare")
    videos = page.locator("video")
    expect(videos).to_have_count(2, timeout=60_000)
    eventually(lambda: videos.evaluate_all("videos => videos.every(video => video.readyState >= 2)"))
    page.get_by_role("button", name="Next frame").click()
    eventually(
        lambda: videos.evaluate_all("videos => videos.every(video => Math.abs(video.currentTime - 1 / 24) < 0.01)")
    )
    page.get_by_role("button", name="Play").click()
    eventually(lambda: videos.evaluate_all("videos => videos.every(video => video.currentTime > 0.5)"))
    apart = videos.evaluate_all("videos => Math.abs(videos[0].currentTime - videos[1].currentTime)")
    assert apart < 0.3
    first, second = page.get_by_role("button", name=re.compile("^See it large")).all()
    second.click()
    assert second.bounding_box()["height"] > first.bounding_box()["height"]
    first.press("Space")
    assert first.bounding_box()["height"] > second.bounding_box()["height"]
    page.get_by_role("button", name="Pause").click()
    assert videos.evaluate_all("videos => videos.every(video => video.paused)")
    # Kept where it is looked at; nothing begins anew by it. Its page is one press away.
    page.get_by_role("button", name="Keep: 1").click()
    expect(page.get_by_role("button", name="Kept: 1")).to_have_attribute("aria-pressed", "true")
    assert videos.evaluate_all("videos => videos.every(video => video.paused && video.currentTime > 0.5)")
    page.get_by_role("button", name="Kept: 1").click()
    expect(page.get_by_role("button", name="Keep: 1")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("link", name="Open it: 1").click()
    expect(page.get_by_role("link", name="Compare")).to_be_visible()
    expect(page).to_have_url(re.compile("/clip"))
