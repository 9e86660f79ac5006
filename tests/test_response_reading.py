"""Columns, answers, units and respondents as they are recognised in a table of answers."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from criteria_sets import A, B, D, criteria_set
from survey_answers import FORM, FOUR, HOA, PLAN, Typed, codes, form, of, parsed, plain, table

from cchc_sheets.assessment.response_columns import find_columns
from cchc_sheets.assessment.responses import parse_responses
from cchc_sheets.assessment.survey_plan import SATISFACTION, Option, Question, RespondentGroup, Scale, SurveyPlan
from cchc_sheets.reading import Cell


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
    ("name", "code", "what"),
    [
        (
            "Câu",
            "question_ambiguous",
            "«Câu» may mean several columns: B «Câu 1. Hồ sơ», C «Câu 5.1 Lệ phí»",
        ),  # begins both
        ("5", "question_unmatched", "no column is headed «5»"),  # not 5.1
        ("Câu 5.", "question_unmatched", "no column is headed «Câu 5.»"),
        ("Thái đ", "question_unmatched", "no column is headed «Thái đ»"),  # half a word
        ("Hai long", "question_unmatched", "no column is headed «Hai long»"),  # other words without their marks
        ("hồ sơ", "question_unmatched", "no column is headed «hồ sơ»"),  # not the beginning
    ],
)
def test_a_column_that_is_missing_or_not_the_only_one_is_told(name: str, code: str, what: str) -> None:
    headings = ("Đơn vị", "Câu 1. Hồ sơ", "Câu 5.1 Lệ phí", "Hài lòng chung", "Thái độ")
    result = parsed(SurveyPlan("Đơn vị", (Question(name, "1.1"),)), table(headings, ("a", "Hài lòng")))
    assert codes(result) == [(code, "error")]
    assert result.problems[0].what.said_in("en") == f"survey.csv line 1, column –: {what}"
    assert (result.is_sound, result.points) == (False, {})


def test_the_whole_name_of_a_grids_row_goes_before_its_beginning() -> None:
    headings = ("Đơn vị", "Đánh giá [Thái độ phục vụ]", "Đánh giá [Thái độ]")
    columns, _ = find_columns(table(headings), SurveyPlan("Đơn vị", (Question("Thái độ", "1.1"),)))
    assert columns is not None
    assert columns.questions == (2,)


def test_two_names_of_one_column_cannot_count_twice() -> None:
    plan = SurveyPlan("Đơn vị", (Question("1", "1.1"), Question("Câu 1", "1.1")))
    result = parsed(plan, table(("Đơn vị", "Câu 1. A")))
    assert codes(result) == [("question_ambiguous", "error")]
    assert result.problems[0].what.said_in("en").endswith(": the column B «Câu 1. A» counts twice for 1.1")


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
    unknown = [p for p in often.problems if p.code == "unit_unknown"]
    assert [p.severity for p in unknown] == ["error", "error"]
    assert all("there is no unit «" in p.what.said_in("en") for p in unknown)
    names = {next(iter(_spelled("UBND xã A"))): "a", next(iter(_spelled("Nơi khác"))): "-"}
    mapped = parsed(
        replace(PLAN, unit_names=names), form(*["UBND xã A | 4 | 4 | 5"] * 3, *["Nơi khác | 4 | 4 | 5"] * 3)
    )
    assert (mapped.is_sound, of(mapped).counted, mapped.excluded) == (True, 3, {"unknown_unit": 3})


@pytest.mark.parametrize(
    ("blank", "named", "severity"),
    [
        (3, 26, "error"),  # 3 of 29: more than a tenth (2,9), and more than two
        (3, 27, "warning"),  # 3 of 30: a tenth, no more
        (2, 2, "warning"),  # half of four, but two people may have left it blank
        (3, 1, "error"),  # a block of merged cells: the unit stands in its first line only
    ],
)
def test_a_column_of_units_that_was_not_filled_in_stops_everything(blank: int, named: int, severity: str) -> None:
    result = parsed(PLAN, form(*["a | 4 | 4 | 3"] * named, *[" | 4 | 4 | 3"] * blank), A)
    (told,) = (p for p in result.problems if p.code == "unit_unknown")
    assert (told.severity, result.is_sound) == (severity, severity == "warning")
    assert (of(result).counted, result.excluded) == (named, {"unknown_unit": blank})
    assert f": no unit is named; {blank} responses are not counted for it" in told.what.said_in("en")
    assert told.fix.said_in("vi") == (
        "nếu đơn vị chỉ ghi ở dòng đầu của mỗi khối (ô bị gộp) thì bỏ gộp ô và điền đủ từng dòng; dòng nào không ai "
        "biết là của đơn vị nào thì ghi chữ «không rõ» và cho chữ đó ứng với «-» trong `unit_names:`"
    )


def test_lines_without_any_answer_lose_nothing_and_stop_nothing() -> None:
    result = parsed(PLAN, form("a | 4 | 4 | 3", *[" | | | "] * 5), A)
    assert ("unit_unknown", "warning") in codes(result)
    assert result.is_sound


@pytest.mark.parametrize(("blank", "severity"), [(3, "error"), (2, "warning")])
def test_a_column_of_groups_that_was_not_filled_in_stops_everything(blank: int, severity: str) -> None:
    plan = replace(PLAN, group="Ý kiến khác", groups=(RespondentGroup("Người dân"),))
    result = parsed(plan, form("a | 4 | 4 | 3 | Người dân", *["a | 4 | 4 | 3 | "] * blank), A)
    (told,) = (p for p in result.problems if p.code == "group_unknown")
    assert (told.severity, result.excluded) == (severity, {"unknown_group": blank})
    assert told.fix.said_in("en").endswith("if the form does not ask for it of everybody, remove `group:`")


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
        result = parsed(replace(PLAN, least_answered=D(least)), form(*lines))
        assert of(result).excluded == {"incomplete": excluded}, least
    nobody = parsed(PLAN, form("a | | 4 | 4"), A)
    assert [p.what.said_in("en") for p in nobody.problems if p.code == "no_answers"] == [
        "Xã A: nobody answered the questions of 1.1"
    ]


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
    assert (told.severity, told.unit) == ("warning", "a")
    assert told.what.said_in("en") == ("lines 4, 5 have the same respondent but other answers; none of them counts")


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
    assert [p.what.said_in("en") for p in result.problems] == [
        "Xã A: 4 responses of a population of 3",
        "Phường B: there is no response, so it has no points",
        "Phường B: `population:` does not say how many people could be asked",
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
    ("scale", "measure", "limit", "what"),
    [
        (Scale((Option("Có", 1),)), "share_satisfied", 1, "scale: thang đo chỉ có một phương án trả lời"),
        (SATISFACTION, "share_satisfied", None, "satisfied_from: chưa ghi từ mức nào trở lên là hài lòng"),
        (
            SATISFACTION,
            "share_satisfied",
            6,
            "satisfied_from: mức 6 không phải là một mức cao hơn mức thấp nhất của thang đo",
        ),
        (
            SATISFACTION,
            "share_satisfied",
            1,
            "satisfied_from: mức 1 không phải là một mức cao hơn mức thấp nhất của thang đo",
        ),  # everybody would be satisfied
        (
            SATISFACTION,
            "weighted_mean",
            None,
            "scale: điểm bình quân theo trọng số cần `worth:` cho mọi phương án trả lời",
        ),  # nothing says what an answer is worth
        (
            Scale((Option("Có", worth=D(5)), Option("Không", worth=D(1)))),
            "weighted_mean",
            None,
            "scale: phương án tốt nhất được 5 % chứ không phải 100 %, hoặc có phương án dưới 0",  # levels, not percents
        ),
        (
            Scale((Option("Hài lòng", 1), Option("Không hài lòng", 2))),
            "share_satisfied",
            2,
            "scale: phương án phủ định («không …», «chưa …») lại có mức cao hơn phương án khẳng định",
        ),
        (
            Scale((Option("Có", 1, also=("C",)), Option("c", 2))),
            "share_satisfied",
            2,
            "scale: «c» ứng với hai phương án của thang đo",
        ),
    ],
)
def test_a_scale_that_cannot_give_its_measure_makes_no_question(
    scale: Scale, measure: str, limit: int | None, what: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(what)}$"):
        Question("1", "1.1", scale, measure, limit)  # type: ignore[arg-type]


# --- promises for any file ------------------------------------------------------------------------------------------
