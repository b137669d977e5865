"""Music under a video: its length, its end, and what is no music."""

from __future__ import annotations

import av
import numpy as np
import pytest
from conftest import tone

from studio.errors import VideoError
from studio.media import mp4
from studio.media.music import FADE_OUT_SECONDS, MAX_MUSIC_BYTES, MusicShelf, add_music


def video(path, seconds: float):
    """Write a grey video at 24 pictures a second."""
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(round(seconds * 24)):
            grey = np.full((48, 64, 3), index % 200, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        output.mux(stream.encode())
    return path


def loudness(path) -> np.ndarray:
    """Return the loudness of each tenth of a second."""
    with av.open(str(path)) as source:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in source.decode(audio=0)])
    tenth = 4_800
    return np.array([np.abs(sound[at : at + tenth]).max() for at in range(0, len(sound) - tenth, tenth)])


@pytest.mark.parametrize("music_seconds", [2.0, 30.0])
def test_music_is_cut_to_the_video_and_fades_out(tmp_path, music_seconds):
    """Longer music ends softly with the last picture; shorter music ends, and the pictures go on."""
    piece = tmp_path / "music.wav"
    tone(piece, music_seconds)
    silent = video(tmp_path / "silent.mp4", 6)
    add_music(silent, piece, tmp_path / "loud.mp4")
    assert mp4.timeline(tmp_path / "loud.mp4").seconds == pytest.approx(6, abs=0.05)
    heard = loudness(tmp_path / "loud.mp4")
    assert heard[10] > 0.3
    assert len(heard) / 10 == pytest.approx(min(music_seconds, 6), abs=0.25)
    if music_seconds > 6:
        assert heard[-2] < 0.1
        assert heard[-round(FADE_OUT_SECONDS * 5)] < heard[10]


def test_a_piece_is_kept_by_its_content(tmp_path):
    """The same file twice is one; a name that nobody gave finds nothing."""
    shelf = MusicShelf(tmp_path)
    data = tone(tmp_path / "music.wav", 1)
    name = shelf.keep(data)
    assert shelf.keep(data) == name
    assert shelf.path(name).read_bytes() == data
    assert shelf.path("../music.wav") is None
    assert shelf.path("0" * 64) is None


@pytest.mark.parametrize("data", [b"", b"no music", b"RIFF\x00\x00\x00\x00WAVEfmt ", b"ID3" + b"\xff" * 400])
def test_what_is_no_music_is_refused_in_words(tmp_path, data):
    """Nothing is kept of it."""
    with pytest.raises(VideoError, match="no music"):
        MusicShelf(tmp_path).keep(data)
    assert not (tmp_path / "music").exists()


def test_too_much_music_is_refused(tmp_path):
    """By its size, before it is read."""
    with pytest.raises(VideoError, match="at most 40 MB"):
        MusicShelf(tmp_path).keep(b"\0" * (MAX_MUSIC_BYTES + 1))
