"""A season of three communes through the real command, on Google or on local workbooks, played by the office alone.

Only the API is at hand, so everything is typed as the office: nobody else's account is needed. The calendar lies around
the present day, because Google's own clock cannot be rehearsed.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from office import CRITERIA, CYCLE, UNITS_CSV, Office, Run

from cchc_sheets.assessment.appraisal import ADJUST, AGREE
from cchc_sheets.assessment.submission import CONFIRMED, SELF_ASSESSMENT, SELF_REPORT
from cchc_sheets.cycle.folder import Cycle, load_cycle
from cchc_sheets.errors import CchcError
from cchc_sheets.ledger import Ledger
from cchc_sheets.outcome import unheard
from cchc_sheets.reading import from_json
from cchc_sheets.stages.connection import sign_in
from cchc_sheets.stages.season import APPRAISAL, open_workspace
from cchc_sheets.workspace.google_drive import FILES, DriveFile, GoogleDrive
from cchc_sheets.workspace.google_spreadsheets import MADE, SPREADSHEETS
from cchc_sheets.workspace.google_transport import Call, GoogleTransport
from cchc_sheets.workspace.port import Typing

PutChip = Callable[[str, str, str, str], None]
"""Puts a chip of a file on Drive into a cell: file id, title of the tab, address, uri."""

LINKED: Final = "tay-an"
"""The commune whose evidence is linked in every way that the API can write."""

_UNITS: Final = ("tay-an", "binh-hoa", "phu-phong")
_DAYS: Final = {"provision": -1, "self_assessment": 10, "appraisal": 25, "decision": 31, "publication": 60}
_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_PROOF: Final = "https://xa.example.gov.vn/van-ban/"
_LINKS: Final = (f"{_PROOF}tren-chu-05", f"{_PROOF}cong-thuc-06", f"{_PROOF}ca-o-07")
_PROTECTIONS: Final = "sheets(properties(title),protectedRanges(range,unprotectedRanges,editors,warningOnly))"


@dataclass(frozen=True)
class Target:
    """The Google to play on.

    Attributes:
        credentials: the file to sign in with; `subject` for whom a service account acts.
        shared_drive: where to make the spreadsheets, if not in a folder of the account's own.
        address: somebody to share a workbook with.
        put_chip: puts a chip where the API cannot; None: it can.
    """

    credentials: Path
    subject: str = ""
    shared_drive: str = ""
    address: str = ""
    put_chip: PutChip | None = None


class Ring:
    """One season; without a target it is played on local workbooks."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str], target: Target | None = None) -> None:
        self.target = target
        today = datetime.now(_ZONE).replace(hour=17, minute=0, second=0, microsecond=0)
        self._days = {name: today + timedelta(days=days) for name, days in _DAYS.items()}
        self._write_cycle(folder)
        self._office = Office(folder, capfd)

    def play(self) -> dict[str, Any]:
        """Play the season; return the results of every unit."""
        self._provide()
        for unit in _UNITS:
            self._type(f"units/{unit}", self_assessment(unit))
        if self.target:
            self._link()
            assert all(self.open_inputs().values())
        self.run("collect", after="self_assessment")
        if self.target:
            self._check_closed()
            self._check_links()
        self._appraise()
        self._office.write_survey()
        self.run("survey", after="self_assessment")
        units: dict[str, Any] = self.run("finalise", after="appraisal").json["data"]["units"]
        return {"units": units, "table": (self._office.folder / "output" / "results.csv").read_bytes()}

    def run(self, *arguments: str, after: str = "provision", problems: frozenset[str] = frozenset()) -> Run:
        """Run a command a day after a date of the calendar; no other problems than these may be told."""
        moment = self._days[after] + timedelta(days=1)
        run = self._office.run(*arguments, now=moment.strftime("%Y-%m-%dT%H:%M"))
        assert run.exit_code in {0, 3}, run.out
        assert {problem["code"] for problem in run.problems} <= problems, run.out
        return run

    # ------------------------------------------------------------------------------------------------ what people do

    def _provide(self) -> None:
        nobody = frozenset({"no_address"}) if self.target else frozenset[str]()
        if self.target:
            assert self.run("doctor").exit_code == 0
        self.run("provision", problems=nobody)
        again = self.run("provision", problems=nobody).json["data"]["units"]
        assert [unit["action"] for unit in again] == ["kept"] * len(_UNITS)
        if self.target and self.target.address:
            shared = self.run("share", "--check", problems=nobody).json["data"]["workbooks"]
            [people] = [book["people"] for book in shared if book["unit"] == LINKED]
            assert "writer" in people.values()

    def _type(self, key: str, entries: Typing) -> None:
        open_workspace(self.cycle).type_in(key, entries)

    def _link(self) -> None:
        """Link the evidence of one commune over its text, by a formula, by the cell's format, by a chip."""
        file = self._files()[f"units/{LINKED}"]
        text, formula, whole = _LINKS
        runs = {"userEnteredValue": {"stringValue": "Báo cáo số 05"}, "textFormatRuns": [{"format": _link(text)}]}
        self._put("1.1", runs, "userEnteredValue,textFormatRuns")
        self._type(
            f"units/{LINKED}", {SELF_ASSESSMENT: {"1.10": {"evidence": f'=HYPERLINK("{formula}","Báo cáo số 06")'}}}
        )
        formatted = {
            "userEnteredValue": {"stringValue": "Báo cáo số 07"},
            "userEnteredFormat": {"textFormat": _link(whole)},
        }
        self._put("2.1", formatted, "userEnteredValue,userEnteredFormat.textFormat.link")
        if self.target and self.target.put_chip:
            self.target.put_chip(file.id, *self._evidence("2.2"), file.address)
        else:
            chip = {"startIndex": 0, "chip": {"richLinkProperties": {"uri": file.address}}}
            data = {"userEnteredValue": {"stringValue": "@"}, "chipRuns": [chip]}
            self._put("2.2", data, "userEnteredValue,chipRuns")

    def _appraise(self) -> None:
        """Have the departments agree to all rows but one."""
        self.run("appraise", after="self_assessment", problems=_UNFINISHED)
        reading = open_workspace(self.cycle).read(APPRAISAL)
        verdicts: dict[str, dict[str, dict[str, Any]]] = {}
        for sheet in (sheet for sheet in reading.sheets if sheet.key.startswith("appraisal:")):
            keys = [row.key for row in sheet.rows if "/" in row.key]
            verdicts[sheet.key] = {key: {"verdict": AGREE} for key in keys}
        lowered = {"verdict": ADJUST, "appraised_points": Decimal("0.75"), "remark": "Ban hành chậm; thiếu số liệu"}
        verdicts["appraisal:noi-vu"]["binh-hoa/1.10"] = lowered
        self._type(APPRAISAL, verdicts)
        self.run("appraise", after="self_assessment", problems=_UNFINISHED)

    # -------------------------------------------------------------------------------------------- a look past the tool

    def open_inputs(self) -> dict[str, int]:
        """Return how many ranges each sheet of the communes leaves open to its people; a guide has none to open."""
        return {
            f"{key} {title}": sum(len(one.get("unprotectedRanges", ())) for one in protections)
            for key, title, protections in self._protections()
            if title != _GUIDE
        }

    def _check_closed(self) -> None:
        """Check that every sheet is protected as a whole, for nobody but the office."""
        assert set(self.open_inputs().values()) == {0}
        stranger = self.target.address if self.target else ""
        for key, title, protections in self._protections():
            whole = [one for one in protections if set(one["range"]) <= {"sheetId"} and not one.get("warningOnly")]
            assert whole, (key, title)
            for one in whole:
                editors = one.get("editors", {})
                assert not editors.get("domainUsersCanEdit")
                assert stranger not in editors.get("users", ())

    def _protections(self) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
        for key, file in self._files().items():
            if key.startswith("units/"):
                answer = self._google.call(
                    Call("GET", f"{SPREADSHEETS}/{file.id}", "read", params={"fields": _PROTECTIONS})
                )
                for sheet in answer["sheets"]:
                    yield key, sheet["properties"]["title"], sheet.get("protectedRanges", [])

    def _check_links(self) -> None:
        """Check that every link is in the ledger; Google words the address of a chip in its own way."""
        recorded = list(self._recorded_links())
        assert set(recorded) > set(_LINKS), recorded
        assert any(self._files()[f"units/{LINKED}"].id in link for link in recorded), recorded

    def _recorded_links(self) -> Iterator[str]:
        ledger = Ledger.at(self._office.folder / "ledger.db")
        try:
            reading = from_json(ledger.latest("submission")[LINKED].body["reading"])
        finally:
            ledger.close()
        sheet = reading.sheet(SELF_ASSESSMENT)
        assert sheet is not None
        for row in sheet.rows:
            yield from row.cells["evidence"].links if "evidence" in row.cells else ()

    def _put(self, code: str, data: dict[str, Any], fields: str) -> None:
        """Write one cell of evidence through the API."""
        file = self._files()[f"units/{LINKED}"]
        title, address = self._evidence(code)
        answer = self._google.call(
            Call("GET", f"{SPREADSHEETS}/{file.id}", "read", params={"fields": "sheets(properties(sheetId,title))"})
        )
        [sheet_id] = [s["properties"]["sheetId"] for s in answer["sheets"] if s["properties"]["title"] == title]
        letters, number = re.fullmatch(r"([A-Z]+)(\d+)", address).groups()  # type: ignore[union-attr]
        column = sum((ord(letter) - 64) * 26**place for place, letter in enumerate(reversed(letters))) - 1
        start = {"sheetId": sheet_id, "rowIndex": int(number) - 1, "columnIndex": column}
        update = {"updateCells": {"start": start, "rows": [{"values": [data]}], "fields": fields}}
        body = {"requests": [update]}
        self._google.call(Call("POST", f"{SPREADSHEETS}/{file.id}:batchUpdate", "write", body=body))

    def _evidence(self, code: str) -> tuple[str, str]:
        """Return title of the tab and address of a commune's cell of evidence."""
        sheet = open_workspace(self.cycle).read(f"units/{LINKED}").sheet(SELF_ASSESSMENT)
        assert sheet is not None
        [row] = [row for row in sheet.rows if row.key == code]
        return sheet.title, sheet.address(row, "evidence")

    def _files(self) -> dict[str, DriveFile]:
        return {file.key: file for file in self._drive().files()}

    def _drive(self) -> GoogleDrive:
        return GoogleDrive(self._google, self.cycle.id, self.cycle.workspace_folder / MADE)

    @cached_property
    def _google(self) -> GoogleTransport:
        return GoogleTransport(sign_in(self.cycle, unheard).session)

    def clear(self) -> int:
        """Put everything that the season made into the trash; return how many files."""
        files = sorted(self._files().values(), key=lambda file: file.key == "folder")
        for file in files:
            self._drive().trash(file.id)
            params = {"fields": "trashed", "supportsAllDrives": "true"}
            assert self._google.call(Call("GET", f"{FILES}/{file.id}", "drive", params=params))["trashed"]
        return len(files)

    # -------------------------------------------------------------------------------------------------- the folder

    @property
    def cycle(self) -> Cycle:
        return load_cycle(self._office.folder)

    def _write_cycle(self, folder: Path) -> None:
        settings = CYCLE.replace("id: small-2023", f"id: live-{secrets.token_hex(6)}")
        for name, moment in self._days.items():
            settings = re.sub(rf"(?m)^  {name}: .*$", f"  {name}: {moment:%Y-%m-%dT%H:%M}", settings)
        units = re.sub(r",[^,\n]*@[^,\n]*$", ",", UNITS_CSV, flags=re.MULTILINE)
        if self.target:
            settings += _google_settings(self.target)
            units = re.sub(rf"(?m)^({LINKED},.*,)$", rf"\g<1>{self.target.address}", units)
        folder.mkdir(parents=True)
        for name, content in (("cycle.yaml", settings), ("criteria.yaml", CRITERIA), ("units.csv", units)):
            (folder / name).write_text(content, encoding="utf-8")


