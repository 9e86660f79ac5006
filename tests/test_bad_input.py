"""Whatever people do to their workbooks: a clear word naming file, sheet, cell and remedy, and nothing is lost."""

from __future__ import annotations

import errno
import io
import os
import shutil
import unicodedata
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from office import Office, Run

IN_TIME = datetime.fromisoformat("2023-12-10T17:00+07:00").timestamp()

SHEET = "self_assessment"


def collect(office: Office) -> Run:
    return office.run("collect", now=office.AFTER)


def points_of(run: Run, unit: str = "tay-an") -> str:
    found: str = next(u for u in run.json["data"]["units"] if u["unit"] == unit)["self_points"]
    return found


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (3, "above_max", "3 điểm"),
        ("2,5", "above_max", "2,5 điểm"),
        (1.5, "off_step", "1,5 điểm"),
        (-1, "negative", "-1"),
        ("hai điểm", "not_a_number", "«hai điểm»"),
        ("1,5đ", "not_a_number", "«1,5đ»"),
        ("50%", "percent", "«50%»"),
        ("1.000", "thousands", "«1.000»"),
        ("#REF!", "formula_error", "#REF!"),
        ("=1+1", "formula", "=1+1"),
        (True, "not_a_number", "«TRUE»"),
    ],
)
def test_an_impossible_self_score_is_named_with_its_cell_and_counts_as_none(
    filled: Office, typed: Any, code: str, said: str
) -> None:
    with filled.edit("tay-an") as hand:
        hand.type(SHEET, "1.1", self_score=typed)
        row = hand.row(SHEET, "1.1")
    run = collect(filled)
    assert run.exit_code == 3
    problem = run.problem(code)
    assert (problem["unit"], problem["sheet"], problem["row"], problem["column"]) == (
        "tay-an",
        SHEET,
        "1.1",
        "self_score",
    )
    assert f"«Tự chấm điểm» I{row}" in problem["what"]
    assert said in problem["what"]
    assert problem["fix"]
    assert points_of(run) == "3.25"  # 5,25 − 2: the cell counts as none, not as zero, not as something near


def test_a_percent_format_or_a_date_made_by_the_spreadsheet_is_no_number(filled: Office) -> None:
    from datetime import UTC, datetime

    with filled.edit("tay-an") as hand:
        hand.type(SHEET, "1.1", self_score=0.5)
        hand.sheet(SHEET).cell(hand.row(SHEET, "1.1"), hand.column(SHEET, "self_score")).number_format = "0%"
        hand.type(SHEET, "2.2", self_score=datetime(2023, 5, 1, tzinfo=UTC).replace(tzinfo=None))
    run = collect(filled)
    assert run.problem("percent")["row"] == "1.1"
    assert run.problem("date")["row"] == "2.2"
    assert points_of(run) == "2"  # 1,5 + 0,5 are left


@pytest.mark.parametrize("typed", ["0,5", "0.5", " 0,5 ", 0.5, "0,50"])
def test_the_decimal_comma_and_the_point_are_both_taken(filled: Office, typed: Any) -> None:
    with filled.edit("tay-an") as hand:
        hand.type(SHEET, "2.1", self_score=typed)
    run = collect(filled)
    assert run.exit_code == 0
    assert points_of(run) == "5.25"


