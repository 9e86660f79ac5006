"""Google's discovery documents as judges of every request and every answer.

They come with google-api-python-client, in googleapiclient/discovery_cache/documents.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from google_server import errors, masks
from google_server.errors import GoogleError
from google_server.masks import BadMask
from google_server.schemas import Checker, Document

# What the unpatched gspread sends, and Google drops without a word.
_DROPPED_PARAMETERS = {("drive.files.get", "includeItemsFromAllDrives")}
_DROPPED_MEMBERS = {("drive.permissions.create", "withLink")}
# gspread's helpers send `null` for what was not given, and `requestingUserCanEdit` with a new protection; recorded
# answers of the real service are 200.
_NULLS_DROPPED = {"sheets.spreadsheets.batchUpdate", "sheets.spreadsheets.values.update"}
_DROPPED_ANYWHERE = {"requestingUserCanEdit"}
# What Drive answers when `fields` is not given.
_FILE = "kind,id,name,mimeType,driveId"
_PERMISSION = "kind,id,type,role"
_DEFAULT_FIELDS = {
    "drive.files.create": _FILE,
    "drive.files.copy": _FILE,
    "drive.files.get": _FILE,
    "drive.files.update": _FILE,
    "drive.files.list": f"kind,nextPageToken,incompleteSearch,files({_FILE})",
    "drive.permissions.create": _PERMISSION,
    "drive.permissions.get": _PERMISSION,
    "drive.permissions.update": _PERMISSION,
    "drive.permissions.list": f"kind,nextPageToken,permissions({_PERMISSION})",
    "drive.drives.get": "kind,id,name",
    "drive.drives.list": "kind,nextPageToken,drives(kind,id,name)",
}


class Violation(Exception):
    """A request that the discovery document does not allow."""

    def __init__(self, what: str, refusal: GoogleError) -> None:
        super().__init__(what)
        self._refusal = refusal

    def refusal(self) -> GoogleError:
        """Return the 400 that it is answered with."""
        return self._refusal


@dataclass(frozen=True)
class Method:
    """A method of the documents; `names` are the parameters in its path, in their order."""

    id: str
    verb: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    parameters: dict[str, dict[str, Any]]
    request: dict[str, Any] | None
    answer: dict[str, Any] | None
    scopes: frozenset[str]
    document: Document

    @property
    def service(self) -> str:
        """Return "drive" or "sheets"."""
        return self.id.partition(".")[0]


class Discovery:
    """Finds methods, checks requests and answers, applies `fields`."""

    def find(self, verb: str, path: str) -> tuple[Method | None, dict[str, str]]:
        """Return the method of a percent-encoded path and its decoded parameters; None when there is no such one."""
        for method in _methods():
            found = method.pattern.fullmatch(path) if method.verb == verb else None
            if found is not None:
                return method, dict(zip(method.names, map(unquote, found.groups()), strict=True))
        return None, {}

    def check_request(self, method: Method, query: dict[str, list[str]], body: Any) -> tuple[dict[str, list[str]], Any]:
        """Return the query and the body without what Google drops, booleans as "true" and "false".

        Raises:
            Violation: with everything that is wrong.
        """
        query = {name: values for name, values in query.items() if (method.id, name) not in _DROPPED_PARAMETERS}
        query = {name: _lower_booleans(values, method.parameters.get(name, {})) for name, values in query.items()}
        problems = list(_query_problems(method, query))
        if isinstance(body, dict):
            body = {name: value for name, value in body.items() if (method.id, name) not in _DROPPED_MEMBERS}
            body = _without_nulls(body) if method.id in _NULLS_DROPPED else body
            if method.request is None and body:
                problems.append("this method takes no body")
            elif method.request is not None:
                problems += Checker(method.document, method.id).check(body, method.request)
        if problems:
            what = "; ".join(problems)
            raise Violation(what, _invalid(method, what))
        _check_fields(method, query)
        return query, body

    def trim(self, method: Method, query: dict[str, list[str]], answer: Any) -> Any:
        """Return the answer reduced to `fields`, or to Drive's default fields."""
        text = query.get("fields", [_DEFAULT_FIELDS.get(method.id, "")])[-1]
        return masks.apply(masks.parse(text), answer) if text and answer is not None else answer

    def check_answer(self, method: Method, answer: Any) -> list[str]:
        """Return what is wrong with an answer of the server."""
        if method.answer is None or answer is None:
            return [] if (method.answer is None) == (answer is None) else ["an answer where none belongs, or none"]
        return list(Checker(method.document).check(answer, method.answer))


