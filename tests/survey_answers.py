"""Tables of answers for the tests of the survey, and what is read out of them."""

from __future__ import annotations

from collections.abc import Sequence

from criteria_sets import A, B, criteria_set

from cchc_sheets.assessment.responses import SurveyResult, UnitSurvey, parse_responses
from cchc_sheets.assessment.survey import Table
from cchc_sheets.assessment.survey_plan import Question, SurveyPlan
from cchc_sheets.assessment.units import Unit
from cchc_sheets.reading import Cell, Raw

CRITERIA = criteria_set("1\n  1.1 5 survey\n  1.2 3 survey\n  1.3 2 points 1")
HOA = Unit("binh-hoa", "Xã Bình Hòa", "commune")

FORM = (
    "Dấu thời gian",
    "Đơn vị Ông/Bà đến giải quyết thủ tục",
    "1. Hồ sơ, thủ tục có đơn giản, dễ hiểu không?",
    "2. Ông/Bà đánh giá công chức: [Thái độ, tác phong]",
    "2. Ông/Bà đánh giá công chức: [Trình độ]",
    "Ý kiến khác",
)
PLAN = SurveyPlan(
    "Đơn vị",
    (Question("1", "1.1"), Question("Thái độ", "1.2"), Question("Trình độ", "1.2")),
    minimum=0,
)

Typed = Raw | Cell | None


def table(headings: Sequence[str], *rows: Sequence[Typed]) -> Table:
    cells = [[_cell(value) for value in row] for row in rows]
    return Table("survey.csv", [Cell(h) for h in headings], list(enumerate(cells, start=2)))


def _cell(value: Typed) -> Cell | None:
    return value if isinstance(value, Cell) else Cell(value) if value not in {None, ""} else None


def parsed(plan: SurveyPlan, found: Table, *units: Unit) -> SurveyResult:
    return parse_responses(found, plan=plan, units=units or (A, B), criteria=CRITERIA)


def form(*lines: str) -> Table:
    """Build a form's sheet: `Xã A | Hài lòng | …`, each at a second of its own."""
    rows = [[f"20/11/2023 9:00:{second:02}", *_typed(line)] for second, line in enumerate(lines)]
    return table(FORM, *rows)


def plain(*lines: str) -> Table:
    """Build a sheet typed from paper: no column tells respondents apart."""
    return table(("Đơn vị", *FORM[2:5]), *map(_typed, lines))


def _typed(line: str) -> list[str]:
    return [word.strip() for word in line.split("|")]


def of(result: SurveyResult, unit: Unit = A) -> UnitSurvey:
    return next(found for found in result.units if found.unit == unit)


def codes(result: SurveyResult) -> list[tuple[str, str]]:
    return [(problem.code, problem.severity) for problem in result.problems]


FOUR = (
    "Xã A | Hài lòng       | Rất hài lòng | Hài lòng",
    "Xã A | Bình thường    | Hài lòng     |",
    "Xã A | Không hài lòng | Bình thường  | Hài lòng",
    "Xã A |                | Hài lòng     | Hài lòng",
)
"""Four answers of one unit."""
