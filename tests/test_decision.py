"""The decision: every figure where it belongs, and nothing handed over that is not so."""

from __future__ import annotations

import io
import time
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import docx
import pytest
from decision_sample import BANDS, LEGAL_BASES, TEMPLATE, sample
from docx.oxml.ns import qn

from cchc_sheets.assessment.ranking import ClassBand, Policies, standings
from cchc_sheets.errors import PublicationError
from cchc_sheets.messages import Text
from cchc_sheets.publication.decision import Decision, make_decision, offered_names
from cchc_sheets.publication.method import method_lines
from cchc_sheets.publication.nd30_check import form_problems
from cchc_sheets.publication.readback import differences

Change = Callable[[Any], None]


def rows_of(content: bytes, table: int) -> list[list[str]]:
    document = docx.Document(io.BytesIO(content))
    return [
        [" ".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in row.findall(qn("w:tc"))]
        for row in document.tables[table]._tbl.tr_lst
    ]


def words_of(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)


def changed(content: bytes, change: Change) -> bytes:
    document = docx.Document(io.BytesIO(content))
    change(document)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def said(problems: list[Text]) -> str:
    return "\n".join(problem.said_in("en") for problem in problems)


@pytest.fixture(scope="module")
def decision() -> Decision:
    return sample()


@pytest.fixture(scope="module")
def paper(decision: Decision) -> bytes:
    return make_decision(decision, TEMPLATE)


def test_annex_one_gives_points_index_rank_and_class_of_every_unit(paper: bytes) -> None:
    rows = rows_of(paper, 2)
    assert rows[0] == [
        "TT", "Đơn vị", "Điểm thẩm định", "Điểm điều tra xã hội học", "Điểm cộng, trừ", "Chỉ số (%)", "Xếp hạng",
        "Xếp loại",
    ]  # fmt: skip
    # i = 0: 70 - 2 = 68 appraised, 30 surveyed, 98 in all
    assert rows[1] == ["1", "Thị trấn Phú Phong", "68,00", "30,00", "0,00", "98,00", "1", "Xuất sắc"]
    # i = 5: 70 - 2 - 7.5 = 60.5; 30 - 0.65 = 29.35; less the penalty of 0.25: 89.60
    assert rows[6] == ["6", "Xã Bình Thành", "60,50", "29,35", "-0,25", "89,60", "6", "Tốt"]
    # i = 14: 70 - 2 - 21 = 47; 30 - 1.82 = 28.18; with the bonus of 0.5: 75.68
    assert rows[15] == ["15", "Xã Tây Thuận", "47,00", "28,18", "0,50", "75,68", "15", "Khá"]


def test_annex_one_ends_with_the_mean_rounded_once(paper: bytes) -> None:
    # 98 - 1.63 · 7 = 86.59; bonus and penalty add (0.5 - 0.25) / 15 = 0.01666…: 86.60666…
    assert rows_of(paper, 2)[-1] == ["Chỉ số bình quân của 15 đơn vị", "86,61", ""]


def test_annex_two_gives_the_points_of_every_field_and_what_they_are_worth(paper: bytes) -> None:
    rows = rows_of(paper, 3)
    assert rows[1] == ["Điểm tối đa", "16", "9", "20", "7", "11", "8", "15", "14", "", "100", "100"]
    # i = 5: 16 - 2 - 2.5; 9; 20 - 2.5; 7; 11; 8; 15 - 2.5; 14 - 0.65; the penalty; 89.6 of 100
    assert rows[7] == [
        "6", "Xã Bình Thành", "11,50", "9,00", "17,50", "7,00", "11,00", "8,00", "12,50", "13,35", "-0,25",
        "89,60", "89,60",
    ]  # fmt: skip


