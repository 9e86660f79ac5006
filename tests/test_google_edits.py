"""What people do to spreadsheets between two commands, and while one runs: told or mended, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google_office import COMMUNES, NOI_VU, REPORT, TU_PHAP, UNIT, GoogleOffice, on_google
from google_server.clients import OFFICE
from google_server.faults import Fault
from google_server.log import Record
from google_server.person import Refused
from office import Run

pytestmark = on_google

PLAN, FILE = "https://xa.example.gov.vn/ke-hoach", "https://drive.google.com/file/d/1x/view"


def points(run: Run, unit: str = "tay-an") -> str:
    found: str = next(u for u in run.json["data"]["units"] if u["unit"] == unit)["self_points"]
    return found


def collect(office: GoogleOffice, now: str = GoogleOffice.AFTER) -> Run:
    return office.run("collect", now=now)


def test_links_of_every_kind_reach_the_appraisers_and_open_there(filled: GoogleOffice) -> None:
    with filled.edit("tay-an") as hand:
        lan = hand.person(UNIT)
        lan.type(*hand.at(UNIT, "1.1", "evidence"), f"Kế hoạch {PLAN}")
        lan.link(*hand.at(UNIT, "1.10", "evidence"), "Báo cáo số 12", FILE)
        lan.chip(*hand.at(UNIT, "2.1", "evidence"), FILE, "application/pdf", title="Báo cáo.pdf")
        lan.link_cell(*hand.at(UNIT, "2.2", "evidence"), FILE)
    with filled.edit("binh-hoa") as hand:
        lan = hand.person(UNIT)
        lan.links(*hand.at(UNIT, "1.1", "evidence"), "👍 báo cáo, kế hoạch", [(2, 9, FILE), (11, 19, PLAN)])
        lan.paste(*hand.at(UNIT, "1.10", "evidence"), [[f'=HYPERLINK("{FILE}";"Báo cáo")']])
        lan.type(*hand.at(UNIT, "2.1", "evidence"), f'=HYPERLINK("{FILE}";"Báo cáo")')
        lan.people_chip(*hand.at(UNIT, "2.2", "evidence"), "chu-tich@example.gov.vn")
    assert collect(filled).exit_code in {0, 3}
    filled.run("appraise")
    hand = filled.edit_review()
    shown = {
        f"{unit}/{code}": hand.links(NOI_VU if code.startswith("1") else TU_PHAP, f"{unit}/{code}", "evidence")
        for unit in ("tay-an", "binh-hoa")
        for code in ("1.1", "1.10", "2.1", "2.2")
    }
    assert {place: links[:1] for place, links in shown.items()} == {
        "tay-an/1.1": [PLAN],
        "tay-an/1.10": [FILE],
        "tay-an/2.1": [FILE],
        "tay-an/2.2": [FILE],
        "binh-hoa/1.1": [FILE],
        "binh-hoa/1.10": [FILE],
        "binh-hoa/2.1": [FILE],
        "binh-hoa/2.2": ["mailto:chu-tich@example.gov.vn"],
    }
    assert PLAN in hand.value(NOI_VU, "binh-hoa/1.1", "evidence")  # further addresses stand below the first
    assert all(hand.value(NOI_VU, f"{unit}/1.1", "evidence") for unit in ("tay-an", "binh-hoa"))


@pytest.mark.parametrize(
    ("pasted", "code", "said"),
    [
        ("3", "above_max", "3 điểm"),
        ("1,5", "off_step", "1,5 điểm"),
        ("-1", "negative", "-1"),
        ("hai điểm", "not_a_number", "«hai điểm»"),
        ("50%", "percent", "50"),
        ("1.000", "above_max", "1000 điểm"),
        ("1.5", "date", "01/05/2023"),
        ("=1+1", "formula", "=1+1"),
        ("TRUE", "not_a_number", "«TRUE»"),
    ],
)
def test_what_was_pasted_past_the_rules_is_named_with_its_cell_and_counts_as_none(
    filled: GoogleOffice, pasted: str, code: str, said: str
) -> None:
    hand = filled.edit("tay-an")
    hand.paste(UNIT, "1.1", self_score=pasted)
    run = collect(filled)
    problem = run.problem(code)
    assert (problem["unit"], problem["sheet"], problem["row"], problem["column"]) == (
        "tay-an",
        UNIT,
        "1.1",
        "self_score",
    )
    assert f"«Tự chấm điểm» {hand.at(UNIT, '1.1', 'self_score')[2]}" in problem["what"]
    assert said in problem["what"]
    assert points(run) == "3.25"


def test_what_was_typed_between_the_deadline_and_the_closing_is_told_cell_by_cell(filled: GoogleOffice) -> None:
    filled.run("sync", now="2023-12-10T16:00")
    filled.now = filled.now.replace(hour=20)
    with filled.edit("tay-an") as hand:
        hand.type(UNIT, "1.1", self_score=1)
    run = collect(filled)
    problem = run.problem("modified_after_deadline")
    assert (problem["unit"], problem["severity"]) == ("tay-an", "warning")
    assert "từ «2» thành «1»" in problem["what"]
    assert "16:00 ngày 10/12/2023" in problem["what"]
    assert points(run) == "4.25"


def test_a_commune_whose_protection_was_removed_is_told_of_when_it_types(collected: GoogleOffice) -> None:
    unprotect(collected, "tay-an")
    with collected.edit("tay-an") as hand:
        hand.type(UNIT, "1.1", self_score=1)
        hand.type(REPORT, "strengths", value="Thêm sau hạn")
    run = collect(collected, "2023-12-12T08:00")
    problem = run.problem("edited_after_deadline")
    assert problem["unit"] == "tay-an"
    assert "từ «2» thành «1»" in problem["what"]
    assert "Thêm sau hạn" in problem["what"]
    assert points(run) == "5.25"
    again = collect(collected, "2023-12-13T08:00")
    assert again.problem("edited_after_deadline")["what"] == problem["what"]


def unprotect(office: GoogleOffice, unit: str) -> None:
    """Let the office take every protection of a commune's spreadsheet away, as in the menu «Data»."""
    file = office.id(unit)
    with office.server.world.lock, office.server.sheets.writing(file, OFFICE) as edit:
        for tab in list(edit.book.tabs):
            edit.book.writable(tab.id).protections.clear()


