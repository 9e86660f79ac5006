"""`status`: where every unit and every department stands; reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cchc_sheets.assessment.appraisal import criteria_of, departments_of
from cchc_sheets.assessment.submission import Submission, parse_submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem, WorkbookUnreadable
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, Table, UnitOutcome, plain_decimal
from cchc_sheets.stages.collect import days_late, recorded_submission
from cchc_sheets.stages.provision import unreadable
from cchc_sheets.stages.record import Known, known_so_far
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.snapshots import is_as_laid_out, known_reading
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


@dataclass(frozen=True)
class _State:
    unit: Unit
    state: str
    submission: Submission
    problems: tuple[Problem, ...] = ()
    days_late: int = 0


def status(season: Season) -> Outcome:
    """Return the state of each unit's workbook and the progress of each department."""
    recorded = season.latest("submission")
    states: list[_State] = []
    for done, unit in enumerate(season.cycle.units):
        season.progress(text("reading workbooks"), done, len(season.cycle.units))
        states.append(_state(season, unit, recorded.get(unit.code)))
    season.progress(text("reading workbooks"), len(states), len(states))
    departments = department_progress(season, known_so_far(season)) if recorded else {}
    if all(state.state == "missing" for state in states):
        problems: tuple[Problem, ...] = (not_provisioned(),)
    else:
        problems = tuple(
            problem
            for state in states
            for problem in state.problems
            if state.state in {"unreadable", "missing"} or problem.code not in {"missing_score", "not_submitted"}
        )
    return Outcome(
        "status",
        _summary(season, states, departments),
        tuple(UnitOutcome(state.unit.code, state.state, _SAID[state.state]) for state in states),
        problems,
        {
            "deadline": season.cycle.settings.calendar.self_assessment.isoformat(),
            "units": [_as_data(season, state) for state in states],
            "departments": [
                {"department": name, "settled": done, "of": total} for name, (done, total) in departments.items()
            ],
        },
        _table(season, states),
    )


def not_provisioned() -> Problem:
    """Return the one problem of a cycle in which no unit has a workbook."""
    return Problem(
        "not_provisioned", text("no unit has a workbook yet"), text("run `provision` and send each unit its own")
    )


def department_progress(season: Season, known: Known) -> dict[str, tuple[int, int]]:
    """Return for each department how many findings it has made, of how many."""
    progress: dict[str, tuple[int, int]] = {}
    for department in departments_of(season.cycle.criteria):
        own = {leaf.code for leaf in criteria_of(season.cycle.criteria, department)}
        done = sum(code in own for _, code in known.record.findings)
        progress[department] = (done, len(own) * len(season.cycle.units))
    return progress


def _state(season: Season, unit: Unit, entry: Entry | None) -> _State:
    if entry is not None and season.now >= season.deadline(unit) and entry.at >= season.deadline(unit):
        submission, problems = recorded_submission(season, entry)
        late = days_late(entry)
        return _State(unit, "late" if late else "collected", submission, problems, late)
    if is_as_laid_out(season, unit_key(unit)):
        return _State(unit, "blank", Submission(unit.code))
    try:
        reading = known_reading(season, unit_key(unit)) or season.workspace.read(unit_key(unit))
    except WorkbookUnreadable as error:
        state = "missing" if error.code == "missing" else "unreadable"
        return _State(unit, state, Submission(unit.code), (unreadable(error, unit),))
    submission, problems = parse_submission(
        reading, unit=unit.code, cycle=season.cycle.id, criteria=season.cycle.criteria
    )
    foreign = any(problem.code in {"other_unit", "other_cycle"} for problem in problems)
    return _State(unit, "foreign" if foreign else _filled(season, submission), submission, problems)


def _filled(season: Season, submission: Submission) -> str:
    if submission.is_blank:
        return "blank"
    if any(not submission.score(leaf.code).is_answered() for leaf in season.cycle.criteria.self_scored):
        return "in_progress"
    return "confirmed" if submission.is_confirmed else "complete"


def _answered(season: Season, submission: Submission) -> int:
    return sum(submission.score(leaf.code).is_answered() for leaf in season.cycle.criteria.self_scored)


def _summary(season: Season, states: list[_State], departments: Mapping[str, tuple[int, int]]) -> tuple[Text, ...]:
    deadline = season.cycle.settings.calendar.self_assessment
    recorded = [state for state in states if state.state in {"collected", "late"}]
    if recorded:
        complete = sum(_filled(season, state.submission) in {"complete", "confirmed"} for state in recorded)
        first = text(
            "{recorded} of {units} units are recorded, {complete} of them complete",
            recorded=len(recorded),
            units=len(states),
            complete=complete,
        )
    else:
        first = text(
            "{ready} of {units} units are ready; deadline {deadline}",
            ready=sum(state.state == "confirmed" for state in states),
            units=len(states),
            deadline=deadline,
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


def _table(season: Season, states: list[_State]) -> Table:
    of = len(season.cycle.criteria.self_scored)
    return Table(
        season_title(season),
        (
            text("unit"),
            text("state"),
            text("scored"),
            text("self-score"),
            text("to mend"),
            text("without evidence"),
        ),
        tuple(
            (
                state.unit.name,
                str(_SAID[state.state]),
                f"{_answered(season, state.submission)}/{of}",
                number(state.submission.self_points(season.cycle.criteria)),
                str(
                    sum(
                        p.severity == "error" and p.code not in {"missing_score", "not_submitted"}
                        for p in state.problems
                    )
                ),
                str(sum(p.code == "evidence_missing" for p in state.problems)),
            )
            for state in states
        ),
        frozenset({2, 3, 4, 5}),
    )


def season_title(season: Season) -> Text:
    """Return the cycle's own title."""
    return text("{title}", title=season.cycle.settings.title)


def _as_data(season: Season, state: _State) -> dict[str, Any]:
    return {
        "unit": state.unit.code,
        "name": state.unit.name,
        "state": state.state,
        "answered": _answered(season, state.submission),
        "of": len(season.cycle.criteria.self_scored),
        "self_points": plain_decimal(state.submission.self_points(season.cycle.criteria)),
        "problems": sum(problem.severity == "error" for problem in state.problems),
        "evidence_missing": sum(problem.code == "evidence_missing" for problem in state.problems),
        "deadline": season.deadline(state.unit).isoformat(),
        "days_late": state.days_late,
    }
