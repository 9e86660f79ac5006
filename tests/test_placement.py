"""Where keys lie, and what the references of a formula become there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cchc_sheets.layouts.workbook import Column, Formula, Input, Link, Row, Sheet, slot
from cchc_sheets.workspace.filling import fill, filled, needs_filling_first
from cchc_sheets.workspace.placement import HEADINGS_KEY, letter, place, runs

COLUMNS = (Column("code", "Mã", 8), Column("points", "Điểm", 8), Column("self_score", "Tự chấm", 8))


def sheet(*codes: str, headings: bool = True, banner: tuple[Row, ...] = (Row("", {"code": "Phiếu"}),)) -> Sheet:
    rows = tuple(Row(code, {"code": code}) for code in codes)
    return Sheet("form", "Phiếu", COLUMNS, banner, rows, headings=headings)


def test_keys_banner_headings_and_rows_follow_each_other() -> None:
    placement = place(sheet("1", "1.1", "1.10"))
    assert placement.columns == {"code": "B", "points": "C", "self_score": "D"}
    assert placement.numbers == {"@1": 2, HEADINGS_KEY: 3, "1": 4, "1.1": 5, "1.10": 6}
    assert (placement.heading, placement.first, placement.last, placement.last_column) == (3, 4, 6, "D")
    assert placement.address("1.10", "self_score") == "D6"


def test_a_sheet_without_headings_starts_right_below_its_banner() -> None:
    placement = place(sheet("1", headings=False))
    assert (placement.heading, placement.first) == (0, 3)


@pytest.mark.parametrize(
    ("pattern", "formula"),
    [
        ("={points}-{self_score}", "C5-D5"),
        ("SUM({points@*})", "SUM(C4:C6)"),
        ("SUM({points@1.1:1.10})", "SUM(C5:C6)"),
        ("{self_score@1}*2", "D4*2"),
        ('IF({points}="{}","",0)', 'IF(C5="{}","",0)'),
    ],
)
def test_references_become_addresses(pattern: str, formula: str) -> None:
    assert place(sheet("1", "1.1", "1.10")).formula(pattern, "1.1") == formula


def test_a_row_key_with_a_colon_is_a_row_before_it_is_a_range() -> None:
    assert place(sheet("a:b", "a", "b")).formula("{points@a:b}", "a") == "C4"


def test_the_whole_column_of_an_empty_sheet_is_one_blank_cell() -> None:
    assert place(sheet()).formula("SUM({points@*})", "@1") == "SUM(C4:C4)"


def test_a_reference_to_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="wrong"):
        place(sheet("1")).formula("{wrong}", "1")


def test_a_key_used_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        place(sheet("1", "1"))


def test_letters_go_on_after_z() -> None:
    assert [letter(index) for index in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]


def test_numbers_are_joined_into_runs() -> None:
    assert list(runs([3, 4, 5, 8, 10, 11])) == [(3, 5), (8, 8), (10, 11)]
    assert list(runs([])) == []


def test_known_slots_are_filled_once_and_unknown_marks_stay() -> None:
    slots = {"name": "Xã ⟦name⟧", "other": "x"}
    assert fill(f"{slot('name')}, ⟦lạ⟧", slots) == "Xã ⟦name⟧, ⟦lạ⟧"


def test_slots_are_filled_everywhere_in_a_sheet() -> None:
    row = Row(
        "1",
        {
            "code": Link("⟦name⟧", "https://x.vn/⟦name⟧"),
            "points": Formula('="⟦name⟧"'),
            "self_score": Decimal(1),
        },
        inputs={"self_score": Input(choices=("⟦name⟧", "b"), prompt="⟦name⟧", refusal="⟦name⟧")},
    )
    columns = (Column("code", "⟦name⟧", 8, tones={"⟦name⟧": "good"}), *COLUMNS[1:])
    before = Sheet("form", "⟦name⟧", columns, (), (row,))
    assert needs_filling_first(before)
    after = filled(before, {"name": 'a"b'})
    assert "⟦" not in repr(after)
    assert after.rows[0].cells["points"] == Formula('="a""b"')
    assert not needs_filling_first(sheet("⟦name⟧"))
