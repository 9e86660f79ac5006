"""The small season on our own Google server: stages at any moment, people at their spreadsheets, a time machine.

Everything keeps one clock that only waits move: Google's server, the program's pauses, the stages' `now`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from google_memory import GoogleMemory
from google_server import GoogleServer, Person
from google_server.clients import OFFICE
from office import CRITERIA, CYCLE, UNITS_CSV
from requests.adapters import HTTPAdapter

from cchc_sheets.cycle.folder import Cycle, load_cycle
from cchc_sheets.ledger import database
from cchc_sheets.outcome import Outcome
from cchc_sheets.reading import WorkbookReading
from cchc_sheets.stages.season import APPRAISAL, Season
from cchc_sheets.workspace.found import reading_of
from cchc_sheets.workspace.google import GoogleWorkspace
from cchc_sheets.workspace.google_access import open_access
from cchc_sheets.workspace.google_emulator import Emulator
from cchc_sheets.workspace.google_reading import MASK, FoundSpreadsheet, found_spreadsheet
from cchc_sheets.workspace.google_spreadsheets import GooglePlace
from cchc_sheets.workspace.google_transport import GoogleTransport

UNITS = ("tay-an", "binh-hoa", "phu-phong")
OFFICERS = dict(zip(UNITS, ("tayan", "binhhoa", "phuphong"), strict=True))
DEPARTMENTS = {"noi-vu": "noivu@thu.example.gov.vn", "tu-phap": "tuphap@thu.example.gov.vn"}
LEADER = "pct@thu.example.gov.vn"
BEFORE, AFTER, LATER = "2023-12-01T08:00", "2023-12-11T08:00", "2023-12-20T08:00"

Stage = Callable[[Season], Outcome]

_ON_GOOGLE = f"workspace: google\nleaders: [{LEADER}]\n"
_TODAY = datetime(2023, 12, 1, 1, tzinfo=UTC)


class Clock:
    """One time for everybody; it moves when somebody waits."""

    def __init__(self) -> None:
        self._at = _TODAY

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._at.timestamp()

    def sleep(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        self._at = moment.astimezone(UTC)


@dataclass(frozen=True)
class Saved:
    """The world and the cycle's folder at one moment."""

    at: datetime
    google: GoogleMemory
    files: dict[str, bytes]


def small_google_cycle(folder: Path) -> Path:
    """Write the files of the small cycle on Google into a new folder."""
    folder.mkdir(parents=True)
    settings = CYCLE + _ON_GOOGLE
    for department, address in DEPARTMENTS.items():
        settings = settings.replace(f"id: {department},", f"id: {department}, email: {address},")
    (folder / "cycle.yaml").write_text(settings, encoding="utf-8")
    (folder / "criteria.yaml").write_text(CRITERIA, encoding="utf-8")
    (folder / "units.csv").write_text(UNITS_CSV, encoding="utf-8")
    return folder


