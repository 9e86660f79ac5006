"""The papers of one unit: what it claimed, what stands, why, and how to win points back."""

from __future__ import annotations

import re

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
    assert "Tổng điểm đạt được 6,95 trên 10,00 điểm tối đa có thể đạt, gồm điểm thẩm định 4,25, điểm điều tra" in words
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
    # two lines of the cell: what was ruled otherwise, and what had been found before
    told = f"Kết luận của cuộc họp: Biên bản họp số 5Ý kiến thẩm định trước khi kết luận: {REMARK}"
    assert row["Lý do"] == told
    lost = rows_of(tables_in(file_of(office, "notice/tay-an").read_bytes())[2], "Mã")["2.2"]
    assert (lost["Điểm mất"], lost["Lý do mất điểm"]) == ("1,00", told)  # 0,25 of it is still the finding's doing


@pytest.mark.parametrize(
    ("points", "reason", "lost"),
    [
        # what had been found is upheld: its remark is still the reason
        (
            "0,75",
            f"{REMARK}Kết luận của cuộc họp: Biên bản họp số 5",
            f"{REMARK}Kết luận của cuộc họp: Biên bản họp số 5",
        ),
        # all of the 1,25 claimed is given back: the remark explains no loss any more
        (
            "1,25",
            f"Kết luận của cuộc họp: Biên bản họp số 5Ý kiến thẩm định trước khi kết luận: {REMARK}",
            "Kết luận của cuộc họp: Biên bản họp số 5",
        ),
    ],
)
def test_the_reason_is_the_one_of_whoever_judged_last(collected: Office, points: str, reason: str, lost: str) -> None:
    office = play(collected)
    office.run("explain", "--rule", "tay-an/2.2", "--points", points, "--reason", "Biên bản họp số 5", now=LATER)
    decide(office)
    make(office, "notice", unit="Tây An")
    _, criteria, weak = tables_in(file_of(office, "notice/tay-an").read_bytes())
    assert rows_of(criteria, "Mã")["2.2"]["Lý do"] == reason
    assert rows_of(weak, "Mã")["2.2"]["Lý do mất điểm"] == lost


PENALTIES = """  - {code: T.2, title: Sai sót, kind: penalty, per_item: 3, cap: 6, department: noi-vu, criterion: "1.1",
     below_zero: true}
  - {code: T.3, title: Chậm, kind: penalty, per_item: 1, cap: 1, department: tu-phap, criterion: "2.1"}
"""


@pytest.fixture
def penalised(office: Office) -> Office:
    """Return an office in which Tây An claims 0 in 1.1 and loses 6 points there, and 1 point in 2.1, where it has 0,5.

    1.1: 0 − 6 = −6, of 2: 8 lost; 2.1: 0,5 − 1, not below 0: 1 lost. In all −6 + 1 + 0 + 0,75 + 2,7 = −1,55; less T.1
    of 0,25, which is on no criterion, −1,8.
    """
    file = office.folder / "criteria.yaml"
    file.write_text(file.read_text(encoding="utf-8") + PENALTIES, encoding="utf-8")
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    for unit in office.UNITS:
        office.fill_in(unit, c1_1={"self_score": 0 if unit == "tay-an" else 2})
    office.run("collect")
    play(office)
    with office.edit_review() as hand:
        hand.type("adjustments", "tay-an/T.1", count=1, remark="Công văn số 9")
        hand.type("adjustments", "tay-an/T.2", count=2, remark="Kết luận thanh tra số 12.")
        hand.type("adjustments", "tay-an/T.3", count=1)
    assert office.run("appraise").exit_code in {0, 3}
    return decide(office)


def test_points_lost_through_a_penalty_are_explained_where_they_are_missing(penalised: Office) -> None:
    make(penalised, "notice/tay-an")
    content = file_of(penalised, "notice/tay-an").read_bytes()
    _, criteria, weak = tables_in(content)
    rows, lost = rows_of(criteria, "Mã"), rows_of(weak, "Mã")
    inspected = "Điểm trừ T.2: 6,00 điểm (Kết luận thanh tra số 12)"
    assert (rows["1.1"]["Điểm đạt được"], rows["1.1"]["Lý do"]) == ("-6,00", inspected)
    assert (lost["1.1"]["Điểm đạt được"], lost["1.1"]["Điểm mất"]) == ("-6,00", "8,00")
    assert lost["1.1"]["Lý do mất điểm"] == f"Đơn vị tự chấm 0,00 điểm{inspected}"
    floored = "Điểm trừ T.3: 1,00 điểm, điểm tiêu chí không xuống dưới 0"
    assert (rows["2.1"]["Điểm đạt được"], rows["2.1"]["Lý do"]) == ("0,00", floored)
    assert lost["2.1"]["Lý do mất điểm"] == f"Đơn vị tự chấm 0,50 điểm{floored}"
    words = words_in(content)
    assert "- Điểm trừ T.2. Sai sót: 6,00 điểm, trừ vào tiêu chí 1.1 (Kết luận thanh tra số 12)." in words
    assert "Tổng điểm đạt được -1,80 trên 10,00 điểm tối đa có thể đạt, gồm điểm thẩm định -4,25, điểm" in words


def test_the_page_has_one_minus_sign_and_says_what_was_lost(penalised: Office) -> None:
    assert penalised.run("publish", now="2024-01-31T18:00").exit_code == 0
    page = (penalised.folder / "output/publication/units/tay-an.html").read_text(encoding="utf-8")
    assert "<b>−4,25</b> điểm thẩm định + <b>2,7</b> điểm điều tra xã hội học − <b>0,25</b> điểm cộng, trừ" in page
    assert "= <b>−1,8</b> điểm, trên <b>10</b> điểm có thể đạt." in page
    assert "mất 8 <small>đạt −6/2 điểm</small>" in page
    assert not re.search(r"[>\s(]-\d", re.sub(r"(?s)<(svg|style|script).*?</\1>", "", page))


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
