"""What a season has come to, comparable between two runs: every file, every entry, every result; no ids, no times."""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from google_end_state import difference, google_state, plain
from openpyxl import load_workbook

from cchc_sheets.ledger import Entry, Ledger
from cchc_sheets.stages.season import BESIDE_THE_NUMBERS
from faults.desks import Desk, GoogleDesk

State = dict[str, Any]

_BESIDE: Final = ("logs/", "ledger.db", "watch.")
"""Files that every run leaves in its own way; the ledger is compared by its entries."""

_NEWEST_COUNTS: Final = ("results", "paper", "publication", "links")
"""Kinds beside the numbers of which the newest entry must be the same; the others count versions and times."""

_FINDINGS: Final = "appraisal"
_BY_HAND: Final = ("verdict", "appraised_points", "remark", "count", "points")

_REMINDERS: Final = "output/reminders.txt"
_NOBODY: Final = "không phải đôn đốc đơn vị nào"
"""A file that is there already says so; where there is none, none is made to say it."""

_BACKUPS: Final = "workspace/backup/"
_NAMED_BY_TIME: Final = re.compile(r"-\d{8}-\d{6}-\w+(?=\.xlsx$)")
_OF_CONTENT: Final = re.compile(r"(cchc-sheets digest \w{32})\w{32}")
"""The second half is that of the content, in which addresses at Google may stand; the content itself is compared."""
_TOLD_TIME: Final = re.compile(r"\d\d:\d\d ngày \d\d/\d\d/\d{4}")
_LEFT_OVER: Final = re.compile(r"(^|/)\.[^/]+\.(part|old)(/|$)|\.lock$|-journal$|(^|/)~\$")


def end_state(desk: Desk, *, told_times: bool = True) -> State:
    """Return everything that must not depend on what went wrong on the way.

    Without `told_times` it does not say when something was looked at or received, as workbooks, pages and papers tell
    it: a run can only go by the clock that it is given, and what it has recorded stays.
    """
    names = _names(desk) if isinstance(desk, GoogleDesk) else {}
    google = google_state(desk) if isinstance(desk, GoogleDesk) else []
    parts = [_files(desk.folder, names, told_times=told_times), _ledger(desk.folder / "ledger.db"), *google]
    if names or not told_times:
        parts = [_named(part, names, told_times=told_times) for part in parts]
    return {"files": parts[0], "ledger": parts[1], "google": parts[2:]}


def _named(part: Any, names: dict[str, str], *, told_times: bool) -> Any:
    """Return a part of the state with what each id at Google stands for; equal ones are the same, to compare fast."""
    words = json.dumps(part, default=str, ensure_ascii=False)
    if not told_times:
        words = _without_times(words)
    if names:
        words = _OF_CONTENT.sub(r"\1", _with_names(words, names))
    return _parsed(words)


@lru_cache(maxsize=100)
def _parsed(words: str) -> Any:
    return json.loads(words, object_hook=_seen)


def _without_times(words: str) -> str:
    return _TOLD_TIME.sub("(time)", words)


def without_backups(state: State) -> State:
    """Leave out what was set aside on the way: it is what a run found, and one that was hindered had not got far."""
    return {**state, "files": {name: file for name, file in state["files"].items() if name != "backups"}}


def without_papers_too_many(found: State, expected: State) -> State:
    """Leave out the papers that one season has made and the other has not, and what the ledger says of them."""
    made = found["ledger"].get("paper", {})
    too_many = made.keys() - expected["ledger"].get("paper", {}).keys()
    files = {f"output/{made[name]['file']}" for name in too_many}
    papers = {name: entry for name, entry in made.items() if name not in too_many}
    return {
        **found,
        "files": {name: file for name, file in found["files"].items() if name not in files},
        "ledger": {**found["ledger"], **({"paper": papers} if made else {})},
    }


def _seen(found: State) -> State:
    """Leave out how a cell is aligned: one that was empty for a while may stand to the left for good."""
    found.pop("horizontalAlignment", None)
    return found


def left_over(folder: Path) -> list[str]:
    """Return what a run has no business to leave behind: temporary files, locks, half a folder."""
    found = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")))
    return [name for name in found if is_left_over(name)]


def is_left_over(name: str) -> bool:
    """Tell whether a file's path in the cycle's folder is one that only a run under way may use."""
    return bool(_LEFT_OVER.search(name)) and name != "watch.lock"


def _names(desk: GoogleDesk) -> dict[str, str]:
    """Return what stands for each id at Google: what the file is."""
    found = desk.server.world.files.values()
    return {
        file.id: "/".join(["google:", *(file.properties[name] for name in ("role", "unit"))])
        for file in found
        if file.properties
    }


