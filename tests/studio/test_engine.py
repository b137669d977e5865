"""The engine: from an intent to a video on the disk, through restarts and kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import av
import pytest
from conftest import FAST, SKETCHY, SMALL, eventually, picture

from rivya import GenerationRequest
from rivya.errors import ImageError, WaitTimeoutError
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio
from studio.engine import Engine
from studio.errors import BudgetError
from studio.store.clip import Stage
from studio.work_signal import Chore, WorkSignal

ROOT = Path(__file__).parents[2]


def ask(prompt="A paper boat", **params) -> GenerationRequest:
    return GenerationRequest(prompt=prompt, **{**SMALL, **params})


def charges(studio: Studio) -> float:
    return 500 - studio.test_connection()


def test_text_to_video(studio):
    """A prompt becomes a video that is here and plays, with its receipt."""
    clip = studio.wait(studio.submit(ask()).id, 60)
    assert (clip.state, clip.error, clip.credits_reserved, clip.credits_final) == ("succeeded", None, 25, 25)
    with av.open(str(clip.video_path)) as video:
        assert (video.streams.video[0].width, video.streams.video[0].height) == (480, 480)
    assert clip.poster_path.read_bytes()[8:12] == b"WEBP"
    assert clip.video_seconds == pytest.approx(5, abs=0.2)
    assert clip.task_id.startswith("task_")
    eventually(lambda: studio.balance().credits == 475)
    assert not list((studio.archive.root / "parts").iterdir())


def test_image_to_video(studio, tmp_path):
    """A picture goes along as the uploaded reference, and is uploaded once for two clips."""
    path = tmp_path / "phone.jpg"
    path.write_bytes(picture(size=(640, 480), kind="JPEG"))
    first, second = (studio.wait(studio.submit(ask(f"boat {n}"), path).id, 60) for n in range(2))
    assert (first.state, second.state) == ("succeeded", "succeeded")
    assert '"referenceMediaItems":[{"url":"http' in first.request_body
    assert first.request_body.split("referenceMediaItems")[1] == (
        second.request_body.split("referenceMediaItems")[1].replace(second.client_request_id, first.client_request_id)
    )


def test_a_failed_generation_gives_the_credits_back(studio):
    """Failed is said as such, with nothing charged."""
    clip = studio.wait(studio.submit(ask("A boat #fail")).id, 60)
    assert (clip.state, clip.error.code, clip.credits_final, clip.video_path) == (
        "failed",
        "generation_failed",
        0,
        None,
    )
    assert charges(studio) == 0


def test_too_few_credits_are_a_refusal(tmp_path):
    """Nothing starts, nothing is charged, and the reason and the request id are kept."""
    with Sandbox(tmp_path / "poor", balance=30, seconds=0.1, **SKETCHY) as poor:
        settings = Settings(api_key=DEMO_API_KEY, base_url=poor.base_url, data_dir=tmp_path, **FAST)
        with Studio(settings) as studio:
            ids = [studio.submit(ask(f"boat {n}")).id for n in range(2)]
            states = sorted(studio.wait(clip_id, 60).state for clip_id in ids)
            assert states == ["refused", "succeeded"]
            refused = next(clip for clip in studio.clips.page() if clip.state == "refused")
            assert (refused.error.code, refused.task_id, bool(refused.error.request_id)) == (
                "insufficient_credits",
                None,
                True,
            )
            assert studio.test_connection() == 5


def test_a_wrong_key_is_a_refusal(tmp_path, sandbox):
    """A key that Rivya does not know starts nothing."""
    settings = Settings(api_key="rvya_sk_wrong", base_url=sandbox.base_url, data_dir=tmp_path / "d")
    with Studio(settings) as studio:
        assert studio.wait(studio.submit(ask()).id, 30).error.code == "api_key_invalid"


def test_submit_does_not_wait_for_the_network(tmp_path):
    """A dead Rivya does not hold up the page: the intent is stored and goes on being sent."""
    settings = Settings(api_key="rvya_sk_x", base_url="http://127.0.0.1:9", data_dir=tmp_path)
    with Studio(settings) as studio:
        clip = studio.submit(ask())
        eventually(lambda: (seen := studio.get(clip.id)).error and seen.error.code == "not_connected")
        assert studio.get(clip.id).state == "sending"
        with pytest.raises(WaitTimeoutError):
            studio.wait(clip.id, 0.1)


def test_several_clips_side_by_side(studio):
    """Many run at once, and each is charged once."""
    ids = [studio.submit(ask(seed=7)).id for _ in range(5)]
    assert {studio.wait(clip_id, 120).state for clip_id in ids} == {"succeeded"}
    assert charges(studio) == 125


def test_one_draft_is_one_generation(studio):
    """A double click, a rerun, a second tab: the same draft is sent and charged once."""
    ids = {studio.submit(ask(), draft_id="d1").id for _ in range(4)}
    assert len(ids) == 1
    studio.wait(ids.pop(), 60)
    assert charges(studio) == 25


def test_local_refusals_store_and_send_nothing(studio, settings):
    """A bad image or a passed limit leaves no row."""
    with pytest.raises(ImageError):
        studio.submit(ask(), b"no picture")
    limited = Studio(settings.model_copy(update={"daily_credit_limit": 20}))
    with pytest.raises(BudgetError):
        limited.submit(ask())
    limited.store.close()
    assert studio.clips.count() == 0
    assert charges(studio) == 0


def test_try_again_makes_one_new_clip(studio):
    """Failed clips can be made once more; pressing twice is once."""
    failed = studio.wait(studio.submit(ask("#fail")).id, 60)
    assert studio.submission.retry(failed.id).id == studio.submission.retry(failed.id).id
    assert studio.clips.count() == 2


def test_delete_and_undo(studio):
    """The trash gives back what it took, video and all."""
    clip = studio.wait(studio.submit(ask()).id, 60)
    studio.clips.set_deleted([clip.id], deleted=True)
    assert studio.clips.page() == []
    studio.clips.set_deleted([clip.id], deleted=False)
    assert studio.clips.page()[0].video_path.is_file()


def test_a_stopped_studio_carries_on(settings):
    """Stop right after the click: the next start sends it, once."""
    with Studio(settings) as studio:
        ids = [studio.submit(ask(f"boat {n}"), picture() if n else None).id for n in range(2)]
    with Studio(settings) as studio:
        assert {studio.wait(clip_id, 60).state for clip_id in ids} == {"succeeded"}
        assert charges(studio) == 50


KILLED = """
    import faulthandler, sys, threading
    faulthandler.dump_traceback_later(60, exit=True)  # a test that waits for its word must not wait for ever
    from rivya import GenerationRequest
    from studio import Settings, Studio
    from studio import engine, steps
    from rivya.resources import Generations
    place, data_dir, base_url = sys.argv[1:]
    def stop_here(*args, **kwargs):
        print("here", flush=True)
        threading.Event().wait()
    engine.LEASE_SECONDS = 1.0
    created = Generations.create
    def create_and_stop(self, *args, **kwargs):
        created(self, *args, **kwargs)
        stop_here()
    patched = {
        "before_send": (Generations, "create", stop_here),
        "after_answer": (Generations, "create", create_and_stop),
        "before_poll": (steps.Steps, "_poll", stop_here),
        "before_download": (steps.Steps, "_save_video", stop_here),
        "before_upload": (steps.Steps, "_upload", stop_here),
    }
    setattr(*patched[place])
    studio = Studio(Settings(api_key="rvya_sk_demo_no_real_credits", base_url=base_url, data_dir=data_dir, poll_first_seconds=0.1,
                             poll_min_seconds=0.1, poll_max_seconds=0.2))
    studio.start()
    import io; from PIL import Image; buffer = io.BytesIO(); Image.new("RGB", (64, 64)).save(buffer, "PNG")
    studio.submit(GenerationRequest(prompt="A paper boat", resolution="480p", aspect_ratio="1:1"), buffer.getvalue())
    threading.Event().wait()
