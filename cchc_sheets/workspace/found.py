"""What was found in a workbook under its addresses, and from there to what it says under its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cchc_sheets.layouts.workbook import STAMP
from cchc_sheets.reading import BLANK, Cell, Raw, RowReading, SheetReading, WorkbookReading
from cchc_sheets.workspace.port import Typing

UNKNOWN: Final = "+"
"""Begins the name of a column that has no key, or the key of a column before it."""


Spot = tuple[int, str]
"""A cell by row number and column letter."""


@dataclass(slots=True)
class FoundRow:
    """One row as it stands in a sheet: its cells by column letter."""

    number: int
    cells: dict[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundSheet:
    """One sheet: the name on its tab, and the rows that hold anything, from top to bottom.

    `is_open` tells of a cell (row number, column letter) whether people may type into it; None if a program saved
    the workbook without its locks, so that nobody can tell. `merged` are the ranges (`B2:B40`) that were made one
    cell, of which only the first holds anything; only the reader of .xlsx files tells.
    """

    title: str
    rows: tuple[FoundRow, ...]
    is_open: Callable[[int, str], bool] | None = None
    merged: tuple[str, ...] = ()


def reading_of(
    sheets: Iterable[FoundSheet],
    version: str,
    modified: datetime,
    *,
    is_closed: bool = False,
    copies: tuple[str, ...] = (),
) -> WorkbookReading:
    """Return the reading of what was found: the stamped sheets by keys, the other tabs by name.

    `copies` are the names of those others that the adapter knows to be copies of ours.
    """
    stamped: list[SheetReading] = []
    strays: list[str] = []
    for sheet in sheets:
        place = stamp_place(sheet)
        if place is None:
            strays.append(sheet.title)
        else:
            stamped.append(_sheet_reading(sheet, *place))
    return WorkbookReading(version, modified, tuple(stamped), tuple(strays), is_closed, copies)


def told_cells(sheet: SheetReading, texts: Mapping[str, Mapping[str, str]]) -> dict[Spot, Cell]:
    """Return the cells to write where the sheet has a place for them; `texts` by row key and column key."""
    numbers = _numbers(sheet)
    return {
        (numbers[row], sheet.columns[column]): Cell(words)
        for row, columns in texts.items()
        for column, words in columns.items()
        if row in numbers and column in sheet.columns
    }


def typed_cells(reading: WorkbookReading, entries: Typing) -> Iterator[tuple[SheetReading, dict[Spot, Cell]]]:
    """Yield what a person's typing makes of each sheet's cells. Raises KeyError for a place that is not there."""
    for key, rows in entries.items():
        sheet = reading.sheet(key)
        if sheet is None:
            raise KeyError(key)
        numbers = _numbers(sheet)
        yield (
            sheet,
            {
                (numbers[row], sheet.columns[column]): _as_typed(value)
                for row, values in rows.items()
                for column, value in values.items()
            },
        )


def _numbers(sheet: SheetReading) -> dict[str, int]:
    """Return the number of each row key; of copies the first."""
    return {row.key: row.number for row in reversed(sheet.rows)}


def _as_typed(value: Raw) -> Cell:
    if value == "":
        return BLANK
    return Cell(formula=value) if isinstance(value, str) and value.startswith("=") else Cell(value)


def stamp_place(sheet: FoundSheet) -> tuple[FoundRow, str] | None:
    """Return the row and the column letter of the stamp; None if the sheet carries none.

    It is A1 unless somebody inserted rows above or columns before it.
    """
    for row in sheet.rows:
        for name, cell in row.cells.items():
            if isinstance(cell.value, str) and cell.value.split(" ", 1)[0] == STAMP:
                return row, name
    return None


def _sheet_reading(sheet: FoundSheet, stamp: FoundRow, keys: str) -> SheetReading:
    _, key, cycle, unit = [*stamp.cells[keys].text.split(), "", "", ""][:4]
    names: dict[str, str] = {}
    for name, cell in stamp.cells.items():
        if name != keys and cell.text.strip() and cell.text.strip() not in names.values():
            names[name] = cell.text.strip()
    rows = tuple(_row_readings(sheet, stamp, keys, names))
    columns = {column: name for name, column in names.items()}
    return SheetReading(key, sheet.title, cycle, unit, columns, rows)


def _row_readings(sheet: FoundSheet, stamp: FoundRow, keys: str, names: dict[str, str]) -> Iterator[RowReading]:
    """Yield the rows; a column without a key, or with one already taken, gets its letter after a `+`."""
    for row in sheet.rows:
        if row is stamp:
            continue
        cells = {}
        for name, cell in row.cells.items():
            if name != keys:
                cells[names.setdefault(name, f"{UNKNOWN}{name}")] = cell
        key = row.cells[keys].text.strip() if keys in row.cells else ""
        yield RowReading(key, row.number, cells)
