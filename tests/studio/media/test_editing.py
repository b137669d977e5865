"""Editing of videos: what comes out is decoded and looked at, picture by picture."""

from __future__ import annotations

import io
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.errors import VideoError
from studio.media import editing, joining, title_card

STEP = 4
DARKEST = 20


def shot(
    path,
    *,
    pictures=24,
    size=(96, 64),
    rate=24,
    tone=False,
    codec="libx264",
    key_every=12,
    first=0,
    tone_seconds=None,
    pix_fmt="yuv420p",
):
    """Make a video whose picture number n has the brightness 20 + 4 n, with or without a tone."""
    with av.open(str(path), "w", format="mp4") as output:
        video = output.add_stream(codec, rate=rate, options={"g": str(key_every)})
        video.width, video.height, video.pix_fmt = *size, pix_fmt
        sound = output.add_stream("aac", rate=48_000, layout="mono") if tone else None
        for index in range(pictures):
            grey = np.full((size[1] * 3 // 2, size[0]), 128, np.uint8)
            grey[: size[1]] = DARKEST + STEP * (index + first)
            frame = av.VideoFrame.from_ndarray(grey, format=pix_fmt)
            frame.pts, frame.time_base = index, Fraction(1, rate)
            output.mux(video.encode(frame))
        output.mux(video.encode())
        for start in range(0, int(48_000 * (tone_seconds or pictures / rate)) if sound else 0, 1000):
            wave = np.sin(2 * np.pi * 440 * np.arange(start, start + 1000, dtype=np.float32) / 48_000) * 0.5
            frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
            output.mux(sound.encode(frame))
        if sound:
            output.mux(sound.encode())
    return path


def seen(path):
    """Decode a video: the number that each picture carries, and the second it is shown at."""
    numbers, times = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            numbers.append(round((frame.to_ndarray(format="gray").mean() * 219 / 255 + 16 - DARKEST) / STEP))
            times.append(frame.time)
    assert all(before < after for before, after in pairwise(times))
    return numbers, times


def heard(path):
    """Decode a video's sound: its length in seconds and its loudness."""
    with av.open(str(path)) as container:
        waves = [frame.to_ndarray().ravel() for frame in container.decode(audio=0)]
    wave = np.concatenate(waves)
    return len(wave) / 48_000, float(np.sqrt((wave**2).mean()))


def packets(path):
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def length(path):
    with av.open(str(path)) as container:
        return container.duration / 1_000_000


def test_videos_of_one_form_are_joined_without_touching_a_packet(tmp_path):
    """Same codec, size and form: every packet is copied, in order, and time goes on without a gap."""
    one, two = shot(tmp_path / "1.mp4", pictures=24), shot(tmp_path / "2.mp4", pictures=30, first=24)
    joined = editing.join([one, two], tmp_path / "both.mp4")
    assert joined == editing.Joined(seconds=2.25, reencoded=False)
    assert packets(tmp_path / "both.mp4") == packets(one) + packets(two)
    numbers, times = seen(tmp_path / "both.mp4")
    assert numbers == list(range(54))
    assert times == pytest.approx([index / 24 for index in range(54)])
    assert length(tmp_path / "both.mp4") == pytest.approx(2.25, abs=0.01)


def test_videos_of_two_forms_are_joined_in_the_form_of_the_first(tmp_path):
    """Another size, codec and frame rate: encoded anew in the first video's size and frame rate, whole on black."""
    one = shot(tmp_path / "1.mp4", pictures=24)
    two = shot(tmp_path / "2.mp4", pictures=12, size=(64, 96), rate=12, codec="mpeg4", first=10)
    joined = editing.join([one, two], tmp_path / "both.mp4")
    assert joined == editing.Joined(seconds=2.0, reencoded=True)
    numbers, times = seen(tmp_path / "both.mp4")
    assert (len(numbers), numbers[:24]) == (48, list(range(24)))
    assert times[-1] == pytest.approx(47 / 24)
    with av.open(str(tmp_path / "both.mp4")) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert {frame.shape for frame in frames} == {(64, 96)}
    assert frames[40][:, 5].max() < 10
    assert frames[40][32, 48] > 60


def test_a_title_stands_before_the_video(tmp_path):
    """Two and a half seconds of a dark card with bright letters, then the video."""
    one = shot(tmp_path / "1.mp4")
    joined = editing.join([one], tmp_path / "titled.mp4", title="বাংলা Boat", credit="Made at home")
    assert joined == editing.Joined(seconds=3.5, reencoded=True)
    with av.open(str(tmp_path / "titled.mp4")) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert len(frames) == 84
    assert frames[30].mean() < 60
    assert frames[30].max() > 150
    assert abs(float(frames[59].mean()) - float(frames[30].mean())) < 3
    assert seen(tmp_path / "titled.mp4")[0][60:] == list(range(24))


def test_sound_stays_when_every_video_has_the_same(tmp_path):
    """Sound of one form is copied with the pictures and stays beside them."""
    one = shot(tmp_path / "1.mp4", pictures=48, tone=True)
    joined = editing.join([one, one, one], tmp_path / "all.mp4")
    assert joined == editing.Joined(seconds=6.0, reencoded=False)
    seconds, loudness = heard(tmp_path / "all.mp4")
    assert seconds == pytest.approx(6, abs=0.1)
    assert loudness == pytest.approx(0.35, abs=0.03)
    assert seen(tmp_path / "all.mp4")[0] == list(range(48)) * 3


def test_sound_that_only_one_video_has_is_left_out(tmp_path):
    """A video without sound silences the joined one, which says so by having no sound track."""
    loud, quiet = shot(tmp_path / "1.mp4", tone=True), shot(tmp_path / "2.mp4")
    joined = editing.join([loud, quiet], tmp_path / "both.mp4")
    assert not joined.reencoded
    assert editing.has_sound(loud)
    assert not editing.has_sound(tmp_path / "both.mp4")
    assert seen(tmp_path / "both.mp4")[0] == list(range(24)) * 2


@pytest.mark.parametrize(
    ("start", "end", "numbers"),
    [
        (0, 0.5, range(12)),
        (0.5, 1.0, range(12, 24)),
        (7 / 24, 8 / 24, range(7, 8)),
        (0.29, 0.96, range(7, 23)),
        (1.5, 99, range(36, 48)),
    ],
)
def test_a_part_is_exact_to_a_picture(tmp_path, start, end, numbers):
    """Exactly the pictures between the two times, from second 0 on."""
    whole = shot(tmp_path / "1.mp4", pictures=48)
    editing.trim(whole, tmp_path / "part.mp4", start_seconds=start, end_seconds=end)
    found, times = seen(tmp_path / "part.mp4")
    assert found == list(numbers)
    assert times[0] == 0
    assert length(tmp_path / "part.mp4") == pytest.approx(len(numbers) / 24, abs=0.01)


def test_a_part_keeps_its_sound_unless_it_is_muted(tmp_path):
    """The sound is cut where the pictures are."""
    whole = shot(tmp_path / "1.mp4", pictures=48, tone=True)
    editing.trim(whole, tmp_path / "part.mp4", start_seconds=0.5, end_seconds=1.5)
    seconds, loudness = heard(tmp_path / "part.mp4")
    assert seconds == pytest.approx(1, abs=0.05)
    assert loudness == pytest.approx(0.35, abs=0.03)
    editing.trim(whole, tmp_path / "quiet.mp4", start_seconds=0.5, end_seconds=1.5, muted=True)
    assert not editing.has_sound(tmp_path / "quiet.mp4")
    assert seen(tmp_path / "quiet.mp4")[0] == seen(tmp_path / "part.mp4")[0] == list(range(12, 36))


@pytest.mark.parametrize(("start", "end"), [(0.5, 0.5), (0.6, 0.5), (-1, 0.5), (5, 6), (0.5, 0.505), (float("nan"), 1)])
def test_a_part_that_is_none_is_refused(tmp_path, start, end):
    """Start after end, outside the video or shorter than a picture: said in words, and nothing is written."""
    whole = shot(tmp_path / "1.mp4")
    with pytest.raises(VideoError):
        editing.trim(whole, tmp_path / "part.mp4", start_seconds=start, end_seconds=end)
    assert [path.name for path in tmp_path.iterdir()] == ["1.mp4"]


def test_a_video_is_muted_without_touching_its_pictures(tmp_path):
    """No sound track, the same packets, and the original as it was."""
    loud = shot(tmp_path / "1.mp4", tone=True)
    before = loud.read_bytes()
    joining.copy([loud], tmp_path / "quiet.mp4", sound=False)
    assert not editing.has_sound(tmp_path / "quiet.mp4")
    assert packets(tmp_path / "quiet.mp4") == packets(loud)
    assert loud.read_bytes() == before


@pytest.mark.parametrize("tone_seconds", [0.5, 3.0])
def test_sound_of_another_length_than_the_pictures_is_no_damage(tmp_path, tone_seconds):
    """The pictures say how long a video is; the next one starts after them, and times go on."""
    odd = shot(tmp_path / "1.mp4", pictures=48, tone=True, tone_seconds=tone_seconds)
    joining.copy([odd], tmp_path / "quiet.mp4", sound=False)
    assert packets(tmp_path / "quiet.mp4") == packets(odd)
    assert editing.join([odd, odd], tmp_path / "both.mp4") == editing.Joined(seconds=4.0, reencoded=False)
    numbers, times = seen(tmp_path / "both.mp4")
    assert (numbers, times[48]) == (list(range(48)) * 2, 2.0)
    assert editing.has_sound(tmp_path / "both.mp4")


def test_a_video_of_full_range_keeps_its_brightness(tmp_path):
    """What a camera wrote from 0 to 255 looks the same in every part and every joined video."""
    full = shot(tmp_path / "1.mp4", pix_fmt="yuvj420p")
    editing.trim(full, tmp_path / "part.mp4", start_seconds=0, end_seconds=0.5)
    editing.loop(full, tmp_path / "loop.mp4", times=2, bounce=True)
    editing.join([full, shot(tmp_path / "2.mp4", size=(64, 96))], tmp_path / "both.mp4")
    greys = []
    for name in ("1.mp4", "part.mp4", "loop.mp4", "both.mp4"):
        with av.open(str(tmp_path / name)) as container:
            greys.append(next(container.decode(video=0)).to_image().convert("L").getpixel((40, 30)))
    assert greys == pytest.approx([greys[0]] * 4, abs=3)


def test_a_video_repeats(tmp_path):
    """N times the same packets."""
    one = shot(tmp_path / "1.mp4", tone=True)
    editing.loop(one, tmp_path / "loop.mp4", times=8)
    assert seen(tmp_path / "loop.mp4")[0] == list(range(24)) * 8
    assert packets(tmp_path / "loop.mp4") == packets(one) * 8
    assert heard(tmp_path / "loop.mp4")[0] == pytest.approx(8, abs=0.1)
    assert length(tmp_path / "loop.mp4") == pytest.approx(8, abs=0.05)


def test_a_video_goes_back_and_forth(tmp_path):
    """Forwards, backwards, forwards; the picture on which it turns is shown once."""
    one = shot(tmp_path / "1.mp4", pictures=40)
    editing.loop(one, tmp_path / "loop.mp4", times=3, bounce=True)
    there = list(range(40))
    assert seen(tmp_path / "loop.mp4")[0] == [*there, *there[-2::-1], *there[1:]]
    assert not editing.has_sound(tmp_path / "loop.mp4")


@pytest.mark.parametrize("times", [-1, 0, 1, 9])
@pytest.mark.parametrize("bounce", [True, False])
def test_once_or_nine_times_is_refused_with_the_limits(tmp_path, times, bounce):
    """Two to eight times."""
    one = shot(tmp_path / "1.mp4")
    with pytest.raises(VideoError, match="2 to 8"):
        editing.loop(one, tmp_path / "loop.mp4", times=times, bounce=bounce)
    assert not (tmp_path / "loop.mp4").exists()


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_a_video_becomes_an_animation(tmp_path, kind):
    """Small, for ever, as long as the part it shows, and in the video's order."""
    one = shot(tmp_path / "1.mp4", pictures=48)
    target = tmp_path / f"small.{kind}"
    editing.animation(one, target, kind=kind, width=48, frames_per_second=12, start_seconds=0.5, end_seconds=1.5)
    with Image.open(target) as image:
        assert (image.format, image.size, image.n_frames, image.info["loop"]) == (kind.upper(), (48, 32), 12, 0)
        greys, total = [], 0
        for index in range(image.n_frames):
            image.seek(index)
            image.load()
            total += image.info["duration"]
            greys.append(image.convert("L").getpixel((20, 20)))
    assert total == 1000
    assert greys == sorted(set(greys))
    expected = [round((DARKEST + STEP * number - 16) * 255 / 219) for number in range(12, 36, 2)]
    assert greys == pytest.approx(expected, abs=8)


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 5}, {"width": 5000}, {"frames_per_second": 0}, {"frames_per_second": 1e-9}, {"frames_per_second": 100},
        {"frames_per_second": float("nan")}, {"start_seconds": 3}, {"start_seconds": 0.5, "end_seconds": 0.2},
    ],
)  # fmt: skip
def test_an_animation_that_cannot_be_is_refused(tmp_path, wrong):
    """Width, frame rate and part have limits; nothing is left behind."""
    one = shot(tmp_path / "1.mp4")
    with pytest.raises(VideoError):
        editing.animation(one, tmp_path / "small.gif", kind="gif", **wrong)
    assert [path.name for path in tmp_path.iterdir()] == ["1.mp4"]


