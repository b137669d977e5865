"""From a result link to a video that is safe here.

A video arrives in a ``.part`` file that survives a restart, is checked, flushed to the disk and only then renamed into
place under the SHA-256 of its own bytes: what stands in the archive is whole, and nothing is ever overwritten.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from rivya.errors import APIStatusError
from studio.errors import BrokenVideoError, StoreError

log = logging.getLogger(__name__)

MAX_VIDEO_BYTES = 1024**3
RANGE_NOT_SATISFIABLE = 416
"""The answer to "go on from byte n" when all n bytes are here already."""

SHARING_IDLE_SECONDS = 10.0
SHARE_RETRY_SECONDS = 5.0

POSTER_MAX_SIDE = 960
LOST_TAIL_SHARE = 0.1
"""A video whose packets end this much before its stated duration was cut short."""


class Arriving(Protocol):
    """A download: chunks of bytes, from ``start_byte`` of ``total_bytes`` on."""

    start_byte: int
    total_bytes: int | None

    def __iter__(self) -> Iterator[bytes]: ...


Opener = Callable[[int], AbstractContextManager[Arriving]]
"""Opens the result from a byte on; the server may start earlier than asked."""


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A video in the archive: size in bytes and pixels, length in seconds."""

    sha256: str
    size_bytes: int
    width: int
    height: int
    seconds: float


class Remote(Protocol):
    """A shared place for the same files, such as an object store."""

    def put(self, path: Path, name: str) -> None:
        """Copy the file at ``path`` there, unless it is there."""

    def get(self, name: str, path: Path) -> None:
        """Copy what is there to ``path``, whole or not at all."""

    def remove(self, name: str) -> None:
        """Remove what is there, if anything."""


