"""`explain`: put what was lowered to the units, take in their answers at the deadline, show them the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final

from cchc_sheets.assessment.appraisal import unappraised
from cchc_sheets.assessment.explanation import EXPLANATION, RULINGS, RoundCounts, Ruling, lowered
from cchc_sheets.assessment.submission import Submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import NotNow, Problem, WorkbookUnreadable
from cchc_sheets.layouts.explanation import PutToUnit, explanation_sheet
from cchc_sheets.layouts.workbook import Workbook
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, Table, UnitOutcome
from cchc_sheets.reading import WorkbookReading, to_json
from cchc_sheets.stages.appraise import lay_out
from cchc_sheets.stages.findings import read_findings
from cchc_sheets.stages.provision import submission_workbook, unplaced_problems, unreadable
from cchc_sheets.stages.record import Known, known_so_far, record_appraisal
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.snapshots import remember, settled
from cchc_sheets.vietnamese import moment

_SAID: Final = {
    "not_lowered": text("nothing was lowered"),
    "put": text("lowered criteria are put to the unit"),
    "would_put": text("lowered criteria would be put to the unit"),
    "open": text("the unit may still answer"),
    "answered": text("answers read and recorded"),
    "would_read": text("answers would be read and recorded"),
    "waiting": text("contested criteria wait for a ruling"),
    "ruled": text("everything contested is ruled; the unit sees the outcome"),
}


@dataclass
class _Round:
    """One run over all units."""

    season: Season
    known: Known
    actions: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def explain(season: Season, *, until: str = "") -> Outcome:
    """Open the explanation round, or carry it on: whatever is due at this moment.

    Args:
        until: deadline of the round, by default the calendar's; given again it moves the deadline of a round that
            is open.

    Raises:
        NotNow: before the appraisal is finished, or if no deadline is known.
    """
    if not season.dry_run:
        record_appraisal(season, read_findings(season).reading)
    known = known_so_far(season)
    run = _Round(season, known)
    if not season.latest("explanation_round"):
        _refuse_unfinished(season, known)
        _open(run, _deadline(season, until))
    else:
        if until:
            _move_deadline(season, _deadline(season, until))
        _put_to_the_rest(run, until)
        _carry_on(run)
    return _outcome(run)


def round_deadline(season: Season, unit: Unit) -> datetime | None:
    """Return by when the unit may answer; None if nothing was put to it."""
    entry = season.latest("explanation_round").get(unit.code)
    return datetime.fromisoformat(entry.body["until"]) if entry and entry.body["put"] else None


def _refuse_unfinished(season: Season, known: Known) -> None:
    open_rows = len(list(unappraised(season.cycle.units, season.cycle.criteria, known.record.findings)))
    if not season.latest("submission") or open_rows:
        raise NotNow(
            text("the appraisal is not finished: {count} findings are missing", count=open_rows),
            fix=text("have the departments finish, run `appraise`, then `explain`: all units get the same time"),
            code="unappraised",
        )


def _deadline(season: Season, until: str) -> datetime:
    deadline = season.cycle.moment(until) if until else season.cycle.settings.calendar.explanation
    if deadline is None:
        raise NotNow(
            text("the calendar has no deadline of the explanation round"),
            where="cycle.yaml",
            fix=text("write `explanation:` into the calendar, or name it with --until"),
            code="date",
        )
    if deadline <= season.now:
        raise NotNow(
            text("the deadline {deadline} has passed already", deadline=deadline),
            where="--until" if until else "cycle.yaml",
            fix=text("name a moment after now with --until"),
            code="date",
        )
    return deadline


def _put_to_the_rest(run: _Round, until: str) -> None:
    """Put what was lowered to the units that were left out: the run that opened the round did not get to its end.

    Raises:
        NotNow: if the deadline of the others has passed, and no other one is known.
    """
    season, rounds = run.season, run.season.latest("explanation_round")
    rest = [unit for unit in season.cycle.units if unit.code not in rounds]
    if not rest or season.dry_run:
        return
    latest = max(datetime.fromisoformat(entry.body["until"]) for entry in rounds.values())
    for unit in rest:
        put = _lowered_of(run, unit)
        deadline = latest if not put or season.now < latest else _deadline(season, until)
        season.record("explanation_round", unit.code, {"until": deadline.isoformat(), "put": put})
    run.known = known_so_far(season)


def _lowered_of(run: _Round, unit: Unit) -> list[str]:
    record = run.known.record
    findings = {code: finding for (owner, code), finding in record.findings.items() if owner == unit.code}
    submission = record.submissions.get(unit.code, Submission(unit.code))
    return [leaf.code for leaf in lowered(run.season.cycle.criteria, submission, findings)]


def _open(run: _Round, until: datetime) -> None:
    season = run.season
    for unit in _followed(season, text("putting what was lowered to the units")):
        put = _lowered_of(run, unit)
        if season.dry_run:
            run.actions[unit.code] = "would_put" if put else "not_lowered"
            continue
        season.record("explanation_round", unit.code, {"until": until.isoformat(), "put": put})
        run.actions[unit.code] = "put" if put else "not_lowered"
    if not season.dry_run:
        run.known = known_so_far(season)
        for unit in season.cycle.units:
            if run.actions[unit.code] == "put":
                _lay_out_for(run, unit, closed=False)


def _move_deadline(season: Season, until: datetime) -> None:
    """Give every unit that has not been read yet until the new deadline; the same one again changes nothing."""
    for unit, entry in list(season.latest("explanation_round").items()):
        is_moved = datetime.fromisoformat(entry.body["until"]) != until
        if is_moved and unit not in season.latest("explanation") and not season.dry_run:
            season.record("explanation_round", unit, {**entry.body, "until": until.isoformat()})


def _carry_on(run: _Round) -> None:
    season = run.season
    units = {unit.code: unit for unit in season.cycle.units}
    due: list[Unit] = []
    for unit in units.values():
        deadline = round_deadline(season, unit)
        if deadline is None:
            run.actions[unit.code] = "not_lowered"
        elif unit.code in season.latest("explanation"):
            run.actions[unit.code] = "answered"
        elif season.now < deadline:
            run.actions[unit.code] = "open"
            if not season.dry_run:
                _lay_out_for(run, unit, closed=False)
        else:
            run.actions[unit.code] = "would_read"
            due.append(unit)
    if season.dry_run:
        return
    _take_answers(run, due)
    run.known = known_so_far(season)
    run.problems += lay_out(season, run.known, "")
    for unit in units.values():
        if run.actions[unit.code] == "answered":
            _show_outcome(run, unit)


def _take_answers(run: _Round, due: list[Unit]) -> None:
    """Close the sheets of all whose time is over, then read and record them."""
    season = run.season
    for unit in due:
        try:
            season.workspace.freeze(explanation_workbook(season, unit, run.known, closed=False))
        except WorkbookUnreadable as error:
            run.problems.append(unreadable(error, unit))
    for done, unit in enumerate(due):
        season.progress(text("reading the answers"), done, len(due))
        try:
            reading = season.workspace.read(unit_key(unit))
        except WorkbookUnreadable as error:
            run.problems.append(unreadable(error, unit))
            run.actions[unit.code] = error.code
            continue
        season.record("explanation", unit.code, {"reading": to_json(_answers_of(reading))})
        run.actions[unit.code] = "answered"


def _answers_of(reading: WorkbookReading) -> WorkbookReading:
    """Keep the sheet of the answers: the others are recorded already."""
    return replace(reading, sheets=tuple(sheet for sheet in reading.sheets if sheet.key == EXPLANATION), strays=())


def _show_outcome(run: _Round, unit: Unit) -> None:
    """Show the unit the rulings on what it contested, as soon as there is one on each."""
    counts = run.known.record.round_of(unit.code)
    if counts.contested and not counts.open:
        _lay_out_for(run, unit, closed=True)
        run.actions[unit.code] = "ruled"
    elif counts.open:
        run.actions[unit.code] = "waiting"


def _lay_out_for(run: _Round, unit: Unit, *, closed: bool) -> None:
    season = run.season
    workbook = explanation_workbook(season, unit, run.known, closed=closed)
    if settled(season, workbook):
        return
    try:
        ensured = season.workspace.ensure(workbook)
        if ensured.is_closed and not closed:
            season.workspace.thaw(workbook)
        elif ensured.reading is not None:
            remember(season, workbook, version=ensured.reading.version, reading=ensured.reading)
    except WorkbookUnreadable as error:
        run.problems.append(unreadable(error, unit))
        return
    run.problems += unplaced_problems(ensured, unit.code)


def explanation_workbook(season: Season, unit: Unit, known: Known, *, closed: bool) -> Workbook:
    """Describe a unit's workbook in the round: what it handed in, closed, and the explanation sheet."""
    record = known.record
    base = submission_workbook(season, unit)
    put = record.put.get(unit.code, ())
    counts = record.round_of(unit.code)
    rulings: dict[str, Ruling] = {}
    if counts.contested and not counts.open:
        rulings = {code: record.rulings[unit.code, code] for code in put if (unit.code, code) in record.rulings}
    sheet = explanation_sheet(
        season.cycle.criteria,
        PutToUnit(
            unit,
            record.submissions.get(unit.code, Submission(unit.code)),
            [code for code in put if code in season.cycle.criteria.by_code],
            {code: record.findings[unit.code, code] for code in put if (unit.code, code) in record.findings},
            rulings,
        ),
        closed=closed,
    )
    until = round_deadline(season, unit)
    slots = {**base.slots, "explanation_deadline": moment(until) if until else ""}
    return replace(base, sheets=(*(replace(one, closed=True) for one in base.sheets), sheet), slots=slots)


