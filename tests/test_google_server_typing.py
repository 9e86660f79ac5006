"""The server that stands for Google in our tests: what people type, paste and link, and the values API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import gspread
import pytest
from google_server import GoogleServer
from google_server.clients import Browser, account_credentials, gspread_client
from google_server.errors import GoogleError
from google_server.person import Person, Refused
from google_server.sheets_locale import LOCALES, typed
from google_server.sheets_numbers import shown
from google_sheets_book import COMMUNE, OFFICE, Book, area, text
from gspread.utils import ValidationConditionType

TODAY = date(2023, 12, 5)
FIRST_OF_MAY = 45047
TENTH_OF_DECEMBER = 45270


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.mark.parametrize(
    ("locale", "entered", "value", "kind"),
    [
        ("vi_VN", "0,5", 0.5, ""),
        ("vi_VN", "1.250", 1250, "NUMBER"),
        ("vi_VN", "1.250,75", 1250.75, "NUMBER"),
        ("vi_VN", "-3", -3, ""),
        ("vi_VN", " 2 ", 2, ""),
        ("vi_VN", "1.5", FIRST_OF_MAY, "DATE"),
        ("vi_VN", "0.5", "0.5", ""),
        ("vi_VN", "1.25", "1.25", ""),
        ("vi_VN", "12.345.6", "12.345.6", ""),
        ("vi_VN", "12%", 0.12, "PERCENT"),
        ("vi_VN", "12,3%", 0.123, "PERCENT"),
        ("vi_VN", "10/12/2023", TENTH_OF_DECEMBER, "DATE"),
        ("vi_VN", "10-12-2023", TENTH_OF_DECEMBER, "DATE"),
        ("vi_VN", "2023-12-10", TENTH_OF_DECEMBER, "DATE"),
        ("vi_VN", "31/02/2023", "31/02/2023", ""),
        ("vi_VN", "10/12/2023 12:00", TENTH_OF_DECEMBER + 0.5, "DATE_TIME"),
        ("vi_VN", "18:00", 0.75, "TIME"),
        ("vi_VN", "1e3", 1000, "SCIENTIFIC"),
        ("vi_VN", "5 ₫", 5, "CURRENCY"),
        ("vi_VN", "true", True, ""),
        ("vi_VN", "'0,5", "0,5", ""),
        ("vi_VN", "2/3 nhiệm vụ", "2/3 nhiệm vụ", ""),
        ("en_US", "0.5", 0.5, ""),
        ("en_US", "0,5", "0,5", ""),
        ("en_US", "1,250", 1250, "NUMBER"),
        ("en_US", "1.5", 1.5, ""),
        ("en_US", "12/10/2023", TENTH_OF_DECEMBER, "DATE"),
        ("en_US", "12.5%", 0.125, "PERCENT"),
    ],
)
def test_a_typed_text_becomes_what_its_locale_makes_of_it(locale: str, entered: str, value: Any, kind: str) -> None:
    found = typed(entered, locale, TODAY)
    assert found.value is not None
    (content,) = found.value.values()
    assert content == value
    assert type(content) is (float if isinstance(value, int) and not isinstance(value, bool) else type(value))
    assert (found.number_format or {}).get("type", "") == kind


def test_a_plain_text_cell_keeps_everything_as_text() -> None:
    for entered in ("0,5", "=A1", "10/12/2023", "'x"):
        assert typed(entered, "vi_VN", TODAY, {"type": "TEXT", "pattern": "@"}).value == {"stringValue": entered}


@pytest.mark.parametrize(
    ("value", "number_format", "seen"),
    [
        (0.5, None, "0,5"),
        (1250.0, None, "1250"),
        (0.1 + 0.2, None, "0,3"),
        (1250.0, {"type": "NUMBER", "pattern": "#,##0"}, "1.250"),
        (1250.5, {"type": "NUMBER", "pattern": "#,##0.00"}, "1.250,50"),
        (0.005, {"type": "NUMBER", "pattern": "0.00"}, "0,01"),
        (0.125, {"type": "PERCENT", "pattern": "0.00%"}, "12,50%"),
        (-2.0, {"type": "NUMBER", "pattern": "0.0"}, "-2,0"),
        (5.0, {"type": "CURRENCY", "pattern": "#,##0\\ [$₫-1]"}, "5 ₫"),
        (45270.0, {"type": "DATE", "pattern": "dd/mm/yyyy"}, "10/12/2023"),
        (45270.75, {"type": "DATE_TIME", "pattern": "dd/mm/yyyy hh:mm:ss"}, "10/12/2023 18:00:00"),
    ],
)
def test_a_number_is_shown_in_vietnamese(value: float, number_format: dict[str, Any] | None, seen: str) -> None:
    assert shown(value, number_format, LOCALES["vi_VN"]) == seen


# ------------------------------------------------------------------------------------------------ at the browser


def test_a_typed_percent_brings_its_format_and_a_formula_stays_one(book: Book) -> None:
    book.lan.type(book.id, "Sheet1", "A1", "12%")
    book.lan.type(book.id, "Sheet1", "B1", "=1+1")
    percent = book.lan.cell(book.id, "Sheet1", "A1")
    assert percent["userEnteredFormat"] == {"numberFormat": {"type": "PERCENT", "pattern": "0%"}}
    assert book.lan.read(book.id, "Sheet1", "A1") == "12%"
    assert book.lan.cell(book.id, "Sheet1", "B1")["userEnteredValue"] == {"formulaValue": "=1+1"}
    book.lan.type(book.id, "Sheet1", "B1", "")
    assert book.lan.cell(book.id, "Sheet1", "B1") == {}


def test_a_strict_validation_refuses_what_is_typed_but_not_what_is_pasted(book: Book) -> None:
    def rule(kind: str, *values: str) -> dict[str, Any]:
        condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
        return {"dataValidation": {"condition": condition, "strict": True, "inputMessage": f"chỉ {kind}"}}

    number, choice, short = (
        rule("NUMBER_BETWEEN", "0", "2,5"),
        rule("ONE_OF_LIST", "Đồng ý", "0,5"),
        rule("CUSTOM_FORMULA", "=LEN(C1)<=5"),
    )
    book.write([number, choice, short], fields="dataValidation")
    for address, entered in (("A1", "3"), ("A1", "hai"), ("A1", "1.5"), ("B1", "Khác"), ("C1", "quá dài")):
        with pytest.raises(Refused, match="chỉ"):
            book.lan.type(book.id, "Sheet1", address, entered)
    for address, entered in (("A1", "2,5"), ("B1", "Đồng ý"), ("B1", "0,5"), ("C1", "ngắn")):
        book.lan.type(book.id, "Sheet1", address, entered)
    with pytest.raises(Refused):
        book.lan.paste(book.id, "Sheet1", "A1", [["99"]], values_only=True)
    book.lan.paste(book.id, "Sheet1", "A1", [["99", "Khác"]])
    first = book.cells("userEnteredValue,dataValidation")[0]
    assert first[0] == {"userEnteredValue": {"numberValue": 99}}
    assert first[1] == {"userEnteredValue": {"stringValue": "Khác"}}


def test_pasting_over_a_protected_cell_changes_nothing(book: Book) -> None:
    book.protect(area("H5:H6"))
    with pytest.raises(Refused, match="protected"):
        book.lan.paste(book.id, "Sheet1", "H5", [["1"], ["2"], ["3"]])
    assert book.lan.read(book.id, "Sheet1", "H5") == ""


def test_every_kind_of_link_is_where_google_puts_it(book: Book) -> None:
    name, url, other = "Sheet1", "https://a.vn/kế-hoạch", "https://b.vn/x?y=1"
    lan = book.lan
    lan.type(book.id, name, "A1", f"{url}")
    lan.type(book.id, name, "A2", f"Xem {url}.")
    lan.type(book.id, name, "A3", f"{url} và www.b.vn")
    lan.link(book.id, name, "A4", "Kế hoạch 🎉", url)
    lan.links(book.id, name, "A5", "🎉 một và hai", [(2, 5, url), (9, 12, other)])
    lan.type(book.id, name, "A6", f'=HYPERLINK("{url}";"Kế hoạch")')
    lan.type(book.id, name, "A7", "chữ")
    lan.link_cell(book.id, name, "A7", url)
    lan.chip(book.id, name, "A8", "https://drive.google.com/file/d/1/view", "application/pdf", title="KH.pdf")
    lan.people_chip(book.id, name, "A9", "an@example.gov.vn")
    members = "hyperlink,formattedValue,textFormatRuns(startIndex,format/link),userEnteredFormat,chipRuns"
    found = [row[0] for row in book.cells(members)]
    assert [cell.get("hyperlink") for cell in found] == [url, url, None, url, None, url, url, None, None]
    assert "textFormatRuns" not in found[0]
    assert [run.get("startIndex") for run in found[1]["textFormatRuns"]] == [None, 4, 4 + len(url)]
    assert found[2]["textFormatRuns"][2]["format"] == {"link": {"uri": "http://www.b.vn"}}
    assert found[3]["textFormatRuns"] == [{"format": {"link": {"uri": url}}}]
    assert [run.get("startIndex") for run in found[4]["textFormatRuns"]] == [None, 3, 6, 10]
    assert found[5]["formattedValue"] == "Kế hoạch"
    assert found[6]["userEnteredFormat"] == {"textFormat": {"link": {"uri": url}}}
    chip = {"uri": "https://drive.google.com/file/d/1/view", "mimeType": "application/pdf"}
    assert found[7] == {"formattedValue": "KH.pdf", "chipRuns": [{"chip": {"richLinkProperties": chip}}]}
    assert found[8]["chipRuns"] == [{"chip": {"personProperties": {"email": "an@example.gov.vn"}}}]


def test_people_sort_rename_copy_and_insert_within_their_rights(book: Book) -> None:
    for row, entered in enumerate(("b", "10", "", "2"), start=1):
        book.lan.type(book.id, "Sheet1", f"A{row}", entered)
        book.lan.note(book.id, "Sheet1", f"A{row}", entered)
    book.lan.sort(book.id, "Sheet1", "A1:B4", "A")
    assert [book.lan.read(book.id, "Sheet1", f"A{row}") for row in range(1, 5)] == ["2", "10", "b", ""]
    assert book.lan.cell(book.id, "Sheet1", "A1")["note"] == "2"
    book.protect(area("A1:A4"))
    book.lan.copy_tab(book.id, "Sheet1", "Nháp")
    assert book.lan.may_type(book.id, "Nháp", "H1")
    book.lan.rename_tab(book.id, "Nháp", "Của xã")
    book.lan.insert_row(book.id, "Của xã", before=2)
    book.lan.insert_column(book.id, "Của xã", "A")
    book.lan.move_row(book.id, "Của xã", 1, before=4)
    assert book.lan.read(book.id, "Của xã", "B3") == "2"
    book.lan.delete_row(book.id, "Của xã", 3)
    book.lan.delete_column(book.id, "Của xã", "A")
    book.lan.clear(book.id, "Của xã", "A1:B9")
    book.lan.add_tab(book.id, "Nữa")
    assert book.lan.open(book.id) == ["Sheet1", "Của xã", "Nữa"]
    book.lan.delete_tab(book.id, "Nữa")
    with pytest.raises(Refused, match="protected"):
        book.lan.delete_tab(book.id, "Sheet1")
    with pytest.raises(Refused, match="protected"):
        book.lan.insert_row(book.id, "Sheet1", before=1)
    with pytest.raises(Refused, match="does not have permission"):
        Person(book.service, "nguoi.la@example.com").open(book.id)


# ----------------------------------------------------------------------------------------------------- values API


def test_raw_values_are_kept_and_user_entered_ones_read_by_locale(book: Book) -> None:
    rows = [["=1+1", 0.5, True, None, "0,5"]]
    book.call("PUT", "/values/Sheet1!A1:E1", {"values": rows}, valueInputOption="RAW")
    book.call("PUT", "/values/Sheet1!A2:E2", {"values": rows}, valueInputOption="USER_ENTERED")
    kinds = [
        [next(iter(cell.get("userEnteredValue", {"": 0}))) for cell in row] for row in book.cells("userEnteredValue")
    ]
    assert kinds[0] == ["stringValue", "numberValue", "boolValue", "", "stringValue"]
    # 0.5 arrives as a number and is read again as the text `0.5`, which in Viet Nam is none.
    assert kinds[1] == ["formulaValue", "stringValue", "boolValue", "", "numberValue"]
    shown_, plain = (
        book.call("GET", "/values/Sheet1", valueRenderOption=option)["values"]
        for option in ("FORMATTED_VALUE", "UNFORMATTED_VALUE")
    )
    assert shown_[0] == ["=1+1", "0,5", "TRUE", "", "0,5"]
    assert plain[0] == ["=1+1", 0.5, True, "", "0,5"]
    assert plain[1][-1] == 0.5


def test_values_fit_their_range_and_respect_protections(book: Book) -> None:
    with pytest.raises(GoogleError, match=r"within range \[Sheet1!A1:B1\], but tried writing to column \[C\]"):
        book.call("PUT", "/values/Sheet1!A1:B1", {"values": [["a", "b", "c"]]}, valueInputOption="RAW")
    with pytest.raises(GoogleError, match="valueInputOption"):
        book.call("PUT", "/values/Sheet1!A1", {"values": [["a"]]})
    book.protect(area("B1:B1"))
    body = {"valueInputOption": "RAW", "data": [{"range": "B1", "values": [["x"]]}, {"range": "A1", "values": [["x"]]}]}
    with pytest.raises(GoogleError, match=r"Invalid data\[1\]: You are trying to edit a protected cell"):
        book.call("POST", "/values:batchUpdate", body, user=COMMUNE)
    assert "values" not in book.call("GET", "/values/Sheet1")
    book.call("POST", "/values:batchUpdate", body)
    assert book.call("GET", "/values/A1:B9")["values"] == [["x", "x"]]


def test_appended_rows_come_below_the_table_and_clearing_leaves_formats(book: Book) -> None:
    book.write([text("a") | {"userEnteredFormat": {"textFormat": {"bold": True}}}, text("b")], fields="*", top=2)
    done = book.call("POST", "/values/Sheet1:append", {"values": [["c", "d"]]}, valueInputOption="RAW")
    assert done["tableRange"] == "Sheet1!A3:B3"
    assert done["updates"]["updatedRange"] == "Sheet1!A4:B4"
    assert book.call("POST", "/values/Sheet1!A3:clear", {})["clearedRange"] == "Sheet1!A3"
    assert book.cells("userEnteredValue,userEnteredFormat")[2][0] == {
        "userEnteredFormat": {"textFormat": {"bold": True}}
    }


def test_a_copied_spreadsheet_keeps_protections_but_only_the_new_owner_in_them(book: Book) -> None:
    book.protect(area("A1:A2"), editors=(COMMUNE,))
    copied = book.world.add_file("Bản sao", book.file.mime_type, "khac@example.gov.vn", parents=[])
    book.service.copy_spreadsheet(book.id, copied.id, "Bản sao")
    book.lan.type(book.id, "Sheet1", "A1", "gốc")
    book.id = copied.id
    found = book.get("properties.title,sheets.protectedRanges(editors)", user="khac@example.gov.vn")
    assert found["properties"] == {"title": "Bản sao"}
    assert found["sheets"][0]["protectedRanges"] == [{"editors": {"users": ["khac@example.gov.vn"]}}]
    assert "data" not in book.get("sheets.data.rowData", user="khac@example.gov.vn")["sheets"][0]["data"][0]


# ------------------------------------------------------------------------------------------- gspread, over HTTP


@pytest.fixture
def client(server: GoogleServer) -> gspread.Client:
    key = server.oauth.add_service_account(delegated=frozenset({"drive", "spreadsheets"}))
    return gspread_client(server, account_credentials(key, OFFICE))


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with GoogleServer() as running:
        yield running
        assert running.violations == []


def test_the_unpatched_client_works_as_against_google(client: gspread.Client) -> None:
    made = client.create("Tự chấm")
    sheet = made.sheet1
    sheet.update([["Mã", "Điểm"], ["1.1", 0.5], ["1.2", ""]], "A1")
    assert sheet.get_all_values() == [["Mã", "Điểm"], ["1.1", "0.5"], ["1.2", ""]]
    assert sheet.get_all_records() == [{"Mã": 1.1, "Điểm": 0.5}, {"Mã": 1.2, "Điểm": ""}]
    sheet.append_row(["1.3", "2"])
    cells = sheet.range("A2:A4")
    for cell in cells:
        cell.value = f"{cell.value}!"
    sheet.update_cells(cells)
    sheet.format("A1:B1", {"textFormat": {"bold": True}})
    sheet.freeze(rows=1)
    sheet.add_validation("B2:B9", ValidationConditionType.number_between, ["0", "2"], strict=True)
    sheet.add_protected_range("A1:A9", editor_users_emails=["xa@example.gov.vn"])
    sheet.insert_note("A1", "ghi chú")
    sheet.insert_rows([["x"]], row=2)
    sheet.sort((1, "asc"), range="A2:B5")
    assert sheet.get_note("A1") == "ghi chú"
    assert sheet.col_values(1) == ["Mã", "1.1!", "1.2!", "1.3!", "x"]
    assert made.list_protected_ranges(sheet.id)[0]["editors"]["users"] == ["office@example.gov.vn", "xa@example.gov.vn"]
    other = made.add_worksheet("Khác", rows=5, cols=3)
    other.update_title("Khác nữa")
    other.resize(rows=4)
    assert [one.title for one in made.worksheets()] == ["Sheet1", "Khác nữa"]
    sheet.batch_clear(["A2:B9"])
    made.del_worksheet(other)
    with pytest.raises(gspread.exceptions.APIError, match="exceeds grid limits"):
        sheet.update([["x"]], "AA1")


def test_every_answer_obeys_the_discovery_document(server: GoogleServer) -> None:
    office = Browser(server.url)
    file_id = office.new()
    office.share(file_id, COMMUNE)
    lan = Person(server, COMMUNE)
    lan.link(file_id, "Sheet1", "A1", "Kế hoạch", "https://a.vn")
    lan.chip(file_id, "Sheet1", "A2", "https://drive.google.com/file/d/1/view", "application/pdf")
    lan.people_chip(file_id, "Sheet1", "A3", COMMUNE)
    lan.type(file_id, "Sheet1", "A4", "10/12/2023")
    lan.type(file_id, "Sheet1", "A5", "=NOPE(1)")
    boolean = {"condition": {"type": "NOT_BLANK"}, "format": {"backgroundColor": {"red": 1}}}
    line = {"style": "SOLID"}
    requests = [
        {"updateSpreadsheetProperties": {"properties": {"locale": "vi_VN"}, "fields": "locale"}},
        {"addSheet": {"properties": {"sheetId": 1001, "title": "Tự chấm", "tabColor": {"red": 0.5}}}},
        {"addNamedRange": {"namedRange": {"name": "vung", "range": area("A1:B2")}}},
        {"addConditionalFormatRule": {"rule": {"ranges": [area("A1:B2")], "booleanRule": boolean}, "index": 0}},
        {"mergeCells": {"range": area("D1:E1"), "mergeType": "MERGE_ALL"}},
        {"updateBorders": {"range": area("A1:B2"), "top": line, "innerVertical": line}},
        {"setBasicFilter": {"filter": {"range": area("A1:B9")}}},
        {"addFilterView": {"filter": {"title": "Lọc", "range": area("A1:B9")}}},
        {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}, "editors": {"users": [COMMUNE]}}}},
        {"addProtectedRange": {"protectedRange": {"range": area("A1:B1"), "warningOnly": True}}},
        {"createDeveloperMetadata": {"developerMetadata": {"metadataKey": "k", "visibility": "DOCUMENT"}}},
        {"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Bản sao"}},
        {"autoResizeDimensions": {"dimensions": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}}},
        {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}},
    ]
    path = f"/v4/spreadsheets/{file_id}"
    office.json("POST", f"{path}:batchUpdate", json={"requests": requests, "includeSpreadsheetInResponse": True})
    for user in (office, Browser(server.url, COMMUNE)):
        sheets = user.json("GET", path, params={"includeGridData": "true"})["sheets"]
        assert [one["properties"]["title"] for one in sheets] == ["Bản sao", "Sheet1", "Tự chấm"]
        user.close()
