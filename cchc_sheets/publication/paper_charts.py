"""The charts that stand in papers; none on a machine without the library that draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.paper_content import Picture

if TYPE_CHECKING:
    from cchc_sheets.publication.drawing import Chart


def pictures_of(facts: Facts, unit: Unit | None) -> tuple[Picture, ...]:
    """Return the charts of the report, or of one unit's notice, drawn from the results."""
    try:
        charts = _of_all(facts) if unit is None else _of_unit(facts, unit)
    except ImportError:
        return ()
    return tuple(Picture(chart.title, chart.description, chart.png()) for chart in charts)


def _of_all(facts: Facts) -> tuple[Chart, ...]:
    """Draw ranking, classes and self-scores beside what stands."""
    from cchc_sheets.publication.appraisal_chart import self_and_final_chart
    from cchc_sheets.publication.charts import class_chart, ranking_chart

    return (
        ranking_chart(facts.standings, facts.policies),
        class_chart(facts.standings, facts.policies),
        self_and_final_chart(facts.standings, facts.criteria),
    )


def _of_unit(facts: Facts, unit: Unit) -> tuple[Chart, ...]:
    """Draw the unit's fields beside the mean of all."""
    from cchc_sheets.publication.charts import field_profile

    return (field_profile(facts.standing(unit), facts.field_means),)
