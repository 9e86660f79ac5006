"""The credentials file: every file that people take for one is told by its kind, never by its content."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from google_desk import OFFICER, Desk, english, refusal, saved
from google_server import GoogleServer

from cchc_sheets.workspace.google_access import open_access

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with GoogleServer() as google:
        yield Desk(google, tmp_path)
        assert google.violations == []


KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n"  # too short to be a key
WRONG_FILES: dict[str, tuple[bytes, str]] = {
    "a client for a web site": (b'{"web": {"client_id": "x", "client_secret": "hidden"}}', "web site"),
    "a saved sign-in of gcloud": (b'{"type": "authorized_user", "refresh_token": "hidden"}', "authorized_user"),
    "a saved token": (b'{"token": "hidden", "refresh_token": "hidden"}', "saved sign-in"),
    "an API key": (b'{"keyString": "hidden"}', "API key"),
    "an API key by hand": (b'{"api_key": "hidden"}', "API key"),
    "credentials of a cloud": (
        b'{"type": "external_account"}',
        "credentials of the type external_account are for servers in a cloud, not for this tool",
    ),
    "a service account without its type": (
        b'{"private_key": "hidden", "client_email": "a@b"}',
        "type: service_account",
    ),
    "the inside of a client": (
        b'{"client_id": "x", "client_secret": "hidden"}',
        "this looks like the inside of an OAuth client, without the word `installed` around it",
    ),
    "any JSON": (b'{"a": 1}', "no credentials"),
    "a JSON list": (b"[1, 2]", "no credentials"),
    "half a file": (b'{"installed": {"client_id": "x"', "whole JSON"),
    "much too deep": (b"[" * 90_000, "whole JSON"),
    "no JSON": (b"client_id=hidden", "whole JSON"),
    "an empty file": (b" \n", "empty"),
    "a PDF": (b"%PDF-1.7 ...", "PDF"),
    "a web page": (b"<!DOCTYPE html><html>", "web page"),
    "a bare key": (KEY.encode(), "bare key"),
    "a Word file": (b"PK\x03\x04....", "Word"),
    "UTF-16": ('{"installed": {}}'.encode("utf-16"), "UTF-16"),
    "Latin-1": (
        '{"installed": {"client_id": "ê"}}'.encode("latin-1"),
        "the credentials file is not written in UTF-8, so it is not as Google handed it out",
    ),
    "far too large": (b" {" + b'"a": 1,' * 100_000, "too large"),
    "a client without its secret": (b'{"installed": {"client_id": "x"}}', "the credentials file lacks client_secret"),
    "a key file without its key": (
        b'{"type": "service_account", "client_email": "a@b"}',
        "the credentials file lacks private_key",
    ),
}


@pytest.mark.parametrize("kind", WRONG_FILES)
def test_a_file_of_another_kind_is_told_by_its_kind_and_never_by_its_content(kind: str, tmp_path: Path) -> None:
    content, said = WRONG_FILES[kind]
    file = tmp_path / "credentials.json"
    file.write_bytes(content)
    error = refusal(lambda: open_access(file))
    assert error.code == "credentials_kind"
    assert said in english(error.what)
    assert error.where == str(file)
    assert "hidden" not in f"{error!r} {error} {english(error.what)} {english(error.fix)}"


def test_a_missing_file_is_told_with_its_path(tmp_path: Path) -> None:
    error = refusal(lambda: open_access(tmp_path / "credentials.json"))
    assert (error.code, error.where) == ("credentials_missing", str(tmp_path / "credentials.json"))


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    error = refusal(lambda: open_access(tmp_path))
    assert error.code == "credentials_unreadable"
    assert english(error.what) == "the credentials file cannot be read: Is a directory"


def test_our_example_unchanged_opens_nothing() -> None:
    error = refusal(lambda: open_access(ROOT / "credentials.example.json"))
    assert error.code == "credentials_placeholder"
    assert english(error.what) == "this is our example of a credentials file; it opens nothing"


def test_a_file_saved_by_a_windows_editor_with_a_byte_order_mark_is_read(desk: Desk) -> None:
    file = desk.folder / "key.json"
    file.write_text(json.dumps(desk.google.oauth.add_service_account()), encoding="utf-8-sig")
    assert desk.open(file).kind == "service_account"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.vn/token",
        "http://oauth2.googleapis.com/token",
        "https://google.com.vn/x",
        "https://script.google.com/macros/s/x/exec",
        "https://oauth2.googleapis.com@evil.vn/token",
    ],
)
def test_a_file_that_fetches_its_token_from_a_stranger_is_refused(address: str, desk: Desk) -> None:
    key = desk.key(token_uri=address)
    client = desk.google.oauth.add_client()
    client["installed"]["token_uri"] = address
    for file in (key, saved(desk.folder / "client.json", client)):
        error = refusal(functools.partial(desk.open, file, emulator=None))
        assert error.code == "credentials_kind"
        assert english(error.what) == (
            f"the credentials file wants to fetch its token elsewhere than from Google ({address})"
        )


def test_a_subject_with_the_client_of_a_person_is_a_mistake(desk: Desk) -> None:
    error = refusal(lambda: desk.open(subject=OFFICER))
    assert error.code == "credentials_kind"
    assert english(error.what) == ("`subject` is for service accounts only; this file is the OAuth client of a person")
