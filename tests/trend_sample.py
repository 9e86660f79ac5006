"""Two years of a set of two fields to hold against each other: 1 (1.1 of 4, 1.2 of 2) and 2 (2.1 of 4), 10 points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from decision_sample import BANDS

from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.index import StandingPoints, compute_result
from cchc_sheets.assessment.past import PastCriterion, PastUnit, PastYear, Portion
from cchc_sheets.assessment.ranking import Policies, standings
from cchc_sheets.assessment.scoring import Points
from cchc_sheets.assessment.trend import Matching, ThisYear, Trend, compare
from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.decision import Decision

AUTHORITY = "Ủy ban nhân dân huyện Thử"
MAXIMA = {"1.1": "4", "1.2": "2", "2.1": "4"}
TITLES = {"1": "Chỉ đạo", "1.1": "Kế hoạch", "1.2": "Kiểm tra", "2": "Thể chế", "2.1": "Văn bản"}

Scores = Mapping[str, str | None]
"""Points by criterion, None where it was left out."""


def criteria(maxima: Mapping[str, str] = MAXIMA, titles: Mapping[str, str] = TITLES) -> CriteriaSet:
    """Return the set."""
    leaves = {
        code: Criterion(code, titles[code], Decimal(most), "pnv", Points(Decimal("0.01")), not_occurred="exclude")
        for code, most in maxima.items()
    }
    fields = []
    for code in ("1", "2"):
        parts = tuple(leaf for leaf in leaves.values() if leaf.code.startswith(f"{code}."))
        whole = sum((part.max_points for part in parts), Decimal(0))
        fields.append(Criterion(code, titles[code], whole, "pnv", parts=parts))
    total = sum((field.max_points for field in fields), Decimal(0))
    return CriteriaSet("Bộ", total, Decimal(0), tuple(fields))


def this_year(
    scores: Mapping[str, Scores],
    *,
    issued: CriteriaSet | None = None,
    kinds: Mapping[str, str] | None = None,
    **policy: Any,
) -> ThisYear:
    """Return the results of units with these points; `kinds` where a unit is no commune."""
    issued = issued or criteria()
    policies = replace(Policies(BANDS), **policy)
    units = [Unit(code, f"Xã {code}", (kinds or {}).get(code, "commune")) for code in scores]
    results = [compute_result(unit.code, issued, _standing(scores[unit.code])) for unit in units]
    return ThisYear(AUTHORITY, issued, policies, standings(units, results, policies))


def _standing(points: Scores) -> dict[str, StandingPoints]:
    return {
        code: StandingPoints(None, "finding", is_excluded=True)
        if given is None
        else StandingPoints(Decimal(given), "finding")
        for code, given in points.items()
    }


def as_past(now: ThisYear, **changed: Any) -> PastYear:
    """Return a year as one that has passed."""
    past = PastYear(
        year=2022,
        cycle="past-2022",
        authority=now.authority,
        groups=now.policies.groups,
        with_survey=False,
        criteria=tuple(_past_criteria(now.criteria.fields)),
        units=tuple(
            PastUnit(
                one.unit.code,
                one.unit.name,
                one.group,
                one.result.index,
                one.rank,
                {
                    code: Portion(
                        sum((one.result.standing[leaf.code].points or Decimal(0) for leaf in kept), Decimal(0)),
                        sum((leaf.max_points for leaf in kept), Decimal(0)),
                    )
                    for code, criterion in now.criteria.by_code.items()
                    if (kept := [leaf for leaf in criterion.leaves if not one.result.standing[leaf.code].is_excluded])
                },
            )
            for one in now.standings
        ),
        ledger_digest="5a" * 32,
    )
    return replace(past, **changed)


def _past_criteria(branch: Sequence[Criterion], parent: str = "") -> list[PastCriterion]:
    found = []
    for one in branch:
        found.append(PastCriterion(one.code, one.title, one.max_points, parent, not one.parts))
        found += _past_criteria(one.parts, one.code)
    return found


def trend_of_sample(decision: Decision) -> Trend:
    """Hold the sample decision against a year in which its units stood in the opposite order.

    The first unit is merged of itself and `Xã Cũ` (index 50), the second is new, the third was called otherwise.
    """
    now = ThisYear(decision.letterhead.authority, decision.criteria, decision.policies, decision.standings)
    past = as_past(now)
    backwards = [
        replace(one, index=other.index, rank=other.rank, reached=other.reached)
        for one, other in zip(past.units, reversed(past.units), strict=True)
    ]
    first, second, third = backwards[:3]
    backwards[1] = replace(second, code="cu", name="Xã Cũ", index=Fraction(50), rank=None)
    backwards[2] = replace(third, name="Xã Tên Cũ")
    past = replace(past, units=tuple(backwards), with_survey=True)
    return compare(past, Matching({first.code: (first.code, "cu"), second.code: (), third.code: (third.code,)}), now)
