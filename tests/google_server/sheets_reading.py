"""What spreadsheets.get answers: the spreadsheet as messages, false and empty members dropped as Google drops them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from google_server.masks import Mask
from google_server.sheets_areas import Area, InvalidRequestError, parse_area, to_grid_range
from google_server.sheets_edit import Edit, protection_message
from google_server.sheets_formulas import hyperlink, parse_formula
from google_server.sheets_grid import EMPTY, Book, Cell, Message, Tab
from google_server.sheets_lines import line_message
from google_server.sheets_masks import below, wants
from google_server.sheets_numbers import shown
from google_server.sheets_protections import named_range_message
from google_server.sheets_tabs import sheet_properties

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"“”]+[^\s<>\"“”.,;:!?)\]}'’…]", re.IGNORECASE)
_ERRORS = {"ERROR": "#ERROR!", "REF": "#REF!", "NAME": "#NAME?"}
_DEFAULT_FORMAT = {
    "backgroundColor": {"red": 1, "green": 1, "blue": 1},
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {"foregroundColor": {}, "fontFamily": "arial,sans,sans-serif", "fontSize": 10},
}


class LinkSpan(NamedTuple):
    """A link in a cell's text: UTF-16 positions, end excluded."""

    start: int
    end: int
    url: str


# ------------------------------------------------------------------------------------------------- the spreadsheet