def test_a_removed_protection_is_put_back_before_the_deadline(filled: GoogleOffice) -> None:
    unprotect(filled, "tay-an")
    run = filled.run("provision", now=filled.BEFORE)
    assert [unit["action"] for unit in run.json["data"]["units"]] == ["repaired", "kept", "kept"]
    hand = filled.edit("tay-an")
    with pytest.raises(Refused):
        hand.person(UNIT).type(*hand.at(UNIT, "1.1", "max_points"), "5")
    hand.type(UNIT, "1.1", self_score=1)
    assert points(collect(filled)) == "4.25"


def test_a_workbook_without_its_protection_is_closed_at_the_deadline_all_the_same(filled: GoogleOffice) -> None:
    unprotect(filled, "tay-an")
    run = collect(filled)
    assert (run.exit_code, points(run)) == (0, "5.25")
    with pytest.raises(Refused):
        filled.edit("tay-an").type(UNIT, "1.1", self_score=1)


def test_a_copy_that_a_commune_makes_is_told_of_and_never_read(filled: GoogleOffice) -> None:
    copy = filled.copy("tay-an", COMMUNES["tay-an"])
    original = filled.id("tay-an")
    person = filled.person(COMMUNES["tay-an"])
    file, tab, cell = filled.edit("tay-an").at(UNIT, "1.1", "self_score")
    assert file == original
    person.type(copy.id, tab, cell, "1")
    assert copy.id in filled.run("provision", now="2023-12-01T09:00").problem("copy")["what"]
    filled.server.reset_log()
    run = collect(filled)
    told = run.problem("copy")
    assert (told["unit"], told["severity"]) == ("tay-an", "warning")
    place = f"https://docs.google.com/spreadsheets/d/{copy.id}/edit"
    assert told["what"] == f"{place} là bản sao của units/tay-an; nội dung trong đó không được tính"
    assert points(run) == "5.25"
    assert not [record for record in filled.server.log if copy.id in record.path]


