"""A data folder that version 0.1.0 wrote opens unchanged, and work goes on in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from conftest import FAST, SMALL, stopped_after

from rivya import GenerationRequest
from studio import Settings, Studio
from studio.store import ClipFilter

HISTORY = Path(__file__).parents[1] / "data" / "history_0_1"


def test_a_history_of_the_first_version_opens_unchanged(tmp_path):
    """Clips with their videos, words, labels, drafts, templates and plans are there; nothing is sent by itself."""
    shutil.copytree(HISTORY, tmp_path / "data")
    with stopped_after(Studio(Settings(data_dir=tmp_path / "data", demo_seconds=0.3, **FAST))) as studio:
        boat, moon, refused = studio.clips.page(sort="oldest")
        assert [clip.state for clip in (boat, moon, refused)] == ["succeeded", "failed", "refused"]
        assert studio.archive.is_whole(boat.video_sha256)
        assert (boat.params["seed"], boat.person, bool(boat.starred_at)) == (7, "Ada", True)
        assert studio.submission.reference_image(boat).width == 64
        assert studio.clips.page(ClipFilter(words="নৌকা"))[0].waits_for_credits
        assert studio.labels.names("tag") == {"spring": 1}
        assert studio.templates.all() == {"Boat": "A {colour} boat"}
        assert studio.drafts.open("0123456789abcdef").prompt == "Half a thought"
        assert [plan.prompt for plan in studio.queue.waiting()] == ["A planned kite"]
        assert studio.test_connection() == 475
        made = studio.wait(studio.submit(GenerationRequest(prompt="A kite", **SMALL)).id, 60)
        assert made.state == "succeeded"
        assert studio.test_connection() == 450
        assert studio.audit().owed == ()
