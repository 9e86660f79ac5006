"""A workbook in memory under somebody's hands: as fast as thought, for many thousands of accidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.utils import column_index_from_string, get_column_letter
from sheet_accidents import Area

from cchc_sheets.reading import Cell
from cchc_sheets.workspace.found import FoundRow, FoundSheet

Spot = tuple[Cell | None, bool]
"""What stands in a cell, and whether it is open to people; a lock moves with its cell."""

_NOTHING: Spot = (None, False)


@dataclass
class GridTab:
    """One tab: its title and its lines."""

    title: str
    lines: list[list[Spot]]


class GridTable:
    """The tabs of one workbook."""

    def __init__(self, sheets: Sequence[FoundSheet]) -> None:
        self.grids = [_grid(sheet) for sheet in sheets]

    def found(self) -> tuple[FoundSheet, ...]:
        """Return the workbook as an adapter finds it."""
        return tuple(map(_found, self.grids))

    def tabs(self) -> int:
        return len(self.grids)

    def size(self, tab: int) -> tuple[int, int]:
        lines = self.grids[tab].lines
        return len(lines), len(lines[0])

    def insert(self, tab: int, axis: str, at: int) -> None:
        lines = self._lines(tab, axis)
        lines.insert(at, [_NOTHING] * len(lines[0]))
        self._put(tab, axis, lines)

    def delete(self, tab: int, axis: str, at: int, count: int) -> None:
        lines = self._lines(tab, axis)
        del lines[at : at + count]
        while len(lines) < 3:
            lines.append([_NOTHING] * len(lines[0]))
        self._put(tab, axis, lines)

    def move(self, tab: int, axis: str, at: int, to: int) -> None:
        lines = self._lines(tab, axis)
        lines.insert(to, lines.pop(at))
        self._put(tab, axis, lines)

    def sort(self, tab: int, area: Area, by: int, *, falling: bool) -> None:
        rows = self.grids[tab].lines
        block = sorted(rows[area.top : area.bottom], key=lambda row: _order(row[by][0]), reverse=falling)
        parts = [row[area.left : area.right] for row in block]
        for row, part in zip(rows[area.top : area.bottom], parts, strict=True):
            row[area.left : area.right] = part

    def paste(self, tab: int, area: Area, to: int) -> None:
        rows = self.grids[tab].lines
        parts = [row[area.left : area.right] for row in rows[area.top : area.bottom]]
        for row, part in zip(rows[to:], parts, strict=False):
            row[area.left : area.right] = part

    def clear(self, tab: int, area: Area) -> None:
        for row in self.grids[tab].lines[area.top : area.bottom]:
            row[area.left : area.right] = [(None, is_open) for _, is_open in row[area.left : area.right]]

    def merge(self, tab: int, area: Area) -> None:
        first = self.grids[tab].lines[area.top][area.left]
        self.clear(tab, area)
        self.grids[tab].lines[area.top][area.left] = first

    def rename(self, tab: int, title: str) -> None:
        if title not in {grid.title for grid in self.grids}:
            self.grids[tab].title = title

    def copy_tab(self, tab: int) -> None:
        grid = self.grids[tab]
        copy = GridTab(f"Bản sao {len(self.grids)} {grid.title}"[:31], [list(line) for line in grid.lines])
        self.grids.insert(tab + 1, copy)

    def delete_tab(self, tab: int) -> None:
        del self.grids[tab]

    def _lines(self, tab: int, axis: str) -> list[list[Spot]]:
        lines = self.grids[tab].lines
        return [list(line) for line in (lines if axis == "ROWS" else zip(*lines, strict=True))]

    def _put(self, tab: int, axis: str, lines: list[list[Spot]]) -> None:
        self.grids[tab].lines = lines if axis == "ROWS" else [list(line) for line in zip(*lines, strict=True)]


def _grid(sheet: FoundSheet) -> GridTab:
    width = max((column_index_from_string(name) for row in sheet.rows for name in row.cells), default=1)
    numbers = {row.number: row for row in sheet.rows}
    lines = [
        [
            (
                numbers[number].cells.get(get_column_letter(column)) if number in numbers else None,
                number in numbers and bool(sheet.is_open and sheet.is_open(number, get_column_letter(column))),
            )
            for column in range(1, width + 2)
        ]
        for number in range(1, max(numbers, default=1) + 2)
    ]
    return GridTab(sheet.title, lines)


def _found(grid: GridTab) -> FoundSheet:
    rows = []
    for number, line in enumerate(grid.lines, start=1):
        cells = {get_column_letter(n): spot[0] for n, spot in enumerate(line, start=1) if spot[0] is not None}
        if cells:
            rows.append(FoundRow(number, cells))
    locks = {
        (number, get_column_letter(n)): spot[1]
        for number, line in enumerate(grid.lines, start=1)
        for n, spot in enumerate(line, start=1)
    }
    return FoundSheet(grid.title, tuple(rows), lambda number, name: locks.get((number, name), False))


def _order(cell: Cell | None) -> tuple[int, str]:
    if cell is None:
        return 2, ""
    text = cell.text or cell.formula
    return (0, f"{text:>20}") if text.isdigit() else (1, text)
