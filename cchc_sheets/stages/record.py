"""Restoring from the ledger everything that the results follow from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from cchc_sheets.assessment.adjustments import ADJUSTMENTS, parse_adjustments
from cchc_sheets.assessment.appraisal import (
    Appraisal,
    Entry,
    Place,
    criteria_of,
    departments_of,
    parse_appraisal,
    sheet_key,
)
from cchc_sheets.assessment.explanation import (
    EXPLANATION,
    RULED,
    RULINGS,
    Explanation,
    Ruling,
    parse_explanations,
    parse_rulings,
)
from cchc_sheets.assessment.index import Result
from cchc_sheets.assessment.internal_notes import without_internal_notes
from cchc_sheets.assessment.ranking import Standing, standings
from cchc_sheets.assessment.standing import Record, unit_result
from cchc_sheets.assessment.submission import Submission
from cchc_sheets.errors import Problem
from cchc_sheets.ledger import Entry as LedgerEntry
from cchc_sheets.messages import text
from cchc_sheets.reading import SheetReading, WorkbookReading, from_json, recorded_number, to_json
from cchc_sheets.stages.collect import lateness, recorded_submission
from cchc_sheets.stages.season import Season
from cchc_sheets.workspace.links import as_typed


@dataclass(frozen=True)
class Known:
    """What the ledger knows of the cycle.

    Attributes:
        appraisal: what was read from the review workbook, entries that do not count included.
        late: for each unit that handed in late or not at all, the words for it in Vietnamese.
        problems: what is wrong in the recorded readings.
        unanswered: the units whose answers in the explanation round are still to be read.
    """

    record: Record
    appraisal: Appraisal
    late: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unanswered: frozenset[str] = frozenset()


def known_so_far(season: Season) -> Known:
    """Interpret the newest recorded readings by the cycle's criteria."""
    cycle = season.cycle
    submissions, late = _submissions(season)
    reading = recorded_appraisal(season)
    appraisal = parse_appraisal(
        reading,
        cycle=cycle.id,
        units=cycle.units,
        criteria=cycle.criteria,
        submissions=submissions,
        rechecks=_rechecks(season),
    )
    adjustments, problems = parse_adjustments(reading, cycle=cycle.id, units=cycle.units, criteria=cycle.criteria)
    explanations, answer_problems = recorded_explanations(season)
    rulings, ruling_problems = parse_rulings(
        reading,
        cycle=cycle.id,
        units=cycle.units,
        criteria=cycle.criteria,
        contested=contested_places(explanations),
    )
    imported = imported_points(season)
    record = Record(
        submissions=submissions,
        findings=appraisal.findings,
        imported=imported,
        adjustments=adjustments,
        explanations=explanations,
        put={unit: tuple(entry.body["put"]) for unit, entry in season.latest("explanation_round").items()},
        shown=_shown(season),
        rulings={**rulings, **_meeting_rulings(season)},
        with_survey=_has_survey(season, imported),
    )
    return Known(
        record,
        appraisal,
        late,
        (*appraisal.problems, *problems, *answer_problems, *ruling_problems),
        frozenset(unit for unit, put in record.put.items() if put and not is_heard(season, unit)),
    )


def is_heard(season: Season, unit: str) -> bool:
    """Tell whether a unit's answers were read at the deadline that it has now: an extension opens them again."""
    asked, answered = season.latest("explanation_round").get(unit), season.latest("explanation").get(unit)
    return asked is not None and answered is not None and answered.at >= datetime.fromisoformat(asked.body["until"])


def _shown(season: Season) -> dict[Place, Decimal]:
    """Return the appraised points beside which each unit was asked for its answers.

    Ledgers of rounds begun before this was recorded tell nothing.
    """
    return {
        (unit, code): Decimal(points)
        for unit, entry in season.latest("explanation_round").items()
        for code, points in entry.body.get("shown", {}).items()
    }