def _lower_booleans(values: list[str], parameter: dict[str, Any]) -> list[str]:
    """Return Python's True and False, which gspread sends and Google takes, as JSON's."""
    return [value.lower() for value in values] if parameter.get("type") == "boolean" else values


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if part is not None and name not in _DROPPED_ANYWHERE}
        return {name: _without_nulls(part) for name, part in kept.items()}
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value


def _query_problems(method: Method, query: dict[str, list[str]]) -> Iterator[str]:
    for name, values in query.items():
        parameter = method.parameters.get(name)
        if parameter is None or parameter["location"] != "query":
            yield f"unknown query parameter {name}"
            continue
        if len(values) > 1 and not parameter.get("repeated"):
            yield f"query parameter {name} is given {len(values)} times"
        for value in values:
            problem = _parameter_problem(value, parameter)
            if problem:
                yield f"query parameter {name}: {problem}"
    for name, parameter in method.parameters.items():
        if parameter.get("required") and parameter["location"] == "query" and name not in query:
            yield f"query parameter {name} is required"
    if query.get("alt", ["json"]) != ["json"]:
        yield "this server answers JSON only"


def _parameter_problem(value: str, parameter: dict[str, Any]) -> str:
    if "enum" in parameter and value not in parameter["enum"]:
        return f"{value!r} is none of {parameter['enum']}"
    if parameter.get("type") == "boolean" and value not in ("true", "false"):
        return f"{value!r} is not true or false"
    if parameter.get("type") == "integer":
        if re.fullmatch(r"-?\d+", value) is None:
            return f"{value!r} is not an integer"
        low, high = int(parameter.get("minimum", -(2**31))), int(parameter.get("maximum", 2**31 - 1))
        if not low <= int(value) <= high:
            return f"{value} is not within {low} and {high}"
    return ""


def _check_fields(method: Method, query: dict[str, list[str]]) -> None:
    if "fields" not in query or method.answer is None:
        return
    try:
        masks.check(masks.parse(query["fields"][-1]), method.answer, method.document.resolve)
    except BadMask as bad:
        if method.service == "drive":
            refusal = errors.invalid_fields(bad.path)
        else:
            text = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{bad.path}'."
            refusal = errors.invalid_sheets("Request contains an invalid argument.", bad.path, text)
        raise Violation(f"fields: no {bad.path}", refusal) from None


def _invalid(method: Method, what: str) -> GoogleError:
    return errors.invalid_drive(what) if method.service == "drive" else errors.invalid_sheets(what)


@cache
def _methods() -> tuple[Method, ...]:
    spec = importlib.util.find_spec("googleapiclient")
    if spec is None or spec.origin is None:
        raise RuntimeError("the tests need google-api-python-client for its discovery documents")
    folder = Path(spec.origin).parent / "discovery_cache" / "documents"
    found: list[Method] = []
    for name in ("sheets.v4", "drive.v3"):
        document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        found += _of(document["resources"], document, Document(document["schemas"]))
    # a literal path (files/trash) before one with parameters (files/{fileId})
    return tuple(sorted(found, key=lambda method: (len(method.names), -len(method.pattern.pattern))))


def _of(resources: dict[str, Any], document: dict[str, Any], schemas: Document) -> Iterator[Method]:
    for resource in resources.values():
        for method in resource.get("methods", {}).values():
            path = "/" + document["servicePath"] + method["path"]
            yield Method(
                id=method["id"],
                verb=method["httpMethod"],
                pattern=_pattern(path),
                names=tuple(re.findall(r"\{(\w+)\}", path)),
                parameters=document["parameters"] | method.get("parameters", {}),
                request=method.get("request"),
                answer=method.get("response"),
                scopes=frozenset(scope.rpartition("/")[2] for scope in method.get("scopes", ())),
                document=schemas,
            )
        yield from _of(resource.get("resources", {}), document, schemas)


def _pattern(path: str) -> re.Pattern[str]:
    """Return the regular expression of a path; only a range may hold a colon."""
    pieces = re.split(r"\{(\w+)\}", path)
    text = "".join(
        re.escape(piece) if index % 2 == 0 else ("([^/]+)" if piece == "range" else "([^/:]+)")
        for index, piece in enumerate(pieces)
    )
    return re.compile(text)
