"""Each page, run by Streamlit's own test driver against a real studio and a real sandbox."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from apptest import ENTRY, clip_page, made, opened, texts
from conftest import SMALL, eventually, picture
from streamlit.testing.v1 import AppTest

from rivya import GenerationRequest
from studio.reports.export import clip_page_html
from studio.store.balances import Balances
from studio.store.budget import Limits
from studio.store.clip import Stage
from studio.store.schema import clips
from ui import i18n
from ui.runtime import PersonState


def test_generate_has_the_fixed_labels(shared):
    """The form is named as the outside relies on."""
    app = opened()
    assert app.title[0].value == "Generate"
    assert app.text_area(key="generate_prompt").label == "Prompt"
    assert [u.label for u in app.get("file_uploader")] == ["Reference image"]
    labels = {w.label for kind in ("segmented_control", "toggle", "text_input") for w in app.get(kind)}
    assert labels == {"Resolution", "Duration", "Aspect ratio", "Fixed camera", "Seed", "Safety checker", "Takes"}


def test_the_button_is_dead_until_the_draft_is_valid(shared):
    """The reason stands beside it; then the price, the balance and the clips left do."""
    eventually(shared.balance)
    app = opened()
    assert app.button(key="generate_submit").disabled
    assert "Write a prompt, or press an idea" in texts(app)
    app.text_area(key="generate_prompt").set_value("A paper boat").run()
    button = app.button(key="generate_submit")
    assert (button.label, button.disabled) == ("Generate · 25 credits", False)
    assert "Usually under a minute · 500 credits left (20 clips)" in texts(app)
    app.text_area(key="generate_prompt").set_value("x" * 10_001).run()
    assert "Shorten it by 1" in texts(app)
    assert app.button(key="generate_submit").disabled


def test_generate_sends_exactly_what_is_shown(shared):
    """Each control reaches the wire as the contract spells it."""
    app = opened()
    app.text_area(key="generate_prompt").set_value("A paper boat 🚣 নৌকা").run()
    app.get_by_key("generate_resolution").set_value("480p").run()
    app.get_by_key("generate_duration").set_value("10").run()
    app.get_by_key("generate_aspect_ratio").set_value("9:16").run()
    app.toggle(key="generate_camera_fixed").set_value(True).run()
    app.toggle(key="generate_enable_safety_checker").set_value(False).run()
    app.text_input(key="generate_seed").set_value("7").run()
    app.button(key="generate_submit").click().run()
    assert not app.exception
    (clip,) = shared.clips.page()
    assert clip.prompt == "A paper boat 🚣 নৌকা"
    assert clip.params == {
        "resolution": "480p", "duration": "10", "aspect_ratio": "9:16", "camera_fixed": "true", "seed": 7,
        "enable_safety_checker": "false",
    }  # fmt: skip


def test_two_presses_are_one_clip(shared, monkeypatch):
    """A nervous finger pays once, also where drawing the page between its presses takes longer than it."""
    monkeypatch.setattr("studio.draft.SAME_PRESS_SECONDS", 60.0)
    app = opened()
    app.text_area(key="generate_prompt").set_value("A paper boat").run()
    app.button(key="generate_submit").click().run()
    app.button(key="generate_submit").click().run()
    assert shared.clips.count() == 1


def test_a_press_pays_for_the_form_as_it_is_at_that_moment(shared):
    """What was typed and pressed in one breath is sent; another price or picture than was shown is not."""
    app = opened()
    app.text_area(key="generate_prompt").set_value("A paper").run()
    app.text_area(key="generate_prompt").set_value("A paper boat")
    app.button(key="generate_submit").click().run()
    assert [clip.prompt for clip in shared.clips.page()] == ["A paper boat"]
    app.get_by_key("generate_takes").set_value(3)
    app.button(key="generate_submit").click().run()
    assert "number of takes has just changed" in app.toast[0].value
    app.get_by_key("generate_takes").set_value(1).run()
    app.get("file_uploader")[0].upload("a.png", picture())
    app.button(key="generate_submit").click().run()
    assert "picture has just changed" in app.toast[0].value
    app.text_area(key="generate_prompt").set_value(" ")
    app.button(key="generate_plan").click().run()
    assert not app.exception
    assert (shared.clips.count(), shared.queue.waiting()) == (1, [])


def test_two_tabs_with_the_same_draft_are_one_clip(shared):
    """The second tab is told the same clip."""
    first = opened()
    first.text_area(key="generate_prompt").set_value("A paper boat").run()
    draft = first.query_params["draft"]
    second = opened(draft=draft[0] if isinstance(draft, list) else draft)
    assert second.text_area(key="generate_prompt").value == "A paper boat"
    first.button(key="generate_submit").click().run()
    second.button(key="generate_submit").click().run()
    assert shared.clips.count() == 1


def test_a_reload_finds_the_draft_again(shared):
    """Prompt, settings and picture are there after a reload."""
    app = opened()
    app.get("file_uploader")[0].upload("a.png", picture()).run()
    app.text_area(key="generate_prompt").set_value("Half a thou").run()
    app.get_by_key("generate_aspect_ratio").set_value("1:1").run()
    draft = app.query_params["draft"]
    again = opened(draft=draft[0] if isinstance(draft, list) else draft)
    assert again.text_area(key="generate_prompt").value == "Half a thou"
    assert again.get_by_key("generate_aspect_ratio").value == "1:1"
    assert "PNG · " in texts(again)


@pytest.mark.parametrize("asked", ["plan_1", "again:clip_1", "x" * 500, "a\0b", "'"])
def test_a_link_names_drafts_only(shared, asked):
    """What is no draft's name gives a new draft; nothing else can be used up by it."""
    app = opened(draft=asked)
    assert app.session_state["state_FormState"].draft_id != asked
    assert len(app.session_state["state_FormState"].draft_id) == 16


