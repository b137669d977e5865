"""Reference images: what is taken, what is refused, what can be converted."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from conftest import picture
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from rivya import images
from rivya.errors import ImageError

LIMIT = 10 * 1024 * 1024


def opened(image: images.ReferenceImage) -> Image.Image:
    return Image.open(io.BytesIO(image.data))


@pytest.mark.parametrize(("kind", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_what_rivya_takes_is_taken(kind, mime):
    """JPEG, PNG and WebP stay what they are."""
    checked = images.check(picture(kind=kind))
    assert (checked.mime_type, checked.width, checked.height) == (mime, 64, 48)
    assert opened(checked).format == kind


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1"])
def test_every_kind_of_png_survives(mode):
    """Grey, transparent and palette pictures can be sent."""
    assert opened(images.check(picture(mode=mode))).size == (64, 48)


def test_png_pixels_are_not_touched():
    """A lossless picture stays lossless."""
    data = picture()
    assert opened(images.check(data)).tobytes() == Image.open(io.BytesIO(data)).tobytes()


def test_a_phone_photo_is_turned_upright_and_forgets_where_it_was_taken():
    """EXIF orientation is applied, and EXIF with its GPS place is gone."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    checked = images.check(picture(kind="JPEG", exif=exif))
    assert (checked.width, checked.height) == (48, 64)
    assert dict(opened(checked).getexif()) == {}
    assert b"Exif" not in checked.data


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_metadata_goes_from_other_formats_too(kind):
    """No EXIF leaves the house, whatever the format."""
    exif = Image.Exif()
    exif[0x010E] = "at home"
    assert b"at home" not in images.check(picture(kind=kind, exif=exif)).data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_file_is_refused(kind, share):
    """Half a picture is no picture."""
    data = picture(size=(400, 300), kind=kind)
    with pytest.raises(ImageError) as caught:
        images.check(data[: int(len(data) * share)])
    assert not caught.value.convertible


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff", b"%PDF-1.4", b"<svg/>", b"\0" * 1000])
def test_no_picture_is_refused_in_words(data):
    """Nothing that is no picture gets through, whatever its name says."""
    with pytest.raises(ImageError) as caught:
        images.check(data)
    assert not caught.value.convertible


