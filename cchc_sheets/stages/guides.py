"""Telling every unit in the guide of its own workbook how far it is, as the office saw it last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem, WorkbookUnreadable
from cchc_sheets.layouts.guide import GUIDE, LOOKED, told_at_first, told_of
from cchc_sheets.layouts.progress_words import UNUSABLE
from cchc_sheets.messages import text
from cchc_sheets.reading import WorkbookReading, from_json
from cchc_sheets.stages.progress import Look
from cchc_sheets.stages.provision import unreadable
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.snapshots import known_reading

_COLUMN: Final = "value"


def tell_units(season: Season, looks: Sequence[Look]) -> tuple[Problem, ...]:
    """Write into each unit's guide what was seen of it, where that has changed since it was last told."""
    changed = [(look, told) for look in looks if (told := _news(season, look))]
    season.announce_wait(writes=len(changed))
    problems: list[Problem] = []
    for done, (look, told) in enumerate(changed):
        season.progress(text("telling the units how far they are"), done, len(changed))
        unit = look.progress.unit
        try:
            season.workspace.write(unit_key(unit), {GUIDE: {row: {_COLUMN: words} for row, words in told.items()}})
        except WorkbookUnreadable as error:
            problems.append(unreadable(error, unit))
    season.progress(text("telling the units how far they are"), len(changed), len(changed))
    return tuple(problems)


def _news(season: Season, look: Look) -> Mapping[str, str]:
    """Return what the guide should say, if it says anything else; nothing where nobody can tell what it says."""
    progress = look.progress
    if progress.state in UNUSABLE:
        return {}
    told = told_of(progress, season.now)
    if progress.state == "blank" and not progress.is_late:
        told = told_at_first()
    said = _said(season, progress.unit, look.reading)
    is_news = said is not None and any(said.get(row) != words for row, words in told.items() if row != LOOKED)
    return told if is_news else {}


def _said(season: Season, unit: Unit, seen: WorkbookReading | None) -> Mapping[str, str] | None:
    """Return what stands in the rows of the guide now, as far as readings tell; None if none tells."""
    reading = seen or known_reading(season, unit_key(unit)) or _as_recorded(season, unit)
    if reading is None:
        return told_at_first() if unit_key(unit) in season.present else None
    guide = reading.sheet(GUIDE)
    if guide is None:
        return None
    return {row.key: row.cells[_COLUMN].text for row in guide.rows if _COLUMN in row.cells}


def _as_recorded(season: Season, unit: Unit) -> WorkbookReading | None:
    """Return what was collected, if it was: the guide is told once after that, then known by a look at it."""
    entry = season.latest("submission").get(unit.code)
    return from_json(entry.body["reading"]) if entry is not None else None
