"""Which points stand: the ruling, else the finding, else the self-score; imported points as given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_sheets.assessment.adjustments import Adjustments
from cchc_sheets.assessment.appraisal import Finding, Place
from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.explanation import Explanation, RoundCounts, Ruling, count_round, is_unheard, lowered
from cchc_sheets.assessment.index import Result, Source, StandingPoints, compute_result
from cchc_sheets.assessment.submission import SelfScore, Submission
from cchc_sheets.assessment.units import Unit


@dataclass(frozen=True)
class Record:
    """Everything known of one cycle from which its results follow.

    Attributes:
        submissions: by unit; a unit that handed nothing in is absent.
        imported: points of the survey and of other systems, by (unit, criterion).
        explanations: what units answered to lowered criteria; `put` what was put to each unit, `shown` the appraised
            points beside which it answered.
        rulings: what the council or the final meeting has ruled.
        with_survey: False computes the index from the appraised part alone.
    """

    submissions: Mapping[str, Submission] = field(default_factory=dict)
    findings: Mapping[Place, Finding] = field(default_factory=dict)
    imported: Mapping[Place, Decimal] = field(default_factory=dict)
    adjustments: Adjustments = field(default_factory=Adjustments)
    explanations: Mapping[Place, Explanation] = field(default_factory=dict)
    put: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shown: Mapping[Place, Decimal] = field(default_factory=dict)
    rulings: Mapping[Place, Ruling] = field(default_factory=dict)
    with_survey: bool = True

    @property
    def contested(self) -> frozenset[Place]:
        """The places on which somebody has to rule."""
        return frozenset(place for place, explanation in self.explanations.items() if explanation.is_contested)

    def round_of(self, unit: str) -> RoundCounts:
        """Count a unit's explanation round."""
        put = self.put.get(unit, ())
        return count_round(
            {code: self.explanations[unit, code] for code in put if (unit, code) in self.explanations},
            put,
            {code: self.answered_to(unit, code) for code in put},
            {code: self.rulings[unit, code] for code in put if (unit, code) in self.rulings},
            [code for code in put if self.is_given_back(unit, code)],
        )

    def is_given_back(self, unit: str, code: str) -> bool:
        """Tell whether the department has agreed since to what the unit claims."""
        finding = self.findings.get((unit, code))
        return finding is not None and finding.is_agreed

    def answered_to(self, unit: str, code: str) -> Decimal | None:
        """Return the appraised points that the unit was asked about; those of today where that was not recorded."""
        finding = self.findings.get((unit, code))
        return self.shown.get((unit, code), finding.points if finding else None)

    def lowered(self, unit: str, criteria: CriteriaSet) -> tuple[str, ...]:
        """Return the criteria in which the findings give a unit less than it claimed."""
        places = ((leaf.code, self.findings.get((unit, leaf.code))) for leaf in criteria.self_scored)
        findings = {code: finding for code, finding in places if finding is not None}
        return tuple(leaf.code for leaf in lowered(criteria, self.submissions.get(unit, Submission(unit)), findings))

    def unheard(self, unit: str, criteria: CriteriaSet) -> tuple[str, ...]:
        """Return the criteria lowered otherwise than the unit was asked about, on which nobody has ruled either."""
        put = self.put.get(unit, ())
        return tuple(
            code
            for code in self.lowered(unit, criteria)
            if (unit, code) not in self.rulings
            and is_unheard(
                self.findings[unit, code],
                self.shown.get((unit, code)),
                self.explanations.get((unit, code)),
                was_put=code in put,
            )
        )


def unit_result(unit: Unit, criteria: CriteriaSet, record: Record) -> Result:
    """Compute one unit's result from what stands for it."""
    submission = record.submissions.get(unit.code, Submission(unit.code))
    standing = {leaf.code: _of_leaf(leaf, unit.code, record) for leaf in criteria.leaves}
    return compute_result(
        unit.code,
        criteria,
        standing,
        self_points=submission.self_points(criteria),
        adjustment_points=record.adjustments.of_unit(unit.code, criteria),
        with_survey=record.with_survey,
    )


def standing_points(
    criterion: Criterion, score: SelfScore, finding: Finding | None, ruling: Ruling | None = None
) -> StandingPoints:
    """Return the points of a self-scored criterion that stand: the ruling's, else the finding's, else those claimed."""
    if ruling is not None:
        return StandingPoints(ruling.points, "ruling")
    if finding is None:
        if score.is_excluded(criterion):
            return StandingPoints(None, "self_score", is_excluded=True)
        claimed = score.claimed(criterion)
        return StandingPoints(claimed, "none" if claimed is None else "self_score")
    if finding.is_agreed and score.is_excluded(criterion):
        return StandingPoints(None, "finding", is_excluded=True)
    return StandingPoints(finding.points, "finding")


def given_points(criterion: Criterion, unit: str, record: Record) -> StandingPoints:
    """Return the points that a leaf was given, before any penalty is taken from them."""
    place = (unit, criterion.code)
    if criterion.is_self_scored:
        score = record.submissions.get(unit, Submission(unit)).score(criterion.code)
        return standing_points(criterion, score, record.findings.get(place), record.rulings.get(place))
    points = record.imported.get(place)
    source: Source = "survey" if criterion.is_surveyed else "imported"
    return StandingPoints(points, source) if points is not None else StandingPoints(None, "none")


def _of_leaf(criterion: Criterion, unit: str, record: Record) -> StandingPoints:
    return record.adjustments.applied(given_points(criterion, unit, record), (unit, criterion.code))
