"""What can go wrong between the program and Google: every fault of the wire, and the end of the program itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

import requests
from google_server import Fault, GoogleServer, errors
from google_server.log import Record
from requests.adapters import HTTPAdapter

ACCIDENTS: Final[dict[str, Fault]] = {
    "reset after the work": Fault.reset_after(),
    "reset before the work": Fault.reset_before(),
    "truncated answer": Fault.truncated(),
    "429": Fault.answer(errors.sheets_rate("write")),
    "429 with Retry-After": Fault.answer(errors.sheets_rate("write"), retry_after=7),
    "403 rate": Fault.answer(errors.drive_user_rate()),
    "500": Fault.answer(errors.sheets_internal()),
    "503": Fault.answer(errors.sheets_unavailable()),
    "page of HTML": Fault.html_502(),
    "half JSON": Fault.half_json(),
}
COMMON: Final = ("reset after the work", "reset before the work")

FOR_EVER: Final = 1_000_000


def every_other(server: GoogleServer, accident: str) -> None:
    """Let the accident strike the first request, the third, and so on."""
    seen = [0]

    def strikes(_: Record) -> bool:
        seen[0] += 1
        return seen[0] % 2 == 1

    server.fail(strikes, ACCIDENTS[accident], times=FOR_EVER)


def from_request(server: GoogleServer, number: int, accident: str) -> None:
    """Let Google fail from one request on (counted from 0) until it is healed."""
    server.fail(lambda _: True, ACCIDENTS[accident], times=FOR_EVER, after=number)


def at_every_request(server: GoogleServer, act: Callable[[Record], None]) -> None:
    """Let somebody act just before Google takes each request; nothing fails."""

    def acts(record: Record) -> bool:
        act(record)
        return False

    server.fail(acts, Fault.reset_before(), times=FOR_EVER)


class Deadly(HTTPAdapter):
    """The way to the server, on which the program is broken off at one request: before it is sent, or once answered."""

    def __init__(self, server: GoogleServer, number: int, moment: Literal["before", "after"]) -> None:
        super().__init__()
        self._server = server
        self._left = number
        self._moment = moment

    def send(self, request: requests.PreparedRequest, *args: Any, **named: Any) -> requests.Response:
        assert request.url is not None
        request.url = f"{self._server.url}/{request.url.split('/', 3)[3]}"
        self._left -= 1
        if self._left < 0 and self._moment == "before":
            raise KeyboardInterrupt
        answer = super().send(request, *args, **named)
        if self._left < 0:
            assert answer.content is not None
            raise KeyboardInterrupt
        return answer
