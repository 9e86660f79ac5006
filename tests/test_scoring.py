"""What each scoring method gives, allows and refuses, worked out by hand."""

from __future__ import annotations

import pytest
from criteria_sets import D, F, rule
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets.assessment.scoring import METHODS, Declared, Rule

amounts = st.decimals(0, 500, places=2)


def given_by(line: str, max_points: str, numerator: str | None = None, denominator: str | None = None) -> F | None:
    declared = Declared(D(numerator) if numerator else None, D(denominator) if denominator else None)
    return rule(line).rule_score(declared, D(max_points))


def refused(line: str, max_points: str, points: str) -> str:
    objection = rule(line).objection(D(points), D(max_points))
    return " / ".join(part.said_in("en") for part in objection) if objection else ""


def flaws(line: str, max_points: str) -> list[tuple[str, str]]:
    return [(flaw.key, flaw.what.said_in("en")) for flaw in rule(line).flaws(D(max_points))]


def test_the_seven_methods_have_the_names_of_the_design() -> None:
    assert set(METHODS) == {"levels", "bands", "ratio", "count", "points", "survey", "imported"}
    assert {name for name, method in METHODS.items() if not method.self_scored} == {"survey", "imported"}


def test_a_level_is_a_judgement_that_no_figure_decides() -> None:
    assert rule("levels 0 1 2").asks == ()
    assert given_by("levels 0 1 2", "2", "3", "4") is None


@pytest.mark.parametrize("points", ["0", "0.5", "0.50", "1"])
def test_a_listed_level_is_possible_however_its_zeros_are_written(points: str) -> None:
    assert refused("levels 0 0.5 1", "1", points) == ""


@pytest.mark.parametrize("points", ["0.25", "0.49", "0.500001", "0.75"])
def test_points_between_two_levels_are_refused_and_the_levels_named(points: str) -> None:
    assert refused("levels 1 0.5 0", "1", points) == f"{points} points is none of the levels / choose one of 1; 0.5; 0"


BANDS = "bands 0:0 0.7:1 >0.9:2"  # under 70 %: 0; from 70 % to 90 %: 1; above 90 %: 2


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        ("0", "10", F(0)),
        ("69", "100", F(0)),
        ("6999", "10000", F(0)),
        ("70", "100", F(1)),  # the limit itself belongs to `from`
        ("7", "10", F(1)),
        ("90", "100", F(1)),  # exactly 90 % is not above 0.9
        ("9", "10", F(1)),
        ("9001", "10000", F(2)),
        ("91", "100", F(2)),
        ("100", "100", F(2)),
        ("120", "100", F(2)),
        ("0.9", "1", F(1)),
        ("2.1", "3", F(1)),  # 2.1 / 3 = 0.7 exactly; as binary fractions it would be 0.7000000000000001 or less
        ("1.4", "2", F(1)),
        ("63", "90", F(1)),  # 63 / 90 = 0.7
        ("81", "90", F(1)),  # 81 / 90 = 0.9
    ],
)
def test_a_share_falls_into_the_band_that_its_exact_value_reaches(
    numerator: str, denominator: str, expected: F
) -> None:
    assert given_by(BANDS, "2", numerator, denominator) == expected


def test_from_and_above_at_the_same_limit_part_the_limit_from_all_beyond_it() -> None:
    line = "bands 0:0 0.9:1 >0.9:2"
    assert given_by(line, "2", "90", "100") == 1
    assert given_by(line, "2", "901", "1000") == 2


def test_the_order_in_which_bands_are_written_changes_nothing() -> None:
    for line in ("bands >0.9:2 0:0 0.7:1", "bands 0.7:1 >0.9:2 0:0"):
        assert [given_by(line, "2", n, "100") for n in ("69", "70", "90", "91")] == [0, 1, 1, 2]


def test_bands_of_a_plain_figure_need_no_denominator() -> None:
    line = "bands alone 0:0 1:0.5 3:1"  # none: 0; one or two: 0.5; three and more: 1
    assert rule(line).asks == ("numerator",)
    assert [given_by(line, "1", n) for n in ("0", "1", "2", "3", "40")] == [0, F(1, 2), F(1, 2), 1, 1]


