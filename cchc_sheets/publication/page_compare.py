"""Holding a published page against the same one made anew: what is altered is named as its readers would name it.

Only our own page is parsed, to learn what stands in which line; the lines of the other are taken as they are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html import unescape
from html.parser import HTMLParser
from itertools import zip_longest
from typing import Final

from cchc_sheets.messages import Text, text
from cchc_sheets.publication.difference import Difference

LONGEST_SHOWN: Final = 120
_LONGEST_NAME: Final = 60
_MOST_LINES: Final = 20_000
"""Of longer pages lines are not looked for where they have moved to."""
_TAG: Final = re.compile(r"<[^<>]*>")
_VOID: Final = frozenset({"meta", "link", "input", "img", "br", "hr"})
_AFTER_THE_NAME: Final = " – "


def compare_pages(expected: bytes, found: bytes) -> Iterator[Difference]:
    """Yield what is altered in a page: unit or page, criterion or line of a table, column, and last the line."""
    right, there = (content.decode() for content in (expected, found))
    labels = _Labels()
    labels.feed(right)
    labels.close()
    for number, one, other in _pairs(right.split("\n"), there.split("\n")):
        yield from _line_changed(labels, number, one, other)


def compare_said(expected: bytes, found: bytes) -> Iterator[Difference]:
    """Yield what a page says otherwise, whatever its lines and tags are: pages of two versions of this program."""
    right, there = (list(_pieces(content.decode())) for content in (expected, found))
    labels = _Labels()
    labels.feed(expected.decode())
    labels.close()
    sides = [words for _, _, words in right], [words for _, _, words in there]
    for at, one, other in _pairs(*sides):
        line, place, _ = right[at - 1] if right else (1, 0, "")
        yield Difference(labels.where(line, place), *around(one, other))


def _pieces(page: str) -> Iterator[tuple[int, int, str]]:
    """Yield the line of each piece of text between tags, the how manieth in that line it is, and its words."""
    line, start, place, last = 1, 0, 0, 0
    for end, after in [*((tag.start(), tag.end()) for tag in _TAG.finditer(page)), (len(page), len(page))]:
        piece = page[start:end]
        if words := " ".join(unescape(piece).split()):
            at = line + piece[: len(piece) - len(piece.lstrip())].count("\n")
            place = place + 1 if at == last else 0
            last = at
            yield at, place, words
        line += page.count("\n", start, after)
        start = after


def around(one: str, other: str) -> tuple[str, str]:
    """Return both lines from shortly before the place where they part."""
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, at - LONGEST_SHOWN // 3)
    return one[start : start + LONGEST_SHOWN].strip(), other[start : start + LONGEST_SHOWN].strip()


def _pairs(right: Sequence[str], there: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Yield lines that differ, with the number of ours; a line that was put in or taken out has none beside it."""
    if len(right) == len(there) or max(len(right), len(there)) > _MOST_LINES:
        for number, (one, other) in enumerate(zip_longest(right, there, fillvalue=""), start=1):
            if one != other:
                yield number, one, other
        return
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, right, there).get_opcodes():
        if kind != "equal":
            pairs = zip_longest(right[i1:i2], there[j1:j2], fillvalue="")
            for number, (one, other) in enumerate(pairs, start=i1 + 1):
                yield min(number, len(right)), one, other


def _line_changed(labels: _Labels, number: int, one: str, other: str) -> Iterator[Difference]:
    """Yield the words of a line that are others; the line itself where it is not its words that were changed."""
    wanted, words = _words(one), _words(other)
    if len(wanted) != len(words) or wanted == words:
        whole = (" ".join(wanted), " ".join(words)) if wanted != words else (one, other)
        yield Difference(labels.where(number), *around(*whole))
        return
    for place, (right, there) in enumerate(zip(wanted, words, strict=True)):
        if right != there:
            yield Difference(labels.where(number, place), *around(right, there))


def _words(line: str) -> list[str]:
    return [words for piece in _TAG.split(line) if (words := " ".join(unescape(piece).split()))]


@dataclass
class _Place:
    """What stands around a piece of a page: the number of its row in all tables, its column, the heading above."""

    row: int = 0
    column: str = ""
    heading: str = ""


@dataclass
class _Row:
    """A row of a table: its name, and in which of its columns we are."""

    name: str = ""
    column: int = -1


@dataclass
class _Labels(HTMLParser):
    """Reads one of our own pages and knows what stands in each of its lines."""

    page: str = ""
    rows: list[_Row] = field(default_factory=lambda: [_Row()])
    places: dict[int, list[_Place]] = field(default_factory=lambda: defaultdict(list))
    _open: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    _columns: list[str] = field(default_factory=list)
    _heading: str = ""
    _term: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def where(self, line: int, place: int = 0) -> Text:
        """Name a piece of a line: the one at this place, else what stands before it."""
        known = self.places.get(line, [])
        near = known[place] if place < len(known) else self._before(line)
        named = (self.page, self.rows[near.row].name or near.heading, near.column)
        label = ", ".join(dict.fromkeys(one[:_LONGEST_NAME] for one in named if one))
        return text("«{label}», line {line}", label=label, line=line) if label else text("line {line}", line=line)

    def _before(self, line: int) -> _Place:
        nearest = max((one for one in self.places if one <= line), default=0)
        return self.places[nearest][-1] if nearest else _Place()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        self._open.append((tag, dict(attrs)))
        if tag == "table":
            self._columns = []
        elif tag == "tr":
            self.rows.append(_Row())
        elif tag in {"td", "th"}:
            self.rows[-1].column += 1
        elif tag in {"h2", "h3"}:
            self._heading = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Pass over what is empty: parts of drawings."""

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if not words:
            return
        line = self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n")
        tags = [tag for tag, _ in self._open]
        cell = next((attributes for tag, attributes in reversed(self._open) if tag in {"td", "th"}), None)
        if "title" in tags:
            self.page = words.partition(_AFTER_THE_NAME)[0] if _AFTER_THE_NAME in words else ""
        elif tags and tags[-1] in {"h2", "h3"}:
            self._heading = words
        elif "dt" in tags:
            self._term = words
        elif cell is not None and cell.get("scope") == "col":
            self._columns.append(words)
        elif cell is not None and cell.get("scope") == "row":
            self.rows[-1].name = self.rows[-1].name or words
        self.places[line].append(self._place(tags, cell))

    def _place(self, tags: Sequence[str], cell: dict[str, str | None] | None) -> _Place:
        if cell is not None and cell.get("scope") != "col":
            at = self.rows[-1].column
            column = cell.get("data-label") or (self._columns[at] if at < len(self._columns) else "")
            return _Place(len(self.rows) - 1, column, self._heading)
        return _Place(column=self._term if "dd" in tags else "", heading=self._heading)
