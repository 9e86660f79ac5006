"""The files of a cycle on Google Drive: born with their mark, found by it, never by name.

The mark stands in a file's `properties` (guide "Add custom file properties"), which every program sees that may see
the file, so that a change of credentials hides nothing:

    cycle   the cycle's id
    role    `unit`, or the key of a workbook of the office, e.g. `appraisal`; `folder` for the folder of them all
    unit    the unit's code; `-` for a workbook of the office
    tool    `cchc-sheets`
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cchc_sheets.files import write_whole
from cchc_sheets.layouts.workbook import NO_UNIT
from cchc_sheets.workspace.google_refusals import AnswerLost, GoogleRefusal
from cchc_sheets.workspace.google_transport import Call, GoogleTransport

DRIVE_API: Final = "https://www.googleapis.com/drive/v3"
FILES: Final = f"{DRIVE_API}/files"
SPREADSHEET: Final = "application/vnd.google-apps.spreadsheet"
FOLDER: Final = "application/vnd.google-apps.folder"
FOLDER_ROLE: Final = "folder"

_TOOL: Final = "cchc-sheets"
_UNITS: Final = "units/"
_UNIT_ROLE: Final = "unit"
_PAGE: Final = "1000"
_TOP: Final = "root"
"""What Drive calls the top of a person's own Drive."""
_FIELDS: Final = "id,name,mimeType,version,createdTime,modifiedTime,properties,ownedByMe,driveId,parents"
_LOOKS: Final = 2
"""How often to look whether a file was made although its answer was lost."""


@dataclass(frozen=True, slots=True)
class DriveFile:
    """One file, as Drive lists it; `version` counts every change, `modified` those of its content.

    A foreign one is somebody else's and lies where we cannot look: a person copied it and shared the copy.
    """

    id: str
    name: str
    mime: str
    version: str
    created: datetime
    modified: datetime
    properties: Mapping[str, str] = field(default_factory=dict)
    is_foreign: bool = False

    @property
    def key(self) -> str:
        """The key of the workbook that the mark names."""
        role = self.properties.get("role", "")
        return f"{_UNITS}{self.properties.get('unit', '')}" if role == _UNIT_ROLE else role

    @property
    def address(self) -> str:
        """Where people open a spreadsheet."""
        return f"https://docs.google.com/spreadsheets/d/{self.id}/edit"


def mark(cycle: str, key: str) -> dict[str, str]:
    """Return the properties of the workbook `key`."""
    unit = key.removeprefix(_UNITS) if key.startswith(_UNITS) else NO_UNIT
    role = key if unit == NO_UNIT else _UNIT_ROLE
    return {"tool": _TOOL, "cycle": cycle, "role": role, "unit": unit}


