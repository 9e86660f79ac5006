"""What is read out of .xlsx files: every kind of cell, other programs' files, refusals with their reason."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cchc_sheets.layouts.workbook import Column, Input, Link, Row, Sheet, Workbook
from cchc_sheets.reading import Cell, WorkbookReading
from cchc_sheets.workspace.found import reading_of
from cchc_sheets.workspace.local import LocalWorkspace
from cchc_sheets.workspace.xlsx_reading import found_in

STAMP = "cchc-sheets/1 form tay-son-2023 phu-phong"


# A cell knows no time zone.
MOMENT = datetime(2023, 12, 5, 17, 30)  # noqa: DTZ001
EARLY, LATE = datetime(1950, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001


def read(content: bytes) -> WorkbookReading:
    return reading_of(found_in(content, "x.xlsx").sheets, "version", datetime(2023, 12, 10, tzinfo=UTC))


def saved(book: Any) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def stamped(fill: Callable[[Any], None], columns: tuple[str, ...] = ("value", "other")) -> bytes:
    """A workbook with one stamped sheet, a row `k` and whatever `fill` puts into it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([STAMP, *columns])
    sheet.append(["k"])
    fill(sheet)
    return saved(book)


def cell_of(content: bytes, column: str = "value") -> Cell | None:
    return read(content).sheets[0].rows[0].cells.get(column)


def put(value: Any, number_format: str = "") -> Callable[[Any], None]:
    def fill(sheet: Any) -> None:
        sheet["B2"] = value
        if number_format:
            sheet["B2"].number_format = number_format

    return fill


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        ("  Xã Phú Phong ", "", Cell("  Xã Phú Phong ")),
        ("0,5", "", Cell("0,5")),
        ("1.10", "", Cell("1.10")),
        (0.1, "", Cell(Decimal("0.1"))),
        (5, "", Cell(Decimal(5))),
        (-0.0, "", Cell(Decimal(0))),
        (True, "", Cell(value=True)),
        (0.5, "0%", Cell(Decimal("0.5"), percent=True)),
        (0.5, '0.0" %"', Cell(Decimal("0.5"))),
        (date(2023, 12, 5), "", Cell(date(2023, 12, 5))),
        (MOMENT, "", Cell(MOMENT)),
        (time(7, 30), "", Cell(time(7, 30))),
        (45265, "dd/mm/yyyy", Cell(date(2023, 12, 5))),
        (45265, "[$-42A]dd mmmm yyyy", Cell(date(2023, 12, 5))),
        (45265, '#,##0 "đồng"', Cell(Decimal(45265))),
        (45265, "[Red]0.00", Cell(Decimal(45265))),
        ("=1+1", "", Cell(formula="=1+1")),
        ("#REF!", "", Cell(error="#REF!")),
        ('=HYPERLINK("https://a.vn/""b""","x")', "", None),
    ],
)
def test_every_kind_of_value_is_read_as_what_it_is(value: Any, number_format: str, expected: Cell | None) -> None:
    if expected is None:
        expected = Cell(formula=value, links=('https://a.vn/"b"',))
    assert cell_of(stamped(put(value, number_format))) == expected


def test_a_number_is_the_shortest_decimal_of_the_stored_double() -> None:
    content = with_part(
        stamped(put(7)),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<v>7</v>", b"<v>1.1000000000000001</v>"),
    )
    assert cell_of(content) == Cell(Decimal("1.1"))


@pytest.mark.parametrize("blank", ["", "   ", "\n\t", "\u00a0"])
def test_whitespace_alone_is_no_cell(blank: str) -> None:
    assert cell_of(stamped(put(blank))) is None


def test_links_are_the_cells_own_then_those_in_its_text_each_once() -> None:
    def fill(sheet: Any) -> None:
        sheet["B2"] = "Xem (https://b.vn/x), https://a.vn/y. và https://b.vn/x"
        sheet["B2"].hyperlink = "https://a.vn/y"
        sheet["C2"].hyperlink = "https://c.vn"
        sheet["C2"].value = None
        sheet["C2"].number_format = "@"  # else the blank cell is not written

    content = stamped(fill)
    found = cell_of(content)
    assert found is not None
    assert found.links == ("https://a.vn/y", "https://b.vn/x")
    assert cell_of(content, "other") == Cell(links=("https://c.vn",))


