"""The season of the small cycle on Google: what differs there from a season of files."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google_office import COMMUNES, NOI_VU, TU_PHAP, UNIT, GoogleOffice, on_google
from google_server.person import Refused
from office import Run

pytestmark = on_google
PROOF = "Báo cáo số 05/BC-UBND"


def synced(office: GoogleOffice, now: str) -> None:
    """Run `sync` until nothing is left to do: the second time it writes nothing at Google.

    What it wrote into the review workbook and into the guides of the units itself, it reads once more and records; then
    there is nothing at all.
    """
    first = office.run("sync", now=now)
    assert first.json["status"] != "error", first.out
    second, asked, recorded = quiet(office, now)
    assert len(asked) <= 2 + len(office.UNITS), asked
    own = {f"units/{unit}" for unit in office.UNITS}
    assert {subject.partition(":")[0] for _, subject in recorded} <= {"appraisal", "adjustments", *own}
    assert {kind for kind, _ in recorded} <= {"appraisal", "snapshot"}
    third, asked, recorded = quiet(office, now)
    assert asked == ["drive.files.list"]
    assert recorded == []
    assert (third.exit_code, third.json["problems"]) == (second.exit_code, second.json["problems"])


def quiet(office: GoogleOffice, now: str) -> tuple[Run, list[str], list[tuple[str, str]]]:
    """Run `sync`, which may not write; return it, what it asked Google, and the kinds and subjects it recorded."""
    before = {key: file.version for key, file in office.server.world.files.items()}
    entries = len(office.ledger_entries())
    office.server.reset_log()
    run = office.run("sync", now=now)
    assert {record.method for record in office.server.log} == {"GET"}
    assert {key: file.version for key, file in office.server.world.files.items()} == before
    asked = [record.operation for record in office.server.log]
    return run, asked, office.ledger_entries()[entries:]


Moment = Callable[[GoogleOffice], str]


def before_anything(office: GoogleOffice) -> str:
    return office.BEFORE


def all_blank(office: GoogleOffice) -> str:
    office.run("provision", now="2023-11-01T08:00")
    return office.BEFORE


def one_in_progress(office: GoogleOffice) -> str:
    office.run("sync", now="2023-11-01T08:00")
    with office.edit("tay-an") as hand:
        hand.type(UNIT, "1.1", self_score=1)
    return office.BEFORE


def all_filled(office: GoogleOffice) -> str:
    office.run("sync", now="2023-11-01T08:00")
    for unit in office.UNITS:
        office.fill_in(unit)
    return office.BEFORE


def deadline(office: GoogleOffice) -> str:
    all_filled(office)
    return office.AFTER


def one_late(office: GoogleOffice) -> str:
    office.run("sync", now="2023-11-01T08:00")
    for unit in ("tay-an", "binh-hoa"):
        office.fill_in(unit)
    return office.AFTER


def nobody_in_time(office: GoogleOffice) -> str:
    office.run("sync", now="2023-11-01T08:00")
    return office.AFTER


def one_trashed(office: GoogleOffice) -> str:
    all_filled(office)
    office.run("sync", now=office.BEFORE)
    office.trash("units/tay-an")
    return office.AFTER


def trashed_before_the_deadline(office: GoogleOffice) -> str:
    all_filled(office)
    office.run("sync", now=office.BEFORE)
    office.trash("units/tay-an")
    return "2023-12-02T08:00"


def deadline_put_off(office: GoogleOffice) -> str:
    office.run("sync", now=deadline(office))
    put_off(office)
    return "2023-12-12T08:00"


def put_off(office: GoogleOffice) -> None:
    file = office.folder / "cycle.yaml"
    content = file.read_text(encoding="utf-8").replace("2023-12-10T17:00", "2023-12-15T17:00")
    file.write_text(content, encoding="utf-8")


def unit_removed(office: GoogleOffice) -> str:
    all_filled(office)
    office.run("sync", now=office.BEFORE)
    file = office.folder / "units.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(line for line in lines if not line.startswith("tay-an")), encoding="utf-8")
    return "2023-12-02T08:00"


def copies_about(office: GoogleOffice) -> str:
    all_filled(office)
    office.copy("tay-an", COMMUNES["tay-an"])
    hand = office.edit("binh-hoa")
    hand.person(UNIT).copy_tab(hand.file_id, hand.title(UNIT), "Bản nháp")
    return "2023-12-02T08:00"


def one_extended(office: GoogleOffice) -> str:
    office.run("sync", now=deadline(office))
    office.run("extend", "tay-an", "--until", "2023-12-14T17:00", "--reason", "CV 41")
    office.fill_in("tay-an", c1_1={"self_score": 1})
    return "2023-12-12T08:00"


def extension_over(office: GoogleOffice) -> str:
    office.run("sync", now=one_extended(office))
    return "2023-12-15T08:00"


def edited_after_the_deadline(office: GoogleOffice) -> str:
    office.run("sync", now=deadline(office))
    with office.edit_past_locks("tay-an") as hand:
        hand.type(UNIT, "1.1", self_score=1)
    return "2023-12-12T08:00"


def appraising(office: GoogleOffice) -> str:
    office.run("sync", now=deadline(office))
    with office.edit_review() as hand:
        hand.type(NOI_VU, "tay-an/1.1", verdict="Điều chỉnh", appraised_points=1)
        hand.type(TU_PHAP, "tay-an/2.1", verdict="Đồng ý")
    return "2023-12-13T08:00"


def mixed_up(office: GoogleOffice) -> str:
    appraising(office)
    with office.edit_review() as hand:
        hand.swap(TU_PHAP, "tay-an/2.1", "binh-hoa/2.1")
    return "2023-12-13T09:00"


def appraised(office: GoogleOffice) -> str:
    office.run("sync", now=deadline(office))
    office.agree_to_everything()
    return "2023-12-20T08:00"


def survey_in(office: GoogleOffice) -> str:
    office.run("sync", now=appraised(office))
    office.write_survey()
    return "2023-12-26T08:00"


def published(office: GoogleOffice) -> str:
    office.run("sync", now=survey_in(office))
    return "2024-03-01T08:00"


@pytest.mark.parametrize(
    "moment",
    [
        before_anything,
        all_blank,
        one_in_progress,
        all_filled,
        deadline,
        one_late,
        nobody_in_time,
        one_trashed,
        trashed_before_the_deadline,
        unit_removed,
        copies_about,
        one_extended,
        extension_over,
        edited_after_the_deadline,
        appraising,
        mixed_up,
        appraised,
        survey_in,
        published,
    ],
)
def test_a_second_sync_changes_nothing_and_a_third_asks_once(office: GoogleOffice, moment: Moment) -> None:
    synced(office, moment(office))


def test_spreadsheets_that_sync_opened_again_are_read_once_more_and_then_left_alone(office: GoogleOffice) -> None:
    now = deadline_put_off(office)
    office.run("sync", now=now)
    _, asked, recorded = quiet(office, now)
    assert asked == ["drive.files.list"] + ["sheets.spreadsheets.get"] * 3
    assert {kind for kind, _ in recorded} == {"snapshot"}
    _, asked, recorded = quiet(office, now)
    assert (asked, recorded) == (["drive.files.list"], [])


def test_provision_twice_touches_no_spreadsheet(filled: GoogleOffice) -> None:
    assert filled.run("provision", now=filled.BEFORE).exit_code == 0
    before = {unit: filled.drive_file(f"units/{unit}").version for unit in filled.UNITS}
    run = filled.run("provision", now=filled.BEFORE)
    assert [unit["action"] for unit in run.json["data"]["units"]] == ["kept"] * 3
    assert before == {unit: filled.drive_file(f"units/{unit}").version for unit in filled.UNITS}


def test_a_dry_run_asks_and_changes_nothing_at_google(office: GoogleOffice) -> None:
    run = office.run("provision", "--dry-run", now=office.BEFORE)
    assert [unit["action"] for unit in run.json["data"]["units"]] == ["would_create"] * 3
    assert {record.method for record in office.server.log} == {"GET"}
    assert not (office.folder / "ledger.db").exists()


def test_a_late_commune_is_locked_out_until_the_office_gives_it_time(provisioned: GoogleOffice) -> None:
    for unit in ("tay-an", "binh-hoa"):
        provisioned.fill_in(unit)
    assert provisioned.run("collect").problem("not_submitted")["unit"] == "phu-phong"
    with pytest.raises(Refused):
        provisioned.fill_in("phu-phong")
    provisioned.run("extend", "phu-phong", "--until", "2023-12-13T17:00", "--reason", "CV 41", now="2023-12-12T08:00")
    provisioned.fill_in("phu-phong")
    run = provisioned.run("collect", now="2023-12-13T17:00")
    assert [unit["action"] for unit in run.json["data"]["units"]] == ["kept", "kept", "collected"]
    assert [unit["self_points"] for unit in run.json["data"]["units"]] == ["5.25"] * 3


def test_a_deadline_put_off_for_everybody_opens_the_spreadsheets_again(collected: GoogleOffice) -> None:
    put_off(collected)
    assert collected.run("sync", now="2023-12-12T08:00").exit_code == 0
    collected.fill_in("tay-an", c1_1={"self_score": 1})
    collected.fill_in("binh-hoa")
    later = collected.run("collect", now="2023-12-15T17:00")
    assert [unit["self_points"] for unit in later.json["data"]["units"]] == ["4.25", "5.25", "5.25"]


def test_the_spreadsheet_of_a_removed_unit_is_told_of_and_left_alone(filled: GoogleOffice) -> None:
    file = filled.drive_file("units/tay-an")
    now = unit_removed(filled)
    version = file.version
    run = filled.run("provision", now=now)
    assert file.id in run.problem("unit_removed")["what"]
    assert (file.version, file.trashed) == (version, False)


def test_an_emulator_that_is_not_on_this_machine_is_refused_before_anything_is_done(
    collected: GoogleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_GOOGLE_EMULATOR", "http://203.0.113.7:80")
    refused = collected.run("status", now=collected.AFTER)
    assert refused.exit_code == 1
    assert refused.json["error"]["code"] == "emulator"
