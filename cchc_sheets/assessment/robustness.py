"""How firmly results stand (độ vững của kết quả): what is certain, what is close, what to look at before signing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Final, Literal

from cchc_sheets import vietnamese
from cchc_sheets.assessment.appraisal import departments_of
from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.ranking import ClassBand, Policies, Standing
from cchc_sheets.assessment.standing import Record
from cchc_sheets.assessment.submission import Submission
from cchc_sheets.assessment.what_if import Draws, Quotient, Weighing, by_criterion, by_field, counted_leaves

CLOSE: Final = Decimal("0.5")
"""How near to the limit of a class is near, in points of the index."""

LOW, HIGH = 5, 95
"""The percentiles between which a rank usually lies."""

DecidedBy = Literal["nothing", "tie_break", "hidden_decimals"]


@dataclass(frozen=True)
class Tie:
    """Units of one group that are published with the same index, best first.

    Attributes:
        decided_by: what put each unit above the next: `nothing` (they share a rank), a `tie_break` of the policies,
            or the `hidden_decimals` that are not published.
    """

    group: str
    index: Decimal
    units: tuple[str, ...]
    decided_by: tuple[DecidedBy, ...]


@dataclass(frozen=True)
class Boundary:
    """A unit whose exact or published index is at most `CLOSE` away from the limit of a class.

    Attributes:
        reaches: the class that begins at the limit; `below` the one beneath it.
        exact: exact index less the limit; `published` the same with the published index. Below 0 it is missed.
        is_reached: whether the unit is on the upper side by the policies in force.
        hangs_on_rounding: whether the exact index and the published one lie on different sides.
    """

    unit: str
    reaches: str
    below: str
    limit: Decimal
    exact: Fraction
    published: Decimal
    is_reached: bool
    hangs_on_rounding: bool


@dataclass(frozen=True)
class RankRange:
    """The ranks a unit came to: the extremes, and the nearest-rank percentiles `LOW` and `HIGH`."""

    best: int
    low: int
    high: int
    worst: int


@dataclass(frozen=True)
class Steadiness:
    """What became of one unit when the weights were drawn.

    Attributes:
        rank: its rank as it stands; None, as `ranks`, for a unit that is not ranked.
        at_rank: in how many draws it had that rank; `in_class` in how many it had its class.
        classes: in how many draws it had each class.
    """

    unit: str
    rank: int | None
    ranks: RankRange | None
    at_rank: int
    in_class: int
    classes: Mapping[str, int]


@dataclass(frozen=True)
class Neighbours:
    """Two units of one group with no rank between theirs.

    Attributes:
        lead: exact index of the upper less that of the lower.
        turned_by: the criteria each of which, left out, would put the lower unit above the upper one.
    """

    upper: str
    lower: str
    lead: Fraction
    turned_by: tuple[str, ...]


@dataclass(frozen=True)
class Dependence:
    """The criteria on which one unit's rank and class depend most; "" where leaving out any one changes nothing."""

    unit: str
    rank_criterion: str
    rank_without: int | None
    class_criterion: str
    class_without: str


@dataclass(frozen=True)
class Undiscriminating:
    """A criterion that tells no unit from another: all have full points, all have none, or all have the same."""

    criterion: str
    kind: Literal["all_full", "all_zero", "all_same"]
    units: int


@dataclass(frozen=True)
class Strictness:
    """How a department changed the self-scores it appraised; a change is appraised less claimed points.

    Attributes:
        rows: findings on a claim of points; `lowered` and `raised` how many of them changed it.
        median_change: of all rows; between the middle two if their number is even.
        claimed: all points claimed in these rows; `change` what they lost (below 0) or won in all.
        without_claim: findings on criteria for which the unit claimed no points; they are in no other figure.
    """

    department: str
    rows: int
    lowered: int
    raised: int
    median_change: Fraction
    claimed: Decimal
    change: Decimal
    without_claim: int

    @property
    def lowered_share(self) -> Fraction:
        """Lowered rows ÷ rows; 0 if there are none."""
        return Fraction(self.lowered, self.rows) if self.rows else Fraction(0)

    @property
    def raised_share(self) -> Fraction:
        """Raised rows ÷ rows; 0 if there are none."""
        return Fraction(self.raised, self.rows) if self.rows else Fraction(0)

    @property
    def change_share(self) -> Fraction:
        """What was taken (below 0) or added ÷ what was claimed; 0 if nothing was claimed."""
        return Fraction(self.change) / Fraction(self.claimed) if self.claimed else Fraction(0)


@dataclass(frozen=True)
class Robustness:
    """Everything there is to know before signing; each part in the order in which units are printed."""

    draws: Draws
    ties: tuple[Tie, ...]
    boundaries: tuple[Boundary, ...]
    steadiness: tuple[Steadiness, ...]
    neighbours: tuple[Neighbours, ...]
    dependence: tuple[Dependence, ...]
    undiscriminating: tuple[Undiscriminating, ...]
    strictness: tuple[Strictness, ...]


