"""`provision`: put a workbook into every unit's hands, and mend those that were damaged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem, WorkbookUnreadable
from cchc_sheets.layouts.workbook import Workbook
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, UnitOutcome
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.share import share_missing
from cchc_sheets.stages.snapshots import refused, remember, settled
from cchc_sheets.vietnamese import moment
from cchc_sheets.workspace.port import Ensured, Presence

_HAND_IN: Final = {
    "local": ", lưu tệp và gửi lại trước thời hạn.",
    "google": ". Không phải gửi lại: bảng tính tự khóa khi hết thời hạn.",
}
_FOR_A_PERSON: Final = frozenset({"ambiguous", "other_unit", "other_cycle"})
_SAID = {
    "created": text("workbook made"),
    "kept": text("workbook is in order"),
    "repaired": text("workbook made anew, with all that had been typed"),
    "frozen": text("workbook is closed; left as it is"),
    "unreadable": text("workbook could not be opened; left as it is"),
    "would_create": text("would make the workbook"),
    "would_check": text("would check the workbook and mend it if needed"),
}


def provision(season: Season, *, notify: bool = False) -> Outcome:
    """Ensure every unit's workbook, then who may open it; report workbooks of units no longer in the roster.

    `notify` lets the workspace send an e-mail to every address that is given access.
    """
    problems: list[Problem] = []
    units: list[UnitOutcome] = []
    new = [unit for unit in season.cycle.units if unit_key(unit) not in season.present]
    season.announce_wait(writes=len(new), others=sum(1 + len(unit.emails) for unit in new))
    for done, unit in enumerate(season.cycle.units):
        season.progress(text("making workbooks"), done, len(season.cycle.units))
        action = _provision_unit(season, unit, problems)
        units.append(UnitOutcome(unit.code, action, _SAID[action]))
    season.progress(text("making workbooks"), len(units), len(units))
    made = [season.cycle.unit(unit.unit) for unit in units if unit.action == "created"]
    problems.extend(_share(season, [unit.unit for unit in units if unit.action != "unreadable"], made, notify=notify))
    problems.extend(strange_workbooks(season, season.present))
    return Outcome(
        "provision",
        tuple(_summary(season, units)),
        tuple(units),
        tuple(problems),
        {"units": [{"unit": unit.unit, "action": unit.action} for unit in units]},
    )


def _provision_unit(season: Season, unit: Unit, problems: list[Problem]) -> str:
    """Do what one unit needs and return the word for it."""
    workbook = submission_workbook(season, unit)
    if workbook.key in season.present and (season.is_collected(unit) or _is_in_round(season, unit)):
        return "frozen"
    if settled(season, workbook):
        return "kept"
    if refusal := refused(season, workbook):
        problems.append(refusal)
        return "unreadable"
    if season.dry_run:
        return "would_check" if workbook.key in season.present else "would_create"
    was_made = unit.code in season.latest("provision")
    try:
        ensured = ensure_workbook(season, unit)
    except WorkbookUnreadable as error:
        problems.append(unreadable(error, unit))
        if error.code in _FOR_A_PERSON:
            _remember_refusal(season, workbook, problems[-1])
        return "unreadable"
    problems.extend(repairs(ensured, unit))
    if was_made and ensured.action == "created":
        problems.append(_made_again(unit))
    return ensured.action


def _is_in_round(season: Season, unit: Unit) -> bool:
    """Tell whether the unit's workbook has its sheet of the explanation round, which `explain` looks after."""
    asked = season.latest("explanation_round").get(unit.code)
    return asked is not None and bool(asked.body["put"])


def _remember_refusal(season: Season, workbook: Workbook, refusal: Problem) -> None:
    """Remember a workbook that stays as it is until a person puts it right, so as not to ask for it again till then."""
    with suppress(WorkbookUnreadable):
        reading = season.workspace.read(workbook.key)
        if reading.version == season.present[workbook.key].version:  # nobody has touched it since it was refused
            remember(season, workbook, version=reading.version, reading=reading, refusal=refusal)


def _share(season: Season, units: list[str], made: list[Unit], *, notify: bool) -> list[Problem]:
    """Give the units' people access, and remember the workbooks that nobody has touched since they were made.

    Sharing changes a workbook's version but not when its content was modified: that tells whether somebody has
    typed already.
    """
    if season.dry_run:
        return []
    before = season.look_again() if made else season.present
    problems = share_missing(season, [f"units/{unit}" for unit in units], notify=notify)
    after = season.look_again() if made and season.workspace.sharing else before
    for unit in made:
        key = unit_key(unit)
        if key in before and key in after and before[key].modified == after[key].modified:
            remember(season, submission_workbook(season, unit), version=after[key].version, reading=None)
    return problems


def _made_again(unit: Unit) -> Problem:
    what = text("the workbook of {unit} was no longer there and was made anew, blank", unit=unit.name)
    fix = text("what had been typed is in the old one: look in the trash; once it is back, delete the new one")
    return Problem("made_again", what, fix, "warning", unit.code)


