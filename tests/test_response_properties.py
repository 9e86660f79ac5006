"""What holds for every table of answers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from criteria_sets import F
from hypothesis import given
from hypothesis import strategies as st
from survey_answers import FORM, PLAN, codes, form, of, parsed, plain, table

from cchc_sheets.assessment.responses import SurveyResult

ANSWERS = st.sampled_from(["5", "4", "3", "2", "1", "", "?"])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["n1", "n2", "n3", "n4", ""]), st.sampled_from(["a", "b", "q"]), ANSWERS, ANSWERS, ANSWERS
    ),
    max_size=25,
)
KEYED = replace(PLAN, respondent="Dấu", straight_line=3, population_of_all=50)


def numbers(result: SurveyResult) -> object:
    units = [
        (u.received, u.counted, {r: len(lines) for r, lines in u.excluded.items()}, u.wanted, u.measured)
        for u in result.units
    ]
    return units, result.points, result.excluded, result.received, sorted(map(str, codes(result)))


@given(ROWS, st.randoms())
def test_the_order_of_the_lines_plays_no_part(rows: list[tuple[str, ...]], chance: object) -> None:
    mixed = list(rows)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert numbers(parsed(KEYED, table(FORM, *rows))) == numbers(parsed(KEYED, table(FORM, *mixed)))


@given(ROWS)
def test_every_line_is_counted_or_excluded_and_points_stay_within_the_maximum(rows: list[tuple[str, ...]]) -> None:
    result = parsed(KEYED, table(FORM, *rows))
    counted = sum(unit.counted for unit in result.units)
    assert counted + result.excluded.total() == result.received == len(rows)
    for unit in result.units:
        for measured in unit.measured:
            assert 0 <= measured.points <= measured.max_points
            assert 0 <= measured.value <= 1
            assert measured.respondents <= unit.counted


def test_a_blank_is_no_zero() -> None:
    def value(*answers: str) -> Fraction:
        return of(parsed(PLAN, form(*(f"a | {answer} | 4 | 3" for answer in answers)))).measured[0].value

    assert value("4", "1", "") == F(1, 2)
    assert value("4", "", "") == 1
    unit = of(parsed(PLAN, form("a | | 4 | 3")))
    assert [measured.code for measured in unit.measured] == ["1.2"]


@given(
    ROWS,
    st.sampled_from(
        [("", "a", "", "", ""), ("", "a", "4", "?", "4"), ("", "a", "4", "4", "4"), ("", "q", "4", "4", "5")]
    ),
)
def test_an_excluded_line_changes_counts_and_nothing_else(rows: list[tuple[str, ...]], line: tuple[str, ...]) -> None:
    before, after = parsed(KEYED, table(FORM, *rows)), parsed(KEYED, table(FORM, *rows, line))
    assert [unit.measured for unit in after.units] == [unit.measured for unit in before.units]
    assert after.excluded.total() == before.excluded.total() + 1


@given(ROWS)
def test_handing_everything_in_twice_changes_nothing_where_respondents_are_known(rows: list[tuple[str, ...]]) -> None:
    keyed = [row for row in rows if row[0]]
    once, twice = parsed(KEYED, table(FORM, *keyed)), parsed(KEYED, table(FORM, *keyed, *keyed))
    assert once.points == twice.points


def test_decimal_stays_exact_through_a_large_file() -> None:
    lines = [f"a | {'4' if n % 3 else '2'} | 4 | 3" for n in range(999)]
    (first, _) = of(parsed(PLAN, plain(*lines))).measured
    assert (first.value, first.points) == (F(2, 3), Decimal("3.33"))