def test_a_copy_never_takes_the_place_of_an_original_in_the_trash(filled: GoogleOffice) -> None:
    copy = filled.copy("tay-an", COMMUNES["tay-an"])
    filled.trash("units/tay-an")
    filled.server.reset_log()
    run = collect(filled)
    assert run.problem("missing")["unit"] == "tay-an"
    assert points(run) == "0"
    assert not [record for record in filled.server.log if copy.id in record.path]
    assert filled.run("provision", now="2023-12-11T09:00").problem("copy")["unit"] == "tay-an"


def test_a_workbook_trashed_before_the_deadline_is_made_anew_and_that_is_told(filled: GoogleOffice) -> None:
    filled.run("sync", now=filled.BEFORE)
    old = filled.drive_file("units/tay-an")
    filled.trash("units/tay-an")
    run = filled.run("provision", now="2023-12-02T08:00")
    assert [unit["action"] for unit in run.json["data"]["units"]] == ["created", "kept", "kept"]
    told = run.problem("made_again")
    assert (told["unit"], told["severity"]) == ("tay-an", "warning")
    assert told["what"] == "bảng tính của Xã Tây An không còn và đã được tạo lại, để trống"
    assert filled.id("tay-an") != old.id
    filled.fill_in("tay-an")  # its people have access to the new one


def test_a_workbook_trashed_after_it_was_collected_changes_no_number(collected: GoogleOffice) -> None:
    collected.trash("units/tay-an")
    run = collect(collected, "2023-12-12T08:00")
    assert [unit["self_points"] for unit in run.json["data"]["units"]] == ["5.25"] * 3
    assert collected.run("appraise", now="2023-12-12T09:00").exit_code == 0


def test_a_tab_that_somebody_copied_is_told_of_and_never_counts(filled: GoogleOffice) -> None:
    hand, person = filled.edit("tay-an"), filled.person(COMMUNES["tay-an"])
    file, tab, cell = hand.at(UNIT, "1.1", "self_score")
    person.copy_tab(file, tab, "Bản nháp")
    person.type(file, "Bản nháp", cell, "0")
    told = filled.run("status", now=filled.BEFORE).problem("tab_copied")["what"]
    assert told == "«Bản nháp» là bản sao của một trang trong bảng tính; nội dung trong đó không được tính"
    run = collect(filled)
    assert points(run) == "5.25"
    assert run.problem("tab_copied")["severity"] == "warning"
    person.type(file, "Bản nháp", cell, "1")  # nobody can close it to the commune, and nobody has to
    later = collect(filled, "2023-12-12T08:00")
    assert points(later) == "5.25"
    assert "edited_after_deadline" not in later.codes()


def test_a_copied_tab_survives_a_renewal_and_changes_nothing_in_the_new_sheet(filled: GoogleOffice) -> None:
    hand, person = filled.edit("tay-an"), filled.person(COMMUNES["tay-an"])
    file, tab, cell = hand.at(UNIT, "1.1", "self_score")
    person.copy_tab(file, tab, "Bản nháp")
    person.type(file, "Bản nháp", cell, "0")
    person.add_tab(file, "Tính toán")
    person.type(file, "Tính toán", "B2", "12")
    hand.delete_row(UNIT, "2.1")
    run = filled.run("provision", now=filled.BEFORE)
    assert [problem["code"] for problem in run.problems] == ["row_added"]
    assert {"Bản nháp", "Tính toán"} <= set(person.open(file))
    assert person.read(file, "Tính toán", "B2") == "12"
    assert points(collect(filled)) == "4.75"


