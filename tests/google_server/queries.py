"""The search language of files.list: `q` parsed into a predicate.

Grammar and operators: Google's guide "Search for files and folders", page "Search query terms and operators".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from google_server.world import DriveFile, World, rank

Predicate = Callable[[DriveFile], bool]
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z]+)|(?P<sign><=|>=|!=|[=<>(){}]))"""
)
_TEXT = {"contains", "=", "!="}
_ORDER = {"<=", "<", "=", "!=", ">", ">="}
_EQUAL = {"=", "!="}
_OPERATORS = {
    "name": _TEXT,
    "mimeType": _TEXT,
    "modifiedTime": _ORDER,
    "createdTime": _ORDER,
    "trashed": _EQUAL,
    "starred": _EQUAL,
    "sharedWithMe": _EQUAL,
    "properties": {"has"},
    "appProperties": {"has"},
}
_MEMBERSHIPS = ("parents", "owners", "writers", "readers")
_QUOTES = ("'", '"')  # the guide names only the first; gspread sends the second
_INDEXED = {"name", "properties", "appProperties", "modifiedTime", "createdTime"}


class BadQuery(Exception):
    """A `q` that Drive would not understand."""


@dataclass(frozen=True)
class Query:
    """A parsed `q`; `needs_index` says that a term is answered from the search index, which lags behind."""

    fits: Predicate
    needs_index: bool


def parse_query(text: str, world: World, user: str, client: str) -> Query:
    """Return the query of a user through an OAuth client.

    Raises:
        BadQuery: if it is not one.
    """
    parser = _Parser(_tokens(text), world, user, client)
    fits = parser.either()
    if parser.rest():
        raise BadQuery(text)
    return Query(fits, parser.needs_index)


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise BadQuery(text[position:])
        found.append(match[0].strip())
        position = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[str], world: World, user: str, client: str) -> None:
        self._tokens = tokens
        self._at = 0
        self._world, self._user, self._client = world, user, client
        self.needs_index = False

    def rest(self) -> list[str]:
        return self._tokens[self._at :]

    def either(self) -> Predicate:
        left = self._both()
        while self._took("or"):
            left = _or(left, self._both())
        return left

    def _both(self) -> Predicate:
        left = self._negation()
        while self._took("and"):
            left = _and(left, self._negation())
        return left

    def _negation(self) -> Predicate:
        if self._took("not"):
            inner = self._negation()
            return lambda file: not inner(file)
        if self._took("("):
            inner = self.either()
            self._expect(")")
            return inner
        return self._term()

    def _term(self) -> Predicate:
        first = self._next()
        if first.startswith(_QUOTES):
            self._expect("in")
            return self._membership(_unquoted(first), self._next())
        if first == "parents":  # the way round that gspread writes it, and Google takes
            self._expect("in")
            return self._membership(_unquoted(self._next()), first)
        if first not in _OPERATORS:
            raise BadQuery(first)
        operator = self._next()
        if operator not in _OPERATORS[first]:
            raise BadQuery(f"{first} {operator}")
        self.needs_index |= first in _INDEXED
        if operator == "has":
            return self._property(first)
        return self._comparison(first, operator, self._next())

    def _membership(self, value: str, collection: str) -> Predicate:
        if collection not in _MEMBERSHIPS:
            raise BadQuery(collection)
        if collection == "parents":
            folder = self._world.root_of(self._user) if value == "root" else value
            return lambda file: folder in file.parents
        address = self._user if value == "me" else value.lower()
        if collection == "owners":
            return lambda file: file.owner == address
        least = rank("writer" if collection == "writers" else "reader")
        return lambda file: rank(self._world.role(file.id, address)) >= least

    def _property(self, collection: str) -> Predicate:
        self._expect("{")
        self._expect("key")
        self._expect("=")
        key = _unquoted(self._next())
        self._expect("and")
        self._expect("value")
        self._expect("=")
        value = _unquoted(self._next())
        self._expect("}")
        if collection == "properties":
            return lambda file: file.properties.get(key) == value
        return lambda file: file.app_properties.get(self._client, {}).get(key) == value

    def _comparison(self, field: str, operator: str, literal: str) -> Predicate:
        if field in ("trashed", "starred", "sharedWithMe"):
            if literal not in ("true", "false"):
                raise BadQuery(literal)
            wanted = (literal == "true") == (operator == "=")
            return lambda file: self._flag(field, file) == wanted
        value = _unquoted(literal)
        if field in ("modifiedTime", "createdTime"):
            moment = _moment(value)
            attribute = "modified" if field == "modifiedTime" else "created"
            return lambda file: _holds(getattr(file, attribute), operator, moment)
        attribute = "name" if field == "name" else "mime_type"
        return lambda file: _text_holds(getattr(file, attribute), operator, value)

    def _flag(self, field: str, file: DriveFile) -> bool:
        if field == "trashed":
            return self._world.is_trashed(file.id)
        if field == "starred":
            return self._user in file.starred
        own = any(permission.target == self._user for permission in file.permissions.values())
        return own and file.owner != self._user and not file.drive_id

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise BadQuery("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _took(self, token: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if self._next() != token:
            raise BadQuery(f"no {token}")


def _and(left: Predicate, right: Predicate) -> Predicate:
    return lambda file: left(file) and right(file)


def _or(left: Predicate, right: Predicate) -> Predicate:
    return lambda file: left(file) or right(file)


def _unquoted(token: str) -> str:
    if not token.startswith(_QUOTES):
        raise BadQuery(token)
    inner = token[1:-1]
    if re.sub(r"\\['\"\\]", "", inner).count("\\"):
        raise BadQuery(token)
    return re.sub(r"\\(['\"\\])", r"\1", inner)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadQuery(text) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _holds(have: datetime, operator: str, want: datetime) -> bool:
    return {
        "<=": have <= want,
        "<": have < want,
        "=": have == want,
        "!=": have != want,
        ">": have > want,
        ">=": have >= want,
    }[operator]


def _text_holds(have: str, operator: str, want: str) -> bool:
    """Compare; "contains" matches beginnings of words only, as Drive does for names."""
    if operator == "contains":
        return re.search(r"(^|\W)" + re.escape(want), have, re.IGNORECASE) is not None
    return (have == want) == (operator == "=")