@pytest.mark.parametrize(
    ("numerator", "denominator"), [(None, "10"), ("5", None), (None, None), ("5", "0"), ("0", "0")]
)
@pytest.mark.parametrize("line", [BANDS, "ratio"])
def test_a_share_without_both_figures_or_of_nothing_is_unknown_and_not_zero(
    line: str, numerator: str | None, denominator: str | None
) -> None:
    assert given_by(line, "2", numerator, denominator) is None


def test_points_that_no_band_gives_are_refused() -> None:
    assert refused(BANDS, "2", "1") == ""
    assert refused(BANDS, "2", "1.5") == "1.5 points is none of the levels / choose one of 0; 1; 2"


@pytest.mark.parametrize(
    ("line", "max_points", "numerator", "denominator", "expected"),
    [
        ("ratio", "2", "1", "2", F(1)),
        ("ratio", "2", "1", "3", F(2, 3)),
        ("ratio", "1.5", "0", "7", F(0)),
        ("ratio", "1.5", "9", "7", F(3, 2)),  # never above the maximum
        ("ratio full_at=0.98", "2", "17", "23", F(1700, 1127)),  # 2 · (17/23) / 0.98 = 34/22.54 = 3400/2254
        ("ratio full_at=0.98", "2", "98", "100", F(2)),
        ("ratio full_at=0.98", "2", "97", "100", F(97, 49)),  # 2 · 0.97/0.98
        ("ratio full_at=0.98", "2", "99", "100", F(2)),
        ("ratio floor=0.8", "1", "79", "100", F(0)),
        ("ratio floor=0.8", "1", "7999", "10000", F(0)),
        ("ratio floor=0.8", "1", "80", "100", F(4, 5)),  # the floor itself counts
        ("ratio floor=0.8", "1", "4", "5", F(4, 5)),
        ("ratio floor=0.8 full_at=0.9", "3", "85", "100", F(17, 6)),  # 3 · 0.85/0.9
        ("ratio full_at=1.2", "3", "6", "5", F(3)),
        ("ratio full_at=1.2", "3", "1", "1", F(5, 2)),
        ("ratio", "0.5", "0.1", "0.3", F(1, 6)),
    ],
)
def test_a_ratio_gives_its_exact_fraction_of_the_maximum(
    line: str, max_points: str, numerator: str, denominator: str, expected: F
) -> None:
    assert given_by(line, max_points, numerator, denominator) == expected


def test_any_points_up_to_the_maximum_are_possible_for_a_ratio() -> None:
    assert refused("ratio floor=0.8", "2", "1.4783") == ""


@pytest.mark.parametrize(
    ("items", "expected"), [("0", F(0)), ("1", F(1, 2)), ("3", F(3, 2)), ("4", F(2)), ("5", F(2)), ("900", F(2))]
)
def test_each_item_counts_until_the_maximum_is_reached(items: str, expected: F) -> None:
    assert given_by("count 0.5", "2", items) == expected


def test_a_count_without_its_figure_is_unknown() -> None:
    assert given_by("count 0.5", "2") is None
    assert rule("count 0.5").asks == ("numerator",)


def test_points_that_no_number_of_items_gives_are_refused_but_the_maximum_never_is() -> None:
    assert [refused("count 0.3", "1", points) for points in ("0", "0.3", "0.6", "0.9", "1")] == [""] * 5
    assert refused("count 0.3", "1", "0.5") == "0.5 points is off the step / points go by steps of 0.3"


def test_free_points_go_by_their_step() -> None:
    assert given_by("points 0.25", "3", "1", "2") is None
    assert [refused("points 0.25", "3", points) for points in ("0", "0.25", "2.75", "3", "3.00")] == [""] * 5
    assert refused("points 0.25", "3", "0.3") == "0.3 points is off the step / points go by steps of 0.25"
    assert refused("points 0.1", "1", "0.3") == ""  # exactly three steps, which binary fractions would miss


@pytest.mark.parametrize("line", ["survey", "imported"])
def test_points_from_outside_follow_no_rule_of_ours(line: str) -> None:
    assert rule(line).asks == ()
    assert given_by(line, "5", "1", "2") is None
    assert refused(line, "5", "4.3219") == ""
    assert flaws(line, "5") == []


