"""The components of our own, each on a tiny page of its own, under a real pointer and a real keyboard."""

from __future__ import annotations

import json
import time
import urllib.request
from base64 import b64encode
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import eventually, picture
from playwright.sync_api import Page, expect

from e2e.conftest import ROOT, App, settled, watch

HEAD = f"""
import json, sys
from pathlib import Path
sys.path[:0] = [folder for folder in ({str(ROOT)!r}, {str(ROOT / "pages")!r}) if folder not in sys.path]
import streamlit as st
HERE = Path(__file__).parent
exec((HERE / "body.py").read_text(encoding="utf-8"), globals())
"""
"""One process serves every test of this file: starting it costs more than most of them."""

CROP = """
from ui.components.crop_frame import crop_frame
name = st.radio("Picture", ["wide", "tall"])
ratio = st.radio("Ratio", ["1:1", "16:9"])
st.text(json.dumps(crop_frame((HERE / f"{name}.png").read_bytes(), ratio=1.0 if ratio == "1:1" else 16 / 9, key="crop")))
st.button("Again")
"""

PASTE = """
from ui.components.paste_image import paste_image
paste_image("Drop the picture anywhere")
st.text_area("Prompt")
given = st.file_uploader("Reference image", key=f"up_{st.session_state.get('turn', 0)}")
st.text(f"got {given.name} {given.size}" if given else "got nothing")
st.button("Again")
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.caption(f"run {st.session_state['runs']}")
"""

GALLERY = """
from ui.components.gallery_keys import gallery_keys
def here(): st.session_state["turn"] = st.session_state.get("turn", 0) + 1
def gallery():
    gallery_keys({"keys": "Arrow keys move, space plays"})
    st.text_input("Search", key="history_search")
    turn = st.session_state.get("turn", 0)
    st.text(f"turn {turn}")
    for row in range(2):
        for column, place in zip(st.columns(2), (row * 2, row * 2 + 1)):
            with column.container(border=True, key=f"card_{place}"):
                st.html(
                    f'<img src="app/static/poster.png" data-video="app/static/video.mp4" data-clip="clip_{place}" '
                    f'tabindex="0" alt="Clip {place}, {turn}" '
                    'style="display:block;width:100%;aspect-ratio:4/3;object-fit:contain;border-radius:10px">'
                )
                if st.button("Star", key=f"history_star_{place}"):
                    st.toast(f"starred {place}")
                if st.checkbox("Choose", key=f"choose_{place}"):
                    st.text(f"chosen {place}")
                st.page_link(other, label=f"Open {place}", query_params={"clip": f"clip_{place}"})
    st.button("Redraw", on_click=here)
def clip():
    st.title("The clip " + st.query_params.get("clip", ""))
other = st.Page(clip, title="Clip", url_path="clip")
st.navigation([st.Page(gallery, title="Gallery", default=True), other], position="hidden").run()
"""

COMPANION = """
from ui.components.notifications import notifications, notification_settings
st.set_page_config(page_icon=str(HERE / "static" / "icon.png"))
def above(): st.text("above")
above()
@st.fragment(run_every=0.3)
def look():
    notifications(**json.loads((HERE / "state.json").read_text()), icon="app/static/icon.png")
look()
st.text("below")
if "settings" in st.query_params:
    notification_settings()
"""

ALIVE = """
document.querySelector(".stBidiComponent [data-testid=stBidiComponentIsolated]")?.shadowRoot?.querySelector("img[src]"),
document.querySelector(".studio-drop")?.textContent && document.querySelector("input[type=file]"),
document.querySelectorAll("[data-testid=stPageLink-NavLink]").length === 4 && document.documentElement.style.getPropertyValue("--studio-accent"),
document.querySelector(".studio-voice[data-heard]"),
"""
"""What shows of each component that its script has run."""

