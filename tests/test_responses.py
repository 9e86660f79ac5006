"""From the answers of a survey to points: every line counted or excluded in the open, every number by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from criteria_sets import A, B, D, F, criteria_set
from hypothesis import given, settings
from hypothesis import strategies as st

from cchc_sheets.assessment.response_columns import find_columns
from cchc_sheets.assessment.responses import SurveyResult, UnitSurvey, parse_responses
from cchc_sheets.assessment.sampling import Stratum, margin_of_error, required_responses
from cchc_sheets.assessment.survey import Table
from cchc_sheets.assessment.survey_plan import SATISFACTION, Option, Question, RespondentGroup, Scale, SurveyPlan
from cchc_sheets.assessment.units import Unit
from cchc_sheets.reading import Cell, Raw

CRITERIA = criteria_set("1\n  1.1 5 survey\n  1.2 3 survey\n  1.3 2 points 1")
HOA = Unit("binh-hoa", "Xã Bình Hòa", "commune")

FORM = (
    "Dấu thời gian",
    "Đơn vị Ông/Bà đến giải quyết thủ tục",
    "1. Hồ sơ, thủ tục có đơn giản, dễ hiểu không?",
    "2. Ông/Bà đánh giá công chức: [Thái độ, tác phong]",
    "2. Ông/Bà đánh giá công chức: [Trình độ]",
    "Ý kiến khác",
)
PLAN = SurveyPlan(
    "Đơn vị",
    (Question("1", "1.1"), Question("Thái độ", "1.2"), Question("Trình độ", "1.2")),
    minimum=0,
)

Typed = Raw | Cell | None


def table(headings: Sequence[str], *rows: Sequence[Typed]) -> Table:
    cells = [[_cell(value) for value in row] for row in rows]
    return Table("survey.csv", [Cell(h) for h in headings], list(enumerate(cells, start=2)))


def _cell(value: Typed) -> Cell | None:
    return value if isinstance(value, Cell) else Cell(value) if value not in {None, ""} else None


def parsed(plan: SurveyPlan, found: Table, *units: Unit) -> SurveyResult:
    return parse_responses(found, plan=plan, units=units or (A, B), criteria=CRITERIA)


def form(*lines: str) -> Table:
    """Build a form's sheet: `Xã A | Hài lòng | …`, each at a second of its own."""
    rows = [[f"20/11/2023 9:00:{second:02}", *_typed(line)] for second, line in enumerate(lines)]
    return table(FORM, *rows)


def plain(*lines: str) -> Table:
    """Build a sheet typed from paper: no column tells respondents apart."""
    return table(("Đơn vị", *FORM[2:5]), *map(_typed, lines))


def _typed(line: str) -> list[str]:
    return [word.strip() for word in line.split("|")]


def of(result: SurveyResult, unit: Unit = A) -> UnitSurvey:
    return next(found for found in result.units if found.unit == unit)


def codes(result: SurveyResult) -> list[tuple[str, str]]:
    return [(problem.code, problem.severity) for problem in result.problems]


FOUR = (
    "Xã A | Hài lòng       | Rất hài lòng | Hài lòng",
    "Xã A | Bình thường    | Hài lòng     |",
    "Xã A | Không hài lòng | Bình thường  | Hài lòng",
    "Xã A |                | Hài lòng     | Hài lòng",
)


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


@settings(deadline=None)
@given(st.integers(1, 10**6), st.fractions(0, 1), st.integers(1, 10**6))
def test_a_margin_is_the_root_rounded_half_up(n: int, share: Fraction, population: int) -> None:
    margin = F(margin_of_error([Stratum(F(1), share, n)]))
    square = F(196, 100) ** 2 * share * (1 - share) / n
    half = F(1, 2 * 10**6)
    assert max(margin - half, F(0)) ** 2 <= square < (margin + half) ** 2
    assert margin_of_error([Stratum(F(1), share, n)], population) <= margin


