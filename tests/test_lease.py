"""One command at a time changes a cycle; nobody waits for the dead, and nobody is robbed without a record."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Any, NoReturn

import pytest
from ledger_books import Book
from office import Office

from cchc_sheets.errors import Busy, LedgerError
from cchc_sheets.ledger import DURATION, Claim, Ledger
from cchc_sheets.ledger.lease import Holder, Lease
from cchc_sheets.messages import speak, text
from cchc_sheets.stages import watch as watch_module
from cchc_sheets.stages.season import open_season

NOON = datetime(2023, 12, 10, 12, 0, tzinfo=UTC)
SYNC = Claim("van-thu", "sync")
COLLECT = Claim("noi-vu", "collect")


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the signs of life of other tests, which run at the same time, out of sight."""
    folder = tmp_path / "signs of life"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


@pytest.fixture
def _in_english() -> Iterator[None]:
    speak("en")
    yield
    speak("vi")


@pytest.fixture
def ledger(book: Book) -> Iterator[Ledger]:
    with closing(book.open()) as opened:
        yield opened


@pytest.fixture
def other(book: Book) -> Iterator[Ledger]:
    with closing(book.open()) as opened:
        yield opened


def note(ledger: Ledger) -> None:
    ledger.append("note", "-", {}, at=NOON, actor="van-thu")


def refusal(ledger: Ledger, claim: Claim = COLLECT) -> Busy:
    with pytest.raises(Busy) as caught, ledger.held(claim):
        pass
    return caught.value


def row(book: Book) -> Any:
    rows = book.execute("SELECT token, machine, renewed, expires FROM lease")
    return rows[0] if rows else None


def elsewhere(book: Book, *, renewed: timedelta) -> None:
    """Make the lease one of another computer, renewed so long from now by the clock that counts."""
    at = datetime.now(UTC) + renewed
    values = f"token = '{'0' * 32}', machine = 'MAY-KHAC', renewed = '{at.isoformat()}'"
    book.execute(f"UPDATE lease SET {values}, expires = '{(at + DURATION).isoformat()}'")  # noqa: S608 - our own values


def signs() -> set[str]:
    return {file.name for file in Path(tempfile.gettempdir()).glob("cchc-sheets-*.lock")}


def test_a_second_one_is_refused_at_once_and_told_who_where_since_when_and_until(ledger: Ledger, other: Ledger) -> None:
    with ledger.held(SYNC):
        busy = refusal(other)
        assert busy.code == "busy"
        what = busy.what.said_in("en")
        assert what.startswith("van-thu is running `sync` on the computer ")
        assert f"(process {os.getpid()}) since " in what
        assert f"{datetime.now(UTC):%d/%m/%Y}" in what
        assert "ends by itself at" in busy.fix.said_in("en")
        assert "--break-lease" in busy.fix.said_in("en")
        assert busy.where == ledger.place
    with other.held(COLLECT) as broken:
        assert broken is None


def test_times_are_told_in_the_zone_of_whoever_asks(book: Book, ledger: Ledger, other: Ledger) -> None:
    from zoneinfo import ZoneInfo

    with ledger.held(SYNC):
        book.execute("UPDATE lease SET since = '2023-12-10T10:30:00+00:00'")
        busy = refusal(other, Claim("noi-vu", "collect", ZoneInfo("Asia/Ho_Chi_Minh")))
        assert "since 17:30 on 10/12/2023" in busy.what.said_in("en")


@pytest.mark.parametrize(
    "end", [ValueError(), LedgerError(text("x"), fix=text("y")), KeyboardInterrupt(), SystemExit(1)], ids=repr
)
def test_it_is_given_back_however_the_command_ends(book: Book, ledger: Ledger, end: BaseException) -> None:
    def work() -> NoReturn:
        with ledger.held(SYNC):
            assert row(book) is not None
            assert len(signs()) == 1
            raise end

    with pytest.raises(type(end)):
        work()
    assert row(book) is None
    assert signs() == set()


def test_reading_and_writing_beside_it_leave_the_chain_whole(book: Book, ledger: Ledger) -> None:
    with ledger.held(SYNC), closing(book.open()) as other:
        note(ledger)
        assert len(other.entries()) == 1
        note(other)
        note(ledger)
    assert book.check() == 3


