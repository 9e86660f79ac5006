"""The review workbook (bảng thẩm định): a sheet for each department, the adjustments, the summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from cchc_sheets.assessment.adjustments import ADJUSTMENTS
from cchc_sheets.assessment.appraisal import (
    ADJUST,
    AGREE,
    NOT_OCCURRED_SHOWN,
    Place,
    criteria_of,
    departments_of,
    row_key,
    rule_difference,
    rule_points,
    sheet_key,
)
from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.evidence_links import stands_in
from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.submission import Evidence, SelfScore, Submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.layouts.evidence_words import LINK_TONES
from cchc_sheets.layouts.rule_words import adjustment_in_words, percent, rule_in_words
from cchc_sheets.layouts.workbook import Column, Formula, Input, Link, Row, Sheet, Value
from cchc_sheets.vietnamese import number

SUMMARY: Final = "summary"
_TAB_NAME: Final = 31
"""The longest name of a tab that Excel takes."""


@dataclass(frozen=True)
class ReviewContent:
    """What the review workbook shows.

    Attributes:
        departments: their names by id; `tabs` shorter ones for the tabs.
        late: units that handed in late or not at all, with the words for it.
        settled: places that a finding settles, for the summary's progress.
        standing: points of the appraised part that stand so far, by unit.
        editors: the addresses of each department, which alone may type into its sheet.
        remarks: what stands out about the evidence, by place; `links` whether its links open (see `evidence_words`).
    """

    title: str
    criteria: CriteriaSet
    units: Sequence[Unit]
    departments: Mapping[str, str]
    tabs: Mapping[str, str]
    submissions: Mapping[str, Submission]
    late: Mapping[str, str] = field(default_factory=dict)
    settled: frozenset[Place] = frozenset()
    standing: Mapping[str, Decimal] = field(default_factory=dict)
    decimals: int = 2
    editors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)
    links: Mapping[Place, str] = field(default_factory=dict)


def review_sheets(content: ReviewContent) -> tuple[Sheet, ...]:
    """Lay out the whole workbook."""
    departments = [department_sheet(content, department) for department in departments_of(content.criteria)]
    adjustments = [adjustments_sheet(content)] if content.criteria.adjustments else []
    return summary_sheet(content), *departments, *adjustments


def department_sheet(content: ReviewContent, department: str) -> Sheet:
    """Lay out one department's criteria, each followed by all communes."""
    name = content.departments[department]
    criteria = tuple(criteria_of(content.criteria, department))
    return Sheet(
        key=sheet_key(department),
        title=_tab(content.tabs[department]),
        columns=(
            Column("unit", "Đơn vị", 22),
            Column("code", "Mã", 8, "centre"),
            Column("title", "Tiêu chí thành phần", 30),
            Column("max_points", "Điểm tối đa", 8, "number"),
            Column("declared", "Số liệu khai", 17, "centre"),
            Column("self_score", "Điểm tự chấm", 9, "number"),
            Column("rule_score", "Điểm theo công thức", 10, "number"),
            Column("difference", "Chênh lệch", 9, "number"),
            Column("evidence", "Tài liệu kiểm chứng", 36, "link"),
            Column("link", "Đường dẫn", 14, "centre", LINK_TONES),
            Column("note", "Ghi chú của đơn vị", 24),
            Column("checks", "Kiểm tra tự động", 34, filled="attention"),
            Column("verdict", "Kết luận", 12, "centre", {AGREE: "good", ADJUST: "attention"}),
            Column("appraised_points", "Điểm thẩm định", 10, "number"),
            Column("remark", "Ý kiến, lý do", 36),
        ),
        banner=(
            Row("@title", {"unit": f"BẢNG THẨM ĐỊNH – {name.upper()}"}, "title", spans=True),
            Row("@subtitle", {"unit": content.title}, "subtitle", spans=True),
            Row(
                "@how",
                {
                    "unit": f"Mỗi dòng: chọn «{AGREE}» (giữ điểm tự chấm) hoặc «{ADJUST}», khi đó ghi điểm thẩm định "
                    f"và lý do. Để trống là chưa thẩm định. «{NOT_OCCURRED_SHOWN}»: đơn vị báo không phát sinh. "
                    "Chỉ nhập các ô nền vàng."
                },
                "note",
                spans=True,
            ),
            Row(
                "@progress",
                {
                    "title": "Số dòng đã có kết luận",
                    "verdict": Formula(f'=COUNTIF({{verdict@*}},"{AGREE}")+COUNTIF({{verdict@*}},"{ADJUST}")'),
                    "remark": f"trên {len(content.units) * len(criteria)} dòng",
                },
                "total",
            ),
        ),
        rows=tuple(_department_rows(content, criteria)),
        paper="A3 landscape",
        filter=True,
        identity=("unit", "code"),
        editors=content.editors.get(department, ()),
    )


