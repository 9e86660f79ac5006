"""How an .xlsx workbook looks: the one table of fonts, colours, borders and number formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from openpyxl import Workbook as OpenpyxlWorkbook
from openpyxl.cell import Cell as OpenpyxlCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle

from cchc_sheets.layouts.workbook import ColumnStyle, RowStyle, Tone

FONT: Final = "Times New Roman"
GENERAL: Final = "General"
TEXT_FORMAT: Final = "@"

_INK = "FF1A1A1A"
_LINK_BLUE = "FF0563C1"
_OPEN_FILL = "FFFFF8D6"
_LINE = Side(style="thin", color="FF9AA5B1")
_OPEN_LINE = Side(style="thin", color="FFC9A227")


@dataclass(frozen=True, slots=True)
class Type:
    """How the text of a row looks."""

    size: int = 12
    bold: bool = False
    italic: bool = False
    ink: str = _INK
    fill: str = ""
    horizontal: str = ""


ROWS: Final[dict[RowStyle | str, Type]] = {
    "title": Type(size=15, bold=True, ink="FF1F3864", horizontal="center"),
    "subtitle": Type(size=13, bold=True, horizontal="center"),
    "note": Type(italic=True, ink="FF404040"),
    "total": Type(bold=True, fill="FFFCE4D6"),
    "field": Type(bold=True, ink="FF1F3864", fill="FFBDD7EE"),
    "criterion": Type(bold=True, fill="FFE9F1FA"),
    "component": Type(),
    "plain": Type(),
    "headings": Type(bold=True, ink="FFFFFFFF", fill="FF1F4E79", horizontal="center"),
    "keys": Type(size=9, ink="FF808080"),
}

_COLUMNS: Final[dict[ColumnStyle, str]] = {
    "text": "left",
    "centre": "center",
    "number": "center",
    "link": "left",
}

_TONES: Final[dict[Tone, tuple[str, str]]] = {  # ink, fill
    "good": ("FF0B5A1E", "FFD5EFDB"),
    "attention": ("FF7A4B00", "FFFFE2AE"),
    "bad": ("FF9C0006", "FFFFC7CE"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that decides how one cell looks."""

    row: str
    column: ColumnStyle = "text"
    is_open: bool = False
    is_ruled: bool = True
    is_link: bool = False
    is_quoted: bool = False
    number_format: str = GENERAL


class StyleBook:
    """Gives every look its number in the styles of one openpyxl workbook."""

    def __init__(self, book: OpenpyxlWorkbook) -> None:
        """Keep `book`, whose default font becomes ours."""
        self._sheet = book.create_sheet("_cchc_styles")
        self._numbers: dict[Look, int] = {}

    def number(self, look: Look) -> int:
        """Return the number of `look` in the workbook's styles."""
        known = self._numbers.get(look)
        if known is None:
            known = self._numbers[look] = self._registered(look)
        return known

    def close(self) -> None:
        """Take the working sheet out of the workbook again; the styles stay."""
        book = self._sheet.parent
        assert book is not None  # noqa: S101 - the sheet was made in a workbook
        book.remove(self._sheet)

    def _registered(self, look: Look) -> int:
        cell = OpenpyxlCell(self._sheet, row=1, column=1)
        kind = ROWS[look.row]
        cell.font = _font(look, kind)
        cell.alignment = _alignment(look, kind)
        cell.protection = Protection(locked=not look.is_open)
        cell.number_format = look.number_format
        fill = _OPEN_FILL if look.is_open else kind.fill
        if fill:
            cell.fill = PatternFill("solid", start_color=fill, end_color=fill)
        if look.is_open or look.is_ruled:
            line = _OPEN_LINE if look.is_open else _LINE
            cell.border = Border(left=line, right=line, top=line, bottom=line)
        if look.is_quoted:
            cell.quotePrefix = True
        return int(cell.style_id)


def tone_style(tone: Tone) -> DifferentialStyle:
    """Return the colours in which a word of this tone is shown."""
    ink, fill = _TONES[tone]
    return DifferentialStyle(font=Font(color=ink, bold=True), fill=PatternFill(bgColor=fill, fill_type="solid"))


def set_default_font(book: OpenpyxlWorkbook) -> None:
    """Make our font the one that empty cells and column widths go by."""
    font = Font(name=FONT, size=12, family=1)
    inside: Any = book
    inside._fonts.clear()  # noqa: SLF001 - openpyxl has no public way to change the default font
    inside._fonts.add(font)  # noqa: SLF001
    inside._named_styles["Normal"].font = font  # noqa: SLF001


def _font(look: Look, kind: Type) -> Font:
    ink = _LINK_BLUE if look.is_link else kind.ink
    return Font(
        name=FONT,
        size=kind.size,
        family=1,
        bold=kind.bold and not look.is_open,
        italic=kind.italic and not look.is_open,
        color=ink,
        underline="single" if look.is_link else None,
    )


def _alignment(look: Look, kind: Type) -> Alignment:
    horizontal = kind.horizontal or _COLUMNS[look.column]
    vertical = "top" if look.is_open and look.column == "text" else "center"
    return Alignment(horizontal=horizontal, vertical=vertical, wrap_text=look.row != "keys")
