"""Clients for tests: the unpatched gspread led to the server, and a person's bare requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gspread
import requests
from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import service_account
from requests.adapters import HTTPAdapter

from google_server.server import GoogleServer
from google_server.world import SPREADSHEET

OFFICE = "office@example.gov.vn"
SCOPES = ["https://www.googleapis.com/auth/drive", "https://www.googleapis.com/auth/spreadsheets"]


class ToServer(HTTPAdapter):
    """Sends what is meant for Google to the server, path unchanged."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        request.url = self._url + "/" + request.url.split("/", 3)[3]
        return super().send(request, *args, **kwargs)


class Browser:
    """Requests with a bearer token; `url` is the server's."""

    def __init__(self, url: str, user: str = OFFICE) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer user:{user}"

    def __call__(self, method: str, path: str, **given: Any) -> requests.Response:
        return self._session.request(method, self._url + path, timeout=10, **given)

    def json(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        answer = self(method, path, **given)
        assert answer.ok, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def error(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        answer = self(method, path, **given)
        assert not answer.ok
        body: dict[str, Any] = answer.json()
        return body

    def new(self, name: str = "Xã A", mime_type: str = SPREADSHEET, **metadata: Any) -> str:
        body = {"name": name, "mimeType": mime_type, **metadata}
        file_id: str = self.json("POST", "/drive/v3/files", params={"supportsAllDrives": "true"}, json=body)["id"]
        return file_id

    def share(self, file_id: str, address: str, role: str = "writer", **params: str) -> requests.Response:
        return self(
            "POST",
            f"/drive/v3/files/{file_id}/permissions",
            params={"sendNotificationEmail": "false", "supportsAllDrives": "true"} | params,
            json={"type": "user", "role": role, "emailAddress": address},
        )

    def close(self) -> None:
        self._session.close()


def account_credentials(key: Mapping[str, Any], subject: str | None = None) -> service_account.Credentials:
    """Return google-auth's credentials for a service account's key file, acting as `subject` if given."""
    credentials: service_account.Credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]  # google-auth is half typed
        key, scopes=SCOPES, subject=subject
    )
    return credentials


def gspread_client(server: GoogleServer, credentials: Credentials) -> gspread.Client:
    """Return the unpatched client; what it sends to Google, tokens too, comes to the server."""
    tokens = requests.Session()
    session = AuthorizedSession(credentials, auth_request=Request(tokens))  # type: ignore[no-untyped-call]  # as above
    for one in (tokens, session):
        one.trust_env = False
        one.mount("https://", ToServer(server.url))
    return gspread.authorize(None, session=session)  # type: ignore[arg-type]  # documented: None with a session
