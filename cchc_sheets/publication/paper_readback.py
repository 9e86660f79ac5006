"""Reading a finished paper as a stranger would: its tables found by their headings, every cell held against the data.

What is expected is worked out by `paper_figures`, which shares nothing with the code that lays the tables out.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import docx
from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets import vietnamese
from cchc_sheets.messages import Text, text

Key = tuple[str, ...]
Value = Decimal | int | str | None
"""A figure, a number of things, words, or nothing (a dash or an empty cell)."""

_NUMBER = re.compile(r"[+-]?[0-9]+(?:,[0-9]+)?%?")
_TEXT, _BREAK = qn("w:t"), qn("w:br")
_LONGEST_QUOTE = 80
_NOTHING = ("", "–")


@dataclass(frozen=True)
class Expected:
    """A table a paper has to hold.

    Attributes:
        keys: the headings of the columns that tell a row from all others.
        rows: what stands in the other columns, by key, in the order of the table.
        total: the key of the row that the columns of `summed` have to add up to; empty if there is none.
    """

    keys: Key
    rows: Mapping[Key, Mapping[str, Value]]
    total: Key = ()
    summed: tuple[str, ...] = ()

    @property
    def headings(self) -> set[str]:
        """Every heading by which the table is known."""
        return {*self.keys, *(heading for row in self.rows.values() for heading in row)}


@dataclass(frozen=True)
class Promise:
    """Everything a finished paper has to say: its tables, and sentences that stand in it somewhere.

    Attributes:
        named: what it has to say only where its template has this name: an office's own may be older than the name.
    """

    tables: tuple[Expected, ...] = ()
    sentences: tuple[str, ...] = ()
    named: Mapping[str, Promise] = field(default_factory=dict)

    def for_names(self, names: Collection[str]) -> Promise:
        """Return what a paper has to say whose template has these names."""
        kept = [promise for name, promise in self.named.items() if name in names]
        return Promise(
            (*self.tables, *(table for promise in kept for table in promise.tables)),
            (*self.sentences, *(sentence for promise in kept for sentence in promise.sentences)),
        )


@dataclass(frozen=True)
class _Printed:
    headings: Key
    rows: list[dict[str, str]] = field(default_factory=list)


def broken_promises(content: bytes, promise: Promise) -> list[Text]:
    """Return every figure and every text in a finished paper that is not the one of the data."""
    body = docx.Document(io.BytesIO(content)).element.body
    printed = [table for element in body.iter(qn("w:tbl")) if (table := _table(element)) is not None]
    problems: list[Text] = []
    for expected in promise.tables:
        table = next((one for one in printed if expected.headings <= set(one.headings)), None)
        if table is None:
            problems.append(text("there is no table with the columns {columns}", columns=tuple(expected.keys)))
            continue
        printed.remove(table)
        problems += _table_problems(table, expected)
    told = "\n".join(_words(paragraph) for paragraph in body.iterchildren(qn("w:p")))
    problems += [
        text("the paper does not say: «{words}»", words=sentence[: 2 * _LONGEST_QUOTE])
        for sentence in promise.sentences
        if visible(sentence) not in told
    ]
    return problems


def visible(words: str) -> str:
    """Return text as it can be seen on paper: composed letters, single spaces, no control characters."""
    return vietnamese.normal("".join(c for c in words if c.isprintable() or c.isspace()))


def _table(table: etree._Element) -> _Printed | None:
    rows = [(row, [_words(cell) for cell in row.findall(qn("w:tc"))]) for row in table.findall(qn("w:tr"))]
    headings = [cells for row, cells in rows if row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None]
    if not headings:
        return None
    first = tuple(headings[0])
    lines = [cells for _, cells in rows[len(headings) :] if len(cells) == len(first)]
    return _Printed(first, [dict(zip(first, cells, strict=True)) for cells in lines])


def _words(element: etree._Element) -> str:
    pieces = (
        " " if piece.tag == qn("w:br") else str(piece.text or "") for piece in element.iter(qn("w:t"), qn("w:br"))
    )
    return " ".join("".join(pieces).split())


def _table_problems(table: _Printed, expected: Expected) -> Iterator[Text]:
    keys = [tuple(row[heading] for heading in expected.keys) for row in table.rows]
    wanted = [tuple(map(visible, key)) for key in expected.rows]
    for key, times in (Counter(wanted) - Counter(keys)).items():
        yield text("the line of {key} is missing ({times})", key=_named(key), times=times)
    for key, times in (Counter(keys) - Counter(wanted)).items():
        yield text("the line «{key}» has no place here ({times})", key=_named(key), times=times)
    if Counter(keys) != Counter(wanted):
        return
    if keys != wanted:
        yield text("the lines do not stand in the order of the data")
    waiting: dict[Key, list[Mapping[str, Value]]] = {}
    for key, values in zip(wanted, expected.rows.values(), strict=True):
        waiting.setdefault(key, []).append(values)
    for key, row in zip(keys, table.rows, strict=True):
        yield from _row_problems(key, row, waiting[key].pop(0))
    yield from _sum_problems(keys, table, expected)


def _row_problems(key: Key, row: Mapping[str, str], values: Mapping[str, Value]) -> Iterator[Text]:
    for heading, right in values.items():
        if not _is_same(row[heading], right):
            yield text(
                "{key}, «{heading}»: the paper says {printed}, the data say {right}",
                key=_named(key),
                heading=heading,
                printed=row[heading][:_LONGEST_QUOTE] or "–",
                right="–" if right is None else str(right)[:_LONGEST_QUOTE],
            )


def _is_same(printed: str, right: Value) -> bool:
    match right:
        case None:
            return printed in _NOTHING
        case str():
            return printed == visible(right)
        case _:
            return read_figure(printed) == right


def read_figure(printed: str) -> Decimal | None:
    """Return a figure as it is printed (`+0,50`, `98,5%`), None if it is none."""
    return Decimal(printed.rstrip("%").replace(",", ".")) if _NUMBER.fullmatch(printed) else None


def _sum_problems(keys: Sequence[Key], table: _Printed, expected: Expected) -> Iterator[Text]:
    """The figures on the paper add up to the total on the paper."""
    if not expected.total:
        return
    total = tuple(map(visible, expected.total))
    for heading in expected.summed:
        parts = [read_figure(row[heading]) for key, row in zip(keys, table.rows, strict=True) if key != total]
        whole = next(read_figure(row[heading]) for key, row in zip(keys, table.rows, strict=True) if key == total)
        if sum((part for part in parts if part is not None), Decimal(0)) != whole:
            yield text("the figures of «{heading}» do not add up to their total", heading=heading)


def _named(key: Key) -> str:
    return " / ".join(part for part in key if part)[:_LONGEST_QUOTE]
