"""Reminders: for every unit that has still to do something a text to paste, all of them in one file for the office."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cchc_sheets.assessment.explanation import Hearing
from cchc_sheets.assessment.progress import Progress
from cchc_sheets.assessment.units import Unit
from cchc_sheets.files import write_whole
from cchc_sheets.publication.paper_content import title_of
from cchc_sheets.publication.reminder_text import ReminderWords, explanation_reminder_text, reminder_text
from cchc_sheets.publication.wording import plain
from cchc_sheets.stages.board import place_of
from cchc_sheets.stages.season import Season

REMINDERS: Final = "reminders.txt"
_NOBODY: Final = "Lúc này không phải đôn đốc đơn vị nào."
_HOW: Final = "Mỗi khối dưới đây là một tin nhắn: chép từ «Kính gửi» đến «Trân trọng cảm ơn» để gửi cho đơn vị."
_LINE: Final = "=" * 72


@dataclass(frozen=True)
class Reminder:
    """What to send to one unit."""

    unit: Unit
    text: str


def reminders_of(season: Season, progress: Sequence[Progress], hearings: Mapping[str, Hearing]) -> tuple[Reminder, ...]:
    """Return the reminders that are due now, in the order of the roster.

    Until the explanation round is opened they are about the self-assessment, then about its answers.
    """
    words = _words(season)
    if hearings:
        texts = ((one.unit, _about_answers(season, one.unit, hearings[one.unit.code], words)) for one in progress)
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


def _about_answers(season: Season, unit: Unit, hearing: Hearing, words: ReminderWords) -> str:
    return explanation_reminder_text(unit, hearing, words, _place(season, unit))
