"""What was asked of the server, request by request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

RequestKind = Literal["read", "write", "drive", "token", "other"]
_SHEETS_READS = (":getByDataFilter", ":batchGetByDataFilter", "/developerMetadata:search")


@dataclass
class Record:
    """One request and what became of it; `status` 0 means that no answer was sent."""

    method: str
    path: str
    query: dict[str, list[str]]
    size: int
    kind: RequestKind
    time: float
    body: Any = None
    operation: str = ""
    user: str = ""
    status: int = 0
    answer_size: int = 0
    headers: dict[str, str] = field(default_factory=dict)


def kind_of(method: str, path: str) -> RequestKind:
    """Return which quota a request counts against."""
    if path.startswith("/v4/spreadsheets"):
        return "read" if method == "GET" or path.endswith(_SHEETS_READS) else "write"
    if path.startswith(("/drive/v3/", "/upload/drive/")):
        return "drive"
    if path in TOKEN_PATHS:
        return "token"
    return "other"


TOKEN_PATHS = ("/token", "/oauth2/v4/token", "/o/oauth2/token")
