"""Snapshots: what was read from each workbook, and in which version, so that an unchanged one is not read again.

A snapshot is recorded under the workbook's key whenever a workbook was read in passing (before the deadline, or to
find out what was changed after it). Its body holds `version`; `digest`, of the description that the workbook
was found in order by; `reading`, or none for a workbook that stands as it was laid out; and `edited`, when people last
changed it, as far as the readings tell: the tool's own writing changes a workbook too. The snapshot of a damaged
workbook, which was left as it is, also has `refused`: why (`code`, `what`, `fix`), in words.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cchc_sheets.errors import Problem
from cchc_sheets.layouts.workbook import Workbook
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import text
from cchc_sheets.reading import RowReading, WorkbookReading, from_json, to_json
from cchc_sheets.stages.season import Season
from cchc_sheets.workspace.links import as_typed


def unchanged(season: Season, key: str) -> Entry | None:
    """Return the newest snapshot of a workbook if the workbook is still in that version."""
    last = season.latest("snapshot").get(key)
    presence = season.present.get(key)
    return last if last is not None and presence is not None and last.body["version"] == presence.version else None


def settled(season: Season, workbook: Workbook) -> Entry | None:
    """Return the newest snapshot if the workbook was in order, and neither it nor its description changed since."""
    last = _of_this_form(season, workbook)
    return last if last is not None and "refused" not in last.body else None


def refused(season: Season, workbook: Workbook) -> Problem | None:
    """Return why a workbook was left as it is, if neither it nor its description have changed since."""
    last = _of_this_form(season, workbook)
    why = last.body.get("refused") if last is not None else None
    if why is None:
        return None
    return Problem(why["code"], text("{what}", what=why["what"]), text("{fix}", fix=why["fix"]), unit=workbook.unit)


def remember(
    season: Season,
    workbook: Workbook,
    *,
    version: str,
    reading: WorkbookReading | None,
    refusal: Problem | None = None,
) -> None:
    """Record a workbook that is in order, or damaged (`refusal`); without `reading` it stands as it was laid out."""
    body = {
        "version": version,
        "digest": _digest(season, workbook),
        "reading": to_json(reading) if reading else None,
    }
    if reading is not None:
        body["edited"] = last_edit(season, workbook.key, reading).isoformat()
    if refusal is not None:
        body["refused"] = {"code": refusal.code, "what": str(refusal.what), "fix": str(refusal.fix)}
    last = season.latest("snapshot").get(workbook.key)
    if last is None or last.body != body:
        season.record("snapshot", workbook.key, body)


def remember_reading(season: Season, key: str, reading: WorkbookReading) -> None:
    """Record what stands in a workbook, of which nobody has checked whether it is in order."""
    last = unchanged(season, key)
    if last is None or last.body["reading"] is None:
        body = {"version": reading.version, "digest": "", "reading": to_json(reading)}
        season.record("snapshot", key, {**body, "edited": last_edit(season, key, reading).isoformat()})


def known_reading(season: Season, key: str) -> WorkbookReading | None:
    """Return what stands in a workbook as far as a snapshot tells; None if it has to be read."""
    last = unchanged(season, key)
    return from_json(last.body["reading"]) if last is not None and last.body["reading"] else None


def is_as_laid_out(season: Season, key: str) -> bool:
    """Tell whether a snapshot says that nobody has typed anything into the workbook."""
    last = unchanged(season, key)
    return last is not None and last.body["reading"] is None


def last_reading_before(season: Season, key: str, moment: datetime) -> tuple[datetime, WorkbookReading] | None:
    """Return when and what was last read from a workbook before a moment.

    A run is recorded under the moment it began: what it read of a workbook that had been changed after the moment
    counts as read after it.
    """
    for entry in reversed(season.ledger.entries("snapshot", subject=key)):
        if entry.at < moment and entry.body["reading"]:
            reading = from_json(entry.body["reading"])
            if not moment <= reading.modified <= season.now:
                return entry.at, reading
    return None


def last_edit(season: Season, key: str, reading: WorkbookReading) -> datetime:
    """Return when people last changed what stands in a workbook: the time it had when it first read like this."""
    last = season.latest("snapshot").get(key)
    if last is None or "edited" not in last.body or _typed(from_json(last.body["reading"])) != _typed(reading):
        return reading.modified
    return datetime.fromisoformat(last.body["edited"])


def _typed(reading: WorkbookReading) -> list[tuple[str, list[RowReading]]]:
    """Return what stands outside the tool's own rows, wherever it lies."""
    return [
        (sheet.key, [replace(row, number=0) for row in as_typed(sheet).rows if not row.key.startswith("@")])
        for sheet in reading.sheets
    ]


def _of_this_form(season: Season, workbook: Workbook) -> Entry | None:
    last = unchanged(season, workbook.key)
    return last if last is not None and last.body["digest"] == _digest(season, workbook) else None


def _digest(season: Season, workbook: Workbook) -> str:
    shared = season.submission_digest if workbook.sheets is season.submission_sheets else None
    return workbook.digest(shared)
