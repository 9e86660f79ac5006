"""Whole spreadsheets as requests: made anew, in place, in parts, within their budgets."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from played_sheets import OTHER, SHEET, STAMP, TAB, kinds, made, new_sheets_requests, play, read, rule_of, served

from cchc_sheets.assessment.submission import Evidence, SelfScore, Submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.cycle.folder import Cycle, load_cycle
from cchc_sheets.layouts.review import ReviewContent, review_sheets
from cchc_sheets.layouts.self_assessment import submission_sheets
from cchc_sheets.layouts.workbook import Formula, Workbook, slot
from cchc_sheets.reading import Cell
from cchc_sheets.workspace.google_batches import Request, parts, to_json
from cchc_sheets.workspace.google_requests import (
    DIGEST_NOTE,
    Tab,
    cell_requests,
    closed,
    spreadsheet_properties_request,
    tabs_of,
)
from cchc_sheets.workspace.placement import place


def test_our_own_cells_are_written_anew_in_place() -> None:
    book = made(TAB)
    play(book, [closed(1001)])
    requests = cell_requests(
        1001,
        {
            (6, "C"): Cell("Kế hoạch năm"),
            (7, "C"): Cell(Decimal("1.5")),
            (6, "D"): Cell(formula="=SUM(1.5,2)"),
            (7, "D"): Cell(),
            (7, "E"): Cell("Báo cáo mới", links=(OTHER,)),
            (8, "E"): Cell("không có"),
        },
    )
    assert kinds(requests) == ["updateCells", "updateCells"]  # C6:D7 and E7:E8
    play(book, requests)
    cells = read(book.tabs[0], SHEET)
    assert cells["1.1", "title"] == Cell("Kế hoạch năm")
    assert cells["1.10", "title"] == Cell(Decimal("1.5"))
    assert cells["1.1", "points"] == Cell(formula="=SUM(1.5,2)")
    assert ("1.10", "points") not in cells
    assert cells["1.10", "evidence"] == Cell("Báo cáo mới", links=(OTHER,))
    assert cells["1.2", "evidence"] == Cell("không có")
    assert (book.tabs[0].cell(5, 3).format or {})["backgroundColorStyle"]  # looks and rules stay
    assert rule_of(book.tabs[0], 5, 3)


def test_a_date_written_in_place_is_read_as_a_date() -> None:
    book = made(TAB)
    typed = {(6, "E"): Cell(date(2023, 12, 5)), (7, "E"): Cell(Decimal("0.5"), percent=True), (6, "F"): Cell("5/12")}
    play(book, cell_requests(1001, typed))
    cells = read(book.tabs[0], SHEET)
    assert [cells["1.1", "evidence"], cells["1.10", "evidence"], cells["1.1", "note"]] == list(typed.values())
    assert (book.tabs[0].cell(5, 5).format or {})["numberFormat"]["type"] == "TEXT"


def test_a_link_that_is_no_longer_there_no_longer_opens() -> None:
    book = made(TAB)
    play(book, cell_requests(1001, {(7, "E"): Cell("Báo cáo")}))
    assert read(book.tabs[0], SHEET)["1.10", "evidence"] == Cell("Báo cáo")


def test_a_spreadsheet_made_in_parts_is_the_one_made_at_once() -> None:
    tabs = [TAB, Tab(dataclasses.replace(SHEET, key="two", title="Hai"), 1002, 1)]
    requests = new_sheets_requests([(tab, STAMP) for tab in tabs], without=[0])
    book = served()
    bodies = list(parts(requests, 3_000))
    assert len(bodies) > 3
    for body in bodies:
        play(book, body)
    assert book.tabs == made(*tabs).tabs


def test_no_value_stands_unprotected_and_no_stamp_in_an_unfinished_sheet() -> None:
    tabs = [TAB, Tab(dataclasses.replace(SHEET, key="two", title="Hai"), 1002, 1)]
    done = kinds(new_sheets_requests([(tab, STAMP) for tab in tabs], without=[0]))
    assert done[:5] == ["updateSheetProperties", "addSheet", "addProtectedRange", "addSheet", "addProtectedRange"]
    assert done[-3:] == ["deleteSheet", "updateCells", "updateCells"]
    book = served()
    play(book, new_sheets_requests([(tab, STAMP) for tab in tabs])[:-2])
    assert all(book.tab(tab.sheet_id).cell(0, 0).value is None for tab in tabs)


def test_a_sheet_can_be_made_anew_under_its_old_title() -> None:
    book = made(TAB)
    renewed = dataclasses.replace(TAB, sheet_id=1002)
    play(book, new_sheets_requests([(renewed, STAMP)], {("form", "1.1", "note"): Cell("x")}, without=[1001]))
    assert [(tab.id, tab.title) for tab in book.tabs] == [(1002, "Tự chấm điểm")]
    assert read(book.tabs[0], SHEET)["1.1", "note"] == Cell("x")


def test_tabs_have_filled_slots_ids_of_their_own_and_titles_that_google_takes() -> None:
    titles = ("Sở Nội vụ: A/B", "sở nội vụ- a-b", slot("unit_name"), "x" * 150, "X" * 120, "'")
    sheets = tuple(dataclasses.replace(SHEET, key=f"s{number}", title=title) for number, title in enumerate(titles))
    tabs = tabs_of(Workbook("units/an", "Phiếu", "c", "an", sheets, {"unit_name": "Xã An"}))
    assert [tab.title for tab in tabs] == [
        "Sở Nội vụ- A-B",
        "sở nội vụ- a-b (2)",
        "Xã An",
        "x" * 100,
        "X" * 96 + " (2)",
        "s5",
    ]
    assert [(tab.sheet_id, tab.index) for tab in tabs] == [(1001 + number, number) for number in range(6)]
    assert [tab.title for tab in made(*tabs).tabs] == [tab.title for tab in tabs]


@cache
def tay_son() -> Cycle:
    return load_cycle(Path(__file__).parents[1] / "sheet_templates" / "tay-son-2023")


def bodies_of(workbook: Workbook) -> list[list[Request]]:
    stamped = [(tab, workbook.stamp(tab.sheet)) for tab in tabs_of(workbook)]
    first = spreadsheet_properties_request(workbook.title, "Asia/Ho_Chi_Minh")
    return list(parts([first, *new_sheets_requests(stamped, without=[0])]))


def review(units: int) -> Workbook:
    """A review workbook in which every commune has filled in every line."""
    cycle = tay_son()
    roster = [Unit(f"xa-{number}", f"Xã Bình Hòa số {number}", "commune") for number in range(units)]
    submissions = {
        unit.code: Submission(
            unit.code,
            {
                leaf.code: SelfScore(
                    leaf.max_points / 2,
                    evidence=Evidence(
                        f"Báo cáo số {number}/BC-UBND ngày 05/12/2023 của UBND xã về kết quả thực hiện năm 2023",
                        (f"https://drive.google.com/file/d/1AbCdEfGhIjKlMnOpQrStUvWxYz{number:06}/view?usp=sharing",),
                    ),
                    note="Đã hoàn thành theo kế hoạch đề ra trong năm",
                )
                for leaf in cycle.criteria.self_scored
            },
        )
        for number, unit in enumerate(roster)
    }
    names = {department.id: department.name for department in cycle.settings.departments}
    content = ReviewContent(cycle.settings.title, cycle.criteria, roster, names, names, submissions)
    return Workbook("appraisal", "Bảng thẩm định", cycle.settings.id, "-", review_sheets(content))


def test_a_communes_workbook_is_one_request_and_reads_as_laid_out() -> None:
    slots = dict.fromkeys(("unit_name", "title", "deadline", "office", "contact"), "Xã Bình Hòa")
    workbook = Workbook("units/an", "Phiếu", "c", "an", submission_sheets(tay_son().criteria), slots)
    (body,) = bodies_of(workbook)
    assert len(to_json({"requests": body})) < 300_000
    book = served()
    play(book, body)
    for tab, found in zip(tabs_of(workbook), book.tabs, strict=True):
        cells = read(found, tab.sheet)
        for row in tab.sheet.rows:
            for column, value in row.cells.items():
                if isinstance(value, Formula):
                    expected = place(tab.sheet).formula(value.pattern, row.key)
                    assert cells[row.key, column] == Cell(formula=f"={expected}")
                else:
                    assert cells[row.key, column] == Cell(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(("units", "most"), [(15, 2), (168, 9)])
def test_the_review_workbook_stays_within_its_budget(units: int, most: int) -> None:
    bodies = bodies_of(review(units))
    assert len(bodies) <= most
    assert max(len(to_json({"requests": body})) for body in bodies) <= 1_500_000


def test_the_review_workbook_can_be_made() -> None:
    book = served()
    for body in bodies_of(review(3)):
        play(book, body)
    assert [tab.cell(0, 0).note.startswith(DIGEST_NOTE) for tab in book.tabs] == [True] * len(book.tabs)
