"""The contract as data, and the requests that are built from it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rivya.errors import InvalidRequestError
from rivya.models import (
    Credits,
    Generation,
    GenerationRequest,
    ReferenceMedia,
    UploadedFile,
    find_problems,
    utf16_units,
)
from rivya.spec import MODELS, SEEDANCE_1_0_PRO

SEED = Path(__file__).parent.parent / "data" / "seed-requests.json"
MINIMAL, WITH_REFERENCE = json.loads(SEED.read_text())
PROMPT = MINIMAL["prompt"]


def problem_of(**given: object) -> InvalidRequestError:
    with pytest.raises(ValidationError) as caught:
        GenerationRequest(**given)
    return caught.value.errors()[0]["ctx"]["error"]


def test_defaults_build_the_minimal_request_of_the_seed_document():
    """A request with nothing chosen is the document's own example, byte for byte."""
    assert GenerationRequest(prompt=PROMPT).frozen_body() == json.dumps(MINIMAL, separators=(",", ":"))


def test_a_reference_builds_the_reference_request_of_the_seed_document():
    """With an image it is the document's second example."""
    reference = ReferenceMedia(
        url="https://cdn.example.com/reference-image.png", name="reference-image.png", mimeType="image/png"
    )
    body = GenerationRequest(prompt=PROMPT).with_reference(reference).frozen_body()
    assert body == json.dumps(WITH_REFERENCE, separators=(",", ":"))


def test_the_whole_examples_are_accepted_as_they_stand():
    """What the document shows can be read back into a request and gives the same body."""
    for example in (MINIMAL, WITH_REFERENCE):
        assert GenerationRequest(**example).body() == example


def test_the_model_is_what_the_table_says():
    """Price, prompt limit, upload policy and the order of the parameters."""
    spec = MODELS["seedance-1-0-pro"]
    assert (spec.base_credits, spec.billing_type, spec.max_prompt_characters) == (25, "FIXED", 10_000)
    assert (spec.upload.max_files, spec.upload.max_bytes) == (1, 10 * 1024 * 1024)
    assert spec.upload.mime_types == ("image/jpeg", "image/png", "image/webp")
    assert list(spec.defaults.items()) == list(MINIMAL["params"].items())


@pytest.mark.parametrize("seed", [None, "", -1])
def test_no_seed_means_random(seed):
    """Empty, absent and -1 are the same on the wire."""
    assert GenerationRequest(prompt="x", seed=seed).body()["params"]["seed"] == -1


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t", "\u200b\u200d", None, 7])
def test_a_blank_prompt_is_refused(prompt):
    """Nothing visible is no prompt."""
    assert problem_of(prompt=prompt).field == "prompt"


def test_the_prompt_may_have_ten_thousand_characters_and_no_more():
    """The limit counts characters, not bytes, and the refusal says by how many to shorten."""
    assert len(GenerationRequest(prompt="ক" * 10_000).prompt) == 10_000
    problem = problem_of(prompt="🎬" * 10_003)
    assert problem.values == {"field": "prompt", "count": 10_003, "limit": 10_000, "excess": 3}


@pytest.mark.parametrize("text", ["nul \0 inside", "half \ud800 a pair"])
def test_what_cannot_travel_is_refused(text):
    """NUL and broken Unicode are refused here, in words, and not by a crash on the way."""
    assert problem_of(prompt=text).field == "prompt"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("duration", 5), ("duration", "7"), ("camera_fixed", True), ("resolution", "4k"), ("aspect_ratio", "16/9"),
        ("enable_safety_checker", "yes"), ("seed", -2), ("seed", 2**31), ("seed", 1.0), ("seed", True), ("seed", "7"),
        ("volume", "11"), ("resolution", None), ("resolution", ["720p"]),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_refused_by_name(key, value):
    """The refusal names the field and says what is possible."""
    problem = problem_of(prompt="x", **{key: value})
    assert problem.field == key
    assert str(problem)


def test_a_second_image_is_refused():
    """One reference image is the limit."""
    items = WITH_REFERENCE["params"]["referenceMediaItems"] * 2
    assert problem_of(prompt="x", params={"referenceMediaItems": items}).field == "referenceMediaItems"


def test_errors_never_show_the_prompt():
    """What may end in a log holds no prompt."""
    with pytest.raises(ValidationError) as caught:
        GenerationRequest(prompt="my secret video idea", duration="99")
    assert "secret" not in str(caught.value)


