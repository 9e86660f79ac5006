"""`sync`: do what is due at this moment, and say what comes next, when, and whom we are waiting for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from cchc_sheets.errors import CchcError, LedgerError, Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, UnitOutcome
from cchc_sheets.stages.appraise import appraise
from cchc_sheets.stages.collect import collect
from cchc_sheets.stages.due_papers import (
    AFTER_THE_DECISION,
    AT_THE_START,
    HANDED_IN,
    is_published,
    make_due_papers,
    publish_when_due,
)
from cchc_sheets.stages.explain import explain
from cchc_sheets.stages.finalise import UNSETTLED, finalise
from cchc_sheets.stages.points_file import find_points_file
from cchc_sheets.stages.provision import provision
from cchc_sheets.stages.results import UNCOLLECTED
from cchc_sheets.stages.round_sheets import round_deadline
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.status import status
from cchc_sheets.stages.survey import survey
from cchc_sheets.stages.survey_rules import is_remembered
from cchc_sheets.stages.telling import tell_what_was_collected

_NOT_YET: Final = {"points_missing", "survey_stale", "adjustments", "entry_cleared", *UNSETTLED, *UNCOLLECTED}
"""Why `finalise` may have to wait."""
_NOT_ONLY_UNFINISHED: Final = {"other_unit", "other_cycle", "locked", "unwritable"}


@dataclass
class _Sync:
    """What this run has done so far."""

    season: Season
    done: list[Text] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    units: tuple[UnitOutcome, ...] = ()
    steps: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[Text] = field(default_factory=list)

    def take(self, outcome: Outcome, *, with_problems: bool = True) -> Outcome:
        self.done.extend(outcome.summary)
        self.units = outcome.units or self.units
        self.steps.append({"command": outcome.command, "status": outcome.status, "data": dict(outcome.data)})
        if with_problems:
            self.problems.extend(outcome.problems)
        return outcome


def sync(season: Season) -> Outcome:
    """Provision; after the deadline collect, appraise, survey, hear the units, finalise, publish; with all papers."""
    state = _Sync(season)
    calendar = season.cycle.settings.calendar
    if season.now < calendar.self_assessment:
        state.take(provision(season))
        _before_deadline(state)
        _make(state, partial(make_due_papers, season, AT_THE_START))
        upcoming = (text("the workbooks are closed and read"), calendar.self_assessment)
    else:
        upcoming = _after_deadline(state)
        _tell(state)
    what, when = upcoming
    overdue = when < season.now
    if overdue:
        following = text("overdue: {what} was due at {when}", what=what, when=when)
    else:
        following = text("next: {what}, {when}", what=what, when=when)
    summary = [*state.done, following]
    if state.waiting:
        summary.append(text("we are waiting for: {whom}", whom=state.waiting))
    return Outcome(
        "sync",
        tuple(summary),
        state.units,
        tuple(state.problems),
        {
            "steps": state.steps,
            "next": {"what": str(what), "when": when.isoformat(), "overdue": overdue},
            "waiting_for": [str(whom) for whom in state.waiting],
        },
    )


def _before_deadline(state: _Sync) -> None:
    """Look at the workbooks; what is unfinished is nobody's mistake yet."""
    outcome = state.take(status(state.season, write=True), with_problems=False)
    state.problems.extend(p for p in outcome.problems if p.code in _NOT_ONLY_UNFINISHED or _is_of_the_office(p))
    unfinished = [unit.unit for unit in outcome.units if unit.action != "confirmed"]
    state.waiting.extend(_names(state.season, unfinished))


def _is_of_the_office(problem: Problem) -> bool:
    """Tell whether it is about no unit: what stands in the way of the board."""
    return problem.unit is None and problem.severity == "warning"


