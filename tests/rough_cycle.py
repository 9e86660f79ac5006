"""A small cycle for rough hands: codes that look alike, titles that may be the same, points of any whole number."""

from __future__ import annotations

from criteria_sets import D, F
from generated_seasons import Leaf, Season
from hypothesis import strategies as st
from played_cycles import criteria_of
from sheet_accidents import ACCIDENTS, Accident

from cchc_sheets.assessment.units import Unit

CRITERIA = """
1 by=noi-vu
    1.1  1000000  points 1  kps=full
    1.10  1000000  ratio floor=0 full_at=1
    1.2  1000000  points 1
2 by=tu-phap
    2.1  1000000  count 1
    2.10  1000000  points 1  kps=exclude
"""
LEAVES = [
    Leaf(code, code[0], F(1000000), method, "", [], "noi-vu" if code[0] == "1" else "tu-phap")
    for code, method in (("1.1", "points"), ("1.10", "ratio"), ("1.2", "points"), ("2.1", "count"), ("2.10", "points"))
]
SAME_TITLES = ("1.1", "1.10", "2.1")
FIGURES = {"ratio": ("numerator", "denominator"), "count": ("numerator",)}
ITEMS = [
    {"code": "C.1", "kind": "bonus", "on": "", "per": D(1), "cap": D(1000000), "below": False},
    {"code": "T.1", "kind": "penalty", "on": "1.1", "per": D(1), "cap": D(1000000), "below": False},
]
POLICIES = {
    "decimals": 2,
    "rank_by": "exact",
    "ties": "min",
    "tie_break": (),
    "groups": "all",
    "class_by": "published",
}
Owner = tuple[str, str, str]
"""Unit, code and column of the one cell in the world into which a value was typed."""

accidents = st.builds(Accident, st.sampled_from(sorted(ACCIDENTS)), st.tuples(*[st.integers(0, 997)] * 4))


def rough_season() -> Season:
    """Return the season: three units, five criteria of two departments, a bonus and a penalty."""
    units = [Unit(f"u{n}", f"Xã {n}", "commune") for n in (1, 2, 3)]
    return Season(CRITERIA, LEAVES, ["1", "2"], units, items=ITEMS, with_survey=False, policies=POLICIES)


def rough_criteria(season: Season, titles: dict[str, str], *, turned: bool = False) -> str:
    """Return `criteria.yaml` with these titles, by code."""
    text = criteria_of(season, turned=turned)
    for code, title in titles.items():
        text = text.replace(f'"Tiêu chí {code}"', f'"{title}"')
    return text
