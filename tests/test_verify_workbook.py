"""The published workbook opened and saved by a spreadsheet program is intact; another value, formula or look is named.

In the season told Tây An stands last: 4,25 points and 2,7 of the survey are 6,95 of 10, index 69,50.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from altered import errors, state, told_in, verified
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Color, Font, PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cchc_sheets.messages import speak
from cchc_sheets.publication.file_compare import compare_files

NAME: Final = "output/publication/open-data/results.xlsx"
WHITE: Final = CellIsRule("greaterThan", ["1"], font=Font(color="FFFFFF"))  # type: ignore[no-untyped-call]
STRUCK: Final = CellRichText("Xã ", TextBlock(InlineFont(strike=True), "Tây An"))
OFFICE: Final = shutil.which("soffice")


@pytest.fixture(scope="module")
def made(told: Path) -> bytes:
    return (told / NAME).read_bytes()


def saved(made: bytes, change: Callable[[Any], None] = lambda _: None) -> bytes:
    """Open the workbook in a spreadsheet program, change something, save it."""
    book = load_workbook(io.BytesIO(made))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def told_of(made: bytes, found: bytes) -> list[str]:
    speak("en")
    try:
        return [f"{one.where}: {one.found} for {one.expected}" for one in compare_files("r.xlsx", made, found)]
    finally:
        speak("vi")


def name_in(book: Any) -> Any:
    return cell_of(book, "Đơn vị")


def styled(book: Any, font: Font) -> None:
    name_in(book).font = font


def cell_of(book: Any, heading: str, unit: str = "Xã Tây An") -> Any:
    sheet = book["Kết quả"]
    column = next(cell.column for cell in sheet[1] if cell.value == heading)
    return sheet.cell(next(row[1].row for row in sheet if row[1].value == unit), column)


def test_a_workbook_saved_again_is_intact_and_its_check_sum_told_of(told_copy: Path, made: bytes) -> None:
    (told_copy / NAME).write_bytes(saved(made))
    outcome = verified(told_copy)
    assert errors(outcome) == []
    assert [one.code for one in outcome.problems] == ["saved_again"]
    assert "saved again by another program: its figures are right, but its check sum is no more" in told_in(outcome)
    assert state(outcome, "publication/open-data/results.xlsx") == "saved_again"


@pytest.mark.skipif(not OFFICE, reason="LibreOffice is not installed")
def test_a_workbook_that_libreoffice_computed_again_and_saved_is_intact(made: bytes, tmp_path: Path) -> None:
    (tmp_path / "results.xlsx").write_bytes(made)
    subprocess.run(
        [str(OFFICE), f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx",
         "--outdir", str(tmp_path / "saved"), str(tmp_path / "results.xlsx")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    again = (tmp_path / "saved/results.xlsx").read_bytes()
    assert again != made
    assert told_of(made, again) == []

    def raise_it(book: Any) -> None:
        cell_of(book, "Điểm tự chấm").value = 6.25

    assert told_of(made, saved(again, raise_it)) == [
        "sheet «Kết quả», cell G4 («Xã Tây An, Điểm tự chấm»): 6.25 for 5.25"
    ]


def test_an_altered_formula_is_named_with_its_unit_and_column(made: bytes) -> None:
    def add(book: Any) -> None:
        cell_of(book, "Tổng điểm").value += "+1"

    (said,) = told_of(made, saved(made, add))
    assert said.startswith("sheet «Kết quả», cell K4 («Xã Tây An, Tổng điểm»): =ROUND(")
    assert "+1 for =ROUND(" in said


def test_a_formula_replaced_by_a_value_and_a_text_by_a_formula_are_named(made: bytes) -> None:
    def replace(book: Any) -> None:
        cell_of(book, "Chỉ số (%)").value = 69.5
        cell_of(book, "Đơn vị").value = '="Xã Tây An"'

    said = told_of(made, saved(made, replace))
    assert ["Chỉ số (%)" in said[1], "Mã đơn vị" in said[0] or "B4" in said[0]] == [True, True]
    assert "69.5 for =ROUND($M4,2)" in said[1]


def test_the_value_shown_by_a_formula_is_compared_where_a_program_left_one(made: bytes) -> None:
    """Who does not compute again (a preview, Excel before editing is allowed) shows what stands beside the formula."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, old.read(member).replace(b"<v>69.50</v>", b"<v>96.50</v>"))
    said = told_of(made, target.getvalue())
    assert "cell N4 («Xã Tây An, Chỉ số (%)»): 96.5 for 69.5" in "\n".join(said)
    assert len(said) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda b: setattr(cell_of(b, "Điểm tự chấm"), "number_format", '"9"0'), '5.25 ("9"0) for 5.25 (general)'),
        (lambda b: setattr(b["Kết quả"].row_dimensions[3], "hidden", True), "row or column 3: hidden for "),
        (lambda b: setattr(b["Điểm đạt"].column_dimensions["D"], "hidden", True), "row or column D: hidden for "),
        (lambda b: setattr(b["Cách tính"], "sheet_state", "hidden"), "Cách tính (hidden) for Cách tính"),
        (lambda b: b.remove(b["Xếp loại"]), "sheet «Xếp loại»"),
        (lambda b: b.create_sheet("Kết quả mới", 0), "sheet «Kết quả»: Kết quả mới for Kết quả"),
        (lambda b: b["Kết quả"].conditional_formatting.add("A1:Z9", WHITE), "rules that change how cells look"),
        (lambda b: setattr(name_in(b), "number_format", ';;;"Xã Tây Phú"'),
         'Xã Tây An (;;;"xã tây phú") for Xã Tây An (general)'),
        (lambda b: setattr(cell_of(b, "Xếp loại"), "number_format", ';;;"Xuất sắc"'), '(;;;"xuất sắc") for =INDEX('),
        (lambda b: styled(b, Font(name="Calibri", sz=11, strike=True)), "(letters: Calibri, 11.0, True, 000000) for "),
        (lambda b: styled(b, Font(name="Calibri", sz=1)), "(letters: Calibri, 1.0, 000000) for "),
        (lambda b: styled(b, Font(name="Wingdings", sz=11)), "(letters: Wingdings, 11.0, 000000) for "),
        (lambda b: styled(b, Font(name="Calibri", sz=11, color="FFFFFF")), "(letters: Calibri, 11.0, FFFFFF) for "),
        (lambda b: styled(b, Font(name="Calibri", sz=11, color=Color(theme=1, tint=0.9))), "theme 1 0.9"),
        (lambda b: setattr(b, "loaded_theme", b.loaded_theme.replace(b'"windowText"', b'"window"')),
         "letters: Calibri, 11.0, theme 1 0.0"),
        (lambda b: setattr(name_in(b), "fill", PatternFill("solid", "000000")), "(colour: solid, 000000"),
        (lambda b: setattr(name_in(b), "alignment", Alignment(textRotation=90)), "(place: general, bottom, 90)"),
        (lambda b: setattr(name_in(b), "comment", Comment("hạng 1", "x")), "Xã Tây An (hạng 1) for Xã Tây An"),
        (lambda b: setattr(name_in(b), "value", STRUCK),
         "(letters of several kinds) for Xã Tây An"),
        (lambda b: setattr(b["Kết quả"].row_dimensions[3], "height", 2), "row or column 3: too small to be read"),
        (lambda b: setattr(b["Kết quả"].column_dimensions["B"], "width", 1), "row or column B: too small to be read"),
        (lambda b: setattr(b["Kết quả"].sheet_format, "zeroHeight", True), "zeroHeight: True for zeroHeight: False"),
        (lambda b: setattr(b["Kết quả"].sheet_view, "showFormulas", True), "showFormulas: True for "),
        (lambda b: setattr(b["Kết quả"].oddHeader.center, "text", "Dự thảo"), "headerFooter: Dự thảo for "),
        (lambda b: setattr(b["Kết quả"], "print_area", "A1:C3"), "printArea: 'Kết quả'!$A$1:$C$3 for "),
        (lambda b: b["Kết quả"].merge_cells("A2:B2"), "sheet «Kết quả», merged cells: A2:B2 for "),
        (lambda b: setattr(b.calculation, "fullPrecision", False), "setting «fullPrecision»: False for True"),
        (lambda b: setattr(b, "epoch", CALENDAR_MAC_1904), "setting «date1904»: 1904-01-01"),
        (lambda b: b["Kết quả"].add_chart(BarChart(), "A1"), "part «xl/charts/chart1.xml»: put in for "),
    ],
    ids=["number format", "row", "column", "sheet", "no sheet", "more sheets", "rule", "name by a format",
         "class by a format", "strike", "tiny", "symbols", "white", "tint", "theme", "fill", "turned", "note",
         "rich text", "low row", "narrow column", "no heights", "formulas", "header", "print area", "merged",
         "precision", "1904", "chart"],
)  # fmt: skip
def test_what_is_shown_otherwise_without_another_value_is_named(
    made: bytes, change: Callable[[Any], None], words: str
) -> None:
    assert words in "\n".join(told_of(made, saved(made, change)))


