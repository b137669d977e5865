"""The demo keeps its promise: what an idea's card shows is what its prompt renders, in either language."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sandbox.film.idea import FRAMES_PER_DRAWING, idea_of
from sandbox.film.render import Shot, frames
from sandbox.film.scenes.sheet import SUPERSAMPLING
from studio.i18n import languages, translation
from ui.panels.starters import STARTERS

EXAMPLES = Path(__file__).parents[2] / "pages" / "static" / "examples"
TURNS = (0.0, 0.2, 17 / 60, 0.3, 0.45)


def shot(prompt: str, **changes) -> Shot:
    params = {"resolution": "480p", "aspect_ratio": "16:9", "duration": "5", "camera_fixed": "true"}
    return Shot.of(prompt=prompt, seed=1, params=params | changes, image=None)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", STARTERS)
def test_an_idea_renders_what_its_card_shows(name, language):
    """Some moment of the scene is the card's own picture."""
    prompt = translation(language).gettext(STARTERS[name].prompt)
    draw = idea_of(prompt)
    with Image.open(EXAMPLES / f"starter_{name}.webp") as card:
        wanted = np.asarray(card.convert("RGB"), float)
    apart = [np.abs(np.asarray(draw(turn).reduce(SUPERSAMPLING), float) - wanted).mean() for turn in TURNS]
    assert min(apart) < 6


def test_other_prompts_are_no_idea():
    """A boat is a landscape, as before; and a picture is more than words."""
    assert idea_of("A paper boat drifts by") is None
    assert shot("A paper boat drifts by").frames_per_drawing == 1


@pytest.mark.parametrize("ratio", ["21:9", "1:1", "9:16"])
def test_a_scene_fills_every_shape_and_moves(ratio):
    """Whole frames of the ordered size; two takes are not the same, and one take twice is."""
    one = shot("A bowl of noodles", aspect_ratio=ratio)
    assert one.frames_per_drawing == FRAMES_PER_DRAWING
    film = frames(one)
    first = next(film)
    later = [next(film) for _ in range(24)][-1]
    assert first.size == (one.width, one.height)
    assert np.abs(np.asarray(first, float) - np.asarray(later, float)).mean() > 0.2
    assert np.array_equal(np.asarray(next(frames(one))), np.asarray(first))
