"""This year held against an earlier one: what is comparable, and how much it has changed.

An index is a percentage, so indices compare directly; fields and criteria compare by the share of what was attainable,
never by bare points, because their maximum may have changed. A merged unit is held against the unweighted mean of its
predecessors, in its index and in every field and criterion, and counts as one unit where all are taken together, so
that the whole never moves where no unit does. Everything is exact until it is printed; a printed change is the
difference of the two printed figures, so that whoever reads them can check it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.index import branch_result, rounded
from cchc_sheets.assessment.past import PastCriterion, PastUnit, PastYear, Portion
from cchc_sheets.assessment.ranking import Policies, Standing
from cchc_sheets.assessment.units import Unit
from cchc_sheets.vietnamese import comparable


@dataclass(frozen=True)
class Matching:
    """What an authority says about renamed, merged and new units and about its criteria.

    Attributes:
        units: this year's code → codes of the predecessors; none for a new unit. A unit that is not named here
            continues the one with its code and name.
        criteria: this year's code → the earlier code, or None for "not comparable". A criterion that is not named
            here is comparable if code, title and level are the same; of a title the year of its own set is no part.
        year: the year of this year's set, if its titles may name it.
    """

    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    criteria: Mapping[str, str | None] = field(default_factory=dict)
    year: int | None = None


@dataclass(frozen=True)
class ThisYear:
    """The results that are held against the earlier ones."""

    authority: str
    criteria: CriteriaSet
    policies: Policies
    standings: tuple[Standing, ...]

    @cached_property
    def counted(self) -> tuple[Criterion, ...]:
        """The criteria that count towards the index."""
        with_survey = any(one.result.survey_points is not None for one in self.standings)
        return tuple(leaf for leaf in self.criteria.leaves if with_survey or not leaf.is_surveyed)


@dataclass(frozen=True, slots=True)
class Printed:
    """Two figures as they are printed, and the difference anybody can check."""

    before: Decimal
    now: Decimal

    @property
    def change(self) -> Decimal:
        """How much has changed."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Change:
    """An exact percentage of both years."""

    before: Fraction
    now: Fraction

    def printed(self, decimals: int) -> Printed:
        """Return both rounded once to so many decimals."""
        return Printed(rounded(self.before, decimals), rounded(self.now, decimals))


@dataclass(frozen=True, slots=True)
class RankChange:
    """A rank of both years, each of so many units."""

    before: int
    of_before: int
    now: int
    of_now: int

    @property
    def places(self) -> int:
        """How many places the unit has risen; negative if it has fallen."""
        return self.before - self.now


@dataclass(frozen=True)
class UnitTrend:
    """One unit held against its predecessors.

    Attributes:
        is_said_new: the authority itself says that it continues no unit; without that, one that is not found last year
            may be new or renamed, and nobody can tell.
        index: None for a unit without predecessors.
        rank: None where ranks do not compare.
        shares: by this year's code, for every comparable field and criterion that counted for it in both years.
    """

    unit: Unit
    predecessors: tuple[PastUnit, ...] = ()
    is_said_new: bool = False
    index: Change | None = None
    rank: RankChange | None = None
    shares: Mapping[str, Change] = field(default_factory=dict)

    @property
    def is_unmatched(self) -> bool:
        """Whether it has no predecessor: it is new, or last year's results do not have its code and name."""
        return not self.predecessors

    @property
    def is_merged(self) -> bool:
        """Whether it has several."""
        return len(self.predecessors) > 1


