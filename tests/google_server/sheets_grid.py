"""The state of a spreadsheet: tabs, cells, merges, protections. Cells never change, they are replaced.

A draft copies a tab when it is first written to, so that a batch of requests is done wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from google_server.sheets_areas import Area, InvalidRequestError, a1, sheet_prefix

MOST_CELLS = 10_000_000
MOST_TABS = 200

Message = dict[str, Any]


class Cell(NamedTuple):
    """What was entered into a cell; the messages in it are never changed in place."""

    value: Message | None = None
    format: Message | None = None
    note: str = ""
    validation: Message | None = None
    runs: tuple[Message, ...] = ()
    chips: tuple[Message, ...] = ()

    def with_value(self, value: Message | None) -> Cell:
        """Return the cell with a new value; the old one's runs and chips go with it."""
        return self._replace(value=value, runs=(), chips=())


EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class Protection:
    """A protected range. `users` None: everybody who may edit the file, as when no editors were given."""

    id: int
    area: Area
    holes: tuple[Area, ...] = ()
    users: tuple[str, ...] | None = ()
    groups: tuple[str, ...] = ()
    domain: bool = False
    warning: bool = False
    description: str = ""
    named_range: str = ""


@dataclass(slots=True)
class Tab:
    """One sheet."""

    id: int
    title: str
    rows: int = 1000
    columns: int = 26
    properties: Message = field(default_factory=dict)
    grid: Message = field(default_factory=dict)
    cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    protections: dict[int, Protection] = field(default_factory=dict)
    conditional: list[Message] = field(default_factory=list)
    basic_filter: Message | None = None
    filter_views: dict[int, Message] = field(default_factory=dict)
    lines: dict[str, dict[int, Message]] = field(default_factory=lambda: {"ROWS": {}, "COLUMNS": {}})
    metadata: list[Message] = field(default_factory=list)

    def copy(self) -> Tab:
        """Return a copy that can be changed without changing this one."""
        return replace(
            self,
            properties=dict(self.properties),
            grid=dict(self.grid),
            cells={row: dict(cells) for row, cells in self.cells.items()},
            merges=list(self.merges),
            protections=dict(self.protections),
            conditional=list(self.conditional),
            filter_views=dict(self.filter_views),
            lines={axis: dict(lines) for axis, lines in self.lines.items()},
            metadata=list(self.metadata),
        )

    @property
    def hidden(self) -> bool:
        """Tell whether the tab is hidden."""
        return bool(self.properties.get("hidden"))

    @property
    def area(self) -> Area:
        """Return the whole grid, with both ends."""
        return Area(0, self.rows, 0, self.columns)

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell; an untouched one is empty."""
        return self.cells.get(row, {}).get(column, EMPTY)

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Replace a cell."""
        if cell == EMPTY:
            line = self.cells.get(row)
            if line and line.pop(column, None) is not None and not line:
                del self.cells[row]
        else:
            self.cells.setdefault(row, {})[column] = cell

    def touched(self, area: Area) -> Iterator[tuple[int, int, Cell]]:
        """Yield the cells of an area in which anything stands, in reading order."""
        bounded = area.within(self.rows, self.columns)
        for row in sorted(self.cells):
            if bounded.top <= row < (bounded.bottom or 0):
                for column, cell in sorted(self.cells[row].items()):
                    if bounded.left <= column < (bounded.right or 0):
                        yield row, column, cell

    def named(self, area: Area) -> str:
        """Return an area as Google names it in messages and answers."""
        return f"{sheet_prefix(self.title)}!{a1(area)}"

    def limited(self, area: Area) -> Area:
        """Return the area inside the grid; refuse one that starts outside it."""
        if area.top >= self.rows or area.left >= self.columns:
            raise InvalidRequestError(
                f"Range ({self.named(area)}) exceeds grid limits. Max rows: {self.rows}, max columns: {self.columns}"
            )
        return area.within(self.rows, self.columns)


@dataclass(slots=True)
class Book:
    """A spreadsheet."""

    id: str
    title: str
    properties: Message = field(default_factory=lambda: {"locale": "en_US", "timeZone": "Etc/GMT"})
    tabs: list[Tab] = field(default_factory=list)
    named_ranges: dict[str, Message] = field(default_factory=dict)
    metadata: list[Message] = field(default_factory=list)
    owned: set[int] = field(default_factory=set)

    @property
    def locale(self) -> str:
        """Return the locale, e.g. `vi_VN`."""
        return str(self.properties["locale"])

    def draft(self) -> Book:
        """Return a copy to change; its tabs are copied when they are first asked for by `writable`."""
        return replace(
            self,
            properties=dict(self.properties),
            tabs=list(self.tabs),
            named_ranges=dict(self.named_ranges),
            metadata=list(self.metadata),
            owned=set(),
        )

    def find(self, sheet_id: int) -> Tab | None:
        """Return the tab of an id, or None."""
        return next((tab for tab in self.tabs if tab.id == sheet_id), None)

    def by_title(self, title: str) -> Tab | None:
        """Return the tab of a title; Google does not tell capitals from small letters here."""
        folded = title.casefold()
        return next((tab for tab in self.tabs if tab.title.casefold() == folded), None)

    def tab(self, sheet_id: int, word: str = "grid") -> Tab:
        """Return the tab of an id for reading; Google says "grid" for ranges and "sheet" for properties."""
        found = self.find(sheet_id)
        if found is None:
            raise InvalidRequestError(f"No {word} with id: {sheet_id}")
        return found

    def writable(self, sheet_id: int, word: str = "grid") -> Tab:
        """Return the tab of an id for changing it in this draft."""
        found = self.tab(sheet_id, word)
        if sheet_id not in self.owned:
            self.owned.add(sheet_id)
            copied = found.copy()
            self.tabs[self.tabs.index(found)] = copied
            return copied
        return found

    def check_size(self) -> None:
        """Refuse more cells than a spreadsheet may have."""
        if sum(tab.rows * tab.columns for tab in self.tabs) > MOST_CELLS:
            raise InvalidRequestError(
                f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells."
            )
