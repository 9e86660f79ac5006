"""What Google's refusals mean for the person at the desk: what happened, where, what to do next.

    GoogleRefusal    Google, or the way to it, refused; `code` says why
    AnswerLost       a request that must not be sent twice blindly: whether it was done is not known

Pure functions: `refusal_from_answer` for an answer with an error status, `refusal_from_fault` for a request without an
answer. Recognised by status and reason, which are stable; by words only where Google gives nothing else, since its
words come in the language of the account. Sources: Google Drive API “Resolve errors”, Google Sheets API “Usage
limits”, google.rpc.ErrorInfo, and bodies recorded from the services.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.auth import exceptions as google_auth
from requests import exceptions as http
from urllib3 import exceptions as wire

from cchc_sheets.characters import read_json
from cchc_sheets.errors import CchcError
from cchc_sheets.messages import Text, text
from cchc_sheets.workspace.google_refusal_texts import CONSOLE, Told, sentences

_PASSING: Final = frozenset(
    {
        "quota",
        "unavailable",
        "timeout",
        "connection_lost",
        "answer_unreadable",
        "offline",
        "proxy",
        "sign_in_unavailable",
    }
)
_IN_DOUBT: Final = frozenset({"unavailable", "timeout", "connection_lost", "answer_unreadable"})

_BY_REASON: Final = {
    "userRateLimitExceeded": "quota",
    "rateLimitExceeded": "quota",
    "RATE_LIMIT_EXCEEDED": "quota",
    "RESOURCE_EXHAUSTED": "quota",
    "dailyLimitExceeded": "daily_limit",
    "sharingRateLimitExceeded": "sharing_limit",
    "storageQuotaExceeded": "storage_full",
    "SERVICE_DISABLED": "api_disabled",
    "accessNotConfigured": "api_disabled",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "scope_missing",
    "insufficientPermissions": "scope_missing",
    "insufficientFilePermissions": "forbidden",
    "appNotAuthorizedToFile": "app_not_authorized",
    "teamDriveMembershipRequired": "shared_drive_membership",
    "cannotModifyInheritedTeamDrivePermission": "inherited_access",
    "teamDrivesSharingRestrictionNotAllowed": "invalid_request",
    "fieldNotWritable": "invalid_request",
    "notFound": "not_found",
    "invalidSharingRequest": "sharing_refused",
    "publishOutNotPermitted": "domain_policy",
    "cannotShareTeamDriveWithNonPermittedUser": "domain_policy",
    "cannotShareTeamDriveWithNonGoogleAccounts": "no_google_account",
    "domainPolicy": "domain_policy",
    "admin_policy_enforced": "domain_policy",
    "authError": "token_revoked",
    "UNAUTHENTICATED": "token_revoked",
    "invalid_rapt": "token_revoked",
    "unauthorized_client": "delegation_missing",
    "invalid_client": "client_invalid",
    "deleted_client": "client_invalid",
    "disabled_client": "client_invalid",
    "invalid_grant": "sign_in_failed",
}
_BY_STATUS: Final = {
    401: "token_revoked",
    403: "forbidden",
    404: "not_found",
    407: "proxy",
    408: "timeout",
    429: "quota",
}

# Where one reason stands for several mishaps, only Google's words tell them apart; if they are unknown, `_BY_REASON`.
_BY_WORDS: Final = tuple(
    (reason, re.compile(words, re.IGNORECASE), code)
    for reason, words, code in (
        ("storageQuotaExceeded", r"service accounts?\b", "service_account_no_quota"),
        ("invalidSharingRequest", r"no google account", "no_google_account"),
        ("invalidSharingRequest", r"successfully shared|emails? could not be sent", "notification_failed"),
        ("invalidSharingRequest", r"acl change not allowed|\bpolic(y|ies)\b", "domain_policy"),
        ("invalid", r"emailaddress", "invalid_address"),
        ("notFound", r"\bdriveid\b", "shared_drive_membership"),
        ("INVALID_ARGUMENT", r"^unable to parse|^invalid value at", "invalid_request"),
        ("INVALID_ARGUMENT", r"number of cells in the workbook", "too_large"),
        ("INVALID_ARGUMENT", r"\bprotected\b|\bprotegid[ao]|\bprotégé|geschützt|được bảo vệ", "protected"),
        ("invalid_grant", r"expired or revoked|^bad request$", "token_revoked"),
        ("invalid_grant", r"short-lived token|iat and exp", "clock_skew"),
        ("invalid_grant", r"jwt signature", "key_invalid"),
        ("invalid_grant", r"account not found|user id", "account_not_found"),
    )
)

_SECRETS = re.compile(
    r"ya29\.[\w.-]+|GOCSPX-[\w-]+|1//[\w-]{8,}|Bearer\s+\S+|eyJ[\w-]+\.[\w.-]+|-----BEGIN.*", re.DOTALL | re.IGNORECASE
)
_CONSOLE_LINK = re.compile(r"https://console\.(?:developers|cloud)\.google\.com/apis/[\w./?=&%-]*[\w/]")
_USER_MESSAGE = re.compile(r'user message: "(.+)"\s*$', re.IGNORECASE | re.DOTALL)
_LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with an error status, as far as it can be read.

    Attributes:
        status: HTTP's; 0 if there was no answer.
        reasons: every reason that it names, Drive's before `google.rpc.ErrorInfo` before the status word.
        message: Google's own words, shortened, without anything that looks like a credential.
        service: the API it speaks of; `link`: the page of the Google Cloud console that it names.
        per_day: the quota that is used up is a day's, not a minute's.
        is_json: False if something else than an API spoke: a page of HTML, or nothing.
    """

    status: int = 0
    reasons: tuple[str, ...] = ()
    message: str = ""
    service: str = ""
    link: str = ""
    location: str = ""
    per_day: bool = False
    is_json: bool = True