@pytest.mark.parametrize(
    ("renewed", "is_taken"),
    [
        (timedelta(seconds=-30), False),
        (-DURATION - timedelta(seconds=5), True),
        # Clocks of two computers differ a little; one that was set back by an hour must not hold the cycle for an hour.
        (timedelta(seconds=60), False),
        (timedelta(hours=1), True),
        (timedelta(days=3650), True),
    ],
)
def test_the_lease_of_another_computer_expires_and_no_clock_makes_it_last_for_ever(
    book: Book, ledger: Ledger, other: Ledger, *, renewed: timedelta, is_taken: bool
) -> None:
    with ledger.held(SYNC):
        elsewhere(book, renewed=renewed)
        if is_taken:
            with other.held(COLLECT) as broken:
                assert broken is None  # it had ended: nothing was broken
        else:
            assert "MAY-KHAC" in refusal(other).what.said_in("en")


def test_on_the_same_computer_a_living_holder_keeps_it_whatever_the_clock_says(
    book: Book, ledger: Ledger, other: Ledger
) -> None:
    with ledger.held(SYNC):
        for days in (-1, 1):
            at = datetime.now(UTC) + timedelta(days=days)
            times = f"renewed = '{at.isoformat()}', expires = '{(at + DURATION).isoformat()}'"
            book.execute(f"UPDATE lease SET {times}")  # noqa: S608 - our own values
            refusal(other)


HOLDER = """
import sys, time
from datetime import datetime, UTC
from cchc_sheets.ledger import Claim, Ledger
ledger = Ledger(sys.argv[1])
with ledger.held(Claim("van-thu", "sync")):
    ledger.append("note", "-", {}, at=datetime.now(UTC), actor="van-thu")
    print("held", flush=True)
    time.sleep(600)
"""


