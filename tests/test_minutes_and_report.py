"""Minutes and report of one season tell the same: what was changed, what nobody had claimed, what was ruled.

Tây An leaves 2.1 blank and claims 2 + 1,5 + 1,25 = 4,75; Bình Hòa claims 2 + 1,5 + 0,5 + 1,25 = 5,25; Phú Phong hands
nothing in. The departments lower Tây An in 1.10 (1,5 to 1) and Bình Hòa in 2.2 (1,25 to 1), raise Bình Hòa in 2.1 (0,5
to 1), and set every blank to 0. With the survey they come to 4,25 + 2,7 = 6,95, 5,5 + 2,4 = 7,9 and 2,1 of 10.
"""

from __future__ import annotations

import docx
import pytest
from office import Office
from paper_season import LATER, NOI_VU, TU_PHAP, decide, file_of, letterhead_of, make, tables_in, words_in

from cchc_sheets.cycle.template_sets import papers_folder

BLANK = {"numerator": None, "self_score": None, "evidence": None}
CHANGED = {(NOI_VU, "tay-an/1.10"): 1, (TU_PHAP, "binh-hoa/2.2"): 1, (TU_PHAP, "binh-hoa/2.1"): 1}
UNCLAIMED = (
    *((NOI_VU, f"phu-phong/{code}") for code in ("1.1", "1.10")),
    *((TU_PHAP, place) for place in ("phu-phong/2.1", "phu-phong/2.2", "tay-an/2.1")),
)


@pytest.fixture
def appraised(provisioned: Office) -> Office:
    """Return an office that has appraised the season told above, with the survey in."""
    provisioned.fill_in("tay-an", c2_1=BLANK)
    provisioned.fill_in("binh-hoa")
    provisioned.run("collect")
    provisioned.run("appraise")
    provisioned.agree_to_everything()
    with provisioned.edit_review() as hand:
        for (sheet, row), points in {**CHANGED, **dict.fromkeys(UNCLAIMED, 0)}.items():
            hand.type(sheet, row, verdict="Điều chỉnh", appraised_points=points, remark="Thiếu tài liệu")
    assert provisioned.run("appraise").exit_code == 0
    provisioned.write_survey()
    assert provisioned.run("survey").exit_code == 0
    return provisioned


def paper(office: Office, name: str) -> bytes:
    make(office, name)
    return file_of(office, name).read_bytes()


def lines_of(table: list[list[str]], key: str) -> dict[str, dict[str, str]]:
    heading, *rows = table
    return {
        line[key]: line for row in rows if len(row) == len(heading) for line in [dict(zip(heading, row, strict=True))]
    }


# ---- what nobody had claimed was not raised -----------------------------------------------------------------------


def test_a_blank_self_score_that_was_set_to_0_is_not_raised(appraised: Office) -> None:
    content = paper(appraised, "minutes")
    # 12 findings: 4 of them kept in each of Tây An (2 of 4) and Bình Hòa (2 of 4), 2 lowered, 1 raised, 5 not claimed
    said = "Đã thẩm định 12 lượt tiêu chí: giữ nguyên điểm tự chấm 4, điều chỉnh 3 (giảm 2, tăng 1), "
    assert f"{said}xác định điểm 5 lượt tiêu chí đơn vị không tự chấm; tổng điểm" in words_in(content)
    units = lines_of(tables_in(content)[1], "Đơn vị")
    counts = ("Số tiêu chí", "Giữ nguyên", "Giảm điểm", "Tăng điểm", "Không tự chấm", "Chênh lệch")
    assert [units["Xã Tây An"][name] for name in counts] == ["4", "2", "1", "0", "1", "-0,50"]  # 1 − 1,5
    assert [units["Xã Bình Hòa"][name] for name in counts] == ["4", "2", "1", "1", "0", "+0,25"]  # −0,25 + 0,5
    assert [units["Thị trấn Phú Phong"][name] for name in counts] == ["4", "0", "0", "0", "4", "0,00"]
    assert [units["Tổng cộng"][name] for name in counts] == ["12", "4", "2", "1", "5", "-0,25"]
    assert len(lines_of(tables_in(content)[2], "TT")) == 3 + 5  # the annex lists both
    assert "CÁC TIÊU CHÍ ĐƯỢC ĐIỀU CHỈNH ĐIỂM, KHÔNG TỰ CHẤM VÀ LÝ DO" in words_in(content)


