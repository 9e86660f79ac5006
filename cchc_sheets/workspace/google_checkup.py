"""The checks of `doctor` on the way to Google, in the order in which each rests on the one before.

The last one is the proof: a spreadsheet is made, written, read and put into the trash, marked as the doctor's so that
one left behind by a broken connection is found and trashed by the next run.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import Text, text
from cchc_sheets.workspace.google_access import DRIVE, DRIVE_FILE, Access
from cchc_sheets.workspace.google_credentials import ServiceAccount, credentials_in
from cchc_sheets.workspace.google_drive import DRIVE_API, FILES, FOLDER, SPREADSHEET
from cchc_sheets.workspace.google_refusals import AnswerLost
from cchc_sheets.workspace.google_spreadsheets import SPREADSHEETS
from cchc_sheets.workspace.google_token_refusals import CLOCK_TOLERANCE, clock_difference
from cchc_sheets.workspace.google_transport import Call

if TYPE_CHECKING:
    import requests

DRIVE_PLACE: Final = "Google Drive"
SHEETS_PLACE: Final = "Google Sheets"
MARK: Final = {"tool": "cchc-sheets", "role": "doctor"}
NOBODYS_ID: Final = "cchc-sheets-doctor-asks-for-no-file"
LEFT_BEHIND: Final = timedelta(hours=1)
WORD: Final = "Kiểm tra: =1+1"
GIGABYTE: Final = 1024**3

_ID_IN_ADDRESS: Final = re.compile(r"/(?:folders|drives|d)/([\w-]{10,})")


@dataclass(frozen=True, slots=True)
class Check:
    """One check that was made.

    Attributes:
        code: credentials, sign_in, account, clock, scopes, shared_drive, sheets_api, proof, token, left.
        passed: False ends the checkup.
        said: what was found.
        error: of a failed check: what, where, and how to mend it.
        is_warning: passed, but somebody should see to it.
    """

    code: str
    passed: bool
    said: Text
    error: CchcError | None = None
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class _Warning:
    """What a step found that works today but not for ever."""

    said: Text


_Found = Text | _Warning | None  # None: there is nothing to say


@dataclass(frozen=True, slots=True)
class CheckupSettings:
    """What `cycle.yaml` says about Google: the credentials file, and where the spreadsheets are to be made."""

    credentials: Path | None
    shared_drive: str = ""


class Caller(Protocol):
    """The part of the transport that a checkup uses."""

    def call(self, call: Call, /) -> dict[str, Any]:
        """Send one request and return its answer."""

    def left(self, kind: Literal["read", "write", "drive"], /) -> int:
        """Return how many requests the running minute still allows."""


def checkups(
    opened: Callable[[], Access], transport: Callable[[requests.Session], Caller], settings: CheckupSettings
) -> Iterator[Check]:
    """Make the checks one after the other; stop after the first that fails.

    Args:
        opened: opens the way to Google; a person may have to sign in.
        transport: makes that which sends, from a session.
        settings: what is to be checked.
    """
    checkup = _Checkup(opened, transport, settings)
    for code, step in checkup.steps():
        try:
            said = step()
        except CchcError as error:
            yield Check(code, passed=False, said=error.what, error=error)
            return
        if isinstance(said, _Warning):
            yield Check(code, passed=True, said=said.said, is_warning=True)
        elif said is not None:
            yield Check(code, passed=True, said=said)


class _Checkup:
    """The state of one checkup: each step leaves what the next ones need."""

    def __init__(
        self, opened: Callable[[], Access], transport: Callable[[requests.Session], Caller], settings: CheckupSettings
    ) -> None:
        self._opened = opened
        self._transport = transport
        self._settings = settings

    def steps(self) -> tuple[tuple[str, Callable[[], _Found]], ...]:
        return (
            ("credentials", self._credentials),
            ("sign_in", self._sign_in),
            ("account", self._account),
            ("clock", self._clock),
            ("scopes", self._scopes),
            ("shared_drive", self._shared_drive),
            ("sheets_api", self._sheets_api),
            ("proof", self._proof),
            ("token", self._token),
            ("left", self._left),
        )

    def _credentials(self) -> Text:
        file = self._settings.credentials
        if file is None:
            return text("no credentials file: only an emulator can be used")
        if isinstance(found := credentials_in(file), ServiceAccount):
            return text("{file} is the key of the service account {account}", file=file.name, account=found.email)
        return text("{file} is an OAuth client with which a person signs in", file=file.name)

    def _sign_in(self) -> Text:
        self._access = self._opened()
        self._google = self._transport(self._access.session)
        match self._access.kind:
            case "person":
                return text("signed in as a person")
            case "service_account":
                return text("signed in as the service account {account}", account=self._access.account)
            case "delegation":
                return text("signed in as a service account that acts for {account}", account=self._access.account)
            case "emulator":
                return text("signed in to the emulator as {account}", account=self._access.account)

    def _clock(self) -> _Warning | None:
        ahead = self._access.clock.ahead
        if ahead is None or abs(ahead) <= CLOCK_TOLERANCE or self._access.kind == "emulator":
            return None
        return _Warning(text("{difference}: set it right", difference=clock_difference(ahead)))

    def _account(self) -> Text:
        fields = "user(emailAddress,displayName),storageQuota(limit,usage)"
        about = self._google.call(Call("GET", f"{DRIVE_API}/about", "drive", {"fields": fields}, where=DRIVE_PLACE))
        account = self._known_as = str(about.get("user", {}).get("emailAddress") or self._access.account)
        quota = about.get("storageQuota", {})
        if self._access.kind == "service_account" or "limit" not in quota:
            return text("Google knows us as {account}", account=account)
        room = int(quota["limit"]) - int(quota.get("usage", 0))
        if room <= 0 and not self._settings.shared_drive:
            raise CchcError(
                text("the Google Drive of {account} is full; nothing can be made in it", account=account),
                where=account,
                fix=text(
                    "delete files there and empty the trash, buy room, or make the spreadsheets in a Shared Drive"
                ),
                code="storage_full",
            )
        gigabytes = Decimal(max(room, 0) * 10 // GIGABYTE) / 10
        return text("Google knows us as {account}; {gigabytes} GB of room left", account=account, gigabytes=gigabytes)

    def _scopes(self) -> Text | None:
        access = self._access
        if access.kind == "emulator":
            return None
        wanted = DRIVE if self._settings.shared_drive or access.kind == "service_account" else DRIVE_FILE
        if not {wanted, DRIVE} & set(access.scopes):
            raise CchcError(
                text("the sign-in does not allow what is needed: {scope}", scope=wanted),
                where=str(self._settings.credentials),
                fix=text(
                    "sign in anew with `cchc-sheets doctor --sign-out` and leave every box on Google's page ticked"
                ),
                code="scopes_missing",
            )
        if DRIVE in access.scopes:
            return text("allowed: every file that the account may open ({scopes})", scopes=list(access.scopes))
        return text("allowed: only the files that this tool makes ({scopes})", scopes=list(access.scopes))

    def _shared_drive(self) -> Text | None:
        place = self._settings.shared_drive
        if place:
            return _place_checked(self._google, place, self._known_as)
        if self._access.kind == "service_account":
            raise CchcError(
                text("a service account owns no files, so it can make none in a Drive of its own"),
                where="cycle.yaml, google.shared_drive",
                fix=text(
                    "write there the ID of a Shared Drive of which {account} is a content manager; or sign in as a "
                    "person, or set `subject` if your administrator allows it",
                    account=self._access.account,
                ),
                code="service_account_no_quota",
            )
        return None

    def _sheets_api(self) -> Text:
        try:
            self._google.call(
                Call("GET", f"{SPREADSHEETS}/{NOBODYS_ID}", "read", {"fields": "spreadsheetId"}, where=SHEETS_PLACE)
            )
        except CchcError as error:
            # Only an API that is switched on can say that it does not have this file.
            if error.code not in {"not_found", "forbidden"}:
                raise
        return text("the Google Sheets API is switched on")

    def _proof(self) -> Text:
        prove(self._google, self._settings.shared_drive)
        return text("a spreadsheet was made, written, read and put into the trash")

    def _token(self) -> _Found:
        access = self._access
        if access.token_ends is not None:
            return _Warning(
                text(
                    "the sign-in ends at {ends}, because the consent screen of the project is in “Testing”: set it to "
                    "“In production”, then sign in anew with `cchc-sheets doctor --sign-out`",
                    ends=access.token_ends.astimezone(),
                )
            )
        if access.token_made is None:
            return None
        days = max(datetime.now(UTC) - access.token_made, timedelta(0)).days
        return text("the sign-in is {days} days old", days=days) if days else text("the sign-in is less than a day old")

    def _left(self) -> Text:
        left = {"reads": self._google.left("read"), "writes": self._google.left("write")}
        return text("left in this minute: {reads} reads, {writes} writes", **left)


def _place_checked(google: Caller, place: str, account: str) -> Text:
    """Say which Shared Drive or folder this is.

    Raises:
        CchcError: if it is no ID, not there for us, in the trash, no folder, or we may make nothing in it.
    """
    where = f"cycle.yaml, google.shared_drive: {place}"
    if not re.fullmatch(r"[\w-]+", place):
        found = _ID_IN_ADDRESS.search(place)
        fix = text("write the ID only: the last part of the address of the folder in the browser")
        if found:
            fix = text("write only {id} there", id=found.group(1))
        raise CchcError(text("this is no ID of a Shared Drive or folder"), where=where, fix=fix, code="shared_drive")
    found_place = _shared_drive_or_folder(google, place, where, account)
    name = str(found_place.get("name", place))
    if found_place.get("mimeType", FOLDER) != FOLDER:
        fix = text("write the ID of a Shared Drive or of a folder there")
        raise CchcError(text("“{name}” is a file, not a folder", name=name), where=where, fix=fix, code="shared_drive")
    if found_place.get("trashed"):
        fix = text("take it out of the trash, or write the ID of another one")
        raise CchcError(
            text("the folder “{name}” is in the trash", name=name), where=where, fix=fix, code="shared_drive"
        )
    may = found_place.get("capabilities", {})
    # A contributor makes files on a Shared Drive, but neither shares them nor puts them into the trash.
    if not may.get("canAddChildren") or may.get("canTrashChildren") is False:
        raise CchcError(
            text("in “{name}” {account} may not make, share and trash files", name=name, account=account),
            where=where,
            fix=text(
                "have a manager of the Shared Drive make {account} a content manager (folder: editor)", account=account
            ),
            code="shared_drive_role",
        )
    return text("the spreadsheets are made in “{name}”, where we may do so", name=name)


def _shared_drive_or_folder(google: Caller, place: str, where: str, account: str) -> Mapping[str, Any]:
    """Return the Shared Drive, else the folder, of this ID. Raises CchcError if there is neither for us."""
    fields = "id,name,capabilities(canAddChildren,canTrashChildren)"
    try:
        return google.call(Call("GET", f"{DRIVE_API}/drives/{place}", "drive", {"fields": fields}, where=where))
    except CchcError as error:
        if error.code not in {"not_found", "shared_drive_membership", "forbidden"}:
            raise
    params = {"fields": f"{fields},mimeType,trashed", "supportsAllDrives": "true"}
    try:
        return google.call(Call("GET", f"{FILES}/{place}", "drive", params, where=where))
    except CchcError as error:
        if error.code not in {"not_found", "shared_drive_membership"}:
            raise
        fix = text(
            "compare the ID with the address in the browser, and add {account} to the members of the Shared Drive",
            account=account,
        )
        what = text("there is no Shared Drive and no folder with this ID that we can see")
        raise CchcError(what, where=where, fix=fix, code="shared_drive") from error


def prove(google: Caller, parent: str) -> None:
    """Make a spreadsheet, write to it, read it back and put it into the trash, whatever happens in between.

    Raises:
        CchcError: of the first step that failed.
    """
    long_ago = datetime.now(UTC) - LEFT_BEHIND
    # Younger ones may be those of a colleague who is running the same checkup.
    _try_to_trash(google, *(file for file, made in _found(google, parent, MARK) if made < long_ago))
    made = _create(google, parent)
    try:
        _write_and_read(google, made)
    except BaseException:
        # What went wrong first is what has to be told; a file that stays is found by its mark next time.
        _try_to_trash(google, made)
        raise
    _trash(google, made)


def _create(google: Caller, parent: str) -> str:
    """Return the ID of a new spreadsheet; one whose ID was lost on the way is trashed before the error is raised."""
    mark = {**MARK, "run": secrets.token_hex(8)}
    body: dict[str, Any] = {"name": "cchc-sheets doctor", "mimeType": SPREADSHEET, "properties": mark}
    if parent:
        body["parents"] = [parent]
    params = {"supportsAllDrives": "true", "fields": "id"}
    try:
        made = google.call(Call("POST", FILES, "drive", params, body, may_repeat=False, where=parent or DRIVE_PLACE))
    except AnswerLost:
        with suppress(CchcError):
            _try_to_trash(google, *(file for file, _ in _found(google, parent, mark)))
        raise
    return str(made["id"])


def _write_and_read(google: Caller, file: str) -> None:
    cell = {"userEnteredValue": {"stringValue": WORD}}
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}
    update = {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}
    google.call(
        Call("POST", f"{SPREADSHEETS}/{file}:batchUpdate", "write", {"fields": "spreadsheetId"}, {"requests": [update]})
    )
    fields = "sheets(data(rowData(values(userEnteredValue))))"
    answer = google.call(Call("GET", f"{SPREADSHEETS}/{file}", "read", {"fields": fields}))
    if _first_cell(answer) != WORD:
        raise CchcError(
            text("what was written into a spreadsheet did not come back from it"),
            where=f"https://docs.google.com/spreadsheets/d/{file}",
            fix=text("run the command again; if it stays so, something between here and Google changes the answers"),
            code="proof",
        )


def _first_cell(answer: Mapping[str, Any]) -> object:
    try:
        return answer["sheets"][0]["data"][0]["rowData"][0]["values"][0]["userEnteredValue"]["stringValue"]
    except (KeyError, IndexError):
        return None


def _found(google: Caller, parent: str, mark: Mapping[str, str]) -> list[tuple[str, datetime]]:
    """Return the files with this mark that are not in the trash: ID, and when it was made."""
    terms = [f"properties has {{ key='{key}' and value='{value}' }}" for key, value in mark.items()]
    terms += [f"'{parent}' in parents"] if parent else []
    params = {
        "q": " and ".join([*terms, "trashed = false"]),
        "fields": "files(id,createdTime)",
        "supportsAllDrives": "true",
        "includeItemsFromAllDrives": "true",
    }
    answer = google.call(Call("GET", FILES, "drive", params, where=parent or DRIVE_PLACE))
    return [(str(file["id"]), datetime.fromisoformat(file["createdTime"])) for file in answer.get("files", ())]


def _trash(google: Caller, file: str) -> None:
    params = {"supportsAllDrives": "true", "fields": "id"}
    google.call(Call("PATCH", f"{FILES}/{file}", "drive", params, {"trashed": True}))


def _try_to_trash(google: Caller, *files: str) -> None:
    for file in files:
        with suppress(CchcError):
            _trash(google, file)
