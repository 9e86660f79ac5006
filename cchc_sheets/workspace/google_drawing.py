"""What stands in one Google sheet: sizes, looks, values, rules, as requests that fill a sheet just added."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from cchc_sheets.layouts.workbook import Column, Row, Sheet
from cchc_sheets.reading import BLANK, Cell
from cchc_sheets.workspace.google_batches import Request
from cchc_sheets.workspace.google_cells import CellData, cell_data, fields_of, own_cell, update_cells
from cchc_sheets.workspace.google_formats import (
    FORMAT_PARTS,
    NO_FORMAT,
    ROWS,
    Look,
    height_in_pixels,
    number_format,
    width_in_pixels,
)
from cchc_sheets.workspace.google_grid import Rectangle, Spot, rectangles
from cchc_sheets.workspace.google_inputs import filter_requests, tone_requests, validation_requests
from cchc_sheets.workspace.placement import KEYS_ROW, Line, Placement, letter, place
from cchc_sheets.workspace.wrapping import lines_of

Carried = Mapping[tuple[str, str, str], Cell]
"""What people had typed: (sheet key, row key, column key) → cell."""

_TALLEST_VIEW = 400  # pixels: more than this frozen leaves no room to scroll on a small screen
_WIDE = 4  # columns: with more than these the first two stay in view beside the hidden keys
_FROZEN_COLUMNS = 3
_ENDLESS = 1_000_000
_REPEATED = 6  # so many equal cells below each other take less room as a request of their own


@dataclass(frozen=True)
class Drawing:
    """One sheet, its slots filled, on its grid; `carried` stands where people had typed it."""

    sheet_id: int
    sheet: Sheet
    carried: Carried

    def grid_properties(self) -> dict[str, Any]:
        """Return the size of the grid, no cell larger than needed, and what stays in view.

        Google freezes neither a whole grid nor half of a merged cell.
        """
        heading = self._placement.heading
        above = sum(self._heights[: max(0, heading - KEYS_ROW)])
        stays = above <= _TALLEST_VIEW and heading < self._placement.last
        return {
            "rowCount": KEYS_ROW + len(self._placement.lines),
            "columnCount": len(self.sheet.columns) + 1,
            "hideGridlines": True,
            "frozenRowCount": heading if stays else 0,
            "frozenColumnCount": _FROZEN_COLUMNS if self._is_wide else 0,
        }

    def contents(self) -> Iterator[Request]:
        """Yield all that stands in the sheet but its stamp.

        Formats come before values: a link written with a value keeps the colours that Google gives it.
        """
        yield from self._dimensions()
        yield from self._looks()
        yield from self._merges()
        yield from self._values()
        yield from self._fits()
        yield from validation_requests(self.sheet_id, self._placement)
        yield from tone_requests(self.sheet_id, self.sheet, self._placement)
        yield from filter_requests(self.sheet_id, self.sheet, self._placement)

    @cached_property
    def _placement(self) -> Placement:
        return place(self.sheet)

    @property
    def _is_wide(self) -> bool:
        return len(self.sheet.columns) > _WIDE

    @cached_property
    def _cells(self) -> list[list[Cell]]:
        """What stands in each line, column by column."""
        return [[self._cell(line, column) for column in self.sheet.columns] for line in self._placement.lines]

    @property
    def _filled(self) -> Iterator[tuple[Line, list[Cell]]]:
        return zip(self._placement.lines, self._cells, strict=True)

    def _cell(self, line: Line, column: Column) -> Cell:
        carried = self.carried.get((self.sheet.key, line.key, column.key))
        if carried is not None:
            return carried
        return own_cell(line.row.cells.get(column.key) if line.row else column.title, line.key, self._placement)

    def _spans_from(self, row: Row | None) -> int | None:
        """Return which column's cell runs across the width from there on."""
        if row is None or not row.spans:
            return None
        first = next((number for number, column in enumerate(self.sheet.columns) if column.key in row.cells), 0)
        return first if first < len(self.sheet.columns) - 1 else None

    @cached_property
    def _heights(self) -> list[int]:
        return [self._height(line, cells) for line, cells in self._filled]

    @cached_property
    def _grows(self) -> list[bool]:
        """Whether each line grows with what people write: Google does that where nobody has set a height.

        A line in which much is to be written has one, to look like it.
        """
        return [bool(line.row and line.row.inputs and line.row.lines == 1) for line, _ in self._filled]

    def _height(self, line: Line, cells: Sequence[Cell]) -> int:
        kind = ROWS[line.row.style if line.row else "headings"]
        start = self._spans_from(line.row)
        lines = [line.row.lines if line.row else 1]
        for number, (column, cell) in enumerate(zip(self.sheet.columns, cells, strict=True)):
            if isinstance(cell.value, str):
                width = column.width if number != start else self._width_from(number)
                lines.append(lines_of(cell.value, width, kind.size, kind.bold))
        return height_in_pixels(max(lines), kind.size)

    def _width_from(self, start: int) -> int:
        """Return the width of a cell that runs across from column `start` on; what runs on is never wrapped."""
        return _ENDLESS if self._is_wide else sum(column.width for column in self.sheet.columns[start:])

    def _dimensions(self) -> Iterator[Request]:
        """Yield what hides the keys and gives the columns their widths, the rows their heights."""
        yield self._dimension("ROWS", 0, 1, {"hiddenByUser": True})
        yield self._dimension("COLUMNS", 0, 1, {"hiddenByUser": True})
        for start, end, size in _runs(map(width_in_pixels, self.sheet.columns)):
            yield self._dimension("COLUMNS", start, end, {"pixelSize": size})
        heights = (0 if grows else height for height, grows in zip(self._heights, self._grows, strict=True))
        for start, end, size in _runs(heights):
            if size:
                yield self._dimension("ROWS", start, end, {"pixelSize": size})

    def _fits(self) -> Iterator[Request]:
        """Yield what gives the lines that grow a height for what stands in them now."""
        for start, end, grows in _runs(map(int, self._grows)):
            if grows:
                area = {"sheetId": self.sheet_id, "dimension": "ROWS", "startIndex": start, "endIndex": end}
                yield {"autoResizeDimensions": {"dimensions": area}}

    def _dimension(self, dimension: str, start: int, end: int, properties: Mapping[str, Any]) -> Request:
        area = {"sheetId": self.sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}
        return {"updateDimensionProperties": {"range": area, "properties": properties, "fields": ",".join(properties)}}

    def _looks(self) -> Iterator[Request]:
        """Yield the formats part by part: few cells differ in all of them at once."""
        columns = list(zip(*(self._line_looks(line, cells) for line, cells in self._filled), strict=True))
        for part in FORMAT_PARTS:
            for written, area in _layers([[look.written(part) for look in column] for column in columns]):
                yield self._repeated(area, {"userEnteredFormat": json.loads(written)}, f"userEnteredFormat.{part}")

    def _line_looks(self, line: Line, cells: Sequence[Cell]) -> list[Look]:
        start = self._spans_from(line.row)
        runs_on = start is not None and self._is_wide
        return [
            Look(
                row=line.row.style if line.row else "headings",
                column=column.style,
                is_open=line.row is not None and column.key in line.row.inputs,
                edges="none" if line.in_banner or not self.sheet.headings else "ends" if runs_on else "all",
                is_blank=cell == BLANK,
                runs_on=runs_on,
                number_format=number_format(cell, line.row.inputs.get(column.key) if line.row else None),
            )
            for column, cell in zip(self.sheet.columns, cells, strict=True)
        ]

    def _merges(self) -> Iterator[Request]:
        for line in self._placement.lines:
            start = self._spans_from(line.row)
            if start is not None and not self._is_wide:
                area = Rectangle(line.number - 1, start + 1, line.number, len(self.sheet.columns) + 1)
                yield {"mergeCells": {"range": area.on(self.sheet_id), "mergeType": "MERGE_ALL"}}

    def _values(self) -> Iterator[Request]:
        """Yield the keys and all cells; many equal cells down a column are written once for all of them."""
        common = list(self._common_values())
        elsewhere = {spot for area, _ in common for spot in area.spots()}
        rows = [[{}, *(cell_data(Cell(key), "") for key in self._placement.columns)]]
        rows += [self._row(line, cells, elsewhere) for line, cells in self._filled]
        yield update_cells(self.sheet_id, (0, 0), rows, fields_of(cell for row in rows for cell in row))
        for area, cell in common:
            yield self._repeated(area, cell_data(cell, self._where(area.top, area.left)), "userEnteredValue")

    def _common_values(self) -> Iterator[tuple[Rectangle, Cell]]:
        for column, cells in enumerate(zip(*self._cells, strict=True), start=1):
            top = 1
            for (_, cell), run in groupby(cells, lambda cell: (type(cell.value), cell)):
                bottom = top + len(list(run))
                if bottom - top >= _REPEATED and cell != BLANK and cell == Cell(cell.value):
                    yield Rectangle(top, column, bottom, column + 1), cell
                top = bottom

    def _row(self, line: Line, cells: Sequence[Cell], elsewhere: Collection[Spot]) -> list[CellData]:
        row = line.number - 1
        written = [cell_data(Cell(line.key), self._where(row, 0))]
        for column, cell in enumerate(cells, start=1):
            is_written = cell != BLANK and (row, column) not in elsewhere
            written.append(cell_data(cell, self._where(row, column)) if is_written else {})
        while not written[-1]:
            written.pop()
        return written

    def _where(self, row: int, column: int) -> str:
        return f"{self.sheet.title}!{letter(column + 1)}{row + 1}"

    def _repeated(self, area: Rectangle, cell: CellData, fields: str) -> Request:
        return {"repeatCell": {"range": area.on(self.sheet_id), "cell": cell, "fields": fields}}


def _layers(columns: Sequence[Sequence[str]]) -> Iterator[tuple[str, Rectangle]]:
    """Yield over whole columns the format that is commonest there, then over those areas whatever differs from it."""
    common: dict[str, list[Spot]] = defaultdict(list)
    other: dict[str, list[Spot]] = defaultdict(list)
    for column, formats in enumerate(columns, start=1):
        counted = Counter(filter(None, formats)).most_common(1)
        most = counted[0][0] if counted else NO_FORMAT
        common[most] += ((row, column) for row in range(1, len(formats) + 1))
        for row, written in enumerate(formats, start=1):
            if written not in {most, ""}:
                other[written].append((row, column))
    common.pop(NO_FORMAT, None)  # a new sheet has none
    for written, spots in (*common.items(), *other.items()):
        yield from ((written, area) for area in rectangles(spots))


def _runs(sizes: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """Yield (first, end, size) of every run of equal sizes, the first one being that of index 1."""
    start = 1
    for size, run in groupby(sizes):
        end = start + len(list(run))
        yield start, end, size
        start = end
