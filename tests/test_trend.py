"""This year held against an earlier one: the arithmetic by hand, what is comparable, and what never happens."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from decision_sample import sample
from hypothesis import given
from hypothesis import strategies as st
from trend_sample import MAXIMA, TITLES, as_past, criteria, this_year, trend_of_sample

from cchc_sheets.assessment.trend import Change, Matching, ThisYear, Trend, compare, predecessors_of, reused_codes

# 9 of 10, 7 of 10, 5 of 10
BEFORE = this_year(
    {
        "a": {"1.1": "4", "1.2": "2", "2.1": "3"},
        "b": {"1.1": "3", "1.2": "1", "2.1": "3"},
        "c": {"1.1": "2", "1.2": "1", "2.1": "2"},
    }
)
# 8 of 10, 7.5 of 10, 5 of 10
NOW = this_year(
    {
        "a": {"1.1": "3", "1.2": "2", "2.1": "3"},
        "b": {"1.1": "4", "1.2": "1.5", "2.1": "2"},
        "c": {"1.1": "1", "1.2": "2", "2.1": "2"},
    }
)
PAST = as_past(BEFORE)


def changes(trend: Trend) -> dict[str, str]:
    return {one.unit.code: str(printed.change) for one, printed in trend.compared}


# ---- units ------------------------------------------------------------------------------------------------------


def test_indices_compare_directly_and_are_counted_by_what_is_printed() -> None:
    trend = compare(PAST, Matching(), NOW)
    assert changes(trend) == {"a": "-10.00", "b": "5.00", "c": "0.00"}
    assert (trend.risen, trend.fallen, trend.unchanged) == (1, 1, 1)
    assert trend.mean is not None
    # the means of 90, 70, 50 and of 80, 75, 50
    assert trend.mean == Change(Fraction(70), Fraction(205, 3))
    assert [one.unit.code for one in trend.extreme(risen=True)[0]] == ["b"]
    assert trend.extreme(risen=False)[1] == -10


def test_a_change_too_small_to_be_printed_is_none() -> None:
    before = this_year({"a": {"1.1": "3.99", "1.2": "2", "2.1": "4"}}, decimals=0)
    now = this_year({"a": {"1.1": "4", "1.2": "2", "2.1": "4"}}, decimals=0)
    trend = compare(as_past(before), Matching(), now)
    assert (trend.risen, trend.unchanged) == (0, 1)  # 99.9 and 100 are both printed as 100
    assert trend.extreme(risen=True) == ((), Decimal(0))


def test_a_merged_unit_is_held_against_the_exact_mean_of_its_predecessors_and_has_no_rank_to_compare() -> None:
    now = this_year({"ab": {"1.1": "3", "1.2": "2", "2.1": "3"}, "c": {"1.1": "1", "1.2": "2", "2.1": "2"}})
    trend = compare(PAST, Matching({"ab": ("a", "b")}), now)
    merged = trend.units["ab"]
    assert merged.is_merged
    assert merged.index is not None
    assert merged.index.before == 80  # (90 + 70) / 2
    assert merged.rank is None
    # field 1: (6/6 + 4/6) / 2 = 5/6; now 5/6
    assert merged.shares["1"].before == Fraction(250, 3)
    assert merged.shares["1"].printed(2).change == 0
    three = compare(PAST, Matching({"ab": ("a", "b", "c"), "c": ()}), now).units["ab"].index
    assert three is not None
    assert three.before == 70


def test_a_renamed_unit_goes_on_with_its_rank() -> None:
    now = this_year({"x": {"1.1": "4", "1.2": "2", "2.1": "4"}, "b": {"1.1": "1", "1.2": "1", "2.1": "1"}})
    one = compare(PAST, Matching({"x": ("c",)}), now).units["x"]
    assert one.rank is not None
    assert (one.rank.before, one.rank.of_before, one.rank.now, one.rank.of_now, one.rank.places) == (3, 3, 1, 2, 2)


def test_a_new_unit_is_held_against_nothing_and_stands_in_no_mean() -> None:
    now = this_year({"a": {"1.1": "4", "1.2": "2", "2.1": "3"}, "new": {"1.1": "0", "1.2": "0", "2.1": "0"}})
    trend = compare(PAST, Matching(), now)
    assert trend.units["new"].is_unmatched
    assert trend.units["new"].index is None
    assert changes(trend) == {"a": "0.00"}
    assert trend.mean is not None
    assert trend.mean == Change(Fraction(90), Fraction(90))  # neither the new one nor b and c of last year


def test_only_the_authority_calls_a_unit_new() -> None:
    now = this_year({"a": {"1.1": "4", "1.2": "2", "2.1": "3"}, "x": {"1.1": "0", "1.2": "0", "2.1": "0"}})
    assert not compare(PAST, Matching(), now).units["x"].is_said_new  # it may be b or c under another code
    assert compare(PAST, Matching({"x": ()}), now).units["x"].is_said_new
    assert not compare(PAST, Matching({"x": ("b",)}), now).units["x"].is_said_new


def test_a_unit_may_be_called_new_although_its_code_is_known() -> None:
    trend = compare(PAST, Matching({"a": ()}), NOW)
    assert trend.units["a"].is_said_new
    assert changes(trend) == {"b": "5.00", "c": "0.00"}


# ---- ranks ------------------------------------------------------------------------------------------------------


def test_ranks_compare_only_where_the_group_is_the_same() -> None:
    kinds = {"a": "ward"}
    before = this_year(_scores(BEFORE), groups="kind", kinds=kinds)
    same = this_year(_scores(NOW), groups="kind", kinds=kinds)
    raised = this_year(_scores(NOW), groups="kind", kinds={"b": "ward"})
    past = as_past(before)
    ranks = {code: one.rank for code, one in compare(past, Matching(), same).units.items()}
    assert all(ranks.values())
    assert ranks["b"] is not None
    assert (ranks["b"].before, ranks["b"].of_before) == (1, 2)
    ranks = {code: one.rank for code, one in compare(past, Matching(), raised).units.items()}
    assert [code for code, rank in ranks.items() if rank] == ["c"]  # a and b have changed their group
    together = compare(past, Matching(), NOW)  # ranked apart last year, together this year
    assert not any(one.rank for one in together.units.values())


def _scores(year: ThisYear) -> dict[str, dict[str, str | None]]:
    return {
        one.unit.code: {code: str(stands.points) for code, stands in one.result.standing.items()}
        for one in year.standings
    }


def test_ranks_of_another_authority_do_not_compare_but_indices_do() -> None:
    trend = compare(replace(PAST, authority="Ủy ban nhân dân tỉnh Khác"), Matching(), NOW)
    assert not any(one.rank for one in trend.units.values())
    assert len(trend.compared) == 3
    same = compare(replace(PAST, authority=PAST.authority.upper()), Matching(), NOW)
    assert all(one.rank for one in same.units.values())


def test_an_unranked_unit_has_no_change_of_rank() -> None:
    units = tuple(replace(one, rank=None) if one.code == "a" else one for one in PAST.units)
    trend = compare(replace(PAST, units=units), Matching(), NOW)
    assert trend.units["a"].rank is None
    assert trend.units["b"].rank is not None
    assert trend.units["b"].rank.of_before == 2


# ---- criteria ---------------------------------------------------------------------------------------------------


def test_a_changed_maximum_compares_by_share_never_by_points() -> None:
    # 1.1 is worth 8 instead of 4: the same 4 points are half instead of all of it
    now = this_year({"a": {"1.1": "4", "1.2": "2", "2.1": "3"}}, issued=criteria({**MAXIMA, "1.1": "8"}))
    share = compare(PAST, Matching(), now).units["a"].shares["1.1"]
    assert share == Change(Fraction(100), Fraction(50))


def test_together_shares_are_over_the_compared_units_alone() -> None:
    trend = compare(PAST, Matching({"c": ()}), NOW)
    # field 1, a and b: (6 + 4) / 12 and (5 + 5.5) / 12
    assert trend.shares["1"].before == Fraction(1000, 12)
    assert trend.shares["1"].now == Fraction(1050, 12)


def test_a_merged_unit_counts_once_among_all_by_the_mean_of_its_predecessors() -> None:
    now = this_year({"ab": {"1.1": "3", "1.2": "2", "2.1": "3"}, "c": {"1.1": "1", "1.2": "2", "2.1": "2"}})
    trend = compare(PAST, Matching({"ab": ("a", "b")}), now)
    # field 1: ab had (6 + 4) / 2 = 5 of 6, c had 3 of 6: 8 of 12; not 13 of 18, which counts a and b for two units
    # now: (5 + 3) of 12
    assert trend.shares["1"] == Change(Fraction(800, 12), Fraction(800, 12))
    # 2.1: ((3 + 3) / 2 + 2) of 8, and (3 + 2) of 8
    assert trend.shares["2.1"] == Change(Fraction(500, 8), Fraction(500, 8))


def test_nothing_has_moved_where_a_merged_unit_goes_on_as_its_predecessors_did() -> None:
    apart = (
        {"1.1": "1", "1.2": "0", "2.1": "4"},
        {"1.1": "3", "1.2": "2", "2.1": "0"},
        {"1.1": "4", "1.2": "2", "2.1": "1"},
    )
    past = as_past(this_year({"a1": apart[0], "a2": apart[1], "c": apart[2]}))
    # the means of a1 and a2: (1 + 3) / 2, (0 + 2) / 2, (4 + 0) / 2
    now = this_year({"a": {"1.1": "2", "1.2": "1", "2.1": "2"}, "c": apart[2]})
    trend = compare(past, Matching({"a": ("a1", "a2")}), now)
    assert (trend.unchanged, trend.risen, trend.fallen) == (2, 0, 0)
    assert {code: change.now - change.before for code, change in trend.shares.items()} == dict.fromkeys(TITLES, 0)


def test_a_predecessor_for_whom_a_criterion_was_left_out_has_no_voice_in_it() -> None:
    before = this_year({"a": {"1.1": None, "1.2": "1", "2.1": "2"}, "b": {"1.1": "2", "1.2": "2", "2.1": "2"}})
    now = this_year({"ab": {"1.1": "3", "1.2": "1", "2.1": "2"}})
    trend = compare(as_past(before), Matching({"ab": ("a", "b")}), now)
    assert trend.shares["1.1"] == trend.units["ab"].shares["1.1"] == Change(Fraction(50), Fraction(75))  # b's 2 of 4
    # field 1: (1 of 2 + 4 of 6) / 2 = 7 / 12
    assert trend.shares["1"].before == trend.units["ab"].shares["1"].before == Fraction(700, 12)


def test_together_both_years_are_of_the_same_units() -> None:
    before = this_year({"a": {"1.1": None, "1.2": "1", "2.1": "2"}, "b": {"1.1": "2", "1.2": "2", "2.1": "2"}})
    now = this_year({"a": {"1.1": "4", "1.2": "1", "2.1": "2"}, "b": {"1.1": "2", "1.2": "2", "2.1": "2"}})
    # 1.1 was left out for a last year: its 4 of 4 this year are held against nothing
    assert compare(as_past(before), Matching(), now).shares["1.1"] == Change(Fraction(50), Fraction(50))


@pytest.mark.parametrize(
    ("titles", "comparable"),
    [
        ({}, True),
        ({"1.1": "KẾ   HOẠCH"}, True),
        ({"1.1": "Kế hoạch năm"}, False),
    ],
)
def test_code_and_title_make_a_criterion_the_same(titles: dict[str, str], comparable: bool) -> None:
    now = this_year({"a": {"1.1": "4", "1.2": "2", "2.1": "3"}}, issued=criteria(titles={**TITLES, **titles}))
    assert ("1.1" in compare(PAST, Matching(), now).counterparts) is comparable


def test_old_and_new_spelling_of_a_title_are_the_same() -> None:
    past = as_past(
        this_year({"a": {"1.1": "4", "1.2": "2", "2.1": "3"}}, issued=criteria(titles={**TITLES, "1": "Hoà"}))
    )
    now = this_year({"a": {"1.1": "4", "1.2": "2", "2.1": "3"}}, issued=criteria(titles={**TITLES, "1": "Hòa"}))
    assert "1" in compare(past, Matching(), now).counterparts


@pytest.mark.parametrize(
    ("title", "is_same"),
    [("Kế hoạch năm 2023", True), ("Kế hoạch năm 2022", False), ("Kế hoạch năm 20231", False)],
)
def test_the_year_of_its_own_set_is_no_part_of_a_title(title: str, is_same: bool) -> None:
    scores = {"a": {"1.1": "4", "1.2": "2", "2.1": "3"}}
    past = as_past(this_year(scores, issued=criteria(titles={**TITLES, "1.1": f"Kế hoạch năm {PAST.year}"})))
    now = this_year(scores, issued=criteria(titles={**TITLES, "1.1": title}))
    assert PAST.year == 2022
    assert ("1.1" in compare(past, Matching(year=2023), now).counterparts) is is_same


def test_a_field_is_not_a_criterion_of_the_same_code_and_title() -> None:
    past = replace(PAST, criteria=tuple(replace(one, parent="9") if one.code == "1" else one for one in PAST.criteria))
    assert "1" not in compare(past, Matching(), NOW).counterparts
    past = replace(
        PAST, criteria=tuple(replace(one, is_leaf=True) if one.code == "1" else one for one in PAST.criteria)
    )
    assert "1" not in compare(past, Matching(), NOW).counterparts


def test_the_mapping_overrides_in_both_directions() -> None:
    trend = compare(PAST, Matching(criteria={"1.1": "2.1", "1.2": None}), NOW)
    assert {code: one.code for code, one in trend.counterparts.items()} == {"1": "1", "1.1": "2.1", "2": "2"}
    # 2.1 of last year is taken: this year's own 2.1 has nothing to be held against
    assert "2.1" not in trend.shares
    assert trend.units["a"].shares["1.1"].before == 75  # 3 of 4


def test_what_was_left_out_in_either_year_is_not_compared() -> None:
    before = this_year({"a": {"1.1": None, "1.2": "1", "2.1": "2"}, "b": {"1.1": "2", "1.2": "1", "2.1": "2"}})
    now = this_year({"a": {"1.1": "4", "1.2": "1", "2.1": "2"}, "b": {"1.1": "4", "1.2": "1", "2.1": None}})
    trend = compare(as_past(before), Matching(), now)
    assert "1.1" not in trend.units["a"].shares
    assert trend.units["a"].shares["1"].before == 50  # 1 of 2: 1.1 counted neither way
    assert "2" not in trend.units["b"].shares
    merged = compare(as_past(before), Matching({"a": ("a", "b"), "b": ()}), now).units["a"]
    assert merged.shares["1.1"].before == 50  # b's 2 of 4 alone


# ---- what holds always ------------------------------------------------------------------------------------------

points = st.integers(0, 200).map(lambda n: str(Decimal(n) / 100))
leaves = st.fixed_dictionaries({"1.1": points, "1.2": points, "2.1": st.none() | points})
seasons = st.dictionaries(st.sampled_from("abcdefg"), leaves, min_size=1)


@given(seasons)
def test_a_year_held_against_itself_has_not_changed(scores: dict[str, dict[str, str | None]]) -> None:
    now = this_year(scores)
    trend = compare(as_past(now), Matching(), now)
    assert trend.unchanged == len(scores)
    assert trend.mean is not None
    assert trend.mean.before == trend.mean.now
    assert all(one.rank is not None and one.rank.places == 0 for one in trend.units.values())
    assert all(change.before == change.now for one in trend.units.values() for change in one.shares.values())
    assert all(change.before == change.now for change in trend.shares.values())


@given(seasons, seasons)
def test_every_compared_unit_has_risen_fallen_or_stayed(
    before: dict[str, dict[str, str | None]], after: dict[str, dict[str, str | None]]
) -> None:
    trend = compare(as_past(this_year(before)), Matching(), this_year(after))
    assert trend.risen + trend.fallen + trend.unchanged == len(trend.compared) == len(before.keys() & after.keys())
    assert (trend.mean is None) is (not trend.compared)
    for one, printed in trend.compared:
        assert printed.before + printed.change == printed.now
        assert one.index is not None


@given(seasons, st.permutations("abcdefg"))
def test_a_mean_lies_between_its_predecessors_whatever_their_order(
    before: dict[str, dict[str, str | None]], order: list[str]
) -> None:
    past, now = as_past(this_year(before)), this_year({"whole": {"1.1": "1", "1.2": "1", "2.1": "1"}})
    codes = [code for code in order if code in before]
    merged = compare(past, Matching({"whole": tuple(codes)}), now).units["whole"].index
    sorted_ = compare(past, Matching({"whole": tuple(sorted(codes))}), now).units["whole"].index
    assert merged is not None
    assert merged == sorted_
    indices = [one.index for one in past.units]
    assert min(indices) <= merged.before <= max(indices)


@given(seasons, st.integers(2, 9))
def test_no_share_changes_where_points_and_maxima_grow_alike(
    scores: dict[str, dict[str, str | None]], times: int
) -> None:
    maxima = {code: str(Decimal(most) * times) for code, most in MAXIMA.items()}
    grown = {
        unit: {code: None if given_ is None else str(Decimal(given_) * times) for code, given_ in own.items()}
        for unit, own in scores.items()
    }
    trend = compare(as_past(this_year(scores)), Matching(), this_year(grown, issued=criteria(maxima)))
    assert all(change.before == change.now for one in trend.units.values() for change in one.shares.values())
    assert trend.unchanged == len(scores)


def test_a_code_that_belonged_to_another_name_is_compared_only_if_somebody_says_so() -> None:
    decision = sample(count=10)
    past = trend_of_sample(decision).past
    units = [standing.unit for standing in decision.standings]
    (renamed,) = (one for one in past.units if one.name == "Xã Tên Cũ")
    unit = next(one for one in units if one.code == renamed.code)
    assert predecessors_of(unit, past, Matching()) == ()
    assert (unit, renamed) in list(reused_codes(units, past, Matching()))
    said = Matching({unit.code: (unit.code,)})
    assert predecessors_of(unit, past, said) == (renamed,)
    assert (unit, renamed) not in list(reused_codes(units, past, said))
