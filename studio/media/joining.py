"""Videos one after the other: their packets copied where they are of one form, else their pictures encoded anew."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.media import mp4, title_card

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet

TITLE_SECONDS = 2.5
BEFORE_ALL = Fraction(-10)
"""Seconds; sound may begin a little before its video, while its decoder starts."""


def forms(path: Path) -> tuple[tuple[Any, ...], tuple[Any, ...] | None]:
    """Return all that two videos must share so that the packets of one can follow those of the other."""
    with mp4.opened(path) as source:
        video = source.streams.video[0]
        seen = video.codec_context
        form = (seen.name, seen.width, seen.height, seen.pix_fmt, seen.extradata, seen.has_b_frames, video.time_base)
        if not source.streams.audio:
            return form, None
        audio = source.streams.audio[0]
        heard = audio.codec_context
        layout = heard.layout.name
        return form, (heard.name, heard.sample_rate, layout, heard.format.name, heard.extradata, audio.time_base)


def copy(paths: Sequence[Path], target: Path, *, sound: bool) -> float:
    """Copy the packets of the videos one after the other and return the length in seconds."""
    end = Fraction(0)
    with mp4.written(target, *paths) as output:
        tracks: dict[str, _Track] = {}
        for path in paths:
            with mp4.opened(path) as source:
                tracks = tracks or {
                    stream.type: _Track(output.add_stream_from_template(stream, opaque=True))
                    for stream in mp4.tracks(source, sound=sound)
                }
                end = _append(source, path, output, tracks, end)
    return float(end)


@dataclass(slots=True)
class _Track:
    stream: Any
    end: Fraction = BEFORE_ALL

    def place(self, packet: Packet[Any], shift: Fraction) -> bool:
        """Move a packet and return whether it has a place: sound that another sound covers has none."""
        time_base = packet.time_base
        moved = round(shift / time_base)
        packet.pts, packet.dts = (packet.pts or 0) + moved, (packet.dts or 0) + moved
        if packet.stream.type == "audio":
            if packet.pts * time_base < self.end - (packet.duration or 0) * time_base / 2:
                return False
            packet.pts = packet.dts = max(packet.pts, math.ceil(self.end / time_base))
        self.end = max(self.end, (packet.pts + (packet.duration or 0)) * time_base)
        packet.stream = self.stream
        return True


def _append(
    source: InputContainer, path: Path, output: OutputContainer, tracks: dict[str, _Track], start: Fraction
) -> Fraction:
    video = source.streams.video[0]
    shift = start - (video.start_time or 0) * (video.time_base or Fraction(0))
    for packet in mp4.whole_packets(source, path, sound="audio" in tracks):
        if tracks[packet.stream.type].place(packet, shift):
            output.mux(packet)
    return tracks["video"].end


def encode(paths: Sequence[Path], target: Path, card: tuple[str, str] | None) -> float:
    """Encode the videos in size and frame rate of the first, after a card (title, credit); return its seconds."""
    with mp4.opened(paths[0]) as source, mp4.written(target, *paths) as output:
        video = source.streams.video[0]
        rate = video.average_rate or mp4.FALLBACK_RATE
        size = mp4.even_size(video)
        stream = mp4.add_video(output, video, rate=rate)
        begin = _title_frames(card, size, rate) if card else iter(())
        pictures = chain(begin, chain.from_iterable(_letterboxed(path, size, rate) for path in paths))
        shown = _Counted(pictures)
        mp4.write_all(output, mp4.encoded(stream, shown, rate=rate))
    return float(shown.count / rate)


@dataclass(slots=True)
class _Counted:
    pictures: Iterable[VideoFrame]
    count: int = 0

    def __iter__(self) -> Iterator[VideoFrame]:
        for picture in self.pictures:
            self.count += 1
            yield picture


def _title_frames(card: tuple[str, str], size: tuple[int, int], rate: Fraction) -> Iterator[VideoFrame]:
    from av import VideoFrame  # noqa: PLC0415 - 150 ms that a page never needs

    picture = title_card.draw(*card, *size)
    for _ in range(round(TITLE_SECONDS * rate)):
        yield VideoFrame.from_image(picture).reformat(format="yuv420p")  # type: ignore[no-untyped-call]


def _letterboxed(path: Path, size: tuple[int, int], rate: Fraction) -> Iterator[VideoFrame]:
    width, height = size
    line = mp4.timeline(path)
    with mp4.opened(path) as source:
        yield from mp4.filtered(
            mp4.frames(path, line.pts[0], line.end),
            source.streams.video[0],
            ("fps", str(rate)),
            ("scale", f"{width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2:out_range=tv"),
            ("pad", f"{width}:{height}:(ow-iw)/2:(oh-ih)/2:black"),
            ("setsar", "1"),
            ("format", "yuv420p"),
        )
