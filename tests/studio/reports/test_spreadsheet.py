"""Nothing that somebody wrote is run by a spreadsheet, and nothing of it is lost that a file can hold."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from studio.reports.spreadsheet import MOST_CELL_CHARACTERS, as_csv, as_xlsx

NAMES = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CELLS = st.one_of(
    st.text(), st.integers(-(10**9), 10**9), st.sampled_from(["=1+1", "+A1", "@x", "-2", "\t=1", "=cmd|' /C calc'!A0"])
)


def sheet(data: bytes) -> tuple[list[list[str]], ElementTree.Element]:
    """Read a workbook's cells back, by what the format itself says."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
            shared = ["".join(part.text or "" for part in each.iter(f"{NAMES}t")) for each in strings]
    rows = []
    for row in root.iter(f"{NAMES}row"):
        cells = []
        for cell in row:
            value = cell.findtext(f"{NAMES}v") or ""
            cells.append(shared[int(value)] if cell.get("t") == "s" else value)
        rows.append(cells)
    return rows, root


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5))
def test_a_workbook_has_no_formula_and_all_words(rows):
    """Text stays text, whatever it begins with; numbers are numbers."""
    cells, root = sheet(as_xlsx([["name", "count"], *rows]))
    assert root.find(f".//{NAMES}f") is None
    assert cells[0] == ["name", "count"]
    for row, read in zip(rows, cells[1:], strict=False):
        for cell, found in zip(row, read, strict=False):
            if isinstance(cell, int):
                assert float(found) == cell
            elif cell.isprintable():
                assert found == cell


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5))
def test_no_cell_of_a_csv_begins_a_formula(rows):
    for row in csv.reader(io.StringIO(as_csv(rows).decode("utf-8-sig"), newline="")):
        for cell in row:
            assert cell[:1] not in {"=", "+", "@", "\t", "\r"} or cell.lstrip("+-").isdigit()


def test_a_long_prompt_fits_a_cell():
    """Bengali, emoji, a NUL and more characters than Excel takes."""
    cells, _root = sheet(as_xlsx([["prompt"], ["নৌকা 🛶\0" + "x" * MOST_CELL_CHARACTERS]]))
    assert cells[1][0].startswith("নৌকা 🛶x")
    assert len(cells[1][0].encode("utf-16-le")) == 2 * MOST_CELL_CHARACTERS
