"""Generated seasons, played with the real commands in people's workbooks, against a second computation.

Cycles have criteria of every method at several levels, policies of every kind, bonuses and penalties; units claim
points, nothing, zero, «không phát sinh» and nonsense, some are given more time and change their mind; departments find,
units answer, the council and the meeting rule.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from criteria_sets import D, F
from generated_seasons import BANDS, Place, Season, seasons
from hypothesis import given
from hypothesis import strategies as st
from played_cycles import (
    EXTENDED,
    LocalCycle,
    criteria_of,
    done,
    google_cycle,
    play,
    play_more_time,
    spare_the_disk,
    stands,
    write_cycle,
    write_outside,
    write_units,
)
from second_computation import OUT, Second, class_of, half_up, rank, second
from whole_bounds import bounded

LATER = "2023-12-22T08:00"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a maker of new folders."""
    base = tmp_path_factory.mktemp("seasons")
    count = iter(range(10**6))
    return lambda: base / str(next(count)) / "cycle"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    spare_the_disk(monkeypatch)
    return monkeypatch


def local(season: Season, folder: Path, capfd: pytest.CaptureFixture[str]) -> LocalCycle:
    return LocalCycle(write_cycle(season, folder), capfd)


def agree(season: Season, units: list[dict[str, Any]]) -> None:
    """Hold what `results --json` says against the second computation."""
    results = {unit.code: second(season, unit.code) for unit in season.units}
    for unit, theirs in zip(season.units, units, strict=True):
        ours = results[unit.code]
        decimals = season.policies["decimals"]
        assert theirs["unit"] == unit.code
        assert F(theirs["index_exact"]) == ours.index
        assert F(theirs["index"]) == half_up(ours.index, decimals)
        assert len(theirs["index"].partition(".")[2]) == decimals
        assert {f["code"]: F(f["points"]) for f in theirs["fields"]} == ours.fields
        assert {f["code"]: F(f["attainable_points"]) for f in theirs["fields"]} == ours.attainable
        assert F(theirs["self_points"]) == ours.self_points
        assert F(theirs["appraisal_points"]) == ours.appraised
        assert (theirs["survey_points"] is not None) == season.with_survey
        assert F(theirs["survey_points"] or 0) == ours.surveyed
        assert F(theirs["adjustment_points"]) == ours.adjusted
        assert F(theirs["attainable_points"]) == ours.out_of
        assert theirs["rank"] == rank(season, unit, results)
        assert theirs["class"] == class_of(season, ours.index)


def hold(season: Season, units: list[dict[str, Any]]) -> None:
    """Hold the results against laws that need no second computation: sums, bounds, ranks, classes."""
    may_fall = any(item["below"] and item["on"] for item in season.items)
    most_bonus = sum((F(item["cap"]) for item in season.items if item["kind"] == "bonus"), F(0))
    for one in units:
        parts = F(one["appraisal_points"]) + F(one["survey_points"] or 0)
        points, out_of = parts + F(one["adjustment_points"]), F(one["attainable_points"])
        assert sum((F(f["points"]) for f in one["fields"]), F(0)) == parts
        assert sum((F(f["attainable_points"]) for f in one["fields"]), F(0)) == out_of
        assert F(one["index_exact"]) == (points / out_of * 100 if out_of else 0)
        for found in one["fields"]:
            assert F(found["points"]) <= F(found["attainable_points"]) <= F(found["max_points"])
            assert F(found["points"]) >= 0 or may_fall
        assert points <= out_of + most_bonus
    order = [name for name, _ in BANDS]
    for one in units:
        for other in units:
            if F(one["index_exact"]) > F(other["index_exact"]):
                assert order.index(one["class"]) <= order.index(other["class"])
                if None not in {one["rank"], other["rank"]} and one["group"] == other["group"]:
                    is_exact = season.policies["rank_by"] == "exact"
                    assert one["rank"] < other["rank"] or (not is_exact and one["index"] == other["index"])


