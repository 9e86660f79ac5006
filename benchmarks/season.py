"""Time and memory of each stage for N units: `python benchmarks/season.py [N …]` (default 15 168).

The criteria set is tay-son-2023 (79 components); the units are made up and fill in everything. Each stage runs in a
process of its own, so that its peak memory is its own. Peer: plain openpyxl writing and reading the same cells.
"""

from __future__ import annotations

import csv
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook, load_workbook

from cchc_sheets.assessment.appraisal import ADJUST, AGREE
from cchc_sheets.assessment.submission import SELF_ASSESSMENT
from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.cycle.template_sets import template_set
from cchc_sheets.reading import Raw
from cchc_sheets.stages.season import APPRAISAL, open_season

BEFORE, AFTER = "2023-11-01T08:00", "2023-12-11T08:00"


def make_cycle(folder: Path, units: int) -> None:
    """Make a cycle of so many units."""
    shutil.copytree(template_set("tay-son-2023"), folder)
    with (folder / "units.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["code", "name", "kind", "group", "ranked", "emails"])
        for number in range(units):
            writer.writerow([f"xa-{number:03}", f"Xã Số {number:03}", "xã", "", "yes", f"xa{number}@x.example.gov.vn"])


def run(folder: Path, command: str, now: str) -> tuple[float, float]:
    """Run one command; return seconds and peak megabytes of its process."""
    code = (
        "import resource, sys\nfrom cchc_sheets.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    started = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", code, "--json", "--cycle", str(folder), "--now", now, command],
        capture_output=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    status = json.loads(ended.stdout)["status"]
    assert status != "error", ended.stdout.decode()[-2000:]
    return seconds, int(ended.stderr.split()[-1]) / 1024


def fill_in(folder: Path) -> None:
    """Fill in one workbook and give every unit a copy under its own stamp and name."""
    season = open_season(folder, now=BEFORE, actor="benchmark")
    for place, unit in enumerate(season.cycle.units):
        entries: dict[str, dict[str, Raw]] = {
            leaf.code: {
                "self_score": leaf.max_points,
                "evidence": f"Báo cáo số {place}/BC-UBND https://x.example.vn/{place}",
            }
            for leaf in season.cycle.criteria.self_scored
        }
        season.workspace.type_in(f"units/{unit.code}", {SELF_ASSESSMENT: entries})


def decide(folder: Path) -> None:
    """Type a verdict into every row of the review workbook, a tenth of them adjustments; write the survey."""
    season = open_season(folder, now=AFTER, actor="benchmark")
    reading = season.workspace.read(APPRAISAL)
    entries: dict[str, dict[str, dict[str, Raw]]] = {
        sheet.key: {
            row.key: {"verdict": ADJUST, "appraised_points": Decimal(0), "remark": "Không có tài liệu"}
            if place % 10 == 0
            else {"verdict": AGREE}
            for place, row in enumerate(sheet.rows)
            if "/" in row.key
        }
        for sheet in reading.sheets
        if sheet.key.startswith("appraisal:")
    }
    season.workspace.type_in(APPRAISAL, entries)
    leaves = season.cycle.criteria.imported
    with (folder / "survey.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["unit", *(leaf.code for leaf in leaves)])
        for place, unit in enumerate(season.cycle.units):
            share = Decimal(60 + place % 40) / 100
            writer.writerow([unit.code, *(round(leaf.max_points * share, 2) for leaf in leaves)])


def openpyxl_peer(folder: Path, units: int) -> tuple[float, float]:
    """Return the seconds that plain openpyxl needs to write, and to read, the cells of so many workbooks."""
    source = load_workbook(next((folder / "workspace" / "units").glob("*.xlsx")))
    cells = [[[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in source.worksheets]
    place = Path(tempfile.mkdtemp())
    started = time.perf_counter()
    for number in range(units):
        workbook = Workbook()
        for rows in cells:
            sheet = workbook.create_sheet()
            for row in rows:
                sheet.append(row)
        workbook.save(place / f"{number}.xlsx")
    written = time.perf_counter() - started
    started = time.perf_counter()
    for file in place.iterdir():
        for sheet in load_workbook(file).worksheets:
            for values in sheet.iter_rows(values_only=True):
                assert values is not None
    read = time.perf_counter() - started
    shutil.rmtree(place)
    return written, read


def measure(units: int) -> None:
    """Print one table of figures."""
    folder = Path(tempfile.mkdtemp()) / "cycle"
    make_cycle(folder, units)
    load_cycle(folder)
    print(f"\n{units} units x 79 components")
    figures = {"provision": run(folder, "provision", BEFORE)}
    fill_in(folder)
    written, read = openpyxl_peer(folder, units)
    figures["collect"] = run(folder, "collect", AFTER)
    figures["appraise (lay out)"] = run(folder, "appraise", AFTER)
    decide(folder)
    figures["appraise (read)"] = run(folder, "appraise", AFTER)
    figures["survey"] = run(folder, "survey", AFTER)
    figures["finalise"] = run(folder, "finalise", AFTER)
    for name, (seconds, peak) in figures.items():
        print(f"  {name:20} {seconds:7.2f} s  {1000 * seconds / units:7.1f} ms/unit  peak {peak:5.0f} MB")
    print(f"  openpyxl writing     {written:7.2f} s  provision is {figures['provision'][0] / written:.2f} x")
    print(f"  openpyxl reading     {read:7.2f} s  collect is {figures['collect'][0] / read:.2f} x")
    shutil.rmtree(folder.parent)


if __name__ == "__main__":
    for argument in sys.argv[1:] or ("15", "168"):
        measure(int(argument))
    print(f"\nthis process: peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