class GoogleRefusal(CchcError):
    """Google, or the way to it, refused. `code` is one of `google_refusal_texts.CODES`."""

    code = "google"

    def __init__(self, what: Text, *, where: str = "", fix: Text, code: str, answer: Answer | None = None) -> None:
        super().__init__(what, where=where, fix=fix, code=code)
        self._answer = answer or Answer()
        self.status = self._answer.status
        self.reason = next(iter(self._answer.reasons), "")
        self.message = self._answer.message

    @property
    def may_pass(self) -> bool:
        """The same request may succeed a little later."""
        return self.code in _PASSING

    @property
    def leaves_doubt(self) -> bool:
        """The request may have been carried out all the same."""
        return self.code in _IN_DOUBT

    def after(self, tries: int) -> GoogleRefusal:
        """Return this refusal as that of the last of so many tries."""
        what = text("{what} (tried {tries} times)", what=self.what, tries=tries) if tries > 1 else self.what
        return GoogleRefusal(what, where=self.where, fix=self.fix, code=self.code, answer=self._answer)


class AnswerLost(CchcError):
    """Whether the request was carried out is not known; whoever sent it looks before sending it again."""

    code = "answer_lost"

    def __init__(self, refusal: GoogleRefusal) -> None:
        super().__init__(
            text("it is not known whether Google has done what it was asked to: {reason}", reason=refusal.what),
            where=refusal.where,
            fix=text("run the command again: it looks first, and completes only what is missing"),
        )
        self.refusal = refusal


def refusal(code: str, where: str, answer: Answer | None = None) -> GoogleRefusal:
    """Return the refusal of this code, with the values of the answer in its sentences."""
    known = answer or Answer()
    told = Told(
        message=known.message or str(known.status),
        status=known.status,
        service=known.service or "Google Sheets API, Google Drive API",
        link=known.link or CONSOLE,
    )
    what, fix = sentences(code, told)
    return GoogleRefusal(what, where=where, fix=fix, code=code, answer=known)


def refusal_from_answer(status: int, body: bytes, where: str) -> GoogleRefusal:
    """Tell what an answer with an error status means; the body may be anything at all."""
    answer = _read(status, body)
    return refusal(_code(answer), where, answer)


def refusal_from_fault(error: Exception, where: str) -> GoogleRefusal:
    """Tell what an exception of requests or google-auth means: there was no answer, or no token to ask with."""
    if isinstance(error, google_auth.RefreshError) and not error.retryable:
        content = next((part for part in error.args if isinstance(part, dict)), {"error_description": str(error)})
        answer = _token_answer(content)
        code = _code(answer)
        return refusal("sign_in_failed" if code == "invalid_request" else code, where, answer)
    return refusal(_fault_code(error), where, Answer(message=_presentable(str(error))))


