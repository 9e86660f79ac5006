"""Tables of the annexes: ruled cells, a heading repeated on every page, no row torn over two pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from docx.oxml.ns import nsdecls
from docx.oxml.parser import parse_xml
from lxml import etree

from cchc_sheets.publication.typeface import FONT

CELL_MARGIN: Final = 40
_SIDES: Final = ("top", "left", "bottom", "right", "insideH", "insideV")
_PARAGRAPH_SPACE: Final = 30


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: `span` columns wide, aligned `left`, `center` or `both`; `turned` text reads upwards.

    Lines of its text are parted by line breaks.
    """

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
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    head = "".join(_row(row, widths, size, is_heading=True) for row in heading)
    body = "".join(_row(row, widths, size) for row in rows)
    table: etree._Element = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f"<w:tblBorders>{_borders()}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="{CELL_MARGIN}" w:type="dxa"/>'
        f'<w:right w:w="{CELL_MARGIN}" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"{head}{body}</w:tbl>"
    )
    return table


def _borders() -> str:
    return "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in _SIDES)


def _row(row: Row, widths: Sequence[int], size: float, *, is_heading: bool = False) -> str:
    height = f'<w:trHeight w:val="{row.height}" w:hRule="atLeast"/>' if row.height else ""
    mark = "<w:tblHeader/>" if is_heading else ""
    cells = "".join(
        _cell(cell, width, row, row.size or size)
        for cell, width in zip(row.cells, _cell_widths(row, widths), strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{mark}</w:trPr>{cells}</w:tr>"


def _cell_widths(row: Row, widths: Sequence[int]) -> Iterator[int]:
    place = 0
    for cell in row.cells:
        yield sum(widths[place : place + cell.span])
        place += cell.span


def _cell(cell: Cell, width: int, row: Row, size: float) -> str:
    span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
    turned = '<w:textDirection w:val="btLr"/>' if cell.turned else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{turned}<w:vAlign w:val="center"/></w:tcPr>'
        f"<w:p>{_paragraph_form(cell, row)}{_run(cell, row, size)}</w:p></w:tc>"
    )


def _paragraph_form(cell: Cell, row: Row) -> str:
    keeps = "<w:keepNext/>" if row.keeps_next else ""
    space = 0 if cell.turned else _PARAGRAPH_SPACE
    return (
        f'<w:pPr>{keeps}<w:spacing w:before="{space}" w:after="{space}" w:line="240" w:lineRule="auto"/>'
        f'<w:ind w:left="0" w:right="0" w:firstLine="0"/><w:jc w:val="{cell.align}"/></w:pPr>'
    )


def _run(cell: Cell, row: Row, size: float) -> str:
    if not cell.text:
        return ""
    fonts = "".join(f' w:{script}="{FONT}"' for script in ("ascii", "hAnsi", "eastAsia", "cs"))
    bold = "<w:b/><w:bCs/>" if row.is_bold else ""
    half = round(size * 2)
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in cell.text.split("\n"))
    return (
        f'<w:r><w:rPr><w:rFonts{fonts}/>{bold}<w:color w:val="000000"/><w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'
        f"</w:rPr>{lines}</w:r>"
    )
