"""The ledger loses nothing, changes nothing, and notices when somebody else did."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from criteria_sets import D
from hypothesis import given
from hypothesis import strategies as st
from ledger_books import Book
from postgres import PASSWORD, Server, free_port
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from cchc_sheets.errors import LedgerError
from cchc_sheets.ledger import GENESIS, Claim, Ledger, database, tables
from cchc_sheets.reading import Cell, RowReading, SheetReading, WorkbookReading, from_json, to_json

NOON = datetime(2023, 12, 10, 12, 0, tzinfo=timezone(timedelta(hours=7)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(book: Book) -> Iterator[Ledger]:
    opened = book.open()
    yield opened
    opened.close()


def write(ledger: Ledger, count: int = 5) -> None:
    for number in range(count):
        ledger.append("reading", f"xã {number % 2}", {"số": number, "điểm": "0,5"}, at=NOON, actor="Nội vụ")


def altered(book: Book) -> str:
    with pytest.raises(LedgerError) as caught:
        book.check()
    assert caught.value.code == "ledger_altered"
    return caught.value.what.said_in("en")


def test_entries_come_back_as_they_were_written(ledger: Ledger) -> None:
    write(ledger, 3)
    ledger.append("decision", "-", {"b": [1, None, True], "a": {"Hòa": "1.10"}}, at=NOON, actor="Chủ tịch")
    assert [entry.number for entry in ledger.entries()] == [1, 2, 3, 4]
    last = ledger.entries("decision")[0]
    assert (last.body, last.at, last.actor) == ({"b": [1, None, True], "a": {"Hòa": "1.10"}}, NOON, "Chủ tịch")
    assert [entry.number for entry in ledger.entries("reading", subject="xã 0")] == [1, 3]
    assert ledger.latest("reading").keys() == {"xã 0", "xã 1"}
    assert ledger.latest("reading")["xã 0"].number == 3
    newest = ledger.last("reading", "xã 1")
    assert newest is not None
    assert newest.number == 2
    assert ledger.last("reading", "xã 9") is None


def test_each_entry_carries_the_digest_of_the_one_before(ledger: Ledger) -> None:
    write(ledger)
    entries = ledger.entries()
    assert [entry.previous for entry in entries] == [GENESIS, *(entry.digest for entry in entries[:-1])]
    assert ledger.head() == (5, entries[-1].digest)
    assert ledger.head(without=("reading",)) == (0, GENESIS)
    ledger.check_chain()


def test_an_empty_ledger_reads_as_empty_and_leaves_no_trace(ledger: Ledger, book: Book) -> None:
    assert ledger.entries() == []
    assert ledger.head() == (0, GENESIS)
    ledger.check_chain()
    assert book.tables() == set()


@pytest.mark.parametrize(
    "statement", ["UPDATE entries SET body = '{}'", "DELETE FROM entries", "DELETE FROM entries WHERE number = 5"]
)
def test_the_database_itself_refuses_to_change_or_remove_an_entry(ledger: Ledger, book: Book, statement: str) -> None:
    write(ledger)
    with pytest.raises(DBAPIError, match="append-only"):
        book.execute(statement)
    assert book.check() == 5
    assert ledger.is_guarded()
    book.tamper()
    assert not ledger.is_guarded()


def test_postgresql_refuses_to_empty_the_table_too(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    book = Book(postgres.new_database())
    opened = book.open()
    write(opened)
    opened.close()
    with pytest.raises(DBAPIError, match="append-only"):
        book.execute("TRUNCATE entries")
    assert book.check() == 5


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE entries SET body = replace(body, '0,5', '0,6') WHERE number = 3", 3),
        ("UPDATE entries SET actor = 'ai đó' WHERE number = 1", 1),
        ("UPDATE entries SET at = '2023-12-09T12:00:00+07:00' WHERE number = 5", 5),
        ("UPDATE entries SET subject = 'xã 1' WHERE number = 3", 3),
        ("UPDATE entries SET kind = 'other' WHERE number = 2", 2),
        ("UPDATE entries SET previous = 'x' WHERE number = 4", 4),
        ("DELETE FROM entries WHERE number = 1", 1),
        ("DELETE FROM entries WHERE number = 3", 3),
        ("UPDATE entries SET number = number + 10 WHERE number = 5", 5),
    ],
)
def test_a_changed_or_removed_entry_is_found(ledger: Ledger, book: Book, statement: str, number: int) -> None:
    write(ledger)
    book.tamper(statement)
    assert altered(book) == f"the ledger was altered at entry {number}"


STRANGE_VALUES = {
    "bytes": "CAST({column} AS BLOB)",
    "no text": "CAST(x'ff' || x'22' AS TEXT)",
    "number": "7",
    "fraction": "0.5",
    "brackets": "replace(hex(zeroblob(50000)), '0', '[')",
    "empty": "''",
}


@pytest.mark.parametrize("column", ["at", "actor", "kind", "subject", "body", "previous", "digest"])
@pytest.mark.parametrize("value", STRANGE_VALUES.values(), ids=STRANGE_VALUES)
def test_a_value_of_any_type_in_any_column_is_found_and_never_handed_on(
    tmp_path: Path, column: str, value: str
) -> None:
    """SQLite keeps bytes and numbers in any column; whoever reads is told in words, without a traceback."""
    book = Book.of(tmp_path / "ledger.db")
    opened = book.open()
    write(opened)
    book.tamper(f"UPDATE entries SET {column} = {value.format(column=column)} WHERE number = 3")  # noqa: S608
    assert altered(book) == "the ledger was altered at entry 3"
    with pytest.raises(LedgerError) as caught:
        opened.entries()
    assert caught.value.what.said_in("en") == "the ledger was altered at entry 3"
    opened.close()


@pytest.mark.parametrize("column", ["kind", "subject"])
def test_an_entry_whose_kind_or_subject_became_bytes_does_not_vanish_from_what_is_read(
    tmp_path: Path, column: str
) -> None:
    book = Book.of(tmp_path / "ledger.db")
    opened = book.open()
    write(opened)
    opened.close()
    book.tamper(f"UPDATE entries SET {column} = CAST({column} AS BLOB) WHERE number = 3")  # noqa: S608
    again = book.open()
    for read in (lambda: again.last("reading", "xã 0"), again.head, lambda: again.latest("decision")):
        with pytest.raises(LedgerError) as caught:
            read()
        assert caught.value.what.said_in("en") == "the ledger was altered at entry 3"
    again.close()


def test_nothing_is_written_after_an_entry_whose_digest_is_none(tmp_path: Path) -> None:
    book = Book.of(tmp_path / "ledger.db")
    opened = book.open()
    write(opened)
    book.tamper("UPDATE entries SET digest = CAST(digest AS BLOB) WHERE number = 5")
    with pytest.raises(LedgerError) as caught:
        write(opened, 1)
    assert caught.value.what.said_in("en") == "the ledger was altered at entry 5"
    opened.close()


@pytest.mark.parametrize(
    "statements",
    [
        ["DROP TRIGGER entries_no_update",
         "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT 1; END"],
        ["DROP TRIGGER entries_no_delete",
         "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries WHEN old.number < 0 "
         "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"],
        ["CREATE TRIGGER swallow BEFORE INSERT ON entries BEGIN SELECT RAISE(IGNORE); END"],
    ],
    ids=["does nothing", "only sometimes", "one more"],
)  # fmt: skip
def test_a_lock_that_does_something_else_under_its_name_is_none(tmp_path: Path, statements: list[str]) -> None:
    book = Book.of(tmp_path / "ledger.db")
    opened = book.open()
    assert opened.is_guarded()
    write(opened)
    assert opened.is_guarded()
    book.execute(*statements)
    assert not opened.is_guarded()
    opened.close()


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE OR REPLACE FUNCTION entries_append_only() RETURNS trigger LANGUAGE plpgsql AS "
         "$$ BEGIN RETURN NULL; END $$"],
        ["DROP TRIGGER entries_no_update ON entries",
         "CREATE TRIGGER entries_no_update BEFORE UPDATE OF number ON entries "
         "FOR EACH STATEMENT EXECUTE FUNCTION entries_append_only()"],
        ["DROP TRIGGER entries_no_delete ON entries"],
        ["ALTER TABLE entries DISABLE TRIGGER entries_no_delete"],
    ],
    ids=["function", "one column", "dropped", "disabled"],
)  # fmt: skip
def test_a_lock_of_postgresql_that_does_something_else_is_none(
    postgres: Server, monkeypatch: pytest.MonkeyPatch, statements: list[str]
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    book = Book(postgres.new_database())
    opened = book.open()
    write(opened)
    assert opened.is_guarded()
    book.execute(*statements)
    assert not opened.is_guarded()
    opened.close()


def test_a_removed_entry_is_found_even_if_the_others_are_renumbered(ledger: Ledger, book: Book) -> None:
    write(ledger)
    book.tamper("DELETE FROM entries WHERE number = 2", "UPDATE entries SET number = number - 1 WHERE number > 2")
    assert altered(book) == "the ledger was altered at entry 2"


def test_an_entry_slipped_in_is_found(ledger: Ledger, book: Book) -> None:
    write(ledger)
    copied = "INSERT INTO entries SELECT 6, at, actor, kind, subject, body, 'x', 'y' FROM entries WHERE number = 5"
    book.tamper(copied)
    assert altered(book) == "the ledger was altered at entry 6"


def test_a_ledger_of_a_newer_program_is_refused(ledger: Ledger, book: Book) -> None:
    write(ledger)
    book.execute("INSERT INTO migrations VALUES ('m999_from_the_future')")
    with pytest.raises(LedgerError) as caught:
        book.open()
    assert caught.value.code == "ledger_newer"
    assert caught.value.what.said_in("en") == "the ledger was written by a newer version of this program"


def test_a_database_of_another_program_is_refused_and_left_alone(book: Book) -> None:
    book.execute("CREATE TABLE employees (name TEXT)")
    with pytest.raises(LedgerError) as caught:
        book.open()
    assert caught.value.what.said_in("en") == "the database belongs to another program: employees"
    assert book.tables() == {"employees"}


def test_a_migration_that_fails_half_way_leaves_nothing_behind(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [ZeroDivisionError()]

    def m003_interrupted(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE other (number INTEGER)")
        if failures:
            raise failures.pop()

    monkeypatch.setattr(tables, "MIGRATIONS", (*tables.MIGRATIONS, m003_interrupted))
    opened = book.open()
    with pytest.raises(ZeroDivisionError):
        write(opened, 1)
    opened.close()
    assert book.tables() == set()
    opened = book.open()
    write(opened)
    opened.close()
    assert book.check() == 5


def test_a_later_migration_waits_for_the_first_writing_and_keeps_every_entry(
    ledger: Ledger, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(ledger)
    ran: list[str] = []

    def m003_later(_connection: object) -> None:
        ran.append("m003_later")

    monkeypatch.setattr(tables, "MIGRATIONS", (*tables.MIGRATIONS, m003_later))
    assert book.check() == 5
    assert ran == []
    for _ in range(2):
        opened = book.open()
        write(opened, 1)
        opened.close()
    assert book.check() == 7
    assert ran == ["m003_later"]


def test_a_ledger_from_before_the_lease_is_read_unchanged_and_then_gets_its_table(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(tables, "MIGRATIONS", (tables.m001_initial,))
        opened = book.open()
        write(opened)
        opened.close()
    assert book.check() == 5
    assert "lease" not in book.tables()
    opened = book.open()
    with opened.held(Claim("Nội vụ", "sync")):
        write(opened, 1)
    opened.close()
    assert book.check() == 6


@pytest.mark.parametrize("name", ["ledger.db", "50% xong.db", "kỳ #1?.db", "a&b=c.db"])
def test_a_ledger_lies_where_it_is_asked_for_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    opened = Ledger.at(tmp_path / name)
    write(opened, 1)
    opened.close()
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_a_file_that_is_no_ledger_is_told(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04 not a database at all" * 100)
    with pytest.raises(LedgerError, match=r"^không dùng được sổ theo dõi: file is not a database"):
        Ledger.at(file)


def test_a_ledger_cut_in_half_is_told(file: Path) -> None:
    opened = Ledger.at(file)
    write(opened, 60)
    opened.close()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(LedgerError):
        Book.of(file).check()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="unable to open database file"):
        write(Ledger.at(tmp_path / "nowhere" / "ledger.db"))


def test_a_read_only_ledger_can_be_read_and_says_why_it_cannot_be_written(file: Path) -> None:
    opened = Ledger.at(file)
    write(opened)
    opened.close()
    read_only = Ledger(f"sqlite:///file:{file}?mode=ro&uri=true")
    read_only.check_chain()
    with pytest.raises(LedgerError, match="readonly database"):
        write(read_only, 1)
    read_only.close()
    assert Book.of(file).check() == 5


WRITER = """
import sys
from datetime import datetime, UTC
from cchc_sheets.ledger import Ledger
ledger = Ledger(sys.argv[1])
for n in range(int(sys.argv[3])):
    entry = ledger.append("note", sys.argv[2], {"n": n, "text": "x" * 2000}, at=datetime.now(UTC), actor=sys.argv[2])
    print(entry.number, flush=True)