def test_report_and_trace_count_as_the_minutes_do(appraised: Office) -> None:
    said = (
        "giữ nguyên điểm tự chấm 4, điều chỉnh 3 (giảm 2, tăng 1); xác định điểm 5 lượt tiêu chí đơn vị không tự chấm."
    )
    assert said in words_in(paper(appraised, "report"))
    told = appraised.run("trace", now=LATER).json["data"]["appraisal"]
    assert [told[name] for name in ("findings", "kept", "lowered", "raised", "unclaimed")] == [12, 4, 2, 1, 5]


# ---- what was ruled, and points outside the criteria --------------------------------------------------------------


@pytest.fixture
def ruled(appraised: Office) -> Office:
    """Return an office whose round is over: Tây An contests 1.10, Bình Hòa does not answer to 2.2.

    The meeting gives Tây An 1,5 in 1.10 and Phú Phong, which had claimed nothing, 1 in 1.1.
    """
    with appraised.edit_review() as hand:
        hand.type("adjustments", "tay-an/T.1", count=2, remark="Công văn số 9")
        hand.type("adjustments", "binh-hoa/C.1", count=1, remark="Quyết định khen thưởng số 7")
    appraised.run("explain", "--until", "2023-12-28T17:00", now="2023-12-20T08:00")
    with appraised.edit("tay-an") as hand:
        hand.type("explanation", "1.10", answer="Không đồng ý", explanation="Đã bổ sung")
    appraised.run("explain", now="2023-12-28T17:00")
    for place, points in (("tay-an/1.10", "1,5"), ("phu-phong/1.1", "1")):
        appraised.run("explain", "--rule", place, "--points", points, "--reason", "Biên bản họp số 5", now=LATER)
    return appraised


def test_minutes_say_of_every_ruling_in_their_annex_who_made_it(ruled: Office) -> None:
    content = paper(ruled, "minutes")
    assert (
        "không trả lời 1, không đồng ý 1. Đối với các tiêu chí đơn vị không đồng ý: giữ nguyên điểm thẩm định 0, điều "
        "chỉnh 1 (trong đó 1 tiêu chí theo kết luận của cuộc họp); cuộc họp kết luận thêm 1 tiêu chí khác; chi tiết 2 "
        "tiêu chí tại Phụ lục III."
    ) in words_in(content)
    rulings = tables_in(content)[3]
    assert [row[1:3] for row in rulings[1:]] == [["Xã Tây An", "1.10"], ["Thị trấn Phú Phong", "1.1"]]
    told = ruled.run("trace", now=LATER).json["data"]["explanation"]
    assert [told[name] for name in ("meeting_rulings", "meeting_contested", "disputes")] == [2, 1, 2]


@pytest.mark.parametrize("name", ["minutes", "report"])
def test_who_may_still_answer_is_not_said_to_be_silent(appraised: Office, name: str) -> None:
    appraised.run("explain", "--until", "2023-12-31T17:00", now="2023-12-20T08:00")
    told = appraised.run("explain", now=LATER, as_json=False)
    assert "2 tiêu chí bị giảm điểm: 0 đồng ý, 0 không đồng ý, 0 không trả lời, 2 chưa trả lời" in told.out + told.err
    appraised.run("finalise", "--allow-unappraised", "--reason", "Theo chỉ đạo", now=LATER)
    said = "đồng ý 0, không trả lời 0, chưa trả lời 2, không đồng ý 0."
    assert said in words_in(paper(appraised, name))
    traced = appraised.run("trace", now=LATER).json["data"]["explanation"]
    assert (traced["silent"], traced["waiting"], traced["units"]["tay-an"]["waiting"]) == (0, 2, 1)
    assert appraised.run("explain", now="2023-12-31T18:00").exit_code == 0
    make(appraised, name, now="2023-12-31T18:00")
    assert "đồng ý 0, không trả lời 2, không đồng ý 0." in words_in(file_of(appraised, name).read_bytes())


def test_only_departments_that_appraise_anything_take_part(appraised: Office) -> None:
    settings = appraised.folder / "cycle.yaml"
    words = settings.read_text(encoding="utf-8")
    more = "  - {id: cong-an, name: Công an huyện}\ncalendar:"
    settings.write_text(words.replace("calendar:", more, 1), encoding="utf-8")
    assert "gồm đại diện Phòng Nội vụ, Phòng Tư pháp." in words_in(paper(appraised, "minutes"))


