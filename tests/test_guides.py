"""What every unit is told in the guide of its own workbook, by `status --write` and by `sync`."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from google_office import GoogleOffice, on_both
from office import Office
from paper_season import season_of

from cchc_sheets.layouts.guide import GUIDE
from cchc_sheets.stages.season import unit_key

LOOKED, LATER = "2023-12-05T09:00", "2023-12-06T10:30"
OVER, AGAIN = "2023-12-11T08:00", "2023-12-11T09:00"


def guide_of(office: Office, unit: str, now: str = LOOKED) -> dict[str, str]:
    """What the guide says: row key → text."""
    season = season_of(office, now)
    try:
        sheet = season.workspace.read(unit_key(season.cycle.unit(unit))).sheet(GUIDE)
    finally:
        season.close()
    assert sheet is not None
    return {row.key: row.cells["value"].text for row in sheet.rows if "value" in row.cells}


def edited_at(office: Office, unit: str, moment: str) -> None:
    """Give a local file the time at which its commune saved it; on Google it has that already."""
    if not isinstance(office, GoogleOffice):
        stamp = datetime.fromisoformat(f"{moment}+07:00").timestamp()
        os.utime(office.file(unit), (stamp, stamp))


def versions(office: Office) -> dict[str, str]:
    season = season_of(office, LOOKED)
    try:
        return {key: presence.version for key, presence in season.workspace.present().items() if key != "board"}
    finally:
        season.close()


@on_both
def test_a_unit_reads_in_its_guide_how_far_it_is(office: Office) -> None:
    office.run("provision", now=office.BEFORE)
    assert guide_of(office, "tay-an")["@state"] == "Chưa nhập nội dung nào"
    if isinstance(office, GoogleOffice):
        office.now = datetime.fromisoformat("2023-12-04T15:20")
    with office.edit("tay-an") as hand:
        hand.type("self_assessment", "1.1", self_score=2)
        hand.type("self_assessment", "2.1", numerator=1)
        hand.paste("self_assessment", "2.1", self_score="0,5đ")
    edited_at(office, "tay-an", "2023-12-04T15:20")
    run = office.run("status", "--write", now=LOOKED)
    assert run.exit_code == 3, run.out  # «0,5đ» has to be mended
    told = guide_of(office, "tay-an")
    assert told["@state"] == "Đang nhập, chưa đủ"
    assert told["@answered"] == "1/4 tiêu chí (25 %)"
    assert told["@self-points"] == "2"
    assert told["@to-mend"] == "01 tiêu chí: 2.1"
    assert told["@unproved"] == "01 tiêu chí: 1.1"
    assert told["@edited"] == "15:20 ngày 04/12/2023"
    assert told["@looked"] == "09:00 ngày 05/12/2023"
    assert guide_of(office, "binh-hoa")["@looked"] == "Chưa có"


@on_both
def test_nothing_is_written_again_until_the_unit_has_done_something(office: Office) -> None:
    office.run("provision", now=office.BEFORE)
    office.fill_in("tay-an")
    edited_at(office, "tay-an", "2023-12-04T15:20")
    office.run("sync", now=LOOKED)
    told, before = guide_of(office, "tay-an"), versions(office)
    assert told["@state"] == "Đã xác nhận hoàn thành"
    office.run("sync", now=LATER)
    office.run("sync", now=LATER)
    assert guide_of(office, "tay-an") == told
    assert versions(office) == before


@on_both
def test_our_own_writing_is_no_edit_of_the_unit(office: Office) -> None:
    office.run("provision", now=office.BEFORE)
    if isinstance(office, GoogleOffice):
        office.now = datetime.fromisoformat("2023-12-04T15:20")
    office.fill_in("tay-an")
    edited_at(office, "tay-an", "2023-12-04T15:20")
    office.run("sync", now=LOOKED)
    office.run("sync", now=LATER)
    states = {unit["unit"]: unit for unit in office.run("status", now=LATER).json["data"]["units"]}
    edited = datetime.fromisoformat(states["tay-an"]["edited"]).replace(microsecond=0)
    assert edited == datetime.fromisoformat("2023-12-04T15:20:00+07:00")
    assert states["binh-hoa"]["edited"] is None


@on_both
def test_after_the_deadline_a_unit_reads_that_its_submission_has_arrived_or_is_overdue(office: Office) -> None:
    office.run("provision", now=office.BEFORE)
    for unit in ("tay-an", "phu-phong"):
        office.fill_in(unit)
    office.run("sync", now=OVER)
    assert guide_of(office, "tay-an")["@state"] == "Đã tiếp nhận lúc 08:00 ngày 11/12/2023, đúng hạn"
    overdue = "Đã quá thời hạn, chưa tiếp nhận được phiếu. Chưa nhập nội dung nào"
    assert guide_of(office, "binh-hoa")["@state"] == overdue
    assert "edited_after_deadline" not in office.run("sync", now=AGAIN).codes()


@on_both
def test_a_dry_run_tells_nobody_anything(office: Office) -> None:
    office.run("provision", now=office.BEFORE)
    office.fill_in("tay-an")
    before = versions(office)
    office.run("status", "--write", "--dry-run", now=LOOKED)
    assert versions(office) == before
    assert not (office.folder / "output").exists()


@on_both
def test_what_the_guide_says_outlives_another_deadline(office: Office) -> None:
    office.run("provision", now=office.BEFORE)
    office.fill_in("tay-an")
    office.run("sync", now=LOOKED)
    until = (datetime.fromisoformat("2023-12-10T17:00") + timedelta(days=2)).isoformat()
    office.run("extend", "tay-an", "--until", until, "--reason", "Công văn 41", now=LATER)
    office.run("sync", now=LATER)
    told = guide_of(office, "tay-an")
    assert told["@fact-1"] == "17:00 ngày 12/12/2023"
    assert told["@state"] == "Đã xác nhận hoàn thành"