def test_an_image_goes_along_and_can_be_removed(shared):
    """What is shown is what is sent."""
    app = opened()
    app.get("file_uploader")[0].upload("a.png", picture()).run()
    assert "PNG · " in texts(app)
    app.button(key="icon_generate_remove_reference").click().run()
    assert "PNG · " not in texts(app)
    app.get("file_uploader")[0].upload("b.png", picture(kind="JPEG")).run()
    app.text_area(key="generate_prompt").set_value("boat").run()
    app.button(key="generate_submit").click().run()
    assert shared.clips.page()[0].reference_mime_type == "image/jpeg"


@pytest.mark.parametrize("data", [b"", b"no picture", picture(kind="JPEG", size=(300, 300))[:900]])
def test_a_bad_image_is_refused_in_words(shared, data):
    """No exception box, nothing sent."""
    app = opened()
    app.get("file_uploader")[0].upload("a.jpg", data).run()
    assert not app.exception
    assert app.warning
    assert "PNG · " not in texts(app)


def test_other_formats_are_offered_as_a_copy(shared):
    """A GIF is refused and can be sent as a JPEG on a press."""
    app = opened()
    app.get("file_uploader")[0].upload("a.gif", picture(kind="GIF", mode="P")).run()
    assert "takes JPEG, PNG or WebP" in texts(app)
    app.button(key="generate_convert").click().run()
    assert "JPEG · " in texts(app)


def test_history_shows_filters_and_searches(shared):
    """Every clip is there, with its word."""
    boat, moon = made(shared), made(shared, "The moon #fail")
    app = opened("history.py")
    assert app.title[0].value == "History"
    assert {link.label for link in app.get("page_link")} >= {"A paper boat"}
    app.text_input(key="history_search").set_value("moon").run()
    labels = {link.label for link in app.get("page_link")}
    assert "The :violet-background[moon] \\#fail" in labels
    assert "A paper boat" not in labels
    app.text_input(key="history_search").set_value("nothing like it").run()
    assert "Nothing here" in texts(app)
    assert boat.id != moon.id


def test_a_word_of_many_clips_is_counted_to_a_thousand(shared):
    """Their exact number takes longer than to draw the page; without a word it is told."""
    clip = made(shared)
    with shared.store.database.write() as connection:
        row = connection.execute(sa.select(clips).where(clips.c.id == clip.id)).one()._asdict()
        own = {"seq": None, "draft_id": None}
        names = ("id", "idempotency_key", "task_id", "client_request_id")
        rows = [{**row, **own, **{name: f"{name}_{number}" for name in names}} for number in range(1_000)]
        connection.execute(sa.insert(clips), rows)
    app = opened("history.py")
    assert "1,001 clips" in texts(app)
    app.text_input(key="history_search").set_value("paper").run()
    assert "1,000+ clips" in texts(app)
    assert "1,001 clips" not in texts(app)


def test_a_failed_clip_is_reached_and_read_aloud_like_any_other(shared):
    """Arrows find it without a video, Enter opens it, and its name is read without Markdown's backslashes."""
    clip = made(shared, "A train #fail")
    app = opened("history.py")
    (box,) = [html.proto.body for html in app.get("html") if f'data-clip="{clip.id}"' in html.proto.body]
    assert 'tabindex="0"' in box
    assert "A train #fail. Enter opens it." in box
    assert app.checkbox(key=f"history_select_{clip.id}").label == "Select: A train #fail"


def test_history_is_empty_at_first(shared):
    """An empty history teaches."""
    assert "No clips yet" in texts(opened("history.py"))


def test_history_turns_pages(shared):
    """More than a page of clips is paged by key."""
    for n in range(30):
        shared.store.clips.insert(
            id=f"c{n}", model="seedance-1-0-pro", prompt=f"boat {n}", params=GenerationRequest(prompt="x").params, price=25,
            stage=Stage.REFUSED, idempotency_key=f"k{n}", client_request_id=f"c{n}", error_code="insufficient_credits",
        )  # fmt: skip
    app = opened("history.py")
    assert "30 clips" in texts(app)
    app.get_by_key("history_page").set_value(2).run()
    assert {"boat 0", "boat 5"} <= {link.label for link in app.get("page_link")}
    app.get_by_key("history_sort").set_value("oldest").run()
    labels = {link.label for link in app.get("page_link")}
    assert "boat 0" in labels
    assert "boat 29" not in labels


def test_a_clip_has_its_own_page(shared):
    """Prompt, receipt, ids, request without the key; delete and undo."""
    clip = made(shared)
    app = clip_page(clip.id)
    assert "A paper boat" in texts(app)
    assert "25 credits" in texts(app)
    codes = " ".join(code.value for code in app.code)
    assert "$RIVYA_API_KEY" in codes
    assert clip.idempotency_key in codes
    assert shared.settings.api_key.get_secret_value() not in codes
    assert clip.task_id in app.table[0].value.to_string()
    app.button(key="clip_delete").click().run()
    assert shared.get(clip.id).deleted_at is not None
    assert "1 clip is in the trash" in texts(app)  # History, where the press can be undone
    app.button(key="history_undo_delete").click().run()
    assert shared.get(clip.id).deleted_at is None
    shared.trash([clip.id], deleted=True)
    app = clip_page(clip.id)
    assert "in the trash" in texts(app)
    app.button(key="clip_restore").click().run()
    assert shared.get(clip.id).deleted_at is None