PLACE = "node => { const { x, y, width, height } = node.getBoundingClientRect(); return [x, y, width, height]; }"
ICON = "() => document.querySelector('link[rel~=icon]').href"
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SPY = """
window.told = [];
window.Notification = class {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, rest) { window.told.push([title, rest.body]); }
};
const RealTone = window.OscillatorNode;
window.OscillatorNode = class extends RealTone {
  start(when) { window.told.push(["tone", this.frequency.value]); super.start(when); }
};
"""
TRANSFER = """([event, kind, name, text]) => {
  const target = document.activeElement ?? document.body;
  const transfer = new DataTransfer();
  if (kind) transfer.items.add(new File(["x".repeat(123)], name, { type: kind }));
  if (text) transfer.setData("text/plain", text);
  const rest = { bubbles: true, cancelable: true, composed: true };
  const made = event === "paste" ? new ClipboardEvent(event, { clipboardData: transfer, ...rest })
    : new DragEvent(event, { dataTransfer: transfer, ...rest });
  return target.dispatchEvent(made);
}"""


class Script(App):
    """A Streamlit script that runs ``body.py``, beside a ``static`` folder with a video, a poster and an icon."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "data")
        self.path = folder / "script.py"
        self.path.write_text(HEAD, encoding="utf-8")
        self.arguments[0] = str(self.path)
        static = folder / "static"
        static.mkdir()
        (static / "poster.png").write_bytes(picture((320, 240)))
        (static / "icon.png").write_bytes(picture((64, 64)))
        video(static / "video.mp4")
        (folder / "wide.png").write_bytes(picture((1200, 600)))
        (folder / "tall.png").write_bytes(picture((600, 1200)))

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as response:
                return response.status == 200
        except OSError:
            return False


def video(path: Path) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt, stream.time_base = 320, 240, "yuv420p", Fraction(1, 24)
        for shade in range(48):
            frame = av.VideoFrame.from_ndarray(np.full((240, 320, 3), shade * 5, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """The process that serves the small pages."""
    running = Script(tmp_path_factory.mktemp("script"))
    running.path.with_name("body.py").write_text("", encoding="utf-8")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def init_script(page):
    """What to run in this test's documents before anything else."""
    with ExitStack() as stack:
        yield lambda source: stack.enter_context(page.add_init_script(source))


@pytest.fixture
def run(script):
    """Go to a page with this body; it is left again before another one takes its place."""
    visited: list[Page] = []

    def goes(page: Page, body: str, path: str = "") -> Script:
        script.path.with_name("body.py").write_text(body, encoding="utf-8")
        state(script, 0)
        visited.append(page)
        page.emulate_media(reduced_motion="no-preference")
        page.goto(script.url + path)
        alive(page)
        return script

    yield goes
    for page in visited:
        if not page.is_closed():
            page.goto("about:blank")


def state(script: Script, running: int, *ended: dict[str, str]) -> None:
    """Say what the notifications see from now on; the file is swapped whole."""
    new = script.path.with_name("new.json")
    new.write_text(json.dumps({"running": running, "ended": ended}), encoding="utf-8")
    new.replace(script.path.with_name("state.json"))


def ended(number: int, how: str = "succeeded", *, seconds_ago: float = 0.0) -> dict[str, str | float]:
    words = {"id": f"clip_{number}", "state": how, "text": f"Clip {number} ended.", "url": f"/?clip=clip_{number}"}
    return {**words, "ended_at": time.time() - seconds_ago}


def alive(page: Page) -> None:
    """Wait until the page is drawn and its component listens."""
    page.wait_for_selector("[data-test-script-state=notRunning]")
    page.wait_for_function(f"() => [{ALIVE}].some(Boolean)")


# The scripts


@pytest.mark.parametrize("path", sorted((ROOT / "pages/ui/components").glob("*.js")), ids=lambda path: path.name)
def test_a_script_is_javascript(page, path):
    """Each file parses by itself, strictly, as the module that it becomes a part of."""
    body = path.read_text(encoding="utf-8").replace("export default ", "return ")
    page.evaluate("body => void new Function(`'use strict';${body}`)", body)


