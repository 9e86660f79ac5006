"""What a unit hands in, whatever it did to its workbook: taken exactly, or told with the cell's name."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping

import pytest
from criteria_sets import (
    CYCLE,
    D,
    Typed,
    assessment_rows,
    criteria_set,
    handed_in,
    row,
    self_assessment,
    self_report,
    with_rows,
    workbook,
)

from cchc_sheets.assessment.submission import Evidence, Submission, parse_submission
from cchc_sheets.errors import Problem
from cchc_sheets.reading import Cell, RowReading, SheetReading, WorkbookReading

CRITERIA = criteria_set("""
    1
        1.1 2 levels 0 1 2
        1.2 3 ratio floor=0.8 kps=exclude
        1.3 1 points 0.25 kps=full
    2
        2.1 1 count 0.5
        2.2 5 survey
""")
# Rows 5 to 11: 1, 1.1, 1.2, 1.3, 2, 2.1, 2.2. Columns B code … F numerator, G denominator, H not_occurred,
# I self_score, J evidence, K note.
PROOF: dict[str, Typed] = {"evidence": "Quyết định số 12/QĐ-UBND"}
ALL: dict[str, dict[str, Typed]] = {
    "1.1": {"self_score": "1", **PROOF},
    "1.2": {"numerator": "17", "denominator": "20", "self_score": "2,55", **PROOF},
    "1.3": {"self_score": "0,75", **PROOF},
    "2.1": {"numerator": "1", "self_score": "0,5", **PROOF},
}


def parsed(reading: WorkbookReading) -> tuple[Submission, list[Problem]]:
    submission, problems = parse_submission(reading, unit="a", cycle=CYCLE, criteria=CRITERIA)
    return submission, list(problems)


def of_cells(**cells: Typed) -> tuple[Submission, list[Problem]]:
    """Parse a workbook in which criterion 1.2 was filled in like this and all others properly."""
    return parsed(handed_in(CRITERIA, ALL | {"1.2": cells}))


def of_rows(rows: list[RowReading]) -> tuple[Submission, list[Problem]]:
    return parsed(workbook(with_rows(self_assessment(CRITERIA, ALL), rows), self_report()))


def found(problems: list[Problem]) -> list[tuple[str, str, str | int | None, str | int | None]]:
    return [(p.code, p.severity, p.row, p.column) for p in problems]


def said(problems: list[Problem]) -> list[str]:
    return [p.what.said_in("en") for p in problems]


def rows_with(changes: Mapping[str, RowReading | None]) -> list[RowReading]:
    rows = {r.key: r for r in assessment_rows(CRITERIA, ALL)}
    return [r for key, own in rows.items() if (r := changes.get(key, own)) is not None]


def test_a_sheet_filled_in_properly_is_read_without_a_problem() -> None:
    submission, problems = parsed(handed_in(CRITERIA, ALL, confirmed="Đã hoàn thành", strengths=" Nhiều "))
    assert problems == []
    assert {code: score.points for code, score in submission.scores.items()} == {
        "1.1": D(1),
        "1.2": D("2.55"),
        "1.3": D("0.75"),
        "2.1": D("0.5"),
    }
    assert submission.self_points(CRITERIA) == D("4.80")  # 1 + 2.55 + 0.75 + 0.5
    assert (submission.score("1.2").declared.numerator, submission.score("1.2").declared.denominator) == (D(17), D(20))
    assert submission.is_confirmed
    assert submission.report == {"strengths": "Nhiều", "confirmed": "Đã hoàn thành"}


def test_blank_zero_and_not_occurred_are_three_different_things() -> None:
    blank, problems = of_cells()
    assert "1.2" not in blank.scores
    assert blank.score("1.2").points is None
    assert not blank.score("1.2").is_answered()
    assert found(problems) == [("missing_score", "error", "1.2", "self_score")]

    zero, problems = of_cells(self_score="0")
    assert zero.score("1.2").points == D(0)
    assert zero.score("1.2").is_answered()
    assert problems == []

    none, problems = of_cells(not_occurred="Không phát sinh")
    assert none.score("1.2").points is None
    assert none.score("1.2").is_answered()
    assert none.score("1.2").is_excluded(CRITERIA.by_code["1.2"])
    assert problems == []
    assert [s.self_points(CRITERIA) for s in (blank, zero, none)] == [D("2.25")] * 3  # 1 + 0.75 + 0.5


def test_not_occurred_with_full_points_claims_the_maximum() -> None:
    submission, problems = parsed(handed_in(CRITERIA, ALL | {"1.3": {"not_occurred": "Không phát sinh"}}))
    assert problems == []
    assert submission.score("1.3").claimed(CRITERIA.by_code["1.3"]) == D(1)
    assert submission.self_points(CRITERIA) == D("5.05")  # 1 + 2.55 + 1 + 0.5


@pytest.mark.parametrize(
    "typed", ["Không phát sinh", "không phát sinh", unicodedata.normalize("NFD", "KHÔNG PHÁT  SINH ")]
)
def test_a_choice_is_recognised_however_it_is_spelt(typed: str) -> None:
    submission, problems = of_cells(not_occurred=typed)
    assert submission.score("1.2").not_occurred
    assert problems == []


@pytest.mark.parametrize(
    ("cells", "code", "column", "what"),
    [
        ({"self_score": "1.250"}, "thousands", "self_score", "I7: «1.250» may have a thousands separator"),
        ({"self_score": "1,5đ"}, "not_a_number", "self_score", "I7: «1,5đ» is not a number"),
        ({"self_score": Cell(error="#REF!")}, "formula_error", "self_score", "I7: the cell shows the error #REF!"),
        ({"self_score": Cell(formula="=1+1")}, "formula", "self_score", "I7: the cell holds the formula =1+1"),
        ({"self_score": Cell(D("0.5"), percent=True)}, "percent", "self_score", "I7: «50%» is a percentage"),
        ({"self_score": "-1"}, "negative", "self_score", "I7: -1 points is below zero"),
        ({"self_score": "3,01"}, "above_max", "self_score", "I7: 3.01 points is above the maximum 3"),
        (
            {"self_score": "1", "numerator": "nhiều", "denominator": "20", **PROOF},
            "not_a_number",
            "numerator",
            "F7: «nhiều» is not a number",
        ),
        (
            {"self_score": "1", "numerator": "-1", "denominator": "20", **PROOF},
            "negative",
            "numerator",
            "F7: -1 is below zero",
        ),
        (
            {"self_score": "1", "numerator": "1", "denominator": "0", **PROOF},
            "denominator_zero",
            "denominator",
            "G7: a total of 0 cannot be divided by",
        ),
        ({"not_occurred": "Không"}, "choice_unknown", "not_occurred", "H7: «Không» is not a choice of this cell"),
        (
            {"not_occurred": "Không phát sinh", "self_score": "3", **PROOF},
            "points_and_not_occurred",
            "self_score",
            "I7: the row says both «Không phát sinh» and «3»; neither was taken",
        ),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named_and_yields_nothing(
    cells: dict[str, Typed], code: str, column: str, what: str
) -> None:
    submission, problems = of_cells(**cells)
    assert found(problems)[0] == (code, "error", "1.2", column)
    assert said(problems)[0] == f"«Self Assessment» {what}"
    assert problems[0].unit == "a"
    assert problems[0].sheet == "self_assessment"
    if column == "self_score":
        assert submission.score("1.2").points is None
    assert problems[0] in submission.score("1.2").problems


def test_points_between_levels_and_off_the_step_are_refused() -> None:
    submission, problems = parsed(
        handed_in(CRITERIA, ALL | {"1.1": {"self_score": "1,5", **PROOF}, "1.3": {"self_score": "0,3", **PROOF}})
    )
    assert found(problems) == [
        ("off_step", "error", "1.1", "self_score"),
        ("off_step", "error", "1.3", "self_score"),
    ]
    assert (submission.score("1.1").points, submission.score("1.3").points) == (None, None)


def test_not_occurred_is_refused_where_the_set_does_not_offer_it() -> None:
    submission, problems = parsed(handed_in(CRITERIA, ALL | {"1.1": {"not_occurred": "Không phát sinh"}}))
    assert found(problems) == [
        ("not_occurred_refused", "error", "1.1", "not_occurred"),
        ("missing_score", "error", "1.1", "self_score"),
    ]
    assert said(problems) == [
        "«Self Assessment» H6: «Không phát sinh» cannot be claimed for 1.1",
        "«Self Assessment» I6: no points for 1.1",
    ]
    assert not submission.score("1.1").is_answered()


def test_full_points_beside_not_occurred_say_the_same_where_it_gives_them() -> None:
    both: dict[str, Typed] = {"not_occurred": "Không phát sinh", "self_score": "1", **PROOF}
    submission, problems = parsed(handed_in(CRITERIA, ALL | {"1.3": both}))
    assert problems == []
    assert submission.score("1.3").claimed(CRITERIA.by_code["1.3"]) == D(1)
    submission, problems = parsed(handed_in(CRITERIA, ALL | {"1.3": both | {"self_score": "0,5"}}))
    assert [p.code for p in problems] == ["points_and_not_occurred"]


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\n"])
def test_a_cell_of_blanks_is_a_blank_cell(blank: str) -> None:
    submission, problems = of_cells(self_score=blank)
    assert found(problems) == [("missing_score", "error", "1.2", "self_score")]
    assert "1.2" not in submission.scores
    submission, problems = of_cells(self_score=blank, note="sẽ bổ sung")
    assert found(problems) == [("missing_score", "error", "1.2", "self_score")]
    assert submission.score("1.2").note == "sẽ bổ sung"
    submission, problems = of_cells(numerator="1", denominator="3", self_score="1", evidence=blank)
    assert found(problems) == [("evidence_missing", "warning", "1.2", "evidence")]


def test_points_without_their_figures_or_with_a_part_above_the_whole_are_taken_with_a_warning() -> None:
    submission, problems = of_cells(self_score="1", evidence="BC 5")
    assert found(problems) == [("figures_missing", "warning", "1.2", "numerator")]
    assert said(problems) == ["«Self Assessment» F7: points are claimed without the figures they are computed from"]
    assert submission.score("1.2").points == D(1)
    _, problems = of_cells(numerator="30", denominator="20", self_score="3", evidence="BC 5")
    assert found(problems) == [("numerator_above", "warning", "1.2", "numerator")]
    assert said(problems) == ["«Self Assessment» F7: 30 is more than the whole, 20"]


def test_a_row_with_a_note_but_no_points_misses_them_once() -> None:
    _, problems = of_cells(note="đang làm")
    assert found(problems) == [("missing_score", "error", "1.2", "self_score")]


def test_a_wrong_score_is_not_called_missing_as_well() -> None:
    _, problems = of_cells(self_score="một", **PROOF)
    assert [p.code for p in problems] == ["not_a_number"]


def test_points_without_evidence_are_taken_with_a_warning_but_zero_needs_none() -> None:
    submission, problems = of_cells(numerator="1", denominator="3", self_score="1")
    assert found(problems) == [("evidence_missing", "warning", "1.2", "evidence")]
    assert said(problems) == ["«Self Assessment» J7: points are claimed without evidence"]
    assert submission.score("1.2").points == D(1)
    assert of_cells(self_score="0")[1] == []
    linked = Cell(links=("https://example.gov.vn/1",))
    assert of_cells(numerator="1", denominator="3", self_score="1", evidence=linked)[1] == []


def test_evidence_keeps_its_words_and_every_link() -> None:
    links = ("https://example.gov.vn/1", "https://example.gov.vn/2")
    submission, _ = of_cells(self_score="1", evidence=Cell("KH 12 và KH 13", links=links))
    assert submission.score("1.2").evidence == Evidence("KH 12 và KH 13", links)


def test_evidence_that_is_a_formula_is_kept_as_text_with_a_warning() -> None:
    submission, problems = of_cells(numerator="1", denominator="3", self_score="1", evidence=Cell(formula="=A1"))
    assert found(problems) == [("formula", "warning", "1.2", "evidence")]
    assert said(problems) == ["«Self Assessment» J7: the cell holds the formula =A1"]
    assert submission.score("1.2").evidence == Evidence("=A1")


def test_what_is_written_beside_a_surveyed_criterion_does_not_count() -> None:
    submission, problems = parsed(handed_in(CRITERIA, ALL | {"2.2": {"self_score": "5"}}))
    assert found(problems) == [("not_self_scored", "warning", "2.2", "self_score")]
    assert said(problems) == ["«Self Assessment» I11: 2.2 is not self-scored; what was written here does not count"]
    assert "2.2" not in submission.scores
    assert submission.self_points(CRITERIA) == D("4.80")


def test_figures_that_the_rule_does_not_ask_for_are_left_alone() -> None:
    submission, problems = parsed(handed_in(CRITERIA, ALL | {"1.1": ALL["1.1"] | {"numerator": "nhiều"}}))
    assert problems == []
    assert submission.score("1.1").declared.numerator is None


def test_rows_in_any_order_with_rows_between_are_found_by_their_keys() -> None:
    rows = [*reversed(assessment_rows(CRITERIA, ALL)), row("", 40, note="")]
    assert of_rows(rows)[0] == parsed(handed_in(CRITERIA, ALL))[0]
    assert of_rows(rows)[1] == []


def test_a_deleted_row_is_told_and_its_criterion_has_no_points() -> None:
    submission, problems = of_rows(rows_with({"1.2": None, "2.1": None}))
    assert found(problems) == [("row_missing", "error", "1.2", None), ("row_missing", "error", "2.1", None)]
    assert said(problems)[0] == "«Self Assessment»: the row of 1.2 was deleted"
    assert "1.2" not in submission.scores


def test_problems_come_in_the_order_of_the_set() -> None:
    _, problems = of_rows([])
    assert [p.row for p in problems if p.code == "row_missing"] == ["1.1", "1.2", "1.3", "2.1", "2.2"]


def test_a_row_that_lost_its_key_is_recognised_by_its_text() -> None:
    rows = [dataclasses.replace(r, key="") if r.key == "1.2" else r for r in assessment_rows(CRITERIA, ALL)]
    submission, problems = of_rows(rows)
    assert found(problems) == [("key_lost", "warning", "1.2", None)]
    assert said(problems) == [
        "«Self Assessment» 7: the row has lost its hidden key; it was recognised as 1.2 by its text"
    ]
    assert submission.score("1.2").points == D("2.55")


def test_two_copies_of_a_row_with_different_points_are_both_refused() -> None:
    twin = row("1.2", 20, code="1.2", title="Tiêu chí 1.2", self_score="3", **PROOF)
    submission, problems = of_rows([*assessment_rows(CRITERIA, ALL), twin])
    assert found(problems) == [("row_twice", "error", "1.2", None)] * 2
    assert [what.split(":")[0] for what in said(problems)] == ["«Self Assessment» 7", "«Self Assessment» 20"]
    assert "1.2" not in submission.scores


def test_a_copy_that_lost_its_key_is_a_second_row_too_only_if_the_first_is_gone() -> None:
    twin = row("", 20, code="1.2", title="Tiêu chí 1.2", self_score="3", **PROOF)
    submission, problems = of_rows([*assessment_rows(CRITERIA, ALL), twin])
    assert found(problems) == [("row_unknown", "error", 20, None)]
    assert said(problems) == [
        "«Self Assessment» 20: a row that the tool did not make; nothing in it was read: 3; Quyết định số 12/QĐ-UBND"
    ]
    assert submission.score("1.2").points == D("2.55")
    orphans = [dataclasses.replace(r, key="") if r.key == "1.2" else r for r in assessment_rows(CRITERIA, ALL)]
    submission, problems = of_rows([*orphans, twin])
    assert [p.code for p in problems if p.severity == "error"] == ["row_twice", "row_twice"]
    assert "1.2" not in submission.scores


def test_two_equal_copies_of_a_row_say_the_same() -> None:
    twin = next(r for r in assessment_rows(CRITERIA, ALL) if r.key == "1.2")
    submission, problems = of_rows([*assessment_rows(CRITERIA, ALL), dataclasses.replace(twin, number=20)])
    assert problems == []
    assert submission.score("1.2").points == D("2.55")


def test_a_sort_that_left_the_keys_behind_is_noticed_and_nothing_mixed_up_is_read() -> None:
    one, other = (next(r for r in assessment_rows(CRITERIA, ALL) if r.key == key) for key in ("1.1", "1.2"))
    swapped = rows_with({"1.1": row("1.1", 6, **other.cells), "1.2": row("1.2", 7, **one.cells)})
    submission, problems = of_rows(swapped)
    assert found(problems) == [("row_mixed_up", "error", "1.1", "code"), ("row_mixed_up", "error", "1.2", "code")]
    assert said(problems)[0].startswith("«Self Assessment» B6: the row belongs to 1.1 but shows «1.2»")
    assert submission.scores.keys() == {"1.3", "2.1"}


def test_a_title_in_another_spelling_is_still_the_title() -> None:
    cells = {"code": "1.1", "title": unicodedata.normalize("NFD", "TIÊU CHÍ  1.1"), "self_score": "2", **PROOF}
    submission, problems = of_rows(rows_with({"1.1": row("1.1", 6, **cells)}))
    assert problems == []
    assert submission.score("1.1").points == D(2)


@pytest.mark.parametrize(
    ("stranger", "severity"),
    [
        (row("9.9", 30, self_score="2"), "error"),
        (row("9.9", 30, title="Tiêu chí cũ"), "warning"),
        (row("", 30, self_score="2"), "error"),
        (row("", 30, self_score=Cell(formula="=1+1")), "error"),
    ],
)
def test_a_row_that_is_not_ours_is_told_and_not_read(stranger: RowReading, severity: str) -> None:
    submission, problems = of_rows([*assessment_rows(CRITERIA, ALL), stranger])
    assert [(p.code, p.severity) for p in problems] == [("row_unknown", severity)]
    assert submission.self_points(CRITERIA) == D("4.80")


def test_of_many_rows_that_are_not_ours_fifty_are_told_and_the_rest_counted() -> None:
    strangers = [row("9.9", number, self_score="2") for number in range(30, 83)]
    submission, problems = of_rows([*assessment_rows(CRITERIA, ALL), *strangers])
    assert [p.code for p in problems] == ["row_unknown"] * 50 + ["rows_unknown"]  # 53 rows
    assert said(problems)[-1] == (
        "«Self Assessment»: 3 more rows do not belong here or are there twice; nothing in them was read"
    )
    assert submission.self_points(CRITERIA) == D("4.80")


def test_an_empty_row_without_key_is_nobody_s_business() -> None:
    assert of_rows([*assessment_rows(CRITERIA, ALL), row("", 30, title="Tổng cộng")])[1] == []


def _replaced(sheet: SheetReading, **changes: object) -> WorkbookReading:
    return workbook(dataclasses.replace(sheet, **changes), self_report())  # type: ignore[arg-type]  # parts of the sheet


def test_a_workbook_of_another_unit_or_cycle_is_not_read_at_all() -> None:
    sheet = self_assessment(CRITERIA, ALL)
    for changes, code, owner in (
        ({"unit": "b"}, "other_unit", "ky-2023 / b"),
        ({"cycle": "ky-2022"}, "other_cycle", "ky-2022 / a"),
    ):
        submission, problems = parsed(_replaced(sheet, **changes))
        assert submission == Submission("a")
        assert [(p.code, p.severity, p.unit) for p in problems] == [(code, "error", "a")]
        assert said(problems) == [
            f"the workbook in this place belongs to {owner}, not to ky-2023 / a; nothing was read from it"
        ]


def test_a_missing_sheet_is_told_with_the_tabs_that_are_there() -> None:
    submission, problems = parsed(workbook(self_report(), strays=("Sheet1", "Bản sao")))
    assert submission.is_blank
    assert [p.code for p in problems] == ["sheet_missing"]
    assert said(problems) == [
        "the sheet self_assessment was deleted or has lost its hidden key (other sheets here: Sheet1, Bản sao)"
    ]


def test_a_copied_sheet_with_other_content_makes_both_unreadable() -> None:
    sheet = self_assessment(CRITERIA, ALL)
    copy = dataclasses.replace(self_assessment(CRITERIA, {}), title="Bản sao")
    submission, problems = parsed(workbook(sheet, copy, self_report()))
    assert submission == Submission("a")
    assert [p.code for p in problems] == ["sheet_twice"]
    assert said(problems) == ["the sheet is there 2 times, with different content: Self Assessment, Bản sao"]
    submission, problems = parsed(workbook(sheet, dataclasses.replace(sheet, title="Bản sao"), self_report()))
    assert submission.self_points(CRITERIA) == D("4.80")
    assert problems == []


def test_a_column_that_is_gone_is_named() -> None:
    sheet = self_assessment(CRITERIA, {code: {"note": "x"} for code in ALL})
    columns = {key: letter for key, letter in sheet.columns.items() if key != "self_score"}
    _, problems = parsed(_replaced(sheet, columns=columns))
    assert found(problems)[0] == ("column_missing", "error", None, "self_score")
    assert said(problems)[0] == "«Self Assessment»: the column self_score is gone or has lost its hidden key"


def test_a_column_added_by_hand_is_told_once() -> None:
    rows = [dataclasses.replace(r, cells={**r.cells, "+M": Cell("ghi chú")}) for r in assessment_rows(CRITERIA, ALL)]
    submission, problems = of_rows(rows)
    assert [(p.code, p.severity) for p in problems] == [("column_unknown", "warning")]
    assert said(problems) == ["«Self Assessment» 5: column M was added by hand and is not read"]
    assert submission.self_points(CRITERIA) == D("4.80")


def test_a_unit_that_wrote_nothing_has_not_submitted_rather_than_missed_every_row() -> None:
    submission, problems = parsed(handed_in(CRITERIA, {}))
    assert submission.is_blank
    assert [p.code for p in problems] == ["not_submitted"]
    assert said(problems) == ["the unit has not written anything"]


def test_all_problems_of_a_sheet_are_told_in_one_go() -> None:
    typed: dict[str, dict[str, Typed]] = {
        "1.1": {"self_score": "1,5", **PROOF},
        "1.2": {"self_score": "#REF!", "numerator": "x", "denominator": "0"},
        "1.3": {"self_score": "2", "not_occurred": "?"},
    }
    _, problems = parsed(handed_in(CRITERIA, typed))
    assert [(p.row, p.code) for p in problems] == [
        ("1.1", "off_step"),
        ("1.2", "formula_error"),
        ("1.2", "not_a_number"),
        ("1.2", "denominator_zero"),
        ("1.3", "choice_unknown"),
        ("1.3", "above_max"),
        ("2.1", "missing_score"),
    ]
