"""The self-assessment sheet (phiếu tự chấm điểm) and the self-report sheet of a unit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.scoring import Bands, Count, Levels, Ratio
from cchc_sheets.assessment.submission import CONFIRMED, NOT_OCCURRED, SELF_ASSESSMENT, SELF_REPORT
from cchc_sheets.layouts.guide import guide_sheet
from cchc_sheets.layouts.rule_words import guidance_in_words
from cchc_sheets.layouts.workbook import Column, Formula, Input, Row, Sheet, Tone, Value, slot
from cchc_sheets.vietnamese import number

FULL_POINTS: Final = "Không phát sinh (đủ điểm)"
LEFT_OUT: Final = "Không phát sinh (không tính)"
UNSCORED: Final = "Chưa chấm"
UNPROVEN: Final = "Thiếu tài liệu"
STATES: Final[Mapping[str, Tone]] = {
    "Đủ": "good",
    FULL_POINTS: "good",
    LEFT_OUT: "good",
    UNSCORED: "attention",
    UNPROVEN: "attention",
    "Thiếu số liệu": "attention",
    "Điểm ở dạng chữ": "attention",
    "Vượt điểm tối đa": "bad",
    "Điểm âm": "bad",
    "Chọn điểm hoặc KPS": "bad",
}

_REPORT_ROWS: Final = (
    ("strengths", "1. Kết quả nổi bật trong năm", 6),
    ("weaknesses", "2. Tồn tại, hạn chế", 6),
    ("causes", "3. Nguyên nhân", 6),
    ("proposals", "4. Kiến nghị, đề xuất", 6),
    ("reporter", "Người lập phiếu (họ tên, chức vụ)", 1),
    ("phone", "Điện thoại liên hệ", 1),
)


def submission_sheets(criteria: CriteriaSet) -> tuple[Sheet, ...]:
    """Lay out a unit's workbook; the same for every unit but for its slots (`unit_name`, `deadline` and others)."""
    return guide_sheet(), self_assessment_sheet(criteria), self_report_sheet()


def self_assessment_sheet(criteria: CriteriaSet) -> Sheet:
    """Lay out the criteria tree with the cells in which a unit scores itself."""
    return Sheet(
        key=SELF_ASSESSMENT,
        title="Tự chấm điểm",
        columns=(
            Column("code", "Mã", 8, "centre"),
            Column("title", "Lĩnh vực, tiêu chí, tiêu chí thành phần", 36),
            Column("max_points", "Điểm tối đa", 8, "number"),
            Column("guidance", "Cách chấm điểm và tài liệu kiểm chứng", 66),
            Column("numerator", "Tử số / số lượng", 12, "number"),
            Column("denominator", "Mẫu số", 12, "number"),
            Column("not_occurred", "Không phát sinh", 13, "centre"),
            Column("self_score", "Điểm tự chấm", 10, "number"),
            Column("evidence", "Tài liệu kiểm chứng (số, ngày, đường dẫn)", 40, "link"),
            Column("note", "Ghi chú, giải thích", 28),
            Column("state", "Tình trạng", 17, "centre", STATES),
        ),
        banner=_banner(criteria),
        rows=tuple(_row(criterion, depth) for field in criteria.fields for criterion, depth in _with_depth(field, 0)),
        paper="A3 landscape",
        identity=("code", "title"),
    )


def self_report_sheet() -> Sheet:
    """Lay out the self-report (báo cáo tự đánh giá)."""
    rows = [
        Row(key, {"title": title}, "component", {"value": Input(prompt=title)}, lines=lines)
        for key, title, lines in _REPORT_ROWS
    ]
    confirmed = Input(
        choices=(CONFIRMED,),
        prompt="Chọn «Đã hoàn thành» khi phiếu đã điền xong và được Chủ tịch UBND đồng ý gửi.",
        refusal="Chọn «Đã hoàn thành» trong danh sách hoặc để trống.",
    )
    return Sheet(
        key=SELF_REPORT,
        title="Báo cáo tự đánh giá",
        columns=(Column("title", "Nội dung", 34), Column("value", "Đơn vị điền", 84)),
        banner=(
            Row("@title", {"title": "BÁO CÁO TỰ ĐÁNH GIÁ"}, "title", spans=True),
            Row("@subtitle", {"title": slot("unit_name")}, "subtitle", spans=True),
        ),
        rows=(
            *rows,
            Row("confirmed", {"title": "Xác nhận hoàn thành phiếu"}, "component", {"value": confirmed}),
        ),
        paper="A4 landscape",
        identity=("title",),
    )


def _banner(criteria: CriteriaSet) -> tuple[Row, ...]:
    attainable = sum((leaf.max_points for leaf in criteria.self_scored), Decimal(0))
    total = f'=SUBTOTAL(9,{{self_score@*}})+SUMIF({{state@*}},"{FULL_POINTS}",{{max_points@*}})'
    missing = f'=COUNTIF({{state@*}},"{UNSCORED}")'
    wrong = "=" + "+".join(f'COUNTIF({{state@*}},"{state}")' for state, tone in STATES.items() if tone == "bad")
    unproven = f'=COUNTIF({{state@*}},"{UNPROVEN}")'
    return (
        Row("@title", {"code": "PHIẾU TỰ CHẤM ĐIỂM CHỈ SỐ CẢI CÁCH HÀNH CHÍNH"}, "title", spans=True),
        Row("@subtitle", {"code": f"{slot('unit_name')} – {slot('title')}"}, "subtitle", spans=True),
        Row("@deadline", {"code": f"Thời hạn: {slot('deadline')}"}, "note", spans=True),
        Row(
            "@total",
            {
                "title": "Tổng điểm tự chấm",
                "max_points": attainable,
                "self_score": Formula(total),
                "evidence": _shares(criteria),
            },
            "total",
        ),
        Row("@missing", {"title": "Số tiêu chí chưa chấm", "self_score": Formula(missing)}, "total"),
        Row(
            "@wrong",
            {
                "title": "Số dòng phải sửa điểm",
                "self_score": Formula(wrong),
                "evidence": "Số dòng thiếu tài liệu kiểm chứng",
                "note": Formula(unproven),
            },
            "total",
        ),
    )