def started(book: Book) -> subprocess.Popen[str]:
    holder = book.start(HOLDER)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def end(holder: subprocess.Popen[str], number: int) -> None:
    holder.send_signal(number)
    holder.communicate(timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_who_is_killed_does_not_keep_the_next_one_on_the_same_computer_waiting(book: Book) -> None:
    holder = started(book)
    with closing(book.open()) as ledger:
        refusal(ledger)
        end(holder, signal.SIGKILL)
        assert row(book) is not None
        with ledger.held(COLLECT) as broken:
            assert broken is None
            note(ledger)
    assert signs() == set()
    assert book.check() == 2


def test_a_lease_that_a_full_disk_kept_from_being_given_back_holds_up_nobody(book: Book) -> None:
    refuse = {
        True: "CREATE TRIGGER full BEFORE DELETE ON lease BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
        False: "CREATE RULE held_fast AS ON DELETE TO lease DO INSTEAD SELECT 1 / 0",
    }[book.is_file]
    allow = "DROP TRIGGER full" if book.is_file else "DROP RULE held_fast ON lease"
    with closing(book.open()) as ledger:
        with ledger.held(SYNC):
            book.execute(refuse)
        book.execute(allow)
        with ledger.held(COLLECT) as broken:
            assert broken is None
    assert signs() == set()


def test_the_sign_of_a_process_that_was_killed_before_it_had_the_lease_is_swept_up(book: Book) -> None:
    folder = Path(tempfile.gettempdir())
    forsaken, just_made = (folder / f"cchc-sheets-{digit * 32}.lock" for digit in "ab")
    for file in (forsaken, just_made):
        file.touch()
    os.utime(forsaken, (0, 0))
    with closing(book.open()) as ledger, ledger.held(SYNC):
        assert just_made.name in signs()
        assert forsaken.name not in signs()


@pytest.mark.skipif(os.name == "nt", reason="sends a signal as a terminal does")
def test_ctrl_c_gives_it_back(book: Book) -> None:
    end(started(book), signal.SIGINT)
    assert row(book) is None


def until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError


def test_a_thread_renews_it_while_long_work_goes_on(book: Book, ledger: Ledger) -> None:
    lease = Lease(ledger._writing, SYNC, beat=timedelta(milliseconds=20))
    lease.take()
    try:
        first = row(book).expires
        until(lambda: row(book).expires > first)
    finally:
        lease.release()
    assert row(book) is None


def test_every_entry_renews_it(book: Book, ledger: Ledger) -> None:
    with ledger.held(SYNC):
        book.execute("UPDATE lease SET renewed = '2023-12-10T00:00:00+00:00', expires = '2023-12-10T00:02:00+00:00'")
        note(ledger)
        assert datetime.fromisoformat(row(book).expires) > datetime.now(UTC)


def test_who_was_robbed_while_standing_still_writes_nothing_more(book: Book, ledger: Ledger, other: Ledger) -> None:
    with ledger.held(SYNC):
        note(ledger)
        with other.held(COLLECT, by_force=True) as broken:
            assert isinstance(broken, Holder)
            assert (broken.actor, broken.command, broken.process) == ("van-thu", "sync", os.getpid())
            with pytest.raises(LedgerError) as caught:
                note(ledger)
            assert caught.value.code == "lease_lost"
            assert caught.value.what.said_in("en").startswith("noi-vu took over with `collect` on the computer ")
            note(other)
        with pytest.raises(LedgerError) as caught:
            note(ledger)
        assert caught.value.code == "lease_lost"
        assert "has ended while this one was standing still" in caught.value.what.said_in("en")
    assert book.check() == 2


def test_who_was_robbed_does_not_give_back_what_is_another_s(book: Book, ledger: Ledger, other: Ledger) -> None:
    with other.held(COLLECT):
        with closing(book.open()) as third, third.held(SYNC, by_force=True):
            pass
        assert row(book) is None
    with ledger.held(SYNC), pytest.raises(Busy), other.held(COLLECT):
        pass


def test_nothing_can_be_broken_where_nobody_holds_it(ledger: Ledger) -> None:
    with ledger.held(SYNC, by_force=True) as broken:
        assert broken is None


def test_where_no_sign_of_life_can_be_given_the_clock_alone_tells(
    tmp_path: Path, book: Book, ledger: Ledger, other: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere" / "at all"))
    (tmp_path / "nowhere").write_text("a file where a folder should be", encoding="utf-8")
    with ledger.held(SYNC):
        refusal(other)
        elsewhere(book, renewed=-DURATION)
        with other.held(COLLECT):
            pass


# ---- commands ---------------------------------------------------------------------------------------------------

EXTEND = ("extend", "tay-an", "--until", "2023-12-14T17:00", "--reason", "CV 41")
CHANGING = [
    ("provision",), ("share",), ("share", "--mend"), ("status", "--write"), ("collect",), EXTEND, ("appraise",),
    ("explain",), ("survey",), ("finalise",), ("papers", "plan"), ("publish",), ("archive",), ("sync",),
]  # fmt: skip
READING = [
    ("check",), ("criteria",), ("doctor",), ("status",), ("collect", "--preview"), ("results",), ("papers",),
    ("trace",), ("share", "--check"), ("verify",), ("sync", "--dry-run"), ("provision", "--dry-run"),
]  # fmt: skip


@contextmanager
def somebody_works(office: Office) -> Iterator[Ledger]:
    with closing(Ledger.at(office.folder / "ledger.db")) as ledger, ledger.held(Claim("lan", "collect")):
        yield ledger


def test_every_command_that_changes_something_waits_for_nobody_and_changes_nothing(filled: Office) -> None:
    with somebody_works(filled) as ledger:
        before = ledger.head()
        for command in CHANGING:
            run = filled.run(*command)
            assert (run.exit_code, run.json["error"]["code"]) == (1, "busy"), command
        assert ledger.head() == before
    assert not (filled.folder / "output").exists()


def test_reading_and_trying_out_are_free(filled: Office) -> None:
    with somebody_works(filled):
        for command in READING:
            assert filled.run(*command, now=filled.BEFORE).json.get("error") is None or not _is_busy(filled, command), (
                command
            )


def _is_busy(office: Office, command: tuple[str, ...]) -> bool:
    error = office.run(*command, now=office.BEFORE).json["error"]
    return error is not None and error["code"] == "busy"


def test_every_command_is_known_to_read_or_to_change() -> None:
    from cchc_sheets.cli.commands import commands

    told = {command[0] for command in (*CHANGING, *READING)}
    assert set(commands.commands) - told == {"init", "demo", "watch"}  # a new folder; its own turn
    breaking = {
        name for name, one in commands.commands.items() if any("--break-lease" in option.opts for option in one.params)
    }
    assert breaking - {"init"} == {command[0] for command in CHANGING}


@pytest.mark.usefixtures("_in_english")
def test_an_officer_is_told_in_words(filled: Office) -> None:
    with somebody_works(filled):
        said = filled.run("sync", as_json=False).err
    assert "Error: lan is running `collect` on the computer" in said
    assert "What to do: wait until it has ended" in said


def test_breaking_a_lease_goes_on_and_is_recorded_beside_the_numbers(appraised: Office) -> None:
    season = open_season(appraised.folder, now=appraised.AFTER, actor="test")
    basis = season.basis()
    season.close()
    with somebody_works(appraised):
        assert appraised.run("papers", "minutes", "--break-lease").exit_code == 0
    season = open_season(appraised.folder, now=appraised.AFTER, actor="test")
    entry = season.ledger.last("lease_broken", "-")
    assert entry is not None
    assert entry.body["actor"] == "lan"
    assert entry.body["command"] == "collect"
    assert entry.body["process"] == os.getpid()
    assert datetime.fromisoformat(entry.body["since"]) <= datetime.now(UTC)
    assert entry.at == season.now
    assert season.basis() == basis
    season.close()


def test_breaking_where_nobody_holds_it_records_nothing(filled: Office) -> None:
    assert filled.run("collect", "--break-lease").exit_code == 0
    with closing(Ledger.at(filled.folder / "ledger.db")) as ledger:
        assert ledger.entries("lease_broken") == []


@pytest.mark.skipif(os.name == "nt", reason="sends signals as systemd and a closed terminal do")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_command_asked_to_end_gives_it_back(office: Office, name: str) -> None:
    program = """
import sys, time
from pathlib import Path
from cchc_sheets.stages.one_writer import only_writer
from cchc_sheets.stages.season import open_season
season = open_season(Path(sys.argv[2]), now=None, actor="lan")
with only_writer(season, "sync"):
    print("held", flush=True)
    time.sleep(600)
"""
    book = Book.of(office.folder / "ledger.db")
    holder = book.start(program, str(office.folder))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert row(book) is not None
    end(holder, signal.Signals[name])
    assert row(book) is None


def test_watch_waits_its_turn(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "_TURN", timedelta(milliseconds=50))
    ledger = Ledger.at(office.folder / "ledger.db")
    held = ledger.held(Claim("lan", "collect"))
    held.__enter__()
    done = Timer(1, lambda: held.__exit__(None, None, None))
    done.start()
    run = office.run("watch", "--times", "1", now=office.BEFORE)
    done.join()
    ledger.close()
    assert run.json["data"] | {"log": ""} == {"runs": 1, "failures": 0, "log": ""}
    said = (office.folder / watch_module.LOG).read_text(encoding="utf-8")
    assert said.count("lan") == 1  # told once, however often it looked
    assert len(list((office.folder / "logs").iterdir())) == 1  # of the run, not of the waiting
    assert all(office.file(unit).exists() for unit in office.UNITS)


# ---- a lease that somebody changed past the program -------------------------------------------------------------

CHANGED = (
    "since = 'hôm qua'",
    "renewed = ''",
    "expires = '2023-12-10T10:30:00'",  # no zone
    "since = '9999-12-31T23:59:59+00:00'",
    "renewed = '0001-01-01T00:00:00+00:00'",
    "process = 'x', token = 'x'",
    "since = CAST(X'FF41' AS TEXT)",
    "since = 5, renewed = 0.5, expires = X'00'",
)


@pytest.mark.parametrize("changed", CHANGED)
def test_a_lease_that_cannot_be_read_is_told_in_words_and_can_be_broken(filled: Office, changed: str) -> None:
    with somebody_works(filled):  # so that there is a row
        file = filled.folder / "ledger.db"
        Book.of(file).execute(f"UPDATE lease SET token = '{'0' * 32}'", f"UPDATE lease SET {changed}")  # noqa: S608
        run = filled.run("--lang", "en", "sync")
        assert (run.exit_code, run.json["error"]["code"]) == (1, "busy")
        assert run.json["error"]["what"].endswith("not in a way that can be read: it was changed by hand")
        assert "run the command again with --break-lease" in run.json["error"]["fix"]
        assert filled.run("sync", "--break-lease").exit_code in {0, 3}
    with closing(Ledger.at(filled.folder / "ledger.db")) as ledger:
        (entry,) = ledger.entries("lease_broken")
        assert (entry.body["since"], entry.body["expires"]) == ("?", "?")
    assert filled.run("sync").exit_code in {0, 3}


def test_bytes_in_a_lease_that_are_no_text_are_told_by_a_mark_and_keep_nobody_from_breaking_it(filled: Office) -> None:
    with somebody_works(filled):
        Book.of(filled.folder / "ledger.db").execute("UPDATE lease SET token = X'00FF', actor = CAST(X'FF41' AS TEXT)")
        refused = filled.run("--lang", "en", "sync").json["error"]
        assert refused["code"] == "busy"
        assert refused["what"].startswith("\ufffdA is running `collect` on the computer ")
        assert filled.run("sync", "--break-lease").exit_code in {0, 3}
    assert filled.run("sync").exit_code in {0, 3}


def test_who_loses_a_lease_that_was_changed_by_hand_is_told_too(tmp_path: Path) -> None:
    book = Book.of(tmp_path / "ledger.db")
    with closing(book.open()) as ledger, ledger.held(SYNC):
        note(ledger)
        book.execute(f"UPDATE lease SET token = '{'0' * 32}', since = 'x'")  # noqa: S608 - our own values
        with pytest.raises(LedgerError) as lost:
            note(ledger)
        assert lost.value.code == "lease_lost"
