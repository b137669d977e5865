"""Advice: it finds contradictions in both languages, its fixes settle them, and it never stands in the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rivya.models import find_problems
from rivya.spec import DEFAULT_MODEL
from studio.prompts.advice import advise, asked_in_words, nearest_ratio

DEFAULTS = DEFAULT_MODEL.defaults
CALM = "A paper boat drifts down a rainy street"


def codes(prompt, image_ratio=None, **changes):
    return [advice.code for advice in advise(prompt, {**DEFAULTS, **changes}, image_ratio=image_ratio)]


@pytest.mark.parametrize(
    ("prompt", "changes", "code"),
    [
        ("A boat drifts, slow dolly in", {"camera_fixed": "true"}, "moving_camera"),
        ("নৌকা ভেসে যাচ্ছে, ধীরে জুম", {"camera_fixed": "true"}, "moving_camera"),
        ("Static shot of a boat drifting", {}, "still_camera"),
        ("A boat drifts, vertical video for TikTok", {}, "upright"),
        ("A boat drifts, vertical, slow motion", {}, "upright"),
        ("A boat drifts by, 9:16", {}, "upright"),
        ("A boat drifts, widescreen", {"aspect_ratio": "9:16"}, "wide"),
        ("A boat drifts, square format", {}, "square"),
        ("A boat drifts for ten seconds", {}, "longer"),
        ("A boat drifting in 4K", {}, "sharper"),
        ("A sign that says HELLO, swinging", {}, "written_words"),
        ("He runs, then jumps, then falls, then smiles and finally waves", {}, "many_actions"),
        ("boat", {}, "too_short"),
        ("A red boat on a blue table", {}, "no_motion"),
    ],
)
def test_contradictions_are_found_and_settled(prompt, changes, code):
    """The advice is given; with its fix taken, it is gone."""
    params = {**DEFAULTS, **changes}
    (advice,) = [advice for advice in advise(prompt, params) if advice.code == code]
    assert len(advice.fix) == 1
    assert code not in [a.code for a in advise(*taken(prompt, params, advice.fix))]


def taken(prompt, params, fix):
    """The draft with a fix taken."""
    settings = {key: value for key, value in fix.items() if key != "prompt"}
    return fix.get("prompt", prompt), {**params, **settings}


@pytest.mark.parametrize(
    ("prompt", "changes", "image_ratio"),
    [
        ("A vertical video, widescreen, of a boat drifting", {}, None),
        ("Static shot, slow dolly in on a drifting boat", {"camera_fixed": "true"}, None),
        ("A boat drifts, vertical video", {}, 16 / 9),
        ("A square video in landscape format, drifting", {"aspect_ratio": "9:16"}, 3 / 4),
    ],
)
def test_no_two_tips_contradict_each_other(prompt, changes, image_ratio):
    """Taking one never brings the other: where the draft contradicts itself, nothing is said about it."""
    params = {**DEFAULTS, **changes}
    for _ in range(5):
        found = advise(prompt, params, image_ratio=image_ratio)
        if not found:
            return
        prompt, params = taken(prompt, params, found[0].fix)
    pytest.fail("each fix brings the next")


def test_a_good_draft_is_left_alone():
    """No advice where there is nothing to say."""
    assert codes(CALM) == []
    assert codes("একটি কাগজের নৌকা বৃষ্টির রাস্তায় ভেসে যাচ্ছে") == []


def test_a_portrait_photo_and_a_wide_clip():
    """The nearest shape is proposed."""
    (advice,) = advise(CALM, {**DEFAULTS, "aspect_ratio": "21:9"}, image_ratio=3 / 4)
    assert (advice.code, advice.fix) == ("image_shape", {"aspect_ratio": "3:4"})
    assert nearest_ratio(0.55) == "9:16"
    assert codes(CALM, image_ratio=16 / 9) == []


def test_the_commonest_photo_in_the_commonest_shape():
    """A quarter of a 4:3 photo would be lost in 16:9: said before the press."""
    (advice,) = advise(CALM, DEFAULTS, image_ratio=4 / 3)
    assert (advice.code, advice.fix) == ("image_shape", {"aspect_ratio": "4:3"})
    assert codes(CALM, image_ratio=3 / 2) == []


def test_what_words_ask_for_is_told_without_the_rest_of_the_advice():
    """Settings alone, none where the words contradict each other, none that is given already."""
    prompt = "A cat jumps, vertical 9:16, for ten seconds"
    assert asked_in_words(prompt, DEFAULTS) == {"aspect_ratio": "9:16", "duration": "10"}
    assert asked_in_words(prompt, {**DEFAULTS, "aspect_ratio": "9:16", "duration": "10"}) == {}
    assert asked_in_words("A square video in landscape format", DEFAULTS) == {}


def test_a_shape_that_is_asked_for_in_words_goes_before_the_pictures():
    """Whoever writes vertical is told so with a picture too, and not sent to the picture's own shape after it."""
    prompt = f"{CALM}, vertical"
    assert codes(prompt, image_ratio=16 / 9) == ["upright"]
    assert codes(prompt, image_ratio=16 / 9, aspect_ratio="9:16") == []


@given(st.text(max_size=300), st.floats(0.05, 20))
def test_advice_never_stumbles_and_its_fixes_are_legal(prompt, image_ratio):
    """Whatever is written, each fix is a setting that can be sent."""
    for advice in advise(prompt, DEFAULTS, image_ratio=image_ratio):
        _, params = taken(prompt, DEFAULTS, advice.fix)
        assert find_problems("x", params) == []


@given(st.text(max_size=300), st.one_of(st.none(), st.floats(0.05, 20)))
def test_taking_every_tip_ends(prompt, image_ratio):
    """No tip comes back once it was taken."""
    params, seen = DEFAULTS, set()
    while tips := [tip for tip in advise(prompt, params, image_ratio=image_ratio) if tip.fix]:
        assert tips[0].code not in seen
        seen.add(tips[0].code)
        prompt, params = taken(prompt, params, tips[0].fix)
