"""People at their browsers: what each of them may do on Google, and what the office sees of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google_office import (
    ADJUSTMENTS,
    APPRAISERS,
    COLLEAGUE,
    COMMUNES,
    LEADER,
    NOI_VU,
    REPORT,
    SUMMARY,
    TU_PHAP,
    UNIT,
    GoogleHand,
    GoogleOffice,
    on_google,
)
from google_server.clients import Browser
from google_server.person import Person, Refused
from openpyxl.utils import get_column_letter

pytestmark = on_google

YELLOW = {
    ("1.1", "self_score"),
    ("1.10", "numerator"),
    ("1.10", "denominator"),
    ("1.10", "not_occurred"),
    ("1.10", "self_score"),
    ("2.1", "numerator"),
    ("2.1", "self_score"),
    ("2.2", "not_occurred"),
    ("2.2", "self_score"),
    *((code, column) for code in ("1.1", "1.10", "2.1", "2.2") for column in ("evidence", "note")),
}


def open_cells(hand: GoogleHand, key: str, person: Person) -> set[tuple[str, str]]:
    """Return the cells of a sheet that are open to a person, by the keys of row and column."""
    tab = hand.tab(key)
    rows = {hand.row(key, row): row for row in hand.row_keys(key)}
    found: set[tuple[str, str]] = set()
    for row in range(1, tab.rows + 1):
        for column in range(1, tab.columns + 1):
            if person.may_type(hand.file_id, tab.title, f"{get_column_letter(column)}{row}"):
                key = (tab.cell(0, column - 1).value or {}).get("stringValue", get_column_letter(column))
                found.add((rows.get(row, str(row)), key))
    return found


def test_a_commune_opens_its_own_workbook_and_no_other(collected: GoogleOffice) -> None:
    collected.run("appraise")
    for unit, address in COMMUNES.items():
        person = collected.person(address)
        opened = []
        for key in (*(f"units/{other}" for other in COMMUNES), "appraisal"):
            try:
                opened += [key] if person.open(collected.drive_file(key).id) else []
            except Refused:
                continue
        assert opened == [f"units/{unit}"]


def test_a_commune_types_into_the_yellow_cells_and_nowhere_else(provisioned: GoogleOffice) -> None:
    hand, person = provisioned.edit("tay-an"), provisioned.person(COMMUNES["tay-an"])
    assert open_cells(hand, UNIT, person) == YELLOW
    rows = ("strengths", "weaknesses", "causes", "proposals", "reporter", "phone", "confirmed")
    assert open_cells(hand, REPORT, person) == {(row, "value") for row in rows}
    guide = next(title for title in person.open(hand.file_id) if title not in {hand.title(UNIT), hand.title(REPORT)})
    for address in ("A1", "B2", "B3", "C5"):
        assert not person.may_type(hand.file_id, guide, address)
        with pytest.raises(Refused):
            person.type(hand.file_id, guide, address, "x")


KEYS = {"sheetId": 1002, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
Deed = Callable[[Person, str, str], None]


@pytest.mark.parametrize("commune", [COMMUNES["tay-an"], APPRAISERS[NOI_VU]])
@pytest.mark.parametrize(
    "deed",
    [
        lambda person, file, tab: person.insert_row(file, tab, 9),
        lambda person, file, tab: person.delete_row(file, tab, 9),
        lambda person, file, tab: person.insert_column(file, tab, "H"),
        lambda person, file, tab: person.delete_column(file, tab, "H"),
        lambda person, file, tab: person.move_row(file, tab, 9, 12),
        lambda person, file, tab: person.sort(file, tab, "A9:K16", "C"),
        lambda person, file, tab: person.rename_tab(file, tab, "Bảng của xã"),
        lambda person, file, tab: person.delete_tab(file, tab),
        lambda person, file, tab: person.type(file, tab, "A1", "x"),
        lambda person, file, tab: person.paste(file, tab, "B9", [["x"] * 9]),
        lambda person, file, tab: person.clear(file, tab, "A1:K12"),
    ],
    ids=["insert", "delete", "column", "no column", "drag", "sort", "rename", "drop", "stamp", "paste", "clear"],
)
def test_nobody_but_the_office_changes_the_form_of_a_sheet(collected: GoogleOffice, deed: Deed, commune: str) -> None:
    collected.run("appraise")
    if commune in COMMUNES.values():
        collected.run("extend", "tay-an", "--until", "2023-12-14", "--reason", "CV 41")
        hand, key = collected.edit("tay-an"), UNIT
    else:
        hand, key = collected.edit_review(), NOI_VU
    before = hand.tab(key)
    with pytest.raises(Refused):
        deed(collected.person(commune), hand.file_id, before.title)
    assert hand.tab(key) == before


@pytest.mark.parametrize(
    "request_",
    [
        {"updateSheetProperties": {"properties": {"sheetId": 1002, "hidden": True}, "fields": "hidden"}},
        {"deleteProtectedRange": {"protectedRangeId": 1002}},
        {"updateProtectedRange": {"protectedRange": {"protectedRangeId": 1002, "warningOnly": True}, "fields": "*"}},
        {"updateDimensionProperties": {"range": KEYS, "properties": {"hiddenByUser": False}, "fields": "hiddenByUser"}},
    ],
    ids=["hide", "no protection", "only a warning", "show the keys"],
)
def test_a_commune_that_can_program_gets_no_further(collected: GoogleOffice, request_: dict[str, Any]) -> None:
    hand = collected.edit("tay-an")
    before = hand.tab(UNIT)
    browser = Browser(collected.server.url, COMMUNES["tay-an"])
    answer = browser("POST", f"/v4/spreadsheets/{hand.file_id}:batchUpdate", json={"requests": [request_]})
    assert answer.status_code in {400, 403}, answer.text
    assert not browser.share(hand.file_id, COMMUNES["binh-hoa"]).ok
    browser.close()
    assert hand.tab(UNIT) == before
    with pytest.raises(Refused):
        collected.person(COMMUNES["binh-hoa"]).open(hand.file_id)


def test_after_the_deadline_a_commune_changes_nothing_at_all(collected: GoogleOffice) -> None:
    for unit in COMMUNES:
        hand, person = collected.edit(unit), collected.person(COMMUNES[unit])
        assert open_cells(hand, UNIT, person) | open_cells(hand, REPORT, person) == set()
        with pytest.raises(Refused, match="protected"):
            hand.type(UNIT, "1.1", self_score=1)
        with pytest.raises(Refused, match="protected"):
            hand.type(REPORT, "confirmed", value="")


def test_extending_opens_one_commune_only(collected: GoogleOffice) -> None:
    run = collected.run("extend", "Bình Hoà", "--until", "2023-12-14T17:00", "--reason", "Công văn số 41/UBND")
    assert run.exit_code == 0, run.out
    opened = {
        unit: open_cells(collected.edit(unit), UNIT, collected.person(address)) for unit, address in COMMUNES.items()
    }
    assert opened == {"tay-an": set(), "binh-hoa": YELLOW, "phu-phong": set()}
    guide = collected.edit("binh-hoa").tab("guide")
    shown = [str(cell.value) for cells in guide.cells.values() for cell in cells.values()]
    assert any("17:00 ngày 14/12/2023" in text for text in shown)
    with collected.edit("binh-hoa") as hand:
        hand.type(UNIT, "2.2", self_score=2)
    during = collected.run("collect", now="2023-12-13T08:00")
    assert [unit["action"] for unit in during.json["data"]["units"]] == ["kept", "open", "kept"]
    after = collected.run("collect", now="2023-12-14T17:00")
    assert [unit["self_points"] for unit in after.json["data"]["units"]] == ["5.25", "6", "5.25"]
    with pytest.raises(Refused):
        collected.edit("binh-hoa").type(UNIT, "2.2", self_score=1)


@pytest.mark.parametrize(
    ("row", "column", "typed"),
    [
        ("1.1", "self_score", "1,5"),
        ("1.1", "self_score", "3"),
        ("1.1", "self_score", "hai"),
        ("1.10", "self_score", "2,5"),
        ("1.10", "self_score", "-1"),
        ("1.10", "not_occurred", "Có"),
        ("1.10", "numerator", "mười"),
    ],
)
def test_what_the_drop_down_does_not_offer_is_refused_at_the_keyboard(
    provisioned: GoogleOffice, row: str, column: str, typed: str
) -> None:
    hand = provisioned.edit("tay-an")
    with pytest.raises(Refused) as told:
        hand.type(UNIT, row, **{column: typed})
    assert str(told.value).endswith(".")
    assert hand.value(UNIT, row, column) is None


def test_a_department_types_only_into_its_own_sheet(collected: GoogleOffice) -> None:
    collected.run("appraise")
    hand = collected.edit_review()
    own = {
        NOI_VU: {(f"{unit}/{code}", column) for unit in COMMUNES for code in ("1.1", "1.10") for column in INPUTS},
        TU_PHAP: {(f"{unit}/{code}", column) for unit in COMMUNES for code in ("2.1", "2.2") for column in INPUTS},
    }
    for address, key in ((APPRAISERS[NOI_VU], NOI_VU), (COLLEAGUE, NOI_VU), (APPRAISERS[TU_PHAP], TU_PHAP)):
        person = collected.person(address)
        assert open_cells(hand, key, person) == own[key]
        other = TU_PHAP if key == NOI_VU else NOI_VU
        assert open_cells(hand, other, person) == set()
        assert open_cells(hand, SUMMARY, person) == set()
    items = {(f"{unit}/{code}", column) for unit in COMMUNES for code in ("C.1", "T.1") for column in ADJUSTED}
    assert open_cells(hand, ADJUSTMENTS, collected.person(APPRAISERS[NOI_VU])) == items
    assert open_cells(hand, ADJUSTMENTS, collected.person(APPRAISERS[TU_PHAP])) == set()


INPUTS = ("verdict", "appraised_points", "remark")
ADJUSTED = ("count", "points", "remark")


def test_a_leader_reads_the_review_workbook_and_writes_nothing(collected: GoogleOffice) -> None:
    collected.run("appraise")
    hand, leader = collected.edit_review(), collected.person(LEADER)
    for key in (SUMMARY, NOI_VU, TU_PHAP, ADJUSTMENTS):
        assert hand.title(key) in leader.open(hand.file_id)
        assert open_cells(hand, key, leader) == set()
    file, tab, cell = hand.at(NOI_VU, "tay-an/1.1", "verdict")
    with pytest.raises(Refused):
        leader.type(file, tab, cell, "Đồng ý")
    for unit in COMMUNES:
        with pytest.raises(Refused):
            leader.open(collected.id(unit))


def test_a_department_without_an_address_leaves_its_sheet_to_the_office(collected: GoogleOffice) -> None:
    rewrite(collected, "cycle.yaml", (f", email: {APPRAISERS[TU_PHAP]}", ""))
    collected.run("appraise")
    hand = collected.edit_review()
    assert open_cells(hand, TU_PHAP, collected.person(APPRAISERS[NOI_VU])) == set()
    assert open_cells(hand, TU_PHAP, collected.person()) != set()


def test_a_new_appraiser_takes_over_the_sheet_and_the_old_one_may_only_look(appraised: GoogleOffice) -> None:
    new = "moi@thu.example.gov.vn"
    rewrite(appraised, "cycle.yaml", (APPRAISERS[TU_PHAP], new))
    assert appraised.run("appraise").json["data"]["settled"] == 12
    assert appraised.run("share", "--check").problem("access_unknown")["row"] == APPRAISERS[TU_PHAP]
    hand = appraised.edit_review()
    assert open_cells(hand, TU_PHAP, appraised.person(new)) != set()
    assert open_cells(hand, TU_PHAP, appraised.person(APPRAISERS[TU_PHAP])) == set()
    assert open_cells(hand, NOI_VU, appraised.person(new)) == set()
    assert appraised.run("share", "--mend").exit_code == 0
    with pytest.raises(Refused):
        appraised.person(APPRAISERS[TU_PHAP]).open(hand.file_id)


def test_a_new_address_of_a_commune_opens_its_workbook(filled: GoogleOffice) -> None:
    new = "motcua@thu.example.gov.vn"
    rewrite(filled, "units.csv", (COMMUNES["tay-an"], f"{COMMUNES['tay-an']};{new}"))
    filled.run("sync", now=filled.BEFORE)
    hand = filled.edit("tay-an")
    assert open_cells(hand, UNIT, filled.person(new)) == YELLOW
    assert open_cells(hand, UNIT, filled.person(COMMUNES["tay-an"])) == YELLOW


def rewrite(office: GoogleOffice, name: str, change: tuple[str, str]) -> None:
    file = office.folder / name
    content = file.read_text(encoding="utf-8")
    assert change[0] in content
    file.write_text(content.replace(*change), encoding="utf-8")