# --- columns ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Câu 1", 1),
        ("1", 1),
        ("câu 1. hồ sơ, thủ tục", 1),
        ("Câu 1. Hồ sơ, thủ tục có đơn giản?", 1),
        ("10", 2),
        ("Câu 5.1", 3),
        ("5.1", 3),
        ("Thoái mái, Hoà nhã", 4),
        ("thoái mái", 4),
        ("Góp ý", 5),
        ("Q7", 6),
    ],
)
def test_a_column_is_found_by_heading_beginning_number_or_row_of_a_grid(name: str, place: int) -> None:
    headings = (
        "Đơn vị",
        "Câu 1. Hồ sơ,\n thủ tục có đơn giản?",
        "Câu 10: Thời gian",
        "Câu 5.1 Lệ phí",
        "Đánh giá công chức [Thoải mái, hòa nhã]".replace("ả", "á"),
        "Góp ý",
        "Q7) chung",
        "Góp ý khác",
    )
    columns, problems = find_columns(table(headings), SurveyPlan("Đơn vị", (Question(name, "1.1"),)))
    assert (columns and columns.questions, problems) == ((place,), ())


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Câu", "question_ambiguous"),  # begins both
        ("5", "question_unmatched"),  # not 5.1
        ("Câu 5.", "question_unmatched"),
        ("Thái đ", "question_unmatched"),  # half a word
        ("Hai long", "question_unmatched"),  # other words without their marks
        ("hồ sơ", "question_unmatched"),  # not the beginning
    ],
)
def test_a_column_that_is_missing_or_not_the_only_one_is_told(name: str, code: str) -> None:
    headings = ("Đơn vị", "Câu 1. Hồ sơ", "Câu 5.1 Lệ phí", "Hài lòng chung", "Thái độ")
    result = parsed(SurveyPlan("Đơn vị", (Question(name, "1.1"),)), table(headings, ("a", "Hài lòng")))
    assert codes(result) == [(code, "error")]
    assert (result.is_sound, result.points) == (False, {})


def test_the_whole_name_of_a_grids_row_goes_before_its_beginning() -> None:
    headings = ("Đơn vị", "Đánh giá [Thái độ phục vụ]", "Đánh giá [Thái độ]")
    columns, _ = find_columns(table(headings), SurveyPlan("Đơn vị", (Question("Thái độ", "1.1"),)))
    assert columns is not None
    assert columns.questions == (2,)


def test_two_names_of_one_column_cannot_count_twice() -> None:
    plan = SurveyPlan("Đơn vị", (Question("1", "1.1"), Question("Câu 1", "1.1")))
    assert codes(parsed(plan, table(("Đơn vị", "Câu 1. A")))) == [("question_ambiguous", "error")]


# --- answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("Hài lòng", 1),
        ("hài  lòng", 1),
        ("HÀI LÒNG", 1),
        ("Ha\u0300i lo\u0300ng", 1),
        ("4", 1),
        (D("4.0"), 1),
        ("2", 0),
    ],
)
def test_an_answer_is_known_in_every_spelling_and_by_its_number(answer: Typed, value: int) -> None:
    plan = SurveyPlan("Đơn vị", (Question("Câu 1", "1.1"),), minimum=0)
    result = parsed(plan, table(("Đơn vị", "Câu 1"), ("a", answer)))
    assert of(result).measured[0].value == value


@pytest.mark.parametrize(
    "answer",
    [
        "6",
        "3;4",
        "Hài lòng, Bình thường",
        "?",
        D("4.5"),
        Cell(formula="=1+3"),
        Cell(error="#N/A"),
        Cell(D("0.04"), percent=True),
    ],
)
def test_an_impossible_answer_excludes_its_line_and_names_the_cell(answer: Typed) -> None:
    result = parsed(PLAN, table(FORM, ("t1", "a", "4", answer, "4"), ("t2", "a", "4", "4", "4")), A)
    assert of(result).excluded == {"impossible": (2,)}
    (told,) = result.problems
    assert (told.code, told.severity, told.row) == ("option_unknown", "warning", 2)
    assert str(told.column).startswith("D «[Thái độ, tác phong]»")
    assert result.is_sound


