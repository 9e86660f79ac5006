"""The survey in the synthesis report: responses, measures with their margins, and what they were worth in points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.response_rows import REASONS, Reason
from cchc_sheets.assessment.survey_taken import AnswersOfUnit, SurveyTaken
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.grid import Grid, GridColumn, Line
from cchc_sheets.publication.paper_content import NOTHING, in_text
from cchc_sheets.publication.wording import plain, points_in_table, several

_NAMES: Final = ("survey_counts", "survey_sample", "survey_short", "survey_tabled")
TABLE: Final = "survey_table"
_PERCENT_DECIMALS: Final = 2
_REASONS: Final[Mapping[Reason, str]] = {
    "unknown_unit": "không rõ đơn vị (không có trong bảng)",
    "unknown_group": "không rõ nhóm đối tượng",
    "impossible": "có câu trả lời không hợp lệ",
    "incomplete": "bỏ trống quá nhiều câu",
    "straight_line": "có mọi câu trả lời giống nhau",
    "duplicate": "trùng",
}


def survey_names(facts: Facts) -> dict[str, object]:
    """Return the names of the survey, every one of them empty where no points were measured from answers."""
    names: dict[str, object] = dict.fromkeys((*_NAMES, TABLE), "")
    survey = _survey(facts)
    if survey is None:
        return names
    return names | {
        "survey_counts": _counts(survey),
        "survey_sample": _sample(survey),
        "survey_short": _short(survey),
        "survey_tabled": _tabled(facts, survey),
    }


def survey_grids(facts: Facts) -> dict[str, Grid]:
    """Return the table of the survey, a line for each unit; none where no points were measured from answers."""
    survey = _survey(facts)
    return {} if survey is None else {TABLE: _grid(survey)}


def _survey(facts: Facts) -> SurveyTaken | None:
    return facts.survey if facts.record.with_survey else None


def _counts(survey: SurveyTaken) -> str:
    told = f"nhận {several(survey.received)} phiếu, {several(survey.counted)} phiếu hợp lệ được tính"
    excluded = survey.excluded
    if not excluded:
        return told
    reasons = (f"{several(excluded[reason])} phiếu {_REASONS[reason]}" for reason in REASONS if excluded[reason])
    return f"{told}; loại {several(excluded.total())} phiếu: {', '.join(reasons)}"


def _sample(survey: SurveyTaken) -> str:
    """Say how many responses the plan wants, as far as the populations are known."""
    least = f"ít nhất {several(survey.minimum)} phiếu" if survey.minimum else ""
    if all(one.population is None for one in survey.units):
        return least or "không quy định"
    formula = f"n = N/(1 + N·e²), e = {vietnamese.number(survey.error_margin)}, N là số người có thể hỏi"
    return f"{formula}; {least}, không quá N" if least else formula


def _short(survey: SurveyTaken) -> str:
    named = [f"{in_text(one.unit)} ({several(one.counted)}/{several(one.wanted)})" for one in survey.short]
    return f"{several(len(named))} đơn vị, gồm {', '.join(named)}" if named else ""


def _tabled(facts: Facts, survey: SurveyTaken) -> str:
    told = []
    for code, units in survey.tabled.items():
        is_all = len(units) == len(facts.units)
        whose = "tất cả các đơn vị" if is_all else ", ".join(in_text(unit) for unit in units)
        told.append(f"tiêu chí {plain(code)} của {whose}")
    return "; ".join(told)


def _grid(survey: SurveyTaken) -> Grid:
    columns = (
        GridColumn("TT"),
        GridColumn("Đơn vị", 1, "left"),
        GridColumn("Phiếu nhận"),
        GridColumn("Phiếu hợp lệ"),
        GridColumn("Phiếu loại"),
        GridColumn("Phiếu cần có"),
        GridColumn("Mức hài lòng (%)"),
        GridColumn("Sai số (± %)"),
        GridColumn("Điểm từ phiếu"),
    )
    lines = [Line((str(place), *_cells(one))) for place, one in enumerate(survey.units, start=1)]
    counts = (_figures(one) for one in survey.units)
    sums = map(str, map(sum, zip(*counts, strict=True)))
    return Grid(columns, (*lines, Line(("", "Tổng cộng", *sums, "", "", ""), is_bold=True)), 12)


def _figures(one: AnswersOfUnit) -> tuple[int, int, int, int]:
    return one.received, one.counted, one.received - one.counted, one.wanted


def _cells(one: AnswersOfUnit) -> tuple[str, ...]:
    percents = (one.satisfaction, one.margin)
    shown = (NOTHING if part is None else vietnamese.fixed(part, _PERCENT_DECIMALS) for part in percents)
    points = NOTHING if one.points is None else points_in_table(one.points)
    return plain(one.unit.name), *map(str, _figures(one)), *shown, points
