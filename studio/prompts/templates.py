"""Prompts with gaps: ``A {animal} in the rain``, kept by name, filled by hand or by a table, carried as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from rivya.spec import BYTES_PER_MB, DEFAULT_MODEL
from studio.errors import TableError
from studio.i18n import N_
from studio.prompts import tables

MAX_TEMPLATES = 500
MAX_NAME_CHARACTERS = 80
MAX_FILE_BYTES = BYTES_PER_MB
MAX_PLACEHOLDER_CHARACTERS = 40
_BRACES = re.compile(rf"\{{\{{|\}}\}}|\{{([^{{}}]{{1,{MAX_PLACEHOLDER_CHARACTERS}}})\}}")
_JOINERS = "\u200c\u200d"
"""Bengali and Persian words hold them."""

_LIMITS = {"name": MAX_NAME_CHARACTERS, "text": DEFAULT_MODEL.max_prompt_characters}
_HEADINGS = {"name": "name", "text": "text", "prompt": "text"}


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt with gaps, and the name it is kept under."""

    name: str
    text: str


READY = (
    Template(N_("Product"), N_("A {product} turns slowly on a {surface}, soft studio light, slow push-in")),
    Template(N_("Dish of the day"), N_("Steam rises from {dish}, a hand sets it on a {table}, close-up, warm light")),
    Template(N_("Opening day"), N_("The door of {shop} opens in morning light, people walk in smiling, slow push-in")),
    Template(N_("Greeting"), N_("{flowers} sway in front of {place} at {time}, petals drift past, fixed camera")),
)
"""Ready ones for a small shop, as gettext keys, and so are their gaps."""

READY_GAPS = (
    N_("product"), N_("surface"), N_("dish"), N_("table"), N_("shop"), N_("flowers"), N_("place"), N_("time"),
)  # fmt: skip


def ready(translate: Callable[[str], str]) -> dict[str, str]:
    """Return the texts of the ready templates by name, gaps and all in the language of ``translate``."""
    gaps = {f"{{{gap}}}": f"{{{translate(gap)}}}" for gap in READY_GAPS}
    return {translate(each.name): _BRACES.sub(lambda gap: gaps[gap[0]], translate(each.text)) for each in READY}


class _Complaints(NamedTuple):
    """What can be wrong with one template, as gettext keys."""

    empty: str
    too_long: str
    unusable: str


_OF_LINE = _Complaints(
    N_("Line {line} has no {field}. Write one, or remove the line."),
    N_("Line {line}: {field} has {count} characters and at most {limit} are possible. Shorten it by {excess}."),
    N_("Line {line}: {field} holds a character that cannot be kept. Type it again instead of pasting it."),
)
_OF_ENTRY = _Complaints(
    N_("Entry {line} has no {field}. Write one, or remove the entry."),
    N_("Entry {line}: {field} has {count} characters and at most {limit} are possible. Shorten it by {excess}."),
    N_("Entry {line}: {field} holds a character that cannot be kept. Type it again instead of pasting it."),
)


