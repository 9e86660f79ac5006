"""`survey` with the answers themselves: from a form's sheet to points in the ledger, and what is said on the way."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from office import CRITERIA, Office
from openpyxl import Workbook, load_workbook

from cchc_sheets.assessment.survey_plan import SurveyPlan
from cchc_sheets.cycle.criteria_file import load_criteria
from cchc_sheets.cycle.survey_block import check_against_units
from cchc_sheets.cycle.units_file import load_units
from cchc_sheets.cycle.yaml_document import Document, read_yaml
from cchc_sheets.ledger import Ledger
from cchc_sheets.stages.points_file import read_points_file

BLOCK = """
survey:
  unit: Đơn vị nơi Ông/Bà giao dịch
  minimum: 3
  population: {tay-an: 5, binh-hoa: 2000, phu-phong: 4000}
  questions:
    - {column: "1", criterion: "1.2"}
    - {column: Thái độ phục vụ, criterion: "2.3"}
    - {column: Kết quả giải quyết, criterion: "2.3"}
"""

# A response sheet of Google Forms, downloaded as CSV: headings with commas, a line break and a grid, free text, a name.
FORM = """\
Dấu thời gian,Họ và tên,"Đơn vị nơi Ông/Bà giao dịch (xã, thị trấn)","1. Hồ sơ, giấy tờ phải nộp có đơn giản, \
dễ hiểu không?","2. Ông/Bà đánh giá như thế nào về:
(chọn một mức cho mỗi dòng) [Thái độ phục vụ]","2. Ông/Bà đánh giá như thế nào về:
(chọn một mức cho mỗi dòng) [Kết quả giải quyết, trả kết quả]","Góp ý, kiến nghị"
2023/11/20 8:01:07 SA GMT+7,Nguyễn Văn A,Xã Tây An,Hài lòng,Rất hài lòng,Hài lòng,"Tốt, cần phát huy"
2023/11/20 8:15:40 SA GMT+7,Trần Thị B,Xã Tây An,Bình thường,Hài lòng,,0912 345 678
2023/11/20 9:02:11 SA GMT+7,Lê C,Xã Tây An,Rất hài lòng,Không hài lòng,Hài lòng,
2023/11/20 9:02:11 SA GMT+7,Lê C,Xã Tây An,Rất hài lòng,Không hài lòng,Hài lòng,
2023/11/20 9:30:00 SA GMT+7,Phạm D,Xã Bình Hoà,Hài lòng,Bình thường,Rất không hài lòng,
2023/11/21 2:10:59 CH GMT+7,Võ E,xã Bình Hòa,,Hài lòng,Hài lòng,"Xa quá; khó đi"
2023/11/21 2:44:00 CH GMT+7,Đỗ F,Xã Bình Hòa,Hài lòng,"Hài lòng, Bình thường",Hài lòng,
2023/11/21 3:00:00 CH GMT+7,Đỗ G,,Hài lòng,Hài lòng,Hài lòng,
"""


def plan_office(office: Office, block: str = BLOCK, form: str = FORM) -> Office:
    (office.folder / "criteria.yaml").write_text(CRITERIA + block, encoding="utf-8")
    (office.folder / "survey.csv").write_text(form, encoding="utf-8-sig")
    return office


def of_unit(data: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(unit for unit in data["responses"]["units"] if unit["unit"] == code)
    return found


def entries(office: Office, *kinds: str) -> list[dict[str, Any]]:
    ledger = Ledger.at(office.folder / "ledger.db")
    try:
        return [dict(entry.body) for entry in ledger.entries(*kinds)]
    finally:
        ledger.close()


def test_a_forms_sheet_becomes_points_with_everything_counted(office: Office) -> None:
    run = plan_office(office).run("survey")
    assert run.exit_code == 3  # Phú Phong has no response
    data = run.json["data"]
    assert (data["values"], data["new"], data["recorded"]) == (4, 4, True)
    responses = data["responses"]
    assert (responses["received"], responses["counted"]) == (8, 5)
    assert responses["excluded"] == {"unknown_unit": 1, "impossible": 1, "duplicate": 1}
    tay_an = of_unit(data, "tay-an")
    first, second = tay_an["criteria"]
    # 1.2: two of three are satisfied, 2 × 2/3 = 1,33; 1,96·√(2/9 ÷ 3 · (5−3)/(5−1)) = 1,96·√(1/27) = 37,72 %
    assert (first["code"], first["value"], first["value_exact"], first["points"]) == ("1.2", "66.67", "2/3", "1.33")
    assert (first["respondents"], first["answers"], first["margin"]) == (3, 3, "37.72")
    # 2.3: 2 + 1 + 1 of five answers by three people, 1 × 4/5 = 0,8; 1,96·√(4/25 ÷ 3 · 1/2) = 32,01 %
    assert (second["value"], second["respondents"], second["answers"], second["points"]) == ("80.00", 3, 5, "0.8")
    assert second["margin"] == "32.01"
    # (2·66,67 + 1·80) ÷ 3 = 71,11; (2·37,72 + 32,01) ÷ 3 = 35,82
    assert (tay_an["satisfaction"], tay_an["margin"], tay_an["points"]) == ("71.11", "35.82", "2.13")
    # 5 ÷ (1 + 5·0,0025) = 4,9…; 4 000 ÷ 11 = 363,6…
    assert (tay_an["required"], tay_an["wanted"], tay_an["excluded"]) == (5, 5, {"duplicate": 1})
    assert of_unit(data, "phu-phong")["required"] == 364
    binh_hoa = of_unit(data, "binh-hoa")
    # 1.2: one answer, satisfied; 2.3: two of four
    assert [c["value_exact"] for c in binh_hoa["criteria"]] == ["1", "1/2"]
    assert responses["excluded_lines"]["tay-an"] == {"duplicate": [7]}  # the headings take three lines of the file
    assert sorted(run.codes()) == [
        "no_response",
        "option_unknown",
        "too_few_responses",
        "too_few_responses",
        "unit_unknown",
    ]
    assert run.problem("no_response")["unit"] == "phu-phong"
    assert "Hài lòng, Bình thường" in run.problem("option_unknown")["what"]


def test_the_results_follow_as_from_a_table_of_points(collected: Office) -> None:
    plan_office(collected).run("survey")
    collected.run("appraise")
    units = {unit["unit"]: unit for unit in collected.run("results").json["data"]["units"]}
    assert (units["tay-an"]["survey_points"], units["binh-hoa"]["survey_points"]) == ("2.13", "2.5")
    assert "points_missing" in collected.run("results").codes()  # Phú Phong


def test_the_ledger_keeps_counts_and_nothing_that_a_respondent_wrote(office: Office) -> None:
    plan_office(office).run("survey")
    (responses,) = entries(office, "responses")
    (points,) = entries(office, "points")
    assert responses["digest"] == points["digest"]
    assert points["points"] == [
        ["binh-hoa", "1.2", "2.00"],
        ["binh-hoa", "2.3", "0.50"],
        ["tay-an", "1.2", "1.33"],
        ["tay-an", "2.3", "0.80"],
    ]
    kept = json.dumps(entries(office, "responses", "points"), ensure_ascii=False)
    for private in ("Nguyễn", "0912", "2023/11", "Tốt", "Xa quá", "Hài lòng"):
        assert private not in kept


def test_a_second_run_records_nothing_and_a_corrected_file_what_is_new(office: Office) -> None:
    plan_office(office).run("survey")
    again = office.run("survey").json["data"]
    assert (again["new"], again["recorded"]) == (0, False)
    (office.folder / "survey.csv").write_text(FORM.replace("Bình thường,Hài lòng,,", "Hài lòng,Hài lòng,,"), "utf-8")
    corrected = office.run("survey").json["data"]
    assert (corrected["new"], corrected["recorded"]) == (1, True)  # 1.2: three of three
    assert len(entries(office, "points")) == len(entries(office, "responses")) == 2


def test_a_dry_run_shows_the_same_and_records_nothing(office: Office) -> None:
    shown = plan_office(office).run("survey", "--dry-run")
    assert shown.json["data"]["recorded"] is False
    assert entries(office, "points", "responses") == []
    assert shown.json["data"]["responses"] == office.run("survey").json["data"]["responses"]


def test_people_see_a_table_and_every_exclusion(office: Office) -> None:
    out = plan_office(office).run("survey", as_json=False).out
    line = next(line for line in out.splitlines() if "Xã Tây An" in line)
    for number in ("4", "3", "5", "1", "71,11", "35,82", "2,13"):
        assert number in line
    assert "Thị trấn Phú Phong" in out


def test_a_workbook_of_answers_and_any_usual_csv_give_the_same(office: Office) -> None:
    expected = plan_office(office).run("survey", "--dry-run").json["data"]["responses"]["units"]
    table = read_points_file(office.folder / "survey.csv")
    rows = [[cell.text if cell else None for cell in row] for row in (table.headings, *(row for _, row in table.lines))]
    (office.folder / "survey.csv").unlink()
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for line in range(2, len(rows) + 1):
        book.worksheets[0].cell(line, 1).value = datetime(2023, 11, 20, 8, 0, 0 if line == 5 else line % 60)  # noqa: DTZ001
    book.worksheets[0].cell(4, 1).value = datetime(2023, 11, 20, 8)  # noqa: DTZ001 - a workbook knows no zone
    book.save(office.folder / "survey.xlsx")
    assert office.run("survey", "--dry-run").json["data"]["responses"]["units"] == expected
    (office.folder / "survey.xlsx").unlink()
    # Typed from paper: semicolons between, commas unquoted within.
    text = "\n".join(";".join((value or "").replace("\n", " ").replace(";", ",") for value in row) for row in rows)
    for encoded in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text.replace(";", "\t").encode()):
        (office.folder / "survey.csv").write_bytes(encoded)
        assert office.run("survey", "--dry-run").json["data"]["responses"]["units"] == expected


HEADINGS = ("Đơn vị nơi Ông/Bà giao dịch", "1. Hồ sơ", "2. [Thái độ phục vụ]", "2. [Kết quả giải quyết]")


def write_merged(office: Office, blocks: tuple[tuple[str, int, bool], ...]) -> None:
    """Write a workbook of answers, a block of lines for each unit, its name filled in or in merged cells."""
    plan_office(office)
    (office.folder / "survey.csv").unlink()
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADINGS)
    for unit, lines, is_merged in blocks:
        first = sheet.max_row + 1
        for _ in range(lines):
            sheet.append((unit, 4, 5, 3))
        if is_merged:
            sheet.merge_cells(start_row=first, end_row=first + lines - 1, start_column=1, end_column=1)
    book.save(office.folder / "survey.xlsx")


def test_units_in_merged_cells_record_nothing_and_the_merged_lines_are_named(office: Office) -> None:
    # Of 24 answers three would count, one for each unit: Tây An would get full points from a single person.
    write_merged(office, (("Xã Tây An", 10, True), ("Xã Bình Hòa", 6, True), ("Thị trấn Phú Phong", 8, True)))
    run = office.run("survey")
    assert (run.exit_code, run.json["data"]["recorded"]) == (3, False)
    assert entries(office, "points", "responses") == []
    merged, blank = run.problem("cells_merged"), run.problem("unit_unknown")
    assert merged["what"] == (
        "survey.xlsx dòng 2–11, cột A «Đơn vị nơi Ông/Bà giao dịch»: ô bị gộp nên chỉ dòng 2 có nội dung "
        "(3 khối như vậy)"
    )
    assert merged["fix"] == "trong Excel bỏ gộp ô ở cột này, điền đủ từng dòng, lưu lại rồi chạy lại `survey`"
    assert (merged["severity"], blank["severity"]) == ("error", "error")
    assert "không ghi đơn vị; không tính 21 phiếu" in blank["what"]  # 9 + 5 + 7
    assert "Chưa ghi sổ: survey.xlsx có 2 lỗi." in office.run("survey", as_json=False).out


def test_one_merged_block_stops_everything_even_where_it_is_a_small_part(office: Office) -> None:
    # 3 of 64 lines are lost, less than a tenth, but of Tây An's four answers only one would count.
    write_merged(office, (("Xã Tây An", 4, True), ("Xã Bình Hòa", 30, False), ("Thị trấn Phú Phong", 30, False)))
    run = office.run("survey")
    assert (run.exit_code, run.json["data"]["recorded"]) == (3, False)
    assert run.problem("unit_unknown")["severity"] == "warning"
    assert run.problem("cells_merged")["severity"] == "error"


def test_merged_cells_that_hide_nothing_are_no_matter(office: Office) -> None:
    write_merged(office, (("Xã Tây An", 4, False), ("Xã Bình Hòa", 4, False), ("Thị trấn Phú Phong", 4, False)))
    book = load_workbook(office.folder / "survey.xlsx")
    book.worksheets[0].merge_cells("F2:F9")  # beside the table
    book.worksheets[0].merge_cells("A20:A30")  # below it
    book.save(office.folder / "survey.xlsx")
    run = office.run("survey")
    assert run.json["data"]["recorded"] is True
    assert "cells_merged" not in run.codes()


def test_commas_in_unquoted_headings_do_not_cut_them(office: Office) -> None:
    text = (
        "Đơn vị nơi Ông/Bà giao dịch;1. Hồ sơ, giấy tờ, lệ phí, thời gian, nơi nộp;Thái độ phục vụ;Kết quả giải quyết\n"
    )
    plan_office(office, form=text + "tay-an;4;4;4\ntay-an;5;4;4\n")
    assert of_unit(office.run("survey").json["data"], "tay-an")["counted"] == 2


def test_another_rule_for_the_same_file_is_recorded(office: Office) -> None:
    plan_office(office).run("survey")
    plan_office(office, BLOCK.replace("  minimum: 3\n", "  satisfied_from: 5\n"))
    data = office.run("survey").json["data"]
    # 1.2 of Tây An: one of three is very satisfied
    assert (data["recorded"], of_unit(data, "tay-an")["criteria"][0]["value_exact"]) == (True, "1/3")
    assert len(entries(office, "points")) == 2


def test_an_old_encoding_is_refused_and_not_guessed(office: Office) -> None:
    plan_office(office)
    (office.folder / "survey.csv").write_bytes("Đơn vị;Hài lòng\nXã A;Rất hài lòng\n".encode("cp1258", "ignore"))
    run = office.run("survey")
    assert (run.exit_code, run.json["error"]["code"]) == (1, "unreadable")
    assert run.json["error"]["what"] == "không đọc được nội dung chữ của tệp"


def test_a_table_of_points_stays_one_beside_the_block(office: Office) -> None:
    plan_office(office).write_survey()
    run = office.run("survey")
    assert (run.exit_code, run.json["data"]["recorded"]) == (0, True)
    assert "responses" not in run.json["data"]
    assert entries(office, "responses") == []


def test_points_set_by_the_council_fill_the_gap_and_are_named_as_such(office: Office) -> None:
    plan_office(office)
    (office.folder / "council.csv").write_text("unit;1.2;2.3\nphu-phong;1,5;0,5\n", encoding="utf-8")
    office.run("survey", str(office.folder / "council.csv"))
    run = office.run("survey")
    earlier = run.problem("earlier_points")
    assert (earlier["unit"], earlier["severity"]) == ("phu-phong", "warning")
    assert earlier["what"] == "Thị trấn Phú Phong: điểm đã nhập trước đây vẫn được giữ cho 1.2, 2.3"
    assert len(entries(office, "points")) == 2


def test_headings_that_fit_both_are_refused(office: Office) -> None:
    block = BLOCK.replace('column: "1"', 'column: "1.2"')
    form = "Đơn vị nơi Ông/Bà giao dịch,1.2,[Thái độ phục vụ],[Kết quả giải quyết]\ntay-an,4,4,4\n"
    run = plan_office(office, block, form).run("survey")
    assert (run.exit_code, run.json["error"]["code"]) == (1, "ambiguous")
    assert run.json["error"]["what"] == "tiêu đề các cột vừa giống bảng câu trả lời vừa giống bảng điểm"


def test_a_forms_sheet_without_a_block_is_named_for_what_it_is(office: Office) -> None:
    run = plan_office(office, "").run("survey")
    assert (run.exit_code, run.json["error"]["code"]) == (1, "no_survey_block")


@pytest.mark.parametrize(
    "name", ["https://docs.google.com/spreadsheets/d/1AbC/edit#gid=0", "http://bit.ly/abc", "Phiếu khảo sát.gsheet"]
)
def test_a_spreadsheet_on_the_web_is_refused_with_the_way_to_download_it(office: Office, name: str) -> None:
    run = plan_office(office).run("survey", name)
    assert (run.exit_code, run.json["error"]["code"]) == (1, "not_a_file")
    assert run.json["error"]["what"] == "câu trả lời được đọc từ tệp, không đọc thẳng từ bảng tính trên mạng"
    assert "survey.xlsx" in run.json["error"]["fix"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda form: form.replace("[Thái độ phục vụ]", "[Cung cách]"), "question_unmatched"),
        (lambda form: form.replace(",Hài lòng,", ",Vừa ý,"), "option_unknown"),
        (lambda form: form.replace("Xã Tây An", "Tây An"), "unit_unknown"),
        (lambda form: form + "2023/11/22,Q,Xã Tây An,4,4,4,5,6,7\n", "too_many_values"),
    ],
)
def test_a_file_that_the_plan_does_not_know_records_nothing(
    office: Office, change: Callable[[str], str], code: str
) -> None:
    run = plan_office(office, form=change(FORM)).run("survey")
    assert (run.exit_code, run.json["data"]["recorded"]) == (3, False)
    assert code in [problem["code"] for problem in run.problems if problem["severity"] == "error"]
    assert entries(office, "points", "responses") == []


def test_criteria_that_no_question_asks_about_are_told_until_they_have_points(office: Office) -> None:
    block = BLOCK.replace('    - {column: "1", criterion: "1.2"}\n', "")
    told = plan_office(office, block).run("survey").problem("unasked_criteria")
    unasked = "không có câu hỏi nào tính cho 1.2, và chưa phải đơn vị nào cũng có điểm các tiêu chí này"
    assert told["what"] == unasked
    (office.folder / "more.csv").write_text("unit;1.2\ntay-an;1\nbinh-hoa;1\nphu-phong;1\n", encoding="utf-8")
    office.run("survey", str(office.folder / "more.csv"))
    assert "unasked_criteria" not in office.run("survey").codes()


def test_sync_takes_the_answers_once(collected: Office) -> None:
    plan_office(collected)
    steps = [step["command"] for step in collected.run("sync").json["data"]["steps"]]
    assert "survey" in steps
    assert "survey" not in [step["command"] for step in collected.run("sync").json["data"]["steps"]]
    lines = FORM.splitlines(keepends=True)
    shuffled = lines[5:]
    random.Random(7).shuffle(shuffled)  # noqa: S311 - no secret
    (collected.folder / "survey.csv").write_text("".join((*lines[:5], *shuffled)), encoding="utf-8")
    collected.run("sync")  # another file, the same points
    assert "survey" not in [step["command"] for step in collected.run("sync").json["data"]["steps"]]


def points_of(office: Office, unit: str) -> str | None:
    found = office.run("results").json["data"]["units"]
    points: str | None = next(one["survey_points"] for one in found if one["unit"] == unit)
    return points


def test_sync_measures_anew_when_the_rules_change_and_what_no_question_asks_any_more_has_no_points(
    collected: Office,
) -> None:
    plan_office(collected).run("sync")
    # Tây An: 1.2 from 4, 3, 5: 2 of 3 × 2 = 1.33; 2.3 from (5 4)(4)(2 4): 4 of 5 × 1 = 0.80.
    assert points_of(collected, "tay-an") == "2.13"
    plan_office(collected, BLOCK.replace('    - {column: "1", criterion: "1.2"}\n', ""))
    stale = collected.run("results")
    assert "survey_stale" in stale.codes()
    assert stale.json["data"]["provisional"] is True
    steps = [step["command"] for step in collected.run("sync").json["data"]["steps"]]
    assert "survey" in steps
    after = collected.run("results")
    assert "survey_stale" not in after.codes()
    missing = {one["unit"]: one["what"] for one in after.problems if one["code"] == "points_missing"}
    assert missing["tay-an"] == "Xã Tây An chưa có điểm của tiêu chí 1.2"
    assert points_of(collected, "tay-an") == "0.8"


def test_no_decision_rests_on_rules_of_the_survey_that_have_changed(appraised: Office) -> None:
    everybody = FORM + "2023/11/23 8:00:00 SA GMT+7,M,Thị trấn Phú Phong,Hài lòng,Hài lòng,Hài lòng,\n"
    plan_office(appraised, form=everybody).run("survey", now=appraised.AFTER)
    plan_office(appraised, BLOCK.replace("  minimum: 3\n", "  satisfied_from: 5\n"), everybody)
    refused = appraised.run("finalise", now=appraised.AFTER)
    assert refused.json["error"]["code"] == "survey_stale"
    appraised.run("survey", now=appraised.AFTER)
    assert appraised.run("finalise", now=appraised.AFTER).exit_code == 0


def test_nothing_that_has_no_part_in_the_points_has_the_survey_taken_again(collected: Office) -> None:
    collected.write_survey()
    collected.run("sync")
    (collected.folder / "council.csv").write_text("unit;1.2\ntay-an;1,1\n", encoding="utf-8")
    run = collected.run("survey", str(collected.folder / "council.csv"))
    # 1.2 of Tây An; the first file's other values are not in the council's and stay
    assert run.problem("values_replaced")["what"] == "1 giá trị của council.csv thay cho giá trị từ survey.csv"
    settings = collected.folder / "cycle.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("decision: 2023-12-31", "decision: 2023-12-30"))
    collected.run("sync")
    # 1,1 of the council's file, 0,9 of the first: taking the first one again would bring 1,8 back.
    assert points_of(collected, "tay-an") == "2"
    assert collected.run("survey").json["data"]["recorded"] is False
    assert points_of(collected, "tay-an") == "2"


def test_two_survey_files_are_refused_and_stop_nothing_else(collected: Office) -> None:
    collected.write_survey()
    (collected.folder / "survey.xlsx").write_bytes(b"")
    said = "có hai tệp khảo sát: survey.csv / survey.xlsx"
    refused = collected.run("survey").json["error"]
    assert (refused["code"], refused["what"]) == ("two_files", said)
    run = collected.run("sync")
    told = run.problem("two_files")
    assert (told["severity"], told["what"]) == ("warning", f"{said} ({collected.folder})")
    assert "appraise" in [step["command"] for step in run.json["data"]["steps"]]


# --- the block in criteria.yaml -----------------------------------------------------------------------------------


def loaded(folder: Path, block: str) -> tuple[SurveyPlan | None, Document]:
    (folder / "criteria.yaml").write_text(CRITERIA + block, encoding="utf-8")
    document = read_yaml(folder / "criteria.yaml")
    criteria = load_criteria(document, {"noi-vu", "tu-phap"})
    return (criteria.survey_plan if criteria else None), document


FULL = """
survey:
  unit: Đơn vị
  unit_names: {UBND xã Tây An: tay-an, Nơi khác: "-"}
  respondent: Số phiếu
  group: Đối tượng
  groups:
    - {name: Người dân, weight: 70, also: [Dân]}
    - {name: Doanh nghiệp, weight: 30}
  population: 4000
  error_margin: 0.1
  minimum: 100
  measure: weighted_mean
  scale:
    - {label: A, worth: 100}
    - {label: B, worth: 60, also: ["2"]}
    - {label: C, worth: 0}
  no_answer: [Không ý kiến]
  impossible: ["0"]
  straight_line: 12
  least_answered: 0.5
  identical_rows: keep
  empty_group: rescale
  decimals: 3
  questions:
    - {column: "1", criterion: "1.2", groups: [Người dân]}
    - column: "2"
      criterion: "2.3"
      measure: share_satisfied
      satisfied_from: 3
      scale:
        - {label: Tốt, level: 3}
        - {label: Khá, level: 2}
        - {label: Kém, level: 1}
