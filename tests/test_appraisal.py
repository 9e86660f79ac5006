"""What appraisers write: which findings count, and what is told about those that do not."""

from __future__ import annotations

import pytest
from criteria_sets import CYCLE, OFFICE, A, B, D, F, Typed, criteria_set, review_sheet, row, with_rows, workbook

from cchc_sheets.assessment.appraisal import (
    Appraisal,
    Entry,
    Finding,
    departments_of,
    parse_appraisal,
    rule_difference,
    rule_points,
    shown_self_score,
    unappraised,
)
from cchc_sheets.assessment.index import StandingPoints
from cchc_sheets.assessment.scoring import Declared
from cchc_sheets.assessment.standing import standing_points
from cchc_sheets.assessment.submission import SelfScore, Submission
from cchc_sheets.reading import SheetReading

CRITERIA = criteria_set("""
    1
        1.1 2 levels 0 1 2
        1.2 3 ratio kps=exclude
        1.3 1 points 0.25 kps=full
    2 by=tu-phap
        2.1 1 points 0.5
    3 5 survey
""")
SCORES = {
    ("a", "1.1"): SelfScore(D(1)),
    ("a", "1.2"): SelfScore(not_occurred=True),
    ("a", "1.3"): SelfScore(not_occurred=True),
    ("b", "1.2"): SelfScore(D("2.55"), declared=Declared(D(17), D(20))),
    ("a", "2.1"): SelfScore(D("0.5")),
}
SUBMISSIONS = {unit: Submission(unit, {c: s for (u, c), s in SCORES.items() if u == unit}) for unit in ("a", "b")}
# Rows of the office's sheet: 5 a/1.1, 6 b/1.1, 7 a/1.2, 8 b/1.2, 9 a/1.3, 10 b/1.3. Verdict K, points L, remark M.


def read(*sheets: SheetReading, rechecks: dict[tuple[str, str], Entry] | None = None) -> Appraisal:
    return parse_appraisal(
        workbook(*sheets),
        cycle=CYCLE,
        units=(A, B),
        criteria=CRITERIA,
        submissions=SUBMISSIONS,
        rechecks=rechecks or {},
    )


def typed(unit: str, code: str, **cells: Typed) -> Appraisal:
    return read(review_sheet(CRITERIA, {(unit, code): cells}, scores=SCORES))


def told(appraisal: Appraisal) -> list[tuple[str, str | int | None, str | int | None]]:
    return [(p.code, p.row, p.column) for p in appraisal.problems]


def test_an_agreement_takes_the_self_score_over() -> None:
    appraisal = typed("a", "1.1", verdict="Đồng ý")
    assert appraisal.findings == {("a", "1.1"): Finding(D(1), is_agreed=True)}
    assert appraisal.problems == ()


def test_an_adjustment_with_a_reason_replaces_it() -> None:
    appraisal = typed("b", "1.2", verdict="Điều chỉnh", appraised_points="2,1", remark="Theo hồ sơ 2 lần trễ hạn")
    assert appraisal.findings == {("b", "1.2"): Finding(D("2.1"), is_agreed=False, remark="Theo hồ sơ 2 lần trễ hạn")}
    assert appraisal.problems == ()


def test_untouched_rows_are_no_findings() -> None:
    appraisal = read(review_sheet(CRITERIA, {}, scores=SCORES))
    assert (appraisal.findings, appraisal.entries, appraisal.problems) == ({}, {}, ())


def test_a_remark_alone_is_kept_but_is_no_finding() -> None:
    appraisal = typed("a", "1.1", remark="Xem lại")
    assert appraisal.findings == {}
    assert appraisal.entries == {("a", "1.1"): Entry("", "", "Xem lại", "1")}


