"""The server that stands for Google in our tests: access, discovery documents, quotas and faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from google_server import Fault, GoogleServer, Quota, errors
from google_server.clients import OFFICE, SCOPES, Browser, ToServer, account_credentials, gspread_client
from google_server.world import SPREADSHEET


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    """A server that a test may break the rules of; see `lawful`."""
    with GoogleServer() as running:
        yield running


@pytest.fixture
def lawful(server: GoogleServer) -> Iterator[GoogleServer]:
    """A server that no request and no answer of the test breaks the discovery documents on."""
    yield server
    assert server.violations == []


@pytest.fixture
def office(server: GoogleServer) -> Iterator[Browser]:
    browser = Browser(server.url)
    yield browser
    browser.close()


def token_request(server: GoogleServer, **form: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(server.url + "/token", data=form, timeout=10)


def refresh(server: GoogleServer, key: dict[str, Any], subject: str | None = None) -> dict[str, Any]:
    """Return the body of the refusal that google-auth meets."""
    credentials = account_credentials(key, subject)
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", ToServer(server.url))
        with pytest.raises(RefreshError) as refused:
            credentials.refresh(Request(session))  # type: ignore[no-untyped-call]  # google-auth is half typed
    body: dict[str, Any] = refused.value.args[1]
    return body


def test_a_key_that_was_replaced_is_refused(lawful: GoogleServer) -> None:
    old = lawful.oauth.add_service_account()
    lawful.oauth.add_service_account()
    assert refresh(lawful, old) == errors.jwt_signature().body
    old["private_key_id"] = lawful.oauth.service_accounts[old["client_email"]].key_id
    assert refresh(lawful, old) == errors.jwt_signature().body


def test_a_clock_five_minutes_off_is_refused(lawful: GoogleServer) -> None:
    key = lawful.oauth.add_service_account()
    for minutes in (5, -5, 120, -120):
        lawful.world.now = lambda off=minutes: datetime.now(UTC) + timedelta(minutes=off)  # type: ignore[misc]
        assert refresh(lawful, key) == errors.jwt_out_of_time().body


def test_delegation_needs_the_administrators_leave_and_an_address_of_the_house(lawful: GoogleServer) -> None:
    lawful.world.add_user("a@gmail.com")
    alone = lawful.oauth.add_service_account("alone")
    assert refresh(lawful, alone, subject=OFFICE) == errors.client_unauthorized().body
    trusted = lawful.oauth.add_service_account("trusted", delegated=frozenset({"drive", "spreadsheets"}))
    assert refresh(lawful, trusted, subject="a@gmail.com") == errors.client_unauthorized().body
    unknown = refresh(lawful, trusted, subject="a@elsewhere.vn")
    assert unknown == {"error": "invalid_grant", "error_description": "Invalid email or User ID"}
    trusted["client_email"] = "gone@cchc-test.iam.gserviceaccount.com"
    assert refresh(lawful, trusted) == errors.account_not_found().body


def test_a_persons_token_lives_until_it_is_revoked(lawful: GoogleServer) -> None:
    client = lawful.oauth.add_client()
    info = client["installed"]
    refresh_token = lawful.oauth.sign_in(OFFICE, client, frozenset({"drive.file"}))
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    form |= {"client_id": info["client_id"], "client_secret": info["client_secret"]}
    answer = token_request(lawful, **form).json()
    assert answer["scope"] == "https://www.googleapis.com/auth/drive.file"
    credentials = Credentials(  # type: ignore[no-untyped-call]  # google-auth is half typed
        None,
        refresh_token=refresh_token,
        token_uri=info["token_uri"],
        client_id=info["client_id"],
        client_secret=info["client_secret"],
    )
    app = gspread_client(lawful, credentials)
    assert app.create("Xã A").id
    lawful.oauth.expire_access_tokens()
    assert app.create("Xã B").id
    lawful.oauth.expire_access_tokens()
    lawful.oauth.revoke(refresh_token)
    refused = token_request(lawful, **form)
    assert (refused.status_code, refused.json()) == (400, errors.token_revoked().body)
    assert token_request(lawful, **form | {"client_secret": "x"}).status_code == 401
    assert token_request(lawful, **form | {"client_id": "x"}).json() == errors.invalid_client().body


def test_a_consent_in_the_browser_gives_a_code_that_works_once(lawful: GoogleServer) -> None:
    info = lawful.oauth.add_client()["installed"]
    asked = (
        f"https://accounts.google.com/o/oauth2/auth?response_type=code&client_id={info['client_id']}&state=s"
        f"&redirect_uri=http%3A%2F%2Flocalhost%3A8765%2F&scope={SCOPES[0]}+{SCOPES[1]}"
    )
    assert "error=access_denied" in lawful.oauth.browse(asked, OFFICE, refuse=True)
    back = lawful.oauth.browse(asked, OFFICE, scopes=frozenset({"drive.file"}), testing=True)
    code = unquote(back.split("code=")[1].split("&")[0])
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://localhost:8765/"}
    form |= {"client_id": info["client_id"], "client_secret": info["client_secret"]}
    answer = token_request(lawful, **form).json()
    assert answer["scope"] == "https://www.googleapis.com/auth/drive.file"
    assert answer["refresh_token"].startswith("1//")
    assert answer["refresh_token_expires_in"] == 604_799
    assert token_request(lawful, **form).json()["error"] == "invalid_grant"


def test_scopes_are_asked_for_method_by_method(lawful: GoogleServer, office: Browser) -> None:
    made = office.new()
    client = lawful.oauth.add_client()
    form = {
        "grant_type": "refresh_token",
        "refresh_token": lawful.oauth.sign_in(OFFICE, client, frozenset({"drive.file"})),
        "client_id": client["installed"]["client_id"],
        "client_secret": client["installed"]["client_secret"],
    }
    narrow = token_request(lawful, **form).json()["access_token"]
    headers = {"Authorization": f"Bearer {narrow}"}
    hidden = office("GET", f"/drive/v3/files/{made}", headers=headers)
    assert hidden.json() == errors.drive_not_found(made).body
    assert office.json("GET", "/drive/v3/files", headers=headers)["files"] == []
    assert office("GET", f"/v4/spreadsheets/{made}", headers=headers).status_code == 404
    refused = office("GET", "/drive/v3/drives", headers=headers)
    assert refused.json() == errors.scope_insufficient("drive", "drive.drives.list").body


@pytest.mark.usefixtures("lawful")
def test_strangers_and_missing_tokens_get_401(office: Browser) -> None:
    for token in ("Bearer user:a@gmail.com", "Bearer ya29.none", "Basic x"):
        drive = office("GET", "/drive/v3/files", headers={"Authorization": token})
        assert (drive.status_code, drive.json()) == (401, errors.unauthenticated("drive").body)
        sheets = office("GET", "/v4/spreadsheets/x", headers={"Authorization": token})
        assert (sheets.status_code, sheets.json()) == (401, errors.unauthenticated("sheets").body)


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("GET", "/drive/v3/files", {"params": {"query": "x"}}),
        ("GET", "/drive/v3/files", {"params": {"pageSize": "1001"}}),
        ("GET", "/drive/v3/files", {"params": {"supportsAllDrives": "yes"}}),
        ("GET", "/drive/v3/files", {"params": {"q": ["trashed=true", "trashed=false"]}}),
        ("GET", "/drive/v3/files", {"params": {"fields": "files(id,size2)"}}),
        ("GET", "/drive/v3/files", {"params": {"fields": "files(id"}}),
        ("GET", "/drive/v3/files", {"params": {"alt": "media"}}),
        ("GET", "/drive/v3/file", {}),
        ("POST", "/drive/v3/files", {"json": {"title": "x"}}),
        ("POST", "/drive/v3/files", {"json": {"name": 5}}),
        ("POST", "/drive/v3/files", {"json": {"name": None}}),
        ("POST", "/drive/v3/files", {"json": {"version": "3"}}),
        ("POST", "/drive/v3/files", {"data": '{"name": "x"}'}),
        ("POST", "/drive/v3/files", {"data": "{", "headers": {"Content-Type": "application/json"}}),
        ("POST", "/drive/v3/files/x/permissions", {"json": {"type": "user"}}),
        ("PUT", "/upload/drive/v2/files/x", {"data": "a,b"}),
        ("GET", "/v4/spreadsheets/x", {"params": {"fields": "sheets(nothing)"}}),
        ("GET", "/v4/spreadsheets/x", {"params": {"includeGridData": "1"}}),
        ("PUT", "/v4/spreadsheets/x/values/A1", {"json": {"values": [["a"]]}, "params": {"valueInputOption": "x"}}),
        ("POST", "/v4/spreadsheets/x:batchUpdate", {"json": {"requests": [{}]}}),
        ("POST", "/v4/spreadsheets/x:batchUpdate", {"json": {"requests": [{"addSheets": {}}]}}),
        ("POST", "/v4/spreadsheets/x:batchUpdate", {"json": {"requests": [{"addSheet": {}, "deleteSheet": {}}]}}),
        (
            "POST",
            "/v4/spreadsheets/x:batchUpdate",
            {"json": {"requests": [{"addSheet": {"properties": {"sheetId": 2**31}}}]}},
        ),
        (
            "POST",
            "/v4/spreadsheets/x:batchUpdate",
            {"json": {"requests": [{"updateCells": {"rows": [{"values": [{"formattedValue": "x"}]}], "fields": "*"}}]}},
        ),
        (
            "POST",
            "/v4/spreadsheets/x:batchUpdate",
            {"json": {"requests": [{"updateSheetProperties": {"properties": {"hidden": True}, "fields": "hiden"}}]}},
        ),
        (
            "POST",
            "/v4/spreadsheets/x:batchUpdate",
            {"json": {"requests": [{"updateSheetProperties": {"properties": {"hidden": True}}}]}},
        ),
        (
            "POST",
            "/v4/spreadsheets/x:batchUpdate",
            {"json": {"requests": [{"updateCells": {"rows": [], "fields": "hyperlink"}}]}},
        ),
        (
            "POST",
            "/v4/spreadsheets/x:batchUpdate",
            {"json": {"requests": [{"repeatCell": {"cell": {"userEnteredFormat": {"padding": 3}}, "fields": "*"}}]}},
        ),
    ],
)
def test_what_the_discovery_documents_do_not_know_is_a_violation(
    server: GoogleServer, office: Browser, method: str, path: str, given: dict[str, Any]
) -> None:
    assert office(method, path, **given).status_code in (400, 404, 501)
    assert len(server.violations) == 1


def test_a_protection_may_bring_its_own_id(server: GoogleServer, office: Browser) -> None:
    protection = {"protectedRangeId": 1001, "range": {"sheetId": 0}, "editors": {"users": [OFFICE]}}
    body = {"requests": [{"addProtectedRange": {"protectedRange": protection}}]}
    office("POST", f"/v4/spreadsheets/{office.new()}:batchUpdate", json=body)
    assert server.violations == []


def test_an_answer_that_google_could_not_give_is_a_violation(server: GoogleServer, office: Browser) -> None:
    file_id = office.new()
    server.world.files[file_id].description = 5  # type: ignore[assignment]
    office("GET", f"/drive/v3/files/{file_id}", params={"fields": "description"})
    assert server.violations == ["answer of drive.files.get: description: 5 is not a string"]


def test_a_mistake_of_the_server_is_a_violation(server: GoogleServer, office: Browser) -> None:
    file_id = office.new()
    server.world.files[file_id].version = None  # type: ignore[assignment]
    server.world.files[file_id].modified = None  # type: ignore[assignment]
    assert office("GET", f"/drive/v3/files/{file_id}").status_code == 500
    assert "server crashed" in server.violations[0]


def test_the_quota_answers_as_google_does_and_opens_again(lawful: GoogleServer, office: Browser) -> None:
    file_id = office.new()
    clock = [0.0]
    lawful.quota = Quota(reads=2, window=60, clock=lambda: clock[0])
    path = f"/v4/spreadsheets/{file_id}"
    assert [office("GET", path).status_code for _ in range(3)] == [200, 200, 429]
    assert office.error("GET", path) == errors.sheets_rate("read").body
    assert office("GET", f"/drive/v3/files/{file_id}").ok
    other = {"Authorization": "Bearer user:other@example.gov.vn"}
    assert office("GET", path, headers=other).status_code == 403
    clock[0] = 61
    assert office("GET", path).ok


def test_a_switched_off_api_says_so(lawful: GoogleServer, office: Browser) -> None:
    file_id = office.new()
    lawful.disable("sheets")
    assert office.error("GET", f"/v4/spreadsheets/{file_id}") == errors.api_off("sheets").body
    lawful.enable("sheets")
    lawful.disable("drive")
    assert office.error("GET", "/drive/v3/files") == errors.api_off("drive").body
    assert office("GET", f"/v4/spreadsheets/{file_id}").ok


CREATE = ("POST", r"^/drive/v3/files$")


def test_a_refusal_and_a_gateways_page_come_before_the_work(lawful: GoogleServer, office: Browser) -> None:
    lawful.fail(CREATE, Fault.answer(errors.drive_user_rate(), retry_after=7), after=1)
    lawful.fail(CREATE, Fault.html_502())
    body = {"name": "x", "mimeType": SPREADSHEET}
    page = office("POST", "/drive/v3/files", json=body)
    assert (page.status_code, page.headers["Content-Type"]) == (502, "text/html; charset=UTF-8")
    refused = office("POST", "/drive/v3/files", json=body)
    assert (refused.json(), refused.headers["Retry-After"]) == (errors.drive_user_rate().body, "7")
    assert office.json("GET", "/drive/v3/files")["files"] == []
    assert office.new()


@pytest.mark.parametrize(
    ("fault", "done"),
    [(Fault.reset_before(), 0), (Fault.reset_after(), 1), (Fault.truncated(), 1)],
    ids=["before", "after", "truncated"],
)
def test_a_cut_connection_leaves_the_work_done_or_not(
    lawful: GoogleServer, office: Browser, fault: Fault, done: int
) -> None:
    lawful.fail(CREATE, fault)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        office.new()
    assert len(office.json("GET", "/drive/v3/files")["files"]) == done


def test_half_an_answer_and_a_late_one_come_after_the_work(lawful: GoogleServer, office: Browser) -> None:
    lawful.fail(CREATE, Fault.half_json())
    with pytest.raises(requests.exceptions.JSONDecodeError):
        office.new()
    lawful.fail(lambda record: record.user == "" and record.method == "POST", Fault.slow(5))
    with pytest.raises(requests.ReadTimeout):
        office._session.post(lawful.url + "/drive/v3/files", json={"name": "x"}, timeout=2)
    assert len(office.json("GET", "/drive/v3/files")["files"]) == 2


def test_requests_are_counted_by_kind_and_operation(lawful: GoogleServer, office: Browser) -> None:
    file_id = office.new("Xã Ấp Bắc")
    office("GET", f"/v4/spreadsheets/{file_id}")
    office("GET", "/drive/v3/files")
    assert (lawful.count(kind="drive"), lawful.count(kind="read"), lawful.count(kind="write")) == (2, 1, 0)
    created = lawful.requests(operation="drive.files.create")[0]
    assert (created.user, created.status, created.body["name"]) == (OFFICE, 200, "Xã Ấp Bắc")
    assert created.size > 40
    lawful.reset_log()
    assert lawful.count() == 0


def test_a_fault_can_be_aimed_at_one_address(lawful: GoogleServer, office: Browser) -> None:
    file_id = office.new()
    lawful.fail(
        lambda record: record.operation == "drive.permissions.create" and record.body["emailAddress"].startswith("b@"),
        Fault.answer(errors.sharing_rate()),
    )
    assert office.share(file_id, "a@example.gov.vn").ok
    assert office.share(file_id, "b@example.gov.vn").json() == errors.sharing_rate().body
    assert office.share(file_id, "b@example.gov.vn").ok
