"""A small sheet with something of everything, played into our own Sheets server and read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from google_server.discovery import Discovery
from google_server.sheets_edit import Edit
from google_server.sheets_grid import Book
from google_server.sheets_grid import Tab as ServedTab
from google_server.sheets_requests import run

from cchc_sheets.layouts.workbook import Column, Formula, Input, Link, Row, Sheet
from cchc_sheets.reading import Cell
from cchc_sheets.workspace.google_batches import Request, to_json
from cchc_sheets.workspace.google_cell_reading import found_cell
from cchc_sheets.workspace.google_drawing import Carried
from cchc_sheets.workspace.google_requests import (
    Tab,
    begun_sheets,
    finished_sheets,
    spreadsheet_properties_request,
)
from cchc_sheets.workspace.placement import place

OFFICE, COMMUNE, DEPARTMENT = "office@example.gov.vn", "xa@example.gov.vn", "tu-phap@example.gov.vn"
STAMP = "cchc-sheets/1 form small-2023 an"
TODAY = date(2023, 12, 5)
URL, OTHER, THIRD = "https://a.vn/1", "https://b.vn/2", "https://c.vn/3"

SCORE = Input(
    choices=(Decimal("0.5"), Decimal(0)), prompt="Chọn mức: 0,5; 0.", refusal="Chỉ nhận một trong các mức: 0,5; 0."
)
FIGURE = Input(number=True, minimum=Decimal(0), maximum=Decimal("2.5"), refusal="Nhập số từ 0 đến 2,5.")
COLUMNS = (
    Column("code", "Mã", 8, "centre"),
    Column("title", "Tiêu chí", 30),
    Column("points", "Điểm", 10, "number"),
    Column("evidence", "Tài liệu", 40, "link"),
    Column("note", "Ghi chú", 20),
    Column("state", "Tình trạng", 16, "centre", {"Đủ": "good", "Thiếu": "bad"}),
    Column("checks", "Kiểm tra", 20, filled="attention"),
)
SHEET = Sheet(
    key="form",
    title="Tự chấm điểm",
    columns=COLUMNS,
    banner=(
        Row("@title", {"code": "PHIẾU TỰ CHẤM ĐIỂM"}, "title", spans=True),
        Row("@total", {"title": "Tổng", "points": Formula("=SUBTOTAL(9,{points@*})+0.5")}, "total"),
    ),
    rows=(
        Row("1", {"code": "1", "title": "Lĩnh vực"}, "field"),
        Row(
            "1.1",
            {"code": "1.1", "title": "Kế hoạch", "state": Formula('=IF({points}>0.5,"Đủ, tốt","Thiếu")')},
            "component",
            {"points": SCORE, "evidence": Input(prompt="Số, ngày."), "note": Input(length=500)},
        ),
        Row(
            "1.10",
            {"code": "1.10", "title": "=1+1", "evidence": Link("Báo cáo", URL)},
            "component",
            {"points": FIGURE, "note": Input(length=500)},
            lines=3,
        ),
        Row("1.2", {"code": "1.2", "title": "0912", "evidence": Link("Tệp", "file:///etc/passwd")}),
    ),
    filter=True,
    identity=("code",),
)
TAB = Tab(SHEET, 1001, 0)


def new_sheet_requests(tab: Tab, stamp: str, carried: Carried | None = None) -> list[Request]:
    """Return everything that makes one sheet whole."""
    return new_sheets_requests([(tab, stamp)], carried)


def new_sheets_requests(
    stamped: Sequence[tuple[Tab, str]], carried: Carried | None = None, without: Sequence[int] = ()
) -> list[Request]:
    """Return everything that makes these sheets whole and takes others away, e.g. the one of a new spreadsheet."""
    return [*begun_sheets([tab for tab, _ in stamped], carried, without), *finished_sheets(stamped, without)]


def served() -> Book:
    """A spreadsheet as Google makes it: one sheet, whose id is 0."""
    book = Book("id", "Untitled", tabs=[ServedTab(0, "Sheet1")])
    play(book, [spreadsheet_properties_request("Phiếu", "Asia/Ho_Chi_Minh")])
    return book


def play(book: Book, requests: Sequence[Request], user: str = OFFICE) -> None:
    """Do the requests as the server would, after Google's discovery document has judged them."""
    body = json.loads(to_json({"requests": requests}))
    method, _ = Discovery().find("POST", "/v4/spreadsheets/id:batchUpdate")
    assert method is not None
    Discovery().check_request(method, {}, body)
    run(Edit(book, user, OFFICE, TODAY), body["requests"])


def made(*tabs: Tab, carried: dict[tuple[str, str, str], Cell] | None = None) -> Book:
    """A spreadsheet in which these sheets were made."""
    book = served()
    play(book, new_sheets_requests([(tab, STAMP) for tab in tabs], carried, without=[0]))
    return book


def data(tab: ServedTab, row: int, column: int) -> Any:
    """One cell as Google would describe it."""
    cell = tab.cell(row, column)
    return json.loads(
        json.dumps(
            {
                "userEnteredValue": cell.value or {},
                "userEnteredFormat": cell.format or {},
                "note": cell.note,
                "textFormatRuns": list(cell.runs),
            }
        ),
        parse_float=Decimal,
    )


def read(tab: ServedTab, sheet: Sheet) -> dict[tuple[str, str], Cell]:
    """Every cell of a made sheet by its keys."""
    placement = place(sheet)
    found = {
        (line.key, column): found_cell(data(tab, line.number - 1, number), "vi_VN")
        for line in placement.lines
        for number, column in enumerate(placement.columns, start=1)
    }
    return {keys: cell for keys, cell in found.items() if cell is not None}


def kinds(requests: Iterable[Request]) -> list[str]:
    return [next(iter(request)) for request in requests]


def of_kind(requests: Iterable[Request], kind: str) -> list[dict[str, Any]]:
    return [request[kind] for request in requests if kind in request]


def rule_of(tab: ServedTab, row: int, column: int) -> dict[str, Any]:
    return tab.cell(row, column).validation or {}
