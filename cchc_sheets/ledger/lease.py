"""The lease: one command at a time changes a cycle, on whatever machine it runs.

Whoever holds it stands in a table of its own. It lasts two minutes and is renewed by a thread and with every entry, so
that it outlives neither its command nor its machine. Its clock is the database's on PostgreSQL, this computer's for a
file. On the machine where the holder runs no clock is asked: as long as a process lives it has a file locked under a
name that only the lease knows, and the system frees that lock however the process ends.
"""

from __future__ import annotations

import os
import platform
import re
import secrets
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from cchc_sheets.characters import whole
from cchc_sheets.errors import Busy, LedgerError
from cchc_sheets.ledger.tables import lease as table
from cchc_sheets.messages import text

if TYPE_CHECKING:
    from filelock import BaseFileLock

DURATION: Final = timedelta(minutes=2)
"""How long a lease lasts if it is not renewed."""

BEAT: Final = timedelta(seconds=20)
"""How often it is renewed while a command works."""

Transaction = Callable[[], AbstractContextManager[Connection]]
"""Begins a transaction that no other writer can be in at the same time."""

_WRITER: Final = "writer"
_FIRST_YEAR, _LAST_YEAR = 1970, 9000
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Claim:
    """Who wants the lease, for which command; times are told in `zone`."""

    actor: str
    command: str
    zone: tzinfo = UTC


@dataclass(frozen=True)
class Holder:
    """Who holds the lease.

    Attributes:
        token: the secret of this one lease, 32 hexadecimal digits.
        machine: the name of the computer; `process`: the number of the process on it.
        since: when it was taken; `renewed`: when it was last renewed; `expires`: when it ends if it is not.
        is_readable: False for a row that somebody changed past this program into what no lease says: its times mean
            nothing then, and only a process that is known to be dead, or force, ends it.
    """

    token: str
    actor: str
    machine: str
    process: int
    command: str
    since: datetime
    renewed: datetime
    expires: datetime
    is_readable: bool = True

    def has_expired(self, now: datetime) -> bool:
        """Tell whether the time is over; also if it lies so far ahead that the clock must have been set back."""
        return self.is_readable and not self.renewed - DURATION <= now < self.expires


_NEVER: Final = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
_UNREADABLE: Final = Holder("", "?", "?", 0, "?", _NEVER, _NEVER, _NEVER, is_readable=False)


class Lease:
    """A lease that a command takes, has renewed, and gives back."""

    def __init__(self, transaction: Transaction, claim: Claim, beat: timedelta = BEAT) -> None:
        self._transaction = transaction
        self._claim = claim
        self._beat = beat
        self._token = secrets.token_hex(16)
        self._sign: BaseFileLock | None = None
        self._is_asked_for = False
        self._ended = Event()
        self._thread = Thread(target=self._keep, name="lease", daemon=True)

    def take(self, *, by_force: bool = False) -> Holder | None:
        """Take the lease at once; return whose it was if it had to be broken.

        Raises:
            Busy: if somebody else holds it, and `by_force` is not given.
        """
        self._sign = _give_sign(self._token)
        self._is_asked_for = True
        with self._transaction() as connection:
            now = _now(connection)
            holder = _holder(connection)
            is_held = holder is not None and _is_held(holder, now)
            if holder is not None and is_held and not by_force:
                raise _busy(holder, self._claim.zone)
            connection.execute(table.delete())
            connection.execute(table.insert().values(self._row(now)))
        if holder is not None:
            _sweep(holder.token)
        _sweep_forsaken()
        self._thread.start()
        return holder if is_held else None

    def renew(self, connection: Connection) -> None:
        """Renew the lease within a transaction of its own or of an entry.

        Raises:
            LedgerError: if it is ours no more: what this command was about to write must not be written.
        """
        now = _now(connection)
        times = {"renewed": now.isoformat(), "expires": (now + DURATION).isoformat()}
        changed = connection.execute(table.update().where(table.c.token == self._token).values(times))
        if changed.rowcount != 1:
            holder = _holder(connection)
            raise _lost(holder, self._claim.zone)

    def release(self) -> None:
        """Give the lease back; if a full disk keeps us from it, the sign stays, unlocked: nobody holds it any more."""
        self._ended.set()
        is_given_back = not self._is_asked_for
        if self._is_asked_for:
            with suppress(LedgerError, SQLAlchemyError):
                with self._transaction() as connection:
                    connection.execute(table.delete().where(table.c.token == self._token))
                is_given_back = True
        if self._thread.ident is not None:
            self._thread.join(timeout=1)
        if self._sign is not None:
            self._sign.release()
            if is_given_back:
                _sweep(self._token)

    def _row(self, now: datetime) -> dict[str, Any]:
        return {
            "name": _WRITER,
            "token": self._token,
            "actor": self._claim.actor,
            "machine": whole(platform.node()) or "?",
            "process": os.getpid(),
            "command": self._claim.command,
            "since": now.isoformat(),
            "renewed": now.isoformat(),
            "expires": (now + DURATION).isoformat(),
        }

    def _keep(self) -> None:
        """Renew until the end; a database that is away for a moment is asked again at the next beat."""
        while not self._ended.wait(self._beat.total_seconds()):
            try:
                with self._transaction() as connection:
                    self.renew(connection)
            except LedgerError as error:
                if error.code == LOST:
                    return  # the command finds out with its next entry
            except SQLAlchemyError:
                continue


