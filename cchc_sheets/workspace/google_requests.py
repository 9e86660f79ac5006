"""From the spec of a sheet to the requests that make it in a Google spreadsheet; nothing here sends anything.

The requests are those of `spreadsheets.batchUpdate` (Google's page "Method: spreadsheets.batchUpdate"). Their order
matters where a long list has to be sent in several bodies: first every sheet with its protection, then what stands
in them, at the very last the stamps in A1, so that a sheet with a stamp is a whole one. A sheet that is protected
under its own id but has no stamp is one of ours whose making broke off.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from openpyxl.utils import column_index_from_string

from cchc_sheets.characters import whole
from cchc_sheets.layouts.workbook import Formula, Row, Sheet, Value, Workbook
from cchc_sheets.reading import Cell
from cchc_sheets.workspace.filling import filled
from cchc_sheets.workspace.google_batches import Request
from cchc_sheets.workspace.google_cells import LINK_FIELD, CellData, cell_data, update_cells
from cchc_sheets.workspace.google_drawing import Carried, Drawing
from cchc_sheets.workspace.google_formats import number_format
from cchc_sheets.workspace.google_grid import Spot, bounding, rectangles
from cchc_sheets.workspace.google_inputs import input_spots
from cchc_sheets.workspace.placement import place

WRITING: Final = "1"  # raise it when the way of writing changes: every sheet is then made anew on `ensure`
DIGEST_NOTE: Final = "cchc-sheets digest "
FIRST_ID: Final = 1001
DEPARTMENT_ID: Final = 10_000
"""From the id of a sheet to that of the protection of its inputs."""
RENEWAL_ID: Final = 20_000
"""From the id of a sheet to that of the protection that keeps everyone out of its inputs while it is renewed."""

LOCALE: Final = "vi_VN"

_HALF: Final = 32
_OWN: Final = ("userEnteredValue", "userEnteredFormat")
_LONGEST_TITLE = 100
_FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of a spreadsheet: its spec with the slots filled, its own id, its index, the title on the tab.

    Without a title it is the spec's, without what Google does not take.
    """

    sheet: Sheet
    sheet_id: int
    index: int
    title: str = ""


def tabs_of(workbook: Workbook, first_id: int = FIRST_ID) -> tuple[Tab, ...]:
    """Return the tabs of a new spreadsheet for `workbook`: slots filled, ids counted up, each title different."""
    taken: set[str] = set()
    tabs: list[Tab] = []
    for index, spec in enumerate(workbook.sheets):
        sheet = filled(spec, workbook.slots)
        title = _distinct(_title(sheet), taken)
        taken.add(title.casefold())
        tabs.append(Tab(sheet, first_id + index, index, title))
    return tuple(tabs)


def digest_of(sheet: Sheet, stamp: str) -> str:
    """Return the digest of all that decides what is written into a sheet; its slots are filled.

    Its first half tells of the form alone: everything but what stands in our own cells. Whether the sheet is closed
    is told by its protection.
    """
    sheet = replace(sheet, closed=False)
    rows = (replace(row, cells=_formulas(row)) for row in sheet.rows)
    form = replace(sheet, banner=tuple(replace(row, cells=_formulas(row)) for row in sheet.banner), rows=tuple(rows))
    return _hashed(WRITING, stamp, form) + _hashed(sheet)


def form_of(digest: str) -> str:
    """Return the part of a digest that tells of the form."""
    return digest[:_HALF]


def _formulas(row: Row) -> dict[str, Value]:
    return {column: value for column, value in row.cells.items() if isinstance(value, Formula)}


