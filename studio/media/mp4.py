"""MP4 videos, checked when they are read and whole when they are written.

What FFmpeg says of a bad file or a full disk leaves here as a ``VideoError`` with words for people, and a video appears
under its name only when it is finished.
"""

from __future__ import annotations

import errno
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from studio.errors import VideoError
from studio.i18n import N_

if TYPE_CHECKING:
    from av import VideoFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.filter import Graph
    from av.packet import Packet
    from av.video.stream import VideoStream

ENCODER_OPTIONS = {"crf": "18", "preset": "veryfast"}
"""Quality 18 is what x264's authors call visually lossless."""

LOST_TAIL_SHARE = 0.1
"""A video whose packets end this much before its stated duration was cut short."""

FALLBACK_RATE = Fraction(24)
"""Pictures per second of a video that does not say."""

USUAL_RANGE, FULL_RANGE = 1, 2
"""How FFmpeg numbers brightness from 16 to 235, which every player expects, and from 0 to 255."""

_SEEK_MARGIN_SECONDS = 1
"""More than the 16 pictures by which H.264 may store a picture too early or too late."""

_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Timeline:
    """When each picture of a video is shown: ``pts`` in units of ``time_base`` seconds, in the order of showing."""

    pts: tuple[int, ...]
    end: int
    time_base: Fraction
    rate: Fraction

    @property
    def seconds(self) -> float:
        """The length of the video in seconds."""
        return float((self.end - self.pts[0]) * self.time_base)

    def cut(self, seconds: float) -> int:
        """Return how many pictures lie before the cut that is nearest to ``seconds``."""
        nearest = self.pts[0] + seconds / self.time_base - 1 / (2 * self.rate * self.time_base)
        return bisect_left(self.pts, nearest)

    def pts_at(self, index: int) -> int:
        """Return when picture ``index`` appears; the end of the video after the last one."""
        return self.pts[index] if index < len(self.pts) else self.end


_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash")


def is_mp4(data: bytes) -> bool:
    """Tell an MP4 video by its first bytes, whatever its name says; photos of phones begin alike with other brands."""
    return data[4:8] == b"ftyp" and data[8:12] in _BRANDS


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """Open a video with at least one video track. Raises ``VideoError`` for what is missing, damaged or no MP4."""
    import av  # noqa: PLC0415 - 150 ms that a page never needs

    if not path.is_file():
        raise VideoError(
            N_("The video {name} is not here any more. Bring it back from a backup, or choose another one."),
            name=path.name,
        )
    try:
        with av.open(str(path), format="mp4") as source:
            if not source.streams.video:
                raise _damaged(path)
            source.streams.video[0].thread_type = "AUTO"
            yield source
    except (av.FFmpegError, ValueError) as error:
        raise (_unwritable() if _is_of_the_disk(error) else _damaged(path)) from error


@contextmanager
def part_of(target: Path, *sources: Path) -> Iterator[Path]:
    """Give a ``.part`` file beside ``target`` and rename it when the block ends well; leave nothing when it does not.

    Raises ``VideoError`` when the disk refuses or ``target`` is one of ``sources``.
    """
    import av  # noqa: PLC0415 - 150 ms that a page never needs

    if target.resolve() in {source.resolve() for source in sources}:
        raise VideoError(N_("A video cannot be written over one that it is made from. Choose another name."))
    part = target.with_name(f"{target.name}.{uuid4().hex}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(target)
    except (av.FFmpegError, OSError) as error:
        raise _unwritable() from error
    finally:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)


@contextmanager
def written(target: Path, *sources: Path) -> Iterator[OutputContainer]:
    """Write an MP4 that starts to play before it is loaded in full. Raises ``VideoError`` as ``part_of`` does."""
    import av  # noqa: PLC0415 - 150 ms that a page never needs

    with (
        part_of(target, *sources) as part,
        av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as output,
    ):
        yield output


def tracks(source: InputContainer, *, sound: bool) -> list[VideoStream | AudioStream]:
    """Return the first video track and, where wanted and there, the first sound track."""
    return [source.streams.video[0], *(source.streams.audio[:1] if sound else ())]


def write_all(output: OutputContainer, packets: Iterable[Packet[Any]]) -> None:
    """Write packets as they come."""
    for packet in packets:
        output.mux(packet)


def whole_packets(source: InputContainer, path: Path, *, sound: bool) -> Iterator[Packet[Any]]:
    """Yield the packets of the ``tracks``, and raise ``VideoError`` at the end if the video was cut short.

    Empty packets, which only tell a decoder to finish, are left out.
    """
    video, arrived = source.streams.video[0], Fraction(0)
    for packet in source.demux(tracks(source, sound=sound)):
        if packet.dts is None or packet.pts is None or packet.time_base is None:
            continue
        if packet.is_corrupt:
            raise _damaged(path)
        if packet.stream is video:
            arrived = max(arrived, (packet.pts + (packet.duration or 0)) * packet.time_base)
        yield packet
    stated = (video.duration or 0) * (video.time_base or Fraction(0))
    if arrived <= 0 or arrived < stated * (1 - Fraction(LOST_TAIL_SHARE)):
        raise _damaged(path)


