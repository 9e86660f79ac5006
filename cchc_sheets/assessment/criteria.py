"""The criteria set (bộ tiêu chí): a tree of fields, criteria and sub-criteria that must add up exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

from cchc_sheets.assessment.scoring import Rule
from cchc_sheets.assessment.survey_plan import SurveyPlan
from cchc_sheets.messages import Text, text

NotOccurred = Literal["full", "exclude"]


@dataclass(frozen=True)
class Criterion:
    """A field (lĩnh vực), criterion (tiêu chí) or sub-criterion (tiêu chí thành phần); only leaves are scored.

    Attributes:
        code: text such as `1.10`, which is not `1.1`.
        department: the id of the department that appraises it; of the parent's if the file names none.
        rule: how a leaf is scored; None for a branch.
        not_occurred: what "không phát sinh" means here: `full` points, `exclude` from the attainable maximum, or
            None where it cannot be claimed.
        evidence: the documents expected (tài liệu kiểm chứng).
    """

    code: str
    title: str
    max_points: Decimal
    department: str = ""
    rule: Rule | None = None
    not_occurred: NotOccurred | None = None
    guidance: str = ""
    evidence: tuple[str, ...] = ()
    parts: tuple[Criterion, ...] = ()

    def walk(self) -> Iterator[Criterion]:
        """Yield this criterion and everything below it, in the order of the set."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def leaves(self) -> Iterator[Criterion]:
        """The scored criteria of this branch, in order."""
        return (criterion for criterion in self.walk() if not criterion.parts)

    @property
    def is_surveyed(self) -> bool:
        """Whether its points come from the sociological survey."""
        return self.rule is not None and self.rule.method == "survey"

    @property
    def is_self_scored(self) -> bool:
        """Whether the unit fills it in and a department appraises it."""
        return self.rule is not None and self.rule.self_scored


@dataclass(frozen=True)
class Adjustment:
    """A bonus (điểm cộng) or penalty (điểm trừ) item outside the maximum.

    Attributes:
        per_item: points for one case; `cap` the most this item may come to.
        criterion: the code of the criterion that a penalty is taken from; "" for the unit's total.
        below_zero: whether the penalty may bring that criterion below zero.
    """

    code: str
    title: str
    kind: Literal["bonus", "penalty"]
    per_item: Decimal
    cap: Decimal
    department: str
    evidence: tuple[str, ...] = ()
    criterion: str = ""
    below_zero: bool = False

    def rule_score(self, count: Decimal) -> Decimal:
        """Return the size of the adjustment for so many cases."""
        return min(count * self.per_item, self.cap)


@dataclass(frozen=True)
class Mistake:
    """Something in a criteria set that cannot stand; `code` and `key` say at which entry."""

    code: str
    key: str
    what: Text
    fix: Text


class InvalidCriteria(ValueError):
    """A criteria set that does not add up cannot exist; carries all its mistakes."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("; ".join(f"{mistake.code}: {mistake.what}" for mistake in mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True)
class CriteriaSet:
    """The whole tree with its adjustments, as issued.

    Attributes:
        survey_plan: how the answers of the survey become points, if the set says so.

    Raises:
        InvalidCriteria: if anything in it cannot stand (see `find_mistakes`).
    """

    title: str
    total_points: Decimal
    survey_points: Decimal
    fields: tuple[Criterion, ...]
    adjustments: tuple[Adjustment, ...] = ()
    survey_plan: SurveyPlan | None = None

    def __post_init__(self) -> None:
        mistakes = list(find_mistakes(self))
        if mistakes:
            raise InvalidCriteria(mistakes)

    @cached_property
    def leaves(self) -> tuple[Criterion, ...]:
        """Every scored criterion, in order."""
        return tuple(leaf for field in self.fields for leaf in field.leaves)

    @cached_property
    def by_code(self) -> dict[str, Criterion]:
        """Every criterion of every level by its code."""
        return {criterion.code: criterion for field in self.fields for criterion in field.walk()}

    @cached_property
    def self_scored(self) -> tuple[Criterion, ...]:
        """The criteria that units fill in and departments appraise."""
        return tuple(leaf for leaf in self.leaves if leaf.is_self_scored)

    @cached_property
    def imported(self) -> tuple[Criterion, ...]:
        """The criteria whose points come from outside the sheets: the survey's and the taken-over ones."""
        return tuple(leaf for leaf in self.leaves if not leaf.is_self_scored)

    @property
    def appraised_points(self) -> Decimal:
        """The part of the total that is not surveyed."""
        return self.total_points - self.survey_points


