"""The trace of sums: a unit as a whole, one branch of it, and every level between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.ranking import FIELD_TIE_BREAK, Standing
from cchc_sheets.assessment.trace import (
    ClassStory,
    Neighbour,
    RankStory,
    class_story,
    counted_leaves,
    rank_story,
    share_of_index,
    sum_of_branch,
)
from cchc_sheets.assessment.units import Unit
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, Table
from cchc_sheets.stages.results import as_data
from cchc_sheets.stages.trace_criterion import SOURCES
from cchc_sheets.stages.trace_imported import adjustment_steps
from cchc_sheets.stages.trace_step import Scene, exact, percent, shown
from cchc_sheets.stages.trace_survey import unit_survey, unit_survey_data, unit_survey_words
from cchc_sheets.stages.trace_trend import Past
from cchc_sheets.vietnamese import number

_DECIDED: Final = {
    "index": text("index"),
    "appraisal_points": text("appraised points"),
    "survey_points": text("survey points"),
    "adjustment_points": text("bonus and penalty"),
    "self_points": text("self-scored points"),
}


def trace_unit(scene: Scene, unit: Unit) -> Outcome:
    """Tell the sum of a unit: what stands for every criterion, every sum, the index, rank and class."""
    standing, policies = scene.standing(unit.code), scene.season.cycle.policies
    rank, klass = rank_story(standing, scene.standings, policies), class_story(standing, policies)
    adjusted = [s for item in scene.season.cycle.criteria.adjustments for s in adjustment_steps(scene, unit, item)]
    criteria, past, answers = scene.season.cycle.criteria, Past.of(scene), unit_survey(scene, unit)
    summary = (
        text("{unit}", unit=unit.name),
        *_late(scene, unit),
        _claimed_words(_claimed(scene, unit, criteria.leaves)),
        *(step.words for step in adjusted),
        *_sum_words(standing),
        *unit_survey_words(answers),
        _lost_words(scene, standing, criteria.leaves),
        *_rank_words(rank),
        _class_words(klass),
        *past.words_of(unit),
    )
    data = {
        **scene.head("unit"),
        "unit": {"code": unit.code, "name": unit.name, "late": scene.known.late.get(unit.code)},
        "criteria": [_branch_data(scene, standing, field) for field in criteria.fields],
        "all_criteria": _all_criteria(standing),
        "claimed": _claimed(scene, unit, criteria.leaves),
        "lost": _lost(scene, standing, criteria.leaves),
        "adjustments": [step.as_data() for step in adjusted],
        "survey": unit_survey_data(answers),
        "result": as_data(standing) | {"points": exact(standing.result.points)},
        "ranking": _rank_data(rank),
        "classification": _class_data(klass, policies.class_by),
        "previous": past.data_of(unit),
        "gaps": list(standing.result.gaps),
    }
    branches = [one for field in criteria.fields for one in field.walk()]
    return Outcome("trace", summary, problems=past.problems, data=data, table=_table(scene, standing, branches))


def trace_branch(scene: Scene, unit: Unit, branch: Criterion) -> Outcome:
    """Tell the sum of one branch of a unit, and its share in the index."""
    standing = scene.standing(unit.code)
    total = sum_of_branch(branch, standing.result, scene.season.cycle.criteria)
    share = share_of_index(total.points, standing.result)
    said = text(
        "{code} {title}: {points} of {attainable} attainable points, {share} of the index of {index}",
        code=branch.code,
        title=branch.title,
        points=total.points,
        attainable=total.attainable_points,
        share=Decimal(scene.published(share)),
        index=standing.published_index,
    )
    claimed = _claimed(scene, unit, branch.leaves)
    data = {
        **scene.head("branch"),
        "unit": {"code": unit.code, "name": unit.name},
        **_branch_data(scene, standing, branch),
        "claimed": claimed,
        "share_exact": exact(share),
        "share": scene.published(share),
        "index_exact": exact(standing.result.index),
        "index": str(standing.published_index),
    }
    told = [
        text("{percent} % of what it could reach", percent=Decimal(data["percent"])) if data["percent"] else None,
        _claimed_words(claimed) if claimed is None or Decimal(claimed["max_points"]) else None,
        _lost_words(scene, standing, branch.leaves),
    ]
    summary = (said, *(one for one in told if one is not None))
    return Outcome("trace", summary, data=data, table=_table(scene, standing, list(branch.walk())))


def _all_criteria(standing: Standing) -> dict[str, Any]:
    """Return the sum of all criteria, before bonus and penalty, as the unit's notice adds it up."""
    result = standing.result
    points = result.points - result.adjustment_points
    return {"points": exact(points)} | percent(points, result.attainable_points)


