"""What if the weights (trọng số) were others: every unit ranked and classified again, exactly, in whole numbers.

The points of a set are its weights. A try multiplies the points of each part (a field or a criterion), both those
reached and those attainable, by a factor, and brings the whole set back to its total; adjustments stand outside the
set and keep their points:

    index = (T · Σ f·p + a · G) / (T · Σ f·m) × 100,    G = Σ f·M,  T = Σ M

with p the points a unit reached in a part, m what it could reach there, M what the set gives for it, a the unit's
adjustments. Factors that are all equal therefore change nothing, and a factor of 0 leaves a part out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import lcm
from operator import mul
from random import Random
from typing import Final

from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.index import Result, rounded
from cchc_sheets.assessment.ranking import FIELD_TIE_BREAK, Policies, Standing

STEPS: Final = 100
"""A drawn factor is 1 + variation · k / STEPS, with k any whole number from -STEPS to STEPS."""

Quotient = tuple[int, int]
"""An exact index ÷ 100: what is divided, and by what (more than 0)."""


@dataclass(frozen=True, slots=True)
class Draws:
    """How often the weights are drawn, from which seed (so that anyone can repeat it), and how far they may move."""

    seed: int
    count: int = 1000
    variation: Fraction = Fraction(1, 10)

    def factors(self, parts: int) -> Iterator[tuple[int, ...]]:
        """Yield for each draw one whole factor per part; `STEPS` · the variation's denominator stands for 1."""
        chance = Random(self.seed)  # noqa: S311 - it has to be repeatable, not secret
        one = STEPS * self.variation.denominator
        for _ in range(self.count):
            yield tuple(one + self.variation.numerator * _uniform(chance) for _ in range(parts))


def _uniform(chance: Random) -> int:
    """Return a whole number from -STEPS to STEPS, each as likely; bits alone are the same in every Python."""
    while (drawn := chance.getrandbits(8)) > 2 * STEPS:
        pass
    return drawn - STEPS


@dataclass(frozen=True, slots=True)
class Parts:
    """One unit's points taken apart, in whole numbers of one fraction of a point that all units share."""

    points: tuple[int, ...]
    attainable: tuple[int, ...]
    adjustment: int


@dataclass(frozen=True)
class Weighing:
    """All units as they stand, in the order of the standings, ready to be weighed anew.

    Attributes:
        maxima: what the set gives for each part.
        tie_breaks: for each unit its place, from the last one up, among the values that decide between equal indices;
            these values stay as they are.
        groups: the places of the ranked units of each group.
    """

    maxima: tuple[int, ...]
    units: tuple[Parts, ...]
    tie_breaks: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    policies: Policies

    def indices(self, factors: Sequence[int]) -> list[Quotient]:
        """Return each unit's index under these factors."""
        total, weighed_total = sum(self.maxima), sum(map(mul, factors, self.maxima))
        return [self._index(unit, factors, total, weighed_total) for unit in self.units]

    @staticmethod
    def _index(unit: Parts, factors: Sequence[int], total: int, weighed_total: int) -> Quotient:
        attainable = sum(map(mul, factors, unit.attainable))
        if not attainable:
            return 0, 1
        points = sum(map(mul, factors, unit.points))
        return total * points + unit.adjustment * weighed_total, total * attainable

    def ranks(self, indices: Sequence[Quotient]) -> list[int | None]:
        """Return each unit's rank in its group by the policies in force; None for units that are not ranked."""
        last = len(self.tie_breaks)
        keys = [
            key * last + tie_break for key, tie_break in zip(self._comparable(indices), self.tie_breaks, strict=True)
        ]
        found: list[int | None] = [None] * len(keys)
        for members in self.groups:
            ordered = sorted((keys[place] for place in members), reverse=True)
            if self.policies.ties == "dense":
                ordered = sorted(set(ordered), reverse=True)
            rank_of: dict[int, int] = {}
            for rank, key in enumerate(ordered, start=1):
                rank_of.setdefault(key, rank)
            for place in members:
                found[place] = rank_of[keys[place]]
        return found

    def _comparable(self, indices: Sequence[Quotient]) -> list[int]:
        if self.policies.rank_by == "exact":
            return in_order(indices)
        decimals = self.policies.decimals
        return [int(rounded(Fraction(*index) * 100, decimals).scaleb(decimals)) for index in indices]

    def classes(self, indices: Sequence[Quotient]) -> list[str]:
        """Return each unit's class by the policies in force."""
        return [self._class(*index) for index in indices]

    def _class(self, numerator: int, denominator: int) -> str:
        for name, hundreds, limit, may_equal in self._limits:
            beyond = numerator * hundreds - denominator * limit
            if beyond > 0 or (may_equal and beyond == 0):
                return name
        return self._lowest

    @cached_property
    def _limits(self) -> tuple[tuple[str, int, int, bool], ...]:
        bands = sorted(self.policies.bands, key=lambda band: band.lower, reverse=True)
        limits = [(band.name, *exact_limit(band.lower, self.policies)) for band in bands[:-1]]
        return tuple((name, 100 * limit.denominator, limit.numerator, may_equal) for name, limit, may_equal in limits)

    @cached_property
    def _lowest(self) -> str:
        return min(self.policies.bands, key=lambda band: band.lower).name


