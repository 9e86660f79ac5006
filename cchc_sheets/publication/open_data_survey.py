"""The survey in the open data: additions to schema 1, there only where points were measured from answers."""

from __future__ import annotations

from typing import Any, Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.survey_taken import SurveyTaken
from cchc_sheets.publication.survey_words import PERCENT_DECIMALS

SURVEY_HEADINGS: Final = ("Phiếu điều tra nhận", "Phiếu điều tra hợp lệ", "Mức hài lòng (%)", "Sai số (± %)")
"""The headings of the columns that the results get."""


def survey_cells(survey: SurveyTaken, unit: str) -> list[str]:
    """Return a unit's figures for these columns as text; blank where its points do not rest on one file of answers."""
    of = survey.of_unit(unit)
    if of is None:
        return [""] * len(SURVEY_HEADINGS)
    percents = ("" if one is None else vietnamese.fixed(one, PERCENT_DECIMALS) for one in (of.satisfaction, of.margin))
    return [str(of.received), str(of.counted), *percents]


def survey_data(survey: SurveyTaken | None, unit: str, code: str) -> dict[str, Any]:
    """Return `survey` with what a unit's points of one criterion were measured from; nothing where they were not.

    `received` and `counted` are the unit's responses, `respondents` those of them that answer for this criterion;
    `value` is the share or the mean (`measure`) in percent, `value_exact` a part of one, `margin` in percent at 95 %
    confidence.
    """
    found = None if survey is None else survey.measured(unit, code)
    if found is None:
        return {}
    of, one = found
    return {
        "survey": {
            "received": of.received,
            "counted": of.counted,
            "respondents": one.respondents,
            "measure": one.measure,
            "value": str(rounded(one.value * 100, PERCENT_DECIMALS)),
            "value_exact": str(one.value),
            "margin": str(one.margin),
        }
    }
