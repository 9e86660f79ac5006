"""Writing single cells of an .xlsx file; whatever else stands in it stays as Excel left it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from lxml import etree
from openpyxl.utils.cell import column_index_from_string, coordinate_to_tuple, get_column_letter

from cchc_sheets.characters import whole
from cchc_sheets.reading import Cell
from cchc_sheets.workspace.found import Spot
from cchc_sheets.workspace.xlsx_package import Package, damage_reported, opened
from cchc_sheets.workspace.xlsx_reading import sheet_parts, styles_part
from cchc_sheets.workspace.xlsx_rows import stored_number
from cchc_sheets.workspace.xlsx_writing import packed

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
            formats = next(self._root.iter(_in_namespace(self._root, "cellXfs")))
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
    rows = dict(_numbered(root))
    for (number, letter), cell in cells.items():
        row, column = rows[number], column_index_from_string(letter)
        there = dict(_columns(row))
        _write(there[column] if column in there else _new_element(row, column, number), cell, styles)
    return _serialised(root)


def _numbered(root: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    """Yield the rows with their numbers; one that does not tell its own follows the one before it."""
    number = 0
    for row in root.iter(_in_namespace(root, "row")):
        number = int(row.get("r", number + 1))
        yield number, row


def _columns(row: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    """Yield the cells with the numbers of their columns; one that does not tell its own follows the one before it."""
    column = 0
    for element in row.iter(_in_namespace(row, "c")):
        address = element.get("r")
        column = coordinate_to_tuple(str(address))[1] if address else column + 1
        yield column, element


def _new_element(row: etree._Element, column: int, number: int) -> etree._Element:
    """Put a cell into its place in the row: Excel calls a file damaged whose cells are not in order."""
    before = sum(other < column for other, _ in _columns(row))
    element = etree.Element(_in_namespace(row, "c"), r=f"{get_column_letter(column)}{number}")
    row.insert(before, element)
    return element


def _in_namespace(element: etree._Element, name: str) -> str:
    """Return a name in the namespace of the element: files saved as “Strict Open XML” have another one."""
    return etree.QName(etree.QName(element).namespace, name).text


def _write(element: etree._Element, cell: Cell, styles: _Styles) -> None:
    for child in list(element):
        element.remove(child)
    element.attrib.pop("t", "")
    if cell.formula:
        etree.SubElement(element, _in_namespace(element, "f")).text = whole(cell.formula.removeprefix("="))
        return
    match cell.value:
        case None | "":
            return
        case str():
            element.set("t", "inlineStr")
            text = etree.SubElement(
                etree.SubElement(element, _in_namespace(element, "is")), _in_namespace(element, "t")
            )
            text.set(_SPACE, "preserve")
            text.text = whole(cell.value)
        case bool():
            element.set("t", "b")
            etree.SubElement(element, _in_namespace(element, "v")).text = stored_number(cell.value)
        case Decimal():
            etree.SubElement(element, _in_namespace(element, "v")).text = stored_number(cell.value)
        case _:
            element.set("s", styles.dated(element.get("s", ""), _DATE_FORMATS[type(cell.value)]))
            etree.SubElement(element, _in_namespace(element, "v")).text = stored_number(cell.value)


def _parsed(package: Package, part: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(package.archive.read(part), parser)


def _serialised(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