def test_an_animation_larger_than_memory_is_refused_with_a_remedy(tmp_path):
    """A tall video of many pictures would need gigabytes."""
    tall = shot(tmp_path / "1.mp4", size=(16, 256), pictures=48)
    with pytest.raises(VideoError, match="shorter part"):
        editing.animation(tall, tmp_path / "big.webp", kind="webp", width=1280, frames_per_second=30)


@pytest.mark.parametrize(
    ("seconds", "number"),
    [(-3, 0), (0, 0), (1 / 24, 1), (0.6, 14), (1.99, 47), (2, 47), (100, 47), (float("inf"), 47), (float("nan"), 0)],
)
def test_a_still_is_the_picture_shown_then(tmp_path, seconds, number):
    """The picture on the screen at that time; before and after the video its ends."""
    whole = shot(tmp_path / "1.mp4", pictures=48)
    with Image.open(io.BytesIO(editing.still(whole, at_seconds=seconds))) as image:
        assert (image.format, image.size) == ("PNG", (96, 64))
        grey = np.asarray(image.convert("L")).mean()
    assert round((grey * 219 / 255 + 16 - DARKEST) / STEP) == number


@pytest.mark.parametrize("pictures", [2, 8, 48])
def test_a_filmstrip_shows_the_whole_video(tmp_path, pictures):
    """Each square is of the middle of its share; a video of fewer pictures shows some of them twice."""
    whole = shot(tmp_path / "1.mp4", pictures=pictures)
    strip = editing.filmstrip(whole, count=4, side_pixels=20)
    assert strip.size == (80, 20)
    greys = [np.asarray(strip.convert("L"))[:, 20 * place : 20 * place + 20].mean() for place in range(4)]
    numbers = [round((grey * 219 / 255 + 16 - DARKEST) / STEP) for grey in greys]
    assert numbers == [int((place + 0.5) * pictures / 4) for place in range(4)]