# The crop frame


def told(page: Page):
    return json.loads(page.get_by_test_id("stText").first.inner_text())


def drag(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + by[0] / 2, start[1] + by[1] / 2)
    page.mouse.move(start[0] + by[0], start[1] + by[1])
    page.mouse.up()


def middle(page: Page) -> tuple[float, float]:
    box = page.locator(".frame").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def corner(page: Page) -> tuple[float, float]:
    box = page.locator(".frame").bounding_box()
    return box["x"] + box["width"] - 12, box["y"] + box["height"] - 12


def test_the_frame_is_dragged_and_python_hears_where_it_lies(run, page):
    """It starts as the largest in the middle, untold; a drag tells its shares, and an edge holds it."""
    run(page, CROP)
    frame, stage = page.locator(".frame"), page.locator(".stage")
    expect(frame).to_be_visible()
    assert told(page) is None
    whole, shown = stage.bounding_box(), frame.bounding_box()
    assert whole["width"] / whole["height"] == pytest.approx(2, abs=0.01)
    assert whole["height"] <= 420
    assert shown["width"] == pytest.approx(shown["height"], abs=0.5)
    assert shown["x"] - whole["x"] == pytest.approx(whole["width"] / 4, abs=1)
    drag(page, middle(page), (-whole["width"] / 8, 60))
    eventually(lambda: told(page))
    assert told(page) == pytest.approx([0.125, 0, 0.5, 1], abs=0.005)
    drag(page, middle(page), (-2000, 0))
    eventually(lambda: told(page)[0] == 0)
    assert page.locator(".frame").bounding_box()["x"] == pytest.approx(whole["x"], abs=1)


def test_the_corner_resizes_and_keeps_the_shape(run, page):
    """Smaller by the handle, never below a tenth of the width, never out of the picture."""
    run(page, CROP)
    expect(page.locator(".frame")).to_be_visible()
    drag(page, corner(page), (-100, -100))
    eventually(lambda: told(page))
    left, top, width, height = told(page)
    assert (left, top) == (0.25, 0)
    assert 0.2 < width < 0.45
    assert width * 2 / height == pytest.approx(1, abs=0.001)
    drag(page, corner(page), (-1000, -1000))
    eventually(lambda: told(page)[2] == pytest.approx(0.1))
    drag(page, middle(page), (0, 120))
    eventually(lambda: told(page)[1] > 0.1)
    placed = told(page)
    drag(page, corner(page), (2000, 2000))
    eventually(lambda: told(page)[2] > 0.2)
    left, top, width, height = told(page)
    assert [left, top] == pytest.approx(placed[:2])
    assert top + height == pytest.approx(1, abs=0.001)
    assert width * 2 / height == pytest.approx(1, abs=0.001)


def test_the_keyboard_moves_and_resizes_the_frame(run, page):
    """Arrow keys go one hundredth, with Shift a tenth; minus shrinks about the middle; the page does not scroll."""
    run(page, CROP)
    frame = page.get_by_role("application")
    expect(frame).to_have_accessible_name("What lies in this frame is kept. Arrow keys move it, with Shift in bigger "
                                          "steps; plus and minus resize it.")  # fmt: skip
    frame.focus()
    page.keyboard.press("ArrowRight")
    eventually(lambda: told(page) == pytest.approx([0.26, 0, 0.5, 1]))
    page.keyboard.press("Shift+ArrowLeft")
    eventually(lambda: told(page) == pytest.approx([0.16, 0, 0.5, 1]))
    page.keyboard.press("-")
    eventually(lambda: told(page) == pytest.approx([0.17, 0.02, 0.48, 0.96]))
    page.keyboard.press("+")
    eventually(lambda: told(page) == pytest.approx([0.16, 0, 0.5, 1]))
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("ArrowDown")
    assert told(page) == pytest.approx([0.16, 0, 0.5, 1])
    expect(frame).to_be_focused()


