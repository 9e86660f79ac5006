"""The notice of one unit's result (thông báo kết quả): criterion by criterion, and how to win lost points back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.index import StandingPoints, rounded
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.standing import given_points
from cchc_sheets.assessment.units import Unit
from cchc_sheets.layouts.rule_words import guidance_in_words
from cchc_sheets.publication.changes import claimed_words, found_words, has_claims, names_not_occurred
from cchc_sheets.publication.facts import Facts, Head
from cchc_sheets.publication.grid import Grid, GridColumn, Line, cell_words
from cchc_sheets.publication.paper_content import (
    NOTHING,
    Content,
    council_of,
    head_names,
    in_text,
    sum_of,
    title_of,
    word_names,
)
from cchc_sheets.publication.standings_grids import printed_index
from cchc_sheets.publication.survey_words import measured_words
from cchc_sheets.publication.trend_words import since
from cchc_sheets.publication.wording import plain, points_in_table, printed_mean, several, share_of


def notice_content(facts: Facts, head: Head, unit: Unit) -> Content:
    """Return a unit's notice: its index, rank and class, its fields, every criterion, what was lost and why."""
    standing = facts.standing(unit)
    result = standing.result
    lost = list(_lost(facts, standing))
    criteria = _criteria_grid(facts, standing)
    ranked = sum(one.rank is not None and one.group == standing.group for one in facts.standings)
    return Content(
        f"Thông báo kết quả Chỉ số cải cách hành chính năm {facts.year} của {in_text(unit)}",
        head.year,
        {
            **head_names(head, "Thông báo"),
            **word_names(facts),
            "unit": in_text(unit),
            "unit_council": council_of(unit),
            "index": printed_index(facts, standing),
            "mean_index": printed_mean(facts.standings, facts.policies),
            "rank": "" if standing.rank is None else f"{standing.rank}/{ranked}",
            "class_name": plain(standing.class_name),
            "since": _since(facts, standing),
            "points": points_in_table(result.points),
            "attainable_points": points_in_table(result.attainable_points),
            "appraisal_points": points_in_table(result.appraisal_points),
            "survey_points": "" if result.survey_points is None else points_in_table(result.survey_points),
            "adjustment_lines": list(_adjustment_lines(facts, unit)),
            "late": plain(facts.late.get(unit.code, "")),
            "lost_count": several(len(lost)),
            "lost_points": points_in_table(sum_of([points for _, points in lost])),
            "fields_table": "",
            "criteria_table": "",
            "criteria_name_kps": names_not_occurred(criteria),
            "lost_table": "",
        },
        {
            "fields_table": _fields_grid(facts, standing),
            "criteria_table": criteria,
            "lost_table": _lost_grid(facts, standing, lost),
        },
    )


def _since(facts: Facts, standing: Standing) -> str:
    """Return what has changed since last year; nothing where no year before is known."""
    return "" if facts.trend is None else since(facts.trend, facts.trend.units[standing.unit.code])


def _adjustment_lines(facts: Facts, unit: Unit) -> Iterator[str]:
    for item in facts.criteria.adjustments:
        entry = facts.record.adjustments.entries.get((unit.code, item.code))
        if entry is not None and entry.points:
            kind = "Điểm cộng" if item.kind == "bonus" else "Điểm trừ"
            into = f", trừ vào tiêu chí {plain(item.criterion)}" if item.criterion else ""
            reason = f" ({plain(entry.remark).rstrip('.')})" if entry.remark else ""
            yield f"{kind} {plain(item.code)}. {plain(item.title)}: {points_in_table(entry.points)} điểm{into}{reason}"