def test_article_one_counts_units_and_classes(paper: bytes) -> None:
    # From 90: i = 0 … 4, five units; from 80: i = 5 … 11, seven; below: i = 12 … 14, three.
    words = words_of(paper)
    assert "năm 2023 của 15 đơn vị là các xã, thị trấn" in words
    assert "Trong đó: 05 đơn vị xếp loại Xuất sắc, 07 đơn vị xếp loại Tốt, 03 đơn vị xếp loại Khá;" in words
    assert "bình quân của các đơn vị là 86,61%" in words


def test_number_and_date_are_left_to_fill_in_by_hand(paper: bytes) -> None:
    cells = docx.Document(io.BytesIO(paper)).tables[0].rows[1].cells
    assert cells[0].text == "Số:        /QĐ-UBND"
    assert cells[1].text == "Tây Sơn, ngày      tháng      năm 2023"


def test_every_legal_basis_ends_in_a_semicolon(paper: bytes) -> None:
    lines = [line for line in words_of(paper).splitlines() if line.startswith("Căn cứ")]
    assert lines == [f"Căn cứ {basis};" for basis in LEGAL_BASES]


def test_room_left_for_a_number_in_the_proposal_is_kept(paper: bytes) -> None:
    assert "Tờ trình số        /TTr-PNV ngày      tháng 12 năm 2023." in words_of(paper)


def test_the_paper_keeps_to_the_form_and_says_what_the_results_say(paper: bytes, decision: Decision) -> None:
    assert form_problems(paper) == []
    assert differences(paper, decision) == []


def test_the_same_decision_gives_the_same_bytes(paper: bytes) -> None:
    time.sleep(2.1)  # zip files hold times of two seconds
    assert make_decision(sample(), TEMPLATE) == paper


