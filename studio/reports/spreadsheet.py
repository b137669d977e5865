"""Rows as a file for a spreadsheet, CSV or XLSX, of which no cell is ever run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from studio.prompts import tables

Rows = Sequence[Sequence[object]]
MOST_CELL_CHARACTERS = 32_767
"""As much as a cell of Excel holds; a prompt is at most 10,000."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def as_csv(rows: Rows) -> bytes:
    """Return UTF-8 CSV that a spreadsheet opens as it is (with a byte order mark)."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(
        [tables.harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Rows) -> bytes:
    """Return a workbook with one sheet: its first row in bold and in place, numbers as numbers, all else as text."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - 40 ms, and only when somebody asks for one

    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        head = book.add_format({"bold": True})
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, (int, float)):
                    sheet.write_number(line, column, cell)
                else:
                    words = _NOT_IN_XML.sub("", str(cell or ""))[:MOST_CELL_CHARACTERS]
                    sheet.write_string(line, column, words, head if line == 0 else None)
    return buffer.getvalue()
