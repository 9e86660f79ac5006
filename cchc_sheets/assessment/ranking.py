"""Ranks (xếp hạng) and classes (xếp loại) by the policies in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from cchc_sheets.assessment.index import Result, rounded
from cchc_sheets.assessment.units import Unit

TIE_BREAKS: Final = ("appraisal_points", "survey_points", "adjustment_points", "self_points")
FIELD_TIE_BREAK: Final = "field:"


@dataclass(frozen=True, slots=True)
class ClassBand:
    """A class (mức xếp loại) and the index from which on it is reached, itself included."""

    name: str
    lower: Decimal


@dataclass(frozen=True, slots=True)
class Policies:
    """How results become ranks and classes; every one is a setting and is printed in the decision's annex.

    Attributes:
        decimals: places of a published index.
        rank_by: compare `exact` indices or `published` ones.
        ties: equal units share the better rank: `min` (1, 2, 2, 4) or `dense` (1, 2, 2, 3).
        tie_break: what decides between equal indices, in order: names in `TIE_BREAKS` or `field:<code>`; units
            equal in all of them share a rank.
        groups: rank all units together, by `kind`, or by the `group` column of the roster.
        class_by: hold `published` or `exact` indices against the bands.
        bands: from the best class down.
        without_survey: `refuse` to finalise, or `rescale` the appraised part to 100.
    """

    bands: tuple[ClassBand, ...]
    decimals: int = 2
    rank_by: Literal["exact", "published"] = "exact"
    ties: Literal["min", "dense"] = "min"
    tie_break: tuple[str, ...] = ()
    groups: Literal["all", "kind", "group"] = "all"
    class_by: Literal["published", "exact"] = "published"
    without_survey: Literal["refuse", "rescale"] = "refuse"


@dataclass(frozen=True)
class Standing:
    """A unit's result with its rank and class; `rank` is None for a unit that is not ranked."""

    unit: Unit
    group: str
    result: Result
    published_index: Decimal
    rank: int | None
    class_name: str


def standings(units: Sequence[Unit], results: Iterable[Result], policies: Policies) -> tuple[Standing, ...]:
    """Rank and classify; returned in the order of the roster."""
    by_code = {result.unit: result for result in results}
    groups: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        if unit.ranked:
            groups[group_of(unit, policies)].append(unit)
    ranks = {
        code: rank
        for members in groups.values()
        for code, rank in _ranks([by_code[unit.code] for unit in members], policies).items()
    }
    return tuple(
        Standing(
            unit=unit,
            group=group_of(unit, policies),
            result=by_code[unit.code],
            published_index=rounded(by_code[unit.code].index, policies.decimals),
            rank=ranks.get(unit.code),
            class_name=classify(by_code[unit.code].index, policies),
        )
        for unit in units
    )


def group_of(unit: Unit, policies: Policies) -> str:
    """Return the group within which a unit is ranked; "" where all are ranked together."""
    return {"all": "", "kind": unit.kind, "group": unit.group}[policies.groups]


def classify(index: Fraction, policies: Policies) -> str:
    """Return the class of an index: the highest band whose lower limit it reaches; the lowest if it reaches none."""
    value = index if policies.class_by == "exact" else Fraction(rounded(index, policies.decimals))
    bands = sorted(policies.bands, key=lambda band: band.lower, reverse=True)
    return next((band.name for band in bands if value >= Fraction(band.lower)), bands[-1].name)


def _ranks(results: list[Result], policies: Policies) -> dict[str, int]:
    keys = {result.unit: ranking_key(result, policies) for result in results}
    ordered = sorted(keys.values(), reverse=True)
    if policies.ties == "dense":
        ordered = sorted(set(ordered), reverse=True)
    return {unit: ordered.index(key) + 1 for unit, key in keys.items()}


def ranking_key(result: Result, policies: Policies) -> tuple[Fraction, ...]:
    """Return what a unit is ranked by: its index, then the values of the tie-breaks in their order."""
    index = result.index
    if policies.rank_by == "published":
        index = Fraction(rounded(index, policies.decimals))
    return (index, *(_tie_break_value(result, name) for name in policies.tie_break))


def _tie_break_value(result: Result, name: str) -> Fraction:
    if name.startswith(FIELD_TIE_BREAK):
        code = name.removeprefix(FIELD_TIE_BREAK)
        return Fraction(next(field.points for field in result.fields if field.code == code))
    return Fraction(getattr(result, name) or 0)
