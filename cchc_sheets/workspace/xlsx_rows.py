"""The rows of a sheet as XML: cells with their styles, and heights in which wrapped text is seen whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from openpyxl.utils.datetime import to_excel

from cchc_sheets.layouts.workbook import Column, Formula, Input, Link, Sheet, Value
from cchc_sheets.reading import BLANK, Cell
from cchc_sheets.workspace.filling import fill, has_slot
from cchc_sheets.workspace.links import attached_link, is_openable
from cchc_sheets.workspace.placement import KEYS_ROW, Line, Placement, written_cell
from cchc_sheets.workspace.wrapping import lines_of
from cchc_sheets.workspace.xlsx_styles import GENERAL, ROWS, TEXT_FORMAT, Look, StyleBook
from cchc_sheets.workspace.xlsx_text import xml_text

Carried = Mapping[tuple[str, str, str], Cell]

_SHORTEST = 15.0
_TALLEST = 409.0
_LINE_HEIGHT = 1.28  # of the font size: Vietnamese capitals carry two marks
_QUOTED = ("=", "+", "-", "@", "'")  # what Excel would take for more than text if it were typed again
_FUTURE = re.compile(r"(?<![\w.])(?=(?:CONCAT|TEXTJOIN|IFS|SWITCH|MAXIFS|MINIFS|XLOOKUP|IFNA)\()")


@dataclass(frozen=True, slots=True)
class SheetRows:
    """Writes the rows of one sheet."""

    sheet: Sheet
    placement: Placement
    styles: StyleBook
    carried: Carried

    def keys(self, stamp: str) -> str:
        """Return the hidden row of the stamp and the column keys."""
        style = self._key_style
        keys = {"A": stamp, **{name: key for key, name in self.placement.columns.items()}}
        cells = "".join(
            _cell_xml(f"{name}{KEYS_ROW}", style, Cell(key), self.sheet.title) for name, key in keys.items()
        )
        return f'<row r="{KEYS_ROW}" hidden="1">{cells}</row>'

    def line(self, line: Line, slots: Mapping[str, str]) -> str:
        """Return one line with its slots filled."""
        cells = list(self._cells(line, slots))
        parts = [_cell_xml(f"A{line.number}", self._key_style, Cell(line.key), self.sheet.title)]
        for column, look, cell in cells:
            reference = f"{self.placement.columns[column.key]}{line.number}"
            parts.append(_cell_xml(reference, self.styles.number(look), cell, self.sheet.title))
        # Excel and LibreOffice fit a row again when somebody types, unless the height is a custom one;
        # neither ever fits merged cells.
        spanning = self.spanning(line)
        fixed = ' customHeight="1"' if spanning else ""
        height = max(self._tallest(cells, spanning), _least_height(line))
        return f'<row r="{line.number}" ht="{height:g}"{fixed}>{"".join(parts)}</row>'

    def height(self, line: Line, slots: Mapping[str, str]) -> float:
        """Return the height of a line in points."""
        return max(self._tallest(self._cells(line, slots), self.spanning(line)), _least_height(line))

    def spanning(self, line: Line) -> str:
        """Return the key of the column whose cell runs across the width from there on; empty if none does."""
        if line.row is None or not line.row.spans:
            return ""
        columns = [column.key for column in self.sheet.columns]
        first = next((key for key in columns if key in line.row.cells), columns[0])
        return "" if first == columns[-1] else first

    def has_slots(self, line: Line) -> bool:
        """Tell whether the line may differ from workbook to workbook."""
        values = line.row.cells.values() if line.row else (column.title for column in self.sheet.columns)
        return any(has_slot(_words(value)) for value in values)

    def links(self, slots: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield (address, link) of every cell that opens a link on a click."""
        for line in self.placement.lines:
            for column in self.sheet.columns:
                cell = self.carried.get((self.sheet.key, line.key, column.key))
                value = line.row.cells.get(column.key) if line.row else None
                url = attached_link(cell) if cell else value.url if isinstance(value, Link) else ""
                if url and (cell or is_openable(url)):
                    yield self.placement.address(line.key, column.key), fill(url, slots)

    @property
    def _key_style(self) -> int:
        return self.styles.number(Look("keys", is_ruled=False))

    def _tallest(self, cells: Iterable[tuple[Column, Look, Cell]], spanning: str) -> float:
        heights = (
            _height(cell, look, self._width_from(column) if spanning == column.key else column.width)
            for column, look, cell in cells
        )
        return max(heights, default=_SHORTEST)

    def _width_from(self, first: Column) -> int:
        widths = [column.width for column in self.sheet.columns]
        return sum(widths[self.sheet.columns.index(first) :])

    def _cells(self, line: Line, slots: Mapping[str, str]) -> Iterator[tuple[Column, Look, Cell]]:
        for column in self.sheet.columns:
            entry = line.row.inputs.get(column.key) if line.row else None
            value = line.row.cells.get(column.key) if line.row else column.title
            carried = self.carried.get((self.sheet.key, line.key, column.key))
            if carried is not None:
                cell = carried
                is_link = bool(attached_link(cell))
                is_quoted = cell.text.startswith(_QUOTED)
            else:
                cell = _written(value, line.key, self.placement, slots)
                is_link = isinstance(value, Link) and is_openable(value.url)
                # By the text before its slots are filled: a mould knows no style but its own.
                is_quoted = not isinstance(value, Formula) and _words(value).startswith(_QUOTED)
            if cell == BLANK and entry is None and _is_bare(line):
                continue
            yield column, self._look(line, column, entry, cell, is_link=is_link, is_quoted=is_quoted), cell

    def _look(
        self, line: Line, column: Column, entry: Input | None, cell: Cell, *, is_link: bool, is_quoted: bool
    ) -> Look:
        return Look(
            row=line.row.style if line.row else "headings",
            column=column.style,
            is_open=entry is not None and not self.sheet.closed,
            is_ruled=self.sheet.headings and not line.in_banner,
            is_link=is_link,
            is_quoted=is_quoted,
            number_format=_number_format(cell, entry),
        )