def robustness_of(
    standings: Sequence[Standing], criteria: CriteriaSet, policies: Policies, record: Record, draws: Draws
) -> Robustness:
    """Examine how firmly results stand; the order in which the units are given changes nothing.

    Args:
        record: only its self-scores and findings, for the departments' strictness.
    """
    ordered = in_printed_order(standings)
    without = _Without(by_criterion(ordered, criteria, policies), counted_leaves(ordered, criteria))
    return Robustness(
        draws=draws,
        ties=tuple(_ties(ordered, policies)),
        boundaries=tuple(_boundaries(ordered, policies)),
        steadiness=tuple(_steadiness(ordered, by_field(ordered, criteria, policies), draws)),
        neighbours=tuple(_neighbours(ordered, without)),
        dependence=tuple(_dependence(ordered, policies, without)),
        undiscriminating=tuple(_undiscriminating(ordered, counted_leaves(ordered, criteria))),
        strictness=strictness_of(criteria, record),
    )


def in_printed_order(standings: Iterable[Standing]) -> list[Standing]:
    """Return the units by group, rank and name; those that are not ranked at the end."""
    return sorted(
        standings,
        key=lambda standing: (
            standing.rank is None,
            vietnamese.sort_key(standing.group) if standing.rank is not None else (),
            standing.rank or 0,
            vietnamese.sort_key(standing.unit.name),
            standing.unit.code,
        ),
    )


def _ties(ordered: Sequence[Standing], policies: Policies) -> Iterator[Tie]:
    ranked = (standing for standing in ordered if standing.rank is not None)
    for (group, index), block in groupby(ranked, key=lambda standing: (standing.group, standing.published_index)):
        members = list(block)
        if len(members) > 1:
            decided = tuple(_decided_by(upper, lower, policies) for upper, lower in pairwise(members))
            yield Tie(group, index, tuple(standing.unit.code for standing in members), decided)


def _decided_by(upper: Standing, lower: Standing, policies: Policies) -> DecidedBy:
    if upper.rank == lower.rank:
        return "nothing"
    if policies.rank_by == "exact" and upper.result.index != lower.result.index:
        return "hidden_decimals"
    return "tie_break"


def _boundaries(ordered: Sequence[Standing], policies: Policies) -> Iterator[Boundary]:
    bands = _best_first(policies)
    for standing in ordered:
        index, printed = standing.result.index, standing.published_index
        for band, below in pairwise(bands):
            exact, published = index - Fraction(band.lower), printed - band.lower
            if min(abs(exact), Fraction(abs(published))) <= CLOSE:
                yield Boundary(
                    unit=standing.unit.code,
                    reaches=band.name,
                    below=below.name,
                    limit=band.lower,
                    exact=exact,
                    published=published,
                    is_reached=(exact if policies.class_by == "exact" else published) >= 0,
                    hangs_on_rounding=(exact >= 0) != (published >= 0),
                )


def _best_first(policies: Policies) -> list[ClassBand]:
    return sorted(policies.bands, key=lambda band: band.lower, reverse=True)


def _steadiness(ordered: Sequence[Standing], weighing: Weighing, draws: Draws) -> Iterator[Steadiness]:
    ranks: list[Counter[int | None]] = [Counter() for _ in ordered]
    classes: list[Counter[str]] = [Counter() for _ in ordered]
    for factors in draws.factors(len(weighing.maxima)):
        indices = weighing.indices(factors)
        for place, (rank, name) in enumerate(zip(weighing.ranks(indices), weighing.classes(indices), strict=True)):
            ranks[place][rank] += 1
            classes[place][name] += 1
    for standing, found, names in zip(ordered, ranks, classes, strict=True):
        yield Steadiness(
            unit=standing.unit.code,
            rank=standing.rank,
            ranks=_range({rank: times for rank, times in found.items() if rank is not None}),
            at_rank=0 if standing.rank is None else found[standing.rank],
            in_class=names[standing.class_name],
            classes=dict(sorted(names.items(), key=lambda item: (-item[1], item[0]))),
        )


def _range(ranks: Mapping[int, int]) -> RankRange | None:
    if not ranks:
        return None
    every = sorted(Counter(ranks).elements())
    return RankRange(every[0], _percentile(every, LOW), _percentile(every, HIGH), every[-1])


