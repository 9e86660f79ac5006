"""The season of a small cycle through the command line, from the empty folder to the results."""

from __future__ import annotations

import os
from datetime import datetime
from decimal import Decimal

import pytest
from google_office import on_both
from office import Office, add_criterion

from cchc_sheets.errors import CchcError, Problem
from cchc_sheets.ledger import Ledger
from cchc_sheets.stages.extend import extend
from cchc_sheets.stages.season import open_season


@on_both
def test_a_criterion_added_to_the_set_reaches_the_workbooks_with_a_warning_and_nothing_typed_is_lost(
    filled: Office,
) -> None:
    add_criterion(filled.folder)
    run = filled.run("provision", now=filled.BEFORE)
    assert run.exit_code == 0, run.out
    assert {(p["unit"], p["code"], p["row"], p["severity"]) for p in run.problems} == {
        (unit, "row_added", "1.3", "warning") for unit in filled.UNITS
    }
    hand = filled.edit("tay-an")
    assert hand.value("self_assessment", "1.10", "self_score") == 1.5
    assert hand.value("self_assessment", "1.1", "evidence").endswith("https://xa.example.gov.vn/05")
    assert hand.value("self_report", "strengths", "value") == "Hoàn thành kế hoạch"


@on_both
def test_status_tells_how_far_each_unit_is(provisioned: Office) -> None:
    provisioned.fill_in("tay-an")
    with provisioned.edit("binh-hoa") as hand:
        hand.type("self_assessment", "1.1", self_score=1)
    data = provisioned.run("status", now=provisioned.BEFORE).json["data"]
    states = {unit["unit"]: (unit["state"], unit["answered"], unit["of"]) for unit in data["units"]}
    assert states == {"tay-an": ("confirmed", 4, 4), "binh-hoa": ("in_progress", 1, 4), "phu-phong": ("blank", 0, 4)}


@on_both
def test_status_of_a_fresh_cycle_makes_no_ledger(office: Office) -> None:
    assert office.run("status", now=office.BEFORE).exit_code == 3
    assert not (office.folder / "ledger.db").exists()


@on_both
def test_collect_is_refused_before_the_deadline_and_the_preview_is_not(filled: Office) -> None:
    refused = filled.run("collect", now="2023-12-10T16:59")
    assert refused.exit_code == 1
    assert refused.json["error"]["code"] == "not_now"
    assert refused.json["error"]["what"] == "chưa hết thời hạn: 17:00 ngày 10/12/2023"
    preview = filled.run("collect", "--preview", now="2023-12-10T16:59")
    assert preview.exit_code == 0
    assert [unit["self_points"] for unit in preview.json["data"]["units"]] == ["5.25"] * 3


@on_both
def test_collect_twice_records_once(collected: Office) -> None:
    second = collected.run("collect", now="2023-12-12T08:00")
    assert [unit["action"] for unit in second.json["data"]["units"]] == ["kept"] * 3
    assert second.exit_code == 0


@on_both
def test_a_change_after_the_deadline_is_reported_with_its_cell_and_does_not_count(collected: Office) -> None:
    with collected.edit_past_locks("tay-an") as hand:
        hand.type("self_assessment", "1.1", self_score=1)
    run = collected.run("collect", now="2023-12-12T08:00")
    assert "từ «2» thành «1»" in run.problem("edited_after_deadline")["what"]
    assert next(u for u in run.json["data"]["units"] if u["unit"] == "tay-an")["self_points"] == "5.25"


def test_a_file_saved_after_the_deadline_that_nobody_had_read_before_is_told_with_the_time(filled: Office) -> None:
    saved = datetime.fromisoformat("2023-12-10T20:15+07:00").timestamp()  # the deadline was at 17:00
    os.utime(filled.file("tay-an"), (saved, saved))
    told = filled.run("--lang", "en", "collect").problem("modified_after_deadline")
    assert (told["unit"], told["severity"]) == ("tay-an", "warning")
    assert told["what"] == "the file was last changed after the deadline, at 20:15 on 10/12/2023"


