"""The films that the app's own pages show: all there, small, playing, and drawn anew the same."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from rivya.spec import DEFAULT_MODEL
from sandbox.film.render import Shot, frames
from tools.example_films.__main__ import EXAMPLES, FRAMES_PER_SECOND, write

FOLDER = Path(__file__).parents[2] / "pages" / "static" / "examples"
MAX_BYTES = 2_500_000
STARTERS = ("product", "people", "nature", "food", "social_ad", "animation")
PARAMETERS = (
    "resolution", "duration", "aspect_ratio", "camera_fixed", "seed", "enable_safety_checker", "reference",
)  # fmt: skip


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(path) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def test_the_folder_holds_what_is_promised_and_nothing_else():
    """Six starters and a pair for each parameter, each a film and its poster, in 2.5 MB."""
    promised = {f"starter_{name}" for name in STARTERS} | {f"help_{name}_{one}" for name in PARAMETERS for one in "ab"}
    assert set(EXAMPLES) == promised
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.{end}" for name in promised for end in ("mp4", "webp")}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MAX_BYTES


def test_every_parameter_that_is_explained_exists():
    """A pair explains a field of the model, or the reference image."""
    assert {param.key for param in DEFAULT_MODEL.params} | {"seed", "reference"} >= set(PARAMETERS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_plays_in_a_browser(name):
    """H.264, yuv420p, silent, the index first, and of the right shape and length."""
    path = FOLDER / f"{name}.mp4"
    with av.open(path) as film:
        (stream,) = film.streams
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == FRAMES_PER_SECOND
    seconds = 6 if name == "help_duration_b" else 3
    upright = name in {"starter_social_ad", "help_aspect_ratio_b"}
    pictures = decoded(path)
    assert len(pictures) == seconds * FRAMES_PER_SECOND
    assert pictures[0].shape == ((320, 180, 3) if upright else (180, 320, 3))
    assert max(distance(pictures[0], picture) for picture in pictures) > 0.5
    assert path.read_bytes().find(b"moov") < path.read_bytes().find(b"mdat")


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_poster_is_a_picture_of_its_film(name):
    """The poster has the film's shape and looks like one of its frames."""
    with Image.open(FOLDER / f"{name}.webp") as poster:
        assert poster.format == "WEBP"
        shown = np.asarray(poster.convert("RGB"))
    pictures = decoded(FOLDER / f"{name}.mp4")
    assert shown.shape == pictures[0].shape
    assert min(distance(shown, picture) for picture in pictures) < 6


@pytest.mark.parametrize("name", [f"starter_{name}" for name in STARTERS])
def test_a_starter_runs_on_without_a_seam(name):
    """After the last picture comes the first, and the step is no larger than the others."""
    pictures = decoded(FOLDER / f"{name}.mp4")
    steps = [distance(one, other) for one, other in pairwise(pictures)]
    assert distance(pictures[-1], pictures[0]) <= 1.5 * max(steps) + 0.5


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_two_films_of_a_pair_differ(name):
    """Nobody has to look for the difference."""
    one, other = (decoded(FOLDER / f"help_{name}_{half}.mp4") for half in "ab")
    different_shape = one[0].shape != other[0].shape
    assert different_shape or max(distance(first, last) for first, last in zip(one, other, strict=False)) > 1.5


def test_a_fixed_camera_stays_and_the_other_moves():
    """Between the ends of its way the moving camera's picture changes far more."""
    fixed, moving = (decoded(FOLDER / f"help_camera_fixed_{half}.mp4") for half in "ab")
    assert distance(moving[0], moving[30]) > 2 * distance(fixed[0], fixed[30])


def test_the_longer_film_begins_like_the_shorter_and_goes_on():
    """Both travel the same way at the same pace; only the bar below tells them apart."""
    short, long = (decoded(FOLDER / f"help_duration_{half}.mp4") for half in "ab")
    for index in (0, 20, 59):
        assert distance(short[index][:160], long[index][:160]) < 4
    assert distance(short[-1][:160], long[-1][:160]) > 20


@pytest.mark.parametrize("name", ["starter_product", "starter_social_ad", "help_seed_a"])
def test_an_example_is_drawn_the_same_again(name):
    """The first pictures of two runs are equal, and the film in the folder is of today's drawing."""
    first, again = (next(EXAMPLES[name].pictures()) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    assert distance(np.asarray(first), decoded(FOLDER / f"{name}.mp4")[0]) < 5


def test_one_example_can_be_written_anew(tmp_path):
    """What is written is what is in the folder, to the eye, and writing it again gives the same bytes."""
    once = []
    for _ in range(2):
        write("starter_food", tmp_path)
        once.append((tmp_path / "starter_food.mp4").read_bytes())
    assert once[0] == once[1]
    fresh, kept = (decoded(folder / "starter_food.mp4") for folder in (tmp_path, FOLDER))
    assert len(fresh) == len(kept)
    assert max(distance(one, other) for one, other in zip(fresh, kept, strict=True)) < 3


def test_only_examples_leave_the_label_out():
    """What the sandbox delivers is labelled; without the label the picture is otherwise the same."""
    asked = Shot("boat", 1, 480, 480, 1, camera_fixed=True)
    labelled, bare = (np.asarray(next(frames(asked, labelled=wanted))) for wanted in (True, False))
    assert np.array_equal(np.asarray(next(frames(asked))), labelled)
    rows, columns = np.nonzero((labelled != bare).any(axis=2))
    assert rows.size
    assert rows.min() > 400
    assert columns.max() < 300


def test_the_sandbox_starts_without_the_examples():
    """A server does not pay for pictures that it never draws."""
    code = "import sys, sandbox; print(*[name for name in sys.modules if name.startswith(('sandbox.', 'tools.'))])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "sandbox.film.render" in loaded
    assert not [name for name in loaded if name.startswith("tools")]