@dataclass(frozen=True)
class Trend:
    """Everything that is comparable.

    Attributes:
        decimals: of printed indices.
        units: for every unit of this year, in the order of the roster.
        counterparts: the earlier criterion by this year's code.
        shares: by this year's code: what the units that compare in it came to together, the same on both sides.
    """

    past: PastYear
    decimals: int
    units: Mapping[str, UnitTrend]
    counterparts: Mapping[str, PastCriterion]
    shares: Mapping[str, Change]

    @cached_property
    def compared(self) -> tuple[tuple[UnitTrend, Printed], ...]:
        """The units that are held against a predecessor, with their indices as printed."""
        return tuple((one, one.index.printed(self.decimals)) for one in self.units.values() if one.index is not None)

    @property
    def risen(self) -> int:
        """How many indices are printed higher than before."""
        return sum(printed.change > 0 for _, printed in self.compared)

    @property
    def fallen(self) -> int:
        """How many are printed lower."""
        return sum(printed.change < 0 for _, printed in self.compared)

    @property
    def unchanged(self) -> int:
        """How many are printed the same."""
        return sum(printed.change == 0 for _, printed in self.compared)

    @property
    def mean(self) -> Change | None:
        """The means over the compared units, the same on both sides; None if there are none."""
        indices = [one.index for one, _ in self.compared if one.index is not None]
        if not indices:
            return None
        return Change(_mean([one.before for one in indices]), _mean([one.now for one in indices]))

    def extreme(self, *, risen: bool) -> tuple[tuple[UnitTrend, ...], Decimal]:
        """Return the units that have risen (or fallen) most, with their change; none if no unit has."""
        sign = 1 if risen else -1
        most = max((sign * printed.change for _, printed in self.compared), default=Decimal(0))
        if most <= 0:
            return (), Decimal(0)
        return tuple(one for one, printed in self.compared if sign * printed.change == most), sign * most


def compare(past: PastYear, matching: Matching, now: ThisYear) -> Trend:
    """Hold this year against an earlier one.

    Codes of the matching that the earlier year does not know are passed over: whoever reads the file refuses them.
    """
    counterparts = counterparts_of(past, matching, now.criteria)
    predecessors = {one.unit.code: predecessors_of(one.unit, past, matching) for one in now.standings}
    reached = {one.unit.code: dict(_reached(one, now)) for one in now.standings}
    units = {
        one.unit.code: _unit_trend(one, predecessors[one.unit.code], reached[one.unit.code], past, now, counterparts)
        if predecessors[one.unit.code]
        else UnitTrend(one.unit, is_said_new=matching.units.get(one.unit.code) == ())
        for one in now.standings
    }
    return Trend(
        past,
        now.policies.decimals,
        units,
        counterparts,
        dict(_shares(counterparts, units.values(), reached)),
    )


def predecessors_of(unit: Unit, past: PastYear, matching: Matching) -> tuple[PastUnit, ...]:
    """Return the units of the earlier year that a unit continues."""
    known = past.unit_by_code
    if unit.code in matching.units:
        return tuple(known[one] for one in matching.units[unit.code] if one in known)
    before = known.get(unit.code)
    return (before,) if before is not None and comparable(before.name) == comparable(unit.name) else ()


def reused_codes(units: Iterable[Unit], past: PastYear, matching: Matching) -> Iterator[tuple[Unit, PastUnit]]:
    """Yield the units whose code belonged to a unit of another name: is it the same one? Only the authority knows."""
    known = past.unit_by_code
    for unit in units:
        before = known.get(unit.code)
        if before is not None and unit.code not in matching.units and not predecessors_of(unit, past, matching):
            yield unit, before


def counterparts_of(past: PastYear, matching: Matching, criteria: CriteriaSet) -> dict[str, PastCriterion]:
    """Return the earlier criterion of every comparable one of this year, of any level, by this year's code."""
    fields = {one.code for one in criteria.fields}
    years = (matching.year, past.year)
    taken = {code for code in matching.criteria.values() if code is not None}
    found: dict[str, PastCriterion] = {}
    for code, criterion in criteria.by_code.items():
        named = matching.criteria.get(code, code)
        before = past.criterion_by_code.get(named or "")
        if before is None:
            continue
        if code in matching.criteria or (
            code not in taken and _is_same(criterion, before, years, is_field=code in fields)
        ):
            found[code] = before
    return found