class StagedOffice:
    """One cycle on one server. `adapter` may put something between the program and the wire."""

    def __init__(self, server: GoogleServer, folder: Path) -> None:
        self.server = server
        self.folder = small_google_cycle(folder)
        self.clock = Clock()
        server.world.now = self.clock.now
        self.adapter: HTTPAdapter | None = None
        self.session: Callable[[], requests.Session] | None = None
        self.contents: list[tuple[Any, Any]] = []  # spreadsheets that were compared once; see google_end_state
        self._cycles: dict[tuple[bytes, ...], Cycle] = {}

    # --------------------------------------------------------------------------------------------------- the office

    @contextmanager
    def season(self, now: str = BEFORE) -> Iterator[Season]:
        """Open the cycle as a new run of the program does: it knows nothing but the folder and Google."""
        cycle = self.cycle
        moment = cycle.moment(now)
        if self.clock.now() < moment:
            self.clock.set(moment)
        season = Season(cycle, GoogleWorkspace(self._place(cycle), self._connect), moment, "van-thu")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(database, "_plain_sqlite", _without_waiting_for_the_disk)
            try:
                yield season
            finally:
                season.close()

    def run(self, stage: Stage, now: str = BEFORE) -> Outcome:
        """Run one stage as a program of its own."""
        with self.season(now) as season:
            return stage(season)

    @property
    def cycle(self) -> Cycle:
        """The cycle as its files are now."""
        files = tuple((self.folder / name).read_bytes() for name in ("cycle.yaml", "criteria.yaml", "units.csv"))
        if files not in self._cycles:
            self._cycles[files] = load_cycle(self.folder)
        return self._cycles[files]

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the cycle's folder."""
        file = self.folder / name
        words = file.read_text(encoding="utf-8")
        assert old in words
        file.write_text(words.replace(old, new), encoding="utf-8")

    def write_survey(self) -> None:
        lines = ("unit;1.2;2.3", "tay-an;1,8;0,9", "binh-hoa;1,6;0,8", "phu-phong;1,4;0,7")
        (self.folder / "survey.csv").write_text("\n".join(lines), encoding="utf-8-sig")

    def _place(self, cycle: Cycle) -> GooglePlace:
        settings = cycle.settings
        return GooglePlace(cycle.id, settings.title, settings.time_zone, "", cycle.workspace_folder)

    def _connect(self) -> GoogleTransport:
        made = self.session or (lambda: open_access(None, emulator=Emulator(self.server.url, OFFICE)).session)
        session = made()
        if self.adapter is not None:
            session.mount("https://", self.adapter)
        clock = self.clock
        return GoogleTransport(session, sleep=clock.sleep, clock=clock.monotonic, chance=lambda: 0.5)

    # ---------------------------------------------------------------------------------------------------- on Google

    def files(self, key: str) -> list[str]:
        """Return the ids of the spreadsheets with the mark of `units/x` or `appraisal`, oldest first."""
        role, unit = ("unit", key.removeprefix("units/")) if "/" in key else (key, "-")
        found = [
            f
            for f in self.server.world.files.values()
            if (f.properties.get("role"), f.properties.get("unit")) == (role, unit)
        ]
        return [f.id for f in sorted(found, key=lambda file: file.created) if not f.trashed]

    def found(self, key: str) -> FoundSpreadsheet:
        """Return what stands in the spreadsheet, without asking over HTTP."""
        path = f"/v4/spreadsheets/{self.files(key)[0]}"
        with self.server.world.lock:
            return found_spreadsheet(self.server.sheets.handle("GET", path, {"fields": [MASK]}, None, OFFICE))

    def reading(self, key: str) -> WorkbookReading:
        """Return what stands in the spreadsheet by its keys."""
        found = self.found(key)
        return reading_of(found.sheets, "", self.clock.now(), is_closed=found.is_closed)

    # ---------------------------------------------------------------------------------------------------- the people

    def type(self, address: str, key: str, sheet: str, rows: dict[str, dict[str, str]]) -> None:
        """Type texts into cells, found by their keys, as a person at a browser.

        Raises:
            Refused: by a protection.
        """
        person, file = Person(self.server, address), self.files(key)[0]
        with self.server.world.lock:
            seen = self.reading(key).sheet(sheet)
            assert seen is not None, sheet
            numbers = {row.key: row for row in seen.rows}
            for row, cells in rows.items():
                for column, typed in cells.items():
                    person.type(file, seen.title, seen.address(numbers[row], column), typed)

    def shown(self, key: str, sheet: str, row: str, column: str) -> str:
        """Return what a cell says."""
        seen = self.reading(key).sheet(sheet)
        assert seen is not None, sheet
        cells = next((each.cells for each in seen.rows if each.key == row), {})
        return cells[column].text if column in cells else ""

    def fill_in(self, unit: str) -> None:
        """Fill in a commune's workbook as its officer: 2 + 1,5 + 0,5 + 1,25 = 5,25 points."""
        officer = f"{OFFICERS[unit]}@thu.example.gov.vn"
        proof = {"evidence": "Báo cáo số 05/BC-UBND https://xa.example.gov.vn/05"}
        rows = {
            "1.1": {"self_score": "2", **proof},
            "1.10": {"numerator": "15", "denominator": "20", "self_score": "1,5", **proof},
            "2.1": {"numerator": "1", "self_score": "0,5", **proof},
            "2.2": {"self_score": "1,25", **proof},
        }
        self.type(officer, f"units/{unit}", "self_assessment", rows)
        report = {"strengths": {"value": "Hoàn thành kế hoạch"}, "confirmed": {"value": "Đã hoàn thành"}}
        self.type(officer, f"units/{unit}", "self_report", report)

    def agree(self, but: tuple[str, ...] = ()) -> None:
        """Have both departments agree in every row of the review workbook but those named."""
        for department, address in DEPARTMENTS.items():
            sheet = self.reading(APPRAISAL).sheet(f"appraisal:{department}")
            assert sheet is not None
            rows = {row.key: {"verdict": "Đồng ý"} for row in sheet.rows if "/" in row.key and row.key not in but}
            self.type(address, APPRAISAL, f"appraisal:{department}", rows)

    # ------------------------------------------------------------------------------------------------- time machine

    def save(self) -> Saved:
        """Remember everything: Google's world and the cycle's folder."""
        files = {str(f.relative_to(self.folder)): f.read_bytes() for f in self.folder.rglob("*") if f.is_file()}
        return Saved(self.clock.now(), GoogleMemory.of(self.server), files)

    def restore(self, saved: Saved) -> None:
        """Go back to that moment."""
        saved.google.bring_back(self.server)
        self.clock.set(saved.at)
        for file in self.folder.rglob("*"):
            if file.is_file() and str(file.relative_to(self.folder)) not in saved.files:
                file.unlink()
        for name, content in saved.files.items():
            target = self.folder / name
            if not target.exists() or target.read_bytes() != content:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)


def _without_waiting_for_the_disk(connection: Any, _record: object) -> None:
    """A program that dies loses nothing by it; only a power cut would, and none happens here."""
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = OFF")