def _percentile(ordered: Sequence[int], percent: int) -> int:
    """Return the nearest-rank percentile: the first value that at least so many percent do not exceed."""
    return ordered[max(-(-percent * len(ordered) // 100) - 1, 0)]


class _Without:
    """What becomes of all units when one criterion is left out, for each criterion in turn."""

    def __init__(self, weighing: Weighing, leaves: Sequence[Criterion]) -> None:
        self.codes = tuple(leaf.code for leaf in leaves)
        whole = [1] * len(leaves)
        self.indices: list[list[Quotient]] = [
            weighing.indices([*whole[:place], 0, *whole[place + 1 :]]) for place in range(len(leaves))
        ]
        self.ranks = [weighing.ranks(indices) for indices in self.indices]
        self.classes = [weighing.classes(indices) for indices in self.indices]


def _neighbours(ordered: Sequence[Standing], without: _Without) -> Iterator[Neighbours]:
    ranked = [(place, standing) for place, standing in enumerate(ordered) if standing.rank is not None]
    levels = [list(level) for _, level in groupby(ranked, key=lambda item: (item[1].group, item[1].rank))]
    for uppers, lowers in pairwise(levels):
        if uppers[0][1].group != lowers[0][1].group:
            continue
        for above, upper in uppers:
            for beneath, lower in lowers:
                turned_by = (
                    code
                    for code, ranks in zip(without.codes, without.ranks, strict=True)
                    if (ranks[beneath] or 0) < (ranks[above] or 0)
                )
                lead = upper.result.index - lower.result.index
                yield Neighbours(upper.unit.code, lower.unit.code, lead, tuple(turned_by))


def _dependence(ordered: Sequence[Standing], policies: Policies, without: _Without) -> Iterator[Dependence]:
    order = {band.name: place for place, band in enumerate(_best_first(policies))}
    for place, standing in enumerate(ordered):
        ranks = [found[place] for found in without.ranks]
        classes = [found[place] for found in without.classes]
        indices = [found[place] for found in without.indices]
        by_rank = _most([abs((rank or 0) - (standing.rank or 0)) for rank in ranks], indices, standing)
        by_class = _most([abs(order[name] - order[standing.class_name]) for name in classes], indices, standing)
        yield Dependence(
            unit=standing.unit.code,
            rank_criterion="" if by_rank is None else without.codes[by_rank],
            rank_without=standing.rank if by_rank is None else ranks[by_rank],
            class_criterion="" if by_class is None else without.codes[by_class],
            class_without=standing.class_name if by_class is None else classes[by_class],
        )


def _most(steps: Sequence[int], indices: Sequence[Quotient], standing: Standing) -> int | None:
    """Return the place of the most steps, of equal ones that where the index moves most; None if no step is made."""
    most = max(steps, default=0)
    if not most:
        return None
    now = standing.result.index
    candidates = (place for place, made in enumerate(steps) if made == most)
    return max(candidates, key=lambda place: (abs(Fraction(*indices[place]) * 100 - now), -place))


def _undiscriminating(ordered: Sequence[Standing], leaves: Sequence[Criterion]) -> Iterator[Undiscriminating]:
    """A criterion is judged by two units or more, and only once every unit that it counts for has points."""
    for leaf in leaves:
        stands = [standing.result.standing[leaf.code] for standing in ordered]
        points = [stand.points for stand in stands if not stand.is_excluded]
        if len(points) > 1 and None not in points and len(set(points)) == 1:
            value = points[0]
            kind: Literal["all_full", "all_zero", "all_same"] = (
                "all_full" if value == leaf.max_points else "all_same" if value else "all_zero"
            )
            yield Undiscriminating(leaf.code, kind, len(points))


def strictness_of(criteria: CriteriaSet, record: Record) -> tuple[Strictness, ...]:
    """Hold each department's findings against the self-scores; in the order of the set, rulings left aside."""
    changes: dict[str, list[Decimal]] = {department: [] for department in departments_of(criteria)}
    claims: Counter[str] = Counter()
    claimed: dict[str, Decimal] = dict.fromkeys(changes, Decimal(0))
    for (unit, code), finding in sorted(record.findings.items()):
        leaf = criteria.by_code[code]
        claim = record.submissions.get(unit, Submission(unit)).score(code).claimed(leaf)
        if claim is None or finding.points is None:
            claims[leaf.department] += 1
            continue
        claimed[leaf.department] += claim
        changes[leaf.department].append(finding.points - claim)
    return tuple(
        Strictness(
            department=department,
            rows=len(found),
            lowered=sum(change < 0 for change in found),
            raised=sum(change > 0 for change in found),
            median_change=_median(found),
            claimed=claimed[department],
            change=sum(found, Decimal(0)),
            without_claim=claims[department],
        )
        for department, found in changes.items()
    )


def _median(values: Sequence[Decimal]) -> Fraction:
    if not values:
        return Fraction(0)
    ordered, middle = sorted(values), len(values) // 2
    low = ordered[middle] if len(ordered) % 2 else ordered[middle - 1]
    return (Fraction(low) + Fraction(ordered[middle])) / 2
