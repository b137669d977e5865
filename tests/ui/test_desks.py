"""The desks around the form, the queue's page and the gallery's tools, in Streamlit's own test driver."""

from __future__ import annotations

import base64
import io
import json
import threading
import zipfile
import zlib
from datetime import UTC, datetime, timedelta

import av
import pytest
import sqlalchemy as sa
from apptest import clip_page, made, opened, texts
from conftest import SMALL, eventually, picture
from streamlit.testing.v1 import AppTest

from rivya import GenerationRequest
from studio.media import metadata
from studio.prompts.shots import ShotText
from studio.reports.export import clips_zip, inscribed_video
from studio.store import ClipFilter
from studio.store.clip import Stage
from studio.store.schema import clips
from studio.storyboard import Board
from ui.runtime import PersonState


def labels_of(app: AppTest, kind: str) -> set[str]:
    return {element.label for element in app.get(kind)}


def writing(app: AppTest) -> str:
    return app.text_area(key="generate_prompt").value


def test_a_starter_fills_the_form(shared):
    """Words and shape; nothing is sent, and the other settings stay."""
    app = opened()
    app.get_by_key("generate_resolution").set_value("480p").run()
    app.button(key="generate_starter_social_ad").click().run()
    assert "sneaker" in writing(app)
    assert app.get_by_key("generate_aspect_ratio").value == "9:16"
    assert app.get_by_key("generate_resolution").value == "480p"
    assert shared.clips.count() == 0


def test_an_idea_over_written_words_can_be_undone(shared):
    """Nothing typed is lost by a press: not by an idea, not by the settings of a clip."""
    app = opened()
    app.text_area(key="generate_prompt").set_value("My own words").run()
    app.button(key="generate_starter_social_ad").click().run()
    assert writing(app).startswith("A white sneaker")
    app.button(key="generate_put_back").click().run()
    assert writing(app) == "My own words"
    assert not [button for button in app.button if button.key == "generate_put_back"]


def test_what_an_idea_replaced_can_be_put_back_after_a_reload(shared):
    """The draft keeps it, so it is there in another tab and on another day."""
    app = opened()
    app.text_area(key="generate_prompt").set_value("My own words").run()
    app.get("file_uploader")[0].upload("boat.png", picture((160, 90)), "image/png").run()
    app.button(key="generate_starter_food").click().run()
    again = opened(draft=app.query_params["draft"])
    assert "noodles" in writing(again)
    again.button(key="generate_put_back").click().run()
    assert writing(again) == "My own words"
    assert "Remove" in [button.label for button in again.button]
    assert not [
        button for button in opened(draft=app.query_params["draft"]).button if button.key == "generate_put_back"
    ]


def test_an_idea_takes_the_picture_out_and_can_be_undone(shared):
    """It would be what the clip shows, whatever the idea says; with new words it is not offered over them."""
    app = opened()
    app.text_area(key="generate_prompt").set_value("My own words").run()
    app.get("file_uploader")[0].upload("boat.png", picture((160, 90)), "image/png").run()
    assert "Remove" in [button.label for button in app.button]
    app.button(key="generate_starter_food").click().run()
    assert "Remove" not in [button.label for button in app.button]
    app.button(key="generate_put_back").click().run()
    assert writing(app) == "My own words"
    assert "Remove" in [button.label for button in app.button]
    app.button(key="generate_starter_food").click().run()
    app.get("file_uploader")[0].upload("another.png", picture((90, 160)), "image/png").run()
    app.button(key="generate_put_back").click().run()
    assert writing(app) == "My own words"
    assert "90 × 160" in texts(app)
    app.button(key="generate_starter_food").click().run()
    app.text_area(key="generate_prompt").set_value("A red kite over the sea, and nothing else").run()
    assert not [button for button in app.button if button.key == "generate_put_back"]
    assert shared.clips.count() == 0


def test_an_empty_history_offers_starters(shared):
    """One press goes to the filled form."""
    app = opened("history.py")
    app.button(key="history_starter_food").click().run()
    app.switch_page("generate.py").run()
    assert "noodles" in writing(app)


def sheet(app, tool) -> None:
    """Open the sheet of ideas at one of its tools."""
    app.button(key="desk").click().run()
    # The press has the page drawn once more, and on a busy computer AppTest looks before that.
    eventually(lambda: "desk_tool" in app.session_state or not app.run())
    app.get_by_key("desk_tool").set_value(tool).run()


def test_the_builder_writes_plain_text(shared):
    """Six parts, one's own words among them, become a prompt that can be edited and put back."""
    app = opened()
    app.text_area(key="generate_prompt").set_value("My own words").run()
    sheet(app, "builder")
    app.selectbox(key="builder_subject").set_value("A white cat").run()
    app.selectbox(key="builder_action").set_value("turns around and smiles").run()
    app.button(key="builder_use").click().run()
    assert writing(app) == "A white cat turns around and smiles"
    app.button(key="generate_put_back").click().run()
    assert writing(app) == "My own words"


def test_templates_are_filled_kept_and_deleted(shared):
    """Saved, chosen, its gaps filled; deleted and had back."""
    app = opened()
    sheet(app, "templates")
    app.text_input(key="templates_new_name").set_value("Boat").run()
    app.text_area(key="templates_new_text").set_value("A {colour} boat on {place}").run()
    app.button(key="templates_save").click().run()
    assert shared.templates.all() == {"Boat": "A {colour} boat on {place}"}
    app.selectbox(key="templates_name").set_value("Dish of the day").run()
    assert {"dish", "table"} <= {field.label for field in app.text_input}
    assert "templates_delete" not in {str(button.key) for button in app.button}, "a ready one is nobody's"
    app.selectbox(key="templates_name").set_value("Boat").run()
    app.text_input(key="templates_gap_colour").set_value("red").run()
    app.button(key="templates_delete").click().run()
    assert shared.templates.all() == {}
    app.button(key="templates_undo_delete").click().run()
    app.selectbox(key="templates_name").set_value("Boat").run()
    app.text_input(key="templates_gap_place").set_value("the {sea}").run()
    app.button(key="templates_use").click().run()
    assert writing(app).endswith("boat on the {sea}")


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.csv", b"name,text\nBoat,A {colour} boat\n"), ("a.json", json.dumps({"Boat": "A {colour} boat"}).encode())],
)
def test_templates_are_imported(shared, name, data):
    """From a table or JSON."""
    app = opened()
    sheet(app, "templates")
    app.get_by_key("templates_import").upload(name, data).run()
    assert shared.templates.all() == {"Boat": "A {colour} boat"}