def test_a_failed_clip_says_what_helps(shared):
    """Cause, remedy, Rivya's words, and the remedy as a button, which leads to the new clip; the old one knows it."""
    clip = made(shared, "moon #fail")
    app = clip_page(clip.id)
    assert "Your credits came back" in app.error[0].value
    app.button(key=f"again_{clip.id}").click().run()
    assert shared.clips.count() == 2
    assert app.query_params["clip"] == shared.clips.page()[0].id != clip.id
    assert "Tried again: open that clip" in {link.label for link in clip_page(clip.id).get("page_link")}


@pytest.mark.parametrize("asked", ["", "nothing", "x" * 5000, "'; DROP TABLE clips", "a\0b"])
def test_a_wrong_link_is_kind(shared, asked):
    """Whatever the link says, there are words."""
    assert "This clip is not here" in texts(clip_page(asked))


def test_credits_add_up(shared):
    """The balance is the one big number, and the table has every run."""
    made(shared)
    made(shared, "moon #fail")
    eventually(lambda: shared.balance().credits == 475)
    app = opened("credits.py")
    assert app.metric[0].value == "475"
    failed, boat = app.dataframe[0].value["Video"]
    assert failed == ""
    assert boat == f"/clips/{shared.clips.made_last(limit=1)[0].id}.webp"
    assert "Spent over time" not in texts(app), "one day alone is no chart"
    assert len(app.table) == 0
    for opened_part, words in {"credits_where": "From words alone", "credits_worth": "480p"}.items():
        app.session_state[opened_part] = True
        app.run()
        assert words in app.table[-1].value.to_string()


def test_credits_are_empty_at_first(shared):
    """An empty chart says what will appear."""
    assert "appear here as bars" in texts(opened("credits.py"))


def test_settings_test_the_connection(shared):
    """The key is masked, and the test costs nothing."""
    app = opened("settings.py")
    assert shared.settings.api_key.get_secret_value() not in texts(app)
    app.button(key="settings_test").click().run()
    assert "The balance is 500 credits" in texts(app)


def test_the_language_switch_works(shared):
    """Bengali words and digits, on every page, until switched back."""
    app = opened("settings.py")
    app.get_by_key("settings_language").set_value("bn").run()
    assert app.title[0].value != "Settings"
    app.switch_page("generate.py").run()
    assert not app.exception
    assert "০ / ১০,০০০" in texts(app)
    assert opened(lang="bn").title[0].value == app.title[0].value


def test_every_page_speaks_bengali_without_a_stumble(shared):
    """No page breaks in the other language, with clips in every end state."""
    made(shared)
    made(shared, "moon #fail")
    for page in ("generate.py", "history.py", "credits.py", "settings.py"):
        app = opened(lang="bn")
        app.switch_page(page).run()
        assert not app.exception


def stored(studio, **values):
    """Put a clip into the history as an earlier day left it."""
    base = {
        "id": "clip_x", "model": "seedance-1-0-pro", "prompt": "A paper boat", "params": GenerationRequest(prompt="x").params,
        "price": 25, "idempotency_key": "key", "client_request_id": "clip_x",
    }  # fmt: skip
    clip = studio.store.clips.insert(**{**base, **values})
    with studio.store.database.write() as connection:
        connection.execute(sa.update(clips).values(run_at=None))
    return clip


@pytest.mark.parametrize("code", ["too_old_to_repeat", "idempotency_conflict", "key_changed"])
def test_a_lasting_doubt_offers_both_ways_out(shared, code):
    """In words, with what each may cost."""
    clip = stored(shared, stage=Stage.UNKNOWN, error_code=code)
    app = clip_page(clip.id)
    assert app.warning
    assert {app.button(key=f"ask_{clip.id}").label, app.button(key=f"anew_{clip.id}").label} == {
        "Ask Rivya again",
        "Make it as a new clip · 25 credits",
    }
    app.button(key=f"anew_{clip.id}").click().run()
    assert shared.clips.count() == 2
    app = clip_page(clip.id)
    assert "Tried again: open that clip" in [link.label for link in app.get("page_link")]
    assert [button.key for button in app.button if button.key in {f"anew_{clip.id}", f"ask_{clip.id}"}] == [
        f"ask_{clip.id}"
    ]
    app = opened()
    assert "Unknown" in texts(app) or app.warning


def test_a_doubt_that_ended_tells_how(shared):
    """The balance before and after says what was paid."""
    clip = made(shared)
    with shared.store.database.write() as connection:
        values = {"unknown_at": clip.created_at, "balance_before": 500, "balance_after": 475}
        connection.execute(sa.update(clips).values(**values))
    assert "one clip, charged once. Balance before 500, after 475." in texts(clip_page(clip.id))


def test_a_mismatch_is_shown_with_a_text_for_support(shared):
    """Ordered 10 s, delivered 5 s: said, and ready to send."""
    clip = made(shared)
    with shared.store.database.write() as connection:
        connection.execute(sa.update(clips).values(video_seconds=3.0))
    app = clip_page(clip.id)
    assert "5 s was ordered and 3.0 s came" in texts(app)
    assert any("please look at this run" in code.value for code in app.code)


def test_a_good_clip_has_no_text_for_support(shared):
    """Nobody is told to complain about what is right."""
    clip = made(shared)
    assert not [code for code in clip_page(clip.id).code if "please look" in code.value]


def test_the_doctor_speaks_bengali(shared):
    """Its report too, and the digits of the table of clips."""
    made(shared)
    app = opened(lang="bn")
    app.switch_page("settings.py").run()
    app.button(key="settings_doctor").click().run()
    report = "\n".join(line.value for line in app.markdown).replace("\\", "")
    assert "ব্যালেন্স" in report
    assert not set("0123456789") & set(next(line for line in report.splitlines() if "credits:read" in line))
    app.switch_page("credits.py").run()
    assert list(app.dataframe[0].value.iloc[0])[4:] == ["–", "২৫", "–"]


