"""Editing of finished videos: new files from archived MP4s, which are never changed.

What can be copied is copied packet by packet, without loss and in a moment; only what must be drawn anew is encoded
anew, as H.264 of quality 18. No function holds more than a few dozen full-size pictures at a time.
"""

from __future__ import annotations

import heapq
import io
import math
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PIL import Image, ImageOps

from studio.errors import VideoError
from studio.i18n import N_
from studio.media import joining, mp4

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import OutputContainer
    from av.packet import Packet

MIN_TIMES, MAX_TIMES = 2, 8
MIN_WIDTH, MAX_WIDTH = 16, 1280
MIN_FRAMES_PER_SECOND, MAX_FRAMES_PER_SECOND = 1, 30

MAX_ANIMATION_PIXELS = 100_000_000
"""All pictures of an animation together: Pillow keeps them until it writes, in at most 300 MB."""

REVERSED_FRAMES = 32
"""Pictures held at once while a video runs backwards: 100 MB at 1080p."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A video made of videos: its length, and whether pictures were encoded anew."""

    seconds: float
    reencoded: bool


def join(paths: Sequence[Path], target: Path, *, title: str = "", credit: str = "") -> Joined:
    """Write the videos one after the other, after a card of 2.5 s if there is a ``title`` or a ``credit``.

    Videos of one codec, size and form without a card are copied, with their sound if all have sound of one form.
    Otherwise all is encoded in the size and frame rate of the first video, others on black where they do not fill it,
    without sound: about the length of the video at 1080p. Raises ``VideoError``.
    """
    if not paths:
        raise VideoError(N_("There is nothing to join. Choose at least one video."))
    forms, sounds = zip(*(joining.forms(path) for path in paths), strict=True)
    card = bool(title.strip() or credit.strip())
    if card or len(set(forms)) > 1:
        return Joined(joining.encode(paths, target, (title, credit) if card else None), reencoded=True)
    sound = None not in sounds and len(set(sounds)) == 1
    return Joined(joining.copy(paths, target, sound=sound), reencoded=False)


def trim(path: Path, target: Path, *, start_seconds: float, end_seconds: float, muted: bool = False) -> None:
    """Write the part between two times, each moved to the nearest picture; the sound is cut there too (AAC).

    An end after the video's end means its end. Costs an encode of that part. Raises ``VideoError``.
    """
    times = mp4.timeline(path)
    first, stop = _span(times, start_seconds, end_seconds)
    with mp4.opened(path) as source, mp4.written(target, path) as output:
        video = source.streams.video[0]
        stream = mp4.add_video(output, video, rate=times.rate, time_base=times.time_base)
        pictures = mp4.conformed(_shifted(mp4.frames(path, first, stop), -first), video)
        packets = [mp4.encoded(stream, pictures)]
        if source.streams.audio and not muted:
            packets.append(_cut_sound(path, output, first * times.time_base, stop * times.time_base))
        mp4.write_all(output, heapq.merge(*packets, key=_decoding_time))


@contextmanager
def piece(path: Path, ends_seconds: tuple[float, float] | None, folder: Path) -> Iterator[Path]:
    """Give the part between two times as a file in ``folder`` that is gone afterwards, the whole video for none.

    Costs what ``trim`` costs. Raises ``VideoError``.
    """
    if ends_seconds is None:
        yield path
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        part = Path(inner) / "part.mp4"
        trim(path, part, start_seconds=ends_seconds[0], end_seconds=ends_seconds[1])
        yield part