def test_a_bad_import_is_refused_in_words(shared):
    """The line and the remedy are named; nothing is kept."""
    app = opened()
    sheet(app, "templates")
    app.get_by_key("templates_import").upload("a.json", b"{").run()
    assert not app.exception
    assert app.warning
    assert shared.templates.all() == {}


def test_earlier_prompts_are_found_again(shared):
    """Searched, and used with a press."""
    made(shared, "A paper boat")
    made(shared, "The moon over Dhaka")
    app = opened()
    sheet(app, "earlier")
    app.text_input(key="earlier_search").set_value("moon").run()
    assert app.button(key="earlier_0").label == "The moon over Dhaka"
    app.button(key="earlier_0").click().run()
    assert writing(app) == "The moon over Dhaka"


def test_a_plan_costs_nothing_until_it_is_paid(shared):
    """Planned on Generate, paid one by one in the queue, the rest kept or removed."""
    app = opened()
    app.text_area(key="generate_prompt").set_value("A paper boat drifts by").run()
    app.get_by_key("generate_takes").set_value(3).run()
    app.get_by_key("generate_resolution").set_value("480p").run()
    app.button(key="generate_plan").click().run()
    assert shared.clips.count() == 0
    assert len(shared.queue.waiting()) == 3
    app.switch_page("planned.py").run()
    assert "3 clips waiting · 75 credits" in texts(app)
    first = shared.queue.waiting()[0]
    app.button(key=f"queue_pay_{first.id}").click().run()
    eventually(lambda: shared.clips.page() and not shared.active(), 60)
    app.run()
    assert shared.clips.count() == 1
    assert shared.test_connection() == 475
    app.button(key="queue_keep").click().run()
    assert shared.queue.waiting() == []
    app.button(key="queue_undo_remove").click().run()
    assert len(shared.queue.waiting()) == 2
    assert shared.clips.count() == 1


def test_the_whole_queue_is_paused_and_stopped(shared):
    """Release all, pause, go on, stop after this one."""
    shared.queue.pause()
    shared.queue.plan([GenerationRequest(prompt=f"boat {n}", **SMALL) for n in range(3)])
    app = opened("planned.py")
    app.button(key="queue_release").click().run()
    assert "The queue is paused. Nothing more is sent until you go on." in texts(app)
    assert shared.clips.count() == 0
    app.button(key="queue_stop").click().run()
    assert not [button for button in app.button if button.key == "queue_go_on"]
    shared.queue.go_on()
    assert shared.queue.advance() is None
    assert [plan.released_at for plan in shared.queue.waiting()] == [None] * 3
    assert shared.clips.count() == 0


def test_a_pause_ends_with_what_it_held(shared):
    """Else *Start* would start nothing: what was taken back, or taken out, is started by the next press."""
    shared.queue.plan([GenerationRequest(prompt=f"boat {n}", **SMALL) for n in range(2)])
    for take_out in ("queue_stop", "queue_clear"):
        shared.queue.pause()
        shared.queue.approve([plan.id for plan in shared.queue.waiting()])
        app = opened("planned.py")
        app.button(key=take_out).click().run()
        assert shared.queue.pause_reason() is None
        assert shared.clips.count() == 0
    app.button(key="queue_undo_remove").click().run()
    app.button(key="queue_release").click().run()
    eventually(lambda: shared.clips.count() == 2 and not shared.active(), 60)


def test_a_second_click_does_not_pay_what_slid_under_it(shared):
    """The next row comes to stand under the pointer; a press that follows at once is asked to look."""
    shared.queue.pause()
    shared.queue.plan([GenerationRequest(prompt=f"boat {n}", **SMALL) for n in range(2)])
    app = opened("planned.py")
    first, second = (plan.id for plan in shared.queue.waiting())
    app.button(key=f"queue_pay_{first}").click().run()
    app.button(key=f"queue_pay_{second}").click().run()
    assert [bool(plan.released_at) for plan in shared.queue.waiting()] == [True, False]
    assert "The list has just moved" in app.toast[0].value
    app.session_state["state_QueueState"].approval._approved_at -= 2
    app.button(key=f"queue_pay_{second}").click().run()
    assert [bool(plan.released_at) for plan in shared.queue.waiting()] == [True, True]


def test_a_second_press_that_the_form_has_seen_already_is_no_fault(shared, monkeypatch):
    """The form goes on under a new id at once; the second half of a double press finds it, sends nothing, says nothing."""
    monkeypatch.setattr("studio.draft.SAME_PRESS_SECONDS", 60.0)  # "at once" on any computer
    app = opened("generate.py")
    app.text_area(key="generate_prompt").set_value("A paper boat").run()
    app.button(key="generate_submit").click().run()
    app.button(key="generate_submit").click().run()
    assert not app.exception
    assert shared.clips.count() == 1
    eventually(lambda: not shared.active())


def test_two_takes_of_one_press_are_kept_and_shared(shared):
    """Each has its own ways to other people; none takes the keys of the other, and below the others none changes."""
    app = opened("generate.py")
    app.text_area(key="generate_prompt").set_value("A paper boat").run()
    app.get_by_key("generate_takes").set_value(2).run()
    app.button(key="generate_submit").click().run()
    eventually(lambda: [bool(clip.video_path) for clip in shared.clips.page()] == [True, True])
    before = {str(button.key) for button in opened("generate.py").button if "take_" in str(button.key)}
    shared.clips.set_starred([clip.id for clip in shared.clips.page()], starred=True)
    app = opened("generate.py")
    assert not app.exception
    after = {str(button.key) for button in app.button if "take_" in str(button.key)}
    assert before <= after
    assert len([key for key in after - before if key.startswith("take_continue_")]) == 2


def test_the_second_half_of_a_double_click_on_add_pays_nothing(shared):
    """The clips that were added push *Start all* under the pointer; a second later it is a press of its own."""
    shared.queue.pause()
    app = opened("planned.py")
    app.text_area(key="queue_batch").set_value("A boat drifts by\nA kite flies by").run()
    app.button(key="queue_plan").click().run()
    app.button(key="queue_release").click().run()
    assert [plan.released_at for plan in shared.queue.waiting()] == [None, None]
    assert "The list has just moved" in " ".join(toast.value for toast in app.toast)
    app.session_state["state_QueueState"].approval._added_at -= 1
    app.button(key="queue_release").click().run()
    assert all(plan.released_at for plan in shared.queue.waiting())


