"""The saved sign-in: for its owner only, whole or not at all, and never a real one with an emulator."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google_desk import Desk, english, refusal
from google_server import GoogleServer

from cchc_sheets.workspace.google_access import DRIVE_FILE
from cchc_sheets.workspace.google_tokens import SavedToken, TokenFile

posix_only = pytest.mark.skipif(os.name != "posix", reason="Windows keeps the folder of a user to that user by itself")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with GoogleServer() as google:
        yield (desk := Desk(google, tmp_path))
        desk.browser.close()
        assert google.violations == []


def some_token(ends: datetime | None = None) -> SavedToken:
    now = datetime.now(UTC)
    return SavedToken("1//refresh", "ya29.access", (DRIVE_FILE,), now + timedelta(hours=1), now, ends)


@posix_only
def test_the_saved_token_is_for_its_owner_only(desk: Desk) -> None:
    before = os.umask(0)
    try:
        desk.open()
    finally:
        os.umask(before)
    assert [stat_of(file) for file in desk.config.iterdir()] == [0o600]
    assert stat_of(desk.config) == 0o700


@posix_only
def test_a_saved_token_that_others_could_read_is_closed_to_them(desk: Desk) -> None:
    tokens = TokenFile("client", emulator=None, folder=desk.config)
    tokens.save(some_token())
    tokens.path.chmod(0o644)
    tokens.load()
    assert stat_of(tokens.path) == 0o600


def stat_of(file: Path) -> int:
    return file.stat().st_mode & 0o777


def test_what_is_saved_comes_back(desk: Desk) -> None:
    tokens = TokenFile("client", emulator=None, folder=desk.config)
    token = some_token(ends=datetime.now(UTC) + timedelta(days=7))
    tokens.save(token)
    assert tokens.load() == token
    assert TokenFile("another client", emulator=None, folder=desk.config).load() is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 1}', b'{"schema": 2}', b"\xff\xfe", b"null"])
def test_a_damaged_token_file_only_means_signing_in_again(content: bytes, desk: Desk) -> None:
    tokens = desk.tokens
    desk.config.mkdir()
    tokens.path.write_bytes(content)
    assert desk.open().kind == "person"
    assert tokens.load() is not None


def test_a_token_that_cannot_be_saved_leaves_no_trace_and_is_told(desk: Desk) -> None:
    tokens = TokenFile("client", emulator=None, folder=desk.config)
    tokens.path.mkdir(parents=True)
    error = refusal(lambda: tokens.save(some_token()))
    assert error.code == "token_unwritable"
    assert english(error.what) == "the saved sign-in cannot be read or written: Is a directory"
    assert list(desk.config.iterdir()) == [tokens.path]


def test_the_token_of_a_real_sign_in_is_never_used_with_an_emulator(desk: Desk) -> None:
    desk.tokens_with(None).save(some_token())
    assert refusal(lambda: desk.open(alone=True)).code == "sign_in_needed"
    assert desk.google.log == []


def test_the_token_is_kept_in_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platformdirs.user_config_path", lambda name, **_: tmp_path / name)
    assert TokenFile("client", emulator=None, folder=None).path.parent == tmp_path / "cchc-sheets"


def test_a_sign_in_that_google_limits_says_when_it_ends(desk: Desk) -> None:
    desk.browser.in_testing = True
    ends = desk.open().token_ends
    assert ends is not None
    assert timedelta(days=6) < ends - datetime.now(UTC) <= timedelta(days=7)
    assert desk.open(alone=True).token_ends == ends
