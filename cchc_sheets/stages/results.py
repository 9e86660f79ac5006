"""`results`: the index, ranks and classes as they follow from the ledger at this moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.appraisal import unappraised
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import CchcError, NotNow, Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, Table, UnitOutcome, plain_decimal
from cchc_sheets.stages.configuration import changed_configuration
from cchc_sheets.stages.record import Known, known_so_far
from cchc_sheets.stages.record import results as compute
from cchc_sheets.stages.season import APPRAISAL, Season
from cchc_sheets.stages.survey_rules import stale_survey

UNCOLLECTED: Final = ("still_open", "uncollected")
"""The gaps over which nobody can go on: a unit would count as if it had handed nothing in."""


def results(season: Season) -> Outcome:
    """Compute the results from the ledger; provisional while anything is missing.

    Raises:
        NotNow: before anything was collected.
    """
    if not season.latest("submission"):
        raise NotNow(text("nothing has been collected yet"), fix=text("run `collect` once the deadline has passed"))
    known = known_so_far(season)
    computed = compute(season, known.record)
    gaps = list(result_gaps(season, known, computed))
    wrong = [problem for problem in known.problems if problem.severity == "error"]
    stale = list(_unread(season))
    return Outcome(
        "results",
        (
            text("provisional results: something is still missing")
            if gaps or wrong
            else text("complete results of {units} units", units=len(computed)),
        ),
        units=unit_outcomes(computed),
        problems=(*gaps, *wrong, *stale, *changed_configuration(season)),
        data={"provisional": bool(gaps or wrong), "units": [as_data(standing) for standing in computed]},
        table=results_table(season, computed),
    )


def unit_outcomes(computed: Sequence[Standing]) -> tuple[UnitOutcome, ...]:
    """Return each unit's index, rank and class in words."""
    return tuple(
        UnitOutcome(
            standing.unit.code,
            "unranked" if standing.rank is None else "ranked",
            text(
                "index {index}, rank {rank}, {class_name}",
                index=standing.published_index,
                rank="–" if standing.rank is None else standing.rank,
                class_name=standing.class_name,
            ),
        )
        for standing in computed
    )


def as_data(standing: Standing) -> dict[str, Any]:
    """Return one unit's result as plain JSON values; numbers are strings of exact decimals."""
    result = standing.result
    return {
        "unit": standing.unit.code,
        "name": standing.unit.name,
        "kind": standing.unit.kind,
        "group": standing.group,
        "self_points": plain_decimal(result.self_points),
        "appraisal_points": plain_decimal(result.appraisal_points),
        "survey_points": None if result.survey_points is None else plain_decimal(result.survey_points),
        "adjustment_points": plain_decimal(result.adjustment_points),
        "attainable_points": plain_decimal(result.attainable_points),
        "index": str(standing.published_index),
        "index_exact": str(result.index),
        "rank": standing.rank,
        "class": standing.class_name,
        "fields": [
            {
                "code": field.code,
                "title": field.title,
                "points": plain_decimal(field.points),
                "max_points": plain_decimal(field.max_points),
                "attainable_points": plain_decimal(field.attainable_points),
            }
            for field in result.fields
        ],
    }


def result_gaps(season: Season, known: Known, computed: Sequence[Standing]) -> Iterator[Problem]:
    """Yield for each unit what keeps its result from being final."""
    imported = {leaf.code for leaf in season.cycle.criteria.imported}
    open_rows = Counter(
        unit.code for unit, _ in unappraised(season.cycle.units, season.cycle.criteria, known.record.findings)
    )
    for standing in computed:
        unit = standing.unit
        uncollected = _uncollected(season, unit)
        if uncollected is not None:
            yield uncollected
        elif open_rows[unit.code]:
            yield _gap(
                unit.code,
                "unappraised",
                text(
                    "{unit}: {count} criteria are not appraised yet",
                    unit=unit.name,
                    count=open_rows[unit.code],
                ),
                text("the departments finish the review workbook, then `appraise`"),
            )
        yield from _explanation_gaps(season, known, unit)
        missing = [code for code in standing.result.gaps if code in imported]
        if missing:
            yield _gap(
                unit.code,
                "points_missing",
                text("{unit} has no points for {codes}", unit=unit.name, codes=missing),
                text("add them to the file and run `survey` again"),
            )

    yield from stale_survey(season)


