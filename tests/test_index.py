"""From standing points to the index: exact, with every exclusion and rescaling worked out by hand."""

from __future__ import annotations

import pytest
from criteria_sets import A, D, F, criteria_set
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets.assessment.adjustments import Adjusted, gather
from cchc_sheets.assessment.appraisal import Finding
from cchc_sheets.assessment.index import Result, mean_index, rounded
from cchc_sheets.assessment.standing import Record, unit_result
from cchc_sheets.assessment.submission import SelfScore, Submission

CRITERIA = criteria_set(
    """
    1
        1.1 20 points 0.25
        1.2 10 points 0.25 kps=exclude
        1.3 10 points 0.25 kps=full
    2
        2.1 30 ratio
        2.2 25 survey
    3 5 survey
    """,
    "C.1 bonus 1 cap=2",
    "T.1 penalty 0.5 cap=3",
    "T.2 penalty 1 cap=3 on=1.1 below_zero",
)
CLAIMS = {"1.1": "18", "1.2": "9", "1.3": "5", "2.1": "24"}  # 56 of 70
SURVEYED = {("a", "2.2"): D(20), ("a", "3"): D(4)}  # 24 of 30


def result(
    *,
    claims: dict[str, SelfScore] | None = None,
    findings: dict[str, Finding] | None = None,
    entries: dict[str, str] | None = None,
    with_survey: bool = True,
) -> Result:
    scores = {code: SelfScore(D(points)) for code, points in CLAIMS.items()} | (claims or {})
    record = Record(
        submissions={"a": Submission("a", scores)},
        findings={("a", code): finding for code, finding in (findings or {}).items()},
        imported=SURVEYED,
        adjustments=gather({("a", code): Adjusted(D(size)) for code, size in (entries or {}).items()}, CRITERIA),
        with_survey=with_survey,
    )
    return unit_result(A, CRITERIA, record)


def fields(computed: Result) -> list[tuple[str, D, D]]:
    return [(field.code, field.points, field.attainable_points) for field in computed.fields]


def test_the_index_is_points_over_attainable_points() -> None:
    computed = result()
    assert (computed.appraisal_points, computed.survey_points, computed.attainable_points) == (D(56), D(24), D(100))
    assert computed.index == F(80)
    assert fields(computed) == [("1", D(32), D(40)), ("2", D(44), D(55)), ("3", D(4), D(5))]  # 18+9+5; 24+20; 4
    assert computed.gaps == ()


def test_an_excluded_criterion_leaves_the_maximum_of_the_total_and_of_its_field() -> None:
    computed = result(claims={"1.2": SelfScore(not_occurred=True)})
    assert computed.attainable_points == D(90)
    assert computed.index == F(7100, 90)  # (80 − 9) / 90
    assert fields(computed)[0] == ("1", D(23), D(30))
    assert computed.gaps == ()
    assert rounded(computed.index, 2) == D("78.89")  # 78.888…


def test_not_occurred_with_full_points_stays_in_the_maximum() -> None:
    computed = result(claims={"1.3": SelfScore(not_occurred=True)})
    assert (computed.index, computed.attainable_points) == (F(85), D(100))  # 80 − 5 + 10
    assert computed.self_points == D(61)  # 56 − 5 + 10


def test_a_finding_replaces_the_claim_and_leaves_it_readable() -> None:
    computed = result(findings={"2.1": Finding(D("21.3"), is_agreed=False, remark="x")})
    assert computed.index == F("77.3")  # 80 − 24 + 21.3
    assert (computed.self_points, computed.appraisal_points) == (D(56), D("53.3"))


def test_without_survey_the_appraised_part_alone_is_scaled_to_one_hundred() -> None:
    computed = result(with_survey=False)
    assert (computed.survey_points, computed.attainable_points) == (None, D(70))
    assert computed.index == F(80)  # 56 / 70
    assert fields(computed) == [("1", D(32), D(40)), ("2", D(24), D(30)), ("3", D(0), D(0))]
    computed = result(claims={"1.2": SelfScore(not_occurred=True)}, with_survey=False)
    assert computed.index == F(4700, 60)  # (56 − 9) / (70 − 10)


def test_bonus_and_penalty_change_the_points_and_not_the_maximum() -> None:
    computed = result(entries={"C.1": "2", "T.1": "0.5"})
    assert (computed.adjustment_points, computed.attainable_points) == (D("1.5"), D(100))
    assert computed.index == F("81.5")


def test_a_penalty_on_a_criterion_lowers_its_field_and_may_go_below_zero() -> None:
    computed = result(entries={"T.2": "3"})
    assert (computed.adjustment_points, computed.appraisal_points) == (D(0), D(53))
    assert fields(computed)[0] == ("1", D(29), D(40))
    computed = result(claims={"1.1": SelfScore(D(0))}, entries={"T.2": "3"})
    assert fields(computed)[0] == ("1", D(11), D(40))  # −3 + 9 + 5
    assert computed.index == F(59)  # 80 − 18 − 3


def test_a_criterion_without_points_is_a_gap_and_stays_in_the_maximum() -> None:
    computed = result(claims={"1.1": SelfScore()})
    assert computed.gaps == ("1.1",)
    assert (computed.index, computed.attainable_points) == (F(62), D(100))


def test_a_unit_that_handed_nothing_in_has_only_its_surveyed_points() -> None:
    computed = unit_result(A, CRITERIA, Record(imported=SURVEYED))
    assert computed.gaps == ("1.1", "1.2", "1.3", "2.1")
    assert (computed.index, computed.self_points) == (F(24), D(0))


def test_nothing_attainable_is_an_index_of_zero() -> None:
    criteria = criteria_set("1\n  1.1 1 points 1 kps=exclude")
    record = Record(submissions={"a": Submission("a", {"1.1": SelfScore(not_occurred=True)})})
    assert unit_result(A, criteria, record).index == 0


def test_thirds_stay_exact_to_the_end() -> None:
    criteria = criteria_set("1\n  1.1 3 points 1")
    record = Record(submissions={"a": Submission("a", {"1.1": SelfScore(D(2))})})
    assert unit_result(A, criteria, record).index == F(200, 3)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        ("89.995", 2, "90.00"),
        ("89.9949999", 2, "89.99"),
        ("0.125", 2, "0.13"),  # not to even
        ("0.135", 2, "0.14"),
        ("2.5", 0, "3"),
        ("3.5", 0, "4"),
        ("-0.125", 2, "-0.13"),
        ("-0.004", 2, "0.00"),
        ("78.3877777", 2, "78.39"),
        ("1/3", 4, "0.3333"),
        ("2/3", 4, "0.6667"),
        ("99.999", 2, "100.00"),
        ("78", 2, "78.00"),
    ],
)
def test_a_published_value_is_rounded_half_up_once(value: str, decimals: int, expected: str) -> None:
    assert str(rounded(F(value), decimals)) == expected


@given(st.fractions(-200, 200), st.integers(0, 6))
def test_rounding_moves_a_value_by_at_most_half_of_the_last_place(value: F, decimals: int) -> None:
    distance = F(rounded(value, decimals)) - value
    half = F(1, 2 * 10**decimals)
    assert abs(distance) <= half
    assert abs(distance) < half or (distance > 0) == (value > 0)


def test_the_mean_is_exact() -> None:
    assert mean_index([result(), result(with_survey=False), result(entries={"C.1": "1"})]) == F(241, 3)  # 80 + 80 + 81
