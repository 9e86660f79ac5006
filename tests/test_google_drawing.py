"""What stands in a sheet made on Google, how it looks, and what people may type into it."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from google_server.sheets_areas import cell_area
from google_server.sheets_conditions import accepts
from google_server.sheets_edit import Edit
from google_server.sheets_grid import Book
from google_server.sheets_grid import Tab as ServedTab
from hypothesis import given, settings
from hypothesis import strategies as st
from played_sheets import (
    COLUMNS,
    COMMUNE,
    DEPARTMENT,
    FIGURE,
    OFFICE,
    OTHER,
    SCORE,
    SHEET,
    STAMP,
    TAB,
    THIRD,
    TODAY,
    URL,
    made,
    new_sheet_requests,
    of_kind,
    play,
    read,
    rule_of,
)

from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.layouts.workbook import Column, Input, Row, Sheet
from cchc_sheets.reading import Cell
from cchc_sheets.workspace.google_batches import Request, to_json
from cchc_sheets.workspace.google_cell_reading import found_cell
from cchc_sheets.workspace.google_cells import cell_data
from cchc_sheets.workspace.google_drawing import Drawing
from cchc_sheets.workspace.google_formats import ROWS, TONES
from cchc_sheets.workspace.google_grid import Rectangle
from cchc_sheets.workspace.google_inputs import input_spots
from cchc_sheets.workspace.google_requests import (
    DIGEST_NOTE,
    Tab,
    closed,
    digest_of,
    form_of,
    open_ranges,
    unprotected,
)
from cchc_sheets.workspace.placement import HEADINGS_KEY, place
from cchc_sheets.workspace.xlsx_styles import ROWS as XLSX_ROWS
from cchc_sheets.workspace.xlsx_styles import tone_style


def test_every_cell_is_found_under_its_keys_in_the_notation_of_the_country() -> None:
    tab = made(TAB).tabs[0]
    assert [tab.cell(0, column).value for column in range(8)] == [
        {"stringValue": words} for words in (STAMP, "code", "title", "points", "evidence", "note", "state", "checks")
    ]
    keys = [tab.cell(row, 0).value for row in range(1, 8)]
    assert keys == [{"stringValue": key} for key in ("@title", "@total", HEADINGS_KEY, "1", "1.1", "1.10", "1.2")]
    assert tab.cell(2, 3).value == {"formulaValue": "=SUBTOTAL(9;D5:D8)+0,5"}
    assert tab.cell(5, 6).value == {"formulaValue": '=IF(D6>0,5;"Đủ, tốt";"Thiếu")'}
    assert (tab.rows, tab.columns) == (8, 8)


def test_text_stays_text_whatever_it_looks_like() -> None:
    cells = read(made(TAB).tabs[0], SHEET)
    assert [cells[row, "title"] for row in ("1.10", "1.2")] == [Cell("=1+1"), Cell("0912")]
    assert [cells[row, "code"] for row in ("1", "1.1", "1.10")] == [Cell("1"), Cell("1.1"), Cell("1.10")]


def test_only_web_and_mail_addresses_open_on_a_click() -> None:
    cells = read(made(TAB).tabs[0], SHEET)
    assert cells["1.10", "evidence"] == Cell("Báo cáo", links=(URL,))
    assert cells["1.2", "evidence"] == Cell("Tệp")


def test_a_sheet_tells_by_its_stamp_which_spec_made_it() -> None:
    assert made(TAB).tabs[0].cell(0, 0).note == DIGEST_NOTE + digest_of(SHEET, STAMP)


def test_the_digest_changes_with_everything_that_is_written() -> None:
    specs = [
        SHEET,
        dataclasses.replace(SHEET, rows=SHEET.rows[:-1]),
        dataclasses.replace(SHEET, editors=(DEPARTMENT,)),
        dataclasses.replace(SHEET, columns=(*COLUMNS[:-1], dataclasses.replace(COLUMNS[-1], filled="bad"))),
    ]
    digests = {digest_of(sheet, STAMP) for sheet in specs} | {digest_of(SHEET, f"{STAMP}x")}
    assert len(digests) == 5


def test_the_digest_tells_apart_what_we_say_from_the_form_it_stands_in() -> None:
    first, *rest = SHEET.rows
    reworded = dataclasses.replace(
        SHEET, rows=(dataclasses.replace(first, cells={"code": "1", "title": "Khác"}), *rest)
    )
    opened_up = dataclasses.replace(SHEET, rows=(dataclasses.replace(first, inputs={"note": FIGURE}), *rest))
    own = form_of(digest_of(SHEET, STAMP))
    assert form_of(digest_of(reworded, STAMP)) == own
    assert form_of(digest_of(opened_up, STAMP)) != own


CARRIED = {
    "number with all its digits": Cell(Decimal("0.1234567890123")),
    "percentage": Cell(Decimal("0.125"), percent=True),
    "whole percentage": Cell(Decimal("0.5"), percent=True),
    "date": Cell(date(2023, 12, 5)),
    "moment": Cell(datetime(2023, 12, 5, 17, 30)),  # noqa: DTZ001
    "time": Cell(time(7, 45)),
    "truth": Cell(value=True),
    "formula": Cell(formula='=IF(A1>1.5,"a,b",2)'),
    "formula that links": Cell(formula=f'=HYPERLINK("{URL}","xem")', links=(URL,)),
    "text like a formula": Cell("=1+1"),
    "phone number": Cell("0912345678"),
    "note": Cell("x", note="Đã gửi bản giấy"),
    "note alone": Cell(note="Đã gửi bản giấy"),
    "link in the text": Cell(f"Xem {URL}.", links=(URL,)),
    "link behind the text": Cell("Báo cáo", links=(URL,)),
    "link behind a number": Cell(Decimal(12), links=(URL,)),
    "several links behind the text": Cell("QĐ 🌾 và KH", links=(URL, OTHER, THIRD)),
    "links behind and in the text": Cell(f"QĐ và {OTHER}", links=(URL, OTHER)),
    "links in an order of their own": Cell(f"QĐ và {OTHER}", links=(OTHER, URL)),
}


@pytest.mark.parametrize("cell", CARRIED.values(), ids=CARRIED)
@pytest.mark.parametrize("column", ["points", "evidence", "note"])
def test_what_people_had_typed_is_written_back_faithfully(cell: Cell, column: str) -> None:
    tab = made(TAB, carried={("form", "1.1", column): cell}).tabs[0]
    assert read(tab, SHEET)["1.1", column] == cell


def test_a_cell_that_a_person_cleared_stays_clear() -> None:
    tab = made(TAB, carried={("form", "1.10", "evidence"): Cell()}).tabs[0]
    assert ("1.10", "evidence") not in read(tab, SHEET)


def test_links_that_no_cell_can_hold_are_told_in_the_note() -> None:
    assert cell_data(Cell("a", links=(URL, OTHER)), "") == {
        "userEnteredValue": {"stringValue": "a"},
        "userEnteredFormat": {"textFormat": {"link": {"uri": URL}}},
        "note": OTHER,
    }
    assert cell_data(Cell("a", links=("file:///a",), note="b"), "")["note"] == "b\nfile:///a"


def test_an_error_that_stood_in_a_cell_stands_there_again() -> None:
    tab = made(TAB, carried={("form", "1.1", "note"): Cell(error="#N/A")}).tabs[0]
    assert tab.cell(5, 5).value == {"formulaValue": "=#N/A"}


def test_a_text_longer_than_a_cell_is_refused_with_the_cell_named() -> None:
    with pytest.raises(WorkbookUnreadable) as refused:
        new_sheet_requests(TAB, STAMP, {("form", "1.1", "note"): Cell("ệ" * 50_001)})
    assert (refused.value.code, str(refused.value.where)) == ("unwritable", "Tự chấm điểm!F6")
    assert refused.value.what.said_in("en") == "the text has 50001 characters; a cell holds 50000"


def test_signs_that_no_spreadsheet_takes_are_replaced_where_one_sees_it() -> None:
    assert cell_data(Cell("a\x00b\ud800"), "")["userEnteredValue"] == {"stringValue": "a\ufffdb\ufffd"}


def test_a_value_that_fills_a_column_is_sent_once() -> None:
    rows = tuple(Row(str(number), {"title": "Tiêu chí thành phần", "points": Decimal(1)}) for number in range(50))
    sheet = dataclasses.replace(SHEET, banner=(), rows=rows)
    requests = new_sheet_requests(Tab(sheet, 1001, 0), STAMP)
    assert to_json(requests).decode().count("Tiêu chí thành phần") == 1
    assert read(made(Tab(sheet, 1001, 0)).tabs[0], sheet)["49", "title"] == Cell("Tiêu chí thành phần")


# --------------------------------------------------------------------------------------------------- how it looks


def test_keys_are_hidden_and_headings_stay_in_view() -> None:
    tab = made(TAB).tabs[0]
    assert tab.lines["ROWS"][0]["hiddenByUser"] is True
    assert tab.lines["COLUMNS"][0]["hiddenByUser"] is True
    assert tab.grid == {"frozenRowCount": 4, "frozenColumnCount": 3, "hideGridlines": True}
    # 8 and 30 characters of 8 pixels, and 5 between
    assert [tab.lines["COLUMNS"][column]["pixelSize"] for column in (1, 2)] == [69, 245]


def test_a_row_is_as_high_as_its_text_and_as_the_room_asked_for() -> None:
    long = dataclasses.replace(SHEET.rows[0], cells={"title": "một hai ba bốn " * 20})
    tab = made(Tab(dataclasses.replace(SHEET, rows=(long, *SHEET.rows[1:])), 1001, 0)).tabs[0]
    heights = {row: line["pixelSize"] for row, line in tab.lines["ROWS"].items() if "pixelSize" in line}
    assert heights[4] > 5 * 20
    assert heights[6] == 67  # 3 lines of 12 points · 1.28, 4 points of padding, 4/3 of that in pixels


def test_a_row_that_people_write_in_has_no_height_so_that_it_grows() -> None:
    drawing = Drawing(1001, SHEET, {})
    sized = [request["updateDimensionProperties"]["range"] for request in drawing.contents() if _sizes_rows(request)]
    fitted = [
        request["autoResizeDimensions"]["dimensions"]
        for request in drawing.contents()
        if "autoResizeDimensions" in request
    ]
    growing = [
        line.number - 1
        for line in place(SHEET).lines
        if line.row is not None and line.row.inputs and line.row.lines == 1
    ]
    assert growing
    for row in growing:
        assert not any(area["startIndex"] <= row < area["endIndex"] for area in sized)
        assert any(area["startIndex"] <= row < area["endIndex"] for area in fitted)


def _sizes_rows(request: Request) -> bool:
    update = request.get("updateDimensionProperties", {})
    return update.get("range", {}).get("dimension") == "ROWS" and "pixelSize" in update["properties"]


def test_a_tall_banner_is_not_frozen() -> None:
    tall = Row("@how", {"code": "một\n" * 30}, "note", spans=True)
    tab = made(Tab(dataclasses.replace(SHEET, banner=(tall,)), 1001, 0)).tabs[0]
    assert "frozenRowCount" not in tab.grid


def test_a_sheet_without_rows_can_be_made() -> None:
    sheet = dataclasses.replace(SHEET, rows=())
    tab = made(Tab(sheet, 1001, 0)).tabs[0]
    assert (tab.rows, "frozenRowCount" in tab.grid, tab.basic_filter) == (4, False, None)


def test_a_column_in_which_nothing_stands_can_be_made() -> None:
    sheet = Sheet(
        "form", "Trống", (Column("a", "", 8), Column("b", "", 8)), (), (Row("1", {"a": "x"}),), headings=False
    )
    assert read(made(Tab(sheet, 1001, 0)).tabs[0], sheet) == {("1", "a"): Cell("x")}


def test_what_runs_across_is_merged_only_where_nothing_is_frozen_beside_it() -> None:
    narrow = dataclasses.replace(SHEET, columns=COLUMNS[:3], banner=SHEET.banner[:1], rows=(), filter=False)
    wide, small = made(TAB).tabs[0], made(Tab(narrow, 1001, 0)).tabs[0]
    assert wide.merges == []
    assert wide.cell(1, 1).format is not None
    assert (wide.cell(1, 1).format or {})["wrapStrategy"] == "OVERFLOW_CELL"
    assert [tuple(area) for area in small.merges] == [(1, 2, 1, 4)]
    assert (small.cell(1, 1).format or {})["horizontalAlignment"] == "CENTER"


def test_open_cells_are_yellow_and_free_text_is_kept_as_typed() -> None:
    tab = made(TAB).tabs[0]
    points, note, locked = (tab.cell(5, column).format or {} for column in (3, 5, 2))
    yellow = {"rgbColor": {"red": 1, "green": 0.9725, "blue": 0.8392}}  # FF, F8/FF, D6/FF
    assert points["backgroundColorStyle"] == note["backgroundColorStyle"] == yellow
    assert "backgroundColorStyle" not in locked
    assert note["numberFormat"] == {"type": "TEXT", "pattern": "@"}
    assert "numberFormat" not in points
    assert {edge["style"] for edge in locked["borders"].values()} == {"SOLID"}
    assert points["textFormat"]["fontFamily"] == "Times New Roman"


def test_a_sheet_looks_the_same_on_google_and_in_excel() -> None:
    for name, kind in ROWS.items():
        other = XLSX_ROWS[name]
        assert (kind.size, kind.bold, kind.italic) == (other.size, other.bold, other.italic)
        assert (kind.ink, kind.fill, kind.horizontal) == (other.ink[2:], other.fill[2:], other.horizontal.upper())
    for tone, (ink, fill) in TONES.items():
        style: Any = tone_style(tone)
        assert (style.font.color.rgb, style.fill.bgColor.rgb) == (f"FF{ink}", f"FF{fill}")


def test_words_have_their_colours_and_the_list_its_filter() -> None:
    requests = new_sheet_requests(TAB, STAMP)
    rules = of_kind(requests, "addConditionalFormatRule")
    assert [rule["rule"]["booleanRule"]["condition"] for rule in rules] == [
        {"type": "TEXT_EQ", "values": [{"userEnteredValue": "Đủ"}]},
        {"type": "TEXT_EQ", "values": [{"userEnteredValue": "Thiếu"}]},
        {"type": "NOT_BLANK"},
    ]
    assert [rule["index"] for rule in rules] == [0, 1, 2]
    assert rules[2]["rule"]["ranges"] == [Rectangle(4, 7, 8, 8).on(1001)]
    assert of_kind(requests, "setBasicFilter") == [{"filter": {"range": Rectangle(3, 1, 8, 8).on(1001)}}]


def test_a_choice_of_numbers_is_offered_with_decimal_commas() -> None:
    rule = rule_of(made(TAB).tabs[0], 5, 3)
    assert rule["condition"] == {
        "type": "ONE_OF_LIST",
        "values": [{"userEnteredValue": "0,5"}, {"userEnteredValue": "0"}],
    }
    assert (rule["strict"], rule["showCustomUi"]) == (True, True)
    assert rule["inputMessage"] == "Chọn mức: 0,5; 0. Chỉ nhận một trong các mức: 0,5; 0."


@pytest.mark.parametrize(
    ("entry", "taken", "refused"),
    [
        (FIGURE, ({"numberValue": 2.5}, {"numberValue": 0.0}), ({"numberValue": 2.6}, {"stringValue": "2,5 đ"})),
        (Input(number=True, minimum=Decimal("0.5")), ({"numberValue": 1e9},), ({"numberValue": 0.4},)),
        (Input(number=True, maximum=Decimal(3)), ({"numberValue": -1.0},), ({"numberValue": 3.1},)),
        (SCORE, ({"numberValue": 0.5},), ({"numberValue": 1.0}, {"stringValue": "đủ"})),
        (Input(choices=("Đồng ý",)), ({"stringValue": "Đồng ý"},), ({"stringValue": "không"},)),
        (Input(length=3), ({"stringValue": "abc"},), ({"stringValue": "abcd"},)),
    ],
)
def test_a_cell_takes_what_its_input_says_and_nothing_else(
    entry: Input, taken: tuple[dict[str, Any], ...], refused: tuple[dict[str, Any], ...]
) -> None:
    sheet = dataclasses.replace(SHEET, rows=(Row("1", {"code": "1"}, inputs={"note": entry}),))
    condition = rule_of(made(Tab(sheet, 1001, 0)).tabs[0], 4, 5)["condition"]
    assert all(accepts(condition, value, "vi_VN", TODAY) for value in taken)
    assert not any(accepts(condition, value, "vi_VN", TODAY) for value in refused)


def test_a_number_without_limits_is_still_a_number_and_free_text_has_no_rule() -> None:
    rows = (Row("1", {}, inputs={"note": Input(number=True), "evidence": Input()}),)
    tab = made(Tab(dataclasses.replace(SHEET, rows=rows), 1001, 0)).tabs[0]
    assert rule_of(tab, 4, 5)["condition"]["values"] == [{"userEnteredValue": "=ISNUMBER(F5)"}]
    assert rule_of(tab, 4, 4) == {}


def test_equal_inputs_share_one_request() -> None:
    rules = of_kind(new_sheet_requests(TAB, STAMP), "setDataValidation")
    assert [rule["range"] for rule in rules if "<=500'" in str(rule)] == [Rectangle(5, 5, 7, 6).on(1001)]
    assert len(rules) == 4  # the score, the evidence, both notes, the figure


def may_type(book: Book, user: str, tab: ServedTab) -> set[tuple[int, int]]:
    edit = Edit(book, user, OFFICE, TODAY)
    return {
        (row, column)
        for row in range(tab.rows)
        for column in range(tab.columns)
        if edit.allows(tab, cell_area(row, column))
    }


def test_people_may_type_into_the_inputs_and_nowhere_else() -> None:
    book = made(TAB)
    tab = book.tabs[0]
    assert may_type(book, COMMUNE, tab) == {(5, 3), (5, 4), (5, 5), (6, 3), (6, 5)}
    assert len(may_type(book, OFFICE, tab)) == 64
    play(book, [closed(1001)])
    assert may_type(book, COMMUNE, book.tabs[0]) == set()
    play(book, [unprotected(TAB.sheet_id, open_ranges(TAB))])
    assert may_type(book, COMMUNE, book.tabs[0]) == {(5, 3), (5, 4), (5, 5), (6, 3), (6, 5)}


def test_a_sheet_with_editors_is_open_to_them_alone() -> None:
    book = made(Tab(dataclasses.replace(SHEET, editors=(DEPARTMENT,)), 1001, 0))
    tab = book.tabs[0]
    assert set(tab.protections) == {1001, 11001}
    assert may_type(book, COMMUNE, tab) == set()
    assert may_type(book, DEPARTMENT, tab) == {(5, 3), (5, 4), (5, 5), (6, 3), (6, 5)}


KEYS = tuple(column.key for column in COLUMNS)
OPEN = st.lists(st.sets(st.sampled_from(KEYS)), min_size=1, max_size=12)


@given(OPEN)
def test_the_open_ranges_are_exactly_the_inputs(inputs: list[set[str]]) -> None:
    rows = tuple(
        Row(str(number), {}, inputs=dict.fromkeys(sorted(columns), SCORE)) for number, columns in enumerate(inputs)
    )
    sheet = dataclasses.replace(SHEET, rows=rows)
    areas = [
        Rectangle(area["startRowIndex"], area["startColumnIndex"], area["endRowIndex"], area["endColumnIndex"])
        for area in open_ranges(Tab(sheet, 1001, 0))
    ]
    covered = [spot for area in areas for spot in area.spots()]
    assert len(covered) == len(set(covered))
    assert set(covered) == {
        (number + 4, KEYS.index(column) + 1) for number, columns in enumerate(inputs) for column in columns
    }
    assert set(covered) == set(input_spots(place(sheet)))


@settings(max_examples=30)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000))
def test_a_number_is_read_as_it_was_written(number: Decimal) -> None:
    written = json.loads(to_json(cell_data(Cell(number), "")), parse_float=Decimal)
    found = found_cell(written, "vi_VN")
    assert found is not None
    assert found.value == number
