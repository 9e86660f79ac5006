"""What people do to a workbook between two commands, on .xlsx files and (`google_table`) on Google alike.

Lines and blocks are inserted, deleted, moved, sorted, pasted, cleared, merged; tabs renamed, copied, deleted; hidden
keys lost.

Accidents know nothing of what a sheet means but that the first row and the first column are hidden, so that a person
who sorts or pastes leaves them out, or takes them along with whole lines. A block that is moved takes the visible
labels of its rows along (it begins in the first visible column): numbers moved alone, under labels that stay, are new
entries that nobody can tell from typing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

Line = list[Any]


class Table(Protocol):
    """A workbook under somebody's hands; lines and tabs are counted from 0."""

    def tabs(self) -> int: ...
    def size(self, tab: int) -> tuple[int, int]: ...
    def insert(self, tab: int, axis: str, at: int) -> None: ...
    def delete(self, tab: int, axis: str, at: int, count: int) -> None: ...
    def move(self, tab: int, axis: str, at: int, to: int) -> None: ...
    def sort(self, tab: int, area: Area, by: int, *, falling: bool) -> None: ...
    def paste(self, tab: int, area: Area, to: int) -> None: ...
    def clear(self, tab: int, area: Area) -> None: ...
    def merge(self, tab: int, area: Area) -> None: ...
    def rename(self, tab: int, title: str) -> None: ...
    def copy_tab(self, tab: int) -> None: ...
    def delete_tab(self, tab: int) -> None: ...


