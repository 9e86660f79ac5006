"""The demo season on Google gives the very same results as on local workbooks: the strictest proof of the adapter.

It is run as a person who has to sign in runs it, and told at length; no secret may be heard of afterwards.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from canaries import found_below, found_in
from demonstration import Demonstration
from docx import Document
from google_desk import OFFICER, Desk, asked_for
from google_season import Clock
from google_server import GoogleServer

from cchc_sheets.cli import main, show
from cchc_sheets.ledger import Ledger
from cchc_sheets.outcome import Outcome
from cchc_sheets.reading import WorkbookReading, from_json
from cchc_sheets.workspace.google_access import DRIVE_FILE
from cchc_sheets.workspace.google_transport import GoogleTransport


@dataclass(frozen=True)
class OnGoogle:
    """A demo that has ended well on Google: what it returned and printed, and at which desk."""

    folder: Path
    data: dict[str, Any]
    said: str
    desk: Desk


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnGoogle]:
    """Run the demo on Google once, with an officer's client and a sign-in in the browser."""
    place = tmp_path_factory.mktemp("google")
    for name in ("desk", "config"):
        (place / name).mkdir()
    with GoogleServer() as server, pytest.MonkeyPatch.context() as patch:
        desk = Desk(server, place / "desk")
        desk.config = place / "config"
        desk.sit_down(patch)
        clock = Clock()  # the waits for Google's quota pass in no time
        waits = {"sleep": clock.sleep, "clock": clock.monotonic}
        defaults = GoogleTransport.__init__.__kwdefaults__ or {}
        patch.setattr(GoogleTransport.__init__, "__kwdefaults__", defaults | waits)
        data, said = run_demo(place / "demo", desk, patch)
        desk.browser.close()
        assert server.violations == []
        yield OnGoogle(place / "demo", data, said, desk)


def run_demo(folder: Path, desk: Desk, patch: pytest.MonkeyPatch) -> tuple[dict[str, Any], str]:
    """Run the command as people do; return what its stage returned, as programs would get it, and all it printed."""
    returned: list[Outcome] = []
    show_outcome = show.show_outcome

    def shown(outcome: Outcome, *rest: Any) -> int:
        returned.append(outcome)
        return show_outcome(outcome, *rest)

    patch.setattr(show, "show_outcome", shown)
    printed = io.StringIO()
    options = ["--workspace", "google", "--credentials", str(desk.desktop), "--verbose"]
    with redirect_stdout(printed), redirect_stderr(printed), pytest.raises(SystemExit) as ended:
        main(["demo", str(folder), *options])
    assert ended.value.code == 0, printed.getvalue()
    (outcome,) = returned
    return json.loads(json.dumps(outcome.data)), printed.getvalue()


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


def test_the_demo_on_google_equals_the_local_one_digit_by_digit(demonstration: Demonstration, google: OnGoogle) -> None:
    here, there = demonstration.folder, google.folder
    local, far, world = demonstration.data, google.data, google.desk.google.world
    shared = [file for file in world.files.values() if file.properties.get("role") in {"unit", "appraisal"}]
    assert len(shared) == len(far["units"]) + 1
    assert all(file.owner == OFFICER for file in shared)
    assert all(len(file.permissions) > 1 for file in shared)
    assert world.mails == []
    assert far["units"] == local["units"]  # points, indices, ranks, classes, fields
    assert len(far["units"]) == 15
    assert far["steps"] == local["steps"]
    assert (there / "output" / "results.csv").read_bytes() == (here / "output" / "results.csv").read_bytes()
    differing = [(a, b) for a, b in zip(words(there), words(here), strict=True) if a != b]
    # The annex names the ledger and the settings that the results follow from: those are this season's own.
    assert [a.partition(":")[0] for a, _ in differing] == ["- Sổ theo dõi", "- Bộ tiêu chí và các thiết lập"]
    assert submissions(there) == submissions(here)


def test_the_demo_on_google_tells_no_secret_of_who_signed_in(google: OnGoogle) -> None:
    canaries = google.desk.canaries()
    assert len(canaries) >= 3  # the client's secret, a token that renews, one that is presented
    assert "Đã xong kỳ đánh giá" in google.said
    assert found_in(google.said.encode(), canaries) == set()
    assert found_below(google.folder, canaries) == {}
    (token,) = google.desk.config.iterdir()
    assert found_in(token.read_bytes(), canaries)
    assert {asked_for(address)["scope"] for address in google.desk.browser.addresses} == {DRIVE_FILE}


def test_the_demo_on_files_tells_no_secret_that_lies_about(demonstration: Demonstration) -> None:
    assert found_in(demonstration.said, demonstration.secrets) == set()
    assert found_below(demonstration.folder, demonstration.secrets) == {}
