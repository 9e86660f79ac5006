"""Cycles of Tây Sơn 2023 on Google, with as many communes as wanted."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.submission import SELF_ASSESSMENT
from cchc_sheets.cycle.template_sets import template_set
from cchc_sheets.reading import Raw
from cchc_sheets.workspace.port import Typing

TEMPLATE = "tay-son-2023"
OWN_UNITS = 15
"""The communes of the template set; 20 addresses in all."""

PROOF = "Báo cáo số {number}/BC-UBND ngày 30/11/2023 https://xa.example.gov.vn/van-ban/{number}-bc"
NOTE = "Đã hoàn thành theo kế hoạch cải cách hành chính năm 2023."


def google_cycle(folder: Path, units: int = OWN_UNITS, *, all_appraised: bool = False) -> Path:
    """Write the template set into a new folder, on Google at a pace that no test feels.

    Communes beyond the template's own are made up, with one address each. `all_appraised` turns the 18 components
    whose points come from a survey or a table into appraised ones, so that all 79 stand in the review workbook.
    """
    shutil.copytree(template_set(TEMPLATE), folder)
    _edit(folder / "cycle.yaml", "workspace: local", "workspace: google")
    _edit(folder / "cycle.yaml", "requests_per_minute: 55", "requests_per_minute: 3000")
    if all_appraised:
        for method in ("survey", "imported"):
            _edit(folder / "criteria.yaml", f"            method: {method}", "            method: points")
        _edit(folder / "criteria.yaml", "survey_points: 30", "survey_points: 0")
    roster = folder / "units.csv"
    lines = roster.read_text(encoding="utf-8-sig").splitlines()[: units + 1]
    further = range(OWN_UNITS, units)
    with roster.open("w", encoding="utf-8", newline="") as stream:
        stream.write("\n".join(lines) + "\n")
        csv.writer(stream, lineterminator="\n").writerows(
            (f"xa-{number:03}", f"Xã Số {number:03}", "xã", "", "yes", f"ubnd@xa-{number:03}.tayson.example.gov.vn")
            for number in further
        )
    return folder


def everything(criteria: CriteriaSet) -> Typing:
    """Return what a commune types that has scored, proved and explained all that it can."""
    rows: dict[str, dict[str, Raw]] = {
        leaf.code: {"self_score": leaf.max_points, "evidence": PROOF.format(number=number), "note": NOTE}
        for number, leaf in enumerate(criteria.self_scored, 100)
    }
    return {SELF_ASSESSMENT: rows}


def _edit(file: Path, old: str, new: str) -> None:
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new), encoding="utf-8")
