"""The checks of `doctor` on the way to Google: each broken prerequisite is found, told, and ends the checkup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
import requests
from google_desk import OFFICER, Desk, english
from google_server import Fault, GoogleServer, errors

from cchc_sheets.workspace.google_access import Access
from cchc_sheets.workspace.google_checkup import MARK, Check, CheckupSettings, checkups
from cchc_sheets.workspace.google_pace import Pace
from cchc_sheets.workspace.google_transport import Call, GoogleTransport

ACCOUNT = "cchc@cchc-test.iam.gserviceaccount.com"
FOLDER = "application/vnd.google-apps.folder"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with GoogleServer() as google:
        yield (desk := Desk(google, tmp_path))
        desk.browser.close()
        assert google.violations == []


def transport(session: requests.Session) -> GoogleTransport:
    return GoogleTransport(session, pace=Pace(patience=timedelta(0)))


def checked(desk: Desk, file: Path | None = None, place: str = "", **settings: Any) -> list[Check]:
    """Run a checkup with a file (the Desktop client's)."""
    chosen = file or desk.desktop
    return list(
        checkups(
            lambda: desk.open(chosen, **({"broad": bool(place)} | settings)),
            transport,
            CheckupSettings(chosen, place),
        )
    )


def codes(checks: list[Check]) -> list[str]:
    return [check.code for check in checks]


def broken(checks: list[Check]) -> tuple[str, str]:
    """Return where the checkup ended and why; everything before was fine, and the error has its three parts."""
    assert [check.passed for check in checks] == [True] * (len(checks) - 1) + [False]
    error = checks[-1].error
    assert error is not None
    assert all(str(part) for part in (error.what, error.where, error.fix))
    assert checks[-1].said == error.what
    return checks[-1].code, error.code


def last_words(checks: list[Check]) -> str:
    """Return what the last check says."""
    return english(checks[-1].said)


def spreadsheets(desk: Desk) -> list[bool]:
    """Return, for every spreadsheet that was ever made, whether it is in the trash."""
    world = desk.google.world
    return [world.is_trashed(file.id) for file in world.files.values() if file.mime_type.endswith(".spreadsheet")]


# --------------------------------------------------------------------------------------------------- all is well


def test_a_person_passes_and_what_was_made_is_in_the_trash(desk: Desk) -> None:
    checks = checked(desk)
    assert codes(checks) == ["credentials", "sign_in", "account", "scopes", "sheets_api", "proof", "token", "left"]
    assert all(check.passed for check in checks)
    assert not any(check.is_warning for check in checks)
    assert OFFICER in english(checks[2].said)
    assert english(checks[-2].said) == "the sign-in is less than a day old"
    assert spreadsheets(desk) == [True]
    made = desk.google.requests(operation="drive.files.create")[0].body
    assert made["properties"].items() >= MARK.items()


def test_the_user_of_an_emulator_passes(desk: Desk) -> None:
    opened = desk.open_as_user
    checks = list(checkups(opened, transport, CheckupSettings(None)))
    assert all(check.passed for check in checks)
    assert codes(checks)[-1] == "left"


def test_a_service_account_passes_on_a_shared_drive(desk: Desk) -> None:
    drive = desk.google.world.add_shared_drive("CCHC 2026", {ACCOUNT: "fileOrganizer"})
    checks = checked(desk, desk.key(), drive.id)
    assert all(check.passed for check in checks)
    assert "CCHC 2026" in english(checks[codes(checks).index("shared_drive")].said)
    assert spreadsheets(desk) == [True]


def test_a_service_account_that_acts_for_a_person_passes(desk: Desk) -> None:
    checks = checked(desk, desk.key("drive.file"), subject=OFFICER)
    assert all(check.passed for check in checks)
    assert OFFICER in english(checks[1].said)


def test_a_person_passes_with_a_folder_of_somebody_else(desk: Desk) -> None:
    folder = desk.google.world.add_file("CCHC", FOLDER, OFFICER, parents=[desk.google.world.root_of(OFFICER)])
    assert checked(desk, place=folder.id)[-1].passed


def test_a_sign_in_that_google_will_end_is_told_with_its_end(desk: Desk) -> None:
    desk.browser.in_testing = True
    token = checked(desk)[-2]
    assert token.passed
    assert token.is_warning
    assert "In production" in english(token.said)


@pytest.mark.parametrize(("minutes", "said"), [(3, "3 minutes slow"), (-7, "7 minutes fast")])
def test_a_clock_that_is_wrong_but_not_yet_too_wrong_is_told(desk: Desk, minutes: int, said: str) -> None:
    desk.google.world.now = lambda: datetime.now(UTC) + timedelta(minutes=minutes)
    clock = checked(desk)[3]
    assert (clock.code, clock.passed, clock.is_warning) == ("clock", True, True)
    assert said in english(clock.said)


def test_a_wrong_clock_is_told_to_somebody_who_signed_in_long_ago(desk: Desk) -> None:
    desk.open()
    desk.google.world.now = lambda: datetime.now(UTC) + timedelta(minutes=3)
    assert "3 minutes slow" in english(checked(desk)[3].said)


def test_what_an_earlier_doctor_left_behind_is_put_into_the_trash(desk: Desk) -> None:
    checked(desk)
    world = desk.google.world
    [old] = [file for file in world.files.values() if file.properties.get("role") == "doctor"]
    old.trashed = False
    old.created -= timedelta(hours=2)
    assert checked(desk)[-1].passed
    assert spreadsheets(desk) == [True, True]


def test_the_file_of_a_colleague_who_runs_the_same_just_now_is_left_alone(desk: Desk) -> None:
    checked(desk)
    [young] = [file for file in desk.google.world.files.values() if file.properties.get("role") == "doctor"]
    young.trashed = False
    assert checked(desk)[-1].passed
    assert spreadsheets(desk) == [False, True]


# -------------------------------------------------------------------------------------- each broken prerequisite


def test_no_credentials_file(desk: Desk) -> None:
    assert broken(checked(desk, desk.folder / "nothing.json")) == ("credentials", "credentials_missing")
    assert desk.google.log == []


def test_a_credentials_file_of_another_kind(desk: Desk) -> None:
    desk.desktop.write_text('{"web": {}}', encoding="utf-8")
    assert broken(checked(desk)) == ("credentials", "credentials_kind")


def test_nobody_has_signed_in(desk: Desk) -> None:
    assert broken(checked(desk, alone=True)) == ("sign_in", "sign_in_needed")


def test_a_sign_in_that_was_revoked_meanwhile(desk: Desk) -> None:
    def opened() -> Access:
        access = desk.open()
        desk.revoke_everything()
        return access

    checks = list(checkups(opened, transport, CheckupSettings(desk.desktop)))
    assert broken(checks) == ("account", "token_revoked")


def test_a_key_that_was_deleted(desk: Desk) -> None:
    old = desk.key()
    desk.key()
    assert broken(checked(desk, old)) == ("sign_in", "key_invalid")


def test_the_drive_api_switched_off(desk: Desk) -> None:
    desk.google.disable("drive")
    assert broken(checked(desk)) == ("account", "api_disabled")


def test_the_sheets_api_switched_off(desk: Desk) -> None:
    desk.google.disable("sheets")
    assert broken(checked(desk)) == ("sheets_api", "api_disabled")
    assert spreadsheets(desk) == []


def test_a_drive_that_is_full(desk: Desk) -> None:
    desk.google.world.add_user(OFFICER, storage_full=True)
    checks = checked(desk)
    assert broken(checks) == ("account", "storage_full")
    assert last_words(checks) == f"the Google Drive of {OFFICER} is full; nothing can be made in it"


def test_a_sign_in_for_too_little(desk: Desk) -> None:
    drive = desk.google.world.add_shared_drive("CCHC", {OFFICER: "fileOrganizer"})
    checks = checked(desk, place=drive.id, broad=False)
    assert broken(checks) == ("scopes", "scopes_missing")
    assert last_words(checks) == ("the sign-in does not allow what is needed: https://www.googleapis.com/auth/drive")


def test_a_service_account_without_a_shared_drive(desk: Desk) -> None:
    checks = checked(desk, desk.key())
    assert broken(checks) == ("shared_drive", "service_account_no_quota")
    assert last_words(checks) == ("a service account owns no files, so it can make none in a Drive of its own")
    assert ACCOUNT in english(checks[-1].error.fix if checks[-1].error else checks[-1].said)
    assert spreadsheets(desk) == []


def test_a_shared_drive_that_is_not_there(desk: Desk) -> None:
    checks = checked(desk, place="0AbcdefghijklmnopPVA")
    assert broken(checks) == ("shared_drive", "shared_drive")
    assert last_words(checks) == "there is no Shared Drive and no folder with this ID that we can see"
    assert checks[-1].error is not None
    assert "0AbcdefghijklmnopPVA" in checks[-1].error.where


def test_a_shared_drive_of_which_the_account_is_no_member(desk: Desk) -> None:
    drive = desk.google.world.add_shared_drive("CCHC", {OFFICER: "organizer"})
    checks = checked(desk, desk.key(), drive.id)
    assert broken(checks) == ("shared_drive", "shared_drive")
    assert ACCOUNT in english(checks[-1].error.fix if checks[-1].error else checks[-1].said)


def test_a_shared_drive_in_which_the_account_may_only_look(desk: Desk) -> None:
    drive = desk.google.world.add_shared_drive("CCHC", {ACCOUNT: "reader"})
    checks = checked(desk, desk.key(), drive.id)
    assert broken(checks) == ("shared_drive", "shared_drive_role")
    assert last_words(checks) == f"in “CCHC” {ACCOUNT} may not make, share and trash files"


@pytest.mark.parametrize(
    "address",
    [
        "https://drive.google.com/drive/folders/0AbcdefghijklmnopPVA",
        "https://drive.google.com/drive/u/0/folders/0AbcdefghijklmnopPVA?usp=sharing",
    ],
)
def test_an_address_in_the_place_of_the_id_is_told_with_the_id(desk: Desk, address: str) -> None:
    checks = checked(desk, place=address)
    assert broken(checks) == ("shared_drive", "shared_drive")
    assert checks[-1].error is not None
    assert "0AbcdefghijklmnopPVA there" in english(checks[-1].error.fix)


def test_a_place_that_is_no_id_at_all(desk: Desk) -> None:
    checks = checked(desk, place="Thư mục CCHC")
    assert broken(checks) == ("shared_drive", "shared_drive")
    assert last_words(checks) == "this is no ID of a Shared Drive or folder"


def test_a_file_in_the_place_of_the_folder(desk: Desk) -> None:
    world = desk.google.world
    file = world.add_file("x.pdf", "application/pdf", OFFICER, parents=[world.root_of(OFFICER)])
    checks = checked(desk, place=file.id)
    assert broken(checks) == ("shared_drive", "shared_drive")
    assert last_words(checks) == "“x.pdf” is a file, not a folder"


def test_a_folder_in_the_trash(desk: Desk) -> None:
    world = desk.google.world
    folder = world.add_file("CCHC", FOLDER, OFFICER, parents=[world.root_of(OFFICER)])
    folder.trashed = True
    checks = checked(desk, place=folder.id)
    assert broken(checks) == ("shared_drive", "shared_drive")
    assert last_words(checks) == "the folder “CCHC” is in the trash"


def test_google_out_of_order(desk: Desk) -> None:
    desk.google.fail(("GET", r"/about$"), Fault.html_502(), times=9)
    assert broken(checked(desk))[0] == "account"


# ------------------------------------------------------------------------------- nothing stays behind a broken proof


@pytest.mark.parametrize(
    ("method", "path", "fault"),
    [
        ("POST", r":batchUpdate$", Fault.answer(errors.sheets_forbidden())),
        ("POST", r":batchUpdate$", Fault.reset_after()),
        ("GET", r"/spreadsheets/\w[\w-]{20,}$", Fault.half_json()),
    ],
)
def test_a_step_that_fails_leaves_nothing_behind(desk: Desk, method: str, path: str, fault: Fault) -> None:
    def never_for_the_question_before(record: Any) -> bool:
        import re

        return record.method == method and bool(re.search(path, record.path)) and "doctor" not in record.path

    desk.google.fail(never_for_the_question_before, fault, times=9)
    assert broken(checked(desk))[0] == "proof"
    assert spreadsheets(desk) == [True]


@pytest.mark.parametrize("fault", [Fault.reset_after(), Fault.truncated()])
def test_a_spreadsheet_whose_answer_was_lost_is_found_and_put_into_the_trash(desk: Desk, fault: Fault) -> None:
    desk.google.fail(("POST", r"/drive/v3/files$"), fault)
    assert broken(checked(desk)) == ("proof", "answer_lost")
    assert spreadsheets(desk) == [True]


def test_a_spreadsheet_that_cannot_be_put_into_the_trash_is_told(desk: Desk) -> None:
    desk.google.fail(("PATCH", r"/drive/v3/files/"), Fault.answer(errors.drive_forbidden("x")), times=9)
    assert broken(checked(desk)) == ("proof", "forbidden")


class _Altered:
    """A way to Google on which something changes what is read."""

    def __init__(self, session: requests.Session) -> None:
        self._google = transport(session)

    def call(self, call: Call, /) -> dict[str, Any]:
        answer = self._google.call(call)
        return {} if "rowData" in call.params.get("fields", "") else answer

    def left(self, kind: Literal["read", "write", "drive"], /) -> int:
        return self._google.left(kind)


def test_an_answer_that_is_not_what_was_written_is_told(desk: Desk) -> None:
    checks = list(checkups(desk.open, _Altered, CheckupSettings(desk.desktop)))
    assert broken(checks) == ("proof", "proof")
    assert last_words(checks) == "what was written into a spreadsheet did not come back from it"
    assert spreadsheets(desk) == [True]