@pytest.mark.parametrize(
    ("line", "max_points", "expected"),
    [
        ("levels 0 1 2", "2", []),
        ("levels 2", "2", [("levels", "only one level is given")]),
        ("levels 0 1 1.0 2", "2", [("levels", "two levels give the same points")]),
        ("levels 0 1", "2", [("levels", "the best is worth 1 but the maximum is 2")]),
        ("levels 0 3", "2", [("levels", "the best is worth 3 but the maximum is 2")]),
        ("levels -1 2", "2", [("levels", "points below zero")]),
        ("bands 0:0 0.5:2", "2", []),
        ("bands 0.1:0 0.5:2", "2", [("bands", "the bands leave a hole: no band begins at 0")]),
        ("bands >0:0 0.5:2", "2", [("bands", "the bands leave a hole: no band begins at 0")]),
        ("bands -1:0 0.5:2", "2", [("bands", "the bands leave a hole: no band begins at 0")]),
        ("bands 0:0 0.5:1 0.50:2", "2", [("bands", "two bands begin at the same value")]),
        ("bands 0:0 0.5:1 >0.5:2", "2", []),
        ("bands 0:0 0.5:1", "2", [("bands", "the best is worth 1 but the maximum is 2")]),
        ("bands 0:-1 0.5:2", "2", [("bands", "points below zero")]),
        ("ratio floor=0.8 full_at=0.98", "2", []),
        ("ratio floor=1", "2", [("floor", "floor 1 is not between 0 and full_at 1")]),
        ("ratio floor=-0.1", "2", [("floor", "floor -0.1 is not between 0 and full_at 1")]),
        ("ratio full_at=0", "2", [("floor", "floor 0 is not between 0 and full_at 0")]),
        ("count 0.5", "2", []),
        ("count 0.3", "1", []),
        ("count 0", "2", [("per_item", "per_item 0 is not between 0 and the maximum 2")]),
        ("count 3", "2", [("per_item", "per_item 3 is not between 0 and the maximum 2")]),
        ("points 0.25", "2", []),
        ("points 0.3", "2", [("step", "the maximum 2 is not on the step 0.3")]),
        ("points 0", "2", [("step", "the maximum 2 is not on the step 0")]),
        ("points -1", "2", [("step", "the maximum 2 is not on the step -1")]),
    ],
)
def test_a_rule_that_cannot_work_says_what_is_wrong_with_it(
    line: str, max_points: str, expected: list[tuple[str, str]]
) -> None:
    assert flaws(line, max_points) == expected


def test_bands_without_any_band_are_a_hole() -> None:
    assert flaws("bands", "2") == [("bands", "the bands leave a hole: no band begins at 0")]


limits = st.decimals(0, 2, places=2)


@st.composite
def sound_rules(draw: st.DrawFn) -> tuple[Rule, D]:
    """Rules that compute, with no flaw reported."""
    max_points = D(draw(st.integers(1, 40))) / 4
    method = draw(st.sampled_from(["bands", "ratio", "count"]))
    if method == "ratio":
        line = f"ratio floor={draw(limits)} full_at={draw(limits)}"
    elif method == "count":
        line = f"count {draw(limits)}"
    else:
        others = draw(st.lists(st.tuples(st.sampled_from(["", ">"]), limits, st.decimals(0, 10, places=2)), max_size=6))
        bands = [f"{above}{lower}:{points}" for above, lower, points in others]
        line = " ".join(["bands", "0:0", *bands, f">2:{max_points}"])
    built = rule(line)
    if list(built.flaws(max_points)):
        max_points = max(max_points, D(10))
        built = rule(f"ratio floor={max_points / 100} full_at=1")
    assert not list(built.flaws(max_points))
    return built, max_points


@given(sound_rules(), amounts, amounts.filter(bool))
def test_a_rule_without_flaw_gives_every_declared_figure_something_between_zero_and_the_maximum(
    sound: tuple[Rule, D], numerator: D, denominator: D
) -> None:
    built, max_points = sound
    score = built.rule_score(Declared(numerator, denominator), max_points)
    assert score is not None
    assert 0 <= score <= F(max_points)


@given(
    st.sampled_from(
        ["ratio", "ratio floor=0.8", "ratio floor=0.5 full_at=0.98", "count 0.3", "bands 0:0 0.3:1 >0.7:2"]
    ),
    amounts,
    amounts,
    amounts.filter(bool),
)
def test_more_of_the_good_never_gives_fewer_points(line: str, one: D, other: D, denominator: D) -> None:
    less, more = (rule(line).rule_score(Declared(n, denominator), D(2)) for n in sorted((one, other)))
    assert less is not None
    assert more is not None
    assert less <= more