@pytest.mark.parametrize(("name", "annex"), [("minutes", "Phụ lục IV"), ("report", "Phụ lục III")])
def test_bonuses_and_penalties_stand_with_their_reasons_in_an_annex(ruled: Office, name: str, annex: str) -> None:
    content = paper(ruled, name)
    assert f"{annex}\nĐIỂM CỘNG, ĐIỂM TRỪ VÀ LÝ DO" in words_in(content)
    heading, *rows = tables_in(content)[-1]
    assert heading == ["TT", "Đơn vị", "Mã", "Nội dung", "Điểm cộng, trừ", "Trừ vào tiêu chí", "Lý do"]
    assert rows == [
        ["1", "Xã Tây An", "T.1", "Nộp muộn", "-0,50", "–", "Công văn số 9"],  # 2 · 0,25
        ["2", "Xã Bình Hòa", "C.1", "Khen thưởng", "+0,50", "–", "Quyết định khen thưởng số 7"],
    ]


def test_where_there_are_none_there_is_no_annex_of_them(appraised: Office) -> None:
    for name in ("minutes", "report"):
        assert "ĐIỂM CỘNG, ĐIỂM TRỪ VÀ LÝ DO" not in words_in(paper(appraised, name))


def test_the_report_says_what_its_tables_of_claims_leave_aside(ruled: Office) -> None:
    content = paper(ruled, "report")
    assert (
        "chỉ gồm 04 tiêu chí đơn vị tự chấm, không gồm điểm điều tra xã hội học; điểm cộng, điểm trừ không tính vào "
        "tiêu chí nào, nên khác tổng điểm tại Phụ lục I; điểm cộng, điểm trừ và lý do tại Phụ lục III:"
    ) in words_in(content)
    units = next(table for table in tables_in(content) if "Tiêu chí giải trình" in table[0])
    # Tây An: 4,25 + 0,5 of the ruling; Bình Hòa 5,5; Phú Phong 1
    column = units[0].index("Điểm đạt được của tiêu chí tự chấm")
    assert [row[column] for row in units[1:]] == ["4,75", "5,50", "1,00", "11,25"]


# ---- what the decision says of it ----------------------------------------------------------------------------------


RULED = (
    "tiêu chí đã có kết luận sau giải trình hoặc kết luận của cuộc họp thì lấy điểm kết luận, thay cho điểm thẩm định."
)


def test_the_decision_tells_that_rulings_stand_and_who_handed_nothing_in(ruled: Office) -> None:
    decide(ruled)
    words = words_in((ruled.folder / "output" / "decision.docx").read_bytes())
    assert f"giữ nguyên điểm tự chấm của đơn vị; {RULED}" in words
    assert "Các trường hợp được ghi nhận riêng:\n- Thị trấn Phú Phong: chưa nộp phiếu." in words
    assert ruled.run("publish", now="2024-01-31T18:00").exit_code == 0
    page = (ruled.folder / "output/publication/method.html").read_text(encoding="utf-8")
    assert RULED in page
    assert "Thị trấn Phú Phong: chưa nộp phiếu" in page


YEAR = "ngày      tháng      năm"


def test_a_decision_made_in_the_new_year_bears_that_year(ruled: Office) -> None:
    decision = ruled.folder / "output" / "decision.docx"
    assert ruled.run("finalise", now="2024-01-03T08:00").exit_code == 0
    assert f"Thử, {YEAR} 2024" in letterhead_of(decision.read_bytes())
    assert f"(Kèm theo Quyết định số        /QĐ-UBND {YEAR} 2024" in words_in(decision.read_bytes())
    make(ruled, "notice/tay-an", now="2024-01-31T18:00")
    assert "/QĐ-UBND ngày …… tháng …… năm 2024 của" in words_in(file_of(ruled, "notice/tay-an").read_bytes())
    assert ruled.run("verify", now="2024-02-01T08:00").exit_code == 0


def test_a_decision_made_again_without_a_change_keeps_its_year(ruled: Office) -> None:
    decide(ruled)
    before = (ruled.folder / "output" / "decision.docx").read_bytes()
    assert f"Thử, {YEAR} 2023" in letterhead_of(before)
    assert ruled.run("finalise", now="2024-01-03T08:00").exit_code == 0
    assert (ruled.folder / "output" / "decision.docx").read_bytes() == before


def test_where_nothing_was_ruled_the_decision_speaks_of_no_ruling(appraised: Office) -> None:
    decide(appraised)
    assert "kết luận" not in words_in((appraised.folder / "output" / "decision.docx").read_bytes())


# ---- templates of the office ---------------------------------------------------------------------------------------


