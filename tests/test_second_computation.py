"""The whole computation a second time, by other means: both must agree on every number.

A generated season goes through the rules of the field as cells of sheets; the second computation starts from what the
people meant by them. `test_whole_seasons` does the same with files, commands and people.
"""

from __future__ import annotations

from collections.abc import Mapping

from criteria_sets import (
    CYCLE,
    D,
    F,
    Typed,
    adjustments_sheet,
    handed_in,
    review_sheet,
    self_assessment,
    workbook,
)
from generated_seasons import BANDS, DEPARTMENTS, KPS, Season, seasons
from hypothesis import HealthCheck, event, given, settings
from second_computation import class_of, half_up, rank, second

from cchc_sheets.assessment.adjustments import parse_adjustments
from cchc_sheets.assessment.appraisal import parse_appraisal
from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.index import mean_index
from cchc_sheets.assessment.ranking import ClassBand, Policies, Standing, standings
from cchc_sheets.assessment.standing import Record, unit_result
from cchc_sheets.assessment.submission import Submission, parse_submission
from cchc_sheets.assessment.survey import Table, parse_points
from cchc_sheets.reading import Cell


def _typed(points: D) -> Typed:
    """As text with a comma where that is unmistakable, else as a number cell."""
    written = f"{points:f}".rstrip("0") if "." in f"{points:f}" else f"{points:f}"
    decimals = len(written.partition(".")[2])
    return written.replace(".", ",") if decimals in {1, 2, 4} else points


def _handed_in(season: Season, criteria: CriteriaSet, unit: str) -> Submission:
    typed: dict[str, Mapping[str, Typed]] = {}
    for (whose, code), claim in season.claims.items():
        if whose == unit:
            cells: dict[str, Typed] = {"not_occurred": KPS} if claim == "kps" else {"self_score": "một điểm"}
            typed[code] = {"self_score": _typed(claim)} if isinstance(claim, D) else cells
    reading = workbook(self_assessment(criteria, typed, unit=unit), *handed_in(criteria, {}).sheets[1:])
    return parse_submission(reading, unit=unit, cycle=CYCLE, criteria=criteria)[0]


def _program(season: Season) -> tuple[Standing, ...]:
    criteria = season.criteria()
    submissions = {unit.code: _handed_in(season, criteria, unit.code) for unit in season.units}
    found: dict[tuple[str, str], dict[str, Typed]] = {}
    for place, (verdict, points, remark) in season.findings.items():
        found[place] = {"verdict": verdict, "remark": "Theo hồ sơ" if remark else ""}
        if points is not None:
            found[place]["appraised_points"] = _typed(points)
    scores = {(u, code): score for u, s in submissions.items() for code, score in s.scores.items()}
    entered: dict[tuple[str, str], dict[str, Typed]] = {place: {} for place in season.entered}
    for place, (cases, size) in season.entered.items():
        if cases is not None:
            entered[place]["count"] = str(cases)
        if size is not None:
            entered[place]["points"] = _typed(size)
    sheets = [review_sheet(criteria, found, scores=scores, units=season.units, department=d) for d in DEPARTMENTS]
    sheets.append(adjustments_sheet(criteria, entered, units=season.units))
    appraisal = parse_appraisal(
        workbook(*sheets),
        cycle=CYCLE,
        units=season.units,
        criteria=criteria,
        submissions=submissions,
        rechecks={},
    )
    adjustments, _ = parse_adjustments(workbook(*sheets), cycle=CYCLE, units=season.units, criteria=criteria)
    heads = [Cell("unit"), Cell("code"), Cell("points")]
    lines_ = [(n, [Cell(u), Cell(c), Cell(p)]) for n, ((u, c), p) in enumerate(season.outside.items(), start=2)]
    imported, _ = parse_points(Table("survey.csv", heads, lines_), units=season.units, criteria=criteria)
    record = Record(submissions, appraisal.findings, imported, adjustments, with_survey=season.with_survey)
    chosen = Policies(bands=tuple(ClassBand(name, D(lower)) for name, lower in BANDS), **season.policies)
    return standings(season.units, [unit_result(unit, criteria, record) for unit in season.units], chosen)


def _in_one_go(season: Season) -> Season:
    """Leave out what takes several readings: more time for some, hearings, rulings."""
    season.extended, season.early, season.is_heard, season.meeting = set(), {}, False, {}
    return season


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(seasons().map(_in_one_go))
def test_a_second_computation_by_other_means_agrees_on_every_number(season: Season) -> None:
    program = _program(season)
    results = {unit.code: second(season, unit.code) for unit in season.units}
    event(f"{len(season.units)} units, {'with' if season.with_survey else 'without'} survey")
    for unit, standing in zip(season.units, program, strict=True):
        ours, theirs = results[unit.code], standing.result
        assert theirs.index == ours.index
        assert F(standing.published_index) == half_up(ours.index, season.policies["decimals"])
        assert {f.code: F(f.points) for f in theirs.fields} == ours.fields
        assert {f.code: F(f.attainable_points) for f in theirs.fields} == ours.attainable
        assert F(theirs.self_points) == ours.self_points
        assert F(theirs.appraisal_points) == ours.appraised
        assert F(theirs.survey_points or 0) == ours.surveyed
        assert (theirs.survey_points is None) == (not season.with_survey)
        assert F(theirs.adjustment_points) == ours.adjusted
        assert list(theirs.gaps) == ours.gaps
        assert standing.rank == rank(season, unit, results)
        assert standing.class_name == class_of(season, ours.index)
    assert mean_index([s.result for s in program]) == sum((r.index for r in results.values()), F(0)) / len(results)
