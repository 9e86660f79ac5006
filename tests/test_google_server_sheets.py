"""The server that stands for Google in our tests: batchUpdate, masks, protections, shifted rows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google_server.errors import PROTECTED, GoogleError
from google_server.person import Refused
from google_sheets_book import APPRAISER, COMMUNE, OFFICE, READER, Book, area, formula, text

INPUTS = "H5:I10"


@pytest.fixture
def book() -> Book:
    return Book()


def test_a_batch_is_done_wholly_or_not_at_all(book: Book) -> None:
    before, version = json.dumps(book.get("*")), book.file.version
    message = book.refusal(
        {"updateCells": {"start": {}, "fields": "userEnteredValue", "rows": [{"values": [text("x")]}]}},
        {"addSheet": {"properties": {"sheetId": 7, "title": "B"}}},
        {"deleteSheet": {"sheetId": 0}},
        {"deleteSheet": {"sheetId": 7}},
    )
    assert message == "Invalid requests[3].deleteSheet: You can't remove all the sheets in a document."
    assert (json.dumps(book.get("*")), book.file.version) == (before, version)
    book.write([text("x")])
    assert book.file.version > version
    assert book.file.last_modifying_user == OFFICE


def test_ids_and_titles_are_never_doubled(book: Book) -> None:
    book.batch(addSheet={"properties": {"sheetId": 1001, "title": "Tự chấm"}})
    assert "Invalid sheetId: 1001" in book.refusal(addSheet={"properties": {"sheetId": 1001, "title": "Khác"}})
    assert book.refusal(addSheet={"properties": {"title": "tự chấm"}}) == (
        'Invalid requests[0].addSheet: A sheet with the name "tự chấm" already exists. Please enter another name.'
    )
    book.protect()
    again = {"protectedRange": {"protectedRangeId": 1, "range": area("A1:B2"), "editors": {}}}
    assert "already exists" in book.refusal(addProtectedRange=again)
    second: dict[str, Any] = {"protectedRange": {"range": {}, "editors": {}}}
    assert book.refusal(addProtectedRange=second).endswith('Sheet "Sheet1" already has sheet protection.')


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (
            {"updateSheetProperties": {"properties": {"hidden": True}, "fields": "hidden"}},
            "You can't hide all the sheets",
        ),
        (
            {"repeatCell": {"range": area("A1001:B"), "cell": {}, "fields": "note"}},
            "Range (Sheet1!A1001:B) exceeds grid",
        ),
        (
            {"updateCells": {"range": area("A1:A2"), "rows": [{"values": [{}, {}]}], "fields": "note"}},
            "column: 1, beyond",
        ),
        ({"updateCells": {"range": area("A1:A2")}}, "At least one field must be listed in 'fields'."),
        ({"deleteDimension": {"range": {"dimension": "ROWS"}}}, "You can't delete all the rows on the sheet."),
        ({"findReplace": {"find": "x"}}, "not supported by this server"),
        ({"repeatCell": {"range": {"sheetId": 9}, "fields": "note"}}, "No grid with id: 9"),
        ({"deleteProtectedRange": {"protectedRangeId": 5}}, "No protected range with id: 5"),
        ({"appendDimension": {"dimension": "ROWS", "length": 400_000}}, "above the limit of 10000000 cells."),
        (
            {
                "addProtectedRange": {
                    "protectedRange": {"range": {}, "warningOnly": True, "editors": {"users": ["a@b"]}}
                }
            },
            "ProtectedRange is warningOnly. Editors cannot be set on it.",
        ),
        (
            {"addProtectedRange": {"protectedRange": {"range": area("A1:B2"), "unprotectedRanges": [area("A1:A1")]}}},
            "Unprotected ranges are only supported on protected sheets.",
        ),
    ],
)
def test_google_refuses_in_its_own_words(book: Book, request_: dict[str, Any], words: str) -> None:
    assert words in book.refusal(request_)


def test_merges_and_frozen_lines_do_not_cross(book: Book) -> None:
    book.batch(mergeCells={"range": area("A1:F1")})
    freeze = {"properties": {"gridProperties": {"frozenColumnCount": 2}}, "fields": "gridProperties.frozenColumnCount"}
    assert "you can't freeze columns which contain only part of a merged cell" in book.refusal(
        updateSheetProperties=freeze
    )
    book.batch(unmergeCells={"range": area("A1:F1")})
    book.batch(updateSheetProperties=freeze)
    assert book.refusal(mergeCells={"range": area("A1:F1")}).endswith("You can't merge frozen and non-frozen columns.")
    assert "select all cells in a merged range" in book.refusal(
        {"mergeCells": {"range": area("D4:E5")}}, {"unmergeCells": {"range": area("D4:D4")}}
    )


def test_an_entered_value_is_one_kind_and_never_parsed(book: Book) -> None:
    book.write([text("=1+1"), text("1,5"), text("01"), {"userEnteredValue": {"numberValue": 0.5}}, text("")])
    first = book.cells("userEnteredValue,formattedValue")[0]
    assert [cell["userEnteredValue"] for cell in first] == [
        {"stringValue": "=1+1"}, {"stringValue": "1,5"}, {"stringValue": "01"}, {"numberValue": 0.5}
    ]  # fmt: skip
    assert first[3]["formattedValue"] == "0,5"
    two = {"userEnteredValue": {"numberValue": 1, "stringValue": "1"}}
    assert "oneof field 'value' is already set" in book.refusal(
        updateCells={"start": {}, "fields": "userEnteredValue", "rows": [{"values": [two]}]}
    )
    long = {"start": {}, "fields": "userEnteredValue", "rows": [{"values": [text("x" * 50_001)]}]}
    assert "maximum of 50000 characters" in book.refusal(updateCells=long)


@pytest.mark.parametrize(
    ("locale", "written", "kept", "error"),
    [
        ("vi_VN", '=IF(A1>0,5;"a,b";1)', '=IF(A1>0,5;"a,b";1)', ""),
        ("vi_VN", "=SUM(A1:A3,B1)", "=SUM(A1:A3,B1)", "#ERROR!"),
        ("vi_VN", "=A1*1.5", "=A1*1.5", "#ERROR!"),
        ("vi_VN", "=SUMM(A1)", "=SUMM(A1)", "#NAME?"),
        ("vi_VN", "='Không có'!A1", "='Không có'!A1", "#REF!"),
        ("vi_VN", "=SUM((A1)", "=SUM((A1)", "#ERROR!"),
        ("en_US", "=IF(A1>0.5;1;2)", "=IF(A1>0.5,1,2)", ""),
        ("en_US", "=IF(A1>0,5;1)", "=IF(A1>0,5,1)", ""),
    ],
)
def test_a_formula_is_read_in_the_sheets_locale(locale: str, written: str, kept: str, error: str) -> None:
    book = Book(locale)
    book.write([formula(written)])
    cell = book.cells("userEnteredValue,formattedValue")[0][0]
    assert cell["userEnteredValue"]["formulaValue"] == kept
    assert cell.get("formattedValue", "") == error


def test_formulas_change_their_notation_with_the_locale() -> None:
    book = Book("en_US")
    book.write([formula("=IF(A2>0.5,1,2)")])
    book.batch(updateSpreadsheetProperties={"properties": {"locale": "vi_VN"}, "fields": "locale"})
    assert book.cells("userEnteredValue")[0][0]["userEnteredValue"]["formulaValue"] == "=IF(A2>0,5;1;2)"


def test_a_repeated_formula_moves_along(book: Book) -> None:
    book.batch(repeatCell={"range": area("C2:D3"), "cell": formula("=A2+$B$1"), "fields": "userEnteredValue"})
    rows = book.cells("userEnteredValue")
    assert [cell["userEnteredValue"]["formulaValue"] for cell in rows[2][2:]] == ["=A3+$B$1", "=B3+$B$1"]


def test_conditions_are_read_in_the_sheets_locale(book: Book) -> None:
    def rule(kind: str, *values: str) -> dict[str, Any]:
        condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
        return {"range": area("A1:A2"), "rule": {"condition": condition, "strict": True}}

    book.batch(setDataValidation=rule("NUMBER_BETWEEN", "0", "2,5"))
    assert "Invalid ConditionValue.userEnteredValue: 2.5" in book.refusal(
        setDataValidation=rule("NUMBER_BETWEEN", "0", "2.5")
    )
    assert "needs exactly 2" in book.refusal(setDataValidation=rule("NUMBER_BETWEEN", "0"))
    assert "Invalid ConditionValue" in book.refusal(setDataValidation=rule("CUSTOM_FORMULA", "=LEN(A1,2)"))


# ----------------------------------------------------------------------------------------------------------- masks


def test_masks_take_all_notations_and_unknown_ones_are_refused(book: Book) -> None:
    book.write([text("a") | {"note": "n"}], fields="userEnteredValue,note")
    wanted = {"properties": {"locale": "vi_VN"}, "sheets": [{"properties": {"title": "Sheet1"}}]}
    assert book.get("properties/locale,sheets.properties(title)") == wanted
    assert book.get("sheets/*/title")["sheets"][0]["properties"] == {"title": "Sheet1"}
    assert book.cells("note") == [[{"note": "n"}]]
    with pytest.raises(GoogleError):
        book.get("sheets(properties")


def test_update_masks_touch_only_what_they_name(book: Book) -> None:
    full = {"userEnteredFormat": {"textFormat": {"bold": True, "italic": True}, "wrapStrategy": "WRAP"}, "note": "n"}
    book.write([text("a") | full], fields="*")
    book.write([{"userEnteredFormat": {"textFormat": {"italic": True}}}], fields="userEnteredFormat.textFormat(bold)")
    cell = book.cells("*")[0][0]
    assert cell["userEnteredFormat"] == {"textFormat": {"italic": True}, "wrapStrategy": "WRAP"}
    assert (cell["note"], cell["userEnteredValue"]) == ("n", {"stringValue": "a"})
    book.batch(updateCells={"range": area("A1:B2"), "fields": "userEnteredValue"})
    assert "userEnteredValue" not in book.cells("*")[0][0]


def test_an_answer_is_cut_as_google_cuts_it(book: Book) -> None:
    book.write([{}, text("b"), {}], [], [text("c")], top=1)
    data = book.get("sheets(properties(sheetId,index),data)")["sheets"][0]
    assert data["properties"] == {"sheetId": 0, "index": 0}
    grid = data["data"][0]
    assert "startRow" not in grid
    assert [row.get("values") for row in grid["rowData"]][:3] == [None, [{}, grid["rowData"][1]["values"][1]], None]
    assert len(grid["rowData"]) == 4
    assert len(grid["rowMetadata"]) == 1000
    part = book.get("sheets.data(startRow,startColumn,rowData)", ranges=["Sheet1!B2:C3", "A4"])["sheets"][0]["data"]
    assert [(one.get("startRow"), one.get("startColumn")) for one in part] == [(1, 1), (3, None)]
    with pytest.raises(GoogleError, match="Unable to parse range: Nope!A1"):
        book.get("sheets.data", ranges=["Nope!A1"])
    assert "data" not in book.get()["sheets"][0]


# ----------------------------------------------------------------------------------------------------- protections


def test_a_protected_sheet_opens_only_its_holes(book: Book) -> None:
    book.protect(area(INPUTS))
    book.lan.type(book.id, "Sheet1", "H5", "0,5")
    for refused in ("G5", "H4", "J5", "H11"):
        with pytest.raises(Refused, match="protected cell"):
            book.lan.type(book.id, "Sheet1", refused, "1")
    row = {"range": {"dimension": "ROWS", "startIndex": 6, "endIndex": 7}}
    title = {"properties": {"title": "Khác"}, "fields": "title"}
    blocked: list[dict[str, Any]] = [
        {"updateCells": {"range": area("H5:J5"), "fields": "note"}},
        {"repeatCell": {"range": area("A1:A1"), "cell": {}, "fields": "userEnteredFormat"}},
        {"setDataValidation": {"range": area("A1:A1")}},
        {"insertDimension": row},
        {"deleteDimension": row},
        {"deleteProtectedRange": {"protectedRangeId": 1}},
        {"updateSheetProperties": title},
        {"sortRange": {"range": area("A5:I10"), "sortSpecs": [{}]}},
    ]
    for request in blocked:
        (kind,) = request
        assert book.refusal(request, user=COMMUNE) == f"Invalid requests[0].{kind}: {PROTECTED}"
    book.batch({"addSheet": {"properties": {"title": "Nháp"}}}, user=COMMUNE)
    assert PROTECTED in book.refusal(deleteSheet={"sheetId": 0}, user=COMMUNE)
    book.batch(insertDimension=row)


def test_every_protection_over_a_cell_must_agree(book: Book) -> None:
    book.protect(area("A1:Z1000"))
    inner = {"range": area("H5:H6"), "editors": {"users": [APPRAISER.upper()]}}
    book.batch(addProtectedRange={"protectedRange": {"protectedRangeId": 2, **inner}})
    assert not book.lan.may_type(book.id, "Sheet1", "H5")
    assert book.lan.may_type(book.id, "Sheet1", "H7")
    one = {"start": {"rowIndex": 4, "columnIndex": 7}, "fields": "note", "rows": [{"values": [{"note": "x"}]}]}
    book.batch(updateCells=one, user=APPRAISER)


def test_owner_and_requester_are_always_editors_and_only_editors_see_them(book: Book) -> None:
    request = {"protectedRange": {"range": area("A1:B2"), "editors": {"users": [APPRAISER]}}}
    (reply,) = book.batch(addProtectedRange=request, user=COMMUNE)
    found = reply["addProtectedRange"]["protectedRange"]
    assert found["editors"] == {"users": [OFFICE, COMMUNE, APPRAISER]}
    book.protect()
    protected = book.get("sheets.protectedRanges(editors,requestingUserCanEdit,range)", user=READER)["sheets"][0]
    assert protected["protectedRanges"] == [
        {"range": {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}},
        {"range": {}},
    ]


def test_without_a_word_about_editors_nobody_is_kept_out(book: Book) -> None:
    book.batch(addProtectedRange={"protectedRange": {"protectedRangeId": 3, "range": {}}})
    assert book.lan.may_type(book.id, "Sheet1", "A1")
    update = {"protectedRange": {"protectedRangeId": 3, "editors": {"users": []}}, "fields": "editors"}
    book.batch(updateProtectedRange=update)
    assert not book.lan.may_type(book.id, "Sheet1", "A1")


def test_closing_the_holes_freezes_the_sheet(book: Book) -> None:
    book.protect(area(INPUTS))
    book.batch(updateProtectedRange={"protectedRange": {"protectedRangeId": 1}, "fields": "unprotectedRanges"})
    with pytest.raises(Refused, match="protected cell"):
        book.lan.type(book.id, "Sheet1", "H5", "1")


def test_readers_write_nothing_and_strangers_see_nothing(book: Book) -> None:
    for user in (READER, "ai.do@example.com"):
        with pytest.raises(GoogleError) as refused:
            book.batch({"addSheet": {}}, user=user)
        assert refused.value.body["error"]["status"] == "PERMISSION_DENIED"
    with pytest.raises(GoogleError, match="does not have permission"):
        book.get(user="ai.do@example.com")
    assert book.get("spreadsheetId", user=READER) == {"spreadsheetId": book.id}


# ---------------------------------------------------------------------------------------------------------- shifts


def test_everything_moves_along_with_inserted_and_deleted_rows(book: Book) -> None:
    rule = {"condition": {"type": "BOOLEAN"}, "strict": True}
    book.write([text("six") | {"dataValidation": rule, "note": "n"}], fields="*", top=5)
    format_ = {"backgroundColor": {"red": 1}}
    colour = {"condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": "x"}]}, "format": format_}
    book.batch(
        {"mergeCells": {"range": area("B6:C7")}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "n", "name": "vung", "range": area("A5:B8")}}},
        {"addConditionalFormatRule": {"rule": {"ranges": [area("A6:A20")], "booleanRule": colour}}},
    )
    book.protect(area("H5:I10"), area("K20:K21"))
    book.batch(addProtectedRange={"protectedRange": {"range": area("L6:M9"), "editors": {}}})
    rows = {"dimension": "ROWS", "startIndex": 5, "endIndex": 7}
    book.batch(insertDimension={"range": rows})
    sheet = book.get("sheets(merges,protectedRanges(range,unprotectedRanges),conditionalFormats.ranges)")["sheets"][0]
    assert sheet["merges"] == [area("B8:C9")]
    assert sheet["protectedRanges"][0]["unprotectedRanges"] == [area("H5:I12"), area("K22:K23")]
    assert sheet["protectedRanges"][1]["range"] == area("L8:M11")
    assert sheet["conditionalFormats"] == [{"ranges": [area("A8:A22")]}]
    assert book.get("namedRanges.range")["namedRanges"] == [{"range": area("A5:B10")}]
    cells = book.cells("userEnteredValue,note,dataValidation.strict")
    assert cells[7][0] == {"userEnteredValue": {"stringValue": "six"}, "note": "n", "dataValidation": {"strict": True}}
    assert cells[5][0] == {"dataValidation": {"strict": True}}
    assert book.get("sheets.properties.gridProperties.rowCount")["sheets"][0]["properties"]["gridProperties"] == {
        "rowCount": 1002
    }
    book.batch(deleteDimension={"range": {"dimension": "ROWS", "startIndex": 4, "endIndex": 12}})
    sheet = book.get("sheets(merges,protectedRanges(unprotectedRanges))")["sheets"][0]
    assert sheet == {"protectedRanges": [{"unprotectedRanges": [area("K14:K15")]}]}


def test_moved_rows_take_their_openings_along(book: Book) -> None:
    book.write([text("a")], [text("b")], [text("c")])
    book.protect(area("H1:H1"))
    source = {"dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    book.batch(moveDimension={"source": source, "destinationIndex": 3})
    assert [row[0]["userEnteredValue"]["stringValue"] for row in book.cells("userEnteredValue")] == ["b", "c", "a"]
    assert book.get("sheets.protectedRanges.unprotectedRanges")["sheets"][0]["protectedRanges"][0] == {
        "unprotectedRanges": [area("H3:H3")]
    }


def test_a_sheet_as_large_as_a_provinces_review_stays_quick(book: Book) -> None:
    book.batch(
        updateSheetProperties={
            "properties": {"gridProperties": {"rowCount": 13_000, "columnCount": 15}},
            "fields": "gridProperties(rowCount,columnCount)",
        }
    )
    rows = [{"values": [text(f"Tiêu chí {column}") for column in range(15)]} for _ in range(2600)]
    for top in range(0, 13_000, 2600):
        book.batch(updateCells={"start": {"rowIndex": top}, "fields": "userEnteredValue", "rows": rows})
    assert len(book.cells("userEnteredValue")) == 13_000
