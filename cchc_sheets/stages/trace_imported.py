"""The life of a number that came from outside the sheets, and of bonuses and penalties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from cchc_sheets.assessment.adjustments import ADJUSTMENTS, WRITTEN
from cchc_sheets.assessment.criteria import Adjustment, Criterion
from cchc_sheets.assessment.units import Unit
from cchc_sheets.layouts.rule_words import adjustment_in_words
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.reading import recorded_number
from cchc_sheets.stages.survey_taken import measuring
from cchc_sheets.stages.trace_origin import Origin, review_rows
from cchc_sheets.stages.trace_step import Scene, Step

_MEASURES: Final = {
    "share_satisfied": text("share of the satisfied"),
    "weighted_mean": text("mean of the answers by their weights"),
}


def imported_steps(scene: Scene, unit: Unit, leaf: Criterion) -> Iterator[Step]:
    """Yield what was imported for a criterion of a unit, oldest first; for a survey with what was measured."""
    season = scene.season
    entries = [(entry, points) for entry in season.ledger.entries("points") if (points := _points(entry, unit, leaf))]
    for at, (entry, points) in enumerate(entries):
        counts = at == len(entries) - 1 and (unit.code, leaf.code) in scene.known.record.imported
        said = text("{points} points were taken over from {file}", points=points, file=entry.body["file"])
        if not counts:
            said = text("{said}; overtaken by a later file", said=said)
        details = {"file": entry.body["file"], "file_digest": entry.body["digest"]}
        if measured := _measured(scene, entry, unit, leaf):
            yield _measure_step(*measured, leaf)
        yield Step("imported", said, points, Origin(entry), counts, details)
    if not entries:
        yield Step("imported", text("no points have been imported for it"), counts=False)
    if leaf.is_surveyed and not scene.known.record.with_survey:
        yield Step("rescaled", text("there is no survey: its criteria are left out, the others are scaled to 100"))


def _points(entry: Entry, unit: Unit, leaf: Criterion) -> Decimal | None:
    values = (
        recorded_number(value) for owner, code, value in entry.body["points"] if (owner, code) == (unit.code, leaf.code)
    )
    return next(values, None)


def _measured(
    scene: Scene, points: Entry, unit: Unit, leaf: Criterion
) -> tuple[Entry, Mapping[str, Any], Mapping[str, Any]] | None:
    """Return what was measured from the answers in the same file, if it was a table of answers."""
    entry = measuring(scene.season, points)
    if entry is None:
        return None
    for of in entry.body["units"]:
        for measured in of["criteria"]:
            if (of["unit"], measured["code"]) == (unit.code, leaf.code):
                return entry, of, measured
    return None


def _measure_step(entry: Entry, of: Mapping[str, Any], measured: Mapping[str, Any], leaf: Criterion) -> Step:
    measure = entry.body["measures"][leaf.code]
    said = text(
        "{counted} of {received} responses count; {measure}: {value} %, ± {margin} %, of {max_points} points",
        counted=of["counted"],
        received=of["received"],
        measure=_MEASURES.get(measure, measure),
        value=recorded_number(measured["value"]),
        margin=recorded_number(measured["margin"]),
        max_points=leaf.max_points,
    )
    details = {"measure": measure, **{name: value for name, value in measured.items() if name != "points"}}
    details |= {"received": of["received"], "counted": of["counted"], "excluded": of["excluded"]}
    return Step("measured", said, recorded_number(measured["points"]), Origin(entry), details=details)


def adjustment_steps(scene: Scene, unit: Unit, item: Adjustment) -> Iterator[Step]:
    """Yield what was written for a bonus or penalty of a unit, oldest first."""
    entry = scene.known.record.adjustments.entries.get((unit.code, item.code))
    rows = review_rows(scene.season, ADJUSTMENTS, (unit.code, item.code), WRITTEN)
    for at, written in enumerate(rows):
        counts = entry is not None and at == len(rows) - 1
        count, points, remark = (written.typed(column) for column in WRITTEN)
        said = text(
            "the office wrote «{typed}» for {code} ({title}: {rule})",
            typed=" / ".join(part for part in (count, points, remark) if part),
            code=item.code,
            title=item.title,
            rule=adjustment_in_words(item),
        )
        size = entry.points if counts and entry else None
        said = _sized(item, said, size)
        details = {"code": item.code, "kind": item.kind, "count": count, "typed_points": points, "remark": remark}
        details["criterion"] = item.criterion
        column = "points" if points else "count"
        yield Step("adjustment", said, size, written.origin(column), counts, details)


def _sized(item: Adjustment, said: Text, size: Decimal | None) -> Text:
    if size is None:
        return text("{said}; does not count any more", said=said)
    if item.kind == "bonus":
        return text("{said}: {points} points are added", said=said, points=size)
    return text("{said}: {points} points are taken", said=said, points=size)
