"""What the papers of one cycle speak of: plain data, gathered once and shared by all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.explanation import RoundCounts
from cchc_sheets.assessment.progress import Progress
from cchc_sheets.assessment.ranking import Policies, Standing
from cchc_sheets.assessment.standing import Record
from cchc_sheets.assessment.submission import Submission
from cchc_sheets.assessment.survey_taken import SurveyTaken
from cchc_sheets.assessment.trend import Trend
from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.decision import Letterhead


@dataclass(frozen=True)
class Head:
    """Who issues one paper, who signs it, to whom it goes.

    Attributes:
        year: of the line with place and date.
        addressees: after «Kính gửi:», without signs; `recipients` under «Nơi nhận», the last one «Lưu: VT, …».
    """

    letterhead: Letterhead
    year: int
    recipients: tuple[str, ...]
    addressees: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """How the people and papers of the cycle are called in running text.

    Attributes:
        units: the units as a whole, e.g. `các xã, thị trấn trên địa bàn huyện Tây Sơn`.
        office: who runs the cycle, `contact` whom the units ask; `council` who appraises and rules.
        chair: who decides, e.g. `Chủ tịch Ủy ban nhân dân huyện Tây Sơn`.
        departments: names by id, in the order of the settings.
        basis: the plan of the year that the cycle rests on; "" if none is known.
        plan: the plan of this cycle with number and date, or room for them; `decision` the same of its decision.
    """

    units: str
    authority: str
    office: str
    contact: str
    council: str
    chair: str
    departments: Mapping[str, str]
    basis: str
    plan: str
    decision: str
    legal_bases: tuple[str, ...] = ()

    @property
    def units_alone(self) -> str:
        """The units without their place: `các xã, thị trấn`."""
        return self.units.partition(" trên địa bàn")[0]


@dataclass(frozen=True)
class Calendar:
    """The dates of the cycle; `explanation` is None where none is fixed."""

    provision: datetime
    self_assessment: datetime
    appraisal: datetime
    explanation: datetime | None
    decision: datetime
    publication: datetime


@dataclass(frozen=True)
class Reached:
    """What all units together came to in one branch of the set, of what they could."""

    criterion: Criterion
    points: Decimal
    attainable: Decimal
    units: int

    @property
    def share(self) -> Fraction:
        """Points ÷ attainable points; 0 where nothing was attainable."""
        return Fraction(self.points) / Fraction(self.attainable) if self.attainable else Fraction(0)


def field_means(standings: Sequence[Standing]) -> Mapping[str, Fraction | None]:
    """Return the mean share of each field's points that the units reached; None where nobody could reach any."""
    shares: dict[str, list[Fraction]] = {}
    for standing in standings:
        for own in standing.result.fields:
            reached = [Fraction(own.points) / Fraction(own.attainable_points)] if own.attainable_points else []
            shares.setdefault(own.code, []).extend(reached)
    return {code: sum(found, Fraction(0)) / len(found) if found else None for code, found in shares.items()}


@dataclass(frozen=True)
class Facts:
    """Everything the papers of one cycle say, at one moment.

    Attributes:
        progress: how far each unit is, for the reminder; `moment` when that was looked at.
        standings: empty while there are no results.
        late: for each unit that handed in late or nothing, the words for it.
        trend: the results held against an earlier year's; None where they are held against none.
        unanswered: the units whose answers in the explanation round are still to be read.
        survey: what was measured from answers; None where all points of the survey came as a table, or none came.
    """

    year: int
    words: Words
    calendar: Calendar
    criteria: CriteriaSet
    policies: Policies
    units: tuple[Unit, ...]
    record: Record = field(default_factory=Record)
    late: Mapping[str, str] = field(default_factory=dict)
    standings: tuple[Standing, ...] = ()
    progress: tuple[Progress, ...] = ()
    moment: datetime | None = None
    trend: Trend | None = None
    survey: SurveyTaken | None = None
    unanswered: frozenset[str] = frozenset()

    def round_of(self, unit: Unit) -> tuple[RoundCounts, int]:
        """Return how a unit's explanation round went, and how many criteria it may still answer to.

        As long as its answers are to be read, nothing it has not answered is a silence.
        """
        counts = self.record.round_of(unit.code)
        return (replace(counts, silent=0), counts.silent) if unit.code in self.unanswered else (counts, 0)

    def submission(self, unit: Unit) -> Submission:
        """Return what a unit handed in; a blank one if nothing."""
        return self.record.submissions.get(unit.code, Submission(unit.code))

    def standing(self, unit: Unit) -> Standing:
        """Return a unit's result."""
        return self._by_unit[unit.code]

    def counts(self, leaf: Criterion) -> bool:
        """Whether a criterion counts towards the index."""
        return self.record.with_survey or not leaf.is_surveyed

    @cached_property
    def reached(self) -> Mapping[str, Reached]:
        """What the units came to in every branch, by code; criteria that are left out count neither way."""
        return {code: self._reached(criterion) for code, criterion in self.criteria.by_code.items()}

    @cached_property
    def field_means(self) -> Mapping[str, Fraction | None]:
        """The mean of the units' shares of each field's points, as the pages show it, too."""
        return field_means(self.standings)

    @cached_property
    def _by_unit(self) -> Mapping[str, Standing]:
        return {standing.unit.code: standing for standing in self.standings}

    def _reached(self, criterion: Criterion) -> Reached:
        stands = [
            (leaf, standing.result.standing[leaf.code])
            for leaf in criterion.leaves
            if self.counts(leaf)
            for standing in self.standings
        ]
        kept = [(leaf, points) for leaf, points in stands if not points.is_excluded]
        return Reached(
            criterion,
            sum((points.points or Decimal(0) for _, points in kept), Decimal(0)),
            sum((leaf.max_points for leaf, _ in kept), Decimal(0)),
            len(self.standings),
        )
