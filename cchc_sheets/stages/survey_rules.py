"""By which rules a survey became points, and whether they are still those of criteria.yaml and units.csv."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

from cchc_sheets.assessment.appraisal import Place
from cchc_sheets.errors import Problem
from cchc_sheets.messages import text
from cchc_sheets.stages.points_file import file_digest, points_to_json
from cchc_sheets.stages.record import Imported, imported
from cchc_sheets.stages.season import Season


def survey_rules(season: Season) -> str:
    """Return a digest of everything from which a file of the survey becomes points: plan, maxima, units."""
    cycle = season.cycle
    plan = cycle.criteria.survey_plan
    rules = {
        "plan": asdict(plan) if plan else None,
        "criteria": [(leaf.code, str(leaf.max_points), leaf.is_surveyed) for leaf in cycle.criteria.imported],
        "units": [(unit.code, unit.name) for unit in cycle.units],
    }
    return hashlib.sha256(json.dumps(rules, default=_plain, sort_keys=True).encode()).hexdigest()


def stale_survey(season: Season) -> Iterator[Problem]:
    """Yield for each file whose answers still give points that they were measured by other rules than today's."""
    rules = survey_rules(season)
    standing = {one.file for one in imported(season).values() if one.from_answers}
    for file, entry in season.latest("responses").items():
        if file in standing and entry.body.get("rules", rules) != rules:
            yield Problem(
                "survey_stale",
                text(
                    "the points measured in {file} follow rules that have changed since in criteria.yaml or units.csv",
                    file=file,
                ),
                text("run `survey` with {file} again, or with a table of points in its place", file=file),
            )


def is_taken_already(season: Season, file: Path, points: Mapping[Place, Decimal], *, from_answers: bool) -> bool:
    """Tell whether these points of this file were recorded before: taking them again would undo what came after."""
    last = season.ledger.last("points", file.name)
    if last is None or last.body["digest"] != file_digest(file):
        return False
    same = last.body["points"] == points_to_json(sorted(points.items()))
    return same and bool(last.body.get("from_answers", from_answers)) == from_answers


def changed_points(before: Mapping[Place, Imported], points: Mapping[Place, Decimal]) -> dict[Place, Decimal]:
    """Return the points that differ from those that stand."""
    return {place: one for place, one in points.items() if place not in before or before[place].points != one}


def overridden(before: Mapping[Place, Imported], new: Mapping[Place, Decimal], file: str) -> Iterator[Problem]:
    """Yield a warning if new values take the place of others that came from another file."""
    replaced = [before[place].file for place in new if place in before and before[place].file != file]
    if replaced:
        yield Problem(
            "values_replaced",
            text(
                "{count} values of {file} take the place of those from {files}",
                count=len(replaced),
                file=file,
                files=sorted({*replaced}),
            ),
            text("if the others are to count, import them again after this"),
            "warning",
        )


def remember_taken(season: Season, file: Path) -> None:
    """Record that a file was taken by the rules of today, so that `sync` need not take it again."""
    body = _taken(season, file)
    last = season.latest("made").get(f"survey {file.name}")
    if last is None or last.body != body:
        season.record("made", f"survey {file.name}", body)


def is_remembered(season: Season, file: Path) -> bool:
    """Tell whether this very file was taken by the very rules of today."""
    last = season.latest("made").get(f"survey {file.name}")
    return last is not None and last.body == _taken(season, file)


def _taken(season: Season, file: Path) -> dict[str, str]:
    return {"basis": f"{file_digest(file)} {survey_rules(season)}"}


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, set | frozenset) else str(value)
