"""`survey`: take over the points of the sociological survey, and of other systems, from a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from cchc_sheets.assessment.appraisal import Place
from cchc_sheets.assessment.survey import parse_points
from cchc_sheets.cycle.points_file import (
    NAMES,
    file_digest,
    find_points_file,
    points_to_json,
    read_points_file,
)
from cchc_sheets.errors import CchcError, Problem
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome, UnitOutcome
from cchc_sheets.stages.record import imported_points
from cchc_sheets.stages.season import Season


def survey(season: Season, file: Path | None = None) -> Outcome:
    """Check a table of points and record it; with any wrong cell in it nothing is recorded.

    Units that the file leaves out are reported; they can follow in another file.

    Raises:
        CchcError: if there is no such file, or it cannot be read.
    """
    file = file or find_points_file(season.cycle.folder)
    if file is None:
        raise CchcError(
            text("there is no survey file in the cycle folder"),
            where=str(season.cycle.folder),
            fix=text("save the points as {names}, or name the file", names=" / ".join(NAMES)),
            code="missing",
        )
    table = read_points_file(file)
    already = imported_points(season)
    points, problems = parse_points(
        table, units=season.cycle.units, criteria=season.cycle.criteria, already=already.keys()
    )
    wrong = [problem for problem in problems if problem.code != "points_missing"]
    new = {place: value for place, value in points.items() if already.get(place) != value}
    if new and not wrong and not season.dry_run:
        body = {
            "file": file.name,
            "digest": file_digest(file),
            "points": points_to_json(sorted(points.items())),
        }
        season.record("points", file.name, body)
    summary = (
        text("nothing was recorded: {count} mistakes in {file}", count=len(wrong), file=file.name)
        if wrong
        else text(
            "{count} values read from {file}, {new} of them new",
            count=len(points),
            file=file.name,
            new=len(new),
        )
    )
    return Outcome(
        "survey",
        (summary,),
        tuple(_unit_outcomes(season, points, problems)),
        problems,
        {"file": file.name, "values": len(points), "new": len(new), "recorded": bool(new and not wrong)},
    )


def _unit_outcomes(
    season: Season, points: Mapping[Place, Decimal], problems: Sequence[Problem]
) -> Iterator[UnitOutcome]:
    count = Counter(unit for unit, _ in points)
    lacking = {problem.unit for problem in problems if problem.code == "points_missing"}
    for unit in season.cycle.units:
        action = "incomplete" if unit.code in lacking else "complete"
        yield UnitOutcome(unit.code, action, text("{count} values in the file", count=count[unit.code]))
