"""`fields` masks: parsed, checked against a schema of the discovery documents, applied to an answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Mask = dict[str, "Mask"]
Schema = dict[str, Any]
_TOKEN = re.compile(r"\s*([A-Za-z_$][\w$-]*|[*,()/.])")


class BadMask(Exception):
    """A mask that cannot be parsed, or names what the schema does not have; `path` is the part that is wrong."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def parse(text: str) -> Mask:
    """Return the tree of a mask such as "a(b,c),d/e" or "a.b"; an empty tree below a name means all of it.

    Raises:
        BadMask: if it is not a mask.
    """
    tokens: list[str] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise BadMask(text[position:])
        tokens.append(found[1])
        position = found.end()
    mask, rest = _list(tokens, 0)
    if rest != len(tokens):
        raise BadMask("".join(tokens[rest:]))
    return mask


def _list(tokens: list[str], at: int) -> tuple[Mask, int]:
    mask: Mask = {}
    while True:
        at = _path(tokens, at, mask)
        if at < len(tokens) and tokens[at] == ",":
            at += 1
            continue
        return mask, at


def _path(tokens: list[str], at: int, mask: Mask) -> int:
    if at >= len(tokens) or tokens[at] in ",()/.":
        raise BadMask("".join(tokens[at:]))
    known = tokens[at] in mask
    below = mask.setdefault(tokens[at], {})
    whole = known and not below
    at += 1
    following = tokens[at] if at < len(tokens) else ","
    if following in "/.":
        at = _path(tokens, at + 1, below)
    elif following == "(":
        inner, at = _list(tokens, at + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise BadMask("".join(tokens[at:]) or "(")
        at += 1
        _merge(below, inner)
    else:
        whole = True
    if whole:
        below.clear()
    return at


def _merge(into: Mask, other: Mask) -> None:
    for name, below in other.items():
        _merge(into.setdefault(name, {}), below)


def check(mask: Mask, schema: Schema, resolve: Callable[[Schema], Schema], above: str = "") -> None:
    """Check every path of a mask against a schema.

    Raises:
        BadMask: with the first path that the schema does not have.
    """
    schema = _one(schema, resolve)
    for name, below in mask.items():
        path = f"{above}/{name}" if above else name
        properties = schema.get("properties", {})
        if name == "*":
            for one in properties.values() if below else ():
                check(below, one, resolve, path)
        elif name in properties:
            inner = _one(properties[name], resolve)
            if below and "properties" not in inner and "additionalProperties" not in inner:
                raise BadMask(f"{path}/{next(iter(below))}")
            check(below, inner, resolve, path)
        elif "additionalProperties" in schema:
            check(below, schema["additionalProperties"], resolve, path)
        else:
            raise BadMask(path)


def _one(schema: Schema, resolve: Callable[[Schema], Schema]) -> Schema:
    schema = resolve(schema)
    while schema.get("type") == "array":
        schema = resolve(schema["items"])
    return schema


def apply(mask: Mask, value: Any) -> Any:
    """Return only what the mask selects; members that are not there stay away, objects may become empty."""
    if not mask or not isinstance(value, dict | list):
        return value
    if isinstance(value, list):
        return [apply(mask, one) for one in value]
    everything = mask.get("*")
    found = {}
    for name, member in value.items():
        below = mask.get(name, everything)
        if below is not None:
            found[name] = apply(below, member)
    return found
