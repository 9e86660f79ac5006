"""Altering what was published, as somebody with Word or an editor would, and what a verification says of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import docx
from docx.oxml.ns import qn
from told_season import season_of

from cchc_sheets.messages import speak
from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.verify import verify

TEXT: Final = qn("w:t")


def verified(folder: Path, file: Path | None = None) -> Outcome:
    with season_of(folder) as season:
        return verify(season, file)


def errors(outcome: Outcome) -> list[tuple[str, str | None]]:
    return [(one.code, one.sheet) for one in outcome.problems if one.severity == "error"]


def told_in(outcome: Outcome) -> str:
    speak("en")
    try:
        return "\n".join(str(one.what) for one in outcome.problems)
    finally:
        speak("vi")


def state(outcome: Outcome, file: str) -> str:
    found: str = next(one["state"] for one in outcome.data["files"] if one["file"] == file)
    return found


def rewrite(folder: Path, sql: str, *values: Any) -> None:
    """Change rows of the ledger as somebody with a database program would, past its own lock."""
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(sql, values)
        for _, words in triggers:
            connection.execute(words)
        connection.commit()


def edit(file: Path, change: Callable[[Any], None]) -> None:
    """Open a paper in Word, change something, save it."""
    document = docx.Document(str(file))
    change(document)
    document.save(str(file))


def cell_of(document: Any, heading: str, name: str) -> Any:
    """Return the cell of a line of the table that has this heading."""
    for table in document.tables:
        headings = [cell.text for cell in table.rows[0].cells]
        rows = [row for row in table.rows if name in [cell.text for cell in row.cells]]
        if heading in headings and rows:
            return rows[0].cells[headings.index(heading)]
    raise LookupError(heading)


def set_words(cell: Any, words: str) -> None:
    cell.paragraphs[0].runs[0].text = words
