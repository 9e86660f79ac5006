"""Addresses in cells: which may be opened on a click, and which stand inside texts and formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cchc_sheets.reading import Cell

_LONGEST = 2_079  # a longer address makes Excel call the file damaged
_OPENABLE: Final = ("http://", "https://", "mailto:")
_IN_TEXT = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)
_IN_FORMULA = re.compile(r'\bHYPERLINK\s*\(\s*"((?:[^"]|"")*)"', re.IGNORECASE)
_PAIRS = {")": "(", "]": "[", "}": "{"}


def is_openable(url: str) -> bool:
    """Tell whether a cell may open `url`: web and mail addresses only, never a file or a script."""
    return url.lower().startswith(_OPENABLE) and len(url) <= _LONGEST


def links_in(text: str) -> Iterator[str]:
    """Yield every web address in a text, without the full stop or bracket that follows it."""
    if "://" in text:
        yield from (_trimmed(found[0]) for found in _IN_TEXT.finditer(text))


def links_in_formula(formula: str) -> Iterator[str]:
    """Yield every address that stands literally in a HYPERLINK()."""
    if "(" in formula:
        yield from (found[1].replace('""', '"') for found in _IN_FORMULA.finditer(formula))


def attached_link(cell: Cell) -> str:
    """Return the address to attach to a cell that is written again; empty if it needs none.

    An attached address is read before those in the text, so the first one makes the cell read equal again.
    """
    if not cell.links or len(cell.links[0]) > _LONGEST or cell.links[0] in links_in_formula(cell.formula):
        return ""
    return cell.links[0]


def _trimmed(url: str) -> str:
    while url and (url[-1] in ".,;:!?'…*" or (url[-1] in _PAIRS and url.count(url[-1]) > url.count(_PAIRS[url[-1]]))):
        url = url[:-1]
    return url
