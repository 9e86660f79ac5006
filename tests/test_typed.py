"""What people type for a number: taken exactly, or refused by name; never guessed, never zero."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time

import pytest
from criteria_sets import D
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets.assessment.typed import Unreadable, read_number
from cchc_sheets.reading import Cell, Raw

NBSP, NARROW_NBSP = "\u00a0", "\u202f"
REFUSED = {
    "thousands": "» may have a thousands separator",
    "percent": "» is a percentage",
    "formula_error": "the cell shows the error #",
    "not_a_number": "» is not a number",
    "date": "the spreadsheet turned what was typed into a date or time (",
}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0,5", "0.5"),
        ("0.5", "0.5"),
        (" 1 ", "1"),
        (f"{NBSP}1,5{NBSP}", "1.5"),
        ("\t2\n", "2"),
        ("0", "0"),
        ("0,0", "0"),
        ("00,5", "0.5"),
        ("12,50", "12.50"),
        ("+2", "2"),
        ("-1", "-1"),
        ("-0,25", "-0.25"),
        ("0,125", "0.125"),  # nothing stands before the comma: no thousands
        ("0.125", "0.125"),
        ("-0,125", "-0.125"),
        ("0,000", "0"),
        ("0,1250", "0.1250"),
        ("1,2345", "1.2345"),  # four digits after the comma: no thousands either
        ("1,25", "1.25"),
        ("1250", "1250"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_a_plain_number_is_taken_exactly(typed: str, expected: str) -> None:
    assert read_number(Cell(typed)) == D(expected)


@pytest.mark.parametrize("typed", ["", " ", NBSP, f" {NARROW_NBSP}\t\n", None])
def test_a_blank_cell_is_blank_and_not_zero(typed: str | None) -> None:
    assert read_number(Cell(typed)) is None


def test_no_cell_is_blank() -> None:
    assert read_number(None) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1.250", "thousands"),
        ("1,250", "thousands"),
        ("-1,250", "thousands"),
        ("12.345", "thousands"),
        ("1.234,5", "thousands"),
        ("1,234.5", "thousands"),
        ("1 250", "thousands"),
        (f"1{NBSP}250", "thousands"),
        (f"1{NARROW_NBSP}250", "thousands"),
        ("1.234.567", "thousands"),
        ("01,250", "thousands"),
        ("50%", "percent"),
        ("50 %", "percent"),
        ("#REF!", "formula_error"),
        ("#N/A", "formula_error"),
        ("1,5đ", "not_a_number"),
        ("1,5 điểm", "not_a_number"),
        (unicodedata.normalize("NFD", "Không phát sinh"), "not_a_number"),
        ("1,5/2", "not_a_number"),
        ("1/2", "not_a_number"),
        ("≈1", "not_a_number"),
        ("−1", "not_a_number"),  # U+2212
        ("–1", "not_a_number"),
        ("１", "not_a_number"),  # full width
        ("٣", "not_a_number"),  # Arabic-Indic three
        ("²", "not_a_number"),
        ("1e5", "not_a_number"),
        ("1E-3", "not_a_number"),
        ("0x10", "not_a_number"),
        ("1_000", "not_a_number"),
        ("1..5", "not_a_number"),
        ("1,", "not_a_number"),
        (",5", "not_a_number"),
        (".", "not_a_number"),
        ("- 1", "not_a_number"),
        ("0, 5", "not_a_number"),
        ("1 2", "not_a_number"),
        ("\u200b1", "not_a_number"),  # a zero-width space nobody sees
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("1" * 40, "not_a_number"),
        ("0," + "3" * 40, "not_a_number"),
        ("=1+1", "not_a_number"),
        ("'1", "not_a_number"),
        (True, "not_a_number"),
        (False, "not_a_number"),
        (D("NaN"), "not_a_number"),
        (D("Infinity"), "not_a_number"),
        (date(2023, 5, 1), "date"),
        (datetime(2023, 5, 1, 8, 30), "date"),  # noqa: DTZ001 - cells know no time zone
        (time(0, 5), "date"),
    ],
)
def test_anything_else_is_refused_by_name(value: Raw, code: str) -> None:
    read = read_number(Cell(value))
    assert isinstance(read, Unreadable)
    assert read.code == code
    assert REFUSED[code] in read.what.said_in("en")
    assert str(read.fix)


@pytest.mark.parametrize("value", [D("0.5"), D(1), D(0), D("1E+5"), D(-2), D("0.1"), D("1.0000000000000001")])
def test_a_number_cell_is_taken_as_it_is(value: D) -> None:
    assert read_number(Cell(value)) == value


def test_a_number_shown_as_percentage_is_refused_as_people_see_it() -> None:
    read = read_number(Cell(D("0.5"), percent=True))
    assert isinstance(read, Unreadable)
    assert (read.code, read.what.said_in("en")) == ("percent", "«50%» is a percentage")


@pytest.mark.parametrize(
    ("cell", "code", "what"),
    [
        (Cell(error="#REF!"), "formula_error", "the cell shows the error #REF!"),
        (Cell("#N/A"), "formula_error", "the cell shows the error #N/A"),
        (Cell(D(2), error="#REF!"), "formula_error", "the cell shows the error #REF!"),
        (Cell(formula="=SUM(A1:A3)"), "formula", "the cell holds the formula =SUM(A1:A3)"),
        (Cell(D(2), formula="=1+1"), "formula", "the cell holds the formula =1+1"),  # its shown result is never taken
    ],
)
def test_formulas_and_their_errors_are_no_numbers(cell: Cell, code: str, what: str) -> None:
    read = read_number(cell)
    assert isinstance(read, Unreadable)
    assert (read.code, read.what.said_in("en")) == (code, what)


def test_a_comment_alone_is_a_blank_cell() -> None:
    assert read_number(Cell(note="xem lại")) is None


def test_a_long_text_is_shortened_in_its_message() -> None:
    read = read_number(Cell("rất dài " * 100))
    assert isinstance(read, Unreadable)
    assert len(read.what.said_in("en")) < 100


@given(
    st.decimals(-999_999, 999_999, places=2), st.sampled_from(".,"), st.integers(0, 2), st.sampled_from(["", " ", NBSP])
)
def test_every_number_with_at_most_two_decimals_is_read_back_exactly(
    value: D, sign: str, places: int, around: str
) -> None:
    value = value.quantize(D(1).scaleb(-places))
    typed = f"{around}{value:f}{around}".replace(".", sign)
    assert read_number(Cell(typed)) == value


def plainly(typed: str) -> D | None:
    """Our own strict grammar: sign, digits, at most one comma or point with digits after it, no thousands."""
    sign, rest = (typed[0], typed[1:]) if typed[:1] in {"+", "-"} else ("", typed)
    whole, mark, decimals = rest, "", ""
    for candidate in ",.":
        if candidate in rest:
            whole, mark, decimals = rest.partition(candidate)
            break
    digits = set("0123456789")
    if not whole or not set(whole) <= digits or not set(decimals) <= digits or bool(mark) != bool(decimals):
        return None
    if len(decimals) == 3 and len(whole) <= 3 and whole != "0":
        return None
    if max(len(whole), len(decimals)) > 15:
        return None
    return D(f"{sign}{whole}.{decimals or 0}")


lookalikes = st.text(alphabet="0123456789,.+-−–  \u00a0eE%#đ/_'１", max_size=9)


@given(
    st.one_of(lookalikes, st.text(max_size=12), st.from_regex(re.compile(r"[+-]?\d{1,5}[.,]?\d{0,5}"), fullmatch=True))
)
def test_text_is_a_number_only_if_it_plainly_is_one(typed: str) -> None:
    trimmed = " ".join(unicodedata.normalize("NFC", typed).split())
    read = read_number(Cell(typed))
    if not trimmed:
        assert read is None
    elif (expected := plainly(trimmed)) is None:
        assert isinstance(read, Unreadable)
    else:
        assert read == expected
