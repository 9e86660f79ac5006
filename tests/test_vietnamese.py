"""How Vietnamese text, numbers and dates are compared, ordered and printed."""

from __future__ import annotations

import itertools
import unicodedata
from datetime import UTC, date, datetime

import pytest
from criteria_sets import D
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets import vietnamese


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("0.50", "0,5"),
        ("0", "0"),
        ("0.00", "0"),
        ("-0.00", "0"),
        ("-0", "0"),
        ("100", "100"),
        ("1E+2", "100"),
        ("1000000", "1000000"),
        ("0.125", "0,125"),
        ("-0.250", "-0,25"),
        ("10.0", "10"),
        ("1E-7", "0,0000001"),
    ],
)
def test_a_number_has_a_comma_and_no_needless_zeros(value: str, printed: str) -> None:
    assert vietnamese.number(D(value)) == printed


@pytest.mark.parametrize(
    ("value", "decimals", "printed"), [("78.4", 2, "78,40"), ("90", 2, "90,00"), ("-0.5", 1, "-0,5"), ("78", 0, "78")]
)
def test_a_published_number_keeps_its_places(value: str, decimals: int, printed: str) -> None:
    assert vietnamese.fixed(D(value), decimals) == printed


def test_dates_are_printed_as_offices_write_them() -> None:
    assert vietnamese.day(date(2023, 10, 5)) == "05/10/2023"
    assert vietnamese.moment(datetime(2023, 12, 10, 17, 0, tzinfo=UTC)) == "17:00 ngày 10/12/2023"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà", "Hòa"),
        ("Xã Bình Hoà", "XÃ  BÌNH HÒA "),
        ("Thuỷ", "Thủy"),
        ("khoẻ", "khỏe"),
        ("quý", "qúy"),
        ("Đồng ý", "ĐỒNG Ý"),
        ("Đồng ý", "đồng\u00a0ý"),
        ("Ừ", "ừ"),
        ("Nguyễn", "NGUYỄN"),
        ("ộ", "o\u0302\u0323"),
        ("ộ", "o\u0323\u0302"),
    ],
)
def test_spellings_of_one_word_compare_equal(one: str, other: str) -> None:
    for a, b in itertools.product(_forms(one), _forms(other)):
        assert vietnamese.comparable(a) == vietnamese.comparable(b)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hòa", "Hoa"),
        ("Hòa", "Hóa"),
        ("Bình Tân", "Bình Tấn"),
        ("Tây An", "Tây Ân"),
        ("Đa", "Da"),
        ("tư", "tu"),
        ("Bình Hòa", "BìnhHòa"),
        ("Phường 1", "Phường 10"),
        ("An Hòa", "Ân Hoa"),
    ],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert vietnamese.comparable(one) != vietnamese.comparable(other)


def _forms(text: str) -> list[str]:
    return [unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)]


IN_ORDER = [
    ["a", "à", "ả", "ã", "á", "ạ", "ă", "ằ", "ẳ", "ẵ", "ắ", "ặ", "â", "ầ", "ẩ", "ẫ", "ấ", "ậ", "b"],
    ["d", "đ", "e", "ê", "ế", "g"],
    ["o", "ọ", "ô", "ộ", "ơ", "ợ", "p"],
    ["u", "ụ", "ư", "ự", "v", "y", "ỵ"],
    ["ba", "bà", "bả", "bã", "bá", "bạ", "ban", "bàn", "bă", "bâ"],  # letters decide before tones
    ["Bình An", "Bình Ân", "Bình Dương", "Bình Đông", "Bình Tân"],
    ["Tân An", "Tấn An", "Tây An"],
    ["Xã Bình", "Xã Bình An", "Xã Đông", "Xã Ea", "Xã Ê Đê"],
    ["Phường 1", "Phường 2", "Phường An Phú"],
    ["Ea H'leo", "Ea Hiao", "Ea Khal"],
]


@pytest.mark.parametrize("words", IN_ORDER)
def test_names_are_ordered_as_in_a_vietnamese_dictionary(words: list[str]) -> None:
    middle = len(words) // 2
    for shuffled in (words[::-1], words[middle:] + words[:middle], words[::2] + words[1::2]):
        assert sorted(shuffled, key=vietnamese.sort_key) == words


def test_order_does_not_depend_on_capitals_or_composition() -> None:
    keys = {vietnamese.sort_key(form) for word in ("Bình Hòa", "BÌNH HOÀ") for form in _forms(word)}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("text", "plain"), [("Bình Hòa", "binh hoa"), ("ĐẶC KHU  Phú Quý", "dac khu phu quy"), ("Ừ, ợ!", "u, o!")]
)
def test_plain_letters_find_names_typed_without_marks(text: str, plain: str) -> None:
    assert all(vietnamese.without_marks(form) == plain for form in _forms(text))


@given(st.text())
def test_normal_text_is_composed_and_stays_so(text: str) -> None:
    once = vietnamese.normal(text)
    assert vietnamese.normal(once) == once
    assert once == once.strip()
    assert vietnamese.unicode_text(vietnamese.unicode_text(text)) == vietnamese.unicode_text(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4))
def test_a_printed_number_says_exactly_the_number(value: D) -> None:
    assert D(vietnamese.number(value).replace(",", ".")) == value
