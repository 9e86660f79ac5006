"""Evidence, read: which paper a caption names, which document a link means, what stands out about both."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets.assessment.evidence import ReadEvidence, notice, read_evidence
from cchc_sheets.assessment.evidence_caption import KINDS, Paper, parse_caption
from cchc_sheets.assessment.evidence_links import LinkState
from cchc_sheets.assessment.submission import Evidence
from cchc_sheets.layouts.evidence_words import EvidenceContext, evidence_remarks

# ------------------------------------------------------------------------------------------------------- captions

BC12 = ("Báo cáo", "12/BC-UBND", "2023-12-05")
KH05 = ("Kế hoạch", "05/KH-UBND", "2023-01-03")

CAPTIONS: list[tuple[str, list[tuple[str, str, str]]]] = [
    # the usual form, and the liberties that people take with it
    ("Báo cáo số 12/BC-UBND ngày 05/12/2023 về công tác cải cách hành chính", [BC12]),
    ("Báo cáo số 12/BC-UBND ngày 5/12/2023", [BC12]),
    ("Báo cáo số 12/BC-UBND, ngày 05-12-2023", [BC12]),
    ("Báo cáo số: 12/BC-UBND ngày 05.12.2023.", [BC12]),
    ("Báo cáo số 12 /BC-UBND ngày 05/12/2023", [BC12]),
    ("Báo cáo số 12/ BC - UBND ngày 05/12/2023", [BC12]),
    ("Báo cáo số 12/BC–UBND ngày 05/12/2023", [BC12]),
    ("Báo cáo số 12/BC—UBND ngày 05/12/2023", [BC12]),
    ("Báo cáo số 12/BC\u2011UBND ngày 05/12/2023", [BC12]),
    ("báo cáo số 12/bc-ubnd ngày 05/12/2023", [BC12]),
    ("BÁO CÁO SỐ 12/BC-UBND NGÀY 05/12/2023", [BC12]),
    ("BC số 12/BC-UBND ngày 05/12/2023", [BC12]),
    ("Báo cáo 12/BC-UBND ngày 05/12/2023", [BC12]),
    ("12/BC-UBND ngày 05/12/2023", [BC12]),
    ("12/BC-UBND (05/12/2023)", [BC12]),
    ("12/BC-UBND 05/12/2023", [BC12]),
    ("Số 12/BC-UBND ngày 5 tháng 12 năm 2023", [BC12]),
    ("Báo cáo số 12/BC-UBND ký ngày 05/12/2023", [BC12]),
    ("Báo cáo số 12/BC-UBND ban hành ngày 05/12/2023", [BC12]),
    ("Báo cáo số 12/BC-UBND ngày ký: 05/12/2023", [BC12]),
    ("Báo cáo số 12/BC-UBND của UBND xã Tây An ngày 05/12/2023", [BC12]),
    ("Báo cáo số 12/BC-UBND về kết quả CCHC năm 2023 (ngày 05/12/2023)", [BC12]),
    ("Báo cáo ngày 05/12/2023, số 12/BC-UBND", [BC12]),
    ("Báo cáo số 12/BC-UBND\u00a0ngày\u00a005/12/2023", [BC12]),
    ("Báo cáo số 12/BC-UBND ngày 05/12/2023 https://xa.example.gov.vn/99/KH-UBND", [BC12]),
    ("- Báo cáo số 12/BC-UBND ngày 05/12/2023", [BC12]),
    ("Số hiệu: 12/BC-UBND ngày 05/12/2023", [BC12]),
    (unicodedata.normalize("NFD", "Báo cáo số 12/BC-UBND ngày 05/12/2023"), [BC12]),
    ("Kế hoạch 05/KH-UBND (03/01/2023)", [KH05]),
    ("Kế hoạch số 5/KH-UBND ngày 03 tháng 01 năm 2023", [KH05]),
    ("KH 005/KH-UBND ngày 3/1/2023", [KH05]),
    ("số: 12 /BC-UBND", [("Báo cáo", "12/BC-UBND", "")]),
    # other kinds and issuers
    ("QĐ số 45/2023/QĐ-UBND ngày 3 tháng 2 năm 2023", [("Quyết định", "45/2023/QĐ-UBND", "2023-02-03")]),
    ("Quyết định 45/QD-UBND ngày 03/02/2023", [("Quyết định", "45/QĐ-UBND", "2023-02-03")]),
    ("Nghị quyết số 07/NQ-HĐND ngày 14/7/2023", [("Nghị quyết", "07/NQ-HĐND", "2023-07-14")]),
    ("Tờ trình số 33/TTr-UBND ngày 01/03/2023", [("Tờ trình", "33/TTr-UBND", "2023-03-01")]),
    ("33/TTR-UBND", [("Tờ trình", "33/TTr-UBND", "")]),
    ("Chương trình 02/CTr-UBND ngày 09/02/2023", [("Chương trình", "02/CTr-UBND", "2023-02-09")]),
    ("Công văn số 15/UBND-VX ngày 20/4/2023", [("Công văn", "15/UBND-VX", "2023-04-20")]),
    ("CV 100/UBND ngày 20/4/2023", [("Công văn", "100/UBND", "2023-04-20")]),
    ("Báo cáo số 12-BC/ĐU ngày 05/12/2023", [("Báo cáo", "12-BC/ĐU", "2023-12-05")]),
    ("Thông báo số 12a/TB-UBND ngày 05/12/2023", [("Thông báo", "12a/TB-UBND", "2023-12-05")]),
    ("Biên bản số 3/BB-UBND", [("Biên bản", "03/BB-UBND", "")]),
    ("Báo cáo số 8/BC-VP.HĐND ngày 1/6/2023", [("Báo cáo", "08/BC-VP.HĐND", "2023-06-01")]),
    ("Luật số 77/2015/QH13 ngày 19/6/2015", [("Luật", "77/2015/QH13", "2015-06-19")]),
    ("Nghị định 30/2020/NĐ-CP ngày 05/3/2020", [("Nghị định", "30/2020/NĐ-CP", "2020-03-05")]),
    ("Giấy mời số 21/GM-UBND", [("Giấy mời", "21/GM-UBND", "")]),
    # several in one caption
    ("Kế hoạch số 05/KH-UBND ngày 03/01/2023; Báo cáo số 12/BC-UBND ngày 05/12/2023", [KH05, BC12]),
    ("Kế hoạch số 05/KH-UBND ngày 03/01/2023\nBáo cáo số 12/BC-UBND ngày 05/12/2023", [KH05, BC12]),
    ("Kế hoạch số 05/KH-UBND ngày 03/01/2023, Báo cáo số 12/BC-UBND ngày 05/12/2023", [KH05, BC12]),
    ("Kế hoạch số 05/KH-UBND ngày 03/01/2023 và Báo cáo số 12/BC-UBND ngày 05/12/2023", [KH05, BC12]),
    ("1. Kế hoạch số 05/KH-UBND ngày 03/01/2023. 2. Báo cáo số 12/BC-UBND ngày 05/12/2023", [KH05, BC12]),
    (
        "Quyết định số 9/QĐ-UBND kèm theo Kế hoạch số 05/KH-UBND ngày 03/01/2023",
        [("Quyết định", "09/QĐ-UBND", ""), KH05],
    ),
    # a paper that is only cited is not the evidence, nor is its date
    ("Báo cáo số 12/BC-UBND ngày 05/12/2023 thực hiện Kế hoạch số 291/KH-UBND ngày 30/12/2022", [BC12]),
    ("Báo cáo số 12/BC-UBND thực hiện Kế hoạch số 5/KH-UBND ngày 03/01/2022", [("Báo cáo", "12/BC-UBND", "")]),
    ("Báo cáo kết quả thực hiện Kế hoạch số 05/KH-UBND ngày 03/01/2022", []),
    ("Quyết định số 9/QĐ-UBND sửa đổi Quyết định số 8/QĐ-UBND ngày 1/1/2020", [("Quyết định", "09/QĐ-UBND", "")]),
    ("Báo cáo số 12/BC-UBND theo Công văn số 7/UBND-NV ngày 01/11/2022", [("Báo cáo", "12/BC-UBND", "")]),
    # a period is no date of signing
    ("Báo cáo số 12/BC-UBND từ ngày 01/01/2023 đến ngày 30/11/2023", [("Báo cáo", "12/BC-UBND", "")]),
    ("Báo cáo số 12/BC-UBND, số liệu tính đến ngày 30/11/2023", [("Báo cáo", "12/BC-UBND", "")]),
    ("Báo cáo số 12/BC-UBND tháng 11 năm 2023", [("Báo cáo", "12/BC-UBND", "")]),
    # no symbol, no number, or neither
    ("Báo cáo số 12 ngày 05/12/2023", [("Báo cáo", "12", "2023-12-05")]),
    ("Báo cáo ngày 05/12/2023 về cải cách hành chính", [("Báo cáo", "", "2023-12-05")]),
    ("Biên bản họp giao ban ngày 05/12/2023", [("Biên bản", "", "2023-12-05")]),
    ("Báo cáo năm 2023", [("Báo cáo", "", "")]),
    ("Báo cáo số 12 hồ sơ", [("Báo cáo", "12", "")]),
    ("Báo cáo tổng số 12/15 hồ sơ", [("Báo cáo", "", "")]),
    ("Ảnh chụp màn hình ngày 05/12/2023", []),
    ("15/20 hồ sơ, trực 24/7, 3/thôn, 2/TDP", []),
    ("Đã hoàn thành 100%", []),
    ("Báo cáo số …/BC-UBND ngày …/…/2023", [("Báo cáo", "", "")]),
    ("05/12/23 12/BC-UBND", [("Báo cáo", "12/BC-UBND", "")]),
    ("", []),
]


@pytest.mark.parametrize(("caption", "papers"), CAPTIONS, ids=[caption[:60] for caption, _ in CAPTIONS])
def test_a_caption_tells_kind_number_and_date_where_it_follows_the_form(
    caption: str, papers: list[tuple[str, str, str]]
) -> None:
    told = [(paper.kind, paper.number, str(paper.date or "")) for paper in parse_caption(caption)]
    assert told == papers
    assert all(not paper.impossible_date for paper in parse_caption(caption))


@pytest.mark.parametrize("written", ["31/02/2023", "45/11/2023", "05/13/2023", "29/02/2023", "29 tháng 2 năm 2023"])
def test_a_day_that_does_not_exist_is_told_as_it_was_typed(written: str) -> None:
    assert parse_caption(f"Báo cáo số 12/BC-UBND ngày {written}") == (
        Paper("Báo cáo", "12/BC-UBND", None, impossible_date=written),
    )


@pytest.mark.parametrize("spelling", ["Bản thỏa thuận", "Bản thoả thuận", "BẢN THỎA THUẬN"])
def test_both_ways_of_placing_the_tone_name_the_same_kind(spelling: str) -> None:
    assert parse_caption(f"{spelling} số 4 ngày 05/12/2023") == (Paper("Bản thỏa thuận", "04", date(2023, 12, 5)),)


@pytest.mark.parametrize("abbreviation", KINDS)
def test_every_abbreviation_of_the_decree_is_known(abbreviation: str) -> None:
    assert parse_caption(f"số 7/{abbreviation}-UBND") == (Paper(KINDS[abbreviation], f"07/{abbreviation}-UBND"),)


@given(
    st.text()
    | st.lists(st.sampled_from([*"/-0123 .,;\nsố", "12/", "BC", "-UBND", "ngày ", "tháng", "năm"])).map("".join)
)
def test_no_caption_whatever_is_too_odd(caption: str) -> None:
    for paper in parse_caption(caption):
        assert paper.kind or paper.number
        assert paper.date is None or not paper.impossible_date


def test_a_caption_of_a_megabyte_takes_no_longer_than_one_of_a_page() -> None:
    page = "Báo cáo từ ngày 05/12/2023 12/BC-" * 200
    assert parse_caption(page[:4_000]) == parse_caption(page * 300)


# ------------------------------------------------------------------------------------------------ what stands out

YEAR = 2023
ID = "1AbC-dEf_GhIjKlMnOpQ"
NAMES = {"a": "Xã An", "b": "Xã Bình", "c": "Xã Châu", "d": "Xã Dương", "e": "Xã Én"}
ELSEWHERE = "https://xa.example.gov.vn/12"


def evidence(caption: str = "", *links: str) -> ReadEvidence:
    return read_evidence(Evidence(caption, links))


def remarks(read: dict[tuple[str, str], ReadEvidence], *states: LinkState) -> dict[tuple[str, str], tuple[str, ...]]:
    return evidence_remarks(read, EvidenceContext(YEAR, NAMES, dict.fromkeys((ELSEWHERE,), *states) if states else {}))


def test_the_same_document_in_two_units_is_told_in_both() -> None:
    read = {
        ("a", "1.1"): evidence("Báo cáo số 1/BC-UBND", f"https://docs.google.com/document/d/{ID}/edit"),
        ("b", "1.2"): evidence("Báo cáo số 2/BC-UBND", f"https://drive.google.com/open?id={ID}"),
        ("c", "1.1"): evidence("Báo cáo số 1/BC-UBND", "https://xc.example.gov.vn/1"),
    }
    assert remarks(read) == {
        ("a", "1.1"): ("Trùng đường dẫn với Xã Bình (1.2): xem có phải tài liệu của chính đơn vị.",),
        ("b", "1.2"): ("Trùng đường dẫn với Xã An (1.1): xem có phải tài liệu của chính đơn vị.",),
    }


def test_the_same_number_in_two_units_is_nothing_since_every_unit_numbers_its_own() -> None:
    caption = "Báo cáo số 12/BC-UBND ngày 05/12/2023"
    assert remarks({("a", "1.1"): evidence(caption), ("b", "1.1"): evidence(caption)}) == {}


def test_the_same_paper_for_two_criteria_of_one_unit_is_a_hint() -> None:
    read = {
        ("a", "1.1"): evidence("Báo cáo số 12/BC-UBND ngày 05/12/2023", "https://xa.example.gov.vn/1"),
        ("a", "1.2"): evidence("BC 12/BC–UBND (5/12/2023)", "https://xa.example.gov.vn/2"),
        ("a", "1.3"): evidence("Báo cáo số 12/BC-UBND ngày 06/12/2023", "https://xa.example.gov.vn/3"),
        ("a", "1.4"): evidence("Báo cáo năm", "https://xa.example.gov.vn/4"),
        ("a", "1.5"): evidence("Báo cáo năm", "https://xa.example.gov.vn/5"),
    }
    assert remarks(read) == {
        ("a", "1.1"): ("Tài liệu này còn dùng cho tiêu chí 1.2.",),
        ("a", "1.2"): ("Tài liệu này còn dùng cho tiêu chí 1.1.",),
    }


def test_a_document_given_everywhere_is_told_without_a_list_of_everything() -> None:
    codes = [f"1.{number}" for number in range(1, 10)]
    read = {(unit, code): evidence("", ELSEWHERE) for unit in NAMES for code in codes}
    assert remarks(read)["a", "1.1"] == (
        "Trùng đường dẫn với Xã Bình (1.1, 1.2, 1.3 và 6 tiêu chí khác), Xã Châu (1.1, 1.2, 1.3 và 6 tiêu chí khác), "
        "Xã Dương (1.1, 1.2, 1.3 và 6 tiêu chí khác) và 1 đơn vị khác: xem có phải tài liệu của chính đơn vị.",
        "Tài liệu này còn dùng cho tiêu chí 1.2, 1.3, 1.4, 1.5, 1.6, 1.7 và 2 tiêu chí khác.",
    )


def test_two_documents_shared_with_one_unit_are_told_once() -> None:
    read = {
        ("a", "1.1"): evidence("", ELSEWHERE, "https://xa.example.gov.vn/13"),
        ("b", "1.1"): evidence("", ELSEWHERE),
        ("b", "1.2"): evidence("", "https://xa.example.gov.vn/13"),
    }
    assert remarks(read)["a", "1.1"] == (
        "Trùng đường dẫn với Xã Bình (1.1, 1.2): xem có phải tài liệu của chính đơn vị.",
    )


def test_the_home_page_of_a_site_is_no_document_that_units_could_share() -> None:
    read = {(unit, "1.1"): evidence("Cổng thông tin", "https://dichvucong.example.gov.vn/") for unit in "ab"}
    assert set(remarks(read).values()) == {("Đường dẫn chỉ mở trang chủ, không tới tài liệu.",)}


def test_what_is_added_later_is_held_against_what_was_given_before() -> None:
    before = {("a", "1.1"): evidence("", ELSEWHERE), ("b", "1.1"): evidence("", ELSEWHERE)}
    added = {("a", "1.1"): evidence("", "https://xa.example.gov.vn/new"), ("c", "1.1"): evidence("", ELSEWHERE)}
    noticed = notice(added, YEAR, before)
    assert {place: dict(found.other_units) for place, found in noticed.items()} == {
        ("c", "1.1"): {"a": ("1.1",), "b": ("1.1",)}
    }


@pytest.mark.parametrize(
    ("caption", "said"),
    [
        ("Báo cáo số 12/BC-UBND ngày 01/01/2023", ()),
        ("Báo cáo số 12/BC-UBND ngày 31/12/2023", ()),
        ("Báo cáo số 12/BC-UBND ngày 05/12/2021", ("Báo cáo số 12/BC-UBND ký ngày 05/12/2021, ngoài năm 2023.",)),
        ("Báo cáo số 12/BC-UBND ngày 01/01/2024", ("Báo cáo số 12/BC-UBND ký ngày 01/01/2024, ngoài năm 2023.",)),
        (
            "Kế hoạch số 5/KH-UBND ngày 28/12/2022",
            ("Kế hoạch số 05/KH-UBND ký ngày 28/12/2022, cuối năm 2022: xem có phải cho năm 2023.",),
        ),
        ("Báo cáo số 12/BC-UBND ngày 31/02/2023", ("Báo cáo số 12/BC-UBND: không có ngày 31/02/2023.",)),
        ("Biên bản họp ngày 05/12/2022", ("Biên bản ký ngày 05/12/2022, cuối năm 2022: xem có phải cho năm 2023.",)),
    ],
)
def test_a_paper_of_another_year_or_of_no_day_at_all_is_told(caption: str, said: tuple[str, ...]) -> None:
    assert remarks({("a", "1.1"): evidence(caption)}).get(("a", "1.1"), ()) == said


def test_links_that_lead_nowhere_are_told_one_by_one() -> None:
    links = (
        r"\\may-chu\bc.docx",
        "https://a:b@xa.example.gov.vn/",
        "http://192.168.1.5/bc",
        "https://xa.example.gov.vn/1",
    )
    assert remarks({("a", "1.1"): evidence(r"BC \\may-chu\bc.docx", *links)})["a", "1.1"] == (
        "Đường dẫn thứ 1 chỉ tới tệp trên máy của đơn vị, nơi khác không mở được.",
        "Đường dẫn thứ 2 có kèm tên đăng nhập, mật khẩu; đề nghị đơn vị gửi đường dẫn khác.",
        "Đường dẫn thứ 3 thuộc mạng nội bộ, nơi khác không mở được.",
    )
    assert remarks({("a", "1.1"): evidence(r"BC \\may-chu\bc.docx")})["a", "1.1"] == (
        "Tài liệu chỉ tới tệp trên máy của đơn vị, nơi khác không mở được.",
    )


@pytest.mark.parametrize(
    ("state", "reason", "begins"),
    [
        ("needs_permission", "sign_in", "Đường dẫn cần quyền truy cập ("),
        ("broken", "404", "Đường dẫn hỏng ("),
        ("not_checked", "timeout", "Đường dẫn chưa kiểm tra được ("),
    ],
)
def test_what_a_look_at_a_document_found_is_told_with_its_day(state: str, reason: str, begins: str) -> None:
    found = LinkState(state, reason, datetime(2023, 12, 11, 8, tzinfo=UTC))  # type: ignore[arg-type]
    [said] = remarks({("a", "1.1"): evidence("", ELSEWHERE)}, found)["a", "1.1"]
    assert said.startswith(begins)
    assert said.endswith("), xem ngày 11/12/2023.")


def test_a_document_that_opens_needs_no_words() -> None:
    found = LinkState("opens", "", datetime(2023, 12, 11, 8, tzinfo=UTC))
    assert remarks({("a", "1.1"): evidence("", ELSEWHERE)}, found) == {}
