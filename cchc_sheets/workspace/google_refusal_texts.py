"""The sentences for Google's refusals, by our code: what happened, and what to do next.

Where Google says more than its code, the sentence is completed with that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cchc_sheets.messages import Text, text

CONSOLE: Final = "https://console.cloud.google.com/apis/library"

_AGAIN = text("run the command again a little later: it completes only what is missing")
_NETWORK = text("check the network connection, then run the command again: it completes only what is missing")
_PERMIT = text(
    "ask the network administrator to let this computer reach *.googleapis.com without a sign-in page or filter"
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the answer itself tells: Google's words, the status, the API it speaks of and the page that enables it."""

    message: str
    status: int
    service: str
    link: str


_FIXED: Final[dict[str, tuple[Text, Text]]] = {
    # Too much at a time
    "quota": (
        text("Google's limit of requests a minute is used up"),
        text(
            "wait some minutes and run the command again; if other programs use the same account, lower "
            "`google.requests_per_minute` in cycle.yaml"
        ),
    ),
    "daily_limit": (
        text("Google's limit of requests for today is used up"),
        text("run the command again tomorrow: it completes only what is missing"),
    ),
    "sharing_limit": (
        text("Google lets this account share nothing more for the moment: it has shared too much in a short time"),
        text("run the command again after some hours, at most a day: it shares only with those who are still missing"),
    ),
    "storage_full": (
        text("the Google Drive in which the file would lie is full"),
        text(
            "free some space there and empty its bin, or set `google.shared_drive` in cycle.yaml to a Shared "
            "Drive; then run the command again"
        ),
    ),
    "too_large": (
        text("the spreadsheet would grow beyond Google's limit of 10,000,000 cells"),
        text("delete sheets, rows and columns that nobody needs from it, then run the command again"),
    ),
    "protected": (
        text("these cells are protected against the signed-in account"),
        text("sign in with the account that made the spreadsheet, or ask its owner to lift the protection"),
    ),
    "app_not_authorized": (
        text(
            "this program may only see files that it made itself, with the same credentials file; this is not "
            "one of them"
        ),
        text("use the account and the credentials file with which the workbooks were made"),
    ),
    "not_found": (
        text("there is no such file on Google, or the signed-in account may not see it"),
        text(
            "see that it is not in the bin and that the right account is signed in; a file on a Shared Drive "
            "is seen by its members only"
        ),
    ),
    "service_account_no_quota": (
        text("a service account cannot own files: Google gives it no storage"),
        text(
            "make a Shared Drive, add the service account to it as content manager and set "
            "`google.shared_drive` in cycle.yaml to its id; or sign in as a person"
        ),
    ),
    "shared_drive_membership": (
        text("there is no such Shared Drive, or the signed-in account is not a member of it"),
        text(
            "ask a manager of the Shared Drive to add the account as content manager; check the id in "
            "`google.shared_drive` of cycle.yaml"
        ),
    ),
    "inherited_access": (
        text("this access comes from the Shared Drive or the folder and cannot be changed for one file"),
        text("change the members of the Shared Drive or the folder instead"),
    ),
    "scope_missing": (
        text("the sign-in does not allow this program enough"),
        text("sign in again and tick every box that Google shows"),
    ),
    "token_revoked": (
        text("the sign-in to Google has expired or was revoked"),
        text(
            "sign in again; if this happens every 7 days, set the publishing status of the Google Cloud "
            "project's consent screen to “In production”"
        ),
    ),
    "clock_skew": (
        text("Google refuses the sign-in because the clock of this computer is wrong"),
        text("set date, time and time zone of this computer to automatic, then run the command again"),
    ),
    "key_invalid": (
        text("Google does not accept the key in the credentials file: it was deleted or replaced"),
        text(
            "make a new key for the service account in the Google Cloud console and put its file in the place "
            "of the old one"
        ),
    ),
    "account_not_found": (
        text("Google does not know the account of the sign-in: it was deleted, disabled or misspelt"),
        text("check in the Google Cloud console that the service account exists, and check `subject` in cycle.yaml"),
    ),
    "delegation_missing": (
        text("the service account may not act for the person it was told to act for"),
        text(
            "ask the administrator of Google Workspace to enter the service account's client id and its scopes "
            "under “Domain-wide delegation”; it can take a day until it works"
        ),
    ),
    "client_invalid": (
        text("Google does not know the OAuth client of the credentials file: it was deleted or disabled"),
        text(
            "make an OAuth client of the type “Desktop app” in the Google Cloud console and put its file in "
            "the place of the old one"
        ),
    ),
    "sign_in_unavailable": (
        text("Google's sign-in service does not answer"),
        _AGAIN,
    ),
    # People
    "domain_policy": (
        text("the administrator of the Google domain does not allow this"),
        text("ask the administrator of Google Workspace to allow it, or use an address of the same domain"),
    ),
    "no_google_account": (
        text("there is no Google account with this address"),
        text(
            "ask the person to open a Google account with this address, or enter another address; with "
            "`google.notify: true` in cycle.yaml Google invites the person by e-mail"
        ),
    ),
    "invalid_address": (
        text("Google does not accept this e-mail address"),
        text("correct the address in units.csv or cycle.yaml, then run the command again"),
    ),
    "notification_failed": (
        text("the file is shared, but Google could not send its e-mail"),
        text("send the person the address of the file yourself; nothing has to be repeated"),
    ),
    "timeout": (
        text("Google did not answer in time"),
        _AGAIN,
    ),
    "connection_lost": (
        text("the connection to Google broke off"),
        _NETWORK,
    ),
    "answer_unreadable": (
        text("Google's answer did not arrive whole"),
        _NETWORK,
    ),
    "offline": (
        text("Google cannot be reached from this computer"),
        _NETWORK,
    ),
    "proxy": (
        text("the proxy of this network does not let the program through to Google"),
        text("ask the network administrator for the address and sign-in of the proxy and set HTTPS_PROXY to it"),
    ),
    "tls": (
        text("the connection is not safe: whoever answers cannot prove to be Google"),
        text(
            "check the date of this computer; if the network inspects encrypted connections, ask its "
            "administrator to exempt *.googleapis.com"
        ),
    ),
    "intercepted": (
        text("something else than Google answered: a sign-in page or a filter of this network"),
        _PERMIT,
    ),
}

