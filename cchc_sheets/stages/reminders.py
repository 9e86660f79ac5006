"""Reminders: for every unit that has still to do something a text to paste, all of them in one file for the office."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cchc_sheets.assessment.explanation import parse_explanations
from cchc_sheets.assessment.progress import Progress
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.files import write_whole
from cchc_sheets.publication.paper_content import title_of
from cchc_sheets.publication.reminder_text import ReminderWords, explanation_reminder_text, reminder_text
from cchc_sheets.publication.wording import plain
from cchc_sheets.stages.board import place_of
from cchc_sheets.stages.record import is_heard
from cchc_sheets.stages.round_sheets import round_deadline
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.stages.snapshots import known_reading

REMINDERS: Final = "reminders.txt"
_NOBODY: Final = "Lúc này không phải đôn đốc đơn vị nào."
_HOW: Final = "Mỗi khối dưới đây là một tin nhắn: chép từ «Kính gửi» đến «Trân trọng cảm ơn» để gửi cho đơn vị."
_LINE: Final = "=" * 72


@dataclass(frozen=True)
class Reminder:
    """What to send to one unit."""

    unit: Unit
    text: str


def reminders_of(season: Season, progress: Sequence[Progress]) -> tuple[Reminder, ...]:
    """Return the reminders that are due now, in the order of the roster.

    Until the explanation round is opened they are about the self-assessment, then about its answers. A workbook with
    answers that have changed since they were last seen is read.
    """
    words = _words(season)
    if season.latest("explanation_round"):
        texts = ((one.unit, _about_answers(season, one.unit, words)) for one in progress)
    else:
        texts = ((one.unit, reminder_text(one, words, _place(season, one.unit))) for one in progress)
    return tuple(Reminder(unit, text) for unit, text in texts if text)


def write_reminders(season: Season, reminders: Sequence[Reminder]) -> Path | None:
    """Write the reminders into `output/reminders.txt`, if they say anything new; return the file.

    None if nobody needs one: a file that is there then says so. Nothing is written in a dry run.

    Raises:
        CchcError: if the file cannot be written.
    """
    file = season.cycle.output_folder / REMINDERS
    if not season.dry_run and (reminders or file.exists()):
        # With the mark of Unicode and the line ends that every Notepad understands.
        write_whole(file, "\r\n".join(_lines(reminders)).encode("utf-8-sig"))
    return file if reminders and not season.dry_run else None


def reminders_data(reminders: Sequence[Reminder]) -> list[dict[str, Any]]:
    """Return the reminders for `--json`: unit, to whom, text."""
    return [{"unit": one.unit.code, "to": list(one.unit.emails), "text": one.text} for one in reminders]


def _lines(reminders: Sequence[Reminder]) -> Iterator[str]:
    if not reminders:
        yield _NOBODY
    else:
        yield f"ĐÔN ĐỐC: {len(reminders)} đơn vị"
        yield _HOW
    for one in reminders:
        yield _LINE
        yield plain(one.unit.name)
        yield f"Gửi: {'; '.join(one.unit.emails) or '(đơn vị chưa có địa chỉ trong units.csv)'}"
        yield ""
        yield from one.text.splitlines()
    yield ""


def _words(season: Season) -> ReminderWords:
    from cchc_sheets.stages.paper_heads import words_of

    settings, words = season.cycle.settings, words_of(season.cycle.settings)
    return ReminderWords(
        title=settings.title,
        office=words.office,
        contact=words.contact,
        now=season.now,
        titles={leaf.code: title_of(leaf) for leaf in season.cycle.criteria.self_scored},
        is_online=settings.workspace == "google",
    )


def _place(season: Season, unit: Unit) -> str:
    """Return what the unit knows its workbook by: its address on the web, or the name of the file."""
    place = place_of(season, unit)
    return place if season.cycle.settings.workspace == "google" else place.rpartition("/")[2]


def _about_answers(season: Season, unit: Unit, words: ReminderWords) -> str:
    until = round_deadline(season, unit)
    if until is None or until <= season.now or is_heard(season, unit.code):
        return ""
    codes = _unanswered(season, unit)
    return explanation_reminder_text(unit, codes, until, words, _place(season, unit))


def _unanswered(season: Season, unit: Unit) -> list[str]:
    """Return the criteria put to a unit that it has not answered yet; all, if its workbook cannot be read."""
    put = [
        code
        for code in season.latest("explanation_round")[unit.code].body["put"]
        if code in season.cycle.criteria.by_code
    ]
    try:
        reading = known_reading(season, unit_key(unit)) or season.workspace.read(unit_key(unit))
    except WorkbookUnreadable:
        return put
    answers, _ = parse_explanations(
        reading, unit=unit.code, cycle=season.cycle.id, criteria=season.cycle.criteria, put=put
    )
    return [code for code in put if code not in answers]