def find_mistakes(criteria: CriteriaSet) -> Iterator[Mistake]:
    """Yield everything wrong with the set: sums at every level, codes, owners, rules, adjustments."""
    yield from _sum_mistakes(criteria)
    yield from _code_mistakes(criteria)
    for field in criteria.fields:
        for criterion in field.walk():
            yield from _criterion_mistakes(criterion)
    codes = {criterion.code for field in criteria.fields for criterion in field.walk() if not criterion.parts}
    for item in criteria.adjustments:
        yield from _adjustment_mistakes(item, codes)


def _sum_mistakes(criteria: CriteriaSet) -> Iterator[Mistake]:
    total = sum((field.max_points for field in criteria.fields), Decimal(0))
    if total != criteria.total_points:
        yield Mistake(
            "",
            "total_points",
            text(
                "the set is worth {total} points but its fields add up to {sum}",
                total=criteria.total_points,
                sum=total,
            ),
            text("the decision that issued the set is the authority: mend total_points or the fields"),
        )
    leaves = [leaf for field in criteria.fields for leaf in field.leaves]
    survey = sum((leaf.max_points for leaf in leaves if leaf.is_surveyed), Decimal(0))
    if survey != criteria.survey_points:
        yield Mistake(
            "",
            "survey_points",
            text(
                "the survey is worth {stated} points but its criteria add up to {sum}",
                stated=criteria.survey_points,
                sum=survey,
            ),
            text("mend survey_points or the criteria with method: survey"),
        )
    for field in criteria.fields:
        for criterion in field.walk():
            parts = sum((part.max_points for part in criterion.parts), Decimal(0))
            if criterion.parts and parts != criterion.max_points:
                yield Mistake(
                    criterion.code,
                    "max_points",
                    text(
                        "{code} is worth {max_points} points but its parts add up to {sum}",
                        code=criterion.code,
                        max_points=criterion.max_points,
                        sum=parts,
                    ),
                    text(
                        "the decision that issued the set is the authority: mend {code} or its parts",
                        code=criterion.code,
                    ),
                )


def _code_mistakes(criteria: CriteriaSet) -> Iterator[Mistake]:
    codes = Counter(criterion.code for field in criteria.fields for criterion in field.walk())
    codes.update(item.code for item in criteria.adjustments)
    for code, times in codes.items():
        if times > 1:
            yield Mistake(
                code,
                "code",
                text("code {code} is used {times} times", code=code, times=times),
                text("give every criterion and adjustment a code of its own"),
            )


def _criterion_mistakes(criterion: Criterion) -> Iterator[Mistake]:
    code = criterion.code
    if criterion.max_points <= 0:
        yield Mistake(code, "max_points", text("{code} is worth nothing", code=code), text("give it points above 0"))
    if criterion.not_occurred and (criterion.parts or (criterion.rule and not criterion.is_self_scored)):
        yield Mistake(
            code,
            "not_occurred",
            text("{code} is not self-scored, so nobody can claim that it did not occur", code=code),
            text("remove `not_occurred:`"),
        )
    if criterion.parts:
        if criterion.rule is not None:
            yield Mistake(
                code,
                "method",
                text("{code} has parts and a scoring method as well", code=code),
                text("only the lowest level is scored: remove the method or the parts"),
            )
        return
    if criterion.rule is None:
        yield Mistake(
            code,
            "method",
            text("{code} has neither parts nor a scoring method", code=code),
            text("add `method:` or `criteria:`"),
        )
        return
    if criterion.is_self_scored and not criterion.department:
        yield Mistake(
            code,
            "department",
            text("nobody owns {code}: no department appraises it", code=code),
            text("add `department:` here or at a level above"),
        )
    for flaw in criterion.rule.flaws(criterion.max_points):
        yield Mistake(code, flaw.key, flaw.what, flaw.fix)


def _adjustment_mistakes(item: Adjustment, leaves: set[str]) -> Iterator[Mistake]:
    if not 0 < item.per_item <= item.cap:
        yield Mistake(
            item.code,
            "per_item",
            text("per_item {per_item} is not between 0 and the cap {cap}", per_item=item.per_item, cap=item.cap),
            text("write the points of one case and the most they may come to, both above 0"),
        )
    if item.criterion and item.criterion not in leaves:
        yield Mistake(
            item.code,
            "criterion",
            text("there is no scored criterion {criterion}", criterion=item.criterion),
            text("write the code of a criterion of the lowest level"),
        )
    if item.criterion and item.kind == "bonus":
        yield Mistake(
            item.code,
            "criterion",
            text("a bonus stands outside the criteria"),
            text("remove `criterion:`, or make it a penalty"),
        )
