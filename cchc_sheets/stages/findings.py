"""Taking in what stands in the review workbook: nothing that was recorded once is lost without a word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from cchc_sheets.assessment.adjustments import ADJUSTMENTS
from cchc_sheets.assessment.appraisal import criteria_of, departments_of, row_key, sheet_key
from cchc_sheets.assessment.explanation import RULINGS
from cchc_sheets.errors import Problem, WorkbookUnreadable
from cchc_sheets.messages import text
from cchc_sheets.reading import Cell, Raw, RowReading, SheetReading, WorkbookReading
from cchc_sheets.stages.record import contested_places, recorded_appraisal, recorded_explanations
from cchc_sheets.stages.season import APPRAISAL, Season
from cchc_sheets.stages.snapshots import unchanged

_WRITTEN: Final = ("verdict", "appraised_points", "count", "points", "remark", "ruled_points", "reason")
_DECIDING: Final = ("verdict", "count", "points", "ruled_points")


@dataclass(frozen=True)
class Findings:
    """What stands in the review workbook now, beside what was recorded before.

    Attributes:
        reading: as read, with the recorded rows that are no longer there.
        lost: what was written in those rows, ready to be typed in again.
        cleared: recorded entries whose deciding cell is blank now: meant so, or an older copy of the file.
    """

    reading: WorkbookReading
    lost: Mapping[str, Mapping[str, Mapping[str, Raw]]] = field(default_factory=dict)
    cleared: tuple[Problem, ...] = ()


def read_findings(season: Season) -> Findings:
    """Read the review workbook, if there is one, and hold it against what was recorded.

    Raises:
        WorkbookUnreadable: if it cannot be read, or belongs to another cycle.
    """
    before = recorded_appraisal(season)
    if unchanged(season, APPRAISAL):
        return Findings(before)
    if APPRAISAL in season.present:
        now = season.workspace.read(APPRAISAL)
        _refuse_foreign(season, now)
    else:
        now = replace(before, sheets=())
    return _merged(season, before, now)


def _merged(season: Season, before: WorkbookReading, now: WorkbookReading) -> Findings:
    known = {
        (_kind(sheet.key), row.key): row
        for reading in (before, now)
        for sheet in reading.sheets
        for row in sheet.rows
        if row.key
    }
    lost: dict[str, dict[str, dict[str, Raw]]] = defaultdict(dict)
    sheets: list[SheetReading] = []
    for key, expected in expected_rows(season).items():
        copies = [sheet for sheet in now.sheets if sheet.key == key]
        sheet = copies[0] if copies else before.sheet(key) or SheetReading(key, key, season.cycle.id, "-", {}, ())
        there = {row.key for copy in copies for row in copy.rows}
        gone = [known[_kind(key), row] for row in expected if row not in there and (_kind(key), row) in known]
        for row in gone:
            if written := _typed_again(row):
                lost[key][row.key] = written
        if copies:
            kept = tuple(row for row in gone if row.key in lost[key])
            sheets += [replace(sheet, rows=(*sheet.rows, *kept)), *copies[1:]]
        elif gone:
            sheets.append(replace(sheet, rows=tuple(gone)))
    found = {place: rows for place, rows in lost.items() if rows}
    return Findings(replace(now, sheets=tuple(sheets)), found, tuple(_cleared(before, now)))


def _kind(sheet: str) -> str:
    """Return what kind of sheet it is: departments pass criteria on to one another; a ruling is never a finding."""
    return sheet.partition(":")[0]


def expected_rows(season: Season) -> dict[str, list[str]]:
    """Return the keys of the rows that every sheet of the review workbook has, under today's roster and criteria."""
    cycle = season.cycle
    rows = {
        sheet_key(department): [row_key(unit.code, leaf.code) for leaf in leaves for unit in cycle.units]
        for department in departments_of(cycle.criteria)
        if (leaves := tuple(criteria_of(cycle.criteria, department)))
    }
    if cycle.criteria.adjustments:
        items = cycle.criteria.adjustments
        rows[ADJUSTMENTS] = [row_key(unit.code, item.code) for item in items for unit in cycle.units]
    contested = contested_places(recorded_explanations(season)[0])
    if contested:
        rows[RULINGS] = [row_key(unit, code) for unit, code in contested]
    return rows


def _typed_again(row: RowReading) -> dict[str, Raw]:
    """Return what can be typed again as it was; what was no plain value did not count and is not made one."""
    return {
        column: _plain_text(cell.value)
        for column, cell in row.cells.items()
        if column in _WRITTEN and cell.value is not None and not cell.percent
    }


def _plain_text(value: Raw) -> Raw:
    """Keep a remark that begins like a formula from becoming one when it is typed in again."""
    return f" {value}" if isinstance(value, str) and value.startswith("=") else value


def _cleared(before: WorkbookReading, now: WorkbookReading) -> Iterator[Problem]:
    for old in before.sheets:
        sheet = now.sheet(old.key)
        rows = {row.key: row for row in sheet.rows} if sheet else {}
        for row in old.rows:
            if row.key in rows and sheet is not None and _decides(row) and not _decides(rows[row.key]):
                yield _cleared_problem(sheet, rows[row.key], row)


def _decides(row: RowReading) -> bool:
    return any(column in row.cells for column in _DECIDING)


def _cleared_problem(sheet: SheetReading, row: RowReading, before: RowReading) -> Problem:
    was = " / ".join(_shown(before.cells[column]) for column in _WRITTEN if column in before.cells)
    return Problem(
        "entry_cleared",
        text(
            "«{sheet}» row {row}: «{was}» was recorded here before and is blank now; it no longer counts",
            sheet=sheet.title,
            row=row.number,
            was=was[:120],
        ),
        text("write it again, unless it was meant to go; perhaps an older copy of the file was put in place"),
        unit=row.key.partition("/")[0],
        sheet=sheet.key,
        row=row.key,
    )


def _shown(cell: Cell) -> str:
    return cell.text if not isinstance(cell.value, Decimal) else f"{cell.value:f}".replace(".", ",")


def _refuse_foreign(season: Season, reading: WorkbookReading) -> None:
    foreign = {sheet.cycle for sheet in reading.sheets} - {season.cycle.id}
    if foreign:
        raise WorkbookUnreadable(
            text("the review workbook belongs to another cycle: {cycles}", cycles=sorted(foreign)),
            where=season.workspace.location(APPRAISAL),
            fix=text("put the right file in its place, or move this one away"),
            code="other_cycle",
        )
