"""Tables of running papers: figures as wide as they need, words share what is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lxml import etree

from cchc_sheets.publication.nd30_table import CELL_MARGIN, Cell, Row, make_table
from cchc_sheets.publication.typeface import width_of, wrapped
from cchc_sheets.publication.wording import plain

_SLACK: Final = 30
_NARROWEST_WORDS: Final = 900
_SMALLEST: Final = 10
_STEP: Final = 40
_KEPT_WHOLE: Final = 6
_OTHER_FACE: Final = 1.1  # without Times New Roman, programs take marked letters from a wider face


@dataclass(frozen=True)
class GridColumn:
    """One column; `share` is its part of the room that figures leave, 0 for figures themselves."""

    heading: str
    share: int = 0
    align: Literal["left", "center"] = "center"


@dataclass(frozen=True)
class Line:
    """One line: a cell for each column, or a single one over all of them."""

    cells: tuple[str, ...]
    is_bold: bool = False


@dataclass(frozen=True)
class Grid:
    """A table before it is laid out; `size` is that of its letters where the room allows."""

    columns: tuple[GridColumn, ...]
    lines: tuple[Line, ...]
    size: float = 12

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings in order."""
        return tuple(column.heading for column in self.columns)


def cell_words(value: str) -> str:
    """Return text from outside as it stands in a cell: its lines kept, blanks and controls tidied."""
    return "\n".join(line for line in map(plain, value.splitlines()) if line)


def grid_table(grid: Grid, room: int) -> etree._Element:
    """Return the table, `room` twips wide; smaller letters if the columns would not fit."""
    tries = ((size, lines) for size in range(round(grid.size), _SMALLEST - 1, -1) for lines in (2, 3, 0))
    size, widths = next(
        ((size, widths) for size, lines in tries if (widths := _widths(grid, size, room, lines))), (_SMALLEST, [])
    )
    widths = widths or [room // len(grid.columns)] * len(grid.columns)
    heading = Row(tuple(Cell(heading) for heading in grid.headings), is_bold=True, keeps_next=True)
    return make_table(widths, [heading], list(_rows(grid)), size)


def _rows(grid: Grid) -> Iterator[Row]:
    """Yield the rows; a title stays with what it is over, no last row or total is alone, a short table on one page."""
    last = len(grid.lines) - 1
    is_short = len(grid.lines) <= _KEPT_WHOLE
    for place, line in enumerate(grid.lines):
        yield _row(grid, line, keeps_next=place < last and (is_short or line.is_bold or place == last - 1))


def _row(grid: Grid, line: Line, *, keeps_next: bool) -> Row:
    if len(line.cells) == 1 < len(grid.columns):
        return Row((Cell(line.cells[0], "left", span=len(grid.columns)),), is_bold=True, keeps_next=True)
    cells = (
        Cell(words, column.align if column.share else "center")
        for words, column in zip(line.cells, grid.columns, strict=True)
    )
    return Row(tuple(cells), is_bold=line.is_bold, keeps_next=keeps_next)


def _widths(grid: Grid, size: float, room: int, lines: int) -> list[int]:
    """Return the widths of the columns, headings of figures in so many lines; none if words get too little room."""
    full = [line.cells for line in grid.lines if len(line.cells) == len(grid.columns)]
    needed = [
        0 if column.share else _needed(column.heading, [cells[place] for cells in full], size, lines)
        for place, column in enumerate(grid.columns)
    ]
    left, shares = room - sum(needed), [column.share for column in grid.columns]
    if not any(shares):
        return _spread(needed, left) if left >= 0 else []
    if left < _NARROWEST_WORDS * sum(1 for share in shares if share):
        return []
    widths = [width or left * share // sum(shares) for width, share in zip(needed, shares, strict=True)]
    widest = shares.index(max(shares))
    widths[widest] += room - sum(widths)
    return widths


def _spread(needed: Sequence[int], left: int) -> list[int]:
    share, rest = divmod(left, len(needed))
    return [width + share + (rest if not place else 0) for place, width in enumerate(needed)]


def _needed(heading: str, cells: Sequence[str], size: float, lines: int) -> int:
    """Return the width in which no figure and no word of the heading is broken, nor it fills more than `lines`."""
    figures = (width_of(line, size, is_bold=True) for cell in set(cells) for line in cell.split("\n"))
    least = max(*(_word_room(word, size) for word in heading.split()), *figures, 0)
    while lines and len(list(wrapped(heading, size, least, is_bold=True))) > lines:
        least += _STEP
    return least + 2 * CELL_MARGIN + _SLACK


def _word_room(word: str, size: float) -> int:
    width = width_of(word, size, is_bold=True)
    return width if word.isascii() else round(width * _OTHER_FACE)