@st.composite
def params(draw: st.DrawFn) -> dict[str, object]:
    chosen = {p.key: draw(st.sampled_from(p.options)) for p in SEEDANCE_1_0_PRO.params if p.kind == "select"}
    return {**chosen, "seed": draw(st.integers(-1, 2**31 - 1))}


@given(params(), st.text(min_size=1, max_size=200))
def test_every_legal_request_keeps_its_values_and_their_types(chosen, prompt):
    """Selects are strings, the seed is a number, the prompt travels as it was typed; anything else is refused."""
    if find_problems(prompt, chosen):
        with pytest.raises(ValidationError):
            GenerationRequest(prompt=prompt, params=chosen)
        return
    body = json.loads(GenerationRequest(prompt=prompt, params=chosen).frozen_body())
    assert body == {"model": "seedance-1-0-pro", "prompt": prompt, "params": chosen}
    assert {type(value) for key, value in body["params"].items() if key != "seed"} == {str}


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20), st.lists, max_leaves=3
)


@given(st.dictionaries(st.sampled_from([*SEEDANCE_1_0_PRO.defaults, "foo"]), JUNK, max_size=4))
def test_junk_parameters_end_in_words_or_in_a_legal_request(junk):
    """Whatever comes in, there is either a legal body or a refusal that names a field."""
    problems = find_problems("x", junk)
    if problems:
        assert all(problem.field in {*SEEDANCE_1_0_PRO.defaults, "foo"} for problem in problems)
    else:
        body = GenerationRequest(prompt="x", params=junk).body()["params"]
        assert all(body[p.key] in p.options for p in SEEDANCE_1_0_PRO.params if p.kind == "select")


@given(JUNK, JUNK, st.text(max_size=20))
def test_a_task_may_hold_anything_new(result, extra, status):
    """New fields and new statuses do not break reading, and an unknown status still runs."""
    task = Generation.model_validate({"id": "task_1", "status": status, "reserved_credits": None, "new": extra})
    assert task.is_final == (status in {"succeeded", "failed"})


def test_answers_keep_fields_that_are_new():
    """Compatible changes may come at any time."""
    assert UploadedFile.model_validate({"url": "https://a/b", "colour": "blue"}).model_dump()["colour"] == "blue"
    assert Credits.model_validate({"current_credits": 12.5, "currency": "x"}).current_credits == 12.5
    late = Generation.model_validate({"id": "t", "created_at": "soon", "result": {"urls": ["https://a/1"]}})
    assert late.created_at is None
    assert late.result
    assert late.result.url == "https://a/1"


def test_the_example_file_is_the_seed_documents():
    """The examples carry what makes them the document's: strings for selects, a number for the seed."""
    assert re.fullmatch(r"[a-z0-9-]+", MINIMAL["model"])
    assert MINIMAL["params"]["duration"] == "5"
    assert MINIMAL["params"]["seed"] == -1


@pytest.mark.parametrize("prompt", ["\u2800", "\u3164 ", "\u115f\u1160", "\uffa0\u200b", "\u034f"])
def test_what_shows_nothing_is_no_prompt(prompt):
    """Fillers that Unicode calls letters are blank all the same."""
    assert find_problems(prompt, {})
    assert not find_problems(prompt + "boat", {})


def test_a_number_where_text_is_wanted_is_explained():
    """Not with "5 is not possible, choose 5"."""
    (problem,) = find_problems("boat", {"duration": 5})
    assert str(problem) == 'duration: duration is sent as text: write "5", in quotes.'
    (problem,) = find_problems("boat", {"camera_fixed": True})
    assert '"true"' in str(problem)


@pytest.mark.parametrize("name", ["x" * 129, "", 7])
def test_a_bad_client_request_id_is_told_in_words(name):
    """Field, limit and remedy, without pydantic's own text."""
    with pytest.raises(ValueError, match="1 to 128 characters") as caught:
        GenerationRequest(prompt="boat", client_request_id=name)
    assert "string_too_long" not in str(caught.value)


def test_emoji_are_counted_both_ways():
    """5,001 of them are 10,002 units in JavaScript: possible here, and said to be doubtful."""
    assert find_problems("🚣" * 5001, {}) == []
    assert utf16_units("🚣" * 5001) == 10_002