def test_an_answer_met_more_than_twice_is_no_slip_but_a_gap_in_the_plan() -> None:
    lines = ["a | Không ý kiến | 4 | 4", "a | không ý kiến | 5 | 4", "b | Không ý kiến | 4 | 5", "a | 4 | 4 | 4"]
    twice = parsed(PLAN, form(*lines[1:]))
    assert codes(twice) == [("option_unknown", "warning"), ("no_response", "error")]
    thrice = parsed(PLAN, form(*lines))
    assert codes(thrice)[0] == ("option_unknown", "error")
    assert (thrice.is_sound, thrice.problems[0].row) == (False, 2)
    blank = parsed(
        replace(PLAN, no_answer=frozenset({"khong\u0302 y\u0301 kien\u0302\u0301", *_spelled("Không ý kiến")})),
        form(*lines),
    )
    assert blank.is_sound
    assert (of(blank).measured[0].answers, of(blank).counted, of(blank).excluded) == (1, 3, {})
    known_wrong = parsed(replace(PLAN, impossible=frozenset(_spelled("Không ý kiến"))), form(*lines))
    assert known_wrong.is_sound
    assert of(known_wrong).excluded == {"impossible": (2, 3)}
    assert "option_unknown" not in [code for code, _ in codes(known_wrong)]


def _spelled(words: str) -> set[str]:
    from cchc_sheets import vietnamese

    return {vietnamese.comparable(words)}


def test_an_unknown_unit_excludes_in_the_open_and_stops_everything_when_it_is_no_slip() -> None:
    once = parsed(PLAN, form("Xã Q | 4 | 4 | 4", " | 4 | 4 | 4", *FOUR))
    assert (once.received, once.unattributed, once.excluded) == (6, (2, 3), {"unknown_unit": 2})
    assert [p.severity for p in once.problems if p.code == "unit_unknown"] == ["warning", "warning"]
    often = parsed(PLAN, form(*["UBND xã A | 4 | 4 | 5"] * 3, *["Nơi khác | 4 | 4 | 5"] * 3, *FOUR))
    assert [p.severity for p in often.problems if p.code == "unit_unknown"] == ["error", "error"]
    names = {next(iter(_spelled("UBND xã A"))): "a", next(iter(_spelled("Nơi khác"))): "-"}
    mapped = parsed(
        replace(PLAN, unit_names=names), form(*["UBND xã A | 4 | 4 | 5"] * 3, *["Nơi khác | 4 | 4 | 5"] * 3)
    )
    assert (mapped.is_sound, of(mapped).counted, mapped.excluded) == (True, 3, {"unknown_unit": 3})


def test_units_are_known_by_code_and_in_either_spelling() -> None:
    result = parsed(PLAN, form("binh-hoa | 4 | 4 | 3", "Xã Bình Hoà | 4 | 4 | 3", "xã bình hòa | 4 | 4 | 3"), HOA)
    assert of(result, HOA).counted == 3


def test_a_question_that_is_not_asked_of_a_group_cannot_be_answered_by_it() -> None:
    plan = replace(
        PLAN,
        group="Ý kiến",
        groups=(RespondentGroup("Dân"), RespondentGroup("Đại biểu")),
        questions=(Question("1", "1.1"), Question("Thái độ", "1.2", groups=("Đại biểu",))),
    )
    rows = [("t1", "a", "4", "4", "", "Dân"), ("t2", "a", "4", "", "", "Dân"), ("t3", "a", "", "5", "", "Đại biểu")]
    result = parsed(plan, table(FORM, *rows, ("t4", "a", "4", "", "", "Khách")), A)
    assert of(result).excluded == {"unknown_group": (5,), "impossible": (2,)}
    assert codes(result) == [("group_unknown", "warning"), ("not_asked", "warning")]
    assert [m.answers for m in of(result).measured] == [1, 1]


# --- exclusions ---------------------------------------------------------------------------------------------------


def test_the_same_answer_to_everything_is_excluded_from_so_many_questions_on() -> None:
    lines = ("a | 4 | 4 | 4", "a | Hài lòng | 4 | ", "a | 4 | 4 | 5", "a | | |")
    on = of(parsed(replace(PLAN, straight_line=3), form(*lines)))
    assert (on.counted, on.excluded) == (2, {"incomplete": (5,), "straight_line": (2,)})
    assert of(parsed(replace(PLAN, straight_line=0), form(*lines))).counted == 3
    # A column that counts for two criteria is one answer.
    plan = replace(PLAN, straight_line=3, questions=(*PLAN.questions[:2], Question("1", "1.2")))
    assert of(parsed(plan, form("a | 4 | 4 | 4"))).counted == 1


