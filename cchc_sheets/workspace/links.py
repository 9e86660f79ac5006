"""Addresses in cells: which may be opened on a click, and which stand inside texts and formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from cchc_sheets.reading import Cell, SheetReading

_LONGEST = 2_079  # a longer address makes Excel call the file damaged
_OPENABLE: Final = ("http://", "https://", "mailto:")
_SIGN = r"[^\s<>\"“”«»]"
# Without a scheme: only what begins as no word, number, file name or e-mail address does, and has a whole host.
_IN_TEXT = re.compile(
    rf"""https?://{_SIGN}+
    | (?<![\w@./\\-])
      (?P<bare>
        www\.(?:[\w-]{{1,63}}\.){{1,8}}[a-z]{{2,24}}(?!\.?[\w-])(?![^\s/?\#,;]{{0,253}}@)(?::\d{{1,5}}(?!\d))?(?:[/?\#]{_SIGN}*)?
      | (?:docs|drive)\.google\.com/{_SIGN}*\w{_SIGN}*
      )""",
    re.IGNORECASE | re.VERBOSE,
)
_IN_FORMULA = re.compile(r'\bHYPERLINK\s*\(\s*"((?:[^"]|"")*)"', re.IGNORECASE)
_PAIRS = {")": "(", "]": "[", "}": "{"}


def is_openable(url: str) -> bool:
    """Tell whether a cell may open `url`: web and mail addresses only, never a file or a script."""
    return url.lower().startswith(_OPENABLE) and len(url) <= _LONGEST


def links_in(text: str) -> Iterator[str]:
    """Yield every web address in a text, without the full stop or bracket that follows it.

    One that was typed without a scheme (`www.…`, `docs.google.com/…`, `drive.google.com/…`) is an `https://` one.
    """
    return (url for url, _ in _found_in(text))


def with_links_in(text: str, attached: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the addresses attached to a cell, then those in its text, each once.

    To what is typed without a scheme Excel and Sheets attach the address with `http://`: that is the same link.
    """
    found = dict.fromkeys(filter(None, attached))
    known = {_place(url) for url in found}
    found |= dict.fromkeys(url for url, is_bare in _found_in(text) if not (is_bare and _place(url) in known))
    return tuple(found)


def has_bare_link(text: str) -> bool:
    """Tell whether an address in a text was typed without a scheme: programs may attach one with either."""
    return any(is_bare for _, is_bare in _found_in(text))


def is_linked_by_itself(text: str, links: tuple[str, ...]) -> bool:
    """Tell whether the first of a cell's links is the first address in its text, or it has neither."""
    first = next(_found_in(text), None)
    if first is None or not links:
        return first is None and not links
    url, is_bare = first
    return links[0] == url or (is_bare and _place(links[0]) == _place(url))


def as_typed(sheet: SheetReading) -> SheetReading:
    """Return a sheet without the links that its texts hold anyway.

    Which addresses in a text are seen as links has grown with this program; two readings of the same text are to be
    compared without them, or the program would take its own progress for somebody's edit.
    """
    rows = (
        replace(row, cells={column: _without_links_in_text(cell) for column, cell in row.cells.items()})
        for row in sheet.rows
    )
    return replace(sheet, rows=tuple(rows))


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


def _without_links_in_text(cell: Cell) -> Cell:
    if not cell.links or not isinstance(cell.value, str):
        return cell
    typed = set(links_in(cell.value))
    return replace(cell, links=tuple(link for link in cell.links if link not in typed))


def _found_in(text: str) -> Iterator[tuple[str, bool]]:
    """Yield every address in a text, and whether it was typed without a scheme."""
    if "." not in text and "://" not in text:
        return
    for found in _IN_TEXT.finditer(text):
        is_bare = found["bare"] is not None
        yield ("https://" if is_bare else "") + _trimmed(found[0]), is_bare


def _place(url: str) -> str:
    """Return an address without its scheme, its host in small letters."""
    host, slash, rest = url.partition("://")[2].partition("/")
    return (host.lower() + slash + rest).rstrip("/")


def _trimmed(url: str) -> str:
    while url and (url[-1] in ".,;:!?'…*" or (url[-1] in _PAIRS and url.count(url[-1]) > url.count(_PAIRS[url[-1]]))):
        url = url[:-1]
    return url
