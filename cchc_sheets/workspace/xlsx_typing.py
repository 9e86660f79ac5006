"""Writing single cells of an .xlsx file; whatever else stands in it stays as Excel left it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from lxml import etree
from openpyxl.utils.cell import coordinate_to_tuple

from cchc_sheets.reading import Cell
from cchc_sheets.workspace.found import Spot
from cchc_sheets.workspace.xlsx_package import Package, damage_reported, opened
from cchc_sheets.workspace.xlsx_reading import sheet_parts, styles_part
from cchc_sheets.workspace.xlsx_rows import stored_number
from cchc_sheets.workspace.xlsx_text import clean
from cchc_sheets.workspace.xlsx_writing import packed

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_DATE_FORMATS: Final = {datetime: "22", date: "14", time: "21"}  # m/d/yy h:mm, m/d/yy, h:mm:ss in Excel's own numbering


def with_cells(content: bytes, where: str, cells: Mapping[str, Mapping[Spot, Cell]]) -> bytes:
    """Return the file with these cells written: title of the sheet → place → cell; a blank one is emptied.

    The looks of each cell stay; only a date or a time brings its format with it. Raises WorkbookUnreadable for a file
    that cannot be read, or that has no such sheet or row.
    """
    with opened(content, where) as package, damage_reported(where):
        places, styles = sheet_parts(package), _Styles(package)
        changed = {places[title]: _changed(package, places[title], own, styles) for title, own in cells.items()}
        changed |= styles.changed()
        return packed({name: changed.get(name) or package.archive.read(name) for name in package.archive.namelist()})


class _Styles:
    """The styles of the file, to which date formats are added as they are needed."""

    def __init__(self, package: Package) -> None:
        self._part = styles_part(package)
        self._root = _parsed(package, self._part) if self._part else None
        self._added: dict[tuple[str, str], str] = {}

    def dated(self, style: str, number_format: str) -> str:
        """Return the number of a style that looks like `style` and shows its number in a date format."""
        if self._root is None:
            return style
        if (style, number_format) not in self._added:
            formats = next(self._root.iter(f"{_MAIN}cellXfs"))
            like = copy.deepcopy(formats[int(style or 0)])
            like.set("numFmtId", number_format)
            like.set("applyNumberFormat", "1")
            formats.append(like)
            formats.set("count", str(len(formats)))
            self._added[style, number_format] = str(len(formats) - 1)
        return self._added[style, number_format]

    def changed(self) -> dict[str, bytes]:
        """Return the part of the styles if any was added."""
        return {self._part: _serialised(self._root)} if self._added and self._root is not None else {}


def _changed(package: Package, part: str, cells: Mapping[Spot, Cell], styles: _Styles) -> bytes:
    root = _parsed(package, part)
    rows = {row.get("r"): row for row in root.iter(f"{_MAIN}row")}
    for (number, letter), cell in cells.items():
        row, address = rows[str(number)], f"{letter}{number}"
        there = [element for element in row if element.get("r") == address]
        _write(there[0] if there else _new_element(row, address), cell, styles)
    return _serialised(root)


def _new_element(row: etree._Element, address: str) -> etree._Element:
    """Put a cell into its place in the row: Excel calls a file damaged whose cells are not in order."""
    column = coordinate_to_tuple(address)[1]
    before = sum(coordinate_to_tuple(str(element.get("r")))[1] < column for element in row)
    element = etree.Element(f"{_MAIN}c", r=address)
    row.insert(before, element)
    return element


def _write(element: etree._Element, cell: Cell, styles: _Styles) -> None:
    for child in list(element):
        element.remove(child)
    element.attrib.pop("t", "")
    if cell.formula:
        etree.SubElement(element, f"{_MAIN}f").text = clean(cell.formula.removeprefix("="))
        return
    match cell.value:
        case None | "":
            return
        case str():
            element.set("t", "inlineStr")
            text = etree.SubElement(etree.SubElement(element, f"{_MAIN}is"), f"{_MAIN}t")
            text.set(_SPACE, "preserve")
            text.text = clean(cell.value)
        case bool():
            element.set("t", "b")
            etree.SubElement(element, f"{_MAIN}v").text = stored_number(cell.value)
        case Decimal():
            etree.SubElement(element, f"{_MAIN}v").text = stored_number(cell.value)
        case _:
            element.set("s", styles.dated(element.get("s", ""), _DATE_FORMATS[type(cell.value)]))
            etree.SubElement(element, f"{_MAIN}v").text = stored_number(cell.value)


def _parsed(package: Package, part: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(package.archive.read(part), parser)


def _serialised(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
