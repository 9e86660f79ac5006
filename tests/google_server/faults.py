"""Faults a test can order: refusals, lost connections, truncated and late answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from google_server.errors import GoogleError
from google_server.log import Record

Kind = Literal["answer", "reset before", "reset after", "truncated", "half json", "slow", "html"]
Match = Callable[[Record], bool] | tuple[str, str]

_BAD_GATEWAY = (
    "<!DOCTYPE html>\n<html lang=en>\n<title>Error 502 (Server Error)!!1</title>\n"
    "<p><b>502.</b> <ins>That's an error.</ins>\n<p>The server encountered a temporary error and could not complete "
    "your request.<p>Please try again in 30 seconds. <ins>That's all we know.</ins>\n"
)


@dataclass(frozen=True)
class Fault:
    """One kind of misfortune. "answer" and "html" and "reset before" do no work; the other kinds do it first."""

    kind: Kind
    error: GoogleError | None = None
    seconds: float = 0
    headers: dict[str, str] = field(default_factory=dict)
    page: str = _BAD_GATEWAY

    @classmethod
    def answer(cls, error: GoogleError, retry_after: int | None = None) -> Fault:
        """Refuse with a body of `errors`, without doing the work."""
        return cls("answer", error, headers={} if retry_after is None else {"Retry-After": str(retry_after)})

    @classmethod
    def reset_before(cls) -> Fault:
        """Cut the connection before the work."""
        return cls("reset before")

    @classmethod
    def reset_after(cls) -> Fault:
        """Do the work, then cut the connection without a word."""
        return cls("reset after")

    @classmethod
    def truncated(cls) -> Fault:
        """Do the work, promise the whole answer, send half of it and cut."""
        return cls("truncated")

    @classmethod
    def half_json(cls) -> Fault:
        """Do the work, send the first half of the JSON as if it were all."""
        return cls("half json")

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        """Do the work, answer late."""
        return cls("slow", seconds=seconds)

    @classmethod
    def html_502(cls) -> Fault:
        """Answer with the HTML page of a gateway, without doing the work."""
        return cls("html")


@dataclass
class Plan:
    """A fault that waits for its requests: lets `after` matching ones pass, then strikes `times` times."""

    match: Match
    fault: Fault
    times: int
    after: int = 0

    def strikes(self, record: Record) -> bool:
        """Count this request; return whether the fault is for it."""
        if self.times <= 0 or not self._fits(record):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True

    def _fits(self, record: Record) -> bool:
        if callable(self.match):
            return self.match(record)
        method, pattern = self.match
        return record.method == method and re.search(pattern, record.path) is not None
