"""`survey`: take over the sociological survey from a file: its answers, or the points of it and of other systems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.appraisal import Place
from cchc_sheets.assessment.response_columns import fits
from cchc_sheets.assessment.survey import CODE_HEADINGS, POINTS_HEADINGS, Table, parse_points
from cchc_sheets.assessment.survey_plan import SurveyPlan
from cchc_sheets.errors import CchcError, Problem
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome, UnitOutcome
from cchc_sheets.stages.points_file import (
    NAMES,
    file_digest,
    find_points_file,
    points_to_json,
    read_points_file,
)
from cchc_sheets.stages.record import imported
from cchc_sheets.stages.responses import take_responses
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.survey_rules import changed_points, is_taken_already, overridden, remember_taken

_TIMESTAMPS: Final = frozenset(map(vietnamese.comparable, ("dấu thời gian", "timestamp")))
"""What heads the first column of a form's response sheet."""


def survey(season: Season, file: Path | None = None) -> Outcome:
    """Check a table and record it; with any wrong cell in a table of points nothing is recorded.

    A table of answers is known by its headings: those of the `survey:` block of criteria.yaml (see
    `take_responses`). Units that a file of points leaves out are reported; they can follow in another file.

    Raises:
        CchcError: if there is no such file, or it cannot be read, or its headings fit answers and points alike.
    """
    if file is not None:
        _refuse_address(file)
    file = file or find_points_file(season.cycle.folder)
    if file is None:
        raise CchcError(
            text("there is no survey file in the cycle folder"),
            where=str(season.cycle.folder),
            fix=text("save the points as {names}, or name the file", names=" / ".join(NAMES)),
            code="missing",
        )
    table = read_points_file(file)
    plan = _plan_that_fits(table, season, file)
    return take_responses(season, file, table, plan) if plan else _take_points(season, file, table)


def _refuse_address(file: Path) -> None:
    """A form's sheet belongs to whoever made it: the program is allowed to open spreadsheets of its own only."""
    if str(file).startswith(("http:", "https:")) or file.suffix.casefold() == ".gsheet":
        raise CchcError(
            text("answers are read from a file, not from a spreadsheet on the web"),
            where=str(file),
            fix=text(
                "open the sheet of answers, choose File → Download → Microsoft Excel (.xlsx), save it as survey.xlsx "
                "in the cycle folder; the program has no right to open spreadsheets that it has not made itself"
            ),
            code="not_a_file",
        )


def _take_points(season: Season, file: Path, table: Table) -> Outcome:
    before = imported(season)
    already = {place: one.points for place, one in before.items()}
    points, problems = parse_points(
        table, units=season.cycle.units, criteria=season.cycle.criteria, already=already.keys()
    )
    wrong = [problem for problem in problems if problem.code != "points_missing"]
    is_taken = is_taken_already(season, file, points, from_answers=False)
    is_recorded = bool(points) and not is_taken and not wrong
    new = {} if is_taken else changed_points(before, points)
    if is_recorded and not season.dry_run:
        body = {
            "file": file.name,
            "digest": file_digest(file),
            "points": points_to_json(sorted(points.items())),
        }
        season.record("points", file.name, body)
    if not wrong and not season.dry_run:
        remember_taken(season, file)
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
        (*problems, *(overridden(before, new, file.name) if not wrong else ())),
        {
            "file": file.name,
            "values": len(points),
            "new": len(new),
            "recorded": is_recorded,
        },
    )


def _plan_that_fits(table: Table, season: Season, file: Path) -> SurveyPlan | None:
    """Return the plan to measure a table of answers by, None for a table of points; the headings tell."""
    headings = {vietnamese.comparable(cell.text) for cell in table.headings if cell}
    is_long = bool(headings & _comparable(CODE_HEADINGS)) and bool(headings & _comparable(POINTS_HEADINGS))
    has_points = is_long or not headings.isdisjoint(map(vietnamese.comparable, season.cycle.criteria.by_code))
    plan = season.cycle.criteria.survey_plan
    if plan is None:
        if headings & _TIMESTAMPS and not has_points:
            raise CchcError(
                text("this is the response sheet of a form, but criteria.yaml does not say how answers become points"),
                where=str(file),
                fix=text("add a `survey:` block to criteria.yaml, or make a table of points"),
                code="no_survey_block",
            )
        return None
    if has_points and fits(table, plan):
        raise CchcError(
            text("the headings fit a table of answers and a table of points alike"),
            where=str(file),
            fix=text("name the questions in `survey:` by their words, not by numbers that are codes of criteria"),
            code="ambiguous",
        )
    return None if has_points else plan


def _comparable(headings: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(vietnamese.comparable, headings))


def _unit_outcomes(
    season: Season, points: Mapping[Place, Decimal], problems: Sequence[Problem]
) -> Iterator[UnitOutcome]:
    count = Counter(unit for unit, _ in points)
    lacking = {problem.unit for problem in problems if problem.code == "points_missing"}
    for unit in season.cycle.units:
        action = "incomplete" if unit.code in lacking else "complete"
        yield UnitOutcome(unit.code, action, text("{count} values in the file", count=count[unit.code]))
