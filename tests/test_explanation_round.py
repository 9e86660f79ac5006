"""The explanation round on both workspaces: what was lowered goes back, is answered, ruled on, and shown."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

import pytest
from board_reading import said
from docx import Document
from google_office import on_both
from office import Office

from cchc_sheets.errors import Problem
from cchc_sheets.ledger import Entry, Ledger
from cchc_sheets.stages.season import Season

BEFORE_THE_END = "2023-12-27T08:00"
UNTIL = "2023-12-28T17:00"
OVER = "2023-12-28T17:00"
NOI_VU, TU_PHAP = "appraisal:noi-vu", "appraisal:tu-phap"


@pytest.fixture
def lowered(collected: Office) -> Office:
    """Return an office in which Tây An was lowered in 1.10 and 2.2, Bình Hòa in 2.2; the survey is in.

    Each had claimed 2 + 1,5 + 0,5 + 1,25 = 5,25.
    """
    assert collected.run("appraise", now=collected.AFTER).exit_code == 0
    collected.agree_to_everything()
    changed = {
        (NOI_VU, "tay-an/1.10"): 1,
        (TU_PHAP, "tay-an/2.2"): 0.75,
        (TU_PHAP, "binh-hoa/2.2"): 1,
    }
    with collected.edit_review() as hand:
        for (sheet, row), points in changed.items():
            hand.type(sheet, row, verdict="Điều chỉnh", appraised_points=points, remark="Thiếu tài liệu")
    assert collected.run("appraise", now=collected.AFTER).exit_code == 0
    collected.write_survey()
    assert collected.run("survey", now=collected.AFTER).exit_code == 0
    return collected


@pytest.fixture
def opened(lowered: Office) -> Office:
    """Return an office that has opened the round."""
    run = lowered.run("explain", "--until", UNTIL, now=BEFORE_THE_END)
    assert run.exit_code == 0, run.out
    return lowered


def states(office: Office, now: str, *options: str) -> dict[str, str]:
    run = office.run("explain", *options, now=now)
    return {unit["unit"]: unit["state"] for unit in run.json["data"]["units"]}


def told_of_the_round(office: Office) -> dict[str, str]:
    """What the office's board tells of the round: unit → words."""
    told = {row: cells["explanation"] for row, cells in said(office).items() if "explanation" in cells}
    assert told.pop("headings") == "Giải trình"
    return told


def index_of(office: Office, unit: str) -> str:
    found = office.run("results", now=OVER).json["data"]["units"]
    return str(next(one["index"] for one in found if one["unit"] == unit))


@on_both
def test_only_the_lowered_criteria_go_back_and_only_to_their_unit(opened: Office) -> None:
    assert states(opened, BEFORE_THE_END) == {"tay-an": "open", "binh-hoa": "open", "phu-phong": "not_lowered"}
    hand = opened.edit("tay-an")
    assert [key for key in hand.row_keys("explanation") if not key.startswith("@")] == ["1.10", "2.2"]
    shown = {
        column: hand.value("explanation", "1.10", column)
        for column in ("max_points", "self_score", "appraised_points", "remark")
    }
    assert shown == {"max_points": 2, "self_score": 1.5, "appraised_points": 1, "remark": "Thiếu tài liệu"}


@on_both
def test_what_was_handed_in_stays_closed_while_the_answers_are_open(opened: Office) -> None:
    with opened.edit("tay-an") as hand:
        hand.type("explanation", "1.10", answer="Đồng ý")
    if hasattr(opened, "server"):
        with pytest.raises(Exception, match=r"protected|Protected"), opened.edit("tay-an") as hand:
            hand.type("self_assessment", "1.10", self_score=2)
    else:
        cell = (
            opened.edit("tay-an")
            .sheet("self_assessment")
            .cell(
                opened.edit("tay-an").row("self_assessment", "1.10"),
                opened.edit("tay-an").column("self_assessment", "self_score"),
            )
        )
        assert cell.value == 1.5
        assert cell.protection.locked


