"""Formulas in a Vietnamese spreadsheet: the same formula in another notation, and back."""

from __future__ import annotations

import pytest
from google_server.sheets_formulas import parse_formula, translated
from google_server.sheets_locale import locale_of
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets.workspace.google_formulas import from_vietnamese, to_vietnamese

OURS, VIETNAMESE = locale_of("en_US"), locale_of("vi_VN")

PAIRS = (
    ("=SUM(H7:H85)", "=SUM(H7:H85)"),
    ("=SUBTOTAL(9,H7:H85)", "=SUBTOTAL(9;H7:H85)"),
    ("=IF(H7>0.5,1.25,.5)", "=IF(H7>0,5;1,25;,5)"),
    ('=COUNTIF(L7:L85,"Chưa chấm, 1.5; 2")', '=COUNTIF(L7:L85;"Chưa chấm, 1.5; 2")'),
    ('=IF(A1="nói ""1,5"", nhé",1,2)', '=IF(A1="nói ""1,5"", nhé";1;2)'),
    ("='Tháng 1,5; 2.0'!B2*0.1", "='Tháng 1,5; 2.0'!B2*0,1"),
    ("='Bà''s 1.5,2'!B2+1.5", "='Bà''s 1.5,2'!B2+1,5"),
    ("=NORM.DIST(1.5,STDEV.S(A1:A9),2,TRUE)", "=NORM.DIST(1,5;STDEV.S(A1:A9);2;TRUE)"),
    ("=1.5E-3+2e5+A1", "=1,5E-3+2e5+A1"),
    ("=SUM({1,2.5;3,4},5)", "=SUM({1\\2,5;3\\4};5)"),
    ("={SUM(1,2),3;4,5}", "={SUM(1;2)\\3;4\\5}"),
    ("=#REF!+IFERROR(1/0,#N/A)", "=#REF!+IFERROR(1/0;#N/A)"),
    ('=HYPERLINK("https://a.vn/1.5,2;3","xem")', '=HYPERLINK("https://a.vn/1.5,2;3";"xem")'),
    ("SUM(1,2)", "SUM(1;2)"),
    ("=$A$1+$B2*5%", "=$A$1+$B2*5%"),
    ("", ""),
)


@pytest.mark.parametrize(("ours", "vietnamese"), PAIRS)
def test_a_formula_is_written_as_a_vietnamese_spreadsheet_writes_it(ours: str, vietnamese: str) -> None:
    assert to_vietnamese(ours) == vietnamese


@pytest.mark.parametrize(("ours", "vietnamese"), PAIRS)
def test_a_formula_that_was_read_is_in_our_notation(ours: str, vietnamese: str) -> None:
    assert from_vietnamese(vietnamese) == ours


def called(arguments: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    names = st.sampled_from(("SUM", "IF", "STDEV.S", "NORM.DIST", ""))
    return st.builds(
        lambda name, parts: f"{name}({','.join(parts if name else parts[:1])})",
        names,
        st.lists(arguments, min_size=1, max_size=3),
    )


def computed(operands: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from((" + ", "*", "<>", "&", ">=", "/ "))
    return st.builds(lambda left, sign, right: f"{left}{sign}{right}", operands, signs, operands)


NUMBERS = st.from_regex(r"\A(0|[1-9][0-9]{0,3})(\.[0-9]{1,4})?(E-[1-9])?\Z")
TEXTS = st.text(st.characters(exclude_categories=["C"]), max_size=8).map(lambda words: words.replace('"', '""'))
PLACES = st.sampled_from(("A1", "$B$2", "C3:D40", "'Tháng 1,5; 2.0'!H7", "'Bà''s'!A1:B2", "Sheet1!A1"))
ARRAYS = st.lists(st.lists(NUMBERS, min_size=2, max_size=2), min_size=1, max_size=3).map(
    lambda rows: "{" + ";".join(",".join(row) for row in rows) + "}"
)
OPERANDS = st.one_of(NUMBERS, TEXTS.map('"{}"'.format), PLACES, ARRAYS)
FORMULAS = st.recursive(OPERANDS, lambda inner: st.one_of(called(inner), computed(inner)), max_leaves=6).map(
    "={}".format
)


@given(FORMULAS)
def test_there_is_a_way_back_from_every_formula(formula: str) -> None:
    assert from_vietnamese(to_vietnamese(formula)) == formula


@given(FORMULAS)
def test_two_translators_that_know_nothing_of_each_other_agree(formula: str) -> None:
    assert to_vietnamese(formula) == translated(formula, OURS, VIETNAMESE)


@given(FORMULAS)
def test_a_vietnamese_spreadsheet_understands_what_is_written(formula: str) -> None:
    parsed = parse_formula(to_vietnamese(formula), VIETNAMESE)
    assert parsed.text == to_vietnamese(formula)
    assert parsed.error in {"", "NAME"}  # the server knows not every function, but how one is called


@given(st.text(st.sampled_from("=(){}[]\"'.,;\\ 1A€ệ"), max_size=20))
def test_a_broken_formula_of_a_person_breaks_nothing(broken: str) -> None:
    assert len(to_vietnamese(broken)) == len(from_vietnamese(broken)) == len(broken)
