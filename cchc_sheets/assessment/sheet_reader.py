"""Finding the rows of a sheet by their hidden keys, whatever people did to it; every oddity becomes a problem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from cchc_sheets.errors import Problem, Severity
from cchc_sheets.identity import Identity
from cchc_sheets.messages import Text, text
from cchc_sheets.reading import RowReading, SheetReading, WorkbookReading

MOST_TOLD: Final = 50
"""So many rows that do not belong into a sheet are told one by one."""

_MOST_TRIED: Final = 1_000
"""So many rows without a key are held against what the sheet shows; a person loses some, not thousands."""


@dataclass
class SheetReader:
    """Reads one sheet of one workbook and collects the problems met on the way.

    Attributes:
        unit: the unit that the problems are about; None in a workbook of the office.
        shown: for every expected row key, what its locked cells show ({column: text}); a row that shows what belongs
            to another row, or nothing of its own, was sorted or overwritten and is not trusted. A wording that the
            set has changed since is no contradiction.
        written: the columns that people fill in.
        headings: keys of rows that are ours but hold nothing to read.
    """

    sheet: SheetReading
    shown: Mapping[str, Mapping[str, str]]
    written: tuple[str, ...]
    unit: str | None = None
    headings: Collection[str] = ()
    problems: list[Problem] = field(default_factory=list)

    def rows(self) -> dict[str, RowReading]:
        """Return the trustworthy rows by key; report missing, doubled, unknown, mixed-up and keyless ones."""
        self._report_columns()
        keyed = list(self._keyed())
        by_key: dict[str, list[RowReading]] = defaultdict(list)
        for row in keyed:
            by_key[row.key].append(row)
        alike = {key: all(_is_same(row, rows[0]) for row in rows) for key, rows in by_key.items()}
        found: dict[str, RowReading] = {}
        strangers = doubles = 0
        for row in keyed:
            if not row.key or row.key not in self.shown:
                strangers += self._is_stranger(row)
                if strangers <= MOST_TOLD:
                    self._report_stranger(row)
            elif not alike[row.key]:
                doubles += 1
                if doubles <= MOST_TOLD:
                    self.report("row_twice", row, "", *_twice(row.key))
            elif self._is_what_it_shows(row):
                found.setdefault(row.key, row)
        self._report_more(max(0, strangers - MOST_TOLD) + max(0, doubles - MOST_TOLD))
        for key in self.shown:
            if key not in by_key:
                self._report_missing(key)
        return found

    def report(
        self, code: str, row: RowReading, column: str, what: Text, fix: Text, severity: Severity = "error"
    ) -> None:
        """Add a problem of a cell (or of a row: `column` empty), naming tab and cell as people see them."""
        place = f"«{self.sheet.title}» {self.sheet.address(row, column) if column else row.number}"
        self.problems.append(
            Problem(
                code=code,
                what=text("{place}: {what}", place=place, what=what),
                fix=fix,
                severity=severity,
                unit=self._unit_of(row),
                sheet=self.sheet.key,
                row=row.key or row.number,
                column=column or None,
            )
        )

    def _unit_of(self, row: RowReading) -> str | None:
        """In a workbook of the office the key of a row begins with its unit: `<unit>/<criterion>`."""
        unit, slash, _ = row.key.partition("/")
        return unit if self.unit is None and slash else self.unit

    @cached_property
    def _identity(self) -> Identity:
        return Identity(self.shown, self.sheet.rows)

    def _keyed(self) -> Iterator[RowReading]:
        """Yield the rows to be read, those that have lost their key with it."""
        tries = max(_MOST_TRIED, len(self.shown))
        for row in self.sheet.rows:
            if row.key.startswith("@") or row.key in self.headings:
                continue
            tries -= not row.key
            yield self._with_key(row) if tries >= 0 else row

    @cached_property
    def _keys(self) -> set[str]:
        return {row.key for row in self.sheet.rows}

    def _with_key(self, row: RowReading) -> RowReading:
        """Recover a row whose hidden key was deleted but whose locked cells still say which it is."""
        key = None if row.key else self._identity.recognised(row, self._keys)
        if key is None:
            return row
        recovered = RowReading(key, row.number, row.cells)
        self.report(
            "key_lost",
            recovered,
            "",
            text("the row has lost its hidden key; it was recognised as {key} by its text", key=key),
            text("nothing to do; `provision` mends the sheet"),
            "warning",
        )
        return recovered

    def _is_what_it_shows(self, row: RowReading) -> bool:
        """A sort that leaves the hidden column out, or a paste over a locked cell, moves numbers to other rows."""
        column = self._identity.contradiction(row)
        if column is None:
            return True
        self.report(
            "row_mixed_up",
            row,
            column,
            text(
                "the row belongs to {key} but shows «{shown}»: it was sorted or overwritten, "
                "and nothing in it was read",
                key=row.key,
                shown=row.cells[column].text[:60] if column in row.cells else "",
            ),
            text("undo the sorting or put the original text back, then run the command again"),
        )
        return False

    def _report_columns(self) -> None:
        for column in self.written:
            if column not in self.sheet.columns:
                self.problems.append(
                    Problem(
                        code="column_missing",
                        what=text(
                            "«{sheet}»: the column {column} is gone or has lost its hidden key",
                            sheet=self.sheet.title,
                            column=column,
                        ),
                        fix=text("run `provision` to mend the workbook; the old file is kept in the backup folder"),
                        unit=self.unit,
                        sheet=self.sheet.key,
                        column=column,
                    )
                )
        self._report_added_columns()

    def _report_added_columns(self) -> None:
        reported: set[str] = set()
        for row in self.sheet.rows:
            for column in row.cells:
                if column.startswith("+") and column not in reported:
                    reported.add(column)
                    self.report(
                        "column_unknown",
                        row,
                        "",
                        text(
                            "column {column} was added by hand and is not read",
                            column=column.removeprefix("+"),
                        ),
                        text("move its content into the columns of the sheet"),
                        "warning",
                    )

    def _typed(self, row: RowReading) -> list[str]:
        cells = (row.cells[column] for column in self.written if column in row.cells)
        return [cell.text or cell.formula or cell.error for cell in cells]

    def _is_stranger(self, row: RowReading) -> bool:
        return bool(row.key) or any(self._typed(row))

    def _report_more(self, count: int) -> None:
        """Say how many more rows were not read; a list of thousands would hide what others have to mend."""
        if count:
            self.problems.append(
                Problem(
                    code="rows_unknown",
                    what=text(
                        "«{sheet}»: {count} more rows do not belong here or are there twice; nothing in them was read",
                        sheet=self.sheet.title,
                        count=count,
                    ),
                    fix=text("take out of the sheet what was pasted into it"),
                    unit=self.unit,
                    sheet=self.sheet.key,
                )
            )

    def _report_stranger(self, row: RowReading) -> None:
        typed = self._typed(row)
        if not self._is_stranger(row):
            return
        self.report(
            "row_unknown",
            row,
            "",
            text(
                "a row that the tool did not make; nothing in it was read: {typed}",
                typed="; ".join(filter(None, typed))[:120] or "–",
            ),
            text("move what it says into the row it belongs to, then delete it"),
            "error" if any(typed) else "warning",
        )

    def _report_missing(self, key: str) -> None:
        self.problems.append(
            Problem(
                code="row_missing",
                what=text("«{sheet}»: the row of {key} was deleted", sheet=self.sheet.title, key=key),
                fix=text("run `provision` to put it back, then fill it in again"),
                unit=self.unit,
                sheet=self.sheet.key,
                row=key,
            )
        )


def find_sheet(
    reading: WorkbookReading, key: str, *, cycle: str, unit: str, is_about: str | None
) -> tuple[SheetReading | None, list[Problem]]:
    """Return the one sheet with this key that belongs here, or None and why not."""
    sheets = [sheet for sheet in reading.sheets if sheet.key == key]
    if not sheets:
        return None, [_no_sheet(key, reading.strays, is_about)]
    sheet = sheets[0]
    if sheet.cycle != cycle or sheet.unit != unit:
        return None, [_foreign(sheet, cycle, unit, is_about)]
    if any(other.rows != sheet.rows for other in sheets[1:]):
        titles = [other.title for other in sheets]
        return None, [
            Problem(
                code="sheet_twice",
                what=text(
                    "the sheet is there {times} times, with different content: {titles}",
                    times=len(sheets),
                    titles=titles,
                ),
                fix=text("keep the right one and delete the copies"),
                unit=is_about,
                sheet=key,
            )
        ]
    return sheet, []


def copied_tabs(reading: WorkbookReading, unit: str | None) -> list[Problem]:
    """Return a warning for each tab that somebody copied from one of ours: who goes on in the copy writes in vain."""
    return [
        Problem(
            "tab_copied",
            text("«{title}» is a copy of one of our sheets; nothing in it counts", title=title),
            text("see whether anything was written there that belongs into the sheet itself, then delete the copy"),
            "warning",
            unit,
        )
        for title in reading.copies
    ]


def _no_sheet(key: str, strays: tuple[str, ...], unit: str | None) -> Problem:
    return Problem(
        code="sheet_missing",
        what=text(
            "the sheet {sheet} was deleted or has lost its hidden key (other sheets here: {strays})",
            sheet=key,
            strays=strays or "–",
        ),
        fix=text("run `provision` to put it back, or restore the file from a backup"),
        unit=unit,
        sheet=key,
    )


def _foreign(sheet: SheetReading, cycle: str, unit: str, is_about: str | None) -> Problem:
    other_cycle = sheet.cycle != cycle
    return Problem(
        code="other_cycle" if other_cycle else "other_unit",
        what=text(
            "the workbook in this place belongs to {found}, not to {wanted}; nothing was read from it",
            found=f"{sheet.cycle} / {sheet.unit}",
            wanted=f"{cycle} / {unit}",
        ),
        fix=text("put the right file in its place under the right name"),
        unit=is_about,
        sheet=sheet.key,
    )


def _is_same(row: RowReading, other: RowReading) -> bool:
    """Tell whether a row copied without a change stands there twice."""
    return row is other or row.cells == other.cells


def _twice(key: str) -> tuple[Text, Text]:
    return (
        text("the row of {key} is there more than once, with different content; none was read", key=key),
        text("keep the right one and delete the others"),
    )