def placeholders(text: str) -> list[str]:
    """List the names of the gaps in ``text``, each once, in their order. ``{{`` and ``}}`` are plain braces."""
    names = (_name(match) for match in _BRACES.finditer(text))
    return list(dict.fromkeys(name for name in names if name))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with its gaps filled; one whose value is missing or empty stays as it is.

    Values go in as they are: braces in them mean nothing. ``{{`` becomes ``{``, so fill a text once only.
    """

    def replacement(match: re.Match[str]) -> str:
        if match[0] in {"{{", "}}"}:
            return match[0][0]
        name = _name(match)
        return (values.get(name) if name else None) or match[0]

    return _BRACES.sub(replacement, text)


def to_csv(templates: Iterable[Template]) -> bytes:
    """Return a table with the columns ``name`` and ``text``: UTF-8 with a byte order mark, free of formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["name", "text"])
    writer.writerows([tables.harmless(template.name), tables.harmless(template.text)] for template in templates)
    return text.getvalue().encode("utf-8-sig", "replace")


def to_json(templates: Iterable[Template]) -> bytes:
    """Return a JSON list of objects with ``name`` and ``text``, as UTF-8."""
    listed = [asdict(template) for template in templates]
    return json.dumps(listed, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def parse(data: bytes, filename: str = "") -> list[Template]:
    """Read templates from CSV or JSON; of two with one name the later wins, in the place of the first.

    CSV needs the headings ``name`` and ``text`` (or ``prompt``), between commas, semicolons or tabs. JSON is a list of
    objects with these keys, ``{"templates": [...]}``, or one object of names and texts. The content decides which of
    the two it is; a ``filename`` that ends in ``.json`` only makes the complaint fit. Raises ``TableError``.
    """
    text = tables.decode(data, max_bytes=MAX_FILE_BYTES)
    is_json = filename.lower().endswith(".json") or text.lstrip().startswith(("[", "{"))
    entries, complaints = (_json_entries(text), _OF_ENTRY) if is_json else (_csv_entries(text), _OF_LINE)
    found: dict[str, Template] = {}
    for line, name, prompt in entries:
        template = Template(
            _checked("name", name, line, complaints).strip(), _checked("text", prompt, line, complaints)
        )
        found[template.name] = template
        if len(found) > MAX_TEMPLATES:
            raise TableError(
                N_("This file holds more than {limit} templates. Split it, or remove those that you do not need."),
                line=line,
                limit=MAX_TEMPLATES,
            )
    return list(found.values())


def _name(match: re.Match[str]) -> str | None:
    name = (match[1] or "").strip(" ")
    if any(character.isalnum() for character in name) and all(map(_may_name, name)):
        return name
    return None


def _may_name(character: str) -> bool:
    return character in " _-" or character in _JOINERS or unicodedata.category(character)[0] in "LMN"


def _csv_entries(text: str) -> Iterator[tuple[int, str, str]]:
    separator = tables.separator(text, lambda cell: _heading(cell) is not None)
    lines = tables.rows(text, separator or ",")
    columns = [_heading(cell) for cell in next(lines, (1, []))[1]]
    if not {"name", "text"} <= set(columns):
        raise TableError(
            N_("Line {line} must name the columns name and text. Write both words into the first line of the file."),
            line=1,
        )
    for line, cells in lines:
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise TableError(
                N_("Line {line} has more cells than the first line. Put a text with commas between quotation marks."),
                line=line,
            )
        row = dict(zip(columns, map(tables.restored, cells), strict=False))
        yield line, row.get("name", ""), row.get("text", "")


def _heading(cell: str) -> str | None:
    return _HEADINGS.get(cell.strip().casefold())


def _json_entries(text: str) -> Iterator[tuple[int, Any, Any]]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise TableError(
            N_("This is not JSON that can be read: look at line {line}. Save it again as JSON or CSV."), line=line
        ) from error
    if isinstance(content, dict) and isinstance(content.get("templates"), list):
        content = content["templates"]
    if isinstance(content, dict):
        yield from ((number, name, prompt) for number, (name, prompt) in enumerate(content.items(), 1))
        return
    for number, item in enumerate(content if isinstance(content, list) else [content], 1):
        named = {_heading(key): value for key, value in item.items()} if isinstance(item, dict) else {}
        yield number, named.get("name"), named.get("text")


def _checked(field: str, value: Any, line: int, complaints: _Complaints) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TableError(complaints.empty, line=line, field=field)
    count, limit = len(value.strip() if field == "name" else value), _LIMITS[field]
    if count > limit:
        raise TableError(complaints.too_long, line=line, field=field, count=count, limit=limit, excess=count - limit)
    if not tables.sendable(value):
        raise TableError(complaints.unusable, line=line, field=field)
    return value
