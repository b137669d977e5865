"""Music of one's own under a video: checked when it comes, cut to the video's length and faded out when it is used."""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from rivya.spec import BYTES_PER_MB
from studio.errors import VideoError
from studio.i18n import N_
from studio.media import editing, mp4

MAX_MUSIC_BYTES = 40 * BYTES_PER_MB
"""Four minutes of uncompressed stereo; a compressed song has a tenth."""

FADE_IN_SECONDS, FADE_OUT_SECONDS = 0.3, 2.0
SOUND_RATE = 48_000
_NAME = re.compile(r"[0-9a-f]{64}")


class MusicShelf:
    """Pieces of music under ``root``, each named by its content."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "music"

    def keep(self, data: bytes) -> str:
        """Keep a piece and return its name. Raises ``VideoError`` for what is too large or holds no sound."""
        _check(data)
        name = hashlib.sha256(data).hexdigest()
        path = self._folder / name
        if not path.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            with mp4.part_of(path) as part:
                part.write_bytes(data)
        return name

    def path(self, name: str) -> Path | None:
        """Return where a piece lies, ``None`` when there is none of that name."""
        path = self._folder / name
        return path if _NAME.fullmatch(name) and path.is_file() else None


def _check(data: bytes) -> None:
    import av  # noqa: PLC0415 - 150 ms that a page never needs

    if len(data) > MAX_MUSIC_BYTES:
        raise VideoError(
            N_("This music has {size_mb} MB and at most {limit_mb} MB can be used. Choose an MP3 instead."),
            size_mb=round(len(data) / BYTES_PER_MB, 1),
            limit_mb=MAX_MUSIC_BYTES // BYTES_PER_MB,
        )
    try:
        with av.open(io.BytesIO(data), "r") as source:
            next(source.decode(audio=0))
    except (av.FFmpegError, ValueError, IndexError, StopIteration) as error:
        raise VideoError(
            N_("There is no music in this file that can be played. Choose an MP3, M4A, WAV, OGG or FLAC file.")
        ) from error


def add_music(video: Path, music: Path, target: Path) -> None:
    """Write ``video`` with ``music`` instead of its sound: from its beginning, faded out at the video's end.

    The pictures are copied as they are. Music that is shorter than the video ends in silence. Raises ``VideoError``.
    """
    import av  # noqa: PLC0415 - 150 ms that a page never needs

    seconds = mp4.timeline(video).seconds
    fade = min(FADE_OUT_SECONDS, seconds / 2)
    try:
        with mp4.opened(video) as source, av.open(str(music), "r") as piece, mp4.written(target, video) as output:
            pictures = output.add_stream_from_template(source.streams.video[0], opaque=True)
            heard = output.add_stream("aac", rate=SOUND_RATE, layout="stereo")
            sounding = mp4.filtered(
                piece.decode(audio=0),
                piece.streams.audio[0],
                ("aresample", str(SOUND_RATE)),
                ("aformat", f"sample_fmts=fltp:channel_layouts=stereo:sample_rates={SOUND_RATE}"),
                ("atrim", f"end={seconds}"),
                ("afade", f"t=in:d={FADE_IN_SECONDS}"),
                ("afade", f"t=out:st={seconds - fade}:d={fade}"),
            )
            for packet in mp4.whole_packets(source, video, sound=False):
                packet.stream = pictures
                output.mux(packet)
            for frame in sounding:
                frame.pts, frame.time_base = None, Fraction(1, SOUND_RATE)
                output.mux(heard.encode(frame))
            output.mux(heard.encode(None))
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise VideoError(N_("This music could not be put under the video. Choose another file.")) from error


def join_story(
    paths: Sequence[Path], target: Path, *, title: str = "", credit: str = "", music: Path | None = None
) -> None:
    """Write videos as one, as ``editing.join`` does, with ``music`` under all of it. Raises ``VideoError``."""
    if music is None:
        editing.join(paths, target, title=title, credit=credit)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        silent = Path(folder) / "silent.mp4"
        editing.join(paths, silent, title=title, credit=credit)
        add_music(silent, music, target)
