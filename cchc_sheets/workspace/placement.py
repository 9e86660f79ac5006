"""Where each key of a sheet lies in a grid of cells; every adapter lays sheets out by this.

row 1      hidden: A1 the stamp, the column keys from B on
rows 2…    the banner; a row without a key of its own gets `@1`, `@2`, …
next row   the headings, under the key `@headings` (only if the sheet has headings)
the rest   the rows
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from cchc_sheets.layouts.workbook import Formula, Link, Row, Sheet, Value
from cchc_sheets.reading import BLANK, Cell
from cchc_sheets.workspace.filling import fill, fill_formula

KEYS_ROW: Final = 1
HEADINGS_KEY: Final = "@headings"

_REFERENCE = re.compile(r"\{([^{}@]+)(?:@([^{}]+))?\}")


@dataclass(frozen=True, slots=True)
class Line:
    """One laid-out line below the hidden keys: its number, its key, its row (None: the headings)."""

    number: int
    key: str
    row: Row | None
    in_banner: bool


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the keys of one sheet lie.

    Attributes:
        columns: the letter of each column key.
        numbers: the row number of each row key, banner and headings included.
        lines: every line below the hidden keys, from top to bottom.
        heading: the number of the heading row; 0 if there is none.
        first: the number of the first row below banner and headings.
        last: the number of the last row; `first - 1` if there are no rows.
    """

    columns: Mapping[str, str]
    numbers: Mapping[str, int]
    lines: tuple[Line, ...]
    heading: int
    first: int
    last: int

    @property
    def last_column(self) -> str:
        """The letter of the last column."""
        return list(self.columns.values())[-1]

    def address(self, row: str, column: str) -> str:
        """Return the address of a cell, e.g. `H12`."""
        return f"{self.columns[column]}{self.numbers[row]}"

    def formula(self, pattern: str, row: str) -> str:
        """Return a formula in addresses and without its `=`, for the cell in `row`.

        Raises ValueError for a reference to a column or a row that the sheet does not have.
        """

        def resolved(found: re.Match[str]) -> str:
            try:
                return self._reference(found[1], found[2], row)
            except KeyError as error:
                raise ValueError(f"{found[0]} in {pattern!r} names no place of this sheet") from error

        return _REFERENCE.sub(resolved, pattern.removeprefix("="))

    def _reference(self, column: str, rows: str | None, row: str) -> str:
        letter = self.columns[column]
        if rows is None or rows in self.numbers:
            return f"{letter}{self.numbers[rows or row]}"
        if rows == "*":
            return f"{letter}{self.first}:{letter}{max(self.first, self.last)}"
        first, _, last = rows.partition(":")
        return f"{letter}{self.numbers[first]}:{letter}{self.numbers[last]}"


def place(sheet: Sheet) -> Placement:
    """Return where every key of `sheet` lies. Raises ValueError if two columns or two rows share a key."""
    lines = tuple(_lines(sheet))
    columns = {column.key: letter(index) for index, column in enumerate(sheet.columns, start=2)}
    numbers = {line.key: line.number for line in lines}
    if len(columns) < len(sheet.columns) or len(numbers) < len(lines):
        raise ValueError(f"sheet {sheet.key}: a key is used twice")
    first = KEYS_ROW + 1 + len(sheet.banner) + sheet.headings
    heading = first - 1 if sheet.headings else 0
    return Placement(columns, numbers, lines, heading, first, first + len(sheet.rows) - 1)


LAST_COLUMN: Final = 16_384
_MOST_LETTERS: Final = 3


@lru_cache(maxsize=1024)
def letter(index: int) -> str:
    """Return the letters of a column: 1 is `A`, 27 is `AA`."""
    letters = ""
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def place_of(letters: str) -> int:
    """Return the number of a column by its letters: `A` is 1, `AA` is 27. Raises ValueError if there is none."""
    number = 0
    for sign in letters[:_MOST_LETTERS]:
        number = number * 26 + ord(sign.upper()) - ord("A") + 1
    if not (letters.isascii() and letters.isalpha() and len(letters) <= _MOST_LETTERS and number <= LAST_COLUMN):
        raise ValueError(letters[:_MOST_LETTERS])
    return number


def runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the (first, last) of every unbroken run in ascending `numbers`."""
    start = previous = None
    for number in numbers:
        if start is None or previous is None:
            start = number
        elif number != previous + 1:
            yield start, previous
            start = number
        previous = number
    if start is not None and previous is not None:
        yield start, previous


def written_cell(value: Value | None, row: str, placement: Placement, slots: Mapping[str, str]) -> Cell:
    """Return what a value of the spec looks like when it is read back."""
    match value:
        case None | "":
            return BLANK
        case str():
            return Cell(fill(value, slots))
        case Link():
            return Cell(fill(value.text, slots))
        case Formula():
            return Cell(formula=f"={placement.formula(fill_formula(value.pattern, slots), row)}")
        case _:
            return Cell(Decimal(value))


def _lines(sheet: Sheet) -> Iterator[Line]:
    number = KEYS_ROW
    for position, row in enumerate(sheet.banner, start=1):
        number += 1
        yield Line(number, row.key or f"@{position}", row, in_banner=True)
    if sheet.headings:
        number += 1
        yield Line(number, HEADINGS_KEY, None, in_banner=False)
    for row in sheet.rows:
        number += 1
        yield Line(number, row.key, row, in_banner=False)