def _least_height(line: Line) -> float:
    """Return the height in points that a row has even when it is empty."""
    if line.row is None or line.row.lines == 1:
        return _SHORTEST
    return line.row.lines * ROWS[line.row.style].size * _LINE_HEIGHT + 4


def _is_bare(line: Line) -> bool:
    """Tell whether blank cells of the line are not drawn at all."""
    return line.in_banner and line.row is not None and not ROWS[line.row.style].fill


def _written(value: Value | None, row: str, placement: Placement, slots: Mapping[str, str]) -> Cell:
    cell = written_cell(value, row, placement, slots)
    return Cell(formula=_compatible(cell.formula)) if cell.formula else cell


def _words(value: Value | None) -> str:
    match value:
        case str():
            return value
        case Link():
            return value.text
        case Formula():
            return value.pattern
        case _:
            return ""


def _compatible(formula: str) -> str:
    """Give functions younger than the format the prefix without which Excel shows #NAME?."""
    return _FUTURE.sub("_xlfn.", formula)


def _number_format(cell: Cell, entry: Input | None) -> str:
    match cell.value:
        case Decimal() if cell.percent:
            return "0%" if cell.value * 100 == int(cell.value * 100) else "0.00%"
        case datetime():
            return "dd/mm/yyyy hh:mm"
        case date():
            return "dd/mm/yyyy"
        case time():
            return "hh:mm"
        case Decimal() | bool():
            return GENERAL
        case _:
            is_number = entry is None or entry.number or any(isinstance(c, Decimal) for c in entry.choices)
            return GENERAL if is_number or cell.formula else TEXT_FORMAT


def _cell_xml(reference: str, style: int, cell: Cell, sheet: str) -> str:
    head = f'<c r="{reference}" s="{style}"'
    where = f"{sheet}!{reference}"
    if cell.formula:
        return f"{head}><f>{xml_text(cell.formula.removeprefix('='), where)}</f></c>"
    if cell.error:
        return f'{head} t="e"><v>{xml_text(cell.error, where)}</v></c>'
    if cell.value is None:
        return f"{head}/>"
    if isinstance(cell.value, str):
        words = xml_text(cell.value, where)
        return f'{head} t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'
    kind = ' t="b"' if isinstance(cell.value, bool) else ""
    return f"{head}{kind}><v>{stored_number(cell.value)}</v></c>"


def stored_number(value: Decimal | bool | date | time) -> str:
    """Return a number with all its digits, a date or a time as the number that stands for it."""
    if isinstance(value, Decimal | bool):
        return f"{Decimal(value):f}"
    serial: float = to_excel(value)  # type: ignore[no-untyped-call]
    return repr(serial)


def _height(cell: Cell, look: Look, width: int) -> float:
    kind = ROWS[look.row]
    shown = cell.value if isinstance(cell.value, str) else ""
    lines = lines_of(shown, width, kind.size, kind.bold)
    return min(_TALLEST, round(lines * kind.size * _LINE_HEIGHT + 4, 1))