@on_both
def test_a_unit_without_a_word_is_asked_for_and_late_when_it_comes(provisioned: Office) -> None:
    for unit in ("tay-an", "binh-hoa"):
        provisioned.fill_in(unit)
    first = provisioned.run("collect", now=provisioned.AFTER)
    assert first.exit_code == 3
    assert first.problem("not_submitted")["unit"] == "phu-phong"
    provisioned.fill_in("phu-phong", past_locks=True)
    second = provisioned.run("collect", now="2023-12-12T18:00")
    assert [unit["action"] for unit in second.json["data"]["units"]] == ["kept", "kept", "late"]
    status = provisioned.run("status", now="2023-12-12T18:00").json["data"]["units"]
    assert status[2]["days_late"] == 3  # from 10/12 17:00 to 12/12 18:00: two days and an hour, begun days count


@on_both
def test_an_extension_needs_a_later_date_and_a_reason(collected: Office) -> None:
    earlier = collected.run("extend", "tay-an", "--until", "2023-12-09", "--reason", "x")
    assert (earlier.exit_code, earlier.json["error"]["code"]) == (1, "date")
    assert earlier.json["error"]["what"] == "17:00 ngày 09/12/2023 không phải là thời hạn mới hợp lệ"
    unreasoned = collected.run("extend", "tay-an", "--until", "2023-12-19", "--reason", " ")
    assert (unreasoned.exit_code, unreasoned.json["error"]["code"]) == (1, "reason")
    assert unreasoned.json["error"]["what"] == "gia hạn phải có lý do"


def test_a_program_that_gives_a_stage_no_date_is_told_as_the_command_line_is(collected: Office) -> None:
    season = open_season(collected.folder, now=collected.AFTER, actor="văn thư")
    try:
        with pytest.raises(CchcError) as refused:
            extend(season, "tay-an", until="thứ hai", reason="CV 41")
    finally:
        season.close()
    assert (refused.value.code, refused.value.what.said_in("en")) == ("date", "«thứ hai» is not a date")
    asked = collected.run("--lang", "en", "extend", "tay-an", "--until", "thứ hai", "--reason", "CV 41", as_json=False)
    assert asked.exit_code != 0
    assert "«thứ hai» is not a date; write e.g. 2023-12-10T17:00" in asked.err
    assert collected.run("status").exit_code == 0


@on_both
def test_appraise_shows_the_departments_only_their_criteria_and_the_rule_score(collected: Office) -> None:
    assert collected.run("appraise").exit_code == 0
    hand = collected.edit_review()
    own = {key.partition("/")[2] for key in hand.row_keys("appraisal:noi-vu") if "/" in key}
    assert own == {"1.1", "1.10"}
    assert hand.value("appraisal:noi-vu", "tay-an/1.10", "self_score") == 1.5
    assert hand.value("appraisal:noi-vu", "tay-an/1.10", "rule_score") == 1.5  # 2 × 15/20
    assert hand.value("appraisal:noi-vu", "tay-an/1.10", "difference") == 0
    assert hand.links("appraisal:noi-vu", "tay-an/1.10", "evidence") == ["https://xa.example.gov.vn/05"]


@on_both
def test_appraise_keeps_what_appraisers_wrote_and_reports_progress(collected: Office) -> None:
    collected.run("appraise")
    with collected.edit_review() as hand:
        hand.type("appraisal:noi-vu", "tay-an/1.1", verdict="Đồng ý")
        hand.type("appraisal:noi-vu", "tay-an/1.10", verdict="Điều chỉnh", appraised_points=1, remark="Thiếu 5 việc")
    run = collected.run("appraise")
    assert {d["department"]: (d["settled"], d["of"]) for d in run.json["data"]["departments"]} == {
        "noi-vu": (2, 6),
        "tu-phap": (0, 6),
    }
    again = collected.edit_review()
    assert again.value("appraisal:noi-vu", "tay-an/1.10", "remark") == "Thiếu 5 việc"
    assert again.value("appraisal:noi-vu", "tay-an/1.10", "self_score") == 1.5


