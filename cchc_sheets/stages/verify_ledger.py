"""Whether the ledger is whole: its chain of digests, and for a SQLite file the file itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from cchc_sheets.errors import LedgerError, Problem
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.stages.season import Season

_RESTORE: Final = text("restore the ledger from a backup made before; keep this one to find out who changed it")


def ledger_problems(season: Season) -> list[Problem]:
    """Return what is wrong with the ledger; with an error among them nothing can be computed from it."""
    try:
        season.ledger.check_chain()
    except LedgerError as error:
        return [_problem(error.code, _named(season, error))]
    return _file_problems(season)


def _named(season: Season, error: LedgerError) -> Text:
    """Say what the altered entry is about, if it can be read at all."""
    numbers = [int(str(value)) for name, value in error.what.values if name == "number"]
    about = season.ledger.about(numbers[0]) if numbers else None
    if about is None:
        return error.what
    kind, subject, at = about
    return text("{what} ({kind}, {subject}, {at})", what=error.what, kind=kind, subject=subject, at=at)


def _file_problems(season: Season) -> list[Problem]:
    problems = [] if season.cycle.settings.ledger else _damage(season.cycle.ledger_file)
    return problems or ([] if season.ledger.is_guarded() else [_unlocked()])


def _damage(file: Path) -> list[Problem]:
    if not file.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
    except sqlite3.Error as error:
        return [_problem("ledger_damaged", text("the file of the ledger is damaged: {error}", error=error))]
    if found != ["ok"]:
        said = text("the file of the ledger is damaged: {error}", error="; ".join(found)[:300])
        return [_problem("ledger_damaged", said)]
    return []


def _unlocked() -> Problem:
    return Problem(
        "ledger_unlocked",
        text("the lock that keeps entries of the ledger from being changed was taken away or replaced"),
        text("the entries are whole; find out who did it, then copy the ledger of a backup back"),
        "warning",
        sheet="ledger.db",
    )


def _problem(code: str, what: Text) -> Problem:
    return Problem(code, what, _RESTORE, sheet="ledger.db")


def entry_words(entry: Entry) -> Text:
    """Name an entry to a person."""
    return text("entry {number} of the ledger, {at}", number=str(entry.number), at=entry.at)