def loop(path: Path, target: Path, *, times: int, bounce: bool = False) -> None:
    """Write the video 2 to 8 times in a row, copied as it is with its sound.

    With ``bounce`` every second time runs backwards, without sound and encoded anew; the picture on which it turns
    is shown once. Raises ``VideoError``.
    """
    if not MIN_TIMES <= times <= MAX_TIMES:
        raise VideoError(
            N_("A video can be repeated {minimum} to {maximum} times and not {times}. Choose a number between."),
            minimum=MIN_TIMES,
            maximum=MAX_TIMES,
            times=times,
        )
    if not bounce:
        joining.copy([path] * times, target, sound=True)
        return
    line = mp4.timeline(path)
    turns = ((_backwards if turn % 2 else _forwards)(path, line) for turn in range(times))
    pictures = chain.from_iterable(islice(turn, min(number, 1), None) for number, turn in enumerate(turns))
    with mp4.opened(path) as source, mp4.written(target, path) as output:
        video = source.streams.video[0]
        stream = mp4.add_video(output, video, rate=line.rate)
        mp4.write_all(output, mp4.encoded(stream, mp4.conformed(pictures, video), rate=line.rate))


def animation(
    path: Path,
    target: Path,
    *,
    kind: Literal["gif", "webp"],
    width: int = 480,
    frames_per_second: float = 12,
    start_seconds: float = 0,
    end_seconds: float | None = None,
) -> None:
    """Write a part of the video as an animated picture of ``width`` pixels that repeats for ever.

    GIF counts in hundredths of a second, so its pictures last unevenly and keep the video's pace on the whole. Holds
    the small pictures only. Raises ``VideoError``, also for more pixels than 300 MB of memory can hold.
    """
    _check_frame_rate(width, frames_per_second)
    times = mp4.timeline(path)
    first, stop = _span(times, start_seconds, times.seconds if end_seconds is None else end_seconds)
    rate = Fraction(frames_per_second).limit_denominator(1000)
    count = math.ceil((stop - first) * times.time_base * rate) + 1
    with mp4.opened(path) as source, mp4.part_of(target, path) as part:
        video = source.streams.video[0]
        height = max(round(width * video.height / video.width), 1)
        _check_amount(width * height * count)
        scale = ("scale", f"{width}:{height}:flags=area")
        small = mp4.filtered(mp4.frames(path, first, stop), video, ("fps", str(rate)), scale)
        marks = [round(100 * index / rate) * 10 for index in range(count + 1)]
        pictures = (frame.to_image() for frame in small)
        next(pictures).save(
            part,
            kind.upper(),
            save_all=True,
            append_images=pictures,
            duration=[after - before for before, after in pairwise(marks)],
            loop=0,
        )


def still(path: Path, *, at_seconds: float) -> bytes:
    """Return the picture shown at that time as PNG, as ``picture`` finds it."""
    buffer = io.BytesIO()
    picture(path, at_seconds=at_seconds).save(buffer, "PNG")
    return buffer.getvalue()


def picture(path: Path, *, at_seconds: float) -> Image.Image:
    """Return the picture shown at that time; before the video its first, after it its last.

    Costs decoding from the key frame before. Raises ``VideoError``.
    """
    with mp4.opened(path) as source:
        video = source.streams.video[0]
        time_base = video.time_base or Fraction(1, 1000)
        length = float((source.duration or 0) / 1_000_000)
        moment = 0.0 if math.isnan(at_seconds) else min(max(at_seconds, 0.0), length)
        wanted = (video.start_time or 0) + (moment + 0.001) / time_base
        source.seek(max(math.floor(wanted - 1 / time_base), video.start_time or 0), stream=video)
        shown: Any = None
        for frame in source.decode(video):
            if shown is not None and frame.pts is not None and frame.pts > wanted:
                break
            shown = frame
        if shown is None:
            raise ValueError(path.name)
        found: Image.Image = shown.to_image()
        return found


