"""Time of all papers for N units: `python benchmarks/papers.py [N …] [--cycle FOLDER]` (default 15 168).

The season is that of `season.py`: 79 components, every unit filled in, a tenth of the findings lowered. Measured are
all papers at once, the same once more when nothing has changed, the list of them, the publication, and the verification
of all that, each in seconds of the clock and of the processor (a busy machine lengthens these less). `--cycle` keeps
the season in a folder, or measures the one that lies there already (once, with its own number of units).
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from season import AFTER, BEFORE, decide, fill_in, make_cycle, run

from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.publish import publish
from cchc_sheets.stages.season import Season, open_season
from cchc_sheets.stages.verify import verify

LATER = "2024-01-08T08:00"


def play(folder: Path, units: int) -> None:
    """Play a whole season up to the decision."""
    make_cycle(folder, units)
    run(folder, "provision", BEFORE)
    fill_in(folder)
    run(folder, "collect", AFTER)
    run(folder, "appraise", AFTER)
    decide(folder)
    for command in ("appraise", "survey", "finalise"):
        run(folder, command, AFTER)


def timed(folder: Path, stage: Callable[[Season], Outcome]) -> tuple[float, float, Outcome]:
    """Return the seconds one run takes by the clock and by the processor, and what it did."""
    season = open_season(folder, now=LATER, actor="benchmark")
    started, worked = time.perf_counter(), _worked()
    outcome = stage(season)
    seconds = time.perf_counter() - started, _worked() - worked
    season.close()
    return *seconds, outcome


def _worked() -> float:
    """Return the processor's seconds so far, those of processes that this one started included."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(folder: Path) -> None:
    """Print one table of figures."""
    shutil.rmtree(folder / "output" / "papers", ignore_errors=True)
    shutil.rmtree(folder / "output" / "publication", ignore_errors=True)
    runs = {
        "all papers": timed(folder, lambda season: papers(season, ["all"])),
        "again, nothing changed": timed(folder, lambda season: papers(season, ["all"])),
        "the list": timed(folder, papers),
        "publish": timed(folder, publish),
        "verify": timed(folder, verify),
    }
    files = list((folder / "output" / "papers").rglob("*.docx"))
    units = len(list((folder / "output" / "papers" / "notice").glob("*.docx")))
    print(f"\n{units} units, {len(files)} papers, {sum(file.stat().st_size for file in files) / 2**20:.1f} MB")
    for name, (seconds, worked, outcome) in runs.items():
        assert outcome.status == "success", outcome.problems
        print(f"  {name:24} {seconds:7.2f} s  {worked:7.2f} s of the processor")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    kept = Path(arguments[arguments.index("--cycle") + 1]) if "--cycle" in arguments else None
    numbers = [int(argument) for argument in arguments if argument.isdigit()] or [15, 168]
    if kept is not None and kept.exists():
        measure(kept)
    else:
        for number in numbers if kept is None else numbers[-1:]:
            place = kept or Path(tempfile.mkdtemp()) / "cycle"
            play(place, number)
            measure(place)
