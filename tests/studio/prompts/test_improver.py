"""What a prompt leaves open is filled in by rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.prompts.advice import advise
from studio.prompts.improver import improved


def better(prompt: str, *, camera_fixed: bool = False) -> str:
    return improved(prompt, camera_fixed=camera_fixed, translate=lambda text: text)


def test_camera_and_light_are_added_once():
    """What was written stays as it is, and the improved prompt has nothing left to improve."""
    first = better("A paper boat drifts by.")
    assert first.startswith("A paper boat drifts by, the camera moves slowly closer, ")
    assert better(first) == first
    assert better("A paper boat drifts by.") == first


@pytest.mark.parametrize(
    "prompt",
    ["A boat at dusk, wide shot", "Close-up of a cat in soft light", "ভোরের আলোয় নৌকা, ক্যামেরা কাছে আসে", "", "  "],
)
def test_what_says_both_stays(prompt):
    """In either language; nothing is made of nothing."""
    assert better(prompt) == prompt


def test_a_fixed_camera_stands_still():
    """No suggestion contradicts a setting."""
    found = better("A paper boat drifts by", camera_fixed=True)
    assert "static shot" in found
    assert advise(found, {"camera_fixed": "true", "aspect_ratio": "16:9", "duration": "5"}, image_ratio=None) == []


@given(st.text(max_size=200))
def test_any_prompt_is_met(prompt):
    """What somebody wrote is never lost."""
    assert prompt.strip().rstrip(" .,;।") in better(prompt)