@pytest.mark.parametrize(
    ("tag", "kind", "value"), [(0x011A, 2, b"72\0\0"), (0x0100, 2, b"640\0"), (0x010F, 1, b"abcd")]
)
def test_a_photo_with_odd_metadata_is_taken_without_it(tag, kind, value):
    """A tag of a wrong type beside the one that turns the picture breaks nothing."""
    entries = sorted([(0x0112, 3, 1, b"\x06\0\0\0"), (tag, kind, 4, value)])
    packed = b"".join(struct.pack("<HHI4s", *entry) for entry in entries)
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + packed + b"\0\0\0\0"
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30)).save(buffer, "JPEG", exif=exif)
    checked = images.check(buffer.getvalue())
    assert checked.mime_type == "image/jpeg"
    assert not Image.open(io.BytesIO(checked.data)).getexif()


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_a_cut_short_photo_of_a_phone_is_refused_in_words(kind):
    """Its decoder's own errors never reach anybody."""
    buffer = io.BytesIO()
    images.check(picture())
    Image.effect_noise((300, 200), 80).convert("RGB").save(buffer, kind)
    data = buffer.getvalue()
    for end in range(1, len(data), len(data) // 20):
        with pytest.raises(ImageError):
            images.check(data[:end])


def test_a_decompression_bomb_is_refused_before_it_unpacks():
    """A few bytes that claim a hundred thousand pixels a side are refused from their header."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    with pytest.raises(ImageError):
        images.check(bomb + b"\0" * 20)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("GIF", "P", {}), ("BMP", "RGB", {}), ("TIFF", "RGB", {}), ("TIFF", "CMYK", {}), ("JPEG", "CMYK", {}),
        ("TIFF", "I;16", {}), ("HEIF", "RGB", {}),
    ],
)  # fmt: skip
def test_other_formats_are_refused_with_an_offer(kind, mode, options):
    """What Pillow reads can be sent as a JPEG copy, after it was asked for."""
    if kind == "HEIF":
        images.convert(picture())
    data = picture(mode=mode, kind=kind, **options)
    with pytest.raises(ImageError) as caught:
        images.check(data)
    assert caught.value.convertible
    copy = images.convert(data)
    assert (copy.mime_type, opened(copy).mode, opened(copy).size) == ("image/jpeg", "RGB", (64, 48))
    assert images.check(copy.data).mime_type == "image/jpeg"


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_the_first_frame_of_a_moving_picture_can_be_sent(kind):
    """Animations are refused with the offer of their first frame."""
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
    with pytest.raises(ImageError) as caught:
        images.check(buffer.getvalue())
    assert caught.value.convertible
    red, _, blue = opened(images.convert(buffer.getvalue())).getpixel((10, 10))
    assert red > 200
    assert blue < 50


def test_one_byte_too_many_is_refused_and_a_smaller_copy_fits():
    """10 MB pass, 10 MB + 1 do not, and the copy is below the limit."""
    small = picture(kind="JPEG")
    assert images.check(small + b"\0" * (LIMIT - len(small))).width == 64
    with pytest.raises(ImageError) as caught:
        images.check(small + b"\0" * (LIMIT - len(small) + 1))
    assert caught.value.convertible
    assert caught.value.values["limit_mb"] == 10
    noise = Image.effect_noise((5000, 3500), 120).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    assert len(buffer.getvalue()) > LIMIT
    copy = images.convert(buffer.getvalue())
    assert len(copy.data) <= LIMIT
    assert max(copy.width, copy.height) <= 4096


def test_transparency_becomes_white_in_a_copy():
    """A see-through logo does not turn black."""
    buffer = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(buffer, "TIFF")
    assert opened(images.convert(buffer.getvalue())).getpixel((5, 5)) == (255, 255, 255)


SECRET = b"taken at home by nobody else"


def telling(kind):
    """A picture with everything that its format can carry besides pixels."""
    exif, xmp = Image.Exif(), b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    exif[0x010E] = SECRET.decode()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + SECRET
    options = {"exif": exif, "icc_profile": profile, "dpi": (300, 300)}
    if kind == "JPEG":
        options |= {"comment": SECRET, "xmp": xmp}
    elif kind == "WEBP":
        options |= {"xmp": xmp}
    elif kind == "GIF":
        options = {"comment": SECRET}
    elif kind == "PNG":
        text = PngInfo()
        text.add_text("Comment", SECRET.decode())
        text.add_itxt("XML:com.adobe.xmp", SECRET.decode(), zip=False)
        options |= {"pnginfo": text}
    data = picture(size=(320, 240), kind=kind, mode="P" if kind == "GIF" else "RGB", **options)
    if kind == "JPEG":
        data = data[:2] + b"\xff\xed" + struct.pack(">H", len(SECRET) + 2) + SECRET + data[2:] + SECRET
    assert SECRET in data
    return data


def parts_of(data):
    """The names of a file's segments or chunks, pixels and all."""
    if data.startswith(b"\xff\xd8"):
        at, found = 2, []
        while data[at + 1] != 0xDA:
            found.append(f"{data[at + 1]:02X}")
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
        assert data.endswith(b"\xff\xd9")
        return set(found)
    if data.startswith(b"\x89PNG"):
        at, found = 8, []
        while at < len(data):
            length = int.from_bytes(data[at : at + 4])
            found.append(data[at + 4 : at + 8].decode())
            at += 12 + length
        return set(found)
    at, found = 12, []
    while at < len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        found.append(data[at : at + 4].decode())
        at += 8 + length + length % 2
    return set(found)


PIXELS = {"E0", "DB", "C0", "C2", "C4", "IHDR", "PLTE", "tRNS", "IDAT", "IEND", "VP8 ", "VP8L", "VP8X", "ALPH"}
"""JFIF header, tables and frames; PNG's and WebP's own: nothing in which anything else could be written."""


@pytest.mark.parametrize("path", ["check", "convert", "crop", "pad", "cut"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_nothing_but_pixels_is_sent(kind, path):
    """No comment, no place, no profile, no words after the end, by whichever way a picture comes."""
    data = telling(kind)
    taken = images.convert if kind in {"GIF", "TIFF"} or path == "convert" else images.check
    checked = taken(data)
    sent = {
        "check": lambda: checked,
        "convert": lambda: checked,
        "crop": lambda: images.fit(checked, 1.0, crop=True),
        "pad": lambda: images.fit(checked, 1.0, crop=False),
        "cut": lambda: images.cut(checked, (0.1, 0.1, 0.5, 0.5)),
    }[path]()
    assert SECRET not in sent.data
    assert parts_of(sent.data) <= PIXELS


def test_a_moving_gif_is_said_to_move():
    """Not only to be of another format: what would be sent is its first picture."""
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(ImageError, match="first frame"):
        images.check(buffer.getvalue())