def _with_names(words: str, names: dict[str, str]) -> str:
    for number, name in names.items():
        words = words.replace(number, name)
    return words


def _files(folder: Path, names: dict[str, str], *, told_times: bool) -> State:
    found = (file for file in sorted(folder.rglob("*")) if file.is_file())
    named = ((file.relative_to(folder).as_posix(), file) for file in found)
    files = {name: file for name, file in named if not name.startswith(_BESIDE)}
    kept = {name: _file(file, names) for name, file in files.items() if not name.startswith(_BACKUPS)}
    if not told_times:
        books = [name for name in kept if name.endswith(".xlsx")]
        kept |= {name: [_cells(files[name].read_bytes(), told_times=False), *kept[name][1:]] for name in books}
    if _REMINDERS in files and _NOBODY in files[_REMINDERS].read_text(encoding="utf-8-sig"):
        del kept[_REMINDERS]
    backups = [
        [_NAMED_BY_TIME.sub("", name), _cells(file.read_bytes(), told_times=told_times)]
        for name, file in files.items()
        if name.startswith(_BACKUPS)
    ]
    distinct = [one for number, one in enumerate(backups) if one not in backups[:number]]
    return {**kept, "backups": sorted(distinct, key=str)}


def _file(file: Path, names: dict[str, str]) -> list[Any]:
    content = file.read_bytes()
    if names and file.suffix in {".txt", ".json"}:
        content = _with_names(content.decode("utf-8"), names).encode()
        if file.name == "google-files.json":
            content = json.dumps({key: sorted(map(str, value)) for key, value in _flat(json.loads(content))}).encode()
    return [hashlib.sha256(content).hexdigest(), bool(file.stat().st_mode & stat.S_IWUSR)]


def _flat(known: dict[str, dict[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """Return what is remembered of files made; where they were begun is forgotten once they are found."""
    return [(cycle, made["made"]) for cycle, made in known.items()]


@lru_cache(maxsize=200)
def _cells(content: bytes, *, told_times: bool) -> str:
    """Return the digest of everything that stands in a workbook's cells: its file also says when it was written."""
    book = load_workbook(io.BytesIO(content))
    cells = [[sheet.title, [[cell.value for cell in row] for row in sheet.iter_rows()]] for sheet in book.worksheets]
    words = json.dumps(cells, default=str, ensure_ascii=False)
    return hashlib.sha256((words if told_times else _without_times(words)).encode()).hexdigest()


def _ledger(file: Path) -> State:
    """Return every entry on which numbers rest, one by one; of the others the newest, where it is not about times."""
    if not file.exists():
        return {}
    with closing(Ledger.at(file)) as ledger:
        ledger.check_chain()
        entries = ledger.entries()
        latest = {kind: ledger.latest(kind) for kind in _NEWEST_COUNTS}
        findings = ledger.latest(_FINDINGS)
    rest_on = [entry for entry in entries if entry.kind not in {*BESIDE_THE_NUMBERS, _FINDINGS}]
    rest_on.sort(key=lambda entry: (entry.kind, entry.subject))  # of one subject they stay in their order
    return {
        "numbers rest on": [f"{entry.kind} {entry.subject}" for entry in rest_on],
        "what they say": [_body(entry) for entry in rest_on],
        "findings": {
            key: written for key, entry in findings.items() if (written := _written(key, entry.body["sheets"]))
        },
        **{kind: {key: _body(entry) for key, entry in found.items()} for kind, found in latest.items()},
    }


def _written(sheet: str, sheets: list[Any]) -> State:
    """Return what departments and the council wrote: their sheets are recorded as often as they are read."""
    by_hand = _BY_HAND if sheet != "rulings" else ("ruled_points", "reason")
    rows = (row for sheet in sheets for row in sheet["rows"])
    written = ((key, {name: cells[name] for name in by_hand if name in cells}) for key, _, cells in rows)
    return {key: cells for key, cells in written if cells}


def _body(entry: Entry) -> Any:
    """Return what an entry says, of a reading what people typed: the guide is told anew whenever something was late."""
    body = plain(dict(entry.body), {})
    if "reading" in body:
        body["reading"]["sheets"] = [sheet for sheet in body["reading"]["sheets"] if sheet["key"] != "guide"]
    return body


__all__ = [
    "State",
    "difference",
    "end_state",
    "is_left_over",
    "left_over",
    "without_backups",
    "without_papers_too_many",
]
