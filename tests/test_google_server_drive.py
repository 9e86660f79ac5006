"""The server that stands for Google in our tests: Drive over real HTTP, with and without gspread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import gspread
import pytest
from google_server import GoogleServer, errors
from google_server.clients import OFFICE, Browser, account_credentials, gspread_client
from google_server.world import FOLDER, SPREADSHEET


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


def browser_of(server: GoogleServer, user: str, request: pytest.FixtureRequest) -> Browser:
    browser = Browser(server.url, user)
    request.addfinalizer(browser.close)
    return browser


def test_the_unpatched_client_creates_finds_shares_and_deletes(lawful: GoogleServer) -> None:
    key = lawful.oauth.add_service_account(delegated=frozenset({"drive", "spreadsheets"}))
    credentials = account_credentials(key, OFFICE)
    client = gspread_client(lawful, credentials)
    made = client.create("Tự chấm xã A")
    made.share("xa-a@example.gov.vn", perm_type="user", role="writer", notify=False)
    assert [one["id"] for one in client.list_spreadsheet_files("Tự chấm xã A")] == [made.id]
    assert sorted(one["emailAddress"] for one in made.list_permissions()) == [OFFICE, "xa-a@example.gov.vn"]
    assert made.get_lastUpdateTime()
    made.remove_permissions("xa-a@example.gov.vn")
    assert len(made.list_permissions()) == 1
    client.del_spreadsheet(made.id)
    assert client.list_spreadsheet_files() == []
    assert lawful.count(kind="token") == 1
    assert lawful.world.mails == []


def test_the_client_sees_googles_own_words(lawful: GoogleServer) -> None:
    key = lawful.oauth.add_service_account()
    client = gspread_client(lawful, account_credentials(key))
    with pytest.raises(gspread.exceptions.APIError, match="Service Accounts do not have storage quota") as refused:
        client.create("Tự chấm xã A")
    assert refused.value.response.json() == errors.sa_no_quota().body
    with pytest.raises(gspread.exceptions.SpreadsheetNotFound):
        client.open_by_key("none")


def test_a_service_account_creates_on_a_shared_drive_only(lawful: GoogleServer) -> None:
    key = lawful.oauth.add_service_account()
    drive = lawful.world.add_shared_drive("CCHC", {key["client_email"]: "fileOrganizer"})
    client = gspread_client(lawful, account_credentials(key))
    http = client.http_client
    body = {"name": "Xã A", "mimeType": SPREADSHEET, "parents": [drive.id]}
    with pytest.raises(gspread.exceptions.APIError, match="File not found"):
        http.request("post", "https://www.googleapis.com/drive/v3/files", json=body)
    made = http.request(
        "post", "https://www.googleapis.com/drive/v3/files", params={"supportsAllDrives": True}, json=body
    ).json()
    assert made["driveId"] == drive.id
    with pytest.raises(gspread.exceptions.APIError, match=f"File not found: {made['id']}."):
        http.request("get", f"https://www.googleapis.com/drive/v3/files/{made['id']}")
    folder = http.request(
        "post", "https://www.googleapis.com/drive/v3/files", json={"name": "Thư mục", "mimeType": FOLDER}
    ).json()
    assert folder["mimeType"] == FOLDER


@pytest.mark.usefixtures("lawful")
def test_files_are_found_by_their_mark(office: Browser) -> None:
    marks = [{"cycle": "2026", "unit": f"x{n}", "tool": "cchc-sheets"} for n in range(5)]
    made = [office.new(f"Xã {n}", properties=mark) for n, mark in enumerate(marks)]
    other = office.new("Xã 0", properties={"cycle": "2025"})
    office("PATCH", f"/drive/v3/files/{made[4]}", json={"trashed": True})

    def found(q: str, **params: Any) -> list[str]:
        fields = "nextPageToken,files(id,version,modifiedTime,properties,lastModifyingUser(emailAddress))"
        ids, token = [], None
        while True:
            params = {**params, "q": q, "fields": fields, "pageToken": token}
            page = office.json("GET", "/drive/v3/files", params=params)
            ids += [file["id"] for file in page["files"]]
            token = page.get("nextPageToken")
            if token is None:
                return sorted(ids)

    mark = "properties has { key='cycle' and value='2026' }"
    assert found(mark) == sorted(made)
    assert found(f"{mark} and trashed = false", pageSize=2) == sorted(made[:4])
    assert found(f"({mark} or name = 'Xã 0') and not trashed=true") == sorted([*made[:4], other])
    assert found("name contains 'xã' and mimeType != 'x'") == sorted([*made, other])
    assert found("'root' in parents and properties has {key='unit' and value='x1'}") == [made[1]]
    assert found("appProperties has { key='cycle' and value='2026' }") == []
    assert found("modifiedTime > '2099-01-01T00:00:00'") == []
    assert found(r"name = 'L\'eau'") == []


@pytest.mark.parametrize(
    "q",
    [
        "trashed",
        "name = Xã",
        "name has 'x'",
        "properties has {key='a'}",
        "'root' in folders",
        "trashed=false and",
        "(trashed=false",
        "size > 3",
        "name = 'a' name = 'b'",
        "modifiedTime > 'yesterday'",
    ],
)
@pytest.mark.usefixtures("lawful")
def test_a_bad_query_is_invalid(office: Browser, q: str) -> None:
    assert office.error("GET", "/drive/v3/files", params={"q": q}) == errors.invalid_query().body


@pytest.mark.usefixtures("lawful")
def test_a_page_token_belongs_to_its_query(office: Browser) -> None:
    for _ in range(3):
        office.new()
    page = office.json("GET", "/drive/v3/files", params={"pageSize": 1})
    wrong = {"pageSize": 1, "q": "trashed=false", "pageToken": page["nextPageToken"]}
    assert office.error("GET", "/drive/v3/files", params=wrong)["error"]["errors"][0]["location"] == "pageToken"


@pytest.mark.usefixtures("lawful")
def test_version_moves_with_every_change_and_modified_time_with_content_only(office: Browser) -> None:
    file_id = office.new()

    def state() -> tuple[int, str]:
        params = {"fields": "version,modifiedTime"}
        file = office.json("GET", f"/drive/v3/files/{file_id}", params=params)
        return int(file["version"]), file["modifiedTime"]

    born = state()
    assert state() == born
    assert office.share(file_id, "xa@example.gov.vn").ok
    shared = state()
    assert shared[0] > born[0]
    assert shared[1] == born[1]
    office.json("PATCH", f"/drive/v3/files/{file_id}", json={"name": "Xã B"})
    renamed = state()
    assert renamed[0] > shared[0]
    assert renamed[1] > shared[1]


@pytest.mark.usefixtures("lawful")
def test_properties_merge_and_null_takes_away(office: Browser) -> None:
    file_id = office.new(properties={"a": "1", "b": "2"}, appProperties={"p": "1"})
    body = {"properties": {"a": None, "c": "3"}}
    params = {"fields": "properties,appProperties"}
    answer = office.json("PATCH", f"/drive/v3/files/{file_id}", params=params, json=body)
    assert answer == {"properties": {"b": "2", "c": "3"}, "appProperties": {"p": "1"}}
    long = {"properties": {"k": "x" * 124}}
    assert office("PATCH", f"/drive/v3/files/{file_id}", json=long).status_code == 403
    assert office("POST", "/drive/v3/files", json={"name": "x", **long}).status_code == 403
    assert len(office.json("GET", "/drive/v3/files")["files"]) == 1


@pytest.mark.usefixtures("lawful")
def test_an_answer_without_fields_is_as_short_as_drives(office: Browser) -> None:
    file_id = office.new()
    assert set(office.json("GET", f"/drive/v3/files/{file_id}")) == {"kind", "id", "name", "mimeType"}
    everything = office.json("GET", f"/drive/v3/files/{file_id}", params={"fields": "*"})
    assert everything["capabilities"]["canEdit"]
    assert everything["ownedByMe"]
    assert office.error("GET", "/drive/v3/about") == errors.fields_required().body
    about = office.json("GET", "/drive/v3/about", params={"fields": "user(emailAddress),storageQuota/limit"})
    assert about["user"] == {"emailAddress": OFFICE}


def test_a_copy_keeps_the_marks(lawful: GoogleServer, office: Browser) -> None:
    file_id = office.new(properties={"cycle": "2026"})
    office.share(file_id, "xa@example.gov.vn")
    copy = office.json("POST", f"/drive/v3/files/{file_id}/copy", params={"fields": "id,name,properties"}, json={})
    assert (copy["name"], copy["properties"]) == ("Copy of Xã A", {"cycle": "2026"})
    assert lawful.world.role(copy["id"], "xa@example.gov.vn") is None


def test_a_content_restriction_stops_everyone_and_only_the_owner_lifts_it(
    lawful: GoogleServer, office: Browser, request: pytest.FixtureRequest
) -> None:
    file_id = office.new()
    office.share(file_id, "xa@example.gov.vn")
    commune = browser_of(lawful, "xa@example.gov.vn", request)
    lock = {"contentRestrictions": [{"readOnly": True, "ownerRestricted": True, "reason": "hết hạn"}]}
    assert commune("PATCH", f"/drive/v3/files/{file_id}", json=lock).status_code == 403
    office.json("PATCH", f"/drive/v3/files/{file_id}", json=lock)
    assert not lawful.world.can_edit_content(file_id, OFFICE)
    unlock = {"contentRestrictions": [{"readOnly": False}]}
    assert commune("PATCH", f"/drive/v3/files/{file_id}", json=unlock).status_code == 403
    lawful.world.lock_lag = timedelta(minutes=10)
    office.json("PATCH", f"/drive/v3/files/{file_id}", json=unlock)
    params = {"fields": "capabilities/canModifyContent"}
    assert not office.json("GET", f"/drive/v3/files/{file_id}", params=params)["capabilities"]["canModifyContent"]
    later = datetime.now(UTC) + timedelta(minutes=11)
    lawful.world.now = lambda: later
    assert office.json("GET", f"/drive/v3/files/{file_id}", params=params)["capabilities"]["canModifyContent"]


def test_only_the_owner_trashes_and_deletes(
    lawful: GoogleServer, office: Browser, request: pytest.FixtureRequest
) -> None:
    file_id = office.new()
    office.share(file_id, "xa@example.gov.vn")
    commune = browser_of(lawful, "xa@example.gov.vn", request)
    refusal = errors.drive_forbidden(file_id).body
    assert commune.error("PATCH", f"/drive/v3/files/{file_id}", json={"trashed": True}) == refusal
    assert commune.error("DELETE", f"/drive/v3/files/{file_id}") == refusal
    assert office("DELETE", f"/drive/v3/files/{file_id}").status_code == 204
    assert office.error("GET", f"/drive/v3/files/{file_id}") == errors.drive_not_found(file_id).body


def test_a_full_drive_takes_folders_only(lawful: GoogleServer, office: Browser) -> None:
    lawful.world.add_user(OFFICE, storage_full=True)
    body = {"name": "x", "mimeType": SPREADSHEET}
    assert office.error("POST", "/drive/v3/files", json=body) == errors.user_full().body
    folder = office.new("thư mục", FOLDER)
    assert office.error("POST", "/drive/v3/files", json=body | {"parents": [folder]}) == errors.user_full().body


def test_the_same_address_twice_is_one_permission(lawful: GoogleServer, office: Browser) -> None:
    file_id, other = office.new(), office.new()
    first = office.share(file_id, "xa@example.gov.vn").json()
    again = office.share(file_id, "XA@example.gov.vn").json()
    elsewhere = office.share(other, "xa@example.gov.vn", "reader").json()
    assert first["id"] == again["id"] == elsewhere["id"]
    listed = office.json("GET", f"/drive/v3/files/{file_id}/permissions")["permissions"]
    assert sorted(one["role"] for one in listed) == ["owner", "writer"]
    assert office.share(file_id, "xa@example.gov.vn", "reader").json()["role"] == "writer"
    assert office.share(file_id, OFFICE, "reader").json()["role"] == "owner"
    changed = office.json("PATCH", f"/drive/v3/files/{file_id}/permissions/{first['id']}", json={"role": "reader"})
    assert changed["role"] == "reader"
    assert office("DELETE", f"/drive/v3/files/{file_id}/permissions/{first['id']}").status_code == 204
    assert lawful.world.role(file_id, "xa@example.gov.vn") is None
    gone = office.error("DELETE", f"/drive/v3/files/{file_id}/permissions/{first['id']}")
    assert gone == errors.permission_not_found(first["id"]).body


def test_every_refusal_to_share_is_googles_own(lawful: GoogleServer, office: Browser) -> None:
    file_id = office.new()
    world = lawful.world
    silent = office.share(file_id, "x@y.vn")
    assert (silent.status_code, silent.json()) == (400, errors.no_google_account("x@y.vn").body)
    assert world.mails == []
    assert office.share(file_id, "x@y.vn", sendNotificationEmail="true").ok
    assert world.mails == [("x@y.vn", file_id)]
    world.add_user("full@example.gov.vn", mail_bounces=True)
    bounced = office.share(file_id, "full@example.gov.vn", sendNotificationEmail="true")
    assert bounced.json() == errors.mail_failed("full@example.gov.vn").body
    assert world.role(file_id, "full@example.gov.vn") == "writer"
    world.sharing_domains = {"example.gov.vn"}
    world.add_user("a@gmail.com")
    assert office.share(file_id, "a@gmail.com").json() == errors.acl_change_not_allowed().body
    world.sharing_left = 1
    assert office.share(file_id, "b@example.gov.vn").ok
    assert office.share(file_id, "c@example.gov.vn").json() == errors.sharing_rate().body
    assert office.share(file_id, "nobody").status_code == 400


def test_a_reader_shares_nothing_and_a_stranger_sees_nothing(
    lawful: GoogleServer, office: Browser, request: pytest.FixtureRequest
) -> None:
    file_id = office.new()
    office.share(file_id, "reader@example.gov.vn", "reader")
    reader, stranger = (browser_of(lawful, f"{who}@example.gov.vn", request) for who in ("reader", "stranger"))
    assert reader.share(file_id, "b@example.gov.vn").json() == errors.drive_forbidden(file_id).body
    assert reader("GET", f"/drive/v3/files/{file_id}/permissions").status_code == 403
    assert stranger.share(file_id, "b@example.gov.vn").json() == errors.drive_not_found(file_id).body
    assert stranger.json("GET", "/drive/v3/files")["files"] == []
    assert [one["id"] for one in reader.json("GET", "/drive/v3/files", params={"q": "sharedWithMe=true"})["files"]]


def test_members_of_a_shared_drive_cannot_be_taken_off_one_file(lawful: GoogleServer, office: Browser) -> None:
    drive = lawful.world.add_shared_drive("CCHC", {OFFICE: "organizer", "member@example.gov.vn": "reader"})
    file_id = office.new(parents=[drive.id])
    params = {"supportsAllDrives": "true", "fields": "permissions(id,emailAddress,role,permissionDetails)"}
    listed = office.json("GET", f"/drive/v3/files/{file_id}/permissions", params=params)["permissions"]
    member = next(one for one in listed if one["emailAddress"].startswith("member"))
    assert member["permissionDetails"] == [
        {"permissionType": "member", "role": "reader", "inherited": True, "inheritedFrom": drive.id}
    ]
    path = f"/drive/v3/files/{file_id}/permissions/{member['id']}"
    refused = office.error("DELETE", path, params={"supportsAllDrives": "true"})
    assert refused == errors.inherited_permission().body
    assert office.error("DELETE", path) == errors.drive_not_found(file_id).body
    writers_can_share = office.error(
        "PATCH",
        f"/drive/v3/files/{file_id}",
        params={"supportsAllDrives": "true"},
        json={"writersCanShare": False},
    )
    assert writers_can_share == errors.shared_drive_restriction().body


def test_files_of_a_shared_drive_are_listed_when_asked_for(
    lawful: GoogleServer, office: Browser, request: pytest.FixtureRequest
) -> None:
    drive = lawful.world.add_shared_drive("CCHC", {OFFICE: "organizer", "second@example.gov.vn": "fileOrganizer"})
    file_id = office.new(parents=[drive.id])
    second = browser_of(lawful, "second@example.gov.vn", request)
    both = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}

    def found(who: Browser, **params: str) -> list[str]:
        return [file["id"] for file in who.json("GET", "/drive/v3/files", params=params)["files"]]

    assert found(office) == []
    assert found(office, **both) == [file_id]
    assert found(second, **both) == []
    assert found(second, **both, corpora="drive", driveId=drive.id) == [file_id]
    assert found(second, **both, corpora="allDrives") == [file_id]
    assert office("GET", "/drive/v3/files", params={"includeItemsFromAllDrives": "true"}).status_code == 400
    assert office("GET", "/drive/v3/files", params={"corpora": "drive", "driveId": drive.id}).status_code == 400
    assert office.json("GET", "/drive/v3/drives")["drives"] == [{"kind": "drive#drive", "id": drive.id, "name": "CCHC"}]


def test_a_search_by_mark_may_lag_behind_a_listing_of_the_folder(lawful: GoogleServer, office: Browser) -> None:
    lawful.world.search_lag = timedelta(minutes=1)
    file_id = office.new(properties={"cycle": "2026"})

    def found(q: str) -> list[str]:
        return [file["id"] for file in office.json("GET", "/drive/v3/files", params={"q": q})["files"]]

    assert found("'root' in parents") == [file_id]
    assert found("properties has {key='cycle' and value='2026'}") == []
    later = datetime.now(UTC) + timedelta(minutes=2)
    lawful.world.now = lambda: later
    assert found("properties has {key='cycle' and value='2026'}") == [file_id]


def test_what_a_folder_gives_its_files_inherit(
    lawful: GoogleServer, office: Browser, request: pytest.FixtureRequest
) -> None:
    lawful.world.add_user("nhom@example.gov.vn", is_group=True, members={"a@example.gov.vn"})
    folder = office.new("Thư mục", FOLDER)
    file_id = office.new(parents=[folder])
    assert office.share(folder, "nhom@example.gov.vn", "reader").json()["type"] == "group"
    assert browser_of(lawful, "a@example.gov.vn", request)("GET", f"/drive/v3/files/{file_id}").ok
    assert browser_of(lawful, "b@example.gov.vn", request)("GET", f"/drive/v3/files/{file_id}").status_code == 404
    fields = {"fields": "permissions(id,role,permissionDetails(inherited))"}
    listed = office.json("GET", f"/drive/v3/files/{file_id}/permissions", params=fields)["permissions"]
    inherited = next(one for one in listed if one["role"] == "reader")
    assert inherited["permissionDetails"] == [{"inherited": True}]
    assert office("DELETE", f"/drive/v3/files/{file_id}/permissions/{inherited['id']}").status_code == 403
    move = {"addParents": "root", "removeParents": folder, "fields": "parents"}
    office.json("PATCH", f"/drive/v3/files/{file_id}", params=move, json={})
    assert lawful.world.role(file_id, "a@example.gov.vn") is None


def test_pages_may_be_shorter_than_asked_for(lawful: GoogleServer, office: Browser) -> None:
    made = {office.new() for _ in range(3)}
    lawful.world.page_cap = 2
    first = office.json("GET", "/drive/v3/files", params={"pageSize": 1000})
    second = office.json("GET", "/drive/v3/files", params={"pageSize": 1000, "pageToken": first["nextPageToken"]})
    assert {file["id"] for file in first["files"] + second["files"]} == made
    assert "nextPageToken" not in second


def test_what_a_link_opens_is_listed_only_once_opened(
    lawful: GoogleServer, office: Browser, request: pytest.FixtureRequest
) -> None:
    file_id = office.new()
    office.json("POST", f"/drive/v3/files/{file_id}/permissions", json={"type": "anyone", "role": "reader"})
    stranger = browser_of(lawful, "stranger@example.gov.vn", request)
    assert stranger.json("GET", "/drive/v3/files")["files"] == []
    assert stranger("GET", f"/drive/v3/files/{file_id}").ok
    assert len(stranger.json("GET", "/drive/v3/files")["files"]) == 1
    listed = office.json("GET", f"/drive/v3/files/{file_id}/permissions")["permissions"]
    assert "anyoneWithLink" in [one["id"] for one in listed]
    assert lawful.world.mails == []
