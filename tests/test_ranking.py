"""Ranks and classes by every policy, on small tables whose order is plain to see."""

from __future__ import annotations

import pytest
from criteria_sets import D, F
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets.assessment.index import FieldResult, Result
from cchc_sheets.assessment.ranking import ClassBand, Policies, classify, group_of, standings
from cchc_sheets.assessment.units import Unit

BANDS = tuple(ClassBand(n, D(low)) for n, low in (("Xuất sắc", 90), ("Tốt", 80), ("Khá", 65), ("Yếu", 0)))
DEFAULT = Policies(bands=BANDS)


def result(
    unit: str, index: str, *, appraised: str = "0", surveyed: str | None = "0", fields: tuple[tuple[str, str], ...] = ()
) -> Result:
    """A unit whose index is `index`, of a hundred attainable points; the rest is adjustment."""
    rest = D(index) - D(appraised) - D(surveyed or 0)
    parts = tuple(FieldResult(code, code, D(points), D(100), D(100)) for code, points in fields)
    return Result(unit, D(0), D(appraised), None if surveyed is None else D(surveyed), rest, D(100), parts, {})


def ranks(results: list[Result], policies: Policies, units: list[Unit] | None = None) -> dict[str, int | None]:
    units = units or [Unit(r.unit, r.unit, "commune") for r in results]
    return {s.unit.code: s.rank for s in standings(units, results, policies)}


def test_equal_units_share_the_better_rank_and_leave_a_gap_or_none() -> None:
    table = [result("a", "70"), result("b", "80"), result("c", "90"), result("d", "80")]
    assert ranks(table, DEFAULT) == {"c": 1, "b": 2, "d": 2, "a": 4}
    assert ranks(table, Policies(BANDS, ties="dense")) == {"c": 1, "b": 2, "d": 2, "a": 3}


def test_exact_indices_decide_where_published_ones_are_equal() -> None:
    table = [result("a", "84.581"), result("b", "84.584"), result("c", "84.579")]
    assert ranks(table, DEFAULT) == {"b": 1, "a": 2, "c": 3}
    assert ranks(table, Policies(BANDS, rank_by="published")) == {"a": 1, "b": 1, "c": 1}  # all 84.58
    assert ranks(table, Policies(BANDS, rank_by="published", decimals=3)) == {"b": 1, "a": 2, "c": 3}


def test_tie_breaks_decide_in_their_order_and_only_between_equal_units() -> None:
    table = [
        result("a", "80", appraised="60", surveyed="20", fields=(("3", "15"),)),
        result("b", "80", appraised="61", surveyed="19", fields=(("3", "12"),)),
        result("c", "80", appraised="60", surveyed="20", fields=(("3", "16"),)),
        result("d", "79", appraised="79", surveyed="0", fields=(("3", "20"),)),
    ]
    assert ranks(table, DEFAULT) == {"a": 1, "b": 1, "c": 1, "d": 4}
    assert ranks(table, Policies(BANDS, tie_break=("appraisal_points",))) == {"b": 1, "a": 2, "c": 2, "d": 4}
    by_field = Policies(BANDS, tie_break=("survey_points", "field:3"))
    assert ranks(table, by_field) == {"c": 1, "a": 2, "b": 3, "d": 4}
    assert ranks(table, Policies(BANDS, tie_break=("appraisal_points",), ties="dense")) == {
        "b": 1,
        "a": 2,
        "c": 2,
        "d": 3,
    }


def test_units_equal_in_every_tie_break_still_share_a_rank() -> None:
    table = [result("a", "80", appraised="60"), result("b", "80", appraised="60")]
    assert ranks(table, Policies(BANDS, tie_break=("appraisal_points", "self_points"))) == {"a": 1, "b": 1}


def test_no_survey_breaks_no_tie() -> None:
    table = [result("a", "80", surveyed=None), result("b", "80", surveyed=None)]
    assert ranks(table, Policies(BANDS, tie_break=("survey_points",))) == {"a": 1, "b": 1}


def test_units_are_ranked_within_their_group() -> None:
    units = [
        Unit("a", "Xã A", "commune", "I"),
        Unit("b", "Phường B", "ward", "II"),
        Unit("c", "Xã C", "commune", "II"),
        Unit("d", "Phường D", "ward", "I"),
    ]
    table = [result("a", "70"), result("b", "80"), result("c", "90"), result("d", "60")]
    assert ranks(table, DEFAULT, units) == {"c": 1, "b": 2, "a": 3, "d": 4}
    assert ranks(table, Policies(BANDS, groups="kind"), units) == {"c": 1, "a": 2, "b": 1, "d": 2}
    assert ranks(table, Policies(BANDS, groups="group"), units) == {"c": 1, "b": 2, "a": 1, "d": 2}
    assert [group_of(units[0], Policies(BANDS, groups=g)) for g in ("all", "kind", "group")] == ["", "commune", "I"]


def test_an_unranked_unit_has_index_and_class_but_takes_no_rank_from_others() -> None:
    units = [Unit("a", "Xã A", "commune"), Unit("b", "Xã B", "commune", ranked=False)]
    first, second = standings(units, [result("a", "70"), result("b", "95")], DEFAULT)
    assert (first.rank, first.class_name) == (1, "Khá")
    assert (second.rank, second.class_name, second.published_index) == (None, "Xuất sắc", D("95.00"))


def test_standings_come_in_the_order_of_the_roster() -> None:
    units = [Unit(code, code, "commune") for code in "cab"]
    found = standings(units, [result("a", "1"), result("b", "2"), result("c", "3")], DEFAULT)
    assert [s.unit.code for s in found] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("index", "by_published", "by_exact"),
    [
        ("90", "Xuất sắc", "Xuất sắc"),
        ("89.995", "Xuất sắc", "Tốt"),  # published as 90.00
        ("89.9949", "Tốt", "Tốt"),
        ("80", "Tốt", "Tốt"),
        ("79.995", "Tốt", "Khá"),
        ("65", "Khá", "Khá"),
        ("64.99", "Yếu", "Yếu"),
        ("0", "Yếu", "Yếu"),
        ("-1", "Yếu", "Yếu"),
        ("101.5", "Xuất sắc", "Xuất sắc"),
    ],
)
def test_a_class_begins_at_its_limit_itself(index: str, by_published: str, by_exact: str) -> None:
    assert classify(F(index), DEFAULT) == by_published
    assert classify(F(index), Policies(BANDS, class_by="exact")) == by_exact


def test_the_order_of_the_classes_in_the_file_changes_nothing() -> None:
    assert classify(F(85), Policies(tuple(reversed(BANDS)))) == "Tốt"


def test_the_precision_of_publication_moves_the_boundary() -> None:
    assert classify(F("89.5"), Policies(BANDS, decimals=0)) == "Xuất sắc"
    assert classify(F("89.995"), Policies(BANDS, decimals=3)) == "Tốt"


@given(st.lists(st.decimals(0, 100, places=1), min_size=1, max_size=12), st.sampled_from(["min", "dense"]))
def test_a_better_index_never_has_a_worse_rank(indices: list[D], ties: str) -> None:
    table = [result(f"u{n}", str(index)) for n, index in enumerate(indices)]
    policies = Policies(BANDS, ties="dense" if ties == "dense" else "min")
    found = ranks(table, policies)
    assert min(rank for rank in found.values() if rank) == 1
    for one in table:
        for other in table:
            mine, theirs = found[one.unit], found[other.unit]
            assert mine is not None
            assert theirs is not None
            assert (mine < theirs) == (one.index > other.index)
