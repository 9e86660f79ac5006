"""From the answers of a survey to points: every line counted or excluded in the open, every number by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from criteria_sets import A, B, D, F
from hypothesis import given
from hypothesis import strategies as st
from survey_answers import FOUR, PLAN, codes, form, of, parsed, plain, table

from cchc_sheets.assessment.sampling import Stratum, margin_of_error, required_responses
from cchc_sheets.assessment.survey_plan import Option, Question, RespondentGroup, Scale, SurveyPlan


def test_shares_points_and_margins_of_a_form_by_hand() -> None:
    unit = of(parsed(PLAN, form(*FOUR)))
    first, second = unit.measured
    # 1.1: one of three is satisfied; 5 × 1/3 = 1,666… → 1,67; 1,96·√(1/3·2/3 ÷ 3) = 1,96·√(2/27) = 0,533444
    assert (first.code, first.value, first.respondents, first.answers) == ("1.1", F(1, 3), 3, 3)
    assert (first.points, first.margin) == (D("1.67"), D("0.533444"))
    # 1.2: 2 + 1 + 1 + 2 of seven answers by four people; 3 × 6/7 = 2,571… → 2,57; 1,96·√(6/49 ÷ 4) = 0,342929
    assert (second.value, second.respondents, second.answers) == (F(6, 7), 4, 7)
    assert (second.points, second.margin) == (D("2.57"), D("0.342929"))
    # (5·1/3 + 3·6/7) ÷ 8; the margins likewise: (5·0,533444 + 3·0,342929) ÷ 8
    assert unit.satisfaction == (F(5, 3) + F(18, 7)) / 8
    assert unit.margin == (5 * F("0.533444") + 3 * F("0.342929")) / 8
    assert (unit.points, unit.received, unit.counted, unit.excluded) == (D("4.24"), 4, 4, {})


def test_a_unit_without_responses_has_no_points_and_is_told() -> None:
    result = parsed(PLAN, form(*FOUR))
    assert of(result, B).measured == ()
    assert of(result, B).satisfaction is None
    assert [(p.code, p.unit) for p in result.problems] == [("no_response", "b")]
    assert result.is_sound  # the other unit's points can be taken
    assert result.points == {("a", "1.1"): D("1.67"), ("a", "1.2"): D("2.57")}


def test_a_criterion_whose_questions_nobody_answered_has_no_points_and_is_told() -> None:
    result = parsed(replace(PLAN, least_answered=D(0)), form("Xã A | Hài lòng | |"), A)
    assert {measured.code for measured in of(result).measured} == {"1.1"}
    (problem,) = (p for p in result.problems if p.code == "no_answers")
    assert (problem.unit, problem.severity) == ("a", "error")
    assert problem.what.said_in("en") == "Xã A: nobody answered the questions of 1.2"


def test_weighted_options_give_the_mean_of_their_worths() -> None:
    options = (("A", 100), ("B", 60), ("C", 20), ("D", 0))
    scale = Scale(tuple(Option(label, worth=D(worth)) for label, worth in options))
    plan = SurveyPlan("Đơn vị", (Question("1", "1.1", scale, "weighted_mean", None),), minimum=0)
    result = parsed(plan, plain("a | A", "a | b", "a | B", "a | C", "a | D", "a |"))
    (only,) = of(result).measured
    # (100 + 60 + 60 + 20 + 0) ÷ 5 = 48 %; 5 × 0,48 = 2,4; the blank counts nowhere: 1,96·√0,04992 = 0,437919
    assert (only.value, only.points, only.answers, only.margin) == (F(48, 100), D("2.40"), 5, D("0.437919"))
    assert of(result).excluded == {"incomplete": (7,)}


def test_groups_count_by_their_weights() -> None:
    groups = (RespondentGroup("Người dân", D(60)), RespondentGroup("Doanh nghiệp", D(40), ("Tổ chức",)))
    plan = SurveyPlan(
        "Đơn vị",
        (Question("Câu 1", "1.1"), Question("Câu 2", "1.2", groups=("Doanh nghiệp",))),
        group="Nhóm",
        groups=groups,
        minimum=0,
        population_of_all=100,
    )
    headings = ("Đơn vị", "Nhóm", "Câu 1: hồ sơ", "Câu 2. Phối hợp")
    rows = [
        ("a", "Người dân", "Hài lòng", ""),
        ("a", "người dân", "Hài lòng", ""),
        ("a", "Người dân", "Hài lòng", ""),
        ("a", "Người dân", "Bình thường", ""),
        ("a", "Tổ chức", "Hài lòng", "Hài lòng"),
        ("a", "Doanh nghiệp", "Bình thường", "Bình thường"),
    ]
    unit = of(parsed(plan, table(headings, *rows)))
    first, second = unit.measured
    # 0,6·3/4 + 0,4·1/2 = 0,65; 5 × 0,65 = 3,25 (all six alike would be 4/6)
    assert (first.value, first.points) == (F(65, 100), D("3.25"))
    # 1,96·√(0,36·(3/16)/4 + 0,16·(1/4)/2) = 1,96·√0,036875 = 0,376376; without the correction for 100 people
    assert first.margin == D("0.376376")
    # only businesses are asked: 1/2; one group alone is a plain sample, 2 of 100: 1,96·√(1/8 · 98/99) = 0,689456
    assert (second.value, second.points, second.margin) == (F(1, 2), D("1.50"), D("0.689456"))
    assert unit.groups == {"Người dân": 4, "Doanh nghiệp": 2}


@pytest.mark.parametrize(("needs", "points"), [(True, {}), (False, {"1.1": D("5.00")})])
def test_a_weighted_group_without_answers_is_never_a_zero(needs: bool, points: Mapping[str, D]) -> None:
    plan = SurveyPlan(
        "Đơn vị",
        (Question("Câu 1", "1.1"),),
        group="Nhóm",
        groups=(RespondentGroup("Dân", D(1)), RespondentGroup("Đại biểu", D(9))),
        minimum=0,
        needs_every_group=needs,
    )
    result = parsed(plan, table(("Đơn vị", "Nhóm", "Câu 1"), ("a", "Dân", "Hài lòng")), A)
    assert {measured.code: measured.points for measured in of(result).measured} == points
    assert ("group_empty", "error" if needs else "warning") in codes(result)


def test_the_sample_that_is_required_and_the_responses_that_are_wanted() -> None:
    # 10 000 ÷ (1 + 10 000·0,0025) = 10 000 ÷ 26 = 384,6…; 200 ÷ 1,5 = 133,3…; 400 ÷ 2 = 200 exactly; 1 ÷ 1,0025 < 1
    assert [required_responses(n, D("0.05")) for n in (10_000, 200, 400, 1)] == [385, 134, 200, 1]
    assert required_responses(10_000, D("0.1")) == 100  # 10 000 ÷ 101 = 99,0…
    plan = replace(PLAN, population={"a": 200, "b": 100}, minimum=150)
    result = parsed(plan, form(*FOUR))
    assert [(u.required, u.wanted) for u in result.units] == [(134, 150), (80, 100)]
    (few,) = [p for p in result.problems if p.code == "too_few_responses"]
    assert (few.severity, few.unit, dict(few.what.values)["counted"], dict(few.what.values)["wanted"]) == (
        "warning",
        "a",
        4,
        150,
    )


@pytest.mark.parametrize(("minimum", "told"), [(3, False), (4, False), (5, True)])
def test_exactly_enough_responses_are_enough(minimum: int, told: bool) -> None:
    result = parsed(replace(PLAN, minimum=minimum), form(*FOUR), A)
    assert (codes(result) == [("too_few_responses", "warning")]) is told


def test_margins_with_and_without_the_size_of_the_population() -> None:
    half = [Stratum(F(1), F(1, 2), 100)]
    # 1,96·√(0,25 ÷ 100) = 0,098; of 1 000 people × √(900/999) = 0,093017; whoever asks all errs by nothing
    assert margin_of_error(half) == D("0.098")
    assert margin_of_error(half, 1000) == D("0.093017")
    assert margin_of_error(half, 100) == margin_of_error(half, 99) == margin_of_error([Stratum(F(1), F(1), 9)]) == 0


@given(st.integers(1, 10**6), st.fractions(0, 1), st.integers(1, 10**6))
def test_a_margin_is_the_root_rounded_half_up(n: int, share: Fraction, population: int) -> None:
    margin = F(margin_of_error([Stratum(F(1), share, n)]))
    square = F(196, 100) ** 2 * share * (1 - share) / n
    half = F(1, 2 * 10**6)
    assert max(margin - half, F(0)) ** 2 <= square < (margin + half) ** 2
    assert margin_of_error([Stratum(F(1), share, n)], population) <= margin


# --- columns ------------------------------------------------------------------------------------------------------
