"""The database that holds a ledger, a SQLite file or PostgreSQL by its address; what it refuses is told to a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import DBAPIError

from cchc_sheets.errors import LedgerError
from cchc_sheets.ledger.tables import GUARD_FUNCTION, GUARDS
from cchc_sheets.messages import text

_SESSION: Final = (
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET client_encoding = 'UTF8'",
    "SET synchronous_commit = on",
    "SET lock_timeout = '30s'",
    # A laptop that falls asleep while it writes would keep everybody else from writing.
    "SET idle_in_transaction_session_timeout = '60s'",
)
_CONNECT_SECONDS: Final = 10


def open_engine(url: str | URL) -> Engine:
    """Return the engine of a SQLite file or of PostgreSQL; nothing is connected yet.

    Raises:
        LedgerError: if the driver for PostgreSQL is not installed.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address)
        event.listen(engine, "connect", _plain_sqlite)
        return engine
    if find_spec("psycopg") is None:
        raise LedgerError(
            text("the driver for PostgreSQL is not installed"),
            where=str(address.set(password=None)),
            fix=text("install it: {command}", command='pip install "cchc-sheets[postgresql]"'),
            code="driver_missing",
        )
    engine = create_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        connect_args={"connect_timeout": _CONNECT_SECONDS, "application_name": "cchc-sheets"},
    )
    event.listen(engine, "connect", _careful_postgresql)
    return engine


def _plain_sqlite(connection: Any, _record: object) -> None:
    """Leave transactions to us: the driver would begin one only at the first write."""
    connection.isolation_level = None
    connection.text_factory = _as_it_is
    connection.execute("PRAGMA busy_timeout = 30000")
    connection.execute("PRAGMA synchronous = FULL")


def _as_it_is(raw: bytes) -> str:
    """Return text of a database even where somebody put bytes into it that are none: the chain names the entry."""
    return raw.decode("utf-8", "surrogateescape")


def _careful_postgresql(connection: Any, _record: object) -> None:
    """Ask for what we rest on, whatever the server's own settings are."""
    with connection.cursor() as cursor:
        for setting in _SESSION:
            cursor.execute(setting)
    connection.commit()


@contextmanager
def told(engine: Engine) -> Iterator[None]:
    """Tell a person what a database says."""
    try:
        yield
    except DBAPIError as error:
        is_file = engine.dialect.name == "sqlite"
        raise LedgerError(
            text("the ledger cannot be used: {error}", error=" ".join(str(error.orig).split())),
            where=address_of(engine),
            fix=text(
                "check that ledger.db is whole, not read-only and not opened by another program, "
                "and that the disk has room"
            )
            if is_file
            else text(
                "check the network, the address after `ledger:` in cycle.yaml, and the password in .pgpass or "
                "PGPASSWORD; what was recorded before is kept, run the command again"
            ),
        ) from error


def address_of(engine: Engine) -> str:
    """Return where the database is; never with a password."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database or "")
    return str(engine.url.set(drivername=engine.url.get_backend_name(), password=None))


def is_guarded(engine: Engine) -> bool:
    """Tell whether the database itself still refuses to change or remove an entry: by what its triggers do."""
    dialect = engine.dialect.name
    with told(engine), engine.connect() as connection:
        found = {row[0]: _plain(row[1]) for row in connection.exec_driver_sql(_TRIGGERS[dialect])}
        if dialect == "sqlite":
            return found == GUARDS[dialect]
        sources = {_plain(row[0]) for row in connection.exec_driver_sql(_FUNCTION)}
    # Whoever runs the server may have triggers of their own there, for copies of the database.
    return GUARDS[dialect].items() <= found.items() and sources == {GUARD_FUNCTION.strip("$ ")}


def _plain(words: object) -> str:
    return " ".join(str(words).split())


_TRIGGERS: Final = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = 'entries'",
    "postgresql": (
        "SELECT tgname, pg_get_triggerdef(oid, true) FROM pg_trigger "
        "WHERE tgrelid = 'entries'::regclass AND tgenabled IN ('O', 'A')"
    ),
}
_FUNCTION: Final = (
    "SELECT prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
    "WHERE tgrelid = 'entries'::regclass AND tgname IN ('entries_no_update', 'entries_no_delete')"
)


def check_server(engine: Engine) -> None:
    """Check that a PostgreSQL database takes Vietnamese and lets us write.

    Raises:
        LedgerError: if it does not, or cannot be reached.
    """
    with told(engine), engine.connect() as connection:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        may_write = _MAY_APPEND if inspect(connection).has_table("entries") else _MAY_BEGIN
        is_writable = connection.exec_driver_sql(f"SELECT {may_write} AND NOT pg_is_in_recovery()").scalar_one()
    if encoding != "UTF8":
        raise LedgerError(
            text("the database holds its text in {encoding}, not in UTF8", encoding=encoding),
            where=address_of(engine),
            fix=text("make a database with the encoding UTF8: {command}", command="createdb -E UTF8 -T template0 …"),
            code="ledger_encoding",
        )
    if not is_writable:
        raise LedgerError(
            text("this account may not write the ledger in the database"),
            where=address_of(engine),
            fix=text("ask the administrator of the database to make this account its owner"),
            code="ledger_rights",
        )


_MAY_APPEND: Final = (
    "has_table_privilege('entries', 'INSERT') AND has_table_privilege('lease', 'INSERT, UPDATE, DELETE')"
)
_MAY_BEGIN: Final = "coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"
