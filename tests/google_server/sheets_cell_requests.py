"""The kinds of batchUpdate that change cells: values, formats, validations, notes, merges, borders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google_server.masks import Mask
from google_server.sheets_areas import Area, InvalidRequestError, a1, cell_area, from_grid_range
from google_server.sheets_conditions import check_colour_condition, checked_rule
from google_server.sheets_edit import Edit
from google_server.sheets_formulas import moved
from google_server.sheets_grid import EMPTY, Cell, Message, Tab
from google_server.sheets_masks import update_mask, updated

_FIELDS = ("userEnteredValue", "userEnteredFormat", "note", "dataValidation", "textFormatRuns", "chipRuns")
_COLOUR_FORMATS = frozenset({"backgroundColor", "backgroundColorStyle", "textFormat"})


def update_cells(edit: Edit, request: Message) -> None:
    """Write rows of cells; what a given range has beyond them is emptied in the named fields."""
    mask = update_mask(request)
    rows = [row.get("values", []) for row in request.get("rows", [])]
    if ("range" in request) == ("start" in request):
        raise InvalidRequestError("Exactly one of 'start' and 'range' must be set.")
    if "range" in request:
        tab, area = edit.place(request["range"])
        area = tab.limited(area)
    else:
        tab, area = _started(edit, request["start"], rows)
    for number, cells in enumerate(rows):
        _check_beyond("row", area.top + number, area.bottom or 0)
        _check_beyond("column", area.left + len(cells) - 1, area.right or 0)
    edit.guard(tab, area)
    if "range" in request:
        _empty_beyond(edit, tab, area, mask, rows)
    for row, cells in enumerate(rows, start=area.top):
        for column, data in enumerate(cells, start=area.left):
            tab.put(row, column, written(edit, tab.cell(row, column), data, mask))


def _started(edit: Edit, start: Message, rows: list[list[Message]]) -> tuple[Tab, Area]:
    """Return the area that rows fill from `start` on; the grid's end is met in `_check_beyond`."""
    tab = edit.book.writable(start.get("sheetId", 0))
    top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
    tab.limited(cell_area(top, left))
    bottom, right = top + len(rows), left + max(map(len, rows), default=0)
    return tab, Area(top, min(bottom, tab.rows), left, min(right, tab.columns))


def _check_beyond(line: str, index: int, end: int) -> None:
    if index >= end:
        raise InvalidRequestError(
            f"Attempting to write {line}: {index}, beyond the last requested {line} of: {end - 1}"
        )


def _empty_beyond(edit: Edit, tab: Tab, area: Area, mask: Mask, rows: list[list[Message]]) -> None:
    for row, column, cell in list(tab.touched(area)):
        number = row - area.top
        if number >= len(rows) or column - area.left >= len(rows[number]):
            tab.put(row, column, written(edit, cell, {}, mask))


def repeat_cell(edit: Edit, request: Message) -> None:
    """Write one cell everywhere in a range; formulas move along, as when filled down."""
    mask = update_mask(request)
    tab, area = edit.target(request.get("range"))
    data = request.get("cell", {})
    formula = data.get("userEnteredValue", {}).get("formulaValue")
    done: dict[int, tuple[Cell, Cell]] = {}
    for row, column in area.cells():
        old = tab.cell(row, column)
        if formula:
            text = moved(formula, row - area.top, column - area.left, edit.locale)
            tab.put(row, column, written(edit, old, data | {"userEnteredValue": {"formulaValue": text}}, mask))
            continue
        # Most cells of a range are alike: each cell object is worked out once.
        if id(old) not in done:
            done[id(old)] = (old, written(edit, old, data, mask))
        tab.put(row, column, done[id(old)][1])


def written(edit: Edit, old: Cell, data: Message, mask: Mask) -> Cell:
    """Return a cell after the masked fields of a CellData were written over it."""
    names = _FIELDS if not mask or "*" in mask else tuple(mask)
    parts: dict[str, Any] = {}
    if "userEnteredValue" in names:
        # First, because runs lie on the new text; the old one's runs and chips go with it.
        parts = {"value": edit.value(data.get("userEnteredValue")), "runs": (), "chips": ()}
    for name in names:
        if name == "userEnteredValue":
            continue
        if name not in _WRITERS:
            raise InvalidRequestError(f"CellData.{name} cannot be written on this server.")
        part, writer = _WRITERS[name]
        text = parts.get("value", old.value) or {}
        parts[part] = writer(edit, (old, text), data.get(name), mask.get(name, {}))
    return old._replace(**parts)