def test_the_queue_is_put_in_order(shared):
    """Later and earlier."""
    shared.queue.plan([GenerationRequest(prompt=f"boat {n}", **SMALL) for n in range(3)])
    app = opened("planned.py")
    first = shared.queue.waiting()[0]
    app.button(key=f"icon_queue_arrow_downward_{first.id}").click().run()
    assert [plan.prompt for plan in shared.queue.waiting()] == ["boat 1", "boat 0", "boat 2"]


def test_a_batch_shows_its_total_before_anything_is_planned(shared):
    """Lines, a table with settings, and what is wrong with which line."""
    app = opened("planned.py")
    app.text_area(key="queue_batch").set_value("A boat drifts by\nA kite flies by").run()
    assert "2 clips · 50 credits" in texts(app)
    app.text_area(key="queue_batch").set_value("prompt,duration\nA boat drifts by,10 s\nA kite,7").run()
    assert "Line 3" in texts(app)
    assert "1 clip · 25 credits" in texts(app)
    app.button(key="queue_plan").click().run()
    (plan,) = shared.queue.waiting()
    assert (plan.prompt, plan.params["duration"]) == ("A boat drifts by", "10")
    assert shared.clips.count() == 0


BAD_FILES = [
    b"", b"\xff\xfe\x00", b"\0" * 50, b'prompt\n"open', "قارب\nনৌকা 🚣".encode(), b"prompt,duration,,\nA boat,7,,\n",
    b"prompt,duration,Line\nA boat,7,1\n", b"prompt,duration\nA boat,7,surplus\n",
]  # fmt: skip


@pytest.mark.parametrize("given", BAD_FILES)
def test_any_batch_file_is_met_with_words(shared, given):
    """No exception box, nothing planned by itself."""
    app = opened("planned.py")
    app.get_by_key("queue_batch_file_0").upload("a.csv", given).run()
    assert not app.exception
    assert shared.queue.waiting() == []


def test_the_gallery_narrows(shared):
    """Shape, mode and tag, one filter after the other, and all cleared at once."""
    boat = made(shared)
    tall = shared.wait(
        shared.submit(GenerationRequest(prompt="A tall boat", resolution="480p", aspect_ratio="9:16")).id, 60
    )
    shared.labels.add([tall.id], "tag", "spring")
    app = opened("history.py")
    app.get_by_key("history_aspect_ratio").set_value(["9:16"]).run()
    assert "1 clip" in texts(app)
    app.get_by_key("history_tag").set_value("spring").run()
    app.get_by_key("history_mode").set_value("image").run()
    assert "Nothing here" in texts(app)
    app.button(key="history_clear_filters").click().run()
    assert "2 clips" in texts(app)
    assert boat.id != tall.id
    app.text_input(key="history_search").set_value("Spri").run()
    assert "No prompt has these words. This is what they name:" in texts(app)
    assert "1 clip" in texts(app)
    app.button(key="history_tag_of_spring").click().run()
    assert "1 clip" in texts(app)
    assert app.text_input(key="history_search").value == ""


def test_a_search_with_a_wrong_letter_is_offered_anew(shared):
    """In the words of a prompt that is here, with what it finds; what no prompt is like finds nothing."""
    made(shared, "A tall boat at dusk")
    app = opened("history.py")
    app.text_input(key="history_search").set_value("tal baot").run()
    assert "No prompt has these words. This is “tall boat”:" in texts(app)
    assert "1 clip" in texts(app)
    app.text_input(key="history_search").set_value("submarine").run()
    assert "Nothing here" in texts(app)


def test_days_are_chosen_by_one_press(shared):
    """The chip fills the days; days of one's own are no chip's; all is taken back at once."""
    old, new = made(shared, "A kite"), made(shared, "A boat")
    with shared.store.database.write() as connection:
        long_ago = old.created_at - timedelta(days=10)
        connection.execute(sa.update(clips).where(clips.c.id == old.id).values(created_at=long_ago))
    app = opened("history.py")
    app.get_by_key("history_span").set_value(7).run()
    assert f"history_select_{new.id}" in {each.key for each in app.checkbox}
    assert f"history_select_{old.id}" not in {each.key for each in app.checkbox}
    days = app.date_input(key="history_dates").value
    app.date_input(key="history_dates").set_value((days[0] - timedelta(days=30), days[1])).run()
    assert app.get_by_key("history_span").value is None
    assert f"history_select_{old.id}" in {each.key for each in app.checkbox}
    app.button(key="history_clear_filters").click().run()
    assert app.date_input(key="history_dates").value == ()


def test_what_was_chosen_is_left_behind(shared):
    """Who opens a chosen clip comes back to what they chose; who goes elsewhere begins anew, outside the trash."""
    clip = made(shared)
    app = opened("history.py")
    app.checkbox(key=f"history_select_{clip.id}").check().run()
    app.query_params["clip"] = clip.id
    app.switch_page("clip.py").run()
    app.switch_page("history.py").run()
    assert "**1 selected**" in texts(app)
    app.switch_page("credits.py").run()
    app.switch_page("history.py").run()
    assert "selected" not in texts(app)
    app.get_by_key("history_filter").set_value("deleted").run()
    assert "The trash is empty" in texts(app)
    app.switch_page("credits.py").run()
    app.switch_page("history.py").run()
    assert "The trash is empty" not in texts(app)


def test_several_clips_at_once(shared):
    """Chosen, tagged, starred, deleted, and had back."""
    one, two = made(shared), made(shared, "A paper kite")
    shared.labels.add([one.id], "tag", "summer")
    app = opened("history.py")
    app.checkbox(key=f"history_select_{one.id}").check().run()
    assert "**1 selected**" in texts(app)
    app.button(key="history_choose_all").click().run()
    assert "**2 selected**" in texts(app)
    app.text_input(key="history_new_tag").input("winter")
    app.button(key="FormSubmitter:history_new_tag_form-Add").click().run()
    assert shared.labels.names("tag") == {"summer": 1, "winter": 2}
    app.pills(key="history_known_tag").select("summer").run()
    assert shared.labels.names("tag") == {"summer": 2, "winter": 2}
    assert not [each for each in app.pills if each.key == "history_known_tag"]
    app.button(key="history_take_tag_winter").click().run()
    app.button(key="history_take_tag_summer").click().run()
    assert shared.labels.names("tag") == {}
    with shared.store.database.write() as connection:
        connection.execute(sa.update(clips).values(video_bytes=300 * 1024 * 1024))
    (packing,) = (one for one in app.run().download_button if one.key == "history_zip")
    assert packing.disabled
    assert "600 MB together, and a ZIP takes up to 500 MB" in packing.help
    app.button(key="history_bar_star").click().run()
    assert shared.clips.count(ClipFilter("starred")) == 2
    app.button(key="history_delete").click().run()
    assert shared.clips.count() == 0
    assert "2 clips are in the trash" in texts(app)
    app.button(key="history_undo_delete").click().run()
    assert {clip.id for clip in shared.clips.page()} == {one.id, two.id}


