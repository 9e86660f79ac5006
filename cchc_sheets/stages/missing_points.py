"""What stops the results while points from outside the sheets are missing: which, of whom, and what helps."""

from __future__ import annotations

from collections.abc import Sequence

from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.errors import NotNow
from cchc_sheets.messages import Text, text
from cchc_sheets.stages.record import imported
from cchc_sheets.stages.season import Season

_MOST_NAMED = 5


def refuse_missing_points(season: Season, standings: Sequence[Standing]) -> None:
    """Refuse results in which a unit has no points for a surveyed or taken-over criterion.

    Raises:
        NotNow: with the criteria by where their points come from, and the units.
    """
    outside = season.cycle.criteria.imported
    missing = {one.unit: [leaf for leaf in outside if leaf.code in one.result.gaps] for one in standings}
    lacking = {unit: leaves for unit, leaves in missing.items() if leaves}
    if not lacking:
        return
    open_ = [leaf for leaf in outside if any(leaf in leaves for leaves in lacking.values())]
    told = [
        text("{unit} has no points for {codes}", unit=unit.name, codes=_codes(leaves))
        for unit, leaves in lacking.items()
    ]
    raise NotNow(
        _what(len(lacking), open_),
        where="; ".join(map(str, told[:_MOST_NAMED])),
        fix=_fix(season, open_),
        code="points_missing",
    )


def _what(count: int, open_: Sequence[Criterion]) -> Text:
    surveyed, others = _by_source(open_)
    if not others:
        return text("{count} units have no survey points ({codes})", count=count, codes=surveyed)
    if not surveyed:
        return text("{count} units have no points from another system ({codes})", count=count, codes=others)
    return text(
        "{count} units have no survey points ({codes}) or none from another system ({others})",
        count=count,
        codes=surveyed,
        others=others,
    )


def _fix(season: Season, open_: Sequence[Criterion]) -> Text:
    """Advise what helps: `without_survey` only where the survey lacks as a whole, and nothing else does."""
    surveyed, others = _by_source(open_)
    if others and surveyed:
        return text(
            "run `survey` with the survey's file and with a table of points that has a column for each of {codes}; "
            "without_survey in cycle.yaml takes the place of survey points only",
            codes=others,
        )
    if others:
        return text("run `survey` with a table of points that has a column for each of {codes}", codes=others)
    known = {code for _, code in imported(season)}
    if any(leaf.is_surveyed and leaf.code in known for leaf in season.cycle.criteria.imported):
        return text("run `survey` with the missing points, or with a table of those that the council sets")
    return text("run `survey` with the points of every unit; without_survey in cycle.yaml is the other way")


def _by_source(leaves: Sequence[Criterion]) -> tuple[list[str], list[str]]:
    surveyed = [leaf for leaf in leaves if leaf.is_surveyed]
    return _codes(surveyed), _codes([leaf for leaf in leaves if not leaf.is_surveyed])


def _codes(leaves: Sequence[Criterion]) -> list[str]:
    return [leaf.code for leaf in leaves]