Written = tuple[Cell, Message]
"""The cell as it was, and the value that it has now."""


def _format(_edit: Edit, cell: Written, data: Any, mask: Mask) -> Message | None:
    return updated(cell[0].format, data, mask) or None


def _note(_edit: Edit, _cell: Written, data: Any, _mask: Mask) -> str:
    return data or ""


def _validation(edit: Edit, _cell: Written, data: Any, _mask: Mask) -> Message | None:
    return checked_rule(edit, data)


def _runs(_edit: Edit, cell: Written, data: Any, _mask: Mask) -> tuple[Message, ...]:
    runs = tuple(data or ())
    if not runs:
        return ()
    text = cell[1].get("stringValue")
    if text is None:
        raise InvalidRequestError("textFormatRuns can only be set on cells with a stringValue.")
    starts = [run.get("startIndex", 0) for run in runs]
    if starts != sorted(set(starts)) or starts[-1] >= len(text.encode("utf-16-le")) // 2:
        raise InvalidRequestError("TextFormatRun.startIndex must increase and lie inside the text.")
    return runs


def _chips(_edit: Edit, _cell: Written, data: Any, _mask: Mask) -> tuple[Message, ...]:
    if data:
        raise InvalidRequestError("Writing chipRuns is not supported by this server.")
    return ()


_WRITERS: dict[str, tuple[str, Callable[[Edit, Written, Any, Mask], Any]]] = {
    "userEnteredFormat": ("format", _format),
    "note": ("note", _note),
    "dataValidation": ("validation", _validation),
    "textFormatRuns": ("runs", _runs),
    "chipRuns": ("chips", _chips),
}


def set_data_validation(edit: Edit, request: Message) -> None:
    """Set or, without a rule, remove the validation of a range."""
    rule = checked_rule(edit, request.get("rule"))
    tab, area = edit.target(request.get("range"))
    for row, column in area.cells():
        tab.put(row, column, tab.cell(row, column)._replace(validation=rule))


def merge_cells(edit: Edit, request: Message) -> None:
    """Merge a range as a whole, by rows or by columns; only the first value of each piece stays."""
    kind = request.get("mergeType", "MERGE_ALL")
    tab, area = edit.target(request.get("range"))
    rows, columns = range(area.top, area.bottom or 0), range(area.left, area.right or 0)
    pieces = {
        "MERGE_ALL": [area],
        "MERGE_ROWS": [area._replace(top=row, bottom=row + 1) for row in rows],
        "MERGE_COLUMNS": [area._replace(left=column, right=column + 1) for column in columns],
    }[kind]
    for piece in pieces:
        _merge(tab, piece)


def _merge(tab: Tab, area: Area) -> None:
    if len(list(area.cells())) < 2:
        return
    for word, frozen, start, end in (
        ("rows", tab.grid.get("frozenRowCount", 0), area.top, area.bottom or 0),
        ("columns", tab.grid.get("frozenColumnCount", 0), area.left, area.right or 0),
    ):
        if start < frozen < end:
            raise InvalidRequestError(f"You can't merge frozen and non-frozen {word}.")
    _release(tab, area)
    tab.merges.append(area)
    kept = next((cell for _, _, cell in tab.touched(area) if cell.value is not None), EMPTY)
    for row, column, cell in list(tab.touched(area)):
        tab.put(row, column, cell.with_value(None))
    first = tab.cell(area.top, area.left)
    tab.put(area.top, area.left, first._replace(value=kept.value, runs=kept.runs, chips=kept.chips))


def unmerge_cells(edit: Edit, request: Message) -> None:
    """Undo every merge in a range."""
    tab, area = edit.target(request.get("range"))
    _release(tab, area)


