"""What the papers speak of, gathered from the season: settings, record, results, the state of the workbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cchc_sheets.assessment.progress import Progress
from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.facts import Facts
from cchc_sheets.stages.decision_year import decision_year
from cchc_sheets.stages.paper_heads import calendar_of, words_of
from cchc_sheets.stages.previous import Previous, trend_of
from cchc_sheets.stages.progress import look_at_units
from cchc_sheets.stages.record import Known
from cchc_sheets.stages.record import results as compute
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.survey_taken import survey_taken


def gather(season: Season, known: Known | None) -> Facts:
    """Return the facts of the cycle as far as it is; `known` is None before anything was collected."""
    cycle = season.cycle
    facts = Facts(
        year=cycle.settings.year,
        words=words_of(cycle.settings),
        calendar=calendar_of(cycle.settings),
        criteria=cycle.criteria,
        policies=cycle.policies,
        units=cycle.units,
        moment=season.now,
    )
    if known is None:
        return facts
    return replace(
        facts,
        words=words_of(cycle.settings, decision_year(season, is_made=False)),
        unanswered=known.unanswered,
        record=known.record,
        late=known.late,
        standings=compute(season, known.record),
        survey=survey_taken(season),
    )


def with_trend(season: Season, facts: Facts, previous: Previous | None) -> Facts:
    """Return the facts with this year's results held against last year's, where there are both."""
    return replace(facts, trend=trend_of(season.cycle, previous, facts.standings))


def with_progress(season: Season, facts: Facts) -> Facts:
    """Return the facts with how far every unit is at this moment."""
    return replace(facts, progress=tuple(look.progress for look in look_at_units(season)))


def seen_data(progress: Sequence[Progress]) -> dict[str, Any]:
    """Return how far the units were as plain JSON values, for the ledger: as much of it as a paper prints."""
    return {
        one.unit.code: {
            "state": one.state,
            "answered": one.answered,
            "missing": list(one.missing),
            "wrong": list(one.wrong),
            "unproved": list(one.unproved),
            "is_late": one.is_late,
        }
        for one in progress
    }


def with_seen(season: Season, facts: Facts, seen: Mapping[str, Any]) -> Facts:
    """Return the facts with how far the units were when the ledger recorded it."""
    units = [unit for unit in season.cycle.units if unit.code in seen]
    return replace(facts, progress=tuple(_as_seen(season, unit, seen[unit.code]) for unit in units))


def _as_seen(season: Season, unit: Unit, seen: Mapping[str, Any]) -> Progress:
    return Progress(
        unit,
        seen["state"],
        len(season.cycle.criteria.self_scored),
        season.deadline(unit),
        answered=seen["answered"],
        missing=tuple(seen["missing"]),
        wrong=tuple(seen["wrong"]),
        unproved=tuple(seen["unproved"]),
        is_late=seen["is_late"],
    )
