"""What stands of a survey's answers as it was recorded: counts, measures, margins; nothing of any respondent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from cchc_sheets.assessment.response_rows import Reason
from cchc_sheets.assessment.units import Unit


@dataclass(frozen=True, slots=True)
class MeasuredCriterion:
    """One criterion as it was measured.

    Attributes:
        measure: what `value`, a part of one, is: `share_satisfied` or `weighted_mean`.
        respondents: the people whose answers are in it; `margin` how far it may be off, in percent, as recorded.
        stands: unless other points have taken the place of these.
    """

    code: str
    max_points: Decimal
    measure: str
    value: Fraction
    respondents: int
    margin: Decimal
    points: Decimal
    stands: bool


@dataclass(frozen=True)
class AnswersOfUnit:
    """The answers about one unit in one file.

    Attributes:
        wanted: how many valid responses the plan wants; `required` by the population, if that is known.
        satisfaction: in percent, as recorded; `margin` how far it may be off. None if nothing could be measured.
    """

    unit: Unit
    received: int
    counted: int
    excluded: Mapping[Reason, int]
    population: int | None
    required: int | None
    wanted: int
    satisfaction: Decimal | None
    margin: Decimal | None
    criteria: tuple[MeasuredCriterion, ...]

    @property
    def is_short(self) -> bool:
        """Whether fewer responses count than are wanted."""
        return self.counted < self.wanted

    @property
    def points(self) -> Decimal | None:
        """The points that stand of those measured; None where none does."""
        standing = [one.points for one in self.criteria if one.stands]
        return sum(standing, Decimal(0)) if standing else None


@dataclass(frozen=True)
class SurveyTaken:
    """The survey of the cycle, as far as its points were measured from answers.

    Attributes:
        units: in the order of the roster; a unit has a line for each file whose answers give it points.
        unattributed: responses that name none of the units.
        error_margin: e of the required sample; `minimum` what is wanted of every unit; `decimals` of the points.
        tabled: for each surveyed criterion the units whose points came from a table of points instead.
    """

    units: tuple[AnswersOfUnit, ...]
    unattributed: int
    error_margin: Decimal
    minimum: int
    decimals: int
    tabled: Mapping[str, tuple[Unit, ...]] = field(default_factory=dict)

    def measured(self, unit: str, code: str) -> tuple[AnswersOfUnit, MeasuredCriterion] | None:
        """Return the answers on which a unit's points of one criterion rest; None where they came otherwise."""
        lines = (one for one in self.units if one.unit.code == unit)
        return next(((of, one) for of in lines for one in of.criteria if one.code == code and one.stands), None)

    def of_unit(self, unit: str) -> AnswersOfUnit | None:
        """Return the one file's answers on which all measured points of a unit rest; None where there is none such."""
        lines = [one for one in self.units if one.unit.code == unit and one.points is not None]
        return lines[0] if len(lines) == 1 and all(one.stands for one in lines[0].criteria) else None

    @property
    def received(self) -> int:
        """All responses."""
        return sum(one.received for one in self.units) + self.unattributed

    @property
    def counted(self) -> int:
        """The responses that count."""
        return sum(one.counted for one in self.units)

    @property
    def excluded(self) -> Counter[Reason]:
        """How many responses do not count, by reason."""
        count: Counter[Reason] = Counter({"unknown_unit": self.unattributed} if self.unattributed else {})
        for one in self.units:
            count.update(one.excluded)
        return count

    @property
    def short(self) -> tuple[AnswersOfUnit, ...]:
        """The units of which fewer responses count than are wanted."""
        return tuple(one for one in self.units if one.is_short)
