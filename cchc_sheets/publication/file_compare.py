"""Holding a published file against the same file made anew: which line, which cell, which value is another one."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import Any, Final

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import text
from cchc_sheets.publication.chart_compare import compare_charts
from cchc_sheets.publication.difference import Difference
from cchc_sheets.publication.page_compare import LONGEST_SHOWN, around, compare_pages, compare_said
from cchc_sheets.publication.workbook_compare import compare_workbooks
from cchc_sheets.zips import DAMAGE, TooMuch

_MOST: Final = 50
DAMAGED: Final = (
    *DAMAGE, CchcError, TooMuch, csv.Error, OSError, LookupError, TypeError, AttributeError, SyntaxError,
)  # fmt: skip
"""What the readers of packages and texts raise when a file is damaged so far that it is no such file any more."""

_TEXTS: Final = (".svg", ".txt", ".css", ".js")


def compare_files(name: str, expected: bytes, found: bytes, *, common_only: bool = False) -> list[Difference]:
    """Return what differs, at most so many places; nothing where the bytes differ only of a workbook saved again.

    Args:
        common_only: look only at the columns and keys that `found` has, and do not ask why the bytes differ.
    """
    if expected == found:
        return []
    suffix = PurePosixPath(name).suffix
    try:
        if suffix == ".csv":
            differences = list(_of_csv(expected, found, common_only=common_only))
        elif suffix == ".json":
            differences = list(_of_json(json.loads(expected), json.loads(found), "", common_only=common_only))
        elif suffix == ".xlsx":
            differences = list(compare_workbooks(expected, found))
        elif suffix == ".html":
            differences = list(compare_pages(expected, found))
        elif suffix in _TEXTS:
            differences = list(_of_lines(expected, found))
        else:
            differences = []
    except DAMAGED:
        return [_of_bytes(expected, found)]
    if common_only or suffix == ".xlsx":
        return differences[:_MOST]
    return differences[:_MOST] or [_of_bytes(expected, found)]


def compare_only_said(name: str, expected: bytes, found: bytes) -> list[Difference]:
    """Return what a file of another version or drawing library says otherwise; its looks are left aside."""
    if expected == found:
        return []
    try:
        if name.endswith(".html"):
            return list(compare_said(expected, found))[:_MOST]
        if name.endswith(".svg"):
            return list(compare_charts(expected, found))[:_MOST]
    except DAMAGED:
        return [_of_bytes(expected, found)]
    if PurePosixPath(name).suffix in {".csv", ".json", ".xlsx"}:
        return compare_files(name, expected, found, common_only=True)
    return []


def compare_values(expected: Any, found: Any) -> list[Difference]:
    """Return what differs between two plain JSON values; units and criteria are named by their codes."""
    return list(_of_json(expected, found, "", common_only=False))


def _of_csv(expected: bytes, found: bytes, *, common_only: bool) -> Iterator[Difference]:
    right, there = (_rows(content) for content in (expected, found))
    headings = right[0] if right else []
    if common_only and there and set(there[0]) <= set(headings):
        places = [headings.index(heading) for heading in there[0]]
        right = [[row[at] for at in places] for row in right]
        headings = there[0]
    nothing: list[str] = []
    for line, (wanted, row) in enumerate(zip_longest(right, there, fillvalue=nothing), start=1):
        for at, (one, other) in enumerate(zip_longest(wanted, row, fillvalue="")):
            if one != other:
                column = headings[at] if at < len(headings) else str(at + 1)
                name = wanted[0] if wanted else ""
                where = text("line {line} ({name}), column «{column}»", line=line, name=name, column=column)
                yield Difference(where, one, other)


def _rows(content: bytes) -> list[list[str]]:
    words = content.decode("utf-8-sig")
    separator = ";" if ";" in words.partition("\n")[0] else ","
    return list(csv.reader(io.StringIO(words, newline=""), delimiter=separator))


def _of_json(expected: Any, found: Any, path: str, *, common_only: bool) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(found if common_only else expected.keys() | found.keys()):
            below = f"{path}.{key}" if path else key
            yield from _of_json(expected.get(key), found.get(key), below, common_only=common_only)
    elif isinstance(expected, list) and isinstance(found, list):
        for at, (one, other) in enumerate(zip_longest(expected, found)):
            name = one.get("unit") or one.get("code") if isinstance(one, dict) else None
            yield from _of_json(one, other, f"{path}[{name or at}]", common_only=common_only)
    elif expected != found:
        yield Difference(text("{path}", path=path or "–"), _shown(expected), _shown(found))


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value[:LONGEST_SHOWN]
    if value is None:
        return str(text("no value"))
    return json.dumps(value, ensure_ascii=False)[:LONGEST_SHOWN]


def _of_lines(expected: bytes, found: bytes) -> Iterator[Difference]:
    right, there = (content.decode().split("\n") for content in (expected, found))
    for line, (one, other) in enumerate(zip_longest(right, there, fillvalue=""), start=1):
        if one != other:
            yield Difference(text("line {line}", line=line), *around(one, other))


def _of_bytes(expected: bytes, found: bytes) -> Difference:
    at = next(
        (at for at, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), min(len(expected), len(found))
    )
    sides = (content[at : at + 8].hex(" ") for content in (expected, found))
    return Difference(text("byte {at} of {size}", at=at + 1, size=len(expected)), *sides)