def recorded_explanations(season: Season) -> tuple[dict[Place, Explanation], tuple[Problem, ...]]:
    """Interpret what the units answered, as last recorded."""
    explanations: dict[Place, Explanation] = {}
    problems: list[Problem] = []
    for unit, entry in season.latest("explanation").items():
        asked = season.latest("explanation_round")[unit].body
        found, wrong = parse_explanations(
            from_json(entry.body["reading"]),
            unit=unit,
            cycle=season.cycle.id,
            criteria=season.cycle.criteria,
            put=[code for code in asked["put"] if code in season.cycle.criteria.by_code],
        )
        overtaken = [code for code, answer in found.items() if _is_overtaken(answer, asked.get("stale", {}).get(code))]
        explanations |= {(unit, code): answer for code, answer in found.items() if code not in overtaken}
        problems += (*map(_past_mending, wrong), *(_overtaken(unit, code) for code in overtaken))
    return explanations, tuple(problems)


def _past_mending(problem: Problem) -> Problem:
    """Turn a mistake in an answer that was read, and closed, into something to know of: it holds nothing up."""
    if problem.row is None:
        return problem
    fix = text("nothing has to be mended: the council rules on what is written; `extend` lets the unit write it again")
    return replace(problem, severity="warning", fix=fix)


def _is_overtaken(answer: Explanation, before: str | None) -> bool:
    """Tell whether an agreement stands as it stood before the points beside it were lowered further."""
    return before is not None and answer.is_agreed is True and answer.text == before


def _overtaken(unit: str, code: str) -> Problem:
    return Problem(
        "answer_overtaken",
        text("{code}: the unit had agreed to more points than it was given in the end; taken for no answer", code=code),
        text("nothing has to be done: the finding stands"),
        "warning",
        unit,
        EXPLANATION,
        code,
    )


def contested_places(explanations: Mapping[Place, Explanation]) -> list[Place]:
    """Return the places on which somebody has to rule."""
    return [place for place, explanation in explanations.items() if explanation.is_contested]


def department_progress(season: Season, known: Known) -> dict[str, tuple[int, int]]:
    """Return for each department how many findings it has made, of how many."""
    progress: dict[str, tuple[int, int]] = {}
    for department in departments_of(season.cycle.criteria):
        own = {leaf.code for leaf in criteria_of(season.cycle.criteria, department)}
        done = sum(code in own for _, code in known.record.findings)
        progress[department] = (done, len(own) * len(season.cycle.units))
    return progress


def _meeting_rulings(season: Season) -> dict[Place, Ruling]:
    """Return what the final meeting has ruled: it comes after the council."""
    return {
        (entry.body["unit"], entry.body["code"]): Ruling(
            recorded_number(entry.body["points"]), without_internal_notes(entry.body["reason"]), "meeting"
        )
        for entry in season.latest("ruling").values()
        if not is_withdrawn(entry)
    }


def is_withdrawn(ruling: LedgerEntry) -> bool:
    """Tell whether the entry takes a ruling of the meeting back."""
    return ruling.body["points"] is None


def results(season: Season, record: Record) -> tuple[Standing, ...]:
    """Compute every unit's result, rank and class from a record."""
    computed: list[Result] = [unit_result(unit, season.cycle.criteria, record) for unit in season.cycle.units]
    return standings(season.cycle.units, computed, season.cycle.policies)


@dataclass(frozen=True)
class Imported:
    """Points that came from a file: which one, and whether they were measured from answers in it.

    Attributes:
        entry: of the ledger, by which they were taken.
    """

    points: Decimal
    file: str
    from_answers: bool
    entry: LedgerEntry


def imported_points(season: Season) -> dict[Place, Decimal]:
    """Return the points imported so far, see `imported`."""
    return {place: found.points for place, found in imported(season).items()}


def imported(season: Season) -> dict[Place, Imported]:
    """Return what was imported so far; a later file overrides an earlier one, value by value.

    Answers that are measured anew take the place of all that were measured in the same file before: what the rules of
    today give no points, or to no unit, has none.
    """
    found: dict[Place, Imported] = {}
    for entry in season.ledger.entries("points"):
        measured = bool(entry.body.get("from_answers"))
        if measured:
            found = {place: one for place, one in found.items() if not (one.from_answers and one.file == entry.subject)}
        for unit, code, value in entry.body["points"]:
            found[unit, code] = Imported(recorded_number(value), entry.subject, measured, entry)
    return found


