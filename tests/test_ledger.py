"""The ledger loses nothing, changes nothing, and notices when somebody else did."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from criteria_sets import D
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from cchc_sheets import ledger as ledger_module
from cchc_sheets.errors import LedgerError
from cchc_sheets.ledger import GENESIS, Ledger, m001_initial
from cchc_sheets.reading import Cell, RowReading, SheetReading, WorkbookReading, from_json, to_json

NOON = datetime(2023, 12, 10, 12, 0, tzinfo=timezone(timedelta(hours=7)))
REPO = Path(__file__).parents[1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(file: Path) -> Iterator[Ledger]:
    opened = Ledger.at(file)
    yield opened
    opened.close()


def write(ledger: Ledger, count: int = 5) -> None:
    for number in range(count):
        ledger.append("reading", f"xã {number % 2}", {"số": number, "điểm": "0,5"}, at=NOON, actor="Nội vụ")


def tamper(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER entries_no_{verb}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def altered(file: Path) -> str:
    with pytest.raises(LedgerError) as caught:
        check(file)
    assert caught.value.code == "ledger_altered"
    return caught.value.what.said_in("en")


def check(file: Path) -> int:
    opened = Ledger.at(file)
    try:
        opened.check_chain()
        return len(opened.entries())
    finally:
        opened.close()


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


def test_an_empty_ledger_reads_as_empty_and_leaves_no_file(ledger: Ledger, file: Path) -> None:
    assert ledger.entries() == []
    assert ledger.head() == (0, GENESIS)
    ledger.check_chain()
    assert not file.exists()


@pytest.mark.parametrize(
    "statement", ["UPDATE entries SET body = '{}'", "DELETE FROM entries", "DELETE FROM entries WHERE number = 5"]
)
def test_the_database_itself_refuses_to_change_or_remove_an_entry(ledger: Ledger, file: Path, statement: str) -> None:
    write(ledger)
    with closing(sqlite3.connect(file)) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    assert check(file) == 5


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE entries SET body = replace(body, '0,5', '0,6') WHERE number = 3", 3),
        ("UPDATE entries SET actor = 'ai đó' WHERE number = 1", 1),
        ("UPDATE entries SET at = '2023-12-09T12:00:00+07:00' WHERE number = 5", 5),
        ("UPDATE entries SET subject = 'xã 1' WHERE number = 3", 3),
        ("UPDATE entries SET kind = 'other' WHERE number = 2", 2),
        ("UPDATE entries SET previous = digest || 'x' WHERE number = 4", 4),
        ("DELETE FROM entries WHERE number = 1", 1),
        ("DELETE FROM entries WHERE number = 3", 3),
        ("UPDATE entries SET number = number + 10 WHERE number = 5", 5),
    ],
)
def test_a_changed_or_removed_entry_is_found(ledger: Ledger, file: Path, statement: str, number: int) -> None:
    write(ledger)
    tamper(file, statement)
    assert altered(file) == f"the ledger was altered at entry {number}"


def test_a_removed_entry_is_found_even_if_the_others_are_renumbered(ledger: Ledger, file: Path) -> None:
    write(ledger)
    tamper(file, "DELETE FROM entries WHERE number = 2", "UPDATE entries SET number = number - 1 WHERE number > 2")
    assert altered(file) == "the ledger was altered at entry 2"


def test_an_entry_slipped_in_is_found(ledger: Ledger, file: Path) -> None:
    write(ledger)
    copied = "INSERT INTO entries SELECT 6, at, actor, kind, subject, body, 'x', 'y' FROM entries WHERE number = 5"
    tamper(file, copied)
    assert altered(file) == "the ledger was altered at entry 6"


def test_a_ledger_of_a_newer_program_is_refused(ledger: Ledger, file: Path) -> None:
    write(ledger)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("INSERT INTO migrations VALUES ('m999_from_the_future')")
        connection.commit()
    with pytest.raises(LedgerError) as caught:
        Ledger.at(file)
    assert caught.value.code == "ledger_newer"


def test_a_migration_that_fails_half_way_leaves_nothing_behind(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [ZeroDivisionError()]

    def m002_interrupted(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE other (number INTEGER)")
        if failures:
            raise failures.pop()

    monkeypatch.setattr(ledger_module, "MIGRATIONS", (m001_initial, m002_interrupted))
    with pytest.raises(ZeroDivisionError):
        write(Ledger.at(file), 1)
    opened = Ledger.at(file)
    write(opened)
    opened.close()
    assert check(file) == 5


def test_a_later_migration_keeps_every_entry(ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(ledger)
    ran: list[str] = []

    def m002_later(_connection: object) -> None:
        ran.append("m002_later")

    monkeypatch.setattr(ledger_module, "MIGRATIONS", (m001_initial, m002_later))
    assert check(file) == 5
    assert check(file) == 5
    assert ran == ["m002_later"]


@pytest.mark.parametrize("name", ["ledger.db", "50% xong.db", "kỳ #1?.db", "a&b=c.db"])
def test_a_ledger_lies_where_it_is_asked_for_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    opened = Ledger.at(tmp_path / name)
    write(opened, 1)
    opened.close()
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_a_file_that_is_no_ledger_is_told(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04 not a database at all" * 100)
    with pytest.raises(LedgerError, match="file is not a database"):
        Ledger.at(file)


def test_a_ledger_cut_in_half_is_told(ledger: Ledger, file: Path) -> None:
    write(ledger, 60)
    ledger.close()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(LedgerError):
        check(file)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="unable to open database file"):
        write(Ledger.at(tmp_path / "nowhere" / "ledger.db"))


def test_a_read_only_ledger_can_be_read_and_says_why_it_cannot_be_written(ledger: Ledger, file: Path) -> None:
    write(ledger)
    read_only = Ledger(f"sqlite:///file:{file}?mode=ro&uri=true")
    read_only.check_chain()
    with pytest.raises(LedgerError, match="readonly database"):
        write(read_only, 1)
    read_only.close()
    assert check(file) == 5


WRITER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from cchc_sheets.ledger import Ledger
ledger = Ledger.at(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    entry = ledger.append("note", sys.argv[2], {"n": n, "text": "x" * 2000}, at=datetime.now(UTC), actor=sys.argv[2])
    print(entry.number, flush=True)
"""