def test_no_part_of_the_file_carries_the_time_it_was_made(paper: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(paper)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2023-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_equal_units_share_a_rank_and_stand_in_vietnamese_order() -> None:
    decision = sample(names=("Xã Đức", "Xã Ân", "Xã Ấn", "Xã An", "Xã Dân"), count=5, with_adjustments=False)
    same = decision.standings[0].result
    equal = tuple(
        replace(
            s, result=replace(same, unit=s.unit.code), published_index=Decimal("98.00"), rank=1, class_name="Xuất sắc"
        )
        for s in decision.standings
    )
    rows = rows_of(make_decision(replace(decision, standings=equal), TEMPLATE), 2)
    assert [row[1] for row in rows[1:-1]] == ["Xã An", "Xã Ân", "Xã Ấn", "Xã Dân", "Xã Đức"]
    assert {row[-2] for row in rows[1:-1]} == {"1"}


def test_what_was_excluded_shows_in_the_attainable_points() -> None:
    rows = rows_of(make_decision(sample(exclude=1), TEMPLATE), 2)
    assert rows[0][5] == "Điểm tối đa có thể đạt"
    # Without 2.1 (6 points) the first unit has 92 of 94: 97.8723…
    assert rows[1] == ["1", "Thị trấn Phú Phong", "62,00", "30,00", "0,00", "94,00", "97,87", "1", "Xuất sắc"]


def test_a_rate_without_survey_is_taken_from_the_appraised_points_alone() -> None:
    content = make_decision(sample(with_survey=False, with_adjustments=False), TEMPLATE)
    rows = rows_of(content, 2)
    assert "Điểm điều tra xã hội học" not in rows[0]
    assert rows[1] == ["1", "Thị trấn Phú Phong", "68,00", "97,14", "1", "Xuất sắc"]  # 68 of 70: 97.142…
    assert rows_of(content, 3)[1][1:] == ["14", "6", "15", "5", "7", "6,5", "12,5", "4", "70", "100"]
    assert "phần điểm thẩm định (70 điểm) được quy đổi" in words_of(content)


def test_groups_ranked_apart_have_a_heading_and_ranks_of_their_own() -> None:
    decision = sample(policies=Policies(BANDS, groups="kind"), unranked=(4,))
    rows = rows_of(make_decision(decision, TEMPLATE), 2)
    assert [row[0] for row in rows if len(row) == 1] == ["Thị trấn", "Xã", "Các đơn vị không xếp hạng"]
    assert rows[2][1] == "Thị trấn Phú Phong"
    assert rows[4][-2:] == ["1", "Xuất sắc"]
    assert rows[-2][1] == "Xã Tây Giang"
    assert rows[-2][-2] == "không xếp hạng"


def test_units_without_a_group_stand_under_a_heading_of_their_own() -> None:
    decision = sample(policies=Policies(BANDS, groups="group"))
    rows = rows_of(make_decision(decision, TEMPLATE), 2)
    assert [row[0] for row in rows if len(row) == 1] == []  # no unit has a group: all are ranked together
    units = [replace(one.unit, group="Nhóm I" if place % 2 else "") for place, one in enumerate(decision.standings)]
    apart = standings(units, [one.result for one in decision.standings], decision.policies)
    rows = rows_of(make_decision(replace(decision, standings=apart), TEMPLATE), 2)
    assert [row[0] for row in rows if len(row) == 1] == ["Các đơn vị không thuộc nhóm", "Nhóm I"]


def test_a_decision_in_which_no_unit_is_ranked_says_so() -> None:
    decision = sample(count=2, unranked=(0, 1))
    rows = rows_of(make_decision(decision, TEMPLATE), 2)
    assert [row[0] for row in rows if len(row) == 1] == ["Các đơn vị không xếp hạng"]


@pytest.mark.parametrize("decimals", [0, 1, 3])
def test_the_index_is_printed_with_the_places_of_the_policy(decimals: int) -> None:
    rows = rows_of(make_decision(sample(policies=Policies(BANDS, decimals=decimals)), TEMPLATE), 2)
    assert rows[6][5] == {0: "90", 1: "89,6", 3: "89,600"}[decimals]


def test_text_from_outside_is_text() -> None:
    long = "Xã " + "rất dài " * 24 + "hết"
    names = (
        "Xã A & B",
        "Xã <b>",
        "Xã {{ x }}",
        unicodedata.normalize("NFD", "Xã Hòa Ổn"),
        long,
        "Xã {% if %}",
        "None & Co",
    )
    decision = sample(names=names, count=7, with_adjustments=False)
    decision = replace(decision, subject="phê duyệt {{ y }} & <z> năm 2023", remarks=("Xã {_{ q }_} \x07 nộp muộn",))
    content = make_decision(decision, TEMPLATE)
    printed = {row[1] for row in rows_of(content, 2)[1:-1]}
    assert printed == {unicodedata.normalize("NFC", name).strip() for name in names}
    assert "Về việc phê duyệt {{ y }} & <z> năm 2023" in words_of(content)
    assert "- Xã {_{ q }_} nộp muộn." in words_of(content)


def test_annex_three_says_how_the_numbers_were_made() -> None:
    policies = Policies(
        BANDS, rank_by="published", ties="dense", tie_break=("survey_points", "field:3"), class_by="exact"
    )
    words = "\n".join(method_lines(sample(policies=policies, exclude=2, remarks=("Xã A nộp muộn, được chấp nhận",))))
    for sentence in (
        "“Bộ chỉ số cải cách hành chính các xã, thị trấn năm 2023”, 08 lĩnh vực, 16 tiêu chí thành phần",
        "gồm 70 điểm thẩm định và 30 điểm điều tra xã hội học",
        "đến 02 chữ số thập phân",
        "- Loại tiêu chí 2.1 (điểm tối đa có thể đạt là 94): Thị trấn Phú Phong, Xã Bình Tân.",
        "- Điểm trừ ĐT1. Chậm nộp báo cáo: 0,25 điểm mỗi trường hợp, tối đa 1 điểm.",
        "Chỉ số đã làm tròn để công bố.",
        "lần lượt theo: điểm điều tra xã hội học, điểm lĩnh vực 3 (Cải cách thủ tục hành chính)",
        "(1, 2, 2, 3)",
        "chính xác, chưa làm tròn: Xuất sắc: từ 90% trở lên; Tốt: từ 80% đến dưới 90%; Khá: từ 65% đến dưới 80%;",
        "Yếu: dưới 50%",
        "- Xã A nộp muộn, được chấp nhận.",
        "412 bản ghi, mã kiểm tra 3f9a3f9a 3f9a3f9a",
    ):
        assert sentence in words


def test_points_that_are_missing_are_told() -> None:
    decision = sample(with_adjustments=False)
    first = decision.standings[0]
    gap = replace(first, result=replace(first.result, gaps=("2.1",)))
    words = method_lines(replace(decision, standings=(gap, *decision.standings[1:])))
    assert "- Thị trấn Phú Phong: 2.1." in words


def _cell(table: int, row: int, cell: int, words: str) -> Change:
    def change(document: Any) -> None:
        text = list(document.tables[table]._tbl.tr_lst[row].findall(qn("w:tc"))[cell].iter(qn("w:t")))
        text[0].text = words

    return change


def _swap(table: int, row: int) -> Change:
    def change(document: Any) -> None:
        rows = document.tables[table]._tbl.tr_lst
        rows[row].addprevious(rows[row + 1])

    return change


def _replace(old: str, new: str) -> Change:
    def change(document: Any) -> None:
        places = [t for t in document.element.body.iter(qn("w:t")) if old in (t.text or "")]
        assert places
        places[0].text = places[0].text.replace(old, new)

    return change


def _drop_row(table: int, row: int) -> Change:
    def change(document: Any) -> None:
        rows = document.tables[table]._tbl.tr_lst
        rows[row].getparent().remove(rows[row])

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_cell(2, 6, 2, "61,5"), "annex I, Xã Bình Thành, «Điểm thẩm định»: the paper says 61,5, the results say 60,5"),
        (_cell(2, 6, 3, "29,53"), "«Điểm điều tra xã hội học»"),
        (_cell(2, 6, 4, "0,25"), "«Điểm cộng, trừ»: the paper says 0,25, the results say -0,25"),
        (_cell(2, 6, 5, "89,06"), "«Chỉ số (%)»: the paper says 89,06, the results say 89,60"),
        (_cell(2, 6, 5, "89,6"), "«Chỉ số (%)»: the paper says 89,6, the results say 89,60"),
        (_cell(2, 6, 6, "5"), "«Xếp hạng»: the paper says 5, the results say 6"),
        (_cell(2, 6, 7, "Khá"), "«Xếp loại»: the paper says Khá, the results say Tốt"),
        (_cell(2, 6, 1, "Xã Bình Thanh"), "annex I: «Xã Bình Thanh» is no unit"),
        (_cell(2, 6, 0, "7"), "annex I: the lines are not numbered 1 to 15"),
        (_cell(2, 0, 5, "Chỉ số"), "there is no column «Chỉ số (%)»"),
        (_cell(2, 16, 1, "86,60"), "annex I: the mean is not 86.61"),
        (_cell(2, 16, 0, "Chỉ số bình quân của 14 đơn vị"), "the line of the mean does not count 15"),
        (_swap(2, 6), "annex I, line 6: Xã Bình Thuận stands where Xã Bình Thành belongs"),
        (_swap(3, 7), "annex II, line 6: Xã Bình Thuận stands where Xã Bình Thành belongs"),
        (_drop_row(3, 7), "annex II: Xã Bình Thành is missing"),
        (_cell(3, 7, 4, "17,6"), "«3. Cải cách thủ tục hành chính»: the paper says 17,6, the results say 17,5"),
        (_cell(3, 7, 4, "17,6"), "the figures of Xã Bình Thành do not add up to its total"),
        (_cell(3, 7, 11, "98,6"), "«Tổng điểm»: the paper says 98,6, the results say 89,6"),
        (_cell(3, 7, 12, "89,61"), "the total of Xã Bình Thành does not give its index"),
        (_cell(3, 1, 3, "21"), "field 3 is not shown to be worth 20"),
        (_cell(3, 1, 10, "101"), "the total is not shown to be worth 100"),
        (_cell(3, 0, 4, "4. Cải cách thủ tục hành chính"), "there is no column for field 3"),
        (_replace("15 đơn vị là", "16 đơn vị là"), "article 1 does not say that there are 15 units"),
        (_replace("05 đơn vị xếp loại", "06 đơn vị xếp loại"), "says 06 units are «Xuất sắc», the results say 5"),
        (_replace("07 đơn vị xếp loại Tốt, ", ""), "article 1 says – units are «Tốt», the results say 7"),
        (_replace("năm 2023 của 15", "năm 2022 của 15"), "article 1 does not name the year 2023"),
        (_replace("từ 80% đến dưới 90%", "từ 80% đến dưới 95%"), "annex III does not say: «8. Xếp loại"),
        (_replace("đến 02 chữ số", "đến 01 chữ số"), "annex III does not say: «3. Mọi phép tính"),
        (_replace("3f9a3f9a", "3f9a3f9b"), "annex III does not give the digest"),
    ],
)  # fmt: skip
def test_a_hand_edit_of_the_finished_paper_is_found_and_named(
    paper: bytes, decision: Decision, change: Change, told: str
) -> None:
    assert told in said(differences(changed(paper, change), decision))


