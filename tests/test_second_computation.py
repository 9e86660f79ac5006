"""The whole computation a second time, in plain fractions, by other means: both must agree on every number.

A generated season goes through the program as cells of sheets; the second computation starts from what the people
meant by them. It shares no function with the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import floor
from typing import Any

from criteria_sets import (
    CYCLE,
    D,
    F,
    Typed,
    adjustments_sheet,
    criteria_set,
    handed_in,
    review_sheet,
    self_assessment,
    workbook,
)
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from cchc_sheets.assessment.adjustments import parse_adjustments
from cchc_sheets.assessment.appraisal import parse_appraisal
from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.index import mean_index
from cchc_sheets.assessment.ranking import ClassBand, Policies, Standing, standings
from cchc_sheets.assessment.standing import Record, unit_result
from cchc_sheets.assessment.submission import Submission, parse_submission
from cchc_sheets.assessment.survey import Table, parse_points
from cchc_sheets.assessment.units import Unit
from cchc_sheets.reading import Cell

KPS = "Không phát sinh"


@dataclass
class Leaf:
    code: str
    field: str
    max: F
    method: str
    kps: str
    possible: list[D]


@dataclass
class Season:
    """What everybody meant."""

    text: str
    leaves: list[Leaf]
    fields: list[str]
    units: list[Unit] = field(default_factory=list)
    claims: dict[tuple[str, str], D | str] = field(default_factory=dict)  # points, "kps" or "nonsense"
    findings: dict[tuple[str, str], tuple[str, D | None, bool]] = field(default_factory=dict)  # verdict, points, remark
    outside: dict[tuple[str, str], D] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    entered: dict[tuple[str, str], tuple[int | None, D | None]] = field(default_factory=dict)  # cases, points
    with_survey: bool = True
    policies: dict[str, Any] = field(default_factory=dict)


quarter = st.integers(1, 12).map(lambda n: D(n) / 4)


@st.composite
def leaves(draw: st.DrawFn, code: str, top: str) -> tuple[str, Leaf]:
    best = draw(quarter)
    method = draw(st.sampled_from(["levels", "bands", "ratio", "count", "points", "survey", "imported"]))
    kps = "" if method in {"survey", "imported"} else draw(st.sampled_from(["", "", "full", "exclude"]))
    half = best / 2
    words, possible = {
        "levels": (f"levels {best} {half} 0", [best, half, D(0)]),
        "bands": (f"bands 0:0 0.7:{half} >0.9:{best}", [best, half, D(0)]),
        "ratio": ("ratio floor=0.3 full_at=0.98", [D("0.37"), D("0.1234"), best / 3, best, D(0)]),
        "count": ("count 0.1", [D("0.1"), D("0.2"), best]),
        "points": ("points 0.25", [D(n) / 4 for n in range(int(best * 4) + 1)]),
        "survey": ("survey", [best * D("0.87"), best * D("0.9001"), best, D(0)]),
        "imported": ("imported", [best * D("0.5"), best]),
    }[method]
    possible = [round(points, 6) for points in possible if points <= best]
    line = f"{code} {best} {words}" + (f" kps={kps}" if kps else "")
    return line, Leaf(code, top, F(best), method, kps, possible)


@st.composite
def branches(draw: st.DrawFn, code: str, top: str, depth: int) -> tuple[list[str], list[Leaf]]:
    """A branch of one to three parts, each a leaf or a branch again."""
    lines = [" " * 2 * code.count(".") + code]
    found: list[Leaf] = []
    for place in range(1, draw(st.integers(1, 3)) + 1):
        part = f"{code}.{place}"
        if depth and draw(st.booleans()):
            more, inside = draw(branches(part, top, depth - 1))
            lines, found = lines + more, found + inside
        else:
            line, leaf = draw(leaves(part, top))
            lines.append(" " * 2 * part.count(".") + line)
            found.append(leaf)
    return lines, found


@st.composite
def seasons(draw: st.DrawFn) -> Season:
    tops = [str(n) for n in range(1, draw(st.integers(1, 3)) + 1)]
    parts = [draw(branches(top, top, 2)) for top in tops]
    season = Season(
        "\n".join(line for lines, _ in parts for line in lines), [leaf for _, found in parts for leaf in found], tops
    )
    for place in range(draw(st.integers(1, 5))):
        code = f"u{place}"
        kind = draw(st.sampled_from(["commune", "ward"]))
        ranked = draw(st.integers(0, 5)) > 0
        season.units.append(Unit(code, f"Xã {place}", kind, draw(st.sampled_from(["", "I", "II"])), ranked))
    season.items = draw(items(season.leaves))
    # Few patterns over many units, so that units are often equal.
    patterns = [draw(st.integers(0, 2**32)) for _ in range(draw(st.integers(1, 3)))]
    for unit in season.units:
        _fill(season, unit.code, draw(st.sampled_from(patterns)))
    season.with_survey = draw(st.booleans())
    season.policies = draw(policies(tops))
    return season


@st.composite
def items(draw: st.DrawFn, found: list[Leaf]) -> list[dict[str, Any]]:
    targets = [leaf.code for leaf in found][-2:]  # few, so that penalties meet
    below = draw(st.booleans())  # one answer for all items: a criterion with both kinds is nowhere defined
    made = []
    for place in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["bonus", "penalty", "penalty"]))
        on = draw(st.sampled_from(targets)) if kind == "penalty" and draw(st.integers(0, 2)) else ""
        per, cap = draw(st.sampled_from([(D("0.25"), D(2)), (D("0.5"), D("0.5")), (D("0.3"), D(1))]))
        made.append({"code": f"X.{place}", "kind": kind, "on": on, "per": per, "cap": cap, "below": below})
    return made


@st.composite
def policies(draw: st.DrawFn, tops: list[str]) -> dict[str, Any]:
    names = ["appraisal_points", "survey_points", "adjustment_points", "self_points", *(f"field:{t}" for t in tops)]
    return {
        "decimals": draw(st.integers(0, 3)),
        "rank_by": draw(st.sampled_from(["exact", "published"])),
        "ties": draw(st.sampled_from(["min", "dense"])),
        "tie_break": tuple(draw(st.lists(st.sampled_from(names), max_size=3, unique=True))),
        "groups": draw(st.sampled_from(["all", "kind", "group"])),
        "class_by": draw(st.sampled_from(["published", "exact"])),
    }


def _answer(season: Season, unit: str, leaf: Leaf, choose: Callable[[list[Any]], Any]) -> None:
    """Decide what a unit claims for one criterion and what is found there."""
    place = (unit, leaf.code)
    claim = choose(["points", "points", "points", "kps", "nonsense", ""])
    if claim == "points":
        season.claims[place] = choose(leaf.possible)
    elif claim == "nonsense" or (claim == "kps" and leaf.kps):
        season.claims[place] = claim
    verdict = choose(["", "Đồng ý", "Đồng ý", "Điều chỉnh"])
    if verdict == "Đồng ý":
        season.findings[place] = (verdict, None, choose([True, False]))
    elif verdict:
        season.findings[place] = (verdict, choose(leaf.possible), choose([True, True, False]))


def _fill(season: Season, unit: str, seed: int) -> None:
    """Decide from one number what a unit claims and what is found; the same number, the same decisions."""

    def choose(options: list[Any]) -> Any:
        nonlocal seed
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        return options[(seed >> 33) % len(options)]

    for leaf in season.leaves:
        place = (unit, leaf.code)
        if leaf.method in {"survey", "imported"}:
            if choose([True, True, True, False]):
                season.outside[place] = choose(leaf.possible)
            continue
        _answer(season, unit, leaf, choose)
    for item in season.items:
        cases, points = choose([None, 0, 1, 2, 9]), choose([None, None, item["per"], item["cap"]])
        if cases is not None or points is not None:
            season.entered[unit, item["code"]] = (cases, points)


BANDS = (("Xuất sắc", 90), ("Tốt", 80), ("Khá", 65), ("Trung bình", 50), ("Yếu", 0))


# The program's way: through cells of sheets.


def _typed(points: D) -> Typed:
    """As text with a comma where that is unmistakable, else as a number cell."""
    written = f"{points:f}".rstrip("0") if "." in f"{points:f}" else f"{points:f}"
    decimals = len(written.partition(".")[2])
    return written.replace(".", ",") if decimals in {1, 2, 4} else points


def _handed_in(season: Season, criteria: CriteriaSet, unit: str) -> Submission:
    typed: dict[str, Mapping[str, Typed]] = {}
    for (whose, code), claim in season.claims.items():
        if whose == unit:
            cells: dict[str, Typed] = {"not_occurred": KPS} if claim == "kps" else {"self_score": "một điểm"}
            typed[code] = {"self_score": _typed(claim)} if isinstance(claim, D) else cells
    reading = workbook(self_assessment(criteria, typed, unit=unit), *handed_in(criteria, {}).sheets[1:])
    return parse_submission(reading, unit=unit, cycle=CYCLE, criteria=criteria)[0]


def _program(season: Season) -> tuple[Standing, ...]:
    lines = [
        f"{i['code']} {i['kind']} {i['per']} cap={i['cap']}"
        + (f" on={i['on']}" if i["on"] else "")
        + (" below_zero" if i["below"] else "")
        for i in season.items
    ]
    criteria = criteria_set(season.text, *lines)
    submissions = {unit.code: _handed_in(season, criteria, unit.code) for unit in season.units}
    found: dict[tuple[str, str], dict[str, Typed]] = {}
    for place, (verdict, points, remark) in season.findings.items():
        found[place] = {"verdict": verdict, "remark": "Theo hồ sơ" if remark else ""}
        if points is not None:
            found[place]["appraised_points"] = _typed(points)
    scores = {(u, code): score for u, s in submissions.items() for code, score in s.scores.items()}
    entered: dict[tuple[str, str], dict[str, Typed]] = {place: {} for place in season.entered}
    for place, (cases, size) in season.entered.items():
        if cases is not None:
            entered[place]["count"] = str(cases)
        if size is not None:
            entered[place]["points"] = _typed(size)
    sheets = [review_sheet(criteria, found, scores=scores, units=season.units)]
    sheets.append(adjustments_sheet(criteria, entered, units=season.units))
    appraisal = parse_appraisal(
        workbook(*sheets),
        cycle=CYCLE,
        units=season.units,
        criteria=criteria,
        submissions=submissions,
        rechecks={},
    )
    adjustments, _ = parse_adjustments(workbook(*sheets), cycle=CYCLE, units=season.units, criteria=criteria)
    heads = [Cell("unit"), Cell("code"), Cell("points")]
    lines_ = [(n, [Cell(u), Cell(c), Cell(p)]) for n, ((u, c), p) in enumerate(season.outside.items(), start=2)]
    imported, _ = parse_points(Table("survey.csv", heads, lines_), units=season.units, criteria=criteria)
    record = Record(submissions, appraisal.findings, imported, adjustments, with_survey=season.with_survey)
    chosen = Policies(bands=tuple(ClassBand(name, D(lower)) for name, lower in BANDS), **season.policies)
    return standings(season.units, [unit_result(unit, criteria, record) for unit in season.units], chosen)


# The second way.


ZERO = F(0)


@dataclass
class Second:
    self_points: F = ZERO
    fields: dict[str, F] = field(default_factory=dict)
    attainable: dict[str, F] = field(default_factory=dict)
    appraised: F = ZERO
    surveyed: F = ZERO
    adjusted: F = ZERO
    gaps: list[str] = field(default_factory=list)

    @property
    def index(self) -> F:
        out_of = sum(self.attainable.values(), F(0))
        return (self.appraised + self.surveyed + self.adjusted) * 100 / out_of if out_of else F(0)


def _claimed(season: Season, unit: str, leaf: Leaf) -> F | None:
    claim = season.claims.get((unit, leaf.code))
    if claim == "kps":
        return leaf.max if leaf.kps == "full" else None
    return F(claim) if isinstance(claim, D) else None


def _stands(season: Season, unit: str, leaf: Leaf) -> F | str | None:
    """Points, "out" of the maximum, or None where nobody gave any."""
    place = (unit, leaf.code)
    if leaf.method in {"survey", "imported"}:
        return F(season.outside[place]) if place in season.outside else None
    claim = season.claims.get(place)
    answered = claim is not None and claim != "nonsense"
    claimed = _claimed(season, unit, leaf)
    out = claim == "kps" and leaf.kps == "exclude"
    verdict, points, remark = season.findings.get(place, ("", None, False))
    if verdict == "Điều chỉnh" and points is not None and (remark or F(points) == claimed):
        return F(points)
    if verdict == "Đồng ý" and answered:
        return "out" if out else claimed
    return "out" if out else claimed


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


def _second(season: Season, unit: str) -> Second:
    result = Second(fields=dict.fromkeys(season.fields, F(0)), attainable=dict.fromkeys(season.fields, F(0)))
    sizes = _sizes(season, unit)
    for leaf in season.leaves:
        result.self_points += _claimed(season, unit, leaf) or 0
        if leaf.method == "survey" and not season.with_survey:
            continue
        stands = _stands(season, unit, leaf)
        if stands != "out":
            result.attainable[leaf.field] += leaf.max
        if stands is None:
            result.gaps.append(leaf.code)
        # Nothing can be taken from no points, but a penalty that may go below zero does.
        stands = _less_penalties(season, leaf, sizes, stands if isinstance(stands, F) else F(0))
        result.fields[leaf.field] += stands
        if leaf.method == "survey":
            result.surveyed += stands
        else:
            result.appraised += stands
    for item in season.items:
        if not item["on"] and item["code"] in sizes:
            result.adjusted += sizes[item["code"]] * (1 if item["kind"] == "bonus" else -1)
    return result


def _half_up(value: F, places: int) -> F:
    if value < 0:
        return -_half_up(-value, places)
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
        index = _half_up(index, season.policies["decimals"])
    breaks = [named[n]() if n in named else result.fields[n.split(":")[1]] for n in season.policies["tie_break"]]
    return [index, *breaks]


def _place(season: Season, unit: Unit, results: dict[str, Second]) -> int | None:
    if not unit.ranked:
        return None
    named = season.policies["groups"]
    rivals = [u for u in season.units if u.ranked and (named == "all" or getattr(u, named) == getattr(unit, named))]
    own = _sort_value(season, results[unit.code])
    better = [value for u in rivals if (value := _sort_value(season, results[u.code])) > own]
    distinct = {tuple(value) for value in better}
    return 1 + len(distinct if season.policies["ties"] == "dense" else better)


def _class(season: Season, index: F) -> str:
    if season.policies["class_by"] == "published":
        index = _half_up(index, season.policies["decimals"])
    reached = "Yếu"
    for name, lower in reversed(BANDS):
        if index >= lower:
            reached = name
    return reached


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(seasons())
def test_a_second_computation_by_other_means_agrees_on_every_number(season: Season) -> None:
    program = _program(season)
    results = {unit.code: _second(season, unit.code) for unit in season.units}
    event(f"{len(season.units)} units, {'with' if season.with_survey else 'without'} survey")
    for unit, standing in zip(season.units, program, strict=True):
        ours, theirs = results[unit.code], standing.result
        assert theirs.index == ours.index
        assert F(standing.published_index) == _half_up(ours.index, season.policies["decimals"])
        assert {f.code: F(f.points) for f in theirs.fields} == ours.fields
        assert {f.code: F(f.attainable_points) for f in theirs.fields} == ours.attainable
        assert F(theirs.self_points) == ours.self_points
        assert F(theirs.appraisal_points) == ours.appraised
        assert F(theirs.survey_points or 0) == ours.surveyed
        assert (theirs.survey_points is None) == (not season.with_survey)
        assert F(theirs.adjustment_points) == ours.adjusted
        assert list(theirs.gaps) == ours.gaps
        assert standing.rank == _place(season, unit, results)
        assert standing.class_name == _class(season, ours.index)
    assert mean_index([s.result for s in program]) == sum((r.index for r in results.values()), F(0)) / len(results)
