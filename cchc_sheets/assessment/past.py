"""What the units came to in an earlier year, as far as a later one is held against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Portion:
    """Points in one branch of a set, of those that were attainable; criteria that were left out count neither way."""

    points: Decimal
    attainable: Decimal

    @property
    def share(self) -> Fraction | None:
        """Points ÷ attainable points × 100, exactly; None where nothing was attainable."""
        return Fraction(self.points) / Fraction(self.attainable) * 100 if self.attainable else None


def together(parts: Iterator[Portion]) -> Portion:
    """Return what several units, or several criteria, came to together."""
    points = attainable = Decimal(0)
    for part in parts:
        points += part.points
        attainable += part.attainable
    return Portion(points, attainable)


@dataclass(frozen=True, slots=True)
class PastCriterion:
    """A field, criterion or sub-criterion of the earlier set; `parent` is "" for a field."""

    code: str
    title: str
    max_points: Decimal
    parent: str
    is_leaf: bool


@dataclass(frozen=True)
class PastUnit:
    """What one unit came to.

    Attributes:
        group: within which it was ranked, "" where all were ranked together; `rank` None if it was not.
        index: the exact one, in percent.
        reached: by code, for every level of the set; codes of which nothing counted for the unit may be absent.
    """

    code: str
    name: str
    group: str
    index: Fraction
    rank: int | None
    reached: Mapping[str, Portion] = field(default_factory=dict)


@dataclass(frozen=True)
class PastYear:
    """The finalised results of an earlier year.

    Attributes:
        authority: who decided them, in running text.
        groups: by what units were ranked: `all`, `kind` or `group`.
        with_survey: whether the indices were computed with the survey.
        ledger_digest: of the entry of that year's ledger on which the numbers rest.
    """

    year: int
    cycle: str
    authority: str
    groups: str
    with_survey: bool
    criteria: tuple[PastCriterion, ...]
    units: tuple[PastUnit, ...]
    ledger_digest: str

    @cached_property
    def unit_by_code(self) -> Mapping[str, PastUnit]:
        """The units by code."""
        return {unit.code: unit for unit in self.units}

    @cached_property
    def criterion_by_code(self) -> Mapping[str, PastCriterion]:
        """Every criterion of every level by code."""
        return {criterion.code: criterion for criterion in self.criteria}

    def ranked_with(self, unit: PastUnit) -> int:
        """Return how many units were ranked together with this one, itself included."""
        return sum(other.rank is not None and other.group == unit.group for other in self.units)