def test_another_picture_or_shape_starts_anew_and_a_rerun_does_not(run, page):
    """What was told of one picture is not taken for another; pressing something else leaves the frame alone."""
    run(page, CROP)
    expect(page.locator(".frame")).to_be_visible()
    drag(page, middle(page), (-2000, 0))
    eventually(lambda: told(page) == pytest.approx([0, 0, 0.5, 1]))
    page.get_by_role("button", name="Again").click()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    assert told(page) == pytest.approx([0, 0, 0.5, 1])
    assert page.locator(".frame").get_attribute("style").startswith("left: 0%")
    page.get_by_text("16:9").click()
    eventually(lambda: told(page) is None)
    eventually(lambda: page.locator(".frame").evaluate("node => node.clientWidth / node.clientHeight") > 1.7)
    page.get_by_text("tall").click()
    eventually(lambda: page.locator(".stage").evaluate("node => node.clientWidth / node.clientHeight") < 0.6)
    assert told(page) is None
    assert page.locator(".stage").bounding_box()["height"] <= 420.5


def test_a_finger_moves_the_frame_and_scrolls_beside_it(browser, run):
    """Only the frame takes touches for itself."""
    phone = browser.new_context(viewport={"width": 390, "height": 700}, has_touch=True, locale="en-US")
    page = phone.new_page()
    errors = watch(page)
    run(page, CROP)
    frame = page.locator(".frame")
    expect(frame).to_be_visible()
    assert frame.evaluate("node => getComputedStyle(node).touchAction") == "none"
    assert page.locator(".stage").evaluate("node => getComputedStyle(node).touchAction") == "auto"
    x, y = middle(page)
    touches = phone.new_cdp_session(page)
    touches.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in (20, 40, 60):
        moved = [{"x": x + step, "y": y}]
        touches.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": moved})
    touches.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    eventually(lambda: (told(page) or [0])[0] > 0.3)
    assert errors == []
    page.goto("about:blank")
    phone.close()


# Pasting and dropping


