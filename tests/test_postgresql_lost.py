"""The connection to the database is lost in the middle of the work: said clearly, nothing half written, done again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from office import Office
from postgres import PASSWORD, Server
from sqlalchemy import Engine, event
from test_postgresql import address_in, keep_in

from cchc_sheets.errors import LedgerError
from cchc_sheets.ledger import Ledger

AT = datetime(2023, 12, 11, 8, tzinfo=UTC)
MOST = 60


@pytest.fixture
def database(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return postgres.new_database()


def sessions_ended(postgres: Server, database: str) -> None:
    """End every session of the database, as an administrator can."""
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    postgres.execute(ending + "AND pid <> pg_backend_pid()", address=database)


def crashed(postgres: Server, _database: str) -> None:
    """Let the server crash; it has cleared up and is back when this returns."""
    postgres.stop()
    postgres.start()


Loss = Callable[[Server, str], None]


@contextmanager
def lost_at(statement: int, postgres: Server, database: str, loss: Loss = sessions_ended) -> Iterator[list[str]]:
    """Lose the server just before its so many-th statement; yield what was about to be asked."""
    asked: list[str] = []

    def end(_connection: Any, _cursor: Any, words: str, *_rest: Any) -> None:
        asked.append(words)
        if len(asked) == statement:
            loss(postgres, database)

    def end_before_commit(connection: Any) -> None:
        end(connection, None, "COMMIT")

    event.listen(Engine, "before_cursor_execute", end)
    event.listen(Engine, "commit", end_before_commit)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", end)
        event.remove(Engine, "commit", end_before_commit)


@pytest.mark.parametrize("loss", [sessions_ended, crashed])
def test_an_entry_is_there_whole_or_not_at_all_and_the_next_one_follows(
    postgres: Server, database: str, loss: Loss
) -> None:
    tried = []
    with closing(Ledger(database)) as ledger:
        ledger.append("begun", "-", {}, at=AT, actor="văn thư")
        for statement in range(1, MOST):
            number = ledger.head()[0]
            with lost_at(statement, postgres, database, loss) as asked:
                try:
                    ledger.append("thử", "-", {"statement": statement}, at=AT, actor="văn thư")
                except LedgerError as lost:
                    said, where = lost.what.said_in("en"), lost.where
                    assert "the ledger cannot be used" in said
                    assert "terminating connection" in said or "closed the connection" in said
                    assert PASSWORD not in f"{said} {where}"
                    assert where == database
            if len(asked) < statement:
                break
            tried.append(statement)
            assert ledger.append("sau", "-", {}, at=AT, actor="văn thư").number == number + 1
            ledger.check_chain()
    assert len(tried) >= 4  # the lock, the last entry, the new one, the end of the transaction


def test_a_command_that_lost_its_database_is_completed_by_the_next_run(
    make_office: Callable[[str], Office], postgres: Server, database: str
) -> None:
    undisturbed = keep_in(make_office("undisturbed"), postgres.new_database())
    office = keep_in(make_office("office"), database)
    for one in (undisturbed, office):
        assert one.run("provision", now=one.BEFORE).exit_code == 0
        for unit in one.UNITS:
            one.fill_in(unit)
    assert undisturbed.run("collect").exit_code == 0
    refused = 0
    for statement in count(5, 12):
        with lost_at(statement, postgres, database) as asked:
            run = office.run("collect")
        if len(asked) < statement:
            break
        if run.exit_code == 1:
            refused += 1
            assert run.json["error"]["code"] == "ledger"
            assert "chạy lại lệnh" in run.json["error"]["fix"]
    assert run.exit_code == 0
    assert refused >= 3
    assert collected(office) == collected(undisturbed)


def collected(office: Office) -> list[tuple[str, Any]]:
    """Return what was taken from each unit, as the newest entry has it."""
    with closing(Ledger(address_in(office))) as ledger:
        ledger.check_chain()
        newest = ledger.latest("submission")
        assert len(ledger.entries("submission")) == len(newest)
        return sorted((unit, entry.body["reading"]["sheets"]) for unit, entry in newest.items())