def test_a_response_must_answer_its_part_of_the_questions() -> None:
    lines = ("a | 4 | 4 | 3", "a | 4 | 5 |", "a | 4 | |", "a | | |")
    for least, excluded in (("0", (5,)), ("0.3", (5,)), ("0.5", (4, 5)), ("1", (3, 4, 5))):
        unit = of(parsed(replace(PLAN, least_answered=D(least)), form(*lines)))
        assert unit.excluded == {"incomplete": excluded}, least


def test_a_line_that_repeats_another_one_counts_once_if_something_tells_respondents_apart() -> None:
    line = ("20/11 9:00", "a", "4", "4", "3", "tốt")
    result = parsed(PLAN, table(FORM, line, line, line, ("20/11 9:01", *line[1:])), A)
    assert (of(result).counted, of(result).excluded) == (2, {"duplicate": (3, 4)})
    kept = parsed(replace(PLAN, excludes_identical=False), table(FORM, line, line), A)
    assert of(kept).counted == 2
    elsewhere = parsed(PLAN, table(FORM, line, (line[0], "b", *line[2:])))
    assert [unit.counted for unit in elsewhere.units] == [1, 1]


def test_equal_answers_alone_are_no_duplicates() -> None:
    result = parsed(PLAN, plain("a | 4 | 4 | 3", "a | 4 | 4 | 3"), A)
    assert (of(result).counted, codes(result)) == (2, [("no_identity", "warning")])


def test_one_respondent_counts_once_and_not_at_all_when_the_answers_contradict() -> None:
    plan = replace(PLAN, respondent="Dấu")
    rows = [
        ("HS-1", "a", "4", "4", "3"),
        ("hs-1 ", "a", "4", "Hài lòng", "3", "góp ý khác"),  # the same answers
        ("HS-2", "a", "4", "4", "3"),
        ("HS-2", "a", "5", "4", "3"),  # other answers
        ("HS-1", "b", "1", "2", "3"),  # of another unit
        ("HS-3", "a", "4", "x", "3"),  # excluded for itself, so that…
        ("HS-3", "a", "4", "4", "3"),  # …this one is no duplicate
        ("", "a", "4", "4", "2"),
        ("", "a", "4", "4", "2"),  # no key, and nothing else to tell them apart
    ]
    result = parsed(plan, table(FORM, *rows))
    assert of(result).excluded == {"impossible": (7,), "duplicate": (3, 4, 5)}
    assert (of(result).counted, of(result, B).counted) == (4, 1)
    (told,) = [p for p in result.problems if p.code == "contradictory"]
    assert (told.severity, told.unit, dict(told.what.values)["lines"]) == ("warning", "a", [4, 5])


def test_a_line_that_has_slipped_stops_everything() -> None:
    result = parsed(PLAN, table(FORM, ("t", "a", "4", "4", "4", "một", "hai")), A)
    assert ("too_many_values", "error") in codes(result)
    assert not result.is_sound


def test_more_responses_than_people_is_told() -> None:
    result = parsed(replace(PLAN, population={"a": 3}), form(*FOUR))
    assert [(p.code, p.unit) for p in result.problems] == [
        ("population_small", "a"),
        ("no_response", "b"),
        ("population_missing", "b"),
    ]
    assert of(result).measured[1].margin == 0  # everybody was asked


def test_points_are_rounded_half_up_once_and_never_above_the_maximum() -> None:
    half = parsed(replace(PLAN, decimals=0), form("a | 4 | 4 | 3", "a | 3 | 4 | 3"), A)
    # 5 × 1/2 = 2,5 → 3; 3 × 1/2 = 1,5 → 2
    assert [m.points for m in of(half).measured] == [D(3), D(2)]
    fine = criteria_set("1\n  1.1 0.255 survey\n  1.2 0.745 survey")
    result = parse_responses(form("a | 4 | 4 | 5"), plan=PLAN, units=(A,), criteria=fine)
    assert [m.points for m in of(result).measured] == [D("0.255"), D("0.745")]  # not 0,26 and 0,75