def test_a_safety_stop_says_so(shared):
    """Its real reason, in both languages, and the prompt to edit first."""
    clip = made(shared, "moon #unsafe")
    app = clip_page(clip.id)
    assert "Stopped by the safety checker." in app.error[0].value
    app.button(key=f"edit_{clip.id}").click().run()
    app.switch_page("generate.py").run()
    assert app.text_area(key="generate_prompt").value == "moon #unsafe"
    app = AppTest.from_file(str(ENTRY), default_timeout=30)
    app.query_params["lang"], app.query_params["clip"] = "bn", clip.id
    app.run()
    app.switch_page("clip.py")
    app.query_params["clip"] = clip.id
    assert "নিরাপত্তা" in app.run().error[0].value


def test_waiting_for_credits_has_a_button(shared, monkeypatch):
    """It says so, in its own word, and a press sends this very clip."""
    clip = made(shared, "moon #insufficient")
    eventually(lambda: shared.balance() and shared.balance().seen_at > clip.updated_at)
    seen = shared.store.balances.add
    monkeypatch.setattr(shared.store.balances, "add", lambda _credits: None)  # what the engine sees now is another sum
    seen(5)
    app = clip_page(clip.id)
    assert "Waiting for credits" in texts(app)
    assert "this clip is waiting" in texts(app)
    assert app.get("link_button")
    seen(500)
    app.run()
    assert "There are enough credits again" in texts(app)
    assert not app.get("link_button")
    assert "Rivya says" not in texts(app)
    button = app.button(key=f"again_{clip.id}")
    assert button.label == "Send now · 25 credits"
    button.click().run()
    eventually(lambda: shared.get(clip.id).waits_for_credits)
    assert shared.get(clip.id).confirmed_at
    assert shared.clips.count() == 1


def test_settings_look_after_the_videos_and_examine_everything(shared):
    """Health of the videos, and the doctor's report without a secret."""
    made(shared)
    app = opened("settings.py")
    app.button(key="settings_check").click().run()
    app.button(key="settings_doctor").click().run()
    assert not app.exception
    report = "\n".join(line.value for line in app.markdown).replace("\\", "")
    assert "Database: sqlite" in report
    assert shared.settings.api_key.get_secret_value() not in report


def test_credits_name_a_refund_that_is_owed(shared):
    """A failed run that was charged comes with a text for support."""
    stored(shared, stage=Stage.DONE, status="failed", task_id="task_9", credits_reserved=25, credits_final=25)
    app = opened("credits.py")
    assert "was not refunded" in texts(app)
    assert any("task_9" in code.value for code in app.code)


def written(prompt: str, **query: str) -> AppTest:
    app = opened(**query)
    app.text_area(key="generate_prompt").set_value(prompt).run()
    return app


@pytest.mark.parametrize("button", ["generate_submit", "generate_plan"])
def test_a_picture_is_not_carried_over_unseen(shared, button):
    """Words that are new are told that the picture of the clip before goes with them; one press leaves it out."""
    app = written("A paper boat drifts by")
    app.get("file_uploader")[0].upload("boat.jpg", picture(kind="JPEG")).run()
    app.button(key=button).click().run()
    told = "The picture of the clip before goes with these words, too."
    app.text_area(key="generate_prompt").set_value("A paper boat drifts by slowly").run()
    assert told not in texts(app)
    app.text_area(key="generate_prompt").set_value("Night falls over the old harbour").run()
    assert told in texts(app)
    app.button(key="fix_picture").click().run()
    assert told not in texts(app)
    app.button(key="generate_submit").click().run()
    assert shared.clips.page()[0].reference_sha256 is None


def test_advice_is_settled_by_its_button(shared):
    """A contradiction is said, one press ends it, and it never blocks."""
    app = written("A paper boat drifts, slow dolly in")
    app.toggle(key="generate_camera_fixed").set_value(True).run()
    assert "moves the camera, but Fixed camera is on" in texts(app)
    assert not app.button(key="generate_submit").disabled
    app.button(key="fix_moving_camera").click().run()
    assert app.toggle(key="generate_camera_fixed").value is False
    assert "Fixed camera is on" not in texts(app)


def test_a_clip_that_one_owns_is_pointed_out(shared):
    """Same words, settings and seed: open it, take a new seed, or make it all the same."""
    clip = shared.wait(shared.submit(GenerationRequest(prompt="A paper boat drifts by", seed=7)).id, 60)
    app = written("A paper boat drifts by")
    assert "You own this clip already" not in texts(app)
    app.text_input(key="generate_seed").set_value("7").run()
    assert "You own this clip already" in texts(app)
    assert clip.id in str([link.proto for link in app.get("page_link")])
    assert not app.button(key="generate_submit").disabled
    app.button(key="twin_new_seed").click().run()
    assert app.text_input(key="generate_seed").value == ""
    assert "You own this clip already" not in texts(app)


def test_using_settings_asks_about_the_seed(shared):
    """A kept seed would make much the same clip: it is asked."""
    clip = shared.wait(shared.submit(GenerationRequest(prompt="A paper boat", seed=7, **SMALL)).id, 60)
    app = clip_page(clip.id)
    app.button(key=f"clip_use_{clip.id}").click().run()
    app.switch_page("generate.py").run()
    assert app.text_input(key="generate_seed").value == ""
    assert app.get_by_key("generate_aspect_ratio").value == "1:1"
    app = clip_page(clip.id)
    app.button(key=f"clip_keep_{clip.id}").click().run()
    app.switch_page("generate.py").run()
    assert app.text_input(key="generate_seed").value == "7"


