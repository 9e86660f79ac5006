"""A request as the services see it: already checked against the discovery document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google_server.oauth import Caller


@dataclass(frozen=True)
class Request:
    """`operation` is the discovery id; `path` is percent-encoded as it came, `parts` are its decoded parameters."""

    operation: str
    method: str
    path: str
    parts: dict[str, str]
    query: dict[str, list[str]]
    body: dict[str, Any] | None
    caller: Caller

    @property
    def user(self) -> str:
        """Return the caller's address."""
        return self.caller.address

    @property
    def fields(self) -> dict[str, Any]:
        """Return the body, empty when there is none."""
        return self.body or {}

    def one(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        return self.query.get(name, [default])[-1]

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a query parameter that is true or false."""
        return self.one(name, str(default)).lower() == "true"
