"""`check`: hold the cycle's files against everything that is known to go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cchc_sheets.assessment.trend import counterparts_of, predecessors_of, reused_codes
from cchc_sheets.cycle.folder import Cycle, load_cycle
from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.criteria import sums_of
from cchc_sheets.stages.previous import Previous, read_previous


def check(folder: Path) -> Outcome:
    """Check all files of the cycle folder, and last year's results if they are named.

    Raises:
        ConfigurationError: carrying every mistake of all files.
        CchcError: if last year's results cannot be read.
    """
    cycle = load_cycle(folder)
    criteria = cycle.criteria
    previous = read_previous(cycle)
    return Outcome(
        "check",
        (
            text(
                "no mistakes: {units} units; {fields} fields, {leaves} components, {total} points "
                "({appraised} appraised, {survey} survey); {adjustments} bonus and penalty items",
                units=len(cycle.units),
                **sums_of(criteria),
            ),
            *_told_of(cycle, previous),
        ),
        problems=tuple(_reused(cycle, previous)) if previous else (),
        data={
            "cycle": cycle.id,
            "units": len(cycle.units),
            "fields": len(criteria.fields),
            "components": len(criteria.leaves),
            "total_points": str(criteria.total_points),
            "survey_points": str(criteria.survey_points),
            "previous": None if previous is None else _comparable(cycle, previous),
        },
    )


def _reused(cycle: Cycle, previous: Previous) -> Iterator[Problem]:
    """Yield the units that are not compared because their code had another name."""
    for unit, before in reused_codes(cycle.units, previous.past, previous.matching):
        yield Problem(
            "code_reused",
            text(
                "the code {code} was that of {before} in {year}; {unit} is not compared with it",
                code=unit.code,
                before=before.name,
                year=str(previous.past.year),
                unit=unit.name,
            ),
            text("if it is the same unit renamed, write `{code}: [{code}]` below previous: units:", code=unit.code),
            "warning",
            unit=unit.code,
        )


def _told_of(cycle: Cycle, previous: Previous | None) -> Iterator[Text]:
    """Say how much of last year's results can be compared."""
    if previous is not None:
        found = _comparable(cycle, previous)
        yield text(
            "the results of {year} can be compared for {units} of {all_units} units and {leaves} of {all_leaves} "
            "components",
            year=str(previous.past.year),
            units=len(cycle.units) - len(found["new_units"]),
            all_units=len(cycle.units),
            leaves=len(cycle.criteria.leaves) - len(found["not_comparable"]),
            all_leaves=len(cycle.criteria.leaves),
        )


def _comparable(cycle: Cycle, previous: Previous) -> dict[str, Any]:
    past, matching = previous.past, previous.matching
    counterparts = counterparts_of(past, matching, cycle.criteria)
    return {
        "year": past.year,
        "cycle": past.cycle,
        "digest": previous.origin["digest"],
        "new_units": [one.code for one in cycle.units if not predecessors_of(one, past, matching)],
        "not_comparable": [leaf.code for leaf in cycle.criteria.leaves if leaf.code not in counterparts],
    }
