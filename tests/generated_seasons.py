"""Generated seasons: a cycle's criteria, units and policies, and what everybody means to write in it.

A season says what people meant, not in which cells it stands: `test_second_computation` hands it to the rules of the
field, `played_cycles` plays it with files, commands and people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from criteria_sets import D, F, criteria_set
from hypothesis import strategies as st

from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.units import Unit

KPS = "Không phát sinh"
AGREE, ADJUST, DISAGREE = "Đồng ý", "Điều chỉnh", "Không đồng ý"
DEPARTMENTS = ("noi-vu", "tu-phap")
BANDS = (("Xuất sắc", 90), ("Tốt", 80), ("Khá", 65), ("Trung bình", 50), ("Yếu", 0))

Place = tuple[str, str]
Claim = D | str
"""Points, `kps`, or `nonsense`: something that is no self-score."""

Finding = tuple[str, D | None, bool]
"""Verdict, points, and whether a remark gives the reason."""


@dataclass
class Leaf:
    code: str
    field: str
    max: F
    method: str
    kps: str
    possible: list[D]
    department: str = DEPARTMENTS[0]

    @property
    def is_self_scored(self) -> bool:
        return self.method not in {"survey", "imported"}


@dataclass
class Season:
    """What everybody meant.

    `later` is what units that were given more time claim in the end; `early` are findings on what was claimed before.
    `is_heard`: an explanation round is held, for which every finding must be there.
    """

    text: str
    leaves: list[Leaf]
    fields: list[str]
    units: list[Unit] = field(default_factory=list)
    claims: dict[Place, Claim] = field(default_factory=dict)
    findings: dict[Place, Finding] = field(default_factory=dict)
    outside: dict[Place, D] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    entered: dict[Place, tuple[int | None, D | None]] = field(default_factory=dict)  # cases, points
    with_survey: bool = True
    policies: dict[str, Any] = field(default_factory=dict)
    extended: set[str] = field(default_factory=set)
    later: dict[Place, Claim] = field(default_factory=dict)
    early: dict[Place, Finding] = field(default_factory=dict)
    is_heard: bool = False
    answers: dict[Place, tuple[str, str]] = field(default_factory=dict)  # answer, explanation
    council: dict[Place, tuple[D, str]] = field(default_factory=dict)  # points, reason
    meeting: dict[Place, D] = field(default_factory=dict)
    reporter: str = ""  # the unit that writes a report, so that at least one hands something in

    def criteria(self) -> CriteriaSet:
        """The criteria set that the text and the items describe."""
        lines = [
            f"{i['code']} {i['kind']} {i['per']} cap={i['cap']}"
            + (f" on={i['on']}" if i["on"] else "")
            + (" below_zero" if i["below"] else "")
            for i in self.items
        ]
        return criteria_set(self.text, *lines)

    def claim(self, place: Place) -> Claim | None:
        """What a unit claims in the end."""
        return (self.later if place[0] in self.extended else self.claims).get(place)

    def places(self) -> list[tuple[str, Leaf]]:
        """Every self-scored criterion of every unit."""
        return [(unit.code, leaf) for leaf in self.leaves if leaf.is_self_scored for unit in self.units]


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
    department = DEPARTMENTS[int(top) % 2]
    line = f"{code} {best} {words} by={department}" + (f" kps={kps}" if kps else "")
    return line, Leaf(code, top, F(best), method, kps, possible, department)


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
    season.reporter = season.units[0].code
    season.items = draw(items(season.leaves))
    season.is_heard = draw(st.booleans())
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


Choose = Callable[[list[Any]], Any]


def _fill(season: Season, unit: str, seed: int) -> None:
    """Decide from one number what a unit claims and what is found; the same number, the same decisions."""

    def choose(options: list[Any]) -> Any:
        nonlocal seed
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        return options[(seed >> 33) % len(options)]

    if choose([False, False, True]):
        season.extended.add(unit)
    for leaf in season.leaves:
        place = (unit, leaf.code)
        if not leaf.is_self_scored:
            if choose([True, True, True, False]):
                season.outside[place] = choose(leaf.possible)
            continue
        _claim(season, place, leaf, choose)
        _judge(season, place, leaf, choose)
        _hear(season, place, leaf, choose)
    for item in season.items:
        cases, points = choose([None, 0, 1, 2, 9]), choose([None, None, item["per"], item["cap"]])
        if cases is not None or points is not None:
            season.entered[unit, item["code"]] = (cases, points)


def _claim(season: Season, place: Place, leaf: Leaf, choose: Choose) -> None:
    """Decide what a unit claims for one criterion, and, if it gets more time, what it claims in the end."""
    for claims in (season.claims, season.later):
        if claims is season.later and choose([True, False]):
            if place in season.claims:
                claims[place] = season.claims[place]
            continue
        claim = choose(["points", "points", "points", "kps", "nonsense", ""])
        if claim == "points":
            claims[place] = choose(leaf.possible)
        elif claim == "nonsense" or (claim == "kps" and leaf.kps):
            claims[place] = claim


def _judge(season: Season, place: Place, leaf: Leaf, choose: Choose) -> None:
    """Decide what is found for one criterion; every finding is there and counts where units are to be heard."""
    if choose([True, False]):
        season.early[place] = _finding(leaf, choose)
    if season.is_heard:
        finding = _finding(leaf, choose)
        is_answered = season.claim(place) not in {None, "nonsense"}
        verdict = finding[0] if finding[0] and is_answered else ADJUST
        season.findings[place] = (verdict, None if verdict == AGREE else choose(leaf.possible), True)
        if season.early.get(place) == season.findings[place]:
            del season.early[place]  # the same words once more would be no second look
    elif choose([False, True, True, True]):
        season.findings[place] = _finding(leaf, choose)


def _finding(leaf: Leaf, choose: Choose) -> Finding:
    verdict = choose([AGREE, AGREE, ADJUST])
    if verdict == AGREE:
        return verdict, None, choose([True, False])
    return verdict, choose(leaf.possible), choose([True, True, False])


def _hear(season: Season, place: Place, leaf: Leaf, choose: Choose) -> None:
    """Decide what the unit would answer if it were asked, and what would be ruled if it contested."""
    season.answers[place] = choose([("", ""), (AGREE, ""), (DISAGREE, "Có lý do"), (DISAGREE, ""), ("", "Xin xem lại")])
    if choose([True, True, False]):
        season.council[place] = (choose(leaf.possible), choose(["Theo hồ sơ", "Theo hồ sơ", ""]))
    if choose([False, False, False, True]):
        season.meeting[place] = choose(leaf.possible)