def _fields_grid(facts: Facts, standing: Standing) -> Grid:
    columns = (
        GridColumn("TT"),
        GridColumn("Lĩnh vực", 1, "left"),
        GridColumn("Điểm tối đa có thể đạt"),
        GridColumn("Điểm đạt được"),
        GridColumn("Tỷ lệ (%)"),
        GridColumn("Bình quân các đơn vị (%)"),
    )
    lines = [
        Line(
            (
                plain(field.code),
                plain(field.title),
                points_in_table(field.attainable_points),
                points_in_table(field.points),
                share_of(field.points, field.attainable_points).rstrip("%"),
                _mean_share(facts, field.code),
            )
        )
        for field in standing.result.fields
    ]
    attainable = sum_of([field.attainable_points for field in standing.result.fields])
    points = sum_of([field.points for field in standing.result.fields])
    total = ("", "Tổng cộng (chưa gồm điểm cộng, trừ)", points_in_table(attainable), points_in_table(points))
    return Grid(columns, (*lines, Line((*total, share_of(points, attainable).rstrip("%"), ""), is_bold=True)), 12)


def _mean_share(facts: Facts, code: str) -> str:
    mean = facts.field_means[code]
    return NOTHING if mean is None else vietnamese.fixed(rounded(mean * 100, 2), 2)


def _criteria_grid(facts: Facts, standing: Standing) -> Grid:
    """Lay out every criterion: maximum, claimed, found, ruled, standing, and the reasons."""
    columns = (
        GridColumn("Mã"),
        GridColumn("Tiêu chí", 46, "left"),
        GridColumn("Điểm tối đa"),
        GridColumn("Điểm tự chấm"),
        GridColumn("Điểm thẩm định"),
        GridColumn("Điểm kết luận"),
        GridColumn("Điểm đạt được"),
        GridColumn("Lý do", 54, "left"),
    )
    lines: list[Line] = []
    for field in facts.criteria.fields:
        leaves = [leaf for leaf in field.leaves if facts.counts(leaf)]
        if leaves:
            lines.append(Line((f"{plain(field.code)}. {title_of(field)}",)))
        lines += [_criterion_line(facts, standing, leaf) for leaf in leaves]
    counted = [leaf for leaf in facts.criteria.leaves if facts.counts(leaf)]
    points = [standing.result.standing[leaf.code].points or Decimal(0) for leaf in counted]
    claims = has_claims(facts.submission(standing.unit), facts.criteria.self_scored)
    total = (
        "",
        "Tổng cộng",
        points_in_table(sum_of([leaf.max_points for leaf in counted])),
        points_in_table(standing.result.self_points) if claims else NOTHING,
        "",
        "",
        points_in_table(sum_of(points)),
        "",
    )
    return Grid(columns, (*lines, Line(total, is_bold=True)), 11)


def _criterion_line(facts: Facts, standing: Standing, leaf: Criterion) -> Line:
    place = (standing.unit.code, leaf.code)
    stands = standing.result.standing[leaf.code]
    ruling = facts.record.rulings.get(place)
    score = facts.submission(standing.unit).score(leaf.code)
    return Line(
        (
            plain(leaf.code),
            title_of(leaf),
            points_in_table(leaf.max_points),
            claimed_words(leaf, score) if leaf.is_self_scored else NOTHING,
            found_words(facts.record.findings.get(place)) if leaf.is_self_scored else NOTHING,
            NOTHING if ruling is None else points_in_table(ruling.points),
            _stands_words(stands),
            "\n".join(_reasons(facts, standing, leaf)),
        )
    )


def _stands_words(stands: StandingPoints) -> str:
    """Return the points that stand; a penalty that may go below zero leaves some even where the rest is left out."""
    if stands.points is not None:
        return points_in_table(stands.points)
    return "KPS" if stands.is_excluded else NOTHING


def _reasons(facts: Facts, standing: Standing, leaf: Criterion) -> Iterator[str]:
    """Yield everything that was said of a criterion, and the penalties taken from it."""
    yield from _judged(facts, standing, leaf)
    yield from _penalties(facts, standing, leaf)


