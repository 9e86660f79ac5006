"""Four communes whose robustness can be worked out by hand, and seasons of any size made up by a seed.

The set: 20 points, field 1 = 1.1 (6) + 1.2 (4), field 2 = 2.1 (5, survey) + 2.2 (5).

    unit    1.1   1.2   2.1   2.2   sum   bonus   index
    an        6     4     3     3    16     -      80
    bac       6     3     4     3    16     -      80
    chau      6     2     4  2.98  14.98    -      74.9
    dong      6     0     5     2    13   + 0.2    66
"""

from __future__ import annotations

from decimal import Decimal
from random import Random

from criteria_sets import criteria_set

from cchc_sheets.assessment.appraisal import Finding
from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.index import StandingPoints, compute_result
from cchc_sheets.assessment.ranking import ClassBand, Policies, Standing, standings
from cchc_sheets.assessment.standing import Record
from cchc_sheets.assessment.submission import SelfScore, Submission
from cchc_sheets.assessment.units import Unit

D = Decimal

BANDS = tuple(ClassBand(name, D(low)) for name, low in (("Tốt", 80), ("Khá", 75), ("Trung bình", 50), ("Yếu", 0)))
POLICIES = Policies(BANDS)
CRITERIA = criteria_set("""
    1
        1.1  6  points 0.01
        1.2  4  points 0.01  by=tu-phap
    2
        2.1  5  survey
        2.2  5  points 0.01
""")
POINTS = {
    "an": ("6", "4", "3", "3"),
    "bac": ("6", "3", "4", "3"),
    "chau": ("6", "2", "4", "2.98"),
    "dong": ("6", "0", "5", "2"),
}
BONUS = {"dong": D("0.2")}
UNITS = tuple(Unit(code, f"Xã {code.capitalize()}", "commune") for code in POINTS)

# Claimed: what stands, and 1 point more for 1.2 of chau, 0.5 less for 2.2 of dong.
_CLAIMED = {("chau", "1.2"): D(3), ("dong", "2.2"): D("1.5")}
RECORD = Record(
    submissions={
        unit.code: Submission(
            unit.code,
            {
                code: SelfScore(_CLAIMED.get((unit.code, code), D(value)))
                for code, value in zip(("1.1", "1.2", "2.1", "2.2"), POINTS[unit.code], strict=True)
                if code != "2.1"
            },
        )
        for unit in UNITS
    },
    findings={
        (unit.code, code): Finding(D(value), is_agreed=(unit.code, code) not in _CLAIMED)
        for unit in UNITS
        for code, value in zip(("1.1", "1.2", "2.1", "2.2"), POINTS[unit.code], strict=True)
        if code != "2.1"
    },
)


def four(policies: Policies = POLICIES, units: tuple[Unit, ...] = UNITS) -> tuple[Standing, ...]:
    """Return the four communes as they stand."""
    results = [
        compute_result(
            unit.code,
            CRITERIA,
            {
                leaf.code: StandingPoints(D(value), "survey" if leaf.is_surveyed else "finding")
                for leaf, value in zip(CRITERIA.leaves, POINTS[unit.code], strict=True)
            },
            adjustment_points=BONUS.get(unit.code, D(0)),
        )
        for unit in units
    ]
    return standings(units, results, policies)


def season(criteria: CriteriaSet, count: int, seed: int, policies: Policies = POLICIES) -> tuple[Standing, ...]:
    """Return so many units with made-up points in hundredths, some criteria left out, some adjustments."""
    chance = Random(seed)  # noqa: S311 - it has to be repeatable
    units, results = [], []
    for place in range(count):
        kind = chance.choice(("commune", "ward"))
        name = f"{'Phường' if kind == 'ward' else 'Xã'} {_NAMES[place % len(_NAMES)]} {place // len(_NAMES) + 1}"
        units.append(Unit(f"u{place:03}", name, kind, ranked=chance.random() > 0.05))
        skill = chance.randrange(55, 100)
        points = {leaf.code: _drawn(chance, leaf, skill) for leaf in criteria.leaves}
        stands = sum((points[leaf.code].points or D(0) for leaf in criteria.self_scored), D(0))
        results.append(
            compute_result(
                units[-1].code,
                criteria,
                points,
                self_points=stands + D(chance.choice((0, 0, 25, 50, 100, 175, 400, -25))) / 100,
                adjustment_points=chance.choice((D(0), D(0), D("0.5"), D("-0.25"))),
            )
        )
    return standings(tuple(units), results, policies)


_NAMES = ("Bình Tân", "Tây Thuận", "Quy Nhơn Đông", "An Nhơn Bắc", "Vĩnh Thạnh", "Hoài Ân", "Ỷ La", "Phù Mỹ Tây")


def _drawn(chance: Random, leaf: Criterion, skill: int) -> StandingPoints:
    if leaf.not_occurred and chance.random() < 0.1:
        return StandingPoints(None, "finding", is_excluded=True)
    share = D(100 if chance.randrange(100) < skill else chance.choice((0, 25, 50, 75))) / 100
    if leaf.is_surveyed:
        share = D(chance.randrange(70, 97)) / 100
    return StandingPoints((leaf.max_points * share).quantize(D("0.01")), "survey" if leaf.is_surveyed else "finding")
