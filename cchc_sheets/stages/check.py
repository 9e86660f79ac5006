"""`check`: hold the cycle's files against everything that is known to go wrong."""

from __future__ import annotations

from pathlib import Path

from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome


def check(folder: Path) -> Outcome:
    """Check all files of the cycle folder.

    Raises:
        ConfigurationError: carrying every mistake of all files.
    """
    cycle = load_cycle(folder)
    criteria = cycle.criteria
    return Outcome(
        "check",
        (
            text(
                "no mistakes: {units} units; {fields} fields, {leaves} components, {total} points "
                "({appraised} appraised, {survey} survey); {adjustments} bonus and penalty items",
                units=len(cycle.units),
                fields=len(criteria.fields),
                leaves=len(criteria.leaves),
                total=criteria.total_points,
                appraised=criteria.appraised_points,
                survey=criteria.survey_points,
                adjustments=len(criteria.adjustments),
            ),
        ),
        data={
            "cycle": cycle.id,
            "units": len(cycle.units),
            "fields": len(criteria.fields),
            "components": len(criteria.leaves),
            "total_points": str(criteria.total_points),
            "survey_points": str(criteria.survey_points),
        },
    )
