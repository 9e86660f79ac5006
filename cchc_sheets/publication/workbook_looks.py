"""What decides how the cells of a workbook are shown, in a form in which two workbooks can be compared.

A number format can print another name over a cell, a font can strike it out, a row can be too low to read. Spreadsheet
programs write the same look in several ways; these come out alike here. Whatever of it cannot be understood is a
difference: a workbook that was only saved again has none.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cchc_sheets.messages import Text, text
from cchc_sheets.publication.difference import Difference

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.styles.colors import Color
    from openpyxl.worksheet.worksheet import Worksheet

_BLACK: Final = "000000"
_DARK: Final = re.compile(rb'<a:dk1>\s*<a:(?:sysClr val="windowText"|srgbClr val="000000")')
_SYSTEM_INK: Final = 64
_SYMBOLS: Final = 2
_NARROWEST: Final = 0.6
"""Programs measure lines and columns a little differently; below this share of ours they hide what stands in them."""
_HEIGHT: Final = 15.0
_WIDTH: Final = 8.43
_FOREIGN_PARTS: Final = re.compile(
    r"xl/(?:drawings|charts|media|embeddings|ctrlProps|activeX|externalLinks|slicers|pivotTables|richData|threadedComments)/"
    r"|xl/(?:comments\d*\.xml|vbaProject\.bin)",
    re.IGNORECASE,
)
_EXTENSION: Final = re.compile(rb"<(?:\w+:)?(?:extLst|rPh|legacyDrawing|picture|oleObjects|controls)\b")


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell is shown, apart from its value."""

    number_format: str
    font: tuple[Any, ...]
    fill: tuple[Any, ...]
    place: tuple[Any, ...]


class Looks:
    """The looks of one workbook, each told once for all cells that share it."""

    def __init__(self, book: Workbook) -> None:
        self._known: dict[int, Look] = {}
        self._has_dark_ink = not book.loaded_theme or bool(_DARK.search(book.loaded_theme))

    def of(self, cell: Cell | MergedCell) -> Look:
        """Return how a cell is shown."""
        number = cell.style_id
        if number not in self._known:
            self._known[number] = self._look(cell)
        return self._known[number]

    def _look(self, cell: Cell | MergedCell) -> Look:
        font, fill, place = cell.font, cell.fill, cell.alignment
        pattern = getattr(fill, "fill_type", None)
        return Look(
            cell.number_format.casefold(),
            (font.name, font.sz, bool(font.b), bool(font.i), font.u or "", bool(font.strike), font.vertAlign or "",
             font.charset == _SYMBOLS, self._ink(font.color)),
            (pattern or "", self._color(fill.fgColor) if pattern == "solid" else "", type(fill).__name__),
            (place.horizontal or "general", place.vertical or "bottom", place.textRotation or 0, bool(place.wrapText),
             bool(place.shrinkToFit), int(place.indent or 0), int(place.readingOrder or 0)),
        )  # fmt: skip

    def _ink(self, color: Color | None) -> str:
        """Return the colour of letters; «as the system has it» is black."""
        is_system = color is None or color.type == "auto" or (color.type == "indexed" and color.value == _SYSTEM_INK)
        is_dark = color is not None and color.type == "theme" and color.value == 1 and self._has_dark_ink
        if color is None or (not color.tint and (is_system or is_dark)):
            return _BLACK
        return self._color(color)

    def _color(self, color: Color) -> str:
        if color.type == "rgb" and not color.tint:
            return str(color.rgb)[-6:].upper()
        return f"{color.type} {color.value} {color.tint} {self._has_dark_ink}"


def look_changed(right: Look, there: Look) -> tuple[str, str] | None:
    """Return how a cell should be shown and is; None where it is shown alike."""
    if right.number_format != there.number_format:
        return right.number_format, there.number_format
    kinds = (text("letters"), text("colour"), text("place"))
    sides = zip(kinds, (right.font, right.fill, right.place), (there.font, there.fill, there.place), strict=True)
    return next(((_parts(kind, one), _parts(kind, other)) for kind, one, other in sides if one != other), None)


def _parts(said: Text, values: tuple[Any, ...]) -> str:
    return f"{said}: {', '.join(str(value) for value in values if value not in ('', 0, False))}"


