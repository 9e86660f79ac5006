"""The words in which a workbook is described: all that an adapter knows of it.

An adapter lays a `Sheet` out like this, and finds every cell again by its keys:

    row 1      hidden: A1 the stamp, then the column keys from B on
    rows 2…    the banner (titles, instructions, totals), a key beginning with `@` in column A or none
    next row   the headings of the columns; everything down to here stays in view and is repeated in print
    the rest   the rows, their keys in the hidden column A
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

STAMP: Final = "cchc-sheets/1"
NO_UNIT: Final = "-"

RowStyle = Literal["title", "subtitle", "note", "total", "field", "criterion", "component", "plain"]
ColumnStyle = Literal["text", "centre", "number", "link"]
Tone = Literal["good", "attention", "bad"]
Paper = Literal["A4 portrait", "A4 landscape", "A3 landscape"]


def slot(name: str) -> str:
    """Return the mark that stands for a value differing from workbook to workbook (see `Workbook.slots`).

    Its brackets occur in no Vietnamese text; «…» are quotation marks there.
    """
    return f"⟦{name}⟧"


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula; decoration only, its result is never read back.

    In `pattern`, `{column}` is the cell of that column in the same row, `{column@row}` the one in the row of that
    key, `{column@first:last}` a range, `{column@*}` the whole column below the headings. Arguments are separated
    by commas, decimals by points.
    """

    pattern: str


@dataclass(frozen=True, slots=True)
class Link:
    """Text that opens `url` on a click."""

    text: str
    url: str


Value = str | Decimal | int | Formula | Link


@dataclass(frozen=True, slots=True)
class Input:
    """What a person may type into a cell.

    Attributes:
        choices: a drop-down; numbers stay numbers. Empty: free entry.
        number: only numbers from `minimum` to `maximum` (None: no limit).
        prompt: shown beside the cell when it is selected.
        refusal: shown when something else is typed.
        length: the longest text accepted, in characters (None: the format's own limit).
    """

    choices: tuple[str, ...] | tuple[Decimal, ...] = ()
    number: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    prompt: str = ""
    refusal: str = ""
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its hidden key, the heading people see, its width in characters.

    `tones` colours a cell by the words in it, e.g. `{"Chưa chấm": "attention"}`; `filled` colours every cell of the
    column in which anything stands.
    """

    key: str
    title: str
    width: int
    style: ColumnStyle = "text"
    tones: Mapping[str, Tone] = field(default_factory=dict)
    filled: Tone | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its hidden key, its cells by column key, and the cells that are open to people.

    A banner row may have `spans=True`: its first cell runs across the whole width. `lines` is the least height, in
    lines of text: room for what people will write. `told` are the columns that we write again from time to time
    (`Workspace.write`): what stands there stays until then, whatever else is renewed.
    """

    key: str
    cells: Mapping[str, Value]
    style: RowStyle = "plain"
    inputs: Mapping[str, Input] = field(default_factory=dict)
    spans: bool = False
    lines: int = 1
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet. `key` goes into the stamp; `title` is what people read on the tab.

    `identity` names the locked columns that together show which row is which, e.g. code and title: a row whose
    hidden key they contradict was sorted or overwritten by a person. `editors` are the addresses that alone may type
    into the sheet's inputs, besides the office; none at all: everyone who may edit the workbook. A `closed` sheet
    keeps what people typed into its inputs, but takes nothing more.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    banner: tuple[Row, ...]
    rows: tuple[Row, ...]
    paper: Paper = "A4 landscape"
    headings: bool = True
    filter: bool = False
    identity: tuple[str, ...] = ()
    editors: tuple[str, ...] | None = None
    closed: bool = False

    def shown(self) -> dict[str, dict[str, str]]:
        """Return what the identifying cells of each row show: row key → column → text."""
        return {
            row.key: {column: str(row.cells[column]) for column in self.identity}
            for row in self.rows
            if not row.key.startswith("@") and all(column in row.cells for column in self.identity)
        }


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook for one recipient.

    Attributes:
        key: where it belongs, e.g. `units/phu-phong` or `appraisal`.
        cycle: the cycle's id, for the stamp.
        unit: the unit's code, for the stamp; `-` for a workbook of the office.
        sheets: may be one and the same tuple for many workbooks; then only the slots differ, as in a mail merge.
        slots: what stands in place of each `⟦name⟧` in any text of the sheets.
    """

    key: str
    title: str
    cycle: str
    unit: str
    sheets: tuple[Sheet, ...]
    slots: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_for_reading(self) -> bool:
        """Whether it takes nothing from anybody: every cell says what the description says, and can be made again."""
        rows = (row for sheet in self.sheets for row in (*sheet.banner, *sheet.rows))
        return not any(row.inputs or row.told for row in rows)

    def digest(self, sheets: bytes | None = None) -> str:
        """Return a digest of the whole description; `sheets` is that of the sheets, where it is known already."""
        rest = (self.title, self.cycle, self.unit, sorted(self.slots.items()))
        return hashlib.sha256(
            (sheets or sheets_digest(self.sheets)) + repr(rest).encode("utf-8", "replace")
        ).hexdigest()

    def stamp(self, sheet: Sheet) -> str:
        """Return the text of cell A1 of `sheet`."""
        return f"{STAMP} {sheet.key} {self.cycle} {self.unit}"


def sheets_digest(sheets: tuple[Sheet, ...]) -> bytes:
    """Return a digest of everything that describes the sheets."""
    return hashlib.sha256(repr(sheets).encode("utf-8", "replace")).digest()
