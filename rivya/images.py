"""What a reference image is, and how to make one fit.

``check`` accepts what Rivya takes, by content and not by name, and hands back a clean copy: upright, without
metadata (a phone writes the place into each photo). ``convert`` makes such a copy of anything else that Pillow reads.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageCms, ImageFilter, ImageOps, UnidentifiedImageError

from rivya.errors import N_, ImageError
from rivya.spec import BYTES_PER_MB, DEFAULT_MODEL, UploadSpec

MAX_PIXELS = 120_000_000
"""108-megapixel phones exist; a bomb of a few kilobytes unpacks to billions."""

MAX_FILE_BYTES = 50 * BYTES_PER_MB
CONVERTED_MAX_SIDE = 4096
JPEG_QUALITIES = (92, 85, 75, 60)

READ_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")
"""Pictures only: some of Pillow's other formats run programs."""

_MIME_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_EXTENSIONS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
_READ_ERRORS = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, MemoryError, RuntimeError, ArithmeticError,
    AttributeError, struct.error,
)  # fmt: skip
"""What decoders were seen to raise on 58,000 broken files."""


@dataclass(frozen=True, slots=True)
class ReferenceImage:
    """An image as it will be sent. ``width`` and ``height`` in pixels; ``original_bytes`` before any change."""

    data: bytes
    mime_type: str
    width: int
    height: int
    original_format: str
    original_bytes: int

    @property
    def extension(self) -> str:
        """The file ending that belongs to the content: ``.jpg``, ``.png`` or ``.webp``."""
        return _EXTENSIONS[self.mime_type]


def check(data: bytes, upload: UploadSpec = DEFAULT_MODEL.upload) -> ReferenceImage:
    """Return ``data`` as it may be sent to Rivya: upright and without metadata.

    Costs one decode and, unless the pixels are lossless, one gentle encode. Raises ``ImageError`` with the limit and
    the remedy; its ``convertible`` says whether ``convert`` can help.
    """
    image, original_format = _open(data)
    mime_type = _MIME_TYPES.get(original_format, "")
    if getattr(image, "n_frames", 1) > 1 and original_format not in {"MPO", "TIFF"}:
        raise ImageError(
            N_("This picture moves and Rivya takes still images. Its first frame can be sent."), convertible=True
        )
    if mime_type not in upload.mime_types:
        raise ImageError(
            N_("This is a {format} file and Rivya takes JPEG, PNG or WebP. It can be sent as a JPEG copy."),
            convertible=True,
            format=original_format,
        )
    if len(data) > upload.max_bytes:
        raise _too_large(len(data), upload)
    if image.mode == "CMYK":
        raise ImageError(
            N_("This picture is made for print (CMYK). It can be sent as a copy with screen colours."), convertible=True
        )
    cleaned = _encode(_upright(image), mime_type, quality=95)
    if len(cleaned) > upload.max_bytes:
        raise _too_large(len(cleaned), upload)
    return _described(cleaned, mime_type, original_format, len(data))


def describe(data: bytes) -> ReferenceImage:
    """Return a picture that was checked before, byte for byte as it is. Raises ``ImageError`` if it is none now."""
    image, original_format = _open(data)
    mime_type = _MIME_TYPES.get(original_format)
    if mime_type is None:
        raise ImageError(N_("The reference image is no longer what it was. Add it again."))
    return ReferenceImage(data, mime_type, image.width, image.height, original_format, len(data))


