"""`status`: where every unit and every department stands; reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from cchc_sheets.assessment.progress import UNFILLED
from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, Table, UnitOutcome, plain_decimal
from cchc_sheets.stages.progress import Look, look_at_units
from cchc_sheets.stages.record import department_progress, known_so_far
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.telling import Told, tell
from cchc_sheets.vietnamese import number

_SAID: Final = {
    "missing": text("no workbook yet"),
    "foreign": text("workbook of another unit or cycle"),
    "unreadable": text("workbook cannot be read"),
    "blank": text("not begun"),
    "in_progress": text("being filled in"),
    "complete": text("complete, not confirmed"),
    "confirmed": text("complete and confirmed"),
    "collected": text("collected"),
    "late": text("collected, handed in late"),
}


def status(season: Season, *, write: bool = False) -> Outcome:
    """Return the state of each unit's workbook and the progress of each department.

    `write` also tells the units in their guides, the office on its board and in its reminders.
    """
    looks = look_at_units(season)
    told = tell(season, looks) if write else Told()
    outcome = _outcome(season, looks)
    return replace(
        outcome,
        summary=(*outcome.summary, *told.summary),
        problems=(*outcome.problems, *told.problems),
        data={**outcome.data, "reminders": list(told.reminders)} if write else outcome.data,
    )


def _outcome(season: Season, looks: Sequence[Look]) -> Outcome:
    is_recorded = bool(season.latest("submission"))
    departments = department_progress(season, known_so_far(season)) if is_recorded else {}
    if all(_word(look) == "missing" for look in looks):
        problems: tuple[Problem, ...] = (not_provisioned(),)
    else:
        problems = tuple(
            problem
            for look in looks
            for problem in look.problems
            if _word(look) in {"unreadable", "missing"} or problem.code not in UNFILLED
        )
    return Outcome(
        "status",
        _summary(season, looks, departments),
        tuple(UnitOutcome(look.progress.unit.code, _word(look), _SAID[_word(look)]) for look in looks),
        problems,
        {
            "deadline": season.cycle.settings.calendar.self_assessment.isoformat(),
            "units": [_as_data(look) for look in looks],
            "departments": [
                {"department": name, "settled": done, "of": total} for name, (done, total) in departments.items()
            ],
        },
        _table(season, looks),
    )


def not_provisioned() -> Problem:
    """Return the one problem of a cycle in which no unit has a workbook."""
    return Problem(
        "not_provisioned", text("no unit has a workbook yet"), text("run `provision` and send each unit its own")
    )


def _word(look: Look) -> str:
    """Return the word for a unit's state: what was recorded counts before what is filled in."""
    if look.progress.recorded is None:
        return look.progress.state
    return "late" if look.progress.days_late else "collected"


def _summary(season: Season, looks: Sequence[Look], departments: Mapping[str, tuple[int, int]]) -> tuple[Text, ...]:
    recorded = [look.progress for look in looks if look.progress.recorded is not None]
    if recorded:
        first = text(
            "{recorded} of {units} units are recorded, {complete} of them complete",
            recorded=len(recorded),
            units=len(looks),
            complete=sum(progress.state in {"complete", "confirmed"} for progress in recorded),
        )
    else:
        first = text(
            "{ready} of {units} units are ready; deadline {deadline}",
            ready=sum(look.progress.state == "confirmed" for look in looks),
            units=len(looks),
            deadline=season.cycle.settings.calendar.self_assessment,
        )
    lines = [first]
    lines += [
        text(
            "{department}: {done} of {total} findings",
            department=season.cycle.settings.department(d).name,
            done=done,
            total=total,
        )
        for d, (done, total) in departments.items()
    ]
    return tuple(lines)


def _table(season: Season, looks: Sequence[Look]) -> Table:
    return Table(
        text("{title}", title=season.cycle.settings.title),
        (
            text("unit"),
            text("state"),
            text("scored"),
            text("self-score"),
            text("to mend"),
            text("without evidence"),
            text("last edit"),
        ),
        tuple(_line(season, look) for look in looks),
        frozenset({2, 3, 4, 5}),
    )


def _line(season: Season, look: Look) -> tuple[str, ...]:
    progress = look.progress
    mistakes = sum(p.severity == "error" and p.code not in UNFILLED for p in look.problems)
    edited = progress.edited.astimezone(season.cycle.settings.zone) if progress.edited else None
    return (
        progress.unit.name,
        str(_SAID[_word(look)]),
        f"{progress.answered}/{progress.of}",
        number(progress.self_points),
        str(mistakes),
        str(len(progress.unproved)),
        f"{edited:%d/%m/%Y %H:%M}" if edited else "",
    )


def _as_data(look: Look) -> dict[str, Any]:
    progress = look.progress
    return {
        "unit": progress.unit.code,
        "name": progress.unit.name,
        "state": _word(look),
        "answered": progress.answered,
        "of": progress.of,
        "percent": progress.percent,
        "self_points": plain_decimal(progress.self_points),
        "problems": sum(problem.severity == "error" for problem in look.problems),
        "evidence_missing": len(progress.unproved),
        "edited": progress.edited.isoformat() if progress.edited else None,
        "deadline": progress.deadline.isoformat(),
        "is_late": progress.is_late,
        "days_late": progress.days_late,
    }
