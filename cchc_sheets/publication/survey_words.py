"""How firmly a survey's points stand, said beside them: the responses, the measure, and how far it may be off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.survey_taken import SurveyTaken

PERCENT_DECIMALS: Final = 2
_MEASURES: Final[Mapping[str, str]] = {
    "share_satisfied": "tỷ lệ hài lòng",
    "weighted_mean": "mức hài lòng bình quân",
}


def measured_words(survey: SurveyTaken | None, unit: str, code: str) -> str:
    """Return on what a unit's points of one criterion rest; "" where they were not measured from answers."""
    found = None if survey is None else survey.measured(unit, code)
    if found is None:
        return ""
    of, one = found
    told = f"{of.counted}/{of.received} phiếu hợp lệ"
    if one.respondents != of.counted:
        told += f", {one.respondents} phiếu có trả lời"
    value = vietnamese.fixed(rounded(one.value * 100, PERCENT_DECIMALS), PERCENT_DECIMALS)
    margin = vietnamese.fixed(one.margin, PERCENT_DECIMALS)
    return f"{told}, {_MEASURES[one.measure]} {value}%, sai số ±{margin}% (độ tin cậy 95%)"
