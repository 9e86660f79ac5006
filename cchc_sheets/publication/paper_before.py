"""The papers before and at the deadline: plan, guidance, reminder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cchc_sheets.assessment.appraisal import criteria_of
from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.progress import Progress
from cchc_sheets.layouts.progress_words import lacking, state_words
from cchc_sheets.layouts.rule_words import rule_in_words
from cchc_sheets.publication.facts import Facts, Head
from cchc_sheets.publication.grid import Grid, GridColumn, Line, cell_words
from cchc_sheets.publication.paper_content import (
    Content,
    council_of,
    head_names,
    set_figures,
    sum_of,
    title_of,
    word_names,
)
from cchc_sheets.publication.wording import counted, hour_and_day, plain, points_in_table, several
from cchc_sheets.vietnamese import day, number, sort_key

_FEW: Final = 5
_MOST_CODES: Final = 12
_END_OF_WORK: Final = 17


def plan_content(facts: Facts, head: Head) -> Content:
    """Return the plan (kế hoạch): the six tasks with their dates, who does what, and the criteria as annex."""
    calendar = facts.calendar
    return Content(
        f"Kế hoạch đánh giá, xác định Chỉ số cải cách hành chính {facts.words.units} năm {facts.year}",
        head.year,
        {
            **head_names(head, "Kế hoạch"),
            **word_names(facts),
            **set_figures(facts),
            "basis": plain(facts.words.basis),
            "deadline": hour_and_day(calendar.self_assessment),
            "department_lines": list(_department_lines(facts)),
            "task_table": "",
            "criteria_table": "",
        },
        {"task_table": _task_grid(facts), "criteria_table": _criteria_grid(facts)},
    )


def guidance_content(facts: Facts, head: Head) -> Content:
    """Return the guidance letter (công văn hướng dẫn): how to fill the workbook in, by when, whom to ask."""
    calendar = facts.calendar
    return Content(
        f"Hướng dẫn tự đánh giá, chấm điểm Chỉ số cải cách hành chính năm {facts.year}",
        head.year,
        {
            **head_names(head, "Công văn"),
            **word_names(facts),
            **set_figures(facts),
            "deadline": hour_and_day(calendar.self_assessment),
            "appraisal_deadline": day(calendar.appraisal),
            "appraisal_by": _by(calendar.appraisal),
            "explanation_deadline": hour_and_day(calendar.explanation) if calendar.explanation else "",
            "has_penalties": any(item.kind == "penalty" for item in facts.criteria.adjustments),
            "not_occurred_full": _codes_where(facts, "full"),
            "not_occurred_exclude": _codes_where(facts, "exclude"),
            "department_table": "",
        },
        {"department_table": _department_grid(facts)},
    )


def reminder_content(facts: Facts, head: Head) -> Content:
    """Return the reminder (công văn đôn đốc): who has not finished, and what is missing."""
    waiting = _waiting(facts)
    moment = facts.moment or facts.calendar.self_assessment
    return Content(
        f"Đôn đốc tự đánh giá, chấm điểm Chỉ số cải cách hành chính năm {facts.year}",
        head.year,
        {
            **head_names(head, "Công văn"),
            **word_names(facts),
            "moment": hour_and_day(moment),
            "deadline": hour_and_day(facts.calendar.self_assessment),
            "ready_count": several(len(facts.progress) - len(waiting)),
            "waiting_count": counted(len(waiting)),
            "late_count": counted(sum(progress.is_late for progress in waiting)),
            "is_over": any(progress.is_late for progress in waiting),
            "waiting_table": "",
        },
        {"waiting_table": _waiting_grid(waiting)},
    )


_TASK_COLUMNS: Final = (
    GridColumn("TT"),
    GridColumn("Nhiệm vụ", 36, "left"),
    GridColumn("Thời gian thực hiện", 18),
    GridColumn("Cơ quan chủ trì", 18),
    GridColumn("Cơ quan phối hợp", 24),
)


def _tasks(facts: Facts) -> tuple[tuple[str, str, str, str], ...]:
    """Return the six tasks of the plan: what, by when, who leads, who takes part."""
    words, calendar = facts.words, facts.calendar
    councils = f"Ủy ban nhân dân {words.units_alone}"
    return (
        (
            f"Triển khai Kế hoạch; giao phiếu và hướng dẫn các đơn vị tự đánh giá, chấm điểm năm {facts.year}",
            _done_by(calendar.provision),
            words.office,
            "Các cơ quan thẩm định",
        ),
        (
            "Tự đánh giá, chấm điểm (gửi báo cáo tự đánh giá, bảng chấm điểm, tài liệu kiểm chứng và giải trình về "
            f"{words.office})",
            f"Trước {hour_and_day(calendar.self_assessment)}",
            councils,
            words.office,
        ),
        (
            "Thẩm định kết quả tự đánh giá, chấm điểm của các đơn vị"
            + ("; tiếp nhận giải trình của các đơn vị" if calendar.explanation else ""),
            _done_by(calendar.appraisal)
            if calendar.explanation is None
            else f"Thẩm định xong {_by(calendar.appraisal)}; giải trình trước {hour_and_day(calendar.explanation)}",
            words.council,
            councils,
        ),
        (
            "Điều tra xã hội học; tổng hợp, xây dựng báo cáo kết quả Chỉ số cải cách hành chính"
            if facts.criteria.survey_points
            else "Tổng hợp, xây dựng báo cáo kết quả Chỉ số cải cách hành chính",
            _done_by(calendar.decision),
            words.office,
            words.council,
        ),
        (
            f"Họp thống nhất kết quả và trình {words.chair} phê duyệt kết quả Chỉ số cải cách hành chính",
            _done_by(calendar.decision),
            words.office,
            f"{words.council}; các cơ quan, đơn vị có liên quan",
        ),
        (
            f"Công bố Chỉ số cải cách hành chính {words.units_alone} năm {facts.year}",
            _done_by(calendar.publication),
            words.office,
            "Các cơ quan, đơn vị có liên quan",
        ),
    )


def _task_grid(facts: Facts) -> Grid:
    """Lay out the six tasks of the plan with their dates."""
    lines = (Line((str(place), *map(plain, cells))) for place, cells in enumerate(_tasks(facts), start=1))
    return Grid(_TASK_COLUMNS, tuple(lines), 12)


def _done_by(moment: datetime) -> str:
    return f"Hoàn thành {_by(moment)}"


def _by(moment: datetime) -> str:
    """Say by when: a deadline at the end of the working day leaves the whole day."""
    return f"chậm nhất ngày {day(moment)}" if moment.hour >= _END_OF_WORK else f"trước {hour_and_day(moment)}"


def _department_lines(facts: Facts) -> Iterator[str]:
    """Say of each department how many criteria it guides and appraises, and in which fields."""
    for name, own in _owned(facts):
        fields = [field.code for field in facts.criteria.fields if any(leaf in own for leaf in field.leaves)]
        points = number(sum_of([leaf.max_points for leaf in own]))
        yield (
            f"{name}: {counted(len(own))} tiêu chí, {points} điểm, thuộc lĩnh vực "
            f"{', '.join(plain(code) for code in fields)}"
        )


def _owned(facts: Facts) -> Iterator[tuple[str, list[Criterion]]]:
    """Yield each department that appraises anything, with its criteria."""
    for identity, name in facts.words.departments.items():
        own = list(criteria_of(facts.criteria, identity))
        if own:
            yield plain(name), own


def _department_grid(facts: Facts) -> Grid:
    columns = (
        GridColumn("TT"),
        GridColumn("Cơ quan hướng dẫn, thẩm định", 30, "left"),
        GridColumn("Tiêu chí được phân công", 46, "left"),
        GridColumn("Số tiêu chí"),
        GridColumn("Điểm tối đa"),
    )
    owned = list(_owned(facts))
    lines = [
        Line(
            (
                str(place),
                name,
                ", ".join(plain(leaf.code) for leaf in own),
                str(len(own)),
                points_in_table(sum_of([leaf.max_points for leaf in own])),
            )
        )
        for place, (name, own) in enumerate(owned, start=1)
    ]
    every = [leaf for _, own in owned for leaf in own]
    total = points_in_table(sum_of([leaf.max_points for leaf in every]))
    return Grid(columns, (*lines, Line(("", "Tổng cộng", "", str(len(every)), total), is_bold=True)), 12)


def _codes_where(facts: Facts, treatment: str) -> str:
    return ", ".join(plain(leaf.code) for leaf in facts.criteria.leaves if leaf.not_occurred == treatment)


def _criteria_grid(facts: Facts) -> Grid:
    """Lay out the whole criteria set: branches in bold, leaves with their rule and who appraises them."""
    columns = (
        GridColumn("Mã"),
        GridColumn("Lĩnh vực, tiêu chí, tiêu chí thành phần", 36, "left"),
        GridColumn("Điểm tối đa"),
        GridColumn("Cách chấm điểm", 44, "left"),
        GridColumn("Cơ quan thẩm định", 20),
    )
    lines = [
        Line(
            (
                plain(criterion.code),
                title_of(criterion),
                points_in_table(criterion.max_points),
                cell_words(rule_in_words(criterion)) if not criterion.parts else "",
                _appraiser(facts, criterion),
            ),
            is_bold=bool(criterion.parts),
        )
        for field in facts.criteria.fields
        for criterion in field.walk()
    ]
    total = Line(("", "Tổng cộng", points_in_table(facts.criteria.total_points), "", ""), is_bold=True)
    return Grid(columns, (*lines, total), 11)


def _appraiser(facts: Facts, criterion: Criterion) -> str:
    if criterion.parts:
        return ""
    if criterion.is_surveyed:
        return "Điều tra xã hội học"
    if not criterion.is_self_scored:
        return "Hệ thống cấp trên"
    return plain(facts.words.departments.get(criterion.department, criterion.department))


def _waiting_grid(waiting: list[Progress]) -> Grid:
    columns = (
        GridColumn("TT"),
        GridColumn("Đơn vị", 22, "left"),
        GridColumn("Tình trạng", 22, "left"),
        GridColumn("Đã chấm"),
        GridColumn("Nội dung còn thiếu, cần sửa", 46, "left"),
    )
    lines = (
        Line(
            (
                str(place),
                plain(progress.unit.name),
                state_words(progress) + (" (quá hạn)" if progress.is_late else ""),
                f"{progress.answered}/{progress.of}",
                "\n".join(f"- {line}" for line in lacking(progress, _MOST_CODES)),
            )
        )
        for place, progress in enumerate(waiting, start=1)
    )
    return Grid(columns, tuple(lines), 12)


def few_addressees(facts: Facts) -> tuple[str, ...]:
    """Return those the reminder goes to: by name if they are few, else all on the list."""
    waiting = _waiting(facts)
    if len(waiting) > _FEW:
        return (f"Ủy ban nhân dân {facts.words.units_alone} có tên trong danh sách",)
    return tuple(council_of(progress.unit) for progress in waiting)


def _waiting(facts: Facts) -> list[Progress]:
    """Return who has not finished, by name: the letter is addressed in the order of its table."""
    waiting = (progress for progress in facts.progress if not progress.is_ready)
    return sorted(waiting, key=lambda progress: (sort_key(plain(progress.unit.name)), progress.unit.code))
