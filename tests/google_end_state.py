"""What a season has come to, comparable between two runs: Google's files, the ledger, the papers; no ids, no times."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Protocol

from google_season import StagedOffice
from google_server import GoogleServer
from google_server.clients import OFFICE
from google_server.world import SPREADSHEET, DriveFile

from cchc_sheets.ledger import Ledger

State = dict[str, Any]


class Judged(Protocol):
    """An office on a server.

    Attributes:
        contents: spreadsheets that were compared once.
    """

    server: GoogleServer
    contents: list[tuple[Any, Any]]


_FLEETING = {
    "protectedRangeId",
    "spreadsheetId",
    "spreadsheetUrl",
    "version",
    "modified",
    "basis",
    "conditionalFormatId",
}
_RECORDED = ("extension", "submission", "missed", "points", "override", "results")
_WRITTEN = ("verdict", "appraised_points", "remark", "count", "points")


def end_state(office: StagedOffice) -> State:
    """Return everything that must not depend on what went wrong on the way."""
    return {"google": google_state(office), "ledger": _ledger(office), "papers": _papers(office)}


def difference(found: Any, expected: Any, where: str = "") -> list[str]:
    """Return the places in which two states differ, a few words each."""
    if found == expected:
        return []
    if isinstance(found, dict) and isinstance(expected, dict):
        keys = sorted(found.keys() | expected.keys())
        return [d for key in keys for d in difference(found.get(key), expected.get(key), f"{where}/{key}")]
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        pairs = enumerate(zip(found, expected, strict=True))
        return [d for n, (one, other) in pairs for d in difference(one, other, f"{where}/{n}")]
    return [f"{where}: {str(found)[:300]} – expected {str(expected)[:300]}"]


def google_state(office: Judged) -> list[Any]:
    """Return what lies on Google under the marks of a cycle."""
    files = [file for file in office.server.world.files.values() if file.properties]
    return sorted((_file(office, file) for file in files), key=lambda file: json.dumps(file["mark"]))


def _file(office: Judged, file: DriveFile) -> State:
    return {
        "mark": [file.properties[name] for name in ("cycle", "role", "unit", "tool")],
        "name": file.name,
        "kind": file.mime_type,
        "parents": [office.server.world.files[parent].name for parent in file.parents],
        "trashed": file.trashed,
        "may_share": file.writers_can_share,
        "people": sorted((one.kind, one.target, one.role) for one in file.permissions.values()),
        "content": _spreadsheet(office, file.id) if file.mime_type == SPREADSHEET else None,
    }


def _spreadsheet(office: Judged, file_id: str) -> Any:
    """Return the content; of a spreadsheet that is the same as one seen before, what was returned then."""
    book = office.server.sheets._books[file_id]
    what = (book.title, book.properties, book.tabs)
    for known, content in office.contents:
        if known == what:
            return content
    content = _content(office, file_id)
    office.contents.append((what, content))
    return content


def _content(office: Judged, file_id: str) -> Any:
    query = {"includeGridData": ["true"]}
    with office.server.world.lock:
        answer = office.server.sheets.handle("GET", f"/v4/spreadsheets/{file_id}", query, None, OFFICE)
    titles = {sheet["properties"].get("sheetId", 0): sheet["properties"]["title"] for sheet in answer["sheets"]}
    content = plain(json.loads(json.dumps(answer, default=str)), titles)
    for sheet in content["sheets"]:
        sheet.get("protectedRanges", []).sort(key=lambda one: json.dumps(one, sort_keys=True))
    return content


def plain(value: Any, titles: dict[int, str]) -> Any:
    """Return a part of an answer without what Google counts up; sheets by their titles."""
    if isinstance(value, list):
        return [plain(each, titles) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: plain(each, titles) for name, each in value.items() if name not in _FLEETING}
    if "sheetId" in kept:
        kept["sheetId"] = titles[kept["sheetId"]]
    return kept


def _ledger(office: StagedOffice) -> State:
    ledger = Ledger.at(office.folder / "ledger.db")
    ledger.check_chain()
    entries = {kind: [[e.subject, plain(dict(e.body), {})] for e in ledger.entries(kind)] for kind in _RECORDED}
    access = {key: plain(dict(entry.body), {}) for key, entry in ledger.latest("access").items() if key != "-"}
    rechecks = {key: dict(entry.body) for key, entry in ledger.latest("recheck").items()}
    findings = {key: _findings(entry.body["sheets"]) for key, entry in ledger.latest("appraisal").items()}
    ledger.close()
    for body in access.values():
        del body["place"]
        body["people"] = {address: held for address, held in body["people"].items() if held != "office"}
    return {**entries, "access": access, "recheck": rechecks, "findings": {k: v for k, v in findings.items() if v}}


def _findings(sheets: list[Any]) -> State:
    """Return what departments wrote; an appraisal may be recorded as often as it is read."""
    rows = (row for sheet in sheets for row in sheet["rows"])
    written = ((key, {c: cells[c] for c in _WRITTEN if c in cells}) for key, _, cells in rows)
    return {key: cells for key, cells in written if cells}


def _papers(office: StagedOffice) -> State:
    papers = (file for file in (office.folder / "output").glob("*") if file.is_file())
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in papers}
