"""What people do to a shared spreadsheet in their browser, read over HTTP from a server that behaves like Google's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from google_server import GoogleServer
from google_server.clients import Browser
from google_server.person import Person, Refused
from played_sheets import new_sheet_requests

from cchc_sheets.layouts.workbook import Column, Input, Row, Sheet, Workbook
from cchc_sheets.reading import Cell, SheetReading
from cchc_sheets.workspace.found import reading_of
from cchc_sheets.workspace.google_batches import to_json
from cchc_sheets.workspace.google_reading import MASK, FoundSpreadsheet, found_spreadsheet
from cchc_sheets.workspace.google_requests import (
    closed,
    delete_sheet_request,
    digest_of,
    open_ranges,
    spreadsheet_properties_request,
    tabs_of,
    unprotected,
)

TITLE = "Tự chấm điểm"
REPORT = "https://drive.google.com/file/d/1x/view"
PLAN = "https://xa.gov.vn/ke-hoach"
OPEN = {"self_score": Input(number=True), "evidence": Input()}
SHEET = Sheet(
    key="form",
    title=TITLE,
    columns=(
        Column("code", "Mã", 8),
        Column("self_score", "Điểm tự chấm", 10, "number"),
        Column("evidence", "Tài liệu kiểm chứng", 40, "link"),
    ),
    banner=(),
    rows=tuple(Row(code, {"code": code}, "criterion", OPEN) for code in ("1.1", "1.2", "1.10")),
)
WORKBOOK = Workbook("units/phu-phong", "Phiếu của xã", "tay-son-2023", "phu-phong", (SHEET,))
STAMP = WORKBOOK.stamp(SHEET)


@dataclass(frozen=True)
class Desk:
    """A spreadsheet of the office, an officer of the commune who may write into it, and whoever reads it."""

    office: Browser
    file: str
    lan: Person
    owner: Person

    def found(self) -> FoundSpreadsheet:
        answer = self.office("GET", f"/v4/spreadsheets/{self.file}", params={"fields": MASK})
        assert answer.ok, answer.text
        return found_spreadsheet(json.loads(answer.content, parse_float=Decimal))

    def sheet(self) -> SheetReading:
        return reading_of(self.found().sheets, "", datetime(2023, 12, 10, tzinfo=UTC)).sheets[0]

    def cell(self, column: str, row: str = "1.1") -> Cell | None:
        return next(each for each in self.sheet().rows if each.key == row).cells.get(column)

    def change(self, *requests: object) -> None:
        json_type = {"Content-Type": "application/json; charset=UTF-8"}
        path = f"/v4/spreadsheets/{self.file}:batchUpdate"
        answer = self.office("POST", path, data=to_json({"requests": list(requests)}), headers=json_type)
        assert answer.ok, answer.text


@pytest.fixture
def desk() -> Iterator[Desk]:
    with GoogleServer() as server:
        office = Browser(server.url)
        file = office.new("Phiếu của xã")
        assert office.share(file, "lan@example.gov.vn").ok
        made = Desk(office, file, Person(server, "lan@example.gov.vn"), Person(server, "office@example.gov.vn"))
        made.change(
            spreadsheet_properties_request("Phiếu của xã", "Asia/Ho_Chi_Minh"),
            *new_sheet_requests(tabs_of(WORKBOOK)[0], STAMP),
            delete_sheet_request(0),
        )
        yield made
        office.close()
        assert server.violations == []


def test_a_spreadsheet_that_nobody_has_touched_reads_as_it_was_made(desk: Desk) -> None:
    spreadsheet = desk.found()
    tab = spreadsheet.tabs[0]
    assert (spreadsheet.title, spreadsheet.locale, spreadsheet.time_zone) == (
        "Phiếu của xã",
        "vi_VN",
        "Asia/Ho_Chi_Minh",
    )
    assert (tab.sheet.title, tab.sheet_id, tab.is_stamped) == (TITLE, 1001, True)
    assert tab.digest == digest_of(tabs_of(WORKBOOK)[0].sheet, STAMP)
    assert not spreadsheet.is_closed
    sheet = desk.sheet()
    assert (sheet.key, sheet.cycle, sheet.unit) == ("form", "tay-son-2023", "phu-phong")
    assert [(row.key, row.cells) for row in sheet.rows][1:] == [
        (code, {"code": Cell(code)}) for code in ("1.1", "1.2", "1.10")
    ]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0,5", Decimal("0.5")),
        ("1,1", Decimal("1.1")),
        ("0,30000000000000004", Decimal("0.30000000000000004")),
        ("12", Decimal(12)),
        ("0", Decimal(0)),
        ("1.250", Decimal(1250)),
    ],
)
def test_a_number_is_read_as_it_was_typed_in_vietnam(desk: Desk, typed: str, expected: Decimal) -> None:
    desk.lan.type(desk.file, TITLE, "C3", typed)
    assert desk.cell("self_score") == Cell(expected)


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("0,5", Cell(Decimal("0.5"))),
        ("0.5", Cell("0.5")),
        ("12,3%", Cell(Decimal("0.123"), percent=True)),
        ("1.5.2023", Cell(date(2023, 5, 1))),
        ("7:30", Cell(time(7, 30))),
        ("2 điểm", Cell("2 điểm")),
        ("'=1+1", Cell("=1+1")),
        ("=0,5+IF(B1>0;1;2)", Cell(formula="=0.5+IF(B1>0,1,2)")),
        ("=1+", Cell(formula="=1+")),
        (f'=HYPERLINK("{REPORT}";"Báo cáo")', Cell(formula=f'=HYPERLINK("{REPORT}","Báo cáo")', links=(REPORT,))),
        ("TRUE", Cell(value=True)),
        ("   ", None),
        ("", None),
    ],
)
def test_what_a_person_pastes_over_an_input_with_its_format_is_read_as_what_it_became(
    desk: Desk, pasted: str, expected: Cell | None
) -> None:
    desk.lan.paste(desk.file, TITLE, "C3", [[pasted]])
    assert desk.cell("self_score") == expected


def test_links_of_every_kind_that_a_browser_can_make_are_read(desk: Desk) -> None:
    here = (desk.file, TITLE, "D3")
    lan = desk.lan
    lan.type(*here, PLAN)
    assert desk.cell("evidence") == Cell(PLAN, links=(PLAN,))
    lan.type(*here, f"Kế hoạch {PLAN} và báo cáo {REPORT}.")
    assert desk.cell("evidence") == Cell(f"Kế hoạch {PLAN} và báo cáo {REPORT}.", links=(PLAN, REPORT))
    lan.link(*here, "Báo cáo số 12", REPORT)
    assert desk.cell("evidence") == Cell("Báo cáo số 12", links=(REPORT,))
    lan.links(*here, "👍🏽 báo cáo, kế hoạch", [(3, 10, REPORT), (12, 20, PLAN)])
    assert desk.cell("evidence") == Cell("👍🏽 báo cáo, kế hoạch", links=(REPORT, PLAN))
    as_text = f'=HYPERLINK("{REPORT}";"Báo cáo")'  # a cell whose format is text computes nothing
    lan.type(*here, as_text)
    assert desk.cell("evidence") == Cell(as_text, links=(REPORT,))
    lan.chip(*here, REPORT, "application/pdf", title="Báo cáo.pdf")
    assert desk.cell("evidence") == Cell("Báo cáo.pdf", links=(REPORT,))
    lan.people_chip(*here, "chu-tich@example.gov.vn")
    assert desk.cell("evidence") == Cell("chu-tich", links=("mailto:chu-tich@example.gov.vn",))
    lan.clear(*here)
    lan.link_cell(*here, PLAN)
    assert desk.cell("evidence") == Cell(links=(PLAN,))
    lan.note(*here, "Bản giấy gửi sau")
    assert desk.cell("evidence") == Cell(links=(PLAN,), note="Bản giấy gửi sau")


def test_entries_keep_their_keys_when_lines_are_inserted_moved_and_sorted(desk: Desk) -> None:
    desk.lan.type(desk.file, TITLE, "C3", "0,5")
    desk.lan.type(desk.file, TITLE, "C5", "2")
    desk.owner.insert_row(desk.file, TITLE, 4)
    desk.owner.insert_column(desk.file, TITLE, "C")
    desk.owner.type(desk.file, TITLE, "C4", "ghi chú")
    desk.owner.sort(desk.file, TITLE, "A3:E6", "D", falling=True)
    desk.owner.rename_tab(desk.file, TITLE, "Bảng điểm")
    desk.owner.add_tab(desk.file, "Nháp")
    sheet = desk.sheet()
    assert sheet.title == "Bảng điểm"
    assert sheet.columns == {"code": "B", "+C": "C", "self_score": "D", "evidence": "E"}
    scores = {row.key: row.cells["self_score"].value for row in sheet.rows[1:] if "self_score" in row.cells}
    assert scores == {"1.1": Decimal("0.5"), "1.10": Decimal(2)}
    assert [row.cells for row in sheet.rows if not row.key] == [{"+C": Cell("ghi chú")}]


def test_open_and_closed_are_read_as_the_browser_has_it(desk: Desk) -> None:
    cells = [(number, name) for number in range(1, 8) for name in "ABCDE"]

    def as_read() -> list[bool]:
        is_open = desk.found().tabs[0].sheet.is_open
        assert is_open is not None
        return [is_open(number, name) for number, name in cells]

    def in_browser() -> list[bool]:
        return [desk.lan.may_type(desk.file, TITLE, f"{name}{number}") for number, name in cells]

    assert as_read() == in_browser()
    assert sum(as_read()) == 6
    desk.change(closed(1001))
    assert as_read() == in_browser()
    assert not any(as_read())
    assert desk.found().is_closed
    with pytest.raises(Refused):
        desk.lan.type(desk.file, TITLE, "C3", "1")
    tab = tabs_of(WORKBOOK)[0]
    desk.change(unprotected(tab.sheet_id, open_ranges(tab)))
    assert sum(as_read()) == 6
    assert not desk.found().is_closed
