"""Many clips from one paste: a prompt a line, or a table that fills a template and sets what each clip differs in.

Each clip costs credits, so nothing is guessed: what cannot be read is a problem with its line, never a cut prompt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rivya.errors import RivyaError
from rivya.models import find_problems
from rivya.spec import BYTES_PER_MB, DEFAULT_MODEL, SEED_RANDOM
from studio.errors import TableError
from studio.i18n import N_
from studio.prompts import tables
from studio.prompts.templates import fill, placeholders

MAX_ROWS = 200
MAX_FILE_BYTES = 10 * BYTES_PER_MB
"""200 prompts of 10,000 characters have at most 8 MB."""

_PROMPT = "prompt"
_KEYS = {param.key for param in DEFAULT_MODEL.params}
_SWITCHES = {param.key for param in DEFAULT_MODEL.params if set(param.options) == {"true", "false"}}
_ALIASES = {
    "camera_fixed": ("Fixed camera", "স্থির ক্যামেরা"),
    "enable_safety_checker": ("Safety checker", "নিরাপত্তা যাচাই"),
    "aspect_ratio": ("Aspect", "Ratio", "অ্যাসপেক্ট রেশিও"),
    "duration": ("Duration (s)", "Duration seconds", "সময়কাল"),
    "resolution": ("রেজোলিউশন",),
    "seed": ("সিড",),
    _PROMPT: ("প্রম্পট",),
}
_ON = {"on", "yes", "y", "true", "1", "চালু", "হ্যাঁ"}
_OFF = {"off", "no", "n", "false", "0", "বন্ধ", "না"}
_NUMBERS = {
    "duration": re.compile(r"(\d{1,4})(?:\.0+)?\s*(?:s|secs?|seconds?|সেকেন্ড)?\.?"),
    "resolution": re.compile(r"(\d{1,4})(?:\.0+)?\s*p?"),
    "seed": re.compile(r"([+-]?\d{1,12})(?:\.0+)?"),
}
_LINE_END = re.compile(r"\r\n|\r|\n")
_RATIO = re.compile(r"(\d{1,2})\s*[:/x×]\s*(\d{1,2})(?::00)?")
"""A spreadsheet takes 16:9 for a time of day and may write 16:09:00."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A clip that can be made: the line it starts on, counted from 1, its whole prompt and all its settings.

    ``chosen`` are the settings that its own cells give.
    """

    line: int
    prompt: str
    params: dict[str, str | int]
    chosen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BatchProblem:
    """Why the row that starts on ``line`` cannot be made."""

    line: int
    error: RivyaError


@dataclass(frozen=True, slots=True)
class Batch:
    """What can be made and what cannot. ``ignored_columns`` are headings that no row had a use for."""

    rows: tuple[BatchRow, ...]
    problems: tuple[BatchProblem, ...]
    ignored_columns: tuple[str, ...] = ()


class _Column(NamedTuple):
    """A heading as it was written, its ``key`` for gaps, and its ``meaning``: ``prompt``, a setting, or the key."""

    heading: str
    key: str
    meaning: str


@dataclass(frozen=True, slots=True)
class _Draft:
    """A row as it was read: its text with gaps, ``values`` by key, and the headings that it has no use for."""

    line: int
    text: str
    values: Mapping[str, str]
    settings: Mapping[str, str | int] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


def parse_batch(text_or_bytes: str | bytes, *, template: str = "", defaults: Mapping[str, str | int]) -> Batch:
    """Read at most 200 clips from lines or from a table. Nothing raises: what is wrong is in ``problems``.

    It is a table (of commas, semicolons or tabs) when its first line names ``prompt``, a gap of ``template``, or a
    setting beside another column. Its columns fill the gaps of ``template``, or of the row's own prompt when the
    template has none, and override ``defaults``; settings alone repeat a template without gaps. Otherwise each line
    is a prompt, or fills the one gap of ``template``. Plain braces in a prompt are written ``{{`` and ``}}``.
    """
    rows: list[BatchRow] = []
    problems: list[BatchProblem] = []
    unused: list[str] = []
    try:
        for count, draft in enumerate(_drafts(_decoded(text_or_bytes), template), 1):
            if count > MAX_ROWS:
                return Batch((), (BatchProblem(draft.line, _too_many(draft.line)),))
            if isinstance(draft, BatchProblem):
                problems.append(draft)
                continue
            row, errors = _checked(draft, {**DEFAULT_MODEL.defaults, **defaults, **draft.settings})
            problems += [BatchProblem(draft.line, error) for error in errors]
            rows += [] if errors else [row]
            unused = [heading for heading in draft.unused if count == 1 or heading in unused]
    except TableError as error:
        problems.append(BatchProblem(error.line or 1, error))
    return Batch(tuple(rows), tuple(problems), tuple(unused))


def _decoded(given: str | bytes) -> str:
    text = given if isinstance(given, str) else tables.decode(given, max_bytes=MAX_FILE_BYTES)
    return text.removeprefix("\ufeff")


def cells_of(text_or_bytes: str | bytes, *, template: str = "") -> tuple[list[str], dict[int, list[str]]] | None:
    """Return the headings of a table and its rows by their lines, so that a cell can be mended where it stands.

    ``None`` for plain lines, and for what cannot be read as a table at all.
    """
    try:
        found = _table(_decoded(text_or_bytes), template)
        if found is None:
            return None
        _line, columns, table = found
        rows = {line: [*cells, *[""] * (len(columns) - len(cells))] for line, cells in table}
    except TableError:
        return None
    return [column.heading for column in columns], rows


def rest_of(text_or_bytes: str | bytes, lines: Collection[int], *, template: str = "") -> str:
    """Return what remains of a list when only these ``lines`` stay: a table keeps its headings."""
    if not lines:
        return ""
    found = cells_of(text_or_bytes, template=template)
    if found:
        headings, rows = found
        return tables.written([headings, *(cells for line, cells in rows.items() if line in lines)])
    numbered = enumerate(_LINE_END.split(_decoded(text_or_bytes)), 1)
    return "\n".join(text for line, text in numbered if line in lines)


def _table(text: str, template: str) -> tuple[int, list[_Column], Iterator[tuple[int, list[str]]]] | None:
    """Return the line of the headings, the columns, and the rows below; ``None`` when the text is no table."""
    gaps = {_key(name) for name in placeholders(template)}
    separator = tables.separator(text, lambda cell: _key(cell) in gaps or _column(cell).meaning in {_PROMPT, *_KEYS})
    if not separator:
        return None
    table = tables.rows(text, separator)
    line, headings = next(table)
    columns = [_column(cell) for cell in headings]
    named = {column.meaning for column in columns if column.key}
    is_table = _PROMPT in named or gaps & {column.key for column in columns} or (named & _KEYS and len(named) > 1)
    return (line, columns, table) if is_table else None


def _drafts(text: str, template: str) -> Iterator[_Draft | BatchProblem]:
    found = _table(text, template)
    if found is None:
        yield from _of_lines(text, template)
        return
    line, columns, table = found
    _refuse_doubles(columns, line)
    yield from _of_table(line, table, columns, template)


def _of_table(
    heading_line: int, table: Iterator[tuple[int, list[str]]], columns: list[_Column], template: str
) -> Iterator[_Draft | BatchProblem]:
    line = heading_line
    for line, cells in table:
        yield _of_row(line, cells, columns, template)
    if line == heading_line:
        raise TableError(
            N_("Line {line} names the columns and nothing follows it. Write one row for each clip below."), line=line
        )


def _of_lines(text: str, template: str) -> Iterator[_Draft]:
    names = placeholders(template)
    for line, prompt in enumerate(map(str.strip, _LINE_END.split(text)), 1):
        if not prompt:
            continue
        if len(names) > 1:
            raise TableError(
                N_(
                    "The template has {count} gaps ({gaps}) and a line can fill only one. "
                    "Write their names into a first line, with commas between, and the values below."
                ),
                line=line,
                count=len(names),
                gaps=_braced(names),
            )
        yield _Draft(line, template, {_key(names[0]): prompt}) if names else _Draft(line, prompt, {})


def _of_row(line: int, cells: list[str], columns: list[_Column], template: str) -> _Draft | BatchProblem:
    headed = [column.key for column in columns]
    if any(cell.strip() and not key for cell, key in zip(cells, headed + [""] * len(cells), strict=False)):
        error = TableError(
            N_(
                "Line {line} has a cell that no heading stands above. "
                "Put a text with commas between quotation marks, or give the column a name."
            ),
            line=line,
        )
        return BatchProblem(line, error)
    given = [(column, tables.restored(cell).strip()) for column, cell in zip(columns, cells, strict=False)]
    values = {column.meaning: value for column, value in given} | {column.key: value for column, value in given}
    fills_template = bool(placeholders(template)) or _PROMPT not in {column.meaning for column in columns}
    text = template if fills_template else values.get(_PROMPT, "")
    used = {_key(name) for name in placeholders(text)} | _KEYS | (set() if fills_template else {_PROMPT})
    unused = tuple(c.heading for c in columns if c.key and not {c.key, c.meaning} & used)
    settings = {c.meaning: _setting(c.meaning, value) for c, value in given if c.meaning in _KEYS and value}
    return _Draft(line, text, values, settings, unused)


def _checked(draft: _Draft, params: dict[str, str | int]) -> tuple[BatchRow, list[RivyaError]]:
    values = {name: draft.values.get(_key(name), "") for name in placeholders(draft.text)}
    missing = [name for name, value in values.items() if not value]
    errors: list[RivyaError] = []
    if missing:
        message = N_("Line {line} leaves {gaps} open. Give each a value, or take it out of the prompt.")
        errors.append(TableError(message, line=draft.line, field=_PROMPT, gaps=_braced(missing)))
    prompt = fill(draft.text, values)
    return BatchRow(draft.line, prompt, params, frozenset(draft.settings)), [*errors, *find_problems(prompt, params)]


def _column(heading: str) -> _Column:
    key = _key(heading)
    return _Column(heading.strip(), key, _MEANINGS.get(key, key))


def _refuse_doubles(columns: list[_Column], line: int) -> None:
    meanings = [column.meaning for column in columns if column.key]
    for column in columns:
        if meanings.count(column.meaning) > 1:
            raise TableError(
                N_("Line {line} names the column {field} twice. Remove one of the two."),
                line=line,
                field=column.heading,
            )


def _key(name: str) -> str:
    """Return what is the same in ``Aspect ratio``, ``aspect_ratio`` and ``ASPECT-RATIO``."""
    return "_".join(re.findall(r"[^\s_()-]+", unicodedata.normalize("NFC", name).casefold()))


_MEANINGS = {key: key for key in _KEYS | {_PROMPT}}
_MEANINGS |= {_key(alias): key for key, aliases in _ALIASES.items() for alias in aliases}


def _setting(key: str, cell: str) -> str | int:
    """Return the value as the wire spells it; what is not understood comes back as it is, to be complained about."""
    text = cell.casefold()
    if key in _SWITCHES:
        return "true" if text in _ON else "false" if text in _OFF else cell
    if key == "aspect_ratio":
        ratio = _RATIO.fullmatch(text)
        return f"{int(ratio[1])}:{int(ratio[2])}" if ratio else cell
    number = _NUMBERS[key].fullmatch(text)
    if key == "seed":
        return int(number[1]) if number else SEED_RANDOM if text == "random" else cell
    return f"{int(number[1])}{'p' if key == 'resolution' else ''}" if number else cell


def _braced(names: list[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _too_many(line: int) -> TableError:
    return TableError(
        N_("At most {limit} clips can be made at once, and line {line} is one more. Split the list."),
        line=line,
        limit=MAX_ROWS,
    )
