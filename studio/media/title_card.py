"""A picture with a title on it, in letters that this machine can draw.

Pillow's own font knows English letters only and the studio's Bengali font Bengali ones only, so each letter is drawn
with the first font that has it. The Bengali font is WOFF2, which FreeType reads only when it was built with Brotli
(Pillow's wheels are); where it was not, Bengali needs a font of the system, or is refused in words.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from studio.errors import VideoError
from studio.i18n import N_

MAX_CHARACTERS = 160
"""More does not stay readable for two and a half seconds."""

BACKGROUND = "#171614"
INK = "#efece7"

_BENGALI_FONT = Path(__file__).parent / "fonts" / "NotoSansBengali-Regular.woff2"
_SYSTEM_FONTS = ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "arial.ttf", "Arial Unicode.ttf", "Nirmala.ttf")
_JOINERS = "\u200c\u200d"
_VARIANTS = "\ufe0e\ufe0f"
_NO_CHARACTER = "\uffff"
_SMALLEST_POINTS = 4
_LINE_HEIGHT = 1.45

_Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class _Block:
    lines: tuple[str, ...]
    points: int

    @property
    def line_pixels(self) -> int:
        return round(self.points * _LINE_HEIGHT)


def draw(title: str, credit: str, width: int, height: int) -> Image.Image:
    """Draw ``title`` in the middle and ``credit`` small at the foot of a dark picture of that size in pixels.

    Long texts are wrapped and made smaller until they fit. Raises ``VideoError`` for more than 160 characters and for
    letters that no font here has.
    """
    card = Image.new("RGB", (width, height), BACKGROUND)
    short = min(width, height)
    block = _fitted(_checked(title, "title"), (width * 0.84, height * 0.62), short * 0.1)
    _write(card, block, (height - len(block.lines) * block.line_pixels) // 2)
    small = _fitted(_checked(credit, "credit"), (width * 0.84, height * 0.12), short * 0.045)
    _write(card, small, height - len(small.lines) * small.line_pixels - round(short * 0.04))
    return card


def _checked(text: str, field: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise VideoError(
            N_("The {field} has {count} characters and at most {limit} fit on its card. Shorten it."),
            field=field,
            count=len(text),
            limit=MAX_CHARACTERS,
        )
    words = " ".join("".join(c for c in text if not _is_invisible(c)).split())
    missing = dict.fromkeys(c for c in words if c != " " and c not in _JOINERS and _font_for(c) is None)
    if missing:
        raise VideoError(
            N_("The {field} has characters that cannot be drawn here: {characters}. Write it without them."),
            field=field,
            characters=" ".join(missing),
        )
    return words


def _fitted(text: str, box: tuple[float, float], points: float) -> _Block:
    size = max(round(points), _SMALLEST_POINTS)
    while True:
        block = _Block(tuple(_wrapped(text, box[0], size)), size)
        high = len(block.lines) * block.line_pixels
        fits = high <= box[1] and all(_length(line, size) <= box[0] for line in block.lines)
        if fits or size <= _SMALLEST_POINTS:
            return block
        size = max(min(size - 1, round(size * 0.92)), _SMALLEST_POINTS)


def _wrapped(text: str, width: float, points: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and _length(f"{lines[-1]} {word}", points) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _write(card: Image.Image, block: _Block, top: int) -> None:
    pen = ImageDraw.Draw(card)
    for number, line in enumerate(block.lines):
        x = (card.width - _length(line, block.points)) / 2
        baseline = top + number * block.line_pixels + block.points * 1.05
        for index, run in _runs(line):
            font = _fonts(block.points)[index]
            pen.text((x, baseline), run, fill=INK, font=font, anchor="ls")
            x += font.getlength(run)


def _length(text: str, points: int) -> float:
    return sum(_fonts(points)[index].getlength(run) for index, run in _runs(text))


def _runs(text: str) -> list[tuple[int, str]]:
    """Split into stretches of one font each; spaces and joiners stay with what stands before them."""
    chosen: list[tuple[int, str]] = []
    for character in text:
        before = chosen[-1][0] if chosen else 0
        stays = character in _JOINERS
        chosen.append((before if stays else _font_for(character) or 0, character))
    return [(index, "".join(c for _, c in run)) for index, run in groupby(chosen, key=lambda pair: pair[0])]


def _is_invisible(character: str) -> bool:
    kind = unicodedata.category(character)
    return (
        kind in {"Cc", "Cf", "Cs"} and not character.isspace() and character not in _JOINERS
    ) or character in _VARIANTS


@cache
def _font_for(character: str) -> int | None:
    for index, font in enumerate(_fonts(40)):
        if character == " " or _has(font, character):
            return index
    return None


def _has(font: _Font, character: str) -> bool:
    try:
        return _picture(font, character) != _picture(font, _NO_CHARACTER)
    except (ValueError, UnicodeError):  # the shaping library gives up on some that have no form of their own
        return False


def _picture(font: _Font, character: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(character)
    return mask.size, bytes(mask)


@cache
def _fonts(points: int) -> tuple[_Font, ...]:
    """Pillow's own font first, then the studio's Bengali one, then what the system has."""
    found = [ImageFont.load_default(points)]
    for name in (str(_BENGALI_FONT), *_SYSTEM_FONTS):
        try:
            found.append(ImageFont.truetype(name, points))
        except OSError:
            continue
    return tuple(font for font in found if isinstance(font, _Font))