def filmstrip(path: Path, *, count: int, side_pixels: int) -> Image.Image:
    """Return ``count`` square pictures side by side, evenly from the whole video, each the middle of its share.

    Costs decoding all of it once: 0.2 s for 5 s of 720p. Raises ``VideoError``.
    """
    times = mp4.timeline(path)
    middles = {times.pts[int((place + 0.5) * len(times.pts) / count)]: place for place in reversed(range(count))}
    strip = Image.new("RGB", (count * side_pixels, side_pixels))
    for frame in mp4.frames(path, times.pts[0], times.end):
        if frame.pts in middles:
            whole: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
            picture = ImageOps.fit(whole, (side_pixels, side_pixels))
            for place in range(middles[frame.pts], count):
                strip.paste(picture, (place * side_pixels, 0))
    return strip


def last_still(data: bytes) -> bytes:
    """Return the last picture of a video that is not on the disk, as PNG. Raises ``VideoError``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.mp4"
        path.write_bytes(data)
        return still(path, at_seconds=math.inf)


def has_sound(path: Path) -> bool:
    """Whether the video has a sound track. Raises ``VideoError`` when it cannot be read."""
    with mp4.opened(path) as source:
        return bool(source.streams.audio)


def _shifted(pictures: Iterable[VideoFrame], shift: int) -> Iterator[VideoFrame]:
    for picture in pictures:
        picture.pts = (picture.pts or 0) + shift
        yield picture


def _forwards(path: Path, line: mp4.Timeline) -> Iterator[VideoFrame]:
    yield from mp4.frames(path, line.pts[0], line.end)


def _backwards(path: Path, line: mp4.Timeline) -> Iterator[VideoFrame]:
    for stop in range(len(line.pts), 0, -REVERSED_FRAMES):
        first = max(stop - REVERSED_FRAMES, 0)
        yield from reversed(list(mp4.frames(path, line.pts[first], line.pts_at(stop))))


def _cut_sound(path: Path, output: OutputContainer, start: Fraction, stop: Fraction) -> Iterator[Packet[Any]]:
    """Add a sound track at once and return what will fill it."""
    with mp4.opened(path) as source:
        heard = source.streams.audio[0].codec_context
        stream = output.add_stream("aac", rate=heard.sample_rate, layout=heard.layout.name)
    return mp4.encoded_sound(stream, path, start, stop)


def _span(times: mp4.Timeline, start_seconds: float, end_seconds: float) -> tuple[int, int]:
    if 0 <= start_seconds < end_seconds and start_seconds < times.seconds:
        first, stop = times.cut(start_seconds), times.cut(min(end_seconds, times.seconds))
        if first < stop:
            return times.pts_at(first), times.pts_at(stop)
    raise VideoError(
        N_(
            "The part from {start} to {end} seconds is not in this video of {seconds} seconds. "
            "Choose a start before the end, both inside the video."
        ),
        start=start_seconds,
        end=end_seconds,
        seconds=round(times.seconds, 2),
    )


def _check_frame_rate(width: int, frames_per_second: float) -> None:
    if not (MIN_WIDTH <= width <= MAX_WIDTH and MIN_FRAMES_PER_SECOND <= frames_per_second <= MAX_FRAMES_PER_SECOND):
        raise VideoError(
            N_(
                "An animation is {minimum} to {maximum} pixels wide and shows {least} to {limit} pictures a second, "
                "not {width} and {rate}. Choose numbers within."
            ),
            minimum=MIN_WIDTH,
            maximum=MAX_WIDTH,
            least=MIN_FRAMES_PER_SECOND,
            limit=MAX_FRAMES_PER_SECOND,
            width=width,
            rate=frames_per_second,
        )


def _check_amount(pixels: int) -> None:
    if pixels > MAX_ANIMATION_PIXELS:
        raise VideoError(
            N_(
                "This animation would have {pixels} million pixels and at most {limit} million are possible. "
                "Choose a shorter part, a smaller width or fewer pictures a second."
            ),
            pixels=math.ceil(pixels / 1_000_000),
            limit=MAX_ANIMATION_PIXELS // 1_000_000,
        )


def _decoding_time(packet: Packet[Any]) -> Fraction:
    return (packet.dts or 0) * packet.time_base
