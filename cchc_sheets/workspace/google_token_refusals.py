"""What Google's token endpoint refuses, and what a person can do about it.

Its answers are `{"error": code, "error_description": words}`; the pages "OAuth 2.0 for Mobile & Desktop Apps" and
"Using OAuth 2.0 for Server to Server Applications" list them. Only those two fields are ever shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import Text, text

CLOCK_TOLERANCE: Final = timedelta(minutes=1)
LONGEST_SHOWN: Final = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom a token was asked, and what is known around it.

    Attributes:
        credentials: the credentials file.
        account: the service account's address; empty for a person.
        subject: the person a service account acts for.
        scopes: the scopes asked for.
        saved_in: where a person's sign-in is kept.
        made: when the person signed in.
        ahead: how far Google's clock is ahead of ours.
    """

    credentials: Path
    account: str = ""
    subject: str = ""
    scopes: tuple[str, ...] = ()
    saved_in: Path | None = None
    made: datetime | None = None
    ahead: timedelta | None = None


def token_refusal(answer: Any, asked: Asked) -> CchcError:
    """Return the error for a refusal.

    Args:
        answer: the endpoint's JSON, or whatever else it answered.
        asked: for whom the token was asked.
    """
    code, description = _said(answer)
    low = description.lower()
    if code == "invalid_grant" and ("short-lived token" in low or "iat and exp" in low):
        return clock_refusal(asked)
    if code in {"invalid_client", "deleted_client", "disabled_client", "org_internal"}:
        return _client_invalid(asked, code, description)
    if code in {"invalid_scope", "unauthorized_client", "access_denied"} and asked.account:
        return _delegation_missing(asked)
    if code == "invalid_grant":
        return _grant_refused(asked, low, description)
    return CchcError(
        text("Google gives no token: {said}", said=_shown(code, description)),
        where=str(asked.credentials),
        fix=text("read Google's words; if they do not help, download the credentials file again"),
        code="sign_in_failed",
    )


def clock_refusal(asked: Asked) -> CchcError:
    """Return the error for a clock that is so wrong that Google takes no signature of this computer."""
    what = text("the clock of this computer is wrong, and Google takes no sign-in from it")
    if asked.ahead is not None and abs(asked.ahead) > CLOCK_TOLERANCE:
        what = text("{difference}, and Google takes no sign-in from it", difference=clock_difference(asked.ahead))
    fix = text("set the date, time and time zone (Windows: Settings, Time & language, Sync now), then run it again")
    return CchcError(what, where=str(asked.credentials), fix=fix, code="clock_skew")


def clock_difference(ahead: timedelta) -> Text:
    """Return the sentence that says how wrong this computer's clock is."""
    minutes = max(1, round(abs(ahead).total_seconds() / 60))
    if ahead > timedelta(0):
        return text("the clock of this computer is {minutes} minutes slow", minutes=minutes)
    return text("the clock of this computer is {minutes} minutes fast", minutes=minutes)


def _grant_refused(asked: Asked, low: str, description: str) -> CchcError:
    where = str(asked.credentials)
    if not asked.account:
        return _sign_in_ended(asked)
    if "signature" in low:
        what = text("Google does not know the key in this file any more: it was deleted, or the file was changed")
        fix = text("make a new key for {account} in the Google Cloud console", account=asked.account)
        return CchcError(what, where=where, fix=fix, code="key_invalid")
    if asked.subject and ("email" in low or "user" in low):
        what = text("there is no person {subject} for whom the service account could act", subject=asked.subject)
        fix = text("correct `subject` in cycle.yaml: the full address of a person of your own organisation")
        return CchcError(what, where=where, fix=fix, code="account_not_found")
    if "account not found" in low or "user" in low:
        what = text("the service account {account} does not exist any more", account=asked.account)
        fix = text("make a service account and a key for it in the Google Cloud console")
        return CchcError(what, where=where, fix=fix, code="account_not_found")
    what = text("Google does not accept the key of {account}: {said}", account=asked.account, said=description)
    fix = text("make a new key for {account} in the Google Cloud console", account=asked.account)
    return CchcError(what, where=where, fix=fix, code="key_invalid")


def _sign_in_ended(asked: Asked) -> CchcError:
    what = text("the saved sign-in has ended or was revoked")
    if asked.made:
        what = text("the saved sign-in, made at {made}, has ended or was revoked", made=asked.made.astimezone())
    fix = text(
        "sign in anew with `cchc-sheets doctor --sign-out`; if this happens every 7 days, the consent screen of the "
        "Google Cloud project is in “Testing”: set it to “In production” (or “Internal”)"
    )
    return CchcError(what, where=str(asked.saved_in or asked.credentials), fix=fix, code="token_revoked")


def _client_invalid(asked: Asked, code: str, description: str) -> CchcError:
    return CchcError(
        text("Google does not accept the OAuth client in this file: {said}", said=_shown(code, description)),
        where=str(asked.credentials),
        fix=text("see in the Google Cloud console whether the client still exists, and download its JSON file again"),
        code="client_invalid",
    )


def _delegation_missing(asked: Asked) -> CchcError:
    if not asked.subject:
        what = text("Google gives the service account {account} no token for this scope", account=asked.account)
        fix = text("see in the Google Cloud console that the service account is enabled")
        return CchcError(what, where=str(asked.credentials), fix=fix, code="account_not_found")
    what = text("{account} may not act for {subject}", account=asked.account, subject=asked.subject)
    fix = text(
        "the administrator opens the Google Admin console, Security, API controls, Domain-wide delegation, and enters "
        "the client ID of the service account with exactly this scope: {scopes}",
        scopes=list(asked.scopes),
    )
    return CchcError(what, where=str(asked.credentials), fix=fix, code="delegation_missing")


def _said(answer: Any) -> tuple[str, str]:
    if not isinstance(answer, Mapping):
        return "", str(answer)[:LONGEST_SHOWN]
    code, description = answer.get("error"), answer.get("error_description")
    return str(code or "")[:LONGEST_SHOWN], str(description or "")[:LONGEST_SHOWN]


def _shown(code: str, description: str) -> str:
    return ": ".join(part for part in (code, description) if part) or "?"
