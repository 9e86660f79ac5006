"""The small cycle on Google: the same office and the same people, at their browsers instead of their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest
from google_server import GoogleServer
from google_server.clients import OFFICE, Browser
from google_server.person import Person
from google_server.sheets_grid import Tab
from google_server.world import SPREADSHEET, DriveFile, World
from office import Hand, Office, Run, small_cycle
from openpyxl.utils import get_column_letter

from cchc_sheets.ledger import Ledger

UNIT, REPORT = "self_assessment", "self_report"
NOI_VU, TU_PHAP, SUMMARY, ADJUSTMENTS = "appraisal:noi-vu", "appraisal:tu-phap", "summary", "adjustments"
LEADER = "pct@thu.example.gov.vn"
COMMUNES = {
    "tay-an": "tayan@thu.example.gov.vn",
    "binh-hoa": "binhhoa@thu.example.gov.vn",
    "phu-phong": "phuphong@thu.example.gov.vn",
}
APPRAISERS = {NOI_VU: "noivu@thu.example.gov.vn", TU_PHAP: "tuphap@thu.example.gov.vn"}
COLLEAGUE = "cchc@thu.example.gov.vn"
"""The second address of Phòng Nội vụ."""

on_both = pytest.mark.parametrize("office", ["local", "google"], indirect=True)
"""A test of this mark holds on local workbooks and on Google alike."""

on_google = pytest.mark.parametrize("office", ["google"], indirect=True)

_SETTINGS = {
    "title: Chỉ số": f"workspace: google\ngoogle: {{requests_per_minute: 3000}}\nleaders: {LEADER}\ntitle: Chỉ số",
    "name: Phòng Nội vụ}": f'name: Phòng Nội vụ, email: "{APPRAISERS[NOI_VU]}; {COLLEAGUE}"}}',
    "name: Phòng Tư pháp}": f"name: Phòng Tư pháp, email: {APPRAISERS[TU_PHAP]}}}",
}
_VIET_NAM = timedelta(hours=7)


class GoogleOffice(Office):
    """The office of the small cycle on our Google server. Its clock is that of the last command."""

    CYCLE: ClassVar = "small-2023"

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str], server: GoogleServer) -> None:
        super().__init__(folder, capfd)
        self.work_on(server)

    def work_on(self, server: GoogleServer) -> None:
        """Work on a server, and keep its clock."""
        self.server = server
        self.now = datetime.fromisoformat(self.BEFORE)
        server.world.now = lambda: (self.now - _VIET_NAM).replace(tzinfo=UTC)

    def at_the_moment(self, now: str) -> None:
        """Let it be that moment at Google, too."""
        self.now = datetime.fromisoformat(now)

    def run(self, *arguments: str, now: str = Office.AFTER, as_json: bool = True) -> Run:
        """Run one command; it is then that moment at Google, too."""
        self.at_the_moment(now)
        return super().run(*arguments, now=now, as_json=as_json)

    def drive_file(self, key: str) -> DriveFile:
        """Return the oldest file with a workbook's mark that is not in the trash, as Google keeps it."""
        role, _, unit = key.partition("/")
        wanted = {"cycle": self.CYCLE, "role": "unit" if unit else role, "unit": unit or "-", "tool": "cchc-sheets"}
        files = [file for file in self.server.world.files.values() if file.mime_type == SPREADSHEET]
        found = (file for file in files if file.properties == wanted and not file.trashed)
        return min(found, key=lambda file: (file.created, file.id))

    def id(self, unit: str) -> str:
        """Return the id of a commune's spreadsheet."""
        return self.drive_file(f"units/{unit}").id

    @property
    def review_id(self) -> str:
        """The id of the review spreadsheet."""
        return self.drive_file("appraisal").id

    def person(self, address: str = OFFICE) -> Person:
        """Return somebody at a browser; the office itself if nobody is named."""
        return Person(self.server, address)

    def edit(self, unit: str) -> GoogleHand:
        """Let the commune's officer open its workbook."""
        return GoogleHand(self, self.id(unit), COMMUNES[unit])

    def edit_past_locks(self, unit: str) -> GoogleHand:
        """Let the office, whom no protection stops, open a commune's workbook."""
        return GoogleHand(self, self.id(unit), OFFICE)

    def edit_review(self) -> GoogleHand:
        """Let each department open the review workbook for its own sheet, and the office for the others."""
        return GoogleHand(self, self.review_id, OFFICE, APPRAISERS)

    def delete_review(self) -> None:
        """Put the review workbook into the trash."""
        self.trash("appraisal")

    def trash(self, key: str) -> None:
        """Put a workbook into the trash."""
        with self.server.world.lock:
            file = self.drive_file(key)
            file.trashed = True
            self.server.world.touch(file.id, OFFICE)

    def ledger_entries(self) -> list[tuple[str, str]]:
        """Return kind and subject of every entry of the ledger."""
        ledger = Ledger.at(self.folder / "ledger.db")
        try:
            return [(entry.kind, entry.subject) for entry in ledger.entries()]
        finally:
            ledger.close()

    def copy(self, unit: str, address: str) -> DriveFile:
        """Let somebody make a copy of a commune's spreadsheet, and share it with the office."""
        self.now += timedelta(minutes=1)  # Google's clock tells which was first
        browser = Browser(self.server.url, address)
        made = browser.json("POST", f"/drive/v3/files/{self.id(unit)}/copy", json={})["id"]
        assert browser.share(made, OFFICE).ok
        browser.close()
        return self.server.world.files[made]