def start(file: Path, name: str, count: int, program: str = WRITER) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(file), name, str(count)],
        env={**os.environ, "PYTHONPATH": str(REPO)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_writers_who_begin_one_ledger_at_the_same_moment_lose_nothing(file: Path) -> None:
    writers = [start(file, name, 40) for name in ("một", "hai", "ba")]
    for writer in writers:
        _, said = writer.communicate(timeout=60)
        assert (writer.returncode, said) == (0, "")
    assert check(file) == 120
    opened = Ledger.at(file)
    for name in ("một", "hai", "ba"):
        assert [entry.body["n"] for entry in opened.entries(subject=name)] == list(range(40))
    opened.close()


def test_a_killed_writer_leaves_a_whole_ledger_with_all_it_acknowledged(file: Path) -> None:
    writer = start(file, "một", 100_000)
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(20)]
    writer.kill()
    rest, _ = writer.communicate(timeout=60)
    acknowledged += [int(line) for line in re.findall(r"\d+\n", rest)]
    assert check(file) >= max(acknowledged)


def test_a_full_disk_is_told_and_what_was_written_stays_whole(file: Path) -> None:
    pytest.importorskip("resource")
    limited = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
    writer = start(file, "một", 1000, limited + WRITER)
    out, said = writer.communicate(timeout=60)
    assert writer.returncode == 1
    assert "LedgerError" in said.splitlines()[-1]
    assert check(file) == len(out.split())


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
