"""The way to Google: as a service account, on its behalf, as a person; where the token is kept, and what is told."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from google_desk import ABOUT, OFFICER, Desk, asked_for, english, refusal, who
from google_server import GoogleServer
from google_server.world import World
from googleapiclient import discovery_cache

from cchc_sheets.messages import Text, speak, text
from cchc_sheets.workspace import google_access, google_sign_in
from cchc_sheets.workspace.google_access import DRIVE, DRIVE_FILE, Access, ask_by_browser, forget_token, open_access
from cchc_sheets.workspace.google_emulator import Emulator

ACCOUNT = "cchc@cchc-test.iam.gserviceaccount.com"
SIGNED_IN = text("You are signed in. You may close this window and return to the program.")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with GoogleServer() as google:
        yield (desk := Desk(google, tmp_path))
        desk.browser.close()
        assert google.violations == []


def nobody(_: str) -> None:
    """Be asked to sign in, and do nothing."""


def test_a_service_account_gets_its_token_by_its_key(desk: Desk) -> None:
    access = desk.open(desk.key())
    assert (access.kind, access.account) == ("service_account", ACCOUNT)
    assert access.scopes == (DRIVE,)
    assert who(access) == ACCOUNT


def test_nothing_is_asked_of_google_that_nobody_asked_for(desk: Desk) -> None:
    """Newer google-auth looks up, in the background, in which regions a service account may be used."""
    access = desk.open(desk.key())
    access.session.get(ABOUT, timeout=10)
    for thread in threading.enumerate():
        if "Boundary" in type(thread).__name__:
            thread.join(10)
    assert [record.path for record in desk.google.log] == ["/token", "/drive/v3/about"]


def test_a_service_account_acts_for_a_person_who_is_named(desk: Desk) -> None:
    file = desk.key("drive.file")
    access = open_access(file, subject=OFFICER, emulator=desk.emulator)
    assert (access.kind, access.account, access.scopes) == ("delegation", OFFICER, (DRIVE_FILE,))
    assert who(access) == OFFICER


def test_delegation_that_the_administrator_has_not_allowed_is_told_with_the_scope_to_enter(desk: Desk) -> None:
    file = desk.key("drive.file")
    error = refusal(lambda: open_access(file, subject=OFFICER, broad=True, emulator=desk.emulator))
    assert (error.code, english(error.what)) == ("delegation_missing", f"{ACCOUNT} may not act for {OFFICER}")
    assert DRIVE in english(error.fix)


def test_a_subject_who_does_not_exist_is_told_by_name(desk: Desk) -> None:
    desk.google.world.add_user("nobody@example.gov.vn", has_google_account=False)
    file = desk.key("drive.file")
    error = refusal(lambda: open_access(file, subject="nobody@example.gov.vn", emulator=desk.emulator))
    assert error.code == "account_not_found"
    assert "nobody@example.gov.vn" in english(error.what)


def test_a_key_that_was_deleted_is_told(desk: Desk) -> None:
    old = desk.key()
    desk.key()  # the same account with a new key
    error = refusal(lambda: desk.open(old))
    assert error.code == "key_invalid"
    assert english(error.what) == (
        "Google does not know the key in this file any more: it was deleted, or the file was changed"
    )


def test_a_service_account_that_was_deleted_is_told(desk: Desk) -> None:
    key = desk.key()
    desk.google.oauth.service_accounts.clear()
    error = refusal(lambda: desk.open(key))
    assert error.code == "account_not_found"
    assert english(error.what) == f"the service account {ACCOUNT} does not exist any more"


def test_a_damaged_private_key_is_told_without_a_letter_of_it(desk: Desk) -> None:
    key = desk.key(private_key="-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n")
    error = refusal(lambda: desk.open(key))
    assert error.code == "key_invalid"
    assert english(error.what) == "the private key in the credentials file is damaged"
    assert "MII" not in str(error)


def test_a_wrong_clock_is_told(tmp_path: Path) -> None:
    world = World(now=lambda: datetime.now(UTC) + timedelta(minutes=20))
    with GoogleServer(world) as google:
        desk = Desk(google, tmp_path)
        error = refusal(lambda: desk.open(desk.key()))
    assert error.code == "clock_skew"
    assert english(error.what) == ("the clock of this computer is 20 minutes slow, and Google takes no sign-in from it")


class _TwentyMinutesAhead(BaseHTTPRequestHandler):
    body: ClassVar = (
        b'{"error": "invalid_grant", "error_description": "Invalid JWT: Token must be a short-lived token"}'
    )

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response_only(400)
        self.send_header("Date", format_datetime(datetime.now(UTC) + timedelta(minutes=20), usegmt=True))
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing on the terminal."""


