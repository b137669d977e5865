"""Prompt and settings inside a video: they come back whole, and nothing else does."""

from __future__ import annotations

import io
import random
import struct
from fractions import Fraction
from xml.etree import ElementTree as ET

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import VideoError
from studio.media import metadata

PARAMS = {"resolution": "720p", "duration": "5", "seed": -1}
SETTINGS = {"prompt": "A paper boat", "params": PARAMS, "model": "seedance-1-0-pro"}
EMPTY = struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4s", 8, b"moov")


def make_video() -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for index in range(24):
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), index * 9, np.uint8), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 24)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return buffer.getvalue()


VIDEO = make_video()


def pictures(video: bytes) -> list[bytes]:
    with av.open(io.BytesIO(video), format="mp4") as container:
        return [frame.to_ndarray(format="gray").tobytes() for frame in container.decode(video=0)]


def xmp_box(payload: bytes) -> bytes:
    return struct.pack(">I4s", 24 + len(payload), b"uuid") + metadata.XMP_BOX + payload


def packet(content: str) -> bytes:
    return f'<a xmlns:s="{metadata.NAMESPACE}"><s:settings>{content}</s:settings></a>'.encode()


@pytest.mark.parametrize(
    "prompt",
    [
        "A paper boat",
        "🎬👩‍👩‍👧 ends well 🇧🇩",
        "কাগজের নৌকা, বর্ষার রাস্তায়",
        "قارب ورقي \u200f\u202b in the rain",
        "\"double\" 'single' “curly” `back`",
        "]]> <!-- --> <!DOCTYPE x> &amp; &#0; <?xpacket end='w'?>",
        "line\nline\r\nline\rtab\t\x85\u2028 ",
        "bell \x07 nul \x00 escape \x1b \ufffe\uffff \x7f",
        '"&<🎬' * 2500,
        "\x01" * 10_000,
        "&" * 10_000,
        "",
    ],
)
def test_any_prompt_comes_back_as_it_was(prompt):
    """Every script, every quote, every control character, ten thousand of them."""
    video = metadata.inscribe(VIDEO, {**SETTINGS, "prompt": prompt})
    assert metadata.read(video) == {**SETTINGS, "prompt": prompt}


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
@settings(deadline=None)
def test_any_text_comes_back_as_it_was(prompt, value):
    """Whatever hypothesis thinks of, in the prompt and in a setting."""
    wanted = {"prompt": prompt, "params": {"resolution": value}, "model": "m"}
    assert metadata.read(metadata.inscribe(EMPTY, wanted)) == wanted


def test_half_a_character_becomes_a_question_mark():
    """A lone surrogate has no bytes; the rest of the prompt stays."""
    video = metadata.inscribe(VIDEO, {**SETTINGS, "prompt": "boat \ud800!"})
    assert metadata.read(video)["prompt"] == "boat ?!"


def test_the_video_before_the_box_is_untouched_and_plays():
    """Not a byte changes, and every picture is decoded as before."""
    video = metadata.inscribe(VIDEO, SETTINGS)
    assert video.startswith(VIDEO)
    assert len(video) > len(VIDEO)
    assert pictures(video) == pictures(VIDEO)
    assert len(pictures(video)) == 24


def test_other_tools_find_the_prompt():
    """The box is an XMP packet whose dc:description is the prompt, without what XML cannot hold."""
    box = metadata.inscribe(VIDEO, {**SETTINGS, "prompt": "a <b> & \x01c"})[len(VIDEO) :]
    assert struct.unpack(">I4s", box[:8]) == (len(box), b"uuid")
    assert box[8:24].hex() == "be7acfcb97a942e89c71999491e3afac"
    root = ET.fromstring(box[24:].decode())
    description = root.find(".//{http://purl.org/dc/elements/1.1/}description")
    assert "".join(description.itertext()) == "a <b> & c"


def test_inscribing_twice_leaves_one_box():
    """The later settings replace the earlier ones."""
    once = metadata.inscribe(VIDEO, SETTINGS)
    assert metadata.inscribe(once, SETTINGS) == once
    other = metadata.inscribe(once, {**SETTINGS, "prompt": "x"})
    assert other == metadata.inscribe(VIDEO, {**SETTINGS, "prompt": "x"})


def test_an_inscription_that_something_follows_is_blanked_in_place():
    """No byte of the video moves, the old words are gone, and the new box is the one that is read."""
    moved = metadata.inscribe(VIDEO, {**SETTINGS, "prompt": "old words"}) + struct.pack(">I4s", 8, b"free")
    again = metadata.inscribe(moved, SETTINGS)
    assert metadata.read(again) == SETTINGS
    assert b"old words" not in again
    assert again.startswith(VIDEO)
    assert pictures(again) == pictures(VIDEO)


