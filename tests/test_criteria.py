"""A criteria set either adds up exactly at every level or cannot exist."""

from __future__ import annotations

import dataclasses

import pytest
from criteria_sets import D, adjustment, criteria_set, criterion
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets.assessment.criteria import CriteriaSet, InvalidCriteria

SMALL = """
    1
        1.1 2 levels 0 1 2
        1.10 1.5 ratio
        1.2
            1.2.1 0.5 count 0.25
            1.2.2 1 points 0.25
    2 by=tu-phap
        2.1 5 survey
        2.2 1 imported
"""


def mistakes(
    text: str, *adjustments: str, total: str | None = None, survey: str | None = None
) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidCriteria) as caught:
        criteria_set(text, *adjustments, total=total, survey=survey)
    return [(m.code, m.key, m.what.said_in("en")) for m in caught.value.mistakes]


def test_the_leaves_are_scored_in_the_order_of_the_set() -> None:
    criteria = criteria_set(SMALL)
    assert [leaf.code for leaf in criteria.leaves] == ["1.1", "1.10", "1.2.1", "1.2.2", "2.1", "2.2"]
    assert [leaf.code for leaf in criteria.self_scored] == ["1.1", "1.10", "1.2.1", "1.2.2"]
    assert [leaf.code for leaf in criteria.imported] == ["2.1", "2.2"]
    assert (criteria.total_points, criteria.survey_points, criteria.appraised_points) == (D(11), D(5), D(6))
    # 2 + 1.5 + 0.5 + 1 = 5; 5 + 1 = 6; together 11, of which 5 surveyed


def test_one_point_ten_is_not_one_point_one() -> None:
    criteria = criteria_set(SMALL)
    assert criteria.by_code["1.1"] is not criteria.by_code["1.10"]


def test_a_criterion_belongs_to_the_department_of_its_parent_unless_it_names_one() -> None:
    criteria = criteria_set(
        "1 by=noi-vu\n  1.1 1 points 1\n  1.2 by=tu-phap\n    1.2.1 1 points 1\n    1.2.2 1 points 1 by=x"
    )
    assert [leaf.department for leaf in criteria.leaves] == ["noi-vu", "tu-phap", "x"]


def test_sums_that_do_not_add_up_are_told_with_both_numbers_at_every_level() -> None:
    text = """
        1 9
            1.1 2 points 1
            1.2 3
                1.2.1 1 points 1
                1.2.2 1.75 points 0.25
        2 5 survey
    """
    assert mistakes(text, total="100", survey="30") == [
        ("", "total_points", "the set is worth 100 points but its fields add up to 14"),  # 9 + 5
        ("", "survey_points", "the survey is worth 30 points but its criteria add up to 5"),
        ("1", "max_points", "1 is worth 9 points but its parts add up to 5"),  # 2 + 3
        ("1.2", "max_points", "1.2 is worth 3 points but its parts add up to 2.75"),  # 1 + 1.75
    ]


def test_a_sum_wrong_by_one_hundredth_is_refused() -> None:
    assert mistakes("1 1\n  1.1 0.33 points 0.01\n  1.2 0.33 points 0.01\n  1.3 0.33 points 0.01") == [
        ("1", "max_points", "1 is worth 1 points but its parts add up to 0.99")
    ]


