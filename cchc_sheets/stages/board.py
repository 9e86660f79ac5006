"""The board: a workbook that takes nothing from anybody, and shows the office and its leaders how far every unit is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cchc_sheets.assessment.explanation import Hearing
from cchc_sheets.assessment.progress import Progress
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import CchcError, LedgerError, Problem
from cchc_sheets.layouts.board import LOOKED, BoardContent, board_sheets
from cchc_sheets.layouts.workbook import NO_UNIT, Workbook
from cchc_sheets.messages import text
from cchc_sheets.stages.season import BOARD, Season, unit_key
from cchc_sheets.stages.share import share_missing
from cchc_sheets.vietnamese import moment


def write_board(season: Season, progress: Sequence[Progress], hearings: Mapping[str, Hearing]) -> tuple[Problem, ...]:
    """Have the board say how far every unit is; nothing is asked or written where it says so already.

    What stands in the way is told as warnings: no run fails for the board.
    """
    if season.dry_run:
        return ()
    board = board_workbook(season, progress, hearings)
    try:
        is_written = _ensure(season, board)
        problems = share_missing(season, [BOARD])
        if is_written:
            _remember(season, board)
    except LedgerError:
        raise
    except CchcError as error:
        what = text("the board could not be written: {what} ({where})", what=error.what, where=error.where)
        return (Problem(error.code, what, error.fix, "warning"),)
    return tuple(replace(problem, severity="warning") for problem in problems)


def _ensure(season: Season, board: Workbook) -> bool:
    """Write the board if it says anything else, or may have been touched; return whether it was looked at."""
    last, there = season.latest("layout").get(BOARD), season.present.get(BOARD)
    is_same = last is not None and last.body["digest"] == board.digest()
    if last is not None and there is not None and is_same and there.version == last.body["version"]:
        return False
    season.workspace.ensure(replace(board, slots={LOOKED: moment(_looked(season, board))}))
    return True


def _looked(season: Season, board: Workbook) -> datetime:
    """Return the moment to put on the board: of the first look at which it said the same."""
    last = season.latest("layout").get(BOARD)
    if last is None or last.body["digest"] != board.digest():
        return season.now
    return datetime.fromisoformat(last.body["looked"])


def _remember(season: Season, board: Workbook) -> None:
    """Record what the board says and in which version; to share it, too, makes another version."""
    body = {
        "version": season.look_again()[BOARD].version,
        "digest": board.digest(),
        "looked": _looked(season, board).isoformat(),
    }
    season.record("layout", BOARD, body)


def board_workbook(season: Season, progress: Sequence[Progress], hearings: Mapping[str, Hearing]) -> Workbook:
    """Describe the board, all but the moment of the look."""
    settings = season.cycle.settings
    content = BoardContent(
        title=settings.title,
        progress=progress,
        looked=season.now,
        deadline=settings.calendar.self_assessment,
        places={one.unit.code: place_of(season, one.unit) for one in progress},
        hearings=hearings,
    )
    return Workbook(BOARD, f"{settings.title} – theo dõi", season.cycle.id, NO_UNIT, board_sheets(content))


def place_of(season: Season, unit: Unit) -> str:
    """Return where a unit's workbook is: its address, or its path in the cycle's folder; nothing if there is none."""
    if unit_key(unit) not in season.present:
        return ""
    place = season.workspace.location(unit_key(unit))
    if season.cycle.settings.workspace != "local":
        return place
    return Path(place).relative_to(season.cycle.folder).as_posix()