def _followed(season: Season, what: Text) -> Iterator[Unit]:
    for done, unit in enumerate(season.cycle.units):
        season.progress(what, done, len(season.cycle.units))
        yield unit


def _outcome(run: _Round) -> Outcome:
    season = run.season
    counts = {unit.code: run.known.record.round_of(unit.code) for unit in season.cycle.units}
    total = RoundCounts(*(sum(values) for values in zip(*map(astuple, counts.values()), strict=True)))
    names = [one.name for one in fields(RoundCounts)]
    wrong = [problem for problem in run.known.problems if problem.sheet in {EXPLANATION, RULINGS}]
    return Outcome(
        "explain",
        (
            text(
                "{lowered} criteria lowered: {agreed} accepted, {contested} contested, {silent} without an answer",
                lowered=total.lowered,
                agreed=total.agreed,
                contested=total.contested,
                silent=total.silent,
            ),
            text(
                "of those contested {upheld} upheld, {changed} changed, {open} not ruled yet",
                upheld=total.upheld,
                changed=total.changed,
                open=total.open,
            ),
        ),
        tuple(
            UnitOutcome(unit, action, _SAID.get(action, text("could not be read")))
            for unit, action in run.actions.items()
        ),
        (*run.problems, *wrong),
        {
            "units": [
                {"unit": unit.code, "name": unit.name, "state": run.actions.get(unit.code, ""), **_as_data(one)}
                for unit in season.cycle.units
                if (one := counts[unit.code]) is not None
            ],
            "total": _as_data(total),
        },
        Table(
            text("the explanation round"),
            (text("unit"), *(_HEADINGS[name] for name in names)),
            tuple((unit.name, *(str(value) for value in astuple(counts[unit.code]))) for unit in season.cycle.units),
            frozenset(range(1, len(names) + 1)),
        ),
    )


_HEADINGS: Final = {
    "lowered": text("lowered"),
    "agreed": text("accepted"),
    "silent": text("no answer"),
    "contested": text("contested"),
    "upheld": text("upheld"),
    "changed": text("changed"),
    "open": text("not ruled"),
}


def _as_data(counts: RoundCounts) -> dict[str, Any]:
    return {one.name: getattr(counts, one.name) for one in fields(RoundCounts)}