def test_the_packet_of_another_tool_stays():
    """XMP that is not ours is kept, and is not taken for ours."""
    theirs = VIDEO + xmp_box(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    assert metadata.read(theirs) is None
    assert metadata.inscribe(theirs, SETTINGS).startswith(theirs)


def test_boxes_of_every_length_are_walked():
    """64-bit sizes, and a last box that reaches to the end: it gets its size, and nothing moves."""
    long = EMPTY + struct.pack(">I4sQ", 1, b"mdat", 26) + b"0123456789"
    assert metadata.read(metadata.inscribe(long, SETTINGS)) == SETTINGS
    assert metadata.inscribe(long, SETTINGS).startswith(long)
    unclosed = EMPTY + struct.pack(">I4s", 0, b"mdat") + b"0123456789"
    video = metadata.inscribe(unclosed, SETTINGS)
    assert metadata.read(video) == SETTINGS
    assert video.startswith(EMPTY + struct.pack(">I4s", 18, b"mdat") + b"0123456789")


def test_keys_ids_and_accounts_stay_out():
    """Only the prompt, the model and plain settings are written, whatever the caller hands over."""
    video = metadata.inscribe(
        VIDEO,
        {
            **SETTINGS,
            "task_id": "T-17",
            "api_key": "K-17",
            "params": {**PARAMS, "user_id": "U-17", "apiKey": "K-18", "referenceMediaItems": [{"url": "R-17"}]},
        },
    )
    assert metadata.read(video) == SETTINGS
    assert not any(mark in video[len(VIDEO) :] for mark in (b"T-17", b"K-17", b"U-17", b"K-18", b"R-17"))


def test_a_video_without_an_inscription_has_none():
    """Most videos."""
    assert metadata.read(VIDEO) is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"rubbish " + metadata.NAMESPACE.encode(),
        packet(""),
        packet("null"),
        packet("[]"),
        packet('{"prompt": "x"}'),
        packet('{"prompt": 1, "params": {}, "model": "m"}'),
        packet('{"prompt": "x", "params": [], "model": "m"}'),
        packet('{"prompt": "x", "params": {"seed": {}}, "model": "m"}'),
        packet('{"prompt": "x", "params": {"api_key": "y"}, "model": "m"}'),
        packet('{"prompt": "x", "params": {"seed": NaN}, "model": "m"}'),
        packet('{"prompt": "\\ud800", "params": {}, "model": "m"}'),
        packet('{"prompt": "x", "params": {"seed": ' + "9" * 10_000 + '}, "model": "m"}'),
        packet("[" * 150_000),
        b"<a>" * 40_000 + packet("{}"),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + packet('{"prompt": "&b;", "params": {}, "model": "m"}'),
        packet('{"prompt": "&b;", "params": {}, "model": "m"}'),
        packet('<![CDATA[{"prompt": "x", "params": {}, "model": "m"}]]>'),
        packet('{"prompt": "x", "params": {}, "model": "m"}').replace(b"studio/ns", b"example/ns"),
        packet('{"prompt": "' + "x" * 200_000 + '", "params": {}, "model": "m"}'),
        packet('{"prompt": "x", "params": {}, "model": "m"}').decode().encode("utf-16"),
        packet('{"prompt": "\xff", "params": {}, "model": "m"}').decode().encode("latin-1"),
    ],
)
def test_what_is_not_as_we_write_it_is_nothing(payload):
    """Entities, other namespaces, other kinds, too much: None."""
    assert metadata.read(VIDEO + xmp_box(payload)) is None


def test_a_packet_as_we_write_it_is_read():
    """The refusals above have other reasons than the frame around them."""
    plain = packet('{"prompt": "x", "params": {}, "model": "m"}')
    assert metadata.read(VIDEO + xmp_box(plain)) == {"prompt": "x", "params": {}, "model": "m"}


def test_a_video_cut_anywhere_in_its_inscription_has_none():
    """Half a box is no box."""
    video = metadata.inscribe(VIDEO, SETTINGS)
    assert all(metadata.read(video[:end]) is None for end in range(len(VIDEO), len(video)))


@given(st.binary(max_size=200))
def test_rubbish_has_no_inscription(data):
    """Any bytes, alone or after a video."""
    assert metadata.read(data) is None
    assert metadata.read(VIDEO + data) is None


def test_flipped_bytes_never_raise():
    """Damage anywhere gives the settings, other text or nothing, but no error."""
    video = metadata.inscribe(EMPTY, SETTINGS)
    chance = random.Random(1)
    found = []
    for _ in range(3000):
        broken = bytearray(video)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        found.append(metadata.read(bytes(broken)))
    assert None in found
    assert all(one is None or set(one) == {"prompt", "params", "model"} for one in found)


def test_a_file_of_a_million_boxes_is_given_up_early():
    """The walk ends long before the file does."""
    many = EMPTY + struct.pack(">I4s", 8, b"free") * 1_000_000
    assert metadata.read(many + metadata.inscribe(EMPTY, SETTINGS)[len(EMPTY) :]) is None


@pytest.mark.parametrize(
    "data", [b"", b"no video", EMPTY[:8], EMPTY + b"\0\0", EMPTY + struct.pack(">I4s", 7, b"free")]
)
def test_nothing_is_written_into_what_is_no_video(data):
    """A file that is no whole MP4 is refused in words."""
    with pytest.raises(VideoError, match="MP4"):
        metadata.inscribe(data, SETTINGS)


def test_settings_that_are_too_long_are_refused_with_the_limit():
    """What could not be read back is not written."""
    with pytest.raises(VideoError, match="200000"):
        metadata.inscribe(VIDEO, {**SETTINGS, "prompt": "x" * 200_000})