ACTIONS = {
    "filmstrip": lambda path, target: editing.filmstrip(path, count=4, side_pixels=20),
    "join": lambda path, target: editing.join([path, path], target),
    "titled": lambda path, target: editing.join([path], target, title="x"),
    "trim": lambda path, target: editing.trim(path, target, start_seconds=0, end_seconds=1),
    "loop": lambda path, target: editing.loop(path, target, times=2),
    "bounce": lambda path, target: editing.loop(path, target, times=2, bounce=True),
    "animation": lambda path, target: editing.animation(path, target, kind="webp"),
    "still": lambda path, target: editing.still(path, at_seconds=0),
    "has_sound": lambda path, target: editing.has_sound(path),
}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
@pytest.mark.parametrize("content", [None, b"", b"no video", b"\0\0\0\x18ftypisom" + b"\xff" * 500])
def test_what_is_no_video_is_refused_and_leaves_nothing(tmp_path, action, content):
    """Missing, empty and rubbish files are named, and no half-written file remains."""
    path = tmp_path / "bad.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VideoError, match=r"bad\.mp4"):
        action(path, tmp_path / "out" / "new.mp4")
    assert [file for file in tmp_path.rglob("*") if file.is_file() and file != path] == []


@pytest.mark.parametrize("name", [name for name in ACTIONS if name not in {"still", "has_sound"}])
@pytest.mark.parametrize("share", [0.5, 0.85])
def test_a_video_that_was_cut_short_is_refused(tmp_path, name, share):
    """A download that ended early does not become a shorter video in silence."""
    whole = shot(tmp_path / "whole.mp4", pictures=48, tone=True)
    joining.copy([whole], tmp_path / "fast.mp4", sound=False)
    data = (tmp_path / "fast.mp4").read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(VideoError, match=r"cut\.mp4"):
        ACTIONS[name](cut, tmp_path / "new.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.mp4", "fast.mp4", "whole.mp4"]


