"""Time of all papers for N units: `python benchmarks/papers.py [N …] [--cycle FOLDER]` (default 15 168).

The season is that of `season.py`: 79 components, every unit filled in, a tenth of the findings lowered. Measured are
all papers at once, the same once more when nothing has changed, and the list of them. `--cycle` keeps the season in a
folder, or measures the one that lies there already (once, with its own number of units).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from season import AFTER, BEFORE, decide, fill_in, make_cycle, run

from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.season import open_season

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


def timed(folder: Path, *names: str) -> tuple[float, Outcome]:
    """Return the seconds one run takes, and what it did."""
    season = open_season(folder, now=LATER, actor="benchmark")
    started = time.perf_counter()
    outcome = papers(season, names)
    seconds = time.perf_counter() - started
    season.close()
    return seconds, outcome


def measure(folder: Path) -> None:
    """Print one table of figures."""
    shutil.rmtree(folder / "output" / "papers", ignore_errors=True)
    first, made = timed(folder, "all")
    again, _ = timed(folder, "all")
    listed, _ = timed(folder)
    files = list((folder / "output" / "papers").rglob("*.docx"))
    units = len(list((folder / "output" / "papers" / "notice").glob("*.docx")))
    assert made.status == "success", made.problems
    print(f"\n{units} units, {len(files)} papers, {sum(file.stat().st_size for file in files) / 2**20:.1f} MB")
    for name, seconds in (("all papers", first), ("again, nothing changed", again), ("the list", listed)):
        print(f"  {name:24} {seconds:7.2f} s  {1000 * seconds / len(files):7.1f} ms a paper")


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
