"""Bonuses and penalties: what the office types, and what it does to points."""

from __future__ import annotations

import pytest
from criteria_sets import CYCLE, A, B, D, Typed, adjustments_sheet, criteria_set, workbook

from cchc_sheets.assessment.adjustments import Adjusted, Adjustments, gather, parse_adjustments
from cchc_sheets.assessment.index import StandingPoints
from cchc_sheets.errors import Problem

CRITERIA = criteria_set(
    "1\n  1.1 2 points 0.25\n  1.2 1 points 0.25",
    "C.1 bonus 0.5 cap=1",
    "T.1 penalty 0.25 cap=2 on=1.1 below_zero",
    "T.2 penalty 1 cap=3",
    "T.3 penalty 0.5 cap=2 on=1.2",
)


def parsed(typed: dict[tuple[str, str], dict[str, Typed]]) -> tuple[Adjustments, tuple[Problem, ...]]:
    reading = workbook(adjustments_sheet(CRITERIA, typed))
    return parse_adjustments(reading, cycle=CYCLE, units=(A, B), criteria=CRITERIA)


Told = tuple[str, str, str | int | None, str]


def entered(item: str, **cells: Typed) -> tuple[Adjusted | None, list[Told]]:
    """Type into the item of Phường A; return what it adjusts, and every problem with its sentence after the place."""
    adjustments, problems = parsed({("a", item): cells})
    told: list[Told] = [(p.code, p.severity, p.column, p.what.said_in("en").partition(": ")[2]) for p in problems]
    return adjustments.entries.get(("a", item)), told


@pytest.mark.parametrize(
    ("cells", "points"),
    [
        ({"count": "3", "remark": "QĐ 5"}, "0.75"),  # 3 · 0.25
        ({"count": "8", "remark": "QĐ 5"}, "2"),
        ({"count": "20", "remark": "QĐ 5"}, "2"),  # never above its cap
        ({"count": "0"}, "0"),
        ({"points": "0,5", "remark": "QĐ 5"}, "0.5"),
        ({"count": "2", "points": "0,5", "remark": "QĐ 5"}, "0.5"),
    ],
)
def test_cases_or_points_give_the_size_of_an_adjustment(cells: dict[str, Typed], points: str) -> None:
    assert entered("T.1", **cells) == (Adjusted(D(points), str(cells.get("remark", ""))), [])


def test_an_untouched_row_adjusts_nothing() -> None:
    assert entered("T.1") == (None, [])


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"count": "hai"}, ("not_a_number", "error", "count", "«hai» is not a number")),
        ({"points": "50%"}, ("percent", "error", "points", "«50%» is a percentage")),
        ({"count": "2,5"}, ("not_a_count", "error", "count", "2.5 is not a number of cases")),
        ({"count": "-1"}, ("not_a_count", "error", "count", "-1 is not a number of cases")),
        ({"points": "-0,5"}, ("negative", "error", "points", "-0.5 points is not between 0 and 2")),
        ({"points": "2,25"}, ("above_max", "error", "points", "2.25 points is not between 0 and 2")),
        (
            {"remark": "Nộp chậm hai ngày"},
            (
                "points_missing",
                "warning",
                "count",
                "a remark without a number of cases or points changes nothing",
            ),
        ),
    ],
)
def test_what_cannot_be_taken_is_told_and_adjusts_nothing(
    cells: dict[str, Typed], problem: tuple[str, str, str, str]
) -> None:
    assert entered("T.1", **cells) == (None, [problem])


def test_both_unreadable_cells_of_a_row_are_told() -> None:
    assert entered("T.1", count="hai", points="một")[1] == [
        ("not_a_number", "error", "count", "«hai» is not a number"),
        ("not_a_number", "error", "points", "«một» is not a number"),
    ]


def test_what_was_written_counts_but_differing_from_the_rule_is_told() -> None:
    assert entered("T.1", count="2", points="0,75", remark="QĐ 5") == (
        Adjusted(D("0.75"), "QĐ 5"),
        [
            (
                "rule_differs",
                "warning",
                "points",
                "0.75 points were written, the rule gives 0.5; what was written counts",  # 2 · 0.25
            )
        ],
    )


def test_points_without_a_reason_count_with_a_warning() -> None:
    assert entered("C.1", count="1") == (
        Adjusted(D("0.5")),
        [("remark_missing", "warning", "remark", "points without a reason")],
    )


