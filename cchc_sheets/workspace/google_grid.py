"""Rectangles of cells, as Google Sheets counts them: from 0, the end left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from cchc_sheets.workspace.placement import runs

Spot = tuple[int, int]
"""A cell by row and column, both counted from 0."""


class Rectangle(NamedTuple):
    """The cells from row `top` to before `bottom`, from column `left` to before `right`."""

    top: int
    left: int
    bottom: int
    right: int

    def on(self, sheet_id: int) -> dict[str, int]:
        """Return the rectangle as a `GridRange` of a sheet."""
        return {
            "sheetId": sheet_id,
            "startRowIndex": self.top,
            "endRowIndex": self.bottom,
            "startColumnIndex": self.left,
            "endColumnIndex": self.right,
        }

    def spots(self) -> Iterator[Spot]:
        """Yield every cell of the rectangle."""
        return product(range(self.top, self.bottom), range(self.left, self.right))


def rectangles(spots: Iterable[Spot]) -> list[Rectangle]:
    """Cover exactly these cells by few rectangles, none over another, from top to bottom.

    Cells are joined downwards first, then columns of the same height sideways.
    """
    columns: dict[int, set[int]] = defaultdict(set)
    for row, column in spots:
        columns[column].add(row)
    return sorted(_joined(columns))


def bounding(found: Iterable[Rectangle]) -> Rectangle:
    """Return the smallest rectangle around all of `found`, which are some."""
    tops, lefts, bottoms, rights = zip(*found, strict=True)
    return Rectangle(min(tops), min(lefts), max(bottoms), max(rights))


def _joined(columns: Mapping[int, set[int]]) -> Iterator[Rectangle]:
    going_on: dict[tuple[int, int], int] = {}  # the first and last row of a strip → the column it began at
    for column in range(min(columns, default=0), max(columns, default=0) + 2):
        strips = set(runs(sorted(columns.get(column, ()))))
        for (first, last), left in going_on.items():
            if (first, last) not in strips:
                yield Rectangle(first, left, last + 1, column)
        going_on = {strip: going_on.get(strip, column) for strip in strips}
