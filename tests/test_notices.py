"""The papers of one unit: what it claimed, what stands, why, and how to win points back."""

from __future__ import annotations

import pytest
from office import Office
from paper_season import LATER, REMARK, decide, file_of, letterhead_of, make, play, tables_in, words_in

NOTE = 'Xem <b>sổ</b> & {{ secret }} {% if x %} "trích"'


@pytest.fixture
def decided(collected: Office) -> Office:
    return decide(play(collected))


def rows_of(table: list[list[str]], key: str) -> dict[str, dict[str, str]]:
    heading, *rows = table
    lines = [dict(zip(heading, row, strict=True)) for row in rows if len(row) == len(heading)]
    return {line[key]: line for line in lines}


@pytest.fixture
def notice(decided: Office) -> bytes:
    make(decided, "notice/tay-an")
    return file_of(decided, "notice/tay-an").read_bytes()


def test_a_notice_tells_index_rank_and_class(notice: bytes) -> None:
    # 4,25 + 2,7 = 6,95 of 10; the others came to 7,4 and 7,35; the mean is 217 / 3
    words = words_in(notice)
    assert "- Chỉ số: 69,50% (bình quân của 03 đơn vị: 72,33%); xếp hạng 3/3; xếp loại Khá." in words
    assert "Tổng điểm đạt được 6,95 trên 10 điểm tối đa có thể đạt, gồm điểm thẩm định 4,25, điểm điều tra" in words
    assert "Đơn vị mất 3,05 điểm ở 05 tiêu chí" in words  # 10 - 6,95; 1.1 has its maximum


def test_a_notice_goes_criterion_by_criterion(notice: bytes) -> None:
    rows = rows_of(tables_in(notice)[1], "Mã")
    assert list(rows) == ["1.1", "1.10", "1.2", "2.1", "2.2", "2.3", ""]
    assert rows["1.10"] == {
        "Mã": "1.10",
        "Tiêu chí": "Nhiệm vụ hoàn thành",
        "Điểm tối đa": "2,00",
        "Điểm tự chấm": "1,50",
        "Điểm thẩm định": "1,00",
        "Điểm kết luận": "–",
        "Điểm đạt được": "1,00",
        "Lý do": REMARK,
    }
    assert rows["1.2"]["Điểm tự chấm"] == "–"
    assert rows["1.2"]["Điểm đạt được"] == "1,80"
    assert (rows[""]["Điểm tối đa"], rows[""]["Điểm tự chấm"], rows[""]["Điểm đạt được"]) == ("10,00", "5,25", "6,95")


def test_what_was_lost_comes_with_reason_and_remedy_the_most_first(notice: bytes) -> None:
    rows = rows_of(tables_in(notice)[2], "Mã")
    # 2.2: 2 - 0,75; 1.10: 2 - 1; 2.1: 1 - 0,5; 1.2: 2 - 1,8; 2.3: 1 - 0,9; none in 1.1
    assert {code: row["Điểm mất"] for code, row in rows.items()} == {
        "2.2": "1,25",
        "1.10": "1,00",
        "2.1": "0,50",
        "1.2": "0,20",
        "2.3": "0,10",
    }
    assert list(rows) == ["2.2", "1.10", "2.1", "1.2", "2.3"]
    assert rows["2.2"]["Lý do mất điểm"] == REMARK
    assert rows["2.1"]["Lý do mất điểm"] == "Đơn vị tự chấm 0,50 điểm"
    assert "Mỗi mô hình: 0,5 điểm" in rows["2.1"]["Cách đạt điểm"]
    assert "hài lòng" in rows["1.2"]["Cách đạt điểm"]


def test_a_ruling_stands_beside_the_finding_with_its_reason(collected: Office) -> None:
    office = play(collected)
    office.run("explain", "--rule", "tay-an/2.2", "--points", "1", "--reason", "Biên bản họp số 5", now=LATER)
    decide(office)
    make(office, "notice", unit="Tây An")
    row = rows_of(tables_in(file_of(office, "notice/tay-an").read_bytes())[1], "Mã")["2.2"]
    assert (row["Điểm tự chấm"], row["Điểm thẩm định"], row["Điểm kết luận"]) == ("1,25", "0,75", "1,00")
    assert row["Điểm đạt được"] == "1,00"
    assert row["Lý do"] == f"{REMARK}Kết luận của cuộc họp: Biên bản họp số 5"  # two lines of the cell


def test_a_self_report_bears_the_head_of_the_unit_itself(filled: Office) -> None:
    filled.run("collect")
    make(filled, "self-report/phu-phong", now=filled.AFTER)
    content = file_of(filled, "self-report/phu-phong").read_bytes()
    assert letterhead_of(content) == [
        "ỦY BAN NHÂN DÂN",
        "THỊ TRẤN PHÚ PHONG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số:        /BC-UBND",
        "Phú Phong, ngày      tháng      năm 2023",
    ]
    words = words_in(content)
    assert "Đơn vị đã chấm 04/04 tiêu chí, tổng điểm tự chấm 5,25 điểm trên 7 điểm tối đa có thể đạt (75,00%)" in words
    assert "- Hoàn thành kế hoạch" in words


def test_what_the_unit_wrote_stays_text(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.type("self_assessment", "1.1", note=NOTE)
        hand.type("self_report", "strengths", value=NOTE)
    filled.run("collect")
    make(filled, "self-report/tay-an", now=filled.AFTER)
    content = file_of(filled, "self-report/tay-an").read_bytes()
    assert rows_of(tables_in(content)[1], "Mã")["1.1"]["Ghi chú"] == NOTE
    assert f"- {NOTE}" in words_in(content)


def test_a_criterion_left_out_is_shown_as_such(provisioned: Office) -> None:
    for unit in provisioned.UNITS:
        provisioned.fill_in(unit)
    with provisioned.edit("tay-an") as hand:
        hand.type("self_assessment", "1.10", numerator=None, denominator=None, self_score=None)
        hand.type("self_assessment", "1.10", not_occurred="Không phát sinh")
    provisioned.run("collect")
    make(provisioned, "self-report/tay-an", now=provisioned.AFTER)
    content = file_of(provisioned, "self-report/tay-an").read_bytes()
    # 2 + 0,5 + 1,25 of 7 - 2
    assert (
        "tổng điểm tự chấm 3,75 điểm trên 5 điểm tối đa có thể đạt (75,00%); 01 tiêu chí không phát sinh"
        in words_in(content)
    )
    assert rows_of(tables_in(content)[1], "Mã")["1.10"]["Điểm tự chấm"] == "–"


def test_a_unit_that_handed_nothing_in_has_no_report_to_sign(provisioned: Office) -> None:
    provisioned.fill_in("tay-an")
    provisioned.run("collect")
    outcome = make(provisioned, "self-report", now=provisioned.AFTER)
    assert {entry["unit"]: entry["state"] for entry in outcome.data["papers"]} == {
        "tay-an": "written",
        "binh-hoa": "waiting",
        "phu-phong": "waiting",
    }
