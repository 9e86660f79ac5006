"""The explanation round when something changes on the way: findings, deadlines, answers out of time, the meeting."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from google_office import GoogleOffice, on_both
from office import Office
from test_explanation_round import BEFORE_THE_END, NOI_VU, OVER, TU_PHAP, index_of, lowered, opened, states

from cchc_sheets.ledger import Ledger

__all__ = ["lowered", "opened"]

IN_TIME, TOO_LATE, LATER = "2023-12-28T10:00", "2023-12-28T18:00", "2023-12-29T08:00"
MORE_TIME = "2023-12-30T17:00"


def find(office: Office, sheet: str, row: str, points: float) -> None:
    """Let a department adjust one of its findings and have it recorded."""
    with office.edit_review() as hand:
        hand.type(sheet, row, verdict="Điều chỉnh", appraised_points=points, remark="Xem lại hồ sơ")


def answer(office: Office, unit: str, code: str, words: str, explanation: str = "") -> None:
    with office.edit(unit) as hand:
        hand.type("explanation", code, answer=words, **({"explanation": explanation} if explanation else {}))


def asked(office: Office, unit: str) -> dict[str, Any]:
    """Return what a unit's explanation sheet shows: criterion → appraised points."""
    hand = office.edit(unit)
    codes = [key for key in hand.row_keys("explanation") if not key.startswith("@")]
    return {code: Decimal(str(hand.value("explanation", code, "appraised_points"))) for code in codes}


def totals(office: Office, now: str) -> Mapping[str, int]:
    found: Mapping[str, int] = office.run("explain", now=now).json["data"]["total"]
    return found


@on_both
def test_an_answer_changed_after_it_was_read_is_reported_and_not_taken(opened: Office) -> None:
    answer(opened, "tay-an", "1.10", "Đồng ý")
    states(opened, OVER)
    with opened.edit_past_locks("tay-an") as hand:
        hand.type("explanation", "2.2", answer="Không đồng ý", explanation="Nghĩ lại")
    for _ in range(2):  # and is told until somebody decides
        run = opened.run("explain", now=LATER)
        told = run.problem("edited_after_deadline")
        late = "phiếu bị sửa sau khi tiếp nhận, phần sửa không được tính: «Giải trình» H8 từ «–» thành «Không đồng ý»"
        assert (told["unit"], told["what"]) == ("tay-an", f"{late}, «Giải trình» I8 từ «–» thành «Nghĩ lại»")
        assert run.json["data"]["total"] | {"lowered": 0} == {
            "lowered": 0,
            "agreed": 1,
            "silent": 2,
            "contested": 0,
            "upheld": 0,
            "changed": 0,
            "open": 0,
        }


@pytest.mark.parametrize("office", ["google"], indirect=True)  # the clock of files is the computer's own
def test_an_answer_between_the_deadline_and_the_closing_is_named_cell_by_cell(opened: GoogleOffice) -> None:
    answer(opened, "tay-an", "2.2", "Đồng ý")
    assert opened.run("sync", now=IN_TIME).exit_code == 0
    opened.now = datetime.fromisoformat(TOO_LATE)
    answer(opened, "tay-an", "1.10", "Không đồng ý", "Muộn")
    told = opened.run("explain", now="2023-12-28T19:00").problem("modified_after_deadline")
    late = "sửa lần cuối sau thời hạn, lúc 18:00 ngày 28/12/2023; các ô khác với lần đọc 10:00 ngày 28/12/2023: "
    # What was in time is not blamed.
    assert told["what"] == f"{late}«Giải trình» H7 từ «–» thành «Không đồng ý», «Giải trình» I7 từ «–» thành «Muộn»"


def test_what_is_lowered_while_the_round_is_open_is_put_to_the_unit_too(opened: Office) -> None:
    find(opened, TU_PHAP, "phu-phong/2.2", 0.5)
    find(opened, NOI_VU, "binh-hoa/1.10", 1)
    run = opened.run("explain", now=BEFORE_THE_END)
    assert {one["unit"]: one["state"] for one in run.json["data"]["units"]} == dict.fromkeys(opened.UNITS, "open")
    later = "điểm thẩm định đã thay đổi sau khi gửi giải trình; phiếu của đơn vị đã cập nhật"
    assert {p["unit"]: p["what"] for p in run.problems if p["code"] == "lowered_later"} == {
        "binh-hoa": f"Xã Bình Hòa: {later}",
        "phu-phong": f"Thị trấn Phú Phong: {later}",
    }
    assert asked(opened, "phu-phong") == {"2.2": Decimal("0.5")}
    assert asked(opened, "binh-hoa") == {"1.10": 1, "2.2": 1}
    assert "lowered_later" not in opened.run("explain", now=BEFORE_THE_END).codes()
    answer(opened, "phu-phong", "2.2", "Không đồng ý", "Có sản phẩm")
    assert totals(opened, OVER)["contested"] == 1


