"""From a credentials file to a session that Google answers: as a person, as a service account, or on its behalf.

Least scopes, by Google's page "Choose Google Drive API scopes":

- A person, and a service account that acts for one, ask for `drive.file` alone: per-file access to what this tool
  has made. Sheets' and Drive's own reference pages list it for every method used here; it is no restricted scope, so an
  app with it may go "In production" without Google's security assessment.
- `drive` is asked for only where files of others must be seen: a Shared Drive or a folder that the tool did not make
  (`broad`), and a service account of its own, which owns nothing and lives in one ("About shared drives").
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import Text, text
from cchc_sheets.workspace.google_credentials import DesktopClient, ServiceAccount, credentials_in, token_address
from cchc_sheets.workspace.google_emulator import Emulator
from cchc_sheets.workspace.google_token_refusals import Asked, token_refusal
from cchc_sheets.workspace.google_tokens import SavedToken, TokenFile

if TYPE_CHECKING:
    import requests
    from google.auth.exceptions import GoogleAuthError

    from cchc_sheets.workspace.google_session import ServerClock

DRIVE_FILE: Final = "https://www.googleapis.com/auth/drive.file"
DRIVE: Final = "https://www.googleapis.com/auth/drive"

Kind = Literal["person", "service_account", "delegation", "emulator"]
Ask = Callable[[str], None]


@dataclass(frozen=True)
class Access:
    """An open way to Google. Neither `repr` nor `str` shows a token.

    Attributes:
        session: sends with the account's token and renews it. A token that Google does not renew is a `CchcError`;
            a renewal that failed on the way stays google-auth's own error: the request was not sent.
        account: the address; empty for a person, whom Drive's `about.get` knows.
        scopes: what was allowed; empty for the user of an emulator.
        token_made: when the person signed in.
        token_ends: when Google ends the sign-in, if it said so (a consent screen in "Testing": after 7 days).
        clock: how far Google's clock is ahead of ours.
    """

    session: requests.Session = field(repr=False)
    kind: Kind
    account: str
    scopes: tuple[str, ...]
    clock: ServerClock = field(repr=False)
    token_made: datetime | None = None
    token_ends: datetime | None = None


def open_access(
    credentials: Path | None,
    *,
    subject: str = "",
    broad: bool = False,
    emulator: Emulator | None = None,
    config_folder: Path | None = None,
    ask: Ask | None = None,
) -> Access:
    """Open the way to Google; the token is there, fresh, when this returns.

    Args:
        credentials: the file; None only with an emulator, for its user.
        subject: the person for whom a service account acts (domain-wide delegation).
        broad: files that the tool did not make have to be seen.
        config_folder: where sign-ins are kept, if not in the user's own folder.
        ask: called with the address at which a person signs in; None: nobody is there to do so.

    Raises:
        CchcError: with what is wrong about the file, the sign-in, the account, the clock or the network.
    """
    if credentials is None:
        return _as_emulated_user(emulator)
    found = credentials_in(credentials)
    if isinstance(found, ServiceAccount):
        scopes = (DRIVE if broad or not subject else DRIVE_FILE,)
        return _as_service_account(found, Asked(credentials, found.email, subject, scopes), emulator)
    if subject:
        raise CchcError(
            text("`subject` is for service accounts only; this file is the OAuth client of a person"),
            where=str(credentials),
            fix=text("take `subject` out of cycle.yaml, or name the key file of a service account"),
            code="credentials_kind",
        )
    tokens = TokenFile(found.client_id, emulator=emulator, folder=config_folder)
    asked = Asked(credentials, scopes=(DRIVE if broad else DRIVE_FILE,), saved_in=tokens.path)
    return _as_person(found, asked, tokens, emulator, ask)


def ask_by_browser(announce: Callable[[Text], None]) -> Ask:
    """Return a question that shows the address and opens it in the browser, where there is one."""

    def ask(address: str) -> None:
        import webbrowser

        announce(
            text("sign in to Google in the browser; if none opens, open this address there: {address}", address=address)
        )
        webbrowser.open(address)

    return ask


def forget_token(credentials: Path, *, emulator: Emulator | None = None, config_folder: Path | None = None) -> bool:
    """Delete the saved sign-in with this OAuth client; tell whether there was one.

    Raises:
        CchcError: if the file is no OAuth client, or the saved sign-in cannot be deleted.
    """
    found = credentials_in(credentials)
    return (
        isinstance(found, DesktopClient)
        and TokenFile(found.client_id, emulator=emulator, folder=config_folder).forget()
    )


def _as_emulated_user(emulator: Emulator | None) -> Access:
    if emulator is None:
        raise CchcError(
            text("no credentials are set, so Google does not know who asks"),
            where="cycle.yaml",
            fix=text("set `credentials` to the JSON file from the Google Cloud console"),
            code="credentials_needed",
        )
    from cchc_sheets.workspace.google_session import ServerClock, plain_session

    clock = ServerClock()
    session = plain_session(emulator, clock)
    session.headers["Authorization"] = f"Bearer user:{emulator.user}"
    return Access(session, "emulator", emulator.user, (), clock)


def _as_service_account(found: ServiceAccount, asked: Asked, emulator: Emulator | None) -> Access:
    from google.oauth2 import service_account

    info = {**found.info, "token_uri": _token_uri(found.token_uri, asked.credentials, emulator)}
    try:
        credentials: Any = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            info, scopes=list(asked.scopes), subject=asked.subject or None
        )
    except ValueError as error:
        raise CchcError(
            text("the private key in the credentials file is damaged"),
            where=str(asked.credentials),
            fix=text(
                "download the key again, or make a new one for {account}, and do not edit it", account=found.email
            ),
            code="key_invalid",
        ) from error
    opened = _Opened(credentials, asked, emulator)
    opened.renew()
    kind: Kind = "delegation" if asked.subject else "service_account"
    return Access(opened.session, kind, asked.subject or found.email, asked.scopes, opened.clock)


def _as_person(
    client: DesktopClient, asked: Asked, tokens: TokenFile, emulator: Emulator | None, ask: Ask | None
) -> Access:
    client = replace(client, token_uri=_token_uri(client.token_uri, asked.credentials, emulator))
    saved = tokens.load()
    if saved is None or not _suffices(saved.scopes, asked.scopes):
        saved = _signed_in(client, asked, emulator, ask, was_saved=saved is not None)
        tokens.save(saved)
    opened = _Opened(_credentials(client, saved), replace(asked, made=saved.made), emulator)
    if not opened.credentials.valid:
        opened.renew()
        # What is saved stays good for another renewal, so a folder that cannot be written is no reason to stop.
        with suppress(CchcError):
            tokens.save(_renewed(saved, opened.credentials))
    return Access(opened.session, "person", "", saved.scopes, opened.clock, saved.made, saved.ends)


def _signed_in(
    client: DesktopClient, asked: Asked, emulator: Emulator | None, ask: Ask | None, *, was_saved: bool
) -> SavedToken:
    """Let the person sign in. Raises CchcError if nobody is there, or not everything needed was allowed."""
    if ask is None:
        what = text("nobody has signed in to Google on this computer yet")
        if was_saved:
            what = text("the saved sign-in does not allow what is needed now")
        fix = text("run `cchc-sheets doctor` in a terminal and sign in in the browser")
        raise CchcError(what, where=str(asked.credentials), fix=fix, code="sign_in_needed")
    from cchc_sheets.workspace.google_session import ServerClock
    from cchc_sheets.workspace.google_sign_in import sign_in

    token_address(client.auth_uri, asked.credentials)
    token = sign_in(client, asked, ask, emulator=emulator, clock=ServerClock())
    if not _suffices(token.scopes, asked.scopes):
        raise CchcError(
            text("not everything was allowed on Google's page; missing: {scopes}", scopes=list(asked.scopes)),
            where=str(asked.credentials),
            fix=text("run the command again and leave every box on Google's page ticked"),
            code="scopes_missing",
        )
    return token


class _Opened:
    """Credentials with the session that uses them and the one that renews them."""

    def __init__(self, credentials: Any, asked: Asked, emulator: Emulator | None) -> None:
        from cchc_sheets.workspace.google_session import (
            GoogleSession,
            ServerClock,
            TokenRequest,
            plain_session,
            prepared,
        )

        self.credentials = credentials
        self.clock = ServerClock()
        self._asked = asked
        self._request = TokenRequest(plain_session(emulator, self.clock, max_retries=3))
        session = GoogleSession(credentials, self._request, self._told)
        self.session = prepared(session, emulator, self.clock)

    def renew(self) -> None:
        """Fetch a token now. Raises CchcError if there is none to be had."""
        import functools

        from google.auth.exceptions import GoogleAuthError, RefreshError

        from cchc_sheets.workspace.google_session import TOKEN_TIMEOUT, unreachable

        try:
            self.credentials.refresh(functools.partial(self._request, timeout=TOKEN_TIMEOUT))
        except GoogleAuthError as error:
            if isinstance(error, RefreshError) and not error.retryable:
                raise self._told(error) from error
            raise unreachable(error, self._known()) from error

    def _told(self, error: GoogleAuthError) -> CchcError:
        answer = error.args[1] if len(error.args) > 1 else (error.args[0] if error.args else "")
        return token_refusal(answer, self._known())

    def _known(self) -> Asked:
        return replace(self._asked, ahead=self.clock.ahead)


def _credentials(client: DesktopClient, saved: SavedToken) -> Any:
    """Return google-auth's form of a sign-in; its own reader of such data would put its own token address in."""
    from google.oauth2.credentials import Credentials

    credentials: Any = Credentials(  # type: ignore[no-untyped-call]
        saved.access or None,
        refresh_token=saved.refresh,
        token_uri=client.token_uri,
        client_id=client.client_id,
        client_secret=client.client_secret,
        scopes=list(saved.scopes),
        # Google-auth reckons in UTC without saying so.
        expiry=saved.expiry.astimezone(UTC).replace(tzinfo=None) if saved.expiry else None,
    )
    return credentials


def _renewed(saved: SavedToken, credentials: Any) -> SavedToken:
    expiry = credentials.expiry.replace(tzinfo=UTC) if credentials.expiry else None
    return replace(saved, access=credentials.token, refresh=credentials.refresh_token, expiry=expiry)


def _suffices(given: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """`drive` allows all that `drive.file` allows."""
    return DRIVE in given or set(wanted) <= set(given)


def _token_uri(named: str, file: Path, emulator: Emulator | None) -> str:
    """Return where tokens are asked for. With an emulator always an address of Google's, which leads to it."""
    if emulator is None:
        return token_address(named, file)
    return f"https://oauth2.googleapis.com{urlsplit(named).path}"