def test_one_clip_comes_back_from_the_trash(shared):
    """By the sign on its own picture, any time later; the other stays there. A search that finds it there alone says so."""
    one, two = made(shared, "A paper boat"), made(shared, "A kite")
    app = opened("history.py")
    app.checkbox(key=f"history_select_{one.id}").check().run()
    app.button(key="history_delete").click().run()
    assert "1 clip is in the trash" in texts(app)
    app.text_input(key="history_search").set_value("paper").run()
    assert "Nothing here" in texts(app)
    assert app.button(key="history_look_in_trash").label == "1 in the trash"
    app.button(key="history_look_in_trash").click().run()
    shared.trash([two.id], deleted=True)
    app.text_input(key="history_search").set_value("").run()
    app.button(key=f"icon_history_restore_{one.id}").click().run()
    assert "Back in History." in [toast.value for toast in app.toast]
    assert [clip.id for clip in shared.clips.page()] == [one.id]
    assert "in the trash" not in texts(app)
    assert [str(button.key) for button in app.button if "icon_history_restore" in str(button.key)] == [
        f"icon_history_restore_{two.id}"
    ]


def test_the_trash_is_emptied_only_on_a_second_word(shared):
    """Asked first; then the video is gone and the receipt is not."""
    clip, unseen = made(shared), made(shared, "A green whale")
    shared.clips.set_deleted([clip.id, unseen.id], deleted=True)
    app = opened("history.py")
    app.get_by_key("history_filter").set_value("deleted").run()
    app.text_input(key="history_search").set_value("boat").run()
    app.button(key="history_empty_trash").click().run()
    assert clip.video_path.is_file()
    app.button(key="history_empty_yes").click().run()
    assert shared.get(clip.id).purged_at
    assert not shared.get(unseen.id).purged_at
    assert unseen.video_path.is_file()
    assert len(shared.receipts.accepted()) == 2
    assert "Its video was removed" in texts(clip_page(clip.id))


def test_the_zip_holds_videos_and_a_manifest(shared):
    """Whole videos, named for people, and no secret."""
    clip = made(shared)
    shared.labels.add([clip.id], "tag", "নৌকা")
    packed = clips_zip([clip], shared.labels.of([clip.id]))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read(manifest[0]["file"]) == clip.video_path.read_bytes()
        assert (manifest[0]["prompt"], manifest[0]["tag"]) == ("A paper boat", ["নৌকা"])
        assert b"A paper boat" in archive.read("manifest.csv")
    key = shared.settings.api_key.get_secret_value().encode()
    assert key not in packed
    assert clip.idempotency_key.encode() not in packed


def test_what_ended_unseen_is_marked_until_it_is_opened(shared):
    """A mark on the card, gone after a look."""
    clip = made(shared)
    app = opened("history.py")
    assert "New" in texts(app)
    app.query_params["clip"] = clip.id
    app.switch_page("clip.py").run()
    app.switch_page("history.py").run()
    assert "fiber_new" not in texts(app)


def test_any_moment_of_an_earlier_clip_can_be_the_reference(shared):
    """Chosen by its video and its time."""
    clip = made(shared)
    app = opened()
    app.button(key="icon_generate_frames").click().run()
    app.button(key=f"frames_{clip.id}").click().run()
    app.slider(key=f"frames_moment_{clip.id}").set_value(1.0).run()
    app.button(key=f"frames_use_moment_{clip.id}").click().run()
    assert "PNG · 480 × 480" in texts(app)


def test_a_video_brings_its_settings_back(shared):
    """Dropped on Generate it fills the form; one without settings gives its last picture."""
    clip = shared.wait(shared.submit(GenerationRequest(prompt="নৌকা 🚣", seed=7, **SMALL)).id, 60)
    app = opened()
    app.get("file_uploader")[0].upload("a.mp4", inscribed_video(clip)).run()
    app.run()
    assert writing(app) == "নৌকা 🚣"
    assert app.text_input(key="generate_seed").value == "7"
    app = opened()
    app.get("file_uploader")[0].upload("a.mp4", clip.video_path.read_bytes()).run()
    assert "PNG · " in texts(app)
    app = opened()
    app.get("file_uploader")[0].upload("a.mp4", inscribed_video(clip)[:900]).run()
    assert not app.exception
    assert app.warning
    assert shared.clips.count() == 1


def test_the_inscribed_video_holds_no_secret(shared):
    """Prompt and settings, nothing else."""
    clip = made(shared)
    inscribed = inscribed_video(clip)
    assert metadata.read(inscribed) == {"prompt": clip.prompt, "params": clip.params, "model": clip.model}
    added = inscribed[len(clip.video_path.read_bytes()) :]
    for secret in (shared.settings.api_key.get_secret_value(), clip.id, clip.task_id, clip.idempotency_key):
        assert secret.encode() not in added


def test_the_picture_says_its_size_before_and_after(shared):
    """A photo that is shrunk says so."""
    app = opened()
    app.get("file_uploader")[0].upload("a.bmp", picture(size=(900, 600), kind="BMP")).run()
    app.button(key="generate_convert").click().run()
    assert "before: 1.5 MB" in texts(app)


def test_the_nearest_shape_is_offered(shared):
    """A portrait picture makes a portrait clip with one press."""
    app = opened()
    app.get("file_uploader")[0].upload("a.png", picture(size=(300, 400))).run()
    app.button(key="generate_nearest").click().run()
    assert app.get_by_key("generate_aspect_ratio").value == "3:4"


