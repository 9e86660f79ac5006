"""The trace of a survey measured from answers: how many count, of how many wanted, how far the measure may be off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cchc_sheets.assessment.response_rows import REASONS
from cchc_sheets.assessment.survey_taken import AnswersOfUnit, SurveyTaken
from cchc_sheets.assessment.units import Unit
from cchc_sheets.messages import Text, text
from cchc_sheets.stages.responses import REASON_WORDS
from cchc_sheets.stages.survey_taken import survey_taken
from cchc_sheets.stages.trace_step import Scene, exact


def survey_words(survey: SurveyTaken | None) -> Iterator[Text]:
    """Yield what the report says of the survey as a whole; nothing where no points were measured from answers."""
    if survey is None:
        return
    excluded = survey.excluded
    said = text(
        "survey: {counted} of {received} responses count; {short} units have fewer than are wanted",
        counted=survey.counted,
        received=survey.received,
        short=len(survey.short),
    )
    if excluded:
        reasons = [text("{reason} {count}", reason=REASON_WORDS[r], count=excluded[r]) for r in REASONS if excluded[r]]
        said = text("{said}; {count} are excluded: {reasons}", said=said, count=excluded.total(), reasons=reasons)
    yield said


def survey_data(survey: SurveyTaken | None) -> dict[str, Any] | None:
    """Return the same as plain JSON values, with the rule by which responses are wanted."""
    if survey is None:
        return None
    return {
        "received": survey.received,
        "counted": survey.counted,
        "excluded": {reason: survey.excluded[reason] for reason in REASONS if survey.excluded[reason]},
        "excluded_count": survey.excluded.total(),
        "error_margin": exact(survey.error_margin),
        "minimum": survey.minimum,
        "short": [one.unit.code for one in survey.short],
        "by_table": {code: [unit.code for unit in units] for code, units in survey.tabled.items()},
        "units": [_data(one) for one in survey.units],
        "unit_sums": {
            "wanted": sum(one.wanted for one in survey.units),
            "received": survey.received - survey.unattributed,
            "excluded": survey.excluded.total() - survey.unattributed,
        },
    }


def unit_survey(scene: Scene, unit: Unit) -> list[AnswersOfUnit]:
    """Return the lines of the survey that are about a unit."""
    survey = survey_taken(scene.season)
    return [] if survey is None else [one for one in survey.units if one.unit == unit]


def unit_survey_words(lines: list[AnswersOfUnit]) -> Iterator[Text]:
    """Yield what the report says of a unit's survey, line by line."""
    for one in lines:
        said = text(
            "survey: {counted} of {received} responses count, {wanted} are wanted",
            counted=one.counted,
            received=one.received,
            wanted=one.wanted,
        )
        if one.satisfaction is not None and one.margin is not None:
            said = text(
                "{said}; satisfaction {value} %, ± {margin} %", said=said, value=one.satisfaction, margin=one.margin
            )
        if one.points is not None:
            said = text("{said}: {points} points", said=said, points=one.points)
        yield said


def unit_survey_data(lines: list[AnswersOfUnit]) -> list[dict[str, Any]]:
    """Return the same as plain JSON values."""
    return [_data(one) for one in lines]


def _data(one: AnswersOfUnit) -> dict[str, Any]:
    return {
        "unit": one.unit.code,
        "received": one.received,
        "counted": one.counted,
        "excluded": dict(one.excluded),
        "excluded_count": one.received - one.counted,
        "population": one.population,
        "required": one.required,
        "wanted": one.wanted,
        "satisfaction": exact(one.satisfaction),
        "margin": exact(one.margin),
        "points": exact(one.points),
    }