_UNFINISHED: Final = frozenset({"unappraised", "no_address"})
_GUIDE: Final = "Hướng dẫn"


@contextmanager
def cleared(ring: Ring) -> Iterator[Ring]:
    """Lend a season, and put all it made into the trash afterwards, whatever happens in between."""
    try:
        yield ring
    except BaseException:
        with suppress(CchcError):  # what went wrong first has to be told
            ring.clear()
        raise
    ring.clear()


def self_assessment(unit: str) -> Typing:
    """Return what a commune fills in; no two the same."""
    proof = f"Báo cáo số 05/BC-UBND ngày 30/11/2023 {_PROOF}05"
    done, own = {"tay-an": ("18", "1.8"), "binh-hoa": ("15", "1.5"), "phu-phong": ("12", "1.2")}[unit]
    rows: dict[str, dict[str, Any]] = {
        "1.1": {"self_score": Decimal(2)},
        "1.10": {"numerator": Decimal(done), "denominator": Decimal(20), "self_score": Decimal(own)},
        "2.1": {"numerator": Decimal(1), "self_score": Decimal("0.5")},
        "2.2": {"self_score": Decimal("1.25")},
    }
    report = {"strengths": {"value": "Hoàn thành kế hoạch"}, "confirmed": {"value": CONFIRMED}}
    return {SELF_ASSESSMENT: {code: {**row, "evidence": proof} for code, row in rows.items()}, SELF_REPORT: report}


def _google_settings(target: Target) -> str:
    credentials = {"file": str(target.credentials.absolute()), "subject": target.subject}
    lines = {
        "workspace": "google",
        "credentials": credentials if target.subject else credentials["file"],
        "google": {"shared_drive": target.shared_drive},
    }
    return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in lines.items())


def _link(uri: str) -> dict[str, Any]:
    return {"link": {"uri": uri}}