"""


@pytest.mark.parametrize("place", ["before_upload", "before_send", "after_answer", "before_poll", "before_download"])
def test_kill_9_at_every_step_loses_nothing_and_charges_once(place, settings, monkeypatch):
    """The process dies without a word; another carries on, with one charge and the video here."""
    monkeypatch.setattr("studio.engine.LEASE_SECONDS", 1.0)
    script = textwrap.dedent(KILLED)
    command = [sys.executable, "-c", script, place, str(settings.data_dir), settings.base_url]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as child:
        assert child.stdout.readline() == "here\n"
        child.send_signal(signal.SIGKILL)
    studio = Studio(settings)
    (clip,) = studio.clips.page()
    assert clip.is_open
    with studio:
        done = studio.wait(clip.id, 60)
        assert (done.state, done.video_path.is_file()) == ("succeeded", True)
        assert charges(studio) == 25


def test_a_second_engine_on_one_sqlite_file_stands_by(settings):
    """One works, the other waits for its turn; every clip is charged once, and the second takes over."""
    with Studio(settings) as one, Studio(settings) as two:
        ids = [(one, two)[n % 2].submit(ask(seed=7)).id for n in range(4)]
        assert {one.wait(clip_id, 120).state for clip_id in ids} == {"succeeded"}
        assert charges(two) == 100
        assert sorted([one.engine_state, two.engine_state]) == ["standby", "working"]
        (one if one.engine_state == "working" else two)._engine.stop()
        eventually(lambda: "working" in {one.engine_state, two.engine_state})


NO_STEPS = SimpleNamespace(refresh_balance=None, run_maintenance=None)


def test_a_clip_that_is_claimed_again_is_not_looked_at_twice(settings):
    """A laptop that slept claims its own clips anew; one clip has one next step, not two."""
    studio = Studio(settings)
    idle = Engine(NO_STEPS, studio.store, studio.queue, WorkSignal())
    clip = replace(studio.submit(ask()), owner=idle._owner)
    for _ in range(3):
        idle._hold(clip, 0.0)
    for steps in (1, 2):
        idle._start_due_steps()
        assert idle._jobs.qsize() == steps
        idle._put_back(clip, clip.due_in(0.0))
    studio.store.close()


def test_a_clip_that_is_claimed_again_in_mid_step_goes_on(settings):
    """The step of before lost its lease and changed nothing; the newer claim must not wait for a restart."""
    studio = Studio(settings)
    idle = Engine(NO_STEPS, studio.store, studio.queue, WorkSignal())
    clip = replace(studio.submit(ask()), owner=idle._owner)
    idle._hold(clip, 0.0)
    idle._start_due_steps()
    idle._hold(replace(clip), 0.0)
    idle._start_due_steps()
    assert idle._jobs.qsize() == 1
    idle._put_back(clip, None)
    idle._start_due_steps()
    assert idle._jobs.qsize() == 2
    studio.store.close()


def test_clips_that_another_took_over_are_let_go(settings):
    """Whoever overslept its leases asks no more for clips that are another's."""
    studio = Studio(settings)
    clip_id = studio.submit(ask()).id
    idle = Engine(NO_STEPS, studio.store, studio.queue, WorkSignal())
    idle._next[Chore.BALANCE] = float("inf")
    idle._tend_leases()
    assert list(idle._held) == [clip_id]
    studio.store.outbox.renew(idle._owner, [clip_id], lease_seconds=-1)
    assert [clip.id for clip in studio.store.outbox.claim("another", lease_seconds=60, limit=9)] == [clip_id]
    idle._renew()
    assert idle._held == {}
    studio.store.close()