def test_a_clip_can_be_continued_from_its_last_frame(shared):
    """The last frame is the next reference image, the form says which clip goes on, and one can start fresh."""
    clip = made(shared)
    app = clip_page(clip.id)
    app.button(key=f"clip_continue_{clip.id}").click().run()
    app.switch_page("generate.py").run()
    frame = shared.submission.stored_reference(app.session_state["state_FormState"].reference_sha256)
    assert (frame.mime_type, frame.width, frame.height) == ("image/png", 480, 480)
    assert "Continuing:" in texts(app)
    assert app.text_area(key="generate_prompt").placeholder == "What happens next?"
    assert app.get_by_key("generate_aspect_ratio").value == "1:1"
    app.button(key="continuing_end").click().run()
    assert app.get_by_key("generate_aspect_ratio").value == "16:9", "its clip's shape was nobody's choice"
    assert "PNG · " not in texts(app)
    assert "Continuing:" not in texts(app)


@pytest.mark.parametrize("button", ["generate_submit", "generate_plan"])
def test_a_clip_is_continued_once(shared, button):
    """The press took the frame along, and the words that went on from it: without it they would make something else."""
    clip = made(shared)
    app = clip_page(clip.id)
    app.button(key=f"clip_continue_{clip.id}").click().run()
    app.switch_page("generate.py").run()
    app.text_area(key="generate_prompt").set_value("The boat sails on").run()
    app.button(key=button).click().run()
    assert "Continuing:" not in texts(app)
    assert "PNG · " not in texts(app)
    [going_on] = [one for one in (*shared.clips.page(limit=9), *shared.queue.waiting()) if one.parent_id]
    assert going_on.parent_id == clip.id
    assert going_on.reference_sha256
    assert going_on.params["aspect_ratio"] == "1:1"
    assert app.text_area(key="generate_prompt").value == ""
    assert app.get_by_key("generate_aspect_ratio").value == "16:9", "the next one has the shape from before"
    assert app.button(key="generate_submit").disabled
    assert not [one for one in app.button if one.key == "generate_put_back"], "they are in the clip, and in no danger"


def test_the_settings_before_a_continuation_come_back(shared):
    """After it is sent, on a later visit too, and through one continuation after another."""
    clip, other = made(shared), made(shared, "A kite flies by")
    app = opened()
    app.button_group(key="generate_aspect_ratio").set_value("21:9").run()
    app.text_area(key="generate_prompt").set_value("A train").run()
    draft_id = app.session_state["state_FormState"].draft_id
    for one in (other, clip):
        app.switch_page("clip.py")
        app.query_params["clip"] = one.id
        app.run()
        app.button(key=f"clip_continue_{one.id}").click().run()
        app.switch_page("generate.py").run()
        assert app.get_by_key("generate_aspect_ratio").value == "1:1"
    continuing_id = app.session_state["state_FormState"].draft_id
    assert continuing_id != draft_id
    app.button(key="generate_put_back").click().run()
    assert app.text_area(key="generate_prompt").value == "A train"
    left = app.session_state["state_FormState"].replaced
    assert (left.words, left.picture) == ("", None), "the second half of a double press finds nothing"
    later = opened(draft=continuing_id)
    assert "Continuing:" in texts(later)
    later.text_area(key="generate_prompt").set_value("It lands").run()
    later.button(key="generate_submit").click().run()
    assert shared.clips.page()[0].params["aspect_ratio"] == "1:1"
    assert later.get_by_key("generate_aspect_ratio").value == "21:9"


def test_what_was_chosen_after_a_continuation_stays(shared):
    """Starting fresh gives back the settings from before it, not those from before another one."""
    clip = made(shared)
    app = opened()
    for chosen in ("21:9", "9:16"):
        app.button_group(key="generate_aspect_ratio").set_value(chosen).run()
        app.button(key=f"generate_continue_{clip.id}").click().run()
        assert app.get_by_key("generate_aspect_ratio").value == "1:1"
        app.button(key="continuing_end").click().run()
        assert app.get_by_key("generate_aspect_ratio").value == chosen


def test_a_finger_that_goes_on_pressing_continues_once(shared, monkeypatch):
    """What the browser sends before it has heard of the reset are the old words and shape: neither paid for nor kept."""
    monkeypatch.setattr("studio.draft.SAME_PRESS_SECONDS", 60.0)
    clip = made(shared)
    app = opened()
    app.button(key=f"generate_continue_{clip.id}").click().run()
    app.text_area(key="generate_prompt").set_value("The boat sails on").run()
    app.button(key="generate_submit").click().run()
    for _ in range(2):
        app.button_group(key="generate_aspect_ratio").set_value("1:1")
        app.button_group(key="generate_resolution").set_value("480p")
        app.text_area(key="generate_prompt").set_value("The boat sails on").run()
        app.button(key="generate_submit").click().run()
        assert shared.clips.count() == 2
        assert app.text_area(key="generate_prompt").value == ""
        assert app.get_by_key("generate_aspect_ratio").value == "16:9"
    eventually(lambda: not shared.active(), 60)
    assert shared.test_connection() == 450


