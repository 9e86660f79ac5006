"""Requests as bytes and in parts, cells in rectangles: nothing is lost, doubled, or rounded on the way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets.workspace.google_batches import Request, parts, to_json
from cchc_sheets.workspace.google_grid import Rectangle, rectangles


@given(st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8))))
def test_rectangles_cover_each_cell_once(spots: set[tuple[int, int]]) -> None:
    covered = [spot for area in rectangles(spots) for spot in area.spots()]
    assert sorted(covered) == sorted(spots)


def test_a_block_is_one_rectangle() -> None:
    assert rectangles((row, column) for row in range(3, 9) for column in range(2, 5)) == [Rectangle(3, 2, 9, 5)]


ROWS_TO_CUT = st.lists(
    st.builds(lambda words: {"values": [{"userEnteredValue": {"stringValue": words}}]}, st.text(max_size=30)),
    max_size=30,
)
UPDATES = st.builds(
    lambda rows, row: {
        "updateCells": {
            "start": {"sheetId": 1, "rowIndex": row, "columnIndex": 0},
            "rows": rows,
            "fields": "userEnteredValue",
        }
    },
    ROWS_TO_CUT,
    st.integers(0, 100),
)
DELETIONS = st.builds(lambda number: {"deleteSheet": {"sheetId": number}}, st.integers(0, 9))


def single_rows(requests: Iterable[Request]) -> Iterator[Any]:
    """What is done, row by row, however the rows are put together."""
    for request in requests:
        update = request.get("updateCells")
        if update is None:
            yield request
        else:
            yield from (
                (update["start"]["rowIndex"] + number, row, update["fields"])
                for number, row in enumerate(update["rows"])
            )


@given(st.lists(st.one_of(UPDATES, DELETIONS), max_size=8), st.integers(400, 2000))
def test_parts_do_the_same_in_the_same_order_and_are_never_too_large(requests: list[Request], limit: int) -> None:
    bodies = list(parts(requests, limit))
    assert list(single_rows(request for body in bodies for request in body)) == list(single_rows(requests))
    assert all(len(to_json({"requests": body})) <= limit for body in bodies)
    assert all(bodies)


def test_what_cannot_be_cut_is_sent_alone() -> None:
    small, large = {"deleteSheet": {"sheetId": 1}}, {"addSheet": {"properties": {"title": "x" * 500}}}
    assert list(parts([small, large, small], 400)) == [[small], [large], [small]]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.text(), st.decimals(allow_nan=False, allow_infinity=False), st.integers()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=10,
)


@given(JSON)
def test_numbers_keep_exactly_their_digits(body: Any) -> None:
    assert json.loads(to_json(body), parse_float=Decimal, parse_int=Decimal) == body


def test_json_is_compact_and_has_no_escapes() -> None:
    assert to_json({"a": [Decimal("0.10"), Decimal("1E+3"), "Đủ"]}) == '{"a":[0.10,1E+3,"Đủ"]}'.encode()
    with pytest.raises(TypeError):
        to_json({"a": Decimal("NaN")})
