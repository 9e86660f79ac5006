"""What the .xlsx files of the local workspace look like, and what happens to them on a disk."""

from __future__ import annotations

import io
import re
import time
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.layouts.workbook import Column, Formula, Input, Link, Row, Sheet, Workbook
from cchc_sheets.workspace.filling import filled
from cchc_sheets.workspace.local import LocalWorkspace
from cchc_sheets.workspace.xlsx_inputs import LISTS_TITLE
from cchc_sheets.workspace.xlsx_page import tab_titles
from cchc_sheets.workspace.xlsx_text import LONGEST_TEXT
from cchc_sheets.workspace.xlsx_writing import XlsxWriter

POINTS = Input(choices=(Decimal(0), Decimal("0.5")), prompt="Chọn điểm", refusal="Chỉ chọn trong danh sách")
COLUMNS = (
    Column("code", "Mã", 8, "centre"),
    Column("title", "Tiêu chí", 40),
    Column("count", "Số lượng", 9, "number"),
    Column("self_score", "Điểm tự chấm", 9, "number"),
    Column("answer", "Trả lời", 12, "centre", {"Không": "bad", "Đồng ý": "good"}),
    Column("evidence", "Tài liệu kiểm chứng", 40),
)
INPUTS = {
    "count": Input(number=True, minimum=Decimal(0), maximum=Decimal("99.5"), refusal="Chỉ nhập số"),
    "self_score": POINTS,
    "answer": Input(choices=("Đồng ý", "Không")),
    "evidence": Input(length=500),
}


def sheet(title: str = "Tự chấm điểm", count: int = 3) -> Sheet:
    banner = (
        Row("", {"code": "PHIẾU CỦA ⟦unit_name⟧"}, "title", spans=True),
        Row("@sum", {"title": "Tổng", "self_score": Formula("SUM({self_score@*})")}, "total"),
    )
    rows = tuple(
        Row(f"1.{number}", {"code": f"1.{number}", "title": "⟦unit_name⟧"}, "component", INPUTS)
        for number in range(1, count + 1)
    )
    guide = Row("link", {"title": Link("Hướng dẫn", "https://example.gov.vn/?a=1&b=2")})
    return Sheet("form", title, COLUMNS, banner, (*rows, guide), filter=True)


def workbook(*sheets: Sheet, name: str = "Phú Phong") -> Workbook:
    return Workbook("u", f"Phiếu {name}", "ts-2023", "phu-phong", sheets or (sheet(),), {"unit_name": name})


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def form(content: bytes) -> Any:
    return opened(content).worksheets[0]


@pytest.fixture
def workspace(tmp_path: Path) -> LocalWorkspace:
    return LocalWorkspace(tmp_path)


# -- what people see --


def test_keys_are_hidden_and_only_inputs_are_open() -> None:
    page = form(XlsxWriter().written(workbook()))
    assert page["A1"].value == "cchc-sheets/1 form ts-2023 phu-phong"
    assert [cell.value for cell in page[1][1:]] == [column.key for column in COLUMNS]
    assert [page.cell(number, 1).value for number in range(2, 9)] == [
        "@1",
        "@sum",
        "@headings",
        "1.1",
        "1.2",
        "1.3",
        "link",
    ]
    assert page.row_dimensions[1].hidden
    assert page.column_dimensions["A"].hidden
    unlocked = {cell.coordinate for row in page.iter_rows() for cell in row if not cell.protection.locked}
    assert unlocked == {f"{name}{number}" for name in "DEFG" for number in (5, 6, 7)}


def test_the_sheet_is_protected_without_a_password_and_lets_people_widen_sort_and_link() -> None:
    book = opened(XlsxWriter().written(workbook()))
    assert book.security.lockStructure
    protection = book.worksheets[0].protection
    assert protection.sheet
    assert protection.password is None
    for allowed in ("formatColumns", "formatRows", "sort", "autoFilter", "insertHyperlinks"):
        assert getattr(protection, allowed) is False, allowed
    for refused in ("insertRows", "deleteRows", "insertColumns", "deleteColumns", "formatCells"):
        assert getattr(protection, refused) is True, refused


def test_headings_stay_in_view_and_are_repeated_in_print() -> None:
    page = form(XlsxWriter().written(workbook()))
    assert page.freeze_panes == "D5"
    assert page.print_title_rows == "$4:$4"
    assert page.auto_filter.ref == "B4:G8"
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert (page.oddFooter.left.text, page.oddFooter.right.text) == ("&A", "&P/&N")
    assert page["B2"].font.name == "Times New Roman"
    assert "B2:G2" in page.merged_cells


