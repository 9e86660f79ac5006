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
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font

from cchc_sheets.messages import speak
from cchc_sheets.publication.file_compare import compare_files

NAME: Final = "output/publication/open-data/results.xlsx"
WHITE: Final = CellIsRule("greaterThan", ["1"], font=Font(color="FFFFFF"))  # type: ignore[no-untyped-call]
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
    ],
    ids=["number format", "row", "column", "sheet", "no sheet", "more sheets", "rule"],
)  # fmt: skip
def test_what_is_shown_otherwise_without_another_value_is_named(
    made: bytes, change: Callable[[Any], None], words: str
) -> None:
    assert words in "\n".join(told_of(made, saved(made, change)))