def sheet_looks_changed(sheet: Worksheet, other: Worksheet) -> Iterator[Difference]:
    """Yield lines and columns that were hidden, cells that were merged, and what else changes how a sheet is shown."""
    yield from _lines_hidden(sheet, other)
    where = text("sheet «{sheet}»", sheet=sheet.title)
    before, after = (sorted(map(str, side.merged_cells.ranges)) for side in (sheet, other))
    if before != after:
        yield Difference(text("sheet «{sheet}», merged cells", sheet=sheet.title), " ".join(before), " ".join(after))
    if len(other.conditional_formatting) > len(sheet.conditional_formatting):
        yield Difference(where, "", str(text("rules that change how cells look")))
    for name in sorted(name for name, value in _settings(sheet).items() if _settings(other)[name] != value):
        yield Difference(where, *(f"{name}: {_settings(side)[name]}" for side in (sheet, other)))


def _settings(sheet: Worksheet) -> dict[str, str]:
    """Return what a sheet says of itself and what changes what is seen or printed of it, each in one form."""
    view, form = sheet.sheet_view, sheet.sheet_format
    lines = (
        getattr(getattr(sheet, line), part).text
        for line in ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")
        for part in ("left", "center", "right")
    )
    return {
        "showFormulas": str(bool(view.showFormulas)),
        "showZeros": str(view.showZeros is not False),
        "rightToLeft": str(bool(view.rightToLeft)),
        "zeroHeight": str(bool(form.zeroHeight)),
        "headerFooter": " ".join(line for line in lines if line),
        "printArea": str(sheet.print_area or ""),
        "dataValidations": str(len(sheet.data_validations.dataValidation)),
    }


def _lines_hidden(sheet: Worksheet, other: Worksheet) -> Iterator[Difference]:
    from openpyxl.utils import get_column_letter

    rows = range(1, sheet.max_row + 1)
    heights = [(str(row), _height(sheet, row), _height(other, row)) for row in rows]
    letters = [get_column_letter(column) for column in range(1, sheet.max_column + 1)]
    widths = list(zip(letters, _widths(sheet), _widths(other, sheet), strict=True))
    for key, size, size_there in [*heights, *widths]:
        if size_there < _NARROWEST * size:
            where = text("sheet «{sheet}», row or column {key}", sheet=sheet.title, key=key)
            yield Difference(where, "", str(text("hidden") if not size_there else text("too small to be read")))


def _height(sheet: Worksheet, row: int) -> float:
    if row in sheet.row_dimensions:
        line = sheet.row_dimensions[row]
        if line.hidden:
            return 0
        if line.height is not None:
            return float(line.height)
    return float(sheet.sheet_format.defaultRowHeight or _HEIGHT)


def _widths(sheet: Worksheet, like: Worksheet | None = None) -> list[float]:
    """Return the width of each column, of as many as another sheet has; one description may stand for several."""
    widths = [float(sheet.sheet_format.defaultColWidth or _WIDTH)] * (like or sheet).max_column
    for column in sheet.column_dimensions.values():
        column.reindex()
        for at in range(column.min or 1, min(column.max or 0, len(widths)) + 1):
            widths[at - 1] = 0 if column.hidden else float(column.width)
    return widths


def book_looks_changed(right: Workbook, there: Workbook) -> Iterator[Difference]:
    """Yield settings of the whole workbook that make every cell another one: counting by what is shown, from 1904."""
    for name, one, other in (
        ("fullPrecision", *(side.calculation.fullPrecision is not False for side in (right, there))),
        ("date1904", *(str(side.epoch) for side in (right, there))),
    ):
        if one != other:
            yield Difference(text("setting «{name}»", name=name), str(one), str(other))


def parts_added(right: zipfile.ZipFile, there: zipfile.ZipFile) -> Iterator[Difference]:
    """Yield what lies over cells or changes how they look and the library that reads workbooks passes over."""
    ours = set(right.namelist())
    for name in sorted(set(there.namelist()) - ours):
        if _FOREIGN_PARTS.match(name):
            yield Difference(text("part «{name}»", name=name), "", str(text("put in")))
    for name in sorted(there.namelist()):
        if name.startswith(("xl/worksheets/", "xl/sharedStrings")):
            wanted = len(_EXTENSION.findall(right.read(name))) if name in ours else 0
            if len(_EXTENSION.findall(there.read(name))) > wanted:
                what = text("extensions that change how cells look")
                yield Difference(text("part «{name}»", name=name), "", str(what))
