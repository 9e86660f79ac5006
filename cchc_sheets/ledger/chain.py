"""The ledger (sổ theo dõi): append-only entries, each carrying the digest of the one before it.

Everything read from people and everything decided is written here first and computed from here afterwards. Entries
are never changed or removed; the database itself refuses it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Row, Select, func, select

from cchc_sheets.characters import read_json, whole
from cchc_sheets.errors import Busy, LedgerError
from cchc_sheets.ledger import database, tables
from cchc_sheets.ledger.lease import Claim, Holder, Lease
from cchc_sheets.ledger.tables import entries as _entries
from cchc_sheets.messages import text
from cchc_sheets.run_log import note

GENESIS: Final = "0" * 64


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
    """One ledger. It is begun by its first entry or lease; until then it reads as empty and leaves no file.

    Reading changes nothing, not even the tables of an older ledger: they are brought up to date by the first writing.
    """

    def __init__(self, url: str | URL, *, is_there: bool = True, is_noted: bool = True) -> None:
        """Open the ledger at an address.

        Args:
            is_there: False for a file that does not exist yet.
            is_noted: False for a copy that only repeats entries: the run's log tells what the cycle's ledger was given.
        """
        self._engine = database.open_engine(url)
        self._lease: Lease | None = None
        self._is_noted = is_noted
        self._is_looked_over = False
        try:
            done = self._migrated() if is_there else set()
        except BaseException:
            self.close()
            raise
        self._is_begun = bool(done)
        self._is_current = tables.is_current(done)

    @classmethod
    def at(cls, file: Path) -> Ledger:
        """Open the SQLite ledger in `file`."""
        return cls(URL.create("sqlite", database=str(file)), is_there=file.exists())

    @property
    def place(self) -> str:
        """Where it is: the file, or the database's address without a password."""
        return database.address_of(self._engine)

    def close(self) -> None:
        """Let go of the file, or of the connections."""
        self._engine.dispose()

    def check_rights(self) -> None:
        """Check what can only be wrong with a server: its text encoding, and what this account may do.

        Raises:
            LedgerError: if it is wrong.
        """
        if self._engine.dialect.name != "sqlite":
            database.check_server(self._engine)

    def is_guarded(self) -> bool:
        """Tell whether the database itself still refuses to change or remove an entry, by what its locks do."""
        return not self._is_begun or database.is_guarded(self._engine)

    @contextmanager
    def held(self, claim: Claim, *, by_force: bool = False) -> Iterator[Holder | None]:
        """Hold the lease: nobody else who asks for it can have it meanwhile; what is appended is appended under it.

        Yields whose lease had to be broken, if one had to be.

        Raises:
            Busy: at once, if somebody else holds it, and `by_force` is not given.
        """
        lease = Lease(self._writing, claim)
        try:
            try:
                broken = lease.take(by_force=by_force)
            except Busy as busy:
                busy.where = self.place
                raise
            self._lease = lease
            yield broken
        finally:
            self._lease = None
            lease.release()

    def _migrated(self) -> set[str]:
        with database.told(self._engine), self._engine.connect() as connection:
            return tables.migrated(connection)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Be the only one in a transaction that writes."""
        with database.told(self._engine):
            if not self._is_current:
                tables.migrate(self._engine)
                self._is_begun = self._is_current = True
            with self._engine.begin() as connection:
                tables.begin_writing(connection)
                yield connection

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        """Return rows to rely on.

        An entry whose kind or subject is no text any more is found by no query that asks for them: look for such first.

        Raises:
            LedgerError: naming an entry with a value that is no text.
        """
        if not self._is_looked_over:
            for row in self._rows_as_they_are(tables.strange_entries(self._engine.dialect.name)):
                raise _altered(row.number)
            self._is_looked_over = True
        return self._rows_as_they_are(query)

    def _rows_as_they_are(self, query: Select[Any] | None) -> list[Row[Any]]:
        if not self._is_begun or query is None:
            return []
        with database.told(self._engine), self._engine.connect() as connection:
            return list(connection.execute(query))

    def append(self, kind: str, subject: str, body: Mapping[str, Any], *, at: datetime, actor: str) -> Entry:
        """Write one entry after the last one, durably, and return it.

        Raises:
            LedgerError: if it cannot be written, or the lease under which it was to be written is somebody else's now.
        """
        # Whoever reads text makes it whole. Here it is made so once more, for one letter must not stop a season.
        content = whole(json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
        subject, actor = whole(subject), whole(actor)
        with self._writing() as connection:
            if self._lease is not None:
                self._lease.renew(connection)
            entry = self._append(connection, kind, subject, content, at.isoformat(), actor)
        if self._is_noted:
            note("ledger", number=entry.number, kind=kind, subject=subject)
        return entry

    def _append(self, connection: Connection, kind: str, subject: str, content: str, at: str, actor: str) -> Entry:
        last = connection.execute(
            select(_entries.c.number, _entries.c.digest).order_by(_entries.c.number.desc()).limit(1)
        ).first()
        if last is not None and not _is_text(last.digest):
            raise _altered(last.number)
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

    def newest(self) -> Entry | None:
        """Return the entry that was recorded last."""
        query = select(_entries).order_by(_entries.c.number.desc()).limit(1)
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

    def about(self, number: int) -> tuple[str, str, datetime] | None:
        """Return kind, subject and time of an entry as they stand, altered or not; None if they cannot be read."""
        for row in self._rows_as_they_are(select(_entries).where(_entries.c.number == number)):
            with suppress(ValueError, TypeError):
                if _is_text(row.kind) and _is_text(row.subject):
                    return row.kind, row.subject, datetime.fromisoformat(row.at)
        return None

    def check_chain(self) -> None:
        """Recompute every digest, and read every entry.

        Raises:
            LedgerError: naming the first entry that was changed, removed or slipped in.
        """
        previous, expected = GENESIS, 1
        for row in self._rows_as_they_are(select(_entries).order_by(_entries.c.number)):
            if row.number != expected or row.previous != previous or not _is_whole(tuple(row)):
                raise _altered(expected)
            _entry(tuple(row))
            previous, expected = row.digest, expected + 1


def _digest(*parts: int | str) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _is_text(value: object) -> bool:
    """Whether a column holds text: SQLite takes bytes and numbers anywhere, and bytes that are no text."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_whole(row: tuple[Any, ...]) -> bool:
    """Whether an entry's own digest is that of its content."""
    number, *texts, digest = row
    return isinstance(number, int) and all(map(_is_text, texts)) and digest == _digest(number, *texts)


def _altered(number: int) -> LedgerError:
    return LedgerError(
        text("the ledger was altered at entry {number}", number=number),
        fix=text("restore the ledger from a backup made before"),
        code="ledger_altered",
    )


def _entry(row: tuple[Any, ...]) -> Entry:
    """Return a row as an entry; one whose content is not the one that was written is never handed on.

    Raises:
        LedgerError: naming it.
    """
    number, at, actor, kind, subject, body, previous, digest = row
    if not _is_whole(row):
        raise _altered(number)
    try:
        content = read_json(body)
        moment = datetime.fromisoformat(at)
    except (ValueError, RecursionError) as error:
        raise _altered(number) from error
    if not isinstance(content, dict):
        raise _altered(number)
    return Entry(number, moment, actor, kind, subject, content, previous, digest)
