"""What must never leave the office in a remark, in whatever way it is typed; and what must not be mistaken for it."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cchc_sheets.publication.page_content import public_words
from cchc_sheets.publication.private_details import ACCOUNT, CONTACT, IDENTITY, LINK, count_left_out

HARD, NARROW, EN_DASH, MINUS = "\u00a0", "\u202f", "\u2013", "\u2212"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Liên hệ ông A, 0905 123 456.", f"Liên hệ ông A, {CONTACT}."),
        ("ĐT: (0256) 3888888", f"ĐT: {CONTACT}"),
        ("gọi +84 905.123.456 nhé", f"gọi {CONTACT} nhé"),
        ("84905123456", CONTACT),
        ("+84 (0) 905 123 456", CONTACT),
        ("0084905123456", CONTACT),
        ("ĐT0905123456", f"ĐT{CONTACT}"),
        ("gọi0905123456", f"gọi{CONTACT}"),
        (f"zalo 0905{EN_DASH}123{EN_DASH}456", f"zalo {CONTACT}"),
        (f"0905{MINUS}123{MINUS}456", CONTACT),
        (f"0905{HARD}123{NARROW}456", CONTACT),
        ("0905 - 123 - 456", CONTACT),
        ("(0905) 123-456", CONTACT),
        ("[0905 123 456]", CONTACT),
        ("０９０５１２３４５６", CONTACT),
        ("0905·123·456", CONTACT),
        ("09\u200b05123456", CONTACT),
        ("đt 3880 000", f"đt {CONTACT}"),
        ("Điện thoại cơ quan: 3.880.000", f"Điện thoại cơ quan: {CONTACT}"),
        ("dien thoai 3880000", f"dien thoai {CONTACT}"),
        ("ĐT 3880 000, 3880001 hoặc 3880002", f"ĐT {CONTACT}, {CONTACT} hoặc {CONTACT}"),
        ("0905123456/0905987654", f"{CONTACT}/{CONTACT}"),
        ("0905123456,0905987654", f"{CONTACT},{CONTACT}"),
        ("số điện thoại của ông A là 0905 123 456", f"số điện thoại của ông A là {CONTACT}"),
        ("Điện thoại:\n3880 000", f"Điện thoại:\n{CONTACT}"),
        ("024 3825 1234", CONTACT),
        ("hotline 1900 1234", f"hotline {CONTACT}"),
        ("CT: 0905123456 đồng chí Nam", f"CT: {CONTACT} đồng chí Nam"),
        ("ngày 05/12/2023 gọi 0905 123 456 12 lần", f"ngày 05/12/2023 gọi {CONTACT} 12 lần"),
    ],
)
def test_telephone_numbers_are_left_out(written: str, told: str) -> None:
    assert public_words(written) == told


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("CCCD 052090001234;", f"CCCD {IDENTITY};"),
        ("052090001234", IDENTITY),
        ("ông A (052 090 001 234)", f"ông A {IDENTITY}"),
        ("căn cước công dân số: 052.090.001.234", f"căn cước công dân số: {IDENTITY}"),
        ("can cuoc 052090001234", f"can cuoc {IDENTITY}"),
        ("CMND 215 123 456 cấp ngày 12/05/2010", f"CMND {IDENTITY} cấp ngày 12/05/2010"),
        ("chứng minh nhân dân: 215123456", f"chứng minh nhân dân: {IDENTITY}"),
        ("hộ chiếu B1234567", f"hộ chiếu {IDENTITY}"),
        ("STK 0071000123456 Vietcombank", f"STK {ACCOUNT} Vietcombank"),
        ("số tài khoản Agribank Tây Sơn: 5800 205 123 456", f"số tài khoản Agribank Tây Sơn: {ACCOUNT}"),
    ],
)
def test_numbers_of_identity_papers_and_accounts_are_left_out(written: str, told: str) -> None:
    assert public_words(written) == told


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Gửi về noivu@tayson.example.gov.vn.", f"Gửi về {CONTACT}."),
        ("a.b [at] gmail.com", CONTACT),
        ("a.b(at)gmail.com", CONTACT),
        ("thư a.b a còng gmail.com", f"thư {CONTACT}"),
        ("thư a.b a cong gmail chấm com", f"thư {CONTACT}"),
        ("a.b @ gmail.com", CONTACT),
        ("a.b＠gmail.com", CONTACT),
        ("Xem https://drive.google.com/file/d/1AbC/view, trang 2", f"Xem {LINK}, trang 2"),
        ("Xem docs.google.com/document/d/1AbC", f"Xem {LINK}"),
        ("zalo.me/0905123456", LINK),
        ("facebook.com/nguyen.van.a", LINK),
        ("Xem tayson.example.gov.vn/vb/12.", f"Xem {LINK}."),
        ("(bit.ly/3abc)", f"({LINK})"),
        ("WWW.Example.gov.vn", LINK),
    ],
)
def test_addresses_are_left_out(written: str, told: str) -> None:
    assert public_words(written) == told


KEPT = [
    "Công văn số 05/BC-UBND ngày 30/11/2023, đạt 0,5 điểm",
    "Báo cáo 0012/2023; ngày 01.02.2023 10 văn bản; kỳ 01-12-2023",
    "Đạt 12/15 nhiệm vụ (80%), tổng 1.234.567.890 đồng",
    "Quyết định 0123456/QĐ-UBND",
    "dòng một\ndòng hai",
    "QĐ số 0123456789",
    "Quyết định số 0905123456",
    "Số 1234567890/BC-UBND; số 0905123456/BC-UBND; 0905123456/2023/QĐ-UBND",
    "1.250.000 đồng; chi điện thoại 1.250.000đ; kinh phí 84.905.123.456 đồng",
    "Chi 1 000 050 123 456 đồng từ tài khoản 1.250.000.000 đồng",
    "điểm 0.5 0.25 0.5 0.75 0.5 0.25; mức 02 0.5 0.25 0.25",
    "Tiêu chí 1.2.3 1.2.4 2.1.10 84 12; 05 04 2023 0,5 điểm",
    "05.BC/UBND; báo cáo.docx; hoàn thành.Có",
    "Hồ sơ 000.00.12.H08-231205-0012; mã định danh 000.00.12.H08",
    "đường ĐT 641, ĐT.639B; nhóm A cộng 0.5",
    "nhà số 45 Lê Lợi",
]


@pytest.mark.parametrize("written", KEPT)
def test_papers_dates_points_and_amounts_stay(written: str) -> None:
    assert public_words(written) == written


def test_signs_that_turn_the_direction_of_writing_are_taken_out() -> None:
    assert public_words("đạt \u202e5,0\u202c điểm\u200b") == "đạt 5,0 điểm"


def test_what_is_left_out_is_counted() -> None:
    assert count_left_out(public_words("CCCD 052090001234; ĐT0905123456; zalo.me/nam; STK 0071000123456")) == 4
    assert count_left_out(public_words("Công văn số 05/BC-UBND")) == 0


# ---- any grouping -----------------------------------------------------------------------------------------------

GAPS = st.sampled_from(["", "", " ", ".", "-", " - ", HARD, NARROW, EN_DASH, "\u2011", MINUS, ") ", " ("])
AROUND = st.text("abc ;\n", max_size=8)
WIDE = {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}


@st.composite
def grouped(draw: st.DrawFn, numbers: st.SearchStrategy[str]) -> tuple[str, str]:
    """Return a number, and how somebody might type it: in groups of three digits or so, in wide digits."""
    number = draw(numbers)
    typed, at = "", 0
    while at < len(number):
        size = draw(st.integers(2, 6))
        typed += (draw(GAPS) if at else "") + number[at : at + size]
        at += size
    return number, typed.translate(WIDE) if draw(st.booleans()) else typed


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


PHONES = st.one_of(
    st.builds("0{}{}".format, st.sampled_from("35789"), digits(8)),
    st.builds("84{}{}".format, st.sampled_from("35789"), digits(8)),
)
IDENTITIES = st.builds("0{}{}{}".format, st.sampled_from("123456789"), st.sampled_from("012345678"), digits(9))


def looks_like_something_else(typed: str) -> bool:
    """Tell whether a grouping happens to read as a date or as points: nobody can tell these apart."""
    plain = re.sub(
        r"[^0-9.]+", " ", typed.translate({wide: str(digit) for digit, wide in enumerate(range(0xFF10, 0xFF1A))})
    )
    return bool(
        re.search(r"\b\d{1,2}[ .]+\d{1,2}[ .]+(?:19|20)\d\d\b", plain)
        or re.search(r"(?<![\d.])[1-9]\d?(?:\.\d{1,2})+(?![\d.])", plain)
    )


@given(grouped(PHONES), AROUND, AROUND)
def test_no_telephone_number_survives_any_grouping(phone: tuple[str, str], before: str, after: str) -> None:
    number, typed = phone
    assume(not looks_like_something_else(typed))
    told = public_words(f"{before} {typed} {after}")
    assert CONTACT in told or IDENTITY in told
    assert len(re.sub(r"\D", "", told)) <= len(number) - 10


@given(st.sampled_from(["CCCD", "cccd số", "Căn cước công dân:", "căn cước", "CMND", ""]), grouped(IDENTITIES), AROUND)
def test_no_identity_number_survives_any_grouping(word: str, identity: tuple[str, str], after: str) -> None:
    number, typed = identity
    assume(not looks_like_something_else(typed))
    told = public_words(f"{word} {typed} {after}")
    # A grouping may end where a telephone number would: then what is left is two digits of twelve.
    assert CONTACT in told or IDENTITY in told
    assert number not in re.sub(r"\D", "", told)
    assert len(re.sub(r"\D", "", told)) <= 2


NUMBERS = st.integers(1, 99_999)
PAPERS = st.builds("{}/{}-{}".format, NUMBERS, st.sampled_from(["QĐ", "BC", "KH", "TTr"]), st.just("UBND"))
DATES = st.dates().map(lambda day: f"ngày {day.day:02}/{day.month:02}/{day.year:04}")
POINTS = st.decimals(0, 100, places=2).map(lambda points: f"{points:f}".replace(".", ",") + " điểm")
CODES = st.lists(st.integers(1, 20), min_size=2, max_size=4).map(lambda code: "tiêu chí " + ".".join(map(str, code)))
MONEY = st.integers(1_000, 10**13).map(lambda dong: f"{dong:,} đồng".replace(",", "."))


@given(st.lists(st.one_of(PAPERS, DATES, POINTS, CODES, MONEY), min_size=1, max_size=6).map("; ".join))
def test_papers_dates_points_codes_and_money_always_survive(written: str) -> None:
    assert public_words(written) == written


@given(st.emails(), st.text("abc ,;đ\n", max_size=10), st.text("abc ,;đ\n", max_size=10))
def test_no_address_survives(address: str, before: str, after: str) -> None:
    if re.fullmatch(r"[\w.+-]+@[\w.-]+", address):
        assert address not in public_words(f"{before} {address} {after}")


@given(st.text("0123456789.-() /@abđzwT:[]\n\u00a0", max_size=60))
def test_what_was_told_once_is_told_the_same_again(words: str) -> None:
    told = public_words(words)
    assert public_words(told) == told


@pytest.mark.parametrize(
    "piece", ["stk a ", "a", "a.", "0", "0 ", "0905123456 ", "a@", "đt ", "www.", "(", "09 05 12 ", "x cham "]
)
def test_the_longest_remark_is_told_too(piece: str) -> None:
    told = public_words(piece * (50_000 // len(piece)))
    assert public_words(told) == told
