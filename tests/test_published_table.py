"""A real published table, reproduced: nine districts of Bình Dương, 2017 (appraised of 65, surveyed of 35)."""

from __future__ import annotations

import csv
from pathlib import Path

from criteria_sets import D, F, criteria_set

from cchc_sheets import vietnamese
from cchc_sheets.assessment.index import mean_index, rounded
from cchc_sheets.assessment.ranking import ClassBand, Policies, Standing, standings
from cchc_sheets.assessment.standing import Record, unit_result
from cchc_sheets.assessment.submission import SelfScore, Submission
from cchc_sheets.assessment.units import Unit

TABLE = Path(__file__).parent / "data" / "binhduong_2017_districts_par.csv"
PUBLISHED = list(csv.DictReader(TABLE.read_text(encoding="utf-8-sig").splitlines()))
CRITERIA = criteria_set("1\n  1.1 65 points 0.01\n  1.2 35 survey")
POLICIES = Policies(bands=(ClassBand("Tốt", D(80)), ClassBand("Khá", D(0))))


def computed() -> tuple[Standing, ...]:
    units = [Unit(f"u{n}", line["unit"], "commune") for n, line in enumerate(PUBLISHED)]
    lines = dict(zip((unit.code for unit in units), PUBLISHED, strict=True))
    record = Record(
        submissions={u: Submission(u, {"1.1": SelfScore(D(line["appraised_max65"]))}) for u, line in lines.items()},
        imported={(u, "1.2"): D(line["survey_max35"]) for u, line in lines.items()},
    )
    return standings(units, [unit_result(unit, CRITERIA, record) for unit in units], POLICIES)


def test_the_table_is_whole() -> None:
    assert len(PUBLISHED) == 9


def test_every_published_index_and_total_is_reproduced() -> None:
    for line, standing in zip(PUBLISHED, computed(), strict=True):
        assert standing.result.points == D(line["total_max100"])
        assert standing.published_index == D(line["index_percent"])
        assert standing.result.index == F(line["index_percent"])


def test_every_published_rank_is_reproduced() -> None:
    assert [standing.rank for standing in computed()] == [int(line["published_rank"]) for line in PUBLISHED]


def test_the_published_mean_is_reproduced_by_rounding_half_up_once() -> None:
    # 84.58 + 82.00 + 80.27 + 79.04 + 78.06 + 77.83 + 76.22 + 76.03 + 71.46 = 705.49; 705.49 / 9 = 78.3877…
    mean = mean_index([standing.result for standing in computed()])
    assert mean == F(70549, 900)
    assert vietnamese.fixed(rounded(mean, 2), 2) == "78,39"
