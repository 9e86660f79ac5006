"""`collect`: at the deadline close the workbooks, read them, record what was read, and report what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, Final

from cchc_sheets.assessment.submission import Submission, parse_submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import NotNow, Problem, WorkbookUnreadable
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, UnitOutcome, plain_decimal
from cchc_sheets.reading import WorkbookReading, from_json, to_json
from cchc_sheets.stages.closing import (
    ALL_SHEETS,
    Reread,
    changed_cells,
    edited_after_deadline,
    modified_before_closing,
    modified_late,
    not_closed,
    record_not_closed,
)
from cchc_sheets.stages.provision import strange_workbooks, submission_workbook, unreadable
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.snapshots import known_reading, remember
from cchc_sheets.workspace.port import Presence

_SAID: Final = {
    "collected": text("read and recorded"),
    "late": text("read and recorded; handed in late"),
    "kept": text("recorded before; nothing new"),
    "open": text("still open: its deadline was extended"),
    "not_submitted": text("nothing handed in"),
    "preview": text("read for the preview; not recorded"),
    "would_collect": text("would be closed, read and recorded"),
}
_STAY_CLOSED: Final = frozenset({"collected", "late", "not_submitted"})
"""After these a workbook is closed; any other one is left to its unit, or could not be closed."""
_NOT_THE_UNITS_DOING: Final = frozenset(
    {"missing", "forbidden", "app_not_authorized", "shared_drive_membership", "locked", "unreadable", "unwritable"}
)
"""Why the office may be denied a workbook that is there, by Google, by a program or by a drive: the unit is not late
for that. What was changed in it after the deadline is reported."""


@dataclass(frozen=True)
class Collected:
    """What is known of one unit after `collect`: what was done, and its submission if it has one."""

    unit: Unit
    action: str
    submission: Submission | None = None
    problems: tuple[Problem, ...] = ()


def collect(season: Season, *, preview: bool = False) -> Outcome:
    """Collect every unit whose deadline has passed, or look at all of them without recording (`preview`).

    Raises:
        NotNow: before the deadline, unless it is a preview.
    """
    deadline = season.cycle.settings.calendar.self_assessment
    if season.now < deadline and not preview:
        raise NotNow(
            text("the deadline has not passed yet: {deadline}", deadline=deadline),
            fix=text("use `collect --preview` to look at the workbooks before it"),
        )
    collector = _Collector(season)
    if not any(unit_key(unit) in collector.present for unit in season.cycle.units):
        raise NotNow(
            text("no unit has a workbook yet"),
            where=season.workspace.location(unit_key(season.cycle.units[0])),
            fix=text("run `provision` and send each unit its own"),
            code="not_provisioned",
        )
    results = collector.preview() if preview else collector.collect()
    return _outcome(season, results, tuple(strange_workbooks(season, collector.present)), preview=preview)


def recorded_submission(season: Season, entry: Entry) -> tuple[Submission, tuple[Problem, ...]]:
    """Interpret a unit's recorded reading once more; in one run the same entry is interpreted once."""
    if entry.number not in season.submissions:
        season.submissions[entry.number] = parse_submission(
            from_json(entry.body["reading"]),
            unit=entry.subject,
            cycle=season.cycle.id,
            criteria=season.cycle.criteria,
        )
    return season.submissions[entry.number]


def lateness(entry: Entry) -> Text | None:
    """Return the words for a submission that came late; None for one in time."""
    if not entry.body["late"]:
        return None
    return text("handed in {days} days late", days=days_late(entry))


def days_late(entry: Entry) -> int:
    """Return by how many days, begun ones included, a recorded submission missed its deadline; 0 if it did not."""
    if not entry.body["late"]:
        return 0
    return max(1, ceil((entry.at - datetime.fromisoformat(entry.body["deadline"])).total_seconds() / 86400))