def test_a_wrong_clock_is_told_with_the_difference_that_the_server_shows(desk: Desk) -> None:
    file = desk.key()
    with HTTPServer(("127.0.0.1", 0), _TwentyMinutesAhead) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            error = refusal(lambda: desk.open(file, emulator=Emulator(f"http://127.0.0.1:{server.server_port}")))
        finally:
            server.shutdown()
            thread.join()
    assert error.code == "clock_skew"
    assert "20 minutes slow" in english(error.what)


def test_a_person_signs_in_once_and_is_known_from_then_on(desk: Desk) -> None:
    access = desk.open()
    assert (access.kind, access.scopes) == ("person", (DRIVE_FILE,))
    assert access.token_made is not None
    assert access.token_ends is None
    assert who(access) == OFFICER

    desk.google.reset_log()
    again = desk.open(alone=True)
    assert again.token_made == access.token_made
    assert again.session.get(ABOUT, timeout=10).status_code == 200
    assert [record.path for record in desk.google.log] == ["/drive/v3/about"]
    assert len(desk.browser.addresses) == 1


def test_the_page_of_google_is_asked_for_the_least_and_safely(desk: Desk) -> None:
    desk.open()
    assert desk.browser.addresses[-1].startswith(f"{desk.emulator.origin}/o/oauth2/auth?")
    asked = asked_for(desk.browser.addresses[-1])
    assert asked["scope"] == DRIVE_FILE
    assert asked["code_challenge_method"] == "S256"
    assert asked["access_type"] == "offline"
    assert asked["redirect_uri"].startswith("http://localhost:")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("vi", SIGNED_IN.said_in("vi")),
        ("en", SIGNED_IN.said_in("en")),
    ],
)
def test_the_page_that_a_person_is_led_back_to_speaks_her_language(
    language: str, said: str, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setenv("LANGUAGE", "vi")
    speak(language)
    try:
        desk.open()
    finally:
        speak("vi")
    desk.browser.close()
    assert said in desk.browser.pages[-1]


def test_a_token_that_ran_out_is_renewed_and_the_new_one_saved(desk: Desk) -> None:
    desk.open()
    tokens = desk.tokens
    first = tokens.load()
    assert first is not None
    tokens.save(replace(first, expiry=datetime.now(UTC) - timedelta(minutes=1)))
    desk.google.oauth.expire_access_tokens()

    access = desk.open(alone=True)
    second = tokens.load()
    assert second is not None
    assert second.access != first.access
    assert (second.made, second.refresh) == (first.made, first.refresh)
    assert access.session.get(ABOUT, timeout=10).status_code == 200


def test_a_renewed_token_that_cannot_be_saved_is_used_all_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open()
    first = desk.tokens.load()
    assert first is not None
    desk.tokens.save(replace(first, expiry=datetime.now(UTC) - timedelta(minutes=1)))

    def full(*_: Any, **__: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "open", full)
    assert who(desk.open(alone=True)) == OFFICER


def test_a_token_that_google_drops_in_the_middle_is_renewed_unasked(desk: Desk) -> None:
    access = desk.open()
    desk.google.oauth.expire_access_tokens()
    assert access.session.get(ABOUT, timeout=10).status_code == 200


def test_a_sign_in_that_was_revoked_is_told_with_the_seven_day_trap_and_the_file_to_delete(desk: Desk) -> None:
    access = desk.open()
    tokens = desk.tokens
    desk.revoke_everything()

    in_the_middle = refusal(lambda: access.session.get(ABOUT, timeout=10))
    found = tokens.load()
    assert found is not None
    tokens.save(replace(found, expiry=datetime.now(UTC) - timedelta(minutes=1)))
    at_the_start = refusal(desk.open)

    for error in (in_the_middle, at_the_start):
        assert error.code == "token_revoked"
        assert english(error.what).startswith("the saved sign-in, made at ")
        assert english(error.what).endswith(", has ended or was revoked")
        assert error.where == str(tokens.path)
        assert "7 days" in english(error.fix)
        assert "In production" in english(error.fix)

    assert forget_token(desk.desktop, emulator=desk.emulator, config_folder=desk.config)
    assert not forget_token(desk.desktop, emulator=desk.emulator, config_folder=desk.config)
    assert desk.open().kind == "person"


def test_where_nobody_can_sign_in_it_is_told_at_once(desk: Desk) -> None:
    error = refusal(lambda: desk.open(alone=True))
    assert error.code == "sign_in_needed"
    assert english(error.what) == "nobody has signed in to Google on this computer yet"


def test_a_sign_in_for_less_than_is_needed_is_made_anew(desk: Desk) -> None:
    desk.open()
    error = refusal(lambda: desk.open(broad=True, alone=True))
    assert error.code == "sign_in_needed"
    assert english(error.what) == "the saved sign-in does not allow what is needed now"
    broad = desk.open(broad=True)
    assert broad.scopes == (DRIVE,)
    assert desk.open(alone=True).scopes == (DRIVE,)


def test_a_box_left_unticked_on_the_page_is_told(desk: Desk) -> None:
    desk.browser.scopes = frozenset({"drive.readonly"})
    error = refusal(desk.open)
    assert error.code == "scopes_missing"
    assert english(error.what) == f"not everything was allowed on Google's page; missing: {DRIVE_FILE}"
    assert not desk.config.exists()


def test_more_than_was_asked_for_is_accepted(desk: Desk) -> None:
    desk.browser.scopes = frozenset({"drive.file", "spreadsheets"})
    access = desk.open()
    assert DRIVE_FILE in access.scopes
    assert access.session.get(ABOUT, timeout=10).status_code == 200


def test_a_person_who_cancels_is_told_what_to_choose(desk: Desk) -> None:
    desk.browser.refuses = True
    error = refusal(desk.open)
    assert error.code == "sign_in_refused"
    assert english(error.what) == "the access was not allowed on Google's page"


def test_a_client_that_was_deleted_is_told(desk: Desk) -> None:
    for client in desk.google.oauth.clients.values():
        client.deleted = True
    error = refusal(desk.open)
    assert error.code == "client_invalid"
    assert (
        english(error.what)
        == "Google does not accept the OAuth client in this file: deleted_client: The OAuth client was deleted."
    )


def test_nobody_is_waited_for_without_end(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setattr(google_sign_in, "TIME_LIMIT", timedelta(seconds=0.2))
    error = refusal(lambda: desk.open(ask=nobody))
    assert error.code == "sign_in_timeout"
    assert english(error.what) == "nobody signed in within 1 minutes"


def test_a_browser_that_connects_and_says_nothing_holds_nobody_for_ever(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setattr(google_sign_in, "TIME_LIMIT", timedelta(seconds=0.2))
    silent: list[socket.socket] = []

    def connect_only(address: str) -> None:
        port = urlsplit(asked_for(address)["redirect_uri"]).port
        silent.append(socket.create_connection(("localhost", port or 0), timeout=10))

    try:
        error = refusal(lambda: desk.open(ask=connect_only))
    finally:
        for connection in silent:
            connection.close()
    assert error.code == "sign_in_timeout"


def test_no_browser_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    told: list[Text] = []
    show = ask_by_browser(told.append)

    def shown_and_typed_elsewhere(address: str) -> None:
        show(address)
        desk.browser.ask(re.findall(r"http://\S+", english(told[-1]))[0])

    access = desk.open(ask=shown_and_typed_elsewhere)
    assert access.kind == "person"


def test_a_google_that_cannot_be_reached_is_told(desk: Desk) -> None:
    file = desk.key()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        emulator = Emulator(f"http://127.0.0.1:{unused.getsockname()[1]}")
        assert refusal(lambda: desk.open(file, emulator=emulator)).code == "offline"


def test_no_secret_is_ever_shown_or_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], desk: Desk
) -> None:
    key = desk.key()
    with caplog.at_level(logging.DEBUG):
        person = desk.open()
        machine = open_access(key, emulator=desk.emulator)
        user = open_access(None, emulator=desk.emulator)
        shown = [shown_of(access) for access in (person, machine, user)]
        for access in (person, machine):
            access.session.get(ABOUT, timeout=10)
        desk.revoke_everything()
        shown.append(str(refusal(lambda: person.session.get(ABOUT, timeout=10))))

    token = desk.tokens.load()
    assert token is not None
    secrets = [
        token.access,
        token.refresh,
        json.loads(desk.desktop.read_text(encoding="utf-8"))["installed"]["client_secret"],
        "ya29.",
        "1//",
        "PRIVATE KEY",
        "Bearer",
    ]
    printed = capfd.readouterr()
    everything = "\n".join([*shown, caplog.text, printed.out, printed.err, repr(token)])
    assert [record for record in caplog.records if record.name.startswith(("google", "oauthlib", "requests"))] == []
    assert [secret for secret in secrets if secret in everything] == []


def shown_of(access: Access) -> str:
    return f"{access!r} {access} {access.session!r} {vars(access).keys()}"


CALLED = {
    "drive.v3.json": ["about.get", "files.create", "files.get", "files.list", "files.update"]
    + [f"permissions.{verb}" for verb in ("create", "delete", "get", "list", "update")],
    "sheets.v4.json": ["spreadsheets.get", "spreadsheets.batchUpdate"],
}


@pytest.mark.parametrize("document", CALLED)
def test_the_least_scope_suffices_for_every_method_that_is_used(document: str) -> None:
    folder = Path(discovery_cache.__file__).parent / "documents"
    resources = json.loads((folder / document).read_text(encoding="utf-8"))["resources"]
    lacking = [
        method
        for method in CALLED[document]
        for resource, name in [method.split(".")]
        if DRIVE_FILE not in resources[resource]["methods"][name]["scopes"]
    ]
    assert lacking == []


def test_the_heavy_libraries_are_loaded_only_when_google_is_asked() -> None:
    heavy = ("requests", "google.auth", "gspread", "google_auth_oauthlib")
    code = f"import sys, {google_access.__name__}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
