"""Every answer by which Google refuses or the way to it fails, ordered from our own server for one request of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from google_server import Fault, errors

from faults.desks import Desk, GoogleDesk

FOR_EVER: Final = 1_000_000
SHEETS, DRIVE, BOTH = "v4/spreadsheets", "drive/v3", "/"


@dataclass(frozen=True)
class Answer:
    """What is answered instead.

    Attributes:
        service: whose answer it is, a piece of the address.
        lasts: whether all further requests of the run are answered so, too.
    """

    fault: Fault
    service: str = BOTH
    lasts: bool = False


_ON_THE_WAY: Final = {
    "reset before the work": Fault.reset_before(),
    "reset after the work": Fault.reset_after(),
    "truncated answer": Fault.truncated(),
    "half JSON": Fault.half_json(),
    "page of HTML": Fault.html_502(),
}
_OF_SHEETS: Final = {
    "400": errors.invalid_sheets("Invalid value at 'requests'."),
    "401": errors.unauthenticated("sheets"),
    "403": errors.sheets_forbidden(),
    "403 API off": errors.api_off("sheets"),
    "403 scope": errors.scope_insufficient("sheets"),
    "404": errors.sheets_not_found(),
    "429 user": errors.sheets_rate("write"),
    "429 project": errors.sheets_rate("read", "project"),
    "500": errors.sheets_internal(),
    "503": errors.sheets_unavailable(),
}
_OF_DRIVE: Final = {
    "400": errors.invalid_drive("Bad Request"),
    "401": errors.unauthenticated("drive"),
    "403 role": errors.drive_forbidden("1abc"),
    "403 app": errors.app_not_authorized("1abc"),
    "403 user rate": errors.drive_user_rate(),
    "403 rate": errors.drive_rate(),
    "403 daily limit": errors.drive_daily_limit(),
    "403 sharing rate": errors.sharing_rate(),
    "403 drive full": errors.user_full(),
    "403 no quota": errors.sa_no_quota(),
    "403 domain policy": errors.domain_policy(),
    "404": errors.drive_not_found("1abc"),
    "429": errors.drive_rate(429),
    "500": errors.drive_backend(),
}
ANSWERS: Final = {
    **{name: Answer(fault) for name, fault in _ON_THE_WAY.items()},
    **{f"{name}, and so on": Answer(fault, lasts=True) for name, fault in _ON_THE_WAY.items()},
    **{f"Sheets {name}": Answer(Fault.answer(error), SHEETS) for name, error in _OF_SHEETS.items()},
    **{f"Drive {name}": Answer(Fault.answer(error), DRIVE) for name, error in _OF_DRIVE.items()},
    "Sheets 429 with Retry-After": Answer(Fault.answer(errors.sheets_rate("write"), retry_after=7), SHEETS),
    "Sheets 429, and so on": Answer(Fault.answer(errors.sheets_rate("write")), SHEETS, lasts=True),
    "Sheets 503, and so on": Answer(Fault.answer(errors.sheets_unavailable()), SHEETS, lasts=True),
    "Drive 500, and so on": Answer(Fault.answer(errors.drive_backend()), DRIVE, lasts=True),
}


@contextmanager
def answering(desk: Desk, name: str, at: int) -> Iterator[None]:
    """Let Google answer so at the request with a number, counted from 1; nothing if the name is none of its answers."""
    if isinstance(desk, GoogleDesk) and name in ANSWERS:
        answer = ANSWERS[name]
        times = FOR_EVER if answer.lasts else 1
        desk.server.fail(lambda _: True, answer.fault, times=times, after=at - 1)
        try:
            yield
        finally:
            desk.server.heal()
        return
    yield