def adjustments_sheet(content: ReviewContent) -> Sheet:
    """Lay out bonuses and penalties of every commune."""
    return Sheet(
        key=ADJUSTMENTS,
        title="Điểm cộng, điểm trừ",
        columns=(
            Column("unit", "Đơn vị", 22),
            Column("code", "Mã", 8, "centre"),
            Column("title", "Nội dung", 44),
            Column("rule", "Cách tính", 40),
            Column("hint", "Gợi ý", 20, filled="attention"),
            Column("count", "Số trường hợp", 11, "number"),
            Column("points", "Số điểm (không ghi dấu)", 13, "number"),
            Column("remark", "Căn cứ (số, ngày văn bản)", 44),
        ),
        banner=(
            Row("@title", {"unit": "ĐIỂM CỘNG, ĐIỂM TRỪ"}, "title", spans=True),
            Row("@subtitle", {"unit": content.title}, "subtitle", spans=True),
            Row(
                "@how",
                {
                    "unit": "Ghi số trường hợp; số điểm để trống thì tính theo quy định ở cột «Cách tính». "
                    "Để trống cả hai là không cộng, không trừ."
                },
                "note",
                spans=True,
            ),
        ),
        rows=tuple(_adjustment_rows(content)),
        paper="A4 landscape",
        filter=True,
        identity=("unit", "code"),
        editors=_adjusters(content),
    )


def summary_sheet(content: ReviewContent) -> Sheet:
    """Lay out one line per commune: points so far and what each department still has to do."""
    departments = departments_of(content.criteria)
    return Sheet(
        key=SUMMARY,
        title="Tổng hợp",
        columns=(
            Column("unit", "Đơn vị", 24),
            Column("self_points", "Điểm tự chấm", 10, "number"),
            Column("standing_points", "Điểm sau thẩm định (tạm tính)", 13, "number"),
            Column("settled", "Đã thẩm định", 12, "centre"),
            *(Column(f"dept-{d}", content.departments[d], 16, "centre") for d in departments),
            Column("state", "Tình trạng nộp", 30),
        ),
        banner=(
            Row("@title", {"unit": "TỔNG HỢP TIẾN ĐỘ THẨM ĐỊNH"}, "title", spans=True),
            Row("@subtitle", {"unit": content.title}, "subtitle", spans=True),
            Row(
                "@how",
                {"unit": "Số liệu tại lần chạy lệnh gần nhất; chạy lại để cập nhật."},
                "note",
                spans=True,
            ),
        ),
        rows=tuple(_summary_row(content, unit, departments) for unit in content.units),
        paper="A4 landscape",
    )


def _department_rows(content: ReviewContent, criteria: Sequence[Criterion]) -> Iterator[Row]:
    for criterion in criteria:
        heading = f"{criterion.code}. {criterion.title} (tối đa {number(criterion.max_points)} điểm)\n"
        yield Row(f"@{criterion.code}", {"unit": heading + rule_in_words(criterion)}, "criterion", spans=True)
        inputs = _review_inputs(criterion)
        for unit in content.units:
            submission = content.submissions.get(unit.code, Submission(unit.code))
            yield _review_row(content, unit, criterion, submission.score(criterion.code), inputs)


def _review_row(
    content: ReviewContent, unit: Unit, criterion: Criterion, score: SelfScore, inputs: Mapping[str, Input]
) -> Row:
    rule = rule_points(score, criterion)
    difference = rule_difference(score, criterion, content.decimals)
    cells: dict[str, Value | None] = {
        "unit": unit.name,
        "code": criterion.code,
        "title": criterion.title,
        "max_points": criterion.max_points,
        "declared": _declared(score),
        "self_score": self_score_cell(score),
        "rule_score": None if rule is None else rounded(rule, content.decimals),
        "difference": difference,
        "evidence": evidence_cell(score.evidence),
        "link": content.links.get((unit.code, criterion.code)),
        "note": score.note,
        "checks": _checks(content, unit, criterion, score, difference),
    }
    filled = {column: value for column, value in cells.items() if value is not None and value != ""}
    return Row(row_key(unit.code, criterion.code), filled, "component", inputs)


def _review_inputs(criterion: Criterion) -> dict[str, Input]:
    full = number(criterion.max_points)
    return {
        "verdict": Input(
            choices=(AGREE, ADJUST),
            prompt=f"«{AGREE}»: giữ điểm tự chấm. «{ADJUST}»: ghi điểm thẩm định và lý do.",
            refusal=f"Chọn «{AGREE}» hoặc «{ADJUST}».",
        ),
        "appraised_points": Input(
            number=True,
            minimum=Decimal(0),
            maximum=criterion.max_points,
            refusal=f"Điểm thẩm định là số từ 0 đến {full}.",
        ),
        "remark": Input(),
    }


