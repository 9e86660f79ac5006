"""Points that come from outside the sheets: the survey's (điều tra xã hội học) and those of other systems."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.submission import points_objection
from cchc_sheets.assessment.typed import Unreadable, read_number
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.reading import Cell

UNIT_HEADINGS: Final = ("unit", "mã đơn vị", "đơn vị", "tên đơn vị")
CODE_HEADINGS: Final = ("code", "mã tiêu chí", "tiêu chí")
POINTS_HEADINGS: Final = ("points", "điểm")
_CODE_LIKE: Final = re.compile(r"[A-Za-z]{0,2}[0-9]+(?:[.][0-9]+)+")


@dataclass(frozen=True, slots=True)
class Merged:
    """Cells of one column made one over several lines: the first line holds the value, the others hold nothing."""

    place: int
    first: int
    last: int


@dataclass(frozen=True)
class Table:
    """A table as read from a CSV file or a worksheet: cells of line 1 (the headings) and of each line below.

    A cell beyond the last heading, blank or not, belongs to no column; None stands for no cell at all. `merged` tells
    where a worksheet made one cell over several lines.
    """

    name: str
    headings: Sequence[Cell | None]
    lines: Sequence[tuple[int, Sequence[Cell | None]]]
    merged: Sequence[Merged] = ()


@dataclass
class _Import:
    """The points read so far, and what was wrong."""

    table: Table
    criteria: CriteriaSet
    units: Mapping[str, Unit]
    points: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, code: str, line: int | None, column: str | None, what: Text, fix: Text) -> None:
        place = text("{file} line {line}, column {column}", file=self.table.name, line=line or 1, column=column or "–")
        placed = text("{place}: {what}", place=place, what=what)
        self.problems.append(Problem(code, placed, fix, sheet=self.table.name, row=line, column=column))

    def warn(self, code: str, column: str, what: Text, fix: Text) -> None:
        """Report something that may be meant so."""
        self.problems.append(Problem(code, what, fix, "warning", sheet=self.table.name, row=1, column=column))


def parse_points(
    table: Table, *, units: Sequence[Unit], criteria: CriteriaSet, already: Collection[tuple[str, str]] = ()
) -> tuple[Mapping[tuple[str, str], Decimal], tuple[Problem, ...]]:
    """Interpret a table of points, in either of two forms, and check it against units and criteria.

    Wide: a column of units (code or name), then one column per criterion, headed by its code. Long: columns for
    unit, criterion code and points. Every unit must have points for every surveyed or imported criterion, here or
    among those imported `already`.
    """
    state = _Import(table, criteria, _by_name(units))
    headings = [vietnamese.comparable(_text(table.headings, place)) for place in range(len(table.headings))]
    unit_column = _find(headings, UNIT_HEADINGS)
    if unit_column is None:
        state.report(
            "column_missing",
            1,
            None,
            text("no column for the unit"),
            text("head the column of units with «unit»"),
        )
        return {}, tuple(state.problems)
    _report_too_many_values(state)
    code_column, points_column = _find(headings, CODE_HEADINGS), _find(headings, POINTS_HEADINGS)
    if code_column is not None and points_column is not None:
        _read_long(state, unit_column, code_column, points_column)
    else:
        _read_wide(state, unit_column)
    _report_missing(state, units, already)
    return state.points, tuple(state.problems)


def _read_long(state: _Import, unit_column: int, code_column: int, points_column: int) -> None:
    for line, cells in state.table.lines:
        unit = _unit_at(state, line, cells, unit_column)
        criterion = _importable(state, line, cells[code_column] if code_column < len(cells) else None)
        if unit and criterion:
            cell = cells[points_column] if points_column < len(cells) else None
            _take(state, line, "points", unit, criterion, cell)


def _read_wide(state: _Import, unit_column: int) -> None:
    columns: list[tuple[int, Criterion]] = []
    for place, heading in enumerate(state.table.headings):
        name = _text(state.table.headings, place)
        if _CODE_LIKE.fullmatch(name) and name not in state.criteria.by_code:
            what = text("the column «{name}» belongs to no criterion of the set and was not read", name=name)
            state.warn("column_unknown", name, what, text("correct the code at its head, or leave it"))
        elif place != unit_column and name in state.criteria.by_code:
            criterion = _importable(state, 1, heading)
            if criterion:
                columns.append((place, criterion))
    for line, cells in state.table.lines:
        unit = _unit_at(state, line, cells, unit_column)
        if unit is None:
            continue
        for place, criterion in columns:
            _take(state, line, criterion.code, unit, criterion, cells[place] if place < len(cells) else None)


def _take(state: _Import, line: int, column: str, unit: Unit, criterion: Criterion, cell: Cell | None) -> None:
    points = read_number(cell)
    if points is None:
        return
    if isinstance(points, Unreadable):
        state.report(points.code, line, column, points.what, text("type the plain number, e.g. 0,5"))
        return
    objection = points_objection(points, criterion)
    if objection:
        state.report(objection[0], line, column, objection[1], objection[2])
        return
    place = (unit.code, criterion.code)
    if state.points.get(place, points) != points:
        state.report(
            "twice",
            line,
            column,
            text("{unit} has two different values for {code}", unit=unit.name, code=criterion.code),
            text("keep the right one"),
        )
        return
    state.points[place] = points


def _unit_at(state: _Import, line: int, cells: Sequence[Cell | None], column: int) -> Unit | None:
    name = _text(cells, column)
    if not name:
        return None
    unit = state.units.get(vietnamese.comparable(name))
    if unit is None:
        state.report(
            "unit_unknown",
            line,
            _text(state.table.headings, column),
            text("there is no unit «{name}»", name=name[:60]),
            text("write the unit's code or full name as in units.csv"),
        )
    return unit


def _importable(state: _Import, line: int, cell: Cell | None) -> Criterion | None:
    code = cell.text.strip() if cell else ""
    if cell is not None and isinstance(cell.value, Decimal):
        state.report(
            "code_is_number",
            line,
            code,
            text("the code {found} is a number here; {found} and {found}0 would be the same", found=code),
            text("set the cell's format to Text and type the code again"),
        )
        return None
    criterion = state.criteria.by_code.get(code)
    if criterion is not None and not criterion.parts and not criterion.is_self_scored:
        return criterion
    state.report(
        "criterion_unknown",
        line,
        code,
        text("«{code}» is no survey or imported criterion of the set", code=code[:60]),
        text("these are: {codes}", codes=[leaf.code for leaf in state.criteria.imported]),
    )
    return None


def _report_too_many_values(state: _Import) -> None:
    """A decimal comma in a file whose values are separated by commas moves every value after it."""
    width = len(state.table.headings)
    for line, cells in state.table.lines:
        if any(cell is not None for cell in cells[width:]):
            state.report(
                "too_many_values",
                line,
                None,
                text("the line has more values than the first line has columns"),
                text("write decimals with a point, or separate the values with semicolons"),
            )


def _report_missing(state: _Import, units: Sequence[Unit], already: Collection[tuple[str, str]]) -> None:
    known = state.points.keys() | set(already)
    for unit in units:
        missing = [leaf.code for leaf in state.criteria.imported if (unit.code, leaf.code) not in known]
        if missing:
            state.problems.append(
                Problem(
                    "points_missing",
                    text("{unit} has no points for {codes}", unit=unit.name, codes=missing),
                    text("add them to the file and run `survey` again"),
                    unit=unit.code,
                    sheet=state.table.name,
                )
            )


def _by_name(units: Sequence[Unit]) -> dict[str, Unit]:
    names = {vietnamese.comparable(unit.name): unit for unit in units}
    return names | {vietnamese.comparable(unit.code): unit for unit in units}


def _find(headings: Sequence[str], names: tuple[str, ...]) -> int | None:
    wanted = {vietnamese.comparable(name) for name in names}
    return next((place for place, heading in enumerate(headings) if heading in wanted), None)


def _text(cells: Sequence[Cell | None], column: int) -> str:
    cell = cells[column] if column < len(cells) else None
    return cell.text.strip() if cell else ""
