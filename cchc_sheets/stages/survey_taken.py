"""Restoring from the ledger what stands of the survey's answers; the survey's file is not looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from cchc_sheets.assessment.appraisal import Place
from cchc_sheets.assessment.survey_taken import AnswersOfUnit, MeasuredCriterion, SurveyTaken
from cchc_sheets.assessment.units import Unit
from cchc_sheets.ledger import Entry
from cchc_sheets.reading import recorded_number
from cchc_sheets.stages.record import imported
from cchc_sheets.stages.season import Season


def survey_taken(season: Season) -> SurveyTaken | None:
    """Return the survey as it was measured, with the points that still stand; None where none stands."""
    standing: dict[int, tuple[Entry, set[Place]]] = {}
    for place, one in imported(season).items():
        standing.setdefault(one.entry.number, (one.entry, set()))[1].add(place)
    files: list[tuple[Entry, set[Place]]] = []
    by_table: set[Place] = set()
    for _, (entry, places) in sorted(standing.items()):
        measured = measuring(season, entry)
        if measured is None:
            by_table |= places
        else:
            files.append((measured, places))
    if not files:
        return None
    newest = files[-1][0].body
    return SurveyTaken(
        tuple(line for unit in season.cycle.units for line in _lines(unit, files)),
        sum(_unattributed(entry.body) for entry, _ in files),
        Decimal(newest["error_margin"]),
        int(newest["minimum"]),
        int(newest["decimals"]),
        _tabled(season, by_table),
    )


def measuring(season: Season, points: Entry) -> Entry | None:
    """Return the newest entry that says how these very points were measured; None for a table of points.

    Where only the plan has changed since, and no points with it, it is newer than the points.
    """
    later = (one.number for one in season.ledger.entries("points", subject=points.subject))
    until = min((number for number in later if number > points.number), default=None)
    given = {(unit, code, recorded_number(value)) for unit, code, value in points.body["points"]}
    for entry in reversed(season.ledger.entries("responses", subject=points.subject)):
        is_in_time = until is None or entry.number < until
        if is_in_time and entry.body["digest"] == points.body["digest"] and set(_points(entry)) == given:
            return entry
    return None


def _points(entry: Entry) -> Iterator[tuple[str, str, Decimal]]:
    for of in entry.body["units"]:
        for measured in of["criteria"]:
            yield of["unit"], measured["code"], recorded_number(measured["points"])


def _lines(unit: Unit, files: list[tuple[Entry, set[Place]]]) -> Iterator[AnswersOfUnit]:
    """Yield a line for each file that gives the unit points; of a unit without any, what the newest file says."""
    own = [(entry, places) for entry, places in files if any(code == unit.code for code, _ in places)]
    for entry, places in own or files[-1:]:
        of = next((of for of in entry.body["units"] if of["unit"] == unit.code), None)
        if of is not None:
            yield _line(unit, of, places, entry.body["measures"])


def _line(unit: Unit, of: Mapping[str, Any], places: set[Place], measures: Mapping[str, str]) -> AnswersOfUnit:
    return AnswersOfUnit(
        unit,
        of["received"],
        of["counted"],
        of["excluded"],
        of["population"],
        of["required"],
        of["wanted"],
        None if of["satisfaction"] is None else recorded_number(of["satisfaction"]),
        None if of["margin"] is None else recorded_number(of["margin"]),
        tuple(
            MeasuredCriterion(
                one["code"],
                recorded_number(one["max_points"]),
                measures[one["code"]],
                Fraction(one["value_exact"]),
                one["respondents"],
                recorded_number(one["margin"]),
                recorded_number(one["points"]),
                (unit.code, one["code"]) in places,
            )
            for one in of["criteria"]
        ),
    )


def _unattributed(body: Mapping[str, Any]) -> int:
    return int(body["excluded"].get("unknown_unit", 0))


def _tabled(season: Season, places: set[Place]) -> dict[str, tuple[Unit, ...]]:
    surveyed = [leaf.code for leaf in season.cycle.criteria.imported if leaf.is_surveyed]
    found = {code: tuple(unit for unit in season.cycle.units if (unit.code, code) in places) for code in surveyed}
    return {code: units for code, units in found.items() if units}
