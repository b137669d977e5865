"""What a prompt is about stands in the picture, in its colour, and moves; the label stands there once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sandbox.film.figures import FIGURES, figure_of
from sandbox.film.label import without_label
from sandbox.film.render import Shot, frames

SMALL = {"resolution": "480p", "duration": "5", "camera_fixed": "true"}


def shot(prompt: str, image: Path | None = None) -> Shot:
    """Return a small shot."""
    return Shot.of(prompt=prompt, seed=7, params=SMALL, image=image)


def picture(of: Shot, index: int = 0, *, labelled: bool = False) -> np.ndarray:
    """Return one frame of a shot."""
    drawn = frames(of, labelled=labelled)
    for _ in range(index):
        next(drawn)
    return np.asarray(next(drawn), np.int16)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A paper boat drifts down a rainy street", "boat"),
        ("বৃষ্টির রাস্তায় একটি কাগজের নৌকা ভেসে যায়", "boat"),
        ("Hot air balloons over the hills", "hot air"),
        ("A girl flies a kite", "woman"),
        ("The cat watches a bird", "cat"),
        ("A MAN WAVES", "woman"),
    ],
)
def test_the_first_thing_named_is_shown(prompt, name):
    """In both of the app's languages, in any case, one or many."""
    figure, _ = figure_of(prompt)
    assert figure.words[0] == name


@pytest.mark.parametrize(
    "prompt", ["", "A quiet hill", "A planet rises", "A bird's-eye view of a lake", "Womanly", "ঘ"]
)
def test_what_is_no_thing_of_ours_is_a_landscape(prompt):
    """A word inside another word names nothing, nor does a camera's."""
    assert figure_of(prompt) is None


@pytest.mark.parametrize(("word", "band"), [("red", 0), ("blue", 2), ("লাল", 0), ("নীল", 2)])
def test_a_thing_has_the_colour_that_is_asked_for(word, band):
    """Held against the same picture with a white one: only the figure differs."""
    noun = "balloon" if word.isascii() else "বেলুন"
    figure, paper = figure_of(f"a {word} {noun}")
    assert figure.words[0] == "balloon"
    assert np.argmax(list(bytes.fromhex(paper))) == band


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.words[0])
def test_each_figure_is_seen_and_lives(figure):
    """It differs from one moment to the other with a camera that stands still, unless it is a house."""
    of = shot(f"A {figure.words[0]} on a quiet hill")
    first, later = picture(of), picture(of, 10)
    assert first.shape == later.shape == (480, 854, 3)
    assert (np.abs(first - later).max(axis=2) > 40).sum() > 100 or figure.words[0] in {"house", "flower"}


def test_what_goes_on_from_a_clip_has_one_label(tmp_path):
    """The last frame carries the label of its clip; in the next clip that label is gone, and nothing else."""
    last = tmp_path / "last.png"
    drawn = list(frames(shot("A snowy mountain")))[-1]
    drawn.save(last)
    bare = picture(shot("It goes on", last))
    low, wide = 480 - 60, 260
    assert bare[low:, :wide].max() < 225 < np.asarray(drawn)[low:, :wide].max()


def test_a_picture_of_somebody_else_stays_whole(tmp_path):
    """Also when it has a dark corner, or is too small for a label."""
    for size in ((300, 300), (854, 480)):
        own = Image.new("RGB", size, "#202028")
        assert without_label(own) is own
