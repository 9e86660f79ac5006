"""Typing into an .xlsx workbook the way a person's Excel does it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date, datetime, time

from openpyxl import load_workbook
from openpyxl.cell import Cell as OpenpyxlCell
from openpyxl.worksheet.worksheet import Worksheet

from cchc_sheets.reading import Raw, SheetReading, WorkbookReading
from cchc_sheets.workspace.port import Typing
from cchc_sheets.workspace.xlsx_writing import packed, saved_parts

_SAVED_AT = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_SAVED = rb"\g<1>2000-01-01T00:00:00Z"


def typed_into(content: bytes, reading: WorkbookReading, entries: Typing) -> bytes:
    """Return the workbook that `reading` was read from, with `entries` typed into it, and saved.

    The same typing gives the same bytes. Raises KeyError for a sheet, row or column that is not there.
    """
    book = load_workbook(io.BytesIO(content), rich_text=True)
    for key, rows in entries.items():
        sheet = reading.sheet(key)
        if sheet is None:
            raise KeyError(key)
        _type_into_sheet(book[sheet.title], sheet, rows)
    parts = saved_parts(book)
    parts["docProps/core.xml"] = _SAVED_AT.sub(_SAVED, parts["docProps/core.xml"])
    return packed(parts)


def _type_into_sheet(target: Worksheet, sheet: SheetReading, rows: Mapping[str, Mapping[str, Raw]]) -> None:
    numbers = {row.key: row.number for row in reversed(sheet.rows)}
    for row, values in rows.items():
        for column, value in values.items():
            cell = target[f"{sheet.columns[column]}{numbers[row]}"]
            assert isinstance(cell, OpenpyxlCell)  # noqa: S101 - no input lies inside a merged range
            _type(cell, value)


def _type(cell: OpenpyxlCell, value: Raw) -> None:
    shown_as = cell.number_format
    cell.value = value if value != "" else None
    if not isinstance(value, datetime | date | time):
        cell.number_format = shown_as
