"""Rows and columns: inserted, deleted, moved, appended – and everything on the sheet that moves along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from google_server.sheets_areas import (
    Area,
    InvalidRequestError,
    after_delete,
    after_insert,
    after_move,
    from_grid_range,
    to_grid_range,
)
from google_server.sheets_edit import Edit
from google_server.sheets_grid import EMPTY, Book, Cell, Message, Tab
from google_server.sheets_masks import update_mask, updated

_WORDS = {"ROWS": ("row", "rows", "frozenRowCount"), "COLUMNS": ("column", "columns", "frozenColumnCount")}
_DEFAULT_PIXELS = {"ROWS": 21, "COLUMNS": 100}


def count(tab: Tab, axis: str) -> int:
    """Return how many rows or columns a tab has."""
    return tab.rows if axis == "ROWS" else tab.columns


def _set_count(tab: Tab, axis: str, number: int) -> None:
    if axis == "ROWS":
        tab.rows = number
    else:
        tab.columns = number


def _span(edit: Edit, data: Message | None) -> tuple[Tab, str, int, int]:
    """Return tab, axis and lines of a DimensionRange that lies inside the grid."""
    data = data or {}
    axis = data.get("dimension", "")
    if axis not in _WORDS:
        raise InvalidRequestError("Dimension must be ROWS or COLUMNS")
    tab = edit.book.writable(data.get("sheetId", 0))
    start, end = data.get("startIndex", 0), data.get("endIndex", count(tab, axis))
    if start < 0 or end < 0:
        raise InvalidRequestError("DimensionRange indexes must be >= 0")
    if end <= start:
        raise InvalidRequestError("DimensionRange.endIndex must be after startIndex")
    return tab, axis, start, end


def _lines(axis: str, start: int, end: int) -> Area:
    return Area(top=start, bottom=end) if axis == "ROWS" else Area(left=start, right=end)


# ------------------------------------------------------------------------------------------------ the kinds of request


def insert_dimension(edit: Edit, request: Message) -> None:
    """Insert empty lines; they take format and validation from the neighbour named by `inheritFromBefore`."""
    data = request.get("range") or {}
    if "startIndex" not in data or "endIndex" not in data:
        raise InvalidRequestError("range.startIndex and range.endIndex are required")
    tab, axis, start, end = _span(edit, data)
    before = request.get("inheritFromBefore", False)
    if before and start == 0:
        raise InvalidRequestError("Cannot inherit from before when start index is 0.")
    if start > count(tab, axis) or (start == count(tab, axis) and not before):
        raise InvalidRequestError(
            f"range.startIndex[{start}] is after last {_WORDS[axis][0]} in grid[{count(tab, axis) - 1}]"
        )
    edit.guard_sheet(tab)
    for protection in tab.protections.values():
        low, high = _ends(protection.area, axis)
        if not edit.may_edit(protection) and low < start and (high is None or start < high):
            edit.guard(tab, protection.area)
    insert_lines(edit.book, tab, axis, (start, end - start), inherit=start - 1 if before else start)
    edit.book.check_size()


def insert_lines(book: Book, tab: Tab, axis: str, span: tuple[int, int], inherit: int) -> None:
    """Insert `span` = (index, number) lines, with the looks of the line that was at `inherit`."""
    index, number = span
    looks = _line_looks(tab, axis, inherit)
    _shift_cells(tab, axis, lambda line: line + number if line >= index else line)
    _shift_everything(book, tab, lambda area: after_insert(area, axis, index, number))
    for line in range(index, index + number):
        for other, cell in looks.items():
            tab.put(*((line, other) if axis == "ROWS" else (other, line)), cell)
    _set_count(tab, axis, count(tab, axis) + number)
    frozen = _WORDS[axis][2]
    if index < tab.grid.get(frozen, 0):
        tab.grid[frozen] += number


def _line_looks(tab: Tab, axis: str, line: int) -> dict[int, Cell]:
    cells = (
        tab.cells.get(line, {})
        if axis == "ROWS"
        else {row: found[line] for row, found in tab.cells.items() if line in found}
    )
    looks = {other: Cell(format=cell.format, validation=cell.validation) for other, cell in cells.items()}
    return {other: cell for other, cell in looks.items() if cell != EMPTY}


def delete_dimension(edit: Edit, request: Message) -> None:
    """Delete lines with all that stands in them."""
    tab, axis, start, end = _span(edit, request.get("range"))
    word, words, frozen = _WORDS[axis]
    if end > count(tab, axis):
        raise InvalidRequestError(
            f"Cannot delete a {word} that doesn't exist. Tried to delete {word} index {end - 1} but there are only "
            f"{count(tab, axis)} {words}."
        )
    if end - start == count(tab, axis):
        raise InvalidRequestError(f"You can't delete all the {words} on the sheet.")
    fixed = tab.grid.get(frozen, 0)
    if fixed and start <= fixed and end == count(tab, axis):
        raise InvalidRequestError(f"Sorry, it is not possible to delete all non-frozen {words}.")
    edit.guard_sheet(tab)
    edit.guard(tab, _lines(axis, start, end))
    delete_lines(edit.book, tab, axis, start, end)


def delete_lines(book: Book, tab: Tab, axis: str, start: int, end: int) -> None:
    """Delete the lines `start`…`end`."""
    _shift_cells(tab, axis, lambda line: None if start <= line < end else line - max(0, min(end, line) - start))
    _shift_everything(book, tab, lambda area: after_delete(area, axis, start, end))
    _set_count(tab, axis, count(tab, axis) - (end - start))
    frozen = _WORDS[axis][2]
    if tab.grid.get(frozen, 0) > start:
        tab.grid[frozen] -= min(end, tab.grid[frozen]) - start


def append_dimension(edit: Edit, request: Message) -> None:
    """Add empty lines at the end."""
    axis, number = request.get("dimension", ""), request.get("length", 0)
    if axis not in _WORDS or number < 1:
        raise InvalidRequestError("appendDimension needs a dimension and a length of at least 1")
    tab = edit.book.writable(request.get("sheetId", 0))
    edit.guard_sheet(tab)
    _set_count(tab, axis, count(tab, axis) + number)
    edit.book.check_size()


def move_dimension(edit: Edit, request: Message) -> None:
    """Move lines before the line that is at `destinationIndex`."""
    tab, axis, start, end = _span(edit, request.get("source"))
    to = request.get("destinationIndex", 0)
    if end > count(tab, axis) or not 0 <= to <= count(tab, axis) or start < to < end:
        raise InvalidRequestError("Cannot move these lines there.")
    edit.guard_sheet(tab)
    edit.guard(tab, _lines(axis, start, end))
    if to in {start, end}:
        return
    order = [line for line in range(count(tab, axis)) if not start <= line < end]
    at = to if to < start else to - (end - start)
    order[at:at] = range(start, end)
    places = {line: place for place, line in enumerate(order)}
    _shift_cells(tab, axis, places.__getitem__)
    _shift_everything(edit.book, tab, lambda area: after_move(area, axis, (start, end), to))


def update_dimension_properties(edit: Edit, request: Message) -> None:
    """Set width, height and hiding of lines."""
    mask = update_mask(request)
    tab, axis, start, end = _span(edit, request.get("range"))
    if set(mask) - {"pixelSize", "hiddenByUser"}:
        raise InvalidRequestError("DimensionProperties: only pixelSize and hiddenByUser can be set on this server.")
    if end > count(tab, axis):
        raise InvalidRequestError(
            f"range.endIndex[{end}] is after last {_WORDS[axis][0]} in grid[{count(tab, axis) - 1}]"
        )
    given = {name: value for name, value in request.get("properties", {}).items() if value}
    if given.get("pixelSize", 21) < 2:
        raise InvalidRequestError("pixelSize must be at least 2.")
    edit.guard_sheet(tab)
    edit.guard(tab, _lines(axis, start, end))
    for line in range(start, end):
        tab.lines[axis][line] = updated(tab.lines[axis].get(line), given, mask) or {}
    if all(tab.lines[axis].get(line, {}).get("hiddenByUser") for line in range(count(tab, axis))):
        raise InvalidRequestError(f"You can't hide all the {_WORDS[axis][1]} on the sheet.")


def auto_resize_dimensions(edit: Edit, request: Message) -> None:
    """Fit lines to their content; the size is a guess, nobody sees it."""
    tab, axis, start, end = _span(edit, request.get("dimensions"))
    edit.guard_sheet(tab)
    for line in range(start, min(end, count(tab, axis))):
        tab.lines[axis][line] = {**tab.lines[axis].get(line, {}), "pixelSize": _DEFAULT_PIXELS[axis]}


def line_message(tab: Tab, axis: str, line: int) -> Message:
    """Return the DimensionProperties of a line."""
    own = tab.lines[axis].get(line, {})
    return {**own, "pixelSize": own.get("pixelSize", _DEFAULT_PIXELS[axis])}


def resize(edit: Edit, tab: Tab, rows: int, columns: int) -> None:
    """Give a tab another number of rows and columns; what falls off the end is gone."""
    for axis, wanted in (("ROWS", rows), ("COLUMNS", columns)):
        here = count(tab, axis)
        if wanted < 1:
            raise InvalidRequestError(f"You can't delete all the {_WORDS[axis][1]} on the sheet.")
        if wanted <= tab.grid.get(_WORDS[axis][2], 0):
            raise InvalidRequestError(f"Sorry, it is not possible to delete all non-frozen {_WORDS[axis][1]}.")
        if wanted < here:
            edit.guard(tab, _lines(axis, wanted, here))
            delete_lines(edit.book, tab, axis, wanted, here)
        _set_count(tab, axis, wanted)
    edit.book.check_size()


# --------------------------------------------------------------------------------------------- what moves along


def _ends(area: Area, axis: str) -> tuple[int, int | None]:
    return (area.top, area.bottom) if axis == "ROWS" else (area.left, area.right)


def _shift_cells(tab: Tab, axis: str, place: Callable[[int], int | None]) -> None:
    """Move the cells and the properties of lines to where `place` sends their line; None: they are gone."""
    if axis == "ROWS":
        tab.cells = {to: cells for row, cells in tab.cells.items() if (to := place(row)) is not None}
    else:
        shifted = {
            row: {to: cell for column, cell in cells.items() if (to := place(column)) is not None}
            for row, cells in tab.cells.items()
        }
        tab.cells = {row: cells for row, cells in shifted.items() if cells}
    tab.lines[axis] = {to: own for line, own in tab.lines[axis].items() if (to := place(line)) is not None}


def _shift_everything(book: Book, tab: Tab, change: Callable[[Area], Area | None]) -> None:
    """Send every range on the tab through `change`; what has no place any more goes."""
    moved = (change(merge) for merge in tab.merges)
    tab.merges = [area for area in moved if area and len(list(area.cells())) > 1]
    for number, protection in list(tab.protections.items()):
        area = change(protection.area)
        if area is None:
            del tab.protections[number]
            continue
        holes = tuple(hole for hole in map(change, protection.holes) if hole)
        tab.protections[number] = replace(protection, area=area, holes=holes)
    tab.conditional = [
        {**rule, "areas": areas}
        for rule in tab.conditional
        if (areas := [area for area in map(change, rule["areas"]) if area])
    ]
    tab.basic_filter = _shifted_filter(tab, tab.basic_filter, change)
    views = {number: _shifted_filter(tab, view, change) for number, view in tab.filter_views.items()}
    tab.filter_views = {number: view for number, view in views.items() if view is not None}
    for key, named in list(book.named_ranges.items()):
        if named["sheet"] == tab.id:
            area = change(named["area"])
            if area is None:
                del book.named_ranges[key]
            else:
                book.named_ranges[key] = {**named, "area": area}


def _shifted_filter(tab: Tab, found: Message | None, change: Callable[[Area], Area | None]) -> Message | None:
    if found is None:
        return None
    area = change(from_grid_range(found["range"]))
    return None if area is None else {**found, "range": to_grid_range(area, tab.id)}
