"""What is so when a run begins and passes before the next: a workbook open in Excel, a clock that jumped back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from faults.season import Scene

OPEN_IN_EXCEL, CLOCK_BACK = "open in Excel", "clock back"
CIRCUMSTANCES: Final = (OPEN_IN_EXCEL, CLOCK_BACK)

_BACK: Final = (timedelta(hours=1), timedelta(days=1), timedelta(days=40))
"""The last lies before every deadline of the season."""


def count(scene: Scene, circumstance: str) -> int:
    """Return in how many ways it can be so."""
    return len(_workbooks(scene.before.folder)) if circumstance == OPEN_IN_EXCEL else len(_BACK)


def clock(scene: Scene, circumstance: str, at: int) -> str:
    """Return what time it seems to be."""
    if circumstance != CLOCK_BACK:
        return scene.now
    return (datetime.fromisoformat(scene.now) - _BACK[at - 1]).isoformat()


@contextmanager
def opened(folder: Path, circumstance: str, at: int) -> Iterator[None]:
    """Have somebody open the workbook with this number, as Excel marks it."""
    if circumstance != OPEN_IN_EXCEL:
        yield
        return
    workbook = _workbooks(folder)[at - 1]
    owner = workbook.with_name(f"~${workbook.name}")
    owner.write_bytes(b"\x08van thu")
    try:
        yield
    finally:
        owner.unlink()


def _workbooks(folder: Path) -> list[Path]:
    place = folder / "workspace"
    return sorted(file for file in place.rglob("*.xlsx") if "backup" not in file.parts)