@on_both
def test_the_round_from_answers_to_the_outcome(opened: Office) -> None:
    # Tây An: 2 + 1 + 0,5 + 0,75 = 4,25 appraised, + 2,7 survey = 6,95 of 10.
    assert index_of(opened, "tay-an") == "69.50"
    with opened.edit("tay-an") as hand:
        hand.type(
            "explanation",
            "1.10",
            answer="Không đồng ý",
            explanation="Đã có báo cáo bổ sung",
            new_evidence="Báo cáo số 77/BC-UBND https://xa.example.gov.vn/77",
        )
        hand.type("explanation", "2.2", answer="Đồng ý")
    assert states(opened, OVER) == {"tay-an": "waiting", "binh-hoa": "answered", "phu-phong": "not_lowered"}
    refused = opened.run("finalise", now=OVER)
    assert refused.exit_code == 1
    assert refused.json["error"]["code"] == "unruled"

    hand = opened.edit_review()
    assert [key for key in hand.row_keys("rulings") if "/" in key] == ["tay-an/1.10"]
    assert hand.value("rulings", "tay-an/1.10", "explanation") == "Đã có báo cáo bổ sung"
    with opened.edit_review() as hand:
        hand.type("rulings", "tay-an/1.10", ruled_points=1.25, reason="Chấp nhận một phần")
    run = opened.run("explain", now=OVER)
    assert run.exit_code == 0, run.out
    assert run.json["data"]["total"] == {
        "lowered": 3,
        "agreed": 1,
        "silent": 1,
        "contested": 1,
        "upheld": 0,
        "changed": 1,
        "open": 0,
    }
    # The ruling gives 0,25 back: 6,95 + 0,25 = 7,2 of 10.
    assert index_of(opened, "tay-an") == "72.00"
    assert opened.run("finalise", now=OVER).exit_code == 0

    shown = opened.edit("tay-an")
    assert shown.value("explanation", "1.10", "ruled_points") == 1.25
    assert shown.value("explanation", "1.10", "reason") == "Chấp nhận một phần"
    assert shown.value("explanation", "1.10", "explanation") == "Đã có báo cáo bổ sung"
    assert shown.value("self_assessment", "1.10", "self_score") == 1.5


@on_both
def test_a_ruling_without_a_reason_or_above_the_maximum_rules_nothing(opened: Office) -> None:
    with opened.edit("tay-an") as hand:
        hand.type("explanation", "1.10", answer="Không đồng ý", explanation="Đề nghị xem lại")
    states(opened, OVER)
    with opened.edit_review() as hand:
        hand.paste("rulings", "tay-an/1.10", ruled_points=3, reason="Nhầm")
    assert "above_max" in opened.run("explain", now=OVER).codes()
    with opened.edit_review() as hand:
        hand.paste("rulings", "tay-an/1.10", ruled_points=1, reason="")
    run = opened.run("explain", now=OVER)
    assert "reason_missing" in run.codes()
    with opened.edit_review() as hand:
        hand.paste("rulings", "tay-an/1.10", ruled_points="", reason="Chấp nhận")
    run = opened.run("explain", now=OVER)
    assert run.problem("points_missing")["what"].endswith(": có lý do nhưng chưa có điểm kết luận")
    assert run.json["data"]["total"]["open"] == 1


def test_a_contest_without_a_reason_and_a_reason_without_an_answer_are_told(opened: Office) -> None:
    with opened.edit("tay-an") as hand:
        hand.type("explanation", "1.10", answer="Không đồng ý")
        hand.type("explanation", "2.2", explanation="Đề nghị xem lại")
    run = opened.run("--lang", "en", "explain", now=OVER)
    unreasoned, unanswered = run.problem("explanation_missing"), run.problem("answer_missing")
    assert (unreasoned["row"], unreasoned["severity"]) == ("1.10", "warning")
    assert unreasoned["what"].endswith("«Không đồng ý» without an explanation")
    assert unreasoned["fix"].startswith("nothing has to be mended: the council rules on what is written")
    assert (unanswered["row"], unanswered["severity"]) == ("2.2", "warning")
    assert unanswered["what"].endswith("something is written here, but no answer is chosen; it is taken for a contest")