def test_numbers_to_choose_from_stand_as_numbers_on_a_hidden_sheet() -> None:
    book = opened(XlsxWriter().written(workbook()))
    by_range = {str(one.sqref): one for one in book.worksheets[0].data_validations.dataValidation}
    assert set(by_range) == {"D5:D7", "E5:E7", "F5:F7", "G5:G7"}
    points = by_range["E5:E7"]
    assert points.formula1 == f"'{LISTS_TITLE}'!$B$1:$B$2"
    assert (points.errorStyle, points.error, points.prompt) == ("stop", POINTS.refusal, POINTS.prompt)
    lists = book[LISTS_TITLE]
    assert lists.sheet_state == "veryHidden"
    assert [lists["B1"].value, lists["B2"].value] == [0, 0.5]
    number = by_range["D5:D7"]
    assert (number.type, number.operator, number.formula1, number.formula2) == (
        "decimal",
        "between",
        "0",
        "99.5",
    )
    assert by_range["F5:F7"].formula1 == '"Đồng ý,Không"'
    assert (by_range["G5:G7"].type, by_range["G5:G7"].formula1) == ("textLength", "500")


@pytest.mark.parametrize("choices", [("a, b", "c"), ('nói "a"', "c"), tuple(f"Lựa chọn số {n}" for n in range(30))])
def test_words_that_cannot_stand_in_a_validation_stand_on_the_hidden_sheet(choices: tuple[str, ...]) -> None:
    row = Row("1", {}, inputs={"answer": Input(choices=choices)})
    book = opened(XlsxWriter().written(workbook(replace(sheet(), rows=(row,)))))
    assert [cell.value for cell in book[LISTS_TITLE]["B"]] == list(choices)


def test_a_prompt_too_long_for_excel_is_shortened_visibly() -> None:
    row = Row("1", {}, inputs={"answer": Input(prompt="dài " * 100)})
    page = form(XlsxWriter().written(workbook(replace(sheet(), rows=(row,)))))
    shown = page.data_validations.dataValidation[0].prompt
    assert len(shown) == 255
    assert shown.endswith("…")


def test_words_are_coloured_by_their_tone() -> None:
    page = form(XlsxWriter().written(workbook()))
    [(place, rules)] = [(str(one.sqref), one.rules) for one in page.conditional_formatting]
    assert place == "F5:F8"
    assert [rule.formula for rule in rules] == [['"Không"'], ['"Đồng ý"']]


