"""Why a unit has its rank and its class, and what part of an index one criterion is: exact, for telling it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.index import FieldResult, Result, branch_result, rounded
from cchc_sheets.assessment.ranking import ClassBand, Policies, Standing, ranking_key


@dataclass(frozen=True)
class Neighbour:
    """A unit beside another one in the ranking.

    Attributes:
        decided_by: what the two differ in: `index`, or the name of a tie-break; "" for a unit that shares the rank.
        difference: how much higher the better of the two is in that.
    """

    standing: Standing
    decided_by: str
    difference: Fraction


@dataclass(frozen=True)
class RankStory:
    """A unit's rank among `of` ranked units of its group: who stands just above, beside and just below it."""

    rank: int | None
    of: int
    above: tuple[Neighbour, ...] = ()
    equal: tuple[Neighbour, ...] = ()
    below: tuple[Neighbour, ...] = ()


@dataclass(frozen=True)
class ClassStory:
    """A unit's class.

    Attributes:
        value: what was held against the bands: the published or the exact index.
        band: the one it reached; `better` the next one up, None if there is none.
        missing: what `value` lacks to reach `better`.
    """

    value: Fraction
    band: ClassBand
    better: ClassBand | None = None
    missing: Fraction | None = None


def counted_leaves(criteria: CriteriaSet, *, with_survey: bool) -> tuple[Criterion, ...]:
    """Return the leaves that count towards the index."""
    return tuple(leaf for leaf in criteria.leaves if with_survey or not leaf.is_surveyed)


def sum_of_branch(branch: Criterion, result: Result, criteria: CriteriaSet) -> FieldResult:
    """Add up a unit's points in one branch, as its fields are added up."""
    counted = counted_leaves(criteria, with_survey=result.survey_points is not None)
    return branch_result(branch, counted, result.standing)


def share_of_index(points: Decimal, result: Result) -> Fraction:
    """Return how much of the index so many points are, exactly; the shares of all points add up to the index."""
    return Fraction(points) / Fraction(result.attainable_points) * 100 if result.attainable_points else Fraction(0)


def rank_story(standing: Standing, standings: Sequence[Standing], policies: Policies) -> RankStory:
    """Tell who stands just above, beside and just below a unit, and what decided it."""
    ranked = [(one.rank, one) for one in standings if one.rank is not None and one.group == standing.group]
    own = standing.rank
    if own is None:
        return RankStory(None, len(ranked))
    above = max((rank for rank, _ in ranked if rank < own), default=None)
    below = min((rank for rank, _ in ranked if rank > own), default=None)

    def neighbours(rank: int | None) -> tuple[Neighbour, ...]:
        found = (one for place, one in ranked if place == rank and one.unit.code != standing.unit.code)
        return tuple(_neighbour(standing, one, policies) for one in found)

    return RankStory(own, len(ranked), neighbours(above), neighbours(own), neighbours(below))


def _neighbour(standing: Standing, other: Standing, policies: Policies) -> Neighbour:
    own, its = ranking_key(standing.result, policies), ranking_key(other.result, policies)
    for name, value, other_value in zip(("index", *policies.tie_break), own, its, strict=True):
        if value != other_value:
            return Neighbour(other, name, abs(value - other_value))
    return Neighbour(other, "", Fraction(0))


def class_story(standing: Standing, policies: Policies) -> ClassStory:
    """Tell which band a unit's index reached, and what it lacks to the next."""
    index = standing.result.index
    value = index if policies.class_by == "exact" else Fraction(rounded(index, policies.decimals))
    band = next(one for one in policies.bands if one.name == standing.class_name)
    better = min((one for one in policies.bands if one.lower > band.lower), key=lambda one: one.lower, default=None)
    return ClassStory(value, band, better, None if better is None else Fraction(better.lower) - value)
