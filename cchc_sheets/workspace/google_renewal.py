"""What has to be done to a spreadsheet that stands so that it says what its description says; nothing is sent here.

People may be typing while we write. Cells that are theirs are therefore never written in place: where only what we
say has changed, our own cells alone are written; a sheet whose form has changed is locked, read again, and replaced.
The lock is a protection of its own: a renewal that broke off is known by it, and what was open is still told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from openpyxl.utils import column_index_from_string

from cchc_sheets.layouts.workbook import Sheet, Workbook
from cchc_sheets.reading import BLANK, Cell, RowReading, SheetReading, WorkbookReading
from cchc_sheets.workspace.found import FoundSheet
from cchc_sheets.workspace.google_batches import Request
from cchc_sheets.workspace.google_cells import own_cell
from cchc_sheets.workspace.google_drawing import Carried
from cchc_sheets.workspace.google_grid import Spot, rectangles
from cchc_sheets.workspace.google_reading import FoundSpreadsheet, FoundTab
from cchc_sheets.workspace.google_requests import (
    FIRST_ID,
    Tab,
    begun_sheets,
    cell_requests,
    closed,
    digest_of,
    finished_sheets,
    form_of,
    locked,
    protection_requests,
    stamp_request,
    tabs_of,
    unlocked,
    unprotected,
)
from cchc_sheets.workspace.links import is_linked_by_itself
from cchc_sheets.workspace.placement import Placement, place


@dataclass(frozen=True, slots=True)
class StandingSheet:
    """One sheet of a description beside the tab that stands for it, if any does; `is_for_reading`: see `Workbook`."""

    tab: Tab
    stamp: str
    found: FoundTab | None
    reading: SheetReading | None
    is_for_reading: bool = False

    @property
    def says_the_same(self) -> bool:
        """Whether the sheet was made from the very same description."""
        return self.found is not None and self.found.digest == digest_of(self.tab.sheet, self.stamp)

    @property
    def is_protected(self) -> bool:
        """Whether it is closed but for its inputs, and these to all but its own editors, if it has any."""
        if self.found is None:
            return False
        strict = [protection for protection in self.found.protections if not protection.warning_only]
        there = {self.found.sheet_id, *(protection.protection_id for protection in strict)}
        wanted = (request["addProtectedRange"]["protectedRange"] for request in self.protections_wanted)
        has_own = all(protection["protectedRangeId"] in there for protection in wanted)
        return has_own and any(protection.is_whole_sheet for protection in strict)

    @property
    def protections_wanted(self) -> list[Request]:
        """The requests for the protections of the tab that stands."""
        assert self.found is not None  # noqa: S101 - asked of standing tabs only
        return protection_requests(Tab(self.tab.sheet, self.found.sheet_id, self.found.index))

    @property
    def is_as_closed_as_it_should_be(self) -> bool:
        """Whether a sheet that takes nothing more is closed; one that may be open can be closed for other reasons."""
        return self.found is not None and (self.found.is_closed or not self.tab.sheet.closed)

    @property
    def is_overwritten(self) -> bool:
        """Whether somebody wrote over our words where nothing is to be written; elsewhere that is not asked."""
        if not self.is_for_reading or self.reading is None or not self.can_stay:
            return False
        return next(_differing(self.tab.sheet, self.reading), None) is not None

    @property
    def is_in_order(self) -> bool:
        """Whether nothing has to be done to it."""
        is_protected = self.is_protected and self.is_as_closed_as_it_should_be
        says_it = self.says_the_same and not self.is_overwritten
        return self.found is not None and says_it and is_protected and not self.found.is_locked

    @property
    def can_stay(self) -> bool:
        """Whether only what we say in it has changed: form and keys are those of the description."""
        if self.found is None or self.reading is None:
            return False
        if form_of(self.found.digest) != form_of(digest_of(self.tab.sheet, self.stamp)):
            return False
        placement = place(self.tab.sheet)
        keys = {row.key for row in self.reading.rows if row.key}
        return placement.columns.keys() <= self.reading.columns.keys() and placement.numbers.keys() == keys


def standing(workbook: Workbook, found: FoundSpreadsheet, reading: WorkbookReading) -> tuple[StandingSheet, ...]:
    """Set every sheet of the description beside what stands for it."""
    stamped = [tab for tab in found.tabs if tab.is_stamped]
    pairs = list(zip(reading.sheets, stamped, strict=True))
    beside: list[StandingSheet] = []
    for tab in tabs_of(workbook):
        own = next(((sheet, standing) for sheet, standing in pairs if sheet.key == tab.sheet.key), None)
        sheet, standing_tab = own or (None, None)
        stamp = workbook.stamp(tab.sheet)
        beside.append(StandingSheet(tab, stamp, standing_tab, sheet, workbook.is_for_reading))
    return tuple(beside)


def refreshed(sheet: StandingSheet) -> list[Request]:
    """Return the requests that write our own cells of a sheet that stays, as far as they differ, and its digest."""
    if sheet.found is None or sheet.reading is None or (sheet.says_the_same and not sheet.is_overwritten):
        return []
    cells = dict(_differing(sheet.tab.sheet, sheet.reading))
    at_home = Tab(sheet.tab.sheet, sheet.found.sheet_id, sheet.found.index, sheet.found.sheet.title)
    return [*cell_requests(sheet.found.sheet_id, cells), stamp_request(at_home, sheet.stamp)]


def protected_again(sheet: StandingSheet) -> list[Request]:
    """Return the requests that close a sheet again whose protection somebody took away."""
    if sheet.found is None:
        return []
    if sheet.is_protected:
        return [] if sheet.is_as_closed_as_it_should_be else list(_closing(sheet.found))
    taken = [protection.protection_id for protection in sheet.found.protections]
    return [*map(_delete_protection, taken), *sheet.protections_wanted]


def rebuilt(
    sheets: Sequence[StandingSheet], found: FoundSpreadsheet, carried: Carried, *, is_closed: bool
) -> tuple[list[Request], list[Request]]:
    """Return the requests that put new sheets in the place of those that stand, with all that people had typed.

    They come in two lists. The second belongs into one body: then the old sheets go, the new ones count, and people may
    type into them. What an interrupted run left behind goes with the old ones.
    """
    first = max((FIRST_ID - 1, *(tab.sheet_id for tab in found.tabs))) + 1
    tabs = [
        Tab(sheet.tab.sheet, first + number, sheet.tab.index, sheet.tab.title) for number, sheet in enumerate(sheets)
    ]
    old = [sheet.found.sheet_id for sheet in sheets if sheet.found is not None]
    leftovers = [tab.sheet_id for tab in found.tabs if _is_leftover(tab)]
    stamped = [(tab, sheet.stamp) for tab, sheet in zip(tabs, sheets, strict=True)]
    without = [*old, *leftovers]
    beginning = begun_sheets(tabs, carried, without, is_locked=True)
    ending = [*finished_sheets(stamped, without), *(unlocked(tab.sheet_id) for tab in tabs)]
    return [*beginning, *(closed(tab.sheet_id) for tab in tabs if is_closed)], ending


def lockings(sheets: Sequence[StandingSheet]) -> list[Request]:
    """Return the requests that keep everyone out of what stands, as far as anything is open in it."""
    found = [sheet.found for sheet in sheets if sheet.found is not None]
    return [
        locked(tab.sheet_id, tab.row_count, tab.column_count) for tab in found if not (tab.is_closed or tab.is_locked)
    ]


def unlockings(sheets: Sequence[StandingSheet]) -> list[Request]:
    """Return the requests that let people into sheets again that a renewal locked; see also `protected_again`."""
    return [
        unlocked(sheet.found.sheet_id)
        for sheet in sheets
        if sheet.found is not None and sheet.found.is_locked and sheet.is_protected
    ]


def with_openness(found: FoundSpreadsheet) -> list[FoundSheet]:
    """Return the sheets with what is open in them; of a closed one nobody can tell any more what was."""
    return [replace(tab.sheet, is_open=None) if tab.is_closed else tab.sheet for tab in found.tabs]


def closings(found: FoundSpreadsheet) -> list[Request]:
    """Return the requests that close every stamped sheet, whatever became of its protection."""
    return [request for tab in found.tabs if tab.is_stamped for request in _closing(tab)]


def openings(sheets: Sequence[StandingSheet]) -> list[Request]:
    """Return the requests that open the inputs again, wherever their rows and columns are now."""
    requests: list[Request] = []
    for sheet in sheets:
        whole = next((one for one in (sheet.found.protections if sheet.found else ()) if one.is_whole_sheet), None)
        if sheet.found is None or sheet.reading is None or whole is None or sheet.tab.sheet.closed:
            continue
        areas = [area.on(sheet.found.sheet_id) for area in rectangles(_open_spots(sheet.tab.sheet, sheet.reading))]
        requests.append(unprotected(whole.protection_id, areas))
    return requests


def _open_spots(sheet: Sheet, reading: SheetReading) -> Iterator[Spot]:
    inputs = {row.key: row.inputs for row in (*sheet.banner, *sheet.rows)}
    for row in reading.rows:
        for column in inputs.get(row.key, ()):
            if column in reading.columns:
                yield row.number - 1, column_index_from_string(reading.columns[column]) - 1


def _differing(sheet: Sheet, reading: SheetReading) -> Iterator[tuple[tuple[int, str], Cell]]:
    """Yield (row number, column letter) and new content of each of our own cells that says something else."""
    placement = place(sheet)
    rows: dict[str, RowReading] = {}
    for row in reading.rows:
        rows.setdefault(row.key, row)
    for line in placement.lines:
        row, spec = rows[line.key], line.row
        for column in sheet.columns:
            if spec is not None and (column.key in spec.inputs or column.key in spec.told):
                continue
            value = spec.cells.get(column.key) if spec else column.title
            expected = own_cell(value, line.key, _as_found(placement, reading, rows))
            if not _is_same(row.cells.get(column.key, BLANK), expected):
                yield (row.number, reading.columns[column.key]), expected


def _as_found(placement: Placement, reading: SheetReading, rows: Mapping[str, RowReading]) -> Placement:
    """Return the placement by which formulas point to where rows and columns are now."""
    moved = any(rows[key].number != number for key, number in placement.numbers.items())
    if not moved and placement.columns.items() <= reading.columns.items():
        return placement
    numbers = {key: rows[key].number for key in placement.numbers}
    below = [numbers[line.key] for line in placement.lines if line.number >= placement.first]
    columns = {key: reading.columns[key] for key in placement.columns}
    return Placement(columns, numbers, placement.lines, placement.heading, min(below, default=1), max(below, default=0))


def _is_same(found: Cell, expected: Cell) -> bool:
    if expected.formula:
        return bool(found.formula)
    if (found.value, found.formula, found.error) != (expected.value, "", ""):
        return False
    if expected.links:
        return found.links[:1] == expected.links[:1]
    return is_linked_by_itself(expected.text, found.links)


def _is_leftover(tab: FoundTab) -> bool:
    """Tell whether a sheet is one of ours that never became whole: people cannot give a protection its id."""
    own = any(protection.protection_id == tab.sheet_id for protection in tab.protections)
    return own and tab.sheet_id >= FIRST_ID and not tab.is_stamped and not tab.digest


def _delete_protection(protection_id: int) -> Request:
    return {"deleteProtectedRange": {"protectedRangeId": protection_id}}


def _closing(tab: FoundTab) -> Iterator[Request]:
    whole = next((one for one in tab.protections if one.is_whole_sheet and not one.warning_only), None)
    yield closed(whole.protection_id) if whole else _closing_protection(tab)


def _closing_protection(tab: FoundTab) -> Request:
    editors = {"users": [], "domainUsersCanEdit": False}
    return {"addProtectedRange": {"protectedRange": {"range": {"sheetId": tab.sheet_id}, "editors": editors}}}
