"""The explanation sheet of a unit (phiếu giải trình), and the sheet on which the council rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from cchc_sheets.assessment.appraisal import AGREE, NOT_OCCURRED_SHOWN, Finding, Place, row_key
from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.explanation import DISAGREE, EXPLANATION, RULINGS, Explanation, Ruling
from cchc_sheets.assessment.standing import Record
from cchc_sheets.assessment.submission import SelfScore, Submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.layouts.review import evidence_cell, self_score_cell
from cchc_sheets.layouts.workbook import Column, Input, Row, Sheet, Value, slot
from cchc_sheets.vietnamese import number

_SHARED = (
    Column("code", "Mã", 8, "centre"),
    Column("title", "Tiêu chí thành phần", 38),
    Column("max_points", "Điểm tối đa", 8, "number"),
    Column("self_score", "Điểm tự chấm", 9, "number"),
    Column("appraised_points", "Điểm thẩm định", 10, "number"),
    Column("remark", "Ý kiến thẩm định", 36),
)
_OUTCOME = (
    Column("ruled_points", "Điểm kết luận", 10, "number"),
    Column("ruled_by", "Kết luận của", 14, "centre"),
    Column("reason", "Lý do", 36),
)
OWN_COLUMNS: Final = frozenset(column.key for column in (*_SHARED, *_OUTCOME))
"""The columns of a unit's sheet that only we write."""


@dataclass(frozen=True)
class PutToUnit:
    """What is put to one unit, and what came of it so far.

    Attributes:
        codes: the criteria that were lowered or ruled on, in the order of the set.
        findings, rulings: by criterion code.
        asked: those of the criteria that the unit may answer to; the others were ruled on without being put to it.
    """

    unit: Unit
    submission: Submission
    codes: Sequence[str]
    findings: Mapping[str, Finding]
    rulings: Mapping[str, Ruling] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()


def explanation_sheet(criteria: CriteriaSet, put: PutToUnit, *, closed: bool) -> Sheet:
    """Lay out the criteria that were lowered, for the unit to answer, and the outcome once there is one."""
    return Sheet(
        key=EXPLANATION,
        title="Giải trình",
        columns=(
            *_SHARED,
            Column("answer", "Trả lời", 14, "centre", {AGREE: "good", DISAGREE: "attention"}),
            Column("explanation", "Nội dung giải trình", 44),
            Column("new_evidence", "Tài liệu bổ sung", 36, "link"),
            *(_OUTCOME if put.rulings else ()),
        ),
        banner=(
            Row("@title", {"code": "GIẢI TRÌNH KẾT QUẢ THẨM ĐỊNH"}, "title", spans=True),
            Row("@subtitle", {"code": f"{slot('unit_name')} – {slot('title')}"}, "subtitle", spans=True),
            *(_HOW_TO_ANSWER if put.asked else ()),
            *(_HOW_TO_READ if put.rulings else ()),
        ),
        rows=tuple(_unit_row(criteria.by_code[code], put) for code in put.codes),
        paper="A3 landscape",
        identity=("code", "title"),
        closed=closed,
    )


_HOW_TO_ANSWER: Final = (
    Row("@deadline", {"code": f"Thời hạn giải trình: {slot('explanation_deadline')}"}, "note", spans=True),
    Row(
        "@how",
        {
            "code": f"Mỗi dòng có ô vàng là một tiêu chí bị giảm điểm. Chọn «{AGREE}», hoặc «{DISAGREE}» và giải "
            "trình, bổ sung tài liệu. Không trả lời đúng hạn thì giữ điểm thẩm định. "
            f"{NOT_OCCURRED_SHOWN}: không phát sinh."
        },
        "note",
        spans=True,
    ),
)
_HOW_TO_READ: Final = (
    Row(
        "@outcome",
        {"code": "Đã có kết luận: điểm ở cột «Điểm kết luận» thay cho điểm thẩm định của dòng đó."},
        "note",
        spans=True,
    ),
)
_RULED_BY: Final = {"council": "Hội đồng thẩm định", "meeting": "Cuộc họp thống nhất kết quả"}


@dataclass(frozen=True)
class Contest:
    """One contested criterion, for the council; `remarks` tell what stands out about the evidence added."""

    unit: Unit
    criterion: Criterion
    score: SelfScore
    finding: Finding
    explanation: Explanation
    remarks: tuple[str, ...] = ()


