"""Each run leaves one log: what was asked, how long it took, how it ended; nothing of what people wrote."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google_office import GoogleOffice, on_google
from google_server import Fault, errors
from office import Office

from cchc_sheets import run_log as module
from cchc_sheets.errors import Problem
from cchc_sheets.messages import text
from cchc_sheets.run_log import FACTS, FOLDER, LOGGER, masked, note, note_problems, run_log


def logs(folder: Path) -> list[Path]:
    return sorted((folder / FOLDER).glob("*.jsonl"))


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def events(file: Path, event: str) -> list[dict[str, Any]]:
    return [line for line in lines(file) if line["event"] == event]


def test_a_run_begins_and_ends_in_a_log_of_its_own_which_is_its_owners(office: Office) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    assert office.run("check").exit_code == 0
    checked, provisioned = sorted(logs(office.folder), key=lambda file: file.name.rpartition("-")[2])
    assert [line["event"] for line in lines(checked)] == ["start", "end"]
    start, end = lines(provisioned)[0], lines(provisioned)[-1]
    assert (start["command"], start["options"]) == ("provision", {"now": office.BEFORE})
    assert (end["event"], end["status"], end["exit_code"]) == ("end", "done", 0)
    assert next((one["kind"], one["number"]) for one in events(provisioned, "ledger")) == ("configuration", 1)
    assert {one["what"] for one in events(provisioned, "step")} >= {"making workbooks"}
    if os.name == "posix":
        assert [stat.S_IMODE(path.stat().st_mode) for path in (provisioned, provisioned.parent)] == [0o600, 0o700]


def test_a_failed_run_ends_with_the_logs_name_and_what_to_do(office: Office) -> None:
    run = office.run("results", as_json=False)
    (log,) = logs(office.folder)
    *_, named, fix = run.err.splitlines()
    assert named.endswith(str(log))
    assert fix.startswith("  Cách xử lý: ")
    (error,) = events(log, "error")
    assert (error["code"], error["level"]) == ("not_now", "error")
    assert lines(log)[-1]["exit_code"] == 1


def test_a_crash_is_logged_without_words_and_told_with_the_logs_name(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        remark = "0912 345 678"
        raise RuntimeError("bà Trần Thị B " + remark)

    monkeypatch.setattr("cchc_sheets.stages.check.check", crash)
    run = office.run("check", as_json=False)
    (log,) = logs(office.folder)
    assert run.exit_code == 1
    assert "Traceback" in run.err
    assert str(log) in run.err.splitlines()[-2]
    assert run.err.splitlines()[-1].startswith("  Cách xử lý: ")
    (crashed,) = events(log, "crash")
    assert crashed["error"] == "RuntimeError"
    assert crashed["frames"][-1].endswith(" crash")
    assert not any(part in log.read_text(encoding="utf-8") for part in ("Trần", "0912", str(Path.home())))


@on_google
def test_every_request_is_there_with_its_retry_and_the_reason(office: GoogleOffice) -> None:
    office.server.fail(lambda record: record.kind == "drive", Fault.answer(errors.drive_backend(), retry_after=1))
    assert office.run("status", now=office.BEFORE).json["status"] != "error"
    (log,) = logs(office.folder)
    refused, answered = events(log, "request")[:2]
    assert (refused["status"], refused["refused"], refused["attempt"]) == (500, "unavailable", 1)
    assert (answered["status"], answered["attempt"], answered["operation"]) == (200, 2, "drive/v3/files")
    assert [wait["reason"] for wait in events(log, "wait")] == ["unavailable"]
    assert len(events(log, "request")) == len(office.server.requests())
    (account,) = events(log, "account")
    assert (account["address"], account["kind"]) == ("office@example.gov.vn", "emulator")
    assert "?" not in "".join(one["operation"] for one in events(log, "request"))


def test_a_dry_run_and_a_folder_without_a_cycle_leave_no_log(office: Office, tmp_path: Path) -> None:
    office.run("provision", "--dry-run", now=office.BEFORE)
    assert not (office.folder / FOLDER).exists()
    assert Office(tmp_path, office._capfd).run("check").exit_code == 1
    assert not (tmp_path / FOLDER).exists()


def test_a_folder_that_takes_no_log_stops_no_run(office: Office) -> None:
    (office.folder / FOLDER).write_text("a file in the way", encoding="utf-8")
    run = office.run("results")
    assert run.json["error"]["code"] == "not_now"
    assert run.json["data"] == {}


def test_a_disk_that_is_full_ends_the_log_and_not_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with run_log(tmp_path, "sync", {}) as run:
        monkeypatch.setattr(module._Lines, "format", full)
        note("ledger", number=1, kind="closing", subject="-")
        assert LOGGER.handlers == []
        run.exit_code = 3
    assert run.file is not None
    assert [line["event"] for line in lines(run.file)] == ["start"]


def test_the_oldest_logs_make_room_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 3)
    folder = tmp_path / FOLDER
    folder.mkdir()
    for year in range(2001, 2006):
        (folder / f"{year}0101T000000Z-sync.jsonl").write_text("{}", encoding="utf-8")
    (folder / "notes.jsonl").write_text("mine", encoding="utf-8")
    with run_log(tmp_path, "sync", {}) as run:
        pass
    assert run.file is not None
    kept = ["20040101T000000Z-sync.jsonl", "20050101T000000Z-sync.jsonl", "notes.jsonl", run.file.name]
    assert sorted(path.name for path in logs(tmp_path)) == sorted(kept)


def test_no_more_bytes_are_kept_than_promised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 250)
    folder = tmp_path / FOLDER
    folder.mkdir()
    for year in range(2001, 2006):
        (folder / f"{year}0101T000000Z-sync.jsonl").write_bytes(b"x" * 100)  # 2 × 100 <= 250 < 3 × 100
    with run_log(tmp_path, "sync", {}):
        pass
    assert [path.name[:4] for path in logs(tmp_path)][:2] == ["2004", "2005"]
    assert len(logs(tmp_path)) == 3


def test_two_runs_of_one_second_have_two_logs(tmp_path: Path) -> None:
    with run_log(tmp_path, "status", {}) as first, run_log(tmp_path, "status", {}) as second:
        pass
    assert first.file != second.file


def test_problems_are_noted_by_code_and_unit_never_by_their_words(tmp_path: Path) -> None:
    wrong = Problem("not_a_number", text("«{written}»", written="gọi 0912345678"), text("x"), unit="tay-an", row="1.1")
    with run_log(tmp_path, "collect", {}) as run:
        note_problems([wrong, wrong])
    assert run.file is not None
    (noted,) = events(run.file, "problem")
    assert (noted["code"], noted["unit"], noted["count"]) == ("not_a_number", "tay-an", 2)
    assert "0912" not in run.file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("khao-sat nguyen.a@example.vn.csv", "khao-sat …"),
        ("0912 345 678.xlsx", "….xlsx"),
        ("+84912345678", "…"),
        ("ya29.a0AfH6SMB", "…"),
        ("2023-12-10T17:00", "2023-12-10T17:00"),
        ("units/tay-an", "units/tay-an"),
    ],
)
def test_what_looks_personal_or_secret_is_masked(words: str, left: str) -> None:
    assert masked(words) == left


@pytest.mark.parametrize("noted", [lambda: note("gossip"), lambda: note("ledger", body="…")])
def test_a_fact_that_is_not_in_the_table_is_a_defect(noted: Callable[[], None]) -> None:
    with pytest.raises(KeyError):
        noted()
    assert not FACTS.keys() & {"gossip"}


def test_each_run_of_watch_has_its_own(office: Office) -> None:
    assert office.run("watch", "--times", "1", now=office.BEFORE).exit_code == 0
    (log,) = logs(office.folder)
    assert log.name.endswith("-sync.jsonl")
    assert lines(log)[-1]["status"] == "done"