def _summary(season: Season, units: list[UnitOutcome]) -> Iterator[Text]:
    count = Counter(unit.action for unit in units)
    if season.dry_run:
        new = count["would_create"]
        yield text("{units} units: {new} workbooks would be made, the others checked", units=len(units), new=new)
        return
    made, mended = count["created"], count["repaired"]
    yield text("{units} units: {made} workbooks made, {mended} mended", units=len(units), made=made, mended=mended)
    if made:
        place = season.workspace.location(unit_key(season.cycle.units[0]))
        yield text("send each unit its own, e.g. {place}", place=place)


def ensure_workbook(season: Season, unit: Unit) -> Ensured:
    """Create, reopen or repair the workbook of a unit; record what was done, and what stands in one that was kept."""
    workbook = submission_workbook(season, unit)
    try:
        ensured = season.workspace.ensure(workbook)
    except WorkbookUnreadable:
        _reopen_to_be_mended(season, unit, workbook)
        raise
    if ensured.is_closed and _is_to_be_open(season, unit):
        season.workspace.thaw(workbook)
    elif ensured.reading is not None:
        remember(season, workbook, version=ensured.reading.version, reading=ensured.reading)
    if ensured.action != "kept":
        body = {
            "action": ensured.action,
            "added": [list(row) for row in ensured.added],
            "backup": ensured.backup,
        }
        season.record("provision", unit.code, body)
    return ensured


def _is_to_be_open(season: Season, unit: Unit) -> bool:
    """Tell whether the unit still has time; never once it was collected for this deadline, whatever a clock says."""
    deadline = season.deadline(unit)
    collected = (season.latest(kind).get(unit.code) for kind in ("submission", "missed"))
    return season.now < deadline and not any(entry and entry.at >= deadline for entry in collected)


def _reopen_to_be_mended(season: Season, unit: Unit, workbook: Workbook) -> None:
    """Open a workbook that was closed at the deadline and cannot be renewed: its unit has got time to mend it."""
    if unit.code in season.latest("extension") and _is_to_be_open(season, unit):
        with suppress(WorkbookUnreadable):
            season.workspace.thaw(workbook)


def submission_workbook(season: Season, unit: Unit) -> Workbook:
    """Describe one unit's workbook; all share their sheets and differ in their slots."""
    settings = season.cycle.settings
    contact = settings.office.contact
    return Workbook(
        key=unit_key(unit),
        title=f"{settings.title} – {unit.name}",
        cycle=season.cycle.id,
        unit=unit.code,
        sheets=season.submission_sheets,
        slots={
            "unit_name": unit.name,
            "title": settings.title,
            "deadline": moment(season.deadline(unit)),
            "office": settings.office.name,
            "hand_in": _HAND_IN[settings.workspace],
            "contact": f"{contact.name}, điện thoại {contact.phone}, {contact.email}",
        },
    )


def unreadable(error: WorkbookUnreadable, unit: Unit) -> Problem:
    """Return the refusal of one unit's workbook as a problem, so that the others go on."""
    what = text("{what} ({where})", what=error.what, where=error.where)
    return Problem(error.code, what, error.fix, unit=unit.code)


def repairs(ensured: Ensured, unit: Unit) -> Iterator[Problem]:
    """Yield what a repair had to add, put back or leave out."""
    for sheet, row in ensured.added:
        yield Problem(
            "row_added",
            text("the row of {row} was added: it is new in the set, or had been deleted", row=row),
            text("ask the unit to fill it in"),
            "warning",
            unit.code,
            sheet,
            row,
        )
    for title in ensured.restored:
        yield Problem(
            "sheet_restored",
            text("the sheet «{title}» had been deleted and was put back", title=title),
            text("ask the unit to fill it in again; the old file is {backup}", backup=ensured.backup),
            "warning",
            unit.code,
        )
    yield from unplaced_problems(ensured, unit.code)


def unplaced_problems(ensured: Ensured, unit: str | None) -> Iterator[Problem]:
    """Yield what a person wrote where no place is left; a repair keeps it in the backup only."""
    for lost in ensured.unplaced:
        yield Problem(
            "unplaced",
            text(
                "«{text}» in {address} of «{sheet}» has no place in the workbook any more",
                text=lost.text[:120],
                address=lost.address,
                sheet=lost.sheet,
            ),
            text("it is kept in {backup}; move what still counts by hand", backup=ensured.backup),
            "warning",
            unit,
            lost.sheet,
            lost.row or None,
            lost.column or None,
        )


def strange_workbooks(season: Season, present: Mapping[str, Presence]) -> Iterator[Problem]:
    """Yield the workbooks that belong to no unit, and further ones that carry the mark of a unit's own."""
    roster = {unit_key(unit) for unit in season.cycle.units}
    for key in sorted(present):
        for copy in present[key].copies:
            yield Problem(
                "copy",
                text("{place} is a copy of {original}; nothing in it counts", place=copy, original=key),
                text("see whether somebody filled in the copy; then put it into the trash"),
                "warning",
                key.removeprefix("units/") if key in roster else None,
            )
        if key.startswith("units/") and key not in roster:
            yield Problem(
                "unit_removed",
                text(
                    "{place} belongs to no unit of the roster; it was left where it is",
                    place=season.workspace.location(key),
                ),
                text("put the unit back into units.csv, or move the file away"),
                "warning",
            )