@pytest.mark.parametrize(
    ("unit", "code", "cells", "problem", "column", "what"),
    [
        ("b", "1.1", {"verdict": "Đồng ý"}, "nothing_to_agree", "verdict", "K6: there is no self-score to agree with"),
        (
            "a",
            "1.1",
            {"verdict": "Đồng ý", "appraised_points": "2"},
            "agree_but_differs",
            "appraised_points",
            "L5: «Đồng ý» stands beside 2 points, but the self-score is 1",
        ),
        (
            "a",
            "1.2",
            {"verdict": "Đồng ý", "appraised_points": "3"},
            "agree_but_differs",
            "appraised_points",
            "L7: «Đồng ý» stands beside 3 points, but the self-score is –",
        ),
        (
            "a",
            "1.1",
            {"verdict": "Điều chỉnh", "remark": "x"},
            "points_missing",
            "appraised_points",
            "L5: «Điều chỉnh» without points",
        ),
        (
            "a",
            "1.1",
            {"verdict": "Điều chỉnh", "appraised_points": "0"},
            "remark_missing",
            "remark",
            "M5: the points are changed from 1 to 0 without a reason",
        ),
        (
            "b",
            "1.1",
            {"verdict": "Điều chỉnh", "appraised_points": "0"},
            "remark_missing",
            "remark",
            "M6: the points are changed from – to 0 without a reason",
        ),
        (
            "a",
            "1.1",
            {"verdict": "Điều chỉnh", "appraised_points": "3", "remark": "x"},
            "above_max",
            "appraised_points",
            "L5: 3 points is above the maximum 2",
        ),
        (
            "a",
            "1.1",
            {"verdict": "Điều chỉnh", "appraised_points": "-1", "remark": "x"},
            "negative",
            "appraised_points",
            "L5: -1 points is below zero",
        ),
        (
            "a",
            "1.1",
            {"verdict": "Điều chỉnh", "appraised_points": "0,5", "remark": "x"},
            "off_step",
            "appraised_points",
            "L5: 0.5 points is none of the levels",
        ),
        (
            "a",
            "1.1",
            {"verdict": "Điều chỉnh", "appraised_points": "một", "remark": "x"},
            "not_a_number",
            "appraised_points",
            "L5: «một» is not a number",
        ),
        (
            "a",
            "1.1",
            {"verdict": "Đồng ý", "appraised_points": "1.250"},
            "thousands",
            "appraised_points",
            "L5: «1.250» may have a thousands separator",
        ),
        ("a", "1.1", {"verdict": "OK"}, "choice_unknown", "verdict", "K5: «OK» is not a choice of this cell"),
        (
            "a",
            "1.1",
            {"appraised_points": "1"},
            "verdict_missing",
            "verdict",
            "K5: points without a verdict do not count",
        ),
    ],
)
def test_a_finding_that_cannot_count_is_told_with_its_cell(
    unit: str, code: str, cells: dict[str, Typed], problem: str, column: str, what: str
) -> None:
    appraisal = typed(unit, code, **cells)
    assert appraisal.findings == {}
    assert told(appraisal) == [(problem, f"{unit}/{code}", column)]
    assert appraisal.problems[0].severity == "error"
    assert appraisal.problems[0].what.said_in("en").partition("» ")[2] == what


def test_agreeing_beside_the_same_points_is_no_contradiction() -> None:
    appraisal = typed("a", "1.1", verdict="ĐỒNG Ý ", appraised_points="1,0")
    assert appraisal.findings == {("a", "1.1"): Finding(D(1), is_agreed=True)}


def test_adjusting_to_the_same_points_needs_no_reason() -> None:
    appraisal = typed("a", "1.1", verdict="Điều chỉnh", appraised_points="1")
    assert appraisal.findings == {("a", "1.1"): Finding(D(1), is_agreed=False)}


def test_agreeing_with_not_occurred_gives_what_the_set_says() -> None:
    excluded, full = CRITERIA.by_code["1.2"], CRITERIA.by_code["1.3"]
    finding = typed("a", "1.2", verdict="Đồng ý").findings["a", "1.2"]
    assert finding == Finding(None, is_agreed=True)
    assert standing_points(excluded, SCORES["a", "1.2"], finding) == StandingPoints(None, "finding", is_excluded=True)
    finding = typed("a", "1.3", verdict="Đồng ý").findings["a", "1.3"]
    assert standing_points(full, SCORES["a", "1.3"], finding) == StandingPoints(D(1), "finding")


def test_refusing_not_occurred_brings_the_criterion_back_into_the_maximum() -> None:
    finding = typed("a", "1.2", verdict="Điều chỉnh", appraised_points="0", remark="Có phát sinh").findings["a", "1.2"]
    stands = standing_points(CRITERIA.by_code["1.2"], SCORES["a", "1.2"], finding)
    assert stands == StandingPoints(D(0), "finding")


def test_without_finding_the_claim_stands_and_a_blank_is_nothing() -> None:
    leaf = CRITERIA.by_code["1.2"]
    assert standing_points(leaf, SelfScore(D(1)), None) == StandingPoints(D(1), "self_score")
    assert standing_points(leaf, SelfScore(), None) == StandingPoints(None, "none")
    assert standing_points(leaf, SelfScore(D(0)), None) == StandingPoints(D(0), "self_score")


