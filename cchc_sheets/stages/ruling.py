"""What the final meeting has ruled, recorded from its minutes."""

from __future__ import annotations

from cchc_sheets.assessment.submission import points_objection
from cchc_sheets.assessment.typed import Unreadable, read_number
from cchc_sheets.errors import CchcError, Problem
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome, UnitOutcome, plain_decimal
from cchc_sheets.reading import Cell
from cchc_sheets.stages.record import known_so_far
from cchc_sheets.stages.round_sheets import show_rulings
from cchc_sheets.stages.season import Season


def rule(season: Season, place: str, *, points: str, reason: str) -> Outcome:
    """Record a ruling of the final meeting, and show it to the unit; a later one on the criterion takes its place.

    `place` is the unit and the code of the criterion, e.g. `tay-an/1.10`.

    Raises:
        CchcError: if unit, criterion, points or reason make no sense.
    """
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
    read = read_number(Cell(points))
    if isinstance(read, Unreadable) or read is None:
        raise CchcError(
            text("«{points}» is no number of points", points=points),
            where="--points",
            fix=text("write e.g. 1,5"),
            code="points",
        )
    objection = points_objection(read, criterion)
    if objection is not None:
        problem, what, fix = objection
        raise CchcError(what, where="--points", fix=fix, code=problem)
    if not reason.strip():
        raise CchcError(
            text("a ruling needs a reason"),
            where="--reason",
            fix=text("name the minutes, e.g. their number and date"),
            code="reason",
        )
    body = {"unit": unit.code, "code": code, "points": plain_decimal(read), "reason": reason.strip()}
    said = text("{unit}, {code}: {points} points by ruling of the meeting", unit=unit.name, code=code, points=read)
    problems: list[Problem] = []
    if not season.dry_run:
        last = season.ledger.last("ruling", f"{unit.code}/{code}")
        if last is None or last.body != body:
            season.record("ruling", f"{unit.code}/{code}", body)
        problems = show_rulings(season, known_so_far(season), unit)
    return Outcome("explain", (said,), (UnitOutcome(unit.code, "ruled", said),), tuple(problems), body)