def _after_deadline(state: _Sync) -> tuple[Text, datetime]:
    season = state.season
    calendar = season.cycle.settings.calendar
    collected = state.take(collect(season), with_problems=False)
    settled = {unit.unit for unit in collected.units if unit.action == "kept"}
    state.problems.extend(p for p in collected.problems if p.unit not in settled or p.code == "edited_after_deadline")
    there = {"collected", "late", "kept", "would_collect"}
    state.waiting.extend(_names(season, [unit.unit for unit in collected.units if unit.action not in there]))
    if not season.latest("submission"):
        return text("the departments appraise what was collected"), calendar.appraisal
    appraised = state.take(appraise(season))
    _make(state, partial(_take_survey, state))
    unfinished = [d for d in appraised.data["departments"] if d["settled"] < d["of"]]
    if unfinished:
        state.waiting.extend(
            text("{department} ({open} rows)", department=d["name"], open=d["of"] - d["settled"]) for d in unfinished
        )
        return text("the appraisal ends"), calendar.appraisal
    if appraised.status == "partial":
        return text("the mistakes in the review workbook are put right"), calendar.appraisal
    return _hear_units(state) or _finish(state)


def _tell(state: _Sync) -> None:
    """Tell people and make the units' own papers last: whatever numbers rest on has been recorded by then."""
    season = state.season
    if season.latest("submission"):
        _make(state, partial(make_due_papers, season, HANDED_IN))
    told = tell_what_was_collected(season)
    state.done.extend(told.summary)
    state.problems.extend(told.problems)


def _hear_units(state: _Sync) -> tuple[Text, datetime] | None:
    """Hold the explanation round where the calendar has one or it was opened; None when it is over, or not held."""
    season = state.season
    calendar = season.cycle.settings.calendar
    is_open = bool(season.latest("explanation_round"))
    if not is_open and (calendar.explanation is None or calendar.explanation <= season.now):
        return None
    outcome = state.take(explain(season))
    if season.dry_run:
        return None
    still = [unit["unit"] for unit in outcome.data["units"] if unit["state"] in {"put", "open"}]
    if still:
        state.waiting.extend(_names(season, still))
        until = max(deadline for unit in season.cycle.units if (deadline := round_deadline(season, unit)))
        return text("the units' answers are read"), until
    if outcome.data["total"]["open"]:
        state.waiting.append(text("the council ({open} contested criteria)", open=outcome.data["total"]["open"]))
        return text("the results are computed once everything contested is ruled"), calendar.decision
    return None


def _take_survey(state: _Sync) -> Outcome | None:
    """Import the survey file of the cycle folder unless this very file was taken by the very rules of today."""
    season = state.season
    file = find_points_file(season.cycle.folder)
    if file is not None:
        return None if is_remembered(season, file) else survey(season, file)
    if season.cycle.criteria.imported and not season.ledger.entries("points"):
        state.waiting.append(text("the survey's points (survey.csv or survey.xlsx)"))
    return None


def _make(state: _Sync, make: Callable[[], Outcome | None]) -> None:
    """Take the survey, or have papers or pages made that are due; what stands in the way stops nothing else."""
    try:
        outcome = make()
    except LedgerError:
        raise
    except CchcError as error:
        what = text("{what} ({where})", what=error.what, where=error.where)
        state.problems.append(Problem(error.code, what, error.fix, "warning"))
        return
    if outcome is not None:
        units = state.units
        state.take(outcome)
        state.units = units  # of a unit its own state is told, not that of its papers or of its survey


def _finish(state: _Sync) -> tuple[Text, datetime]:
    """Write the papers as soon as nothing is missing; they stay drafts until they are signed."""
    calendar = state.season.cycle.settings.calendar
    try:
        state.take(finalise(state.season))
        _make(state, partial(make_due_papers, state.season, AFTER_THE_DECISION))
    except CchcError as refusal:
        if refusal.code not in _NOT_YET:
            raise
        state.done.append(refusal.what)
        return text("the results are computed once nothing is missing"), calendar.decision
    if state.season.now < calendar.decision:
        return text("the meeting, and the decision is signed"), calendar.decision
    if state.season.now < calendar.publication:
        return text("the results are published"), calendar.publication
    _make(state, partial(publish_when_due, state.season))
    if not is_published(state.season):
        return text("the results are published"), calendar.publication
    return text("nothing more: `archive` puts the whole cycle into one file"), state.season.now


def _names(season: Season, units: list[str]) -> list[Text]:
    return [text("{unit}", unit=season.cycle.unit(code).name) for code in units]