def spreadsheet_message(edit: Edit, mask: Mask, ranges: Iterable[str], *, grid_data: bool) -> Message:
    """Return the Spreadsheet that `ranges` ask for (none: all of it); the caller applies the mask to the rest."""
    book = edit.book
    asked = [parse_range(book, text) for text in ranges]
    for tab, area in asked:
        tab.limited(area)
    tabs = [tab for tab in book.tabs if not asked or any(tab is one for one, _ in asked)]
    properties = {"title": book.title, "autoRecalc": "ON_CHANGE", "defaultFormat": _DEFAULT_FORMAT} | book.properties
    message: Message = {"spreadsheetId": book.id, "properties": properties}
    if wants(mask, "sheets"):
        inner = below(mask, "sheets")
        message["sheets"] = [
            _sheet(edit, tab, inner, [area for one, area in asked if one is tab], grid_data=grid_data) for tab in tabs
        ]
    if book.named_ranges:
        message["namedRanges"] = [named_range_message(book.named_ranges, number) for number in book.named_ranges]
    if book.metadata:
        message["developerMetadata"] = list(book.metadata)
    message["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{book.id}/edit"
    return message


def _sheet(edit: Edit, tab: Tab, mask: Mask, areas: list[Area], *, grid_data: bool) -> Message:
    def met(area: Area) -> bool:
        return not areas or any(area.overlap(one) for one in areas)

    message: Message = {"properties": sheet_properties(edit.book.tabs, tab)}
    if grid_data and wants(mask, "data"):
        inner = below(mask, "data")
        message["data"] = [grid_message(edit, tab, area, inner) for area in areas or [tab.area]]
    lists = {
        "merges": [to_grid_range(area, tab.id) for area in tab.merges if met(area)],
        "conditionalFormats": [_rule(tab, rule) for rule in tab.conditional if any(map(met, rule["areas"]))],
        "filterViews": list(tab.filter_views.values()),
        "protectedRanges": [
            protection_message(edit, tab, found) for found in tab.protections.values() if met(found.area)
        ],
        "developerMetadata": [one for one in tab.metadata if "dimensionRange" not in one["location"]],
    }
    message |= {name: found for name, found in lists.items() if found}
    if tab.basic_filter:
        message["basicFilter"] = tab.basic_filter
    return message


def _rule(tab: Tab, rule: Message) -> Message:
    return {"ranges": [to_grid_range(area, tab.id) for area in rule["areas"]], "booleanRule": rule["booleanRule"]}


def grid_message(edit: Edit, tab: Tab, area: Area, mask: Mask) -> Message:
    """Return the GridData of an area: rows and cells beyond the last touched one are cut off."""
    area = area.within(tab.rows, tab.columns)
    message: Message = {}
    if area.top:
        message["startRow"] = area.top
    if area.left:
        message["startColumn"] = area.left
    if wants(mask, "rowData"):
        rows = _rows(edit, tab, area, below(below(mask, "rowData"), "values"))
        if rows:
            message["rowData"] = rows
    if wants(mask, "rowMetadata"):
        message["rowMetadata"] = [line_message(tab, "ROWS", row) for row in range(area.top, area.bottom or 0)]
    if wants(mask, "columnMetadata"):
        columns = range(area.left, area.right or 0)
        message["columnMetadata"] = [line_message(tab, "COLUMNS", column) for column in columns]
    return message


def _rows(edit: Edit, tab: Tab, area: Area, mask: Mask) -> list[Message]:
    found: dict[int, dict[int, Cell]] = {}
    for row, column, cell in tab.touched(area):
        found.setdefault(row, {})[column] = cell
    rows: list[Message] = []
    for row in range(area.top, max(found, default=area.top - 1) + 1):
        cells = found.get(row)
        values = (
            [
                cell_message(edit, cells[column], mask) if column in cells else {}
                for column in range(area.left, max(cells) + 1)
            ]
            if cells
            else []
        )
        rows.append({"values": values} if values else {})
    return rows


def parse_range(book: Book, text: str) -> tuple[Tab, Area]:
    """Return tab and area of `'Tab'!A1:B2`, of a tab's title, of a named range or of A1:B2 on the first tab."""
    title, sign, rest = text.rpartition("!")
    if sign:
        tab, area = book.by_title(_unquoted(title)), parse_area(rest)
        if tab is not None and area is not None:
            return tab, area
        raise InvalidRequestError(f"Unable to parse range: {text}")
    named = next((found for found in book.named_ranges.values() if found["name"] == text), None)
    if named is not None:
        return book.tab(named["sheet"]), named["area"]
    by_title = book.by_title(_unquoted(text))
    if by_title is not None:
        return by_title, Area()
    area = parse_area(text)
    if area is None:
        raise InvalidRequestError(f"Unable to parse range: {text}")
    return book.tabs[0], area


def _unquoted(title: str) -> str:
    quoted = len(title) > 1 and title[0] == title[-1] == "'"
    return title[1:-1].replace("''", "'") if quoted else title


# --------------------------------------------------------------------------------------------------------- a cell


def cell_message(edit: Edit, cell: Cell, mask: Mask) -> Message:
    """Return the CellData of a cell, of the members that the mask names at the first level."""
    if cell is EMPTY:
        return {}
    names = _MEMBERS if not mask or "*" in mask else mask
    message: Message = {}
    for name in names:
        reader = _MEMBERS.get(name)
        value = reader(edit, cell) if reader else None
        if value:
            message[name] = value
    return message


def effective(edit: Edit, cell: Cell) -> Message | None:
    """Return the effective value; of formulas only that of HYPERLINK and of those that Google could not read."""
    value = cell.value
    if value is None or "formulaValue" not in value:
        return value
    parsed = parse_formula(value["formulaValue"], edit.locale, edit.knows)
    if parsed.error:
        return {"errorValue": {"type": parsed.error, "message": parsed.message}}
    link = hyperlink(value["formulaValue"])
    return {"stringValue": link[1]} if link else None


def formatted(edit: Edit, cell: Cell) -> str:
    """Return what people see in the cell."""
    value = effective(edit, cell)
    if value is None:
        return ""
    if "numberValue" in value:
        return shown(value["numberValue"], (cell.format or {}).get("numberFormat"), edit.locale)
    if "boolValue" in value:
        return str(value["boolValue"]).upper()
    return _ERRORS[value["errorValue"]["type"]] if "errorValue" in value else str(value.get("stringValue", ""))


def links(cell: Cell) -> list[LinkSpan]:
    """Return the links in a cell, chips apart: set over words, on the whole cell, or made from typed addresses."""
    if cell.value is None:
        return []
    if "formulaValue" in cell.value:
        link = hyperlink(cell.value["formulaValue"])
        return [LinkSpan(0, 0, link[0])] if link and link[0] else []
    text = cell.value.get("stringValue", "")
    whole = (cell.format or {}).get("textFormat", {}).get("link", {}).get("uri")
    if not (cell.runs or cell.chips or whole) and "://" not in text and "www." not in text.lower():
        return []
    end = _units(text)
    starts = [run.get("startIndex", 0) for run in cell.runs] + [end]
    urls = [run.get("format", {}).get("link", {}).get("uri") for run in cell.runs]
    spans = [LinkSpan(starts[at], starts[at + 1], url) for at, url in enumerate(urls) if url]
    if spans or whole or cell.chips:
        return spans or ([LinkSpan(0, end, whole)] if whole else [])
    found = (LinkSpan(_units(text[: one.start()]), _units(text[: one.end()]), one[0]) for one in _URL.finditer(text))
    return [span if "://" in span.url else span._replace(url=f"http://{span.url}") for span in found]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _hyperlink(_edit: Edit, cell: Cell) -> str | None:
    found = links(cell)
    return found[0].url if len(found) == 1 else None


def _runs(_edit: Edit, cell: Cell) -> list[Message]:
    if cell.runs:
        return [_without_zero(run) for run in cell.runs]
    found = links(cell)
    text = (cell.value or {}).get("stringValue", "")
    if not text or (cell.format or {}).get("textFormat", {}).get("link") or not found:
        return []
    if len(found) == 1 and (found[0].start, found[0].end) == (0, _units(text)):
        return []
    runs: list[Message] = [] if found[0].start == 0 else [{"format": {}}]
    for at, span in enumerate(found):
        look = {"foregroundColor": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8}, "underline": True}
        runs.append({"startIndex": span.start, "format": {**look, "link": {"uri": span.url}}})
        following = found[at + 1].start if at + 1 < len(found) else _units(text)
        if span.end < following:
            runs.append({"startIndex": span.end, "format": {}})
    return [_without_zero(run) for run in runs]


def _without_zero(run: Mapping[str, object]) -> Message:
    return {name: value for name, value in run.items() if name != "startIndex" or value}


def _effective_format(_edit: Edit, cell: Cell) -> Message:
    found = dict(cell.format or {})
    if found or cell.value is not None:
        found["hyperlinkDisplayType"] = "LINKED" if links(cell) else "PLAIN_TEXT"
    return found


_MEMBERS: dict[str, Callable[[Edit, Cell], object]] = {
    "userEnteredValue": lambda _, cell: cell.value,
    "effectiveValue": effective,
    "formattedValue": formatted,
    "userEnteredFormat": lambda _, cell: cell.format,
    "effectiveFormat": _effective_format,
    "hyperlink": _hyperlink,
    "note": lambda _, cell: cell.note,
    "textFormatRuns": _runs,
    "dataValidation": lambda _, cell: cell.validation,
    "chipRuns": lambda _, cell: [_without_zero(run) for run in cell.chips],
}