def test_an_answer_that_cannot_be_understood_is_put_to_the_council_and_holds_up_nothing(opened: Office) -> None:
    with opened.edit("tay-an") as hand:
        hand.paste("explanation", "1.10", answer="ko")
        hand.type("explanation", "2.2", answer="Không đồng ý")
    opened.run("status", "--write", now=BEFORE_THE_END)
    reminders = (opened.folder / "output" / "reminders.txt").read_text(encoding="utf-8-sig")
    assert "Chưa chọn đúng câu trả lời, hoặc không đồng ý mà chưa giải trình 02 tiêu chí: 1.10" in reminders
    assert told_of_the_round(opened)["tay-an"] == "Đã trả lời 2/2 tiêu chí (2 chưa đủ), hạn 28/12/2023 17:00"

    run = opened.run("--lang", "en", "sync", now=OVER)
    typed = run.problem("choice_unknown")
    assert typed["what"].endswith("«ko» is not a choice of this cell; it is taken for a contest")
    assert typed["severity"] == "warning"
    assert run.json["data"]["waiting_for"] == ["the council (2 contested criteria)"]
    with opened.edit_review() as hand:
        hand.type("rulings", "tay-an/1.10", ruled_points=1.5, reason="Chấp nhận")
        hand.type("rulings", "tay-an/2.2", ruled_points=0.75, reason="Giữ nguyên")
    run = opened.run("sync", now=OVER)
    assert "finalise" in [step["command"] for step in run.json["data"]["steps"]]
    page = Document(str(opened.folder / "output" / "before-you-sign.docx"))
    assert not any("tạm tính" in paragraph.text.lower() for paragraph in page.paragraphs)
    # 2 + 1,5 + 0,5 + 0,75 = 4,75, + 2,7 = 7,45 of 10.
    assert index_of(opened, "tay-an") == "74.50"


@on_both
def test_an_answer_after_the_deadline_does_not_count(opened: Office) -> None:
    assert states(opened, OVER) == {"tay-an": "answered", "binh-hoa": "answered", "phu-phong": "not_lowered"}
    with opened.edit_past_locks("tay-an") as hand:
        hand.type("explanation", "1.10", answer="Không đồng ý", explanation="Muộn")
    run = opened.run("explain", now="2023-12-29T08:00")
    assert run.json["data"]["total"]["contested"] == 0
    assert run.json["data"]["total"]["silent"] == 3


@on_both
def test_running_it_again_changes_nothing(opened: Office) -> None:
    with opened.edit("tay-an") as hand:
        hand.type("explanation", "1.10", answer="Không đồng ý", explanation="Đề nghị xem lại")
    first = states(opened, OVER)
    before = opened.run("results", now=OVER).json["data"]
    assert states(opened, OVER) == first
    assert opened.run("results", now=OVER).json["data"] == before


def test_the_meeting_rules_after_the_council(opened: Office) -> None:
    states(opened, OVER)
    ruled = opened.run("explain", "--rule", "tay-an/2.2", "--points", "1,25", "--reason", "Biên bản số 12", now=OVER)
    assert ruled.exit_code == 0, ruled.out
    # 6,95 + (1,25 − 0,75) = 7,45 of 10.
    assert index_of(opened, "tay-an") == "74.50"


@pytest.mark.parametrize(
    ("place", "points", "reason", "code", "said"),
    [
        ("tay-an/9.9", "1", "Biên bản", "criterion_unknown", "«9.9» không phải là tiêu chí đơn vị tự chấm"),
        ("tay-an/1.2", "1", "Biên bản", "criterion_unknown", "«1.2» không phải là tiêu chí đơn vị tự chấm"),
        ("tay-an/2.2", "hai", "Biên bản", "points", "«hai» không phải là số điểm"),
        ("tay-an/2.2", "3", "Biên bản", "above_max", "3 điểm vượt điểm tối đa 2"),
        ("tay-an/2.2", "1", " ", "reason", "kết luận phải có lý do"),
        ("khong-co/2.2", "1", "Biên bản", "unit_unknown", "không có đơn vị «khong-co»"),
    ],
)
def test_a_ruling_that_makes_no_sense_is_refused(
    opened: Office, place: str, points: str, reason: str, code: str, said: str
) -> None:
    run = opened.run("explain", "--rule", place, "--points", points, "--reason", reason, now=OVER)
    assert run.exit_code == 1
    assert (run.json["error"]["code"], run.json["error"]["what"]) == (code, said)