def test_a_cell_is_named_as_people_see_it() -> None:
    # Rows from 5 on, item by item, two units each: T.2 of Phường B is row 10; count is column E.
    _, problems = parsed({("b", "T.2"): {"count": "x"}})
    assert problems[0].what.said_in("en").startswith("«Adjustments» E10: ")
    assert problems[0].row == "b/T.2"


def test_bonuses_less_penalties_change_the_total_and_those_on_criteria_do_not() -> None:
    adjustments, _ = parsed(
        {
            ("a", "C.1"): {"points": "1", "remark": "x"},
            ("a", "T.2"): {"count": "2", "remark": "x"},
            ("a", "T.1"): {"count": "1", "remark": "x"},
            ("b", "C.1"): {"points": "0,5", "remark": "x"},
        }
    )
    assert adjustments.of_unit("a", CRITERIA) == D(-1)  # 1 − 2 · 1
    assert adjustments.of_unit("b", CRITERIA) == D("0.5")
    assert adjustments.of_unit("c", CRITERIA) == D(0)


@pytest.mark.parametrize(
    ("item", "size", "before", "after"),
    [
        ("T.1", "0.5", "2", "1.5"),
        ("T.1", "0.5", "0.25", "-0.25"),  # below_zero
        ("T.1", "0.5", "0", "-0.5"),
        ("T.3", "0.5", "1", "0.5"),
        ("T.3", "0.5", "0.5", "0"),
        ("T.3", "0.5", "0.25", "0"),  # not below zero
        ("T.3", "0.5", "0", "0"),
    ],
)
def test_a_penalty_is_taken_from_its_criterion(item: str, size: str, before: str, after: str) -> None:
    code = {"T.1": "1.1", "T.3": "1.2"}[item]
    adjustments = gather({("a", item): Adjusted(D(size))}, CRITERIA)
    assert adjustments.applied(StandingPoints(D(before), "finding"), ("a", code)) == StandingPoints(D(after), "finding")
    assert adjustments.applied(StandingPoints(D(before), "finding"), ("b", code)).points == D(before)


def test_penalties_on_one_criterion_add_up() -> None:
    criteria = criteria_set("1\n  1.1 2 points 1", "T.1 penalty 0.5 on=1.1", "T.2 penalty 0.25 on=1.1")
    entries = {("a", "T.1"): Adjusted(D("0.5")), ("a", "T.2"): Adjusted(D("0.25"))}
    stands = gather(entries, criteria).applied(StandingPoints(D(2), "finding"), ("a", "1.1"))
    assert stands.points == D("1.25")  # 2 − 0.5 − 0.25


def test_where_there_are_no_points_to_lose_only_a_penalty_that_may_go_below_zero_counts() -> None:
    adjustments = gather({("a", "T.1"): Adjusted(D(1)), ("a", "T.3"): Adjusted(D(1))}, CRITERIA)
    for nothing in (StandingPoints(None, "none"), StandingPoints(None, "finding", is_excluded=True)):
        assert adjustments.applied(nothing, ("a", "1.2")) == nothing  # T.3 stops at zero
        left = adjustments.applied(nothing, ("a", "1.1"))  # T.1 may go below
        assert (left.points, left.is_excluded, left.source) == (D(-1), nothing.is_excluded, nothing.source)


def test_a_sheet_of_another_cycle_adjusts_nothing_and_is_told() -> None:
    reading = workbook(adjustments_sheet(CRITERIA, {("a", "C.1"): {"points": "1"}}))
    adjustments, problems = parse_adjustments(reading, cycle="ky-2024", units=(A, B), criteria=CRITERIA)
    assert adjustments == Adjustments()
    assert [p.code for p in problems] == ["other_cycle"]


def test_only_the_penalty_that_may_goes_below_zero() -> None:
    criteria = criteria_set(
        "1\n  1.1 2 points 0.25", "T.1 penalty 0.25 cap=2 on=1.1 below_zero", "T.2 penalty 1 cap=3 on=1.1"
    )
    entries = {("a", "T.1"): Adjusted(D("0.25")), ("a", "T.2"): Adjusted(D(1))}
    # 0.5 − 1 stops at 0; then − 0.25
    left = gather(entries, criteria).applied(StandingPoints(D("0.5"), "finding"), ("a", "1.1"))
    assert left.points == D("-0.25")