def test_what_is_lowered_after_the_round_waits_until_the_unit_was_heard(opened: Office) -> None:
    states(opened, OVER)
    find(opened, TU_PHAP, "phu-phong/2.2", 0.5)
    told = opened.run("explain", now=OVER).problem("unheard")
    unheard = "Thị trấn Phú Phong chưa được giải trình về tiêu chí bị giảm điểm sau đó: 2.2"
    assert (told["unit"], told["what"]) == ("phu-phong", unheard)
    assert opened.run("finalise", now=OVER).json["error"]["code"] == "unheard"

    more = opened.run("extend", "phu-phong", "--until", MORE_TIME, "--reason", "Điểm giảm sau", now=OVER)
    assert more.exit_code == 0, more.out
    assert asked(opened, "phu-phong") == {"2.2": Decimal("0.5")}
    assert opened.run("finalise", now=LATER).json["error"]["code"] == "round_open"
    answer(opened, "phu-phong", "2.2", "Đồng ý")
    assert totals(opened, MORE_TIME)["agreed"] == 1
    assert opened.run("finalise", now=MORE_TIME).exit_code == 0


def test_an_agreement_to_more_points_does_not_cover_fewer(opened: Office) -> None:
    answer(opened, "tay-an", "2.2", "Đồng ý")
    states(opened, BEFORE_THE_END)
    find(opened, TU_PHAP, "tay-an/2.2", 0.25)
    states(opened, BEFORE_THE_END)
    run = opened.run("explain", now=OVER)
    overtaken = run.problem("answer_overtaken")
    agreed = "đơn vị đã đồng ý với mức điểm cao hơn mức thẩm định sau cùng; coi như không trả lời"
    assert (overtaken["row"], overtaken["what"]) == ("2.2", f"2.2: {agreed}")
    assert run.json["data"]["total"]["agreed"] == 0
    assert run.json["data"]["total"]["silent"] == 3


def test_an_agreement_that_was_read_does_not_cover_a_later_lowering(opened: Office) -> None:
    answer(opened, "tay-an", "2.2", "Đồng ý")
    states(opened, OVER)
    find(opened, TU_PHAP, "tay-an/2.2", 0.25)
    unheard = "Xã Tây An chưa được giải trình về tiêu chí bị giảm điểm sau đó: 2.2"
    assert opened.run("explain", now=OVER).problem("unheard")["what"] == unheard
    opened.run("explain", "--rule", "tay-an/2.2", "--points", "0,25", "--reason", "Biên bản số 12", now=OVER)
    assert opened.run("finalise", now=OVER).exit_code == 0  # the meeting has ruled, knowing it


def test_an_agreement_covers_what_is_raised_afterwards(opened: Office) -> None:
    answer(opened, "tay-an", "2.2", "Đồng ý")
    states(opened, OVER)
    find(opened, TU_PHAP, "tay-an/2.2", 1)
    run = opened.run("explain", now=OVER)
    assert run.problems == []
    assert run.json["data"]["total"]["agreed"] == 1


def test_a_finding_retyped_after_the_ruling_is_told_and_moves_neither_points_nor_counts(opened: Office) -> None:
    answer(opened, "tay-an", "1.10", "Không đồng ý", "Đề nghị xem lại")
    states(opened, OVER)
    with opened.edit_review() as hand:
        hand.type("rulings", "tay-an/1.10", ruled_points=1, reason="Giữ điểm thẩm định")
    assert totals(opened, OVER)["upheld"] == 1
    # 2 + 1 + 0,5 + 0,75 = 4,25 appraised, + 2,7 survey = 6,95 of 10.
    assert index_of(opened, "tay-an") == "69.50"
    find(opened, NOI_VU, "tay-an/1.10", 0.5)
    run = opened.run("explain", now=OVER)
    assert run.problem("finding_changed")["row"] == "1.10"
    assert "unplaced" not in run.codes()  # what we had written beside the answers is nobody's lost text
    assert run.json["data"]["total"]["upheld"] == 1
    assert index_of(opened, "tay-an") == "69.50"


