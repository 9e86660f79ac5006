"""What is read out of a cell as Google describes it: every kind of value, format, link and note."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from google_answers import Json, error, formula, found, number, run, tab, words
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets.reading import Cell
from cchc_sheets.workspace.cell_numbers import exact
from cchc_sheets.workspace.google_cells import cell_data
from cchc_sheets.workspace.xlsx_reading import found_in

A, B, C = "https://a.vn/x", "https://b.vn/y", "https://c.vn/z"
# A cell knows no time zone.
MOMENT = datetime(2023, 12, 5, 17, 30)  # noqa: DTZ001
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
EARLY, LATE = datetime(1899, 12, 31), datetime(2100, 1, 1)  # noqa: DTZ001


def cell(data: Json, locale: str = "vi_VN") -> Cell | None:
    rows = found(tab([[{}, data]]), locale=locale).tabs[0].sheet.rows
    return rows[0].cells["B"] if rows else None


def chip(uri: str, start: int = 0) -> Json:
    linked = {"richLinkProperties": {"uri": uri, "mimeType": "application/pdf"}}
    return {"chip": linked, **({"startIndex": start} if start else {})}


def person(address: str, start: int = 0) -> Json:
    return {"chip": {"personProperties": {"email": address}}, **({"startIndex": start} if start else {})}


def linked(uri: str) -> Json:
    return {"userEnteredFormat": {"textFormat": {"link": {"uri": uri}}}}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (words("  Xã Phú Phong "), Cell("  Xã Phú Phong ")),
        (words("0,5"), Cell("0,5")),
        (words("1.10"), Cell("1.10")),
        (words("=1+1"), Cell("=1+1")),
        (number(0.5, shown="0,5"), Cell(Decimal("0.5"))),
        (number(0.1 + 0.2, shown="0,3"), Cell(Decimal("0.30000000000000004"))),
        (number(1.1000000000000001), Cell(Decimal("1.1"))),
        (number(1e-7, shown="0,0000001"), Cell(Decimal("1E-7"))),
        (number(12345678901234567890), Cell(exact("12345678901234567890"))),
        (number(1e300), Cell(Decimal("1E+300"))),
        (number(0), Cell(Decimal(0))),
        (number(-0.0), Cell(Decimal(0))),
        (number(1250, "CURRENCY", "1.250 ₫"), Cell(Decimal(1250))),
        (number(1250, "NUMBER", "1.250"), Cell(Decimal(1250))),
        (number(0.5, "PERCENT", "50%"), Cell(Decimal("0.5"), percent=True)),
        (number(0.5, shown="50%"), Cell(Decimal("0.5"), percent=True)),
        (number(0.5, "NUMBER", "0,5"), Cell(Decimal("0.5"))),
        (number(0.5, pattern="#,##0.0%"), Cell(Decimal("0.5"), percent=True)),
        (number(50, pattern='0" %"'), Cell(Decimal(50))),
        (number(45265, "DATE", "05/12/2023"), Cell(date(2023, 12, 5))),
        (number(45265.729166666664, "DATE", "05/12/2023"), Cell(MOMENT)),
        (number(45265.729166666664, "DATE_TIME", "05/12/2023 17:30"), Cell(MOMENT)),
        (number(0.3125, "TIME", "07:30"), Cell(time(7, 30))),
        (number(2, "DATE", "01/01/1900"), Cell(date(1900, 1, 1))),
        (number(1e12, "DATE"), Cell(Decimal(10**12))),
        ({"userEnteredValue": {"boolValue": True}, "formattedValue": "TRUE"}, Cell(value=True)),
        ({"userEnteredValue": {"boolValue": False}, "formattedValue": "FALSE"}, Cell(value=False)),
        (formula("=SUM(H5:H9)"), Cell(formula="=SUM(H5:H9)")),
        (formula('=IF(H5>0,5;"a;b";H6)'), Cell(formula='=IF(H5>0.5,"a;b",H6)')),
        (formula("=1/0", effectiveValue=error("DIVIDE_BY_ZERO")), Cell(formula="=1/0")),
        ({"userEnteredValue": error("REF"), "effectiveValue": error("REF")}, Cell(error="#REF!")),
        ({"effectiveValue": error("N_A"), "formattedValue": "#N/A"}, Cell(error="#N/A")),
        (words("Đã nộp", note="Xem lại"), Cell("Đã nộp", note="Xem lại")),
        ({"note": "Xem lại"}, Cell(note="Xem lại")),
        (words("", note=" \n"), None),
        ({}, None),
        ({"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}, None),
        (words(" \n\t\u00a0"), None),
        ({"effectiveValue": {}, "formattedValue": "spilt by a formula in another cell"}, None),
    ],
)
def test_every_kind_of_value_is_read_as_what_it_is(data: Json, expected: Cell | None) -> None:
    assert cell(data) == expected


def test_a_format_that_sheets_itself_chose_counts_as_one_that_a_person_chose() -> None:
    by_itself = {"effectiveFormat": {"numberFormat": {"type": "DATE", "pattern": "dd/mm/yyyy"}}}
    assert cell(number(45265, shown="05/12/2023") | by_itself) == Cell(date(2023, 12, 5))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("NULL_VALUE", "#NULL!"),
        ("DIVIDE_BY_ZERO", "#DIV/0!"),
        ("VALUE", "#VALUE!"),
        ("REF", "#REF!"),
        ("NAME", "#NAME?"),
        ("NUM", "#NUM!"),
        ("N_A", "#N/A"),
        ("ERROR", "#ERROR!"),
        ("LOADING", "Loading…"),
        ("ERROR_TYPE_UNSPECIFIED", "#ERROR!"),
    ],
)
def test_an_error_is_named_as_people_see_it(kind: str, expected: str) -> None:
    assert cell({"userEnteredValue": error(kind)}) == Cell(error=expected)


@pytest.mark.parametrize(
    ("locale", "written"), [("vi_VN", "=IF(H5>0,5;1;2)"), ("de_DE", "=IF(H5>0,5;1;2)"), ("en_US", "=IF(H5>0.5,1,2)")]
)
def test_a_formula_is_told_in_one_notation_whatever_the_locale(locale: str, written: str) -> None:
    assert cell(formula(written), locale) == Cell(formula="=IF(H5>0.5,1,2)")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(words(A, hyperlink=A), Cell(A, links=(A,)), id="typed, one"),
        pytest.param(words(f"Xem {A}."), Cell(f"Xem {A}.", links=(A,)), id="typed, not recognised by Sheets"),
        pytest.param(
            words(f"{A} {B}", textFormatRuns=[run(0, A), run(14), run(15, B)]),
            Cell(f"{A} {B}", links=(A, B)),
            id="typed, several",
        ),
        pytest.param(
            words("Báo cáo 👍🏽 số 12", hyperlink=A, textFormatRuns=[run(13, A)]),
            Cell("Báo cáo 👍🏽 số 12", links=(A,)),
            id="over words, after an emoji",
        ),
        pytest.param(
            words("một và hai", textFormatRuns=[run(0, B), run(3), run(7, A)]),
            Cell("một và hai", links=(B, A)),
            id="over words, two",
        ),
        pytest.param(words("Báo cáo", hyperlink=A, **linked(A)), Cell("Báo cáo", links=(A,)), id="whole cell"),
        pytest.param(words("Báo cáo", **linked(A)), Cell("Báo cáo", links=(A,)), id="whole cell, format only"),
        pytest.param(number(5) | linked(A), Cell(Decimal(5), links=(A,)), id="whole cell, number"),
        pytest.param(linked(A), Cell(links=(A,)), id="whole cell, blank"),
        pytest.param(
            formula(f'=HYPERLINK("{A}";"Báo cáo")', hyperlink=A),
            Cell(formula=f'=HYPERLINK("{A}","Báo cáo")', links=(A,)),
            id="formula",
        ),
        pytest.param(
            formula(f'=IF(H5;HYPERLINK("{A}";"1");HYPERLINK("{B}";"2"))'),
            Cell(formula=f'=IF(H5,HYPERLINK("{A}","1"),HYPERLINK("{B}","2"))', links=(A, B)),
            id="formula, two",
        ),
        pytest.param(
            formula("=HYPERLINK(K5)", hyperlink=C), Cell(formula="=HYPERLINK(K5)", links=(C,)), id="formula, computed"
        ),
        pytest.param(
            words("Báo cáo.pdf", chipRuns=[chip(A), {"startIndex": 11}]),
            Cell("Báo cáo.pdf", links=(A,)),
            id="file chip, by its title",
        ),
        pytest.param(
            {**words("@", chipRuns=[chip(A)]), "formattedValue": "Báo cáo.pdf"},
            Cell("Báo cáo.pdf", links=(A,)),
            id="file chip, by its placeholder",
        ),
        pytest.param(
            {"formattedValue": "Báo cáo.pdf", "chipRuns": [chip(A)]}, Cell("Báo cáo.pdf", links=(A,)), id="chip alone"
        ),
        pytest.param(words("@", chipRuns=[chip(A)]), Cell(links=(A,)), id="chip without a title"),
        pytest.param({"chipRuns": [chip(A)]}, Cell(links=(A,)), id="chip without any text"),
        pytest.param(
            words("Xem Báo cáo của Lan", chipRuns=[{}, chip(A, 4), {"startIndex": 11}, person("l@x.vn", 16)]),
            Cell("Xem Báo cáo của Lan", links=(A, "mailto:l@x.vn")),
            id="chips amid text",
        ),
        pytest.param(
            words("Nguyễn Lan", hyperlink="mailto:lan@x.gov.vn", chipRuns=[person("lan@x.gov.vn")]),
            Cell("Nguyễn Lan", links=("mailto:lan@x.gov.vn",)),
            id="person chip",
        ),
        pytest.param(
            words(
                f"Báo cáo, phụ lục, {C}",
                chipRuns=[chip(A), {"startIndex": 7}],
                textFormatRuns=[run(0), run(9, B), run(16), run(18, C)],
                hyperlink=B,
                **linked("https://d.vn"),
            ),
            Cell(f"Báo cáo, phụ lục, {C}", links=(A, B, C, "https://d.vn")),
            id="every kind at once, each address once",
        ),
    ],
)
def test_links_of_every_kind_are_found(data: Json, expected: Cell) -> None:
    assert cell(data) == expected


def test_the_same_content_reads_the_same_from_an_xlsx_file() -> None:
    contents: list[tuple[Any, str, Json]] = [
        (" chữ ", "", words(" chữ ")),
        ("0,5", "", words("0,5")),
        (0.1, "", number(0.1)),
        (1e-7, "", number(1e-7)),
        (0.5, "0%", number(0.5, "PERCENT")),
        (45265, "dd/mm/yyyy", number(45265, "DATE")),
        (0.3125, "hh:mm", number(0.3125, "TIME")),
        (45265, "dd/mm/yyyy hh:mm", number(45265, "DATE_TIME")),
        (45265.5, "dd/mm/yyyy", number(45265.5, "DATE")),
        (True, "", {"userEnteredValue": {"boolValue": True}}),
        ("=SUM(A1,0.5)", "", formula("=SUM(A1;0,5)", effectiveValue=error("REF"))),
        ("#REF!", "", {"userEnteredValue": error("REF")}),
        (f'=HYPERLINK("{A}","x")', "", formula(f'=HYPERLINK("{A}";"x")', hyperlink=A)),
        (f"{A} và {B}", "", words(f"{A} và {B}", textFormatRuns=[run(0, A), run(14), run(18, B)])),
    ]
    book = openpyxl.Workbook()
    for row, (value, number_format, _) in enumerate(contents, start=1):
        written = book.worksheets[0].cell(row, 2, value)
        written.number_format = number_format or "General"
    book.worksheets[0].cell(len(contents) + 1, 2, "Báo cáo").hyperlink = A
    target = io.BytesIO()
    book.save(target)

    here = found(tab([[{}, data] for *_, data in contents] + [[{}, words("Báo cáo", hyperlink=A)]])).sheets[0]
    there = found_in(target.getvalue(), "x.xlsx").sheets[0]
    assert [row.cells for row in here.rows] == [row.cells for row in there.rows]


def stored(value: Cell) -> Json:
    """A cell as Google would describe it, its links on the whole cell, its formula without separators."""
    kinds: dict[type, str] = {Decimal: "NUMBER", datetime: "DATE_TIME", date: "DATE", time: "TIME"}
    entered: Json | None = None
    match value.value:
        case str() | bool():
            entered = {"stringValue" if isinstance(value.value, str) else "boolValue": value.value}
        case Decimal():
            entered = {"numberValue": float(value.value)}
        case datetime():
            entered = {"numberValue": (value.value - EPOCH) / timedelta(days=1)}
        case date():
            entered = {"numberValue": (value.value - EPOCH.date()).days}
        case time():
            entered = {"numberValue": timedelta(hours=value.value.hour, minutes=value.value.minute).seconds / 86400}
    if value.formula:
        entered = {"formulaValue": value.formula}
    kind = "PERCENT" if value.percent else kinds.get(type(value.value), "")
    return {
        **({"userEnteredValue": entered} if entered else {}),
        **({"userEnteredFormat": {"numberFormat": {"type": kind}}} if kind else {}),
        **({"note": value.note} if value.note else {}),
        **({"textFormatRuns": [run(at, link) for at, link in enumerate(value.links)]} if value.links else {}),
    }


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: exact(repr(value)))
VALUES = st.one_of(
    TEXTS.filter(lambda words: "://" not in words),
    NUMBERS,
    st.booleans(),
    st.dates(EARLY.date(), LATE.date()),
    st.datetimes(EARLY, LATE).map(lambda moment: moment.replace(microsecond=0)),
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
)
LINKS = st.lists(st.sampled_from([A, B, C]), unique=True, max_size=3).map(tuple)
CELLS = st.one_of(
    st.builds(Cell, VALUES, links=LINKS, note=TEXTS | st.just("")),
    st.builds(Cell, NUMBERS, percent=st.just(value=True)),
    st.builds(Cell, formula=st.sampled_from(["=1", "=SUM(A1:A3)"]), note=TEXTS),
    st.builds(Cell, links=LINKS.filter(bool)),
)


@given(CELLS)
def test_whatever_stands_in_a_cell_is_read_as_it_is(value: Cell) -> None:
    assert cell(stored(value)) == value


@given(st.builds(Cell, TEXTS | NUMBERS | st.booleans(), links=LINKS, note=TEXTS | st.just("")))
def test_what_the_adapter_writes_reads_back_as_it_was(value: Cell) -> None:
    """More links than a text has characters do not fit and go into the note; everything else comes back."""
    fitting = 1 if not isinstance(value.value, str) else max(1, len(value.text))
    if len(value.links) <= fitting:
        data = json.loads(json.dumps(cell_data(value, "x"), default=float))
        back = cell(data)
        assert back is not None
        assert (back.value, back.links, back.note) == (value.value, value.links, value.note)