def _fault_code(error: Exception) -> str:
    chain = tuple(_causes(error))

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in chain)

    if has(ssl.SSLCertVerificationError):
        return "tls"
    if has(http.ProxyError, http.InvalidProxyURL):
        return "proxy"
    if has(http.ConnectTimeout, wire.ConnectTimeoutError, wire.NewConnectionError):
        return "offline"
    if isinstance(error, google_auth.GoogleAuthError):
        is_refusal = isinstance(error, google_auth.DefaultCredentialsError)
        return "sign_in_failed" if is_refusal else "sign_in_unavailable"
    if has(http.TooManyRedirects):
        return "intercepted"
    if has(http.Timeout, wire.ReadTimeoutError):
        return "timeout"
    if has(http.ConnectionError, http.ChunkedEncodingError, http.ContentDecodingError):
        return "connection_lost"
    return "unsent"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and what it wraps.

    By the libraries' own attributes, not by `__context__`: that one reaches into whatever the caller was handling.
    """
    cause: object = error
    while isinstance(cause, BaseException):
        yield cause
        inner = getattr(cause, "reason", None)
        cause = inner if isinstance(inner, BaseException) else next(iter(cause.args), None)


def _code(answer: Answer) -> str:
    if answer.per_day:
        return "daily_limit"
    for reason in answer.reasons:
        for told, words, code in _BY_WORDS:
            if told == reason and words.search(f"{answer.message} {answer.location}".strip()):
                return code
        if reason in _BY_REASON:
            return _BY_REASON[reason]
    if answer.status in {403, 511} and not answer.is_json:
        return "intercepted"
    if answer.status >= 500:  # noqa: PLR2004 - HTTP's own class of statuses
        return "unavailable"
    return _BY_STATUS.get(answer.status, "invalid_request")


def _read(status: int, body: bytes) -> Answer:
    written = body.decode("utf-8", errors="replace")
    try:
        content = read_json(written)
    except (ValueError, RecursionError):
        return Answer(status, is_json=written.lstrip().startswith("{"))  # a truncated answer is still Google's
    error = _mapping(content).get("error")
    if isinstance(error, str):
        return _token_answer(_mapping(content), status)
    return _api_answer(status, _mapping(error), written)


def _api_answer(status: int, error: Mapping[str, Any], written: str) -> Answer:
    first = _mapping(next(iter(_list(error.get("errors"))), None))
    details = [_mapping(detail) for detail in _list(error.get("details"))]
    info = next((detail for detail in details if detail.get("reason")), {})
    metadata = _mapping(info.get("metadata"))
    link = _CONSOLE_LINK.search(written)
    return Answer(
        status=status,
        reasons=_words(first.get("reason"), info.get("reason"), error.get("status")),
        message=_presentable(_word(error.get("message")) or _word(first.get("message"))),
        service=_service(written),
        link=link.group() if link else "",
        location=_word(first.get("location")),
        per_day="PerDay" in _word(metadata.get("quota_limit")),
    )


def _token_answer(content: Mapping[str, Any], status: int = 0) -> Answer:
    """Read what the token endpoint says: `{"error": …, "error_description": …}` (RFC 6749, 5.2)."""
    return Answer(
        status=status,
        reasons=_words(content.get("error_subtype"), content.get("error")),
        message=_presentable(_word(content.get("error_description")) or _word(content.get("error"))),
    )


def _service(written: str) -> str:
    named = {"sheets.googleapis.com": "Google Sheets API", "drive.googleapis.com": "Google Drive API"}
    return next((name for host, name in named.items() if host in written), "")


def _presentable(message: str) -> str:
    """Return Google's words on one line: unwrapped, not too long, and without anything like a credential."""
    wrapped = _USER_MESSAGE.search(message)
    plain = " ".join(_SECRETS.sub("…", wrapped.group(1) if wrapped else message).split())
    return plain if len(plain) <= _LONGEST_MESSAGE else plain[: _LONGEST_MESSAGE - 1] + "…"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _words(*values: object) -> tuple[str, ...]:
    return tuple(word for word in map(_word, values) if word)
