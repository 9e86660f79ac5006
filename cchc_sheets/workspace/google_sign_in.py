"""Signing in as a person: Google's page in the browser, its answer at a port of this computer.

Google's page "OAuth 2.0 for Mobile & Desktop Apps", loopback address with PKCE, by google-auth-oauthlib. Imports it:
load this module only when somebody has to sign in.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import requests
from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
from oauthlib.oauth2 import OAuth2Error

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import text
from cchc_sheets.workspace.google_credentials import DesktopClient
from cchc_sheets.workspace.google_emulator import Emulator
from cchc_sheets.workspace.google_session import ServerClock, prepared, unreachable
from cchc_sheets.workspace.google_token_refusals import Asked, token_refusal
from cchc_sheets.workspace.google_tokens import SavedToken

TIME_LIMIT: Final = timedelta(minutes=5)
_GLANCE: Final = 0.2


class _Flow(InstalledAppFlow):  # type: ignore[misc]  # google-auth-oauthlib has no types
    """The library's flow, which hands the address to our own question and goes to the emulator if there is one."""

    ask: Callable[[str], None]
    emulator: Emulator | None = None

    def authorization_url(self, **options: Any) -> tuple[str, str]:
        address, state = super().authorization_url(**options)
        # oauthlib builds https addresses only; the browser has to go where the emulator really is.
        address = self.emulator.redirected(address) if self.emulator else address
        self.ask(address)
        return address, state

    def fetch_token(self, **options: Any) -> Any:
        # Google's page shows the client's name and secret in the body; oauthlib would put them into a header.
        return super().fetch_token(include_client_id=True, **options)


def sign_in(
    client: DesktopClient,
    asked: Asked,
    ask: Callable[[str], None],
    *,
    emulator: Emulator | None,
    clock: ServerClock,
) -> SavedToken:
    """Let a person sign in, and return what Google gave.

    Args:
        client: the OAuth client.
        asked: the scopes wanted, and the credentials file for messages.
        ask: gets the address of Google's page; shows or opens it, and returns at once.

    Raises:
        CchcError: if nobody signs in within `TIME_LIMIT`, the person or Google refuses, or Google is not reached.
    """
    flow = _flow(client, asked, ask, emulator)
    prepared(flow.oauth2session, emulator, clock)
    try:
        token = _within(TIME_LIMIT, lambda: _run(flow, TIME_LIMIT))
    except (WSGITimeoutError, TimeoutError) as error:
        raise _nobody_came(TIME_LIMIT, asked) from error
    except OAuth2Error as error:
        raise _refused(error, replace(asked, ahead=clock.ahead)) from error
    except requests.RequestException as error:
        raise unreachable(error, replace(asked, ahead=clock.ahead)) from error
    except OSError as error:
        raise CchcError(
            text("the sign-in cannot open a port on this computer: {reason}", reason=error.strerror or str(error)),
            where="localhost",
            fix=text("see whether a firewall or virus scanner forbids it, then run the command again"),
            code="sign_in_refused",
        ) from error
    return _kept(token, asked)


def _flow(client: DesktopClient, asked: Asked, ask: Callable[[str], None], emulator: Emulator | None) -> Any:
    config = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "auth_uri": client.auth_uri,
        "token_uri": client.token_uri,
    }
    flow = _Flow.from_client_config({"installed": config}, scopes=list(asked.scopes))
    flow.ask, flow.emulator = ask, emulator
    return flow


def _run(flow: Any, limit: timedelta) -> Mapping[str, Any]:
    """Wait for the browser and fetch the token; return the endpoint's answer."""
    try:
        flow.run_local_server(
            port=0,
            open_browser=False,
            authorization_prompt_message=None,
            success_message=str(text("You are signed in. You may close this window and return to the program.")),
            timeout_seconds=limit.total_seconds(),
            prompt="select_account consent",
        )
    except Warning as changed:
        # oauthlib raises a bare Warning if other scopes were given than asked for; whether they do is ours to judge.
        token: Mapping[str, Any] | None = getattr(changed, "token", None)
        if token is None:
            raise
        return token
    answer: Mapping[str, Any] = flow.oauth2session.token
    return answer


def _within(limit: timedelta, work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Do the work apart, so that neither a silent browser connection nor a deaf console can hold the program.

    A browser may connect ahead of time and say nothing; the library's little server then waits for ever. The main
    thread only glances at it, so Ctrl-C is heard at once on Windows too.

    Raises:
        TimeoutError: if the work is not done within the limit.
    """
    outcome: list[Mapping[str, Any] | BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - handed on to the waiting thread
            outcome.append(error)

    # The language of the messages is a context variable.
    worker = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    worker.start()
    end = time.monotonic() + limit.total_seconds() + 1
    while worker.is_alive() and time.monotonic() < end:
        worker.join(_GLANCE)
    if not outcome:
        raise TimeoutError
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _kept(token: Mapping[str, Any], asked: Asked) -> SavedToken:
    given = token.get("scope") or asked.scopes
    scopes = tuple(given.split() if isinstance(given, str) else given)
    now = datetime.now(UTC)
    life, whole = token.get("expires_in"), token.get("refresh_token_expires_in")
    return SavedToken(
        refresh=str(token.get("refresh_token") or ""),
        access=str(token.get("access_token") or ""),
        scopes=scopes,
        expiry=now + timedelta(seconds=int(life)) if life else None,
        made=now,
        ends=now + timedelta(seconds=int(whole)) if whole else None,
    )


def _nobody_came(limit: timedelta, asked: Asked) -> CchcError:
    minutes = max(1, round(limit.total_seconds() / 60))
    return CchcError(
        text("nobody signed in within {minutes} minutes", minutes=minutes),
        where=str(asked.credentials),
        fix=text(
            "run the command again, open the address it shows in a browser on this very computer, choose the account "
            "and allow the access; if the page says that the app is blocked, the administrator has to allow it"
        ),
        code="sign_in_timeout",
    )


def _refused(error: OAuth2Error, asked: Asked) -> CchcError:
    code = str(error.error or "")
    if code in {"invalid_client", "deleted_client", "disabled_client", "org_internal"}:
        return token_refusal({"error": code, "error_description": error.description}, asked)
    if code == "access_denied":
        what = text("the access was not allowed on Google's page")
        fix = text(
            "run the command again and choose “Allow”; while the consent screen is in “Testing”, the account must "
            "be in its list of test users"
        )
    else:
        what = text("Google did not complete the sign-in: {said}", said=code or type(error).__name__)
        fix = text("run the command again and use only the address that it shows this time")
    return CchcError(what, where=str(asked.credentials), fix=fix, code="sign_in_refused")