def test_a_verdict_on_a_self_score_that_has_changed_does_not_count() -> None:
    shown_before = review_sheet(
        CRITERIA, {("a", "1.1"): {"verdict": "Đồng ý"}}, scores=SCORES | {("a", "1.1"): SelfScore(D(2))}
    )
    appraisal = read(shown_before)
    assert appraisal.findings == {}
    assert told(appraisal) == [("self_score_changed", "a/1.1", "verdict")]
    assert (
        appraisal.problems[0]
        .what.said_in("en")
        .endswith("K5: the self-score has changed from «2» to «1» since this was written; it does not count any more")
    )


def test_a_verdict_marked_for_recheck_counts_again_only_when_something_is_retyped() -> None:
    before = {("a", "1.1"): Entry("Đồng ý", "", "", "2")}
    sheet = review_sheet(CRITERIA, {("a", "1.1"): {"verdict": "Đồng ý"}}, scores=SCORES)
    assert read(sheet, rechecks=before).findings == {}
    assert told(read(sheet, rechecks=before)) == [("self_score_changed", "a/1.1", "verdict")]
    looked = {"verdict": "Đồng ý", "remark": "Đã xem lại"}
    appraisal = read(review_sheet(CRITERIA, {("a", "1.1"): looked}, scores=SCORES), rechecks=before)
    assert appraisal.findings == {("a", "1.1"): Finding(D(1), is_agreed=True, remark="Đã xem lại")}


def test_rows_sorted_with_their_keys_are_found_and_mixed_up_rows_are_not_read() -> None:
    sheet = review_sheet(CRITERIA, {("a", "1.1"): {"verdict": "Đồng ý"}}, scores=SCORES)
    assert read(with_rows(sheet, reversed(sheet.rows))).findings.keys() == {("a", "1.1")}
    first, second, *rest = sheet.rows
    mixed = with_rows(sheet, [row(first.key, 5, **second.cells), row(second.key, 6, **first.cells), *rest])
    appraisal = read(mixed)
    assert appraisal.findings == {}
    assert told(appraisal) == [("row_mixed_up", "a/1.1", "unit"), ("row_mixed_up", "b/1.1", "unit")]


def test_each_department_is_read_from_its_own_sheet() -> None:
    office = review_sheet(CRITERIA, {("a", "1.1"): {"verdict": "Đồng ý"}}, scores=SCORES)
    justice = review_sheet(CRITERIA, {("a", "2.1"): {"verdict": "Đồng ý"}}, scores=SCORES, department="tu-phap")
    assert departments_of(CRITERIA) == (OFFICE, "tu-phap")
    assert read(office, justice).findings.keys() == {("a", "1.1"), ("a", "2.1")}
    assert [(u.code, c.code) for u, c in unappraised((A, B), CRITERIA, read(office, justice).findings)] == [
        ("b", "1.1"),
        ("a", "1.2"),
        ("b", "1.2"),
        ("a", "1.3"),
        ("b", "1.3"),
        ("b", "2.1"),
    ]


def test_the_review_sheet_shows_points_not_occurred_or_nothing() -> None:
    shown = [shown_self_score(score) for score in (SelfScore(D("2.50")), SelfScore(not_occurred=True), SelfScore())]
    assert shown == ["2,5", "KPS", ""]
    assert shown_self_score(SelfScore(D(0))) == "0"


def test_the_difference_to_the_rule_is_shown_at_the_published_precision() -> None:
    leaf = CRITERIA.by_code["1.2"]
    assert rule_points(SCORES["b", "1.2"], leaf) == F(51, 20)  # 3 · 17/20
    assert rule_difference(SCORES["b", "1.2"], leaf, 2) == D(0)
    third = SelfScore(D("1.1"), declared=Declared(D(1), D(3)))  # 3 · 1/3 = 1
    assert rule_difference(third, leaf, 2) == D("0.1")
    seventh = SelfScore(D("0.43"), declared=Declared(D(1), D(7)))  # 3/7 = 0.428571… → 0.43
    assert rule_difference(seventh, leaf, 2) == D("0.00")
    assert rule_difference(SelfScore(declared=Declared(D(1), D(3))), leaf, 2) is None
    assert rule_difference(SelfScore(D(1)), leaf, 2) is None