def _claimed(scene: Scene, unit: Unit, leaves: Iterable[Criterion]) -> dict[str, Any] | None:
    """Return what the unit gave itself in the criteria that it scores, of how much; None if it handed nothing in."""
    submission = scene.known.record.submissions.get(unit.code)
    if submission is None:
        return None
    scores = [(leaf, submission.score(leaf.code)) for leaf in leaves if leaf.is_self_scored]
    maximum = sum((leaf.max_points for leaf, _ in scores), Decimal(0))
    excluded = sum((leaf.max_points for leaf, score in scores if score.is_excluded(leaf)), Decimal(0))
    points = sum((score.claimed(leaf) or Decimal(0) for leaf, score in scores), Decimal(0))
    sums = {"points": exact(points), "max_points": exact(maximum), "excluded_points": exact(excluded)}
    return sums | percent(points, maximum - excluded)


def _claimed_words(claimed: dict[str, Any] | None) -> Text:
    if claimed is None:
        return text("the unit handed in no self-assessment")
    return text(
        "the unit gave itself {points} of {attainable} points: {percent} %",
        points=Decimal(claimed["points"]),
        attainable=Decimal(claimed["max_points"]) - Decimal(claimed["excluded_points"]),
        percent="–" if claimed["percent"] is None else Decimal(claimed["percent"]),
    )


def _lost(scene: Scene, standing: Standing, leaves: Iterable[Criterion]) -> dict[str, Any]:
    """Return how many points are missing to the maximum, in how many criteria, as the unit's notice says."""
    counted = counted_leaves(scene.season.cycle.criteria, with_survey=scene.known.record.with_survey)
    missing = [_missing(standing, leaf) for leaf in leaves if leaf in counted]
    return {"points": exact(sum(missing, Decimal(0))), "criteria": sum(one > 0 for one in missing)}


def _missing(standing: Standing, leaf: Criterion) -> Decimal:
    stands = standing.result.standing[leaf.code]
    return Decimal(0) if stands.is_excluded else max(Decimal(0), leaf.max_points - (stands.points or Decimal(0)))


def _lost_words(scene: Scene, standing: Standing, leaves: Iterable[Criterion]) -> Text:
    lost = _lost(scene, standing, leaves)
    return text("{points} points lost in {count} criteria", points=Decimal(lost["points"]), count=lost["criteria"])


def _branch_data(scene: Scene, standing: Standing, branch: Criterion) -> dict[str, Any]:
    """Return a branch with everything below it; sums at every level."""
    total = sum_of_branch(branch, standing.result, scene.season.cycle.criteria)
    data: dict[str, Any] = {
        "code": branch.code,
        "title": branch.title,
        "max_points": exact(branch.max_points),
        "attainable_points": exact(total.attainable_points),
    }
    if branch.parts:
        parts = [_branch_data(scene, standing, part) for part in branch.parts]
        lost = _lost(scene, standing, branch.leaves)
        claimed = _claimed(scene, standing.unit, branch.leaves)
        shares = percent(total.points, total.attainable_points)
        return data | {"points": exact(total.points), **shares, "lost": lost, "claimed": claimed, "parts": parts}
    stands = standing.result.standing[branch.code]
    return (
        data
        | {"points": exact(stands.points), "source": stands.source, "excluded": stands.is_excluded}
        | {"lost": exact(_missing(standing, branch))}
    )


def _table(scene: Scene, standing: Standing, branches: list[Criterion]) -> Table:
    return Table(
        text("{unit}", unit=standing.unit.name),
        (text("code"), text("criterion"), text("attainable points"), text("points"), text("source")),
        tuple(_line(scene, standing, branch) for branch in branches),
        frozenset({2, 3}),
    )