@pytest.mark.parametrize(
    ("scale", "measure", "limit"),
    [
        (Scale((Option("Có", 1),)), "share_satisfied", 1),
        (SATISFACTION, "share_satisfied", None),
        (SATISFACTION, "share_satisfied", 6),
        (SATISFACTION, "share_satisfied", 1),  # everybody would be satisfied
        (SATISFACTION, "weighted_mean", None),  # nothing says what an answer is worth
        (Scale((Option("Có", worth=D(5)), Option("Không", worth=D(1)))), "weighted_mean", None),  # levels, not percents
        (Scale((Option("Hài lòng", 1), Option("Không hài lòng", 2))), "share_satisfied", 2),  # the wrong way round
        (Scale((Option("Có", 1, also=("C",)), Option("c", 2))), "share_satisfied", 2),
    ],
)
def test_a_scale_that_cannot_give_its_measure_makes_no_question(scale: Scale, measure: str, limit: int | None) -> None:
    with pytest.raises(ValueError, match=r"^(scale|satisfied_from): "):
        Question("1", "1.1", scale, measure, limit)  # type: ignore[arg-type]


# --- promises for any file ------------------------------------------------------------------------------------------

ANSWERS = st.sampled_from(["5", "4", "3", "2", "1", "", "?"])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["n1", "n2", "n3", "n4", ""]), st.sampled_from(["a", "b", "q"]), ANSWERS, ANSWERS, ANSWERS
    ),
    max_size=25,
)
KEYED = replace(PLAN, respondent="Dấu", straight_line=3, population_of_all=50)


def numbers(result: SurveyResult) -> object:
    units = [
        (u.received, u.counted, {r: len(lines) for r, lines in u.excluded.items()}, u.wanted, u.measured)
        for u in result.units
    ]
    return units, result.points, result.excluded, result.received, sorted(map(str, codes(result)))


@settings(deadline=None)
@given(ROWS, st.randoms())
def test_the_order_of_the_lines_plays_no_part(rows: list[tuple[str, ...]], chance: object) -> None:
    mixed = list(rows)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert numbers(parsed(KEYED, table(FORM, *rows))) == numbers(parsed(KEYED, table(FORM, *mixed)))


@settings(deadline=None)
@given(ROWS)
def test_every_line_is_counted_or_excluded_and_points_stay_within_the_maximum(rows: list[tuple[str, ...]]) -> None:
    result = parsed(KEYED, table(FORM, *rows))
    counted = sum(unit.counted for unit in result.units)
    assert counted + result.excluded.total() == result.received == len(rows)
    for unit in result.units:
        for measured in unit.measured:
            assert 0 <= measured.points <= measured.max_points
            assert 0 <= measured.value <= 1
            assert measured.respondents <= unit.counted


def test_a_blank_is_no_zero() -> None:
    def value(*answers: str) -> Fraction:
        return of(parsed(PLAN, form(*(f"a | {answer} | 4 | 3" for answer in answers)))).measured[0].value

    assert value("4", "1", "") == F(1, 2)
    assert value("4", "", "") == 1
    unit = of(parsed(PLAN, form("a | | 4 | 3")))
    assert [measured.code for measured in unit.measured] == ["1.2"]


@settings(deadline=None)
@given(
    ROWS,
    st.sampled_from(
        [("", "a", "", "", ""), ("", "a", "4", "?", "4"), ("", "a", "4", "4", "4"), ("", "q", "4", "4", "5")]
    ),
)
def test_an_excluded_line_changes_counts_and_nothing_else(rows: list[tuple[str, ...]], line: tuple[str, ...]) -> None:
    before, after = parsed(KEYED, table(FORM, *rows)), parsed(KEYED, table(FORM, *rows, line))
    assert [unit.measured for unit in after.units] == [unit.measured for unit in before.units]
    assert after.excluded.total() == before.excluded.total() + 1


@settings(deadline=None)
@given(ROWS)
def test_handing_everything_in_twice_changes_nothing_where_respondents_are_known(rows: list[tuple[str, ...]]) -> None:
    keyed = [row for row in rows if row[0]]
    once, twice = parsed(KEYED, table(FORM, *keyed)), parsed(KEYED, table(FORM, *keyed, *keyed))
    assert once.points == twice.points


def test_decimal_stays_exact_through_a_large_file() -> None:
    lines = [f"a | {'4' if n % 3 else '2'} | 4 | 3" for n in range(999)]
    (first, _) = of(parsed(PLAN, plain(*lines))).measured
    assert (first.value, first.points) == (F(2, 3), Decimal("3.33"))
