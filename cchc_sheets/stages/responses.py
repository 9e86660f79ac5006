"""Taking over the answers of a survey: measured by the set's plan, recorded as counts and points, never as answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.appraisal import Place
from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.response_rows import REASONS, Reason
from cchc_sheets.assessment.responses import Measured, SurveyResult, UnitSurvey, parse_responses
from cchc_sheets.assessment.survey import Table
from cchc_sheets.assessment.survey_plan import SurveyPlan
from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, UnitOutcome, plain_decimal
from cchc_sheets.outcome import Table as Shown
from cchc_sheets.stages.points_file import file_digest, points_to_json
from cchc_sheets.stages.record import imported
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.survey_rules import changed_points, is_taken_already, overridden, remember_taken, survey_rules

_PERCENT_DECIMALS: Final = 2
REASON_WORDS: Final[Mapping[Reason, Text]] = {
    "unknown_unit": text("unknown unit"),
    "unknown_group": text("unknown group of respondents"),
    "impossible": text("impossible answer"),
    "incomplete": text("too few questions answered"),
    "straight_line": text("the same answer to everything"),
    "duplicate": text("duplicate"),
}


def take_responses(season: Season, file: Path, table: Table, plan: SurveyPlan) -> Outcome:
    """Measure the answers by the plan of criteria.yaml and record counts, measures, margins and points.

    Recorded are `points`, as from a table of points, and `responses` with everything that explains them; nothing that
    a respondent wrote. If the file and the plan do not fit each other, nothing is recorded. What a single unit lacks
    is reported and keeps the others from nothing.
    """
    result = parse_responses(table, plan=plan, units=season.cycle.units, criteria=season.cycle.criteria)
    before = imported(season)
    already = {place: one.points for place, one in before.items() if not (one.from_answers and one.file == file.name)}
    is_taken = is_taken_already(season, file, result.points, from_answers=True)
    new = {} if is_taken else changed_points(before, result.points)
    recorded = result.is_sound and not season.dry_run and _record(season, file, result, plan)
    if result.is_sound and not season.dry_run:
        remember_taken(season, file)
    problems = (
        *result.problems,
        *_left_over(season, plan, result, already),
        *(overridden(before, new, file.name) if result.is_sound else ()),
    )
    return Outcome(
        "survey",
        tuple(_summary(file, result, plan, len(new))),
        tuple(_unit_outcome(of, plan) for of in result.units),
        problems,
        {
            "file": file.name,
            "values": len(result.points),
            "new": len(new),
            "recorded": recorded,
            "responses": {
                **_as_data(result, plan),
                "excluded_lines": {of.unit.code: _lines(of) for of in result.units if of.excluded}
                | ({"-": {"unknown_unit": list(result.unattributed)}} if result.unattributed else {}),
            },
        },
        _table(file, result, plan) if result.units else None,
    )


def _record(season: Season, file: Path, result: SurveyResult, plan: SurveyPlan) -> bool:
    """Record what is new, the explanation before the points that follow from it; return whether anything was."""
    digest = file_digest(file)
    body = {"file": file.name, "digest": digest, "rules": survey_rules(season), **_as_data(result, plan)}
    last = season.ledger.last("responses", file.name)
    is_new = last is None or last.body != body
    if is_new:
        season.record("responses", file.name, body)
    if not is_taken_already(season, file, result.points, from_answers=True):
        points = points_to_json(sorted(result.points.items()))
        season.record(
            "points", file.name, {"file": file.name, "digest": digest, "points": points, "from_answers": True}
        )
        return True
    return is_new


def _left_over(
    season: Season, plan: SurveyPlan, result: SurveyResult, already: Mapping[Place, Decimal]
) -> Iterator[Problem]:
    """Yield what the answers leave open: earlier points they do not renew, criteria that no question asks about."""
    if not result.is_sound:
        return
    for unit in season.cycle.units:
        kept = [c for c in plan.criteria if (unit.code, c) in already and (unit.code, c) not in result.points]
        if kept:
            yield Problem(
                "earlier_points",
                text("{unit}: the points imported before still stand for {codes}", unit=unit.name, codes=kept),
                text("if they must not, import a table with the points that count"),
                "warning",
                unit=unit.code,
            )
    others = [c.code for c in season.cycle.criteria.imported if c.is_surveyed and c.code not in plan.criteria]
    open_ = [code for code in others if any((unit.code, code) not in already for unit in season.cycle.units)]
    if open_:
        yield Problem(
            "unasked_criteria",
            text("no question counts for {codes}, and not every unit has points for them", codes=open_),
            text("add questions to `survey:` of criteria.yaml, or import a table of points for these"),
        )


def _summary(file: Path, result: SurveyResult, plan: SurveyPlan, new: int) -> Iterator[Text]:
    wrong = [problem for problem in result.problems if problem.severity == "error" and problem.unit is None]
    if wrong:
        yield text("nothing was recorded: {count} mistakes in {file}", count=len(wrong), file=file.name)
        return
    yield text("{count} values read from {file}, {new} of them new", count=len(result.points), file=file.name, new=new)
    excluded = result.excluded
    yield text(
        "{counted} of {received} responses count",
        counted=result.received - excluded.total(),
        received=result.received,
    )
    if excluded:
        reasons = [text("{reason} {count}", reason=REASON_WORDS[r], count=excluded[r]) for r in REASONS if excluded[r]]
        yield text("{count} responses are excluded: {reasons}", count=excluded.total(), reasons=reasons)
    yield text(
        "points = measure × maximum, rounded half up once to {decimals} decimals; margins at 95 % confidence",
        decimals=plan.decimals,
    )


def _unit_outcome(of: UnitSurvey, plan: SurveyPlan) -> UnitOutcome:
    is_complete = len(of.measured) == len(plan.criteria)
    what = text("{counted} of {received} responses count", counted=of.counted, received=of.received)
    return UnitOutcome(of.unit.code, "complete" if is_complete else "incomplete", what)


def _table(file: Path, result: SurveyResult, plan: SurveyPlan) -> Shown:
    headings = (
        text("unit"),
        text("responses"),
        text("counted"),
        text("wanted"),
        text("excluded"),
        text("satisfaction (%)"),
        text("margin (± %)"),
        text("points"),
    )
    lines = tuple(_table_line(of, plan) for of in result.units)
    return Shown(text("survey responses in {file}", file=file.name), headings, lines, frozenset(range(1, 8)))


def _table_line(of: UnitSurvey, plan: SurveyPlan) -> tuple[str, ...]:
    satisfaction, margin = _percent(of.satisfaction), _percent(of.margin)
    return (
        of.unit.name,
        str(of.received),
        str(of.counted),
        str(of.wanted),
        str(of.received - of.counted),
        "–" if satisfaction is None else vietnamese.fixed(satisfaction, _PERCENT_DECIMALS),
        "–" if margin is None else vietnamese.fixed(margin, _PERCENT_DECIMALS),
        vietnamese.fixed(of.points, plan.decimals) if of.measured else "–",
    )


def _as_data(result: SurveyResult, plan: SurveyPlan) -> dict[str, Any]:
    """Return what a report prints: counts, measures and margins as strings of exact decimals, percents of one."""
    return {
        "received": result.received,
        "counted": result.received - result.excluded.total(),
        "excluded": {reason: result.excluded[reason] for reason in REASONS if result.excluded[reason]},
        "decimals": plan.decimals,
        "error_margin": plain_decimal(plan.error_margin),
        "minimum": plan.minimum,
        "straight_line": plan.straight_line,
        "measures": {question.criterion: question.measure for question in plan.questions},
        "weights": {name: plain_decimal(weight) for name, weight in plan.weights.items()},
        "units": [_unit_as_data(of) for of in result.units],
    }


def _unit_as_data(of: UnitSurvey) -> dict[str, Any]:
    return {
        "unit": of.unit.code,
        "received": of.received,
        "counted": of.counted,
        "excluded": {reason: len(lines) for reason, lines in of.excluded.items()},
        "groups": dict(of.groups),
        "population": of.population,
        "required": of.required,
        "wanted": of.wanted,
        "satisfaction": _said(of.satisfaction),
        "margin": _said(of.margin),
        "points": plain_decimal(of.points) if of.measured else None,
        "criteria": [_measured_as_data(measured) for measured in of.measured],
    }


def _measured_as_data(measured: Measured) -> dict[str, Any]:
    return {
        "code": measured.code,
        "max_points": plain_decimal(measured.max_points),
        "value": _said(measured.value),
        "value_exact": str(measured.value),
        "respondents": measured.respondents,
        "answers": measured.answers,
        "margin": _said(Fraction(measured.margin)),
        "points": plain_decimal(measured.points),
    }


def _lines(of: UnitSurvey) -> dict[str, list[int]]:
    return {reason: list(lines) for reason, lines in of.excluded.items()}


def _percent(part: Fraction | None) -> Decimal | None:
    return None if part is None else rounded(part * 100, _PERCENT_DECIMALS)


def _said(part: Fraction | None) -> str | None:
    percent = _percent(part)
    return None if percent is None else str(percent)
