"""What one person made: all of it in one file, from wherever it lies; and nothing of it left, once they are erased."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import SMALL, eventually, picture, stopped_after

from rivya import GenerationRequest
from studio import Settings, Studio
from studio.draft import Draft
from studio.errors import StoreError
from studio.media.object_store import ObjectStore
from studio.store import personal_data
from studio.storyboard import Board


def write_video(path):
    path.write_bytes(b"a video")


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
    planned, drafted = picture(size=(32, 48)), picture(size=(48, 64))
    for name in ("Mo", "Vik"):
        reference = studio.archive.keep_reference(planned) if name == "Mo" else None
        studio.queue.plan([asked(f"{name}'s plan")], person=name, reference_sha256=reference)
        studio.storyboards.add(Board(f"{name}'s story"), person=name)
        reference = studio.archive.keep_reference(drafted) if name == "Mo" else None
        studio.drafts.save(
            Draft(f"draft of {name}", f"{name}'s thought \ud83d", reference_sha256=reference), person=name
        )
    joined = studio.edits.make("a", "mp4", write_video, save_as="joined.mp4", clip_ids=[clip.id for clip in kept])
    studio.edits.make("b", "mp4", write_video, save_as="of both.mp4", clip_ids=[kept[0].id, other.id])
    assert studio.personal_data.export("Mo", tmp_path / "mo.zip") == (3, ())
    assert [path.name for path in tmp_path.iterdir() if path.is_file() and path.suffix != ".jsonl"] == ["mo.zip"]
    with zipfile.ZipFile(tmp_path / "mo.zip") as made:
        names = made.namelist()
        assert len(set(names)) == len(names)
        manifest = json.loads(made.read("manifest.json"))
        assert [(entry["id"], entry["tag"]) for entry in manifest] == [
            (kept[0].id, ["blue"]), (kept[1].id, []), (thrown.id, []),
        ]  # fmt: skip
        for entry, clip in zip(manifest, (*kept, thrown), strict=True):
            assert made.read(entry["file"]) == clip.video_path.read_bytes()
        words = {name: json.loads(made.read(f"{name}.json")) for name in ("plans", "storyboards", "drafts")}
        ([plan], [board], [draft]) = words.values()
        assert (plan["prompt"], board["body"]["name"]) == ("Mo's plan", "Mo's story")
        assert draft["body"]["prompt"] == "Mo's thought "
        pictures = [manifest[0]["reference_sha256"], plan["reference_sha256"], draft["body"]["reference"]]
        assert sorted(name for name in names if name.startswith("references/")) == sorted(
            f"references/{sha256}.png" for sha256 in pictures
        )
        for sha256 in pictures:
            assert hashlib.sha256(made.read(f"references/{sha256}.png")).hexdigest() == sha256
        assert [name for name in names if name.startswith("edited/")] == [f"edited/{joined[:8]}_joined.mp4"]
        assert "Vik" not in json.dumps([manifest, words])


def test_what_lies_in_the_object_store_alone_is_exported_or_named(settings, tmp_path, monkeypatch):
    """The machine that exports may never have shown it; and whoever goes on to erase has to know what is missing."""
    shared = Settings(archive_url=f"file://{tmp_path}/bucket", **settings.model_dump(exclude_unset=True))
    with stopped_after(Studio(shared)) as studio:
        clip = studio.wait(studio.submit(asked("A boat"), picture(), person="Mo").id, 60)
        eventually(lambda: any((tmp_path / "bucket" / "references").rglob(clip.reference_sha256)))
        video = clip.video_path.read_bytes()

        def forget():
            for path in (clip.video_path, clip.reference_path):
                path.unlink()

        forget()
        assert studio.personal_data.export("Mo", tmp_path / "mo.zip") == (1, ())
        forget()
        monkeypatch.setattr(ObjectStore, "get", lambda *_: None)
        missing = studio.personal_data.export("Mo", tmp_path / "less.zip").missing
        assert missing == (clip.id, clip.reference_sha256)
    with zipfile.ZipFile(tmp_path / "mo.zip") as made:
        assert made.read(json.loads(made.read("manifest.json"))[0]["file"]) == video
    with zipfile.ZipFile(tmp_path / "less.zip") as made:
        assert json.loads(made.read("manifest.json"))[0]["file"] is None


def test_a_file_that_cannot_be_written_leaves_nothing(studio, tmp_path):
    """No half a file that looks whole."""
    studio.drafts.save(Draft("d" * 16, "A thought"), person="Mo")
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        studio.personal_data.export("Mo", tmp_path / "folder")
    assert list(tmp_path.glob("*.part")) == []


def test_what_was_made_out_of_an_erased_persons_videos_goes_with_them(studio):
    """A joined film shows them too, whoever made it, and also when somebody wanted to keep it, or was just making it."""
    theirs, other = (studio.wait(studio.submit(asked("A boat"), person=name).id, 60) for name in ("Mo", "Vik"))

    def make(name, *clips, write=write_video):
        return studio.edits.make(name, "mp4", write, save_as="a.mp4", clip_ids=[clip.id for clip in clips])

    gone = [make("theirs", theirs), make("of both", other, theirs), make("that tells nothing", theirs)]
    for path in studio.archive.root.glob(f"edits/{gone[2]}.json"):
        path.write_text("{broken")
    stays = make("of another", other)
    studio.edits.keep(gone[1], kept=True)
    begun, erased = threading.Event(), threading.Event()

    def write_slowly(path):
        begun.set()
        assert erased.wait(60)
        write_video(path)

    with ThreadPoolExecutor() as pool:
        making = pool.submit(make, "being made", theirs, write=write_slowly)
        assert begun.wait(60)
        assert studio.personal_data.erase("Mo") == 1
        erased.set()
        gone.append(making.result())
    assert [edit.name for edit in studio.edited()] == [stays]
    assert [studio.edits.path(name) for name in gone] == [None] * 4
    assert sorted(path.name for path in studio.archive.root.glob("edits/*")) == [stays, f"{stays}.json"]
    assert studio.get(other.id) == other


def test_an_image_that_cannot_be_removed_is_named_and_all_else_is_gone(studio, monkeypatch):
    """Whoever erases is told what is left for them to do; asking again would find nobody any more."""
    image, drafted = picture(), picture(size=(48, 64))
    clip = studio.wait(studio.submit(asked("A boat"), image, person="Mo").id, 60)
    kept = studio.archive.keep_reference(drafted)
    studio.drafts.save(Draft("d" * 16, "A thought", reference_sha256=kept), person="Mo")
    remove = studio.archive.remove_reference

    def refuse(sha256):
        if sha256 == clip.reference_sha256:
            raise StoreError("the shared archive is away")
        remove(sha256)

    monkeypatch.setattr(studio.archive, "remove_reference", refuse)
    with pytest.raises(StoreError, match=clip.reference_sha256):
        studio.personal_data.erase("Mo")
    assert not studio.archive.reference_path(kept).exists()
    assert not clip.video_path.exists()
    assert studio.get(clip.id).is_erased