def _judged(facts: Facts, standing: Standing, leaf: Criterion, *, with_history: bool = True) -> Iterator[str]:
    """Yield what the department and those who ruled wrote, and where points come from that nobody appraised.

    Where they ruled otherwise than the department had found, its remark is no reason any more: it is told as what was
    before, and where a loss is explained (`with_history` False) left out if the ruling gave all points back.
    """
    place = (standing.unit.code, leaf.code)
    finding, ruling = facts.record.findings.get(place), facts.record.rulings.get(place)
    remark = cell_words(finding.remark) if finding is not None else ""
    is_overruled = finding is not None and ruling is not None and ruling.points != finding.points
    if remark and not is_overruled:
        yield remark
    if ruling is not None:
        who = "Kết luận" if ruling.source == "council" else "Kết luận của cuộc họp"
        yield f"{who}: {cell_words(ruling.reason)}" if ruling.reason else who
        claimed = facts.submission(standing.unit).score(leaf.code).claimed(leaf)
        if remark and is_overruled and (with_history or claimed is None or ruling.points < claimed):
            yield f"Ý kiến thẩm định trước khi kết luận: {remark}"
    if leaf.is_surveyed:
        measured = measured_words(facts.survey, standing.unit.code, leaf.code)
        yield f"Điều tra xã hội học: {measured}" if measured else "Điều tra xã hội học"
    elif not leaf.is_self_scored:
        yield "Số liệu của hệ thống cấp trên"


def _penalties(facts: Facts, standing: Standing, leaf: Criterion) -> Iterator[str]:
    """Yield the penalties taken from a criterion, with their reasons."""
    given = given_points(leaf, standing.unit.code, facts.record).points or Decimal(0)
    for item in facts.criteria.adjustments:
        entry = facts.record.adjustments.entries.get((standing.unit.code, item.code))
        if item.criterion == leaf.code and entry is not None and entry.points:
            floor = "" if item.below_zero or entry.points <= given else ", điểm tiêu chí không xuống dưới 0"
            reason = f" ({plain(entry.remark).rstrip('.')})" if entry.remark else ""
            yield f"Điểm trừ {plain(item.code)}: {points_in_table(entry.points)} điểm{floor}{reason}"


def _lost(facts: Facts, standing: Standing) -> Iterator[tuple[Criterion, Decimal]]:
    """Yield the criteria in which the unit is below what it could reach, with how much; most lost first."""
    lost = []
    for leaf in facts.criteria.leaves:
        stands = standing.result.standing[leaf.code]
        attainable = Decimal(0) if stands.is_excluded else leaf.max_points
        missing = attainable - (stands.points or Decimal(0))
        if facts.counts(leaf) and missing > 0:
            lost.append((leaf, missing))
    return iter(sorted(lost, key=lambda one: -one[1]))


def _lost_grid(facts: Facts, standing: Standing, lost: list[tuple[Criterion, Decimal]]) -> Grid:
    columns = (
        GridColumn("Mã"),
        GridColumn("Tiêu chí", 20, "left"),
        GridColumn("Điểm đạt được"),
        GridColumn("Điểm mất"),
        GridColumn("Lý do mất điểm", 28, "left"),
        GridColumn("Cách đạt điểm", 52, "left"),
    )
    lines = [
        Line(
            (
                plain(leaf.code),
                title_of(leaf),
                points_in_table(standing.result.standing[leaf.code].points or Decimal(0)),
                points_in_table(missing),
                _why(facts, standing, leaf),
                _how(leaf),
            )
        )
        for leaf, missing in lost
    ]
    return Grid(columns, tuple(lines) or (Line(("Đơn vị đạt điểm tối đa ở mọi tiêu chí",)),), 11)


def _why(facts: Facts, standing: Standing, leaf: Criterion) -> str:
    """Say why points were lost: in the words of those who judged, else what the figures show; then the penalties."""
    said = list(_judged(facts, standing, leaf, with_history=False))
    given = given_points(leaf, standing.unit.code, facts.record)
    if not said and not given.is_excluded and (given.points or Decimal(0)) < leaf.max_points:
        score = facts.submission(standing.unit).score(leaf.code)
        words = claimed_words(leaf, score)
        claimed = "Đơn vị chọn «Không phát sinh»" if score.not_occurred else f"Đơn vị tự chấm {words} điểm"
        said.append(claimed if score.is_answered() else "Đơn vị không chấm điểm tiêu chí này")
    return "\n".join((*said, *_penalties(facts, standing, leaf)))


def _how(leaf: Criterion) -> str:
    if leaf.is_surveyed:
        return "Nâng mức độ hài lòng của người dân, tổ chức đối với nội dung được khảo sát"
    return cell_words(guidance_in_words(leaf))
