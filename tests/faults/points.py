"""Where a run writes, seen at the lowest level that Python offers; everything visible from outside is a point.

Files by the interpreter's own audit events, the ledger by SQLAlchemy's, Google by the one door of `requests`. A point
is seen just before its operation: that of one point is therefore the moment just after the one before it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from sqlalchemy import Engine, event

from cchc_sheets.ledger import database

FILE, LEDGER, REQUEST = "file", "ledger", "request"

OPENED, RENAMED, SYNCED, FOLDER_MADE = "open", "rename", "fsync", "mkdir"
BEGUN, COMMITTED = "BEGIN IMMEDIATE", "COMMIT"
SENT, ANSWERED = "sent", "answered"

_CHANGES: Final = {
    "os.rename": RENAMED,
    "os.remove": "remove",
    "os.mkdir": FOLDER_MADE,
    "os.rmdir": "rmdir",
    "os.chmod": "chmod",
    "os.truncate": "truncate",
    "os.link": "link",
    "os.symlink": "symlink",
    "os.utime": "utime",
    "sqlite3.connect": "connect",
}
_TO_WRITE: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_READS: Final = re.compile(r"\s*(SELECT|PRAGMA)\b", re.IGNORECASE)
_UNSEEN: Final = ("logs", "watch.log")
"""Append-only, and lost without harm: a run without a log is a run."""


class Point(NamedTuple):
    """One write: of which kind, what it does, to what (a path in the cycle's folder, a table, an address)."""

    kind: str
    act: str
    what: str
    target: str = ""


@dataclass
class Observer:
    """Sees every point of a process from `begin` on and lets `strike` act just before it happens."""

    folder: Path
    strike: Callable[[int, Point], None]

    def __post_init__(self) -> None:
        self.seen: list[Point] = []
        self._is_at_it = False
        self._root = f"{self.folder}{os.sep}"

    def begin(self) -> None:
        """Observe this process to its end: audit hooks cannot be taken away again."""
        sys.addaudithook(self._audited)
        self._observe_syncs()
        self._observe_ledger()
        self._observe_requests()

    def reached(self, point: Point) -> None:
        """Count a point and let it be struck."""
        if self._is_at_it:
            return
        self._is_at_it = True
        try:
            self.seen.append(point)
            self.strike(len(self.seen), point)
        finally:
            self._is_at_it = False

    # ------------------------------------------------------------------------------------------------------- files

    def _audited(self, name: str, facts: tuple[Any, ...]) -> None:
        if name == "open":
            path, _, flags = facts
            if isinstance(flags, int) and flags & _TO_WRITE:
                self._file(OPENED, path)
        elif name in _CHANGES:
            folder = facts[-1] if name in {"os.remove", "os.rmdir", "os.mkdir"} else -1
            path = facts[0]
            if isinstance(folder, int) and folder != -1:
                path = Path(f"/proc/self/fd/{folder}").readlink() / os.fsdecode(path)
            self._file(_CHANGES[name], path, facts[1] if name == "os.rename" else "")

    def _file(self, act: str, path: Any, target: Any = "") -> None:
        if isinstance(path, int):
            return
        inside = self._inside(path)
        if inside is not None and not inside.startswith(_UNSEEN):
            self.reached(Point(FILE, act, inside, (self._inside(target) or "") if target else ""))

    def _inside(self, path: Any) -> str | None:
        whole = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - pathlib would ask the system, and be audited
        return whole.removeprefix(self._root) if whole.startswith(self._root) else None

    def _observe_syncs(self) -> None:
        """A full disk may be told as late as here. Nothing waits for the disk: no power is cut in these runs."""

        def synced(descriptor: int) -> None:
            self._file(SYNCED, Path(f"/proc/self/fd/{descriptor}").readlink())

        os.fsync = synced  # type: ignore[assignment]

    # ------------------------------------------------------------------------------------------------------ ledger

    def _observe_ledger(self) -> None:
        opened = database.open_engine

        def observed(url: Any) -> Engine:
            engine = opened(url)
            event.listen(engine, "connect", _without_waiting_for_the_disk)
            event.listen(engine, "do_execute", self._executed)
            commit = engine.dialect.do_commit

            def committed(connection: Any) -> None:
                if connection.in_transaction:
                    self.reached(Point(LEDGER, COMMITTED, "ledger.db"))
                commit(connection)

            engine.dialect.do_commit = committed  # type: ignore[assignment,method-assign]
            return engine

        database.open_engine = observed

    def _executed(self, _cursor: Any, statement: str, _parameters: Any, _context: Any) -> None:
        if not _READS.match(statement):
            self.reached(Point(LEDGER, " ".join(statement.split()[:3]), "ledger.db"))

    # ---------------------------------------------------------------------------------------------------- requests

    def _observe_requests(self) -> None:
        send = HTTPAdapter.send

        def observed(adapter: HTTPAdapter, request: requests.PreparedRequest, *rest: Any, **named: Any) -> Any:
            what = f"{request.method} {str(request.url).partition('?')[0].split('/', 3)[-1]}"
            self.reached(Point(REQUEST, SENT, what))
            answer = send(adapter, request, *rest, **named)
            assert answer.content is not None  # the whole answer is here before anything strikes
            self.reached(Point(REQUEST, ANSWERED, what))
            return answer

        HTTPAdapter.send = observed  # type: ignore[assignment,method-assign]


def _without_waiting_for_the_disk(connection: Any, _record: object) -> None:
    """A program that dies loses nothing by it; only a power cut would, and none happens here."""
    connection.execute("PRAGMA synchronous = OFF")