def test_no_round_before_the_appraisal_is_finished(collected: Office) -> None:
    assert collected.run("appraise", now=collected.AFTER).exit_code == 0
    run = collected.run("explain", "--until", UNTIL, now=collected.AFTER)
    assert run.json["error"]["code"] == "unappraised"
    # 3 communes with 4 self-scored components each
    assert run.json["error"]["what"] == "chưa thẩm định xong: còn thiếu 12 kết luận thẩm định"


def test_a_round_needs_a_deadline_that_has_not_passed(lowered: Office) -> None:
    without = lowered.run("explain", now=BEFORE_THE_END).json["error"]
    assert (without["code"], without["what"]) == ("date", "lịch chưa có thời hạn giải trình")
    over = lowered.run("explain", "--until", "2023-12-26", now=BEFORE_THE_END).json["error"]
    assert (over["code"], over["what"]) == ("date", "thời hạn 17:00 ngày 26/12/2023 đã qua")


def test_dry_run_puts_nothing_to_anybody(lowered: Office) -> None:
    before = lowered.file("tay-an").read_bytes()
    assert states(lowered, BEFORE_THE_END, "--until", UNTIL, "--dry-run") == {
        "tay-an": "would_put",
        "binh-hoa": "would_put",
        "phu-phong": "not_lowered",
    }
    assert lowered.file("tay-an").read_bytes() == before


@on_both
def test_sync_holds_the_round_where_the_calendar_has_one(lowered: Office) -> None:
    settings = lowered.folder / "cycle.yaml"
    words = settings.read_text(encoding="utf-8")
    settings.write_text(
        words.replace("  decision: 2023", f"  explanation: {UNTIL}\n  decision: 2023"), encoding="utf-8"
    )
    opened = lowered.run("sync", now=BEFORE_THE_END).json["data"]
    assert "explain" in [step["command"] for step in opened["steps"]]
    assert opened["next"]["when"].startswith("2023-12-28T17:00")
    assert opened["waiting_for"] == ["Xã Tây An", "Xã Bình Hòa"]
    assert told_of_the_round(lowered) == {
        "tay-an": "Đã trả lời 0/2 tiêu chí, hạn 28/12/2023 17:00",
        "binh-hoa": "Đã trả lời 0/1 tiêu chí, hạn 28/12/2023 17:00",
        "phu-phong": "Không có tiêu chí bị giảm điểm",
    }
    with lowered.edit("tay-an") as hand:
        hand.type("explanation", "1.10", answer="Không đồng ý", explanation="Đề nghị xem lại")
    lowered.run("sync", now=BEFORE_THE_END)
    assert told_of_the_round(lowered)["tay-an"] == "Đã trả lời 1/2 tiêu chí, hạn 28/12/2023 17:00"
    over = lowered.run("sync", now=OVER).json["data"]["steps"]
    assert [step["command"] for step in over if step["command"] in {"explain", "finalise"}] == ["explain"]
    assert told_of_the_round(lowered) == {
        "tay-an": "Không đồng ý 1, không trả lời 1; chờ kết luận 1",
        "binh-hoa": "Không trả lời 1",
        "phu-phong": "Không có tiêu chí bị giảm điểm",
    }
    with lowered.edit_review() as hand:
        hand.type("rulings", "tay-an/1.10", ruled_points=1.5, reason="Chấp nhận")
    done = lowered.run("sync", now="2023-12-29T08:00").json["data"]["steps"]
    assert "finalise" in [step["command"] for step in done]
    assert told_of_the_round(lowered)["tay-an"] == "Không đồng ý 1, không trả lời 1; đã kết luận"
    # 2 + 1,5 + 0,5 + 0,75 = 4,75, + 2,7 = 7,45 of 10.
    assert index_of(lowered, "tay-an") == "74.50"


# ------------------------------------------------------------------------------------------------- a run broken off


