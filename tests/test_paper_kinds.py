"""Each paper says what it has to: the plan its dates, the reminder whom, the report what the results say."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
import pytest
from office import Office
from paper_season import REMARK, decide, file_of, letterhead_of, make, play, tables_in, titles, words_in

from cchc_sheets.errors import PublicationError
from cchc_sheets.publication import paper_results
from cchc_sheets.publication.nd30_check import form_problems
from cchc_sheets.publication.paper_kinds import KINDS, kind_of
from cchc_sheets.publication.paper_readback import Expected, Promise, broken_promises

LEGAL_NAME = "Phòng Nội vụ & <Cải cách> {{ office }}"


@pytest.fixture
def decided(collected: Office) -> Office:
    return decide(play(collected))


def made(office: Office, name: str, **options: Any) -> bytes:
    make(office, name, **options)
    return file_of(office, name).read_bytes()


def column(table: list[list[str]], heading: str) -> list[str]:
    place = table[0].index(heading)
    return [row[place] for row in table[1:] if len(row) == len(table[0])]


def settings(office: Office, added: str) -> None:
    file = office.folder / "cycle.yaml"
    file.write_text(file.read_text(encoding="utf-8") + added, encoding="utf-8")


def test_the_plan_has_six_tasks_with_the_dates_of_the_calendar(office: Office) -> None:
    tasks, criteria = tables_in(made(office, "plan", now=office.BEFORE))
    assert column(tasks, "TT") == ["1", "2", "3", "4", "5", "6"]
    assert column(tasks, "Thời gian thực hiện") == [
        "Hoàn thành chậm nhất ngày 25/10/2023",
        "Trước 17 giờ 00 ngày 10/12/2023",
        "Hoàn thành chậm nhất ngày 25/12/2023",
        "Hoàn thành chậm nhất ngày 31/12/2023",
        "Hoàn thành chậm nhất ngày 31/12/2023",
        "Hoàn thành chậm nhất ngày 31/01/2024",
    ]
    assert column(tasks, "Cơ quan chủ trì")[1] == "Ủy ban nhân dân các xã"
    # fields 6 and 4, then their leaves, then the whole
    assert column(criteria, "Điểm tối đa") == ["6,00", "2,00", "2,00", "2,00", "4,00", "1,00", "2,00", "1,00", "10,00"]


def test_in_the_plan_the_explanations_have_a_time_of_their_own(office: Office) -> None:
    settings = office.folder / "cycle.yaml"
    words = settings.read_text(encoding="utf-8").replace(
        "  decision: 2023", "  explanation: 2023-12-28\n  decision: 2023"
    )
    settings.write_text(words.replace("appraisal: 2023-12-25", "appraisal: 2023-12-25T11:30"), encoding="utf-8")
    row = tables_in(made(office, "plan", now=office.BEFORE))[0][3]
    assert row[1] == "Thẩm định kết quả tự đánh giá, chấm điểm của các đơn vị; tiếp nhận giải trình của các đơn vị"
    assert row[2] == "Thẩm định xong trước 11 giờ 30 ngày 25/12/2023; giải trình trước 17 giờ 00 ngày 28/12/2023"


def test_the_authority_signs_the_plan_as_a_body_and_the_office_its_letters(office: Office) -> None:
    plan = docx.Document(io.BytesIO(made(office, "plan", now=office.BEFORE)))
    assert plan.tables[-2].rows[0].cells[1].text.split("\n")[:2] == ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]
    letter = made(office, "guidance", now=office.BEFORE)
    assert letterhead_of(letter)[:2] == ["ỦY BAN NHÂN DÂN HUYỆN THỬ", "PHÒNG NỘI VỤ"]
    assert docx.Document(io.BytesIO(letter)).tables[-1].rows[0].cells[1].text.startswith("TRƯỞNG PHÒNG")


def test_the_guidance_says_who_guides_what(office: Office) -> None:
    content = made(office, "guidance", now=office.BEFORE)
    table = tables_in(content)[0]
    assert column(table, "Tiêu chí được phân công") == ["1.1, 1.10", "2.1, 2.2", ""]
    assert column(table, "Điểm tối đa") == ["4,00", "3,00", "7,00"]  # 2 + 2, 1 + 2
    words = words_in(content)
    assert "Đơn vị tự chấm 04 tiêu chí, tối đa 7 điểm; phần điều tra xã hội học 3 điểm" in words
    assert "thì nhập đủ số liệu gốc của năm 2023, sau đó mới ghi điểm." in words
    assert (
        "nội dung sửa đổi, bổ sung vào phiếu đã nộp không được tính; phiếu nộp lần đầu sau thời hạn vẫn được tiếp nhận "
        "nhưng ghi nhận là nộp chậm và có thể bị trừ điểm theo Bộ tiêu chí."
    ) in words
    assert "- Thẩm định xong chậm nhất ngày 25/12/2023; điểm bị điều chỉnh" in words
    assert "điểm tối đa ở tiêu chí 2.2; được loại khỏi điểm tối đa ở tiêu chí 1.10" in words


def test_there_is_no_reminder_when_every_unit_has_finished(filled: Office) -> None:
    run = filled.run("papers", "reminder", now=filled.BEFORE)
    assert run.exit_code == 1
    assert run.json["error"]["what"] == "mọi đơn vị đã hoàn thành, không có đơn vị nào phải đôn đốc"


def test_the_reminder_names_who_has_not_finished_and_what_is_missing(provisioned: Office) -> None:
    provisioned.fill_in("tay-an")
    with provisioned.edit("binh-hoa") as hand:
        hand.type("self_assessment", "1.1", self_score=1)
        hand.type("self_assessment", "2.1", self_score="nhiều")
    content = made(provisioned, "reminder", now=provisioned.BEFORE)
    table = tables_in(content)[0]
    assert column(table, "Đơn vị") == ["Thị trấn Phú Phong", "Xã Bình Hòa"]
    assert column(table, "Đã chấm") == ["0/4", "1/4"]
    assert column(table, "Nội dung còn thiếu, cần sửa") == [
        "- Toàn bộ các tiêu chí- Chưa chọn «Đã hoàn thành»",
        "- Chưa chấm 02 tiêu chí: 1.10, 2.2- Điểm, số liệu phải sửa 01 tiêu chí: 2.1"
        "- Thiếu tài liệu kiểm chứng 01 tiêu chí: 1.1- Chưa chọn «Đã hoàn thành»",
    ]
    words = words_in(content)
    assert "đến 08 giờ 00 ngày 01/12/2023 đã có 01/03 đơn vị hoàn thành" in words
    assert "- Ủy ban nhân dân thị trấn Phú Phong;\n- Ủy ban nhân dân xã Bình Hòa." in words  # as in the table


def test_the_minutes_list_every_change_and_dispute(collected: Office) -> None:
    office = play(collected)
    office.run("explain", "--until", "2023-12-28T17:00", now="2023-12-27T08:00")
    with office.edit("tay-an") as hand:
        hand.type("explanation", "1.10", answer="Đồng ý")
        hand.type("explanation", "2.2", answer="Không đồng ý", explanation="Đã có <văn bản> số 7 & 8")
    office.run("explain", now="2023-12-28T17:00")
    with office.edit_review() as hand:
        hand.type("rulings", "tay-an/2.2", ruled_points=1, reason="Chấp nhận một phần")
    office.run("explain", now="2023-12-28T18:00")
    content = made(office, "minutes")
    departments, units, changes, rulings = tables_in(content)
    # 12 findings: 5,25 · 3 = 15,75 claimed; lowered by 0,5 + 0,5 + 0,25
    assert departments[-1] == ["", "Tổng cộng", "12", "9", "3", "0", "0", "15,75", "14,50", "-1,25"]
    assert column(units, "Chênh lệch") == ["-1,00", "-0,25", "0,00", "-1,25"]
    assert [row for row in changes if len(row) == 1] == [["Phòng Nội vụ"], ["Phòng Tư pháp"]]
    assert column(changes, "Lý do") == [REMARK] * 3
    assert rulings[1][1:] == [
        "Xã Tây An",
        "2.2",
        "1,25",
        "0,75",
        "Đã có <văn bản> số 7 & 8",
        "1,00",
        "Chấp nhận một phần",
    ]
    words = words_in(content)
    assert (
        "Đã gửi 3 tiêu chí bị giảm điểm đến 02 đơn vị để giải trình: đơn vị đồng ý 1, không trả lời 1, không" in words
    )


def test_the_report_says_what_the_results_say(decided: Office) -> None:
    content = made(decided, "report")
    classes, fields, best, weakest, changes, ranking, units = tables_in(content)
    assert classes[1:] == [
        ["Xuất sắc", "0", "0,00"],
        ["Tốt", "0", "0,00"],
        ["Khá", "3", "100,00"],
        ["Tổng cộng", "3", "100,00"],
    ]
    # field 1: 2·3 of 1.1, 1 + 1,5 + 1,5 of 1.10, 4,8 of the survey: 14,8 of 18; field 2: 1,5 + 0,75 + 1 + 1,25 + 2,4
    assert [row[3:5] for row in fields[1:]] == [["4,93", "82,22"], ["2,30", "57,50"]]
    assert column(best, "Mã") == ["1.1", "1.2", "2.3"]
    assert column(weakest, "Mã") == ["2.2", "2.1", "1.10"]  # 3 of 6, 1,5 of 3, 4 of 6
    assert changes[-1] == ["", "Tổng cộng", "15,75", "14,50", "-1,25"]
    assert column(ranking, "Chỉ số (%)") == ["74,00", "73,50", "69,50"]
    assert column(ranking, "Đơn vị") == ["Xã Bình Hòa", "Thị trấn Phú Phong", "Xã Tây An"]
    # the survey came as a table of points: the report says so, and nothing of answers
    assert "Điểm được nhập theo bảng điểm của từng đơn vị, từng tiêu chí, không tính từ phiếu" in words_in(content)
    assert "phiếu hợp lệ" not in words_in(content)
    assert column(units, "Chênh lệch") == ["-1,00", "-0,25", "0,00", "-1,25"]


def test_the_report_shows_charts_with_words_for_those_who_do_not_see_them(decided: Office) -> None:
    pytest.importorskip("matplotlib")
    document = docx.Document(io.BytesIO(made(decided, "report")))
    assert len(document.inline_shapes) == 3
    assert all(shape._inline.docPr.get("descr") for shape in document.inline_shapes)
    # without these LibreOffice leaves 3 mm at either side and moves a picture as wide as the text into the margin
    sides = ("distT", "distB", "distL", "distR")
    assert {shape._inline.get(side) for shape in document.inline_shapes for side in sides} == {"0"}


def test_the_report_blames_nobody_for_findings_that_nobody_lowered(collected: Office) -> None:
    assert collected.run("appraise").exit_code == 0
    collected.agree_to_everything()
    assert collected.run("appraise").exit_code == 0
    collected.write_survey()
    assert collected.run("survey").exit_code == 0
    assert "chưa chặt chẽ" not in words_in(made(decide(collected), "report"))


def test_the_submission_and_the_announcement_count_the_classes(decided: Office) -> None:
    for name in ("submission", "announcement"):
        words = words_in(made(decided, name))
        assert "Chỉ số bình quân của 03 đơn vị là 72,33%; cao nhất là xã Bình Hòa (74,00%)" in words
        assert "Xếp loại: 03 đơn vị xếp loại Khá." in words


def test_every_paper_keeps_to_its_form(decided: Office) -> None:
    make(decided, "all")
    for kind in KINDS:
        for file in Path(decided.folder / "output" / "papers").rglob("*.docx"):
            if kind.code in {file.stem, file.parent.name}:
                assert form_problems(file.read_bytes(), form=kind.form, quoted=[REMARK]) == []


def test_settings_may_name_symbols_signers_and_recipients(office: Office) -> None:
    settings(
        office,
        'papers:\n  office_signer: {title: "KT. TRƯỞNG PHÒNG\\nPHÓ TRƯỞNG PHÒNG", name: Trần Thị B}\n'
        '  symbols: {guidance: PNV-TH}\n  recipients: {guidance: [Chủ tịch huyện, "Lưu: VT"]}\n',
    )
    content = made(office, "guidance", now=office.BEFORE)
    assert "Số:        /PNV-TH" in letterhead_of(content)
    recipients, signer = docx.Document(io.BytesIO(content)).tables[-1].rows[0].cells
    assert recipients.text.split("\n") == ["Nơi nhận:", "- Như trên;", "- Chủ tịch huyện;", "- Lưu: VT."]
    assert [line for line in signer.text.split("\n") if line] == ["KT. TRƯỞNG PHÒNG", "PHÓ TRƯỞNG PHÒNG", "Trần Thị B"]


def test_names_with_signs_of_markup_stay_text(office: Office) -> None:
    file = office.folder / "cycle.yaml"
    written = file.read_text(encoding="utf-8").replace("  name: Phòng Nội vụ\n", f'  name: "{LEGAL_NAME}"\n', 1)
    file.write_text(written, encoding="utf-8")
    words = words_in(made(office, "plan", now=office.BEFORE))
    assert f"1. {LEGAL_NAME}" in words


def test_a_paper_whose_figures_are_not_those_of_the_data_is_not_handed_over(
    decided: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_results, "signed", lambda _: "0,00")
    with pytest.raises(PublicationError) as refusal:
        make(decided, "report")
    assert "does not say what the data say" in refusal.value.what.said_in("en")
    assert not file_of(decided, "report").exists()


@pytest.mark.parametrize("code", titles())
def test_every_kind_is_found_by_its_word(code: str) -> None:
    kind = kind_of(code)
    assert kind is not None
    assert kind.template == f"{code}.docx"


def test_a_missing_line_a_wrong_figure_and_a_wrong_sum_are_told(office: Office) -> None:
    content = made(office, "guidance", now=office.BEFORE)
    expected = Expected(
        ("Cơ quan hướng dẫn, thẩm định",),
        {("Phòng Nội vụ",): {"Số tiêu chí": 3}, ("Phòng Tư pháp",): {}, ("Tổng cộng",): {}},
    )
    told = [problem.said_in("en") for problem in broken_promises(content, Promise((expected,), ("hạn nộp 2025",)))]
    assert told == [
        "Phòng Nội vụ, «Số tiêu chí»: the paper says 2, the data say 3",
        "the paper does not say: «hạn nộp 2025»",
    ]
    other = Expected(("Cơ quan hướng dẫn, thẩm định",), {("Phòng Y tế",): {}})
    assert "the line of Phòng Y tế is missing (1)" in str(
        [problem.said_in("en") for problem in broken_promises(content, Promise((other,)))]
    )
