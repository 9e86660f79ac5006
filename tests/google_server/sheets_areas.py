"""Rectangles of cells: as GridRange and A1 text, cut out of each other, moved by inserted and deleted lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

LAST_COLUMN = 18_278

_CELL = re.compile(r"^\$?([A-Za-z]{1,3})?\$?([1-9][0-9]{0,7})?$")
_PLAIN_TITLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


class InvalidRequestError(Exception):
    """What is wrong with a request, in Google's words; the caller adds which request it was."""


class Area(NamedTuple):
    """Rows `top`…`bottom` and columns `left`…`right`, counted from 0, ends excluded; None: without end."""

    top: int = 0
    bottom: int | None = None
    left: int = 0
    right: int | None = None

    @property
    def whole(self) -> bool:
        """Tell whether this is a whole sheet."""
        return self == Area()

    def within(self, rows: int, columns: int) -> Area:
        """Return the part of the area inside a grid, with both ends."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Area(self.top, max(bottom, self.top), self.left, max(right, self.left))

    def overlap(self, other: Area) -> Area | None:
        """Return what the two have in common."""
        top, left = max(self.top, other.top), max(self.left, other.left)
        bottom, right = _least(self.bottom, other.bottom), _least(self.right, other.right)
        if (bottom is not None and bottom <= top) or (right is not None and right <= left):
            return None
        return Area(top, bottom, left, right)

    def without(self, hole: Area) -> list[Area]:
        """Return the pieces left when `hole` is cut out."""
        cut = self.overlap(hole)
        if cut is None:
            return [self]
        pieces = []
        if cut.top > self.top:
            pieces.append(Area(self.top, cut.top, self.left, self.right))
        if cut.bottom is not None and (self.bottom is None or cut.bottom < self.bottom):
            pieces.append(Area(cut.bottom, self.bottom, self.left, self.right))
        if cut.left > self.left:
            pieces.append(Area(cut.top, cut.bottom, self.left, cut.left))
        if cut.right is not None and (self.right is None or cut.right < self.right):
            pieces.append(Area(cut.top, cut.bottom, cut.right, self.right))
        return pieces

    def covers(self, other: Area) -> bool:
        """Tell whether `other` lies inside."""
        return not other.without(self)

    def holds(self, row: int, column: int) -> bool:
        """Tell whether a cell lies inside."""
        return (
            self.top <= row
            and self.left <= column
            and (self.bottom is None or row < self.bottom)
            and (self.right is None or column < self.right)
        )

    def cells(self) -> Iterator[tuple[int, int]]:
        """Yield the cells of an area that has both ends, row by row."""
        for row in range(self.top, self.bottom or 0):
            for column in range(self.left, self.right or 0):
                yield row, column


def left_over(area: Area, holes: Iterable[Area]) -> list[Area]:
    """Return the pieces of `area` that no hole covers."""
    pieces = [area]
    for hole in holes:
        pieces = [piece for old in pieces for piece in old.without(hole)]
    return pieces


def cell_area(row: int, column: int) -> Area:
    """Return the area of one cell."""
    return Area(row, row + 1, column, column + 1)


def from_grid_range(data: Mapping[str, Any]) -> Area:
    """Return the area of a GridRange (its sheetId is the caller's business)."""
    area = Area(
        data.get("startRowIndex", 0),
        data.get("endRowIndex"),
        data.get("startColumnIndex", 0),
        data.get("endColumnIndex"),
    )
    if min(area.top, area.left) < 0:
        raise InvalidRequestError("GridRange indexes must be >= 0")
    if (area.bottom is not None and area.bottom < area.top) or (area.right is not None and area.right < area.left):
        raise InvalidRequestError("endIndex must not be before startIndex")
    return area


def to_grid_range(area: Area, sheet_id: int) -> dict[str, Any]:
    """Return the GridRange; sheet 0 is not named, as protobuf drops it."""
    found: dict[str, Any] = {"sheetId": sheet_id} if sheet_id else {}
    if area.bottom is not None or area.top:
        found["startRowIndex"] = area.top
    if area.bottom is not None:
        found["endRowIndex"] = area.bottom
    if area.right is not None or area.left:
        found["startColumnIndex"] = area.left
    if area.right is not None:
        found["endColumnIndex"] = area.right
    return found


def column_name(column: int) -> str:
    """Return the letters of a column counted from 0."""
    name, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_number(name: str) -> int:
    """Return the number, from 0, of a column's letters."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def parse_cell(address: str) -> tuple[int, int]:
    """Return row and column of an address such as `H12`; ValueError if it names no cell."""
    found = _CELL.match(address.strip())
    if not found or not found[1] or not found[2]:
        raise ValueError(address)
    return int(found[2]) - 1, column_number(found[1])


def parse_area(text: str) -> Area | None:
    """Return the area of `A1`, `A1:B2`, `A:B`, `2:3`, `B4:C`; None if the text is none of these."""
    ends = text.split(":")
    found = [_CELL.match(end) for end in ends]
    if not 1 <= len(ends) <= 2 or not all(end and (end[1] or end[2]) for end in found):
        return None
    rows = sorted(int(end[2]) - 1 for end in found if end and end[2])
    columns = sorted(column_number(end[1]) for end in found if end and end[1])
    if len(ends) == 1:
        return cell_area(rows[0], columns[0]) if rows and columns else None
    # One end without a row (or column) leaves that side open: `B4:C` is everything from row 4 down.
    return Area(
        rows[0] if rows else 0,
        rows[1] + 1 if len(rows) == 2 else None,
        columns[0] if columns else 0,
        columns[1] + 1 if len(columns) == 2 else None,
    )


def a1(area: Area) -> str:
    """Return an area in A1 notation, without the sheet."""
    if area.bottom == area.top + 1 and area.right == area.left + 1:
        return f"{column_name(area.left)}{area.top + 1}"
    open_rows = area.bottom is None and not area.top and area.right is not None
    open_columns = area.right is None and not area.left and area.bottom is not None
    first = f"{'' if open_columns else column_name(area.left)}{'' if open_rows else area.top + 1}"
    last_column = "" if area.right is None else column_name(area.right - 1)
    return f"{first}:{last_column}{'' if area.bottom is None else area.bottom}"


def sheet_prefix(title: str) -> str:
    """Return the sheet's title as it stands before `!`, in quotes where it needs them."""
    return title if _PLAIN_TITLE.match(title) else "'" + title.replace("'", "''") + "'"


# ------------------------------------------------------------------------------------- inserted and deleted lines


def span_after_insert(start: int, end: int | None, index: int, count: int) -> tuple[int, int | None]:
    """Return where a span of lines lies after `count` lines were inserted before `index`."""
    start_after = start + count if index <= start and not (start == 0 and end is None) else start
    return start_after, end if end is None or index >= end else end + count


def span_after_delete(start: int, end: int | None, first: int, stop: int) -> tuple[int, int | None] | None:
    """Return where a span lies after the lines `first`…`stop` went; None if nothing of it is left."""
    start_after = start - max(0, min(stop, start) - first)
    if end is None:
        return start_after, None
    end_after = end - max(0, min(stop, end) - first)
    return (start_after, end_after) if end_after > start_after else None


def after_insert(area: Area, axis: str, index: int, count: int) -> Area:
    """Return the area after lines were inserted; `axis` is ROWS or COLUMNS."""
    if axis == "ROWS":
        top, bottom = span_after_insert(area.top, area.bottom, index, count)
        return area._replace(top=top, bottom=bottom)
    left, right = span_after_insert(area.left, area.right, index, count)
    return area._replace(left=left, right=right)


def after_delete(area: Area, axis: str, first: int, stop: int) -> Area | None:
    """Return the area after lines were deleted; None if it is gone."""
    span = (area.top, area.bottom) if axis == "ROWS" else (area.left, area.right)
    kept = span_after_delete(*span, first, stop)
    if kept is None:
        return None
    if axis == "ROWS":
        return area._replace(top=kept[0], bottom=kept[1])
    return area._replace(left=kept[0], right=kept[1])


def after_move(area: Area, axis: str, moved: tuple[int, int], destination: int) -> Area | None:
    """Return the area after the lines `moved` went before the line that was at `destination`."""
    first, stop = moved
    start, end = (area.top, area.bottom) if axis == "ROWS" else (area.left, area.right)
    to = destination if destination <= first else destination - (stop - first)
    if end is not None and first <= start and end <= stop:
        span = (start - first + to, end - first + to)
        if axis == "ROWS":
            return area._replace(top=span[0], bottom=span[1])
        return area._replace(left=span[0], right=span[1])
    kept = after_delete(area, axis, first, stop)
    return kept and after_insert(kept, axis, to, stop - first)


def _least(one: int | None, other: int | None) -> int | None:
    return min((end for end in (one, other) if end is not None), default=None)