def test_a_pasted_picture_goes_to_the_uploader_and_text_to_the_prompt(run, page):
    """A picture lands from anywhere; text, also beside a picture, stays where it is written."""
    run(page, PASTE)
    got = page.get_by_test_id("stText")
    expect(got).to_have_text("got nothing")
    assert page.evaluate(TRANSFER, ["paste", "", "", "only words"])
    prompt = page.get_by_label("Prompt")
    prompt.focus()
    assert page.evaluate(TRANSFER, ["paste", "image/png", "word.png", "words with their picture"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('pasted words')")
    page.keyboard.press("Control+v")
    expect(prompt).to_have_value("pasted words")
    expect(got).to_have_text("got nothing")
    assert not page.evaluate(TRANSFER, ["paste", "image/png", "pasted.png", ""])
    expect(got).to_have_text("got pasted.png 123")


def test_a_picture_on_the_real_clipboard_is_pasted(run, page):
    """What the browser itself puts on the clipboard arrives too, with Ctrl+V anywhere."""
    run(page, PASTE)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    data = b64encode(picture()).decode()
    page.evaluate(
        "async data => { const blob = await (await fetch(`data:image/png;base64,${data}`)).blob();"
        "await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]); }",
        data,
    )
    page.keyboard.press("Control+v")
    expect(page.get_by_test_id("stText")).to_contain_text("got image.png")


def again(page: Page) -> None:
    """Have the page run once more, to its end."""
    run_count = page.get_by_test_id("stCaptionContainer")
    before = run_count.inner_text()
    page.get_by_role("button", name="Again").click()
    expect(run_count).not_to_have_text(before)
    settled(page)


def test_a_file_dropped_anywhere_goes_to_the_uploader(run, page):
    """An outline while it is dragged, none for other files, none after it; the uploader hears of it once."""
    run(page, PASTE)
    got, outline = page.get_by_test_id("stText"), page.locator(".studio-drop")
    expect(outline).to_be_hidden()
    page.evaluate(TRANSFER, ["dragover", "application/pdf", "a.pdf", ""])
    expect(outline).to_be_hidden()
    assert not page.evaluate(TRANSFER, ["dragover", "video/mp4", "a.mp4", ""])
    expect(outline).to_be_visible()
    page.evaluate(TRANSFER, ["dragleave", "video/mp4", "a.mp4", ""])
    expect(outline).to_be_hidden()
    again(page)
    page.evaluate(TRANSFER, ["dragover", "video/mp4", "a.mp4", ""])
    page.evaluate("""() => { window.changes = 0; document.addEventListener("change", () => window.changes++); }""")
    assert not page.evaluate(TRANSFER, ["drop", "video/mp4", "a.mp4", ""])
    expect(outline).to_be_hidden()
    expect(got).to_have_text("got a.mp4 123")
    assert page.evaluate("window.changes") == 1


def test_the_uploaders_own_drop_zone_works_as_before(run, page):
    """A file dropped on it is taken once, by the uploader itself."""
    run(page, PASTE)
    page.get_by_test_id("stFileUploaderDropzone").focus()
    page.evaluate("""() => { window.changes = 0; document.addEventListener("change", () => window.changes++); }""")
    page.evaluate(TRANSFER, ["drop", "image/png", "own.png", ""])
    expect(page.get_by_test_id("stText")).to_have_text("got own.png 123")
    assert page.evaluate("window.changes") == 0


# The gallery


def poster(page: Page, place: int):
    return page.locator(f'[data-clip="clip_{place}"]')


def plays(page: Page) -> bool:
    videos = page.locator("video").evaluate_all("videos => videos.map(video => video.currentTime > 0 && !video.paused)")
    return videos == [True]


def test_a_video_plays_under_the_mouse_and_leaves_nothing_behind(run, page):
    """It lies exactly over its poster, moves nothing, is alone, and is gone with the pointer."""
    run(page, GALLERY)
    card = page.locator(".st-key-card_0")
    expect(poster(page, 0)).to_be_visible()
    page.wait_for_function("() => [...document.images].every(image => image.complete)")
    before, shown = card.evaluate(PLACE), poster(page, 0).evaluate(PLACE)
    poster(page, 0).hover()
    eventually(lambda: plays(page))
    assert card.evaluate(PLACE) == before
    assert page.locator("video").evaluate(PLACE) == pytest.approx(shown, abs=0.51)
    assert page.locator("video").evaluate("video => video.muted && video.loop && video.playsInline")
    poster(page, 1).hover()
    expect(page.locator(".st-key-card_1 video")).to_have_count(1)
    expect(page.locator("video")).to_have_count(1)
    page.get_by_label("Search").hover()
    expect(page.locator("video")).to_have_count(0)
    assert card.evaluate(PLACE) == before


def test_who_wants_no_motion_gets_none_until_asked(run, page):
    """Under reduced motion hovering does nothing; space still plays."""
    run(page, GALLERY)
    page.emulate_media(reduced_motion="reduce")
    poster(page, 0).hover()
    page.wait_for_timeout(500)
    expect(page.locator("video")).to_have_count(0)
    poster(page, 0).focus()
    page.keyboard.press("Space")
    eventually(lambda: plays(page))


def test_a_finger_opens_a_clip(browser, run):
    """One tap does it: the clip plays on its own page."""
    phone = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, locale="en-US")
    page = phone.new_page()
    errors = watch(page)
    run(page, GALLERY)
    poster(page, 1).tap()
    expect(page.get_by_role("heading", name="The clip")).to_be_visible()
    assert errors == []
    page.goto("about:blank")
    phone.close()


def test_the_keyboard_walks_the_gallery(run, page):
    """Arrows go where they point, Home and End to the ends; from nowhere an arrow goes to the first."""
    run(page, GALLERY)
    expect(poster(page, 3)).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(poster(page, 0)).to_be_focused()
    for key, place in (
        ("ArrowRight", 1), ("ArrowDown", 3), ("ArrowLeft", 2), ("ArrowUp", 0), ("ArrowUp", 0), ("ArrowLeft", 0),
        ("End", 3), ("Home", 0), ("Control+ArrowRight", 0),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(poster(page, place)).to_be_focused()
    assert poster(page, 0).get_attribute("aria-description") == "Arrow keys move, space plays"


def test_the_keyboard_works_the_gallery(run, page):
    """Space plays and pauses without scrolling, s stars, x chooses, slash searches; letters in the search are letters."""
    run(page, GALLERY)
    poster(page, 0).focus()
    page.keyboard.press("Space")
    eventually(lambda: plays(page))
    page.keyboard.press("Space")
    eventually(lambda: page.locator("video").evaluate("video => video.paused"))
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
    page.keyboard.press("s")
    expect(page.get_by_text("starred 0")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_text("chosen 0")).to_be_visible()
    page.keyboard.press("Delete")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")  # where nothing can be thrown away yet, it chooses, and lets go of nothing
    expect(page.get_by_text("chosen 1")).to_be_visible()
    page.keyboard.press("/")
    search = page.get_by_label("Search")
    expect(search).to_be_focused()
    expect(page.locator("video")).to_have_count(0)
    page.keyboard.type("s/x ")
    expect(search).to_have_value("s/x ")
    expect(page.get_by_text("chosen 0")).to_be_visible()


@pytest.mark.parametrize("way", ["click", "Enter"])
def test_a_poster_opens_its_clip(run, page, way):
    """With the mouse and with Enter; on the next page nothing of the gallery is alive."""
    run(page, GALLERY)
    if way == "click":
        poster(page, 2).click()
    else:
        poster(page, 2).focus()
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The clip clip_2")).to_be_visible()
    expect(page.locator("video")).to_have_count(0)


def test_the_focus_survives_a_rerun(run, page):
    """A poster that Streamlit replaces gets the focus back; a focus that moved on is left where it is."""
    run(page, GALLERY)
    poster(page, 1).focus()
    page.get_by_role("button", name="Redraw").evaluate("button => button.click()")
    expect(page.get_by_alt_text("Clip 1, 1")).to_be_focused()
    page.get_by_label("Search").focus()
    page.get_by_role("button", name="Redraw").evaluate("button => button.click()")
    expect(page.get_by_alt_text("Clip 1, 2")).to_be_visible()
    expect(page.get_by_label("Search")).to_be_focused()
    poster(page, 1).focus()
    page.get_by_text("turn 2").click()
    page.get_by_role("button", name="Redraw").evaluate("button => button.click()")
    expect(page.get_by_alt_text("Clip 1, 3")).to_be_visible()
    assert page.evaluate("document.activeElement.matches('body, main')")
    page.keyboard.press("ArrowRight")
    expect(poster(page, 0)).to_be_focused()


# Notifications


def test_what_ended_is_said_once(run, page):
    """The first look is silent; then each clip is named once, and the number that runs when it grows."""
    script = run(page, COMPANION)
    voice = page.get_by_role("status").first
    state(script, 0, ended(1))
    page.reload()
    alive(page)
    expect(voice).to_be_empty()
    state(script, 2, ended(1))
    expect(voice).to_have_text("2 running")
    state(script, 1, ended(2), ended(1))
    expect(voice).to_have_text("Clip 2 ended.")
    state(script, 0, ended(3, "failed"), ended(2), ended(1))
    expect(voice).to_have_text("Clip 3 ended.")


def test_what_a_deletion_brings_back_into_the_list_is_no_news(run, page, init_script):
    """Older clips move up when newer ones are deleted: no tone and no voice for them."""
    init_script(SPY + "localStorage.setItem('studio.tell', 'sound');")
    script = run(page, COMPANION)
    voice = page.get_by_role("status").first
    state(script, 0, ended(9), ended(8))
    expect(voice).to_contain_text("Clip 9 ended.")
    state(script, 0, ended(8), ended(7, seconds_ago=3600), ended(6, seconds_ago=7200))
    state(script, 0, ended(10), ended(8), ended(7, seconds_ago=3600))
    expect(voice).to_have_text("Clip 10 ended.")
    eventually(lambda: len(page.evaluate("window.told")) == 4)


def test_the_icon_shows_what_runs_and_what_was_missed(run, page):
    """A dot while something runs, another after an end that nobody saw, the plain icon again when it was seen."""
    script = run(page, COMPANION)
    eventually(lambda: page.evaluate(ICON).startswith("http"))
    state(script, 1)
    eventually(lambda: page.evaluate(ICON).startswith("data:image/png"))
    runs = page.evaluate(ICON)
    page.evaluate("document.querySelector('link[rel~=icon]').href = 'app/static/poster.png'")
    eventually(lambda: page.evaluate(ICON) == runs)
    page.evaluate(HIDE, True)
    state(script, 0, ended(1))
    eventually(lambda: page.evaluate(ICON) != runs)
    good = page.evaluate(ICON)
    state(script, 0, ended(2, "failed"), ended(1))
    eventually(lambda: page.evaluate(ICON) not in {runs, good})
    assert page.evaluate(ICON).startswith("data:image/png")
    page.evaluate(HIDE, False)
    eventually(lambda: page.evaluate(ICON).endswith("app/static/icon.png"))


def test_sound_and_notice_tell_what_ended(run, page, init_script):
    """Two notes, lower for a failure; a notice only when the page is hidden."""
    init_script(SPY)
    init_script("localStorage.setItem('studio.tell', 'both')")
    script = run(page, COMPANION)
    state(script, 1)
    state(script, 0, ended(1))
    eventually(lambda: page.evaluate("window.told") == [["tone", 659], ["tone", 880]])
    page.evaluate(HIDE, True)
    state(script, 0, ended(2, "failed"), ended(1))
    eventually(lambda: len(page.evaluate("window.told")) == 5)
    assert sorted(page.evaluate("window.told")[2:], key=str) == [
        ["Seedance Studio", "Clip 2 ended."], ["tone", 262], ["tone", 330]
    ]  # fmt: skip


def test_a_browser_that_forbids_notices_is_named(run, page, init_script):
    """The settings say why it stays silent; what else was chosen is kept."""
    init_script("Notification.requestPermission = async () => 'denied'")
    run(page, COMPANION, "/?settings=1")
    page.get_by_role("checkbox", name="Sound").check()
    page.get_by_role("checkbox", name="Notification").click()
    expect(page.get_by_text("The browser does not allow notifications here")).to_be_visible()
    assert page.evaluate("localStorage.getItem('studio.tell')") == "sound"


def test_settings_show_and_change_the_choice(run, page, init_script):
    """Two boxes for the same answer, and a button that plays it."""
    init_script(SPY)
    run(page, COMPANION, "/?settings=1")
    sound, notice = page.get_by_role("checkbox", name="Sound"), page.get_by_role("checkbox", name="Notification")
    trial = page.get_by_role("button", name="Try it")
    expect(sound).not_to_be_checked()
    expect(trial).to_be_disabled()
    sound.check()
    trial.click()
    eventually(lambda: page.evaluate("window.told") == [["tone", 659], ["tone", 880]])
    notice.check()
    eventually(lambda: page.evaluate("localStorage.getItem('studio.tell')") == "both")
    trial.click()
    eventually(lambda: ["Seedance Studio", "This is how a finished clip is told."] in page.evaluate("window.told"))
    page.reload()
    expect(sound).to_be_checked()
    expect(notice).to_be_checked()
    sound.uncheck()
    assert page.evaluate("localStorage.getItem('studio.tell')") == "notification"
