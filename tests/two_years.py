"""Two small seasons one after the other, played through the real stages.

2022 (see `paper_season`): Tây An 69,5, Bình Hòa 74, Phú Phong 73,5; ranks 3, 1, 2; the mean is 217 / 3 = 72,33.
2023: everybody claims 5,25 and every department agrees; with the survey of 2,7, 2,4 and 2,1 points they come to 79,5,
76,5 and 73,5; ranks 1, 2, 3. Changes: +10, +2,5 and 0; the mean is 76,5, +4,17.
Field 1: 14,8 of 18 = 82,22, then 15,3 of 18 = 85; field 2: 6,9 of 12 = 57,5, then 7,65 of 12 = 63,75.
2.2: 3 of 6 = 50, then 3,75 of 6 = 62,5.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from office import CYCLE, Office, small_cycle
from paper_season import LATER, decide, play

from cchc_sheets.stages.publish import publish
from cchc_sheets.stages.season import open_season

LEDGER, OPEN_DATA = "../2022/ledger.db", "../2022/output/publication/open-data/results.json"


class TwoYears:
    """The folders `2022` and `2023` side by side; `office` works in that of 2023."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.office = Office(folder / "2023", capfd)
        self.before = Office(folder / "2022", capfd)

    def copy(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> TwoYears:
        """Copy both folders."""
        return TwoYears(Path(shutil.copytree(self.folder, folder)), capfd)

    def hold_against(self, file: str = LEDGER, more: str = "") -> Office:
        """Name last year's results in the settings of 2023, in the place of what was named before."""
        settings = self.office.folder / "cycle.yaml"
        written = settings.read_text(encoding="utf-8").partition("previous:\n")[0]
        settings.write_text(f"{written}previous:\n  file: {file}\n{more}", encoding="utf-8")
        return self.office

    @property
    def open_data(self) -> dict[str, Any]:
        """The open data of 2022."""
        data: dict[str, Any] = json.loads((self.office.folder / OPEN_DATA).read_bytes())
        return data

    def hold_against_data(self, data: Any, more: str = "") -> Office:
        """Have the settings name a file that holds these data."""
        content = data if isinstance(data, bytes) else json.dumps(data).encode()
        (self.folder / "last.json").write_bytes(content)
        return self.hold_against("../last.json", more)


def play_both(folder: Path, capfd: pytest.CaptureFixture[str]) -> TwoYears:
    """Play 2022 to its publication, and 2023 to its decision."""
    years = TwoYears(folder, capfd)
    small_cycle(years.before.folder)
    settings = CYCLE.replace("small-2023", "small-2022").replace("year: 2023", "year: 2022")
    (years.before.folder / "cycle.yaml").write_text(settings, encoding="utf-8")
    decide(play(_collected(years.before)))
    publish_in(years.before)
    small_cycle(years.office.folder)
    office = _collected(years.office)
    assert office.run("appraise").exit_code == 0
    office.agree_to_everything()
    assert office.run("appraise").exit_code == 0
    office.write_survey()
    assert office.run("survey").exit_code == 0
    decide(office)
    return years


def publish_in(office: Office) -> Path:
    """Publish what was finalised and return the folder of the site."""
    season = open_season(office.folder, now=LATER, actor="văn thư")
    try:
        publish(season)
    finally:
        season.close()
    return office.folder / "output" / "publication"


def _collected(office: Office) -> Office:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    for unit in office.UNITS:
        office.fill_in(unit)
    assert office.run("collect", now=office.AFTER).exit_code == 0
    return office
