"""The sessions over which Google is asked: for tokens, and for the data.

Google-auth renews tokens over a session of its own; both are made here, so that with an emulator neither reaches
Google. Imports google-auth: load this module only when needed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import AuthorizedSession, Request
from requests.adapters import HTTPAdapter

from cchc_sheets.errors import CchcError
from cchc_sheets.run_log import note
from cchc_sheets.workspace.google_emulator import Emulator
from cchc_sheets.workspace.google_refusals import refusal_from_fault
from cchc_sheets.workspace.google_token_refusals import Asked, clock_refusal

TOKEN_TIMEOUT: Final = (10, 60)

# At their finest level these libraries log requests with secrets and answers with tokens.
for _name in ("requests_oauthlib", "oauthlib", "google_auth_oauthlib", "google.auth", "google.oauth2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class ServerClock:
    """How far Google's clock is ahead of this computer's, by the `Date` of the last answer."""

    def __init__(self) -> None:
        self.ahead: timedelta | None = None

    def note(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Take the difference from an answer; a hook of requests."""
        try:
            date = parsedate_to_datetime(response.headers["Date"])
        except (KeyError, ValueError):
            return
        self.ahead = date.astimezone(UTC) - datetime.now(UTC)


class LoopbackAdapter(HTTPAdapter):
    """Sends what is meant for Google to the emulator, and nothing to anybody else."""

    # HTTPAdapter copies itself by this list of names.
    __attrs__ = [*HTTPAdapter.__attrs__, "_emulator"]  # noqa: RUF012 - requests' own way

    def __init__(self, emulator: Emulator, *, max_retries: int = 0) -> None:
        self._emulator = emulator
        super().__init__(max_retries=max_retries)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request to the emulator. Raises CchcError for an address that is not Google's."""
        redirected = request.copy()
        redirected.url = self._emulator.redirected(request.url or "")
        kwargs["proxies"] = None  # a proxy of the environment would carry it off this machine
        return super().send(redirected, *args, **kwargs)


class TokenRequest(Request):
    """Google-auth's way to ask for tokens.

    It refuses to be copied: newer google-auth copies it to look up, in the background, in which regions the tokens
    of a service account may be used. This tool has no use for that, and a request nobody asked for fits no count.
    """

    def __deepcopy__(self, memo: Mapping[int, Any]) -> NoReturn:
        raise TypeError


class GoogleSession(AuthorizedSession):
    """A session with the tokens of one account; a token that cannot be renewed is told as our own error."""

    def __init__(self, credentials: Any, token_request: Request, told: Callable[[RefreshError], CchcError]) -> None:
        super().__init__(credentials, auth_request=token_request)  # type: ignore[no-untyped-call]
        self._told = told

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request, renewing the token first if it has to be.

        Raises:
            CchcError: if Google refuses to renew the token.
            GoogleAuthError: if the token could not be renewed just now; the request has not been sent.
        """
        try:
            response: requests.Response = super().request(*args, **kwargs)  # type: ignore[no-untyped-call]
        except RefreshError as error:
            if error.retryable:
                raise
            raise self._told(error) from error
        return response


def plain_session(emulator: Emulator | None, clock: ServerClock, *, max_retries: int = 0) -> requests.Session:
    """Return a session without credentials, for tokens or for an emulator's user."""
    session = requests.Session()
    if not emulator:
        session.mount("https://", HTTPAdapter(max_retries=max_retries))
    return prepared(session, emulator, clock, max_retries=max_retries)


def prepared(
    session: requests.Session, emulator: Emulator | None, clock: ServerClock, *, max_retries: int = 0
) -> requests.Session:
    """Make a session note the server's clock and, with an emulator, reach nothing else."""
    session.hooks["response"] += [clock.note, _note_token]
    if emulator:
        session.trust_env = False  # neither proxies nor a .netrc
        for scheme in ("https://", "http://"):
            session.mount(scheme, LoopbackAdapter(emulator, max_retries=max_retries))
    return session


def _note_token(response: requests.Response, *_: Any, **__: Any) -> None:
    """Tell the run's log that a token was asked for, not which; a hook of requests."""
    if urlsplit(response.url).path.endswith("/token"):
        note("token", status=response.status_code, ms=round(response.elapsed.total_seconds() * 1000))


def unreachable(error: Exception, asked: Asked) -> CchcError:
    """Return the error for a token endpoint that was not reached; a wrong clock shows here as a bad certificate."""
    if re.search("not yet valid|certificate has expired", str(error)):
        return clock_refusal(asked)
    return refusal_from_fault(error, "oauth2.googleapis.com")