def test_a_story_is_shown_and_joined(shared, monkeypatch):
    """Continued clips are a strip, and become one video as long as both; with the title that came right after the press."""
    first = made(shared)
    app = clip_page(first.id)
    assert "The whole story" not in texts(app)
    app.button(key=f"clip_continue_{first.id}").click().run()
    app.switch_page("generate.py").run()
    app.text_area(key="generate_prompt").set_value("The boat sails on").run()
    app.get_by_key("generate_resolution").set_value("480p").run()
    app.get_by_key("generate_aspect_ratio").set_value("1:1").run()
    app.button(key="generate_submit").click().run()
    second = eventually(
        lambda: next((c for c in shared.clips.page(limit=1) if c.video_path and c.id != first.id), None), 60
    )
    assert second.parent_id == first.id
    app = clip_page(first.id)
    assert "The whole story" in texts(app)
    app.button(key="chain_join").click().run()
    name = app.session_state["state_MakingState"].making.result(60)
    with av.open(str(shared.edits.path(name))) as video:
        assert abs(video.duration / 1_000_000 - 10) < 0.2
    title_is_here, in_background = threading.Event(), shared.in_background
    monkeypatch.setattr(
        shared, "in_background", lambda work: in_background(lambda: (title_is_here.wait(30), work())[1])
    )
    app.run()
    assert not [button for button in app.button if button.key == "chain_join"]
    app.text_input(key=f"chain_{first.id}_title").set_value("The b").run()
    app.button(key="chain_join").click().run()
    app.text_input(key=f"chain_{first.id}_title").set_value("The boat").run()
    title_is_here.set()
    name = app.session_state["state_MakingState"].making.result(60)
    with av.open(str(shared.edits.path(name))) as video:
        assert abs(video.duration / 1_000_000 - 12.5) < 0.2


def test_the_way_to_join_joins(shared):
    """Whoever pressed *Join with the clip before it* finds it joined; another edit is not thrown away by it later."""
    first = made(shared)
    frame = shared.submission.stored_reference(shared.keep_last_frame(first))
    second = shared.wait(shared.submit(GenerationRequest(prompt="It sails on", **SMALL), frame, parent_id=first.id).id)
    app = clip_page(second.id, join="1")
    making = app.session_state["state_MakingState"].making
    with av.open(str(shared.edits.path(making.result(60)))) as video:
        assert abs(video.duration / 1_000_000 - 10) < 0.2
    app.run()
    assert app.get_by_key("edit_save_join").label.startswith("Download")
    later = clip_page(second.id)
    assert later.get_by_key("edit_save_join").label.startswith("Download")  # in another session, without a press
    app.session_state["clip_edit"] = True
    app.run()
    app.slider(key=f"edit_span_{second.id}").set_value((0.0, 2.0)).run()
    app.button(key="edit_make_trim").click().run(timeout=120)
    assert app.session_state["state_MakingState"].wish.startswith("edit_make_trim")
    assert shared.clips.count() == 2


@pytest.mark.parametrize("tool", ["trim", "loop", "animation", "titled"])
def test_edits_are_made_and_the_clip_stays(shared, tool):
    """Another file; the paid one is byte for byte as it was."""
    clip = made(shared)
    before = clip.video_path.read_bytes()
    app = clip_page(clip.id)
    assert "The clip itself stays as it is." not in texts(app), "what nobody opens costs no decoding"
    app.session_state["clip_edit"] = True
    app.run()
    app.get_by_key("edit_tool").set_value(tool).run()
    if tool == "trim":
        assert app.button(key="edit_make_trim").disabled  # all of it is no cut
        app.slider(key=f"edit_span_{clip.id}").set_value((0.0, 2.0)).run()
    if tool == "titled":
        assert app.button(key="edit_make_titled").disabled  # with neither it would be the same video
        app.text_input(key=f"edit_{clip.id}_title").set_value("One morning").run()
    app.button(key=f"edit_make_{tool}").click().run(timeout=120)
    assert not app.exception
    path = shared.edits.path(app.session_state["state_MakingState"].making.result(60))
    assert path.stat().st_size > 1000
    assert clip.video_path.read_bytes() == before
    assert [(edit.name, edit.clip_ids) for edit in shared.edited()] == [(path.name, (clip.id,))]


@pytest.mark.parametrize(("tool", "times"), [("titled", 1), ("loop", 2)])
def test_what_was_trimmed_is_taken_by_the_other_tools(shared, tool, times):
    """The piece that was chosen, unless the whole is wanted; nothing is left beside the file."""
    clip = made(shared)
    app = clip_page(clip.id)
    app.session_state["clip_edit"] = True
    app.run()
    app.slider(key=f"edit_span_{clip.id}").set_value((0.0, 2.0)).run()
    app.get_by_key("edit_tool").set_value(tool).run()
    assert app.toggle(key=f"edit_only_{clip.id}").label == "Only the trimmed part, 0 to 2 seconds"
    if tool == "titled":
        app.text_input(key=f"edit_{clip.id}_title").set_value("One morning").run()
    seconds = []
    for _ in range(2):
        app.button(key=f"edit_make_{tool}").click().run(timeout=120)
        path = shared.edits.path(app.session_state["state_MakingState"].making.result(60))
        with av.open(str(path)) as video:
            seconds.append(video.duration / av.time_base)
        app.run()
        app.toggle(key=f"edit_only_{clip.id}").set_value(False).run()
    assert seconds[1] - seconds[0] == pytest.approx(times * (clip.video_seconds - 2), abs=0.3)
    assert not [each for each in path.parent.iterdir() if each.is_dir()]


def test_what_was_made_is_found_in_history(shared):
    """In a filter of its own, there once there is something, and by its words; the clips come back with the next visit."""
    clip = made(shared)
    app = opened("history.py")
    assert "Edited" not in app.get_by_key("history_filter").options
    kept = {"save_as": "2026-11-26_a-boat_joined.mp4", "clip_ids": [clip.id]}
    name = shared.edits.make("join", "mp4", lambda path: path.write_bytes(b"a video"), **kept)
    app.run()
    app.get_by_key("history_filter").set_value("edited").run()
    assert f"/edits/{name}" in "".join(html.proto.body for html in app.get("html"))
    assert app.get_by_key(f"edited_save_{name}").label.startswith("Download")
    app.button(key=f"edited_keep_{name}").click().run()
    assert [edit.is_kept for edit in shared.edits.all()] == [True]
    assert app.button(key=f"edited_keep_{name}").label == "Kept"
    app.text_input(key="history_search").set_value("kite").run()
    assert "Nothing here" in texts(app)
    app.text_input(key="history_search").set_value("BOAT").run()
    assert "Nothing here" not in texts(app)
    app.switch_page("credits.py").run()
    app.switch_page("history.py").run()
    assert app.get_by_key("history_filter").value == "all"


