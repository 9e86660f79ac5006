"""From the bytes of an .xlsx file to what was found in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cchc_sheets.reading import Cell
from cchc_sheets.workspace.found import FoundSheet
from cchc_sheets.workspace.xlsx_inputs import LISTS_MARK
from cchc_sheets.workspace.xlsx_package import (
    FORMS,
    Attributes,
    Limits,
    Package,
    damage_reported,
    not_a_workbook,
    opened,
    truncated,
)
from cchc_sheets.workspace.xlsx_parsing import SheetParser, StyledRow, Styles, read_strings, read_styles
from cchc_sheets.workspace.xlsx_text import is_too_long
from cchc_sheets.workspace.xlsx_writing import DIGEST_PROPERTY

_REMEMBERED: Final = 32
"""So many files are kept as they were understood: one run reads the same bytes again and again."""


@dataclass(frozen=True, slots=True)
class FoundWorkbook:
    """Everything in the file that a reading or a repair needs.

    `digest` is what the file says it was made from; empty if it does not say.
    """

    sheets: tuple[FoundSheet, ...]
    digest: str


def sheet_parts(package: Package) -> dict[str, str]:
    """Return the part that holds each sheet, by the title on its tab."""
    book = _book(package)
    parts = package.relations(book)
    return {title: parts[tab][1] for title, tab in _tabs(package, book)[0] if tab in parts}


def styles_part(package: Package) -> str:
    """Return the part that holds the looks of cells; empty if there is none."""
    kinds = package.relations(_book(package)).values()
    part = next((part for kind, part in kinds if kind == "styles"), "")
    return part if package.has(part) else ""


@lru_cache(maxsize=_REMEMBERED)
def found_in(content: bytes, where: str, limits: Limits = FORMS) -> FoundWorkbook:
    """Return what is in the file. Raises WorkbookUnreadable with the exact reason if it cannot be read."""
    with opened(content, where, limits) as package, damage_reported(where, limits):
        book = _book(package)
        tabs, since_1904 = _tabs(package, book)
        parts = package.relations(book)
        part = styles_part(package)
        styles = read_styles(package, part) if part else Styles()
        parser = SheetParser(package, _strings(package, parts), styles, since_1904=since_1904)
        sheets = (_sheet(parser, title, parts.get(tab), where) for title, tab in tabs)
        return FoundWorkbook(tuple(sheet for sheet in sheets if not _is_ours(sheet)), _digest(package))


def _book(package: Package) -> str:
    """Return the part of the workbook itself."""
    kinds = package.relations("").values()
    book = next((part for kind, part in kinds if kind == "officeDocument"), "xl/workbook.xml")
    if not package.has(book):
        raise not_a_workbook(package.where)
    return book


def _is_ours(sheet: FoundSheet) -> bool:
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
            title = attributes.get("name", "")
            if is_too_long(title):
                raise truncated(package.where)
            tabs.append((title, relation))

    if not book.lower().endswith(".xml"):  # a binary workbook (.xlsb)
        raise not_a_workbook(package.where)
    package.parse(book, start, lambda _: None, lambda _: None)
    if root != "workbook":
        raise not_a_workbook(package.where)
    return tabs, since_1904


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
    return FoundSheet(title, rows, _openness(rows, parser.unlocked & parser.used_styles), tuple(parser.merged))


def _openness(rows: tuple[StyledRow, ...], unlocked: frozenset[int]) -> Callable[[int, str], bool] | None:
    if not unlocked:
        return None
    styles = {row.number: row.styles for row in rows}
    return lambda number, name: styles[number].get(name, -1) in unlocked


def _digest(package: Package) -> str:
    part = next((part for kind, part in package.relations("").values() if kind == "custom-properties"), "")
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