def timeline(path: Path) -> Timeline:
    """Return when each picture is shown. Costs one read of the file and no decoding. Raises ``VideoError``."""
    with opened(path) as source:
        stream = source.streams.video[0]
        rate = stream.average_rate or FALLBACK_RATE
        spans = [(packet.pts, packet.duration or 0) for packet in whole_packets(source, path, sound=False)]
        time_base = stream.time_base
        shown = sorted((pts, duration) for pts, duration in spans if pts is not None)
        if not shown or not time_base:
            raise _damaged(path)
        last_pts, last_duration = shown[-1]
        end = last_pts + (last_duration or round(1 / (rate * time_base)))
        return Timeline(tuple(pts for pts, _ in shown), end, time_base, rate)


def frames(path: Path, first_pts: int, stop_pts: int) -> Iterator[VideoFrame]:
    """Decode the pictures shown from ``first_pts`` until before ``stop_pts``. Costs decoding from the key frame on."""
    with opened(path) as source:
        stream = source.streams.video[0]
        margin = round(_SEEK_MARGIN_SECONDS / (stream.time_base or Fraction(1)))
        source.seek(max(first_pts - margin, stream.start_time or 0), stream=stream)
        for packet in source.demux(stream):
            if packet.dts is not None and packet.dts > stop_pts + margin:
                continue
            for frame in packet.decode():
                if frame.pts is not None and first_pts <= frame.pts < stop_pts:
                    yield frame


def filtered(source: Iterable[Any], like: VideoStream | AudioStream, *filters: tuple[str, str]) -> Iterator[Any]:
    """Send decoded frames of ``like`` through FFmpeg's ``filters`` (name, arguments), one at a time."""
    import av  # noqa: PLC0415 - 150 ms that a page never needs
    from av.filter import Graph  # noqa: PLC0415 - as above

    graph, template = Graph(), cast("Any", like)
    sound = like.type == "audio"
    nodes = [graph.add_abuffer(template=template) if sound else graph.add_buffer(template=template)]
    nodes += [graph.add(name, arguments) for name, arguments in filters]
    graph.link_nodes(*nodes, graph.add("abuffersink" if sound else "buffersink")).configure()
    for frame in chain(source, [None]):
        try:
            graph.push(frame)
        except av.EOFError:  # a filter has all that it wants
            break
        yield from _ready(graph)


def _ready(graph: Graph) -> Iterator[Any]:
    import av  # noqa: PLC0415 - 150 ms that a page never needs

    while True:
        try:
            yield graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return


def add_video(
    output: OutputContainer, like: VideoStream, *, rate: Fraction, time_base: Fraction | None = None
) -> VideoStream:
    """Add an H.264 track of the size and colours of ``like`` (an even number of pixels each way)."""
    stream = output.add_stream("libx264", rate=rate, options=dict(ENCODER_OPTIONS))
    stream.width, stream.height = even_size(like)
    stream.pix_fmt = "yuv420p"
    source, context = like.codec_context, stream.codec_context
    context.time_base = time_base or 1 / rate
    context.colorspace = source.colorspace
    context.color_range = USUAL_RANGE
    context.color_primaries, context.color_trc = source.color_primaries, source.color_trc
    return stream


def even_size(stream: VideoStream) -> tuple[int, int]:
    """Return width and height in pixels, each made even as H.264 with shared colours wants."""
    context = stream.codec_context
    return max(context.width // 2 * 2, 2), max(context.height // 2 * 2, 2)


def conformed(pictures: Iterable[VideoFrame], like: VideoStream) -> Iterator[VideoFrame]:
    """Make pictures of ``like`` what ``add_video`` takes: of even size, with shared colours, in the usual range."""
    width, height = even_size(like)
    for picture in pictures:
        is_so = (picture.width, picture.height, picture.format.name) == (width, height, "yuv420p")
        if is_so and picture.color_range != FULL_RANGE:
            yield picture
        else:
            yield picture.reformat(width, height, "yuv420p", dst_color_range=USUAL_RANGE)


def encoded(
    stream: VideoStream, pictures: Iterable[VideoFrame], *, rate: Fraction | None = None
) -> Iterator[Packet[Any]]:
    """Encode pictures; with a ``rate`` one after the other in an even beat, else at the times that they bring."""
    for index, picture in enumerate(pictures):
        if rate:
            picture.pts, picture.time_base, picture.duration = index, 1 / rate, 1
        picture.pict_type = 0  # else x264 repeats the key frames of the source
        yield from stream.encode(picture)
    yield from stream.encode(None)


def encoded_sound(stream: AudioStream, path: Path, start: Fraction, stop: Fraction) -> Iterator[Packet[Any]]:
    """Encode what sounds from ``start`` until ``stop`` (seconds, as the video counts them), its times from 0 on."""
    with opened(path) as source:
        heard = source.streams.audio[0]
        cut = ("atrim", f"start={float(start)}:end={float(stop)}")
        moved = ("asetpts", f"PTS-{float(start)}/TB")
        for frame in filtered(source.decode(heard), heard, cut, moved):
            yield from stream.encode(frame)
        yield from stream.encode(None)


def _is_of_the_disk(error: Exception) -> bool:
    return getattr(error, "errno", None) in _DISK_ERRORS


def _damaged(path: Path) -> VideoError:
    return VideoError(
        N_("The video {name} is damaged or is no MP4 video. Save it again, or choose another one."), name=path.name
    )


def _unwritable() -> VideoError:
    return VideoError(
        N_("The disk refused the finished video. Free some space, or choose another place, and try again.")
    )