RULE = ("--rule", "phu-phong/2.2", "--reason", "Biên bản số 12")


def test_a_finding_changed_after_the_meeting_ruled_is_told_even_where_it_was_put_to_nobody(opened: Office) -> None:
    assert opened.run("explain", *RULE, "--points", "1", now=OVER).exit_code == 0
    assert "finding_changed" not in opened.run("explain", now=OVER).codes()
    find(opened, TU_PHAP, "phu-phong/2.2", 0.5)
    told = opened.run("--lang", "en", "explain", now=OVER).problem("finding_changed")
    assert (told["unit"], told["row"], told["severity"]) == ("phu-phong", "2.2", "warning")
    assert told["what"] == "the finding is 0.5 points now; the meeting ruled on 1.25"
    # 2 + 1,5 + 0,5 + 1 = 5, + 2,1 survey = 7,1 of 10: the ruling stands.
    assert index_of(opened, "phu-phong") == "71.00"
    # Ruled on again as it is now: nothing to look at any more.
    assert opened.run("explain", *RULE, "--points", "1", now=OVER).exit_code == 0
    assert "finding_changed" not in opened.run("explain", now=OVER).codes()


@on_both
def test_a_ruling_on_the_wrong_criterion_is_withdrawn_and_what_stood_before_stands(opened: Office) -> None:
    # 2 + 1,5 + 0,5 + 1,25 = 5,25, + 2,1 survey = 7,35 of 10; ruled to 1: 7,1.
    assert opened.run("explain", *RULE, "--points", "1", now=OVER).exit_code == 0
    assert index_of(opened, "phu-phong") == "71.00"
    assert [key for key in opened.edit("phu-phong").row_keys("explanation") if not key.startswith("@")] == ["2.2"]
    run = opened.run("--lang", "en", "explain", *RULE, "--withdraw", now=OVER)
    assert (run.exit_code, run.problems) == (0, [])
    withdrawn = {"unit": "phu-phong", "code": "2.2", "points": None, "reason": "Biên bản số 12"}
    assert run.json["data"] == withdrawn
    assert index_of(opened, "phu-phong") == "73.50"
    assert [key for key in opened.edit("phu-phong").row_keys("explanation") if not key.startswith("@")] == []
    steps = opened.run("--lang", "en", "trace", "phu-phong", "2.2", now=OVER).json["data"]["life"]
    told = [(step["what"], step["counts"]) for step in steps if step["step"] == "ruling"]
    assert told == [
        ("the final meeting ruled 1: Biên bản số 12; overtaken", False),
        ("the ruling of the final meeting was withdrawn: Biên bản số 12", False),
    ]


