"""What is the season's on local workbooks alone, or the same whatever the workbooks are in."""

from __future__ import annotations

import sqlite3

from office import Office


def test_provision_makes_one_workbook_for_every_unit(office: Office) -> None:
    run = office.run("provision", now=office.BEFORE)
    assert run.exit_code == 0
    assert [unit["action"] for unit in run.json["data"]["units"]] == ["created"] * 3
    assert all(office.file(unit).exists() for unit in office.UNITS)


def test_provision_twice_leaves_the_workbooks_byte_for_byte(filled: Office) -> None:
    before = {unit: filled.file(unit).read_bytes() for unit in filled.UNITS}
    run = filled.run("provision", now=filled.BEFORE)
    assert [unit["action"] for unit in run.json["data"]["units"]] == ["kept"] * 3
    assert before == {unit: filled.file(unit).read_bytes() for unit in filled.UNITS}


def test_the_workbook_of_a_removed_unit_is_reported_and_left_alone(filled: Office) -> None:
    units = filled.folder / "units.csv"
    lines = units.read_text(encoding="utf-8").splitlines()
    units.write_text("\n".join(line for line in lines if not line.startswith("tay-an")), encoding="utf-8")
    run = filled.run("provision", now=filled.BEFORE)
    said = run.problem("unit_removed")["what"]
    assert said == f"{filled.file('tay-an')} không thuộc đơn vị nào trong danh sách; giữ nguyên tệp"
    assert filled.file("tay-an").exists()


def test_dry_run_changes_nothing(office: Office) -> None:
    run = office.run("provision", "--dry-run", now=office.BEFORE)
    assert [unit["action"] for unit in run.json["data"]["units"]] == ["would_create"] * 3
    assert not (office.folder / "workspace").exists()
    assert not (office.folder / "ledger.db").exists()


def test_collect_at_the_very_minute_closes_the_workbooks(filled: Office) -> None:
    assert filled.run("collect", now="2023-12-10T17:00").exit_code == 0
    assert all(not filled.file(unit).stat().st_mode & 0o200 for unit in filled.UNITS)


def test_an_extension_opens_one_unit_only_and_shows_it_the_new_deadline(collected: Office) -> None:
    run = collected.run(
        "extend", "Bình Hoà", "--until", "2023-12-14T17:00", "--reason", "Công văn số 41/UBND", now=collected.AFTER
    )
    assert run.exit_code == 0, run.out
    assert run.json["data"]["unit"] == "binh-hoa"
    assert collected.file("binh-hoa").stat().st_mode & 0o200
    assert not collected.file("tay-an").stat().st_mode & 0o200
    guide = collected.edit("binh-hoa").workbook.worksheets[0]
    assert any("17:00 ngày 14/12/2023" in str(cell.value) for row in guide.iter_rows() for cell in row)
    with collected.edit("binh-hoa") as hand:
        hand.type("self_assessment", "2.2", self_score=2)
    during = collected.run("collect", now="2023-12-13T08:00")
    assert [unit["action"] for unit in during.json["data"]["units"]] == ["kept", "open", "kept"]
    after = collected.run("collect", now="2023-12-14T17:00")
    points = {unit["unit"]: (unit["action"], unit["self_points"]) for unit in after.json["data"]["units"]}
    assert points["binh-hoa"] == ("collected", "6")  # 2 + 1,5 + 0,5 + 2


def test_finalise_without_survey_points_is_refused_or_rescales_as_the_policies_say(appraised: Office) -> None:
    folder = appraised.folder
    (folder / "ledger.db").unlink()  # an office that has never had a survey
    (folder / "survey.csv").unlink()
    for unit in appraised.UNITS:
        appraised.file(unit).chmod(0o644)
    appraised.run("collect")
    appraised.run("appraise")
    refused = appraised.run("finalise").json["error"]
    told = "3 đơn vị chưa có điểm điều tra xã hội học (1.2, 2.3)"
    assert (refused["code"], refused["what"]) == ("points_missing", told)
    settings = folder / "cycle.yaml"
    rescaled = settings.read_text(encoding="utf-8").replace("ties: min", "ties: min\n  without_survey: rescale")
    settings.write_text(rescaled, encoding="utf-8")
    unit = appraised.run("finalise").json["data"]["units"][0]
    # 5,25 of 7 → 75,00
    assert (unit["survey_points"], unit["attainable_points"], unit["index"]) == (None, "7", "75.00")


def test_a_deadline_put_off_for_everybody_opens_the_workbooks_again(collected: Office) -> None:
    file = collected.folder / "cycle.yaml"
    put_off = file.read_text(encoding="utf-8").replace("2023-12-10T17:00", "2023-12-15T17:00")
    file.write_text(put_off, encoding="utf-8")
    assert collected.run("sync", now="2023-12-12T08:00").exit_code == 0
    assert all(collected.file(unit).stat().st_mode & 0o200 for unit in collected.UNITS)
    collected.fill_in("tay-an", c1_1={"self_score": 1})
    later = collected.run("collect", now="2023-12-15T17:00")
    assert [unit["self_points"] for unit in later.json["data"]["units"]] == ["4.25", "5.25", "5.25"]


def test_a_decision_edited_in_word_is_kept_when_it_is_made_again(appraised: Office) -> None:
    appraised.run("finalise")
    decision = appraised.folder / "output" / "decision.docx"
    fresh = decision.read_bytes()
    decision.write_bytes(b"edited in Word")
    run = appraised.run("finalise")
    (kept,) = run.json["data"]["kept"]
    assert decision.read_bytes() == fresh
    assert (appraised.folder / "output" / "decision-edited-1.docx").read_bytes() == b"edited in Word"
    assert kept.endswith("decision-edited-1.docx")
    assert appraised.run("finalise").json["data"]["kept"] == []


def test_a_workbook_under_another_name_is_pointed_out(filled: Office) -> None:
    filled.file("tay-an").rename(filled.file("tay-an (1)"))
    run = filled.run("collect")
    said = run.problem("unit_removed")["what"]
    assert said == f"{filled.file('tay-an (1)')} không thuộc đơn vị nào trong danh sách; giữ nguyên tệp"
    assert run.problem("missing")["unit"] == "tay-an"


def test_a_ledger_altered_by_hand_makes_no_decision(appraised: Office) -> None:
    with sqlite3.connect(appraised.folder / "ledger.db") as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("UPDATE entries SET body = replace(body, '1.8', '2.0') WHERE kind = 'points'")
    database.close()
    refused = appraised.run("finalise")
    assert (refused.exit_code, refused.json["error"]["code"]) == (1, "ledger_altered")
    assert not (appraised.folder / "output").exists()
