"""What stands on the office's board, read as a command would read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from google_office import GoogleOffice
from office import Office
from paper_season import season_of

from cchc_sheets.stages.season import BOARD, Season

EARLY = "2023-12-01T09:00"


@contextmanager
def opened(office: Office, now: str, *, dry_run: bool = False) -> Iterator[Season]:
    """The season as a command would open it; it is that moment at Google, too."""
    if isinstance(office, GoogleOffice):
        office.now = datetime.fromisoformat(now)
    season = season_of(office, now, dry_run=dry_run)
    try:
        yield season
    finally:
        season.close()


def said(office: Office) -> dict[str, dict[str, str]]:
    """What stands on the board: row key → column → text."""
    with opened(office, EARLY) as season:
        sheet = season.workspace.read(BOARD).sheet("board")
    assert sheet is not None
    shown = {row.key: {column: _text(cell.value) for column, cell in row.cells.items()} for row in sheet.rows}
    return {key.removeprefix("@"): cells for key, cells in shown.items()}


def _text(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