def test_the_history_is_found_again_by_its_address(shared):
    """A reload or a bookmark shows the same words and filter; what the address cannot mean is passed over."""
    made(shared)
    made(shared, "A paper kite")
    app = opened("history.py")
    app.text_input(key="history_search").set_value("kite").run()
    app.get_by_key("history_filter").set_value("starred").run()
    assert (app.query_params["q"], app.query_params["show"]) == ("kite", "starred")
    for asked, words, shown in (
        ({"q": "kite", "show": "succeeded"}, "kite", "succeeded"), ({"q": "x\0y" * 900, "show": "nothing"}, None, "all"),
    ):  # fmt: skip
        again = opened()
        again.switch_page("history.py")
        for name, value in asked.items():
            again.query_params[name] = value
        again.run()
        assert not again.exception
        found = again.text_input(key="history_search").value
        assert found == words if words else 0 < len(found) < 200 and "\0" not in found
        assert again.get_by_key("history_filter").value == shown
    app.get_by_key("history_filter").set_value("all").run()
    app.text_input(key="history_search").set_value("").run()
    assert "q" not in app.query_params
    assert "show" not in app.query_params


def test_who_searched_goes_on_to_the_next_that_was_found(shared):
    """Newer and older pass over what the search left out; who came another way goes from clip to clip."""
    boat, _kite, raft = made(shared, "A paper boat"), made(shared, "A kite"), made(shared, "A paper raft")
    app = opened("history.py")
    app.text_input(key="history_search").set_value("paper").run()
    app.query_params["clip"] = raft.id
    app.switch_page("clip.py")
    app.query_params["clip"] = raft.id
    app.run()
    assert app.button(key="icon_clip_newer").disabled
    app.button(key="icon_clip_older").click().run()
    assert app.title[0].value == "A paper boat"
    assert app.button(key="icon_clip_older").disabled
    assert not clip_page(boat.id).button(key="icon_clip_newer").disabled
    assert clip_page(raft.id).button(key="icon_clip_older").click().run().title[0].value == "A kite"


def test_a_planned_clip_is_changed_in_its_place(shared):
    """*Edit* opens it where it stands; *Save* keeps place and picture, *Cancel* and what cannot be sent change nothing."""
    shared.queue.plan([GenerationRequest(prompt=words, **SMALL) for words in ("A boat at dawn", "A kite")])
    plan, other = shared.queue.waiting()
    app = opened("planned.py")
    app.button(key=f"icon_queue_edit_{plan.id}").click().run()
    app.text_area(key=f"plan_prompt_{plan.id}").set_value("").run()
    app.button(key=f"plan_save_{plan.id}").click().run()
    assert "prompt" in str([toast.value for toast in app.toast])
    assert shared.queue.waiting() == [plan, other]
    app.text_area(key=f"plan_prompt_{plan.id}").set_value("A boat at noon").run()
    app.get_by_key(f"plan_aspect_ratio_{plan.id}").set_value("9:16").run()
    app.button(key=f"plan_save_{plan.id}").click().run()
    assert not app.exception
    changed, after = shared.queue.waiting()
    assert (changed.id, changed.prompt, changed.params) == (
        plan.id, "A boat at noon", {**plan.params, "aspect_ratio": "9:16"},
    )  # fmt: skip
    assert after == other
    app.button(key=f"icon_queue_edit_{plan.id}").click().run()
    app.text_area(key=f"plan_prompt_{plan.id}").set_value("A boat at night").run()
    app.button(key=f"plan_cancel_{plan.id}").click().run()
    assert shared.queue.waiting() == [changed, other]
    assert shared.clips.count() == 0


def test_what_is_written_is_what_is_paid(shared):
    """Whoever starts a clip while it is open pays for the words that stand there; for none, nothing is paid."""
    shared.queue.pause()
    shared.queue.plan([GenerationRequest(prompt=words, **SMALL) for words in ("A boat at dawn", "A kite")])
    plan = shared.queue.waiting()[0]
    app = opened("planned.py")
    app.button(key=f"icon_queue_edit_{plan.id}").click().run()
    app.text_area(key=f"plan_prompt_{plan.id}").set_value("").run()
    app.button(key="queue_release").click().run()
    assert not any(each.released_at for each in shared.queue.waiting())
    app.text_area(key=f"plan_prompt_{plan.id}").set_value("A boat at noon")
    app.button(key="queue_release").click().run()
    assert [(each.prompt, bool(each.released_at)) for each in shared.queue.waiting()] == [
        ("A boat at noon", True), ("A kite", True),
    ]  # fmt: skip
    assert "Nothing is paid" not in str([toast.value for toast in app.toast])


def test_what_was_started_meanwhile_is_not_changed(shared):
    """A colleague started it while it was written anew: it stays as it was paid for, and that is said."""
    shared.queue.pause()
    shared.queue.plan([GenerationRequest(prompt="A boat at dawn", **SMALL)])
    (plan,) = shared.queue.waiting()
    app = opened("planned.py")
    app.button(key=f"icon_queue_edit_{plan.id}").click().run()
    app.text_area(key=f"plan_prompt_{plan.id}").set_value("A boat at noon")
    shared.queue.approve([plan.id])
    app.button(key=f"plan_save_{plan.id}").click().run()
    assert "It was started meanwhile" in str([toast.value for toast in app.toast])
    assert shared.queue.waiting()[0].prompt == "A boat at dawn"


def test_a_queue_without_credits_does_not_go_on(shared):
    """What waits in line stays there, and the button says why it cannot be pressed."""
    shared.queue.pause()
    shared.queue.plan([GenerationRequest(prompt="A boat at dawn", **SMALL)])
    shared.queue.approve([plan.id for plan in shared.queue.waiting()])
    eventually(shared.balance)
    shared.store.balances.add(5)
    app = opened("planned.py")
    assert app.button(key="queue_go_on").disabled
    assert "There are too few credits" in texts(app)
    assert shared.clips.count() == 0


def test_who_made_a_clip_is_kept(shared):
    """A name said in Settings stands at the clip and filters the history."""
    app = opened("settings.py")
    app.text_input(key="settings_person").set_value("  মিনা ").run()
    app.switch_page("generate.py").run()
    app.text_area(key="generate_prompt").set_value("A paper boat drifts by").run()
    app.button(key="generate_submit").click().run()
    assert shared.clips.people() == ["মিনা"]
    app.switch_page("history.py").run()
    app.get_by_key("history_person").set_value("মিনা").run()
    assert "1 clip" in texts(app)


def test_help_shows_every_setting(shared):
    """Two videos for each, and the words for what they show."""
    app = opened("help.py")
    found = texts(app)
    for setting in (
        "Resolution",
        "Duration",
        "Aspect ratio",
        "Fixed camera",
        "Seed",
        "Safety checker",
        "Reference image",
    ):
        assert setting in found
    videos = [html.proto.body for html in app.get("html") if "data-video" in html.proto.body]
    assert len(videos) == 14


