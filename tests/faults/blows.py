"""What strikes a run at one of its points: its end, or what a disk, another program or a cable does to it."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import requests

from faults.points import ANSWERED, BEGUN, COMMITTED, FILE, FOLDER_MADE, LEDGER, OPENED, RENAMED, REQUEST, SYNCED, Point

KILLED, TORN, FULL, READ_ONLY, LOCKED, CUT_OFF = "killed", "torn", "disk full", "read-only", "locked", "cut off"

ENDS: Final = (KILLED, TORN)
"""Those that the run does not outlive."""

_FEW_BYTES: Final = 64
_JOURNAL: Final = 700
"""So much of SQLite's journal gets written, and no more."""


def applies(blow: str, point: Point) -> bool:
    """Tell whether this can happen at this point."""
    match blow:
        case "torn":
            return point.act in {OPENED, COMMITTED}
        case "disk full" | "read-only":
            return point.kind == FILE or point.act == BEGUN
        case "locked":
            return point.act == RENAMED or point.act in {BEGUN, COMMITTED}
        case "cut off":
            return point.kind == REQUEST
    return True


class Blow:
    """Strikes at the point with a number, counted from 1; what it does to the disk or the line lasts from there on."""

    def __init__(self, kind: str, at: int, folder: Path) -> None:
        self._strike = _STRIKES[kind]
        self._at = at
        self._folder = folder
        self._first: Point | None = None

    @property
    def has_struck(self) -> bool:
        """Whether the point was reached."""
        return self._first is not None

    def __call__(self, number: int, point: Point) -> None:
        """Act just before a point."""
        if number == self._at:
            self._first = point
        if self._first is not None:
            self._strike(self._first, point, self._folder)


def healed() -> None:
    """Let files grow again, so that a run can report what became of it."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _killed(_first: Point, _point: Point, _folder: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _torn(first: Point, point: Point, folder: Path) -> None:
    """Have the system end the process in the middle of the first write that is longer than a few bytes."""
    if first is not point:
        return
    size = _FEW_BYTES
    if first.kind == LEDGER:  # in the journal, or beyond the last page of the database with the journal whole
        ledger = folder / "ledger.db"
        size = _JOURNAL if len(first.what) % 2 else (ledger.stat().st_size if ledger.exists() else 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _full(_first: Point, point: Point, _folder: Path) -> None:
    """Let no file grow beyond a few bytes: what is written is written in part, by the system itself."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FEW_BYTES, resource.RLIM_INFINITY))
    if point.act in {SYNCED, FOLDER_MADE}:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), point.what)


def _read_only(_first: Point, point: Point, _folder: Path) -> None:
    if point.kind == FILE and point.act != "connect":
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), point.what)
    if point.kind == LEDGER:
        raise sqlite3.OperationalError("attempt to write a readonly database")


def _locked(first: Point, point: Point, _folder: Path) -> None:
    """Keep one file to another program, as Windows does: it is not replaced, removed or changed."""
    if first.kind == LEDGER and point.kind == LEDGER:
        raise sqlite3.OperationalError("database is locked")
    if point.kind == FILE and first.target and first.target in {point.target, point.what} and point.act != OPENED:
        raise PermissionError(errno.EACCES, "used by another process", point.what)


def _cut_off(first: Point, point: Point, _folder: Path) -> None:
    """Let nothing through from here on; if the answer was under way, the work is done all the same."""
    if point.kind == REQUEST and (point is first or point.act != ANSWERED):
        raise requests.ConnectionError("network is unreachable")


_STRIKES: Final[Mapping[str, Callable[[Point, Point, Path], None]]] = {
    KILLED: _killed,
    TORN: _torn,
    FULL: _full,
    READ_ONLY: _read_only,
    LOCKED: _locked,
    CUT_OFF: _cut_off,
}

BLOWS: Final = tuple(_STRIKES)
