"""The Google workspace: one spreadsheet for each workbook, on the Drive of the office or on a Shared Drive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from cchc_sheets.errors import CchcError, WorkbookUnreadable
from cchc_sheets.layouts.workbook import Workbook
from cchc_sheets.messages import text
from cchc_sheets.reading import Cell, SheetReading, WorkbookReading
from cchc_sheets.workspace.found import reading_of
from cchc_sheets.workspace.google_backup import back_up
from cchc_sheets.workspace.google_batches import Request, parts
from cchc_sheets.workspace.google_drive import FOLDER, FOLDER_ROLE, SPREADSHEET, DriveFile, GoogleDrive, mark
from cchc_sheets.workspace.google_reading import MASK, FoundSpreadsheet, found_spreadsheet
from cchc_sheets.workspace.google_refusals import AnswerLost, GoogleRefusal
from cchc_sheets.workspace.google_renewal import (
    StandingSheet,
    as_it_was_open,
    closings,
    openings,
    protected_again,
    rebuilt,
    refreshed,
    standing,
)
from cchc_sheets.workspace.google_requests import (
    FIRST_ID,
    cell_requests,
    closed,
    new_sheets_requests,
    spreadsheet_properties_request,
    tabs_of,
)
from cchc_sheets.workspace.google_sharing import GoogleSharing
from cchc_sheets.workspace.google_transport import Call, GoogleTransport
from cchc_sheets.workspace.port import Ensured, Presence, Sharing, Typing
from cchc_sheets.workspace.repairing import check_owner, is_intact, plan_repair, refuse_ambiguities

SPREADSHEETS: Final = "https://sheets.googleapis.com/v4/spreadsheets"
BACKUP: Final = "backup"
MADE: Final = "google-files.json"
_ABOUT_ONE_FILE: Final = {"forbidden", "app_not_authorized", "shared_drive_membership", "too_large"}
IN_THE_MAKING: Final = " (đang tạo)"
"""Ends the title of a spreadsheet until it is whole; it is shared with nobody before."""


@dataclass(frozen=True, slots=True)
class GooglePlace:
    """Where the spreadsheets of a cycle are.

    Attributes:
        cycle: the cycle's id; `title` names its folder on Drive.
        shared_drive: id of the Shared Drive or folder to make them in; if empty, a folder of the account's own.
        folder: on this computer, for the list of files made from it and for copies of sheets that are replaced.
    """

    cycle: str
    title: str
    time_zone: str
    shared_drive: str
    folder: Path


@dataclass(slots=True)
class _Listing:
    """What Drive listed last: the newest look at each workbook; `touched` are those we have changed since."""

    files: dict[str, DriveFile] = field(default_factory=dict)
    copies: dict[str, list[DriveFile]] = field(default_factory=dict)
    folder: str = ""
    touched: set[str] = field(default_factory=set)


class GoogleWorkspace:
    """The spreadsheets of one cycle. Nothing is asked of Google before the first method that needs it."""

    def __init__(self, place: GooglePlace, connect: Callable[[], GoogleTransport]) -> None:
        self._place = place
        self._connect = connect
        self._transport_made: GoogleTransport | None = None
        self._listing: _Listing | None = None
        self._read: dict[str, tuple[str, FoundSpreadsheet]] = {}

    @property
    def sharing(self) -> Sharing:
        """Who may open the spreadsheets."""
        return GoogleSharing(self._transport, lambda key: self._file(key).id)

    def present(self) -> Mapping[str, Presence]:
        """Return every spreadsheet with the cycle's mark: one request for 1,000 of them.

        Of several with one mark the oldest counts: copies that people make carry the mark of the original.
        """
        listing = _Listing()
        for file in self._drive.files():
            if file.mime == FOLDER and file.key == FOLDER_ROLE:
                listing.folder = listing.folder or file.id
            elif file.mime == SPREADSHEET and listing.files.setdefault(file.key, file) is not file:
                listing.copies.setdefault(file.key, []).append(file)
        self._listing = listing
        return {key: _presence(listing, key) for key in sorted(listing.files)}

    def ensure(self, workbook: Workbook) -> Ensured:
        """Create the spreadsheet, complete, or renew it; what people typed is never lost.

        Cells open to people are never written in place: a sheet whose form has changed is closed, read once more
        and replaced by a new one with everything that was in it; a copy of the old goes to the backups.

        Raises WorkbookUnreadable, and leaves the spreadsheet as it is, if it is somebody else's or mixed up.
        """
        if workbook.key not in self._known.files:
            self._create(workbook)
            return Ensured("created")
        found, reading = self._found(workbook.key)
        if not reading.sheets:
            self._complete(workbook, found)
            return Ensured("created")
        where = self.location(workbook.key)
        check_owner(workbook, reading, where)
        sheets = standing(workbook, found, reading)
        if is_intact(workbook, reading) and all(one.says_the_same and one.is_protected for one in sheets):
            return Ensured("kept", reading=reading, is_closed=reading.is_closed)
        refuse_ambiguities(workbook, reading, where)
        return self._renewed(workbook, sheets, found, reading)

    def read(self, key: str) -> WorkbookReading:
        """Read every stamped sheet of the spreadsheet, with formulas, links and notes: one request.

        Raises WorkbookUnreadable: missing, unreadable.
        """
        self._read.pop(key, None)
        return self._found(key)[1]

    def freeze(self, workbook: Workbook) -> None:
        """Close the inputs of every sheet to everyone but the office: one request; twice is once."""
        file = self._file(workbook.key)
        ids = [FIRST_ID + number for number in range(len(workbook.sheets))]
        try:
            self._batch(file, [closed(sheet_id) for sheet_id in ids])
        except GoogleRefusal as refused:
            if refused.code not in {"invalid_request", "protected"}:
                raise
            # Sheets were replaced, or somebody took a protection away: look which there are.
            self._read.pop(workbook.key, None)
            found, _ = self._found(workbook.key)
            self._batch(file, closings(found), may_repeat=False)

    def thaw(self, workbook: Workbook) -> None:
        """Open the inputs again, wherever they are now; twice is once."""
        found, reading = self._found(workbook.key)
        self._batch(self._file(workbook.key), openings(standing(workbook, found, reading)))

    def location(self, key: str) -> str:
        """Return the address of the spreadsheet; where none is known, its key."""
        known = self._listing.files.get(key) if self._listing else None
        return known.address if known else f"Google Drive: {key}"

    def time_needed(self, *, reads: int = 0, writes: int = 0) -> timedelta:
        """Return how long so many spreadsheets take at least under Google's quota."""
        return self._transport.time_needed(reads=reads, writes=writes) if reads or writes else timedelta(0)

    def type_in(self, key: str, entries: Typing) -> None:
        """Type values into cells as a person would (sheet key → row key → column key → value).

        Text that starts with `=` becomes a formula; an empty text clears the cell. Raises KeyError for a sheet, row
        or column that is not there, WorkbookUnreadable (`unwritable`) if the workbook is closed.
        """
        found, reading = self._found(key)
        if reading.is_closed:
            raise WorkbookUnreadable(
                text("the workbook is closed (read-only)"),
                where=self.location(key),
                fix=text("open it again before typing into it"),
                code="unwritable",
            )
        stamped = [tab.sheet_id for tab in found.tabs if tab.is_stamped]
        ids = {sheet.key: sheet_id for sheet, sheet_id in zip(reading.sheets, stamped, strict=True)}
        requests: list[Request] = []
        for sheet_key, rows in entries.items():
            sheet = reading.sheet(sheet_key)
            if sheet is None:
                raise KeyError(sheet_key)
            requests += cell_requests(ids[sheet_key], _typed(sheet, rows))
        self._batch(self._file(key), requests)

    @property
    def _transport(self) -> GoogleTransport:
        if self._transport_made is None:
            self._transport_made = self._connect()
        return self._transport_made

    @property
    def _drive(self) -> GoogleDrive:
        return GoogleDrive(self._transport, self._place.cycle, self._place.folder / MADE)

    @property
    def _known(self) -> _Listing:
        if self._listing is None:
            self.present()
        assert self._listing is not None  # noqa: S101 - `present` has just made it
        return self._listing

    def _file(self, key: str) -> DriveFile:
        """Return the file of a workbook that exists. Raises WorkbookUnreadable: missing."""
        try:
            return self._known.files[key]
        except KeyError:
            raise _missing(f"Google Drive: {key}") from None

    def _found(self, key: str) -> tuple[FoundSpreadsheet, WorkbookReading]:
        """Return what stands in a spreadsheet: as read before in this run, if we have not touched it since."""
        if key in self._known.touched:
            self.present()
        file = self._file(key)
        version, found = self._read.get(key, ("", None))
        if found is None or version != file.version:
            found = self._asked(file)
            self._read[key] = (file.version, found)
        return found, reading_of(found.sheets, file.version, file.modified, is_closed=found.is_closed)

    def _asked(self, file: DriveFile) -> FoundSpreadsheet:
        call = Call("GET", f"{SPREADSHEETS}/{file.id}", "read", params={"fields": MASK}, where=file.address)
        with _one_file_told(file):
            return found_spreadsheet(self._transport.call(call), file.address)

    def _batch(self, file: DriveFile, requests: list[Request], *, may_repeat: bool = True) -> None:
        """Carry out requests in the order given, as few batches as they fit into."""
        self._known.touched.add(file.key)
        self._read.pop(file.key, None)
        url = f"{SPREADSHEETS}/{file.id}:batchUpdate"
        for part in parts(requests):
            body: dict[str, Any] = {"requests": part}
            with _one_file_told(file):
                self._transport.call(Call("POST", url, "write", body=body, may_repeat=may_repeat, where=file.address))

    def _create(self, workbook: Workbook) -> None:
        """Make the file with its mark, then make it whole."""
        marked = mark(self._place.cycle, workbook.key)
        title, shared = workbook.title + IN_THE_MAKING, bool(self._place.shared_drive)
        file = self._drive.create(title, SPREADSHEET, marked, self._folder(), shared=shared)
        self._known.files[workbook.key] = file
        self._make_whole(workbook, file, without=[0])

    def _folder(self) -> str:
        """Return the id of the folder for new files; the cycle's own is made with the first of them."""
        if self._place.shared_drive:
            return self._place.shared_drive
        if not self._known.folder:
            marked = mark(self._place.cycle, FOLDER_ROLE)
            self._known.folder = self._drive.create(self._place.title, FOLDER, marked).id
        return self._known.folder

    def _complete(self, workbook: Workbook, found: FoundSpreadsheet) -> None:
        """Make a file whole that was left in the making, when it had been shared with nobody yet."""
        untouched = len(found.tabs) == 1 and not found.tabs[0].sheet.rows
        if not (untouched or found.title.endswith(IN_THE_MAKING)):
            raise WorkbookUnreadable(
                text("no sheet of the workbook has the hidden stamp in its cell A1 any more"),
                where=self.location(workbook.key),
                fix=text("restore an earlier version (File, Version history), then run the command again"),
                code="ambiguous",
            )
        self._make_whole(workbook, self._file(workbook.key), without=[tab.sheet_id for tab in found.tabs])

    def _make_whole(self, workbook: Workbook, file: DriveFile, without: list[int]) -> None:
        """Fill an empty spreadsheet; if the answer is lost, look whether it is whole before trying once more."""
        try:
            self._fill(workbook, file, without)
        except AnswerLost:
            found, reading = self._found(workbook.key)
            if not reading.sheets:
                self._fill(workbook, file, [tab.sheet_id for tab in found.tabs])

    def _fill(self, workbook: Workbook, file: DriveFile, without: list[int]) -> None:
        first = max(FIRST_ID, *(sheet_id + 1 for sheet_id in without))
        stamped = [(tab, workbook.stamp(tab.sheet)) for tab in tabs_of(workbook, first)]
        zone = self._place.time_zone
        requests = [
            spreadsheet_properties_request(workbook.title + IN_THE_MAKING, zone),
            *new_sheets_requests(stamped, without=without),
            spreadsheet_properties_request(workbook.title, zone),
        ]
        try:
            self._batch(file, requests, may_repeat=False)
        except GoogleRefusal as refused:
            raise _perhaps_an_address(refused, workbook) from refused

    def _renewed(
        self, workbook: Workbook, sheets: tuple[StandingSheet, ...], before: FoundSpreadsheet, reading: WorkbookReading
    ) -> Ensured:
        """Write what has changed of our own; replace the sheets whose form has."""
        file = self._file(workbook.key)
        was_closed = before.is_closed
        same_spec = all(sheet.says_the_same for sheet in sheets)
        if any(_must_go(sheet) for sheet in sheets):
            if not was_closed:
                self.freeze(workbook)
            found, reading = self._found(workbook.key)
            refuse_ambiguities(workbook, reading, file.address)
            sheets = standing(workbook, found, reading)
            repair = plan_repair(workbook, reading, as_it_was_open(found, before), same_spec=same_spec)
            going = [sheet for sheet in sheets if _must_go(sheet)]
            backup = str(back_up(self._place.folder / BACKUP, workbook.key, found, reading))
            requests = rebuilt(going, found, repair.carried, is_closed=was_closed)
            done = Ensured("repaired", repair.added, repair.restored, repair.unplaced, backup, is_closed=was_closed)
        else:
            going, requests = [], []
            done = Ensured("repaired", is_closed=was_closed)
        staying = [sheet for sheet in sheets if sheet not in going]
        requests += [request for sheet in staying for request in (*protected_again(sheet), *refreshed(sheet))]
        if going and not was_closed:
            requests += openings(staying)
        self._renew(workbook, requests, may_repeat=not going)
        return done

    def _renew(self, workbook: Workbook, requests: list[Request], *, may_repeat: bool) -> None:
        """Carry the renewal out; if the answer is lost, only a look tells whether it was."""
        try:
            self._batch(self._file(workbook.key), requests, may_repeat=may_repeat)
        except AnswerLost:
            found, reading = self._found(workbook.key)
            if not all(sheet.says_the_same for sheet in standing(workbook, found, reading)):
                raise