@on_both
def test_lowering_without_a_reason_does_not_count_as_appraised(collected: Office) -> None:
    collected.run("appraise")
    with collected.edit_review() as hand:
        hand.type("appraisal:noi-vu", "tay-an/1.1", verdict="Điều chỉnh", appraised_points=1)
        hand.paste("appraisal:tu-phap", "tay-an/2.2", verdict="Điều chỉnh", appraised_points=1.1, remark="x")
        hand.paste("appraisal:tu-phap", "tay-an/2.1", verdict="Điều chỉnh", appraised_points=3, remark="x")
    run = collected.run("appraise")
    assert run.exit_code == 3
    assert {(p["row"], p["code"], p["column"]) for p in run.problems} == {
        ("tay-an/1.1", "remark_missing", "remark"),
        ("tay-an/2.2", "off_step", "appraised_points"),
        ("tay-an/2.1", "above_max", "appraised_points"),
    }
    assert run.json["data"]["settled"] == 0


@on_both
def test_a_verdict_on_a_self_score_that_changed_since_must_be_given_again(appraised: Office) -> None:
    appraised.run("extend", "tay-an", "--until", "2023-12-14T17:00", "--reason", "CV 41", now=appraised.AFTER)
    with appraised.edit("tay-an") as hand:
        hand.type("self_assessment", "1.1", self_score=1)
    appraised.run("collect", now="2023-12-14T17:00")
    run = appraised.run("appraise", now="2023-12-15T08:00")
    problem = run.problem("self_score_changed")
    assert (problem["row"], problem["column"]) == ("tay-an/1.1", "verdict")
    assert "«2»" in problem["what"]
    assert "«1»" in problem["what"]
    assert appraised.run("appraise", now="2023-12-15T09:00").problem("self_score_changed")
    refused = appraised.run("finalise", now="2023-12-16T08:00")
    assert refused.json["error"]["code"] == "unappraised"
    assert refused.json["error"]["what"] == "còn 1 việc phải xong trước khi tính kết quả"
    with appraised.edit_review() as hand:
        hand.type("appraisal:noi-vu", "tay-an/1.1", remark="Đã xem lại")
    assert appraised.run("appraise", now="2023-12-16T08:00").exit_code == 0


