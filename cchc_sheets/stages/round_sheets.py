"""The explanation sheet in a unit's workbook: what was put to it, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cchc_sheets.assessment.explanation import EXPLANATION, Ruling
from cchc_sheets.assessment.submission import Submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem, WorkbookUnreadable
from cchc_sheets.layouts.explanation import OWN_COLUMNS, PutToUnit, explanation_sheet
from cchc_sheets.layouts.workbook import Workbook
from cchc_sheets.stages.provision import submission_workbook, unplaced_problems, unreadable
from cchc_sheets.stages.record import Known, is_heard
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.snapshots import remember, settled
from cchc_sheets.vietnamese import moment
from cchc_sheets.workspace.port import Ensured


def round_deadline(season: Season, unit: Unit) -> datetime | None:
    """Return by when the unit may answer; None if nothing was put to it."""
    entry = season.latest("explanation_round").get(unit.code)
    return datetime.fromisoformat(entry.body["until"]) if entry and entry.body["put"] else None


def lay_out_round(season: Season, known: Known, unit: Unit, *, closed: bool) -> list[Problem]:
    """Lay out the unit's workbook in the round as it should look now; its answers stay as they are."""
    workbook = explanation_workbook(season, unit, known, closed=closed)
    if settled(season, workbook):
        return []
    try:
        ensured = season.workspace.ensure(workbook)
        if ensured.is_closed and not closed:
            season.workspace.thaw(workbook)
        elif ensured.reading is not None:
            remember(season, workbook, version=ensured.reading.version, reading=ensured.reading)
    except WorkbookUnreadable as error:
        return [unreadable(error, unit)]
    return list(unplaced_problems(_without_our_own(ensured, workbook), unit.code))


def show_rulings(season: Season, known: Known, unit: Unit) -> list[Problem]:
    """Show a unit what was ruled on its criteria, in its closed workbook; nothing before its time is over.

    A unit that has handed nothing in still has its workbook to fill in: it is left alone.
    """
    deadline = round_deadline(season, unit)
    is_asked = deadline is not None and not is_heard(season, unit.code)
    is_there = unit_key(unit) in season.present and season.is_collected(unit)
    counts = known.record.round_of(unit.code)
    is_over = counts.contested and not counts.open
    # Also where all of it was withdrawn since: the sheet may still show what it was.
    has_been_ruled = any(entry.body["unit"] == unit.code for entry in season.latest("ruling").values())
    if is_asked or not is_there or not (is_over or has_been_ruled):
        return []
    return lay_out_round(season, known, unit, closed=True)


def explanation_workbook(season: Season, unit: Unit, known: Known, *, closed: bool) -> Workbook:
    """Describe a unit's workbook in the round: what it handed in, closed, and the explanation sheet."""
    record = known.record
    put = [code for code in record.put.get(unit.code, ()) if code in season.cycle.criteria.by_code]
    rulings = shown_rulings(known, unit)
    in_order = [leaf.code for leaf in season.cycle.criteria.self_scored if leaf.code in {*put, *rulings}]
    sheet = explanation_sheet(
        season.cycle.criteria,
        PutToUnit(
            unit,
            record.submissions.get(unit.code, Submission(unit.code)),
            in_order,
            {code: record.findings[unit.code, code] for code in in_order if (unit.code, code) in record.findings},
            rulings,
            frozenset(put),
        ),
        closed=closed,
    )
    base = submission_workbook(season, unit)
    until = round_deadline(season, unit)
    slots = {**base.slots, "explanation_deadline": moment(until) if until else ""}
    return replace(base, sheets=(*(replace(one, closed=True) for one in base.sheets), sheet), slots=slots)


def shown_rulings(known: Known, unit: Unit) -> dict[str, Ruling]:
    """Return the rulings that the unit sees: the meeting's at once, the council's when all it contested is ruled."""
    counts = known.record.round_of(unit.code)
    is_over = counts.contested and not counts.open
    own = {code: ruling for (owner, code), ruling in known.record.rulings.items() if owner == unit.code}
    return {code: ruling for code, ruling in own.items() if is_over or ruling.source == "meeting"}


def _without_our_own(ensured: Ensured, workbook: Workbook) -> Ensured:
    """Leave out what we had written beside the answers ourselves: of a closed sheet nobody can tell who wrote it."""
    sheet = next(one for one in workbook.sheets if one.key == EXPLANATION)
    kept = tuple(one for one in ensured.unplaced if one.sheet != sheet.title or one.column not in OWN_COLUMNS)
    return replace(ensured, unplaced=kept)
