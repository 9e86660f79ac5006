"""The values API: plain grids of values, read and written as gspread does it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google_server.errors import invalid_sheets
from google_server.sheets_areas import Area, InvalidRequestError, cell_area, column_name
from google_server.sheets_edit import MOST_CHARACTERS, Edit
from google_server.sheets_grid import Cell, Message, Tab
from google_server.sheets_lines import count
from google_server.sheets_locale import typed
from google_server.sheets_reading import effective, formatted, parse_range

Query = dict[str, list[str]]


def option(query: Query, name: str, choices: tuple[str, ...]) -> str:
    """Return a query parameter that is one of the choices; the first is the default."""
    value = query.get(name, [choices[0]])[-1]
    if value not in choices:
        raise invalid_sheets(f"Invalid value at '{name}': {value}", name)
    return value


_RENDER = ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")
_TIMES = ("SERIAL_NUMBER", "FORMATTED_STRING")
_MAJOR = ("ROWS", "COLUMNS")


# --------------------------------------------------------------------------------------------------------- reading


def read(edit: Edit, text: str, query: Query) -> Message:
    """Return the ValueRange of a range; empty ends are cut off."""
    render, times = option(query, "valueRenderOption", _RENDER), option(query, "dateTimeRenderOption", _TIMES)
    major = option(query, "majorDimension", _MAJOR)
    tab, area = parse_range(edit.book, text)
    area = tab.limited(area)
    rows: dict[int, dict[int, Any]] = {}
    for row, column, cell in tab.touched(area):
        value = _rendered(edit, cell, render, times)
        if value is not None:
            rows.setdefault(row - area.top, {})[column - area.left] = value
    if major == "COLUMNS":
        turned: dict[int, dict[int, Any]] = {}
        for row, cells in rows.items():
            for column, value in cells.items():
                turned.setdefault(column, {})[row] = value
        rows = turned
    found: Message = {"range": tab.named(area), "majorDimension": major}
    if rows:
        lines = [rows.get(line, {}) for line in range(max(rows) + 1)]
        found["values"] = [[line.get(at, "") for at in range(max(line) + 1)] if line else [] for line in lines]
    return found


def _rendered(edit: Edit, cell: Cell, render: str, times: str) -> Any:
    if cell.value is None:
        return None
    if render == "FORMATTED_VALUE":
        return formatted(edit, cell)
    if render == "FORMULA" and "formulaValue" in cell.value:
        return cell.value["formulaValue"]
    value = effective(edit, cell)
    kind = (cell.format or {}).get("numberFormat", {}).get("type", "")
    if (
        value is None
        or "errorValue" in value
        or (times == "FORMATTED_STRING" and kind in {"DATE", "DATE_TIME", "TIME"})
    ):
        return formatted(edit, cell)
    return next(iter(value.values()))


def batch_read(edit: Edit, query: Query) -> Message:
    """Return several ranges."""
    return {"spreadsheetId": edit.book.id, "valueRanges": [read(edit, text, query) for text in query.get("ranges", [])]}


# --------------------------------------------------------------------------------------------------------- writing


def entered(edit: Edit, cell: Cell, text: str) -> Cell:
    """Return a cell after `text` was typed into it: read in the locale, a date or percent brings its format."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidRequestError("Your input contains more than the maximum of 50000 characters in a single cell.")
    number_format = (cell.format or {}).get("numberFormat")
    what = typed(text, edit.book.locale, edit.today, number_format)
    value = edit.value(what.value) if what.value and "formulaValue" in what.value else what.value
    new = cell.with_value(value)
    if what.number_format and what.number_format["type"] != (number_format or {}).get("type"):
        return new._replace(format={**(cell.format or {}), "numberFormat": what.number_format})
    return new


def _input(edit: Edit, cell: Cell, value: Any, how: str) -> Cell:
    """Return a cell after a JSON value came in; USER_ENTERED reads even numbers as if they had been typed."""
    if isinstance(value, bool):
        return cell.with_value({"boolValue": value})
    if how == "USER_ENTERED":
        return entered(edit, cell, f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value))
    if isinstance(value, int | float):
        return cell.with_value({"numberValue": float(value)})
    if isinstance(value, str):
        return cell.with_value(edit.value({"stringValue": value}))
    raise InvalidRequestError(f"Invalid values: {value!r} is no cell value")