@on_both
def test_a_withdrawal_broken_off_before_the_unit_saw_it_is_shown_by_the_next_run(
    opened: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    states(opened, OVER)
    assert opened.run("explain", *RULE, "--points", "1", now=OVER).exit_code == 0
    with monkeypatch.context() as broken_off:
        broken_off.setattr("cchc_sheets.stages.ruling.show_rulings", lambda *_: [])
        assert opened.run("explain", *RULE, "--withdraw", now=OVER).exit_code == 0
    assert "2.2" in opened.edit("phu-phong").row_keys("explanation")
    assert opened.run("explain", now=OVER).exit_code == 0
    assert "2.2" not in opened.edit("phu-phong").row_keys("explanation")


def test_what_was_never_ruled_or_is_withdrawn_already_cannot_be_withdrawn(opened: Office) -> None:
    assert opened.run("explain", *RULE, "--points", "1", now=OVER).exit_code == 0
    assert opened.run("explain", *RULE[:2], "--withdraw", now=OVER).json["error"]["code"] == "reason"
    assert opened.run("explain", *RULE, "--withdraw", "--dry-run", now=OVER).exit_code == 0
    assert index_of(opened, "phu-phong") == "71.00"
    assert opened.run("explain", *RULE, "--withdraw", now=OVER).exit_code == 0
    refused = opened.run("--lang", "en", "explain", *RULE, "--withdraw", now=OVER).json["error"]
    assert refused["code"] == "not_ruled"
    assert refused["what"] == "the meeting has ruled nothing on phu-phong/2.2"
    assert refused["fix"] == "`trace phu-phong 2.2` tells which rulings there are"


@pytest.mark.parametrize("options", [("--withdraw",), ("--points", "1"), ("--reason", "Biên bản")])
def test_a_ruling_without_a_criterion_holds_no_round_instead(opened: Office, options: tuple[str, ...]) -> None:
    run = opened.run("--lang", "en", "explain", *options, now=OVER)
    assert run.exit_code == 2
    assert run.json["error"]["what"] == "--points, --reason and --withdraw go with --rule UNIT/CODE"
    with closing(Ledger.at(opened.folder / "ledger.db")) as ledger:
        assert ledger.entries("explanation") == []


def test_what_is_contested_after_the_council_s_sheet_was_laid_out_is_no_deleted_row(opened: Office) -> None:
    answer(opened, "tay-an", "1.10", "Không đồng ý", "Đề nghị xem lại")
    states(opened, OVER)
    more = ("extend", "binh-hoa", "--until", MORE_TIME, "--reason", "Công văn")
    assert opened.run(*more, now=LATER).exit_code == 0
    answer(opened, "binh-hoa", "2.2", "Không đồng ý", "Đã có báo cáo")
    run = opened.run("explain", now=MORE_TIME)
    assert (run.exit_code, run.problems) == (0, [])
    rows = [key for key in opened.edit_review().row_keys("rulings") if "/" in key]
    assert rows == ["tay-an/1.10", "binh-hoa/2.2"]


def test_the_council_sees_that_a_finding_changed_after_the_answer(opened: Office) -> None:
    answer(opened, "tay-an", "1.10", "Không đồng ý", "Đề nghị xem lại")
    states(opened, OVER)
    find(opened, NOI_VU, "tay-an/1.10", 0.5)
    states(opened, OVER)
    shown = opened.edit_review().value("rulings", "tay-an/1.10", "checks")
    assert shown == "Điểm thẩm định đã đổi từ 1 thành 0,5 sau khi đơn vị trả lời"


def test_what_the_department_gives_back_is_settled_even_where_the_criterion_is_left_out(filled: Office) -> None:
    filled.fill_in(
        "tay-an",
        c1_10={
            "self_score": None,
            "numerator": None,
            "denominator": None,
            "not_occurred": "Không phát sinh",
            "evidence": None,
        },
    )
    filled.run("collect", now=filled.AFTER)
    filled.run("appraise", now=filled.AFTER)
    filled.agree_to_everything()
    find(filled, NOI_VU, "tay-an/1.10", 0)
    filled.run("appraise", now=filled.AFTER)
    filled.write_survey()
    filled.run("survey", now=filled.AFTER)
    assert filled.run("explain", "--until", "2023-12-28T17:00", now=BEFORE_THE_END).exit_code == 0
    answer(filled, "tay-an", "1.10", "Không đồng ý", "Trong năm không có nhiệm vụ nào được giao")
    assert totals(filled, OVER)["open"] == 1
    with filled.edit_review() as hand:
        hand.paste("rulings", "tay-an/1.10", ruled_points="KPS", reason="Đúng")
    assert filled.run("explain", now=OVER).problem("not_occurred_ruled")["row"] == "tay-an/1.10"

    with filled.edit_review() as hand:
        hand.type("rulings", "tay-an/1.10", ruled_points=None, reason=None)
        hand.type(NOI_VU, "tay-an/1.10", verdict="Đồng ý", appraised_points=None, remark=None)
    run = filled.run("explain", now=OVER)
    total = run.json["data"]["total"]
    assert (total["contested"], total["changed"], total["upheld"], total["open"]) == (1, 1, 0, 0)
    assert "finding_changed" not in run.codes()
    shown = filled.edit_review().value("rulings", "tay-an/1.10", "checks")
    assert shown == "Cơ quan thẩm định đã đồng ý với điểm tự chấm; không còn gì phải kết luận"
    assert filled.edit("tay-an").value("explanation", "1.10", "appraised_points") == "KPS"
    # 2 + 0,5 + 1,25 = 3,75, + 2,7 survey = 6,45 of 10 - 2 = 8.
    assert index_of(filled, "tay-an") == "80.63"


@on_both
def test_a_ruling_of_the_meeting_is_in_the_units_workbook_at_once_and_in_no_other(opened: Office) -> None:
    answer(opened, "tay-an", "2.2", "Đồng ý")
    states(opened, OVER)
    for place, points in (("tay-an/2.2", "1,25"), ("phu-phong/2.2", "0,5")):
        ruled = opened.run("explain", "--rule", place, "--points", points, "--reason", "Biên bản số 12", now=OVER)
        assert ruled.exit_code == 0, ruled.out
    hands = {unit: opened.edit(unit) for unit in ("tay-an", "phu-phong")}
    for unit, worth in (("tay-an", 1.25), ("phu-phong", 0.5)):
        shown = [hands[unit].value("explanation", "2.2", key) for key in ("ruled_points", "ruled_by", "reason")]
        assert shown == [worth, "Cuộc họp thống nhất kết quả", "Biên bản số 12"]
    assert hands["tay-an"].value("explanation", "2.2", "answer") == "Đồng ý"
    with pytest.raises(StopIteration):
        opened.edit("binh-hoa").column("explanation", "ruled_points")
    # 6,95 + (1,25 - 0,75) = 7,45; 2 + 1,5 + 0,5 + 0,5 + 2,1 = 6,6 of 10.
    assert [index_of(opened, unit) for unit in ("tay-an", "phu-phong")] == ["74.50", "66.00"]


def test_a_ruling_of_the_meeting_closes_no_workbook_that_is_still_to_be_handed_in(filled: Office) -> None:
    filled.edit("binh-hoa")
    before = filled.file("binh-hoa").read_bytes()
    filled.run("explain", "--rule", "binh-hoa/2.2", "--points", "1", "--reason", "Biên bản", now=filled.BEFORE)
    assert filled.file("binh-hoa").read_bytes() == before


@on_both
def test_one_unit_gets_more_time_to_answer_after_it_was_read(opened: Office) -> None:
    answer(opened, "tay-an", "1.10", "Đồng ý")
    states(opened, OVER)
    more = opened.run("extend", "tay-an", "--until", MORE_TIME, "--reason", "Công văn số 9", now=LATER)
    assert more.exit_code == 0, more.out
    assert states(opened, LATER) == {"tay-an": "open", "binh-hoa": "answered", "phu-phong": "not_lowered"}
    hand = opened.edit("tay-an")
    assert hand.value("explanation", "1.10", "answer") == "Đồng ý"
    answer(opened, "tay-an", "2.2", "Không đồng ý", "Bổ sung tài liệu")
    assert totals(opened, MORE_TIME)["contested"] == 1
    if isinstance(opened, GoogleOffice):
        with pytest.raises(Exception, match=r"protected|Protected"):
            answer(opened, "tay-an", "2.2", "Đồng ý")
    else:
        assert not opened.file("tay-an").stat().st_mode & 0o222


def test_extending_in_the_round_is_about_answers_and_says_so_where_there_is_nothing_to_answer(opened: Office) -> None:
    run = opened.run("extend", "phu-phong", "--until", MORE_TIME, "--reason", "Đề nghị", now=BEFORE_THE_END)
    assert run.json["error"]["code"] == "nothing_put"
    nothing = "Thị trấn Phú Phong không bị giảm điểm tiêu chí nào: không có gì để giải trình"
    assert run.json["error"]["what"] == nothing
    early = opened.run("extend", "tay-an", "--until", "2023-12-28T09:00", "--reason", "Đề nghị", now=BEFORE_THE_END)
    assert early.json["error"]["code"] == "date"  # before the deadline that it has
    assert early.json["error"]["what"] == "09:00 ngày 28/12/2023 không phải là thời hạn mới hợp lệ"


def test_making_workbooks_in_the_round_leaves_the_answers_alone(opened: Office) -> None:
    answer(opened, "tay-an", "1.10", "Đồng ý")
    settings = opened.folder / "cycle.yaml"
    words = settings.read_text(encoding="utf-8").replace(
        "self_assessment: 2023-12-10T17:00", "self_assessment: 2023-12-29"
    )
    settings.write_text(words.replace("appraisal: 2023-12-25", "appraisal: 2023-12-30"), encoding="utf-8")
    assert opened.run("provision", now=BEFORE_THE_END).exit_code == 0
    assert opened.edit("tay-an").value("explanation", "1.10", "answer") == "Đồng ý"


def test_the_round_does_not_begin_while_a_unit_may_still_score_itself(lowered: Office) -> None:
    extended = ("extend", "tay-an", "--until", "2023-12-28T08:00", "--reason", "Công văn số 41")
    assert lowered.run(*extended, now=BEFORE_THE_END).exit_code == 0
    run = lowered.run("explain", "--until", "2023-12-29T17:00", now=BEFORE_THE_END)
    assert run.json["error"]["code"] == "still_open"
    assert run.json["error"]["what"] == "chưa hết hạn tự chấm điểm: Xã Tây An"