def test_numbers_are_written_with_exactly_their_digits() -> None:
    values = ("0.1", "8.50", "0.30000000000000004", "1E+3")
    rows = tuple(Row(value, {"count": Decimal(value)}) for value in values)
    content = XlsxWriter().written(workbook(replace(sheet(), rows=rows)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r"<v>([^<]*)</v>", xml) == ["0.1", "8.50", "0.30000000000000004", "1000"]


def test_wrapped_text_gets_a_row_high_enough_and_free_to_grow() -> None:
    rows = (Row("1", {"title": "Ngắn"}), Row("2", {"title": "Nội dung chi tiết của tiêu chí. " * 10}))
    content = XlsxWriter().written(workbook(replace(sheet(), rows=rows)))
    heights = form(content).row_dimensions
    assert heights[5].height < 25
    assert heights[6].height > 7 * 14
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert 'customHeight="1"' not in xml.partition('<row r="5"')[2]


def test_functions_younger_than_the_format_get_their_prefix() -> None:
    row = Row("1", {"title": Formula('TEXTJOIN(",",TRUE,{code@*})&SUMIFS({count@*},{count@*},1)')})
    page = form(XlsxWriter().written(workbook(replace(sheet(), rows=(row,)))))
    assert page["C5"].value == '=_xlfn.TEXTJOIN(",",TRUE,B5:B5)&SUMIFS(D5:D5,D5:D5,1)'


def test_tabs_get_titles_that_excel_accepts() -> None:
    titles = ("Thẩm định: Nội vụ/Tư pháp", "thẩm định- nội vụ-tư pháp", "Rất dài " * 10, "'", "A")
    made = tab_titles(tuple(replace(sheet(), title=title) for title in titles))
    assert made[:2] == ["Thẩm định- Nội vụ-Tư pháp", "thẩm định- nội vụ-tư pháp (2)"]
    assert all(0 < len(title) <= 31 for title in made)
    assert made[3] == "form"


def test_control_characters_are_replaced_visibly() -> None:
    page = form(XlsxWriter().written(workbook(name="A\x00B\x1fC")))
    assert page["B2"].value == "PHIẾU CỦA A\ufffdB\ufffdC"


def test_a_text_longer_than_a_cell_is_refused_not_cut(workspace: LocalWorkspace, tmp_path: Path) -> None:
    with pytest.raises(WorkbookUnreadable) as refused:
        workspace.ensure(workbook(name="x" * (LONGEST_TEXT + 1)))
    assert refused.value.code == "unwritable"
    assert refused.value.what.said_in("en").endswith(" characters; a cell holds 32767")
    assert list(tmp_path.rglob("*")) == []


# -- one mould, many workbooks --

HARD_NAMES = ("A & B <c> \"d\" 'e'", "Xã Vĩnh Thạnh", "=1+1", "]]> ⟦unit_name⟧ &amp;")


@pytest.mark.parametrize("name", HARD_NAMES)
def test_a_workbook_from_the_mould_equals_one_written_alone(name: str) -> None:
    shared = (sheet(),)
    writer = XlsxWriter()
    writer.written(workbook(*shared))
    poured = replace(workbook(name=name), sheets=shared)
    alone = replace(poured, sheets=tuple(filled(one, poured.slots) for one in shared), slots={})
    first, second = form(writer.written(poured)), form(XlsxWriter().written(alone))
    assert first["B2"].value == f"PHIẾU CỦA {name}"
    for mine, other in zip(first.iter_rows(), second.iter_rows(), strict=True):
        for one, two in zip(mine, other, strict=True):
            assert (one.value, one.data_type, one.number_format) == (
                two.value,
                two.data_type,
                two.number_format,
            )
            assert repr((one.font, one.fill, one.protection)) == repr((two.font, two.fill, two.protection))
    assert first.data_validations == second.data_validations
    assert {n: d.height for n, d in first.row_dimensions.items()} == {
        n: d.height for n, d in second.row_dimensions.items()
    }


def test_slots_outside_of_cells_are_filled_too() -> None:
    prompted = Row(
        "1", {"title": Link("Mở", "https://x.vn/⟦unit_name⟧")}, inputs={"answer": Input(prompt="⟦unit_name⟧")}
    )
    spec = replace(sheet(title="Phiếu ⟦unit_name⟧"), rows=(prompted,))
    page = form(XlsxWriter().written(workbook(spec)))
    assert page.title == "Phiếu Phú Phong"
    assert page["C5"].hyperlink.target == "https://x.vn/Phú Phong"
    assert page.data_validations.dataValidation[0].prompt == "Phú Phong"


def test_the_same_spec_gives_the_same_bytes() -> None:
    first = XlsxWriter().written(workbook())
    time.sleep(1.1)  # a clock time in the file would show itself
    assert XlsxWriter().written(workbook()) == first


def test_another_slot_title_or_sheet_gives_another_digest() -> None:
    writer = XlsxWriter()
    base = workbook()
    others = (
        replace(base, title="Khác"),
        replace(base, slots={"unit_name": "Khác"}),
        replace(base, sheets=(sheet(count=4),)),
    )
    assert len({writer.digest(one) for one in (base, *others)}) == 4
    assert writer.digest(workbook()) == writer.digest(base)


@pytest.mark.parametrize("change", ["rows without numbers", "cells without addresses", "strict"])
def test_a_cell_is_written_into_files_of_other_programs_too(tmp_path: Path, change: str) -> None:
    workspace = LocalWorkspace(tmp_path)
    sheet = Sheet(
        "guide",
        "Hướng dẫn",
        (Column("label", "Mục", 20), Column("value", "Nội dung", 40)),
        (),
        (Row("@a", {"label": "Phiếu", "value": "Chưa xem"}, told=("value",)), Row("@b", {"label": "Khác"})),
    )
    workspace.ensure(Workbook("units/x", "Phiếu", "c-1", "x", (sheet,)))
    file = tmp_path / "units" / "x.xlsx"
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    if change == "strict":
        main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        parts = {
            name: content.replace(main, b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            for name, content in parts.items()
        }
    else:
        element = b"row" if change.startswith("rows") else b"c"
        parts[part] = re.sub(
            rb"<" + element + rb'((?: [a-z]+="[^"]*")*) r="[A-Z0-9]+"', rb"<" + element + rb"\1", parts[part]
        )
        parts[part] = re.sub(rb"<" + element + rb' r="[A-Z0-9]+"', rb"<" + element, parts[part])
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    before = workspace.read("units/x").sheets[0]
    workspace.write("units/x", {"guide": {"@a": {"value": "Đủ"}}})
    after = workspace.read("units/x").sheets[0]
    told = {row.key: {column: cell.text for column, cell in row.cells.items()} for row in after.rows}
    assert told["@a"] == {"label": "Phiếu", "value": "Đủ"}
    assert told["@b"] == {"label": "Khác"}
    assert len(after.rows) == len(before.rows)