@pytest.fixture
def half_opened(lowered: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Return an office whose run was broken off after the round had been opened for Tây An alone."""
    record = Season.record

    def breaks_off(season: Season, kind: str, subject: str, body: Mapping[str, Any]) -> Entry:
        if (kind, subject) == ("explanation_round", "binh-hoa"):
            raise KeyboardInterrupt
        return record(season, kind, subject, body)

    with monkeypatch.context() as patch:
        patch.setattr(Season, "record", breaks_off)
        assert lowered.run("explain", "--until", UNTIL, now=BEFORE_THE_END).exit_code == 1
    return lowered


@on_both
def test_a_unit_that_a_broken_off_run_left_out_is_heard_too(half_opened: Office) -> None:
    run = half_opened.run("explain", now=BEFORE_THE_END)
    assert {unit["unit"]: unit["state"] for unit in run.json["data"]["units"]} == {
        "tay-an": "open",
        "binh-hoa": "open",
        "phu-phong": "not_lowered",
    }
    assert run.problems == []  # nothing has changed since it was asked: it had not been asked yet
    hand = half_opened.edit("binh-hoa")
    assert [key for key in hand.row_keys("explanation") if not key.startswith("@")] == ["2.2"]


def test_a_unit_left_out_until_the_round_was_over_is_named_and_heard_in_time_of_its_own(half_opened: Office) -> None:
    over = half_opened.run("explain", now=OVER)
    assert [problem["unit"] for problem in over.problems if problem["code"] == "unheard"] == ["binh-hoa"]
    assert half_opened.run("finalise", now=OVER).exit_code == 1
    extension = ("extend", "binh-hoa", "--until", "2023-12-30T17:00", "--reason", "Công văn số 41")
    assert half_opened.run(*extension, now=OVER).exit_code == 0
    later = half_opened.run("explain", now=OVER)
    assert {unit["unit"]: unit["state"] for unit in later.json["data"]["units"]}["binh-hoa"] == "open"
    assert "unheard" not in {problem["code"] for problem in later.problems}


def test_the_same_deadline_again_is_recorded_once(opened: Office) -> None:
    assert opened.run("explain", "--until", UNTIL, now=BEFORE_THE_END).exit_code == 0
    with closing(Ledger.at(opened.folder / "ledger.db")) as ledger:
        assert [entry.subject for entry in ledger.entries("explanation_round")] == list(opened.UNITS)


# --------------------------------------------------------------------------- a finding and a ruling on one criterion


@pytest.fixture
def contested(opened: Office) -> Office:
    """Return an office in which Tây An contests 1.10, where it was lowered to 1."""
    with opened.edit("tay-an") as hand:
        hand.type("explanation", "1.10", answer="Không đồng ý", explanation="Đề nghị xem lại")
    return opened


@on_both
def test_a_finding_whose_row_is_gone_comes_back_from_the_findings_not_from_the_rulings(contested: Office) -> None:
    states(contested, OVER)
    with contested.edit_review() as hand:
        hand.type("rulings", "tay-an/1.10", ruled_points=1.25, reason="Chấp nhận một phần")
    contested.run("explain", now=OVER)
    with contested.edit_review() as hand:
        hand.delete_row(NOI_VU, "tay-an/1.10")
    contested.run("appraise", now=OVER)
    hand = contested.edit_review()
    found = [hand.value(NOI_VU, "tay-an/1.10", column) for column in ("verdict", "appraised_points", "remark")]
    assert found == ["Điều chỉnh", 1, "Thiếu tài liệu"]
    # The ruling stands: 6,95 + 0,25 = 7,2 of 10.
    assert index_of(contested, "tay-an") == "72.00"


@on_both
def test_rulings_that_are_not_laid_out_yet_are_not_filled_with_findings(
    contested: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_off(*_: object) -> list[Problem]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("cchc_sheets.stages.explain.lay_out", breaks_off)
        assert contested.run("explain", now=OVER).exit_code == 1
    run = contested.run("explain", now=OVER)
    assert run.problems == []
    assert contested.edit_review().value("rulings", "tay-an/1.10", "ruled_points") is None