def update(edit: Edit, text: str, body: Message, query: Query) -> Message:
    """Write a ValueRange; null leaves a cell as it is, "" empties it."""
    how = query.get("valueInputOption", [""])[-1]
    if how not in {"RAW", "USER_ENTERED"}:
        raise InvalidRequestError("'valueInputOption' is required but not specified")
    tab, area = parse_range(edit.book, text)
    tab = edit.book.writable(tab.id)
    tab.limited(area)
    single = area.bottom == area.top + 1 and area.right == area.left + 1
    limits = (Area(area.top, None, area.left, None) if single else area).within(tab.rows, tab.columns)
    rows = _rows(body)
    _check_room(tab, area, limits, rows)
    written = [
        (area.top + row, area.left + column, value)
        for row, cells in enumerate(rows)
        for column, value in enumerate(cells)
        if value is not None
    ]
    for row, column, value in written:
        edit.guard(tab, cell_area(row, column))
        tab.put(row, column, _input(edit, tab.cell(row, column), value, how))
    height, width = len(rows), max(map(len, rows), default=0)
    done = Area(area.top, area.top + max(height, 1), area.left, area.left + max(width, 1))
    answer: Message = {"spreadsheetId": edit.book.id, "updatedRange": tab.named(done)}
    numbers = {"updatedRows": height, "updatedColumns": width, "updatedCells": len(written)}
    answer |= {name: number for name, number in numbers.items() if number}
    if query.get("includeValuesInResponse", ["false"])[-1].lower() == "true":
        render = query.get("responseValueRenderOption", [_RENDER[0]])
        answer["updatedData"] = read(edit, tab.named(done), {"valueRenderOption": render})
    return answer


def _rows(body: Message) -> list[list[Any]]:
    rows = body.get("values", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        wrong = rows if not isinstance(rows, list) else next(row for row in rows if not isinstance(row, list))
        message = f"Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"{wrong}\""
        raise invalid_sheets(message, "data.values")
    if body.get("majorDimension") != "COLUMNS":
        return rows
    height = max(map(len, rows), default=0)
    return [[column[row] if row < len(column) else None for column in rows] for row in range(height)]


def _check_room(tab: Tab, area: Area, limits: Area, rows: list[list[Any]]) -> None:
    asked = tab.named(area.within(tab.rows, tab.columns))
    if area.top + len(rows) > (limits.bottom or 0):
        line = f"row [{(limits.bottom or 0) + 1}]"
    elif area.left + max(map(len, rows), default=0) > (limits.right or 0):
        line = f"column [{column_name(limits.right or 0)}]"
    else:
        return
    raise InvalidRequestError(f"Requested writing within range [{asked}], but tried writing to {line}")


def batch_update(edit: Edit, body: Message) -> Message:
    """Write several ranges, all or none."""
    query = {"valueInputOption": [body.get("valueInputOption", "")]}
    answers = []
    for number, data in enumerate(body.get("data", [])):
        try:
            answers.append(update(edit, data.get("range", ""), data, query))
        except InvalidRequestError as error:
            raise invalid_sheets(f"Invalid data[{number}]: {error}") from error
    totals = {
        f"totalU{name[1:]}": sum(one.get(name, 0) for one in answers)
        for name in ("updatedRows", "updatedColumns", "updatedCells")
    }
    sheets = {one["updatedRange"].rpartition("!")[0] for one in answers}
    return {"spreadsheetId": edit.book.id, **totals, "totalUpdatedSheets": len(sheets), "responses": answers}


def append(edit: Edit, text: str, body: Message, query: Query) -> Message:
    """Write below the last row of the table that stands in the range; the grid grows if need be."""
    tab, area = parse_range(edit.book, text)
    tab = edit.book.writable(tab.id)
    rows = _rows(body)
    filled = [(row, column) for row, column, cell in tab.touched(tab.limited(area)) if cell.value is not None]
    top = max((row for row, _ in filled), default=area.top - 1) + 1
    left = min((column for _, column in filled), default=area.left)
    for axis, needed in (("ROWS", top + len(rows)), ("COLUMNS", left + max(map(len, rows), default=0))):
        missing = needed - count(tab, axis)
        if missing > 0:
            edit.guard_sheet(tab)
            tab.rows, tab.columns = (needed, tab.columns) if axis == "ROWS" else (tab.rows, needed)
    edit.book.check_size()
    target = Area(top, top + max(len(rows), 1), left, left + max(map(len, rows), default=1))
    done = update(edit, tab.named(target), {"values": rows}, query)
    answer: Message = {"spreadsheetId": edit.book.id, "updates": done}
    if filled:
        lines, columns = [row for row, _ in filled], [column for _, column in filled]
        table = Area(min(lines), max(lines) + 1, min(columns), max(columns) + 1)
        answer["tableRange"] = tab.named(table)
    return answer


def clear(edit: Edit, texts: Iterable[str]) -> list[str]:
    """Empty ranges of their values, never of formats and validations; return their names."""
    names = []
    for text in texts:
        tab, area = parse_range(edit.book, text)
        tab = edit.book.writable(tab.id)
        area = tab.limited(area)
        edit.guard(tab, area)
        for row, column, cell in list(tab.touched(area)):
            tab.put(row, column, cell.with_value(None))
        names.append(tab.named(area))
    return names
