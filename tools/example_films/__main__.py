"""The tiny films that the app's own pages show: six ideas to begin with, and pairs that explain a parameter.

``python -m tools.example_films FOLDER`` (or ``make examples``) draws them all anew, in about a minute, each a
silent H.264 film with a poster (WebP) of the same name. Nobody takes them for a delivered clip, so they carry no label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import typer
from PIL import Image

from sandbox.film.render import encode
from sandbox.film.scenes.bottle import bottle
from sandbox.film.scenes.paper import fox
from sandbox.film.scenes.sheet import SUPERSAMPLING
from sandbox.film.scenes.sneaker import sneaker
from sandbox.film.scenes.valley import valley
from sandbox.film.scenes.vignettes import noodles, tailor
from tools.example_films.contrasts import (
    SECONDS,
    TALL,
    VIEWED,
    WIDE,
    Film,
    come_alive,
    detail,
    filmed,
    seen,
    shot,
    stopped,
    travelled,
)

FRAMES_PER_SECOND = 20
_POSTER_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Example:
    """A film to draw: ``size`` in pixels, ``poster`` the share (0 to 1) of the film that shows it best."""

    draw: Film
    size: tuple[int, int] = WIDE
    seconds: int = SECONDS
    poster: float = 0.0
    crf: int = 25

    def pictures(self) -> Iterator[Image.Image]:
        """Draw the film; the picture after the last one would be the first again."""
        count = self.seconds * FRAMES_PER_SECOND
        return (self.draw(index / count) for index in range(count))


def _small(scene: Film) -> Film:
    """Return a scene in the size of an example."""
    return lambda turn: scene(turn).reduce(SUPERSAMPLING)


EXAMPLES: Mapping[str, Example] = {
    "starter_product": Example(_small(bottle), poster=0.45),
    "starter_people": Example(_small(tailor), poster=0.3),
    "starter_nature": Example(_small(valley), crf=22),
    "starter_food": Example(_small(noodles), poster=0.2),
    "starter_social_ad": Example(_small(sneaker), TALL, poster=17 / 60),
    "starter_animation": Example(_small(fox)),
    "help_resolution_a": Example(detail("480p"), poster=0.3, crf=24),
    "help_resolution_b": Example(detail("1080p"), poster=0.3, crf=24),
    "help_duration_a": Example(travelled(0.5), poster=0.95),
    "help_duration_b": Example(travelled(1.0), seconds=2 * SECONDS, poster=0.95),
    "help_aspect_ratio_a": Example(filmed(shot("sunset", 1))),
    "help_aspect_ratio_b": Example(filmed(shot("sunset", 1, TALL)), TALL),
    "help_camera_fixed_a": Example(seen(shot("sea", 2, VIEWED, camera_fixed=True), camera_fixed=True)),
    "help_camera_fixed_b": Example(seen(shot("sea", 2, VIEWED), camera_fixed=False)),
    "help_seed_a": Example(filmed(shot("a vase, studio", 4)), poster=0.25),
    "help_seed_b": Example(filmed(shot("a vase, studio", 6)), poster=0.25),
    "help_enable_safety_checker_a": Example(stopped(filmed(shot("dawn", 3))), poster=0.8),
    "help_enable_safety_checker_b": Example(filmed(shot("dawn", 3)), poster=0.8),
    "help_reference_a": Example(filmed(shot("a perfume bottle, studio", 7)), poster=0.25),
    "help_reference_b": Example(come_alive),
}


def write(name: str, folder: Path) -> None:
    """Draw one of ``EXAMPLES`` into ``folder``: ``NAME.mp4`` and its poster ``NAME.webp``."""
    example = EXAMPLES[name]
    # So that the same pictures give the same bytes: with more threads or a macroblock tree x264 does not promise it.
    options = {"preset": "veryslow", "crf": str(example.crf), "threads": "1", "mbtree": "0"}
    film = folder / f"{name}.mp4"
    encode(example.pictures(), film, example.size, frames_per_second=FRAMES_PER_SECOND, codec_options=options)
    example.draw(example.poster).save(film.with_suffix(".webp"), quality=_POSTER_QUALITY, method=6)


def main(folder: Path) -> None:
    """Draw all examples into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in EXAMPLES:
        write(name, folder)
        typer.echo(name)


if __name__ == "__main__":
    typer.run(main)
