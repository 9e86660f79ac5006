"""`explain`: put what was lowered to the units, take in their answers at the deadline, show them the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from cchc_sheets.assessment.appraisal import Place, unappraised
from cchc_sheets.assessment.explanation import (
    EXPLANATION,
    RULINGS,
    RoundCounts,
)
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import NotNow, Problem, WorkbookUnreadable
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, Table, UnitOutcome
from cchc_sheets.reading import WorkbookReading, from_json, to_json
from cchc_sheets.stages.appraise import lay_out
from cchc_sheets.stages.closing import (
    ANSWERS,
    Reread,
    answers_alone,
    changed_cells,
    edited_after_deadline,
    modified_before_closing,
    modified_late,
    not_closed,
)
from cchc_sheets.stages.findings import read_findings
from cchc_sheets.stages.provision import unreadable
from cchc_sheets.stages.record import Known, is_heard, is_withdrawn, known_so_far, record_appraisal
from cchc_sheets.stages.results import unheard_gap
from cchc_sheets.stages.round_questions import Round, put_to, put_what_is_new
from cchc_sheets.stages.round_sheets import explanation_workbook, lay_out_round, round_deadline, show_rulings
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.snapshots import known_reading, remember_reading

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
    run = Round(season, known)
    if not season.latest("explanation_round"):
        _refuse_unfinished(season, known)
        _open(run, _deadline(season, until))
    else:
        if until:
            _move_deadline(season, _deadline(season, until))
        _carry_on(run)
    return _outcome(run)


def _refuse_unfinished(season: Season, known: Known) -> None:
    open_rows = len(list(unappraised(season.cycle.units, season.cycle.criteria, known.record.findings)))
    if not season.latest("submission") or open_rows:
        raise NotNow(
            text("the appraisal is not finished: {count} findings are missing", count=open_rows),
            fix=text("have the departments finish, run `appraise`, then `explain`: all units get the same time"),
            code="unappraised",
        )
    extended = [unit for unit in season.cycle.units if season.now < season.deadline(unit)]
    if extended:
        raise NotNow(
            text("the self-assessment is not over in {units}", units=[unit.name for unit in extended]),
            fix=text("wait until {moment}; the round closes what was handed in", moment=season.deadline(extended[0])),
            code="still_open",
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


def _open(run: Round, until: datetime) -> None:
    season = run.season
    for unit in _followed(season, text("putting what was lowered to the units")):
        put = run.lowered(unit)
        if season.dry_run:
            run.actions[unit.code] = "would_put" if put else "not_lowered"
            continue
        put_to(run, unit, put, until)
        run.actions[unit.code] = "put" if put else "not_lowered"
    if not season.dry_run:
        run.known = known_so_far(season)
        for unit in season.cycle.units:
            if run.actions[unit.code] == "put":
                run.problems += lay_out_round(season, run.known, unit, closed=False)


def _move_deadline(season: Season, until: datetime) -> None:
    """Give every unit that has not been read yet until the new deadline; the same one again changes nothing."""
    for unit, entry in list(season.latest("explanation_round").items()):
        is_moved = datetime.fromisoformat(entry.body["until"]) != until
        if is_moved and not is_heard(season, unit) and not season.dry_run:
            season.record("explanation_round", unit, {**entry.body, "until": until.isoformat()})


def _carry_on(run: Round) -> None:
    season = run.season
    if season.dry_run:
        _due(run)
        return
    put_what_is_new(run)
    due = _due(run)
    for unit in season.cycle.units:
        if run.actions[unit.code] == "open":
            run.problems += lay_out_round(season, run.known, unit, closed=False)
    _take_answers(run, due)
    run.known = known_so_far(season)
    run.problems += lay_out(season, run.known, "")
    for unit in season.cycle.units:
        if run.actions[unit.code] == "answered" and unit not in due:
            run.problems += _edited_since(run, unit)
        if run.actions[unit.code] in {"answered", "not_lowered"}:
            _show_outcome(run, unit)


def _due(run: Round) -> list[Unit]:
    """Note how far each unit is, and return those whose answers are to be read now."""
    season = run.season
    due: list[Unit] = []
    for unit in season.cycle.units:
        deadline = round_deadline(season, unit)
        if deadline is None:
            run.actions[unit.code] = "not_lowered"
        elif is_heard(season, unit.code):
            run.actions[unit.code] = "answered"
        elif season.now < deadline:
            run.actions[unit.code] = "open"
        else:
            run.actions[unit.code] = "would_read"
            due.append(unit)
    return due


def _take_answers(run: Round, due: list[Unit]) -> None:
    """Close the sheets of all whose time is over, then read and record them."""
    season = run.season
    deadlines = {
        unit.code: at for unit in due if unit_key(unit) in season.present and (at := round_deadline(season, unit))
    }
    modified = modified_before_closing(season, ANSWERS, deadlines)
    closed = []
    for unit in due:
        try:
            season.workspace.freeze(explanation_workbook(season, unit, run.known, closed=False))
            closed.append(unit)
        except WorkbookUnreadable as error:
            run.problems.append(unreadable(error, unit))
            run.actions[unit.code] = error.code
    for done, unit in enumerate(closed):
        season.progress(text("reading the answers"), done, len(closed))
        try:
            reading = season.workspace.read(unit_key(unit))
        except WorkbookUnreadable as error:
            run.problems.append(unreadable(error, unit))
            run.actions[unit.code] = error.code
            continue
        season.record("explanation", unit.code, {"reading": to_json(_answers_of(reading))})
        run.actions[unit.code] = "answered"
        found = Reread(unit, reading, modified.get(unit.code), deadlines.get(unit.code, season.now), answers_alone)
        run.problems += (*modified_late(season, found), *not_closed(unit, reading))


def _answers_of(reading: WorkbookReading) -> WorkbookReading:
    """Keep the sheet of the answers: the others are recorded already."""
    return replace(reading, sheets=tuple(sheet for sheet in reading.sheets if sheet.key == EXPLANATION), strays=())


def _edited_since(run: Round, unit: Unit) -> Iterator[Problem]:
    """Yield what was changed in the answers after they were recorded: it is not taken."""
    season, recorded = run.season, from_json(run.season.latest("explanation")[unit.code].body["reading"])
    presence = season.present.get(unit_key(unit))
    if presence is None or presence.version == recorded.version:
        return
    now = known_reading(season, unit_key(unit))
    if now is None:
        try:
            now = season.workspace.read(unit_key(unit))
        except WorkbookUnreadable as error:
            yield unreadable(error, unit)
            return
        remember_reading(season, unit_key(unit), now)
    changes = list(changed_cells(answers_alone(recorded), answers_alone(now)))
    if changes:
        yield edited_after_deadline(unit, changes)


def _show_outcome(run: Round, unit: Unit) -> None:
    """Show the unit the rulings: of the final meeting at once, the council's as soon as all it contested is ruled."""
    counts = run.known.record.round_of(unit.code)
    run.problems += show_rulings(run.season, run.known, unit)
    if counts.open:
        run.actions[unit.code] = "waiting"
    elif counts.contested:
        run.actions[unit.code] = "ruled"


