"""The stand-in for Google: only on this machine, and with it nothing goes anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from google_desk import ABOUT, OFFICER, Desk, english, refusal, who
from google_server import GoogleServer

from cchc_sheets.workspace.google_access import open_access
from cchc_sheets.workspace.google_emulator import Emulator, emulator_from


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with GoogleServer() as google:
        yield Desk(google, tmp_path)
        assert google.violations == []


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://localhost:8123/", "http://localhost:8123"),
        (" http://[::1]:8123 ", "http://[::1]:8123"),
    ],
)
def test_an_emulator_on_this_machine_is_accepted(written: str, origin: str) -> None:
    assert emulator_from({"CCHC_GOOGLE_EMULATOR": written}) == Emulator(origin, "office@example.gov.vn")


@pytest.mark.parametrize(
    "written",
    [
        "https://127.0.0.1:8123",
        "http://127.0.0.1",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "http://127.0.0.2:8123",
        "http://0.0.0.0:8123",
        "http://192.168.1.7:8123",
        "http://example.com:8123",
        "http://localhost.example.com:8123",
        "http://127.0.0.1:8123@example.com",
        "http://user@127.0.0.1:8123",
        "http://127.0.0.1:8123/path",
        "http://127.0.0.1:8123?x=1",
        "http://127.0.0.1:8123#x",
        "http://[::1",
        "127.0.0.1:8123",
        "yes",
    ],
)
def test_an_emulator_anywhere_else_is_refused(written: str) -> None:
    error = refusal(lambda: emulator_from({"CCHC_GOOGLE_EMULATOR": written}))
    assert error.code == "emulator"
    assert "CCHC_GOOGLE_EMULATOR" in error.where


def test_without_the_variable_there_is_no_emulator() -> None:
    assert emulator_from({}) is None
    assert emulator_from({"CCHC_GOOGLE_EMULATOR": "  "}) is None


@pytest.mark.parametrize("user", ["nobody", "a@b\nX-Evil: 1", "a b@c.vn", "ă@example.vn"])
def test_the_user_of_an_emulator_must_be_an_address(user: str) -> None:
    variables = {"CCHC_GOOGLE_EMULATOR": "http://127.0.0.1:1", "CCHC_GOOGLE_EMULATOR_USER": user}
    error = refusal(lambda: emulator_from(variables))
    assert error.code == "emulator"
    assert english(error.what) == "the user of the emulator is no e-mail address"


@pytest.mark.parametrize(
    "address",
    [
        "https://sheets.googleapis.com/v4/spreadsheets/x:batchUpdate?fields=a%2Cb",
        "https://www.googleapis.com/drive/v3/files?q=a%20b",
        "https://oauth2.googleapis.com/token",
        "https://accounts.google.com/o/oauth2/auth?x=1",
    ],
)
def test_every_google_host_goes_to_the_emulator_with_path_and_query_unchanged(address: str) -> None:
    behind_the_host = address.split("/", 3)[3]
    assert Emulator("http://127.0.0.1:7").redirected(address) == f"http://127.0.0.1:7/{behind_the_host}"


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/",
        "https://evilgoogleapis.com/token",
        "https://googleapis.com.evil.vn/token",
        "http://www.googleapis.com/drive/v3/about",
        "http://127.0.0.1:8/v4",
        "https://www.googleapis.com@evil.vn/",
    ],
)
def test_with_an_emulator_nothing_is_sent_to_anybody_else(address: str, desk: Desk) -> None:
    access = open_access(None, emulator=desk.emulator)
    error = refusal(lambda: access.session.get(address))
    assert error.code == "emulator"
    assert english(error.what) == (
        "with the emulator nothing is sent to other machines, and this is no address of Google's"
    )


def test_proxies_of_the_environment_are_not_asked_for_the_emulator(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    file = desk.key()
    for access in (open_access(None, emulator=desk.emulator), desk.open(file)):
        assert access.session.get(ABOUT, timeout=10).status_code == 200


def test_without_a_file_the_emulator_is_asked_as_its_user(desk: Desk) -> None:
    access = open_access(None, emulator=Emulator(desk.google.url, OFFICER))
    assert (access.kind, access.account, access.scopes) == ("emulator", OFFICER, ())
    assert who(access) == OFFICER
    assert desk.google.log[-1].headers["authorization"] == f"Bearer user:{OFFICER}"


def test_without_a_file_and_without_an_emulator_credentials_are_asked_for() -> None:
    refused = refusal(lambda: open_access(None))
    assert refused.code == "credentials_needed"
    assert refused.what.said_in("en") == "no credentials are set, so Google does not know who asks"
