"""From standing points to the index (chỉ số CCHC): exact all the way, rounded only to be printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from cchc_sheets.assessment.criteria import CriteriaSet, Criterion

Source = Literal["ruling", "finding", "self_score", "survey", "imported", "none"]


@dataclass(frozen=True, slots=True)
class StandingPoints:
    """The points of one criterion that stand (điểm đạt được), and where they come from.

    Attributes:
        points: None where nobody gave any, or the criterion is excluded.
        is_excluded: it counts neither for the unit nor for its attainable maximum.
    """

    points: Decimal | None
    source: Source
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class FieldResult:
    """A unit's points in one field (lĩnh vực), or in any other branch of the set."""

    code: str
    title: str
    points: Decimal
    attainable_points: Decimal
    max_points: Decimal


@dataclass(frozen=True)
class Result:
    """What one unit has come to.

    Attributes:
        self_points: what it claimed; `appraisal_points` what stands of everything that is not surveyed.
        survey_points: what the survey gave; None if the index is computed without a survey.
        adjustment_points: bonuses less penalties outside the criteria.
        attainable_points: the maximum less what was excluded.
        gaps: the codes of criteria that have no points yet; the index is provisional while there are any.
    """

    unit: str
    self_points: Decimal
    appraisal_points: Decimal
    survey_points: Decimal | None
    adjustment_points: Decimal
    attainable_points: Decimal
    fields: tuple[FieldResult, ...]
    standing: Mapping[str, StandingPoints]
    gaps: tuple[str, ...] = ()

    @property
    def points(self) -> Decimal:
        """All points that stand."""
        return self.appraisal_points + (self.survey_points or Decimal(0)) + self.adjustment_points

    @property
    def index(self) -> Fraction:
        """Points ÷ attainable points × 100, exactly; 0 if nothing was attainable."""
        if not self.attainable_points:
            return Fraction(0)
        return Fraction(self.points) / Fraction(self.attainable_points) * 100


def rounded(value: Fraction, decimals: int) -> Decimal:
    """Round half up (away from zero), exactly, to so many decimals."""
    scaled = abs(value) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = -1 if value < 0 else 1
    return Decimal(sign * whole).scaleb(-decimals)


def mean_index(results: Sequence[Result]) -> Fraction:
    """Return the exact mean of the indices."""
    return sum((result.index for result in results), Fraction(0)) / len(results)


def compute_result(
    unit: str,
    criteria: CriteriaSet,
    standing: Mapping[str, StandingPoints],
    *,
    self_points: Decimal = Decimal(0),
    adjustment_points: Decimal = Decimal(0),
    with_survey: bool = True,
) -> Result:
    """Add up one unit's standing points.

    Args:
        standing: for every leaf of the set.
        with_survey: False leaves the survey's criteria out of points and maximum, so that the appraised part
            alone is scaled to 100.
    """
    counted = [leaf for leaf in criteria.leaves if with_survey or not leaf.is_surveyed]
    surveyed = [leaf for leaf in counted if leaf.is_surveyed]
    others = [leaf for leaf in counted if not leaf.is_surveyed]
    return Result(
        unit=unit,
        self_points=self_points,
        appraisal_points=_points(others, standing),
        survey_points=_points(surveyed, standing) if with_survey else None,
        adjustment_points=adjustment_points,
        attainable_points=_attainable(counted, standing),
        fields=tuple(branch_result(field, counted, standing) for field in criteria.fields),
        standing=standing,
        gaps=tuple(leaf.code for leaf in counted if _is_gap(standing[leaf.code])),
    )


def branch_result(
    branch: Criterion, counted: Sequence[Criterion], standing: Mapping[str, StandingPoints]
) -> FieldResult:
    """Add up one branch of the set, of any level; `counted` are the leaves that count towards the index."""
    own = {leaf.code for leaf in branch.leaves}
    leaves = [leaf for leaf in counted if leaf.code in own]
    return FieldResult(
        branch.code, branch.title, _points(leaves, standing), _attainable(leaves, standing), branch.max_points
    )


def _points(leaves: list[Criterion], standing: Mapping[str, StandingPoints]) -> Decimal:
    return sum((standing[leaf.code].points or Decimal(0) for leaf in leaves), Decimal(0))


def _attainable(leaves: list[Criterion], standing: Mapping[str, StandingPoints]) -> Decimal:
    return sum((leaf.max_points for leaf in leaves if not standing[leaf.code].is_excluded), Decimal(0))


def _is_gap(points: StandingPoints) -> bool:
    return points.source == "none" and not points.is_excluded