def _declared(score: SelfScore) -> str:
    numerator, denominator = score.declared.numerator, score.declared.denominator
    if numerator is None:
        return ""
    if not denominator:
        return number(numerator)
    share = percent(rounded(Fraction(numerator) / Fraction(denominator), 4))
    return f"{number(numerator)} / {number(denominator)} = {share}"


def self_score_cell(score: SelfScore) -> Value | None:
    """Show the points as a number, «không phát sinh» by its short word."""
    return NOT_OCCURRED_SHOWN if score.not_occurred else score.points


def evidence_cell(evidence: Evidence) -> Value | None:
    """Show the caption; the cell opens the first address, further ones are listed below the caption."""
    if not evidence:
        return None
    if not evidence.links:
        return evidence.text
    first, *further = evidence.links
    caption = evidence.text.replace(first, "").strip() or first
    return Link("\n".join((caption, *(link for link in further if not stands_in(link, caption)))), first)


def _checks(
    content: ReviewContent, unit: Unit, criterion: Criterion, score: SelfScore, difference: Decimal | None
) -> str:
    checks = [content.late[unit.code]] if unit.code in content.late else []
    unread = content.submissions[unit.code].unread if unit.code in content.submissions else {}
    checks += [problem.what.said_in("vi") for problem in score.problems]
    if criterion.code in unread:
        checks.append(unread[criterion.code].what.said_in("vi"))
    elif not score.is_answered() and not score.problems:
        checks.append("Đơn vị chưa tự chấm.")
    if difference:
        direction = "cao hơn" if difference > 0 else "thấp hơn"
        checks.append(f"Điểm tự chấm {direction} điểm theo công thức {number(abs(difference))} điểm.")
    if score.evidence and not score.evidence.links:
        checks.append("Tài liệu không có đường dẫn.")
    checks += content.remarks.get((unit.code, criterion.code), ())
    return "\n".join(checks)


def _adjusters(content: ReviewContent) -> tuple[str, ...]:
    """Return the addresses of the departments whose items the adjustments are."""
    departments = dict.fromkeys(item.department for item in content.criteria.adjustments)
    addresses = (address for department in departments for address in content.editors.get(department, ()))
    return tuple(dict.fromkeys(addresses))


def _adjustment_rows(content: ReviewContent) -> Iterator[Row]:
    for item in content.criteria.adjustments:
        inputs = {
            "count": Input(number=True, minimum=Decimal(0), refusal="Nhập số nguyên không âm."),
            "points": Input(
                number=True,
                minimum=Decimal(0),
                maximum=item.cap,
                refusal=f"Nhập số điểm từ 0 đến {number(item.cap)}, không ghi dấu trừ.",
            ),
            "remark": Input(),
        }
        kind = "Điểm cộng" if item.kind == "bonus" else "Điểm trừ"
        yield Row(f"@{item.code}", {"unit": f"{kind} {item.code}. {item.title}"}, "criterion", spans=True)
        for unit in content.units:
            cells: dict[str, Value] = {
                "unit": unit.name,
                "code": item.code,
                "title": item.title,
                "rule": adjustment_in_words(item),
            }
            if item.kind == "penalty" and unit.code in content.late:
                cells["hint"] = content.late[unit.code]
            yield Row(f"{unit.code}/{item.code}", cells, "component", inputs)


def _summary_row(content: ReviewContent, unit: Unit, departments: Sequence[str]) -> Row:
    submission = content.submissions.get(unit.code)
    cells: dict[str, Value] = {"unit": unit.name, "state": content.late.get(unit.code, "Đúng hạn")}
    if submission is not None:
        cells["self_points"] = submission.self_points(content.criteria)
    if unit.code in content.standing:
        cells["standing_points"] = content.standing[unit.code]
    total = 0
    for department in departments:
        own = [leaf.code for leaf in criteria_of(content.criteria, department)]
        done = sum((unit.code, code) in content.settled for code in own)
        total += done
        cells[f"dept-{department}"] = f"{done}/{len(own)}"
    cells["settled"] = f"{total}/{len(content.criteria.self_scored)}"
    return Row(f"@{unit.code}", cells, "component")


def _tab(name: str) -> str:
    """Return a tab name that Excel takes: without its forbidden characters, not too long."""
    kept = "".join(c for c in name if c not in r"[]:*?/\\'")
    return kept if len(kept) <= _TAB_NAME else kept[: _TAB_NAME - 1].rstrip() + "…"