def test_where_everything_was_claimed_nothing_is_said_of_it(collected: Office) -> None:
    collected.run("appraise")
    collected.agree_to_everything()
    collected.run("appraise")
    words = words_in(paper(collected, "minutes"))
    assert "giữ nguyên điểm tự chấm 12, điều chỉnh 0 (giảm 0, tăng 0); tổng điểm" in words
    assert "không tự chấm" not in words.casefold()


def test_a_template_of_the_office_from_before_goes_on_working(appraised: Office) -> None:
    for name in ("minutes", "report"):
        document = docx.Document(str(papers_folder() / f"{name}.docx"))
        paragraph = next(one for one in document.paragraphs if "unclaimed_count" in one.text)
        paragraph.runs[0].text = "Điều chỉnh {{ changed_count }} (giảm {{ lowered_count }}, tăng {{ raised_count }})."
        for run in paragraph.runs[1:]:
            paragraph._p.remove(run._r)
        (appraised.folder / "templates").mkdir(exist_ok=True)
        document.save(str(appraised.folder / "templates" / f"{name}.docx"))
        assert "Điều chỉnh 3 (giảm 2, tăng 1)." in words_in(paper(appraised, name))


# ---- blank, zero and «không phát sinh» are three things ------------------------------------------------------------


def test_who_scored_nothing_has_no_total_of_0(appraised: Office) -> None:
    decide(appraised)
    units = lines_of(tables_in(paper(appraised, "minutes"))[1], "Đơn vị")
    # Tây An 2 + 1,5 + 1,25, Bình Hòa 5,25
    assert [line["Điểm tự chấm"] for line in units.values()] == ["4,75", "5,25", "–", "10,00"]
    report = next(table for table in tables_in(paper(appraised, "report")) if "Tiêu chí giải trình" in table[0])
    assert [row[2] for row in report[1:]] == ["4,75", "5,25", "–", "10,00"]
    for unit, total in (("phu-phong", "–"), ("tay-an", "4,75")):
        criteria = tables_in(paper(appraised, f"notice/{unit}"))[1]
        assert criteria[-1][1:4] == ["Tổng cộng", "10,00", total]


def test_a_zero_is_a_total(provisioned: Office) -> None:
    zero = {"self_score": 0, "numerator": None, "denominator": None, "evidence": None}
    for unit in provisioned.UNITS:
        provisioned.fill_in(unit, c1_1=zero, c1_10=zero, c2_1=zero, c2_2=zero)
    provisioned.run("collect")
    provisioned.run("appraise")
    provisioned.agree_to_everything()
    provisioned.run("appraise")
    units = lines_of(tables_in(paper(provisioned, "minutes"))[1], "Đơn vị")
    assert [line["Điểm tự chấm"] for line in units.values()] == ["0,00"] * 4


def test_not_occurred_is_kps_in_minutes_and_notice_as_in_the_sheet(provisioned: Office) -> None:
    for unit in provisioned.UNITS:
        provisioned.fill_in(unit)
    with provisioned.edit("tay-an") as hand:  # 2.2 gives the full 2 points then, 1.10 is left out of the maximum
        for code in ("1.10", "2.2"):
            hand.type("self_assessment", code, numerator=None, denominator=None, self_score=None)
            hand.type("self_assessment", code, not_occurred="Không phát sinh")
    provisioned.run("collect")
    provisioned.run("appraise")
    provisioned.agree_to_everything()
    with provisioned.edit_review() as hand:
        hand.type(TU_PHAP, "tay-an/2.2", verdict="Điều chỉnh", appraised_points=1, remark="Có phát sinh")
    provisioned.run("appraise")
    provisioned.write_survey()
    provisioned.run("survey")
    decide(provisioned)
    note = "KPS: đơn vị chọn «Không phát sinh», được tính điểm tối đa hoặc loại khỏi điểm tối đa theo Bộ tiêu chí."
    minutes, notice = paper(provisioned, "minutes"), paper(provisioned, "notice/tay-an")
    assert tables_in(minutes)[2][-1][-4:] == ["2,00", "KPS", "1,00", "Có phát sinh"]
    rows = lines_of(tables_in(notice)[1], "Mã")
    assert [rows[code]["Điểm tự chấm"] for code in ("1.1", "1.10", "2.1", "2.2")] == ["2,00", "KPS", "0,50", "KPS"]
    assert rows[""]["Điểm tự chấm"] == "4,50"  # 2 + 0,5 + 2
    assert words_in(minutes).count(note) == words_in(notice).count(note) == 1
    assert note not in words_in(paper(provisioned, "notice/binh-hoa"))
