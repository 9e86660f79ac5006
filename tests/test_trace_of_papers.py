"""Every figure of the papers is reached by a trace, and says the same there."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from demonstration import Demonstration
from paper_season import tables_in
from told_season import season_of

from cchc_sheets.outcome import Outcome
from cchc_sheets.publication.paper_readback import read_figure
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.trace import trace


@pytest.fixture
def season(told: Path) -> Iterator[Season]:
    with season_of(told) as season:
        yield season


def steps(outcome: Outcome, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [step for step in outcome.data["life"] if step["step"] == name]
    return found


@pytest.fixture
def shown(demonstration: Demonstration) -> Path:
    return demonstration.folder


@pytest.mark.parametrize("which", ["told", "shown"])
def test_every_figure_of_the_decision_is_reached(which: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(which)
    ranking, fields = tables_in((folder / "output" / "decision.docx").read_bytes())
    with season_of(folder) as season:
        traced = {unit.name: trace(season, unit.code).data for unit in season.cycle.units}
        mean = trace(season).data["mean_index"]["published"]
    reached = _check_ranking(ranking, traced) + _check_fields(fields, traced)
    assert any(mean.replace(".", ",") in cell for line in ranking for cell in line)
    assert reached == sum(_figures(line[2:]) for table in (ranking, fields) for line in table[1:] if line[1] in traced)


def _figures(cells: list[str]) -> int:
    return sum(read_figure(cell) is not None for cell in cells)


_PRINTED = {
    "Điểm thẩm định": "appraisal_points",
    "Điểm điều tra xã hội học": "survey_points",
    "Điểm cộng, trừ": "adjustment_points",
    "Điểm tối đa có thể đạt": "attainable_points",
    "Tổng điểm": "points",
    "Chỉ số (%)": "index",
    "Xếp hạng": "rank",
}


def _check_ranking(table: list[list[str]], traced: dict[str, Any]) -> int:
    reached = 0
    for line in table[1:]:
        if line[1] not in traced:
            continue
        result = traced[line[1]]["result"]
        for heading, cell in list(zip(table[0], line, strict=True))[2:]:
            if heading == "Xếp loại":
                assert cell == traced[line[1]]["classification"]["class"]
                continue
            assert read_figure(cell) == Decimal(result[_PRINTED[heading]]), (line[1], heading)
            reached += 1
    return reached


def _check_fields(table: list[list[str]], traced: dict[str, Any]) -> int:
    reached = 0
    for line in table[1:]:
        if line[1] not in traced:
            continue
        data = traced[line[1]]
        points = {field["code"]: field["points"] for field in data["criteria"]}
        for heading, cell in list(zip(table[0], line, strict=True))[2:]:
            code = heading.partition(".")[0]
            right = points[code] if code in points else data["result"][_PRINTED[heading]]
            assert read_figure(cell) == Decimal(right), (line[1], heading)
            reached += 1
    return reached


def test_every_point_of_a_notice_is_reached(told: Path, season: Season) -> None:
    _, criteria, *_ = tables_in((told / "output/papers/notice/tay-an.docx").read_bytes())
    headings = criteria[0]
    lines = {line[0]: dict(zip(headings, line, strict=True)) for line in criteria[1:] if len(line) == len(headings)}
    for leaf in season.cycle.criteria.leaves:
        outcome, line = trace(season, "tay-an", leaf.code), lines[leaf.code]
        assert read_figure(line["Điểm đạt được"]) == Decimal(outcome.data["stands"]["points"])
        for heading, name in (
            ("Điểm tự chấm", "self_score"),
            ("Điểm thẩm định", "finding"),
            ("Điểm kết luận", "ruling"),
        ):
            counted = [step["points"] for step in steps(outcome, name) if step["counts"]]
            assert read_figure(line[heading]) == (Decimal(counted[-1]) if counted else None), (leaf.code, heading)


def test_the_shares_of_all_criteria_make_the_index(season: Season) -> None:
    shares = Fraction(0)
    for leaf in season.cycle.criteria.leaves:
        shares += Fraction(steps(trace(season, "phu-phong", leaf.code), "shares")[0]["index"]["share_exact"])
    bonus = Fraction(steps(trace(season, "phu-phong", "C.1"), "stands")[0]["share_exact"])
    assert shares + bonus == Fraction("78.5")
