"""`watch`: sync in its rhythm, at the deadlines, one at a time, stopped cleanly."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from datetime import timedelta
from logging import StreamHandler
from pathlib import Path

import pytest
from office import Office

from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.errors import Problem
from cchc_sheets.messages import text
from cchc_sheets.stages.season import open_season
from cchc_sheets.stages.watch import LOCK, LOG, in_short, next_turn

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends a signal as systemd does")


def start(office: Office, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cchc_sheets", "--cycle", str(office.folder), "watch", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(file: Path) -> None:
    for _ in range(600):
        if file.exists() and file.read_text(encoding="utf-8"):
            return
        time.sleep(0.05)
    raise AssertionError(file)


@pytest.mark.parametrize(
    ("now", "minutes"),
    [
        ("2023-12-01T08:00", 15 * 60),
        # The deadline is at 17:00: one minute and one second ahead.
        ("2023-12-10T16:59", 61),
        ("2023-12-10T17:00", 15 * 60),
    ],
)
def test_the_next_turn_is_the_rhythm_or_the_deadline(office: Office, now: str, minutes: int) -> None:
    season = open_season(office.folder, now=now, actor="test")
    assert next_turn(season, timedelta(minutes=15)) == timedelta(seconds=minutes)
    season.close()


def test_an_extension_is_a_deadline_too(filled: Office) -> None:
    filled.run("extend", "tay-an", "--until", "2023-12-12T09:05", "--reason", "Công văn", now=filled.AFTER)
    season = open_season(filled.folder, now="2023-12-12T09:00", actor="test")
    assert next_turn(season, timedelta(minutes=15)) == timedelta(minutes=5, seconds=1)
    season.close()


def test_it_does_what_is_due_and_writes_it_to_the_log(office: Office) -> None:
    run = office.run("watch", "--times", "1", now=office.BEFORE)
    assert run.exit_code == 0, run.out
    assert run.json["data"]["runs"] == 1
    assert all(office.file(unit).exists() for unit in office.UNITS)
    assert "3" in (office.folder / LOG).read_text(encoding="utf-8")


def test_a_failed_run_is_logged_and_does_not_end_it(office: Office) -> None:
    (office.folder / "units.csv").write_text("nothing", encoding="utf-8")
    run = office.run("watch", "--times", "1", now=office.BEFORE)
    assert run.json["data"] == {"runs": 1, "failures": 1, "log": str(office.folder / LOG)}
    (line,) = (office.folder / LOG).read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d lần chạy này không thành: .+", line)


def test_a_mistake_of_the_program_itself_neither_ends_it_nor_gets_its_words_into_the_log(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_season: object) -> None:
        raise ZeroDivisionError("Nguyễn Văn A 0912 345 678")

    monkeypatch.setattr("cchc_sheets.stages.watch.sync", broken)
    run = office.run("watch", "--times", "1", now=office.BEFORE)
    assert run.json["data"]["failures"] == 1
    told = (office.folder / LOG).read_text(encoding="utf-8")
    assert all(word in told for word in ("chương trình gặp lỗi bên trong", "ZeroDivisionError", "test_watch.py"))
    assert "0912" not in told


def test_problems_are_logged_in_sentences_that_repeat_nothing_that_people_wrote(filled: Office) -> None:
    with filled.edit("tay-an") as hand:
        hand.paste("self_assessment", "2.1", self_score="gọi 0912 345 678")
    filled.fill_in("binh-hoa", c1_10={"self_score": None})
    run = filled.run("watch", "--times", "1", now=filled.AFTER, as_json=False)
    log = (filled.folder / LOG).read_text(encoding="utf-8")
    told = [line[len("30/11/2026 08:00:00 ") :] for line in log.splitlines()]
    assert told[-2:] == [
        "lỗi: Xã Tây An, 2.1: …: «…» không phải là số [not_a_number]",
        "lỗi: Xã Bình Hòa, 1.10: …: chưa chấm điểm tiêu chí … [missing_score]",
    ]
    assert set(told) <= set(run.err.splitlines())
    assert "0912" not in log


def test_only_rows_of_the_set_and_the_roster_are_named(office: Office) -> None:
    cycle = load_cycle(office.folder)
    said, fix = text("«{written}» is no number", written="gọi 0912 345 678"), text("x")

    def told(row: str, unit: str | None = "tay-an") -> str:
        return str(in_short(Problem("not_a_number", said, fix, unit=unit, row=row), cycle))

    assert told("1.10").startswith("lỗi: Xã Tây An, 1.10: ")
    assert told("tay-an/2.1", None).startswith("lỗi: tay-an/2.1: ")
    assert told("chu.tich@thu.example.gov.vn").startswith("lỗi: Xã Tây An: ")
    assert all("0912" not in told(row) and told(row).endswith(" [not_a_number]") for row in ("1.10", "gọi 0912"))


def test_a_second_one_is_refused_and_a_signal_stops_the_first_cleanly(office: Office) -> None:
    first = start(office)
    try:
        wait_for(office.folder / LOG)
        refused = office.run("watch", "--times", "1", now=office.BEFORE)
        assert refused.json["error"]["code"] == "already_running"
        assert refused.json["error"]["what"] == "đang có một lệnh `watch` khác chạy trong thư mục này"
        assert LOCK in refused.json["error"]["where"]
    finally:
        first.send_signal(signal.SIGTERM)
        out, err = first.communicate(timeout=60)
    assert first.returncode == 0, (out, err)
    assert office.run("watch", "--times", "1", now=office.BEFORE).exit_code == 0


def test_a_folder_that_takes_no_file_is_told_in_words(office: Office) -> None:
    (office.folder / LOCK).mkdir()
    refused = office.run("--lang", "en", "watch", "--times", "1").json["error"]
    assert refused["code"] == "unwritable"
    assert refused["what"].startswith("the file cannot be written: ")
    assert refused["where"].endswith(LOCK)
    assert refused["fix"] == "see that the disk has room and that you may write into the folder"


def test_a_log_that_can_no_longer_be_written_ends_no_watch(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(StreamHandler, "flush", full)
    run = office.run("watch", "--times", "1", now=office.BEFORE)
    assert (run.exit_code, run.json["data"]["failures"]) == (0, 0)
