"""The explanation round of the demo: what communes answer to lowered points, and how the council rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cchc_sheets.assessment.appraisal import AGREE
from cchc_sheets.assessment.explanation import DISAGREE, EXPLANATION, RULINGS
from cchc_sheets.assessment.units import Unit
from cchc_sheets.outcome import Outcome
from cchc_sheets.reading import Raw, RowReading
from cchc_sheets.stages.demo_people import Cast, Entries
from cchc_sheets.stages.record import known_so_far
from cchc_sheets.stages.ruling import rule
from cchc_sheets.stages.season import APPRAISAL, Season, unit_key
from cchc_sheets.vietnamese import number

_PROOF: Final = "Biên bản bàn giao số 09/BB-UBND ngày 21/12/2023 https://{unit}.example.gov.vn/van-ban/09-bb"


def units_answer(season: Season, cast: Cast) -> None:
    """Let every commune answer: most agree, the late one says nothing, one disputes what it was lowered by."""
    for unit in season.cycle.units:
        put = season.latest("explanation_round")[unit.code].body["put"]
        if put and unit != cast.late:
            answers = _answers(unit, put, is_disputing=unit in (cast.disputing, cast.unproven))
            season.workspace.type_in(unit_key(unit), {EXPLANATION: answers})


def _answers(unit: Unit, put: list[str], *, is_disputing: bool) -> Entries:
    answers: Entries = {code: {"answer": AGREE} for code in put}
    if is_disputing:
        for code in put[:2]:
            answers[code] = {
                "answer": DISAGREE,
                "explanation": "Đề nghị xem lại: việc đã hoàn thành trong tháng 12, tài liệu bổ sung kèm theo.",
                "new_evidence": _PROOF.format(unit=unit.code),
            }
    return answers


def council_rules(season: Season) -> None:
    """Let the council rule on everything contested: it gives way where there is new evidence for the first time."""
    reading = season.workspace.read(APPRAISAL).sheet(RULINGS)
    rows = [row for row in reading.rows if row.key and not row.key.startswith("@")] if reading else []
    rulings: Entries = {row.key: _ruling(row, gives_way=place % 2 == 0) for place, row in enumerate(rows)}
    season.workspace.type_in(APPRAISAL, {RULINGS: rulings})


def meeting_rules(season: Season) -> Outcome:
    """Let the final meeting give points back that a commune had given up by agreeing."""
    record = known_so_far(season).record
    unit, code = next(place for place, answer in record.explanations.items() if answer.is_agreed)
    claimed = record.submissions[unit].score(code).claimed(season.cycle.criteria.by_code[code])
    reason = "Biên bản số 12/BB-HĐ ngày 28/12/2023: hồ sơ gốc được xuất trình tại cuộc họp"
    return rule(season, f"{unit}/{code}", points=number(claimed or Decimal(0)), reason=reason)


def _ruling(row: RowReading, *, gives_way: bool) -> dict[str, Raw]:
    if gives_way:
        return {
            "ruled_points": _points(row, "self_score"),
            "reason": "Chấp nhận giải trình: tài liệu bổ sung chứng minh đã hoàn thành trong năm.",
        }
    return {
        "ruled_points": _points(row, "appraised_points"),
        "reason": "Giữ điểm thẩm định: tài liệu bổ sung không thuộc nội dung của tiêu chí.",
    }


def _points(row: RowReading, column: str) -> Decimal:
    shown = row.cells[column].value
    return shown if isinstance(shown, Decimal) else Decimal(0)
