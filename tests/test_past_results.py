"""Open data of another office: read strictly, added up again, or refused with what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from two_years import TwoYears

from cchc_sheets.errors import CchcError
from cchc_sheets.stages.past_results import past_results

Data = dict[str, Any]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "neither a ledger nor open data"),
        (b"\xff\xfe", "neither a ledger nor open data"),
        (b"PK\x03\x04", "neither a ledger nor open data"),
        (b"[1, 2]", "neither a ledger nor open data"),
        (b'{"units": []}', "neither a ledger nor open data"),
        (b"[" * 200_000, "neither a ledger nor open data"),
        (b'{"schema": 2}', "form 2, which this program does not know"),
        (b'{"schema": true}', "form True, which this program does not know"),
        (b'{"schema": 1, "x": 0.5}', "the file holds the bare number 0.5"),
        (b'{"schema": 1, "x": NaN}', "the file holds the bare number NaN"),
        (b'{"schema": 1}', "not as `publish` writes it: cycle"),
    ],
)
def test_a_file_of_something_else_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(CchcError) as refusal:
        past_results(content, "x.json")
    assert said in refusal.value.what.said_in("en")
    assert refusal.value.where == "x.json"


def edit_unit(name: str, value: Any) -> Callable[[Data], None]:
    return lambda data: data["units"][0].update({name: value})


def edit_score(name: str, value: Any) -> Callable[[Data], None]:
    return lambda data: data["units"][0]["criteria"][0].update({name: value})


def twice(data: Data) -> None:
    data["units"].append(deepcopy(data["units"][0]))


def orphan(data: Data) -> None:
    data["criteria"][1]["parent"] = "8"


def worthless(data: Data) -> None:
    data["criteria"][1]["max_points"] = "0"


NOT_AS_WRITTEN = "the file is not as `publish` writes it: "


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (edit_unit("index", "69.6"), "Xã Tây An: the points do not add up to the index"),
        (edit_unit("index_exact", "70"), "Xã Tây An: the points do not add up to the index"),
        (edit_unit("index_exact", "139/0"), f"{NOT_AS_WRITTEN}units.0.index_exact"),
        (edit_unit("index", 69), f"{NOT_AS_WRITTEN}units.0.index"),
        (edit_unit("index", "1e9"), f"{NOT_AS_WRITTEN}units.0.index"),
        (edit_unit("index", "1" * 5000), f"{NOT_AS_WRITTEN}units.0.index"),
        (edit_unit("rank", "3"), f"{NOT_AS_WRITTEN}units.0.rank"),
        (edit_unit("rank", 0), f"{NOT_AS_WRITTEN}units.0.rank"),
        (edit_unit("unit", None), f"{NOT_AS_WRITTEN}units.0.unit"),
        (edit_unit("survey_points", "2.8"), "Xã Tây An: the points do not add up to the index"),
        (edit_score("points", "1.5"), "Xã Tây An: the points do not add up to the index"),
        (edit_score("excluded", True), "Xã Tây An: the points do not add up to the index"),
        (edit_score("code", "1.10"), "Xã Tây An: its criteria are not those of the set"),
        (edit_score("code", "1"), "Xã Tây An: its criteria are not those of the set"),
        (twice, "a code is there twice"),
        (orphan, "criterion 1.1 stands below one that is not there"),
        (worthless, "criterion 1.1 is worth nothing"),
        (lambda data: data.update(units=[]), f"{NOT_AS_WRITTEN}units"),
        (lambda data: data.update(ledger_digest="abc"), f"{NOT_AS_WRITTEN}ledger_digest"),
        (lambda data: data["policies"].update(groups="colour"), f"{NOT_AS_WRITTEN}policies.groups"),
    ],
)
def test_open_data_that_do_not_hold_together_are_refused(
    years: TwoYears, edit: Callable[[Data], None], said: str
) -> None:
    data = years.open_data
    edit(data)
    with pytest.raises(CchcError) as refusal:
        past_results(json.dumps(data).encode(), "last.json")
    assert refusal.value.what.said_in("en") == said
    assert refusal.value.code == "previous_unreadable"
    assert "open-data/results.json" in refusal.value.fix.said_in("en")