def test_what_was_being_written_can_be_put_back_after_a_continuation(shared):
    """Words and picture that Continue put aside, unless they are in a clip by then.

    By a press of its own: a second press on Generate pays for nothing.
    """
    clip = made(shared)
    app = opened()
    app.text_area(key="generate_prompt").set_value("A blue bus").run()
    app.get("file_uploader")[0].upload("a.png", picture()).run()
    for after, own in (("The boat sails on", "A blue bus"), ("It sails home", "")):
        app.button(key=f"generate_continue_{clip.id}").click().run()
        if own:
            app.button_group(key="generate_aspect_ratio").set_value("16:9").run()
            app.button(key="generate_fit_fit_screen").click().run()
        app.text_area(key="generate_prompt").set_value(after).run()
        app.button(key="generate_submit").click().run()
        assert shared.clips.page()[0].parent_id == clip.id
        assert app.text_area(key="generate_prompt").value == ""
        assert app.button(key="generate_submit").disabled
        if own:
            app.button(key="generate_put_back").click().run()
            assert app.text_area(key="generate_prompt").value == own
            assert "PNG · 64 × 48" in texts(app)
            app.button(key="generate_submit").click().run()
            shared.wait(shared.clips.page()[0].id, 60)
            clip = next(one for one in shared.clips.page() if one.prompt == own)
            app.run()
    assert not [one for one in app.button if one.key == "generate_put_back"]
    assert [one.prompt for one in reversed(shared.clips.page())][1:] == [
        "The boat sails on",
        "A blue bus",
        "It sails home",
    ]


def test_a_picture_can_be_brought_into_shape(shared):
    """Cropped or padded to the clip's ratio, shown as it will be sent."""
    for key, size in (("crop", "64 × 36"), ("fit_screen", "85 × 48")):
        app = opened()
        app.get("file_uploader")[0].upload("a.png", picture()).run()
        app.button(key=f"generate_fit_{key}").click().run()
        if key == "crop":
            app.button(key="generate_crop_keep").click().run()
        assert f"JPEG · {size}" in texts(app)
        app.button(key="generate_fit_undo").click().run()
        assert "PNG · 64 × 48" in texts(app)


def test_a_remix_link_fills_the_form(shared):
    """Prompt and settings travel in the link; nothing is sent by opening it."""
    clip = shared.wait(shared.submit(GenerationRequest(prompt="একটি নৌকা 🚣", seed=7, **SMALL)).id, 60)
    app = clip_page(clip.id)
    link = next(code.value for code in app.code if "remix=" in code.value)
    again = opened(remix=link.partition("remix=")[2])
    assert again.text_area(key="generate_prompt").value == "একটি নৌকা 🚣"
    assert again.text_input(key="generate_seed").value == "7"
    assert shared.clips.count() == 1


@pytest.mark.parametrize("code", ["", "x", "%%%", "eJwDAAAAAAE", "A" * 9000])
def test_a_broken_remix_link_is_kind(shared, code):
    """Rubbish in the link leaves the form as it is."""
    assert opened(remix=code).text_area(key="generate_prompt").value == ""


def test_the_one_file_page_holds_the_video_and_no_secret(shared):
    """It plays without a server, and the prompt cannot break out of it."""
    clip = made(shared, "<script>alert(1)</script> boat")
    page = clip_page_html(clip)
    assert b"data:video/mp4;base64," in page
    assert b"<script>" not in page
    assert shared.settings.api_key.get_secret_value().encode() not in page


@pytest.mark.parametrize("typed", ["2147483648", "-2", "1.5", "seven", "99999999999999999999999", "7,5"])
def test_an_invalid_seed_pays_for_nothing(shared, typed):
    """What is on the screen is what is sent, or nothing is: not the last good value, and not a random one."""
    app = written("A paper boat drifts by")
    app.text_input(key="generate_seed").set_value("7").run()
    app.text_input(key="generate_seed").set_value(typed).run()
    assert app.button(key="generate_submit").disabled
    assert app.button(key="generate_plan").disabled
    assert "is not possible for Seed" in texts(app)
    app.text_input(key="generate_seed").set_value("8").run()
    app.text_input(key="generate_seed").set_value(typed)
    app.button(key="generate_submit").click().run()
    assert not app.exception
    assert (shared.clips.count(), shared.queue.waiting()) == (0, [])


def test_a_seed_in_bengali_digits_is_a_seed(shared):
    """A number is a number in any script."""
    app = written("A paper boat drifts by")
    app.text_input(key="generate_seed").set_value(" ৪২ ").run()
    app.button(key="generate_submit").click().run()
    assert shared.clips.page()[0].params["seed"] == 42


def test_takes_without_a_seed_get_drawn_ones(shared):
    """Shown and sent, so that the best can be refined; the same press heard twice asks for the very same clips."""
    app = written("A paper boat drifts by")
    app.get_by_key("generate_takes").set_value(3).run()
    shown = app.session_state["state_FormState"].draft_id
    app.button(key="generate_submit").click().run()
    seeds = {clip.params["seed"] for clip in shared.clips.page()}
    assert len(seeds) == 3
    assert all(0 <= seed <= 2_147_483_647 for seed in seeds)
    assert {"Take 1", "Take 2", "Take 3"} <= {link.label for link in app.get("page_link")}
    again = opened(draft=shown)
    again.text_area(key="generate_prompt").set_value("A paper boat drifts by").run()
    again.get_by_key("generate_takes").set_value(3).run()
    again.button(key="generate_submit").click().run()
    assert shared.clips.count() == 3


def test_takes_are_clips_of_their_own(shared, monkeypatch):
    """Three takes are three clips with the total on the button; two presses are still three."""
    monkeypatch.setattr("studio.draft.SAME_PRESS_SECONDS", 60.0)  # "at once" on any computer
    app = written("A paper boat drifts by")
    app.get_by_key("generate_takes").set_value(3).run()
    assert app.button(key="generate_submit").label == "Generate · 75 credits"
    app.text_input(key="generate_seed").set_value("7").run()
    app.button(key="generate_submit").click().run()
    app.button(key="generate_submit").click().run()
    assert sorted(clip.params["seed"] for clip in shared.clips.page()) == [7, 8, 9]
    assert len({clip.idempotency_key for clip in shared.clips.page()}) == 3


