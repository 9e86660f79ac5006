"""Time and memory of the robustness page and the charts for N units: `python benchmarks/robustness.py [N …]`.

The criteria set is tay-son-2023 (79 components), 1,000 draws of the weights. Peer: the same draws in floating point
with numpy, which is what exactness costs.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import numpy as np
from robustness_sample import season

from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.robustness import robustness_of
from cchc_sheets.assessment.standing import Record
from cchc_sheets.assessment.what_if import Draws, by_field
from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.cycle.template_sets import template_set
from cchc_sheets.publication.appraisal_chart import self_and_final_chart
from cchc_sheets.publication.charts import class_chart, field_profile, ranking_chart
from cchc_sheets.publication.facts import field_means

CYCLE = load_cycle(template_set("tay-son-2023"))


def seconds(work: Callable[[], object]) -> float:
    """Return how long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def draws_in_floats(standings: tuple[Standing, ...], draws: Draws) -> None:
    """Draw, weigh and rank with numpy, ties and classes left aside."""
    weighing = by_field(standings, CYCLE.criteria, CYCLE.policies)
    points = np.array([unit.points for unit in weighing.units], float)
    attainable = np.array([unit.attainable for unit in weighing.units], float)
    factors = np.array(list(draws.factors(len(weighing.maxima))), float)
    indices = (factors @ points.T) / (factors @ attainable.T)
    assert indices.argsort(axis=1).argsort(axis=1).shape == (draws.count, len(standings))


def measure(units: int) -> None:
    """Print one table of figures."""
    standings = season(CYCLE.criteria, units, 2026, CYCLE.policies)
    draws = Draws(2026)
    print(f"\n{units} units x {len(CYCLE.criteria.leaves)} components, {draws.count} draws")
    figures = {
        "robustness, exact": lambda: robustness_of(standings, CYCLE.criteria, CYCLE.policies, Record(), draws),
        "draws alone, numpy": lambda: draws_in_floats(standings, draws),
        "ranking, PNG": lambda: ranking_chart(standings, CYCLE.policies).png(),
        "ranking, SVG": lambda: ranking_chart(standings, CYCLE.policies).svg(),
        "classes, PNG": lambda: class_chart(standings, CYCLE.policies).png(),
        "self and final, PNG": lambda: self_and_final_chart(standings, CYCLE.criteria).png(),
        "one field profile, SVG": lambda: field_profile(standings[0], field_means(standings)).svg(),
        "one field profile, PNG": lambda: field_profile(standings[0], field_means(standings)).png(),
    }
    for name, work in figures.items():
        print(f"  {name:24} {seconds(work):7.2f} s")


if __name__ == "__main__":
    for argument in sys.argv[1:] or ("15", "168"):
        measure(int(argument))
    print(f"\npeak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