def _release(tab: Tab, area: Area) -> None:
    met = [merge for merge in tab.merges if merge.overlap(area)]
    if any(not area.covers(merge) for merge in met):
        raise InvalidRequestError("You must select all cells in a merged range to merge or unmerge them.")
    tab.merges = [merge for merge in tab.merges if merge not in met]


def update_borders(edit: Edit, request: Message) -> None:
    """Draw lines around and inside a range."""
    tab, area = edit.target(request.get("range"))
    bottom, right = (area.bottom or 0) - 1, (area.right or 0) - 1
    for row, column in area.cells():
        sides = {
            "top": "top" if row == area.top else "innerHorizontal",
            "bottom": "bottom" if row == bottom else "innerHorizontal",
            "left": "left" if column == area.left else "innerVertical",
            "right": "right" if column == right else "innerVertical",
        }
        drawn = {side: request[name] for side, name in sides.items() if name in request}
        cell = tab.cell(row, column)
        borders = {**(cell.format or {}).get("borders", {}), **drawn}
        tab.put(row, column, cell._replace(format={**(cell.format or {}), "borders": borders}))


def add_conditional_format_rule(edit: Edit, request: Message) -> None:
    """Add a colour rule at an index."""
    rule = request.get("rule", {})
    ranges = rule.get("ranges", [])
    sheets = {one.get("sheetId", 0) for one in ranges}
    if len(sheets) != 1:
        raise InvalidRequestError("All ranges in a conditional format must be on the same sheet.")
    boolean = rule.get("booleanRule")
    if boolean is None or "gradientRule" in rule:
        raise InvalidRequestError("Only booleanRule is supported by this server.")
    check_colour_condition(edit, boolean.get("condition"))
    if set(boolean.get("format", {})) - _COLOUR_FORMATS:
        raise InvalidRequestError("ConditionalFormatRule.format: only colours and text styles may be set.")
    tab = edit.book.writable(sheets.pop())
    areas = [tab.limited(from_grid_range(one)) for one in ranges]
    for area in areas:
        edit.guard(tab, area)
    index = request.get("index", 0)
    if not 0 <= index <= len(tab.conditional):
        raise InvalidRequestError(f"No conditional format on sheet: {tab.id} at index: {index}")
    tab.conditional.insert(index, {"areas": areas, "booleanRule": boolean})


def delete_conditional_format_rule(edit: Edit, request: Message) -> None:
    """Remove the colour rule at an index."""
    tab = edit.book.writable(request.get("sheetId", 0))
    index = request.get("index", 0)
    if not 0 <= index < len(tab.conditional):
        raise InvalidRequestError(f"No conditional format on sheet: {tab.id} at index: {index}")
    for area in tab.conditional[index]["areas"]:
        edit.guard(tab, area)
    del tab.conditional[index]


def sort_range(edit: Edit, request: Message) -> None:
    """Sort the rows of a range; numbers before text before truth values, blanks last. Whole cells move."""
    tab, area = edit.target(request.get("range"))
    if any(merge.overlap(area) for merge in tab.merges):
        raise InvalidRequestError(f"You can't sort the range {a1(area)}: it holds merged cells.")
    rows = list(range(area.top, area.bottom or 0))
    lines = [{column: tab.cell(row, column) for column in range(area.left, area.right or 0)} for row in rows]
    for spec in reversed(request.get("sortSpecs", [])):
        column, falling = spec.get("dimensionIndex", 0), spec.get("sortOrder") == "DESCENDING"
        filled = [line for line in lines if line[column].value is not None]
        blank = [line for line in lines if line[column].value is None]
        lines = sorted(filled, key=lambda line, at=column: _order(line[at]), reverse=falling) + blank  # type: ignore[misc]
    for row, line in zip(rows, lines, strict=True):
        for column, cell in line.items():
            tab.put(row, column, cell)


def _order(cell: Cell) -> tuple[int, Any]:
    ((kind, content),) = (cell.value or {"stringValue": ""}).items()
    rank = {"numberValue": 0, "stringValue": 1, "formulaValue": 1, "boolValue": 2}[kind]
    return rank, content.casefold() if isinstance(content, str) else content
