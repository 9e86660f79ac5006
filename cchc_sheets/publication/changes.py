"""What the appraisal changed: every finding that does not leave the self-score as it was, and the sums of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from cchc_sheets.assessment.appraisal import NOT_OCCURRED_SHOWN, Finding, shown_self_score
from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.explanation import is_lowered
from cchc_sheets.assessment.submission import SelfScore, Submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.grid import Grid
from cchc_sheets.publication.paper_content import NOTHING
from cchc_sheets.publication.wording import points_in_table


@dataclass(frozen=True)
class Change:
    """One finding beside the self-score it is about."""

    unit: Unit
    leaf: Criterion
    score: SelfScore
    finding: Finding

    @property
    def is_kept(self) -> bool:
        """Whether the self-score was left as it was."""
        claimed = None if self.score.is_excluded(self.leaf) else self.score.claimed(self.leaf)
        return self.finding.is_agreed or (claimed is not None and self.finding.points == claimed)

    @property
    def is_lowered(self) -> bool:
        """Whether it takes something away from the unit."""
        return is_lowered(self.leaf, self.score, self.finding)

    @property
    def is_unclaimed(self) -> bool:
        """Whether there was no self-score that it could leave as it was, lower or raise."""
        return not self.is_kept and not self.score.is_answered()


@dataclass(frozen=True)
class Tally:
    """Findings counted and added up; `points` what was found, `claimed` what had been claimed.

    Each finding is in one of four: `kept`, `lowered`, `raised`, or `unclaimed`, where the unit had scored nothing.
    """

    findings: int
    kept: int
    lowered: int
    raised: int
    unclaimed: int
    claimed: Decimal
    points: Decimal

    @property
    def changed(self) -> int:
        """How many self-scores were changed."""
        return self.lowered + self.raised


def findings_of(facts: Facts) -> Iterator[Change]:
    """Yield every finding, unit by unit in the order of the roster and the set."""
    for unit in facts.units:
        submission = facts.submission(unit)
        for leaf in facts.criteria.self_scored:
            finding = facts.record.findings.get((unit.code, leaf.code))
            if finding is not None:
                yield Change(unit, leaf, submission.score(leaf.code), finding)


def tally(found: Iterable[Change]) -> Tally:
    """Count findings and add their points up."""
    found = list(found)
    kept = sum(one.is_kept for one in found)
    lowered = sum(one.is_lowered and not one.is_kept for one in found)
    unclaimed = sum(one.is_unclaimed for one in found)
    return Tally(
        findings=len(found),
        kept=kept,
        lowered=lowered,
        raised=len(found) - kept - lowered - unclaimed,
        unclaimed=unclaimed,
        claimed=sum((one.score.claimed(one.leaf) or Decimal(0) for one in found), Decimal(0)),
        points=sum((one.finding.points or Decimal(0) for one in found), Decimal(0)),
    )


def claimed_words(leaf: Criterion, score: SelfScore) -> str:
    """Return a self-score as it stands in a table: points, `KPS` for "không phát sinh", a dash where there is none."""
    if score.not_occurred:
        return shown_self_score(score)
    claimed = score.claimed(leaf)
    return NOTHING if claimed is None else points_in_table(claimed)


def has_claims(submission: Submission, leaves: Iterable[Criterion]) -> bool:
    """Whether a unit has scored any of these criteria: where it has not, its total is no 0."""
    return any(submission.score(leaf.code).is_answered() for leaf in leaves)


def names_not_occurred(grid: Grid) -> bool:
    """Whether a table says `KPS` somewhere, so that it has to be explained below it."""
    return any(NOT_OCCURRED_SHOWN in line.cells for line in grid.lines)


def found_words(finding: Finding | None) -> str:
    """Return a finding's points as they stand in a table; `KPS` where it was agreed to leave the criterion out."""
    if finding is None:
        return NOTHING
    return "KPS" if finding.points is None else points_in_table(finding.points)
