"""The command line: the same store, words for people, JSON for programs, exit codes by error family."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing

import pytest
from conftest import SMALL, picture, tone
from typer.testing import CliRunner

from rivya import GenerationRequest
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio
from studio.__main__ import cli
from studio.draft import Draft
from studio.store import ClipFilter

TINY = ["--resolution", "480p", "--aspect-ratio", "1:1"]


@pytest.fixture
def run(monkeypatch, settings):
    """Run a command against the sandbox."""
    monkeypatch.setenv("RIVYA_API_KEY", DEMO_API_KEY)
    monkeypatch.setenv("RIVYA_BASE_URL", settings.base_url)
    monkeypatch.setenv("RIVYA_DATA_DIR", str(settings.data_dir))
    for name in ("FIRST", "MIN", "MAX"):
        monkeypatch.setenv(f"RIVYA_POLL_{name}_SECONDS", "0.2")
    return lambda *words: CliRunner().invoke(cli, list(words))


def test_help_waits_for_no_database():
    """Nor for HTTP: whoever asks what there is has not said yet what to do."""
    code = "import sys, studio.__main__; print(*{name.split('.')[0] for name in sys.modules})"
    imported = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert {"studio", "typer"} <= set(imported)
    assert not {"sqlalchemy", "httpx", "streamlit", "av"} & set(imported)


def test_generate_writes_the_video(run, tmp_path):
    """A prompt and a picture in, a video at the place asked for."""
    (tmp_path / "a.png").write_bytes(picture())
    result = run(
        "generate", "A paper boat", *TINY, "--image", str(tmp_path / "a.png"), "--out", str(tmp_path / "clip.mp4")
    )
    assert result.exit_code == 0, result.output
    assert (tmp_path / "clip.mp4").read_bytes()[4:8] == b"ftyp"
    clip = json.loads(run("history", "--json").output)[0]
    assert (clip["state"], clip["credits_final"]) == ("succeeded", 25)
    assert "Succeeded" in run("status", clip["id"]).output
    assert json.loads(run("credits", "--json").output)["balance"] == 475
    run("export", str(tmp_path / "runs.csv"))
    assert "A paper boat" in (tmp_path / "runs.csv").read_text("utf-8-sig")
    listed = run("history", "--search", "paper").output
    assert "A paper boat" in listed
    assert clip["id"] in listed


@pytest.mark.parametrize("command", [["generate", "A boat", *TINY, "--out"], ["export"]])
@pytest.mark.parametrize("target", ["missing/x.mp4", "."])
def test_a_path_that_cannot_be_written_is_refused_before_anything_is_sent(run, tmp_path, command, target):
    """Exit code 9, words, no clip, no credit."""
    result = run(*command, str(tmp_path / target))
    assert result.exit_code == 9, result.output
    assert "Traceback" not in result.output
    assert json.loads(run("history", "--json").output) == []
    assert json.loads(run("credits", "--json").output)["balance"] == 500


def test_a_mistyped_task_is_not_taken_in(run):
    """Rivya is asked first; nothing is left behind."""
    result = run("rescue", "task_mistyped", "../etc")
    assert result.exit_code == 1
    assert "does not know this task" in result.output
    assert json.loads(run("history", "--json").output) == []


def test_a_timeout_names_the_clip_and_the_way_on(run):
    """It promises nothing that does not happen after the program has ended."""
    result = run("generate", "A boat #slow", *TINY, "--timeout-seconds", "0.5")
    assert result.exit_code == 8
    clip = json.loads(run("history", "--json").output)[0]
    assert clip["id"] in result.output
    assert "engine" in result.output
    assert "by itself" not in result.output


def test_a_refusal_has_rivyas_own_words_and_a_way_to_send_it(run):
    """Waiting for credits: the same clip is sent later, not a second one."""
    result = run("generate", "A boat #insufficient", *TINY)
    assert result.exit_code == 5
    assert "Waiting for credits" in result.output
    assert "Rivya says: The balance is too low." in result.output
    clip = json.loads(run("history", "--json").output)[0]
    assert f"send {clip['id']}" in result.output
    assert run("send", clip["id"]).exit_code == 5
    assert len(json.loads(run("history", "--json").output)) == 1
    assert run("send", "clip_nothing").exit_code == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["A boat #fail", *TINY], 7),
        (["  "], 3),
        (["boat", "--duration", "7"], 3),
        (["boat", "--image", "nowhere.png"], 2),
    ],
)
def test_exit_codes(run, words, code):
    """Each family of errors has a number, and nothing prints a traceback."""
    result = run("generate", *words)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output


def test_exit_codes_of_key_and_wallet(run, monkeypatch, tmp_path):
    """A wrong key is 4, an empty wallet is 5, an unknown clip is 1."""
    with Sandbox(tmp_path / "poor", balance=0) as poor:
        monkeypatch.setenv("RIVYA_BASE_URL", poor.base_url)
        assert run("generate", "boat", *TINY).exit_code == 5
        monkeypatch.setenv("RIVYA_API_KEY", "rvya_sk_revoked_1")
        assert run("generate", "boat", *TINY).exit_code == 4
        assert run("credits").exit_code == 4
    assert run("status", "nothing").exit_code == 1


def test_doctor_prints_no_secret_and_spends_nothing(run):
    """Everything is looked at; the balance stays."""
    result = run("doctor")
    assert result.exit_code == 0, result.output
    assert DEMO_API_KEY not in result.output
    findings = {f["name"]: f["verdict"] for f in json.loads(run("doctor", "--json").output)}
    assert findings["credits:read"] == findings["database"] == findings["generations:read"] == "ok"
    assert json.loads(run("credits", "--json").output)["balance"] == 500


def test_backup_and_restore(run, settings, tmp_path, monkeypatch):
    """A backup restores into an empty folder with every video; a damaged one is named."""
    with Studio(settings) as studio:
        clip = studio.wait(studio.submit(GenerationRequest(prompt="boat", **SMALL)).id, 60)
        piece = studio.music.keep(tone(tmp_path / "tone.wav", 1))
    assert run("backup", str(tmp_path / "copy")).exit_code == 0
    assert run("restore", str(tmp_path / "copy")).exit_code == 9
    monkeypatch.setenv("RIVYA_DATA_DIR", str(tmp_path / "fresh"))
    assert run("restore", str(tmp_path / "copy")).exit_code == 0
    fresh = Studio(Settings(api_key=DEMO_API_KEY, base_url=settings.base_url, data_dir=tmp_path / "fresh"))
    assert fresh.get(clip.id).video_path.read_bytes() == clip.video_path.read_bytes()
    assert fresh.music.path(piece).read_bytes() == (tmp_path / "tone.wav").read_bytes()
    fresh.store.close()
    video = next((tmp_path / "copy" / "clips").rglob("*.mp4"))
    video.write_bytes(b"x" + video.read_bytes()[1:])
    monkeypatch.setenv("RIVYA_DATA_DIR", str(tmp_path / "again"))
    result = run("restore", str(tmp_path / "copy"))
    assert (result.exit_code, video.name in result.output) == (1, True)


def test_rescue_brings_clips_back_when_the_database_is_gone(run, settings, tmp_path, monkeypatch):
    """By task id or by the journal, at no cost; twice is once."""
    with Studio(settings) as studio:
        clip = studio.wait(studio.submit(GenerationRequest(prompt="boat", **SMALL)).id, 60)
        journal = studio.journal.path.read_text()
    assert "boat" not in journal
    assert DEMO_API_KEY not in journal
    for file in settings.data_dir.glob("studio.db*"):
        file.unlink()
    rescued = json.loads(run("rescue", "--journal", "--json").output)
    assert [(c["task_id"], c["state"]) for c in rescued] == [(clip.task_id, "succeeded")]
    assert "here already" in run("rescue", clip.task_id).output
    assert json.loads(run("credits", "--json").output)["balance"] == 475


def test_check_repairs_a_damaged_video(run, settings):
    """A video that rots or vanishes is fetched again by its task id, and not paid again."""
    with Studio(settings) as studio:
        clip = studio.wait(studio.submit(GenerationRequest(prompt="boat", **SMALL)).id, 60)
        whole = clip.video_path.read_bytes()
        for ruin in (lambda: clip.video_path.write_bytes(b"rotten"), clip.video_path.unlink):
            ruin()
            studio.maintenance.check(studio.get(clip.id))
            assert studio.archive_health() != {"safe": 1}
            studio.submission.ask_again(clip.id)
            studio.wait(clip.id, 60)
            assert clip.video_path.read_bytes() == whole
            assert studio.archive_health() == {"safe": 1}
    assert json.loads(run("check", "--json").output) == {"safe": 1}
    assert json.loads(run("credits", "--json").output)["balance"] == 475


def test_a_person_is_exported_and_erased(run, settings, tmp_path):
    """All that is theirs leaves as one file, then goes for good; the money stays in the books without a name."""
    out = tmp_path / "mo.zip"
    with Studio(settings) as studio:
        image = picture()
        theirs = studio.wait(
            studio.submit(GenerationRequest(prompt="Mo's secret boat", **SMALL), image, person="Mo").id, 60
        )
        other = studio.wait(studio.submit(GenerationRequest(prompt="A kite", **SMALL), person="Vik").id, 60)
        studio.labels.add([theirs.id], "tag", "Mo's tag")
        studio.queue.plan([GenerationRequest(prompt="Mo's plan", **SMALL)], person="Mo")
        for name in ("Mo", "Vik"):
            studio.drafts.save(Draft(f"draft of {name}", f"{name}'s secret thought"), person=name)
        totals = studio.receipts.totals()
    assert run("person", "export", "Mo", str(out)).exit_code == 0
    with zipfile.ZipFile(out) as made:
        manifest = json.loads(made.read("manifest.json"))
        assert [entry["prompt"] for entry in manifest] == ["Mo's secret boat"]
        assert made.read(manifest[0]["file"]) == theirs.video_path.read_bytes()
    assert run("person", "erase", "Mo").exit_code == 2
    assert theirs.video_path.is_file()
    assert run("person", "erase", "Mo", "--yes").exit_code == 0
    with Studio(settings) as studio:
        assert studio.receipts.totals() == totals
        assert (studio.clips.people(), studio.queue.waiting()) == (["Vik"], [])
        assert studio.clips.page(ClipFilter(words="secret")) == []
        assert studio.get(other.id) == other
        assert [studio.drafts.open(f"draft of {name}").prompt for name in ("Mo", "Vik")] == ["", "Vik's secret thought"]
        database = studio.store.database.file
    assert not theirs.video_path.exists()
    assert not theirs.reference_path.exists()
    with closing(sqlite3.connect(database)) as kept:
        kept.execute("VACUUM")
        assert {row[0] for row in kept.execute("SELECT person FROM clip_sums")} == {"", "Vik"}
        everything = "\n".join(kept.iterdump())
    assert "Mo's" not in everything