@on_both
def test_a_deleted_row_of_findings_is_put_back_from_the_ledger(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.delete_row("appraisal:noi-vu", "tay-an/1.1")
    run = appraised.run("appraise")
    assert run.json["data"]["settled"] == 12
    assert appraised.edit_review().value("appraisal:noi-vu", "tay-an/1.1", "verdict") == "Đồng ý"


@on_both
def test_results_follow_from_findings_survey_and_adjustments(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.type("appraisal:noi-vu", "binh-hoa/1.10", verdict="Điều chỉnh", appraised_points=0.5, remark="Tính lại")
        hand.type("adjustments", "phu-phong/C.1", count=1, remark="QĐ số 12/QĐ-UBND")
        hand.type("adjustments", "binh-hoa/T.1", count=2, remark="Chậm 2 ngày")
    appraised.run("appraise")
    units = {unit["unit"]: unit for unit in appraised.run("results").json["data"]["units"]}
    # Tây An: 5,25 + 2,7 = 7,95 of 10 → 79,50
    assert units["tay-an"]["index"] == "79.50"
    # Bình Hòa: 5,25 − 1 = 4,25; + 2,4 − 0,5 = 6,15 → 61,50
    assert (units["binh-hoa"]["appraisal_points"], units["binh-hoa"]["adjustment_points"]) == ("4.25", "-0.5")
    assert units["binh-hoa"]["index"] == "61.50"
    # Phú Phong: 5,25 + 2,1 + 0,5 = 7,85 → 78,50
    assert units["phu-phong"]["index"] == "78.50"
    assert [units[unit]["rank"] for unit in appraised.UNITS] == [1, 3, 2]
    # Tây An, field 1: 2 + 1,5 + 1,8 of 6; field 2: 0,5 + 1,25 + 0,9 of 4
    fields = [(field["code"], field["points"], field["max_points"]) for field in units["tay-an"]["fields"]]
    assert fields == [("1", "5.3", "6"), ("2", "2.65", "4")]
    assert Decimal(units["tay-an"]["self_points"]) == Decimal("5.25")


@on_both
def test_what_did_not_occur_leaves_the_maximum_or_earns_full_points(provisioned: Office) -> None:
    for unit in provisioned.UNITS:
        provisioned.fill_in(unit)
    with provisioned.edit("tay-an") as hand:
        hand.type("self_assessment", "1.10", numerator=None, denominator=None, self_score=None)
        hand.type("self_assessment", "1.10", not_occurred="Không phát sinh")
        hand.type("self_assessment", "2.2", self_score=None, not_occurred="Không phát sinh")
    provisioned.run("collect")
    provisioned.run("appraise")
    provisioned.agree_to_everything()
    provisioned.run("appraise")
    provisioned.write_survey()
    provisioned.run("survey")
    unit = provisioned.run("results").json["data"]["units"][0]
    # 2 + 0,5 + 2 (full) + 2,7 = 7,2 of 10 − 2 = 8 → 90,00
    assert (unit["appraisal_points"], unit["attainable_points"], unit["index"]) == ("4.5", "8", "90.00")
    assert unit["class"] == "Xuất sắc"


@on_both
def test_finalise_is_refused_while_anything_is_unappraised_unless_told_so_with_a_reason(collected: Office) -> None:
    collected.run("appraise")
    collected.write_survey()
    collected.run("survey")
    refused = collected.run("finalise")
    assert (refused.exit_code, refused.json["error"]["code"]) == (1, "unappraised")
    # one for each commune: that its findings are missing
    assert refused.json["error"]["what"] == "còn 3 việc phải xong trước khi tính kết quả"
    assert not (collected.folder / "output").exists()
    unreasoned = collected.run("finalise", "--allow-unappraised")
    assert unreasoned.json["error"]["code"] == "reason"
    assert unreasoned.json["error"]["what"] == "tiếp tục khi chưa thẩm định đủ thì phải có lý do"
    told = collected.run("finalise", "--allow-unappraised", "--reason", "Chủ tịch đồng ý tại cuộc họp 30/12")
    assert told.exit_code == 0, told.out
    assert (collected.folder / "output" / "decision.docx").exists()


@on_both
def test_finalise_twice_gives_the_same_bytes(appraised: Office) -> None:
    assert appraised.run("finalise", now="2023-12-26T08:00").exit_code == 0
    first = {file.name: file.read_bytes() for file in (appraised.folder / "output").iterdir()}
    assert appraised.run("finalise", now="2023-12-29T08:00").exit_code == 0
    assert first == {file.name: file.read_bytes() for file in (appraised.folder / "output").iterdir()}
    assert set(first) == {"decision.docx", "results.json", "results.csv", "before-you-sign.docx", "robustness.json"}


@on_both
def test_a_survey_with_a_wrong_cell_records_nothing_and_names_the_cell(appraised: Office) -> None:
    file = appraised.folder / "survey.csv"
    file.write_text("unit;1.2;2.3\ntay-an;2,5;0,9\nBình Minh;1;1\n", encoding="utf-8")
    run = appraised.run("survey")
    assert run.exit_code == 3
    assert run.json["data"]["recorded"] is False
    above = run.problem("above_max")
    assert (above["sheet"], above["row"], above["column"]) == ("survey.csv", 2, "1.2")
    assert "Bình Minh" in run.problem("unit_unknown")["what"]


@on_both
def test_the_results_table_cannot_hold_a_formula(office: Office) -> None:
    units = office.folder / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("Xã Tây An", "=1+1"), encoding="utf-8")
    office.run("provision", now=office.BEFORE)
    for unit in office.UNITS:
        office.fill_in(unit)
    office.run("collect")
    office.run("appraise")
    office.agree_to_everything()
    office.write_survey()
    office.run("survey")
    assert office.run("finalise").exit_code == 0
    table = (office.folder / "output" / "results.csv").read_text(encoding="utf-8-sig")
    assert "\ntay-an,'=1+1," in table.replace("\r", "")


@on_both
def test_sync_does_what_is_due_and_says_what_comes_next(office: Office) -> None:
    before = office.run("sync", now=office.BEFORE)
    assert [step["command"] for step in before.json["data"]["steps"]] == ["provision", "status", "papers"]
    assert before.json["data"]["next"]["when"] == "2023-12-10T17:00:00+07:00"
    assert len(before.json["data"]["waiting_for"]) == 3
    for unit in office.UNITS:
        office.fill_in(unit)
    due = office.run("sync", now=office.AFTER)
    assert [step["command"] for step in due.json["data"]["steps"]] == ["collect", "appraise", "papers"]
    survey, *departments = due.json["data"]["waiting_for"]
    assert "survey.csv" in survey
    assert [whom.partition(" (6 ")[0] for whom in departments] == ["Phòng Nội vụ", "Phòng Tư pháp"]
    office.agree_to_everything()
    office.write_survey()
    last = office.run("sync", now="2023-12-26T08:00")
    done = [step["command"] for step in last.json["data"]["steps"]]
    assert done == ["collect", "appraise", "survey", "finalise", "papers"]
    assert (office.folder / "output" / "decision.docx").exists()
    quiet = office.run("sync", now="2023-12-27T08:00")
    assert quiet.exit_code == 0
    assert [step["command"] for step in quiet.json["data"]["steps"]] == ["collect", "appraise", "finalise"]


@on_both
def test_a_configuration_that_changed_is_recorded_with_what_was_done_under_it(appraised: Office) -> None:
    ledger = Ledger.at(appraised.folder / "ledger.db")
    ledger.check_chain()
    kinds = [entry.kind for entry in ledger.entries()]
    ledger.close()
    assert kinds[0] == "configuration"
    assert kinds.count("configuration") == 1
    assert kinds.count("submission") == 3


@on_both
def test_sync_with_dry_run_tells_what_is_due_and_changes_nothing(filled: Office) -> None:
    before = {path: path.read_bytes() for path in filled.folder.rglob("*") if path.is_file()}
    run = filled.run("sync", "--dry-run", now=filled.AFTER)
    assert run.exit_code == 0
    assert [unit["action"] for unit in run.json["data"]["steps"][0]["data"]["units"]] == ["would_collect"] * 3
    assert run.json["data"]["waiting_for"] == []
    assert before == {path: path.read_bytes() for path in filled.folder.rglob("*") if path.is_file()}


@on_both
def test_a_title_reworded_after_the_deadline_loses_no_number(collected: Office) -> None:
    file = collected.folder / "criteria.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("Kế hoạch năm", "Kế hoạch của năm"), encoding="utf-8")
    run = collected.run("collect", now="2023-12-12T08:00")
    assert run.exit_code == 0
    assert [unit["self_points"] for unit in run.json["data"]["units"]] == ["5.25"] * 3


@on_both
def test_a_unit_renamed_during_the_appraisal_keeps_its_findings(appraised: Office) -> None:
    file = appraised.folder / "units.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("Xã Tây An", "Xã Tây An Mới"), encoding="utf-8")
    run = appraised.run("appraise")
    assert (run.exit_code, run.json["data"]["settled"]) == (0, 12)


@on_both
def test_a_penalty_that_cannot_be_read_stops_the_decision(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.paste("adjustments", "binh-hoa/T.1", count="2 ngày", remark="Chậm 2 ngày")
    refused = appraised.run("finalise")
    assert (refused.exit_code, refused.json["error"]["code"]) == (1, "adjustments")
    assert refused.json["error"]["what"] == "1 mục điểm cộng, điểm trừ không đọc được"
    assert "2 ngày" in refused.json["error"]["where"]
    with appraised.edit_review() as hand:
        hand.type("adjustments", "binh-hoa/T.1", count=2)
    assert appraised.run("finalise").json["data"]["units"][1]["adjustment_points"] == "-0.5"


@on_both
def test_the_id_of_a_cycle_cannot_change_once_anything_was_recorded(collected: Office) -> None:
    file = collected.folder / "cycle.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("small-2023", "small-2024"), encoding="utf-8")
    run = collected.run("status")
    assert (run.exit_code, run.json["error"]["code"]) == (1, "cycle_id")
    assert "small-2023" in run.json["error"]["fix"]


@on_both
def test_a_set_in_which_nothing_is_self_scored_has_nothing_to_appraise(office: Office) -> None:
    survey = '{code: "1.1", title: Hài lòng, max_points: 10, method: survey}'
    fields = f'fields: [{{code: "1", title: Khảo sát, max_points: 10, department: noi-vu, criteria: [{survey}]}}]'
    text = f"schema: 1\ntitle: Bộ tiêu chí\ntotal_points: 10\nsurvey_points: 10\n{fields}\n"
    (office.folder / "criteria.yaml").write_text(text, encoding="utf-8")
    office.run("provision", now=office.BEFORE)
    with office.edit("tay-an") as hand:
        hand.type("self_report", "strengths", value="Hoàn thành kế hoạch")
    office.run("collect")
    run = office.run("appraise")
    assert run.exit_code == 0, run.err
    assert (run.json["data"]["settled"], run.json["data"]["of"]) == (0, 0)


def test_collect_before_provision_records_nothing(office: Office) -> None:
    run = office.run("collect")
    assert (run.exit_code, run.json["error"]["code"]) == (1, "not_provisioned")
    ledger = Ledger.at(office.folder / "ledger.db")
    assert ledger.entries() == []
    ledger.close()


@on_both
def test_sync_says_what_is_overdue(collected: Office) -> None:
    following = collected.run("sync", now="2024-03-01T08:00").json["data"]["next"]
    assert following["overdue"] is True
    assert following["when"] == "2023-12-25T17:00:00+07:00"  # the appraisal


@on_both
def test_every_stage_tells_what_became_of_each_unit(appraised: Office) -> None:
    for command in ("provision", "status", "collect", "appraise", "survey", "finalise"):
        told = appraised.run(command, "-v", as_json=False)
        assert told.exit_code == 0, (command, told.err)
        if command not in {"status", "appraise", "finalise"}:  # these show a table instead
            assert all(name in told.out for name in ("Xã Tây An", "Xã Bình Hòa", "Thị trấn Phú Phong")), command


def test_a_finding_to_be_looked_at_again_is_recorded_once_though_the_run_was_broken_off(
    appraised: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    appraised.run("extend", "tay-an", "--until", "2023-12-14T17:00", "--reason", "CV 41", now=appraised.AFTER)
    with appraised.edit("tay-an") as hand:
        hand.type("self_assessment", "2.2", self_score=1.5)
    assert appraised.run("collect", now="2023-12-14T18:00").exit_code == 0

    def breaks_off(*_: object) -> list[Problem]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("cchc_sheets.stages.appraise.lay_out", breaks_off)
        assert appraised.run("appraise", now="2023-12-15T08:00").exit_code == 1
    assert "self_score_changed" in appraised.run("appraise", now="2023-12-15T08:00").codes()
    ledger = Ledger.at(appraised.folder / "ledger.db")
    assert [entry.subject for entry in ledger.entries("recheck")] == ["tay-an/2.2"]
    ledger.close()
