"""The tables of a ledger, and how an older ledger comes by those that were added later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Inspector,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    func,
    inspect,
    or_,
    select,
)  # fmt: skip

from cchc_sheets.errors import LedgerError
from cchc_sheets.messages import text

_metadata = MetaData()
_migrations = Table("migrations", _metadata, Column("name", String(80), primary_key=True))
entries = Table(
    "entries",
    _metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", String(40), nullable=False, index=True),
    Column("subject", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("digest", String(64), nullable=False, unique=True),
)
lease = Table(
    "lease",
    _metadata,
    Column("name", String(20), primary_key=True),
    Column("token", String(32), nullable=False),
    Column("actor", Text, nullable=False),
    Column("machine", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("command", Text, nullable=False),
    Column("since", String(40), nullable=False),
    Column("renewed", String(40), nullable=False),
    Column("expires", String(40), nullable=False),
)

_REFUSE: Final = "BEGIN RAISE EXCEPTION 'the ledger is append-only'; END"
GUARDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sqlite": {
        f"entries_no_{verb.lower()}": (
            f"CREATE TRIGGER entries_no_{verb.lower()} BEFORE {verb} ON entries "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        )
        for verb in ("UPDATE", "DELETE")
    },
    "postgresql": {
        f"entries_no_{verb}": (
            f"CREATE TRIGGER entries_no_{verb} BEFORE {verbs} ON entries "
            "FOR EACH STATEMENT EXECUTE FUNCTION entries_append_only()"
        )
        for verb, verbs in (("update", "UPDATE"), ("delete", "DELETE OR TRUNCATE"))
    },
}
"""The triggers by which a database itself refuses to change or remove an entry, as it keeps their words."""

GUARD_FUNCTION: Final = f"$$ {_REFUSE} $$"
"""What the triggers of PostgreSQL call; SQLite's say it themselves."""

_WRITERS: Final = 0x63636863
"""The key of the advisory lock that writers take one after the other on PostgreSQL: «cchc»."""


def m001_initial(connection: Connection) -> None:
    """Make the table of entries, and have the database itself refuse to change or remove one."""
    entries.create(connection)
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.exec_driver_sql(
            f"CREATE FUNCTION entries_append_only() RETURNS trigger LANGUAGE plpgsql AS {GUARD_FUNCTION}"
        )
    for guard in GUARDS[dialect].values():
        connection.exec_driver_sql(guard)


def m002_lease(connection: Connection) -> None:
    """Make the table in which the one writer stands; not part of the chain."""
    lease.create(connection)


def strange_entries(dialect: str) -> Select[Any] | None:
    """Return the query for an entry in which SQLite keeps something else than text; None where there can be none."""
    if dialect != "sqlite":
        return None
    texts = (column for column in entries.c if column is not entries.c.number)
    is_strange = or_(*(func.typeof(column) != "text" for column in texts))
    return select(entries.c.number).where(is_strange).order_by(entries.c.number).limit(1)


MIGRATIONS: Final[tuple[Callable[[Connection], None], ...]] = (m001_initial, m002_lease)


def migrated(connection: Connection) -> set[str]:
    """Return the names of the migrations that were done.

    Raises:
        LedgerError: if one of them is unknown: the ledger is newer than this program; or if another program's tables
            are there and none of ours.
    """
    inspector = inspect(connection)
    names = inspector.get_table_names()
    if names and ("migrations" not in names or not _is_plain(inspector, names)):
        raise LedgerError(
            text("the database belongs to another program: {tables}", tables=sorted(names)[:3]),
            fix=text("name the cycle's own ledger, or a database with nothing in it"),
        )
    done = set(connection.scalars(select(_migrations.c.name))) if names else set()
    if done - _names():
        raise LedgerError(
            text("the ledger was written by a newer version of this program"),
            fix=text("install the newest version"),
            code="ledger_newer",
        )
    return done


def _is_plain(inspector: Inspector, names: list[str]) -> bool:
    """Tell whether reading our tables is only reading: a view or a computed column may go on without end."""
    ours = {"migrations", "entries", "lease"}
    if ours & set(inspector.get_view_names()):
        return False
    return not any("computed" in column for name in ours & set(names) for column in inspector.get_columns(name))


def is_current(done: set[str]) -> bool:
    """Tell whether nothing is left to migrate."""
    return done == _names()


def migrate(engine: Engine) -> None:
    """Bring every table up to date, all or nothing."""
    with engine.begin() as connection:
        begin_writing(connection)
        done = migrated(connection)  # another program may have been quicker
        _migrations.create(connection, checkfirst=True)
        for migration in MIGRATIONS:
            if migration.__name__ not in done:
                migration(connection)
                connection.execute(_migrations.insert().values(name=migration.__name__))


def begin_writing(connection: Connection) -> None:
    """Take the lock of writers before anything is read, not at the first write; the end of the transaction frees it."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")


def _names() -> set[str]:
    return {migration.__name__ for migration in MIGRATIONS}
