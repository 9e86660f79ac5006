"""The ledger (sổ theo dõi): append-only entries, each carrying the digest of the one before it.

Everything read from people and everything decided is written here first and computed from here afterwards. Entries
are never changed or removed; the database itself refuses it. Works on any database that SQLAlchemy knows; by default
a SQLite file in the cycle folder.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    create_engine,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError, IntegrityError

from cchc_sheets.errors import LedgerError
from cchc_sheets.messages import text
from cchc_sheets.run_log import note

GENESIS: Final = "0" * 64

_metadata = MetaData()
_migrations = Table("migrations", _metadata, Column("name", String(80), primary_key=True))
_entries = Table(
    "entries",
    _metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("kind", String(40), nullable=False, index=True),
    Column("subject", String(120), nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("digest", String(64), nullable=False, unique=True),
)


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes:
        number: from 1, without gaps.
        at: when it was written, by the clock of the command.
        actor: who ran the command.
        kind: what sort of entry, e.g. `reading`, `extension`; `subject`: the unit or thing it is about.
        body: its content.
        digest: SHA-256 over everything above and the digest of the entry before it.
    """

    number: int
    at: datetime
    actor: str
    kind: str
    subject: str
    body: Mapping[str, Any]
    previous: str
    digest: str


class Ledger:
    """One ledger. It is begun by its first entry; until then it reads as empty and leaves no file."""

    def __init__(self, url: str | URL, *, is_begun: bool = True) -> None:
        self._engine = _engine(url)
        self._is_begun = is_begun
        if is_begun:
            self._bring_up_to_date()

    @classmethod
    def at(cls, file: Path) -> Ledger:
        """Open the SQLite ledger in `file`."""
        return cls(URL.create("sqlite", database=str(file)), is_begun=file.exists())

    def _bring_up_to_date(self) -> None:
        with _as_ledger_error():
            _migrate(self._engine)
        self._is_begun = True

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        if not self._is_begun:
            return []
        with _as_ledger_error(), self._engine.connect() as connection:
            return list(connection.execute(query))

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def append(self, kind: str, subject: str, body: Mapping[str, Any], *, at: datetime, actor: str) -> Entry:
        """Write one entry after the last one, durably, and return it."""
        if not self._is_begun:
            self._bring_up_to_date()
        content = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        for attempt in range(_MOST_ATTEMPTS):
            try:
                with _as_ledger_error(), self._engine.begin() as connection:
                    _begin(connection)
                    entry = self._append(connection, kind, subject, content, at.isoformat(), actor)
            except IntegrityError:
                # Another writer took the number in between: its entry becomes the previous one.
                if attempt == _MOST_ATTEMPTS - 1:
                    raise
            else:
                note("ledger", number=entry.number, kind=kind, subject=subject)
                return entry
        raise AssertionError

    def _append(self, connection: Connection, kind: str, subject: str, content: str, at: str, actor: str) -> Entry:
        last = connection.execute(
            select(_entries.c.number, _entries.c.digest).order_by(_entries.c.number.desc()).limit(1)
        ).first()
        number, previous = (last.number + 1, last.digest) if last else (1, GENESIS)
        digest = _digest(number, at, actor, kind, subject, content, previous)
        values = (number, at, actor, kind, subject, content, previous, digest)
        connection.execute(_entries.insert().values(dict(zip(_entries.c.keys(), values, strict=True))))
        return _entry(values)

    def entries(self, *kinds: str, subject: str | None = None) -> list[Entry]:
        """Return the entries of these kinds (all if none is named), oldest first."""
        query = select(_entries).order_by(_entries.c.number)
        if kinds:
            query = query.where(_entries.c.kind.in_(kinds))
        if subject is not None:
            query = query.where(_entries.c.subject == subject)
        return [_entry(tuple(row)) for row in self._rows(query)]

    def last(self, kind: str, subject: str) -> Entry | None:
        """Return the newest entry of a kind about a subject."""
        query = (
            select(_entries)
            .where(_entries.c.kind == kind, _entries.c.subject == subject)
            .order_by(_entries.c.number.desc())
            .limit(1)
        )
        return next((_entry(tuple(row)) for row in self._rows(query)), None)

    def latest(self, kind: str) -> dict[str, Entry]:
        """Return the newest entry of a kind for each subject."""
        newest = select(func.max(_entries.c.number)).where(_entries.c.kind == kind).group_by(_entries.c.subject)
        query = select(_entries).where(_entries.c.number.in_(newest)).order_by(_entries.c.number)
        return {row.subject: _entry(tuple(row)) for row in self._rows(query)}

    def head(self, *, without: Sequence[str] = ()) -> tuple[int, str]:
        """Return number and digest of the newest entry whose kind is not among `without`; (0, zeros) if none."""
        query = select(_entries.c.number, _entries.c.digest).order_by(_entries.c.number.desc()).limit(1)
        if without:
            query = query.where(_entries.c.kind.not_in(without))
        return next(((row.number, row.digest) for row in self._rows(query)), (0, GENESIS))

    def check_chain(self) -> None:
        """Recompute every digest.

        Raises:
            LedgerError: naming the first entry that was changed, removed or slipped in.
        """
        previous, expected = GENESIS, 1
        for row in self._rows(select(_entries).order_by(_entries.c.number)):
            whole = _digest(row.number, row.at, row.actor, row.kind, row.subject, row.body, previous)
            if row.number != expected or row.previous != previous or row.digest != whole:
                raise _altered(expected)
            previous, expected = row.digest, expected + 1


