"""Points from the survey's file: every value in its place, or none at all and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from criteria_sets import A, B, D, criteria_set
from openpyxl import Workbook

from cchc_sheets.assessment.survey import parse_points
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import CchcError, Problem
from cchc_sheets.stages.points_file import read_points_file

CRITERIA = criteria_set("1\n  1.1 5 survey\n  1.10 3 imported\n  1.2 1 points 1")
HOA = Unit("binh-hoa", "Xã Bình Hòa", "commune")
ALL = {("a", "1.1"): D("4.5"), ("a", "1.10"): D(2), ("b", "1.1"): D("3.25"), ("b", "1.10"): D(1)}

Found = tuple[Mapping[tuple[str, str], D], list[tuple[str, str | int | None, str | int | None]]]


def of_file(file: Path, *units: Unit, already: tuple[tuple[str, str], ...] = ()) -> Found:
    points, problems = parse_points(read_points_file(file), units=units or (A, B), criteria=CRITERIA, already=already)
    return points, list(map(place, problems))


def place(problem: Problem) -> tuple[str, str | int | None, str | int | None]:
    return problem.code, problem.row, problem.column


def of_csv(folder: Path, content: str | bytes, *units: Unit, already: tuple[tuple[str, str], ...] = ()) -> Found:
    file = folder / "survey.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return of_file(file, *units, already=already)


def of_xlsx(folder: Path, *rows: list[object]) -> Found:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(folder / "survey.xlsx")
    return of_file(folder / "survey.xlsx")


WIDE = 'unit,1.1,1.10\na,"4,5",2\nPhường B,3.25,1\n'


@pytest.mark.parametrize(
    "content",
    [
        WIDE,
        WIDE.replace("\n", "\r\n"),
        WIDE.replace("\n", "\r"),
        "\ufeff" + WIDE,
        WIDE.encode("utf-16"),
        "unit;1.1;1.10\na;4,5;2\nphường b;3,25;1\n",
        "Đơn vị\t1.1\t1.10\na\t4,5\t2\nb\t3,25\t1\n",
        "Tên đơn vị,1.10,ghi chú,1.1\nXã A,2,tốt,4.5\n,,,\nPhường B,1,,3.25\n",
        "unit,code,points\na,1.1,4.5\na,1.10,2\nb,1.1,3.25\nb,1.10,1\n",
        'Mã đơn vị;Mã tiêu chí;Điểm\na;1.1;4,5\na;1.10;2\nb;"1.1";3,25\nb;1.10;1\n',
    ],
)
def test_either_form_in_any_usual_csv_gives_the_same_points(tmp_path: Path, content: str | bytes) -> None:
    assert of_csv(tmp_path, content) == (ALL, [])


def test_a_workbook_gives_exact_decimals(tmp_path: Path) -> None:
    rows: list[list[object]] = [["unit", "1.1", "1.10"], ["a", 4.5, 2], ["b", "3,25", 1]]
    assert of_xlsx(tmp_path, *rows) == (ALL, [])
    assert of_xlsx(tmp_path, rows[0], ["a", 4.39, 2], rows[2])[0]["a", "1.1"] == D("4.39")


@pytest.mark.parametrize(
    "name", ["Xã Bình Hoà", "xã bình hòa", "XÃ BÌNH HÒA", "binh-hoa", "Xa\u0303 Bi\u0300nh Ho\u0300a"]
)
def test_a_unit_is_found_in_every_spelling(tmp_path: Path, name: str) -> None:
    assert of_csv(tmp_path, f"unit,1.1,1.10\n{name},1,1\n", HOA)[0].keys() == {
        ("binh-hoa", "1.1"),
        ("binh-hoa", "1.10"),
    }


@pytest.mark.parametrize(
    ("content", "problem", "what"),
    [
        (WIDE.replace("3.25", "x"), ("not_a_number", 3, "1.1"), "«x» is not a number"),
        (WIDE.replace("3.25", "5.01"), ("above_max", 3, "1.1"), "5.01 points is above the maximum 5"),
        (WIDE.replace("3.25", "-1"), ("negative", 3, "1.1"), "-1 points is below zero"),
        (WIDE.replace("3.25", "80%"), ("percent", 3, "1.1"), "«80%» is a percentage"),
        (WIDE.replace("3.25", "3.250"), ("thousands", 3, "1.1"), "«3.250» may have a thousands separator"),
        (WIDE + "c,1,1\n", ("unit_unknown", 4, "unit"), "there is no unit «c»"),
        (WIDE + "a,4,2\n", ("twice", 4, "1.1"), "Xã A has two different values for 1.1"),
        (
            WIDE.replace("1.10", "1.2"),
            ("criterion_unknown", 1, "1.2"),
            "«1.2» is no survey or imported criterion of the set",
        ),
        (
            "unit,code,points\na,9.9,1\n",
            ("criterion_unknown", 2, "9.9"),
            "«9.9» is no survey or imported criterion of the set",
        ),
        (
            "unit,code,points\na,1.2,1\n",
            ("criterion_unknown", 2, "1.2"),
            "«1.2» is no survey or imported criterion of the set",
        ),
        ("name,1.1\na,1\n", ("column_missing", 1, None), "no column for the unit"),
    ],
)
def test_every_wrong_cell_is_told_with_its_line_and_column(
    tmp_path: Path, content: str, problem: tuple[str, int, str | None], what: str
) -> None:
    (tmp_path / "survey.csv").write_text(content, encoding="utf-8")
    _, problems = parse_points(read_points_file(tmp_path / "survey.csv"), units=(A, B), criteria=CRITERIA)
    assert (problem, what) in [(place(one), one.what.said_in("en").rpartition(": ")[2]) for one in problems]


def test_a_column_headed_by_an_unknown_code_is_named_and_stops_nothing(tmp_path: Path) -> None:
    file = tmp_path / "survey.csv"
    file.write_text('unit,1.1,1.10,9.9\na,"4,5",2,1\nb,3.25,1,1\n', encoding="utf-8")
    points, problems = parse_points(read_points_file(file), units=(A, B), criteria=CRITERIA)
    assert points == ALL
    (problem,) = problems
    assert (place(problem), problem.severity) == (("column_unknown", 1, "9.9"), "warning")
    assert problem.what.said_in("en") == "the column «9.9» belongs to no criterion of the set and was not read"


@pytest.mark.parametrize(
    "content",
    [
        "unit,1.1,1.10\na,4,5,2\nb,3.25,1\n",  # 4,5 and 2; read as 4 and 5 it would be possible points
        "unit,1.1,1.10\na,4,2,\nb,3.25,1\n",
        "unit,code,points\na,1.1,4,5\n",
    ],
)
def test_a_decimal_comma_between_commas_does_not_shift_points_unnoticed(tmp_path: Path, content: str) -> None:
    assert ("too_many_values", 2, None) in of_csv(tmp_path, content)[1]


def test_a_line_cut_short_misses_points_and_nothing_else(tmp_path: Path) -> None:
    assert of_csv(tmp_path, "unit,code,points\na,1.1\n")[1] == [("points_missing", None, None)] * 2
    assert of_csv(tmp_path, "unit,1.1,1.10\na\n")[1] == [("points_missing", None, None)] * 2


def test_the_same_value_twice_is_no_contradiction(tmp_path: Path) -> None:
    assert of_csv(tmp_path, WIDE + "Xã A,4.50,2.0\n") == (ALL, [])


def test_missing_points_are_told_for_each_unit_unless_imported_before(tmp_path: Path) -> None:
    content = "unit,1.1\na,4.5\n"
    assert of_csv(tmp_path, content)[1] == [("points_missing", None, None)] * 2
    before = (("a", "1.10"), ("b", "1.1"), ("b", "1.10"))
    assert of_csv(tmp_path, content, already=before) == ({("a", "1.1"): D("4.5")}, [])


def test_a_blank_is_no_zero(tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text("unit,1.1,1.10\na,,2\nb,0,1\n", encoding="utf-8")
    points, problems = parse_points(read_points_file(tmp_path / "survey.csv"), units=(A, B), criteria=CRITERIA)
    assert points == {("a", "1.10"): D(2), ("b", "1.1"): D(0), ("b", "1.10"): D(1)}
    assert [place(problem) for problem in problems] == [("points_missing", None, None)]
    assert problems[0].what.said_in("en") == "Xã A has no points for 1.1"


@pytest.mark.parametrize(
    "rows",
    [
        ([["unit", 1.1, "1.10"], ["a", 4.5, 2], ["b", 3.25, 1]]),
        ([["unit", "code", "points"], ["a", 1.1, 2], ["a", "1.1", 4.5]]),
    ],
)
def test_a_code_in_a_number_cell_may_have_lost_its_zero_and_is_refused(
    tmp_path: Path, rows: list[list[object]]
) -> None:
    points, problems = of_xlsx(tmp_path, *rows)
    assert "code_is_number" in [code for code, _, _ in problems]
    assert points.get(("a", "1.1"), D("4.5")) == D("4.5")


def test_a_formula_an_error_a_percentage_and_a_duration_are_no_points(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["unit", "1.1", "1.10"], ["a", "=1+1", 0.5], ["b", "#N/A", timedelta(hours=30)]):
        sheet.append(row)
    sheet["C2"].number_format = "0%"
    book.save(tmp_path / "survey.xlsx")
    points, problems = of_file(tmp_path / "survey.xlsx")
    assert points == {}
    assert [problem[0] for problem in problems if problem[0] != "points_missing"] == [
        "formula",
        "percent",
        "formula_error",
        "date",
    ]


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("survey.csv", "đơn vị".encode("cp1258", "replace") + b"\xd0\xff", "unreadable", "cannot be read as text"),
        (
            "survey.csv",
            b'unit,1.1\na,"' + b"x" * 200_000,
            "unreadable",
            "cannot be read: field larger than field limit (131072)",
        ),
        ("survey.xlsx", b"not a zip", "not_a_workbook", "the file is no .xlsx workbook"),
        ("survey.xlsx", b"", "empty_file", "the file is empty (0 bytes)"),
        ("missing.csv", None, "missing", "the file is missing"),
    ],
)
def test_a_file_that_is_no_table_is_told_by_name(
    tmp_path: Path, name: str, content: bytes | None, code: str, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CchcError) as caught:
        read_points_file(tmp_path / name)
    assert (caught.value.code, caught.value.what.said_in("en")) == (code, said)
    assert caught.value.where == str(tmp_path / name)


def test_an_empty_file_has_no_column_for_the_unit(tmp_path: Path) -> None:
    assert of_csv(tmp_path, "")[1] == [("column_missing", 1, None)]