def with_member(made: bytes, name: str, old: bytes, new: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for member in before.namelist():
            content = before.read(member)
            assert member != name or old in content
            after.writestr(member, content.replace(old, new) if member == name else content)
    return target.getvalue()


RULE: Final = b"""<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" \
uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}"><x14:conditionalFormattings><x14:conditionalFormatting \
xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:cfRule type="expression" priority="1" \
id="{11111111-1111-1111-1111-111111111111}"><xm:f>TRUE</xm:f><x14:dxf><numFmt numFmtId="200" \
formatCode="&quot;99,99&quot;"/></x14:dxf></x14:cfRule><xm:sqref>A2:Z2</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst>"""


@pytest.mark.filterwarnings("error")
def test_a_rule_that_only_newer_programs_know_is_named_and_nothing_is_said_past_it(made: bytes) -> None:
    found = with_member(made, "xl/worksheets/sheet1.xml", b"</worksheet>", RULE + b"</worksheet>")
    assert told_of(made, found) == ["part «xl/worksheets/sheet1.xml»: extensions that change how cells look for "]


def test_a_name_shown_by_a_format_is_an_alteration_of_the_published_workbook(told_copy: Path, made: bytes) -> None:
    def show(book: Any) -> None:
        cell_of(book, "Đơn vị").number_format = ';;;"Xã Tây Phú"'

    (told_copy / NAME).write_bytes(saved(made, show))
    outcome = verified(told_copy)
    assert {file for _, file in errors(outcome)} == {"publication/open-data/results.xlsx"}
    assert state(outcome, "publication/open-data/results.xlsx") == "altered"
