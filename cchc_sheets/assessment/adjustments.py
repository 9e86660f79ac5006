"""Bonuses (điểm cộng) and penalties (điểm trừ): what the office enters, and what it takes from or adds to points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import Adjustment, CriteriaSet
from cchc_sheets.assessment.index import StandingPoints
from cchc_sheets.assessment.internal_notes import without_internal_notes
from cchc_sheets.assessment.sheet_reader import SheetReader, find_sheet
from cchc_sheets.assessment.typed import Unreadable, read_number
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem
from cchc_sheets.messages import text
from cchc_sheets.reading import RowReading, WorkbookReading

ADJUSTMENTS: Final = "adjustments"
WRITTEN: Final = ("count", "points", "remark")


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One adjustment item of one unit: the size of the bonus or penalty (never negative) and the reason."""

    points: Decimal
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """Penalties taken from one criterion: those that stop at zero, and those that may go below it."""

    to_zero: Decimal = Decimal(0)
    below_zero: Decimal = Decimal(0)


@dataclass(frozen=True)
class Adjustments:
    """All adjustments of a cycle.

    Attributes:
        entries: by (unit, item code).
        taken: penalties that are taken from a criterion, by (unit, criterion).
    """

    entries: Mapping[tuple[str, str], Adjusted] = field(default_factory=dict)
    taken: Mapping[tuple[str, str], Taken] = field(default_factory=dict)

    def of_unit(self, unit: str, criteria: CriteriaSet) -> Decimal:
        """Return the unit's bonuses less its penalties, those on single criteria left out."""
        total = Decimal(0)
        for item in criteria.adjustments:
            entry = self.entries.get((unit, item.code))
            if entry is not None and not item.criterion:
                total += entry.points if item.kind == "bonus" else -entry.points
        return total

    def applied(self, stands: StandingPoints, place: tuple[str, str]) -> StandingPoints:
        """Return the points of a criterion after the penalties taken from it.

        Where there are no points to lose, or the criterion is left out, only a penalty that may go below zero counts.
        """
        if place not in self.taken:
            return stands
        taken = self.taken[place]
        if stands.points is None:
            return replace(stands, points=-taken.below_zero) if taken.below_zero else stands
        return replace(stands, points=max(stands.points - taken.to_zero, Decimal(0)) - taken.below_zero)


def gather(entries: Mapping[tuple[str, str], Adjusted], criteria: CriteriaSet) -> Adjustments:
    """Put entries together with the criteria that they are taken from."""
    items = {item.code: item for item in criteria.adjustments if item.criterion}
    taken: dict[tuple[str, str], Taken] = {}
    for (unit, code), entry in entries.items():
        if code in items:
            place = (unit, items[code].criterion)
            before = taken.get(place, Taken())
            if items[code].below_zero:
                taken[place] = replace(before, below_zero=before.below_zero + entry.points)
            else:
                taken[place] = replace(before, to_zero=before.to_zero + entry.points)
    return Adjustments(entries, taken)


def parse_adjustments(
    reading: WorkbookReading, *, cycle: str, units: Sequence[Unit], criteria: CriteriaSet
) -> tuple[Adjustments, tuple[Problem, ...]]:
    """Interpret the sheet of bonuses and penalties; a row in which nothing was written adjusts nothing."""
    if reading.sheet(ADJUSTMENTS) is None:
        return Adjustments(), ()
    sheet, problems = find_sheet(reading, ADJUSTMENTS, cycle=cycle, unit="-", is_about=None)
    if sheet is None:
        return Adjustments(), tuple(problems)
    items = {item.code: item for item in criteria.adjustments}
    shown = {f"{unit.code}/{code}": {"unit": unit.name, "code": code} for code in items for unit in units}
    reader = SheetReader(sheet, shown, WRITTEN, problems=problems)
    entries: dict[tuple[str, str], Adjusted] = {}
    for row in reader.rows().values():
        unit, _, code = row.key.partition("/")
        entry = _read_entry(reader, row, items[code])
        if entry is not None:
            entries[unit, code] = entry
    return gather(entries, criteria), tuple(problems)


def _read_entry(reader: SheetReader, row: RowReading, item: Adjustment) -> Adjusted | None:
    numbers = {column: read_number(row.cells.get(column)) for column in ("count", "points")}
    for column, number in numbers.items():
        if isinstance(number, Unreadable):
            reader.report(number.code, row, column, number.what, number.fix)
    if any(isinstance(number, Unreadable) for number in numbers.values()):
        return None
    count, points = numbers["count"], numbers["points"]
    remark = vietnamese.unicode_text(row.cells["remark"].text) if "remark" in row.cells else ""
    if not isinstance(count, Decimal) and not isinstance(points, Decimal):
        if remark:
            reader.report(
                "points_missing",
                row,
                "count",
                text("a remark without a number of cases or points changes nothing"),
                text("type the number of cases, or empty the remark"),
                "warning",
            )
        return None
    by_rule = item.rule_score(count) if isinstance(count, Decimal) else None
    stands = points if isinstance(points, Decimal) else by_rule
    if stands is None or not _is_possible(reader, row, item, count, stands):
        return None
    if by_rule is not None and stands != by_rule:
        reader.report(
            "rule_differs",
            row,
            "points",
            text(
                "{points} points were written, the rule gives {rule}; what was written counts",
                points=stands,
                rule=by_rule,
            ),
            text("empty the points to let the rule count, or say in the remark why they differ"),
            "warning",
        )
    if stands and not remark:
        reader.report(
            "remark_missing",
            row,
            "remark",
            text("points without a reason"),
            text("name the document (number, date) they rest on"),
            "warning",
        )
    return Adjusted(stands, without_internal_notes(remark))


def _is_possible(reader: SheetReader, row: RowReading, item: Adjustment, count: object, points: Decimal) -> bool:
    if isinstance(count, Decimal) and (count < 0 or count != count.to_integral_value()):
        reader.report(
            "not_a_count",
            row,
            "count",
            text("{count} is not a number of cases", count=count),
            text("type a whole number"),
        )
        return False
    if not 0 <= points <= item.cap:
        reader.report(
            "negative" if points < 0 else "above_max",
            row,
            "points",
            text("{points} points is not between 0 and {cap}", points=points, cap=item.cap),
            text("type the size of the bonus or penalty without a sign, at most {cap}", cap=item.cap),
        )
        return False
    return True
