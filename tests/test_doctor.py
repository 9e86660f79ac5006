"""`doctor`: each broken prerequisite is told with its remedy and ends the command; nothing after it is tried."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from doctors_office import ACCOUNT, Surgery, open_surgery
from google_desk import OFFICER
from google_server import Fault, errors
from google_server.log import Record
from office import Office

from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.ledger import Ledger

FILES = ["cycle", "folder", "ledger", "templates"]
FOLDER = "application/vnd.google-apps.folder"
PROOF = [
    "drive.files.list",
    "drive.files.create",
    "sheets.spreadsheets.batchUpdate",
    "sheets.spreadsheets.get",
    "drive.files.update",
]


@pytest.fixture
def surgery(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Surgery]:
    with open_surgery(tmp_path, capfd, monkeypatch) as surgery:
        yield surgery


# --------------------------------------------------------------------------------------------------- all is well


def test_a_person_is_told_account_scopes_age_of_the_sign_in_quota_and_estimate(surgery: Surgery) -> None:
    found = surgery.found()
    google = ["credentials", "sign_in", "account", "scopes", "sheets_api", "proof", "token", "left", "estimate"]
    assert list(found) == [*FILES, *google]
    assert OFFICER in found["account"]
    assert "15 GB" in found["account"]
    assert "drive.file" in found["scopes"]
    # Two reads and one write of 55 each were for the checkup itself.
    assert "53" in found["left"]
    assert "54" in found["left"]
    # Provisioning: 3 × (2 + 1 address); collecting: 3 × 2.
    assert "9 lượt" in found["estimate"]
    assert "6 lượt" in found["estimate"]


def test_each_check_asks_google_only_what_it_needs_and_in_order(surgery: Surgery) -> None:
    surgery.found()
    assert surgery.asked() == ["/token", "drive.about.get", "sheets.spreadsheets.get", *PROOF]


def test_a_person_reads_one_line_for_each_check_and_a_last_word(surgery: Surgery) -> None:
    surgery.found()
    run = surgery.doctor(as_json=False)
    *lines, last = run.out.splitlines()
    assert len(lines) == 13
    assert all(line.startswith("  ✓ ") for line in lines)
    assert last == "Mọi thứ đều ổn: đạt 13 mục kiểm tra."
    assert run.err == ""


def test_a_quiet_run_says_only_the_last_word(surgery: Surgery) -> None:
    surgery.found()
    assert surgery.doctor("--quiet", as_json=False).out == "Mọi thứ đều ổn: đạt 13 mục kiểm tra.\n"


def test_a_person_who_has_to_sign_in_is_shown_the_address_in_one_piece(surgery: Surgery) -> None:
    run = surgery.doctor(as_json=False)
    [address] = surgery.desk.browser.addresses
    assert run.exit_code == 0
    assert address in run.err
    assert address not in run.out


def test_what_was_passed_before_the_broken_prerequisite_is_told_too(surgery: Surgery) -> None:
    surgery.google.disable("sheets")
    run = surgery.doctor(as_json=False)
    assert run.exit_code == 1
    assert [line[:4] for line in run.out.splitlines()] == ["  ✓ "] * 8
    [_, error, where, log, fix] = run.err.splitlines()
    assert error.startswith("Lỗi: ")
    assert where.startswith("  Vị trí: ")
    assert log.endswith("-doctor.jsonl")
    assert fix.startswith("  Cách xử lý: ")


def test_a_service_account_on_a_shared_drive_passes(surgery: Surgery) -> None:
    surgery.use_shared_drive()
    found = surgery.found()
    assert "CCHC 2026" in found["shared_drive"]
    assert ACCOUNT in found["account"]
    assert "token" not in found
    assert surgery.asked() == [
        "/token",
        "drive.about.get",
        "drive.drives.get",
        "sheets.spreadsheets.get",
        *PROOF,
    ]
    [drive] = surgery.google.world.drives
    assert surgery.google.requests(operation="drive.files.create")[0].body["parents"] == [drive]


def test_a_service_account_that_acts_for_a_person_passes(surgery: Surgery) -> None:
    surgery.set_up(surgery.desk.key("drive.file"), subject=OFFICER)
    assert OFFICER in surgery.found()["sign_in"]


def test_the_user_of_an_emulator_passes_without_credentials(surgery: Surgery) -> None:
    surgery.desk.desktop.unlink()
    assert "office@example.gov.vn" in surgery.found()["account"]


def test_what_the_doctor_made_is_in_the_trash_and_nothing_stays_in_the_folder(surgery: Surgery) -> None:
    def files() -> list[Path]:
        return sorted(file for file in surgery.folder.rglob("*") if "logs" not in file.parts)

    before = files()
    surgery.found()
    assert surgery.spreadsheets() == [True]
    assert files() == before


def test_a_sign_in_that_ends_after_seven_days_is_marked_but_no_error(surgery: Surgery) -> None:
    surgery.desk.browser.in_testing = True
    run = surgery.doctor(as_json=False)
    assert run.exit_code == 0
    [marked] = [line for line in run.out.splitlines() if line.startswith("  ! ")]
    assert "In production" in marked
    assert "--sign-out" in marked
    warned = [check["code"] for check in surgery.doctor().json["data"]["checks"] if check["warning"]]
    assert warned == ["token"]


def test_the_age_of_an_older_sign_in_is_told_in_days(surgery: Surgery) -> None:
    surgery.found()
    tokens = surgery.desk.tokens
    content = json.loads(tokens.path.read_bytes())
    made = datetime.now(UTC) - timedelta(days=40, hours=1)
    tokens.path.write_text(json.dumps(content | {"made": made.isoformat()}), encoding="utf-8")
    assert "40 ngày" in surgery.found()["token"]


def test_a_clock_that_is_three_minutes_wrong_is_marked_but_no_error(surgery: Surgery) -> None:
    surgery.use_shared_drive()
    surgery.google.world.now = lambda: datetime.now(UTC) + timedelta(minutes=3)
    assert "3 phút" in surgery.found()["clock"]


def test_a_local_cycle_is_checked_without_any_network(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> NoReturn:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    data = office.run("doctor").json["data"]
    assert data["workspace"] == "local"
    assert [check["code"] for check in data["checks"]] == FILES
    assert not (office.folder / "ledger.db").exists()


# ------------------------------------------------------------------------------------------------ files and ledger


def test_a_mistake_in_the_cycles_files(surgery: Surgery) -> None:
    with (surgery.folder / "units.csv").open("a", encoding="utf-8") as file:
        file.write("tay-an,Xã Tây An,xã,,yes,\n")
    run = surgery.doctor()
    assert (run.exit_code, run.json["error"]["code"]) == (1, "configuration")
    assert run.problems
    assert surgery.asked() == []


def test_a_folder_without_a_cycle(surgery: Surgery) -> None:
    for name in ("cycle.yaml", "criteria.yaml"):
        (surgery.folder / name).unlink()
    assert "init" in surgery.broken("configuration")["fix"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom the system can refuse")
def test_a_folder_that_cannot_be_written(surgery: Surgery) -> None:
    surgery.folder.chmod(0o500)
    try:
        error = surgery.broken("folder")
    finally:
        surgery.folder.chmod(0o700)
    assert error["where"] == str(surgery.folder)
    assert surgery.asked() == []


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
def test_a_disk_without_room(surgery: Surgery) -> None:
    def nothing_fits() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    command = [sys.executable, "-m", "cchc_sheets", "--cycle", str(surgery.folder), "--json", "doctor"]
    done = subprocess.run(command, capture_output=True, check=False, preexec_fn=nothing_fits)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"], error["where"]) == (1, "folder", str(surgery.folder))
    assert surgery.asked() == []


def test_a_folder_that_is_gone_by_the_time_it_is_tried(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = replace(load_cycle(surgery.folder), folder=surgery.folder / "drive" / "cycle")
    monkeypatch.setattr("cchc_sheets.stages.doctor.load_cycle", lambda _: gone)
    error = surgery.broken("folder")
    assert error["what"] == "không ghi được vào thư mục của kỳ đánh giá: No such file or directory"
    assert error["where"] == str(gone.folder)
    assert surgery.asked() == []


def test_a_ledger_that_was_altered(surgery: Surgery) -> None:
    file = surgery.folder / "ledger.db"
    ledger = Ledger.at(file)
    for unit in surgery.UNITS:
        ledger.append("missed", unit, {"reason": "not_submitted"}, at=datetime.now(UTC), actor="van-thu")
    ledger.close()
    assert "3" in surgery.found()["ledger"]
    surgery.google.reset_log()
    with sqlite3.connect(file) as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("UPDATE entries SET subject = 'phu-phong' WHERE number = 2")
    database.close()
    assert "ledger.db" in surgery.broken("ledger_altered")["where"]
    assert surgery.asked() == []


def test_a_ledger_that_is_no_database(surgery: Surgery) -> None:
    (surgery.folder / "ledger.db").write_text("sổ ghi " * 200, encoding="utf-8")
    surgery.broken("ledger")
    assert surgery.asked() == []


# --------------------------------------------------------------------------------------------------------- the proof


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (errors.sa_no_quota(), "service_account_no_quota"),
        (errors.user_full(), "storage_full"),
        (errors.drive_forbidden("root"), "forbidden"),
        (errors.drive_daily_limit(), "daily_limit"),
    ],
)
def test_a_spreadsheet_that_may_not_be_made(surgery: Surgery, refusal: Any, code: str) -> None:
    surgery.google.fail(("POST", r"/drive/v3/files$"), Fault.answer(refusal))
    surgery.broken(code)
    assert surgery.asked()[-1] == "drive.files.create"
    assert surgery.spreadsheets() == []


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("sheets.spreadsheets.batchUpdate", Fault.answer(errors.sheets_forbidden())),
        ("sheets.spreadsheets.batchUpdate", Fault.answer(errors.sheets_internal())),
        ("sheets.spreadsheets.batchUpdate", Fault.reset_before()),
        ("sheets.spreadsheets.batchUpdate", Fault.reset_after()),
        ("sheets.spreadsheets.get", Fault.truncated()),
        ("sheets.spreadsheets.get", Fault.answer(errors.sheets_not_found())),
    ],
)
def test_a_step_of_the_proof_that_fails_leaves_nothing_behind(surgery: Surgery, operation: str, fault: Fault) -> None:
    def in_the_proof(record: Record) -> bool:
        return record.operation == operation and bool(surgery.spreadsheets())

    surgery.google.fail(in_the_proof, fault, times=9)
    assert surgery.doctor().exit_code == 1
    assert surgery.asked()[-1] == "drive.files.update"
    assert surgery.spreadsheets() == [True]


def test_a_spreadsheet_whose_answer_was_lost_is_found_and_put_into_the_trash(surgery: Surgery) -> None:
    surgery.google.fail(("POST", r"/drive/v3/files$"), Fault.reset_after())
    surgery.broken("answer_lost")
    assert surgery.spreadsheets() == [True]


# -------------------------------------------------------------------------------------------------------- signing out


def test_signing_out_forgets_the_sign_in_and_asks_for_a_new_one(surgery: Surgery) -> None:
    surgery.found()
    old = surgery.desk.tokens.path.read_bytes()
    assert "signed_out" in surgery.found("--sign-out")
    assert len(surgery.desk.browser.addresses) == 2
    assert surgery.desk.tokens.path.read_bytes() != old


def test_signing_out_is_the_remedy_for_a_revoked_sign_in(surgery: Surgery) -> None:
    surgery.found()
    surgery.desk.revoke_everything()
    surgery.broken("token_revoked")
    assert list(surgery.found("--sign-out"))[4:6] == ["signed_out", "credentials"]


def test_signing_out_where_nobody_is_signed_in_says_so(surgery: Surgery) -> None:
    nobody = surgery.found("--sign-out")["signed_out"]
    surgery.use_shared_drive()
    assert surgery.found("--sign-out")["signed_out"] == nobody


def test_signing_out_of_a_local_cycle_says_that_nobody_was_signed_in(office: Office) -> None:
    checks = office.run("doctor", "--sign-out").json["data"]["checks"]
    assert [check["code"] for check in checks] == [*FILES, "signed_out"]