def test_addresses_without_a_scheme_are_links_and_excels_own_link_to_them_is_the_same() -> None:
    def fill(sheet: Any) -> None:
        sheet["B2"] = "Xem www.b.vn/x, docs.google.com/document/d/1AbC và báo cáo.docx"
        sheet["C2"] = "Xem www.c.vn/x"
        sheet["C2"].hyperlink = "http://www.c.vn/x"

    content = stamped(fill)
    found, other = cell_of(content), cell_of(content, "other")
    assert found is not None
    assert other is not None
    assert found.links == ("https://www.b.vn/x", "https://docs.google.com/document/d/1AbC")
    assert other.links == ("http://www.c.vn/x",)


def test_a_note_is_read_even_on_a_blank_cell() -> None:
    def fill(sheet: Any) -> None:
        sheet["B2"].comment = Comment("Xem lại", "Nội vụ")

    assert cell_of(stamped(fill)) == Cell(note="Xem lại")


def test_rich_text_is_joined() -> None:
    rich = CellRichText("Đã ", TextBlock(InlineFont(b=True), "ban hành"), " đủ")
    assert cell_of(stamped(put(rich))) == Cell("Đã ban hành đủ")


def test_coded_control_characters_are_decoded() -> None:
    content = with_part(
        stamped(put("a@b")),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"a@b", b"a_x000D_b_x005F_x0041_"),
    )
    assert cell_of(content) == Cell("a\rb_x0041_")


def test_a_shared_formula_is_read_in_every_cell() -> None:
    def share(xml: bytes) -> bytes:
        shared = b'<f t="shared" ref="B2:B3" si="0">A2*2</f>'
        xml = xml.replace(b"<f>A2*2</f>", shared)
        return re.sub(rb'<c r="B3"[^>]*>.*?</c>', b'<c r="B3"><f t="shared" si="0"/><v>4</v></c>', xml)

    def fill(sheet: Any) -> None:
        sheet["B2"] = "=A2*2"
        sheet["A3"] = "l"
        sheet["B3"] = 1

    rows = read(with_part(stamped(fill), "xl/worksheets/sheet1.xml", share)).sheets[0].rows
    assert [row.cells["value"].formula for row in rows] == ["=A2*2", "=A3*2"]


def test_dates_that_count_from_1904_are_the_same_dates() -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.worksheets[0].append([STAMP, "value"])
    book.worksheets[0].append(["k", date(2023, 12, 5)])
    assert cell_of(saved(book)) == Cell(date(2023, 12, 5))


def test_rows_and_columns_are_found_by_key_wherever_they_are() -> None:
    def move(sheet: Any) -> None:
        sheet["B2"] = "giữ"
        sheet.insert_rows(2)
        sheet["C2"] = "dòng chèn"
        sheet.insert_cols(2)
        sheet["B3"] = "cột chèn"

    sheet = read(stamped(move)).sheets[0]
    inserted, kept = sheet.rows
    assert (inserted.key, kept.key, kept.number) == ("", "k", 3)
    assert kept.cells == {"+B": Cell("cột chèn"), "value": Cell("giữ")}
    assert sheet.address(kept, "value") == "C3"
    assert sheet.address(kept, "+B") == "B3"


def test_rows_inserted_above_the_stamp_are_survived() -> None:
    def move(sheet: Any) -> None:
        sheet["B2"] = "giữ"
        sheet.insert_rows(1)
        sheet["B1"] = "Ghi chú"

    rows = read(stamped(move)).sheets[0].rows
    assert [(row.key, row.cells["value"].text) for row in rows] == [("", "Ghi chú"), ("k", "giữ")]


def test_the_first_of_two_columns_with_one_key_counts_and_the_other_is_kept_apart() -> None:
    def fill(sheet: Any) -> None:
        sheet["B2"], sheet["C2"] = "một", "hai"

    rows = read(stamped(fill, ("value", "value"))).sheets[0].rows
    assert rows[0].cells == {"value": Cell("một"), "+C": Cell("hai")}


def test_tabs_without_our_stamp_are_strays() -> None:
    def fill(sheet: Any) -> None:
        sheet.parent.create_sheet("Nháp")["A1"] = "cchc-sheets/10 form x y"

    reading = read(stamped(fill))
    assert reading.strays == ("Nháp",)
    assert [(sheet.key, sheet.cycle, sheet.unit) for sheet in reading.sheets] == [("form", "tay-son-2023", "phu-phong")]


