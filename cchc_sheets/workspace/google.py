"""The Google workspace: one spreadsheet for each workbook, on the Drive of the office or on a Shared Drive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from cchc_sheets.errors import CchcError, WorkbookUnreadable
from cchc_sheets.layouts.workbook import Workbook
from cchc_sheets.messages import text
from cchc_sheets.reading import WorkbookReading
from cchc_sheets.workspace.found import told_cells, typed_cells
from cchc_sheets.workspace.google_backup import back_up
from cchc_sheets.workspace.google_batches import Request
from cchc_sheets.workspace.google_drawing import Carried
from cchc_sheets.workspace.google_drive import DriveFile
from cchc_sheets.workspace.google_reading import FoundSpreadsheet
from cchc_sheets.workspace.google_refusals import AnswerLost, GoogleRefusal
from cchc_sheets.workspace.google_renewal import (
    StandingSheet,
    closings,
    lockings,
    openings,
    protected_again,
    rebuilt,
    refreshed,
    standing,
    unlockings,
    with_openness,
)
from cchc_sheets.workspace.google_requests import (
    FIRST_ID,
    begun_sheets,
    cell_requests,
    closed,
    finished_sheets,
    spreadsheet_properties_request,
    tabs_of,
)
from cchc_sheets.workspace.google_sharing import GoogleSharing
from cchc_sheets.workspace.google_spreadsheets import GooglePlace, GoogleSpreadsheets
from cchc_sheets.workspace.google_transport import GoogleTransport
from cchc_sheets.workspace.port import Ensured, Presence, Sharing, Texts, Typing
from cchc_sheets.workspace.repairing import check_owner, is_intact, plan_repair, refuse_ambiguities

BACKUP: Final = "backup"
_ANSWER: Final = timedelta(seconds=1)
"""About how long Google takes to answer one request."""
IN_THE_MAKING: Final = " (đang tạo)"
"""Ends the title of a spreadsheet until it is whole; it is shared with nobody before."""


class GoogleWorkspace:
    """The spreadsheets of one cycle. Nothing is asked of Google before the first method that needs it."""

    def __init__(self, place: GooglePlace, connect: Callable[[], GoogleTransport]) -> None:
        self._place = place
        self._google = GoogleSpreadsheets(place, connect)

    @property
    def sharing(self) -> Sharing:
        """Who may open the spreadsheets."""
        return GoogleSharing(self._google.transport, lambda key: self._google.file(key).id)

    def present(self) -> Mapping[str, Presence]:
        """Return every spreadsheet with the cycle's mark: one request for 1,000 of them."""
        return self._google.present()

    def location(self, key: str) -> str:
        """Return the address of the spreadsheet; where none is known, its key."""
        return self._google.address(key)

    def ensure(self, workbook: Workbook) -> Ensured:
        """Create the spreadsheet, complete, or renew it; what people typed is never lost.

        Cells open to people are never written in place: a sheet whose form has changed is locked, read once more
        and replaced by a new one with everything that was in it; a copy of the old goes to the backups.

        Raises WorkbookUnreadable, and leaves the spreadsheet as it is, if it is somebody else's or mixed up.
        """
        if not self._google.exists(workbook.key):
            self._create(workbook)
            return Ensured("created")
        found, reading = self._google.found(workbook.key)
        if not reading.sheets:
            self._complete(workbook, found)
            return Ensured("created")
        where = self.location(workbook.key)
        check_owner(workbook, reading, where)
        sheets = standing(workbook, found, reading)
        if is_intact(workbook, reading) and all(one.is_in_order for one in sheets):
            return Ensured("kept", reading=reading, is_closed=reading.is_closed)
        self._refuse_ambiguities(workbook, sheets, reading)
        return self._renewed(workbook, sheets, found, reading)

    def read(self, key: str) -> WorkbookReading:
        """Read every stamped sheet of the spreadsheet, with formulas, links and notes: one request.

        Raises WorkbookUnreadable: missing, unreadable.
        """
        self._google.forget(key)
        return self._google.found(key)[1]

    def freeze(self, workbook: Workbook) -> None:
        """Close the inputs of every sheet to everyone but the office: one request; twice is once."""
        file = self._google.file(workbook.key)
        ids = [FIRST_ID + number for number in range(len(workbook.sheets))]
        try:
            self._google.batch(file, [closed(sheet_id) for sheet_id in ids])
        except GoogleRefusal as refused:
            if refused.code not in {"invalid_request", "protected"}:
                raise
            # Sheets were replaced, or somebody took a protection away: look which there are.
            self._google.forget(workbook.key)
            found, _ = self._google.found(workbook.key)
            self._google.batch(file, closings(found), may_repeat=False)

    def thaw(self, workbook: Workbook) -> None:
        """Open the inputs again, wherever they are now; twice is once."""
        found, reading = self._google.found(workbook.key)
        self._google.batch(self._google.file(workbook.key), openings(standing(workbook, found, reading)))

    def time_needed(self, *, reads: int = 0, writes: int = 0, others: int = 0) -> timedelta:
        """Return about how long so many requests take: under Google's quota, and one after the other."""
        if not reads + writes + others:
            return timedelta(0)
        return max(self._google.transport.time_needed(reads=reads, writes=writes), (reads + writes + others) * _ANSWER)

    def write(self, key: str, texts: Texts) -> None:
        """Write texts into cells that are ours, of a closed spreadsheet too: one request, the reading apart."""
        found, reading = self._google.found(key)
        ids = _ids(found, reading)
        requests: list[Request] = []
        for sheet in reading.sheets:
            requests += cell_requests(ids[sheet.key], told_cells(sheet, texts.get(sheet.key, {})))
        if requests:
            self._google.batch(self._google.file(key), requests)

    def type_in(self, key: str, entries: Typing) -> None:
        """Type values into cells as a person would (sheet key → row key → column key → value).

        Text that starts with `=` becomes a formula; an empty text clears the cell. Raises KeyError for a sheet, row
        or column that is not there, WorkbookUnreadable (`unwritable`) if the workbook is closed.
        """
        found, reading = self._google.found(key)
        if reading.is_closed:
            raise WorkbookUnreadable(
                text("the workbook is closed (read-only)"),
                where=self.location(key),
                fix=text("open it again before typing into it"),
                code="unwritable",
            )
        ids = _ids(found, reading)
        requests: list[Request] = []
        for sheet, cells in typed_cells(reading, entries):
            requests += cell_requests(ids[sheet.key], cells)
        self._google.batch(self._google.file(key), requests)

    def _create(self, workbook: Workbook) -> None:
        """Make the file with its mark, then make it whole."""
        file = self._google.create(workbook.key, workbook.title + IN_THE_MAKING)
        self._make_whole(workbook, file, without=[0])

    def _complete(self, workbook: Workbook, found: FoundSpreadsheet) -> None:
        """Make a file whole that was left in the making and shared with nobody yet, or takes nothing from anybody."""
        untouched = len(found.tabs) == 1 and not found.tabs[0].sheet.rows
        if not (untouched or found.title.endswith(IN_THE_MAKING) or workbook.is_for_reading):
            raise WorkbookUnreadable(
                text("no sheet of the workbook has the hidden stamp in its cell A1 any more"),
                where=self.location(workbook.key),
                fix=text("restore an earlier version (File, Version history), then run the command again"),
                code="ambiguous",
            )
        self._make_whole(workbook, self._google.file(workbook.key), without=[tab.sheet_id for tab in found.tabs])

    def _make_whole(self, workbook: Workbook, file: DriveFile, without: list[int]) -> None:
        """Fill an empty spreadsheet; if the answer is lost, look whether it is whole before trying once more."""
        try:
            self._fill(workbook, file, without)
        except AnswerLost:
            found, reading = self._google.found(workbook.key)
            if not reading.sheets:
                self._fill(workbook, file, [tab.sheet_id for tab in found.tabs])

    def _fill(self, workbook: Workbook, file: DriveFile, without: list[int]) -> None:
        first = max(FIRST_ID, *(sheet_id + 1 for sheet_id in without))
        stamped = [(tab, workbook.stamp(tab.sheet)) for tab in tabs_of(workbook, first)]
        zone = self._place.time_zone
        beginning = [
            spreadsheet_properties_request(workbook.title + IN_THE_MAKING, zone),
            *begun_sheets([tab for tab, _ in stamped], without=without),
        ]
        ending = [*finished_sheets(stamped, without), spreadsheet_properties_request(workbook.title, zone)]
        try:
            self._google.batch(file, beginning, last=ending, may_repeat=False)
        except GoogleRefusal as refused:
            raise _perhaps_an_address(refused, workbook) from refused

    def _renewed(
        self, workbook: Workbook, sheets: tuple[StandingSheet, ...], before: FoundSpreadsheet, reading: WorkbookReading
    ) -> Ensured:
        """Write what has changed of our own; replace the sheets whose form has."""
        was_closed = before.is_closed
        same_spec = all(sheet.says_the_same for sheet in sheets)
        if any(_must_go(sheet) for sheet in sheets):
            found, reading = self._locked(workbook, sheets, before, reading)
            sheets = standing(workbook, found, reading)
            self._refuse_ambiguities(workbook, sheets, reading)
            going = [sheet for sheet in sheets if _must_go(sheet)]
            carried, done = self._saved(workbook, found, reading, same_spec=same_spec)
            beginning, ending = rebuilt(going, found, carried, is_closed=was_closed)
            done = replace(done, is_closed=was_closed)
        else:
            going, beginning, ending = [], [], []
            done = Ensured("repaired", is_closed=was_closed)
        staying = [sheet for sheet in sheets if sheet not in going]
        beginning += [request for sheet in staying for request in (*protected_again(sheet), *refreshed(sheet))]
        self._renew(workbook, beginning, [*ending, *unlockings(staying)])
        return done

    def _saved(
        self, workbook: Workbook, found: FoundSpreadsheet, reading: WorkbookReading, *, same_spec: bool
    ) -> tuple[Carried, Ensured]:
        """Keep a copy of what people typed, if they may, and return what to carry over and what is to be told."""
        if workbook.is_for_reading:
            return {}, Ensured("repaired")
        repair = plan_repair(workbook, replace(reading, strays=()), with_openness(found), same_spec=same_spec)
        backup = str(back_up(self._place.folder / BACKUP, workbook.key, found, reading))
        return repair.carried, Ensured("repaired", repair.added, repair.restored, repair.unplaced, backup)

    def _locked(
        self, workbook: Workbook, sheets: tuple[StandingSheet, ...], found: FoundSpreadsheet, reading: WorkbookReading
    ) -> tuple[FoundSpreadsheet, WorkbookReading]:
        """Keep everyone out of the sheets and return what stands in them from then on.

        If this breaks off, the next `ensure` goes on from there; a lock that is left is never mistaken for order.
        """
        for is_last in (False, True):
            if not (requests := lockings(sheets)):
                break
            try:
                self._google.batch(self._google.file(workbook.key), requests, may_repeat=False)
            except AnswerLost:
                if is_last:
                    raise
            found, reading = self._google.found(workbook.key)
            sheets = standing(workbook, found, reading)
        return found, reading

    def _refuse_ambiguities(
        self, workbook: Workbook, sheets: tuple[StandingSheet, ...], reading: WorkbookReading
    ) -> None:
        """Raise WorkbookUnreadable if a repair would have to guess; people are let in, to put it right."""
        if workbook.is_for_reading:
            return
        try:
            refuse_ambiguities(workbook, reading, self.location(workbook.key))
        except WorkbookUnreadable:
            if requests := unlockings(sheets):
                self._google.batch(self._google.file(workbook.key), requests, may_repeat=False)
            raise

    def _renew(self, workbook: Workbook, requests: list[Request], last: list[Request]) -> None:
        """Carry the renewal out; if the answer is lost, only a look tells whether it was."""
        try:
            self._google.batch(self._google.file(workbook.key), requests, last=last, may_repeat=not last)
        except AnswerLost:
            found, reading = self._google.found(workbook.key)
            if not all(sheet.is_in_order for sheet in standing(workbook, found, reading)):
                raise


def _must_go(sheet: StandingSheet) -> bool:
    """Tell whether a sheet has to be replaced."""
    return not sheet.can_stay


def _ids(found: FoundSpreadsheet, reading: WorkbookReading) -> dict[str, int]:
    """Return the id of each stamped sheet by its key."""
    stamped = [tab.sheet_id for tab in found.tabs if tab.is_stamped]
    return {sheet.key: sheet_id for sheet, sheet_id in zip(reading.sheets, stamped, strict=True)}


def _perhaps_an_address(refused: GoogleRefusal, workbook: Workbook) -> CchcError:
    """Return the refusal with the likeliest remedy: Google protects a range for nobody without a Google account."""
    editors = sorted({address for sheet in workbook.sheets for address in sheet.editors or ()})
    if refused.code != "invalid_request" or not editors:
        return refused
    return CchcError(
        refused.what,
        where=refused.where,
        fix=text("see that each of these addresses in cycle.yaml has a Google account: {addresses}", addresses=editors),
        code=refused.code,
    )
