"""The one place from which Google is asked: paced, timed out, repeated where that is right, every wait announced.

gspread's HTTP client sends and nothing else of gspread is used: its objects ask behind our back, and its
`BackOffHTTPClient` repeats final errors without end.

The loop that repeats is written out here. stamina, which this project would use otherwise, sleeps by itself, tells of
waits only through a hook of the whole process and turns all waits off for tests with a switch of the whole process;
what the engine below it (tenacity) would leave us after `wait`, `stop`, `sleep` and `before_sleep` are all our own is
the word `while`.
"""

from __future__ import annotations

import math
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import gspread
import requests
from google.auth.exceptions import GoogleAuthError
from gspread.exceptions import APIError

from cchc_sheets.characters import read_json
from cchc_sheets.errors import CchcError
from cchc_sheets.messages import Text, text
from cchc_sheets.run_log import note
from cchc_sheets.workspace.google_batches import to_json
from cchc_sheets.workspace.google_pace import STANDARD_PACE, Clock, Kind, Limiter, Pace
from cchc_sheets.workspace.google_refusals import (
    AnswerLost,
    GoogleRefusal,
    refusal,
    refusal_from_answer,
    refusal_from_fault,
)

Announce = Callable[[Text], None]

QUOTA_WINDOW: Final = 61.0
LONGEST_BACKOFF: Final = 64.0
FIRST_CONTACT: Final = timedelta(seconds=20)
"""The patience as long as nothing has answered yet: no work is in hand, and a pulled cable should be told soon."""

# Google compresses answers only for clients that say “gzip” in both places (“Performance tips” of both APIs).
_HEADERS = {"User-Agent": "cchc-sheets (gzip)", "Accept-Encoding": "gzip"}
_JSON = {"Content-Type": "application/json; charset=UTF-8"}

_OPENED_BY = (
    (re.compile(r"/v4/spreadsheets/([\w-]+)"), "https://docs.google.com/spreadsheets/d/{}"),
    (re.compile(r"/drive/v3/files/([\w-]+)"), "https://drive.google.com/open?id={}"),
)
_FILE = re.compile(r"/(?:spreadsheets|files)/([\w-]+)")
_IDS = re.compile(r"(spreadsheets|files|permissions|drives)/[\w-]+")


def silent(_: Text) -> None:
    """Announce nothing."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        kind: the quota it counts against.
        may_repeat: False for a request that would do its work twice if it were sent twice (a file created, a share).
        where: what to name in a refusal: a title, a unit, an address; if empty, the web address of the file.
    """

    method: str
    url: str
    kind: Kind
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    may_repeat: bool = True
    where: str = ""

    @property
    def place(self) -> str:
        """Where a person finds what this request is about."""
        found = ((pattern.search(self.url), address) for pattern, address in _OPENED_BY)
        return self.where or next((address.format(match[1]) for match, address in found if match), "")


