"""A unit's own report on its self-assessment (báo cáo tự đánh giá), made from its own recorded sheets."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.evidence_links import stands_in
from cchc_sheets.assessment.submission import SelfScore
from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.facts import Facts, Head
from cchc_sheets.publication.grid import Grid, GridColumn, Line, cell_words
from cchc_sheets.publication.paper_content import (
    NOTHING,
    Content,
    council_of,
    head_names,
    in_text,
    set_figures,
    sum_of,
    title_of,
    word_names,
)
from cchc_sheets.publication.wording import plain, points_in_table, several, share_of
from cchc_sheets.vietnamese import number


def self_report_content(facts: Facts, head: Head, unit: Unit) -> Content:
    """Return a unit's own report on its self-assessment (báo cáo tự đánh giá), ready for its signature."""
    submission = facts.submission(unit)
    scored = facts.criteria.self_scored
    scores = [(leaf, submission.score(leaf.code)) for leaf in scored]
    report = submission.report
    excluded = sum_of([leaf.max_points for leaf, score in scores if score.is_excluded(leaf)])
    total, attainable = submission.self_points(facts.criteria), sum_of([leaf.max_points for leaf in scored]) - excluded
    return Content(
        f"Báo cáo tự đánh giá, chấm điểm Chỉ số cải cách hành chính năm {facts.year} của {in_text(unit)}",
        head.year,
        {
            **head_names(head, "Báo cáo"),
            **word_names(facts),
            **set_figures(facts),
            "unit": in_text(unit),
            "unit_council": council_of(unit),
            "self_points": number(total),
            "attainable_points": number(attainable),
            "self_share": share_of(total, attainable),
            "answered_count": several(sum(score.is_answered() for _, score in scores)),
            "not_occurred_count": several(sum(score.not_occurred for _, score in scores)),
            "proved_count": several(sum(bool(score.evidence) for _, score in scores)),
            **{
                key: [plain(line).lstrip("-–•+ ") for line in report.get(key, "").splitlines() if plain(line)]
                for key in ("strengths", "weaknesses", "causes", "proposals")
            },
            "reporter": plain(report.get("reporter", "")),
            "phone": plain(report.get("phone", "")),
            "fields_table": "",
            "scores_table": "",
        },
        {"fields_table": _self_fields_grid(facts, unit), "scores_table": _scores_grid(facts, unit)},
    )


def _self_fields_grid(facts: Facts, unit: Unit) -> Grid:
    """Lay out what the unit claims in each field, against what it could."""
    submission = facts.submission(unit)
    columns = (
        GridColumn("TT"),
        GridColumn("Lĩnh vực", 60, "left"),
        GridColumn("Điểm tối đa tự chấm"),
        GridColumn("Loại do không phát sinh"),
        GridColumn("Điểm tự chấm"),
        GridColumn("Tỷ lệ (%)"),
    )
    lines = []
    sums = [sum_of([])] * 3
    for field in facts.criteria.fields:
        leaves = [leaf for leaf in field.leaves if leaf.is_self_scored]
        if not leaves:
            continue
        scores = [(leaf, submission.score(leaf.code)) for leaf in leaves]
        maximum = sum_of([leaf.max_points for leaf in leaves])
        excluded = sum_of([leaf.max_points for leaf, score in scores if score.is_excluded(leaf)])
        points = sum_of([score.claimed(leaf) or sum_of([]) for leaf, score in scores])
        sums = [total + part for total, part in zip(sums, (maximum, excluded, points), strict=True)]
        lines.append(Line((plain(field.code), title_of(field), *_field_cells(maximum, excluded, points))))
    total = Line(("", "Tổng cộng", *_field_cells(*sums)), is_bold=True)
    return Grid(columns, (*lines, total), 12)


def _field_cells(maximum: Decimal, excluded: Decimal, points: Decimal) -> tuple[str, ...]:
    share = share_of(points, maximum - excluded).rstrip("%")
    return points_in_table(maximum), points_in_table(excluded), points_in_table(points), share


def _scores_grid(facts: Facts, unit: Unit) -> Grid:
    """Lay out the unit's own sheet: points, figures, evidence and notes of every criterion it scores."""
    submission = facts.submission(unit)
    columns = (
        GridColumn("Mã"),
        GridColumn("Tiêu chí", 28, "left"),
        GridColumn("Điểm tối đa"),
        GridColumn("Điểm tự chấm"),
        GridColumn("Số liệu"),
        GridColumn("Tài liệu kiểm chứng", 34, "left"),
        GridColumn("Ghi chú", 22, "left"),
    )
    lines: list[Line] = []
    for field in facts.criteria.fields:
        leaves = [leaf for leaf in field.leaves if leaf.is_self_scored]
        if leaves:
            lines.append(Line((f"{plain(field.code)}. {title_of(field)}",)))
        lines += [_score_line(leaf, submission.score(leaf.code)) for leaf in leaves]
    maximum = points_in_table(sum_of([leaf.max_points for leaf in facts.criteria.self_scored]))
    total = ("", "Tổng cộng", maximum, points_in_table(submission.self_points(facts.criteria)), "", "", "")
    return Grid(columns, (*lines, Line(total, is_bold=True)), 11)


def _score_line(leaf: Criterion, score: SelfScore) -> Line:
    claimed = score.claimed(leaf)
    declared = [number(value) for value in (score.declared.numerator, score.declared.denominator) if value is not None]
    note = "\n".join(part for part in ("Không phát sinh" if score.not_occurred else "", score.note) if part)
    return Line(
        (
            plain(leaf.code),
            title_of(leaf),
            points_in_table(leaf.max_points),
            NOTHING if claimed is None else points_in_table(claimed),
            "/".join(declared) or NOTHING,
            cell_words("\n".join((score.evidence.text, *_other_links(score)))),
            cell_words(note),
        )
    )


def _other_links(score: SelfScore) -> Iterator[str]:
    """Yield the addresses behind the caption that are not spelled out in it."""
    return (link for link in score.evidence.links if not stands_in(link, score.evidence.text))