class Archive:
    """The files of a data folder: videos, posters and reference images, each named by its content."""

    def __init__(self, root: Path, remote: Remote | None = None) -> None:
        self.root = root.resolve()
        self._remote = remote
        self._unshared: SimpleQueue[Path] = SimpleQueue()
        self._sharing = threading.Lock()

    def video_path(self, sha256: str) -> Path:
        """Return where the video with this content lies."""
        return self.root / "clips" / sha256[:2] / f"{sha256}.mp4"

    def poster_path(self, sha256: str) -> Path:
        """Return where the poster of that video lies (WebP, at most 960 px a side)."""
        return self.video_path(sha256).with_suffix(".webp")

    def reference_path(self, sha256: str) -> Path:
        """Return where a reference image lies."""
        return self.root / "references" / sha256[:2] / sha256

    def keep_reference(self, data: bytes) -> str:
        """Store a reference image durably on this disk and return its SHA-256; it is shared in the background."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.reference_path(sha256)
        if not path.exists():
            _write_durably(path, data)
        self._share_soon(path)
        return sha256

    @property
    def is_shared(self) -> bool:
        """Whether other machines see the same files through an object store."""
        return self._remote is not None

    def share_references_since(self, moment: float) -> None:
        """Share, in the background, the reference images written since then (seconds since 1970).

        For those that a process kept and could not share before it ended.
        """
        for path in (self.root / "references").rglob("*") if self._remote else ():
            if path.is_file() and path.suffix != ".part" and path.stat().st_mtime >= moment:
                self._share_soon(path)

    def _share_soon(self, path: Path) -> None:
        if self._remote is None:
            return
        self._unshared.put(path)
        if self._sharing.acquire(blocking=False):
            threading.Thread(target=self._share_all, name="studio-share", daemon=True).start()

    def _share_all(self) -> None:
        """Share what waits; what the object store refuses waits for a moment and is tried again."""
        try:
            while True:
                try:
                    path = self._unshared.get(timeout=SHARING_IDLE_SECONDS)
                except Empty:
                    return
                try:
                    self._share(path)
                except (OSError, StoreError) as error:
                    log.warning("a reference image is not shared yet: %s", error)
                    time.sleep(SHARE_RETRY_SECONDS)
                    self._unshared.put(path)
        finally:
            self._sharing.release()

    def read_reference(self, sha256: str) -> bytes:
        """Return a reference image's bytes, wherever it lies; ``FileNotFoundError`` when it is gone."""
        path = self.reference_path(sha256)
        self._bring(path)
        return path.read_bytes()

    def has(self, sha256: str) -> bool:
        """Whether the video with this content is here, or can be brought here from the object store."""
        path = self.video_path(sha256)
        return self._bring(path) and self._bring(path.with_suffix(".webp"))

    def is_whole(self, sha256: str) -> bool:
        """Whether the video's bytes are still the ones its name promises. Costs one read of the file."""
        with self.video_path(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    @property
    def is_reachable(self) -> bool:
        """Whether the folder of the videos is there at all."""
        return (self.root / "clips").is_dir()

    def share(self, sha256: str) -> None:
        """Copy a video and its poster to the object store, if there is one and they are not there yet."""
        self._share(self.poster_path(sha256))
        self._share(self.video_path(sha256))

    def _share(self, path: Path) -> None:
        if self._remote:
            self._remote.put(path, path.relative_to(self.root).as_posix())

    def _bring(self, path: Path) -> bool:
        if not path.is_file() and self._remote:
            self._remote.get(path.relative_to(self.root).as_posix(), path)
        return path.is_file()

    def remove(self, sha256: str) -> None:
        """Remove a video and its poster for good, here and in the object store."""
        for path in (self.video_path(sha256), self.poster_path(sha256)):
            path.unlink(missing_ok=True)
            if self._remote:
                self._remote.remove(path.relative_to(self.root).as_posix())

    def remove_reference(self, sha256: str) -> None:
        """Remove a reference image for good, here and in the object store. Raises ``StoreError``."""
        path = self.reference_path(sha256)
        path.unlink(missing_ok=True)
        if self._remote:
            self._remote.remove(path.relative_to(self.root).as_posix())

    def fetch(self, clip_id: str, open_from: Opener) -> StoredVideo:
        """Download, check and keep a video; takes up an interrupted download where it stopped.

        Raises ``BrokenVideoError`` when what arrived does not play (it is thrown away), ``StoreError`` when the disk
        refuses, and whatever ``open_from`` raises.
        """
        part = self.root / "parts" / f"{clip_id}.part"
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            self._receive(part, open_from)
            return self._keep(part)
        except BrokenVideoError:
            part.unlink(missing_ok=True)
            raise
        except OSError as error:
            raise StoreError(f"cannot write the video: {error.strerror or error}") from error

    def _receive(self, part: Path, open_from: Opener) -> None:
        have = part.stat().st_size if part.exists() else 0
        try:
            self._receive_from(part, have, open_from)
        except APIStatusError as error:
            if not (have and error.http_status == RANGE_NOT_SATISFIABLE):
                raise

    def _receive_from(self, part: Path, have: int, open_from: Opener) -> None:
        with open_from(have) as arriving, part.open("r+b" if have else "wb") as file:
            file.seek(arriving.start_byte)
            file.truncate()
            for chunk in arriving:
                file.write(chunk)
                if file.tell() > MAX_VIDEO_BYTES:
                    raise BrokenVideoError("the video is larger than any clip can be")
            file.flush()
            os.fsync(file.fileno())
            if arriving.total_bytes is not None and file.tell() < arriving.total_bytes:
                raise StoreError(f"only {file.tell()} of {arriving.total_bytes} bytes arrived")

    def _keep(self, part: Path) -> StoredVideo:
        width, height, seconds, poster = _inspect(part)
        with part.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        video = StoredVideo(sha256, part.stat().st_size, width, height, seconds)
        path = self.video_path(sha256)
        _write_durably(self.poster_path(sha256), poster)
        part.replace(path)
        _flush_folder(path.parent)
        return video

    def codec(self, sha256: str) -> str:
        """Return the name of the video's video codec, such as ``h264``."""
        import av  # noqa: PLC0415 - 150 ms that a page never needs

        try:
            with av.open(str(self.video_path(sha256)), format="mp4") as container:
                return str(container.streams.video[0].codec_context.name)
        except (av.FFmpegError, IndexError):
            return "unreadable"

    def size_bytes(self) -> int:
        """Return how much the data folder holds. Costs one walk through it."""
        return sum(path.stat().st_size for path in self.root.rglob("*") if path.is_file())


def _inspect(path: Path) -> tuple[int, int, float, bytes]:
    import av  # noqa: PLC0415 - 150 ms that a page never needs

    try:
        with av.open(str(path), format="mp4") as container:
            if "mp4" not in container.format.name or not container.streams.video:
                raise BrokenVideoError("not an MP4 video")
            stream = container.streams.video[0]
            end = max(
                (float((p.pts + (p.duration or 0)) * p.time_base) for p in container.demux(stream) if p.pts),
                default=0.0,
            )
            seconds = float(container.duration or 0) / 1_000_000 or end
            if end <= 0 or end < seconds * (1 - LOST_TAIL_SHARE):
                raise BrokenVideoError(f"cut short after {end:.2f} of {seconds:.2f} seconds")
            container.seek(0)
            frame = next(container.decode(stream))
            return frame.width, frame.height, seconds, _poster(frame)
    except (av.FFmpegError, StopIteration, ValueError, IndexError) as error:
        raise BrokenVideoError(f"does not play: {type(error).__name__}") from error


def _poster(frame: object) -> bytes:
    image = frame.to_image()  # type: ignore[attr-defined]
    image.thumbnail((POSTER_MAX_SIDE, POSTER_MAX_SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=82, method=4)
    return buffer.getvalue()


def _write_durably(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