def test_takes_are_one_card_whatever_was_sent_between_them(shared):
    """The queue sends one of its own while takes are sent: the history shows two cards of four clips."""
    request = GenerationRequest(prompt="A paper boat", **SMALL)
    press = "feedfacefeedface"
    for draft_id in (press, f"{press}:1", "0123456789abcdef", f"{press}:2"):
        shared.wait(shared.submit(request, draft_id=draft_id).id, 60)
    app = opened("history.py")
    assert "4 clips, takes on one card" in texts(app)
    assert len([box for box in app.checkbox if str(box.key).startswith("history_select_")]) == 2


def test_takes_that_wait_for_credits_are_told_of_once(shared, sandbox):
    """How many of them were made, and one press that sends those that were not, each once."""
    request, press = GenerationRequest(prompt="A paper boat", **SMALL), "feedfacefeedface"
    shared.wait(shared.submit(request, draft_id=press).id, 60)
    sandbox.set_faults(["create=402*2"])
    waiting = [shared.wait(shared.submit(request, draft_id=f"{press}:{take}").id, 60) for take in (1, 2)]
    assert [clip.waits_for_credits for clip in waiting] == [True, True]
    app = opened()
    assert texts(app).count("2 takes wait for credits. Nothing was charged for them.") == 1
    assert not [button for button in app.button if str(button.key).startswith("again_clip")]
    assert "1 of 3 takes made" in texts(opened("history.py"))
    before = sandbox.report()["tasks_created"]
    (send_all,) = [button for button in app.button if str(button.key).startswith("again_all_")]
    assert send_all.label == "Send 2 now · 50 credits"
    send_all.click().run()
    assert not app.exception
    assert [shared.wait(clip.id, 60).state for clip in waiting] == ["succeeded", "succeeded"]
    assert sandbox.report()["tasks_created"] == before + 2
    assert "3 takes" in texts(opened("history.py"))


def test_what_the_queue_sends_takes_nobodys_own_off_the_stage(shared):
    """After a reload, too, when the session knows of no press."""
    own = made(shared)
    shared.queue.plan([GenerationRequest(prompt="A kite", **SMALL)])
    shared.queue.approve([plan.id for plan in shared.queue.waiting()])
    eventually(lambda: shared.clips.count() == 2 and not shared.active(), 60)
    kite, _own = shared.clips.page()
    assert (kite.prompt, bool(kite.plan_id), own.plan_id) == ("A kite", True, "")
    staged = {button.key for button in opened().button if button.key and "_continue_" in button.key}
    assert staged == {f"generate_continue_{own.id}"}


def test_another_try_takes_the_stage(shared):
    """What failed is a line below it; the press of before does not hold its place."""
    app = opened()
    app.text_area(key="generate_prompt").set_value("The moon rises #fail").run()
    app.button(key="generate_submit").click().run()
    (failed,) = shared.clips.page()
    shared.wait(failed.id, 60)
    app.run()
    app.button(key=f"again_{failed.id}").click().run()
    tried = shared.submission.retry_of(failed.id)
    shared.wait(tried.id, 60)
    app.run()
    keys = {str(button.key) for button in app.button}
    assert f"again_{tried.id}" in keys
    assert f"again_{failed.id}" not in keys


def test_a_failure_says_in_a_line_why_and_that_the_credits_came_back(shared):
    """Also where it is not the newest."""
    made(shared, "moon #fail")
    made(shared, "moon #unsafe")
    made(shared)
    words = texts(opened())
    assert "Rivya could not finish this one · 25 credits came back" in words
    assert "Stopped by the safety checker · 25 credits came back" in words


def test_a_line_has_no_room_for_the_seed(shared):
    """The newest clip says its exact settings, one that has become a line the others."""
    shared.wait(shared.submit(GenerationRequest(prompt="A paper boat", seed=7, **SMALL)).id, 60)
    assert "Seed 7" in texts(opened())
    made(shared, "A kite")
    assert "Seed 7" not in texts(opened())


def test_stars_find_clips_again(shared):
    """A star, a filter, and back."""
    clip, _ = made(shared), made(shared, "moon #fail")
    app = opened("history.py")
    app.button(key=f"icon_history_star_{clip.id}").click().run()
    app.get_by_key("history_filter").set_value("starred").run()
    assert "1 clip" in texts(app)
    app.button(key=f"icon_history_star_{clip.id}").click().run()
    assert "Nothing here" in texts(app)


def test_a_photo_survives_a_visit_to_another_page(shared):
    """Back on Generate it is still there, and goes along."""
    app = opened()
    app.get("file_uploader")[0].upload("a.png", picture()).run()
    app.text_area(key="generate_prompt").set_value("A paper boat drifts by").run()
    app.switch_page("history.py").run()
    app.switch_page("generate.py").run()
    assert "PNG · " in texts(app)
    app.button(key="generate_submit").click().run()
    assert shared.clips.page()[0].reference_sha256


def test_a_picture_in_trouble_stops_the_button(shared):
    """Nobody pays for a clip without the picture that was meant to go along."""
    app = written("A paper boat drifts by")
    app.get("file_uploader")[0].upload("a.gif", picture(kind="GIF", mode="P")).run()
    assert app.button(key="generate_submit").disabled
    assert "cannot be sent as it is" in texts(app)
    app.button(key="generate_convert").click().run()
    assert not app.button(key="generate_submit").disabled


def test_what_ended_while_away_is_told_once(shared):
    """A new session hears of it; it is not told again, and not what was watched."""
    app = opened()
    assert "While you were away" not in texts(app)
    made(shared)
    made(shared, "moon #fail")
    app = opened()
    assert "While you were away: 1 finished, 1 failed and refunded" in texts(app)
    app.button(key="icon_inbox_seen").click().run()
    assert "While you were away" not in texts(app)
    assert "While you were away" not in texts(opened())