"""


def test_a_block_is_read_with_every_setting(tmp_path: Path) -> None:
    plan, document = loaded(tmp_path, FULL)
    assert document.problems == []
    assert plan is not None
    assert (plan.unit, plan.respondent, plan.population_of("tay-an")) == ("Đơn vị", "Số phiếu", 4000)
    assert (str(plan.error_margin), plan.minimum, plan.straight_line, str(plan.least_answered)) == (
        "0.1",
        100,
        12,
        "0.5",
    )
    assert (plan.excludes_identical, plan.needs_every_group, plan.decimals) == (False, False, 3)
    assert {name: str(weight) for name, weight in plan.weights.items()} == {"Người dân": "70", "Doanh nghiệp": "30"}
    first, second = plan.questions
    assert (first.measure, first.groups, [option.label for option in first.scale.options]) == (
        "weighted_mean",
        ("Người dân",),
        ["A", "B", "C"],
    )
    assert (second.measure, second.satisfied_from) == ("share_satisfied", 3)


def test_a_short_block_means_the_five_levels_of_satisfaction(tmp_path: Path) -> None:
    plan, document = loaded(tmp_path, BLOCK)
    assert document.problems == []
    assert plan is not None
    question = plan.questions[0]
    assert [o.label for o in question.scale.options if question.value(o)] == ["Rất hài lòng", "Hài lòng"]
    assert (plan.minimum, str(plan.error_margin), plan.straight_line, plan.decimals) == (3, "0.05", 10, 2)
    assert plan.population_of("binh-hoa") == 2000


@pytest.mark.parametrize(
    ("old", "new", "code", "at", "what"),
    [
        (
            'criterion: "1.2", groups',
            'criterion: "1.1", groups',
            "criterion_unknown",
            "criterion: ",
            "«1.1» is no survey criterion of the set",
        ),
        (
            "groups: [Người dân]",
            "groups: [Đại biểu]",
            "group_unknown",
            "Đại biểu",
            "there is no group «Đại biểu» in `groups:`",
        ),
        (
            "  group: Đối tượng\n",
            "",
            "groups_incomplete",
            "- {name: Người dân",
            "groups of respondents need both their column and their list",
        ),
        ("weight: 30", "weight: 0", "weight", "weight: 0", "the weight 0 is not above 0"),
        (", weight: 30", "", "weight", "- {name: Người dân", "some groups have a weight and some have none"),
        (
            "name: Doanh nghiệp",
            "name: dân",
            "twice",
            "{name: dân",
            "the group «dân» has a name that another group has too",
        ),
        (
            "population: 4000",
            "population: 4000.5",
            "population",
            "4000.5",
            "the population must be a whole number above 0, or one for each unit's code",
        ),
        (
            "population: 4000",
            "population: {tay-an: nhiều}",
            "population",
            "nhiều",
            "the population must be a whole number above 0, or one for each unit's code",
        ),
        ("error_margin: 0.1", "error_margin: 5", "less_than_equal", "5", "«error_margin» is above 0.5"),
        (
            "worth: 100}",
            "worth: 5}",
            "scale",
            "- {label: A",
            "the best answer is worth 60 %, not 100 %, or one is worth less than 0",
        ),
        (", worth: 100}", "}", "scale", "- {label: A", "the weighted mean needs a `worth:` for every answer"),
        (
            "satisfied_from: 3",
            "satisfied_from: 4",
            "satisfied_from",
            "satisfied_from: ",
            "level 4 is no level above the lowest of the scale",
        ),
        (
            "      satisfied_from: 3\n",
            "",
            "satisfied_from",
            'column: "2"',
            "it is not said from which level on an answer counts as satisfied",
        ),
        ("level: 2", "level: 3", "scale", "- {label: Tốt", "two answers of the scale can both be read from «3»"),
        (
            "no_answer: [Không ý kiến]",
            "no_answer: [b]",
            "twice",
            "b]",
            "«b» is an answer of a scale or stands in another list",
        ),
        (
            'impossible: ["0"]',
            "impossible: [không ý kiến]",
            "twice",
            "không ý kiến]",
            "«không ý kiến» is an answer of a scale or stands in another list",
        ),
        ("straight_line: 12", "straight_line: 2", "straight_line", "straight_line: ", "2 answers alike say nothing"),
        (
            "measure: share_satisfied",
            "measure: mean",
            "literal_error",
            "measure: mean",
            "«measure» is none of the choices",
        ),
        (
            '- column: "2"\n      criterion: "2.3"',
            '- column: "2"\n      criterion: "1.2"',
            "measure",
            "measure: ",
            "the questions of 1.2 are measured in two ways",
        ),
        ("decimals: 3", "decimal: 3", "extra_forbidden", "decimal: 3", "«decimal» is not known here"),
    ],
)
def test_every_mistake_in_the_block_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, code: str, at: str, what: str
) -> None:
    assert old in FULL
    plan, document = loaded(tmp_path, FULL.replace(old, new, 1))
    (problem,) = document.problems
    assert (problem.code, problem.what.said_in("en").split(": ", 1)[1]) == (code, what)
    line = (CRITERIA + FULL.replace(old, new, 1)).splitlines()[int(problem.row or 0) - 1]
    assert at in line
    assert plan is None or code == "extra_forbidden"


@pytest.mark.parametrize(
    ("old", "new", "code", "what"),
    [
        ("Khá, level: 2", "Khá", "scale", "the share of satisfied answers needs a `level:` for every answer"),
        (
            '- column: "2"\n',
            '- {column: " 1", criterion: "1.2"}\n    - column: "2"\n',
            "twice",
            "«1» counts twice for 1.2",
        ),
    ],
)
def test_a_question_that_gives_no_number_or_counts_twice_is_told_in_words(
    tmp_path: Path, old: str, new: str, code: str, what: str
) -> None:
    assert old in FULL
    _, document = loaded(tmp_path, FULL.replace(old, new, 1))
    (problem,) = document.problems
    assert (problem.code, problem.what.said_in("en").split(": ", 1)[1]) == (code, what)


def test_mistakes_of_the_block_and_of_the_set_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "criteria.yaml").write_text(
        CRITERIA.replace("total_points: 10", "total_points: 11")
        + BLOCK.replace('criterion: "1.2"', 'criterion: "9.9"'),
        encoding="utf-8",
    )
    document = read_yaml(tmp_path / "criteria.yaml")
    assert load_criteria(document, {"noi-vu", "tu-phap"}) is None
    assert sorted(problem.code for problem in document.problems) == ["criterion_unknown", "total_points"]


def test_units_that_do_not_exist_are_told_with_their_line(office: Office) -> None:
    block = BLOCK.replace("binh-hoa: 2000", "binh-hoà: 2000").replace(
        "  minimum: 3\n", "  unit_names: {Nơi khác: '-', UBND xã Q: xa-q}\n"
    )
    plan, document = loaded(office.folder, block)
    assert plan is not None
    check_against_units(document, plan, load_units(office.folder / "units.csv")[0])
    assert [problem.code for problem in document.problems] == ["unit_unknown", "unit_unknown"]
    assert [problem.what.said_in("en").split(": ", 1)[1] for problem in document.problems] == [
        "there is no unit «binh-hoà»",
        "there is no unit «xa-q»",
    ]
    lines = (CRITERIA + block).splitlines()
    assert [lines[int(problem.row or 0) - 1].split(":")[0].strip() for problem in document.problems] == [
        "population",
        "unit_names",
    ]
