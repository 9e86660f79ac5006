"""The papers of the results: synthesis report, submission, announcement."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.changes import findings_of, has_claims, tally
from cchc_sheets.publication.facts import Facts, Head, Reached
from cchc_sheets.publication.grid import Grid, GridColumn, Line
from cchc_sheets.publication.paper_adjustments import TABLE as ADJUSTMENT_TABLE
from cchc_sheets.publication.paper_adjustments import adjustment_grids
from cchc_sheets.publication.paper_content import (
    NOTHING,
    Content,
    head_names,
    set_figures,
    sum_of,
    title_of,
    word_names,
)
from cchc_sheets.publication.paper_extremes import extreme_names
from cchc_sheets.publication.paper_minutes import late_lines, round_names
from cchc_sheets.publication.paper_survey import TABLE as SURVEY_TABLE
from cchc_sheets.publication.paper_survey import survey_grids, survey_names
from cchc_sheets.publication.paper_trend import trend_grids, trend_names
from cchc_sheets.publication.standings_grids import (
    by_share,
    class_grid,
    extreme_grid,
    field_grid,
    ranking_grid,
)
from cchc_sheets.publication.wording import (
    class_counts,
    counted,
    phrase,
    plain,
    points_in_table,
    printed_mean,
    share_of,
    signed,
)

_MOST_NAMED: Final = 5


def report_content(facts: Facts, head: Head) -> Content:
    """Return the synthesis report (báo cáo tổng hợp): results, fields, criteria, changes, explanations, last year."""
    ordered = by_share(facts)
    shown = min(_MOST_NAMED, len(ordered) // 2)
    found = tally(findings_of(facts))
    fields = sorted((facts.reached[field.code] for field in facts.criteria.fields), key=lambda one: -one.share)
    fields = [one for one in fields if one.attainable]
    best, weakest = fields[0], fields[-1]
    grids = _report_grids(facts, ordered[:shown], ordered[::-1][:shown])
    return Content(
        f"Báo cáo kết quả Chỉ số cải cách hành chính {facts.words.units} năm {facts.year}",
        head.year,
        {
            **head_names(head, "Báo cáo"),
            **word_names(facts),
            **set_figures(facts),
            **result_names(facts),
            **round_names(facts),
            **trend_names(facts),
            **survey_names(facts),
            "submitted_count": counted(sum(not facts.submission(one).is_blank for one in facts.units)),
            "late_lines": late_lines(facts),
            "finding_count": str(found.findings),
            "kept_count": str(found.kept),
            "changed_count": str(found.changed),
            "lowered_count": str(found.lowered),
            "raised_count": str(found.raised),
            "unclaimed_count": str(found.unclaimed) if found.unclaimed else "",
            "with_survey": facts.record.with_survey and bool(facts.criteria.survey_points),
            "best_field": f"{title_of(best.criterion)} ({share_of(best.points, best.attainable)})",
            "weakest_field": f"{title_of(weakest.criterion)} ({share_of(weakest.points, weakest.attainable)})",
            "left_aside": _left_aside(facts),
            ADJUSTMENT_TABLE: "",
            "adjustment_annex": "IV" if SURVEY_TABLE in grids else "III",
            **dict.fromkeys(grids, ""),
        },
        grids,
    )


def _report_grids(facts: Facts, best: list[Reached], weakest: list[Reached]) -> dict[str, Grid]:
    return {
        "class_table": class_grid(facts),
        "field_table": field_grid(facts),
        "best_table": extreme_grid(facts, best),
        "weakest_table": extreme_grid(facts, weakest),
        "change_table": _field_change_grid(facts),
        "ranking_table": ranking_grid(facts),
        "unit_table": _unit_change_grid(facts),
        **trend_grids(facts),
        **survey_grids(facts),
        **adjustment_grids(facts),
    }


def _left_aside(facts: Facts) -> str:
    """Say which points count towards the index but are in no table of what was claimed; "" if there are none."""
    criteria, entries = facts.criteria, facts.record.adjustments.entries
    outside = {item.code for item in criteria.adjustments if not item.criterion}
    told = (
        ("điểm điều tra xã hội học", facts.record.with_survey and bool(criteria.survey_points)),
        (
            "điểm lấy từ số liệu của cơ quan, hệ thống cấp trên",
            any(not leaf.is_self_scored and not leaf.is_surveyed for leaf in criteria.leaves),
        ),
        (
            "điểm cộng, điểm trừ không tính vào tiêu chí nào",
            any(code in outside and bool(entry.points) for (_, code), entry in entries.items()),
        ),
    )
    return "; ".join(words for words, is_there in told if is_there)


def submission_content(facts: Facts, head: Head) -> Content:
    """Return the submission (tờ trình) that asks for the approval of the results."""
    return Content(
        f"Tờ trình về việc phê duyệt kết quả Chỉ số cải cách hành chính {facts.words.units} năm {facts.year}",
        head.year,
        {
            **head_names(head, "Tờ trình"),
            **word_names(facts),
            **result_names(facts),
            "legal_bases": [phrase(basis) for basis in facts.words.legal_bases],
            "class_table": "",
        },
        {"class_table": class_grid(facts)},
    )


def announcement_content(facts: Facts, head: Head) -> Content:
    """Return the announcement of the results (thông báo), the ranking as its annex."""
    return Content(
        f"Thông báo kết quả Chỉ số cải cách hành chính {facts.words.units} năm {facts.year}",
        head.year,
        {
            **head_names(head, "Thông báo"),
            **word_names(facts),
            **result_names(facts),
            "ranking_table": "",
        },
        {"ranking_table": ranking_grid(facts, is_short=True)},
    )


def result_names(facts: Facts) -> dict[str, object]:
    """Return the results in words of running text."""
    return {
        "class_counts": class_counts(facts.standings, facts.policies),
        "mean_index": printed_mean(facts.standings, facts.policies),
        **extreme_names(facts),
    }


_CHANGE_COLUMNS: Final = (
    GridColumn("Điểm tự chấm"),
    GridColumn("Điểm đạt được của tiêu chí tự chấm"),
    GridColumn("Chênh lệch"),
)


def _claimed_and_standing(facts: Facts, units: Iterator[Unit], codes: set[str]) -> tuple[Decimal, Decimal]:
    """Return what was claimed and what stands of it, over these units and self-scored criteria."""
    standings = {one.unit.code: one.result.standing for one in facts.standings}
    claimed, stands = Decimal(0), Decimal(0)
    for unit in units:
        submission = facts.submission(unit)
        for leaf in facts.criteria.self_scored:
            if leaf.code in codes:
                claimed += submission.score(leaf.code).claimed(leaf) or Decimal(0)
                stands += standings[unit.code][leaf.code].points or Decimal(0)
    return claimed, stands


def _change_cells(claimed: Decimal, stands: Decimal) -> tuple[str, ...]:
    return points_in_table(claimed), points_in_table(stands), signed(stands - claimed)


def _field_change_grid(facts: Facts) -> Grid:
    """Lay out what the units claimed in each field and what stands of it, all units together."""
    lines = []
    for field in facts.criteria.fields:
        codes = {leaf.code for leaf in field.leaves if leaf.is_self_scored}
        if codes:
            cells = _change_cells(*_claimed_and_standing(facts, iter(facts.units), codes))
            lines.append(Line((plain(field.code), title_of(field), *cells)))
    whole = {leaf.code for leaf in facts.criteria.self_scored}
    total = ("", "Tổng cộng", *_change_cells(*_claimed_and_standing(facts, iter(facts.units), whole)))
    columns = (GridColumn("TT"), GridColumn("Lĩnh vực", 1, "left"), *_CHANGE_COLUMNS)
    return Grid(columns, (*lines, Line(total, is_bold=True)), 12)


def _unit_change_grid(facts: Facts) -> Grid:
    """Lay out for each unit what it claimed, what stands of it, and how its explanation round went."""
    whole = {leaf.code for leaf in facts.criteria.self_scored}
    columns = (
        GridColumn("TT"),
        GridColumn("Đơn vị", 1, "left"),
        *_CHANGE_COLUMNS,
        GridColumn("Tiêu chí giải trình"),
        GridColumn("Giữ nguyên"),
        GridColumn("Điều chỉnh"),
    )
    lines = []
    sums = [Decimal(0), Decimal(0)]
    rounds = [0, 0, 0]
    for place, unit in enumerate(facts.units, start=1):
        claimed, stands = _claimed_and_standing(facts, iter((unit,)), whole)
        counts = facts.record.round_of(unit.code)
        one = (counts.contested, counts.upheld, counts.changed)
        sums = [sum_of([sums[0], claimed]), sum_of([sums[1], stands])]
        rounds = [before + now for before, now in zip(rounds, one, strict=True)]
        cells = (*_change_cells(claimed, stands), *map(str, one))
        if not has_claims(facts.submission(unit), facts.criteria.self_scored):
            cells = (NOTHING, *cells[1:])  # who scored nothing has not scored 0
        lines.append(Line((str(place), plain(unit.name), *cells)))
    total = ("", "Tổng cộng", *_change_cells(sums[0], sums[1]), *map(str, rounds))
    return Grid(columns, (*lines, Line(total, is_bold=True)), 12)