def test_a_table_that_is_gone_is_told(paper: bytes, decision: Decision) -> None:
    def change(document: Any) -> None:
        table = document.tables[2]._tbl
        table.getparent().remove(table)

    assert "annex I: there is no table" in said(differences(changed(paper, change), decision))


def test_results_that_contradict_one_another_are_never_printed() -> None:
    decision = sample()
    first, second, *others = decision.standings
    swapped = (replace(first, rank=second.rank), replace(second, rank=first.rank), *others)
    with pytest.raises(PublicationError) as caught:
        make_decision(replace(decision, standings=swapped), TEMPLATE)
    said_of_it = caught.value.what.said_in("en")
    assert said_of_it.startswith("the results contradict one another: ")
    assert "Thị trấn Phú Phong: index, rank or class do not follow from the points" in said_of_it
    with pytest.raises(PublicationError):
        make_decision(replace(decision, standings=()), TEMPLATE)
    with pytest.raises(PublicationError):
        make_decision(replace(decision, policies=Policies((ClassBand("Đạt", Decimal(0)),))), TEMPLATE)


def test_one_class_and_one_unit_read_well() -> None:
    decision = sample(count=1, policies=Policies((ClassBand("Đạt", Decimal(0)),)), with_adjustments=False)
    words = words_of(make_decision(decision, TEMPLATE))
    assert "của 01 đơn vị" in words
    assert "Đạt: mọi mức Chỉ số" in words


def test_many_places_after_the_comma_lay_annex_two_across_the_page() -> None:
    decision = sample(with_adjustments=False)
    tiny = Decimal("0.00000001")
    fine = []
    for standing in decision.standings:
        fields = tuple(replace(field, points=field.points - tiny) for field in standing.result.fields)
        result = replace(standing.result, fields=fields, appraisal_points=standing.result.appraisal_points - 8 * tiny)
        fine.append(replace(standing, result=result))
    content = make_decision(replace(decision, standings=tuple(fine)), TEMPLATE)
    sections = docx.Document(io.BytesIO(content)).sections
    assert [str(section.orientation) for section in sections] == [
        "PORTRAIT (0)", "PORTRAIT (0)", "LANDSCAPE (1)", "PORTRAIT (0)",
    ]  # fmt: skip
    assert rows_of(content, 3)[2][2] == "13,99999999"


def test_500_units_stand_in_one_decision() -> None:
    content = make_decision(sample(count=500), TEMPLATE)
    assert len(rows_of(content, 2)) == 502


def test_every_name_offered_is_text_or_a_list_of_text(decision: Decision) -> None:
    for value in offered_names(decision).values():
        assert isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
