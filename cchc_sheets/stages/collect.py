"""`collect`: at the deadline close the workbooks, read them, record what was read, and report what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
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
from cchc_sheets.reading import SheetReading, WorkbookReading, from_json, to_json
from cchc_sheets.stages.provision import strange_workbooks, unreadable
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.workspace.port import Presence

_MOST_CHANGES: Final = 20

_SAID: Final = {
    "collected": text("read and recorded"),
    "late": text("read and recorded; handed in late"),
    "kept": text("recorded before; nothing new"),
    "open": text("still open: its deadline was extended"),
    "not_submitted": text("nothing handed in"),
    "preview": text("read for the preview; not recorded"),
    "would_collect": text("would be closed, read and recorded"),
}


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
    results: list[Collected] = []
    for done, unit in enumerate(season.cycle.units):
        season.progress(text("reading workbooks"), done, len(season.cycle.units))
        results.append(collector.preview(unit) if preview else collector.collect(unit))
    season.progress(text("reading workbooks"), len(results), len(results))
    return _outcome(season, results, tuple(strange_workbooks(season, collector.present)), preview=preview)


def recorded_submission(season: Season, entry: Entry) -> tuple[Submission, tuple[Problem, ...]]:
    """Interpret a unit's recorded reading once more."""
    return parse_submission(
        from_json(entry.body["reading"]),
        unit=entry.subject,
        cycle=season.cycle.id,
        criteria=season.cycle.criteria,
    )


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
    """Holds what is asked of workspace and ledger once for all units."""

    def __init__(self, season: Season) -> None:
        self.season = season
        self.present: Mapping[str, Presence] = season.workspace.present()
        self.recorded = season.ledger.latest("submission")
        self.missed = season.ledger.latest("missed")

    def preview(self, unit: Unit) -> Collected:
        try:
            submission, problems = self._parse(unit, self.season.workspace.read(unit_key(unit)))
        except WorkbookUnreadable as error:
            return Collected(unit, error.code, problems=(unreadable(error, unit),))
        return Collected(unit, "not_submitted" if submission.is_blank else "preview", submission, problems)

    def collect(self, unit: Unit) -> Collected:
        deadline = self.season.deadline(unit)
        entry = self.recorded.get(unit.code)
        if entry is not None and (entry.at >= deadline or self.season.now < deadline):
            return self._recorded(unit, entry)
        if self.season.now < deadline:
            return Collected(unit, "open")
        if self.season.dry_run:
            return Collected(unit, "would_collect")
        return self._read(unit, deadline)

    def _recorded(self, unit: Unit, entry: Entry) -> Collected:
        """A recorded submission stands; what was changed in the workbook since is reported, not taken."""
        submission, problems = recorded_submission(self.season, entry)
        if self.season.now < self.season.deadline(unit):
            return Collected(unit, "open", submission)
        return Collected(unit, "kept", submission, (*problems, *self._edits(unit, entry)))

    def _read(self, unit: Unit, deadline: datetime) -> Collected:
        key = unit_key(unit)
        try:
            reading = self._closed_reading(key)
        except WorkbookUnreadable as error:
            self._record_missed(unit, deadline, error.code)
            return Collected(unit, error.code, problems=(unreadable(error, unit),))
        submission, problems = self._parse(unit, reading)
        if submission.is_blank:
            self._record_missed(unit, deadline, "not_submitted")
            return Collected(unit, "not_submitted", submission, problems)
        missed = self.missed.get(unit.code)
        late = missed is not None and missed.at >= deadline
        body = {"reading": to_json(reading), "late": late, "deadline": deadline.isoformat()}
        self.season.record("submission", unit.code, body)
        modified = tuple(self._modified_late(unit, reading, deadline)) if not late else ()
        return Collected(unit, "late" if late else "collected", submission, (*problems, *modified))

    def _closed_reading(self, key: str) -> WorkbookReading:
        """Close the workbook to its people, then read it; a workbook that cannot be read is left open to be mended."""
        workspace = self.season.workspace
        workspace.freeze(key)
        try:
            return workspace.read(key)
        except WorkbookUnreadable:
            workspace.thaw(key)
            raise

    def _parse(self, unit: Unit, reading: WorkbookReading) -> tuple[Submission, tuple[Problem, ...]]:
        return parse_submission(
            reading, unit=unit.code, cycle=self.season.cycle.id, criteria=self.season.cycle.criteria
        )

    def _record_missed(self, unit: Unit, deadline: datetime, reason: str) -> None:
        """Remember that the unit had nothing to collect at its deadline: what comes later is late."""
        missed = self.missed.get(unit.code)
        if missed is None or missed.at < deadline:
            self.season.record("missed", unit.code, {"reason": reason, "deadline": deadline.isoformat()})

    def _modified_late(self, unit: Unit, reading: WorkbookReading, deadline: datetime) -> Iterator[Problem]:
        # A rehearsal's clock lies before the files' own: then their times say nothing.
        if deadline < reading.modified <= self.season.now:
            yield Problem(
                "modified_after_deadline",
                text(
                    "the file was last changed after the deadline, at {moment}",
                    moment=reading.modified.astimezone(self.season.now.tzinfo),
                ),
                text("ask the unit what was changed; copying a file can also set its time"),
                "warning",
                unit.code,
            )

    def _edits(self, unit: Unit, entry: Entry) -> Iterator[Problem]:
        presence = self.present.get(unit_key(unit))
        if presence is None or presence.version == entry.body["reading"]["version"]:
            return
        try:
            now = self.season.workspace.read(unit_key(unit))
        except WorkbookUnreadable as error:
            yield unreadable(error, unit)
            return
        changes = list(changed_cells(from_json(entry.body["reading"]), now))
        if changes:
            yield Problem(
                "edited_after_deadline",
                text(
                    "changed after it was collected, which does not count: {cells}",
                    cells=changes[:_MOST_CHANGES],
                ),
                text("`extend` the unit if the change shall count"),
                "warning",
                unit.code,
            )


def changed_cells(before: WorkbookReading, after: WorkbookReading) -> Iterator[Text]:
    """Yield every cell that differs between two readings: where, from what, to what."""
    for old in before.sheets:
        new = after.sheet(old.key)
        if new is None:
            yield text("sheet «{title}» deleted", title=old.title)
            continue
        was, now = _cells(old), _cells(new)
        for place in sorted(was.keys() | now.keys()):
            if was.get(place, ("", ""))[1] != now.get(place, ("", ""))[1]:
                address, shown = now.get(place) or (was[place][0], "")
                yield text(
                    "{place} from «{was}» to «{now}»",
                    place=f"«{new.title}» {address}",
                    was=was.get(place, ("", ""))[1] or "–",
                    now=shown or "–",
                )


def _cells(sheet: SheetReading) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (row.key, column): (sheet.address(row, column), cell.text or cell.formula or cell.error)
        for row in sheet.rows
        for column, cell in row.cells.items()
        if row.key and not row.key.startswith("@")
    }


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
