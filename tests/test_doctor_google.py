"""`doctor` on the way to Google: each broken prerequisite is told with its remedy; nothing after it is tried."""

from __future__ import annotations

import json
import re
import socket
import webbrowser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from doctors_office import ACCOUNT, Surgery, open_surgery
from google_desk import OFFICER, saved
from google_server import Fault, errors
from google_server.errors import GoogleError

FOLDER = "application/vnd.google-apps.folder"


@pytest.fixture
def surgery(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Surgery]:
    with open_surgery(tmp_path, capfd, monkeypatch) as surgery:
        yield surgery


def no_browser(*_: Any) -> NoReturn:
    raise webbrowser.Error("could not locate runnable browser")


# --------------------------------------------------------------------------------------------------- credentials


def test_no_credentials_file(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CCHC_GOOGLE_EMULATOR")  # only an emulator needs none
    surgery.set_up(surgery.folder / "nothing.json")
    error = surgery.broken("credentials_missing")
    assert error["where"].endswith("nothing.json")
    assert "cycle.yaml" in error["fix"]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ({"web": {"client_id": "x", "client_secret": "GOCSPX-web"}}, "credentials_kind", "trang web"),
        ({"type": "authorized_user", "refresh_token": "1//other"}, "credentials_kind", "chương trình khác"),
        ({"type": "external_account"}, "credentials_kind", "external_account"),
        ({"refresh_token": "1//other", "token": "ya29.other"}, "credentials_kind", "mã truy cập"),
        ({"api_key": "AIza"}, "credentials_kind", "API"),
        ({"client_email": "a@b", "private_key": "MIIE-inside"}, "credentials_kind", "service_account"),
        ({"client_id": "x", "client_secret": "GOCSPX-inside"}, "credentials_kind", "installed"),
        ({"installed": {"client_id": "x"}}, "credentials_kind", "client_secret"),
        ({"installed": {"client_id": "YOUR-ID", "client_secret": "YOUR-SECRET"}}, "credentials_placeholder", "mẫu"),
        ([1], "credentials_kind", "JSON"),
    ],
)
def test_credentials_of_another_kind(surgery: Surgery, content: Any, code: str, said: str) -> None:
    saved(surgery.desk.desktop, content)
    error = surgery.broken(code)
    assert said in error["what"]
    assert error["where"].endswith("credentials.json")
    assert surgery.asked() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "trống"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><html>", "trang web"),
        (b"-----BEGIN PRIVATE KEY-----\nMIIE", "JSON"),
        (b"PK\x03\x04", "Word"),
        ('{"installed": {}}'.encode("utf-16"), "UTF-16"),
        (b'{"installed": {"client_id": "x"', "JSON"),
    ],
)
def test_a_file_that_is_no_credentials_at_all(surgery: Surgery, content: bytes, said: str) -> None:
    surgery.desk.desktop.write_bytes(content)
    assert said in surgery.broken("credentials_kind")["what"]
    assert surgery.asked() == []


