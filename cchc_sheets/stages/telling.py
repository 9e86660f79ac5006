"""Telling people what was seen: each unit in its own guide, the office on its board and in its reminders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.stages.board import write_board
from cchc_sheets.stages.guides import tell_units
from cchc_sheets.stages.hearings import hearings_of
from cchc_sheets.stages.progress import Look, look_at_units
from cchc_sheets.stages.reminders import reminders_data, reminders_of, write_reminders
from cchc_sheets.stages.season import BOARD, Season, unit_key
from cchc_sheets.stages.snapshots import remember_reading

_CHANGES_A_GUIDE = ("submission", "missed", "extension")


@dataclass(frozen=True)
class Told:
    """What was told: in sentences, as data, and what stood in the way."""

    summary: tuple[Text, ...] = ()
    reminders: tuple[dict[str, Any], ...] = ()
    problems: tuple[Problem, ...] = ()


def tell(season: Season, looks: Sequence[Look]) -> Told:
    """Write guides, board and reminders, as far as they say anything new; nothing in a dry run."""
    if season.dry_run:
        return Told()
    _remember(season, looks)
    return _tell_office(season, looks, tell_units(season, looks))


def tell_what_was_collected(season: Season) -> Told:
    """Do the same after the deadline; the guides only if anything has happened to a unit since they were last told."""
    if season.dry_run:
        return Told()
    looks = look_at_units(season)
    _remember(season, looks)
    newest = max((entry.number for kind in _CHANGES_A_GUIDE for entry in season.latest(kind).values()), default=0)
    last = season.latest("told").get("-")
    if last is not None and last.body["upto"] == newest:
        return _tell_office(season, looks, ())
    problems = tell_units(season, looks)
    if not problems:
        season.record("told", "-", {"upto": newest})
    return _tell_office(season, looks, problems)


def _remember(season: Season, looks: Sequence[Look]) -> None:
    """What we tell changes a workbook: what stood there before tells when people changed it last."""
    for look in looks:
        if look.reading is not None:
            remember_reading(season, unit_key(look.progress.unit), look.reading)


def _tell_office(season: Season, looks: Sequence[Look], problems: tuple[Problem, ...]) -> Told:
    progress = [look.progress for look in looks]
    hearings = hearings_of(season)
    problems += write_board(season, progress, hearings)
    reminders = reminders_of(season, progress, hearings)
    file = write_reminders(season, reminders)
    summary = [text("the board is {place}", place=season.workspace.location(BOARD))]
    if file is not None:
        summary.append(text("{count} reminders to send are in {file}", count=len(reminders), file=file))
    return Told(tuple(summary), tuple(reminders_data(reminders)), problems)