def _followed(season: Season, what: Text) -> Iterator[Unit]:
    for done, unit in enumerate(season.cycle.units):
        season.progress(what, done, len(season.cycle.units))
        yield unit


def _answers(total: RoundCounts, waiting: int) -> Text:
    """Say what was answered; what may still be answered is no silence."""
    if not waiting:
        return text(
            "{lowered} criteria lowered: {agreed} accepted, {contested} contested, {silent} without an answer",
            lowered=total.lowered,
            agreed=total.agreed,
            contested=total.contested,
            silent=total.silent,
        )
    return text(
        "{lowered} criteria lowered: {agreed} accepted, {contested} contested, {silent} without an answer, "
        "{waiting} still to be answered",
        lowered=total.lowered,
        agreed=total.agreed,
        contested=total.contested,
        silent=total.silent - waiting,
        waiting=waiting,
    )


def _outcome(run: Round) -> Outcome:
    season = run.season
    counts = {unit.code: run.known.record.round_of(unit.code) for unit in season.cycle.units}
    total = RoundCounts(*(sum(values) for values in zip(*map(astuple, counts.values()), strict=True)))
    names = [one.name for one in fields(RoundCounts)]
    wrong = [problem for problem in run.known.problems if problem.sheet in {EXPLANATION, RULINGS}]
    unheard = [gap for unit in season.cycle.units for gap in unheard_gap(season, run.known, unit)]
    return Outcome(
        "explain",
        (
            _answers(total, sum(counts[unit].silent for unit in run.known.unanswered if unit in counts)),
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
        (*run.problems, *wrong, *_changed_since(season, run.known), *unheard),
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


def _changed_since(season: Season, known: Known) -> Iterator[Problem]:
    """Yield what was contested or ruled while the finding was another one than it is now; what was ruled stands."""
    record, ruled_on = known.record, _ruled_on(season)
    for unit in season.cycle.units:
        put = record.put.get(unit.code, ())
        for leaf in season.cycle.criteria.self_scored:
            place = (unit.code, leaf.code)
            is_open = leaf.code in put and place in record.contested and not record.is_given_back(*place)
            finding, seen = record.findings.get(place), ruled_on.get(place, record.shown.get(place))
            if finding is None or seen is None or finding.points == seen or not (is_open or place in record.rulings):
                continue
            now = text("left out") if finding.points is None else finding.points
            if place in ruled_on:
                what = text("the finding is {now} points now; the meeting ruled on {seen}", now=now, seen=seen)
            else:
                what = text("the finding is {now} points now; the unit answered to {seen}", now=now, seen=seen)
            fix = text("look whether the ruling is still meant; it stands as long as it is written")
            yield Problem("finding_changed", what, fix, "warning", unit.code, EXPLANATION, leaf.code)


def _ruled_on(season: Season) -> dict[Place, Decimal]:
    """Return the findings that the meeting ruled on, by unit and criterion, as far as they were recorded with it."""
    return {
        (entry.body["unit"], entry.body["code"]): Decimal(entry.body["finding"])
        for entry in season.latest("ruling").values()
        if not is_withdrawn(entry) and entry.body.get("finding") is not None
    }


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