class _Collector:
    """Closes what is due, reads it, and looks at what was recorded before.

    All workbooks that are due are closed before the first is read, so that no unit gains time by its place in the
    roster.
    """

    def __init__(self, season: Season) -> None:
        self.season = season
        self.present: Mapping[str, Presence] = season.present  # as it was before anything was closed
        self._modified: dict[str, datetime] = {}  # when each workbook was last changed before its first closing

    def preview(self) -> list[Collected]:
        """Look at every unit without recording."""
        self.season.announce_wait(reads=len(self.season.cycle.units))
        return [self._preview(unit) for unit in self._followed(self.season.cycle.units, text("reading workbooks"))]

    def collect(self) -> list[Collected]:
        """Collect every unit that is due, and report on the others, in the order of the roster."""
        units = self.season.cycle.units
        results = {unit.code: found for unit in units if (found := self._not_due(unit))}
        due = [unit for unit in units if unit.code not in results]
        self.season.announce_wait(reads=len(due), writes=len(due))
        self._record_closing(due)
        for unit in self._followed(due, text("closing workbooks")):
            if refused := self._close(unit):
                results[unit.code] = refused
        closed = [unit for unit in due if unit.code not in results]
        for unit in self._followed(closed, text("reading workbooks")):
            results[unit.code] = self._read(unit)
        self._record_not_closed([unit for unit in due if results[unit.code].action not in _STAY_CLOSED])
        self._read_again_what_moved(results)
        return [results[unit.code] for unit in units]

    def _followed(self, units: Sequence[Unit], what: Text) -> Iterator[Unit]:
        """Yield the units, telling how far the work is."""
        for done, unit in enumerate(units):
            self.season.progress(what, done, len(units))
            yield unit
        self.season.progress(what, len(units), len(units))

    def _preview(self, unit: Unit) -> Collected:
        try:
            submission, problems = self._parse(unit, self.season.workspace.read(unit_key(unit)))
        except WorkbookUnreadable as error:
            return Collected(unit, error.code, problems=(unreadable(error, unit),))
        return Collected(unit, "not_submitted" if submission.is_blank else "preview", submission, problems)

    def _not_due(self, unit: Unit) -> Collected | None:
        """Return what is known of a unit that is not to be read now; None for one that is due."""
        deadline = self.season.deadline(unit)
        entry = self.season.latest("submission").get(unit.code)
        if entry is not None and (entry.at >= deadline or self.season.now < deadline):
            return self._recorded(unit, entry)
        if self.season.now < deadline:
            return Collected(unit, "open")
        if nothing := self._still_nothing(unit, deadline):
            return nothing
        return Collected(unit, "would_collect") if self.season.dry_run else None

    def _still_nothing(self, unit: Unit, deadline: datetime) -> Collected | None:
        """Return what is known of a unit that had nothing to collect, if its closed workbook is as it was then."""
        missed = self.season.latest("missed").get(unit.code)
        if missed is None or missed.at < deadline or unit_key(unit) not in self.present:
            return None
        try:
            known = self._reading_now(unit)
        except WorkbookUnreadable:
            return None
        # Where no sheet of ours is left, there is nothing that could be closed.
        if known.sheets and not known.is_closed:
            return None
        submission, problems = self._parse(unit, known)
        return Collected(unit, "not_submitted", submission, problems) if submission.is_blank else None

    def _recorded(self, unit: Unit, entry: Entry) -> Collected:
        """A recorded submission stands; what was changed in the workbook since is reported, not taken."""
        submission, problems = recorded_submission(self.season, entry)
        if self.season.now < self.season.deadline(unit):
            return Collected(unit, "open", submission)
        return Collected(unit, "kept", submission, (*problems, *self._edits(unit, entry)))

    def _record_closing(self, due: Sequence[Unit]) -> None:
        """Record when each workbook was last changed before it is closed, which is a change too."""
        deadlines = {unit.code: self.season.deadline(unit) for unit in due if unit_key(unit) in self.present}
        self._modified |= modified_before_closing(self.season, ALL_SHEETS, deadlines)

    def _record_not_closed(self, refused: Sequence[Unit]) -> None:
        """Record whose workbooks stayed open: what is changed in them from here on is the unit's change."""
        present = {unit.code: self.season.deadline(unit) for unit in refused if unit_key(unit) in self.present}
        record_not_closed(self.season, ALL_SHEETS, present)

    def _close(self, unit: Unit) -> Collected | None:
        """Close the unit's workbook to its people; return the refusal if it cannot be."""
        try:
            self.season.workspace.freeze(submission_workbook(self.season, unit))
        except WorkbookUnreadable as error:
            return self._missed(unit, error)
        return None

    def _missed(self, unit: Unit, error: WorkbookUnreadable) -> Collected:
        is_kept_from_us = error.code in _NOT_THE_UNITS_DOING and unit_key(unit) in self.season.present
        if not is_kept_from_us:
            self._record_missed(unit, error.code)
        return Collected(unit, error.code, problems=(unreadable(error, unit),))

    def _read(self, unit: Unit) -> Collected:
        """Read a closed workbook and record it; one that cannot be read is opened again to be mended."""
        try:
            reading = self.season.workspace.read(unit_key(unit))
        except WorkbookUnreadable as error:
            self.season.workspace.thaw(submission_workbook(self.season, unit))
            return self._missed(unit, error)
        deadline = self.season.deadline(unit)
        submission, problems = self._parse(unit, reading)
        if submission.is_blank:
            self._record_missed(unit, "not_submitted")
            remember(self.season, submission_workbook(self.season, unit), version=reading.version, reading=reading)
            return Collected(unit, "not_submitted", submission, problems)
        missed = self.season.latest("missed").get(unit.code)
        late = missed is not None and missed.at >= deadline
        found = Reread(unit, reading, self._modified.get(unit.code), deadline)
        modified = () if late else tuple(modified_late(self.season, found))
        body = {"reading": to_json(reading), "late": late, "deadline": deadline.isoformat()}
        self.season.record("submission", unit.code, body)
        problems = (*problems, *modified, *not_closed(unit, reading))
        return Collected(unit, "late" if late else "collected", submission, problems)

    def _read_again_what_moved(self, results: dict[str, Collected]) -> None:
        """Read again, and record instead, what changed between closing and the end of the reading."""
        read = [results[code].unit for code in results if results[code].action in {"collected", "late"}]
        now = self.season.look_again() if read else {}
        for unit in read:
            version = self.season.latest("submission")[unit.code].body["reading"]["version"]
            if unit_key(unit) in now and now[unit_key(unit)].version != version:
                results[unit.code] = self._read(unit)

    def _parse(self, unit: Unit, reading: WorkbookReading) -> tuple[Submission, tuple[Problem, ...]]:
        return parse_submission(
            reading, unit=unit.code, cycle=self.season.cycle.id, criteria=self.season.cycle.criteria
        )

    def _record_missed(self, unit: Unit, reason: str) -> None:
        """Remember that the unit had nothing to collect at its deadline: what comes later is late."""
        deadline = self.season.deadline(unit)
        missed = self.season.latest("missed").get(unit.code)
        if missed is None or missed.at < deadline:
            self.season.record("missed", unit.code, {"reason": reason, "deadline": deadline.isoformat()})

    def _edits(self, unit: Unit, entry: Entry) -> Iterator[Problem]:
        """Yield what was changed in a workbook after it was recorded."""
        presence = self.present.get(unit_key(unit))
        if presence is None or presence.version == entry.body["reading"]["version"]:
            return
        try:
            now = self._reading_now(unit)
        except WorkbookUnreadable as error:
            yield unreadable(error, unit)
            return
        changes = list(changed_cells(from_json(entry.body["reading"]), now))
        if changes:
            yield edited_after_deadline(unit, changes)

    def _reading_now(self, unit: Unit) -> WorkbookReading:
        """Return what stands in a workbook now, and remember it, so that it need not be read at every look."""
        known = known_reading(self.season, unit_key(unit))
        if known is not None:
            return known
        now = self.season.workspace.read(unit_key(unit))
        if not self.season.dry_run:
            remember(self.season, submission_workbook(self.season, unit), version=now.version, reading=now)
        return now