LOST: Final = "lease_lost"


def _holder(connection: Connection) -> Holder | None:
    try:
        row: Row[Any] | None = connection.execute(select(table)).first()
    except OperationalError as error:
        if "decode" not in str(error.orig).casefold():  # SQLite keeps bytes that are no text, and then cannot say them
            raise
        return _UNREADABLE
    return None if row is None else _held_by(row)


def _held_by(row: Row[Any]) -> Holder:
    token, actor, machine, command = (whole(str(value)) for value in (row.token, row.actor, row.machine, row.command))
    try:
        since, renewed, expires = (_moment(at) for at in (row.since, row.renewed, row.expires))
        return Holder(token, actor, machine, int(row.process), command, since, renewed, expires)
    except (ValueError, TypeError):
        return replace(_UNREADABLE, token=token, actor=actor, machine=machine, command=command)


def _moment(written: object) -> datetime:
    """Read a time that can be told in every zone.

    Raises:
        ValueError, TypeError: if it is none.
    """
    moment = datetime.fromisoformat(written)  # type: ignore[arg-type]  # whatever somebody put into the database
    if moment.tzinfo is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(written)
    return moment


def _now(connection: Connection) -> datetime:
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    return now.astimezone(UTC)


def _is_held(holder: Holder, now: datetime) -> bool:
    lives = _lives(holder.token)
    return not holder.has_expired(now) if lives is None else lives


# ---- the sign of life -------------------------------------------------------------------------------------------


def _sign_file(token: str) -> Path:
    return Path(tempfile.gettempdir()) / f"cchc-sheets-{token}.lock"


def _give_sign(token: str) -> BaseFileLock | None:
    """Lock the file that says we live; without one only the clock tells."""
    from filelock import FileLock

    sign = FileLock(_sign_file(token), timeout=0)
    with suppress(OSError, NotImplementedError):
        sign.acquire()
        return sign
    return None


def _lives(token: str) -> bool | None:
    """Tell whether the holder's process lives; None if it runs elsewhere, or where we cannot see it."""
    from filelock import FileLock, Timeout

    if not _TOKEN.fullmatch(token) or not _sign_file(token).is_file():
        return None
    sign = FileLock(_sign_file(token), timeout=0)
    try:
        sign.acquire()
    except Timeout:
        return True
    except (OSError, NotImplementedError):  # the latter, from older libraries, where a drive knows no locks
        return None
    sign.release()
    return False


def _sweep(token: str) -> None:
    """Remove the sign of a lease that has ended, if it is here and nobody has it locked."""
    if _lives(token) is False:
        with suppress(OSError):
            _sign_file(token).unlink(missing_ok=True)


def _sweep_forsaken() -> None:
    """Remove the signs of processes that were killed before they stood in a ledger: nobody else would ever look."""
    with suppress(OSError):
        for file in _sign_file("*").parent.glob(_sign_file("*").name):
            if time.time() - file.stat().st_mtime > DURATION.total_seconds():  # not just made, and about to be locked
                _sweep(file.stem.rpartition("-")[2])


# ---- what is told -----------------------------------------------------------------------------------------------


def _busy(holder: Holder, zone: tzinfo) -> Busy:
    if not holder.is_readable:
        return Busy(
            text(
                "the ledger says that a command is at work, but not in a way that can be read: it was changed by hand"
            ),
            fix=text(
                "look whether anybody is at work on this cycle, on any computer; "
                "if certainly nobody is, run the command again with --break-lease"
            ),
        )
    return Busy(
        text(
            "{actor} is running `{command}` on the computer {machine} (process {process}) since {since}, "
            "and only one command at a time may change this cycle",
            actor=holder.actor,
            command=holder.command,
            machine=holder.machine,
            process=str(holder.process),
            since=holder.since.astimezone(zone),
        ),
        fix=text(
            "wait until it has ended; if that computer has failed, its lease ends by itself at {expires}; "
            "only if it is certain that the command is dead, add --break-lease",
            expires=holder.expires.astimezone(zone),
        ),
    )


def _lost(holder: Holder | None, zone: tzinfo) -> LedgerError:
    if holder is None or not holder.is_readable:
        what = text("another command took over and has ended while this one was standing still")
    else:
        what = text(
            "{actor} took over with `{command}` on the computer {machine} at {since}, "
            "while this command was standing still",
            actor=holder.actor,
            command=holder.command,
            machine=holder.machine,
            since=holder.since.astimezone(zone),
        )
    return LedgerError(
        what, fix=text("wait until it has ended, then run this command again; what is recorded stays"), code=LOST
    )
