"""Last year's results of the demo: open data as `publish` writes them, of the same communes a year before."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from random import Random
from typing import Any, Final

from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.index import StandingPoints, compute_result, rounded
from cchc_sheets.assessment.ranking import Standing, standings
from cchc_sheets.assessment.units import Unit
from cchc_sheets.cycle.folder import SETTINGS, Cycle
from cchc_sheets.files import write_whole
from cchc_sheets.outcome import plain_decimal
from cchc_sheets.publication.open_data import source_of
from cchc_sheets.stages.results import as_data

_BLOCK: Final = re.compile(r"^# previous:\n(?:#.*\n?)+", re.MULTILINE)
_SEED: Final = 2022


def put_last_year_beside(cycle: Cycle) -> None:
    """Write last year's open data into the folder and name them in `previous:`, as an officer does who has them."""
    year = cycle.settings.year - 1
    data = cycle.folder / f"results-{year}.json"
    write_whole(data, (json.dumps(_open_data(cycle, year), ensure_ascii=False, indent=1) + "\n").encode())
    settings = cycle.folder / SETTINGS
    words = settings.read_text(encoding="utf-8")
    write_whole(settings, _BLOCK.sub(f"previous:\n  file: {data.name}\n", words, count=1).encode())


def _open_data(cycle: Cycle, year: int) -> dict[str, Any]:
    results = (compute_result(unit.code, cycle.criteria, _points(cycle, unit)) for unit in cycle.units)
    return {
        "schema": 1,
        "cycle": f"{cycle.id}-{year}",
        "year": year,
        "authority": cycle.settings.authority.name,
        "ledger_digest": hashlib.sha256(f"{cycle.id} {year}".encode()).hexdigest(),
        "policies": {"groups": cycle.policies.groups, "decimals": cycle.policies.decimals},
        "criteria": list(_tree(cycle.criteria.fields, cycle.settings.year, year)),
        "units": [_unit(one) for one in standings(cycle.units, results, cycle.policies)],
    }


def _points(cycle: Cycle, unit: Unit) -> dict[str, StandingPoints]:
    chance = Random(f"{_SEED} {unit.code}")  # noqa: S311 - a rehearsal, not a secret
    good = chance.uniform(0.68, 0.9)
    found: dict[str, StandingPoints] = {}
    for leaf in cycle.criteria.leaves:
        share = Fraction(min(100, max(0, round(chance.gauss(good, 0.12) * 100))), 100)
        found[leaf.code] = StandingPoints(rounded(Fraction(leaf.max_points) * share, 2), "finding")
    return found


def _tree(criteria: Iterable[Criterion], this_year: int, year: int, parent: str = "") -> Iterator[dict[str, Any]]:
    for criterion in criteria:
        yield {
            "code": criterion.code,
            "parent": parent or None,
            "title": criterion.title.replace(str(this_year), str(year)),
            "max_points": plain_decimal(criterion.max_points),
            "source": None if criterion.parts else source_of(criterion),
        }
        yield from _tree(criterion.parts, this_year, year, criterion.code)


def _unit(standing: Standing) -> dict[str, Any]:
    scores = standing.result.standing.items()
    criteria = [
        {"code": code, "points": plain_decimal(one.points) if one.points is not None else None, "excluded": False}
        for code, one in scores
    ]
    return {**as_data(standing), "criteria": criteria}