def _line(scene: Scene, standing: Standing, branch: Criterion) -> tuple[str, ...]:
    total = sum_of_branch(branch, standing.result, scene.season.cycle.criteria)
    sums = (number(total.attainable_points), number(total.points))
    if branch.parts:
        return branch.code, branch.title, *sums, str(text("sum"))
    counted = counted_leaves(scene.season.cycle.criteria, with_survey=scene.known.record.with_survey)
    stands = standing.result.standing[branch.code]
    source = SOURCES[stands.source] if branch in counted else text("does not count: there is no survey")
    if stands.is_excluded:
        source = text("left out, by: {source}", source=SOURCES[stands.source])
    points = "–" if stands.points is None else number(stands.points)
    return branch.code, branch.title, sums[0], points, str(source)


def _late(scene: Scene, unit: Unit) -> Iterator[Text]:
    if unit.code in scene.known.late:
        yield text("{late}", late=scene.known.late[unit.code])


def _sum_words(standing: Standing) -> Iterator[Text]:
    result = standing.result
    if result.survey_points is None:
        yield text(
            "{appraised} appraised points and {adjusted} of bonus and penalty: {points} of {attainable} attainable; "
            "without a survey its points count neither way",
            appraised=result.appraisal_points,
            adjusted=result.adjustment_points,
            points=result.points,
            attainable=result.attainable_points,
        )
    else:
        yield text(
            "{appraised} appraised points, {survey} of the survey and {adjusted} of bonus and penalty: "
            "{points} of {attainable} attainable",
            appraised=result.appraisal_points,
            survey=result.survey_points,
            adjusted=result.adjustment_points,
            points=result.points,
            attainable=result.attainable_points,
        )
    yield text(
        "index = {points} ÷ {attainable} × 100 = {exact}, published {index}",
        points=result.points,
        attainable=result.attainable_points,
        exact=shown(result.index),
        index=standing.published_index,
    )
    if result.gaps:
        yield text("provisional: no points yet for {codes}", codes=list(result.gaps))


def _rank_words(story: RankStory) -> Iterator[Text]:
    if story.rank is None:
        yield text("scored but not ranked")
        return
    yield text("rank {rank} of {of}", rank=story.rank, of=story.of)
    for said, found in (
        (text("just above"), story.above),
        (text("shares the rank"), story.equal),
        (text("just below"), story.below),
    ):
        for one in found:
            yield _neighbour_words(said, one)


def _neighbour_words(said: Text, one: Neighbour) -> Text:
    other = one.standing
    named = text("{said}: {unit} with {index}", said=said, unit=other.unit.name, index=other.published_index)
    if not one.decided_by:
        return named
    return text(
        "{named}; decided by: {by}, {difference} between them",
        named=named,
        by=_decided(one.decided_by),
        difference=shown(one.difference),
    )


def _decided(name: str) -> Text:
    if name.startswith(FIELD_TIE_BREAK):
        return text("points of field {code}", code=name.removeprefix(FIELD_TIE_BREAK))
    return _DECIDED[name]


def _rank_data(story: RankStory) -> dict[str, Any]:
    def data(found: tuple[Neighbour, ...]) -> list[dict[str, Any]]:
        return [
            {
                "unit": one.standing.unit.code,
                "name": one.standing.unit.name,
                "rank": one.standing.rank,
                "index": str(one.standing.published_index),
                "index_exact": exact(one.standing.result.index),
                "decided_by": one.decided_by or None,
                "difference_exact": exact(one.difference),
            }
            for one in found
        ]

    sides = {"above": data(story.above), "equal": data(story.equal), "below": data(story.below)}
    return {"rank": story.rank, "of": story.of, **sides}


def _class_words(story: ClassStory) -> Text:
    if story.better is None or story.missing is None:
        return text("class {name}: from {lower} on", name=story.band.name, lower=story.band.lower)
    return text(
        "class {name}: from {lower} on; {missing} short of {better}, which begins at {from_}",
        name=story.band.name,
        lower=story.band.lower,
        missing=shown(story.missing),
        better=story.better.name,
        from_=story.better.lower,
    )


def _class_data(story: ClassStory, class_by: str) -> dict[str, Any]:
    return {
        "class": story.band.name,
        "lower": exact(story.band.lower),
        "by": class_by,
        "value": exact(story.value),
        "better": None if story.better is None else {"class": story.better.name, "lower": exact(story.better.lower)},
        "missing": exact(story.missing),
    }