def test_nothing_cannot_be_joined(tmp_path):
    """An empty list is refused."""
    with pytest.raises(VideoError, match="at least one"):
        editing.join([], tmp_path / "new.mp4")


def test_sound_alone_is_no_video(tmp_path):
    """A file without pictures is refused."""
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 48_000, 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode())
    with pytest.raises(VideoError, match=r"song\.mp4"):
        editing.has_sound(path)


def test_a_video_is_never_written_over_itself(tmp_path):
    """The archive's video stays, whatever the caller says."""
    one = shot(tmp_path / "1.mp4")
    before = one.read_bytes()
    for action in (ACTIONS["join"], ACTIONS["trim"], ACTIONS["loop"], ACTIONS["animation"]):
        with pytest.raises(VideoError, match="another name"):
            action(one, one)
    assert one.read_bytes() == before


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    """A file where the folder should be: refused in words, and the file stays."""
    one = shot(tmp_path / "1.mp4")
    (tmp_path / "folder").write_bytes(b"x")
    with pytest.raises(VideoError, match="disk"):
        joining.copy([one], tmp_path / "folder" / "new.mp4", sound=False)
    assert (tmp_path / "folder").read_bytes() == b"x"


def test_a_failed_edit_leaves_the_older_video_in_place(tmp_path):
    """What stood under the name before is still whole when the new one fails."""
    older = shot(tmp_path / "older.mp4")
    before = older.read_bytes()
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no video")
    with pytest.raises(VideoError):
        editing.join([shot(tmp_path / "1.mp4"), bad], older)
    assert older.read_bytes() == before


