"""Where every unit is in the explanation round: what it was asked, what it has answered so far, what is still open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from cchc_sheets.assessment.explanation import Explanation, Hearing, parse_explanations
from cchc_sheets.assessment.standing import Record
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.stages.record import is_heard, known_so_far
from cchc_sheets.stages.round_sheets import round_deadline
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.snapshots import known_reading


def hearings_of(season: Season) -> Mapping[str, Hearing]:
    """Return where each unit is, by its code; nothing while no round was opened.

    Of units that may still answer, workbooks that have changed since they were last seen are read.
    """
    if not season.latest("explanation_round"):
        return {}
    record = known_so_far(season).record
    return {unit.code: _hearing(season, unit, record) for unit in season.cycle.units}


def _hearing(season: Season, unit: Unit, record: Record) -> Hearing:
    hearing = Hearing(record.round_of(unit.code), round_deadline(season, unit), is_heard(season, unit.code))
    if not hearing.is_open(season.now):
        return hearing
    put = [code for code in record.put.get(unit.code, ()) if code in season.cycle.criteria.by_code]
    answered = answers_now(season, unit, put)
    unanswered = tuple(code for code in put if code not in answered)
    incomplete = tuple(code for code, answer in answered.items() if not answer.is_complete)
    return replace(hearing, unanswered=unanswered, incomplete=incomplete)


def answers_now(season: Season, unit: Unit, put: Collection[str]) -> Mapping[str, Explanation]:
    """Return what stands in the answers just now, whether it counts or not; nothing if it cannot be read."""
    try:
        reading = known_reading(season, unit_key(unit)) or season.workspace.read(unit_key(unit))
    except WorkbookUnreadable:
        return {}
    cycle = season.cycle
    return parse_explanations(reading, unit=unit.code, cycle=cycle.id, criteria=cycle.criteria, put=put)[0]