_TAKEN: Final = ("collected", "late", "kept")
_NO_FAULT: Final = (*_TAKEN, "open", "preview", "would_collect")


def _outcome(season: Season, results: list[Collected], strange: tuple[Problem, ...], *, preview: bool) -> Outcome:
    return Outcome(
        "collect",
        tuple(_summary(results, preview=preview)),
        tuple(UnitOutcome(r.unit.code, r.action, _SAID.get(r.action, text("could not be read"))) for r in results),
        (*(problem for result in results for problem in result.problems), *strange),
        {"preview": preview, "units": [_as_data(season, result) for result in results]},
    )


def _summary(results: list[Collected], *, preview: bool) -> Iterator[Text]:
    count = Counter(result.action for result in results)
    total = len(results)
    if preview:
        yield text("{read} of {units} workbooks read for the preview", read=count["preview"], units=total)
    elif count["would_collect"]:
        yield text("{count} of {units} workbooks would be read and recorded", count=count["would_collect"], units=total)
    else:
        yield text("{taken} of {units} units recorded", taken=sum(count[action] for action in _TAKEN), units=total)
    missing = [result.unit.name for result in results if result.action not in _NO_FAULT]
    if missing:
        yield text("nothing usable from: {units}", units=missing)
    still_open = [result.unit.name for result in results if result.action == "open"]
    if still_open:
        yield text("still open by extension: {units}", units=still_open)


def _as_data(season: Season, result: Collected) -> dict[str, Any]:
    criteria = season.cycle.criteria
    submission = result.submission or Submission(result.unit.code)
    return {
        "unit": result.unit.code,
        "name": result.unit.name,
        "action": result.action,
        "deadline": season.deadline(result.unit).isoformat(),
        "answered": sum(submission.score(leaf.code).is_answered() for leaf in criteria.self_scored),
        "of": len(criteria.self_scored),
        "self_points": plain_decimal(submission.self_points(criteria)),
        "confirmed": submission.is_confirmed,
        "problems": len(result.problems),
    }
