"""How a Google spreadsheet looks: the one table of fonts, colours, borders and number formats."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from cchc_sheets.layouts.workbook import Column, ColumnStyle, Input, RowStyle, Tone
from cchc_sheets.reading import Cell
from cchc_sheets.workspace.google_batches import to_json

FONT: Final = "Times New Roman"  # Google Sheets has it, with all Vietnamese letters

_INK = "1A1A1A"
_OPEN_FILL = "FFF8D6"
_LINE = "9AA5B1"

_LINE_HEIGHT = 1.28  # of the font size: Vietnamese capitals carry two marks
_PADDING = 4  # points, above and below together
_PIXELS = Decimal(96) / 72  # a point on Google's grid
_TALLEST = 400  # points: a taller row cannot be scrolled through
_SHORTEST = 21  # pixels: the height of an untouched row


class Type(NamedTuple):
    """How the text of a row looks."""

    size: int = 12
    bold: bool = False
    italic: bool = False
    ink: str = _INK
    fill: str = ""
    horizontal: str = ""


ROWS: Final[dict[RowStyle | Literal["headings"], Type]] = {
    "title": Type(size=15, bold=True, ink="1F3864", horizontal="CENTER"),
    "subtitle": Type(size=13, bold=True, horizontal="CENTER"),
    "note": Type(italic=True, ink="404040"),
    "total": Type(bold=True, fill="FCE4D6"),
    "field": Type(bold=True, ink="1F3864", fill="BDD7EE"),
    "criterion": Type(bold=True, fill="E9F1FA"),
    "component": Type(),
    "plain": Type(),
    "headings": Type(bold=True, ink="FFFFFF", fill="1F4E79", horizontal="CENTER"),
}

COLUMNS: Final[dict[ColumnStyle, str]] = {"text": "LEFT", "centre": "CENTER", "number": "CENTER", "link": "LEFT"}

TONES: Final[dict[Tone, tuple[str, str]]] = {  # ink, fill
    "good": ("0B5A1E", "D5EFDB"),
    "attention": ("7A4B00", "FFE2AE"),
    "bad": ("9C0006", "FFC7CE"),
}

NumberFormat = tuple[str, str]
"""Google's type of a number format and its pattern; both empty: Google chooses by what is typed."""

AUTOMATIC: Final[NumberFormat] = ("", "")
TEXT: Final[NumberFormat] = ("TEXT", "@")

_EDGES: Final = {
    "all": ("top", "bottom", "left", "right"),
    "ends": ("top", "bottom"),
    "none": (),
}


FORMAT_PARTS: Final = (
    "textFormat",
    "backgroundColorStyle",
    "borders",
    "horizontalAlignment",
    "verticalAlignment",
    "wrapStrategy",
    "numberFormat",
)
NO_FORMAT: Final = "{}"
_SEEN_WHEN_BLANK: Final = ("textFormat", "backgroundColorStyle", "borders")  # a whole row alike is one request


class Look(NamedTuple):
    """Everything that decides how one cell looks.

    `runs_on` says that the text runs on over the empty cells to its right instead of being wrapped.
    """

    row: RowStyle | Literal["headings"]
    column: ColumnStyle = "text"
    is_open: bool = False
    is_blank: bool = False
    edges: Literal["all", "ends", "none"] = "all"
    runs_on: bool = False
    number_format: NumberFormat = AUTOMATIC

    def written(self, part: str) -> str:
        """Return one part of the format as JSON, so that equal ones are known as equal.

        It is empty where it is all the same: nobody sees how the text of a blank and locked cell would stand.
        """
        return _written(self, part)


@lru_cache(maxsize=8192)
def _written(look: Look, part: str) -> str:
    if look.is_blank and not look.is_open and part not in _SEEN_WHEN_BLANK:
        return ""
    whole = cell_format(look)
    return to_json({part: whole[part]} if part in whole else {}).decode()


def cell_format(look: Look) -> dict[str, Any]:
    """Return a look as the `userEnteredFormat` of a cell."""
    kind = ROWS[look.row]
    fill = _OPEN_FILL if look.is_open else kind.fill
    line = {"style": "SOLID", "colorStyle": _colour(_LINE)}  # one for all: neighbours share their border
    edges = dict.fromkeys(_EDGES["all" if look.is_open else look.edges], line)
    horizontal = "LEFT" if look.runs_on else kind.horizontal or COLUMNS[look.column]
    kind_of_number, pattern = look.number_format
    return {
        "textFormat": _text_format(kind, is_open=look.is_open),
        "horizontalAlignment": horizontal,
        "verticalAlignment": "TOP" if look.is_open and look.column == "text" else "MIDDLE",
        "wrapStrategy": "OVERFLOW_CELL" if look.runs_on else "WRAP",
        **({"backgroundColorStyle": _colour(fill)} if fill else {}),
        **({"borders": edges} if edges else {}),
        **({"numberFormat": {"type": kind_of_number, "pattern": pattern}} if kind_of_number else {}),
    }


def tone_format(tone: Tone) -> dict[str, Any]:
    """Return the colours in which a word of this tone is shown."""
    ink, fill = TONES[tone]
    return {
        "textFormat": {"bold": True, "foregroundColorStyle": _colour(ink)},
        "backgroundColorStyle": _colour(fill),
    }


def number_format(cell: Cell, entry: Input | None) -> NumberFormat:
    """Return the number format of a cell that holds `cell` and takes `entry`.

    Free text is kept as typed: otherwise Google makes a date of «5/12» and a number of «0912…». A cell for numbers
    stays automatic, so that a date typed into it shows itself as one.
    """
    match cell.value:
        case Decimal() if cell.percent:
            return ("PERCENT", "0%" if cell.value * 100 == int(cell.value * 100) else "0.00%")
        case datetime():
            return ("DATE_TIME", "dd/mm/yyyy hh:mm")
        case date():
            return ("DATE", "dd/mm/yyyy")
        case time():
            return ("TIME", "hh:mm")
        case Decimal() | bool():
            return AUTOMATIC
    is_number = entry is None or entry.number or any(isinstance(choice, Decimal) for choice in entry.choices)
    return AUTOMATIC if is_number or cell.formula or cell.error else TEXT


def width_in_pixels(column: Column) -> int:
    """Return the width in which as many digits of our font stand as the column wants."""
    return column.width * 8 + 5


def height_in_pixels(lines: int, size: int = 12) -> int:
    """Return the height of a row of so many lines of text."""
    points = min(Decimal(_TALLEST), lines * size * Decimal(str(_LINE_HEIGHT)) + _PADDING)
    return max(_SHORTEST, round(points * _PIXELS))


def _text_format(kind: Type, *, is_open: bool) -> dict[str, Any]:
    return {
        "fontFamily": FONT,
        "fontSize": kind.size,
        "foregroundColorStyle": _colour(kind.ink),
        **({"bold": True} if kind.bold and not is_open else {}),
        **({"italic": True} if kind.italic and not is_open else {}),
    }


def _colour(rgb: str) -> dict[str, Any]:
    """Return a colour as Google counts it, from 0 to 1; what is not named is 0."""
    shares = {
        name: Decimal(int(rgb[place : place + 2], 16)) / 255 for name, place in (("red", 0), ("green", 2), ("blue", 4))
    }
    return {"rgbColor": {name: round(share, 4).normalize() for name, share in shares.items() if share}}