def exact_limit(lower: Decimal, policies: Policies) -> tuple[Fraction, bool]:
    """Return the exact index from which on a class is reached, and whether that index itself reaches it.

    Where published indices decide, half of the last printed place is already enough, for it is rounded up; below
    zero half a place is rounded down.
    """
    limit = Fraction(lower)
    if policies.class_by == "exact":
        return limit, True
    place = Fraction(1, 10**policies.decimals)
    printed = -(-limit // place) * place
    return printed - place / 2, printed > 0


def in_order(quotients: Sequence[Quotient]) -> list[int]:
    """Return whole numbers that are ordered as these quotients are, equal exactly where those are equal."""
    # Two different quotients with divisors up to D are at least 1/D² apart; their D²-folds differ by one or more.
    scale = max((divisor for _, divisor in quotients), default=1) ** 2
    return [dividend * scale // divisor for dividend, divisor in quotients]


def by_field(standings: Sequence[Standing], criteria: CriteriaSet, policies: Policies) -> Weighing:
    """Make the weighing whose parts are the fields of the set."""
    branches = [[leaf for leaf in field.leaves if _counts(leaf, standings)] for field in criteria.fields]
    return _weighing(standings, branches, policies)


def by_criterion(standings: Sequence[Standing], criteria: CriteriaSet, policies: Policies) -> Weighing:
    """Make the weighing whose parts are the scored criteria that count (see `counted_leaves`)."""
    return _weighing(standings, [[leaf] for leaf in counted_leaves(standings, criteria)], policies)


def counted_leaves(standings: Sequence[Standing], criteria: CriteriaSet) -> list[Criterion]:
    """Return the scored criteria on which the indices rest; without a survey its criteria are none of them."""
    return [leaf for leaf in criteria.leaves if _counts(leaf, standings)]


def _counts(leaf: Criterion, standings: Sequence[Standing]) -> bool:
    return not leaf.is_surveyed or any(standing.result.survey_points is not None for standing in standings)


def _weighing(standings: Sequence[Standing], branches: Sequence[Sequence[Criterion]], policies: Policies) -> Weighing:
    results = [standing.result for standing in standings]
    fraction = _common_fraction(results, branches)
    return Weighing(
        maxima=tuple(_whole((leaf.max_points for leaf in branch), fraction) for branch in branches),
        units=tuple(_parts(result, branches, fraction) for result in results),
        tie_breaks=_tie_breaks(results, policies),
        groups=_groups(standings),
        policies=policies,
    )


def _common_fraction(results: Sequence[Result], branches: Sequence[Sequence[Criterion]]) -> int:
    """Return how many whole numbers make one point, so that no point of anybody is broken."""
    leaves = [leaf for branch in branches for leaf in branch]
    values = {leaf.max_points for leaf in leaves} | {result.adjustment_points for result in results}
    values |= {result.standing[leaf.code].points or Decimal(0) for result in results for leaf in leaves}
    return lcm(*(Fraction(value).denominator for value in values))


def _parts(result: Result, branches: Sequence[Sequence[Criterion]], fraction: int) -> Parts:
    stands = result.standing
    return Parts(
        points=tuple(_whole((stands[leaf.code].points or Decimal(0) for leaf in b), fraction) for b in branches),
        attainable=tuple(
            _whole((leaf.max_points for leaf in b if not stands[leaf.code].is_excluded), fraction) for b in branches
        ),
        adjustment=_whole([result.adjustment_points], fraction),
    )


def _whole(values: Iterable[Decimal], fraction: int) -> int:
    return int(sum(values, Decimal(0)) * fraction)


def _groups(standings: Sequence[Standing]) -> tuple[tuple[int, ...], ...]:
    groups: dict[str, list[int]] = {}
    for place, standing in enumerate(standings):
        if standing.rank is not None:
            groups.setdefault(standing.group, []).append(place)
    return tuple(map(tuple, groups.values()))


def _tie_breaks(results: Sequence[Result], policies: Policies) -> tuple[int, ...]:
    values = [tuple(_tie_break_values(result, policies)) for result in results]
    places = {value: place for place, value in enumerate(sorted(set(values)))}
    return tuple(places[value] for value in values)


def _tie_break_values(result: Result, policies: Policies) -> Iterator[Fraction]:
    fields = {f"{FIELD_TIE_BREAK}{field.code}": field.points for field in result.fields}
    for name in policies.tie_break:
        yield Fraction((fields[name] if name in fields else getattr(result, name)) or 0)
