"""`extend`: give one unit more time, for a reason, and open its workbook again."""

from __future__ import annotations

from datetime import datetime

from cchc_sheets.errors import CchcError, Problem, WorkbookUnreadable
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome, UnitOutcome
from cchc_sheets.stages.provision import ensure_workbook, repairs, unreadable
from cchc_sheets.stages.round_questions import extend_answers
from cchc_sheets.stages.round_sheets import round_deadline
from cchc_sheets.stages.season import Season


def extend(season: Season, name: str, *, until: str, reason: str) -> Outcome:
    """Extend a unit's deadline of the self-assessment, or of its answers once the explanation round has begun.

    Its workbook is open and shows the new deadline.

    Raises:
        CchcError: if unit, date or reason make no sense.
    """
    unit = season.cycle.unit(name)
    deadline = season.cycle.moment(until)
    is_round = bool(season.latest("explanation_round"))
    if deadline <= max(season.now, (round_deadline(season, unit) or season.now) if is_round else _general(season)):
        raise CchcError(
            text("{deadline} is no extension", deadline=deadline),
            where="--until",
            fix=text("name a moment after now and after the general deadline"),
            code="date",
        )
    if not reason.strip():
        raise CchcError(
            text("an extension needs a reason"),
            where="--reason",
            fix=text("name the unit's request, e.g. its number and date"),
            code="reason",
        )
    if is_round:
        return extend_answers(season, unit, deadline, reason.strip())
    said = text("{unit} has time until {deadline}", unit=unit.name, deadline=deadline)
    data = {"unit": unit.code, "until": deadline.isoformat(), "reason": reason.strip()}
    if season.dry_run:
        return Outcome("extend", (said,), (UnitOutcome(unit.code, "would_extend", said),), data=data)
    last = season.ledger.last("extension", unit.code)
    if last is None or last.body != data:
        season.record("extension", unit.code, data)
    problems: list[Problem] = []
    try:
        ensured = ensure_workbook(season, unit)
        problems.extend(repairs(ensured, unit))
    except WorkbookUnreadable as error:
        problems.append(unreadable(error, unit))
    return Outcome("extend", (said,), (UnitOutcome(unit.code, "extended", said),), tuple(problems), data)


def _general(season: Season) -> datetime:
    return season.cycle.settings.calendar.self_assessment
