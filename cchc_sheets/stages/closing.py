"""Closing workbooks at a deadline: what was changed after it, before and after they were read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cchc_sheets.assessment.explanation import ANSWERED, EXPLANATION
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.reading import SheetReading, WorkbookReading
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.snapshots import last_reading_before

ALL_SHEETS: Final = "-"
ANSWERS: Final = "explanation"
"""What is closed, the subject of the ledger's entries: the workbooks of the self-assessment, or the answers alone."""

_MOST_CHANGES: Final = 20


def all_cells(reading: WorkbookReading) -> WorkbookReading:
    """Return a reading as it is."""
    return reading


def answers_alone(reading: WorkbookReading) -> WorkbookReading:
    """Return of a reading what a unit answered in the explanation round."""
    found = reading.sheet(EXPLANATION)
    return replace(reading, sheets=(_with_columns(found, ANSWERED),) if found else (), strays=())


def _with_columns(sheet: SheetReading, columns: Collection[str]) -> SheetReading:
    rows = (replace(row, cells={c: cell for c, cell in row.cells.items() if c in columns}) for row in sheet.rows)
    return replace(sheet, rows=tuple(rows))


def modified_before_closing(season: Season, subject: str, deadlines: Mapping[str, datetime]) -> dict[str, datetime]:
    """Return when each workbook was last changed before its first closing after its deadline, and record it.

    `deadlines` are those of the units whose workbooks are there and due. If this run breaks off, the next one does not
    take our closing for a change by the unit. Of a workbook that could not be closed what was recorded counts no more.
    """
    closings = _closings(season, subject, deadlines)
    found = {code: modified for code, modified in closings.items() if modified is not None}
    now = {code: season.present[f"units/{code}"].modified for code in deadlines.keys() - found.keys()}
    new = {code: modified for code, modified in now.items() if code not in closings}
    if new:
        season.record("closing", subject, {"modified": {code: at.isoformat() for code, at in sorted(new.items())}})
    return found | now


def record_not_closed(season: Season, subject: str, deadlines: Mapping[str, datetime]) -> None:
    """Record of which units, given with their deadlines, the workbooks could not be closed; once."""
    closings = _closings(season, subject, deadlines)
    codes = sorted(code for code in deadlines if closings.get(code) is not None)
    if codes:
        season.record("closing", subject, {"modified": dict.fromkeys(codes)})


def _closings(season: Season, subject: str, deadlines: Mapping[str, datetime]) -> dict[str, datetime | None]:
    """Return what is recorded of each closing since the deadline: the last change before, None if it was refused."""
    found: dict[str, datetime | None] = {}
    for entry in season.ledger.entries("closing", subject=subject):
        for code, modified in entry.body["modified"].items():
            counts = code in deadlines and entry.at >= deadlines[code]
            if counts and (modified is None or found.get(code) is None):
                found[code] = datetime.fromisoformat(modified) if modified else None
    return found


@dataclass(frozen=True)
class Reread:
    """A closed workbook as read: when it had been changed last before it was closed, and what its deadline was.

    `cells` are those that count of it: all of them, or the answers alone.
    """

    unit: Unit
    reading: WorkbookReading
    modified: datetime | None
    deadline: datetime
    cells: Callable[[WorkbookReading], WorkbookReading] = all_cells


def modified_late(season: Season, found: Reread) -> Iterator[Problem]:
    """Yield a warning if the workbook was changed after its deadline: which cells, if an earlier reading tells."""
    # A rehearsal's clock lies before the workbooks' own: then their times say nothing.
    at, deadline = found.modified, found.deadline
    if at is None or not deadline < at <= season.now:
        return
    moment = at.astimezone(season.now.tzinfo)
    earlier = last_reading_before(season, unit_key(found.unit), deadline)
    if earlier is None:
        what = text("the file was last changed after the deadline, at {moment}", moment=moment)
    else:
        read_at, before = earlier
        changes = list(changed_cells(found.cells(before), found.cells(found.reading)))
        if not changes:
            return
        what = text(
            "last changed after the deadline, at {moment}; changed since the reading of {before}: {cells}",
            moment=moment,
            before=read_at.astimezone(season.now.tzinfo),
            cells=changes[:_MOST_CHANGES],
        )
    fix = text("ask the unit what was changed; copying a file can also set its time")
    yield Problem("modified_after_deadline", what, fix, "warning", found.unit.code)


def edited_after_deadline(unit: Unit, changes: Sequence[Text]) -> Problem:
    """Return the warning of what was changed in a workbook after it was recorded, which does not count."""
    return Problem(
        "edited_after_deadline",
        text("changed after it was collected, which does not count: {cells}", cells=[*changes][:_MOST_CHANGES]),
        text("`extend` the unit if the change shall count"),
        "warning",
        unit.code,
    )


def not_closed(unit: Unit, reading: WorkbookReading) -> Iterator[Problem]:
    """Yield a warning if the workbook did not stay closed until it was read."""
    if not reading.is_closed:
        yield Problem(
            "not_closed",
            text("the workbook could not be closed to its people; it was read as it stood"),
            text("run `collect` again later: what was changed since is reported"),
            "warning",
            unit.code,
        )


def changed_cells(before: WorkbookReading, after: WorkbookReading) -> Iterator[Text]:
    """Yield every cell that differs between two readings: where, from what, to what."""
    for old in before.sheets:
        new = after.sheet(old.key)
        if new is None:
            yield text("sheet «{title}» deleted", title=old.title)
            continue
        was, now = _cells(old), _cells(new)
        for place in sorted(was.keys() | now.keys()):
            if was.get(place, ("", ""))[1] != now.get(place, ("", ""))[1]:
                address, shown = now.get(place) or (was[place][0], "")
                yield text(
                    "{place} from «{was}» to «{now}»",
                    place=f"«{new.title}» {address}",
                    was=was.get(place, ("", ""))[1] or "–",
                    now=shown or "–",
                )


def _cells(sheet: SheetReading) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (row.key, column): (sheet.address(row, column), cell.text or cell.formula or cell.error)
        for row in sheet.rows
        for column, cell in row.cells.items()
        if row.key and not row.key.startswith("@")
    }
