"""From the answer of `spreadsheets.get` to what was found in a spreadsheet; pure, nothing is sent.

Google leaves out of its answers whatever is zero, false or empty: the first sheet may have no `sheetId`, the first
block of cells no `startRow`, an untouched cell is `{}`.

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from openpyxl.utils import column_index_from_string

from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.messages import text
from cchc_sheets.workspace.found import FoundRow, FoundSheet, stamp_place
from cchc_sheets.workspace.google_cell_reading import CELL_MASK, found_cell
from cchc_sheets.workspace.google_requests import DIGEST_NOTE, RENEWAL_ID
from cchc_sheets.workspace.placement import letter

_TAB_MASK = "properties(sheetId,title,index,hidden,gridProperties(rowCount,columnCount))"
_PROTECTION_MASK = "protectedRanges(protectedRangeId,range,editors,warningOnly,unprotectedRanges)"
_GRID_MASK = f"data(startRow,startColumn,rowData(values({CELL_MASK})))"
MASK: Final = f"spreadsheetId,properties(title,locale,timeZone),sheets({_TAB_MASK},{_PROTECTION_MASK},{_GRID_MASK})"
"""The fields to ask for: one request brings everything that a reading or a repair needs."""

# What an answer of another shape makes the reader raise.
_DAMAGE = (AttributeError, KeyError, TypeError, ValueError)

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Area:
    """A `GridRange`: counted from 0, without its end; an end of None is the edge of the sheet."""

    first_row: int = 0
    end_row: int | None = None
    first_column: int = 0
    end_column: int | None = None

    def holds(self, row: int, column: int) -> bool:
        """Tell whether a cell, counted from 0, lies in the area."""
        return (
            self.first_row <= row
            and (self.end_row is None or row < self.end_row)
            and self.first_column <= column
            and (self.end_column is None or column < self.end_column)
        )


@dataclass(frozen=True, slots=True)
class Protection:
    """A protected range: who may type into it, and which areas of a protected sheet everybody may type into."""

    protection_id: int
    area: Area
    is_whole_sheet: bool
    unprotected: tuple[Area, ...]
    editors: tuple[str, ...]
    warning_only: bool


@dataclass(frozen=True, slots=True)
class FoundTab:
    """A sheet with what the adapter needs of it besides its cells.

    `digest` is what the stamp's note says the sheet was made from; empty if it does not say.
    """

    sheet: FoundSheet
    sheet_id: int
    index: int
    is_hidden: bool
    row_count: int
    column_count: int
    digest: str
    protections: tuple[Protection, ...]

    @property
    def is_stamped(self) -> bool:
        """Tell whether the sheet is one of ours."""
        return stamp_place(self.sheet) is not None

    @property
    def is_closed(self) -> bool:
        """Tell whether the sheet is protected as a whole and no area is left open."""
        return any(not protection.unprotected for protection in _locks(self.protections))

    @property
    def is_locked(self) -> bool:
        """Tell whether everybody is kept out of it while it is renewed, or since a renewal broke off."""
        return any(protection.protection_id == self.sheet_id + RENEWAL_ID for protection in self.protections)


@dataclass(frozen=True, slots=True)
class FoundSpreadsheet:
    """Everything in a spreadsheet that a reading or a repair needs; the tabs in the order people see them.

    `copies` are the titles of tabs that people copied from ours; they carry no stamp here.
    """

    title: str
    locale: str
    time_zone: str
    tabs: tuple[FoundTab, ...]
    copies: tuple[str, ...] = ()

    @property
    def sheets(self) -> tuple[FoundSheet, ...]:
        """The sheets as every adapter finds them."""
        return tuple(tab.sheet for tab in self.tabs)

    @property
    def is_closed(self) -> bool:
        """Tell whether our sheets are closed: all that are protected as a whole, and at least one is."""
        locked = [tab for tab in self.tabs if tab.is_stamped and any(_locks(tab.protections))]
        return bool(locked) and all(tab.is_closed for tab in locked)


def found_spreadsheet(answer: Data, where: str = "") -> FoundSpreadsheet:
    """Return what an answer to a request for `MASK`, its numbers parsed as Decimal, says of the spreadsheet.

    Raises WorkbookUnreadable (`unreadable`) for an answer that describes no spreadsheet: one without properties,
    without a sheet, or of another shape. `where` is the spreadsheet's address if it is not given.
    """
    try:
        return _spreadsheet(answer)
    except _DAMAGE as error:
        raise WorkbookUnreadable(
            text("Google's answer does not describe a spreadsheet"),
            where=where or _address(answer),
            fix=text("run the command again; if it stays so, open the spreadsheet in a browser and look at it"),
        ) from error


def _spreadsheet(answer: Data) -> FoundSpreadsheet:
    own = answer["properties"]
    locale = own.get("locale", "")
    tabs = sorted((_tab(sheet, locale) for sheet in answer["sheets"]), key=lambda tab: tab.index)
    if not tabs:
        raise ValueError("every spreadsheet has a sheet")
    tabs, copies = _originals(tabs)
    return FoundSpreadsheet(own.get("title", ""), locale, own.get("timeZone", ""), tuple(tabs), tuple(copies))


def _originals(tabs: list[FoundTab]) -> tuple[list[FoundTab], list[str]]:
    """Return the tabs, copies of ours without their stamp, and the titles of these copies.

    Whoever may write can copy a protected tab; the copy has the stamp, too. But only a program can give a protection
    the number of its sheet: of several tabs with one stamp the one that has it is the original.
    """
    stamps = [_stamp(tab) for tab in tabs]
    originals = Counter(stamp for tab, stamp in zip(tabs, stamps, strict=True) if _has_our_protection(tab))
    copied = {stamp for stamp, times in Counter(stamps).items() if stamp and times > 1 and originals[stamp] == 1}
    kept: list[FoundTab] = []
    copies: list[str] = []
    for tab, stamp in zip(tabs, stamps, strict=True):
        is_copy = stamp in copied and not _has_our_protection(tab)
        kept.append(_unstamped(tab) if is_copy else tab)
        copies += [tab.sheet.title] if is_copy else []
    return kept, copies


def _stamp(tab: FoundTab) -> str:
    place = stamp_place(tab.sheet)
    return place[0].cells[place[1]].text if place else ""


def _has_our_protection(tab: FoundTab) -> bool:
    return any(each.protection_id == tab.sheet_id for each in tab.protections if each.is_whole_sheet)


def _unstamped(tab: FoundTab) -> FoundTab:
    row, stamp = stamp_place(tab.sheet) or (None, "")
    rows = (
        FoundRow(each.number, {name: cell for name, cell in each.cells.items() if name != stamp})
        if each is row
        else each
        for each in tab.sheet.rows
    )
    return replace(tab, sheet=replace(tab.sheet, rows=tuple(rows)), digest="")


def _address(answer: Data) -> str:
    found = answer.get("spreadsheetId") if isinstance(answer, Mapping) else None
    return f"https://docs.google.com/spreadsheets/d/{found}" if found else ""


def _tab(data: Data, locale: str) -> FoundTab:
    own = data["properties"]
    grid = own.get("gridProperties", {})
    protections = tuple(_protection(each) for each in data.get("protectedRanges", ()))
    sheet = FoundSheet(own["title"], _rows(data.get("data", ()), locale), _openness(protections))
    return FoundTab(
        sheet=sheet,
        sheet_id=own.get("sheetId", 0),
        index=own.get("index", 0),
        is_hidden=own.get("hidden", False),
        row_count=grid.get("rowCount", 0),
        column_count=grid.get("columnCount", 0),
        digest=_digest(sheet),
        protections=protections,
    )


def _rows(blocks: list[Data], locale: str) -> tuple[FoundRow, ...]:
    """Return the rows that hold anything, from top to bottom, out of all blocks of the sheet."""
    rows: dict[int, FoundRow] = {}
    for block in blocks:
        first_column = block.get("startColumn", 0) + 1
        for number, line in enumerate(block.get("rowData", ()), start=block.get("startRow", 0) + 1):
            for column, data in enumerate(line.get("values", ()), start=first_column):
                cell = found_cell(data, locale) if data else None
                if cell is not None:
                    rows.setdefault(number, FoundRow(number)).cells[letter(column)] = cell
    return tuple(rows[number] for number in sorted(rows))


def _protection(data: Data) -> Protection:
    area = _area(data.get("range", {}))
    unprotected = tuple(_area(each) for each in data.get("unprotectedRanges", ()))
    editors = data.get("editors", {})
    return Protection(
        protection_id=data.get("protectedRangeId", 0),
        area=area,
        # Only a protected sheet has unprotected ranges; a range that is not told may be anything.
        is_whole_sheet=bool(unprotected) or ("range" in data and area == Area()),
        unprotected=unprotected,
        editors=(*editors.get("users", ()), *editors.get("groups", ())),
        warning_only=data.get("warningOnly", False),
    )


def _area(data: Data) -> Area:
    return Area(
        data.get("startRowIndex", 0),
        data.get("endRowIndex"),
        data.get("startColumnIndex", 0),
        data.get("endColumnIndex"),
    )


def _locks(protections: tuple[Protection, ...]) -> tuple[Protection, ...]:
    """Return what protects the sheet as a whole; a protection that only warns keeps nobody out."""
    return tuple(each for each in protections if each.is_whole_sheet and not each.warning_only)


def _openness(protections: tuple[Protection, ...]) -> Callable[[int, str], bool] | None:
    locks = _locks(protections)
    if not locks:
        return None

    def is_open(number: int, name: str) -> bool:
        row, column = number - 1, column_index_from_string(name) - 1
        return all(any(area.holds(row, column) for area in lock.unprotected) for lock in locks)

    return is_open


def _digest(sheet: FoundSheet) -> str:
    place = stamp_place(sheet)
    if place is None:
        return ""
    row, name = place
    note = row.cells[name].note
    return note.removeprefix(DIGEST_NOTE).strip() if note.startswith(DIGEST_NOTE) else ""