@pytest.mark.usefixtures("quick")
@bounded(6, full=100)
@given(season=seasons())
def test_a_played_season_comes_to_what_a_second_computation_says(
    season: Season, folders: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    office = local(season, folders(), capfd)
    run = play(office, season)
    agree(season, run.json["data"]["units"])
    hold(season, run.json["data"]["units"])
    every_blank_is_told(season, office, run.problems)


@pytest.mark.usefixtures("quick")
@bounded(2, full=60)
@given(season=seasons(), order=st.randoms(use_true_random=False))
def test_units_and_criteria_in_another_order_come_to_the_same(
    season: Season, order: random.Random, folders: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    office = local(season, folders(), capfd)
    before = {one["unit"]: one for one in play(office, season).json["data"]["units"]}
    order.shuffle(season.units)
    write_units(season, office.folder)
    (office.folder / "criteria.yaml").write_text(criteria_of(season, turned=True), encoding="utf-8")
    for command in ("appraise", "results"):  # the review workbook is laid out anew, in the new order
        run = done(office.run(command, now=LATER))
    after = run.json["data"]["units"]
    assert [one["unit"] for one in after] == [unit.code for unit in season.units]
    for one in after:
        one["fields"].reverse()
        assert one == before[one["unit"]]


@pytest.mark.usefixtures("quick")
@bounded(2, full=60)
@given(season=seasons())
def test_a_zero_in_the_place_of_a_blank_is_told_apart_and_changes_no_points(
    season: Season, folders: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    season.is_heard, season.extended, season.meeting = False, set(), {}
    season.early, season.findings = {**season.early, **season.findings}, {}
    office = local(season, folders(), capfd)
    blank = every_blank_is_told(season, office, play(office, season).problems)
    before = {unit.code: second(season, unit.code) for unit in season.units}
    season.extended = {unit.code for unit in season.units}
    zeros = {place: D(0) for place in blank if place in {(u, leaf.code) for u, leaf in season.places()}}
    season.later = {**{place: c for place, c in season.claims.items() if c != "nonsense"}, **zeros}
    season.outside |= {place: D(0) for place in blank if place not in zeros}
    play_more_time(office, season)
    if write_outside(office, season):
        done(office.run("survey", now=EXTENDED))
    run = office.run("results", now=LATER)
    agree(season, run.json["data"]["units"])
    assert every_blank_is_told(season, office, run.problems) == set()
    for unit in season.units:
        after = second(season, unit.code)
        untouched = [code for code in after.stands if (unit.code, code) not in season.early]
        assert all(after.stands[code] == (before[unit.code].stands[code] or 0) for code in untouched)


def every_blank_is_told(season: Season, office: LocalCycle, problems: list[dict[str, Any]]) -> set[Place]:
    """What nobody gave points for is no zero, but a gap; and a zero is no gap. Returns the blanks."""
    found = stands(office.folder)
    for unit in season.units:
        ours: Second = second(season, unit.code)
        for code, points in ours.stands.items():
            theirs = found[unit.code, code]
            assert theirs.is_excluded == (points == OUT)
            assert theirs.points is None if points is None or points == OUT else F(theirs.points) == points
            assert (theirs.source == "none") == (points is None)
        blank = [leaf.code for leaf in season.leaves if not leaf.is_self_scored and leaf.code in ours.gaps]
        told = [p["what"] for p in problems if p["code"] == "points_missing" and p["unit"] == unit.code]
        assert bool(told) == bool(blank)
        assert all(code in words for words in told for code in blank)
    return {place for place, points in found.items() if points.source == "none" and place[1] in ours.stands}


@bounded(1, full=15)
@given(season=seasons())
def test_a_season_comes_to_the_same_on_files_and_on_google(
    season: Season, folders: Any, capfd: pytest.CaptureFixture[str], quick: pytest.MonkeyPatch
) -> None:
    on_files = play(local(season, folders(), capfd), season)
    with google_cycle(season, folders(), capfd, quick) as office:
        on_google = play(office, season)
    assert on_google.json["data"] == on_files.json["data"]
    assert on_google.problems == on_files.problems
    agree(season, on_google.json["data"]["units"])
