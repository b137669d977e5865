"""What one person made: all of it in one file, from wherever it lies; and nothing of it left, once they are erased."""

from __future__ import annotations

import json
import zipfile

import pytest
from conftest import SMALL, picture, stopped_after

from rivya import GenerationRequest
from studio import Settings, Studio
from studio.draft import Draft
from studio.store import personal_data
from studio.storyboard import Board


def asked(words: str) -> GenerationRequest:
    return GenerationRequest(prompt=words, **SMALL)


def test_all_that_a_person_made_is_in_one_file(studio, tmp_path, monkeypatch):
    """Every clip, in however many steps it is read, also from the trash; images once; and what is no clip yet."""
    monkeypatch.setattr(personal_data, "CLIPS_AT_ONCE", 1)
    image = picture()
    clips = [studio.submit(asked(f"Mo's boat {number}"), image, person="Mo") for number in range(3)]
    other = studio.submit(asked("Vik's boat"), person="Vik")
    *kept, thrown = [studio.wait(clip.id, 60) for clip in clips]
    studio.wait(other.id, 60)
    studio.labels.add([kept[0].id], "tag", "blue")
    studio.trash([thrown.id], deleted=True, by=None)
    for name in ("Mo", "Vik"):
        studio.queue.plan([asked(f"{name}'s plan")], person=name)
        studio.storyboards.add(Board(f"{name}'s story"), person=name)
        studio.drafts.save(Draft(f"draft of {name}", f"{name}'s thought"), person=name)
    assert studio.personal_data.export("Mo", tmp_path / "mo.zip") == 3
    assert [path.name for path in tmp_path.glob("mo.zip*")] == ["mo.zip"]
    with zipfile.ZipFile(tmp_path / "mo.zip") as made:
        manifest = json.loads(made.read("manifest.json"))
        assert [(entry["id"], entry.get("tag")) for entry in manifest] == [
            (kept[0].id, ["blue"]), (kept[1].id, []), (thrown.id, []),
        ]  # fmt: skip
        for entry, clip in zip(manifest, (*kept, thrown), strict=True):
            assert made.read(entry["file"]) == clip.video_path.read_bytes()
        [reference] = [name for name in made.namelist() if name.startswith("references/")]
        assert made.read(reference) == kept[0].reference_path.read_bytes()
        words = {name: json.loads(made.read(f"{name}.json")) for name in ("plans", "storyboards", "drafts")}
        assert [len(rows) for rows in words.values()] == [1, 1, 1]
        assert words["plans"][0]["prompt"] == "Mo's plan"
        assert words["storyboards"][0]["body"]["name"] == "Mo's story"
        assert words["drafts"][0]["body"]["prompt"] == "Mo's thought"
        assert "Vik" not in json.dumps([manifest, words])


def test_a_video_that_lies_in_the_object_store_alone_is_exported(settings, tmp_path):
    """The machine that exports may never have shown it."""
    shared = Settings(archive_url=f"file://{tmp_path}/bucket", **settings.model_dump(exclude_unset=True))
    with stopped_after(Studio(shared)) as studio:
        clip = studio.wait(studio.submit(asked("A boat"), person="Mo").id, 60)
        video = clip.video_path.read_bytes()
        clip.video_path.unlink()
        assert studio.personal_data.export("Mo", tmp_path / "mo.zip") == 1
    with zipfile.ZipFile(tmp_path / "mo.zip") as made:
        assert made.read(json.loads(made.read("manifest.json"))[0]["file"]) == video


def test_a_file_that_cannot_be_written_leaves_nothing(studio, tmp_path):
    """No half a file that looks whole."""
    studio.drafts.save(Draft("d" * 16, "A thought"), person="Mo")
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        studio.personal_data.export("Mo", tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_what_was_made_out_of_an_erased_persons_videos_goes_with_them(studio):
    """A joined film shows them too, whoever made it, and also when somebody wanted to keep it."""
    theirs, other = (studio.wait(studio.submit(asked("A boat"), person=name).id, 60) for name in ("Mo", "Vik"))

    def make(name, *clips):
        ids = [clip.id for clip in clips]
        return studio.edits.make(name, "mp4", lambda path: path.write_bytes(b"a video"), save_as="a.mp4", clip_ids=ids)

    gone = [make("theirs", theirs), make("of both", other, theirs)]
    stays = make("of another", other)
    studio.edits.keep(gone[1], kept=True)
    assert studio.personal_data.erase("Mo") == 1
    assert [studio.edits.path(name) for name in gone] == [None, None]
    assert [edit.name for edit in studio.edits.all()] == [stays]
    assert studio.get(other.id) == other