class GoogleHand(Hand):
    """A person's hand in a spreadsheet, which saves itself; text is typed as in Viet Nam (`0,5`)."""

    def __init__(
        self, office: GoogleOffice, file_id: str, address: str, by_sheet: Mapping[str, str] | None = None
    ) -> None:
        self.file_id = file_id
        self._server = office.server
        self._address = address
        self._by_sheet = by_sheet or {}

    def __enter__(self) -> Self:
        return self

    def save(self) -> None:
        """Do nothing: Google has saved every cell when it was typed."""

    def person(self, key: str) -> Person:
        """Return who works in this sheet."""
        return Person(self._server, self._by_sheet.get(key, self._address))

    def tab(self, key: str) -> Tab:
        """Return the tab whose stamp carries this key, as Google keeps it."""
        with self._server.world.lock, self._server.sheets.reading(self.file_id, OFFICE) as edit:
            return next(tab for tab in edit.book.tabs if _text(tab, 0, 0).startswith(f"cchc-sheets/1 {key} "))

    def title(self, key: str) -> str:
        """Return what stands on the tab."""
        return self.tab(key).title

    def row_keys(self, key: str) -> list[str]:
        """Return the hidden row keys of a sheet, from top to bottom."""
        tab = self.tab(key)
        return [found for row in range(1, tab.rows) if (found := _text(tab, row, 0))]

    def row(self, key: str, row_key: str) -> int:
        """Return the number of a row."""
        tab = self.tab(key)
        return next(row + 1 for row in range(1, tab.rows) if _text(tab, row, 0) == row_key)

    def column(self, key: str, column_key: str) -> int:
        """Return the number of a column."""
        tab = self.tab(key)
        return next(column + 1 for column in range(1, tab.columns) if _text(tab, 0, column) == column_key)

    def at(self, key: str, row_key: str, column_key: str) -> tuple[str, str, str]:
        """Return where a cell is, as a `Person` wants to hear it: file, tab, address."""
        letters = get_column_letter(self.column(key, column_key))
        return self.file_id, self.title(key), f"{letters}{self.row(key, row_key)}"

    def type(self, sheet_key: str, row_key: str, **values: Any) -> None:
        """Type values into the cells of one row, by the keyboard of a Vietnamese office."""
        for column_key, value in values.items():
            self.person(sheet_key).type(*self.at(sheet_key, row_key, column_key), typed(value))

    def paste(self, sheet_key: str, row_key: str, **values: Any) -> None:
        """Paste values copied elsewhere; the rules of the cells go, those of the protections stay."""
        for column_key, value in values.items():
            self.person(sheet_key).paste(*self.at(sheet_key, row_key, column_key), [[typed(value)]])

    def lose_keys(self, sheet_key: str, *, row_key: str, column_key: str) -> None:
        """Have the office clear the hidden keys of a row and of a column."""
        office, title = Person(self._server, OFFICE), self.title(sheet_key)
        row, letters = self.row(sheet_key, row_key), get_column_letter(self.column(sheet_key, column_key))
        office.clear(self.file_id, title, f"A{row}")
        office.clear(self.file_id, title, f"{letters}1")

    def text(self, sheet_key: str, row_key: str, column_key: str, value: str) -> None:
        """Type text after an apostrophe."""
        self.person(sheet_key).type(*self.at(sheet_key, row_key, column_key), f"'{value}")

    def value(self, sheet_key: str, row_key: str, column_key: str) -> Any:
        """Return what stands in a cell."""
        return next(iter(self.cell(sheet_key, row_key, column_key).get("effectiveValue", {}).values()), None)

    def cell(self, sheet_key: str, row_key: str, column_key: str) -> dict[str, Any]:
        """Return all of a cell, as CellData."""
        return Person(self._server, OFFICE).cell(*self.at(sheet_key, row_key, column_key))

    def links(self, sheet_key: str, row_key: str, column_key: str) -> list[str]:
        """Return the addresses that a click on the cell can open."""
        data = self.cell(sheet_key, row_key, column_key)
        links = [run.get("format", {}).get("link", {}) for run in data.get("textFormatRuns", ())]
        return [data["hyperlink"]] if "hyperlink" in data else [link["uri"] for link in links if link]

    def delete_row(self, sheet_key: str, row_key: str) -> None:
        """Have the office delete a row: nobody else can."""
        Person(self._server, OFFICE).delete_row(self.file_id, self.title(sheet_key), self.row(sheet_key, row_key))

    def swap(self, sheet_key: str, one: str, other: str) -> None:
        """Have the office sort two neighbours without their hidden keys, so that they change places."""
        tab, office = self.tab(sheet_key), Person(self._server, OFFICE)
        first, last = sorted((self.row(sheet_key, one), self.row(sheet_key, other)))
        assert last == first + 1, "only neighbours can be sorted"
        before = _shown(tab, first), _shown(tab, last)
        area = f"B{first}:{get_column_letter(tab.columns)}{last}"
        differing = next(n for n in range(1, tab.columns) if _text(tab, first - 1, n) != _text(tab, last - 1, n))
        for falling in (False, True):
            office.sort(self.file_id, tab.title, area, get_column_letter(differing + 1), falling=falling)
            tab = self.tab(sheet_key)
            if (_shown(tab, last), _shown(tab, first)) == before:
                return
        raise AssertionError("the rows did not change places")


