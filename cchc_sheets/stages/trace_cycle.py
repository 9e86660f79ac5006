"""The trace of what is said of all units together: means, counts, shares, and how appraisal and explanation went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from cchc_sheets.assessment.appraisal import criteria_of
from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.index import mean_index, rounded
from cchc_sheets.assessment.trace import counted_leaves, sum_of_branch
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, Table
from cchc_sheets.publication.changes import Change, Tally, findings_of, tally
from cchc_sheets.publication.facts import Facts
from cchc_sheets.stages.paper_facts import gather
from cchc_sheets.stages.results import as_data, results_table
from cchc_sheets.stages.trace_criterion import SOURCES
from cchc_sheets.stages.trace_step import Scene, exact, percent, shown
from cchc_sheets.stages.trace_survey import survey_data, survey_words
from cchc_sheets.stages.trace_trend import Past
from cchc_sheets.vietnamese import number

_ROUND = ("lowered", "agreed", "silent", "contested", "upheld", "changed", "open")


def trace_cycle(scene: Scene) -> Outcome:
    """Tell what the papers say of the whole cycle: the mean, classes, fields and criteria, changes, explanations."""
    facts = gather_facts(scene)
    mean = mean_index([one.result for one in scene.standings])
    classes = Counter(one.class_name for one in scene.standings)
    found = list(findings_of(facts))
    past = Past.of(scene)
    data = {
        **scene.head("cycle"),
        "units": [as_data(one) | {"points": exact(one.result.points)} for one in scene.standings],
        "mean_index": {"exact": exact(mean), "published": scene.published(mean)},
        "classes": [_class_data(scene, band.name, classes[band.name]) for band in scene.season.cycle.policies.bands],
        "criteria": [_reached_data(scene, facts, code) for code in facts.criteria.by_code],
        "appraisal": _appraisal_data(facts, found),
        "explanation": _round_data(facts),
        "survey": survey_data(facts.survey),
        "late": dict(scene.known.late),
        "previous": past.data,
    }
    return Outcome(
        "trace",
        (
            text(
                "mean index = {sum} ÷ {count} = {exact}, published {mean}",
                sum=shown(mean * len(scene.standings)),
                count=len(scene.standings),
                exact=shown(mean),
                mean=Decimal(scene.published(mean)),
            ),
            *(
                text(
                    "{name}: {count} units, {percent} %",
                    name=band.name,
                    count=classes[band.name],
                    percent=rounded(Fraction(classes[band.name], len(scene.standings)) * 100, 2),
                )
                for band in scene.season.cycle.policies.bands
            ),
            _tally_words(tally(found)),
            _round_words(facts),
            *survey_words(facts.survey),
            *(_reached_words(facts, field.code) for field in facts.criteria.fields),
        ),
        problems=past.problems,
        data=data,
        table=results_table(scene.season, scene.standings),
    )


def trace_over_units(scene: Scene, criterion: Criterion) -> Outcome:
    """Tell what all units came to in one branch or leaf: mean and share of the report, mean of the notices."""
    facts = gather_facts(scene)
    lines = [_unit_line(scene, criterion, one.unit.code) for one in scene.standings]
    data = {**scene.head("over_units"), **_reached_data(scene, facts, criterion.code), "units": lines}
    names = {unit.code: unit.name for unit in scene.season.cycle.units}
    table = Table(
        text("{code} {title}", code=criterion.code, title=criterion.title),
        (text("unit"), text("attainable points"), text("points"), text("source")),
        tuple(
            (
                names[line["unit"]],
                _printed(line["attainable_points"]),
                _printed(line["points"]),
                str(SOURCES[line["source"]] if line["source"] else text("sum")),
            )
            for line in lines
        ),
        frozenset({1, 2}),
    )
    return Outcome("trace", (_reached_words(facts, criterion.code),), data=data, table=table)


def gather_facts(scene: Scene) -> Facts:
    """Return what the papers speak of, from what is known already."""
    return gather(scene.season, scene.known)


def _printed(value: str | None) -> str:
    return "–" if value is None else number(Decimal(value))


def _unit_line(scene: Scene, criterion: Criterion, unit: str) -> dict[str, Any]:
    result = scene.standing(unit).result
    total = sum_of_branch(criterion, result, scene.season.cycle.criteria)
    stands = None if criterion.parts else result.standing[criterion.code]
    return {
        "unit": unit,
        "attainable_points": exact(total.attainable_points),
        "points": exact(total.points if stands is None else stands.points),
        **percent(total.points, total.attainable_points),
        "source": None if stands is None else stands.source,
        "excluded": stands is not None and stands.is_excluded,
    }


def _class_data(scene: Scene, name: str, count: int) -> dict[str, Any]:
    of = len(scene.standings)
    band = next(one for one in scene.season.cycle.policies.bands if one.name == name)
    units = [one.unit.code for one in scene.standings if one.class_name == name]
    share = Fraction(count, of) * 100
    return {
        "class": name,
        "lower": exact(band.lower),
        "count": count,
        "of": of,
        "share_exact": exact(share),
        **percent(Decimal(count), Decimal(of)),
        "units": units,
    }


def _reached_data(scene: Scene, facts: Facts, code: str) -> dict[str, Any]:
    reached = facts.reached[code]
    criterion = reached.criterion
    counted = counted_leaves(scene.season.cycle.criteria, with_survey=scene.known.record.with_survey)
    data = {
        "code": criterion.code,
        "title": criterion.title,
        "max_points": exact(criterion.max_points),
        "counted_max_points": exact(sum((leaf.max_points for leaf in criterion.leaves if leaf in counted), Decimal(0))),
        "points": exact(reached.points),
        "attainable_points": exact(reached.attainable),
        "mean_exact": exact(Fraction(reached.points) / reached.units),
        "mean": str(rounded(Fraction(reached.points) / reached.units, 2)),
        "share_exact": exact(reached.share * 100),
        "share": str(rounded(reached.share * 100, 2)),
    }
    mean = facts.field_means.get(code)
    if mean is not None:
        data |= {"mean_percent_exact": exact(mean * 100), "mean_percent": str(rounded(mean * 100, 2))}
    if criterion.parts:
        return data
    stands = [one.result.standing[criterion.code] for one in scene.standings]
    full = sum(one.points == criterion.max_points for one in stands)
    return data | {"full": full, "none": sum(not one.points and not one.is_excluded for one in stands)}


def _reached_words(facts: Facts, code: str) -> Text:
    """Tell the mean and the share; where units were judged by different maxima, the mean of their percentages, too."""
    reached = facts.reached[code]
    share, mean = rounded(reached.share * 100, 2), facts.field_means.get(code)
    said = text(
        "{code} {title}: {points} points of all units ÷ {units} = {mean}; of {attainable} attainable that is {share} %",
        code=code,
        title=reached.criterion.title,
        points=reached.points,
        units=reached.units,
        mean=rounded(Fraction(reached.points) / reached.units, 2),
        attainable=reached.attainable,
        share=share,
    )
    if mean is None or rounded(mean * 100, 2) == share:
        return said
    return text(
        "{said}; the mean of the units' own percentages, as in notices and pages, is {mean} %",
        said=said,
        mean=rounded(mean * 100, 2),
    )


def _appraisal_data(facts: Facts, found: list[Change]) -> dict[str, Any]:
    departments = {}
    for identity in facts.words.departments:
        own = {leaf.code for leaf in criteria_of(facts.criteria, identity)}
        if own:
            departments[identity] = _tally_data(tally(one for one in found if one.leaf.code in own))
    by_unit = {unit.code: [one for one in found if one.unit.code == unit.code] for unit in facts.units}
    return {
        **_tally_data(tally(found)),
        "departments": departments,
        "units": {
            unit.code: _tally_data(tally(by_unit[unit.code]))
            | {"all": _changes(facts, facts.criteria.leaves, unit.code)}
            for unit in facts.units
        },
        "fields": {field.code: _changes(facts, field.leaves) for field in facts.criteria.fields},
        "all": _changes(facts, facts.criteria.leaves),
    }


def _changes(facts: Facts, leaves: Iterable[Criterion], unit: str = "") -> dict[str, str | None]:
    """Return what all units, or one, claimed and what stands, in those criteria that units score themselves."""
    leaves = [leaf for leaf in leaves if leaf.is_self_scored]
    claimed, stands = Decimal(0), Decimal(0)
    for standing in facts.standings:
        if unit not in {"", standing.unit.code}:
            continue
        submission = facts.submission(standing.unit)
        for leaf in leaves:
            claimed += submission.score(leaf.code).claimed(leaf) or Decimal(0)
            stands += standing.result.standing[leaf.code].points or Decimal(0)
    return {"claimed": exact(claimed), "points": exact(stands), "difference": exact(stands - claimed)}


def _tally_data(one: Tally) -> dict[str, Any]:
    return {
        "findings": one.findings,
        "kept": one.kept,
        "lowered": one.lowered,
        "raised": one.raised,
        "unclaimed": one.unclaimed,
        "claimed": exact(one.claimed),
        "points": exact(one.points),
        "difference": exact(one.points - one.claimed),
    }


def _tally_words(one: Tally) -> Text:
    return text(
        "{findings} findings: {kept} left the self-score as it was, {lowered} lowered it, {raised} raised it, "
        "{unclaimed} found no self-score; {points} points found where {claimed} were claimed",
        findings=one.findings,
        kept=one.kept,
        lowered=one.lowered,
        raised=one.raised,
        unclaimed=one.unclaimed,
        points=one.points,
        claimed=one.claimed,
    )


def _round_data(facts: Facts) -> dict[str, Any]:
    rounds = {unit.code: facts.round_of(unit) for unit in facts.units}
    counts = {unit: {name: getattr(one, name) for name in _ROUND} | {"waiting": w} for unit, (one, w) in rounds.items()}
    totals = {name: sum(one[name] for one in counts.values()) for name in (*_ROUND, "waiting")}
    meeting = {place for place, one in facts.record.rulings.items() if one.source == "meeting"}
    contested = facts.record.contested
    units = {unit: one for unit, one in counts.items() if one["lowered"]}
    return {
        **totals,
        "meeting_rulings": len(meeting),
        "meeting_contested": len(meeting & contested),
        "disputes": len(contested | facts.record.rulings.keys()),
        "units": units,
    }


def _round_words(facts: Facts) -> Text:
    totals = _round_data(facts)
    return text(
        "explanation: {lowered} criteria put to the units, {agreed} agreed to, {silent} not answered, {waiting} "
        "still to be answered, {contested} contested: {upheld} upheld, {changed} changed, {open} not ruled yet",
        **{name: totals[name] for name in (*_ROUND, "waiting")},
    )
