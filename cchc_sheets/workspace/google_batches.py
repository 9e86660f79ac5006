"""Requests as bytes: numbers with exactly their digits, and long lists in parts that Google takes."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

Request = dict[str, Any]

LIMIT: Final = 1_500_000  # bytes; Google recommends bodies of at most 2 MB (its page "Usage limits")

_AROUND = len('{"requests":[]}')
_MARK = secrets.token_hex(16)  # nobody can type it, so no text is ever taken for a number
_NUMBER = re.compile(f'"{_MARK}([^"]*)"')


def to_json(body: Any) -> bytes:
    """Return `body` as compact JSON in UTF-8; a `Decimal` becomes a number with exactly its digits.

    The encoder of the standard library lets no type of ours write a number, so its text is marked and then freed
    from its quotes.
    """
    written = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_marked)
    return _NUMBER.sub(r"\1", written).encode()


def parts(requests: Iterable[Request], limit: int = LIMIT, *, last: Sequence[Request] = ()) -> Iterator[list[Request]]:
    """Divide `requests` among bodies for `batchUpdate`, in their order, none above `limit` bytes.

    An `updateCells` that begins at a `start` is cut between its rows. What cannot be cut goes alone if it must.
    `last` are never parted from each other, so that either all of them are carried out or none.
    """
    ending = list(last)
    held: list[Request] = []
    for part in _divided(requests, limit - _AROUND):
        if held:
            yield held
        held = part
    if held and ending and sum(map(_size, (*held, *ending))) > limit - _AROUND:
        yield held
        held = []
    if held or ending:
        yield [*held, *ending]


def _divided(requests: Iterable[Request], room: int) -> Iterator[list[Request]]:
    part: list[Request] = []
    used = 0
    for request in requests:
        rest: Request | None = request
        while rest is not None:
            piece, rest = _cut(rest, room - used, must_take=not part)
            if piece is None:
                yield part
                part, used = [], 0
            else:
                part.append(piece)
                used += _size(piece)
    if part:
        yield part


def _cut(request: Request, room: int, *, must_take: bool) -> tuple[Request | None, Request | None]:
    """Return what of `request` goes into `room` bytes, and the rest of it."""
    if _size(request) <= room:
        return request, None
    update = request.get("updateCells", {})
    if "start" not in update:
        return (request, None) if must_take else (None, request)
    rows, start = update["rows"], update["start"]
    taken = _fitting(rows, room - _size({"updateCells": {**update, "rows": []}})) or int(must_take)
    if not taken:
        return None, request
    further = {**start, "rowIndex": start["rowIndex"] + taken}
    rest = {"updateCells": {**update, "start": further, "rows": rows[taken:]}} if rows[taken:] else None
    return {"updateCells": {**update, "rows": rows[:taken]}}, rest


def _fitting(rows: Sequence[Mapping[str, Any]], room: int) -> int:
    """Return how many of the first `rows` go into `room` bytes."""
    used = 0
    for taken, row in enumerate(rows):
        used += _size(row)
        if used > room:
            return taken
    return len(rows)


def _size(piece: Mapping[str, Any]) -> int:
    return len(to_json(piece)) + 1  # and the comma after it


def _marked(value: object) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return f"{_MARK}{value}"
    raise TypeError(f"{value!r} has no place in a request")
