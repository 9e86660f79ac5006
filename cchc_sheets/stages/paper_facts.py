"""What the papers speak of, gathered from the season: settings, record, results, the state of the workbooks."""

from __future__ import annotations

from dataclasses import replace

from cchc_sheets.assessment.submission import Submission, parse_submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem, WorkbookUnreadable
from cchc_sheets.messages import text
from cchc_sheets.publication.facts import Facts, Previous, UnitState
from cchc_sheets.stages.collect import recorded_submission
from cchc_sheets.stages.paper_heads import calendar_of, words_of
from cchc_sheets.stages.record import Known
from cchc_sheets.stages.record import results as compute
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.snapshots import is_as_laid_out, known_reading

_NOT_WRONG = {"missing_score", "not_submitted"}


def gather(season: Season, known: Known | None, previous: Previous | None) -> Facts:
    """Return the facts of the cycle as far as it is; `known` is None before anything was collected."""
    cycle = season.cycle
    facts = Facts(
        year=cycle.settings.year,
        words=words_of(cycle.settings),
        calendar=calendar_of(cycle.settings),
        criteria=cycle.criteria,
        policies=cycle.policies,
        units=cycle.units,
        moment=season.now,
        previous=previous,
    )
    if known is None:
        return facts
    return replace(facts, record=known.record, late=known.late, standings=compute(season, known.record))


def with_states(season: Season, facts: Facts) -> Facts:
    """Return the facts with the state of every unit's workbook at this moment."""
    states = []
    for done, unit in enumerate(season.cycle.units):
        season.progress(text("reading workbooks"), done, len(season.cycle.units))
        states.append(_state(season, unit))
    season.progress(text("reading workbooks"), len(states), len(states))
    return replace(facts, states=tuple(states))


def _state(season: Season, unit: Unit) -> UnitState:
    entry = season.latest("submission").get(unit.code)
    if entry is not None and season.is_collected(unit):
        submission, problems = recorded_submission(season, entry)
        return _of_submission(season, unit, submission, problems)
    if is_as_laid_out(season, unit_key(unit)):
        return _of_submission(season, unit, Submission(unit.code), ())
    try:
        reading = known_reading(season, unit_key(unit)) or season.workspace.read(unit_key(unit))
    except WorkbookUnreadable as error:
        blank = _of_submission(season, unit, Submission(unit.code), ())
        return replace(blank, state="missing" if error.code == "missing" else "unreadable", missing=())
    submission, problems = parse_submission(
        reading, unit=unit.code, cycle=season.cycle.id, criteria=season.cycle.criteria
    )
    state = _of_submission(season, unit, submission, problems)
    if any(problem.code in {"other_unit", "other_cycle"} for problem in problems):
        return replace(state, state="foreign", missing=())
    return state


def _of_submission(season: Season, unit: Unit, submission: Submission, problems: tuple[Problem, ...]) -> UnitState:
    scored = season.cycle.criteria.self_scored
    codes = {leaf.code for leaf in scored}
    wrong = {str(p.row) for p in problems if p.severity == "error" and p.code not in _NOT_WRONG and p.row in codes}
    unproved = {str(p.row) for p in problems if p.code == "evidence_missing"}
    missing = [leaf.code for leaf in scored if not submission.score(leaf.code).is_answered()]
    if submission.is_blank:
        state = "blank"
    elif missing:
        state = "in_progress"
    else:
        state = "confirmed" if submission.is_confirmed else "complete"
    return UnitState(
        unit=unit,
        state=state,
        answered=len(scored) - len(missing),
        missing=tuple(code for code in missing if code not in wrong),
        wrong=tuple(leaf.code for leaf in scored if leaf.code in wrong),
        unproved=tuple(leaf.code for leaf in scored if leaf.code in unproved),
        deadline=season.deadline(unit),
        late=season.now >= season.deadline(unit),
    )
