"""The demo season on Google gives the very same results as on local workbooks: the strictest proof of the adapter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from demonstration import Demonstration
from docx import Document
from google_season import Clock
from google_server import GoogleServer
from google_server.clients import OFFICE

from cchc_sheets.cli import main
from cchc_sheets.ledger import Ledger
from cchc_sheets.reading import WorkbookReading, from_json
from cchc_sheets.workspace.google_transport import GoogleTransport


def run_demo(folder: Path, capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capfd.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["demo", str(folder), "--workspace", "google", "--json"])
    out, err = capfd.readouterr()
    assert ended.value.code == 0, err
    data: dict[str, Any] = json.loads(out)["data"]
    return data


def words(folder: Path) -> list[str]:
    document = Document(str(folder / "output" / "decision.docx"))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return [*(paragraph.text for paragraph in document.paragraphs), *cells]


def submissions(folder: Path) -> list[tuple[str, bool, str, Any]]:
    """Return what was recorded of every commune, cell by cell, without the times and versions of its files."""
    ledger = Ledger.at(folder / "ledger.db")
    try:
        ledger.check_chain()
        entries = ledger.entries("submission")
    finally:
        ledger.close()
    return [
        (entry.subject, entry.body["late"], entry.body["deadline"], cells(from_json(entry.body["reading"])))
        for entry in entries
    ]


def cells(reading: WorkbookReading) -> Mapping[tuple[str, str, str], Any]:
    """Return what people wrote: text, number or link."""
    return {
        (sheet.key, row.key, column): (cell.value, cell.links)
        for sheet in reading.sheets
        for row in sheet.rows
        for column, cell in row.cells.items()
        if not cell.formula and not row.key.startswith("@")
    }


def test_the_demo_on_google_equals_the_local_one_digit_by_digit(
    demonstration: Demonstration, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = demonstration.folder, tmp_path / "google"
    local = demonstration.data
    with GoogleServer() as server:
        monkeypatch.setenv("CCHC_GOOGLE_EMULATOR", server.url)
        monkeypatch.delenv("CCHC_GOOGLE_EMULATOR_USER", raising=False)
        clock = Clock()  # the waits for Google's quota pass in no time
        waits = {"sleep": clock.sleep, "clock": clock.monotonic}
        defaults = GoogleTransport.__init__.__kwdefaults__ or {}
        monkeypatch.setattr(GoogleTransport.__init__, "__kwdefaults__", defaults | waits)
        google = run_demo(there, capfd)
        assert server.violations == []
        shared = [file for file in server.world.files.values() if file.properties.get("role") in {"unit", "appraisal"}]
        assert len(shared) == len(google["units"]) + 1
        assert all(file.owner == OFFICE for file in shared)
        assert all(len(file.permissions) > 1 for file in shared)
        assert server.world.mails == []
    assert google["units"] == local["units"]  # points, indices, ranks, classes, fields
    assert len(google["units"]) == 15
    assert google["steps"] == local["steps"]
    assert (there / "output" / "results.csv").read_bytes() == (here / "output" / "results.csv").read_bytes()
    differing = [(a, b) for a, b in zip(words(there), words(here), strict=True) if a != b]
    # The annex names the ledger and the settings that the results follow from: those are this season's own.
    assert [a.partition(":")[0] for a, _ in differing] == ["- Sổ theo dõi", "- Bộ tiêu chí và các thiết lập"]
    assert submissions(there) == submissions(here)