def test_a_key_file_that_fetches_its_tokens_elsewhere(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CCHC_GOOGLE_EMULATOR")
    surgery.set_up(surgery.desk.key(token_uri="https://tokens.example.org/token"))  # noqa: S106 - an address
    assert "tokens.example.org" in surgery.broken("credentials_kind")["what"]


def test_a_subject_for_the_client_of_a_person(surgery: Surgery) -> None:
    surgery.set_up(subject=OFFICER)
    error = surgery.broken("credentials_kind")
    assert error["what"] == (
        "`subject` chỉ dùng cho tài khoản dịch vụ; tệp này là ứng dụng OAuth để một người đăng nhập"
    )
    assert "subject" in error["fix"]
    assert surgery.asked() == []


def test_an_emulator_that_is_not_of_this_machine(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_GOOGLE_EMULATOR", "http://sheets.example.gov.vn:8080")
    assert "sheets.example.gov.vn" in surgery.broken("emulator")["where"]


# ------------------------------------------------------------------------------------------------------- signing in


def test_nobody_is_there_to_sign_in(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.get", no_browser)
    error = surgery.broken("sign_in_needed")
    assert error["what"] == "chưa có ai đăng nhập Google trên máy tính này"
    assert "doctor" in error["fix"]
    assert surgery.asked() == []


def test_a_person_who_does_not_allow_it(surgery: Surgery) -> None:
    surgery.desk.browser.refuses = True
    assert surgery.broken("sign_in_refused")["what"] == "quyền truy cập không được cho phép trên trang của Google"
    assert surgery.asked() == []


def test_a_person_who_opens_the_address_of_another_time(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = surgery.desk.browser
    monkeypatch.setattr("webbrowser.open", lambda now: browser.ask(re.sub("state=[^&]+", "state=before", now)))
    error = surgery.broken("sign_in_refused")
    assert "mismatching_state" in error["what"]
    assert error["what"].startswith("Google không hoàn tất việc đăng nhập")
    assert surgery.asked() == []


def test_a_computer_on_which_no_port_can_be_opened(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any) -> NoReturn:
        raise PermissionError(13, "Permission denied")  # a firewall or a virus scanner

    monkeypatch.setattr(socket.socket, "bind", forbidden)
    error = surgery.broken("sign_in_refused")
    assert error["where"] == "localhost"
    assert error["what"] == "việc đăng nhập không mở được cổng trên máy tính này: Permission denied"
    assert surgery.asked() == []


def test_a_person_who_leaves_the_box_empty(surgery: Surgery) -> None:
    surgery.desk.browser.scopes = frozenset({"openid"})
    assert surgery.broken("scopes_missing")["what"] == (
        "trên trang của Google chưa cho phép đủ quyền; còn thiếu: https://www.googleapis.com/auth/drive.file"
    )
    assert surgery.asked() == ["/token"]


def test_a_sign_in_that_was_revoked(surgery: Surgery) -> None:
    surgery.found()
    surgery.desk.revoke_everything()
    surgery.google.reset_log()
    error = surgery.broken("token_revoked")
    assert error["what"].endswith(", hết hạn hoặc đã bị thu hồi")  # and when it was made
    assert "--sign-out" in error["fix"]
    assert "drive.files.create" not in surgery.asked()


def test_a_sign_in_that_has_ended(surgery: Surgery) -> None:
    surgery.found()
    content = json.loads(surgery.desk.tokens.path.read_bytes())
    surgery.desk.tokens.path.write_text(json.dumps(content | {"expiry": "2023-12-01T00:00:00+00:00"}), encoding="utf-8")
    surgery.desk.revoke_everything()
    surgery.google.reset_log()
    error = surgery.broken("token_revoked")
    assert "--sign-out" in error["fix"]
    assert "In production" in error["fix"]
    assert surgery.asked() == ["/token"]


def test_a_sign_in_of_which_nobody_knows_when_it_was_made_has_ended(surgery: Surgery) -> None:
    surgery.found()
    file = surgery.desk.tokens.path
    content = json.loads(file.read_bytes()) | {"made": None, "expiry": "2023-12-01T00:00:00+00:00"}
    file.write_text(json.dumps(content), encoding="utf-8")
    surgery.desk.revoke_everything()
    error = surgery.broken("token_revoked")
    assert error["what"] == "lần đăng nhập đã lưu hết hạn hoặc đã bị thu hồi"
    assert "--sign-out" in error["fix"]


@pytest.mark.parametrize(
    ("refusal", "code", "said"),
    [
        # Words that nobody knows yet are handed on as they are; for `access_denied` the account is named.
        (
            errors.token_error("invalid_grant", "Something new"),
            "key_invalid",
            f"Google không chấp nhận khóa của {ACCOUNT}: Something new",
        ),
        (
            errors.token_error("access_denied", "Account restricted"),
            "account_not_found",
            f"Google không cấp cho tài khoản dịch vụ {ACCOUNT} mã truy cập với phạm vi quyền này",
        ),
        (
            errors.token_error("never_heard_of", "No."),
            "sign_in_failed",
            "Google không cấp mã truy cập: never_heard_of: No.",
        ),
    ],
)
def test_a_service_account_that_gets_no_token(surgery: Surgery, refusal: GoogleError, code: str, said: str) -> None:
    surgery.use_shared_drive()
    surgery.google.fail(("POST", "/token$"), Fault.answer(refusal))
    assert surgery.broken(code)["what"] == said
    assert surgery.asked() == ["/token"]


def test_an_access_token_that_ran_out_is_renewed_without_a_word(surgery: Surgery) -> None:
    surgery.found()
    content = json.loads(surgery.desk.tokens.path.read_bytes())
    surgery.desk.tokens.path.write_text(json.dumps(content | {"expiry": "2023-12-01T00:00:00+00:00"}), encoding="utf-8")
    surgery.google.oauth.expire_access_tokens()
    surgery.found()
    assert len(surgery.desk.browser.addresses) == 1


def test_an_oauth_client_that_was_deleted(surgery: Surgery) -> None:
    for client in surgery.google.oauth.clients.values():
        client.deleted = True
    error = surgery.broken("client_invalid")
    assert error["where"].endswith("credentials.json")
    assert error["what"] == (
        "Google không chấp nhận ứng dụng OAuth trong tệp này: deleted_client: The OAuth client was deleted."
    )
    assert surgery.asked() == ["/token"]


def test_a_clock_of_which_google_takes_no_key(surgery: Surgery) -> None:
    surgery.use_shared_drive()
    surgery.google.world.now = lambda: datetime.now(UTC) + timedelta(minutes=20)
    assert "20 phút" in surgery.broken("clock_skew")["what"]
    assert surgery.asked() == ["/token"]


def test_a_key_that_was_deleted(surgery: Surgery) -> None:
    surgery.set_up(surgery.desk.key(), shared_drive="0AbcdefghijklmnopPVA")
    surgery.desk.key()  # the same account with a new key
    error = surgery.broken("key_invalid")
    assert error["what"] == "Google không còn nhận khóa trong tệp này: khóa đã bị xóa, hoặc tệp đã bị sửa"
    assert ACCOUNT in error["fix"]
    assert surgery.asked() == ["/token"]


def test_a_key_that_was_damaged(surgery: Surgery) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n"
    surgery.set_up(surgery.desk.key(private_key=key))
    assert surgery.broken("key_invalid")["what"] == "khóa riêng trong tệp thông tin xác thực bị hỏng"
    assert surgery.asked() == []


def test_a_service_account_that_was_deleted(surgery: Surgery) -> None:
    surgery.use_shared_drive()
    surgery.google.oauth.service_accounts.clear()
    assert surgery.broken("account_not_found")["what"] == f"tài khoản dịch vụ {ACCOUNT} không còn tồn tại"
    assert surgery.asked() == ["/token"]


def test_a_delegation_that_the_administrator_has_not_allowed(surgery: Surgery) -> None:
    surgery.set_up(surgery.desk.key(), subject=OFFICER)
    error = surgery.broken("delegation_missing")
    assert error["what"] == f"{ACCOUNT} không được phép thay mặt {OFFICER}"
    assert "https://www.googleapis.com/auth/drive.file" in error["fix"]
    assert surgery.asked() == ["/token"]


def test_a_subject_whom_google_does_not_know(surgery: Surgery) -> None:
    surgery.google.world.add_user("khong.co@example.gov.vn", has_google_account=False)
    surgery.set_up(surgery.desk.key("drive.file"), subject="khong.co@example.gov.vn")
    assert surgery.broken("account_not_found")["what"] == (
        "không có người dùng khong.co@example.gov.vn để tài khoản dịch vụ thay mặt"
    )


def test_no_network(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    surgery.use_shared_drive()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("CCHC_GOOGLE_EMULATOR", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        surgery.broken("offline")


# --------------------------------------------------------------------------------------------- account, APIs, scopes


def test_the_drive_api_is_off(surgery: Surgery) -> None:
    surgery.google.disable("drive")
    error = surgery.broken("api_disabled")
    assert "Google Drive API" in error["what"]
    assert "https://console.developers.google.com/apis/api/drive.googleapis.com" in error["fix"]
    assert surgery.asked() == ["/token", "drive.about.get"]


def test_the_sheets_api_is_off(surgery: Surgery) -> None:
    surgery.google.disable("sheets")
    error = surgery.broken("api_disabled")
    assert "Google Sheets API" in error["what"]
    assert "https://console.developers.google.com/apis/api/sheets.googleapis.com" in error["fix"]
    assert surgery.asked() == ["/token", "drive.about.get", "sheets.spreadsheets.get"]


def test_a_sign_in_for_less_than_is_needed_now(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    surgery.found()
    drive = surgery.google.world.add_shared_drive("CCHC", {OFFICER: "fileOrganizer"})
    surgery.set_up(shared_drive=drive.id)
    surgery.google.reset_log()
    monkeypatch.setattr("webbrowser.get", no_browser)
    assert surgery.broken("sign_in_needed")["what"] == "lần đăng nhập đã lưu không cho phép việc cần làm bây giờ"
    assert surgery.asked() == []


def test_a_token_that_google_finds_too_small(surgery: Surgery) -> None:
    surgery.google.fail(("GET", r"/about$"), Fault.answer(errors.scope_insufficient("drive")))
    assert "ô" in surgery.broken("scope_missing")["fix"]
    assert surgery.asked() == ["/token", "drive.about.get"]


def test_a_drive_that_is_full(surgery: Surgery) -> None:
    surgery.google.world.add_user(OFFICER, storage_full=True)
    assert surgery.broken("storage_full")["what"] == (f"Google Drive của {OFFICER} đã đầy; không tạo được gì trong đó")
    assert surgery.asked() == ["/token", "drive.about.get"]


def test_google_out_of_order_is_told_at_once(surgery: Surgery) -> None:
    surgery.google.fail(("GET", r"/about$"), Fault.html_502(), times=9)
    surgery.broken("unavailable")
    assert surgery.asked() == ["/token", "drive.about.get"]


def test_a_quota_that_is_used_up_is_told_at_once(surgery: Surgery) -> None:
    surgery.google.fail(("GET", r"/v4/spreadsheets/"), Fault.answer(errors.sheets_rate("read")), times=9)
    assert "requests_per_minute" in surgery.broken("quota")["fix"]
    assert surgery.asked() == ["/token", "drive.about.get", "sheets.spreadsheets.get"]


# ------------------------------------------------------------------------------------------- where the files are made


def test_a_service_account_without_a_shared_drive(surgery: Surgery) -> None:
    surgery.set_up(surgery.desk.key())
    error = surgery.broken("service_account_no_quota")
    assert error["what"] == ("tài khoản dịch vụ không sở hữu tệp nào nên không tạo được tệp trong Drive của riêng nó")
    assert "google.shared_drive" in error["where"]
    assert ACCOUNT in error["fix"]
    assert surgery.asked() == ["/token", "drive.about.get"]


def test_an_id_of_no_shared_drive(surgery: Surgery) -> None:
    surgery.set_up(surgery.desk.key(), shared_drive="0AbcdefghijklmnopPVA")
    error = surgery.broken("shared_drive")
    assert error["what"] == "không thấy bộ nhớ dùng chung hay thư mục nào mang mã này"
    assert "0AbcdefghijklmnopPVA" in error["where"]
    assert surgery.asked() == ["/token", "drive.about.get", "drive.drives.get", "drive.files.get"]


def test_an_address_in_the_place_of_the_id(surgery: Surgery) -> None:
    address = "https://drive.google.com/drive/folders/0AbcdefghijklmnopPVA?usp=sharing"
    surgery.set_up(surgery.desk.key(), shared_drive=address)
    error = surgery.broken("shared_drive")
    assert error["what"] == "đây không phải mã (ID) của bộ nhớ dùng chung hay thư mục"
    assert "0AbcdefghijklmnopPVA" in error["fix"]
    assert surgery.asked() == ["/token", "drive.about.get"]


def test_a_shared_drive_of_which_the_account_is_no_member(surgery: Surgery) -> None:
    drive = surgery.google.world.add_shared_drive("CCHC", {OFFICER: "organizer"})
    surgery.set_up(surgery.desk.key(), shared_drive=drive.id)
    assert ACCOUNT in surgery.broken("shared_drive")["fix"]
    assert "drive.files.create" not in surgery.asked()


@pytest.mark.parametrize("role", ["reader", "commenter", "writer"])
def test_a_role_on_the_shared_drive_that_is_too_low(surgery: Surgery, role: str) -> None:
    surgery.use_shared_drive(role)
    error = surgery.broken("shared_drive_role")
    assert error["what"] == f"ở “CCHC 2026”, {ACCOUNT} chưa được quyền tạo, chia sẻ và bỏ tệp vào thùng rác"
    assert ACCOUNT in error["fix"]
    assert surgery.asked() == ["/token", "drive.about.get", "drive.drives.get"]


def test_a_folder_in_the_trash(surgery: Surgery) -> None:
    world = surgery.google.world
    folder = world.add_file("CCHC", FOLDER, OFFICER, parents=[world.root_of(OFFICER)])
    folder.trashed = True
    surgery.set_up(shared_drive=folder.id)
    assert surgery.broken("shared_drive")["what"] == "thư mục “CCHC” đang ở trong thùng rác"
