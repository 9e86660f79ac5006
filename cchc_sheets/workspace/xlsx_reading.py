"""From the bytes of an .xlsx file to what was found in it: raw cells under their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cchc_sheets.layouts.workbook import STAMP
from cchc_sheets.reading import Cell, RowReading, SheetReading, WorkbookReading
from cchc_sheets.workspace.xlsx_inputs import LISTS_MARK
from cchc_sheets.workspace.xlsx_package import (
    Attributes,
    Package,
    damage_reported,
    not_a_workbook,
    opened,
    truncated,
)
from cchc_sheets.workspace.xlsx_parsing import FoundRow, SheetParser, Styles, read_strings, read_styles
from cchc_sheets.workspace.xlsx_writing import DIGEST_PROPERTY

UNKNOWN = "+"


@dataclass(frozen=True, slots=True)
class FoundSheet:
    """One sheet of the file: the name on its tab, its rows, the styles of all its cells even if blank."""

    title: str
    rows: tuple[FoundRow, ...]
    styles: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FoundWorkbook:
    """Everything in the file that a reading or a repair needs.

    `digest` is what the file says it was made from; empty if it does not say.
    """

    sheets: tuple[FoundSheet, ...]
    styles: Styles
    digest: str

    def sheet(self, title: str) -> FoundSheet:
        """Return the sheet with this tab."""
        return next(sheet for sheet in self.sheets if sheet.title == title)


def found_in(content: bytes, where: str) -> FoundWorkbook:
    """Return what is in the file. Raises WorkbookUnreadable with the exact reason if it cannot be read."""
    with opened(content, where) as package, damage_reported(where):
        related = package.relations("")
        book = next((part for kind, part in related.values() if kind == "officeDocument"), "xl/workbook.xml")
        if not package.has(book):
            raise not_a_workbook(where)
        tabs, since_1904 = _tabs(package, book)
        parts = package.relations(book)
        styles = _styles(package, parts)
        parser = SheetParser(package, _strings(package, parts), styles, since_1904=since_1904)
        sheets = tuple(_sheet(parser, title, parts.get(tab), where) for title, tab in tabs)
        return FoundWorkbook(sheets, styles, _digest(package, related))


def reading_of(found: FoundWorkbook, version: str, modified: datetime) -> WorkbookReading:
    """Return the reading of what was found: the stamped sheets by keys, the other tabs by name."""
    stamped = [(sheet, place) for sheet in found.sheets if (place := _stamp_place(sheet))]
    titles = {sheet.title for sheet, _ in stamped}
    strays = (sheet for sheet in found.sheets if sheet.title not in titles and not is_ours(sheet))
    return WorkbookReading(
        version=version,
        modified=modified,
        sheets=tuple(_sheet_reading(sheet, *place) for sheet, place in stamped),
        strays=tuple(sheet.title for sheet in strays),
    )


def is_ours(sheet: FoundSheet) -> bool:
    """Tell whether this is the hidden sheet of choices that we write ourselves."""
    return any(row.number == 1 and row.cells.get("A") == Cell(LISTS_MARK) for row in sheet.rows[:1])


def _tabs(package: Package, book: str) -> tuple[list[tuple[str, str]], bool]:
    """Return (title, relation) of every tab, and whether dates count from 1904."""
    tabs: list[tuple[str, str]] = []
    since_1904 = False
    root = ""

    def start(name: str, attributes: Attributes) -> None:
        nonlocal since_1904, root
        local = name.rpartition(" ")[2]
        root = root or local
        if local == "workbookPr":
            since_1904 = attributes.get("date1904") in {"1", "true"}
        elif local == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            tabs.append((attributes.get("name", ""), relation))

    if not book.lower().endswith(".xml"):  # a binary workbook (.xlsb)
        raise not_a_workbook(package.where)
    package.parse(book, start, lambda _: None, lambda _: None)
    if root != "workbook":
        raise not_a_workbook(package.where)
    return tabs, since_1904


def _styles(package: Package, parts: Mapping[str, tuple[str, str]]) -> Styles:
    part = next((part for kind, part in parts.values() if kind == "styles"), "")
    return read_styles(package, part) if package.has(part) else Styles()


def _strings(package: Package, parts: Mapping[str, tuple[str, str]]) -> list[str]:
    part = next((part for kind, part in parts.values() if kind == "sharedStrings"), "")
    return read_strings(package, part) if package.has(part) else []


def _sheet(parser: SheetParser, title: str, relation: tuple[str, str] | None, where: str) -> FoundSheet:
    if relation is None:
        raise truncated(where)
    kind, part = relation
    if kind != "worksheet":
        return FoundSheet(title, ())
    rows = tuple(parser.read(part))
    return FoundSheet(title, rows, frozenset(parser.used_styles))


def _digest(package: Package, related: Mapping[str, tuple[str, str]]) -> str:
    part = next((part for kind, part in related.values() if kind == "custom-properties"), "")
    found: dict[str, str] = {}
    current = ""

    def start(name: str, attributes: Attributes) -> None:
        nonlocal current
        if name.endswith(" property"):
            current = attributes.get("name", "")

    def characters(data: str) -> None:
        found[current] = found.get(current, "") + data.strip()

    if package.has(part):
        package.parse(part, start, lambda _: None, characters)
    return found.get(DIGEST_PROPERTY, "")


def _stamp_place(sheet: FoundSheet) -> tuple[FoundRow, str] | None:
    """Return the row and the column letter of the stamp.

    It is A1 unless somebody inserted rows above or columns before it.
    """
    for row in sheet.rows:
        for name, cell in row.cells.items():
            if isinstance(cell.value, str) and cell.value.split(" ", 1)[0] == STAMP:
                return row, name
    return None


def _sheet_reading(sheet: FoundSheet, stamp: FoundRow, keys: str) -> SheetReading:
    _, key, cycle, unit = [*stamp.cells[keys].text.split(), "", "", ""][:4]
    names: dict[str, str] = {}
    for name, cell in stamp.cells.items():
        if name != keys and cell.text.strip() and cell.text.strip() not in names.values():
            names[name] = cell.text.strip()
    rows = tuple(_row_readings(sheet, stamp, keys, names))
    columns = {column: name for name, column in names.items()}
    return SheetReading(key, sheet.title, cycle, unit, columns, rows)


def _row_readings(sheet: FoundSheet, stamp: FoundRow, keys: str, names: dict[str, str]) -> Iterator[RowReading]:
    """Yield the rows; a column without a key, or with one already taken, gets its letter after a `+`."""
    for row in sheet.rows:
        if row is stamp:
            continue
        cells = {}
        for name, cell in row.cells.items():
            if name != keys:
                cells[names.setdefault(name, f"{UNKNOWN}{name}")] = cell
        key = row.cells[keys].text.strip() if keys in row.cells else ""
        yield RowReading(key, row.number, cells)
