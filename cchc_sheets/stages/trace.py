"""`trace`: where a number comes from, in plain words, from the ledger: one criterion, a sum, or the whole cycle."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cchc_sheets.assessment.units import Unit
from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.configuration import changed_configuration
from cchc_sheets.stages.criteria import unknown_code
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.trace_criterion import trace_adjustment, trace_criterion
from cchc_sheets.stages.trace_cycle import trace_cycle, trace_over_units
from cchc_sheets.stages.trace_step import Scene
from cchc_sheets.stages.trace_sums import trace_branch, trace_unit

ALL: Final = "all"


def trace(season: Season, unit: str = "", code: str = "") -> Outcome:
    """Tell where a number comes from. Nothing is read from the workbooks: the ledger says it all.

    Names, maxima and rules are those of the cycle's files; where these were changed since anything was recorded under
    them, that is a problem.

    Args:
        unit: code or name; `all` or nothing for all units together.
        code: of a criterion, of a branch, or of a bonus or penalty; nothing for the sum.

    Raises:
        NotNow: before anything was collected.
        CchcError: if unit or code mean nothing.
    """
    outcome = _traced(season, unit, code)
    return replace(outcome, problems=(*outcome.problems, *changed_configuration(season)))


def _traced(season: Season, unit: str, code: str) -> Outcome:
    scene = Scene.of(season)
    whose = None if unit in {"", ALL} else season.cycle.unit(unit)
    if not code:
        return trace_cycle(scene) if whose is None else trace_unit(scene, whose)
    criterion = season.cycle.criteria.by_code.get(code)
    if whose is None and criterion is not None:
        return trace_over_units(scene, criterion)
    if whose is None:
        raise unknown_code(season.cycle.criteria, code)
    if criterion is None:
        return _of_adjustment(scene, whose, code)
    return trace_branch(scene, whose, criterion) if criterion.parts else trace_criterion(scene, whose, criterion)


def _of_adjustment(scene: Scene, unit: Unit, code: str) -> Outcome:
    season = scene.season
    item = next((one for one in season.cycle.criteria.adjustments if one.code == code), None)
    if item is None:
        raise unknown_code(season.cycle.criteria, code)
    return trace_adjustment(scene, unit, item)