_MOST_ATTEMPTS: Final = 20


def _digest(*parts: int | str) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _altered(number: int) -> LedgerError:
    return LedgerError(
        text("the ledger was altered at entry {number}", number=number),
        fix=text("restore the ledger from a backup made before"),
        code="ledger_altered",
    )


def _entry(row: tuple[Any, ...]) -> Entry:
    number, at, actor, kind, subject, body, previous, digest = row
    try:
        return Entry(number, datetime.fromisoformat(at), actor, kind, subject, json.loads(body), previous, digest)
    except (ValueError, TypeError) as error:
        raise _altered(number) from error


def _engine(url: str | URL) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _plain_sqlite)
    return engine


def _plain_sqlite(connection: Any, _record: object) -> None:
    """Leave transactions to us: the driver would begin one only at the first write."""
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout = 30000")
    connection.execute("PRAGMA synchronous = FULL")


def m001_initial(connection: Connection) -> None:
    """Make the table of entries, and have SQLite itself refuse to change or remove one."""
    _entries.create(connection)
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                sql(
                    f"CREATE TRIGGER entries_no_{verb.lower()} BEFORE {verb} ON entries "
                    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
                )
            )


MIGRATIONS: Final[tuple[Callable[[Connection], None], ...]] = (m001_initial,)


def _migrate(engine: Engine) -> None:
    names = {migration.__name__ for migration in MIGRATIONS}
    with engine.connect() as connection:
        done = _migrated(connection)
    if done - names:
        raise LedgerError(
            text("the ledger was written by a newer version of this program"),
            fix=text("install the newest version"),
            code="ledger_newer",
        )
    if done == names:
        return
    with engine.begin() as connection:
        _begin(connection)
        done = _migrated(connection)  # another program may have been quicker
        _migrations.create(connection, checkfirst=True)
        for migration in MIGRATIONS:
            if migration.__name__ not in done:
                migration(connection)
                connection.execute(_migrations.insert().values(name=migration.__name__))


def _migrated(connection: Connection) -> set[str]:
    exists = inspect(connection).has_table("migrations")
    return set(connection.scalars(select(_migrations.c.name))) if exists else set()


def _begin(connection: Connection) -> None:
    """Take SQLite's write lock before anything is read, not at the first write."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _as_ledger_error() -> Iterator[None]:
    """Tell a person what a database says, but let a lost race through to its retry."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise LedgerError(
            text("the ledger cannot be used: {error}", error=str(error.orig)),
            fix=text(
                "check that ledger.db is whole, not read-only and not opened by another program, "
                "and that the disk has room"
            ),
        ) from error
