"""A table out of a person's file: whatever separator and Unicode encoding a spreadsheet chose, each row with its line.

And the way back: a cell that a spreadsheet would run as a formula leaves with an apostrophe and loses it on return.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from rivya.spec import BYTES_PER_MB
from studio.errors import TableError
from studio.i18n import N_

ONE_COLUMN = "\x1f"
"""A separator that nobody types: in a table of one column, commas belong to the text."""

SEPARATORS = (ONE_COLUMN, ",", ";", "\t")
_FORMULA = re.compile(r"[\s']*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r\n]")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes, *, max_bytes: int) -> str:
    """Return the text of a file: UTF-8 with or without byte order mark, or UTF-16 with one.

    Raises ``TableError`` when it has more than ``max_bytes`` or is no such text.
    """
    if len(data) > max_bytes:
        raise TableError(
            N_("This file has {size_mb} MB and at most {limit_mb} MB can be read. Split it into smaller files."),
            size_mb=round(len(data) / BYTES_PER_MB + 0.049, 1),
            limit_mb=max_bytes // BYTES_PER_MB,
        )
    try:
        return data.decode("utf-16" if data.startswith(_UTF16_MARKS) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(
            N_("This file is not plain text. Save it as CSV UTF-8 or JSON and choose it again.")
        ) from error


def separator(text: str, is_known: Callable[[str], bool]) -> str | None:
    """Return what stands between the cells of the first row, ``None`` when no cell of it ``is_known`` as a heading."""
    beginning = text.lstrip("\r\n")
    found: dict[str, tuple[int, int]] = {}
    for candidate in SEPARATORS:
        try:
            _, cells = next(rows(beginning, candidate), (1, []))
        except TableError:
            continue
        found[candidate] = (sum(map(is_known, cells)), len(cells))
    best = max(found, key=found.__getitem__, default=ONE_COLUMN)
    return best if found.get(best, (0, 0))[0] else None


def rows(text: str, separated_by: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with the line on which it starts, counted from 1.

    Raises ``TableError`` where quotation marks do not pair up: guessing would glue rows together.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separated_by, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise TableError(
                N_(
                    "The quotation marks from line {line} on do not pair up. "
                    "Put the whole cell between two and write each one inside it twice."
                ),
                line=line,
            ) from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def harmless(cell: str) -> str:
    """Return ``cell`` as text that no spreadsheet runs as a formula; ``restored`` takes it back."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """Return the cell that ``harmless`` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def sendable(text: str) -> bool:
    """Whether a database and Rivya can hold ``text``: no NUL and no half of a character."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def written(table: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV text that ``rows`` reads back, with commas."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(table)
    return buffer.getvalue()
