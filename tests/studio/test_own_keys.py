"""A person's own key: paid by it alone, apart from the studio's clips, and waiting for it after a restart."""

from __future__ import annotations

import pytest
from conftest import FAST, SKETCHY, SMALL, eventually
from pydantic import SecretStr

from rivya import GenerationRequest
from rivya.errors import APIStatusError, InvalidRequestError
from sandbox import DEMO_API_KEY, Sandbox
from studio import Settings, Studio
from studio.errors import KeyNeededError
from studio.own_keys import OwnKeys

BOAT = GenerationRequest(prompt="A paper boat drifts by", **SMALL)


@pytest.fixture
def settings(tmp_path, sandbox):
    """A demo whose people may bring keys of the sandbox, and whose own clips are limited to none."""
    return Settings(data_dir=tmp_path / "data", base_url=sandbox.base_url, daily_credit_limit=0, **FAST)


@pytest.fixture
def history(settings):
    """The studio that everybody shares, without an engine."""
    with Studio(settings.model_copy(update={"run_engine": False})) as studio:
        yield studio.store


@pytest.fixture
def keys(settings, history):
    found = OwnKeys(settings, history)
    yield found
    found.stop()


def test_clips_of_an_own_key_are_paid_by_it_and_stand_apart(keys, settings, sandbox):
    own = keys.studio(keys.open(f"  {DEMO_API_KEY}\n"))
    clip = own.wait(own.submit(BOAT).id)
    assert clip.state == "succeeded"
    assert sandbox.report()["balance"] == 475
    with Studio(settings) as demo:
        assert demo.get(clip.id) is None
        assert demo.clips.page() == []


def test_the_key_is_written_nowhere(keys, settings):
    own = keys.studio(keys.open(DEMO_API_KEY))
    own.wait(own.submit(BOAT).id)
    keys.stop()
    files = [path for path in settings.data_dir.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert not [path for path in files if DEMO_API_KEY.encode() in path.read_bytes()]


def test_after_a_restart_clips_wait_and_nothing_new_is_paid_until_the_key_is_entered(settings, history, tmp_path):
    with Sandbox(tmp_path / "unhurried", seconds=2, **SKETCHY) as unhurried:
        _restarted(settings.model_copy(update={"base_url": unhurried.base_url}), history, unhurried)


def _restarted(settings, history, sandbox):
    keys = OwnKeys(settings, history)
    token = keys.open(DEMO_API_KEY)
    own = keys.studio(token)
    clip = own.submit(GenerationRequest(prompt="A boat that takes its time", **SMALL))
    eventually(lambda: own.get(clip.id).task_id)
    keys.stop()
    again = OwnKeys(settings, history)
    try:
        waiting = again.studio(token)
        assert waiting.settings.needs_key
        assert not waiting.is_running
        assert waiting.get(clip.id).is_open
        with pytest.raises(KeyNeededError):
            waiting.submit(BOAT)
        resumed = again.studio(again.open(DEMO_API_KEY))
        assert resumed.wait(clip.id).state == "succeeded"
        assert sandbox.report()["tasks_created"] == 1
    finally:
        again.stop()


def test_a_key_that_rivya_does_not_know_opens_nothing(keys):
    with pytest.raises(APIStatusError):
        keys.open("rvya_sk_unknown_unknown_unknown")
    with pytest.raises(InvalidRequestError):
        keys.open("   ")
    with pytest.raises(ValueError, match="characters that no key has"):
        keys.open("ключ")


def test_a_token_is_of_this_folder_and_over_when_the_key_was_forgotten(keys, settings, history, tmp_path):
    token = keys.open(DEMO_API_KEY)
    elsewhere = OwnKeys(settings.model_copy(update={"data_dir": tmp_path / "other"}), history)
    assert elsewhere.studio(token) is None
    assert keys.studio(token + "x") is None
    assert keys.studio(None) is None
    keys.forget(token)
    assert keys.studio(token) is None
    # The key is gone from memory, and the history is there for who enters it again.
    assert not keys.studio(keys.open(DEMO_API_KEY)).settings.needs_key


def test_a_key_has_the_same_account_on_every_machine_of_a_history_and_another_elsewhere(
    settings, tmp_path, keys, history
):
    """So a restored backup, or a second server, finds the clips again; the account tells nothing of the key."""
    first, second = (keys._account(SecretStr(key)) for key in ("rvya_sk_a", "rvya_sk_b"))
    apart = settings.model_copy(update={"data_dir": tmp_path / "other"})
    assert OwnKeys(apart, history)._account(SecretStr("rvya_sk_a")) == first
    with Studio(apart.model_copy(update={"run_engine": False})) as elsewhere:
        foreign = OwnKeys(apart, elsewhere.store)._account(SecretStr("rvya_sk_a"))
    assert len({first, second, foreign}) == 3
    assert "rvya" not in first.replace(settings.base_url, "")