"""


def start(book: Book, name: str, count: int, program: str = WRITER) -> subprocess.Popen[str]:
    return book.start(program, name, str(count))


CLIENTS, EACH = 10, 30


def test_ten_writers_who_begin_one_ledger_at_the_same_moment_lose_nothing(book: Book) -> None:
    names = [f"máy {number}" for number in range(CLIENTS)]
    writers = [start(book, name, EACH) for name in names]
    for writer in writers:
        _, said = writer.communicate(timeout=120)
        assert (writer.returncode, said) == (0, "")
    assert book.check() == CLIENTS * EACH
    opened = book.open()
    for name in names:
        assert [entry.body["n"] for entry in opened.entries(subject=name)] == list(range(EACH))
    opened.close()


def test_a_killed_writer_leaves_a_whole_ledger_with_all_it_acknowledged(book: Book) -> None:
    writer = start(book, "một", 100_000)
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(20)]
    writer.kill()
    rest, _ = writer.communicate(timeout=60)
    acknowledged += [int(line) for line in re.findall(r"\d+\n", rest)]
    assert book.check() >= max(acknowledged)


def test_a_full_disk_is_told_and_what_was_written_stays_whole(file: Path) -> None:
    pytest.importorskip("resource")
    limited = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
    writer = start(Book.of(file), "một", 1000, limited + WRITER)
    out, said = writer.communicate(timeout=60)
    assert writer.returncode == 1
    assert "LedgerError" in said.splitlines()[-1]
    assert Book.of(file).check() == len(out.split())


# PostgreSQL


def test_a_database_is_begun_again_where_the_session_sets_other_habits(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server whose habit is to look at one moment of time for a whole transaction would show a stale last entry.
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    book = Book(postgres.new_database())
    name = book.url.rpartition("/")[2]
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    writers = [start(book, name, 20) for name in ("một", "hai", "ba")]
    assert [writer.communicate(timeout=60)[1] for writer in writers] == [""] * 3
    assert book.check() == 60


def check_rights(address: str) -> None:
    with closing(Ledger(address)) as opened:
        opened.check_rights()


def refusal(address: str) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        check_rights(address)
    assert PASSWORD not in f"{caught.value} {caught.value.where}"
    return caught.value


def test_a_server_that_cannot_be_reached_or_refuses_us_is_told_without_the_password(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    missing = refusal(postgres.address("nothing_here"))
    assert 'database "nothing_here" does not exist' in str(missing.what)
    assert missing.where == postgres.address("nothing_here")
    assert ".pgpass" in missing.fix.said_in("en")
    nobody = refusal(f"postgresql://cchc@127.0.0.1:{free_port()}/cchc")
    assert "refused" in str(nobody.what)
    monkeypatch.setenv("PGPASSWORD", f"{PASSWORD}!")
    assert "password authentication failed" in str(refusal(postgres.address()).what)
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", os.devnull)
    assert "no password supplied" in str(refusal(postgres.address()).what)


@pytest.mark.skipif(os.name == "nt", reason="the rights of the file are not looked at there")
def test_the_password_may_come_from_the_password_file(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pgpass"
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    file.write_text(f"127.0.0.1:{postgres.port}:*:cchc:{escaped}\n", encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.delenv("PGPASSWORD", raising=False)
    monkeypatch.setenv("PGPASSFILE", str(file))
    check_rights(postgres.new_database())


def test_a_database_that_cannot_take_vietnamese_is_refused(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    latin = postgres.new_database("ENCODING 'LATIN1' TEMPLATE template0")
    error = refusal(latin)
    assert error.code == "ledger_encoding"
    assert error.what.said_in("en") == "the database holds its text in LATIN1, not in UTF8"


def test_an_account_without_rights_is_refused(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "khách")
    address = postgres.new_database()
    guest = address.replace("//cchc@", "//khach@")
    postgres.execute("DROP ROLE IF EXISTS khach", "CREATE ROLE khach LOGIN PASSWORD 'khách'")
    error = refusal(guest)
    assert error.code == "ledger_rights"
    assert error.what.said_in("en") == "this account may not write the ledger in the database"
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    opened = Ledger(address)
    write(opened, 1)
    opened.close()
    postgres.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO khach", address=address)
    monkeypatch.setenv("PGPASSWORD", "khách")
    assert refusal(guest).code == "ledger_rights"


def test_without_its_driver_postgresql_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "find_spec", lambda _name: None)
    with pytest.raises(LedgerError) as caught:
        Ledger("postgresql://cchc@may-chu/cchc")
    assert caught.value.code == "driver_missing"
    assert caught.value.what.said_in("en") == "the driver for PostgreSQL is not installed"
    assert 'pip install "cchc-sheets[postgresql]"' in str(caught.value.fix)


# Readings


moments = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1))  # noqa: DTZ001 - cells know no zone
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.one_of(
    st.none(),
    words,
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False),
    moments,
    st.dates(),
    st.times(),
)
cells = st.builds(Cell, values, words, words, st.booleans(), st.lists(words, max_size=2).map(tuple), words)
rows = st.builds(RowReading, words, st.integers(1, 2000), st.dictionaries(words, cells, max_size=3))
sheets = st.builds(
    SheetReading,
    words,
    words,
    words,
    words,
    st.dictionaries(words, words, max_size=3),
    st.lists(rows, max_size=3).map(tuple),
)
readings = st.builds(
    WorkbookReading,
    words,
    moments.map(lambda moment: moment.replace(tzinfo=UTC)),
    st.lists(sheets, max_size=2).map(tuple),
    st.lists(words, max_size=2).map(tuple),
)


def kinds(reading: WorkbookReading) -> list[tuple[type, str]]:
    """The type and exact spelling of every value: for Python, True equals 1 and 0.50 equals 0.5."""
    found = (cell.value for sheet in reading.sheets for row in sheet.rows for cell in row.cells.values())
    return [(type(value), str(value)) for value in found]


@given(readings)
def test_a_reading_goes_through_the_ledger_s_text_without_loss(reading: WorkbookReading) -> None:
    restored = from_json(json.loads(json.dumps(to_json(reading), ensure_ascii=False)))
    assert restored == reading
    assert kinds(restored) == kinds(reading)


def test_values_that_python_takes_for_equal_stay_apart() -> None:
    cells = {
        "a": Cell(value=True),
        "b": Cell(D("1.0")),
        "c": Cell("1"),
        "d": Cell(""),
        "e": Cell(),
        "f": Cell(D("0.50")),
    }
    sheet = SheetReading("s", "S", "ky", "-", {}, (RowReading("1", 1, cells),))
    restored = from_json(json.loads(json.dumps(to_json(WorkbookReading("v", NOON, (sheet,))))))
    found = {key: cell.value for key, cell in restored.sheets[0].rows[0].cells.items()}
    assert found["a"] is True
    assert [str(found[key]) for key in "bcdef"] == ["1.0", "1", "", "None", "0.50"]
