"""Draw a clip frame by frame and encode it: a real H.264 file that says of itself that it is a simulation."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, repeat
from pathlib import Path
from typing import Protocol

import av
import numpy as np
from PIL import Image

from rivya.spec import SEEDANCE_1_0_PRO, aspect_fraction
from sandbox.film.figures import figure_of
from sandbox.film.idea import FRAMES_PER_DRAWING, Idea, idea_of
from sandbox.film.label import stamp
from sandbox.film.landscape import Landscape
from sandbox.film.layers import Camera, Frame
from sandbox.film.palettes import mood_of
from sandbox.film.photo import Photo
from sandbox.film.planes import BLACK, Planes
from sandbox.film.stage import Stage

FRAMES_PER_SECOND = 24
_CODEC_OPTIONS = {"preset": "superfast", "crf": "23"}
_DRAWERS = 2  # threads: Pillow and numpy let others run while they paint


class Cancelled(Exception):  # noqa: N818 - a wish, not a fault
    """The render was asked to stop."""


class Scene(Protocol):
    """Something that can be filmed."""

    def draw(self, camera: Camera, seconds: float) -> Planes:
        """Return the picture at a moment; it may be called in several threads at once."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Everything that decides the picture: two equal shots give equal frames.

    Who draws every frame anew draws "on ones", as animators say; ``frames_per_drawing`` 2 is "on twos".
    """

    prompt: str
    seed: int
    width: int
    height: int
    seconds: int
    camera_fixed: bool
    image: Path | None = None
    frames_per_drawing: int = 1

    @classmethod
    def of(
        cls, *, prompt: str, seed: int, params: Mapping[str, str | int], image: Path | None, frames_per_drawing: int = 1
    ) -> Shot:
        """Read a shot from checked ``params``; what a model does not let choose is as the first model has it."""
        params = {**SEEDANCE_1_0_PRO.defaults, **params}
        if image is None and idea_of(prompt):
            frames_per_drawing = max(frames_per_drawing, FRAMES_PER_DRAWING)
        width, height = frame_size(str(params["resolution"]), str(params["aspect_ratio"]))
        return cls(
            prompt=prompt,
            seed=seed,
            width=width,
            height=height,
            seconds=int(params["duration"]),
            camera_fixed=params["camera_fixed"] == "true",
            image=image,
            frames_per_drawing=frames_per_drawing,
        )

    @property
    def frame_count(self) -> int:
        """The number of frames: exactly the length times the frame rate."""
        return self.seconds * FRAMES_PER_SECOND


def frame_size(resolution: str, aspect_ratio: str) -> tuple[int, int]:
    """Return width and height: the resolution is the short side, and both are even as H.264 wants."""
    short = int(resolution.removesuffix("p"))
    ratio = aspect_fraction(aspect_ratio)
    long = round(short * max(ratio, 1 / ratio) / 2) * 2
    return (long, short) if ratio >= 1 else (short, long)


def frames(shot: Shot, *, labelled: bool = True) -> Iterator[Image.Image]:
    """Draw the frames of a shot, one after the other; the app's own example pictures go without the label."""
    draw, moments = _film(shot, labelled=labelled)
    for index in moments:
        yield from repeat(draw(index).image(), _shown(shot, index))


def render(shot: Shot, target: Path, *, cancelled: Callable[[], bool] = lambda: False) -> None:
    """Write the clip to ``target``, which appears only when it is whole; raise ``Cancelled`` when asked to stop."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with closing(_drawn(shot, cancelled)) as pictures:
            _write(pictures, part, (shot.width, shot.height), FRAMES_PER_SECOND, _CODEC_OPTIONS)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def encode(
    pictures: Iterable[Image.Image],
    target: Path,
    size: tuple[int, int],
    *,
    frames_per_second: int = FRAMES_PER_SECOND,
    codec_options: Mapping[str, str] = _CODEC_OPTIONS,
) -> None:
    """Write pictures of one ``size`` as a silent H.264 film that a browser can begin before it has all of it."""
    converted = (av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24") for picture in pictures)
    _write(converted, target, size, frames_per_second, codec_options)


def _write(
    pictures: Iterable[av.VideoFrame],
    target: Path,
    size: tuple[int, int],
    frames_per_second: int,
    codec_options: Mapping[str, str],
) -> None:
    with av.open(target, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata["title"] = "Simulation"
        stream = container.add_stream("libx264", rate=frames_per_second, options=dict(codec_options))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def _film(shot: Shot, *, labelled: bool) -> tuple[Callable[[int], Planes], range]:
    """Return what draws the frame of a number, in any thread, and the numbers of the frames to draw."""
    digest = hashlib.sha256(f"{shot.seed}\n{shot.prompt}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:16]))
    frame = Frame(shot.width, shot.height, float(shot.seconds))
    direction = 1 if rng.random() < 0.5 else -1
    scene = _scene(shot, frame, rng)
    shade = _vignette(shot.width, shot.height)

    def draw(index: int) -> Planes:
        share = index / (shot.frame_count - 1)
        camera = Camera() if shot.camera_fixed else Camera.at(share, direction)
        picture = scene.draw(camera, index / FRAMES_PER_SECOND)
        picture.paste(BLACK, (0, 0), *shade)
        if labelled:
            stamp(picture)
        return picture

    return draw, range(0, shot.frame_count, shot.frames_per_drawing)


def _shown(shot: Shot, index: int) -> int:
    """Return for how many frames the drawing that begins at ``index`` is shown."""
    return min(shot.frames_per_drawing, shot.frame_count - index)


def _drawn(shot: Shot, cancelled: Callable[[], bool]) -> Generator[av.VideoFrame, None, None]:
    """Draw the next pictures in threads while the caller encodes this one."""
    draw, moments = _film(shot, labelled=True)
    left = iter(moments)
    with ThreadPoolExecutor(_DRAWERS, thread_name_prefix="sandbox-draw") as pool:
        coming = deque((index, pool.submit(draw, index)) for index in islice(left, _DRAWERS + 1))
        while coming:
            index, drawing = coming.popleft()
            picture = drawing.result()
            coming.extend((later, pool.submit(draw, later)) for later in islice(left, 1))
            for _ in range(_shown(shot, index)):
                if cancelled():
                    raise Cancelled
                yield picture.video_frame()


def _scene(shot: Shot, frame: Frame, rng: np.random.Generator) -> Scene:
    if shot.image is not None:
        return Photo(shot.image, frame, rng)
    if idea := idea_of(shot.prompt):
        return Idea(idea, frame, rng)
    mood, figure = mood_of(shot.prompt), figure_of(shot.prompt)
    if mood.land == "stage":
        return Stage(mood, frame, rng)
    if figure and (figure[0].place == "water") != (mood.land == "sea") and figure[0].place != "air":
        mood = replace(mood, land="sea" if figure[0].place == "water" else "hills")
    return Landscape(mood, frame, rng, figure)


@lru_cache(maxsize=4)
def _vignette(width: int, height: int) -> tuple[Image.Image, Image.Image]:
    """Return how much black lies over the frame, towards its corners; and the same at half size."""
    rows, columns = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    shade = 255 * 0.2 * np.clip((rows**2 + columns**2) / 2, 0, 1) ** 1.6
    grain = np.random.default_rng(0).random((height, width))
    mask = Image.fromarray((shade + grain).astype(np.uint8))
    return mask, mask.reduce(2)
