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
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cchc_sheets.files import write_whole
from cchc_sheets.layouts.workbook import NO_UNIT
from cchc_sheets.workspace.google_refusals import AnswerLost, GoogleRefusal
from cchc_sheets.workspace.google_transport import Call, GoogleTransport

FILES: Final = "https://www.googleapis.com/drive/v3/files"
SPREADSHEET: Final = "application/vnd.google-apps.spreadsheet"
FOLDER: Final = "application/vnd.google-apps.folder"
FOLDER_ROLE: Final = "folder"

_TOOL: Final = "cchc-sheets"
_UNITS: Final = "units/"
_UNIT_ROLE: Final = "unit"
_PAGE: Final = "1000"
_FIELDS: Final = "id,name,mimeType,version,createdTime,modifiedTime,properties"
_LOOKS: Final = 2
"""How often to look whether a file was made although its answer was lost."""


@dataclass(frozen=True, slots=True)
class DriveFile:
    """One file, as Drive lists it; `version` counts every change, `modified` those of its content."""

    id: str
    name: str
    mime: str
    version: str
    created: datetime
    modified: datetime
    properties: Mapping[str, str] = field(default_factory=dict)

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
    kept in a list of their own, and asked for one by one as long as they are not found.
    """

    def __init__(self, transport: GoogleTransport, cycle: str, made: Path) -> None:
        """Take over `made`, the file with the ids of the files that were made from this computer."""
        self._transport = transport
        self._cycle = cycle
        self._made = made

    def files(self) -> list[DriveFile]:
        """Return every file with the cycle's mark that is not in the trash, oldest first: one request per 1,000."""
        found = self._listed()
        made = self._ids_made()
        unseen = [self._file(file_id) for file_id in made - {file.id for file in found}]
        gone = made - {file.id for file in (*found, *filter(None, unseen))}
        if gone:
            self._remember(made - gone)
        ours = (file for file in (*found, *filter(None, unseen)) if file.properties.get("tool") == _TOOL)
        return sorted(ours, key=lambda file: (file.created, file.id))

    def _listed(self) -> list[DriveFile]:
        cycle = self._cycle.replace("\\", "\\\\").replace("'", "\\'")
        params = {
            "q": f"properties has {{ key='cycle' and value='{cycle}' }} and trashed = false",
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

    def _ids_made(self) -> set[str]:
        try:
            return set(json.loads(self._made.read_text(encoding="utf-8"))[self._cycle])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return set()  # nothing is lost with the list: Drive finds the files a little later by itself

    def _remember(self, ids: set[str]) -> None:
        self._made.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._made, json.dumps({self._cycle: sorted(ids)}).encode())

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
        try:
            file = _file(self._transport.call(call))
        except AnswerLost:
            file = self._found(marked) or _file(self._transport.call(call))
        self._remember(self._ids_made() | {file.id})
        return file

    def trash(self, file_id: str) -> None:
        """Put a file into the trash."""
        params = {"supportsAllDrives": "true"}
        self._transport.call(Call("PATCH", f"{FILES}/{file_id}", "drive", params=params, body={"trashed": True}))

    def _found(self, marked: Mapping[str, str]) -> DriveFile | None:
        for _ in range(_LOOKS):
            for file in self._listed():
                if file.properties == marked:
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
    )


def _moment(written: str | None) -> datetime:
    return datetime.fromisoformat(written or "1970-01-01T00:00:00Z")
