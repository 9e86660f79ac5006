"""What is read out of an answer of `spreadsheets.get`: sheets by their keys, protections, refusals."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from google_answers import Json, found, number, tab, words

from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.reading import WorkbookReading
from cchc_sheets.workspace.found import reading_of
from cchc_sheets.workspace.google_reading import MASK, FoundSpreadsheet, FoundTab, found_spreadsheet

STAMP = "cchc-sheets/1 form tay-son-2023 phu-phong"
DIGEST = "0f" * 32


def only(*tabs: Json) -> FoundTab:
    return found(*tabs).tabs[0]


def reading(spreadsheet: FoundSpreadsheet) -> WorkbookReading:
    return reading_of(spreadsheet.sheets, "7", datetime(2023, 12, 10, tzinfo=UTC))


def form(*rows: list[Json], columns: tuple[str, ...] = ("code", "self_score")) -> Json:
    stamp = words(STAMP, note=f"cchc-sheets digest {DIGEST}")
    return tab([[stamp, *(words(column) for column in columns)], *rows])


def test_cells_are_found_by_their_keys_after_people_inserted_moved_and_sorted() -> None:
    first, second = [words("1.1"), words("1.1"), number(2)], [words("1.2"), words("1.2"), number(0.5)]
    plain = reading(found(form(first, second)))
    assert [(row.key, row.number, row.cells["self_score"].value) for row in plain.sheets[0].rows] == [
        ("1.1", 2, Decimal(2)),
        ("1.2", 3, Decimal("0.5")),
    ]
    moved = form([], [{}, words("ghi chú")], second, first)
    for line in moved["data"][0]["rowData"]:
        line["values"] = [{}, *line.get("values", [])]  # a column before all others
    moved["data"][0]["rowData"].insert(0, {})  # a row above all others
    again = reading(found(moved)).sheets[0]
    assert (again.key, again.cycle, again.unit) == ("form", "tay-son-2023", "phu-phong")
    assert [(row.key, row.number, {name: each.value for name, each in row.cells.items()}) for row in again.rows] == [
        ("", 4, {"code": "ghi chú"}),
        ("1.2", 5, {"code": "1.2", "self_score": Decimal("0.5")}),
        ("1.1", 6, {"code": "1.1", "self_score": Decimal(2)}),
    ]
    assert again.columns == {"code": "C", "self_score": "D"}


def test_blocks_of_cells_are_put_where_they_begin() -> None:
    sheet = tab()
    sheet["data"] = [
        {"startRow": 8, "startColumn": 26, "rowData": [{"values": [words("muộn")]}]},
        {"startColumn": 1, "rowData": [{"values": [words("sớm"), {}]}, {}]},
        {"startRow": 8, "rowData": [{"values": [words("cùng dòng")]}]},
        {"startRow": 20},
    ]
    assert [(row.number, {name: each.text for name, each in row.cells.items()}) for row in only(sheet).sheet.rows] == [
        (1, {"B": "sớm"}),
        (9, {"AA": "muộn", "A": "cùng dòng"}),
    ]


def test_what_google_leaves_out_because_it_is_zero_or_empty_is_understood() -> None:
    bare = only({"properties": {"title": "Trang tính1"}})
    assert (bare.sheet_id, bare.index, bare.is_hidden, bare.row_count, bare.digest) == (0, 0, False, 0, "")
    assert (bare.sheet.rows, bare.sheet.is_open, bare.protections) == ((), None, ())
    assert not bare.is_stamped
    assert not found({"properties": {"title": "Trang tính1"}}).is_closed


def test_what_the_adapter_needs_of_a_spreadsheet_is_read() -> None:
    own = {"sheetId": 7, "title": "Trang của xã", "index": 1, "hidden": True}
    stray = tab([[words("nháp")]], properties={**own, "gridProperties": {"rowCount": 90, "columnCount": 12}})
    spreadsheet = found(stray, form())
    assert (spreadsheet.title, spreadsheet.locale, spreadsheet.time_zone) == ("Phiếu", "vi_VN", "")
    ours, theirs = spreadsheet.tabs
    assert (ours.sheet_id, ours.index, ours.digest, ours.is_stamped) == (1001, 0, DIGEST, True)
    assert (theirs.sheet_id, theirs.index, theirs.is_hidden, theirs.digest, theirs.is_stamped) == (
        7,
        1,
        True,
        "",
        False,
    )
    assert (theirs.row_count, theirs.column_count) == (90, 12)
    assert reading(spreadsheet).strays == ("Trang của xã",)


def test_a_note_that_a_person_put_in_place_of_ours_is_no_digest() -> None:
    assert only(tab([[words(STAMP, note="của tôi")]])).digest == ""


def whole(*unprotected: Json, **more: Any) -> Json:
    return {"protectedRangeId": 1001, "range": {"sheetId": 1001}, "unprotectedRanges": list(unprotected), **more}


def area(first_row: int, end_row: int, first_column: int, end_column: int) -> Json:
    return {
        "sheetId": 1001,
        "startRowIndex": first_row,
        "endRowIndex": end_row,
        "startColumnIndex": first_column,
        "endColumnIndex": end_column,
    }


def test_a_cell_is_open_inside_the_unprotected_ranges_only() -> None:
    unbounded = {"sheetId": 1001, "endRowIndex": 2, "startColumnIndex": 26}
    is_open = only(form() | {"protectedRanges": [whole(area(4, 6, 7, 9), unbounded)]}).sheet.is_open
    assert is_open is not None
    opened = {
        f"{name}{row}" for row in range(1, 10) for name in ("G", "H", "I", "J", "Z", "AA", "BC") if is_open(row, name)
    }
    assert opened == {"H5", "I5", "H6", "I6", "AA1", "BC1", "AA2", "BC2"}


def test_nobody_can_tell_what_is_open_where_the_sheet_is_not_protected_as_a_whole() -> None:
    part = {
        "protectedRangeId": 11001,
        "range": area(4, 6, 7, 9),
        "editors": {"users": ["a@x.vn"], "groups": ["g@x.vn"]},
    }
    warning = whole(warningOnly=True)
    untold: Json = {"protectedRangeId": 5}
    assert only(form()).sheet.is_open is None
    assert only(form() | {"protectedRanges": [part, warning, untold]}).sheet.is_open is None
    assert not only(form() | {"protectedRanges": [part, warning, untold]}).is_closed
    read = only(form() | {"protectedRanges": [part, warning]}).protections
    assert [(each.protection_id, each.is_whole_sheet, each.warning_only) for each in read] == [
        (11001, False, False),
        (1001, True, True),
    ]
    assert read[0].editors == ("a@x.vn", "g@x.vn")
    assert (read[0].area.first_row, read[0].area.end_row, read[0].area.first_column, read[0].area.end_column) == (
        4,
        6,
        7,
        9,
    )


def test_a_spreadsheet_is_closed_when_every_protected_sheet_of_ours_is() -> None:
    closed = form() | {"protectedRanges": [{"protectedRangeId": 1, "range": {}, "editors": {"users": ["a@x.vn"]}}]}
    opened = form() | {"protectedRanges": [whole(area(4, 6, 7, 9))]}
    stray = tab([[words("nháp")]]) | {"protectedRanges": [whole()]}
    assert found(closed).is_closed
    assert found(closed, form(), tab([[words("nháp")]])).is_closed
    assert not found(closed, opened).is_closed
    assert not found(form(), stray).is_closed


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"spreadsheetId": "1AbC"},
        {"spreadsheetId": "1AbC", "properties": {"title": "Phiếu"}},
        {"spreadsheetId": "1AbC", "properties": {}, "sheets": [{"data": []}]},
        {"spreadsheetId": "1AbC", "properties": {}, "sheets": [{"properties": {}}]},
        {"spreadsheetId": "1AbC", "properties": {}, "sheets": "x"},
        {"spreadsheetId": "1AbC", "properties": {}, "sheets": [tab() | {"data": [{"rowData": [{"values": ["x"]}]}]}]},
        {"spreadsheetId": "1AbC", "properties": {}, "sheets": []},
        [],
    ],
)
def test_an_answer_that_describes_no_spreadsheet_is_refused(answer: Any) -> None:
    with pytest.raises(WorkbookUnreadable) as refused:
        found_spreadsheet(answer)
    assert refused.value.code == "unreadable"
    assert refused.value.what.said_in("en") == "Google's answer does not describe a spreadsheet"
    assert refused.value.where in {"", "https://docs.google.com/spreadsheets/d/1AbC"}
    with pytest.raises(WorkbookUnreadable) as refused:
        found_spreadsheet(answer, "Phú Phong")
    assert refused.value.where == "Phú Phong"


def masked(mask: str) -> Iterator[tuple[str, ...]]:
    """The paths of a mask."""
    above: list[str] = []
    name = ""
    for sign in re.findall(r"\w+|[(),]", mask):
        if sign == "(":
            above.append(name)
        elif sign == ")":
            above.pop()
        elif sign != ",":
            name = sign
            yield (*above, name)
    assert not above


def test_every_field_asked_for_is_one_that_google_knows() -> None:
    client = importlib.util.find_spec("googleapiclient")
    assert client is not None
    assert client.origin is not None
    document = Path(client.origin).parent / "discovery_cache" / "documents" / "sheets.v4.json"
    schemas = json.loads(document.read_text("utf-8"))["schemas"]
    for path in masked(MASK):
        schema = schemas["Spreadsheet"]
        for name in path:
            schema = schema["properties"][name]
            schema = schema.get("items", schema)
            schema = schemas[schema["$ref"]] if "$ref" in schema else schema