def test_a_department_that_copies_its_sheet_loses_no_verdict(appraised: GoogleOffice) -> None:
    review = appraised.edit_review()
    person = review.person(TU_PHAP)
    person.copy_tab(review.file_id, review.title(TU_PHAP), "Bản nháp")
    person.type(review.file_id, "Bản nháp", review.at(TU_PHAP, "tay-an/2.2", "verdict")[2], "Điều chỉnh")
    for told in (["tab_copied"], []):
        run = appraised.run("appraise")
        assert run.json["data"]["settled"] == 12
        assert run.codes() == told


Damage = Callable[[GoogleOffice], Any]


def no_stamp(office: GoogleOffice) -> None:
    hand = office.edit_past_locks("tay-an")
    hand.person(UNIT).clear(hand.file_id, hand.title(UNIT), "A1")


def no_column(office: GoogleOffice) -> None:
    hand = office.edit_past_locks("tay-an")
    hand.person(UNIT).delete_column(hand.file_id, hand.title(UNIT), "J")


def no_row(office: GoogleOffice) -> None:
    office.edit("tay-an").delete_row(UNIT, "2.1")


def no_tab(office: GoogleOffice) -> None:
    hand = office.edit_past_locks("tay-an")
    hand.person(REPORT).delete_tab(hand.file_id, hand.title(REPORT))


def sorted_rows(office: GoogleOffice) -> None:
    office.edit("tay-an").swap(UNIT, "2.1", "2.2")


def row_twice(office: GoogleOffice) -> None:
    hand = office.edit_past_locks("tay-an")
    tab, row = hand.tab(UNIT), hand.row(UNIT, "2.2")
    hand.person(UNIT).insert_row(hand.file_id, tab.title, row)
    hand.person(UNIT).type(hand.file_id, tab.title, f"A{row}", "'2.2")
    hand.person(UNIT).type(hand.file_id, tab.title, f"I{row}", "2")


@pytest.mark.parametrize(
    ("damage", "code", "mended", "at_last"),
    [
        (no_stamp, "sheet_missing", "unreadable", "0"),
        (no_column, "column_missing", "repaired", "5.25"),
        (no_row, "row_missing", "repaired", "4.75"),
        (no_tab, "sheet_missing", "repaired", "5.25"),
        (sorted_rows, "row_mixed_up", "kept", "3.5"),
        (row_twice, "row_twice", "kept", "4"),
    ],
)
def test_a_damaged_workbook_is_told_and_mended_or_left_as_it_is(
    filled: GoogleOffice, damage: Damage, code: str, mended: str, at_last: str
) -> None:
    damage(filled)
    assert code in filled.run("collect", "--preview", now=filled.BEFORE).codes()
    version = filled.drive_file("units/tay-an").version
    run = filled.run("provision", now=filled.BEFORE)
    assert [unit["action"] for unit in run.json["data"]["units"]] == [mended, "kept", "kept"]
    if mended == "unreadable":
        told = run.problem("ambiguous")
        assert told["unit"] == "tay-an"
        assert "trang «Tự chấm điểm» đã mất mã ẩn ở ô A1" in told["what"]
    if mended != "repaired":
        assert filled.drive_file("units/tay-an").version == version
    run = collect(filled)
    assert points(run) == at_last
    assert [points(run, unit) for unit in ("binh-hoa", "phu-phong")] == ["5.25", "5.25"]


def during(office: GoogleOffice, operation: str, deed: Callable[[], object], *, after: int = 0) -> None:
    """Let somebody do something at the moment in which a request of this operation arrives."""

    def arrives(record: Record) -> bool:
        if record.operation == operation and "appraisal" in office_roles(office, record):
            deed()
            return True
        return False

    office.server.fail(arrives, Fault.slow(0), after=after)