def rulings_sheet(contests: Sequence[Contest], title: str, council: tuple[str, ...] = ()) -> Sheet:
    """Lay out everything that is contested, for the council to rule on; its addresses alone may type there."""
    return Sheet(
        key=RULINGS,
        title="Kết luận giải trình",
        columns=(
            Column("unit", "Đơn vị", 22),
            *_SHARED,
            Column("answer", "Trả lời", 14, "centre"),
            Column("explanation", "Nội dung giải trình", 44),
            Column("new_evidence", "Tài liệu bổ sung", 36, "link"),
            Column("checks", "Kiểm tra tự động", 34, filled="attention"),
            Column("ruled_points", "Điểm kết luận", 10, "number"),
            Column("reason", "Lý do", 40),
        ),
        banner=(
            Row("@title", {"unit": "KẾT LUẬN CỦA HỘI ĐỒNG VỀ CÁC NỘI DUNG GIẢI TRÌNH"}, "title", spans=True),
            Row("@subtitle", {"unit": title}, "subtitle", spans=True),
            Row(
                "@how",
                {
                    "unit": "Mỗi dòng: ghi điểm kết luận (bằng điểm thẩm định, điểm tự chấm hoặc mức khác) và lý do. "
                    "Để trống là chưa kết luận. Đơn vị xem được kết luận trong phiếu của mình."
                },
                "note",
                spans=True,
            ),
        ),
        rows=tuple(_contest_row(contest) for contest in contests),
        paper="A3 landscape",
        filter=True,
        identity=("unit", "code"),
        editors=council,
    )


def contests(
    criteria: CriteriaSet,
    units: Sequence[Unit],
    record: Record,
    remarks: Mapping[Place, tuple[str, ...]],
) -> Iterator[Contest]:
    """Yield what is contested, criterion by criterion, so that like is ruled alike."""
    for leaf in criteria.self_scored:
        for unit in units:
            place = (unit.code, leaf.code)
            explanation, finding = record.explanations.get(place), record.findings.get(place)
            if explanation is not None and explanation.is_contested and finding is not None:
                score = record.submissions.get(unit.code, Submission(unit.code)).score(leaf.code)
                changed = _changed(record.answered_to(*place), finding)
                if record.is_given_back(*place):
                    changed = ("Cơ quan thẩm định đã đồng ý với điểm tự chấm; không còn gì phải kết luận",)
                yield Contest(unit, leaf, score, finding, explanation, (*changed, *remarks.get(place, ())))


def _changed(shown: Decimal | None, finding: Finding) -> tuple[str, ...]:
    if shown is None or finding.points is None or shown == finding.points:
        return ()
    before, now = number(shown), number(finding.points)
    return (f"Điểm thẩm định đã đổi từ {before} thành {now} sau khi đơn vị trả lời",)


def _unit_row(criterion: Criterion, put: PutToUnit) -> Row:
    finding, ruling = put.findings.get(criterion.code), put.rulings.get(criterion.code)
    cells: dict[str, Value | None] = {
        "code": criterion.code,
        "title": criterion.title,
        "max_points": criterion.max_points,
        "self_score": self_score_cell(put.submission.score(criterion.code)),
        "appraised_points": _appraised(finding) if finding else None,
        "remark": finding.remark if finding else "",
        "ruled_points": ruling.points if ruling else None,
        "ruled_by": _RULED_BY[ruling.source] if ruling else "",
        "reason": ruling.reason if ruling else "",
    }
    inputs = _ANSWERS if criterion.code in put.asked else {}
    return Row(criterion.code, _filled(cells, has_outcome=bool(put.rulings)), "component", inputs)


def _appraised(finding: Finding) -> Value:
    """Show the points, or that it was agreed to leave the criterion out."""
    return NOT_OCCURRED_SHOWN if finding.points is None else finding.points


def _contest_row(contest: Contest) -> Row:
    criterion, explanation = contest.criterion, contest.explanation
    cells: dict[str, Value | None] = {
        "unit": contest.unit.name,
        "code": criterion.code,
        "title": criterion.title,
        "max_points": criterion.max_points,
        "self_score": self_score_cell(contest.score),
        "appraised_points": _appraised(contest.finding),
        "remark": contest.finding.remark,
        "answer": DISAGREE if explanation.is_agreed is False else "",
        "explanation": explanation.text,
        "new_evidence": evidence_cell(explanation.evidence),
        "checks": "\n".join(contest.remarks),
    }
    full = number(criterion.max_points)
    inputs = {
        "ruled_points": Input(
            number=True,
            minimum=Decimal(0),
            maximum=criterion.max_points,
            prompt=f"Điểm kết luận, từ 0 đến {full}.",
            refusal=f"Điểm kết luận là số từ 0 đến {full}.",
        ),
        "reason": Input(prompt="Lý do; đơn vị xem được và được ghi vào biên bản."),
    }
    return Row(row_key(contest.unit.code, criterion.code), _filled(cells, has_outcome=True), "component", inputs)


_ANSWERS: Mapping[str, Input] = {
    "answer": Input(
        choices=(AGREE, DISAGREE),
        prompt=f"«{AGREE}»: chấp nhận điểm thẩm định. «{DISAGREE}»: giải trình ở cột bên.",
        refusal=f"Chọn «{AGREE}» hoặc «{DISAGREE}».",
    ),
    "explanation": Input(prompt="Lý do không đồng ý, căn cứ cụ thể."),
    "new_evidence": Input(prompt="Số, ngày, trích yếu văn bản và đường dẫn."),
}


def _filled(cells: Mapping[str, Value | None], *, has_outcome: bool) -> dict[str, Value]:
    outcome = {"ruled_points", "ruled_by", "reason"}
    return {
        column: value
        for column, value in cells.items()
        if value is not None and value != "" and (has_outcome or column not in outcome)
    }
