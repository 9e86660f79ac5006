"""Numbers from outside are read by the rules of their format, and by no rule of Python's: `1_0` is no ten."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from pathlib import Path

import hostile_files as hostile
import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from office import CRITERIA, CYCLE, Office

from cchc_sheets.assessment.typed import Unreadable, read_number
from cchc_sheets.cycle.criteria_file import load_criteria
from cchc_sheets.cycle.settings import load_settings
from cchc_sheets.cycle.yaml_document import read_yaml
from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.messages import speak
from cchc_sheets.publication.paper_readback import _NUMBER
from cchc_sheets.reading import Cell, recorded_number
from cchc_sheets.workspace.cell_numbers import exact
from cchc_sheets.workspace.xlsx_reading import found_in

BOOK = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ODD = "0123456789+-.eE_ ٣１½²\u00a0\u2212,xINFa"


def sheet(rows: str) -> bytes:
    target = io.BytesIO()
    openpyxl.Workbook().save(target)
    parts = hostile.parts_of(target.getvalue())
    words = f'<worksheet xmlns="{BOOK}"><sheetData>{rows}</sheetData></worksheet>'
    return hostile.zipped(parts | {hostile.SHEET: words.encode()})


def cells(rows: str) -> dict[str, Cell]:
    found = found_in(sheet(rows), "x.xlsx").sheets[0]
    return {f"{letter}{row.number}": cell for row in found.rows for letter, cell in row.cells.items()}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0.5", "0.5"),
        ("1e-1", "0.1"),
        (" 5 ", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+2", "2"),
        ("-0", "0"),
        ("1E2", "100"),
    ],
)
def test_a_double_of_the_format_is_a_number(written: str, value: str) -> None:
    assert exact(written) == Decimal(value)


@pytest.mark.parametrize(
    "written", ["0_0.5", "1_0", "٣", "１", "1e1_0", "0x1", "inf", "NaN", "1 0", "½", "1\u00a0", "--1"]
)
def test_what_only_python_takes_for_a_number_is_text_and_told(written: str) -> None:
    assert exact(written) is None
    cell = cells(f'<row r="1"><c r="A1"><v>{written}</v></c></row>')["A1"]
    assert cell.value == written
    assert isinstance(read_number(cell), Unreadable) or written == "1\u00a0"  # typed with a blank behind, as ever


@given(st.text(ODD, max_size=8))
@example("1_0")
def test_a_stored_number_is_one_by_the_format_and_has_its_value(written: str) -> None:
    value = exact(written)
    is_double = re.fullmatch(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", written, re.ASCII)
    assert value is None or (is_double and value == Decimal(repr(float(written))))


@given(st.text(ODD, max_size=8))
def test_what_people_type_is_a_number_only_with_plain_digits_and_one_mark(written: str) -> None:
    number = read_number(Cell(written))
    if isinstance(number, Decimal):
        assert re.fullmatch(r"[+-]?[0-9]{1,15}([.,][0-9]{1,15})?", written.strip())


@pytest.mark.parametrize("written", ["1_0", "٣", "inf", "0x1", " 1", "1e5", "1.", "+1"])
def test_a_recorded_number_is_one_that_this_program_writes(written: str) -> None:
    with pytest.raises(ValueError, match=re.escape(written)):
        recorded_number(written)


@pytest.mark.parametrize("value", ["0", "-0.25", "1E+2", "0E-8", "12.50"])
def test_whatever_this_program_records_comes_back(value: str) -> None:
    assert str(recorded_number(str(Decimal(value)))) == str(Decimal(value))


TWICE = {
    "in a row": '<row r="5"><c r="B5"><v>1</v></c><c r="B5"><v>2</v></c></row>',
    "by its place": '<row r="5"><c r="A5"><v>0</v></c><c r="B5"><v>1</v></c><c r="A5"/><c><v>2</v></c></row>',
    "in a row that is there twice": '<row r="5"><c r="B5"><v>1</v></c></row><row r="5"><c r="B5"><v>2</v></c></row>',
    "in another row than it says": '<row r="5"><c r="B5"><v>1</v></c><c r="C7"><v>2</v></c></row>',
}


@pytest.mark.parametrize("name", TWICE)
def test_a_cell_that_stands_twice_or_elsewhere_is_refused_by_name(name: str) -> None:
    speak("en")
    try:
        with pytest.raises(WorkbookUnreadable) as refused:
            cells(TWICE[name])
        named = "C7" if "another" in name else "B5"
        assert str(refused.value.what) == (f"the cell {named} stands twice in the file, or in another row than it says")
        assert "look at this cell" in str(refused.value.fix)
    finally:
        speak("vi")


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1_0"><c><v>1</v></c></row>',
        '<row r="٣"><c><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>0_0</v></c></row>',
        '<row r="1"><c r="A1" s="0_0"><v>1</v></c></row>',
    ],
)
def test_whole_numbers_of_the_format_are_read_as_strictly(rows: str) -> None:
    with pytest.raises(WorkbookUnreadable):
        cells(rows)


def test_cells_and_rows_without_references_follow_one_another() -> None:
    found = cells('<row><c><v>1</v></c><c r="C1"><v>2</v></c><c><v>3</v></c></row><row><c r="a2"><v>4</v></c></row>')
    assert {place: cell.value for place, cell in found.items()} == {"A1": 1, "C1": 2, "D1": 3, "A2": 4}


def test_a_commune_whose_number_only_python_reads_is_told_and_the_others_count(office: Office) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    for unit in office.UNITS:
        office.fill_in(unit)
    file = office.file("tay-an")
    part = hostile.sheet_of(file.read_bytes(), "self_assessment")
    broken = hostile.with_changed(part, lambda xml: xml.replace(b"<v>1.25</v>", b"<v>1_0</v>"))(file.read_bytes())
    assert broken != file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(broken)
    run = office.run("--lang", "en", "collect")
    assert "«1_0» is not a number" in run.problem("not_a_number")["what"]
    points = {unit["unit"]: unit["self_points"] for unit in run.json["data"]["units"]}
    assert points == {"tay-an": "4", "binh-hoa": "5.25", "phu-phong": "5.25"}


@pytest.mark.parametrize("written", ['"0_2"', '"٢"', '"２"', '"2e0"', '"0x2"', "٢", "true", '" 2_"'])
def test_a_setting_is_a_number_by_the_documented_rules_also_in_quotes(tmp_path: Path, written: str) -> None:
    file = tmp_path / "criteria.yaml"
    file.write_text(CRITERIA.replace("max_points: 2\n", f"max_points: {written}\n", 1), encoding="utf-8")
    document = read_yaml(file)
    assert load_criteria(document, {"noi-vu", "tu-phap"}) is None
    assert "decimal_parsing" in {problem.code for problem in document.problems}
    assert any("«max_points» must be a number" in problem.what.said_in("en") for problem in document.problems)


@pytest.mark.parametrize("written", ['"2_023"', '"٢٠٢٣"', "true"])
def test_a_year_is_one_in_plain_digits(tmp_path: Path, written: str) -> None:
    file = tmp_path / "cycle.yaml"
    file.write_text(CYCLE.replace("year: 2023", f"year: {written}", 1), encoding="utf-8")
    document = read_yaml(file)
    assert load_settings(document) is None
    assert "int_parsing" in {problem.code for problem in document.problems}


def test_a_number_in_quotes_is_taken_as_before(tmp_path: Path) -> None:
    file = tmp_path / "criteria.yaml"
    file.write_text(CRITERIA.replace("max_points: 2\n", 'max_points: "2"\n', 1), encoding="utf-8")
    assert load_criteria(read_yaml(file), {"noi-vu", "tu-phap"}) is not None


def test_figures_of_a_paper_are_plain_digits() -> None:
    assert _NUMBER.fullmatch("96,50%")
    assert not _NUMBER.fullmatch("٩٦")
    assert not _NUMBER.fullmatch("９６")
