"""What was found in a workbook: raw cells under their keys, before anybody interprets them.

A reading is recorded in the ledger as it is and can be restored from there, so everything computed later can be
computed again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

Raw = str | Decimal | bool | datetime | date | time


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as read. A cell in which nothing was typed is no `Cell` at all.

    Attributes:
        value: text, exact number, truth value or date; None if the cell holds only a formula, an error or a note.
        formula: the formula's text with its `=`; its result is never read.
        error: an error value such as `#REF!`.
        percent: the number is shown with a percent sign (the cell shows 50 % where `value` is 0.5).
        links: every address that the cell links to, in reading order.
        note: the comment attached to the cell.
    """

    value: Raw | None = None
    formula: str = ""
    error: str = ""
    percent: bool = False
    links: tuple[str, ...] = ()
    note: str = ""

    @property
    def text(self) -> str:
        """The value as text; empty if there is none."""
        return "" if self.value is None else str(self.value)


BLANK: Final = Cell()
"""What a cell reads as in which nothing was typed, where a place for it is needed."""

_LARGEST_EXPONENT: Final = 400  # a double ends at 308
_LONGEST_NUMBER: Final = 1_000
_RECORDED: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:E[+-]?[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class RowReading:
    """One row: its hidden key (empty if it has none), its number on the sheet, its cells by column key."""

    key: str
    number: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class SheetReading:
    """One sheet that carries our stamp.

    Attributes:
        key: the sheet key of the stamp, e.g. `self_assessment`.
        title: the name on the tab, as people see it now.
        columns: the letter of each column key, for naming cells to people. A column without a key, or with the
            key of a column before it, goes by `+` and its letter (`+N`), so that nothing typed is lost.
        rows: the rows that hold anything, from top to bottom; rows without a key included. The key of our own
            banner and heading rows begins with `@` (`@1`, `@headings`); only rows that people inserted have none.
    """

    key: str
    title: str
    cycle: str
    unit: str
    columns: Mapping[str, str]
    rows: tuple[RowReading, ...]

    def address(self, row: RowReading, column: str) -> str:
        """Return the address of a cell as people see it, e.g. `H12`; only the row where the column is gone."""
        return f"{self.columns.get(column, '')}{row.number}"


@dataclass(frozen=True, slots=True)
class WorkbookReading:
    """One workbook at one moment.

    Attributes:
        version: changes whenever the content changes (the local adapter's is the file's SHA-256).
        modified: when it was last changed, as the workspace knows it, with time zone.
        sheets: the stamped sheets; `strays` are the tabs without a stamp, `copies` those of them that a person made by
            copying one of ours.
        is_closed: people cannot type into it any more.
    """

    version: str
    modified: datetime
    sheets: tuple[SheetReading, ...] = ()
    strays: tuple[str, ...] = field(default=())
    is_closed: bool = False
    copies: tuple[str, ...] = field(default=())

    def sheet(self, key: str) -> SheetReading | None:
        """Return the sheet with this key, or None."""
        return next((sheet for sheet in self.sheets if sheet.key == key), None)


def to_json(reading: WorkbookReading) -> dict[str, Any]:
    """Return the reading as plain JSON values, without loss."""
    closed = {"closed": True} if reading.is_closed else {}
    copies = {"copies": list(reading.copies)} if reading.copies else {}
    return {
        "version": reading.version,
        "modified": reading.modified.isoformat(),
        **closed,
        **copies,
        "strays": list(reading.strays),
        "sheets": [_sheet_to_json(sheet) for sheet in reading.sheets],
    }


def from_json(data: Mapping[str, Any]) -> WorkbookReading:
    """Restore a reading written by `to_json`."""
    return WorkbookReading(
        version=data["version"],
        modified=datetime.fromisoformat(data["modified"]),
        strays=tuple(data["strays"]),
        sheets=tuple(_sheet_from_json(sheet) for sheet in data["sheets"]),
        is_closed=data.get("closed", False),
        copies=tuple(data.get("copies", ())),
    )


def _sheet_to_json(sheet: SheetReading) -> dict[str, Any]:
    return {
        "key": sheet.key,
        "title": sheet.title,
        "cycle": sheet.cycle,
        "unit": sheet.unit,
        "columns": dict(sheet.columns),
        "rows": [
            [row.key, row.number, {column: _cell_to_json(cell) for column, cell in row.cells.items()}]
            for row in sheet.rows
        ],
    }


def _sheet_from_json(data: Mapping[str, Any]) -> SheetReading:
    rows = (
        RowReading(key, number, {column: _cell_from_json(cell) for column, cell in cells.items()})
        for key, number, cells in data["rows"]
    )
    return SheetReading(data["key"], data["title"], data["cycle"], data["unit"], dict(data["columns"]), tuple(rows))


def _cell_to_json(cell: Cell) -> Any:  # noqa: C901 - one case per kind of value
    """Plain text, by far the most frequent, stays a plain JSON string; everything else names its parts."""
    if isinstance(cell.value, str) and cell == Cell(cell.value):
        return cell.value
    parts: dict[str, Any] = {}
    match cell.value:
        case None:
            pass
        case bool():
            parts["truth"] = cell.value
        case Decimal():
            parts["number"] = str(cell.value)
        case datetime():
            parts["moment"] = cell.value.isoformat()
        case date():
            parts["date"] = cell.value.isoformat()
        case time():
            parts["time"] = cell.value.isoformat()
        case str():
            parts["text"] = cell.value
    for name in ("formula", "error", "percent", "note"):
        if getattr(cell, name):
            parts[name] = getattr(cell, name)
    if cell.links:
        parts["links"] = list(cell.links)
    return parts


def recorded_number(written: str) -> Decimal:
    """Restore a number that was recorded.

    Raises:
        ValueError: if no cell can hold it: it would fill the memory as soon as somebody writes it out.
    """
    if len(written) > _LONGEST_NUMBER or not _RECORDED.fullmatch(written):
        raise ValueError(written[:_LONGEST_NUMBER])
    number = Decimal(written)
    if abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError(written[:_LONGEST_NUMBER])
    return number


_VALUES: dict[str, Callable[[Any], Raw]] = {
    "truth": bool,
    "number": recorded_number,
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "text": str,
}


def _cell_from_json(data: Any) -> Cell:
    if isinstance(data, str):
        return Cell(data)
    value = next((build(data[name]) for name, build in _VALUES.items() if name in data), None)
    return Cell(
        value=value,
        formula=data.get("formula", ""),
        error=data.get("error", ""),
        percent=data.get("percent", False),
        links=tuple(data.get("links", ())),
        note=data.get("note", ""),
    )