def test_a_strict_workbook_with_prefixes_and_without_addresses_is_read() -> None:
    main = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    relations = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{relations}/officeDocument" Target="/xl/book.xml"/></Relationships>',
        "xl/book.xml": f'<x:workbook xmlns:x="{main}" xmlns:r="{relations}"><x:sheets>'
        '<x:sheet name="Phiếu" sheetId="1" r:id="a"/></x:sheets></x:workbook>',
        "xl/_rels/book.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="a" '
        f'Type="{relations}/worksheet" Target="sheets/one.xml"/></Relationships>',
        "xl/sheets/one.xml": f'<x:worksheet xmlns:x="{main}"><x:sheetData><x:row>'
        f'<x:c t="inlineStr"><x:is><x:t>{STAMP}</x:t></x:is></x:c><x:c t="str"><x:v>value</x:v></x:c></x:row>'
        '<x:row><x:c t="inlineStr"><x:is><x:t>k</x:t></x:is></x:c>'
        '<x:c t="d"><x:v>2023-12-05</x:v></x:c></x:row></x:sheetData></x:worksheet>',
    }
    assert cell_of(zipped({name: xml.encode() for name, xml in parts.items()})) == Cell(date(2023, 12, 5))


# -- the same values as other readers and writers --

NUMBERS = st.one_of(st.integers(-(10**12), 10**12), st.floats(-9e307, 9e307))
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=30).filter(
    lambda words: bool(words.strip()) and "_x" not in words and not words.startswith(("=", "#"))
)
VALUES = st.one_of(NUMBERS, WORDS, st.booleans(), st.datetimes(min_value=EARLY, max_value=LATE))


def as_read(value: Any) -> Any:
    """What openpyxl found, in our words."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return Decimal(repr(value)) or Decimal(0)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.one_of(st.none(), VALUES), min_size=1, max_size=6), min_size=1, max_size=8))
@pytest.mark.parametrize("writer", ["openpyxl", "xlsxwriter"])
def test_values_are_those_that_openpyxl_reads(writer: str, rows: list[list[Any]]) -> None:
    content = written_by_openpyxl(rows) if writer == "openpyxl" else written_by_xlsxwriter(rows)
    found = {row.number: row.cells for row in read(content).sheets[0].rows}
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    for number, row in enumerate(sheet.iter_rows(min_row=2, min_col=2, values_only=True), start=2):
        for index, value in enumerate(row):
            cell = found[number].get(f"c{index}", Cell())
            expected = as_read(value)
            if isinstance(expected, datetime) and isinstance(cell.value, date) and expected.time() == time():
                assert cell.value in {expected, expected.date()}
            else:
                assert cell.value == expected
                assert isinstance(cell.value, bool) is isinstance(expected, bool)


def written_by_openpyxl(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([STAMP, *(f"c{index}" for index in range(6))])
    for number, row in enumerate(rows):
        sheet.append([f"k{number}", *row])
    return saved(book)


def written_by_xlsxwriter(rows: list[list[Any]]) -> bytes:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"default_date_format": "dd/mm/yyyy hh:mm:ss", "strings_to_urls": False})
    sheet = book.add_worksheet()
    for number, row in enumerate([[STAMP, *(f"c{index}" for index in range(6))], *rows]):
        sheet.write_row(number, 0, row if number == 0 else [f"k{number}", *row])
    book.close()
    return target.getvalue()


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_a_workbook_saved_by_libreoffice_reads_equal(tmp_path: Path) -> None:
    workspace = LocalWorkspace(tmp_path / "a")
    workspace.ensure(WORKBOOK)
    workspace.type_in("u", {"form": {"1.10": {"value": Decimal("0.35"), "other": "=1+1"}, "2": {"value": "0,5"}}})
    before = workspace.read("u")
    command = ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"]
    target = ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "b")]
    subprocess.run([*command, *target, workspace.location("u")], check=True, capture_output=True, timeout=180)
    saved_again = LocalWorkspace(tmp_path / "b")
    after = saved_again.read("u")
    assert after.version != before.version
    assert after.sheets == before.sheets
    assert after.strays == ()
    assert saved_again.ensure(WORKBOOK).action == "kept"


WORKBOOK = Workbook(
    "u",
    "Phiếu",
    "tay-son-2023",
    "phu-phong",
    (
        Sheet(
            "form",
            "Phiếu «n»",
            (Column("code", "Mã", 8), Column("value", "Điểm", 10, "number"), Column("other", "Khác", 30)),
            (Row("", {"code": "PHIẾU"}, "title", spans=True),),
            (
                Row(
                    "1.10",
                    {"code": "1.10"},
                    inputs={"value": Input(choices=(Decimal("0.35"),)), "other": Input()},
                ),
                Row("2", {"code": Link("Hai", "https://x.vn/hai")}, inputs={"value": Input()}),
            ),
        ),
    ),
    {"n": "1"},
)


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    assert change(parts[name]) != parts[name]
    return zipped({**parts, name: change(parts[name])})


def zipped(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()