def _is_same(criterion: Criterion, before: PastCriterion, years: tuple[int | None, int], *, is_field: bool) -> bool:
    """Tell whether a criterion with the same code is the same one: title and level have to be, too."""
    is_alike = before.is_leaf is not bool(criterion.parts) and is_field is (not before.parent)
    this_year, last_year = years
    return is_alike and _without(this_year, criterion.title) == _without(last_year, before.title)


def _without(year: int | None, title: str) -> str:
    """Return a title without the year of its set: the plan of 2023 is what that of 2022 was a year before."""
    return comparable(re.sub(rf"\b{year}\b", " ", title) if year else title)


def _reached(standing: Standing, now: ThisYear) -> Iterator[tuple[str, Portion]]:
    """Yield what a unit came to in every branch of this year's set."""
    for code, criterion in now.criteria.by_code.items():
        branch = branch_result(criterion, now.counted, standing.result.standing)
        yield code, Portion(branch.points, branch.attainable_points)


def _unit_trend(
    standing: Standing,
    predecessors: tuple[PastUnit, ...],
    reached: Mapping[str, Portion],
    past: PastYear,
    now: ThisYear,
    counterparts: Mapping[str, PastCriterion],
) -> UnitTrend:
    return UnitTrend(
        standing.unit,
        predecessors,
        index=Change(_mean([one.index for one in predecessors]), standing.result.index),
        rank=_rank_change(standing, predecessors, past, now),
        shares=dict(_unit_shares(predecessors, reached, counterparts)),
    )


def _unit_shares(
    predecessors: Sequence[PastUnit], reached: Mapping[str, Portion], counterparts: Mapping[str, PastCriterion]
) -> Iterator[tuple[str, Change]]:
    for code, before in counterparts.items():
        earlier = [part.share for one in predecessors if (part := one.reached.get(before.code)) is not None]
        shares, own = [share for share in earlier if share is not None], reached[code].share
        if shares and own is not None:
            yield code, Change(_mean(shares), own)


def _rank_change(
    standing: Standing, predecessors: Sequence[PastUnit], past: PastYear, now: ThisYear
) -> RankChange | None:
    """Return the change of rank where both ranks mean the same.

    They do if one unit continues one other, both were ranked, by the same authority, grouped by the same rule, and
    the group is the same. Of how many units each rank is, is told with it.
    """
    before = predecessors[0]
    if len(predecessors) > 1 or standing.rank is None or before.rank is None:
        return None
    is_same_group = past.groups == now.policies.groups and comparable(before.group) == comparable(standing.group)
    if not is_same_group or comparable(past.authority) != comparable(now.authority):
        return None
    of_now = sum(one.rank is not None and one.group == standing.group for one in now.standings)
    return RankChange(before.rank, past.ranked_with(before), standing.rank, of_now)


def _shares(
    counterparts: Mapping[str, PastCriterion],
    units: Collection[UnitTrend],
    reached: Mapping[str, Mapping[str, Portion]],
) -> Iterator[tuple[str, Change]]:
    """Yield for every comparable branch what the units that compare in it came to together, in both years.

    A unit's share weighs as much as was attainable for it: of several predecessors, the mean of theirs.
    """
    for code, before in counterparts.items():
        compared = [one for one in units if code in one.shares]
        if compared:
            earlier = [(one.shares[code].before, _attainable(one.predecessors, before.code)) for one in compared]
            own = [(one.shares[code].now, Fraction(reached[one.unit.code][code].attainable)) for one in compared]
            yield code, Change(_together(earlier), _together(own))


def _attainable(predecessors: Sequence[PastUnit], code: str) -> Fraction:
    """Return the mean of what was attainable in a branch for those predecessors for whom anything was."""
    parts = [one.reached[code].attainable for one in predecessors if code in one.reached]
    return _mean([Fraction(attainable) for attainable in parts if attainable])


def _together(shares: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    """Return the mean of shares by their weights."""
    return sum((share * weight for share, weight in shares), Fraction(0)) / sum(weight for _, weight in shares)


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)
