"""The trace of one criterion of one unit: from the cell to its share in the published index."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from cchc_sheets.assessment.criteria import Adjustment, Criterion
from cchc_sheets.assessment.index import StandingPoints
from cchc_sheets.assessment.standing import given_points
from cchc_sheets.assessment.trace import counted_leaves, share_of_index
from cchc_sheets.assessment.units import Unit
from cchc_sheets.cycle.folder import CRITERIA
from cchc_sheets.errors import Problem
from cchc_sheets.layouts.rule_words import adjustment_in_words, rule_in_words
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome, plain_decimal
from cchc_sheets.stages.configuration import changed_files
from cchc_sheets.stages.trace_given import self_scored_steps
from cchc_sheets.stages.trace_imported import adjustment_steps, imported_steps
from cchc_sheets.stages.trace_origin import Origin
from cchc_sheets.stages.trace_step import Scene, Step, exact

SOURCES: Final = {
    "ruling": text("ruling"),
    "finding": text("finding"),
    "self_score": text("self-score"),
    "survey": text("survey"),
    "imported": text("imported"),
    "none": text("nobody gave any"),
}
_STEP_OF: Final = {
    "ruling": "ruling",
    "finding": "finding",
    "self_score": "self_score",
    "survey": "imported",
    "imported": "imported",
}
"""In which step the points were given that stand, by their source."""


def trace_criterion(scene: Scene, unit: Unit, leaf: Criterion) -> Outcome:
    """Tell the life of one number."""
    result = scene.standing(unit.code).result
    stands = result.standing[leaf.code]
    steps = [_rule_step(scene, leaf)]
    lived = self_scored_steps if leaf.is_self_scored else imported_steps
    steps += lived(scene, unit, leaf)
    penalties = [item for item in scene.season.cycle.criteria.adjustments if item.criterion == leaf.code]
    taken = [step for item in penalties for step in adjustment_steps(scene, unit, item)]
    steps += [*taken, _stands_step(scene, unit, leaf, stands)]
    counts = leaf in counted_leaves(scene.season.cycle.criteria, with_survey=scene.known.record.with_survey)
    if counts:
        steps.append(_share_step(scene, unit, leaf))
    problems = tuple(_untraceable(unit, leaf, stands, steps))
    data = {
        **scene.head("criterion"),
        "unit": {"code": unit.code, "name": unit.name},
        "criterion": _criterion_data(scene, leaf),
        "life": [step.as_data() for step in steps],
        "stands": {
            "points": exact(stands.points),
            "source": stands.source,
            "excluded": stands.is_excluded,
            "counts": counts,
        },
        "traceable": not problems,
    }
    title = text("{unit}, {code} {title}", unit=unit.name, code=leaf.code, title=leaf.title)
    return Outcome("trace", (title, *(step.words for step in steps)), problems=problems, data=data)


def trace_adjustment(scene: Scene, unit: Unit, item: Adjustment) -> Outcome:
    """Tell where one bonus or penalty of a unit comes from and where it goes."""
    entry = scene.known.record.adjustments.entries.get((unit.code, item.code))
    result = scene.standing(unit.code).result
    steps = list(adjustment_steps(scene, unit, item))
    if entry is None:
        steps.append(Step("stands", text("nothing is added or taken")))
    elif item.criterion:
        said = text("{points} points are taken from criterion {code}", points=entry.points, code=item.criterion)
        steps.append(Step("stands", said, entry.points))
    else:
        signed = entry.points if item.kind == "bonus" else -entry.points
        share = share_of_index(signed, result)
        said = text(
            "{points} of {total} points of the unit, {share} of its index",
            points=signed,
            total=result.points,
            share=Decimal(scene.published(share)),
        )
        steps.append(Step("stands", said, signed, details={"share_exact": exact(share)}))
    title = text("{unit}, {code} {title}", unit=unit.name, code=item.code, title=item.title)
    data = {
        **scene.head("adjustment"),
        "unit": {"code": unit.code, "name": unit.name},
        "adjustment": {
            "code": item.code,
            "title": item.title,
            "kind": item.kind,
            "criterion": item.criterion or None,
            "rule": adjustment_in_words(item),
        },
        "life": [step.as_data() for step in steps],
        "points": exact(entry.points) if entry else None,
    }
    return Outcome("trace", (title, *(step.words for step in steps)), data=data)


def _rule_step(scene: Scene, leaf: Criterion) -> Step:
    last = scene.season.ledger.last("configuration", "-")
    words = rule_in_words(leaf)
    said = text("worth at most {points} points; {rule}", points=leaf.max_points, rule=words.replace("\n", " "))
    if CRITERIA in changed_files(scene.season):
        said, last = text("{said}; so says {file} today, the ledger does not", said=said, file=CRITERIA), None
    return Step("rule", said, leaf.max_points, Origin(last) if last else None, details={"rule": words})


def _stands_step(scene: Scene, unit: Unit, leaf: Criterion, stands: StandingPoints) -> Step:
    record = scene.known.record
    given = given_points(leaf, unit.code, record)
    if stands.is_excluded and stands.points is None:
        said = text("the criterion is left out: it counts neither for the unit nor for what it could reach")
    elif stands.points is None:
        said = text("no points stand; it counts as 0 until somebody gives points")
    else:
        said = text("{points} points stand, by: {source}", points=stands.points, source=SOURCES[stands.source])
    if given != stands:
        before = given.points if given.points is not None else Decimal(0)
        said = text("{said}; {before} before the penalties", said=said, before=before)
    return Step("stands", said, stands.points, details={"before_penalties": exact(given.points)})


def _share_step(scene: Scene, unit: Unit, leaf: Criterion) -> Step:
    """Say what the points are of the field, of all points, and of the index."""
    criteria, standing = scene.season.cycle.criteria, scene.standing(unit.code)
    result = standing.result
    field = next(one for one in criteria.fields if leaf in one.walk())
    in_field = next(one for one in result.fields if one.code == field.code)
    points = result.standing[leaf.code].points or Decimal(0)
    share = share_of_index(points, result)
    said = text(
        "{points} of {field_points} points of field {field}, {points} of {total} points of {attainable} attainable: "
        "{share} of the index of {index}",
        points=points,
        field_points=in_field.points,
        field=field.code,
        total=result.points,
        attainable=result.attainable_points,
        share=Decimal(scene.published(share)),
        index=standing.published_index,
    )
    details = {
        "field": {
            "code": field.code,
            "points": exact(in_field.points),
            "attainable_points": exact(in_field.attainable_points),
        },
        "total": {"points": exact(result.points), "attainable_points": exact(result.attainable_points)},
        "index": {
            "share_exact": exact(share),
            "share": scene.published(share),
            "exact": exact(result.index),
            "published": str(standing.published_index),
        },
    }
    return Step("shares", said, points, details=details)


def _criterion_data(scene: Scene, leaf: Criterion) -> dict[str, Any]:
    path = [one for one in scene.season.cycle.criteria.by_code.values() if leaf in one.walk()]
    return {
        "code": leaf.code,
        "title": leaf.title,
        "max_points": plain_decimal(leaf.max_points),
        "method": leaf.rule.method if leaf.rule else None,
        "department": leaf.department or None,
        "path": [{"code": one.code, "title": one.title} for one in path],
    }


def _untraceable(unit: Unit, leaf: Criterion, stands: StandingPoints, steps: list[Step]) -> Iterator[Problem]:
    """Tell of points that stand although no entry of the ledger says where they come from."""
    wanted = _STEP_OF.get(stands.source)
    if wanted is None or any(step.name == wanted and step.counts and step.origin for step in steps):
        return
    yield Problem(
        "untraceable",
        text(
            "{unit}, {code}: {points} points stand, but the ledger has no entry that says where they come from",
            unit=unit.name,
            code=leaf.code,
            points="–" if stands.points is None else stands.points,
        ),
        text("run `verify`; restore the ledger from a backup if entries are missing"),
        unit=unit.code,
        row=leaf.code,
    )
