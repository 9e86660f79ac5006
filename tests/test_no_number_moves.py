"""What people do to sheets between two commands never moves a number, revives a verdict or loses one silently."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from google_office import on_both
from office import Office

UNIT, NOI_VU, TU_PHAP = "self_assessment", "appraisal:noi-vu", "appraisal:tu-phap"


def index_of(office: Office, unit: str = "tay-an") -> Any:
    return next(u for u in office.run("results").json["data"]["units"] if u["unit"] == unit)["index"]


@on_both
def test_extending_a_unit_whose_rows_were_sorted_moves_no_number(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.swap(UNIT, "2.1", "2.2")
    assert filled.run("collect").codes().count("row_mixed_up") == 2
    extended = filled.run("extend", "tay-an", "--until", "2023-12-14T17:00", "--reason", "CV 41")
    assert extended.problem("ambiguous")["unit"] == "tay-an"
    again = filled.run("collect", now="2023-12-14T17:00")
    assert again.codes().count("row_mixed_up") == 2
    assert next(u for u in again.json["data"]["units"] if u["unit"] == "tay-an")["self_points"] == "3.5"


def test_making_workbooks_anew_leaves_a_sorted_one_alone(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.swap(UNIT, "2.1", "2.2")
    before = filled.file("tay-an").read_bytes()
    settings = filled.folder / "cycle.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('"0256"', '"0257"'), encoding="utf-8")
    run = filled.run("provision", now=filled.BEFORE)
    assert run.exit_code == 3
    assert "2.1" in run.problem("ambiguous")["what"]
    assert filled.file("tay-an").read_bytes() == before


@on_both
def test_a_verdict_that_was_typed_but_not_read_moves_no_result_and_is_told(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.type(TU_PHAP, "tay-an/2.2", verdict="Điều chỉnh", appraised_points=0, remark="Không có")
    run = appraised.run("--lang", "en", "results")
    told = run.problem("not_read")
    assert (told["severity"], told["what"]) == ("warning", "the review workbook has changed since it was last read")
    assert index_of(appraised) == "79.50"  # 5,25 + 2,7 of 10, as it was read
    appraised.run("appraise")
    assert "not_read" not in appraised.run("results").codes()
    assert index_of(appraised) == "67.00"  # 1,25 less


@on_both
def test_a_sorted_review_sheet_gives_no_unit_the_verdict_of_another(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.type(TU_PHAP, "tay-an/2.2", verdict="Điều chỉnh", appraised_points=0, remark="Không có")
    appraised.run("appraise")
    with appraised.edit_review() as hand:
        hand.swap(TU_PHAP, "tay-an/2.2", "binh-hoa/2.2")
    for _ in range(2):
        run = appraised.run("appraise")
        assert run.codes().count("row_mixed_up") == 2
        assert run.json["data"]["settled"] == 10
    with appraised.edit_review() as hand:
        hand.swap(TU_PHAP, "tay-an/2.2", "binh-hoa/2.2")
    assert appraised.run("appraise").exit_code == 0
    # 2 + 1,5 + 0,5 + 0 + 2,7 = 6,7 → 67,00; Bình Hòa 5,25 + 2,4 = 7,65 → 76,50
    assert (index_of(appraised), index_of(appraised, "binh-hoa")) == ("67.00", "76.50")


@on_both
def test_a_review_sheet_sorted_after_a_unit_was_renamed_gives_no_unit_the_verdict_of_another(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.type(TU_PHAP, "tay-an/2.2", verdict="Điều chỉnh", appraised_points=0, remark="Không có")
    appraised.run("appraise")
    file = appraised.folder / "units.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("Xã Tây An", "Xã Tây An Mới"), encoding="utf-8")
    with appraised.edit_review() as hand:  # it still shows the old name, which belongs to nobody now
        hand.swap(TU_PHAP, "tay-an/2.2", "binh-hoa/2.2")
    for _ in range(2):
        run = appraised.run("appraise")
        # Both rows, and the other one of this sheet that shows the old name: which of them moved, nobody can tell.
        mixed = {p["row"] for p in run.problems if p["code"] == "row_mixed_up"}
        assert mixed == {"tay-an/2.1", "tay-an/2.2", "binh-hoa/2.2"}
        assert run.json["data"]["settled"] == 9
    with appraised.edit_review() as hand:
        hand.swap(TU_PHAP, "tay-an/2.2", "binh-hoa/2.2")
    assert appraised.run("appraise").exit_code == 0
    assert (index_of(appraised), index_of(appraised, "binh-hoa")) == ("67.00", "76.50")


def test_where_no_code_is_left_rows_of_the_same_title_are_not_told_apart_by_guessing(filled: Office) -> None:
    file = filled.folder / "criteria.yaml"
    same = file.read_text(encoding="utf-8").replace("title: Số mô hình", "title: Nhận định của Tổ thẩm định")
    file.write_text(same, encoding="utf-8")
    assert filled.run("provision", now=filled.BEFORE).exit_code == 0
    with filled.edit("tay-an") as hand:
        hand.sheet(UNIT).delete_cols(hand.column(UNIT, "code"))
        hand.swap(UNIT, "2.1", "2.2")  # 0,5 and 1,25 points
    assert filled.run("provision", now=filled.BEFORE).problem("ambiguous")["unit"] == "tay-an"
    run = filled.run("collect")
    assert {p["row"] for p in run.problems if p["code"] == "row_mixed_up"} == {"2.1", "2.2"}
    assert next(u for u in run.json["data"]["units"] if u["unit"] == "tay-an")["self_points"] == "3.5"


@on_both
def test_deleting_a_row_does_not_revive_a_verdict_on_an_older_self_score(appraised: Office) -> None:
    appraised.run("extend", "tay-an", "--until", "2023-12-14T17:00", "--reason", "CV 41")
    with appraised.edit("tay-an") as hand:
        hand.type(UNIT, "2.2", self_score=2)
    appraised.run("collect", now="2023-12-14T17:00")
    with appraised.edit_review() as hand:
        hand.delete_row(NOI_VU, "binh-hoa/1.1")
        hand.delete_row(TU_PHAP, "tay-an/2.2")
    for _ in range(2):
        run = appraised.run("appraise", now="2023-12-15T08:00")
        assert run.problem("self_score_changed")["row"] == "tay-an/2.2"
        assert run.json["data"]["settled"] == 11
    assert appraised.run("finalise", now="2023-12-15T08:00").json["error"]["code"] == "unappraised"


@on_both
def test_a_deleted_review_workbook_is_made_again_with_everything_that_was_recorded(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.type(TU_PHAP, "tay-an/2.2", verdict="Điều chỉnh", appraised_points=1, remark="Tính lại")
        hand.type("adjustments", "tay-an/T.1", count=2, remark="Chậm 2 ngày")
    appraised.run("appraise")
    before = index_of(appraised)
    appraised.delete_review()
    for _ in range(2):
        run = appraised.run("appraise")
        assert (run.exit_code, run.json["data"]["settled"]) == (0, 12)
    assert appraised.edit_review().value(TU_PHAP, "tay-an/2.2", "remark") == "Tính lại"
    assert index_of(appraised) == before


def test_an_older_copy_of_the_review_workbook_is_noticed_entry_by_entry(collected: Office, tmp_path: Path) -> None:
    collected.run("appraise")
    older = tmp_path / "older.xlsx"
    shutil.copyfile(collected.review, older)
    collected.agree_to_everything()
    collected.run("appraise")
    collected.write_survey()
    collected.run("survey")
    shutil.copyfile(older, collected.review)
    refused = collected.run("finalise")
    assert (refused.exit_code, refused.json["error"]["code"]) == (1, "entry_cleared")
    run = collected.run("appraise")
    assert (run.exit_code, run.codes().count("entry_cleared")) == (3, 12)


@on_both
def test_a_cleared_penalty_stops_the_decision(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.type("adjustments", "tay-an/T.1", count=2, remark="Chậm 2 ngày")
    appraised.run("appraise")
    with appraised.edit_review() as hand:
        hand.type("adjustments", "tay-an/T.1", count=None)
    refused = appraised.run("finalise")
    assert (refused.exit_code, refused.json["error"]["code"]) == (1, "entry_cleared")
    assert refused.json["error"]["what"] == "1 nội dung đã ghi sổ trong bảng thẩm định nay để trống"
    was = "trước đây đã ghi «2 / Chậm 2 ngày», nay để trống; nội dung đó không còn được tính"
    assert appraised.run("appraise").problem("entry_cleared")["what"] == f"«Điểm cộng, điểm trừ» dòng 11: {was}"
    assert not (appraised.folder / "output" / "decision.docx").exists()


@on_both
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("phu-phong,Thị trấn Phú Phong,thị trấn,,yes,phuphong@thu.example.gov.vn\n", ""),
        ("phu-phong,", "thi-tran-phu-phong,"),
    ],
)
def test_a_unit_removed_or_renumbered_does_not_stop_the_season(appraised: Office, old: str, new: str) -> None:
    file = appraised.folder / "units.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    for _ in range(2):
        run = appraised.run("appraise")
        assert run.json["status"] != "error"
        assert run.json["data"]["settled"] == 8


@on_both
def test_a_criterion_that_changes_its_department_takes_its_verdicts_along(appraised: Office) -> None:
    file = appraised.folder / "criteria.yaml"
    moved = file.read_text(encoding="utf-8").replace(
        "        max_points: 1\n        method: count",
        "        max_points: 1\n        department: noi-vu\n        method: count",
    )
    file.write_text(moved, encoding="utf-8")
    for _ in range(2):
        run = appraised.run("appraise")
        assert run.json["data"]["settled"] == 12, run.problems
    assert appraised.edit_review().value(NOI_VU, "tay-an/2.1", "verdict") == "Đồng ý"


@on_both
def test_an_adjustment_item_removed_does_not_stop_the_season(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.type("adjustments", "tay-an/C.1", count=1, remark="QĐ 12")
    appraised.run("appraise")
    file = appraised.folder / "criteria.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("adjustments:")], encoding="utf-8")
    for _ in range(2):
        assert appraised.run("appraise").json["data"]["settled"] == 12


@on_both
def test_a_row_and_a_column_that_lost_their_keys_are_mended_with_their_numbers(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.lose_keys(UNIT, row_key="2.2", column_key="self_score")
    assert filled.run("provision", now=filled.BEFORE).exit_code == 0
    hand = filled.edit("tay-an")
    assert [hand.value(UNIT, code, "self_score") for code in ("1.1", "1.10", "2.1", "2.2")] == [2, 1.5, 0.5, 1.25]


def test_a_sheet_that_lost_its_stamp_is_never_replaced_by_an_empty_one(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.sheet(UNIT)["A1"].value = None
    before = filled.file("tay-an").read_bytes()
    run = filled.run("provision", now=filled.BEFORE)
    assert "A1" in run.problem("ambiguous")["what"]
    assert filled.file("tay-an").read_bytes() == before


def test_of_two_copies_of_a_row_none_is_chosen_by_the_program(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        sheet = hand.sheet(UNIT)
        row, last = hand.row(UNIT, "2.2"), sheet.max_row + 1
        for column in range(1, sheet.max_column + 1):
            sheet.cell(last, column).value = sheet.cell(row, column).value
        sheet.cell(last, hand.column(UNIT, "self_score")).value = 2
    assert "row_twice" in filled.run("collect").codes()
    extended = filled.run("extend", "tay-an", "--until", "2023-12-14T17:00", "--reason", "CV 41")
    assert "2.2" in extended.problem("ambiguous")["what"]
    again = filled.run("collect", now="2023-12-14T17:00")
    assert next(u for u in again.json["data"]["units"] if u["unit"] == "tay-an")["self_points"] == "4"


def test_a_percentage_that_was_refused_is_not_typed_back_as_a_number(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.type(TU_PHAP, "tay-an/2.2", verdict="Điều chỉnh", appraised_points=0.5, remark="x")
        cell = hand.sheet(TU_PHAP).cell(hand.row(TU_PHAP, "tay-an/2.2"), hand.column(TU_PHAP, "appraised_points"))
        cell.number_format = "0%"
    assert appraised.run("appraise").problem("percent")
    with appraised.edit_review() as hand:
        hand.sheet(TU_PHAP).delete_rows(hand.row(TU_PHAP, "tay-an/2.2"))
    for _ in range(2):
        assert appraised.run("appraise").json["data"]["settled"] == 11


def test_an_appraisers_own_column_is_told_of_with_the_backup_it_is_kept_in(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        sheet = hand.sheet(NOI_VU)
        sheet.cell(hand.row(NOI_VU, "tay-an/1.1"), sheet.max_column + 2).value = "hỏi lại xã"
        hand.type(NOI_VU, "tay-an/1.1", verdict=None)
        hand.type(NOI_VU, "tay-an/1.1", verdict="Điều chỉnh", appraised_points=1, remark="x")
    run = appraised.run("appraise")
    told = [problem for problem in run.problems if problem["code"] == "unplaced"]
    own = "«hỏi lại xã» ở ô R8 của trang tính «Phòng Nội vụ» không còn vị trí trong phiếu"
    assert any(problem["what"] == own and "backup" in problem["fix"] for problem in told)
