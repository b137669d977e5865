"""The prompt builder: every choice reads as a sentence, and none of them earns advice."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rivya.models import find_problems
from rivya.spec import DEFAULT_MODEL
from studio.i18n import languages, translation
from studio.prompts.advice import advise
from studio.prompts.builder import PARTS, compose

DEFAULTS = DEFAULT_MODEL.defaults
SUGGESTED = {part.key: [suggestion.text for suggestion in part.suggestions] for part in PARTS}
CAMERA = next(part for part in PARTS if part.key == "camera")
FIRST = {key: texts[0] for key, texts in SUGGESTED.items()}


def codes(prompt, **settings):
    return {advice.code for advice in advise(prompt, {**DEFAULTS, **settings})}


def test_six_parts_in_the_order_of_a_prompt():
    """Each with eight to ten suggestions, no two of them the same."""
    assert list(SUGGESTED) == ["subject", "action", "camera", "light", "style", "mood"]
    assert all(8 <= len(set(texts)) == len(texts) <= 10 for texts in SUGGESTED.values())
    assert all(part.label and part.hint for part in PARTS)


def test_the_parts_become_what_a_person_would_write():
    """Subject and action open it, the rest follows between commas."""
    parts = {
        "mood": "calm mood", "style": "oil painting", "light": "soft light", "camera": "close-up",
        "action": "shapes a bowl", "subject": "a potter", "unknown": "never seen",
    }  # fmt: skip
    assert compose(parts) == "A potter shapes a bowl, close-up, soft light, oil painting, calm mood"
    assert compose({"action": "dances"}) == "Dances"
    assert compose({"subject": "a potter", "mood": "calm mood"}) == "A potter, calm mood"
    assert compose({}) == compose({"subject": " , ", "light": ""}) == ""


@pytest.mark.parametrize(
    ("parts", "prompt"),
    [
        ({"subject": " একজন  কুমোর ", "action": "একটি বাটি গড়ছেন।", "light": "নরম আলো,"}, "একজন কুমোর একটি বাটি গড়ছেন, নরম আলো"),
        ({"subject": "قارب", "action": "يطفو،", "mood": "هدوء"}, "قارب يطفو, هدوء"),
        ({"subject": "🛶 a boat", "action": "drifts."}, "🛶 A boat drifts"),
        ({"subject": "“a potter”", "light": ", ,soft,, ,light , "}, "“A potter”, soft,light"),
        ({"subject": "5 cats", "action": "run\n\tfast"}, "5 cats run fast"),
        ({"subject": "ßtreet", "action": "x"}, "ßtreet x"),
        ({"subject": "éclair", "action": "x"}, "Éclair x"),
    ],
)  # fmt: skip
def test_what_is_typed_is_tidied_in_any_script(parts, prompt):
    """No doubled spaces or commas, no full stop before a comma, a capital only where there are capitals."""
    assert compose(parts) == prompt


def test_the_separator_is_the_readers():
    """An Arabic prompt may have Arabic commas."""
    assert compose({"subject": "قارب", "light": "ضوء", "mood": "هدوء،"}, separator="، ") == "قارب، ضوء، هدوء"


def test_ten_thousand_characters_and_a_nul_are_left_to_the_form():
    """Nothing is cut or hidden here: the form says what is wrong with it."""
    assert compose({"subject": "ক" * 10_000}) == "ক" * 10_000
    assert compose({"subject": "a\0b"}) == "A\0b"


@given(
    st.dictionaries(st.sampled_from(list(SUGGESTED)), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
)
def test_whatever_is_typed_reads_cleanly(parts):
    """No doubled or trailing commas or spaces, and tidying it again changes nothing."""
    prompt = compose(parts)
    assert prompt == prompt.strip()
    assert not prompt.endswith((",", "،"))
    assert not any(doubled in prompt for doubled in ("  ", ",,", ", ,"))
    assert compose({"subject": prompt}) == prompt


@pytest.mark.parametrize("language", languages())
def test_no_suggestion_is_too_short_or_without_motion(language):
    """Over all subjects, actions and cameras, in each language that has its words."""
    spoken = {key: [translation(language).gettext(text) for text in texts] for key, texts in SUGGESTED.items()}
    for subject, action, camera in product(spoken["subject"], spoken["action"], spoken["camera"]):
        prompt = compose({"subject": subject, "action": action, "camera": camera})
        assert not {"no_motion", "too_short"} & codes(prompt), prompt
        assert find_problems(prompt, DEFAULTS) == []


def test_subject_and_action_are_enough_to_move():
    """Even without a camera there is no advice at all."""
    for subject, action in product(SUGGESTED["subject"], SUGGESTED["action"]):
        assert codes(compose({"subject": subject, "action": action})) == set()


@pytest.mark.parametrize("key", ["light", "style", "mood"])
def test_no_light_style_or_mood_contradicts_a_setting(key):
    """Whatever is chosen, in either duration and every shape."""
    for text in SUGGESTED[key]:
        for ratio in DEFAULT_MODEL.param("aspect_ratio").options:
            for fixed in ("true", "false"):
                prompt = compose({**FIRST, key: text})
                assert codes(prompt, aspect_ratio=ratio, camera_fixed=fixed) == set(), text


def test_some_cameras_move_and_some_stand_still():
    """The advice finds the moving ones against a fixed camera, and none of them without it."""
    prompts = [compose({**FIRST, "camera": suggestion.text}) for suggestion in CAMERA.suggestions]
    moving = [prompt for prompt in prompts if "moving_camera" in codes(prompt, camera_fixed="true")]
    assert 0 < len(moving) < len(prompts)
    assert not any("moving_camera" in codes(prompt, camera_fixed="false") for prompt in prompts)