def test_a_usual_time_is_told_once_it_was_measured(shared):
    """From ten clips of the same settings on, one rounded figure and no percentiles."""
    clip = made(shared)
    app = opened()
    app.text_area(key="generate_prompt").set_value("A paper boat").run()
    app.get_by_key("generate_resolution").set_value("480p").run()
    assert "Usually under a minute" in texts(app)
    start = datetime.now(UTC) - timedelta(seconds=100)
    times = {"submitted_at": start, "finished_at": start + timedelta(seconds=62), "status": "succeeded"}
    for place in range(9):
        values = {"model": clip.model, "prompt": "boat", "params": clip.params, "price": 25, "stage": Stage.DONE}
        names = {"id": f"c{place}", "idempotency_key": f"k{place}", "client_request_id": f"c{place}"}
        shared.store.clips.insert(**values, **names, **times)
    app.run()
    assert "Usually about 75 seconds" in texts(app)
    assert "9 of 10" not in texts(app)


def test_a_second_press_releases_nothing_more(shared):
    """On a held queue the next one is offered only once."""
    shared.queue.plan([GenerationRequest(prompt=f"boat {n}", **SMALL) for n in range(4)])
    shared.queue.approve([shared.queue.waiting()[0].id])
    eventually(lambda: shared.clips.page() and not shared.active(), 60)
    app = opened("planned.py")
    first = shared.queue.waiting()[0]
    shared.queue.pause()
    app.button(key=f"queue_next_{first.id}").click().run()
    assert not app.exception
    assert [bool(plan.released_at) for plan in shared.queue.waiting()] == [True, False, False]
    assert not [button for button in app.button if str(button.key).startswith("queue_next")]


def test_a_picture_of_a_clip_reaches_the_form(shared):
    """Chosen on the clip's page, it is there on Generate, with what was being written."""
    clip = made(shared)
    app = opened()
    app.text_area(key="generate_prompt").set_value("Half a thought").run()
    app.query_params["clip"] = clip.id
    app.switch_page("clip.py").run()
    app.query_params["clip"] = clip.id
    app.session_state["clip_edit"] = True
    app.run()
    app.get_by_key("edit_tool").set_value("picture").run()
    app.button(key=f"edit_use_moment_{clip.id}").click().run()
    app.switch_page("generate.py").run()
    assert "PNG · " in texts(app)
    assert writing(app) == "Half a thought"


def test_a_remembered_name_stays_when_settings_are_opened(shared):
    """What the browser told is in the field, and opening the page changes nothing."""
    app = opened()
    app.session_state["state_PersonState"] = PersonState("মিনা")
    app.switch_page("settings.py").run()
    assert app.text_input(key="settings_person").value == "মিনা"
    assert app.session_state["state_PersonState"] == PersonState("মিনা")


def test_rubbish_in_a_video_or_link_is_left_out(shared):
    """Halves of characters never reach the form."""
    app = opened(remix=draft_code("\ud800 boat"))
    assert not app.exception
    assert writing(app) == " boat"


