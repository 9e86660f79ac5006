"""Tables of the annexes: ruled cells, a heading repeated on every page, no row torn over two pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from lxml import etree

from cchc_sheets.publication.typeface import FONT

CELL_MARGIN: Final = 40
_SIDES: Final = ("top", "left", "bottom", "right", "insideH", "insideV")
_PARAGRAPH_SPACE: Final = 30


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: `span` columns wide, aligned `left` or `center`; `turned` text reads upwards."""

    text: str
    align: str = "center"
    span: int = 1
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `height` in twips is exact for turned text, else the row is as high as its text."""

    cells: tuple[Cell, ...]
    is_bold: bool = False
    height: int = 0
    size: float | None = None
    keeps_next: bool = False


def make_table(widths: Sequence[int], heading: Sequence[Row], rows: Sequence[Row], size: float) -> etree._Element:
    """Return a table of fixed column widths in twips whose `heading` rows are repeated on every page."""
    table: etree._Element = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f"<w:tblBorders>{_borders()}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="{CELL_MARGIN}" w:type="dxa"/>'
        f'<w:right w:w="{CELL_MARGIN}" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid/></w:tbl>'
    )
    for width in widths:
        etree.SubElement(table[1], qn("w:gridCol"), {qn("w:w"): str(width)})
    for row in heading:
        _add_row(table, row, widths, size, is_heading=True)
    for row in rows:
        _add_row(table, row, widths, size)
    return table


def _borders() -> str:
    return "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in _SIDES)


def _add_row(table: etree._Element, row: Row, widths: Sequence[int], size: float, *, is_heading: bool = False) -> None:
    element = etree.SubElement(table, qn("w:tr"))
    properties = etree.SubElement(element, qn("w:trPr"))
    etree.SubElement(properties, qn("w:cantSplit"))
    if row.height:
        etree.SubElement(properties, qn("w:trHeight"), {qn("w:val"): str(row.height), qn("w:hRule"): "atLeast"})
    if is_heading:
        etree.SubElement(properties, qn("w:tblHeader"))
    for cell, width in zip(row.cells, _cell_widths(row, widths), strict=True):
        _add_cell(element, cell, width, row, row.size or size)


def _cell_widths(row: Row, widths: Sequence[int]) -> Iterator[int]:
    place = 0
    for cell in row.cells:
        yield sum(widths[place : place + cell.span])
        place += cell.span


def _add_cell(row_element: etree._Element, cell: Cell, width: int, row: Row, size: float) -> None:
    element = etree.SubElement(row_element, qn("w:tc"))
    properties = etree.SubElement(element, qn("w:tcPr"))
    etree.SubElement(properties, qn("w:tcW"), {qn("w:w"): str(width), qn("w:type"): "dxa"})
    if cell.span > 1:
        etree.SubElement(properties, qn("w:gridSpan"), {qn("w:val"): str(cell.span)})
    if cell.turned:
        etree.SubElement(properties, qn("w:textDirection"), {qn("w:val"): "btLr"})
    etree.SubElement(properties, qn("w:vAlign"), {qn("w:val"): "center"})
    paragraph = etree.SubElement(element, qn("w:p"))
    _add_text(paragraph, cell, row, size)


def _add_text(paragraph: etree._Element, cell: Cell, row: Row, size: float) -> None:
    properties = etree.SubElement(paragraph, qn("w:pPr"))
    if row.keeps_next:
        etree.SubElement(properties, qn("w:keepNext"))
    space = "0" if cell.turned else str(_PARAGRAPH_SPACE)
    spacing = {"before": space, "after": space, "line": "240", "lineRule": "auto"}
    etree.SubElement(properties, qn("w:spacing"), {qn(f"w:{key}"): value for key, value in spacing.items()})
    etree.SubElement(properties, qn("w:ind"), {qn("w:left"): "0", qn("w:right"): "0", qn("w:firstLine"): "0"})
    etree.SubElement(properties, qn("w:jc"), {qn("w:val"): cell.align})
    if not cell.text:
        return
    run = etree.SubElement(paragraph, qn("w:r"))
    form = etree.SubElement(run, qn("w:rPr"))
    etree.SubElement(form, qn("w:rFonts"), {qn(f"w:{script}"): FONT for script in ("ascii", "hAnsi", "eastAsia", "cs")})
    if row.is_bold:
        etree.SubElement(form, qn("w:b"))
        etree.SubElement(form, qn("w:bCs"))
    etree.SubElement(form, qn("w:color"), {qn("w:val"): "000000"})
    for name in ("w:sz", "w:szCs"):
        etree.SubElement(form, qn(name), {qn("w:val"): str(round(size * 2))})
    words = etree.SubElement(run, qn("w:t"), {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
    words.text = cell.text