def _uncollected(season: Season, unit: Unit) -> Problem | None:
    """Return why a unit has nothing yet that could count: never that it handed nothing in, which is recorded too."""
    deadline = season.deadline(unit)
    recorded = (season.latest(kind).get(unit.code) for kind in ("submission", "missed"))
    if any(entry is not None and entry.at >= deadline for entry in recorded):
        return None
    if season.now < deadline:
        return _gap(
            unit.code,
            "still_open",
            text("{unit} has time for its self-assessment until {deadline}", unit=unit.name, deadline=deadline),
            text("wait for that, then run `collect`"),
        )
    return _gap(
        unit.code,
        "uncollected",
        text(
            "{unit}: what it has handed in was not read after its deadline, {deadline}",
            unit=unit.name,
            deadline=deadline,
        ),
        text("run `collect`: it reads the workbook, or records that nothing was handed in"),
    )


def _explanation_gaps(season: Season, known: Known, unit: Unit) -> Iterator[Problem]:
    """Yield what of the explanation round is not over yet; without a round nothing is."""
    if unit.code in known.unanswered:
        yield _gap(
            unit.code,
            "round_open",
            text("{unit}: the explanation round is not over", unit=unit.name),
            text("wait for its deadline, then run `explain`"),
        )
    yield from unheard_gap(season, known, unit)
    counts = known.record.round_of(unit.code)
    if counts.open:
        yield _gap(
            unit.code,
            "unruled",
            text("{unit}: {count} contested criteria are not ruled yet", unit=unit.name, count=counts.open),
            text("the council rules in the review workbook, then `explain`"),
        )


def unheard_gap(season: Season, known: Known, unit: Unit) -> Iterator[Problem]:
    """Yield what was lowered, or lowered further, since the unit was asked, if it cannot answer to that any more."""
    unheard = known.record.unheard(unit.code, season.cycle.criteria) if known.record.put else ()
    if unheard and unit.code not in known.unanswered:
        yield _gap(
            unit.code,
            "unheard",
            text("{unit} has not been heard on what was lowered since: {codes}", unit=unit.name, codes=unheard),
            text("give it time to answer with `extend`, or record what the meeting rules with `explain --rule`"),
        )


def results_table(season: Season, computed: Sequence[Standing]) -> Table:
    """Lay the results out for people, best first; with the attainable points where they are not the same for all."""
    ordered = sorted(computed, key=lambda s: (s.group, s.rank is None, s.rank or 0, vietnamese.sort_key(s.unit.name)))
    lines = [_line(season, standing) for standing in ordered]
    columns = [name for name in _HEADINGS if name != "attainable" or len({line[name] for line in lines}) > 1]
    return Table(
        text("{title}", title=season.cycle.settings.title),
        tuple(_HEADINGS[name] for name in columns),
        tuple(tuple(line[name] for name in columns) for line in lines),
        frozenset(place for place, name in enumerate(columns) if name not in {"unit", "class"}),
    )


def _line(season: Season, standing: Standing) -> dict[str, str]:
    result = standing.result
    return {
        "unit": standing.unit.name,
        "appraised": vietnamese.number(result.appraisal_points),
        "survey": "–" if result.survey_points is None else vietnamese.number(result.survey_points),
        "adjustments": vietnamese.number(result.adjustment_points),
        "attainable": vietnamese.number(result.attainable_points),
        "index": vietnamese.fixed(standing.published_index, season.cycle.policies.decimals),
        "rank": "–" if standing.rank is None else str(standing.rank),
        "class": standing.class_name,
    }


_HEADINGS: dict[str, Text] = {
    "unit": text("unit"),
    "appraised": text("appraised"),
    "survey": text("survey"),
    "adjustments": text("bonus and penalty"),
    "attainable": text("attainable points"),
    "index": text("index"),
    "rank": text("rank"),
    "class": text("class"),
}


def _unread(season: Season) -> Iterator[Problem]:
    """The results rest on what was recorded, not on what somebody has typed since."""
    try:
        presence = season.present.get(APPRAISAL)
    except CchcError:
        return  # what was recorded can be shown without a way to the workbooks
    recorded = [*season.ledger.entries("appraisal"), *season.ledger.entries("snapshot", "layout", subject=APPRAISAL)]
    if presence is not None and presence.version not in {entry.body["version"] for entry in recorded}:
        yield Problem(
            "not_read",
            text("the review workbook has changed since it was last read"),
            text("run `appraise` to take the changes in"),
            "warning",
        )


def _gap(unit: str, code: str, what: Text, fix: Text) -> Problem:
    return Problem(code, what, fix, unit=unit)
