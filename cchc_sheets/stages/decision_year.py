"""The year of the decision, which stands in its head before anybody knows the day: of its date, or of its making."""

from __future__ import annotations

from cchc_sheets.stages.season import Season


def decision_year(season: Season, *, is_made: bool) -> int:
    """Return the year of the calendar's decision or of the results it approves, whichever is later.

    Results that are the same as before keep the year in which they were first made: the decision may be signed since.

    Args:
        is_made: the decision is being made now, unless these results have been made before; otherwise the newest
            results there are decide.
    """
    planned = season.cycle.settings.calendar.decision.year
    results = season.ledger.entries("results")
    if is_made:
        basis = season.basis()[1]
    elif results:
        basis = results[-1].body["basis"]
    else:
        return planned
    first = next((entry.at for entry in results if entry.body["basis"] == basis), season.now)
    return max(planned, first.astimezone(season.cycle.settings.zone).year)