@contextmanager
def open_office(folder: Path, capfd: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> Iterator[GoogleOffice]:
    """Open an office on a Google server of its own; in the end nothing may have been against Google's documents."""
    small_google_cycle(folder)
    with GoogleServer(World()) as server:
        patch.setenv("CCHC_GOOGLE_EMULATOR", server.url)
        patch.delenv("CCHC_GOOGLE_EMULATOR_USER", raising=False)
        yield GoogleOffice(folder, capfd, server)
        assert server.violations == []


def small_google_cycle(folder: Path) -> Path:
    """Write the files of the small cycle on Google into a new folder."""
    small_cycle(folder)
    settings = folder / "cycle.yaml"
    content = settings.read_text(encoding="utf-8")
    for old, new in _SETTINGS.items():
        assert content.count(old) >= 1
        content = content.replace(old, new, 1)
    settings.write_text(content, encoding="utf-8")
    return folder


def typed(value: Any) -> str:
    """Return what a person types for a value."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value).replace(".", ",")


def _text(tab: Tab, row: int, column: int) -> str:
    value = tab.cell(row, column).value or {}
    return str(next(iter(value.values()), ""))


def _shown(tab: Tab, number: int) -> list[str]:
    """Return what the row with this number holds, without formulas, which move with it."""
    return [text for column in range(1, tab.columns) if not (text := _text(tab, number - 1, column)).startswith("=")]