class GoogleDrive:
    """The files of one cycle, over one transport.

    Drive finds a new file by its mark only after a while. Those that were made from this computer are therefore
    kept in a list of their own, and asked for one by one as long as they are not found. In its folder a file is found
    at once: there it is looked for if its making broke off before its id was known.
    """

    def __init__(self, transport: GoogleTransport, cycle: str, made: Path) -> None:
        """Take over `made`, the file with the ids of the files that were made from this computer.

        Beside the ids it holds the folders in which a file was begun whose id is not known.
        """
        self._transport = transport
        self._cycle = cycle
        self._made = made

    def files(self) -> list[DriveFile]:
        """Return every file with the cycle's mark that is not in the trash, oldest first: one request per 1,000."""
        made, begun_in = self._made_here()
        found = {file.id: file for file in self._listed(self._by_mark())}
        begun = {file.id: file for folder in begun_in for file in self._lying_in(folder)}
        made |= begun.keys()
        found |= begun
        found |= {file.id: file for file in map(self._file, made - found.keys()) if file is not None}
        gone = made - found.keys()
        if gone or begun_in:
            self._remember(made - gone)
        ours = (file for file in found.values() if file.properties.get("tool") == _TOOL)
        return sorted(ours, key=lambda file: (file.created, file.id))

    def _by_mark(self) -> str:
        cycle = self._cycle.replace("\\", "\\\\").replace("'", "\\'")
        return f"properties has {{ key='cycle' and value='{cycle}' }} and trashed = false"

    def _lying_in(self, folder: str) -> list[DriveFile]:
        try:
            found = self._listed(f"'{folder}' in parents and trashed = false")
        except GoogleRefusal as refused:
            if refused.code != "not_found":
                raise
            return []  # nothing lies in a folder that is gone
        return [file for file in found if file.properties.get("cycle") == self._cycle]

    def _listed(self, query: str) -> list[DriveFile]:
        params = {
            "q": query,
            "fields": f"nextPageToken,files({_FIELDS})",
            "pageSize": _PAGE,
            "supportsAllDrives": "true",
            "includeItemsFromAllDrives": "true",
        }
        found: list[DriveFile] = []
        while True:
            answer = self._transport.call(Call("GET", FILES, "drive", params=params))
            found += [_file(entry) for entry in answer.get("files", ())]
            if not answer.get("nextPageToken"):
                return found
            params["pageToken"] = answer["nextPageToken"]

    def _file(self, file_id: str) -> DriveFile | None:
        """Return one file; None if it is in the trash or gone."""
        params = {"fields": f"{_FIELDS},trashed", "supportsAllDrives": "true"}
        try:
            entry = self._transport.call(Call("GET", f"{FILES}/{file_id}", "drive", params=params))
        except GoogleRefusal as refused:
            if refused.code != "not_found":
                raise
            return None
        return None if entry.get("trashed") else _file(entry)

    def _made_here(self) -> tuple[set[str], set[str]]:
        try:
            known = json.loads(self._made.read_text(encoding="utf-8"))[self._cycle]
            return set(known["made"]), set(known["begun_in"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return set(), set()  # nothing is lost with the list: Drive finds the files a little later by itself

    def _remember(self, made: set[str], begun_in: Iterable[str] = ()) -> None:
        known = {"made": sorted(made), "begun_in": sorted(begun_in)}
        write_whole(self._made, json.dumps({self._cycle: known}).encode())

    def create(
        self, name: str, mime: str, marked: Mapping[str, str], parent: str = "", *, shared: bool = False
    ) -> DriveFile:
        """Make a file with its mark; if the answer is lost, look for the file before making it again.

        `shared` says that the parent is or may be on a Shared Drive, where the drive's own rules hold.

        Raises:
            AnswerLost: if the answers of both attempts were lost and no file with the mark appears.
        """
        body: dict[str, Any] = {"name": name, "mimeType": mime, "properties": dict(marked)}
        if parent:
            body["parents"] = [parent]
        if not shared:
            body["writersCanShare"] = False  # a commune passes its sheet on to nobody
        params = {"supportsAllDrives": "true", "fields": _FIELDS}
        call = Call("POST", FILES, "drive", params=params, body=body, may_repeat=False, where=name)
        made, begun_in = self._made_here()
        self._remember(made, begun_in | {parent or _TOP})
        try:
            file = _file(self._transport.call(call))
        except AnswerLost:
            file = self._found(marked, parent or _TOP) or _file(self._transport.call(call))
        self._remember(made | {file.id}, begun_in)
        return file

    def trash(self, file_id: str) -> None:
        """Put a file into the trash."""
        params = {"supportsAllDrives": "true"}
        self._transport.call(Call("PATCH", f"{FILES}/{file_id}", "drive", params=params, body={"trashed": True}))

    def _found(self, marked: Mapping[str, str], folder: str) -> DriveFile | None:
        for _ in range(_LOOKS):
            for file in self._lying_in(folder):
                if file.properties == marked and not file.is_foreign:
                    return file
        return None


def _file(entry: Mapping[str, Any]) -> DriveFile:
    return DriveFile(
        id=entry["id"],
        name=entry.get("name", ""),
        mime=entry.get("mimeType", ""),
        version=str(entry.get("version", "")),
        created=_moment(entry.get("createdTime")),
        modified=_moment(entry.get("modifiedTime")),
        properties=entry.get("properties", {}),
        is_foreign=entry.get("ownedByMe") is False and not (entry.get("driveId") or entry.get("parents")),
    )


def _moment(written: str | None) -> datetime:
    return datetime.fromisoformat(written or "1970-01-01T00:00:00Z")