def test_the_key_is_nowhere_on_the_disk(tmp_path, caplog):
    """Not in the database, the journal, the videos or the logs."""
    caplog.set_level("DEBUG")
    key = "rvya_sk_very_secret_0123456789"
    with Sandbox(tmp_path / "elsewhere", api_key=key, seconds=0.1, **SKETCHY) as sandbox:
        settings = Settings(api_key=key, base_url=sandbox.base_url, data_dir=tmp_path / "data", **FAST)
        with Studio(settings) as studio:
            studio.wait(studio.submit(ask(), picture()).id, 60)
        assert key not in repr(settings) + str(studio.__dict__) + caplog.text
        for path in (tmp_path / "data").rglob("*"):
            assert not path.is_file() or key.encode() not in path.read_bytes()


def test_demo_mode_needs_no_key_and_keeps_its_ledger(tmp_path):
    """Without a key there are 500 simulated credits, and a restart loses nothing."""
    settings = Settings(data_dir=tmp_path, demo_seconds=0.1, **FAST)
    with Studio(settings) as studio:
        clip = studio.wait(studio.submit(ask()).id, 60)
    with Studio(settings) as studio:
        assert studio.test_connection() == 475
        assert studio.get(clip.id).video_path.is_file()


def test_stopping_is_quick_even_while_rivya_is_silent(tmp_path):
    """A request that hangs does not hold the process up."""
    import socket
    import time

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        studio = Studio(Settings(api_key="rvya_sk_x", base_url=url, data_dir=tmp_path))
        studio.start()
        clip = studio.submit(ask())
        eventually(lambda: studio.get(clip.id).stage is Stage.SUBMITTING)
        start = time.monotonic()
        studio.stop()
        assert time.monotonic() - start < 7
    assert threading.active_count() < 40


def test_the_demo_and_the_account_are_not_in_each_others_way(settings):
    """Each account has its own turn on the file."""
    demo = Settings(data_dir=settings.data_dir, demo_seconds=0.1)
    with Studio(settings) as live, Studio(demo) as playing:
        eventually(lambda: (live.engine_state, playing.engine_state) == ("working", "working"))