def _shares(criteria: CriteriaSet) -> str:
    """Say how the whole is made up, so that nobody wonders why the self-score does not reach it."""
    imported = sum((leaf.max_points for leaf in criteria.imported if not leaf.is_surveyed), Decimal(0))
    own = criteria.total_points - criteria.survey_points - imported
    words = [f"trên {number(own)} điểm đơn vị tự chấm"]
    words += [f"{number(criteria.survey_points)} điểm khảo sát"] if criteria.survey_points else []
    words += [f"{number(imported)} điểm lấy từ hệ thống khác"] if imported else []
    return "; ".join(words)


def _with_depth(criterion: Criterion, depth: int) -> list[tuple[Criterion, int]]:
    return [(criterion, depth), *(pair for part in criterion.parts for pair in _with_depth(part, depth + 1))]


def _row(criterion: Criterion, depth: int) -> Row:
    cells: dict[str, Value] = {
        "code": criterion.code,
        "title": criterion.title,
        "max_points": criterion.max_points,
    }
    if criterion.parts:
        leaves = [leaf.code for leaf in criterion.leaves]
        if any(leaf.is_self_scored for leaf in criterion.leaves):
            cells["self_score"] = Formula(f"=SUBTOTAL(9,{{self_score@{leaves[0]}:{leaves[-1]}}})")
        return Row(criterion.code, cells, "criterion" if depth else "field")
    cells["guidance"] = guidance_in_words(criterion)
    if not criterion.is_self_scored:
        return Row(criterion.code, cells, "plain")
    cells["state"] = Formula(_state(criterion))
    return Row(criterion.code, cells, "component", _inputs(criterion))


def _state(criterion: Criterion) -> str:
    claimed = LEFT_OUT if criterion.not_occurred == "exclude" else FULL_POINTS
    proven = f'IF(AND({{self_score}}>0,{{evidence}}=""),"{UNPROVEN}","Đủ")'
    for column in reversed(_figures(criterion)):
        proven = f'IF({{{column}}}="","Thiếu số liệu",{proven})'
    scored = (
        'IF({self_score}="","Chưa chấm",IF(NOT(ISNUMBER({self_score})),"Điểm ở dạng chữ",'
        'IF({self_score}<0,"Điểm âm",IF({self_score}>{max_points},"Vượt điểm tối đa",' + proven + "))))"
    )
    if not criterion.not_occurred:
        return f"={scored}"
    return f'=IF({{not_occurred}}<>"",IF({{self_score}}="","{claimed}","Chọn điểm hoặc KPS"),{scored})'


def _inputs(criterion: Criterion) -> dict[str, Input]:
    inputs = {
        "self_score": _score_input(criterion),
        "evidence": Input(prompt="Số, ngày, trích yếu văn bản và đường dẫn."),
        "note": Input(prompt="Giải thích cách tính, lý do thiếu tài liệu (nếu có)."),
    }
    for column, asked_for in _figures(criterion).items():
        inputs[column] = Input(
            number=True, minimum=Decimal(0), prompt=asked_for, refusal="Nhập số không âm, không nhập chữ."
        )
    if criterion.not_occurred:
        inputs["not_occurred"] = Input(
            choices=(NOT_OCCURRED,),
            prompt="Chọn nếu trong năm không phát sinh; khi đó để trống ô điểm.",
            refusal="Chọn «Không phát sinh» trong danh sách hoặc để trống.",
        )
    return inputs


def _figures(criterion: Criterion) -> dict[str, str]:
    """Return what the numerator and denominator cells ask for."""
    match criterion.rule:
        case Ratio(numerator=numerator, denominator=denominator) | Bands(numerator=numerator, denominator=denominator):
            wanted = {"numerator": numerator, "denominator": denominator}
            return {column: words for column, words in wanted.items() if words}
        case Count(item=item):
            return {"numerator": f"Số lượng: {item}"}
    return {}


def _score_input(criterion: Criterion) -> Input:
    full = number(criterion.max_points)
    match criterion.rule:
        case Levels(levels=steps) | Bands(bands=steps):
            choices = tuple(sorted({step.points for step in steps}, reverse=True))
            allowed = "; ".join(number(points) for points in choices)
            return Input(
                choices=choices,
                prompt=f"Chọn một trong các mức: {allowed}.",
                refusal=f"Điểm của tiêu chí {criterion.code} chỉ nhận một trong các mức: {allowed}.",
            )
    return Input(
        number=True,
        minimum=Decimal(0),
        maximum=criterion.max_points,
        prompt=f"Nhập số từ 0 đến {full}.",
        refusal=f"Điểm của tiêu chí {criterion.code} là số từ 0 đến {full}.",
    )
