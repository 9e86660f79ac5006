"""Holding a published workbook against the same one made anew: which cell, in words of the sheet, is another one.

Spreadsheet programs that open and save a workbook write other bytes: empty texts become empty cells, values of formulas
are left out or computed again. None of this is an alteration; another value, formula or look of a number is.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from cchc_sheets.messages import Text, text
from cchc_sheets.publication.difference import Difference
from cchc_sheets.publication.workbook_looks import (
    Looks,
    book_looks_changed,
    look_changed,
    parts_added,
    sheet_looks_changed,
)  # fmt: skip
from cchc_sheets.zips import Bounds, TooMuch, open_zip

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

_ROOM: Final = 1024 * 1024
_MOST_PARTS: Final = 1_000
_MOST_MORE: Final = 50
"""So many rows or columns more than ours has no workbook that somebody only altered."""
_LONGEST_SHOWN: Final = 120
_LONGEST_NAME: Final = 60
_DIGITS: Final = 15
"""So many digits of a number spreadsheet programs keep."""

_QUOTED: Final = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""")


def compare_workbooks(expected: bytes, found: bytes) -> Iterator[Difference]:
    """Yield what is shown or computed otherwise than it should be.

    Raises:
        DAMAGED: as `compare_files` names them, if `found` is no workbook of sensible size any more.
    """
    with zipfile.ZipFile(io.BytesIO(expected)) as ours:
        content = sum(entry.file_size for entry in ours.infolist())
    bounds = Bounds(2 * len(expected) + _ROOM, 2 * content + _ROOM, _MOST_PARTS)
    with open_zip(found, bounds) as package, zipfile.ZipFile(io.BytesIO(expected)) as ours:
        yield from parts_added(ours, package)
    right, there = _opened(expected, values=False), _opened(found, values=False)
    right_values, values_there = _opened(expected, values=True), _opened(found, values=True)
    yield from _sheets_changed(right, there)
    yield from book_looks_changed(right, there)
    looks = Looks(right), Looks(there)
    for sheet in right.worksheets:
        if sheet.title in there.sheetnames:
            pairs = ((sheet, there[sheet.title]), (right_values[sheet.title], values_there[sheet.title]))
            yield from _sheet_changed(*pairs, looks)


def _opened(content: bytes, *, values: bool) -> Workbook:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # What the library cannot read it says on the screen in words for programmers; `parts_added` tells of it.
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(content), data_only=values, rich_text=True)


def _sheets_changed(right: Workbook, there: Workbook) -> Iterator[Difference]:
    """Yield sheets that are gone, new, hidden, or in another order."""
    shown = [[(title, book[title].sheet_state) for title in book.sheetnames] for book in (right, there)]
    for one, other in zip_longest(*shown, fillvalue=("", "")):
        if one != other:
            said = (f"{title} ({state})" if state not in {"", "visible"} else title for title, state in (one, other))
            yield Difference(text("sheet «{sheet}»", sheet=one[0] or other[0]), *said)


def _sheet_changed(
    sides: tuple[Worksheet, Worksheet], values: tuple[Worksheet, Worksheet], looks: tuple[Looks, Looks]
) -> Iterator[Difference]:
    sheet, other = sides
    rows, columns = max(sheet.max_row, other.max_row), max(sheet.max_column, other.max_column)
    if rows > sheet.max_row + _MOST_MORE or columns > sheet.max_column + _MOST_MORE:
        raise TooMuch
    for row in range(1, rows + 1):
        for column in range(1, columns + 1):
            cells = sheet.cell(row, column), other.cell(row, column)
            said = _cell_changed(cells, [side.cell(row, column).value for side in values])
            said = said or _cell_shown_otherwise(cells, looks)
            if said is not None:
                yield Difference(_where(values[0], row, column), *said)
    yield from sheet_looks_changed(sheet, other)


def _cell_changed(sides: tuple[Cell | MergedCell, ...], values: list[Any]) -> tuple[str, str] | None:
    """Return what a cell should say and says; None where it is the same.

    A formula whose value was left out is computed when the workbook is opened; no value is no alteration there.
    """
    one, two = (_plain(side.value) for side in sides)
    is_computed, is_computed_there = (side.data_type == "f" for side in sides)
    if one != two or is_computed != is_computed_there:
        return _shown(one), _shown(two)
    value, value_there = map(_plain, values)
    if value != value_there and not (is_computed and value_there is None):
        return _shown(value), _shown(value_there)
    return None


def _cell_shown_otherwise(cells: tuple[Cell | MergedCell, ...], looks: tuple[Looks, Looks]) -> tuple[str, str] | None:
    """Return a cell's value and how it should be shown and is; None where it is empty or shown alike."""
    ours, there = cells
    value = _shown(_plain(ours.value))
    if isinstance(there.value, list) != isinstance(ours.value, list):
        return value, f"{value} ({text('letters of several kinds')})"
    comment = getattr(there, "comment", None)
    if comment is not None and getattr(ours, "comment", None) is None:
        return value, f"{value} ({comment.text})"
    if ours.value is None or ours.value == "":
        return None
    changed = look_changed(looks[0].of(ours), looks[1].of(there))
    return None if changed is None else (f"{value} ({changed[0]})", f"{value} ({changed[1]})")


def _plain(value: Any) -> Any:
    """Return a value as it is compared: an empty text is an empty cell, a number has its first 15 digits."""
    formula = getattr(value, "text", value)  # an array formula keeps its text apart
    if isinstance(formula, str) and formula.startswith("="):
        return _plain_formula(formula)
    if isinstance(value, bool | list):  # text in letters of several kinds is a list of its pieces
        return str(value)
    if isinstance(value, int | float):
        return Decimal(f"{value:.{_DIGITS}g}").normalize()
    return None if value == "" else value


def _plain_formula(formula: str) -> str:
    """Return a formula without what programs write differently: blanks, prefixes of newer functions, small letters."""
    parts = _QUOTED.split(formula)
    parts[::2] = [re.sub(r"\s|_xlfn\.|_xlws\.", "", part).upper() for part in parts[::2]]
    return "".join(parts)


def _shown(value: Any) -> str:
    if value is None:
        return str(text("no value"))
    return (f"{value:f}" if isinstance(value, Decimal) else str(value))[:_LONGEST_SHOWN]


def _where(sheet: Worksheet, row: int, column: int) -> Text:
    """Name a cell by its address, and by what stands at the head of its row and column."""
    cell = sheet.cell(row, column).coordinate
    heads = [sheet.cell(row, at).value for at in (2, 1) if at < column]
    name = next((one for one in heads if isinstance(one, str) and one), "")[:_LONGEST_NAME]
    heading = sheet.cell(1, column).value if row > 1 else ""
    if name and heading:
        label = f"{name}, {str(heading)[:_LONGEST_NAME]}"
        return text("sheet «{sheet}», cell {cell} («{label}»)", sheet=sheet.title, cell=cell, label=label)
    return text("sheet «{sheet}», cell {cell}", sheet=sheet.title, cell=cell)