def fit(image: ReferenceImage, ratio: float, *, crop: bool) -> ReferenceImage:
    """Return ``image`` in the shape ``ratio`` (width over height): its middle, or whole on a blur of itself."""
    picture = _open(image.data)[0].convert("RGB")
    width, height = picture.size
    if crop:
        size = (min(width, round(height * ratio)), min(height, round(width / ratio)))
        fitted = ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
    else:
        size = (max(width, round(height * ratio)), max(height, round(width / ratio)))
        ground = ImageOps.fit(picture, (max(size[0] // 8, 1), max(size[1] // 8, 1))).filter(ImageFilter.GaussianBlur(6))
        fitted = ground.resize(size, Image.Resampling.BICUBIC)
        fitted.paste(picture, ((size[0] - width) // 2, (size[1] - height) // 2))
    encoded = _encode(fitted, "image/jpeg", quality=92)
    return _described(encoded, "image/jpeg", image.original_format, image.original_bytes)


def cut(image: ReferenceImage, box: tuple[float, float, float, float]) -> ReferenceImage:
    """Return the part of ``image`` in ``box``: left, top, width and height as shares 0..1 of the picture."""
    picture = _open(image.data)[0].convert("RGB")
    left, top, width, height = box
    across, down = picture.size
    edges = (round(left * across), round(top * down), round((left + width) * across), round((top + height) * down))
    part = picture.crop((max(edges[0], 0), max(edges[1], 0), min(edges[2], across), min(edges[3], down)))
    if not all(part.size):
        raise ImageError(N_("Nothing of the picture lies in the frame. Move the frame over it."))
    encoded = _encode(part, "image/jpeg", quality=92)
    return _described(encoded, "image/jpeg", image.original_format, image.original_bytes)


def convert(data: bytes, upload: UploadSpec = DEFAULT_MODEL.upload) -> ReferenceImage:
    """Make a JPEG copy that fits: first frame, upright, sRGB, at most 4096 px a side and ``upload.max_bytes``.

    Raises ``ImageError`` when the file cannot be read at all.
    """
    image, original_format = _open(data)
    picture = _flattened(_upright(image))
    picture.thumbnail((CONVERTED_MAX_SIDE, CONVERTED_MAX_SIDE), Image.Resampling.LANCZOS)
    while True:
        for quality in JPEG_QUALITIES:
            encoded = _encode(picture, "image/jpeg", quality=quality)
            if len(encoded) <= upload.max_bytes:
                return _described(encoded, "image/jpeg", original_format, len(data))
        picture = picture.reduce(2)


def _open(data: bytes) -> tuple[Image.Image, str]:
    if not data:
        raise ImageError(N_("This file is empty (0 bytes). Choose the picture again."))
    if len(data) > MAX_FILE_BYTES:
        raise ImageError(
            N_("This file has {size_mb} MB and at most {limit_mb} MB can be read here. Choose a smaller picture."),
            size_mb=round(len(data) / BYTES_PER_MB, 1),
            limit_mb=MAX_FILE_BYTES // BYTES_PER_MB,
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=_readable())
            if image.width * image.height > MAX_PIXELS:
                raise ImageError(
                    N_("This picture has {width} × {height} pixels, more than can be opened here. Use a smaller copy."),
                    width=image.width,
                    height=image.height,
                )
            image.load()
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ImageError(N_("This file is not a picture that can be read. Choose a JPEG, PNG or WebP file.")) from error
    except _READ_ERRORS as error:
        raise ImageError(N_("This picture is damaged or cut short. Choose the original file again.")) from error
    return image, image.format or "?"


@cache
def _readable() -> tuple[str, ...]:
    from pillow_heif import register_heif_opener  # noqa: PLC0415 - 30 ms that only pictures pay

    register_heif_opener()
    Image.init()
    return tuple(name for name in READ_FORMATS if name in Image.OPEN)


def _turned(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except _READ_ERRORS:
        return image


def _upright(image: Image.Image) -> Image.Image:
    turned = _turned(image)
    profile = image.info.get("icc_profile")
    if not profile:
        return turned
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if turned.mode in {"RGBA", "LA", "PA"} else "RGB"
        pixels = turned if turned.mode in {"RGB", "RGBA", "CMYK"} else turned.convert(mode)
        managed = ImageCms.profileToProfile(pixels, source, ImageCms.createProfile("sRGB"), outputMode=mode)
        return managed or turned
    except (ImageCms.PyCMSError, *_READ_ERRORS):
        return turned


def _flattened(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA", "P"} or "transparency" in image.info:
        layers = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers).convert("RGB")
    if image.mode.startswith(("I", "F")):
        lowest, highest = (float(value) for value in image.getextrema()[:2])  # type: ignore[arg-type]
        scale = 255.0 / max(highest - lowest, 1.0)
        return image.convert("F").point(lambda value: (value - lowest) * scale).convert("L").convert("RGB")
    return image.convert("RGB")


def _encode(image: Image.Image, mime_type: str, *, quality: int) -> bytes:
    buffer = io.BytesIO()
    if mime_type == "image/jpeg":
        picture = _bare(image if image.mode in {"RGB", "L"} else _flattened(image))
        picture.save(buffer, "JPEG", quality=quality, subsampling=0 if quality > 90 else 2, optimize=True)
    elif mime_type == "image/png":
        _bare(image).save(buffer, "PNG")
    else:
        _bare(image).save(buffer, "WEBP", quality=quality, method=4)
    return buffer.getvalue()


def _bare(image: Image.Image) -> Image.Image:
    """Return nothing but the pixels: Pillow's writers take comments and profiles along from where a picture came."""
    pixels = image.convert("RGBA") if image.mode == "P" or "transparency" in image.info else image
    return Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())


def _described(data: bytes, mime_type: str, original_format: str, original_bytes: int) -> ReferenceImage:
    with Image.open(io.BytesIO(data)) as image:
        return ReferenceImage(data, mime_type, image.width, image.height, original_format, original_bytes)


def _too_large(size: int, upload: UploadSpec) -> ImageError:
    return ImageError(
        N_("This picture has {size_mb} MB and Rivya takes at most {limit_mb} MB. A smaller copy can be sent."),
        convertible=True,
        size_mb=round(size / BYTES_PER_MB + 0.049, 1),
        limit_mb=upload.max_bytes // BYTES_PER_MB,
    )
