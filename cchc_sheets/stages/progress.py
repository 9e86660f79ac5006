"""How far every unit is, seen in its workbook now or in what was recorded of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cchc_sheets.assessment.progress import UNFILLED, FillState, Progress
from cchc_sheets.assessment.submission import Submission, parse_submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem, WorkbookUnreadable
from cchc_sheets.messages import text
from cchc_sheets.reading import WorkbookReading, from_json
from cchc_sheets.stages.closing import ALL_SHEETS
from cchc_sheets.stages.collect import days_late, recorded_submission
from cchc_sheets.stages.provision import unreadable
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.snapshots import is_as_laid_out, known_reading, last_edit

_FOREIGN: Final = {"other_unit", "other_cycle"}


@dataclass(frozen=True)
class Look:
    """What was seen of one unit: how far it is, what is wrong, and what its workbook said, if it was read now."""

    progress: Progress
    problems: tuple[Problem, ...] = ()
    reading: WorkbookReading | None = None


def look_at_units(season: Season) -> tuple[Look, ...]:
    """Look at every unit in the order of the roster; workbooks that have not changed are not read again."""
    looks, closed = [], _modified_before_closing(season)
    for done, unit in enumerate(season.cycle.units):
        season.progress(text("reading workbooks"), done, len(season.cycle.units))
        if season.is_collected(unit):
            looks.append(_recorded(season, unit, closed.get(unit.code)))
        else:
            looks.append(_seen_now(season, unit))
    season.progress(text("reading workbooks"), len(looks), len(looks))
    return tuple(looks)


def _seen_now(season: Season, unit: Unit) -> Look:
    if is_as_laid_out(season, unit_key(unit)):
        return Look(_progress(season, unit, Submission(unit.code)))
    try:
        reading = known_reading(season, unit_key(unit)) or season.workspace.read(unit_key(unit))
    except WorkbookUnreadable as error:
        state: FillState = "missing" if error.code == "missing" else "unreadable"
        nothing = _progress(season, unit, Submission(unit.code))
        return Look(replace(nothing, state=state, missing=()), (unreadable(error, unit),))
    submission, problems = parse_submission(
        reading, unit=unit.code, cycle=season.cycle.id, criteria=season.cycle.criteria
    )
    progress = _progress(season, unit, submission, problems)
    if any(problem.code in _FOREIGN for problem in problems):
        return Look(replace(progress, state="foreign", missing=()), problems)
    edited = None if submission.is_blank else last_edit(season, unit_key(unit), reading)
    return Look(replace(progress, edited=_so_far(season, edited)), problems, reading)


def _recorded(season: Season, unit: Unit, closed: datetime | None) -> Look:
    """Closing a workbook may change it: when it was changed before (`closed`) is what counts."""
    entry = season.latest("submission")[unit.code]
    submission, problems = recorded_submission(season, entry)
    reading = from_json(entry.body["reading"])
    edited = last_edit(season, unit_key(unit), reading)
    late = days_late(entry)
    progress = replace(
        _progress(season, unit, submission, problems),
        edited=_so_far(season, min(edited, closed) if closed else edited),
        recorded=entry.at,
        is_late=late > 0,
        days_late=late,
    )
    return Look(progress, problems)


def _modified_before_closing(season: Season) -> Mapping[str, datetime]:
    """Return when each closed workbook was last changed before, by unit."""
    closings = season.ledger.entries("closing", subject=ALL_SHEETS)
    newest = {code: modified for entry in closings for code, modified in entry.body["modified"].items()}
    return {code: datetime.fromisoformat(modified) for code, modified in newest.items() if modified}


def _so_far(season: Season, edited: datetime | None) -> datetime | None:
    """A rehearsal's clock lies before the workbooks' own: then their times say nothing."""
    return edited if edited is not None and edited <= season.now else None


def _progress(season: Season, unit: Unit, submission: Submission, problems: tuple[Problem, ...] = ()) -> Progress:
    scored = season.cycle.criteria.self_scored
    codes = {leaf.code for leaf in scored}
    wrong = {str(p.row) for p in problems if p.severity == "error" and p.code not in UNFILLED and p.row in codes}
    unproved = {str(p.row) for p in problems if p.code == "evidence_missing"}
    missing = [leaf.code for leaf in scored if not submission.score(leaf.code).is_answered()]
    return Progress(
        unit=unit,
        state=_state(submission, missing),
        of=len(scored),
        deadline=season.deadline(unit),
        answered=len(scored) - len(missing),
        missing=tuple(code for code in missing if code not in wrong),
        wrong=tuple(leaf.code for leaf in scored if leaf.code in wrong),
        unproved=tuple(leaf.code for leaf in scored if leaf.code in unproved),
        self_points=submission.self_points(season.cycle.criteria),
        is_late=season.now >= season.deadline(unit),
    )


def _state(submission: Submission, missing: list[str]) -> FillState:
    if submission.is_blank:
        return "blank"
    if missing:
        return "in_progress"
    return "confirmed" if submission.is_confirmed else "complete"
