"""Where a number came from: the entry of the ledger and, where it was read from a workbook, the very cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cchc_sheets.assessment.appraisal import Place, row_key
from cchc_sheets.assessment.explanation import EXPLANATION
from cchc_sheets.assessment.sheet_reader import SheetReader, find_sheet
from cchc_sheets.assessment.submission import SELF_ASSESSMENT
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.reading import RowReading, SheetReading, WorkbookReading, from_json
from cchc_sheets.stages.season import APPRAISAL, Season


@dataclass(frozen=True)
class Origin:
    """One entry of the ledger, and the cell that it recorded.

    Attributes:
        workbook: the key of the workbook, "" where none was read; `sheet` its tab as people saw it.
        cell: the address of the cell as people saw it, e.g. `H12`.
        version: of the workbook as read.
    """

    entry: Entry
    workbook: str = ""
    sheet: str = ""
    cell: str = ""
    version: str = ""

    @property
    def words(self) -> Text:
        """Say it to a person."""
        entry = text(
            "entry {number} of the ledger, {at}, by {actor}",
            number=str(self.entry.number),
            at=self.entry.at,
            actor=self.entry.actor,
        )
        if not self.workbook:
            return entry
        return text(
            "cell {cell} of «{sheet}» in {workbook}; {entry}",
            cell=self.cell or "–",
            sheet=self.sheet,
            workbook=self.workbook,
            entry=entry,
        )

    def as_data(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "entry": self.entry.number,
            "digest": self.entry.digest,
            "kind": self.entry.kind,
            "at": self.entry.at.isoformat(),
            "actor": self.entry.actor,
            "workbook": self.workbook or None,
            "sheet": self.sheet or None,
            "cell": self.cell or None,
            "version": self.version or None,
        }


@dataclass(frozen=True)
class Written:
    """What stood in one row of a sheet from one entry of the ledger on: the typed cells by column."""

    entry: Entry
    sheet: SheetReading
    row: RowReading
    workbook: str
    version: str

    def typed(self, column: str) -> str:
        """Return what was typed in a cell, "" if nothing."""
        cell = self.row.cells.get(column)
        return "" if cell is None else cell.text or cell.formula or cell.error

    def origin(self, column: str) -> Origin:
        """Return where a cell of the row is."""
        return Origin(self.entry, self.workbook, self.sheet.title, self.sheet.address(self.row, column), self.version)


def submission_row(season: Season, entry: Entry, code: str) -> Written | None:
    """Return the row of a criterion in a recorded submission, None if it could not be told which it is."""
    reading = from_json(entry.body["reading"])
    return _in_unit(season, entry, reading, SELF_ASSESSMENT, code)


def explanation_row(season: Season, entry: Entry, code: str) -> Written | None:
    """Return the row of a criterion in a unit's recorded answers."""
    reading = from_json(entry.body["reading"])
    return _in_unit(season, entry, reading, EXPLANATION, code)


def _in_unit(season: Season, entry: Entry, reading: WorkbookReading, key: str, code: str) -> Written | None:
    def shown() -> dict[str, dict[str, str]]:
        return {leaf.code: {"code": leaf.code, "title": leaf.title} for leaf in season.cycle.criteria.leaves}

    sheet, _ = find_sheet(reading, key, cycle=season.cycle.id, unit=entry.subject, is_about=entry.subject)
    row = None if sheet is None else _row(sheet, code, shown)
    if sheet is None or row is None:
        return None
    return Written(entry, sheet, row, f"units/{entry.subject}", reading.version)


def review_rows(season: Season, key: str, place: Place, columns: tuple[str, ...]) -> list[Written]:
    """Return what stood in a row of the review workbook, oldest first: one for each time that it was changed.

    Args:
        columns: those that people fill in; a row in which all of them are empty counts as one, too.
    """
    found: list[Written] = []
    before: tuple[str, ...] = ("",) * len(columns)
    for written in _review_readings(season, key, place):
        typed = tuple(written.typed(column) for column in columns)
        if typed != before:
            found.append(written)
            before = typed
    return found


def _review_readings(season: Season, key: str, place: Place) -> Iterator[Written]:
    unit, code = place
    for entry in season.ledger.entries("appraisal", subject=key):
        data = {"version": "", "modified": entry.at.isoformat(), "strays": [], "sheets": entry.body["sheets"]}
        for sheet in from_json(data).sheets[:1]:
            row = _row(sheet, row_key(unit, code), partial(_shown_in_review, season, sheet, code))
            blank = RowReading(row_key(unit, code), row.number if row else 0, row.cells if row else {})
            yield Written(entry, sheet, blank, APPRAISAL, entry.body["version"])


def _shown_in_review(season: Season, sheet: SheetReading, code: str) -> dict[str, dict[str, str]]:
    """Return what the locked cells show, as far as is needed to know a row again that lost its key."""
    codes = {row.key.partition("/")[2] for row in sheet.rows if "/" in row.key} | {code}
    return {row_key(unit.code, one): {"unit": unit.name, "code": one} for one in codes for unit in season.cycle.units}


def _row(sheet: SheetReading, key: str, shown: Callable[[], Mapping[str, Mapping[str, str]]]) -> RowReading | None:
    """Return a row by its hidden key, or, where that was lost or doubled, as the reading of the sheet knows it."""
    with_key = [row for row in sheet.rows if row.key == key]
    return with_key[0] if len(with_key) == 1 else SheetReader(sheet, shown(), ()).rows().get(key)
