"""A second model of Rivya's catalogue is one entry of the spec: here a made-up one, with its own params and price."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from conftest import picture

from rivya import GenerationRequest, spec
from rivya.errors import InvalidRequestError
from rivya.spec import NO_REFERENCE, ModelSpec, ParamSpec
from studio.reports.delivery import mismatches
from studio.reports.export import clips_csv

SKETCH = ModelSpec(
    id="sketch-2",
    display_name="Sketch 2",
    category="video",
    billing_type="FIXED",
    base_credits=30,
    max_prompt_characters=200,
    params=(
        ParamSpec("style", "select", "ink", ("ink", "chalk")),
        ParamSpec("steps", "number", 4, minimum=1, maximum=9),
    ),
    upload=NO_REFERENCE,
    supported_modes=("text",),
)


@pytest.fixture
def sketch(monkeypatch):
    """The catalogue with the made-up model, wherever it was imported."""
    models = MappingProxyType({**spec.MODELS, SKETCH.id: SKETCH})
    for module in ("rivya.spec", "rivya.models", "rivya.resources", "studio.submission", "sandbox.validation"):
        monkeypatch.setattr(f"{module}.MODELS", models, raising=False)


def ask(prompt="A fox jumps", **params) -> GenerationRequest:
    return GenerationRequest(model=SKETCH.id, prompt=prompt, **params)


def test_another_model_is_made_paid_and_listed(sketch, studio):
    """Its own params on the wire, its own price, a video that plays, and a line in the table."""
    request = ask(style="chalk")
    assert request.body() == {"model": "sketch-2", "prompt": "A fox jumps", "params": {"style": "chalk", "steps": 4}}
    clip = studio.wait(studio.submit(request).id, 60)
    assert (clip.state, clip.price, clip.credits_final) == ("succeeded", 30, 30)
    assert studio.archive.is_whole(clip.video_sha256)
    assert studio.test_connection() == 470
    assert mismatches(clip) == []
    assert "chalk" in clips_csv([clip]).decode("utf-8-sig") or "sketch-2" in clips_csv([clip]).decode("utf-8-sig")
    assert studio.usual_time(clip.params, model=clip.model).median > 0
    assert studio.audit().adds_up


def test_its_plans_remember_it(sketch, studio):
    """What waits in the queue is sent to the model that it was planned for."""
    studio.queue.pause()
    studio.queue.plan([ask(steps=2)])
    (plan,) = studio.queue.waiting()
    assert (plan.model, plan.params) == ("sketch-2", {"style": "ink", "steps": 2})


@pytest.mark.parametrize("params", [{"style": "oil"}, {"steps": 10}, {"duration": "5"}])
def test_its_limits_are_its_own(sketch, params):
    """What it does not know is refused in words that name it."""
    with pytest.raises(ValueError, match=next(iter(params))):
        ask(**params)


def test_it_takes_no_picture(sketch, studio):
    """Refused before anything is stored or sent."""
    with pytest.raises(InvalidRequestError, match="takes no reference image"):
        studio.submit(ask(), picture())
    assert studio.clips.count() == 0
