"""The minutes of the appraisal (biên bản thẩm định): what was changed, what was disputed, what was ruled."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cchc_sheets.assessment.appraisal import Place, criteria_of
from cchc_sheets.publication.changes import (
    Change,
    Tally,
    claimed_words,
    findings_of,
    found_words,
    names_not_occurred,
    tally,
)
from cchc_sheets.publication.facts import Facts, Head
from cchc_sheets.publication.grid import Grid, GridColumn, Line, cell_words
from cchc_sheets.publication.paper_adjustments import TABLE as ADJUSTMENT_TABLE
from cchc_sheets.publication.paper_adjustments import adjustment_grids
from cchc_sheets.publication.paper_content import NOTHING, Content, head_names, title_of, word_names
from cchc_sheets.publication.wording import counted, plain, points_in_table, signed

NO_CASE = "Không có trường hợp nào"


def minutes_content(facts: Facts, head: Head) -> Content:
    """Return the minutes, changes by department and unit and every ruling in three annexes."""
    found = list(findings_of(facts))
    whole = tally(found)
    changes, rulings = _change_grid(facts, found), ruling_grid(facts)
    submitted = [one for one in facts.units if not facts.submission(one).is_blank]
    return Content(
        f"Biên bản họp thẩm định Chỉ số cải cách hành chính năm {facts.year}",
        head.year,
        {
            **head_names(head, "Biên bản"),
            **word_names(facts),
            **round_names(facts),
            "departments": ", ".join(plain(name) for name in _appraising(facts)),
            "minutes_year": str(head.year),
            "submitted_count": counted(len(submitted)),
            "late_lines": late_lines(facts),
            "finding_count": str(whole.findings),
            "kept_count": str(whole.kept),
            "changed_count": str(whole.changed),
            "lowered_count": str(whole.lowered),
            "raised_count": str(whole.raised),
            "unclaimed_count": str(whole.unclaimed) if whole.unclaimed else "",
            "difference": signed(whole.points - whole.claimed),
            "department_table": "",
            "unit_table": "",
            "change_table": "",
            "ruling_table": "",
            "changes_name_kps": names_not_occurred(changes),
            "rulings_name_kps": names_not_occurred(rulings),
            ADJUSTMENT_TABLE: "",
        },
        {
            "department_table": _department_grid(facts, found),
            "unit_table": _unit_grid(facts, found),
            "change_table": changes,
            "ruling_table": rulings,
            **adjustment_grids(facts),
        },
    )


def _appraising(facts: Facts) -> Iterator[str]:
    """Yield the names of the departments that appraise anything."""
    return (name for identity, name in facts.words.departments.items() if any(criteria_of(facts.criteria, identity)))


def late_lines(facts: Facts) -> list[str]:
    """Return for each unit that handed in late or nothing what it did."""
    told = ((one, plain(facts.late[one.code])) for one in facts.units if one.code in facts.late)
    return [f"{plain(one.name)}: {words[:1].lower()}{words[1:]}" for one, words in told]


def round_names(facts: Facts) -> dict[str, object]:
    """Return how the explanation round went, for running text."""
    rounds = [facts.round_of(unit) for unit in facts.units]
    counts, waiting = [one for one, _ in rounds], sum(waiting for _, waiting in rounds)
    names = ("lowered", "agreed", "silent", "contested", "upheld", "changed", "open")
    totals = {f"round_{name}": str(sum(getattr(one, name) for one in counts)) for name in names}
    put = sum(bool(one.lowered) for one in counts)
    meeting = {place for place, ruling in facts.record.rulings.items() if ruling.source == "meeting"}
    contested = facts.record.contested
    return {
        **totals,
        "round_waiting": str(waiting) if waiting else "",
        "has_round": bool(facts.record.put),
        "round_units": counted(put),
        "meeting_rulings": _unless_none(meeting),
        "meeting_contested": _unless_none(meeting & contested),
        "meeting_beyond": _unless_none(meeting - contested),
        "dispute_count": str(len(contested | facts.record.rulings.keys())),
    }


def _unless_none(places: Collection[Place]) -> str:
    return str(len(places)) if places else ""


_COUNTS = (
    GridColumn("Số tiêu chí"),
    GridColumn("Giữ nguyên"),
    GridColumn("Giảm điểm"),
    GridColumn("Tăng điểm"),
    GridColumn("Không tự chấm"),
    GridColumn("Điểm tự chấm"),
    GridColumn("Điểm thẩm định"),
    GridColumn("Chênh lệch"),
)


def _counts(one: Tally, *, is_total: bool = False) -> tuple[str, ...]:
    """Return the cells of one line; where nothing was claimed there is no sum of claims, but for the total."""
    nothing = one.findings == one.unclaimed and not is_total
    return (
        *(str(value) for value in (one.findings, one.kept, one.lowered, one.raised, one.unclaimed)),
        NOTHING if nothing else points_in_table(one.claimed),
        points_in_table(one.points),
        signed(one.points - one.claimed),
    )


def _department_grid(facts: Facts, found: list[Change]) -> Grid:
    columns = (GridColumn("TT"), GridColumn("Cơ quan thẩm định", 1, "left"), *_COUNTS)
    lines: list[Line] = []
    for identity, name in facts.words.departments.items():
        own = {leaf.code for leaf in criteria_of(facts.criteria, identity)}
        if own:
            counts = _counts(tally(one for one in found if one.leaf.code in own))
            lines.append(Line((str(len(lines) + 1), plain(name), *counts)))
    return Grid(columns, (*lines, Line(("", "Tổng cộng", *_counts(tally(found), is_total=True)), is_bold=True)), 11)


def _unit_grid(facts: Facts, found: list[Change]) -> Grid:
    columns = (GridColumn("TT"), GridColumn("Đơn vị", 1, "left"), *_COUNTS)
    of_unit: dict[str, list[Change]] = {}
    for one in found:
        of_unit.setdefault(one.unit.code, []).append(one)
    lines = [
        Line((str(place), plain(unit.name), *_counts(tally(of_unit.get(unit.code, [])))))
        for place, unit in enumerate(facts.units, start=1)
    ]
    return Grid(columns, (*lines, Line(("", "Tổng cộng", *_counts(tally(found), is_total=True)), is_bold=True)), 11)


def _change_grid(facts: Facts, found: list[Change]) -> Grid:
    """Lay out every change, department by department."""
    columns = (
        GridColumn("TT"),
        GridColumn("Đơn vị", 16, "left"),
        GridColumn("Mã"),
        GridColumn("Tiêu chí", 34, "left"),
        GridColumn("Điểm tối đa"),
        GridColumn("Điểm tự chấm"),
        GridColumn("Điểm thẩm định"),
        GridColumn("Lý do", 40, "left"),
    )
    return Grid(columns, tuple(_change_lines(facts, [one for one in found if not one.is_kept])), 11)


def _change_lines(facts: Facts, changed: list[Change]) -> Iterator[Line]:
    if not changed:
        yield Line((NO_CASE,))
    place = 0
    for identity, name in facts.words.departments.items():
        own = [one for one in changed if one.leaf.department == identity]
        if own:
            yield Line((plain(name),))
        for one in own:
            place += 1
            yield Line(
                (
                    str(place),
                    plain(one.unit.name),
                    plain(one.leaf.code),
                    title_of(one.leaf),
                    points_in_table(one.leaf.max_points),
                    claimed_words(one.leaf, one.score),
                    found_words(one.finding),
                    cell_words(one.finding.remark) or NOTHING,
                )
            )


def ruling_grid(facts: Facts) -> Grid:
    """Lay out what units contested, and what was ruled on it or by the final meeting."""
    columns = (
        GridColumn("TT"),
        GridColumn("Đơn vị", 15, "left"),
        GridColumn("Mã"),
        GridColumn("Điểm tự chấm"),
        GridColumn("Điểm thẩm định"),
        GridColumn("Giải trình của đơn vị", 38, "left"),
        GridColumn("Điểm kết luận"),
        GridColumn("Lý do", 32, "left"),
    )
    lines: list[Line] = []
    for unit in facts.units:
        submission = facts.submission(unit)
        for leaf in facts.criteria.self_scored:
            place = (unit.code, leaf.code)
            explanation, ruling = facts.record.explanations.get(place), facts.record.rulings.get(place)
            if ruling is None and (explanation is None or not explanation.is_contested):
                continue
            lines.append(
                Line(
                    (
                        str(len(lines) + 1),
                        plain(unit.name),
                        plain(leaf.code),
                        claimed_words(leaf, submission.score(leaf.code)),
                        found_words(facts.record.findings.get(place)),
                        cell_words(explanation.text) or NOTHING if explanation else NOTHING,
                        NOTHING if ruling is None else points_in_table(ruling.points),
                        NOTHING if ruling is None else cell_words(ruling.reason) or NOTHING,
                    )
                )
            )
    return Grid(columns, tuple(lines) or (Line((NO_CASE,)),), 11)
