"""The spreadsheets of one cycle as they are on Google: found, read and written; what is in them is not our business."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.messages import text
from cchc_sheets.reading import WorkbookReading
from cchc_sheets.workspace.found import reading_of
from cchc_sheets.workspace.google_batches import Request, parts
from cchc_sheets.workspace.google_drive import FOLDER, FOLDER_ROLE, SPREADSHEET, DriveFile, GoogleDrive, mark
from cchc_sheets.workspace.google_reading import MASK, FoundSpreadsheet, found_spreadsheet
from cchc_sheets.workspace.google_refusals import GoogleRefusal
from cchc_sheets.workspace.google_transport import Call, GoogleTransport
from cchc_sheets.workspace.port import Presence

SPREADSHEETS: Final = "https://sheets.googleapis.com/v4/spreadsheets"
MADE: Final = "google-files.json"
_ABOUT_ONE_FILE: Final = {"forbidden", "app_not_authorized", "shared_drive_membership", "too_large"}


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


class GoogleSpreadsheets:
    """Looks, reads and writes. What was listed or read once in a run is remembered until we change it ourselves."""

    def __init__(self, place: GooglePlace, connect: Callable[[], GoogleTransport]) -> None:
        self._place = place
        self._connect = connect
        self._transport_made: GoogleTransport | None = None
        self._listing: _Listing | None = None
        self._read: dict[str, tuple[str, FoundSpreadsheet]] = {}

    @property
    def transport(self) -> GoogleTransport:
        """What sends; it is connected when something is sent first."""
        if self._transport_made is None:
            self._transport_made = self._connect()
        return self._transport_made

    def present(self) -> Mapping[str, Presence]:
        """Return every spreadsheet with the cycle's mark: one request for 1,000 of them.

        Of several with one mark the oldest counts: copies that people make carry the mark of the original. What lies
        in somebody else's own Drive is a copy in any case.
        """
        listing = _Listing()
        for file in self._drive.files():
            if file.mime == FOLDER and file.key == FOLDER_ROLE:
                listing.folder = listing.folder or file.id
            elif file.mime == SPREADSHEET and (file.is_foreign or listing.files.setdefault(file.key, file) is not file):
                listing.copies.setdefault(file.key, []).append(file)
        self._listing = listing
        return {key: _presence(listing, key) for key in sorted(listing.files)}

    def exists(self, key: str) -> bool:
        """Tell whether the workbook exists."""
        return key in self._known.files

    def address(self, key: str) -> str:
        """Return the address of a spreadsheet as far as it is known without asking; else its key."""
        known = self._listing.files.get(key) if self._listing else None
        return known.address if known else f"Google Drive: {key}"

    def file(self, key: str) -> DriveFile:
        """Return the file of a workbook that exists. Raises WorkbookUnreadable: missing."""
        try:
            return self._known.files[key]
        except KeyError:
            raise _missing(f"Google Drive: {key}") from None

    def found(self, key: str) -> tuple[FoundSpreadsheet, WorkbookReading]:
        """Return what stands in a spreadsheet: as read before in this run, if we have not touched it since."""
        if key in self._known.touched:
            self.present()
        file = self.file(key)
        version, found = self._read.get(key, ("", None))
        if found is None or version != file.version:
            found = self._asked(file)
            self._read[key] = (file.version, found)
        reading = reading_of(found.sheets, file.version, file.modified, is_closed=found.is_closed, copies=found.copies)
        return found, reading

    def forget(self, key: str) -> None:
        """Read the spreadsheet again when it is asked for next."""
        self._read.pop(key, None)

    def batch(
        self, file: DriveFile, requests: list[Request], *, last: list[Request] | None = None, may_repeat: bool = True
    ) -> None:
        """Carry out requests in the order given, as few batches as they fit into; `last` all at once or not at all."""
        self._known.touched.add(file.key)
        self._read.pop(file.key, None)
        url = f"{SPREADSHEETS}/{file.id}:batchUpdate"
        for part in parts(requests, last=last or ()):
            body: dict[str, Any] = {"requests": part}
            with _one_file_told(file):
                self.transport.call(Call("POST", url, "write", body=body, may_repeat=may_repeat, where=file.address))

    def create(self, key: str, title: str) -> DriveFile:
        """Make the file of a workbook with its mark, still empty."""
        shared = bool(self._place.shared_drive)
        file = self._drive.create(title, SPREADSHEET, mark(self._place.cycle, key), self._folder(), shared=shared)
        self._known.files[key] = file
        return file

    @property
    def _drive(self) -> GoogleDrive:
        return GoogleDrive(self.transport, self._place.cycle, self._place.folder / MADE)

    @property
    def _known(self) -> _Listing:
        if self._listing is None:
            self.present()
        assert self._listing is not None  # noqa: S101 - `present` has just made it
        return self._listing

    def _asked(self, file: DriveFile) -> FoundSpreadsheet:
        call = Call("GET", f"{SPREADSHEETS}/{file.id}", "read", params={"fields": MASK}, where=file.address)
        with _one_file_told(file):
            return found_spreadsheet(self.transport.call(call), file.address)

    def _folder(self) -> str:
        """Return the id of the folder for new files; the cycle's own is made with the first of them."""
        if self._place.shared_drive:
            return self._place.shared_drive
        if not self._known.folder:
            marked = mark(self._place.cycle, FOLDER_ROLE)
            self._known.folder = self._drive.create(self._place.title, FOLDER, marked).id
        return self._known.folder


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