def test_blank_zero_and_not_occurred_are_three_things(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.type(SHEET, "1.1", self_score=None)
    with filled.edit("binh-hoa") as hand:
        hand.type(SHEET, "1.1", self_score=0, evidence=None)
    run = collect(filled)
    missing = run.problem("missing_score")
    assert (missing["unit"], missing["row"]) == ("tay-an", "1.1")
    answered = {unit["unit"]: unit["answered"] for unit in run.json["data"]["units"]}
    assert (answered["tay-an"], answered["binh-hoa"]) == (3, 4)


def test_points_together_with_not_occurred_are_not_taken(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.type(SHEET, "1.10", not_occurred="Không phát sinh")
    assert collect(filled).problem("points_and_not_occurred")["row"] == "1.10"


def test_a_deleted_row_is_reported_and_put_back_by_provision_without_loss(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.sheet(SHEET).delete_rows(hand.row(SHEET, "2.1"))
    preview = filled.run("collect", "--preview", now=filled.BEFORE)
    assert preview.problem("row_missing")["row"] == "2.1"
    repaired = filled.run("provision", now=filled.BEFORE)
    added = repaired.problem("row_added")
    said = "đã thêm dòng 2.1: tiêu chí mới có trong bộ, hoặc dòng đã bị xóa"
    assert (added["row"], added["what"]) == ("2.1", said)
    hand = filled.edit("tay-an")
    assert hand.value(SHEET, "2.2", "self_score") == 1.25
    assert hand.value(SHEET, "2.1", "self_score") is None
    assert list((filled.folder / "workspace" / "backup").rglob("*.xlsx"))


def test_an_inserted_row_moves_nothing_and_its_content_is_reported(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        row = hand.row(SHEET, "1.10")
        hand.sheet(SHEET).insert_rows(row)
        hand.sheet(SHEET).cell(row, hand.column(SHEET, "self_score")).value = 2
    run = collect(filled)
    assert points_of(run) == "5.25"
    assert str(row) in run.problem("row_unknown")["what"]


def test_rows_sorted_together_with_their_keys_keep_their_numbers(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        sheet = hand.sheet(SHEET)
        first, second = hand.row(SHEET, "1.1"), hand.row(SHEET, "2.2")
        for column in range(1, sheet.max_column + 1):
            one, two = sheet.cell(first, column), sheet.cell(second, column)
            one.value, two.value = two.value, one.value
    run = collect(filled)
    assert points_of(run) == "5.25"
    assert run.exit_code == 0


def test_rows_sorted_without_their_hidden_keys_never_give_a_number_to_another_criterion(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        sheet = hand.sheet(SHEET)
        first, second = hand.row(SHEET, "1.1"), hand.row(SHEET, "2.2")
        for column in range(2, sheet.max_column + 1):
            one, two = sheet.cell(first, column), sheet.cell(second, column)
            one.value, two.value = two.value, one.value
    run = collect(filled)
    assert run.codes().count("row_mixed_up") == 2
    assert points_of(run) == "2"  # 1,5 + 0,5: the two mixed-up rows were not read


def test_a_renamed_tab_does_not_matter(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.sheet(SHEET).title = "Bảng của xã"
    run = collect(filled)
    assert run.exit_code == 0
    assert points_of(run) == "5.25"


def test_a_deleted_sheet_is_reported_and_put_back_by_provision(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.workbook.remove(hand.sheet("self_report"))
    assert filled.run("collect", "--preview", now=filled.BEFORE).problem("sheet_missing")["sheet"] == "self_report"
    restored = filled.run("provision", now=filled.BEFORE).problem("sheet_restored")
    assert (restored["unit"], restored["what"]) == (
        "tay-an",
        "trang tính «Báo cáo tự đánh giá» bị xóa, đã được khôi phục",
    )
    hand = filled.edit("tay-an")
    assert hand.row("self_report", "strengths")
    assert hand.value(SHEET, "1.10", "self_score") == 1.5


def test_a_row_that_lost_its_hidden_key_is_recognised_by_its_text(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.sheet(SHEET).cell(hand.row(SHEET, "1.1"), 1).value = None
    run = collect(filled)
    assert run.problem("key_lost")["severity"] == "warning"
    assert points_of(run) == "5.25"


def test_a_column_that_lost_its_hidden_key_is_reported_and_not_guessed(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.sheet(SHEET).cell(1, hand.column(SHEET, "self_score")).value = None
    run = filled.run("collect", "--preview", now=filled.BEFORE)
    assert run.problem("column_missing")["column"] == "self_score"
    assert points_of(run) == "0"
    assert filled.run("provision", now=filled.BEFORE).exit_code == 0  # its heading tells which column it is
    assert points_of(filled.run("collect", "--preview", now=filled.BEFORE)) == "5.25"


def test_the_workbook_of_another_unit_under_the_wrong_name_is_refused(filled: Office) -> None:
    shutil.copyfile(filled.file("binh-hoa"), filled.file("tay-an"))
    before = filled.file("tay-an").read_bytes()
    problem = filled.run("provision", now=filled.BEFORE).problem("other_unit")
    assert problem["unit"] == "tay-an"
    assert "tệp là của binh-hoa, không phải của tay-an" in problem["what"]
    assert filled.file("tay-an").read_bytes() == before
    run = collect(filled)
    assert run.problem("other_unit")["unit"] == "tay-an"
    assert (points_of(run), points_of(run, "binh-hoa")) == ("0", "5.25")


def test_the_workbook_of_another_cycle_is_refused(filled: Office, make_office: Callable[[str], Office]) -> None:
    other = make_office("other")
    settings = other.folder / "cycle.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("small-2023", "small-2022"), encoding="utf-8")
    other.run("provision", now=other.BEFORE)
    other.fill_in("tay-an")
    shutil.copyfile(other.file("tay-an"), filled.file("tay-an"))
    kept = filled.run("provision", now=filled.BEFORE).problem("other_cycle")
    assert "tệp thuộc kỳ đánh giá small-2022, không phải small-2023" in kept["what"]
    run = collect(filled)
    assert "small-2022" in run.problem("other_cycle")["what"]
    assert points_of(run) == "0"


def zero_bytes(file: Path) -> None:
    file.write_bytes(b"")


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-400])


def no_workbook(file: Path) -> None:
    file.write_bytes(b"Kinh gui Phong Noi vu")


def two_hundred_megabytes(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.truncate(200_000_000)


def open_in_excel(file: Path) -> None:
    file.with_name(f"~${file.name}").write_bytes(b"\x08Nguyen Van A")


def password_protected(file: Path) -> None:
    import msoffcrypto.format.ooxml

    plain = io.BytesIO(file.read_bytes())
    with file.open("wb") as stream:
        msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt("mat-khau", stream)


def deleted(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (zero_bytes, "empty_file"),
        (truncated, "truncated"),
        (no_workbook, "not_a_workbook"),
        (two_hundred_megabytes, "too_large"),
        (open_in_excel, "locked"),
        (password_protected, "encrypted"),
        (deleted, "missing"),
    ],
)
def test_a_broken_workbook_is_told_by_name_and_never_stops_the_others(
    filled: Office, damage: Callable[[Path], None], code: str
) -> None:
    damage(filled.file("tay-an"))
    run = collect(filled)
    assert run.exit_code == 3
    problem = run.problem(code)
    assert problem["unit"] == "tay-an"
    assert "tay-an.xlsx" in problem["what"]
    assert problem["fix"]
    assert [unit["action"] for unit in run.json["data"]["units"]][1:] == ["collected", "collected"]


@pytest.mark.parametrize("damage", [zero_bytes, truncated, no_workbook, open_in_excel, password_protected])
def test_provision_leaves_a_workbook_that_it_cannot_open_as_it_is(
    filled: Office, damage: Callable[[Path], None]
) -> None:
    damage(filled.file("tay-an"))
    before = filled.file("tay-an").read_bytes()
    assert filled.run("provision", now=filled.BEFORE).exit_code == 3
    assert filled.file("tay-an").read_bytes() == before


def test_a_workbook_that_was_locked_at_the_deadline_is_read_once_it_is_closed_and_is_not_late(filled: Office) -> None:
    file = filled.file("tay-an")
    os.utime(file, (IN_TIME, IN_TIME))
    open_in_excel(file)
    assert collect(filled).problem("locked")
    file.with_name("~$tay-an.xlsx").unlink()
    run = filled.run("collect", now="2023-12-11T09:00")
    assert next(u for u in run.json["data"]["units"] if u["unit"] == "tay-an")["action"] == "collected"
    assert "modified_after_deadline" not in run.codes()
    assert points_of(run) == "5.25"


def test_what_was_saved_after_the_deadline_in_a_workbook_that_stayed_open_is_told(filled: Office) -> None:
    file = filled.file("tay-an")
    open_in_excel(file)
    assert collect(filled).problem("locked")
    file.with_name("~$tay-an.xlsx").unlink()
    os.utime(file, (IN_TIME + 86400, IN_TIME + 86400))  # 17:00 on the day after the deadline
    run = filled.run("collect", now="2023-12-12T09:00")
    told = run.problem("modified_after_deadline")
    assert told["unit"] == "tay-an"
    assert told["what"] == "tệp được sửa lần cuối sau thời hạn, lúc 17:00 ngày 11/12/2023"


def test_a_drive_on_which_nothing_can_be_closed_makes_nobody_late(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, chmod = filled.file("tay-an"), Path.chmod

    def refused(path: Path, mode: int) -> None:
        if path == file:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        chmod(path, mode)

    with monkeypatch.context() as drive:
        drive.setattr(Path, "chmod", refused)
        assert collect(filled).problem("unwritable")["unit"] == "tay-an"
    run = filled.run("collect", now="2023-12-11T09:00")
    assert next(u for u in run.json["data"]["units"] if u["unit"] == "tay-an")["action"] == "collected"


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_evidence_that_begins_like_a_formula_stays_text_all_the_way(filled: Office, start: str) -> None:
    typed = f'{start}HYPERLINK("https://x.example.vn","Công văn 5")'
    with filled.edit("tay-an") as hand:
        hand.text(SHEET, "1.1", "evidence", typed)
        hand.text(SHEET, "1.1", "note", f"{start}cmd|' /C calc'!A0")
    collect(filled)
    filled.run("appraise")
    hand = filled.edit_review()
    sheet = hand.sheet("appraisal:noi-vu")
    row = hand.row("appraisal:noi-vu", "tay-an/1.1")
    for column in ("evidence", "note"):
        cell = sheet.cell(row, hand.column("appraisal:noi-vu", column))
        assert cell.data_type == "s", (column, cell.value)
        assert str(cell.value).startswith(start)


def test_ten_thousand_characters_in_a_note_arrive_whole(filled: Office) -> None:
    note = "Giải trình " * 1000
    with filled.edit("tay-an") as hand:
        hand.type(SHEET, "1.1", note=note)
    assert collect(filled).exit_code == 0
    assert filled.run("appraise").exit_code == 0
    assert filled.edit_review().value("appraisal:noi-vu", "tay-an/1.1", "note") == note.strip()


def test_emoji_and_decomposed_letters_survive(filled: Office) -> None:
    decomposed = unicodedata.normalize("NFD", "Đã hoàn thành kế hoạch 👍")
    with filled.edit("tay-an") as hand:
        hand.type(SHEET, "1.1", note=decomposed)
        hand.type("self_report", "confirmed", value=unicodedata.normalize("NFD", "Đã hoàn thành"))
    run = collect(filled)
    assert next(u for u in run.json["data"]["units"] if u["unit"] == "tay-an")["confirmed"] is True
    filled.run("appraise")
    shown = filled.edit_review().value("appraisal:noi-vu", "tay-an/1.1", "note")
    assert shown == unicodedata.normalize("NFC", decomposed)


@pytest.mark.parametrize("name", ["binh-hoa", "Xã Bình Hòa", "Bình Hoà", unicodedata.normalize("NFD", "bình hòa")])
def test_a_unit_is_found_by_code_or_name_in_either_spelling(collected: Office, name: str) -> None:
    run = collected.run("extend", name, "--until", "2023-12-20", "--reason", "CV 41")
    assert run.json["data"]["unit"] == "binh-hoa"


def test_a_name_that_several_units_share_is_answered_with_them(collected: Office) -> None:
    run = collected.run("extend", "xã", "--until", "2023-12-20", "--reason", "CV 41")
    assert (run.exit_code, run.json["error"]["what"]) == (1, "«xã» ứng với nhiều đơn vị")
    assert run.json["error"]["fix"] == "chọn một trong: tay-an (Xã Tây An), binh-hoa (Xã Bình Hòa)"


def test_an_unknown_unit_is_answered_with_the_roster(collected: Office) -> None:
    run = collected.run("extend", "Bình Minh", "--until", "2023-12-20", "--reason", "CV 41")
    assert (run.exit_code, run.json["error"]["code"]) == (1, "unit_unknown")
    assert "binh-hoa (Xã Bình Hòa)" in run.json["error"]["fix"]


def test_the_review_workbook_of_another_cycle_is_never_recorded(collected: Office) -> None:
    collected.run("appraise")
    with collected.edit_review() as hand:
        for sheet in hand.workbook.worksheets:
            if sheet["A1"].value:
                sheet["A1"].value = str(sheet["A1"].value).replace("small-2023", "small-2022")
    run = collected.run("appraise")
    assert (run.exit_code, run.json["error"]["code"]) == (1, "other_cycle")
    assert run.json["error"]["what"] == "bảng thẩm định thuộc kỳ đánh giá khác: small-2022"


def test_a_review_workbook_open_in_excel_stops_the_command_and_changes_nothing(collected: Office) -> None:
    collected.run("appraise")
    open_in_excel(collected.review)
    before = collected.review.read_bytes()
    run = collected.run("appraise")
    assert (run.exit_code, run.json["error"]["code"]) == (1, "locked")
    assert collected.review.read_bytes() == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom the system can refuse")
def test_a_folder_that_cannot_be_written_to_is_told(filled: Office) -> None:
    filled.folder.chmod(0o500)
    try:
        run = collect(filled)
        assert run.exit_code == 1
    finally:
        filled.folder.chmod(0o700)


def test_a_row_that_says_both_points_and_not_occurred_counts_as_neither(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.type(SHEET, "1.10", not_occurred="Không phát sinh", self_score="một")
    collect(filled)
    filled.run("appraise")
    shown = filled.edit_review()
    assert shown.value("appraisal:noi-vu", "tay-an/1.10", "self_score") is None


def test_half_a_case_is_no_number_of_cases(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.type(SHEET, "2.1", numerator=1.5)
    assert collect(filled).problem("not_a_count")["column"] == "numerator"
