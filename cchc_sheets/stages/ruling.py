"""What the final meeting has ruled, recorded from its minutes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.internal_notes import without_internal_notes
from cchc_sheets.assessment.submission import points_objection
from cchc_sheets.assessment.typed import Unreadable, read_number
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import CchcError, Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, UnitOutcome, plain_decimal
from cchc_sheets.reading import Cell
from cchc_sheets.stages.record import is_withdrawn, known_so_far
from cchc_sheets.stages.round_sheets import show_rulings
from cchc_sheets.stages.season import Season


def rule(season: Season, place: str, *, points: str, reason: str) -> Outcome:
    """Record a ruling of the final meeting, and show it to the unit; a later one on the criterion takes its place.

    `place` is the unit and the code of the criterion, e.g. `tay-an/1.10`.

    Raises:
        CchcError: if unit, criterion, points or reason make no sense.
    """
    unit, criterion = _place(season, place)
    ruled = _points(points, criterion)
    said = text(
        "{unit}, {code}: {points} points by ruling of the meeting", unit=unit.name, code=criterion.code, points=ruled
    )
    finding = known_so_far(season).record.findings.get((unit.code, criterion.code))
    found = finding.points if finding else None
    body = {"points": plain_decimal(ruled), "finding": None if found is None else plain_decimal(found)}
    return _recorded(season, unit, criterion, {**body, "reason": _reason(reason)}, said)


def withdraw(season: Season, place: str, *, reason: str) -> Outcome:
    """Take back what the meeting ruled, e.g. on the wrong criterion: what stood before it stands again.

    Raises:
        CchcError: if unit, criterion or reason make no sense, or no ruling of the meeting stands there.
    """
    unit, criterion = _place(season, place)
    last = season.ledger.last("ruling", f"{unit.code}/{criterion.code}")
    if last is None or is_withdrawn(last):
        raise CchcError(
            text("the meeting has ruled nothing on {place}", place=f"{unit.code}/{criterion.code}"),
            where="--rule",
            fix=text("`trace {unit} {code}` tells which rulings there are", unit=unit.code, code=criterion.code),
            code="not_ruled",
        )
    said = text("{unit}, {code}: the ruling of the meeting is withdrawn", unit=unit.name, code=criterion.code)
    return _recorded(season, unit, criterion, {"points": None, "reason": _reason(reason)}, said)


def _recorded(season: Season, unit: Unit, criterion: Criterion, ruled: Mapping[str, Any], said: Text) -> Outcome:
    place = f"{unit.code}/{criterion.code}"
    body = {"unit": unit.code, "code": criterion.code, **ruled}
    problems: list[Problem] = []
    if not season.dry_run:
        last = season.ledger.last("ruling", place)
        if last is None or last.body != body:
            season.record("ruling", place, body)
        problems = show_rulings(season, known_so_far(season), unit)
    return Outcome("explain", (said,), (UnitOutcome(unit.code, "ruled", said),), tuple(problems), body)


def _place(season: Season, place: str) -> tuple[Unit, Criterion]:
    name, _, code = place.partition("/")
    unit = season.cycle.unit(name)
    criterion = season.cycle.criteria.by_code.get(code)
    if criterion is None or not criterion.is_self_scored:
        raise CchcError(
            text("«{code}» is no criterion that units score themselves", code=code),
            where="criteria.yaml",
            fix=text("name the code of a criterion, e.g. {example}", example=season.cycle.criteria.self_scored[0].code),
            code="criterion_unknown",
        )
    return unit, criterion


def _points(typed: str, criterion: Criterion) -> Decimal:
    read = read_number(Cell(typed))
    if isinstance(read, Unreadable) or read is None:
        raise CchcError(
            text("«{points}» is no number of points", points=typed),
            where="--points",
            fix=text("write e.g. 1,5"),
            code="points",
        )
    objection = points_objection(read, criterion)
    if objection is not None:
        problem, what, fix = objection
        raise CchcError(what, where="--points", fix=fix, code=problem)
    return read


def _reason(typed: str) -> str:
    if not without_internal_notes(typed).strip():
        raise CchcError(
            text("a ruling needs a reason"),
            where="--reason",
            fix=text("name the minutes, e.g. their number and date"),
            code="reason",
        )
    return typed.strip()