@dataclass(frozen=True)
class Area:
    """Cells from row `top` to before `bottom`, from column `left` to before `right`."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Accident:
    """What happens, and four numbers that say where, whatever the size of the sheet."""

    name: str
    where: tuple[int, int, int, int]

    def happen(self, table: Table) -> None:
        """Do it."""
        tab, *rest = self.where
        ACCIDENTS[self.name](table, tab % table.tabs(), *rest)


def _row_inserted(table: Table, tab: int, a: int, _b: int, _c: int) -> None:
    table.insert(tab, "ROWS", a % table.size(tab)[0])


def _column_inserted(table: Table, tab: int, a: int, _b: int, _c: int) -> None:
    table.insert(tab, "COLUMNS", a % table.size(tab)[1])


def _rows_deleted(table: Table, tab: int, a: int, b: int, _c: int) -> None:
    rows = table.size(tab)[0]
    at = 1 + a % (rows - 1)
    table.delete(tab, "ROWS", at, min(1 + b % 3, rows - at))


def _column_deleted(table: Table, tab: int, a: int, _b: int, _c: int) -> None:
    table.delete(tab, "COLUMNS", 1 + a % (table.size(tab)[1] - 1), 1)


def _label_column_deleted(table: Table, tab: int, a: int, _b: int, _c: int) -> None:
    table.delete(tab, "COLUMNS", 1 + a % 2, 1)


def _row_moved(table: Table, tab: int, a: int, b: int, _c: int) -> None:
    rows = table.size(tab)[0] - 1
    table.move(tab, "ROWS", 1 + a % rows, 1 + b % rows)


def _column_moved(table: Table, tab: int, a: int, b: int, _c: int) -> None:
    columns = table.size(tab)[1] - 1
    table.move(tab, "COLUMNS", 1 + a % columns, 1 + b % columns)


def _sorted_whole(table: Table, tab: int, a: int, b: int, c: int) -> None:
    area = _some_rows(table, tab, a, b)
    table.sort(tab, Area(area.top, area.bottom, 0, area.right), 1 + c % (area.right - 1), falling=c % 2 == 0)


def _sorted_as_seen(table: Table, tab: int, a: int, b: int, c: int) -> None:
    area = _some_rows(table, tab, a, b)
    table.sort(tab, area, 1 + c % (area.right - 1), falling=c % 2 == 0)


def _row_pasted_as_seen(table: Table, tab: int, a: int, b: int, _c: int) -> None:
    rows, columns = table.size(tab)
    at = 1 + a % (rows - 1)
    table.paste(tab, Area(at, at + 1, 1, columns), 1 + b % (rows - 1))


def _row_pasted_whole(table: Table, tab: int, a: int, b: int, _c: int) -> None:
    rows, columns = table.size(tab)
    at = 1 + a % (rows - 1)
    table.paste(tab, Area(at, at + 1, 0, columns), 1 + b % (rows - 1))


def _row_doubled(table: Table, tab: int, a: int, b: int, _c: int) -> None:
    rows, columns = table.size(tab)
    at, to = 1 + a % (rows - 1), 1 + b % rows
    table.insert(tab, "ROWS", to)
    at += at >= to
    table.paste(tab, Area(at, at + 1, 0, columns), to)


def _cleared(table: Table, tab: int, a: int, b: int, c: int) -> None:
    area = _some_rows(table, tab, a, b)
    left = 1 + c % (area.right - 1)
    table.clear(tab, Area(area.top, min(area.bottom, area.top + 3), left, min(area.right, left + 2)))


def _key_cleared(table: Table, tab: int, a: int, b: int, _c: int) -> None:
    at = 1 + a % (table.size(tab)[0] - 1)
    table.clear(tab, Area(at, at + 1 + b % 2, 0, 1))


def _column_key_cleared(table: Table, tab: int, a: int, _b: int, _c: int) -> None:
    at = 1 + a % (table.size(tab)[1] - 1)
    table.clear(tab, Area(0, 1, at, at + 1))


def _keys_deleted(table: Table, tab: int, _a: int, _b: int, _c: int) -> None:
    table.delete(tab, "COLUMNS", 0, 1)


def _hidden_row_deleted(table: Table, tab: int, _a: int, _b: int, _c: int) -> None:
    table.delete(tab, "ROWS", 0, 1)


def _merged(table: Table, tab: int, a: int, b: int, c: int) -> None:
    area = _some_rows(table, tab, a, b)
    left = 1 + c % (area.right - 1)
    table.merge(tab, Area(area.top, min(area.bottom, area.top + 2), left, min(left + 2, area.right)))


def _tab_renamed(table: Table, tab: int, a: int, _b: int, _c: int) -> None:
    table.rename(tab, f"Tờ {a}")


def _tab_copied(table: Table, tab: int, _a: int, _b: int, _c: int) -> None:
    table.copy_tab(tab)


def _tab_deleted(table: Table, tab: int, _a: int, _b: int, _c: int) -> None:
    if table.tabs() > 1:
        table.delete_tab(tab)


def _some_rows(table: Table, tab: int, a: int, b: int) -> Area:
    """Two rows or more of all that is seen."""
    rows, columns = table.size(tab)
    top = 1 + a % max(1, rows - 2)
    return Area(top, min(rows, top + 2 + b % 8), 1, columns)


ACCIDENTS: dict[str, Callable[[Table, int, int, int, int], None]] = {
    "row_inserted": _row_inserted,
    "column_inserted": _column_inserted,
    "rows_deleted": _rows_deleted,
    "column_deleted": _column_deleted,
    "label_column_deleted": _label_column_deleted,
    "row_moved": _row_moved,
    "column_moved": _column_moved,
    "sorted_whole": _sorted_whole,
    "sorted_as_seen": _sorted_as_seen,
    "row_pasted_as_seen": _row_pasted_as_seen,
    "row_pasted_whole": _row_pasted_whole,
    "row_doubled": _row_doubled,
    "cleared": _cleared,
    "key_cleared": _key_cleared,
    "column_key_cleared": _column_key_cleared,
    "keys_deleted": _keys_deleted,
    "hidden_row_deleted": _hidden_row_deleted,
    "merged": _merged,
    "tab_renamed": _tab_renamed,
    "tab_copied": _tab_copied,
    "tab_deleted": _tab_deleted,
}


# On files.


class XlsxTable:
    """An .xlsx file under somebody's hands; `save` puts it back."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.book = load_workbook(file)
        for sheet in self.book.worksheets:
            for merged in list(sheet.merged_cells.ranges):
                sheet.unmerge_cells(str(merged))

    def save(self) -> None:
        self._file.chmod(0o644)
        self.book.save(self._file)

    def tabs(self) -> int:
        return len(self.book.worksheets)

    def size(self, tab: int) -> tuple[int, int]:
        sheet = self.book.worksheets[tab]
        return max(3, sheet.max_row), max(3, sheet.max_column)

    def insert(self, tab: int, axis: str, at: int) -> None:
        lines = self._lines(tab, axis)
        lines.insert(at, [_NOTHING] * len(lines[0]))
        self._put(tab, axis, lines)

    def delete(self, tab: int, axis: str, at: int, count: int) -> None:
        lines = self._lines(tab, axis)
        del lines[at : at + count]
        self._put(tab, axis, lines)

    def move(self, tab: int, axis: str, at: int, to: int) -> None:
        lines = self._lines(tab, axis)
        lines.insert(to, lines.pop(at))
        self._put(tab, axis, lines)

    def sort(self, tab: int, area: Area, by: int, *, falling: bool) -> None:
        rows = self._lines(tab, "ROWS")
        block = sorted(rows[area.top : area.bottom], key=lambda row: _order(row[by]), reverse=falling)
        parts = [row[area.left : area.right] for row in block]
        for row, part in zip(rows[area.top : area.bottom], parts, strict=True):
            row[area.left : area.right] = part
        self._put(tab, "ROWS", rows)

    def paste(self, tab: int, area: Area, to: int) -> None:
        rows = self._lines(tab, "ROWS")
        parts = [row[area.left : area.right] for row in rows[area.top : area.bottom]]
        for row, part in zip(rows[to:], parts, strict=False):
            row[area.left : area.right] = part
        self._put(tab, "ROWS", rows)

    def clear(self, tab: int, area: Area) -> None:
        rows = self._lines(tab, "ROWS")
        for row in rows[area.top : area.bottom]:
            row[area.left : area.right] = [(None, style, None) for _, style, _ in row[area.left : area.right]]
        self._put(tab, "ROWS", rows)

    def merge(self, tab: int, area: Area) -> None:
        """Only the first cell keeps what it holds."""
        self.book.worksheets[tab].merge_cells(
            start_row=area.top + 1, end_row=area.bottom, start_column=area.left + 1, end_column=area.right
        )

    def rename(self, tab: int, title: str) -> None:
        self.book.worksheets[tab].title = title

    def copy_tab(self, tab: int) -> None:
        self.book.copy_worksheet(self.book.worksheets[tab])

    def delete_tab(self, tab: int) -> None:
        self.book.remove(self.book.worksheets[tab])

    def _lines(self, tab: int, axis: str) -> list[Line]:
        sheet = self.book.worksheets[tab]
        rows, columns = self.size(tab)
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        found = [[_content(sheet, row, column) for column in range(1, columns + 1)] for row in range(1, rows + 1)]
        return found if axis == "ROWS" else [list(line) for line in zip(*found, strict=True)]

    def _put(self, tab: int, axis: str, lines: Sequence[Line]) -> None:
        sheet = self.book.worksheets[tab]
        rows = lines if axis == "ROWS" else [list(line) for line in zip(*lines, strict=True)]
        sheet.delete_rows(1, sheet.max_row)
        for number, row in enumerate(rows, start=1):
            for column, (value, style, link) in enumerate(row, start=1):
                if value is None and style is None:
                    continue
                cell: Any = sheet.cell(number, column)
                cell.value, cell.hyperlink = value, link
                if style is not None:
                    cell._style = style


_NOTHING = (None, None, None)


def _content(sheet: Worksheet, row: int, column: int) -> tuple[Any, Any, Any]:
    cell: Any = sheet.cell(row, column)
    target = cell.hyperlink.target if cell.hyperlink is not None else None
    return cell.value, cell._style, target


def _order(content: tuple[Any, Any, Any]) -> tuple[int, str]:
    """Numbers, then words, blanks last, as Excel does."""
    value = content[0]
    if value is None:
        return 2, ""
    return (0, f"{value:020}") if isinstance(value, int) else (1, str(value))