def record_appraisal(season: Season, reading: WorkbookReading) -> bool:
    """Record what stands in the review workbook's sheets, as far as it is new; return whether anything was."""
    new = False
    for key in _recorded_sheets(season):
        sheets = tuple(_kept_columns(sheet) for sheet in reading.sheets if sheet.key == key)
        if not sheets:
            continue
        content = to_json(WorkbookReading("", _NO_TIME, sheets))["sheets"]
        last = season.ledger.last("appraisal", key)
        if last is None or not _is_the_same(last.body["sheets"], content):
            season.record("appraisal", key, {"version": reading.version, "sheets": content})
            new = True
    return new


def recorded_appraisal(season: Season) -> WorkbookReading:
    """Return the review workbook as last recorded, sheet by sheet."""
    entries = season.ledger.latest("appraisal")
    sheets = [sheet for key in _recorded_sheets(season) if key in entries for sheet in entries[key].body["sheets"]]
    return from_json({**_NOTHING_ELSE, "sheets": sheets})


def _is_the_same(recorded: list[Any], content: list[Any]) -> bool:
    """Tell whether people wrote the same, also if this program sees more of it as links than it did then."""
    if recorded == content:
        return True
    then, now = (
        [as_typed(sheet) for sheet in from_json({**_NOTHING_ELSE, "sheets": sheets}).sheets]
        for sheets in (recorded, content)
    )
    return then == now


_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING_ELSE: Final = {"version": "", "modified": _NO_TIME.isoformat(), "strays": []}
_COLUMNS = {"unit", "code", "self_score", "verdict", "appraised_points", "remark", "count", "points", *RULED}


def _recorded_sheets(season: Season) -> list[str]:
    return [*(sheet_key(d) for d in departments_of(season.cycle.criteria)), ADJUSTMENTS, RULINGS]


def _kept_columns(sheet: SheetReading) -> SheetReading:
    """Keep what people wrote and what they saw beside it; what the tool itself wrote can be made again."""
    rows = (
        type(row)(
            row.key,
            row.number,
            {c: cell for c, cell in row.cells.items() if c in _COLUMNS or c.startswith("+")},
        )
        for row in sheet.rows
        if not row.key.startswith("@")
    )
    return SheetReading(
        sheet.key,
        sheet.title,
        sheet.cycle,
        sheet.unit,
        sheet.columns,
        tuple(row for row in rows if row.cells),
    )


def not_in_time(season: Season, known: Known) -> Iterator[str]:
    """Say of each unit that handed in late or nothing that it did: its points come about otherwise than the others'."""
    for unit in season.cycle.units:
        if unit.code in known.late:
            words = known.late[unit.code]
            yield f"{unit.name}: {words[:1].lower()}{words[1:]}"


def _submissions(season: Season) -> tuple[dict[str, Submission], dict[str, str]]:
    roster = {unit.code for unit in season.cycle.units}
    recorded = {code: entry for code, entry in season.latest("submission").items() if code in roster}
    submissions = {code: recorded_submission(season, entry)[0] for code, entry in recorded.items()}
    late = {code: words.said_in("vi") for code, entry in recorded.items() if (words := lateness(entry))}
    for unit in season.cycle.units:
        if unit.code not in submissions:
            late[unit.code] = "Chưa nộp phiếu"
    return submissions, late


def _rechecks(season: Season) -> dict[Place, Entry]:
    found: dict[Place, Entry] = {}
    for entry in season.ledger.entries("recheck"):
        unit, _, code = entry.subject.partition("/")
        found[unit, code] = Entry(**entry.body)
    return found


def _has_survey(season: Season, imported: Mapping[Place, Decimal]) -> bool:
    """Without any survey points the appraised part is scaled to 100, if the policies say so."""
    if season.cycle.policies.without_survey == "refuse":
        return True
    surveyed = {leaf.code for leaf in season.cycle.criteria.leaves if leaf.is_surveyed}
    return any(code in surveyed for _, code in imported)


def recheck_body(entry: Entry) -> dict[str, Any]:
    """Return an appraiser's entry as plain JSON values, for the ledger."""
    return {
        "verdict": entry.verdict,
        "points": entry.points,
        "remark": entry.remark,
        "self_score": entry.self_score,
    }
