"""What is put to the units in the explanation round: whatever was lowered, beside which points, until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import NotNow, Problem
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome, UnitOutcome, plain_decimal
from cchc_sheets.stages.hearings import answers_now
from cchc_sheets.stages.record import Known, known_so_far
from cchc_sheets.stages.round_sheets import lay_out_round, round_deadline
from cchc_sheets.stages.season import Season


@dataclass
class Round:
    """One run over all units."""

    season: Season
    known: Known
    actions: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def lowered(self, unit: Unit) -> tuple[str, ...]:
        """Return the criteria in which the findings give the unit less than it claimed."""
        return self.known.record.lowered(unit.code, self.season.cycle.criteria)


def put_to(run: Round, unit: Unit, codes: Collection[str], until: datetime, *, why: str = "") -> None:
    """Record what the unit is asked about, beside which appraised points, until when; what was put once stays so."""
    season, record = run.season, run.known.record
    before = season.latest("explanation_round").get(unit.code)
    stale = {**(before.body.get("stale", {}) if before else {}), **_overtaken_agreements(run, unit)}
    asked = {*codes, *(before.body["put"] if before else ())}
    put = [leaf.code for leaf in season.cycle.criteria.self_scored if leaf.code in asked]
    found = {code: record.findings[unit.code, code].points for code in put if (unit.code, code) in record.findings}
    body: dict[str, Any] = {
        "until": until.isoformat(),
        "put": put,
        "shown": {code: plain_decimal(points) for code, points in found.items() if points is not None},
    }
    body |= {"stale": stale} if stale else {}
    body |= {"reason": why} if why else {}
    if before is None or {**before.body, "reason": why} != {**body, "reason": why}:
        season.record("explanation_round", unit.code, body)


def _overtaken_agreements(run: Round, unit: Unit) -> dict[str, str]:
    """Return what stands beside each agreement to points that have been lowered further since: code → explanation."""
    record = run.known.record
    further = [
        code
        for code in record.put.get(unit.code, ())
        if (finding := record.findings.get((unit.code, code))) is not None
        and finding.points is not None
        and finding.points < record.shown.get((unit.code, code), finding.points)
    ]
    if not further:
        return {}
    answers = answers_now(run.season, unit, further)
    return {code: answer.text for code, answer in answers.items() if answer.is_agreed}


def put_what_is_new(run: Round) -> None:
    """Put to each unit whose time is not over what was lowered since it was asked; the rest is a gap in the results.

    A unit that a broken-off opening left out is asked for the first time: there is nothing to warn of.
    """
    season = run.season
    first: list[Unit] = []
    changed: list[Unit] = []
    for unit in season.cycle.units:
        until = _time_left(season, unit)
        if until is None:
            continue
        before = season.latest("explanation_round").get(unit.code)
        put_to(run, unit, run.lowered(unit), until)
        after = season.latest("explanation_round")[unit.code]
        if before is None:
            first.append(unit)
        elif after.number != before.number:
            changed.append(unit)
    if first or changed:
        run.known = known_so_far(season)
        run.problems += (_asked_anew(season, unit) for unit in changed if round_deadline(season, unit))


def _time_left(season: Season, unit: Unit) -> datetime | None:
    """Return until when a unit can still be asked something new; None if its time is over."""
    asked = season.latest("explanation_round")
    own = [asked[unit.code]] if unit.code in asked else asked.values()
    until = max(datetime.fromisoformat(entry.body["until"]) for entry in own)
    return until if season.now < until else None


def _asked_anew(season: Season, unit: Unit) -> Problem:
    until = round_deadline(season, unit)
    return Problem(
        "lowered_later",
        text("{unit}: findings have changed since it was asked; its sheet shows them now", unit=unit.name),
        text("tell the unit, which has until {until}; `extend` gives it more time", until=until),
        "warning",
        unit.code,
    )


def extend_answers(season: Season, unit: Unit, until: datetime, reason: str) -> Outcome:
    """Give one unit more time to answer, or a first time for what was lowered after the round; its sheet is opened.

    Raises:
        NotNow: if nothing was lowered in this unit.
    """
    run = Round(season, known_so_far(season))
    if not run.lowered(unit) and not run.known.record.put.get(unit.code):
        raise NotNow(
            text("nothing was lowered in {unit}: there is nothing to answer", unit=unit.name),
            fix=text("in the explanation round `extend` gives time for the answers; the self-assessment is over"),
            code="nothing_put",
        )
    said = text("{unit} may answer until {deadline}", unit=unit.name, deadline=until)
    data = {"unit": unit.code, "until": until.isoformat(), "reason": reason}
    if season.dry_run:
        return Outcome("extend", (said,), (UnitOutcome(unit.code, "would_extend", said),), data=data)
    put_to(run, unit, run.lowered(unit), until, why=reason)
    problems = lay_out_round(season, known_so_far(season), unit, closed=False)
    return Outcome("extend", (said,), (UnitOutcome(unit.code, "extended", said),), tuple(problems), data)
