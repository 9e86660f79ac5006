"""A desk at which somebody signs in to our Google server: credentials files, a browser, a folder for the token."""

from __future__ import annotations

import json
import secrets
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from google_server import GoogleServer

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import Text
from cchc_sheets.workspace.google_access import Access, open_access
from cchc_sheets.workspace.google_emulator import DEFAULT_USER, Emulator
from cchc_sheets.workspace.google_tokens import TokenFile

ABOUT = "https://www.googleapis.com/drive/v3/about?fields=user"
OFFICER = "can.bo@example.gov.vn"


class Browser:
    """A person at a browser: looks at Google's page, allows or not, and is led back to the program."""

    def __init__(self, google: GoogleServer) -> None:
        self.google = google
        self.addresses: list[str] = []
        self.pages: list[str] = []
        self.scopes: frozenset[str] | None = None
        self.refuses = False
        self.in_testing = False
        self._threads: list[threading.Thread] = []

    def ask(self, address: str) -> None:
        """Follow the address, as a browser does: apart from the program, which waits meanwhile."""
        self.addresses.append(address)
        thread = threading.Thread(target=self._go, args=(address,))
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        for thread in self._threads:
            thread.join(10)

    def _go(self, address: str) -> None:
        back = self.google.oauth.browse(
            address, OFFICER, scopes=self.scopes, refuse=self.refuses, testing=self.in_testing
        )
        with requests.Session() as session:
            session.trust_env = False
            page = session.get(back, timeout=10)
            page.encoding = "utf-8"
            self.pages.append(page.text)


class Desk:
    """What one officer has: a folder, a Desktop client, a browser."""

    def __init__(self, google: GoogleServer, folder: Path) -> None:
        self.google = google
        self.folder = folder
        self.config = folder / "config"
        self.emulator = Emulator(google.url)
        self.browser = Browser(google)
        for address in (DEFAULT_USER, OFFICER):
            if google.world.known_user(address) is None:
                google.world.add_user(address)
        self.desktop = saved(folder / "credentials.json", google.oauth.add_client())

    def key(self, *delegated: str, **changed: Any) -> Path:
        """Make a service account; return its key file."""
        info = self.google.oauth.add_service_account(delegated=frozenset(delegated)) | changed
        return saved(self.folder / f"key-{secrets.token_hex(4)}.json", info)

    def open(self, file: Path | None = None, *, alone: bool = False, **settings: Any) -> Access:
        """Open the way with a file (the Desktop client's); `alone`: nobody is there to sign in."""
        settings = {"ask": None if alone else self.browser.ask, "emulator": self.emulator} | settings
        return open_access(file or self.desktop, config_folder=self.config, **settings)

    def open_as_user(self) -> Access:
        """Open the way without a file, as the user of the emulator."""
        return open_access(None, emulator=self.emulator)

    @property
    def tokens(self) -> TokenFile:
        """The saved sign-in of the Desktop client."""
        return self.tokens_with(self.emulator)

    def tokens_with(self, emulator: Emulator | None) -> TokenFile:
        client = json.loads(self.desktop.read_text(encoding="utf-8"))["installed"]["client_id"]
        return TokenFile(client, emulator=emulator, folder=self.config)

    def sit_down(self, patch: pytest.MonkeyPatch) -> None:
        """Have the commands of this process run at this desk: its server, its browser, its folder for the sign-in."""
        patch.setenv("CCHC_GOOGLE_EMULATOR", self.google.url)
        patch.delenv("CCHC_GOOGLE_EMULATOR_USER", raising=False)
        patch.setattr("platformdirs.user_config_path", lambda *_, **__: self.config)
        patch.setattr("webbrowser.get", lambda *_: webbrowser.GenericBrowser("browser"))
        patch.setattr("webbrowser.open", self.browser.ask)

    def secrets(self) -> set[str]:
        """Return everything that opens a door: keys, passwords of clients, tokens."""
        oauth = self.google.oauth
        found = {*oauth.refresh_tokens, *(client.secret for client in oauth.clients.values())}
        for file in [*self.folder.glob("*.json"), *self.config.glob("*.json")]:
            with suppress(ValueError):
                found |= {value for name, value in _values(json.loads(file.read_bytes())) if name in _SECRET}
        return found | {line for secret in found for line in secret.splitlines() if "PRIVATE KEY" not in line}

    def canaries(self) -> set[str]:
        """Return every secret that the server ever gave and the files hold; those of one word each."""
        tokens = {*self.google.oauth._access, *self.google.oauth.refresh_tokens}
        return {secret for secret in self.secrets() | tokens if len(secret) >= 16 and "PRIVATE KEY" not in secret}

    def revoke_everything(self) -> None:
        for token in list(self.google.oauth.refresh_tokens):
            self.google.oauth.revoke(token)


_SECRET = frozenset({"private_key", "private_key_id", "client_secret", "refresh_token", "access_token"})


def _values(content: Any) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        for name, value in content.items():
            yield from _values(value) if isinstance(value, dict) else [(name, str(value))]


def who(access: Access) -> str:
    """Return whom Google takes the caller for."""
    return str(access.session.get(ABOUT, timeout=10).json()["user"]["emailAddress"])


def asked_for(address: str) -> dict[str, str]:
    """Return the parameters of the address of Google's page."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}


def saved(file: Path, content: Any) -> Path:
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def refusal(opening: Callable[[], Any]) -> CchcError:
    """Return the error of an opening that must fail; it has all its three parts."""
    with pytest.raises(CchcError) as caught:
        opening()
    error = caught.value
    assert str(error.what)
    assert str(error.fix)
    assert error.where
    return error


def english(sentence: Text) -> str:
    return sentence.said_in("en")