def office_roles(office: GoogleOffice, record: Record) -> str:
    return next((f.properties.get("role", "") for f in office.server.world.files.values() if f.id in record.path), "")


@pytest.mark.parametrize("operation", ["sheets.spreadsheets.get", "sheets.spreadsheets.batchUpdate"])
@pytest.mark.parametrize("change", ["self_score", "title", "row"])
def test_what_appraisers_type_while_the_office_lays_out_is_not_lost(
    appraised: GoogleOffice, operation: str, change: str
) -> None:
    review = appraised.edit_review()
    if change == "self_score":
        appraised.run("extend", "tay-an", "--until", "2023-12-14T17:00", "--reason", "CV 41")
        appraised.edit("tay-an").type(UNIT, "2.2", self_score=2)
        collect(appraised, "2023-12-14T17:00")
    elif change == "title":
        file = appraised.folder / "criteria.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace("Số mô hình", "Số mô hình mới"), encoding="utf-8")
    else:
        review.delete_row(NOI_VU, "binh-hoa/1.1")
    done: list[str] = []

    def two_people_type() -> None:
        if not done:
            done.append("tried")
            review.type(NOI_VU, "tay-an/1.1", verdict="Điều chỉnh", appraised_points=1, remark="Thiếu văn bản")
            review.type(TU_PHAP, "phu-phong/2.1", remark="Đã xem")
            done.append("typed")

    during(appraised, operation, two_people_type)
    appraised.run("appraise", now="2023-12-15T08:00")
    appraised.server.heal()
    assert done[-1] == "typed"
    for _ in range(2):
        appraised.run("appraise", now="2023-12-15T09:00")
    assert review.value(NOI_VU, "tay-an/1.1", "verdict") == "Điều chỉnh"
    assert review.value(NOI_VU, "tay-an/1.1", "remark") == "Thiếu văn bản"
    assert review.value(TU_PHAP, "phu-phong/2.1", "remark") == "Đã xem"
    assert review.value(NOI_VU, "binh-hoa/1.1", "verdict") == "Đồng ý"
    units = appraised.run("results", now="2023-12-15T10:00").json["data"]["units"]
    expected = {"self_score": "5", "title": "4.25", "row": "4.25"}
    assert units[0]["appraisal_points"] == expected[change]


def test_communes_may_type_while_provision_renews_their_workbook(filled: GoogleOffice) -> None:
    file = filled.folder / "cycle.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace('"0256"', '"0257"'), encoding="utf-8")
    hand = filled.edit("tay-an")
    typed: list[str] = []

    def arrives(record: Record) -> bool:
        if record.operation == "sheets.spreadsheets.batchUpdate" and hand.file_id in record.path and not typed:
            hand.type(UNIT, "1.1", self_score=1)
            typed.append("1")
        return False

    filled.server.fail(arrives, Fault.slow(0))
    filled.run("provision", now=filled.BEFORE)
    assert typed
    assert hand.value(UNIT, "1.1", "self_score") == 1
    filled.server.heal()
    assert points(collect(filled)) == "4.25"


def test_what_changes_between_closing_and_reading_is_read_once_more(filled: GoogleOffice) -> None:
    first, last = filled.edit_past_locks("tay-an"), filled.id("phu-phong")

    def arrives(record: Record) -> bool:
        if record.operation == "sheets.spreadsheets.get" and last in record.path:
            first.type(UNIT, "1.1", self_score=1)
        return False

    filled.server.fail(arrives, Fault.slow(0))
    run = collect(filled)
    filled.server.heal()
    assert [unit["action"] for unit in run.json["data"]["units"]] == ["collected"] * 3
    assert points(run) == "4.25"
    assert collect(filled, "2023-12-12T08:00").codes() == []