@pytest.mark.parametrize(
    ("text", "adjustments", "expected"),
    [
        ("1\n  1.1 1 points 1\n  1.1 1 points 1", (), ("1.1", "code", "code 1.1 is used 2 times")),
        ("1\n  1.1 1 points 1", ("1.1 bonus 1",), ("1.1", "code", "code 1.1 is used 2 times")),
        ("1\n  1.1 1 points 1", ("C.1 bonus 1", "C.1 bonus 1"), ("C.1", "code", "code C.1 is used 2 times")),
        ("1 by=nobody\n  1.1 1 points 1", (), ("1.1", "department", "nobody owns 1.1: no department appraises it")),
        ("1\n  1.1 1", (), ("1.1", "method", "1.1 has neither parts nor a scoring method")),
        ("1 1 points 1\n  1.1 1 points 1", (), ("1", "method", "1 has parts and a scoring method as well")),
        ("1\n  1.1 1 points 1\n  1.2 0 points 1", (), ("1.2", "max_points", "1.2 is worth nothing")),
        (
            "1\n  1.1 1 survey kps=full",
            (),
            ("1.1", "not_occurred", "1.1 is not self-scored, so nobody can claim that it did not occur"),
        ),
        (  # it would have no effect, silently
            "1 kps=exclude\n  1.1 1 points 1",
            (),
            ("1", "not_occurred", "1 is not self-scored, so nobody can claim that it did not occur"),
        ),
        ("1\n  1.1 1 levels 0 2", (), ("1.1", "levels", "the best is worth 2 but the maximum is 1")),
        ("1\n  1.1 1 points 1", ("T.1 penalty 1 on=1",), ("T.1", "criterion", "there is no scored criterion 1")),
        ("1\n  1.1 1 points 1", ("T.1 penalty 1 on=9",), ("T.1", "criterion", "there is no scored criterion 9")),
        ("1\n  1.1 1 points 1", ("C.1 bonus 1 on=1.1",), ("C.1", "criterion", "a bonus stands outside the criteria")),
        ("1\n  1.1 1 points 1", ("T.1 penalty 0",), ("T.1", "per_item", "per_item 0 is not between 0 and the cap 0")),
        (
            "1\n  1.1 1 points 1",
            ("T.1 penalty 2 cap=1",),
            ("T.1", "per_item", "per_item 2 is not between 0 and the cap 1"),
        ),
    ],
)
def test_what_cannot_stand_is_named(text: str, adjustments: tuple[str, ...], expected: tuple[str, str, str]) -> None:
    assert mistakes(text, *adjustments) == [expected]


def test_all_mistakes_are_told_at_once() -> None:
    text = "1 by=nobody\n  1.1 1\n  1.2 1 levels 0 2\n  1.2 1 points 1"
    assert [(code, key) for code, key, _ in mistakes(text, "T.1 penalty 0", total="9")] == [
        ("", "total_points"),
        ("1.2", "code"),
        ("1.1", "method"),
        ("1.2", "department"),
        ("1.2", "levels"),
        ("1.2", "department"),
        ("T.1", "per_item"),
    ]


@pytest.mark.parametrize(("cases", "expected"), [("0", "0"), ("1", "0.25"), ("7", "1.75"), ("8", "2"), ("9", "2")])
def test_an_adjustment_counts_each_case_up_to_its_cap(cases: str, expected: str) -> None:
    assert adjustment("T.1 penalty 0.25 cap=2").rule_score(D(cases)) == D(expected)


amounts = st.integers(1, 2000).map(lambda n: D(n) / 100)


@given(st.lists(st.lists(amounts, min_size=1, max_size=5), min_size=1, max_size=4), st.integers(1, 100))
def test_a_set_exists_exactly_if_it_adds_up(fields: list[list[D]], off: int) -> None:
    branches = tuple(
        dataclasses.replace(
            criterion("x 1 points 0.01"),
            code=f"{place}",
            rule=None,
            max_points=sum(leaves, D(0)),
            parts=tuple(
                dataclasses.replace(criterion("x 1 points 0.01"), code=f"{place}.{n}", max_points=points)
                for n, points in enumerate(leaves)
            ),
        )
        for place, leaves in enumerate(fields)
    )
    total = sum((sum(leaves, D(0)) for leaves in fields), D(0))
    assert CriteriaSet("", total, D(0), branches).total_points == total
    with pytest.raises(InvalidCriteria):
        CriteriaSet("", total + D(off) / 100, D(0), branches)
