"""What was made out of clips tells what it is, as long as it is there."""

from __future__ import annotations

import os
import time

from studio.media.edits import KEPT_SECONDS, Edits


def test_what_was_made_tells_of_itself_until_it_is_gone(tmp_path):
    """The newest first; what lost its words or its file, or is older than 30 days, is not told of."""
    edits = Edits(tmp_path)
    assert list(edits.all()) == []
    names = [
        edits.make(recipe, "mp4", lambda path: path.write_bytes(b"a video"), save_as=f"{recipe}.mp4", clip_ids=["a"])
        for recipe in ("boat", "নৌকা", "kite", "old")
    ]
    folder = edits.path(names[0]).parent
    for age, name in enumerate(reversed(names)):
        os.utime(folder / name, (time.time() - age, time.time() - age))
    assert [edit.save_as for edit in edits.all()] == ["old.mp4", "kite.mp4", "নৌকা.mp4", "boat.mp4"]
    assert {(edit.clip_ids, edit.size_bytes) for edit in edits.all()} == {(("a",), 7)}
    (folder / f"{names[0]}.json").write_text("{")
    (folder / names[2]).unlink()
    os.utime(folder / names[3], (time.time() - KEPT_SECONDS - 60,) * 2)
    edits.make("new", "gif", lambda path: path.write_bytes(b"moving"), save_as="new.gif", clip_ids=["a", "b"])
    assert [edit.save_as for edit in edits.all()] == ["new.gif", "নৌকা.mp4"]


def test_what_is_kept_outlives_its_thirty_days(tmp_path):
    """As long as it is kept; made anew it stays kept, and what lies beside it goes."""
    edits = Edits(tmp_path)

    def make(recipe):
        return edits.make(recipe, "mp4", lambda path: path.write_bytes(b"a"), save_as=f"{recipe}.mp4", clip_ids=["a"])

    names = [make("story"), make("trim")]
    edits.keep(names[0], kept=True)
    edits.keep("0" * 32 + ".mp4", kept=True)
    make("story")
    assert edits.made("story", "mp4") == names[0]
    assert edits.made("story", "gif") == ""
    folder = edits.path(names[0]).parent
    for path in folder.iterdir():
        os.utime(path, (time.time() - KEPT_SECONDS - 60,) * 2)
    assert (edits.made("story", "mp4"), edits.made("trim", "mp4")) == (names[0], "")
    left_by_a_crash = folder / "tmp123"
    left_by_a_crash.mkdir()
    (left_by_a_crash / "part.mp4").write_bytes(b"half of it")
    os.utime(left_by_a_crash, (time.time() - KEPT_SECONDS - 60,) * 2)
    make("new")
    assert not left_by_a_crash.exists()
    assert [(edit.save_as, edit.is_kept) for edit in edits.all()] == [("new.mp4", False), ("story.mp4", True)]
    assert len(list(folder.iterdir())) == 4
    edits.keep(names[0], kept=False)
    os.utime(folder / f"{names[0]}.json", (time.time() - KEPT_SECONDS - 60,) * 2)
    make("another")
    assert {edit.save_as for edit in edits.all()} == {"new.mp4", "another.mp4"}