def _hashed(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()[:_HALF]


def spreadsheet_properties_request(title: str, time_zone: str) -> Request:
    """Return the request that must come first: formulas are understood in the locale that holds by then."""
    properties = {"title": whole(title), "locale": LOCALE, "timeZone": time_zone}
    return {"updateSpreadsheetProperties": {"properties": properties, "fields": "title,locale,timeZone"}}


def delete_sheet_request(sheet_id: int) -> Request:
    """Return the request that takes a sheet away."""
    return {"deleteSheet": {"sheetId": sheet_id}}


def begun_sheets(
    tabs: Sequence[Tab], carried: Carried | None = None, without: Sequence[int] = (), *, is_locked: bool = False
) -> list[Request]:
    """Return all of these sheets but what makes them count, after the titles of others are taken from them.

    `is_locked` keeps everyone out of them: they appear before people's eyes while they are being written.

    Raises WorkbookUnreadable (`unwritable`) for a text that no cell can hold.
    """
    drawings = [Drawing(tab.sheet_id, tab.sheet, carried or {}) for tab in tabs]
    return [
        *map(_without_title, without),
        *(
            request
            for tab, drawing in zip(tabs, drawings, strict=True)
            for request in _begun(tab, drawing, is_locked=is_locked)
        ),
        *(request for drawing in drawings for request in drawing.contents()),
    ]


def finished_sheets(stamped: Sequence[tuple[Tab, str]], without: Sequence[int] = ()) -> list[Request]:
    """Return what makes begun sheets count in the place of others; these belong into one body."""
    return [*map(delete_sheet_request, without), *(stamp_request(tab, stamp) for tab, stamp in stamped)]


def stamp_request(tab: Tab, stamp: str) -> Request:
    """Return the request that declares a sheet whole: the stamp in A1, the digest of its spec in the note."""
    digest = DIGEST_NOTE + digest_of(tab.sheet, stamp)
    return update_cells(tab.sheet_id, (0, 0), [[cell_data(Cell(stamp, note=digest), "")]], "userEnteredValue,note")


def open_ranges(tab: Tab) -> list[dict[str, int]]:
    """Return the cells open to people, as few rectangles."""
    return [rectangle.on(tab.sheet_id) for rectangle in rectangles(input_spots(place(tab.sheet)))]


def protection_requests(tab: Tab) -> list[Request]:
    """Return what closes the whole sheet but its inputs, and these to all but its own editors, if they are told."""
    whole = _protection(tab.sheet_id, {"sheetId": tab.sheet_id}, ())
    whole["unprotectedRanges"] = [] if tab.sheet.closed else open_ranges(tab)
    protections = [whole]
    inputs = rectangles(input_spots(place(tab.sheet)))
    if tab.sheet.editors is not None and inputs:
        own = bounding(inputs).on(tab.sheet_id)
        protections.append(_protection(tab.sheet_id + DEPARTMENT_ID, own, tab.sheet.editors))
    return [{"addProtectedRange": {"protectedRange": protection}} for protection in protections]


def closed(sheet_id: int) -> Request:
    """Return the request that closes the inputs of a sheet to everyone but the office."""
    return unprotected(sheet_id, [])


def locked(sheet_id: int, rows: int, columns: int) -> Request:
    """Return the request that keeps everyone but the office out of a sheet, and leaves told what is open in it.

    It protects all cells as a range: a sheet has only one protection as a whole.
    """
    area = {
        "sheetId": sheet_id,
        "startRowIndex": 0,
        "endRowIndex": rows,
        "startColumnIndex": 0,
        "endColumnIndex": columns,
    }
    return {"addProtectedRange": {"protectedRange": _protection(sheet_id + RENEWAL_ID, area, ())}}


def unlocked(sheet_id: int) -> Request:
    """Return the request that takes this lock away."""
    return {"deleteProtectedRange": {"protectedRangeId": sheet_id + RENEWAL_ID}}


def cell_requests(sheet_id: int, cells: Mapping[tuple[int, str], Cell]) -> list[Request]:
    """Return what writes cells anew in place, by row number and column letter: values and links, no notes.

    Looks and rules stay as they are; only a date, a time or a percentage brings its number format with it.
    """
    written: dict[str, dict[Spot, CellData]] = {}
    for (number, name), cell in cells.items():
        fields, data = _in_place(cell, f"{name}{number}")
        written.setdefault(fields, {})[number - 1, column_index_from_string(name) - 1] = data
    return [
        update_cells(
            sheet_id,
            (area.top, area.left),
            [[own[row, column] for column in range(area.left, area.right)] for row in range(area.top, area.bottom)],
            fields,
        )
        for fields, own in written.items()
        for area in rectangles(own)
    ]


def _in_place(cell: Cell, where: str) -> tuple[str, CellData]:
    fields = f"userEnteredValue,{LINK_FIELD}"
    data = {name: part for name, part in cell_data(cell, where).items() if name in _OWN}
    kind, pattern = number_format(cell, None)
    if not kind:
        return fields, data
    shown = {**data.get("userEnteredFormat", {}), "numberFormat": {"type": kind, "pattern": pattern}}
    return f"{fields},userEnteredFormat.numberFormat", {**data, "userEnteredFormat": shown}


def _without_title(sheet_id: int) -> Request:
    properties = {"sheetId": sheet_id, "title": f"cchc-sheets {sheet_id}"}
    return {"updateSheetProperties": {"properties": properties, "fields": "title"}}


def _begun(tab: Tab, drawing: Drawing, *, is_locked: bool) -> Iterator[Request]:
    grid = drawing.grid_properties()
    properties = {
        "sheetId": tab.sheet_id,
        "title": tab.title or _title(tab.sheet),
        "index": tab.index,
        "gridProperties": grid,
    }
    yield {"addSheet": {"properties": properties}}
    if is_locked:
        yield locked(tab.sheet_id, grid["rowCount"], grid["columnCount"])
    yield from protection_requests(tab)


def _protection(number: int, area: Mapping[str, int], editors: Sequence[str]) -> dict[str, Any]:
    """Return a protection for `editors` alone; Google itself adds the owner and whoever asks for it."""
    return {
        "protectedRangeId": number,
        "range": dict(area),
        "editors": {"users": list(editors), "domainUsersCanEdit": False},
    }


def unprotected(protection_id: int, ranges: Sequence[Mapping[str, int]]) -> Request:
    """Return the request that leaves exactly these ranges of a protected sheet open to people."""
    protection = {"protectedRangeId": protection_id, "unprotectedRanges": list(ranges)}
    return {"updateProtectedRange": {"protectedRange": protection, "fields": "unprotectedRanges"}}


def _title(sheet: Sheet) -> str:
    return _FORBIDDEN_IN_TITLE.sub("-", whole(sheet.title)).strip("' ")[:_LONGEST_TITLE] or sheet.key


def _distinct(title: str, taken: Collection[str]) -> str:
    wanted, number = title, 2
    while wanted.casefold() in taken:
        ending = f" ({number})"
        wanted, number = title[: _LONGEST_TITLE - len(ending)] + ending, number + 1
    return wanted
