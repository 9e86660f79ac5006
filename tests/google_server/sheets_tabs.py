"""The kinds of batchUpdate about the spreadsheet and its tabs: properties, filters, developer metadata."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import available_timezones

from google_server.sheets_areas import InvalidRequestError, to_grid_range
from google_server.sheets_edit import Edit
from google_server.sheets_formulas import translated
from google_server.sheets_grid import MOST_TABS, Message, Tab
from google_server.sheets_lines import resize
from google_server.sheets_locale import LOCALES
from google_server.sheets_masks import update_mask, updated
from google_server.sheets_protections import fresh_id

_OWN = frozenset({"hidden", "rightToLeft", "tabColor", "tabColorStyle"})
_GRID = frozenset(
    {"frozenRowCount", "frozenColumnCount", "hideGridlines", "rowGroupControlAfter", "columnGroupControlAfter"}
)
_BOOK = frozenset({"title", "locale", "timeZone", "autoRecalc"})


def update_spreadsheet_properties(edit: Edit, request: Message) -> None:
    """Set title, locale, time zone of the spreadsheet."""
    mask = update_mask(request)
    given = request.get("properties") or {}
    names = _BOOK & given.keys() if "*" in mask else frozenset(mask)
    if names - _BOOK:
        raise InvalidRequestError(f"SpreadsheetProperties.{min(names - _BOOK)} cannot be set on this server.")
    book = edit.book
    if "title" in names:
        if not given.get("title"):
            raise InvalidRequestError("The spreadsheet title cannot be empty.")
        book.title = given["title"]
    if "locale" in names:
        if given.get("locale") not in LOCALES:
            raise InvalidRequestError(f"Unsupported locale: {given.get('locale')}")
        _change_locale(edit, given["locale"])
    if "timeZone" in names:
        if given.get("timeZone") not in available_timezones():
            raise InvalidRequestError(f"Unsupported time zone: {given.get('timeZone')}")
        book.properties["timeZone"] = given["timeZone"]


def _change_locale(edit: Edit, name: str) -> None:
    """Change the locale; formulas that stand are shown in the new notation from now on."""
    old, new = edit.locale, LOCALES[name]
    edit.book.properties["locale"] = name
    if old.argument == new.argument:
        return
    for known in list(edit.book.tabs):
        formulas = [
            (row, column, cell)
            for row, column, cell in known.touched(known.area)
            if cell.value and "formulaValue" in cell.value
        ]
        tab = edit.book.writable(known.id) if formulas else known
        for row, column, cell in formulas:
            text = translated((cell.value or {})["formulaValue"], old, new)
            tab.put(row, column, cell._replace(value={"formulaValue": text}))


# ------------------------------------------------------------------------------------------------------------ tabs


def add_sheet(edit: Edit, request: Message) -> Message:
    """Add a tab."""
    given = request.get("properties") or {}
    number = given.get("sheetId")
    if number is None:
        number = fresh_id(edit, "sheet")
    if number < 0 or edit.book.find(number):
        raise InvalidRequestError(f"Invalid sheetId: {number}. A sheet with this id already exists, or it is negative.")
    if given.get("sheetType", "GRID") != "GRID":
        raise InvalidRequestError("Only sheets of the type GRID are supported by this server.")
    if len(edit.book.tabs) >= MOST_TABS:
        raise InvalidRequestError(f"This document has too many sheets. The limit is {MOST_TABS}.")
    title = given.get("title", "") or _free_title(edit)
    _check_title(edit, title, None)
    grid = given.get("gridProperties") or {}
    tab = Tab(number, title, grid.get("rowCount", 1000), grid.get("columnCount", 26))
    if min(tab.rows, tab.columns) < 1:
        raise InvalidRequestError("gridProperties.rowCount and columnCount must be at least 1.")
    index = given.get("index", len(edit.book.tabs))
    if not 0 <= index <= len(edit.book.tabs):
        raise InvalidRequestError(f"Sheet index {index} is out of range.")
    edit.book.tabs.insert(index, tab)
    edit.book.owned.add(number)
    size = {"rowCount": tab.rows, "columnCount": tab.columns}
    _store(edit, tab, {**given, "title": title, "gridProperties": {**grid, **size}})
    edit.book.check_size()
    return {"addSheet": {"properties": sheet_properties(edit.book.tabs, tab)}}


def delete_sheet(edit: Edit, request: Message) -> None:
    """Delete a tab, but never the last one that people see."""
    tab = edit.book.writable(request.get("sheetId", 0), "sheet")
    if len(edit.book.tabs) == 1:
        raise InvalidRequestError("You can't remove all the sheets in a document.")
    if all(other.hidden for other in edit.book.tabs if other is not tab):
        raise InvalidRequestError("You can't remove all the visible sheets in a document.")
    edit.guard_sheet(tab)
    for protection in tab.protections.values():
        edit.guard(tab, protection.area)
    edit.book.tabs.remove(tab)
    edit.book.named_ranges = {
        number: found for number, found in edit.book.named_ranges.items() if found["sheet"] != tab.id
    }


def duplicate_sheet(edit: Edit, request: Message) -> Message:
    """Copy a tab. Its protections come along only for somebody who may edit all of it: the others get a free copy."""
    source = edit.book.tab(request.get("sourceSheetId", 0), "sheet")
    number = request.get("newSheetId")
    if number is None:
        number = fresh_id(edit, "sheet")
    if edit.book.find(number):
        raise InvalidRequestError(f"Invalid sheetId: {number}. A sheet with this id already exists, or it is negative.")
    title = request.get("newSheetName") or _copy_title(edit, source.title)
    _check_title(edit, title, None)
    copied = source.copy()
    copied.id, copied.title = number, title
    copied.protections, kept = {}, source.protections.values()
    edit.book.tabs.insert(request.get("insertSheetIndex", 0), copied)
    edit.book.owned.add(number)
    if edit.allows(source, source.area):
        for protection in kept:
            fresh = fresh_id(edit, "protection")
            copied.protections[fresh] = replace(protection, id=fresh)
    edit.book.check_size()
    return {"duplicateSheet": {"properties": sheet_properties(edit.book.tabs, copied)}}


def update_sheet_properties(edit: Edit, request: Message) -> None:
    """Rename, hide, move, freeze, resize a tab."""
    mask = update_mask(request)
    given = request.get("properties") or {}
    tab = edit.book.writable(given.get("sheetId", 0), "sheet")
    old = sheet_properties(edit.book.tabs, tab)
    if "*" not in mask:
        unknown = mask.keys() - _OWN - {"title", "index", "gridProperties", "sheetId"}
        if unknown:
            raise InvalidRequestError(f"SheetProperties.{min(unknown)} cannot be set on this server.")
    if mask.keys() != {"index"}:
        edit.guard_sheet(tab)
    new = updated(old, given, mask) or {}
    _store(edit, tab, new)
    if "index" in mask or ("*" in mask and "index" in given):
        _move(edit, tab, given.get("index", 0))


def _store(edit: Edit, tab: Tab, new: Message) -> None:
    if new.get("title", "") != tab.title:
        _check_title(edit, new.get("title", ""), tab)
        tab.title = new["title"]
    tab.properties = {name: value for name, value in new.items() if name in _OWN and value}
    if all(other.hidden for other in edit.book.tabs):
        raise InvalidRequestError("You can't hide all the sheets in a document.")
    grid = new.get("gridProperties") or {}
    unknown = grid.keys() - _GRID - {"rowCount", "columnCount"}
    if unknown:
        raise InvalidRequestError(f"GridProperties.{min(unknown)} cannot be set on this server.")
    tab.grid = {name: value for name, value in grid.items() if name in _GRID and value}
    resize(edit, tab, grid.get("rowCount", 0), grid.get("columnCount", 0))
    _check_frozen(tab)


def _check_frozen(tab: Tab) -> None:
    for words, frozen, number, axis in (
        ("rows", tab.grid.get("frozenRowCount", 0), tab.rows, "ROWS"),
        ("columns", tab.grid.get("frozenColumnCount", 0), tab.columns, "COLUMNS"),
    ):
        lines = tab.lines[axis]
        if frozen and all(lines.get(line, {}).get("hiddenByUser") for line in range(frozen, number)):
            raise InvalidRequestError(f"You can't freeze all visible {words} on the sheet.")
        spans = [(area.top, area.bottom) if axis == "ROWS" else (area.left, area.right) for area in tab.merges]
        if any(start < frozen < (end or 0) for start, end in spans):
            raise InvalidRequestError(
                f"Sorry, you can't freeze {words} which contain only part of a merged cell. Try to break apart merged "
                f"cells or freeze more {words} to include the complete merged cells."
            )


def _move(edit: Edit, tab: Tab, index: int) -> None:
    """Move a tab; the index counts before the move, so 2 puts the first of three before the third."""
    tabs = edit.book.tabs
    if not 0 <= index <= len(tabs):
        raise InvalidRequestError(f"Sheet index {index} is out of range.")
    at = tabs.index(tab)
    if index not in {at, at + 1}:
        tabs.remove(tab)
        tabs.insert(index - 1 if index > at else index, tab)


def _check_title(edit: Edit, title: str, tab: Tab | None) -> None:
    if not title:
        raise InvalidRequestError("The sheet name cannot be empty.")
    if len(title) > 100:
        raise InvalidRequestError("The sheet name cannot be greater than 100 characters.")
    found = edit.book.by_title(title)
    if found is not None and found is not tab:
        raise InvalidRequestError(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _free_title(edit: Edit) -> str:
    return next(title for number in range(1, MOST_TABS + 2) if not edit.book.by_title(title := f"Sheet{number}"))


def _copy_title(edit: Edit, title: str) -> str:
    first = f"Copy of {title}"
    others = (f"{first} {number}" for number in range(2, MOST_TABS + 2))
    return first if not edit.book.by_title(first) else next(one for one in others if not edit.book.by_title(one))


def sheet_properties(tabs: list[Tab], tab: Tab) -> Message:
    """Return the SheetProperties of a tab."""
    grid = {"rowCount": tab.rows, "columnCount": tab.columns} | tab.grid
    own = {"sheetId": tab.id, "title": tab.title, "index": tabs.index(tab), "sheetType": "GRID", "gridProperties": grid}
    return own | tab.properties


# ---------------------------------------------------------------------------------------------- filters, metadata


def set_basic_filter(edit: Edit, request: Message) -> None:
    """Set the filter that everybody sees."""
    data = request.get("filter") or {}
    tab, area = edit.place(data.get("range"))
    area = tab.limited(area)
    edit.guard_sheet(tab)
    tab.basic_filter = {**data, "range": to_grid_range(area, tab.id)}


def clear_basic_filter(edit: Edit, request: Message) -> None:
    """Take that filter away."""
    tab = edit.book.writable(request.get("sheetId", 0))
    edit.guard_sheet(tab)
    tab.basic_filter = None


def add_filter_view(edit: Edit, request: Message) -> Message:
    """Add a filter that each person may choose."""
    data = request.get("filter") or {}
    tab, area = edit.place(data.get("range"))
    number = data.get("filterViewId") or fresh_id(edit, "filter view")
    if any(number in one.filter_views for one in edit.book.tabs):
        raise InvalidRequestError(f"A filter view with id {number} already exists.")
    title = data.get("title") or f"Filter {len(tab.filter_views) + 1}"
    if any(title == view["title"] for view in tab.filter_views.values()):
        raise InvalidRequestError(f"A filter view with the name {title} already exists.")
    view = {**data, "filterViewId": number, "title": title, "range": to_grid_range(tab.limited(area), tab.id)}
    tab.filter_views[number] = view
    return {"addFilterView": {"filter": view}}


def create_developer_metadata(edit: Edit, request: Message) -> Message:
    """Attach a key and a value to the spreadsheet, a sheet, rows or columns."""
    data = dict(request.get("developerMetadata") or {})
    if not data.get("metadataKey") or not data.get("visibility"):
        raise InvalidRequestError("DeveloperMetadata needs a metadataKey and a visibility.")
    number = data.setdefault("metadataId", fresh_id(edit, "metadata"))
    known = [one["metadataId"] for tab in edit.book.tabs for one in tab.metadata]
    if number < 1 or number in known or number in [one["metadataId"] for one in edit.book.metadata]:
        raise InvalidRequestError(f"DeveloperMetadata with id {number} already exists.")
    location = dict(data.get("location") or {})
    if "sheetId" in location or "dimensionRange" in location:
        lines = location.get("dimensionRange", {})
        kind = {"ROWS": "ROW", "COLUMNS": "COLUMN"}.get(lines.get("dimension", ""), "SHEET")
        data["location"] = {**location, "locationType": kind}
        edit.book.writable(location.get("sheetId", lines.get("sheetId", 0))).metadata.append(data)
    else:
        data["location"] = {"locationType": "SPREADSHEET", "spreadsheet": True}
        edit.book.metadata.append(data)
    return {"createDeveloperMetadata": {"developerMetadata": data}}