def draft_code(prompt: str) -> str:
    packed = zlib.compress(json.dumps([prompt, {}]).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def test_lines_take_the_settings_that_this_browser_left_on_the_form(shared, monkeypatch):
    """A queue that is opened first, after a reload, plans in the shape that the form will show."""
    app = opened()
    app.get_by_key("generate_aspect_ratio").set_value("9:16").run()
    draft_id = app.query_params["draft"]
    monkeypatch.setattr("ui.draft.kept_draft", lambda: draft_id)
    again = opened("planned.py")
    del again.session_state["state_FormState"]  # as in a session whose first page is this one
    again.text_area(key="queue_batch").set_value("A boat at dawn").run()
    assert again.get_by_key("queue_aspect_ratio").value == "9:16"
    again.button(key="queue_plan").click().run()
    (plan,) = shared.queue.waiting()
    assert plan.params["aspect_ratio"] == "9:16"


def test_lines_are_given_a_shape_and_a_length(shared):
    """What a line does not say itself is chosen beside the list; what a cell says counts for its row."""
    app = opened("planned.py")
    app.text_area(key="queue_batch").set_value("prompt,duration\nA boat at dawn,\nA kite at noon,5").run()
    app.get_by_key("queue_aspect_ratio").set_value("1:1").run()
    app.get_by_key("queue_duration").set_value("10").run()
    app.button(key="queue_plan").click().run()
    first, second = shared.queue.waiting()
    assert [plan.params["aspect_ratio"] for plan in (first, second)] == ["1:1", "1:1"]
    assert [plan.params["duration"] for plan in (first, second)] == ["10", "5"]


def test_lines_are_given_what_their_words_ask_for(shared):
    """A line that says vertical is made so, and the table shows it; one press has all made as the chips say."""
    app = opened("planned.py")
    app.text_area(key="queue_batch").set_value("A cat jumps, vertical 9:16\nA kite rises for ten seconds\nA boat").run()
    toggle = app.toggle(key="queue_as_words_say")
    assert toggle.label == "Give 2 lines the shape or length that they ask for"
    assert list(app.dataframe[0].value["Aspect ratio"]) == ["9:16", "16:9", "16:9"]
    toggle.set_value(False).run()
    assert list(app.dataframe[0].value["Aspect ratio"]) == ["16:9", "16:9", "16:9"]
    app.toggle(key="queue_as_words_say").set_value(True).run()
    app.button(key="queue_plan").click().run()
    made = [(plan.params["aspect_ratio"], plan.params["duration"]) for plan in shared.queue.waiting()]
    assert made == [("9:16", "5"), ("16:9", "10"), ("16:9", "5")]
    table = "prompt,aspect_ratio\nA reel for TikTok,16:9\nA reel of a cat,"
    app.text_area(key="queue_batch").set_value(table).run()
    toggle = app.toggle(key="queue_as_words_say")
    assert (toggle.value, toggle.label) == (True, "Give 1 line the shape or length that it asks for")
    assert list(app.dataframe[0].value["Aspect ratio"]) == ["16:9", "9:16"], "what a cell says is meant"


def test_what_is_in_line_is_not_called_paid(shared):
    """A started shot that waits is told apart from paid and unstarted ones, beside what else the line would send."""
    board_id = shared.storyboards.add(Board("Boat", {"resolution": "480p", "aspect_ratio": "1:1"}))
    shared.storyboards.add_shots(board_id, [ShotText(f"The boat at {hour} o'clock", "5") for hour in (1, 2, 3)])
    shared.queue.plan([GenerationRequest(prompt=f"kite {n}", **SMALL) for n in range(2)])
    shared.queue.pause()
    shared.queue.approve([plan.id for plan in shared.queue.loose()])
    app = opened("storyboard.py")
    app.button(key="storyboard_next").click().run()
    found = texts(app)
    assert "**1 shot in line** · 25 credits when its turn comes" in found
    assert "Not started: 2 shots · 10 s · 50 credits" in found
    assert app.button(key="storyboard_go_on").label == "Go on with all 3 · 75 credits"
    assert "2 of them are no shots of this story" in found
    queue = opened("planned.py")
    assert "1 shot of a storyboard is in line" in {link.label for link in queue.get("page_link")}
    assert "**2 clips waiting · 50 credits** · 1 shot of a storyboard is in line" in texts(queue)
    shared.queue.plan([GenerationRequest(prompt=f"moon {n}", **SMALL) for n in range(2)])
    assert queue.run().button(key="queue_release").label == "Put all 2 in line · 50 credits"
    shared.queue.remove([plan.id for plan in shared.queue.waiting() if "moon" in plan.prompt])
    assert queue.button(key="queue_go_on").label == "Go on with all 3 · 75 credits"
    assert "Next up" not in texts(queue), "the line is held"
    app.button(key="storyboard_all").click().run()
    assert "**3 shots in line** · 75 credits as their turns come" in texts(app)
    app.button(key="shot_take_back").click().run()
    assert "**3 shots · 15 s · 75 credits" in texts(app)
    assert [plan.prompt for plan in shared.queue.waiting() if plan.released_at] == ["kite 0", "kite 1"]
    assert shared.clips.count() == 0


def test_only_what_is_made_is_made_again(shared):
    """A shot that still waits for its turn is no reason to warn of its price before the one before it is replaced."""
    board_id = shared.storyboards.add(Board("Boat", {"resolution": "480p", "aspect_ratio": "1:1"}))
    shared.storyboards.add_shots(board_id, [ShotText("A boat leaves", "5"), ShotText("It meets a whale", "5")])
    first, second = (shot.plan.id for shot in shared.storyboards.shots(board_id))
    shared.storyboards.start([first])
    eventually(lambda: (clip := shared.storyboards.shots(board_id)[0].clip) and clip.video_path)
    shared.queue.pause()
    shared.storyboards.start([second])
    app = opened("storyboard.py")
    app.session_state["state_ShotState"].shot_id = first
    app.run()
    assert app.button(key="shot_replace")
    assert "If you replace it" not in texts(app)
    shared.queue.go_on()
    eventually(lambda: (clip := shared.storyboards.shots(board_id)[1].clip) and clip.video_path)
    assert "Once started, it and 1 shot after it cost 50 credits; this one alone 25." in texts(app.run())


@pytest.mark.parametrize(("reason", "word"), [("by_hand", "Put"), ("before", "Start")])
def test_a_shots_button_says_what_it_does(shared, reason, word):
    """A start ends a pause for the shot before; any other holds what is started, and nothing is sent."""
    board_id = shared.storyboards.add(Board("Boat", {"resolution": "480p", "aspect_ratio": "1:1"}))
    shared.storyboards.add_shots(board_id, [ShotText("A fox", "5"), ShotText("A boat", "5")])
    shared.store.plans.pause(reason)
    app = opened("storyboard.py")
    assert [app.button(key=f"storyboard_{key}").label.split()[0] for key in ("next", "all")] == [word, word]
    app.button(key="storyboard_next").click().run()
    if word == "Start":
        eventually(lambda: shared.clips.count() == 1)
    else:
        assert (shared.queue.pause_reason(), shared.clips.count()) == (reason, 0)


def test_a_shot_is_moved_by_a_press(shared):
    """One place at a time, to each end and no further, and it stays open."""
    board_id = shared.storyboards.add(Board("Boat", {"resolution": "480p", "aspect_ratio": "1:1"}))
    shared.storyboards.add_shots(board_id, [ShotText(words, "5") for words in ("A fox", "A boat", "A kite")])
    app = opened("storyboard.py")
    assert app.button(key="shot_back").disabled
    for order in (["A boat", "A fox", "A kite"], ["A boat", "A kite", "A fox"]):
        app.button(key="shot_forward").click().run()
        assert [shot.plan.prompt for shot in shared.storyboards.shots(board_id)] == order
    assert app.button(key="shot_forward").disabled
    app.button(key="shot_back").click().run()
    assert [shot.plan.prompt for shot in shared.storyboards.shots(board_id)] == ["A boat", "A fox", "A kite"]


def test_what_is_on_hold_is_told_beside_what_is_gone(shared):
    """The wallet's sum and the table below it differ by just that, and it is said."""
    shared.test_connection()
    clip = shared.submit(GenerationRequest(prompt="A boat #slow", **SMALL))
    eventually(lambda: shared.get(clip.id).credits_reserved == 25)
    shared.test_connection()
    found = texts(opened("credits.py"))
    assert "All 25 credits accounted for since" in found
    assert "; 25 are on hold now." in found


def test_a_shot_that_failed_is_not_called_paid(shared):
    """Its credits came back; what goes on from it waits unpaid."""
    board_id = shared.storyboards.add(Board("Moon", {"resolution": "480p", "aspect_ratio": "1:1"}))
    shared.storyboards.add_shots(board_id, [ShotText("The moon #fail", "5"), ShotText("It sets", "5")])
    shared.storyboards.start([shared.storyboards.shots(board_id)[0].plan.id])
    eventually(lambda: (clip := shared.storyboards.shots(board_id)[0].clip) and not clip.is_open)
    found = texts(opened("storyboard.py"))
    assert "**0 shots are started** · 1 failed, for free" in found
    assert "Not started: 1 shot" in found


def test_many_alike_ask_for_their_time_once(shared, monkeypatch):
    """However many shots are planned: they take as long as each other."""
    board_id = shared.storyboards.add(Board("Boat", {"resolution": "480p", "aspect_ratio": "1:1"}))
    shared.storyboards.add_shots(
        board_id, [ShotText(f"Boat {place}", "10" if place % 2 else "5") for place in range(30)]
    )
    asked, usual_time = [], shared.usual_time
    monkeypatch.setattr(shared, "usual_time", lambda params: asked.append(params) or usual_time(params))
    assert "**30 shots · 225 s · 750 credits" in texts(opened("storyboard.py"))
    assert sorted(params["duration"] for params in asked) == ["10", "5"]