@pytest.mark.parametrize("title", ["A paper boat", "কাগজের নৌকা। ২০২৬", "Boat নৌকা, “twice”", "Word" * 22])
@pytest.mark.parametrize("size", [(640, 360), (360, 640), (96, 64)])
def test_a_title_is_drawn_inside_its_card(title, size):
    """Latin and Bengali letters, short and long: bright ink near the middle and none on the edge."""
    card = np.asarray(title_card.draw(title, "", *size).convert("L"))
    assert card.max() > 150
    rows, columns = np.nonzero(card > 60)
    assert abs((columns.min() + columns.max()) / 2 - size[0] / 2) < size[0] * 0.06
    assert abs((rows.min() + rows.max()) / 2 - size[1] / 2) < size[1] * 0.12
    if size != (96, 64):
        assert columns.min() > size[0] * 0.05


def test_letters_that_no_font_has_are_named():
    """Boxes instead of letters would be worse than a word beforehand."""
    with pytest.raises(VideoError, match="\U00013000"):
        title_card.draw("Bird \U00013000", "", 640, 360)
    with pytest.raises(VideoError, match="160"):
        title_card.draw("x" * 161, "", 640, 360)


def test_a_title_that_cannot_be_drawn_leaves_nothing(tmp_path):
    """The title is the fault and not the video, and no file remains."""
    one = shot(tmp_path / "1.mp4")
    with pytest.raises(VideoError, match="title"):
        editing.join([one], tmp_path / "titled.mp4", title="Bird \U00013000")
    assert [path.name for path in tmp_path.iterdir()] == ["1.mp4"]


def test_what_cannot_be_seen_is_passed_over():
    """Emoji selectors, marks of direction, halves of characters: no reason to refuse a title."""
    assert title_card.draw("Boat\ufe0f \u200b\ud800now", "", 640, 360) == title_card.draw("Boat now", "", 640, 360)


@given(st.text(max_size=30) | st.text("aé ক্ষ্য\u200d\u200c।", max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_title_is_drawn_or_refused_in_words(title):
    """Marks without a letter, joiners alone, surrogates: never more than a VideoError."""
    with suppress(VideoError):
        assert title_card.draw(title, title, 96, 64).size == (96, 64)