class GoogleTransport:
    """Sends requests over one session, for one account, one after the other.

    Attributes:
        sent: how many requests were sent so far, by kind, repeated ones included.
    """

    def __init__(
        self,
        session: requests.Session,
        *,
        announce: Announce = silent,
        pace: Pace = STANDARD_PACE,
        sleep: Callable[[float], None] = time.sleep,
        clock: Clock = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        # Google's APIs redirect nobody. Whoever does is a sign-in page of the network, and would get the body.
        session.max_redirects = 0
        session.hooks["response"].append(self._note)
        session.headers.update(_HEADERS)
        self._http = gspread.authorize(None, session=session).http_client  # type: ignore[arg-type] # gspread's own way
        self._http.set_timeout(pace.timeout)
        self._limiter = Limiter(pace, clock)
        self._pace = pace
        self._announce = announce
        self._sleep = sleep
        self._clock = clock
        self._chance = chance
        self._last_answer: requests.Response | None = None
        self._was_answered = False
        self.sent: Counter[Kind] = Counter()

    def call(self, call: Call) -> dict[str, Any]:
        """Send the request and return the JSON of the answer; numbers with a fraction are `Decimal`.

        A refusal that may pass is waited out and the request repeated, up to `Pace.patience` in all.

        Raises:
            GoogleRefusal: if Google refuses for good, or longer than our patience.
            AnswerLost: if the request may have been carried out and must not be repeated.
        """
        tries = 0
        give_up: float | None = None
        while True:
            self._keep_pace(call.kind)
            tries += 1
            try:
                return self._send_noted(call, tries)
            except GoogleRefusal as refused:
                if refused.leaves_doubt and not call.may_repeat:
                    raise AnswerLost(refused) from refused
                if not refused.may_pass:
                    raise
                if give_up is None:
                    give_up = self._clock() + self._patience().total_seconds()
                wait, announced = self._wait_after(refused, tries)
                if self._clock() + wait > give_up:
                    raise refused.after(tries) from refused
                note("wait", seconds=math.ceil(wait), reason=refused.code, attempt=tries)
            self._rest(wait, announced)

    def time_needed(self, *, reads: int = 0, writes: int = 0) -> timedelta:
        """Return how long so many further requests take at least, with what the running minute has already used."""
        return timedelta(
            seconds=max(self._limiter.seconds_for("read", reads), self._limiter.seconds_for("write", writes))
        )

    def left(self, kind: Kind) -> int:
        """Return how many requests of this kind can be sent at once without waiting."""
        return self._limiter.left(kind)

    def _send_noted(self, call: Call, tries: int) -> dict[str, Any]:
        """Send once, and write into the run's log what was asked and what became of it: no body, no query."""
        started, refused = self._clock(), None
        try:
            return self._send(call)
        except CchcError as error:
            refused = error.code
            raise
        finally:
            file = _FILE.search(call.url)
            note(
                "request",
                method=call.method,
                operation=_IDS.sub(r"\1/{id}", urlsplit(call.url).path.strip("/")),
                kind=call.kind,
                file=file[1] if file else None,
                what=None if call.where.startswith("https:") else call.where or None,
                status=self._last_answer.status_code if self._last_answer is not None else None,
                ms=round((self._clock() - started) * 1000),
                attempt=tries,
                refused=refused,
            )

    def _send(self, call: Call) -> dict[str, Any]:
        data = None
        if call.body is not None:
            data = to_json(call.body)
        self._last_answer = None
        self.sent[call.kind] += 1
        try:
            response = self._http.request(
                call.method, call.url, params=dict(call.params), data=data, headers=dict(_JSON) if data else None
            )
        except (GoogleAuthError, OSError) as error:  # all exceptions of requests are OSErrors
            raise refusal_from_fault(error, call.place) from error
        except (APIError, KeyError, TypeError) as error:
            # gspread's APIError is itself a KeyError or TypeError in the making if the body lacks `error.code`.
            answer = self._last_answer
            if answer is None or answer.ok:
                raise
            raise refusal_from_answer(answer.status_code, answer.content, call.place) from error
        return _content(response, call)

    def _note(self, response: requests.Response, *_: object, **__: object) -> None:
        self._last_answer = response
        self._was_answered = True

    def _patience(self) -> timedelta:
        return self._pace.patience if self._was_answered else min(self._pace.patience, FIRST_CONTACT)

    def _wait_after(self, refused: GoogleRefusal, tries: int) -> tuple[float, Text]:
        """Return how long to wait before the next try, and how to say it.

        Truncated exponential back-off with jitter (Google Drive API, “Resolve errors”); what Google asks for in
        `Retry-After` counts instead, and after a quota of a minute nothing helps but that minute.
        """
        backoff = min(2.0**tries + self._chance(), LONGEST_BACKOFF)
        asked = _retry_after(self._last_answer)
        is_asked = asked is not None or refused.status == requests.codes.too_many_requests
        if asked is not None:
            wait = max(asked, 1.0) + self._chance()
        else:
            wait = max(backoff, QUOTA_WINDOW + 4 * self._chance()) if is_asked else backoff
        announced = (
            text("Google asks us to wait {seconds} s: {reason}", seconds=math.ceil(wait), reason=refused.what)
            if is_asked
            else text("trying again in {seconds} s: {reason}", seconds=math.ceil(wait), reason=refused.what)
        )
        return wait, announced

    def _keep_pace(self, kind: Kind) -> None:
        while wait := self._limiter.take(kind):
            announced = text(
                "waiting {seconds} s so as not to exceed {limit} requests a minute",
                seconds=math.ceil(wait),
                limit=self._pace.limit(kind),
            )
            if wait >= 1:
                note("wait", seconds=math.ceil(wait), reason="pace")
            self._rest(wait, announced)

    def _rest(self, seconds: float, announced: Text) -> None:
        if seconds >= 1:  # nobody could read of a shorter one
            self._announce(announced)
        self._sleep(seconds)


def _content(response: requests.Response, call: Call) -> dict[str, Any]:
    if response.status_code == requests.codes.no_content or (call.method == "DELETE" and not response.content):
        return {}
    try:
        content = read_json(response.content, exact=True)
    except (ValueError, RecursionError) as error:
        raise refusal("answer_unreadable", call.place) from error
    if not isinstance(content, dict):
        raise refusal("answer_unreadable", call.place)
    return content


def _retry_after(answer: requests.Response | None) -> float | None:
    """Return what the answer asks for, in seconds. A date counts from the answer's own: our clock may be wrong."""
    if answer is None:
        return None
    asked = answer.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        delay = parsedate_to_datetime(asked) - parsedate_to_datetime(answer.headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return delay.total_seconds()
