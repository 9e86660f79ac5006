"""The whole computation a second time, in plain fractions, from what people meant; no rule is the program's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import floor

from criteria_sets import D, F
from generated_seasons import ADJUST, AGREE, BANDS, DISAGREE, Claim, Finding, Leaf, Place, Season

from cchc_sheets.assessment.units import Unit

ZERO = F(0)
OUT = "out"
"""Instead of points: the criterion is out of the unit's maximum."""


@dataclass
class Second:
    """What one unit has come to; `stands` holds for each criterion that counts its points, `OUT`, or None."""

    self_points: F = ZERO
    fields: dict[str, F] = field(default_factory=dict)
    attainable: dict[str, F] = field(default_factory=dict)
    appraised: F = ZERO
    surveyed: F = ZERO
    adjusted: F = ZERO
    gaps: list[str] = field(default_factory=list)
    stands: dict[str, F | str | None] = field(default_factory=dict)

    @property
    def out_of(self) -> F:
        return sum(self.attainable.values(), F(0))

    @property
    def index(self) -> F:
        points = self.appraised + self.surveyed + self.adjusted
        return points * 100 / self.out_of if self.out_of else F(0)


def claimed(claim: Claim | None, leaf: Leaf) -> F | None:
    """The points that a claim comes to."""
    if claim == "kps":
        return leaf.max if leaf.kps == "full" else None
    return F(claim) if isinstance(claim, D) else None


def shown(claim: Claim | None) -> str:
    """What the appraisers see of a claim."""
    return "KPS" if claim == "kps" else str(F(claim)) if isinstance(claim, D) else ""


def entry(season: Season, place: Place) -> Finding | None:
    """What stands in an appraiser's cells in the end, if it was written about what the unit claims in the end."""
    late, early = season.findings.get(place), season.early.get(place)
    if place[0] not in season.extended:
        return late or early
    if shown(season.claims.get(place)) == shown(season.later.get(place)):
        return late or early
    return late if late != early else None  # the same words once more are no second look


def finding(season: Season, place: Place, leaf: Leaf) -> F | str | None:
    """What an appraiser's entry comes to; None where it counts for nothing."""
    found, claim = entry(season, place), season.claim(place)
    if found is None:
        return None
    verdict, points, remark = found
    if verdict == ADJUST and points is not None and (remark or F(points) == claimed(claim, leaf)):
        return F(points)
    if verdict == AGREE and claim is not None and claim != "nonsense":
        return OUT if claim == "kps" and leaf.kps == "exclude" else claimed(claim, leaf)
    return None


def put_to_unit(season: Season, place: Place, leaf: Leaf) -> bool:
    """Tell whether a finding lowers what the unit claimed, a criterion claimed to be out being worth its maximum."""
    found, claim = finding(season, place, leaf), season.claim(place)
    before = leaf.max if claim == "kps" else claimed(claim, leaf)
    return season.is_heard and isinstance(found, F) and before is not None and found < before


def contested(season: Season, place: Place, leaf: Leaf) -> bool:
    """Tell whether the council has to rule."""
    answer, words = season.answers.get(place, ("", ""))
    return put_to_unit(season, place, leaf) and (answer == DISAGREE or (not answer and bool(words)))


def _ruled(season: Season, place: Place, leaf: Leaf) -> F | None:
    if place in season.meeting:
        return F(season.meeting[place])
    points, reason = season.council.get(place, (None, ""))
    return F(points) if points is not None and reason and contested(season, place, leaf) else None


def _stands(season: Season, unit: str, leaf: Leaf) -> F | str | None:
    place = (unit, leaf.code)
    if not leaf.is_self_scored:
        return F(season.outside[place]) if place in season.outside else None
    ruled = _ruled(season, place, leaf)
    if ruled is not None:
        return ruled
    found = finding(season, place, leaf)
    if found is not None:
        return found
    return OUT if season.claim(place) == "kps" and leaf.kps == "exclude" else claimed(season.claim(place), leaf)


def _sizes(season: Season, unit: str) -> dict[str, F]:
    sizes = {}
    for item in season.items:
        cases, points = season.entered.get((unit, item["code"]), (None, None))
        if points is not None:
            sizes[item["code"]] = F(points)
        elif cases is not None:
            sizes[item["code"]] = min(cases * F(item["per"]), F(item["cap"]))
    return sizes


def _less_penalties(season: Season, leaf: Leaf, sizes: dict[str, F], points: F) -> F:
    for item in season.items:
        if item["on"] == leaf.code and item["code"] in sizes:
            points -= sizes[item["code"]]
            if not item["below"] and points < 0:
                points = F(0)
    return points


def second(season: Season, unit: str) -> Second:
    """Compute one unit's result."""
    result = Second(fields=dict.fromkeys(season.fields, F(0)), attainable=dict.fromkeys(season.fields, F(0)))
    sizes = _sizes(season, unit)
    for leaf in season.leaves:
        result.self_points += claimed(season.claim((unit, leaf.code)), leaf) or 0
        if leaf.method == "survey" and not season.with_survey:
            continue
        stands = result.stands[leaf.code] = _stands(season, unit, leaf)
        if stands != OUT:
            result.attainable[leaf.field] += leaf.max
        if stands is None:
            result.gaps.append(leaf.code)
        # Nothing can be taken from no points, but a penalty that may go below zero does.
        points = _less_penalties(season, leaf, sizes, stands if isinstance(stands, F) else F(0))
        result.fields[leaf.field] += points
        if leaf.method == "survey":
            result.surveyed += points
        else:
            result.appraised += points
    for item in season.items:
        if not item["on"] and item["code"] in sizes:
            result.adjusted += sizes[item["code"]] * (1 if item["kind"] == "bonus" else -1)
    return result


def half_up(value: F, places: int) -> F:
    """Round half up, away from zero."""
    if value < 0:
        return -half_up(-value, places)
    return F(floor(value * 10**places + F(1, 2)), 10**places)


def _sort_value(season: Season, result: Second) -> list[F]:
    named: dict[str, Callable[[], F]] = {
        "appraisal_points": lambda: result.appraised,
        "survey_points": lambda: result.surveyed,
        "adjustment_points": lambda: result.adjusted,
        "self_points": lambda: result.self_points,
    }
    index = result.index
    if season.policies["rank_by"] == "published":
        index = half_up(index, season.policies["decimals"])
    breaks = [named[n]() if n in named else result.fields[n.split(":")[1]] for n in season.policies["tie_break"]]
    return [index, *breaks]


def rank(season: Season, unit: Unit, results: dict[str, Second]) -> int | None:
    """The unit's place among those of its group that are ranked."""
    if not unit.ranked:
        return None
    named = season.policies["groups"]
    rivals = [u for u in season.units if u.ranked and (named == "all" or getattr(u, named) == getattr(unit, named))]
    own = _sort_value(season, results[unit.code])
    better = [value for u in rivals if (value := _sort_value(season, results[u.code])) > own]
    distinct = {tuple(value) for value in better}
    return 1 + len(distinct if season.policies["ties"] == "dense" else better)


def class_of(season: Season, index: F) -> str:
    """The best class whose limit the index reaches."""
    if season.policies["class_by"] == "published":
        index = half_up(index, season.policies["decimals"])
    reached = "Yếu"
    for name, lower in reversed(BANDS):
        if index >= lower:
            reached = name
    return reached