@pytest.mark.parametrize(
    ("page", "name"), [("queue", "Queue"), ("compare", "Compare"), ("history", "History"), ("help", "History")]
)
def test_a_clip_leads_back_to_where_it_was_opened(shared, page, name):
    """To the very clips that were compared; to History, from where nobody opens clips."""
    clips = [made(shared), made(shared, "A kite")]
    both = ",".join(clip.id for clip in clips)
    app = opened("planned.py" if page == "queue" else f"{page}.py", **({"clips": both} if page == "compare" else {}))
    app.switch_page("clip.py")
    app.query_params["clip"] = clips[0].id
    app.run()
    back = next(link.proto for link in app.get("page_link") if link.proto.icon == ":material/arrow_back:")
    assert back.label == name
    assert (both in unquote(back.query_string)) == (page == "compare")


def test_clips_are_compared(shared):
    """Settings and words that differ are shown; one clip alone is told that two are needed."""
    made(shared)
    assert "Two clips are needed" in texts(opened("compare.py"))
    made(shared, "A paper kite")
    app = opened("compare.py")
    assert ":red[~~boat~~] :green[**kite**]" in texts(app) or ":red[~~kite~~] :green[**boat**]" in texts(app)


def test_takes_that_pass_the_limit_are_not_sent_and_the_others_stay_one(shared):
    """Two of three fit today's limit: two are sent, the third is told, and pressing again pays for none twice."""
    shared.submission._limits = Limits(day=50)
    app = written("A paper boat drifts by")
    app.get_by_key("generate_takes").set_value(3).run()
    for _ in range(2):
        app.button(key="generate_submit").click().run()
        assert "It was not sent" in app.toast[0].value
    assert shared.clips.count() == 2


def test_two_limits_that_are_nearly_reached_are_both_told(shared):
    """One's own and the studio's, each in its line, and the page stands."""
    shared._limits = Limits(person_day=30, day=30)
    app = opened()
    app.session_state["state_PersonState"] = PersonState("Ada")
    app.text_area(key="generate_prompt").set_value("A paper boat drifts by").run()
    app.button(key="generate_submit").click().run()
    assert not app.exception
    assert texts(app).count(":material/warning:") == 2


def test_the_clock_says_the_part_of_the_day_in_words(shared):
    """In Bengali no hour is followed by Latin letters; only what happened within seconds is told with them."""
    clip = made(shared)
    for code, clock in (
        ("en", r"\d:\d\d:\d\d [AP]M"), ("bn", r"(ভোর|সকাল|দুপুর|বিকাল|সন্ধ্যা|রাত্রি) [০-৯]+:[০-৯]{2}:[০-৯]{2}"),
    ):  # fmt: skip
        app = opened(lang=code)
        app.switch_page("clip.py")
        app.query_params["clip"] = clip.id
        details = " ".join(map(str, app.run().table[0].value.to_numpy().ravel()))
        assert re.search(clock, details.replace("\u202f", " ")), details
        assert code == "en" or not re.search(r"[AP]M", details)
        seen = texts(opened("credits.py", lang=code)).replace("\u202f", " ")
        assert re.search(r"[\d০-৯]:[\d০-৯]{2}", seen)
        assert not re.search(clock, seen)


def test_one_moment_is_told_by_each_readers_clock(monkeypatch):
    """What was written for a reader in one zone is not shown to a reader in another."""
    moment = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
    told = []
    for name in ("Asia/Dhaka", "Europe/Berlin"):
        monkeypatch.setattr("ui.i18n.zone", lambda name=name: ZoneInfo(name))
        told.append(i18n.time_text(moment).replace("\u202f", " "))
    assert told == ["Nov 27, 2026, 6:00 PM", "Nov 27, 2026, 1:00 PM"]


def test_a_page_tells_one_balance(shared, monkeypatch):
    """A balance that Rivya tells while a page is drawn is told by all of its next drawing, by no part of this one."""
    eventually(shared.balance)
    shared.queue.plan([GenerationRequest(prompt="A boat", **SMALL)])
    read, last = [], Balances.last

    def spent_meanwhile(balances):
        read.append(balances)
        seen = last(balances)
        return seen if len(read) <= 2 else replace(seen, credits=475)

    for page in ("planned.py", "storyboard.py", "credits.py", "generate.py"):
        app = opened("planned.py" if page == "generate.py" else "")
        read.clear()
        with monkeypatch.context() as patch:
            patch.setattr(Balances, "last", spent_meanwhile)
            app.switch_page(page).run()
        assert not app.exception
        assert "475" not in texts(app), page


@pytest.mark.parametrize(("press", "told"), [("another", "Why it failed"), ("one:1", "1 running")])
def test_what_failed_is_told_before_what_runs_elsewhere(shared, press, told):
    """On a phone the clips are below the form: a word beside the button says what is new; a take waits for its press."""
    run = {"task_id": "task_1", "submitted_at": datetime.now(UTC), "credits_reserved": 25}
    stored(shared, id="clip_r", idempotency_key="r", client_request_id="r", stage=Stage.RUNNING, status="processing",
           draft_id=press, **run)  # fmt: skip
    stored(shared, id="clip_f", stage=Stage.DONE, status="failed", draft_id="one", finished_at=datetime.now(UTC),
           **{**run, "task_id": "task_2"})  # fmt: skip
    with shared.store.database.write() as connection:
        later = datetime.now(UTC) + timedelta(hours=1)
        connection.execute(sa.update(clips).where(clips.c.id == "clip_r").values(run_at=later))
    app = opened()
    words = [line.value for line in app.markdown if line.value.endswith("(#studio-stage)")]
    assert len(words) == 1
    assert told in words[0]