_COMPLETED: Final[dict[str, Callable[[Told], tuple[Text, Text]]]] = {
    "forbidden": lambda told: (
        text("the signed-in account may not do this (Google says: {message})", message=told.message),
        text(
            "ask the owner of the file to make this account an editor; if the file is locked, unlock it in "
            "Google Drive first"
        ),
    ),
    "api_disabled": lambda told: (
        text("{service}: not enabled in the Google Cloud project of the credentials file", service=told.service),
        text("open {link} and press “Enable”, wait some minutes, then run the command again", link=told.link),
    ),
    "sign_in_failed": lambda told: (
        text("Google refuses the sign-in: {message}", message=told.message),
        text("check the credentials file, then sign in again"),
    ),
    "sharing_refused": lambda told: (
        text("Google refuses to share the file with this address: {message}", message=told.message),
        text(
            "check the address; if it is right, ask the administrator of Google Workspace whether it may be shared with"
        ),
    ),
    "invalid_request": lambda told: (
        text("Google does not accept the request: {message}", message=told.message),
        text(
            "if somebody changed the spreadsheet by hand, undo that with its version history; otherwise report "
            "this sentence as a fault of the program"
        ),
    ),
    "unsent": lambda told: (
        text("the request cannot be sent: {message}", message=told.message),
        text("check the settings of this computer for proxy and certificates (HTTPS_PROXY, REQUESTS_CA_BUNDLE)"),
    ),
    "unavailable": lambda told: (
        text("Google's service is out of order at the moment (status {status})", status=told.status),
        _AGAIN,
    ),
}

CODES: Final = (*_FIXED, *_COMPLETED)


def sentences(code: str, told: Told) -> tuple[Text, Text]:
    """Return what happened and what to do next, for a code of `CODES`."""
    return _FIXED[code] if code in _FIXED else _COMPLETED[code](told)
