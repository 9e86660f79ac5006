"""The charts that stand in the report; none on a machine without the library that draws them."""

from __future__ import annotations

from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.paper_content import Picture


def report_pictures(facts: Facts) -> tuple[Picture, ...]:
    """Return ranking, classes and self-scores beside what stands, drawn from the results."""
    try:
        from cchc_sheets.publication.appraisal_chart import self_and_final_chart
        from cchc_sheets.publication.charts import class_chart, ranking_chart

        charts = (
            ranking_chart(facts.standings, facts.policies),
            class_chart(facts.standings, facts.policies),
            self_and_final_chart(facts.standings, facts.criteria),
        )
    except ImportError:
        return ()
    return tuple(Picture(chart.title, chart.description, chart.png()) for chart in charts)