@contextmanager
def _one_file_told(file: DriveFile) -> Iterator[None]:
    """Turn a refusal that is about one file into WorkbookUnreadable, so that the others go on."""
    try:
        yield
    except GoogleRefusal as refused:
        if refused.code == "not_found":
            raise _missing(file.address) from refused
        if refused.code in _ABOUT_ONE_FILE:
            raise WorkbookUnreadable(refused.what, where=refused.where, fix=refused.fix, code=refused.code) from refused
        raise


def _must_go(sheet: StandingSheet) -> bool:
    """Tell whether a sheet has to be replaced."""
    return not sheet.can_stay


def _typed(sheet: SheetReading, rows: Mapping[str, Mapping[str, Any]]) -> dict[tuple[int, str], Cell]:
    numbers = {row.key: row.number for row in reversed(sheet.rows)}
    return {
        (numbers[row], sheet.columns[column]): _as_cell(value)
        for row, values in rows.items()
        for column, value in values.items()
    }


def _as_cell(value: Any) -> Cell:
    if value == "":
        return Cell()
    return Cell(formula=value) if isinstance(value, str) and value.startswith("=") else Cell(value)


def _perhaps_an_address(refused: GoogleRefusal, workbook: Workbook) -> CchcError:
    """Return the refusal with the likeliest remedy: Google protects a range for nobody without a Google account."""
    editors = sorted({address for sheet in workbook.sheets for address in sheet.editors})
    if refused.code != "invalid_request" or not editors:
        return refused
    return CchcError(
        refused.what,
        where=refused.where,
        fix=text("see that each of these addresses in cycle.yaml has a Google account: {addresses}", addresses=editors),
        code=refused.code,
    )


def _presence(listing: _Listing, key: str) -> Presence:
    file = listing.files[key]
    copies = tuple(copy.address for copy in listing.copies.get(key, ()))
    return Presence(file.version, file.modified, copies)


def _missing(where: str) -> WorkbookUnreadable:
    return WorkbookUnreadable(
        text("there is no such workbook"),
        where=where,
        fix=text("take it out of the trash of Google Drive, or run `cchc-sheets provision` to make it anew"),
        code="missing",
    )
